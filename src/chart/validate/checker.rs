//! What all checks share: what is checked, what was found so far, and where things stand.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::tree::{Node, Tree};
use crate::chart::chart_version::Chart;
use crate::chart::edit::Wrapper;
use crate::chart::part::Component;
use crate::chart::refused::is_given;
use crate::chart::tree::{at, names_of};
use crate::findings::finding::{Code, Finding};
use crate::place::{Place, Position};
use crate::secret;

/// What a chart wants at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Something else, or nobody knows.
    Other,
}

/// What is known of the values besides what stands in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Above {
    /// Whether any key may be set elsewhere too.
    pub(super) has_rest: bool,
    /// The keys at the top of the values that the chart above it reads: a dependency's condition.
    pub(super) conditions: Vec<String>,
}

/// A check at work.
pub(super) struct Checker<'a, 't> {
    pub(super) subject: Subject<'a>,
    pub(super) tree: &'a Tree<'t>,
    pub(super) root: &'a Node,
    pub(super) values: Map<String, Value>,
    pub(super) findings: Vec<Finding>,
    pub(super) above: Above,
    /// Keys of which a check has said more than the catalogue can.
    pub(super) explained: HashSet<String>,
    /// Texts whose lines have lost their indentation.
    pub(super) lost: Vec<LostText>,
}

/// What values are checked against.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The chart, in its version.
    pub chart: &'a Chart,
    /// Where in a file the values are; `None` to find them by what the file says of itself.
    pub wrapper: Option<&'a Wrapper>,
    /// The name of the release; `None` when nobody told it.
    pub release: Option<&'a str>,
    /// Its namespace; `None` when nobody told it.
    pub namespace: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings, in no order.
    pub findings: Vec<Finding>,
    /// Where secrets stand: from a place up to another one of the same file.
    pub secrets: Vec<(Place, Place)>,
    /// What Helm reads; empty when it reads nothing.
    pub values: Map<String, Value>,
}

/// A text that has lost its lines.
#[derive(Debug)]
pub(super) struct LostText {
    /// The key of the text: the names that lead to it.
    pub(super) path: Vec<String>,
    /// The keys that are its lines, and where the first of them stands.
    pub(super) keys: Vec<String>,
    pub(super) spot: Position,
}

impl<'a> Checker<'a, '_> {
    /// Adds a finding, as bad as its kind is.
    pub(super) fn add(&mut self, code: Code, place: Place, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new(code, message);
        finding.place = Some(place);
        self.findings.push(finding);
        self.findings.last_mut().expect("it was just added")
    }

    /// Where the key at `path` stands, its names joined by dots; of one that is not there, the nearest key above it.
    pub(super) fn key(&self, path: &str) -> Place {
        let names: Vec<&str> = path.split('.').collect();
        let found =
            (1..=names.len()).rev().find_map(|length| self.tree.find(self.root, names[..length].iter().copied()));
        self.tree.place(found.map_or(self.root.spot, |(spot, _)| spot))
    }

    /// What stands at `path`, and where the value begins.
    pub(super) fn node(&self, path: &str) -> Option<&'a Node> {
        let names = names_of(path);
        let (_, node) = self.tree.find(self.root, names.iter().map(String::as_str))?;
        Some(node)
    }

    pub(super) fn value(&self, path: &str) -> Option<&Value> {
        at(&self.values, path)
    }

    /// Whether a component is on.
    pub(super) fn runs(&self, component: Component) -> bool {
        let chart = self.subject.chart;
        let Some(path) = chart.expand("$.enabled", Some(component)) else { return false };
        match self.value(&path) {
            Some(_) => is_given(&self.values, &path),
            None => chart.dialect.on_by_default.contains(&component),
        }
    }

    pub(super) fn is_secret(&self, path: &[String]) -> bool {
        is_secret(path)
    }

    /// A value for people; not a secret.
    pub(super) fn shown(&self, path: &[String], text: &str) -> String {
        if self.is_secret(path) { "this".to_owned() } else { format!("`{text}`") }
    }
}

/// Whether what stands at `path` is a secret, or a part of one.
pub(super) fn is_secret(path: &[String]) -> bool {
    path.iter().any(|name| secret::is_held_by(name))
}
