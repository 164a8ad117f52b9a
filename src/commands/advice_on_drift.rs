//! What to do about drift. A command is only advised after it was tried in memory, and mends what it is advised for.

use std::collections::{BTreeSet, HashMap};

use super::rerun::{Rerun, file_word};
use super::shortfall_failure;
use super::update::{differing, updated};
use super::value_findings::value_findings;
use super::values_file::ValuesFile;
use crate::chart::mirror::Key;
use crate::failure::Failure;
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};
use crate::fleet::committed::{Committed, Holder};
use crate::fleet::discovery::Shortfall;
use crate::fleet::drift::{Drift, Truth};
use crate::place::Place;

/// A file that was compared, and what there is to know for its hints.
pub(super) struct Advice<'a> {
    /// The file.
    pub file: &'a ValuesFile,
    /// What is true.
    pub truth: Truth<'a>,
    /// What the settings say.
    pub keys: &'a [Key],
    /// The run.
    pub rerun: Rerun<'a>,
    /// Whether its values hold secrets, which are only written when the command line says so.
    pub holds_secrets: bool,
    /// Whether `gen-values` has a plan, without which it changes nothing.
    pub has_plan: bool,
}

/// What `gen-values --update` would do.
enum Outlook {
    /// These findings would remain.
    Remain(BTreeSet<(u16, String)>),
    /// It would refuse.
    Refuse(String),
}

/// What the hints of all findings need, found once.
struct Known<'a> {
    outlook: Outlook,
    /// The stores of the file by where they stand.
    stores: HashMap<&'a Place, &'a Committed>,
    shortfalls: Vec<Shortfall>,
}

impl Advice<'_> {
    /// The findings with their hints.
    pub(super) fn on(&self, findings: Vec<Finding>, drift: &Drift) -> Vec<Finding> {
        let known = Known {
            outlook: self.outlook(drift),
            stores: self.file.committed.stores.iter().rev().map(|store| (&store.place, store)).collect(),
            shortfalls: self.truth.discovery.shortfalls(),
        };
        let mut findings = findings;
        for finding in findings.iter_mut().filter(|finding| finding.hint.is_none()) {
            finding.hint = self.hint(finding, &known);
        }
        findings
    }

    fn outlook(&self, drift: &Drift) -> Outlook {
        if !self.has_plan {
            return Outlook::Refuse("no StoreAPI was found that could be written".to_owned());
        }
        match self.remaining(drift) {
            Ok(remaining) => Outlook::Remain(remaining),
            Err(failure) => {
                let hint = failure.hint_text().map(|hint| format!("; {hint}")).unwrap_or_default();
                Outlook::Refuse(format!("{}{hint}", failure.summary()))
            }
        }
    }

    fn remaining(&self, drift: &Drift) -> Result<BTreeSet<(u16, String)>, Failure> {
        let text = updated(self.file, drift, &self.truth, &differing(self.file, self.keys)?)?;
        let after = self.file.with_text(text)?;
        let remaining = self.truth.compare(&after.committed).findings.into_iter();
        let remaining = remaining.chain(value_findings(&after, &differing(&after, self.keys)?)?);
        Ok(remaining.map(|finding| (finding.code.0, finding.message)).collect())
    }

    fn hint(&self, finding: &Finding, known: &Known<'_>) -> Option<String> {
        if let Some(hint) = self.hint_on_store(finding, known) {
            return Some(hint);
        }
        if finding.severity != Severity::Error || finding.place.is_none() {
            return None;
        }
        match &known.outlook {
            Outlook::Remain(remaining) if remaining.contains(&(finding.code.0, finding.message.clone())) => None,
            Outlook::Remain(_) => Some(self.update(&[], known)),
            Outlook::Refuse(why) => Some(format!("change it by hand; thanosctl does not: {why}")),
        }
    }

    /// What only holds for a kind of store.
    fn hint_on_store(&self, finding: &Finding, known: &Known<'_>) -> Option<String> {
        let store = finding.place.as_ref().and_then(|place| known.stores.get(place).copied());
        if store.is_some_and(|store| store.holder == Holder::Fixed) && finding.severity == Severity::Error {
            return Some("change it by hand: thanosctl changes lists of stores alone".to_owned());
        }
        let unknown = store.and_then(|store| self.truth.unknown_cluster(store));
        match finding.code {
            codes::FOREIGN_ADDRESS | codes::STALE_STORE => match unknown {
                Some(cluster) => Some(format!(
                    "if cluster `{cluster}` left the fleet, remove its stores with\n{}\nelse keep this one: `drift: \
                     {{ignore: [{{address: …, reason: …}}]}}` in thanosctl.yaml",
                    self.update(&["--remove-cluster", cluster.as_str()], known)
                )),
                None if finding.code == codes::FOREIGN_ADDRESS => Some(
                    "if it is right, say why in thanosctl.yaml: `drift: {ignore: [{address: …, reason: …}]}`; else delete \
                     the line"
                        .to_owned(),
                ),
                None => None,
            },
            codes::UNREACHABLE_STORE => {
                let is_it = |shortfall: &&Shortfall| match shortfall {
                    Shortfall::Service { origin, .. } => {
                        Some(&origin.cluster) == finding.cluster.as_ref() && origin.service == finding.service
                    }
                    Shortfall::Cluster { .. } => false,
                };
                let failure = known.shortfalls.iter().find(is_it).map(|it| shortfall_failure(it, self.rerun))?;
                failure.hint_text().map(str::to_owned)
            }
            _ => None,
        }
    }

    /// The command that mends the file.
    fn update(&self, more: &[&str], known: &Known<'_>) -> String {
        let names: Vec<String> = self.file.layers.iter().map(|name| file_word(name)).collect();
        let mut words = vec!["gen-values", "--update"];
        match names.as_slice() {
            [file] => words.push(file),
            layers => words.extend(layers.iter().flat_map(|layer| ["-f", layer])),
        }
        words.extend(more);
        if self.holds_secrets {
            words.extend(["--secrets", "inline"]);
        }
        if !known.shortfalls.is_empty() {
            words.push("--allow-partial");
        }
        self.rerun.command(&words)
    }
}
