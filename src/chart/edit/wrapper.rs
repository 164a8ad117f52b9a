//! Where in a file the values stand: at its top, below a key of an umbrella chart, or in an object of a GitOps tool.

use std::fmt;

use serde_json::Value;

use super::document::{Document, Kind, Node};
use super::plan::Slot;
use super::refusal::{check, check_key};
use crate::document::DocumentError;
use crate::failure::Failure;
use crate::text::{nearest, shell_word};

/// The way to the values in a file, printed as it is typed: `thanos`, `spec.sources[1].helm.valuesObject`,
/// `data["values.yaml"]`. Where it leads to a text (`|`), the values are what that text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrapper(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Why it is not known where in an object the values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// What is the matter.
    pub message: String,
    /// How to say it.
    pub hint: String,
}

impl fmt::Display for Wrapper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(out, "[{index}]")?,
                Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '"']) => write!(out, "[\"{key}\"]")?,
                Step::Key(key) if at == 0 => out.write_str(key)?,
                Step::Key(key) => write!(out, ".{key}")?,
            }
        }
        Ok(())
    }
}

impl Wrapper {
    /// Reads a path.
    ///
    /// # Errors
    /// When it has an empty name, or brackets that hold neither a number nor a key in quotes.
    pub fn parse(path: &str) -> Result<Self, Failure> {
        let broken = || {
            Failure::new(format!("`{path}` is no path to values"))
                .hint("write the keys with dots between, such as thanos, spec.sources[1].helm.valuesObject or data[\"values.yaml\"]")
        };
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix("[\"") {
                let (key, behind) = inside.split_once("\"]").ok_or_else(broken)?;
                steps.push(Step::Key(key.to_owned()));
                rest = behind;
            } else if let Some(inside) = rest.strip_prefix('[') {
                let (index, behind) = inside.split_once(']').ok_or_else(broken)?;
                steps.push(Step::Index(index.parse().map_err(|_| broken())?));
                rest = behind;
            } else {
                let name = if steps.is_empty() { rest } else { rest.strip_prefix('.').ok_or_else(broken)? };
                let end = name.find(['.', '[']).unwrap_or(name.len());
                if end == 0 {
                    return Err(broken());
                }
                steps.push(Step::Key(name[..end].to_owned()));
                rest = &name[end..];
            }
        }
        if steps.is_empty() { Err(broken()) } else { Ok(Self(steps)) }
    }

    /// Where the values are in a file of this kind: those of a Flux `HelmRelease`, of an Argo CD `Application` and of
    /// a `ConfigMap` are known; in everything else they are the document itself.
    ///
    /// # Errors
    /// When an object of these has no values, or several.
    pub fn detect(document: &Document) -> Result<Self, DocumentError> {
        let begin = document.root.range.start;
        Self::within(document.tree()).map_err(|ambiguous| document.error(begin, ambiguous.message, &ambiguous.hint))
    }

    /// The same, of what Helm would read from the file.
    ///
    /// # Errors
    /// As [`Wrapper::detect`].
    pub fn within(tree: &Value) -> Result<Self, Ambiguous> {
        let text = |name: &str| tree.get(name).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        let found: Vec<Self> = match (group, text("kind")) {
            ("helm.toolkit.fluxcd.io", "HelmRelease") => keys(tree, "", &["spec", "values"]).into_iter().collect(),
            ("argoproj.io", "Application") => applications(tree),
            ("", "ConfigMap") => config_map(tree),
            _ => return Ok(Self::default()),
        };
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => {
                let hint =
                    "values that stand in another file are changed there; else add `values: {}` where they belong";
                Err(Ambiguous { message: format!("this {} has no values", text("kind")), hint: hint.to_owned() })
            }
            [first, ..] => {
                let hint = format!("say which are meant, such as --path {}", shell_word(&first.to_string()));
                Err(Ambiguous { message: format!("this {} has values in several places", text("kind")), hint })
            }
        }
    }

    /// Whether it leads through `other`.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The keys, and the numbers of items, that lead to the values.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        })
    }

    /// What stands at the path.
    pub(super) fn resolve<'d>(&self, document: &'d Document) -> Result<Resolved<'d>, DocumentError> {
        let mut resolved = Resolved { node: &document.root, slot: None };
        for (at, step) in self.0.iter().enumerate() {
            resolved = match (step, &resolved.node.kind) {
                (Step::Key(name), Kind::Mapping { is_flow, entries }) => {
                    let entry = entries.iter().find(|entry| entry.key.as_ref() == Some(name));
                    entry.map(|entry| Resolved { node: &entry.node, slot: Some(Slot { entry, is_flow: *is_flow }) })
                }
                (Step::Index(index), Kind::List { items, .. }) => {
                    items.get(*index).map(|item| Resolved { node: &item.node, slot: None })
                }
                _ => None,
            }
            .ok_or_else(|| missing(document, resolved.node, &Self(self.0[..=at].to_vec())))?;
        }
        Ok(resolved)
    }

    /// Refuses a way to the values on which they belong to other places too.
    pub(super) fn check(&self, document: &Document) -> Result<(), DocumentError> {
        for length in 0..=self.0.len() {
            let way = Self(self.0[..length].to_vec());
            let resolved = way.resolve(document)?;
            if let Some(slot) = resolved.slot {
                check_key(document, slot.entry, &way.to_string())?;
            }
            check(document, resolved.node, &way.to_string())?;
        }
        Ok(())
    }

    /// The same in what Helm reads; nothing where the path leads nowhere.
    pub(super) fn enter<'t>(&self, tree: &'t mut Value) -> Option<&'t mut Value> {
        self.0.iter().try_fold(tree, |tree, step| match step {
            Step::Key(key) => tree.get_mut(key),
            Step::Index(index) => tree.get_mut(index),
        })
    }
}

/// A node of a document, and the entry that holds it, when one does.
pub(super) struct Resolved<'d> {
    pub node: &'d Node,
    pub slot: Option<Slot<'d>>,
}

fn missing(document: &Document, node: &Node, path: &Wrapper) -> DocumentError {
    let names = match &node.kind {
        Kind::Mapping { entries, .. } => entries.iter().filter_map(|entry| entry.key.as_deref()).collect(),
        _ => Vec::new(),
    };
    let near = match path.0.last() {
        Some(Step::Key(name)) => nearest(name, names),
        Some(Step::Index(_)) | None => None,
    };
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the path leads to the mapping that holds `query:`; add it to the file, if it is to be new".to_owned(),
    };
    document.error(node.range.start, format!("there is no `{path}`"), &hint)
}

/// The path of `names` below `lead`, when the tree has it.
fn keys(tree: &Value, lead: &str, names: &[&str]) -> Option<Wrapper> {
    names.iter().try_fold(tree, |tree, name| tree.get(name))?;
    let mut steps = if lead.is_empty() { Vec::new() } else { Wrapper::parse(lead).ok()?.0 };
    steps.extend(names.iter().map(|name| Step::Key((*name).to_owned())));
    Some(Wrapper(steps))
}

/// The values of an Argo CD Application: `valuesObject` counts where `values` is there as well.
fn applications(tree: &Value) -> Vec<Wrapper> {
    let spec = tree.get("spec").unwrap_or(&Value::Null);
    let of = |source: &Value, lead: &str| {
        keys(source, lead, &["helm", "valuesObject"]).or_else(|| keys(source, lead, &["helm", "values"]))
    };
    let sources = spec.get("sources").and_then(Value::as_array).into_iter().flatten().enumerate();
    let sources = sources.map(|(index, source)| (format!("spec.sources[{index}]"), source));
    let source = spec.get("source").map(|source| ("spec.source".to_owned(), source));
    // Where there are `sources`, Argo CD does not look at `source`.
    let mut all: Vec<_> = sources.collect();
    if all.is_empty() {
        all.extend(source);
    }
    all.iter().filter_map(|(lead, source)| of(source, lead)).collect()
}

/// `data["values.yaml"]`, where Flux looks unless it is told otherwise; else the one YAML file that there is.
fn config_map(tree: &Value) -> Vec<Wrapper> {
    if let Some(usual) = keys(tree, "", &["data", "values.yaml"]) {
        return vec![usual];
    }
    let data = tree.get("data").and_then(Value::as_object).into_iter().flatten();
    let files = data.filter(|(name, _)| name.ends_with(".yaml") || name.ends_with(".yml"));
    files.filter_map(|(name, _)| keys(tree, "", &["data", name])).collect()
}
