//! Which version of Thanos a chart runs unless its image is another one: `appVersion` of the charts' `Chart.yaml` at each
//! of their tags.

use super::version::Version;
use crate::model::release::Thanos;
use crate::model::thanos_version::ThanosVersion;

/// From which version of a chart on it runs which Thanos, without the leading zero that all of those have.
type Table = &'static [((u32, u32, u32), (u32, u32))];

const BITNAMI: Table = &[
    ((0, 1, 0), (10, 1)),
    ((0, 1, 7), (11, 0)),
    ((0, 4, 2), (12, 0)),
    ((0, 5, 1), (12, 1)),
    ((0, 5, 3), (12, 2)),
    ((1, 1, 1), (13, 0)),
    ((1, 3, 4), (14, 0)),
    ((2, 3, 4), (15, 0)),
    ((2, 5, 3), (16, 0)),
    ((3, 0, 1), (17, 0)),
    ((3, 2, 1), (17, 1)),
    ((3, 2, 3), (17, 2)),
    ((3, 7, 1), (18, 0)),
    ((3, 14, 2), (19, 0)),
    ((3, 17, 2), (20, 1)),
    ((3, 17, 3), (20, 2)),
    ((3, 17, 7), (21, 0)),
    ((3, 17, 8), (21, 1)),
    ((5, 2, 3), (22, 0)),
    ((6, 0, 3), (23, 0)),
    ((6, 0, 12), (23, 1)),
    ((8, 2, 4), (23, 2)),
    ((8, 2, 5), (24, 0)),
    ((9, 0, 12), (25, 0)),
    ((10, 1, 1), (25, 1)),
    ((10, 2, 3), (25, 2)),
    ((10, 3, 7), (26, 0)),
    ((10, 5, 5), (27, 0)),
    ((11, 3, 1), (28, 0)),
    ((11, 5, 5), (28, 1)),
    ((11, 6, 4), (29, 0)),
    ((11, 6, 7), (30, 0)),
    ((11, 6, 8), (30, 1)),
    ((12, 0, 2), (30, 2)),
    ((12, 3, 2), (31, 0)),
    ((12, 11, 3), (32, 0)),
    ((12, 12, 1), (32, 1)),
    ((12, 13, 1), (32, 2)),
    ((12, 13, 5), (32, 3)),
    ((12, 13, 7), (32, 4)),
    ((12, 13, 12), (32, 5)),
    ((12, 19, 1), (33, 0)),
    ((12, 22, 1), (34, 0)),
    ((13, 2, 2), (34, 1)),
    ((15, 4, 3), (35, 0)),
    ((15, 5, 1), (35, 1)),
    ((15, 7, 16), (36, 0)),
    ((15, 7, 20), (36, 1)),
    ((15, 8, 2), (37, 0)),
    ((15, 8, 4), (37, 1)),
    ((15, 9, 1), (37, 2)),
    ((16, 0, 2), (38, 0)),
    ((17, 0, 4), (39, 0)),
    ((17, 0, 6), (39, 1)),
    ((17, 2, 2), (39, 2)),
];

const STEVEHIPWELL: Table = &[
    ((0, 1, 0), (22, 0)),
    ((1, 0, 0), (23, 0)),
    ((1, 0, 1), (23, 1)),
    ((1, 1, 2), (23, 2)),
    ((1, 2, 0), (24, 0)),
    ((1, 3, 0), (25, 0)),
    ((1, 3, 1), (25, 1)),
    ((1, 3, 2), (25, 2)),
    ((1, 4, 0), (26, 0)),
    ((1, 5, 0), (27, 0)),
    ((1, 6, 0), (28, 0)),
    ((1, 6, 1), (28, 1)),
    ((1, 7, 0), (29, 0)),
    ((1, 10, 0), (30, 0)),
    ((1, 10, 1), (30, 1)),
    ((1, 10, 2), (30, 2)),
    ((1, 12, 0), (31, 0)),
    ((1, 14, 0), (32, 1)),
    ((1, 14, 1), (32, 2)),
    ((1, 14, 2), (32, 3)),
    ((1, 14, 4), (32, 4)),
    ((1, 14, 5), (32, 5)),
    ((1, 15, 0), (33, 0)),
    ((1, 16, 0), (34, 0)),
    ((1, 16, 1), (34, 1)),
    ((1, 17, 0), (35, 0)),
    ((1, 17, 2), (35, 1)),
    ((1, 18, 0), (36, 0)),
    ((1, 18, 1), (36, 1)),
    ((1, 19, 0), (37, 0)),
    ((1, 19, 1), (37, 1)),
    ((1, 19, 2), (37, 2)),
    ((1, 20, 0), (38, 0)),
    ((1, 21, 0), (39, 1)),
    ((1, 21, 1), (39, 2)),
    ((1, 22, 0), (40, 1)),
    ((1, 23, 0), (41, 0)),
    ((1, 24, 0), (42, 2)),
    ((1, 24, 1), (42, 4)),
];

const COMMUNITY: Table =
    &[((0, 2, 0), (39, 2)), ((0, 3, 0), (41, 0)), ((0, 24, 0), (42, 0)), ((0, 25, 0), (42, 2)), ((0, 28, 0), (42, 4))];

/// The version of Thanos that a chart runs; `None` for a chart that is not known here.
pub fn app_version(chart: &str, version: &str) -> Option<ThanosVersion> {
    let table = match chart {
        "bitnami/thanos" => BITNAMI,
        "stevehipwell/thanos" => STEVEHIPWELL,
        "thanos-community/thanos" => COMMUNITY,
        _ => return None,
    };
    let version: Version = version.parse().ok()?;
    let row = table.iter().rev().find(|((major, minor, patch), _)| Version(*major, *minor, *patch) <= version)?;
    Some(ThanosVersion::new(0, row.1.0, row.1.1))
}

/// The version of Thanos that the settings mean: of the image that they name, else the chart's own. `None` when that
/// cannot be told, which is best taken for the newest.
pub fn thanos_version(thanos: &Thanos) -> Option<ThanosVersion> {
    let in_values = || thanos.values.get("image").and_then(|image| image.get("tag")).and_then(|tag| tag.as_str());
    match thanos.image.as_ref().and_then(|image| image.tag.as_deref()).or_else(in_values) {
        Some(tag) => ThanosVersion::of_tag(tag),
        None => app_version(&thanos.chart, &thanos.chart_version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    #[test]
    fn a_chart_runs_the_thanos_of_its_row_or_of_the_nearest_before() {
        for (chart, version, thanos) in [
            ("bitnami/thanos", "13.0.0", Some("0.34.0")),
            ("bitnami/thanos", "17.3.1", Some("0.39.2")),
            ("bitnami/thanos", "0.0.1", None),
            ("bitnami/thanos", "latest", None),
            ("stevehipwell/thanos", "1.24.1", Some("0.42.4")),
            ("thanos-community/thanos", "0.38.0", Some("0.42.4")),
            ("example/thanos", "1.0.0", None),
        ] {
            assert_eq!(app_version(chart, version).map(|it| it.to_string()).as_deref(), thanos, "{chart} {version}");
        }
    }

    #[test]
    fn the_tables_are_in_order() {
        for table in [BITNAMI, STEVEHIPWELL, COMMUNITY] {
            assert!(table.windows(2).all(|rows| rows[0].0 < rows[1].0));
        }
    }

    #[test]
    fn the_tag_of_the_image_counts_more_than_the_chart() {
        for (text, version) in [
            ("{}", Some("0.39.2")),
            ("{image: {tag: v0.42.4}}", Some("0.42.4")),
            ("{values: {image: {tag: 0.31.0-debian-11-r2}}}", Some("0.31.0")),
            ("{image: {tag: latest}}", None),
            ("{image: {registry: quay.io}}", Some("0.39.2")),
        ] {
            let thanos: Thanos = document::read("test", text).unwrap();
            assert_eq!(thanos_version(&thanos).map(|it| it.to_string()).as_deref(), version, "{text}");
        }
    }
}
