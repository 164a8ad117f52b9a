//! `validate`: what is wrong in any values file, for the chart and the version that will read it. Asks no cluster.

use std::path::{Path, PathBuf};

use super::helm::{ChartFolder, Rendering};
use super::said::{SaidFile, asked, place};
use super::{CommandResult, Outcome};
use crate::chart::chart_version::Chart;
use crate::chart::edit::Wrapper;
use crate::chart::installations::Source;
use crate::chart::installations::{Asked, Choice, Installation, Outside};
use crate::chart::validate::rendered::cleaned;
use crate::chart::validate::{Checked, Subject, unreadable};
use crate::cli::ValidateArgs;
use crate::failure::{Failure, Failures};
use crate::findings::codes;
use crate::findings::finding::{Finding, Severity};
use crate::findings::report::{Context, Format, Sources, Span, render, summary};
use crate::names::{NamespaceName, ReleaseName};
use crate::place::Place;
use crate::settings::thanos::Thanos;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use crate::text::shell_word;

/// Checks each file, or all as layers of one release, and tells what was found.
///
/// # Errors
/// When a file cannot be read, or it is not known what to check it against; the others are checked and told before. And
/// when nothing at all was checked.
pub async fn run(args: &ValidateArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.config.as_deref())?;
    let path = args.path.as_deref().map(Wrapper::parse).transpose()?;
    let folder = args.helm_chart.as_deref().map(ChartFolder::read).transpose()?;
    if let Some(file) = folder.as_ref().and_then(|folder| folder.unfollowed.as_ref()) {
        terminal.warning(&format!(
            "the values are not checked by the schemas of the chart: `{}` may refer to files and servers outside of it",
            file.display()
        ));
    }
    let mut check = Check {
        args,
        settings: &settings,
        path: path.as_ref(),
        folder: folder.as_ref(),
        terminal,
        done: Done::default(),
    };
    if args.values.is_empty() {
        for file in &args.files {
            if let Err(failure) = check.file(file).await {
                check.done.failures.push(failure);
            }
        }
    } else {
        check.layers(&args.values).await?;
    }
    let Done { mut findings, names, files, failures, count } = check.done;
    if args.format.strict {
        let warnings = findings.iter_mut().filter(|finding| finding.severity == Severity::Warning);
        warnings.for_each(|finding| finding.severity = Severity::Error);
    }
    if let (0, true, Some(what)) = (count, failures.is_empty(), names.first()) {
        return Err(nothing_checked(what, names.len()).into());
    }
    let names: Vec<String> = names.into_iter().collect();
    let sources = files.into_iter().fold(Sources::default(), |all, file| {
        let span =
            |(start, end): (Place, Place)| Span { start: (start.line, start.column), end: (end.line, end.column) };
        let secrets = file.secrets.into_iter().map(span).collect();
        all.with(&file.name, &file.text, secrets)
    });
    // A file that could not be checked is not one in which nothing was found.
    let is_whole = failures.is_empty();
    tell(args, &findings, is_whole, &Context { files: &names, sources: &sources }, terminal)?;
    if let Some(failures) = Failures::from_vec(failures) {
        return Err(settings.places.tell(&failures));
    }
    let differs = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if differs { Outcome::Differs } else { Outcome::Done })
}

fn nothing_checked(name: &str, count: usize) -> Failure {
    let what = if count == 1 { format!("nothing in `{name}` was checked") } else { "nothing was checked".to_owned() };
    Failure::new(what)
        .caused_by("it holds no values of a chart that thanosctl knows")
        .hint("if they are values of a Thanos chart, name it: --chart REPOSITORY/NAME --chart-version VERSION")
}

fn tell(
    args: &ValidateArgs,
    findings: &[Finding],
    is_whole: bool,
    context: &Context<'_>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let text = render(findings, args.format.format, context);
    match args.format.format {
        Format::Human => {
            terminal.styled(&text)?;
            if findings.is_empty() && is_whole && !context.files.is_empty() {
                terminal.note(&summary(findings, context));
            }
        }
        Format::Json | Format::Github | Format::Junit | Format::Sarif => terminal.data(&text)?,
    }
    Ok(())
}

/// What came of it.
#[derive(Default)]
struct Done {
    findings: Vec<Finding>,
    /// The files that were read.
    names: Vec<String>,
    files: Vec<Shown>,
    failures: Vec<Failure>,
    /// How many releases were checked.
    count: usize,
}

/// A file, as a report may show it.
struct Shown {
    name: String,
    text: String,
    secrets: Vec<(Place, Place)>,
}

/// A run at work.
struct Check<'a> {
    args: &'a ValidateArgs,
    settings: &'a Settings,
    path: Option<&'a Wrapper>,
    folder: Option<&'a ChartFolder>,
    terminal: &'a Terminal,
    done: Done,
}

impl Check<'_> {
    /// Checks each release that a file describes.
    async fn file(&mut self, path: &Path) -> Result<(), Failure> {
        let file = SaidFile::read(path, self.path)?;
        self.done.names.push(file.name.clone());
        let mut secrets = Vec::new();
        if !file.stream.is_plain {
            let broken = file.stream.parts.iter().filter(|part| !part.is_readable);
            let broken: Vec<Finding> = broken.filter_map(|part| unreadable(&file.name, part)).collect();
            self.done.count += broken.len();
            self.done.findings.extend(broken);
        }
        for installation in self.meant(&file) {
            match self.release(&[(&file, installation)]).await {
                Ok(found) => secrets.extend(found),
                Err(failure) => self.done.failures.push(failure),
            }
        }
        self.show(file, &secrets);
        Ok(())
    }

    /// Checks files as layers of one release.
    async fn layers(&mut self, paths: &[PathBuf]) -> Result<(), Failure> {
        let files = paths.iter().map(|path| SaidFile::read(path, self.path));
        let files = files.collect::<Result<Vec<_>, Failure>>()?;
        let mut layers = Vec::new();
        for file in &files {
            self.done.names.push(file.name.clone());
            match self.meant(file).as_slice() {
                [] => {}
                [one] => layers.push((file, *one)),
                [one, ..] => {
                    return Err(Failure::new(format!(
                        "`{}` describes several releases, and a layer is of one",
                        file.name
                    ))
                    .hint(match one.layers.first() {
                        Some(layer) => {
                            format!("name the values that are meant: --path {}", shell_word(&layer.path.to_string()))
                        }
                        None => "name the values that are meant: --path PATH".to_owned(),
                    }));
                }
            }
        }
        let secrets = if layers.is_empty() { Vec::new() } else { self.release(&layers).await? };
        for file in files {
            self.show(file, &secrets);
        }
        Ok(())
    }

    /// Keeps what stands in a file, and in the values files that it names, for the report.
    fn show(&mut self, file: SaidFile, secrets: &[(Place, Place)]) {
        let shown = |name: String, text: String| {
            let secrets = secrets.iter().filter(|(start, _)| start.file == name).cloned().collect();
            Shown { name, text, secrets }
        };
        for other in file.stream.others {
            let text = other.parts.into_iter().map(|part| part.text).collect();
            self.done.files.push(shown(other.name, text));
        }
        if file.is_elsewhere {
            self.terminal.note(&format!("note: `{}` is a link to another folder: its lines are not shown", file.name));
        } else {
            self.done.files.push(shown(file.name, file.text));
        }
    }

    /// The releases of a file that are to be checked; of others it is said that they are not.
    fn meant<'f>(&self, file: &'f SaidFile) -> Vec<&'f Installation> {
        let is_named = self.args.chosen.chart.is_some();
        if let Some(chart) = file.foreign_chart().filter(|_| !is_named && self.path.is_none()) {
            self.note(&format!("`{}`: the chart `{chart}` beside it depends on no Thanos chart", file.name));
            return Vec::new();
        }
        if file.stream.installations.is_empty() {
            self.note(&format!("`{}` holds no Helm values", file.name));
        }
        file.stream.installations.iter().collect()
    }

    fn note(&self, what: &str) {
        self.terminal.note(&format!("note: {what}; not checked"));
    }

    /// Checks one release, and says where secrets stand in it.
    async fn release(&mut self, layers: &[(&SaidFile, &Installation)]) -> Result<Vec<(Place, Place)>, Failure> {
        let chart = match self.chart(layers) {
            Ok(Some(chart)) => chart,
            Ok(None) => return Ok(Vec::new()),
            // Where there is nothing to check, it does not matter for which chart.
            Err(failure) if layers.iter().all(|(_, of)| of.layers.is_empty()) => {
                self.note(&failure.summary());
                return Ok(Vec::new());
            }
            Err(failure) => return Err(failure),
        };
        let outside = layers.iter().flat_map(|(_, of)| &of.outside).filter_map(|outside| match outside {
            Outside::Rest(what) => Some(what.as_str()),
            Outside::Field { .. } | Outside::Set { .. } => None,
        });
        let outside: Vec<&str> = outside.collect();
        let (file, first) = layers[0];
        if !outside.is_empty() {
            let what = format!("{}: {} is not read", place(&file.name, first), outside.join(", "));
            if layers.iter().all(|(_, of)| of.layers.is_empty()) {
                self.note(&format!("{what}, and there are no other values"));
                return Ok(Vec::new());
            }
            self.terminal.note(&format!("note: {what}; what depends on it is not checked"));
        }
        self.done.count += 1;
        let (release, namespace) = self.names(file, first)?;
        let subject =
            Subject { chart: &chart, wrapper: None, release: release.as_deref(), namespace: namespace.as_deref() };
        let sources: Vec<Source<'_>> =
            layers.iter().map(|(file, installation)| Source { stream: &file.stream, installation }).collect();
        let Checked { findings, secrets, .. } = subject.check_layers(&sources)?;
        self.done.findings.extend(findings);
        if let Some(folder) = self.folder {
            let defaults = Thanos::default();
            let release = release.clone().unwrap_or(defaults.release);
            let namespace = namespace.clone().unwrap_or_else(|| self.settings.thanos.namespace.clone());
            self.render(folder, &subject, &sources, (&release, &namespace)).await?;
        }
        Ok(secrets)
    }

    /// The names of a release and of its namespace, as far as anybody says them: flags, the file, the settings.
    fn names(
        &self,
        file: &SaidFile,
        of: &Installation,
    ) -> Result<(Option<ReleaseName>, Option<NamespaceName>), Failure> {
        let (chosen, thanos) = (&self.args.chosen, &self.settings.thanos);
        let wrong = |why: String| Failure::new(why).within(&place(&file.name, of));
        let release = match (&chosen.release, &of.release) {
            (Some(release), _) => Some(release.clone()),
            (None, Some(said)) => Some(said.parse().map_err(wrong)?),
            (None, None) => self.settings.is_given.then(|| thanos.release.clone()),
        };
        let namespace = match (&chosen.release_namespace, &of.namespace) {
            (Some(namespace), _) => Some(namespace.clone()),
            (None, Some(said)) => Some(said.parse().map_err(wrong)?),
            (None, None) => self.settings.is_given.then(|| thanos.namespace.clone()),
        };
        Ok((release, namespace))
    }

    /// Renders the chart of a folder with the values.
    async fn render(
        &mut self,
        folder: &ChartFolder,
        subject: &Subject<'_>,
        sources: &[Source<'_>],
        (release, namespace): (&ReleaseName, &NamespaceName),
    ) -> Result<(), Failure> {
        let name = &sources[0].stream.name;
        let Some(values) = subject.values_text(sources)? else {
            self.terminal.note(&format!("note: `{name}` is not rendered, since not all of its values are known"));
            return Ok(());
        };
        match folder.render(&values, release, namespace).await? {
            Rendering::Manifest(manifest) => {
                self.done.findings.extend(subject.check_rendered_layers(sources, &manifest)?);
            }
            Rendering::Refused(told) => {
                let reason = cleaned(&told, &subject.secret_texts(sources)?);
                let mut finding = Finding::new(codes::RENDERING_FAILED, format!("Helm: {reason}"));
                finding.place = Some(Place { file: name.clone(), line: 0, column: 0 });
                let shown = folder.shown();
                let files: Vec<String> =
                    sources.iter().map(|source| format!("--values {}", shell_word(&source.stream.name))).collect();
                finding.hint =
                    Some(format!("see all that it says with\nhelm template {release} {shown} {}", files.join(" ")));
                self.done.findings.push(finding);
            }
        }
        Ok(())
    }

    /// The chart of a release, by the layer that says it; `None` when it is none that is known, which is told. Of a chart
    /// that Helm renders, its own version counts.
    fn chart(&self, layers: &[(&SaidFile, &Installation)]) -> Result<Option<Chart>, Failure> {
        let asked = asked(&self.args.chosen, self.folder.map(|folder| folder.version.as_str()), self.settings);
        let says = |(file, of): &&(&SaidFile, &Installation)| file.says_chart(of);
        let (file, of) = layers.iter().find(says).unwrap_or(&layers[0]);
        let of_several = file.stream.installations.len() > 1 && asked.chart.is_some();
        if of_several
            && let Choice::NotKnown(what) = file
                .chart(of, &Asked { chart: None, version: None, ..asked })
                .unwrap_or(Choice::NotKnown(String::new()))
            && !what.is_empty()
        {
            self.note(&format!("{} installs {what}", place(&file.name, of)));
            return Ok(None);
        }
        let is_named = self.args.chosen.chart.is_some() || asked.version.is_some() || self.path.is_some();
        if !is_named && file.is_of_another_chart(of) {
            self.note(&format!("`{}` has no key of a Thanos chart, and keys that none has", file.name));
            return Ok(None);
        }
        match file.chart(of, &asked)? {
            Choice::NotKnown(what) => {
                self.note(&format!("{} installs {what}, which thanosctl does not know", place(&file.name, of)));
                Ok(None)
            }
            Choice::For(chart, notes) => {
                for note in notes {
                    self.terminal.note(&format!("note: {}: {note}", place(&file.name, of)));
                }
                let is_told = self.settings.is_given || file.says_chart(of) || asked.version.is_some();
                if !is_told {
                    self.terminal.note(&format!(
                        "note: nothing says which version of which chart `{}` is for; it is checked for {} {} \
                         (--chart, --chart-version)",
                        file.name, chart.dialect.chart, chart.version
                    ));
                }
                Ok(Some(*chart))
            }
        }
    }
}
