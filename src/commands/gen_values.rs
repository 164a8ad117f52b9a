//! `gen-values`: the Helm values of the central Thanos, from what the clusters say today.

use std::path::Path;

use super::conclusion::{concluded, plan_failures, rerun, warn, warn_of_remarks};
use super::deliver::Delivery;
use super::file_chart::SettingsChart;
use super::release::{Inputs, with_flags};
use super::replace::{Old, Run};
use super::said::about_settings;
use super::{CommandResult, Outcome, keep, secrets, source, update_file, warn_of_gaps};
use crate::chart::chart_version::Chart;
use crate::chart::{self, Release};
use crate::cli::{GenValuesArgs, ValuesTarget};
use crate::failure::Failure;
use crate::files;
use crate::fleet::plan::Plan;
use crate::fleet::store_changes::Asked;
use crate::settings::thanos::Thanos;
use crate::settings_file::Settings;
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
    if !args.follow_links {
        let written = [args.write.as_deref(), manifest.filter(|path| *path != stdout), args.sd_config_map.as_deref()];
        written.into_iter().flatten().try_for_each(files::refuse_link_away)?;
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
