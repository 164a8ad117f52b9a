//! The charts that are known, one file each: add a version's keys as rows there, and its catalogue as CONTRIBUTING.md
//! says.

mod bitnami_defects;
mod bitnami_thanos;
mod shared;
mod stevehipwell_thanos;
mod thanos_community;

use super::dialect::Dialect;

/// Every chart, the default first.
pub(super) static DIALECTS: &[&Dialect] =
    &[&bitnami_thanos::DIALECT, &thanos_community::DIALECT, &stevehipwell_thanos::DIALECT];
