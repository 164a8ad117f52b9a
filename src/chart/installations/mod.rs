//! What a file says of itself: which charts it installs, in which version, as which release, where the values of each
//! stand, and what of them comes from elsewhere.
//!
//! Pure: documents in, [`Installation`]s out. A new kind of file is a row in [`shapes`], or a file beside it.

mod argo;
mod choice;
mod fields;
mod flux;
mod helmfile;
mod installation;
mod repository;
mod shapes;
mod stream;
mod umbrella;

use serde_json::Value;

use super::placeholders::{Dollars, Fillers, is_template_name};

use fields::text;

pub use choice::{Asked, Choice, Said, choose};
pub use fields::at;
pub use installation::{Anchor, FileName, Holder, Installation, Layer, Outside};
pub use repository::{ChartReference, Repository};
pub use stream::{Part, Source, Stream};
pub use umbrella::{Umbrella, dependencies};

/// What a document is, as far as finding values in it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// An object of Kubernetes.
    Object,
    /// A file of helmfile.
    Helmfile,
    /// A file of another tool that installs charts.
    Tool,
    /// Values, or nobody knows.
    Plain,
}

/// The installations in the documents of a file; those of other files beside it (`sources`) say where charts come from.
/// `None` for a file of values alone.
pub fn find(documents: &[Value], sources: &[Value]) -> Option<Vec<Installation>> {
    let natures: Vec<Nature> = documents.iter().filter(|document| !is_nothing(document)).map(nature).collect();
    if natures.is_empty() || natures.contains(&Nature::Plain) {
        return None;
    }
    let mut found = Vec::new();
    let objects = flux::Objects::of(documents, sources);
    for (at, document) in documents.iter().enumerate() {
        match nature(document) {
            Nature::Object => {
                found.extend(flux::installations(at, document, &objects));
                found.extend(argo::installations(at, document));
                found.extend(shapes::installations(at, document));
            }
            Nature::Helmfile => found.extend(helmfile::installations(at, document, documents)),
            Nature::Tool => found.extend(shapes::tools(at, document)),
            Nature::Plain => {}
        }
    }
    if found.is_empty() {
        // A ConfigMap holds values only where nothing else does.
        found.extend(documents.iter().enumerate().flat_map(|(at, document)| flux::config_map(at, document)));
    }
    Some(found)
}

/// Who fills in a document before it is read.
pub fn fillers(name: &str, document: &Value) -> Fillers {
    let is_template = is_template_name(name);
    let kind = text(document, &["kind"]);
    let of = |dollars, braces| Fillers { dollars, braces: braces || is_template };
    match nature(document) {
        Nature::Object if kind == "HelmRelease" => of(Dollars::Flux, false),
        Nature::Object => of(Dollars::Somebody, kind == "ApplicationSet"),
        Nature::Helmfile => of(Dollars::Somebody, true),
        Nature::Tool => of(Dollars::Somebody, false),
        Nature::Plain if is_template => of(Dollars::Somebody, true),
        Nature::Plain => Fillers::default(),
    }
}

fn nature(document: &Value) -> Nature {
    let has = |name: &str| document.get(name).is_some();
    if has("apiVersion") && !text(document, &["kind"]).is_empty() && document.get("name").is_none() {
        return match text(document, &["kind"]) {
            "Kustomization" if document.get("helmCharts").is_some() => Nature::Tool,
            _ => Nature::Object,
        };
    }
    let releases = document.get("releases").and_then(Value::as_array);
    let is_release = |release: &Value| release.get("name").is_some() && release.get("chart").is_some();
    if releases.is_some_and(|releases| releases.iter().any(is_release)) {
        return Nature::Helmfile;
    }
    // The documents of a helmfile before its releases.
    if ["repositories", "environments", "helmDefaults", "bases"].iter().any(|name| has(name))
        && document.as_object().is_some_and(|map| map.keys().all(|key| helmfile::KEYS.contains(&key.as_str())))
    {
        return Nature::Helmfile;
    }
    if has("helmCharts") || !text(document, &["helm", "chart"]).is_empty() {
        return Nature::Tool;
    }
    Nature::Plain
}

fn is_nothing(document: &Value) -> bool {
    document.is_null() || document.as_object().is_some_and(serde_json::Map::is_empty)
}
