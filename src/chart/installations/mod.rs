//! What a file says of itself: which charts it installs, in which version, as which release, where the values of each
//! stand, and what of them comes from elsewhere.
//!
//! Pure: documents in, [`Installation`]s out. A new kind of file is a row in [`shapes`], or a file beside it.

mod argo;
mod choice;
mod flux;
mod helmfile;
mod repository;
mod shapes;
mod stream;
mod umbrella;

use serde_json::Value;

use super::edit::Wrapper;
use super::placeholders::{Dollars, Fillers, holds_unknown, is_template_name};

pub use choice::{Asked, Choice, Said, choose};
pub use repository::{ChartReference, Repository};
pub use stream::{Part, Stream};
pub use umbrella::{Umbrella, dependencies};

/// One release that a file describes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installation {
    /// The object, for people: ``HelmRelease `thanos` ``; empty for a file that is values and nothing else.
    pub title: String,
    /// The chart; `None` when the file is values alone.
    pub chart: Option<ChartReference>,
    /// The name of the Helm release, where it is told.
    pub release: Option<String>,
    /// Its namespace, where it is told.
    pub namespace: Option<String>,
    /// The values in the file, the first layer first: later ones win.
    pub layers: Vec<Layer>,
    /// What of the values is not in the file.
    pub outside: Vec<Outside>,
    /// Where in the values those of the Thanos chart are, when it is a dependency of the installed chart.
    pub below: Vec<String>,
    /// The keys at the top of the chart's values that the installing chart reads: a dependency's condition.
    pub conditions: Vec<String>,
}

/// Where values stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// In which file.
    pub holder: Holder,
    /// The document of the file, from 0.
    pub document: usize,
    /// Where in it.
    pub path: Wrapper,
}

/// Which file holds values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Holder {
    /// The file that describes the release.
    #[default]
    This,
    /// One that it names, and that was not read yet.
    Unread(FileName),
    /// One that was read, by its number.
    Other(usize),
}

/// A values file that another file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// Its path, as it is written.
    pub path: String,
    /// What the path starts from.
    pub anchor: Anchor,
}

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The folder of the file that names it.
    Folder,
    /// The top of the repository, which is a folder above.
    Repository,
}

impl Layer {
    /// A values file that is named.
    fn named(path: &str, anchor: Anchor) -> Self {
        let name = FileName { path: path.to_owned(), anchor };
        Self { holder: Holder::Unread(name), ..Self::default() }
    }
}

/// Values that are not in the file, or stand elsewhere in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// Any of them may be set by something that is not read. What it is, in words.
    Rest(String),
    /// This key has a value that is not known, unless the file has the key itself.
    Field {
        /// The key.
        path: Vec<String>,
        /// Where in the document it is named.
        named: Layer,
    },
    /// This key has the value that stands there, whatever the values say (`helm --set`).
    Set {
        /// The key.
        path: Vec<String>,
        /// Where its name is.
        named: Layer,
        /// Where its value is; `None` when that is not in the file.
        value: Option<Layer>,
        /// Whether the value is a text, whatever it looks like.
        is_text: bool,
    },
}

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

/// The text at a path; empty when there is none.
fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// The text at a path when it is known; a number is one as well.
fn known(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |value, name| value.get(name))?;
    let text = match found {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !holds_unknown(&text) && !text.contains("{{")).then_some(text)
}

/// What stands at a path of keys and of numbers of items.
pub fn at<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// Whether something stands at a path that cannot be known.
fn is_unknown(value: &Value, path: &[&str]) -> bool {
    let text = text(value, path);
    !text.is_empty() && known(value, path).is_none()
}

/// A place in a document.
fn layer(document: usize, path: &str) -> Option<Layer> {
    let path = if path.is_empty() { Wrapper::default() } else { Wrapper::parse(path).ok()? };
    Some(Layer { document, path, ..Layer::default() })
}

/// The names of a path as `--set` and Flux take it: joined by dots, `\.` is a dot in a name; `None` for one that leads into
/// a list.
fn set_path(path: &str) -> Option<Vec<String>> {
    (!path.is_empty() && !path.contains(['[', '{', ',', '=']) && !holds_unknown(path)).then(|| super::names_of(path))
}

/// The path up to the list that it leads into: of that nothing is known then.
fn up_to_list(path: &str) -> Option<Vec<String>> {
    set_path(path.split('[').next().unwrap_or_default())
}
