//! Nodes that are not what they look like: some serve no node ports, some are about to leave, some are inside one
//! machine.

use super::values::Values;
use crate::fleet::inventory::Node;

/// By what a node is recognised.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// A label with one of these values.
    Label(&'static str, Values),
    /// An annotation with one of these values.
    Annotation(&'static str, Values),
    /// A taint with this key.
    Taint(&'static str),
    /// `spec.providerID` begins with this.
    Provider(&'static str),
    /// The node's name.
    Name(&'static str),
    /// The node's name begins with this.
    NamePrefix(&'static str),
}

impl Sign {
    fn is_on(self, node: &Node) -> bool {
        match self {
            Self::Label(key, values) => node.labels.get(key).is_some_and(|value| values.hold(value)),
            Self::Annotation(key, values) => node.annotations.get(key).is_some_and(|value| values.hold(value)),
            Self::Taint(key) => node.taints.iter().any(|taint| taint == key),
            Self::Provider(prefix) => node.provider_id.as_deref().is_some_and(|id| id.starts_with(prefix)),
            Self::Name(name) => node.name == name,
            Self::NamePrefix(prefix) => node.name.starts_with(prefix),
        }
    }
}

/// What a row says of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing on it forwards a node port; this is what it is.
    NoNodePorts(&'static str),
    /// It is being removed, or is not there yet: its address is not to be used.
    Leaving,
    /// It may be removed soon: others come first.
    MayLeave,
    /// It is inside this program on one machine: other machines do not reach its addresses.
    OneMachine(&'static Machine),
}

/// A program that runs a cluster inside one machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub program: &'static str,
    /// How the machine itself reaches the node.
    pub way: &'static str,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// All of these are on the node.
    pub signs: &'static [Sign],
    /// What that means.
    pub meaning: Meaning,
    /// Where that is written.
    pub source: &'static str,
}

const fn row(signs: &'static [Sign], meaning: Meaning, source: &'static str) -> Row {
    Row { signs, meaning, source }
}

use Meaning::{Leaving, MayLeave, NoNodePorts, OneMachine};

const TRUE: Values = Values::Is(&["true"]);
const CONTAINERS: &str = "reachable from the machine that runs it";
const LOCALHOST: &str = "that machine reaches it as localhost";

const KIND: Machine = Machine { program: "a container (kind)", way: CONTAINERS };
const K3D: Machine = Machine { program: "a container (k3d)", way: CONTAINERS };
const DOCKER_DESKTOP: Machine = Machine { program: "inside Docker Desktop", way: LOCALHOST };
const MINIKUBE: Machine = Machine { program: "inside minikube", way: CONTAINERS };
const RANCHER_DESKTOP: Machine = Machine { program: "inside Rancher Desktop", way: LOCALHOST };
const ORBSTACK: Machine = Machine { program: "inside OrbStack", way: LOCALHOST };
const COLIMA: Machine = Machine { program: "inside Colima", way: LOCALHOST };
const LIMA: Machine = Machine { program: "inside Lima", way: LOCALHOST };
const MULTIPASS: Machine = Machine { program: "inside Multipass (MicroK8s)", way: CONTAINERS };
const TALOS: Machine = Machine { program: "a machine of `talosctl cluster create`", way: CONTAINERS };
const CRC: Machine = Machine { program: "inside OpenShift Local", way: CONTAINERS };

/// The rows. Of those with one kind of meaning the first that fits counts.
pub const NODES: &[Row] = &[
    // One pod's micro VM; load balancers need IP targets there.
    row(
        &[Sign::Label("eks.amazonaws.com/compute-type", Values::Is(&["fargate"]))],
        NoNodePorts("AWS Fargate"),
        "https://docs.aws.amazon.com/eks/latest/userguide/fargate.html",
    ),
    // Azure ACI (AKS virtual nodes), Alibaba ECI, Huawei CCI, Volcengine VCI, Admiralty and others.
    row(
        &[Sign::Label("type", Values::Is(&["virtual-kubelet"]))],
        NoNodePorts("a virtual kubelet"),
        "https://github.com/virtual-kubelet/virtual-kubelet/blob/master/cmd/virtual-kubelet/internal/commands/root/node.go",
    ),
    row(
        &[Sign::Taint("virtual-kubelet.io/provider")],
        NoNodePorts("a virtual kubelet"),
        "https://learn.microsoft.com/en-us/azure/aks/virtual-nodes",
    ),
    row(
        &[Sign::Label("virtual-kubelet.io/provider", Values::Given)],
        NoNodePorts("a virtual kubelet"),
        "https://admiralty.io/docs/concepts/scheduling",
    ),
    row(
        &[Sign::Label("node-role.kubernetes.io/virtual-node", Values::Any)],
        NoNodePorts("an OCI virtual node"),
        "https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcomparingvirtualwithmanagednodes_topic.htm",
    ),
    row(
        &[Sign::Label("node.kubernetes.io/instance-type", Values::Is(&["eklet"]))],
        NoNodePorts("a Tencent super node"),
        "https://www.tencentcloud.com/document/product/457/46027",
    ),
    row(
        &[Sign::Taint("eks.tke.cloud.tencent.com/eklet")],
        NoNodePorts("a Tencent super node"),
        "https://www.tencentcloud.com/document/product/457/46027",
    ),
    row(
        &[Sign::Label("liqo.io/type", Values::Is(&["virtual-node"]))],
        NoNodePorts("a Liqo virtual node"),
        "https://docs.liqo.io/en/stable/usage/namespace-offloading.html",
    ),
    row(
        &[Sign::Label("kosmos.io/node", TRUE)],
        NoNodePorts("a Kosmos virtual node"),
        "https://github.com/kosmos-io/kosmos/blob/main/pkg/utils/constants.go",
    ),
    row(
        &[Sign::Label("vcluster.loft.sh/fake-node", TRUE)],
        NoNodePorts("a pseudo node of vcluster"),
        "https://github.com/loft-sh/vcluster/pull/983",
    ),
    row(
        &[Sign::Annotation("kwok.x-k8s.io/node", Values::Given)],
        NoNodePorts("a fake node of kwok"),
        "https://kwok.sigs.k8s.io/docs/user/kwok-in-cluster/",
    ),
    row(
        &[Sign::Label("type", Values::Is(&["kwok"]))],
        NoNodePorts("a fake node of kwok"),
        "https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/",
    ),
    row(
        &[Sign::Taint("kwok.x-k8s.io/node")],
        NoNodePorts("a fake node of kwok"),
        "https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/",
    ),
    // edgecore refuses to start beside kube-proxy; both labels are what it registers its node with.
    row(
        &[
            Sign::Label("node-role.kubernetes.io/edge", Values::Any),
            Sign::Label("node-role.kubernetes.io/agent", Values::Any),
        ],
        NoNodePorts("a KubeEdge node"),
        "https://github.com/kubeedge/kubeedge/blob/master/edge/cmd/edgecore/app/server.go",
    ),
    // Nodes that are not there yet.
    row(
        &[Sign::Taint("node.cloudprovider.kubernetes.io/uninitialized")],
        Leaving,
        "https://kubernetes.io/docs/reference/labels-annotations-taints/",
    ),
    row(&[Sign::Taint("karpenter.sh/unregistered")], Leaving, "https://karpenter.sh/docs/concepts/nodeclaims/"),
    row(
        &[Sign::Taint("node.cluster.x-k8s.io/uninitialized")],
        Leaving,
        "https://cluster-api.sigs.k8s.io/developer/providers/contracts/bootstrap-config",
    ),
    row(
        &[Sign::Taint("node.cilium.io/agent-not-ready")],
        Leaving,
        "https://docs.cilium.io/en/stable/installation/taints/",
    ),
    row(
        &[Sign::Taint("node.gardener.cloud/critical-components-not-ready")],
        Leaving,
        "https://gardener.cloud/docs/gardener/node-readiness/",
    ),
    row(
        &[Sign::Taint("node.kubernetes.io/network-unavailable")],
        Leaving,
        "https://kubernetes.io/docs/reference/labels-annotations-taints/",
    ),
    // Nodes that are on their way out.
    row(
        &[Sign::Taint("ToBeDeletedByClusterAutoscaler")],
        Leaving,
        "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md",
    ),
    row(&[Sign::Taint("karpenter.sh/disrupted")], Leaving, "https://github.com/kubernetes-sigs/karpenter/pull/1468"),
    // Before v1 of its API.
    row(&[Sign::Taint("karpenter.sh/disruption")], Leaving, "https://karpenter.sh/docs/upgrading/v1-migration/"),
    row(
        &[Sign::Taint("aws-node-termination-handler/spot-itn")],
        Leaving,
        "https://github.com/aws/aws-node-termination-handler/blob/main/config/helm/aws-node-termination-handler/README.md",
    ),
    row(
        &[Sign::Taint("aws-node-termination-handler/scheduled-maintenance")],
        Leaving,
        "https://github.com/aws/aws-node-termination-handler/blob/main/config/helm/aws-node-termination-handler/README.md",
    ),
    row(
        &[Sign::Taint("aws-node-termination-handler/asg-lifecycle-termination")],
        Leaving,
        "https://github.com/aws/aws-node-termination-handler/blob/main/config/helm/aws-node-termination-handler/README.md",
    ),
    row(
        &[Sign::Taint("aws-node-termination-handler/rebalance-recommendation")],
        MayLeave,
        "https://github.com/aws/aws-node-termination-handler/blob/main/config/helm/aws-node-termination-handler/README.md",
    ),
    row(
        &[Sign::Taint("cloud.google.com/impending-node-termination")],
        Leaving,
        "https://cloud.google.com/kubernetes-engine/docs/concepts/node-graceful-termination",
    ),
    row(
        &[Sign::Taint("remediator.kubernetes.azure.com/unschedulable")],
        Leaving,
        "https://learn.microsoft.com/en-us/azure/aks/node-auto-repair",
    ),
    row(
        &[Sign::Taint("remediator.aks.microsoft.com/unschedulable")],
        Leaving,
        "https://github.com/Azure/AKS/blob/master/CHANGELOG.md",
    ),
    row(
        &[Sign::Taint("atlassian.com/escalator")],
        Leaving,
        "https://github.com/atlassian/escalator/blob/master/docs/configuration/nodegroup.md",
    ),
    row(&[Sign::Taint("autoscaling.cast.ai/draining")], Leaving, "https://docs.cast.ai/docs/spot"),
    row(&[Sign::Label("autoscaling.cast.ai/draining", Values::Given)], Leaving, "https://docs.cast.ai/docs/spot"),
    row(&[Sign::Taint("medik8s.io/drain")], Leaving, "https://github.com/medik8s/node-maintenance-operator"),
    row(&[Sign::Taint("medik8s.io/remediation")], Leaving, "https://github.com/medik8s/self-node-remediation"),
    row(&[Sign::Taint("kubevirt.io/drain")], Leaving, "https://kubevirt.io/user-guide/cluster_admin/node_maintenance/"),
    row(
        &[Sign::Taint("node.kubernetes.io/out-of-service")],
        Leaving,
        "https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown",
    ),
    row(
        &[Sign::Taint("node.cloudprovider.kubernetes.io/shutdown")],
        Leaving,
        "https://kubernetes.io/docs/reference/labels-annotations-taints/",
    ),
    // Only a candidate: most of them stay.
    row(
        &[Sign::Taint("DeletionCandidateOfClusterAutoscaler")],
        MayLeave,
        "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md",
    ),
    row(
        &[Sign::Taint("node.cluster.x-k8s.io/outdated-revision")],
        MayLeave,
        "https://cluster-api.sigs.k8s.io/developer/core/controllers/machine-deployment",
    ),
    row(
        &[Sign::Taint("deployment.machine.sapcloud.io/prefer-no-schedule")],
        MayLeave,
        "https://github.com/gardener/machine-controller-manager/blob/master/docs/FAQ.md",
    ),
    // Nodes inside one machine.
    row(
        &[Sign::Provider("kind://docker/desktop/")],
        OneMachine(&DOCKER_DESKTOP),
        "https://docs.docker.com/desktop/use-desktop/kubernetes/",
    ),
    row(&[Sign::Provider("kind://")], OneMachine(&KIND), "https://kind.sigs.k8s.io/docs/user/loadbalancer/"),
    row(&[Sign::Provider("k3s://k3d-")], OneMachine(&K3D), "https://k3d.io/stable/usage/exposing_services/"),
    row(&[Sign::NamePrefix("k3d-")], OneMachine(&K3D), "https://k3d.io/stable/design/concepts/"),
    row(
        &[Sign::Label("minikube.k8s.io/name", Values::Given)],
        OneMachine(&MINIKUBE),
        "https://minikube.sigs.k8s.io/docs/handbook/accessing/",
    ),
    row(&[Sign::Name("docker-desktop")], OneMachine(&DOCKER_DESKTOP), "https://github.com/docker/for-mac/issues/3144"),
    row(
        &[Sign::Name("docker-for-desktop")],
        OneMachine(&DOCKER_DESKTOP),
        "https://github.com/docker/for-mac/issues/3144",
    ),
    row(
        &[Sign::Name("desktop-control-plane")],
        OneMachine(&DOCKER_DESKTOP),
        "https://docs.docker.com/desktop/use-desktop/kubernetes/",
    ),
    row(
        &[Sign::NamePrefix("desktop-worker")],
        OneMachine(&DOCKER_DESKTOP),
        "https://docs.docker.com/desktop/use-desktop/kubernetes/",
    ),
    row(
        &[Sign::Name("lima-rancher-desktop")],
        OneMachine(&RANCHER_DESKTOP),
        "https://docs.rancherdesktop.io/ui/preferences/kubernetes/",
    ),
    row(&[Sign::Name("orbstack")], OneMachine(&ORBSTACK), "https://docs.orbstack.dev/kubernetes/"),
    row(&[Sign::Name("colima")], OneMachine(&COLIMA), "https://github.com/abiosoft/colima/blob/main/docs/FAQ.md"),
    row(
        &[Sign::NamePrefix("colima-")],
        OneMachine(&COLIMA),
        "https://github.com/abiosoft/colima/blob/main/docs/FAQ.md",
    ),
    row(&[Sign::Name("lima-k3s")], OneMachine(&LIMA), "https://lima-vm.io/docs/examples/containers/kubernetes/"),
    row(&[Sign::Name("lima-k8s")], OneMachine(&LIMA), "https://lima-vm.io/docs/examples/containers/kubernetes/"),
    row(&[Sign::Name("microk8s-vm")], OneMachine(&MULTIPASS), "https://microk8s.io/docs/install-macos"),
    row(
        &[Sign::NamePrefix("talos-default-")],
        OneMachine(&TALOS),
        "https://www.talos.dev/latest/talos-guides/install/local-platforms/docker/",
    ),
    row(&[Sign::Name("crc")], OneMachine(&CRC), "https://crc.dev/docs/networking/"),
];

/// What the rows say of a node.
fn meanings(node: &Node) -> impl Iterator<Item = Meaning> {
    NODES.iter().filter(|row| row.signs.iter().all(|sign| sign.is_on(node))).map(|row| row.meaning)
}

/// What a node is on which nothing forwards node ports; `None` for any other.
pub fn without_node_ports(node: &Node) -> Option<&'static str> {
    meanings(node).find_map(|meaning| match meaning {
        NoNodePorts(what) => Some(what),
        Leaving | MayLeave | OneMachine(_) => None,
    })
}

/// Whether a node is being removed or is not there yet.
pub fn is_leaving(node: &Node) -> bool {
    meanings(node).any(|meaning| meaning == Leaving)
}

/// Whether a node may be removed soon.
pub fn may_leave(node: &Node) -> bool {
    meanings(node).any(|meaning| meaning == MayLeave)
}

/// The program inside of which a node is on one machine.
pub fn machine(node: &Node) -> Option<&'static Machine> {
    meanings(node).find_map(|meaning| match meaning {
        OneMachine(machine) => Some(machine),
        NoNodePorts(_) | Leaving | MayLeave => None,
    })
}

/// The annotations of nodes that rows look at.
pub(super) fn annotations() -> impl Iterator<Item = &'static str> {
    NODES.iter().flat_map(|row| row.signs).filter_map(|sign| match sign {
        Sign::Annotation(key, _) => Some(*key),
        Sign::Label(..) | Sign::Taint(_) | Sign::Provider(_) | Sign::Name(_) | Sign::NamePrefix(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(mut fields: Value) -> Node {
        if fields["name"].is_null() {
            fields["name"] = json!("n1");
        }
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn every_row_names_its_source_and_its_signs() {
        for row in NODES {
            assert!(row.source.starts_with("https://") && !row.signs.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn a_label_of_one_cloud_has_several_values_and_one_of_them_counts() {
        let compute = |kind: &str| node(json!({"labels": {"eks.amazonaws.com/compute-type": kind}}));
        assert_eq!(without_node_ports(&compute("fargate")), Some("AWS Fargate"));
        for kind in ["auto", "hybrid", "ec2"] {
            assert_eq!(without_node_ports(&compute(kind)), None, "{kind}");
        }
    }

    #[test]
    fn an_edge_router_of_any_cluster_is_no_node_of_kubeedge() {
        let labels = |labels: Value| node(json!({"labels": labels}));
        assert_eq!(without_node_ports(&labels(json!({"node-role.kubernetes.io/edge": ""}))), None);
        let kubeedge = labels(json!({"node-role.kubernetes.io/edge": "", "node-role.kubernetes.io/agent": ""}));
        assert_eq!(without_node_ports(&kubeedge), Some("a KubeEdge node"));
    }

    #[test]
    fn taints_of_leaving_nodes_are_told_from_those_of_nodes_that_only_may_leave() {
        let tainted = |key: &str| node(json!({"taints": [key]}));
        assert!(is_leaving(&tainted("karpenter.sh/disrupted")) && !may_leave(&tainted("karpenter.sh/disrupted")));
        assert!(!is_leaving(&tainted("DeletionCandidateOfClusterAutoscaler")));
        assert!(may_leave(&tainted("DeletionCandidateOfClusterAutoscaler")));
        // Every new node has it for a moment; whether a node is Ready is told by its condition.
        assert!(!is_leaving(&tainted("node.kubernetes.io/not-ready")));
    }

    #[test]
    fn a_cluster_inside_one_machine_is_known_by_its_nodes() {
        for (fields, program) in [
            (json!({"providerID": "kind://docker/kind/kind-worker"}), "a container (kind)"),
            (json!({"providerID": "kind://docker/desktop/desktop-worker"}), "inside Docker Desktop"),
            (json!({"name": "docker-desktop"}), "inside Docker Desktop"),
            (json!({"labels": {"minikube.k8s.io/name": "dev"}}), "inside minikube"),
            (json!({"name": "colima-arm"}), "inside Colima"),
        ] {
            assert_eq!(machine(&node(fields)).map(|machine| machine.program), Some(program));
        }
        assert_eq!(machine(&node(json!({"name": "docker-desktop-1", "providerID": "k3s://eu-1"}))), None);
    }
}
