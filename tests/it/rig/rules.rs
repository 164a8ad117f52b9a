//! The verdicts of the fixtures are those of real rulers, so that a new version of Thanos is noticed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::process::{Server, each, free_port, run_folder, wait_for};
use super::tool;
use crate::rules::{AlertmanagerCase, RuleCase, Verdict, cases};

/// How many programs run at once.
const WORKERS: usize = 4;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn rule_files_are_judged_by_real_programs_as_the_fixture_says() {
    let cases = cases::<RuleCase>("rules/documents.jsonl");
    let texts: Vec<&str> = cases.iter().map(|case| case.yaml.as_str()).collect();
    let thanos = rules_check("documents", &texts);
    let folder = run_folder().join("rule-documents");
    std::fs::create_dir_all(&folder).unwrap();
    let rest = each(WORKERS, &cases, |index, case| {
        let file = folder.join(format!("{index}.yaml"));
        std::fs::write(&file, &case.yaml).unwrap();
        (promtool(&file), ruler(&format!("ruler-{index}"), &format!("--rule-file={}", file.display()), &case.ruler))
    });
    let found = cases.iter().zip(thanos).zip(rest);
    let differences: Vec<String> = found
        .filter(|((case, thanos), (promtool, ruler))| {
            (case.thanos, case.promtool, case.ruler) != (*thanos, *promtool, *ruler)
        })
        .map(|((case, thanos), (promtool, ruler))| {
            format!("{}: rules-check {thanos:?}, promtool {promtool:?}, ruler {ruler:?}", case.id)
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn expressions_and_templates_are_judged_by_a_real_thanos_as_the_fixtures_say() {
    for name in ["expressions", "templates"] {
        let cases = cases::<(String, Verdict)>(&format!("rules/{name}.jsonl"));
        let documents: Vec<String> = cases
            .iter()
            .map(|(text, _)| {
                let (expr, summary) = if name == "templates" { ("up", text.as_str()) } else { (text.as_str(), "") };
                let rule = json!({"alert": "A", "expr": expr, "annotations": {"summary": summary}});
                json!({"groups": [{"name": "g", "rules": [rule]}]}).to_string()
            })
            .collect();
        let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
        let found = rules_check(name, &texts);
        let differences: Vec<String> = cases
            .iter()
            .zip(found)
            .filter(|((_, wanted), found)| wanted != found)
            .map(|((text, _), found)| format!("{text:?}: {found:?}"))
            .collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn alertmanager_configurations_are_judged_by_real_rulers_as_the_fixture_says() {
    let cases = cases::<AlertmanagerCase>("alertmanagers/documents.jsonl");
    let folder = run_folder().join("alertmanagers");
    std::fs::create_dir_all(&folder).unwrap();
    let found = each(WORKERS, &cases, |index, case| {
        let file = folder.join(format!("{index}.yaml"));
        std::fs::write(&file, &case.yaml).unwrap();
        ruler(
            &format!("alertmanagers-{index}"),
            &format!("--alertmanagers.config-file={}", file.display()),
            &case.verdict,
        )
    });
    let differences: Vec<String> = cases
        .iter()
        .zip(found)
        .filter(|(case, found)| case.verdict != *found)
        .map(|(case, found)| format!("{}: {found:?}", case.id))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The verdict of `thanos tools rules-check` on each text: one run, which reads all files.
fn rules_check(name: &str, texts: &[&str]) -> Vec<Verdict> {
    let folder = run_folder().join(format!("rules-check-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    for (index, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(format!("{index:06}.yaml")), text).unwrap();
    }
    let output = Command::new(tool("thanos"))
        .args(["tools", "rules-check", "--log.format=json", "--rules", &format!("{}/*.yaml", folder.display())])
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let results = log.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(if line["result"].as_str()? == "SUCCESS" { Verdict::Accept } else { Verdict::Reject })
    });
    let results: Vec<Verdict> = results.collect();
    assert_eq!(results.len(), texts.len(), "one verdict a file: {log}");
    results
}

fn promtool(file: &Path) -> Verdict {
    let output = Command::new(tool("promtool")).args(["check", "rules", "--lint=none"]).arg(file).output().unwrap();
    if output.status.success() { Verdict::Accept } else { Verdict::Reject }
}

/// Whether a ruler with this flag starts and loads its rules, or ends. One that is `expected` to end may load them before
/// it does: then its end is waited for.
fn ruler(name: &str, flag: &str, expected: &Verdict) -> Verdict {
    let folder = run_folder();
    let http = format!("127.0.0.1:{}", free_port());
    let arguments = [
        "rule".to_owned(),
        format!("--data-dir={}", folder.join(format!("{name}-data")).display()),
        format!("--grpc-address=127.0.0.1:{}", free_port()),
        format!("--http-address={http}"),
        "--query=http://127.0.0.1:1".to_owned(),
        flag.to_owned(),
    ];
    let mut server = Server::start(name, &folder, &tool("thanos"), arguments);
    wait_for(&format!("{name} starts or ends"), Duration::from_secs(60), || {
        if server.has_ended() {
            return Ok(Verdict::Reject);
        }
        let metrics = metrics(&http)?;
        let is_loaded = metrics.contains("\nthanos_rule_config_last_reload_successful 1");
        if is_loaded && *expected == Verdict::Accept { Ok(Verdict::Accept) } else { Err(server.last_words()) }
    })
}

fn metrics(server: &str) -> Result<String, String> {
    let mut stream = TcpStream::connect(server).map_err(|error| error.to_string())?;
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: {server}\r\n\r\n").map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer)
}
