//! Documents that the chart hands on to Thanos: each is checked as Thanos reads it, and what is found is told by the lines
//! of the file.

use std::borrow::Cow;

use serde_json::Value;

use super::frame::Frame;
use super::text::Inner;
use super::tree::{Kind, Node, Tree};
use super::{Checker, Subject};
use crate::chart::names_of;
use crate::chart::part::{Component, ImagePart, Part};
use crate::chart::refused::is_given;
use crate::findings::codes;
use crate::findings::finding::{Code, Finding};
use crate::place::Position;
use crate::thanos::thanos_version::ThanosVersion;
use crate::thanos::{alertmanagers, objstore, rules};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// The configuration of an object store.
    Objstore,
    /// Rule groups.
    Rules,
    /// The Alertmanagers of a ruler.
    Alertmanagers,
    /// The configuration of an index cache.
    IndexCache,
    /// The configuration of a caching bucket.
    CachingBucket,
    /// The configuration of a query frontend's response cache.
    ResponseCache,
}

impl Document {
    /// What Thanos would say of the text: the findings, with places in the text itself.
    fn judged(self, text: &str, version: Option<ThanosVersion>) -> Vec<Finding> {
        match self {
            Self::Objstore => objstore::check_document("", text, version),
            Self::Rules => rules::check_document("", text),
            Self::Alertmanagers => alertmanagers::check_alertmanagers("", text),
            Self::IndexCache => objstore::check_index_cache("", text, version),
            Self::CachingBucket => objstore::check_caching_bucket("", text, version),
            Self::ResponseCache => objstore::check_response_cache("", text, version),
        }
    }
}

/// A document that a key holds where a version knows that key.
struct Held {
    path: &'static str,
    document: Document,
    /// The component that reads it; `None` where it is read whatever is on.
    reader: Option<Component>,
    /// The key that names a ConfigMap instead; empty when none does.
    unless: &'static str,
}

const fn held(path: &'static str, document: Document, reader: Component, unless: &'static str) -> Held {
    Held { path, document, reader: Some(reader), unless }
}

/// Where caches stand. bitnami/thanos hands `storegateway.config` over as `--index-cache.config-file`, and
/// `queryFrontend.config` as `--query-range.response-cache-config-file`.
const CACHES: [Held; 6] = [
    Held { path: "indexCacheConfig", document: Document::IndexCache, reader: None, unless: "" },
    Held { path: "bucketCacheConfig", document: Document::CachingBucket, reader: None, unless: "" },
    held("storegateway.config", Document::IndexCache, Component::Storegateway, "storegateway.existingConfigmap"),
    held("storegateway.cachingBucketConfig", Document::CachingBucket, Component::Storegateway, ""),
    held("queryFrontend.config", Document::ResponseCache, Component::QueryFrontend, "queryFrontend.existingConfigmap"),
    held("queryFrontend.cacheConfig", Document::ResponseCache, Component::QueryFrontend, ""),
];

/// What is said of one field, whatever stands beside it.
const OF_ONE_FIELD: [Code; 9] = [
    codes::OBJSTORE_UNKNOWN_TYPE,
    codes::OBJSTORE_UNKNOWN_FIELD,
    codes::OBJSTORE_IGNORED_FIELD,
    codes::OBJSTORE_OTHER_VERSION,
    codes::OBJSTORE_WRONG_VALUE,
    codes::OBJSTORE_BUCKET,
    codes::OBJSTORE_ENDPOINT,
    codes::OBJSTORE_DUPLICATE,
    codes::OBJSTORE_REWRITTEN,
];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let version = thanos_version(checker);
    for (document, path, is_templated) in places(&checker.subject) {
        if !is_read(checker, document, &path) {
            continue;
        }
        let names = names_of(&path);
        // Where files stand under their names, all of them are read.
        let is_file = document == Document::Rules && names.last().is_some_and(|name| name.contains('.'));
        if is_file {
            let above = names[..names.len() - 1].iter().map(String::as_str);
            let Some((_, node)) = checker.tree.find(checker.root, above) else { continue };
            let Kind::Mapping { entries, .. } = &node.kind else { continue };
            let known = checker.findings.len();
            for entry in entries {
                one(checker, document, checker.tree.node(entry.node), is_templated, version);
            }
            // A file is emptied to be rid of the chart's example; what counts is whether any of them holds rules.
            let is_empty = |finding: &Finding| finding.code == codes::NO_RULES;
            let empty = checker.findings[known..].iter().filter(|finding| is_empty(finding)).count();
            if empty < entries.len() {
                let mut own = checker.findings.split_off(known);
                own.retain(|finding| !is_empty(finding));
                checker.findings.extend(own);
            }
        } else if let Some(node) = checker.node(&path) {
            one(checker, document, node, is_templated, version);
        }
    }
}

/// Whether somebody reads a document: charts have examples in their defaults, of what is off.
fn is_read(checker: &Checker<'_, '_>, document: Document, path: &str) -> bool {
    let chart = checker.subject.chart;
    match document {
        // The chart makes no Secret of it beside one that exists.
        Document::Objstore if is_replaced_by(checker, "existingObjstoreSecret") => false,
        Document::Objstore => match chart.path(Part::ObjstoreCreated) {
            Some(path) => checker.value(&path).is_none() || is_given(&checker.values, &path),
            None => true,
        },
        Document::Rules | Document::Alertmanagers => checker.runs(Component::Ruler),
        Document::IndexCache | Document::CachingBucket | Document::ResponseCache => {
            let held = CACHES.iter().find(|held| held.path == path);
            held.is_none_or(|held| {
                held.reader.is_none_or(|reader| checker.runs(reader)) && !is_replaced_by(checker, held.unless)
            })
        }
    }
}

/// Whether the values themselves name what is read instead. What may be named elsewhere takes no document away.
fn is_replaced_by(checker: &Checker<'_, '_>, path: &str) -> bool {
    checker.node(path).is_some() && is_given(&checker.values, path)
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
    let caches = CACHES.iter().filter(|held| chart.catalog.knows(chart.version, held.path));
    places.extend(caches.map(|held| (held.document, held.path.to_owned(), true)));
    places
}

/// The version of Thanos that reads them; `None` when nobody knows.
pub(super) fn thanos_version(checker: &Checker<'_, '_>) -> Option<ThanosVersion> {
    let chart = checker.subject.chart;
    let path = chart.path(Part::Image(ImagePart::Tag))?;
    // With a digest the tag says nothing.
    if path.strip_suffix(".tag").is_some_and(|image| is_given(&checker.values, &format!("{image}.digest"))) {
        return None;
    }
    let tag = checker.value(&path).and_then(Value::as_str);
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
) {
    match &node.kind {
        Kind::Scalar(scalar) if !scalar.value.is_string() || scalar.text.trim().is_empty() => return,
        Kind::Mapping { entries, .. } if entries.is_empty() => return,
        Kind::List(_) => return,
        Kind::Scalar(_) | Kind::Mapping { .. } => {}
    }
    let Some(inner) = Inner::of(checker.tree, node, is_templated) else { return };
    // What Helm fills in may be more than a value.
    if !inner.is_whole() && Tree::read(Cow::Borrowed(&inner.text), Frame::file("")).is_err() {
        return;
    }
    // More of it may be set elsewhere: what is missing here, or has no partner, may be there.
    let is_open = checker.above.has_rest && matches!(node.kind, Kind::Mapping { .. });
    for mut finding in document.judged(&inner.text, version) {
        if is_open && !OF_ONE_FIELD.contains(&finding.code) {
            continue;
        }
        let spot = finding
            .place
            .as_ref()
            .map_or(Position::START, |place| Position { line: place.line.max(1), column: place.column.max(1) });
        if let Some(place) = inner.place(spot) {
            finding.place = Some(place);
            checker.findings.push(finding);
        }
    }
}
