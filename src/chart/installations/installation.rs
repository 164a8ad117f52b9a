//! One release that a file describes, and where its values stand.

use super::repository::ChartReference;
use crate::chart::edit::Wrapper;

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
    pub(super) fn named(path: &str, anchor: Anchor) -> Self {
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
