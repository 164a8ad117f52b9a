//! What each part of a release is, by the settings, and the keys of the values that follow from a chart's rows.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::chart_version::Chart;
use super::dialect::Row;
use super::layout::{Key, Layout, Written};
use super::part::{Component, ImagePart, Part, Port, Resolution};
use super::provenance::provenance;
use super::quirks::{ImageCheck, LostImage, When};
use super::release::Release;
use super::secret_places::{Login, Store};
use super::tls::{self, Tls};
use super::{alertmanagers, at, file_sd, flags, merge, names_of};
use crate::failure::{Failure, Failures};
use crate::model::plan::Endpoint;
use crate::model::release::{Persistence, Quantity, Resources, Thanos};
use crate::template::{Content, Record, Template, key, template};

static RULE_FILES: Template = template!("rule-files.yml.j2");

/// The values as they will be written, and which part each key carries.
pub(super) struct Filled {
    pub(super) layout: Layout,
    /// Keys, and what they carry.
    pub(super) parts: Vec<(String, Part)>,
}

/// The name of the file with the ruler's rules, where the chart leaves it to the values.
const RULES_FILE: &str = "thanosctl.yaml";

/// Fills the rows of the chart. `missing` is what the querier should be given too and cannot now, a line each.
///
/// # Errors
/// When a secret that must stand in the values was not read.
pub(super) fn fill(release: &Release<'_>, endpoints: &[Endpoint], missing: &[String]) -> Result<Filled, Failures> {
    let chart = &release.chart;
    let mut filled = Filled { layout: Layout::default(), parts: Vec::new() };
    let mut add = |row: &Row, path: String, written: Written| {
        filled.parts.push((path.clone(), row.part));
        let (is_ours, notes_templates) = (names_secret_of_ours(release, row.part), row.notes_templates);
        filled.layout.set(Key { path, part: row.part, written, is_ours, notes_templates });
    };
    let rows = chart.dialect.rows.iter().filter(|row| row.span.holds(chart.version));
    for (row, path) in rows.filter_map(|row| Some((row, chart.place(row)?))) {
        if row.part == Part::MovedImages {
            leaves(&images(release)).into_iter().for_each(|(path, value)| add(row, path, Written::Value(value)));
        } else if let Some(written) = written(release, row, endpoints, missing)? {
            add(row, path, written);
        }
    }
    if let Some(path) = chart.path(Part::MovedImages) {
        filled.layout.mark(&path, Part::MOVED_IMAGES);
    }
    let of_minio = chart.dialect.moved_images.iter().find(|image| image.path.starts_with("minio."));
    if let Some(image) = of_minio.filter(|_| release.is_on(Component::Minio)) {
        filled.layout.mark(image.path, Part::MOVED_MINIO_IMAGES);
    }
    Ok(filled)
}

/// Whether the key of a part names a Secret that `--secret-manifest` writes.
fn names_secret_of_ours(release: &Release<'_>, part: Part) -> bool {
    match part {
        Part::ObjstoreSecret => matches!(release.store, Store::Manifest(..)),
        Part::RootSecret => matches!(release.login, Login::Manifest(..)),
        Part::TlsSecret | Part::Volumes => release.tls.secret().is_some_and(tls::TlsSecret::is_ours),
        _ => false,
    }
}

/// Whether nobody knows if the image of Thanos can still be pulled.
pub(super) fn has_unknown_image(release: &Release<'_>) -> bool {
    lost_images(release).any(|lost| lost.component == Component::Query)
}

/// What stands behind the key of a row; `None` leaves it to the chart.
fn written(
    release: &Release<'_>,
    row: &Row,
    endpoints: &[Endpoint],
    missing: &[String],
) -> Result<Option<Written>, Failures> {
    let (thanos, chart, secrets) = (release.thanos, &release.chart, release.request.secrets);
    let query = &thanos.query;
    let text = |text: &str| Value::from(chart.text(row, text));
    let line = |text: &str| Some(Written::Line(Value::from(chart.text(row, text))));
    let own = |text: &str| Some(Written::Line(Value::from(text)));
    Ok(match row.part {
        Part::Stores if file_sd::wanted(release).is_some() => None,
        Part::Stores => {
            let stores = endpoints.iter();
            let stores = stores.map(|endpoint| (chart.text(row, &endpoint.address.to_string()), provenance(endpoint)));
            Some(Written::Stores(stores.collect(), missing.to_vec()))
        }
        Part::ReplicaLabels => Some(Written::Line(json!(release.replica_labels()))),
        Part::OneReplicaLabel => release.replica_labels().first().map(|label| Written::Line(json!(label))),
        Part::ServiceType(port) => {
            let service = if port == Port::Http { &query.service } else { &query.service_grpc };
            let kind = service.as_ref().and_then(|service| service.service_type);
            kind.map(|kind| Written::Line(json!(kind.to_string())))
        }
        Part::NodePort(port) => {
            let service = if port == Port::Http { &query.service } else { &query.service_grpc };
            // bitnami's own default is a text, and one of its schemas wants it (12.13.4).
            let number = service.as_ref().and_then(|service| service.node_port).map(|port| port.number());
            number.map(|number| Written::Line(node_port(chart, number)))
        }
        Part::TlsSwitch => match release.tls {
            Tls::Texts(_) | Tls::ByKeys(_) => Some(Written::Line(json!(true))),
            Tls::None | Tls::Mounted(_) => None,
        },
        Part::TlsServerName => match release.tls {
            Tls::Texts(_) | Tls::ByKeys(_) => {
                query.client_tls.as_ref().and_then(|tls| tls.server_name.as_deref()).and_then(line)
            }
            Tls::None | Tls::Mounted(_) => None,
        },
        Part::TlsSecret => match &release.tls {
            Tls::ByKeys(secret) => Some(Written::Value(secret.mapping())),
            Tls::None | Tls::Texts(_) | Tls::Mounted(_) => None,
        },
        Part::TlsText(file) => match &release.tls {
            Tls::Texts(texts) => Some(Written::Text(format!("{}\n", texts.open(file, secrets)?))),
            Tls::None | Tls::ByKeys(_) | Tls::Mounted(_) => None,
        },
        Part::SdConfigMap => {
            file_sd::wanted(release).filter(|wanted| !wanted.is_mounted).and_then(|wanted| line(wanted.name))
        }
        Part::Volumes => some_list(mounts(release).into_iter().map(|(volume, _)| volume).collect()),
        Part::VolumeMounts => some_list(mounts(release).into_iter().map(|(_, mount)| mount).collect()),
        Part::Flags(component) => {
            let flags = flags::flags(release, component);
            let kept =
                row.kept.iter().copied().filter(|flag| !flags.iter().any(|own| flags::name(own) == flags::name(flag)));
            let all: Vec<Value> = kept.chain(flags.iter().map(String::as_str)).map(text).collect();
            if flags.is_empty() { None } else { some_list(all) }
        }
        Part::FlagMap(component) => {
            let flags = flags::flags(release, component);
            let map = flags::mapping(component, &flags)?;
            if flags.is_empty() { None } else { Some(Written::Value(map)) }
        }
        Part::Enabled(Component::Receive) => Some(Written::Line(json!(false))),
        Part::Enabled(component) => release.switch(component).map(|on| Written::Line(json!(on))),
        Part::Resources(component) => resources(thanos, component).map(Written::Value),
        Part::PersistenceEnabled(component) => {
            let disk = persistence(thanos, component);
            disk.filter(|disk| disk.size.is_some() || disk.storage_class.is_some()).map(|_| Written::Line(json!(true)))
        }
        Part::Size(component) => persistence(thanos, component).and_then(|disk| disk.size).as_deref().and_then(own),
        Part::StorageClass(component) => {
            persistence(thanos, component).and_then(|disk| disk.storage_class).as_deref().and_then(own)
        }
        Part::Retention(resolution) => {
            let retention = thanos.compactor.as_ref().map(|compactor| &compactor.retention);
            let time = retention.and_then(|retention| match resolution {
                Resolution::Raw => retention.raw.as_ref(),
                Resolution::FiveMinutes => retention.five_minutes.as_ref(),
                Resolution::OneHour => retention.one_hour.as_ref(),
            });
            time.and_then(|time| own(time.as_str()))
        }
        Part::Concurrency => {
            let count = thanos.compactor.as_ref().and_then(|compactor| compactor.concurrency);
            count.map(|count| Written::Line(json!(count.get())))
        }
        Part::DeduplicationOff => thanos.compactor.as_ref().map(|_| Written::Line(json!(false))),
        Part::ObjstoreText => match &release.store {
            Store::Values(description) => Some(Written::Text(chart.text(row, &description.yaml(secrets)?))),
            Store::None | Store::Manifest(..) | Store::Existing(..) => None,
        },
        Part::ObjstoreCreated => match &release.store {
            Store::Values(_) => Some(Written::Line(json!(true))),
            Store::Manifest(..) | Store::Existing(..) => Some(Written::Line(json!(false))),
            Store::None => None,
        },
        Part::ObjstoreSecret => match &release.store {
            Store::Manifest(name, _) | Store::Existing(name, _) => line(name),
            Store::None | Store::Values(_) => None,
        },
        Part::ObjstoreSecretKey => {
            objstore_key(release).filter(|key| *key != chart.dialect.objstore_key).and_then(line)
        }
        Part::ObjstoreSecretItems => {
            let key = objstore_key(release).filter(|key| *key != chart.dialect.objstore_key);
            key.map(|key| Written::Value(json!([{"key": key, "path": chart.dialect.objstore_key}])))
        }
        Part::Alertmanagers => release.urls().map(|urls| Written::Value(json!(urls))),
        Part::AlertmanagersConfig => {
            release.alertmanagers_config()?.map(|config| Written::Text(chart.text(row, &config)))
        }
        Part::RulerReplicaLabel => thanos.ruler.as_ref().and_then(|ruler| ruler.replica_label.as_deref()).and_then(own),
        Part::EvaluationInterval => thanos
            .ruler
            .as_ref()
            .and_then(|ruler| ruler.evaluation_interval.as_ref())
            .and_then(|time| own(time.as_str())),
        Part::Rules => {
            let rules = release.request.rules.filter(|_| thanos.ruler.is_some());
            rules.map(|rules| Written::Text(chart.text(row, rules.text())))
        }
        Part::RuleFiles => {
            let rules = release.request.rules.filter(|_| thanos.ruler.is_some());
            let files = rules.map(|rules| rule_files(rules.text())).transpose()?;
            files.map(|files| Written::Text(chart.text(row, &files)))
        }
        Part::NoExampleRules => thanos.ruler.as_ref().and_then(|_| own("groups: []")),
        Part::Buckets => thanos.minio.as_ref().map(|minio| Written::Line(json!(minio.buckets.join(",")))),
        Part::RootUser => match &release.login {
            Login::Values(root) => line(root.open(secrets)?.0),
            Login::None | Login::Manifest(..) | Login::Existing(_) => None,
        },
        Part::RootPassword => match &release.login {
            Login::Values(root) => line(root.open(secrets)?.1),
            Login::None | Login::Manifest(..) | Login::Existing(_) => None,
        },
        Part::RootSecret => match &release.login {
            Login::Manifest(name, _) => line(name),
            Login::Existing(name) => line(name),
            Login::None | Login::Values(_) => None,
        },
        Part::MovedImages => None,
        Part::Image(part) => image(thanos, part).as_deref().and_then(own),
        Part::PullSecrets => pull_secrets(thanos, |name| json!(name)),
        Part::PullSecretObjects => pull_secrets(thanos, |name| json!({ "name": name })),
        Part::InsecureImages => is_refused(release, &images(release)).then(|| Written::Line(json!(true))),
        Part::ClusterDomain => {
            let domain = Some(&thanos.cluster_domain).filter(|domain| *domain != "cluster.local");
            domain.and_then(|domain| own(domain))
        }
    })
}

/// The mapping of file names with the one text of rules in it.
fn rule_files(rules: &str) -> Result<String, Failure> {
    let file = key(RULES_FILE, 0, Content::Value(rules.into()));
    RULE_FILES.render(Record::default().with("file", file), &[&json!({ RULES_FILE: rules })])
}

fn node_port(chart: &Chart, number: u16) -> Value {
    if chart.dialect.node_ports_are_texts { json!(number.to_string()) } else { json!(number) }
}

fn some_list(items: Vec<Value>) -> Option<Written> {
    (!items.is_empty()).then_some(Written::Value(Value::Array(items)))
}

/// The key of the object store's Secret, where there is one.
pub(super) fn objstore_key<'r>(release: &'r Release<'_>) -> Option<&'r str> {
    match &release.store {
        Store::Manifest(..) => Some(crate::model::objstore::FILE),
        Store::Existing(_, key) => Some(key),
        Store::None | Store::Values(_) => None,
    }
}

/// The querier's more volumes, each with its mount.
fn mounts(release: &Release<'_>) -> Vec<(Value, Value)> {
    let mut mounts = Vec::new();
    if let Tls::Mounted(secret) = &release.tls {
        mounts.push((
            json!({"name": "thanos-client-tls", "secret": {"secretName": secret.name}}),
            json!({"name": "thanos-client-tls", "mountPath": tls::FOLDER, "readOnly": true}),
        ));
    }
    if let Some(file_sd::Wanted { name, is_mounted: true, .. }) = file_sd::wanted(release) {
        mounts.push((
            json!({"name": "thanos-endpoints", "configMap": {"name": name}}),
            json!({"name": "thanos-endpoints", "mountPath": file_sd::FOLDER, "readOnly": true}),
        ));
    }
    mounts
}

/// The disk of a component that is named and has one, with what all have in common.
pub(super) fn persistence(thanos: &Thanos, component: Component) -> Option<Persistence> {
    let own = match component {
        Component::Compactor => thanos.compactor.as_ref().map(|it| &it.persistence),
        Component::Storegateway => thanos.storegateway.as_ref().map(|it| &it.persistence),
        Component::Ruler => thanos.ruler.as_ref().map(|it| &it.persistence),
        Component::Minio => thanos.minio.as_ref().map(|it| &it.persistence),
        Component::Query | Component::QueryFrontend | Component::Bucketweb | Component::Receive => None,
    }?;
    let all = &thanos.persistence;
    Some(Persistence {
        size: own.size.clone().or_else(|| all.size.clone()),
        storage_class: own.storage_class.clone().or_else(|| all.storage_class.clone()),
    })
}

/// What the containers of a component that is named ask for and may use; `None` when nothing is said.
pub(super) fn resources(thanos: &Thanos, component: Component) -> Option<Value> {
    let own = match component {
        Component::Query => Some(&thanos.query.resources),
        Component::QueryFrontend => thanos.query_frontend.as_ref().map(|it| &it.resources),
        Component::Bucketweb => thanos.bucketweb.as_ref().map(|it| &it.resources),
        Component::Compactor => thanos.compactor.as_ref().map(|it| &it.resources),
        Component::Storegateway => thanos.storegateway.as_ref().map(|it| &it.resources),
        Component::Ruler => thanos.ruler.as_ref().map(|it| &it.resources),
        Component::Minio => thanos.minio.as_ref().map(|it| &it.resources),
        Component::Receive => None,
    }?;
    let Resources { requests, limits } = if own.is_empty() { &thanos.resources } else { own };
    let amounts = |amounts: &std::collections::BTreeMap<String, Quantity>| {
        Value::Object(amounts.iter().map(|(name, amount)| (name.clone(), amount.as_str().into())).collect())
    };
    let mut value = Map::new();
    for (name, found) in [("requests", requests), ("limits", limits)] {
        if !found.is_empty() {
            value.insert(name.to_owned(), amounts(found));
        }
    }
    (!value.is_empty()).then_some(Value::Object(value))
}

/// A part of the name of the settings' image; `None` leaves it as it is.
fn image(thanos: &Thanos, part: ImagePart) -> Option<String> {
    let image = thanos.image.as_ref()?;
    match part {
        ImagePart::Registry => image.registry.clone(),
        ImagePart::Repository => image.repository.clone(),
        ImagePart::Tag => image.tag.clone(),
        ImagePart::Whole if image.registry.is_none() && image.repository.is_none() => None,
        ImagePart::Whole => {
            let registry = image.registry.as_deref().unwrap_or("quay.io");
            Some(format!("{registry}/{}", image.repository.as_deref().unwrap_or("thanos/thanos")))
        }
    }
}

fn pull_secrets(thanos: &Thanos, item: impl Fn(&String) -> Value) -> Option<Written> {
    let names = thanos.image.as_ref().map(|image| &image.pull_secrets)?;
    some_list(names.iter().map(item).collect())
}

/// The images to write as a tree of values: those that moved, and that of the settings. Empty where none moved.
pub(super) fn images(release: &Release<'_>) -> Map<String, Value> {
    let (thanos, chart) = (release.thanos, &release.chart);
    if chart.dialect.moved_images.is_empty() {
        return Map::new();
    }
    let mut tree = Map::from_iter([("image".to_owned(), json!({"registry": "docker.io"}))]);
    for row in chart.dialect.moved_images {
        let runs = match row.when {
            When::Always => true,
            When::On(component) => release.is_on(component),
            When::True(path) => at(&thanos.values, path) == Some(&Value::Bool(true)),
        };
        if runs && chart.catalog.knows(chart.version, row.path) {
            put(&mut tree, row.path, json!({"repository": row.repository}));
        }
    }
    let parts = [(ImagePart::Registry, "registry"), (ImagePart::Repository, "repository"), (ImagePart::Tag, "tag")];
    for (part, name) in parts {
        if let Some(text) = image(thanos, part) {
            put(&mut tree, "image", json!({ name: text }));
        }
    }
    tree
}

fn put(tree: &mut Map<String, Value>, path: &str, leaf: Value) {
    let nested = names_of(path).into_iter().rev().fold(leaf, |below, name| json!({ name: below }));
    if let Value::Object(nested) = nested {
        merge(tree, &nested);
    }
}

/// The values that are no mappings, with their paths.
fn leaves(tree: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in tree {
        match value {
            Value::Object(below) => {
                found.extend(leaves(below).into_iter().map(|(path, value)| (format!("{name}.{path}"), value)));
            }
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
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

/// The images of the chart's version that are gone, or may be, of those that would run.
pub(super) fn lost_images<'r>(release: &'r Release<'_>) -> impl Iterator<Item = &'static LostImage> + 'r {
    let (thanos, chart) = (release.thanos, &release.chart);
    chart.dialect.lost_images.iter().filter(move |lost| {
        let is_named = at(&thanos.values, lost.unless).is_some()
            || lost.unless == "image.tag" && thanos.image.as_ref().is_some_and(|image| image.repository.is_some());
        lost.span.holds(chart.version) && release.is_on(lost.component) && !is_named
    })
}

/// What a reader of the values should know besides, each a sentence without a full stop.
pub(super) fn notes(release: &Release<'_>) -> Vec<String> {
    let (thanos, chart) = (release.thanos, &release.chart);
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
        && !chart.dialect.moved_images.is_empty()
    {
        notes.push("`thanos.image` has no tag, and the chart's own is one of bitnami's".to_owned());
    }
    let is_storeless = matches!(release.store, Store::None);
    for (component, span) in chart.dialect.always_on.iter().filter(|(it, _)| Component::STORED.contains(it)) {
        if is_storeless && span.holds(chart.version) {
            notes.push(format!(
                "version {} of {} always runs {component}; without `thanos.objstore` it reads the chart's own empty store",
                chart.version, chart.dialect.chart
            ));
        }
    }
    notes.extend(lost_images(release).filter(|lost| !lost.is_gone).map(|lost| lost.told.to_owned()));
    notes
}

impl Release<'_> {
    /// The labels by which replicas are told apart, those of the ruler included.
    pub(super) fn replica_labels(&self) -> Vec<String> {
        let mut labels = Vec::new();
        let mut known = HashSet::new();
        let ruler = self.thanos.ruler.as_ref().and_then(|ruler| ruler.replica_label.as_deref());
        let path = self.chart.path(Part::RulerReplicaLabel);
        let given = path.and_then(|path| at(&self.thanos.values, &path)).and_then(Value::as_str);
        let ruler = given.or(ruler).unwrap_or(self.chart.dialect.ruler_replica_label);
        let ruler = self.is_on(Component::Ruler).then_some(ruler);
        for label in self.request.replica_labels.iter().map(String::as_str).chain(ruler) {
            if known.insert(label) {
                labels.push(label.to_owned());
            }
        }
        labels
    }

    /// The URLs of the Alertmanagers, for a chart that takes them; `None` when they are told by a configuration.
    fn urls(&self) -> Option<Vec<&str>> {
        let ruler = self.thanos.ruler.as_ref()?;
        (!ruler.alertmanagers.is_empty()).then(|| ruler.alertmanagers.iter().map(|url| url.as_str()).collect())
    }

    /// The configuration of the Alertmanagers: that of the settings, or what their URLs say where the chart takes none.
    fn alertmanagers_config(&self) -> Result<Option<String>, Failure> {
        let Some(ruler) = &self.thanos.ruler else { return Ok(None) };
        if let Some(config) = self.request.alertmanagers {
            return Ok(Some(config.text().to_owned()));
        }
        let by_urls = self.chart.row(Part::Alertmanagers).is_some() || ruler.alertmanagers.is_empty();
        if by_urls { Ok(None) } else { alertmanagers::configuration(&ruler.alertmanagers).map(Some) }
    }

    /// What is said of a component being on; `None` leaves it to the chart. Never on without the object store that it
    /// needs, whatever the chart would do.
    fn switch(&self, component: Component) -> Option<bool> {
        let is_default = self.chart.dialect.on_by_default.contains(&component);
        let is_stored = Component::STORED.contains(&component);
        if super::release::is_named(self.thanos, component) && component != Component::Query {
            return Some(true);
        }
        (is_default && is_stored && matches!(self.store, Store::None)).then_some(false)
    }
}
