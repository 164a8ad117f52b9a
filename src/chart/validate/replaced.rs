//! Lists of stores in more than one layer: Helm takes the last one whole, and the stores of the others are lost.

use super::Subject;
use super::opened::Values;
use super::stores;
use super::tree::Kind;
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};
use crate::place::Place;
use crate::text::without_credentials;

/// How many of the lost stores are named.
const NAMED: usize = 5;

pub(super) fn check(subject: &Subject<'_>, layers: &[Values], below: &[&str], findings: &mut Vec<Finding>) {
    for path in stores::paths(subject.chart) {
        let names: Vec<&str> = below.iter().copied().chain(path.split('.')).collect();
        let mut lists = Vec::new();
        for Values { tree, root } in layers {
            let Some((spot, node)) = tree.find(tree.node(*root), names.iter().copied()) else { continue };
            let Kind::List(items) = &node.kind else { continue };
            let texts = items.iter().filter_map(|item| match &tree.node(*item).kind {
                Kind::Scalar(scalar) => Some(scalar.text.trim().to_owned()),
                Kind::List(_) | Kind::Mapping { .. } => None,
            });
            let texts: Vec<String> = texts.collect();
            // An empty list says that there are none yet.
            if !texts.is_empty() {
                lists.push((tree.place(spot), texts));
            }
        }
        let Some(((place, last), earlier)) = lists.split_last() else { continue };
        findings.extend(earlier.iter().map(|(other, texts)| replaced_stores(&path, (place, last), (other, texts))));
    }
}

/// The finding of a list of stores at one place that replaces the one at another.
pub fn replaced_stores(path: &str, (place, last): (&Place, &[String]), (other, texts): (&Place, &[String])) -> Finding {
    let lost: Vec<&String> = texts.iter().filter(|text| !last.contains(text)).collect();
    let what = match lost.len() {
        0 => "and has all of its stores".to_owned(),
        count => format!("and loses {count} of its stores: {}", named(&lost)),
    };
    let mut finding = Finding::new(codes::REPLACED_STORES, format!("`{path}` replaces the list at {other} {what}"));
    if lost.is_empty() {
        finding.severity = Severity::Warning;
    }
    finding.place = Some(place.clone());
    finding.hint = Some("Helm does not join lists: keep all stores in one of the files".to_owned());
    finding
}

fn named(stores: &[&String]) -> String {
    let mut names: Vec<String> =
        stores.iter().take(NAMED).map(|store| format!("`{}`", without_credentials(store))).collect();
    if stores.len() > NAMED {
        names.push(format!("{} more", stores.len() - NAMED));
    }
    names.join(", ")
}
