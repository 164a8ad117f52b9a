//! The central Thanos as it should be: the section `thanos:` of `thanosctl.yaml`, in the words of its charts.
//!
//! Secrets stand here by reference and rule files by path; who renders the values brings what they name.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::alert_targets::AlertmanagersConfig;
pub use super::scalars::{AlertmanagerUrl, Flag, NodePort, Quantity};
pub use crate::languages::duration::Duration;
use crate::names::{NamespaceName, ReleaseName};
use crate::secret::SecretReference;
use crate::thanos::objstore::schema;

/// The central release: which chart it is installed from, and its components. A component that is named is on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Thanos {
    /// The chart, as `REPOSITORY/NAME`.
    pub chart: String,
    /// The chart's version; the one that is advised for the chart when absent.
    pub chart_version: Option<String>,
    /// The name of the Helm release.
    pub release: ReleaseName,
    /// The namespace of the Helm release.
    pub namespace: NamespaceName,
    /// The DNS domain of the cluster that runs it.
    pub cluster_domain: String,
    /// The kubeconfig context of the cluster that runs it: StoreAPIs there are reached by cluster DNS.
    /// Absent when it runs outside the fleet.
    pub context: Option<String>,
    /// Another image than the one that the chart's version is known to run from.
    pub image: Option<Image>,
    /// The disks of all stateful components, as far as they do not say otherwise.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Persistence>")]
    pub persistence: Persistence,
    /// What the containers of all components ask for and may use, as far as they do not say otherwise.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
    /// The querier's Services.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Query>")]
    pub query: Query,
    /// The query frontend; absent, it stays as the chart has it.
    #[serde(deserialize_with = "named")]
    pub query_frontend: Option<QueryFrontend>,
    /// The object store; absent means none, or the one that follows from `minio`.
    #[serde(deserialize_with = "not_empty")]
    #[schemars(with = "Objstore")]
    pub objstore: Option<Objstore>,
    /// The bucket web page.
    #[serde(deserialize_with = "named")]
    pub bucketweb: Option<Bucketweb>,
    /// The compactor.
    #[serde(deserialize_with = "named")]
    pub compactor: Option<Compactor>,
    /// The store gateway.
    #[serde(deserialize_with = "named")]
    pub storegateway: Option<Storegateway>,
    /// The ruler.
    #[serde(deserialize_with = "not_empty")]
    #[schemars(with = "Ruler")]
    pub ruler: Option<Ruler>,
    /// The bundled MinIO.
    #[serde(deserialize_with = "not_empty")]
    #[schemars(with = "Minio")]
    pub minio: Option<Minio>,
    /// Any other value of the chart, merged last.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub values: Map<String, Value>,
}

impl Default for Thanos {
    fn default() -> Self {
        Self {
            chart: "bitnami/thanos".into(),
            chart_version: None,
            release: "thanos".parse().expect("it is one"),
            namespace: "monitoring".parse().expect("it is one"),
            cluster_domain: "cluster.local".into(),
            context: None,
            image: None,
            persistence: Persistence::default(),
            resources: Resources::default(),
            query: Query::default(),
            query_frontend: None,
            objstore: None,
            bucketweb: None,
            compactor: None,
            storegateway: None,
            ruler: None,
            minio: None,
            values: Map::new(),
        }
    }
}

/// A section of which nothing is said (`query:`), which YAML reads as null, is as good as none.
pub(crate) fn empty_is_default<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A section that cannot do without what it says is refused when it says nothing: it must not be off in silence.
fn not_empty<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(section) => Ok(Some(section)),
        None => Err(serde::de::Error::custom("the section is empty; say what it needs, or leave it out")),
    }
}

/// A component that is named is on, also when nothing is said of it (`bucketweb:`), which YAML reads as null.
fn named<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or_default()))
}

/// A container image; what is absent stays as it is without this section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    /// The registry, such as `quay.io`.
    pub registry: Option<String>,
    /// The repository, such as `thanos/thanos`.
    pub repository: Option<String>,
    /// The tag, such as `v0.39.2`.
    pub tag: Option<String>,
    /// The Secrets with which images are pulled, those of sub-charts too; they must exist.
    pub pull_secrets: Vec<String>,
}

/// The querier.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Query {
    /// The Service for HTTP.
    pub service: Option<ServiceSettings>,
    /// The Service for gRPC; on a chart with one Service for both, the gRPC port of that.
    pub service_grpc: Option<ServiceSettings>,
    /// How it dials its stores with TLS: one way for all of them. Absent, it dials without.
    #[serde(rename = "clientTLS", deserialize_with = "not_empty")]
    #[schemars(with = "ClientTls")]
    pub client_tls: Option<ClientTls>,
    /// Hands the stores over in a ConfigMap of our own that is read again when it changes, and not as flags; for long
    /// lists and for those that change daily.
    #[serde(rename = "fileSD", deserialize_with = "not_empty")]
    #[schemars(with = "FileSd")]
    pub file_sd: Option<FileSd>,
    /// More flags of the querier.
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// The TLS with which the querier dials its stores. A certificate and its key go together; without them the stores
/// must not ask for one.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ClientTls {
    /// The Secret that holds them; it must exist.
    pub existing_secret: Option<String>,
    /// The key of the authority's certificates in that Secret; `ca.crt` when absent.
    pub ca_key: Option<String>,
    /// The key of the querier's own certificate in that Secret; none when absent.
    pub cert_key: Option<String>,
    /// The key of that certificate's key in that Secret; none when absent.
    pub key_key: Option<String>,
    /// The authority's certificates, PEM.
    pub ca: Option<SecretReference>,
    /// The querier's own certificate, PEM.
    pub cert: Option<SecretReference>,
    /// The key of that certificate, PEM.
    pub key: Option<SecretReference>,
    /// The name that the stores' certificates must have; the host that is dialled when absent.
    pub server_name: Option<String>,
}

/// The stores in a ConfigMap: what Thanos calls file SD.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FileSd {
    /// The name of the ConfigMap, which `gen-values --sd-config-map FILE` writes.
    pub config_map: String,
}

/// What containers ask for and may use, as Kubernetes takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// What they ask for: `cpu`, `memory`, `ephemeral-storage`.
    pub requests: BTreeMap<String, Quantity>,
    /// What they may use.
    pub limits: BTreeMap<String, Quantity>,
}

impl Resources {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.limits.is_empty()
    }
}

/// How a Service of the release is exposed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceSettings {
    /// `spec.type`; absent leaves it as the chart has it.
    #[serde(rename = "type")]
    pub service_type: Option<ExposedType>,
    /// A fixed node port, for NodePort and LoadBalancer; absent lets Kubernetes choose.
    pub node_port: Option<NodePort>,
}

impl ServiceSettings {
    /// Whether it fixes a node port for a Service that has none: of type ClusterIP, which is what charts make without
    /// a word.
    pub fn is_fixed_without_a_type(&self) -> bool {
        self.node_port.is_some() && matches!(self.service_type, None | Some(ExposedType::ClusterIP))
    }
}

/// The Service types that a component of the release can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words of Kubernetes")]
pub enum ExposedType {
    ClusterIP,
    NodePort,
    LoadBalancer,
}

impl fmt::Display for ExposedType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ClusterIP => "ClusterIP",
            Self::NodePort => "NodePort",
            Self::LoadBalancer => "LoadBalancer",
        })
    }
}

/// The object store: by its configuration, or by a Secret that exists.
///
/// Exactly one of `type` (with `config`) and `existingSecret`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(transform = schema::by_type)]
pub struct Objstore {
    /// The provider, as Thanos spells it: `S3`, `GCS`, `AZURE`, …
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::provider")]
    pub provider: Option<String>,
    /// The provider's fields; those that are secret hold `{env: …}` or `{file: …}`.
    pub config: Map<String, Value>,
    /// A folder in the bucket.
    pub prefix: Option<String>,
    /// The Secret that holds the configuration.
    pub existing_secret: Option<String>,
    /// The key in that Secret; `objstore.yml` when absent.
    pub existing_secret_key: Option<String>,
}

/// The query frontend.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct QueryFrontend {
    /// More flags of it.
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// The bucket web page.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Bucketweb {
    /// More flags of it.
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// The disk of a stateful component; what is absent stays as the chart has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Persistence {
    /// The size, as Kubernetes writes quantities: `8Gi`.
    pub size: Option<String>,
    /// The storage class.
    pub storage_class: Option<String>,
}

/// The compactor: one for each bucket, since two that compact the same blocks destroy them (thanos-io/thanos,
/// docs/components/compact.md).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Compactor {
    /// How long samples are kept; what is absent stays as the chart has it.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Retention>")]
    pub retention: Retention,
    /// How many groups of blocks it compacts at once; absent, as the chart has it.
    pub concurrency: Option<NonZeroU16>,
    /// Its disk.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Persistence>")]
    pub persistence: Persistence,
    /// More flags of it.
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// How long samples are kept, by resolution.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Samples as they were scraped.
    pub raw: Option<Duration>,
    /// Samples downsampled to five minutes.
    #[serde(rename = "5m")]
    pub five_minutes: Option<Duration>,
    /// Samples downsampled to one hour.
    #[serde(rename = "1h")]
    pub one_hour: Option<Duration>,
}

/// The store gateway.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Storegateway {
    /// The cache of the blocks' indexes, as `--index-cache.config` takes it: `type` and `config`, without secrets.
    pub index_cache: Option<Map<String, Value>>,
    /// The cache of the bucket's objects, as `--store.caching-bucket.config` takes it, without secrets.
    pub bucket_cache: Option<Map<String, Value>>,
    /// What part of the bucket it serves.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Window>")]
    pub window: Window,
    /// Its disk.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Persistence>")]
    pub persistence: Persistence,
    /// More flags of it.
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// The samples that a store gateway serves, by their age; all of them when nothing is said.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Window {
    /// None that are older.
    pub max_age: Option<Duration>,
    /// None that are younger.
    pub min_age: Option<Duration>,
}

/// The ruler.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("oneOf" = [
    {
        "required": ["alertmanagers"],
        "properties": {"alertmanagers": {"minItems": 1}, "alertmanagersConfig": {"type": "null"}},
    },
    {
        "required": ["alertmanagersConfig"],
        "properties": {"alertmanagers": {"maxItems": 0}, "alertmanagersConfig": {"type": ["string", "object"]}},
    },
]))]
pub struct Ruler {
    /// Where alerts go; at least one, unless there is a configuration.
    #[serde(default)]
    pub alertmanagers: Vec<AlertmanagerUrl>,
    /// Where alerts go, said with all that Thanos knows of Alertmanagers.
    #[serde(default)]
    pub alertmanagers_config: Option<AlertmanagersConfig>,
    /// Rule files: paths or globs, relative to the settings file; at least one file.
    pub rules: Vec<String>,
    /// The external label that tells the ruler's replicas apart; the chart's own (such as `replica`) when absent.
    #[serde(default)]
    pub replica_label: Option<String>,
    /// How often rules are evaluated whose group does not say; as the chart has it when absent.
    #[serde(default)]
    pub evaluation_interval: Option<Duration>,
    /// The external labels of what it records, besides that of its replicas.
    #[serde(default, deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub labels: BTreeMap<String, String>,
    /// Its disk.
    #[serde(default, deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Persistence>")]
    pub persistence: Persistence,
    /// More flags of it.
    #[serde(default)]
    pub extra_flags: Vec<Flag>,
    /// What its containers ask for and may use.
    #[serde(default, deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

/// The bundled MinIO.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Minio {
    /// The buckets that it makes; the first is the one that Thanos uses.
    #[serde(default = "default_buckets")]
    pub buckets: Vec<String>,
    /// Its root user. Without one the chart would make up another password each time it is rendered.
    pub credentials: MinioCredentials,
    /// Its disk.
    #[serde(default, deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Persistence>")]
    pub persistence: Persistence,
    /// What its containers ask for and may use.
    #[serde(default, deserialize_with = "empty_is_default")]
    #[schemars(with = "Option<Resources>")]
    pub resources: Resources,
}

fn default_buckets() -> Vec<String> {
    vec!["thanos".to_owned()]
}

/// MinIO's root user: by reference, or in a Secret that exists (keys `root-user` and `root-password`; in charts before
/// bitnami/thanos 7.0.0 `access-key` and `secret-key`).
///
/// Exactly one of `existingSecret` and the pair `rootUser`, `rootPassword`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("oneOf" = [
    {"required": ["existingSecret"], "not": {"anyOf": [{"required": ["rootUser"]}, {"required": ["rootPassword"]}]}},
    {"required": ["rootUser", "rootPassword"], "not": {"required": ["existingSecret"]}},
]))]
pub struct MinioCredentials {
    /// The user's name.
    pub root_user: Option<SecretReference>,
    /// The user's password.
    pub root_password: Option<SecretReference>,
    /// The Secret that holds both.
    pub existing_secret: Option<String>,
}

/// Where secrets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretsMode {
    /// The values name Secrets; `--secret-manifest FILE` writes those.
    #[default]
    Manifest,
    /// They stand in the values.
    Inline,
}
