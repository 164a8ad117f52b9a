//! What is wrong in any values file, for one chart in one version, offline: one file for each family of findings.
//!
//! The file is parsed once, into a [`Tree`] that knows where everything stands; every check reads that. Whoever wrote the
//! file gets no false alarm: what is not known to be wrong is passed over.

mod alertmanagers;
mod components;
mod defects;
mod documents;
mod flags;
mod frame;
mod images;
mod keys;
mod kubernetes;
mod minio;
mod names;
pub mod rendered;
mod schema;
mod secrets;
mod stores;
mod syntax;
mod templates;
mod text;
mod tree;
mod words;

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::dialect::{Chart, Component};
use super::edit::Wrapper;
use super::refused::is_given;
use crate::document::Place;
use crate::failure::Failure;
use crate::model::codes;
use crate::model::finding::{Code, Finding};
use crate::yaml;

use frame::Frame;
use tree::{Kind, Node, Problem, Tree};

/// What a file is checked against.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The chart, in its version.
    pub chart: &'a Chart,
    /// Where in the file the values are; `None` to find them in an object of a kind that is known.
    pub wrapper: Option<&'a Wrapper>,
    /// The name of the release; `None` when nobody told it.
    pub release: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings, in no order.
    pub findings: Vec<Finding>,
    /// Where secrets stand: from one line and column up to others.
    pub secrets: Vec<((u64, u64), (u64, u64))>,
    /// What Helm reads; empty when it reads nothing.
    pub values: Map<String, Value>,
}

impl Subject<'_> {
    /// Checks the text of a file.
    ///
    /// # Errors
    /// When it is not known where in the file the values are.
    pub fn check(&self, file: &str, text: &str) -> Result<Checked, Failure> {
        self.with_values(file, text, |opened| match opened {
            Opened::Values(tree, root, findings) => self.check_values(tree, root, findings),
            Opened::Nothing(findings) => Checked { findings, ..Checked::default() },
        })
    }

    /// What of the values in a file did not arrive in `manifest`, which Helm rendered from them.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn check_rendered(&self, file: &str, text: &str, manifest: &str) -> Result<Vec<Finding>, Failure> {
        self.with_values(file, text, |opened| match opened {
            Opened::Values(tree, root, _) => {
                let mut checker = Checker::new(*self, tree, root, Vec::new());
                rendered::check(&mut checker, manifest);
                checker.findings
            }
            Opened::Nothing(_) => Vec::new(),
        })
    }

    /// The values in a file, as a file of their own that Helm takes; `None` when Helm could not read it.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn values_text(&self, file: &str, text: &str) -> Result<Option<String>, Failure> {
        self.with_values(file, text, |opened| match opened {
            Opened::Values(tree, root, _) if tree.root().is_some_and(|own| std::ptr::eq(own, root)) => {
                Some(tree.text.clone().into_owned())
            }
            Opened::Values(tree, root, _) => Some(yaml::document(&tree.value(root))),
            Opened::Nothing(findings) if findings.is_empty() => Some(String::new()),
            Opened::Nothing(_) => None,
        })
    }

    /// Finds the values in the text of a file.
    fn with_values<T>(&self, file: &str, text: &str, then: impl FnOnce(Opened<'_, '_>) -> T) -> Result<T, Failure> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let tree = match read(Cow::Borrowed(text), Frame::file(file)) {
            Ok(tree) => tree,
            Err(problem) => return Ok(then(Opened::Nothing(vec![broken(problem)]))),
        };
        let Some(root) = tree.root() else { return Ok(then(Opened::Nothing(Vec::new()))) };
        let wrapper = match self.wrapper {
            Some(wrapper) => Cow::Borrowed(wrapper),
            None => Cow::Owned(Wrapper::within(&head(&tree, root)).map_err(|ambiguous| {
                Failure::new(format!("{}: {}", tree.place(root.spot), ambiguous.message)).hint(ambiguous.hint)
            })?),
        };
        let mut findings = Vec::new();
        syntax::remarks(&tree, &mut findings);
        let names: Vec<String> = wrapper.names().collect();
        if names.is_empty() {
            return Ok(then(Opened::Values(&tree, root, findings)));
        }
        let Some((_, node)) = tree.find(root, names.iter().map(String::as_str)) else {
            return Err(Failure::new(format!("there is no `{wrapper}` in `{file}`"))
                .hint("--path leads to the mapping that holds `query:`"));
        };
        if !matches!(&node.kind, Kind::Scalar(scalar) if scalar.value.is_string()) {
            return Ok(then(Opened::Values(&tree, node, findings)));
        }
        // The values are a text of their own.
        let (inner, frame) = text::inner(&tree, node);
        match read(Cow::Borrowed(inner), frame) {
            Ok(inner) => {
                syntax::remarks(&inner, &mut findings);
                Ok(then(match inner.root() {
                    Some(root) => Opened::Values(&inner, root, findings),
                    None => Opened::Nothing(findings),
                }))
            }
            Err(problem) => Ok(then(Opened::Nothing(vec![broken(problem)]))),
        }
    }

    fn check_values(&self, tree: &Tree<'_>, root: &Node, findings: Vec<Finding>) -> Checked {
        let mut checker = Checker::new(*self, tree, root, findings);
        match &root.kind {
            Kind::Mapping { .. } => {}
            // Helm reads nothing for an empty mapping.
            Kind::Scalar(scalar) if scalar.value.is_null() => return checker.done(),
            Kind::Scalar(_) | Kind::List(_) => {
                let place = tree.place(root.spot);
                let what = if matches!(root.kind, Kind::List(_)) { "a list" } else { "a single text" };
                checker.add(codes::NO_MAPPING, place, format!("values are a mapping, and here stands {what}")).hint =
                    Some("write `key: value`, with a blank behind the colon".to_owned());
                return checker.done();
            }
        }
        syntax::check(&mut checker);
        flags::check(&mut checker);
        keys::check(&mut checker);
        components::check(&mut checker);
        defects::check(&mut checker);
        schema::check(&mut checker);
        stores::check(&mut checker);
        alertmanagers::check(&mut checker);
        words::check(&mut checker);
        kubernetes::check(&mut checker);
        images::check(&mut checker);
        minio::check(&mut checker);
        names::check(&mut checker);
        templates::check(&mut checker);
        documents::check(&mut checker);
        checker.done()
    }
}

/// The values in a file.
enum Opened<'o, 't> {
    /// Their tree, their root in it, and what is odd about the file.
    Values(&'o Tree<'t>, &'o Node, Vec<Finding>),
    /// There are none, or none that Helm could read.
    Nothing(Vec<Finding>),
}

fn read(text: Cow<'_, str>, frame: Frame) -> Result<Tree<'_>, Problem> {
    match syntax::refused(&text, &frame) {
        Some(problem) => Err(problem),
        None => Tree::read(text, frame),
    }
}

fn broken(problem: Problem) -> Finding {
    let mut finding = Finding::new(codes::BROKEN_YAML, problem.message);
    finding.place = Some(problem.place);
    finding.hint = Some(problem.hint.to_owned());
    finding
}

/// As much of a file as tells what kind of an object it is, and where its values are; nothing for plain values.
fn head(tree: &Tree<'_>, root: &Node) -> Value {
    if tree.entry(root, "kind").is_some() && tree.entry(root, "apiVersion").is_some() {
        tree.value(root)
    } else {
        Value::Null
    }
}

/// What a chart wants at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Something else, or nobody knows.
    Other,
}

/// A check at work.
struct Checker<'a, 't> {
    subject: Subject<'a>,
    tree: &'a Tree<'t>,
    root: &'a Node,
    values: Map<String, Value>,
    findings: Vec<Finding>,
}

impl<'a, 't> Checker<'a, 't> {
    fn new(subject: Subject<'a>, tree: &'a Tree<'t>, root: &'a Node, findings: Vec<Finding>) -> Self {
        let values = match tree.value(root) {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        Self { subject, tree, root, values, findings }
    }

    fn done(mut self) -> Checked {
        // Two checks may see one thing; the first one knows it best.
        let mut known = HashSet::new();
        self.findings.retain(|finding| match &finding.place {
            Some(place) => known.insert((finding.code, place.clone())),
            None => true,
        });
        let secrets = secrets::spans(&self);
        Checked { findings: self.findings, secrets, values: self.values }
    }

    /// Adds a finding, as bad as its kind is.
    fn add(&mut self, code: Code, place: Place, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new(code, message);
        finding.place = Some(place);
        self.findings.push(finding);
        self.findings.last_mut().expect("it was just added")
    }

    /// Where the key at `path` stands, its names joined by dots; of one that is not there, the nearest key above it.
    fn key(&self, path: &str) -> Place {
        let names: Vec<&str> = path.split('.').collect();
        let found =
            (1..=names.len()).rev().find_map(|length| self.tree.find(self.root, names[..length].iter().copied()));
        self.tree.place(found.map_or(self.root.spot, |(spot, _)| spot))
    }

    /// What stands at `path`, and where the value begins.
    fn node(&self, path: &str) -> Option<&'a Node> {
        let names = super::names_of(path);
        let (_, node) = self.tree.find(self.root, names.iter().map(String::as_str))?;
        Some(node)
    }

    fn value(&self, path: &str) -> Option<&Value> {
        super::at(&self.values, path)
    }

    /// Whether a component is on.
    fn runs(&self, component: Component) -> bool {
        let chart = self.subject.chart;
        let Some(path) = chart.expand("$.enabled", Some(component)) else { return false };
        match self.value(&path) {
            Some(_) => is_given(&self.values, &path),
            None => chart.dialect.on_by_default.contains(&component),
        }
    }

    fn is_secret(&self, path: &[String]) -> bool {
        secrets::is_secret(path)
    }

    /// A value for people; not a secret.
    fn shown(&self, path: &[String], text: &str) -> String {
        if self.is_secret(path) { "this".to_owned() } else { format!("`{text}`") }
    }

    fn wanted(&self, path: &[String]) -> Wanted {
        keys::wanted(self, path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(chart: &Chart, text: &str) -> Checked {
        Subject { chart, wrapper: None, release: Some("obs") }.check("f", text).unwrap_or_default()
    }

    #[test]
    fn what_grows_or_nests_without_end_is_told_and_not_followed() {
        let chart = Chart::find_known("bitnami/thanos", Some("17.3.1")).unwrap();
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
        for text in [bomb.as_str(), &deep, "a: &a {b: *a}"] {
            let checked = check(&chart, text);
            assert_eq!(checked.findings.len(), 1, "{:#?}", checked.findings);
            assert_eq!(checked.findings[0].code, codes::BROKEN_YAML);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9: \\-#{}\\[\\]&*!|>'\"%@`<~\n\t\r\u{85}\u{2028}\u{feff}é]{0,80}") {
            let chart = Chart::find_known("bitnami/thanos", Some("17.3.1")).unwrap();
            check(&chart, &text);
            check(&chart, &format!("objstoreConfig: |\n  {}\nruler: {{enabled: true, config: {}}}\n", text.replace('\n', "\n  "), text));
        }
    }
}
