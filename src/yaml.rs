//! YAML as we write it: in block style, and no text that Go, Rust or a person could read as something else.
//!
//! A text in quotes is JSON's, which is YAML too, except that whatever [`is_unsafe`] is escaped as well: Go's parser
//! loses a raw U+0085 or U+2028, and an invisible mark in a file misleads its reader.

use std::fmt::Write as _;

use serde_json::Value;

use crate::text::{breaks_command, is_unsafe, without_commands_in_patch};

/// `text` in double quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let characters: Vec<char> = text.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        match character {
            c if breaks_command(&characters, at) => write!(out, "\\u{:04X}", c as u32).expect("a String takes all"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) && (c as u32) < 0x1_0000 => write!(out, "\\u{:04X}", c as u32).expect("a String"),
            c if is_unsafe(c) => write!(out, "\\U{:08X}", c as u32).expect("a String takes all"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key or a text, bare when every parser reads it as the text that it is. Go takes `n`, `no`, `on` for booleans.
pub fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if bare { text.to_owned() } else { quoted(text) }
}

/// `value` on one line.
pub fn flow(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// `text` as a block scalar (`|`), to stand behind a key of a line that is indented by less than `indent` blanks; in
/// quotes when a block could not carry it.
pub fn block(text: &str, indent: usize) -> String {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let carried = text.contains('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && !body.lines().next_back().is_none_or(|last| last.trim().is_empty())
        && !body.ends_with('\n')
        && !body.chars().any(|c| is_unsafe(c) && !is_text_of_lines(c))
        && without_commands_in_patch(body) == body;
    if !carried {
        return quoted(text);
    }
    let mut out = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&blanks(indent));
            out.push_str(line);
        }
    }
    out
}

/// `value` as a document, ending with a newline.
pub fn document(value: &Value) -> String {
    match value {
        Value::Object(entries) if !entries.is_empty() => mapping(entries, 0).join("\n") + "\n",
        flat => flow(flat) + "\n",
    }
}

/// What people have in texts of several lines and no parser minds: line breaks, tabs, and the marks inside emoji.
fn is_text_of_lines(character: char) -> bool {
    matches!(character, '\n' | '\t' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// The lines of a mapping's entry in block style, the first indented by `indent` blanks.
pub fn entry(name: &str, value: &Value, indent: usize) -> Vec<String> {
    let mut lines = vec![format!("{}{}:", blanks(indent), scalar(name))];
    match value {
        Value::Object(entries) if !entries.is_empty() => lines.extend(mapping(entries, indent + 2)),
        Value::Array(items) if !items.is_empty() => {
            lines.extend(items.iter().flat_map(|value| item(value, indent + 2)));
        }
        Value::String(text) if text.contains('\n') => {
            let _ = write!(lines[0], " {}", block(text, indent + 2));
        }
        flat => {
            let _ = write!(lines[0], " {}", flow(flat));
        }
    }
    lines
}

/// So many blanks. `{:width$}` panics from 65,536 on, and a file may be wider.
pub fn blanks(count: usize) -> String {
    " ".repeat(count)
}

/// The lines of a mapping's entries, each indented by `indent` blanks.
pub fn mapping(entries: &serde_json::Map<String, Value>, indent: usize) -> Vec<String> {
    entries.iter().flat_map(|(name, value)| entry(name, value, indent)).collect()
}

/// The lines of a sequence's item in block style, its dash indented by `indent` blanks.
pub fn item(value: &Value, indent: usize) -> Vec<String> {
    let mut lines = match value {
        Value::Object(entries) if !entries.is_empty() => mapping(entries, indent + 2),
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(|value| item(value, indent + 2)).collect(),
        flat => vec![format!("{}  {}", blanks(indent), flow(flat))],
    };
    // The dash takes the place of the first line's indentation.
    lines[0].replace_range(indent..=indent, "-");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        document::read("test", text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
    }

    #[test]
    fn a_text_that_yaml_would_take_for_something_else_keeps_its_quotes() {
        assert_eq!(entry("on", &json!("yes"), 0), ["\"on\": \"yes\""]);
        assert_eq!(quoted("a\u{85}\u{2028}\u{feff}\u{e0001}"), r#""a\u0085\u2028\uFEFF\U000E0001""#);
    }

    #[test]
    fn a_text_of_several_lines_is_a_block_where_a_block_can_carry_it() {
        assert_eq!(block("a: 1\n\n  b\n", 2), "|\n  a: 1\n\n    b");
        assert_eq!(block("a\nb", 2), "|-\n  a\n  b");
        assert_eq!(block("\u{26a0}\u{fe0f}\n\tb", 2), "|-\n  \u{26a0}\u{fe0f}\n  \tb");
        for text in ["", "one", " a\nb", "\na", "a\n\n", "a\n  ", "\ta\nc", "a\r\nb", "a\u{202e}\nb"] {
            assert!(block(text, 2).starts_with('"'), "{text:?}");
        }
    }

    #[test]
    fn a_file_may_be_wider_than_any_format() {
        let indent = 70_000;
        assert_eq!(item(&json!("a"), indent), [format!("{}- a", blanks(indent))]);
        assert_eq!(entry("a", &json!({"b": 1}), indent)[0], format!("{}a:", blanks(indent)));
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "(?s).{0,12}".prop_map(Value::from),
            "[a-z0-9: #{}&*!|>'\"%@`\n\t-]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("(?s).{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in tree(), name in "(?s).{0,8}") {
            let written = entry(&name, &value, 0).join("\n") + "\n";
            prop_assert_eq!(read(&written), json!({ &name: value.clone() }), "{}", written);
            prop_assert_eq!(read(&format!("a: {}\n", flow(&value))), json!({ "a": value }));
        }

        #[test]
        fn a_block_is_read_back(text in "[a-z \n\t#:\u{fe0f}-]{0,30}") {
            prop_assert_eq!(read(&format!("a:\n  b: {}\n  c: 1\n", block(&text, 4))), json!({"a": {"b": text, "c": 1}}));
        }
    }
}
