//! For code scanning: SARIF 2.1.0.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, and what GitHub asks for besides:
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.
//! The lines of the files are not repeated: they may hold secrets.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::context::Context;
use super::fields::{column_number, details, line, line_number};
use super::rest::Rest;

use crate::findings::codes;
use crate::findings::finding::{Code, Finding};
use crate::json::to_json;
use crate::text::percent_encode;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What relative names of files are relative to: GitHub knows this name.
const ROOT: &str = "%SRCROOT%";

pub(super) fn render(findings: &[&Finding], rest: &[Rest<'_>], context: &Context<'_>) -> String {
    let mut codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let index = codes.binary_search(&finding.code).expect("the codes are those of the findings");
            result(finding, index, fingerprint(finding, &mut seen), context)
        })
        .collect();
    let mut document = json!({
        "version": "2.1.0",
        "$schema": SCHEMA,
        "runs": [{
            "tool": {
                "driver": {
                    "name": "thanosctl",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
                },
            },
            "originalUriBaseIds": { ROOT: { "description": { "text": "The folder in which thanosctl ran." } } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if !rest.is_empty() {
        let notifications: Vec<Value> = rest.iter().map(notification).collect();
        document["runs"][0]["invocations"] =
            json!([{ "executionSuccessful": true, "toolExecutionNotifications": notifications }]);
    }
    to_json(&document)
}

fn notification(rest: &Rest<'_>) -> Value {
    json!({ "level": rest.severity().to_string(), "message": { "text": text(&rest.words()) } })
}

fn rule(code: Code) -> Value {
    let Some(known) = codes::explanation(code) else { return json!({ "id": code.to_string() }) };
    json!({
        "id": code.to_string(),
        "name": known.name,
        "shortDescription": { "text": text(known.summary) },
        "fullDescription": { "text": text(known.meaning) },
        "help": { "text": text(known.remedy) },
        "defaultConfiguration": { "level": known.severity.to_string() },
    })
}

fn result(finding: &Finding, index: usize, fingerprint: String, context: &Context<'_>) -> Value {
    let message: Vec<String> = std::iter::once(line(&finding.message)).chain(details(finding)).collect();
    json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": index,
        "level": finding.severity.to_string(),
        "message": { "text": text(&message.join("\n")) },
        "locations": location(finding, context).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": { "finding/v1": fingerprint },
    })
}

/// Where it is: in the file and in the fleet. GitHub refuses a document with a result that has no file and no line, so
/// what is about a whole file is told of its first line, and what stands in no file of the first file that was checked.
/// Only where no file is known it has no location.
fn location(finding: &Finding, context: &Context<'_>) -> Option<Value> {
    let mut location = Map::new();
    let file = finding.place.as_ref().map(|place| place.file.as_str()).or(context.files.first().map(String::as_str));
    if let Some(file) = file {
        let mut region = Map::new();
        region.insert("startLine".to_owned(), line_number(finding).unwrap_or(1).into());
        region.extend(column_number(finding).map(|column| ("startColumn".to_owned(), column.into())));
        let physical = json!({ "artifactLocation": artifact(file), "region": region });
        location.insert("physicalLocation".to_owned(), physical);
    }
    let names = finding.cluster.iter().map(|cluster| cluster.to_string());
    let names: Vec<String> = names.chain(finding.service.iter().map(|service| service.to_string())).collect();
    if !names.is_empty() {
        let name = line(&names.join("/"));
        location.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": name, "kind": "resource" }]));
    }
    (!location.is_empty()).then(|| location.into())
}

/// The file as a URI: relative to where thanosctl ran, unless it says by itself where it is.
fn artifact(file: &str) -> Value {
    let parts = |path: &str| path.split('/').map(percent_encode).collect::<Vec<_>>().join("/");
    match file.strip_prefix("./").unwrap_or(file) {
        "-" => json!({ "uri": "stdin", "uriBaseId": ROOT }),
        absolute if absolute.starts_with('/') => json!({ "uri": format!("file://{}", parts(absolute)) }),
        relative => json!({ "uri": parts(relative), "uriBaseId": ROOT }),
    }
}

/// The same for a finding as long as it is about the same thing, wherever that stands in the file: from its code, its
/// file, and its Service or else its message. Several of one kind are counted.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<u64, usize>) -> String {
    let (code, cluster) = (finding.code.to_string(), finding.cluster.as_ref().map(ToString::to_string));
    let service = finding.service.as_ref().map(ToString::to_string);
    let file = finding.place.as_ref().map(|place| place.file.as_str());
    let message = service.is_none().then_some(finding.message.as_str());
    let hash = hash([Some(code.as_str()), file, cluster.as_deref(), service.as_deref(), message]);
    let count = seen.entry(hash).or_default();
    *count += 1;
    format!("{hash:016x}:{count}")
}

/// FNV-1a, which will be the same in every version of everything: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn hash<'p>(parts: impl IntoIterator<Item = Option<&'p str>>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        // Neither byte occurs in UTF-8, so that no part runs into the next.
        take(if part.is_some() { 0xfe } else { 0xff });
        part.iter().flat_map(|part| part.bytes()).for_each(&mut take);
    }
    hash
}

/// A text as a SARIF message: no part of it is taken for a link (`[text](target)`) or for a placeholder (`{0}`).
fn text(plain: &str) -> String {
    let plain = plain.replace("](", "] (");
    let (mut out, mut rest) = (String::new(), plain.as_str());
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        match behind[digits..].strip_prefix('}').filter(|_| digits > 0) {
            Some(end) => {
                out.push_str(&format!("{{{{{}}}}}", &behind[..digits]));
                rest = end;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out + rest
}
