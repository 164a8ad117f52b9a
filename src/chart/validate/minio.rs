//! The bundled MinIO: its credentials, its name, and whether the object store knows both.

use std::borrow::Cow;

use serde_json::Value;

use super::Checker;
use super::frame::Frame;
use super::text::Inner;
use super::tree::{Kind, Tree};
use crate::chart::part::{Component, Part};
use crate::chart::refused::is_given;
use crate::chart::tpl;
use crate::chart::version::{Span, Version};
use crate::findings::codes;
use crate::findings::finding::Severity;
use crate::place::Position;

/// The helper that gives MinIO another name than its Service has, unless the release is called as it expects.
const HELPER: &str = "thanos.minio.fullname";
const WRONG_NAME: Span = Span::from(Version(3, 3, 0));

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let Some(key) = chart.key(Component::Minio) else { return };
    if !is_given(&checker.values, &format!("{key}.enabled")) {
        return;
    }
    password(checker, key);
    name(checker);
    credentials(checker);
}

fn password(checker: &mut Checker<'_, '_>, key: &str) {
    let chart = checker.subject.chart;
    let known = [Part::RootPassword, Part::RootSecret].map(|part| chart.path(part));
    if known.iter().flatten().any(|path| is_given(&checker.values, path)) {
        return;
    }
    let place = checker.key(&format!("{key}.enabled"));
    let wanted = known.iter().flatten().map(|path| format!("`{path}`")).collect::<Vec<_>>();
    let message = "no key that this version reads gives MinIO's password, so another one is made up each time";
    checker.add(codes::RANDOM_PASSWORD, place, message).hint = Some(format!("set {}", wanted.join(" or ")));
}

fn name(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let Some(path) = chart.path(Part::ObjstoreText).filter(|_| WRONG_NAME.holds(chart.version)) else { return };
    let Some(node) = checker.node(&path) else { return };
    let Kind::Scalar(scalar) = &node.kind else { return };
    let Some(at) = scalar.text.find(HELPER) else { return };
    let is_right = |release: &str| release.contains("thanos") && !is_given(&checker.values, "fullnameOverride");
    if checker.subject.release.is_some_and(is_right) {
        return;
    }
    let (text, frame) = super::text::inner(checker.tree, node);
    let place = frame.place(Position::within(text, at));
    let is_known = checker.subject.release.is_some();
    let message = match checker.subject.release {
        Some(release) => {
            format!("`{HELPER}` gives another name than the Service of MinIO has in the release `{release}`")
        }
        None => format!("`{HELPER}` gives the name of MinIO's Service only if the release's name holds `thanos`"),
    };
    let finding = checker.add(codes::MINIO_NAME, place, message);
    finding.hint = Some("write {{ .Release.Name }}-minio for it".to_owned());
    if is_known {
        finding.severity = Severity::Error;
    }
}

/// What the object store would tell MinIO against what MinIO is given.
fn credentials(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let paths = [(Part::RootUser, "access_key"), (Part::RootPassword, "secret_key")];
    let Some(path) = chart.path(Part::ObjstoreText) else { return };
    let Some(node) = checker.node(&path) else { return };
    let Some(document) = Inner::of(checker.tree, node, true) else { return };
    let Ok(tree) = Tree::read(Cow::Borrowed(&document.text), Frame::file("")) else { return };
    let Some(root) = tree.root() else { return };
    let text = |name: &str| match tree.find(root, ["config", name]) {
        Some((_, node)) => match &node.kind {
            Kind::Scalar(scalar) => Some((scalar.text.clone(), node.spot)),
            Kind::List(_) | Kind::Mapping { .. } => None,
        },
        None => None,
    };
    // Filled in by Helm, the name of the release stands in it.
    let is_minio = text("endpoint").is_some_and(|(endpoint, _)| {
        let host = endpoint.split([':', '.']).next().unwrap_or_default().to_owned();
        host.ends_with("minio") || host.chars().all(|character| character == 'x')
    });
    let secret = checker.value("minio.auth.existingSecret").or_else(|| checker.value("minio.existingSecret"));
    if !is_minio || secret.is_some_and(|secret| secret.as_str().is_some_and(|name| !name.is_empty())) {
        return;
    }
    let mut found = Vec::new();
    for (part, name) in paths {
        let Some(path) = chart.path(part) else { continue };
        let is_templated = chart.row(part).and_then(|row| row.templated).is_some_and(|span| span.holds(chart.version));
        let given = match checker.value(&path) {
            Some(Value::String(text)) if is_templated && text.contains("{{") => match tpl::unescape(text) {
                Some(text) => text,
                None => continue,
            },
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            None if part == Part::RootUser && path.ends_with("auth.rootUser") => "admin".to_owned(),
            _ => continue,
        };
        let Some((told, spot)) = text(name) else { continue };
        if let Some(place) = document.place(spot).filter(|_| told != given) {
            found.push((place, format!("`{name}` is not what `{path}` gives MinIO")));
        }
    }
    for (place, message) in found {
        checker.add(codes::CREDENTIALS_DIFFER, place, message).hint = Some("let both be the same".to_owned());
    }
}
