//! What each provider's configuration may hold, as data (thanos-io/objstore, client/factory.go and providers/*), and which
//! versions of Thanos know it (the same files at every tag of thanos-io/thanos since 0.8, with the objstore that it pins).

use super::super::thanos_version::ThanosVersion;

/// What a field holds. Behind each stand the words of its check, so that settings and whole documents agree.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// One of these words, spelled exactly so.
    Choice(&'static [&'static str]),
    /// One of these words, in small or capital letters.
    Word(&'static [&'static str]),
    /// `host[:port]`, without scheme and path.
    HostPort,
    /// A URL, scheme included.
    Url,
    /// The name of a bucket; the characters besides letters, digits, `.` and `-` that may be in it.
    Bucket(&'static str),
    /// A secret of one line.
    Secret,
    /// A secret of several lines: a key in PEM, a service account in JSON.
    SecretDocument,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number, which Thanos refuses below zero.
    Count,
    /// A [`Kind::Count`] of 32 bits.
    SmallCount,
    /// A whole number that means nothing below zero, though Thanos takes it.
    Size,
    /// A whole number that Go holds without a sign, in as many bits.
    Unsigned(u32),
    /// A number.
    Float,
    /// A duration as Prometheus writes it.
    Duration,
    /// A duration as Go writes it: no days, and a bare number means nanoseconds.
    GoDuration,
    /// A [`Kind::GoDuration`] that wants its unit: what yaml.v3 decodes.
    UnitDuration,
    /// A number of bytes with its unit, such as `250MB`.
    Bytes,
    /// Texts.
    List,
    /// Texts under names of the user's own.
    Table,
    /// Fields of its own.
    Group(&'static [Field]),
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It may.
    None,
    /// Thanos starts without it, and then works with nothing.
    ToWork,
    /// Thanos refuses to start without it.
    ToStart,
}

/// One field of a configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
    pub(super) span: Span,
}

/// The versions of Thanos that know something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first that does; `None` when all did since 0.8.
    pub(super) since: Option<ThanosVersion>,
    /// The first that does no longer.
    pub(super) until: Option<ThanosVersion>,
}

impl Span {
    pub(super) const ALL: Self = Self { since: None, until: None };

    pub(super) const fn since(minor: u32, patch: u32) -> Self {
        Self { since: Some(ThanosVersion::new(0, minor, patch)), until: None }
    }

    /// Why `version` does not know it, in words that follow its name; `None` when it does. Without a version the newest
    /// is meant.
    pub(super) fn refusal(self, version: Option<ThanosVersion>) -> Option<String> {
        let told = version.map_or_else(String::new, |version| format!(", and this is {version}"));
        match (self.since, self.until) {
            (Some(since), _) if version.is_some_and(|version| version < since) => {
                Some(format!("is known from Thanos {since} on{told}"))
            }
            (_, Some(until)) if version.is_none_or(|version| version >= until) => {
                Some(format!("was known before Thanos {until} only{told}"))
            }
            _ => None,
        }
    }
}

/// What must hold between fields; a field is given when it is there and not `false` or empty.
#[derive(Debug)]
pub(super) enum Rule {
    /// All or none of them.
    Together(&'static [&'static str]),
    /// Not both.
    Exclusive(&'static str, &'static str),
    /// When a field has this value, the others are wanted.
    When(&'static str, &'static str, &'static [&'static str]),
    /// When a field is not given, the others are wanted.
    Without(&'static str, &'static [&'static str]),
}

/// What Thanos does with a field that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It refuses to start.
    Refused,
    /// It ignores it in silence.
    Ignored,
}

/// A provider: its name as Thanos spells it, its fields in the order in which they are written.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    pub(super) span: Span,
    pub(super) unknown: Unknown,
    pub(super) fields: &'static [Field],
    pub(super) rules: &'static [Rule],
}

impl Field {
    /// Known from Thanos 0.`minor`.0 on.
    pub(super) const fn since(self, minor: u32) -> Self {
        self.since_patch(minor, 0)
    }

    /// Known from Thanos 0.`minor`.`patch` on.
    const fn since_patch(self, minor: u32, patch: u32) -> Self {
        Self { span: Span { since: Some(ThanosVersion::new(0, minor, patch)), until: self.span.until }, ..self }
    }

    /// Gone with Thanos 0.`minor`.0.
    pub(super) const fn until(self, minor: u32) -> Self {
        Self { span: Span { since: self.span.since, until: Some(ThanosVersion::new(0, minor, 0)) }, ..self }
    }
}

pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::None, span: Span::ALL }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::ToStart, span: Span::ALL }
}

const fn needed(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, need: Need::ToWork, span: Span::ALL }
}

use Kind::{
    Bool, Bucket, Choice, Count, Duration, GoDuration, Group, HostPort, Int, Secret, SecretDocument, Size, SmallCount,
    Table, Text, Unsigned, Url, Word,
};
use Rule::{Exclusive, Together, When, Without};

const TLS_CONFIG: Kind = Group(&[
    field("ca_file", Text),
    field("cert_file", Text),
    field("key_file", Text),
    field("server_name", Text),
    field("insecure_skip_verify", Bool),
]);

/// What most providers share since 0.28.
const SHARED_HTTP: &[Field] = &[
    field("idle_conn_timeout", Duration),
    field("response_header_timeout", Duration),
    field("insecure_skip_verify", Bool),
    field("tls_handshake_timeout", Duration),
    field("expect_continue_timeout", Duration),
    field("max_idle_conns", Int),
    field("max_idle_conns_per_host", Int),
    field("max_conns_per_host", Int),
    field("tls_config", TLS_CONFIG),
    field("disable_compression", Bool),
];

const HTTP_CONFIG: Field = field("http_config", Group(SHARED_HTTP));

const TLS_RULE: Rule = Together(&["http_config.tls_config.cert_file", "http_config.tls_config.key_file"]);

/// Every provider that Thanos knows.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        name: "S3",
        span: Span::ALL,
        unknown: Unknown::Refused,
        fields: &[
            required("bucket", Bucket("_:")),
            required("endpoint", HostPort),
            field("region", Text),
            field("disable_dualstack", Bool).since(36),
            field("aws_sdk_auth", Bool).since(25),
            field("access_key", Secret),
            field("insecure", Bool),
            field("signature_version2", Bool),
            field("secret_key", Secret),
            field("session_token", Secret).since(31),
            field("put_user_metadata", Table),
            field(
                "http_config",
                Group(&[
                    field("idle_conn_timeout", Duration),
                    field("response_header_timeout", Duration),
                    field("insecure_skip_verify", Bool),
                    field("tls_handshake_timeout", Duration).since(19),
                    field("expect_continue_timeout", Duration).since(19),
                    field("max_idle_conns", Int).since(19),
                    field("max_idle_conns_per_host", Int).since(19),
                    field("max_conns_per_host", Int).since(19),
                    field("tls_config", TLS_CONFIG).since(25),
                    field("disable_compression", Bool).since(28),
                ]),
            ),
            field("trace", Group(&[field("enable", Bool)])),
            field("list_objects_version", Choice(&["", "v1", "v2"])).since(17),
            field("bucket_lookup_type", Choice(&["auto", "virtual-hosted", "path"])).since(27),
            field("send_content_md5", Bool).since(33),
            field("disable_multipart", Bool).since(36),
            field("part_size", Unsigned(64)),
            field(
                "sse_config",
                Group(&[
                    field("type", Choice(&["", "SSE-S3", "SSE-KMS", "SSE-C"])),
                    field("kms_key_id", Text),
                    field("kms_encryption_context", Table),
                    field("encryption_key", Text),
                ]),
            )
            .since(15),
            field("encrypt_sse", Bool).until(15),
            field("sts_endpoint", Text).since(24),
            field("max_retries", Int).since(37),
        ],
        rules: &[
            Together(&["access_key", "secret_key"]),
            Exclusive("aws_sdk_auth", "access_key"),
            When("sse_config.type", "SSE-KMS", &["sse_config.kms_key_id"]),
            When("sse_config.type", "SSE-C", &["sse_config.encryption_key"]),
            TLS_RULE,
        ],
    },
    Provider {
        name: "GCS",
        span: Span::ALL,
        unknown: Unknown::Refused,
        fields: &[
            required("bucket", Bucket("_")),
            field("service_account", SecretDocument),
            field("use_grpc", Bool).since(35),
            field("grpc_conn_pool_size", Size).since(35),
            HTTP_CONFIG.since(35),
            field("chunk_size_bytes", Size).since(37),
            field("max_retries", Int).since(37),
        ],
        rules: &[TLS_RULE],
    },
    Provider {
        name: "AZURE",
        span: Span::ALL,
        unknown: Unknown::Refused,
        fields: &[
            field("az_tenant_id", Text).since(40),
            field("client_id", Text).since(40),
            field("client_secret", Secret).since(40),
            required("storage_account", Text),
            field("storage_account_key", Secret),
            field("storage_connection_string", Secret).since_patch(32, 3),
            field("storage_create_container", Bool).since(36),
            required("container", Text),
            field("endpoint", HostPort),
            field("user_assigned_id", Text).since(24),
            field("max_retries", Int),
            field("reader_config", Group(&[field("max_retry_requests", Count)])).since(22),
            field(
                "pipeline_config",
                Group(&[
                    field("max_tries", SmallCount),
                    field("try_timeout", Duration),
                    field("retry_delay", Duration),
                    field("max_retry_delay", Duration),
                ]),
            )
            .since(22),
            field(
                "http_config",
                Group(&[
                    field("idle_conn_timeout", Duration),
                    field("response_header_timeout", Duration),
                    field("insecure_skip_verify", Bool),
                    field("tls_handshake_timeout", Duration),
                    field("expect_continue_timeout", Duration),
                    field("max_idle_conns", Int),
                    field("max_idle_conns_per_host", Int),
                    field("max_conns_per_host", Int),
                    field("tls_config", TLS_CONFIG).since(25),
                    field("disable_compression", Bool),
                ]),
            )
            .since(22),
            field("msi_resource", Text).since(22),
        ],
        rules: &[
            Together(&["az_tenant_id", "client_id", "client_secret"]),
            Exclusive("storage_account_key", "storage_connection_string"),
            Exclusive("user_assigned_id", "storage_account_key"),
            Exclusive("user_assigned_id", "storage_connection_string"),
            Exclusive("user_assigned_id", "client_id"),
            TLS_RULE,
        ],
    },
    Provider {
        name: "SWIFT",
        span: Span::ALL,
        unknown: Unknown::Refused,
        fields: &[
            field("auth_version", Size).since(18),
            required("auth_url", Url),
            field("username", Text),
            field("user_domain_name", Text),
            field("user_domain_id", Text),
            field("user_id", Text),
            field("password", Secret),
            field("domain_id", Text),
            field("domain_name", Text),
            field("application_credential_id", Text).since(30),
            field("application_credential_name", Text).since(30),
            field("application_credential_secret", Secret).since(30),
            field("project_id", Text),
            field("project_name", Text),
            field("project_domain_id", Text),
            field("project_domain_name", Text),
            field("region_name", Text),
            needed("container_name", Text),
            field("large_object_chunk_size", Size).since(18),
            field("large_object_segments_container_name", Text).since(18),
            field("retries", Int).since(18),
            field("connect_timeout", Duration).since(18),
            field("timeout", Duration).since(18),
            field("use_dynamic_large_objects", Bool).since(18),
            HTTP_CONFIG.since(35),
        ],
        rules: &[TLS_RULE],
    },
    Provider {
        name: "COS",
        span: Span::ALL,
        unknown: Unknown::Ignored,
        fields: &[
            field("bucket", Bucket("")),
            field("region", Text),
            field("app_id", Text),
            field("endpoint", Url).since(25),
            required("secret_key", Secret),
            required("secret_id", Secret),
            field("max_retries", Int).since(37),
            field(
                "http_config",
                Group(&[
                    field("idle_conn_timeout", Duration),
                    field("response_header_timeout", Duration),
                    field("insecure_skip_verify", Bool).since(28),
                    field("tls_handshake_timeout", Duration),
                    field("expect_continue_timeout", Duration),
                    field("max_idle_conns", Int),
                    field("max_idle_conns_per_host", Int),
                    field("max_conns_per_host", Int),
                    field("tls_config", TLS_CONFIG).since(28),
                    field("disable_compression", Bool).since(28),
                ]),
            )
            .since(23),
        ],
        rules: &[Without("endpoint", &["bucket", "region", "app_id"]), TLS_RULE],
    },
    Provider {
        name: "ALIYUNOSS",
        span: Span::since(9, 0),
        unknown: Unknown::Ignored,
        fields: &[
            required("endpoint", Text),
            required("bucket", Bucket("")),
            required("access_key_id", Secret),
            required("access_key_secret", Secret),
        ],
        rules: &[],
    },
    Provider {
        name: "BOS",
        span: Span::since(23, 0),
        unknown: Unknown::Ignored,
        fields: &[
            required("bucket", Bucket("")),
            required("endpoint", Text),
            required("access_key", Secret),
            required("secret_key", Secret),
        ],
        rules: &[],
    },
    Provider {
        name: "OBS",
        span: Span::since(32, 0),
        unknown: Unknown::Refused,
        fields: &[
            required("bucket", Bucket("")),
            required("endpoint", Text),
            required("access_key", Secret),
            required("secret_key", Secret),
            field("max_retries", Int).since(37),
            HTTP_CONFIG,
        ],
        rules: &[TLS_RULE],
    },
    Provider {
        name: "OCI",
        span: Span::since(29, 0),
        unknown: Unknown::Ignored,
        fields: &[
            required("provider", Word(&["default", "instance-principal", "raw", "oke-workload-identity"])),
            needed("bucket", Bucket("_")),
            needed("compartment_ocid", Text),
            field("tenancy_ocid", Text),
            field("user_ocid", Text),
            field("region", Text),
            field("fingerprint", Text),
            field("privatekey", SecretDocument),
            field("passphrase", Secret),
            field("part_size", Int),
            field("max_request_retries", Int),
            field("request_retry_interval", Int),
            field(
                "http_config",
                Group(&[
                    field("idle_conn_timeout", Duration),
                    field("response_header_timeout", Duration),
                    field("insecure_skip_verify", Bool),
                    field("tls_handshake_timeout", Duration),
                    field("expect_continue_timeout", Duration),
                    field("max_idle_conns", Int),
                    field("max_idle_conns_per_host", Int),
                    field("max_conns_per_host", Int),
                    field("disable_compression", Bool),
                    field("client_timeout", GoDuration),
                ]),
            ),
        ],
        rules: &[When("provider", "raw", &["tenancy_ocid", "user_ocid", "region", "fingerprint", "privatekey"])],
    },
    Provider {
        name: "FILESYSTEM",
        span: Span::since(9, 0),
        unknown: Unknown::Ignored,
        fields: &[required("directory", Text)],
        rules: &[],
    },
];
