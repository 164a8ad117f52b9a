//! Whether values hold secrets that somebody wrote into them: then the file is guarded, and says so.
//!
//! Where the chart wants a secret, the dialect knows. What is handed on, to Thanos or to Kubernetes, is known by the
//! names that secrets have there.

use serde_json::{Map, Value};

use super::{at, document};
use crate::secret::is_expanded;

/// The fields of Thanos' own configuration files that hold a secret in the open (its HTTP clients, Redis).
const FIELDS: [&str; 6] =
    ["password", "secret_key", "client_secret", "bearer_token", "credentials", "basic_auth_users"];

/// What the name of an environment variable with a secret in it says.
const VARIABLES: [&str; 4] = ["PASSWORD", "SECRET", "TOKEN", "CREDENTIALS"];

/// Whether a secret stands in `values`, at one of the chart's own `keys` for them or in what it hands on.
pub(super) fn holds_secrets(values: &Map<String, Value>, keys: &[&str]) -> bool {
    keys.iter().any(|key| at(values, key).is_some_and(is_given)) || object_holds_secrets(values)
}

/// Whether a secret stands in a configuration file of Thanos.
pub(super) fn text_holds_secrets(text: &str) -> bool {
    document::read::<Value>("", text).is_ok_and(|tree| tree_holds_secrets(&tree))
}

fn object_holds_secrets(entries: &Map<String, Value>) -> bool {
    let text = |name: &str| entries.get(name).and_then(Value::as_str).unwrap_or_default();
    let given = |name: &str| entries.get(name).is_some_and(is_given);
    let is_secret = text("kind") == "Secret" && (given("data") || given("stringData"));
    let is_variable = given("value") && VARIABLES.iter().any(|word| text("name").contains(word));
    let is_field = |name: &str| FIELDS.contains(&name) && given(name);
    is_secret || is_variable || entries.iter().any(|(name, value)| is_field(name) || tree_holds_secrets(value))
}

fn tree_holds_secrets(tree: &Value) -> bool {
    match tree {
        Value::Object(entries) => object_holds_secrets(entries),
        Value::Array(items) => items.iter().any(tree_holds_secrets),
        // A configuration may be a text of its own.
        Value::String(text) if text.contains(':') => {
            document::read::<Map<String, Value>>("", text).is_ok_and(|entries| object_holds_secrets(&entries))
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether something is there; the name of an environment variable that Thanos will look up is not the secret itself.
fn is_given(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::String(text) => !text.is_empty() && !is_expanded(text),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(values: &str) -> bool {
        holds_secrets(&document::read("test", values).unwrap(), &["https.key", "minio.provisioning.users"])
    }

    #[test]
    fn a_secret_is_found_wherever_a_chart_takes_one() {
        for values in [
            "{https: {key: x}}",
            "{minio: {provisioning: {users: [{username: a, password: b}]}}}",
            "{indexCacheConfig: {type: REDIS, config: {password: x}}}",
            "{indexCacheConfig: \"type: REDIS\\nconfig:\\n  password: x\\n\"}",
            "{ruler: {alertmanagersConfig: {alertmanagers: [{http_config: {basic_auth: {password: x}}}]}}}",
            "{extraDeploy: [{kind: Secret, stringData: {a: b}}]}",
            "{extraDeploy: [\"kind: Secret\\ndata: {a: b}\\n\"]}",
            "{query: {extraEnvVars: [{name: AWS_SECRET_ACCESS_KEY, value: x}]}}",
        ] {
            assert!(holds(values), "{values}");
        }
    }

    #[test]
    fn the_name_of_a_secret_is_none() {
        for values in [
            "{}",
            "{https: {key: ''}}",
            "{https: {key: null, existingSecret: x}}",
            "{minio: {provisioning: {users: []}}}",
            "{indexCacheConfig: {type: REDIS, config: {password: $(REDIS_PASSWORD)}}}",
            "{indexCacheConfig: {type: IN-MEMORY}}",
            "{extraDeploy: [{kind: ConfigMap, data: {a: b}}, {kind: Secret}]}",
            "{query: {extraEnvVars: [{name: TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}]}}",
            "{query: {serviceAccount: {automountServiceAccountToken: true}, extraFlags: ['--log.level=debug: x']}}",
        ] {
            assert!(!holds(values), "{values}");
        }
    }
}
