//! What of the values in a file did not arrive in what Helm rendered from it: THC290 to THC299.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// A chart that Helm cannot render with these values.
pub const RENDERING_FAILED: Code = Code(290);
/// A store of the values that the querier does not get.
pub const STORE_NOT_RENDERED: Code = Code(291);
/// A replica label of the values that the querier does not get.
pub const REPLICA_LABEL_NOT_RENDERED: Code = Code(292);
/// An object store that does not come out as it went in.
pub const OBJSTORE_NOT_RENDERED: Code = Code(293);
/// Rules that do not come out as they went in.
pub const RULES_NOT_RENDERED: Code = Code(294);
/// A Service that is not as the values say.
pub const SERVICE_NOT_RENDERED: Code = Code(295);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: RENDERING_FAILED,
        name: "rendering-failed",
        severity: Severity::Error,
        summary: "a chart that Helm cannot render with these values",
        meaning: "`helm template` failed with the chart of `--helm-chart` and this file. What Helm says is shown \
                  whole, with stars for secrets.",
        remedy: "The message names the template and the reason. Run the same command by hand to see all of it.",
    },
    Explanation {
        code: STORE_NOT_RENDERED,
        name: "store-not-rendered",
        severity: Severity::Error,
        summary: "a store of the values that the querier does not get",
        meaning: "The querier that the chart rendered has no flag for this store: the list stands below a key that \
                  the chart does not read, or other arguments take the place of the chart's own.",
        remedy: "Look at the other findings; `query.args` and `query.command` replace all flags.",
    },
    Explanation {
        code: REPLICA_LABEL_NOT_RENDERED,
        name: "replica-label-not-rendered",
        severity: Severity::Error,
        summary: "a replica label of the values that the querier does not get",
        meaning: "The querier that the chart rendered has no `--query.replica-label` for this label, or one that \
                  names several at once.",
        remedy: "Look at the other findings: up to 2.4.0 the chart takes one label, as a text.",
    },
    Explanation {
        code: OBJSTORE_NOT_RENDERED,
        name: "objstore-not-rendered",
        severity: Severity::Error,
        summary: "an object store that does not come out as it went in",
        meaning: "The Secret that the chart rendered for the object store does not hold what the values say: a \
                  template in it changed the text, or it is not rendered at all. The texts are compared and never \
                  shown.",
        remedy: "Escape each `{{` in it as {{ `{{` }} with the backquotes.",
    },
    Explanation {
        code: RULES_NOT_RENDERED,
        name: "rules-not-rendered",
        severity: Severity::Error,
        summary: "rules that do not come out as they went in",
        meaning: "The ConfigMap that the chart rendered for the ruler does not hold the rules of the values: a \
                  template in it changed the text, or the ruler is off.",
        remedy: "Escape each `{{` in it as {{ `{{` }} with the backquotes, and see that `ruler.enabled` is true.",
    },
    Explanation {
        code: SERVICE_NOT_RENDERED,
        name: "service-not-rendered",
        severity: Severity::Error,
        summary: "a Service that is not as the values say",
        meaning: "The Service of the querier that the chart rendered has another type or node port than the values \
                  give it.",
        remedy: "Look at the other findings: the keys of Services moved in 7.0.0 and 11.0.0.",
    },
];
