//! What is wrong with the keys of values: those that a version does not read, and where they may belong; values of a type
//! that it does not take.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::at;
use super::catalog::{Catalog, Key, Keys, Kind};
use super::renames::{OtherName, Renames, Replaced};
use super::types::Wanted;
use super::version::{Span, Version};
use crate::failure::Failure;
use crate::findings::finding;
use crate::text::nearest;

/// What is wrong with a key of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProblem {
    /// The key: the names that lead to it.
    pub path: Vec<String>,
    /// What is wrong with it.
    pub kind: KeyProblemKind,
}

/// The ways in which a key can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblemKind {
    /// No version knows it. With the key that may be meant: of the same parent, spelled alike.
    Unknown(Option<String>),
    /// Other versions know it, these.
    OtherVersions(Vec<Span>),
    /// The chart renamed it in that version: this version, which is not older, knows it under another name.
    RenamedTo(String, Version),
    /// The chart will rename another key to it in that version: this version, which is older, knows that one.
    RenamedFrom(String, Version),
    /// Several keys take its place, or will.
    Replaced(Replaced),
    /// The chart knows keys of this name in other places: those of the components that the values name; empty when they
    /// name none that has it.
    Misplaced(Vec<String>),
    /// Something else belongs there.
    WrongType(Wanted),
    /// The chart's values.yaml has it, and no template reads it. With the key that is read instead, where one is known.
    Dead(Option<String>),
}

impl KeyProblemKind {
    fn renamed(other: OtherName) -> Self {
        let OtherName { key, is_newer, since } = other;
        if is_newer { Self::RenamedTo(key, since) } else { Self::RenamedFrom(key, since) }
    }
}

impl Catalog {
    /// What is wrong with `thanos.values` for `version`.
    pub fn check(&self, version: Version, values: &Map<String, Value>) -> Vec<Failure> {
        self.problems(version, values).into_iter().filter_map(|problem| self.failure(version, &problem)).collect()
    }

    /// What is wrong with `thanos.values`, in words; `None` for what still works.
    fn failure(&self, version: Version, problem: &KeyProblem) -> Option<Failure> {
        let path = problem.path.join(".");
        let wrong = |what: &str| {
            Failure::new(format!("`thanos.values`: `{path}` {what}"))
                .at(["thanos", "values"].into_iter().chain(problem.path.iter().map(String::as_str)))
        };
        let unknown = || wrong(&format!("is no key of the chart in version {version}"));
        Some(match &problem.kind {
            KeyProblemKind::Unknown(None) => unknown(),
            KeyProblemKind::Unknown(Some(known)) => unknown().hint(format!("did you mean `{known}`?")),
            KeyProblemKind::Misplaced(keys) if keys.is_empty() => {
                unknown().hint("set it below the component that it is for")
            }
            KeyProblemKind::Misplaced(keys) => {
                let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                unknown().hint(format!("did you mean {}?", keys.join(" or ")))
            }
            KeyProblemKind::OtherVersions(spans) => {
                let spans: Vec<String> = spans.iter().map(Span::to_string).collect();
                unknown().hint(format!("the chart knows it in {}", spans.join(", ")))
            }
            KeyProblemKind::RenamedTo(other, since) => {
                let is_read = self.kind(version, &path).is_some();
                let failure = if is_read { wrong("is the old name of another key") } else { unknown() };
                failure.hint(format!("the chart calls it `{other}` since {since}"))
            }
            KeyProblemKind::RenamedFrom(other, since) => {
                unknown().hint(format!("the chart calls it so since {since}; before, it is `{other}`"))
            }
            KeyProblemKind::Replaced(Replaced { gone, .. }) if version < *gone => return None,
            KeyProblemKind::Replaced(Replaced { since, instead, .. }) => {
                unknown().hint(format!("since {since} there is {instead}"))
            }
            KeyProblemKind::Dead(instead) => {
                let failure = wrong(&format!("is read by no template of version {version}"));
                match instead {
                    Some(other) => failure.hint(format!("it reads `{other}`")),
                    None => failure.hint("leave it out: it has no effect"),
                }
            }
            KeyProblemKind::WrongType(wanted) => wrong(&wanted.to_string()).hint(wanted.hint()),
        })
    }

    /// What is wrong with the keys of `values` for `version`, in their order.
    pub fn problems(&self, version: Version, values: &Map<String, Value>) -> Vec<KeyProblem> {
        let mut check = Check {
            catalog: self,
            version,
            renames: Renames::of(self.chart),
            values,
            problems: Vec::new(),
            names: OnceCell::new(),
        };
        check.below(&mut Vec::new(), &self.keys, values);
        let mut problems = check.problems;
        // Where the chart's own schema or its templates say what they take, that is known best.
        problems.retain(|problem| match &problem.kind {
            KeyProblemKind::WrongType(_) => !self.types.judges(version, &problem.path),
            _ => true,
        });
        // What stands at an old name that is still read is of a type all the same.
        let is_renamed = |problem: &&KeyProblem| {
            let path = problem.path.join(".");
            matches!(problem.kind, KeyProblemKind::RenamedTo(..)) && self.knows(version, &path)
        };
        let unread: HashSet<Vec<String>> =
            problems.iter().filter(|problem| !is_renamed(problem)).map(|problem| problem.path.clone()).collect();
        let wrong = self.types.wrong(version, values).into_iter();
        let is_read = |path: &[String]| !(0..=path.len()).any(|length| unread.contains(&path[..length]));
        let is_missed =
            |path: &[String], wanted| wanted != Wanted::Present || self.is_switched_on(version, path, values);
        problems.extend(
            wrong
                .filter(|(path, wanted)| is_read(path) && is_missed(path, *wanted))
                .map(|(path, wanted)| KeyProblem { path, kind: KeyProblemKind::WrongType(wanted) }),
        );
        problems
    }

    /// Whether the values turn on all that the key at `path` belongs to: the chart asks for it only then. The querier and
    /// what stands in front of it are on by themselves.
    fn is_switched_on(&self, version: Version, path: &[String], values: &Map<String, Value>) -> bool {
        (1..path.len()).all(|length| {
            let above = path[..length].join(".");
            ["enabled", "tls"].iter().map(|switch| format!("{above}.{switch}")).all(|switch| {
                let is_switch = self.kind(version, &switch) == Some(Kind::Bool);
                match at(values, &switch) {
                    Some(value) => !is_switch || *value == Value::Bool(true),
                    None => !is_switch || matches!(above.as_str(), "querier" | "query" | "queryFrontend"),
                }
            })
        })
    }

    /// The versions that read a key, whatever it is there.
    fn spans(&self, key: &Key) -> Vec<Span> {
        Span::joined(key.spans().collect(), self.versions())
    }
}

/// A check at work.
struct Check<'c> {
    catalog: &'c Catalog,
    version: Version,
    renames: Renames,
    values: &'c Map<String, Value>,
    problems: Vec<KeyProblem>,
    /// The paths of all keys that the version reads, by their last names; made when they are first asked for.
    names: OnceCell<HashMap<&'c str, Vec<String>>>,
}

impl Check<'_> {
    /// Checks `values`, which stand at `path`, against `keys`: those that the chart knows there.
    fn below(&mut self, path: &mut Vec<String>, keys: &Keys, values: &Map<String, Value>) {
        for (name, value) in values {
            path.push(name.clone());
            self.one(path, keys.get(name.as_str()), keys, value);
            path.pop();
        }
    }

    fn one(&mut self, path: &mut Vec<String>, key: Option<&Key>, siblings: &Keys, value: &Value) {
        let (catalog, version) = (self.catalog, self.version);
        let kind = key.and_then(|key| key.kind(version));
        let knows = |name: &str| catalog.knows(version, name);
        if let Some(dead @ Kind::Dead(_)) = kind {
            if !dead.takes(value) {
                let kind = KeyProblemKind::Dead(self.instead(path, siblings));
                self.add(path, kind);
            }
            return;
        }
        if let Some(replaced) = self.renames.replaced(path, version) {
            return self.add(path, KeyProblemKind::Replaced(replaced));
        }
        let other = self.renames.of_path(path, version, &knows).filter(|other| other.is_newer || kind.is_none());
        if let Some(other) = other {
            // What stands below an old name that is still read is checked as what stands below the new one.
            if let (Some(_), Value::Object(below), Some(key)) = (kind, value, catalog.key(&other.key)) {
                self.below(path, &key.keys, below);
            }
            if let (None, Value::Object(below)) = (kind, value) {
                let mut found = self.renames.below(path, below, version, &knows);
                if !found.is_empty() {
                    found.extend(other.along(path, below, &found));
                    return self.partly_renamed(path, below, &found);
                }
            }
            return self.add(path, KeyProblemKind::renamed(other));
        }
        if kind.is_none()
            && let Value::Object(below) = value
        {
            let found = self.renames.below(path, below, version, &knows);
            if !found.is_empty() {
                return self.partly_renamed(path, below, &found);
            }
        }
        match (key, kind) {
            (None, _) => {
                let kind = self.unknown(path, siblings);
                self.add(path, kind);
            }
            // What is global is shared with sub-charts, which keep old names longer: bitnami/common still reads
            // `global.storageClass` in 17.6.0.
            (Some(_), None) if path[0] == "global" => {}
            (Some(key), None) if catalog.spans(key).is_empty() => {
                let kind = self.unknown(path, siblings);
                self.add(path, kind);
            }
            (Some(key), None) => self.add(path, KeyProblemKind::OtherVersions(catalog.spans(key))),
            (Some(_), Some(kind)) if !kind.takes(value) => {
                self.add(path, KeyProblemKind::WrongType(Wanted::of_kind(kind)));
            }
            (Some(key), Some(Kind::Map)) => {
                if let Value::Object(below) = value {
                    self.below(path, &key.keys, below);
                }
            }
            (Some(_), Some(_)) => {}
        }
    }

    fn add(&mut self, path: &[String], kind: KeyProblemKind) {
        self.problems.push(KeyProblem { path: path.to_vec(), kind });
    }

    /// Of a mapping that the version does not know: its keys with another name, and the others.
    fn partly_renamed(
        &mut self,
        path: &mut Vec<String>,
        values: &Map<String, Value>,
        found: &[(Vec<String>, OtherName)],
    ) {
        for (name, value) in values {
            path.push(name.clone());
            if let Some((_, other)) = found.iter().find(|(renamed, _)| renamed == path) {
                self.add(path, KeyProblemKind::renamed(other.clone()));
            } else if found.iter().any(|(renamed, _)| renamed.starts_with(path))
                && let Value::Object(below) = value
            {
                self.partly_renamed(path, below, found);
            } else {
                let kind = match self.catalog.key(&path.join(".")) {
                    Some(key) => KeyProblemKind::OtherVersions(self.catalog.spans(key)),
                    None => KeyProblemKind::Unknown(None),
                };
                self.add(path, kind);
            }
            path.pop();
        }
    }

    /// What the version reads instead of a dead key: its other name, or a key of the same parent that is spelled alike.
    fn instead(&self, path: &[String], siblings: &Keys) -> Option<String> {
        let renamed = self.renames.of_path(path, self.version, &|name| self.catalog.knows(self.version, name));
        let (name, parents) = path.split_last()?;
        let read = siblings.iter().filter(|(_, key)| key.is_read(self.version)).map(|(name, _)| *name);
        let alike = |sibling: &str| parents.iter().map(String::as_str).chain([sibling]).collect::<Vec<_>>().join(".");
        renamed.map(|other| other.key).or_else(|| nearest(name, read).map(alike))
    }

    /// Of a key that no version knows: what may be meant. A key of the same parent that is spelled alike, else those of that
    /// name elsewhere, as near as can be.
    fn unknown(&self, path: &[String], siblings: &Keys) -> KeyProblemKind {
        let Some((name, parents)) = path.split_last() else { return KeyProblemKind::Unknown(None) };
        // Of more than that nobody reads what may be meant.
        if self.problems.len() > finding::MOST {
            return KeyProblemKind::Unknown(None);
        }
        let known = siblings.iter().filter(|(_, key)| key.is_read(self.version)).map(|(name, _)| *name);
        if let Some(sibling) = nearest(name, known) {
            let path: Vec<String> = parents.iter().cloned().chain([sibling.to_owned()]).collect();
            // Of an old name that is still read the new one is meant.
            let knows = |name: &str| self.catalog.knows(self.version, name);
            let newer = self.renames.of_path(&path, self.version, &knows).filter(|other| other.is_newer);
            return KeyProblemKind::Unknown(Some(newer.map_or_else(|| path.join("."), |other| other.key)));
        }
        match parents.first().filter(|top| self.catalog.keys.contains_key(top.as_str())) {
            Some(top) => {
                let below = self.named(name).iter().filter(|path| path.split('.').next() == Some(top) && path != &top);
                let nearest = below.min_by_key(|path| (depth(path), path.len()));
                nearest.map_or(KeyProblemKind::Unknown(None), |path| KeyProblemKind::Misplaced(vec![path.clone()]))
            }
            None if self.named(name).is_empty() => KeyProblemKind::Unknown(None),
            None => {
                let mut found: Vec<String> =
                    self.named(name).iter().filter(|path| self.is_used(path)).cloned().collect();
                let least = found.iter().map(|path| depth(path)).min();
                found.retain(|path| Some(depth(path)) == least);
                KeyProblemKind::Misplaced(found)
            }
        }
    }

    /// The paths of all keys named `name` that the version reads.
    fn named(&self, name: &str) -> &[String] {
        let names = self.names.get_or_init(|| {
            let mut names = HashMap::new();
            collect(self.version, "", &self.catalog.keys, &mut names);
            names
        });
        names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the values say something of the component that a key belongs to, and do not turn it off.
    fn is_used(&self, path: &str) -> bool {
        let top = path.split('.').next().unwrap_or(path);
        let is_on = |path: &str| at(self.values, path).is_none_or(|value| *value != Value::Bool(false));
        path.contains('.')
            && self.values.get(top).is_some_and(|value| value.is_object() || value.is_null())
            && is_on(&format!("{top}.enabled"))
    }
}

/// How many names lead to a key.
fn depth(path: &str) -> usize {
    path.matches('.').count()
}

/// The paths of all keys by their last names: those below a key before it.
fn collect<'c>(version: Version, parent: &str, keys: &'c Keys, names: &mut HashMap<&'c str, Vec<String>>) {
    for (key, below) in keys.iter().filter(|(_, key)| key.is_read(version)) {
        let path = if parent.is_empty() { (*key).to_owned() } else { format!("{parent}.{key}") };
        collect(version, &path, &below.keys, names);
        names.entry(key).or_default().push(path);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chart::chart_version::Chart;
    use crate::chart::dialects::DIALECTS;
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
            ("17.3.1", "{resources: {}}", "set it below the component that it is for"),
            ("17.3.1", "{minio: {persistance: {}}}", "did you mean `minio.persistence`?"),
            ("17.3.1", "{global: {storageClass: x}}", ""),
            ("16.0.0", "{minio: {console: {enabled: true}}}", "the chart knows it in 17.0.0 and later"),
            ("3.0.1", "{query: {stores: [a]}}", "calls it so since 3.1.0; before, it is `querier`"),
            ("17.3.1", "{query: {service: {http: {nodePort: 1}}}}", "`query.service.nodePorts.http` since 7.0.0"),
            ("10.5.5", "{query: {service: {nodePorts: {grpc: 1}}}}", ""),
            ("11.0.0", "{query: {service: {nodePorts: {grpc: 1}}}}", "`query.serviceGrpc.nodePorts.grpc` since 11.0.0"),
            ("17.3.1", "{service: {type: NodePort}, query: {}}", "did you mean `query.service`?"),
            ("9.0.13", "{query: {grpcTLS: {client: {servername: a}}}}", "`query.grpc.client.servername` since 8.0.0"),
            ("17.3.1", "{query: {grpcTLS: {client: {servername: a}}}}", "`query.grpc.client.serverName` since"),
            ("9.0.13", "{query: {grpc: {client: {serverName: a}}}}", "it reads `query.grpc.client.servername`"),
            ("17.3.1", "{query: {extraFlags: {a: b}}}", "wants a list"),
            ("2.4.0", "{querier: {replicaLabel: [a]}}", "wants a text"),
            ("17.3.1", "{query: {service: {type: [a]}}}", "wants a text or a number"),
            ("13.0.0", "{query: {service: {ipFamilies: []}}}", "17.1.0 and later"),
            ("17.3.1", "{querier: {stores: []}}", "the chart calls it `query` since 3.1.0"),
            ("17.3.1", "{query: {pdb: {create: 'false'}}}", "wants true or false"),
            ("17.3.1", "{query: 1}", "wants keys below it"),
        ] {
            let failures = check(version, values);
            assert!(failures.contains(said), "{version} {values}: {failures}");
        }
    }

    #[test]
    fn an_old_name_that_a_version_reads_is_told_from_one_that_it_ignores() {
        for (chart, version, values, said) in [
            ("bitnami/thanos", "12.23.2", "{querier: {replicaCount: 2}}", "`querier` is the old name"),
            ("bitnami/thanos", "13.0.0", "{querier: {replicaCount: 2}}", "`querier` is no key"),
            ("thanos-community/thanos", "0.38.0", "{query: {stores: [a]}}", "`query.endpoints.static` since 0.8.0"),
            ("thanos-community/thanos", "0.7.0", "{query: {endpoints: {static: [a]}}}", "before, it is `query.stores`"),
        ] {
            let dialect = Chart::find(chart, None).unwrap().dialect;
            let values: Map<String, Value> = document::read("test", values).unwrap();
            let failures = dialect.catalog.check(version.parse().unwrap(), &values);
            let failures: String = failures.iter().map(Failure::to_string).collect();
            assert!(failures.contains(said), "{chart} {version}: {failures}");
        }
    }

    #[test]
    fn a_text_that_the_template_takes_as_a_mapping_may_be_one() {
        let values: Map<String, Value> = document::read("test", "{objstoreConfig: {value: {type: S3}}}").unwrap();
        let chart = Chart::find("stevehipwell/thanos", None).unwrap();
        assert_eq!(chart.dialect.catalog.check(chart.version, &values).len(), 0);
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
    fn a_key_of_many_components_belongs_below_those_of_the_file() {
        for (values, said) in [
            ("{nodeSelector: {}, query: {}, ruler: {}}", "did you mean `query.nodeSelector` or `ruler.nodeSelector`?"),
            ("{nodeSelector: {}, query: {}, minio: {enabled: false}}", "did you mean `query.nodeSelector`?"),
            ("{nodeSelector: {}}", "set it below the component that it is for"),
            ("{storeGateway: {securityContext: {}}}", "did you mean `storegateway`?"),
            ("{storeGateway: {service: {http: {port: 1}}}}", "did you mean `storegateway`?"),
        ] {
            let failures = check("17.3.1", values);
            assert!(failures.contains(said), "{values}: {failures}");
        }
    }

    #[test]
    fn what_was_replaced_by_several_keys_works_for_a_while() {
        assert_eq!(check("12.23.2", "{existingServiceAccount: irsa}"), "");
        let failures = check("13.4.0", "{existingServiceAccount: irsa}");
        assert!(failures.contains("COMPONENT.serviceAccount: {create: false, name: NAME}"), "{failures}");
        let chart = Chart::find("bitnami/thanos", None).unwrap();
        for (component, key) in [
            ("query", "serviceAccount.create"),
            ("storegateway", "serviceAccount.name"),
            ("ruler", "networkPolicy.enabled"),
        ] {
            assert!(chart.catalog.knows(Version(13, 0, 0), &format!("{component}.{key}")), "{component}.{key}");
        }
    }

    /// A value that a key takes; null where no value fits: some schemas take nothing but the chart's own null.
    fn sample(catalog: &Catalog, version: Version, path: &str) -> Value {
        let fits = |value: &Value| {
            let problems = catalog.problems(version, &nested(path, value.clone()));
            !problems.iter().any(|problem| matches!(problem.kind, KeyProblemKind::WrongType(_)))
        };
        let all = serde_json::json!([{}, [], true, 1, "1", "standalone"]);
        let all = all.as_array().cloned().unwrap();
        all.iter().find(|value| fits(value)).unwrap_or(&Value::Null).clone()
    }

    fn nested(path: &str, value: Value) -> Map<String, Value> {
        let tree =
            path.split('.').rev().fold(value, |below, name| Value::Object(Map::from_iter([(name.to_owned(), below)])));
        tree.as_object().cloned().unwrap()
    }

    /// The keys below a key in a version, and itself, by their paths.
    fn leaves(catalog: &Catalog, version: Version, path: &str, found: &mut Vec<String>) {
        let Some(key) = catalog.key(path).filter(|_| catalog.kind(version, path).is_some()) else { return };
        found.push(path.to_owned());
        for name in key.keys.keys() {
            leaves(catalog, version, &format!("{path}.{name}"), found);
        }
    }

    /// What was advised leads to values of which nothing is wrong with that key.
    fn assert_advice_is_right(catalog: &Catalog, version: Version, path: &str, seen: &mut usize) {
        let told = catalog.problems(version, &nested(path, sample(catalog, version, path)));
        for problem in told {
            let advised = match problem.kind {
                KeyProblemKind::Unknown(Some(key))
                | KeyProblemKind::RenamedTo(key, _)
                | KeyProblemKind::RenamedFrom(key, _)
                | KeyProblemKind::Dead(Some(key)) => vec![key],
                KeyProblemKind::Misplaced(keys) => keys,
                KeyProblemKind::Unknown(None)
                | KeyProblemKind::OtherVersions(_)
                | KeyProblemKind::Replaced(_)
                | KeyProblemKind::Dead(None)
                | KeyProblemKind::WrongType(_) => Vec::new(),
            };
            for key in advised {
                *seen += 1;
                let mut told = catalog.problems(version, &nested(&key, sample(catalog, version, &key)));
                told.retain(|problem| problem.kind != KeyProblemKind::WrongType(Wanted::Required));
                assert_eq!(told, [], "{} {version}: `{path}` should be `{key}`", catalog.chart);
            }
        }
    }

    #[test]
    fn what_a_rename_advises_is_right_in_every_version() {
        for dialect in DIALECTS {
            let catalog = &*dialect.catalog;
            let renames = Renames::of(catalog.chart);
            let mut seen = 0;
            for (since, old, new) in renames.rows() {
                for pattern in [old, new] {
                    let mut paths = Vec::new();
                    for component in dialect.components.iter().map(|(.., key)| *key).chain(["receive", "nobody"]) {
                        let path = pattern.join(".").replacen('*', component, 1);
                        for version in catalog.versions() {
                            leaves(catalog, *version, &path, &mut paths);
                        }
                        paths.push(path);
                    }
                    paths.sort();
                    paths.dedup();
                    for version in catalog.versions().iter().step_by(23).chain([since]) {
                        paths.iter().for_each(|path| assert_advice_is_right(catalog, *version, path, &mut seen));
                    }
                }
            }
            assert!(seen > 0, "{}", catalog.chart);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn what_a_key_in_a_wrong_place_is_advised_is_right(chart in 0..3_usize, at in any::<prop::sample::Index>(), of in any::<prop::sample::Index>(), cut in 1..3_usize, typo in "[a-z]?") {
            let catalog = &*DIALECTS[chart].catalog;
            let version = *at.get(catalog.versions());
            let mut paths = Vec::new();
            for name in catalog.keys.keys() {
                leaves(catalog, version, name, &mut paths);
            }
            let path = of.get(&paths);
            let tail: Vec<&str> = path.split('.').skip(cut).collect();
            prop_assume!(!tail.is_empty());
            assert_advice_is_right(catalog, version, &format!("{}{typo}", tail.join(".")), &mut 0);
            assert_advice_is_right(catalog, version, &format!("{path}{typo}"), &mut 0);
        }
    }
}
