//! Which release of Thanos takes which flag for which component, and how kingpin reads a list of arguments.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::part::Component;
use crate::text::{clean, nearest};
use crate::thanos::thanos_version::ThanosVersion;

/// The table, made from the sources of Thanos.
const TABLE: &str = include_str!("../../catalogue/thanos-flags.txt");

/// The flags of all releases.
pub(super) static FLAGS: LazyLock<Flags> = LazyLock::new(|| Flags::read(TABLE));

/// The flags of Thanos.
#[derive(Debug)]
pub(super) struct Flags {
    /// From the first to the last.
    releases: Vec<ThanosVersion>,
    programs: BTreeMap<&'static str, BTreeMap<&'static str, Row>>,
}

#[derive(Debug)]
struct Row {
    takes: Takes,
    /// The first and the last release that know it; open where that is the first or the last of all.
    spans: Vec<(Option<ThanosVersion>, Option<ThanosVersion>)>,
}

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A value, and it may stand once.
    One,
    /// A value, and it may stand several times.
    Several,
    /// A value; whether it may stand several times is not known.
    Some,
    /// No value: it is true, or false with `no-` before its name.
    Nothing,
}

/// What a release knows of a flag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It takes the flag.
    Yes(Takes),
    /// It does not, and this later one does.
    NotYet(ThanosVersion),
    /// It does not; this one, which is not later, was the first without.
    Gone(ThanosVersion),
    /// No release knows it.
    Never,
}

/// The program that a component runs: `thanos PROGRAM`; `None` for one that is not Thanos.
pub(super) fn program(component: Component) -> Option<&'static str> {
    Some(match component {
        Component::Query => "query",
        Component::QueryFrontend => "query-frontend",
        Component::Bucketweb => "tools-bucket-web",
        Component::Compactor => "compact",
        Component::Storegateway => "store",
        Component::Ruler => "rule",
        Component::Receive => "receive",
        Component::Minio => return None,
    })
}

/// The program as people call it.
fn called(program: &str) -> String {
    format!("thanos {}", if program == "tools-bucket-web" { "tools bucket web" } else { program })
}

impl Flags {
    fn read(text: &'static str) -> Self {
        let mut flags = Self { releases: Vec::new(), programs: BTreeMap::new() };
        let mut program = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.trim_start().split(' ');
            let Some(name) = words.next() else { continue };
            if name == "releases" {
                flags.releases.extend(words.filter_map(ThanosVersion::of_tag));
            } else if line.starts_with(' ') {
                let mut row = Row { takes: Takes::One, spans: Vec::new() };
                for word in words {
                    match (word, word.split_once("..")) {
                        ("bool", _) => row.takes = Takes::Nothing,
                        ("repeated", _) => row.takes = Takes::Several,
                        ("custom", _) => row.takes = Takes::Some,
                        (_, Some((first, last))) => {
                            row.spans.push((ThanosVersion::of_tag(first), ThanosVersion::of_tag(last)));
                        }
                        (_, None) => {}
                    }
                }
                flags.programs.entry(program).or_default().insert(name, row);
            } else {
                program = name;
            }
        }
        flags
    }

    /// What a release knows of a flag of a program, by its name without dashes; `None` of a release that is not known
    /// here: older than the first or newer than the last.
    pub(super) fn find(&self, program: &str, release: ThanosVersion, name: &str) -> Option<Known> {
        let (first, last) = (self.releases.first()?, self.releases.last()?);
        if release < *first || release > *last {
            return None;
        }
        let tables = || [program, "all"].into_iter().filter_map(|program| self.programs.get(program));
        let rows: Vec<&Row> = tables().filter_map(|table| table.get(name)).collect();
        if let Some(row) = rows.iter().find(|row| row.holds(release)) {
            return Some(Known::Yes(row.takes));
        }
        let is_later = |(first, _): &&(Option<ThanosVersion>, _)| first.is_some_and(|first| first > release);
        let spans = || rows.iter().flat_map(|row| &row.spans);
        if let Some((Some(first), _)) = spans().find(is_later) {
            return Some(Known::NotYet(*first));
        }
        if let Some(last) = spans().filter_map(|(_, last)| *last).max() {
            let without = self.releases.iter().find(|release| **release > last).copied().unwrap_or(release);
            return Some(Known::Gone(without));
        }
        Some(Known::Never)
    }

    /// The flag that a release takes for a program and that is spelled like `name`.
    fn nearest(&self, program: &str, release: ThanosVersion, name: &str) -> Option<&'static str> {
        let tables = [program, "all"].into_iter().filter_map(|program| self.programs.get(program));
        nearest(name, tables.flatten().filter(|(_, row)| row.holds(release)).map(|(name, _)| *name))
    }
}

impl Row {
    fn holds(&self, release: ThanosVersion) -> bool {
        self.spans
            .iter()
            .any(|(first, last)| first.is_none_or(|first| first <= release) && last.is_none_or(|last| release <= last))
    }
}

/// Why a release does not take a flag, and what to do.
fn refusal(program: &str, release: ThanosVersion, name: &str, known: &Known, spelling: Spelling) -> (String, String) {
    let near = || FLAGS.nearest(program, release, name).filter(|_| spelling == Spelling::Guessed);
    let (called, name) = (called(program), clean(name));
    match known {
        Known::Gone(without) => (
            format!("Thanos has no flag --{name} since {without}"),
            format!("leave it out, or run an image of Thanos before {without}"),
        ),
        Known::NotYet(first) => (
            format!("Thanos {release} has no flag --{name}: it came with {first}"),
            format!("leave it out, or run an image of Thanos {first} or later"),
        ),
        Known::Never | Known::Yes(_) => (
            format!("Thanos {release} has no flag --{name} for `{called}`"),
            match near() {
                Some(near) => format!("did you mean --{near}?"),
                None => format!("leave it out; `{called} --help` lists its flags"),
            },
        ),
    }
}

/// Whether a flag that is spelled alike is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// It is.
    Guessed,
    /// It is not: the finding is one of too many to be shown.
    Left,
}

/// What is wrong with one of several arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The release does not take the flag.
    Unknown(String, Known),
    /// A flag without the value that it takes.
    NoValue(String),
    /// A flag that takes no value has one.
    NeedlessValue(String),
    /// A flag with a blank behind its name: the blank and what follows are taken for a part of the name.
    Blank(String),
    /// A flag with one dash.
    OneDash(String),
    /// A text that belongs to no flag.
    Stray,
    /// A flag that may stand once, for the second time.
    Twice(String),
}

impl Fault {
    /// What is the matter, and what to do; never quotes what stands behind a name.
    pub(super) fn told(&self, program: &str, release: ThanosVersion, spelling: Spelling) -> (String, String) {
        match self {
            Self::Unknown(name, known) => refusal(program, release, name, known, spelling),
            Self::NoValue(name) => (
                format!("the flag --{} has no value", clean(name)),
                format!("write --{}=VALUE as one item of the list", clean(name)),
            ),
            Self::NeedlessValue(name) => {
                let positive = clean(name.strip_prefix("no-").unwrap_or(name));
                (
                    format!("the flag --{} takes no value", clean(name)),
                    format!("write --{positive} alone; --no-{positive} turns it off"),
                )
            }
            Self::Blank(name) => {
                let hint = match FLAGS.find(program, release, name) {
                    Some(Known::Yes(Takes::Nothing)) => format!("write --{} alone", clean(name)),
                    _ => format!("write --{}=VALUE", clean(name)),
                };
                (format!("a blank stands behind --{}, and an item of the list is one argument", clean(name)), hint)
            }
            Self::OneDash(name) => (
                format!("-{} has one dash: Thanos takes each letter behind it for a flag", clean(name)),
                format!("write --{}", clean(name)),
            ),
            Self::Stray => (
                "an argument that belongs to no flag".to_owned(),
                "write --FLAG=VALUE as one item of the list".to_owned(),
            ),
            Self::Twice(name) => (
                format!("the flag --{} stands twice, and Thanos takes it once", clean(name)),
                "delete one of them".to_owned(),
            ),
        }
    }
}

/// Reads arguments of a program as kingpin does: `--name=value`, `--name value` as two of them, `--name` and `--no-name`.
/// `None` is an argument that is not known here, and so is what follows it as far as it may belong to it. Returns each
/// fault with the number of its argument.
pub(super) fn faults(program: &str, release: ThanosVersion, arguments: &[Option<String>]) -> Vec<(usize, Fault)> {
    let mut faults = Vec::new();
    let mut wanting: Option<(usize, String)> = None;
    let mut is_after_unknown = false;
    let mut seen: HashSet<String> = HashSet::new();
    for (at, argument) in arguments.iter().enumerate() {
        let Some(argument) = argument else {
            (wanting, is_after_unknown) = (None, true);
            continue;
        };
        let was_after_unknown = std::mem::take(&mut is_after_unknown);
        let is_flag = argument.len() > 1 && argument.starts_with('-');
        match wanting.take() {
            Some(_) if !is_flag => continue,
            Some((at, name)) => faults.push((at, Fault::NoValue(name))),
            None => {}
        }
        let Some(flag) = argument.strip_prefix("--") else {
            let is_help = argument == "-h" || argument.starts_with('@');
            if is_flag && !is_help {
                faults.push((at, Fault::OneDash(name_of(&argument[1..]).to_owned())));
            } else if !is_flag && !is_help && !was_after_unknown {
                faults.push((at, Fault::Stray));
            }
            continue;
        };
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || is_unknown(name) {
            is_after_unknown = true;
            continue;
        }
        if name.contains(char::is_whitespace) {
            faults.push((at, Fault::Blank(name_of(name).to_owned())));
            continue;
        }
        let Some(known) = FLAGS.find(program, release, name) else { return Vec::new() };
        let known = match (known, name.strip_prefix("no-")) {
            (Known::Never, Some(positive)) => match FLAGS.find(program, release, positive) {
                Some(Known::Yes(Takes::Nothing)) => Known::Yes(Takes::Nothing),
                _ => Known::Never,
            },
            (known, _) => known,
        };
        let Known::Yes(takes) = known else {
            // Whether it takes the next argument is not known.
            is_after_unknown = value.is_none();
            faults.push((at, Fault::Unknown(name.to_owned(), known)));
            continue;
        };
        match (takes, value) {
            (Takes::Nothing, Some(_)) => faults.push((at, Fault::NeedlessValue(name.to_owned()))),
            (Takes::Nothing, None) | (_, Some(_)) => {}
            (_, None) => wanting = Some((at, name.to_owned())),
        }
        let once = name.strip_prefix("no-").filter(|_| takes == Takes::Nothing).unwrap_or(name).to_owned();
        if matches!(takes, Takes::One | Takes::Nothing) && seen.contains(&once) {
            faults.push((at, Fault::Twice(name.to_owned())));
        }
        seen.insert(once);
    }
    faults.extend(wanting.map(|(at, name)| (at, Fault::NoValue(name))));
    faults
}

/// Whether somebody else fills in a part of a text.
fn is_unknown(text: &str) -> bool {
    ["{{", "${", "$("].iter().any(|mark| text.contains(mark))
}

/// The name at the beginning of an argument: what stands behind it is never shown.
fn name_of(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || c == '=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW: ThanosVersion = ThanosVersion::new(0, 42, 4);

    fn told(release: ThanosVersion, arguments: &[&str]) -> Vec<(usize, Fault)> {
        let arguments: Vec<Option<String>> =
            arguments.iter().map(|text| (!is_unknown(text)).then(|| (*text).to_owned())).collect();
        faults("query", release, &arguments)
    }

    #[test]
    fn the_table_knows_when_flags_came_and_went() {
        let find = |version: &str, name| FLAGS.find("query", version.parse().unwrap(), name);
        assert_eq!(find("0.37.2", "store"), Some(Known::Yes(Takes::Several)));
        assert_eq!(find("0.38.0", "store"), Some(Known::Gone(ThanosVersion::new(0, 38, 0))));
        assert_eq!(find("0.23.1", "endpoint"), Some(Known::NotYet(ThanosVersion::new(0, 24, 0))));
        assert_eq!(find("0.42.4", "query.auto-downsampling"), Some(Known::Yes(Takes::Nothing)));
        assert_eq!(find("0.42.4", "log.level"), Some(Known::Yes(Takes::One)));
        assert_eq!(find("0.42.4", "query.timeot"), Some(Known::Never));
        assert_eq!(FLAGS.nearest("query", NEW, "query.timeot"), Some("query.timeout"));
        assert_eq!(find("0.42.4", "zebra"), Some(Known::Never));
        assert_eq!(FLAGS.nearest("query", NEW, "zebra"), None);
        assert_eq!(find("0.99.0", "zebra"), None);
        assert_eq!(find("0.7.0", "zebra"), None);
    }

    /// Each line was tried with the real program.
    #[test]
    fn arguments_are_read_as_kingpin_reads_them() {
        let name = |name: &str| name.to_owned();
        for (arguments, expected) in [
            (&["--query.timeout=5m", "--no-query.auto-downsampling", "--query.max-concurrent", "20"][..], vec![]),
            (&["--query.auto-downsampling=true"], vec![(0, Fault::NeedlessValue(name("query.auto-downsampling")))]),
            (&["--query.auto-downsampling", "true"], vec![(1, Fault::Stray)]),
            (&["--query.timeout"], vec![(0, Fault::NoValue(name("query.timeout")))]),
            (&["--query.timeout", "--log.level=info"], vec![(0, Fault::NoValue(name("query.timeout")))]),
            (&["-query.timeout=5m"], vec![(0, Fault::OneDash(name("query.timeout")))]),
            (&["--query.timeout 5m"], vec![(0, Fault::Blank(name("query.timeout")))]),
            (&["--query.timeout=5m", "--query.timeout=6m"], vec![(1, Fault::Twice(name("query.timeout")))]),
            (&["--query.replica-label=a", "--query.replica-label=b"], vec![]),
            (&["--no-query.timeout=5m"], vec![(0, Fault::Unknown(name("no-query.timeout"), Known::Never))]),
            (&["--QUERY.timeout=1m"], vec![(0, Fault::Unknown(name("QUERY.timeout"), Known::Never))]),
            (&["--query.timeout={{ x }}", "--query.mode", "{{ y }}", "--{{ z }}", "foo"], vec![]),
            (&["--query.timeout=", "-h", "@file"], vec![]),
        ] {
            let found = told(NEW, arguments);
            assert!(
                found == expected
                    || matches!((&found[..], &expected[..]), ([(0, Fault::Unknown(a, Known::Never))], [(0, Fault::Unknown(b, Known::Never))]) if a == b),
                "{arguments:?}: {found:?}"
            );
        }
        assert_eq!(told(ThanosVersion::new(1, 0, 0), &["--zebra"]), []);
    }

    proptest! {
        #[test]
        fn no_arguments_make_it_stumble(arguments in prop::collection::vec("-{0,3}(no-)?(query.timeout|query.auto-downsampling|[a-z.]{0,4})(=| )?[a-z]{0,2}", 0..5)) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            for (at, _) in told(NEW, &arguments) {
                prop_assert!(at < arguments.len());
            }
        }
    }
}
