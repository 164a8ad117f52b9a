//! The names by which a fleet's parts are told apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::is_unsafe;

/// The fleet's name for a cluster: the value of its external label (`clusterLabel` in the settings).
///
/// Not empty, at most 253 bytes, without control characters, since it is printed in comments and tables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterName(String);

impl ClusterName {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no cluster name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterNameError {
    /// The text is empty or blank.
    #[error("a cluster's name is empty")]
    Empty,
    /// The text is longer than 253 bytes.
    #[error("a cluster's name has more than 253 bytes")]
    TooLong,
    /// The text holds a control or an invisible character.
    #[error("a cluster's name holds a control or invisible character")]
    Unsafe,
}

impl TryFrom<String> for ClusterName {
    type Error = ClusterNameError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.trim().is_empty() {
            return Err(ClusterNameError::Empty);
        }
        if name.len() > 253 {
            return Err(ClusterNameError::TooLong);
        }
        if name.chars().any(is_unsafe) {
            return Err(ClusterNameError::Unsafe);
        }
        Ok(Self(name))
    }
}

impl From<ClusterName> for String {
    fn from(name: ClusterName) -> Self {
        name.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Which Service of a cluster: written `NAMESPACE/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRef {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub name: String,
}

impl fmt::Display for ServiceRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.namespace, self.name)
    }
}

impl std::str::FromStr for ServiceRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Wider than any one version of Kubernetes, and still no way out of a URL's path.
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 253
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        match text.split_once('/') {
            Some((namespace, name)) if is_name(namespace) && is_name(name) => {
                Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err("write it as NAMESPACE/NAME, such as monitoring/prometheus-thanos".to_owned()),
        }
    }
}
