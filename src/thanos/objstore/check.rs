//! A provider's fields, one by one and then against each other.

use serde_json::{Map, Value};

use super::super::thanos_version::ThanosVersion;
use super::providers::{Field, Kind, Need, Provider, Rule};
use super::{reference, units};
use crate::failure::Failure;
use crate::fleet::address::Host;
use crate::secret::{SecretReference, is_expanded};
use crate::settings::thanos::Duration;
use crate::text::{has_url_with_credentials, holds_credentials, nearest};

/// A field's name and what it is set to.
pub(super) type Entry = (&'static str, Setting);

/// What a field is set to.
#[derive(Debug, Clone)]
pub(super) enum Setting {
    Plain(Value),
    Secret { reference: SecretReference, lines: bool },
    Group(Vec<Entry>),
}

/// What `config` sets, in the order of the provider's fields; what is wrong with it is added to `failures`.
pub(super) fn entries(
    provider: &Provider,
    thanos: Option<ThanosVersion>,
    config: &Map<String, Value>,
    failures: &mut Vec<Failure>,
) -> Vec<Entry> {
    let entries = group("thanos.objstore.config", provider.fields, thanos, config, failures);
    for rule in provider.rules {
        if let Some((field, what)) = broken(rule, config) {
            let failure = Failure::new(format!("`thanos.objstore.config` of type {}: {what}", provider.name));
            failures.push(failure.at(["thanos", "objstore", "config"].into_iter().chain(field.split('.'))));
        }
    }
    entries
}

fn group(
    path: &str,
    fields: &[Field],
    thanos: Option<ThanosVersion>,
    config: &Map<String, Value>,
    failures: &mut Vec<Failure>,
) -> Vec<Entry> {
    for name in config.keys().filter(|name| !fields.iter().any(|field| field.name == name.as_str())) {
        let failure = Failure::new(format!("`{path}` has an unknown field `{name}`"));
        let failure = failure.at(path.split('.').chain([name.as_str()]));
        failures.push(match nearest(name, fields.iter().map(|field| field.name)) {
            Some(known) => failure.hint(format!("did you mean `{known}`?")),
            None => {
                let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                failure.hint(format!("the fields known here are {}", known.join(", ")))
            }
        });
    }
    let mut entries = Vec::new();
    for field in fields {
        let path = format!("{path}.{}", field.name);
        let wrong = |why: &str| Failure::new(format!("`{path}` {why}")).at(path.split('.'));
        match config.get(field.name).filter(|value| !value.is_null()) {
            None if field.need != Need::None => failures.push(wrong("is missing")),
            None => {}
            Some(_) if field.span.refusal(thanos).is_some() => {
                failures.extend(field.span.refusal(thanos).map(|why| wrong(&why)));
            }
            Some(Value::String(text)) if field.need != Need::None && text.is_empty() => {
                failures.push(wrong("is empty"));
            }
            Some(value) => match setting(&path, field.kind, thanos, value, failures) {
                Ok(setting) => entries.push((field.name, setting)),
                Err(why) => failures.push(wrong(&why)),
            },
        }
    }
    entries
}

/// The setting, or what is wrong with it in words that follow the field's path.
fn setting(
    path: &str,
    kind: Kind,
    thanos: Option<ThanosVersion>,
    value: &Value,
    failures: &mut Vec<Failure>,
) -> Result<Setting, String> {
    let text = || match value {
        Value::String(text) if is_expanded(text) => Err(EXPANDED.to_owned()),
        Value::String(text) if holds_credentials(text) => {
            Err("holds credentials, which do not belong into a settings file".to_owned())
        }
        Value::String(text) => Ok(text.as_str()),
        Value::Bool(_) | Value::Number(_) => Err("wants a text; put quotes around it".to_owned()),
        _ => Err("wants a text".to_owned()),
    };
    let whole = |least: Option<i64>| match (value.as_i64(), value.as_u64(), least) {
        (Some(number), _, Some(least)) if number < least => Err(format!("is less than {least}")),
        (None, None, _) => Err("wants a whole number, without quotes and units".to_owned()),
        _ => Ok(()),
    };
    match kind {
        Kind::Text => text().map(drop)?,
        Kind::Choice(words) | Kind::Word(words) => {
            let text = text()?;
            if !words.contains(&text) {
                let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
                return Err(format!("is none of {}", words.join(", ")));
            }
        }
        Kind::HostPort => host_port(text()?)?,
        Kind::Url => {
            let text = text()?;
            if !text.starts_with("http://") && !text.starts_with("https://") {
                return Err("is no URL; it starts with http:// or https://".to_owned());
            }
        }
        Kind::Bucket(also) => bucket(text()?, also)?,
        Kind::Secret => {
            return reference(value).map(|reference| Setting::Secret { reference, lines: false }).map_err(colon);
        }
        Kind::SecretDocument => {
            return reference(value).map(|reference| Setting::Secret { reference, lines: true }).map_err(colon);
        }
        Kind::Bool if !value.is_boolean() => return Err("wants true or false, without quotes".to_owned()),
        Kind::Bool => {}
        Kind::Int => whole(None)?,
        Kind::Count | Kind::SmallCount | Kind::Size | Kind::Unsigned(_) => whole(Some(0))?,
        Kind::Float if !value.is_number() => return Err("wants a number, without quotes".to_owned()),
        Kind::Float => {}
        Kind::Duration if value.as_i64() == Some(0) => {}
        Kind::Duration => drop(Duration::try_from(text()?.to_owned()).map_err(colon)?),
        Kind::GoDuration | Kind::UnitDuration => {
            let text = text()?;
            if text == "0" || text.contains(['d', 'w', 'y']) || Duration::try_from(text.to_owned()).is_err() {
                return Err("wants a duration as Go writes it, such as 90s or 1m30s".to_owned());
            }
        }
        Kind::Bytes => {
            if units::bytes(text()?).is_none() {
                return Err("wants a size with its unit, such as 250MB".to_owned());
            }
        }
        Kind::List => {
            let Value::Array(items) = value else { return Err("wants a list of texts".to_owned()) };
            for item in items {
                setting(path, Kind::Text, thanos, item, failures).map_err(|why| format!("has an entry that {why}"))?;
            }
        }
        Kind::Table => {
            let Value::Object(table) = value else { return Err("wants names with texts".to_owned()) };
            for (name, value) in table {
                // Free words, and no addresses: only a URL among them can carry credentials.
                let is_free = |text: &str| !is_expanded(text) && !has_url_with_credentials(text);
                if value.as_str().is_some_and(is_free) {
                    continue;
                }
                if let Err(why) = setting(path, Kind::Text, thanos, value, failures) {
                    return Err(format!("has an entry `{name}` that {why}"));
                }
            }
        }
        Kind::Group(fields) => {
            let Value::Object(config) = value else { return Err("wants fields of its own".to_owned()) };
            return Ok(Setting::Group(group(path, fields, thanos, config, failures)));
        }
    }
    Ok(Setting::Plain(value.clone()))
}

const EXPANDED: &str = "holds `$(NAME)`, which Thanos would replace by an environment variable";

/// The failure of a text in which Thanos would expand something.
pub(super) fn expanded(path: &str) -> Failure {
    Failure::new(format!("`{path}` {EXPANDED}")).at(path.split('.'))
}

fn colon(why: String) -> String {
    format!("is wrong: {why}")
}

fn host_port(text: &str) -> Result<(), String> {
    if text.contains("://") {
        return Err("has a scheme; write HOST:PORT, and `insecure: true` for plain HTTP".to_owned());
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bare = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    if bare || host.starts_with('-') || host.parse::<Host>().is_err() {
        return Err("is no HOST or HOST:PORT".to_owned());
    }
    match port {
        Some(port) if !port.parse::<u16>().is_ok_and(|port| port > 0) => Err("has no valid port".to_owned()),
        _ => Ok(()),
    }
}

fn bucket(text: &str, also: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-') || also.contains(c);
    let ends = |c: char| c.is_ascii_alphanumeric();
    if !(3..=63).contains(&text.len()) {
        return Err("is no name of a bucket: those have 3 to 63 characters".to_owned());
    }
    if !text.chars().all(fits) || !text.starts_with(ends) || !text.ends_with(ends) {
        return Err("is no name of a bucket: those have letters, digits, dots and dashes".to_owned());
    }
    match text.parse::<std::net::Ipv4Addr>() {
        Ok(_) => Err("is an IP address, which no bucket can be named".to_owned()),
        Err(_) => Ok(()),
    }
}

/// What is wrong between fields: the field to look at (empty when it is missing), and in words; `None` when the rule is
/// kept.
fn broken(rule: &Rule, config: &Map<String, Value>) -> Option<(&'static str, String)> {
    let at = |path: &str| {
        let mut names = path.split('.');
        let first = config.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    };
    let given = |path: &str| match at(path) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    };
    let missing = |names: &[&str]| {
        let missing: Vec<String> = names.iter().filter(|name| !given(name)).map(|name| format!("`{name}`")).collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    };
    match rule {
        Rule::Together(names) => {
            let first = names.iter().find(|name| given(name))?;
            missing(names).map(|names| (*first, format!("`{first}` is given without {names}")))
        }
        Rule::Exclusive(one, other) => {
            (given(one) && given(other)).then(|| (*other, format!("`{one}` and `{other}` exclude each other")))
        }
        Rule::When(name, value, names) => (at(name)?.as_str() == Some(value))
            .then(|| missing(names))?
            .map(|names| (*name, format!("`{name}: {value}` wants {names}"))),
        Rule::Without(name, names) => {
            (!given(name)).then(|| missing(names))?.map(|names| ("", format!("without `{name}` it wants {names}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectStore;
    use super::*;
    use crate::document;
    use crate::secret::{Secret, Secrets};
    use crate::settings::thanos::Objstore;

    fn described(text: &str) -> Result<super::super::Description, String> {
        let objstore: Objstore = document::read("test", text).unwrap();
        match objstore.check(None) {
            Ok(ObjectStore::Described(description)) => Ok(description),
            Ok(ObjectStore::Existing { .. }) => panic!("no description"),
            Err(failures) => Err(failures.to_string()),
        }
    }

    const KEYS: &str = "access_key: {env: A}, secret_key: {file: b}";

    #[test]
    fn an_s3_store_is_written_in_the_order_of_its_fields_and_no_text_can_be_misread() {
        let text = format!(
            "{{type: s3, prefix: eu/1, config: {{{KEYS}, insecure: true, endpoint: 'minio:9000', bucket: thanos}}}}"
        );
        let description = described(&text).unwrap();
        assert_eq!(description.secret_references().len(), 2);
        let mut secrets = Secrets::default();
        secrets.insert(SecretReference::Env("A".into()), Secret::new("user".into()).unwrap());
        secrets.insert(SecretReference::File("b".into()), Secret::new("p\"{{'\u{2028}".into()).unwrap());
        assert_eq!(
            description.yaml(&secrets).unwrap(),
            "type: S3\nconfig:\n  bucket: thanos\n  endpoint: \"minio:9000\"\n  access_key: \"user\"\n  \
             insecure: true\n  secret_key: \"p\\\"{{'\\u2028\"\nprefix: \"eu/1\"\n"
        );
    }

    #[test]
    fn what_thanos_would_refuse_is_refused_in_words() {
        for (config, said) in [
            ("S3, config: {bucket: thanos}", "config.endpoint` is missing"),
            ("S3, config: {bucket: ab, endpoint: x}", "3 to 63"),
            ("S3, config: {bucket: 10.0.0.1, endpoint: x}", "IP address"),
            ("S3, config: {bucket: abc, endpoint: 'http://minio:9000'}", "has a scheme"),
            ("S3, config: {bucket: abc, endpoint: 'minio/path'}", "no HOST"),
            ("S3, config: {bucket: abc, endpoint: '::1'}", "no HOST"),
            ("S3, config: {bucket: abc, endpoint: 'x:0'}", "no valid port"),
            ("S3, config: {bucket: abc, endpoint: x, acess_key: {env: A}}", "did you mean `access_key`?"),
            (
                "S3, config: {bucket: abc, endpoint: x, access_key: {env: A}}",
                "`access_key` is given without `secret_key`",
            ),
            ("S3, config: {bucket: abc, endpoint: x, insecure: 'true'}", "wants true or false"),
            ("S3, config: {bucket: abc, endpoint: x, part_size: 64MB}", "whole number"),
            ("S3, config: {bucket: abc, endpoint: x, region: 0755}", "put quotes"),
            ("S3, config: {bucket: abc, endpoint: x, region: 'a$(B)'}", "$(NAME)"),
            ("S3, config: {bucket: abc, endpoint: x, put_user_metadata: [a]}", "names with texts"),
            ("S3, config: {bucket: abc, endpoint: x, sse_config: {type: SSE-C}}", "`sse_config.encryption_key`"),
            ("S3, config: {bucket: abc, endpoint: x, http_config: {idle_conn_timeout: 90}}", "put quotes"),
            ("S3, config: {bucket: abc, endpoint: x, bucket_lookup_type: Auto}", "none of auto"),
            ("GCS, config: {bucket: abc, no_auth: true}", "unknown field"),
            ("AZURE, config: {container: c, storage_account: a, client_id: x}", "given without"),
            ("COS, config: {secret_id: {env: A}, secret_key: {env: A}}", "without `endpoint` it wants `bucket`"),
            ("COS, config: {secret_id: {env: A}, secret_key: {env: A}, endpoint: 'a:9'}", "is no URL"),
            ("S3, config: {bucket: abc, endpoint: 'user:hunter2@s3'}", "holds credentials"),
            (
                "S3, config: {bucket: abc, endpoint: x, put_user_metadata: {a: 'https://u:hunter2@h'}}",
                "holds credentials",
            ),
            ("S3, config: {bucket: abc, endpoint: x, sts_endpoint: 'https://user:hunter2@sts'}", "holds credentials"),
            ("OCI, config: {bucket: abc, compartment_ocid: x, provider: raw}", "wants `tenancy_ocid`"),
            ("FILESYSTEM", "config.directory` is missing"),
            ("FILESYSTEM, config: {directory: \"/a\\0b\"}", "`thanos.objstore.config.directory` holds a NUL"),
            (
                "BOS, config: {bucket: abc, endpoint: 'a:65536', access_key: {env: A}, secret_key: {env: B}}",
                "above 65535",
            ),
            (
                "OCI, config: {bucket: abc, compartment_ocid: c, provider: raw, tenancy_ocid: t, user_ocid: u, region: a b, fingerprint: f, privatekey: {env: A}}",
                "config.region` has a blank",
            ),
            (
                "SWIFT, config: {auth_url: 'http://a/v3', container_name: c, application_credential_name: a, application_credential_secret: {env: A}}",
                "without `user_id`",
            ),
            ("S33", "did you mean S3?"),
            ("S3, existingSecret: x", "both type and existingSecret"),
        ] {
            let failures = described(&format!("{{type: {config}}}")).unwrap_err();
            assert!(failures.contains(said) && !failures.contains("hunter2"), "{config}: {failures}");
        }
        let both = format!("{{type: S3, config: {{bucket: abc, endpoint: x, aws_sdk_auth: true, {KEYS}}}}}");
        assert!(described(&both).unwrap_err().contains("exclude each other"));
    }

    #[test]
    fn a_field_is_taken_by_the_versions_that_know_it() {
        let config = |field: &str| format!("{{type: S3, config: {{bucket: abc, endpoint: x, {field}}}}}");
        for (field, thanos, said) in [
            ("aws_sdk_auth: true", "0.24.0", Some("aws_sdk_auth` is known from Thanos 0.25.0 on, and this is 0.24.0")),
            ("aws_sdk_auth: true", "0.25.0", None),
            ("http_config: {tls_config: {ca_file: x}}", "0.24.0", Some("tls_config` is known from Thanos 0.25.0 on")),
            ("disable_dualstack: true", "0.35.1", Some("known from Thanos 0.36.0 on")),
            ("encrypt_sse: true", "0.14.0", None),
            ("encrypt_sse: true", "0.39.2", Some("was known before Thanos 0.15.0 only, and this is 0.39.2")),
        ] {
            let objstore: Objstore = document::read("test", &config(field)).unwrap();
            let told = objstore.check(Some(thanos.parse().unwrap())).err().map(|failures| failures.to_string());
            match said {
                Some(said) => assert!(told.as_deref().is_some_and(|told| told.contains(said)), "{field} {told:?}"),
                None => assert_eq!(told, None, "{field} {thanos}"),
            }
        }
        let objstore: Objstore = document::read("test", "{type: OCI, config: {provider: default}}").unwrap();
        let failures = objstore.check(Some("0.28.1".parse().unwrap())).unwrap_err().to_string();
        assert!(failures.contains("type OCI is known from Thanos 0.29.0 on"), "{failures}");
    }

    #[test]
    fn a_secret_in_the_open_is_refused_without_being_quoted() {
        for wrong in ["hunter2", "{env: [hunter2]}", "[hunter2]", "{hunter2: 1}"] {
            let text = format!(
                "{{type: S3, config: {{bucket: abc, endpoint: x, access_key: {wrong}, secret_key: {{env: B}}}}}}"
            );
            let failures = described(&text).unwrap_err();
            assert!(failures.contains("{env: NAME}") && !failures.contains("hunter2"), "{failures}");
        }
    }

    #[test]
    fn what_looks_like_a_reference_in_a_field_that_is_no_secret_is_data() {
        let text = format!(
            "{{type: S3, config: {{bucket: abc, endpoint: x, {KEYS}, put_user_metadata: {{env: A, file: b}}}}}}"
        );
        assert_eq!(described(&text).unwrap().secret_references().len(), 2);
    }

    #[test]
    fn a_service_account_keeps_its_lines() {
        let description = described("{type: GCS, config: {bucket: abc, service_account: {file: k}}}").unwrap();
        let mut secrets = Secrets::default();
        secrets.insert(SecretReference::File("k".into()), Secret::new("{\n  \"type\": \"x\"\n}\n".into()).unwrap());
        let read: Value = document::read("test", &description.yaml(&secrets).unwrap()).unwrap();
        assert_eq!(read["config"]["service_account"], "{\n  \"type\": \"x\"\n}");
    }
}
