//! What a reader of the values should know besides.

use super::images::lost_images;
use crate::chart::at;
use crate::chart::part::Component;
use crate::chart::release::Release;
use crate::chart::secret_places::Store;

/// What a reader of the values should know besides, each a sentence without a full stop.
pub(in crate::chart) fn notes(release: &Release<'_>) -> Vec<String> {
    let (thanos, chart) = (release.thanos, &release.chart);
    let mut notes = Vec::new();
    let services = [("service", &thanos.query.service), ("serviceGrpc", &thanos.query.service_grpc)];
    for (name, port) in services.iter().filter_map(|(name, it)| Some((name, it.as_ref()?.node_port?))) {
        if !port.is_in_default_range() {
            notes.push(format!(
                "`thanos.query.{name}.nodePort` {} is outside of 30000 to 32767: \
                 the API server must allow it (--service-node-port-range)",
                port.number()
            ));
        }
    }
    if let Some(image) = &thanos.image
        && image.repository.as_deref().is_some_and(|repository| !repository.contains("bitnami"))
        && image.tag.is_none()
        && at(&thanos.values, "image.tag").is_none()
        && !chart.dialect.moved_images.is_empty()
    {
        notes.push("`thanos.image` has no tag, and the chart's own is one of bitnami's".to_owned());
    }
    let is_storeless = matches!(release.store, Store::None);
    for (component, span) in chart.dialect.always_on.iter().filter(|(it, _)| Component::STORED.contains(it)) {
        if is_storeless && span.holds(chart.version) {
            notes.push(format!(
                "version {} of {} always runs {component}; without `thanos.objstore` it reads the chart's own empty store",
                chart.version, chart.dialect.chart
            ));
        }
    }
    notes.extend(lost_images(release).filter(|lost| !lost.is_gone).map(|lost| lost.told.to_owned()));
    notes
}
