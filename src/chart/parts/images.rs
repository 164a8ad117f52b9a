//! The images of a release: those that moved, that of the settings, those that are gone, and which of them the chart takes.

use serde_json::{Map, Value, json};

use super::given::{own, some_list};
use crate::chart::layout::Written;
use crate::chart::part::{Component, ImagePart};
use crate::chart::quirks::{ImageCheck, LostImage, When};
use crate::chart::release::Release;
use crate::chart::{at, merge, names_of};
use crate::settings::thanos::Thanos;

/// A part of the name of the settings' image.
pub(super) fn named(thanos: &Thanos, part: ImagePart) -> Option<Written> {
    image(thanos, part).map(own)
}

/// Whether images may run that the chart does not know: only where it would refuse one.
pub(super) fn insecure(release: &Release<'_>) -> Option<Written> {
    has_refused_images(release).then(|| own(true))
}

/// A part of the name of the settings' image; `None` leaves it as it is.
fn image(thanos: &Thanos, part: ImagePart) -> Option<String> {
    let image = thanos.image.as_ref()?;
    match part {
        ImagePart::Registry => image.registry.clone(),
        ImagePart::Repository => image.repository.clone(),
        ImagePart::Tag => image.tag.clone(),
        ImagePart::Whole if image.registry.is_none() && image.repository.is_none() => None,
        ImagePart::Whole => {
            let registry = image.registry.as_deref().unwrap_or("quay.io");
            Some(format!("{registry}/{}", image.repository.as_deref().unwrap_or("thanos/thanos")))
        }
    }
}

pub(super) fn pull_secrets(thanos: &Thanos, item: impl Fn(&String) -> Value) -> Option<Written> {
    let names = thanos.image.as_ref().map(|image| &image.pull_secrets)?;
    some_list(names.iter().map(item))
}

/// The images to write as a tree of values: those that moved, and that of the settings. Empty where none moved.
pub(in crate::chart) fn images(release: &Release<'_>) -> Map<String, Value> {
    let (thanos, chart) = (release.thanos, &release.chart);
    if chart.dialect.moved_images.is_empty() {
        return Map::new();
    }
    let mut tree = Map::from_iter([("image".to_owned(), json!({"registry": "docker.io"}))]);
    for row in chart.dialect.moved_images {
        let runs = match row.when {
            When::Always => true,
            When::On(component) => release.is_on(component),
            When::True(path) => at(&thanos.values, path) == Some(&Value::Bool(true)),
        };
        if runs && chart.catalog.knows(chart.version, row.path) {
            put(&mut tree, row.path, json!({"repository": row.repository}));
        }
    }
    let parts = [(ImagePart::Registry, "registry"), (ImagePart::Repository, "repository"), (ImagePart::Tag, "tag")];
    for (part, name) in parts {
        if let Some(text) = image(thanos, part) {
            put(&mut tree, "image", json!({ name: text }));
        }
    }
    tree
}

fn put(tree: &mut Map<String, Value>, path: &str, leaf: Value) {
    let nested = names_of(path).into_iter().rev().fold(leaf, |below, name| json!({ name: below }));
    if let Value::Object(nested) = nested {
        merge(tree, &nested);
    }
}

/// The values that are no mappings, with their paths.
pub(super) fn leaves(tree: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in tree {
        match value {
            Value::Object(below) => {
                found.extend(leaves(below).into_iter().map(|(path, value)| (format!("{name}.{path}"), value)));
            }
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
}

/// Whether the chart would refuse an image of the release, `values:` included.
pub(in crate::chart) fn has_refused_images(release: &Release<'_>) -> bool {
    is_refused(release, &images(release))
}

fn is_refused(release: &Release<'_>, images: &Map<String, Value>) -> bool {
    let known: &[&str] = match release.chart.image_check() {
        None => return false,
        Some(ImageCheck::AnySwap) => &["docker.io/bitnami/"],
        Some(ImageCheck::NotLegacy) => &["docker.io/bitnami/", "docker.io/bitnamilegacy/"],
    };
    let mut all = images.clone();
    merge(&mut all, &release.thanos.values);
    let registry = at(&all, "global.imageRegistry").and_then(Value::as_str).filter(|registry| !registry.is_empty());
    registry.is_some_and(|registry| registry != "docker.io") || has_image_outside(&Value::Object(all), known)
}

fn has_image_outside(tree: &Value, known: &[&str]) -> bool {
    let Value::Object(entries) = tree else { return false };
    entries.iter().any(|(name, value)| {
        let part = |key: &str| value.get(key).and_then(Value::as_str);
        let is_image = name.ends_with("mage") && (part("registry").is_some() || part("repository").is_some());
        let name =
            || format!("{}/{}", part("registry").unwrap_or("docker.io"), part("repository").unwrap_or("bitnami/"));
        is_image && !known.iter().any(|prefix| name().starts_with(prefix)) || has_image_outside(value, known)
    })
}

/// The images of the chart's version that are gone, or may be, of those that would run.
pub(in crate::chart) fn lost_images<'r>(release: &'r Release<'_>) -> impl Iterator<Item = &'static LostImage> + 'r {
    let (thanos, chart) = (release.thanos, &release.chart);
    chart.dialect.lost_images.iter().filter(move |lost| {
        let is_named = at(&thanos.values, lost.unless).is_some()
            || lost.unless == "image.tag" && thanos.image.as_ref().is_some_and(|image| image.repository.is_some());
        lost.span.holds(chart.version) && release.is_on(lost.component) && !is_named
    })
}

/// Whether nobody knows if the image of Thanos can still be pulled.
pub(in crate::chart) fn has_unknown_image(release: &Release<'_>) -> bool {
    lost_images(release).any(|lost| lost.component == Component::Query)
}
