//! For people: what is the matter, where, the line itself, and what to do.
//!
//! Colour is for the eye only; nothing is lost without it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::context::Context;
use super::fields::{line, object, place};
use super::rest::Rest;
use super::source::Care;
use super::words::{self, Piece};

use crate::findings::finding::{Code, Finding, Severity};

const STRONG: Style = Style::new().bold();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

pub(super) fn render(findings: &[&Finding], rest: &[Rest<'_>], summary: &str, context: &Context<'_>) -> String {
    let mut out = String::new();
    for finding in findings {
        write(finding, context, &mut out).expect("a String takes all");
    }
    for rest in rest {
        writeln!(out, "{}\n", rest.words()).expect("a String takes all");
    }
    if !out.is_empty() {
        writeln!(out, "{summary}").expect("a String takes all");
    }
    out
}

fn write(finding: &Finding, context: &Context<'_>, out: &mut String) -> std::fmt::Result {
    let style = style(finding.severity);
    let head = format!("{}[{}]", finding.severity, finding.code);
    writeln!(out, "{style}{head}{style:#}{STRONG}: {}{STRONG:#}", line(&finding.message))?;
    let excerpt = finding
        .place
        .as_ref()
        .and_then(|place| Some((place.line, context.sources.excerpt(place, care(finding.code))?)));
    // The frame leaves room for the number of the line.
    let gutter = excerpt.as_ref().map_or(1, |(number, _)| number.to_string().len());
    let gap = " ".repeat(gutter);
    if let Some(place) = place(finding) {
        writeln!(out, "{gap}{FRAME}-->{FRAME:#} {place}")?;
    }
    if let Some((number, excerpt)) = excerpt {
        let (before, mark) = (" ".repeat(excerpt.before), "^".repeat(excerpt.marked));
        writeln!(out, "{gap} {FRAME}|{FRAME:#}")?;
        writeln!(out, "{FRAME}{number} |{FRAME:#} {}", excerpt.text)?;
        writeln!(out, "{gap} {FRAME}|{FRAME:#} {before}{style}{mark}{style:#}")?;
    }
    if let Some(object) = object(finding) {
        writeln!(out, "{gap} {FRAME}={FRAME:#} {object}")?;
    }
    if let Some(change) = &finding.change {
        let (old, new) = words::diff(&line(&change.old), &line(&change.new));
        writeln!(out, "{gap} {FRAME}={FRAME:#} {} -> {}", coloured(&old, OLD), coloured(&new, NEW))?;
    }
    for (index, text) in finding.hint.iter().flat_map(|hint| hint.lines()).enumerate() {
        if index == 0 {
            writeln!(out, "{gap} {FRAME}={FRAME:#} {STRONG}hint:{STRONG:#} {}", line(text))?;
        } else {
            writeln!(out, "{gap}         {}", line(text))?;
        }
    }
    writeln!(out)
}

/// How much of the line may be shown that a finding of this kind is about.
fn care(code: Code) -> Care {
    match code.0 {
        200 => Care::Keys,
        // Object stores, caches and Alertmanagers: most of their keys that are misspelled hold secrets.
        250..=264 | 280..=289 => Care::HarmlessKeys,
        _ => Care::Usual,
    }
}

fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// The pieces joined, with what differs underlined.
fn coloured(pieces: &[Piece], style: Style) -> String {
    let differs = style.bold().underline();
    pieces
        .iter()
        .map(|piece| {
            let style = if piece.differs { differs } else { style };
            format!("{style}{}{style:#}", piece.text)
        })
        .collect()
}
