//! Load balancers: what a Service says of from where its own can be reached, and by whom.

use super::values::Values;

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
    /// By this value; any other closes nothing.
    Value(&'static str),
    /// In a form of its own, such as the name of a firewall.
    Other,
}

pub(super) const AWS_SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";
pub(super) const AWS_INTERNAL: &str = "service.beta.kubernetes.io/aws-load-balancer-internal";
pub(super) const AWS_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";
pub(super) const ALIBABA_TYPE: &str = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type";
pub(super) const ALICLOUD_TYPE: &str = "service.beta.kubernetes.io/alicloud-loadbalancer-address-type";

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
    mark(
        "service.beta.kubernetes.io/osc-load-balancer-internal",
        Values::True,
        Values::False,
        "https://github.com/outscale/cloud-provider-osc/blob/main/docs/annotations.md",
    ),
    // Without a list of networks it has a public one and that of the cluster.
    mark(
        "service.beta.kubernetes.io/upcloud-load-balancer-config",
        Values::JsonEach("networks", "type", "private"),
        Values::Never,
        "https://upcloud.com/docs/guides/customise-load-balancer-network-configuration/",
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
    gate(
        "oci.oraclecloud.com/oci-network-security-groups",
        GateForm::Other,
        "https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingloadbalancers-subtopic.htm",
    ),
    // A list of those who may not connect (`black`) lets in everybody else.
    gate(
        "kubernetes.io/elb.acl-type",
        GateForm::Value("white"),
        "https://support.huaweicloud.com/intl/en-us/usermanual-cce/cce_10_0831.html",
    ),
    gate(
        "kubernetes.civo.com/firewall-id",
        GateForm::Other,
        "https://github.com/civo/civo-cloud-controller-manager/blob/master/README.md",
    ),
    // Of OVHcloud's older load balancers.
    gate(
        "service.beta.kubernetes.io/ovh-loadbalancer-allowed-sources",
        GateForm::Ranges,
        "https://github.com/ovh/docs/blob/develop/pages/public_cloud/containers_orchestration/managed_kubernetes/using-lb/guide.en-gb.md",
    ),
    gate("tailscale.com/tags", GateForm::Other, "https://tailscale.com/kb/1445/kubernetes-operator-customization"),
];

/// The annotations that go with those of [`MARKS`] and [`GATES`]: without them the same mark makes a load balancer
/// elsewhere, of another kind, or none. Those that give a load balancer its name or its address are not among them:
/// two Services cannot share one. By the document that describes them.
pub const COMPANIONS: &[(&str, &[&str])] = &[
    (
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
        &[
            AWS_TYPE,
            "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type",
            "service.beta.kubernetes.io/aws-load-balancer-subnets",
        ],
    ),
    (
        "https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md",
        &["service.beta.kubernetes.io/aws-load-balancer-extra-security-groups"],
    ),
    (
        "https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters",
        &[
            "networking.gke.io/internal-load-balancer-subnet",
            "networking.gke.io/internal-load-balancer-allow-global-access",
        ],
    ),
    (
        "https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/",
        &[
            "service.beta.kubernetes.io/azure-load-balancer-internal-subnet",
            "service.beta.kubernetes.io/azure-deny-all-except-load-balancer-source-ranges",
        ],
    ),
    (
        "https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/openstack-cloud-controller-manager/expose-applications-using-loadbalancer-type-service.md",
        &[
            "loadbalancer.openstack.org/class",
            "loadbalancer.openstack.org/network-id",
            "loadbalancer.openstack.org/subnet-id",
            "loadbalancer.openstack.org/member-subnet-id",
        ],
    ),
    (
        "https://cloud.ibm.com/docs/containers?topic=containers-setup_vpc_nlb",
        &[
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features",
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-vpc-subnets",
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-zone",
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-vlan",
        ],
    ),
    (
        "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/add-annotations-to-the-yaml-file-of-a-service-to-configure-clb-instances",
        &[
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-vswitch-id",
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps",
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-acl-status",
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-acl-type",
        ],
    ),
    (
        "https://support.huaweicloud.com/eu/usermanual-cce/cce_10_0385.html",
        &["kubernetes.io/elb.class", "kubernetes.io/elb.subnet-id"],
    ),
    (
        "https://support.huaweicloud.com/intl/en-us/usermanual-cce/cce_10_0831.html",
        &["kubernetes.io/elb.acl-id", "kubernetes.io/elb.acl-status"],
    ),
    (
        "https://github.com/outscale/cloud-provider-osc/blob/main/docs/annotations.md",
        &[
            "service.beta.kubernetes.io/osc-load-balancer-subnet-id",
            "service.beta.kubernetes.io/osc-load-balancer-security-group",
            "service.beta.kubernetes.io/osc-load-balancer-extra-security-groups",
        ],
    ),
    ("https://www.volcengine.com/docs/6460/101634", &["service.beta.kubernetes.io/volcengine-loadbalancer-subnet-id"]),
    (
        "https://docs.ucloud.cn/uk8s/service/internalservice",
        &["service.beta.kubernetes.io/ucloud-load-balancer-vserver-protocol"],
    ),
    (
        "https://github.com/oracle/oci-cloud-controller-manager/blob/master/docs/load-balancer-annotations.md",
        &[
            "oci.oraclecloud.com/load-balancer-type",
            // Who writes the rules that open the ports: by default the controller does, to everybody.
            "oci.oraclecloud.com/security-rule-management-mode",
            "service.beta.kubernetes.io/oci-load-balancer-security-list-management-mode",
            "oci-network-load-balancer.oraclecloud.com/security-list-management-mode",
            "service.beta.kubernetes.io/oci-load-balancer-subnet1",
            "service.beta.kubernetes.io/oci-load-balancer-subnet2",
            "oci-network-load-balancer.oraclecloud.com/subnet",
        ],
    ),
    (
        "https://docs.digitalocean.com/products/kubernetes/how-to/configure-load-balancers/",
        &["service.beta.kubernetes.io/do-loadbalancer-type", "service.beta.kubernetes.io/do-loadbalancer-deny-rules"],
    ),
    (
        "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/load_balancer_annotations.md",
        &[
            "load-balancer.hetzner.cloud/location",
            "load-balancer.hetzner.cloud/network-zone",
            "load-balancer.hetzner.cloud/use-private-ip",
        ],
    ),
    (
        "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/master/docs/loadbalancer-annotations.md",
        &["service.beta.kubernetes.io/scw-loadbalancer-pn-ids"],
    ),
    ("https://yandex.cloud/en/docs/managed-kubernetes/operations/create-load-balancer", &["yandex.cloud/subnet-id"]),
    (
        "https://guide.ncloud-docs.com/docs/en/k8s-k8suse-albingress",
        &[
            "service.beta.kubernetes.io/ncloud-load-balancer-layer-type",
            "service.beta.kubernetes.io/ncloud-load-balancer-subnet-no",
        ],
    ),
    ("https://github.com/stackitcloud/yawol", &["yawol.stackit.cloud/className"]),
    ("https://metallb.io/usage/", &["metallb.io/address-pool", "metallb.universe.tf/address-pool"]),
    ("https://purelb.gitlab.io/docs/operation/services/", &["purelb.io/service-group"]),
    (
        "https://github.com/openelb/openelb/issues/372",
        &["lb.kubesphere.io/v1alpha1", "eip.openelb.kubesphere.io/v1alpha2", "protocol.openelb.kubesphere.io/v1alpha1"],
    ),
    (
        "https://tailscale.com/kb/1445/kubernetes-operator-customization",
        &["tailscale.com/proxy-class", "tailscale.com/proxy-group"],
    ),
];

/// The annotations that keep a load balancer where it is: a Service with the same ones gets one that is reached from
/// the same places, by the same people.
pub fn carried() -> impl Iterator<Item = &'static str> {
    let marks = MARKS.iter().map(|mark| mark.annotation);
    marks
        .chain(GATES.iter().map(|gate| gate.annotation))
        .chain(COMPANIONS.iter().flat_map(|(_, keys)| keys.iter().copied()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_names_its_source_and_no_annotation_is_there_twice() {
        let sources = MARKS.iter().map(|row| row.source).chain(GATES.iter().map(|row| row.source));
        let sources = sources.chain(COMPANIONS.iter().map(|(source, _)| *source));
        assert!(sources.into_iter().all(|source| source.starts_with("https://")));
        let mut seen = BTreeSet::new();
        assert!(carried().all(|key| seen.insert(key)), "{seen:?}");
    }

    #[test]
    fn no_value_says_both() {
        for mark in MARKS {
            for value in
                ["true", "false", "internal", "internet-facing", "private", "public", "Internal", "External", ""]
            {
                assert!(!(mark.internal.hold(value) && mark.public.hold(value)), "{} {value}", mark.annotation);
            }
        }
    }
}
