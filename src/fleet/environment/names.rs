//! Names that lead somewhere only inside some network, whatever load balancer carries them.

/// What the end of a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It leads somewhere only inside this network.
    Only(&'static str),
    /// It holds an IPv4 address, with dots or dashes, and resolves to that.
    HoldsAddress,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The beginning of the name; empty for any.
    pub prefix: &'static str,
    /// The end of the name, with its leading dot.
    pub suffix: &'static str,
    /// What that says.
    pub meaning: Meaning,
    /// Where that is written.
    pub source: &'static str,
}

const fn row(suffix: &'static str, meaning: Meaning, source: &'static str) -> Row {
    Row { prefix: "", suffix, meaning, source }
}

use Meaning::{HoldsAddress, Only};

/// The name that containers and virtual machines have for the machine on which they run.
const fn of_the_host(suffix: &'static str, source: &'static str) -> Row {
    Row { prefix: "host.", suffix, meaning: Only("its machine"), source }
}

const RFC_6762: &str = "https://www.rfc-editor.org/rfc/rfc6762#appendix-G";

/// The rows.
pub const NAMES: &[Row] = &[
    row(".ts.net", Only("its tailnet"), "https://tailscale.com/kb/1081/magicdns"),
    row(".beta.tailscale.net", Only("its tailnet"), "https://tailscale.com/kb/1081/magicdns"),
    row(".netbird.cloud", Only("its NetBird network"), "https://docs.netbird.io/how-to/manage-dns-in-your-network"),
    row(
        ".netbird.selfhosted",
        Only("its NetBird network"),
        "https://docs.netbird.io/how-to/manage-dns-in-your-network",
    ),
    row(".svc", Only("its cluster"), "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"),
    row(
        ".cluster.local",
        Only("its cluster"),
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ),
    // The clusters of one set resolve it, whatever the name of each one's own domain is.
    row(
        ".clusterset.local",
        Only("its cluster set"),
        "https://github.com/kubernetes/enhancements/blob/master/keps/sig-multicluster/1645-multi-cluster-services-api/specification.md",
    ),
    row(".nodes.vcluster.com", Only("its cluster"), "https://github.com/loft-sh/vcluster/pull/983"),
    row(".orb.local", Only("its machine (OrbStack)"), "https://docs.orbstack.dev/kubernetes/"),
    row(
        ".internal.cloudapp.net",
        Only("its virtual network"),
        "https://learn.microsoft.com/en-us/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances",
    ),
    row(".docker.internal", Only("its machine"), "https://docs.docker.com/desktop/features/networking/"),
    of_the_host(".containers.internal", "https://github.com/containers/buildah/pull/3586"),
    of_the_host(".k3d.internal", "https://github.com/k3d-io/k3d/releases/tag/v3.1.0"),
    of_the_host(".lima.internal", "https://github.com/lima-vm/lima/issues/622"),
    of_the_host(".minikube.internal", "https://minikube.sigs.k8s.io/docs/handbook/host-access/"),
    of_the_host(".orb.internal", "https://docs.orbstack.dev/machines/network"),
    of_the_host(".rancher-desktop.internal", "https://github.com/rancher-sandbox/docs.rancherdesktop.io/pull/378"),
    // ICANN has reserved it for private use; AWS (`compute.internal`) and Google Cloud use it for machines.
    row(
        ".internal",
        Only("its private network"),
        "https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en",
    ),
    row(
        ".consul",
        Only("the network of its Consul"),
        "https://developer.hashicorp.com/consul/docs/services/discovery/dns-overview",
    ),
    row(
        ".cfargotunnel.com",
        Only("Cloudflare, as the target of its records"),
        "https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/routing-to-tunnel/dns/",
    ),
    row(".home.arpa", Only("its home network"), "https://www.rfc-editor.org/rfc/rfc8375"),
    row(".local", Only("its link (multicast DNS)"), "https://www.rfc-editor.org/rfc/rfc6762"),
    row(".lan", Only("its private network"), RFC_6762),
    row(".home", Only("its private network"), RFC_6762),
    row(".corp", Only("its private network"), RFC_6762),
    row(".intranet", Only("its private network"), RFC_6762),
    row(".private", Only("its private network"), RFC_6762),
    row(".localdomain", Only("its machine"), "https://man7.org/linux/man-pages/man5/hosts.5.html"),
    row(".localhost", Only("its machine"), "https://www.rfc-editor.org/rfc/rfc6761#section-6.3"),
    row(".test", Only("where somebody set it up for tests"), "https://www.rfc-editor.org/rfc/rfc6761#section-6.2"),
    // The name resolves everywhere, to addresses of the VPC.
    Row {
        prefix: "internal-",
        suffix: ".elb.amazonaws.com",
        meaning: Only("its VPC"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-internal-load-balancers.html",
    },
    Row {
        prefix: "internal-",
        suffix: ".amazonaws.com.cn",
        meaning: Only("its VPC"),
        source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-internal-load-balancers.html",
    },
    row(".nip.io", HoldsAddress, "https://nip.io/"),
    row(".sslip.io", HoldsAddress, "https://sslip.io/"),
    row(".traefik.me", HoldsAddress, "https://traefik.me/"),
];

/// What the end of a DNS name says; the longest end that fits.
pub fn meaning(name: &str) -> Option<Meaning> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let fits = NAMES.iter().filter(|row| name.starts_with(row.prefix) && name.ends_with(row.suffix));
    fits.max_by_key(|row| row.suffix.len()).map(|row| row.meaning)
}

/// The IPv4 address that a name holds before its end: `app-10-0-0-1.nip.io`, `10.0.0.1.nip.io`.
pub fn held_address(name: &str) -> Option<std::net::Ipv4Addr> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let row = NAMES.iter().find(|row| row.meaning == HoldsAddress && name.ends_with(row.suffix))?;
    let parts: Vec<&str> = name.strip_suffix(row.suffix)?.split(['.', '-']).collect();
    parts.last_chunk::<4>()?.join(".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells_where_it_resolves() {
        assert_eq!(meaning("monitoring-sidecar.tail1234.ts.net"), Some(Only("its tailnet")));
        assert_eq!(meaning("A.B.TS.NET."), Some(Only("its tailnet")));
        assert_eq!(meaning("lb.internal.cloudapp.net"), Some(Only("its virtual network")));
        // The machine's own name, and not one of a site that is called so.
        assert_eq!(meaning("host.lima.internal"), Some(Only("its machine")));
        assert_eq!(meaning("lb.lima.internal"), Some(Only("its private network")));
        for public in
            ["lb.example.net", "internal.example.net", "internal-a.example.net", "ts.net", "notts.net", "host"]
        {
            assert_eq!(meaning(public), None, "{public}");
        }
    }

    #[test]
    fn a_name_that_holds_an_address_gives_it() {
        for name in ["10.0.0.1.nip.io", "app.10.0.0.1.sslip.io", "app-10-0-0-1.traefik.me"] {
            assert_eq!(held_address(name), Some([10, 0, 0, 1].into()), "{name}");
        }
        for name in ["1.nip.io", "a.b.c.d.nip.io", "10.0.0.1.example.net"] {
            assert_eq!(held_address(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_makes_it_stumble(name in "[-.a-z0-9é]{0,24}(\\.nip\\.io|\\.ts\\.net)?") {
            let _ = (meaning(&name), held_address(&name));
        }

        #[test]
        fn an_address_that_a_name_holds_is_found(ip: [u8; 4], dashes: bool) {
            let separator = if dashes { "-" } else { "." };
            let text = ip.map(|part| part.to_string()).join(separator);
            proptest::prop_assert_eq!(held_address(&format!("app.{text}.nip.io")), Some(ip.into()));
        }
    }

    #[test]
    fn every_row_names_its_source() {
        for row in NAMES {
            assert!(row.source.starts_with("https://") && row.suffix.starts_with('.'), "{row:?}");
        }
    }
}
