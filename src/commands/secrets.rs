//! Which secrets a run may read, and where it may write them. The command line decides: settings can be proposed by
//! somebody who must not see the secrets of the machine that checks them.

use std::path::{Path, PathBuf};

use crate::cli::{GenValuesArgs, SecretArgs};
use crate::failure::{Failure, Failures};
use crate::files;
use crate::secret::{Secret, SecretReference, Secrets};
use crate::settings::thanos::SecretsMode;
use crate::settings_file::Settings;

/// Which secrets are read.
#[derive(Clone, Copy)]
pub(super) enum Reading<'a> {
    /// None: what is compared or shown has none.
    None,
    /// Those that the settings name, as far as the command line allows.
    Within(&'a SecretArgs),
}

/// The settings with the mode of the command line.
///
/// # Errors
/// When the command line wants secrets in the values, and the settings do not.
pub(super) fn with_mode(mut settings: Settings, mode: Option<SecretsMode>) -> Result<Settings, Failure> {
    match (mode, settings.secrets) {
        (Some(SecretsMode::Inline), SecretsMode::Manifest) => {
            Err(Failure::new("`--secrets inline` wants secrets in the values, and the settings want them in Secrets")
                .hint("write `secrets: inline` into thanosctl.yaml as well, or leave the flag out"))
        }
        (mode, _) => {
            settings.secrets = mode.unwrap_or(settings.secrets);
            Ok(settings)
        }
    }
}

/// Which secrets `gen-values` reads: those that it writes into a file, or shows because the command line says so.
///
/// # Errors
/// When they would be written into values, or shown, and the command line does not say so.
pub(super) fn for_values<'a>(args: &'a GenValuesArgs, settings: &Settings) -> Result<Reading<'a>, Failures> {
    let SecretArgs { mode, show_secrets, .. } = &args.secrets;
    let is_read = match settings.secrets {
        SecretsMode::Manifest => {
            if args.secret_manifest.as_deref() == Some(Path::new("-")) && !show_secrets {
                return Err(Failure::new(
                    "`--secret-manifest -` prints secrets, and nothing says that they may be shown",
                )
                .hint("add --show-secrets, or write them to a file that only you can read: --secret-manifest FILE")
                .into());
            }
            args.secret_manifest.is_some()
        }
        SecretsMode::Inline => {
            let is_said = *mode == Some(SecretsMode::Inline);
            let writes = args.write.is_some() || (args.update.is_some() && !args.check);
            if writes && !is_said && !settings.thanos.secret_references()?.is_empty() {
                return Err(Failure::new(
                    "the settings want secrets in the values, and the command line does not say so",
                )
                .at(["secrets"])
                .hint("add `--secrets inline`, or take them out of the values: `--secrets manifest`")
                .into());
            }
            is_said || *show_secrets
        }
    };
    Ok(if is_read { Reading::Within(&args.secrets) } else { Reading::None })
}

/// Reads the secrets that the settings name. Values that only name Secrets need none, so none is read.
///
/// # Errors
/// When one cannot be read, or may not be.
pub(super) fn read(settings: &Settings, reading: Reading<'_>) -> Result<Secrets, Failures> {
    let references = settings.thanos.secret_references();
    let Reading::Within(limits) = reading else {
        return Ok(match settings.secrets {
            SecretsMode::Manifest => Secrets::default(),
            SecretsMode::Inline => Secrets::unread(references?),
        });
    };
    let (mut secrets, mut failures) = (Secrets::default(), Vec::new());
    for reference in references? {
        match read_one(&reference, &settings.folder, limits) {
            Ok(secret) => secrets.insert(reference, secret),
            Err(failure) => failures.push(failure),
        }
    }
    match Failures::from_vec(failures) {
        Some(failures) => Err(failures),
        None => Ok(secrets),
    }
}

fn read_one(reference: &SecretReference, folder: &Path, limits: &SecretArgs) -> Result<Secret, Failure> {
    let cannot = || Failure::new(format!("cannot use the secret in {reference}"));
    let text = match reference {
        SecretReference::Env(name) => {
            if !limits.allow_env.is_empty() && !limits.allow_env.iter().any(|prefix| name.starts_with(prefix)) {
                return Err(cannot()
                    .caused_by("its name begins with none of the prefixes that may be read")
                    .hint(format!("if it is meant, add --allow-env {name}")));
            }
            match std::env::var(name) {
                Ok(text) => text,
                Err(std::env::VarError::NotPresent) => {
                    return Err(cannot().caused_by("it is not set").hint(format!("export {name}=…")));
                }
                Err(std::env::VarError::NotUnicode(_)) => return Err(cannot().caused_by("it is not UTF-8")),
            }
        }
        SecretReference::File(path) => {
            let path = folder.join(path);
            let folders: Vec<PathBuf> =
                [folder.to_owned()].into_iter().chain(limits.allow_files_from.iter().cloned()).collect();
            // One that is not there is told so by who reads it.
            if path.exists() && !files::is_below(&path, &folders) {
                return Err(cannot()
                    .caused_by("it is outside of the folder of the settings, symbolic links resolved, or in its .git")
                    .hint("if it is meant, add --allow-files-from with its folder"));
            }
            files::read(&path)?
        }
    };
    Secret::new(text).map_err(|error| cannot().caused_by(error))
}
