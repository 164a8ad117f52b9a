//! The tools that write Services and are known by a sign of their own, one row each. A tool is here when its sign is
//! documented or used widely enough to mean nothing else.

use super::signs::Signs;

/// A tool that writes Services.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// What it is called.
    pub who: &'static str,
    /// Where the name of what it made the Service from stands; the first that is there.
    name: &'static [Place],
    /// Its signs; one is enough.
    signs: &'static [Sign],
    /// What it does to a changed type.
    pub(super) effect: &'static str,
    /// Whether it certainly undoes a change.
    pub(super) forbids: bool,
    /// Where the values of a chart go that it installs; `None` when it installs none.
    pub(super) values: Option<&'static str>,
}

#[derive(Debug, PartialEq, Eq)]
enum Sign {
    Label(&'static str),
    LabelIs(&'static str, &'static str),
    Annotation(&'static str),
    AnnotationIs(&'static str, &'static str),
    AnnotationHolds(&'static str, &'static str),
    Manager(&'static str),
    OwnerKind(&'static str),
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Label(&'static str),
    Annotation(&'static str),
    OwnerOfKind(&'static str),
}

impl Tool {
    /// Whether it wrote the Service.
    pub(super) fn wrote(&self, signs: &Signs) -> bool {
        self.signs.iter().any(|sign| match sign {
            Sign::Label(key) => signs.label(key).is_some(),
            Sign::LabelIs(key, value) => signs.label(key).is_some_and(|it| it.eq_ignore_ascii_case(value)),
            Sign::Annotation(key) => signs.annotation(key).is_some(),
            Sign::AnnotationIs(key, value) => signs.annotation(key).is_some_and(|it| it.eq_ignore_ascii_case(value)),
            Sign::AnnotationHolds(key, part) => signs.annotation(key).is_some_and(|it| it.contains(part)),
            Sign::Manager(manager) => signs.is_written_by(&[manager]),
            Sign::OwnerKind(kind) => signs.owner_references.iter().any(|owner| owner.kind == *kind),
        })
    }

    /// The name of what it made the Service from.
    pub(super) fn name<'a>(&self, signs: &'a Signs) -> Option<&'a str> {
        self.name.iter().find_map(|place| match place {
            Place::Label(key) => signs.label(key),
            Place::Annotation(key) => signs.annotation(key),
            Place::OwnerOfKind(kind) => {
                signs.owner_references.iter().find(|owner| owner.kind == *kind).map(|owner| owner.name.as_str())
            }
        })
    }
}

/// Whether a tool is known by owning Services with objects of `kind`.
pub(super) fn own_by_kind(kind: &str) -> bool {
    TOOLS.iter().flat_map(|tool| tool.signs).any(|sign| matches!(sign, Sign::OwnerKind(known) if *known == kind))
}

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The tools, those that certainly undo a change first.
pub(super) static TOOLS: [Tool; 15] = [
    Tool {
        who: "Linkerd service mirror",
        name: &[Place::Label("mirror.linkerd.io/cluster-name")],
        signs: &[Sign::LabelIs("mirror.linkerd.io/mirrored-service", "true")],
        effect: "the Service is a copy of one in another cluster, which the mirror writes again whenever that changes; \
                 change the original",
        forbids: true,
        values: None,
    },
    Tool {
        who: "multi-cluster ServiceImport",
        name: &[Place::OwnerOfKind("ServiceImport")],
        signs: &[Sign::OwnerKind("ServiceImport")],
        effect: "the Service stands for one in another cluster, and its controller sets the type back; change the \
                 original",
        forbids: true,
        values: None,
    },
    Tool {
        who: "vcluster",
        name: &[Place::Label("vcluster.loft.sh/managed-by")],
        signs: &[Sign::Label("vcluster.loft.sh/managed-by")],
        effect: "the Service is a copy of one in a virtual cluster, and the syncer sets the type back; change the \
                 original",
        forbids: true,
        values: None,
    },
    Tool {
        who: "Gateway",
        name: &[
            Place::OwnerOfKind("Gateway"),
            Place::Label("gateway.networking.k8s.io/gateway-name"),
            Place::Label("istio.io/gateway-name"),
        ],
        signs: &[Sign::OwnerKind("Gateway"), Sign::Label("gateway.istio.io/managed")],
        effect: "the gateway's controller sets the type back to what the Gateway asks for",
        forbids: true,
        values: None,
    },
    Tool {
        who: "Karmada",
        name: &[],
        signs: &[Sign::LabelIs("karmada.io/managed", "true")],
        effect: "Karmada sets the type back to that of its template in the control plane",
        forbids: true,
        values: None,
    },
    Tool {
        who: "Config Sync",
        name: &[Place::Annotation("configsync.gke.io/resource-id")],
        signs: &[Sign::AnnotationIs("configmanagement.gke.io/managed", "enabled")],
        effect: "Config Sync sets the type back at once if the manifest in Git names it",
        forbids: true,
        values: None,
    },
    Tool {
        who: "addon manager",
        name: &[],
        signs: &[Sign::LabelIs("addonmanager.kubernetes.io/mode", "Reconcile")],
        effect: "the addon manager sets the type back within minutes",
        forbids: true,
        values: None,
    },
    Tool {
        who: "cluster-monitoring-operator",
        name: &[],
        signs: &[Sign::LabelIs(MANAGED_BY, "cluster-monitoring-operator")],
        effect: "the operator of OpenShift's monitoring sets the type back at every sync",
        forbids: true,
        values: None,
    },
    Tool {
        who: "k3s addon",
        name: &[Place::Annotation("objectset.rio.cattle.io/owner-name")],
        signs: &[Sign::AnnotationHolds("objectset.rio.cattle.io/owner-gvk", "k3s.cattle.io/")],
        effect: "k3s sets the type back when it starts, if the manifest on the server names it",
        forbids: false,
        values: None,
    },
    Tool {
        who: "Rancher Fleet bundle",
        name: &[Place::Annotation("objectset.rio.cattle.io/id")],
        signs: &[Sign::Annotation("objectset.rio.cattle.io/id")],
        effect: "Fleet shows the bundle as modified, and sets the type back at the next deployment, or at once with \
                 drift correction",
        forbids: false,
        values: Some("`helm.values` in the fleet.yaml of"),
    },
    Tool {
        who: "OLM",
        name: &[Place::Label("olm.owner")],
        signs: &[Sign::Label("olm.owner")],
        effect: "OLM sets the type back when it installs the operator's next version",
        forbids: false,
        values: None,
    },
    Tool {
        who: "Terraform",
        name: &[],
        signs: &[Sign::Manager("Terraform"), Sign::Manager("HashiCorp"), Sign::LabelIs(MANAGED_BY, "terraform")],
        effect: "the next `terraform apply` sets the type back if the configuration names it",
        forbids: false,
        values: None,
    },
    Tool {
        who: "Pulumi",
        name: &[],
        signs: &[Sign::LabelIs(MANAGED_BY, "pulumi")],
        effect: "the next `pulumi up` sets the type back if the program names it",
        forbids: false,
        values: None,
    },
    Tool {
        who: "kapp",
        name: &[Place::Label("kapp.k14s.io/app")],
        signs: &[Sign::Label("kapp.k14s.io/app")],
        effect: "the next `kapp deploy` sets the type back if the manifest names it",
        forbids: false,
        values: None,
    },
    Tool {
        who: "Cilium global service",
        name: &[],
        signs: &[
            Sign::AnnotationIs("service.cilium.io/global", "true"),
            Sign::AnnotationIs("io.cilium/global-service", "true"),
        ],
        effect: "nothing sets the type back, but a node port may lead to the pods of another cluster",
        forbids: false,
        values: None,
    },
];
