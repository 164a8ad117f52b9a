//! The Alertmanagers of a ruler as Thanos's own configuration, for charts that take no URLs.

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::settings::thanos::AlertmanagerUrl;
use crate::template::{self, Record, Template, template};

static ALERTMANAGERS: Template = template!("alertmanagers.yml.j2");

/// The configuration that says what the URLs say: `--alertmanagers.url` takes `[dns+]SCHEME://HOST:PORT/PREFIX`, the
/// configuration `scheme`, `path_prefix` and `[dns+]HOST:PORT` (thanos-io/thanos, pkg/alert/config.go).
///
/// # Errors
/// When it does not say what it should, which would be a bug.
pub(super) fn configuration(urls: &[AlertmanagerUrl]) -> Result<String, Failure> {
    let mut groups: Vec<(String, String, Vec<String>)> = Vec::new();
    for url in urls {
        let (lookup, rest) = url.as_str().split_once('+').map_or(("", url.as_str()), |(lookup, rest)| (lookup, rest));
        let (scheme, rest) = rest.split_once("://").unwrap_or(("http", rest));
        let (host, prefix) =
            rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
        let prefix = prefix.trim_end_matches('/').to_owned();
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        // A plain host is dialled at the port of its scheme, one that is looked up at 9093, an SRV record brings its own.
        let port = match (has_port, lookup, scheme) {
            (true, ..) | (_, "dnssrv" | "dnssrvnoa", _) => "",
            (_, "dns", _) => ":9093",
            (_, _, "https") => ":443",
            _ => ":80",
        };
        let plus = if lookup.is_empty() { "" } else { "+" };
        let address = format!("{lookup}{plus}{host}{port}");
        match groups.iter_mut().find(|(known, path, _)| known == scheme && *path == prefix) {
            Some((.., addresses)) => addresses.push(address),
            None => groups.push((scheme.to_owned(), prefix, vec![address])),
        }
    }
    let prefix = |prefix: &str| Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
    let record = |(scheme, path, addresses): &(String, String, Vec<String>)| {
        template::Value::from(
            Record::default()
                .with("scheme", scheme)
                .with("path_prefix", prefix(path))
                .with("addresses", addresses.iter().collect::<template::Value>()),
        )
    };
    let meant = |(scheme, path, addresses): &(String, String, Vec<String>)| {
        let mut group = Map::from_iter([
            ("static_configs".to_owned(), json!(addresses)),
            ("scheme".to_owned(), json!(scheme)),
            ("api_version".to_owned(), json!("v2")),
        ]);
        group.extend(prefix(path).map(|prefix| ("path_prefix".to_owned(), json!(prefix))));
        Value::Object(group)
    };
    let meant = json!({ "alertmanagers": groups.iter().map(meant).collect::<Vec<_>>() });
    let groups = groups.iter().map(record).collect::<template::Value>();
    ALERTMANAGERS.render(Record::default().with("groups", groups), &[&meant])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_says_what_the_urls_say() {
        let urls = [
            "http://alertmanager.monitoring.svc:9093",
            "http://other:9094/",
            "https://am.example/team",
            "dns+http://am.example",
            "dnssrv+http://_web._tcp.am.svc",
            "http://[2001:db8::1]:9093",
        ];
        let urls: Vec<AlertmanagerUrl> = urls.iter().map(|url| url.parse().unwrap()).collect();
        assert_eq!(
            configuration(&urls).unwrap(),
            "alertmanagers:\n  - static_configs:\n      - \"alertmanager.monitoring.svc:9093\"\n      - \"other:9094\"\n      \
             - \"dns+am.example:9093\"\n      - \"dnssrv+_web._tcp.am.svc\"\n      - \"[2001:db8::1]:9093\"\n    scheme: http\n    \
             api_version: v2\n  - static_configs:\n      - \"am.example:443\"\n    scheme: https\n    path_prefix: \"/team\"\n    \
             api_version: v2\n"
        );
    }
}
