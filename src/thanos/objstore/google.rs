//! Credentials of Google in JSON: what golang.org/x/oauth2 0.36 (google, externalaccount, jwt) refuses before it asks
//! anybody, when they are read or when the first token is fetched.

use serde_json::{Map, Value};

use super::pem::{self, Key};
use super::url::Url;

type Checked = Result<(), String>;

/// Fields that hold a text; of another type Go refuses the whole.
const TEXTS: [&str; 19] = [
    "type",
    "client_email",
    "private_key_id",
    "private_key",
    "auth_uri",
    "token_uri",
    "project_id",
    "universe_domain",
    "client_secret",
    "client_id",
    "refresh_token",
    "audience",
    "subject_token_type",
    "token_url",
    "token_info_url",
    "service_account_impersonation_url",
    "quota_project_id",
    "workforce_pool_user_project",
    "revoke_url",
];

/// Checks credentials as they stand in a file; what is wrong quotes none of it.
pub(super) fn credentials(text: &str) -> Checked {
    let json: Value = serde_json::from_str(text).map_err(|_| "it is no JSON")?;
    match json {
        Value::Object(entries) => Account(&entries).check(),
        _ => Err("it is no JSON object".to_owned()),
    }
}

/// An object of JSON as Go reads it into a struct: names in any case, and the last one counts.
struct Account<'a>(&'a Map<String, Value>);

impl Account<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// The text of a field; empty when it is not there.
    fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| !self.text(name).is_empty())
    }

    fn object(&self, name: &str) -> Option<Account<'_>> {
        self.get(name).and_then(Value::as_object).map(Account)
    }

    fn check(&self) -> Checked {
        self.types()?;
        self.source()
    }

    fn types(&self) -> Checked {
        if let Some(name) = TEXTS.iter().find(|name| self.get(name).is_some_and(|value| !value.is_string())) {
            return Err(format!("its `{name}` is no text"));
        }
        let is_texts =
            |value: &Value| value.as_array().is_some_and(|all| all.iter().all(|one| one.is_string() || one.is_null()));
        if self.get("delegates").is_some_and(|value| !is_texts(value)) {
            return Err("its `delegates` are no texts".to_owned());
        }
        for name in ["credential_source", "source_credentials"] {
            if self.get(name).is_some_and(|value| !value.is_object()) {
                return Err(format!("its `{name}` is no object"));
            }
        }
        self.object("source_credentials").map_or(Ok(()), |inner| inner.types())
    }

    /// From where a token comes.
    fn source(&self) -> Checked {
        match self.text("type") {
            "" => Err("it has no `type`".to_owned()),
            "service_account" | "gdch_service_account" => {
                self.private_key()?;
                self.url("token_uri", Needed::No)
            }
            "authorized_user" => {
                self.wants(&["refresh_token"])?;
                self.url("token_uri", Needed::No)
            }
            "external_account" => {
                self.wants(&["audience", "subject_token_type"])?;
                self.workforce()?;
                self.subject()?;
                self.url("token_url", Needed::No)?;
                self.url("service_account_impersonation_url", Needed::No)
            }
            "external_account_authorized_user" if self.has(&["token", "expiry"]) => Ok(()),
            "external_account_authorized_user" => {
                let fields = ["refresh_token", "token_url", "client_id", "client_secret"];
                if !self.has(&fields) {
                    let message = "it wants `refresh_token`, `token_url`, `client_id` and `client_secret`, or `token` \
                                   and `expiry`";
                    return Err(message.to_owned());
                }
                self.url("token_url", Needed::Yes)
            }
            "impersonated_service_account" => {
                self.wants(&["service_account_impersonation_url"])?;
                let source = self.object("source_credentials").ok_or("it has no `source_credentials`")?;
                source.source().map_err(|why| format!("of its `source_credentials`: {why}"))?;
                self.url("service_account_impersonation_url", Needed::Yes)
            }
            _ => Err("its `type` is unknown".to_owned()),
        }
    }

    fn wants(&self, names: &[&str]) -> Checked {
        match names.iter().find(|name| self.text(name).is_empty()) {
            Some(missing) => Err(format!("it has no `{missing}`")),
            None => Ok(()),
        }
    }

    /// x/oauth2, internal: `ParseKey`; what is encrypted it cannot open.
    fn private_key(&self) -> Checked {
        match pem::key(self.text("private_key")) {
            Some(Key::Rsa) => Ok(()),
            Some(Key::Weak) => Err("its `private_key` has fewer than 1024 bits".to_owned()),
            Some(Key::Encrypted) => Err("its `private_key` is encrypted".to_owned()),
            Some(Key::Other) => Err("its `private_key` is no RSA key".to_owned()),
            None => Err("its `private_key` is none in PEM".to_owned()),
        }
    }

    /// A URL that a token is fetched from; an empty one means that of Google where it is not needed.
    fn url(&self, name: &str, needed: Needed) -> Checked {
        match (self.text(name), needed) {
            ("", Needed::No) => Ok(()),
            (url, _) => Url::of_http(url).map(drop).map_err(|why| format!("its `{name}` is no URL: {why}")),
        }
    }

    fn workforce(&self) -> Checked {
        let is_pool = |audience: &str| {
            let location = audience.split_once("//iam.googleapis.com/locations/").map(|(_, rest)| rest);
            location
                .and_then(|rest| rest.split_once('/'))
                .is_some_and(|(name, rest)| !name.is_empty() && rest.starts_with("workforcePools/"))
        };
        match self.text("workforce_pool_user_project") {
            "" => Ok(()),
            _ if is_pool(self.text("audience")) => Ok(()),
            _ => Err("it has `workforce_pool_user_project`, and its `audience` is no workforce pool".to_owned()),
        }
    }

    /// Where the token that is exchanged comes from (externalaccount: `Config.parse`).
    fn subject(&self) -> Checked {
        const NONE: &str = "its `credential_source` names no `file`, `url`, `executable`, or `environment_id: aws1`";
        let source = self.object("credential_source").ok_or(NONE)?;
        let environment = source.text("environment_id");
        if let Some(version) = environment.strip_prefix("aws").filter(|version| !version.is_empty()) {
            return match version.parse() {
                Ok(1) => Ok(()),
                Ok::<i64, _>(_) => Err("its `environment_id` is none that is known: aws1".to_owned()),
                Err(_) => Err(NONE.to_owned()),
            };
        }
        let format = source.object("format");
        let format = format.as_ref().map_or("", |format| format.text("type"));
        if source.has(&["file"]) || source.has(&["url"]) {
            if !source.has(&["file"]) {
                source.url("url", Needed::Yes).map_err(|why| format!("of its `credential_source`: {why}"))?;
            }
            return match format {
                "" | "text" | "json" => Ok(()),
                _ => Err("the format of its `credential_source` is none of text and json".to_owned()),
            };
        }
        match source.object("executable") {
            Some(executable) if executable.has(&["command"]) => Ok(()),
            Some(_) => Err("the `executable` of its `credential_source` has no `command`".to_owned()),
            None => Err(NONE.to_owned()),
        }
    }
}

/// Whether a URL may be left out.
#[derive(Debug, Clone, Copy)]
enum Needed {
    Yes,
    No,
}
