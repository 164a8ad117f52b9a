//! Findings of a file that are counted instead of shown: nobody reads a thousand, and no reader of a report has to take more.

use std::collections::BTreeMap;

use super::fields::line;
use crate::findings::finding::{Finding, MOST, Severity};

/// Findings of a file that are not shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rest<'f> {
    /// The file; `None` of what stands in no file.
    pub file: Option<&'f str>,
    /// How many are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
}

impl Rest<'_> {
    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// The severity of the worst of them.
    pub(super) fn severity(&self) -> Severity {
        match self {
            Self { errors: 1.., .. } => Severity::Error,
            Self { warnings: 1.., .. } => Severity::Warning,
            _ => Severity::Note,
        }
    }

    /// In words, such as `and 12,345 more findings in values.yaml, 12,000 of them errors`.
    pub(super) fn words(&self) -> String {
        let findings = if self.count() == 1 { "finding" } else { "findings" };
        let file = self.file.map_or_else(String::new, |file| format!(" in {}", line(file)));
        let errors = match self.errors {
            0 => String::new(),
            errors if errors == self.count() => ", all of them errors".to_owned(),
            errors => format!(", {} of them errors", grouped(errors)),
        };
        format!("and {} more {findings}{file}{errors}", grouped(self.count()))
    }
}

/// The findings that are shown, in their order, and the others of each file: of each the worst are shown, of those that
/// are as bad the first.
pub(super) fn split(findings: Vec<&Finding>) -> (Vec<&Finding>, Vec<Rest<'_>>) {
    let mut files: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        files.entry(finding.place.as_ref().map(|place| place.file.as_str())).or_default().push(at);
    }
    let (mut is_shown, mut all) = (vec![true; findings.len()], Vec::new());
    for (file, mut own) in files.into_iter().filter(|(_, own)| own.len() > MOST) {
        own.sort_by_key(|at| std::cmp::Reverse(findings[*at].severity));
        let mut rest = Rest { file, errors: 0, warnings: 0, notes: 0 };
        for at in own.split_off(MOST) {
            is_shown[at] = false;
            match findings[at].severity {
                Severity::Error => rest.errors += 1,
                Severity::Warning => rest.warnings += 1,
                Severity::Note => rest.notes += 1,
            }
        }
        all.push(rest);
    }
    let shown = findings.into_iter().zip(is_shown).filter_map(|(finding, is_shown)| is_shown.then_some(finding));
    (shown.collect(), all)
}

/// A number with a comma between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let comma = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    digits.char_indices().flat_map(|(at, digit)| comma(at).then_some(',').into_iter().chain([digit])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::codes;
    use crate::place::Place;

    #[test]
    fn the_worst_of_a_file_are_shown_and_the_others_counted() {
        let finding = |file: &str, line: u64, severity| {
            let mut finding = Finding::new(codes::WRONG_TYPE, "x");
            finding.place = Some(Place { file: file.to_owned(), line, column: 1 });
            finding.severity = severity;
            finding
        };
        let mut findings: Vec<Finding> = (0..MOST as u64 + 5).map(|at| finding("a", at, Severity::Warning)).collect();
        findings.push(finding("a", 9_999, Severity::Error));
        findings.push(finding("b", 1, Severity::Note));
        let (shown, rest) = split(findings.iter().collect());
        assert_eq!(rest, [Rest { file: Some("a"), errors: 0, warnings: 6, notes: 0 }]);
        assert_eq!(shown.len(), MOST + 1);
        assert_eq!(shown[MOST - 1].severity, Severity::Error);
        assert_eq!(rest[0].words(), "and 6 more findings in a");
    }

    #[test]
    fn thousands_are_told_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
