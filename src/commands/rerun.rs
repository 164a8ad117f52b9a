//! The flags of a run, for the commands that its hints name: such a command does what the hint says only with the same
//! clusters, the same settings and the same chart.

use std::path::Path;
use std::time::Duration;

use crate::cli::{ClusterArgs, ReleaseArgs};
use crate::text::shell_word;

/// What a run was given on its command line, to be given again.
#[derive(Clone, Copy)]
pub(super) struct Rerun<'a> {
    clusters: &'a ClusterArgs,
    release: Option<&'a ReleaseArgs>,
    path: Option<&'a str>,
}

impl<'a> Rerun<'a> {
    /// A run on these clusters.
    pub(super) fn of(clusters: &'a ClusterArgs) -> Self {
        Self { clusters, release: None, path: None }
    }

    /// The same run, for this release.
    pub(super) fn with_release(self, release: &'a ReleaseArgs) -> Self {
        Self { release: Some(release), ..self }
    }

    /// The same run, with values at this path of the file.
    pub(super) fn with_path(self, path: Option<&'a str>) -> Self {
        Self { path, ..self }
    }

    /// `thanosctl` with these words, each quoted for a shell where it must be, and with the flags of the run.
    pub(super) fn command(&self, words: &[&str]) -> String {
        let mut command = Command::begin("thanosctl", words);
        // All of them are named here, so that none that comes is forgotten.
        let ClusterArgs {
            context,
            picked_context,
            all_contexts,
            kubeconfig,
            inventory,
            namespace,
            all_namespaces: _,
            selector,
            timeout: _,
            concurrency: _,
            config: _,
        } = self.clusters;
        context.iter().chain(picked_context.get()).for_each(|context| command.flag("--context", context));
        if *all_contexts {
            command.words(&["--all-contexts"]);
        }
        command.path("--kubeconfig", kubeconfig.as_deref());
        inventory.iter().for_each(|inventory| command.path("--inventory", Some(inventory)));
        namespace.iter().for_each(|namespace| command.flag("--namespace", namespace));
        selector.iter().for_each(|selector| command.flag("--selector", selector));
        self.shared(&mut command);
        if let Some(ReleaseArgs { chart, chart_version, release, release_namespace }) = self.release {
            let flags = [
                ("--chart", chart.as_deref()),
                ("--chart-version", chart_version.as_deref()),
                ("--release", release.as_deref()),
                ("--release-namespace", release_namespace.as_deref()),
            ];
            for (name, value) in flags {
                value.iter().for_each(|value| command.flag(name, value));
            }
        }
        self.path.iter().for_each(|path| command.flag("--path", path));
        command.0
    }

    /// The same for one cluster of the run, by its context; a cluster of an inventory that was asked by none has none.
    /// What is done there needs the cluster itself, so no inventory is named.
    pub(super) fn command_in(&self, words: &[&str], context: Option<&str>) -> String {
        let mut command = Command::begin("thanosctl", words);
        context.iter().for_each(|context| command.flag("--context", context));
        command.path("--kubeconfig", self.clusters.kubeconfig.as_deref());
        self.shared(&mut command);
        command.0
    }

    /// The flags by which only some Services of the clusters are looked at; `None` where all are.
    pub(super) fn narrowing(&self) -> Option<String> {
        let mut flags = Command(String::new());
        self.clusters.namespace.iter().for_each(|namespace| flags.flag("--namespace", namespace));
        self.clusters.selector.iter().for_each(|selector| flags.flag("--selector", selector));
        Some(flags.0.trim().to_owned()).filter(|flags| !flags.is_empty())
    }

    /// The same run for whole files.
    pub(super) fn without_path(self) -> Self {
        Self { path: None, ..self }
    }

    /// The run as a verb takes it that knows clusters alone.
    pub(super) fn of_clusters(self) -> Self {
        Self { release: None, path: None, ..self }
    }

    /// `kubectl` with these words, in one cluster of the run; in the current context where the cluster has none.
    pub(super) fn kubectl_in(&self, words: &[&str], context: Option<&str>) -> String {
        let mut command = Command::begin("kubectl", words);
        context.iter().for_each(|context| command.flag("--context", context));
        command.path("--kubeconfig", self.clusters.kubeconfig.as_deref());
        command.0
    }

    /// What holds for every cluster.
    fn shared(&self, command: &mut Command) {
        command.path("--config", self.clusters.config.as_deref());
        if self.clusters.timeout != ClusterArgs::TIMEOUT {
            command.flag("--timeout", &duration(self.clusters.timeout));
        }
    }
}

/// A command line that grows.
struct Command(String);

impl Command {
    fn begin(program: &str, words: &[&str]) -> Self {
        let mut command = Self(program.to_owned());
        command.words(words);
        command
    }

    fn words(&mut self, words: &[&str]) {
        for word in words {
            self.0.push(' ');
            self.0.push_str(&shell_word(word));
        }
    }

    /// A value that begins with a dash would be taken for a flag of its own; `-` alone is standard input.
    fn flag(&mut self, name: &str, value: &str) {
        if value.starts_with('-') && value != "-" {
            self.words(&[&format!("{name}={value}")]);
        } else {
            self.words(&[name, value]);
        }
    }

    fn path(&mut self, name: &str, path: Option<&Path>) {
        path.iter().for_each(|path| self.flag(name, &path.display().to_string()));
    }
}

/// A file as an argument of a command: one whose name begins with a dash would be taken for a flag.
pub(super) fn file_word(name: &str) -> String {
    if name.starts_with('-') { format!("./{name}") } else { name.to_owned() }
}

/// A time as it is typed.
fn duration(time: Duration) -> String {
    let milliseconds = time.as_millis();
    if milliseconds.is_multiple_of(1000) { format!("{}s", milliseconds / 1000) } else { format!("{milliseconds}ms") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command as Process;

    use clap::Parser;
    use proptest::prelude::*;

    use super::*;
    use crate::cli::{Cli, Command as Verb, DiffArgs};

    fn diff(arguments: &[String]) -> DiffArgs {
        let words =
            ["thanosctl", "diff", "values.yaml"].map(str::to_owned).into_iter().chain(arguments.iter().cloned());
        match Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{arguments:?}: {error}")).command {
            Verb::Diff(args) => args,
            other => panic!("{other:?}"),
        }
    }

    fn command(args: &DiffArgs) -> String {
        let rerun = Rerun::of(&args.clusters).with_release(&args.chosen).with_path(args.path.as_deref());
        rerun.command(&["diff", "values.yaml"])
    }

    /// The words that a shell makes of a command.
    fn words(command: &str) -> Vec<String> {
        let script = format!("printf '%s\\0' {command}");
        let output = Process::new("sh").args(["-c", &script]).output().expect("there is a shell");
        let text = String::from_utf8(output.stdout).expect("UTF-8 comes out as it went in");
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn only_what_the_run_was_given_is_given_again() {
        let told =
            |arguments: &[&str]| command(&diff(&arguments.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()));
        assert_eq!(told(&[]), "thanosctl diff values.yaml");
        assert_eq!(told(&["--timeout", "10s", "--concurrency", "2"]), "thanosctl diff values.yaml");
        assert_eq!(
            told(&["--all-contexts", "--context", "!eu", "--timeout=1500ms", "-n", "a-b", "-l", "a b"]),
            "thanosctl diff values.yaml --context '!eu' --all-contexts --namespace a-b --selector 'a b' --timeout 1500ms"
        );
        assert_eq!(told(&["--inventory", "-"]), "thanosctl diff values.yaml --inventory -");
    }

    #[test]
    fn a_command_for_one_cluster_has_its_context_alone() {
        let args = diff(&["--all-contexts", "--kubeconfig", "k", "--config", "c"].map(str::to_owned));
        assert_eq!(
            Rerun::of(&args.clusters).command_in(&["expose", "a/b"], Some("eu 1")),
            "thanosctl expose a/b --context 'eu 1' --kubeconfig k --config c"
        );
    }

    fn text() -> impl Strategy<Value = String> {
        "[a-z $'\"!*/=-]{1,6}".prop_filter("clap takes no empty value", |text| text != "-")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_command_that_is_pasted_is_given_what_the_run_was_given(
            contexts in prop::collection::vec(text(), 0..3),
            flags in prop::collection::vec((0..8_usize, text()), 0..5),
            timeout in 1..100_000_u32,
        ) {
            let names =
                ["--kubeconfig", "--namespace", "--selector", "--config", "--chart", "--chart-version", "--release", "--path"];
            let mut arguments: Vec<String> = contexts.iter().map(|context| format!("--context={context}")).collect();
            let flags: BTreeMap<usize, String> = flags.into_iter().collect();
            // Names of Kubernetes and Helm are none of a stranger's choice.
            let value = |at: &usize, value: &String| match names[*at] {
                "--namespace" | "--release" => format!("n{}", value.len()),
                _ => value.clone(),
            };
            arguments.extend(flags.iter().map(|(at, text)| format!("{}={}", names[*at], value(at, text))));
            arguments.push(format!("--timeout={timeout}ms"));
            let args = diff(&arguments);
            let again = words(&command(&args));
            prop_assert_eq!(&again[..3], ["thanosctl", "diff", "values.yaml"]);
            prop_assert_eq!(format!("{:?}", diff(&again[3..])), format!("{args:?}"));
        }
    }
}
