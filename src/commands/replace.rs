//! What `gen-values --write` replaces: files of ours as they are, how this run changes them, and what it would take from
//! them without a reason.
//!
//! A reason is that this run looked and it is gone, or that the settings, which were read, do not want it. That this run
//! did not look is none.

use std::collections::BTreeMap;
use std::path::Path;

use super::conclusion::rerun;
use super::release::Inputs;
use super::rerun::file_word;
use super::secrets::Reading;
use crate::chart::header::{ManifestHeader, ValuesHeader};
use crate::chart::{
    ByHand, KeyChanges, Release, Rendered, Stores, WrittenSecrets, WrittenStores, WrittenValues, store_path,
};
use crate::cli::GenValuesArgs;
use crate::failure::{Failure, Failures};
use crate::files;
use crate::fleet::plan::Plan;
use crate::fleet::store_changes::{Asked, NotAsked, StoreChanges};
use crate::names::ClusterName;
use crate::settings::thanos::Thanos;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use crate::text::{counted, listed, shell_word, without_credentials};

/// How to remove what is refused to be removed.
const FORCE: &str = "or add --force to write it all the same";

/// So many addresses or keys are named on one line.
const NAMED: usize = 8;

/// The files that are going to be replaced, as they are; `None` for one that is new, empty, or not ours.
#[derive(Default)]
pub(super) struct Old {
    values: Option<WrittenValues>,
    stores: Option<WrittenStores>,
    secrets: Option<WrittenSecrets>,
    /// Whether a file could not be read, and is replaced all the same.
    is_unknown: bool,
}

impl Old {
    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be read, which is no empty file: only `--force` goes on.
    pub(super) fn read(args: &GenValuesArgs, terminal: &Terminal) -> Result<Self, Failure> {
        let mut old = Self::default();
        old.values = old.file(args, args.write.as_deref(), WrittenValues::read, terminal)?;
        old.stores = old.file(args, args.sd_config_map.as_deref(), WrittenStores::read, terminal)?;
        let manifest = args.secret_manifest.as_deref().filter(|path| *path != Path::new("-"));
        old.secrets = old.file(args, manifest, WrittenSecrets::read, terminal)?;
        Ok(old)
    }

    fn file<T>(
        &mut self,
        args: &GenValuesArgs,
        path: Option<&Path>,
        read: fn(&str, &str) -> Result<Option<T>, Failure>,
        terminal: &Terminal,
    ) -> Result<Option<T>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let name = path.display().to_string();
        let read = files::read_existing(path).and_then(|text| match text.filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match read(&name, &text)? {
                None => Err(Failure::new(format!("`{name}` was not written by thanosctl"))),
                found => Ok(found),
            },
        });
        match read {
            Err(failure) if args.force => {
                self.is_unknown = true;
                let what = if args.allow_partial {
                    "no store is kept of what"
                } else {
                    "it is not known what is lost of what"
                };
                terminal.warning(&format!("{what} `{name}` has: {}", failure.summary()));
                Ok(None)
            }
            read => read,
        }
    }

    /// The stores from which `--allow-partial` keeps those that cannot be found now; `None` where nothing is kept.
    pub(super) fn kept_stores(&self, args: &GenValuesArgs) -> Option<Stores> {
        if !args.allow_partial || args.stores_file().is_none() || self.is_unknown {
            return None;
        }
        let files = [self.stores.as_ref().map(|old| &old.stores), self.values.as_ref().map(|old| &old.stores)];
        Some(files.into_iter().flatten().fold(Stores::default(), Stores::with))
    }
}

/// What a run is going to write, and on which grounds.
pub(super) struct Run<'a> {
    pub(super) args: &'a GenValuesArgs,
    pub(super) settings: &'a Settings,
    pub(super) release: &'a Release<'a>,
    pub(super) plan: &'a Plan,
    pub(super) rendered: &'a Rendered,
    pub(super) asked: Asked<'a>,
}

/// What happens to the files.
#[derive(Default)]
pub(super) struct Changes {
    /// What to tell of it, line by line.
    pub(super) lines: Vec<String>,
    /// What would be lost without a reason.
    pub(super) losses: Vec<Failure>,
}

impl Changes {
    /// Says what changes, and refuses it if something would be lost for no reason.
    ///
    /// # Errors
    /// Everything that would be lost, unless `--force` is given.
    pub(super) fn settle(self, args: &GenValuesArgs, terminal: &Terminal) -> Result<(), Failures> {
        self.lines.iter().for_each(|line| terminal.note(line));
        match Failures::from_vec(self.losses).filter(|_| !args.force) {
            Some(losses) => Err(losses),
            None => Ok(()),
        }
    }

    fn of_file(&mut self, name: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.lines.push(format!("changes in {name}:"));
            self.lines.extend(lines.into_iter().map(|line| format!("  {line}")));
        }
    }

    fn refuse(&mut self, name: &str, why: &str, hint: &str) {
        self.losses.push(Failure::new(format!("`{name}` is not replaced: {why}")).hint(format!("{hint}\n{FORCE}")));
    }
}

impl Run<'_> {
    /// How this run changes the files.
    ///
    /// # Errors
    /// When the new Secrets cannot be made.
    pub(super) fn changes(&self, old: &Old) -> Result<Changes, Failures> {
        let mut changes = Changes::default();
        if let (Some(old), Some(path)) = (&old.values, &self.args.write) {
            self.values(old, &path.display().to_string(), &mut changes);
        }
        if let (Some(old), Some(path)) = (&old.stores, &self.args.sd_config_map) {
            self.stores(old, &path.display().to_string(), &mut changes);
        }
        if let (Some(old), Some(path)) = (&old.secrets, &self.args.secret_manifest) {
            self.secrets(old, &path.display().to_string(), &mut changes)?;
        }
        Ok(changes)
    }

    fn thanos(&self) -> &Thanos {
        &self.settings.thanos
    }

    fn values(&self, old: &WrittenValues, name: &str, changes: &mut Changes) {
        let mut lines = Vec::new();
        let new = ValuesHeader::of(self.rendered.values.text()).expect("what was rendered was read back");
        if (&old.header.chart, old.header.version) != (&new.chart, new.version) {
            lines.push(format!("chart: {} {} → {} {}", old.header.chart, old.header.version, new.chart, new.version));
            self.refuse_other_chart(old, &new, name, changes);
        }
        if let Some(line) = &old.release {
            self.release(&line.release, &line.namespace, name, &mut lines, changes);
        }
        let stores = store_path(&new.chart, Some(&new.version.to_string()));
        let differences = StoreChanges::between(&old.stores.known, &old.stores.unknown, self.plan.endpoints());
        match self.release.stores_config_map_name() {
            None => lines.extend(store_lines(&differences)),
            Some(_) if old.stores.is_empty() => {}
            Some(name) => lines.push(format!("stores: they are in the ConfigMap `{name}` from now on")),
        }
        self.refuse_lost_stores(&differences, name, changes);
        lines.extend(by_hand_line(&old.by_hand));
        let is_for_update = old.header.chart == new.chart
            && old.header.version == new.version
            && self.release.stores_config_map_name().is_none();
        self.refuse_lost_lines(&old.by_hand, is_for_update, name, changes);
        lines.extend(key_lines(&old.changes(&self.rendered.values, stores.as_deref())));
        if !self.settings.is_given {
            let by_itself = self.by_itself(old);
            let lost = old.lost_without_settings(
                &self.rendered.values,
                by_itself.as_ref().map(|rendered| &rendered.values),
                stores.as_deref(),
            );
            if !lost.is_empty() {
                changes.refuse(
                    name,
                    &format!("it would lose {}, and this run has read no settings", named(&lost)),
                    "run this in the folder of thanosctl.yaml, or name the file with --config FILE",
                );
            }
        }
        changes.of_file(name, lines);
    }

    /// What thanosctl writes without settings for the chart of an old file; `None` when it cannot.
    fn by_itself(&self, old: &WrittenValues) -> Option<Rendered> {
        let mut settings = Settings::none();
        settings.thanos.chart.clone_from(&old.header.chart);
        settings.thanos.chart_version = Some(old.header.version.to_string());
        settings.thanos.release.clone_from(&self.thanos().release);
        settings.thanos.namespace.clone_from(&self.thanos().namespace);
        let inputs = Inputs::read(&settings, Reading::None).ok()?;
        let request = inputs.request(&settings);
        Release::of(&request).ok()?.render(self.plan, &[]).ok()
    }

    /// A chart and a version are a reason when somebody named them; what thanosctl takes by default is none.
    fn refuse_other_chart(&self, old: &WrittenValues, new: &ValuesHeader, name: &str, changes: &mut Changes) {
        let is_same_chart = old.header.chart == new.chart;
        let names_chart = self.args.chosen.chart.is_some() || self.settings.places.has(&["thanos", "chart"]);
        let names_version = self.thanos().chart_version.is_some();
        if (is_same_chart && names_version) || (!is_same_chart && names_chart) {
            return;
        }
        let (chart, version) = (&old.header.chart, old.header.version);
        let flags = if is_same_chart {
            format!("--chart-version {version}")
        } else {
            format!("--chart {} --chart-version {version}", shell_word(chart))
        };
        changes.refuse(
            name,
            &format!(
                "it is for {chart} {version}, and neither flags nor settings name {}, so this run takes {} {}",
                if is_same_chart { "a version" } else { "a chart" },
                new.chart,
                new.version
            ),
            &format!("name it: {flags}, or `thanos.chartVersion` in thanosctl.yaml"),
        );
    }

    fn release(&self, release: &str, namespace: &str, name: &str, lines: &mut Vec<String>, changes: &mut Changes) {
        let thanos = self.thanos();
        if (release, namespace) == (thanos.release.as_str(), thanos.namespace.as_str()) {
            return;
        }
        let of = |release: &str, namespace: &str| format!("{release} in namespace {namespace}");
        let (old, new) = (of(release, namespace), of(&thanos.release, &thanos.namespace));
        lines.push(format!("release: {old} → {new}"));
        changes.refuse(
            name,
            &format!("it belongs to another release, {old}; this run is for {new}"),
            &format!(
                "write to another file, or name the release of this one:\n--release {} --release-namespace {}",
                shell_word(release),
                shell_word(namespace)
            ),
        );
    }

    fn stores(&self, old: &WrittenStores, name: &str, changes: &mut Changes) {
        let mut lines = Vec::new();
        let ManifestHeader { release, namespace, .. } = &old.header;
        self.release(release, namespace, name, &mut lines, changes);
        if let Some(new) = self.release.stores_config_map_name().filter(|new| *new != old.name) {
            lines.push(format!("ConfigMap: {} → {new}", old.name));
        }
        let differences = StoreChanges::between(&old.stores.known, &old.stores.unknown, self.plan.endpoints());
        lines.extend(store_lines(&differences));
        self.refuse_lost_stores(&differences, name, changes);
        lines.extend(by_hand_line(&old.by_hand));
        self.refuse_lost_lines(&old.by_hand, false, name, changes);
        changes.of_file(name, lines);
    }

    fn secrets(&self, old: &WrittenSecrets, name: &str, changes: &mut Changes) -> Result<(), Failures> {
        // Where there are no Secrets to write, the file stays.
        if self.release.secret_names().is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        let ManifestHeader { release, namespace, .. } = &old.header;
        self.release(release, namespace, name, &mut lines, changes);
        let new: Vec<String> = self.release.secret_names().into_iter().map(str::to_owned).collect();
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|name| !those.contains(name)).cloned().collect()
        };
        for (what, names) in [("added", only(&new, &old.names)), ("removed", only(&old.names, &new))] {
            if !names.is_empty() {
                lines.push(format!("Secrets {what}: {}", listed(&names, NAMED)));
            }
        }
        if !old.foreign.is_empty() {
            lines.push(format!("removed: {}", listed(&old.foreign, NAMED)));
            changes.refuse(
                name,
                &format!("it would lose {}, which thanosctl did not write", named(&old.foreign)),
                "move that to a file of its own",
            );
        }
        lines.extend(by_hand_line(&old.by_hand));
        self.refuse_lost_lines(&old.by_hand, false, name, changes);
        changes.of_file(name, lines);
        Ok(())
    }

    /// `--update` keeps such lines, where it can change the file.
    fn refuse_lost_lines(&self, by_hand: &ByHand, is_for_update: bool, name: &str, changes: &mut Changes) {
        if by_hand.is_empty() {
            return;
        }
        let hint = if is_for_update {
            let update = rerun(self.args).command(&["gen-values", "--update", &file_word(name)]);
            format!("to keep them, change the file in its place with\n{update}")
        } else {
            "to keep them, move them to another file".to_owned()
        };
        changes.refuse(name, &format!("it would lose what people added to it: {}", by_hand.told(NAMED)), &hint);
    }

    fn refuse_lost_stores(&self, differences: &StoreChanges<'_>, name: &str, changes: &mut Changes) {
        let (mut clusters, mut of_clusters, mut of_services) = (Vec::new(), Vec::new(), Vec::new());
        for store in &differences.removed {
            match self.asked.lacks(&store.origin) {
                Some(NotAsked::Cluster(cluster)) => {
                    of_clusters.push(store.address.to_string());
                    if !clusters.contains(&cluster) {
                        clusters.push(cluster);
                    }
                }
                Some(NotAsked::Service) => of_services.push(store.address.to_string()),
                None => {}
            }
        }
        for (store, endpoint) in &differences.reassigned {
            // A cluster under another name has the Service still; else people may have written what stands there.
            let is_another = store.origin.service != endpoint.origin.service;
            if is_another && matches!(self.asked.lacks(&store.origin), Some(NotAsked::Cluster(_))) {
                changes.refuse(
                    name,
                    &format!("it would lose the comment beside {}, whose cluster this run did not ask", store.address),
                    "if people wrote it, move it above the list or to another file",
                );
            }
        }
        if !clusters.is_empty() {
            let names: Vec<String> = clusters.iter().map(|cluster| format!("`{cluster}`")).collect();
            let (noun, pronoun) =
                if names.len() == 1 { ("cluster", "that cluster") } else { ("clusters", "those clusters") };
            changes.refuse(
                name,
                &format!(
                    "it would lose {} of {noun} {}, and this run did not ask {pronoun}",
                    counted(of_clusters.len(), "store"),
                    listed(&names, NAMED)
                ),
                &self.how_to_ask(&clusters),
            );
        }
        if !of_services.is_empty() {
            changes.refuse(
                name,
                &format!(
                    "it would lose {}, and this run did not look for their Services: {}",
                    counted(of_services.len(), "store"),
                    named(&of_services)
                ),
                "leave --namespace and --selector out",
            );
        }
        if !differences.removed_unknown.is_empty() {
            let texts: Vec<String> = differences.removed_unknown.iter().map(|text| without_credentials(text)).collect();
            changes.refuse(
                name,
                &format!(
                    "it would lose {} without a recorded origin: {}",
                    counted(texts.len(), "store"),
                    named(&texts)
                ),
                "to keep them, write them into thanosctl.yaml: `clusters: [{name: NAME, endpoints: [HOST:PORT]}]`",
            );
        }
    }

    /// What to do to have clusters asked that this run left out.
    fn how_to_ask(&self, clusters: &[ClusterName]) -> String {
        let in_settings = |cluster: &ClusterName| self.settings.clusters.iter().any(|own| own.name == *cluster);
        if !self.args.clusters.inventory.is_empty() {
            return "add what `thanosctl discover -o yaml` wrote of them, with another --inventory FILE".to_owned();
        }
        if clusters.iter().all(in_settings) {
            return "thanosctl.yaml names them: leave --context and --all-contexts out".to_owned();
        }
        "ask all clusters of the file in one run: with --all-contexts, with a --context NAME for each,\n\
         or name them in thanosctl.yaml"
            .to_owned()
    }
}

/// What happens to stores, cluster by cluster.
fn store_lines(changes: &StoreChanges<'_>) -> Vec<String> {
    let StoreChanges { added, removed, moved, reassigned, removed_unknown } = changes;
    // Of each cluster: what was added, removed, moved, and what belongs to another owner.
    let mut clusters: BTreeMap<&ClusterName, [Vec<String>; 4]> = BTreeMap::new();
    for endpoint in added {
        clusters.entry(&endpoint.origin.cluster).or_default()[0].push(endpoint.address.to_string());
    }
    for store in removed {
        clusters.entry(&store.origin.cluster).or_default()[1].push(store.address.to_string());
    }
    for (store, endpoint) in moved {
        let text = format!("{} → {}", store.address, endpoint.address);
        clusters.entry(&store.origin.cluster).or_default()[2].push(text);
    }
    for (store, endpoint) in reassigned {
        let text = format!("{} to {}", store.address, endpoint.origin);
        clusters.entry(&store.origin.cluster).or_default()[3].push(text);
    }
    let of = |(cluster, groups): (&ClusterName, &[Vec<String>; 4])| {
        let told =
            ["added", "removed", "moved", "reassigned"].iter().zip(groups).filter(|(_, group)| !group.is_empty());
        let told = told.map(|(what, group)| format!("{} {what} ({})", group.len(), listed(group, NAMED)));
        format!("stores of cluster {cluster}: {}", told.collect::<Vec<_>>().join(", "))
    };
    let mut lines: Vec<String> = clusters.iter().map(|(cluster, groups)| of((cluster, groups))).collect();
    if !removed_unknown.is_empty() {
        let texts: Vec<String> = removed_unknown.iter().map(|text| without_credentials(text)).collect();
        lines.push(format!("stores without a recorded origin: {} removed ({})", texts.len(), listed(&texts, NAMED)));
    }
    lines
}

fn by_hand_line(by_hand: &ByHand) -> Option<String> {
    (!by_hand.is_empty()).then(|| format!("added by people and removed: {}", by_hand.told(NAMED)))
}

fn key_lines(changes: &KeyChanges) -> Vec<String> {
    let groups =
        [("values added", &changes.added), ("values removed", &changes.removed), ("values changed", &changes.changed)];
    let told = groups.into_iter().filter(|(_, keys)| !keys.is_empty());
    told.map(|(what, keys)| format!("{what}: {}", listed(keys, NAMED))).collect()
}

fn named(names: &[String]) -> String {
    listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>(), NAMED)
}
