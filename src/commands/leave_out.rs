//! How to leave one Service of one cluster out: in the settings of that cluster, since another may have a Service of the
//! same name.

use serde_json::json;

use crate::fleet::plan::Origin;
use crate::yaml;

/// The way out as the end of a hint. `listed` says whether the settings have an entry for the cluster: settings that name
/// one cluster leave all others out, so that without an entry all have to be named.
pub(super) fn hint(origin: &Origin, context: Option<&str>, listed: bool) -> String {
    let service = origin.service.as_ref().map(ToString::to_string).unwrap_or_default();
    let cluster = &origin.cluster;
    let exclude = format!("services: {{exclude: [{}]}}", yaml::flow(&json!(service)));
    if listed {
        return format!(
            "or leave it out: add `{exclude}` to the entry of cluster `{cluster}` in `clusters` of thanosctl.yaml"
        );
    }
    let context = context.unwrap_or(cluster.as_str());
    let name =
        if context == cluster.as_str() { String::new() } else { format!("name: {}, ", yaml::flow(&json!(cluster))) };
    format!(
        "or leave it out: list all clusters in `clusters` of thanosctl.yaml, this one as\n\
         {{context: {}, {name}{exclude}}}",
        yaml::flow(&json!(context)),
    )
}
