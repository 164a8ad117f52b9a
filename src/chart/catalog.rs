//! Which versions of a chart know which keys, and what may stand behind each.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::version::{Span, Version};
use crate::failure::Failure;
use crate::model::thanos_version::ThanosVersion;
use crate::text::nearest;

/// The versions of a chart and the keys of each.
#[derive(Debug)]
pub struct Catalog {
    chart: &'static str,
    versions: Vec<Version>,
    /// What runs in which versions, by the chart's `appVersion`.
    apps: Vec<(Span, &'static str)>,
    keys: BTreeMap<&'static str, Key>,
}

#[derive(Debug, Default)]
struct Key {
    /// What it is, and in which versions; those that know its parent where the span is all versions.
    kinds: Vec<(Kind, Span)>,
    keys: BTreeMap<&'static str, Key>,
}

/// What may stand behind a key.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    #[default]
    Any,
    /// True or false: Helm takes every other text for true.
    Bool,
    /// A text or a number.
    Text,
    /// A list; a text will do, which the chart may run through `tpl`.
    List,
    /// A mapping whose keys are known.
    Map,
    /// A mapping of whatever; a text will do.
    Free,
    /// Nothing that has an effect: no template reads the key. With what the chart's values.yaml has there, as JSON.
    Dead(&'static str),
}

impl Kind {
    fn of(word: &'static str) -> Option<Self> {
        if let Some(own) = word.strip_prefix("dead=") {
            return Some(Self::Dead(own));
        }
        Some(match word {
            "any" => Self::Any,
            "bool" => Self::Bool,
            "text" => Self::Text,
            "list" => Self::List,
            "map" => Self::Map,
            "free" => Self::Free,
            _ => return None,
        })
    }

    /// Whether `value` can stand there. Null can stand everywhere: it takes the chart's own value away.
    fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) | (_, Value::Null) => true,
            (Self::Bool, value) => value.is_boolean(),
            (Self::Text, value) => !value.is_array() && !value.is_object(),
            (Self::List, value) => value.is_array() || value.is_string(),
            (Self::Map, value) => value.is_object(),
            (Self::Free, value) => value.is_object() || value.is_string(),
            (Self::Dead(own), value) => {
                is_empty(value) || serde_json::from_str::<Value>(own).is_ok_and(|own| own == *value)
            }
        }
    }
}

/// Whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

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
    /// It stands elsewhere: the indentation may have been lost.
    Misplaced(String),
    /// Something else belongs there.
    WrongType(Kind),
    /// The chart's values.yaml has it, and no template reads it. With the key that is read instead, where one is known.
    Dead(Option<String>),
}

impl Catalog {
    /// The catalogue in `text`, whose first lines say how it is written.
    pub fn read(text: &'static str) -> Self {
        let mut catalog = Self { chart: "", versions: Vec::new(), apps: Vec::new(), keys: BTreeMap::new() };
        let mut path: Vec<&'static str> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if path.is_empty() && catalog.read_head(line) {
                continue;
            }
            let name = line.trim_start_matches(' ');
            path.truncate(line.len() - name.len());
            let mut words = name.split(' ');
            let Some(name) = words.next() else { continue };
            let mut key = Key::default();
            let mut kind = Kind::default();
            let mut is_said = false;
            for word in words {
                if let Some((first, last)) = word.split_once("..") {
                    key.kinds.push((kind, Span { first: first.parse().ok(), last: last.parse().ok() }));
                    is_said = true;
                } else if let Some(word) = Kind::of(word) {
                    kind = word;
                    is_said = false;
                }
            }
            if !is_said {
                key.kinds.push((kind, Span::ALL));
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

    /// Reads a line of the head; whether it is one.
    fn read_head(&mut self, line: &'static str) -> bool {
        let Some((word, rest)) = line.split_once(' ') else { return false };
        match word {
            "chart" => self.chart = rest,
            "versions" => self.versions.extend(rest.split(' ').filter_map(|version| version.parse::<Version>().ok())),
            "app" => {
                let (app, span) = rest.split_once(' ').unwrap_or((rest, ".."));
                let (first, last) = span.split_once("..").unwrap_or_default();
                self.apps.push((Span { first: first.parse().ok(), last: last.parse().ok() }, app));
            }
            _ => return false,
        }
        true
    }

    /// The versions, from the first to the last.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The Thanos that a version runs by itself; `None` when its chart does not say.
    pub fn app_version(&self, version: Version) -> Option<ThanosVersion> {
        let found = self.apps.iter().find(|(span, _)| span.holds(version));
        found.and_then(|(_, app)| ThanosVersion::of_tag(app))
    }

    /// Whether `version` knows the key `path`, its names joined by dots.
    pub fn knows(&self, version: Version, path: &str) -> bool {
        let mut keys = &self.keys;
        for name in path.split('.') {
            let Some(key) = keys.get(name) else { return false };
            match key.kind(version) {
                None | Some(Kind::Dead(_)) => return false,
                Some(Kind::Free) => return true,
                Some(_) => keys = &key.keys,
            }
        }
        true
    }

    /// What may stand behind the key `path` in `version`; `None` when that does not know it, or knows only the free
    /// mapping above it.
    pub fn kind(&self, version: Version, path: &str) -> Option<Kind> {
        let mut names = path.split('.');
        let first = self.keys.get(names.next()?)?;
        let key = names.try_fold(first, |key, name| key.kind(version).and_then(|_| key.keys.get(name)))?;
        key.kind(version)
    }

    /// The keys that `version` has in its values.yaml and that no template of it reads, each with what it is there.
    pub fn dead(&self, version: Version) -> Vec<(String, Value)> {
        fn below(version: Version, lead: &str, keys: &BTreeMap<&'static str, Key>, found: &mut Vec<(String, Value)>) {
            for (name, key) in keys {
                let path = if lead.is_empty() { (*name).to_owned() } else { format!("{lead}.{name}") };
                match key.kind(version) {
                    Some(Kind::Dead(own)) => found.push((path, serde_json::from_str(own).unwrap_or_default())),
                    Some(_) => below(version, &path, &key.keys, found),
                    None => {}
                }
            }
        }
        let mut found = Vec::new();
        below(version, "", &self.keys, &mut found);
        found
    }

    /// What is wrong with `thanos.values` for `version`.
    pub fn check(&self, version: Version, values: &Map<String, Value>) -> Vec<Failure> {
        let failure = |problem: KeyProblem| {
            let path = problem.path.join(".");
            let wrong = |what: &str| {
                Failure::new(format!("`thanos.values`: `{path}` {what}"))
                    .at(["thanos", "values"].into_iter().chain(problem.path.iter().map(String::as_str)))
            };
            let unknown = || wrong(&format!("is no key of the chart in version {version}"));
            match &problem.kind {
                KeyProblemKind::Unknown(None) => unknown(),
                KeyProblemKind::Unknown(Some(known)) | KeyProblemKind::Misplaced(known) => {
                    unknown().hint(format!("did you mean `{known}`?"))
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
                KeyProblemKind::Dead(instead) => {
                    let failure = wrong(&format!("is read by no template of version {version}"));
                    match instead {
                        Some(other) => failure.hint(format!("it reads `{other}`")),
                        None => failure.hint("leave it out: it has no effect"),
                    }
                }
                KeyProblemKind::WrongType(Kind::Bool) => {
                    wrong("wants true or false, without quotes").hint("Helm takes every other text for true")
                }
                KeyProblemKind::WrongType(kind) => wrong(kind.wanted()),
            }
        };
        self.problems(version, values).into_iter().map(failure).collect()
    }

    /// What is wrong with the keys of `values` for `version`, in their order.
    pub fn problems(&self, version: Version, values: &Map<String, Value>) -> Vec<KeyProblem> {
        let renames = Renames::of(self.chart);
        let mut problems = Vec::new();
        self.check_below(version, &renames, &mut Vec::new(), &self.keys, values, &mut problems);
        problems
    }

    fn check_below(
        &self,
        version: Version,
        renames: &Renames,
        path: &mut Vec<String>,
        keys: &BTreeMap<&'static str, Key>,
        values: &Map<String, Value>,
        problems: &mut Vec<KeyProblem>,
    ) {
        for (name, value) in values {
            path.push(name.clone());
            let key = keys.get(name.as_str());
            let kind = key.and_then(|key| key.kind(version));
            if let Some(dead @ Kind::Dead(_)) = kind {
                if !dead.takes(value) {
                    let instead = self.instead(version, renames, path, keys);
                    problems.push(KeyProblem { path: path.clone(), kind: KeyProblemKind::Dead(instead) });
                }
                path.pop();
                continue;
            }
            let renamed = renames.of_path(path, version).filter(|(_, is_old, _)| *is_old || kind.is_none());
            if kind.is_none()
                && let Value::Object(below) = value
            {
                // Keys below may have names of their own, whatever became of the mapping that holds them.
                let mut found = renames.of_leaves(path, below, version);
                if !found.is_empty() {
                    if let Some((other, true, since)) = &renamed {
                        found.extend(moved_along(path, below, &found, other, *since));
                    }
                    problems.extend(found);
                    path.pop();
                    continue;
                }
            }
            let problem = match (renamed, key, kind) {
                (Some((other, true, since)), ..) => Some(KeyProblemKind::RenamedTo(other, since)),
                (Some((other, false, since)), ..) => Some(KeyProblemKind::RenamedFrom(other, since)),
                (None, None, _) => Some(self.unknown(version, path, keys)),
                // What is global is shared with sub-charts, which keep old names longer: bitnami/common still reads
                // `global.storageClass` in 17.6.0.
                (None, Some(_), None) if path[0] == "global" => None,
                (None, Some(key), None) if self.spans(key).is_empty() => Some(self.unknown(version, path, keys)),
                (None, Some(key), None) => Some(KeyProblemKind::OtherVersions(self.spans(key))),
                (None, Some(_), Some(kind)) if !kind.takes(value) => Some(KeyProblemKind::WrongType(kind)),
                (None, Some(key), Some(Kind::Map)) => {
                    if let Value::Object(below) = value {
                        self.check_below(version, renames, path, &key.keys, below, problems);
                    }
                    None
                }
                (None, Some(_), Some(_)) => None,
            };
            problems.extend(problem.map(|kind| KeyProblem { path: path.clone(), kind }));
            path.pop();
        }
    }

    /// The versions that read a key, whatever it is there.
    fn spans(&self, key: &Key) -> Vec<Span> {
        let read = key.kinds.iter().filter(|(kind, _)| !matches!(kind, Kind::Dead(_)));
        Span::joined(read.map(|(_, span)| *span).collect(), &self.versions)
    }

    /// What a version reads instead of a dead key: what it was called before, or will be, or a key of the same parent that
    /// is spelled alike.
    fn instead(
        &self,
        version: Version,
        renames: &Renames,
        path: &[String],
        siblings: &BTreeMap<&'static str, Key>,
    ) -> Option<String> {
        let renamed =
            renames.of_path(path, version).map(|(other, ..)| other).filter(|other| self.knows(version, other));
        let (name, parents) = path.split_last()?;
        let read = siblings.iter().filter(|(_, key)| key.is_read(version)).map(|(name, _)| *name);
        let alike = |sibling: &str| parents.iter().map(String::as_str).chain([sibling]).collect::<Vec<_>>().join(".");
        renamed.or_else(|| nearest(name, read).map(alike))
    }

    /// Of a key that no version knows: what may be meant. A key of the same parent that is spelled alike, else one of that
    /// name elsewhere, the nearest.
    fn unknown(&self, version: Version, path: &[String], siblings: &BTreeMap<&'static str, Key>) -> KeyProblemKind {
        let Some((name, parents)) = path.split_last() else { return KeyProblemKind::Unknown(None) };
        let known = siblings.iter().filter(|(_, key)| key.is_read(version)).map(|(name, _)| *name);
        if let Some(sibling) = nearest(name, known) {
            let path: Vec<&str> = parents.iter().map(String::as_str).chain([sibling]).collect();
            return KeyProblemKind::Unknown(Some(path.join(".")));
        }
        let mut found = Vec::new();
        match parents.first().and_then(|top| self.keys.get(top.as_str()).map(|key| (top, key))) {
            Some((top, key)) => find(version, top, &key.keys, name, &mut found),
            None => find(version, "", &self.keys, name, &mut found),
        }
        let nearest = found.into_iter().min_by_key(|path| (path.matches('.').count(), path.len()));
        nearest.map_or(KeyProblemKind::Unknown(None), KeyProblemKind::Misplaced)
    }
}

impl Catalog {
    /// Sets every key that `version` knows and `values` lack to something: so values may be of which some stand elsewhere.
    pub fn fill(&self, version: Version, values: &mut Map<String, Value>) {
        fill(&self.keys, version, values);
    }
}

fn fill(keys: &BTreeMap<&'static str, Key>, version: Version, values: &mut Map<String, Value>) {
    for (name, key) in keys {
        let Some(kind) = key.kind(version) else { continue };
        let something = match kind {
            Kind::Any | Kind::Text => Value::from("x"),
            Kind::Bool => Value::Bool(true),
            Kind::List => Value::from(vec!["x"]),
            Kind::Free => Value::Object(Map::from_iter([("x".to_owned(), Value::from("x"))])),
            Kind::Map => Value::Object(Map::new()),
            // Whatever it is, nothing depends on it.
            Kind::Dead(_) => continue,
        };
        let value = values.entry(*name).or_insert(something);
        if let (Kind::Map, Value::Object(below)) = (kind, value) {
            fill(&key.keys, version, below);
        }
    }
}

impl Key {
    fn is_read(&self, version: Version) -> bool {
        self.kind(version).is_some_and(|kind| !matches!(kind, Kind::Dead(_)))
    }

    fn kind(&self, version: Version) -> Option<Kind> {
        self.kinds.iter().find(|(_, span)| span.holds(version)).map(|(kind, _)| *kind)
    }
}

impl Kind {
    /// What it wants, in words that follow the key.
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Any => "takes anything",
            Self::Bool => "wants true or false, without quotes",
            Self::Text => "wants a text or a number",
            Self::List => "wants a list",
            Self::Map => "wants keys below it",
            Self::Free => "wants a mapping",
            Self::Dead(_) => "has no effect",
        }
    }
}

/// The paths of all keys named `name`.
fn find(version: Version, parent: &str, keys: &BTreeMap<&'static str, Key>, name: &str, found: &mut Vec<String>) {
    for (key, below) in keys.iter().filter(|(_, key)| key.is_read(version)) {
        let path = if parent.is_empty() { (*key).to_owned() } else { format!("{parent}.{key}") };
        find(version, &path, &below.keys, name, found);
        if *key == name {
            found.push(path);
        }
    }
}

/// What a chart renamed, kept by hand.
const RENAMES: &str = include_str!("../../catalogue/renames.txt");

/// The renames of a chart: since when, from what, to what.
struct Renames(Vec<(Version, Vec<&'static str>, Vec<&'static str>)>);

impl Renames {
    fn of(chart: &str) -> Self {
        let row = |line: &'static str| {
            let mut words = line.split(' ').filter(|_| !line.starts_with('#'));
            let (of, since) = (words.next()?, words.next()?.parse().ok()?);
            let mut path = || words.next().map(|path| path.split('.').collect::<Vec<_>>());
            (of == chart).then_some((since, path()?, path()?))
        };
        Self(RENAMES.lines().filter_map(row).collect())
    }

    /// The keys below `path` that have another name.
    fn of_leaves(&self, path: &mut Vec<String>, values: &Map<String, Value>, version: Version) -> Vec<KeyProblem> {
        let mut found = Vec::new();
        for (name, value) in values {
            path.push(name.clone());
            let renamed = self.of_path(path, version);
            let mut deeper = match value {
                Value::Object(below) => self.of_leaves(path, below, version),
                _ => Vec::new(),
            };
            match (renamed, value) {
                (Some((other, true, since)), Value::Object(below)) if !deeper.is_empty() => {
                    deeper.extend(moved_along(path, below, &deeper, &other, since));
                }
                (Some((other, is_old, since)), _) => {
                    let kind = if is_old { KeyProblemKind::RenamedTo } else { KeyProblemKind::RenamedFrom };
                    deeper = vec![KeyProblem { path: path.clone(), kind: kind(other, since) }];
                }
                (None, _) => {}
            }
            found.extend(deeper);
            path.pop();
        }
        found
    }

    /// The other name of a key: what a key that is old in `version` is called now (true), or what a key that is new is
    /// called there (false); and since when it has the new name.
    fn of_path(&self, path: &[String], version: Version) -> Option<(String, bool, Version)> {
        for (since, old, new) in &self.0 {
            let (from, to, is_old) = if version >= *since { (old, new, true) } else { (new, old, false) };
            if let Some(other) = renamed(path, from, to)
                && from.len() == path.len()
            {
                // What it became may have been renamed again.
                let other: Vec<String> = other;
                let again = self.of_path(&other, version).filter(|(_, again, _)| *again == is_old);
                let name = again.map_or_else(|| other.join("."), |(name, ..)| name);
                return Some((name, is_old, *since));
            }
        }
        None
    }
}

/// The keys below a renamed mapping that are not among `found`: each keeps its name below the mapping's new one.
fn moved_along(
    path: &[String],
    values: &Map<String, Value>,
    found: &[KeyProblem],
    other: &str,
    since: Version,
) -> Vec<KeyProblem> {
    let mut moved = Vec::new();
    for name in values.keys() {
        let own: Vec<String> = path.iter().chain([name]).cloned().collect();
        if !found.iter().any(|problem| problem.path.starts_with(&own)) {
            moved.push(KeyProblem { path: own, kind: KeyProblemKind::RenamedTo(format!("{other}.{name}"), since) });
        }
    }
    moved
}

/// `path` with the new names for the old ones that it is; `*` stands for one name.
fn renamed(path: &[String], from: &[&str], to: &[&str]) -> Option<Vec<String>> {
    let star = from.iter().position(|name| *name == "*").and_then(|at| path.get(at));
    let fits = from.len() <= path.len() && from.iter().zip(path).all(|(name, it)| *name == "*" || name == it);
    let new = |name: &&str| if *name == "*" { star.cloned().unwrap_or_default() } else { (*name).to_owned() };
    fits.then(|| to.iter().map(new).chain(path[from.len()..].iter().cloned()).collect())
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
            ("17.3.1", "{global: {storageClass: x}}", ""),
            ("16.0.0", "{minio: {console: {enabled: true}}}", "the chart knows it in 17.0.0 and later"),
            ("3.0.1", "{query: {stores: [a]}}", "calls it so since 3.1.0; before, it is `querier`"),
            ("17.3.1", "{query: {service: {http: {nodePort: 1}}}}", "`query.service.nodePorts.http` since 7.0.0"),
            ("10.5.5", "{query: {service: {nodePorts: {grpc: 1}}}}", ""),
            ("11.0.0", "{query: {service: {nodePorts: {grpc: 1}}}}", "`query.serviceGrpc.nodePorts.grpc` since 11.0.0"),
            ("9.0.13", "{query: {grpcTLS: {client: {servername: a}}}}", "`query.grpc.client.servername` since 8.0.0"),
            ("17.3.1", "{query: {grpcTLS: {client: {servername: a}}}}", "`query.grpc.client.serverName` since"),
            (
                "17.3.1",
                "{query: {grpcTLS: {client: {servername: a, ca: b}}}}",
                "`query.grpc.client.tls.ca` since 8.0.0",
            ),
            ("9.0.13", "{query: {grpc: {client: {serverName: a}}}}", "it reads `query.grpc.client.servername`"),
            ("17.3.1", "{service: {type: NodePort}}", "did you mean"),
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
    fn keys_come_and_go_with_their_parents() {
        let chart = Chart::find("bitnami/thanos", Some("17.3.1")).unwrap();
        let knows = |version, path| chart.catalog.knows(version, path);
        assert!(knows(Version(16, 0, 7), "minio.volumePermissions.image"));
        assert!(!knows(Version(17, 0, 0), "minio.volumePermissions.image"));
        assert!(knows(Version(17, 0, 0), "minio.console.image"));
        assert!(!knows(Version(16, 0, 7), "minio.console.image"));
        assert_eq!(chart.catalog.versions().len(), 457);
        assert_eq!(chart.catalog.app_version(Version(17, 3, 1)), Some(ThanosVersion::new(0, 39, 2)));
    }
}
