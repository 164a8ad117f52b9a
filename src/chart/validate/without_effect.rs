//! Values that another one makes void: the chart takes one of two and says nothing.

use super::Checker;
use crate::chart::part::Part;
use crate::chart::refused::is_given;
use crate::findings::codes;

/// What is not read while another key is set: the one, and the other.
const PAIRS: [(&str, &str); 8] = [
    ("objstoreConfig", "existingObjstoreSecret"),
    ("query.sdConfig", "query.existingSDConfigmap"),
    ("querier.sdConfig", "querier.existingSDConfigmap"),
    ("queryFrontend.config", "queryFrontend.existingConfigmap"),
    ("storegateway.config", "storegateway.existingConfigmap"),
    ("ruler.config", "ruler.existingConfigmap"),
    ("receive.config", "receive.existingConfigmap"),
    ("minio.auth.rootPassword", "minio.auth.existingSecret"),
];

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    for (path, winner) in PAIRS {
        let is_known = [path, winner].iter().all(|path| chart.catalog.knows(chart.version, path));
        if is_known && is_given(&checker.values, path) && is_given(&checker.values, winner) {
            tell(checker, path, &format!("`{winner}` is set too, and the chart takes that"));
        }
    }
    // A chart that makes the Secret only when it is told to.
    if let (Some(path), Some(created)) = (chart.path(Part::ObjstoreText), chart.path(Part::ObjstoreCreated))
        && is_given(&checker.values, &path)
        && checker.value(&created) == Some(&serde_json::Value::Bool(false))
    {
        tell(checker, &path, &format!("`{created}` is false, so that the chart takes a Secret that exists"));
    }
}

fn tell(checker: &mut Checker<'_, '_>, path: &str, why: &str) {
    let place = checker.key(path);
    checker.add(codes::WITHOUT_EFFECT, place, format!("`{path}` is ignored: {why}")).hint =
        Some("delete one of them".to_owned());
}
