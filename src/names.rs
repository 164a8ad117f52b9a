//! The names by which a fleet's parts are told apart.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::{clean, is_unsafe, without_credentials};

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

/// Makes a type for names that go into commands and requests, so that what was not checked cannot.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $is_one:ident, $pattern:literal, $longest:literal, $wrong:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(name: String) -> Result<Self, String> {
                if $is_one(&name) {
                    return Ok(Self(name));
                }
                let shown: String = clean(&without_credentials(&name)).chars().take(80).collect();
                Err(format!(concat!("`{}` cannot be the name of a ", $wrong), shown))
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::try_from(name.to_owned())
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "maxLength": $longest, "pattern": $pattern})
            }
        }
    };
}

name!(
    /// The name of a Helm release: labels of small letters, digits and dashes, joined by dots, at most 53 bytes
    /// (helm.sh/helm, `chartutil.ValidateReleaseName`).
    ReleaseName,
    is_release,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    53,
    "Helm release: it has small letters, digits and dashes, and dots between them, at most 53"
);

name!(
    /// The name of a namespace: small letters, digits and dashes, at most 63 bytes (Kubernetes, RFC 1123 label).
    NamespaceName,
    is_namespace,
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    63,
    "namespace: it has small letters, digits and dashes, at most 63"
);

/// Whether a text is a label of DNS: small letters, digits and dashes, no dash at its ends.
pub fn is_label(name: &str, longest: usize) -> bool {
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=longest).contains(&name.len())
        && name.chars().all(|c| ends(c) || c == '-')
        && name.starts_with(ends)
        && name.ends_with(ends)
}

fn is_release(name: &str) -> bool {
    name.len() <= 53 && name.split('.').all(|label| is_label(label, 53))
}

fn is_namespace(name: &str) -> bool {
    is_label(name, 63)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_option_no_path_and_no_template() {
        for name in ["thanos", "obs-1", "7", "a.b", "a-b.c-d"] {
            assert_eq!(name.parse::<ReleaseName>().unwrap().as_str(), name);
            assert_eq!(name.parse::<NamespaceName>().is_ok(), !name.contains('.'), "{name}");
        }
        let long = "a".repeat(54);
        for name in [
            "",
            "-a",
            "a-",
            "--post-renderer=./evil.sh",
            "-n",
            "A",
            "a b",
            "a/b",
            "../a",
            "a;b",
            "a\n",
            "$(a)",
            "a..b",
            ".a",
            "{{ .Release.Name }}",
            "\u{e9}",
            &long,
        ] {
            assert!(name.parse::<ReleaseName>().is_err(), "{name}");
        }
        assert!(long.parse::<NamespaceName>().is_ok() && "a".repeat(64).parse::<NamespaceName>().is_err());
        assert!(!"a\u{1b}[31m".parse::<NamespaceName>().unwrap_err().contains('\u{1b}'));
    }
}
