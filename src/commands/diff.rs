//! `diff`: does a committed values file still say what is true of the fleet? Reads, and changes nothing.

use super::advice_on_drift::Advice;
use super::expected::{Expected, Scope};
use super::file_chart::{Question, SettingsChart};
use super::layered;
use super::release::{Inputs, with_flags};
use super::rerun::{Rerun, file_word};
use super::same::refuse_twice;
use super::secrets::Reading;
use super::source::{self, coverage};
use super::unreadable::merged;
use super::update::{Shown, differing, note, note_stars, unified, updated};
use super::value_findings::value_findings;
use super::values_file::ValuesFile;
use super::{CommandResult, Outcome, conclusion, shortfall_failure};
use crate::cli::DiffArgs;
use crate::failure::{Failure, Failures};
use crate::findings::finding::{Finding, Severity};
use crate::findings::report::{Context, Format, Sources, render};
use crate::fleet::discovery::{Discovery, Shortfall};
use crate::fleet::drift::Truth;
use crate::fleet::plan::{Plan, PlanError};
use crate::settings_file::Settings;
use crate::terminal::Terminal;

/// Reads the files, asks the clusters, compares, tells.
///
/// # Errors
/// When a file cannot be read, the settings cannot be meant, or no cluster at all could be read.
pub async fn run(args: &DiffArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.clusters.config.as_deref())?;
    let chart = SettingsChart::of(&settings);
    let settings = with_flags(settings, &args.chosen);
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    compare(args, &settings, &chart, terminal).await.map_err(|failures| settings.places.tell(&failures))
}

async fn compare(args: &DiffArgs, settings: &Settings, chart: &SettingsChart, terminal: &Terminal) -> CommandResult {
    let rerun = Rerun::of(&args.clusters).with_release(&args.chosen).with_path(args.path.as_deref());
    let files = read(args, chart, rerun)?;
    let inputs = Inputs::read(settings, Reading::None)?;
    conclusion::refuse_file_sd(settings, "`diff` compares", rerun)?;
    let expected = Expected { settings, inputs: &inputs };
    for file in &files {
        expected.keys(file, None)?;
    }

    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let policy = settings.fleet_policy();
    let discovery = Discovery::conclude(&inventory, &policy);
    refuse_silence(&discovery, rerun)?;
    refuse_twice(&discovery)?;
    let plan = plan(&discovery, rerun)?;
    files.iter().for_each(|file| note(file, terminal));
    note_scope(&files, &expected, terminal);
    let truth = Truth {
        discovery: &discovery,
        policy: &policy,
        coverage: coverage(&args.clusters, settings),
        sight: source::sight(&args.clusters),
        drift: &settings.drift,
        removed: &[],
    };

    let (mut findings, mut patch, mut is_incomplete) = (Vec::new(), String::new(), false);
    let releases: Vec<&[ValuesFile]> =
        if args.values.is_empty() { files.chunks(1).collect() } else { vec![files.as_slice()] };
    for layers in releases {
        let Some(holder) = layers.iter().find(|file| file.holds_stores) else { continue };
        let (keys, _) = expected.keys(holder, plan.as_ref())?;
        let drift = truth.compare(&holder.committed);
        is_incomplete |= drift.is_incomplete;
        for (file, keys) in layers.iter().zip(layered::owned(layers, &keys)?) {
            let differing = differing(file, &keys)?;
            if args.diff_style.is_some() {
                let text = updated(file, &drift, &truth, &differing)?;
                patch.push_str(&unified(&file.name, &file.text, &text, Shown::by(args.show_secrets)));
            }
            let mut found = if file.holds_stores { drift.findings.clone() } else { Vec::new() };
            found.extend(value_findings(file, &differing)?);
            found.extend(file.unread.iter().cloned());
            let holds_secrets = inputs.has_unread_secrets();
            let advice = Advice { file, truth, keys: &keys, rerun, holds_secrets, has_plan: plan.is_some() };
            findings.extend(advice.on(found, &drift));
        }
    }
    if args.format.strict {
        let warnings = findings.iter_mut().filter(|finding| finding.severity == Severity::Warning);
        warnings.for_each(|finding| finding.severity = Severity::Error);
    }
    tell(args, &files, &findings, &patch, terminal)?;
    tell_success(args, &files, &findings, &discovery, terminal);
    let differs = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(match (is_incomplete, differs) {
        (true, _) => Outcome::Incomplete,
        (false, true) => Outcome::Differs,
        (false, false) => Outcome::Done,
    })
}

fn read(args: &DiffArgs, chart: &SettingsChart, rerun: Rerun<'_>) -> Result<Vec<ValuesFile>, Failures> {
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    if !args.values.is_empty() {
        let names: Vec<String> = args.values.iter().map(|path| path.display().to_string()).collect();
        let words: Vec<&str> = ["diff"].into_iter().chain(names.iter().flat_map(|name| ["-f", name])).collect();
        let question = Question { flags: &args.chosen, settings: chart, rerun, words: &words };
        return layered::read(&args.values, args.path.as_deref(), &question);
    }
    for path in &args.files {
        let name = file_word(&path.display().to_string());
        let question = Question { flags: &args.chosen, settings: chart, rerun, words: &["diff", &name] };
        match ValuesFile::read(path, args.path.as_deref(), &question) {
            Ok(file) => files.push(file),
            Err(failure) => failures.push(failure),
        }
    }
    Failures::from_vec(failures).map_or(Ok(files), Err)
}

/// What `gen-values` would write; `None` where nothing was found for it, which is drift and no failure.
///
/// # Errors
/// When two clusters claim one address: then it is not known whose store it is.
fn plan(discovery: &Discovery<'_>, rerun: Rerun<'_>) -> Result<Option<Plan>, Failures> {
    match Plan::assemble(discovery.endpoints(&[])) {
        Ok(plan) => Ok(Some(plan)),
        Err(errors) if errors.iter().all(|error| matches!(error, PlanError::NothingFound)) => Ok(None),
        Err(errors) => Err(conclusion::plan_failures(&errors, discovery, None, rerun)),
    }
}

/// Says where only the stores are compared, and what of the rest is not.
fn note_scope(files: &[ValuesFile], expected: &Expected<'_>, terminal: &Terminal) {
    if !expected.settings.is_given {
        terminal.note(
            "note: only the stores are compared, since there is no thanosctl.yaml that says how the rest should be",
        );
        return;
    }
    if expected.inputs.has_unread_secrets() {
        terminal.note("note: no secret is read, so the secrets in the values are not compared");
    }
    for file in files.iter().filter(|file| file.holds_stores && expected.scope(file) == Scope::WithoutDialect) {
        let (chart, version) = (file.chart.dialect.chart, file.chart.version);
        terminal.note(&format!(
            "note: only the stores of {} are compared: thanosctl writes no other values for {chart} {version}",
            file.name
        ));
    }
}

/// A verdict on clusters of which none answered is none.
fn refuse_silence(discovery: &Discovery<'_>, rerun: Rerun<'_>) -> Result<(), Failures> {
    let shortfalls = discovery.shortfalls();
    let unreadable: Vec<Failure> = shortfalls
        .iter()
        .filter(|shortfall| matches!(shortfall, Shortfall::Cluster { .. }))
        .map(|shortfall| shortfall_failure(shortfall, rerun))
        .collect();
    if unreadable.len() < discovery.clusters.len() {
        return Ok(());
    }
    Failures::from_vec(merged(unreadable)).map_or(Ok(()), Err)
}

fn tell(
    args: &DiffArgs,
    files: &[ValuesFile],
    findings: &[Finding],
    patch: &str,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if args.diff_style.is_some() {
        files.iter().try_for_each(ValuesFile::refuse_patch_of_another)?;
        note_stars(patch).into_iter().for_each(|note| terminal.note(note));
        return terminal.patch(patch);
    }
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let sources = files
        .iter()
        .filter(|file| !file.is_elsewhere())
        .fold(Sources::default(), |all, file| all.with(&file.name, &file.text, Vec::new()));
    let context = Context { files: &names, sources: &sources };
    let text = render(findings, args.format.format, &context);
    match args.format.format {
        Format::Human => terminal.styled(&text),
        Format::Json | Format::Github | Format::Junit | Format::Sarif => terminal.data(&text),
    }
}

/// Says of each file in which nothing was found what was compared.
fn tell_success(
    args: &DiffArgs,
    files: &[ValuesFile],
    findings: &[Finding],
    discovery: &Discovery<'_>,
    terminal: &Terminal,
) {
    if args.format.format != Format::Human {
        return;
    }
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let clusters = count(discovery.clusters.iter().filter(|cluster| cluster.services.is_ok()).count(), "cluster");
    let is_in =
        |file: &&ValuesFile, finding: &Finding| finding.place.as_ref().is_none_or(|place| place.file == file.name);
    for file in files
        .iter()
        .filter(|file| file.holds_stores)
        .filter(|file| !findings.iter().any(|finding| is_in(file, finding)))
    {
        let stores = count(file.committed.stores.len(), "store");
        terminal.note(&format!("{}: no drift ({stores}, {clusters} compared)", file.name));
    }
}
