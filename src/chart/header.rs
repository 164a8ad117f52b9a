//! The first line of what thanosctl writes: by it a file is known as ours before it is replaced, and a values file
//! says which chart it is for. Written and read here alone, so that the two cannot drift.
//!
//! Values and Secrets start differently, so that neither can take the other's place.

use std::fmt;

use super::names;
use super::version::Version;

/// The first line of a values file: `# thanosctl VERSION: CHART VERSION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesHeader {
    /// The version of thanosctl that wrote the file.
    pub tool: String,
    /// The chart that the values are for, as `REPOSITORY/NAME`.
    pub chart: String,
    /// The chart's version.
    pub version: Version,
}

impl ValuesHeader {
    /// The header that this thanosctl writes.
    pub fn new(chart: &str, version: Version) -> Self {
        Self { tool: tool(), chart: chart.to_owned(), version }
    }

    /// The header of a file; `None` when its first line is anything else. A byte order mark in front and a carriage
    /// return behind come from editors, and change nothing.
    pub fn of(text: &str) -> Option<Self> {
        let (tool, chart) = first_line(text).strip_prefix("# thanosctl ")?.split_once(": ")?;
        let (chart, version) = chart.split_once(' ')?;
        let (repository, name) = chart.split_once('/')?;
        let found = Self { tool: tool.to_owned(), chart: chart.to_owned(), version: version.parse().ok()? };
        let fits = [repository, name].iter().all(|part| names::is_label(part, 63)) && is_semantic(tool);
        // No other spelling of a version is ours.
        (fits && found.version.to_string() == version).then_some(found)
    }
}

impl fmt::Display for ValuesHeader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "# thanosctl {}: {} {}", self.tool, self.chart, self.version)
    }
}

/// What a manifest holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The Secrets of a release.
    Secrets,
    /// The ConfigMap with its stores.
    Stores,
}

impl Held {
    fn lead(self) -> &'static str {
        match self {
            Self::Secrets => "# Secrets by thanosctl ",
            Self::Stores => "# Stores by thanosctl ",
        }
    }
}

/// The first line of a manifest: `# Secrets by thanosctl VERSION: release RELEASE in namespace NAMESPACE`, and so for
/// stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestHeader {
    /// What the manifest holds.
    pub held: Held,
    /// The version of thanosctl that wrote the file.
    pub tool: String,
    /// The release that the manifest is for.
    pub release: String,
    /// Its namespace.
    pub namespace: String,
}

impl ManifestHeader {
    /// The header that this thanosctl writes.
    pub fn new(held: Held, release: &str, namespace: &str) -> Self {
        Self { held, tool: tool(), release: release.to_owned(), namespace: namespace.to_owned() }
    }

    /// The header of a file that holds that, read as [`ValuesHeader::of`] does.
    pub fn of(held: Held, text: &str) -> Option<Self> {
        let (tool, release) = first_line(text).strip_prefix(held.lead())?.split_once(": release ")?;
        let (release, namespace) = release.split_once(" in namespace ")?;
        let fits = [release, namespace].iter().all(|name| names::is_label(name, 63)) && is_semantic(tool);
        fits.then(|| Self { held, tool: tool.to_owned(), release: release.to_owned(), namespace: namespace.to_owned() })
    }
}

impl fmt::Display for ManifestHeader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { held, tool, release, namespace } = self;
        write!(out, "{}{tool}: release {release} in namespace {namespace}", held.lead())
    }
}

fn tool() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn first_line(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text).lines().next().unwrap_or_default()
}

/// Whether `text` is a semantic version, such as `0.2.0-rc.1` (semver.org, 2.0.0).
fn is_semantic(text: &str) -> bool {
    let identifiers = |text: &str| {
        text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, early) = text.split_once('-').map_or((text, None), |(core, early)| (core, Some(early)));
    core.parse::<Version>().is_ok_and(|version| version.to_string() == core)
        && early.is_none_or(identifiers)
        && build.is_none_or(identifiers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALUES: &str = "# thanosctl 0.1.0: bitnami/thanos 17.3.1";
    const SECRETS: &str = "# Secrets by thanosctl 0.1.0: release thanos in namespace monitoring";

    #[test]
    fn what_was_written_is_recognised_also_when_an_editor_changed_its_line_breaks() {
        let values = ValuesHeader::new("bitnami/thanos", Version(17, 3, 1));
        let secrets = ManifestHeader::new(Held::Secrets, "obs", "monitoring");
        for (before, behind) in [("", ""), ("", "\nquery: {}\n"), ("", "\r\nquery: {}\r\n"), ("\u{feff}", "\r\n")] {
            assert_eq!(ValuesHeader::of(&format!("{before}{values}{behind}")).as_ref(), Some(&values));
            assert_eq!(
                ManifestHeader::of(Held::Secrets, &format!("{before}{secrets}{behind}")).as_ref(),
                Some(&secrets)
            );
        }
        for tool in ["0.2.0-rc.1", "1.0.0-a-b+build.5", "1.0.0+x"] {
            assert_eq!(ValuesHeader::of(&VALUES.replace("0.1.0", tool)).unwrap().tool, tool);
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not_ours() {
        for text in [
            "",
            "# thanosctl",
            "# thanosctl 0.1.0: notes of mine",
            "# thanosctl is a tool: it wrote this",
            "# thanosctl 0.1: bitnami/thanos 17.3.1",
            "# thanosctl v0.1.0: bitnami/thanos 17.3.1",
            "# thanosctl 0.1.0: thanos 17.3.1",
            "# thanosctl 0.1.0: bitnami/thanos 17.3",
            "# thanosctl 0.1.0: bitnami/thanos v17.3.1",
            "# thanosctl 0.1.0: bitnami/thanos 017.3.1",
            "# thanosctl 0.1.0: bitnami/thanos 17.3.1 and more",
            "# thanosctl 0.1.0: Bitnami/thanos/x 17.3.1",
            "# thanosctl 0.1.0-: bitnami/thanos 17.3.1",
            " # thanosctl 0.1.0: bitnami/thanos 17.3.1",
            "\n# thanosctl 0.1.0: bitnami/thanos 17.3.1",
            "#thanosctl 0.1.0: bitnami/thanos 17.3.1",
            "# thanosctl 0.1.0: bitnami/thanos 17.3.1 ",
            SECRETS,
        ] {
            assert_eq!(ValuesHeader::of(text), None, "{text}");
        }
        for text in [
            VALUES,
            "# Secrets by thanosctl",
            "# Secrets by thanosctl 0.1.0: of mine",
            "# Secrets by thanosctl 0.1.0: release a b in namespace c",
            "# Secrets by thanosctl 0.1.0: release a in namespace c d",
            "# Secrets by thanosctl x: release a in namespace c",
        ] {
            assert_eq!(ManifestHeader::of(Held::Secrets, text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_recognised_is_written_the_same(text in "(# thanosctl|# Secrets by thanosctl)? ?[0-9.a-z:/ +-]{0,50}") {
            if let Some(header) = ValuesHeader::of(&text) {
                prop_assert_eq!(header.to_string(), text.clone());
            }
            if let Some(header) = ManifestHeader::of(Held::Secrets, &text) {
                prop_assert_eq!(header.to_string(), text);
            }
        }
    }
}
