//! Whether the object store is the bundled MinIO as the chart makes it: its Service, port, protocol and buckets.

use std::borrow::Cow;

use serde_json::Value;

use super::Checker;
use super::frame::Frame;
use super::text::Inner;
use super::tree::{Kind, Tree};
use crate::chart::names::{below, fullname};
use crate::chart::part::{Component, Part};
use crate::chart::refused::is_given;
use crate::findings::codes;
use crate::findings::finding::Severity;
use crate::place::Place;

/// Where MinIO listens unless values say otherwise.
const PORT: &str = "9000";

/// The endpoint of an object store of the type S3.
struct Endpoint<'a> {
    /// The first name of the host; `None` when Helm fills it in.
    service: Option<&'a str>,
    /// The namespace, of a host in the cluster; `None` when it has none, or Helm fills it in.
    namespace: Option<&'a str>,
    /// `None` when it has none.
    port: Option<&'a str>,
    /// Whether only a Service of the cluster can have that name.
    is_in_cluster: bool,
}

impl<'a> Endpoint<'a> {
    /// `text` has an `x` for each character that Helm fills in.
    fn of(text: &'a str) -> Self {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(['.', ']']) => (host, Some(port)),
            _ => (text, None),
        };
        let labels: Vec<&str> = host.split('.').collect();
        let is_filled = |label: &&str| label.len() > 3 && label.bytes().all(|byte| byte == b'x');
        let known = |label: Option<&&'a str>| label.copied().filter(|label| !is_filled(label));
        let service = labels.first().copied();
        Self {
            service: service.filter(|service| !service.starts_with("xxxx")),
            namespace: known(labels.get(1)),
            port,
            is_in_cluster: labels.len() == 1 || labels.get(2) == Some(&"svc"),
        }
    }

    /// Whether it can be meant for a MinIO of the name `service`; `None` when nobody knows that name.
    fn is_meant(&self, text: &str, service: Option<&str>) -> bool {
        match (self.service, service) {
            (Some(own), Some(service)) => own == service,
            // The name of the release stands before it.
            (Some(own), None) => self.is_in_cluster && own.ends_with("minio"),
            (None, _) => {
                let first = text.split(['.', ':']).next().unwrap_or_default();
                first.ends_with("minio") || first.bytes().all(|byte| byte == b'x')
            }
        }
    }
}

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let (Some(key), Some(path)) = (chart.key(Component::Minio), chart.path(Part::ObjstoreText)) else { return };
    if !is_given(&checker.values, &format!("{key}.enabled")) {
        return;
    }
    let Some(node) = checker.node(&path) else { return };
    let Some(document) = Inner::of(checker.tree, node, true) else { return };
    let Ok(tree) = Tree::read(Cow::Borrowed(&document.text), Frame::file("")) else { return };
    let Some(root) = tree.root() else { return };
    let field = |names: &[&str]| match tree.find(root, names.iter().copied()) {
        Some((_, node)) => match &node.kind {
            Kind::Scalar(scalar) => Some((scalar.text.clone(), document.place(node.spot))),
            Kind::List(_) | Kind::Mapping { .. } => None,
        },
        None => None,
    };
    if field(&["type"]).is_none_or(|(kind, _)| !kind.eq_ignore_ascii_case("s3")) {
        return;
    }
    let Some((text, place)) = field(&["config", "endpoint"]) else { return };
    let store = Store {
        whole: checker.key(&path),
        insecure: field(&["config", "insecure"]),
        bucket: field(&["config", "bucket"]),
        endpoint: place.unwrap_or_else(|| checker.key(&path)),
    };
    let endpoint = Endpoint::of(&text);
    let service = service_name(checker, key);
    if !endpoint.is_meant(&text, service.as_deref()) {
        elsewhere(checker, &endpoint, service.as_deref(), &store);
        return;
    }
    namespace(checker, key, &endpoint, &store);
    port(checker, key, &endpoint, &store);
    protocol(checker, key, &store);
    bucket(checker, key, &store);
}

/// What a store says, and where; the place is `None` in a line that Helm fills in.
struct Store {
    whole: Place,
    endpoint: Place,
    insecure: Option<(String, Option<Place>)>,
    bucket: Option<(String, Option<Place>)>,
}

/// The name of MinIO's Service; `None` when nobody told the name of the release, on which it depends.
fn service_name(checker: &Checker<'_, '_>, key: &str) -> Option<String> {
    let own = below(&checker.values, key);
    let fixed = own.get("fullnameOverride").and_then(Value::as_str).filter(|name| !name.is_empty());
    let release = checker.subject.release.or(fixed)?;
    Some(fullname(release, "minio", &own))
}

/// The store is not the bundled MinIO.
fn elsewhere(checker: &mut Checker<'_, '_>, endpoint: &Endpoint<'_>, service: Option<&str>, store: &Store) {
    let (Some(own), Some(service)) = (endpoint.service, service) else { return };
    // Another store may well be meant; one in this cluster that is called so is not.
    let is_meant = own.contains("minio") && endpoint.is_in_cluster;
    let message = if is_meant {
        format!("`{own}` is not the Service of the bundled MinIO: that is `{service}`")
    } else {
        format!("the bundled MinIO is on, and the object store is another: MinIO's Service is `{service}`")
    };
    let finding = checker.add(codes::NOT_THE_MINIO, store.endpoint.clone(), message);
    if is_meant {
        finding.hint = Some(format!("write `endpoint: {service}:{PORT}`"));
    } else {
        finding.hint = Some("turn MinIO off, or let the endpoint be its Service".to_owned());
        finding.severity = Severity::Warning;
    }
}

fn namespace(checker: &mut Checker<'_, '_>, key: &str, endpoint: &Endpoint<'_>, store: &Store) {
    let moved = [format!("{key}.namespaceOverride"), "namespaceOverride".to_owned()];
    if moved.iter().any(|path| is_given(&checker.values, path)) {
        return;
    }
    let (Some(own), Some(release)) = (endpoint.namespace, checker.subject.namespace) else { return };
    if own != release {
        let message = format!("the bundled MinIO is in the namespace of the release, `{release}`, and not in `{own}`");
        checker.add(codes::NOT_THE_MINIO, store.endpoint.clone(), message).hint =
            Some(format!("write `{release}` for it"));
    }
}

fn port(checker: &mut Checker<'_, '_>, key: &str, endpoint: &Endpoint<'_>, store: &Store) {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let paths = [format!("{key}.service.ports.api"), format!("{key}.service.port")];
    let wanted = paths.iter().find_map(|path| checker.value(path).map(text)).unwrap_or_else(|| PORT.to_owned());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let message = match endpoint.port {
        _ if !is_number(&wanted) => return,
        None => format!("the endpoint has no port, and the bundled MinIO listens on {wanted}"),
        Some(port) if is_number(port) && port != wanted => {
            format!("the bundled MinIO listens on port {wanted}, and not on {port}")
        }
        Some(_) => return,
    };
    checker.add(codes::NOT_THE_MINIO, store.endpoint.clone(), message).hint = Some(format!("write HOST:{wanted}"));
}

fn protocol(checker: &mut Checker<'_, '_>, key: &str, store: &Store) {
    let speaks_tls = is_given(&checker.values, &format!("{key}.tls.enabled"));
    let (text, place) = store.insecure.clone().unwrap_or_default();
    let (is_plain, is_known) = (text == "true", matches!(text.as_str(), "" | "true" | "false"));
    if !is_known || is_plain != speaks_tls {
        return;
    }
    let (speaks, wanted) = if speaks_tls { ("HTTPS alone", "false") } else { ("plain HTTP", "true") };
    let message = format!("the bundled MinIO speaks {speaks}, and Thanos would not");
    let place =
        place.unwrap_or_else(|| if store.insecure.is_some() { store.whole.clone() } else { store.endpoint.clone() });
    checker.add(codes::NOT_THE_MINIO, place, message).hint = Some(format!("write `insecure: {wanted}`"));
}

fn bucket(checker: &mut Checker<'_, '_>, key: &str, store: &Store) {
    let Some((bucket, Some(place))) = store.bucket.clone() else { return };
    if bucket.is_empty() {
        return;
    }
    let Some(made) = buckets(checker, key) else { return };
    if !made.contains(&bucket) {
        let made = if made.is_empty() { "none".to_owned() } else { made.join(", ") };
        let message = format!("nobody makes the bucket `{bucket}`: the bundled MinIO is given {made}");
        checker.add(codes::MINIO_BUCKET, place, message).hint = Some(format!("set `{key}.defaultBuckets: {bucket}`"));
    }
}

/// The buckets that MinIO makes; `None` when nobody can know them.
fn buckets(checker: &Checker<'_, '_>, key: &str) -> Option<Vec<String>> {
    let mut made = Vec::new();
    match checker.value(&format!("{key}.defaultBuckets")) {
        // What the chart has by itself.
        None => made.push("thanos".to_owned()),
        Some(Value::Null) => {}
        Some(Value::String(text)) if text.contains("{{") || text.contains("${") => return None,
        Some(Value::String(text)) => {
            let names = text.split([',', ';', ' ']).filter(|name| !name.is_empty());
            // A policy may stand behind the name.
            made.extend(names.map(|name| name.split(':').next().unwrap_or(name).to_owned()));
        }
        Some(_) => return None,
    }
    let value = |path: &str| checker.value(&format!("{key}.{path}"));
    if is_given(&checker.values, &format!("{key}.provisioning.enabled")) {
        match value("provisioning.buckets") {
            None | Some(Value::Null) => {}
            Some(Value::Array(buckets)) => {
                for bucket in buckets {
                    made.push(bucket.get("name")?.as_str()?.to_owned());
                }
            }
            Some(_) => return None,
        }
        let more = ["provisioning.extraCommands", "provisioning.config"];
        if more.iter().any(|path| is_given(&checker.values, &format!("{key}.{path}"))) {
            return None;
        }
    }
    // A disk that was there before may hold it already.
    (!is_given(&checker.values, &format!("{key}.persistence.existingClaim"))).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn an_endpoint_is_read_as_far_as_it_is_known() {
        for (text, service, namespace, port, is_in_cluster) in [
            ("obs-minio:9000", Some("obs-minio"), None, Some("9000"), true),
            ("obs-minio.obs.svc.cluster.local:9000", Some("obs-minio"), Some("obs"), Some("9000"), true),
            ("minio.example.com", Some("minio"), Some("example"), None, false),
            ("xxxxxxxxxxxx-minio.xxxxxxxxxxx.svc:9000", None, None, Some("9000"), true),
        ] {
            let endpoint = Endpoint::of(text);
            let found = (endpoint.service, endpoint.namespace, endpoint.port, endpoint.is_in_cluster);
            assert_eq!(found, (service, namespace, port, is_in_cluster), "{text}");
        }
        let is_meant = |text: &str, service| Endpoint::of(text).is_meant(text, service);
        assert!(is_meant("obs-minio:9000", Some("obs-minio")) && !is_meant("minio:9000", Some("obs-minio")));
        assert!(is_meant("obs-minio:9000", None) && !is_meant("minio.example.com:9000", None));
        assert!(is_meant("xxxxxxxx-minio:9000", Some("obs-minio")));
    }
}
