//! `gen-values`: the Helm values of the central Thanos, from what the clusters say today.

use std::path::Path;

use super::deliver::Delivery;
use super::file_chart::SettingsChart;
use super::release::{Inputs, with_flags};
use super::replace::{Old, Run};
use super::rerun::Rerun;
use super::said::about_settings;
use super::same::refuse_twice;
use super::unreadable::merged;
use super::{
    CommandResult, Outcome, keep, nothing_found, secrets, shortfall_failure, source, update_file, warn_of_gaps,
};
use crate::chart::dialect::Chart;
use crate::chart::{self, Release};
use crate::cli::{GenValuesArgs, ValuesTarget};
use crate::failure::{Failure, Failures};
use crate::files;
use crate::model::discovery::{Discovery, FleetPolicy, Shortfall};
use crate::model::exposure::Mark;
use crate::model::finding::Finding;
use crate::model::inventory::{Cluster, Inventory, Service};
use crate::model::plan::{Plan, PlanError};
use crate::model::release::Thanos;
use crate::model::resolve::Remark;
use crate::model::store_changes::Asked;
use crate::settings::Settings;
use crate::terminal::Terminal;

/// Reads, asks, decides, writes; in this order, so that a mistake in a file costs no question to a cluster, and
/// nothing is written before all is known to be right.
///
/// # Errors
/// When a cluster or a Service that the querier should be given has no address (unless `--allow-partial`), when two
/// claim one address, or when the settings cannot be expressed in the chart's values. Nothing is written then.
pub async fn run(args: &GenValuesArgs, terminal: &Terminal) -> CommandResult {
    let ValuesTarget::Thanos = args.target;
    let settings = Settings::load(args.clusters.config.as_deref())?;
    let chart = SettingsChart::of(&settings);
    let settings = secrets::with_mode(with_flags(settings, &args.chosen), args.secrets.mode)?;
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    if let Some(file) = &args.update {
        let failures =
            update_file::run(args, file.as_deref().unwrap_or(Path::new("")), &settings, &chart, terminal).await;
        return failures.map_err(|failures| settings.places.tell(&failures));
    }
    generate(args, &settings, terminal).await.map_err(|failures| settings.places.tell(&failures))
}

async fn generate(args: &GenValuesArgs, settings: &Settings, terminal: &Terminal) -> CommandResult {
    refuse_destinations(args)?;
    let old = Old::read(args, terminal)?;
    let stores = old.kept_stores(args);
    let inputs = Inputs::read(settings, secrets::for_values(args, settings)?)?;
    warn(inputs.warnings(), terminal);
    let Thanos { chart, chart_version, .. } = &settings.thanos;
    if args.chosen.chart.is_none() && args.chosen.chart_version.is_none() {
        Chart::find(chart, chart_version.as_deref()).map_err(|failure| about_settings(failure, chart))?;
    }
    let request = inputs.request(settings);
    let release = Release::of(&request)?;
    refuse_stores_elsewhere(args, settings)?;

    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let policy = settings.fleet_policy();
    let (discovery, shortfalls) = concluded(&inventory, &policy, args)?;
    let known = stores.iter().flat_map(|stores| &stores.known).filter(|known| policy.admits(&known.origin));
    let endpoints = discovery.endpoints(&known.cloned().collect::<Vec<_>>());
    keep::warn_of_shortfalls(&shortfalls, &endpoints, stores.as_ref(), args, terminal);
    let kept_from = args.stores_file().filter(|_| endpoints.iter().any(|endpoint| endpoint.kept().is_some()));
    let plan =
        Plan::assemble(endpoints).map_err(|errors| plan_failures(&errors, &discovery, kept_from, rerun(args)))?;
    warn_of_gaps(&discovery, terminal);
    warn_of_remarks(&discovery, rerun(args), terminal);

    let missing = shortfalls.iter().filter(|shortfall| shortfall.kept(plan.endpoints()).is_empty());
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    let rendered = release.render(&plan, &missing)?;
    rendered.notes.iter().for_each(|note| terminal.warning(note));
    let asked = Asked {
        discovery: &discovery,
        policy: &policy,
        follows_settings: source::follows_settings(&args.clusters, settings),
        sight: source::sight(&args.clusters),
    };
    let run = Run { args, settings, release: &release, plan: &plan, rendered: &rendered, asked };
    run.changes(&old)?.settle(args, terminal)?;
    let delivery = Delivery { args, release: &release, plan: &plan, missing: &missing, rendered: &rendered };
    delivery.send(terminal).await?;
    Ok(if shortfalls.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

/// What the facts of a fleet come to, and what is missing of it.
///
/// # Errors
/// When one cluster is read twice, or something is missing and `--allow-partial` does not say that less will do.
pub(super) fn concluded<'f>(
    inventory: &'f Inventory,
    policy: &'f FleetPolicy,
    args: &GenValuesArgs,
) -> Result<(Discovery<'f>, Vec<Shortfall>), Failures> {
    let discovery = Discovery::conclude(inventory, policy);
    refuse_twice(&discovery)?;
    let shortfalls = discovery.shortfalls();
    let failures = shortfalls.iter().map(|shortfall| shortfall_failure(shortfall, rerun(args))).collect();
    match Failures::from_vec(merged(failures)) {
        Some(failures) if !args.allow_partial => Err(failures),
        _ => Ok((discovery, shortfalls)),
    }
}

/// Stores that stand in a ConfigMap are not in the values, so nothing can be compared or changed there. `what` begins
/// the sentence.
pub(super) fn refuse_file_sd(settings: &Settings, what: &str, rerun: Rerun<'_>) -> Result<(), Failure> {
    if settings.thanos.query.file_sd.is_none() {
        return Ok(());
    }
    let write = ["gen-values", "--write", "values.yaml", "--sd-config-map", "stores.yaml"];
    Err(Failure::new(format!("{what} stores that stand in values, and `thanos.query.fileSD` has them elsewhere"))
        .at(["thanos", "query", "fileSD"])
        .hint(format!(
            "write both files anew, and compare them with git diff:\n{}",
            rerun.without_path().command(&write)
        )))
}

/// Destinations that would lose something: one for two documents, or a file of somebody else.
fn refuse_destinations(args: &GenValuesArgs) -> Result<(), Failure> {
    if args.dry_run && args.write.is_none() && args.secret_manifest.is_none() && args.sd_config_map.is_none() {
        return Err(Failure::new("`--dry-run` has no file to look at").hint("name the file with `--write FILE`"));
    }
    let stdout = Path::new("-");
    if args.write.as_deref() == Some(stdout) {
        return Err(Failure::new("`--write -` names no file").hint("without --write the values go to stdout"));
    }
    let manifest = args.secret_manifest.as_deref();
    if manifest == Some(stdout) && args.write.is_none() {
        return Err(Failure::new("the values and the Secrets cannot both go to stdout")
            .hint("write the values to a file with `--write FILE`, or the Secrets with `--secret-manifest FILE`"));
    }
    if let (Some(values), Some(manifest)) = (&args.write, manifest)
        && files::is_same(values, manifest)
    {
        return Err(Failure::new(format!("`{}` cannot hold both the values and the Secrets", values.display()))
            .hint("name two files"));
    }
    if let Some(stores) = &args.sd_config_map {
        if stores == stdout {
            return Err(Failure::new("`--sd-config-map -` names no file").hint("name the file to write"));
        }
        let others = [args.write.as_deref(), manifest];
        if let Some(other) = others.into_iter().flatten().find(|other| files::is_same(other, stores)) {
            return Err(Failure::new(format!("`{}` cannot hold the stores and something else", other.display()))
                .hint("name two files"));
        }
    }
    if args.force {
        return Ok(());
    }
    if let Some(path) = &args.sd_config_map {
        files::refuse_foreign(path, chart::wrote_stores)?;
    }
    if let Some(path) = &args.write {
        files::refuse_foreign(path, chart::wrote_values)?;
    }
    match manifest.filter(|path| *path != stdout) {
        Some(path) => files::refuse_foreign(path, chart::wrote_secrets),
        None => Ok(()),
    }
}

/// A ConfigMap with stores is only written where the settings want them there.
fn refuse_stores_elsewhere(args: &GenValuesArgs, settings: &Settings) -> Result<(), Failure> {
    let wanted = settings.thanos.query.file_sd.is_some();
    if args.sd_config_map.is_some() && !wanted {
        return Err(Failure::new("`--sd-config-map` has nothing to write: the stores stand in the values")
            .hint("set `thanos.query.fileSD: {configMap: NAME}` to have them in a ConfigMap"));
    }
    Ok(())
}

/// Why there is no plan; `kept_from` is the file from which endpoints were kept.
pub(super) fn plan_failures(
    errors: &[PlanError],
    discovery: &Discovery<'_>,
    kept_from: Option<&Path>,
    rerun: Rerun<'_>,
) -> Failures {
    let file = kept_from.unwrap_or(Path::new("-")).display();
    let compare = rerun.of_clusters().command(&["discover", "-o", "wide"]);
    let failure = |error: &PlanError| {
        match error {
        PlanError::NothingFound if kept_from.is_some() => nothing_found(discovery, rerun)
            .caused_by(format!("`{file}` stays as it is: stores are kept only beside some that were found")),
        PlanError::NothingFound => nothing_found(discovery, rerun),
        PlanError::SameAddress { first, second } if first.kept().or(second.kept()).is_some() => {
            Failure::new(error.to_string()).hint(format!(
                "if the address has moved, take its old line out of `{file}`; else one of the two is wrong: compare them with\n{compare}"
            ))
        }
        PlanError::SameAddress { .. } => Failure::new(error.to_string()).hint(format!(
            "if both contexts lead to one cluster, leave one out (`--context '!NAME'`, or in thanosctl.yaml);\n\
             else one of the two addresses is wrong: compare them with\n{compare}"
        )),
    }
    };
    Failures::from_vec(errors.iter().map(failure).collect()).expect("a plan is refused for a reason")
}

/// Tells findings as warnings.
pub(super) fn warn<'f>(findings: impl IntoIterator<Item = &'f Finding>, terminal: &Terminal) {
    for finding in findings {
        let place = finding.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        terminal.warning(&format!("{place}{}", finding.message));
    }
}

/// Remarks that change what the querier sees go to who writes its values.
pub(super) fn warn_of_remarks(discovery: &Discovery<'_>, rerun: Rerun<'_>, terminal: &Terminal) {
    for found in &discovery.clusters {
        for service in found.services.iter().flatten().filter(|service| service.feeds) {
            for remark in service.resolved.remarks.iter().filter(|remark| remark.is_warning()) {
                let (name, hint) =
                    (service.service.reference(), remark_hint(remark, service.service, found.cluster, rerun));
                terminal.warning(&format!("{} {name}: {remark}{hint}", found.cluster.name));
            }
        }
    }
}

/// What to do about a remark; empty where nothing but looking helps.
fn remark_hint(remark: &Remark, service: &Service, cluster: &Cluster, rerun: Rerun<'_>) -> String {
    if !remark.hides_pods() {
        return String::new();
    }
    let base = Mark::on(service).map_or_else(|| service.reference(), |mark| mark.base());
    let command = rerun.command_in(&["expose", &base.to_string()], cluster.context.as_deref());
    format!("; give each its own with: {command}")
}

/// The run, for the commands that its hints name.
pub(super) fn rerun(args: &GenValuesArgs) -> Rerun<'_> {
    Rerun::of(&args.clusters).with_release(&args.chosen).with_path(args.path.as_deref())
}
