//! `drift:` of the settings.

use schemars::JsonSchema;
use serde::Deserialize;

/// What is expected of addresses that no cluster explains: `drift:` of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DriftPolicy {
    /// Addresses that are right although no cluster explains them.
    pub ignore: Vec<Ignore>,
}

/// An address that is right although no cluster explains it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// A glob over the address as it is written; `*` stands for any characters.
    pub address: String,
    /// Why, for whoever reads it later.
    #[serde(deserialize_with = "reason")]
    #[schemars(regex(pattern = "\\S"))]
    pub reason: String,
}

fn reason<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom("an address is ignored for a reason: say which"));
    }
    Ok(text)
}
