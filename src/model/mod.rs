//! What a Thanos fleet is. Pure: no clock, disk, network or environment; the layers around bring the facts.

pub mod address;
pub mod alert_targets;
pub mod alertmanagers;
pub mod codes;
pub mod discovery;
pub mod drift;
pub mod exposure;
pub mod finding;
pub mod go_template;
pub mod inventory;
pub mod kubernetes;
pub mod labels;
pub mod live;
pub mod names;
pub mod nodeport;
pub mod objstore;
pub mod ownership;
pub mod plan;
pub mod promql;
pub mod release;
pub mod resolve;
pub mod rules;
mod schema;
pub mod secret;
pub mod sidecar;
mod strict_yaml;
pub mod thanos_version;
