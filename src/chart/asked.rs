//! What settings ask a chart for: the parts that must have a key for it, and what to set instead of a key that is ours.

use super::part::{Component, ImagePart, Part, Port, Resolution};
use super::release::{Release, is_named};
use super::tls::Tls;
use super::{flags, parts};
use crate::settings::thanos::ExposedType;

/// What the settings ask for besides whole components, and the parts of which one must be there for it.
pub(super) fn asked(release: &Release<'_>) -> Vec<(String, Vec<Part>)> {
    let thanos = release.thanos;
    let mut asked: Vec<(String, Vec<Part>)> = Vec::new();
    let mut ask = |is_asked: bool, what: &str, parts: &[Part]| {
        if is_asked {
            asked.push((format!("thanos.{what}"), parts.to_vec()));
        }
    };
    let query = &thanos.query;
    for (name, service, port) in
        [("service", &query.service, Port::Http), ("serviceGrpc", &query.service_grpc, Port::Grpc)]
    {
        let fixed = service.as_ref().is_some_and(|service| service.node_port.is_some());
        ask(fixed, &format!("query.{name}.nodePort"), &[Part::NodePort(port)]);
        // A Service that has no key for its type is a ClusterIP.
        let kind = service.as_ref().and_then(|service| service.service_type);
        let other = kind.is_some_and(|kind| kind != ExposedType::ClusterIP);
        ask(other, &format!("query.{name}.type"), &[Part::ServiceType(port), Part::ServiceType(Port::Http)]);
    }
    for component in Component::ASKED {
        let disk = parts::persistence(thanos, component).unwrap_or_default();
        ask(disk.size.is_some(), &format!("{component}.persistence.size"), &[Part::Size(component)]);
        let class = disk.storage_class.is_some();
        ask(class, &format!("{component}.persistence.storageClass"), &[Part::StorageClass(component)]);
        let resources = parts::resources(thanos, component).is_some();
        ask(resources, &format!("{component}.resources"), &[Part::Resources(component)]);
        let flags = !flags::extra(release, component).is_empty();
        ask(flags, &format!("{component}.extraFlags"), &[Part::Flags(component), Part::FlagMap(component)]);
    }
    if let Some(compactor) = &thanos.compactor {
        let flags = [Part::Flags(Component::Compactor), Part::FlagMap(Component::Compactor)];
        for (name, time, resolution) in [
            ("raw", &compactor.retention.raw, Resolution::Raw),
            ("5m", &compactor.retention.five_minutes, Resolution::FiveMinutes),
            ("1h", &compactor.retention.one_hour, Resolution::OneHour),
        ] {
            ask(
                time.is_some(),
                &format!("compactor.retention.{name}"),
                &[&[Part::Retention(resolution)][..], &flags].concat(),
            );
        }
        ask(compactor.concurrency.is_some(), "compactor.concurrency", &[&[Part::Concurrency][..], &flags].concat());
    }
    if let Some(ruler) = &thanos.ruler {
        let own = Some(release.chart.dialect.ruler_replica_label);
        let label = ruler.replica_label.as_deref();
        ask(label.is_some() && label != own, "ruler.replicaLabel", &[Part::RulerReplicaLabel]);
        ask(!ruler.alertmanagers.is_empty(), "ruler.alertmanagers", &[Part::Alertmanagers, Part::AlertmanagersConfig]);
        ask(ruler.alertmanagers_config.is_some(), "ruler.alertmanagersConfig", &[Part::AlertmanagersConfig]);
    }
    ask(thanos.cluster_domain != "cluster.local", "clusterDomain", &[Part::ClusterDomain]);
    ask(query.file_sd.is_some(), "query.fileSD", &[Part::SdConfigMap, Part::Volumes]);
    if let Some(image) = &thanos.image {
        let secrets = [Part::PullSecrets, Part::PullSecretObjects];
        ask(!image.pull_secrets.is_empty(), "image.pullSecrets", &secrets);
        let repository = [Part::Image(ImagePart::Repository), Part::Image(ImagePart::Whole)];
        ask(image.repository.is_some(), "image.repository", &repository);
    }
    asked
}

/// What to set instead of a key that carries `part`; `None` where `values:` may override it, or nothing is written.
pub(super) fn instead(release: &Release<'_>, part: Part) -> Option<String> {
    let thanos = release.thanos;
    let component = part.component();
    let is_named = component.is_some_and(|component| is_named(thanos, component));
    let text = match part {
        Part::Stores => "the endpoints of `clusters`",
        Part::ReplicaLabels | Part::OneReplicaLabel => "`replicaLabels`",
        Part::ObjstoreText | Part::ObjstoreCreated => "`thanos.objstore`",
        Part::ObjstoreSecret => "`thanos.objstore.existingSecret`",
        Part::ObjstoreSecretKey | Part::ObjstoreSecretItems => "`thanos.objstore.existingSecretKey`",
        Part::ClusterDomain => "`thanos.clusterDomain`",
        Part::Enabled(Component::Receive) => "nothing there: nothing is pushed to this release",
        Part::Enabled(component) if is_named => return Some(format!("`thanos.{component}`, or leave that out")),
        Part::Alertmanagers | Part::AlertmanagersConfig if is_named => "`thanos.ruler.alertmanagers`",
        Part::Rules | Part::RuleFiles | Part::NoExampleRules if is_named => "`thanos.ruler.rules`",
        Part::Buckets if is_named => "`thanos.minio.buckets`",
        Part::RootUser | Part::RootPassword | Part::RootSecret if is_named => "`thanos.minio.credentials`",
        Part::TlsSwitch | Part::TlsSecret | Part::TlsText(_) | Part::TlsServerName
            if thanos.query.client_tls.is_some() =>
        {
            "`thanos.query.clientTLS`"
        }
        Part::SdConfigMap if thanos.query.file_sd.is_some() => "`thanos.query.fileSD`",
        Part::Volumes | Part::VolumeMounts
            if matches!(release.tls, Tls::Mounted(_)) || thanos.query.file_sd.is_some() =>
        {
            "nothing there: `thanos.query.clientTLS` and `thanos.query.fileSD` mount volumes of their own"
        }
        Part::Flags(component) | Part::FlagMap(component) if !flags::flags(release, component).is_empty() => {
            return Some(format!("`thanos.{component}.extraFlags`"));
        }
        _ => return None,
    };
    Some(text.to_owned())
}
