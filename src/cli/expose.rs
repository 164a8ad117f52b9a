//! What `expose` takes.

use clap::{Args, ValueEnum};

use super::{ClusterArgs, ManifestFormat, WritingArgs};
use crate::fleet::nodeport::NodePortWish;
use crate::names::ServiceRef;

const EXAMPLES: &str = "\
Examples:
  thanosctl expose --context eu monitoring/thanos-discovery
  thanosctl expose --context eu --dry-run client -o yaml
  thanosctl expose --context eu --undo";

/// What `expose` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExposeArgs {
    /// Services to expose; without any, all sidecars that need it
    ///
    /// In every chosen cluster. All that need it: headless ones, and those with several replicas behind one address.
    #[arg(value_name = "NAMESPACE/NAME", conflicts_with_all = ["namespace", "selector"])]
    pub services: Vec<ServiceRef>,
    /// Where clusters come from.
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// Type of the Services; default for new ones: NodePort
    ///
    /// Without it, Services that exist keep their type.
    #[arg(long = "type", value_enum, ignore_case = true, value_name = "TYPE", help_heading = "Change")]
    pub service_type: Option<ExposeType>,
    /// Create one Service for each replica
    ///
    /// The default where there are several pods of a StatefulSet.
    #[arg(long, help_heading = "Change", conflicts_with = "one_for_all")]
    pub per_replica: bool,
    /// Create one Service for all replicas
    #[arg(long, help_heading = "Change")]
    pub one_for_all: bool,
    /// Use this node port; PORT is a port's name or number
    ///
    /// Only where one Service is created in a cluster. Without it the cluster chooses one.
    #[arg(long, value_name = "[PORT=]N", help_heading = "Change")]
    pub node_port: Option<NodePortWish>,
    /// Port to expose; default: the gRPC port
    ///
    /// Its name or its number.
    #[arg(long, value_name = "PORT", help_heading = "Change")]
    pub port: Option<String>,
    /// Delete what was created; without names, all of it
    #[arg(
        long,
        help_heading = "Change",
        conflicts_with_all = ["inventory", "service_type", "per_replica", "one_for_all", "node_port", "port", "output"]
    )]
    pub undo: bool,
    /// Print manifests, with --dry-run client or --inventory
    ///
    /// For `kubectl apply` or GitOps.
    #[arg(short, long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub output: Option<ManifestFormat>,
    /// How changes are made.
    #[command(flatten)]
    pub writing: WritingArgs,
}

/// Of which type the Services of `expose` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExposeType {
    /// A port on every node
    #[value(name = "NodePort")]
    NodePort,
    /// A load balancer
    #[value(name = "LoadBalancer")]
    LoadBalancer,
}
