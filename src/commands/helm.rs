//! The real Helm, where somebody asks for it: renders a chart with values, without a cluster.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use crate::child::{self, Bounds, Ended};
use crate::document;
use crate::failure::Failure;
use crate::files;
use crate::names::{NamespaceName, ReleaseName};
use crate::text::shell_word;

/// So long may Helm take for one chart: it takes well below a second.
const DEADLINE: Duration = Duration::from_secs(60);

/// So many bytes may it print: a hundred times what a large chart renders.
const LONGEST: u64 = 64 << 20;

/// So many bytes of memory may it fill: ten times what a large chart takes.
const MEMORY: u64 = 1 << 30;

/// A chart in a folder.
pub(super) struct ChartFolder {
    path: PathBuf,
    /// The file whose schema Helm must not follow, so that it checks the values by none.
    pub unfollowed: Option<PathBuf>,
    /// Its version, as its Chart.yaml says.
    pub version: String,
}

#[derive(Deserialize)]
struct ChartFile {
    version: String,
}

/// What Helm made of values.
pub(super) enum Rendering {
    /// The objects.
    Manifest(String),
    /// It could not render; what it says may quote values.
    Refused(String),
}

impl ChartFolder {
    /// Reads which chart is in a folder.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        // Before anything is read: what the error of a reader quotes would be of the file to which a link leads.
        if let Some(link) = files::link_out_of(path) {
            return Err(Failure::new(format!("`{}` leads out of the chart", link.display()))
                .caused_by(
                    "a template could print any file to which a symbolic link leads, and this program what Helm says",
                )
                .hint("put a copy in its place, or leave --helm-chart out"));
        }
        let file = path.join("Chart.yaml");
        let text = files::read(&file).map_err(|failure| failure.hint("--helm-chart is the folder of a chart"))?;
        let chart: ChartFile = document::read(&file.display().to_string(), &text)?;
        let unfollowed = unfollowed(path);
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Self { path, unfollowed, version: chart.version })
    }

    /// The folder, as a word of a shell.
    pub(super) fn shown(&self) -> String {
        shell_word(&self.path.display().to_string())
    }

    /// Renders the chart with `values`, which Helm reads from its standard input: they may hold secrets.
    ///
    /// # Errors
    /// When Helm cannot be run, or the chart lacks the charts that it depends on.
    pub(super) async fn render(
        &self,
        values: &str,
        release: &ReleaseName,
        namespace: &NamespaceName,
    ) -> Result<Rendering, Failure> {
        let cannot = |why: &dyn std::fmt::Display| {
            Failure::new("cannot run `helm`")
                .caused_by(why)
                .hint("--helm-chart needs Helm in the PATH; without it the values are checked by themselves")
        };
        let path = std::env::var_os("PATH");
        let helm = child::find("helm", path.as_deref()).map_err(|error| cannot(&error))?;
        // What Helm keeps on this machine, its plugins among that, is nothing to a chart and values of others.
        let home = files::private_folder()?;
        let mut command = Command::new(helm);
        command.env_clear().env("HOME", home.path()).env("HELM_NO_PLUGINS", "1");
        command.envs(path.map(|path| ("PATH", path))).envs(std::env::var_os("TMPDIR").map(|path| ("TMPDIR", path)));
        for name in ["HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "HELM_PLUGINS"] {
            command.env(name, home.path().join(name));
        }
        // Nothing behind `--` is an option, whatever it is called.
        command.args(["template", &format!("--namespace={namespace}"), "--values=-"]);
        command.args(self.unfollowed.iter().map(|_| "--skip-schema-validation"));
        command.arg("--").arg(release.as_str()).arg(&self.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let bounds = Bounds { time: Some(DEADLINE), output: LONGEST, memory: Some(MEMORY), shares_group: false };
        let output = match child::run(command, values.as_bytes(), bounds).await.map_err(|error| cannot(&error))? {
            Ended::Done(output) => output,
            Ended::Late => {
                return Err(Failure::new(format!("Helm was ended after {} seconds", DEADLINE.as_secs()))
                    .caused_by(format!("it did not finish with the chart in {}", self.shown()))
                    .hint("a template of the chart may loop; render it by hand to see where"));
            }
            Ended::Talkative => {
                return Err(Failure::new(format!("Helm was ended after {} MiB", LONGEST >> 20))
                    .caused_by(format!("so much does the chart in {} render", self.shown())));
            }
        };
        if output.status.success() {
            return Ok(Rendering::Manifest(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        // Where the runtime of Go gets no memory, it ends the program with these words.
        if ["out of memory", "cannot allocate memory"].iter().any(|end| told.contains(&format!("runtime: {end}"))) {
            return Err(Failure::new(format!("Helm was ended at {} MiB of memory", MEMORY >> 20))
                .caused_by(format!("so much does the chart in {} take", self.shown())));
        }
        if told.contains("missing in charts/") || told.contains("Chart.yaml file is missing") {
            let shown = self.shown();
            return Err(Failure::new(format!("the chart in `{shown}` lacks the charts that it depends on"))
                .hint(format!("fetch them with\nhelm dependency build {shown}")));
        }
        Ok(Rendering::Refused(told))
    }
}

/// The first file of a chart whose schema may refer to what is not in it: Helm would read any file of the machine that such a
/// reference names, tell what it finds there, and ask any server. A packed chart may hold one, too.
fn unfollowed(chart: &Path) -> Option<PathBuf> {
    let may_hold = |name: &str| name == SCHEMA || name.ends_with(".tgz") || name.ends_with(".tar.gz");
    let is_closed = |file: &PathBuf| {
        let text = file.ends_with(SCHEMA).then(|| files::read(file).ok()).flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).is_some_and(|schema| refers_to_itself(&schema))
    };
    files::below(chart, may_hold).into_iter().find(|file| !is_closed(file))
}

/// The file with the schema of a chart's values.
const SCHEMA: &str = "values.schema.json";

/// Whether all references of a JSON schema stay in it. That to the meaning of JSON Schema itself is known to Helm.
fn refers_to_itself(schema: &Value) -> bool {
    match schema {
        Value::Object(entries) => entries.iter().all(|(key, value)| match (key.as_str(), value.as_str()) {
            ("$ref" | "$dynamicRef" | "$recursiveRef", Some(target)) => target.starts_with('#'),
            ("$schema", Some(target)) => {
                let target = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://"));
                target.is_some_and(|target| target.starts_with("json-schema.org/"))
            }
            _ => refers_to_itself(value),
        }),
        Value::Array(items) => items.iter().all(refers_to_itself),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
