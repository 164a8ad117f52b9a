//! The values of a release as Helm will read them: layers merged, what is set one by one put in, what is not known marked.

use std::borrow::Cow;

use serde_json::Value;

use super::frame::Frame;
use super::text;
use super::tree::{Kind, Precedence, Tree};
use super::{Subject, broken, read, replaced, syntax};
use crate::chart::installations::{Installation, Layer, Outside, Stream};
use crate::chart::placeholders::{Dollars, Fillers, holds_unknown, masked};
use crate::document::Position;
use crate::failure::Failure;
use crate::model::finding::Finding;

/// A file, and which of the releases in it is meant.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file.
    pub stream: &'a Stream,
    /// The release.
    pub installation: &'a Installation,
}

/// How a file is read of which nobody knows whether somebody fills it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nobody does.
    AsItStands,
    /// Somebody does.
    FilledIn,
}

/// What was opened.
pub(super) struct Opened {
    /// The values; `None` when there are none, or none that can be read.
    pub values: Option<Values>,
    /// What is odd about the files.
    pub findings: Vec<Finding>,
}

/// The values of a release.
pub(super) struct Values {
    /// All that stands in the files, and more.
    pub tree: Tree<'static>,
    /// The node that the chart gets.
    pub root: usize,
}

impl Opened {
    fn nothing(findings: Vec<Finding>) -> Self {
        Self { values: None, findings }
    }
}

/// Opens the layers of a release.
///
/// # Errors
/// When there is nothing where the values should be.
pub(super) fn open(subject: &Subject<'_>, sources: &[Source<'_>], reading: Reading) -> Result<Opened, Failure> {
    let (mut layers, mut findings) = (Vec::new(), Vec::new());
    for source in sources {
        for layer in &source.installation.layers {
            match one(source, layer, reading, &mut findings)? {
                Found::Values(values) => layers.push(*values),
                Found::Nothing => {}
                Found::Broken => return Ok(Opened::nothing(findings)),
            }
        }
    }
    let below: Vec<&str> =
        sources.first().map_or_else(Vec::new, |source| source.installation.below.iter().map(String::as_str).collect());
    replaced::check(subject, &layers, &below, &mut findings);
    let is_single = layers.len() == 1;
    let mut values = match layers.pop() {
        None => None,
        Some(only) if is_single => Some(only),
        Some(last) => {
            layers.push(last);
            let layers = layers.into_iter().map(|values| (values.tree, values.root)).collect();
            Tree::stacked(layers).map(|(tree, root)| Values { tree, root })
        }
    };
    for source in sources {
        values = set(source, values, reading)?;
    }
    let Some(values) = values else { return Ok(Opened::nothing(findings)) };
    if below.is_empty() {
        return Ok(Opened { values: Some(values), findings });
    }
    let is_named = sources.iter().all(|source| source.installation.chart.is_none());
    if is_named && values.tree.number(values.root, below.iter().copied()).is_none() {
        let files: Vec<&str> = sources.iter().map(|source| source.stream.name.as_str()).collect();
        return Err(absent(&below.join("."), &files.join("`, `")));
    }
    Ok(Opened { values: dependency(values, &below), findings })
}

/// What is at a place of a file.
enum Found {
    Values(Box<Values>),
    Nothing,
    Broken,
}

fn text_of(source: &Source<'_>, layer: &Layer, reading: Reading) -> Option<(String, Frame)> {
    let stream = source.stream.holder(layer)?;
    let part = stream.parts.get(layer.document)?;
    let fillers = match reading {
        Reading::FilledIn if stream.is_plain => Fillers { dollars: Dollars::Somebody, ..part.fillers },
        Reading::FilledIn | Reading::AsItStands => part.fillers,
    };
    let frame = Frame::file(&stream.name).shifted(part.first_line, 0);
    Some((masked(&part.text, fillers).into_owned(), frame))
}

fn one(source: &Source<'_>, layer: &Layer, reading: Reading, findings: &mut Vec<Finding>) -> Result<Found, Failure> {
    let Some((text, frame)) = text_of(source, layer, reading) else { return Ok(Found::Nothing) };
    let tree = match read(Cow::Owned(text), frame) {
        Ok(tree) => tree,
        Err(problem) => {
            findings.push(broken(problem));
            return Ok(Found::Broken);
        }
    };
    let Some(root) = tree.root_number() else { return Ok(Found::Nothing) };
    syntax::remarks(&tree, findings);
    let names: Vec<String> = layer.path.names().collect();
    let Some(node) = tree.number(root, names.iter().map(String::as_str)) else {
        return Err(absent(&layer.path.to_string(), &source.stream.name));
    };
    if names.is_empty() || !matches!(&tree.node(node).kind, Kind::Scalar(scalar) if scalar.value.is_string()) {
        return Ok(Found::Values(Box::new(Values { tree, root: node })));
    }
    // The values are a text of their own.
    let (inner, frame) = text::inner(&tree, tree.node(node));
    match read(Cow::Owned(inner.to_owned()), frame) {
        Ok(inner) => {
            syntax::remarks(&inner, findings);
            Ok(match inner.root_number() {
                Some(root) => Found::Values(Box::new(Values { tree: inner, root })),
                None => Found::Nothing,
            })
        }
        Err(problem) => {
            findings.push(broken(problem));
            Ok(Found::Broken)
        }
    }
}

fn absent(path: &str, file: &str) -> Failure {
    Failure::new(format!("there is no `{path}` in `{file}`")).hint("--path leads to the mapping that holds `query:`")
}

/// Puts in what is set one by one, and what is set elsewhere.
fn set(source: &Source<'_>, mut values: Option<Values>, reading: Reading) -> Result<Option<Values>, Failure> {
    for outside in &source.installation.outside {
        let (path, named, value, is_text, precedence) = match outside {
            Outside::Rest(_) => continue,
            Outside::Field { path, named } => (path, named, None, false, Precedence::Below),
            Outside::Set { path, named, value, is_text } => (path, named, value.as_ref(), *is_text, Precedence::Above),
        };
        let Some((text, frame)) = text_of(source, named, reading) else { continue };
        let Ok(tree) = read(Cow::Owned(text), frame) else { continue };
        let Some(root) = tree.root_number() else { continue };
        let at = |layer: &Layer| {
            let names: Vec<String> = layer.path.names().collect();
            tree.number(root, names.iter().map(String::as_str))
        };
        let Some(name) = at(named) else { continue };
        let spot = tree.node(name).spot;
        let given = value.and_then(at).and_then(|node| match &tree.node(node).kind {
            Kind::Scalar(scalar) => Some((scalar.text.clone(), tree.node(node).spot)),
            Kind::List(_) | Kind::Mapping { .. } => None,
        });
        // Its own tree may be another document of the file: the name and the value come along as a layer of their own.
        let mut added = tree;
        let (spot_of_value, scalar) = match given {
            Some((text, spot)) => (spot, Some((typed(&text, is_text), text))),
            None => (spot, None),
        };
        let node = match scalar {
            Some((value, text)) => added.add_scalar(spot_of_value, text, value),
            None => added.add_unknown(spot),
        };
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let empty = added.empty(spot);
        let layer = added.put(empty, &names, spot, node, precedence);
        let (below, above) = match (values.take(), precedence) {
            (None, _) => {
                values = Some(Values { tree: added, root: layer });
                continue;
            }
            (Some(values), Precedence::Above) => ((values.tree, values.root), (added, layer)),
            (Some(values), Precedence::Below) => ((added, layer), (values.tree, values.root)),
        };
        values = Tree::stacked(vec![below, above]).map(|(tree, root)| Values { tree, root });
    }
    Ok(values)
}

/// What `helm --set` makes of a text.
fn typed(text: &str, is_text: bool) -> Value {
    let is_number = || text.parse::<i64>().ok().filter(|number| number.to_string() == text);
    match text {
        _ if is_text || holds_unknown(text) => Value::String(text.to_owned()),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => is_number().map_or_else(|| Value::String(text.to_owned()), Value::from),
    }
}

/// The values that a dependency gets: its own, and `global` of who depends on it, which counts.
fn dependency(values: Values, below: &[&str]) -> Option<Values> {
    let Values { mut tree, root } = values;
    let own = tree.number(root, below.iter().copied());
    let global = tree.entry(tree.node(root), "global").map(|entry| (entry.spot, entry.node));
    let root = match (own, global) {
        (own, None) => own?,
        (Some(own), Some((spot, global))) => tree.put(own, &["global"], spot, global, Precedence::Above),
        (None, Some((spot, global))) => {
            let empty = tree.empty(Position::START);
            tree.put(empty, &["global"], spot, global, Precedence::Above)
        }
    };
    Some(Values { tree, root })
}
