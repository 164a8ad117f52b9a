//! What each provider's configuration may hold, as data (thanos-io/objstore, client/factory.go and providers/*).
//!
//! Some providers ignore a field that they do not know (COS, ALIYUNOSS, BOS, OCI, FILESYSTEM); here all are strict,
//! since a field that is ignored in silence is a typing error that nobody sees.

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
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
    /// A whole number, zero or more.
    Count,
    /// A duration as Prometheus writes it.
    Duration,
    /// A duration as Go writes it: no days, no bare number (which would be nanoseconds).
    GoDuration,
    /// Texts under names of the user's own.
    Table,
    /// Fields of its own.
    Group(&'static [Field]),
}

/// One field of a configuration.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
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

/// A provider: its name as Thanos spells it, its fields in the order in which they are written.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) rules: &'static [Rule],
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

use Kind::{
    Bool, Bucket, Choice, Count, Duration, GoDuration, Group, HostPort, Int, Secret, SecretDocument, Table, Text, Url,
};
use Rule::{Exclusive, Together, When, Without};

const TLS_CONFIG: Kind = Group(&[
    field("ca_file", Text),
    field("cert_file", Text),
    field("key_file", Text),
    field("server_name", Text),
    field("insecure_skip_verify", Bool),
]);

const HTTP_CONFIG: Field = field(
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
        field("tls_config", TLS_CONFIG),
        field("disable_compression", Bool),
    ]),
);

/// Every provider that Thanos knows.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        name: "S3",
        fields: &[
            required("bucket", Bucket("_:")),
            required("endpoint", HostPort),
            field("region", Text),
            field("disable_dualstack", Bool),
            field("aws_sdk_auth", Bool),
            field("access_key", Secret),
            field("insecure", Bool),
            field("signature_version2", Bool),
            field("secret_key", Secret),
            field("session_token", Secret),
            field("put_user_metadata", Table),
            HTTP_CONFIG,
            field("trace", Group(&[field("enable", Bool)])),
            field("list_objects_version", Choice(&["", "v1", "v2"])),
            field("bucket_lookup_type", Choice(&["auto", "virtual-hosted", "path"])),
            field("send_content_md5", Bool),
            field("disable_multipart", Bool),
            field("part_size", Count),
            field(
                "sse_config",
                Group(&[
                    field("type", Choice(&["", "SSE-S3", "SSE-KMS", "SSE-C"])),
                    field("kms_key_id", Text),
                    field("kms_encryption_context", Table),
                    field("encryption_key", Text),
                ]),
            ),
            field("sts_endpoint", Text),
            field("max_retries", Int),
        ],
        rules: &[
            Together(&["access_key", "secret_key"]),
            Exclusive("aws_sdk_auth", "access_key"),
            When("sse_config.type", "SSE-KMS", &["sse_config.kms_key_id"]),
            When("sse_config.type", "SSE-C", &["sse_config.encryption_key"]),
        ],
    },
    Provider {
        name: "GCS",
        fields: &[
            required("bucket", Bucket("_")),
            field("service_account", SecretDocument),
            field("use_grpc", Bool),
            field("grpc_conn_pool_size", Count),
            HTTP_CONFIG,
            field("chunk_size_bytes", Count),
            field("max_retries", Int),
        ],
        rules: &[],
    },
    Provider {
        name: "AZURE",
        fields: &[
            field("az_tenant_id", Text),
            field("client_id", Text),
            field("client_secret", Secret),
            required("storage_account", Text),
            field("storage_account_key", Secret),
            field("storage_connection_string", Secret),
            field("storage_create_container", Bool),
            required("container", Text),
            field("endpoint", HostPort),
            field("user_assigned_id", Text),
            field("max_retries", Int),
            field("reader_config", Group(&[field("max_retry_requests", Count)])),
            field(
                "pipeline_config",
                Group(&[
                    field("max_tries", Count),
                    field("try_timeout", Duration),
                    field("retry_delay", Duration),
                    field("max_retry_delay", Duration),
                ]),
            ),
            HTTP_CONFIG,
            field("msi_resource", Text),
        ],
        rules: &[
            Together(&["az_tenant_id", "client_id", "client_secret"]),
            Exclusive("storage_account_key", "storage_connection_string"),
            Exclusive("user_assigned_id", "storage_account_key"),
            Exclusive("user_assigned_id", "storage_connection_string"),
            Exclusive("user_assigned_id", "client_id"),
        ],
    },
    Provider {
        name: "SWIFT",
        fields: &[
            field("auth_version", Count),
            required("auth_url", Url),
            field("username", Text),
            field("user_domain_name", Text),
            field("user_domain_id", Text),
            field("user_id", Text),
            field("password", Secret),
            field("domain_id", Text),
            field("domain_name", Text),
            field("application_credential_id", Text),
            field("application_credential_name", Text),
            field("application_credential_secret", Secret),
            field("project_id", Text),
            field("project_name", Text),
            field("project_domain_id", Text),
            field("project_domain_name", Text),
            field("region_name", Text),
            required("container_name", Text),
            field("large_object_chunk_size", Count),
            field("large_object_segments_container_name", Text),
            field("retries", Int),
            field("connect_timeout", Duration),
            field("timeout", Duration),
            field("use_dynamic_large_objects", Bool),
            HTTP_CONFIG,
        ],
        rules: &[],
    },
    Provider {
        name: "COS",
        fields: &[
            field("bucket", Bucket("")),
            field("region", Text),
            field("app_id", Text),
            field("endpoint", Url),
            required("secret_key", Secret),
            required("secret_id", Secret),
            field("max_retries", Int),
            HTTP_CONFIG,
        ],
        rules: &[Without("endpoint", &["bucket", "region", "app_id"])],
    },
    Provider {
        name: "ALIYUNOSS",
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
        fields: &[
            required("bucket", Bucket("")),
            required("endpoint", Text),
            required("access_key", Secret),
            required("secret_key", Secret),
            field("max_retries", Int),
            HTTP_CONFIG,
        ],
        rules: &[],
    },
    Provider {
        name: "OCI",
        fields: &[
            required("provider", Choice(&["default", "instance-principal", "raw", "oke-workload-identity"])),
            required("bucket", Bucket("_")),
            required("compartment_ocid", Text),
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
    Provider { name: "FILESYSTEM", fields: &[required("directory", Text)], rules: &[] },
];
