//! Rule files and Alertmanager configurations are judged as Thanos judges them: real verdicts, replayed.
//!
//! `rig::rules` asks the real programs for the same verdicts, so that they cannot rot.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thanosctl::model::alertmanagers::check_alertmanagers;
use thanosctl::model::finding::{Finding, Severity};
use thanosctl::model::rules::check_document;
use thanosctl::model::{go_template, promql};

/// What a program says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Accept,
    Reject,
}

/// A rule file.
#[derive(Debug, Deserialize)]
pub struct RuleCase {
    pub id: String,
    pub yaml: String,
    pub thanos: Verdict,
    pub ruler: Verdict,
    pub promtool: Verdict,
}

/// An Alertmanager configuration.
#[derive(Debug, Deserialize)]
pub struct AlertmanagerCase {
    pub id: String,
    pub yaml: String,
    pub verdict: Verdict,
}

/// The cases of a fixture, one a line.
pub fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

fn verdict(findings: &[Finding]) -> Verdict {
    if findings.iter().any(|finding| finding.severity == Severity::Error) { Verdict::Reject } else { Verdict::Accept }
}

#[track_caller]
fn agree(differences: &[String]) {
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn what_any_reader_of_rule_files_refuses_is_an_error_and_nothing_else_is() {
    let differences = cases::<RuleCase>("rules/documents.jsonl").into_iter().filter_map(|case| {
        let findings = check_document("rules.yaml", &case.yaml);
        let wanted = if case.thanos == Verdict::Accept { case.ruler } else { Verdict::Reject };
        (verdict(&findings) != wanted).then(|| format!("{}: {wanted:?}, got {findings:?}", case.id))
    });
    agree(&differences.collect::<Vec<_>>());
}

#[test]
fn expressions_are_judged_as_prometheus_does() {
    let differences = cases::<(String, Verdict)>("rules/expressions.jsonl").into_iter().filter_map(|(text, wanted)| {
        let found = promql::check(&text);
        let verdict = if found.is_ok() { Verdict::Accept } else { Verdict::Reject };
        (verdict != wanted).then(|| format!("{text:?}: {wanted:?}, got {found:?}"))
    });
    agree(&differences.collect::<Vec<_>>());
}

#[test]
fn templates_are_judged_as_prometheus_does() {
    let differences = cases::<(String, Verdict)>("rules/templates.jsonl").into_iter().filter_map(|(text, wanted)| {
        let found = go_template::check(&text, "A");
        let verdict = if found.is_ok() { Verdict::Accept } else { Verdict::Reject };
        (verdict != wanted).then(|| format!("{text:?}: {wanted:?}, got {found:?}"))
    });
    agree(&differences.collect::<Vec<_>>());
}

#[test]
fn what_makes_a_ruler_exit_is_an_error_in_an_alertmanager_configuration() {
    let differences = cases::<AlertmanagerCase>("alertmanagers/documents.jsonl").into_iter().filter_map(|case| {
        let findings = check_alertmanagers("alertmanagers.yaml", &case.yaml);
        (verdict(&findings) != case.verdict).then(|| format!("{}: {:?}, got {findings:?}", case.id, case.verdict))
    });
    agree(&differences.collect::<Vec<_>>());
}

#[test]
fn a_mistake_in_a_block_is_told_at_its_inner_line() {
    let text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      sum by (job) (\n        rate(up)\n      )\n    annotations:\n      summary: >-\n        value\n        {{ $value | round }}\n";
    let told: Vec<String> = check_document("r.yaml", text)
        .into_iter()
        .map(|finding| format!("{} {}", finding.place.unwrap(), finding.message))
        .collect();
    assert_eq!(
        told,
        [
            "r.yaml:7:14 `expr`: `rate`: expected a range vector, got an instant vector",
            "r.yaml:12:21 template: the function `round` is not defined",
        ]
    );
}
