//! Findings as people and programs want them: text, JSON, GitHub annotations, JUnit, SARIF.
//!
//! Of one file the worst [`MOST`](crate::findings::finding::MOST) findings are shown and the others counted.
//!
//! Pure: findings and the texts of the files in, one document out. All formats hold the same findings in the same order,
//! and the same findings give the same bytes. What findings quote may be hostile; each format escapes it so that it stays
//! text: it can forge no line of a terminal, no command of a CI system and no element of a document.

mod context;
mod fields;
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

pub use context::Context;
pub use source::{Sources, Span};

use crate::findings::finding::{Finding, Severity};
use fields::line;

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
