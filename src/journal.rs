//! The journal: how Services were before they were changed, one file each, kept until the change is undone.
//!
//! A Service carries what an undo needs in an annotation, which its owner's tools may take away. The journal stays, and
//! knows more: who owned which field, and how the Service was left.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::files::{self, Access, Prepared};
use crate::model::live::LiveService;
use crate::model::nodeport::{Left, Record};
use crate::text::percent_encode;

/// The version of an entry. A reader refuses others.
const VERSION: u64 = 1;

/// A folder of entries.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// What is kept of one Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    version: u64,
    /// By which kubeconfig context its cluster was asked.
    pub context: String,
    /// The API server, as HOST:PORT.
    pub server: String,
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub name: String,
    /// How it was.
    pub record: Record,
    /// `metadata.managedFields` as they were; empty when they are not known.
    pub managed_fields: Vec<Value>,
    /// How it was left; absent until the change was seen to be made.
    pub left: Option<Left>,
}

impl Entry {
    /// The entry of a change that is about to be made to `live`. What an earlier change recorded stays.
    pub fn of(live: &LiveService, record: Record, context: &str, server: &str, earlier: Option<&Self>) -> Self {
        let managed_fields = match earlier.filter(|earlier| earlier.record.spec() == record.spec()) {
            Some(earlier) => earlier.managed_fields.clone(),
            // The record may be older than this journal: then nobody knows any more who owned what.
            None if live.spec() == record.spec() => live.managed_fields().to_vec(),
            None => Vec::new(),
        };
        let facts = live.facts();
        Self {
            version: VERSION,
            context: context.to_owned(),
            server: server.to_owned(),
            namespace: facts.namespace.clone(),
            name: facts.name.clone(),
            record,
            managed_fields,
            left: None,
        }
    }
}

impl Journal {
    /// The journal in `explicit`, else where the system keeps what programs remember.
    ///
    /// # Errors
    /// When there is no such place.
    pub fn locate(explicit: Option<&Path>) -> Result<Self, Failure> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = match explicit {
            Some(folder) => folder.to_owned(),
            // The XDG base directory specification: a relative path is to be ignored.
            None => absolute("XDG_STATE_HOME")
                .or_else(|| Some(absolute("HOME")?.join(".local/state")))
                .map(|state| state.join("thanosctl"))
                .ok_or_else(|| {
                    Failure::new("there is no place for the journal, by which a change can be undone")
                        .caused_by("neither XDG_STATE_HOME nor HOME is set")
                        .hint("name a folder that stays, with --journal DIR")
                })?,
        };
        Ok(Self { folder })
    }

    /// Where the entries are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a Service. Its uid is in the name, since clusters share names of Services and contexts.
    pub fn file_of(&self, live: &LiveService) -> PathBuf {
        let facts = live.facts();
        let parts = [facts.namespace.as_str(), &facts.name, live.uid()].map(percent_encode);
        self.folder.join(format!("{}.json", parts.join(".")))
    }

    /// What is kept of `live`; `None` when nothing is.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn entry_of(&self, live: &LiveService) -> Result<Option<Entry>, Failure> {
        let path = self.file_of(live);
        if !path.exists() {
            return Ok(None);
        }
        let cannot =
            |cause: &str| Failure::new(format!("cannot use the journal `{}`", path.display())).caused_by(cause);
        let entry: Entry =
            serde_json::from_str(&files::read(&path)?).map_err(|_| cannot("it is no entry of a journal"))?;
        if entry.version != VERSION {
            return Err(cannot(&format!("it is of version {}", entry.version)));
        }
        if entry.record.uid() != live.uid() {
            return Err(cannot("it tells of another Service"));
        }
        Ok(Some(entry))
    }

    /// Keeps `entry`, safely on disk, before its change is made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, live: &LiveService, entry: &Entry) -> Result<(), Failure> {
        files::make_private_folder(&self.folder)?;
        let text = serde_json::to_string_pretty(entry).expect("an entry is JSON") + "\n";
        Prepared::new(&self.file_of(live), &text, Access::Private)?.commit()
    }

    /// Forgets `live`: its change was undone.
    ///
    /// # Errors
    /// When its file stays.
    pub fn forget(&self, live: &LiveService) -> Result<(), Failure> {
        files::remove(&self.file_of(live))
    }
}
