//! The JSON Schema of the object store: which fields its `config` has follows from its `type`.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::providers::{Field, Kind, Need, PROVIDERS, Provider, Span};
use crate::secret::SecretReference;
use crate::settings::schema::DURATION;

/// The providers, spelled as Thanos spells them; Thanos takes any letter case.
pub(crate) fn provider(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
    let patterns = PROVIDERS.iter().map(|provider| json!({"pattern": in_any_case(provider.name)}));
    let any: Vec<Value> = std::iter::once(json!({"enum": names})).chain(patterns).collect();
    schemars::json_schema!({"type": "string", "anyOf": any})
}

/// Adds to the schema of the section what its `config` holds, by `type`, and that it is one of both forms.
pub(crate) fn by_type(section: &mut Schema) {
    let when = PROVIDERS.iter().map(|provider| {
        json!({
            "if": {"properties": {"type": {"pattern": in_any_case(provider.name)}}, "required": ["type"]},
            "then": {"properties": {"config": config(provider)}},
        })
    });
    section.insert("allOf".into(), when.collect());
    section.insert(
        "oneOf".into(),
        json!([
            {"required": ["type"], "not": {"required": ["existingSecret"]}},
            {"required": ["existingSecret"], "not": {"anyOf": [{"required": ["type"]}, {"required": ["prefix"]}]}},
        ]),
    );
}

fn in_any_case(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    format!("^{}$", name.chars().map(letter).collect::<String>())
}

fn config(provider: &Provider) -> Value {
    let mut schema = group(provider.fields);
    schema["description"] = format!("The fields of {}.", provider.name).into();
    schema
}

fn group(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.to_owned(), value(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.need != Need::None).map(|field| field.name).collect();
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// What a field may be set to. One that is not wanted may also be there without a value.
fn value(field: &Field) -> Value {
    let wanted = field.need != Need::None;
    let mut schema = kind(field.kind);
    if !wanted {
        schema = json!({"anyOf": [schema, {"type": "null"}]});
    }
    match field.span {
        Span { until: Some(until), .. } => {
            schema["description"] = format!("Known before Thanos {until} only.").into();
            schema["deprecated"] = true.into();
        }
        Span { since: Some(since), .. } => schema["description"] = format!("Known from Thanos {since} on.").into(),
        Span { since: None, until: None } => {}
    }
    schema
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Choice(words) | Kind::Word(words) => json!({"enum": words}),
        Kind::HostPort => json!({"description": "HOST or HOST:PORT.", "type": "string", "pattern": "^[^/@\\s]+$"}),
        Kind::Url => json!({"type": "string", "pattern": "^https?://"}),
        Kind::Bucket(also) => json!({
            "description": "The name of a bucket.",
            "type": "string",
            "pattern": format!("^[A-Za-z0-9][A-Za-z0-9.{also}-]{{1,61}}[A-Za-z0-9]$"),
        }),
        Kind::Secret | Kind::SecretDocument => {
            json!({"$ref": format!("#/$defs/{}", <SecretReference as schemars::JsonSchema>::schema_name())})
        }
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Int => json!({"type": "integer"}),
        Kind::Count | Kind::SmallCount | Kind::Size | Kind::Unsigned(_) => json!({"type": "integer", "minimum": 0}),
        Kind::Duration => json!({
            "description": "A duration as Prometheus writes it.",
            "anyOf": [{"type": "string", "minLength": 1, "pattern": DURATION}, {"const": 0}],
        }),
        Kind::Float => json!({"type": "number"}),
        Kind::Bytes => json!({"description": "A size with its unit, such as 250MB.", "type": "string"}),
        Kind::List => json!({"type": "array", "items": {"type": "string"}}),
        Kind::GoDuration | Kind::UnitDuration => json!({
            "description": "A duration as Go writes it, such as 90s or 1m30s.",
            "type": "string",
            "minLength": 1,
            "pattern": "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
        }),
        Kind::Table => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Kind::Group(fields) => group(fields),
    }
}
