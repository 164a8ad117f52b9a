//! The caches of the store gateway, `--index-cache.config` and `--store.caching-bucket.config`, and of the query frontend,
//! `--query-range.response-cache-config` (thanos-io/thanos, pkg/store/cache, pkg/cache, pkg/cacheutil, pkg/queryfrontend).
//! The root is decoded strictly, the fields of a store gateway's cache are not.

use super::super::thanos_version::ThanosVersion;
use super::document::{CONFIG, entry};
use super::providers::{Field, Kind, Need, Rule, Span, Unknown, field, required};
use super::reading::{Content, Fields, Reading, Shape};
use crate::findings::codes;
use crate::findings::finding::Finding;
use crate::languages::yaml::Part;
use crate::place::Position;
use crate::secret::is_expanded;

use Kind::{Bool, Bytes, Choice, Count, Float, GoDuration, Group, Int, List, Secret, Text, UnitDuration, Unsigned};

/// A kind of cache: its name, which versions know it, and its fields.
struct Cache {
    name: &'static str,
    span: Span,
    fields: &'static [Field],
    unknown: Unknown,
}

impl Cache {
    /// One of the store gateway.
    const fn of_store(name: &'static str, span: Span, fields: &'static [Field]) -> Self {
        Self { name, span, fields, unknown: Unknown::Ignored }
    }
}

/// A document that configures a cache.
struct Document {
    /// What is looked at besides its fields.
    is_of_store: bool,
    /// What it is called in a message.
    what: &'static str,
    root: &'static [Field],
    caches: &'static [Cache],
}

const fn breaker_fields(open_duration: Kind) -> [Field; 6] {
    [
        field("enabled", Bool),
        field("half_open_max_requests", Unsigned(32)),
        field("open_duration", open_duration),
        field("min_requests", Unsigned(32)),
        field("consecutive_failures", Unsigned(32)),
        field("failure_percent", Float),
    ]
}

const BREAKER: &str = "set_async_circuit_breaker_config";

const IN_MEMORY: &[Field] = &[field("max_size", Bytes), field("max_item_size", Bytes)];

const MEMCACHED: &[Field] = &[
    required("addresses", List),
    field("timeout", GoDuration),
    field("max_idle_connections", Int),
    field("max_async_concurrency", Int),
    field("max_async_buffer_size", Count),
    field("max_get_multi_concurrency", Int),
    field("max_item_size", Bytes).since(12),
    field("max_get_multi_batch_size", Int),
    field("dns_provider_update_interval", GoDuration),
    field("auto_discovery", Bool).since(23),
    field(BREAKER, Group(&breaker_fields(GoDuration))).since(35),
];

const REDIS: &[Field] = &[
    required("addr", Text),
    field("prefix", Text).since(42),
    field("username", Text),
    field("password", Secret),
    field("db", Int),
    field("dial_timeout", UnitDuration),
    field("read_timeout", UnitDuration),
    field("write_timeout", UnitDuration),
    field("pool_size", Int).until(32),
    field("min_idle_conns", Int).until(32),
    field("idle_timeout", UnitDuration).until(32),
    field("max_conn_age", UnitDuration).until(32),
    field("max_get_multi_concurrency", Int),
    field("get_multi_batch_size", Int),
    field("max_set_multi_concurrency", Int),
    field("set_multi_batch_size", Int),
    field("tls_enabled", Bool).since(29),
    field(
        "tls_config",
        Group(&[
            field("ca_file", Text),
            field("cert_file", Text),
            field("key_file", Text),
            field("server_name", Text),
            field("insecure_skip_verify", Bool),
            field("min_version", Choice(&["", "1.0", "1.1", "1.2", "1.3"])).since(42),
        ]),
    )
    .since(29),
    field("cache_size", Bytes).since(30),
    field("master_name", Text).since(31),
    field("max_async_buffer_size", Count).since(32),
    field("max_async_concurrency", Int).since(32),
    field(BREAKER, Group(&breaker_fields(UnitDuration))).since(35),
];

const GROUPCACHE: &[Field] = &[
    field("self_url", Text),
    field("peers", List),
    field("max_size", Bytes),
    field("groupcache_group", Text),
    field("dns_sd_resolver", Text),
    field("dns_interval", GoDuration),
    field("timeout", GoDuration).since(26),
];

const INDEX_CACHE: Document = Document {
    is_of_store: true,
    what: "an index cache",
    root: &[
        field("type", Text),
        field("enabled_items", List).since(33),
        field("ttl", GoDuration).since(33),
        field(CONFIG, Text),
    ],
    caches: &[
        Cache::of_store("IN-MEMORY", Span::ALL, IN_MEMORY),
        Cache::of_store("MEMCACHED", Span::ALL, MEMCACHED),
        Cache::of_store("REDIS", Span::since(25, 0), REDIS),
    ],
};

const CACHING_BUCKET: Document = Document {
    is_of_store: true,
    what: "a caching bucket",
    root: &[
        field("type", Text),
        field(CONFIG, Text),
        field("chunk_subrange_size", Int),
        field("max_chunks_get_range_requests", Int),
        field("metafile_max_size", Bytes),
        field("chunk_object_attrs_ttl", GoDuration).since(14),
        field("chunk_object_size_ttl", GoDuration).until(14),
        field("chunk_subrange_ttl", GoDuration),
        field("blocks_iter_ttl", GoDuration),
        field("metafile_exists_ttl", GoDuration),
        field("metafile_doesnt_exist_ttl", GoDuration),
        field("metafile_content_ttl", GoDuration),
    ],
    caches: &[
        Cache::of_store("IN-MEMORY", Span::since(19, 0), IN_MEMORY),
        Cache::of_store("MEMCACHED", Span::ALL, MEMCACHED),
        Cache::of_store("REDIS", Span::since(25, 0), REDIS),
        Cache::of_store("GROUPCACHE", Span::since(25, 0), GROUPCACHE),
    ],
};

/// `fields` with one more; whether they are there is not asked for here.
const fn and<const N: usize>(fields: &[Field], more: Field) -> [Field; N] {
    let mut all = [more; N];
    let mut at = 0;
    while at < fields.len() {
        all[at] = Field { need: Need::None, ..fields[at] };
        at += 1;
    }
    all
}

const EXPIRATION: Field = field("expiration", GoDuration);

const RESPONSE_CACHE: Document = Document {
    is_of_store: false,
    what: "a response cache",
    root: &[field("type", Text), field(CONFIG, Text)],
    caches: &[
        Cache::of_store(
            "IN-MEMORY",
            Span::ALL,
            &[field("max_size", Text), field("max_size_items", Int), field("validity", GoDuration)],
        ),
        Cache {
            name: "MEMCACHED",
            span: Span::ALL,
            fields: &and::<{ MEMCACHED.len() + 1 }>(MEMCACHED, EXPIRATION),
            unknown: Unknown::Refused,
        },
        Cache {
            name: "REDIS",
            span: Span::since(25, 0),
            fields: &and::<{ REDIS.len() + 1 }>(REDIS, EXPIRATION),
            unknown: Unknown::Refused,
        },
    ],
};

/// Everything that is wrong or doubtful in the configuration of a query frontend's response cache, as
/// [`check_document`](super::check_document) does it.
pub fn check_response_cache(file: &str, text: &str, thanos: Option<ThanosVersion>) -> Vec<Finding> {
    check(&RESPONSE_CACHE, file, text, thanos)
}

/// Everything that is wrong or doubtful in the configuration of an index cache, as
/// [`check_document`](super::check_document) does it.
pub fn check_index_cache(file: &str, text: &str, thanos: Option<ThanosVersion>) -> Vec<Finding> {
    check(&INDEX_CACHE, file, text, thanos)
}

/// Everything that is wrong or doubtful in the configuration of a caching bucket, as
/// [`check_document`](super::check_document) does it.
pub fn check_caching_bucket(file: &str, text: &str, thanos: Option<ThanosVersion>) -> Vec<Finding> {
    check(&CACHING_BUCKET, file, text, thanos)
}

fn check(document: &Document, file: &str, text: &str, thanos: Option<ThanosVersion>) -> Vec<Finding> {
    let mut reading = Reading::new(file, thanos);
    judge(document, &mut reading, text);
    reading.finish()
}

fn judge(document: &Document, reading: &mut Reading<'_>, text: &str) -> Option<()> {
    if text.is_empty() {
        // cmd/thanos/store.go looks at the content's length before it reads it.
        let at = Position::START;
        reading.tell(codes::OBJSTORE_WITHOUT_EFFECT, at, "the file is empty; Thanos runs as if it were not given");
        return None;
    }
    let read = reading.open_typed(text)?;
    let root = read.part(read.root()?);
    let shape = Shape { path: "", of: document.what, fields: document.root, unknown: Unknown::Refused, is_root: true };
    let top = reading.root(shape, root)?;
    if let Some(Content::Texts(items)) = top.get("enabled_items").map(|held| &held.content) {
        for (at, _) in items.iter().filter(|(_, item)| !["Postings", "Series", "ExpandedPostings"].contains(&&**item)) {
            let message = "`enabled_items` has an item that is none of Postings, Series, ExpandedPostings";
            reading.tell(codes::OBJSTORE_WRONG_VALUE, *at, message);
        }
    }
    let facts = |cache: &Cache| (cache.name, cache.span);
    let cache = reading.kind("cache", document.caches, facts, &top, root.position())?;
    let of = format!("type {}", cache.name);
    let shape = Shape { path: CONFIG, of: &of, fields: cache.fields, unknown: cache.unknown, is_root: false };
    let (fields, config) = reading.config(shape, root)?;
    if !document.is_of_store {
        return Some(());
    }
    match cache.name {
        "IN-MEMORY" => sizes(reading, &fields, config),
        "MEMCACHED" => {
            positive(reading, &fields, &["dns_provider_update_interval", "max_async_concurrency"]);
            memcached(reading, &fields);
        }
        "REDIS" => {
            redis(reading, &fields);
            if fields.is_given("tls_enabled") {
                const TLS: &[Rule] = &[Rule::Together(&["tls_config.cert_file", "tls_config.key_file"])];
                reading.rules(TLS, &fields, config);
            }
        }
        "GROUPCACHE" => {
            if entry(root, CONFIG).is_none_or(Part::is_null) {
                let message = "`config` is missing, without which Thanos crashes";
                reading.tell(codes::OBJSTORE_MISSING, config, message);
            }
            positive(reading, &fields, &["dns_interval"]);
            groupcache(reading, &fields);
        }
        _ => {}
    }
    breaker(reading, &fields);
    Some(())
}

const MEBIBYTE: f64 = 1_048_576.0;

/// A size below zero is a very large one for Go, which has no sign there.
fn sizes(reading: &mut Reading<'_>, fields: &Fields, config: Position) {
    let size = |name: &str, default: f64| match fields.get(name).map(|held| &held.content) {
        None => Some(default),
        Some(Content::Number(bytes)) if *bytes < 0.0 => Some(bytes + 18_446_744_073_709_551_616.0),
        Some(Content::Number(bytes)) => Some(bytes.trunc()),
        Some(Content::Nothing) => Some(0.0),
        Some(_) => None,
    };
    let (Some(whole), Some(item)) = (size("max_size", 250.0 * MEBIBYTE), size("max_item_size", 125.0 * MEBIBYTE))
    else {
        return;
    };
    if item > whole {
        let at = fields.get("max_item_size").or(fields.get("max_size")).map_or(config, |held| held.at);
        let message = "`config.max_item_size`, which is 125MB where nothing else is said, is more than `max_size`";
        reading.tell(codes::OBJSTORE_CONTRADICTION, at, message);
    }
}

/// What a field holds as a number; nothing is zero.
fn amount(fields: &Fields, name: &str) -> Option<(Position, f64)> {
    let held = fields.get(name)?;
    match &held.content {
        Content::Number(number) => Some((held.at, *number)),
        Content::Nothing => Some((held.at, 0.0)),
        // Of a duration only its sign is wanted.
        Content::Text(text) if text.starts_with('-') || !text.contains(|c: char| ('1'..='9').contains(&c)) => {
            Some((held.at, 0.0))
        }
        Content::Text(_) => Some((held.at, 1.0)),
        Content::Unknown | Content::Bool(_) | Content::Texts(_) => None,
    }
}

fn positive(reading: &mut Reading<'_>, fields: &Fields, names: &[&str]) {
    for name in names {
        if let Some((at, number)) = amount(fields, name)
            && number <= 0.0
        {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.{name}` has to be greater than 0"));
        }
    }
}

/// pkg/discovery/dns: an address is HOST:PORT or the path of a socket, or is looked up.
fn memcached(reading: &mut Reading<'_>, fields: &Fields) {
    let Some(Content::Texts(addresses)) = fields.get("addresses").map(|held| &held.content) else { return };
    for (at, address) in addresses {
        let (lookup, host) = address.split_once('+').unwrap_or(("", address));
        let wrong = match lookup {
            "" => !host.is_empty() && !host.contains('/') && !has_port(host),
            "dns" | "dnsdualstack" => !has_port(host),
            "dnssrv" | "dnssrvnoa" => false,
            _ => true,
        };
        if wrong && !is_expanded(address) {
            let message =
                "`config.addresses` has one that is no HOST:PORT, alone or behind dns+, and no name behind dnssrv+";
            reading.tell(codes::OBJSTORE_ENDPOINT, *at, message);
        }
    }
}

fn redis(reading: &mut Reading<'_>, fields: &Fields) {
    if let Some((at, addresses)) = fields.text("addr")
        && !addresses.split(',').all(has_port)
    {
        let message = "`config.addr` is no HOST:PORT, and no list of those with commas between them";
        reading.tell(codes::OBJSTORE_ENDPOINT, at, message);
    }
}

fn has_port(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| {
        let is_one = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
        is_one && port.parse::<u16>().is_ok()
    })
}

fn breaker(reading: &mut Reading<'_>, fields: &Fields) {
    let path = |name: &str| format!("{BREAKER}.{name}");
    if !fields.is_given(&path("enabled")) || fields.is_unknown(&path("enabled")) {
        return;
    }
    for (name, least) in [("consecutive_failures", "at least 1"), ("failure_percent", "more than 0, and 1 at most")] {
        if let Some((at, number)) = amount(fields, &path(name))
            && (number.is_nan() || number <= 0.0 || name == "failure_percent" && number > 1.0)
        {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.{}` has to be {least}", path(name)));
        }
    }
}

/// pkg/cache/groupcache.go: `parseGroupcacheConfig`.
fn groupcache(reading: &mut Reading<'_>, fields: &Fields) {
    if let Some((at, group)) = fields.text("groupcache_group")
        && (group.len() > 255 || !group.chars().all(|c| c == ' ' || c.is_ascii_graphic()))
    {
        let message = "`config.groupcache_group` is no name: those have at most 255 characters, all of ASCII";
        reading.tell(codes::OBJSTORE_WRONG_VALUE, at, message);
    }
    let mut urls: Vec<(Position, &str, &str)> = Vec::new();
    urls.extend(fields.text("self_url").map(|(at, url)| (at, "self_url", url)));
    if let Some(Content::Texts(peers)) = fields.get("peers").map(|held| &held.content) {
        urls.extend(peers.iter().map(|(at, url)| (*at, "peers", url.as_str())));
    }
    for (at, name, url) in urls {
        if url.ends_with('/') {
            reading.tell(codes::OBJSTORE_WRONG_VALUE, at, format!("`config.{name}` has a URL that ends with a slash"));
        }
    }
}
