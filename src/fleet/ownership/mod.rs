//! Who else writes a Service, and what they would do to a change of `spec.type`.
//!
//! A patch takes the type from its owner without a word, and the owner notices later: it sets the type back, or its
//! next run fails. So this is told before anything is changed.

mod signs;
mod tools;

use std::fmt;

pub use signs::{FieldManager, NamesType, Operation, OwnerReference, Signs};
pub use tools::Tool;

use crate::text::clean;

/// Somebody who writes a Service. Texts that the Service gave are on one line and short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The prometheus-operator, for one of its objects.
    PrometheusOperator {
        /// The object's kind, such as `Prometheus`.
        kind: String,
        /// The object's name; empty when only a label tells the operator.
        name: String,
    },
    /// Another controller, for the object that owns the Service.
    Controller {
        /// The object's kind.
        kind: String,
        /// The object's name.
        name: String,
    },
    /// An application of Argo CD.
    ArgoCd {
        /// The application's name.
        application: String,
        /// Whether its manifest names the type.
        names_type: NamesType,
    },
    /// A Kustomization of Flux.
    FluxKustomization {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Whether its manifest names the type.
        names_type: NamesType,
    },
    /// A HelmRelease of Flux.
    FluxHelmRelease {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A Helm release that people or pipelines upgrade.
    Helm {
        /// Its namespace; empty when no sign tells it.
        namespace: String,
        /// Its name.
        release: String,
        /// Whether Helm writes by server-side apply, as Helm 4 does for what it installed.
        apply: bool,
        /// Whether the chart names the type.
        names_type: NamesType,
    },
    /// `kubectl apply`.
    KubectlApply {
        /// Whether by server-side apply.
        apply: bool,
        /// Whether the manifest names the type.
        names_type: NamesType,
    },
    /// A tool that is known by a sign of its own.
    Tool {
        /// Which.
        tool: &'static Tool,
        /// What it made the Service from; `None` when nothing tells.
        name: Option<String>,
    },
    /// Somebody who owns the type by server-side apply, known by the name of the field manager alone.
    Applier {
        /// The field manager.
        manager: String,
    },
}

const HELM: &[&str] = &["helm"];
const ARGO_CD: &[&str] = &["argocd-controller", "argocd-application-controller"];
const FLUX_KUSTOMIZE: &[&str] = &["kustomize-controller"];
const FLUX_HELM: &[&str] = &["helm-controller"];
const KUBECTL: &[&str] = &["kubectl"];
/// Field managers that are told otherwise, or are us.
const TOLD: [&[&str]; 6] =
    [HELM, ARGO_CD, FLUX_KUSTOMIZE, FLUX_HELM, KUBECTL, &["Terraform", "HashiCorp", "thanosctl"]];

/// The kinds for which the prometheus-operator makes Services.
const PROMETHEUS_KINDS: [&str; 4] = ["Prometheus", "PrometheusAgent", "ThanosRuler", "Alertmanager"];
/// The labels of those Services.
const OPERATED: [(&str, &str); 3] = [
    ("operated-prometheus", "Prometheus"),
    ("operated-thanos-ruler", "ThanosRuler"),
    ("operated-alertmanager", "Alertmanager"),
];

/// Who else writes a Service: controllers first, then those that people run. Empty when nothing tells of anybody.
pub fn owners(signs: &Signs) -> Vec<Owner> {
    let mut found = controllers(signs);
    let argo_cd = argo_cd(signs);
    let flux = flux(signs);
    let kubectl = kubectl(signs, argo_cd.is_some());
    let by_flux = flux.iter().any(|owner| matches!(owner, Owner::FluxHelmRelease { .. }));
    let others = argo_cd.is_some() || !flux.is_empty() || kubectl.is_some();
    let helm = helm(signs, others).filter(|_| !by_flux);
    found.extend(argo_cd);
    found.extend(flux);
    found.extend(helm);
    found.extend(kubectl);
    let tools = tools::TOOLS.iter().filter(|tool| tool.wrote(signs));
    found.extend(tools.map(|tool| Owner::Tool { tool, name: tool.name(signs).map(short) }));
    let appliers = signs.field_managers.iter().filter(|entry| {
        let told = TOLD.iter().any(|managers| managers.contains(&entry.manager.as_str()));
        entry.operation == Operation::Apply && entry.owns_type && !told
    });
    found.extend(appliers.map(|entry| Owner::Applier { manager: short(&entry.manager) }));
    found
}

fn controllers(signs: &Signs) -> Vec<Owner> {
    let mut found = Vec::new();
    for owner in &signs.owner_references {
        let (kind, name) = (short(&owner.kind), short(&owner.name));
        if PROMETHEUS_KINDS.contains(&owner.kind.as_str()) {
            found.push(Owner::PrometheusOperator { kind, name });
        } else if owner.controller && !tools::own_by_kind(&owner.kind) {
            found.push(Owner::Controller { kind, name });
        }
    }
    let operated = OPERATED.iter().find(|(label, _)| signs.label(label) == Some("true")).map(|(_, kind)| *kind);
    let managed = ["managed-by", "app.kubernetes.io/managed-by"]
        .iter()
        .any(|label| signs.label(label) == Some("prometheus-operator"));
    if found.is_empty() && (operated.is_some() || managed) {
        found.push(Owner::PrometheusOperator { kind: operated.unwrap_or_default().to_owned(), name: String::new() });
    }
    found
}

/// Argo CD 3 writes an annotation; before that a label was enough, which Helm's charts write too.
fn argo_cd(signs: &Signs) -> Option<Owner> {
    let tracked = signs.annotation("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    let labelled = || {
        let instance = signs.label("app.kubernetes.io/instance").filter(|_| signs.is_written_by(ARGO_CD));
        signs.label("argocd.argoproj.io/instance").or(instance)
    };
    let application = short(tracked.or_else(labelled)?);
    let names_type = match signs.applied_type(ARGO_CD) {
        // Without server-side apply it leaves what kubectl leaves.
        NamesType::Unknown => signs.last_applied_type(),
        told => told,
    };
    Some(Owner::ArgoCd { application, names_type })
}

fn flux(signs: &Signs) -> Vec<Owner> {
    let named = |group: &str| {
        let part = |key: &str| signs.label(&format!("{group}/{key}")).map(short);
        Some((part("namespace").unwrap_or_default(), part("name")?))
    };
    let ignored = signs.annotation("kustomize.toolkit.fluxcd.io/reconcile") == Some("disabled");
    let kustomization = named("kustomize.toolkit.fluxcd.io").filter(|_| !ignored).map(|(namespace, name)| {
        Owner::FluxKustomization { namespace, name, names_type: signs.applied_type(FLUX_KUSTOMIZE) }
    });
    let release = named("helm.toolkit.fluxcd.io").map(|(namespace, name)| Owner::FluxHelmRelease { namespace, name });
    kustomization.into_iter().chain(release).collect()
}

/// A chart's labels alone are no release where `others` are known to have written what the chart renders.
fn helm(signs: &Signs, others: bool) -> Option<Owner> {
    let annotated = signs.annotation("meta.helm.sh/release-name");
    let labelled = || {
        let by_helm = ["app.kubernetes.io/managed-by", "heritage"]
            .iter()
            .any(|label| matches!(signs.label(label), Some("Helm" | "Tiller")));
        let named = signs.label("app.kubernetes.io/instance").or_else(|| signs.label("release"));
        named.filter(|_| by_helm && !others)
    };
    Some(Owner::Helm {
        release: short(annotated.or_else(labelled)?),
        namespace: signs.annotation("meta.helm.sh/release-namespace").map(short).unwrap_or_default(),
        apply: signs.is_applied_by(HELM),
        names_type: signs.applied_type(HELM),
    })
}

fn kubectl(signs: &Signs, by_argo_cd: bool) -> Option<Owner> {
    if signs.is_applied_by(KUBECTL) {
        return Some(Owner::KubectlApply { apply: true, names_type: signs.applied_type(KUBECTL) });
    }
    signs.annotation(signs::LAST_APPLIED)?;
    if by_argo_cd && !signs.is_written_by(&["kubectl-client-side-apply", "kubectl"]) {
        return None;
    }
    Some(Owner::KubectlApply { apply: false, names_type: signs.last_applied_type() })
}

impl Owner {
    /// What it will do to a live change of the type, in one sentence without a full stop. Commands are in backticks.
    pub fn effect(&self) -> String {
        match self {
            Self::PrometheusOperator { .. } => "the operator sets the type back at every sync".to_owned(),
            Self::Controller { .. } => "its controller may set the type back at any time".to_owned(),
            Self::ArgoCd { names_type, .. } => names_type.tell(
                "Argo CD reports the application as out of sync and sets the type back, at once with self-heal, else \
                 at the next sync",
                "Argo CD leaves the type alone",
            ),
            Self::FluxKustomization { names_type, .. } => {
                names_type.tell("Flux sets the type back at the next reconciliation", "Flux leaves the type alone")
            }
            Self::FluxHelmRelease { .. } => "Flux sets the type back at the next upgrade, or at once with drift \
                                             detection, if the chart names it"
                .to_owned(),
            Self::Helm { apply: false, .. } => {
                "the next `helm upgrade` sets the type back if the chart names it".to_owned()
            }
            Self::Helm { apply: true, names_type: NamesType::No, .. } => {
                "the next `helm upgrade` leaves the type alone, since the chart does not name it".to_owned()
            }
            Self::Helm { apply: true, names_type: NamesType::Yes | NamesType::Unknown, .. } => {
                "the next `helm upgrade` fails with a conflict on .spec.type unless its values say NodePort too"
                    .to_owned()
            }
            Self::KubectlApply { apply: false, names_type } => names_type
                .tell("the next `kubectl apply` sets the type back", "the next `kubectl apply` leaves the type alone"),
            Self::KubectlApply { apply: true, names_type } => names_type.tell(
                "the next `kubectl apply --server-side` fails with a conflict on .spec.type unless the manifest says \
                 NodePort too",
                "the next `kubectl apply --server-side` leaves the type alone",
            ),
            Self::Tool { tool, .. } => tool.effect.to_owned(),
            Self::Applier { .. } => {
                "its next apply fails with a conflict on .spec.type, or takes the type back by force".to_owned()
            }
        }
    }

    /// Whether it certainly undoes a change, so that a patch is refused unless it is forced.
    pub fn forbids(&self) -> bool {
        match self {
            Self::PrometheusOperator { .. } | Self::Controller { .. } => true,
            // They reconcile by themselves, and the type is theirs.
            Self::FluxKustomization { names_type, .. } => *names_type == NamesType::Yes,
            Self::Tool { tool, .. } => tool.forbids,
            // Whether and when an application heals itself is not seen on the Service.
            Self::ArgoCd { .. }
            | Self::FluxHelmRelease { .. }
            | Self::Helm { .. }
            | Self::KubectlApply { .. }
            | Self::Applier { .. } => false,
        }
    }

    /// Where the values of the chart go, when this is who installs the chart and `helm upgrade` by hand would be
    /// overruled or fail.
    pub fn takes_values(&self) -> Option<String> {
        match self {
            Self::ArgoCd { application, .. } => Some(format!("the Helm values of Argo CD application `{application}`")),
            Self::FluxHelmRelease { namespace, name } => {
                Some(format!("`spec.values` of Flux HelmRelease `{}`", joined(namespace, name)))
            }
            Self::Tool { tool, .. } => tool.values.map(|place| format!("{place} {self}")),
            Self::PrometheusOperator { .. }
            | Self::Controller { .. }
            | Self::FluxKustomization { .. }
            | Self::Helm { .. }
            | Self::KubectlApply { .. }
            | Self::Applier { .. } => None,
        }
    }
}

impl NamesType {
    fn tell(self, yes: &str, no: &str) -> String {
        match self {
            Self::Yes => yes.to_owned(),
            Self::No => format!("{no}, since the manifest does not name it"),
            Self::Unknown => format!("{yes}, if the manifest names it"),
        }
    }
}

/// Who it is in a few words, for a cell of a table.
impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrometheusOperator { kind, name } => {
                let parts = ["prometheus-operator", kind.as_str(), name.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                out.write_str(&parts.join(" "))
            }
            Self::Controller { kind, name } => write!(out, "{kind} {name}"),
            Self::ArgoCd { application, .. } => write!(out, "Argo CD application {application}"),
            Self::FluxKustomization { namespace, name, .. } => {
                write!(out, "Flux Kustomization {}", joined(namespace, name))
            }
            Self::FluxHelmRelease { namespace, name } => write!(out, "Flux HelmRelease {}", joined(namespace, name)),
            Self::Helm { namespace, release, .. } => write!(out, "Helm release {}", joined(namespace, release)),
            Self::KubectlApply { .. } => out.write_str("kubectl apply"),
            Self::Tool { tool, name: Some(name) } => write!(out, "{} {name}", tool.who),
            Self::Tool { tool, name: None } => out.write_str(tool.who),
            Self::Applier { manager } => write!(out, "field manager {manager}"),
        }
    }
}

fn joined(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// `text` on one line, in at most 64 characters.
fn short(text: &str) -> String {
    const LIMIT: usize = 64;
    let cleaned = clean(text);
    match cleaned.char_indices().nth(LIMIT - 1) {
        Some((at, _)) if cleaned[at..].chars().nth(1).is_some() => format!("{}…", &cleaned[..at]),
        _ => cleaned,
    }
}

#[cfg(test)]
mod tests;
