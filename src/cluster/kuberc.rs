//! Which credential plugins somebody allows, in the preferences of kubectl (`kuberc`, beta since Kubernetes 1.35:
//! <https://kubernetes.io/docs/reference/config-api/kuberc.v1beta1/>).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use crate::child;
use crate::document;
use crate::files;
use crate::text::clean;

/// The plugins that may run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PluginPolicy {
    /// All that a kubeconfig names.
    #[default]
    AllowAll,
    /// None; why, in words.
    Deny(String),
    /// Those of the list, which stands in this file: names of programs in PATH, or paths.
    Allow(PathBuf, Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preference {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    credential_plugin_policy: String,
    credential_plugin_allowlist: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    /// As of Kubernetes 1.36.
    command: Option<String>,
    /// Its name in Kubernetes 1.35.
    name: Option<String>,
}

impl PluginPolicy {
    /// The policy of the file that `KUBERC` names, else of `~/.kube/kuberc`; `KUBERC=off` switches it off, as in kubectl.
    /// A file that cannot be read, or cannot be meant, allows nothing.
    pub fn of(environment: &Environment) -> Self {
        let named = environment.kuberc.as_deref().filter(|path| !path.is_empty());
        let file = match named {
            Some(path) if path == "off" => return Self::AllowAll,
            Some(path) => PathBuf::from(path),
            None => match &environment.home {
                Some(home) => home.join(".kube/kuberc"),
                None => return Self::AllowAll,
            },
        };
        match files::bytes(&file, files::LARGEST)
            .and_then(|text| String::from_utf8(text).map_err(std::io::Error::other))
        {
            Ok(text) => Self::read(&file, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Self::AllowAll,
            Err(error) => Self::Deny(format!("`{}`, which says what may run, cannot be read: {error}", shown(&file))),
        }
    }

    /// The policy in this process.
    pub fn of_process() -> Self {
        Self::of(&Environment::of_process())
    }

    fn read(file: &Path, text: &str) -> Self {
        let wrong = |what: &str| Self::Deny(format!("`{}`, which says what may run, {what}", shown(file)));
        if text.trim().is_empty() {
            return Self::AllowAll;
        }
        let Ok(preference) = document::read::<Preference>("", text) else {
            return wrong("is no Preference of kubectl");
        };
        let version = preference.api_version.as_deref().unwrap_or_default();
        if preference.kind.as_deref() != Some("Preference") || !version.starts_with("kubectl.config.k8s.io/") {
            return wrong("is no Preference of kubectl");
        }
        let list = preference.credential_plugin_allowlist;
        match (preference.credential_plugin_policy.as_str(), list) {
            ("Allowlist", Some(entries)) if !entries.is_empty() => {
                let names: Option<Vec<String>> = entries
                    .into_iter()
                    .map(|entry| entry.command.or(entry.name).filter(|name| !name.is_empty()))
                    .collect();
                match names {
                    Some(names) => Self::Allow(file.to_owned(), names),
                    None => wrong("has an entry in credentialPluginAllowlist without a command"),
                }
            }
            ("Allowlist", _) => wrong("has the policy Allowlist and no list"),
            (_, Some(_)) => wrong("has a credentialPluginAllowlist, and another policy than Allowlist"),
            ("" | "AllowAll", None) => Self::AllowAll,
            ("DenyAll", None) => {
                Self::Deny(format!("`{}` allows no credential plugin (credentialPluginPolicy: DenyAll)", shown(file)))
            }
            (other, None) => wrong(&format!("has an unknown credentialPluginPolicy `{}`", clean(other))),
        }
    }

    /// Whether a program may run, which was found in `path`.
    ///
    /// # Errors
    /// When it may not; why, in words.
    pub fn permits(&self, program: &Path, path: Option<&OsStr>) -> Result<(), String> {
        match self {
            Self::AllowAll => Ok(()),
            Self::Deny(why) => Err(why.clone()),
            Self::Allow(file, names) => {
                // A name without a path is that of the program that PATH finds, and of no other. A path is a whole one.
                let program = std::path::absolute(program).unwrap_or_default();
                let is_it =
                    |name: &String| child::find(name, path).is_ok_and(|found| found.is_absolute() && found == program);
                match names.iter().any(is_it) {
                    true => Ok(()),
                    false => Err(format!("it is not in the credentialPluginAllowlist of `{}`", shown(file))),
                }
            }
        }
    }
}

fn shown(file: &Path) -> String {
    clean(&file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> PluginPolicy {
        PluginPolicy::read(Path::new("kuberc"), text)
    }

    #[test]
    fn a_policy_is_read_as_kubectl_reads_it_and_what_is_unclear_allows_nothing() {
        let head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
        let allow = |names: &[&str]| {
            PluginPolicy::Allow("kuberc".into(), names.iter().map(|name| (*name).to_owned()).collect())
        };
        for (text, expected) in [
            ("", Some(PluginPolicy::AllowAll)),
            ("credentialPluginPolicy: AllowAll\n", Some(PluginPolicy::AllowAll)),
            ("aliases: [{name: getn, command: get}]\n", Some(PluginPolicy::AllowAll)),
            ("credentialPluginPolicy: DenyAll\n", None),
            (
                "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: aws}, {command: /bin/x}]\n",
                Some(allow(&["aws", "/bin/x"])),
            ),
            ("credentialPluginPolicy: Allowlist\n", None),
            ("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []\n", None),
            ("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{}]\n", None),
            ("credentialPluginAllowlist: [{name: aws}]\n", None),
            ("credentialPluginPolicy: Maybe\n", None),
            ("credentialPluginPolicy: [\n", None),
        ] {
            let read = policy(&format!("{head}{text}"));
            match expected {
                Some(expected) => assert_eq!(read, expected, "{text}"),
                None => assert!(matches!(read, PluginPolicy::Deny(_)), "{text}: {read:?}"),
            }
        }
        assert!(matches!(policy("kind: Config\n"), PluginPolicy::Deny(_)));
    }
}
