//! What our Services are called: `BASE-ext`, or `BASE-ext-N` for the replica with the ordinal N.
//!
//! A name may have 63 characters and no dots, and older API servers want a letter first (RFC 1035).

use std::collections::BTreeMap;

use crate::fleet::replica::Replica;

/// So long may the name of a Service be.
const LONGEST: usize = 63;

/// The name of the one Service for all replicas.
pub fn name_for_all(base: &str) -> String {
    fitting(base, "-ext")
}

/// The names of the Services for each of `replicas`, in their order. `taken` are the names of those that exist, by
/// their pods: they stay, so that no address moves when the number of replicas changes. Where two replicas have one
/// ordinal (shards), the whole name of the pod tells them apart.
pub fn names_for_each(base: &str, replicas: &[Replica], taken: &BTreeMap<String, String>) -> Vec<String> {
    let short = |replica: &Replica| fitting(base, &format!("-ext-{}", replica.ordinal));
    let name = |replica: &Replica| {
        let pod = replica.pod();
        if let Some(name) = taken.get(&pod) {
            return name.clone();
        }
        let short = short(replica);
        let is_shared = replicas.iter().any(|other| other != replica && other.ordinal == replica.ordinal)
            || taken.values().any(|name| *name == short);
        if is_shared { fitting(base, &format!("-ext-{pod}")) } else { short }
    };
    replicas.iter().map(name).collect()
}

/// `base` and `end` as the name of a Service. What has to be cut off or replaced is made up for by a hash of the whole,
/// so that two names stay two.
fn fitting(base: &str, end: &str) -> String {
    let whole = format!("{base}{end}");
    let name = plain(&whole);
    if name.len() <= LONGEST && name == whole {
        return name;
    }
    // The end tells the replicas apart: it stays where there is room for it.
    let (base, end) = if end.len() <= LONGEST / 3 { (plain(base), plain_end(end)) } else { (name, String::new()) };
    let hash = format!("-{:08x}", hash(&whole));
    let room = LONGEST - hash.len() - end.len();
    format!("{}{hash}{end}", base[..base.len().min(room)].trim_end_matches('-'))
}

/// `text` with a letter first, and without what no name may hold.
fn plain(text: &str) -> String {
    let text = plain_end(text);
    if text.starts_with(|first: char| first.is_ascii_lowercase()) { text } else { format!("s-{text}") }
}

fn plain_end(text: &str) -> String {
    let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    text.chars().map(|character| if plain(character) { character } else { '-' }).collect()
}

/// FNV-1a of 32 bits: the same in every version and on every machine.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replicas(pods: &[&str]) -> Vec<Replica> {
        pods.iter().map(|pod| Replica::of_pod(pod).unwrap()).collect()
    }

    fn names(base: &str, pods: &[&str]) -> Vec<String> {
        names_for_each(base, &replicas(pods), &BTreeMap::new())
    }

    #[test]
    fn a_replica_is_known_by_the_ordinal_of_its_pod() {
        assert_eq!(
            names("kps-thanos", &["prometheus-kps-0", "prometheus-kps-1"]),
            ["kps-thanos-ext-0", "kps-thanos-ext-1"]
        );
        assert_eq!(name_for_all("kps-thanos"), "kps-thanos-ext");
        for pod in ["prometheus", "web-7d9f8b6c5d-x2k4p", "web-7d9f8b6c5d-24567", "web-01", "-1", "web-", "web-a1"] {
            assert_eq!(Replica::of_pod(pod), None, "{pod}");
        }
        assert_eq!(Replica::of_pod(&format!("{}-0", "a".repeat(62))), None);
    }

    #[test]
    fn shards_with_one_ordinal_are_told_apart_by_their_pods() {
        assert_eq!(
            names("kps", &["prometheus-x-0", "prometheus-x-1", "prometheus-x-shard-1-0"]),
            ["kps-ext-prometheus-x-0", "kps-ext-1", "kps-ext-prometheus-x-shard-1-0"]
        );
    }

    #[test]
    fn a_service_that_exists_keeps_its_name_when_replicas_come() {
        let taken = BTreeMap::from([("prometheus-x-0".to_owned(), "kps-ext-0".to_owned())]);
        let all = replicas(&["prometheus-x-0", "prometheus-x-shard-1-0"]);
        assert_eq!(names_for_each("kps", &all, &taken), ["kps-ext-0", "kps-ext-prometheus-x-shard-1-0"]);
        // Also when the pod of that Service is not there now.
        assert_eq!(names_for_each("kps", &all[1..], &taken), ["kps-ext-prometheus-x-shard-1-0"]);
    }

    #[test]
    fn what_is_cut_off_is_made_up_for_by_a_hash() {
        let long = "kube-prometheus-stack-of-the-observability-team-thanos-discover";
        assert_eq!(long.len(), 63);
        let names = [name_for_all(long), names(long, &["p-0"]).remove(0), names(long, &["p-1"]).remove(0)];
        assert_eq!(
            names,
            [
                "kube-prometheus-stack-of-the-observability-team-th-29d2d29c-ext",
                "kube-prometheus-stack-of-the-observability-team-7b42ab69-ext-0",
                "kube-prometheus-stack-of-the-observability-team-7a42a9d6-ext-1",
            ]
        );
        assert!(name_for_all("3scale").starts_with("s-3scale-"));
    }

    proptest! {
        #[test]
        fn every_name_is_one_that_kubernetes_takes(
            base in "[a-z0-9.]([-a-z0-9.]{0,61}[a-z0-9])?",
            sets in prop::collection::btree_set("[a-z]([-a-z0-9]{0,56}[a-z0-9])?", 1..4),
            count in 1_u16..4,
        ) {
            let all: Vec<Replica> = sets
                .iter()
                .flat_map(|set| (0..count).map(|ordinal| Replica { set: set.clone(), ordinal }))
                .collect();
            let names = names_for_each(&base, &all, &BTreeMap::new());
            prop_assert_eq!(&names, &names_for_each(&base, &all, &BTreeMap::new()));
            let mut distinct = names.clone();
            distinct.push(name_for_all(&base));
            for name in &distinct {
                prop_assert!(name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_lowercase()), "{}", name);
                prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", name);
                prop_assert!(!name.ends_with('-'), "{}", name);
            }
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), all.len() + 1);
        }
    }
}
