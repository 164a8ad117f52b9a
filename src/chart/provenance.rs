//! The comment beside a store that says where its address came from: `# CLUSTER NAMESPACE/NAME` or `# CLUSTER settings`,
//! and `, kept: WHY` behind it when the address is older than the rest. Written and read here alone.
//!
//! Only what thanosctl would write, character for character, is read back: everything else is a comment of people. Even
//! then `# see runbook docs/thanos` may be one, since a cluster can have any name. Who decides about a store asks whether
//! the fleet knows the cluster.

use std::fmt::Write as _;

use super::names;
use crate::fleet::committed::Provenance;
use crate::fleet::plan::{Endpoint, Gap, Origin};
use crate::names::{ClusterName, ServiceRef};
use crate::text::clean;

/// What stands between an origin and why its address was kept.
const KEPT: &str = ", kept: ";

/// The last word of an origin that is no Service.
const SETTINGS: &str = "settings";

/// The comment for an endpoint. [`read`] gets back from it what the endpoint says.
pub fn provenance(endpoint: &Endpoint) -> String {
    write(&Provenance { origin: endpoint.origin.clone(), kept: endpoint.kept() })
}

/// The comment that says this.
pub fn write(provenance: &Provenance) -> String {
    let Origin { cluster, service } = &provenance.origin;
    let service = service.as_ref().map_or_else(|| SETTINGS.to_owned(), service_word);
    let mut text = format!("{} {service}", cluster_words(cluster.as_str()));
    if let Some(gap) = provenance.kept {
        let _ = write!(text, "{KEPT}{gap}");
    }
    // A comment is cleaned wherever it is written; here, so that it is known again.
    clean(&text)
}

/// What the comment beside an address says, without its `#` and the blanks around it; `None` for a comment of people.
pub fn read(comment: &str) -> Option<Provenance> {
    let kept = |gap: &Gap| Some((comment.strip_suffix(&gap.to_string())?.strip_suffix(KEPT)?, Some(*gap)));
    let (text, kept) = Gap::ALL.iter().find_map(kept).unwrap_or((comment, None));
    let (cluster, last) = text.rsplit_once(' ')?;
    let cluster = ClusterName::try_from(unescaped(cluster)?).ok()?;
    let service = if last == SETTINGS { None } else { Some(service(last)?) };
    let read = Provenance { origin: Origin { cluster, service }, kept };
    // What would be written in another way was not written here.
    (write(&read) == comment).then_some(read)
}

/// Where the address came from beside which `comment` stands; `None` for a comment of people.
pub fn origin(comment: &str) -> Option<Origin> {
    read(comment).map(|provenance| provenance.origin)
}

/// A cluster's name as it is, but for blanks at its ends, which nobody would see, and what looks like our escapes.
fn cluster_words(name: &str) -> String {
    let name = name.replace(r"\u{", r"\u{5c}u{");
    if name.trim_matches(' ') == name { name } else { name.replace(' ', r"\u{20}") }
}

/// `NAMESPACE/NAME` as one word. Kubernetes takes no other characters in a name than those that stay; an inventory may
/// hold any.
fn service_word(service: &ServiceRef) -> String {
    format!("{}/{}", escaped(&service.namespace), escaped(&service.name))
}

/// A Service that Kubernetes can have: a namespace is a label of RFC 1123, the name of a Service one of RFC 1035, which
/// begins with a letter. Or one that only an inventory can have, with escapes, which people do not write.
fn service(word: &str) -> Option<ServiceRef> {
    let (namespace, name) = word.split_once('/')?;
    let is_plain =
        names::is_label(namespace, 63) && names::is_label(name, 63) && !name.starts_with(|c: char| c.is_ascii_digit());
    let service = ServiceRef { namespace: unescaped(namespace)?, name: unescaped(name)? };
    (is_plain || word.contains(r"\u{")).then_some(service)
}

fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '.') {
            out.push(character);
        } else {
            let _ = write!(out, r"\u{{{:x}}}", character as u32);
        }
    }
    out
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split(r"\u{");
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_is_not_taken_for_what_thanosctl_writes() {
        for comment in [
            "",
            "eu",
            "monitoring/thanos",
            "on call 24/7",
            "JIRA OPS/123",
            "eu monitoring/thanos ",
            " eu monitoring/thanos",
            "eu  monitoring/",
            "eu monitoring/thanos, ask Kim",
            "eu monitoring/thanos (do not remove)",
            "eu monitoring/thanos, kept: for some reason",
            "eu monitoring/thanos, kept: the cluster could not be read.",
            "eu monitoring/Thanos",
            "eu Monitoring/thanos",
            "eu monitoring/thanos/x",
            "eu monitoring/-x",
            "eu monitoring/thanos.svc",
            "eu https://example.net/why",
            r"eu \u{6d}onitoring/thanos",
            r"e\u{75} monitoring/thanos",
            "eu Settings",
            "eu settings,",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn what_has_our_form_is_read_whoever_wrote_it() {
        for (comment, cluster) in [
            ("see runbook docs/thanos", "see runbook"),
            ("owned by team-a/observability", "owned by"),
            ("ask Kim: eu monitoring/thanos", "ask Kim: eu"),
            ("see settings", "see"),
        ] {
            assert_eq!(read(comment).unwrap().origin.cluster.as_str(), cluster);
        }
    }

    fn cluster() -> impl Strategy<Value = ClusterName> {
        "[ a-z0-9:/.,#{}\\\\u-]{1,12}".prop_filter_map("a name", |name| ClusterName::try_from(name).ok())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            cluster in cluster(),
            service in prop::option::of(("[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?", "[a-z]([a-z0-9-]{0,4}[a-z0-9])?")),
            kept in prop::option::of(prop::sample::select(&Gap::ALL[..])),
        ) {
            let service = service.map(|(namespace, name)| ServiceRef { namespace, name });
            let provenance = Provenance { origin: Origin { cluster, service }, kept };
            prop_assert_eq!(read(&write(&provenance)), Some(provenance));
        }

        #[test]
        fn what_is_read_was_written(comment in "[ -~]{0,20}( [a-z-]{1,8}/[a-z-]{1,8}| settings)?[ -~]{0,3}") {
            if let Some(read) = read(&comment) {
                prop_assert_eq!(write(&read), comment);
            }
        }
    }
}
