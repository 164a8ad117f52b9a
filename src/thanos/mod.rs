//! What Thanos reads: object stores, caches, rules, Alertmanagers. Pure.

pub mod alertmanagers;
pub mod objstore;
pub mod rules;
pub mod strict;
pub mod thanos_version;
