//! What tells one chart's versions apart, as data: which keys carry which part of a release, what passes through Helm's
//! `tpl`, which images are checked. What differs between versions is a row with a span in [`dialects`](super::dialects),
//! never an `if` elsewhere.

use std::sync::LazyLock;

use super::catalog::Catalog;
use super::defects::Defect;
use super::dialects::DIALECTS;
pub use super::part::{Component, ImagePart, Part, Port, Resolution, TlsFile};
use super::refused::Mode;
use super::tpl;
use super::version::{Span, Version};
use crate::failure::Failure;
use crate::model::thanos_version::ThanosVersion;
use crate::text::{nearest, without_credentials};

/// Which key carries a part, in a span of versions. The order of rows is that of the values file.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it carries.
    pub part: Part,
    /// The key, its names joined by dots; `$` stands for the key of the part's component.
    pub path: &'static str,
    /// The versions in which it does.
    pub span: Span,
    /// The versions in which Helm runs its texts through `tpl`; `None` means none.
    pub templated: Option<Span>,
    /// What stands above it in the file; empty for nothing.
    pub comment: &'static str,
    /// What the chart has there by itself and would lose: flags that come first.
    pub kept: &'static [&'static str],
}

impl Row {
    /// A row of all versions, whose texts stay as they are.
    pub const fn new(part: Part, path: &'static str) -> Self {
        Self { part, path, span: Span::ALL, templated: None, comment: "", kept: &[] }
    }

    /// The row in the versions of `span` alone.
    pub const fn within(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// The row with texts that Helm runs through `tpl` in the versions of `span`.
    pub const fn templated(mut self, span: Span) -> Self {
        self.templated = Some(span);
        self
    }

    /// The row below a comment.
    pub const fn told(mut self, comment: &'static str) -> Self {
        self.comment = comment;
        self
    }

    /// The row behind flags that the chart has by itself.
    pub const fn keeping(mut self, kept: &'static [&'static str]) -> Self {
        self.kept = kept;
        self
    }
}

/// Which images a chart refuses to run unless `global.security.allowInsecureImages` is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageCheck {
    /// Every other than its own.
    AnySwap,
    /// Every other than its own and those under `docker.io/bitnamilegacy`.
    NotLegacy,
}

/// An image that can no longer be pulled from where the chart looks for it, and where it can be.
#[derive(Debug)]
pub struct MovedImage {
    /// The key of the image.
    pub path: &'static str,
    /// The repository that still has the chart's own tag.
    pub repository: &'static str,
    /// When it runs.
    pub when: When,
}

/// Images that were not copied when the others moved, or of which nobody knows.
#[derive(Debug)]
pub struct LostImage {
    /// The versions of the chart that ask for them.
    pub span: Span,
    /// The component that runs from them.
    pub component: Component,
    /// The key that names another one.
    pub unless: &'static str,
    /// Whether it is known to be gone.
    pub is_gone: bool,
    /// What to tell, a sentence without a full stop.
    pub told: &'static str,
}

/// When something is part of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// When a component is on.
    On(Component),
    /// When this key of `values:` is true.
    True(&'static str),
}

/// A Kubernetes object whose name grows with the release's name.
#[derive(Debug)]
pub struct ObjectName {
    /// The component that it belongs to.
    pub component: Component,
    /// What stands behind the name of the chart's release (`fullname`).
    pub suffix: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// How long it may be.
    pub limit: usize,
    /// The versions that make it.
    pub span: Span,
}

/// A key of the values that thanosctl answers for and `values:` may not set, besides those of the rows.
#[derive(Debug)]
pub struct Owned {
    /// The key, `$` as in rows; what lies below it is owned as well.
    pub path: &'static str,
    /// The component whose key `$` stands for.
    pub component: Option<Component>,
    /// What to write instead.
    pub instead: &'static str,
    /// Only owned while this component is named in the settings; `None` means always.
    pub with: Option<Component>,
}

/// Where Helm finds a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// In an OCI registry.
    Registry(&'static str),
    /// In a repository of charts: its address and the chart's name there.
    Repository(&'static str, &'static str),
    /// In a folder of a checked-out repository, since no package was published: the folder, and where its source is.
    Source(&'static str, &'static str),
}

/// One chart in the versions that want the same rows.
#[derive(Debug)]
pub struct Dialect {
    /// The chart, as `REPOSITORY/NAME`.
    pub chart: &'static str,
    /// The chart's own name, which becomes a part of the names of its objects.
    pub name: &'static str,
    /// Its versions and their keys.
    pub catalog: LazyLock<Catalog>,
    /// The versions for which values are written.
    pub span: Span,
    /// The version to take when none is named; `None` means the newest.
    pub advised: Option<Version>,
    /// Where Helm finds the chart.
    pub reference: &'static [(Span, Reference)],
    /// The keys of its components. A component without a row for a version is not in that version.
    pub components: &'static [(Component, Span, &'static str)],
    /// The components that are on unless values say otherwise.
    pub on_by_default: &'static [Component],
    /// The components that run whatever the values say, in these versions.
    pub always_on: &'static [(Component, Span)],
    /// Which key carries what, in the order of the values file.
    pub rows: &'static [Row],
    /// Whether the chart has texts for node ports, and not numbers.
    pub node_ports_are_texts: bool,
    /// The flags that the chart gives a component itself and Thanos takes once (kingpin: `cannot be repeated`).
    pub own_flags: &'static [(Component, &'static [&'static str])],
    /// The versions that write flags into their templates without quotes.
    pub bare_flags: Option<Span>,
    /// The replica label of a ruler that says nothing about it.
    pub ruler_replica_label: &'static str,
    /// The other labels that the chart gives the ruler.
    pub ruler_labels: &'static [&'static str],
    /// Versions that tell the ruler a wrong place of its rules, and the right one.
    pub rule_file: Option<(Span, &'static str)>,
    /// The key in the Secret of the object store that needs no item of its own.
    pub objstore_key: &'static str,
    /// The keys of the Secret with MinIO's root user: the user's and the password's, by version.
    pub root_keys: &'static [(Span, [&'static str; 2])],
    /// The check of images; versions without a row have none.
    pub image_check: &'static [(Span, ImageCheck)],
    /// Images that moved.
    pub moved_images: &'static [MovedImage],
    /// Defects of versions.
    pub defects: &'static [Defect],
    /// Images that may be gone.
    pub lost_images: &'static [LostImage],
    /// The versions that hand stores over with a flag that Thanos 0.38.0 removed (`--store`).
    pub store_flag: Option<Span>,
    /// The versions whose NOTES.txt and templates refuse what is incomplete.
    pub refuses_at_install: Option<Span>,
    /// What its schema requires in one mode of a component alone.
    pub modes: &'static [Mode],
    /// Names that can become too long.
    pub names: &'static [ObjectName],
    /// The keys that hold secrets in the open, besides those of the rows.
    pub secrets: &'static [&'static str],
    /// What `values:` may not set, besides what the rows carry.
    pub owned: &'static [Owned],
}

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
