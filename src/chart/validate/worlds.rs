//! Findings that hold whatever the values turn out to be that are not known.
//!
//! A value that is filled in later, or comes from elsewhere, may be anything. Everything is checked once for each of a few
//! things that it may be; what is found every time, and not at the unknown value itself, rests on what is known.

use std::collections::HashSet;

use serde_json::Value;

use super::opened::Values;
use super::secrets::Span;
use super::tree::{Unknowns, World};
use super::{Above, Checked, Checker, Subject};
use crate::findings::codes;
use crate::findings::finding::{Code, Finding};

/// What is said of a key, whatever its value is.
const OF_KEYS: [Code; 7] = [
    codes::DUPLICATE_KEY,
    codes::KEY_READ_OTHERWISE,
    codes::INVISIBLE_CHARACTER,
    codes::UNKNOWN_KEY,
    codes::RENAMED_KEY,
    codes::KEY_OF_ANOTHER_VERSION,
    codes::MISPLACED_KEY,
];

/// The codes of what is found in documents of Thanos.
const DOCUMENTS: std::ops::Range<u16> = 250..290;

impl Subject<'_> {
    /// Checks values of which some are not known.
    pub(super) fn check_in_all_worlds(&self, values: &Values, above: &Above) -> Checked {
        let mut certain: Option<Checked> = None;
        for world in World::ALL {
            let tree = values.tree.in_world(world);
            let root = tree.node(values.root);
            let mut checker = Checker::new(*self, &tree, root, Vec::new());
            if above.has_rest && world.has_rest() {
                self.chart.catalog.fill(self.chart.version, &mut checker.values);
            }
            let checked = checker.run(above);
            certain = Some(match certain {
                None => checked,
                Some(before) => both(before, &checked),
            });
        }
        let mut certain = certain.unwrap_or_default();
        let unknowns = Unknowns::of(&values.tree);
        certain.findings.retain(|finding| {
            let Some(place) = &finding.place else { return true };
            let is_of_key = OF_KEYS.contains(&finding.code);
            // What is found in a document stands at its value, or at a mapping, which begins at its first key.
            let is_of_value = !is_of_key && !DOCUMENTS.contains(&finding.code.0);
            let is_inside = unknowns.hold(place);
            !(if unknowns.are_named_at(place) { is_of_value || (is_inside && !is_of_key) } else { is_inside })
        });
        if let Value::Object(map) = values.tree.value(values.tree.node(values.root)) {
            certain.values = map;
        }
        certain
    }
}

fn both(mut one: Checked, other: &Checked) -> Checked {
    let found: HashSet<&Finding> = other.findings.iter().collect();
    one.findings.retain(|finding| found.contains(finding));
    let known: HashSet<Span> = one.secrets.iter().cloned().collect();
    one.secrets.extend(other.secrets.iter().filter(|span| !known.contains(span)).cloned());
    one
}

/// Those of `findings` that would not be found if somebody filled the file in, as warnings.
pub(super) fn doubted(findings: Vec<Finding>, filled: &[Finding]) -> Vec<Finding> {
    use crate::findings::finding::Severity;
    let filled: HashSet<&Finding> = filled.iter().collect();
    let doubt = |mut finding: Finding| {
        if filled.contains(&finding) {
            return finding;
        }
        finding.severity = finding.severity.min(Severity::Warning);
        let hint =
            "checked as it is written; if something replaces `${…}` before Helm reads the file, this may be right";
        finding.hint = Some(hint.to_owned());
        finding
    };
    findings.into_iter().map(doubt).collect()
}
