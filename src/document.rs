//! Documents that people and programs write: read as Helm reads YAML, refused with file, line and column.
//!
//! JSON is YAML, so one reader serves both.

use std::cell::OnceCell;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::languages::yaml::{Document, Duplicate, Misfit, Rest};
use crate::place::{Place, Position};

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
    shaped(file, &open(file, text)?)
}

/// Reads the tree of one document.
///
/// # Errors
/// When `text` is no YAML, or holds several documents or a key twice.
pub fn open(file: &str, text: &str) -> Result<Document, DocumentError> {
    let error = |position: Position, message: String, hint: Option<&str>| DocumentError {
        place: position.of(file),
        message,
        hint: hint.map(str::to_owned),
    };
    let document = Document::read(text).map_err(|problem| error(problem.position, problem.message, problem.hint))?;
    if let Some(Rest { position, content: Some(_) }) = document.rest() {
        let message = "a second document begins here".to_owned();
        return Err(error(position, message, Some("one file holds one document: split it at `---`")));
    }
    let is_own = |it: &Duplicate| it.entry.merge.is_none() && it.first.merge.is_none();
    if let Some(Duplicate { entry, .. }) = document.duplicates().into_iter().find(is_own) {
        let key = document.written(entry.key).map_or("", |(text, _)| text);
        let message = format!("duplicate key `{key}`");
        return Err(error(document.position(entry.key), message, Some("keep one of them")));
    }
    Ok(document)
}

/// What a document holds.
///
/// # Errors
/// When it is not of the shape of `T`.
pub fn shaped<T: DeserializeOwned>(file: &str, document: &Document) -> Result<T, DocumentError> {
    document.deserialize().map_err(|Misfit { position, message, hint }| {
        let place = position.map_or(Place { file: file.to_owned(), line: 0, column: 0 }, |position| position.of(file));
        DocumentError { place, message: one_line(&message), hint }
    })
}

/// A document that a program wrote. JSON is read several times as fast as YAML, which counts for lists of whole clusters;
/// what is no JSON is read as YAML, once.
pub struct Data<'t> {
    file: &'t str,
    text: &'t str,
    document: OnceCell<Result<Document, DocumentError>>,
}

impl<'t> Data<'t> {
    /// That in `text`, which was read from `file`.
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, document: OnceCell::new() }
    }

    /// What it holds.
    ///
    /// # Errors
    /// As [`read`].
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        if self.text.trim_start().starts_with('{') {
            match serde_json::from_str(self.text) {
                Ok(value) => return Ok(value),
                Err(error) if error.is_data() => {
                    let place =
                        Place { file: self.file.to_owned(), line: error.line() as u64, column: error.column() as u64 };
                    return Err(DocumentError { place, message: one_line(&error.to_string()), hint: None });
                }
                // A flow mapping of YAML may start with a brace too.
                Err(_) => {}
            }
        }
        match self.document.get_or_init(|| open(self.file, self.text)) {
            Ok(document) => shaped(self.file, document),
            Err(error) => Err(error.clone()),
        }
    }
}

/// The place is told once, in front of a message.
fn one_line(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let cut = first.rfind(" at line ").unwrap_or(first.len());
    first[..cut].to_owned()
}
