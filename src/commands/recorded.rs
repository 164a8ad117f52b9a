//! Clusters from inventories: which of them are meant, and by which names.

use std::path::PathBuf;

use super::rerun::Rerun;
use super::source::fixed_cluster;
use crate::cli::ClusterArgs;
use crate::failure::{Failure, Failures};
use crate::files;
use crate::fleet::inventory::{Cluster, Unreadable};
use crate::fleet::inventory_file;
use crate::fleet::labels::LabelSelector;
use crate::fleet::selection;
use crate::fleet::selection::{Candidate, NotChosen};
use crate::settings_file::{ClusterSettings, ClusterSource, Settings};
use crate::terminal::Terminal;

/// What stands before the names of contexts.
const CONTEXTS: &str = "the contexts of the inventory are";

/// The clusters of the inventories that were named, as far as `--context`, `-n` and `-l` leave them.
///
/// # Errors
/// When a file cannot be read, or a cluster that is wanted is in none.
pub(super) async fn from_files(
    args: &ClusterArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Vec<Cluster>, Failures> {
    let selector = args.selector.as_deref().map(str::parse::<LabelSelector>).transpose().map_err(Failure::new)?;
    let clusters = read_files(args.inventory.clone()).await?;
    let clusters = match args.context.is_empty() {
        true => as_settings_say(clusters, args, settings, terminal)?,
        false => chosen(clusters, args, settings)?,
    };
    Ok(clusters.into_iter().map(|cluster| narrowed(cluster, args, selector.as_ref())).collect())
}

/// What `-n` and `-l` leave of a cluster, as an API server would answer them.
fn narrowed(mut cluster: Cluster, args: &ClusterArgs, selector: Option<&LabelSelector>) -> Cluster {
    if let Ok(observed) = &mut cluster.observed {
        observed.services.retain(|service| {
            args.namespace.as_ref().is_none_or(|namespace| service.namespace == **namespace)
                && selector.is_none_or(|selector| selector.selects(&service.labels))
        });
    }
    cluster
}

/// Reads inventories on a thread of their own: a terminal or a pipe may take its time, and Ctrl-C must not wait for it.
async fn read_files(paths: Vec<PathBuf>) -> Result<Vec<Cluster>, Failures> {
    let read = move || {
        let mut clusters = Vec::new();
        for path in &paths {
            for file in files::in_folder(path, &["yaml", "yml", "json"])? {
                let text = files::read_data(&file)?;
                let stem =
                    file.file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != "-").unwrap_or("stdin");
                let inventory = inventory_file::parse(&file.display().to_string(), stem, &text);
                clusters.extend(inventory.map_err(Failure::from)?.clusters);
            }
        }
        Ok(clusters)
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// The settings' clusters in the settings' order and by the settings' names. One that the inventory lacks is an
/// error, one that the settings do not name is left out with a warning.
fn as_settings_say(
    clusters: Vec<Cluster>,
    args: &ClusterArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Vec<Cluster>, Failure> {
    if settings.clusters.is_empty() {
        return Ok(clusters);
    }
    let (known, rest) = matched(clusters, args, settings);
    let chosen = known.into_iter().collect::<Result<Vec<_>, _>>()?;
    for cluster in rest.iter().filter(|cluster| !is_lost(cluster)) {
        let name = &cluster.name;
        terminal.warning(&format!("cluster `{name}` of the inventory is left out: the settings do not name it"));
    }
    for cluster in rest.iter().filter(|cluster| is_lost(cluster)) {
        let cause = cluster.observed.as_ref().err().map(|reason| reason.cause.as_str()).unwrap_or_default();
        terminal
            .warning(&format!("cluster `{}` is not one of the settings, and cannot be read: {cause}", cluster.name));
    }
    Ok(chosen)
}

/// The clusters that the command line chooses, of the settings and of the inventory.
fn chosen(clusters: Vec<Cluster>, args: &ClusterArgs, settings: &Settings) -> Result<Vec<Cluster>, Failure> {
    let (known, rest) = matched(clusters, args, settings);
    let all: Vec<Result<Cluster, Failure>> = known.into_iter().chain(rest.into_iter().map(Ok)).collect();
    let missing = |at: usize| settings.clusters.get(at).map(|cluster| cluster.name.as_str());
    let candidate = |(at, known): (usize, &'_ Result<Cluster, Failure>)| match known {
        // Exclusions alone leave whatever has a context, and in an inventory that is every cluster.
        Ok(cluster) => {
            let name = cluster.name.to_string();
            (cluster.context.clone().or(Some(name.clone())), Some(name))
        }
        Err(_) => (None, missing(at).map(str::to_owned)),
    };
    let names: Vec<(Option<String>, Option<String>)> = all.iter().enumerate().map(candidate).collect();
    let candidates: Vec<Candidate<'_>> =
        names.iter().map(|(context, name)| Candidate { context: context.as_deref(), name: name.as_deref() }).collect();
    let selected = selection::select(&candidates, &args.context).map_err(|error| match error {
        NotChosen::Unknown(name) => Failure::new(format!("no cluster of the inventory is named `{name}`"))
            .hint(selection::advice(&candidates, &name, CONTEXTS)),
        NotChosen::NothingLeft => Failure::new("no cluster of the inventory is left after those that are excluded")
            .hint(selection::known(&candidates, CONTEXTS)),
    })?;
    selected.into_iter().map(|at| all[at].clone()).collect()
}

/// Each cluster of the settings as the inventory has it, or why it cannot be had; and what the settings do not name.
fn matched(
    clusters: Vec<Cluster>,
    args: &ClusterArgs,
    settings: &Settings,
) -> (Vec<Result<Cluster, Failure>>, Vec<Cluster>) {
    let mut rest = clusters;
    let found: Vec<Option<Cluster>> =
        settings.clusters.iter().map(|wanted| position_of(wanted, &rest).map(|at| rest.remove(at))).collect();
    // A file that is named otherwise and could not be read may be the one that holds what is missing.
    let lost = rest.iter().find(|cluster| is_lost(cluster)).and_then(|cluster| cluster.observed.clone().err());
    let known = settings.clusters.iter().zip(found).map(|(wanted, found)| match &wanted.source {
        ClusterSource::Fixed(_) => Ok(fixed_cluster(wanted).expect("it has fixed endpoints")),
        ClusterSource::Context(context) => {
            let collect = Rerun::of(args).command_in(&["discover", "-o", "yaml"], Some(context));
            let collect = format!("collect it with\n{collect}");
            let cluster = found.or_else(|| {
                let (name, observed) = (wanted.name.clone(), Err(lost.clone()?));
                Some(Cluster { name, context: None, uid: None, fixed_endpoints: Vec::new(), observed })
            });
            let Some(mut cluster) = cluster else {
                let lacks = format!("the inventory lacks cluster `{}` of the settings", wanted.name);
                return Err(Failure::new(lacks).hint(collect));
            };
            if is_lost(&cluster) {
                cluster.observed = cluster.observed.map_err(|it| Unreadable { hint: Some(collect), ..it });
            }
            Ok(Cluster { name: wanted.name.clone(), context: Some(context.clone()), ..cluster })
        }
    });
    (known.collect(), rest)
}

/// Whether it is a file that could not be read, rather than a cluster.
fn is_lost(cluster: &Cluster) -> bool {
    cluster.context.is_none() && cluster.observed.is_err()
}

/// Which cluster of an inventory the settings mean. Its context tells; only one that nobody was asked by (a List of
/// kubectl, a file that could not be read) is known by its name, which may be the context's.
fn position_of(wanted: &ClusterSettings, clusters: &[Cluster]) -> Option<usize> {
    let named = |cluster: &Cluster| cluster.name == wanted.name;
    match &wanted.source {
        ClusterSource::Fixed(_) => clusters.iter().position(named),
        ClusterSource::Context(context) => clusters
            .iter()
            .position(|cluster| cluster.context.as_ref() == Some(context))
            .or_else(|| clusters.iter().position(|cluster| cluster.context.is_none() && named(cluster)))
            .or_else(|| {
                clusters.iter().position(|cluster| cluster.context.is_none() && cluster.name.as_str() == context)
            }),
    }
}
