//! `schema`: it takes and refuses what the program does, and knows the keys that the program knows.

use std::path::Path;

use serde_json::{Map, Value, json};
use thanosctl::settings_file;
use thanosctl::settings_file::Settings;

use crate::program::Room;

/// Whether `value` fits `schema`, by the keywords that the schema of the settings uses; any other one is a panic.
fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let Value::Object(keywords) = schema else { return schema == true };
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let items = value.as_array();
    let fits_this = |schema: &Value| fits(root, schema, value);
    keywords.iter().all(|(keyword, want)| match keyword.as_str() {
        "title" | "description" | "default" | "$id" | "$schema" | "$defs" | "then" | "format" | "deprecated" => true,
        "$ref" => fits_this(root.pointer(&want.as_str().unwrap()[1..]).expect("a reference leads somewhere")),
        "type" => match want {
            Value::Array(types) => types.iter().any(|want| is_of_type(value, want)),
            want => is_of_type(value, want),
        },
        "enum" => want.as_array().unwrap().contains(value),
        "const" => want == value,
        "pattern" => {
            value.as_str().is_none_or(|text| regex::Regex::new(want.as_str().unwrap()).unwrap().is_match(text))
        }
        "minLength" => length.is_none_or(|length| length >= want.as_u64().unwrap()),
        "maxLength" => length.is_none_or(|length| length <= want.as_u64().unwrap()),
        "minimum" => value.as_f64().is_none_or(|number| number >= want.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= want.as_f64().unwrap()),
        "minItems" => items.is_none_or(|items| items.len() as u64 >= want.as_u64().unwrap()),
        "maxItems" => items.is_none_or(|items| items.len() as u64 <= want.as_u64().unwrap()),
        "items" => items.is_none_or(|items| items.iter().all(|item| fits(root, want, item))),
        "required" => {
            value.as_object().is_none_or(|map| want.as_array().unwrap().iter().all(|name| map.contains_key(text(name))))
        }
        "properties" => value.as_object().is_none_or(|map| {
            map.iter().all(|(name, value)| want.get(name).is_none_or(|schema| fits(root, schema, value)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let known = |name: &str| keywords.get("properties").is_some_and(|known| known.get(name).is_some());
            map.iter().all(|(name, value)| known(name) || fits(root, want, value))
        }),
        "anyOf" => want.as_array().unwrap().iter().any(fits_this),
        "oneOf" => want.as_array().unwrap().iter().filter(|schema| fits_this(schema)).count() == 1,
        "allOf" => want.as_array().unwrap().iter().all(fits_this),
        "not" => !fits_this(want),
        "if" => !fits_this(want) || fits_this(&keywords["then"]),
        other => panic!("this test does not know the keyword {other}"),
    })
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match text(name) {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

/// What the program says against settings; empty when it takes them.
fn complaints(room: &Room, settings: &str) -> String {
    room.file("thanosctl.yaml", settings);
    match Settings::load(Some(&room.path("thanosctl.yaml"))) {
        Err(failure) => format!("{failure:?}"),
        Ok(settings) => {
            let store = settings.thanos.objstore.and_then(|store| store.check(None).err());
            let ruler = settings.thanos.ruler.and_then(|ruler| ruler.alert_targets().err());
            let told = [store.map(|told| format!("{told:?}")), ruler.map(|told| format!("{told:?}"))];
            told.into_iter().flatten().collect()
        }
    }
}

fn read(yaml: &str) -> Value {
    thanosctl::document::read("test", yaml).unwrap_or_else(|error| panic!("{error} in\n{yaml}"))
}

fn assert_taken(room: &Room, schema: &Value, name: &str, yaml: &str) {
    assert_eq!(complaints(room, yaml), "", "{name}");
    assert!(fits(schema, schema, &read(yaml)), "the schema refuses {name}:\n{yaml}");
}

#[test]
fn it_is_printed_the_same_each_time() {
    let room = Room::new();
    let run = room.run(&["schema"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run, room.run(&["schema"]));
    assert!(run.stdout.ends_with("}\n"));
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(schema, settings_file::schema());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for name in ["$id", "title", "description"] {
        assert!(schema[name].is_string(), "{name}");
    }
}

#[test]
fn all_settings_of_the_documents_and_fixtures_fit() {
    let (room, schema) = (Room::new(), settings_file::schema());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = 0;
    for document in
        documents.filter(|path| path.extension().is_some_and(|it| it == "md")).chain([root.join("README.md")])
    {
        let markdown = std::fs::read_to_string(&document).unwrap();
        for block in markdown.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()) {
            let is_settings =
                |line: &str| schema["properties"].get(line.split(':').next().unwrap_or_default()).is_some();
            // An inventory has a kind.
            if block.lines().any(is_settings) && !block.contains("kind: ") {
                assert_taken(&room, &schema, &document.display().to_string(), block);
                found += 1;
            }
        }
    }
    assert!(found >= 2, "{found}");
    for fixture in std::fs::read_dir(root.join("fixtures/how-to")).unwrap() {
        let path = fixture.unwrap().path().join("thanosctl.yaml");
        if path.exists() {
            assert_taken(&room, &schema, &path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn what_the_program_takes_fits() {
    let (room, schema) = (Room::new(), settings_file::schema());
    for yaml in [
        "{}",
        "{clusters: , services: , thanos: , drift: }",
        "clusters: [{context: a, endpoints: []}, {name: b, endpoints: ['b:1', 'dns+b.example:1', '[2001:db8::1]:1']}]",
        "clusters: [{context: a, address: {nodeSelector: 'a in (b,c),!d', family: IPv4, prefer: [ExternalDNS]}}]",
        "thanos: {query: , queryFrontend: , bucketweb: , compactor: {retention: }, storegateway: , values: }",
        "thanos: {compactor: {retention: {raw: '0', 5m: 1y2w3d4h5m6s7ms}, concurrency: 2}}",
        "thanos: {resources: {requests: {cpu: 2, memory: 1.5Gi}, limits: {cpu: 500m}}}",
        "thanos: {query: {extraFlags: [--a, '--query.timeout=1m'], service: {type: ClusterIP}, clientTLS: {}}}",
        "thanos: {ruler: {alertmanagers: ['dnssrv+http://_web._tcp.a.b/x'], rules: [], labels: {a: b}}}",
        "thanos: {ruler: {alertmanagersConfig: alertmanagers.yaml, rules: [a]}}",
        "thanos: {ruler: {alertmanagers: [], alertmanagersConfig: {alertmanagers: []}, rules: [a]}}",
        "thanos: {objstore: {type: s3, config: {bucket: abc, endpoint: 'a:1', region: }}}",
        "thanos: {objstore: {existingSecret: a, existingSecretKey: b}}",
        "thanos: {objstore: {type: Filesystem, prefix: a, config: {directory: /a}}}",
        "thanos: {objstore: {type: GCS, config: {bucket: a_c, http_config: {idle_conn_timeout: 0}}}}",
        "thanos: {minio: {credentials: {existingSecret: a}}}",
        "thanos: {values: {anything: {goes: [here]}}}",
        "prometheus: {a: 1}",
    ] {
        assert_taken(&room, &schema, "settings", yaml);
    }
}

#[test]
fn what_the_program_refuses_does_not_fit() {
    let (room, schema, mut taken) = (Room::new(), settings_file::schema(), Vec::<String>::new());
    for yaml in [
        "clusters: 7",
        "clusters: [a]",
        "clusters: [{name: a}]",
        "clusters: [{endpoints: ['b:1']}]",
        "clusters: [{context: a, endpoints: ['b:1']}]",
        "clusters: [{context: ''}]",
        "clusters: [{name: ' ', endpoints: ['b:1']}]",
        "clusters: [{name: a, endpoints: ['http://b:1']}]",
        "clusters: [{name: a, endpoints: ['me@b:1']}]",
        "clusters: [{context: a, address: {prefer: [nodeport]}}]",
        "clusters: [{context: a, address: {nodeAddresses: [Internal]}}]",
        "clusters: [{context: a, address: {family: ipv6}}]",
        "clusterLabel: a b",
        "replicaLabels: ['1a']",
        "replicaLabels: {a: b}",
        "services: {include: [no-slash]}",
        "secrets: open",
        "drift: {ignore: [{address: 'a:1'}]}",
        "drift: {ignore: [{address: 'a:1', reason: ' '}]}",
        "thanos: []",
        "thanos: {release: {a: 1}}",
        "thanos: {query: {service: {nodePort: 70000}}}",
        "thanos: {query: {service: {nodePort: 0}}}",
        "thanos: {query: {service: {type: Nodeport}}}",
        "thanos: {query: {extraFlags: [-a]}}",
        "thanos: {query: {fileSD: {}}}",
        "thanos: {query: {fileSD: }}",
        "thanos: {compactor: {retention: {raw: 30}}}",
        "thanos: {compactor: {retention: {raw: 1m1h}}}",
        "thanos: {compactor: {retention: {raw: ''}}}",
        "thanos: {compactor: {concurrency: 0}}",
        "thanos: {resources: {requests: {cpu: 2 cores}}}",
        "thanos: {ruler: }",
        "thanos: {ruler: {rules: []}}",
        "thanos: {ruler: {alertmanagers: ['a:9093'], rules: []}}",
        "thanos: {ruler: {alertmanagers: ['http://a'], alertmanagersConfig: a.yaml, rules: []}}",
        "thanos: {ruler: {alertmanagers: [], rules: []}}",
        "thanos: {ruler: {alertmanagersConfig: [], rules: []}}",
        "thanos: {minio: {credentials: {rootUser: {env: A}, rootPassword: hunter2}}}",
        "thanos: {minio: {credentials: {rootUser: {env: A}, rootPassword: {env: A, file: b}}}}",
        "thanos: {minio: {credentials: {rootUser: {env: A}, rootPassword: {env: a b}}}}",
        "thanos: {minio: {}}",
        "thanos: {objstore: {}}",
        "thanos: {objstore: {type: S4}}",
        "thanos: {objstore: {type: S3, existingSecret: a}}",
        "thanos: {objstore: {type: S3, config: {bucket: abc}}}",
        "thanos: {objstore: {type: S3, config: {bucket: abc, endpoint: 'http://a'}}}",
        "thanos: {objstore: {type: S3, config: {bucket: a_b_, endpoint: a}}}",
        "thanos: {objstore: {type: S3, config: {bucket: abc, endpoint: a, insecure: 'yes'}}}",
        "thanos: {objstore: {type: S3, config: {bucket: abc, endpoint: a, access_key: b, secret_key: c}}}",
        "thanos: {objstore: {type: GCS, config: {bucket: abc, endpoint: a}}}",
        "thanos: {objstore: {type: GCS, config: {bucket: abc, http_config: {idle_conn_timeout: 1.5s}}}}",
    ] {
        taken.extend(complaints(&room, yaml).is_empty().then(|| format!("the program takes {yaml}")));
        taken.extend(fits(&schema, &schema, &read(yaml)).then(|| format!("the schema takes {yaml}")));
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}

/// Follows references, and of alternatives takes the one that says most: a section, and not that it may be empty.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema.get("$ref") {
        return resolved(root, root.pointer(&text(reference)[1..]).unwrap());
    }
    match schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array) {
        Some(choices) if schema.get("properties").is_none() => resolved(root, &choices[0]),
        _ => schema,
    }
}

/// The least that is needed so that a value is read; it may be refused for what it says.
fn sample(root: &Value, schema: &Value) -> Value {
    let schema = resolved(root, schema);
    if let Some(words) = schema.get("enum") {
        return words[0].clone();
    }
    let first = schema.get("type").map(|name| text(name.get(0).unwrap_or(name)));
    match first {
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("object") => {
            let wanted = schema.get("required").and_then(Value::as_array);
            let value = |name: &Value| (text(name).to_owned(), sample(root, &schema["properties"][text(name)]));
            Value::Object(wanted.into_iter().flatten().map(value).collect())
        }
        _ => json!("a"),
    }
}

/// Makes settings of one section.
type Whole<'a> = &'a dyn Fn(Value) -> Value;

/// Calls `check` for every section of the settings below `schema`: with its keys, and with what makes settings of it.
fn sections(root: &Value, schema: &Value, whole: Whole, check: &mut dyn FnMut(&Value, Whole)) {
    let schema = resolved(root, schema);
    if let Some(items) = schema.get("items") {
        sections(root, items, &|item| whole(json!([item])), check);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    check(schema, whole);
    for (name, inner) in properties {
        let around = |value: Value| {
            let mut section = sample(root, schema);
            section[name] = value;
            whole(section)
        };
        sections(root, inner, &around, check);
    }
}

/// In every section an unknown key is refused, and no key of the schema is unknown. Returns how many sections there are.
fn assert_same_keys(root: &Value, schema: &Value, whole: Whole) -> usize {
    let (room, mut count) = (Room::new(), 0);
    sections(root, schema, whole, &mut |section, whole| {
        count += 1;
        let with = |name: &str, value: Value| {
            let Value::Object(wanted) = sample(root, section) else { panic!("a section is an object") };
            let first = Map::from_iter([(name.to_owned(), value)]);
            let settings = whole(Value::Object(first.into_iter().chain(wanted).collect()));
            (complaints(&room, &settings.to_string()), fits(root, root, &settings), settings)
        };
        let (told, fits, settings) = with("strange", json!(1));
        let is_secret = told.contains("a secret is named by");
        assert!(told.contains("unknown") && told.contains("`strange`") || is_secret, "{settings}: {told}");
        assert!(!fits, "{settings}");
        for (name, schema) in section["properties"].as_object().unwrap() {
            let (told, _, settings) = with(name, sample(root, schema));
            assert!(!told.contains("unknown key") && !told.contains("unknown field"), "{settings}: {told}");
        }
    });
    count
}

#[test]
fn it_knows_the_keys_that_the_program_knows() {
    let schema = settings_file::schema();
    let count = assert_same_keys(&schema, &schema, &|settings| settings);
    assert!(count > 25, "{count}");
    let store = &schema["$defs"]["Objstore"];
    let names = store["properties"]["type"]["anyOf"][0]["enum"].as_array().unwrap();
    let branches = store["allOf"].as_array().unwrap();
    assert_eq!(names.len(), branches.len());
    for (name, branch) in names.iter().zip(branches) {
        let config = &branch["then"]["properties"]["config"];
        let whole = |config: Value| json!({"thanos": {"objstore": {"type": name, "config": config}}});
        assert!(assert_same_keys(&schema, config, &whole) >= 1);
    }
}
