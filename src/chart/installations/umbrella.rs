//! The Chart.yaml beside a values file: an umbrella chart that depends on Thanos charts, or the chart itself.

use serde_json::Value;

use super::fields::{known, text};
use super::installation::Installation;
use super::repository::{ChartReference, Repository, located};

/// What a Chart.yaml says about the values beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Umbrella {
    /// The name of the chart.
    pub name: String,
    /// The Thanos charts that it depends on, or the chart itself when it is one; without layers, since every values
    /// file beside it has its own.
    pub installations: Vec<Installation>,
}

/// What a chart depends on, by its Chart.yaml; with Helm 2 also by its requirements.yaml, which is `also`. `lock` is its
/// Chart.lock (requirements.lock), which has the versions that ranges were resolved to.
pub fn dependencies(chart: &Value, also: Option<&Value>, lock: Option<&Value>) -> Umbrella {
    let name = text(chart, &["name"]).to_owned();
    let list = |value: Option<&Value>| value.and_then(|value| value.get("dependencies")?.as_array().cloned());
    let dependencies: Vec<Value> = list(Some(chart)).into_iter().chain(list(also)).flatten().collect();
    let locked = list(lock).unwrap_or_default();
    let mut installations: Vec<Installation> = dependencies
        .iter()
        .enumerate()
        .filter(|(_, dependency)| text(dependency, &["name"]) == "thanos")
        .map(|(at, dependency)| {
            // Two of the same name and repository stand in the same order in both.
            let same = |other: &&Value| {
                text(other, &["name"]) == "thanos" && text(other, &["repository"]) == text(dependency, &["repository"])
            };
            let before = dependencies[..at].iter().filter(same).count();
            installation(dependency, locked.iter().filter(same).nth(before))
        })
        .collect();
    if installations.is_empty() && name == "thanos" {
        // What else it depends on has values of its own, under its name.
        let key = |dependency: &Value| known(dependency, &["alias"]).or_else(|| known(dependency, &["name"]));
        let conditions = dependencies.iter().filter_map(key).collect();
        installations.push(Installation { conditions, ..itself(chart) });
    }
    Umbrella { name, installations }
}

fn installation(dependency: &Value, lock: Option<&Value>) -> Installation {
    let below = known(dependency, &["alias"]).unwrap_or_else(|| "thanos".to_owned());
    let repository = match text(dependency, &["repository"]) {
        "" => Repository::Elsewhere("charts/thanos".to_owned()),
        // Names of repositories that were added to Helm.
        address if address.starts_with('@') => Repository::Name(address[1..].to_owned()),
        address if address.starts_with("alias:") => Repository::Name(address[6..].to_owned()),
        address if address.starts_with("file:") => {
            Repository::Elsewhere(address[5..].trim_start_matches('/').to_owned())
        }
        address => Repository::Address(address.to_owned()),
    };
    let version = lock.and_then(|lock| known(lock, &["version"])).or_else(|| known(dependency, &["version"]));
    let reference = ChartReference { name: Some("thanos".to_owned()), repository, version, is_version_unknown: false };
    Installation {
        title: format!("the dependency `{below}`"),
        chart: Some(reference),
        conditions: conditions(dependency, &below),
        below: vec![below],
        ..Installation::default()
    }
}

/// The keys below `below` that the umbrella reads itself: its condition, and what it imports.
fn conditions(dependency: &Value, below: &str) -> Vec<String> {
    let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let paths = text(dependency, &["condition"]).split(',').map(str::trim);
    let mut keys: Vec<String> =
        paths.filter_map(|path| path.strip_prefix(below)?.strip_prefix('.')).map(first).collect();
    let imports = dependency.get("import-values").and_then(Value::as_array).into_iter().flatten();
    keys.extend(imports.map(|import| match import.get("child").and_then(Value::as_str) {
        Some(child) => first(child),
        None => "exports".to_owned(),
    }));
    keys
}

/// A Thanos chart whose own values stand beside it. Who makes it is told by the addresses in it.
fn itself(chart: &Value) -> Installation {
    let mut signs = vec![text(chart, &["home"]).to_owned()];
    let sources = chart.get("sources").and_then(Value::as_array).into_iter().flatten();
    signs.extend(sources.filter_map(|source| source.as_str().map(str::to_owned)));
    let maintainers = chart.get("maintainers").and_then(Value::as_array).into_iter().flatten();
    signs.extend(maintainers.map(|maintainer| text(maintainer, &["url"]).to_owned()));
    let (name, _) = located("thanos");
    let version = known(chart, &["version"]);
    let repository = Repository::Address(signs.join(" ").trim().to_owned());
    Installation {
        title: "the chart".to_owned(),
        chart: Some(ChartReference { name, repository, version, is_version_unknown: false }),
        ..Installation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn read(text: &str) -> Value {
        document::read("Chart.yaml", text).unwrap()
    }

    #[test]
    fn a_dependency_says_where_its_values_are_and_what_switches_it() {
        let chart = read(
            "name: metrics\ndependencies:\n  - {name: grafana, version: 1.0.0, repository: https://x}\n  - {name: thanos, alias: hub, version: ^17.0.0, repository: 'oci://registry-1.docker.io/bitnamicharts', condition: 'hub.install, global.hub', tags: [obs], import-values: [data, {child: out.x, parent: y}]}\n  - {name: thanos, version: ^17.0.0, repository: 'oci://registry-1.docker.io/bitnamicharts'}\n",
        );
        let lock = read(
            "dependencies:\n  - {name: thanos, version: 17.3.1, repository: 'oci://registry-1.docker.io/bitnamicharts'}\n  - {name: thanos, version: 17.1.0, repository: 'oci://registry-1.docker.io/bitnamicharts'}\n",
        );
        let umbrella = dependencies(&chart, None, Some(&lock));
        let [hub, plain] = umbrella.installations.as_slice() else { panic!("{umbrella:?}") };
        assert_eq!((hub.below[0].as_str(), plain.below[0].as_str()), ("hub", "thanos"));
        assert_eq!(hub.conditions, ["install", "exports", "out"]);
        let version = |one: &Installation| one.chart.clone().unwrap().version.unwrap();
        assert_eq!((version(hub).as_str(), version(plain).as_str()), ("17.3.1", "17.1.0"));
    }

    #[test]
    fn a_chart_of_thanos_is_known_by_its_addresses() {
        use super::super::repository::Identity;
        for (text, identity) in [
            (
                "name: thanos\nversion: 17.3.1\nhome: https://bitnami.com\ndependencies: [{name: minio, repository: 'oci://x', version: 1.x.x}]\n",
                Identity::Known("bitnami/thanos"),
            ),
            (
                "name: thanos\nversion: 1.24.1\nsources: ['https://github.com/stevehipwell/helm-charts']\n",
                Identity::Known("stevehipwell/thanos"),
            ),
        ] {
            let umbrella = dependencies(&read(text), None, None);
            let [one] = umbrella.installations.as_slice() else { panic!("{umbrella:?}") };
            assert!(one.below.is_empty());
            assert_eq!(one.chart.as_ref().unwrap().identity(), identity);
        }
        assert!(dependencies(&read("name: metrics\nversion: 1.0.0\n"), None, None).installations.is_empty());
    }
}
