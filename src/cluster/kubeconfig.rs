//! kubeconfig files, read and merged as kubectl does it (client-go, tools/clientcmd/loader.go).
//!
//! kube's own reader fails on a missing file of a list, takes the first of two contexts of one name in silence, lets an
//! empty text of one file hide that of the next, and quotes the neighbouring lines, tokens included, when it cannot
//! parse a file.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kube::config::{KubeconfigError, NamedAuthInfo, NamedCluster, NamedContext};

use super::checkout;
use super::environment::Environment;
use super::hidden::{Hidden, hidden};
use crate::failure::Failure;
use crate::files;
use crate::fleet::selection;
use crate::fleet::selection::{Candidate, NotChosen};
use crate::text::clean;

/// How a k3s user gets a kubeconfig: k3s keeps its own where only root can read it (k3s, pkg/server/server.go). The copy
/// takes the place of no other kubeconfig, and nobody else can read it at any moment.
pub const K3S_HINT: &str = "on a k3s server, copy the one of root:\n\
    mkdir -p ~/.kube && (umask 077; sudo k3s kubectl config view --raw > ~/.kube/k3s.yaml)\n\
    export KUBECONFIG=~/.kube/k3s.yaml";

/// What stands before the names of contexts.
const CONTEXTS: &str = "the contexts are";

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A context of the kubeconfig.
    Context(String),
    /// A cluster that nobody asks, by the fleet's name for it.
    Fixed(String),
}

/// The merged kubeconfig: contexts, clusters, users, and the environment they are used in.
#[derive(Clone, Default)]
pub struct Kubeconfig {
    merged: kube::config::Kubeconfig,
    /// The one file that was asked for by `--kubeconfig`.
    explicit: Option<PathBuf>,
    /// What a file hides of those after it.
    hidden: Vec<Hidden>,
    environment: Environment,
}

// Users may hold secrets in the open: variables of plugins, tokens of old providers.
impl std::fmt::Debug for Kubeconfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Kubeconfig").field("contexts", &self.contexts()).finish_non_exhaustive()
    }
}

impl Kubeconfig {
    /// Reads what kubectl would read in this process: `explicit` alone, else the list of `KUBECONFIG`, else
    /// `~/.kube/config`. A pod's own service account is never inferred.
    ///
    /// # Errors
    /// When there is no file to read, or one cannot be read.
    pub fn load(explicit: Option<&Path>) -> Result<Self, Failure> {
        Self::load_in(explicit, Environment::of_process())
    }

    /// The same in another environment.
    ///
    /// # Errors
    /// As [`Kubeconfig::load`].
    pub fn load_in(explicit: Option<&Path>, environment: Environment) -> Result<Self, Failure> {
        let mut config = Self { explicit: explicit.map(Path::to_path_buf), environment, ..Self::default() };
        let files = config.files();
        if let Some(file) = files.iter().find(|file| !config.is_named(file) && checkout::holds(file)) {
            return Err(Failure::new(format!("the kubeconfig `{}` belongs to the repository here", file.display()))
                .caused_by("whoever proposes a change of the repository could choose clusters and run programs by it")
                .hint("if it is meant, name it: --kubeconfig FILE, or KUBECONFIG with its whole path"));
        }
        let mut read = Vec::new();
        for file in &files {
            if let Some(part) = read_file(file, explicit.is_some())? {
                read.push((file.clone(), part));
            }
        }
        if read.is_empty() {
            return Err(no_file(&files));
        }
        config.hidden = hidden(&read);
        for (file, part) in read {
            config.merged = config.merged.merge(part).map_err(|error| {
                Failure::new(format!("cannot merge kubeconfig `{}` with those before it", file.display()))
                    .caused_by(error)
            })?;
        }
        Ok(config)
    }

    /// Whether somebody named this file, on the command line or in the environment. A relative entry of `KUBECONFIG` names
    /// another one in each folder.
    fn is_named(&self, file: &Path) -> bool {
        let list = self.environment.kubeconfig.as_deref().unwrap_or_default();
        self.explicit.is_some() || std::env::split_paths(list).any(|entry| entry.is_absolute() && entry == file)
    }

    /// Whether nobody checks who answers for the cluster of a context.
    pub fn is_unchecked(&self, context: &str) -> bool {
        let named = self.context(context).and_then(|named| named.context.as_ref());
        let cluster = named.and_then(|context| self.cluster(&context.cluster)).and_then(|named| named.cluster.as_ref());
        cluster.is_some_and(|cluster| cluster.insecure_skip_tls_verify == Some(true))
    }

    fn files(&self) -> Vec<PathBuf> {
        if let Some(file) = &self.explicit {
            return vec![file.clone()];
        }
        let list = self.environment.kubeconfig.clone().unwrap_or_default();
        let listed: Vec<PathBuf> = std::env::split_paths(&list).filter(|file| !file.as_os_str().is_empty()).collect();
        if listed.is_empty() {
            return self.environment.home.iter().map(|home| home.join(".kube/config")).collect();
        }
        listed
    }

    /// The names of the contexts, in the order of the files.
    pub fn contexts(&self) -> Vec<&str> {
        self.merged.contexts.iter().map(|context| context.name.as_str()).collect()
    }

    /// What is hidden of these contexts, because a file before theirs has an entry of the same name.
    pub fn hidden<'a>(&'a self, contexts: &'a [String]) -> impl Iterator<Item = &'a Hidden> {
        self.hidden.iter().filter(|hidden| contexts.contains(&hidden.context))
    }

    /// The current context; `None` when none is set. It may name a context that does not exist.
    pub fn current(&self) -> Option<&str> {
        self.merged.current_context.as_deref().filter(|name| !name.is_empty())
    }

    /// What `patterns` ask for, each once ([`selection::select`]); a cluster of the `fleet` may be named as the fleet
    /// names it. No pattern means the current context, or every context with `all`.
    ///
    /// # Errors
    /// When a pattern matches nothing, nothing is left, or there is no current context.
    pub fn select(&self, patterns: &[String], all: bool, fleet: &[Candidate<'_>]) -> Result<Vec<Selected>, Failure> {
        let contexts = self.contexts();
        if contexts.is_empty() {
            return Err(Failure::new("the kubeconfig has no contexts").hint(K3S_HINT));
        }
        let candidates = self.candidates(fleet);
        let mut patterns = patterns.to_vec();
        if all {
            // All of them is what exclusions alone mean.
            let is_context = |pattern: &String| contexts.contains(&pattern.as_str());
            patterns.retain(|pattern| pattern.starts_with('!') && !is_context(pattern));
        } else if patterns.is_empty() {
            return Ok(vec![Selected::Context(self.current_context()?.to_owned())]);
        }
        let selected = selection::select(&candidates, &patterns).map_err(|error| match error {
            NotChosen::Unknown(name) => self.unknown(&name, fleet),
            NotChosen::NothingLeft => Failure::new("no context is left after those that are excluded")
                .hint(selection::known(&candidates, CONTEXTS)),
        })?;
        let found = |at: usize| match candidates[at] {
            Candidate { context: Some(context), .. } => Ok(Selected::Context(context.to_owned())),
            Candidate { context: None, name } => {
                let cluster = fleet.iter().find(|cluster| cluster.name == name);
                match cluster.and_then(|cluster| cluster.context) {
                    Some(missing) => Err(self.unknown(missing, &[])),
                    None => Ok(Selected::Fixed(name.unwrap_or_default().to_owned())),
                }
            }
        };
        selected.into_iter().map(found).collect()
    }

    /// Makes sure that contexts exist which somebody else chose, by their plain names.
    ///
    /// # Errors
    /// When some do not exist; says which do.
    pub fn require(&self, contexts: &[String]) -> Result<(), Failure> {
        let missing: Vec<&String> = contexts.iter().filter(|name| self.context(name).is_none()).collect();
        match missing[..] {
            [] => Ok(()),
            [missing] => Err(self.unknown(missing, &[])),
            _ => {
                let names: Vec<String> = missing.iter().map(|name| format!("`{}`", clean(name))).collect();
                Err(Failure::new(format!("{} contexts of the settings are not in the kubeconfig", missing.len()))
                    .caused_by(format!("it has no {}", names.join(", ")))
                    .hint(selection::known(&self.candidates(&[]), CONTEXTS)))
            }
        }
    }

    fn current_context(&self) -> Result<&str, Failure> {
        let known = || selection::known(&self.candidates(&[]), CONTEXTS);
        let Some(current) = self.current() else {
            return Err(Failure::new("the kubeconfig has no current context")
                .hint(format!("name one with --context NAME, or take --all-contexts; {}", known())));
        };
        match self.context(current) {
            Some(context) => Ok(&context.name),
            None => {
                Err(Failure::new(format!("the current context `{current}` is not in the kubeconfig")).hint(known()))
            }
        }
    }

    /// The contexts, each with the fleet's name for it; then what only the fleet has.
    fn candidates<'a>(&'a self, fleet: &[Candidate<'a>]) -> Vec<Candidate<'a>> {
        let contexts = self.contexts();
        let name = |context: &str| fleet.iter().find(|cluster| cluster.context == Some(context))?.name;
        let known = contexts.iter().map(|context| Candidate { context: Some(*context), name: name(context) });
        let is_known = |context: Option<&str>| context.is_some_and(|context| contexts.contains(&context));
        let others = fleet.iter().filter(|cluster| !is_known(cluster.context));
        known.chain(others.map(|cluster| Candidate { context: None, name: cluster.name })).collect()
    }

    fn unknown(&self, name: &str, fleet: &[Candidate<'_>]) -> Failure {
        let or_cluster = if fleet.is_empty() { "" } else { ", and no cluster of the settings" };
        Failure::new(format!("no context of the kubeconfig{or_cluster} is named `{name}`")).hint(selection::advice(
            &self.candidates(fleet),
            name,
            CONTEXTS,
        ))
    }

    pub(super) fn context(&self, name: &str) -> Option<&NamedContext> {
        self.merged.contexts.iter().find(|context| context.name == name)
    }

    pub(super) fn cluster(&self, name: &str) -> Option<&NamedCluster> {
        self.merged.clusters.iter().find(|cluster| cluster.name == name)
    }

    pub(super) fn user(&self, name: &str) -> Option<&NamedAuthInfo> {
        self.merged.auth_infos.iter().find(|user| user.name == name)
    }

    pub(super) fn explicit(&self) -> Option<&Path> {
        self.explicit.as_deref()
    }

    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// One file; `None` when it does not exist and need not.
fn read_file(file: &Path, must_exist: bool) -> Result<Option<kube::config::Kubeconfig>, Failure> {
    let failure = || Failure::new(format!("cannot read kubeconfig `{}`", file.display()));
    files::check(file, files::LARGEST).map_err(|error| failure().caused_by(error))?;
    let mut config = match kube::config::Kubeconfig::read_from(file) {
        Ok(config) => config,
        Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == ErrorKind::NotFound => {
            return if must_exist { Err(failure().caused_by("it does not exist").hint(K3S_HINT)) } else { Ok(None) };
        }
        Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(failure()
                .caused_by("permission denied")
                .hint(format!("name another with --kubeconfig FILE, or export KUBECONFIG=FILE; {K3S_HINT}")));
        }
        Err(KubeconfigError::ReadConfig(error, _)) => return Err(failure().caused_by(error)),
        Err(KubeconfigError::Parse(error)) => return Err(failure().caused_by(unparsable(&error))),
        Err(error) => return Err(failure().caused_by(error)),
    };
    drop_empty(&mut config, file);
    let duplicate = duplicate(config.contexts.iter().map(|context| context.name.as_str()), "context")
        .or_else(|| duplicate(config.clusters.iter().map(|cluster| cluster.name.as_str()), "cluster"))
        .or_else(|| duplicate(config.auth_infos.iter().map(|user| user.name.as_str()), "user"));
    match duplicate {
        Some(duplicate) => Err(failure().caused_by(duplicate)),
        None => Ok(Some(config)),
    }
}

/// An empty text is none, as in Go: it hides no text of the files after it, and names no file. kube has joined what
/// names files to the folder of the kubeconfig already, so that an empty one names the folder.
fn drop_empty(config: &mut kube::config::Kubeconfig, file: &Path) {
    for text in [&mut config.current_context, &mut config.kind, &mut config.api_version] {
        text.take_if(|text| text.is_empty());
    }
    let folder = file.parent().map(|folder| folder.join("")).unwrap_or_default();
    let users = config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut());
    let of_users = users.flat_map(|user| [&mut user.client_certificate, &mut user.client_key, &mut user.token_file]);
    let clusters = config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut());
    for name in clusters.map(|cluster| &mut cluster.certificate_authority).chain(of_users) {
        name.take_if(|name| name.is_empty() || Path::new(name).as_os_str() == folder.as_os_str());
    }
}

/// Where a file is wrong, and no more: messages of the parser quote values, which may be tokens.
fn unparsable(error: &serde_saphyr::Error) -> String {
    let error = error.without_snippet();
    let text = error.to_string();
    let missing = text.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`'));
    let what = match missing {
        Some((field, _)) => format!("`{}` is missing", clean(field)),
        None => "it is not what a kubeconfig holds, or no valid YAML".to_owned(),
    };
    match error.location() {
        Some(at) => format!("line {}, column {}: {what}", at.line(), at.column()),
        None => what,
    }
}

fn duplicate<'a>(names: impl Iterator<Item = &'a str>, kind: &str) -> Option<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name)).map(|name| format!("it has two entries for {kind} `{name}`"))
}

fn no_file(files: &[PathBuf]) -> Failure {
    let looked: Vec<String> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    let cause = match &looked[..] {
        [] => "KUBECONFIG is not set and there is no home folder".to_owned(),
        [one] => format!("{one} does not exist"),
        several => format!("none of {} exists", several.join(", ")),
    };
    Failure::new("there is no kubeconfig")
        .caused_by(cause)
        .hint(format!("name one with --kubeconfig FILE, or export KUBECONFIG=FILE; {K3S_HINT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_contexts(names: &[&str], current: Option<&str>) -> Kubeconfig {
        let contexts =
            names.iter().map(|name| NamedContext { name: (*name).to_owned(), ..NamedContext::default() }).collect();
        let merged = kube::config::Kubeconfig {
            contexts,
            current_context: current.map(str::to_owned),
            ..kube::config::Kubeconfig::default()
        };
        Kubeconfig { merged, ..Kubeconfig::default() }
    }

    fn select(config: &Kubeconfig, patterns: &[&str]) -> Result<Vec<String>, Failure> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        names(config.select(&patterns, false, &[]))
    }

    fn names(selected: Result<Vec<Selected>, Failure>) -> Result<Vec<String>, Failure> {
        let name = |selected| match selected {
            Selected::Context(name) | Selected::Fixed(name) => name,
        };
        selected.map(|selected| selected.into_iter().map(name).collect())
    }

    #[test]
    fn contexts_are_selected_by_name_glob_and_exclusion() {
        let config = with_contexts(&["prod-us", "prod-eu", "dev", "od*d"], Some("dev"));
        assert_eq!(select(&config, &[]).unwrap(), ["dev"]);
        assert_eq!(select(&config, &["dev", "prod-*", "prod-eu"]).unwrap(), ["dev", "prod-us", "prod-eu"]);
        assert_eq!(select(&config, &["!dev"]).unwrap(), ["prod-us", "prod-eu", "od*d"]);
        assert_eq!(select(&config, &["prod-*", "!*-eu"]).unwrap(), ["prod-us"]);
        assert_eq!(select(&config, &["od*d"]).unwrap(), ["od*d"]);
        assert_eq!(config.select(&["!dev".to_owned()], true, &[]).unwrap().len(), 3);
        assert_eq!(config.select(&[], true, &[]).unwrap().len(), 4);
        assert_eq!(
            select(&config, &["dev", "!*"]).unwrap_err().what(),
            "no context is left after those that are excluded"
        );
    }

    #[test]
    fn an_unknown_context_is_told_with_those_that_exist() {
        let config = with_contexts(&["prod-us", "prod-eu", "a\u{1b}[31m"], None);
        let failure = select(&config, &["prod-uss"]).unwrap_err();
        let hint = failure.hint_text().unwrap();
        assert!(hint.starts_with("did you mean `prod-us`?"), "{hint}");
        assert!(hint.contains("the contexts are a\\u{1b}[31m, prod-eu, prod-us"), "{hint}");
        assert!(select(&config, &["!prod-uss"]).is_err(), "a mistyped exclusion must not read a cluster after all");
        let failure = select(&config, &[]).unwrap_err();
        assert!(failure.what().contains("no current context"), "{failure}");
        assert!(failure.hint_text().unwrap().contains("prod-eu"), "{failure}");
    }

    #[test]
    fn an_empty_file_name_is_none_and_not_the_folder_of_the_kubeconfig() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let text = "clusters: [{name: c, cluster: {server: h, certificate-authority: ''}}]\n\
                    users: [{name: u, user: {client-certificate: '', client-key: '', tokenFile: ''}},\n\
                    {name: v, user: {client-certificate: c.pem, client-key: ./k.pem, tokenFile: /t}}]\n";
        std::fs::write(&file, text).unwrap();
        let config = Kubeconfig::load_in(Some(&file), Environment::default()).unwrap();
        assert_eq!(config.cluster("c").unwrap().cluster.as_ref().unwrap().certificate_authority, None);
        let files = |user: &str| {
            let user = config.user(user).unwrap().auth_info.clone().unwrap();
            [user.client_certificate, user.client_key, user.token_file]
        };
        assert_eq!(files("u"), [None, None, None]);
        let beside = |name: &str| Some(folder.path().join(name).display().to_string());
        assert_eq!(files("v"), [beside("c.pem"), beside("./k.pem"), Some("/t".to_owned())]);
    }

    #[test]
    fn a_long_list_of_contexts_is_cut() {
        let names: Vec<String> = (0..500).map(|n| format!("c{n:03}")).collect();
        let config = with_contexts(&names.iter().map(String::as_str).collect::<Vec<_>>(), Some("gone"));
        let failure = select(&config, &[]).unwrap_err();
        assert!(failure.what().contains("`gone` is not in"), "{failure}");
        assert!(failure.hint_text().unwrap().ends_with("c009, and 490 more"), "{failure}");
    }
}
