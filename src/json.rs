//! JSON as we write it: what a terminal or the log of a CI system could obey instead of show is written as `\uXXXX`.

use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::text::{breaks_command, is_unsafe};

/// A value as a JSON document, indented, ending with a newline.
pub fn to_json(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Escaping(PrettyFormatter::new()));
    value.serialize(&mut serializer).expect("a Vec takes all, and a Value is valid JSON");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON of strings is UTF-8")
}

/// A value as JSON on one line, without a newline.
pub fn to_json_line(value: &Value) -> String {
    let mut line = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut line, EscapingLine);
    value.serialize(&mut serializer).expect("a Vec takes all, and a Value is valid JSON");
    String::from_utf8(line).expect("JSON of strings is UTF-8")
}

/// A part of a text, as it stands between quotes.
fn write_fragment<W: ?Sized + io::Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let (characters, mut units) = (fragment.chars().collect::<Vec<_>>(), [0; 2]);
    for (at, character) in characters.iter().enumerate() {
        if is_unsafe(*character) || breaks_command(&characters, at) {
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        } else {
            write!(writer, "{character}")?;
        }
    }
    Ok(())
}

struct EscapingLine;

impl Formatter for EscapingLine {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }
}

struct Escaping(PrettyFormatter<'static>);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_harmless(text in "(##\\[|::error::|section_start:|.)*") {
            let value = serde_json::json!({ "a": [text, null, 1, true], "b": {} });
            let json = to_json(&value);
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value.clone());
            prop_assert!(!json.chars().any(|c| c != '\n' && is_unsafe(c)));
            for command in ["##[", "\"::error::", "section_start:"] {
                prop_assert!(!json.contains(command));
            }
            let line = to_json_line(&value);
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
            prop_assert!(!line.chars().any(is_unsafe));
        }
    }
}
