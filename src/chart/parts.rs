//! The keys of the values that follow from the settings and a chart's rows. What each part is stands in a file for its
//! component.

mod component;
mod given;
mod images;
mod minio;
mod notes;
mod objstore;
mod query;
mod ruler;

use serde_json::json;

use super::dialect::Row;
use super::layout::{Key, Layout, Written};
use super::part::{Component, Part};
use super::release::Release;
use super::secret_places::{Login, Store};
use super::tls::TlsSecret;
use crate::failure::Failures;
use crate::fleet::plan::Endpoint;

use given::Given;

pub(super) use component::{persistence, resources};
pub(super) use images::{has_refused_images, has_unknown_image, lost_images};
pub(super) use notes::notes;

/// The values as they will be written, and which part each key carries.
pub(super) struct Filled {
    pub(super) layout: Layout,
    /// Keys, and what they carry.
    pub(super) parts: Vec<(String, Part)>,
}

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
            images::leaves(&images::images(release))
                .into_iter()
                .for_each(|(path, value)| add(row, path, Written::Value(value)));
        } else if let Some(written) = written(&Given { release, row, endpoints, missing })? {
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
        Part::TlsSecret | Part::Volumes => release.tls.secret().is_some_and(TlsSecret::is_ours),
        _ => false,
    }
}

/// What stands behind the key of a row; `None` leaves it to the chart.
fn written(given: &Given<'_, '_>) -> Result<Option<Written>, Failures> {
    let (release, thanos) = (given.release, given.release.thanos);
    Ok(match given.row.part {
        Part::Stores => query::stores(given),
        Part::ReplicaLabels => Some(query::replica_labels(given)),
        Part::OneReplicaLabel => query::one_replica_label(given),
        Part::ServiceType(port) => query::service_type(given, port),
        Part::NodePort(port) => query::node_port(given, port),
        Part::TlsSwitch => query::tls_switch(given),
        Part::TlsServerName => query::tls_server_name(given),
        Part::TlsSecret => query::tls_secret(given),
        Part::TlsText(file) => query::tls_text(given, file)?,
        Part::SdConfigMap => query::sd_config_map(given),
        Part::Volumes => query::volumes(given),
        Part::VolumeMounts => query::volume_mounts(given),
        Part::Flags(component) => component::flag_list(given, component),
        Part::FlagMap(component) => component::flag_map(given, component)?,
        Part::Enabled(component) => component::enabled(release, component),
        Part::Resources(component) => resources(thanos, component).map(Written::Value),
        Part::PersistenceEnabled(component) => component::has_disk(thanos, component),
        Part::Size(component) => component::size(thanos, component),
        Part::StorageClass(component) => component::storage_class(thanos, component),
        Part::Retention(resolution) => component::retention(thanos, resolution),
        Part::Concurrency => component::concurrency(thanos),
        Part::DeduplicationOff => component::deduplication_off(thanos),
        Part::ObjstoreText => objstore::text(given)?,
        Part::ObjstoreCreated => objstore::created(release),
        Part::ObjstoreSecret => objstore::secret(given),
        Part::ObjstoreSecretKey => objstore::secret_key(given),
        Part::ObjstoreSecretItems => objstore::secret_items(release),
        Part::Alertmanagers => ruler::alertmanagers(thanos),
        Part::AlertmanagersConfig => ruler::alertmanagers_config(given)?,
        Part::RulerReplicaLabel => ruler::replica_label(thanos),
        Part::EvaluationInterval => ruler::evaluation_interval(thanos),
        Part::Rules => ruler::rules(given),
        Part::RuleFiles => ruler::rule_files(given)?,
        Part::NoExampleRules => ruler::no_example_rules(thanos),
        Part::Buckets => minio::buckets(thanos),
        Part::RootUser => minio::root_user(given)?,
        Part::RootPassword => minio::root_password(given)?,
        Part::RootSecret => minio::root_secret(given),
        // Several keys: see `fill`.
        Part::MovedImages => None,
        Part::Image(part) => images::named(thanos, part),
        Part::PullSecrets => images::pull_secrets(thanos, |name| json!(name)),
        Part::PullSecretObjects => images::pull_secrets(thanos, |name| json!({ "name": name })),
        Part::InsecureImages => images::insecure(release),
        Part::ClusterDomain => {
            let domain = Some(&thanos.cluster_domain).filter(|domain| *domain != "cluster.local");
            domain.map(|domain| given::own(domain.as_str()))
        }
    })
}
