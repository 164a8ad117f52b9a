//! Whatever is in a file, nothing panics: files that people keep, changed at random, through everything that reads them.
//!
//! The changes follow from a number, so a run can be repeated. `cargo test` tries a few thousand; more by
//! `MUTATIONS=100000 cargo test --release --test it endure -- --nocapture`, which also tells how long each reader took. With
//! `MUTATION=FILE` each text is written into that file before it is read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thanosctl::chart::chart_version::Chart;
use thanosctl::chart::edit::{Absent, Change, Document, Store, View, Wrapper, edit};
use thanosctl::chart::header::MadeFrom;
use thanosctl::chart::validate::Subject;
use thanosctl::chart::{Release, Request, Stores};
use thanosctl::fleet::discovery::{Discovery, FleetPolicy};
use thanosctl::fleet::inventory_file;
use thanosctl::fleet::plan::{Endpoint, Evidence, Origin, Plan, Source};
use thanosctl::names::ClusterName;
use thanosctl::secret::Secrets;
use thanosctl::settings_file::Settings;
use thanosctl::thanos::alertmanagers::check_alertmanagers;
use thanosctl::thanos::objstore::{check_caching_bucket, check_document as check_objstore, check_index_cache};
use thanosctl::thanos::rules::{RuleFiles, check_document as check_rules};
use thanosctl::thanos::thanos_version::ThanosVersion;

/// Numbers that look random and always are the same (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `limit`; 0 when that is 0.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).expect("it is below a usize")
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What a hand, an editor, a template or an attacker puts in.
const TOKENS: [&str; 44] = [
    "\n",
    "\r",
    "\r\n",
    "  ",
    "\t",
    "- ",
    ": ",
    ":",
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
    "!!binary ",
    "|-\n",
    ">+9\n",
    "? ",
    "null",
    "~",
    ".nan",
    "99999999999999999999",
    "-1",
    "1e999",
    "0o777",
    "yes",
    "\u{0}",
    "\u{85}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "{{",
    "}}",
    "{{ template \"x\" . }}",
    "$(POD)",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\\",
];

/// What stands in a tree where nobody expects it.
fn odd(numbers: &mut Numbers) -> Value {
    match numbers.below(13) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!(""),
        6 => json!("\u{0}\n\t\u{85}'\"{{"),
        7 => json!("x".repeat(70_000)),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[[[{"a": [null]}]]]]),
        11 => json!({"": {"\n": 1}, "a.b": 2}),
        _ => json!(TOKENS[numbers.below(TOKENS.len())]),
    }
}

/// Changes one place of a tree.
fn change_tree(tree: &mut Value, numbers: &mut Numbers) {
    let size = match tree {
        Value::Array(items) => items.len(),
        Value::Object(entries) => entries.len(),
        _ => 0,
    };
    if size == 0 || numbers.below(4) == 0 {
        *tree = odd(numbers);
        return;
    }
    let at = numbers.below(size);
    let below = match tree {
        Value::Array(items) => match numbers.below(6) {
            0 => return drop(items.remove(at)),
            1 => return items.insert(at, items[at].clone()),
            _ => &mut items[at],
        },
        Value::Object(entries) => {
            let key = entries.keys().nth(at).cloned().expect("it is one of the keys");
            match numbers.below(6) {
                0 => return drop(entries.remove(&key)),
                1 => {
                    let value = entries.remove(&key).unwrap_or_default();
                    entries.insert(format!("{key}{}", numbers.pick(&TOKENS)), value);
                    return;
                }
                _ => &mut entries[&key],
            }
        }
        _ => return,
    };
    change_tree(below, numbers);
}

/// `text` after a few changes.
fn changed(text: &str, other: &str, numbers: &mut Numbers) -> String {
    let mut text = text.to_owned();
    if numbers.below(3) == 0
        && let Ok(mut tree) = serde_saphyr::from_str::<Value>(&text)
    {
        for _ in 0..=numbers.below(3) {
            change_tree(&mut tree, numbers);
        }
        text =
            if numbers.below(2) == 0 { tree.to_string() } else { serde_saphyr::to_string(&tree).unwrap_or_default() };
    }
    for _ in 0..=numbers.below(4) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = numbers.below(places.len());
        let place = places[at];
        let behind = places[(at + 1 + numbers.below(12)).min(places.len() - 1)];
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let line = numbers.below(lines.len());
        text = match numbers.below(10) {
            0..=2 => format!("{}{}{}", &text[..place], numbers.pick(&TOKENS), &text[place..]),
            3 => format!("{}{}", &text[..place], &text[behind.max(place)..]),
            4 => format!("{}{}{}", &text[..place], numbers.pick(&TOKENS), &text[behind.max(place)..]),
            5 => text[..place].to_owned(),
            6 if !lines.is_empty() => {
                lines.insert(line, lines[numbers.below(lines.len())]);
                lines.concat()
            }
            7 if !lines.is_empty() => {
                let indented = format!("{}{}", " ".repeat(numbers.below(9)), lines[line].trim_start_matches(' '));
                lines[line] = &indented;
                lines.concat()
            }
            8 => {
                let from: Vec<&str> = other.split_inclusive('\n').collect();
                let first = numbers.below(from.len());
                let some = from.iter().skip(first).take(1 + numbers.below(5)).copied().collect::<String>();
                format!("{}{some}{}", &text[..place], &text[place..])
            }
            9 => format!(
                "{}{}{}",
                &text[..place],
                ["[", "{a: ", "- ", "("][numbers.below(4)].repeat(numbers.below(400)),
                &text[place..]
            ),
            _ => text,
        };
    }
    text
}

/// One kind of files, and everything that reads it.
struct Reader {
    name: &'static str,
    /// Folders and files below `fixtures/`.
    seeds: &'static [&'static str],
    read: fn(&str),
}

const READERS: [Reader; 6] = [
    Reader { name: "values", seeds: &["values"], read: values },
    Reader { name: "settings", seeds: &["how-to/full/thanosctl.yaml", "how-to/short/thanosctl.yaml"], read: settings },
    Reader { name: "rules", seeds: &["rules", "how-to/full/rules"], read: rules },
    Reader { name: "object stores", seeds: &["objstore"], read: object_stores },
    Reader { name: "alertmanagers", seeds: &["alertmanagers"], read: alertmanagers },
    Reader { name: "inventories", seeds: &["services", "how-to/full/inventory.yaml"], read: inventories },
];

fn values(text: &str) {
    let _ = Stores::read("values", text);
    for (chart, version) in
        [("bitnami/thanos", "17.3.1"), ("bitnami/thanos", "2.4.0"), ("thanos-community/thanos", "0.38.0")]
    {
        let chart = Chart::find(chart, Some(version)).unwrap_or_else(|failure| panic!("{failure}"));
        let subject = Subject { chart: &chart, wrapper: None, release: Some("thanos"), namespace: None };
        let _ = subject.check("values.yaml", text);
        let _ = subject.check_rendered("values.yaml", text, text);
    }
    let Ok(document) = Document::parse("values", text) else { return };
    let Ok(wrapper) = Wrapper::detect(&document) else { return };
    if let Ok(view) = View::of(&document, &wrapper) {
        let _ = view.stores("query.stores");
    }
    let stores = [Store::New { address: "10.9.9.9:9".to_owned(), comment: Some("us x/new".to_owned()), behind: None }];
    let changes = [
        Change::Stores { path: "query.stores", stores: &stores },
        Change::Set { path: "query.replicaLabel", value: &json!(["b", "c\nd"]), absent: Absent::Add },
    ];
    let _ = edit(&document, &wrapper, &changes);
}

fn settings(text: &str) {
    let Ok(settings) = Settings::parse("thanosctl.yaml", text) else { return };
    // A release of whatever they say: without the secrets, which nobody read.
    let rules = RuleFiles::check(vec![("a.yaml".into(), "groups: [{name: a, rules: []}]".into())]).ok();
    let secrets = Secrets::default();
    let request = Request {
        replica_labels: &settings.replica_labels,
        thanos: &settings.thanos,
        secrets_mode: settings.secrets,
        secrets: &secrets,
        rules: rules.as_ref(),
        alertmanagers: None,
        made_from: MadeFrom::Settings,
    };
    let endpoint = Endpoint {
        address: "10.0.0.1:10901".parse().expect("an address"),
        evidence: Evidence::Found(Source::Override),
        origin: Origin { cluster: ClusterName::try_from("eu".to_owned()).expect("a name"), service: None },
    };
    let plan = Plan::assemble(vec![endpoint]).expect("one endpoint makes a plan");
    if let Ok(release) = Release::of(&request) {
        let _ = release.render(&plan, &["x".to_owned()]);
        let _ = release.secret_manifest();
        let _ = release.stores_config_map(&plan, &[]);
    }
}

fn rules(text: &str) {
    let _ = check_rules("rules.yaml", text);
    let _ = RuleFiles::check(vec![("a.yaml".into(), text.to_owned()), ("b.yaml".into(), "groups: []".to_owned())]);
}

fn object_stores(text: &str) {
    for version in [None, Some(ThanosVersion::new(0, 12, 2)), Some(ThanosVersion::new(0, 42, 0))] {
        let _ = check_objstore("objstore.yml", text, version);
        let _ = check_index_cache("cache.yml", text, version);
        let _ = check_caching_bucket("cache.yml", text, version);
    }
}

fn alertmanagers(text: &str) {
    let _ = check_alertmanagers("alertmanagers.yaml", text);
}

fn inventories(text: &str) {
    if let Ok(inventory) = inventory_file::parse("fleet", "fleet", text) {
        let discovery = Discovery::conclude(&inventory, &FleetPolicy::default());
        let _ = thanosctl::yaml::document(&inventory_file::write(&discovery));
    }
}

/// The texts of files and folders below `fixtures/`, in an order that does not change. Large ones are left out: they
/// take time and hold nothing else.
fn texts(seeds: &[&str]) -> Vec<String> {
    fn gather(path: &Path, found: &mut Vec<String>) {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder can be listed");
            let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
            paths.sort();
            paths.iter().for_each(|path| gather(path, found));
        } else if let Ok(text) = std::fs::read_to_string(path)
            && text.len() < 20_000
        {
            found.push(text);
        }
    }
    let mut found = Vec::new();
    seeds
        .iter()
        .for_each(|seed| gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(seed), &mut found));
    found
}

#[test]
fn nothing_that_is_read_panics_whatever_is_in_it() {
    // The program reads on its main thread, which has a stack of 8 MB; threads of tests have 2.
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    thread
        .spawn(endure)
        .expect("a thread can be started")
        .join()
        .unwrap_or_else(|told| std::panic::resume_unwind(told));
}

fn endure() {
    let asked = std::env::var("MUTATIONS").ok().and_then(|count| count.parse().ok());
    let count: u64 = asked.unwrap_or(1_800);
    let each = count / READERS.len() as u64;
    let (mut told, mut spent) = (String::new(), Duration::ZERO);
    for reader in &READERS {
        let texts = texts(reader.seeds);
        assert!(!texts.is_empty(), "no fixtures of {}", reader.name);
        let (mut slowest, mut all) = (Duration::ZERO, Duration::ZERO);
        for case in 1..=each {
            let mut numbers = Numbers(case.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let text = changed(numbers.pick(&texts).as_str(), &texts[numbers.below(texts.len())], &mut numbers);
            // A stack that overflows ends the process: the text is kept for whoever looks then.
            if let Some(file) = std::env::var_os("MUTATION") {
                std::fs::write(file, &text).expect("a file can be written");
            }
            let before = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| (reader.read)(&text)));
            let took = before.elapsed();
            assert!(result.is_ok(), "{} case {case} panics:\n{text}", reader.name);
            (slowest, all) = (slowest.max(took), all + took);
        }
        spent += all;
        told.push_str(&format!("{}: {each} texts in {all:.1?}, the slowest {slowest:.1?}\n", reader.name));
    }
    if asked.is_some() {
        println!("{told}{} texts in {spent:.1?}", each * READERS.len() as u64);
    }
}
