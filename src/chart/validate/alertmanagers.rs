//! The URLs of the ruler's Alertmanagers.

use super::{Checker, Kind};
use crate::chart::part::Part;
use crate::findings::codes;
use crate::findings::finding::Severity;
use crate::settings::thanos::AlertmanagerUrl;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let Some(path) = checker.subject.chart.path(Part::Alertmanagers) else { return };
    let tree = checker.tree;
    let items = match checker.node(&path).map(|node| &node.kind) {
        Some(Kind::List(items)) => items,
        Some(Kind::Scalar(scalar)) if !scalar.text.is_empty() && scalar.value != serde_json::Value::Null => {
            let place = checker.key(&path);
            checker.add(codes::WRONG_TYPE, place, format!("`{path}` wants a list")).hint =
                Some("write it as a list: [\"http://HOST:9093\"]".to_owned());
            return;
        }
        _ => return,
    };
    for item in items {
        let node = tree.node(*item);
        let Kind::Scalar(scalar) = &node.kind else { continue };
        let Err(told) = scalar.text.parse::<AlertmanagerUrl>() else { continue };
        let (message, hint) = told.split_once("; ").unwrap_or((&told, ""));
        // Thanos takes it; a values file is a place where everybody can read it.
        let is_readable = message.contains("holds credentials");
        let finding = checker.add(codes::BAD_ALERTMANAGER, tree.place(node.spot), message);
        finding.hint = (!hint.is_empty()).then(|| hint.to_owned());
        if is_readable {
            finding.severity = Severity::Warning;
        }
    }
}
