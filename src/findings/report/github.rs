//! For GitHub Actions: workflow commands, which it shows as annotations on the lines of the files.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use super::fields::{column_number, details, line, line_number};
use super::rest::Rest;
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};

pub(super) fn render(findings: &[&Finding], rest: &[Rest<'_>]) -> String {
    findings.iter().map(|finding| command(finding)).chain(rest.iter().map(counted)).collect()
}

/// The command for findings that are counted: of their file, as far as it is one.
fn counted(rest: &Rest<'_>) -> String {
    let file = rest.file.filter(|file| *file != "-").map(|file| file.strip_prefix("./").unwrap_or(file));
    let file = file.map_or_else(String::new, |file| format!("file={},", property(&line(file))));
    format!("::{} {file}title=more findings::{}\n", word(rest.severity()), data(&rest.words()))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn command(finding: &Finding) -> String {
    let mut properties = Vec::new();
    // Standard input is no file of the repository.
    if let Some(place) = finding.place.as_ref().filter(|place| place.file != "-") {
        let file = place.file.strip_prefix("./").unwrap_or(&place.file);
        properties.push(("file", line(file)));
        properties.extend(line_number(finding).map(|line| ("line", line.to_string())));
        properties.extend(column_number(finding).map(|column| ("col", column.to_string())));
    }
    properties.push(("title", title(finding)));
    let command = word(finding.severity);
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let message: Vec<String> = std::iter::once(line(&finding.message)).chain(details(finding)).collect();
    format!("::{command} {}::{}\n", properties.join(","), data(&message.join("\n")))
}

fn title(finding: &Finding) -> String {
    match codes::explanation(finding.code) {
        Some(explanation) => format!("{} {}", finding.code, explanation.name),
        None => finding.code.to_string(),
    }
}

/// A text as the message of a command.
fn data(text: &str) -> String {
    escaped(text, "%\r\n")
}

/// A text as the value of a property of a command.
fn property(text: &str) -> String {
    escaped(text, "%\r\n:,")
}

fn escaped(text: &str, special: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if special.contains(character) {
            write!(out, "%{:02X}", u32::from(character)).expect("a String takes all");
        } else {
            out.push(character);
        }
    }
    out
}
