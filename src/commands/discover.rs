//! `discover`: which Services expose a StoreAPI, at which outside address, and why.

use super::rerun::Rerun;
use super::same::warn_of_same;
use super::table::lay_out;
use super::unreadable::merged;
use super::{CommandResult, Outcome, nothing_found, shortfall_failure, source, warn_of_gaps};
use crate::cli::{DiscoverArgs, DiscoverFormat};
use crate::failure::Failures;
use crate::fleet::discovery::{DiscoveredCluster, DiscoveredService, Discovery, Shortfall};
use crate::fleet::inventory_file;
use crate::fleet::resolve::Problem;
use crate::json::to_json;
use crate::settings_file::Settings;
use crate::terminal::Terminal;
use crate::text::{clean, counted};
use crate::yaml;

/// Asks, concludes, prints.
///
/// # Errors
/// When nothing could be read.
pub async fn run(args: &DiscoverArgs, terminal: &Terminal) -> CommandResult {
    let settings = Settings::load(args.clusters.config.as_deref())?;
    settings.warnings.iter().for_each(|warning| terminal.warning(warning));
    let inventory = source::inventory(&args.clusters, &settings, terminal).await?;
    warn_of_same(&inventory, terminal);
    let discovery = Discovery::conclude(&inventory, &settings.fleet_policy());
    let rerun = Rerun::of(&args.clusters);

    let unreadable: Vec<_> = discovery
        .shortfalls()
        .iter()
        .filter(|s| matches!(s, Shortfall::Cluster { .. }))
        .map(|shortfall| shortfall_failure(shortfall, rerun))
        .collect();
    let (lost, unreadable) = (unreadable.len(), merged(unreadable));
    if lost == discovery.clusters.len()
        && let Some(failures) = Failures::from_vec(unreadable.clone())
    {
        return Err(failures);
    }
    unreadable.iter().for_each(|failure| terminal.failure(failure));
    warn_of_gaps(&discovery, terminal);
    let is_fed = |found: &DiscoveredCluster<'_>| {
        !found.cluster.fixed_endpoints.is_empty() || found.services.iter().flatten().any(|service| service.feeds)
    };
    if !discovery.clusters.iter().any(is_fed)
        && let Some(hint) = nothing_found(&discovery, rerun).hint_text()
    {
        terminal.hint(hint);
    }
    let text = print(&discovery, args.output, terminal.width());
    match args.output {
        DiscoverFormat::Table | DiscoverFormat::Wide => {
            terminal.lines_of_names(&text)?;
            terminal.note(&counts(&discovery));
        }
        DiscoverFormat::Name => terminal.lines_of_names(&text)?,
        DiscoverFormat::Yaml | DiscoverFormat::Json => terminal.data(&text)?,
    }
    Ok(if unreadable.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn print(discovery: &Discovery<'_>, format: DiscoverFormat, width: Option<u16>) -> String {
    match format {
        DiscoverFormat::Table => table(discovery, &SHORT, width),
        DiscoverFormat::Wide => table(discovery, &WIDE, None),
        DiscoverFormat::Yaml => yaml::document(&inventory_file::write(discovery)),
        DiscoverFormat::Json => to_json(&inventory_file::write(discovery)),
        DiscoverFormat::Name => names(discovery),
    }
}

/// What was found, in numbers.
fn counts(discovery: &Discovery<'_>) -> String {
    let fixed: usize = discovery.clusters.iter().map(|found| found.cluster.fixed_endpoints.len()).sum();
    let services: Vec<&DiscoveredService<'_>> =
        discovery.clusters.iter().flat_map(|found| found.services.iter().flatten()).collect();
    let (fed, others): (Vec<&DiscoveredService<'_>>, Vec<_>) = services.into_iter().partition(|service| service.feeds);
    let stores = fixed + fed.iter().filter(|service| !service.resolved.endpoints.is_empty()).count();
    let is_open = |service: &DiscoveredService<'_>| {
        service.resolved.problem.as_ref().is_some_and(|problem| !problem.is_settled())
    };
    let without = fed.iter().filter(|service| is_open(service)).count();
    let lost = discovery.clusters.iter().filter(|found| found.services.is_err()).count();
    let mut parts =
        vec![format!("{} in {}", counted(stores, "store"), counted(discovery.clusters.len() - lost, "cluster"))];
    if without > 0 {
        parts.push(format!("{without} without an address"));
    }
    if !others.is_empty() {
        parts.push(counted(others.len(), "other Service"));
    }
    if lost > 0 {
        parts.push(format!("{} unreadable", counted(lost, "cluster")));
    }
    parts.join(", ")
}

fn names(discovery: &Discovery<'_>) -> String {
    let mut out = String::new();
    for found in &discovery.clusters {
        let settled =
            |service: &&DiscoveredService<'_>| service.resolved.problem.as_ref().is_some_and(Problem::is_settled);
        let feeding = found.services.iter().flatten().filter(|service| service.feeds && !settled(service));
        for service in feeding {
            out.push_str(&format!(
                "{}/{}\n",
                clean(found.cluster.name.as_str()),
                clean(&service.service.reference().to_string())
            ));
        }
    }
    out
}

/// What stands in a row: a Service, a fixed address, or a cluster that could not be read.
enum Row<'a> {
    Service(&'a DiscoveredService<'a>),
    Fixed(String),
    Unreadable(&'a str),
    Nothing,
}

/// A column: its head, and what it says of a row.
type Column = (&'static str, fn(&DiscoveredCluster<'_>, &Row<'_>) -> String);

const CLUSTER: Column = ("CLUSTER", |cluster, _| cluster.cluster.name.to_string());
const SERVICE: Column = ("SERVICE", |_, row| match row {
    Row::Service(found) => found.service.reference().to_string(),
    Row::Fixed(_) => "(settings)".to_owned(),
    Row::Unreadable(_) => "(unreadable)".to_owned(),
    Row::Nothing => "(none)".to_owned(),
});
const ROLE: Column = ("ROLE", |_, row| match row {
    Row::Service(found) => found.recognised.role.to_string(),
    Row::Fixed(_) | Row::Unreadable(_) | Row::Nothing => "-".to_owned(),
});
const ENDPOINT: Column = ("ENDPOINT", |_, row| match row {
    Row::Service(found) => {
        found.resolved.endpoints.first().map_or_else(|| "-".into(), |(address, _)| address.to_string())
    }
    Row::Fixed(address) => address.clone(),
    Row::Unreadable(_) | Row::Nothing => "-".to_owned(),
});
const ALTERNATES: Column = ("ALTERNATES", |_, row| match row {
    Row::Service(found) if found.resolved.endpoints.len() > 1 => {
        let others = found.resolved.endpoints[1..].iter().map(|(address, _)| address.to_string());
        others.collect::<Vec<_>>().join(" ")
    }
    Row::Service(_) | Row::Fixed(_) | Row::Unreadable(_) | Row::Nothing => "-".to_owned(),
});
const SOURCE: Column = ("SOURCE", |_, row| match row {
    Row::Service(found) => {
        found.resolved.endpoints.first().map_or_else(|| "-".into(), |(_, source)| source.to_string())
    }
    Row::Fixed(_) => "Override".to_owned(),
    Row::Unreadable(_) | Row::Nothing => "-".to_owned(),
});
/// The sign that told the role, without the prefix that most labels share.
const REASON: Column = ("REASON", |_, row| match row {
    Row::Service(found) => found.recognised.reason.replace("app.kubernetes.io/", ""),
    Row::Fixed(_) | Row::Unreadable(_) | Row::Nothing => "-".to_owned(),
});
const REMARKS: Column = ("REMARKS", |_, row| match row {
    Row::Service(found) => {
        let problem = found.resolved.problem.as_ref().map(ToString::to_string);
        problem.into_iter().chain(found.resolved.remarks.iter().map(ToString::to_string)).collect::<Vec<_>>().join("; ")
    }
    Row::Fixed(_) => String::new(),
    Row::Unreadable(cause) => (*cause).to_owned(),
    Row::Nothing => "no StoreAPI was found".to_owned(),
});

const SHORT: [Column; 6] = [CLUSTER, SERVICE, ROLE, ENDPOINT, SOURCE, REMARKS];
const WIDE: [Column; 8] = [CLUSTER, SERVICE, ROLE, ENDPOINT, SOURCE, ALTERNATES, REASON, REMARKS];

fn table(discovery: &Discovery<'_>, columns: &[Column], width: Option<u16>) -> String {
    let cells =
        |cluster: &DiscoveredCluster<'_>, row: &Row<'_>| columns.iter().map(|(_, cell)| cell(cluster, row)).collect();
    let rows =
        discovery.clusters.iter().flat_map(|cluster| rows(cluster).into_iter().map(move |row| cells(cluster, &row)));
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    lay_out(&heads, rows.collect(), width)
}

fn rows<'a>(cluster: &'a DiscoveredCluster<'a>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> =
        cluster.cluster.fixed_endpoints.iter().map(|address| Row::Fixed(address.to_string())).collect();
    match &cluster.services {
        Ok(services) => rows.extend(services.iter().map(Row::Service)),
        Err(reason) => rows.push(Row::Unreadable(&reason.cause)),
    }
    if rows.is_empty() {
        rows.push(Row::Nothing);
    }
    rows
}
