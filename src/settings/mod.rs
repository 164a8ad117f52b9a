//! What `thanosctl.yaml` can say of a release. Pure; [`settings_file`](crate::settings_file) reads the file.

pub mod alert_targets;
pub mod scalars;
pub mod schema;
pub mod thanos;
