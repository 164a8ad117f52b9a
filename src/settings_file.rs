//! What holds for this run: the defaults, then `thanosctl.yaml`, then flags.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::{self, DocumentError};
use crate::failure::Failure;
use crate::files;
use crate::fleet::address::Address;
use crate::fleet::discovery::{ClusterPolicy, FleetPolicy, Overrides, ServiceFilter};
use crate::fleet::drift::DriftPolicy;
use crate::fleet::resolve::AddressPolicy;
use crate::languages::yaml::Places;
use crate::names::ClusterName;
use crate::place::Place;
use crate::settings::thanos::{SecretsMode, Thanos, empty_is_default};
use crate::text::without_credentials;

/// The file that is read from the working directory when `--config` names none.
pub const FILE_NAME: &str = "thanosctl.yaml";

/// The same with the other ending that YAML files have.
const OTHER_NAME: &str = "thanosctl.yml";

/// The settings of a run.
#[derive(Debug, Default)]
pub struct Settings {
    /// The folder that paths in the settings are relative to; the working directory when there is no file.
    pub folder: PathBuf,
    /// The clusters of the fleet, in order; empty when the settings name none.
    pub clusters: Vec<ClusterSettings>,
    /// Which Services feed the querier, in every cluster.
    pub services: ServiceFilter,
    /// Which Services may say by an annotation where they are reached, in every cluster.
    pub overrides: Overrides,
    /// The external labels by which the replicas of a Prometheus differ.
    pub replica_labels: Vec<String>,
    /// Where secrets go.
    pub secrets: SecretsMode,
    /// The central release.
    pub thanos: Thanos,
    /// What is expected of addresses that no cluster explains.
    pub drift: DriftPolicy,
    /// Whether there is a file with settings: without one nobody said what the release should be like.
    pub is_given: bool,
    /// Where its keys stand; none when there is no file.
    pub places: Places,
    /// What a reader of the settings should be told.
    pub warnings: Vec<String>,
}

/// One cluster of the settings.
#[derive(Debug)]
pub struct ClusterSettings {
    /// The fleet's name for it.
    pub name: ClusterName,
    /// How it is asked, or what it answers without being asked.
    pub source: ClusterSource,
    /// What holds for its Services.
    pub policy: ClusterPolicy,
}

/// How a cluster of the settings is known.
#[derive(Debug, PartialEq, Eq)]
pub enum ClusterSource {
    /// By this kubeconfig context.
    Context(String),
    /// By these addresses; there is no API server to ask. Never empty.
    Fixed(Vec<Address>),
}

/// Names the schema; nothing is fetched from there.
const SCHEMA_ID: &str = "urn:thanosctl:settings";

/// What [`check_label`] takes.
const LABEL: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// The settings of thanosctl: which clusters feed the central Thanos, and what its Helm release is.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "thanosctl.yaml", extend("$id" = SCHEMA_ID))]
struct File {
    /// The clusters of the fleet; none means the contexts of the command line, else the current context.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Vec<ClusterEntry>>")]
    clusters: Vec<ClusterEntry>,
    /// The external label that tells clusters apart; it can never be a replica label.
    #[schemars(with = "String", regex(pattern = LABEL))]
    cluster_label: String,
    /// The external labels by which the replicas of a Prometheus differ.
    #[schemars(with = "Vec<String>", inner(regex(pattern = LABEL)))]
    replica_labels: Vec<String>,
    /// Which Services feed the querier, in every cluster.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<ServiceFilter>")]
    services: ServiceFilter,
    /// Which Services may say where they are reached, by the annotation `thanosctl.io/address` or a name for external-dns, in
    /// every cluster; none by default.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Overrides>")]
    overrides: Overrides,
    /// Where secrets go.
    secrets: SecretsMode,
    /// The central release.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Thanos>")]
    thanos: Thanos,
    /// What is expected of addresses that no cluster explains.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<DriftPolicy>")]
    drift: DriftPolicy,
    /// Not used by this version.
    #[schemars(with = "serde_json::Value")]
    prometheus: Option<serde::de::IgnoredAny>,
    /// Not used by this version.
    #[schemars(with = "serde_json::Value")]
    grafana: Option<serde::de::IgnoredAny>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            clusters: Vec::new(),
            cluster_label: "cluster".into(),
            // What prometheus-operator gives the replicas of a Prometheus (`replicaExternalLabelName`).
            replica_labels: vec!["prometheus_replica".into()],
            services: ServiceFilter::default(),
            overrides: Overrides::default(),
            secrets: SecretsMode::default(),
            thanos: Thanos::default(),
            drift: DriftPolicy::default(),
            prometheus: None,
            grafana: None,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["context"], "properties": {"context": {"type": "string", "minLength": 1}, "endpoints": {"maxItems": 0}}},
    {"required": ["name", "endpoints"], "properties": {"context": {"type": "null"}, "endpoints": {"minItems": 1}}},
]))]
/// A cluster: asked by its kubeconfig context, or known by fixed endpoints.
struct ClusterEntry {
    /// The kubeconfig context.
    context: Option<String>,
    /// The value of its external label; the context's name when absent.
    name: Option<ClusterName>,
    /// How its Services are reached.
    #[serde(default)]
    address: AddressPolicy,
    /// Which of its Services feed the querier.
    #[serde(default)]
    services: ServiceFilter,
    /// Which of its Services may say where they are reached, besides what holds for all clusters.
    #[serde(default)]
    overrides: Overrides,
    /// The addresses of a cluster that has no API server to ask.
    #[serde(default)]
    endpoints: Vec<Address>,
}

/// The JSON Schema of `thanosctl.yaml`, draft 2020-12.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(File).to_value()
}

impl Settings {
    /// Reads `explicit`, else `thanosctl.yaml` (or `thanosctl.yml`) of the working directory, else takes the defaults.
    ///
    /// # Errors
    /// When the file cannot be read, or says something that cannot be meant; with file, line and column. Also when the
    /// working directory has both files: neither is more meant than the other.
    pub fn load(explicit: Option<&Path>) -> Result<Self, Failure> {
        // A link to nothing is a mistake, and no reason to take the defaults.
        let exists = |name: &&str| Path::new(name).symlink_metadata().is_ok();
        let found: Vec<&str> = [FILE_NAME, OTHER_NAME].into_iter().filter(exists).collect();
        let path = match (explicit, &found[..]) {
            (Some(path), _) => path,
            (None, []) => return Ok(Self::none()),
            (None, [name]) => Path::new(*name),
            (None, _) => {
                return Err(Failure::new(format!("there are both `{FILE_NAME}` and `{OTHER_NAME}`"))
                    .hint(format!("remove one of them, or name the one to read: --config {FILE_NAME}")));
            }
        };
        let mut settings = Self::parse(&path.display().to_string(), &files::read(path)?)?;
        settings.is_given = true;
        settings.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(settings)
    }

    /// The settings of a run without a file.
    pub fn none() -> Self {
        Self::parse(FILE_NAME, "").expect("nothing is wrong with an empty text")
    }

    /// Reads settings from a text.
    ///
    /// # Errors
    /// When it says something that cannot be meant; with file, line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        let document = document::open(file, text)?;
        let read = document::shaped::<File>(file, &document);
        let places = Places::of_document(file, document);
        let read = read.map_err(|error| belongs::explained(error, text, &places))?;
        let at = |path: &[&str], message: String| {
            let nowhere = || Place { file: file.to_owned(), line: 0, column: 0 };
            DocumentError { place: places.of_value(path).unwrap_or_else(nowhere), message, hint: None }
        };
        let cluster_label = &read.cluster_label;
        check_label(cluster_label).map_err(|error| at(&["clusterLabel"], error.to_string()))?;
        for label in &read.replica_labels {
            check_replica_label(label, cluster_label).map_err(|error| at(&["replicaLabels"], error.to_string()))?;
        }
        let mut clusters: Vec<ClusterSettings> = Vec::new();
        let mut names: HashSet<ClusterName> = HashSet::new();
        let mut contexts: HashMap<String, ClusterName> = HashMap::new();
        for (index, entry) in read.clusters.into_iter().enumerate() {
            let at = |message: String| at(&["clusters", &index.to_string()], message);
            let cluster = cluster(entry).map_err(|error| at(error.to_string()))?;
            if !names.insert(cluster.name.clone()) {
                return Err(at(format!("two clusters claim the name `{}`", cluster.name)));
            }
            if let ClusterSource::Context(context) = &cluster.source
                && let Some(first) = contexts.insert(context.clone(), cluster.name.clone())
            {
                let second = &cluster.name;
                return Err(at(format!("`{first}` and `{second}` are one context: two clusters cannot be")));
            }
            clusters.push(cluster);
        }
        let unused = [("prometheus", read.prometheus.is_some()), ("grafana", read.grafana.is_some())];
        Ok(Self {
            folder: PathBuf::new(),
            clusters,
            services: read.services,
            overrides: read.overrides,
            replica_labels: read.replica_labels,
            secrets: read.secrets,
            thanos: read.thanos,
            drift: read.drift,
            is_given: false,
            places,
            warnings: unused
                .iter()
                .filter(|(_, present)| *present)
                .map(|(section, _)| format!("{file}: `{section}:` is not used by this version of thanosctl"))
                .collect(),
        })
    }

    /// What the settings mean for the conclusions that are drawn from an inventory.
    pub fn fleet_policy(&self) -> FleetPolicy {
        let clusters: BTreeMap<_, _> =
            self.clusters.iter().map(|cluster| (cluster.name.clone(), cluster.policy.clone())).collect();
        let hub = self.thanos.context.clone().map(|context| (context, self.thanos.cluster_domain.clone()));
        let overrides = self.overrides.clone();
        FleetPolicy { clusters, services: self.services.clone(), overrides, hub }
    }

    /// The cluster that the settings ask by this context.
    pub fn cluster_of_context(&self, context: &str) -> Option<&ClusterSettings> {
        self.clusters.iter().find(|cluster| matches!(&cluster.source, ClusterSource::Context(own) if own == context))
    }
}

fn cluster(entry: ClusterEntry) -> anyhow::Result<ClusterSettings> {
    let ClusterEntry { context, name, address, services, overrides, endpoints } = entry;
    let policy = ClusterPolicy { address, services, overrides };
    let (name, source) = match (context, endpoints.is_empty()) {
        (Some(context), true) if !context.is_empty() => {
            let name = match name {
                Some(name) => name,
                None => ClusterName::try_from(context.clone())?,
            };
            (name, ClusterSource::Context(context))
        }
        (None, false) => {
            let mut known = HashSet::new();
            if let Some(twice) = endpoints.iter().find(|endpoint| !known.insert(endpoint.to_string())) {
                bail!("the endpoint `{twice}` is given twice");
            }
            let name = name.context("a cluster with fixed endpoints needs a `name`")?;
            (name, ClusterSource::Fixed(endpoints))
        }
        (Some(_), false) => {
            bail!("a cluster is either asked by its `context` or has fixed `endpoints`, not both");
        }
        (_, true) => bail!("a cluster needs a `context` to be asked by, or fixed `endpoints`"),
    };
    Ok(ClusterSettings { name, source, policy })
}

/// Thanos takes any text for a replica label and then merges nothing by it, or too much.
fn check_replica_label(label: &str, cluster_label: &str) -> anyhow::Result<()> {
    check_label(label)?;
    if label == cluster_label {
        bail!("`{label}` tells clusters apart: as a replica label it would merge the series of all of them");
    }
    Ok(())
}

fn check_label(label: &str) -> anyhow::Result<()> {
    let fits = |(at, b): (usize, u8)| b.is_ascii_alphabetic() || b == b'_' || (at > 0 && b.is_ascii_digit());
    if label.is_empty() || !label.bytes().enumerate().all(fits) {
        let label = without_credentials(label);
        bail!("`{label}` is no label name, which is such as prometheus_replica");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Settings::parse("thanosctl.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_refused_where_it_stands_with_the_nearest_known_one() {
        let error = Settings::parse("thanosctl.yaml", "clusters: []\nthanos:\n  chartVersoin: 17.3.1\n").unwrap_err();
        assert_eq!(error.to_string(), "thanosctl.yaml:3:3: unknown key `chartVersoin`");
        assert_eq!(error.hint.unwrap(), "did you mean `chartVersion`?");
    }

    #[test]
    fn a_key_in_a_wrong_place_is_told_where_it_belongs() {
        for (text, place, hint) in [
            ("clusters: [prod-eu-1]", "1:12: a cluster is a mapping", "write `context: prod-eu-1`"),
            ("clusters:\n- a\n- context: b\n", "2:3: a cluster is a mapping", "write `context: a`"),
            ("thanos:\n  query:\n    replicaCount: 2\n", "3:5: unknown key", "set `thanos.values.query.replicaCount`"),
            (
                "thanos: {query: {service: {annotations: {a: b}}}}",
                "unknown key",
                "`thanos.values.query.service.annotations`",
            ),
            ("thanos: {minio: {enabled: true}}", "unknown key `enabled`", "a section that is there is on"),
            ("thanos: {compactor: {enabled: true}}", "unknown key `enabled`", "leave `enabled` out"),
            ("thanos: {image: {pullPolicy: Always}}", "unknown key", "set `thanos.values.image.pullPolicy`"),
            (
                "thanos: {compactor: {retentionResolutionRaw: 30d}}",
                "unknown key",
                "thanosctl writes `compactor.retentionResolutionRaw` of the chart itself",
            ),
            ("minio: {}", "1:1: unknown key `minio`", "it belongs to `thanos.minio`"),
            ("query: {replicaCount: 2}", "unknown key `query`", "it belongs to `thanos.query`"),
            ("chartVersion: 17.3.1", "unknown key", "it belongs to `thanos.chartVersion`"),
            ("thanos: {replicaLabels: [a]}", "1:10: unknown key", "it belongs to `replicaLabels`"),
            (
                "thanos: {query: {nodePort: 30901}}",
                "unknown key",
                "`thanos.query.service.nodePort` or `thanos.query.serviceGrpc.nodePort`",
            ),
            ("endpoints: ['a:1']", "unknown key", "it belongs to `clusters[].endpoints`"),
            ("clusters: [{context: a, exclude: [b/c]}]", "unknown key", "`clusters[].services.exclude`"),
            (
                "thanos: {chart: stevehipwell/thanos, storegateway: {replicas: 2}}",
                "unknown key",
                "`thanos.values.storeGateway.replicas`",
            ),
            ("thanos: {global: {imageRegistry: x}}", "unknown key", "`thanos.values.global`"),
            ("thanos: {quary: {}}", "unknown key", "did you mean `query`?"),
            ("thanos: {query: &q {replicaCount: 2}}", "unknown key", "`thanos.values.query.replicaCount`"),
        ] {
            let error = Settings::parse("thanosctl.yaml", text).unwrap_err();
            assert!(error.to_string().contains(place), "{text}: {error}");
            assert!(error.hint.as_deref().is_some_and(|found| found.contains(hint)), "{text}: {:?}", error.hint);
        }
    }

    #[test]
    fn no_file_and_a_file_of_comments_mean_the_defaults() {
        for text in ["", "# nothing\n", "---\n"] {
            let settings = Settings::parse("thanosctl.yaml", text).unwrap();
            assert_eq!(settings.replica_labels, ["prometheus_replica"]);
            assert_eq!(settings.thanos.chart_version, None);
        }
    }

    #[test]
    fn a_section_of_which_nothing_is_said_is_as_good_as_none() {
        for text in [
            "clusters:",
            "thanos:",
            "services:",
            "thanos:\n  query:",
            "thanos:\n  values:\n",
            "thanos: {compactor: {retention: }}",
        ] {
            Settings::parse("thanosctl.yaml", text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        for (text, expected) in [
            ("clusters: [{name: a}]", "1:12: a cluster needs a `context`"),
            ("clusters: [{context: a, endpoints: ['b:1']}]", "not both"),
            ("clusters: [{endpoints: ['b:1']}]", "needs a `name`"),
            ("clusters: [{context: a}, {context: b, name: a}]", "1:26: two clusters claim the name `a`"),
            ("clusters: [{context: a}, {context: a, name: b}]", "are one context"),
            ("clusters: [{name: a, endpoints: ['http://b:1']}]", "has a scheme"),
            ("replicaLabels: [cluster]", "would merge the series"),
            ("replicaLabels: ['a b']", "is no label name"),
            ("thanos: {query: {service: {nodePort: 70000}}}", "is no port"),
            ("thanos: {query: {service: {type: Nodeport}}}", "1:34: unknown value `Nodeport`"),
            ("clusters: 7", "expected a list"),
            ("thanos: {release: {a: 1}}", "expected a text"),
            ("thanos: {query: {service: {nodePort: -1}}}", "no valid whole number of 0 or more"),
            ("secrets: inline\n---\nsecrets: inline", "a second document begins here"),
            ("thanos: {minio: {credentials: {rootPassword: hunter2}}}", "stands here in the open"),
            ("secrets: inline\nsecrets: inline", "duplicate"),
            ("services: {include: [no-slash]}", "names no Service"),
            ("clusterLabel: a b", "is no label name"),
            ("clusters: [{name: a, endpoints: ['b:1', 'b:1']}]", "is given twice"),
            ("thanos: {ruler: }", "the section is empty"),
            ("thanos: {minio: }", "the section is empty"),
            ("thanos: {objstore: }", "the section is empty"),
            ("drift: {ignore: [{address: 'a:1'}]}", "missing field `reason`"),
            ("drift: {ignore: [{address: 'a:1', reason: ' '}]}", "ignored for a reason"),
        ] {
            let error = error(text);
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("hunter2"));
        }
    }
}

pub mod belongs;
