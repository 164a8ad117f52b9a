//! What Helm makes of a chart and the values, and what is applied beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use serde_json::Value;

use crate::asked::{Asked, NAMESPACE, SECRETS, STORES, VALUES};
use crate::chart::Chart;

/// The objects of a release.
pub(crate) struct Rendered {
    /// What Helm applies.
    pub objects: Vec<Value>,
    /// What the program wrote besides values: its Secrets and the ConfigMap of its stores.
    pub manifests: Vec<Value>,
}

impl Rendered {
    pub(crate) fn of(chart: &Chart, asked: &Asked, room: &Path) -> Result<Self, String> {
        let output = Command::new(tool("helm"))
            .args(["template", &asked.release])
            .arg(&chart.folder)
            .args(["--namespace", NAMESPACE, "--kube-version", chart.owner.kubernetes(), "--values"])
            .arg(room.join(VALUES))
            .env_clear()
            .env("HOME", room)
            .output()
            .map_err(|error| format!("helm does not start: {error}; tests/rig/build builds it"))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            return Err(format!("helm: {}", told.trim().lines().last().unwrap_or_default()));
        }
        let objects = documents(&String::from_utf8_lossy(&output.stdout))?;
        let mut manifests = Vec::new();
        for file in [SECRETS, STORES] {
            if let Ok(text) = std::fs::read_to_string(room.join(file)) {
                manifests.extend(documents(&text)?);
            }
        }
        Ok(Self { objects, manifests })
    }

    /// The object of this kind whose name is `fullname` and one of `suffixes`.
    pub(crate) fn find(&self, kinds: &[&str], asked: &Asked, suffixes: &[&str]) -> Option<&Value> {
        self.objects.iter().find(|object| {
            kinds.iter().any(|kind| object["kind"] == *kind)
                && suffixes.iter().any(|suffix| name(object) == format!("{}-{suffix}", asked.fullname()))
        })
    }

    /// The object of this kind and name, applied by Helm or beside it.
    pub(crate) fn named(&self, kind: &str, wanted: &str) -> Option<&Value> {
        self.objects.iter().chain(&self.manifests).find(|object| object["kind"] == kind && name(object) == wanted)
    }

    /// The texts in a Secret or a ConfigMap, by key.
    pub(crate) fn texts(&self, kind: &str, wanted: &str) -> Option<BTreeMap<String, String>> {
        let object = self.named(kind, wanted)?;
        let mut texts = BTreeMap::new();
        for (field, is_base64) in [("data", kind == "Secret"), ("binaryData", true), ("stringData", false)] {
            for (key, value) in object[field].as_object().into_iter().flatten() {
                let text = value.as_str().unwrap_or_default();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                let text = match bytes {
                    Ok(bytes) if is_base64 => String::from_utf8_lossy(&bytes).into_owned(),
                    Err(_) if is_base64 => format!("NO BASE64: {text}"),
                    _ => text.to_owned(),
                };
                texts.insert(key.clone(), text);
            }
        }
        Some(texts)
    }
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// Helm parts documents by a line of their own; charts have keys twice, of which Kubernetes takes the last.
fn documents(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    let text = format!("\n{text}\n");
    let mut found = Vec::new();
    for document in text.split("\n---\n") {
        if document.lines().all(|line| line.is_empty() || line.starts_with('#')) {
            continue;
        }
        let read: Value = serde_saphyr::from_str_with_options(document, options.clone())
            .map_err(|error| format!("no YAML: {error}\n{document}"))?;
        if !read.is_null() {
            found.push(read);
        }
    }
    Ok(found)
}

/// A program of the rig.
pub(crate) fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("RIG_BIN").map(PathBuf::from);
    folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/bin")).join(name)
}
