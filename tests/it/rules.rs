//! Rule files and Alertmanager configurations are judged as Thanos judges them: real verdicts, replayed.
//!
//! `rig::rules` asks the real programs for the same verdicts, so that they cannot rot.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thanosctl::findings::finding::{Finding, Severity};
use thanosctl::languages::{go_template, promql};
use thanosctl::thanos::alertmanagers::check_alertmanagers;
use thanosctl::thanos::rules::check_document;

use crate::program::Room;

/// What a program says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Accept,
    Reject,
}

/// A rule file.
#[derive(Debug, Deserialize)]
pub(crate) struct RuleCase {
    pub id: String,
    pub yaml: String,
    pub thanos: Verdict,
    pub ruler: Verdict,
    pub promtool: Verdict,
}

/// An Alertmanager configuration.
#[derive(Debug, Deserialize)]
pub(crate) struct AlertmanagerCase {
    pub id: String,
    pub yaml: String,
    pub verdict: Verdict,
}

/// The cases of a fixture, one a line.
pub(crate) fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
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

#[test]
fn gen_values_refuses_what_the_ruler_would_refuse_and_passes_warnings_on() {
    let room = Room::new();
    let settings = "clusters: [{name: a, endpoints: ['a:1']}]\nthanos: {objstore: {existingSecret: a}, ruler: {alertmanagers: ['http://a:9093'], rules: [a.rules]}}\n";
    room.file("thanosctl.yaml", settings);
    let rule =
        |expr: &str| format!("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: {expr}\n    labels: {{a: yes}}\n");
    room.file("a.rules", &rule("rate(up)"));
    room.run(&["gen-values"])
        .exits(2)
        .tells(&["a.rules:5:16: `expr`: `rate`: expected a range vector"])
        .prints_nothing();
    room.file("a.rules", &rule("rate(up[5m])"));
    room.run(&["gen-values"])
        .exits(0)
        .tells(&["a.rules:6:17: `a` in labels is `yes`, which the ruler reads as `true`"]);
}

/// `text` with a piece cut out and another put in.
fn mutated(text: &str, at: usize, cut: usize, piece: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = at % (characters.len() + 1);
    let end = (at + cut).min(characters.len());
    characters[..at].iter().copied().chain(piece.chars()).chain(characters[end..].iter().copied()).collect()
}

/// The texts of all fixtures: rule files, Alertmanager configurations, expressions, templates.
fn texts() -> &'static [Vec<String>; 4] {
    static TEXTS: std::sync::LazyLock<[Vec<String>; 4]> = std::sync::LazyLock::new(|| {
        let pairs = |name| cases::<(String, Verdict)>(name).into_iter().map(|(text, _)| text).collect();
        [
            cases::<RuleCase>("rules/documents.jsonl").into_iter().map(|case| case.yaml).collect(),
            cases::<AlertmanagerCase>("alertmanagers/documents.jsonl").into_iter().map(|case| case.yaml).collect(),
            pairs("rules/expressions.jsonl"),
            pairs("rules/templates.jsonl"),
        ]
    });
    &TEXTS
}

proptest! {
    #[test]
    fn no_mutation_makes_a_check_stumble(
        index in any::<prop::sample::Index>(), at in 0_usize..400, cut in 0_usize..12,
        piece in "[\n\t -]{0,4}|[\\[\\]{}()|>&*!%@`'\"\\\\#:,.$<-]{0,3}|(groups|rules|expr|<<|~|yes|null|0x1f|offset|by|end|if): ?|.{0,3}",
    ) {
        let [documents, configurations, expressions, templates] = texts();
        let pick = |texts: &[String]| mutated(&texts[index.index(texts.len())], at, cut, &piece);
        let document = pick(documents);
        let lines = document.split('\n').count() as u64;
        for finding in check_document("f", &document) {
            prop_assert!(finding.place.is_some_and(|place| place.line >= 1 && place.line <= lines + 1), "{document:?}");
        }
        check_alertmanagers("f", &pick(configurations));
        let expression = pick(expressions);
        if let Err(wrong) = promql::check(&expression) {
            prop_assert!(expression.is_char_boundary(wrong.at), "{expression:?}");
        }
        let template = pick(templates);
        if let Err(wrong) = go_template::check(&template, "A") {
            prop_assert!(template.is_char_boundary(wrong.at), "{template:?}");
        }
    }
}
