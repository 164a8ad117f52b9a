//! Entries of kubeconfig files that no command reaches, because a file before theirs has one of the same name.
//!
//! The first file of `KUBECONFIG` wins, name by name, for contexts, clusters and users apart (client-go,
//! tools/clientcmd/loader.go). So a context can vanish, and one that does not can lead to the cluster of another file:
//! k3s, kind and minikube call all three of them by the same few names.

use std::fmt;
use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;
use serde_json::Value;

use crate::text::shell_word;

/// An entry that another file's entry of the same name takes the place of, and leads elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The context that leads elsewhere than its file says.
    pub context: String,
    /// What is taken from another file.
    what: What,
    /// The file whose entry is hidden.
    file: PathBuf,
    /// The file that comes before it.
    by: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// The context itself.
    Context,
    /// Its cluster, of this name.
    Cluster(String),
    /// Its user, of this name.
    User(String),
}

impl fmt::Display for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { context, what, file, by } = self;
        let (file, by) = (file.display(), by.display());
        match what {
            What::Context => {
                write!(out, "context `{context}` of `{file}` is left out: `{by}` has another of that name")?;
            }
            What::Cluster(name) => {
                write!(
                    out,
                    "context `{context}` of `{file}` leads to cluster `{name}` of `{by}`, not to that of its own file"
                )?;
            }
            What::User(name) => {
                write!(
                    out,
                    "context `{context}` of `{file}` is asked as user `{name}` of `{by}`, not as that of its own file"
                )?;
            }
        }
        let alone = shell_word(&self.file.display().to_string());
        write!(
            out,
            "; the first file wins, as in kubectl: rename one of them, or read the file alone with --kubeconfig {alone}"
        )
    }
}

/// What is hidden when `files` are merged in their order.
pub fn hidden(files: &[(PathBuf, Kubeconfig)]) -> Vec<Hidden> {
    let mut found = Vec::new();
    for (at, (file, own)) in files.iter().enumerate() {
        for context in &own.contexts {
            let Some(entry) = &context.context else { continue };
            let hidden = |what: What, by: &Path| Hidden {
                context: context.name.clone(),
                what,
                file: file.clone(),
                by: by.to_owned(),
            };
            let user = entry.user.clone().unwrap_or_default();
            let cluster = first(files, |config| cluster(config, &entry.cluster));
            let user_entry = first(files, |config| auth_info(config, &user));
            let other_cluster = other(at, own, cluster, |config| self::cluster(config, &entry.cluster));
            let other_user = other(at, own, user_entry, |config| auth_info(config, &user));
            match first(files, |config| self::context(config, &context.name)) {
                Some((first, winner)) if first < at => {
                    let is_same = winner == json(entry) && other_cluster.is_none() && other_user.is_none();
                    found.extend((!is_same).then(|| hidden(What::Context, &files[first].0)));
                }
                _ => {
                    found.extend(other_cluster.map(|by| hidden(What::Cluster(entry.cluster.clone()), &files[by].0)));
                    found.extend(other_user.map(|by| hidden(What::User(user.clone()), &files[by].0)));
                }
            }
        }
    }
    found
}

/// The number of the file whose entry takes the place of that of the file `at`; `None` when it is the same, or that file
/// has none.
fn other(
    at: usize,
    own: &Kubeconfig,
    winner: Option<(usize, Value)>,
    entry: impl Fn(&Kubeconfig) -> Option<Value>,
) -> Option<usize> {
    let (first, winner) = winner?;
    (first < at && entry(own)? != winner).then_some(first)
}

/// The first file that has an entry, by its number, and the entry.
fn first(files: &[(PathBuf, Kubeconfig)], entry: impl Fn(&Kubeconfig) -> Option<Value>) -> Option<(usize, Value)> {
    files.iter().enumerate().find_map(|(at, (_, config))| Some((at, entry(config)?)))
}

fn context(config: &Kubeconfig, name: &str) -> Option<Value> {
    config.contexts.iter().find(|entry| entry.name == name).map(|entry| json(&entry.context))
}

fn cluster(config: &Kubeconfig, name: &str) -> Option<Value> {
    config.clusters.iter().find(|entry| entry.name == name).map(|entry| json(&entry.cluster))
}

fn auth_info(config: &Kubeconfig, name: &str) -> Option<Value> {
    config.auth_infos.iter().find(|entry| entry.name == name).map(|entry| json(&entry.auth_info))
}

/// An entry to be compared, and never shown: it may hold secrets.
fn json(entry: &impl serde::Serialize) -> Value {
    serde_json::to_value(entry).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let read = |(name, text): &(&str, &str)| (PathBuf::from(name), Kubeconfig::from_yaml(text).unwrap());
        let files: Vec<_> = files.iter().map(read).collect();
        let told = hidden(&files);
        told.iter().map(|hidden| hidden.to_string().split_once(';').unwrap().0.to_owned()).collect()
    }

    /// A kubeconfig whose context, cluster and user have these names.
    fn file(context: &str, cluster: &str, server: &str, user: &str, token: &str) -> String {
        format!(
            "contexts: [{{name: {context}, context: {{cluster: {cluster}, user: {user}}}}}]\n\
             clusters: [{{name: {cluster}, cluster: {{server: '{server}'}}}}]\n\
             users: [{{name: {user}, user: {{token: {token}}}}}]\n"
        )
    }

    #[test]
    fn a_context_whose_name_is_taken_is_hidden_unless_it_leads_to_the_same() {
        let first = file("default", "default", "https://a", "default", "x");
        let other = file("default", "default", "https://b", "default", "x");
        let login = file("default", "default", "https://a", "default", "y");
        let hidden = ["context `default` of `k2` is left out: `k1` has another of that name"];
        assert_eq!(told(&[("k1", &first), ("k2", &other)]), hidden);
        assert_eq!(told(&[("k1", &first), ("k2", &login)]), hidden);
        assert_eq!(told(&[("k1", &first), ("k2", &file("default", "b", "https://b", "default", "x"))]), hidden);
        assert_eq!(told(&[("k1", &first), ("k2", &first)]), [""; 0]);
        assert_eq!(told(&[("k1", &first), ("k2", &file("b", "b", "https://b", "b", "y"))]), [""; 0]);
    }

    #[test]
    fn a_context_that_gets_the_cluster_or_the_user_of_another_file_is_told() {
        let first = file("a", "default", "https://a", "admin", "x");
        assert_eq!(
            told(&[("k1", &first), ("k2", &file("b", "default", "https://b", "bob", "y"))]),
            ["context `b` of `k2` leads to cluster `default` of `k1`, not to that of its own file"]
        );
        assert_eq!(
            told(&[("k1", &first), ("k2", &file("b", "b", "https://b", "admin", "y"))]),
            ["context `b` of `k2` is asked as user `admin` of `k1`, not as that of its own file"]
        );
        // A file that names what only another has means that.
        let leans = "contexts: [{name: b, context: {cluster: default, user: admin}}]\n";
        assert_eq!(told(&[("k1", &first), ("k2", leans)]), [""; 0]);
    }
}
