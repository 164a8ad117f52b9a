//! Images that the chart refuses, or that can no longer be pulled.

use serde_json::{Map, Value};

use super::Checker;
use crate::chart::part::Part;
use crate::chart::quirks::{ImageCheck, When};
use crate::chart::refused::is_given;
use crate::findings::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let global = checker.value("global.imageRegistry").and_then(Value::as_str).filter(|text| !text.is_empty());
    let global = global.map(str::to_owned);
    let allows = chart.path(Part::InsecureImages).is_some_and(|path| is_given(&checker.values, &path));
    let check = chart.image_check().filter(|_| !allows);
    for moved in chart.dialect.moved_images {
        let Some(Value::Object(image)) = checker.value(moved.path) else { continue };
        let runs = match moved.when {
            When::Always => true,
            When::On(component) => {
                chart.key(component).is_some_and(|key| is_given(&checker.values, &format!("{key}.enabled")))
            }
            // The chart checks it whether it runs or not.
            When::True(switch) => check.is_some() || is_given(&checker.values, switch),
        };
        if !runs {
            continue;
        }
        let own = moved.repository.replacen("bitnamilegacy/", "bitnami/", 1);
        let part = |name: &str| text(image, name);
        let registry = global.clone().or_else(|| part("registry")).unwrap_or_else(|| "docker.io".to_owned());
        let repository = part("repository").unwrap_or_else(|| own.clone());
        let is_legacy = registry == "docker.io" && repository.starts_with("bitnamilegacy/");
        let is_own = registry == "docker.io" && repository.starts_with("bitnami/");
        let refused = match check {
            None => false,
            Some(ImageCheck::AnySwap) => !is_own,
            Some(ImageCheck::NotLegacy) => !is_own && !is_legacy,
        };
        let is_pinned = match moved.when {
            When::Always | When::On(_) => part("tag").is_some() || part("repository").is_some(),
            When::True(switch) => is_given(&checker.values, switch) && part("repository").is_some(),
        };
        let key = ["repository", "registry"].into_iter().find(|name| image.contains_key(*name));
        let path = key.map_or_else(|| moved.path.to_owned(), |key| format!("{}.{key}", moved.path));
        if refused {
            let place = checker.key(&path);
            checker
                .add(codes::IMAGE_REFUSED, place, format!("the chart refuses this image for `{}`", moved.path))
                .hint = Some("set `global.security.allowInsecureImages: true`, if it is meant".to_owned());
        } else if is_own && is_pinned {
            let key = ["tag", "repository"].into_iter().find(|name| part(name).is_some()).unwrap_or_default();
            let place = checker.key(&format!("{}.{key}", moved.path));
            let message =
                format!("`{}` names an image under docker.io/bitnami, which can no longer be pulled", moved.path);
            checker.add(codes::IMAGE_GONE, place, message).hint =
                Some(format!("set `{}.repository: {}`", moved.path, moved.repository));
        }
    }
    if let (Some(global), Some(_)) = (global, check)
        && global != "docker.io"
        && checker.value("image").is_none()
    {
        let place = checker.key("global.imageRegistry");
        checker.add(codes::IMAGE_REFUSED, place, "the chart refuses images of another registry").hint =
            Some("set `global.security.allowInsecureImages: true`, if it is meant".to_owned());
    }
}

fn text(image: &Map<String, Value>, name: &str) -> Option<String> {
    image.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
