//! Whole configurations of object stores and caches are judged as Thanos itself judges them.

use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use thanosctl::findings::finding::{Finding, Severity};
use thanosctl::thanos::objstore::{check_caching_bucket, check_document, check_index_cache};
use thanosctl::thanos::thanos_version::ThanosVersion;

use crate::program::{Room, fixture};

/// A document and what Thanos 0.42.4 said of it.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub id: String,
    pub document: String,
    pub accepted: bool,
    pub local: bool,
    pub yaml: String,
}

pub(crate) fn cases() -> Vec<Case> {
    let text = include_str!("../../fixtures/objstore/cases.jsonl");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(document: &str, text: &str) -> Vec<Finding> {
    match document {
        "objstore" => check_document("objstore.yml", text, None),
        "index-cache" => check_index_cache("index-cache.yml", text, None),
        "caching-bucket" => check_caching_bucket("caching-bucket.yml", text, None),
        other => panic!("there is no document `{other}`"),
    }
}

fn is_refused(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Severity, code, line, column and message of each finding.
fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|Finding { severity, code, place, message, .. }| {
            let place = place.as_ref().expect("a finding in a document has a place");
            format!("{severity} {code} {}:{} {message}", place.line, place.column)
        })
        .collect()
}

#[test]
fn thanos_and_the_check_agree_about_every_document() {
    let cases = cases();
    assert_eq!(cases.len(), 686);
    let mut wrong = Vec::new();
    for Case { id, document, accepted, yaml, .. } in &cases {
        let findings = check(document, yaml);
        if is_refused(&findings) == *accepted {
            wrong.push(format!("{id}: Thanos takes it: {accepted}; {:?}\n{yaml}", told(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_finding_stands_inside_its_document_and_names_the_file() {
    for Case { id, document, yaml, .. } in cases() {
        let lines = yaml.split(['\n', '\u{2028}', '\u{85}']).count() as u64;
        for finding in check(&document, &yaml) {
            let place = finding.place.expect("a finding in a document has a place");
            assert!(
                place.file.ends_with(".yml") && (1..=lines).contains(&place.line) && place.column > 0,
                "{id} {place}"
            );
            assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{id} {}", finding.message);
        }
    }
}

#[test]
fn what_is_wrong_is_told_in_words_where_it_stands() {
    let text = "\
type: s3
config:
  bucket: my/blocks
  endpoint: http://minio:9000
  acess_key: x
  insecure: \"true\"
  region: 0755
  part_size: 64MB
  http_config: {idle_conn_timeout: 90, tls_config: {insecure_skip_verify: true}}
  sse_config: {type: SSE-C}
hedging_config: {}
";
    assert_eq!(
        told(&check("objstore", text)),
        [
            "error THC258 3:3 `config.bucket` is no name of a bucket: it wants letters, digits, `.`, `-`, `_` and `:`, and \
             a letter or digit at both ends",
            "error THC259 4:3 `config.endpoint` is none that S3 clients take: it has a scheme or a path",
            "error THC252 5:3 Thanos knows no field `acess_key` in `config` of type S3",
            "error THC255 6:13 `config.insecure` wants true or false, without quotes",
            "warning THC262 7:11 `config.region` is no text in YAML, and reaches Thanos as another than what stands here",
            "error THC255 8:14 `config.part_size` wants a whole number, without quotes and units",
            "error THC255 9:36 `config.http_config.idle_conn_timeout` wants a duration as Prometheus writes it, such as 90s \
             or 1m30s",
            "warning THC264 9:53 `config.http_config.tls_config.insecure_skip_verify` has no effect: \
             `config.http_config.insecure_skip_verify` is put in its place, which is false here",
            "error THC256 10:16 `config`: `sse_config.type: SSE-C` wants `sse_config.encryption_key`",
            "error THC252 11:1 Thanos knows no field `hedging_config` of an object store",
        ]
    );
}

#[test]
fn without_a_config_its_required_fields_are_missing_and_nothing_else_is_wrong() {
    assert_eq!(
        told(&check("objstore", "type: FILESYSTEM\n")),
        ["error THC256 1:1 `config.directory` is missing, or empty"]
    );
    assert_eq!(told(&check("index-cache", "type: REDIS\n")), ["error THC256 1:1 `config.addr` is missing, or empty"]);
}

#[test]
fn what_thanos_does_in_silence_is_a_warning() {
    for (text, said) in [
        (
            "type: FILESYSTEM\nconfig: {directory: d, directroy: e}\n",
            "warning THC253 2:24 Thanos ignores the field `directroy`",
        ),
        ("type: FILESYSTEM\nconfig: {directory: d}\n---\n[[[\n", "warning THC263 3:1 Thanos reads the first document"),
        ("type: FILESYSTEM\nconfig: {directory: d} # $(HOME)\n", "warning THC261 2:26 Thanos replaces `$(HOME)`"),
        ("type: FILESYSTEM\nconfig: {directory: no}\n", "warning THC262 2:21 `config.directory` is no text in YAML"),
        ("type: SWIFT\nconfig: {auth_url: 'http://x/v3'}\n", "warning THC256 2:9 `config.container_name` is missing"),
        (
            "type: S3\nconfig: {bucket: Blocks, endpoint: s3.amazonaws.com}\n",
            "warning THC258 2:10 `config.bucket` has characters that Amazon",
        ),
    ] {
        let findings = check("objstore", text);
        assert!(!is_refused(&findings), "{text} {:?}", told(&findings));
        assert!(told(&findings).iter().any(|told| told.starts_with(said)), "{text} {:?}", told(&findings));
    }
}

#[test]
fn a_field_is_known_from_its_version_on() {
    let s3 = |field: &str| format!("type: S3\nconfig:\n  bucket: abc\n  endpoint: minio:9000\n  {field}\n");
    let version = |text: &str| Some(text.parse::<ThanosVersion>().unwrap());
    for (text, thanos, said) in [
        (
            s3("aws_sdk_auth: true"),
            "v0.24.0",
            "error THC254 5:3 `config.aws_sdk_auth` is known from Thanos 0.25.0 on, and this is 0.24.0",
        ),
        (s3("aws_sdk_auth: true"), "v0.25.0", ""),
        (
            s3("http_config: {tls_config: {ca_file: x}}"),
            "0.24.0-debian-10-r1",
            "error THC254 5:17 `config.http_config.tls_config` is known",
        ),
        (s3("session_token: x"), "0.30.2", "error THC254"),
        (s3("send_content_md5: true"), "0.32.5", "error THC254"),
        (s3("encrypt_sse: true"), "0.14.0", ""),
        (
            "type: OCI\nconfig: {provider: default, bucket: b, compartment_ocid: c}\n".into(),
            "0.28.1",
            "error THC254 1:1 the type OCI is known",
        ),
        (
            "type: COS\nconfig: {endpoint: 'http://x', secret_id: i, secret_key: k}\n".into(),
            "0.24.0",
            "warning THC254 2:10 `config.endpoint` is known",
        ),
        (
            "type: FILESYSTEM\nconfig: {directory: d}\nprefix: x\n".into(),
            "0.26.0",
            "error THC254 3:1 `prefix` is known from Thanos 0.27.0 on",
        ),
    ] {
        let all = told(&check_document("f", &text, version(thanos)));
        match said {
            "" => assert!(!all.iter().any(|told| told.starts_with("error")), "{text} {thanos} {all:?}"),
            said => assert!(all.iter().any(|told| told.starts_with(said)), "{text} {thanos} {all:?}"),
        }
    }
    let ttl = "type: IN-MEMORY\nttl: 24h\n";
    assert!(is_refused(&check_index_cache("f", ttl, version("0.32.5"))));
    assert!(!is_refused(&check_index_cache("f", ttl, version("0.33.0"))));
}

#[test]
fn no_secret_is_quoted_wherever_it_stands() {
    const SECRET: &str = "hunter2SECRET";
    for text in [
        format!(
            "type: S3\nconfig: {{bucket: abc, endpoint: x, access_key: [{SECRET}], secret_key: {{a: {SECRET}}}}}\n"
        ),
        format!(
            "type: S3\nconfig: {{bucket: abc, endpoint: 'http://u:{SECRET}@x', insecure: {SECRET}, part_size: {SECRET}}}\n"
        ),
        format!("type: S3\nconfig: {{bucket: {SECRET}/, endpoint: '{SECRET}^'}}\n"),
        format!("type: S3\nconfig:\n  secret_key: '{SECRET}\n"),
        format!("type: S3\nconfig:\n  secret_key: \"{SECRET}\\x\"\n"),
        format!("type: S3\nconfig:\n  secret_key: `{SECRET}`\n"),
        format!("type: S3\nconfig:\n  secret_key: {SECRET}: {SECRET}\n"),
        format!("type: S3\nconfig:\n  secret_key: !!int {SECRET}\n"),
        format!("type: S3\nconfig: {SECRET}\n"),
        format!("{SECRET}\n"),
        format!("type: 'https://u:{SECRET}@x'\n"),
        format!("type: GCS\nconfig: {{bucket: abc, service_account: {SECRET}}}\n"),
        format!("type: GCS\nconfig: {{bucket: abc, service_account: '{{\"type\": \"{SECRET}\"}}'}}\n"),
        format!("type: AZURE\nconfig: {{storage_account: a, container: c, storage_connection_string: {SECRET}}}\n"),
        format!("type: AZURE\nconfig: {{storage_account: a, container: c, storage_account_key: '%{SECRET}'}}\n"),
        format!("type: OCI\nconfig: {{provider: raw, privatekey: {SECRET}}}\n"),
        format!("type: SWIFT\nconfig: {{auth_url: '{SECRET}', password: {SECRET}, timeout: {SECRET}}}\n"),
        format!("type: REDIS\nconfig: {{addr: '{SECRET}', password: {SECRET}, dial_timeout: {SECRET}}}\n"),
    ] {
        for document in ["objstore", "index-cache", "caching-bucket"] {
            let findings = check(document, &text);
            let quoted = format!("{findings:?}").contains(SECRET);
            assert!(is_refused(&findings) && !quoted, "{document} {text} {findings:?}");
        }
    }
}

#[test]
fn a_document_that_grows_without_end_is_refused() {
    let mut text = "a: &a0 [x]\n".to_owned();
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text += &format!("b{level}: &a{level} [{below}]\n");
    }
    assert!(is_refused(&check("objstore", &text)));
    assert!(is_refused(&check("objstore", &"[".repeat(100_000))));
    assert!(is_refused(&check("objstore", &"{a: ".repeat(100_000))));
    assert!(is_refused(&check("objstore", &"- ".repeat(100_000))));
}

#[test]
fn the_settings_take_no_field_that_the_thanos_of_the_chart_would_refuse() {
    let run = |more: &str| {
        let room = Room::new();
        let objstore = "  objstore:\n    type: S3\n    config:\n      bucket: abc\n      endpoint: x\n      disable_dualstack: true\n";
        room.file("thanosctl.yaml", &format!("thanos:\n{more}{objstore}"));
        room.run(&["gen-values", "--inventory", &fixture("how-to/short/inventory.yaml")])
    };
    let refused = run("  chartVersion: 13.0.0\n");
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert_eq!(
        refused.stderr,
        "error: thanosctl.yaml:8:7: `thanos.objstore.config.disable_dualstack` is known from Thanos 0.36.0 on, and this is \
         0.34.0\n"
    );
    for newer in
        ["", "  chartVersion: 13.0.0\n  image: {tag: v0.36.0}\n", "  chartVersion: 13.0.0\n  image: {tag: latest}\n"]
    {
        let taken = run(newer);
        assert!(!taken.stderr.contains("disable_dualstack"), "{newer}{}", taken.stderr);
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_check_panic_and_every_place_is_one(
        which in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), 0..4_usize, "[a-z0-9:\\-?,\\[\\]{}#&*!|>'\"%@`~ \\t\\n\\r.=<$()é\u{85}\u{2028}\u{feff}]{0,4}"), 0..6),
    ) {
        let cases = cases();
        let case = which.get(&cases);
        let mut text: Vec<char> = case.yaml.chars().collect();
        for (at, removed, put) in edits {
            let at = if text.is_empty() { 0 } else { at.index(text.len()) };
            let end = (at + removed).min(text.len());
            text.splice(at..end, put.chars());
        }
        let text: String = text.into_iter().collect();
        let lines = text.split(['\n', '\r', '\u{2028}', '\u{85}']).count() as u64;
        for document in ["objstore", "index-cache", "caching-bucket"] {
            for finding in check(document, &text) {
                let place = finding.place.expect("a finding in a document has a place");
                prop_assert!((1..=lines).contains(&place.line) && place.column > 0, "{} of {lines} in {text:?}", place);
            }
        }
    }

    #[test]
    fn a_valid_store_stays_valid_when_its_texts_are_written_in_quotes(
        bucket in "[a-z0-9]{3,20}", key in "[ -~]{1,20}", secret in "[ -~é]{1,20}", region in "[a-z0-9-]{0,9}",
    ) {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let text = format!(
            "type: S3\nconfig:\n  bucket: {}\n  endpoint: minio:9000\n  access_key: {}\n  secret_key: {}\n  region: {}\n",
            quoted(&bucket), quoted(&key), quoted(&secret), quoted(&region),
        );
        let findings = check("objstore", &text);
        prop_assert!(!is_refused(&findings), "{text} {:?}", told(&findings));
    }
}
