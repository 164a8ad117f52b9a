//! The values that make an outside address last, told in the words of the chart that made the Service.

use super::plan_table::wrapped;
use crate::chart::producer::{Advice, OutsideType, Wish, advice};
use crate::fleet::inventory::Service;
use crate::text::clean;

/// What to write into the values of the chart that made `service`, ready to be committed; empty when no chart that is
/// known made it. `lead` says what that is good for. Fit for a terminal of `width` columns, but for commands, which are there
/// to be copied.
pub(super) fn tell(lead: &str, name: &str, service: &Service, wish: &Wish<'_>, width: u16) -> String {
    advice(service, wish).map(|advice| told(lead, name, &advice, width)).unwrap_or_default()
}

/// The wish for a node port, of the cluster's choice when `node_port` is absent.
pub(super) fn node_port(node_port: Option<u16>, context: Option<&str>) -> Wish<'_> {
    Wish { service_type: OutsideType::NodePort, node_port, context }
}

fn told(lead: &str, name: &str, advice: &Advice, width: u16) -> String {
    let mut lines = Vec::new();
    let chart = format!("{} {}", advice.chart, advice.version);
    if advice.values.is_empty() {
        lines.push(clean(&format!("{name} was made by {chart}:")));
    } else {
        let told = wrapped("", &format!("{lead}: {name} was made by {chart}, whose values are"), width);
        lines.extend(told.lines().map(str::to_owned));
        lines.extend(advice.values.lines().map(|line| format!("  {}", clean(line))));
    }
    if !advice.command.is_empty() {
        lines.push(format!("  # with these in FILE: {}", clean(&advice.command)));
    }
    for note in &advice.notes {
        lines.extend(wrapped("", note, width.saturating_sub(4)).lines().map(|line| format!("  # {line}")));
    }
    lines.join("\n") + "\n"
}
