//! Where a command's inventory comes from: clusters, files, and what the settings say of both.

use std::collections::BTreeMap;

use super::recorded::from_files;
use crate::cli::ClusterArgs;
use crate::cluster::gather::{Limits, Scope, Stage, Target, gather, log_in};
use crate::cluster::kubeconfig::{Kubeconfig, Selected};
use crate::cluster::kuberc::PluginPolicy;
use crate::cluster::plugin::Plugins;
use crate::failure::{Failure, Failures};
use crate::fleet::drift::Coverage;
use crate::fleet::inventory::{Cluster, Inventory, Observed};
use crate::fleet::labels::LabelSelector;
use crate::fleet::selection::Candidate;
use crate::fleet::sidecar;
use crate::fleet::sight::Sight;
use crate::names::ClusterName;
use crate::settings_file::{ClusterSettings, ClusterSource, Settings};
use crate::terminal::Terminal;
use crate::text::{listed, shell_word};

/// The facts that a command works on: read from files, or asked from clusters.
pub(super) async fn inventory(
    args: &ClusterArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Inventory, Failures> {
    let clusters = match args.inventory.is_empty() {
        true => from_clusters(args, settings, terminal).await?,
        false => from_files(args, settings, terminal).await?,
    };
    let inventory = Inventory { clusters };
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
    let fleet = fleet(args, settings, terminal).await?;
    let asked = ask(&fleet, args, terminal).await;
    if !follows_settings(args, settings) {
        let is_chosen = |cluster: &&ClusterSettings| fleet.fixed.contains(&cluster.name);
        let fixed = settings.clusters.iter().filter(is_chosen).filter_map(fixed_cluster);
        return Ok(asked.into_iter().chain(fixed).collect());
    }
    // In the order of the settings, with those that nobody asks.
    let mut asked = asked.into_iter();
    let mut answered = || asked.next().expect("gather answers for each target");
    Ok(settings.clusters.iter().map(|cluster| fixed_cluster(cluster).unwrap_or_else(&mut answered)).collect())
}

/// The clusters that can be asked.
pub(super) struct Fleet {
    /// How they are asked.
    pub kubeconfig: Kubeconfig,
    /// Which they are; none when every cluster of the settings is fixed.
    pub targets: Vec<Target>,
    /// The credential plugins that ran for them.
    pub plugins: Plugins,
    /// Those that were chosen by name and that nobody asks.
    pub fixed: Vec<ClusterName>,
}

impl Fleet {
    /// Lets credential plugins of these clusters ask whoever sits at the terminal.
    pub(super) async fn log_in(&self, wanted: impl Fn(&Target) -> bool, terminal: &Terminal) {
        let targets = self.targets.iter().filter(|target| wanted(target));
        let contexts: Vec<&str> = targets.map(|target| target.context.as_str()).collect();
        let announce = |context: &str, command: &str| {
            terminal.note(&format!("context `{context}`: the credential plugin `{command}` may ask you now"));
        };
        log_in((&self.kubeconfig, &self.plugins), &contexts, &announce).await;
    }
}

/// A cluster of the settings, as it can be chosen on the command line.
fn candidate(cluster: &ClusterSettings) -> Candidate<'_> {
    let context = match &cluster.source {
        ClusterSource::Context(context) => Some(context.as_str()),
        ClusterSource::Fixed(_) => None,
    };
    Candidate { context, name: Some(cluster.name.as_str()) }
}

/// Whether the clusters that are asked are all that the fleet has, as far as anybody said what it has.
pub(super) fn coverage(args: &ClusterArgs, settings: &Settings) -> Coverage {
    let is_whole = follows_settings(args, settings) || !args.inventory.is_empty() || args.all_contexts;
    let is_narrowed = !sight(args).is_whole() || !args.context.is_empty();
    if is_whole && !is_narrowed { Coverage::Whole } else { Coverage::Part }
}

/// Which Services of the clusters are looked at.
pub(super) fn sight(args: &ClusterArgs) -> Sight<'_> {
    Sight { namespace: args.namespace.as_deref(), is_selective: args.selector.is_some() }
}

/// Whether the clusters are those of the settings: none was chosen on the command line.
pub(super) fn follows_settings(args: &ClusterArgs, settings: &Settings) -> bool {
    args.context.is_empty() && !args.all_contexts && !settings.clusters.is_empty()
}

/// The clusters that can be asked: those chosen on the command line, else those of the settings, else that of the
/// current context, else that of a context which somebody at the terminal chooses.
///
/// # Errors
/// When there is no such context, or no kubeconfig. Nothing looks for one when every cluster is fixed.
pub(super) async fn fleet(args: &ClusterArgs, settings: &Settings, terminal: &Terminal) -> Result<Fleet, Failures> {
    if let Some(selector) = &args.selector {
        selector.parse::<LabelSelector>().map_err(Failure::new)?;
    }
    let plugins = Plugins::new(terminal.asks(), PluginPolicy::of_process());
    if follows_settings(args, settings) {
        let context = |cluster: &ClusterSettings| match &cluster.source {
            ClusterSource::Context(context) => Some(Target { name: cluster.name.clone(), context: context.clone() }),
            ClusterSource::Fixed(_) => None,
        };
        let targets: Vec<Target> = settings.clusters.iter().filter_map(context).collect();
        if targets.is_empty() {
            return Ok(Fleet { kubeconfig: Kubeconfig::default(), targets, fixed: Vec::new(), plugins });
        }
        let kubeconfig = Kubeconfig::load(args.kubeconfig.as_deref())?;
        kubeconfig.require(&targets.iter().map(|target| target.context.clone()).collect::<Vec<_>>())?;
        warn_of_hidden(&kubeconfig, &targets, terminal);
        warn_of_insecure(&kubeconfig, &targets, terminal);
        return Ok(Fleet { kubeconfig, targets, fixed: Vec::new(), plugins });
    }
    let (kubeconfig, selected) = selected(args, settings, terminal).await?;
    let (mut targets, mut fixed) = (Vec::new(), Vec::new());
    for selected in selected {
        match selected {
            Selected::Context(context) => targets.push(target(settings, context)?),
            Selected::Fixed(name) => fixed.extend(ClusterName::try_from(name)),
        }
    }
    warn_of_hidden(&kubeconfig, &targets, terminal);
    warn_of_insecure(&kubeconfig, &targets, terminal);
    let is_chosen = |name: &ClusterName| fixed.contains(name) || targets.iter().any(|target| target.name == *name);
    let left_out = settings.clusters.iter().filter(|cluster| !is_chosen(&cluster.name));
    let left_out: Vec<String> = left_out.map(|cluster| format!("`{}`", cluster.name)).collect();
    if !left_out.is_empty() {
        terminal.warning(&format!(
            "contexts were chosen on the command line; these clusters of the settings are left out: {}",
            left_out.join(", ")
        ));
    }
    Ok(Fleet { kubeconfig, targets, plugins, fixed })
}

/// Whoever stands between could be the server, and read the credentials.
fn warn_of_insecure(kubeconfig: &Kubeconfig, targets: &[Target], terminal: &Terminal) {
    let names = targets.iter().filter(|target| kubeconfig.is_unchecked(&target.context));
    let names: Vec<String> = names.map(|target| format!("`{}`", target.name)).collect();
    if let Some(first) = names.first() {
        let whose = if names.len() == 1 { format!("cluster {first}") } else { format!("{} clusters", names.len()) };
        let list = if names.len() == 1 { String::new() } else { format!(": {}", listed(&names, 10)) };
        terminal.warning(&format!(
            "the certificate of {whose} is not checked (insecure-skip-tls-verify), so anybody on the way could read its \
             credentials and answer for it{list}"
        ));
    }
}

/// What the command line chooses. No kubeconfig is needed for clusters that nobody asks.
async fn selected(
    args: &ClusterArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<(Kubeconfig, Vec<Selected>), Failure> {
    let fixed: Vec<&str> = settings
        .clusters
        .iter()
        .filter(|cluster| fixed_cluster(cluster).is_some())
        .map(|it| it.name.as_str())
        .collect();
    let is_fixed = |name: &String| fixed.contains(&name.as_str());
    if !args.all_contexts && !args.context.is_empty() && args.context.iter().all(is_fixed) {
        let selected = args.context.iter().cloned().map(Selected::Fixed).collect();
        return Ok((Kubeconfig::default(), selected));
    }
    let kubeconfig = Kubeconfig::load(args.kubeconfig.as_deref())?;
    let is_open = args.context.is_empty() && !args.all_contexts && kubeconfig.current().is_none();
    if is_open && terminal.offers() && !kubeconfig.contexts().is_empty() {
        let picked = picked(&kubeconfig, args, terminal).await?;
        return Ok((kubeconfig, picked));
    }
    let fleet: Vec<Candidate<'_>> = settings.clusters.iter().map(candidate).collect();
    let selected = kubeconfig.select(&args.context, args.all_contexts, &fleet)?;
    Ok((kubeconfig, selected))
}

/// The context that somebody chooses where nothing says which is meant; from then on it is as good as one that was typed.
async fn picked(kubeconfig: &Kubeconfig, args: &ClusterArgs, terminal: &Terminal) -> Result<Vec<Selected>, Failure> {
    let contexts: Vec<String> = kubeconfig.contexts().into_iter().map(str::to_owned).collect();
    let picked = terminal.pick("which context?", &contexts).await;
    let context = contexts[picked.ok_or_else(|| Failure::refused("no context was chosen"))?].clone();
    terminal.note(&format!(
        "the kubeconfig has no current context; without a question: --context {}",
        shell_word(&context)
    ));
    Ok(vec![Selected::Context(args.picked_context.get_or_init(|| context).clone())])
}

/// A cluster that nobody asks; `None` for one that has a context.
pub(super) fn fixed_cluster(cluster: &ClusterSettings) -> Option<Cluster> {
    match &cluster.source {
        ClusterSource::Context(_) => None,
        ClusterSource::Fixed(endpoints) => Some(Cluster {
            name: cluster.name.clone(),
            context: None,
            uid: None,
            fixed_endpoints: endpoints.clone(),
            observed: Ok(Observed::default()),
        }),
    }
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
pub(super) async fn ask(fleet: &Fleet, args: &ClusterArgs, terminal: &Terminal) -> Vec<Cluster> {
    let Fleet { kubeconfig, targets, plugins, fixed: _ } = fleet;
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
