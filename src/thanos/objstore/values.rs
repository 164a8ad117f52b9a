//! What a provider's own library wants of values: names of buckets, endpoints, keys.
//!
//! Every check names what Thanos 0.42 calls: it pins minio-go 7.0.93, cos-go-sdk 0.7.66, aliyun-oss-go-sdk, bce-sdk-go,
//! huaweicloud-sdk-go-obs, oci-go-sdk 65 and azblob 1.6.1.

use super::google;
use super::pem::{self, Key, is_base64};
use super::providers::Provider;
use super::reading::{Content, Fields, Reading};
use super::url::{BEYOND, Url, is_beyond};
use crate::findings::codes;

/// Tells what the provider's library would refuse.
pub(super) fn check(reading: &mut Reading<'_>, provider: &Provider, fields: &Fields) {
    let carried: &[&str] = match provider.name {
        "S3" => &["access_key", "session_token", "region"],
        "COS" => &["secret_id"],
        "ALIYUNOSS" => &["access_key_id"],
        "BOS" | "OBS" => &["access_key", "endpoint"],
        "OCI" => &["tenancy_ocid", "user_ocid", "fingerprint"],
        _ => &[],
    };
    // huaweicloud-sdk-go-obs takes blanks and line breaks away at both ends.
    let sent = |text| if provider.name == "OBS" { str::trim(text) } else { text };
    for name in carried {
        if let Some((at, text)) = fields.text(name)
            && sent(text).chars().any(|c| c.is_ascii_control() && c != '\t')
        {
            let message =
                format!("`config.{name}` has a line break or another control character, which no request can carry");
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message);
        }
    }
    match provider.name {
        "S3" => s3(reading, fields),
        "GCS" => gcs(reading, fields),
        "AZURE" => azure(reading, fields),
        "SWIFT" => swift(reading, fields),
        "COS" => cos(reading, fields),
        "ALIYUNOSS" => aliyun(reading, fields),
        "OBS" => obs(reading, fields),
        "OCI" => oci(reading, fields),
        "BOS" => bos(reading, fields),
        "FILESYSTEM" => filesystem(reading, fields),
        _ => {}
    }
    let (whole, inner) = ("http_config.insecure_skip_verify", "http_config.tls_config.insecure_skip_verify");
    if fields.is_given(inner)
        && !fields.is_given(whole)
        && !fields.is_unknown(whole)
        && let Some(held) = fields.get(inner)
    {
        let message =
            format!("`config.{inner}` has no effect: `config.{whole}` is put in its place, which is false here");
        reading.warn(codes::OBJSTORE_WITHOUT_EFFECT, held.at, message);
    }
}

fn s3(reading: &mut Reading<'_>, fields: &Fields) {
    let endpoint = fields.text("endpoint");
    if let Some((at, endpoint)) = endpoint
        && let Err(why) = s3_endpoint(endpoint, fields.is_given("region"))
    {
        reading
            .tell(codes::OBJSTORE_ENDPOINT, at, format!("`config.endpoint` is none that S3 clients take: {why}"))
            .hint = Some("write HOST or HOST:PORT; `insecure: true` chooses plain HTTP".to_owned());
    }
    if let Some((at, bucket)) = fields.text("bucket") {
        let is_aws = endpoint.is_some_and(|(_, endpoint)| endpoint.contains("amazonaws.com"));
        if let Err(why) = s3_bucket(bucket) {
            reading.tell(codes::OBJSTORE_BUCKET, at, format!("`config.bucket` is no name of a bucket: {why}"));
        } else if is_aws && bucket.contains(|c: char| c.is_ascii_uppercase() || matches!(c, '_' | ':')) {
            let message =
                "`config.bucket` has characters that Amazon takes in no new bucket's name: capitals, `_` or `:`";
            reading.warn(codes::OBJSTORE_BUCKET, at, message);
        }
    }
    if let Some(held) = fields.get("session_token")
        && fields.is_given("session_token")
        && !fields.is_given("access_key")
    {
        let message = "`config.session_token` has no effect without `access_key`";
        reading.warn(codes::OBJSTORE_WITHOUT_EFFECT, held.at, message);
    }
}

/// minio-go, utils.go: `getEndpointURL`; s3utils: `IsValidDomain`; api.go: `makeTargetURL`, which knows Amazon's hosts by
/// their region and then takes no port.
fn s3_endpoint(endpoint: &str, has_region: bool) -> Result<(), &'static str> {
    let url = Url::parse(&format!("https://{endpoint}"))?;
    if !url.host.contains("amazonaws.com") || (url.host == "s3.amazonaws.com" && !has_region) {
        url.check_port()?;
    }
    if !matches!(url.path.as_str(), "" | "/") {
        return Err("it has a scheme or a path");
    }
    let host = url.host.trim();
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    let wrong = |c: char| "`~!@#$%^&*()+={}[]|\\\"';:><?/".contains(c);
    if host.is_empty()
        || host.len() > 255
        || host.starts_with(['-', '_', '.'])
        || host.ends_with(['-', '_'])
        || host.contains(wrong)
    {
        return Err("its host follows no standard of addresses and domain names");
    }
    if host.contains(".s3.amazonaws.com") && !(host.starts_with("s3") && host.ends_with(".amazonaws.com")) {
        return Err("it names a bucket; of Amazon it is `s3.amazonaws.com` or that of a region");
    }
    if host.contains(".googleapis.com") && host != "storage.googleapis.com" {
        return Err("of Google it is `storage.googleapis.com`");
    }
    Ok(())
}

/// s3utils: `CheckValidBucketName`, which minio-go asks at the first request.
fn s3_bucket(bucket: &str) -> Result<(), &'static str> {
    if bucket.len() < 3 {
        return Err("it has fewer than 3 characters");
    }
    if bucket.len() > 63 {
        return Err("it has more than 63 characters");
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = bucket.split('.').collect();
    if parts.len() == 4 && parts.iter().all(|part| is_number(part)) {
        return Err("it is an IP address");
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let ends = |c: char| c.is_ascii_alphanumeric();
    if !bucket.chars().all(fits) || !bucket.starts_with(ends) || !bucket.ends_with(ends) {
        return Err("it wants letters, digits, `.`, `-`, `_` and `:`, and a letter or digit at both ends");
    }
    if ["..", ".-", "-."].iter().any(|pair| bucket.contains(pair)) {
        return Err("it has `..`, `.-` or `-.`");
    }
    Ok(())
}

/// golang.org/x/oauth2/google: `CredentialsFromJSON`.
fn gcs(reading: &mut Reading<'_>, fields: &Fields) {
    let Some((at, account)) = fields.text("service_account") else { return };
    if let Err(why) = google::credentials(account) {
        let message = format!("`config.service_account` holds no credentials of Google: {why}");
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message).hint =
            Some("it wants the content of the JSON file with the key, as a text of several lines (`|`)".to_owned());
    }
}

/// objstore, providers/azure; azblob: `ParseConnectionString`, `NewSharedKeyCredential`; azidentity: `validTenantID`.
fn azure(reading: &mut Reading<'_>, fields: &Fields) {
    if let Some((at, text)) = fields.text("storage_connection_string")
        && let Err(why) = connection_string(text, fields.text("container").map_or("", |(_, container)| container))
    {
        let message = format!("`config.storage_connection_string` is malformed: {why}");
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message);
    } else if let Some((at, key)) = fields.text("storage_account_key")
        && !is_base64(key)
    {
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, "`config.storage_account_key` is no base64");
    }
    if let Some((at, tenant)) = fields.text("az_tenant_id")
        && !tenant.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    {
        let message = "`config.az_tenant_id` is none: those have letters, digits, dots and dashes";
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message);
    }
    if let Some((at, endpoint)) = fields.text("endpoint")
        && endpoint.contains("://")
    {
        let message =
            "`config.endpoint` has a scheme; Thanos puts the account before it and would ask a host of that name";
        reading.warn(codes::OBJSTORE_ENDPOINT, at, message);
    }
    if !fields.is_given("storage_connection_string")
        && let (Some((_, account)), Some((at, container))) = (fields.text("storage_account"), fields.text("container"))
        && !fields.is_unknown("endpoint")
    {
        let (at, endpoint) = match fields.get("endpoint").map(|held| (held.at, &held.content)) {
            Some((at, Content::Text(endpoint))) => (at, endpoint.as_str()),
            Some((at, _)) => (at, ""),
            None => (at, "blob.core.windows.net"),
        };
        if let Err(why) = Url::of_http(&format!("https://{account}.{endpoint}/{container}")) {
            let message = format!("`config`: account, endpoint and container make no URL: {why}");
            reading.tell(codes::OBJSTORE_ENDPOINT, at, message);
        }
    }
}

fn connection_string(text: &str, container: &str) -> Result<(), &'static str> {
    let mut pairs = Vec::new();
    for part in text.trim_end_matches(';').split(';') {
        pairs.push(part.split_once('=').ok_or("it wants `NAME=VALUE` between semicolons")?);
    }
    let named = |name: &str| pairs.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value);
    if named("BlobEndpoint").or(named("AccountName")).is_none() {
        return Err("it wants AccountName or BlobEndpoint");
    }
    match (named("AccountName"), named("AccountKey"), named("SharedAccessSignature")) {
        (Some(_), Some(key), _) if !is_base64(key) => return Err("its AccountKey is no base64"),
        (Some(_), Some(_), _) | (_, _, Some(_)) => {}
        _ => return Err("it wants AccountKey with AccountName, or SharedAccessSignature"),
    }
    let url = match named("BlobEndpoint") {
        Some(endpoint) => endpoint.to_owned(),
        None => {
            let scheme = named("DefaultEndpointsProtocol").unwrap_or("https");
            let suffix = named("EndpointSuffix").unwrap_or("core.windows.net");
            format!("{scheme}://{}.blob.{suffix}", named("AccountName").unwrap_or_default())
        }
    };
    Url::of_http(&format!("{}/{container}", url.trim_end_matches('/'))).map(drop)
}

/// ncw/swift, auth.go: `newAuth`; auth_v3.go: `Request`.
fn swift(reading: &mut Reading<'_>, fields: &Fields) {
    let Some((at, url)) = fields.text("auth_url") else { return };
    if let Some(held) = fields.get("auth_version")
        && let Content::Number(version) = held.content
        && version != 0.0
    {
        if ![1.0, 2.0, 3.0].contains(&version) {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, held.at, "`config.auth_version` is none of 0, 1, 2, 3");
        }
    } else if !fields.is_unknown("auth_version") && !["v1", "v2", "v3"].iter().any(|version| url.contains(version)) {
        let message = "`config.auth_url` tells no version of the API, as `/v3` does, and `auth_version` is not given";
        reading.tell(codes::OBJSTORE_MISSING, at, message);
    }
    if let Err(why) = Url::of_http(url) {
        reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config.auth_url` is no URL of a server: {why}"));
    }
    if swift_version(fields, url) == Some(3) {
        swift_credential(reading, fields);
    }
}

/// The version of the API; `None` where it cannot be told.
fn swift_version(fields: &Fields, url: &str) -> Option<u8> {
    match fields.get("auth_version").map(|held| &held.content) {
        None | Some(Content::Nothing) => {}
        Some(Content::Number(0.0)) => {}
        Some(Content::Number(version)) => return (*version == 3.0).then_some(3),
        Some(_) => return None,
    }
    [3, 2, 1].into_iter().find(|version| url.contains(&format!("v{version}")))
}

/// An application credential that is named, and not told by its id, wants the user whom it belongs to; and a user who is
/// named wants a domain. Both are read from fields without `user_` in their names.
fn swift_credential(reading: &mut Reading<'_>, fields: &Fields) {
    let read = ["application_credential_id", "user_id", "username", "domain_id", "domain_name"];
    if read.iter().any(|name| fields.is_unknown(name)) {
        return;
    }
    let given = |name: &str| fields.is_given(name);
    let Some((at, _)) = fields.text("application_credential_name") else { return };
    if given("application_credential_id") || !given("application_credential_secret") || given("user_id") {
        return;
    }
    let missing = match given("username") {
        false => "`user_id`, or `username` with `domain_name` or `domain_id`",
        true if given("domain_id") || given("domain_name") => return,
        true => "`domain_name` or `domain_id` of its user; `user_domain_name` and `user_domain_id` are not read for it",
    };
    let message = format!("`config.application_credential_name` is given without {missing}");
    reading.tell(codes::OBJSTORE_MISSING, at, message).hint =
        Some("`application_credential_id` in place of the name needs no user".to_owned());
}

/// cos-go-sdk, cos.go: `NewBucketURL` and its checks at the first request.
fn cos(reading: &mut Reading<'_>, fields: &Fields) {
    for name in ["secret_id", "secret_key"] {
        if let Some((at, secret)) = fields.text(name)
            && (secret.starts_with(' ') || secret.ends_with(' '))
        {
            let message = format!("`config.{name}` begins or ends with a blank");
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message);
        }
    }
    if let Some((at, endpoint)) = fields.text("endpoint") {
        if let Err(why) = cos_endpoint(endpoint) {
            reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config.endpoint` is no URL of a bucket: {why}"));
        }
        return;
    }
    if fields.is_given("endpoint") {
        return;
    }
    if let Some((at, region)) = fields.text("region")
        && !region.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '1'))
    {
        reading.tell(
            codes::OBJSTORE_WRONG_VALUE,
            at,
            "`config.region` is no region: those have small letters and dashes",
        );
    }
    if let (Some((at, bucket)), Some((_, app))) = (fields.text("bucket"), fields.text("app_id"))
        && !is_cos_bucket(&format!("{bucket}-{app}"))
    {
        let message = "`config.bucket` and `app_id` are no bucket: small letters, digits and dashes, and a number";
        reading.tell(codes::OBJSTORE_BUCKET, at, message);
    }
}

/// cos-go-sdk, cos.go: `checkURL`. Of Tencent's own hosts the first name is that of the bucket.
fn cos_endpoint(endpoint: &str) -> Result<(), &'static str> {
    let url = Url::of_http(endpoint)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let is_tencents = url.host.ends_with(".myqcloud.com") || url.host.ends_with(".tencentcos.cn");
    if is_tencents && (!url.host.chars().all(fits) || url.host.starts_with('.') || url.host.contains("..")) {
        return Err("a host of Tencent has small letters, digits and dashes");
    }
    let host = url.host.strip_suffix(".myqcloud.com").or(url.host.strip_suffix(".tencentcos.cn"));
    let Some(labels) = host.map(|host| host.split('.').collect::<Vec<_>>()) else { return Ok(()) };
    let is_region = |label: &str| label.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '1'));
    match labels.as_slice() {
        [bucket @ .., "cos" | "cos-internal" | "cos-website" | "ci", region] if is_region(region) => match bucket {
            [] => Ok(()),
            [bucket] if is_cos_bucket(bucket) => Ok(()),
            _ => Err("before its service stands no name of a bucket with its number"),
        },
        _ => Ok(()),
    }
}

/// A name of small letters, digits and dashes, a dash, and the number of the account.
fn is_cos_bucket(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(name, number)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

/// aliyun-oss-go-sdk: `CheckBucketName`, `urlMaker.Init`.
fn aliyun(reading: &mut Reading<'_>, fields: &Fields) {
    if let Some((at, bucket)) = fields.text("bucket") {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(3..=63).contains(&bucket.len())
            || !bucket.chars().all(fits)
            || bucket.starts_with('-')
            || bucket.ends_with('-')
        {
            let message = "`config.bucket` is no name of a bucket: 3 to 63 small letters, digits and dashes";
            reading.tell(codes::OBJSTORE_BUCKET, at, message);
        }
    }
    if let Some((at, endpoint)) = fields.text("endpoint") {
        let is_url = endpoint.starts_with("http://") || endpoint.starts_with("https://");
        let url = if is_url { endpoint.to_owned() } else { format!("http://{endpoint}") };
        let read = Url::parse(&url).and_then(|url| match endpoint.contains("%25") {
            true => Err("its address has a zone"),
            false => url.check_port(),
        });
        if let Err(why) = read {
            reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config.endpoint` is no endpoint: {why}"));
        }
    }
}

/// huaweicloud-sdk-go-obs, conf.go: `initConfigWithDefault`, `prepareBaseURL`.
fn obs(reading: &mut Reading<'_>, fields: &Fields) {
    let (Some((at, endpoint)), Some((_, bucket))) = (fields.text("endpoint"), fields.text("bucket")) else { return };
    if bucket.trim().is_empty() {
        reading.tell(codes::OBJSTORE_BUCKET, at, "`config.bucket` is nothing but blanks");
    }
    let trimmed = endpoint.trim();
    let trimmed = trimmed.find('?').filter(|at| *at > 0).map_or(trimmed, |at| &trimmed[..at]).trim_end_matches('/');
    let (scheme, address) = match (trimmed.strip_prefix("https://"), trimmed.strip_prefix("http://")) {
        (Some(address), _) => ("https", address),
        (_, Some(address)) => ("http", address),
        _ => ("https", trimmed),
    };
    let parts: Vec<&str> = address.split(':').collect();
    let host = parts[0];
    // Go reads the port as a number; what is none, or does not fit, is as good as none.
    let port = match parts[..] {
        [_, port] => port.parse::<i64>().ok().filter(|port| *port != 0).unwrap_or(1),
        _ => 1,
    };
    let is_ip = host.parse::<std::net::Ipv4Addr>().is_ok();
    let asked =
        if is_ip { format!("{scheme}://{host}:{port}/{bucket}") } else { format!("{scheme}://{bucket}.{host}:{port}") };
    let read = if trimmed.is_empty() { Err("it has no host") } else { Url::of_http(&asked) };
    if let Err(why) = read {
        reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config`: endpoint and bucket make no URL: {why}"));
    }
}

/// bce-sdk-go, services/bos/api: `setUriAndEndpoint`; http: `Request.SetEndpoint`. What it does not know it dials.
fn bos(reading: &mut Reading<'_>, fields: &Fields) {
    let Some((at, endpoint)) = fields.text("endpoint") else { return };
    let address = endpoint.split_once("://").map_or(endpoint, |(_, address)| address);
    let port = address.rsplit_once(':').map_or("", |(_, port)| port);
    let why = match port {
        _ if address.is_empty() => "it has no host",
        port if is_beyond(port) => BEYOND,
        _ => return,
    };
    reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config.endpoint` is no endpoint: {why}"));
}

/// oci-go-sdk, common: `NewRawConfigurationProvider` and its checks, `PrivateKeyFromBytes`.
fn oci(reading: &mut Reading<'_>, fields: &Fields) {
    if fields.text("provider").is_none_or(|(_, provider)| provider != "raw") {
        return;
    }
    if let Some((at, region)) = fields.text("region") {
        // What stands in braces is the name of a parameter there, and vanishes.
        let parts: Vec<&str> = region.split('{').collect();
        let outside = parts[1..].iter().map(|part| part.split_once('}').map_or(*part, |(_, rest)| rest));
        let url = format!("https://objectstorage.{}{}.oraclecloud.com", parts[0], outside.collect::<String>());
        if region.contains(char::is_whitespace) {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, "`config.region` has a blank, which no region has");
        } else if let Err(why) = Url::of_http(&url) {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.region` makes no URL: {why}"));
        }
    }
    let Some((at, key)) = fields.text("privatekey") else { return };
    let why = match pem::key(key) {
        Some(Key::Rsa) => return,
        Some(Key::Encrypted) if fields.is_given("passphrase") => return,
        Some(Key::Encrypted) => "is encrypted, and `config.passphrase` is missing",
        Some(Key::Weak) => "has fewer than 1024 bits, with which no request is signed",
        Some(Key::Other) => "holds no RSA key",
        None => "holds no key in PEM",
    };
    reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.privatekey` {why}")).hint =
        Some("it wants the content of the key's file, as a text of several lines (`|`)".to_owned());
}

/// The limits of Linux for one name and for a whole path, in bytes (limits.h).
const NAME_MAX: usize = 255;
const PATH_MAX: usize = 4096;

/// objstore, providers/filesystem: `stat` of the directory.
fn filesystem(reading: &mut Reading<'_>, fields: &Fields) {
    let Some((at, directory)) = fields.text("directory") else { return };
    let why = if directory.contains('\0') {
        "holds a NUL, which no path can have"
    } else if directory.split('/').any(|name| name.len() > NAME_MAX) {
        "has a name of more than 255 bytes"
    } else if directory.len() >= PATH_MAX {
        "has more than 4095 bytes"
    } else {
        return;
    };
    reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.directory` {why}"));
}
