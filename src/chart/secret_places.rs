//! Where the secrets of a release are: in the values, in Secrets of a manifest, or in Secrets that exist.

use crate::failure::Failure;
use crate::secret::{SecretReference, Secrets};
use crate::thanos::objstore::Description;

/// Where the configuration of the object store is.
pub(super) enum Store {
    /// There is none.
    None,
    /// In the values.
    Values(Description),
    /// In a Secret of the manifest.
    Manifest(String, Description),
    /// In a Secret that exists, under a key.
    Existing(String, String),
}

/// Where MinIO's root user is.
pub(super) enum Login<'a> {
    /// MinIO is not asked for.
    None,
    /// In the values.
    Values(Root<'a>),
    /// In a Secret of the manifest.
    Manifest(String, Root<'a>),
    /// In a Secret that exists.
    Existing(&'a str),
}

/// MinIO's root user, by reference.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) user: &'a SecretReference,
    pub(super) password: &'a SecretReference,
}

impl Root<'_> {
    /// The user and the password.
    pub(super) fn open<'s>(&self, secrets: &'s Secrets) -> Result<(&'s str, &'s str), Failure> {
        let open = |reference: &SecretReference| {
            let failure = || Failure::new(format!("cannot use the {reference} for `thanos.minio.credentials`"));
            let secret = secrets.get(reference).ok_or_else(|| failure().caused_by("it was not read"))?;
            secret.line().map_err(|error| failure().caused_by(error))
        };
        Ok((open(self.user)?, open(self.password)?))
    }

    /// MinIO does not start with a user of less than 3 or a password of less than 8 characters; what was not read
    /// cannot be checked.
    pub(super) fn check(&self, secrets: &Secrets) -> Result<(), Failure> {
        for (reference, what, least) in [(self.user, "rootUser", 3), (self.password, "rootPassword", 8)] {
            if secrets.get(reference).is_some_and(|secret| secret.open().len() < least) {
                return Err(Failure::new(format!("the {reference} holds no `{what}` that MinIO would take"))
                    .at(["thanos", "minio", "credentials", what])
                    .caused_by(format!("MinIO wants at least {least} characters")));
            }
        }
        Ok(())
    }
}
