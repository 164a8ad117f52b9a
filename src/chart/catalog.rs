//! Which versions of a chart know which keys: what `values:` may say.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::version::{Span, Version};
use crate::failure::Failure;
use crate::text::nearest;

/// The versions of a chart and the keys of each.
#[derive(Debug)]
pub struct Catalog {
    versions: Vec<Version>,
    keys: BTreeMap<&'static str, Key>,
}

#[derive(Debug, Default)]
struct Key {
    kind: Kind,
    /// The versions that know it; empty when all that know its parent do.
    spans: Vec<Span>,
    keys: BTreeMap<&'static str, Key>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Any,
    Bool,
    Map,
}

impl Key {
    fn is_known(&self, version: Version) -> bool {
        self.spans.is_empty() || self.spans.iter().any(|span| span.holds(version))
    }
}

impl Catalog {
    /// The catalogue in `text`, whose first lines say how it is written.
    pub fn read(text: &'static str) -> Self {
        let mut catalog = Self { versions: Vec::new(), keys: BTreeMap::new() };
        let mut path: Vec<&'static str> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(versions) = line.strip_prefix("versions ") {
                catalog.versions.extend(versions.split(' ').filter_map(|version| version.parse::<Version>().ok()));
                continue;
            }
            let name = line.trim_start_matches(' ');
            path.truncate(line.len() - name.len());
            let mut words = name.split(' ');
            let Some(name) = words.next() else { continue };
            let mut key = Key::default();
            for word in words {
                match (word, word.split_once("..")) {
                    ("bool", _) => key.kind = Kind::Bool,
                    ("map", _) => key.kind = Kind::Map,
                    (_, Some((first, last))) => {
                        key.spans.push(Span { first: first.parse().ok(), last: last.parse().ok() });
                    }
                    _ => {}
                }
            }
            let mut keys = &mut catalog.keys;
            for parent in &path {
                keys = &mut keys.entry(parent).or_default().keys;
            }
            keys.insert(name, key);
            path.push(name);
        }
        catalog
    }

    /// The versions, from the first to the last.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Whether `version` knows the key `path`, its names joined by dots.
    pub fn knows(&self, version: Version, path: &str) -> bool {
        let mut keys = &self.keys;
        for name in path.split('.') {
            match keys.get(name) {
                Some(key) if key.is_known(version) => keys = &key.keys,
                _ => return false,
            }
        }
        true
    }

    /// What is wrong with `values` for `version`: keys that it does not know, and a text where it asks a condition.
    pub fn check(&self, version: Version, values: &Map<String, Value>) -> Vec<Failure> {
        let mut failures = Vec::new();
        self.check_below(version, &[], &self.keys, values, &mut failures);
        failures
    }

    fn check_below(
        &self,
        version: Version,
        parent: &[&str],
        keys: &BTreeMap<&'static str, Key>,
        values: &Map<String, Value>,
        failures: &mut Vec<Failure>,
    ) {
        for (name, value) in values {
            let path = [parent, &[name]].concat();
            let wrong = |what: &str| {
                Failure::new(format!("`thanos.values`: `{}` {what}", path.join(".")))
                    .at(["thanos", "values"].into_iter().chain(path.iter().copied()))
            };
            let Some(key) = keys.get(name.as_str()) else {
                let failure = wrong(&format!("is no key of the chart in version {version}"));
                failures.push(match self.near(version, &parent.join("."), keys, name) {
                    Some(known) => failure.hint(format!("did you mean `{known}`?")),
                    None => failure,
                });
                continue;
            };
            if !key.is_known(version) {
                let spans: Vec<String> = key.spans.iter().map(Span::to_string).collect();
                failures.push(
                    wrong(&format!("is no key of the chart in version {version}"))
                        .hint(format!("the chart knows it in {}", spans.join(", "))),
                );
                continue;
            }
            let below = key.keys.values().any(|key| key.is_known(version));
            match value {
                Value::Object(values) if below && key.kind != Kind::Map => {
                    self.check_below(version, &path, &key.keys, values, failures);
                }
                Value::Null | Value::Object(_) => {}
                _ if below => failures.push(wrong("wants keys below it")),
                Value::Bool(_) => {}
                _ if key.kind == Kind::Bool => failures
                    .push(wrong("wants true or false, without quotes").hint("Helm takes every other text for true")),
                _ => {}
            }
        }
    }

    /// The known key that may be meant by `name` below `parent`: a sibling, else one of that name nearby.
    fn near(
        &self,
        version: Version,
        parent: &str,
        siblings: &BTreeMap<&'static str, Key>,
        name: &str,
    ) -> Option<String> {
        let join =
            |parent: &str, name: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        let known = siblings.iter().filter(|(_, key)| key.is_known(version)).map(|(name, _)| *name);
        if let Some(sibling) = nearest(name, known) {
            return Some(join(parent, sibling));
        }
        let top = parent.split('.').next().unwrap_or_default();
        let mut found = Vec::new();
        match self.keys.get(top) {
            Some(key) => find(version, top, &key.keys, name, &mut found),
            None => find(version, "", &self.keys, name, &mut found),
        }
        found.into_iter().min_by_key(|path| (path.matches('.').count(), path.len()))
    }
}

/// The paths of all keys named `name`.
fn find(version: Version, parent: &str, keys: &BTreeMap<&'static str, Key>, name: &str, found: &mut Vec<String>) {
    for (key, below) in keys.iter().filter(|(_, key)| key.is_known(version)) {
        let path = if parent.is_empty() { (*key).to_owned() } else { format!("{parent}.{key}") };
        find(version, &path, &below.keys, name, found);
        if *key == name {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::dialect::Chart;
    use crate::document;

    fn check(version: &str, values: &str) -> String {
        let chart = Chart::find("bitnami/thanos", Some(version)).unwrap();
        let values: Map<String, Value> = document::read("test", values).unwrap();
        chart.catalog.check(chart.version, &values).iter().map(Failure::to_string).collect()
    }

    #[test]
    fn a_key_that_the_version_does_not_know_is_refused_with_the_nearest() {
        for (version, values, said) in [
            ("17.3.1", "{qurey: {}}", "did you mean `query`?"),
            ("17.3.1", "{query: {replicaCuont: 2}}", "did you mean `query.replicaCount`?"),
            ("17.3.1", "{query: {nodePorts: {http: 1}}}", "did you mean `query.service.nodePorts`?"),
            ("17.3.1", "{resources: {}}", "did you mean"),
            ("17.3.1", "{minio: {persistance: {}}}", "did you mean `minio.persistence`?"),
            ("17.3.1", "{global: {storageClass: x}}", "the chart knows it in 16.0.7 and earlier"),
            ("13.0.0", "{query: {service: {ipFamilies: []}}}", "17.1.0 and later"),
            ("17.3.1", "{querier: {stores: []}}", "is no key"),
            ("17.3.1", "{query: {pdb: {create: 'false'}}}", "wants true or false"),
            ("17.3.1", "{query: 1}", "wants keys below it"),
        ] {
            let failures = check(version, values);
            assert!(failures.contains(said), "{version} {values}: {failures}");
        }
    }

    #[test]
    fn what_the_chart_hands_on_may_hold_anything() {
        for values in [
            "{query: {nodeSelector: {a: b}, resources: {limits: {cpu: 1}}, podAnnotations: {x/y: z}, extraFlags: [--a]}}",
            "{query: {containerSecurityContext: {capabilities: {add: [X]}}, livenessProbe: {terminationGracePeriodSeconds: 1}}}",
            "{minio: {persistence: {size: 1Gi}, service: {ports: {api: 9001}}, nodeSelector: {a: b}}, global: {imageRegistry: x}}",
            "{image: {tag: x}, query: {pdb: {create: null}}, extraDeploy: [{a: b}], indexCacheConfig: {type: IN-MEMORY}}",
        ] {
            assert_eq!(check("17.3.1", values), "");
        }
    }

    #[test]
    fn keys_come_and_go_with_their_parents() {
        let chart = Chart::find("bitnami/thanos", Some("17.3.1")).unwrap();
        let knows = |version, path| chart.catalog.knows(version, path);
        assert!(knows(Version(16, 0, 7), "minio.volumePermissions.image"));
        assert!(!knows(Version(17, 0, 0), "minio.volumePermissions.image"));
        assert!(knows(Version(17, 0, 0), "minio.console.image"));
        assert!(!knows(Version(16, 0, 7), "minio.console.image"));
        assert_eq!(chart.catalog.versions().len(), 126);
    }
}
