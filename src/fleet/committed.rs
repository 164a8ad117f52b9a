//! The stores of a values file as they were committed.

use super::plan::{Gap, Origin};
use crate::place::Place;

/// A store as a values file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// As it is written.
    pub text: String,
    /// The comment beside it.
    pub beside: Beside,
    /// By what the chart gets it.
    pub holder: Holder,
    /// Where it stands.
    pub place: Place,
}

/// The comment beside a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// There is none.
    Nothing,
    /// It has the form in which thanosctl says where an address came from. Only who knows the fleet can tell whether it
    /// does, or is a comment of people that happens to have that form.
    Provenance(Provenance),
    /// People wrote it.
    Note,
}

/// Where an address came from, as the comment beside it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The cluster and the Service.
    pub origin: Origin,
    /// Why it was kept although it could not be found; `None` when it was found.
    pub kept: Option<Gap>,
}

/// By what a chart gets a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The item of a list: which of the lists that the chart reads, and which of its items.
    List {
        /// The list, from 0.
        list: usize,
        /// The item, from 0.
        item: usize,
    },
    /// A flag of the querier, or the text of its file of service discovery, which thanosctl does not change.
    Fixed,
}

impl Committed {
    /// What the comment beside it says, if it has the form of ours.
    pub fn provenance(&self) -> Option<&Provenance> {
        match &self.beside {
            Beside::Provenance(provenance) => Some(provenance),
            Beside::Nothing | Beside::Note => None,
        }
    }
}

/// Who keeps a values file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// thanosctl wrote it, as its first line says; people may have changed it since.
    Thanosctl,
    /// People.
    People,
}

/// All stores of a values file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedStores {
    /// The stores, list by list, in their order.
    pub stores: Vec<Committed>,
    /// Where the list stands to which new ones are added, or would; only the file where nothing of it is there.
    pub list: Place,
    /// Who keeps the file.
    pub keeper: Keeper,
}
