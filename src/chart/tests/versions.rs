//! One release in every chart and version: what each can say, and what it is refused.

use crate::settings::alert_targets::Alertmanagers;
use crate::settings::thanos::SecretsMode;
use serde_json::json;

use super::*;
use crate::chart::chart_version::Chart;
use crate::findings::finding::Severity;

/// Every component, with all that can be said of each in all versions.
const WHOLE: &str = "
image: {registry: quay.io, repository: thanos/thanos, tag: v0.37.2, pullSecrets: [regcred]}
persistence: {storageClass: fast}
resources: {requests: {cpu: 500m, memory: 1Gi}}
query: {service: {type: NodePort}, extraFlags: ['--query.timeout=3m']}
bucketweb: {extraFlags: ['--web.external-prefix=/x'], resources: {limits: {memory: 1Gi}}}
compactor: {retention: {raw: 30d, 5m: 90d, 1h: 1y}, concurrency: 2, persistence: {size: 20Gi}}
storegateway: {indexCache: {type: IN-MEMORY, config: {max_size: 1GB}}, window: {maxAge: 2w, minAge: 1d}}
ruler: {alertmanagers: ['http://am:9093'], rules: [rules.yaml], evaluationInterval: 30s, labels: {region: eu}}
";

const RULER: &str = "ruler: {alertmanagers: ['http://am:9093'], rules: [rules.yaml]}\n";
const MINIO: &str = "minio: {buckets: [thanos], credentials: {rootUser: {env: USER}, rootPassword: {env: PASSWORD}}, persistence: {size: 50Gi}}\n";
/// The images of the oldest MinIO are gone, so that another one has to be named.
const MINIO_IMAGE: &str = "values: {minio: {image: {tag: x}}}\n";
const OBJSTORE: &str = "objstore: {type: S3, config: {bucket: thanos, endpoint: s3, access_key: {env: USER}, secret_key: {env: PASSWORD}}}\n";

fn case(chart: &str, version: Option<&str>, thanos: &str) -> Case {
    let version = version.map(|version| format!("chartVersion: {version}\n")).unwrap_or_default();
    let mut case = Case::of(&format!("chart: {chart}\n{version}{thanos}"));
    case.mode = SecretsMode::Manifest;
    case
}

#[test]
fn every_version_gets_only_keys_that_it_knows() {
    for (name, store) in
        [("bitnami/thanos", MINIO), ("thanos-community/thanos", OBJSTORE), ("stevehipwell/thanos", OBJSTORE)]
    {
        let is_hipwell = name == "stevehipwell/thanos";
        // It has no web page of the bucket, and a type of the Service only later.
        let whole = if is_hipwell {
            WHOLE
                .replace(
                    "bucketweb: {extraFlags: ['--web.external-prefix=/x']",
                    "queryFrontend: {extraFlags: ['--query-range.split-interval=12h']",
                )
                .replace("{type: NodePort}", "{}")
        } else {
            WHOLE.to_owned()
        };
        let newest = Chart::find(name, None).unwrap();
        for version in newest.catalog.versions().iter().filter(|version| newest.dialect.span.holds(**version)) {
            for mode in [SecretsMode::Manifest, SecretsMode::Inline] {
                let mut case = case(name, Some(&version.to_string()), &format!("{whole}{store}"));
                case.mode = mode;
                // The images of the oldest MinIO are gone.
                if name == "bitnami/thanos" {
                    case.thanos.values = document::read("test", "{minio: {image: {tag: x}}}").unwrap();
                }
                let tree = match case.render() {
                    Ok(rendered) => {
                        assert_eq!(ByHand::in_values(rendered.values.text()).told(9), "", "{name} {version}");
                        let chart = Chart::find(name, Some(&version.to_string())).unwrap();
                        let subject = validate::Subject {
                            chart: &chart,
                            wrapper: None,
                            release: Some("thanos"),
                            namespace: None,
                        };
                        let checked = subject.check("values.yaml", rendered.values.text()).unwrap_or_default();
                        let strict: Vec<_> =
                            checked.findings.iter().filter(|it| it.severity > Severity::Note).collect();
                        assert!(strict.is_empty(), "{name} {version}: {strict:#?}");
                        Value::Object(rendered.values.tree)
                    }
                    Err(refused) => {
                        let is_known = newest.dialect.defects.iter().any(|defect| defect.span.holds(*version));
                        assert!(is_known && refused.contains("known defect"), "{name} {version}: {refused}");
                        continue;
                    }
                };
                let mut known = tree.as_object().unwrap().clone();
                // Below a mapping of file names anything may stand.
                if let Some(ruler) = known.get_mut("ruler").and_then(Value::as_object_mut) {
                    ruler.retain(|name, value| name != "rules" || !value.is_object());
                }
                let unknown = newest.catalog.check(*version, &known);
                assert!(unknown.is_empty(), "{name} {version}: {unknown:?}");
                let read = |part| Chart::find(name, Some(&version.to_string())).unwrap().path(part);
                let stores = at(tree.as_object().unwrap(), &read(Part::Stores).unwrap()).unwrap();
                assert_eq!(*stores, json!(["10.0.0.1:10901", "10.0.0.2:10901"]), "{name} {version}");
            }
        }
    }
}

#[test]
fn what_a_version_cannot_express_is_refused_with_those_that_can() {
    for (chart, version, thanos, said) in [
        (
            "bitnami/thanos",
            "7.0.0",
            "query: {service: {type: NodePort}, serviceGrpc: {type: NodePort, nodePort: 30901}}",
            "cannot express `thanos.query.serviceGrpc.nodePort`|6.0.14 and earlier, 8.1.1 and later can",
        ),
        (
            "bitnami/thanos",
            "8.1.0",
            "query: {service: {type: NodePort, nodePort: 30902}}",
            "`thanos.query.service.nodePort`|6.0.14 and earlier, 8.1.1 and later can",
        ),
        ("bitnami/thanos", "2.4.1", "queryFrontend: {}", "`thanos.queryFrontend`|2.5.0 and later can"),
        (
            "bitnami/thanos",
            "1.0.0",
            "query: {clientTLS: {ca: {env: USER}, cert: {env: USER}, key: {env: USER}}}",
            "`thanos.query.clientTLS` cannot be expressed in version 1.0.0|1.3.0 and later can",
        ),
        (
            "bitnami/thanos",
            "1.3.0",
            "query: {clientTLS: {ca: {env: USER}, cert: {env: USER}, key: {env: USER}}}",
            "version 1.3.0|set `secrets: inline`",
        ),
        ("bitnami/thanos", "3.0.1", "query: {clientTLS: {ca: {env: USER}}}", "version 3.0.1|3.16.0 and later can"),
        (
            "bitnami/thanos",
            "3.9.0",
            &format!("{OBJSTORE}ruler: {{alertmanagers: ['http://a:1'], rules: [r], replicaLabel: x}}"),
            "`thanos.ruler.replicaLabel`|3.10.0 and later can",
        ),
        (
            "bitnami/thanos",
            "10.5.5",
            "query: {service: {type: ClusterIP}, serviceGrpc: {type: NodePort}}",
            "is another one than `thanos.query.service.type`|11.0.0 and later of the chart have two Services",
        ),
        (
            "bitnami/thanos",
            "11.1.0",
            "image: {registry: quay.io, repository: thanos/thanos, tag: v0.38.0}",
            "--store, which Thanos 0.38.0 removed|11.1.1 or later",
        ),
        ("bitnami/thanos", "17.3.1", "image: {tag: v0.23.1}", "--endpoint, which Thanos 0.24.0 brought|a later tag"),
        (
            "bitnami/thanos",
            "1.4.1",
            "query: {extraFlags: ['--a=1', '--a=2']}",
            "--a of query is wanted more than once|2.0.0",
        ),
        ("thanos-community/thanos", "0.38.0", MINIO, "`thanos.minio`|no version of thanos-community/thanos can"),
        ("stevehipwell/thanos", "1.24.1", "bucketweb: {}", "`thanos.bucketweb`|no version"),
        (
            "stevehipwell/thanos",
            "1.24.1",
            "query: {service: {type: NodePort, nodePort: 30902}}",
            "`thanos.query.service.nodePort`|no version",
        ),
        ("bitnami/thanos", "17.3.1", "query: {extraFlags: ['--x=$(A)']}", "the flag --x of query holds `$(NAME)`|"),
        ("bitnami/thanos", "17.3.1", "query: {fileSD: {configMap: 'A b'}}", "no name of a ConfigMap|"),
        (
            "bitnami/thanos",
            "17.3.1",
            "query: {extraFlags: [--log.level=debug]}",
            "--log.level of query is given already|leave it out",
        ),
        ("bitnami/thanos", "17.3.1", "query: {extraFlags: ['--store=a:1']}", "no flag --store since 0.38.0|clusters"),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!("{OBJSTORE}storegateway: {{window: {{maxAge: 2w}}, extraFlags: ['--min-time=-1w']}}"),
            "--min-time of storegateway is given already|",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!("{OBJSTORE}ruler: {{alertmanagers: ['http://a:1'], rules: [r], labels: {{replica: x}}}}"),
            "`thanos.ruler.labels` has `replica`|",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!("{OBJSTORE}ruler: {{alertmanagers: ['http://a:1'], rules: [r], labels: {{ruler_cluster: x}}}}"),
            "`thanos.ruler.labels` has `ruler_cluster`|",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!("{OBJSTORE}storegateway: {{}}\nvalues: {{query: {{dnsDiscovery: {{enabled: false}}}}}}"),
            "sets `query.dnsDiscovery.enabled`|finds the store gateway",
        ),
        (
            "bitnami/thanos",
            "2.4.1",
            "query: {fileSD: {configMap: a}}",
            "`thanos.query.fileSD`|2.0.1 and earlier, 2.4.2 and later",
        ),
        (
            "bitnami/thanos",
            "2.1.1",
            &format!("{OBJSTORE}storegateway: {{}}"),
            "has a known defect: it mounts the object store's configuration as a folder|without it: 2.2.0, or 2.0.1",
        ),
        (
            "bitnami/thanos",
            "2.3.1",
            "objstore: {existingSecret: a, existingSecretKey: k.yml}\nruler: {alertmanagers: ['http://a:1'], rules: [r]}",
            "has a known defect: with another key than objstore.yml|without it: 2.3.2",
        ),
        (
            "stevehipwell/thanos",
            "1.21.1",
            "query: {service: {type: NodePort}}",
            "version 1.21.1 of stevehipwell/thanos cannot express `thanos.query.service.type`|1.22.0 and later can",
        ),
        ("stevehipwell/thanos", "1.14.5", "clusterDomain: k8s.example", "`thanos.clusterDomain`|1.15.0 and later can"),
        (
            "stevehipwell/thanos",
            "1.16.2",
            "query: {fileSD: {configMap: x}}",
            "`thanos.query.fileSD`|1.16.3 and later can",
        ),
        (
            "stevehipwell/thanos",
            "1.13.0",
            &format!("{OBJSTORE}compactor: {{}}"),
            "its compactor merges replicas in the bucket for ever|without it: 1.15.0, or 1.12.4",
        ),
        (
            "stevehipwell/thanos",
            "1.16.2",
            "query: {resources: {limits: {memory: 1Gi}}}",
            "fails with `query.resources`|without it: 1.16.3, or 1.16.1; or leave `query.resources` out",
        ),
        (
            "stevehipwell/thanos",
            "0.10.2",
            "",
            "does not know version `0.10.2`|it knows 1.0.0 to 1.24.1; the nearest: 1.0.0",
        ),
        (
            "thanos-community/thanos",
            "0.34.0",
            "query: {service: {type: NodePort, nodePort: 30902}}",
            "`thanos.query.service.nodePort`|0.35.0 and later can",
        ),
        (
            "thanos-community/thanos",
            "0.3.2",
            "",
            "version 0.3.2 of thanos-community/thanos does not start Thanos 0.41.0|v0.37.2 or earlier, or a `thanos.chartVersion` of 0.3.3",
        ),
        (
            "thanos-community/thanos",
            "0.25.0",
            &format!("{OBJSTORE}ruler: {{alertmanagers: ['http://a:1'], rules: [r]}}"),
            "its two rulers have the same labels|without it: 0.25.1; or set `ruler.replicaCount` to 1",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!("{OBJSTORE}storegateway: {{indexCache: {{type: REDDIS, config: {{}}}}}}"),
            "`thanos.storegateway.indexCache`: |",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            &format!(
                "{OBJSTORE}storegateway: {{indexCache: {{type: REDIS, config: {{addr: 'a:1', password: hunter2}}}}}}"
            ),
            "`thanos.storegateway.indexCache` holds a secret|",
        ),
        (
            "bitnami/thanos",
            "17.3.1",
            "query: {extraFlags: [--a]}\nvalues: {query: {extraFlags: [--b]}}",
            "`thanos.values` sets `query.extraFlags`|set `thanos.query.extraFlags`",
        ),
        ("thanos-community/thanos", "0.38.0", "values: {receive: {enabled: true}}", "sets `receive.enabled`|nothing"),
    ] {
        let failures =
            case(chart, Some(version), thanos).render().err().unwrap_or_else(|| panic!("{chart} {version} {thanos}"));
        let (what, hint) = said.split_once('|').unwrap();
        assert!(failures.contains(what) && failures.contains(hint), "{chart} {version} {thanos}: {failures}");
    }
}

#[test]
fn the_first_versions_take_one_replica_label_and_a_mapping_of_flags() {
    let tree = case("bitnami/thanos", Some("1.4.1"), &format!("{WHOLE}{MINIO}{MINIO_IMAGE}")).tree();
    assert_eq!(tree["querier"]["replicaLabel"], "prometheus_replica");
    assert_eq!(tree["querier"]["extraFlags"], json!({"query.replica-label": "replica", "query.timeout": "3m"}));
    assert_eq!(tree["compactor"]["extraFlags"], json!({"compact.concurrency": "2"}));
    assert_eq!(tree["minio"]["existingSecret"], "thanos-minio-root");
    let tree = case("bitnami/thanos", Some("2.4.0"), &format!("{WHOLE}{MINIO}{MINIO_IMAGE}")).tree();
    assert_eq!(tree["querier"]["extraFlags"], json!(["--query.replica-label=replica", "--query.timeout=3m"]));
}

#[test]
fn the_first_versions_of_the_other_charts_are_told_in_their_own_keys() {
    let tree = case("stevehipwell/thanos", Some("1.10.2"), &format!("{OBJSTORE}{RULER}")).tree();
    assert_eq!(tree["query"]["additionalStores"], json!(["10.0.0.1:10901", "10.0.0.2:10901"]));
    assert_eq!(tree["query"]["replicaLabels"], json!(["prometheus_replica", "rule_replica"]));
    assert_eq!(tree.get("storeGateway"), None);
    let files: Value = document::read("test", tree["rule"]["rules"]["value"].as_str().unwrap()).unwrap();
    assert_eq!(files, json!({ "thanosctl.yaml": RULES }));
    let tree = case("stevehipwell/thanos", Some("1.12.0"), &format!("{OBJSTORE}{RULER}")).tree();
    assert_eq!(tree["rule"]["rules"]["value"], RULES);
    // Endpoints go through `tpl` from 1.22.0, the object store from 1.12.0.
    let mut braces = case("stevehipwell/thanos", Some("1.11.1"), OBJSTORE);
    braces.mode = SecretsMode::Inline;
    assert!(braces.tree()["objstoreConfig"]["value"].as_str().unwrap().contains("min{{io"));
    let tree =
        case("thanos-community/thanos", Some("0.7.0"), "image: {registry: a, repository: b/c, tag: v0.41.0}").tree();
    assert_eq!(tree["query"]["stores"], json!(["10.0.0.1:10901", "10.0.0.2:10901"]));
    assert_eq!(tree["global"]["image"], json!({"repository": "a/b/c", "tag": "v0.41.0"}));
    let flags = |version: &str| {
        let compactor = "compactor: {retention: {raw: 7d}}";
        case("thanos-community/thanos", Some(version), &format!("{OBJSTORE}{compactor}")).tree()["compactor"].clone()
    };
    let kept = ["--log.level=info", "--log.format=logfmt", "--retention.resolution-5m=90d"];
    let rest = ["--retention.resolution-1h=365d", "--consistency-delay=30m", "--wait", "--retention.resolution-raw=7d"];
    assert_eq!(flags("0.12.1")["extraArgs"], json!([&kept[..], &rest].concat()));
    assert_eq!(flags("0.12.2"), json!({"enabled": true, "retention": {"resolutionRaw": "7d"}}));
}

#[test]
fn a_component_that_always_runs_without_an_object_store_is_a_note() {
    let notes = |version: &str, thanos: &str| {
        case("stevehipwell/thanos", Some(version), thanos).render().unwrap().notes.join("\n")
    };
    assert!(notes("1.20.0", "").contains("always runs storegateway"));
    assert_eq!(notes("1.20.0", OBJSTORE), "");
    assert_eq!(notes("1.21.0", ""), "");
}

#[test]
fn no_replica_label_at_all_is_refused_where_the_chart_always_has_one() {
    for (version, is_refused) in [("2.4.0", true), ("2.4.1", false)] {
        let case = case("bitnami/thanos", Some(version), "");
        let made = case.with(|request| Release::of(&Request { replica_labels: &[], ..*request }).map(drop));
        let told = made.map_or_else(|failures| failures.to_string(), |()| String::new());
        let expected = "2.4.0 of bitnami/thanos cannot express an empty `replicaLabels`";
        assert_eq!(told.contains(expected) && told.contains("2.4.1 and later can"), is_refused, "{version}: {told}");
    }
}

#[test]
fn the_root_user_is_in_the_keys_that_the_version_asks_for() {
    for (version, keys) in
        [("6.0.14", "access-key: admin\n  secret-key"), ("7.0.0", "root-user: admin\n  root-password")]
    {
        let case = case("bitnami/thanos", Some(version), &format!("{WHOLE}{MINIO}{MINIO_IMAGE}"));
        let manifest =
            case.with(|request| Release::of(request)?.secret_manifest()).unwrap_or_else(|all| panic!("{all}"));
        assert!(manifest.unwrap().open().contains(keys), "{version}");
    }
}

#[test]
fn what_runs_by_itself_is_off_without_the_object_store_that_it_needs() {
    for (chart, store, compactor) in
        [("thanos-community/thanos", "storegateway", Some("compactor")), ("stevehipwell/thanos", "storeGateway", None)]
    {
        let tree = case(chart, None, "").tree();
        assert_eq!(tree[store]["enabled"], false, "{chart}");
        if let Some(compactor) = compactor {
            assert_eq!((&tree[compactor]["enabled"], &tree["receive"]["enabled"]), (&json!(false), &json!(false)));
        }
        let tree = case(chart, None, OBJSTORE).tree();
        assert_eq!(tree.get(store), None, "{chart}");
    }
}

#[test]
fn the_querier_dials_with_tls_as_the_version_can() {
    const FULL: &str =
        "query: {clientTLS: {ca: {env: USER}, cert: {env: USER}, key: {env: PASSWORD}, serverName: thanos.example}}";
    const CA: &str = "query: {clientTLS: {existingSecret: ca, caKey: root.pem}}";
    let keys = json!({"name": "thanos-query-client-tls", "keyMapping": {"ca-cert": "ca.crt", "tls-cert": "tls.crt", "tls-key": "tls.key"}});
    let tree = case("bitnami/thanos", Some("17.3.1"), FULL).tree();
    let client = &tree["query"]["grpc"]["client"];
    assert_eq!(client["serverName"], "thanos.example");
    assert_eq!(client["tls"], json!({"enabled": true, "existingSecret": keys}));
    assert_eq!(tree["query"].get("extraFlags"), None);
    let tree = case("bitnami/thanos", Some("7.1.0"), FULL).tree();
    let client = json!({"secure": true, "servername": "thanos.example", "existingSecret": keys});
    assert_eq!(tree["query"]["grpcTLS"]["client"], client);
    // The template of these versions looks for the name at a key that the chart does not have.
    let tree = case("bitnami/thanos", Some("9.0.13"), FULL).tree();
    assert_eq!(tree["query"]["extraFlags"], json!(["--grpc-client-server-name=thanos.example"]));
    for (chart, version, flags) in [
        ("bitnami/thanos", Some("17.3.1"), "extraFlags"),
        ("bitnami/thanos", Some("8.0.0"), "extraFlags"),
        ("stevehipwell/thanos", None, "extraArgs"),
    ] {
        let tree = case(chart, version, CA).tree();
        let expected = json!(["--grpc-client-tls-secure", "--grpc-client-tls-ca=/etc/thanos-client-tls/root.pem"]);
        assert_eq!(tree["query"][flags], expected, "{chart}");
        assert_eq!(tree["query"]["extraVolumes"][0]["secret"]["secretName"], "ca", "{chart}");
        assert_eq!(tree["query"]["extraVolumeMounts"][0]["mountPath"], "/etc/thanos-client-tls", "{chart}");
    }
    let mut inline = case("bitnami/thanos", Some("1.3.0"), FULL);
    inline.mode = SecretsMode::Inline;
    let tree = inline.tree();
    assert_eq!(tree["querier"]["grpcTLS"]["client"]["cert"], "admin\n");
    let manifest = case("bitnami/thanos", Some("17.3.1"), FULL).with(|request| Release::of(request)?.secret_manifest());
    let manifest = manifest.unwrap_or_else(|failures| panic!("{failures}")).unwrap();
    let read: Value = document::read("secrets.yaml", manifest.open()).unwrap();
    assert_eq!(read["stringData"]["tls.key"], "min{{io\"123\n");
}

#[test]
fn stores_in_a_config_map_are_in_the_format_that_thanos_reads() {
    const SETTINGS: &str = "query: {fileSD: {configMap: stores}}";
    for (chart, version, key, body) in [
        (
            "bitnami/thanos",
            Some("17.3.1"),
            "endpoints.yml",
            "endpoints:\n- address: \"10.0.0.1:10901\" # eu-1 monitoring/prometheus-thanos\n- address: \"10.0.0.2:10901\" # us-1 monitoring/prometheus-thanos\n",
        ),
        (
            "bitnami/thanos",
            Some("3.10.0"),
            "servicediscovery.yml",
            "- targets:\n    - \"10.0.0.1:10901\" # eu-1 monitoring/prometheus-thanos\n    - \"10.0.0.2:10901\" # us-1 monitoring/prometheus-thanos\n",
        ),
    ] {
        let case = case(chart, version, SETTINGS);
        let tree = case.tree();
        assert_eq!(tree["query"].get("stores"), None);
        if key == "endpoints.yml" {
            let flag = json!(["--endpoint.sd-config-file=/etc/thanos-endpoints/endpoints.yml"]);
            assert_eq!(tree["query"]["extraFlags"], flag);
            assert_eq!(tree["query"]["extraVolumes"][0]["configMap"]["name"], "stores");
        } else {
            assert_eq!(tree["query"]["existingSDConfigmap"], "stores");
        }
        let map = case.with(|request| Release::of(request)?.stores_config_map(&case.plan(), &[]));
        let map = map.unwrap_or_else(|failures| panic!("{failures}")).unwrap();
        assert_eq!(ByHand::in_stores(map.text()), ByHand::default(), "{}", map.text());
        assert!(wrote_stores(map.text()) && !wrote_secrets(map.text()) && !wrote_values(map.text()));
        let read: Value = document::read("stores.yaml", map.text()).unwrap();
        assert_eq!((&read["metadata"]["name"], &read["data"][key]), (&json!("stores"), &json!(body)), "{}", map.text());
        let known = Stores::read_config_map("stores.yaml", map.text()).unwrap();
        let known: Vec<String> =
            known.known.iter().map(|known| format!("{} {}", known.address, known.origin)).collect();
        assert_eq!(
            known,
            ["10.0.0.1:10901 eu-1 monitoring/prometheus-thanos", "10.0.0.2:10901 us-1 monitoring/prometheus-thanos"]
        );
    }
    // There it would be a folder where Thanos reads a file.
    let told = case("bitnami/thanos", Some("2.4.1"), SETTINGS).with(|request| Release::of(request).map(drop));
    let told = told.unwrap_err().to_string();
    assert!(told.contains("2.4.1 of bitnami/thanos cannot express `thanos.query.fileSD`"), "{told}");
    // Mounted by us, so that a change reaches the pods; and an image says more of Thanos than the chart does.
    for (settings, flag) in [
        (SETTINGS.to_owned(), "--store.sd-files=/etc/thanos-endpoints/servicediscovery.yml"),
        (
            format!("image: {{tag: v0.39.2}}\n{SETTINGS}"),
            "--endpoint.sd-config-file=/etc/thanos-endpoints/endpoints.yml",
        ),
    ] {
        let tree = case("bitnami/thanos", Some("12.23.2"), &settings).tree();
        assert_eq!(tree["query"].get("existingSDConfigmap"), None);
        assert_eq!(tree["query"]["extraFlags"], json!([flag]));
    }
}

#[test]
fn a_configuration_of_alertmanagers_goes_where_the_chart_takes_one() {
    const RULER: &str = "ruler: {rules: [r], alertmanagersConfig: {alertmanagers: [{static_configs: ['am:9093']}]}}\n";
    const TEXT: &str = "alertmanagers:\n- static_configs: ['{{ am }}:9093']\n";
    let with = |chart, version| {
        let mut case = case(chart, version, &format!("{OBJSTORE}{RULER}"));
        case.alertmanagers = Some(
            Alertmanagers::from_file("am.yaml", "alertmanagers:\n- static_configs: ['am:9093']\n")
                .unwrap_or_else(|all| panic!("{all}")),
        );
        case
    };
    let tree = with("bitnami/thanos", Some("17.3.1")).tree();
    assert_eq!(tree["ruler"]["alertmanagersConfig"], TEXT.replace("{{ am }}", "am"));
    let tree = with("thanos-community/thanos", None).tree();
    assert_eq!(tree["ruler"]["alertmanagers"]["config"], TEXT.replace("{{ am }}", "am"));
    let mut secret = with("bitnami/thanos", Some("17.3.1"));
    let text = "alertmanagers:\n- static_configs: ['am:9093']\n  http_config: {basic_auth: {username: u, password: hunter2}}\n";
    secret.alertmanagers = Some(Alertmanagers::from_file("am.yaml", text).unwrap_or_else(|all| panic!("{all}")));
    let refused = secret.render().err().unwrap();
    assert!(refused.contains("holds a secret") && !refused.contains("hunter2"), "{refused}");
    secret.mode = SecretsMode::Inline;
    assert!(secret.render().unwrap_or_else(|all| panic!("{all}")).values.text().contains("It holds secrets"));
    let refused = with("bitnami/thanos", Some("3.18.0")).render().err().unwrap();
    assert!(
        refused.contains("`thanos.ruler.alertmanagersConfig`") && refused.contains("3.18.1 and later"),
        "{refused}"
    );
}

#[test]
fn what_cannot_be_pulled_any_more_is_a_note() {
    let notes =
        |version: &str, thanos: &str| case("bitnami/thanos", Some(version), thanos).render().unwrap().notes.join("\n");
    assert!(notes("12.11.0", "").contains("set `thanos.image`"));
    assert_eq!(notes("12.11.1", ""), "");
    let image = "image: {registry: quay.io, repository: thanos/thanos, tag: v0.30.0}\n";
    let text = |version: &str| case("bitnami/thanos", Some(version), "").render().unwrap().values.text;
    assert!(
        text("12.11.0").contains("whether this one was kept is not known")
            && !text("12.11.0").contains("still be pulled")
    );
    assert!(text("12.11.1").contains("can still be pulled"));
    assert_eq!(notes("9.0.13", &format!("{image}{MINIO}values: {{minio: {{image: {{tag: x}}}}}}")), "");
}

#[test]
fn the_ruler_finds_its_rules_where_the_chart_tells_it_a_wrong_place() {
    const RULER: &str = "objstore: {existingSecret: x}\nruler: {alertmanagers: ['http://a:9093'], rules: [rules.yaml]}";
    for (version, flags) in [("15.13.1", json!(["--rule-file=/conf/rules/*.yml"])), ("15.13.2", Value::Null)] {
        let tree = case("bitnami/thanos", Some(version), RULER).tree();
        assert_eq!(tree["ruler"]["extraFlags"], flags, "{version}");
    }
}
