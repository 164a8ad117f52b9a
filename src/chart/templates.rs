//! The templates of the files that are written and read again.

use crate::template::{Template, template};

/// The values.
pub(super) static VALUES: Template = template!("values.yaml.j2");

/// The ConfigMap with the stores.
pub(super) static STORES: Template = template!("stores.yaml.j2");
