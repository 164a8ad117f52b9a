//! The JSON Schema of what the settings hold as text and read with a rule of its own.
//!
//! A pattern says as much of the rule as an editor can use; what it cannot say (lengths in sum, addresses that are none)
//! the program still refuses. It never refuses what the program takes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::thanos::{AlertmanagerUrl, Duration, Flag, NodePort, Quantity};
use crate::fleet::address::Address;
use crate::fleet::discovery::ServiceGlob;
use crate::fleet::labels::LabelSelector;
use crate::names::ClusterName;
use crate::secret::SecretReference;

/// What `JsonSchema` asks for, of types whose schema is written by hand.
macro_rules! schema {
    ($($type:ident: $schema:tt)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

/// [`Duration`], for the fields of an object store too; it also fits no text at all.
pub(crate) const DURATION: &str = "^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$";

schema! {
    Address: {
        "description": "HOST:PORT, or a lookup such as dnssrv+_grpc._tcp.thanos.example.net.",
        "type": "string",
        "pattern": "^((dns|dnssrv|dnssrvnoa)\\+)?[^@/+\\s]+$",
    }
    AlertmanagerUrl: {
        "description": "[dns+|dnssrv+|dnssrvnoa+]http(s)://HOST[:PORT][/PREFIX], without credentials.",
        "type": "string",
        "pattern": "^((dns|dnssrv|dnssrvnoa)\\+)?https?://[^@/\\s]+(/\\S*)?$",
    }
    ClusterName: {
        "description": "The fleet's name for a cluster: the value of its external label.",
        "type": "string",
        "pattern": "\\S",
        "maxLength": 253,
    }
    Duration: {
        "description": "A duration as Prometheus writes it: 30d, 1h30m, 0d.",
        "type": "string",
        "minLength": 1,
        "pattern": DURATION,
    }
    Flag: {
        "description": "A flag of Thanos, --NAME or --NAME=VALUE, without blanks and #.",
        "type": "string",
        "pattern": "^--[a-z][a-zA-Z0-9.-]*(=[^\\s#]*)?$",
    }
    LabelSelector: {
        "description": "A label selector as kubectl -l takes it, such as node-role=edge.",
        "type": "string",
    }
    NodePort: {
        "description": "A node port. API servers allow 30000 to 32767 unless told otherwise.",
        "type": "integer",
        "minimum": 1,
        "maximum": 65535,
    }
    Quantity: {
        "description": "An amount of a resource as Kubernetes writes it: 500m, 2, 1Gi.",
        "type": ["string", "number"],
        "pattern": "^[0-9][0-9.]*([numkMGTPE]|[KMGTPE]i)?$",
        "minimum": 0,
    }
    ServiceGlob: {
        "description": "NAMESPACE/NAME; * stands for any characters but /.",
        "type": "string",
        "pattern": "^[^/]+/[^/]+$",
    }
    SecretReference: {
        "description": "Where a secret is to be read: {env: NAME} or {file: PATH}. A secret itself is refused.",
        "oneOf": [
            {
                "type": "object",
                "properties": {"env": {
                    "description": "The environment variable of that name.",
                    "type": "string",
                    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                }},
                "required": ["env"],
                "additionalProperties": false,
            },
            {
                "type": "object",
                "properties": {"file": {
                    "description": "The file at that path, relative to the settings; one final newline is not part of the secret.",
                    "type": "string",
                    "minLength": 1,
                }},
                "required": ["file"],
                "additionalProperties": false,
            },
        ],
    }
}
