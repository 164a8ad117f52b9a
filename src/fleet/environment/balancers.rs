//! Load balancers: which controller makes that of a Service, and from where it can be reached when the Service says nothing.

use super::marks::{ALIBABA_TYPE, ALICLOUD_TYPE, AWS_INTERNAL, AWS_SCHEME, AWS_TYPE, carried};
use super::values::Values;
use crate::fleet::inventory::Service;

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
    /// The annotations that it reads among those of [`MARKS`](super::marks::MARKS).
    pub reads: &'static [&'static str],
    /// From where its load balancers can be reached when the Service says nothing.
    pub reach: Reach,
    /// Where that is written.
    pub source: &'static str,
}

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

/// Who serves a Service of type LoadBalancer; `None` when nothing tells.
pub fn controller(service: &Service) -> Option<&'static Controller> {
    let is_it =
        |controller: &&Controller| controller.signs.iter().any(|signs| signs.iter().all(|sign| sign.is_on(service)));
    CONTROLLERS.iter().find(is_it)
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
    use serde_json::{Value, json};

    use super::super::marks::MARKS;
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
    fn every_row_names_its_source() {
        assert!(CONTROLLERS.iter().all(|row| row.source.starts_with("https://")));
    }

    #[test]
    fn a_controller_reads_annotations_that_are_in_the_table() {
        for controller in CONTROLLERS {
            let known = |key: &str| MARKS.iter().any(|mark| mark.annotation == key);
            assert!(controller.reads.iter().all(|key| known(key)), "{}", controller.name);
        }
    }
}
