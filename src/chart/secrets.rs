//! Where the secrets of a release go: into the values, into Secrets of a manifest, or nowhere since they exist.

use serde_json::{Map, Value, json};

use super::header::{Held, ManifestHeader};
use super::release::Release;
use super::secret_places::{Login, Store};
use crate::failure::Failures;
use crate::template::{self, Record, Template, key, template};
use crate::thanos::objstore::FILE;

static SECRETS: Template = template!("secrets.yaml.j2");

/// Secrets as Kubernetes takes them. It cannot be printed by accident.
pub struct Manifest(String);

impl Manifest {
    /// The YAML of the Secrets. Only for the file that the user asked for.
    pub fn open(&self) -> &str {
        &self.0
    }
}

impl Release<'_> {
    /// The Secrets that the values name, to be applied before the release; `None` when there are none to write.
    ///
    /// # Errors
    /// When a secret was not read.
    pub fn secret_manifest(&self) -> Result<Option<Manifest>, Failures> {
        let contents = contents(self)?;
        let header = ManifestHeader::new(Held::Secrets, &self.thanos.release, &self.thanos.namespace);
        manifest(&header, contents)
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
    let meant: Vec<Value> = contents
        .iter()
        .map(|(name, keys)| {
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "name": name,
                    "namespace": header.namespace,
                    "labels": {"app.kubernetes.io/managed-by": "thanosctl"},
                },
                "type": "Opaque",
                "stringData": keys,
            })
        })
        .collect();
    let secret = |(name, keys): Content| {
        let key = |(name, text): (String, Value)| template::Value::from(key(&name, 2, template::Content::Value(text)));
        let keys = keys.into_iter().map(key).collect::<template::Value>();
        template::Value::from(Record::default().with("name", name).with("keys", keys))
    };
    let record = Record::default()
        .with("thanosctl", header.tool.as_str())
        .with("release", header.release.as_str())
        .with("namespace", header.namespace.as_str())
        .with("secrets", contents.into_iter().map(secret).collect::<template::Value>());
    let text = SECRETS.render(record, &meant.iter().collect::<Vec<_>>())?;
    header.check(&SECRETS, &text)?;
    Ok(Some(Manifest(text)))
}
