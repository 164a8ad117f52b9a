//! The Kubernetes API: from kubeconfig contexts to what each cluster answered.
//!
//! kube speaks the protocol; what it does otherwise than kubectl (it panics on a server without scheme, runs
//! credential plugins three times, retries for minutes, takes NO_PROXY for something else) is put right here, once.
//! Nothing of it is printed here, and no secret gets into an error.

pub mod access;
pub mod answer;
pub mod api;
mod cause;
mod checkout;
pub mod client;
pub mod credentials;
mod diagnosis;
pub mod entry_error;
pub mod environment;
pub mod error;
pub mod gather;
pub mod hidden;
mod hint;
mod identity;
pub mod kubeconfig;
pub mod kuberc;
pub mod limits;
pub mod list;
pub mod list_fault;
pub mod plugin;
pub mod proxy;
pub mod sent;
mod server;
pub mod session;
mod stack;
pub mod step;
pub mod target;
pub mod transport;
mod trust;
