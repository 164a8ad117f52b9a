//! For programs: our own document, described in docs/findings.md. Keys are only ever added.

use serde_json::{Value, json};

use super::{column_number, line_number};
use crate::json::to_json;
use crate::model::finding::Finding;

pub fn render(findings: &[&Finding]) -> String {
    let findings: Vec<Value> = findings.iter().map(|finding| value(finding)).collect();
    to_json(&json!({ "kind": "Findings", "version": 1, "findings": findings }))
}

fn value(finding: &Finding) -> Value {
    json!({
        "code": finding.code.to_string(),
        "severity": finding.severity.to_string(),
        "message": finding.message,
        "cluster": finding.cluster.as_ref().map(ToString::to_string),
        "service": finding.service.as_ref().map(ToString::to_string),
        "file": finding.place.as_ref().map(|place| &place.file),
        "line": line_number(finding),
        "column": column_number(finding),
        "hint": finding.hint,
        "change": finding.change.as_ref().map(|change| json!({ "old": change.old, "new": change.new })),
    })
}
