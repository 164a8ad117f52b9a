//! The release as it will stand: which chart, which names, which components, and where its secrets are. Everything
//! that cannot be is found here, before anything is written.

use std::collections::HashSet;

use serde_json::Value;

use super::chart_version::Chart;
use super::confidential;
use super::part::{Component, Part};
use super::secret_places::{Login, Store};
use super::tls::Tls;
use super::{Request, at};
use crate::settings::thanos::Thanos;
use crate::thanos::thanos_version::ThanosVersion;

/// What was asked for, checked: a release that this chart can express, whatever the endpoints will be.
pub struct Release<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) thanos: &'a Thanos,
    pub(super) chart: Chart,
    pub(super) store: Store,
    pub(super) login: Login<'a>,
    pub(super) tls: Tls<'a>,
}

impl Release<'_> {
    pub(super) fn is_on(&self, component: Component) -> bool {
        is_on(self.thanos, &self.chart, component)
    }

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

    /// The version of Thanos that will run; `None` when nobody knows.
    pub(super) fn thanos_version(&self) -> Option<ThanosVersion> {
        thanos_version(self.thanos, &self.chart)
    }

    /// Whether a secret will stand in the values: one that they are given (`secrets: inline`), or one that `values:`
    /// brings, in the open.
    pub fn holds_secrets(&self) -> bool {
        let store = matches!(&self.store, Store::Values(description) if !description.secret_references().is_empty());
        store
            || matches!(self.login, Login::Values(_))
            || matches!(self.tls, Tls::Texts(_))
            || self.request.alertmanagers.is_some_and(|config| confidential::text_holds_secrets(config.text()))
            || confidential::holds_secrets(&self.thanos.values, self.chart.dialect.secrets)
    }

    /// The names of the Secrets that the values will name and [`Release::secret_manifest`] writes; empty when there are
    /// none.
    pub fn secret_names(&self) -> Vec<&str> {
        let store = match &self.store {
            Store::Manifest(name, _) => Some(name),
            Store::None | Store::Values(_) | Store::Existing(..) => None,
        };
        let login = match &self.login {
            Login::Manifest(name, _) => Some(name),
            Login::None | Login::Values(_) | Login::Existing(_) => None,
        };
        let tls = self.tls.secret().filter(|secret| secret.is_ours()).map(|secret| &secret.name);
        store.into_iter().chain(login).chain(tls).map(String::as_str).collect()
    }
}

/// Whether the component will run: what `values` says of it, else whether the settings name it, else the chart; never
/// by itself without the object store that it needs.
pub(super) fn is_on(thanos: &Thanos, chart: &Chart, component: Component) -> bool {
    let path = chart.expand("$.enabled", Some(component));
    let said = path.and_then(|path| at(&thanos.values, &path)).and_then(Value::as_bool);
    let is_storeless = thanos.objstore.is_none() && thanos.minio.is_none();
    said.unwrap_or_else(|| {
        let by_itself = chart.dialect.on_by_default.contains(&component)
            && chart.key(component).is_some()
            && component != Component::Receive
            && !(is_storeless && Component::STORED.contains(&component));
        by_itself || is_named(thanos, component)
    })
}

/// Whether the settings have a section for the component.
pub(super) fn is_named(thanos: &Thanos, component: Component) -> bool {
    match component {
        Component::Query => true,
        Component::QueryFrontend => thanos.query_frontend.is_some(),
        Component::Bucketweb => thanos.bucketweb.is_some(),
        Component::Compactor => thanos.compactor.is_some(),
        Component::Storegateway => thanos.storegateway.is_some(),
        Component::Ruler => thanos.ruler.is_some(),
        Component::Minio => thanos.minio.is_some(),
        Component::Receive => false,
    }
}

/// The version of Thanos that will run: of the image's tag, else the one that the chart runs by itself.
pub(super) fn thanos_version(thanos: &Thanos, chart: &Chart) -> Option<ThanosVersion> {
    let tag = thanos.image.as_ref().and_then(|image| image.tag.as_deref());
    let given = ["image.tag", "global.image.tag"].into_iter().find_map(|path| at(&thanos.values, path)?.as_str());
    match given.or(tag) {
        Some(tag) => ThanosVersion::of_tag(tag),
        None => chart.thanos_version(),
    }
}
