//! `validate`: what the chart hands on to Thanos and to the bundled MinIO.

use crate::program::Room;
use crate::validate::{check, check_for, finds};

#[test]
fn the_caches_of_store_gateway_and_query_frontend_are_checked_as_what_they_become() {
    let values = "existingObjstoreSecret: blocks\nstoregateway:\n  enabled: true\n  config: |-\n    type: FILESYSTEM\n    config:\n      directory: /data\nqueryFrontend:\n  enabled: true\n  config: |-\n    type: MEMCACHD\n";
    finds("17.0.0", values, &["THC251 error 5:5", "THC251 error 11:5"]);
    finds(
        "17.0.0",
        &values.replace("storegateway:\n  enabled: true", "storegateway:\n  enabled: false"),
        &["THC251 error 11:5"],
    );
    finds(
        "17.0.0",
        &format!("{values}  existingConfigmap: other\n"),
        &["THC251 error 5:5", "THC218 warning 10:3 `queryFrontend.config` is ignored"],
    );
    let response = |config: &str| {
        let (code, found) =
            check("17.3.1", &format!("queryFrontend: {{config: {{type: MEMCACHED, config: {config}}}}}\n"));
        (code, found.join("\n"))
    };
    assert_eq!(response("{addresses: ['a:1'], expiration: 24h}"), (0, String::new()));
    let (code, told) = response("{addresses: ['a:1'], expirations: 24h, max_items: 1}");
    assert!(code == 1 && told.contains("expirations") && told.contains("max_items"), "{told}");
    let in_memory = "queryFrontend: {config: {type: in-memory, config: {max_size: 1GB, validity: 6h}}}\n";
    finds("17.3.1", in_memory, &[]);
    let (_, found) =
        check_for("thanos-community/thanos", "0.38.0", "queryFrontend: {enabled: true, cacheConfig: \"type: NONE\"}\n");
    assert!(found.len() == 1 && found[0].starts_with("THC251 error"), "{found:#?}");
}

#[test]
fn flags_are_those_of_the_component_and_the_release_that_runs() {
    for (version, values, expected) in [
        (
            "17.3.1",
            "query: {extraFlags: [--query.timeot=5m]}\n",
            &["THC242 error 1:22 Thanos 0.39.2 has no flag --query.timeot for `thanos query`"][..],
        ),
        ("17.3.1", "query: {extraFlags: [--query.timeout=5m, --web.route-prefix=/x]}\n", &[]),
        (
            "17.3.1",
            "query: {extraFlags: [--store=a:1]}\n",
            &["THC236 error 1:22 Thanos has no flag --store since 0.38.0"],
        ),
        ("12.23.2", "query: {extraFlags: [--store=a:1]}\n", &[]),
        ("17.3.1", "image: {tag: 0.37.2}\nquery: {extraFlags: [--store=a:1]}\n", &["THC240 warning 1:9"]),
        ("17.3.1", "image: {tag: latest}\nquery: {extraFlags: [--zebra=a:1]}\n", &["THC240 warning 1:9"]),
        ("17.3.1", "image: {digest: 'sha256:0a'}\nquery: {extraFlags: [--zebra=a:1]}\n", &[]),
        (
            "11.6.8",
            "query: {extraFlags: [--endpoint.sd-config-file=/x]}\n",
            &["THC236 error 1:22 Thanos 0.30.1 has no flag --endpoint.sd-config-file: it came with 0.38.0"],
        ),
        (
            "17.3.1",
            "query: {extraFlags: [--query.auto-downsampling=true]}\n",
            &["THC243 error 1:22 the flag --query.auto-downsampling takes no value"],
        ),
        ("17.3.1", "query: {extraFlags: [--no-query.auto-downsampling, --query.timeout, 5m]}\n", &[]),
        (
            "17.3.1",
            "query: {extraFlags: [--query.timeout]}\n",
            &["THC243 error 1:22 the flag --query.timeout has no value"],
        ),
        (
            "17.3.1",
            "query: {extraFlags: ['--query.timeout 5m']}\n",
            &["THC243 error 1:22 a blank stands behind --query.timeout"],
        ),
        ("17.3.1", "query: {extraFlags: [-query.timeout=5m]}\n", &["THC242 error 1:22 -query.timeout has one dash"]),
        (
            "17.3.1",
            "query: {extraFlags: [--query.timeout=5m, --query.timeout=6m]}\n",
            &["THC241 error 1:42 the flag --query.timeout stands twice"],
        ),
        ("17.3.1", "query: {extraFlags: [--log.level=debug]}\n", &["THC241 error 1:22 the chart gives"]),
        ("17.3.1", "query: {extraFlags: ['{{ .Values.x }}', '--x{{ .Values.y }}', '${FLAG}']}\n", &[]),
        ("17.3.1", "receive: {enabled: true, extraFlags: [--tsdb.retentoin=1d]}\n", &["THC242 error 1:39"]),
        ("1.4.1", "querier: {extraFlags: {query.timeot: 5m}}\n", &["THC242 error 1:24"]),
        ("1.4.1", "querier: {extraFlags: {query.auto-downsampling: true}}\n", &["THC243 error 1:24"]),
        ("1.4.1", "querier: {extraFlags: {query.auto-downsampling: '', query.timeout: 5m}}\n", &[]),
    ] {
        finds(version, values, expected);
    }
    let (_, found) = check_for(
        "stevehipwell/thanos",
        "1.24.1",
        "receive: {router: {extraArgs: [--zebra]}}\ncompact: {extraArgs: [--wait-intervall=5m]}\n",
    );
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn flags_of_the_settings_are_those_of_the_release_that_runs() {
    let room = Room::new();
    for (flags, said) in [
        ("[--query.timeot=5m]", "did you mean --query.timeout?"),
        ("[--store=a:1]", "since 0.38.0"),
        ("[--query.auto-downsampling=true]", "takes no value"),
    ] {
        room.file("thanosctl.yaml", &format!("clusters: [{{name: a, endpoints: ['10.0.0.1:10901']}}]\nthanos: {{release: a, chartVersion: 17.3.1, query: {{extraFlags: {flags}}}}}\n"));
        let run = room.run(&["gen-values"]);
        assert!(run.code == 2 && run.stderr.contains(said), "{flags}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn copies_are_not_more_than_the_receivers_of_a_hashring() {
    let receive =
        |more: &str| format!("existingObjstoreSecret: a\nreceive:\n  enabled: true\n  replicationFactor: 3\n{more}");
    for (more, expected) in [
        (
            "",
            &["THC219 error 4:3 3 copies of each sample want as many receivers, and the chart's own hashring has 1"][..],
        ),
        ("  service: {additionalHeadless: true}\n  replicaCount: 3\n", &[]),
        ("  service: {additionalHeadless: true}\n  replicaCount: 2\n", &["THC219 error 4:3"]),
        ("  config: [{endpoints: ['a:1', 'b:1', 'c:1']}]\n", &[]),
        ("  config: [{endpoints: ['a:1', 'b:1', 'c:1']}, {endpoints: ['d:1']}]\n", &["THC219 error 4:3"]),
        ("  existingConfigmap: a\n", &[]),
    ] {
        finds("17.3.1", &receive(more), expected);
    }
}

/// Values with the bundled MinIO and an object store with these lines.
fn minio(store: &str, more: &str) -> String {
    format!(
        "minio:\n  enabled: true\n  auth: {{rootPassword: hunter-two}}\n{more}objstoreConfig: |\n  type: S3\n  config:\n    access_key: admin\n    secret_key: hunter-two\n{store}"
    )
}

#[test]
fn the_object_store_is_the_bundled_minio_as_the_chart_makes_it() {
    let right = "    bucket: thanos\n    endpoint: obs-minio:9000\n    insecure: true\n";
    let told = |store: &str, more: &str, flags: &[&str]| {
        let room = Room::new();
        room.file("v.yaml", &minio(store, more));
        let all = [&["validate", "v.yaml", "--chart-version", "17.3.1", "--format", "github"], flags].concat();
        let run = room.run(&all);
        let lines = run.stdout.lines().map(|line| line.rsplit("::").next().unwrap_or_default().to_owned());
        (run.code, lines.collect::<Vec<_>>())
    };
    let release: &[&str] = &["--release", "obs", "--release-namespace", "monitoring"];
    assert_eq!(told(right, "", release), (0, vec![]));
    assert_eq!(told(right, "", &[]), (0, vec![]));
    for (store, more, flags, said) in [
        (
            right.replace("obs-minio", "minio"),
            "",
            release,
            "`minio` is not the Service of the bundled MinIO: that is `obs-minio`",
        ),
        (
            right.replace("obs-minio", "obs-minio.other.svc"),
            "",
            release,
            "is in the namespace of the release, `monitoring`",
        ),
        (right.replace("9000", "9001"), "", &[][..], "listens on port 9000, and not on 9001"),
        (right.replace(":9000", ""), "", &[], "has no port"),
        (right.replace("insecure: true", "insecure: false"), "", &[], "speaks plain HTTP"),
        (right.replace("    insecure: true\n", ""), "", &[], "speaks plain HTTP"),
        (right.to_owned(), "  tls: {enabled: true}\n", &[], "speaks HTTPS alone"),
        (right.replace("bucket: thanos", "bucket: blocks"), "", &[], "nobody makes the bucket `blocks`"),
        (
            right.replace("bucket: thanos", "bucket: blocks").replace("obs-minio", "{{ .Release.Name }}-minio"),
            "",
            &[],
            "nobody makes the bucket `blocks`",
        ),
        (right.to_owned(), "  service: {ports: {api: 9010}}\n", &[], "listens on port 9010"),
    ] {
        let (code, lines) = told(&store, more, flags);
        assert!(code == 1 && lines.len() == 1 && lines[0].contains(said), "{store}{more}: {lines:#?}");
    }
    for more in
        ["  defaultBuckets: \"logs, blocks:public\"\n", "  provisioning: {enabled: true, buckets: [{name: blocks}]}\n"]
    {
        assert_eq!(told(&right.replace("bucket: thanos", "bucket: blocks"), more, &[]), (0, vec![]), "{more}");
    }
    let (code, lines) = told(&right.replace("obs-minio:9000", "s3.example.com"), "", release);
    assert!(code == 0 && lines.len() == 1 && lines[0].contains("the object store is another"), "{lines:#?}");
}

#[test]
fn what_has_no_effect_is_told() {
    finds(
        "17.3.1",
        "existingObjstoreSecret: a\nobjstoreConfig: {type: S3, config: {bucket: b, endpoint: e}}\n",
        &["THC218 warning 2:1 `objstoreConfig` is ignored: `existingObjstoreSecret` is set too"],
    );
    finds(
        "17.3.1",
        "query: {service: {type: ClusterIP, nodePorts: {http: 30901}}}\n",
        &["THC218 warning 1:54 `query.service.nodePorts.http` is ignored"],
    );
}

#[test]
fn the_port_of_http_in_a_store_and_images_that_are_gone_are_warnings() {
    finds("17.3.1", "query: {stores: ['a:10902']}\n", &["THC249 warning 1:18 port 10902"]);
    finds(
        "17.3.1",
        "image: {registry: docker.io, repository: bitnami/thanos, tag: 0.39.2-debian-12-r2}\n",
        &["THC240 warning 1:58"],
    );
    finds("17.3.1", "image: {repository: bitnami/thanos}\n", &["THC240 warning 1:9"]);
}
