//! The stores in a ConfigMap of our own (file SD), which the querier reads again when it changes.
//!
//! Thanos has two formats for it. From 0.38.0 there is `--endpoint.sd-config-file` with endpoints; before, there was
//! `--store.sd-files` with target groups as Prometheus has them. Neither takes the other's (thanos-io/thanos#8209).

use std::fmt;

use serde_json::json;

use super::header::{self, Held, ManifestHeader};
use super::names;
use super::part::Part;
use super::provenance::provenance;
use super::release::Release;
use super::templates::STORES;
use crate::failure::{Failure, Failures};
use crate::fleet::plan::{Endpoint, Plan};
use crate::template::{self, Content, Record, Template, Value, template};
use crate::thanos::thanos_version::ThanosVersion;

static ENDPOINTS_FILE: Template = template!("endpoints.yml.j2");
static TARGETS_FILE: Template = template!("targets.yml.j2");

/// Where the ConfigMap is mounted, for Thanos from 0.38.0 on.
pub(super) const FOLDER: &str = "/etc/thanos-endpoints";

/// The first Thanos with `--endpoint.sd-config-file` (thanos-io/thanos, CHANGELOG.md).
const ENDPOINTS: ThanosVersion = ThanosVersion::new(0, 38, 0);

/// A format of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `endpoints`, each with an address: `--endpoint.sd-config-file`.
    Endpoints,
    /// Target groups: `--store.sd-files`.
    Targets,
}

impl Format {
    /// The key in the ConfigMap, which is the name of the file.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoints.yml",
            // The name that bitnami/thanos mounts.
            Self::Targets => "servicediscovery.yml",
        }
    }
}

impl Format {
    /// The document: the stores, and the lines of what is missing.
    fn document(self, endpoints: &[Endpoint], missing: &[String]) -> Result<String, Failure> {
        let addresses = || endpoints.iter().map(|endpoint| endpoint.address.to_string());
        let store = |endpoint: &Endpoint| {
            let address = endpoint.address.to_string();
            Value::from(Record::default().with("address", address).with("origin", provenance(endpoint)))
        };
        let record = Record::default()
            .with("stores", endpoints.iter().map(store).collect::<Value>())
            .with("missing", missing.iter().collect::<Value>());
        let (template, meant) = match self {
            Self::Endpoints => {
                let endpoints: Vec<_> = addresses().map(|address| json!({ "address": address })).collect();
                (&ENDPOINTS_FILE, json!({ "endpoints": endpoints }))
            }
            Self::Targets => (&TARGETS_FILE, json!([{ "targets": addresses().collect::<Vec<_>>() }])),
        };
        template.render(record, &[&meant])
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Endpoints => "--endpoint.sd-config-file",
            Self::Targets => "--store.sd-files",
        })
    }
}

/// The ConfigMap that the settings want.
pub(super) struct Wanted<'r> {
    /// Its name.
    pub(super) name: &'r str,
    /// The format in it.
    pub(super) format: Format,
    /// Whether we mount it ourselves. Charts that do it mount the file alone until bitnami/thanos 11.5.6, and then a
    /// change never reaches a pod that runs (Kubernetes: a subPath mount is not updated).
    pub(super) is_mounted: bool,
}

/// The ConfigMap with the stores; `None` when they stand in the values.
pub(super) fn wanted<'r>(release: &'r Release<'_>) -> Option<Wanted<'r>> {
    let name = &release.thanos.query.file_sd.as_ref()?.config_map;
    let is_new = release.thanos_version().is_none_or(|version| version >= ENDPOINTS);
    let is_mounted = release.chart.row(Part::Volumes).is_some();
    let format = if is_new && is_mounted { Format::Endpoints } else { Format::Targets };
    Some(Wanted { name, format, is_mounted })
}

/// The flag of the querier, where we mount the ConfigMap ourselves.
pub(super) fn flag(release: &Release<'_>) -> Option<String> {
    let Wanted { format, .. } = wanted(release).filter(|wanted| wanted.is_mounted)?;
    Some(format!("{format}={FOLDER}/{}", format.key()))
}

/// What is wrong with the settings of it.
pub(super) fn problem(release: &Release<'_>) -> Option<Failure> {
    let Wanted { name, .. } = wanted(release)?;
    (!names::is_secret_name(name)).then(|| {
        Failure::new("`thanos.query.fileSD.configMap` is no name of a ConfigMap").at(["thanos", "query", "fileSD"])
    })
}

/// The ConfigMap as Kubernetes takes it.
pub struct StoresConfigMap {
    name: String,
    text: String,
}

impl StoresConfigMap {
    /// The manifest.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Release<'_> {
    /// The name of the ConfigMap with the stores; `None` when they stand in the values.
    pub fn stores_config_map_name(&self) -> Option<&str> {
        wanted(self).map(|wanted| wanted.name)
    }

    /// The ConfigMap with the stores of `plan`; `None` when the settings want none. `missing` is what the querier should
    /// be given too and cannot now, a line each.
    ///
    /// # Errors
    /// When it does not say what it should, which would be a bug.
    pub fn stores_config_map(&self, plan: &Plan, missing: &[String]) -> Result<Option<StoresConfigMap>, Failures> {
        let Some(Wanted { name, format, is_mounted }) = wanted(self) else { return Ok(None) };
        let body = format.document(plan.endpoints(), missing)?;
        let (release, namespace) = (self.thanos.release.as_str(), self.thanos.namespace.as_str());
        let record = Record::default()
            .with("thanosctl", header::TOOL)
            .with("release", release)
            .with("namespace", namespace)
            .with("name", name)
            .with("flag", format.to_string())
            .with("is_mounted", is_mounted)
            .with("file", template::key(format.key(), 2, Content::Text(body.clone())));
        let meant = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/managed-by": "thanosctl"},
            },
            "data": {format.key(): body},
        });
        let text = STORES.render(record, &[&meant])?;
        ManifestHeader::new(Held::Stores, release, namespace).check(&STORES, &text)?;
        Ok(Some(StoresConfigMap { name: name.to_owned(), text }))
    }
}
