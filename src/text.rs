//! Text that others wrote, made harmless for the place where it is shown.
//!
//! Whatever a cluster, a kubeconfig or a file contains may be hostile: colour codes that rewrite the screen, line
//! breaks that forge a line of output, marks that turn the reading direction around.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// Whether a character can do something to a terminal or a reader instead of being read: controls, line and paragraph
/// separators, what Unicode lets programs leave out of sight (`Default_Ignorable_Code_Point`: zero-width and bidirectional
/// marks, fillers, variation selectors, tags), what it shows as nothing all the same (U+2800, interlinear annotations),
/// and what is no character.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
        || character as u32 & 0xfffe == 0xfffe
}

/// `text` on one line, fit for a terminal and for the log of a CI system: what [`is_unsafe`] comes as `\n`, `\t` or
/// `\u{…}`, and nothing in it is a command ([`without_commands`]).
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) => write!(out, "\\u{{{:x}}}", c as u32).expect("a String takes all"),
            c => out.push(c),
        }
    }
    if may_hold_command(&out) { without_commands(&out) } else { out }
}

/// `lines`, none of which, nor a part of it, a CI system takes for a command: see [`breaks_command`]. Lines that begin with
/// `::`, blanks aside, are commands of GitHub, and those that begin with `--- ` and the like are headings of Buildkite.
pub fn without_commands(lines: &str) -> String {
    lines.split_inclusive('\n').map(|line| without_command(line, true)).collect()
}

/// The same for a unified patch, and for texts that are indented before anybody sees them: what Buildkite takes for a
/// heading stays, since the names of a patch's files stand behind it. A heading hides lines, but runs nothing.
pub fn without_commands_in_patch(lines: &str) -> String {
    lines.split_inclusive('\n').map(|line| without_command(line, false)).collect()
}

fn without_command(line: &str, with_headings: bool) -> String {
    if !may_hold_command(line) {
        return line.to_owned();
    }
    let characters: Vec<char> = line.chars().collect();
    let start = characters.iter().take_while(|c| c.is_whitespace()).count();
    let is_opening = |at: usize| {
        at == start && characters[at..].starts_with(&[':', ':']) || at == 0 && with_headings && is_heading(&characters)
    };
    let mut out = String::with_capacity(line.len() + 8);
    for (at, &character) in characters.iter().enumerate() {
        if breaks_command(&characters, at) || is_opening(at) {
            write!(out, "\\u{{{:x}}}", character as u32).expect("a String takes all");
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether a line is a heading in Buildkite's logs, under which it folds what follows.
fn is_heading(line: &[char]) -> bool {
    ["---", "+++", "~~~", "^^^"]
        .iter()
        .any(|mark| line.iter().zip(mark.chars()).filter(|(a, b)| **a == *b).count() == 3)
        && line.get(3).is_some_and(|c| matches!(c, ' ' | '\t'))
}

/// Whether `text` may hold a command; most texts do not, and need not be looked at more closely.
fn may_hold_command(text: &str) -> bool {
    text.contains("##")
        || text.contains("::")
        || MARKERS.iter().any(|marker| text.contains(marker))
        || text.contains("---")
        || text.contains("+++")
        || text.contains("~~~")
        || text.contains("^^^")
}

/// What stands before the colon of a marker that folds a log, or gives a part of it a time.
const MARKERS: [&str; 4] = ["section_start", "section_end", "travis_fold", "travis_time"];

/// Whether the character at `at` must be written otherwise, so that no CI system takes `text` for a command:
///
/// - the second `#` of `##[…]` and `##word[…]`, which GitHub, Azure and TeamCity obey anywhere in a line,
/// - the first `:` of `::word …::`, as GitHub and those that follow it (Gitea, Forgejo) have it,
/// - the colon of GitLab's `section_start:` and `section_end:` and of Travis' `travis_fold:` and `travis_time:`.
pub fn breaks_command(text: &[char], at: usize) -> bool {
    match text[at] {
        '#' => {
            let opens = || text[at + 1..].iter().find(|c| !c.is_ascii_alphanumeric()) == Some(&'[');
            at > 0 && text[at - 1] == '#' && opens()
        }
        ':' => opens_workflow_command(text, at) || MARKERS.iter().any(|marker| ends_with(&text[..at], marker)),
        _ => false,
    }
}

/// Whether `::word::` or `::word key=value::` begins at `at`. Inside of a word only those count that GitHub knows:
/// `std::io::Error` is none.
fn opens_workflow_command(text: &[char], at: usize) -> bool {
    if text.get(at + 1) != Some(&':') {
        return false;
    }
    let rest = &text[at + 2..text.len().min(at + 2 + LONGEST_COMMAND)];
    let line = rest.iter().position(|c| *c == '\n').map_or(rest, |end| &rest[..end]);
    let (name, line) = line.split_at(line.iter().take_while(|c| c.is_ascii_alphabetic() || **c == '-').count());
    let is_inside = at > 0 && text[at - 1].is_alphanumeric();
    let is_known = || WORKFLOW_COMMANDS.iter().any(|known| name.iter().copied().eq(known.chars()));
    let ends = || line.windows(2).any(|pair| pair == [':', ':']);
    !name.is_empty()
        && (line.starts_with(&[':', ':']) || line.starts_with(&[' ']) && ends())
        && (!is_inside || is_known())
}

/// GitHub's workflow commands, those of old runners too.
const WORKFLOW_COMMANDS: [&str; 18] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "exit",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "summary",
    "warning",
];

/// A command's name and parameters are no longer: what follows is not looked at, so that a long line costs no more than its
/// length.
const LONGEST_COMMAND: usize = 1024;

fn ends_with(text: &[char], word: &str) -> bool {
    let length = word.len();
    text.len() >= length && text[text.len() - length..].iter().copied().eq(word.chars())
}

/// `text` without the credentials that it carries before a host: of `https://user:password@host` stays
/// `https://…@host`. A name with an `@` in it, as many contexts have, stays as it is.
pub fn without_credentials(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + "://".len());
    match text[start..].rsplit_once('@') {
        Some((userinfo, rest)) if start > 0 || userinfo.contains(':') => format!("{}…@{rest}", &text[..start]),
        _ => text.to_owned(),
    }
}

/// Whether `text` carries credentials before a host: in a URL, or in an address of one word such as `user:password@host`.
/// What merely holds a mail address behind a colon and a blank, `team: obs@example.com`, does not.
pub fn holds_credentials(text: &str) -> bool {
    let ends_word = |c: char| c.is_whitespace() || "\"'{}[],".contains(c);
    let is_address = |word: &str| word.rsplit_once('@').is_some_and(|(userinfo, _)| userinfo.contains(':'));
    has_url_with_credentials(text) || text.split(ends_word).any(is_address)
}

/// Whether `text` holds a URL that carries credentials.
pub fn has_url_with_credentials(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
}

/// `text` as one word of a shell: as it is where that is safe, else in single quotes.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// `items` joined by commas, at most `most` of them, then how many more there are.
pub fn listed(items: &[String], most: usize) -> String {
    let mut text = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > most {
        text.push_str(&format!(", and {} more", items.len() - most));
    }
    text
}

/// `text` in lines of `room` columns, broken at blanks; a word that is wider has a line of its own.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A number of things: `1 store`, `2 stores`.
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `text` with all but what RFC 3986 leaves alone everywhere percent-encoded: fit for one part of a URL or for a file's
/// name.
pub fn percent_encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// What a part of a URL stands for: its escapes resolved; one that is none is left as it is.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => (out.push(byte), rest = &tail[2..]),
            None => (out.push(*first), rest = tail),
        };
    }
    out
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The known word nearest to a mistyped one, or `None` when nothing is near enough to be meant. Upper and lower case are
/// the same.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let limit = (length / 3).max(2);
    // A longer word is no typing mistake.
    if length > LONGEST_WORD {
        return None;
    }
    let (letters, is_ascii) = (letters(&word), word.is_ascii());
    let near = known.into_iter().filter_map(|candidate| {
        // Each letter that the candidate does not have is a mistake of its own: most candidates need no closer look.
        // A character has four bytes at most.
        let bytes = if is_ascii && candidate.is_ascii() { 1 } else { 4 };
        let is_far = candidate.len().abs_diff(word.len()) > bytes * limit
            || (letters & !self::letters(candidate)).count_ones() as usize > limit;
        let distance = (!is_far).then(|| strsim::osa_distance(&word, &candidate.to_lowercase()))?;
        (distance <= limit).then_some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// How long a mistyped word is at most, in characters.
const LONGEST_WORD: usize = 100;

/// The letters of a text as a set of bits, upper and lower case alike; other letters than those of ASCII share one bit.
fn letters(text: &str) -> u128 {
    text.bytes().fold(0, |set, byte| set | 1 << if byte.is_ascii() { byte.to_ascii_lowercase() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&items, 3), "a, b, c");
        assert_eq!(listed(&items, 1), "a, and 2 more");
        assert_eq!(listed(&[], 1), "");
        assert_eq!([0, 1, 2].map(|number| counted(number, "store")), ["0 stores", "1 store", "2 stores"]);
    }
    use proptest::prelude::*;

    #[test]
    fn colour_codes_and_line_breaks_are_shown_instead_of_obeyed() {
        assert_eq!(clean("a\u{1b}[31mb\nc\td\u{202e}e"), "a\\u{1b}[31mb\\nc\\td\\u{202e}e");
        assert_eq!(clean("größe 日本 ok"), "größe 日本 ok");
    }

    #[test]
    fn no_line_is_a_command_of_a_ci_system() {
        for (text, shown) in [
            ("::error::x\n  ::debug::y\na ::b::\n", "\\u{3a}:error::x\n  \\u{3a}:debug::y\na \\u{3a}:b::\n"),
            ("##[error]x ##vso[task]", "#\\u{23}[error]x #\\u{23}vso[task]"),
            ("## a [b]\n###[x]", "## a [b]\n##\\u{23}[x]"),
            ("x::error::y", "x\\u{3a}:error::y"),
            ("name=::error file=a,line=1::x", "name=\\u{3a}:error file=a,line=1::x"),
            ("a ##teamcity[x] ##x y[", "a #\\u{23}teamcity[x] ##x y["),
            ("section_start:17:x section_end:17:x", "section_start\\u{3a}17:x section_end\\u{3a}17:x"),
            ("travis_fold:start:x", "travis_fold\\u{3a}start:x"),
            ("--- a\n+++ b\n~~~ c\n^^^ +++\n", "\\u{2d}-- a\n\\u{2b}++ b\n\\u{7e}~~ c\n\\u{5e}^^ +++\n"),
            ("---\n a --- b\n", "---\n a --- b\n"),
            ("2001:db8::1 [::1]:10901 fe80::a", "2001:db8::1 [::1]:10901 fe80::a"),
            ("std::io::Error at a::b c::d", "std::io::Error at a::b c::d"),
        ] {
            assert_eq!(without_commands(text), shown);
            assert_eq!(without_commands(shown), shown);
        }
        let patch = "--- a/x\n+++ b/x\n ::error::x\n+##[x]\n";
        assert_eq!(without_commands_in_patch(patch), "--- a/x\n+++ b/x\n \\u{3a}:error::x\n+#\\u{23}[x]\n");
    }

    #[test]
    fn what_nobody_sees_is_shown_escaped() {
        let invisible = "\u{3164}\u{34f}\u{2800}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{ffa0}\u{180b}\u{180f}\u{fe00}\u{e0100}\
                         \u{e0041}\u{fff9}\u{fffb}\u{1d173}\u{1bca0}\u{2066}\u{61c}\u{200e}\u{ad}\u{fdd0}\u{1fffe}\u{10ffff}";
        for character in invisible.chars() {
            assert_eq!(clean(&format!("a{character}b")), format!("a\\u{{{:x}}}b", character as u32));
        }
        assert_eq!(clean("größe 日本 한국어 ខ្មែរ ⠁"), "größe 日本 한국어 ខ្មែរ ⠁");
    }

    #[test]
    fn credentials_are_cut_out_and_names_are_left_alone() {
        for (text, told) in [
            ("https://user:password@host:1/x", "https://…@host:1/x"),
            ("https://token@host", "https://…@host"),
            ("https://u:p@ss/w:rd@host", "https://…@host"),
            ("dns+user:password@host:1", "…@host:1"),
            ("kubernetes-admin@kubernetes", "kubernetes-admin@kubernetes"),
            ("https://host/x", "https://host/x"),
        ] {
            assert_eq!(without_credentials(text), told);
        }
    }

    #[test]
    fn a_shell_takes_any_text_as_one_word() {
        assert_eq!(shell_word("prod-eu_1.example:6443/x"), "prod-eu_1.example:6443/x");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_it_may_be_meant() {
        let known = ["clusters", "clusterLabel", "thanos"];
        assert_eq!(nearest("cluster", known), Some("clusters"));
        assert_eq!(nearest("clutserLabel", known), Some("clusterLabel"));
        assert_eq!(nearest("zebra", known), None);
    }

    #[test]
    fn a_star_stands_for_any_characters_but_nothing_else_does() {
        for (pattern, text, matches) in [
            ("", "", true),
            ("*", "", true),
            ("prod-*", "prod-eu", true),
            ("prod-*", "dev-eu", false),
            ("*-eu-*", "prod-eu-1", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*a", "a", false),
            ("a.c", "abc", false),
            ("**", "x", true),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn cleaned_text_holds_nothing_unsafe(text in ".*") {
            prop_assert!(!clean(&text).chars().any(is_unsafe));
        }

        #[test]
        fn cleaned_text_holds_no_command_and_stays_as_it_is(
            text in "(##|::|section_(start|end):|travis_fold:|--- |\\+\\+\\+ |\\[|vso|error|teamcity|[ a\n\r\u{1b}:#-]|.){0,12}"
        ) {
            let cleaned = clean(&text);
            let pattern = r"^ *::|##[0-9A-Za-z]*\[|(^|[^\w:])::[a-z]+( [^:]*)?::|section_(start|end):|travis_fold:|^(---|\+\+\+) ";
            prop_assert!(!regex::Regex::new(pattern).unwrap().is_match(&cleaned), "{}", cleaned);
            prop_assert_eq!(clean(&cleaned), cleaned.clone());
            prop_assert_eq!(without_commands(&cleaned), cleaned);
        }
    }

    #[test]
    fn only_urls_and_addresses_hold_credentials() {
        for text in ["https://u:p@h/x", "u:p@host:9000", "{endpoint: u:p@host}", "https://token@host", "a --x=u:p@h"] {
            assert!(holds_credentials(text), "{text}");
        }
        for text in
            ["team: obs@example.com", "obs@example.com", "{\"owner\":\"obs@example.com\"}", "a:b", "https://h/x", ""]
        {
            assert!(!holds_credentials(text), "{text}");
        }
    }
}
