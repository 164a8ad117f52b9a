//! `diff`: does a committed values file still say what is true of the fleet? Reads, and changes nothing.

use super::release::{Inputs, with_flags};
use super::rerun::{Rerun, file_word};
use super::source::{self, coverage};
use super::unreadable::merged;
use super::update::{differing, unified, updated};
use super::values_file::ValuesFile;
use super::{CommandResult, Outcome, gen_values, shortfall_failure};
use crate::chart::mirror::Key;
use crate::chart::{Release, store_path};
use crate::cli::DiffArgs;
use crate::failure::{Failure, Failures};
use crate::model::discovery::{Discovery, Shortfall};
use crate::model::drift::Truth;
use crate::model::finding::{Change, Finding, Severity};
use crate::model::plan::Plan;
use crate::report::{Context, Format, Sources, render, summary};
use crate::settings::Settings;
use crate::terminal::Terminal;

/// Reads the files, asks the clusters, compares, tells.
///
/// # Errors
/// When a file cannot be read, the settings cannot be meant, or no cluster at all could be read.
pub async fn run(args: &DiffArgs, terminal: &Terminal) -> CommandResult {
    let settings = with_flags(Settings::load(args.clusters.config.as_deref())?, &args.chosen);
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    compare(args, &settings, terminal).await.map_err(|failures| settings.places.tell(&failures))
}

async fn compare(args: &DiffArgs, settings: &Settings, terminal: &Terminal) -> CommandResult {
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    let preferred = settings
        .is_given
        .then(|| store_path(&settings.thanos.chart, settings.thanos.chart_version.as_deref()))
        .flatten();
    for path in &args.files {
        match ValuesFile::read(path, args.path.as_deref(), preferred.as_deref()) {
            Ok(file) => files.push(file),
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(failures) = Failures::from_vec(failures) {
        return Err(failures);
    }
    let inputs = Inputs::read(settings, false)?;
    let request = inputs.request(settings);
    if settings.thanos.query.file_sd.is_some() {
        return Err(Failure::new("`diff` compares stores that stand in values, and `thanos.query.fileSD` has them elsewhere")
            .at(["thanos", "query", "fileSD"])
            .hint("write both anew and compare: thanosctl gen-values --write values.yaml --sd-config-map stores.yaml && git diff --exit-code")
            .into());
    }
    let release = if settings.is_given { Some(Release::of(&request)?) } else { None };

    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let policy = settings.fleet_policy();
    let discovery = Discovery::conclude(&inventory, &policy);
    refuse_silence(&discovery)?;
    let keys = keys(release.as_ref(), &discovery)?;
    if release.is_none() {
        terminal.note(
            "note: only the stores are compared, since there is no thanosctl.yaml that says how the rest should be",
        );
    }
    let truth = Truth {
        discovery: &discovery,
        policy: &policy,
        coverage: coverage(&args.clusters, settings),
        drift: &settings.drift,
    };

    let (mut findings, mut patch, mut is_incomplete) = (Vec::new(), String::new(), false);
    for file in &files {
        let drift = truth.compare(&file.committed, &file.list);
        let differing = differing(file, &keys)?;
        is_incomplete |= drift.is_incomplete;
        if args.diff_style.is_some() {
            patch.push_str(&unified(&file.name, &file.text, &updated(file, &drift, &discovery, &differing)?));
        }
        let rerun = Rerun::of(&args.clusters).with_release(&args.chosen).with_path(args.path.as_deref());
        let mend = rerun.command(&["gen-values", "--update", &file_word(&file.name)]);
        let with_hint = |mut finding: Finding| {
            let is_mended = finding.severity == Severity::Error && finding.hint.is_none();
            if is_mended && finding.place.is_some() {
                finding.hint = Some(mend.clone());
            }
            finding
        };
        findings.extend(drift.findings.into_iter().map(with_hint));
        findings.extend(value_findings(file, &differing)?.into_iter().map(with_hint));
    }
    if args.strict {
        let warnings = findings.iter_mut().filter(|finding| finding.severity == Severity::Warning);
        warnings.for_each(|finding| finding.severity = Severity::Error);
    }
    tell(args, &files, &findings, &patch, terminal)?;
    let differs = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(match (is_incomplete, differs) {
        (true, _) => Outcome::Incomplete,
        (false, true) => Outcome::Differs,
        (false, false) => Outcome::Done,
    })
}

/// A verdict on clusters of which none answered is none.
fn refuse_silence(discovery: &Discovery<'_>) -> Result<(), Failures> {
    let shortfalls = discovery.shortfalls();
    let unreadable: Vec<Failure> = shortfalls
        .iter()
        .filter(|shortfall| matches!(shortfall, Shortfall::Cluster { .. }))
        .map(shortfall_failure)
        .collect();
    if unreadable.len() < discovery.clusters.len() {
        return Ok(());
    }
    Failures::from_vec(merged(unreadable)).map_or(Ok(()), Err)
}

/// The keys that the settings give; none without settings, or where nothing was found to write values for.
fn keys(release: Option<&Release<'_>>, discovery: &Discovery<'_>) -> Result<Vec<Key>, Failures> {
    let Some(release) = release else { return Ok(Vec::new()) };
    let endpoints = discovery.endpoints(&[]);
    if endpoints.is_empty() {
        return Ok(Vec::new());
    }
    let plan = Plan::assemble(endpoints).map_err(|errors| gen_values::plan_failures(&errors, discovery, None))?;
    let rendered = release.render(&plan, &[])?;
    Ok(release.keys(&rendered.values))
}

fn value_findings(file: &ValuesFile, differing: &[&Key]) -> Result<Vec<Finding>, Failure> {
    let view = file.view()?;
    let finding = |key: &&Key| {
        let mut finding = Finding::new(key.code, format!("`{}` is not what the settings say", key.path));
        finding.place = view.place(&key.path);
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let old = view.value(&key.path).map(text).unwrap_or_default();
        let new = text(&key.value);
        let is_short = |text: &str| text.len() <= 200 && !text.contains('\n');
        if !key.is_secret && is_short(&old) && is_short(&new) {
            finding.change = Some(Change { old, new });
        }
        finding
    };
    Ok(differing.iter().map(finding).collect())
}

fn tell(
    args: &DiffArgs,
    files: &[ValuesFile],
    findings: &[Finding],
    patch: &str,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if args.diff_style.is_some() {
        return terminal.data(patch);
    }
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let sources = files.iter().fold(Sources::default(), |all, file| all.with(&file.name, &file.text, Vec::new()));
    let context = Context { files: &names, sources: &sources };
    let text = render(findings, args.format.format, &context);
    match args.format.format {
        Format::Human => {
            terminal.styled(&text)?;
            terminal.note(&summary(findings, &context));
        }
        Format::Json | Format::Github | Format::Junit | Format::Sarif => terminal.data(&text)?,
    }
    Ok(())
}
