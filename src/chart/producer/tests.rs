use std::collections::BTreeMap;

use super::*;
use crate::chart::catalog::Catalog;
use crate::chart::chart_version;
use crate::document;
use crate::fleet::sidecar::recognise;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    source: String,
    version: String,
    release: Option<String>,
    #[serde(flatten)]
    service: Value,
}

/// The Services of every chart generation that offer a StoreAPI.
fn cases() -> Vec<(Case, Service)> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../fixtures/services/services.json")).unwrap();
    let services = cases.into_iter().map(|mut case| {
        case.service["namespace"] = "monitoring".into();
        let service: Service = serde_json::from_value(case.service.clone()).unwrap();
        (case, service)
    });
    services.filter(|(_, service)| recognise(service).is_some()).collect()
}

fn service(name: &str, labels: &[(&str, &str)]) -> Service {
    let labels: BTreeMap<&str, &str> = labels.iter().copied().collect();
    serde_json::from_value(serde_json::json!({
        "namespace": "monitoring",
        "name": name,
        "labels": labels,
        "ports": [{"name": "grpc", "port": 10901}],
    }))
    .unwrap()
}

const NODE_PORT: Wish<'static> =
    Wish { service_type: OutsideType::NodePort, node_port: Some(30010), context: Some("prod-eu") };
const LOAD_BALANCER: Wish<'static> = Wish { service_type: OutsideType::LoadBalancer, node_port: None, context: None };

fn tree(advice: &Advice) -> Map<String, Value> {
    document::read("values", &advice.values).unwrap_or_else(|error| panic!("{error} in\n{}", advice.values))
}

fn shown(name: &str, labels: &[(&str, &str)], cluster_ip: Option<&str>, wish: &Wish<'_>) -> String {
    let mut service = service(name, labels);
    service.cluster_ip = cluster_ip.map(str::to_owned);
    service.annotations.insert(RELEASE_NAME.into(), "kps".into());
    service.annotations.insert("meta.helm.sh/release-namespace".into(), "observability".into());
    let advice = advice(&service, wish).unwrap_or_else(|| panic!("no advice for {name}"));
    let notes: String = advice.notes.iter().map(|note| format!("- {note}\n")).collect();
    let Advice { chart, version, release, values, command, .. } = advice;
    format!("{chart} {version} {release:?}\n\n{values}\n{notes}\n$ {command}\n")
}

#[test]
fn every_service_of_a_known_chart_generation_gets_advice() {
    // No advice for what labels no chart (jsonnet, operators, and bitnami/prometheus-operator 0.12.0 as it was
    // recorded), and for banzaicloud/thanos, which nobody maintains.
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for (case, service) in cases() {
        let found = match advice(&service, &NODE_PORT) {
            Some(advice) => {
                assert_eq!((&advice.chart, &advice.version), (&case.source, &case.version));
                assert_eq!(advice.release, case.release.map(|release| ("monitoring".to_owned(), release)));
                assert!(!advice.notes.iter().any(|note| note.contains('\n') || note.ends_with('.')));
                assert_eq!(advice.values.is_empty(), advice.command.is_empty());
                if advice.values.is_empty() { "no key" } else { "values" }
            }
            None => "none",
        };
        *counts.entry((case.source, found)).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|((source, found), n)| format!("{n} {found}: {source}")).collect();
    insta::assert_snapshot!(counts.join("\n"));
}

#[test]
fn the_headless_service_of_kube_prometheus_stack_gets_a_second_one_beside_it() {
    let labels = [
        ("app", "kube-prometheus-stack-thanos-discovery"),
        ("chart", "kube-prometheus-stack-88.5.3"),
        ("release", "kps"),
        ("heritage", "Helm"),
    ];
    insta::assert_snapshot!(shown("kps-kube-prometheus-stack-thanos-discovery", &labels, Some("None"), &NODE_PORT));
}

#[test]
fn a_headless_service_without_a_second_one_must_be_deleted_first() {
    let labels = [
        ("app.kubernetes.io/name", "kube-prometheus"),
        ("app.kubernetes.io/instance", "prometheus"),
        ("app.kubernetes.io/managed-by", "Helm"),
        ("app.kubernetes.io/component", "prometheus"),
        ("app.kubernetes.io/subcomponent", "thanos"),
        ("helm.sh/chart", "kube-prometheus-11.2.16"),
    ];
    insta::assert_snapshot!(shown("kube-prometheus-prometheus-thanos", &labels, Some("None"), &NODE_PORT));
}

#[test]
fn the_grpc_port_of_a_prometheus_server_has_a_type_of_its_own() {
    let labels = [
        ("app.kubernetes.io/name", "prometheus"),
        ("app.kubernetes.io/component", "server"),
        ("app.kubernetes.io/instance", "prometheus"),
        ("app.kubernetes.io/managed-by", "Helm"),
        ("helm.sh/chart", "prometheus-29.27.0"),
    ];
    insta::assert_snapshot!(shown("prometheus-server", &labels, Some("10.0.0.1"), &NODE_PORT));
}

#[test]
fn a_version_without_the_key_is_told_which_has_it() {
    let labels = [
        ("app", "kube-prometheus-stack-thanos-discovery"),
        ("chart", "kube-prometheus-stack-12.12.0"),
        ("release", "kps"),
        ("heritage", "Helm"),
    ];
    let service = service("kps-thanos-discovery", &labels);
    let advice = advice(&service, &NODE_PORT).unwrap();
    assert_eq!((advice.values.as_str(), advice.command.as_str()), ("", ""));
    assert_eq!(
        advice.notes,
        ["prometheus-community/kube-prometheus-stack 12.12.0 has no key for the type of this Service; \
             14.5.0 and later have"]
    );
}

#[test]
fn charts_of_one_name_are_told_apart() {
    let component = |value| ("app.kubernetes.io/component", value);
    let chart = |value| ("helm.sh/chart", value);
    for (name, labels, expected) in [
        (
            "p-thanos",
            vec![chart("prometheus-2.1.3"), component("server"), ("app.kubernetes.io/subcomponent", "thanos")],
            Some("bitnami/prometheus"),
        ),
        ("p-server", vec![chart("prometheus-27.1.0"), component("server")], Some("prometheus-community/prometheus")),
        ("p-server", vec![chart("prometheus-2.1.3"), component("server")], None),
        (
            "t-query",
            vec![chart("thanos-1.24.1"), component("query"), ("app.kubernetes.io/component-instance", "t")],
            Some("stevehipwell/thanos"),
        ),
        ("t-querier", vec![chart("thanos-1.4.1"), component("querier")], Some("bitnami/thanos")),
        ("t-query-grpc", vec![chart("thanos-17.3.1"), component("query")], Some("bitnami/thanos")),
        ("t-query-grpc", vec![chart("thanos-0.4.9"), component("query")], None),
        ("t-sidecar", vec![chart("thanos-17.3.1"), component("sidecar")], None),
        (
            "x-thanos",
            vec![chart("prometheus-operator-0.30.0"), ("app.kubernetes.io/subcomponent", "thanos")],
            Some("bitnami/prometheus-operator"),
        ),
        ("x-thanos", vec![chart("prometheus-operator-9.3.2"), ("app", "x-thanos-discovery")], None),
        ("x-thanos", vec![chart("kube-prometheus-0.0.105")], None),
    ] {
        let found = advice(&service(name, &labels), &NODE_PORT).map(|advice| advice.chart);
        assert_eq!(found.as_deref(), expected, "{name} {labels:?}");
    }
}

#[test]
fn a_fork_is_asked_by_the_version_that_it_was_made_from() {
    let app = ("app", "rancher-monitoring-thanos-discovery");
    for (version, helm, keys) in [
        ("103.1.1_up45.31.1", "103.1.1+up45.31.1", true),
        ("9.4.202_up9.4.2", "9.4.202+up9.4.2", false),
        ("80.9.1-rancher.19", "80.9.1-rancher.19", true),
        ("100.0.0_up19.0.3-rancher.3", "100.0.0+up19.0.3-rancher.3", true),
    ] {
        let label = format!("rancher-monitoring-{version}");
        let mut service = service("rancher-monitoring-thanos-discovery", &[app, ("chart", &label)]);
        service.cluster_ip = Some("None".into());
        let advice = advice(&service, &NODE_PORT).unwrap();
        assert_eq!((advice.version.as_str(), !advice.values.is_empty()), (helm, keys), "{:?}", advice.notes);
    }
}

#[test]
fn the_second_node_port_of_kube_prometheus_stack_gives_way() {
    let labels = [("chart", "kube-prometheus-stack-88.5.3"), ("release", "kps"), ("heritage", "Helm")];
    let mut service = service("kps-thanos-external", &labels);
    service.service_type = ServiceType::LoadBalancer;
    let wish = Wish { node_port: Some(30902), ..NODE_PORT };
    let found = advice(&service, &wish).unwrap();
    let external = tree(&found)["prometheus"]["thanosServiceExternal"].clone();
    assert_eq!((&external["nodePort"], &external["httpNodePort"]), (&30902.into(), &30901.into()));
    assert!(found.notes.iter().any(|note| note.contains("load balancer is removed")), "{:?}", found.notes);

    let found = advice(&service, &Wish { node_port: Some(30902), ..LOAD_BALANCER }).unwrap();
    assert_eq!(
        tree(&found)["prometheus"]["thanosServiceExternal"],
        serde_json::json!({"enabled": true, "type": "LoadBalancer"})
    );
    assert!(found.notes.iter().any(|note| note.contains("left out")), "{:?}", found.notes);
}

#[test]
fn a_service_that_is_not_headless_keeps_its_place() {
    let labels = [("app", "kube-prometheus-stack-thanos-discovery"), ("chart", "kube-prometheus-stack-88.5.3")];
    let advice = advice(&service("kps-thanos-discovery", &labels), &LOAD_BALANCER).unwrap();
    assert_eq!(
        tree(&advice)["prometheus"],
        serde_json::json!({"thanosService": {"type": "LoadBalancer", "clusterIP": ""}})
    );
}

#[test]
fn a_headless_twin_leads_to_the_service_beside_it() {
    for (version, name, path, text) in [
        ("15.14.1", "thanos-query-grpc-headless", "query.serviceGrpc.nodePorts.grpc", true),
        ("15.14.1", "thanos-storegateway-headless", "storegateway.service.nodePorts.grpc", true),
        ("3.18.2", "thanos-ruler-headless", "ruler.service.grpc.nodePort", true),
        ("7.1.0", "thanos-query-headless", "query.service.nodePorts.grpc", false),
    ] {
        let component = name.split('-').nth(1).unwrap();
        let label = format!("thanos-{version}");
        let mut service = service(name, &[("helm.sh/chart", &label), ("app.kubernetes.io/component", component)]);
        service.cluster_ip = Some("None".into());
        let advice = advice(&service, &NODE_PORT).unwrap();
        let found = crate::chart::at(&tree(&advice), path).cloned();
        assert_eq!(found, text.then(|| "30010".into()), "{name}");
        let sibling = format!("`{}`", name.trim_end_matches("-headless"));
        assert!(advice.notes[0].contains(&sibling), "{:?}", advice.notes);
    }
}

#[test]
fn a_shard_has_no_node_port_of_its_own() {
    let labels = [("helm.sh/chart", "thanos-15.14.1"), ("app.kubernetes.io/component", "storegateway")];
    let advice = advice(&service("thanos-storegateway-1", &labels), &NODE_PORT).unwrap();
    assert_eq!(advice.values, "storegateway:\n  service:\n    type: NodePort\n");
    assert_eq!(advice.notes.iter().filter(|note| note.contains("shards")).count(), 2);
}

#[test]
fn where_others_install_the_chart_no_helm_command_is_given() {
    let labels = [
        ("helm.sh/chart", "thanos-17.3.1"),
        ("app.kubernetes.io/component", "query"),
        ("app.kubernetes.io/instance", "obs"),
        ("app.kubernetes.io/managed-by", "Helm"),
    ];
    let mut by_argo = service("obs-thanos-query-grpc", &labels);
    by_argo.annotations.insert("argocd.argoproj.io/tracking-id".into(), "obs:/Service:monitoring/x".into());
    let mut by_flux = service("obs-thanos-query-grpc", &labels);
    by_flux.labels.insert("helm.toolkit.fluxcd.io/name".into(), "obs".into());
    by_flux.annotations.insert("meta.helm.sh/release-name".into(), "obs".into());
    for (service, release, place) in [
        (by_argo, None, "the Helm values of Argo CD application `obs`"),
        (by_flux, Some("obs"), "`spec.values` of Flux HelmRelease `obs`"),
    ] {
        let advice = advice(&service, &NODE_PORT).unwrap();
        assert_eq!(advice.release.as_ref().map(|(_, name)| name.as_str()), release);
        assert_eq!(advice.command, "");
        assert!(advice.notes.iter().any(|note| note.contains(place)), "{:?}", advice.notes);
    }
}

#[test]
fn a_release_that_only_a_label_names_is_to_be_checked() {
    let labels = [
        ("helm.sh/chart", "thanos-17.3.1"),
        ("app.kubernetes.io/component", "query"),
        ("app.kubernetes.io/instance", "obs"),
        ("app.kubernetes.io/managed-by", "Helm"),
    ];
    let mut service = service("obs-thanos-query-grpc", &labels);
    let checked = |advice: &Advice| advice.notes.iter().any(|note| note.contains("helm list"));
    assert!(checked(&advice(&service, &NODE_PORT).unwrap()));
    service.annotations.insert(RELEASE_NAME.into(), "obs".into());
    assert!(!checked(&advice(&service, &NODE_PORT).unwrap()));
    service.annotations.insert(RELEASE_NAME.into(), "-rf".into());
    let advice = advice(&service, &NODE_PORT).unwrap();
    assert_eq!((advice.release, advice.command.as_str()), (None, ""));
}

#[test]
fn a_version_that_was_published_nowhere_is_taken_from_a_folder() {
    let labels = [
        ("helm.sh/chart", "thanos-17.6.0"),
        ("app.kubernetes.io/component", "query"),
        ("app.kubernetes.io/instance", "obs"),
        ("app.kubernetes.io/managed-by", "Helm"),
    ];
    let advice = advice(&service("obs-thanos-query-grpc", &labels), &LOAD_BALANCER).unwrap();
    assert_eq!(advice.command, "helm upgrade obs ./charts/bitnami/thanos -n monitoring --reuse-values -f FILE");
}

#[test]
fn of_each_service_a_version_has_one_row_and_what_follows_is_newer() {
    for service in CHARTS.iter().flat_map(|chart| chart.services) {
        for pair in service.keys.windows(2) {
            assert!(pair[0].versions.last.unwrap() < pair[1].versions.first.unwrap());
        }
    }
}

#[test]
fn the_catalogue_knows_the_keys_of_its_versions() {
    let thanos = chart_version::Chart::find("bitnami/thanos", Some("17.3.1")).unwrap();
    let catalog: &Catalog = thanos.catalog;
    let chart = CHARTS.iter().find(|chart| chart.name == "bitnami/thanos").unwrap();
    let mut checked = 0;
    for keys in chart.services.iter().flat_map(|service| service.keys) {
        for version in catalog.versions().iter().filter(|version| keys.versions.holds(**version)) {
            for (path, _) in keys.entries {
                assert!(catalog.knows(*version, path), "{version} {path}");
                checked += 1;
            }
        }
    }
    assert!(checked > 1000, "{checked}");
}

proptest! {
    #[test]
    fn hostile_texts_stay_data(name in "(?s).{0,12}", other in "['\"$`;\n\\\\a-z-]{0,12}", number in 1..=u16::MAX) {
        let labels = [
            ("app", "x-thanos-discovery"),
            ("chart", "kube-prometheus-stack-14.5.0"),
            ("release", name.as_str()),
            ("heritage", "Helm"),
        ];
        let mut service = service(&other, &labels);
        service.cluster_ip = Some("None".into());
        service.namespace = other.clone();
        let wish = Wish { node_port: Some(number), context: Some(&name), ..NODE_PORT };
        let found = advice(&service, &wish).unwrap();
        let expected = serde_json::json!({"type": "NodePort", "clusterIP": "", "nodePort": number});
        prop_assert_eq!(&tree(&found)["prometheus"]["thanosService"], &expected);
        prop_assert!(!found.command.contains('\n') && !found.notes.iter().any(|note| note.contains('\n')));
        if let Some(context) = found.command.split(" --kube-context ").nth(1) {
            let word = format!("{} --reuse-values -f FILE", shell_word(&clean(&name)));
            prop_assert_eq!(context, word);
        }
        // A label that is no chart's name and version is nobody's.
        service.labels.insert("chart".into(), format!("kube-prometheus-stack-14.5.0{other}"));
        if let Some(found) = advice(&service, &wish) {
            prop_assert!(found.version.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)));
        }
    }
}
