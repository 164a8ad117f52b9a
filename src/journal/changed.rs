//! The entry of a Service that was changed: how it was before, and how it was left.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Journal, Place, VERSION, owned};
use crate::failure::Failure;
use crate::fleet::live::LiveService;
use crate::fleet::nodeport::{Left, Record};

/// What is kept of one Service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    version: u64,
    #[serde(flatten)]
    place: Place,
    namespace: String,
    name: String,
    /// How it was.
    pub record: Record,
    /// `metadata.managedFields` as they were; empty when they are not known.
    pub managed_fields: Vec<Value>,
    /// How it was left; absent until the change was seen to be made.
    pub left: Option<Left>,
}

impl Entry {
    /// The entry of a change that is about to be made to `live`. What an earlier change recorded stays.
    pub fn of(live: &LiveService, record: Record, place: &Place, earlier: Option<&Self>) -> Self {
        let managed_fields = match earlier.filter(|earlier| earlier.record.spec() == record.spec()) {
            Some(earlier) => earlier.managed_fields.clone(),
            // The record may be older than this journal: then nobody knows any more who owned what.
            None if live.spec() == record.spec() => live.managed_fields().to_vec(),
            None => Vec::new(),
        };
        let facts = live.facts();
        Self {
            version: VERSION,
            place: place.clone(),
            namespace: facts.namespace.clone(),
            name: facts.name.clone(),
            record,
            managed_fields,
            left: None,
        }
    }
}

impl Journal {
    /// The file of a Service that was changed. Its uid is in the name, since clusters share names of Services and contexts.
    fn file_of(&self, live: &LiveService) -> PathBuf {
        let facts = live.facts();
        self.file([facts.namespace.as_str(), &facts.name, live.uid()])
    }

    /// Whether there is something under the name of the entry of `live`, whatever it is.
    pub fn names(&self, live: &LiveService) -> bool {
        owned::exists(&self.file_of(live))
    }

    /// What is kept of `live`, which is in the cluster at `place`; `None` when nothing is.
    ///
    /// # Errors
    /// When its file cannot be read, others could have written it, or it is the entry of another Service or cluster.
    pub fn entry_of(&self, live: &LiveService, place: &Place) -> Result<Option<Entry>, Failure> {
        let path = self.file_of(live);
        let Some(entry) = self.read::<Entry>(&path)? else { return Ok(None) };
        let facts = live.facts();
        if entry.version != VERSION {
            return Err(super::unusable(&path, &format!("it is of version {}", entry.version)));
        }
        let is_its = entry.record.uid() == live.uid()
            && (&entry.namespace, &entry.name) == (&facts.namespace, &facts.name)
            && entry.record.spec().is_object();
        if !is_its {
            return Err(super::unusable(&path, "it is the entry of another Service"));
        }
        entry.place.check(place, &path)?;
        Ok(Some(entry))
    }

    /// Keeps `entry`, safely on disk, before its change is made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, live: &LiveService, entry: &Entry) -> Result<(), Failure> {
        self.write(&self.file_of(live), entry)
    }

    /// Forgets `live`: its change was undone.
    ///
    /// # Errors
    /// When its file stays.
    pub fn forget(&self, live: &LiveService) -> Result<(), Failure> {
        self.remove(&self.file_of(live))
    }
}
