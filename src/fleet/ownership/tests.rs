use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A Service as the API server writes it, with what is told of it.
fn object(metadata: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"type": "ClusterIP"}})
}

fn entry(manager: &str, operation: &str, spec: Value) -> Value {
    json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1",
           "fieldsV1": {"f:spec": spec}})
}

/// Who owns it, what they do, and whether a patch is refused.
fn told(metadata: Value) -> Vec<String> {
    owners(&Signs::of_object(&object(metadata)))
        .iter()
        .map(|owner| {
            let refused = if owner.forbids() { " (refused)" } else { "" };
            format!("{owner}: {}{refused}", owner.effect())
        })
        .collect()
}

fn helm_metadata(operation: &str, spec: Value) -> Value {
    json!({
        "labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "kps"},
        "annotations": {"meta.helm.sh/release-name": "kps", "meta.helm.sh/release-namespace": "monitoring"},
        "managedFields": [entry("helm", operation, spec)],
    })
}

#[test]
fn helm_takes_the_type_back_or_stumbles_over_it_by_how_it_writes() {
    let named = json!({"f:type": {}});
    assert_eq!(
        told(helm_metadata("Update", named.clone())),
        ["Helm release monitoring/kps: the next `helm upgrade` sets the type back if the chart names it"]
    );
    assert_eq!(
        told(helm_metadata("Apply", named)),
        ["Helm release monitoring/kps: the next `helm upgrade` fails with a conflict on .spec.type unless its values \
          say NodePort too"]
    );
    assert_eq!(
        told(helm_metadata("Apply", json!({"f:ports": {}}))),
        [
            "Helm release monitoring/kps: the next `helm upgrade` leaves the type alone, since the chart does not name it"
        ]
    );
}

#[test]
fn a_type_that_somebody_took_tells_nothing_of_who_applied_it() {
    let mut metadata = helm_metadata("Apply", json!({"f:ports": {}}));
    metadata["managedFields"].as_array_mut().unwrap().push(entry("thanosctl", "Update", json!({"f:type": {}})));
    let owners = owners(&Signs::of_object(&object(metadata)));
    assert!(matches!(owners[..], [Owner::Helm { apply: true, names_type: NamesType::Unknown, .. }]), "{owners:?}");
}

#[test]
fn a_chart_that_others_render_is_no_helm_release() {
    let labels = json!({"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "obs"});
    assert_eq!(told(json!({"labels": labels}))[0].split(':').next(), Some("Helm release obs"));
    let who = |annotations: Value, managers: Value| -> Vec<String> {
        let metadata = json!({"labels": labels, "annotations": annotations, "managedFields": managers});
        owners(&Signs::of_object(&object(metadata))).iter().map(ToString::to_string).collect()
    };
    let tracked = json!({"argocd.argoproj.io/tracking-id": "obs-app:/Service:monitoring/thanos"});
    assert_eq!(who(tracked, json!([])), ["Argo CD application obs-app"]);
    assert_eq!(who(json!({}), json!([entry("argocd-controller", "Update", json!({}))])), ["Argo CD application obs"]);
    assert_eq!(who(json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"}), json!([])), ["kubectl apply"]);
}

#[test]
fn argo_cd_leaves_what_kubectl_leaves_and_is_told_once() {
    let metadata = |managers: Value| {
        json!({
            "annotations": {
                "argocd.argoproj.io/tracking-id": "obs:/Service:monitoring/thanos",
                "kubectl.kubernetes.io/last-applied-configuration": "{\"spec\":{\"type\":\"ClusterIP\"}}",
            },
            "managedFields": managers,
        })
    };
    assert_eq!(
        told(metadata(json!([entry("argocd-controller", "Update", json!({"f:type": {}}))]))),
        [
            "Argo CD application obs: Argo CD reports the application as out of sync and sets the type back, at once with \
          self-heal, else at the next sync"
        ]
    );
    assert_eq!(told(metadata(json!([entry("kubectl-client-side-apply", "Update", json!({}))]))).len(), 2);
    let applied = told(json!({
        "annotations": {"argocd.argoproj.io/tracking-id": "obs:/Service:monitoring/thanos"},
        "managedFields": [entry("argocd-controller", "Apply", json!({"f:ports": {}}))],
    }));
    assert_eq!(
        applied,
        ["Argo CD application obs: Argo CD leaves the type alone, since the manifest does not name it"]
    );
}

#[test]
fn flux_undoes_what_its_manifest_names() {
    let labels = json!({"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"});
    let metadata =
        |spec: Value| json!({"labels": labels, "managedFields": [entry("kustomize-controller", "Apply", spec)]});
    assert_eq!(
        told(metadata(json!({"f:type": {}}))),
        ["Flux Kustomization flux/apps: Flux sets the type back at the next reconciliation (refused)"]
    );
    assert_eq!(
        told(metadata(json!({"f:ports": {}}))),
        ["Flux Kustomization flux/apps: Flux leaves the type alone, since the manifest does not name it"]
    );
    assert_eq!(
        told(json!({"labels": labels})),
        ["Flux Kustomization flux/apps: Flux sets the type back at the next reconciliation, if the manifest names it"]
    );
    let ignored = json!({"kustomize.toolkit.fluxcd.io/reconcile": "disabled"});
    assert!(told(json!({"labels": labels, "annotations": ignored})).is_empty());
}

#[test]
fn a_helm_release_of_flux_is_told_once() {
    let mut metadata = helm_metadata("Update", json!({"f:type": {}}));
    metadata["labels"]["helm.toolkit.fluxcd.io/name"] = "kps".into();
    metadata["labels"]["helm.toolkit.fluxcd.io/namespace"] = "flux".into();
    assert_eq!(
        told(metadata),
        [
            "Flux HelmRelease flux/kps: Flux sets the type back at the next upgrade, or at once with drift detection, if \
          the chart names it"
        ]
    );
}

#[test]
fn controllers_forbid_a_patch() {
    let owned = |kind: &str, controller: bool| {
        json!({"ownerReferences": [{"kind": kind, "name": "k8s", "controller": controller}],
               "labels": {"operated-prometheus": "true"}})
    };
    let operator = "prometheus-operator Prometheus k8s: the operator sets the type back at every sync (refused)";
    assert_eq!(told(owned("Prometheus", false)), [operator]);
    assert_eq!(
        told(owned("ThanosQuery", true)),
        ["ThanosQuery k8s: its controller may set the type back at any time (refused)"]
    );
    assert!(told(json!({"ownerReferences": [{"kind": "ConfigMap", "name": "x"}]})).is_empty());
    for labels in [json!({"operated-prometheus": "true"}), json!({"managed-by": "prometheus-operator"})] {
        let told = told(json!({ "labels": labels }));
        assert!(told.len() == 1 && told[0].starts_with("prometheus-operator"), "{told:?}");
    }
}

#[test]
fn kubectl_undoes_what_its_manifest_names() {
    let applied =
        |manifest: &str| told(json!({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": manifest}}));
    assert_eq!(
        applied(r#"{"spec":{"type":"ClusterIP"}}"#),
        ["kubectl apply: the next `kubectl apply` sets the type back"]
    );
    assert_eq!(
        applied(r#"{"spec":{}}"#),
        ["kubectl apply: the next `kubectl apply` leaves the type alone, since the manifest does not name it"]
    );
    assert_eq!(
        applied("no JSON"),
        ["kubectl apply: the next `kubectl apply` sets the type back, if the manifest names it"]
    );
    let managers = json!([entry("kubectl", "Apply", json!({"f:type": {}}))]);
    assert!(told(json!({ "managedFields": managers }))[0].contains("fails with a conflict"));
}

#[test]
fn tools_are_told_by_their_own_signs() {
    let all: Vec<String> = [
        json!({"labels": {"mirror.linkerd.io/mirrored-service": "true", "mirror.linkerd.io/cluster-name": "west"}}),
        json!({"ownerReferences": [{"kind": "ServiceImport", "name": "thanos", "controller": true}]}),
        json!({"labels": {"vcluster.loft.sh/managed-by": "team-a"}}),
        json!({"labels": {"gateway.istio.io/managed": "istio.io-gateway-controller"},
               "ownerReferences": [{"kind": "Gateway", "name": "edge"}]}),
        json!({"labels": {"karmada.io/managed": "true"}}),
        json!({"annotations": {"configmanagement.gke.io/managed": "enabled"}}),
        json!({"labels": {"addonmanager.kubernetes.io/mode": "Reconcile"}}),
        json!({"labels": {"app.kubernetes.io/managed-by": "cluster-monitoring-operator"}}),
        json!({"annotations": {"objectset.rio.cattle.io/id": "", "objectset.rio.cattle.io/owner-name": "thanos",
                               "objectset.rio.cattle.io/owner-gvk": "k3s.cattle.io/v1, Kind=Addon"}}),
        json!({"annotations": {"objectset.rio.cattle.io/id": "default-thanos"}}),
        json!({"labels": {"olm.owner": "thanos.v1"}}),
        json!({"managedFields": [entry("Terraform", "Apply", json!({"f:type": {}}))]}),
        json!({"labels": {"app.kubernetes.io/managed-by": "pulumi"}}),
        json!({"labels": {"kapp.k14s.io/app": "1"}}),
        json!({"annotations": {"service.cilium.io/global": "true"}}),
        json!({"managedFields": [entry("my-pipeline", "Apply", json!({"f:type": {}}))]}),
    ]
    .into_iter()
    .map(|metadata| told(metadata).join("\n"))
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn field_managers_are_read_from_what_they_own() {
    let signs = Signs::of_object(&object(json!({"managedFields": [
        entry("helm", "Apply", json!({"f:type": {}, "f:ports": {"k:{\"port\":10901,\"protocol\":\"TCP\"}": {"f:nodePort": {}}}})),
        {"manager": "cloud-controller-manager", "operation": "Update", "subresource": "status",
         "fieldsV1": {"f:status": {"f:loadBalancer": {}}}},
        entry("kubectl-edit", "Update", json!({"f:ports": {".": {}, "k:{\"port\":80}": {"f:port": {}}}})),
    ]})));
    let helm =
        FieldManager { manager: "helm".into(), operation: Operation::Apply, owns_type: true, owns_node_port: true };
    let edit = FieldManager {
        manager: "kubectl-edit".into(),
        operation: Operation::Update,
        owns_type: false,
        owns_node_port: false,
    };
    assert_eq!(signs.field_managers, [helm, edit]);
}

#[test]
fn an_inventory_tells_by_labels_and_the_annotations_that_it_keeps() {
    let object = json!({
        "metadata": {"namespace": "monitoring", "name": "x", "annotations": {
            "meta.helm.sh/release-name": "kps",
            "meta.helm.sh/release-namespace": "monitoring",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
        }},
        "spec": {"ports": [{"port": 10901}]},
    });
    let service: crate::fleet::kubernetes::Service = serde_json::from_value(object).unwrap();
    let signs = Signs::of_service(&service.into());
    let who: Vec<String> = owners(&signs).iter().map(ToString::to_string).collect();
    assert_eq!(who, ["Helm release monitoring/kps"]);
}

#[test]
fn nobody_is_told_where_nothing_tells() {
    for object in
        [json!(null), json!({}), json!({"metadata": {"labels": [], "managedFields": {}, "ownerReferences": 1}})]
    {
        assert!(owners(&Signs::of_object(&object)).is_empty());
    }
}

proptest! {
    #[test]
    fn foreign_texts_are_short_and_on_one_line(text in "(?s).{1,200}") {
        let signs = Signs::of_object(&object(json!({
            "labels": {"kustomize.toolkit.fluxcd.io/name": text, "kustomize.toolkit.fluxcd.io/namespace": text},
            "annotations": {"argocd.argoproj.io/tracking-id": text, "meta.helm.sh/release-name": text},
            "ownerReferences": [{"kind": text, "name": text, "controller": true}],
            "managedFields": [entry(&text, "Apply", json!({"f:type": {}}))],
        })));
        for owner in owners(&signs) {
            for shown in [owner.to_string(), owner.effect(), owner.takes_values().unwrap_or_default()] {
                prop_assert!(shown.chars().count() < 250 && !shown.chars().any(crate::text::is_unsafe), "{}", shown);
            }
        }
    }
}
