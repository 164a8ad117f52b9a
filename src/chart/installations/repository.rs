//! Whose chart a file installs: what a repository's address or name says, as data.

use crate::chart::chart_version::Chart;
use crate::chart::constraint::Constraint;
use crate::text::without_credentials;

/// A word in the address or the name of a repository, and the chart `thanos` that it has. Mirrors keep the word in
/// their paths: `harbor.example/bitnamicharts/thanos`.
const SIGNS: [(&str, &str); 10] = [
    // https://github.com/bitnami/charts and its registries; since 2025-08 also the frozen ones.
    ("bitnami", "bitnami/thanos"),
    ("bitnamicharts", "bitnami/thanos"),
    ("bitnamichartslegacy", "bitnami/thanos"),
    ("bitnamilegacy", "bitnami/thanos"),
    ("bitnamisecure", "bitnami/thanos"),
    // The mirror of Azure, which has bitnami's charts alone.
    ("marketplace.azurecr.io", "bitnami/thanos"),
    // https://stevehipwell.github.io/helm-charts and oci://ghcr.io/stevehipwell/helm-charts.
    ("stevehipwell", "stevehipwell/thanos"),
    // https://thanos-community.github.io/helm-charts and oci://ghcr.io/thanos-community/helm-charts.
    ("thanos-community", "thanos-community/thanos"),
    ("thanoscommunity", "thanos-community/thanos"),
    ("thanos-community-helm-charts", "thanos-community/thanos"),
];

/// The name that all of them have.
const NAME: &str = "thanos";

/// Where a chart comes from, as far as a file says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Repository {
    /// Not at all.
    #[default]
    Unsaid,
    /// By its address.
    Address(String),
    /// By a name that stands for an address somewhere else.
    Name(String),
    /// By something that cannot be known here, such as a folder of the repository.
    Elsewhere(String),
}

/// The chart that a file installs, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartReference {
    /// Its name; `None` when it cannot be known here.
    pub name: Option<String>,
    /// Where it comes from.
    pub repository: Repository,
    /// Its version, or a range; `None` when nothing is said, which means the newest.
    pub version: Option<String>,
    /// Whether the version is said by something that cannot be known here.
    pub is_version_unknown: bool,
}

/// Which of the known charts a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// This one.
    Known(&'static str),
    /// Probably this one: a chart of that name which has that version, from a repository that is only named.
    Probably(&'static str),
    /// Another chart: which, in words.
    Other(String),
    /// A Thanos chart, and nothing says whose.
    Anybodys,
    /// Nobody can know from what is there: why.
    Unknown(String),
}

impl ChartReference {
    /// Which chart it is.
    pub fn identity(&self) -> Identity {
        let Some(name) = &self.name else {
            return Identity::Unknown(match &self.repository {
                Repository::Elsewhere(what) | Repository::Name(what) => {
                    format!("its chart comes from `{}`, which is not read", without_credentials(what))
                }
                Repository::Unsaid | Repository::Address(_) => "its chart is not named".to_owned(),
            });
        };
        if name != NAME {
            return Identity::Other(format!("the chart `{}`{}", without_credentials(name), self.origin()));
        }
        match &self.repository {
            Repository::Address(text) => match signed(text) {
                Some(chart) => Identity::Known(chart),
                None => Identity::Other(format!("a chart `{NAME}`{}", self.origin())),
            },
            Repository::Name(text) => match (signed(text), self.version_of()) {
                (Some(chart), _) => Identity::Known(chart),
                (None, Some(chart)) => Identity::Probably(chart),
                (None, None) => Identity::Other(format!("a chart `{NAME}`{}", self.origin())),
            },
            Repository::Elsewhere(what) => {
                Identity::Unknown(format!("its chart comes from `{}`, which is not read", without_credentials(what)))
            }
            Repository::Unsaid => match self.version_of() {
                Some(chart) => Identity::Probably(chart),
                None => Identity::Anybodys,
            },
        }
    }

    /// The repository, in words that follow the chart.
    fn origin(&self) -> String {
        match &self.repository {
            Repository::Address(text) if text.is_empty() => String::new(),
            Repository::Address(text) => format!(" of `{}`", without_credentials(text)),
            Repository::Name(text) => format!(" of the repository `{}`", without_credentials(text)),
            Repository::Elsewhere(_) | Repository::Unsaid => String::new(),
        }
    }

    /// The one chart that has the version which is said; `None` when several have it, or none. Young charts of anybody have
    /// versions below 1.0.0, so these say nothing.
    fn version_of(&self) -> Option<&'static str> {
        let exact = Constraint::parse(self.version.as_deref()?)?.exact().filter(|version| version.0 > 0)?;
        let mut charts = known().filter(|chart| Chart::find_known(chart, Some(&exact.to_string())).is_ok());
        let first = charts.next()?;
        charts.next().is_none().then_some(first)
    }
}

/// The charts that are known.
fn known() -> impl Iterator<Item = &'static str> {
    ["bitnami/thanos", "stevehipwell/thanos", "thanos-community/thanos"].into_iter()
}

/// The chart whose sign stands in `text` as a word.
fn signed(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let is_word = |at: usize, sign: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric();
        !text[..at].ends_with(is_part) && !text[at + sign.len()..].starts_with(is_part)
    };
    SIGNS.iter().find(|(sign, _)| text.match_indices(sign).any(|(at, _)| is_word(at, sign))).map(|(_, chart)| *chart)
}

/// A reference such as `oci://ghcr.io/stevehipwell/helm-charts/thanos`, `bitnami/thanos`, `./charts/thanos` or `thanos`:
/// the chart's name and where it comes from.
pub(super) fn located(chart: &str) -> (Option<String>, Repository) {
    let chart = chart.trim_end_matches('/');
    let (lead, last) = chart.rsplit_once('/').unwrap_or(("", chart));
    // A registry may have the version behind the name.
    let last = last.split([':', '@']).next().unwrap_or_default();
    let name = (!last.is_empty() && last != "." && last != "..").then(|| last.to_owned());
    let repository = if chart.contains("://") {
        if chart.ends_with(".tgz") {
            return (None, Repository::Address(chart.to_owned()));
        }
        Repository::Address(lead.to_owned())
    } else if chart.starts_with(['.', '/']) {
        Repository::Elsewhere(chart.to_owned())
    } else if lead.is_empty() {
        Repository::Unsaid
    } else {
        Repository::Name(lead.to_owned())
    };
    (name, repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, repository: Repository, version: &str) -> Identity {
        let version = (!version.is_empty()).then(|| version.to_owned());
        ChartReference { name: Some(name.to_owned()), repository, version, is_version_unknown: false }.identity()
    }

    #[test]
    fn an_address_says_whose_chart_it_is() {
        for (address, chart) in [
            ("oci://registry-1.docker.io/bitnamicharts", Some("bitnami/thanos")),
            ("registry-1.docker.io/bitnamicharts", Some("bitnami/thanos")),
            ("https://charts.bitnami.com/bitnami", Some("bitnami/thanos")),
            ("https://raw.githubusercontent.com/bitnami/charts/archive-full-index/bitnami", Some("bitnami/thanos")),
            ("https://github.com/bitnami/charts", Some("bitnami/thanos")),
            ("oci://harbor.example/dockerhub/bitnamicharts", Some("bitnami/thanos")),
            ("https://marketplace.azurecr.io/helm/v1/repo", Some("bitnami/thanos")),
            ("https://stevehipwell.github.io/helm-charts/", Some("stevehipwell/thanos")),
            ("oci://ghcr.io/stevehipwell/helm-charts", Some("stevehipwell/thanos")),
            ("oci://ghcr.io/thanos-community/helm-charts", Some("thanos-community/thanos")),
            ("https://kubernetes-charts.banzaicloud.com", None),
            ("https://prometheus-community.github.io/helm-charts", None),
            ("https://charts.example/notbitnami", None),
        ] {
            let found = identity("thanos", Repository::Address(address.to_owned()), "1.0.0");
            match chart {
                Some(chart) => assert_eq!(found, Identity::Known(chart), "{address}"),
                None => assert!(matches!(found, Identity::Other(_)), "{address} {found:?}"),
            }
        }
    }

    #[test]
    fn a_name_is_weaker_than_an_address_and_a_version_helps() {
        let named = |name: &str, version: &str| identity("thanos", Repository::Name(name.to_owned()), version);
        assert_eq!(named("bitnami-charts", ""), Identity::Known("bitnami/thanos"));
        assert_eq!(named("stevehipwell", "1.10.2"), Identity::Known("stevehipwell/thanos"));
        assert_eq!(named("thanos-community", ""), Identity::Known("thanos-community/thanos"));
        assert_eq!(named("internal", "17.3.1"), Identity::Probably("bitnami/thanos"));
        assert!(matches!(named("internal", "99.0.0"), Identity::Other(_)));
        assert!(matches!(named("internal", "0.29.0"), Identity::Other(_)));
        assert_eq!(identity("thanos", Repository::Unsaid, "17.3.1"), Identity::Probably("bitnami/thanos"));
        assert_eq!(identity("thanos", Repository::Unsaid, ""), Identity::Anybodys);
        assert!(matches!(
            identity("kube-prometheus-stack", Repository::Name("bitnami".to_owned()), ""),
            Identity::Other(_)
        ));
    }

    #[test]
    fn a_reference_is_taken_apart() {
        let address = |text: &str| Repository::Address(text.to_owned());
        for (chart, name, repository) in [
            (
                "oci://ghcr.io/stevehipwell/helm-charts/thanos",
                Some("thanos"),
                address("oci://ghcr.io/stevehipwell/helm-charts"),
            ),
            ("bitnami/thanos", Some("thanos"), Repository::Name("bitnami".to_owned())),
            ("thanos", Some("thanos"), Repository::Unsaid),
            ("./charts/thanos/", Some("thanos"), Repository::Elsewhere("./charts/thanos".to_owned())),
            ("oci://x/y/thanos:1.2.3", Some("thanos"), address("oci://x/y")),
            ("https://x/thanos-1.2.3.tgz", None, address("https://x/thanos-1.2.3.tgz")),
        ] {
            assert_eq!(located(chart), (name.map(str::to_owned), repository), "{chart}");
        }
    }
}
