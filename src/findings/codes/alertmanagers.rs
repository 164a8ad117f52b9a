//! What is wrong in an Alertmanager configuration: THC280 to THC289.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// The configuration is no YAML that Thanos reads.
pub const UNREADABLE_ALERTMANAGERS: Code = Code(280);
/// A key that no ruler knows.
pub const UNKNOWN_ALERTMANAGERS_KEY: Code = Code(281);
/// A key that stands twice.
pub const DUPLICATE_ALERTMANAGERS_KEY: Code = Code(282);
/// A value that its key does not take.
pub const WRONG_ALERTMANAGERS_VALUE: Code = Code(283);
/// Credentials that exclude each other, or one half of a pair.
pub const WRONG_ALERTMANAGERS_CREDENTIALS: Code = Code(284);
/// An address that nobody can be reached at.
pub const DEAD_ALERTMANAGERS_ADDRESS: Code = Code(285);
/// No Alertmanager at all.
pub const NO_ALERTMANAGERS: Code = Code(286);
/// Something that thanosctl cannot judge.
pub const UNJUDGED_ALERTMANAGERS: Code = Code(287);
/// A second document.
pub const IGNORED_ALERTMANAGERS: Code = Code(288);
/// The first version of the API.
pub const OLD_ALERTMANAGERS_API: Code = Code(289);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: UNREADABLE_ALERTMANAGERS,
        name: "unreadable-alerting",
        severity: Severity::Error,
        summary: "an Alertmanager configuration that Thanos cannot read",
        meaning: "The text is no YAML as Go's parser reads it, or not the mapping with `alertmanagers` that the ruler wants. The \
                  ruler exits.",
        remedy: "Write a mapping whose one key `alertmanagers` holds a list. The section `alerting` of a Prometheus configuration \
                 is not read.",
    },
    Explanation {
        code: UNKNOWN_ALERTMANAGERS_KEY,
        name: "unknown-alerting-key",
        severity: Severity::Error,
        summary: "a key in an Alertmanager configuration that Thanos does not know",
        meaning: "The ruler reads this configuration strictly, and exits on a key that it does not know. Keys of Prometheus such \
                  as `targets`, `authorization` or `relabel_configs` are among those.",
        remedy: "Take the key out, or write it as Thanos does: `static_configs` holds addresses, and credentials stand below \
                 `http_config`.",
    },
    Explanation {
        code: DUPLICATE_ALERTMANAGERS_KEY,
        name: "double-alerting-key",
        severity: Severity::Error,
        summary: "a key that stands twice in an Alertmanager configuration",
        meaning: "The same key stands twice in one mapping. The ruler exits.",
        remedy: "Keep one of them.",
    },
    Explanation {
        code: WRONG_ALERTMANAGERS_VALUE,
        name: "wrong-alerting-value",
        severity: Severity::Error,
        summary: "a value in an Alertmanager configuration that its key does not take",
        meaning: "A timeout without a unit, an API version that is neither `v1` nor `v2`, a mapping where an address belongs: the \
                  ruler exits. `file_sd_configs` without `refresh_interval` make it crash.",
        remedy: "Durations are written as `10s`, those below `transport_config` as whole nanoseconds, addresses as `HOST:PORT`, \
                 and the files of `file_sd_configs` end in json, yml or yaml.",
    },
    Explanation {
        code: WRONG_ALERTMANAGERS_CREDENTIALS,
        name: "wrong-alerting-login",
        severity: Severity::Error,
        summary: "credentials for an Alertmanager that exclude each other",
        meaning: "Two ways to authenticate at once, a password given twice, or a client certificate without its key: the ruler \
                  exits.",
        remedy: "Keep one of `basic_auth`, `bearer_token` and `bearer_token_file`, one of `password` and `password_file`, and \
                 give `cert_file` and `key_file` together.",
    },
    Explanation {
        code: DEAD_ALERTMANAGERS_ADDRESS,
        name: "dead-alertmanager",
        severity: Severity::Warning,
        summary: "an address at which no Alertmanager can be reached",
        meaning: "The ruler takes the address and starts, and no alert arrives: a static address has no `http://` before it and no \
                  path behind it, and the scheme is `http` or `https`.",
        remedy: "Write `HOST:PORT`, perhaps with `dns+` or `dnssrv+` before it; the scheme stands in `scheme`, a path in \
                 `path_prefix`.",
    },
    Explanation {
        code: NO_ALERTMANAGERS,
        name: "no-alertmanagers",
        severity: Severity::Warning,
        summary: "an Alertmanager configuration without an address",
        meaning: "The ruler starts, warns that there is no Alertmanager, and sends alerts to nobody.",
        remedy: "Name addresses below `static_configs`, or files below `file_sd_configs`.",
    },
    Explanation {
        code: UNJUDGED_ALERTMANAGERS,
        name: "unjudged-alerting",
        severity: Severity::Warning,
        summary: "something in an Alertmanager configuration that thanosctl cannot judge",
        meaning: "The text holds what thanosctl does not follow, such as a tag of YAML. Thanos may take it or refuse it.",
        remedy: "Write it more simply, or start a ruler with it before you roll it out.",
    },
    Explanation {
        code: IGNORED_ALERTMANAGERS,
        name: "ignored-alerting",
        severity: Severity::Warning,
        summary: "a second document in an Alertmanager configuration",
        meaning: "Of several documents Thanos reads the first alone, and says nothing of the others.",
        remedy: "Put all Alertmanagers into the first document.",
    },
    Explanation {
        code: OLD_ALERTMANAGERS_API,
        name: "old-alertmanager-api",
        severity: Severity::Warning,
        summary: "the first version of the Alertmanager's API",
        meaning: "Alertmanager has no API `v1` since its release 0.27: alerts sent there are lost.",
        remedy: "Write `api_version: v2`, or leave the key out.",
    },
];
