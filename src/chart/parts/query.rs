//! The querier: its stores, its labels, its Services, and TLS to the stores.

use serde_json::{Value, json};

use super::given::{Given, own, some_list};
use crate::chart::file_sd;
use crate::chart::layout::Written;
use crate::chart::part::{Port, TlsFile};
use crate::chart::provenance::provenance;
use crate::chart::release::Release;
use crate::chart::tls::{self, Tls};
use crate::failure::Failures;
use crate::fleet::plan::Endpoint;
use crate::settings::thanos::ServiceSettings;

pub(super) fn stores(given: &Given<'_, '_>) -> Option<Written> {
    if file_sd::wanted(given.release).is_some() {
        return None;
    }
    let store = |endpoint: &Endpoint| (given.text(&endpoint.address.to_string()), provenance(endpoint));
    Some(Written::Stores(given.endpoints.iter().map(store).collect(), given.missing.to_vec()))
}

pub(super) fn replica_labels(given: &Given<'_, '_>) -> Written {
    own(given.release.replica_labels())
}

pub(super) fn one_replica_label(given: &Given<'_, '_>) -> Option<Written> {
    given.release.replica_labels().into_iter().next().map(own)
}

pub(super) fn service_type(given: &Given<'_, '_>, port: Port) -> Option<Written> {
    Some(own(service(given, port)?.service_type?.to_string()))
}

pub(super) fn node_port(given: &Given<'_, '_>, port: Port) -> Option<Written> {
    let number = service(given, port)?.node_port?.number();
    // bitnami's own default is a text, and one of its schemas wants it (12.13.4).
    let is_text = given.release.chart.dialect.node_ports_are_texts;
    Some(if is_text { own(number.to_string()) } else { own(number) })
}

fn service<'r>(given: &Given<'_, 'r>, port: Port) -> Option<&'r ServiceSettings> {
    let query = &given.release.thanos.query;
    match port {
        Port::Http => query.service.as_ref(),
        Port::Grpc => query.service_grpc.as_ref(),
    }
}

pub(super) fn tls_switch(given: &Given<'_, '_>) -> Option<Written> {
    is_by_keys(given.release).then(|| own(true))
}

pub(super) fn tls_server_name(given: &Given<'_, '_>) -> Option<Written> {
    let tls = given.release.thanos.query.client_tls.as_ref().filter(|_| is_by_keys(given.release))?;
    tls.server_name.as_deref().map(|name| given.line(name))
}

/// Whether the chart has keys for TLS, which say how the querier dials.
fn is_by_keys(release: &Release<'_>) -> bool {
    match release.tls {
        Tls::Texts(_) | Tls::ByKeys(_) => true,
        Tls::None | Tls::Mounted(_) => false,
    }
}

pub(super) fn tls_secret(given: &Given<'_, '_>) -> Option<Written> {
    match &given.release.tls {
        Tls::ByKeys(secret) => Some(Written::Value(secret.mapping())),
        Tls::None | Tls::Texts(_) | Tls::Mounted(_) => None,
    }
}

pub(super) fn tls_text(given: &Given<'_, '_>, file: TlsFile) -> Result<Option<Written>, Failures> {
    match &given.release.tls {
        Tls::Texts(texts) => Ok(Some(Written::Text(format!("{}\n", texts.open(file, given.release.request.secrets)?)))),
        Tls::None | Tls::ByKeys(_) | Tls::Mounted(_) => Ok(None),
    }
}

pub(super) fn sd_config_map(given: &Given<'_, '_>) -> Option<Written> {
    let wanted = file_sd::wanted(given.release).filter(|wanted| !wanted.is_mounted)?;
    Some(given.line(wanted.name))
}

pub(super) fn volumes(given: &Given<'_, '_>) -> Option<Written> {
    some_list(mounts(given.release).into_iter().map(|(volume, _)| volume))
}

pub(super) fn volume_mounts(given: &Given<'_, '_>) -> Option<Written> {
    some_list(mounts(given.release).into_iter().map(|(_, mount)| mount))
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
