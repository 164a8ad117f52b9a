//! bitnami/thanos 0.5.0 to 17.6.0. Before, the object store's configuration was in a ConfigMap.

use std::sync::LazyLock;

use super::bitnami_defects::DEFECTS;
use super::shared::{moved, owned, owned_with, service, stateful_set};
use crate::chart::catalog::Catalog;
use crate::chart::dialect::{Dialect, Reference, Row};
use crate::chart::part::{Component, ImagePart, Part, Port, Resolution, TlsFile};
use crate::chart::quirks::{ImageCheck, LostImage, Owned, When};
use crate::chart::version::{Span, Version};

/// `querier` until 3.0.1; an alias that wins over `query` until 12.23.2, and nothing from 13.0.0.
const QUERIER: Span = Span::until(Version(3, 0, 1));
const QUERY: Span = Span::from(Version(3, 1, 0));

/// Flags were a mapping.
const FLAG_MAP: Span = Span::until(Version(1, 4, 1));
const FLAG_LIST: Span = Span::from(Version(2, 0, 0));
/// Flags go through `tpl`.
const FLAGS_TEMPLATED: Span = Span::from(Version(12, 8, 6));

/// `service.http.nodePort` became `service.nodePorts.http`.
const OLD_PORTS: Span = Span::until(Version(6, 0, 14));
/// In 7.0.0 to 8.1.0 the template takes the node port of HTTP for gRPC as well, and the API server refuses a Service
/// with one node port twice.
const NEW_PORTS: Span = Span::from(Version(8, 1, 1));
const ONE_SERVICE: Span = Span::between(Version(8, 1, 1), Version(10, 5, 5));
/// gRPC has a Service of its own.
const TWO_SERVICES: Span = Span::from(Version(11, 0, 0));

/// `minio.accessKey` and `minio.secretKey` became `minio.auth`.
const OLD_ROOT: Span = Span::until(Version(6, 0, 14));
const NEW_ROOT: Span = Span::from(Version(7, 0, 0));

/// 3.18.0 names files of TLS that it does not mount.
const FIRST_TLS: Span = Span::between(Version(1, 3, 0), Version(3, 17, 8));
const OLD_TLS: Span = Span::between(Version(3, 18, 1), Version(7, 1, 0));
/// 8.0.0 and 8.0.1 give the querier a flag that Thanos does not have (`--grpc-client-tls-client-ca`).
const NEW_TLS: Span = Span::from(Version(8, 0, 2));

const FRONTEND: Span = Span::from(Version(2, 5, 0));

pub(in crate::chart) static DIALECT: Dialect = Dialect {
    chart: "bitnami/thanos",
    name: "thanos",
    catalog: LazyLock::new(|| {
        Catalog::read(include_str!("../../../catalogue/bitnami-thanos.txt"))
            .with_types(include_str!("../../../catalogue/types/bitnami-thanos.txt"))
    }),
    span: Span::from(Version(0, 5, 0)),
    // The newest that was published for free (bitnami/charts#35164); it takes bitnamilegacy images as they are.
    advised: Some(Version(17, 3, 1)),
    // Nothing newer was published for free (bitnami/charts#35256): later versions are source alone.
    reference: &[
        (Span::until(Version(17, 3, 1)), Reference::Registry("oci://registry-1.docker.io/bitnamicharts/thanos")),
        (Span::from(Version(17, 3, 3)), Reference::Source("./charts/bitnami/thanos", "github.com/bitnami/charts")),
    ],
    components: &[
        (Component::Query, QUERIER, "querier"),
        (Component::Query, QUERY, "query"),
        (Component::QueryFrontend, FRONTEND, "queryFrontend"),
        (Component::Bucketweb, Span::ALL, "bucketweb"),
        (Component::Compactor, Span::ALL, "compactor"),
        (Component::Storegateway, Span::ALL, "storegateway"),
        (Component::Ruler, Span::ALL, "ruler"),
        (Component::Minio, Span::ALL, "minio"),
    ],
    on_by_default: &[Component::Query, Component::QueryFrontend],
    always_on: &[],
    rows: &[
        Row::new(Part::Stores, "$.stores"),
        Row::new(Part::OneReplicaLabel, "$.replicaLabel").within(Span::until(Version(2, 4, 0))),
        Row::new(Part::ReplicaLabels, "$.replicaLabel").within(Span::from(Version(2, 4, 1))),
        Row::new(Part::ServiceType(Port::Http), "$.service.type"),
        Row::new(Part::NodePort(Port::Http), "$.service.http.nodePort").within(OLD_PORTS),
        Row::new(Part::NodePort(Port::Http), "$.service.nodePorts.http").within(NEW_PORTS),
        Row::new(Part::NodePort(Port::Grpc), "$.service.grpc.nodePort").within(OLD_PORTS),
        Row::new(Part::NodePort(Port::Grpc), "$.service.nodePorts.grpc").within(ONE_SERVICE),
        Row::new(Part::ServiceType(Port::Grpc), "$.serviceGrpc.type").within(TWO_SERVICES),
        Row::new(Part::NodePort(Port::Grpc), "$.serviceGrpc.nodePorts.grpc").within(TWO_SERVICES),
        Row::new(Part::TlsSwitch, "$.grpcTLS.client.secure").within(FIRST_TLS),
        Row::new(Part::TlsSwitch, "$.grpcTLS.client.secure").within(OLD_TLS),
        Row::new(Part::TlsServerName, "$.grpcTLS.client.servername").within(FIRST_TLS),
        Row::new(Part::TlsServerName, "$.grpcTLS.client.servername").within(OLD_TLS),
        Row::new(Part::TlsText(TlsFile::Ca), "$.grpcTLS.client.ca").within(FIRST_TLS),
        Row::new(Part::TlsText(TlsFile::Ca), "$.grpcTLS.client.ca").within(OLD_TLS),
        Row::new(Part::TlsText(TlsFile::Cert), "$.grpcTLS.client.cert").within(FIRST_TLS),
        Row::new(Part::TlsText(TlsFile::Cert), "$.grpcTLS.client.cert").within(OLD_TLS),
        Row::new(Part::TlsText(TlsFile::Key), "$.grpcTLS.client.key").within(FIRST_TLS),
        Row::new(Part::TlsText(TlsFile::Key), "$.grpcTLS.client.key").within(OLD_TLS),
        Row::new(Part::TlsSecret, "$.grpcTLS.client.existingSecret")
            .within(Span::between(Version(3, 6, 0), Version(3, 17, 8))),
        Row::new(Part::TlsSecret, "$.grpcTLS.client.existingSecret").within(OLD_TLS),
        // Until 10.2.1 the template looks for `servername`, which is no key of the chart.
        Row::new(Part::TlsServerName, "$.grpc.client.serverName").within(Span::from(Version(10, 2, 2))),
        Row::new(Part::TlsSwitch, "$.grpc.client.tls.enabled").within(NEW_TLS),
        Row::new(Part::TlsText(TlsFile::Ca), "$.grpc.client.tls.ca").within(NEW_TLS),
        Row::new(Part::TlsText(TlsFile::Cert), "$.grpc.client.tls.cert").within(NEW_TLS),
        Row::new(Part::TlsText(TlsFile::Key), "$.grpc.client.tls.key").within(NEW_TLS),
        Row::new(Part::TlsSecret, "$.grpc.client.tls.existingSecret").within(NEW_TLS),
        // In 2.1.0 to 2.4.1 the ConfigMap becomes a folder where Thanos is told to read a file.
        Row::new(Part::SdConfigMap, "$.existingSDConfigmap").within(Span::until(Version(2, 0, 1))).templated(Span::ALL),
        Row::new(Part::SdConfigMap, "$.existingSDConfigmap").within(Span::from(Version(2, 4, 2))).templated(Span::ALL),
        Row::new(Part::FlagMap(Component::Query), "$.extraFlags").within(FLAG_MAP),
        Row::new(Part::Flags(Component::Query), "$.extraFlags").within(FLAG_LIST).templated(FLAGS_TEMPLATED),
        Row::new(Part::Volumes, "$.extraVolumes").within(Span::from(Version(3, 16, 0))),
        Row::new(Part::VolumeMounts, "$.extraVolumeMounts").within(Span::from(Version(3, 16, 0))),
        Row::new(Part::Resources(Component::Query), "$.resources"),
        Row::new(Part::Enabled(Component::QueryFrontend), "$.enabled").within(FRONTEND),
        Row::new(Part::Flags(Component::QueryFrontend), "$.extraFlags").within(FRONTEND).templated(FLAGS_TEMPLATED),
        Row::new(Part::Resources(Component::QueryFrontend), "$.resources").within(FRONTEND),
        Row::new(Part::ObjstoreText, "objstoreConfig").templated(Span::ALL).noted(),
        Row::new(Part::ObjstoreSecret, "existingObjstoreSecret").templated(Span::ALL),
        Row::new(Part::ObjstoreSecretItems, "existingObjstoreSecretItems"),
        Row::new(Part::Enabled(Component::Bucketweb), "$.enabled"),
        Row::new(Part::FlagMap(Component::Bucketweb), "$.extraFlags").within(FLAG_MAP),
        Row::new(Part::Flags(Component::Bucketweb), "$.extraFlags").within(FLAG_LIST).templated(FLAGS_TEMPLATED),
        Row::new(Part::Resources(Component::Bucketweb), "$.resources"),
        Row::new(Part::Enabled(Component::Compactor), "$.enabled"),
        Row::new(Part::Retention(Resolution::Raw), "$.retentionResolutionRaw"),
        Row::new(Part::Retention(Resolution::FiveMinutes), "$.retentionResolution5m"),
        Row::new(Part::Retention(Resolution::OneHour), "$.retentionResolution1h"),
        Row::new(Part::Concurrency, "$.concurrency").within(Span::from(Version(15, 9, 2))),
        Row::new(Part::FlagMap(Component::Compactor), "$.extraFlags").within(FLAG_MAP),
        Row::new(Part::Flags(Component::Compactor), "$.extraFlags").within(FLAG_LIST).templated(FLAGS_TEMPLATED),
        Row::new(Part::Resources(Component::Compactor), "$.resources"),
        Row::new(Part::Size(Component::Compactor), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Compactor), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Storegateway), "$.enabled"),
        Row::new(Part::FlagMap(Component::Storegateway), "$.extraFlags").within(FLAG_MAP),
        Row::new(Part::Flags(Component::Storegateway), "$.extraFlags").within(FLAG_LIST).templated(FLAGS_TEMPLATED),
        Row::new(Part::Resources(Component::Storegateway), "$.resources"),
        Row::new(Part::Size(Component::Storegateway), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Storegateway), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Ruler), "$.enabled"),
        Row::new(Part::Alertmanagers, "$.alertmanagers"),
        Row::new(Part::AlertmanagersConfig, "$.alertmanagersConfig")
            .within(Span::from(Version(3, 18, 1)))
            .templated(Span::ALL),
        Row::new(Part::RulerReplicaLabel, "$.replicaLabel").within(Span::from(Version(3, 10, 0))),
        Row::new(Part::EvaluationInterval, "$.evalInterval"),
        Row::new(Part::Rules, "$.config").templated(Span::ALL).noted(),
        Row::new(Part::FlagMap(Component::Ruler), "$.extraFlags").within(FLAG_MAP),
        Row::new(Part::Flags(Component::Ruler), "$.extraFlags").within(FLAG_LIST).templated(FLAGS_TEMPLATED),
        Row::new(Part::Resources(Component::Ruler), "$.resources"),
        Row::new(Part::Size(Component::Ruler), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Ruler), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Minio), "$.enabled"),
        Row::new(Part::Buckets, "$.defaultBuckets"),
        Row::new(Part::RootUser, "$.accessKey.password").within(OLD_ROOT),
        Row::new(Part::RootPassword, "$.secretKey.password").within(OLD_ROOT),
        Row::new(Part::RootSecret, "$.existingSecret").within(OLD_ROOT),
        // They go through `tpl` from bitnami/common 2.30.1.
        Row::new(Part::RootUser, "$.auth.rootUser").within(NEW_ROOT).templated(Span::from(Version(16, 0, 5))),
        Row::new(Part::RootPassword, "$.auth.rootPassword").within(NEW_ROOT).templated(Span::from(Version(16, 0, 5))),
        Row::new(Part::RootSecret, "$.auth.existingSecret").within(NEW_ROOT).templated(Span::ALL),
        Row::new(Part::Resources(Component::Minio), "$.resources"),
        Row::new(Part::Size(Component::Minio), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Minio), "$.persistence.storageClass"),
        Row::new(Part::MovedImages, "image"),
        Row::new(Part::Image(ImagePart::Registry), "image.registry"),
        Row::new(Part::Image(ImagePart::Repository), "image.repository"),
        Row::new(Part::Image(ImagePart::Tag), "image.tag"),
        Row::new(Part::PullSecrets, "global.imagePullSecrets"),
        Row::new(Part::InsecureImages, "global.security.allowInsecureImages").within(Span::from(Version(15, 9, 0))),
        Row::new(Part::ClusterDomain, "clusterDomain"),
    ],
    node_ports_are_texts: true,
    own_flags: &[
        (Component::Query, &["log.level"]),
        (Component::QueryFrontend, &["log.level", "query-frontend.downstream-url"]),
        (Component::Bucketweb, &["log.level", "objstore.config-file", "refresh", "timeout"]),
        (
            Component::Compactor,
            &[
                "log.level",
                "data-dir",
                "objstore.config-file",
                "retention.resolution-raw",
                "retention.resolution-5m",
                "retention.resolution-1h",
                "consistency-delay",
                "wait",
            ],
        ),
        (Component::Storegateway, &["log.level", "data-dir", "objstore.config-file"]),
        (Component::Ruler, &["log.level", "data-dir", "objstore.config-file", "eval-interval"]),
    ],
    bare_flags: Some(Span::until(Version(3, 0, 1))),
    ruler_replica_label: "replica",
    ruler_labels: &["ruler_cluster"],
    // They write it in quotes that become a part of it, and Thanos finds no rules there in silence.
    rule_file: Some((Span::between(Version(15, 10, 0), Version(15, 13, 1)), "/conf/rules/*.yml")),
    objstore_key: "objstore.yml",
    root_keys: &[(OLD_ROOT, ["access-key", "secret-key"]), (NEW_ROOT, ["root-user", "root-password"])],
    // bitnami/charts#30850; the exception came with bitnami/common 2.31.4.
    image_check: &[
        (Span::between(Version(15, 9, 0), Version(17, 3, 0)), ImageCheck::AnySwap),
        (Span::from(Version(17, 3, 1)), ImageCheck::NotLegacy),
    ],
    // bitnami/containers#83267. Which of MinIO's keys there are, the catalogue knows.
    moved_images: &[
        moved("image", "bitnamilegacy/thanos", When::Always),
        moved("volumePermissions.image", "bitnamilegacy/os-shell", When::True("volumePermissions.enabled")),
        moved("minio.image", "bitnamilegacy/minio", When::On(Component::Minio)),
        moved("minio.clientImage", "bitnamilegacy/minio-client", When::On(Component::Minio)),
        moved("minio.console.image", "bitnamilegacy/minio-object-browser", When::On(Component::Minio)),
        moved("minio.volumePermissions.image", "bitnamilegacy/os-shell", When::On(Component::Minio)),
        moved(
            "minio.defaultInitContainers.volumePermissions.image",
            "bitnamilegacy/os-shell",
            When::On(Component::Minio),
        ),
    ],
    defects: DEFECTS,
    // bitnami/containers#86251.
    lost_images: &[
        LostImage {
            span: Span::until(Version(12, 11, 0)),
            component: Component::Query,
            unless: "image.tag",
            is_gone: false,
            told: "whether the image of this version of the chart is still there is not known: \
                   set `thanos.image`, such as {registry: quay.io, repository: thanos/thanos, tag: TAG}",
        },
        LostImage {
            span: Span::until(Version(9, 0, 13)),
            component: Component::Minio,
            unless: "minio.image.tag",
            is_gone: true,
            told: "that of its MinIO was not kept (bitnami/containers#86251)",
        },
    ],
    // Thanos, CHANGELOG.md, 0.38.0 (#7890).
    store_flag: Some(Span::until(Version(11, 1, 0))),
    refuses_at_install: Some(Span::ALL),
    modes: &[],
    names: &[
        service(Component::Query, "-querier", QUERIER),
        service(Component::Query, "-query", QUERY),
        service(Component::Query, "-query-grpc", TWO_SERVICES),
        service(Component::QueryFrontend, "-query-frontend", FRONTEND),
        service(Component::Bucketweb, "-bucketweb", Span::ALL),
        service(Component::Compactor, "-compactor", Span::ALL),
        stateful_set(Component::Storegateway, "-storegateway"),
        // The pods ask for an untruncated ConfigMap name that the chart truncates.
        stateful_set(Component::Ruler, "-ruler"),
    ],
    secrets: &[
        "auth.basicAuthUsers",
        "https.key",
        "query.grpc.client.tls.key",
        "query.grpc.server.tls.key",
        "query.grpcTLS.client.key",
        "query.grpcTLS.server.key",
        "querier.grpcTLS.client.key",
        "querier.grpcTLS.server.key",
        "storegateway.grpc.server.tls.key",
        "receive.grpc.server.tls.key",
        "querier.ingress.secrets",
        "query.ingress.secrets",
        "query.ingress.grpc.secrets",
        "queryFrontend.ingress.secrets",
        "bucketweb.ingress.secrets",
        "compactor.ingress.secrets",
        "storegateway.ingress.secrets",
        "storegateway.ingress.grpc.secrets",
        "ruler.ingress.secrets",
        "receive.ingress.secrets",
        "minio.ingress.secrets",
        "minio.apiIngress.secrets",
        "minio.console.ingress.secrets",
        "minio.accessKey.password",
        "minio.secretKey.password",
        "minio.auth.rootPassword",
        "minio.tls.server.key",
        "minio.provisioning.users",
    ],
    owned: &[
        Owned {
            path: "$.command",
            component: Some(Component::Query),
            instead: "nothing there: the querier would lose its stores",
            with: None,
        },
        owned_with(Component::Storegateway, "$.args", "`thanos.storegateway.extraFlags`"),
        owned_with(Component::Compactor, "$.args", "`thanos.compactor.extraFlags`"),
        owned_with(Component::Bucketweb, "$.args", "`thanos.bucketweb.extraFlags`"),
        Owned {
            path: "$.dnsDiscovery.enabled",
            component: Some(Component::Query),
            instead: "nothing there: by it the querier finds the store gateway",
            with: Some(Component::Storegateway),
        },
        Owned {
            path: "$.dnsDiscovery.enabled",
            component: Some(Component::Query),
            instead: "nothing there: by it the querier finds the ruler",
            with: Some(Component::Ruler),
        },
        Owned {
            path: "$.args",
            component: Some(Component::Query),
            instead: "`query.extraFlags` of the settings; with arguments of its own the querier would lose its stores",
            with: None,
        },
        Owned {
            path: "$.enabled",
            component: Some(Component::Query),
            instead: "nothing there: without the querier nobody asks the sidecars",
            with: None,
        },
        // It would take the place of the rules.
        owned_with(Component::Ruler, "$.existingConfigmap", "`thanos.ruler.rules`"),
        owned_with(
            Component::Ruler,
            "$.args",
            "`thanos.ruler.extraFlags`; with arguments of its own the ruler would lose its Alertmanagers",
        ),
        owned_with(
            Component::Minio,
            "$.namespaceOverride",
            "`thanos.namespace`: the bundled MinIO stands beside Thanos",
        ),
        owned_with(Component::Minio, "$.auth.rootUserSecretKey", "`thanos.minio.credentials`"),
        owned_with(Component::Minio, "$.auth.rootPasswordSecretKey", "`thanos.minio.credentials`"),
        owned("querier.stores", "the endpoints of `clusters`"),
    ],
};
