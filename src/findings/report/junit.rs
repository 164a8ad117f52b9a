//! For GitLab, Jenkins and all that show tests: JUnit XML.
//!
//! A file is a suite and an error in it a test that failed. Warnings and notes are skipped tests: they are shown, and as
//! with the exit code, they fail nothing. GitLab shows what stands inside of `failure`, not its `message`, and of two
//! tests with one name it drops the second: <https://docs.gitlab.com/ci/testing/unit_test_reports>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::context::Context;
use super::fields::{details, line, line_number, place};
use super::rest::Rest;

use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};

/// The suite of what stands in no file.
const NO_FILE: &str = "thanosctl";

pub(super) fn render(findings: &[&Finding], rest: &[Rest<'_>], context: &Context<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<&Finding>> =
        context.files.iter().map(|file| (file.as_str(), Vec::new())).collect();
    for finding in findings {
        suites.entry(finding.place.as_ref().map_or(NO_FILE, |place| &place.file)).or_default().push(finding);
    }
    if suites.is_empty() {
        suites.insert(NO_FILE, Vec::new());
    }
    let tests: usize = suites.values().map(|findings| findings.len().max(1)).sum();
    let severities = findings.iter().map(|finding| finding.severity).chain(rest.iter().map(Rest::severity));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"thanosctl\" {}>\n",
        counts(tests + rest.len(), severities)
    );
    for (file, findings) in suites {
        let rest = rest.iter().find(|rest| rest.file.unwrap_or(NO_FILE) == file);
        suite(file, &findings, rest, &mut out).expect("a String takes all");
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(file: &str, findings: &[&Finding], rest: Option<&Rest<'_>>, out: &mut String) -> std::fmt::Result {
    let severities = findings.iter().map(|finding| finding.severity).chain(rest.map(Rest::severity));
    let counts = counts(findings.len().max(1) + rest.iter().len(), severities);
    let file = escaped(&line(file));
    writeln!(out, "  <testsuite name=\"{file}\" {counts}>")?;
    if findings.is_empty() {
        writeln!(out, "    <testcase classname=\"{file}\" name=\"nothing found\" time=\"0\"/>")?;
    }
    let mut names = BTreeMap::new();
    for finding in findings {
        let element = element(finding.severity);
        let name = unique(&format!("{}: {}", finding.code, line(&finding.message)), &mut names);
        let position = line_number(finding).map_or_else(String::new, |line| format!(" line=\"{line}\""));
        let at = if finding.place.is_some() { format!(" file=\"{file}\"{position}") } else { String::new() };
        writeln!(out, "    <testcase classname=\"{file}\" name=\"{}\"{at} time=\"0\">", escaped(&name))?;
        let mut lines = vec![format!("{}[{}]: {}", finding.severity, finding.code, line(&finding.message))];
        lines.extend(place(finding).map(|place| format!("--> {place}")));
        lines.extend(details(finding));
        let (message, body, kind) = (escaped(&lines[0]), escaped(&lines.join("\n")), kind(finding));
        writeln!(out, "      <{element} message=\"{message}\" type=\"{kind}\">{body}</{element}>")?;
        writeln!(out, "    </testcase>")?;
    }
    if let Some(rest) = rest {
        let (element, words) = (element(rest.severity()), escaped(&rest.words()));
        writeln!(out, "    <testcase classname=\"{file}\" name=\"more findings\" file=\"{file}\" time=\"0\">")?;
        writeln!(out, "      <{element} message=\"{words}\" type=\"more-findings\">{words}</{element}>")?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn element(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "failure",
        Severity::Warning | Severity::Note => "skipped",
    }
}

fn counts(tests: usize, severities: impl Iterator<Item = Severity>) -> String {
    let (mut failures, mut skipped) = (0, 0);
    severities.for_each(|severity| *(if severity == Severity::Error { &mut failures } else { &mut skipped }) += 1);
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\"")
}

fn kind(finding: &Finding) -> String {
    codes::explanation(finding.code).map_or_else(|| finding.code.to_string(), |known| known.name.to_owned())
}

/// The name, with a number behind it if it was taken.
fn unique(name: &str, taken: &mut BTreeMap<String, usize>) -> String {
    let count = taken.entry(name.to_owned()).or_default();
    *count += 1;
    match *count {
        1 => name.to_owned(),
        // A name may look like one with a number.
        count => unique(&format!("{name} ({count})"), taken),
    }
}

/// A text as the text or an attribute of an element. What XML 1.0 forbids is replaced, though [`line`] leaves none of it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
