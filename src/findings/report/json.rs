//! For programs: our own document, described in docs/findings.md. Keys are only ever added.

use serde_json::{Value, json};

use super::fields::{column_number, line_number};
use super::rest::Rest;

use crate::findings::finding::Finding;
use crate::json::to_json;

pub(super) fn render(findings: &[&Finding], rest: &[Rest<'_>]) -> String {
    let findings: Vec<Value> = findings.iter().map(|finding| value(finding)).collect();
    let mut document = json!({ "kind": "Findings", "version": 1, "findings": findings });
    if !rest.is_empty() {
        document["more"] = rest.iter().map(counts).collect();
    }
    to_json(&document)
}

fn counts(rest: &Rest<'_>) -> Value {
    let Rest { file, errors, warnings, notes } = rest;
    json!({ "file": file, "errors": errors, "warnings": warnings, "notes": notes })
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
