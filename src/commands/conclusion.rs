//! What the facts of a fleet come to, for both ways of `gen-values`: a file anew, and changes in one.

use std::path::Path;

use super::rerun::Rerun;
use super::same::refuse_twice;
use super::unreadable::merged;
use super::{nothing_found, shortfall_failure};
use crate::cli::GenValuesArgs;
use crate::failure::{Failure, Failures};
use crate::findings::finding::Finding;
use crate::fleet::discovery::{Discovery, FleetPolicy, Shortfall};
use crate::fleet::exposure::Mark;
use crate::fleet::inventory::{Cluster, Inventory, Service};
use crate::fleet::plan::PlanError;
use crate::fleet::resolve::Remark;
use crate::settings_file::Settings;
use crate::terminal::Terminal;

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
    // Where nothing else was found there is nothing to go on with.
    let goes_on = !discovery.endpoints(&[]).is_empty();
    let failure = |shortfall: &Shortfall| {
        let failure = shortfall_failure(shortfall, rerun(args));
        if goes_on { failure.or("or go on without it (`--allow-partial`)") } else { failure }
    };
    let failures = shortfalls.iter().map(failure).collect();
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
