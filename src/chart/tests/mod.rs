//! The values of whole releases.

mod template;
mod versions;

use super::header::MadeFrom;
use super::*;
use crate::fleet::address::Address;
use crate::fleet::plan::{Endpoint, Evidence, Gap, KnownEndpoint, Origin, Source};
use crate::names::{ClusterName, ServiceRef};
use crate::secret::Secrets;
use crate::secret::{Secret, SecretReference};
use crate::settings::alert_targets::Alertmanagers;
use crate::settings::thanos::{SecretsMode, Thanos};
use crate::thanos::rules::RuleFiles;
use proptest::prelude::*;

const RULES: &str = "groups:\n- name: thanos\n  rules:\n  - alert: PrometheusDown\n    expr: absent(up{prometheus=\"monitoring/prometheus-operator\"})\n    annotations:\n      summary: \"gone: {{ $labels.x }}\"\n";

const FULL: &str = "
bucketweb: {}
compactor: {retention: {raw: 30d, 5m: 90d, 1h: 1y}, persistence: {size: 20Gi}}
storegateway: {}
ruler: {alertmanagers: ['http://prometheus-operator-alertmanager.monitoring.svc.cluster.local:9093'], rules: [rules.yaml]}
minio: {buckets: [thanos], credentials: {rootUser: {env: USER}, rootPassword: {env: PASSWORD}}}
";

struct Case {
    thanos: Thanos,
    mode: SecretsMode,
    addresses: &'static [&'static str],
    password: String,
    alertmanagers: Option<Alertmanagers>,
}

impl Case {
    fn of(thanos: &str) -> Self {
        let thanos = document::read("thanosctl.yaml", thanos).unwrap_or_else(|error| panic!("{error}"));
        Self {
            thanos,
            mode: SecretsMode::Inline,
            addresses: &["10.0.0.1:10901", "10.0.0.2:10901"],
            password: "min{{io\"123".into(),
            alertmanagers: None,
        }
    }

    fn plan(&self) -> Plan {
        let endpoints = self.addresses.iter().zip(["eu-1", "us-1"]).map(|(address, cluster)| Endpoint {
            address: address.parse().unwrap(),
            evidence: Evidence::Found(Source::NodePort),
            origin: Origin {
                cluster: ClusterName::try_from(cluster.to_owned()).unwrap(),
                service: Some(ServiceRef { namespace: "monitoring".into(), name: "prometheus-thanos".into() }),
            },
        });
        Plan::assemble(endpoints.collect()).unwrap()
    }

    fn with<T>(&self, act: impl FnOnce(&Request<'_>) -> T) -> T {
        let mut secrets = Secrets::default();
        secrets.insert(SecretReference::Env("USER".into()), Secret::new("admin".into()).unwrap());
        secrets.insert(SecretReference::Env("PASSWORD".into()), Secret::new(self.password.clone()).unwrap());
        let rules = RuleFiles::check(vec![("rules.yaml".into(), RULES.into())]).unwrap();
        act(&Request {
            replica_labels: &["prometheus_replica".to_owned()],
            thanos: &self.thanos,
            secrets_mode: self.mode,
            secrets: &secrets,
            rules: Some(&rules),
            alertmanagers: self.alertmanagers.as_ref(),
            made_from: MadeFrom::Settings,
        })
    }

    fn render(&self) -> Result<Rendered, String> {
        self.with(|request| render(request, &self.plan()).map_err(|failures| failures.to_string()))
    }

    fn tree(&self) -> Value {
        Value::Object(self.render().unwrap_or_else(|failures| panic!("{failures}")).values.tree)
    }
}

fn render(request: &Request<'_>, plan: &Plan) -> Result<Rendered, Failures> {
    Release::of(request)?.render(plan, &[])
}

fn refused(thanos: &str) -> String {
    match Case::of(thanos).render() {
        Ok(rendered) => panic!("{}", rendered.values.text),
        Err(failures) => failures,
    }
}

#[test]
fn the_short_how_to_comes_out_whole() {
    let mut case = Case::of("query: {service: {type: NodePort, nodePort: 30902}}");
    case.addresses = &["10.2.0.14:31420", "10.2.0.248:32527"];
    assert_eq!(
        case.render().unwrap().values.text(),
        format!(
            "# thanosctl {}: bitnami/thanos 17.3.1\n{}",
            env!("CARGO_PKG_VERSION"),
            r#"# Release thanos in namespace monitoring. Generated: change thanosctl.yaml, not this file.
# helm upgrade --install thanos oci://registry-1.docker.io/bitnamicharts/thanos --version 17.3.1 --namespace monitoring --values FILE

query:
  # Beside each StoreAPI stands the cluster and the Service that it came from.
  stores:
    - "10.2.0.14:31420" # eu-1 monitoring/prometheus-thanos
    - "10.2.0.248:32527" # us-1 monitoring/prometheus-thanos
  # The labels that only tell replicas apart: series that differ in nothing else are shown as one.
  replicaLabel: [prometheus_replica]
  service:
    type: NodePort
    nodePorts:
      http: "30902"

# Versioned images left docker.io/bitnami in August 2025; what is written here can still be pulled.
image:
  registry: docker.io
  repository: bitnamilegacy/thanos
"#
        )
    );
}

#[test]
fn the_full_how_to_is_whole_and_its_credentials_agree() {
    let case = Case::of(FULL);
    let tree = case.tree();
    let store = "type: S3\nconfig:\n  bucket: thanos\n  endpoint: \"thanos-minio.monitoring.svc.cluster.local:9000\"\n  \
                     access_key: \"admin\"\n  insecure: true\n  secret_key: \"min{{ `{{` }}io\\\"123\"\n";
    assert_eq!(tree["objstoreConfig"], store);
    assert_eq!(tree["minio"]["auth"]["rootPassword"], "min{{ `{{` }}io\"123");
    assert_eq!(tree["minio"]["defaultBuckets"], "thanos");
    assert_eq!(tree["ruler"]["config"], RULES.replace("{{", "{{ `{{` }}"));
    assert_eq!(tree["query"]["replicaLabel"], serde_json::json!(["prometheus_replica", "replica"]));
    assert_eq!(tree["compactor"]["retentionResolution1h"], "1y");
    for component in ["bucketweb", "compactor", "storegateway", "ruler", "minio"] {
        assert_eq!(tree[component]["enabled"], true, "{component}");
    }
    assert_eq!(tree.get("global"), None);
    assert!(case.render().unwrap().values.text().contains("# It holds secrets"));
}

#[test]
fn in_a_manifest_the_secrets_stand_as_they_are_and_in_the_values_not_at_all() {
    let mut case = Case::of(FULL);
    case.mode = SecretsMode::Manifest;
    let rendered = case.render().unwrap();
    assert!(!rendered.values.text().contains("min{{") && !rendered.values.text().contains("admin"));
    let named = case.with(|request| Release::of(request).map(|release| release.secret_names().join(" ")));
    assert_eq!(named.unwrap_or_else(|failures| panic!("{failures}")), "thanos-objstore thanos-minio-root");
    assert_eq!(rendered.values.tree()["existingObjstoreSecret"], "thanos-objstore");
    assert_eq!(rendered.values.tree()["minio"]["auth"]["existingSecret"], "thanos-minio-root");
    let manifest = case
        .with(|request| Release::of(request)?.secret_manifest())
        .unwrap_or_else(|failures| panic!("{failures}"))
        .unwrap();
    let documents: Vec<&str> = manifest.open().split("---\n").collect();
    let store: Value = document::read("test", documents[1]).unwrap();
    let root: Value = document::read("test", documents[2]).unwrap();
    assert_eq!(root["stringData"]["root-password"], "min{{io\"123");
    let store: Value = document::read("test", store["stringData"]["objstore.yml"].as_str().unwrap()).unwrap();
    assert_eq!(store["config"]["secret_key"], "min{{io\"123");
    assert_eq!(root["metadata"]["name"], "thanos-minio-root");
}

#[test]
fn the_secrets_that_a_release_needs_are_named_once() {
    let objstore =
        "objstore: {type: S3, config: {bucket: abc, endpoint: x, access_key: {env: USER}, secret_key: {file: key}}}";
    let thanos = Case::of(&format!("{FULL}\n{objstore}")).thanos;
    let names: Vec<String> = thanos.secret_references().unwrap().iter().map(SecretReference::to_string).collect();
    assert_eq!(names, ["environment variable USER", "file key", "environment variable PASSWORD"]);
}

#[test]
fn a_store_that_holds_no_secret_needs_no_manifest() {
    let mut case = Case::of("{objstore: {type: FILESYSTEM, config: {directory: /data}}, bucketweb: {}}");
    case.mode = SecretsMode::Manifest;
    assert_eq!(case.tree()["objstoreConfig"], "type: FILESYSTEM\nconfig:\n  directory: \"/data\"\n");
    assert!(case.with(|request| Release::of(request)?.secret_manifest()).is_ok_and(|manifest| manifest.is_none()));
}

#[test]
fn a_secret_that_exists_is_named_with_its_key() {
    let tree = Case::of("{objstore: {existingSecret: bucket, existingSecretKey: thanos.yaml}, compactor: {}}").tree();
    assert_eq!(tree["existingObjstoreSecret"], "bucket");
    assert_eq!(
        tree["existingObjstoreSecretItems"],
        serde_json::json!([{"key": "thanos.yaml", "path": "objstore.yml"}])
    );
    let tree = Case::of("{objstore: {existingSecret: bucket}, compactor: {}}").tree();
    assert_eq!(tree.get("existingObjstoreSecretItems"), None);
}

#[test]
fn minio_is_found_under_the_name_that_its_chart_gives_it() {
    for (settings, endpoint) in [
        ("release: obs", "obs-minio.monitoring.svc.cluster.local:9000"),
        ("release: my-minio, namespace: x", "my-minio.x.svc.cluster.local:9000"),
        ("release: obs, clusterDomain: k8s.example", "obs-minio.monitoring.svc.k8s.example:9000"),
        ("values: {minio: {fullnameOverride: s3, service: {ports: {api: 80}}}}", "s3.monitoring.svc.cluster.local:80"),
        ("values: {minio: {nameOverride: store}}", "thanos-store.monitoring.svc.cluster.local:9000"),
    ] {
        let tree = Case::of(&format!(
            "{{{settings}, minio: {{credentials: {{rootUser: {{env: USER}}, rootPassword: {{env: PASSWORD}}}}}}}}"
        ))
        .tree();
        let store: Value =
            document::read("test", &tree["objstoreConfig"].as_str().unwrap().replace("{{ `{{` }}", "{{")).unwrap();
        assert_eq!(store["config"]["endpoint"], endpoint, "{settings}");
    }
}

#[test]
fn the_image_check_is_switched_off_only_where_it_would_refuse() {
    let allowed = |settings: &str| {
        Case::of(&format!("{{{settings}}}")).tree().pointer("/global/security/allowInsecureImages").is_some()
    };
    assert!(!allowed("chartVersion: 15.8.5"));
    assert!(allowed("chartVersion: 15.9.0"));
    assert!(allowed("chartVersion: 17.3.0"));
    assert!(!allowed("chartVersion: 17.3.1"));
    assert!(allowed("image: {registry: quay.io, repository: thanos/thanos, tag: v0.39.2}"));
    assert!(allowed("values: {global: {imageRegistry: registry.example}}"));
    assert!(allowed("values: {volumePermissions: {image: {repository: busybox}}}"));
    assert!(!allowed("chartVersion: 17.3.0, values: {image: {repository: bitnami/thanos}}"));
}

#[test]
fn the_images_of_minio_are_those_that_its_version_knows() {
    let images = |version: &str| Case::of(&format!("chartVersion: {version}\n{FULL}")).tree()["minio"].clone();
    assert_eq!(images("13.0.0")["volumePermissions"]["image"]["repository"], "bitnamilegacy/os-shell");
    assert_eq!(images("13.0.0").get("console"), None);
    let tree = Case::of("values: {volumePermissions: {enabled: true}}").tree();
    assert_eq!(tree["volumePermissions"]["image"]["repository"], "bitnamilegacy/os-shell");
    assert_eq!(images("17.0.0")["console"]["image"]["repository"], "bitnamilegacy/minio-object-browser");
    assert_eq!(images("17.0.0").get("volumePermissions"), None);
}

#[test]
fn other_values_are_merged_last_but_not_over_what_is_ours() {
    let tree = Case::of(
        "{values: {image: {tag: x}, query: {replicaCount: 2, service: {type: LoadBalancer}, nodeSelector: {n: 'on'}}}}",
    )
    .tree();
    assert_eq!(tree["image"]["tag"], "x");
    assert_eq!(tree["image"]["repository"], "bitnamilegacy/thanos");
    assert_eq!(tree["query"]["nodeSelector"]["n"], "on");
    assert_eq!(tree["query"]["stores"].as_array().unwrap().len(), 2);
    for (values, said) in [
        ("{query: {stores: []}}", "set the endpoints of `clusters`"),
        ("{query: null}", "`query.stores`"),
        ("{objstoreConfig: x}", "`thanos.objstore`"),
        ("{query: {replicaLable: [x]}}", "did you mean `query.replicaLabel`?"),
    ] {
        assert!(refused(&format!("{{values: {values}}}")).contains(said), "{values}");
    }
}

#[test]
fn what_the_chart_would_break_on_is_refused() {
    let root = "credentials: {rootUser: {env: USER}, rootPassword: {env: PASSWORD}}";
    for (settings, said) in [
        ("chartVersion: 0.4.3".to_owned(), "the nearest: 0.5.0"),
        ("compactor: {}".to_owned(), "`thanos.compactor` wants an object store"),
        (
            "values: {storegateway: {enabled: true}}".to_owned(),
            "sets `storegateway.enabled`, which wants an object store",
        ),
        ("ruler: {alertmanagers: [], rules: []}, objstore: {existingSecret: x}".to_owned(), "alertmanagers` is empty"),
        ("query: {service: {nodePort: 30001}}".to_owned(), "type ClusterIP has none"),
        (
            "query: {service: {type: NodePort, nodePort: 30001}, serviceGrpc: {type: NodePort, nodePort: 30001}}"
                .to_owned(),
            "have one nodePort",
        ),
        ("release: a.b".to_owned(), "name of a Helm release"),
        ("release: '123'".to_owned(), "name of a Helm release"),
        ("namespace: '1e3'".to_owned(), "name of a namespace"),
        ("clusterDomain: 'a b'".to_owned(), "is no DNS domain"),
        ("release: 1thanos".to_owned(), "no Service can have a name that starts with `1thanos`"),
        (
            format!("release: thanos-{}, objstore: {{existingSecret: x}}, storegateway: {{}}", "a".repeat(40)),
            "StatefulSet",
        ),
        (format!("values: {{fullnameOverride: {}}}", "a".repeat(60)), "more than 63 characters"),
        ("values: {fullnameOverride: '{{ x }}'}".to_owned(), "no Service can have a name"),
        ("minio: {credentials: {existingSecret: x}}".to_owned(), "write `thanos.objstore`"),
        ("minio: {credentials: {}}".to_owned(), "are missing"),
        (format!("minio: {{{root}}}, values: {{minio: {{auth: {{rootUser: x}}}}}}"), "set `thanos.minio.credentials`"),
        (format!("minio: {{{root}, buckets: []}}"), "buckets` is empty"),
        (format!("minio: {{{root}, buckets: ['123']}}"), "something else than a text"),
        (format!("minio: {{{root}, buckets: [A_b]}}"), "name of a bucket"),
        (format!("minio: {{{root}, persistence: {{size: 8GB}}}}"), "is no size"),
        (format!("minio: {{{root}}}, values: {{minio: {{tls: {{enabled: true}}}}}}"), "how to trust it"),
        ("objstore: {existingSecret: '{{ x }}'}".to_owned(), "names no Secret"),
        ("objstore: {existingSecret: x, existingSecretKey: 'a/b'}".to_owned(), "names a key"),
    ] {
        let failures = refused(&format!("{{{settings}}}"));
        assert!(failures.contains(said), "{settings}: {failures}");
    }
    let mut case = Case::of(FULL);
    case.password = "seven77".into();
    let failures = case.render().err().unwrap();
    assert!(failures.contains("at least 8 characters") && !failures.contains("seven77"), "{failures}");
}

#[test]
fn what_a_named_component_is_made_of_is_not_said_again_in_the_values() {
    let ruler = "objstore: {existingSecret: x}, ruler: {alertmanagers: ['http://a:9093'], rules: [rules.yaml]}";
    for (values, said) in [
        ("{ruler: {enabled: false}}", "set `thanos.ruler`, or leave that out"),
        ("{ruler: {enabled: true}}", "set `thanos.ruler`, or leave that out"),
        ("{ruler: null}", "`ruler.enabled`"),
        ("{ruler: {alertmanagers: []}}", "set `thanos.ruler.alertmanagers`"),
        ("{ruler: {alertmanagersConfig: {alertmanagers: []}}}", "set `thanos.ruler.alertmanagers`"),
        ("{ruler: {config: null}}", "set `thanos.ruler.rules`"),
        ("{ruler: {existingConfigmap: x}}", "set `thanos.ruler.rules`"),
        ("{ruler: {args: [x]}}", "lose its Alertmanagers"),
        ("{query: {enabled: false}}", "nobody asks the sidecars"),
        ("{ruler: 1}", "wants keys below it"),
    ] {
        let failures = refused(&format!("{{{ruler}, values: {values}}}"));
        assert!(failures.contains(said), "{values}: {failures}");
    }
    for component in ["bucketweb", "compactor", "storegateway", "queryFrontend"] {
        for enabled in ["true", "false", "null"] {
            let settings = format!("objstore: {{existingSecret: x}}, {component}: {{}}");
            let failures = refused(&format!("{{{settings}, values: {{{component}: {{enabled: {enabled}}}}}}}"));
            assert!(failures.contains(&format!("set `thanos.{component}`")), "{component} {enabled}: {failures}");
        }
    }
    // What is beside it is the user's.
    let tree = Case::of(&format!("{{{ruler}, values: {{ruler: {{evalInterval: 5m, replicaCount: 2}}}}}}")).tree();
    assert_eq!((&tree["ruler"]["evalInterval"], &tree["ruler"]["replicaCount"]), (&"5m".into(), &2.into()));
}

#[test]
fn what_values_switch_on_alone_must_be_whole() {
    let store = "objstore: {existingSecret: x}, ";
    let tls = "query: {grpc: {client: {tls: {enabled: true";
    let sharded = "storegateway: {sharded: {enabled: true, ";
    for (settings, values, said) in [
        ("", "bucketweb: {enabled: true}", "sets `bucketweb.enabled`, which wants an object store"),
        ("", "compactor: {enabled: true}", "`thanos.objstore`, or `thanos.minio`"),
        ("", "ruler: {enabled: true}", "`ruler.enabled`, which wants an object store"),
        (store, "ruler: {enabled: true}", "no `ruler.alertmanagers` says where alerts go"),
        (store, "ruler: {enabled: true}", "no `ruler.config` says which rules"),
        (store, "ruler: {enabled: true}", "set `thanos.ruler: {alertmanagers"),
        (store, "ruler: {enabled: true, alertmanagers: [], alertmanagersConfig: {}, config: x}", "where alerts go"),
        (store, "ruler: {enabled: true, alertmanagers: [a], config: ''}", "which rules it has"),
        (
            store,
            "ruler: {enabled: true, alertmanagers: [a], alertmanagersConfig: {a: b}, config: x}",
            "exclude each other",
        ),
        (store, "ruler: {enabled: true, alertmanagers: [a], config: 'x: \"{{ $labels.x }}\"'}", "it is escaped"),
        (store, "ruler: {enabled: true, alertmanagers: [a], config: {groups: [{x: '{{ $value }}'}]}}", "it is escaped"),
        ("", "minio: {enabled: true}", "set `thanos.minio` with its credentials"),
        ("", "minio: {enabled: true, auth: {rootUser: a}}", "another password each time"),
        ("", "receive: {enabled: true, autoscaling: {enabled: true}}", "`receive.mode: dual-mode`"),
        ("", "receive: {enabled: true, mode: standalone, autoscaling: {enabled: true}}", "`receive.mode: dual-mode`"),
        ("", &format!("{tls}}}}}}}}}"), "`cert`, `key`, `ca` beside it"),
        ("", &format!("{tls}, cert: a, key: b}}}}}}}}"), "and of `ca` beside it there is none"),
        ("", "https: {enabled: true, cert: a}", "`https.enabled`: and of `key` beside it"),
        ("", "https: {enabled: true, cert: a, key: b, clientAuthType: x}", "and of `ca` beside it"),
        ("", "query: {grpc: {server: {tls: {enabled: true}}}}", "`query.grpc.server.tls.enabled`"),
        (
            "",
            "receive: {enabled: true, grpc: {server: {tls: {enabled: true, cert: a}}}}",
            "and of `key`, `ca` beside it",
        ),
        (
            "objstore: {existingSecret: x}, storegateway: {}, ",
            "storegateway: {grpc: {server: {tls: {enabled: true}}}}",
            "`storegateway.grpc.server.tls.enabled`",
        ),
        ("", &format!("{sharded}service: {{clusterIPs: [a, b]}}}}}}"), "its entries are 2, the shards are 1"),
        (
            "",
            &format!("{sharded}hashPartitioning: {{shards: 3}}, service: {{grpc: {{nodePorts: [1]}}}}}}}}"),
            "the shards are 3",
        ),
        (
            "",
            &format!("{sharded}timePartitioning: [{{}}, {{}}], service: {{loadBalancerIPs: [a]}}}}}}"),
            "the shards are 2",
        ),
        ("chartVersion: 17.3.0, ", "global: {security: {allowInsecureImages: false}}", "refuses its images"),
        ("chartVersion: 17.3.0, ", "global: {security: null}", "refuses its images"),
    ] {
        let failures = refused(&format!("{{{settings}values: {{{values}}}}}"));
        assert!(failures.contains(said), "{settings}{values}: {failures}");
    }
    for (settings, values) in [
        (store, "compactor: {enabled: true}, bucketweb: {enabled: true}, storegateway: {enabled: true}"),
        (store, "ruler: {enabled: true, alertmanagers: [a], existingConfigmap: x}"),
        (store, "ruler: {enabled: true, alertmanagersConfig: {a: b}, config: '{{ `{{ $labels.x }}` }}'}"),
        (store, "ruler: {enabled: false}"),
        ("", "minio: {enabled: true, auth: {existingSecret: x}}"),
        ("", "minio: {enabled: false}, ruler: {alertmanagers: [a]}, queryFrontend: {enabled: false}"),
        ("", "receive: {autoscaling: {enabled: true}, grpc: {server: {tls: {enabled: true}}}}"),
        ("", "storegateway: {grpc: {server: {tls: {enabled: true}}}}"),
        ("", "https: {enabled: true, autoGenerated: true}"),
        ("", "receive: {enabled: true}, receiveDistributor: {enabled: true}"),
        ("", "receive: {enabled: true, mode: dual-mode, autoscaling: {enabled: true}}"),
        ("chartVersion: 15.7.9, ", "receive: {enabled: true, autoscaling: {enabled: true}}"),
        ("", &format!("{tls}, existingSecret: {{name: x}}}}}}}}}}")),
        ("", &format!("{tls}, autoGenerated: true}}}}}}}}")),
        ("", &format!("{sharded}hashPartitioning: {{shards: '2'}}, service: {{clusterIPs: [a, b]}}}}}}")),
        ("chartVersion: 17.3.1, ", "global: {security: {allowInsecureImages: false}}"),
    ] {
        let settings = format!("{{{settings}values: {{{values}}}}}");
        if let Err(failures) = Case::of(&settings).render() {
            panic!("{settings}: {failures}");
        }
    }
}

#[test]
fn a_node_port_out_of_range_is_a_note() {
    let rendered = Case::of("query: {service: {type: NodePort, nodePort: 80}}").render().unwrap();
    assert!(rendered.notes[0].contains("--service-node-port-range"));
}

#[test]
fn labels_that_no_prometheus_has_are_refused() {
    let case = Case::of("");
    let failures = case.with(|request| {
        let labels = ["a b".to_owned()];
        render(&Request { replica_labels: &labels, ..*request }, &case.plan()).err().unwrap().to_string()
    });
    assert!(failures.contains("`a b` cannot be the name of a label"));
}

/// A plan of one endpoint found now and any others, with names that Kubernetes takes, and with some that need escapes.
fn any_plan() -> impl Strategy<Value = Plan> {
    let label = || "[a-z]([a-z0-9-]{0,7}[a-z0-9])?".boxed();
    let name = || prop_oneof!["[a-z0-9-]{1,9}", "(?s).{0,9}", "[\\\\u{}5c20/,: #a-]{0,9}"];
    let odd = prop_oneof!["(?s).{0,5}[\n:{/ ].{0,4}", "[\\\\u{}5c20/,: #a-]{0,4}[\\\\{}/,: #]"];
    let cluster = prop_oneof!["[a-z0-9-]{1,9}", ".{1,9}", "[\\\\u{}520,:# /]{1,9}", "[a, ]{1,3}, kept: [a/ ]{1,3}"]
        .prop_filter_map("no name of a cluster", |name| ClusterName::try_from(name).ok());
    let evidence = prop_oneof![
        Just(Evidence::Found(Source::Override)),
        Just(Evidence::Kept(Gap::Cluster)),
        Just(Evidence::Kept(Gap::Service)),
    ];
    let names = prop_oneof![(label(), label()), (odd, name())];
    let service = prop::option::of(names.prop_map(|(namespace, name)| ServiceRef { namespace, name }));
    prop::collection::vec((cluster, service, evidence), 1..6).prop_map(|endpoints| {
        let endpoint = |(at, (cluster, service, evidence)): (usize, (ClusterName, _, _))| {
            let address: Address = match at % 3 {
                0 => format!("10.0.0.{at}:10901"),
                1 => format!("[2001:db8::{at}]:10901"),
                _ => format!("dnssrv+_grpc._tcp.a{at}.example"),
            }
            .parse()
            .unwrap();
            let evidence = if at == 0 { Evidence::Found(Source::NodePort) } else { evidence };
            Endpoint { address, evidence, origin: Origin { cluster, service } }
        };
        Plan::assemble(endpoints.into_iter().enumerate().map(endpoint).collect()).unwrap()
    })
}

proptest! {
    #[test]
    fn what_a_plan_says_is_read_back_from_the_values(plan in any_plan(), missing in "(?s).{0,12}", windows in any::<bool>()) {
        let rendered = Case::of("").with(|request| Release::of(request).unwrap().render(&plan, &[missing]).unwrap());
        let text = rendered.values.text();
        prop_assert_eq!(ByHand::in_values(text), ByHand::default(), "{}", text);
        let text = if windows { text.replace('\n', "\r\n") } else { text.to_owned() };
        let known = plan.endpoints().iter().map(|endpoint| KnownEndpoint {
            address: endpoint.address.clone(),
            origin: endpoint.origin.clone(),
        });
        let stores = Stores { known: known.collect(), unknown: vec![] };
        prop_assert_eq!(Stores::read("values.yaml", &text).unwrap(), stores, "{}", text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_a_secret_holds_reaches_thanos_and_minio_unchanged(
        password in "[^\\p{Cc}]{8,24}", braces in "[{}`$ ()a-]{8,16}", version in 0usize..3,
    ) {
        for password in [password, braces] {
            if Secret::new(password.clone()).is_err() {
                continue;
            }
            let version = ["13.0.0", "16.0.5", "17.6.0"][version];
            let mut case = Case::of(&format!("chartVersion: {version}\n{FULL}"));
            case.password.clone_from(&password);
            let tree = case.tree();
            let store = tpl::tpl(tree["objstoreConfig"].as_str().unwrap());
            let store: Value = document::read("test", &store).unwrap();
            prop_assert_eq!(&store["config"]["secret_key"], password.as_str());
            let minio = tree["minio"]["auth"]["rootPassword"].as_str().unwrap();
            let minio = if version == "13.0.0" { minio.to_owned() } else { tpl::tpl(minio) };
            prop_assert_eq!(minio, password);
        }
    }
}
