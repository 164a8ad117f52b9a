//! What a Thanos fleet is: clusters as they were seen, the sidecars in them, their addresses, and what follows. Pure: no
//! clock, disk, network or environment; the layers around bring the facts.

pub mod address;
pub mod committed;
pub mod discovery;
pub mod drift;
pub mod environment;
pub mod exposure;
pub mod identity;
pub mod inventory;
pub mod inventory_file;
pub mod kept;
pub mod kubernetes;
pub mod labels;
pub mod live;
pub mod nodeport;
pub mod ownership;
pub mod plan;
pub mod replica;
pub mod resolve;
pub mod salvage;
pub mod selection;
pub mod sidecar;
pub mod sight;
pub mod store_changes;
