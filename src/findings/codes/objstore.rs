//! What is wrong in an object store's configuration: THC250 to THC264.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// The document is no YAML for Go.
pub const OBJSTORE_UNREADABLE: Code = Code(250);
/// The type is missing or unknown.
pub const OBJSTORE_UNKNOWN_TYPE: Code = Code(251);
/// A field is unknown, and Thanos refuses it.
pub const OBJSTORE_UNKNOWN_FIELD: Code = Code(252);
/// A field is unknown, and Thanos ignores it.
pub const OBJSTORE_IGNORED_FIELD: Code = Code(253);
/// A field belongs to another version of Thanos.
pub const OBJSTORE_OTHER_VERSION: Code = Code(254);
/// A value is none of its field's kind.
pub const OBJSTORE_WRONG_VALUE: Code = Code(255);
/// A field is missing.
pub const OBJSTORE_MISSING: Code = Code(256);
/// Fields contradict each other.
pub const OBJSTORE_CONTRADICTION: Code = Code(257);
/// The bucket's name is none.
pub const OBJSTORE_BUCKET: Code = Code(258);
/// The endpoint is none.
pub const OBJSTORE_ENDPOINT: Code = Code(259);
/// A key stands twice.
pub const OBJSTORE_DUPLICATE: Code = Code(260);
/// Thanos replaces something by an environment variable.
pub const OBJSTORE_EXPANSION: Code = Code(261);
/// Thanos gets another value than the one that stands there.
pub const OBJSTORE_REWRITTEN: Code = Code(262);
/// A part of the file is never read.
pub const OBJSTORE_UNREAD: Code = Code(263);
/// A field has no effect.
pub const OBJSTORE_WITHOUT_EFFECT: Code = Code(264);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: OBJSTORE_UNREADABLE,
        name: "unreadable-objstore",
        severity: Severity::Error,
        summary: "a configuration of a store or cache that is no YAML",
        meaning: "Thanos reads `objstore.yml`, and the configurations of its caches, by the rules of YAML 1.1. It cannot read \
                  this text, so it does not start.",
        remedy: "Mend what the place points at. Common causes are tabs for indentation, a template that was not rendered, \
                 and a secret that begins with a character that needs quotes.",
    },
    Explanation {
        code: OBJSTORE_UNKNOWN_TYPE,
        name: "unknown-objstore-type",
        severity: Severity::Error,
        summary: "a store or cache of a type that Thanos does not know",
        meaning: "The field `type` is missing, or names a provider that Thanos does not know. It may be written in small \
                  letters, but it has to be one of the names that the hint lists.",
        remedy: "Write the name of the provider. S3 is also the type for MinIO, Ceph and what else speaks that protocol, and \
                 that of Alibaba Cloud is ALIYUNOSS.",
    },
    Explanation {
        code: OBJSTORE_UNKNOWN_FIELD,
        name: "unknown-objstore-key",
        severity: Severity::Error,
        summary: "a field that Thanos does not know and refuses",
        meaning: "Thanos decodes this part strictly: one field that it does not know, and it does not start.",
        remedy: "Write the field that was meant, or leave it out. Beside `type`, `config` and `prefix` nothing may stand at the \
                 top of `objstore.yml`.",
    },
    Explanation {
        code: OBJSTORE_IGNORED_FIELD,
        name: "ignored-objstore-key",
        severity: Severity::Warning,
        summary: "a field that Thanos does not know and ignores",
        meaning: "In the section `config` of COS, ALIYUNOSS, BOS, OCI and FILESYSTEM, and of caches, Thanos ignores fields that \
                  it does not know. So a field with a typing error keeps its default, and nobody is told.",
        remedy: "Write the field that was meant, or leave it out.",
    },
    Explanation {
        code: OBJSTORE_OTHER_VERSION,
        name: "objstore-key-version",
        severity: Severity::Error,
        summary: "a field that this version of Thanos does not know",
        meaning: "The field exists, but not in the version of Thanos that reads this configuration: that one is too old, or the \
                  field was taken away. Thanos refuses it like any unknown field, except where it ignores those.",
        remedy: "Leave the field out, or run a version of Thanos that knows it: the message names it.",
    },
    Explanation {
        code: OBJSTORE_WRONG_VALUE,
        name: "wrong-objstore-value",
        severity: Severity::Error,
        summary: "a value that its field does not take",
        meaning: "The value is not of the kind that the field holds, or the provider's library refuses it. Numbers and booleans \
                  stand without quotes, durations with a unit, and most numbers of bytes without one.",
        remedy: "Write a value of the kind that the message names.",
    },
    Explanation {
        code: OBJSTORE_MISSING,
        name: "missing-objstore-key",
        severity: Severity::Error,
        summary: "a field that has to be given is not",
        meaning: "Without this field Thanos does not start, or fails at its first request. It is a warning where Thanos starts \
                  and then works with an empty name.",
        remedy: "Give the field a value that is not empty.",
    },
    Explanation {
        code: OBJSTORE_CONTRADICTION,
        name: "objstore-key-conflict",
        severity: Severity::Error,
        summary: "fields that exclude each other, or one without its partner",
        meaning: "Thanos takes one way to authenticate, and takes it whole: a key with its secret, or the credentials of the \
                  environment, and never two ways at once. Certificates want their key.",
        remedy: "Choose one way: give all of its fields, and none of the others.",
    },
    Explanation {
        code: OBJSTORE_BUCKET,
        name: "unusable-bucket-name",
        severity: Severity::Error,
        summary: "a bucket that cannot have this name",
        meaning: "The provider's library refuses a bucket of this name. For S3 it does so at the first request only: then the \
                  compactor and the store gateway stop, while sidecar, receiver and ruler go on and upload nothing.",
        remedy: "Write the name of the bucket alone, without a path and without a scheme; the path belongs into `prefix`.",
    },
    Explanation {
        code: OBJSTORE_ENDPOINT,
        name: "unusable-endpoint",
        severity: Severity::Error,
        summary: "an endpoint that the provider's library refuses",
        meaning: "The endpoint cannot be asked as it stands. For S3 it is a host and perhaps a port, without `http://` and \
                  without a path.",
        remedy: "Write the endpoint as the message asks. With S3, `insecure: true` chooses plain HTTP.",
    },
    Explanation {
        code: OBJSTORE_DUPLICATE,
        name: "double-objstore-key",
        severity: Severity::Error,
        summary: "a key that stands twice",
        meaning: "Thanos refuses a mapping that has a key twice, also when one of the two comes from a merge with `<<`.",
        remedy: "Keep one of them.",
    },
    Explanation {
        code: OBJSTORE_EXPANSION,
        name: "expanded-objstore",
        severity: Severity::Warning,
        summary: "text that Thanos replaces by an environment variable",
        meaning: "Thanos replaces `$(NAME)` by the environment variable of that name before it reads the file, in comments and \
                  in secrets too. Where the variable is not set it does not start. What it will read is not known here, so the \
                  value is not checked.",
        remedy: "Set the variable in the pod where it is meant. Where it is not, as in a password, Thanos has no way to write \
                 it: choose another one.",
    },
    Explanation {
        code: OBJSTORE_REWRITTEN,
        name: "rewritten-objstore",
        severity: Severity::Warning,
        summary: "a value that reaches Thanos as another one",
        meaning: "Without quotes this is a number, a boolean or a duration in nanoseconds, and Thanos writes it anew before it \
                  reads it: `0755` becomes `493`, `no` becomes `false`, and a fraction is cut off where a whole number is \
                  wanted.",
        remedy: "Put quotes around a text, write whole numbers as such, and durations with their unit.",
    },
    Explanation {
        code: OBJSTORE_UNREAD,
        name: "unread-objstore",
        severity: Severity::Warning,
        summary: "a second document that Thanos never reads",
        meaning: "Thanos reads the first document of a file. What follows after `---` has no effect, and is not checked.",
        remedy: "Keep one document in the file.",
    },
    Explanation {
        code: OBJSTORE_WITHOUT_EFFECT,
        name: "idle-objstore-key",
        severity: Severity::Warning,
        summary: "a field that has no effect here",
        meaning: "Thanos takes the field and does nothing with it, since another field decides or its value means nothing.",
        remedy: "Leave it out, or give the field that the message names.",
    },
];
