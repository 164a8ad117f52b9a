//! Which cluster it is, whatever the context is called: the uid of its namespace `kube-system`, which every cluster has
//! and nobody can make anew (Kubernetes has no identifier of its own: kubernetes/kubernetes#77487).

use std::collections::BTreeMap;

use http::Request;
use serde::Deserialize;

use super::api::Api;
use super::client::Route;
use super::kubeconfig::Kubeconfig;
use super::target::Target;

/// A namespace is small; whatever is larger is none.
const MAX_NAMESPACE: usize = 1 << 20;

#[derive(Deserialize)]
struct Namespace {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    uid: String,
}

/// The uid of the cluster that answers; `None` when it does not tell, which it need not.
pub(super) async fn uid(api: &Api) -> Option<String> {
    let request = Request::get("/api/v1/namespaces/kube-system").header(http::header::ACCEPT, "application/json");
    let (_, body) = api.ask(request.body(Vec::new()).ok()?, MAX_NAMESPACE, || {}).await.ok()?;
    let namespace: Namespace = serde_json::from_slice(&body).ok()?;
    let uid = api.sent().strike(&namespace.metadata.uid);
    Some(uid).filter(|uid| namespace.metadata.name == "kube-system" && !uid.is_empty())
}

/// Of each target, whether it may be the cluster of another: they have an API server's address or a certificate
/// authority in common. Most fleets have no such two, and are asked nothing more.
pub(super) fn may_be_one(kubeconfig: &Kubeconfig, targets: &[Target]) -> Vec<bool> {
    let signs: Vec<Vec<String>> = targets
        .iter()
        .map(|target| Route::of(kubeconfig, &target.context).map_or(Vec::new(), |route| route.signs()))
        .collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for sign in signs.iter().flatten() {
        *seen.entry(sign).or_default() += 1;
    }
    signs.iter().map(|signs| signs.iter().any(|sign| seen[sign.as_str()] > 1)).collect()
}
