//! Credential plugins: the programs that a kubeconfig names to get a token or a certificate.
//!
//! kube runs one three times per client, blocks its thread for as long as it takes, and puts its standard output,
//! where the token is, into the error. Here it runs once for all contexts that share it, beside everything else, and
//! dies with the deadline of its cluster, with all that it started.
//!
//! One that has to ask somebody is given the terminal, if there is one: before any cluster is asked, one at a time, for as
//! long as it takes. One that may ask and need not is given it when only its cluster is asked, as kubectl does it; of many at
//! once none could be talked to.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use kube::config::{ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::kuberc::PluginPolicy;
use crate::child::{self, Bounds, Ended, NotFound};
use crate::text::clean;

/// The versions of the protocol that client-go still speaks (client-go, plugin/pkg/client/auth/exec).
const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// So much is kept of what a plugin complains about.
const COMPLAINT: usize = 200;

/// What a plugin handed over: a token, a certificate with its key, or all three.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// A bearer token.
    #[serde(default, deserialize_with = "secret")]
    pub token: Option<SecretString>,
    /// A certificate chain in PEM.
    pub client_certificate_data: Option<String>,
    /// The key of that certificate in PEM.
    #[serde(default, deserialize_with = "secret")]
    pub client_key_data: Option<SecretString>,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// Why a plugin gave no credential. Tells what it said on its error stream, never what it printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// The kubeconfig names no command.
    #[error("the kubeconfig names a credential plugin without a command")]
    NoCommand,
    /// The protocol's version is not one of client-go's.
    #[error("the credential plugin `{command}` is set up for `{version}`, which kubectl does not speak either")]
    Version {
        /// The plugin's command.
        command: String,
        /// `apiVersion` of the kubeconfig; empty when there is none.
        version: String,
    },
    /// The plugin insists on asking somebody.
    #[error("the credential plugin `{command}` has to ask on a terminal (interactiveMode: Always), and there is none")]
    Interactive {
        /// The plugin's command.
        command: String,
    },
    /// There is no such program.
    #[error("the credential plugin `{command}` is not installed, or not in PATH")]
    Missing {
        /// The plugin's command.
        command: String,
        /// How to get it, in the words of the kubeconfig.
        install_hint: Option<String>,
    },
    /// The program could not be started.
    #[error("the credential plugin `{command}` cannot be started: {reason}")]
    Start {
        /// The plugin's command.
        command: String,
        /// The system's word for it.
        reason: String,
    },
    /// Whoever runs this program does not allow it.
    #[error("the credential plugin `{command}` is not allowed: {reason}")]
    NotAllowed {
        /// The plugin's command.
        command: String,
        /// What forbids it.
        reason: String,
    },
    /// The program ended with a failure.
    #[error("the credential plugin `{command}` failed ({status}){}{}", said(complaint), if *.may_ask { NO_TERMINAL } else { "" })]
    Failed {
        /// The plugin's command.
        command: String,
        /// How it ended.
        status: String,
        /// The last line of its error stream; may be empty.
        complaint: String,
        /// Whether it may ask somebody, and was given nobody to ask.
        may_ask: bool,
    },
    /// What it printed is no `ExecCredential` of the version asked for, or holds nothing to authenticate with.
    #[error("the credential plugin `{command}` printed {problem}")]
    Output {
        /// The plugin's command.
        command: String,
        /// What is wrong with it, without quoting it.
        problem: &'static str,
    },
}

const NO_TERMINAL: &str = "; it was given no terminal to ask on";

fn said(complaint: &str) -> String {
    if complaint.is_empty() { String::new() } else { format!(": {complaint}") }
}

/// The plugins of one run: contexts that name the same command, arguments, variables and cluster share one result.
///
/// Has no `Debug`: variables for plugins may hold secrets in the open.
#[derive(Default)]
pub struct Plugins {
    /// Whether somebody sits at the terminal who may be asked.
    somebody: bool,
    policy: PluginPolicy,
    results: Mutex<HashMap<String, Shared>>,
}

type Shared = Arc<OnceCell<Result<Credential, PluginError>>>;

impl Plugins {
    /// No plugin has run yet. `somebody`: at the terminal sits somebody who may be asked. `policy` says which may run.
    pub fn new(somebody: bool, policy: PluginPolicy) -> Self {
        Self { somebody, policy, results: Mutex::default() }
    }

    /// Whether the plugin is to be given the terminal: when it has to ask, or may and nobody else is `alone`.
    pub(super) fn asks(&self, exec: &ExecConfig, alone: bool) -> bool {
        let mode = match exec.interactive_mode {
            Some(ExecInteractiveMode::Always) => true,
            Some(ExecInteractiveMode::IfAvailable) | None => alone,
            Some(ExecInteractiveMode::Never) => false,
        };
        self.somebody && mode
    }

    /// Runs the plugin with the terminal; what it hands over, or why it did not, is what [`Plugins::credential`] gives
    /// from then on.
    pub(super) async fn log_in(&self, exec: &ExecConfig, cluster: Option<&ExecAuthCluster>) {
        self.shared(exec, cluster).get_or_init(|| run(exec, cluster, Terminal::Given, &self.policy)).await;
    }

    /// The credential that the plugin hands over. Whoever comes second waits for the first; when the first ran out of
    /// time, the second runs the plugin again. `cluster` is what a plugin with `provideClusterInfo` is told.
    ///
    /// # Errors
    /// When there is no credential to be had.
    pub async fn credential(
        &self,
        exec: &ExecConfig,
        cluster: Option<&ExecAuthCluster>,
    ) -> Result<Credential, PluginError> {
        self.shared(exec, cluster).get_or_init(|| run(exec, cluster, Terminal::None, &self.policy)).await.clone()
    }

    fn shared(&self, exec: &ExecConfig, cluster: Option<&ExecAuthCluster>) -> Shared {
        let key = serde_json::json!([exec, cluster]).to_string();
        self.results.lock().expect("nobody panics with the lock").entry(key).or_default().clone()
    }
}

/// What a plugin is given to talk to somebody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Terminal {
    /// Standard input and the error stream.
    Given,
    /// Nothing.
    None,
}

/// No credential is larger.
const MAX_OUTPUT: u64 = 1 << 20;

async fn run(
    exec: &ExecConfig,
    cluster: Option<&ExecAuthCluster>,
    terminal: Terminal,
    policy: &PluginPolicy,
) -> Result<Credential, PluginError> {
    let command = exec.command.clone().filter(|command| !command.is_empty()).ok_or(PluginError::NoCommand)?;
    let version = exec.api_version.clone().unwrap_or_default();
    if !VERSIONS.contains(&version.as_str()) {
        return Err(PluginError::Version { command, version });
    }
    let is_given = terminal == Terminal::Given;
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) && !is_given {
        return Err(PluginError::Interactive { command });
    }
    let told = serde_json::json!({
        "apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": is_given, "cluster": cluster},
    });
    // Our own: what the kubeconfig gives to the plugin as PATH says nothing of where that is (client-go, exec.go), and a
    // policy that allows a name means the program that this name is here.
    let path = std::env::var_os("PATH");
    let program = match child::find(&command, path.as_deref()) {
        Ok(program) => program,
        Err(NotFound::Missing) => {
            return Err(PluginError::Missing { command, install_hint: exec.install_hint.clone() });
        }
        Err(relative @ NotFound::Relative(_)) => {
            return Err(PluginError::Start { command, reason: relative.to_string() });
        }
    };
    if let Err(reason) = policy.permits(&program, path.as_deref()) {
        return Err(PluginError::NotAllowed { command, reason });
    }
    let mut plugin = tokio::process::Command::new(&program);
    plugin.args(exec.args.iter().flatten()).env("KUBERNETES_EXEC_INFO", told.to_string());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            plugin.env(name, value);
        }
    }
    // One without the terminal has a group of its own. If it opens the terminal all the same, it is stopped by the system
    // as soon as it reads there, and its deadline tells. With the terminal it must be in the group that the terminal knows.
    let (stdin, stderr) = if is_given { (Stdio::inherit(), Stdio::inherit()) } else { (Stdio::null(), Stdio::piped()) };
    plugin.stdin(stdin).stdout(Stdio::piped()).stderr(stderr);
    let may_ask = !is_given && exec.interactive_mode != Some(ExecInteractiveMode::Never);
    let bounds = Bounds { time: None, output: MAX_OUTPUT, memory: None, shares_group: is_given };
    match child::run(plugin, &[], bounds).await {
        Ok(Ended::Done(output)) => read(&command, &version, &output, may_ask),
        Ok(Ended::Talkative | Ended::Late) => {
            Err(PluginError::Output { command, problem: "more than any credential has" })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(PluginError::Missing { command, install_hint: exec.install_hint.clone() })
        }
        Err(error) => Err(PluginError::Start { command, reason: error.to_string() }),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: Option<String>,
    status: Option<Credential>,
}

fn read(command: &str, version: &str, output: &Output, may_ask: bool) -> Result<Credential, PluginError> {
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        return Err(PluginError::Failed {
            command: command.to_owned(),
            status: output.status.to_string(),
            complaint: clean(last).chars().take(COMPLAINT).collect(),
            may_ask,
        });
    }
    let wrong = |problem| PluginError::Output { command: command.to_owned(), problem };
    // The parser's own message would quote what was printed.
    let credential: ExecCredential =
        serde_json::from_slice(&output.stdout).map_err(|_| wrong("something that is no ExecCredential"))?;
    if credential.api_version.as_deref() != Some(version) {
        return Err(wrong("an ExecCredential of another apiVersion than the kubeconfig asks for"));
    }
    let credential = credential.status.ok_or_else(|| wrong("an ExecCredential without a status"))?;
    let has_token = credential.token.as_ref().is_some_and(|token| !token.expose_secret().trim().is_empty());
    match (has_token, &credential.client_certificate_data, &credential.client_key_data) {
        (_, Some(_), None) | (_, None, Some(_)) => Err(wrong("a certificate without its key, or a key alone")),
        (false, None, None) => Err(wrong("neither a token nor a certificate")),
        _ => Ok(credential),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::path::Path;
    use std::time::Duration;
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    fn shell(script: &str) -> ExecConfig {
        ExecConfig {
            api_version: Some(VERSIONS[0].to_owned()),
            command: Some("sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            ..ExecConfig::default()
        }
    }

    async fn failure(exec: &ExecConfig) -> String {
        let error = Plugins::default().credential(exec, None).await.unwrap_err();
        let (told, debug) = (error.to_string(), format!("{error:?}"));
        assert!(!told.contains("hunter2") && !debug.contains("hunter2"), "{told} {debug}");
        told
    }

    const CREDENTIAL: &str =
        r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"hunter2"}}"#;

    #[tokio::test]
    async fn a_plugin_that_prints_without_end_is_cut_off() {
        let error = run(&shell("yes hunter2"), None, Terminal::None, &PluginPolicy::AllowAll).await.unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    /// Only a hang lasts as long.
    const HANG: Duration = Duration::from_secs(60);

    fn make_pipe(path: &Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    /// What is written into a new named pipe until its last writer is gone.
    fn follow(pipe: &Path) -> oneshot::Receiver<String> {
        make_pipe(pipe);
        let (pipe, (told, text)) = (pipe.to_owned(), oneshot::channel());
        std::thread::spawn(move || told.send(std::fs::read_to_string(pipe).unwrap()));
        text
    }

    async fn text(pipe: oneshot::Receiver<String>) -> String {
        timeout(HANG, pipe).await.expect("it is still held open").unwrap()
    }

    #[tokio::test]
    async fn a_plugin_that_is_given_up_takes_along_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let (held, up) = (folder.path().join("held"), folder.path().join("up"));
        let plugin = shell(&format!("(echo up > '{}'; exec sleep 600) > '{}' & wait", up.display(), held.display()));
        let (held, up) = (follow(&held), follow(&up));
        tokio::select! {
            result = run(&plugin, None, Terminal::None, &PluginPolicy::AllowAll) => panic!("it does not wait: {:?}", result.err()),
            up = text(up) => assert_eq!(up, "up\n"),
        }
        assert_eq!(text(held).await, "");
    }

    #[tokio::test]
    async fn what_a_plugin_that_is_done_leaves_behind_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (question, answer) = (folder.path().join("question"), folder.path().join("answer"));
        let daemon = format!("read line < '{}'; echo \"$line\" > '{}'", question.display(), answer.display());
        make_pipe(&question);
        let answer = follow(&answer);
        run(
            &shell(&format!("({daemon}) > /dev/null 2>&1 & echo '{CREDENTIAL}'")),
            None,
            Terminal::None,
            &PluginPolicy::AllowAll,
        )
        .await
        .unwrap();
        std::thread::spawn(move || std::fs::write(question, "here\n"));
        assert_eq!(text(answer).await, "here\n");
    }

    #[tokio::test]
    async fn a_plugin_runs_once_for_all_that_share_it_and_is_asked_for_no_dialogue() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut exec = shell(&format!(
            "echo \"$KUBERNETES_EXEC_INFO $WHO\" >> {}; cat; sleep 0.05; echo '{CREDENTIAL}'",
            log.display()
        ));
        exec.env = Some(vec![HashMap::from([("name".into(), "WHO".into()), ("value".into(), "me".into())])]);
        let plugins = Plugins::default();
        let all = futures::future::join_all((0..5).map(|_| plugins.credential(&exec, None))).await;
        for credential in all {
            assert_eq!(credential.unwrap().token.unwrap().expose_secret(), "hunter2");
        }
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(log.lines().count(), 1);
        assert!(log.contains(r#""interactive":false"#) && log.trim_end().ends_with(" me"), "{log}");
    }

    #[tokio::test]
    async fn a_failing_plugin_is_told_by_its_status_and_last_complaint_never_by_its_output() {
        let told =
            failure(&shell("echo hunter2; echo first >&2; printf 'login \\033[31mexpired\\n\\n' >&2; exit 3")).await;
        assert_eq!(
            told,
            "the credential plugin `sh` failed (exit status: 3): login \\u{1b}[31mexpired; it was given no terminal to ask on"
        );
        let never = ExecConfig { interactive_mode: Some(ExecInteractiveMode::Never), ..shell("exit 1") };
        assert_eq!(failure(&never).await, "the credential plugin `sh` failed (exit status: 1)");
    }

    #[tokio::test]
    async fn a_missing_plugin_is_named_with_its_install_hint() {
        let mut exec = shell("");
        exec.command = Some("/nowhere/aws-iam".to_owned());
        exec.install_hint = Some("brew install aws-iam".to_owned());
        let error = Plugins::default().credential(&exec, None).await.unwrap_err();
        assert!(error.to_string().contains("`/nowhere/aws-iam` is not installed"), "{error}");
        assert!(matches!(error, PluginError::Missing { install_hint: Some(hint), .. } if hint.contains("brew")));
    }

    #[tokio::test]
    async fn junk_is_refused_without_being_quoted() {
        for (script, reason) in [
            ("echo hunter2", "no ExecCredential"),
            ("echo '\"hunter2\"'", "no ExecCredential"),
            ("true", "no ExecCredential"),
            ("echo '{\"apiVersion\":\"hunter2\",\"status\":{\"token\":\"hunter2\"}}'", "another apiVersion"),
            ("echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\"}'", "without a status"),
            (
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\" \"}}'",
                "neither a token",
            ),
            (
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"hunter2\"}}'",
                "without its key",
            ),
        ] {
            let told = failure(&shell(script)).await;
            assert!(told.contains(reason), "{script}: {told}");
        }
    }

    #[tokio::test]
    async fn what_kubectl_would_not_run_is_not_run() {
        let mut alpha = shell("echo hunter2");
        alpha.api_version = Some("client.authentication.k8s.io/v1alpha1".to_owned());
        assert!(failure(&alpha).await.contains("v1alpha1"));
        let mut asking = shell("echo hunter2");
        asking.interactive_mode = Some(ExecInteractiveMode::Always);
        assert!(failure(&asking).await.contains("has to ask on a terminal"));
        assert!(failure(&ExecConfig::default()).await.contains("without a command"));
    }
}
