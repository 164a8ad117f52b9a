//! What the template of bitnami/thanos is filled with.

use serde_json::{Map, Value, json};

use super::dialect::{Component, ImageCheck, When};
use super::release::Release;
use super::secrets::{Login, Store};
use super::stores::{self, provenance};
use super::{at, merge};
use crate::failure::Failures;
use crate::model::objstore::FILE;
use crate::model::plan::Plan;
use crate::model::release::{Persistence, ServiceSettings};

/// The replica label of a ruler that says nothing about it.
const RULER_REPLICA: &str = "replica";

/// What the template wants.
pub(super) fn context(release: &Release<'_>, plan: &Plan, missing: &[String]) -> Result<Value, Failures> {
    let (thanos, chart) = (release.thanos, &release.chart);
    let images = images(release);
    let stores = plan
        .endpoints()
        .iter()
        .map(|endpoint| json!({"address": endpoint.address.to_string(), "origin": provenance(endpoint)}));
    let named = |component: bool, value: Value| if component { value } else { Value::Null };
    Ok(json!({
        "head": head(release),
        "query": {
            "stores": stores.collect::<Vec<_>>(),
            "missing": missing,
            "replicaLabels": replica_labels(release),
            "service": service(thanos.query.service.as_ref(), "http"),
            "serviceGrpc": service(thanos.query.service_grpc.as_ref(), "grpc"),
        },
        "queryFrontend": thanos.query_frontend.is_some(),
        "objstore": objstore(release)?,
        "bucketweb": thanos.bucketweb.is_some(),
        "compactor": thanos.compactor.as_ref().map(|compactor| json!({
            "retention": some([
                ("retentionResolutionRaw", compactor.retention.raw.as_ref().map(|time| time.as_str())),
                ("retentionResolution5m", compactor.retention.five_minutes.as_ref().map(|time| time.as_str())),
                ("retentionResolution1h", compactor.retention.one_hour.as_ref().map(|time| time.as_str())),
            ]),
            "persistence": persistence(&compactor.persistence),
        })),
        "storegateway": thanos.storegateway.as_ref().map(|storegateway| json!({
            "persistence": persistence(&storegateway.persistence),
        })),
        "ruler": thanos.ruler.as_ref().map(|ruler| json!({
            "alertmanagers": ruler.alertmanagers.iter().map(|url| url.as_str()).collect::<Vec<_>>(),
            "replicaLabel": ruler.replica_label,
            "config": release.request.rules.map(|rules| chart.text("ruler.config", rules.text())),
            "persistence": persistence(&ruler.persistence),
        })),
        "minio": named(release.is_on(Component::Minio), json!({
            "release": minio(release)?,
            "images": images.get("minio"),
        })),
        "image": images.get("image"),
        "volumePermissions": images.get("volumePermissions"),
        "insecure": is_refused(release, &images),
        "clusterDomain": Some(&thanos.cluster_domain).filter(|domain| *domain != "cluster.local"),
    }))
}

/// Whether `tree` has what must never be lost on the way: every endpoint, in its order, and the labels.
pub(super) fn says_what_is_meant(release: &Release<'_>, plan: &Plan, tree: &Map<String, Value>) -> bool {
    let stores = plan.endpoints().iter().map(|endpoint| Value::from(endpoint.address.to_string()));
    at(tree, stores::PATH) == Some(&Value::Array(stores.collect()))
        && at(tree, "query.replicaLabel") == Some(&Value::from(replica_labels(release)))
}

/// The lines below the header: where the values belong, and how to install them.
fn head(release: &Release<'_>) -> Vec<String> {
    let (thanos, chart) = (release.thanos, &release.chart);
    let version = chart.version;
    let reference = chart.reference();
    // A folder has the version that was checked out; only a registry is asked for one.
    let (fetched, asked) = if reference.starts_with("oci://") {
        (None, format!(" --version {version}"))
    } else {
        (
            Some(format!(
                "This version is source alone: github.com/bitnami/charts, tag thanos/{version}, with its sub-charts."
            )),
            String::new(),
        )
    };
    let mut head = vec![format!(
        "Release {} in namespace {}. Generated: change thanosctl.yaml, not this file.",
        thanos.release, thanos.namespace
    )];
    head.extend(release.holds_secrets().then(|| "It holds secrets: keep it as you keep those.".to_owned()));
    head.extend(fetched);
    head.push(format!(
        "helm upgrade --install {} {reference}{asked} --namespace {} --values FILE",
        thanos.release, thanos.namespace
    ));
    head
}

/// What a reader of the values should know besides, each a sentence without a full stop.
pub(super) fn notes(release: &Release<'_>) -> Vec<String> {
    let thanos = release.thanos;
    let mut notes = Vec::new();
    let services = [("service", &thanos.query.service), ("serviceGrpc", &thanos.query.service_grpc)];
    for (name, port) in services.iter().filter_map(|(name, it)| Some((name, it.as_ref()?.node_port?))) {
        if !port.is_in_default_range() {
            notes.push(format!(
                "`thanos.query.{name}.nodePort` {} is outside of 30000 to 32767: \
                 the API server must allow it (--service-node-port-range)",
                port.number()
            ));
        }
    }
    if let Some(image) = &thanos.image
        && image.repository.as_deref().is_some_and(|repository| !repository.contains("bitnami"))
        && image.tag.is_none()
        && at(&thanos.values, "image.tag").is_none()
    {
        notes.push("`thanos.image` has no tag, and the chart's own is one of bitnami's".to_owned());
    }
    notes
}

/// The labels by which replicas are told apart, those of the ruler included.
fn replica_labels(release: &Release<'_>) -> Vec<String> {
    let mut labels = Vec::new();
    let ruler = release.thanos.ruler.as_ref().and_then(|ruler| ruler.replica_label.as_deref());
    let ruler = at(&release.thanos.values, "ruler.replicaLabel").and_then(Value::as_str).or(ruler);
    let ruler = release.is_on(Component::Ruler).then(|| ruler.unwrap_or(RULER_REPLICA));
    for label in release.request.replica_labels.iter().map(String::as_str).chain(ruler) {
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    labels
}

/// A mapping of what is there; null when nothing is, so that the template leaves it out.
fn some<'a>(entries: impl IntoIterator<Item = (&'static str, Option<&'a str>)>) -> Value {
    let entries: Map<String, Value> =
        entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    if entries.is_empty() { Value::Null } else { Value::Object(entries) }
}

fn persistence(persistence: &Persistence) -> Value {
    some([("size", persistence.size.as_deref()), ("storageClass", persistence.storage_class.as_deref())])
}

fn service(service: Option<&ServiceSettings>, port: &str) -> Value {
    let mut entries = Map::new();
    if let Some(kind) = service.and_then(|service| service.service_type) {
        entries.insert("type".to_owned(), kind.to_string().into());
    }
    if let Some(number) = service.and_then(|service| service.node_port) {
        // A text: the chart's own default is one, and one of its schemas wants it (12.13.4).
        entries.insert("nodePorts".to_owned(), json!({ port: number.number().to_string() }));
    }
    if entries.is_empty() { Value::Null } else { Value::Object(entries) }
}

fn objstore(release: &Release<'_>) -> Result<Value, Failures> {
    let chart = &release.chart;
    let (text, secret, items, ours) = match &release.store {
        Store::None => (None, None, None, false),
        Store::Values(description) => {
            let text = description.yaml(release.request.secrets)?;
            (Some(chart.text("objstoreConfig", &text)), None, None, true)
        }
        Store::Manifest(name, _) => (None, Some(name), None, true),
        Store::Existing(name, key) => {
            let items = (key != FILE).then(|| json!([{"key": key, "path": FILE}]));
            (None, Some(name), items, false)
        }
    };
    let secret = secret.map(|name| chart.text("existingObjstoreSecret", name));
    Ok(json!({"text": text, "secret": secret, "items": items, "ours": ours}))
}

fn minio(release: &Release<'_>) -> Result<Value, Failures> {
    let (Some(minio), chart) = (&release.thanos.minio, &release.chart) else { return Ok(Value::Null) };
    let existing = |name: &str| json!({"existingSecret": chart.text("minio.auth.existingSecret", name)});
    let auth = match &release.login {
        Login::None => return Ok(Value::Null),
        Login::Values(root) => {
            let (user, password) = root.open(release.request.secrets)?;
            json!({
                "rootUser": chart.text("minio.auth.rootUser", user),
                "rootPassword": chart.text("minio.auth.rootPassword", password),
            })
        }
        Login::Manifest(name, _) => existing(name),
        Login::Existing(name) => existing(name),
    };
    Ok(json!({
        "buckets": minio.buckets.join(","),
        "auth": auth,
        "ours": matches!(release.login, Login::Manifest(..)),
        "persistence": persistence(&minio.persistence),
    }))
}

/// The images to write: those that moved, and the one of the settings, as a tree of values.
fn images(release: &Release<'_>) -> Map<String, Value> {
    let (thanos, chart) = (release.thanos, &release.chart);
    let mut tree = Map::from_iter([("image".to_owned(), json!({"registry": "docker.io"}))]);
    for row in chart.dialect.moved_images {
        let runs = match row.when {
            When::Always => true,
            When::On(component) => release.is_on(component),
            When::True(path) => at(&thanos.values, path) == Some(&Value::Bool(true)),
        };
        if runs && chart.catalog.knows(chart.version, row.path) {
            let leaf = json!({"repository": row.repository});
            let nested = row.path.rsplit('.').fold(leaf, |below, name| json!({ name: below }));
            merge(&mut tree, &nested.as_object().cloned().unwrap_or_default());
        }
    }
    let image = thanos.image.clone().unwrap_or_default();
    let image = some([
        ("registry", image.registry.as_deref()),
        ("repository", image.repository.as_deref()),
        ("tag", image.tag.as_deref()),
    ]);
    if !image.is_null() {
        merge(&mut tree, &Map::from_iter([("image".to_owned(), image)]));
    }
    tree
}

/// Whether the chart would refuse an image of the release, `values:` included.
pub(super) fn has_refused_images(release: &Release<'_>) -> bool {
    is_refused(release, &images(release))
}

fn is_refused(release: &Release<'_>, images: &Map<String, Value>) -> bool {
    let known: &[&str] = match release.chart.image_check() {
        None => return false,
        Some(ImageCheck::AnySwap) => &["docker.io/bitnami/"],
        Some(ImageCheck::NotLegacy) => &["docker.io/bitnami/", "docker.io/bitnamilegacy/"],
    };
    let mut all = images.clone();
    merge(&mut all, &release.thanos.values);
    let registry = at(&all, "global.imageRegistry").and_then(Value::as_str).filter(|registry| !registry.is_empty());
    registry.is_some_and(|registry| registry != "docker.io") || has_image_outside(&Value::Object(all), known)
}

fn has_image_outside(tree: &Value, known: &[&str]) -> bool {
    let Value::Object(entries) = tree else { return false };
    entries.iter().any(|(name, value)| {
        let part = |key: &str| value.get(key).and_then(Value::as_str);
        let is_image = name.ends_with("mage") && (part("registry").is_some() || part("repository").is_some());
        let name =
            || format!("{}/{}", part("registry").unwrap_or("docker.io"), part("repository").unwrap_or("bitnami/"));
        is_image && !known.iter().any(|prefix| name().starts_with(prefix)) || has_image_outside(value, known)
    })
}
