//! `gen-values --update`: changes in a file that people edit too what is not true any more, and nothing else.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::conclusion::{concluded, plan_failures, refuse_file_sd, rerun, warn, warn_of_remarks};
use super::expected::Expected;
use super::file_chart::{Question, SettingsChart};
use super::layered;
use super::release::Inputs;
use super::rerun::file_word;
use super::unreadable::merged;
use super::update::{Shown, differing, note, note_stars, unified, updated};
use super::values_file::ValuesFile;
use super::{CommandResult, Outcome, before_writing, secrets, shortfall_failure, source, warn_of_gaps};
use crate::chart::mirror::Key;
use crate::cli::GenValuesArgs;
use crate::failure::Failure;
use crate::files::{self, Access, Prepared};
use crate::findings::finding::Severity;
use crate::fleet::committed::Holder;
use crate::fleet::drift::{Drift, Fate, Truth};
use crate::fleet::plan::Plan;
use crate::names::ClusterName;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use crate::text::shell_word;

/// Reads the file and the settings, asks, changes.
///
/// # Errors
/// When the file or the settings cannot be used, when a cluster or a Service that the querier should be given has no
/// address (unless `--allow-partial`), when two claim one address, or when the change cannot be made without guessing.
/// Nothing is written then.
pub(super) async fn run(
    args: &GenValuesArgs,
    path: &Path,
    settings: &Settings,
    chart: &SettingsChart,
    terminal: &Terminal,
) -> CommandResult {
    let is_layered = !args.values.is_empty();
    if is_layered != path.as_os_str().is_empty() {
        return Err(Failure::new(match is_layered {
            true => "`--update FILE` changes one file, and `-f` names layers",
            false => "`--update` names no file",
        })
        .hint("write `--update FILE`, or `--update -f base.yaml -f prod.yaml` for the layers of one release")
        .into());
    }
    if path == Path::new("-") || args.values.iter().any(|layer| layer == Path::new("-")) {
        return Err(Failure::new("`--update -` names no file").hint("name the file that is to be changed").into());
    }
    if !args.check && !args.follow_links {
        let mut written = args.values.iter().map(PathBuf::as_path).chain((!is_layered).then_some(path));
        written.try_for_each(files::refuse_link_away)?;
    }
    let names: Vec<String> = args.values.iter().map(|layer| file_word(&layer.display().to_string())).collect();
    let name = file_word(&path.display().to_string());
    let mut words = vec!["gen-values", "--update"];
    words.extend(names.iter().flat_map(|layer| ["-f", layer]));
    words.extend((!is_layered).then_some(name.as_str()));
    let question = Question { flags: &args.chosen, settings: chart, rerun: rerun(args), words: &words };
    let layers = match is_layered {
        true => layered::read(&args.values, args.path.as_deref(), &question)?,
        false => vec![ValuesFile::read(path, args.path.as_deref(), &question)?],
    };
    layers.iter().for_each(|file| note(file, terminal));
    let file = layers.iter().find(|file| file.holds_stores).expect("one of the layers holds the stores");
    let inputs = Inputs::read(settings, secrets::for_values(args, settings)?)?;
    warn(inputs.warnings(), terminal);
    refuse_file_sd(settings, "`--update` changes", rerun(args))?;
    let expected = Expected { settings, inputs: &inputs };
    expected.keys(file, None)?;

    let inventory = source::inventory(&args.clusters, settings, terminal).await?;
    let policy = settings.fleet_policy();
    let (discovery, shortfalls) = concluded(&inventory, &policy, args)?;
    let truth = Truth {
        discovery: &discovery,
        policy: &policy,
        coverage: source::coverage(&args.clusters, settings),
        sight: source::sight(&args.clusters),
        drift: &settings.drift,
        removed: &args.remove_cluster,
    };
    refuse_removals(&truth, file)?;
    let outcome = update(args, &expected, (&layers, file), &truth, terminal).await?;
    Ok(if shortfalls.is_empty() { outcome } else { Outcome::Incomplete })
}

async fn update(
    args: &GenValuesArgs,
    expected: &Expected<'_>,
    (layers, file): (&[ValuesFile], &ValuesFile),
    truth: &Truth<'_>,
    terminal: &Terminal,
) -> CommandResult {
    let discovery = truth.discovery;
    let plan = Plan::assemble(discovery.endpoints(&[]))
        .map_err(|errors| plan_failures(&errors, discovery, None, rerun(args)))?;
    warn_of_gaps(discovery, terminal);
    warn_of_remarks(discovery, rerun(args), terminal);
    for failure in merged(discovery.shortfalls().iter().map(|it| shortfall_failure(it, rerun(args))).collect()) {
        terminal.warning(&format!("what the file knew stays: {}", failure.summary()));
    }
    let drift = truth.compare(&file.committed);
    // What stays although it is not right is told, and so is what is not changed.
    let fates = || drift.fates.iter().zip(&file.committed.stores);
    let kept = fates().filter(|(fate, store)| **fate == Fate::Foreign || store.holder == Holder::Fixed);
    let kept: HashSet<_> = kept.map(|(_, store)| &store.place).collect();
    // Such a store is wrong, and only people can change it.
    let needs_hands =
        fates().any(|(fate, store)| store.holder == Holder::Fixed && matches!(fate, Fate::Moved(_) | Fate::Stale));
    let told = |place: &Option<_>| place.as_ref().is_some_and(|place| kept.contains(place));
    let findings =
        drift.findings.iter().filter(|finding| finding.severity == Severity::Warning || told(&finding.place));
    warn(findings.chain(layers.iter().flat_map(|layer| &layer.unread)), terminal);
    let (keys, holds_secrets) = expected.keys(file, Some(&plan))?;
    if args.check {
        let shown = if args.secrets.show_secrets { keys.clone() } else { expected.shown_keys(file, Some(&plan))? };
        let outcome = check(args, (layers, &keys, &shown), &drift, truth, terminal)?;
        return Ok(if needs_hands { Outcome::Differs } else { outcome });
    }
    let mut changed = Vec::new();
    for (layer, keys) in layers.iter().zip(layered::owned(layers, &keys)?) {
        let text = updated(layer, &drift, truth, &differing(layer, &keys)?)?;
        // One with secrets that others may read is written anew all the same.
        if text != layer.text || (holds_secrets && files::is_open(&layer.path)) {
            changed.push((layer, text));
        }
    }
    let outcome = if needs_hands { Outcome::Incomplete } else { Outcome::Done };
    if changed.is_empty() && needs_hands {
        terminal.note(&format!("nothing was changed in {}: what is wrong is not in its lists", file.layers.join(", ")));
        return Ok(outcome);
    }
    if changed.is_empty() {
        terminal.note(&format!("{} is right already: nothing was changed", file.layers.join(", ")));
        return Ok(Outcome::Done);
    }
    let access = if holds_secrets { Access::Private } else { Access::Public };
    let mut prepared = Vec::new();
    before_writing().await;
    for (layer, text) in &changed {
        prepared.push(Prepared::new(&layer.path, text, access)?);
    }
    for (layer, _) in &changed {
        refuse_changed_meanwhile(layer)?;
    }
    for (prepared, (layer, _)) in prepared.into_iter().zip(&changed) {
        prepared.note().into_iter().for_each(|note| terminal.note(&note));
        prepared.commit()?;
        terminal.note(&format!("changed {}; see what with: git diff {}", layer.name, shell_word(&layer.name)));
    }
    Ok(outcome)
}

/// Prints what would change, with the `shown` keys in the place of those that differ.
fn check(
    args: &GenValuesArgs,
    (layers, keys, shown): (&[ValuesFile], &[Key], &[Key]),
    drift: &Drift,
    truth: &Truth<'_>,
    terminal: &Terminal,
) -> CommandResult {
    layers.iter().try_for_each(ValuesFile::refuse_patch_of_another)?;
    let mut patches = String::new();
    let mut is_right = true;
    for (layer, keys) in layers.iter().zip(layered::owned(layers, keys)?) {
        let mut differing = differing(layer, &keys)?;
        is_right &= updated(layer, drift, truth, &differing)? == layer.text;
        for difference in &mut differing {
            let same = shown.iter().find(|key| key.path == difference.key.path);
            difference.key = same.unwrap_or(difference.key);
        }
        let text = updated(layer, drift, truth, &differing)?;
        patches += &unified(&layer.name, &layer.text, &text, Shown::by(args.secrets.show_secrets));
    }
    terminal.patch(&patches)?;
    note_stars(&patches).into_iter().for_each(|note| terminal.note(note));
    Ok(if is_right { Outcome::Done } else { Outcome::Differs })
}

/// Whoever wrote to a file since it was read wins.
fn refuse_changed_meanwhile(file: &ValuesFile) -> Result<(), Failure> {
    if files::read(&file.path)? == file.text {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` was changed by somebody else meanwhile, so it is left alone", file.name))
        .hint("run this again"))
}

/// Clusters to remove that are in the fleet, or of which the file has no store.
fn refuse_removals(truth: &Truth<'_>, file: &ValuesFile) -> Result<(), Failure> {
    let mut named: Vec<&ClusterName> =
        file.committed.stores.iter().filter_map(|store| truth.unknown_cluster(store)).collect();
    named.sort_unstable();
    named.dedup();
    for cluster in truth.removed {
        if truth.fleet_name(cluster).is_some() {
            return Err(Failure::new(format!("cluster `{cluster}` is in the fleet, so its stores are not removed"))
                .hint("leave it out of the fleet first: in thanosctl.yaml, or with `--context '!NAME'`"));
        }
        if !named.contains(&cluster) {
            let failure = Failure::new(format!("no store of `{}` is of cluster `{cluster}`", file.name));
            let others = named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(match named.is_empty() {
                true => failure.hint("the comments beside its stores name no cluster that left the fleet"),
                false => failure.hint(format!("clusters that its comments name and the fleet does not have: {others}")),
            });
        }
    }
    Ok(())
}
