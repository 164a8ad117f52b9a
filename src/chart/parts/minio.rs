//! The bundled MinIO: its buckets and its root user.

use super::given::{Given, own};
use crate::chart::layout::Written;
use crate::chart::secret_places::Login;
use crate::failure::Failures;
use crate::settings::thanos::Thanos;

pub(super) fn buckets(thanos: &Thanos) -> Option<Written> {
    thanos.minio.as_ref().map(|minio| own(minio.buckets.join(",")))
}

pub(super) fn root_user(given: &Given<'_, '_>) -> Result<Option<Written>, Failures> {
    Ok(root(given)?.map(|(user, _)| given.line(user)))
}

pub(super) fn root_password(given: &Given<'_, '_>) -> Result<Option<Written>, Failures> {
    Ok(root(given)?.map(|(_, password)| given.line(password)))
}

fn root<'r>(given: &Given<'_, 'r>) -> Result<Option<(&'r str, &'r str)>, Failures> {
    match &given.release.login {
        Login::Values(root) => Ok(Some(root.open(given.release.request.secrets)?)),
        Login::None | Login::Manifest(..) | Login::Existing(_) => Ok(None),
    }
}

pub(super) fn root_secret(given: &Given<'_, '_>) -> Option<Written> {
    match &given.release.login {
        Login::Manifest(name, _) => Some(given.line(name)),
        Login::Existing(name) => Some(given.line(name)),
        Login::None | Login::Values(_) => None,
    }
}
