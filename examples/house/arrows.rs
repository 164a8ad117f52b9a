//! Which file knows which: every path, followed through imports and re-exports to the file that defines what it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::Sources;

/// How many re-exports one name may go through; more is a circle of imports.
const HOPS: usize = 16;

/// An arrow from one file to another, and one line that makes it.
pub struct Arrow {
    /// The file that names something.
    pub from: String,
    /// The line in it.
    pub line: usize,
    /// The file that defines it.
    pub to: String,
    /// What is named, as it is written.
    pub what: String,
}

/// All arrows between files, one for each pair.
pub fn arrows(sources: &Sources) -> Vec<Arrow> {
    let mut found: BTreeMap<(String, String), Arrow> = BTreeMap::new();
    for (name, module) in &sources.modules {
        for path in &module.paths {
            let Some(to) = resolve(sources, name, &path.words) else { continue };
            let (from, to) = (module.file.clone(), sources.modules[&to].file.clone());
            if from != to {
                let what = path.words.join("::");
                found.entry((from.clone(), to.clone())).or_insert(Arrow { from, line: path.line, to, what });
            }
        }
    }
    found.into_values().collect()
}

/// The module that defines what `words` names in the module `from`. `None` for what is not of this crate.
pub fn resolve(sources: &Sources, from: &[String], words: &[String]) -> Option<Vec<String>> {
    resolve_within(sources, from, words, HOPS)
}

fn resolve_within(sources: &Sources, from: &[String], words: &[String], hops: usize) -> Option<Vec<String>> {
    let hops = hops.checked_sub(1)?;
    let (first, rest) = words.split_first()?;
    match first.as_str() {
        "crate" => below(sources, Vec::new(), rest, hops),
        "self" => below(sources, from.to_vec(), rest, hops),
        "super" => {
            let mut at = from[..from.len().checked_sub(1)?].to_vec();
            let mut rest = rest;
            while let Some((word, after)) = rest.split_first().filter(|(word, _)| *word == "super") {
                debug_assert_eq!(word, "super");
                at.pop()?;
                rest = after;
            }
            below(sources, at, rest, hops)
        }
        name => {
            let here = sources.modules.get(from)?;
            let child = [from, &[name.to_owned()]].concat();
            if sources.modules.contains_key(&child) {
                return below(sources, child, rest, hops);
            }
            if here.items.contains(name) {
                return Some(from.to_vec());
            }
            let (_, path) = here.imports.iter().find(|(own, path)| own == name && path.words != words)?;
            resolve_within(sources, from, &[&path.words, rest].concat(), hops)
        }
    }
}

/// Follows `words` from inside of a module.
fn below(sources: &Sources, mut at: Vec<String>, words: &[String], hops: usize) -> Option<Vec<String>> {
    let hops = hops.checked_sub(1)?;
    for (index, word) in words.iter().enumerate() {
        let child = [at.as_slice(), std::slice::from_ref(word)].concat();
        if sources.modules.contains_key(&child) {
            at = child;
            continue;
        }
        let module = sources.modules.get(&at)?;
        if module.items.contains(word) {
            return Some(at);
        }
        if let Some((_, path)) = module.imports.iter().find(|(own, _)| own == word) {
            return resolve_within(sources, &at, &[&path.words, &words[index + 1..]].concat(), hops);
        }
        let globs = module.imports.iter().filter(|(own, _)| own == "*");
        let through = globs.filter_map(|(_, path)| resolve_within(sources, &at, &path.words, hops)).find(|target| {
            sources.modules[target].items.contains(word)
                || sources.modules.contains_key(&[target.as_slice(), std::slice::from_ref(word)].concat())
        });
        return Some(through.unwrap_or(at));
    }
    Some(at)
}

/// The circles: sets of files each of which leads to all others of its set. Sorted, the largest first.
pub fn circles(arrows: &[Arrow]) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|from| (*from, reached(&next, from))).collect();
    let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
    for (from, to) in &reach {
        let back = to.iter().filter(|to| reach.get(*to).is_some_and(|back| back.contains(from)));
        let circle: BTreeSet<&str> = back.copied().chain([*from]).collect();
        if circle.len() > 1 {
            circles.insert(circle.into_iter().map(str::to_owned).collect());
        }
    }
    let mut circles: Vec<_> = circles.into_iter().collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reached<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut open: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if all.insert(file) {
            open.extend(next.get(file).into_iter().flatten());
        }
    }
    all
}
