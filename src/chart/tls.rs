//! The TLS with which the querier dials its stores: by the chart's own keys where they can, else by flags and a Secret
//! that is mounted.

use serde_json::{Map, Value, json};

use super::chart_version::Chart;
use super::names;
use super::part::{Part, TlsFile};
use crate::failure::{Failure, Failures};
use crate::secret::{SecretReference, Secrets};
use crate::settings::thanos::{ClientTls, SecretsMode};

/// Where the Secret is mounted.
pub(super) const FOLDER: &str = "/etc/thanos-client-tls";

/// The keys of a Secret with TLS, as Kubernetes names them.
const KEYS: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];

/// How the querier dials.
pub(super) enum Tls<'a> {
    /// Without TLS.
    None,
    /// With files that stand in the values.
    Texts(Texts<'a>),
    /// With files in a Secret, handed over by the chart's own keys for that.
    ByKeys(TlsSecret<'a>),
    /// With files in a Secret that is mounted, and flags.
    Mounted(TlsSecret<'a>),
}

/// The three files, by reference.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    ca: &'a SecretReference,
    cert: &'a SecretReference,
    key: &'a SecretReference,
}

/// A Secret with files for TLS.
pub(super) struct TlsSecret<'a> {
    /// Its name.
    pub(super) name: String,
    /// The key of the authority's certificates.
    pub(super) ca: String,
    /// The keys of the querier's own certificate and of its key; `None` when it shows none.
    pub(super) own: Option<[String; 2]>,
    /// What is written into it; `None` when it exists.
    content: Option<Vec<(&'static str, &'a SecretReference)>>,
}

impl<'a> Tls<'a> {
    /// How the querier of `chart` dials, as the settings want it. `fullname` starts the name of a Secret of ours.
    ///
    /// # Errors
    /// When the settings contradict themselves, or this version of the chart cannot do it.
    pub(super) fn of(
        settings: &'a ClientTls,
        chart: &Chart,
        mode: SecretsMode,
        fullname: &str,
    ) -> Result<Self, Failures> {
        let wrong =
            |what: &str| Failure::new(format!("`thanos.query.clientTLS` {what}")).at(["thanos", "query", "clientTLS"]);
        if settings.server_name.as_ref().is_some_and(|name| !names::is_dns_name(name)) {
            return Err(wrong("has a serverName that is no DNS name").into());
        }
        let files = [&settings.ca, &settings.cert, &settings.key];
        let secret = match (&settings.existing_secret, files) {
            (Some(_), [None, None, None]) => existing(settings).map_err(|what| wrong(&what))?,
            (Some(_), _) => return Err(wrong("has both existingSecret and files").hint("write one of them").into()),
            (None, [Some(ca), None, None]) => ours(fullname, ca, None),
            (None, [Some(ca), Some(cert), Some(key)]) => {
                let has_texts = chart.row(Part::TlsText(TlsFile::Ca)).is_some();
                if mode == SecretsMode::Inline && has_texts {
                    return Ok(Self::Texts(Texts { ca, cert, key }));
                }
                ours(fullname, ca, Some([cert, key]))
            }
            (None, [None, ..]) => {
                return Err(wrong("does not say whom to trust")
                    .hint("write `ca: {file: ca.crt}`, or existingSecret")
                    .into());
            }
            (None, [Some(_), ..]) => {
                return Err(wrong("wants both cert and key, or neither").into());
            }
        };
        let parts: &[Part] = if secret.own.is_some() {
            &[Part::TlsText(TlsFile::Ca), Part::TlsSecret, Part::Volumes]
        } else {
            &[Part::Volumes]
        };
        let is_able = parts.iter().any(|part| chart.row(*part).is_some());
        if is_able && mode == SecretsMode::Inline && secret.content.is_some() {
            return Err(wrong("cannot stand in the values of this chart")
                .hint("put it into a Secret and name that in existingSecret, or set `secrets: manifest`")
                .into());
        }
        if secret.own.is_some() && chart.row(Part::TlsSecret).is_some() {
            return Ok(Self::ByKeys(secret));
        }
        if chart.row(Part::Volumes).is_some() {
            return Ok(Self::Mounted(secret));
        }
        let without = "this version of the chart takes it only as texts: set `secrets: inline`";
        let able = chart.spans(parts).map_or("no version of it can".to_owned(), |able| format!("{able} can"));
        let hint =
            if is_able && secret.content.is_some() { format!("{without}; or take another: {able}") } else { able };
        let version = chart.version;
        Err(wrong(&format!("cannot be expressed in version {version} of {}", chart.dialect.chart)).hint(hint).into())
    }

    /// The Secret that it needs.
    pub(super) fn secret(&self) -> Option<&TlsSecret<'a>> {
        match self {
            Self::ByKeys(secret) | Self::Mounted(secret) => Some(secret),
            Self::None | Self::Texts(_) => None,
        }
    }

    /// The flags of the querier that the chart does not write itself.
    pub(super) fn flags(&self, chart: &Chart, server_name: Option<&str>) -> Vec<String> {
        let mut flags = Vec::new();
        if let Self::Mounted(secret) = self {
            flags.push("--grpc-client-tls-secure".to_owned());
            flags.push(format!("--grpc-client-tls-ca={FOLDER}/{}", secret.ca));
            if let Some([cert, key]) = &secret.own {
                flags.push(format!("--grpc-client-tls-cert={FOLDER}/{cert}"));
                flags.push(format!("--grpc-client-tls-key={FOLDER}/{key}"));
            }
        }
        let by_chart = chart.row(Part::TlsServerName).is_some() && !matches!(self, Self::Mounted(_));
        if let Some(name) = server_name.filter(|_| !by_chart && !matches!(self, Self::None)) {
            flags.push(format!("--grpc-client-server-name={name}"));
        }
        flags
    }
}

impl Texts<'_> {
    /// A file's text.
    ///
    /// # Errors
    /// When it was not read.
    pub(super) fn open<'s>(&self, file: TlsFile, secrets: &'s Secrets) -> Result<&'s str, Failure> {
        let reference = match file {
            TlsFile::Ca => self.ca,
            TlsFile::Cert => self.cert,
            TlsFile::Key => self.key,
        };
        open(reference, secrets)
    }
}

impl TlsSecret<'_> {
    /// What the chart's own key for it takes.
    pub(super) fn mapping(&self) -> Value {
        let mut keys = Map::from_iter([("ca-cert".to_owned(), json!(self.ca))]);
        if let Some([cert, key]) = &self.own {
            keys.insert("tls-cert".to_owned(), json!(cert));
            keys.insert("tls-key".to_owned(), json!(key));
        }
        json!({"name": self.name, "keyMapping": keys})
    }

    /// Whether it is ours to write.
    pub(super) fn is_ours(&self) -> bool {
        self.content.is_some()
    }

    /// Its keys and their texts; `None` when it exists.
    ///
    /// # Errors
    /// When one of them was not read.
    pub(super) fn content(&self, secrets: &Secrets) -> Result<Option<Map<String, Value>>, Failure> {
        let Some(content) = &self.content else { return Ok(None) };
        // A file in PEM ends with a line break, which reading took away.
        let entry = |(key, reference): &(&'static str, &SecretReference)| {
            Ok(((*key).to_owned(), format!("{}\n", open(reference, secrets)?).into()))
        };
        content.iter().map(entry).collect::<Result<_, Failure>>().map(Some)
    }
}

fn open<'s>(reference: &SecretReference, secrets: &'s Secrets) -> Result<&'s str, Failure> {
    let failure = || Failure::new(format!("cannot use the {reference} for `thanos.query.clientTLS`"));
    secrets.get(reference).map(|secret| secret.open()).ok_or_else(|| failure().caused_by("it was not read"))
}

fn existing(settings: &ClientTls) -> Result<TlsSecret<'static>, String> {
    let name = settings.existing_secret.clone().unwrap_or_default();
    if !names::is_secret_name(&name) {
        return Err("names no Secret that could exist".to_owned());
    }
    let keys = [&settings.ca_key, &settings.cert_key, &settings.key_key];
    let fits = |key: &&String| key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !keys.into_iter().flatten().all(|key| !key.is_empty() && fits(&key)) {
        return Err("names a key that no Secret can have".to_owned());
    }
    let own = match (&settings.cert_key, &settings.key_key) {
        (Some(cert), Some(key)) => Some([cert.clone(), key.clone()]),
        (None, None) => None,
        _ => return Err("wants both certKey and keyKey, or neither".to_owned()),
    };
    let ca = settings.ca_key.clone().unwrap_or_else(|| KEYS[0].to_owned());
    Ok(TlsSecret { name, ca, own, content: None })
}

fn ours<'a>(fullname: &str, ca: &'a SecretReference, own: Option<[&'a SecretReference; 2]>) -> TlsSecret<'a> {
    let mut content = vec![(KEYS[0], ca)];
    if let Some([cert, key]) = own {
        content.extend([(KEYS[1], cert), (KEYS[2], key)]);
    }
    TlsSecret {
        name: format!("{fullname}-query-client-tls"),
        ca: KEYS[0].to_owned(),
        own: own.map(|_| [KEYS[1].to_owned(), KEYS[2].to_owned()]),
        content: Some(content),
    }
}
