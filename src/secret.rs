//! Secrets: named by reference in the settings, held in a type that cannot be printed, opened only by who writes them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::text::without_credentials;

/// What is part of the name of a key whose value is a secret.
const WORDS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "privatekey",
    "accesskey",
    "apikey",
    "accountkey",
    "connectionstring",
    "authorization",
    "encryptionkey",
    "rootuser",
];

/// Whether the name of a key, in small letters and digits alone, sounds like that of a secret.
pub fn names_one(key: &str) -> bool {
    WORDS.iter().any(|word| key.contains(word))
}

/// How names end that only lead to a secret, or say something about it (`secretName`, `bearer_token_file`,
/// `secretKeyRef`).
const LEADS: [&str; 9] = ["secretname", "ref", "refs", "file", "files", "path", "namespace", "ttl", "policy"];

/// Whether a key of this name holds a secret; one that names a Secret, or a key in it, holds none.
pub fn is_held_by(key: &str) -> bool {
    let name: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_lead = name.starts_with("existing")
        || name.starts_with("automount")
        || LEADS.iter().any(|end| name.ends_with(end))
        || (name.ends_with("secretkey") && name != "secretkey");
    !is_lead && (name == "serviceaccountjson" || names_one(&name) || name.contains("basicauthusers"))
}

/// Where the value of the first key in a line begins that holds a secret; the whole rest of the line is taken for it.
pub fn value_in_line(line: &[char]) -> Option<usize> {
    let colons = (0..line.len()).filter(|at| matches!(line[*at], ':' | '='));
    let holds_secret = |colon: usize| {
        let before = line[..colon].iter().rev().skip_while(|c| c.is_whitespace() || matches!(c, '"' | '\''));
        let name: Vec<char> = before.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).copied().collect();
        is_held_by(&name.iter().rev().collect::<String>())
    };
    let colon = colons.into_iter().find(|colon| holds_secret(*colon))?;
    (colon + 1..line.len()).find(|at| !line[*at].is_whitespace())
}

/// Where credentials stand in a line: before the `@` of URLs, and of addresses that have a password without being one.
pub fn userinfo_in_line(line: &[char]) -> Vec<Range<usize>> {
    let ends = |c: &char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | ']' | ',' | '{' | '}');
    let (mut ranges, mut from) = (Vec::new(), 0);
    while from < line.len() {
        let length = line[from..].iter().take_while(|c| !ends(c)).count();
        let word = &line[from..from + length];
        if let Some(at) = word.iter().rposition(|c| *c == '@')
            && let Some(colon) = word[..at].iter().position(|c| *c == ':')
        {
            let url = word[colon..].starts_with(&[':', '/', '/']);
            ranges.push(from + if url { colon + 3 } else { 0 }..from + at);
        }
        from += length + 1;
    }
    ranges
}

/// What stands on standard output, in patches and reports where a secret would.
pub const STARS: &str = "***";

/// The value of a secret that nobody has read, as Thanos would look it up: no secret that is read can be this text.
const UNREAD: &str = "$(SECRET)";

/// Whether `text` stands for a secret that was not read.
pub fn is_unread(text: &str) -> bool {
    text == UNREAD
}

/// `text` with stars for the secrets that were not read.
pub fn without_unread(text: &str) -> String {
    text.replace(UNREAD, STARS)
}

/// Where a secret is to be read: `{env: NAME}` or `{file: PATH}` in `thanosctl.yaml`.
///
/// A plain text in its place is refused: a settings file is committed, a secret is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretReference {
    /// The environment variable of that name.
    Env(String),
    /// The file at that path, relative to the settings file; one final newline is not part of the secret.
    File(PathBuf),
}

impl fmt::Display for SecretReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(out, "environment variable {name}"),
            Self::File(path) => write!(out, "file {}", without_credentials(&path.to_string_lossy())),
        }
    }
}

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReferenceVisitor)
    }
}

struct ReferenceVisitor;

impl<'de> serde::de::Visitor<'de> for ReferenceVisitor {
    type Value = SecretReference;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "a reference to a secret, {env: NAME} or {file: PATH}, since secrets do not belong into a settings file",
        )
    }

    // The value must not reach an error text: serde's own refusals quote it.
    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(E::custom("a secret stands here in the open; write {env: NAME} or {file: PATH} instead"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        self.visit_str("")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Reference {
            env: Option<String>,
            file: Option<PathBuf>,
        }
        // A secret may stand where its name belongs, so no part of it is quoted.
        let wrong = || serde::de::Error::custom("a secret is named by either {env: NAME} or {file: PATH}");
        let reference = Reference::deserialize(serde::de::value::MapAccessDeserializer::new(map));
        let reference = reference.map_err(|_: A::Error| wrong())?;
        match (reference.env, reference.file) {
            (Some(name), None) if is_variable(&name) => Ok(SecretReference::Env(name)),
            (None, Some(path)) if !path.as_os_str().is_empty() => Ok(SecretReference::File(path)),
            _ => Err(wrong()),
        }
    }
}

/// Whether a shell can set an environment variable of this name.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The value of a secret. It has no `Display` and a starred `Debug`; [`Secret::open`] is for the writers of values
/// and manifests alone.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

/// Why a text cannot be used as a secret. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// The text holds `$(NAME)`, which Thanos replaces by the environment variable NAME
    /// (thanos-io/thanos, pkg/extkingpin: object-store configuration is expanded).
    #[error("it holds `$(NAME)`, which Thanos would replace by an environment variable")]
    Expanded,
    /// The text holds a control character that no credential has, or a line break where one line is wanted.
    #[error("it holds a control character, such as a line break in its middle")]
    Control,
}

impl Secret {
    /// Takes a secret's value; one final newline (`\n` or `\r\n`) is dropped. It may have several lines, as keys in PEM
    /// and service accounts in JSON do: see [`Secret::line`].
    ///
    /// # Errors
    /// When the value is empty, or would be changed on its way into Thanos.
    pub fn new(value: String) -> Result<Self, SecretError> {
        let mut value = value;
        if value.ends_with('\n') {
            value.pop();
            if value.ends_with('\r') {
                value.pop();
            }
        }
        if value.is_empty() {
            return Err(SecretError::Empty);
        }
        if is_expanded(&value) {
            return Err(SecretError::Expanded);
        }
        if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(SecretError::Control);
        }
        Ok(Self(value.into()))
    }

    /// Stands for a secret that nobody has read: a reader of Thanos' files takes it for one that it cannot know.
    pub fn unread() -> Self {
        Self(UNREAD.to_owned().into())
    }

    /// The value itself, where a password or a key of one line is wanted.
    ///
    /// # Errors
    /// When it has several lines, or a tab.
    pub fn line(&self) -> Result<&str, SecretError> {
        let value = self.open();
        if value.chars().any(char::is_control) { Err(SecretError::Control) } else { Ok(value) }
    }

    /// The value itself. Only for what writes it where the user asked for it.
    pub fn open(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Whether Thanos would expand something in `text`: `$(NAME)` with letters, digits and `_`, at least one.
pub fn is_expanded(text: &str) -> bool {
    text.match_indices("$(").any(|(at, open)| {
        let rest = &text[at + open.len()..];
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        name > 0 && rest[name..].starts_with(')')
    })
}

/// The secrets that were read, by the reference that named them. Empty when the values only name Secrets.
#[derive(Debug, Clone, Default)]
pub struct Secrets(BTreeMap<SecretReference, Secret>);

impl Secrets {
    /// Keeps the secret that `reference` named.
    pub fn insert(&mut self, reference: SecretReference, secret: Secret) {
        self.0.insert(reference, secret);
    }

    /// As if each of them had been named and none read: [`Secret::unread`].
    #[must_use]
    pub fn unread(references: impl IntoIterator<Item = SecretReference>) -> Self {
        Self(references.into_iter().map(|reference| (reference, Secret::unread())).collect())
    }

    /// Whether one was not read.
    pub fn has_unread(&self) -> bool {
        self.0.values().any(|secret| is_unread(secret.open()))
    }

    /// The secret that `reference` names; `None` when it was not read.
    pub fn get(&self, reference: &SecretReference) -> Option<&Secret> {
        self.0.get(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_thanos_would_expand_is_refused() {
        for expanded in ["$(A)", "x$(A_1)y", "$($(B))"] {
            assert!(is_expanded(expanded), "{expanded}");
        }
        for kept in ["$()", "${A}", "$(a-b)", "$(open", "$A", "$("] {
            assert!(!is_expanded(kept), "{kept}");
        }
    }

    #[test]
    fn one_final_newline_is_not_part_of_a_secret() {
        assert_eq!(Secret::new("a\n".into()).unwrap().open(), "a");
        assert_eq!(Secret::new("a\r\n".into()).unwrap().open(), "a");
        assert_eq!(Secret::new("a\n\n".into()).unwrap().line(), Err(SecretError::Control));
        assert_eq!(Secret::new("\n".into()).unwrap_err(), SecretError::Empty);
    }

    #[test]
    fn a_secret_is_not_in_its_debug_text() {
        let secret = Secret::new("hunter2".into()).unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
