//! Where the secrets of a release go: into the values, into Secrets of a manifest, or nowhere since they exist.

use serde_json::{Map, Value, json};

use super::header::ManifestHeader;
use super::release::Release;
use super::{document, garbled};
use crate::failure::Failures;
use crate::model::objstore::{Description, FILE};
use crate::model::secret::SecretReference;
use crate::yaml;

/// Where the configuration of the object store is.
pub(super) enum Store {
    /// There is none.
    None,
    /// In the values.
    Values(Description),
    /// In a Secret of the manifest.
    Manifest(String, Description),
    /// In a Secret that exists, under a key.
    Existing(String, String),
}

/// Where MinIO's root user is.
pub(super) enum Login<'a> {
    /// MinIO is not asked for.
    None,
    /// In the values.
    Values(Root<'a>),
    /// In a Secret of the manifest.
    Manifest(String, Root<'a>),
    /// In a Secret that exists.
    Existing(&'a str),
}

/// MinIO's root user, by reference.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) user: &'a SecretReference,
    pub(super) password: &'a SecretReference,
}

/// Secrets as Kubernetes takes them. It cannot be printed by accident.
pub struct Manifest(String);

impl Manifest {
    /// The YAML of the Secrets. Only for the file that the user asked for.
    pub fn open(&self) -> &str {
        &self.0
    }
}

/// A Secret to be written: its name, its keys and their texts.
pub(super) type Content = (String, Map<String, Value>);

/// The Secrets that are to be written.
///
/// # Errors
/// When a secret was not read.
pub(super) fn contents(release: &Release<'_>) -> Result<Vec<Content>, Failures> {
    let (store, login, secrets) = (&release.store, &release.login, release.request.secrets);
    let mut found = Vec::new();
    if let Store::Manifest(name, description) = store {
        found.push((name.clone(), Map::from_iter([(FILE.to_owned(), description.yaml(secrets)?.into())])));
    }
    if let Login::Manifest(name, root) = login {
        let (user, password) = root.open(secrets)?;
        let [user_key, password_key] = release.chart.root_keys();
        let keys = [(user_key.to_owned(), user.into()), (password_key.to_owned(), password.into())];
        found.push((name.clone(), Map::from_iter(keys)));
    }
    if let Some(secret) = release.tls.secret()
        && let Some(keys) = secret.content(secrets)?
    {
        found.push((secret.name.clone(), keys));
    }
    Ok(found)
}

/// The manifest of `contents`; `None` when there is nothing in it.
///
/// # Errors
/// When it does not say what it should.
pub(super) fn manifest(header: &ManifestHeader, contents: Vec<Content>) -> Result<Option<Manifest>, Failures> {
    if contents.is_empty() {
        return Ok(None);
    }
    let mut text = format!("{header}\n");
    for (name, keys) in contents {
        let secret = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": header.namespace,
                "labels": {"app.kubernetes.io/managed-by": "thanosctl"},
            },
            "type": "Opaque",
            "stringData": keys,
        });
        let document = match &secret {
            Value::Object(entries) => yaml::mapping(entries, 0).join("\n") + "\n",
            _ => String::new(),
        };
        if document::read::<Value>("manifest", &document).ok().as_ref() != Some(&secret) {
            return Err(garbled().into());
        }
        text.push_str("---\n");
        text.push_str(&document);
    }
    Ok(Some(Manifest(text)))
}
