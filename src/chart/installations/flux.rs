//! Flux: `HelmRelease`, and what says where its chart and its values come from.

use std::collections::HashMap;

use serde_json::Value;

use super::fields::{is_unknown, known, layer, set_path, text, up_to_list};
use super::installation::{Anchor, Installation, Layer, Outside};
use super::repository::{ChartReference, Repository, located};
use crate::chart::edit::Wrapper;

/// The release of a `HelmRelease`; nothing of anything else.
pub(super) fn installations(at: usize, document: &Value, objects: &Objects<'_>) -> Option<Installation> {
    if group(document) != "helm.toolkit.fluxcd.io" || text(document, &["kind"]) != "HelmRelease" {
        return None;
    }
    let spec = document.get("spec").unwrap_or(&Value::Null);
    let name = known(document, &["metadata", "name"]);
    let target = known(spec, &["targetNamespace"]);
    let release = known(spec, &["releaseName"]).or_else(|| match (&name, spec.get("targetNamespace")) {
        (Some(name), None) => Some(name.clone()),
        (Some(name), Some(_)) => target.as_ref().map(|target| format!("{target}-{name}")),
        (None, _) => None,
    });
    let mut found = Installation {
        title: format!("HelmRelease `{}`", name.as_deref().unwrap_or("?")),
        chart: Some(chart(document, objects)),
        // A longer one is cut, and has a hash behind it.
        release: release.filter(|release| release.len() <= 53 && !is_unknown(spec, &["releaseName"])),
        namespace: if spec.get("targetNamespace").is_some() {
            target
        } else {
            known(document, &["metadata", "namespace"])
        },
        ..Installation::default()
    };
    values_from(at, spec, objects, &mut found);
    if spec.get("values").is_some_and(|values| !values.is_null()) {
        found.layers.extend(layer(at, "spec.values"));
    }
    Some(found)
}

/// An object, and the number of its document in the file; `None` of one that stands in another file.
type Object<'v> = (Option<usize>, &'v Value);

/// The objects of a file and of those beside it, by what names them.
pub(super) struct Objects<'v> {
    /// By kind and name, those of the file with its number first.
    named: HashMap<(String, String), Vec<Object<'v>>>,
    /// The generators of kustomize, by their list and their name.
    generators: HashMap<(&'static str, String), Vec<&'v Value>>,
}

impl<'v> Objects<'v> {
    /// Those of the documents of a file, and of other files.
    pub(super) fn of(documents: &'v [Value], sources: &'v [Value]) -> Self {
        let (mut named, mut generators): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) = Default::default();
        let own = documents.iter().enumerate().map(|(at, document)| (Some(at), document));
        for (at, object) in own.chain(sources.iter().map(|source| (None, source))) {
            let name = (text(object, &["kind"]).to_owned(), text(object, &["metadata", "name"]).to_owned());
            named.entry(name).or_default().push((at, object));
        }
        for list in ["configMapGenerator", "secretGenerator"] {
            let found = sources.iter().filter_map(|source| source.get(list)?.as_array()).flatten();
            found
                .for_each(|found| generators.entry((list, text(found, &["name"]).to_owned())).or_default().push(found));
        }
        Self { named, generators }
    }

    fn named(&self, kind: &str, name: &str) -> &[Object<'v>] {
        self.named.get(&(kind.to_owned(), name.to_owned())).map_or(&[], Vec::as_slice)
    }
}

fn group(document: &Value) -> &str {
    text(document, &["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group)
}

/// The source of that kind and name. One of another namespace may have the name too; what is said of the namespace
/// decides, where anything is.
fn source<'v>(kind: &str, reference: &Value, objects: &Objects<'v>) -> Option<&'v Value> {
    let (name, namespace) = (text(reference, &["name"]), text(reference, &["namespace"]));
    let of = |object: &&Value| {
        let own = text(object, &["metadata", "namespace"]);
        group(object) == "source.toolkit.fluxcd.io" && (namespace.is_empty() || own.is_empty() || own == namespace)
    };
    objects.named(kind, name).iter().map(|(_, object)| *object).find(of)
}

/// The chart of a release.
fn chart(document: &Value, objects: &Objects<'_>) -> ChartReference {
    let spec = document.get("spec").unwrap_or(&Value::Null);
    if let Some(reference) = spec.get("chartRef") {
        let kind = text(reference, &["kind"]);
        return match source(kind, reference, objects) {
            Some(object) if kind == "OCIRepository" => oci(object),
            Some(object) if kind == "HelmChart" => from_template(object.get("spec").unwrap_or(&Value::Null), objects),
            Some(_) | None => ChartReference {
                repository: Repository::Elsewhere(format!("{kind}/{}", text(reference, &["name"]))),
                ..ChartReference::default()
            },
        };
    }
    from_template(spec.pointer("/chart/spec").unwrap_or(&Value::Null), objects)
}

/// The chart of an `OCIRepository`: its digest wins over its range, which wins over its tag.
fn oci(object: &Value) -> ChartReference {
    let spec = object.get("spec").unwrap_or(&Value::Null);
    let (name, repository) = match known(spec, &["url"]) {
        Some(url) => located(&url),
        None => (None, Repository::Elsewhere(text(object, &["metadata", "name"]).to_owned())),
    };
    let (semver, tag) = (known(spec, &["ref", "semver"]), known(spec, &["ref", "tag"]));
    let is_said = |name: &str| !text(spec, &["ref", name]).is_empty();
    // A tag beside a digest is there for people, and says what the digest is.
    let version = if is_said("digest") { tag } else { semver.or(tag) };
    let is_version_unknown = version.is_none() && ["digest", "semver", "tag"].iter().any(|name| is_said(name));
    ChartReference { name, repository, version, is_version_unknown }
}

/// The chart of `spec.chart.spec`, or of a `HelmChart`.
fn from_template(spec: &Value, objects: &Objects<'_>) -> ChartReference {
    let reference = spec.get("sourceRef").unwrap_or(&Value::Null);
    let kind = text(reference, &["kind"]);
    let found = source(kind, reference, objects);
    let url = found.and_then(|source| known(source, &["spec", "url"]));
    if kind == "GitRepository" || kind == "Bucket" {
        // The chart is a folder of it, and has its own version.
        let name = known(spec, &["chart"]).and_then(|chart| located(&chart).0);
        let tag = found.and_then(|source| known(source, &["spec", "ref", "tag"]));
        let version = tag.and_then(|tag| tag.rsplit('/').next().map(str::to_owned));
        let repository = match url {
            Some(url) => Repository::Address(url),
            None => Repository::Elsewhere(format!("{kind}/{}", text(reference, &["name"]))),
        };
        let is_version_unknown = version.is_none();
        return ChartReference { name, repository, version, is_version_unknown };
    }
    let name = known(spec, &["chart"]).and_then(|chart| located(&chart).0);
    let repository = match (url, known(reference, &["name"])) {
        (Some(url), _) => Repository::Address(url),
        (None, Some(name)) => Repository::Name(name),
        (None, None) if reference.is_null() => Repository::Unsaid,
        (None, None) => Repository::Elsewhere(kind.to_owned()),
    };
    let version = known(spec, &["version"]);
    ChartReference { name, repository, version, is_version_unknown: is_unknown(spec, &["version"]) }
}

/// What `spec.valuesFrom` brings. What stands in `spec.values` wins over all of it:
/// <https://fluxcd.io/flux/components/helm/helmreleases/#values-overrides>.
fn values_from(at: usize, spec: &Value, objects: &Objects<'_>, found: &mut Installation) {
    let references = spec.get("valuesFrom").and_then(Value::as_array);
    for (index, reference) in references.into_iter().flatten().enumerate() {
        let target = text(reference, &["targetPath"]);
        if target.is_empty() {
            match in_this_file(reference, objects).or_else(|| generated(reference, objects)) {
                Some(layer) => found.layers.push(layer),
                None => {
                    let what = format!("{} `{}`", text(reference, &["kind"]), text(reference, &["name"]));
                    found.outside.push(Outside::Rest(what));
                }
            }
            continue;
        }
        let named = layer(at, &format!("spec.valuesFrom[{index}].targetPath"));
        let path = set_path(target).or_else(|| up_to_list(target));
        match (path, named) {
            (Some(path), Some(named)) => found.outside.push(Outside::Field { path, named }),
            _ => found.outside.push(Outside::Rest(format!("`{target}`"))),
        }
    }
}

/// The values in an object of the same file.
fn in_this_file(reference: &Value, objects: &Objects<'_>) -> Option<Layer> {
    let (kind, name) = (text(reference, &["kind"]), text(reference, &["name"]));
    let key = match text(reference, &["valuesKey"]) {
        "" => "values.yaml",
        key => key,
    };
    // The base64 of a Secret is not read: nobody has values in it that are to be seen.
    let data = if kind == "ConfigMap" { "data" } else { "stringData" };
    let holds = |object: &Value| object.get(data).and_then(|data| data.get(key)).is_some_and(Value::is_string);
    let mut named = objects.named(kind, name).iter();
    let document = named.find_map(|(at, object)| at.filter(|_| holds(object)))?;
    layer(document, &format!("{data}[\"{key}\"]"))
}

/// The file from which kustomize makes the object, by a kustomization.yaml beside the release.
fn generated(reference: &Value, objects: &Objects<'_>) -> Option<Layer> {
    let generators = match text(reference, &["kind"]) {
        "ConfigMap" => "configMapGenerator",
        "Secret" => "secretGenerator",
        _ => return None,
    };
    let wanted = match text(reference, &["valuesKey"]) {
        "" => "values.yaml",
        key => key,
    };
    let own = objects.generators.get(&(generators, text(reference, &["name"]).to_owned())).into_iter().flatten();
    let files = own.filter_map(|generator| generator.get("files")?.as_array()).flatten().filter_map(Value::as_str);
    let mut named = files.map(|file| match file.split_once('=') {
        Some((key, path)) => (key, path),
        None => (file.rsplit('/').next().unwrap_or_default(), file),
    });
    let (_, path) = named.find(|(key, _)| *key == wanted)?;
    Some(Layer::named(path, Anchor::Folder))
}

/// The values in a `ConfigMap`: `data["values.yaml"]`, where Flux looks unless it is told otherwise; else its YAML files.
pub(super) fn config_map(at: usize, document: &Value) -> Vec<Installation> {
    if text(document, &["apiVersion"]) != "v1" || text(document, &["kind"]) != "ConfigMap" {
        return Vec::new();
    }
    let data = document.get("data").and_then(Value::as_object).into_iter().flatten();
    let is_yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
    let mut keys: Vec<&String> = data.filter(|(name, _)| is_yaml(name)).map(|(name, _)| name).collect();
    if keys.iter().any(|key| *key == "values.yaml") {
        keys.retain(|key| *key == "values.yaml");
    }
    let name = known(document, &["metadata", "name"]);
    let of = |key: &String| Installation {
        title: format!("ConfigMap `{}`", name.as_deref().unwrap_or("?")),
        layers: layer(at, &format!("data[\"{key}\"]")).into_iter().collect(),
        ..Installation::default()
    };
    keys.into_iter().filter(|key| Wrapper::parse(&format!("data[\"{key}\"]")).is_ok()).map(of).collect()
}
