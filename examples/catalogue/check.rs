//! Whether a catalogue is true: a chart's own values are right in every version.

use serde_json::{Map, Value};
use thanosctl::chart::catalog::{Catalog, KeyProblemKind};
use thanosctl::chart::version::Version;

/// What the catalogue `text` finds wrong with the values that each version brings, one line each. An old name that is
/// still read is right.
pub(crate) fn own_values(text: &str, own: &[(Version, Map<String, Value>)]) -> Vec<String> {
    // Leaked, once in this program: a catalogue is read from a text that lives as long as the program.
    let catalog = Catalog::read(Box::leak(text.to_owned().into_boxed_str()));
    let mut wrong = Vec::new();
    for (version, values) in own {
        for problem in catalog.problems(*version, values) {
            let path = problem.path.join(".");
            let is_renamed = matches!(problem.kind, KeyProblemKind::RenamedTo(..));
            if !(is_renamed && catalog.kind(*version, &path).is_some()) {
                wrong.push(format!("{version}: `{path}` {:?}", problem.kind));
            }
        }
    }
    wrong
}
