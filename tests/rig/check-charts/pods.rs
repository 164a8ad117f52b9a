//! The pods of a workload, as the kubelet would start them: their arguments, and what they read in a file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rendered::{Rendered, name};

/// A workload, with the objects that its pods may mount.
#[derive(Clone, Copy)]
pub(crate) struct Workload<'a> {
    pub object: &'a Value,
    rendered: &'a Rendered,
}

impl<'a> Workload<'a> {
    /// All that start pods and run on.
    pub(crate) fn all(rendered: &'a Rendered) -> Vec<Self> {
        let is_one = |object: &&Value| matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet"));
        rendered.objects.iter().filter(is_one).map(|object| Self { object, rendered }).collect()
    }

    pub(crate) fn new(object: &'a Value, rendered: &'a Rendered) -> Self {
        Self { object, rendered }
    }

    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.object["kind"].as_str().unwrap_or_default(), name(self.object))
    }

    pub(crate) fn pod(&self) -> &'a Value {
        &self.object["spec"]["template"]["spec"]
    }

    /// Its containers; the first is the one that it is for.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Value> {
        list(&self.pod()["containers"])
    }

    pub(crate) fn container(&self) -> &'a Value {
        &self.pod()["containers"][0]
    }

    /// The arguments of the first container, with its variables put in as Kubernetes does.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let variables = self.variables();
        let expand = |text: &str| {
            variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("$({name})"), value))
        };
        list(&self.container()["args"]).map(|argument| expand(&as_text(argument))).collect()
    }

    /// What stands behind `--NAME=`, in order.
    pub(crate) fn flag(&self, flag: &str) -> Vec<String> {
        let start = format!("--{flag}=");
        self.arguments().iter().filter_map(|argument| argument.strip_prefix(&start)).map(str::to_owned).collect()
    }

    /// The variables of the first container that have a value which can be known.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        for variable in list(&self.container()["env"]) {
            let from = &variable["valueFrom"];
            let value = match (from["secretKeyRef"].as_object(), from["configMapKeyRef"].as_object()) {
                _ if variable["value"].is_string() => Some(as_text(&variable["value"])),
                (Some(_), _) => self.key("Secret", &from["secretKeyRef"]),
                (_, Some(_)) => self.key("ConfigMap", &from["configMapKeyRef"]),
                _ => None,
            };
            variables.extend(value.map(|value| (as_text(&variable["name"]), value)));
        }
        variables
    }

    fn key(&self, kind: &str, reference: &Value) -> Option<String> {
        self.rendered.texts(kind, reference["name"].as_str()?)?.remove(reference["key"].as_str()?)
    }

    /// What the first container reads in `path`: a file, or all files of a folder that a pattern such as `/conf/*.yml`
    /// names.
    pub(crate) fn files(&self, path: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut is_mounted = false;
        for mount in list(&self.container()["volumeMounts"]) {
            let at = as_text(&mount["mountPath"]);
            let sub_path = mount["subPath"].as_str().filter(|path| !path.is_empty());
            let Some(below) = path.strip_prefix(at.trim_end_matches('/')) else { continue };
            let wanted = match (below, sub_path) {
                ("", Some(file)) => file,
                (below, None) if below.starts_with('/') => &below[1..],
                _ => continue,
            };
            is_mounted = true;
            let volume = as_text(&mount["name"]);
            for (file, text) in self.volume(&volume)? {
                if matches(wanted, &file) {
                    found.push(text);
                }
            }
        }
        match (found.is_empty(), is_mounted) {
            (false, _) => Ok(found),
            // A pattern of which there is nothing yet.
            (true, true) if path.contains('*') => Ok(found),
            (true, true) => Err(format!("{}: no file {path} in what is mounted there", self.title())),
            (true, false) => Err(format!("{}: nothing is mounted for {path}", self.title())),
        }
    }

    /// The files of a volume of ConfigMaps and Secrets; none for one of another kind.
    fn volume(&self, wanted: &str) -> Result<BTreeMap<String, String>, String> {
        let volume = list(&self.pod()["volumes"]).find(|volume| volume["name"] == wanted);
        let volume = match volume {
            Some(volume) => volume,
            None if list(&self.object["spec"]["volumeClaimTemplates"]).any(|claim| name(claim) == wanted) => {
                return Ok(BTreeMap::new());
            }
            None => return Err(format!("{}: mounts the volume {wanted}, which is not there", self.title())),
        };
        let sources = list(&volume["projected"]["sources"]);
        let mut files = BTreeMap::new();
        for source in std::iter::once(volume).chain(sources) {
            for (kind, field, key) in
                [("Secret", "secret", "secretName"), ("Secret", "secret", "name"), ("ConfigMap", "configMap", "name")]
            {
                let Some(object) = source[field][key].as_str() else { continue };
                let is_optional = source[field]["optional"] == true;
                match self.rendered.texts(kind, object) {
                    Some(texts) => files.extend(self.items(&source[field]["items"], texts, object)?),
                    None if is_optional => {}
                    None => return Err(format!("{}: mounts the {kind} {object}, which is not there", self.title())),
                }
            }
        }
        Ok(files)
    }

    fn items(
        &self,
        items: &Value,
        mut texts: BTreeMap<String, String>,
        object: &str,
    ) -> Result<BTreeMap<String, String>, String> {
        let Some(items) = items.as_array() else { return Ok(texts) };
        let mut files = BTreeMap::new();
        for item in items {
            let key = as_text(&item["key"]);
            let text = texts.remove(&key);
            let text = text.ok_or_else(|| format!("{}: mounts no key {key} of {object}", self.title()))?;
            files.insert(as_text(&item["path"]), text);
        }
        Ok(files)
    }

    /// What the kubelet would wait for in vain: volumes, Secrets, ConfigMaps and keys that are not there.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let volumes = list(&self.pod()["volumes"]).map(|volume| as_text(&volume["name"]));
        missing.extend(volumes.filter_map(|volume| self.volume(&volume).err()));
        for container in self.containers().chain(list(&self.pod()["initContainers"])) {
            let mounts = list(&container["volumeMounts"]).map(|mount| as_text(&mount["name"]));
            missing.extend(mounts.filter_map(|volume| self.volume(&volume).err()));
            for variable in list(&container["env"]) {
                for (kind, field) in [("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")] {
                    let reference = &variable["valueFrom"][field];
                    let is_wanted = reference.is_object() && reference["optional"] != true;
                    if is_wanted && self.key(kind, reference).is_none() {
                        missing.push(format!("{}: no {kind} for {}: {reference}", self.title(), variable["name"]));
                    }
                }
            }
            for source in list(&container["envFrom"]) {
                for (kind, field) in [("Secret", "secretRef"), ("ConfigMap", "configMapRef")] {
                    let object = source[field]["name"].as_str();
                    if object.is_some_and(|object| self.rendered.named(kind, object).is_none()) {
                        missing.push(format!("{}: no {kind} {}", self.title(), source[field]["name"]));
                    }
                }
            }
        }
        missing.sort();
        missing.dedup();
        missing
    }
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether `file` is `wanted`, in which one `*` may stand.
fn matches(wanted: &str, file: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == file,
        Some((before, after)) => {
            file.len() >= before.len() + after.len() && file.starts_with(before) && file.ends_with(after)
        }
    }
}
