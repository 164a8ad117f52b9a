//! The values of a release as Helm will read them: layers merged, what is set one by one put in, what is not known marked.

use std::borrow::Cow;

use serde_json::Value;

use super::checker::Subject;
use super::frame::Frame;
use super::replaced;
use super::syntax::{self, broken};
use super::text;
use super::tree::{Kind, Precedence, Tree};
use crate::chart::installations::{Holder, Layer, Outside, Source};
use crate::chart::placeholders::{Dollars, Fillers, holds_unknown, masked};
use crate::failure::Failure;
use crate::findings::finding::Finding;
use crate::place::Position;

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
    let tree = match Tree::read(Cow::Owned(text), frame) {
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
    match Tree::read(Cow::Owned(inner.to_owned()), frame) {
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
fn set(source: &Source<'_>, values: Option<Values>, reading: Reading) -> Result<Option<Values>, Failure> {
    let (mut below, mut above): (Vec<Named>, Vec<Named>) = (Vec::new(), Vec::new());
    for outside in &source.installation.outside {
        let (path, named, value, is_text, layers) = match outside {
            Outside::Rest(_) => continue,
            Outside::Field { path, named } => (path, named, None, false, &mut below),
            Outside::Set { path, named, value, is_text } => (path, named, value.as_ref(), *is_text, &mut above),
        };
        let document = (&named.holder, named.document);
        if layers.last().is_none_or(|last| last.document != document) {
            let Some((text, frame)) = text_of(source, named, reading) else { continue };
            let Ok(mut tree) = Tree::read(Cow::Owned(text), frame) else { continue };
            let Some(root) = tree.root_number() else { continue };
            let values = tree.empty(Position::START);
            layers.push(Named { document, tree, root, values });
        }
        let Some(layer) = layers.last_mut() else { continue };
        let precedence = if value.is_some() || matches!(outside, Outside::Set { .. }) {
            Precedence::Above
        } else {
            Precedence::Below
        };
        layer.set(path, named, value.map(|value| (value, is_text)), precedence);
    }
    // Of fields the first counts, of what is set the last.
    below.reverse();
    let layers = below.into_iter().map(Named::values);
    let layers: Vec<Values> = layers.chain(values).chain(above.into_iter().map(Named::values)).collect();
    if layers.len() < 2 {
        return Ok(layers.into_iter().next());
    }
    let layers = layers.into_iter().map(|values| (values.tree, values.root)).collect();
    Ok(Tree::stacked(layers).map(|(tree, root)| Values { tree, root }))
}

/// A document that names keys and perhaps values: what it sets comes along as a layer of its own, since it may be another
/// one than that of the values.
struct Named<'s> {
    document: (&'s Holder, usize),
    tree: Tree<'static>,
    root: usize,
    /// What is set so far.
    values: usize,
}

impl Named<'_> {
    /// Sets the key at `path`, which stands at `named`.
    fn set(&mut self, path: &[String], named: &Layer, value: Option<(&Layer, bool)>, precedence: Precedence) {
        let at = |layer: &Layer| {
            let names: Vec<String> = layer.path.names().collect();
            self.tree.number(self.root, names.iter().map(String::as_str))
        };
        let Some(name) = at(named) else { return };
        let spot = self.tree.node(name).spot;
        let given = value.and_then(|(layer, is_text)| match &self.tree.node(at(layer)?).kind {
            Kind::Scalar(scalar) => Some((scalar.text.clone(), self.tree.node(at(layer)?).spot, is_text)),
            Kind::List(_) | Kind::Mapping { .. } => None,
        });
        let node = match given {
            Some((text, spot, is_text)) => {
                let value = typed(&text, is_text);
                self.tree.add_scalar(spot, text, value)
            }
            None => self.tree.add_unknown(spot),
        };
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        self.tree.insert(self.values, &names, spot, node, precedence);
    }

    fn values(self) -> Values {
        Values { tree: self.tree, root: self.values }
    }
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
