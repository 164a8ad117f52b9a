//! The real Helm, where somebody asks for it: renders a chart with values, without a cluster.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::document;
use crate::failure::Failure;
use crate::files;
use crate::text::shell_word;

/// A chart in a folder.
pub struct ChartFolder {
    path: PathBuf,
    /// Its version, as its Chart.yaml says.
    pub version: String,
}

#[derive(Deserialize)]
struct ChartFile {
    version: String,
}

/// What Helm made of values.
pub enum Rendering {
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
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let file = path.join("Chart.yaml");
        let text = files::read(&file).map_err(|failure| failure.hint("--helm-chart is the folder of a chart"))?;
        let chart: ChartFile = document::read(&file.display().to_string(), &text)?;
        Ok(Self { path: path.to_owned(), version: chart.version })
    }

    /// The folder, as a word of a shell.
    pub fn shown(&self) -> String {
        shell_word(&self.path.display().to_string())
    }

    /// Renders the chart with `values`, which Helm reads from its standard input: they may hold secrets.
    ///
    /// # Errors
    /// When Helm cannot be run, or the chart lacks the charts that it depends on.
    pub async fn render(&self, values: &str, release: &str, namespace: &str) -> Result<Rendering, Failure> {
        let mut command = Command::new("helm");
        command.arg("template").arg(release).arg(&self.path).args(["--namespace", namespace, "--values", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let cannot = |error: std::io::Error| {
            Failure::new("cannot run `helm`")
                .caused_by(error)
                .hint("--helm-chart needs Helm in the PATH; without it the values are checked by themselves")
        };
        let mut child = command.spawn().map_err(cannot)?;
        let mut stdin = child.stdin.take();
        let feed = async {
            if let Some(stdin) = &mut stdin {
                // Helm may have ended before it has read all.
                let _ = stdin.write_all(values.as_bytes()).await;
            }
            drop(stdin.take());
        };
        let ((), output) = tokio::join!(feed, child.wait_with_output());
        let output = output.map_err(cannot)?;
        if output.status.success() {
            return Ok(Rendering::Manifest(String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if told.contains("missing in charts/") || told.contains("Chart.yaml file is missing") {
            let shown = self.shown();
            return Err(Failure::new(format!("the chart in `{shown}` lacks the charts that it depends on"))
                .hint(format!("fetch them with\nhelm dependency build {shown}")));
        }
        Ok(Rendering::Refused(told))
    }
}
