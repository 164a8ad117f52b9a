//! Discovery finds the role that every chart generation's Services have.

use serde::Deserialize;
use serde_json::Value;
use thanosctl::fleet::inventory::Service;
use thanosctl::fleet::sidecar::recognise;

#[derive(Deserialize)]
struct Case {
    source: String,
    version: String,
    expect: String,
    #[serde(flatten)]
    service: Value,
}

#[test]
fn every_service_of_every_chart_generation_gets_its_role() {
    let text = include_str!("../../fixtures/services/services.json");
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 626);
    let mut wrong = Vec::new();
    for mut case in cases {
        case.service["namespace"] = "monitoring".into();
        let service: Service = serde_json::from_value(case.service).unwrap();
        let role = recognise(&service).map_or_else(|| "other".to_owned(), |found| found.role.to_string());
        if role != case.expect {
            wrong.push(format!("{} {} {}: {role}, not {}", case.source, case.version, service.name, case.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
