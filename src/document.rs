//! Documents that people and programs write: read as Helm reads YAML, refused with file, line and column.
//!
//! JSON is YAML, so one reader serves both.

use std::cell::Cell;
use std::fmt;

use granit_parser::Marker;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::text::{nearest, without_credentials};

/// Where in a document something stands: lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user named it; `-` for standard input.
    pub file: String,
    /// The line; 0 when only the file is known.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// Where in a text something stands: line and column count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl Position {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    /// That of the byte `at` in `text`.
    pub fn within(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        Self { line, column }
    }

    /// The same in a file.
    pub fn of(self, file: &str) -> Place {
        Place { file: file.to_owned(), line: self.line, column: self.column }
    }
}

/// Where the lines of a text begin: finds the places of many bytes of it.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// Behind each line break.
    begins: Vec<usize>,
    /// The place that was found last, as the number of its byte and its column: of many places in one long line each is
    /// counted from the one before it.
    last: Cell<(usize, u64)>,
}

impl<'t> Lines<'t> {
    /// Those of `text`.
    pub fn of(text: &'t str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, begins: std::iter::once(0).chain(behind).collect(), last: Cell::new((0, 1)) }
    }

    /// As [`Position::within`].
    pub fn position(&self, at: usize) -> Position {
        let line = self.begins.partition_point(|begin| *begin <= at);
        let begin = self.begins[line - 1];
        let (from, column) =
            Some(self.last.get()).filter(|(from, _)| (begin..=at).contains(from)).unwrap_or((begin, 1));
        let column = match self.text.get(from..at) {
            Some(between) => column + between.chars().count() as u64,
            None => return Position { line: line as u64, column: self.text[begin..].chars().count() as u64 + 1 },
        };
        self.last.set((at, column));
        Position { line: line as u64, column }
    }
}

/// How much a document may hold once its aliases and merges are written out: a small text can grow by them beyond all
/// measure. One for every reader, so that no command reads what another refuses.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Values and keys.
    pub nodes: usize,
    /// Bytes of text in them.
    pub bytes: usize,
}

impl Budget {
    /// What is said of a document that is larger.
    pub const EXCEEDED: &'static str = "aliases and merges make it grow beyond all measure";

    /// What to do then.
    pub const HINT: &'static str = "write it out";

    /// That of a text: all that can stand in it, and so much more by aliases and merges.
    pub fn of(text: &str) -> Self {
        Self { nodes: 200_000 + text.len(), bytes: (8 << 20) + 2 * text.len() }
    }

    /// Takes a value or a key with so much text; whether there was so much left.
    pub fn take(&mut self, bytes: usize) -> bool {
        let left = self.nodes.checked_sub(1).zip(self.bytes.checked_sub(bytes));
        left.map(|(nodes, bytes)| *self = Self { nodes, bytes }).is_some()
    }
}

impl From<&Marker> for Position {
    /// The parser counts columns from 0.
    fn from(marker: &Marker) -> Self {
        Self { line: marker.line() as u64, column: marker.col() as u64 + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            out.write_str(&self.file)
        } else {
            write!(out, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    /// Where.
    pub place: Place,
    /// What is wrong, in words; quotes no more than names of keys.
    pub message: String,
    /// How to mend it, when that is known.
    pub hint: Option<String>,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for DocumentError {}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        let failure = Self::new(format!("{}: {}", error.place, error.message));
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Reads one document. An empty one is read as an empty mapping, since a file of comments alone says "defaults".
///
/// # Errors
/// When `text` is no YAML, holds several documents or a key twice, or is not of the shape of `T`.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DocumentError> {
    read_yaml(file, text, sized(text))
}

fn read_yaml<T: DeserializeOwned>(file: &str, text: &str, options: serde_saphyr::Options) -> Result<T, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let blank = text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim_end() == "---");
    let text = if blank { "{}" } else { text };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| located(file, &error))
}

/// Reads a document that a program wrote. JSON is read thirty times as fast as YAML, which counts for lists of whole
/// clusters; what is no JSON is read as YAML. It may be as large as a fleet's inventory gets.
///
/// # Errors
/// As [`read`].
pub fn read_data<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DocumentError> {
    if !text.trim_start().starts_with('{') {
        return read_yaml(file, text, large());
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) if error.is_data() => Err(DocumentError {
            place: Place { file: file.to_owned(), line: error.line() as u64, column: error.column() as u64 },
            message: one_line(&error.to_string()),
            hint: None,
        }),
        // A flow mapping of YAML may start with a brace too.
        Err(_) => read_yaml(file, text, large()),
    }
}

/// How Helm reads YAML: numbers with a leading zero are octal there (`0777` is 511).
#[must_use]
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false, emit_comments: false }
}

/// For what people write: as much as the [`Budget`] of the text, whichever way the parser counts.
fn sized(text: &str) -> serde_saphyr::Options {
    let Budget { nodes, bytes } = Budget::of(text);
    let mut options = options();
    let mut budget = serde_saphyr::Budget::default();
    budget.max_nodes = nodes;
    budget.max_events = 2 * nodes;
    budget.max_total_scalar_bytes = bytes;
    budget.max_anchors = budget.max_anchors.max(text.len());
    budget.max_aliases = budget.max_aliases.max(text.len());
    budget.max_merge_keys = nodes;
    budget.enforce_alias_anchor_ratio = false;
    budget.max_documents = budget.max_documents.max(text.len());
    options.alias_limits.max_total_replayed_events = nodes;
    options.budget = Some(budget);
    options
}

/// For what programs write: much larger than what people write, and without the aliases by which a small file grows.
fn large() -> serde_saphyr::Options {
    let mut options = options();
    let mut budget = serde_saphyr::Budget::default();
    budget.max_nodes = 50_000_000;
    budget.max_events = 100_000_000;
    budget.max_total_scalar_bytes = 1 << 30;
    budget.max_anchors = 100;
    budget.max_aliases = 100;
    options.budget = Some(budget);
    options
}

fn located(file: &str, error: &serde_saphyr::Error) -> DocumentError {
    let error = error.without_snippet();
    let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
    let (message, hint) = told(error);
    DocumentError { place: Place { file: file.to_owned(), line, column }, message, hint }
}

/// What the parser found, for people who write files and not parsers; and how to mend it.
fn told(error: &serde_saphyr::Error) -> (String, Option<String>) {
    use serde_saphyr::Error;
    let mend = |word: &str, known: &[&'static str], what: &str| match nearest(word, known.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the {what} known here are {}", known.join(", ")),
    };
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown key `{field}`"), Some(mend(field, expected, "keys")))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("unknown value `{}`", without_credentials(variant)), Some(mend(variant, expected, "values")))
        }
        Error::SerdeMissingField { field, .. } => (format!("missing field `{field}`"), None),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_ref().map_or_else(String::new, |key| format!(" `{key}`"));
            (format!("duplicate key{key}"), Some("keep one of them".to_owned()))
        }
        Error::MultipleDocuments { .. } => (
            "a second document begins here".to_owned(),
            Some("one file holds one document: split it at `---`".to_owned()),
        ),
        Error::NullIntoString { .. } => ("nothing stands here, where a text belongs".to_owned(), None),
        Error::RecursiveReferencesRequireWeakTypes { .. } => ("an alias refers to what it stands in".to_owned(), None),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (Budget::EXCEEDED.to_owned(), Some(Budget::HINT.to_owned())),
        // What is wrong where an alias is used, with the place of its anchor.
        Error::AliasError { error, .. } => told(error),
        Error::Budget { .. } => {
            (format!("it is nested too deeply, or {}", Budget::EXCEEDED), Some(Budget::HINT.to_owned()))
        }
        Error::Unexpected { expected, .. } => (format!("expected a {}", in_yaml_words(expected)), None),
        Error::InvalidScalar { ty, .. } => (format!("no valid {}", in_yaml_words(ty)), None),
        other => (one_line(&other.to_string()), None),
    }
}

/// The parser's words for what it wanted, in the words of who writes YAML.
fn in_yaml_words(wanted: &str) -> &str {
    match wanted {
        "sequence start" => "list",
        "mapping start" => "mapping (key: value)",
        "string scalar" | "scalar" => "text",
        "u8" | "u16" | "u32" | "u64" | "usize" => "whole number of 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "whole number",
        "bool" | "boolean" => "true or false",
        other => other,
    }
}

/// The parser puts the place behind its message and may add lines; the place is told once, in front.
fn one_line(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let cut = first.rfind(" at line ").unwrap_or(first.len());
    first[..cut].trim_start_matches("error: ").to_owned()
}
