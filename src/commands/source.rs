//! Where a command's inventory comes from: clusters, files, and what the settings say of both.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::ClusterArgs;
use crate::cluster::gather::{Limits, Scope, Stage, Target, gather, log_in};
use crate::cluster::kubeconfig::Kubeconfig;
use crate::cluster::plugin::Plugins;
use crate::failure::{Failure, Failures};
use crate::files;
use crate::inventory_file;
use crate::model::drift::Coverage;
use crate::model::inventory::{Cluster, Inventory, Observed, Unreadable};
use crate::model::labels::LabelSelector;
use crate::model::names::ClusterName;
use crate::model::sidecar;
use crate::settings::{ClusterSettings, ClusterSource, Settings};
use crate::terminal::Terminal;
use crate::text::shell_word;

/// The facts that a command works on: read from files, or asked from clusters.
pub async fn inventory(args: &ClusterArgs, settings: &Settings, terminal: &Terminal) -> Result<Inventory, Failures> {
    let inventory = if args.inventory.is_empty() {
        Inventory { clusters: from_clusters(args, settings, terminal).await? }
    } else {
        let clusters = read_files(args.inventory.clone()).await?;
        Inventory { clusters: as_settings_say(clusters, settings, terminal)? }
    };
    refuse_shared_names(&inventory)?;
    if let Some(hub) = &settings.thanos.context
        && !inventory.clusters.iter().any(|cluster| cluster.context.as_ref() == Some(hub))
    {
        terminal.warning(&format!("no cluster has the context `{hub}`, which the settings name as `thanos.context`"));
    }
    Ok(inventory)
}

fn refuse_shared_names(inventory: &Inventory) -> Result<(), Failure> {
    let mut seen: BTreeMap<&ClusterName, &Cluster> = BTreeMap::new();
    for cluster in &inventory.clusters {
        if let Some(first) = seen.insert(&cluster.name, cluster) {
            let source = |cluster: &Cluster| {
                cluster
                    .context
                    .as_ref()
                    .map_or_else(|| "no context".to_owned(), |context| format!("context `{context}`"))
            };
            return Err(Failure::new(format!("two clusters claim the name `{}`", cluster.name))
                .caused_by(format!("{} and {}", source(first), source(cluster)))
                .hint("give one of them another `name` in thanosctl.yaml, or leave one out"));
        }
    }
    Ok(())
}

async fn from_clusters(args: &ClusterArgs, settings: &Settings, terminal: &Terminal) -> Result<Vec<Cluster>, Failures> {
    let fleet = fleet(args, settings, terminal)?;
    let asked = ask(&fleet, args, terminal).await;
    if !follows_settings(args, settings) {
        return Ok(asked);
    }
    // In the order of the settings, with those that nobody asks.
    let mut asked = asked.into_iter();
    let cluster = |cluster: &ClusterSettings| match &cluster.source {
        ClusterSource::Context(_) => asked.next().expect("gather answers for each target"),
        ClusterSource::Fixed(endpoints) => Cluster {
            name: cluster.name.clone(),
            context: None,
            uid: None,
            fixed_endpoints: endpoints.clone(),
            observed: Ok(Observed::default()),
        },
    };
    Ok(settings.clusters.iter().map(cluster).collect())
}

/// The clusters that can be asked.
pub struct Fleet {
    /// How they are asked.
    pub kubeconfig: Kubeconfig,
    /// Which they are; none when every cluster of the settings is fixed.
    pub targets: Vec<Target>,
    /// The credential plugins that ran for them.
    pub plugins: Plugins,
}

impl Fleet {
    /// Lets credential plugins of these clusters ask whoever sits at the terminal.
    pub async fn log_in(&self, wanted: impl Fn(&Target) -> bool, terminal: &Terminal) {
        let targets = self.targets.iter().filter(|target| wanted(target));
        let contexts: Vec<&str> = targets.map(|target| target.context.as_str()).collect();
        let announce = |context: &str, command: &str| {
            terminal.note(&format!("context `{context}`: the credential plugin `{command}` may ask you now"));
        };
        log_in((&self.kubeconfig, &self.plugins), &contexts, &announce).await;
    }
}

/// Whether the clusters that are asked are all that the fleet has, as far as anybody said what it has.
pub fn coverage(args: &ClusterArgs, settings: &Settings) -> Coverage {
    let is_whole = follows_settings(args, settings) || !args.inventory.is_empty() || args.all_contexts;
    let is_narrowed = args.namespace.is_some() || args.selector.is_some() || !args.context.is_empty();
    if is_whole && !is_narrowed { Coverage::Whole } else { Coverage::Part }
}

/// Whether the clusters are those of the settings: none was chosen on the command line.
pub fn follows_settings(args: &ClusterArgs, settings: &Settings) -> bool {
    args.context.is_empty() && !args.all_contexts && !settings.clusters.is_empty()
}

/// The clusters that can be asked: those chosen on the command line, else those of the settings, else that of the
/// current context.
///
/// # Errors
/// When there is no such context, or no kubeconfig. Nothing looks for one when every cluster is fixed.
pub fn fleet(args: &ClusterArgs, settings: &Settings, terminal: &Terminal) -> Result<Fleet, Failures> {
    if let Some(selector) = &args.selector {
        selector.parse::<LabelSelector>().map_err(Failure::new)?;
    }
    let plugins = Plugins::new(terminal.asks());
    if follows_settings(args, settings) {
        let context = |cluster: &ClusterSettings| match &cluster.source {
            ClusterSource::Context(context) => Some(Target { name: cluster.name.clone(), context: context.clone() }),
            ClusterSource::Fixed(_) => None,
        };
        let targets: Vec<Target> = settings.clusters.iter().filter_map(context).collect();
        if targets.is_empty() {
            return Ok(Fleet { kubeconfig: Kubeconfig::default(), targets, plugins });
        }
        let kubeconfig = Kubeconfig::load(args.kubeconfig.as_deref())?;
        kubeconfig.require(&targets.iter().map(|target| target.context.clone()).collect::<Vec<_>>())?;
        warn_of_hidden(&kubeconfig, &targets, terminal);
        return Ok(Fleet { kubeconfig, targets, plugins });
    }
    let kubeconfig = Kubeconfig::load(args.kubeconfig.as_deref())?;
    let contexts = kubeconfig.select(&args.context, args.all_contexts)?;
    let targets = contexts.into_iter().map(|context| target(settings, context)).collect::<Result<Vec<_>, _>>()?;
    warn_of_hidden(&kubeconfig, &targets, terminal);
    let left_out = settings.clusters.iter().filter(|cluster| !targets.iter().any(|target| target.name == cluster.name));
    let left_out: Vec<String> = left_out.map(|cluster| format!("`{}`", cluster.name)).collect();
    if !left_out.is_empty() {
        terminal.warning(&format!(
            "contexts were chosen on the command line; these clusters of the settings are left out: {}",
            left_out.join(", ")
        ));
    }
    Ok(Fleet { kubeconfig, targets, plugins })
}

/// Names the clusters that the chosen contexts do not lead to, although one of the files says so.
fn warn_of_hidden(kubeconfig: &Kubeconfig, targets: &[Target], terminal: &Terminal) {
    let contexts: Vec<String> = targets.iter().map(|target| target.context.clone()).collect();
    kubeconfig.hidden(&contexts).for_each(|hidden| terminal.warning(&hidden.to_string()));
}

/// The fleet's own name for a context, or the context's name.
fn target(settings: &Settings, context: String) -> Result<Target, Failure> {
    let name = match settings.cluster_of_context(&context) {
        Some(cluster) => cluster.name.clone(),
        None => ClusterName::try_from(context.clone())
            .map_err(|error| Failure::new(format!("context `{context}` cannot name a cluster")).caused_by(error))?,
    };
    Ok(Target { name, context })
}

/// What the fleet's clusters answer, in their order, with progress on a terminal.
pub async fn ask(fleet: &Fleet, args: &ClusterArgs, terminal: &Terminal) -> Vec<Cluster> {
    let Fleet { kubeconfig, targets, plugins } = fleet;
    fleet.log_in(|_| true, terminal).await;
    let progress = terminal.progress(targets.iter().map(|target| target.name.to_string()).collect());
    let show = |index: usize, stage: Stage| match stage {
        Stage::Connecting => progress.working(index, "connecting"),
        Stage::Services(seen) => progress.working(index, &format!("listing Services ({seen})")),
        Stage::NodesAndSlices => progress.working(index, "listing EndpointSlices and Nodes"),
        Stage::Done { .. } | Stage::Failed => progress.done(index),
    };
    let scope = Scope {
        namespace: args.namespace.as_deref(),
        selector: args.selector.as_deref(),
        keep: sidecar::offers_store_api,
    };
    let limits = Limits { timeout: args.timeout, concurrency: usize::from(args.concurrency) };
    gather((kubeconfig, plugins), targets, &scope, &limits, &show).await
}

/// Reads inventories on a thread of their own: a terminal or a pipe may take its time, and Ctrl-C must not wait for it.
async fn read_files(paths: Vec<PathBuf>) -> Result<Vec<Cluster>, Failures> {
    let read = move || {
        let mut clusters = Vec::new();
        for path in &paths {
            for file in files::in_folder(path, &["yaml", "yml", "json"])? {
                let text = files::read(&file)?;
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
fn as_settings_say(clusters: Vec<Cluster>, settings: &Settings, terminal: &Terminal) -> Result<Vec<Cluster>, Failure> {
    if settings.clusters.is_empty() {
        return Ok(clusters);
    }
    let mut rest = clusters;
    let found: Vec<Option<Cluster>> =
        settings.clusters.iter().map(|wanted| position_of(wanted, &rest).map(|at| rest.remove(at))).collect();
    // A file that is named otherwise and could not be read may be the one that holds what is missing.
    let lost = rest.iter().find(|cluster| is_lost(cluster)).and_then(|cluster| cluster.observed.clone().err());
    let mut chosen = Vec::new();
    for (wanted, found) in settings.clusters.iter().zip(found) {
        chosen.push(match &wanted.source {
            ClusterSource::Fixed(endpoints) => Cluster {
                name: wanted.name.clone(),
                context: None,
                uid: None,
                fixed_endpoints: endpoints.clone(),
                observed: Ok(Observed::default()),
            },
            ClusterSource::Context(context) => {
                let collect = format!("collect it with\nthanosctl discover --context {} -o yaml", shell_word(context));
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
                Cluster { name: wanted.name.clone(), context: Some(context.clone()), ..cluster }
            }
        });
    }
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
