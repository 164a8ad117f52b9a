//! Findings as people and programs want them: text, JSON, GitHub annotations, JUnit, SARIF.
//!
//! Of one file the worst [`MOST`](crate::model::finding::MOST) findings are shown and the others counted.
//!
//! Pure: findings and the texts of the files in, one document out. All formats hold the same findings in the same order,
//! and the same findings give the same bytes. What findings quote may be hostile; each format escapes it so that it stays
//! text: it can forge no line of a terminal, no command of a CI system and no element of a document.

mod github;
mod human;
mod json;
mod junit;
mod rest;
mod sarif;
mod source;
mod words;

#[cfg(test)]
mod tests;

pub use source::{Sources, Span};

use crate::model::finding::{Finding, Severity};
use crate::text::clean;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs: our own document.
    Json,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// JUnit XML, which GitLab, Jenkins and others show as tests.
    Junit,
    /// SARIF 2.1.0, which code scanning takes.
    Sarif,
}

/// What a report has to know besides the findings.
pub struct Context<'a> {
    /// The files that were checked, as the user named them; a file without findings passed.
    pub files: &'a [String],
    /// What stands in the files, for those who read the report.
    pub sources: &'a Sources,
}

/// The findings as a document. `human` holds ANSI styles, for a terminal that takes them away where nobody sees them
/// (`Terminal::styled`); it and `github` are empty when nothing was found, the others are a whole document.
pub fn render(findings: &[Finding], format: Format, context: &Context<'_>) -> String {
    let (shown, rest) = rest::split(sorted(findings));
    match format {
        Format::Human => human::render(&shown, &rest, &summary(findings, context), context),
        Format::Json => json::render(&shown, &rest),
        Format::Github => github::render(&shown, &rest),
        Format::Junit => junit::render(&shown, &rest, context),
        Format::Sarif => sarif::render(&shown, &rest, context),
    }
}

/// The findings in a sentence, such as `2 errors, 1 warning in values.yaml`; of none, that nothing was found.
pub fn summary<'f>(findings: impl IntoIterator<Item = &'f Finding>, context: &Context<'_>) -> String {
    let mut counts = [(Severity::Error, 0_usize), (Severity::Warning, 0), (Severity::Note, 0)];
    for finding in findings {
        counts.iter_mut().filter(|(severity, _)| *severity == finding.severity).for_each(|(_, count)| *count += 1);
    }
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    let what = if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") };
    match context.files {
        [] => what,
        [file] => format!("{what} in {}", line(file)),
        files => format!("{what} in {} files", files.len()),
    }
}

/// By file and place; what stands in no file comes last.
fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)));
    sorted
}

fn key(finding: &Finding) -> impl Ord + '_ {
    let service = finding.service.as_ref();
    (
        (finding.place.is_none(), finding.place.as_ref()),
        (finding.code, finding.cluster.as_ref(), service),
        (&finding.message, finding.change.as_ref(), finding.hint.as_ref(), finding.severity),
    )
}

/// Where a finding stands, such as `values.yaml:7:3`; `None` when it stands in no file.
fn place(finding: &Finding) -> Option<String> {
    finding.place.as_ref().map(|place| line(&place.to_string()))
}

/// The line of a finding; `None` when only its file is known, or not even that.
fn line_number(finding: &Finding) -> Option<u64> {
    finding.place.as_ref().map(|place| place.line).filter(|line| *line > 0)
}

/// The column of a finding; `None` when it is not known.
fn column_number(finding: &Finding) -> Option<u64> {
    line_number(finding)?;
    finding.place.as_ref().map(|place| place.column).filter(|column| *column > 0)
}

/// Which cluster and Service a finding is about, in words; `None` when it is about none.
fn object(finding: &Finding) -> Option<String> {
    let told = match (&finding.cluster, &finding.service) {
        (Some(cluster), Some(service)) => format!("cluster {cluster}, Service {service}"),
        (Some(cluster), None) => format!("cluster {cluster}"),
        (None, Some(service)) => format!("Service {service}"),
        (None, None) => return None,
    };
    Some(line(&told))
}

/// What a finding says besides its message, a line each, in plain text: what it is about, the change, the hint.
fn details(finding: &Finding) -> Vec<String> {
    let mut lines: Vec<String> = object(finding).into_iter().collect();
    lines.extend(finding.change.as_ref().map(|change| format!("{} -> {}", line(&change.old), line(&change.new))));
    for (index, text) in finding.hint.iter().flat_map(|hint| hint.lines()).enumerate() {
        lines.push(format!("{}{}", if index == 0 { "hint: " } else { "      " }, line(text)));
    }
    lines
}

/// `text` on one line, fit for a terminal and for the log of a CI system.
fn line(text: &str) -> String {
    clean(text)
}
