//! The entry of a Service that was made.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Journal, Place, VERSION};
use crate::failure::Failure;
use crate::fleet::exposure::Mark;
use crate::fleet::live::LiveService;
use crate::names::ServiceRef;

/// What is kept of a Service that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    version: u64,
    #[serde(flatten)]
    place: Place,
    namespace: String,
    name: String,
    /// For what it was made.
    mark: Mark,
    /// Its uid; absent until it was seen to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
}

impl Made {
    /// The entry of the Service `name`, which is about to be made.
    pub fn of(name: &ServiceRef, mark: &Mark, place: &Place) -> Self {
        Self {
            version: VERSION,
            place: place.clone(),
            namespace: name.namespace.clone(),
            name: name.name.clone(),
            mark: mark.clone(),
            uid: None,
        }
    }

    /// The same, now that it was made and is `live`.
    #[must_use]
    pub fn as_made(self, live: &LiveService) -> Self {
        Self { uid: Some(live.uid().to_owned()), ..self }
    }
}

impl Journal {
    /// The file of a Service that was made as `mark` says. Its own uid is not known before it is made; that of what it exposes
    /// is. `None` where that is not known either.
    fn file_of_made(&self, name: &ServiceRef, mark: &Mark) -> Option<PathBuf> {
        Some(self.file(["made", &name.namespace, &name.name, mark.uid.as_deref()?]))
    }

    /// Whether the journal knows that `live`, which carries `mark` and is in the cluster at `place`, was made by us.
    ///
    /// # Errors
    /// When its file cannot be read, others could have written it, or it is the entry of another cluster.
    pub fn has_made(&self, live: &LiveService, mark: &Mark, place: &Place) -> Result<bool, Failure> {
        let name = live.reference();
        let Some(path) = self.file_of_made(&name, mark) else { return Ok(false) };
        let Some(made) = self.read::<Made>(&path)? else { return Ok(false) };
        let is_its = made.version == VERSION
            && (&made.namespace, &made.name) == (&name.namespace, &name.name)
            && made.mark == *mark
            && made.uid.as_deref().is_none_or(|uid| uid == live.uid());
        if is_its {
            made.place.check(place, &path)?;
        }
        Ok(is_its)
    }

    /// Keeps that a Service is about to be made, or was.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_made(&self, made: &Made) -> Result<(), Failure> {
        let name = ServiceRef { namespace: made.namespace.clone(), name: made.name.clone() };
        self.file_of_made(&name, &made.mark).map_or(Ok(()), |path| self.write(&path, made))
    }

    /// Forgets a Service that is gone, or was not made.
    ///
    /// # Errors
    /// When its file stays.
    pub fn forget_made(&self, name: &ServiceRef, mark: &Mark) -> Result<(), Failure> {
        self.file_of_made(name, mark).map_or(Ok(()), |path| self.remove(&path))
    }
}
