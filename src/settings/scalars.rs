//! The values of the settings that have rules of their own: parsed once, then trusted.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use crate::text::{holds_credentials, without_credentials};

/// A flag of Thanos, `--NAME` or `--NAME=VALUE`. It has no blank and no `#`, since charts write it without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Flag(String);

impl Flag {
    /// The flag as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before `=`, without the dashes.
    pub fn name(&self) -> &str {
        let text = self.0.trim_start_matches('-');
        text.split_once('=').map_or(text, |(name, _)| name)
    }

    /// What stands behind `=`; `None` when there is none.
    pub fn value(&self) -> Option<&str> {
        self.0.split_once('=').map(|(_, value)| value)
    }
}

impl TryFrom<String> for Flag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let flag = Self(text);
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        };
        // Never quoted: a password may stand in it.
        if !flag.0.starts_with("--") || flag.0.starts_with("---") || !is_name(flag.name()) {
            return Err("that is no flag of Thanos; write it as --NAME or --NAME=VALUE".to_owned());
        }
        if flag.0.split_once('=').is_some_and(|(_, value)| holds_credentials(value)) {
            return Err(format!(
                "the flag --{} holds credentials, which do not belong into a settings file",
                flag.name()
            ));
        }
        if !flag.0.chars().all(|c| c.is_ascii_graphic() && c != '#') {
            return Err(format!(
                "the flag --{} holds a blank or another character that charts do not take",
                flag.name()
            ));
        }
        Ok(flag)
    }
}

/// An amount of a resource, as Kubernetes writes it: `500m`, `2`, `1Gi`. A number may stand without quotes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Quantity(String);

impl Quantity {
    /// The amount as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Value> for Quantity {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const SUFFIXES: [&str; 16] =
            ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return Err("that is no quantity; write it as Kubernetes does, such as 500m or 1Gi".to_owned()),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok();
        if !is_number || !SUFFIXES.contains(&suffix) {
            let text = without_credentials(&text);
            return Err(format!("`{text}` is no quantity; write it as Kubernetes does, such as 500m or 1Gi"));
        }
        Ok(Self(text))
    }
}

/// A node port, 1 to 65535. API servers allow 30000 to 32767 unless told otherwise (`--service-node-port-range`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct NodePort(u16);

impl NodePort {
    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Whether an API server with default settings would take it.
    pub fn is_in_default_range(self) -> bool {
        (30000..=32767).contains(&self.0)
    }
}

impl TryFrom<u64> for NodePort {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        match u16::try_from(number) {
            Ok(port) if port > 0 => Ok(Self(port)),
            _ => Err(format!(
                "{number} is no port; node ports are 30000 to 32767 unless the API server was told otherwise"
            )),
        }
    }
}

/// `[dns+|dnssrv+|dnssrvnoa+]http(s)://[USER:PASSWORD@]HOST[:PORT][/PREFIX]`, as `--alertmanagers.url` takes it
/// (thanos-io/thanos, docs/components/rule.md). Without a scheme Thanos takes the host for one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AlertmanagerUrl(String);

impl AlertmanagerUrl {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AlertmanagerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Never quoted: what is wrong may be that a password stands in it.
        let wrong = |why: &str| format!("the Alertmanager's URL {why}; write it as http://HOST:9093");
        let (prefix, url) = text.split_once('+').unwrap_or(("", text));
        if !matches!(prefix, "" | "dns" | "dnssrv" | "dnssrvnoa") {
            return Err(wrong("has a lookup that Thanos does not know"));
        }
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let rest = rest.ok_or_else(|| wrong("has no http:// or https://"))?;
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err(wrong("holds credentials, which do not belong into a values file"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        host.parse::<crate::fleet::address::Host>().map_err(|_| wrong("has no host"))?;
        if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err(wrong("has no valid port"));
        }
        let fits =
            |c: char| c.is_ascii_graphic() && !matches!(c, '{' | '}' | '"' | '\'' | '`' | '\\' | '<' | '>' | '|' | '^');
        if !text.chars().all(fits) {
            return Err(wrong("holds a character that a URL cannot have"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for AlertmanagerUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alertmanager_needs_a_scheme_and_a_host() {
        for text in [
            "http://prometheus-operator-alertmanager.monitoring.svc.cluster.local:9093",
            "https://alertmanager.example/prefix",
            "dnssrv+http://_web._tcp.alertmanager.monitoring.svc",
            "http://[2001:db8::1]:9093",
        ] {
            assert!(text.parse::<AlertmanagerUrl>().is_ok(), "{text}");
        }
        for text in [
            "alertmanager:9093",
            "ftp://x",
            "http://",
            "http://a b",
            "dns+alertmanager:9093",
            "http://x:port",
            "http://user:hunter2@x",
            "http://user:hunter2/hunter2@x:9093",
            "user:hunter2@x:9093",
            "hunter2+http://x",
            "http://x/{{ .Values.y }}?token=hunter2",
        ] {
            let error = text.parse::<AlertmanagerUrl>().unwrap_err();
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }
}
