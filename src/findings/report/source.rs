//! The lines that findings are about, as a reader of a report may see them.
//!
//! Values files hold secrets, and reports end up in logs that many can read. So the values of keys that sound like
//! secrets are starred wherever they stand, in the text of a block scalar too, and whoever knows the document says what
//! else is one.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar as _;

use crate::place::Place;
use crate::secret;
use crate::text::{breaks_command, clean};

/// From one position in a text up to another, which does not belong to it: lines and columns count from 1, columns in
/// characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Line and column of the first character.
    pub start: (u64, u64),
    /// Line and column behind the last character.
    pub end: (u64, u64),
}

/// The texts of files, and what in them nobody may see.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    lines: Vec<String>,
    secrets: Vec<Span>,
}

impl Sources {
    /// Adds the text of a file, named as in the places of findings, and where secrets stand in it.
    #[must_use]
    pub fn with(mut self, file: &str, text: &str, secrets: Vec<Span>) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // YAML ends lines by a carriage return too, and its places count so.
        let lines = text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect();
        self.0.insert(file.to_owned(), Source { lines, secrets });
        self
    }

    /// The line at a place; `None` when the file or the line is not known. What a reader may see of it besides what never
    /// is a secret, `care` says.
    pub(super) fn excerpt(&self, place: &Place, care: Care) -> Option<Excerpt> {
        let source = self.0.get(&place.file)?;
        let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let text = source.lines.get(index).filter(|line| line.len() <= LONGEST)?;
        let mut hidden = hidden(text, place.line, &source.secrets);
        care.hide(text, &mut hidden);
        Some(excerpt(text, &hidden, place.column))
    }
}

/// How much of a line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// What does not sound like a secret.
    Usual,
    /// Only what stands behind a key: broken YAML may be a line of a secret.
    Keys,
    /// Only what stands behind a key that never holds a secret: where keys are misspelled, so are those of secrets.
    HarmlessKeys,
}

/// The keys of Thanos's own configurations that say what a finding is about, and hold no secret.
const HARMLESS: [&str; 24] = [
    "addresses",
    "api_version",
    "bucket",
    "bucket_lookup_type",
    "config",
    "container",
    "directory",
    "endpoint",
    "file_sd_configs",
    "files",
    "http_config",
    "insecure",
    "max_item_size",
    "max_size",
    "part_size",
    "path_prefix",
    "prefix",
    "provider",
    "refresh_interval",
    "region",
    "scheme",
    "static_configs",
    "timeout",
    "type",
];

impl Care {
    fn hide(self, text: &str, hidden: &mut [bool]) {
        if self == Self::Usual {
            return;
        }
        let characters: Vec<char> = text.chars().collect();
        let is_lead = |c: &char| c.is_whitespace() || matches!(c, '-' | '{' | '[' | '"' | '\'');
        let start = characters.iter().take_while(|c| is_lead(c)).count();
        let name: String =
            characters[start..].iter().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
        let behind = start + name.chars().count();
        let colon = (behind..characters.len().min(behind + 3)).find(|at| characters[*at] == ':');
        let colon = colon.filter(|at| characters.get(at + 1).is_none_or(|c| c.is_whitespace()));
        let from = match colon {
            None => characters.iter().take_while(|c| c.is_whitespace()).count(),
            Some(_) if self == Self::Keys => return,
            Some(_) if HARMLESS.contains(&name.as_str()) && !text.contains(['{', '}']) => return,
            Some(colon) => {
                (colon + 1..characters.len()).find(|at| !characters[*at].is_whitespace()).unwrap_or(characters.len())
            }
        };
        hidden[from.min(characters.len())..].fill(true);
    }
}

/// A line with a mark below it, in columns of a terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line, on which nothing is a secret and nothing is unsafe.
    pub text: String,
    /// How many columns stand before the mark.
    pub before: usize,
    /// How many columns are marked, at least one.
    pub marked: usize,
}

/// Of a longer line nothing is shown, in bytes: no person wrote it.
const LONGEST: usize = 10_000;

/// How much of a long line is shown around the place.
const BEFORE: usize = 60;
const BEHIND: usize = 100;

fn excerpt(text: &str, hidden: &[bool], column: u64) -> Excerpt {
    let characters: Vec<char> = text.chars().collect();
    let hides = |at: usize| hidden.get(at).copied().unwrap_or_default();
    // A run of hidden characters is three stars, however long it is.
    let cell = |at: usize| match (hides(at), at > 0 && hides(at - 1)) {
        (true, true) => String::new(),
        (true, false) => "***".to_owned(),
        (false, _) if breaks_command(&characters, at) => format!("\\u{{{:x}}}", characters[at] as u32),
        (false, _) => clean(characters[at].encode_utf8(&mut [0; 4])),
    };
    let blank = characters.iter().take_while(|c| c.is_whitespace()).count();
    let mut at = match usize::try_from(column).unwrap_or_default() {
        0 => blank,
        column => column - 1,
    };
    at = at.min(characters.len());
    while at > 0 && hides(at) && hides(at - 1) {
        at -= 1;
    }
    let end = at + token(&characters[at..]);
    let from = if at > BEFORE + BEHIND / 2 { at - BEFORE } else { 0 };
    let to = characters.len().min(from.max(at) + BEHIND);
    let shown = |from: usize, to: usize| (from..to).map(cell).collect::<String>();
    let (lead, rest) = (if from > 0 { "…" } else { "" }, if to < characters.len() { "…" } else { "" });
    Excerpt {
        before: width(lead) + width(&shown(from, at)),
        marked: width(&shown(at, end.min(to))).max(1),
        text: format!("{lead}{}{rest}", shown(from, to)).trim_end().to_owned(),
    }
}

/// How many characters of `text`, which starts at the place of a finding, belong to what stands there: a quoted text, or
/// a plain one as far as its first space or mark of YAML.
fn token(text: &[char]) -> usize {
    let quoted = text
        .first()
        .filter(|c| matches!(c, '"' | '\''))
        .and_then(|quote| text[1..].iter().position(|c| c == quote).map(|length| length + 2));
    quoted.unwrap_or_else(|| {
        let ends = |at: usize| match text[at] {
            ',' | ']' | '}' => true,
            ':' => text.get(at + 1).is_none_or(|next| next.is_whitespace()),
            c => c.is_whitespace(),
        };
        (0..text.len()).find(|at| ends(*at)).unwrap_or(text.len())
    })
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Which characters of a line nobody may see.
fn hidden(text: &str, number: u64, secrets: &[Span]) -> Vec<bool> {
    let characters: Vec<char> = text.chars().collect();
    let mut hidden = vec![false; characters.len()];
    let secrets: Vec<&Span> =
        secrets.iter().filter(|secret| secret.start.0 <= number && number <= secret.end.0).collect();
    // The indentation of a secret of many lines is none.
    let blank = characters.iter().take_while(|c| c.is_whitespace()).count();
    for (at, hide) in hidden.iter_mut().enumerate().skip(blank) {
        let position = (number, at as u64 + 1);
        *hide = secrets.iter().any(|secret| secret.start <= position && position < secret.end);
    }
    if let Some(start) = secret::value_in_line(&characters) {
        hidden[start..].fill(true);
    }
    for range in secret::userinfo_in_line(&characters) {
        hidden[range].fill(true);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The line at a place, with what is below it.
    fn shown(text: &str, secrets: &[Span], line: u64, column: u64) -> String {
        let sources = Sources::default().with("f", text, secrets.to_vec());
        let Some(Excerpt { text, before, marked }) =
            sources.excerpt(&Place { file: "f".to_owned(), line, column }, Care::Usual)
        else {
            return "none".to_owned();
        };
        format!("{text}\n{}{}", " ".repeat(before), "^".repeat(marked))
    }

    #[test]
    fn where_keys_are_misspelled_only_harmless_ones_show_their_values() {
        let shown = |text: &str, care| {
            let sources = Sources::default().with("f", text, Vec::new());
            sources.excerpt(&Place { file: "f".to_owned(), line: 1, column: 1 }, care).unwrap().text
        };
        for (text, keys, harmless) in [
            ("    seceret_kye: hunter2", "    seceret_kye: hunter2", "    seceret_kye: ***"),
            ("  - pasword: hunter2", "  - pasword: hunter2", "  - pasword: ***"),
            ("    endpoint: http://x", "    endpoint: http://x", "    endpoint: http://x"),
            ("config: {bucket: a, pas: hunter2}", "config: {bucket: a, pas: hunter2}", "config: ***"),
            ("      hunter2-tail", "      ***", "      ***"),
            ("MIIEvQIBADANBg==", "***", "***"),
            ("a: [", "a: [", "a: ***"),
        ] {
            assert_eq!(
                (shown(text, Care::Keys), shown(text, Care::HarmlessKeys)),
                (keys.to_owned(), harmless.to_owned())
            );
        }
        let usual = |text| shown(text, Care::Usual);
        assert_eq!(usual("stores: [\"user:hunter2@h:1\", 'u:pw@x']"), "stores: [\"***@h:1\", '***@x']");
        assert_eq!(usual("url: https://u:hunter2@h/x"), "url: https://***@h/x");
    }

    #[test]
    fn the_mark_stands_below_what_the_place_names() {
        assert_eq!(shown("a:\n  - \"x y\" # z", &[], 2, 5), "  - \"x y\" # z\n    ^^^^^");
        assert_eq!(shown("key: value", &[], 1, 1), "key: value\n^^^");
        assert_eq!(shown("key: value", &[], 1, 6), "key: value\n     ^^^^^");
        assert_eq!(shown("[10.0.0.1:80, b]", &[], 1, 2), "[10.0.0.1:80, b]\n ^^^^^^^^^^^");
        assert_eq!(shown("日本: 語", &[], 1, 5), "日本: 語\n      ^^");
        assert_eq!(shown("\tkey: 1", &[], 1, 2), "\\tkey: 1\n  ^^^");
        assert_eq!(shown("\u{feff}key: 1\r\nb: 2\r", &[], 1, 1), "key: 1\n^^^");
        assert_eq!(shown("  key", &[], 1, 0), "  key\n  ^^^");
        assert_eq!(shown("key", &[], 1, 99), "key\n   ^");
        assert_eq!(shown("", &[], 1, 1), "\n^");
        assert_eq!(shown("key", &[], 0, 0), "none");
        assert_eq!(shown("key", &[], 2, 1), "none");
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = format!("{}key: 1 {}", "x ".repeat(500), "y".repeat(500));
        let shown = shown(&text, &[], 1, 1001);
        let (line, mark) = shown.split_once('\n').unwrap();
        assert!(line.starts_with('…') && line.ends_with('…') && line.chars().count() < 170, "{line}");
        assert_eq!(line.find("key").map(|at| line[..at].chars().count()), mark.find('^'));
    }

    #[test]
    fn what_the_caller_calls_a_secret_is_starred() {
        let secret = |start, end| Span { start, end };
        assert_eq!(shown("a: hunter2 # b", &[secret((1, 4), (1, 11))], 1, 1), "a: *** # b\n^");
        assert_eq!(shown("a: hunter2 # b", &[secret((1, 4), (1, 11))], 1, 8), "a: *** # b\n   ^^^");
        let block = "a: |\n  one\n  two\nb: 1";
        for line in [2, 3] {
            assert_eq!(shown(block, &[secret((1, 4), (4, 1))], line, 3), "  ***\n  ^^^");
        }
        assert_eq!(shown(block, &[secret((1, 4), (4, 1))], 4, 1), "b: 1\n^");
        assert_eq!(shown("a\rb: x\rc", &[secret((2, 4), (2, 5))], 2, 1), "b: ***\n^");
    }

    #[test]
    fn values_of_keys_that_sound_like_secrets_are_starred_without_being_told() {
        for (text, told) in [
            ("  secret_key: hunter2", "  secret_key: ***"),
            ("rootPassword: \"hunter2\" # old: hunter1", "rootPassword: ***"),
            ("{access-key: a, endpoint: b}", "{access-key: ***"),
            ("  \"apiKey\":\"hunter2\"", "  \"apiKey\":***"),
            ("- --token=hunter2", "- --token=***"),
            ("url: https://me:hunter2@host/x", "url: https://***@host/x"),
            ("existingSecret: thanos-objstore", "existingSecret: thanos-objstore"),
            ("key: value", "key: value"),
            ("password:", "password:"),
        ] {
            assert_eq!(shown(text, &[], 1, 1).lines().next(), Some(told));
        }
    }

    #[test]
    fn a_line_of_a_file_can_do_nothing_to_a_terminal_or_a_log() {
        assert_eq!(
            shown("a: \u{1b}[31m ##[error]x \u{202e}", &[], 1, 1).lines().next(),
            Some("a: \\u{1b}[31m #\\u{23}[error]x \\u{202e}")
        );
    }

    proptest! {
        #[test]
        fn a_secret_is_seen_from_no_place(before in "(a|日|\u{301}| |:|\n|\r|\r\n){0,30}", column in 0_u64..40, line in 0_u64..40) {
            let secret = "hunter\n  two";
            let text = format!("{before}{secret} end");
            // Where the secret stands, as a parser of YAML counts.
            let lines: Vec<String> = before.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect();
            let (number, at) = (lines.len() as u64, lines[lines.len() - 1].chars().count() as u64 + 1);
            let span = Span { start: (number, at), end: (number + 1, 6) };
            let shown = shown(&text, &[span], line, column);
            prop_assert!(!shown.contains("hunter") && !shown.contains("two"), "{}", shown);
        }
    }
}
