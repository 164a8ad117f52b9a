//! Load balancers: who serves a Service, from where its load balancer can be reached, and who may connect.

use super::Values;
use crate::model::inventory::Service;

/// By what the controller of a load balancer is recognised.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// `spec.loadBalancerClass` is this.
    Class(&'static str),
    /// `spec.loadBalancerClass` is absent: the cloud controller of the cluster serves it.
    NoClass,
    /// `metadata.finalizers` has this.
    Finalizer(&'static str),
    /// An annotation with one of these values.
    Annotation(&'static str, Values),
    /// A condition of `status.conditions` of this type.
    Condition(&'static str),
    /// A name in `status.loadBalancer.ingress` begins and ends with these.
    Hostname(&'static str, &'static str),
}

impl Sign {
    fn is_on(self, service: &Service) -> bool {
        match self {
            Self::Class(class) => service.load_balancer_class.as_deref() == Some(class),
            Self::NoClass => service.load_balancer_class.is_none(),
            Self::Finalizer(name) => service.finalizers.iter().any(|finalizer| finalizer == name),
            Self::Annotation(key, values) => service.annotations.get(key).is_some_and(|value| values.hold(value)),
            Self::Condition(kind) => service.conditions.iter().any(|condition| condition.kind == kind),
            Self::Hostname(prefix, suffix) => {
                let names = service.load_balancer_ingress.iter().filter_map(|entry| entry.hostname.as_deref());
                names.map(str::to_ascii_lowercase).any(|name| name.starts_with(prefix) && name.ends_with(suffix))
            }
        }
    }
}

/// From where a load balancer can be reached when its Service says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// From everywhere.
    Public,
    /// From inside the network of the cluster; this annotation would say otherwise.
    Internal {
        /// Its key.
        unless: &'static str,
    },
    /// From inside the network of the cluster, whatever annotations say.
    AlwaysInternal,
    /// From inside this network alone.
    Only(&'static str),
    /// As the pool of addresses is that somebody made for the cluster.
    Pool,
}

/// A controller that makes load balancers for Services.
#[derive(Debug)]
pub struct Controller {
    /// Its name.
    pub name: &'static str,
    /// It is recognised by any of these sets of signs.
    pub signs: &'static [&'static [Sign]],
    /// The annotations that it reads among those of [`MARKS`].
    pub reads: &'static [&'static str],
    /// From where its load balancers can be reached when the Service says nothing.
    pub reach: Reach,
    /// Where that is written.
    pub source: &'static str,
}

/// An annotation that says from where a load balancer can be reached.
#[derive(Debug)]
pub struct Mark {
    /// Its key.
    pub annotation: &'static str,
    /// The values that say: from inside.
    pub internal: Values,
    /// The values that say: from everywhere.
    pub public: Values,
    /// Where that is written.
    pub source: &'static str,
}

/// An annotation that says who may connect.
#[derive(Debug)]
pub struct Gate {
    /// Its key.
    pub annotation: &'static str,
    /// How it says so.
    pub form: GateForm,
    /// Where that is written.
    pub source: &'static str,
}

/// How an annotation says who may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateForm {
    /// Ranges, with commas between them.
    Ranges,
    /// The same, for a Service without `spec.loadBalancerSourceRanges`.
    RangesWithoutField,
    /// In a form of its own, such as the name of a firewall.
    Other,
}

const AWS_SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const AWS_INTERNAL: &str = "service.beta.kubernetes.io/aws-load-balancer-internal";
const AWS_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";
const ALIBABA_TYPE: &str = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type";
const ALICLOUD_TYPE: &str = "service.beta.kubernetes.io/alicloud-loadbalancer-address-type";

/// The controllers; the first that fits serves a Service.
pub const CONTROLLERS: &[Controller] = &[
    Controller {
        name: "EKS Auto Mode",
        signs: &[&[Sign::Class("eks.amazonaws.com/nlb")]],
        reads: &[AWS_SCHEME],
        reach: Reach::Internal { unless: AWS_SCHEME },
        source: "https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html",
    },
    Controller {
        name: "the AWS Load Balancer Controller",
        signs: &[
            &[Sign::Class("service.k8s.aws/nlb")],
            &[Sign::Finalizer("service.k8s.aws/resources")],
            &[Sign::Annotation(AWS_TYPE, Values::Is(&["external", "nlb-ip"]))],
            &[Sign::Hostname("k8s-", ".amazonaws.com")],
            &[Sign::Hostname("k8s-", ".amazonaws.com.cn")],
        ],
        reads: &[AWS_SCHEME, AWS_INTERNAL],
        // Since v2.2.0; one that was made before keeps its scheme.
        reach: Reach::Internal { unless: AWS_SCHEME },
        source: "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/",
    },
    Controller {
        name: "the AWS cloud controller",
        signs: &[
            &[Sign::NoClass, Sign::Hostname("", ".amazonaws.com")],
            &[Sign::NoClass, Sign::Hostname("", ".amazonaws.com.cn")],
        ],
        reads: &[AWS_INTERNAL],
        reach: Reach::Public,
        source: "https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md",
    },
    Controller {
        name: "GKE",
        signs: &[&[Sign::Class("networking.gke.io/l4-regional-internal")]],
        reads: &[],
        reach: Reach::AlwaysInternal,
        source: "https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer",
    },
    Controller {
        name: "GKE",
        signs: &[&[Sign::Class("networking.gke.io/l4-regional-external")]],
        reads: &[],
        reach: Reach::Public,
        source: "https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer",
    },
    Controller {
        name: "Alibaba Cloud NLB",
        signs: &[&[Sign::Class("alibabacloud.com/nlb")]],
        reads: &[ALIBABA_TYPE, ALICLOUD_TYPE],
        reach: Reach::Public,
        source: "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/configure-nlb-instances-by-using-annotations",
    },
    Controller {
        name: "Tailscale",
        signs: &[&[Sign::Class("tailscale")], &[Sign::Hostname("", ".ts.net")]],
        reads: &[],
        reach: Reach::Only("its tailnet, and pods do not resolve its names unless somebody set that up"),
        source: "https://tailscale.com/kb/1439/kubernetes-operator-cluster-ingress",
    },
    Controller {
        name: "ngrok",
        signs: &[&[Sign::Class("ngrok")]],
        reads: &[],
        reach: Reach::Public,
        source: "https://github.com/ngrok/ngrok-operator/blob/main/internal/controller/service/controller.go",
    },
    Controller {
        name: "MetalLB",
        signs: &[
            &[Sign::Annotation("metallb.io/ip-allocated-from-pool", Values::Given)],
            &[Sign::Annotation("metallb.universe.tf/ip-allocated-from-pool", Values::Given)],
            &[Sign::Class("metallb")],
            &[Sign::Class("metallb.io/metallb")],
        ],
        reads: &[],
        reach: Reach::Pool,
        source: "https://metallb.io/usage/",
    },
    Controller {
        name: "Cilium",
        signs: &[
            &[Sign::Class("io.cilium/l2-announcer")],
            &[Sign::Class("io.cilium/bgp-control-plane")],
            &[Sign::Class("io.cilium/node")],
            &[Sign::Condition("cilium.io/IPAMRequestSatisfied")],
        ],
        reads: &[],
        reach: Reach::Pool,
        source: "https://docs.cilium.io/en/stable/network/lb-ipam/",
    },
    Controller {
        name: "kube-vip",
        signs: &[
            &[Sign::Class("kube-vip.io/kube-vip-class")],
            &[Sign::Annotation("kube-vip.io/vipHost", Values::Given)],
            &[Sign::Annotation("kube-vip.io/loadbalancerIPs", Values::Given)],
        ],
        reads: &[],
        reach: Reach::Pool,
        source: "https://kube-vip.io/docs/usage/kubernetes-services/",
    },
    Controller {
        name: "PureLB",
        signs: &[&[Sign::Class("purelb.io/purelb")], &[Sign::Annotation("purelb.io/allocated-by", Values::Given)]],
        reads: &[],
        reach: Reach::Pool,
        source: "https://purelb.gitlab.io/purelb/how_it_works/",
    },
    Controller {
        name: "OpenELB",
        signs: &[&[Sign::Annotation("lb.kubesphere.io/v1alpha1", Values::Is(&["openelb", "porter"]))]],
        reads: &[],
        reach: Reach::Pool,
        source: "https://openelb.io/docs/getting-started/usage/use-openelb-in-layer-2-mode/",
    },
    Controller {
        name: "LoxiLB",
        signs: &[&[Sign::Class("loxilb.io/loxilb")]],
        reads: &[],
        reach: Reach::Pool,
        source: "https://docs.loxilb.io/latest/kube-loxilb/",
    },
];

const fn mark(annotation: &'static str, internal: Values, public: Values, source: &'static str) -> Mark {
    Mark { annotation, internal, public, source }
}

const YES: Values = Values::Is(&["true"]);
const NO: Values = Values::Is(&["false"]);

/// The annotations that say from where a load balancer can be reached.
pub const MARKS: &[Mark] = &[
    mark(
        AWS_SCHEME,
        Values::Is(&["internal"]),
        Values::Is(&["internet-facing"]),
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
    ),
    // Any text but these two: https://github.com/wazuh/wazuh-kubernetes/issues/653 has a range.
    mark(
        AWS_INTERNAL,
        Values::Not(&["false", ""]),
        Values::Is(&["false", ""]),
        "https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws.go",
    ),
    mark(
        "networking.gke.io/load-balancer-type",
        Values::Is(&["Internal", "internal"]),
        Values::Is(&["External"]),
        "https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters",
    ),
    mark(
        "cloud.google.com/load-balancer-type",
        Values::Is(&["Internal", "internal"]),
        Values::Is(&["External"]),
        "https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing",
    ),
    mark(
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        YES,
        NO,
        "https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/",
    ),
    mark(
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        YES,
        NO,
        "https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md",
    ),
    mark(
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
        Values::Is(&["private"]),
        Values::Is(&["public"]),
        "https://cloud.ibm.com/docs/containers?topic=containers-setup_vpc_nlb",
    ),
    mark(
        ALIBABA_TYPE,
        Values::Is(&["intranet"]),
        Values::Is(&["internet"]),
        "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/add-annotations-to-the-yaml-file-of-a-service-to-configure-clb-instances",
    ),
    // Its name until September 2019, still read.
    mark(
        ALICLOUD_TYPE,
        Values::Is(&["intranet"]),
        Values::Is(&["internet"]),
        "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/add-annotations-to-the-yaml-file-of-a-service-to-configure-clb-instances",
    ),
    mark(
        "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
        Values::Given,
        Values::Never,
        "https://www.tencentcloud.com/document/product/457/36833",
    ),
    mark(
        "kubernetes.io/elb.autocreate",
        Values::Json("type", "inner"),
        Values::Json("type", "public"),
        "https://support.huaweicloud.com/intl/en-us/usermanual-cce/cce_10_0681.html",
    ),
    mark(
        "service.beta.kubernetes.io/cce-load-balancer-internal-vpc",
        YES,
        NO,
        "https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer",
    ),
    mark(
        "service.beta.kubernetes.io/volcengine-loadbalancer-address-type",
        Values::Is(&["PRIVATE"]),
        Values::Is(&["PUBLIC"]),
        "https://www.volcengine.com/docs/6460/101634",
    ),
    mark(
        "service.beta.kubernetes.io/ucloud-load-balancer-type",
        Values::Is(&["inner"]),
        Values::Is(&["outer"]),
        "https://docs.ucloud.cn/uk8s/service/internalservice",
    ),
    mark(
        "service.beta.kubernetes.io/oci-load-balancer-internal",
        Values::True,
        Values::False,
        "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
    ),
    mark(
        "oci-network-load-balancer.oraclecloud.com/internal",
        Values::True,
        Values::False,
        "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
    ),
    mark(
        "service.beta.kubernetes.io/do-loadbalancer-network",
        Values::Is(&["INTERNAL"]),
        Values::Is(&["EXTERNAL"]),
        "https://docs.digitalocean.com/products/kubernetes/how-to/configure-load-balancers/",
    ),
    // `use-private-ip` is about the way to the nodes, and says nothing of who reaches the load balancer.
    mark(
        "load-balancer.hetzner.cloud/disable-public-network",
        Values::True,
        Values::False,
        "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/load_balancer_annotations.md",
    ),
    mark(
        "service.beta.kubernetes.io/scw-loadbalancer-private",
        Values::True,
        Values::False,
        "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md",
    ),
    mark(
        "yandex.cloud/load-balancer-type",
        Values::Is(&["internal"]),
        Values::Is(&["external"]),
        "https://yandex.cloud/en/docs/managed-kubernetes/operations/create-load-balancer",
    ),
    mark(
        "service.beta.kubernetes.io/ncloud-load-balancer-internal",
        YES,
        NO,
        "https://guide.ncloud-docs.com/docs/en/k8s-k8suse-albingress",
    ),
    mark(
        "lb.stackit.cloud/internal-lb",
        Values::True,
        Values::False,
        "https://github.com/stackitcloud/cloud-provider-stackit/blob/main/docs/load-balancer.md",
    ),
    mark("yawol.stackit.cloud/internalLB", Values::True, Values::False, "https://github.com/stackitcloud/yawol"),
    mark(
        "service.beta.kubernetes.io/coreweave-load-balancer-type",
        Values::Is(&["private", "internal"]),
        Values::Is(&["public"]),
        "https://docs.coreweave.com/docs/products/cks/how-to/expose-a-service",
    ),
];

const fn gate(annotation: &'static str, form: GateForm, source: &'static str) -> Gate {
    Gate { annotation, form, source }
}

/// The annotations that say who may connect to a load balancer.
pub const GATES: &[Gate] = &[
    gate(
        "service.beta.kubernetes.io/load-balancer-source-ranges",
        GateForm::RangesWithoutField,
        "https://pkg.go.dev/k8s.io/cloud-provider/service/helpers#GetLoadBalancerSourceRanges",
    ),
    gate(
        "service.beta.kubernetes.io/azure-allowed-ip-ranges",
        GateForm::Ranges,
        "https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/",
    ),
    gate(
        "service.beta.kubernetes.io/azure-allowed-service-tags",
        GateForm::Other,
        "https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/",
    ),
    gate(
        "service.beta.kubernetes.io/aws-load-balancer-security-groups",
        GateForm::Other,
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
    ),
    gate(
        "service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists",
        GateForm::Other,
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
    ),
    gate(
        "service.beta.kubernetes.io/do-loadbalancer-allow-rules",
        GateForm::Other,
        "https://docs.digitalocean.com/products/kubernetes/how-to/configure-load-balancers/",
    ),
    gate(
        "service.beta.kubernetes.io/linode-loadbalancer-firewall-acl",
        GateForm::Other,
        "https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/firewall.md",
    ),
    gate(
        "service.beta.kubernetes.io/linode-loadbalancer-firewall-id",
        GateForm::Other,
        "https://github.com/linode/linode-cloud-controller-manager/blob/main/docs/configuration/firewall.md",
    ),
    gate(
        "service.beta.kubernetes.io/vultr-loadbalancer-firewall-rules",
        GateForm::Other,
        "https://github.com/vultr/vultr-cloud-controller-manager/blob/master/docs/load-balancers.md",
    ),
    gate(
        "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-acl-id",
        GateForm::Other,
        "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/add-annotations-to-the-yaml-file-of-a-service-to-configure-clb-instances",
    ),
    gate("tailscale.com/tags", GateForm::Other, "https://tailscale.com/kb/1445/kubernetes-operator-customization"),
];

/// The annotations that go with those of [`MARKS`] and [`GATES`]: without them the same mark makes a load balancer
/// elsewhere, of another kind, or none. Those that give a load balancer its name or its address are not among them:
/// two Services cannot share one.
pub const COMPANIONS: &[&str] = &[
    AWS_TYPE,
    "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type",
    "service.beta.kubernetes.io/aws-load-balancer-subnets",
    "service.beta.kubernetes.io/aws-load-balancer-extra-security-groups",
    "networking.gke.io/internal-load-balancer-subnet",
    "networking.gke.io/internal-load-balancer-allow-global-access",
    "service.beta.kubernetes.io/azure-load-balancer-internal-subnet",
    "service.beta.kubernetes.io/azure-deny-all-except-load-balancer-source-ranges",
    "loadbalancer.openstack.org/class",
    "loadbalancer.openstack.org/network-id",
    "loadbalancer.openstack.org/subnet-id",
    "loadbalancer.openstack.org/member-subnet-id",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-vpc-subnets",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-zone",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-vlan",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-vswitch-id",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-acl-status",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-acl-type",
    "kubernetes.io/elb.class",
    "kubernetes.io/elb.subnet-id",
    "service.beta.kubernetes.io/volcengine-loadbalancer-subnet-id",
    "service.beta.kubernetes.io/ucloud-load-balancer-vserver-protocol",
    "oci.oraclecloud.com/load-balancer-type",
    "service.beta.kubernetes.io/oci-load-balancer-subnet1",
    "service.beta.kubernetes.io/oci-load-balancer-subnet2",
    "oci-network-load-balancer.oraclecloud.com/subnet",
    "service.beta.kubernetes.io/do-loadbalancer-type",
    "service.beta.kubernetes.io/do-loadbalancer-deny-rules",
    "load-balancer.hetzner.cloud/location",
    "load-balancer.hetzner.cloud/network-zone",
    "load-balancer.hetzner.cloud/use-private-ip",
    "service.beta.kubernetes.io/scw-loadbalancer-pn-ids",
    "yandex.cloud/subnet-id",
    "service.beta.kubernetes.io/ncloud-load-balancer-layer-type",
    "service.beta.kubernetes.io/ncloud-load-balancer-subnet-no",
    "yawol.stackit.cloud/className",
    "metallb.io/address-pool",
    "metallb.universe.tf/address-pool",
    "purelb.io/service-group",
    "lb.kubesphere.io/v1alpha1",
    "eip.openelb.kubesphere.io/v1alpha2",
    "protocol.openelb.kubesphere.io/v1alpha1",
    "tailscale.com/proxy-class",
    "tailscale.com/proxy-group",
];

/// Who serves a Service of type LoadBalancer; `None` when nothing tells.
pub fn controller(service: &Service) -> Option<&'static Controller> {
    let is_it =
        |controller: &&Controller| controller.signs.iter().any(|signs| signs.iter().all(|sign| sign.is_on(service)));
    CONTROLLERS.iter().find(is_it)
}

/// The annotations that keep a load balancer where it is: a Service with the same ones gets one that is reached from
/// the same places, by the same people.
pub fn carried() -> impl Iterator<Item = &'static str> {
    let marks = MARKS.iter().map(|mark| mark.annotation);
    marks.chain(GATES.iter().map(|gate| gate.annotation)).chain(COMPANIONS.iter().copied())
}

/// The annotations of Services that the tables look at.
pub(super) fn annotations() -> impl Iterator<Item = &'static str> {
    let signs = signs().filter_map(|sign| match sign {
        Sign::Annotation(key, _) => Some(*key),
        Sign::Class(_) | Sign::NoClass | Sign::Finalizer(_) | Sign::Condition(_) | Sign::Hostname(..) => None,
    });
    carried().chain(signs)
}

/// The finalizers of Services that the tables look at.
pub(super) fn finalizers() -> impl Iterator<Item = &'static str> {
    signs().filter_map(|sign| match sign {
        Sign::Finalizer(name) => Some(*name),
        Sign::Class(_) | Sign::NoClass | Sign::Annotation(..) | Sign::Condition(_) | Sign::Hostname(..) => None,
    })
}

fn signs() -> impl Iterator<Item = &'static Sign> {
    CONTROLLERS.iter().flat_map(|controller| controller.signs).flat_map(|signs| signs.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;

    fn served_by(fields: Value) -> Option<&'static str> {
        let mut service = json!({"namespace": "monitoring", "name": "thanos", "type": "LoadBalancer"});
        for (key, value) in fields.as_object().unwrap() {
            service[key] = value.clone();
        }
        controller(&serde_json::from_value(service).unwrap()).map(|controller| controller.name)
    }

    #[test]
    fn the_controllers_of_aws_are_told_apart() {
        let named = |name: &str| json!([{"hostname": name}]);
        let by_uid = "a0123456789abcdef0123456789abcde-0123456789abcdef.elb.eu-west-1.amazonaws.com";
        for (fields, name) in [
            (json!({"loadBalancerIngress": named(by_uid)}), "the AWS cloud controller"),
            (
                json!({"loadBalancerIngress": named(by_uid), "annotations": {AWS_TYPE: "nlb-ip"}}),
                "the AWS Load Balancer Controller",
            ),
            (json!({"finalizers": ["service.k8s.aws/resources"]}), "the AWS Load Balancer Controller"),
            (
                json!({"loadBalancerIngress": named("k8s-mon-thanos-0a1b-23.elb.cn-north-1.amazonaws.com.cn")}),
                "the AWS Load Balancer Controller",
            ),
            (json!({"loadBalancerClass": "eks.amazonaws.com/nlb"}), "EKS Auto Mode"),
        ] {
            assert_eq!(served_by(fields.clone()), Some(name), "{fields}");
        }
        // A class of somebody's own: nobody knows who reads what.
        assert_eq!(served_by(json!({"loadBalancerClass": "x", "loadBalancerIngress": named(by_uid)})), None);
    }

    #[test]
    fn every_row_names_its_source_and_no_annotation_is_there_twice() {
        let sources = CONTROLLERS.iter().map(|row| row.source);
        let sources = sources.chain(MARKS.iter().map(|row| row.source)).chain(GATES.iter().map(|row| row.source));
        assert!(sources.into_iter().all(|source| source.starts_with("https://")));
        let mut seen = BTreeSet::new();
        assert!(carried().all(|key| seen.insert(key)), "{seen:?}");
    }

    #[test]
    fn a_controller_reads_annotations_that_are_in_the_table() {
        for controller in CONTROLLERS {
            let known = |key: &str| MARKS.iter().any(|mark| mark.annotation == key);
            assert!(controller.reads.iter().all(|key| known(key)), "{}", controller.name);
        }
    }
}
