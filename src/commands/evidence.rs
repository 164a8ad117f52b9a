//! How it is known that thanosctl changed or made a Service, and whether that is enough to undo it.
//!
//! Whoever may annotate a Service can write what thanosctl writes there, and by `fieldManager=thanosctl` have it noted under
//! thanosctl's name. So what the journal does not know is asked for one by one, or allowed by a flag of its own.

use super::rerun::Rerun;
use super::writing::Connected;
use crate::cli::{ClusterArgs, WritingArgs};
use crate::failure::Failure;
use crate::fleet::live::LiveService;
use crate::names::ServiceRef;
use crate::terminal::Terminal;

/// What says that a Service was changed or made by thanosctl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The journal, which nobody else writes.
    Journal,
    /// The Service's own annotation alone.
    Annotation,
}

impl Evidence {
    /// What a plan says of it, behind what is done.
    pub(super) fn remark(self) -> &'static str {
        match self {
            Self::Journal => "",
            Self::Annotation => ", from an annotation, no journal",
        }
    }

    /// Whether it needs no question of its own.
    pub(super) fn is_enough(self, args: &WritingArgs) -> bool {
        self == Self::Journal || args.trust_annotations
    }
}

/// What was typed about clusters, and about how they are changed.
pub(super) type Flags<'a> = (&'a ClusterArgs, &'a WritingArgs);

/// Fields of a Service that are noted as written by thanosctl where it wrote them.
pub(super) type Fields<'a> = &'a [&'a [&'a str]];

/// Whether an annotation counts at all: the API server must note that thanosctl wrote these fields.
///
/// # Errors
/// When it notes somebody else, or nobody.
pub(super) fn check_writer(
    cluster: &Connected,
    live: &LiveService,
    annotation: &str,
    fields: Fields<'_>,
    (clusters, writing): Flags<'_>,
) -> Result<(), Failure> {
    let manager = &writing.field_manager;
    if fields.iter().all(|path| live.is_noted(manager, path)) {
        return Ok(());
    }
    let name = live.reference();
    Err(Failure::new(format!("{} is left as it is", cluster.name_of(&name)))
        .caused_by(format!(
            "its annotation {annotation} was not written by thanosctl: `metadata.managedFields` do not say that field \
             manager `{manager}` did"
        ))
        .hint(format!("see who did; to take the annotation away:\n{}", removal(clusters, cluster, &name, annotation))))
}

/// The command that takes an annotation away.
pub(super) fn removal(clusters: &ClusterArgs, cluster: &Connected, name: &ServiceRef, annotation: &str) -> String {
    let removed = format!("{annotation}-");
    let words = ["annotate", "service", &name.name, "-n", &name.namespace, &removed];
    Rerun::of(clusters).kubectl_in(&words, Some(&cluster.target.context))
}

/// Of `items` those that may be done: each of which the evidence is not enough is asked for. Where there is nobody to ask, or
/// the answer is no, it is left out; the former are failures.
pub(super) async fn confirmed<T>(
    items: Vec<T>,
    evidence: impl Fn(&T) -> Evidence,
    question: impl Fn(&T) -> String,
    args: &WritingArgs,
    terminal: &Terminal,
) -> Confirmed<T> {
    let mut confirmed = Confirmed { items: Vec::new(), declined: false, failures: Vec::new() };
    for item in items {
        if evidence(&item).is_enough(args) {
            confirmed.items.push(item);
        } else if !terminal.asks() {
            let failure =
                Failure::new("a Service is left as it is: only its annotation says that it is thanosctl's to undo")
                    .caused_by(format!("the question would be: {}", question(&item)))
                    .hint(
                        "the journal does not know it, and whoever may annotate it can write that; look at it with \
                     --dry-run client,\nthen answer the question on a terminal, or say --trust-annotations",
                    );
            confirmed.failures.push(failure);
        } else if terminal.confirm(&question(&item)).await {
            confirmed.items.push(item);
        } else {
            confirmed.declined = true;
        }
    }
    confirmed
}

/// What was confirmed.
pub(super) struct Confirmed<T> {
    /// Those that may be done.
    pub items: Vec<T>,
    /// Whether somebody said no to one.
    pub declined: bool,
    /// Those of which nobody could be asked.
    pub failures: Vec<Failure>,
}
