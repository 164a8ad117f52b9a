//! What every component may be given: whether it runs, its flags, its resources, its disk; and the compactor's own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::given::{Given, own, some_list};
use crate::chart::flags;
use crate::chart::layout::Written;
use crate::chart::part::{Component, Resolution};
use crate::chart::release::{Release, is_named};
use crate::chart::secret_places::Store;
use crate::failure::Failures;
use crate::settings::thanos::{Persistence, Quantity, Resources, Thanos};

/// What is said of a component being on; `None` leaves it to the chart. Never on without the object store that it
/// needs, whatever the chart would do, and receivers never.
pub(super) fn enabled(release: &Release<'_>, component: Component) -> Option<Written> {
    if component == Component::Receive {
        return Some(own(false));
    }
    if is_named(release.thanos, component) && component != Component::Query {
        return Some(own(true));
    }
    let is_default = release.chart.dialect.on_by_default.contains(&component);
    let is_stored = Component::STORED.contains(&component);
    (is_default && is_stored && matches!(release.store, Store::None)).then(|| own(false))
}

pub(super) fn flag_list(given: &Given<'_, '_>, component: Component) -> Option<Written> {
    let flags = flags::flags(given.release, component);
    if flags.is_empty() {
        return None;
    }
    let is_kept = |flag: &&str| !flags.iter().any(|own| flags::name(own) == flags::name(flag));
    let kept = given.row.kept.iter().copied().filter(is_kept);
    some_list(kept.chain(flags.iter().map(String::as_str)).map(|flag| given.text(flag).into()))
}

pub(super) fn flag_map(given: &Given<'_, '_>, component: Component) -> Result<Option<Written>, Failures> {
    let flags = flags::flags(given.release, component);
    let map = flags::mapping(component, &flags)?;
    Ok((!flags.is_empty()).then_some(Written::Value(map)))
}

pub(super) fn has_disk(thanos: &Thanos, component: Component) -> Option<Written> {
    let disk = persistence(thanos, component)?;
    (disk.size.is_some() || disk.storage_class.is_some()).then(|| own(true))
}

pub(super) fn size(thanos: &Thanos, component: Component) -> Option<Written> {
    persistence(thanos, component)?.size.map(own)
}

pub(super) fn storage_class(thanos: &Thanos, component: Component) -> Option<Written> {
    persistence(thanos, component)?.storage_class.map(own)
}

/// The disk of a component that is named and has one, with what all have in common.
pub(in crate::chart) fn persistence(thanos: &Thanos, component: Component) -> Option<Persistence> {
    let own = match component {
        Component::Compactor => thanos.compactor.as_ref().map(|it| &it.persistence),
        Component::Storegateway => thanos.storegateway.as_ref().map(|it| &it.persistence),
        Component::Ruler => thanos.ruler.as_ref().map(|it| &it.persistence),
        Component::Minio => thanos.minio.as_ref().map(|it| &it.persistence),
        Component::Query | Component::QueryFrontend | Component::Bucketweb | Component::Receive => None,
    }?;
    let all = &thanos.persistence;
    Some(Persistence {
        size: own.size.clone().or_else(|| all.size.clone()),
        storage_class: own.storage_class.clone().or_else(|| all.storage_class.clone()),
    })
}

/// What the containers of a component that is named ask for and may use; `None` when nothing is said.
pub(in crate::chart) fn resources(thanos: &Thanos, component: Component) -> Option<Value> {
    let own = match component {
        Component::Query => Some(&thanos.query.resources),
        Component::QueryFrontend => thanos.query_frontend.as_ref().map(|it| &it.resources),
        Component::Bucketweb => thanos.bucketweb.as_ref().map(|it| &it.resources),
        Component::Compactor => thanos.compactor.as_ref().map(|it| &it.resources),
        Component::Storegateway => thanos.storegateway.as_ref().map(|it| &it.resources),
        Component::Ruler => thanos.ruler.as_ref().map(|it| &it.resources),
        Component::Minio => thanos.minio.as_ref().map(|it| &it.resources),
        Component::Receive => None,
    }?;
    let Resources { requests, limits } = if own.is_empty() { &thanos.resources } else { own };
    let amounts = |amounts: &BTreeMap<String, Quantity>| {
        Value::Object(amounts.iter().map(|(name, amount)| (name.clone(), amount.as_str().into())).collect())
    };
    let mut value = Map::new();
    for (name, found) in [("requests", requests), ("limits", limits)] {
        if !found.is_empty() {
            value.insert(name.to_owned(), amounts(found));
        }
    }
    (!value.is_empty()).then_some(Value::Object(value))
}

/// How long the compactor keeps samples.
pub(super) fn retention(thanos: &Thanos, resolution: Resolution) -> Option<Written> {
    let retention = &thanos.compactor.as_ref()?.retention;
    let time = match resolution {
        Resolution::Raw => retention.raw.as_ref(),
        Resolution::FiveMinutes => retention.five_minutes.as_ref(),
        Resolution::OneHour => retention.one_hour.as_ref(),
    };
    time.map(|time| own(time.as_str()))
}

pub(super) fn concurrency(thanos: &Thanos) -> Option<Written> {
    Some(own(thanos.compactor.as_ref()?.concurrency?.get()))
}

pub(super) fn deduplication_off(thanos: &Thanos) -> Option<Written> {
    thanos.compactor.as_ref().map(|_| own(false))
}
