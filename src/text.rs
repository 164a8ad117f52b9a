//! Text that others wrote, made harmless for the place where it is shown.
//!
//! Whatever a cluster, a kubeconfig or a file contains may be hostile: colour codes that rewrite the screen, line
//! breaks that forge a line of output, marks that turn the reading direction around.

use std::fmt::Write as _;

/// Whether a character can do something to a terminal or a reader instead of being read: controls, line and
/// paragraph separators, bidirectional and zero-width marks, byte order marks, tags, non-characters.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `text` on one line, fit for a terminal: what [`is_unsafe`] comes as `\n`, `\t` or `\u{…}`.
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
    out
}

/// `lines`, none of which, nor a part of it, a CI system takes for a command. GitHub obeys lines that begin with `::`,
/// blanks aside, and like Azure and TeamCity `##[…]`, `##vso[…]` anywhere in a line.
pub fn without_commands(lines: &str) -> String {
    lines.split_inclusive('\n').map(without_command).collect()
}

fn without_command(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let out: String = (0..characters.len())
        .map(|at| if opens_command(&characters, at) { "\\u{23}".to_owned() } else { characters[at].to_string() })
        .collect();
    match out.trim_start().strip_prefix("::") {
        Some(command) => format!("{}\\u{{3a}}:{command}", &out[..out.len() - out.trim_start().len()]),
        None => out,
    }
}

/// Whether the character at `at` is the second `#` of `##[…]` or `##word[…]`.
pub fn opens_command(text: &[char], at: usize) -> bool {
    let opens = || text[at + 1..].iter().find(|c| !c.is_ascii_alphanumeric()) == Some(&'[');
    text[at] == '#' && at > 0 && text[at - 1] == '#' && opens()
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

/// The known word nearest to a mistyped one, or `None` when nothing is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let limit = (word.len() / 3).max(2);
    // A longer word is no typing mistake.
    if word.len() > LONGEST {
        return None;
    }
    let mut letters: Vec<char> = Vec::new();
    let mut rows = Default::default();
    let near = known.into_iter().filter_map(|candidate| {
        letters.clear();
        letters.extend(candidate.chars().flat_map(char::to_lowercase));
        let may_be_near = letters.len().abs_diff(word.len()) <= limit;
        let distance = may_be_near.then(|| distance(&word, &letters, limit, &mut rows))??;
        Some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// How long a mistyped word is at most.
const LONGEST: usize = 100;

/// How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment); `None`
/// when they are more than `limit`. `rows` keeps its memory from one pair of words to the next: the row of the last letter
/// of `a`, that of the one before, and the one before that.
fn distance(a: &[char], b: &[char], limit: usize, rows: &mut [Vec<usize>; 3]) -> Option<usize> {
    let [row, before, earlier] = rows;
    row.clear();
    row.extend(0..=b.len());
    for i in 1..=a.len() {
        std::mem::swap(before, earlier);
        std::mem::swap(row, before);
        row.clear();
        row.push(i);
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (before[j] + 1).min(row[j - 1] + 1).min(before[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(earlier[j - 2] + 1);
            }
            row.push(best);
        }
        // Two rows above the limit lead to nothing below it: a swap reaches over one.
        let is_far = |row: &[usize]| row.iter().all(|distance| *distance > limit);
        if is_far(row) && is_far(before) {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
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
            ("::error::x\n  ::debug::y\na ::b::\n", "\\u{3a}:error::x\n  \\u{3a}:debug::y\na ::b::\n"),
            ("##[error]x ##vso[task]", "#\\u{23}[error]x #\\u{23}vso[task]"),
            ("## a [b]\n###[x]", "## a [b]\n##\\u{23}[x]"),
            ("2001:db8::1 [::1]:10901", "2001:db8::1 [::1]:10901"),
        ] {
            assert_eq!(without_commands(text), shown);
        }
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
