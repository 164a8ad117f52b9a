//! `validate`: types of values, keys in a wrong place and what is advised for them.

use crate::program::Room;
use crate::validate::{check, check_for, finds};

#[test]
fn values_of_another_type_than_the_chart_takes_are_errors() {
    for (version, values, expected) in [
        ("17.3.1", "query: {replicaCount: two}\n", &["THC214 error 1:9 `query.replicaCount` wants a number"][..]),
        ("17.3.1", "query: {replicaCount: '2'}\n", &[]),
        ("17.3.1", "query: {service: {ports: {http: http}}}\n", &["THC214 error 1:27"]),
        ("17.3.1", "query: {pdb: {minAvailable: 50%}}\n", &[]),
        (
            "17.3.1",
            "minio: {defaultBuckets: [thanos]}\n",
            &["THC214 error 1:9 `minio.defaultBuckets` wants a single value"],
        ),
        ("17.3.1", "query: {extraFlags: --x}\n", &["THC214 error 1:9 `query.extraFlags` wants a list"]),
        ("17.3.1", "query: {extraFlags: |\n    - --query.timeout=5m\n  }\n", &["THC200"]),
        ("17.3.1", "query:\n  extraFlags: |\n    - --query.timeout=5m\n", &[]),
        ("17.3.1", "query: {nodeSelector: disk}\n", &["THC214 error 1:9"]),
        ("17.3.1", "query:\n  nodeSelector: |\n    disk: ssd\n", &[]),
        ("17.3.1", "query: {replicaLabel: replica}\n", &[]),
        (
            "17.3.1",
            "query: {replicaLabel: {a: b}}\n",
            &["THC214 error 1:9 `query.replicaLabel` wants a list or one text"],
        ),
        ("17.3.1", "query: {replicaCount: '{{ .Values.x }}', service: {ports: {http: '${PORT}'}}}\n", &[]),
        (
            "12.13.4",
            "query: {service: {nodePorts: {http: 30902}}}\n",
            &["THC230 error 1:31 `query.service.nodePorts.http` wants a text"],
        ),
        ("12.13.5", "query: {service: {nodePorts: {http: 30902}}}\n", &[]),
    ] {
        finds(version, values, expected);
    }
}

#[test]
fn the_schema_that_a_chart_ships_is_kept_to_the_letter() {
    let chart = "thanos-community/thanos";
    for (values, expected) in [
        ("query: {replicaCount: two}\n", Some("THC230 error 1:9 `query.replicaCount` wants a whole number")),
        ("query: {replicaCount: '2'}\n", Some("THC230 error 1:9")),
        ("query: {replicaCount: 2}\n", None),
        ("query: {pdb: {minAvailable: 50%}}\n", None),
        ("query: {service: {httpNodePort: null}}\n", None),
        ("query: {extraArgs: [1]}\n", Some("THC230 error 1:21 `query.extraArgs.0` wants a text")),
        (
            "query: {ingress: {hosts: [{host: a}]}}\n",
            Some("THC230 error 1:27 `query.ingress.hosts.0.paths` is missing"),
        ),
        ("receive: {mode: other}\n", Some("THC230 error 1:11 `receive.mode` is none of standalone, split")),
        ("ruler: {rules: {example-alerts.yaml: null}}\n", Some("THC230 error 1:17")),
    ] {
        let (code, found) = check_for(chart, "0.38.0", values);
        match expected {
            Some(expected) => {
                assert!(code == 1 && found.len() == 1 && found[0].starts_with(expected), "{values}{found:#?}");
            }
            None => assert_eq!((code, found.len()), (0, 0), "{values}{found:#?}"),
        }
    }
}

#[test]
fn what_becomes_another_text_is_an_error_that_says_what_helm_renders() {
    for (values, expected) in [
        ("query: {replicaLabel: [no]}\n", "THC204 error 1:24 Helm reads `no` as false and renders that"),
        ("image: {tag: 0.40}\n", "THC205 error 1:14 Helm reads `0.40` as the number 0.4 and renders that"),
        ("image: {tag: 0042}\n", "THC205 error 1:14 Helm reads `0042` as the number 34 and renders that"),
        (
            "image: {tag: 12345678}\n",
            "THC205 error 1:14 Helm reads `12345678` as the number 12345678 and renders it with an exponent",
        ),
        ("fullnameOverride: yes\n", "THC204 error 1:19"),
        ("query: {nodeSelector: {a: 'x'}, replicaCount: 03}\n", "THC205 warning 1:47"),
    ] {
        let (_, found) = check("17.3.1", values);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{values}{found:#?}");
    }
}

#[test]
fn null_where_a_template_takes_a_mapping_is_told_where_the_template_is_used() {
    let values = "existingObjstoreSecret: blocks\nbucketweb:\n  enabled: true\n  ingress:\n    enabled: true\n    hostname: a.example\n    annotations:\n    tls: true\n";
    for version in ["12.18.0", "15.0.2", "17.3.1"] {
        finds(version, values, &["THC208 error 7:5 `bucketweb.ingress.annotations` is null"]);
    }
    finds("17.3.1", &values.replace("annotations:", "annotations: {}"), &[]);
    finds("17.3.1", &values.replace("tls: true", "tls: false"), &[]);
}

#[test]
fn the_settings_take_values_of_the_right_type_alone() {
    let room = Room::new();
    for (values, said) in [
        ("{query: {replicaCount: two}}", "`query.replicaCount` wants a number"),
        ("{minio: {persistence: {size: [1Gi]}}}", "`minio.persistence.size` wants"),
        ("{bucketweb: {extraEnvVars: x}}", "`bucketweb.extraEnvVars` wants a list"),
    ] {
        room.file(
            "thanosctl.yaml",
            &format!(
                "clusters: [{{name: a, endpoints: ['10.0.0.1:10901']}}]\nthanos: {{release: a, values: {values}}}\n"
            ),
        );
        let run = room.run(&["gen-values"]);
        assert!(run.code == 2 && run.stderr.contains(said), "{values}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn what_is_advised_for_a_key_is_right_for_that_version() {
    let hint = |version: &str, values: &str| {
        let room = Room::new();
        room.file("v.yaml", values);
        room.run(&["validate", "v.yaml", "--chart-version", version]).stdout
    };
    let irsa = "existingServiceAccount: irsa\nexistingObjstoreSecret: blocks\nstoregateway: {enabled: true}\n";
    let told = hint("13.4.0", irsa);
    assert!(told.contains("COMPONENT.serviceAccount: {create: false, name: NAME}"), "{told}");
    finds(
        "12.23.2",
        irsa,
        &["THC211 warning 1:1 `existingServiceAccount` works until 12.23.2; 13.0.0 and later ignore it"],
    );
    finds("10.4.3", irsa, &[]);

    for below in
        ["securityContext: {runAsUser: 1}", "extraEnv: []", "service: {http: {port: 1}}", "extraContainers: []"]
    {
        let values = format!("existingObjstoreSecret: b\nstoreGateway:\n  enabled: true\n  {below}\n");
        finds("17.3.1", &values, &["THC210 error 2:1 `storeGateway` is no key"]);
    }

    finds(
        "17.3.1",
        "nodeSelector: {a: b}\nquery: {replicaCount: 1}\nminio: {enabled: false}\n",
        &["THC213 error 1:1 `nodeSelector` is no key of bitnami/thanos 17.3.1, and `query.nodeSelector` is one"],
    );
    finds(
        "17.3.1",
        "affinity: {}\n",
        &["THC213 error 1:1 `affinity` is no key of bitnami/thanos 17.3.1: it belongs below a component"],
    );
}

#[test]
fn lines_that_lost_their_indentation_are_one_finding() {
    let objstore = "objstoreConfig: |-\ntype: S3\nconfig:\n  bucket: blocks\n  endpoint: s3.example\nstoregateway: {enabled: true}\n";
    finds(
        "15.5.0",
        objstore,
        &["THC213 error 2:1 `objstoreConfig` is an empty text: `type`, `config`, which have lost their indentation"],
    );
    let cache = "existingObjstoreSecret: blocks\nindexCacheConfig: |\ntype: IN-MEMORY\nconfig:\nmax_size: 512MB\nstoregateway: {enabled: true}\n";
    finds("15.5.0", cache, &["THC213 error 3:1 `indexCacheConfig` is an empty text: `type`, `config`, `max_size`"]);
    let rules = "existingObjstoreSecret: b\nruler:\n  enabled: true\n  alertmanagers: ['http://a']\n  config: |\n  groups: []\n";
    finds(
        "17.3.1",
        rules,
        &["THC213 error 6:3 `ruler.config` is an empty text: `groups`, which has lost its indentation"],
    );
}

#[test]
fn what_is_nearly_a_global_key_is_told_and_what_others_may_read_is_not() {
    finds("17.3.1", "global: {imageRegisty: mirror.example}\n", &["THC210 error 1:10 `global.imageRegisty` is no key"]);
    finds("17.3.1", "global: {postgresql: {auth: {}}, domain: a}\n", &[]);
}

#[test]
fn a_warning_hides_no_error_of_the_same_place() {
    // In one line all that is found stands at one place.
    let values = "objstoreConfig: {type: OCI, config: {provider: raw, bucket: b, compartment_ocid: c}}\n";
    let (code, found) = check("17.3.1", values);
    assert!(code == 1 && found.iter().any(|line| line.contains(" error ")), "{found:#?}");
    let values = "objstoreConfig: {type: S3, config: {bucket: b, endpoint: e, one: 1, two: 2}}\nindexCacheConfig: {type: IN-MEMORY, konfig: {}, other: {}}\n";
    let (_, found) = check("17.3.1", values);
    for field in ["`one`", "`two`", "`konfig`", "`other`"] {
        assert!(found.iter().any(|line| line.contains(field)), "{field}: {found:#?}");
    }
    let values = "existingObjstoreSecret: a\nruler: {enabled: true, existingConfigmap: c, alertmanagersConfig: \"alertmanagers: [{static_configs: [a], one: 1, two: 2}]\"}\n";
    let (_, found) = check("17.3.1", values);
    assert!(found.len() == 2, "{found:#?}");
}

#[test]
fn what_stands_below_an_old_name_that_is_read_is_checked_too() {
    finds(
        "12.23.2",
        "querier:\n  replicaCount: 2\n  qurey: 1\n",
        &["THC216 warning 1:1", "THC210 error 3:3 `querier.qurey` is no key"],
    );
}

#[test]
fn what_a_schema_requires_in_one_mode_or_of_an_old_name_is_an_error() {
    let room = Room::new();
    let check = |values: &str, version: &str| {
        room.file("values.yaml", values);
        room.run(&["validate", "values.yaml", "--chart", "thanos-community/thanos", "--chart-version", version])
    };
    let split = "receive:\n  enabled: true\n  mode: split\n";
    for version in ["0.11.0", "0.36.0", "0.38.0"] {
        let run = check(split, version);
        assert!(run.code == 1 && run.stdout.contains("THC230") && run.stdout.contains("`hashrings`"), "{}", run.stdout);
        // Persistence has a value of the chart's own from 0.37.0 on.
        assert_eq!(run.stdout.contains("`persistence`"), version != "0.38.0", "{}", run.stdout);
        let whole = "  ingester: {replicaCount: 1, tsdb: {}, hashrings: [], service: {}, vpa: {}, persistence: {}, podSecurityContext: {}, probes: {}, serviceMonitor: {}, pdb: {}}\n";
        let run = check(&format!("{split}{whole}"), version);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    }
    assert_eq!(check(&split.replace("split", "standalone"), "0.38.0").code, 0);
    let run = check("query:\n  stores:\n", "0.38.0");
    assert!(run.code == 1 && run.stdout.contains("`query.stores` is missing or null"), "{}", run.stdout);
}
