//! What tells one chart's versions apart, as data: which template, which keys, what passes through Helm's `tpl`, which
//! images are checked. What differs between versions is a row with a span here, never an `if` elsewhere.

use std::fmt;

use super::catalog::Catalog;
use super::tpl;
use super::version::{Span, Version};
use crate::failure::Failure;
use crate::text::{nearest, without_credentials};

/// A part of the release that can be on or off. Printed as the key that it has in the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// The querier.
    Query,
    /// The query frontend.
    QueryFrontend,
    /// The bucket web page.
    Bucketweb,
    /// The compactor.
    Compactor,
    /// The store gateway.
    Storegateway,
    /// The ruler.
    Ruler,
    /// The bundled MinIO.
    Minio,
}

impl fmt::Display for Component {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Query => "query",
            Self::QueryFrontend => "queryFrontend",
            Self::Bucketweb => "bucketweb",
            Self::Compactor => "compactor",
            Self::Storegateway => "storegateway",
            Self::Ruler => "ruler",
            Self::Minio => "minio",
        })
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
}

/// A key of the values that thanosctl writes and `values:` may not.
#[derive(Debug)]
pub struct Owned {
    /// The key; what lies below it is owned as well.
    pub path: &'static str,
    /// What to write instead.
    pub instead: &'static str,
    /// Only owned while this component is named in the settings; `None` means always.
    pub with: Option<Component>,
}

/// One chart in a range of versions that want the same keys.
#[derive(Debug)]
pub struct Dialect {
    /// The chart, as `REPOSITORY/NAME`.
    pub chart: &'static str,
    /// The chart's own name, which becomes a part of the names of its objects.
    pub name: &'static str,
    /// The template of its values.
    pub template: &'static str,
    /// Its versions and their keys.
    pub catalog: &'static str,
    /// What `helm upgrade` takes for the chart.
    pub reference: &'static [(Span, &'static str)],
    /// The keys whose texts Helm runs through `tpl`.
    pub templated: &'static [(&'static str, Span)],
    /// The check of images; versions without a row have none.
    pub image_check: &'static [(Span, ImageCheck)],
    /// Images that moved.
    pub moved_images: &'static [MovedImage],
    /// Names that can become too long.
    pub names: &'static [ObjectName],
    /// The keys that hold secrets in the open.
    pub secrets: &'static [&'static str],
    /// What `values:` may not set.
    pub owned: &'static [Owned],
}

/// bitnami/thanos 13.0.0 to 17.6.0: one set of keys (`querier` is gone, `serviceGrpc` is there).
static BITNAMI_THANOS: Dialect = Dialect {
    chart: "bitnami/thanos",
    name: "thanos",
    template: include_str!("../../templates/bitnami-thanos/values.yaml.j2"),
    catalog: include_str!("../../templates/bitnami-thanos/keys.txt"),
    // Nothing newer was published for free (bitnami/charts#35256): later versions are source alone.
    reference: &[
        (Span { first: None, last: Some(Version(17, 3, 1)) }, "oci://registry-1.docker.io/bitnamicharts/thanos"),
        (Span::from(Version(17, 3, 3)), "./charts/bitnami/thanos"),
    ],
    templated: &[
        ("objstoreConfig", Span::ALL),
        ("existingObjstoreSecret", Span::ALL),
        ("ruler.config", Span::ALL),
        ("minio.auth.existingSecret", Span::ALL),
        // From bitnami/common 2.30.1.
        ("minio.auth.rootUser", Span::from(Version(16, 0, 5))),
        ("minio.auth.rootPassword", Span::from(Version(16, 0, 5))),
    ],
    // bitnami/charts#30850; the exception came with bitnami/common 2.31.4.
    image_check: &[
        (Span::between(Version(15, 9, 0), Version(17, 3, 0)), ImageCheck::AnySwap),
        (Span::from(Version(17, 3, 1)), ImageCheck::NotLegacy),
    ],
    // bitnami/containers#83267. Which of MinIO's keys there are, the catalogue knows.
    moved_images: &[
        moved("image", "bitnamilegacy/thanos", When::Always),
        moved("volumePermissions.image", "bitnamilegacy/os-shell", When::True("volumePermissions.enabled")),
        moved("minio.image", "bitnamilegacy/minio", When::On(Component::Minio)),
        moved("minio.clientImage", "bitnamilegacy/minio-client", When::On(Component::Minio)),
        moved("minio.console.image", "bitnamilegacy/minio-object-browser", When::On(Component::Minio)),
        moved("minio.volumePermissions.image", "bitnamilegacy/os-shell", When::On(Component::Minio)),
        moved(
            "minio.defaultInitContainers.volumePermissions.image",
            "bitnamilegacy/os-shell",
            When::On(Component::Minio),
        ),
    ],
    names: &[
        service(Component::Query, "-query"),
        service(Component::Query, "-query-grpc"),
        service(Component::QueryFrontend, "-query-frontend"),
        service(Component::Bucketweb, "-bucketweb"),
        service(Component::Compactor, "-compactor"),
        stateful_set(Component::Storegateway, "-storegateway"),
        // The pods ask for an untruncated ConfigMap name that the chart truncates.
        stateful_set(Component::Ruler, "-ruler"),
    ],
    secrets: &[
        "auth.basicAuthUsers",
        "https.key",
        "query.grpc.client.tls.key",
        "query.grpc.server.tls.key",
        "storegateway.grpc.server.tls.key",
        "receive.grpc.server.tls.key",
        "query.ingress.secrets",
        "query.ingress.grpc.secrets",
        "queryFrontend.ingress.secrets",
        "bucketweb.ingress.secrets",
        "compactor.ingress.secrets",
        "storegateway.ingress.secrets",
        "storegateway.ingress.grpc.secrets",
        "ruler.ingress.secrets",
        "receive.ingress.secrets",
        "minio.ingress.secrets",
        "minio.apiIngress.secrets",
        "minio.console.ingress.secrets",
        "minio.auth.rootPassword",
        "minio.tls.server.key",
        "minio.provisioning.users",
    ],
    owned: &[
        owned("query.stores", "the endpoints of `clusters`"),
        owned("query.replicaLabel", "`replicaLabels`"),
        owned("query.args", "`query.extraFlags`; with arguments of its own the querier would lose its stores"),
        owned("query.enabled", "nothing there: without the querier nobody asks the sidecars"),
        owned("objstoreConfig", "`thanos.objstore`"),
        owned("existingObjstoreSecret", "`thanos.objstore.existingSecret`"),
        owned("existingObjstoreSecretItems", "`thanos.objstore.existingSecretKey`"),
        owned("clusterDomain", "`thanos.clusterDomain`"),
        owned_with(Component::QueryFrontend, "queryFrontend.enabled", "`thanos.queryFrontend`, or leave that out"),
        owned_with(Component::Bucketweb, "bucketweb.enabled", "`thanos.bucketweb`, or leave that out"),
        owned_with(Component::Compactor, "compactor.enabled", "`thanos.compactor`, or leave that out"),
        owned_with(Component::Storegateway, "storegateway.enabled", "`thanos.storegateway`, or leave that out"),
        owned_with(Component::Ruler, "ruler.enabled", "`thanos.ruler`, or leave that out"),
        owned_with(Component::Ruler, "ruler.alertmanagers", "`thanos.ruler.alertmanagers`"),
        // The two exclude each other.
        owned_with(Component::Ruler, "ruler.alertmanagersConfig", "`thanos.ruler.alertmanagers`"),
        owned_with(Component::Ruler, "ruler.config", "`thanos.ruler.rules`"),
        // It would take the place of the rules.
        owned_with(Component::Ruler, "ruler.existingConfigmap", "`thanos.ruler.rules`"),
        owned_with(
            Component::Ruler,
            "ruler.args",
            "`ruler.extraFlags`; with arguments of its own the ruler would lose its Alertmanagers",
        ),
        owned_with(Component::Minio, "minio.enabled", "`thanos.minio`, or leave that out"),
        owned_with(Component::Minio, "minio.defaultBuckets", "`thanos.minio.buckets`"),
        owned_with(
            Component::Minio,
            "minio.namespaceOverride",
            "`thanos.namespace`: the bundled MinIO stands beside Thanos",
        ),
        owned_with(Component::Minio, "minio.auth.rootUser", "`thanos.minio.credentials`"),
        owned_with(Component::Minio, "minio.auth.rootPassword", "`thanos.minio.credentials`"),
        owned_with(Component::Minio, "minio.auth.existingSecret", "`thanos.minio.credentials`"),
        owned_with(Component::Minio, "minio.auth.rootUserSecretKey", "`thanos.minio.credentials`"),
        owned_with(Component::Minio, "minio.auth.rootPasswordSecretKey", "`thanos.minio.credentials`"),
    ],
};

const fn moved(path: &'static str, repository: &'static str, when: When) -> MovedImage {
    MovedImage { path, repository, when }
}

const fn service(component: Component, suffix: &'static str) -> ObjectName {
    ObjectName { component, suffix, what: "Service", limit: 63 }
}

/// Its pods carry its name and a hash of 10 characters in one label (kubernetes/kubernetes#64023).
const fn stateful_set(component: Component, suffix: &'static str) -> ObjectName {
    ObjectName { component, suffix, what: "StatefulSet", limit: 52 }
}

const fn owned(path: &'static str, instead: &'static str) -> Owned {
    Owned { path, instead, with: None }
}

const fn owned_with(component: Component, path: &'static str, instead: &'static str) -> Owned {
    Owned { path, instead, with: Some(component) }
}

/// Every dialect; two rows of one chart have no version in common.
static DIALECTS: &[&Dialect] = &[&BITNAMI_THANOS];

/// A chart in one version.
#[derive(Debug)]
pub struct Chart {
    /// How it wants to be written.
    pub dialect: &'static Dialect,
    /// Its version.
    pub version: Version,
    /// Its keys.
    pub catalog: Catalog,
}

impl Chart {
    /// The chart that the settings name.
    ///
    /// # Errors
    /// When it, or this version of it, is not known here: what is known instead.
    pub fn find(chart: &str, version: &str) -> Result<Self, Failure> {
        let known: Vec<(&'static Dialect, Catalog)> = DIALECTS
            .iter()
            .filter(|dialect| dialect.chart == chart)
            .map(|dialect| (*dialect, Catalog::read(dialect.catalog)))
            .collect();
        if known.is_empty() {
            let names = || DIALECTS.iter().map(|dialect| dialect.chart);
            let failure = Failure::new(format!("thanosctl does not know the chart `{}`", without_credentials(chart)));
            let list = names().collect::<Vec<_>>().join(", ");
            return Err(match nearest(chart, names()) {
                Some(name) => failure.hint(format!("did you mean `{name}`? It knows {list}")),
                None => failure.hint(format!("it knows {list}; set `thanos.chart`")),
            });
        }
        let wanted: Option<Version> = version.parse().ok();
        let mut versions: Vec<Version> = known.iter().flat_map(|(_, catalog)| catalog.versions()).copied().collect();
        versions.sort_unstable();
        let found = known.into_iter().find(|(_, catalog)| wanted.is_some_and(|it| catalog.versions().contains(&it)));
        if let (Some((dialect, catalog)), Some(version)) = (found, wanted) {
            return Ok(Self { dialect, version, catalog });
        }
        let version = without_credentials(version);
        let failure = Failure::new(format!("thanosctl does not know version `{version}` of the chart `{chart}`"));
        Err(match (versions.first(), versions.last()) {
            (Some(first), Some(last)) => {
                let below = wanted.and_then(|wanted| versions.iter().rev().find(|version| **version < wanted));
                let near = below.unwrap_or(if wanted.is_some() { first } else { last });
                failure.hint(format!("it knows {first} to {last}; the nearest is {near}"))
            }
            _ => failure,
        })
    }

    /// `text` for the key `path`, so that the chart ends up with that text: escaped where it goes through `tpl`.
    pub fn text(&self, path: &str, text: &str) -> String {
        let templated = self.dialect.templated.iter().any(|(key, span)| *key == path && span.holds(self.version));
        if templated { tpl::escape(text) } else { text.to_owned() }
    }

    /// The check of images; `None` when this version has none.
    pub fn image_check(&self) -> Option<ImageCheck> {
        self.dialect.image_check.iter().find(|(span, _)| span.holds(self.version)).map(|(_, check)| *check)
    }

    /// What `helm upgrade` takes for the chart.
    pub fn reference(&self) -> &'static str {
        let found = self.dialect.reference.iter().find(|(span, _)| span.holds(self.version));
        found.map_or(self.dialect.chart, |(_, reference)| reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        for (chart, version, hint) in [
            ("bitnami/thanso", "17.3.1", "did you mean `bitnami/thanos`?"),
            ("stevehipwell/thanos", "1.24.1", "it knows bitnami/thanos"),
            ("bitnami/thanos", "12.23.2", "it knows 13.0.0 to 17.6.0; the nearest is 13.0.0"),
            ("bitnami/thanos", "17.3.2", "the nearest is 17.3.1"),
            ("bitnami/thanos", "18.0.0", "the nearest is 17.6.0"),
            ("bitnami/thanos", "latest", "the nearest is 17.6.0"),
        ] {
            let failure = Chart::find(chart, version).unwrap_err();
            assert!(failure.hint_text().unwrap().contains(hint), "{chart} {version}: {failure}");
        }
    }

    #[test]
    fn what_passes_through_tpl_depends_on_the_version() {
        let text = |version: &str, path: &str| Chart::find("bitnami/thanos", version).unwrap().text(path, "{{");
        assert_eq!(text("16.0.4", "minio.auth.rootPassword"), "{{");
        assert_eq!(text("16.0.5", "minio.auth.rootPassword"), "{{ `{{` }}");
        assert_eq!(text("13.0.0", "objstoreConfig"), "{{ `{{` }}");
        assert_eq!(text("17.6.0", "query.logLevel"), "{{");
    }

    #[test]
    fn what_a_dialect_says_of_a_key_is_said_of_one_that_the_chart_has() {
        for dialect in DIALECTS {
            let catalog = Catalog::read(dialect.catalog);
            let owned = dialect.owned.iter().map(|row| row.path);
            let templated = dialect.templated.iter().map(|(path, _)| *path);
            for path in owned.chain(templated).chain(dialect.secrets.iter().copied()) {
                assert!(catalog.versions().iter().any(|version| catalog.knows(*version, path)), "{path}");
            }
        }
    }

    #[test]
    fn the_image_check_is_that_of_the_version() {
        let check = |version: &str| Chart::find("bitnami/thanos", version).unwrap().image_check();
        assert_eq!(check("15.8.5"), None);
        assert_eq!(check("15.9.0"), Some(ImageCheck::AnySwap));
        assert_eq!(check("17.3.0"), Some(ImageCheck::AnySwap));
        assert_eq!(check("17.3.1"), Some(ImageCheck::NotLegacy));
    }
}
