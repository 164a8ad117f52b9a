//! What a release is made of, whatever a chart calls it: its components, and the parts that keys of the values carry.

use std::fmt;

/// A part of the release that can be on or off. Printed as the settings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// The querier.
    Query,
    /// The query frontend.
    QueryFrontend,
    /// The bucket web page.
    Bucketweb,
    /// The compactor.
    Compactor,
    /// The store gateway.
    Storegateway,
    /// The ruler.
    Ruler,
    /// The bundled MinIO.
    Minio,
    /// The receiver, which is never asked for.
    Receive,
}

impl Component {
    /// Those that settings can name.
    pub const ASKED: [Self; 7] = [
        Self::Query,
        Self::QueryFrontend,
        Self::Bucketweb,
        Self::Compactor,
        Self::Storegateway,
        Self::Ruler,
        Self::Minio,
    ];

    /// Those that cannot run without an object store.
    pub const STORED: [Self; 4] = [Self::Bucketweb, Self::Compactor, Self::Storegateway, Self::Ruler];
}

impl fmt::Display for Component {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Query => "query",
            Self::QueryFrontend => "queryFrontend",
            Self::Bucketweb => "bucketweb",
            Self::Compactor => "compactor",
            Self::Storegateway => "storegateway",
            Self::Ruler => "ruler",
            Self::Minio => "minio",
            Self::Receive => "receive",
        })
    }
}

/// A port of the querier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Its API and its pages.
    Http,
    /// Its own StoreAPI.
    Grpc,
}

/// A resolution of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// As scraped.
    Raw,
    /// Downsampled to five minutes.
    FiveMinutes,
    /// Downsampled to one hour.
    OneHour,
}

/// What the querier needs for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFile {
    /// The authority's certificates.
    Ca,
    /// Its own certificate.
    Cert,
    /// The key of that.
    Key,
}

/// A part of the image's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImagePart {
    /// The registry.
    Registry,
    /// The repository in it.
    Repository,
    /// Both, joined.
    Whole,
    /// The tag.
    Tag,
}

/// What a key of the values carries: the one thing that all charts have in common, whatever they call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The addresses of the stores, a list.
    Stores,
    /// The replica labels, a list.
    ReplicaLabels,
    /// The first replica label, a text; the others become flags.
    OneReplicaLabel,
    /// The type of the Service of a port.
    ServiceType(Port),
    /// The fixed node port of a port.
    NodePort(Port),
    /// Whether the querier dials with TLS, by the chart's own means.
    TlsSwitch,
    /// The name that the stores' certificates must have.
    TlsServerName,
    /// The Secret with all three files of TLS.
    TlsSecret,
    /// A file of TLS, as text.
    TlsText(TlsFile),
    /// The ConfigMap with the stores, in the format of Prometheus.
    SdConfigMap,
    /// The flags of a component, a list.
    Flags(Component),
    /// The flags of a component, a mapping of names to values.
    FlagMap(Component),
    /// More volumes of the querier's pods.
    Volumes,
    /// Where they are mounted.
    VolumeMounts,
    /// Whether a component is on.
    Enabled(Component),
    /// What the containers of a component ask for and may use.
    Resources(Component),
    /// Whether a component has a disk, on charts that give it none by themselves.
    PersistenceEnabled(Component),
    /// The size of its disk.
    Size(Component),
    /// The storage class of its disk.
    StorageClass(Component),
    /// How long the compactor keeps samples.
    Retention(Resolution),
    /// How much it does at once.
    Concurrency,
    /// Whether it merges replicas, which rewrites the bucket: never unasked.
    DeduplicationOff,
    /// The object store's configuration, as text.
    ObjstoreText,
    /// Whether the chart makes its Secret from that text.
    ObjstoreCreated,
    /// The Secret that holds it.
    ObjstoreSecret,
    /// The key in that Secret.
    ObjstoreSecretKey,
    /// The key in that Secret, as the items of a volume; only for another key than the chart's own.
    ObjstoreSecretItems,
    /// The URLs of the Alertmanagers, a list.
    Alertmanagers,
    /// The Alertmanagers as Thanos's own configuration, a text.
    AlertmanagersConfig,
    /// The label that tells the ruler's replicas apart.
    RulerReplicaLabel,
    /// How often rules are evaluated.
    EvaluationInterval,
    /// The rules, a text.
    Rules,
    /// The rules as YAML in a text: file names, each with the text of its rules.
    RuleFiles,
    /// The chart's own example of rules, emptied: it would alert for ever.
    NoExampleRules,
    /// The buckets that MinIO makes, joined by commas.
    Buckets,
    /// MinIO's root user.
    RootUser,
    /// Its password.
    RootPassword,
    /// The Secret that holds both.
    RootSecret,
    /// Images that moved ([`MovedImage`]); the path is that of Thanos's own.
    MovedImages,
    /// The image of the settings.
    Image(ImagePart),
    /// The names of the Secrets with which images are pulled.
    PullSecrets,
    /// Those Secrets as `name: NAME`.
    PullSecretObjects,
    /// Whether images may run that the chart does not know.
    InsecureImages,
    /// The cluster's DNS domain.
    ClusterDomain,
}

impl Part {
    /// The component whose key `$` stands for in the paths of this part; `None` where the path is a whole one.
    pub fn component(self) -> Option<Component> {
        match self {
            Self::Stores
            | Self::ReplicaLabels
            | Self::OneReplicaLabel
            | Self::ServiceType(_)
            | Self::NodePort(_)
            | Self::TlsSwitch
            | Self::TlsServerName
            | Self::TlsSecret
            | Self::TlsText(_)
            | Self::SdConfigMap
            | Self::Volumes
            | Self::VolumeMounts => Some(Component::Query),
            Self::Flags(component)
            | Self::FlagMap(component)
            | Self::Enabled(component)
            | Self::Resources(component)
            | Self::PersistenceEnabled(component)
            | Self::Size(component)
            | Self::StorageClass(component) => Some(component),
            Self::Retention(_) | Self::Concurrency | Self::DeduplicationOff => Some(Component::Compactor),
            Self::Alertmanagers
            | Self::AlertmanagersConfig
            | Self::RulerReplicaLabel
            | Self::EvaluationInterval
            | Self::Rules
            | Self::RuleFiles
            | Self::NoExampleRules => Some(Component::Ruler),
            Self::Buckets | Self::RootUser | Self::RootPassword | Self::RootSecret => Some(Component::Minio),
            Self::ObjstoreText
            | Self::ObjstoreCreated
            | Self::ObjstoreSecret
            | Self::ObjstoreSecretKey
            | Self::ObjstoreSecretItems
            | Self::MovedImages
            | Self::Image(_)
            | Self::PullSecrets
            | Self::PullSecretObjects
            | Self::InsecureImages
            | Self::ClusterDomain => None,
        }
    }
}
