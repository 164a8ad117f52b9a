//! Which clusters are meant by what was typed: `--context NAME`, with globs and exclusions, and what is near a name that
//! nobody has.

use std::collections::BTreeSet;

use crate::text::{clean, glob, listed, nearest};

/// A cluster that can be chosen, by its context or by the fleet's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The context by which it is asked; `None` when nobody asks it.
    pub context: Option<&'a str>,
    /// The fleet's name for it; `None` when the settings have none.
    pub name: Option<&'a str>,
}

/// Why nothing was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotChosen {
    /// Nothing is named so, or like that.
    Unknown(String),
    /// All that were named were also excluded.
    NothingLeft,
}

/// At most so many names are listed in an error; fleets may have thousands.
const LISTED: usize = 10;

/// At most so many names are suggested for one that nobody has.
const SUGGESTED: usize = 3;

impl Candidate<'_> {
    fn is_named(&self, text: &str) -> bool {
        self.context == Some(text) || self.name == Some(text)
    }

    fn matches(&self, pattern: &str) -> bool {
        [self.context, self.name].into_iter().flatten().any(|name| glob(pattern, name))
    }
}

/// The candidates that `patterns` ask for, each once, by their numbers. In a pattern `*` stands for any text, and a leading
/// `!` takes candidates out: from those that other patterns name, else from all that have a context. The order is that
/// of the patterns, then that of the candidates.
///
/// # Errors
/// When a pattern matches nothing, or nothing is left.
pub fn select(candidates: &[Candidate<'_>], patterns: &[String]) -> Result<Vec<usize>, NotChosen> {
    let is_name = |pattern: &str| candidates.iter().any(|candidate| candidate.is_named(pattern));
    let (excludes, includes): (Vec<&str>, Vec<&str>) =
        patterns.iter().map(String::as_str).partition(|pattern| pattern.starts_with('!') && !is_name(pattern));
    let mut selected = Vec::new();
    for pattern in &includes {
        selected.extend(matching(candidates, pattern)?);
    }
    if includes.is_empty() {
        selected.extend((0..candidates.len()).filter(|at| candidates[*at].context.is_some()));
    }
    for pattern in excludes {
        let excluded = matching(candidates, &pattern[1..])?;
        selected.retain(|at| !excluded.contains(at));
    }
    let mut seen = BTreeSet::new();
    selected.retain(|at| seen.insert(*at));
    if selected.is_empty() { Err(NotChosen::NothingLeft) } else { Ok(selected) }
}

/// A name that happens to hold a `*` means itself, and a context comes before another's name.
fn matching(candidates: &[Candidate<'_>], pattern: &str) -> Result<Vec<usize>, NotChosen> {
    let position = |named: &dyn Fn(&Candidate<'_>) -> bool| candidates.iter().position(named);
    let exact = position(&|candidate| candidate.context == Some(pattern))
        .or_else(|| position(&|candidate| candidate.name == Some(pattern)));
    let matched: Vec<usize> = match exact {
        Some(at) => vec![at],
        None => (0..candidates.len()).filter(|at| candidates[*at].matches(pattern)).collect(),
    };
    if matched.is_empty() { Err(NotChosen::Unknown(pattern.to_owned())) } else { Ok(matched) }
}

/// What to say about a name that nobody has: those that are near it, then those that there are, after `lead`.
pub fn advice(candidates: &[Candidate<'_>], name: &str, lead: &str) -> String {
    let near: Vec<String> = near(candidates, name).into_iter().map(|name| format!("`{}`", clean(name))).collect();
    let meant = if near.is_empty() { String::new() } else { format!("did you mean {}?\n", near.join(" or ")) };
    meant + &known(candidates, lead)
}

/// The contexts after `lead`, such as `the contexts are`, and the names of clusters that are none; cut where there are many.
pub fn known(candidates: &[Candidate<'_>], lead: &str) -> String {
    let sorted = |names: BTreeSet<&str>| names.into_iter().map(clean).collect::<Vec<_>>();
    let contexts: BTreeSet<&str> = candidates.iter().filter_map(|candidate| candidate.context).collect();
    let names: BTreeSet<&str> = candidates.iter().filter_map(|candidate| candidate.name).collect();
    let names = sorted(names.difference(&contexts).copied().collect());
    let mut lines = Vec::new();
    if !contexts.is_empty() {
        lines.push(format!("{lead} {}", listed(&sorted(contexts), LISTED)));
    }
    if !names.is_empty() {
        lines.push(format!("the clusters are named {}", listed(&names, LISTED)));
    }
    lines.join("\n")
}

/// Names like `name`: one that differs by a slip, or those of which a part is so. Contexts often carry their cluster's
/// name at their end: `arn:aws:eks:eu-west-1:123:cluster/prod`, `gke_project_zone_prod`, `admin@prod`.
fn near<'a>(candidates: &[Candidate<'a>], name: &str) -> Vec<&'a str> {
    let words = || candidates.iter().flat_map(|candidate| [candidate.context, candidate.name]).flatten();
    let parts = |word: &'a str| word.split(['/', '@', '_', ':']).filter(move |part| *part != word && !part.is_empty());
    let with_part = |wanted: &str| -> Vec<&'a str> {
        let has = |word: &&'a str| parts(word).any(|part| part.eq_ignore_ascii_case(wanted));
        let found: BTreeSet<&'a str> = words().filter(has).collect();
        found.into_iter().take(SUGGESTED).collect()
    };
    let same = words().filter(|word| word.eq_ignore_ascii_case(name)).take(1).collect::<Vec<_>>();
    let whole = with_part(name);
    match nearest(name, words()) {
        _ if !same.is_empty() => same,
        _ if !whole.is_empty() => whole,
        Some(word) => vec![word],
        None => nearest(name, words().flat_map(parts)).map(with_part).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EKS: &str = "arn:aws:eks:eu-west-1:123:cluster/prod";

    fn candidates() -> Vec<Candidate<'static>> {
        let context = |context, name| Candidate { context: Some(context), name };
        vec![
            context("dev", None),
            context(EKS, Some("eu-1")),
            context("gke_acme_us-east1_prod-us", Some("us-1")),
            context("lab", Some("dev")),
            Candidate { context: None, name: Some("edge-7") },
        ]
    }

    fn chosen(patterns: &[&str]) -> Result<Vec<usize>, NotChosen> {
        select(&candidates(), &patterns.iter().map(|pattern| (*pattern).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_cluster_is_chosen_by_its_context_or_by_its_name() {
        for (patterns, expected) in [
            (&["us-1"][..], &[2][..]),
            (&["us-1", EKS], &[2, 1]),
            (&["*-1"], &[1, 2]),
            (&["*-1", "!us*"], &[1]),
            (&["!us-1"], &[0, 1, 3]),
            (&["edge-7"], &[4]),
            (&["edge-*", "us-1"], &[4, 2]),
            (&["dev"], &[0]),
            (&["lab", "dev", "lab"], &[3, 0]),
        ] {
            assert_eq!(chosen(patterns).unwrap(), expected, "{patterns:?}");
        }
        assert_eq!(chosen(&["us-1", "!*"]), Err(NotChosen::NothingLeft));
        assert_eq!(chosen(&["us-1", "!x"]), Err(NotChosen::Unknown("x".to_owned())));
    }

    #[test]
    fn what_is_near_a_name_is_found_by_its_parts_too() {
        for (name, expected) in [
            ("prod", &[EKS][..]),
            ("Prod", &[EKS]),
            ("prod-us", &["gke_acme_us-east1_prod-us"]),
            ("prod-use", &["gke_acme_us-east1_prod-us"]),
            ("us-11", &["us-1"]),
            ("EDGE-7", &["edge-7"]),
            ("nothing-like-it", &[]),
        ] {
            assert_eq!(near(&candidates(), name), expected, "{name}");
        }
    }

    #[test]
    fn no_more_than_ten_are_listed() {
        let names: Vec<String> = (0..30).map(|n| format!("c{n:02}")).collect();
        let many: Vec<Candidate<'_>> = names.iter().map(|name| Candidate { context: Some(name), name: None }).collect();
        let said = advice(&many, "zzzz", "the contexts are");
        assert!(said.ends_with("c08, c09, and 20 more") && !said.contains("did you mean"), "{said}");
    }
}
