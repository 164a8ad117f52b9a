//! thanos-community/thanos 0.2.0, the first that was published, to 0.38.0.

use std::sync::LazyLock;

use super::shared::{owned, owned_with, service, stateful_set};
use crate::chart::catalog::Catalog;
use crate::chart::dialect::{Dialect, Reference, Row};
use crate::chart::part::{Component, ImagePart, Part, Port, Resolution};
use crate::chart::quirks::Mode;
use crate::chart::quirks::Owned;
use crate::chart::quirks::{Defect, Trigger};
use crate::chart::version::{Span, Version};

/// `query.stores` became `query.endpoints.static`.
const STORES_LIST: Span = Span::until(Version(0, 7, 0));
const STATIC: Span = Span::from(Version(0, 8, 0));

/// The compactor's retentions, and that it goes on, were among its flags.
const RETENTION_FLAGS: Span = Span::until(Version(0, 12, 1));
const RETENTION: Span = Span::from(Version(0, 12, 2));

/// The registry is a part of the repository.
const ONE_NAME: Span = Span::until(Version(0, 21, 0));
const TWO_NAMES: Span = Span::from(Version(0, 22, 0));

const NODE_PORTS: Span = Span::from(Version(0, 35, 0));

const DEFECTS: &[Defect] = &[
    Defect {
        span: Span::until(Version(0, 15, 0)),
        when: &[Trigger::On(Component::Ruler)],
        what: "its ruler keeps its series out of the object store, and its querier does not ask the ruler",
        instead: "",
        report: "thanos-community/helm-charts, tag thanos-0.16.0",
    },
    Defect {
        span: Span::between(Version(0, 16, 0), Version(0, 25, 0)),
        when: &[Trigger::On(Component::Ruler), Trigger::NotOne("ruler.replicaCount")],
        what: "its two rulers have the same labels, so that the compactor halts over their blocks",
        instead: "set `ruler.replicaCount` to 1",
        report: "thanos-community/helm-charts, tag thanos-0.25.1",
    },
];

/// What a receiver in two parts has to have below `receive.ingester`.
const SPLIT: Mode = Mode {
    span: Span::ALL,
    key: "receive.mode",
    word: "split",
    section: "receive.ingester",
    needs: &[
        "replicaCount",
        "tsdb",
        "hashrings",
        "service",
        "vpa",
        "podSecurityContext",
        "probes",
        "serviceMonitor",
        "pdb",
    ],
};

pub(in crate::chart) static DIALECT: Dialect = Dialect {
    chart: "thanos-community/thanos",
    name: "thanos",
    catalog: LazyLock::new(|| {
        Catalog::read(include_str!("../../../catalogue/thanos-community-thanos.txt"))
            .with_types(include_str!("../../../catalogue/types/thanos-community-thanos.txt"))
    }),
    span: Span::ALL,
    advised: None,
    reference: &[(Span::ALL, Reference::Registry("oci://ghcr.io/thanos-community/helm-charts/thanos"))],
    components: &[
        (Component::Query, Span::ALL, "query"),
        (Component::QueryFrontend, Span::ALL, "queryFrontend"),
        (Component::Bucketweb, Span::ALL, "bucket.bucketweb"),
        (Component::Compactor, Span::ALL, "compactor"),
        (Component::Storegateway, Span::ALL, "storegateway"),
        (Component::Ruler, Span::ALL, "ruler"),
        (Component::Receive, Span::ALL, "receive"),
    ],
    on_by_default: &[Component::Query, Component::Compactor, Component::Storegateway, Component::Receive],
    always_on: &[],
    rows: &[
        Row::new(Part::Stores, "$.stores").within(STORES_LIST),
        Row::new(Part::Stores, "$.endpoints.static").within(STATIC),
        Row::new(Part::ReplicaLabels, "$.replicaLabels"),
        Row::new(Part::ServiceType(Port::Http), "$.service.type"),
        Row::new(Part::NodePort(Port::Http), "$.service.httpNodePort").within(NODE_PORTS),
        Row::new(Part::NodePort(Port::Grpc), "$.service.grpcNodePort").within(NODE_PORTS),
        Row::new(Part::Flags(Component::Query), "$.extraArgs").keeping(&["--log.level=info"]),
        Row::new(Part::Volumes, "$.extraVolumes"),
        Row::new(Part::VolumeMounts, "$.extraVolumeMounts"),
        Row::new(Part::Resources(Component::Query), "$.resources"),
        Row::new(Part::Enabled(Component::QueryFrontend), "$.enabled"),
        Row::new(Part::Flags(Component::QueryFrontend), "$.extraArgs"),
        Row::new(Part::Resources(Component::QueryFrontend), "$.resources"),
        Row::new(Part::Enabled(Component::Receive), "$.enabled"),
        Row::new(Part::ObjstoreCreated, "global.objstore.createSecret"),
        Row::new(Part::ObjstoreSecret, "global.objstore.secretName"),
        Row::new(Part::ObjstoreSecretKey, "global.objstore.secretKey"),
        Row::new(Part::ObjstoreText, "global.objstore.config").templated(Span::ALL).noted(),
        Row::new(Part::Enabled(Component::Bucketweb), "$.enabled"),
        Row::new(Part::Flags(Component::Bucketweb), "$.extraArgs"),
        Row::new(Part::Resources(Component::Bucketweb), "$.resources"),
        Row::new(Part::Enabled(Component::Compactor), "$.enabled"),
        Row::new(Part::Retention(Resolution::Raw), "$.retention.resolutionRaw").within(RETENTION),
        Row::new(Part::Retention(Resolution::FiveMinutes), "$.retention.resolution5m").within(RETENTION),
        Row::new(Part::Retention(Resolution::OneHour), "$.retention.resolution1h").within(RETENTION),
        Row::new(Part::Flags(Component::Compactor), "$.extraArgs").within(RETENTION_FLAGS).keeping(&[
            "--log.level=info",
            "--log.format=logfmt",
            "--retention.resolution-raw=30d",
            "--retention.resolution-5m=90d",
            "--retention.resolution-1h=365d",
            "--consistency-delay=30m",
            "--wait",
        ]),
        Row::new(Part::Flags(Component::Compactor), "$.extraArgs").within(RETENTION).keeping(&[
            "--log.level=info",
            "--log.format=logfmt",
            "--consistency-delay=30m",
        ]),
        Row::new(Part::Resources(Component::Compactor), "$.resources"),
        Row::new(Part::Size(Component::Compactor), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Compactor), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Storegateway), "$.enabled"),
        Row::new(Part::Flags(Component::Storegateway), "$.extraArgs"),
        Row::new(Part::Resources(Component::Storegateway), "$.resources"),
        Row::new(Part::Size(Component::Storegateway), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Storegateway), "$.persistence.storageClass"),
        Row::new(Part::Enabled(Component::Ruler), "$.enabled"),
        Row::new(Part::AlertmanagersConfig, "$.alertmanagers.config").templated(Span::ALL),
        Row::new(Part::NoExampleRules, "$.rules.example-alerts\\.yaml"),
        Row::new(Part::Rules, "$.rules.thanosctl\\.yaml").templated(Span::ALL).noted(),
        Row::new(Part::Flags(Component::Ruler), "$.extraArgs"),
        Row::new(Part::Resources(Component::Ruler), "$.resources"),
        Row::new(Part::Size(Component::Ruler), "$.persistence.size"),
        Row::new(Part::StorageClass(Component::Ruler), "$.persistence.storageClass"),
        Row::new(Part::Image(ImagePart::Whole), "global.image.repository").within(ONE_NAME),
        Row::new(Part::Image(ImagePart::Registry), "global.image.registry").within(TWO_NAMES),
        Row::new(Part::Image(ImagePart::Repository), "global.image.repository").within(TWO_NAMES),
        Row::new(Part::Image(ImagePart::Tag), "global.image.tag"),
        Row::new(Part::PullSecretObjects, "global.imagePullSecrets"),
        Row::new(Part::ClusterDomain, "global.clusterDomain"),
    ],
    node_ports_are_texts: false,
    own_flags: &[
        (Component::Compactor, &["data-dir", "objstore.config-file", "wait"]),
        (Component::Storegateway, &["data-dir", "objstore.config-file"]),
        (Component::Ruler, &["data-dir", "objstore.config-file", "alertmanagers.config-file"]),
    ],
    bare_flags: None,
    ruler_replica_label: "ruler_replica",
    ruler_labels: &[],
    rule_file: None,
    objstore_key: "objstore.yml",
    root_keys: &[],
    image_check: &[],
    moved_images: &[],
    defects: DEFECTS,
    lost_images: &[],
    // Their own Thanos is 0.39.2 and 0.41.0.
    store_flag: Some(Span::until(Version(0, 3, 2))),
    refuses_at_install: None,
    // <https://github.com/thanos-community/helm-charts>, charts/thanos/values.schema.json.
    modes: &[
        Mode { span: Span::between(Version(0, 11, 0), Version(0, 36, 0)), needs: &["persistence"], ..SPLIT },
        // From then on it has values of its own for `persistence`.
        Mode { span: Span::from(Version(0, 11, 0)), ..SPLIT },
    ],
    names: &[
        service(Component::Query, "-query", Span::ALL),
        service(Component::QueryFrontend, "-query-frontend", Span::ALL),
        service(Component::Bucketweb, "-bucket", Span::ALL),
        stateful_set(Component::Compactor, "-compactor"),
        stateful_set(Component::Storegateway, "-storegateway"),
        stateful_set(Component::Ruler, "-ruler"),
    ],
    secrets: &["global.objstore.config", "rustfs.secret.rustfs.secret_key", "rustfs.initBucket.secretKey"],
    owned: &[
        Owned {
            path: "$.endpoints.autogen.enabled",
            component: Some(Component::Query),
            instead: "nothing there: by it the querier finds the store gateway",
            with: Some(Component::Storegateway),
        },
        Owned {
            path: "$.endpoints.autogen.enabled",
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
        owned("query.stores", "the endpoints of `clusters`"),
        owned("query.extraArgs", "`thanos.query.extraFlags`"),
        // The Secret of the object store stands and falls with it.
        owned("bucket.enabled", "`thanos.bucketweb`, or leave that out"),
        owned_with(Component::Ruler, "$.rules", "`thanos.ruler.rules`"),
    ],
};
