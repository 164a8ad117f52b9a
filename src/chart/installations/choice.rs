//! Which chart in which version values are for: what flags say, else what the file says of itself, else the settings, else
//! the chart that thanosctl writes values for.

use super::repository::{ChartReference, Identity};
use crate::chart::chart_version::Chart;
use crate::chart::constraint::Constraint;
use crate::chart::version::Version;
use crate::failure::Failure;
use crate::text::without_credentials;

/// What is said from outside of a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The chart that a flag names.
    pub chart: Option<&'a str>,
    /// The version that a flag names.
    pub version: Option<&'a str>,
    /// The chart and the version of the settings; `None` when there are none.
    pub settings: Option<(&'a str, Option<&'a str>)>,
    /// The chart where nothing at all is said.
    pub default: &'a str,
}

/// What a file says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// What its object installs.
    pub reference: Option<&'a ChartReference>,
    /// What the first line says that thanosctl wrote.
    pub header: Option<(&'a str, Version)>,
}

/// What becomes of the values.
#[derive(Debug)]
pub enum Choice {
    /// They are for this chart. With what a reader has to know, a sentence each without a full stop.
    For(Box<Chart>, Vec<String>),
    /// They are for a chart that is not known: which, in words.
    NotKnown(String),
}

/// Chooses the chart of values.
///
/// # Errors
/// When the version is not known, or nobody can know which chart it is: with what to type.
pub fn choose(asked: &Asked<'_>, said: &Said<'_>) -> Result<Choice, Failure> {
    let identity = said.reference.map(ChartReference::identity);
    let header = said.header.map(|(chart, _)| chart);
    let of_file = match &identity {
        Some(Identity::Known(chart) | Identity::Probably(chart)) => Some(*chart),
        Some(Identity::Anybodys | Identity::Unknown(_)) | None => header,
        Some(Identity::Other(_)) => None,
    };
    let fallback = asked.settings.map_or(asked.default, |(chart, _)| chart);
    let name = match (asked.chart.or(of_file), &identity) {
        (Some(chart), _) => chart,
        (None, Some(Identity::Other(what))) => return Ok(Choice::NotKnown(what.clone())),
        // Whoever names a version knows what it is for.
        (None, Some(Identity::Unknown(why))) if asked.version.is_none() => {
            return Err(Failure::new("it is not known which chart the values are for")
                .caused_by(why)
                .hint("name it: --chart REPOSITORY/NAME --chart-version VERSION"));
        }
        (None, Some(_) | None) => fallback,
    };
    let mut notes = Vec::new();
    // The version of one chart is none of another.
    let is_its_own = of_file.is_none_or(|own| own == name);
    let version = match (asked.version, said) {
        (Some(version), _) => Some(version.to_owned()),
        (None, Said { reference: Some(reference), header }) if is_its_own => {
            match resolved(reference, name, &mut notes)? {
                Some(version) => Some(version),
                None => {
                    let told = header.map(|(_, version)| version.to_string()).or_else(|| of_settings(asked, name));
                    if told.is_none() {
                        let newest = Chart::find_known(name, None)?.version;
                        notes.push(format!("no version of {name} is named, so they are checked for {newest}"));
                    }
                    told
                }
            }
        }
        (None, Said { reference: None, header: Some((_, version)) }) if is_its_own => Some(version.to_string()),
        _ => of_settings(asked, name),
    };
    let chart = Chart::find_known(name, version.as_deref())?;
    if let Some(Identity::Probably(_)) = identity
        && asked.chart.is_none()
    {
        notes.push(format!("whose chart it is, is not said; version {} is one of {name}", chart.version));
    }
    if asked.chart.is_none() && asked.version.is_none() && (of_file.is_some() || said.reference.is_some()) {
        notes.extend(contradiction(asked, &chart));
    }
    Ok(Choice::For(Box::new(chart), notes))
}

fn of_settings(asked: &Asked<'_>, name: &str) -> Option<String> {
    asked.settings.filter(|(chart, _)| *chart == name).and_then(|(_, version)| version.map(str::to_owned))
}

/// The version that a reference means; `None` when it says none.
fn resolved(reference: &ChartReference, name: &str, notes: &mut Vec<String>) -> Result<Option<String>, Failure> {
    let hint = format!("name the version to check for: --chart {name} --chart-version VERSION");
    if reference.is_version_unknown {
        return Err(Failure::new(format!("it is not known which version of {name} the values are for"))
            .caused_by("what names it is filled in elsewhere")
            .hint(hint));
    }
    let newest = Chart::find_known(name, None)?;
    let Some(text) = &reference.version else { return Ok(None) };
    let shown = without_credentials(text);
    let known = newest.catalog.versions();
    let unknown = || {
        let failure = Failure::new(format!("thanosctl does not know version `{shown}` of the chart `{name}`"));
        let near = known.first().zip(known.last());
        let near = near.map_or_else(String::new, |(first, last)| format!("it knows {first} to {last}; "));
        failure.hint(format!("{near}check for another one: --chart-version VERSION"))
    };
    let Some(constraint) = Constraint::parse(text) else { return Err(unknown()) };
    if let Some(version) = constraint.exact() {
        // A version that is not known is never taken for another.
        return if known.contains(&version) { Ok(Some(version.to_string())) } else { Err(unknown()) };
    }
    let version = constraint.newest(known).ok_or_else(unknown)?;
    notes.push(format!("`{shown}` allows several versions; they are checked for the newest that is known, {version}"));
    Ok(Some(version.to_string()))
}

/// What the settings say otherwise than the file.
fn contradiction(asked: &Asked<'_>, chart: &Chart) -> Option<String> {
    let (name, version) = asked.settings?;
    let own = chart.dialect.chart;
    let differs = name != own
        || version
            .is_some_and(|version| Chart::find_known(name, Some(version)).is_ok_and(|of| of.version != chart.version));
    differs.then(|| {
        let version = version.map_or_else(String::new, |version| format!(" {version}"));
        format!("it names {own} {}, and thanosctl.yaml {name}{version}; the file counts", chart.version)
    })
}

#[cfg(test)]
mod tests {
    use super::super::repository::Repository;
    use super::*;

    fn reference(repository: &str, version: &str) -> ChartReference {
        ChartReference {
            name: Some("thanos".to_owned()),
            repository: Repository::Name(repository.to_owned()),
            version: (!version.is_empty()).then(|| version.to_owned()),
            is_version_unknown: false,
        }
    }

    fn chosen(asked: &Asked<'_>, reference: Option<&ChartReference>) -> String {
        let asked = Asked { default: "bitnami/thanos", ..*asked };
        match choose(&asked, &Said { reference, header: None }) {
            Ok(Choice::For(chart, notes)) => {
                format!("{} {} {}", chart.dialect.chart, chart.version, notes.join("; ")).trim_end().to_owned()
            }
            Ok(Choice::NotKnown(what)) => format!("not {what}"),
            Err(failure) => format!("error {}", failure.summary()),
        }
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_the_settings() {
        let nothing = Asked::default();
        let settings = Asked { settings: Some(("bitnami/thanos", Some("16.0.7"))), ..nothing };
        let steve = reference("stevehipwell", "1.10.2");
        assert_eq!(chosen(&nothing, Some(&steve)), "stevehipwell/thanos 1.10.2");
        assert_eq!(
            chosen(&settings, Some(&steve)),
            "stevehipwell/thanos 1.10.2 it names stevehipwell/thanos 1.10.2, and thanosctl.yaml bitnami/thanos 16.0.7; the file counts"
        );
        let flag = Asked { chart: Some("stevehipwell/thanos"), ..nothing };
        assert_eq!(chosen(&flag, Some(&steve)), "stevehipwell/thanos 1.10.2");
        let flag = Asked { chart: Some("bitnami/thanos"), ..nothing };
        assert_eq!(chosen(&flag, Some(&steve)), "bitnami/thanos 17.3.1");
        let flag = Asked { version: Some("1.24.1"), ..nothing };
        assert_eq!(chosen(&flag, Some(&steve)), "stevehipwell/thanos 1.24.1");
        assert_eq!(chosen(&settings, None), "bitnami/thanos 16.0.7");
        assert_eq!(chosen(&settings, Some(&reference("bitnami", "16.0.7"))), "bitnami/thanos 16.0.7");
    }

    #[test]
    fn a_range_is_its_newest_known_version_and_an_unknown_version_is_none() {
        let nothing = Asked::default();
        for (version, expected) in [
            ("17.x", "bitnami/thanos 17.6.0 `17.x` allows several versions"),
            (">=15 <16", "bitnami/thanos 15.14.1 "),
            ("~12.13.0", "bitnami/thanos 12.13.13 "),
            ("17.3.2", "error thanosctl does not know version `17.3.2`"),
            ("18.x", "error thanosctl does not know version `18.x`"),
            ("main", "error thanosctl does not know version `main`"),
            ("", "bitnami/thanos 17.3.1 no version of bitnami/thanos is named"),
        ] {
            let found = chosen(&nothing, Some(&reference("bitnami", version)));
            assert!(found.starts_with(expected), "{version}: {found}");
        }
    }

    #[test]
    fn another_chart_is_not_known_and_what_is_elsewhere_has_to_be_named() {
        let nothing = Asked::default();
        let stack = ChartReference {
            name: Some("kube-prometheus-stack".to_owned()),
            ..reference("prometheus-community", "60.x")
        };
        assert_eq!(
            chosen(&nothing, Some(&stack)),
            "not the chart `kube-prometheus-stack` of the repository `prometheus-community`"
        );
        let elsewhere = ChartReference {
            name: None,
            repository: Repository::Elsewhere("OCIRepository/thanos".to_owned()),
            ..ChartReference::default()
        };
        assert!(chosen(&nothing, Some(&elsewhere)).starts_with("error it is not known which chart"));
        let flag = Asked { chart: Some("bitnami/thanos"), version: Some("17.3.1"), ..nothing };
        assert_eq!(chosen(&flag, Some(&elsewhere)), "bitnami/thanos 17.3.1");
        let filled = ChartReference { version: None, is_version_unknown: true, ..reference("bitnami", "") };
        assert!(chosen(&nothing, Some(&filled)).starts_with("error it is not known which version of bitnami/thanos"));
    }
}
