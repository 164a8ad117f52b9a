//! `gen-values`: the Helm values of the central Thanos, from what the clusters say today.

use std::path::Path;

use super::{CommandResult, Outcome, nothing_found, shortfall_failure, source, warn_of_gaps};
use crate::chart::{HEADER_START, Release, Rendered, Request};
use crate::cli::{GenValuesArgs, ValuesTarget};
use crate::failure::{Failure, Failures};
use crate::files::{self, Access};
use crate::model::discovery::Discovery;
use crate::model::plan::{Plan, PlanError};
use crate::model::release::SecretsMode;
use crate::model::rules::RuleFiles;
use crate::model::secret::{Secret, SecretReference, Secrets};
use crate::settings::Settings;
use crate::terminal::Terminal;
use crate::text::shell_word;

/// Reads, asks, decides, writes; in this order, so that a mistake in a file costs no question to a cluster, and
/// nothing is written before all is known to be right.
///
/// # Errors
/// When a cluster or a Service that the querier should be given has no address (unless `--allow-partial`), when two
/// claim one address, or when the settings cannot be expressed in the chart's values. Nothing is written then.
pub async fn run(args: &GenValuesArgs, terminal: &Terminal) -> CommandResult {
    let ValuesTarget::Thanos = args.target;
    let settings = with_flags(Settings::load(args.clusters.config.as_deref())?, args);
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    refuse_two_documents_on_stdout(args)?;
    let rules = read_rules(&settings)?;
    let secrets = read_secrets(&settings, args.secret_manifest.is_some())?;
    if let Some(path) = &args.write {
        refuse_foreign(path, args.force)?;
    }

    let request = Request {
        replica_labels: &settings.replica_labels,
        thanos: &settings.thanos,
        secrets_mode: settings.secrets,
        secrets: &secrets,
        rules: rules.as_ref(),
    };
    let release = Release::of(&request)?;

    let inventory = source::inventory(&args.clusters, &settings, terminal).await?;
    let discovery = Discovery::conclude(&inventory, &settings.fleet_policy());
    let shortfalls = discovery.shortfalls();
    let outcome = match Failures::from_vec(shortfalls.iter().map(shortfall_failure).collect()) {
        None => Outcome::Done,
        Some(failures) if !args.allow_partial => return Err(failures),
        Some(failures) => {
            failures.iter().for_each(|failure| terminal.warning(&format!("left out: {}", failure.summary())));
            Outcome::Incomplete
        }
    };
    let plan = Plan::assemble(discovery.endpoints()).map_err(|errors| plan_failures(&errors, &discovery))?;
    warn_of_gaps(&discovery, terminal);
    warn_of_remarks(&discovery, terminal);

    let missing: Vec<String> = shortfalls.iter().map(ToString::to_string).collect();
    let rendered = release.render(&plan, &missing)?;
    rendered.notes.iter().for_each(|note| terminal.warning(note));
    deliver_secrets(args, &release, terminal)?;
    deliver_values(args, &plan, &rendered, terminal)?;
    Ok(outcome)
}

fn with_flags(mut settings: Settings, args: &GenValuesArgs) -> Settings {
    let thanos = &mut settings.thanos;
    let flags = [
        (&args.chart, &mut thanos.chart),
        (&args.chart_version, &mut thanos.chart_version),
        (&args.release, &mut thanos.release),
        (&args.release_namespace, &mut thanos.namespace),
    ];
    for (flag, setting) in flags {
        if let Some(value) = flag {
            setting.clone_from(value);
        }
    }
    settings
}

fn refuse_two_documents_on_stdout(args: &GenValuesArgs) -> Result<(), Failure> {
    let manifest_to_stdout = args.secret_manifest.as_deref() == Some(Path::new("-"));
    if manifest_to_stdout && args.write.is_none() {
        return Err(Failure::new("the values and the Secrets cannot both go to stdout")
            .hint("write the values to a file with `--write FILE`, or the Secrets with `--secret-manifest FILE`"));
    }
    Ok(())
}

/// The rule files of the ruler, if there is one.
fn read_rules(settings: &Settings) -> Result<Option<RuleFiles>, Failures> {
    let Some(ruler) = &settings.thanos.ruler else { return Ok(None) };
    let mut read = Vec::new();
    for pattern in &ruler.rules {
        for path in files::find(&settings.folder, pattern)? {
            let text = files::read(&path)?;
            read.push((path.display().to_string(), text));
        }
    }
    read.sort();
    read.dedup();
    Ok(Some(RuleFiles::check(read)?))
}

/// The secrets that will be written somewhere. Values that only name Secrets need none, so none is read.
fn read_secrets(settings: &Settings, manifest_wanted: bool) -> Result<Secrets, Failures> {
    let mut secrets = Secrets::default();
    if settings.secrets == SecretsMode::Manifest && !manifest_wanted {
        return Ok(secrets);
    }
    let mut failures = Vec::new();
    for reference in settings.thanos.secret_references()? {
        match read_secret(&reference, &settings.folder) {
            Ok(secret) => secrets.insert(reference, secret),
            Err(failure) => failures.push(failure),
        }
    }
    match Failures::from_vec(failures) {
        Some(failures) => Err(failures),
        None => Ok(secrets),
    }
}

fn read_secret(reference: &SecretReference, folder: &Path) -> Result<Secret, Failure> {
    let cannot = || Failure::new(format!("cannot use the secret in {reference}"));
    let text = match reference {
        SecretReference::Env(name) => match std::env::var(name) {
            Ok(text) => text,
            Err(std::env::VarError::NotPresent) => {
                return Err(cannot().caused_by("it is not set").hint(format!("export {name}=…")));
            }
            Err(std::env::VarError::NotUnicode(_)) => return Err(cannot().caused_by("it is not UTF-8")),
        },
        SecretReference::File(path) => files::read(&folder.join(path))?,
    };
    Secret::new(text).map_err(|error| cannot().caused_by(error))
}

fn plan_failures(errors: &[PlanError], discovery: &Discovery<'_>) -> Failures {
    let failure = |error: &PlanError| match error {
        PlanError::Empty => nothing_found(discovery),
        PlanError::SameAddress { .. } => Failure::new(error.to_string()).hint(
            "if both contexts lead to one cluster, leave one out (`--context '!NAME'`, or in thanosctl.yaml);\n\
             else one of the two addresses is wrong: compare them with `thanosctl discover -o wide`",
        ),
    };
    Failures::from_vec(errors.iter().map(failure).collect()).expect("a plan is refused for a reason")
}

/// Remarks that change what the querier sees go to who writes its values.
fn warn_of_remarks(discovery: &Discovery<'_>, terminal: &Terminal) {
    for found in &discovery.clusters {
        for service in found.services.iter().flatten().filter(|service| service.feeds) {
            for remark in service.resolved.remarks.iter().filter(|remark| remark.is_warning()) {
                terminal.warning(&format!("{} {}: {remark}", found.cluster.name, service.service.reference()));
            }
        }
    }
}

/// A file that somebody else wrote may hold what nobody could bring back.
fn refuse_foreign(path: &Path, force: bool) -> Result<(), Failure> {
    let shown = path.display();
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    if !metadata.is_file() {
        return Err(
            Failure::new(format!("`{shown}` is no regular file")).hint("name a file, or leave --write away to print")
        );
    }
    let is_ours = || files::read(path).is_ok_and(|text| text.is_empty() || text.starts_with(HEADER_START));
    if force || is_ours() {
        return Ok(());
    }
    Err(Failure::new(format!("`{shown}` was not written by thanosctl, so it is not replaced"))
        .hint("write to another file and compare, or replace it with --force"))
}

/// The Secrets go first: values that name Secrets which nobody wrote are worse than Secrets that nobody names yet.
fn deliver_secrets(args: &GenValuesArgs, release: &Release<'_>, terminal: &Terminal) -> Result<(), Failures> {
    let names = release.secret_names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    let Some(path) = &args.secret_manifest else {
        if !names.is_empty() {
            terminal.note(&format!(
                "note: the values name the Secrets {names}; write them with --secret-manifest FILE, and apply them first"
            ));
        }
        return Ok(());
    };
    let Some(manifest) = release.secret_manifest()? else {
        terminal.warning("no Secrets were written: the values name none that thanosctl could write");
        return Ok(());
    };
    if path == Path::new("-") {
        return Ok(terminal.data(manifest.open())?);
    }
    files::write(path, manifest.open(), Access::Private)?;
    terminal.note(&format!("wrote the Secrets {names} to {}; apply them before the release:", path.display()));
    terminal.note(&format!("  kubectl apply -f {}", shell_word(&path.display().to_string())));
    Ok(())
}

fn deliver_values(args: &GenValuesArgs, plan: &Plan, rendered: &Rendered, terminal: &Terminal) -> Result<(), Failures> {
    let text = rendered.values.text();
    match &args.write {
        Some(path) => {
            files::write(path, text, Access::Kept)?;
            terminal.note(&format!("wrote {} stores to {}", plan.endpoints().len(), path.display()));
        }
        None => terminal.data(text)?,
    }
    Ok(())
}
