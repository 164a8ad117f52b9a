//! What `patch-nodeport` takes.

use clap::Args;

use super::{ClusterArgs, ManifestFormat, WritingArgs};
use crate::fleet::nodeport::NodePortWish;
use crate::names::ServiceRef;

const EXAMPLES: &str = "\
Examples:
  thanosctl patch-nodeport --context eu monitoring/prometheus-thanos
  thanosctl patch-nodeport --all-contexts --dry-run server
  thanosctl patch-nodeport --context eu --undo";

/// What `patch-nodeport` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PatchNodeportArgs {
    /// Services to change; without any, all sidecars without an outside address
    ///
    /// In every chosen cluster.
    #[arg(value_name = "NAMESPACE/NAME", conflicts_with_all = ["namespace", "selector"])]
    pub services: Vec<ServiceRef>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// Use this node port; PORT is a port's name or number
    ///
    /// Without it the cluster chooses one. PORT is needed where the Service has several ports.
    #[arg(long, value_name = "[PORT=]N", help_heading = "Change")]
    pub node_port: Vec<NodePortWish>,
    /// Port whose address is printed; default: the gRPC port
    ///
    /// Its name or its number.
    #[arg(long, value_name = "PORT", help_heading = "Change")]
    pub port: Option<String>,
    /// Also change LoadBalancers, which deletes their load balancers
    #[arg(long, help_heading = "Change")]
    pub replace_loadbalancer: bool,
    /// Show the exact patches with the plan
    #[arg(long, help_heading = "Output")]
    pub show_patch: bool,
    /// Print the plan as a document, with --dry-run client or --inventory
    #[arg(short, long, value_enum, value_name = "FORMAT", help_heading = "Output", conflicts_with_all = ["show_patch", "undo"])]
    pub output: Option<ManifestFormat>,
    /// Restore Services as they were before; without names, all changed ones
    #[arg(long, help_heading = "Change", conflicts_with_all = ["inventory", "node_port", "port", "replace_loadbalancer"])]
    pub undo: bool,
    /// How changes are made.
    #[command(flatten)]
    pub writing: WritingArgs,
}
