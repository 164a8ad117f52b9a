//! The stores in a ConfigMap of our own (file SD), which the querier reads again when it changes.
//!
//! Thanos has two formats for it. From 0.38.0 there is `--endpoint.sd-config-file` with endpoints; before, there was
//! `--store.sd-files` with target groups as Prometheus has them. Neither takes the other's (thanos-io/thanos#8209).

use std::fmt;

use serde_json::{Value, json};

use super::comment_forms::{MISSING, READ_BY};
use super::header::{Held, ManifestHeader};
use super::names;
use super::part::Part;
use super::provenance::provenance;
use super::release::Release;
use crate::failure::{Failure, Failures};
use crate::model::plan::Plan;
use crate::model::thanos_version::ThanosVersion;
use crate::text::clean;
use crate::{document, yaml};

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
        let header = ManifestHeader::new(Held::Stores, &self.thanos.release, &self.thanos.namespace);
        let mut lines: Vec<String> = Vec::new();
        lines.push(if format == Format::Endpoints { "endpoints:" } else { "- targets:" }.to_owned());
        let (lead, key) = if format == Format::Endpoints { ("", "address: ") } else { ("    ", "") };
        let mut addresses = Vec::new();
        for endpoint in plan.endpoints() {
            let address = endpoint.address.to_string();
            lines.push(format!("{lead}- {key}{} # {}", yaml::quoted(&address), clean(&provenance(endpoint))));
            addresses.push(address);
        }
        lines.extend(missing.iter().map(|line| format!("# {MISSING} {}", clean(line))));
        let body = lines.join("\n") + "\n";
        let meant = match format {
            Format::Endpoints => {
                json!({"endpoints": addresses.iter().map(|address| json!({"address": address})).collect::<Vec<_>>()})
            }
            Format::Targets => json!([{ "targets": addresses }]),
        };
        let labels = json!({"app.kubernetes.io/managed-by": "thanosctl"});
        let metadata = json!({"name": name, "namespace": self.thanos.namespace.as_str(), "labels": labels});
        let change =
            if is_mounted { "a change takes it some minutes" } else { "a change is seen when its pods are made anew" };
        let mut text = format!("{header}\n# {}\n---\n", READ_BY.with(&format!("{format}; {change}")));
        text.push_str(&yaml::document(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})));
        text.push_str(&format!("data:\n  {}: {}\n", yaml::scalar(format.key()), yaml::block(&body, 4)));
        let read = document::read::<Value>("ConfigMap", &text).ok();
        let inner = read.as_ref().and_then(|read| read["data"][format.key()].as_str());
        let is_right =
            inner.is_some_and(|inner| document::read::<Value>("stores", inner).ok().as_ref() == Some(&meant));
        if !is_right {
            return Err(super::garbled().into());
        }
        Ok(Some(StoresConfigMap { name: name.to_owned(), text }))
    }
}
