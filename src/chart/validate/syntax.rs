//! What Helm reads otherwise than it looks, whatever the chart: syntax, words and numbers of YAML 1.1, keys that are lost.

use serde_json::Value;

use super::checker::{Checker, Wanted};
use super::keys::wanted;
use super::problem::Problem;
use super::tree::{Kind, Node, Oddity, Scalar, Tree};
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};
use crate::languages::yaml::{self, Style};
use crate::text::is_unsafe;

/// What Helm would read from the first document of a text; `None` when it could not.
pub(in crate::chart) fn value_of(text: &str) -> Option<Value> {
    let document = yaml::Document::read(text).ok()?;
    document.root().map_or(Some(Value::Null), |root| document.value(root).ok())
}

pub(super) fn broken(problem: Problem) -> Finding {
    let mut finding = Finding::new(codes::BROKEN_YAML, problem.message);
    finding.place = Some(problem.place);
    finding.hint = Some(problem.hint.to_owned());
    finding
}

/// Every key and every single value.
pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let root = checker.root;
    values(checker, root, &mut Vec::new());
}

/// What was odd when a text was read.
pub(super) fn remarks(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    for remark in &tree.remarks {
        let (code, message, hint) = match &remark.what {
            Oddity::Twice(key, first) => {
                let line = tree.place(*first).line;
                let hint = format!("Helm takes this one and drops the one in line {line}: put both together");
                (codes::DUPLICATE_KEY, format!("`{key}` stands here again; it stood in line {line}"), hint)
            }
            Oddity::Overridden(key) => {
                let message = format!("this `<<` replaces `{key}`, which stands before it");
                (codes::MERGE_OVERRIDES, message, "put `<<` first in its mapping".to_owned())
            }
            Oddity::OddKey(written, read) => {
                let message = format!("Helm reads the key `{written}` as `{read}`");
                (codes::KEY_READ_OTHERWISE, message, format!("put it in quotes: \"{written}\""))
            }
            Oddity::SecondDocument => {
                let message = "a second document begins here, and Helm reads the first alone".to_owned();
                (codes::SECOND_DOCUMENT, message, "put it into a file of its own".to_owned())
            }
        };
        let mut finding = Finding::new(code, message);
        finding.place = Some(tree.place(remark.spot));
        finding.hint = Some(hint);
        findings.push(finding);
    }
}

/// What Helm does with what it read, where a text is wanted.
const RENDERED: &str = " and renders that";

/// Every value below `node`.
fn values(checker: &mut Checker<'_, '_>, node: &Node, path: &mut Vec<String>) {
    let tree = checker.tree;
    match &node.kind {
        Kind::Scalar(scalar) => single(checker, node, scalar, path),
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                values(checker, tree.node(*item), path);
                path.pop();
            }
        }
        Kind::Mapping { entries, .. } => {
            for entry in entries.iter().filter(|entry| !entry.is_merged) {
                if let Some(character) = hidden(&entry.key) {
                    let message = format!("the key holds U+{:04X}, which nobody sees", character as u32);
                    checker.add(codes::INVISIBLE_CHARACTER, tree.place(entry.spot), message).hint =
                        Some("type the key anew".to_owned());
                }
                path.push(entry.key.clone());
                values(checker, tree.node(entry.node), path);
                path.pop();
            }
        }
    }
}

fn single(checker: &mut Checker<'_, '_>, node: &Node, scalar: &Scalar, path: &[String]) {
    let place = checker.tree.place(node.spot);
    if scalar.style == Style::Plain
        && let Some(character) = hidden(&scalar.text)
    {
        let message = format!("the value holds U+{:04X}, which nobody sees", character as u32);
        checker.add(codes::INVISIBLE_CHARACTER, place, message).hint = Some("type the line anew".to_owned());
        return;
    }
    if scalar.style != Style::Plain || scalar.is_tagged {
        return;
    }
    match &scalar.value {
        Value::Bool(value)
            if !scalar.text.eq_ignore_ascii_case("true") && !scalar.text.eq_ignore_ascii_case("false") =>
        {
            let wanted = wanted(checker, path);
            let shown = checker.shown(path, &scalar.text);
            let (severity, renders, hint) = match wanted {
                Wanted::Bool => {
                    (Severity::Note, "", format!("write `{value}`, which no reader of YAML takes for a text"))
                }
                // Whatever is printed there is a text, and this one is not meant.
                Wanted::Text => (Severity::Error, RENDERED, "put it in quotes".to_owned()),
                Wanted::Other => {
                    (Severity::Warning, "", format!("write `{value}`, or put it in quotes if it is a text"))
                }
            };
            let message = format!("Helm reads {shown} as {value}{renders}");
            let finding = checker.add(codes::WORD_FOR_BOOLEAN, place, message);
            finding.hint = Some(hint);
            finding.severity = severity;
        }
        Value::Number(_) => {
            let read = yaml::scalar::Scalar::plain(&scalar.text).rewritten();
            let wanted = wanted(checker, path);
            if !is_another(&scalar.text, &read, wanted) {
                return;
            }
            let renders = match wanted {
                Wanted::Text if as_printed(&scalar.text, &read) != read => " and renders it with an exponent",
                Wanted::Text => RENDERED,
                Wanted::Bool | Wanted::Other => "",
            };
            let message = if checker.is_secret(path) {
                format!("Helm reads this as a number{renders}, and as another one than it looks")
            } else {
                format!("Helm reads `{}` as the number {read}{renders}", scalar.text)
            };
            let finding = checker.add(codes::NUMBER_READ_OTHERWISE, place, message);
            finding.hint = Some(match wanted {
                Wanted::Text => "put it in quotes".to_owned(),
                Wanted::Bool | Wanted::Other => {
                    "put it in quotes if it is a text; else write the number in decimal digits".to_owned()
                }
            });
            if wanted == Wanted::Text {
                finding.severity = Severity::Error;
            }
        }
        _ => {}
    }
}

/// Whether a number is another one than it looks, where `wanted` is meant.
fn is_another(text: &str, read: &str, wanted: Wanted) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    let leads_with_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let has_letters = digits.contains(['x', 'X', 'o', 'O', 'b', 'B', '_']);
    // Whatever has a number in 64-bit floats keeps no more digits.
    let is_long = is_decimal && text.parse::<i128>().is_ok_and(|number| number.unsigned_abs() > 1 << 53);
    let in_a_text = wanted == Wanted::Text && as_printed(text, read) != text;
    leads_with_zero || has_letters || is_long || in_a_text
}

/// How a template prints the number that is written as `text`: whole ones of seven digits and more with an exponent.
fn as_printed(text: &str, read: &str) -> String {
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && text.len() > 6 { format!("{read}e") } else { read.to_owned() }
}

/// A character that changes a word and that nobody sees.
fn hidden(text: &str) -> Option<char> {
    let joins = |character: char| matches!(character, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\n' | '\t' | '\r');
    text.chars().find(|c| *c == '\u{a0}' || (is_unsafe(*c) && !joins(*c)))
}
