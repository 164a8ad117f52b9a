//! What a provider's own library wants of values: names of buckets, endpoints, keys.
//!
//! Every check names what Thanos 0.42 calls: it pins minio-go 7.0.93, cos-go-sdk 0.7.66, aliyun-oss-go-sdk, bce-sdk-go,
//! huaweicloud-sdk-go-obs, oci-go-sdk 65 and azblob 1.6.1.

use base64::Engine as _;
use serde_json::Value as Json;

use super::super::codes;
use super::providers::Provider;
use super::reading::{Content, Fields, Reading};
use super::url::Url;

/// Tells what the provider's library would refuse.
pub(super) fn check(reading: &mut Reading<'_>, provider: &Provider, fields: &Fields) {
    let carried: &[&str] = match provider.name {
        "S3" => &["access_key", "session_token", "region"],
        "COS" => &["secret_id"],
        "ALIYUNOSS" => &["access_key_id"],
        "BOS" | "OBS" => &["access_key", "endpoint"],
        _ => &[],
    };
    for name in carried {
        if let Some((at, text)) = fields.text(name)
            && text.chars().any(|c| c.is_ascii_control() && c != '\t')
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
        && let Err(why) = s3_endpoint(endpoint)
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

/// minio-go, utils.go: `getEndpointURL`; s3utils: `IsValidDomain`.
fn s3_endpoint(endpoint: &str) -> Result<(), &'static str> {
    let url = Url::parse(&format!("https://{endpoint}"))?;
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
    if let Err(why) = service_account(account) {
        let message = format!("`config.service_account` holds no credentials of Google: {why}");
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message).hint =
            Some("it wants the content of the JSON file with the key, as a text of several lines (`|`)".to_owned());
    }
}

fn service_account(text: &str) -> Result<(), &'static str> {
    const KINDS: [&str; 5] = [
        "service_account",
        "authorized_user",
        "external_account",
        "external_account_authorized_user",
        "impersonated_service_account",
    ];
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
    let json: Json = serde_json::from_str(text).map_err(|_| "it is no JSON")?;
    let Json::Object(entries) = json else { return Err("it is no JSON object") };
    // Go matches names without regard to capitals; the last one counts.
    let named =
        |name: &str| entries.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let is_given = |name: &str| named(name).and_then(Json::as_str).is_some_and(|text| !text.is_empty());
    for name in TEXTS {
        if named(name).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err("one of its fields is no text");
        }
    }
    let is_texts =
        |value: &Json| value.as_array().is_some_and(|all| all.iter().all(|one| one.is_string() || one.is_null()));
    if named("delegates").is_some_and(|value| !value.is_null() && !is_texts(value)) {
        return Err("its `delegates` are no texts");
    }
    match named("type").and_then(Json::as_str) {
        None | Some("") => Err("it has no `type`"),
        Some("service_account") if !named("private_key").and_then(Json::as_str).is_some_and(has_pem) => {
            Err("its `private_key` is none in PEM")
        }
        Some("authorized_user") if !is_given("refresh_token") => Err("it has no `refresh_token`"),
        Some("external_account_authorized_user")
            if !["refresh_token", "token_url", "client_id", "client_secret"].into_iter().all(is_given)
                && !["token", "expiry"].into_iter().all(is_given) =>
        {
            Err("it wants `refresh_token`, `token_url`, `client_id` and `client_secret`, or `token` and `expiry`")
        }
        Some("external_account") if !["audience", "subject_token_type"].into_iter().all(is_given) => {
            Err("it wants `audience` and `subject_token_type`")
        }
        Some("external_account") if named("credential_source").is_none_or(|source| !source.is_object()) => {
            Err("it wants `credential_source`")
        }
        Some("impersonated_service_account")
            if !is_given("service_account_impersonation_url") || named("source_credentials").is_none() =>
        {
            Err("it wants `service_account_impersonation_url` and `source_credentials`")
        }
        Some(kind) if KINDS.contains(&kind) => Ok(()),
        Some(_) => Err("its `type` is unknown"),
    }
}

/// objstore, providers/azure; azblob: `ParseConnectionString`, `NewSharedKeyCredential`; azidentity: `validTenantID`.
fn azure(reading: &mut Reading<'_>, fields: &Fields) {
    if let Some((at, text)) = fields.text("storage_connection_string")
        && let Err(why) = connection_string(text)
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
        if let Err(why) = Url::parse(&format!("https://{account}.{endpoint}/{container}")) {
            let message = format!("`config`: account, endpoint and container make no URL: {why}");
            reading.tell(codes::OBJSTORE_ENDPOINT, at, message);
        }
    }
}

fn connection_string(text: &str) -> Result<(), &'static str> {
    let mut pairs = Vec::new();
    for part in text.trim_end_matches(';').split(';') {
        pairs.push(part.split_once('=').ok_or("it wants `NAME=VALUE` between semicolons")?);
    }
    let named = |name: &str| pairs.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value);
    if named("BlobEndpoint").or(named("AccountName")).is_none() {
        return Err("it wants AccountName or BlobEndpoint");
    }
    match (named("AccountName"), named("AccountKey"), named("SharedAccessSignature")) {
        (Some(_), Some(key), _) if !is_base64(key) => Err("its AccountKey is no base64"),
        (Some(_), Some(_), _) | (_, _, Some(_)) => Ok(()),
        _ => Err("it wants AccountKey with AccountName, or SharedAccessSignature"),
    }
}

/// Whether Go's standard decoder takes it, which passes over line breaks.
fn is_base64(text: &str) -> bool {
    const LENIENT: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(text.replace(['\r', '\n'], "")).is_ok()
}

/// ncw/swift, auth.go: `newAuth`.
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
        let read = Url::parse(&url).and_then(|_| match endpoint.contains("%25") {
            true => Err("its address has a zone"),
            false => Ok(()),
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
    let host = address.split(':').next().unwrap_or_default();
    let is_ip = host.parse::<std::net::Ipv4Addr>().is_ok();
    let asked = if is_ip { format!("{scheme}://{host}:1/{bucket}") } else { format!("{scheme}://{bucket}.{host}:1") };
    let read = if trimmed.is_empty() { Err("it has no host") } else { Url::of_http(&asked) };
    if let Err(why) = read {
        reading.tell(codes::OBJSTORE_ENDPOINT, at, format!("`config`: endpoint and bucket make no URL: {why}"));
    }
}

/// oci-go-sdk: `PrivateKeyFromBytes`.
fn oci(reading: &mut Reading<'_>, fields: &Fields) {
    if fields.text("provider").is_none_or(|(_, provider)| provider != "raw") {
        return;
    }
    if let Some((at, key)) = fields.text("privatekey")
        && !has_pem(key)
    {
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, "`config.privatekey` holds no key in PEM").hint =
            Some("it wants the content of the key's file, as a text of several lines (`|`)".to_owned());
    }
}

/// Whether a block in PEM stands in it: its two lines, and base64 between them.
fn has_pem(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_end);
    let Some(label) = lines.find_map(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----")) else {
        return false;
    };
    let end = format!("-----END {label}-----");
    let mut body = String::new();
    for line in lines {
        if line == end {
            return is_base64(&body);
        }
        if !line.contains(':') {
            body.push_str(line.trim());
        }
    }
    false
}
