//! thanosctl: from kubeconfig contexts to the Helm values of the central Thanos.
//!
//! ```text
//!  kubeconfig ─► cluster::gather ─► Inventory ─► sidecar ─► resolve ─► Plan ─► chart::render ─► Values
//!  (contexts)    services, slices,  (a file too)  Service   Endpoint            (dialect)        │
//!                nodes                   ▲                                                       ▼
//!                --inventory FILE|DIR ───┘                                                 stdout · file
//!      I/O                │                     pure                              │         I/O
//! ```
//!
//! Layers, each knowing only those to its right:
//!
//! ```text
//! main → lib → commands → cli, settings, terminal, files, cluster, chart, model
//!              chart, cluster → model, never each other
//! ```
//!
//! `model` and `chart` are pure: no clock, no disk, no network, no environment, no `async`. A test reads the
//! sources and fails when a layer reaches where it should not (`tests/it/layers.rs`).

pub mod chart;
pub mod document;
pub mod failure;
pub mod model;
pub mod text;
pub mod yaml;
