//! What a Thanos fleet is. Pure: no clock, disk, network or environment; the layers around bring the facts.

pub mod address;
pub mod inventory;
pub mod kubernetes;
pub mod names;
pub mod objstore;
pub mod plan;
pub mod release;
pub mod rules;
pub mod secret;
