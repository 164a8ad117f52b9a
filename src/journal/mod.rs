//! The journal: how Services were before they were changed, and which were made, one file each, kept until that is undone.
//!
//! A Service carries what an undo needs in an annotation as well, which whoever may annotate it can write. The journal is
//! what an undo trusts: so it is refused where others than its owner could have written it. And it knows more: who owned
//! which field, and how the Service was left.

mod changed;
mod made;
mod owned;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use changed::Entry;
pub use made::Made;

use crate::failure::Failure;
use crate::files::{self, Access, Prepared};
use crate::text::percent_encode;

/// The version of an entry. A reader refuses others.
const VERSION: u64 = 1;

/// A folder of entries.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// Where a Service is: a cluster may answer with a uid that it saw elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// By which kubeconfig context its cluster is asked.
    pub context: String,
    /// The API server, as HOST:PORT.
    pub server: String,
}

impl Place {
    /// One cluster may be asked by several contexts, and a context may lead to it by another address later.
    fn check(&self, now: &Self, path: &Path) -> Result<(), Failure> {
        if self.context == now.context || self.server == now.server {
            return Ok(());
        }
        let cause = format!("it is of a cluster that was asked by context `{}` at {}", self.context, self.server);
        Err(unusable(path, &cause).hint("undo it by that context, or remove the entry if the cluster is gone"))
    }
}

impl Journal {
    /// The journal in `explicit`, else where the system keeps what programs remember.
    ///
    /// # Errors
    /// When there is no such place, or others than its owner may write there.
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
        owned::check_folder(&folder)?;
        Ok(Self { folder })
    }

    /// Where the entries are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file<const N: usize>(&self, parts: [&str; N]) -> PathBuf {
        self.folder.join(format!("{}.json", parts.map(percent_encode).join(".")))
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, Failure> {
        owned::check_folder(&self.folder)?;
        let Some(text) = owned::read(path)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| unusable(path, "it is no entry of a journal"))
    }

    fn write(&self, path: &Path, entry: &impl Serialize) -> Result<(), Failure> {
        files::make_private_folder(&self.folder)?;
        owned::check_folder(&self.folder)?;
        owned::check_file(path)?;
        let text = serde_json::to_string_pretty(entry).expect("an entry is JSON") + "\n";
        Prepared::new(path, &text, Access::Private)?.commit()
    }

    fn remove(&self, path: &Path) -> Result<(), Failure> {
        files::remove(path)
    }
}

/// An entry that is not used, and why.
fn unusable(path: &Path, cause: &str) -> Failure {
    Failure::new(format!("cannot use the journal `{}`", path.display())).caused_by(cause)
}
