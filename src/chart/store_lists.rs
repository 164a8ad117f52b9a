//! Under which keys of values stores stand: those that a chart reads in a version, and those that it does not.

use serde_json::Value;

use super::catalog::Kind;
use super::chart_version::Chart;
use super::dialects::DIALECTS;
use super::edit::View;
use super::part::{Component, Part};
use crate::document;

/// Lists of addresses that some version of some chart reads, besides those to which thanosctl writes.
const OTHERS: [&str; 4] = ["querier.stores", "query.stores", "query.additionalStores", "additionalEndpoints"];

/// Where people put addresses although no chart reads them there.
const NOWHERE: [&str; 6] =
    ["stores", "endpoints", "query.endpoints", "query.store", "query.endpoint", "query.additionalEndpoints"];

/// Flags by which a querier is given a store (thanos, `cmd/thanos/query.go`).
const FLAGS: [&str; 4] = ["--endpoint=", "--endpoint-strict=", "--store=", "--store-strict="];

/// The flag by which a querier is given a file of endpoints as a text (thanos, `cmd/thanos/query.go`).
const FILE_FLAG: &str = "--endpoint.sd-config=";

/// An address that the querier gets by something else than a list of stores.
pub struct FixedStore {
    /// The key of what it gets it by.
    pub key: String,
    /// Of a list of flags, which one.
    pub item: Option<usize>,
    /// The address.
    pub text: String,
}

/// The keys under which any chart in any version has its stores.
fn all() -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let queriers = |dialect: &super::dialect::Dialect| {
        let keys = dialect.components.iter().filter(|(component, ..)| *component == Component::Query);
        keys.map(|(.., key)| *key).collect::<Vec<_>>()
    };
    for dialect in DIALECTS {
        for row in dialect.rows.iter().filter(|row| row.part == Part::Stores) {
            paths.extend(queriers(dialect).iter().map(|key| row.path.replacen('$', key, 1)));
        }
    }
    paths.extend(OTHERS.map(str::to_owned));
    let mut known = std::collections::HashSet::new();
    paths.retain(|path| known.insert(path.clone()));
    paths
}

impl Chart {
    /// The lists of stores that this version reads, the one to which new ones are written first. Empty for a version that
    /// has none.
    pub fn store_lists(&self) -> Vec<String> {
        let is_read = |path: &String| self.catalog.kind(self.version, path) == Some(Kind::List);
        let own = self.path(Part::Stores).filter(|path| self.catalog.knows(self.version, path));
        let mut lists: Vec<String> = own.into_iter().collect();
        lists.extend(all().into_iter().filter(is_read));
        let mut known = std::collections::HashSet::new();
        lists.retain(|path| known.insert(path.clone()));
        lists
    }

    /// The keys of `values` that hold addresses and that this version does not read.
    pub fn unread_lists(&self, view: &View<'_>) -> Vec<String> {
        let read = self.store_lists();
        let holds = |path: &String| {
            let is_list = view.value(path).and_then(Value::as_array).is_some_and(|items| !items.is_empty());
            is_list && !read.contains(path)
        };
        all().into_iter().chain(NOWHERE.map(str::to_owned)).filter(holds).collect()
    }

    /// The addresses that `values` give the querier by flags, and by the text of a file of service discovery.
    pub fn fixed_stores(&self, view: &View<'_>) -> Vec<FixedStore> {
        let mut stores = Vec::new();
        if let Some(key) = self.path(Part::Flags(Component::Query)) {
            let flags = view.value(&key).and_then(Value::as_array).into_iter().flatten().enumerate();
            for (item, flag) in flags.filter_map(|(item, flag)| Some((item, flag.as_str()?))) {
                let address = FLAGS.iter().find_map(|name| flag.strip_prefix(name)).map(str::to_owned);
                let file = flag.strip_prefix(FILE_FLAG).map(|text| discovered(&Value::from(text))).unwrap_or_default();
                let found = address.into_iter().chain(file);
                stores.extend(found.map(|text| FixedStore { key: key.clone(), item: Some(item), text }));
            }
        }
        if let Some((key, file)) = self.discovery_file(view) {
            let found = discovered(file).into_iter();
            stores.extend(found.map(|text| FixedStore { key: key.clone(), item: None, text }));
        }
        stores
    }

    /// The text of the querier's file of service discovery with its key (bitnami/thanos,
    /// `templates/query/sd-configmap.yaml`); `None` where a ConfigMap that exists takes its place.
    fn discovery_file<'v>(&self, view: &'v View<'_>) -> Option<(String, &'v Value)> {
        let querier = self.key(Component::Query)?;
        let [key, other] = ["sdConfig", "existingSDConfigmap"].map(|name| format!("{querier}.{name}"));
        let is_read = self.catalog.knows(self.version, &key);
        let is_set = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        if !is_read || view.value(&other).is_some_and(is_set) {
            return None;
        }
        Some((key.clone(), view.value(&key)?))
    }
}

/// The addresses in a file of service discovery, which stands as a text or as what that says: target groups
/// (`--store.sd-files`) or endpoints (`--endpoint.sd-config`). A text that is a template has none that are known.
fn discovered(file: &Value) -> Vec<String> {
    let read = file.as_str().and_then(|text| document::read::<Value>("service discovery", text).ok());
    let file = read.as_ref().unwrap_or(file);
    let groups = file.as_array().into_iter().flatten();
    let targets = groups.filter_map(|group| group.get("targets")?.as_array()).flatten();
    let endpoints = file.get("endpoints").and_then(Value::as_array).into_iter().flatten();
    let addresses = targets.chain(endpoints.filter_map(|endpoint| endpoint.get("address")));
    addresses.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The key to which the stores of a chart in a version are written; `None` when the two are not known.
pub fn store_path(chart: &str, version: Option<&str>) -> Option<String> {
    Chart::find_known(chart, version).ok()?.store_lists().into_iter().next()
}

/// What says against a chart that `values` are for it, where nothing says that they are: a key under which only other
/// charts or other versions have stores, or the querier.
pub fn contradiction(chart: &Chart, view: &View<'_>) -> Option<String> {
    let read = chart.store_lists();
    if read.iter().any(|path| view.value(path).is_some()) {
        return None;
    }
    let other = all().into_iter().find(|path| !read.contains(path) && view.value(path).is_some());
    let querier = chart.key(Component::Query).unwrap_or("query");
    let keys = DIALECTS.iter().flat_map(|dialect| dialect.components).filter(|(it, ..)| *it == Component::Query);
    let section = || keys.map(|(.., key)| *key).find(|key| *key != querier && view.value(key).is_some());
    other.or_else(|| section().filter(|_| view.value(querier).is_none()).map(str::to_owned))
}

/// The newest version of each chart that reads `key`, or has its querier there.
pub fn readers(key: &str) -> Vec<Chart> {
    let reads =
        |chart: &Chart| chart.key(Component::Query) == Some(key) || chart.store_lists().iter().any(|path| path == key);
    let newest = |dialect: &&'static super::dialect::Dialect| {
        let versions = dialect.catalog.versions().iter().rev();
        let mut charts = versions.map(|version| Chart { dialect, version: *version, catalog: &dialect.catalog });
        charts.find(reads)
    };
    DIALECTS.iter().filter_map(newest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::edit::{Document, Wrapper};

    fn chart(name: &str, version: &str) -> Chart {
        Chart::find_known(name, Some(version)).unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[test]
    fn the_lists_are_those_that_the_version_reads() {
        for (name, version, lists) in [
            ("bitnami/thanos", "17.3.1", &["query.stores"][..]),
            ("bitnami/thanos", "3.1.0", &["query.stores"]),
            ("bitnami/thanos", "3.0.1", &["querier.stores"]),
            ("stevehipwell/thanos", "1.24.1", &["additionalEndpoints", "query.additionalStores"]),
            ("stevehipwell/thanos", "1.10.2", &["query.additionalStores"]),
            ("thanos-community/thanos", "0.38.0", &["query.endpoints.static", "query.stores"]),
        ] {
            assert_eq!(chart(name, version).store_lists(), lists, "{name} {version}");
        }
    }

    #[test]
    fn every_version_that_is_known_has_a_list_or_is_too_old_to_have_one() {
        for dialect in DIALECTS {
            let without: Vec<String> = dialect
                .catalog
                .versions()
                .iter()
                .filter(|version| chart(dialect.chart, &version.to_string()).store_lists().is_empty())
                .map(ToString::to_string)
                .collect();
            let expected: &[&str] = match dialect.chart {
                "stevehipwell/thanos" => &["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0"],
                _ => &[],
            };
            assert_eq!(without, expected, "{}", dialect.chart);
        }
    }

    #[test]
    fn what_speaks_against_a_chart_is_a_key_of_another() {
        let against = |text: &str| {
            let document = Document::parse("values.yaml", text).unwrap();
            let view = View::of(&document, &Wrapper::default()).unwrap();
            contradiction(&chart("bitnami/thanos", "17.3.1"), &view)
        };
        assert_eq!(against("querier: {replicaCount: 1}\n").as_deref(), Some("querier"));
        assert_eq!(against("querier: {stores: [a]}\nquery: {}\n").as_deref(), Some("querier.stores"));
        assert_eq!(against("additionalEndpoints: []\nquery: {}\n").as_deref(), Some("additionalEndpoints"));
        assert_eq!(against("additionalEndpoints: [a]\nquery: {stores: []}\n"), None);
        assert_eq!(against("query: {}\nother: 1\n"), None);
    }

    #[test]
    fn the_readers_of_a_key_are_the_newest_that_read_it() {
        let told = |key: &str| {
            let told = |chart: Chart| format!("{} {}", chart.dialect.chart, chart.version);
            readers(key).into_iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(told("querier.stores"), ["bitnami/thanos 3.0.1"]);
        assert_eq!(told("querier"), ["bitnami/thanos 3.0.1"]);
        assert_eq!(told("additionalEndpoints"), ["stevehipwell/thanos 1.24.1"]);
    }
}
