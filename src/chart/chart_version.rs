//! A chart in one version: what its rows come to.

use super::catalog::Catalog;
use super::dialect::{Dialect, Reference, Row};
use super::dialects::DIALECTS;
use super::part::{Component, Part, Port};
use super::quirks::{ImageCheck, Owned};
use super::tpl;
use super::version::{Span, Version};
use crate::failure::Failure;
use crate::text::{nearest, without_credentials};
use crate::thanos::thanos_version::ThanosVersion;

/// What every chart gives every component.
const EVERYWHERE: [&str; 2] = ["grpc-address", "http-address"];

/// A chart in one version.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// How it wants to be written.
    pub dialect: &'static Dialect,
    /// Its version.
    pub version: Version,
    /// Its keys.
    pub catalog: &'static Catalog,
}

impl Chart {
    /// The chart that the settings name, in the version that they name or else in the one that is advised.
    ///
    /// # Errors
    /// When it, or this version of it, is not known here: what is known instead.
    pub fn find(chart: &str, version: Option<&str>) -> Result<Self, Failure> {
        Self::among(chart, version, |dialect| dialect.span)
    }

    /// The same among all versions whose keys are known, also those for which no values are written.
    ///
    /// # Errors
    /// As [`Chart::find`].
    pub fn find_known(chart: &str, version: Option<&str>) -> Result<Self, Failure> {
        Self::among(chart, version, |_| Span::ALL)
    }

    fn among(chart: &str, version: Option<&str>, span: fn(&Dialect) -> Span) -> Result<Self, Failure> {
        let Some(dialect) = DIALECTS.iter().find(|dialect| dialect.chart == chart) else {
            let names = || DIALECTS.iter().map(|dialect| dialect.chart);
            let failure = Failure::new(format!("thanosctl does not know the chart `{}`", without_credentials(chart)));
            let list = names().collect::<Vec<_>>().join(", ");
            return Err(match nearest(chart, names()) {
                Some(name) => failure.hint(format!("did you mean `{name}`? It knows {list}")),
                None => failure.hint(format!("it knows {list}; set `thanos.chart`")),
            });
        };
        let catalog: &'static Catalog = &dialect.catalog;
        let known: Vec<Version> =
            catalog.versions().iter().copied().filter(|version| span(dialect).holds(*version)).collect();
        let advised = dialect.advised.or(known.last().copied());
        let wanted: Option<Version> = version.map_or(advised, |version| Version::resolve(version, &known));
        if let Some(version) = wanted.filter(|wanted| known.contains(wanted)) {
            return Ok(Self { dialect, version, catalog });
        }
        let version = without_credentials(version.unwrap_or_default());
        let failure = Failure::new(format!("thanosctl does not know version `{version}` of the chart `{chart}`"));
        Err(match (known.first(), known.last()) {
            (Some(first), Some(last)) => {
                let below = wanted.and_then(|wanted| known.iter().rev().find(|version| **version < wanted));
                let above = wanted.and_then(|wanted| known.iter().find(|version| **version > wanted));
                let near: Vec<String> = below.into_iter().chain(above).map(Version::to_string).collect();
                let near = if near.is_empty() { last.to_string() } else { near.join(" and ") };
                failure.hint(format!("it knows {first} to {last}; the nearest: {near}"))
            }
            _ => failure,
        })
    }

    /// The key of a component in this version; `None` when it has none.
    pub fn key(&self, component: Component) -> Option<&'static str> {
        let rows = self.dialect.components.iter();
        rows.filter(|(it, ..)| *it == component).find(|(_, span, _)| span.holds(self.version)).map(|(.., key)| *key)
    }

    /// The row that carries `part` in this version; `None` when it has none.
    pub fn row(&self, part: Part) -> Option<&'static Row> {
        self.dialect.rows.iter().find(|row| row.part == part && row.span.holds(self.version))
    }

    /// The key that carries `part` in this version; `None` when none does.
    pub fn path(&self, part: Part) -> Option<String> {
        self.place(self.row(part)?)
    }

    /// The key of a row.
    pub fn place(&self, row: &Row) -> Option<String> {
        self.expand(row.path, row.part.component())
    }

    /// Whether thanosctl writes the key at `path` itself, from the settings.
    pub fn writes(&self, path: &str) -> bool {
        let mut rows = self.dialect.rows.iter().filter(|row| row.span.holds(self.version));
        rows.any(|row| self.place(row).as_deref() == Some(path)) || self.instead_of(path).is_some()
    }

    /// What to set in the settings instead of a key that is written from them; `None` where it is not known.
    pub fn instead_of(&self, path: &str) -> Option<&'static str> {
        let is_it = |row: &&Owned| self.expand(row.path, row.component).as_deref() == Some(path);
        self.dialect.owned.iter().find(is_it).map(|row| row.instead)
    }

    /// `path` with the key of `component` for its `$`.
    pub fn expand(&self, path: &str, component: Option<Component>) -> Option<String> {
        match path.strip_prefix('$') {
            Some(rest) => Some(format!("{}{rest}", self.key(component?)?)),
            None => Some(path.to_owned()),
        }
    }

    /// The versions that can carry `part`, in words; `None` when none can.
    pub fn spans(&self, part: &[Part]) -> Option<String> {
        let rows = self.dialect.rows.iter().filter(|row| part.contains(&row.part));
        let reach = |row: &Row| match row.part.component() {
            Some(component) if row.path.starts_with('$') => {
                let of =
                    |(it, span, _): &(Component, Span, &str)| (*it == component).then(|| span.shared(&row.span))?;
                self.dialect.components.iter().filter_map(of).collect()
            }
            _ => vec![row.span],
        };
        self.words(rows.flat_map(reach).collect())
    }

    /// The versions that have a component, in words; `None` when none has.
    pub fn spans_of(&self, component: Component) -> Option<String> {
        let rows = self.dialect.components.iter().filter(|(it, ..)| *it == component);
        self.words(rows.map(|(_, span, _)| *span).collect())
    }

    fn words(&self, spans: Vec<Span>) -> Option<String> {
        let spans = Span::joined(spans, self.catalog.versions());
        let words: Vec<String> = spans.iter().map(Span::to_string).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// `text` for a row, so that the chart ends up with that text: escaped where it goes through `tpl`.
    pub fn text(&self, row: &Row, text: &str) -> String {
        let is_templated = row.templated.is_some_and(|span| span.holds(self.version));
        if is_templated { tpl::escape(text) } else { text.to_owned() }
    }

    /// Whether this version has one Service for both ports of the querier.
    pub fn has_one_service(&self) -> bool {
        self.row(Part::ServiceType(Port::Grpc)).is_none()
    }

    /// The version of Thanos that the chart runs by itself; `None` when nobody knows.
    pub fn thanos_version(&self) -> Option<ThanosVersion> {
        self.catalog.app_version(self.version)
    }

    /// Whether the chart gives a component this flag itself, by its name without dashes.
    pub fn gives(&self, component: Component, flag: &str) -> bool {
        let rows = self.dialect.own_flags.iter().filter(|(it, _)| *it == component);
        EVERYWHERE.contains(&flag) || rows.flat_map(|(_, flags)| *flags).any(|own| *own == flag)
    }

    /// The check of images; `None` when this version has none.
    pub fn image_check(&self) -> Option<ImageCheck> {
        self.dialect.image_check.iter().find(|(span, _)| span.holds(self.version)).map(|(_, check)| *check)
    }

    /// The keys of the Secret with MinIO's root user.
    pub fn root_keys(&self) -> [&'static str; 2] {
        let found = self.dialect.root_keys.iter().find(|(span, _)| span.holds(self.version));
        found.map_or(["root-user", "root-password"], |(_, keys)| *keys)
    }

    /// Where Helm finds the chart.
    pub fn reference(&self) -> Reference {
        let found = self.dialect.reference.iter().find(|(span, _)| span.holds(self.version));
        found.map_or(Reference::Registry(self.dialect.chart), |(_, reference)| *reference)
    }

    /// The first version behind a span; `None` when none is known.
    pub fn after(&self, span: Option<Span>) -> Option<Version> {
        let last = span?.last?;
        self.catalog.versions().iter().find(|version| **version > last).copied()
    }

    /// Whether a component runs in this version whatever the values say.
    pub fn always_runs(&self, component: Component) -> bool {
        self.dialect.always_on.iter().any(|(it, span)| *it == component && span.holds(self.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::version::Version;

    fn chart(name: &str, version: &str) -> Chart {
        Chart::find(name, Some(version)).unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        for (chart, version, hint) in [
            ("bitnami/thanso", "17.3.1", "did you mean `bitnami/thanos`?"),
            ("banzaicloud/thanos", "0.4.9", "stevehipwell/thanos"),
            ("bitnami/thanos", "0.4.3", "0.5.0"),
            ("bitnami/thanos", "17.3.2", "17.3.1"),
            ("bitnami/thanos", "17.3.2", "the nearest: 17.3.1 and 17.3.3"),
            ("bitnami/thanos", "18.0.0", "the nearest: 17.6.0"),
            ("bitnami/thanos", "18", "it knows 0.5.0 to 17.6.0"),
            ("bitnami/thanos", "0.4.x", "it knows 0.5.0 to 17.6.0"),
            ("bitnami/thanos", "newest", "it knows 0.5.0 to 17.6.0"),
        ] {
            let failure = Chart::find(chart, Some(version)).unwrap_err();
            assert!(failure.hint_text().unwrap().contains(hint), "{chart} {version}: {failure}");
        }
    }

    #[test]
    fn without_a_version_the_advised_one_is_taken() {
        let found = |name| Chart::find(name, None).unwrap().version;
        assert_eq!(found("bitnami/thanos"), Version(17, 3, 1));
        assert_eq!(found("thanos-community/thanos"), Version(0, 38, 0));
        assert_eq!(found("stevehipwell/thanos"), Version(1, 24, 1));
        for (text, version) in [
            ("17", "17.6.0"),
            ("17.x", "17.6.0"),
            ("17.3", "17.3.4"),
            ("17.3.x", "17.3.4"),
            ("v15.14.1", "15.14.1"),
            ("latest", "17.6.0"),
            ("0", "0.7.0"),
        ] {
            assert_eq!(chart("bitnami/thanos", text).version.to_string(), version, "{text}");
        }
    }

    #[test]
    fn a_part_is_where_the_version_has_it() {
        let path = |version: &str, part| chart("bitnami/thanos", version).path(part).unwrap_or_default();
        for (version, part, expected) in [
            ("3.0.1", Part::Stores, "querier.stores"),
            ("3.1.0", Part::Stores, "query.stores"),
            ("6.0.14", Part::NodePort(Port::Http), "query.service.http.nodePort"),
            ("8.1.0", Part::NodePort(Port::Http), ""),
            ("8.1.1", Part::NodePort(Port::Grpc), "query.service.nodePorts.grpc"),
            ("11.0.0", Part::NodePort(Port::Grpc), "query.serviceGrpc.nodePorts.grpc"),
            ("2.4.0", Part::ReplicaLabels, ""),
            ("6.0.14", Part::RootUser, "minio.accessKey.password"),
            ("7.0.0", Part::RootUser, "minio.auth.rootUser"),
            ("2.4.1", Part::Enabled(Component::QueryFrontend), ""),
        ] {
            assert_eq!(path(version, part), expected, "{version} {part:?}");
        }
        for (name, version, part, expected) in [
            ("stevehipwell/thanos", "1.10.2", Part::Stores, "query.additionalStores"),
            ("stevehipwell/thanos", "1.11.0", Part::Stores, "additionalEndpoints"),
            ("thanos-community/thanos", "0.7.0", Part::Stores, "query.stores"),
            ("thanos-community/thanos", "0.8.0", Part::Stores, "query.endpoints.static"),
        ] {
            assert_eq!(chart(name, version).path(part).as_deref(), Some(expected), "{name} {version}");
        }
        let community = chart("thanos-community/thanos", "0.38.0");
        assert_eq!(community.path(Part::Enabled(Component::Bucketweb)).as_deref(), Some("bucket.bucketweb.enabled"));
    }

    #[test]
    fn what_passes_through_tpl_depends_on_the_version() {
        let text = |version: &str, part| {
            let chart = chart("bitnami/thanos", version);
            chart.text(chart.row(part).unwrap(), "{{")
        };
        assert_eq!(text("16.0.4", Part::RootPassword), "{{");
        assert_eq!(text("16.0.5", Part::RootPassword), "{{ `{{` }}");
        assert_eq!(text("13.0.0", Part::ObjstoreText), "{{ `{{` }}");
        assert_eq!(text("12.8.5", Part::Flags(Component::Ruler)), "{{");
        assert_eq!(text("12.8.6", Part::Flags(Component::Ruler)), "{{ `{{` }}");
    }

    #[test]
    fn every_row_names_a_key_that_every_version_of_its_span_knows() {
        for dialect in DIALECTS {
            let catalog = &*dialect.catalog;
            let versions = || catalog.versions().iter().copied().filter(|version| dialect.span.holds(*version));
            assert!(versions().count() > 0, "{}", dialect.chart);
            for version in versions() {
                let chart = chart(dialect.chart, &version.to_string());
                for row in dialect.rows.iter().filter(|row| row.span.holds(version)) {
                    // What stands below a mapping of file names is no key of the chart.
                    let Some(path) = chart.place(row).filter(|path| !path.contains('\\')) else { continue };
                    assert!(catalog.knows(version, &path), "{} {version}: {path}", dialect.chart);
                }
            }
            let owned = dialect.owned.iter().filter(|row| row.component.is_none()).map(|row| row.path);
            for path in owned.chain(dialect.secrets.iter().copied()) {
                // What stands at a dead key is a secret all the same.
                let is_there = |version| catalog.knows(version, path) || catalog.kind(version, path).is_some();
                assert!(versions().any(is_there), "{} {path}", dialect.chart);
            }
        }
    }

    #[test]
    fn a_version_has_one_row_for_a_part() {
        for dialect in DIALECTS {
            for (at, row) in dialect.rows.iter().enumerate() {
                let twice =
                    dialect.rows[..at].iter().any(|it| it.part == row.part && it.span.shared(&row.span).is_some());
                assert!(!twice, "{}: {:?}", dialect.chart, row.part);
            }
        }
    }

    #[test]
    fn the_image_check_is_that_of_the_version() {
        let check = |version: &str| chart("bitnami/thanos", version).image_check();
        assert_eq!(check("15.8.5"), None);
        assert_eq!(check("15.9.0"), Some(ImageCheck::AnySwap));
        assert_eq!(check("17.3.0"), Some(ImageCheck::AnySwap));
        assert_eq!(check("17.3.1"), Some(ImageCheck::NotLegacy));
    }
}
