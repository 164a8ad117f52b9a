//! Argo CD: `Application`, and the template of an `ApplicationSet`.
//!
//! Of the ways to give values, parameters win over `valuesObject`, which stands for `values`, which win over `valueFiles`:
//! <https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-value-precedence>.

use serde_json::Value;

use super::fields::{is_unknown, known, layer, set_path, text, up_to_list};
use super::installation::{Anchor, Installation, Layer, Outside};
use super::repository::{ChartReference, Repository, located};

/// The releases of an object: one for each source that is a chart.
pub(super) fn installations(at: usize, document: &Value) -> Vec<Installation> {
    let group = text(document, &["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group);
    let (lead, pointer) = match (group, text(document, &["kind"])) {
        ("argoproj.io", "Application") => ("spec", "/spec"),
        ("argoproj.io", "ApplicationSet") => ("spec.template.spec", "/spec/template/spec"),
        _ => return Vec::new(),
    };
    let Some(spec) = document.pointer(pointer) else { return Vec::new() };
    let sources = spec.get("sources").and_then(Value::as_array).into_iter().flatten().enumerate();
    let mut sources: Vec<(String, &Value)> =
        sources.map(|(index, source)| (format!("{lead}.sources[{index}]"), source)).collect();
    // Where there are `sources`, Argo CD does not look at `source`.
    if sources.is_empty() {
        sources.extend(spec.get("source").map(|source| (format!("{lead}.source"), source)));
    }
    let count = sources.len();
    let patched = document.pointer("/spec/templatePatch").is_some_and(|patch| !patch.is_null());
    let mut found = Vec::new();
    for (index, (path, source)) in sources.into_iter().enumerate() {
        // A folder in git may hold anything, and files for other sources (`ref`).
        let address = text(source, &["repoURL"]);
        if source.get("chart").is_none() && source.get("helm").is_none() && !address.starts_with("oci://") {
            continue;
        }
        let name = known(document, &["metadata", "name"]);
        let own = known(spec, &["source", "helm", "releaseName"]).or_else(|| known(source, &["helm", "releaseName"]));
        let mut one = Installation {
            title: title(document, name.as_deref(), (count > 1).then_some(index)),
            chart: Some(chart(source)),
            release: own.or_else(|| name.filter(|_| lead == "spec" && source.pointer("/helm/releaseName").is_none())),
            namespace: known(spec, &["destination", "namespace"]),
            ..Installation::default()
        };
        values(at, &path, source, &mut one);
        if patched {
            one.outside.push(Outside::Rest("`templatePatch`".to_owned()));
        }
        found.push(one);
    }
    found
}

fn title(document: &Value, name: Option<&str>, source: Option<usize>) -> String {
    let object = format!("{} `{}`", text(document, &["kind"]), name.unwrap_or("?"));
    match source {
        Some(index) => format!("{object}, source {}", index + 1),
        None => object,
    }
}

fn chart(source: &Value) -> ChartReference {
    let address = known(source, &["repoURL"]);
    let revision = known(source, &["targetRevision"]);
    let is_version_unknown = is_unknown(source, &["targetRevision"]);
    if source.get("chart").is_some() {
        let (name, _) = known(source, &["chart"]).map_or((None, Repository::Unsaid), |chart| located(&chart));
        let repository = address.map_or(Repository::Unsaid, Repository::Address);
        return ChartReference { name, repository, version: revision, is_version_unknown };
    }
    match address {
        Some(address) if address.starts_with("oci://") => {
            let (name, repository) = located(&address);
            ChartReference { name, repository, version: revision, is_version_unknown }
        }
        // A folder in git: its chart has its own version, which only a tag may say.
        Some(address) => {
            let name = known(source, &["path"]).and_then(|path| located(&path).0);
            let tag = revision.and_then(|tag| tag.rsplit_once('/').map(|(_, tag)| tag.to_owned()));
            let is_version_unknown = tag.is_none();
            let repository = Repository::Address(address);
            let folder = ChartReference { name: name.clone(), repository, version: tag, is_version_unknown };
            match folder.identity() {
                super::repository::Identity::Known(_) => folder,
                _ => {
                    let path = known(source, &["path"]).unwrap_or_default();
                    ChartReference { name: None, repository: Repository::Elsewhere(path), ..ChartReference::default() }
                }
            }
        }
        None => ChartReference { repository: Repository::Elsewhere("repoURL".to_owned()), ..ChartReference::default() },
    }
}

fn values(at: usize, path: &str, source: &Value, found: &mut Installation) {
    let Some(helm) = source.get("helm") else { return };
    let files = helm.get("valueFiles").and_then(Value::as_array).into_iter().flatten();
    for file in files {
        let file = file.as_str().unwrap_or("?");
        // `$ref/path` is a path of the repository that another source names.
        match file.strip_prefix('$').and_then(|rest| rest.split_once('/')) {
            Some((_, path)) => found.layers.push(Layer::named(path, Anchor::Repository)),
            None => found.outside.push(Outside::Rest(format!("the values file `{file}`"))),
        }
    }
    if helm.get("valuesObject").is_some_and(Value::is_object) {
        found.layers.extend(layer(at, &format!("{path}.helm.valuesObject")));
    } else if helm.get("values").is_some_and(|values| !values.is_null()) {
        found.layers.extend(layer(at, &format!("{path}.helm.values")));
    }
    parameters(at, &format!("{path}.helm.parameters"), helm.get("parameters"), "forceString", found);
    parameters(at, &format!("{path}.helm.fileParameters"), helm.get("fileParameters"), "", found);
}

/// Values that are set one by one, as by `helm --set`: a list of `{name, value}`. Without `value` they are not in the file.
pub(super) fn parameters(at: usize, path: &str, list: Option<&Value>, force: &str, found: &mut Installation) {
    let list = list.and_then(Value::as_array).into_iter().flatten().enumerate();
    for (index, parameter) in list {
        let name = text(parameter, &["name"]);
        let named = layer(at, &format!("{path}[{index}].name"));
        let whole = set_path(name);
        let value = parameter.get("value").filter(|value| !value.is_object() && !value.is_array() && whole.is_some());
        let value = value.and_then(|_| layer(at, &format!("{path}[{index}].value")));
        let is_text = force == "always" || parameter.get(force).and_then(Value::as_bool).unwrap_or_default();
        match (whole.or_else(|| up_to_list(name)), named) {
            (Some(path), Some(named)) => found.outside.push(Outside::Set { path, named, value, is_text }),
            _ => found.outside.push(Outside::Rest(format!("the parameter `{name}`"))),
        }
    }
}
