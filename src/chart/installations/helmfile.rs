//! helmfile: each of its releases that has values in the file itself.

use serde_json::Value;

use super::argo::parameters;
use super::fields::{is_unknown, known, layer, text};
use super::installation::{Anchor, Installation, Layer, Outside};
use super::repository::{ChartReference, Repository, located};

/// The keys that a document of a helmfile may have.
pub(super) const KEYS: [&str; 19] = [
    "apiVersions",
    "bases",
    "commonLabels",
    "defaultInherit",
    "environments",
    "env",
    "helmBinary",
    "helmDefaults",
    "helmfiles",
    "hooks",
    "kubeContext",
    "kubeVersion",
    "lockFilePath",
    "missingFileHandler",
    "releases",
    "repositories",
    "selectors",
    "templates",
    "values",
];

/// The releases of a helmfile; `documents` are all of the file, since one of them may have the repositories.
pub(super) fn installations(at: usize, document: &Value, documents: &[Value]) -> Vec<Installation> {
    let releases = document.get("releases").and_then(Value::as_array).into_iter().flatten().enumerate();
    releases.map(|(index, release)| installation(at, index, release, documents)).collect()
}

fn installation(at: usize, index: usize, release: &Value, documents: &[Value]) -> Installation {
    let name = known(release, &["name"]);
    let mut found = Installation {
        title: format!("release `{}`", name.as_deref().unwrap_or("?")),
        chart: Some(chart(release, documents)),
        release: name,
        namespace: known(release, &["namespace"]),
        ..Installation::default()
    };
    let values = release.get("values").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (number, value) in values {
        match value {
            Value::Object(_) => found.layers.extend(layer(at, &format!("releases[{index}].values[{number}]"))),
            Value::String(file) => found.layers.push(Layer::named(file, Anchor::Folder)),
            _ => {}
        }
    }
    for secrets in release.get("secrets").and_then(Value::as_array).into_iter().flatten() {
        found.outside.push(Outside::Rest(format!("the secrets in `{}`", secrets.as_str().unwrap_or("?"))));
    }
    if release.get("inherit").is_some() || release.get("valuesTemplate").is_some() || release.get("<<").is_some() {
        found.outside.push(Outside::Rest("a template of releases".to_owned()));
    }
    for (key, force) in [("set", ""), ("setString", "always")] {
        parameters(at, &format!("releases[{index}].{key}"), release.get(key), force, &mut found);
    }
    found
}

fn chart(release: &Value, documents: &[Value]) -> ChartReference {
    let version = known(release, &["version"]);
    let is_version_unknown = is_unknown(release, &["version"]);
    let Some(chart) = known(release, &["chart"]) else {
        return ChartReference { repository: Repository::Elsewhere("chart".to_owned()), ..ChartReference::default() };
    };
    let (name, mut repository) = located(&chart);
    if let Repository::Name(lead) = &repository {
        let repositories = documents.iter().filter_map(|document| document.get("repositories")?.as_array()).flatten();
        let address = repositories.filter(|it| text(it, &["name"]) == lead).find_map(|it| known(it, &["url"]));
        repository = address.map_or(repository, Repository::Address);
    }
    ChartReference { name, repository, version, is_version_unknown }
}
