//! stevehipwell/thanos 1.24.1 and what follows it with the same keys. It has no node ports, no bucket web page and no
//! MinIO.

use std::sync::LazyLock;

use super::{owned_with, service, stateful_set};
use crate::chart::catalog::Catalog;
use crate::chart::dialect::{Component, Dialect, ImagePart, Owned, Part, Port, Row};
use crate::chart::version::{Span, Version};

pub(in crate::chart) static DIALECT: Dialect = Dialect {
    chart: "stevehipwell/thanos",
    name: "thanos",
    catalog: LazyLock::new(|| Catalog::read(include_str!("../../../catalogue/stevehipwell-thanos.txt"))),
    span: Span::from(Version(1, 24, 1)),
    advised: None,
    reference: &[(Span::ALL, "oci://ghcr.io/stevehipwell/helm-charts/thanos")],
    components: &[
        (Component::Query, Span::ALL, "query"),
        (Component::QueryFrontend, Span::ALL, "queryFrontend"),
        (Component::Compactor, Span::ALL, "compact"),
        (Component::Storegateway, Span::ALL, "storeGateway"),
        (Component::Ruler, Span::ALL, "rule"),
        (Component::Receive, Span::ALL, "receive"),
    ],
    on_by_default: &[Component::Query, Component::Storegateway],
    rows: &[
        Row::new(Part::Stores, "additionalEndpoints")
            .templated(Span::ALL)
            .told("Beside each StoreAPI stands the cluster and the Service that it came from."),
        Row::new(Part::ReplicaLabels, "additionalReplicaLabels")
            .told("The labels that only tell replicas apart: series that differ in nothing else are shown as one."),
        Row::new(Part::ServiceType(Port::Http), "$.service.type"),
        Row::new(Part::Flags(Component::Query), "$.extraArgs"),
        Row::new(Part::Volumes, "$.extraVolumes"),
        Row::new(Part::VolumeMounts, "$.extraVolumeMounts"),
        Row::new(Part::Resources(Component::Query), "$.resources"),
        Row::new(Part::Enabled(Component::QueryFrontend), "$.enabled"),
        Row::new(Part::Flags(Component::QueryFrontend), "$.extraArgs"),
        Row::new(Part::Resources(Component::QueryFrontend), "$.resources"),
        Row::new(Part::ObjstoreCreated, "objstoreConfig.create"),
        Row::new(Part::ObjstoreSecret, "objstoreConfig.name"),
        Row::new(Part::ObjstoreSecretKey, "objstoreConfig.key"),
        Row::new(Part::ObjstoreText, "objstoreConfig.value").templated(Span::ALL).told(
            "The object store. Helm runs this text through its templates, so each opening of one in it is escaped.",
        ),
        Row::new(Part::Enabled(Component::Compactor), "$.enabled"),
        Row::new(Part::DeduplicationOff, "$.deduplication.enabled")
            .told("To merge replicas in the bucket rewrites it for ever: not unless somebody says so."),
        Row::new(Part::Flags(Component::Compactor), "$.extraArgs"),
        Row::new(Part::Resources(Component::Compactor), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Compactor), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Compactor), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Compactor), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Storegateway), "$.enabled"),
        Row::new(Part::Flags(Component::Storegateway), "$.extraArgs"),
        Row::new(Part::Resources(Component::Storegateway), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Storegateway), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Storegateway), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Storegateway), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Ruler), "$.enabled"),
        Row::new(Part::AlertmanagersConfig, "$.alertmanagersConfig.value"),
        Row::new(Part::EvaluationInterval, "$.evalInterval"),
        Row::new(Part::Rules, "$.rules.value").told("The rule files."),
        Row::new(Part::Flags(Component::Ruler), "$.extraArgs"),
        Row::new(Part::Resources(Component::Ruler), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Ruler), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Ruler), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Ruler), "$.persistence.storageClass"),
        Row::new(Part::Image(ImagePart::Whole), "image.repository"),
        Row::new(Part::Image(ImagePart::Tag), "image.tag"),
        Row::new(Part::PullSecretObjects, "imagePullSecrets"),
        Row::new(Part::ClusterDomain, "clusterDomain"),
    ],
    node_ports_are_texts: false,
    own_flags: &[
        (Component::Query, &["log.level", "log.format"]),
        (Component::QueryFrontend, &["log.level", "log.format"]),
        (Component::Compactor, &["log.level", "log.format", "data-dir", "objstore.config-file", "wait"]),
        (Component::Storegateway, &["log.level", "log.format", "data-dir", "objstore.config-file"]),
        (
            Component::Ruler,
            &[
                "log.level",
                "log.format",
                "data-dir",
                "objstore.config-file",
                "tsdb.retention",
                "tsdb.block-duration",
                "eval-interval",
                "alertmanagers.config-file",
            ],
        ),
    ],
    bare_flags: None,
    ruler_replica_label: "rule_replica",
    ruler_labels: &[],
    rule_file: None,
    objstore_key: "config",
    root_keys: &[],
    image_check: &[],
    moved_images: &[],
    broken: &[],
    lost_images: &[],
    store_flag: None,
    refuses_at_install: None,
    names: &[
        service(Component::Query, "-query", Span::ALL),
        service(Component::QueryFrontend, "-query-frontend", Span::ALL),
        stateful_set(Component::Compactor, "-compact"),
        stateful_set(Component::Storegateway, "-store-gateway"),
        stateful_set(Component::Ruler, "-rule"),
    ],
    secrets: &["objstoreConfig.value"],
    owned: &[
        Owned {
            path: "$.enableDnsDiscovery",
            component: Some(Component::Query),
            instead: "nothing there: by it the querier finds the store gateway",
            with: Some(Component::Storegateway),
        },
        Owned {
            path: "$.enableDnsDiscovery",
            component: Some(Component::Query),
            instead: "nothing there: by it the querier finds the ruler",
            with: Some(Component::Ruler),
        },
        Owned {
            path: "$.enabled",
            component: Some(Component::Query),
            instead: "nothing there: without the querier nobody asks the sidecars",
            with: None,
        },
        Owned {
            path: "$.additionalStores",
            component: Some(Component::Query),
            instead: "the endpoints of `clusters`",
            with: None,
        },
        Owned { path: "$.replicaLabels", component: Some(Component::Query), instead: "`replicaLabels`", with: None },
        owned_with(Component::Ruler, "$.rules", "`thanos.ruler.rules`"),
        owned_with(Component::Ruler, "$.alertmanagersConfig", "`thanos.ruler.alertmanagers`"),
    ],
};
