//! How one chart, in one version, wants the release written.

pub mod catalog;
pub mod dialect;
mod edit;
mod template;
mod tpl;
