//! The charts that make Services with a StoreAPI, and the keys that give each of them an outside address, version by
//! version. What differs between charts and versions is a row here.

use crate::chart::version::{Span, Version as V};
use crate::fleet::inventory::Service;

/// A chart.
pub(super) struct Chart {
    /// Its name, as `REPOSITORY/NAME`.
    pub(super) name: &'static str,
    /// Its name in the label that it writes.
    pub(super) label: &'static str,
    /// The versions to which this row applies: several charts have one name.
    pub(super) versions: Span,
    /// What tells its Services from those of another chart of that name.
    pub(super) marks: &'static [Mark],
    /// Where Helm gets it.
    pub(super) sources: &'static [(Span, Source)],
    /// Its Services; the first whose marks a Service has is meant.
    pub(super) services: &'static [ChartService],
}

/// Where Helm gets a chart.
pub(super) enum Source {
    /// A repository by its address; the chart has its own name there.
    Repository(&'static str),
    /// A registry.
    Registry(&'static str),
    /// A folder: the version was published nowhere.
    Folder(&'static str),
}

/// A sign on a Service.
pub(super) enum Mark {
    /// A label with this value.
    Label(&'static str, &'static str),
    /// A label, whatever its value.
    Labelled(&'static str),
    /// A label whose value ends so.
    LabelEnds(&'static str, &'static str),
    /// A name that ends so.
    NameEnds(&'static str),
    /// A name that ends so and with a number.
    NameEndsNumbered(&'static str),
    /// No address of its own.
    Headless,
}

impl Mark {
    pub(super) fn is_on(&self, service: &Service) -> bool {
        let label = |key: &str| service.labels.get(key).map(String::as_str);
        match self {
            Self::Label(key, value) => label(key) == Some(value),
            Self::Labelled(key) => label(key).is_some(),
            Self::LabelEnds(key, end) => label(key).is_some_and(|value| value.ends_with(end)),
            Self::NameEnds(end) => service.name.ends_with(end),
            Self::NameEndsNumbered(end) => {
                let name = service.name.trim_end_matches(|c: char| c.is_ascii_digit());
                name.len() < service.name.len() && name.ends_with(end)
            }
            Self::Headless => is_headless(service),
        }
    }
}

pub(super) fn is_headless(service: &Service) -> bool {
    service.cluster_ip.as_deref() == Some("None")
}

/// One Service of a chart.
pub(super) struct ChartService {
    /// What tells it from the chart's others.
    pub(super) marks: &'static [Mark],
    /// Whether the chart can make a headless one beside it, whose name ends with `-headless`. No key makes that
    /// anything else; the address is given to this one.
    pub(super) has_twin: bool,
    /// Its keys, by version; a version without a row has none.
    pub(super) keys: &'static [Keys],
}

/// The keys of a Service in a span of versions.
pub(super) struct Keys {
    /// The versions.
    pub(super) versions: Span,
    /// Which Service they change.
    pub(super) target: Target,
    /// Each key and what it is given.
    pub(super) entries: &'static [(&'static str, Word)],
    /// What may go wrong.
    pub(super) traps: &'static [Trap],
}

/// Which Service keys change.
pub(super) enum Target {
    /// The one that was looked at.
    Same,
    /// Another over the same pods, whose name ends otherwise.
    Sibling {
        /// How the name ends.
        from: &'static str,
        /// How the other's name ends.
        to: &'static str,
    },
}

/// What a key is given.
#[derive(Clone, Copy)]
pub(super) enum Word {
    /// The type that is wished.
    Type,
    /// `true`.
    True,
    /// An empty text.
    Empty,
    /// The gRPC port of the Service.
    Port,
    /// The wished node port as a text, as bitnami's schemas want it; nothing without one.
    Text,
    /// The wished node port as a number; nothing without one.
    Number,
    /// As `Number`, for charts that fix node ports for NodePort alone.
    NumberOfNodePort,
    /// Another node port for HTTP, when the wished one is the chart's default for that.
    OtherHttpPort,
    /// `NodePort` when a node port is wished, whatever the Service's type is.
    NodePortWhenFixed,
}

/// Something that goes wrong, and when.
pub(super) struct Trap {
    /// When.
    pub(super) when: When,
    /// What, a sentence without a full stop.
    pub(super) told: &'static str,
}

/// For which wishes a trap is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// For all.
    Always,
    /// For the type NodePort.
    NodePort,
    /// For a fixed node port.
    Fixed,
    /// For a fixed node port of a load balancer.
    FixedLoadBalancer,
}

const fn always(told: &'static str) -> Trap {
    Trap { when: When::Always, told }
}

const fn when(when: When, told: &'static str) -> Trap {
    Trap { when, told }
}

const fn keys(
    versions: Span,
    target: Target,
    entries: &'static [(&'static str, Word)],
    traps: &'static [Trap],
) -> Keys {
    Keys { versions, target, entries, traps }
}

const COMPONENT: &str = "app.kubernetes.io/component";
const SUBCOMPONENT: &str = "app.kubernetes.io/subcomponent";

const PROMETHEUS_COMMUNITY: &[(Span, Source)] =
    &[(Span::ALL, Source::Repository("https://prometheus-community.github.io/helm-charts"))];

/// helm-charts#783: the chart does not guard this itself.
const KPS_CLUSTER_IP: Trap =
    always("`clusterIP: \"\"` must stay: with the chart's own \"None\" the Service is invalid for this type");
const KPS_NODE_PORTS: Trap = when(
    When::NodePort,
    "unless set, the node ports are 30901 for gRPC and 30902 for HTTP, in `thanosService` and `thanosServiceExternal` \
     of every release: a second NodePort Service in the cluster needs others",
);
const KPS_NO_FIXED: Trap =
    when(When::FixedLoadBalancer, "the chart fixes a node port for type NodePort alone, so it is left out");
const KPS_TRAPS: &[Trap] = &[KPS_NODE_PORTS, KPS_NO_FIXED];
const KPS_OWN_TRAPS: &[Trap] = &[KPS_CLUSTER_IP, KPS_NODE_PORTS, KPS_NO_FIXED];

const KPS_OWN_HEADLESS_TRAPS: &[Trap] = &[
    always(
        "from 15.4.0 the chart can make a second Service instead (`prometheus.thanosServiceExternal`), and nothing is \
         deleted",
    ),
    KPS_CLUSTER_IP,
    KPS_NODE_PORTS,
    KPS_NO_FIXED,
];

const KPS_EXTERNAL: [(&str, Word); 3] = [
    ("prometheus.thanosServiceExternal.enabled", Word::True),
    ("prometheus.thanosServiceExternal.type", Word::Type),
    ("prometheus.thanosServiceExternal.nodePort", Word::NumberOfNodePort),
];
const KPS_EXTERNAL_HTTP: [(&str, Word); 4] = [
    ("prometheus.thanosServiceExternal.enabled", Word::True),
    ("prometheus.thanosServiceExternal.type", Word::Type),
    ("prometheus.thanosServiceExternal.nodePort", Word::NumberOfNodePort),
    ("prometheus.thanosServiceExternal.httpNodePort", Word::OtherHttpPort),
];
const KPS_OWN: [(&str, Word); 3] = [
    ("prometheus.thanosService.type", Word::Type),
    ("prometheus.thanosService.clusterIP", Word::Empty),
    ("prometheus.thanosService.nodePort", Word::NumberOfNodePort),
];
const KPS_OWN_HTTP: [(&str, Word); 4] = [
    ("prometheus.thanosService.type", Word::Type),
    ("prometheus.thanosService.clusterIP", Word::Empty),
    ("prometheus.thanosService.nodePort", Word::NumberOfNodePort),
    ("prometheus.thanosService.httpNodePort", Word::OtherHttpPort),
];
const KPS_TO_EXTERNAL: Target = Target::Sibling { from: "-thanos-discovery", to: "-thanos-external" };

/// `prometheus.thanosService` got a type in 14.1.0 and lost its fixed `clusterIP: None` in 14.5.0;
/// `thanosServiceExternal` came with 15.4.0, the HTTP ports with 18.0.10.
const KPS_SERVICES: &[ChartService] = &[
    ChartService {
        marks: &[Mark::NameEnds("-thanos-external")],
        has_twin: false,
        keys: &[
            keys(Span::between(V(15, 4, 0), V(18, 0, 9)), Target::Same, &KPS_EXTERNAL, KPS_TRAPS),
            keys(Span::from(V(18, 0, 10)), Target::Same, &KPS_EXTERNAL_HTTP, KPS_TRAPS),
        ],
    },
    ChartService {
        marks: &[Mark::LabelEnds("app", "-thanos-discovery"), Mark::Headless],
        has_twin: false,
        keys: &[
            keys(Span::between(V(14, 5, 0), V(15, 3, 1)), Target::Same, &KPS_OWN, KPS_OWN_HEADLESS_TRAPS),
            keys(Span::between(V(15, 4, 0), V(18, 0, 9)), KPS_TO_EXTERNAL, &KPS_EXTERNAL, KPS_TRAPS),
            keys(Span::from(V(18, 0, 10)), KPS_TO_EXTERNAL, &KPS_EXTERNAL_HTTP, KPS_TRAPS),
        ],
    },
    ChartService {
        marks: &[Mark::LabelEnds("app", "-thanos-discovery")],
        has_twin: false,
        keys: &[
            keys(Span::between(V(14, 5, 0), V(18, 0, 9)), Target::Same, &KPS_OWN, KPS_OWN_TRAPS),
            keys(Span::from(V(18, 0, 10)), Target::Same, &KPS_OWN_HTTP, KPS_OWN_TRAPS),
        ],
    },
];

/// The Services of bitnami/thanos. One port or several, from 7.0.0 on the node ports are together; the querier's gRPC
/// port has a Service of its own from 11.0.0 on.
const BITNAMI_THANOS: &[ChartService] = &[
    ChartService {
        marks: &[Mark::Label(COMPONENT, "querier")],
        has_twin: true,
        keys: &[keys(
            Span::between(V(0, 1, 0), V(3, 0, 1)),
            Target::Same,
            &[("querier.service.type", Word::Type), ("querier.service.grpc.nodePort", Word::Text)],
            &[],
        )],
    },
    ChartService {
        marks: &[Mark::Label(COMPONENT, "query")],
        has_twin: true,
        keys: &[
            keys(
                Span::between(V(3, 1, 0), V(6, 0, 14)),
                Target::Same,
                &[("query.service.type", Word::Type), ("query.service.grpc.nodePort", Word::Text)],
                &[],
            ),
            keys(
                Span::between(V(7, 0, 0), V(8, 1, 0)),
                Target::Same,
                &[("query.service.type", Word::Type)],
                &[when(
                    When::Fixed,
                    "up to 8.1.0 the chart gives the gRPC port the node port of the HTTP port, which no cluster \
                     takes: it is left out, so that the cluster chooses; 8.1.1 can fix it",
                )],
            ),
            keys(
                Span::between(V(8, 1, 1), V(10, 5, 5)),
                Target::Same,
                &[("query.service.type", Word::Type), ("query.service.nodePorts.grpc", Word::Text)],
                &[],
            ),
            keys(
                Span::from(V(11, 0, 0)),
                Target::Same,
                &[("query.serviceGrpc.type", Word::Type), ("query.serviceGrpc.nodePorts.grpc", Word::Text)],
                &[],
            ),
        ],
    },
    // A shard's Service has the type that all have, and a node port of its own only by its place in a list.
    ChartService {
        marks: &[Mark::Label(COMPONENT, "storegateway"), Mark::NameEndsNumbered("-storegateway-")],
        has_twin: false,
        keys: &[keys(
            Span::from(V(5, 3, 0)),
            Target::Same,
            &[("storegateway.service.type", Word::Type)],
            &[
                always("the type is that of all shards"),
                when(
                    When::Fixed,
                    "node ports of shards are a list, `storegateway.sharded.service.grpc.nodePorts`, with one for \
                     each shard: it is left out, so that the cluster chooses",
                ),
            ],
        )],
    },
    ChartService {
        marks: &[Mark::Label(COMPONENT, "storegateway")],
        has_twin: true,
        keys: &[
            keys(
                Span::between(V(0, 1, 0), V(6, 0, 14)),
                Target::Same,
                &[("storegateway.service.type", Word::Type), ("storegateway.service.grpc.nodePort", Word::Text)],
                &[],
            ),
            keys(
                Span::from(V(7, 0, 0)),
                Target::Same,
                &[("storegateway.service.type", Word::Type), ("storegateway.service.nodePorts.grpc", Word::Text)],
                &[],
            ),
        ],
    },
    ChartService {
        marks: &[Mark::Label(COMPONENT, "ruler")],
        has_twin: true,
        keys: &[
            keys(
                Span::between(V(0, 1, 0), V(6, 0, 14)),
                Target::Same,
                &[("ruler.service.type", Word::Type), ("ruler.service.grpc.nodePort", Word::Text)],
                &[],
            ),
            keys(
                Span::from(V(7, 0, 0)),
                Target::Same,
                &[("ruler.service.type", Word::Type), ("ruler.service.nodePorts.grpc", Word::Text)],
                &[],
            ),
        ],
    },
    ChartService {
        marks: &[Mark::Label(COMPONENT, "receive")],
        has_twin: true,
        keys: &[
            keys(
                Span::between(V(3, 5, 0), V(6, 0, 14)),
                Target::Same,
                &[("receive.service.type", Word::Type), ("receive.service.grpc.nodePort", Word::Text)],
                &[],
            ),
            keys(
                Span::from(V(7, 0, 0)),
                Target::Same,
                &[("receive.service.type", Word::Type), ("receive.service.nodePorts.grpc", Word::Text)],
                &[],
            ),
        ],
    },
];

const BITNAMI_SIDECAR: [(&str, Word); 2] =
    [("prometheus.thanos.service.type", Word::Type), ("prometheus.thanos.service.nodePorts.grpc", Word::Text)];
const BITNAMI_SIDECAR_BEFORE_7: [(&str, Word); 2] =
    [("prometheus.thanos.service.type", Word::Type), ("prometheus.thanos.service.nodePort", Word::Text)];

/// The Service of the HTTP port carries the gRPC port too; from 27.20.1 that has a type of its own, which decides
/// whether its node port is written (helm-charts#5771).
const PROMETHEUS_SERVER: [(&str, Word); 5] = [
    ("server.service.type", Word::Type),
    ("server.service.gRPC.enabled", Word::True),
    ("server.service.gRPC.servicePort", Word::Port),
    ("server.service.gRPC.type", Word::NodePortWhenFixed),
    ("server.service.gRPC.nodePort", Word::Number),
];
const PROMETHEUS_SERVER_BEFORE_27_20_1: [(&str, Word); 4] = [
    ("server.service.type", Word::Type),
    ("server.service.gRPC.enabled", Word::True),
    ("server.service.gRPC.servicePort", Word::Port),
    ("server.service.gRPC.nodePort", Word::Number),
];
const PROMETHEUS_TRAPS: &[Trap] = &[always("the Service carries Prometheus itself too: its HTTP port opens as well")];

const STEVEHIPWELL_NO_FIXED: &[Trap] =
    &[when(When::Fixed, "the chart cannot fix a node port: it is left out, so that the cluster chooses")];

/// The charts. Two of one name differ by version or marks, and the more particular stands first.
pub(super) static CHARTS: [Chart; 9] = [
    Chart {
        name: "prometheus-community/kube-prometheus-stack",
        label: "kube-prometheus-stack",
        versions: Span::ALL,
        marks: &[],
        sources: PROMETHEUS_COMMUNITY,
        services: KPS_SERVICES,
    },
    // A fork; its versions name that of the original behind `+up`.
    Chart {
        name: "rancher/rancher-monitoring",
        label: "rancher-monitoring",
        versions: Span::ALL,
        marks: &[],
        sources: &[(Span::ALL, Source::Repository("https://charts.rancher.io"))],
        services: KPS_SERVICES,
    },
    Chart {
        name: "bitnami/kube-prometheus",
        label: "kube-prometheus",
        versions: Span::from(V(1, 0, 0)),
        marks: &[],
        sources: &[(Span::ALL, Source::Registry("oci://registry-1.docker.io/bitnamicharts/kube-prometheus"))],
        services: &[
            ChartService {
                marks: &[Mark::Label(SUBCOMPONENT, "thanos")],
                has_twin: false,
                keys: &[
                    keys(Span::between(V(1, 0, 0), V(6, 13, 3)), Target::Same, &BITNAMI_SIDECAR_BEFORE_7, &[]),
                    keys(Span::from(V(7, 0, 0)), Target::Same, &BITNAMI_SIDECAR, &[]),
                ],
            },
            ChartService {
                marks: &[Mark::Label(COMPONENT, "thanos-ruler")],
                has_twin: true,
                keys: &[keys(
                    Span::from(V(11, 2, 0)),
                    Target::Same,
                    &[("thanosRuler.service.type", Word::Type), ("thanosRuler.service.nodePorts.grpc", Word::Text)],
                    &[],
                )],
            },
        ],
    },
    // Renamed to bitnami/kube-prometheus; stable/prometheus-operator had no Service for sidecars.
    Chart {
        name: "bitnami/prometheus-operator",
        label: "prometheus-operator",
        versions: Span::between(V(0, 12, 0), V(0, 32, 0)),
        marks: &[Mark::Label(SUBCOMPONENT, "thanos")],
        sources: &[(Span::ALL, Source::Registry("oci://registry-1.docker.io/bitnamicharts/prometheus-operator"))],
        services: &[ChartService {
            marks: &[],
            has_twin: false,
            keys: &[keys(Span::ALL, Target::Same, &BITNAMI_SIDECAR_BEFORE_7, &[])],
        }],
    },
    Chart {
        name: "bitnami/prometheus",
        label: "prometheus",
        versions: Span::ALL,
        marks: &[Mark::Label(SUBCOMPONENT, "thanos")],
        sources: &[(Span::ALL, Source::Registry("oci://registry-1.docker.io/bitnamicharts/prometheus"))],
        services: &[ChartService {
            marks: &[],
            has_twin: false,
            keys: &[keys(
                Span::ALL,
                Target::Same,
                &[("server.thanos.service.type", Word::Type), ("server.thanos.service.nodePorts.grpc", Word::Text)],
                &[],
            )],
        }],
    },
    Chart {
        name: "prometheus-community/prometheus",
        label: "prometheus",
        versions: Span::from(V(11, 0, 0)),
        marks: &[],
        sources: PROMETHEUS_COMMUNITY,
        services: &[ChartService {
            marks: &[],
            has_twin: true,
            keys: &[
                keys(
                    Span::between(V(11, 0, 0), V(27, 20, 0)),
                    Target::Same,
                    &PROMETHEUS_SERVER_BEFORE_27_20_1,
                    PROMETHEUS_TRAPS,
                ),
                keys(Span::from(V(27, 20, 1)), Target::Same, &PROMETHEUS_SERVER, PROMETHEUS_TRAPS),
            ],
        }],
    },
    Chart {
        name: "stevehipwell/thanos",
        label: "thanos",
        versions: Span::ALL,
        marks: &[Mark::Labelled("app.kubernetes.io/component-instance")],
        sources: &[(Span::ALL, Source::Registry("oci://ghcr.io/stevehipwell/helm-charts/thanos"))],
        services: &[
            ChartService {
                marks: &[Mark::Label(COMPONENT, "query")],
                has_twin: false,
                keys: &[keys(
                    Span::from(V(1, 22, 0)),
                    Target::Same,
                    &[("query.service.type", Word::Type)],
                    STEVEHIPWELL_NO_FIXED,
                )],
            },
            ChartService {
                marks: &[Mark::Label(COMPONENT, "receive-router")],
                has_twin: false,
                keys: &[keys(
                    Span::from(V(1, 22, 0)),
                    Target::Same,
                    &[("receive.router.service.type", Word::Type)],
                    STEVEHIPWELL_NO_FIXED,
                )],
            },
            ChartService { marks: &[Mark::NameEnds("-headless")], has_twin: false, keys: &[] },
        ],
    },
    // Dead since 2023, and a name of bitnami's lowest versions.
    Chart {
        name: "banzaicloud/thanos",
        label: "thanos",
        versions: Span::between(V(0, 0, 0), V(0, 4, 9)),
        marks: &[Mark::NameEnds("-grpc")],
        sources: &[],
        services: &[],
    },
    Chart {
        name: "bitnami/thanos",
        label: "thanos",
        versions: Span::ALL,
        marks: &[],
        sources: &[
            // Nothing newer was published for free (bitnami/charts#35256): later versions are source alone.
            (
                Span::between(V(0, 0, 0), V(17, 3, 1)),
                Source::Registry("oci://registry-1.docker.io/bitnamicharts/thanos"),
            ),
            (Span::from(V(17, 3, 2)), Source::Folder("./charts/bitnami/thanos")),
        ],
        services: BITNAMI_THANOS,
    },
];
