//! stevehipwell/thanos 1.0.0 to 1.24.1. It has no node ports, no bucket web page and no MinIO.

use std::sync::LazyLock;

use super::shared::{owned_with, service, stateful_set};
use crate::chart::catalog::Catalog;
use crate::chart::dialect::{Dialect, Reference, Row};
use crate::chart::part::{Component, ImagePart, Part, Port};
use crate::chart::quirks::Owned;
use crate::chart::quirks::{Defect, Trigger};
use crate::chart::version::{Span, Version};

/// Stores and replica labels are the querier's alone.
const OWN_LISTS: Span = Span::until(Version(1, 10, 2));
const SHARED_LISTS: Span = Span::from(Version(1, 11, 0));

/// Values of rules are the data of a ConfigMap, with its file names.
const RULE_FILES: Span = Span::until(Version(1, 11, 1));
const RULES: Span = Span::from(Version(1, 12, 0));

/// The object store's configuration goes through `tpl`.
const OBJSTORE_TEMPLATED: Span = Span::from(Version(1, 12, 0));

/// In 1.16.2 the template of the querier looks for volumes below `query.resources`.
const VOLUMES: Span = Span::from(Version(1, 16, 3));

/// The store gateway can be off.
const STORE_SWITCH: Span = Span::from(Version(1, 21, 0));

/// The Service of the querier has a type and ports.
const SERVICE: Span = Span::from(Version(1, 22, 0));

const DEFECTS: &[Defect] = &[
    Defect {
        span: Span::until(Version(1, 0, 1)),
        when: &[Trigger::On(Component::Ruler)],
        what: "its ruler makes the ServiceAccount of the store gateway a second time, and Helm refuses that",
        instead: "",
        report: "stevehipwell/helm-charts, CHANGELOG.md, 1.0.2",
    },
    // With any replica label Thanos rewrites the bucket; a ruler has one by itself.
    Defect {
        span: Span::between(Version(1, 13, 0), Version(1, 14, 5)),
        when: &[Trigger::On(Component::Compactor), Trigger::Given("additionalReplicaLabels")],
        what: "its compactor merges replicas in the bucket for ever, and no value switches that off",
        instead: "",
        report: "stevehipwell/helm-charts, CHANGELOG.md, 1.15.0",
    },
    Defect {
        span: Span::between(Version(1, 13, 0), Version(1, 14, 5)),
        when: &[
            Trigger::On(Component::Compactor),
            Trigger::NotGiven("additionalReplicaLabels"),
            Trigger::On(Component::Ruler),
        ],
        what: "its compactor merges replicas of the ruler in the bucket for ever, and no value switches that off",
        instead: "",
        report: "stevehipwell/helm-charts, CHANGELOG.md, 1.15.0",
    },
    Defect {
        span: Span::between(Version(1, 16, 2), Version(1, 16, 2)),
        when: &[Trigger::Given("query.resources")],
        what: "its template of the querier fails with `query.resources`",
        instead: "leave `query.resources` out",
        report: "stevehipwell/helm-charts, CHANGELOG.md, 1.16.3",
    },
];

pub(in crate::chart) static DIALECT: Dialect = Dialect {
    chart: "stevehipwell/thanos",
    name: "thanos",
    catalog: LazyLock::new(|| {
        Catalog::read(include_str!("../../../catalogue/stevehipwell-thanos.txt"))
            .with_types(include_str!("../../../catalogue/types/stevehipwell-thanos.txt"))
    }),
    span: Span::from(Version(1, 0, 0)),
    advised: None,
    reference: &[
        (
            Span::until(Version(1, 10, 1)),
            Reference::Repository("https://stevehipwell.github.io/helm-charts/", "thanos"),
        ),
        (Span::from(Version(1, 10, 2)), Reference::Registry("oci://ghcr.io/stevehipwell/helm-charts/thanos")),
    ],
    components: &[
        (Component::Query, Span::ALL, "query"),
        (Component::QueryFrontend, Span::ALL, "queryFrontend"),
        (Component::Compactor, Span::ALL, "compact"),
        (Component::Storegateway, Span::ALL, "storeGateway"),
        (Component::Ruler, Span::ALL, "rule"),
        (Component::Receive, Span::ALL, "receive"),
    ],
    on_by_default: &[Component::Query, Component::Storegateway],
    always_on: &[(Component::Storegateway, Span::until(Version(1, 20, 0)))],
    rows: &[
        Row::new(Part::Stores, "$.additionalStores").within(OWN_LISTS),
        Row::new(Part::Stores, "additionalEndpoints").within(SHARED_LISTS).templated(SERVICE),
        Row::new(Part::ReplicaLabels, "$.replicaLabels").within(OWN_LISTS),
        Row::new(Part::ReplicaLabels, "additionalReplicaLabels").within(SHARED_LISTS),
        Row::new(Part::ServiceType(Port::Http), "$.service.type").within(SERVICE),
        Row::new(Part::Flags(Component::Query), "$.extraArgs"),
        Row::new(Part::Volumes, "$.extraVolumes").within(VOLUMES),
        Row::new(Part::VolumeMounts, "$.extraVolumeMounts").within(VOLUMES),
        Row::new(Part::Resources(Component::Query), "$.resources"),
        Row::new(Part::Enabled(Component::QueryFrontend), "$.enabled"),
        Row::new(Part::Flags(Component::QueryFrontend), "$.extraArgs"),
        Row::new(Part::Resources(Component::QueryFrontend), "$.resources"),
        Row::new(Part::ObjstoreCreated, "objstoreConfig.create"),
        Row::new(Part::ObjstoreSecret, "objstoreConfig.name"),
        Row::new(Part::ObjstoreSecretKey, "objstoreConfig.key"),
        Row::new(Part::ObjstoreText, "objstoreConfig.value").templated(OBJSTORE_TEMPLATED),
        Row::new(Part::Enabled(Component::Compactor), "$.enabled"),
        Row::new(Part::DeduplicationOff, "$.deduplication.enabled").within(Span::from(Version(1, 15, 0))),
        Row::new(Part::Flags(Component::Compactor), "$.extraArgs"),
        Row::new(Part::Resources(Component::Compactor), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Compactor), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Compactor), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Compactor), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Storegateway), "$.enabled").within(STORE_SWITCH),
        Row::new(Part::Flags(Component::Storegateway), "$.extraArgs"),
        Row::new(Part::Resources(Component::Storegateway), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Storegateway), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Storegateway), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Storegateway), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Ruler), "$.enabled"),
        Row::new(Part::AlertmanagersConfig, "$.alertmanagersConfig.value"),
        Row::new(Part::EvaluationInterval, "$.evalInterval"),
        Row::new(Part::RuleFiles, "$.rules.value").within(RULE_FILES),
        Row::new(Part::Rules, "$.rules.value").within(RULES),
        Row::new(Part::Flags(Component::Ruler), "$.extraArgs"),
        Row::new(Part::Resources(Component::Ruler), "$.resources"),
        Row::new(Part::PersistenceEnabled(Component::Ruler), "$.persistence.enabled"),
        Row::new(Part::Size(Component::Ruler), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Ruler), "$.persistence.storageClass"),
        Row::new(Part::Image(ImagePart::Whole), "image.repository"),
        Row::new(Part::Image(ImagePart::Tag), "image.tag"),
        Row::new(Part::PullSecretObjects, "imagePullSecrets"),
        Row::new(Part::ClusterDomain, "clusterDomain").within(Span::from(Version(1, 15, 0))),
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
    defects: DEFECTS,
    lost_images: &[],
    store_flag: Some(OWN_LISTS),
    refuses_at_install: None,
    modes: &[],
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
