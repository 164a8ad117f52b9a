//! What holds for all formats: they say the same, in the same order, and nothing that a finding quotes is more than text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::fields::details;
use super::*;
use crate::findings::codes;
use crate::findings::finding::{Change, Code};
use crate::names::{ClusterName, ServiceRef};
use crate::place::Place;
use crate::text::is_unsafe;

const FORMATS: [Format; 5] = [Format::Human, Format::Json, Format::Github, Format::Junit, Format::Sarif];

const VALUES: &str = "\
query:
  stores:
    - \"10.2.0.14:31420\" # eu-1 monitoring/prometheus-thanos
    - 192.0.2.9:10901
objstoreConfig: |
  secret_key: hunter2
";

fn at(line: u64, column: u64) -> Option<Place> {
    Some(Place { file: "values.yaml".to_owned(), line, column })
}

fn cluster(name: &str) -> Option<ClusterName> {
    ClusterName::try_from(name.to_owned()).ok()
}

fn service(name: &str) -> Option<ServiceRef> {
    Some(ServiceRef { namespace: "monitoring".to_owned(), name: name.to_owned() })
}

/// What a check of a drifted file finds, in no order.
fn drift() -> Vec<Finding> {
    vec![
        Finding {
            cluster: cluster("ap-1"),
            hint: Some("allow it, and see with\nkubectl auth can-i list services --context prod-ap-1".to_owned()),
            ..Finding::new(codes::UNREADABLE_CLUSTER, "cannot read cluster `ap-1`: 403 Forbidden")
        },
        Finding {
            place: at(4, 7),
            ..Finding::new(codes::FOREIGN_ADDRESS, "`192.0.2.9:10901` belongs to no Service of any cluster")
        },
        Finding {
            cluster: cluster("us-1"),
            service: service("prometheus-thanos"),
            place: at(0, 0),
            hint: Some("thanosctl gen-values --update values.yaml".to_owned()),
            ..Finding::new(codes::MISSING_STORE, "`10.3.0.7:30901` is missing")
        },
        Finding {
            cluster: cluster("eu-1"),
            service: service("prometheus-thanos"),
            place: at(3, 7),
            hint: Some("thanosctl gen-values --update values.yaml".to_owned()),
            change: Some(Change { old: "10.2.0.14:31420".to_owned(), new: "10.2.0.15:31420".to_owned() }),
            ..Finding::new(codes::MOVED_STORE, "`10.2.0.14:31420` has moved")
        },
        Finding { place: at(6, 15), ..Finding::new(codes::OBJSTORE_DIFFERS, "`secret_key` differs from the settings") },
    ]
}

const HOSTILE: &str = "\u{1b}[31mred\u{1b}]0;title\u{7}\n::error file=x,line=1::forged\r\n##[error]forged ##vso[task.x]y\n]]></failure>\
                       <testcase name=\"z\"/>&amp;%0A%25 \"quotes\" 'single' `ticks` \u{202e}bidi\u{2066} [link](http://evil.example) {0} \
                       \u{0}\u{fffe} 😀 -->, x:y\\";

/// A file whose name wants to be more than a name.
const HOSTILE_FILE: &str = "../\u{1b}[2J\n::error::x\r,line=9:\"&<%0A.yaml";

/// A finding all of whose texts want to be more than text.
fn hostile() -> Finding {
    Finding {
        service: Some(ServiceRef { namespace: "\n::error::x".to_owned(), name: "\u{1b}[1m\"]]>,".to_owned() }),
        cluster: cluster("</failure>::error::x"),
        place: Some(Place { file: HOSTILE_FILE.to_owned(), line: 1, column: 3 }),
        hint: Some("one\n  ::error::two\n##vso[x]three\u{1b}[1m\r</skipped>%0A::error::four".to_owned()),
        change: Some(Change {
            old: "::error::x\n10.0.0.1".to_owned(),
            new: "](http://evil.example) ##[error]".to_owned(),
        }),
        ..Finding::new(codes::MOVED_STORE, HOSTILE)
    }
}

/// The report of a check of values.yaml.
fn report(findings: &[Finding], format: Format) -> String {
    let files = ["values.yaml".to_owned()];
    let sources = Sources::default().with("values.yaml", VALUES, Vec::new()).with(HOSTILE_FILE, HOSTILE, Vec::new());
    let report = render(findings, format, &Context { files: &files, sources: &sources });
    assert_eq!(report.is_empty(), findings.is_empty() && matches!(format, Format::Human | Format::Github));
    report
}

fn plain(human: &str) -> String {
    anstream::adapter::strip_str(human).to_string()
}

#[test]
fn people_see_the_line_the_change_and_the_way_out() {
    insta::assert_snapshot!(plain(&report(&drift(), Format::Human)));
}

#[test]
fn colour_shows_which_words_changed() {
    let human = report(&drift()[3..4], Format::Human);
    insta::assert_snapshot!(human.replace('\u{1b}', "ESC"));
}

#[test]
fn json_is_a_stable_document() {
    insta::assert_snapshot!(report(&drift(), Format::Json));
}

#[test]
fn github_gets_an_annotation_for_each_finding() {
    insta::assert_snapshot!(report(&drift(), Format::Github));
}

#[test]
fn junit_has_a_failed_test_for_each_error_and_a_skipped_one_for_each_warning() {
    insta::assert_snapshot!(report(&drift(), Format::Junit));
}

#[test]
fn sarif_has_rules_and_results_with_their_places() {
    insta::assert_snapshot!(report(&drift(), Format::Sarif));
}

#[test]
fn of_nothing_there_is_an_empty_document() {
    for format in [Format::Json, Format::Junit, Format::Sarif] {
        insta::assert_snapshot!(report(&[], format));
    }
    let none = Context { files: &[], sources: &Sources::default() };
    assert!(render(&[], Format::Junit, &none).contains("<testcase classname=\"thanosctl\" name=\"nothing found\""));
}

#[test]
fn hostile_texts_stay_texts() {
    for format in FORMATS {
        let report = report(&[hostile()], format);
        insta::assert_snapshot!(if format == Format::Human { plain(&report) } else { report });
    }
}

#[test]
fn the_summary_counts_and_names_the_file() {
    let (one, two) = (["values.yaml".to_owned()], ["a".to_owned(), "b".to_owned()]);
    let told =
        |findings: &[Finding], files: &[String]| summary(findings, &Context { files, sources: &Sources::default() });
    assert_eq!(told(&drift(), &one), "4 errors, 1 warning in values.yaml");
    assert_eq!(told(&drift()[..1], &two), "1 error in 2 files");
    assert_eq!(told(&[], &one), "nothing found in values.yaml");
    assert_eq!(told(&[], &[]), "nothing found");
    let note = Finding { severity: Severity::Note, ..Finding::new(codes::STALE_STORE, "x") };
    assert_eq!(told(&[note], &[]), "1 note");
}

#[test]
fn two_findings_that_say_the_same_stay_two() {
    let twice = [drift()[1].clone(), Finding { place: at(5, 7), ..drift()[1].clone() }];
    for format in FORMATS {
        assert_eq!(codes_of(&report(&twice, format), format), ["THC106", "THC106"], "{format:?}");
    }
    let junit = report(&twice, Format::Junit);
    assert!(junit.contains("any cluster\"") && junit.contains("any cluster (2)\""), "{junit}");
    let sarif: Value = serde_json::from_str(&report(&twice, Format::Sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_ne!(results[0]["partialFingerprints"], results[1]["partialFingerprints"]);
}

#[test]
fn a_fingerprint_stays_when_the_line_or_the_address_changes() {
    let print = |finding: Finding| {
        let sarif: Value = serde_json::from_str(&report(&[finding], Format::Sarif)).unwrap();
        sarif["runs"][0]["results"][0]["partialFingerprints"]["finding/v1"].as_str().unwrap().to_owned()
    };
    let moved = drift()[3].clone();
    let original = print(moved.clone());
    assert_eq!(
        original,
        print(Finding { place: at(9, 1), message: "other".to_owned(), change: None, ..moved.clone() })
    );
    assert_ne!(original, print(Finding { cluster: cluster("us-1"), ..moved.clone() }));
    assert_ne!(original, print(Finding { code: codes::STALE_STORE, ..moved }));
    assert_eq!(original, "1e481791d40591bb:1", "baselines of users depend on it");
}

#[test]
fn a_file_is_named_in_sarif_by_a_uri() {
    let uri = |file: &str| {
        let place = Some(Place { file: file.to_owned(), line: 1, column: 1 });
        let report = report(&[Finding { place, ..Finding::new(codes::STALE_STORE, "x") }], Format::Sarif);
        let sarif: Value = serde_json::from_str(&report).unwrap();
        let artifact = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        (artifact["uri"].as_str().unwrap().to_owned(), artifact.get("uriBaseId").is_some())
    };
    assert_eq!(uri("charts/my values.yaml"), ("charts/my%20values.yaml".to_owned(), true));
    assert_eq!(uri("./ä#?%.yaml"), ("%C3%A4%23%3F%25.yaml".to_owned(), true));
    assert_eq!(uri("/srv/values.yaml"), ("file:///srv/values.yaml".to_owned(), false));
    assert_eq!(uri("https://evil.example/x"), ("https%3A//evil.example/x".to_owned(), true));
    assert_eq!(uri("-"), ("stdin".to_owned(), true));
}

#[test]
fn standard_input_is_no_file_of_the_repository() {
    let place = Some(Place { file: "-".to_owned(), line: 3, column: 1 });
    let github = report(&[Finding { place, ..Finding::new(codes::STALE_STORE, "x") }], Format::Github);
    assert_eq!(github, "::error title=THC102 stale-store::x\n");
}

#[test]
fn no_secret_of_a_line_is_in_any_report() {
    for format in FORMATS {
        assert!(!report(&drift(), format).contains("hunter2"), "{format:?}");
    }
    assert!(report(&drift(), Format::Human).contains("secret_key: ***"));
}

/// The codes of the findings that a report holds, in its order, read as its reader reads it.
fn codes_of(report: &str, format: Format) -> Vec<String> {
    match format {
        Format::Human => {
            let head = |line: &str| Some(line.split_once('[')?.1.split_once("]: ")?.0.to_owned());
            let starts = ["error[", "warning[", "note["];
            let report = plain(report);
            report.lines().filter(|line| starts.iter().any(|start| line.starts_with(start))).filter_map(head).collect()
        }
        Format::Json => {
            let document: Value = serde_json::from_str(report).unwrap();
            let findings = document["findings"].as_array().unwrap();
            findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
        }
        Format::Github => report.lines().map(|line| github_command(line)["title"][..6].to_owned()).collect(),
        Format::Junit => {
            let elements = xml(report);
            let tests = elements.iter().filter(|(element, _)| element == "testcase");
            let names = tests.filter_map(|(_, attributes)| attributes["name"].split_once(": "));
            names.map(|(code, _)| code.to_owned()).collect()
        }
        Format::Sarif => {
            let document: Value = serde_json::from_str(report).unwrap();
            assert_sarif(&document);
            let results = document["runs"][0]["results"].as_array().unwrap();
            results.iter().map(|result| result["ruleId"].as_str().unwrap().to_owned()).collect()
        }
    }
}

/// A workflow command as the runner reads a line: its properties, and `message`.
fn github_command(line: &str) -> BTreeMap<String, String> {
    let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = command.split_once(' ').unwrap();
    assert!(["error", "warning", "notice"].contains(&name), "{line}");
    let unescape = |text: &str| {
        text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    let pairs = properties.split(',').map(|pair| pair.split_once('=').unwrap());
    let mut read: BTreeMap<_, _> = pairs.map(|(name, value)| (name.to_owned(), unescape(value))).collect();
    assert!(read.keys().all(|name| ["file", "line", "col", "title"].contains(&name.as_str())), "{line}");
    read.insert("message".to_owned(), unescape(message));
    read
}

/// The elements of a document with their attributes. Panics where it is not well-formed.
fn xml(document: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let (mut elements, mut open) = (Vec::new(), Vec::new());
    let mut rest = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let text = |text: &str| {
        assert!(!text.contains(['<', '>']), "{text}");
        let entities = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        assert!(text.split('&').skip(1).all(|rest| entities.iter().any(|entity| rest.starts_with(entity))), "{text}");
    };
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(document.chars().all(allowed));
    while let Some((before, behind)) = rest.split_once('<') {
        text(before);
        let (tag, behind) = behind.split_once('>').unwrap();
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut read = BTreeMap::new();
        while let Some((attribute, behind)) = attributes.split_once("=\"") {
            let (value, behind) = behind.split_once('"').unwrap();
            text(value);
            assert!(read.insert(attribute.trim().to_owned(), value.to_owned()).is_none(), "{attribute} twice");
            attributes = behind;
        }
        assert_eq!(attributes.trim(), "");
        elements.push((name.to_owned(), read));
        if !empty {
            open.push(name.to_owned());
        }
    }
    text(rest);
    assert!(open.is_empty());
    elements
}

/// What the SARIF schema and GitHub demand of the parts of it that we write.
fn assert_sarif(document: &Value) {
    let keys = |value: &Value, required: &[&str], optional: &[&str]| {
        let object = value.as_object().unwrap();
        assert!(required.iter().all(|key| object.contains_key(*key)), "{value}");
        assert!(
            object.keys().all(|key| required.contains(&key.as_str()) || optional.contains(&key.as_str())),
            "{value}"
        );
    };
    let message = |value: &Value| {
        keys(value, &["text"], &[]);
        assert!(!value["text"].as_str().unwrap().is_empty());
    };
    keys(document, &["version", "$schema", "runs"], &[]);
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    keys(run, &["tool", "results", "columnKind", "originalUriBaseIds"], &[]);
    let driver = &run["tool"]["driver"];
    keys(driver, &["name", "semanticVersion", "rules"], &[]);
    let levels = ["error", "warning", "note"];
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        keys(rule, &["id"], &["name", "shortDescription", "fullDescription", "help", "defaultConfiguration"]);
        ["shortDescription", "fullDescription", "help"].iter().filter_map(|key| rule.get(key)).for_each(message);
    }
    for result in run["results"].as_array().unwrap() {
        keys(result, &["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"], &[]);
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(levels.contains(&result["level"].as_str().unwrap()));
        message(&result["message"]);
        for location in result["locations"].as_array().unwrap() {
            keys(location, &["physicalLocation"], &["logicalLocations"]);
            let physical = &location["physicalLocation"];
            keys(physical, &["artifactLocation", "region"], &[]);
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%:".contains(&byte)), "{uri}");
            let region = &physical["region"];
            keys(region, &["startLine"], &["startColumn"]);
            assert!(region.as_object().unwrap().values().all(|number| number.as_u64() >= Some(1)));
        }
    }
}

/// Any text, most of it of the kind that breaks things.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "::error::x",
        "##[",
        "##vso[",
        "]]>",
        "</failure>",
        "\n",
        "\r",
        "\u{1b}[7m",
        "%0A",
        "%",
        ",",
        ":",
        "\"",
        "'",
        "<",
        "&",
        "](",
        "{0}",
        "\u{202e}",
        "\u{0}",
        "\u{ffff}",
        "😀",
        "error[THC101]: ",
        "\\",
        "#",
        "-",
        "  ",
    ]);
    prop::collection::vec(prop_oneof![nasty.prop_map(str::to_owned), ".{0,3}"], 0..6).prop_map(|parts| parts.concat())
}

fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let kind = (0_u16..1000, prop::sample::select(vec![Severity::Note, Severity::Warning, Severity::Error]));
    let known = prop::sample::select(codes::all().map(|known| known.code.0).collect::<Vec<_>>());
    let place = prop::option::of((text(), 0_u64..4, 0_u64..30));
    let change = prop::option::of((text(), text()));
    let service = prop::option::of((text(), text()));
    let message = text().prop_filter("a finding says something", |text| !text.is_empty());
    let finding = (kind, known, prop::bool::ANY, message, place, change, service, prop::option::of(text())).prop_map(
        |((any, severity), known, registered, message, place, change, service, hint)| Finding {
            severity,
            cluster: hint.clone().and_then(|name| ClusterName::try_from(name).ok()),
            service: service.map(|(namespace, name)| ServiceRef { namespace, name }),
            place: place.map(|(file, line, column)| Place { file, line, column }),
            hint,
            change: change.map(|(old, new)| Change { old, new }),
            ..Finding::new(Code(if registered { known } else { any }), message)
        },
    );
    prop::collection::vec(finding, 0..6)
}

proptest! {
    #[test]
    fn each_finding_is_in_each_format_once_and_nothing_else_is(findings in findings()) {
        let expected: Vec<String> = sorted(&findings).iter().map(|finding| finding.code.to_string()).collect();
        for format in FORMATS {
            let report = report(&findings, format);
            let mut found = codes_of(&report, format);
            if format == Format::Junit {
                // By file: the rest of the order is kept within each.
                found.sort();
                let mut expected = expected.clone();
                expected.sort();
                prop_assert_eq!(&found, &expected, "{:?}", format);
            } else {
                prop_assert_eq!(&found, &expected, "{:?}", format);
            }
        }
    }

    #[test]
    fn a_report_does_not_depend_on_the_order_in_which_things_were_found(findings in findings()) {
        let mut turned = findings.clone();
        turned.reverse();
        for format in FORMATS {
            prop_assert_eq!(report(&findings, format), report(&turned, format));
        }
    }

    #[test]
    fn no_report_holds_what_a_terminal_or_a_log_obeys(findings in findings()) {
        for format in FORMATS {
            let mut report = report(&findings, format);
            if format == Format::Human {
                // A style that is never ours.
                let foreign = report.contains("\u{1b}[7m");
                prop_assert!(!foreign, "{}", report);
                report = plain(&report);
            }
            prop_assert!(!report.chars().any(|c| c != '\n' && is_unsafe(c)), "{:?}", format);
            for line in report.lines() {
                let behind = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[');
                let obeyed = line.split("##").skip(1).any(behind)
                    || format != Format::Github && line.trim_start().starts_with("::");
                prop_assert!(!obeyed, "{:?}: {}", format, line);
            }
        }
    }

    #[test]
    fn github_reads_the_message_as_it_was_written(findings in findings()) {
        for (line, finding) in report(&findings, Format::Github).lines().zip(sorted(&findings)) {
            let message = github_command(line)["message"].clone();
            let expected: Vec<String> = std::iter::once(super::line(&finding.message)).chain(details(finding)).collect();
            prop_assert_eq!(message, expected.join("\n"));
        }
    }
}
