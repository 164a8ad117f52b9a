//! The ruler's Alertmanager configuration, as `--alertmanagers.config` takes it (thanos-io/thanos, pkg/alert/config.go,
//! pkg/clientconfig/http.go).
//!
//! Files that it names, such as certificates, are not looked at: they lie where the ruler runs.

use super::strict::{Codes, Fields, Strict};
use crate::findings::codes;
use crate::findings::finding::Finding;
use crate::languages::yaml::Id;
use crate::place::Position;
use crate::text::without_credentials;

const CODES: Codes = Codes {
    unreadable: codes::UNREADABLE_ALERTMANAGERS,
    unknown: codes::UNKNOWN_ALERTMANAGERS_KEY,
    duplicate: codes::DUPLICATE_ALERTMANAGERS_KEY,
    value: codes::WRONG_ALERTMANAGERS_VALUE,
    ignored: codes::IGNORED_ALERTMANAGERS,
};

const KEYS: [&str; 7] =
    ["http_config", "static_configs", "file_sd_configs", "scheme", "path_prefix", "timeout", "api_version"];
const HTTP_KEYS: [&str; 6] =
    ["basic_auth", "bearer_token", "bearer_token_file", "proxy_url", "tls_config", "transport_config"];
const TLS_KEYS: [&str; 5] = ["ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify"];
const TRANSPORT_NUMBERS: [&str; 8] = [
    "max_idle_conns",
    "max_idle_conns_per_host",
    "idle_conn_timeout",
    "response_header_timeout",
    "expect_continue_timeout",
    "max_conns_per_host",
    "tls_handshake_timeout",
    "dialer_timeout",
];
const COMPRESSION: &str = "disable_compression";

/// Everything that is wrong in the Alertmanager configuration `text`, which was read from `file`, in the order of its
/// lines. What makes a ruler exit is an error, what makes it send alerts to nobody a warning.
pub fn check_alertmanagers(file: &str, text: &str) -> Vec<Finding> {
    match Strict::read(file, text, CODES) {
        Ok(strict) => {
            let mut checker = Checker { strict };
            checker.whole();
            checker.strict.finish()
        }
        Err(findings) => findings,
    }
}

struct Checker<'a> {
    strict: Strict<'a>,
}

impl Checker<'_> {
    fn whole(&mut self) {
        let root = self.strict.document.root().filter(|root| !self.strict.document.is_null(*root));
        let items = root.map(|root| self.top(root)).unwrap_or_default();
        if items.is_empty() && !self.strict.has_errors() {
            let spot = root.map_or(Position::START, |root| self.strict.document.position(root));
            self.strict.say(codes::NO_ALERTMANAGERS, spot, "no Alertmanager is configured", None);
        }
        for item in items {
            self.alertmanager(item);
        }
    }

    fn top(&mut self, root: Id) -> Vec<Id> {
        let Some(entries) = self.strict.entries(root) else {
            let spot = self.strict.document.position(root);
            let message = "the configuration is a mapping with the key `alertmanagers`";
            self.strict.say(codes::UNREADABLE_ALERTMANAGERS, spot, message, Some(SHAPE));
            return Vec::new();
        };
        let fields = self.strict.known(entries, &["alertmanagers"], "the configuration");
        fields.get("alertmanagers").map(|entry| self.strict.items(entry)).unwrap_or_default()
    }

    fn alertmanager(&mut self, id: Id) {
        let spot = self.strict.document.position(id);
        if self.strict.document.is_null(id) {
            return self.strict.say(codes::NO_ALERTMANAGERS, spot, "an Alertmanager is empty", None);
        }
        let Some(fields) = self.strict.fields(id, &KEYS, "an Alertmanager") else { return };
        self.strict.duration(&fields, "timeout");
        self.version(&fields);
        self.text(&fields, "path_prefix");
        let scheme = self.text(&fields, "scheme");
        if let Some((id, scheme)) = scheme.filter(|(_, scheme)| scheme != "http" && scheme != "https") {
            let message = format!("the scheme is `{}`, and not http or https", without_credentials(&scheme));
            let spot = self.strict.document.position(id);
            self.strict.say(codes::DEAD_ALERTMANAGERS_ADDRESS, spot, message, None);
        }
        let addresses = self.addresses(&fields);
        let files = self.files(&fields);
        if !addresses && !files {
            let message = "an Alertmanager without an address";
            self.strict.say(codes::NO_ALERTMANAGERS, spot, message, None);
        }
        if let Some(entry) = fields.get("http_config").filter(|entry| !self.strict.document.is_null(entry.value)) {
            self.http(entry.value);
        }
    }

    /// A text, if one is given that is not empty.
    fn text(&mut self, fields: &Fields, key: &str) -> Option<(Id, String)> {
        let entry = fields.get(key)?;
        let text = self.strict.text(entry)?;
        (!text.is_empty()).then_some((entry.value, text))
    }

    fn version(&mut self, fields: &Fields) {
        let Some(entry) = fields.get("api_version") else { return };
        let Some(version) = self.strict.text(entry).filter(|_| !self.strict.is_nothing(entry.value)) else { return };
        match version.as_str() {
            "v2" => {}
            "v1" => {
                let spot = self.strict.document.position(entry.value);
                let message = "`api_version` is v1, which Alertmanager has not had since 0.27";
                self.strict.say(codes::OLD_ALERTMANAGERS_API, spot, message, Some("write `api_version: v2`"));
            }
            _ => self.strict.wrong(entry.value, "`api_version` is v1 or v2"),
        }
    }

    /// Whether there are static addresses.
    fn addresses(&mut self, fields: &Fields) -> bool {
        let Some(entry) = fields.get("static_configs") else { return false };
        let items = self.strict.items(entry);
        for id in &items {
            let Some(address) = self.strict.plain(*id).map(str::to_owned) else {
                self.strict.wrong(*id, "a static address is a text: HOST:PORT, without `targets`");
                continue;
            };
            // Never quoted: what is wrong may be that a password stands in it.
            let why = if address.contains("://") {
                "a static address has no scheme; it stands in `scheme`"
            } else if address.contains('/') {
                "a static address has no path; it stands in `path_prefix`"
            } else if address.is_empty() {
                "a static address is empty"
            } else {
                continue;
            };
            self.strict.say(codes::DEAD_ALERTMANAGERS_ADDRESS, self.strict.document.position(*id), why, None);
        }
        !items.is_empty()
    }

    /// Whether there are files that name addresses.
    fn files(&mut self, fields: &Fields) -> bool {
        let Some(entry) = fields.get("file_sd_configs") else { return false };
        let items = self.strict.items(entry);
        for id in &items {
            let mut files = Vec::new();
            if !self.strict.document.is_null(*id) {
                let keys = ["files", "refresh_interval"];
                let Some(fields) = self.strict.fields(*id, &keys, "an item of `file_sd_configs`") else { continue };
                let before = self.strict.findings.len();
                if !self.strict.duration(&fields, "refresh_interval") && self.strict.findings.len() == before {
                    // Thanos writes the zero that stands for nothing over the default of Prometheus, and its ticker panics.
                    let message = "`file_sd_configs` needs `refresh_interval`: without one the ruler crashes";
                    let spot = self.strict.document.position(*id);
                    self.strict.say(
                        codes::WRONG_ALERTMANAGERS_VALUE,
                        spot,
                        message,
                        Some("write refresh_interval: 5m"),
                    );
                }
                files = fields.get("files").map(|entry| self.strict.items(entry)).unwrap_or_default();
            }
            if files.is_empty() {
                self.strict.wrong(*id, "`file_sd_configs` needs `files`, at least one");
            }
            for file in files {
                match self.strict.plain(file).map(is_file_name) {
                    Some(true) => {}
                    Some(false) => self.strict.wrong(
                        file,
                        "a file of `file_sd_configs` ends in .json, .yml or .yaml, and has at most one `*`, in its name",
                    ),
                    None => self.strict.wrong(file, "a file of `file_sd_configs` is a text"),
                }
            }
        }
        !items.is_empty()
    }

    fn http(&mut self, id: Id) {
        let Some(fields) = self.strict.fields(id, &HTTP_KEYS, "`http_config`") else { return };
        let token = self.text(&fields, "bearer_token");
        let token_file = self.text(&fields, "bearer_token_file");
        if let Some((id, url)) = self.text(&fields, "proxy_url") {
            self.proxy(id, &url);
        }
        let has_basic = self.basic(&fields);
        let mut clash = |id: Id, message: &str| {
            let spot = self.strict.document.position(id);
            self.strict.say(codes::WRONG_ALERTMANAGERS_CREDENTIALS, spot, message, None);
        };
        match (&token, &token_file) {
            (Some(_), Some((id, _))) => clash(*id, "both bearer_token and bearer_token_file"),
            (Some((id, _)), None) | (None, Some((id, _))) if has_basic => {
                clash(*id, "both basic_auth and a bearer token");
            }
            _ => {}
        }
        self.tls(&fields);
        let Some(entry) = self.given(&fields, "transport_config") else { return };
        let keys: Vec<&str> = TRANSPORT_NUMBERS.into_iter().chain([COMPRESSION]).collect();
        let Some(fields) = self.strict.fields(entry, &keys, "`transport_config`") else { return };
        for key in TRANSPORT_NUMBERS {
            self.strict.number(&fields, key);
        }
        self.strict.boolean(&fields, COMPRESSION);
    }

    /// The value of a key, if anything stands there.
    fn given(&self, fields: &Fields, key: &str) -> Option<Id> {
        fields.get(key).map(|entry| entry.value).filter(|id| !self.strict.document.is_null(*id))
    }

    /// Whether there is a user or a password.
    fn basic(&mut self, fields: &Fields) -> bool {
        let Some(id) = self.given(fields, "basic_auth") else { return false };
        let keys = ["username", "password", "password_file"];
        let Some(fields) = self.strict.fields(id, &keys, "`basic_auth`") else { return false };
        let given = keys.map(|key| self.text(&fields, key));
        if let [_, Some(_), Some((id, _))] = &given {
            let spot = self.strict.document.position(*id);
            let message = "both password and password_file";
            self.strict.say(codes::WRONG_ALERTMANAGERS_CREDENTIALS, spot, message, None);
        }
        given.iter().any(Option::is_some)
    }

    fn tls(&mut self, fields: &Fields) {
        let Some(id) = self.given(fields, "tls_config") else { return };
        let Some(fields) = self.strict.fields(id, &TLS_KEYS, "`tls_config`") else { return };
        self.text(&fields, "ca_file");
        self.text(&fields, "server_name");
        self.strict.boolean(&fields, "insecure_skip_verify");
        let (certificate, key) = (self.text(&fields, "cert_file"), self.text(&fields, "key_file"));
        if certificate.is_some() != key.is_some() {
            let spot = self.strict.document.position(id);
            let message = "a client certificate needs both cert_file and key_file";
            self.strict.say(codes::WRONG_ALERTMANAGERS_CREDENTIALS, spot, message, None);
        }
    }

    /// A proxy's URL. Never quoted, since a password may stand in it.
    fn proxy(&mut self, id: Id, url: &str) {
        let spot = self.strict.document.position(id);
        match proxy_url(url) {
            Proxy::Good => {}
            Proxy::Refused => self.strict.wrong(id, "`proxy_url` is no URL; write it as http://HOST:PORT"),
            Proxy::Dead => {
                let message = "`proxy_url` has no http:// or https:// before its host";
                self.strict.say(codes::DEAD_ALERTMANAGERS_ADDRESS, spot, message, None);
            }
        }
    }
}

const SHAPE: &str = "write it as\nalertmanagers:\n  - static_configs: [\"HOST:9093\"]";

/// What a proxy's URL is worth.
#[derive(Debug, PartialEq, Eq)]
enum Proxy {
    Good,
    /// Go takes it for a URL, and no proxy can be reached by it.
    Dead,
    Refused,
}

fn proxy_url(url: &str) -> Proxy {
    let authority =
        ["http://", "https://", "socks5://", "socks5h://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = authority else {
        // `host:port` is a scheme to Go, unless the host begins with a digit; everything else is a path.
        let first = url.split('/').next().unwrap_or_default();
        let is_scheme = url.starts_with(|c: char| c.is_ascii_alphabetic())
            && first
                .split(':')
                .next()
                .is_some_and(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
        let is_refused =
            url.contains(|c: char| c.is_control()) || (first.contains(':') && !is_scheme) || url.contains(": ");
        return if is_refused { Proxy::Refused } else { Proxy::Dead };
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (host, ""),
    };
    let fits =
        |c: char| !c.is_control() && !matches!(c, ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '%');
    let brackets =
        host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || !host.contains([':', '[', ']']));
    if !authority.chars().all(fits) || !brackets || !port.bytes().all(|digit| digit.is_ascii_digit()) {
        Proxy::Refused
    } else if host.is_empty() {
        Proxy::Dead
    } else {
        Proxy::Good
    }
}

/// Whether a path is one that file discovery takes: a known ending, and at most one `*`, in the last part.
fn is_file_name(path: &str) -> bool {
    let Some((stem, ending)) = path.rsplit_once('.') else { return false };
    let known = matches!(ending, "json" | "yml" | "yaml" | "JSON" | "YML" | "YAML");
    let stars = stem.split('*').collect::<Vec<_>>();
    known && !path.contains('\n') && stars.len() <= 2 && stars.get(1).is_none_or(|behind| !behind.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) -> String {
        let told = check_alertmanagers("f", text).into_iter().map(|finding| {
            let place = finding.place.map(|place| place.to_string()).unwrap_or_default();
            format!("{}[{}] {place} {}\n", finding.severity, finding.code, finding.message)
        });
        told.collect()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_secrets() {
        for (text, told) in [
            ("alerting: {}\n", "error[THC281] f:1:1 unknown key `alerting` in the configuration\n"),
            ("- a:9093\n", "error[THC280] f:1:1 the configuration is a mapping with the key `alertmanagers`\n"),
            (
                "alertmanagers:\n- static_configs: [{targets: ['a:9093']}]\n  timeout: 10\n",
                "error[THC283] f:2:20 a static address is a text: HOST:PORT, without `targets`\n\
                 error[THC283] f:3:12 `timeout`: `10` is no duration; write it as Prometheus does, such as 30d or 1h30m\n",
            ),
            (
                "alertmanagers:\n- static_configs: ['http://hunter2@a:9093']\n",
                "warning[THC285] f:2:20 a static address has no scheme; it stands in `scheme`\n",
            ),
            ("alertmanagers: []\n", "warning[THC286] f:1:1 no Alertmanager is configured\n"),
            ("# nothing\n", "warning[THC286] f:1:1 no Alertmanager is configured\n"),
            (
                "alertmanagers:\n- static_configs: [a:9093]\n  http_config:\n    basic_auth: {username: u, password: hunter2, password_file: p}\n",
                "error[THC284] f:4:65 both password and password_file\n",
            ),
        ] {
            assert_eq!(check(text), told, "{text}");
        }
        assert_eq!(check("alertmanagers:\n- static_configs: [dns+am.svc:9093]\n  scheme: https\n"), "");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(
            lines in prop::collection::vec("[ -]{0,6}(alertmanagers|static_configs|http_config|basic_auth|files|file_sd_configs|proxy_url|[a-z<&*]{0,3}):? ?[\\[{]?[a-z0-9:*/@.]{0,5}[\\]}]?", 0..8),
        ) {
            check_alertmanagers("f", &lines.join("\n"));
        }
    }
}
