//! What a chart renamed, and which keys gave way to something that has no single name.

use serde_json::{Map, Value};

use super::version::Version;

/// The renames, kept by hand.
const RENAMES: &str = include_str!("../../catalogue/renames.txt");

/// What was replaced by more than one key, kept by hand.
const REPLACED: &str = include_str!("../../catalogue/replaced.txt");

/// A path whose names may be `*`: any name.
type Pattern = Vec<&'static str>;

/// What a chart renamed and replaced.
pub(super) struct Renames {
    /// Since when, from what, to what.
    renamed: Vec<(Version, Pattern, Pattern)>,
    replaced: Vec<(Pattern, Replaced)>,
}

/// Another name of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OtherName {
    /// The key, its names joined by dots.
    pub(super) key: String,
    /// Whether that is the newer name.
    pub(super) is_newer: bool,
    /// Since when the newer name holds.
    pub(super) since: Version,
}

impl OtherName {
    /// This is the other name of the mapping `values` at `path`: that of each of its keys that is not among `found`, which
    /// went elsewhere.
    pub(super) fn along(
        &self,
        path: &[String],
        values: &Map<String, Value>,
        found: &[(Vec<String>, OtherName)],
    ) -> Vec<(Vec<String>, OtherName)> {
        let own = values.keys().map(|name| {
            let own: Vec<String> = path.iter().chain([name]).cloned().collect();
            (own, Self { key: format!("{}.{name}", self.key), ..self.clone() })
        });
        own.filter(|(own, _)| !found.iter().any(|(elsewhere, _)| elsewhere.starts_with(own))).collect()
    }
}

/// A key that gave way to several others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The first version with what takes its place.
    pub since: Version,
    /// The first version that does not read it.
    pub gone: Version,
    /// What to write instead, for people.
    pub instead: &'static str,
}

impl Renames {
    /// Those of a chart.
    pub(super) fn of(chart: &str) -> Self {
        let path = |words: &mut std::str::SplitN<'static, char>| {
            words.next().map(|path: &'static str| path.split('.').collect::<Pattern>())
        };
        let rows = |text: &'static str, words: usize| {
            text.lines().filter(|line| !line.starts_with('#')).map(move |line| line.splitn(words, ' '))
        };
        let renamed = |mut words: std::str::SplitN<'static, char>| {
            let (of, since) = (words.next()?, words.next()?.parse().ok()?);
            (of == chart).then_some((since, path(&mut words)?, path(&mut words)?))
        };
        let replaced = |mut words: std::str::SplitN<'static, char>| {
            let (of, since, gone) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let pattern = path(&mut words)?;
            (of == chart).then_some((pattern, Replaced { since, gone, instead: words.next()? }))
        };
        Self {
            renamed: rows(RENAMES, 4).filter_map(renamed).collect(),
            replaced: rows(REPLACED, 5).filter_map(replaced).collect(),
        }
    }

    /// What took the place of a key, as far as `version` has it.
    pub(super) fn replaced(&self, path: &[String], version: Version) -> Option<Replaced> {
        let found = self.replaced.iter().find(|(pattern, _)| pattern.len() == path.len() && fits(path, pattern));
        found.map(|(_, replaced)| *replaced).filter(|replaced| version >= replaced.since)
    }

    /// The other name of a key: what an old one is called now, or what a new one is called in `version`, which is older.
    /// `knows` tells whether that version knows a key: a name that it does not know is none.
    pub(super) fn of_path(&self, path: &[String], version: Version, knows: &dyn Fn(&str) -> bool) -> Option<OtherName> {
        self.name(path, version).filter(|other| knows(&other.key))
    }

    fn name(&self, path: &[String], version: Version) -> Option<OtherName> {
        for (since, old, new) in &self.renamed {
            let is_newer = version >= *since;
            let (from, to) = if is_newer { (old, new) } else { (new, old) };
            if let Some(other) = renamed(path, from, to) {
                // What it became may have been renamed again.
                let again = self.name(&other, version).filter(|again| again.is_newer == is_newer);
                let key = again.map_or_else(|| other.join("."), |again| again.key);
                return Some(OtherName { key, is_newer, since: *since });
            }
        }
        None
    }

    /// The keys below `path` that have another name, each with its own path.
    pub(super) fn below(
        &self,
        path: &mut Vec<String>,
        values: &Map<String, Value>,
        version: Version,
        knows: &dyn Fn(&str) -> bool,
    ) -> Vec<(Vec<String>, OtherName)> {
        let mut found = Vec::new();
        for (name, value) in values {
            path.push(name.clone());
            let mut deeper = match value {
                Value::Object(below) => self.below(path, below, version, knows),
                _ => Vec::new(),
            };
            match (self.of_path(path, version, knows), value) {
                // Keys below may have names of their own, whatever became of the mapping that holds them.
                (Some(other), Value::Object(below)) if !deeper.is_empty() => {
                    deeper.extend(other.along(path, below, &deeper));
                }
                (Some(other), _) => deeper = vec![(path.clone(), other)],
                (None, _) => {}
            }
            found.extend(deeper);
            path.pop();
        }
        found
    }

    /// All rows, for tests: since when, from what, to what.
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[(Version, Vec<&'static str>, Vec<&'static str>)] {
        &self.renamed
    }
}

fn fits(path: &[String], pattern: &[&str]) -> bool {
    pattern.iter().zip(path).all(|(name, it)| *name == "*" || name == it)
}

/// `path` under its new name; `*` stands for one name, the same in both.
fn renamed(path: &[String], from: &[&str], to: &[&str]) -> Option<Vec<String>> {
    let star = from.iter().position(|name| *name == "*").and_then(|at| path.get(at));
    let new = |name: &&str| if *name == "*" { star.cloned().unwrap_or_default() } else { (*name).to_owned() };
    (from.len() == path.len() && fits(path, from)).then(|| to.iter().map(new).collect())
}
