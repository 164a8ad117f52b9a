//! Which file knows which: every path, followed through imports and re-exports to the file that defines what it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::Sources;

/// How many re-exports one name may go through; more is a circle of imports.
const HOPS: usize = 16;

/// An arrow from one file to another, and one line that makes it.
pub(crate) struct Arrow {
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
pub(crate) fn arrows(sources: &Sources) -> Vec<Arrow> {
    let mut found: BTreeMap<(String, String), Arrow> = BTreeMap::new();
    for (name, module) in &sources.modules {
        for path in &module.paths {
            // A module alone is no arrow: what is used of it is named elsewhere.
            let Some(Target { module: to, is_item: true }) = target(sources, name, &path.words, HOPS) else { continue };
            let (from, to) = (module.file.clone(), sources.modules[&to].file.clone());
            if from != to {
                let what = path.words.join("::");
                found.entry((from.clone(), to.clone())).or_insert(Arrow { from, line: path.line, to, what });
            }
        }
    }
    found.into_values().collect()
}

/// What a path leads to.
struct Target {
    module: Vec<String>,
    /// Whether something in the module is named, and not the module alone.
    is_item: bool,
}

/// The module that defines what `words` names in the module `from`. `None` for what is not of this crate.
#[cfg(test)]
pub(crate) fn resolve(sources: &Sources, from: &[String], words: &[String]) -> Option<Vec<String>> {
    target(sources, from, words, HOPS).map(|target| target.module)
}

fn target(sources: &Sources, from: &[String], words: &[String], hops: usize) -> Option<Target> {
    let hops = hops.checked_sub(1)?;
    let (first, mut rest) = words.split_first()?;
    match first.as_str() {
        "crate" => below(sources, Vec::new(), rest, hops),
        "self" => below(sources, from.to_vec(), rest, hops),
        "super" => {
            let mut at = from[..from.len().checked_sub(1)?].to_vec();
            while let Some(after) = rest.strip_prefix(&["super".to_owned()]) {
                at.pop()?;
                rest = after;
            }
            below(sources, at, rest, hops)
        }
        name => {
            let here = sources.modules.get(from)?;
            if sources.modules.contains_key(&child(from, name)) || here.items.contains(name) {
                return below(sources, from.to_vec(), words, hops);
            }
            let (_, path) = here.imports.iter().find(|(own, path)| own == name && path.words != words)?;
            target(sources, from, &[&path.words, rest].concat(), hops)
        }
    }
}

/// Follows `words` from inside of a module.
fn below(sources: &Sources, mut at: Vec<String>, words: &[String], hops: usize) -> Option<Target> {
    let hops = hops.checked_sub(1)?;
    for (index, word) in words.iter().enumerate() {
        if sources.modules.contains_key(&child(&at, word)) {
            at = child(&at, word);
            continue;
        }
        let module = sources.modules.get(&at)?;
        if module.items.contains(word) {
            return Some(Target { module: at, is_item: true });
        }
        if let Some((_, path)) = module.imports.iter().find(|(own, _)| own == word) {
            return target(sources, &at, &[&path.words, &words[index + 1..]].concat(), hops);
        }
        let mut globs = module.imports.iter().filter(|(own, _)| own == "*");
        let has_it = |path: &Vec<String>| sources.modules.get(path).is_some_and(|module| module.items.contains(word));
        let through = globs.find_map(|(_, path)| Some(target(sources, &at, &path.words, hops)?.module).filter(has_it));
        return Some(Target { module: through.unwrap_or(at), is_item: true });
    }
    Some(Target { module: at, is_item: false })
}

fn child(module: &[String], name: &str) -> Vec<String> {
    [module, &[name.to_owned()]].concat()
}

/// The circles: sets of files each of which leads to all others of its set. Sorted, the largest first.
pub(crate) fn circles(arrows: &[Arrow]) -> Vec<Vec<String>> {
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
