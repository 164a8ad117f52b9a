//! Values of a file that are not as the settings have them, as findings.

use super::values_file::ValuesFile;
use crate::chart::mirror::Difference;
use crate::failure::Failure;
use crate::findings::finding::{Change, Code, Finding};
use crate::place::Place;

/// How many keys of a section that is missing are named.
const NAMED: usize = 4;

/// The findings: one for each value that is another, and one for each section that is missing.
pub(super) fn value_findings(file: &ValuesFile, differing: &[Difference<'_>]) -> Result<Vec<Finding>, Failure> {
    let (absent, other): (Vec<_>, Vec<_>) = differing.iter().copied().partition(|difference| difference.is_absent);
    let view = file.view()?;
    let mut findings = Vec::new();
    for Difference { key, .. } in other {
        let mut finding = Finding::new(key.code, format!("`{}` is not what the settings say", key.path));
        finding.place = view.place(&key.path);
        let old = view.value(&key.path).map(text).unwrap_or_default();
        finding.change = change(key.is_secret, old, text(&key.value));
        findings.push(finding);
    }
    // By the key that is missing, and what kind of finding that is.
    let mut sections: Vec<(String, Option<Place>, Code, Vec<Difference<'_>>)> = Vec::new();
    for difference in absent {
        let path = &difference.key.path;
        let nearest = view.nearest(path);
        let there = nearest.as_ref().map_or(0, |(there, _)| there.len() + 1);
        let section = first_name(&path[there..]).map_or(path.as_str(), |end| &path[..there + end]);
        let known = sections.iter_mut().find(|(name, _, code, _)| name == section && *code == difference.key.code);
        match known {
            Some((.., keys)) => keys.push(difference),
            None => {
                let place = nearest.map(|(_, place)| place);
                sections.push((section.to_owned(), place, difference.key.code, vec![difference]));
            }
        }
    }
    let whole = Place { file: file.name.clone(), line: 0, column: 0 };
    findings.extend(sections.into_iter().map(|(section, place, code, keys)| {
        let mut finding = Finding::new(code, missing(&section, &keys));
        finding.place = Some(place.unwrap_or_else(|| whole.clone()));
        finding
    }));
    Ok(findings)
}

fn missing(section: &str, keys: &[Difference<'_>]) -> String {
    let paths: Vec<&str> = keys.iter().map(|difference| difference.key.path.as_str()).collect();
    if let ([Difference { key, .. }], true) = (keys, paths == [section]) {
        let value = text(&key.value);
        let value = Some(value).filter(|value| !key.is_secret && is_short(value)).map(|value| format!(" `{value}`"));
        return format!("`{section}` is missing: the settings ask for{}", value.unwrap_or_else(|| " it".to_owned()));
    }
    let named: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    let rest = paths.len() - named.len();
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("`{section}` is missing: the settings ask for {}{rest}", named.join(", "))
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What would have to change; never a secret, and nothing that takes several lines.
fn change(is_secret: bool, old: String, new: String) -> Option<Change> {
    (!is_secret && is_short(&old) && is_short(&new)).then_some(Change { old, new })
}

fn is_short(text: &str) -> bool {
    text.len() <= 200 && !text.contains('\n')
}

/// Where the first name of a path ends, before its dot; `None` when it is the only one.
fn first_name(path: &str) -> Option<usize> {
    path.match_indices('.').map(|(at, _)| at).find(|at| !path[..*at].ends_with('\\'))
}
