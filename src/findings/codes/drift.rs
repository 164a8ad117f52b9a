//! What is committed against what is true: THC1xx.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// A Service offers a StoreAPI, and the file has no store for it.
pub const MISSING_STORE: Code = Code(101);
/// The file has a store whose Service is gone.
pub const STALE_STORE: Code = Code(102);
/// The Service of a store is reached at another host now.
pub const MOVED_STORE: Code = Code(103);
/// The Service of a store is reached another way now.
pub const CHANGED_STORE: Code = Code(104);
/// The cluster of a store could not be asked.
pub const DOUBTFUL_STORE: Code = Code(105);
/// The file has an address that no cluster explains.
pub const FOREIGN_ADDRESS: Code = Code(106);
/// An entry of `ignore` silences nothing.
pub const UNUSED_IGNORE: Code = Code(107);
/// The Service of a store is there, but has no outside address now.
pub const UNREACHABLE_STORE: Code = Code(108);
/// Several replicas hide behind the address of a store.
pub const SHARED_ADDRESS: Code = Code(109);
/// The object store is not as the settings have it.
pub const OBJSTORE_DIFFERS: Code = Code(110);
/// The ruler is not as the settings have it.
pub const RULER_DIFFERS: Code = Code(111);
/// MinIO is not as the settings have it.
pub const MINIO_DIFFERS: Code = Code(112);
/// The type or the node port of a Service is not as the settings have it.
pub const SERVICE_DIFFERS: Code = Code(113);
/// The replica labels are not as the settings have them.
pub const REPLICA_LABELS_DIFFER: Code = Code(114);
/// Another key that thanosctl owns is not as the settings have it.
pub const VALUE_DIFFERS: Code = Code(115);
/// A cluster could not be read.
pub const UNREADABLE_CLUSTER: Code = Code(120);
/// Stores stand under a key that the chart does not read.
pub const UNREAD_STORES: Code = Code(121);
/// The comment beside a store says that it was kept, and it is right now.
pub const OUTDATED_COMMENT: Code = Code(122);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: MISSING_STORE,
        name: "missing-store",
        severity: Severity::Error,
        summary: "a sidecar that the values have no store for",
        meaning: "A cluster has a Service that offers a StoreAPI and has an outside address, and the list of stores in the \
                  values file has none of its addresses. Thanos answers without what that Prometheus knows.",
        remedy: "Add it with `thanosctl gen-values --update FILE`. If it is not meant to be queried, leave its Service out in \
                 the entry of its cluster in thanosctl.yaml: `services: {exclude: [NAMESPACE/NAME]}`.",
    },
    Explanation {
        code: STALE_STORE,
        name: "stale-store",
        severity: Severity::Error,
        summary: "a store whose Service is gone",
        meaning: "The values file has a store whose Service is no longer in its cluster, or no longer offers a StoreAPI, or whose \
                  cluster left the fleet, or which leads to the same Service as another store. Thanos dials an address where \
                  nobody answers, where somebody else does, or twice the same.",
        remedy: "Remove it with `thanosctl gen-values --update FILE`, and the stores of a cluster that left the fleet with \
                 `thanosctl gen-values --update FILE --remove-cluster CLUSTER`. A store with a comment of people is never \
                 deleted: delete its line by hand. If the Service was deleted by accident, bring it back: its address may then \
                 be another one.",
    },
    Explanation {
        code: MOVED_STORE,
        name: "moved-store",
        severity: Severity::Error,
        summary: "a store whose Service has another address now",
        meaning: "The Service is still there, but the committed address no longer belongs to it: its load balancer was made \
                  anew, or no node answers for its node port there: the node is gone, not ready, leaving or serves no node \
                  ports, or the Service has no IP family of that address. A committed address that still belongs to the \
                  Service is no drift, even if another one would be chosen today.",
        remedy: "Write the new address with `thanosctl gen-values --update FILE`, and roll it out. If it moves often, give the \
                 Service a name in DNS and the cluster fixed `endpoints` in thanosctl.yaml.",
    },
    Explanation {
        code: CHANGED_STORE,
        name: "changed-store",
        severity: Severity::Error,
        summary: "a store whose Service is reached another way now",
        meaning: "The Service is still there, and its host too, but its port is another one: a node port was allocated anew, or \
                  a NodePort Service became a LoadBalancer at the same address.",
        remedy: "Write what is true now with `thanosctl gen-values --update FILE`. A node port stays the same if the values of \
                 the chart that makes the Service name it.",
    },
    Explanation {
        code: DOUBTFUL_STORE,
        name: "doubtful-store",
        severity: Severity::Warning,
        summary: "a store whose cluster could not be asked",
        meaning: "The cluster of this store could not be read or was not asked, its Service was not looked for (`--namespace`, \
                  `--selector`), or what the address depends on (nodes, EndpointSlices) could not be read, so whether the store \
                  is still true is not known. It counts neither as drift nor as no drift; THC120 says why a cluster could not \
                  be read.",
        remedy: "Make the cluster readable, or leave `--context`, `--namespace` and `--selector` out, and run again. `thanosctl gen-values --update FILE --allow-partial` keeps the store \
                 as it is and marks it.",
    },
    Explanation {
        code: FOREIGN_ADDRESS,
        name: "foreign-address",
        severity: Severity::Warning,
        summary: "an address that belongs to no Service of the fleet",
        meaning: "The list of stores has an address that belongs to no Service of the clusters that were asked. No comment of \
                  thanosctl beside it says to which it once belonged, or the comment names a cluster that the fleet does not \
                  have. Somebody may have added it by hand, such as the querier of another team. It is kept, with its comment.",
        remedy: "If it is meant, say so in thanosctl.yaml, with the reason: `drift: {ignore: [{address: HOST:PORT, reason: TEXT}]}`. If \
                 its cluster was not asked, add the cluster. If its cluster left the fleet, remove its stores with `thanosctl \
                 gen-values --update FILE --remove-cluster CLUSTER`. Else delete the line.",
    },
    Explanation {
        code: UNUSED_IGNORE,
        name: "unused-ignore",
        severity: Severity::Warning,
        summary: "an entry of `ignore` that silences nothing",
        meaning: "thanosctl.yaml has an entry in `drift.ignore` whose address stands in none of the files. It would silence the next \
                  one who adds that address.",
        remedy: "Delete the entry, or mend the address in it.",
    },
    Explanation {
        code: UNREACHABLE_STORE,
        name: "unreachable-store",
        severity: Severity::Error,
        summary: "a store whose Service has no outside address now",
        meaning: "The Service is still there, but it has no address that a querier outside of its cluster can dial: its load \
                  balancer is pending, it became a ClusterIP Service, or no node answers for its node port.",
        remedy: "See what happened to it with `thanosctl discover` and `kubectl describe service NAME -n NAMESPACE`. \
                 `thanosctl patch-nodeport NAMESPACE/NAME` gives a ClusterIP Service a node port; a headless one needs \
                 `thanosctl expose NAMESPACE/NAME`.",
    },
    Explanation {
        code: SHARED_ADDRESS,
        name: "shared-address",
        severity: Severity::Warning,
        summary: "a store that hides several replicas",
        meaning: "Several Prometheus pods are behind the one address of this store, and Thanos sees the one that its connection \
                  leads to. Of replicas, the gaps of one are not filled from the others. Of shards, or of different servers, \
                  the data of all others is missing.",
        remedy: "Give each pod a Service of its own with `thanosctl expose NAMESPACE/NAME`, and write them all with `thanosctl \
                 gen-values --update FILE`.",
    },
    Explanation {
        code: OBJSTORE_DIFFERS,
        name: "objstore-differs",
        severity: Severity::Error,
        summary: "another object store than the settings have, or none",
        meaning: "The object store in the values file (its configuration, or the Secret that holds it) is not the one of \
                  `thanos.objstore` in thanosctl.yaml, or the file has none. Secrets that \
                  stand in the values are not read, so they are not compared.",
        remedy: "Decide which one is true. Mend thanosctl.yaml, or write the values anew with `thanosctl gen-values --update FILE`.",
    },
    Explanation {
        code: RULER_DIFFERS,
        name: "ruler-differs",
        severity: Severity::Error,
        summary: "another ruler than the settings have, or none",
        meaning: "The Alertmanagers, the rules or the labels of the ruler in the values file are not those of `thanos.ruler` in \
                  thanosctl.yaml and of the rule files that it names, or the file lacks them.",
        remedy: "Decide which one is true. Mend thanosctl.yaml or the rule file, or write the values anew with `thanosctl \
                 gen-values --update FILE`.",
    },
    Explanation {
        code: MINIO_DIFFERS,
        name: "minio-differs",
        severity: Severity::Error,
        summary: "another MinIO than the settings have, or none",
        meaning: "The bundled MinIO in the values file (its buckets, its credentials or the Secret that holds them) is not the \
                  one of `thanos.minio` in thanosctl.yaml, or the file lacks it. Secrets that \
                  stand in the values are not read, so they are not compared.",
        remedy: "Decide which one is true. Mend thanosctl.yaml, or write the values anew with `thanosctl gen-values --update FILE`.",
    },
    Explanation {
        code: SERVICE_DIFFERS,
        name: "service-differs",
        severity: Severity::Error,
        summary: "another Service type or node port than the settings have",
        meaning: "The type or the node port of a Service of the central Thanos in the values file is not the one of `service` or \
                  `serviceGrpc` in thanosctl.yaml, or the file lacks it. Who dials the Service may not find it after the next upgrade.",
        remedy: "Decide which one is true. Mend thanosctl.yaml, or write the values anew with `thanosctl gen-values --update FILE`.",
    },
    Explanation {
        code: REPLICA_LABELS_DIFFER,
        name: "replica-labels-differ",
        severity: Severity::Error,
        summary: "other replica labels than the settings have",
        meaning: "The labels by which the querier tells replicas from each other in the values file are not the `replicaLabels` \
                  of thanosctl.yaml, or the file lacks them. With one too few, replicas are shown as separate series; with one too many, different \
                  series are shown as one.",
        remedy: "Decide which ones are true. Mend thanosctl.yaml, or write the values anew with `thanosctl gen-values --update \
                 FILE`.",
    },
    Explanation {
        code: VALUE_DIFFERS,
        name: "value-differs",
        severity: Severity::Error,
        summary: "another value than the settings have, or none",
        meaning: "A key that the settings ask for, such as a component or a retention, has another value in the file than \
                  thanosctl.yaml gives it, or the file lacks it. A value that the settings leave to its default is no drift when \
                  it is missing.",
        remedy: "Decide which one is true. Mend thanosctl.yaml, or write the values anew with `thanosctl gen-values --update FILE`.",
    },
    Explanation {
        code: UNREADABLE_CLUSTER,
        name: "unreadable-cluster",
        severity: Severity::Error,
        summary: "a cluster that could not be read",
        meaning: "A cluster of the fleet could not be asked, so what the file says of it could not be checked. That is no drift, \
                  and it is no proof that there is none.",
        remedy: "The message has the cause. Check with `thanosctl discover --context NAME`; the only right needed is list, for \
                 Services, EndpointSlices and Nodes.",
    },
    Explanation {
        code: UNREAD_STORES,
        name: "unread-stores",
        severity: Severity::Warning,
        summary: "a list of stores under a key that the chart does not read",
        meaning: "The values file has addresses under a key that this version of the chart does not read. Another chart or \
                  another version reads it, or none does, so the querier is not given these stores. The message names the \
                  key that this version reads.",
        remedy: "`thanosctl gen-values --update FILE` writes the stores of the fleet into the key that is read and leaves the \
                 other one as it is. Move what else is still needed by hand, then delete the key. If the file is for another \
                 chart, say so with `--chart` and `--chart-version`.",
    },
    Explanation {
        code: OUTDATED_COMMENT,
        name: "outdated-comment",
        severity: Severity::Error,
        summary: "a comment that says a store was kept, and the store is right now",
        meaning: "The comment beside a store ends with `, kept: ` and a reason: an earlier run could not check the address and \
                  kept it. Now it was checked, and it is right.",
        remedy: "Remove the mark with `thanosctl gen-values --update FILE`.",
    },
];
