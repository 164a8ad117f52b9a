//! YAML as we write it: block style, and no string that Helm, Thanos or a person could read as something else.

use std::fmt::Write as _;

use serde_json::Value;

use crate::text::is_unsafe;

/// A string in double quotes, in the escapes that YAML and JSON share. What could not be seen, would be changed by
/// Go's YAML reader (U+0085, U+2028), or could turn the text around is written as `\uXXXX`.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unsafe(c) && c as u32 > 0xffff => write!(out, "\\U{:08X}", c as u32).expect("a String takes all"),
            c if is_unsafe(c) => write!(out, "\\u{:04X}", c as u32).expect("a String takes all"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a string means itself without quotes: letters first, and no word that YAML 1.1 takes for something else.
pub fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// A key or a string value: plain where that is safe, else quoted.
pub fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quote(text) }
}

/// A value as a YAML document in block style, ending with a newline.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        flat => out.push_str(&format!("{}\n", flow(flat))),
    }
    out
}

fn mapping(out: &mut String, map: &serde_json::Map<String, Value>, indent: usize) {
    for (at, (key, value)) in map.iter().enumerate() {
        // The first key of a list item stands behind its dash.
        if at > 0 || out.is_empty() || out.ends_with('\n') {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&scalar(key));
        out.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                mapping(out, map, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                sequence(out, items, indent + 2);
            }
            flat => out.push_str(&format!(" {}\n", flow(flat))),
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        out.push_str(&" ".repeat(indent));
        match item {
            Value::Object(map) if !map.is_empty() => {
                out.push_str("- ");
                mapping(out, map, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push_str("-\n");
                sequence(out, items, indent + 2);
            }
            flat => out.push_str(&format!("- {}\n", flow(flat))),
        }
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn back(text: &str) -> Value {
        crate::document::read("test", text).unwrap()
    }

    #[test]
    fn words_that_go_reads_as_something_else_are_quoted() {
        for text in [
            "yes",
            "NO",
            "y",
            "on",
            "null",
            "~",
            "1_000",
            "0777",
            "12:30",
            "2024-01-01",
            "",
            "1e3",
            ".5",
            "a: b",
            "# a",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
        for text in ["monitoring", "a/b", "kube-prometheus-stack", "v0.39.2"] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn nested_lists_and_maps_are_laid_out_as_people_write_them() {
        let value = serde_json::json!({"a": [{"b": 1, "c": [true, "x y"]}, [], [["d"]]], "e": {}, "f": {"g": null}});
        assert_eq!(
            to_yaml(&value),
            "a:\n  - b: 1\n    c:\n      - true\n      - \"x y\"\n  - []\n  -\n    -\n      - d\ne: {}\nf:\n  g: null\n"
        );
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            "[ -~\n\t\u{85}\u{2028}\u{feff}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((".{1,6}", inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in json()) {
            let value = serde_json::json!({ "value": value });
            prop_assert_eq!(back(&to_yaml(&value)), value);
        }

        #[test]
        fn a_quoted_string_is_itself_to_json_and_to_yaml(text in ".*") {
            let quoted = quote(&text);
            prop_assert_eq!(back(&format!("value: {quoted}")), serde_json::json!({ "value": &text }));
            prop_assert!(!quoted.chars().any(is_unsafe));
        }
    }
}
