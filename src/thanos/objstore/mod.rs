//! The object store's configuration, checked as Thanos would check it when it starts, and written as Thanos reads it.

mod caches;
mod check;
mod document;
mod google;
mod pem;
mod providers;
mod reading;
mod s3_store;
pub(crate) mod schema;
mod units;
mod url;
mod values;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::thanos_version::ThanosVersion;
use crate::failure::{Failure, Failures};
use crate::findings::finding::{Finding, Severity};
use crate::secret::{SecretReference, Secrets};
use crate::settings::thanos::{Objstore, Thanos};
use crate::template::{self, Content, Record, Template, template};
use crate::text::{nearest, without_credentials};
pub use crate::thanos::objstore::caches::{check_caching_bucket, check_index_cache, check_response_cache};
use crate::thanos::objstore::check::{Entry, Setting};
pub use crate::thanos::objstore::document::check_document;
pub use crate::thanos::objstore::s3_store::{S3Store, s3_store};

static OBJSTORE: Template = template!("objstore.yml.j2");

/// Where the blocks are kept.
#[derive(Debug, Clone)]
pub enum ObjectStore {
    /// In a store that is described here.
    Described(Description),
    /// In a store that a Secret describes; it must exist in the namespace of the release.
    Existing {
        /// The Secret's name.
        secret: String,
        /// The key in it.
        key: String,
    },
}

/// The name of the file, and so of the key in a Secret, that charts mount the configuration by.
pub const FILE: &str = "objstore.yml";

/// A configuration that Thanos takes: its provider's fields, in the provider's order.
#[derive(Debug, Clone)]
pub struct Description {
    provider: &'static str,
    entries: Vec<Entry>,
    prefix: Option<String>,
}

impl Objstore {
    /// The object store that the settings mean, for a Thanos of this version; without one, for the newest.
    ///
    /// # Errors
    /// Everything that Thanos would refuse, and every field that it would ignore.
    pub fn check(&self, thanos: Option<ThanosVersion>) -> Result<ObjectStore, Failures> {
        let section = |what: &str| Failure::new(format!("`thanos.objstore` {what}")).at(["thanos", "objstore"]);
        match (&self.provider, &self.existing_secret) {
            (Some(provider), None) => {
                if self.existing_secret_key.is_some() {
                    return Err(section("has existingSecretKey without existingSecret").into());
                }
                self.described(provider, thanos).map(ObjectStore::Described)
            }
            (None, Some(secret)) => {
                if !self.config.is_empty() || self.prefix.is_some() {
                    return Err(section("has existingSecret, and beside it what that Secret has to hold")
                        .hint("write the prefix and the fields into the Secret, or leave existingSecret out")
                        .into());
                }
                let key = self.existing_secret_key.as_deref().unwrap_or(FILE);
                if !is_secret_key(key) {
                    return Err(section("names a key that no Secret can have").into());
                }
                Ok(ObjectStore::Existing { secret: secret.clone(), key: key.to_owned() })
            }
            (Some(_), Some(_)) => Err(section("has both type and existingSecret").hint("write one of them").into()),
            (None, None) => Err(section("has neither type nor existingSecret")
                .hint("write `type: S3` with its `config:`, or `existingSecret: NAME`")
                .into()),
        }
    }

    fn described(&self, provider: &str, thanos: Option<ThanosVersion>) -> Result<Description, Failures> {
        let known = providers::PROVIDERS.iter().find(|known| known.name.eq_ignore_ascii_case(provider));
        let Some(known) = known else {
            let path = ["thanos", "objstore", "type"];
            let names: Vec<&str> = providers::PROVIDERS.iter().map(|provider| provider.name).collect();
            let failure =
                Failure::new(format!("Thanos knows no object store of type `{}`", without_credentials(provider)))
                    .at(path);
            return Err(match nearest(provider, names.iter().copied()) {
                Some(name) => failure.hint(format!("did you mean {name}? It knows {}", names.join(", "))),
                None => failure.hint(format!("it knows {}", names.join(", "))),
            }
            .into());
        };
        let mut failures = Vec::new();
        let at_type = ["thanos", "objstore", "type"];
        if let Some(why) = known.span.refusal(thanos) {
            failures.push(Failure::new(format!("the object store type {} {why}", known.name)).at(at_type));
        }
        let entries = check::entries(known, thanos, &self.config, &mut failures);
        if self.prefix.as_deref().is_some_and(crate::secret::is_expanded) {
            failures.push(check::expanded("thanos.objstore.prefix"));
        }
        if let Some(failures) = Failures::from_vec(failures) {
            return Err(failures);
        }
        let description = Description { provider: known.name, entries, prefix: self.prefix.clone() };
        match Failures::from_vec(description.refusals(thanos)) {
            Some(failures) => Err(failures),
            None => Ok(description),
        }
    }
}

/// Whether a Secret can have a key of that name.
pub fn is_secret_key(key: &str) -> bool {
    (1..=253).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && !matches!(key, "." | "..")
}

impl Description {
    /// The secrets that it names, in the order of its fields. Empty when it can be shown to everybody.
    pub fn secret_references(&self) -> Vec<&SecretReference> {
        fn visit<'a>(entries: &'a [Entry], found: &mut Vec<&'a SecretReference>) {
            for (_, setting) in entries {
                match setting {
                    Setting::Secret { reference, .. } => found.push(reference),
                    Setting::Group(entries) => visit(entries, found),
                    Setting::Plain(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        visit(&self.entries, &mut found);
        found
    }

    /// What the provider's own library refuses: the same as of a document, with all that is secret unknown.
    fn refusals(&self, thanos: Option<ThanosVersion>) -> Vec<Failure> {
        let secrets = Secrets::unread(self.secret_references().into_iter().cloned());
        let Ok(text) = self.yaml(&secrets) else { return Vec::new() };
        let findings = check_document("", &text, thanos);
        let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
        let failure = |finding: Finding| {
            let line = finding.place.as_ref().map_or(0, |place| usize::try_from(place.line).unwrap_or_default());
            // Fields of `config` are indented by two blanks; what stands deeper belongs to the last of them.
            let field =
                text.lines().take(line).filter(|line| line.starts_with("  ") && !line.starts_with("   ")).last();
            let field = field.and_then(|line| line.trim().split_once(':')).map(|(name, _)| name);
            let message = finding.message.replace("`config", "`thanos.objstore.config");
            let failure = Failure::new(message).at(["thanos", "objstore", "config"].into_iter().chain(field));
            match finding.hint {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        };
        errors.map(failure).collect()
    }

    /// The configuration as Thanos reads it: `type`, `config` and `prefix`. It holds what `secrets` holds of it.
    ///
    /// # Errors
    /// When a secret was not read, or has several lines where one is wanted.
    pub fn yaml(&self, secrets: &Secrets) -> Result<String, Failures> {
        let mut failures = Vec::new();
        let (fields, meant) = fields(&self.entries, 2, secrets, &mut failures);
        if let Some(failures) = Failures::from_vec(failures) {
            return Err(failures);
        }
        let mut whole = json!({ "type": self.provider, "config": meant });
        if let Some(prefix) = &self.prefix {
            whole["prefix"] = prefix.as_str().into();
        }
        let record = Record::default()
            .with("type", self.provider)
            .with("config", fields.into_iter().collect::<template::Value>())
            .with("prefix", self.prefix.as_deref().map(template::quoted));
        Ok(OBJSTORE.render(record, &[&whole])?)
    }
}

/// The fields as the template gets them, indented by so many blanks, and the values that they mean: null when there is
/// none.
fn fields(
    entries: &[Entry],
    indent: usize,
    secrets: &Secrets,
    failures: &mut Vec<Failure>,
) -> (Vec<template::Value>, Value) {
    let (mut fields, mut values) = (Vec::new(), Map::new());
    for (name, setting) in entries {
        let (content, value) = match setting {
            Setting::Plain(value) => (Content::Value(value.clone()), value.clone()),
            Setting::Group(entries) => {
                let (below, value) = self::fields(entries, indent + 2, secrets, failures);
                (Content::Below(below), value)
            }
            Setting::Secret { reference, lines: several } => {
                let text = match secrets.get(reference) {
                    None => Err("it was not read".to_owned()),
                    Some(secret) if *several => Ok(secret.open()),
                    Some(secret) => secret.line().map_err(|error| error.to_string()),
                };
                match text {
                    Ok(text) => (Content::Quoted(text.to_owned()), text.into()),
                    Err(why) => {
                        failures.push(
                            Failure::new(format!("cannot use the {reference} for `thanos.objstore.config.{name}`"))
                                .caused_by(why),
                        );
                        continue;
                    }
                }
            }
        };
        fields.push(template::key(name, indent, content).into());
        values.insert((*name).to_owned(), value);
    }
    (fields, if values.is_empty() { Value::Null } else { Value::Object(values) })
}

impl Thanos {
    /// Every secret that the release needs, each once: of the object store, then of MinIO. They are wanted for values
    /// with `secrets: inline`, and for the manifest of Secrets otherwise.
    ///
    /// # Errors
    /// When the object store's section cannot be understood.
    pub fn secret_references(&self) -> Result<Vec<SecretReference>, Failures> {
        let mut found = Vec::new();
        if let Some(objstore) = &self.objstore
            && let ObjectStore::Described(description) = objstore.check(None)?
        {
            found.extend(description.secret_references().into_iter().cloned());
        }
        if let Some(tls) = &self.query.client_tls {
            found.extend([&tls.ca, &tls.cert, &tls.key].into_iter().flatten().cloned());
        }
        if let Some(minio) = &self.minio {
            found.extend(
                [&minio.credentials.root_user, &minio.credentials.root_password].into_iter().flatten().cloned(),
            );
        }
        let mut once = Vec::new();
        for reference in found {
            if !once.contains(&reference) {
                once.push(reference);
            }
        }
        Ok(once)
    }
}

/// The reference to a secret that stands in `value`; the error never quotes what stands there instead.
fn reference(value: &Value) -> Result<SecretReference, String> {
    const WANTED: &str = "a secret is named by {env: NAME} or {file: PATH}; it does not stand in the settings";
    if !value.is_object() {
        return Err(WANTED.to_owned());
    }
    SecretReference::deserialize(value).map_err(|_| WANTED.to_owned())
}
