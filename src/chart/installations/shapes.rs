//! Other tools whose objects and files say which chart they install, and have its values in one place: a row each.

use serde_json::Value;

use super::fields::{is_unknown, known, layer, text};
use super::installation::{Anchor, Installation, Layer, Outside};
use super::repository::{ChartReference, Repository, located};

/// Where the parts of a release stand in an object, names joined by `/`; empty where it has none.
struct Shape {
    group: &'static str,
    kind: &'static str,
    chart: &'static str,
    repository: &'static str,
    version: &'static str,
    /// The first of them that is there holds the values.
    values: [&'static str; 2],
    release: &'static str,
    namespace: &'static str,
    /// What brings more values when it is there.
    elsewhere: [&'static str; 3],
}

/// The objects, with the pages that describe them.
const SHAPES: [Shape; 4] = [
    // The helm-controller of k3s and RKE2: https://docs.k3s.io/helm
    Shape {
        group: "helm.cattle.io",
        kind: "HelmChart",
        chart: "spec/chart",
        repository: "spec/repo",
        version: "spec/version",
        values: ["spec/valuesContent", "spec/values"],
        release: "metadata/name",
        namespace: "spec/targetNamespace",
        elsewhere: ["spec/set", "spec/valuesSecrets", ""],
    },
    // Flux v1: https://fluxcd.io/legacy/helm-operator/
    Shape {
        group: "helm.fluxcd.io",
        kind: "HelmRelease",
        chart: "spec/chart/name",
        repository: "spec/chart/repository",
        version: "spec/chart/version",
        values: ["spec/values", ""],
        release: "spec/releaseName",
        namespace: "spec/targetNamespace",
        elsewhere: ["spec/valuesFrom", "", ""],
    },
    // Crossplane's provider-helm: https://marketplace.upbound.io/providers/crossplane-contrib/provider-helm
    Shape {
        group: "helm.crossplane.io",
        kind: "Release",
        chart: "spec/forProvider/chart/name",
        repository: "spec/forProvider/chart/repository",
        version: "spec/forProvider/chart/version",
        values: ["spec/forProvider/values", ""],
        release: "metadata/name",
        namespace: "spec/forProvider/namespace",
        elsewhere: ["spec/forProvider/set", "spec/forProvider/valuesFrom", "spec/forProvider/patchesFrom"],
    },
    // Rancher's Fleet, its file fleet.yaml: https://fleet.rancher.io/ref-fleet-yaml
    Shape {
        group: "",
        kind: "",
        chart: "helm/chart",
        repository: "helm/repo",
        version: "helm/version",
        values: ["helm/values", ""],
        release: "helm/releaseName",
        namespace: "namespace",
        elsewhere: ["helm/valuesFiles", "helm/valuesFrom", "targetCustomizations"],
    },
];

/// The release of an object of Kubernetes.
pub(super) fn installations(at: usize, document: &Value) -> Option<Installation> {
    let group = text(document, &["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group);
    let kind = text(document, &["kind"]);
    let shape = SHAPES.iter().find(|shape| !shape.kind.is_empty() && shape.group == group && shape.kind == kind)?;
    Some(shape.read(at, document))
}

/// The releases of a file that is no object: Fleet's, and kustomize's `helmCharts`.
pub(super) fn tools(at: usize, document: &Value) -> Vec<Installation> {
    let charts = document.get("helmCharts").and_then(Value::as_array).into_iter().flatten().enumerate();
    let mut found: Vec<_> = charts.map(|(index, chart)| inflated(at, index, chart, document)).collect();
    let is_fleet = !text(document, &["helm", "chart"]).is_empty();
    found.extend(SHAPES.iter().filter(|shape| is_fleet && shape.kind.is_empty()).map(|shape| shape.read(at, document)));
    found
}

impl Shape {
    fn read(&self, at: usize, document: &Value) -> Installation {
        let path = |path: &'static str| path.split('/').collect::<Vec<_>>();
        let read = |name: &'static str| known(document, &path(name)).filter(|_| !name.is_empty());
        let (name, repository) = reference(read(self.chart), read(self.repository), document, self.chart);
        let version = read(self.version);
        let is_version_unknown = is_unknown(document, &path(self.version));
        let holds = |name: &&'static str| {
            let found = path(name).iter().try_fold(document, |value, name| value.get(name));
            !name.is_empty() && found.is_some_and(|value| !value.is_null())
        };
        let values = self.values.into_iter().find(holds);
        let elsewhere = self.elsewhere.into_iter().filter(holds);
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let title = match known(document, &["metadata", "name"]) {
            Some(name) => format!("{} `{name}`", self.kind),
            None if self.kind.is_empty() => "`helm`".to_owned(),
            None => self.kind.to_owned(),
        };
        Installation {
            title,
            chart: Some(ChartReference { name, repository, version, is_version_unknown }),
            release: read(self.release),
            namespace: read(self.namespace),
            layers: values.and_then(|values| layer(at, &values.replace('/', "."))).into_iter().collect(),
            outside: elsewhere.map(|name| Outside::Rest(format!("`{}`", last(name)))).collect(),
            ..Installation::default()
        }
    }
}

/// A chart by its name and its repository; where it is named as a whole, by that.
fn reference(
    chart: Option<String>,
    address: Option<String>,
    document: &Value,
    path: &'static str,
) -> (Option<String>, Repository) {
    match (chart, address) {
        (Some(chart), Some(address)) => (located(&chart).0, Repository::Address(address)),
        (Some(chart), None) => located(&chart),
        (None, address) => {
            let path: Vec<&str> = path.split('/').collect();
            let named = text(document, &path);
            (None, address.map_or_else(|| Repository::Elsewhere(named.to_owned()), Repository::Address))
        }
    }
}

/// A chart that kustomize inflates: <https://kubectl.docs.kubernetes.io/references/kustomize/builtins/#_helmchartinflationgenerator_>.
fn inflated(at: usize, index: usize, chart: &Value, document: &Value) -> Installation {
    let (name, repository) = reference(known(chart, &["name"]), known(chart, &["repo"]), document, "helmCharts");
    let files = chart.get("additionalValuesFiles").and_then(Value::as_array).into_iter().flatten();
    let has_values = chart.get("valuesInline").is_some_and(Value::is_object);
    let files = chart.get("valuesFile").into_iter().chain(files).filter_map(Value::as_str);
    // Inline values win over the files, unless `valuesMerge` is `merge`.
    let mut layers: Vec<Layer> = files.map(|file| Layer::named(file, Anchor::Folder)).collect();
    let inline = has_values.then(|| layer(at, &format!("helmCharts[{index}].valuesInline"))).flatten();
    match text(chart, &["valuesMerge"]) {
        "merge" => layers.splice(0..0, inline).for_each(drop),
        "replace" if inline.is_some() => layers = inline.into_iter().collect(),
        _ => layers.extend(inline),
    }
    let release = known(chart, &["releaseName"]);
    Installation {
        title: format!("helmCharts[{index}] `{}`", name.as_deref().unwrap_or("?")),
        chart: Some(ChartReference {
            name,
            repository,
            version: known(chart, &["version"]),
            is_version_unknown: is_unknown(chart, &["version"]),
        }),
        release,
        namespace: known(chart, &["namespace"]),
        layers,
        ..Installation::default()
    }
}
