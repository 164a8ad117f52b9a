//! Documents that the chart hands on to Thanos: each is checked as Thanos reads it, and what is found is told by the lines
//! of the file.

use std::borrow::Cow;

use super::frame::{Frame, Spot};
use super::syntax;
use super::text::Inner;
use super::tree::{Kind, Node, Tree};
use super::{Checker, Subject};
use crate::chart::dialect::{ImagePart, Part};
use crate::chart::names_of;
use crate::model::codes;
use crate::model::finding::Finding;
use crate::model::thanos_version::ThanosVersion;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// The configuration of an object store.
    Objstore,
    /// Rule groups.
    Rules,
    /// The Alertmanagers of a ruler.
    Alertmanagers,
    /// The configuration of a cache.
    Cache,
}

/// Where caches stand, in the charts that have them.
const CACHES: [&str; 2] = ["indexCacheConfig", "bucketCacheConfig"];

/// What Thanos would say of a document: the findings, with places in the document itself.
pub(super) type Judge = fn(Document, &str, Option<ThanosVersion>) -> Vec<Finding>;

pub(super) fn check(checker: &mut Checker<'_, '_>, judge: Judge) {
    let version = thanos_version(checker);
    for (document, path, is_templated) in places(&checker.subject) {
        let names = names_of(&path);
        // Where files stand under their names, all of them are read.
        let is_file = document == Document::Rules && names.last().is_some_and(|name| name.contains('.'));
        if is_file {
            let above = names[..names.len() - 1].iter().map(String::as_str);
            let Some((_, node)) = checker.tree.find(checker.root, above) else { continue };
            let Kind::Mapping { entries, .. } = &node.kind else { continue };
            for entry in entries {
                one(checker, document, checker.tree.node(entry.node), is_templated, version, judge);
            }
        } else if let Some(node) = checker.node(&path) {
            one(checker, document, node, is_templated, version, judge);
        }
    }
}

/// The documents that values of this chart may hold: what each is, where, and whether Helm runs it through `tpl`.
pub(super) fn places(subject: &Subject<'_>) -> Vec<(Document, String, bool)> {
    let chart = subject.chart;
    let known = [
        (Document::Objstore, Part::ObjstoreText),
        (Document::Rules, Part::Rules),
        (Document::Alertmanagers, Part::AlertmanagersConfig),
    ];
    let mut places = Vec::new();
    for (document, part) in known {
        if let (Some(row), Some(path)) = (chart.row(part), chart.path(part)) {
            places.push((document, path, row.templated.is_some_and(|span| span.holds(chart.version))));
        }
    }
    let caches = CACHES.iter().filter(|path| chart.catalog.knows(chart.version, path));
    places.extend(caches.map(|path| (Document::Cache, (*path).to_owned(), true)));
    places
}

/// The version of Thanos that reads them; `None` when nobody knows.
fn thanos_version(checker: &Checker<'_, '_>) -> Option<ThanosVersion> {
    let chart = checker.subject.chart;
    let tag = chart.path(Part::Image(ImagePart::Tag)).and_then(|path| checker.value(&path)?.as_str());
    match tag.filter(|tag| !tag.is_empty()) {
        Some(tag) => ThanosVersion::of_tag(tag),
        None => chart.thanos_version(),
    }
}

fn one(
    checker: &mut Checker<'_, '_>,
    document: Document,
    node: &Node,
    is_templated: bool,
    version: Option<ThanosVersion>,
    judge: Judge,
) {
    match &node.kind {
        Kind::Scalar(scalar) if !scalar.value.is_string() || scalar.text.trim().is_empty() => return,
        Kind::Mapping { entries, .. } if entries.is_empty() => return,
        Kind::List(_) => return,
        Kind::Scalar(_) | Kind::Mapping { .. } => {}
    }
    let Some(inner) = Inner::of(checker.tree, node, is_templated) else { return };
    let spot = |finding: &Finding| {
        finding
            .place
            .as_ref()
            .map_or(Spot::START, |place| Spot { line: place.line.max(1), column: place.column.max(1) })
    };
    let mut found = judge(document, &inner.text, version);
    if found.is_empty() && !inner.is_whole() {
        return;
    }
    // What is no YAML is told by who knows the document; of caches nobody does.
    if document == Document::Cache {
        found.extend(unreadable(&inner.text));
    }
    for mut finding in found {
        if let Some(place) = inner.place(spot(&finding)) {
            finding.place = Some(place);
            checker.findings.push(finding);
        }
    }
}

/// Why a text is no YAML.
fn unreadable(text: &str) -> Option<Finding> {
    let frame = Frame::file("");
    let problem = syntax::refused(text, &frame).or_else(|| Tree::read(Cow::Borrowed(text), frame).err())?;
    let mut finding = Finding::new(codes::BROKEN_YAML, problem.message);
    finding.place = Some(problem.place);
    finding.hint = Some(problem.hint.to_owned());
    Some(finding)
}
