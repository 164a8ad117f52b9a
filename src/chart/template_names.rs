//! The names by which `templates/values.yaml.j2` knows sections, components and parts, and which part is in which section.

use super::part::{Component, Part};

/// `NAMES`, which a template may use, and `name`, which is one of them. Names without a pattern are set by other means.
macro_rules! names {
    ($(=> $more:expr,)* $($pattern:pat => $name:expr,)+) => {
        /// The names that a template may use.
        pub const NAMES: &[&str] = &[$($more,)* $($name),+];

        /// The name of this one.
        pub fn name(self) -> &'static str {
            match self {
                $($pattern => $name,)+
            }
        }
    };
}

impl Component {
    names! {
        Self::Query => "query",
        Self::QueryFrontend => "query_frontend",
        Self::Bucketweb => "bucketweb",
        Self::Compactor => "compactor",
        Self::Storegateway => "storegateway",
        Self::Ruler => "ruler",
        Self::Minio => "minio",
        Self::Receive => "receive",
    }
}

/// A section of the values file. The template decides in which order they stand; the rows of a chart, in which order the
/// keys of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What a component is given.
    Of(Component),
    /// The object store.
    Objstore,
    /// Images, and how they are pulled.
    Images,
    /// The cluster's DNS domain.
    ClusterDomain,
}

impl Section {
    names! {
        Self::Of(Component::Query) => "query",
        Self::Of(Component::QueryFrontend) => "query_frontend",
        Self::Of(Component::Bucketweb) => "bucketweb",
        Self::Of(Component::Compactor) => "compactor",
        Self::Of(Component::Storegateway) => "storegateway",
        Self::Of(Component::Ruler) => "ruler",
        Self::Of(Component::Minio) => "minio",
        Self::Of(Component::Receive) => "receive",
        Self::Objstore => "objstore",
        Self::Images => "images",
        Self::ClusterDomain => "cluster_domain",
    }
}

impl Part {
    /// The key below which the images that moved stand.
    pub const MOVED_IMAGES: &str = "moved_images";

    /// The first of MinIO's, which stand in its section.
    pub const MOVED_MINIO_IMAGES: &str = "moved_minio_images";

    names! {
        => Self::MOVED_IMAGES,
        => Self::MOVED_MINIO_IMAGES,
        Self::Stores => "stores",
        Self::ReplicaLabels => "replica_labels",
        Self::OneReplicaLabel => "one_replica_label",
        Self::ServiceType(_) => "service_type",
        Self::NodePort(_) => "node_port",
        Self::TlsSwitch => "tls_switch",
        Self::TlsServerName => "tls_server_name",
        Self::TlsSecret => "tls_secret",
        Self::TlsText(_) => "tls_text",
        Self::SdConfigMap => "sd_config_map",
        Self::Flags(_) => "flags",
        Self::FlagMap(_) => "flag_map",
        Self::Volumes => "volumes",
        Self::VolumeMounts => "volume_mounts",
        Self::Enabled(_) => "enabled",
        Self::Resources(_) => "resources",
        Self::PersistenceEnabled(_) => "persistence_enabled",
        Self::Size(_) => "size",
        Self::StorageClass(_) => "storage_class",
        Self::Retention(_) => "retention",
        Self::Concurrency => "concurrency",
        Self::DeduplicationOff => "deduplication_off",
        Self::ObjstoreText => "objstore_text",
        Self::ObjstoreCreated => "objstore_created",
        Self::ObjstoreSecret => "objstore_secret",
        Self::ObjstoreSecretKey => "objstore_secret_key",
        Self::ObjstoreSecretItems => "objstore_secret_items",
        Self::Alertmanagers => "alertmanagers",
        Self::AlertmanagersConfig => "alertmanagers_config",
        Self::RulerReplicaLabel => "ruler_replica_label",
        Self::EvaluationInterval => "evaluation_interval",
        Self::Rules => "rules",
        Self::RuleFiles => "rule_files",
        Self::NoExampleRules => "no_example_rules",
        Self::Buckets => "buckets",
        Self::RootUser => "root_user",
        Self::RootPassword => "root_password",
        Self::RootSecret => "root_secret",
        Self::MovedImages => "moved_image",
        Self::Image(_) => "image",
        Self::PullSecrets => "pull_secrets",
        Self::PullSecretObjects => "pull_secret_objects",
        Self::InsecureImages => "insecure_images",
        Self::ClusterDomain => "cluster_domain",
    }

    /// The section of the values file that it belongs to.
    pub fn section(self) -> Section {
        match self {
            Self::ObjstoreText
            | Self::ObjstoreCreated
            | Self::ObjstoreSecret
            | Self::ObjstoreSecretKey
            | Self::ObjstoreSecretItems => Section::Objstore,
            Self::ClusterDomain => Section::ClusterDomain,
            part => part.component().map_or(Section::Images, Section::Of),
        }
    }
}
