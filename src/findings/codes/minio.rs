//! What is wrong between the bundled MinIO and the object store: THC310 to THC319.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// An object store that is not the bundled MinIO as the chart makes it.
pub const NOT_THE_MINIO: Code = Code(310);
/// A bucket that nobody makes.
pub const MINIO_BUCKET: Code = Code(311);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: NOT_THE_MINIO,
        name: "not-the-minio",
        severity: Severity::Error,
        summary: "an object store that is not the bundled MinIO as the chart makes it",
        meaning: "The bundled MinIO is on, and the object store names another Service, namespace or port than it has, or \
                  another protocol than it speaks: plain HTTP unless `minio.tls.enabled`. Thanos does not reach it. A store \
                  elsewhere beside a MinIO that is on is a warning.",
        remedy: "Write the endpoint as {{ .Release.Name }}-minio:9000 with `insecure: true`, or turn MinIO off.",
    },
    Explanation {
        code: MINIO_BUCKET,
        name: "minio-bucket",
        severity: Severity::Error,
        summary: "a bucket that nobody makes",
        meaning: "The object store is the bundled MinIO, and its bucket is none of those that MinIO makes when it starts \
                  (`minio.defaultBuckets`, which is `thanos`) or is provisioned with. Every request fails.",
        remedy: "Name the bucket in `minio.defaultBuckets`, with commas between several.",
    },
];
