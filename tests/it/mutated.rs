//! Files that went through somebody's hands: whatever is in them, nothing panics, and what is understood is understood
//! the same way when it is written and read again.

use proptest::prelude::*;
use proptest::sample::Index;
use thanosctl::chart::Stores;
use thanosctl::chart::edit::{Absent, Change, Document, Store, View, Wrapper, edit};
use thanosctl::fleet::discovery::{Discovery, FleetPolicy};
use thanosctl::fleet::inventory_file::{parse, write};
use thanosctl::thanos::rules::RuleFiles;
use thanosctl::yaml;

use crate::program::{Room, fixture_text};

/// What a hand, an editor or an attacker puts in.
const TOKENS: [&str; 24] = [
    "\n",
    "  ",
    "\t",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "|-\n",
    "null",
    "99999999999",
    "-1",
    "\u{85}",
    "\u{202e}",
    "{{",
    "---\n",
];

/// Values files in the styles that people write.
const VALUES: [&str; 6] = [
    "# mine\nquery:\n  stores:\n    # eu\n    - \"10.0.0.1:1\" # eu x/a\n    - '10.0.0.2:1'  # by hand\n  replicaLabel: [a, b]\n\nother: |\n  x\n",
    "query: {stores: [a:1, \"b:1\"], replicaLabel: [], service: {type: ClusterIP}} # x\nother: 1",
    "query:\r\n  stores: [ # all\r\n    a:1, # eu x/a\r\n    b:1 # us x/b\r\n  ]\r\n  service:\r\n    type: ClusterIP\r\n",
    "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nspec:\n  values:\n    query:\n      stores:\n      - a:1\n      - >-\n        b:1\n\n  x: &x 1\n  y: *x\n",
    "kind: ConfigMap\napiVersion: v1\ndata:\n  values.yaml: |+ # text\n    query:\n      stores:\n        - a:1\n\n    other:\n\n  more: x\n",
    "---\nquery:\n  stores:\n  replicaLabel: ~\n  # service:\n...\n",
];

#[derive(Debug, Clone)]
enum Mutation {
    Insert(Index, usize),
    Delete(Index, usize),
    RepeatLine(Index),
    SwapLines(Index, Index),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let mutation = prop_oneof![
        (any::<Index>(), 0..TOKENS.len()).prop_map(|(at, token)| Mutation::Insert(at, token)),
        (any::<Index>(), 1..9_usize).prop_map(|(at, length)| Mutation::Delete(at, length)),
        any::<Index>().prop_map(Mutation::RepeatLine),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
    ];
    prop::collection::vec(mutation, 1..4)
}

fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut text = text.to_owned();
    for mutation in mutations {
        let place = |index: &Index| {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            places[index.index(places.len())]
        };
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        if lines.is_empty() {
            return text;
        }
        match mutation {
            Mutation::Insert(at, token) => {
                let at = place(at);
                text.insert_str(at, TOKENS[*token]);
                continue;
            }
            Mutation::Delete(at, length) => {
                let at = place(at);
                text = text[..at].chars().chain(text[at..].chars().skip(*length)).collect();
                continue;
            }
            Mutation::RepeatLine(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at].clone());
            }
            Mutation::SwapLines(a, b) => {
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
            }
        }
        text = lines.concat();
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn inventories(json in any::<bool>(), mutations in mutations()) {
        let source = if json { "services/kinds.json" } else { "how-to/short/inventory.yaml" };
        let Ok(inventory) = parse("fleet", "fleet", &mutated(&fixture_text(source), &mutations)) else { return Ok(()) };
        let discovery = Discovery::conclude(&inventory, &FleetPolicy::default());
        let written = yaml::document(&write(&discovery));
        let again = parse("written", "written", &written).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let concluded = Discovery::conclude(&again, &FleetPolicy::default());
        prop_assert_eq!(discovery.endpoints(&[]), concluded.endpoints(&[]));
        prop_assert_eq!(discovery.shortfalls(), concluded.shortfalls());
        prop_assert_eq!(yaml::document(&write(&concluded)), written);
    }

    #[test]
    fn stores(mutations in mutations()) {
        let text = "query:\n  stores:\n    - \"10.0.0.1:1\" # eu x/a\n    - \"10.0.0.2:1\" # us x/b, kept: gone\n  more: 1\n";
        let Ok(stores) = Stores::read("values", &mutated(text, &mutations)) else { return Ok(()) };
        for known in stores.known {
            // An address never gets beside what stood beside another.
            let of = [("10.0.0.1:1", "eu x/a"), ("10.0.0.2:1", "us x/b")];
            let (address, origin) = (known.address.to_string(), known.origin.to_string());
            prop_assert!(!of.iter().any(|(a, _)| *a == address) || !of.iter().any(|(a, o)| *o == origin && *a != address));
        }
    }

    #[test]
    fn values_files(base in 0..VALUES.len(), mutations in mutations()) {
        let text = mutated(VALUES[base], &mutations);
        let Ok(document) = Document::parse("values", &text) else { return Ok(()) };
        let Ok(wrapper) = Wrapper::detect(&document) else { return Ok(()) };
        let Ok(view) = View::of(&document, &wrapper) else { return Ok(()) };
        let mut stores: Vec<Store> = (0..view.stores("query.stores").len()).map(Store::unchanged).collect();
        let same = edit(&document, &wrapper, &[Change::Stores { path: "query.stores", stores: &stores }]);
        prop_assert!(same.is_err() || same.as_ref() == Ok(&text), "{:?}\n{}", same, text);
        // One comes in: all that was there is there, in its order.
        stores.push(Store::New { address: "10.9.9.9:9".to_owned(), comment: Some("us x/new".to_owned()), behind: None });
        let more = Change::Stores { path: "query.stores", stores: &stores };
        if let Ok(more) = edit(&document, &wrapper, &[more]) {
            let mut rest = more.chars();
            let missing: String = text.chars().filter(|wanted| !rest.clone().any(|c| c == *wanted) || rest.by_ref().find(|c| c == wanted).is_none()).collect();
            prop_assert!(["", "[]", "{}", "~", "null"].contains(&missing.trim()), "{}\n--- from\n{}", more, text);
        }
        // And with all else that can be done at once.
        let changes = [
            Change::Stores { path: "query.stores", stores: &stores[stores.len() - 1..] },
            Change::Set { path: "query.replicaLabel", value: &serde_json::json!(["b", "c\nd"]), absent: Absent::Add },
            Change::Set { path: "query", value: &serde_json::json!({"service": {"type": "NodePort"}}), absent: Absent::Leave },
            Change::Set { path: "other", value: &serde_json::json!("x\ny\n"), absent: Absent::Add },
        ];
        if let Ok(edited) = edit(&document, &wrapper, &changes) {
            let document = Document::parse("values", &edited).map_err(|error| TestCaseError::fail(format!("{error}\n{edited}\n--- from\n{text}")))?;
            let view = View::of(&document, &wrapper).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(view.value("query.stores"), Some(&serde_json::json!(["10.9.9.9:9"])));
            prop_assert_eq!(view.value("other"), Some(&serde_json::json!("x\ny\n")));
        }
    }

    #[test]
    fn rule_files(mutations in mutations()) {
        let rules = fixture_text("how-to/full/rules/prometheus.yaml");
        let one = mutated(&rules, &mutations);
        let _ = RuleFiles::check(vec![("a.yaml".into(), one.clone())]);
        let _ = RuleFiles::check(vec![("a.yaml".into(), one), ("b.yaml".into(), rules.replace("name: prometheus", "name: other"))]);
    }
}

proptest! {
    // Each case is a run of the program.
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn settings(mutations in mutations()) {
        let room = Room::new();
        for file in ["rules/prometheus.yaml", "secrets/minio-user", "secrets/minio-password", "inventory.yaml"] {
            room.file(file, &fixture_text(&format!("how-to/full/{file}")));
        }
        room.file("thanosctl.yaml", &mutated(&fixture_text("how-to/full/thanosctl.yaml"), &mutations));
        let run = room.run(&["gen-values", "--inventory", "inventory.yaml"]);
        match run.code {
            0 => prop_assert!(run.stdout.starts_with("# thanosctl ")),
            2 => prop_assert!(run.stdout.is_empty() && run.stderr.contains("error: "), "{:?}", run),
            _ => prop_assert!(false, "{:?}", run),
        }
        prop_assert!(!run.stderr.contains("made-up-password") && !run.stderr.contains("panicked"), "{:?}", run);
    }
}
