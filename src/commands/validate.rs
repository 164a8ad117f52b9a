//! `validate`: what is wrong in any values file, for the chart and the version that will read it. Asks no cluster.

use std::path::Path;

use super::helm::{ChartFolder, Rendering};
use super::{CommandResult, Outcome};
use crate::chart::dialect::Chart;
use crate::chart::edit::Wrapper;
use crate::chart::header::ValuesHeader;
use crate::chart::manifest::{alone, installed};
use crate::chart::validate::rendered::cleaned;
use crate::chart::validate::{Checked, Subject};
use crate::cli::ValidateArgs;
use crate::document::Place;
use crate::failure::{Failure, Failures};
use crate::files;
use crate::model::codes;
use crate::model::finding::{Finding, Severity};
use crate::report::{Context, Format, Sources, Span, render, summary};
use crate::settings::Settings;
use crate::terminal::Terminal;

/// Checks each file and tells what was found.
///
/// # Errors
/// When a file cannot be read, or it is not known what to check it against; the others are checked and told before.
pub async fn run(args: &ValidateArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.config.as_deref())?;
    let wrapper = args.path.as_deref().map(Wrapper::parse).transpose()?;
    let folder = args.helm_chart.as_deref().map(ChartFolder::read).transpose()?;
    let mut charts = Charts { args, settings: &settings, folder: folder.as_ref(), known: Vec::new(), terminal };
    let (mut names, mut findings, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    let mut sources = Sources::default();
    for path in &args.files {
        match check(path, wrapper.as_ref(), &mut charts).await {
            Ok((name, text, checked)) => {
                let span = |(start, end)| Span { start, end };
                sources = sources.with(&name, &text, checked.secrets.into_iter().map(span).collect());
                findings.extend(checked.findings);
                names.push(name);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if args.strict {
        let warnings = findings.iter_mut().filter(|finding| finding.severity == Severity::Warning);
        warnings.for_each(|finding| finding.severity = Severity::Error);
    }
    tell(args, &findings, &Context { files: &names, sources: &sources }, terminal)?;
    if let Some(failures) = Failures::from_vec(failures) {
        return Err(failures);
    }
    let differs = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if differs { Outcome::Differs } else { Outcome::Done })
}

async fn check(
    path: &Path,
    wrapper: Option<&Wrapper>,
    charts: &mut Charts<'_>,
) -> Result<(String, String, Checked), Failure> {
    let name = path.display().to_string();
    let whole = files::read(path)?;
    let (text, others) = alone(&whole);
    if others > 0 {
        let note = format!("note: of `{name}` the first object with values is checked, and {others} more are not");
        charts.terminal.note(&note);
    }
    let (folder, release) = (charts.folder, charts.release().map(str::to_owned));
    let namespace = charts.namespace().to_owned();
    let chart = charts.find(&name, &text)?;
    let subject = Subject { chart, wrapper, release: release.as_deref() };
    let mut checked = subject.check(&name, &text)?;
    if let Some(folder) = folder
        && let Some(values) = subject.values_text(&name, &text)?
    {
        let release = release.as_deref().unwrap_or("thanos");
        match folder.render(&values, release, &namespace).await? {
            Rendering::Manifest(manifest) => {
                checked.findings.extend(subject.check_rendered(&name, &text, &manifest)?);
            }
            Rendering::Refused(told) => {
                let mut finding = Finding::new(codes::RENDERING_FAILED, format!("Helm: {}", cleaned(&told)));
                finding.place = Some(Place { file: name.clone(), line: 0, column: 0 });
                let shown = folder.shown();
                finding.hint =
                    Some(format!("see all that it says with\nhelm template {release} {shown} --values {name}"));
                checked.findings.push(finding);
            }
        }
    }
    Ok((name, whole, checked))
}

fn tell(args: &ValidateArgs, findings: &[Finding], context: &Context<'_>, terminal: &Terminal) -> Result<(), Failure> {
    let text = render(findings, args.format.format, context);
    match args.format.format {
        Format::Human => {
            terminal.styled(&text)?;
            if findings.is_empty() && !context.files.is_empty() {
                terminal.note(&summary(findings, context));
            }
        }
        Format::Json | Format::Github | Format::Junit | Format::Sarif => terminal.data(&text)?,
    }
    Ok(())
}

/// The charts that the files are for, each read once.
struct Charts<'a> {
    args: &'a ValidateArgs,
    settings: &'a Settings,
    folder: Option<&'a ChartFolder>,
    known: Vec<Chart>,
    terminal: &'a Terminal,
}

impl Charts<'_> {
    /// The name of the release, where somebody told it.
    fn release(&self) -> Option<&str> {
        let settings = self.settings.is_given.then_some(self.settings.thanos.release.as_str());
        self.args.chosen.release.as_deref().or(settings)
    }

    /// Its namespace.
    fn namespace(&self) -> &str {
        self.args.chosen.release_namespace.as_deref().unwrap_or(&self.settings.thanos.namespace)
    }

    /// The chart of a file: as flags say, else the settings, else the first line of a file that thanosctl wrote, else what a
    /// HelmRelease or an Application installs, else the one that thanosctl writes values for by itself. Of a chart that Helm renders, its own version counts.
    fn find(&mut self, file: &str, text: &str) -> Result<&Chart, Failure> {
        let thanos = &self.settings.thanos;
        let header = ValuesHeader::of(text).map(|header| (header.chart, Some(header.version.to_string())));
        let header = header.or_else(|| installed(text, &thanos.chart));
        let settings = (thanos.chart.clone(), thanos.chart_version.clone());
        let is_told = self.settings.is_given || header.is_some();
        let told = if self.settings.is_given { settings } else { header.unwrap_or(settings) };
        let chosen = &self.args.chosen;
        let given = chosen.chart_version.as_deref().or(self.folder.map(|folder| folder.version.as_str()));
        let (chart, version) = match (&chosen.chart, given) {
            // A version of another chart says nothing.
            (Some(chart), None) if *chart != told.0 => (chart.clone(), None),
            (chart, version) => (chart.clone().unwrap_or(told.0), version.map(str::to_owned).or(told.1)),
        };
        let chart = Chart::find_known(&chart, version.as_deref())?;
        if !is_told && given.is_none() {
            let (chart, version) = (chart.dialect.chart, chart.version);
            self.terminal.note(&format!(
                "note: nothing says which version of which chart `{file}` is for; it is checked for {chart} {version} \
                 (--chart, --chart-version)"
            ));
        }
        let is_same = |known: &Chart| known.dialect.chart == chart.dialect.chart && known.version == chart.version;
        let index = self.known.iter().position(is_same).unwrap_or(self.known.len());
        if index == self.known.len() {
            self.known.push(chart);
        }
        Ok(&self.known[index])
    }
}
