//! From a request to a release: everything that cannot be is found here, before anything is written.

use serde_json::{Map, Value, json};

use super::asked::{asked, instead};
use super::chart_version::Chart;
use super::conditions;
use super::confidential;
use super::defects;
use super::part::{Component, Part, Port};
use super::release::{Release, is_named, is_on, thanos_version};
use super::secret_places::{Login, Root, Store};
use super::tls::Tls;
use super::{Request, at};
use super::{file_sd, flags, names, parts};
use crate::failure::{Failure, Failures};
use crate::findings::finding::{Finding, Severity};
use crate::secret::SecretReference;
use crate::settings::alert_targets::AlertTargets;
use crate::settings::thanos::{Minio, Objstore, Persistence, SecretsMode, ServiceSettings, Thanos};
use crate::text::without_credentials;
use crate::thanos::objstore::{ObjectStore, check_caching_bucket, check_index_cache};
use crate::thanos::thanos_version::ThanosVersion;
use crate::yaml;

impl<'a> Release<'a> {
    /// Checks a request.
    ///
    /// # Errors
    /// Everything that the chart cannot express or would break on, all at once.
    pub fn of(request: &'a Request<'a>) -> Result<Self, Failures> {
        let thanos = request.thanos;
        let chart = Chart::find(&thanos.chart, thanos.chart_version.as_deref())?;
        let mut problems = Problems(Vec::new());
        let fullname = problems.names(thanos, &chart);
        problems.query(request, &chart);
        let login = problems.keep(login(request)).unwrap_or(Login::None);
        let store = problems.keep(store(request, &chart, &fullname));
        let mode = request.secrets_mode;
        let tls = thanos.query.client_tls.as_ref().map(|tls| Tls::of(tls, &chart, mode, &fullname));
        let tls = tls.and_then(|tls| problems.keep(tls)).unwrap_or(Tls::None);
        problems.components(request, &chart);
        let release = Self { request, thanos, chart, store: store.unwrap_or(Store::None), login, tls };
        problems.values(&release);
        problems.abilities(&release);
        problems.images(&release);
        problems.gone_images(&release);
        if problems.0.is_empty() {
            problems.defects(&release);
        }
        match Failures::from_vec(problems.0) {
            Some(failures) => Err(failures),
            None => Ok(release),
        }
    }
}

/// The first Thanos without `--store` (CHANGELOG.md, #7890).
const STORE_GONE: ThanosVersion = ThanosVersion::new(0, 38, 0);

/// The systems whose tags were not copied to docker.io/bitnamilegacy (bitnami/containers#86251).
const OLD_SYSTEMS: [&str; 5] = ["-debian-8", "-debian-9", "-debian-10", "-centos-7", "-ol-7"];

/// Everything that is wrong, gathered.
struct Problems(Vec<Failure>);

impl Problems {
    fn keep<T>(&mut self, result: Result<T, Failures>) -> Option<T> {
        result.map_err(|failures| self.0.extend(failures.iter().cloned())).ok()
    }

    fn refuse(&mut self, wrong: bool, failure: impl FnOnce() -> Failure) {
        if wrong {
            self.0.push(failure());
        }
    }

    /// The chart's full name, when it and what grows from it can be.
    fn names(&mut self, thanos: &Thanos, chart: &Chart) -> String {
        let plain = names::is_read_as_text;
        let (release, namespace) = (&thanos.release, &thanos.namespace);
        self.refuse(!names::is_label(release, 53) || !plain(release), || {
            Failure::new(format!("`{}` cannot be the name of a Helm release", without_credentials(release)))
                .hint("`thanos.release` has lower-case letters, digits and dashes, not digits alone, at most 53")
        });
        self.refuse(!names::is_label(namespace, 63) || !plain(namespace), || {
            Failure::new(format!("`{}` cannot be the name of a namespace", without_credentials(namespace)))
                .hint("`thanos.namespace` has lower-case letters, digits and dashes, not digits alone, at most 63")
        });
        self.refuse(!names::is_dns_name(&thanos.cluster_domain), || {
            Failure::new(format!("`{}` is no DNS domain", without_credentials(&thanos.cluster_domain)))
                .at(["thanos", "clusterDomain"])
                .hint("set `thanos.clusterDomain`")
        });
        let fullname = names::fullname(release, chart.dialect.name, &thanos.values);
        self.refuse(!names::is_label(&fullname, 63) || fullname.starts_with(|c: char| c.is_ascii_digit()), || {
            Failure::new(format!("no Service can have a name that starts with `{}`", without_credentials(&fullname)))
                .hint("it comes from `thanos.release`, or from fullnameOverride or nameOverride in `thanos.values`")
        });
        for name in chart
            .dialect
            .names
            .iter()
            .filter(|name| name.span.holds(chart.version))
            .filter(|name| is_on(thanos, chart, name.component) || chart.always_runs(name.component))
        {
            let (whole, limit) = (format!("{fullname}{}", name.suffix), name.limit);
            self.refuse(whole.len() > limit, || {
                let whole = without_credentials(&whole);
                Failure::new(format!("the {} `{whole}` has a name of more than {limit} characters", name.what))
                    .hint("choose a shorter `thanos.release`, or set fullnameOverride in `thanos.values`")
            });
        }
        fullname
    }

    fn query(&mut self, request: &Request<'_>, chart: &Chart) {
        let query = &request.thanos.query;
        let ruler = request.thanos.ruler.as_ref().and_then(|ruler| ruler.replica_label.as_ref());
        let labels = request.replica_labels.iter().map(|label| (label, "replicaLabels"));
        let labels = labels.chain(ruler.map(|label| (label, "thanos.ruler.replicaLabel")));
        for (label, path) in labels.filter(|(label, _)| !names::is_label_name(label)) {
            let label = without_credentials(label);
            self.0.push(
                Failure::new(format!("`{label}` cannot be the name of a label"))
                    .at(path.split('.'))
                    .hint(format!("see `{path}`")),
            );
        }
        let services = [("service", &query.service), ("serviceGrpc", &query.service_grpc)];
        for (name, service) in services {
            let fixed = service.as_ref().is_some_and(ServiceSettings::is_fixed_without_a_type);
            self.refuse(fixed, || {
                Failure::new(format!("`thanos.query.{name}` has a nodePort, but a Service of type ClusterIP has none"))
                    .at(["thanos", "query", name, "nodePort"])
                    .hint("set its `type: NodePort`, or leave nodePort out")
            });
        }
        let ports = services.map(|(_, service)| service.as_ref().and_then(|service| service.node_port));
        self.refuse(ports[0].is_some() && ports[0] == ports[1], || {
            Failure::new("`thanos.query.service` and `thanos.query.serviceGrpc` have one nodePort")
                .at(["thanos", "query", "serviceGrpc", "nodePort"])
                .hint("each node port leads to one port of one Service")
        });
        let kinds = services.map(|(_, service)| service.as_ref().and_then(|service| service.service_type));
        self.refuse(chart.has_one_service() && kinds[1].is_some_and(|kind| Some(kind) != kinds[0]), || {
            let two = chart.spans(&[Part::ServiceType(Port::Grpc)]);
            let two = two.map_or(String::new(), |two| format!("; {two} of the chart have two Services"));
            Failure::new("`thanos.query.serviceGrpc.type` is another one than `thanos.query.service.type`")
                .at(["thanos", "query", "serviceGrpc", "type"])
                .caused_by(format!("in version {} of {} both are one Service", chart.version, chart.dialect.chart))
                .hint(format!("give both one type{two}"))
        });
    }

    fn values(&mut self, release: &Release<'_>) {
        let (thanos, chart) = (release.thanos, &release.chart);
        self.0.extend(chart.catalog.check(chart.version, &thanos.values));
        let mut owned: Vec<(String, String)> = Vec::new();
        for row in chart.dialect.rows.iter().filter(|row| row.span.holds(chart.version)) {
            if let (Some(instead), Some(path)) = (instead(release, row.part), chart.place(row)) {
                owned.push((path, instead));
            }
        }
        for row in chart.dialect.owned.iter().filter(|row| row.with.is_none_or(|it| is_named(thanos, it))) {
            owned.extend(chart.expand(row.path, row.component).map(|path| (path, row.instead.to_owned())));
        }
        owned.dedup_by(|one, other| one.0 == other.0);
        for (path, instead) in owned {
            self.refuse(is_reached(&thanos.values, &path), || {
                Failure::new(format!("`thanos.values` sets `{path}`, which thanosctl writes itself"))
                    .at(["thanos", "values"].into_iter().chain(path.split('.')))
                    .hint(format!("set {instead}"))
            });
        }
        self.0.extend(conditions::check(thanos, chart));
    }

    /// What is asked for and this version of the chart has no key for.
    fn abilities(&mut self, release: &Release<'_>) {
        let chart = &release.chart;
        let (version, name) = (chart.version, chart.dialect.chart);
        let cannot = |what: &str, able: Option<String>| {
            let able = able.map(|able| format!("{able} can: set `thanos.chartVersion`"));
            Failure::new(format!("version {version} of {name} cannot express `{what}`"))
                .at(what.split('.'))
                .hint(able.unwrap_or_else(|| format!("no version of {name} can: leave it out, or take another chart")))
        };
        for component in Component::ASKED {
            self.refuse(is_named(release.thanos, component) && chart.key(component).is_none(), || {
                cannot(&format!("thanos.{component}"), chart.spans_of(component))
            });
            self.0.extend(flags::problems(release, component));
        }
        for (what, parts) in asked(release) {
            let has_component = parts[0].component().is_none_or(|component| chart.key(component).is_some());
            let has_row = parts.iter().any(|part| chart.row(*part).is_some());
            self.refuse(has_component && !has_row, || cannot(&what, chart.spans(&parts)));
        }
        self.0.extend(file_sd::problem(release));
        if let Some(ruler) = &release.thanos.ruler {
            let replica = ruler.replica_label.as_deref().unwrap_or(chart.dialect.ruler_replica_label);
            for label in ruler.labels.keys() {
                let why = match label.as_str() {
                    label if label == replica => "the replicas of the ruler are told apart by it",
                    label if chart.dialect.ruler_labels.contains(&label) => {
                        "the chart gives it by itself, so set the key of the chart in `thanos.values`"
                    }
                    label if !names::is_label_name(label) => "it cannot be the name of a label",
                    _ => continue,
                };
                let label = without_credentials(label);
                self.0.push(
                    Failure::new(format!("`thanos.ruler.labels` has `{label}`: {why}"))
                        .at(["thanos", "ruler", "labels", &label]),
                );
            }
        }
        let manifest = release.request.secrets_mode == SecretsMode::Manifest;
        let config = release.request.alertmanagers.filter(|config| confidential::text_holds_secrets(config.text()));
        self.refuse(manifest && config.is_some(), || {
            Failure::new("`thanos.ruler.alertmanagersConfig` holds a secret, and it would stand in the values")
                .at(["thanos", "ruler", "alertmanagersConfig"])
                .hint("mount it and name its file (`password_file`, `credentials_file`), or set `secrets: inline`")
        });
        self.refuse(release.replica_labels().is_empty() && chart.row(Part::ReplicaLabels).is_none(), || {
            let able = chart.spans(&[Part::ReplicaLabels]).unwrap_or_default();
            Failure::new(format!("version {version} of {name} cannot express an empty `replicaLabels`"))
                .at(["replicaLabels"])
                .caused_by("it always has one label, and its own is `replica`")
                .hint(format!("{able} can: set `thanos.chartVersion`; or name a label"))
        });
        let tag = release.thanos_version();
        let by_store = chart.dialect.store_flag.is_some_and(|span| span.holds(version));
        self.refuse(by_store && tag.is_some_and(|tag| tag >= STORE_GONE), || {
            let tag = tag.map(|tag| tag.to_string()).unwrap_or_default();
            let later = chart
                .after(chart.dialect.store_flag)
                .map(|later| format!(", or a `thanos.chartVersion` of {later} or later"));
            Failure::new(format!("version {version} of {name} does not start Thanos {tag}"))
                .at(["thanos", "image", "tag"])
                .caused_by("it hands stores over with --store, which Thanos 0.38.0 removed")
                .hint(format!("set `thanos.image.tag` to v0.37.2 or earlier{}", later.unwrap_or_default()))
        });
        self.refuse(!by_store && tag.is_some_and(|tag| tag < ThanosVersion::new(0, 24, 0)), || {
            Failure::new(format!("version {version} of {name} does not start the Thanos of `thanos.image`"))
                .at(["thanos", "image", "tag"])
                .caused_by("it hands stores over with --endpoint, which Thanos 0.24.0 brought")
                .hint("take a later tag")
        });
    }

    /// Defects of the chart's version that the release would meet.
    fn defects(&mut self, release: &Release<'_>) {
        // Where a secret was not read there are no values yet; whoever renders them says so.
        let Ok(values) = release.tree(&[], &[]) else { return };
        let chart = &release.chart;
        for met in defects::met(chart, &values) {
            let hint = match (defects::whole_words(chart, &values), met.defect.instead) {
                (Some(whole), "") => format!("set `thanos.chartVersion` to a version without it: {whole}"),
                (Some(whole), instead) => {
                    format!("set `thanos.chartVersion` to a version without it: {whole}; or {instead}")
                }
                (None, "") => "take another chart".to_owned(),
                (None, instead) => instead.to_owned(),
            };
            self.0.push(
                Failure::new(format!(
                    "version {} of {} has a known defect: {}",
                    chart.version, chart.dialect.chart, met.defect.what
                ))
                .at(["thanos", "chartVersion"])
                .hint(hint),
            );
        }
    }

    /// What is written to have images accepted must not be taken back.
    fn images(&mut self, release: &Release<'_>) {
        const ALLOWED: &str = "global.security.allowInsecureImages";
        let values = &release.thanos.values;
        let taken_back = is_reached(values, ALLOWED) && at(values, ALLOWED) != Some(&Value::Bool(true));
        self.refuse(taken_back && parts::has_refused_images(release), || {
            Failure::new(format!("`thanos.values` sets `{ALLOWED}`, and then the chart refuses its images"))
                .at(["thanos", "values"].into_iter().chain(ALLOWED.split('.')))
                .hint("leave it out; it is set where it is needed, as docs/values.md says of images")
        });
    }

    /// Images that are known to be gone, of those that would run.
    fn gone_images(&mut self, release: &Release<'_>) {
        let chart = &release.chart;
        for lost in parts::lost_images(release).filter(|lost| lost.is_gone) {
            self.0.push(
                Failure::new(format!(
                    "version {} of {} runs an image that can no longer be pulled: {}",
                    chart.version, chart.dialect.chart, lost.told
                ))
                .at(["thanos", "chartVersion"])
                .hint(format!("set `{}` in `thanos.values`, or take a later `thanos.chartVersion`", lost.unless)),
            );
        }
        let Some(image) = release.thanos.image.as_ref() else { return };
        let (registry, tag) =
            (image.registry.as_deref().unwrap_or("docker.io"), image.tag.as_deref().unwrap_or_default());
        let repository = image.repository.as_deref().unwrap_or_default();
        let why = match repository.split_once('/') {
            Some(("bitnami", _)) if registry == "docker.io" && !matches!(tag, "" | "latest") => {
                "docker.io/bitnami has no images of versions since August 2025"
            }
            Some(("bitnamilegacy", _))
                if registry == "docker.io" && OLD_SYSTEMS.iter().any(|old| tag.contains(old)) =>
            {
                "tags for that system were not copied to docker.io/bitnamilegacy"
            }
            _ => return,
        };
        self.0.push(
            Failure::new("`thanos.image` names an image that can no longer be pulled")
                .at(["thanos", "image", "repository"])
                .caused_by(why)
                .hint("take `bitnamilegacy/thanos` with a tag of debian-11 or debian-12, or {registry: quay.io, repository: thanos/thanos, tag: TAG}"),
        );
    }

    /// What the components want.
    fn components(&mut self, request: &Request<'_>, chart: &Chart) {
        let thanos = request.thanos;
        let storeless = thanos.objstore.is_none() && thanos.minio.is_none();
        for component in Component::STORED {
            self.refuse(storeless && is_on(thanos, chart, component), || {
                let key = component.to_string();
                let (what, path) = if is_named(thanos, component) {
                    (format!("`thanos.{key}` wants"), vec!["thanos", &key])
                } else {
                    let what = format!("`thanos.values` sets `{key}.enabled`, which wants");
                    (what, vec!["thanos", "values", &key, "enabled"])
                };
                Failure::new(format!("{what} an object store, and there is none"))
                    .at(path)
                    .hint(format!("set `thanos.objstore`, or `thanos.minio` for the bundled one; or leave {key} out"))
            });
        }
        if let Some(ruler) = &thanos.ruler {
            match ruler.alert_targets() {
                Ok(AlertTargets::Urls(_) | AlertTargets::Config(_)) => {}
                Err(failure) => self.0.push(failure),
            }
            self.refuse(request.rules.is_none(), || {
                Failure::new("the ruler has no rules")
                    .at(["thanos", "ruler", "rules"])
                    .hint("name the files in `thanos.ruler.rules`, or leave ruler out")
            });
            self.persistence("ruler", &ruler.persistence);
        }
        if let Some(compactor) = &thanos.compactor {
            self.persistence("compactor", &compactor.persistence);
        }
        if let Some(storegateway) = &thanos.storegateway {
            let version = thanos_version(thanos, chart);
            let [index, bucket] = [&storegateway.index_cache, &storegateway.bucket_cache].map(Option::as_ref);
            self.cache("indexCache", index, |text| check_index_cache("indexCache", text, version));
            self.cache("bucketCache", bucket, |text| check_caching_bucket("bucketCache", text, version));
            self.persistence("storegateway", &storegateway.persistence);
        }
        if let Some(minio) = &thanos.minio {
            self.persistence("minio", &minio.persistence);
            let fits = |bucket: &String| (3..=63).contains(&bucket.len()) && names::is_dns_name(bucket);
            for bucket in minio.buckets.iter().filter(|bucket| !fits(bucket)) {
                self.0.push(
                    Failure::new(format!("`{}` cannot be the name of a bucket in MinIO", without_credentials(bucket)))
                        .at(["thanos", "minio", "buckets"])
                        .hint("buckets have 3 to 63 lower-case letters, digits, dots and dashes"),
                );
            }
            let buckets = minio.buckets.join(",");
            self.refuse(minio.buckets.is_empty(), || {
                Failure::new("`thanos.minio.buckets` is empty").at(["thanos", "minio", "buckets"])
            });
            // The chart writes them without quotes.
            self.refuse(!minio.buckets.is_empty() && !names::is_read_as_text(&buckets), || {
                Failure::new(format!("`{}` cannot be the name of the bucket in MinIO", without_credentials(&buckets)))
                    .caused_by("the chart would take it for something else than a text")
            });
        }
    }

    /// A cache's configuration, which becomes a flag that everybody can read.
    fn cache(&mut self, name: &str, config: Option<&Map<String, Value>>, check: impl Fn(&str) -> Vec<Finding>) {
        let Some(config) = config else { return };
        let path = ["thanos", "storegateway", name];
        let text = yaml::document(&Value::Object(config.clone()));
        if confidential::text_holds_secrets(&text) {
            self.0.push(
                Failure::new(format!("`thanos.storegateway.{name}` holds a secret, and it would become a flag that everybody can read"))
                    .at(path)
                    .hint("use a cache that asks for none, or hand it over with `storegateway.extraFlags` and a Secret that is mounted"),
            );
        }
        for finding in check(&text).into_iter().filter(|finding| finding.severity == Severity::Error) {
            let failure = Failure::new(format!("`thanos.storegateway.{name}`: {}", finding.message)).at(path);
            self.0.push(finding.hint.into_iter().fold(failure, |failure, hint| failure.hint(hint)));
        }
    }

    fn persistence(&mut self, section: &str, persistence: &Persistence) {
        let section = format!("thanos.{section}.persistence");
        self.refuse(persistence.size.as_ref().is_some_and(|size| !names::is_quantity(size)), || {
            Failure::new(format!("`{section}.size` is no size"))
                .at(section.split('.').chain(["size"]))
                .hint("write it as Kubernetes does, such as 8Gi")
        });
        let fits = |class: &String| class == "-" || (names::is_dns_name(class) && names::is_read_as_text(class));
        self.refuse(persistence.storage_class.as_ref().is_some_and(|class| !fits(class)), || {
            Failure::new(format!("`{section}.storageClass` is no name of a storage class"))
                .at(section.split('.').chain(["storageClass"]))
        });
    }
}

/// Whether `values` would change what stands at `path`: they set it, or remove it with a key above it.
fn is_reached(values: &Map<String, Value>, path: &str) -> bool {
    match path.split_once('.').map(|(name, rest)| (values.get(name), rest)) {
        None => values.contains_key(path),
        Some((Some(Value::Object(below)), rest)) => is_reached(below, rest),
        // Whatever else stands there is refused for itself.
        Some((found, _)) => found == Some(&Value::Null),
    }
}

fn login<'a>(request: &Request<'a>) -> Result<Login<'a>, Failures> {
    let Some(minio) = &request.thanos.minio else { return Ok(Login::None) };
    let section =
        |what: &str| Failure::new(format!("`thanos.minio.credentials` {what}")).at(["thanos", "minio", "credentials"]);
    let credentials = &minio.credentials;
    match (&credentials.root_user, &credentials.root_password, &credentials.existing_secret) {
        (Some(user), Some(password), None) => {
            let root = Root { user, password };
            root.check(request.secrets)?;
            Ok(match request.secrets_mode {
                SecretsMode::Inline => Login::Values(root),
                // The chart's own Secret is named as MinIO is.
                SecretsMode::Manifest => Login::Manifest(format!("{}-root", minio_name(request.thanos)), root),
            })
        }
        (None, None, Some(secret)) if names::is_secret_name(secret) => Ok(Login::Existing(secret)),
        (None, None, Some(_)) => Err(section("names no Secret that could exist").into()),
        (None, None, None) => Err(section("are missing")
            .hint("write `{rootUser: {env: NAME}, rootPassword: {env: NAME}}` or `{existingSecret: NAME}`")
            .into()),
        (_, _, Some(_)) => Err(section("have both existingSecret and a user").hint("write one of them").into()),
        _ => Err(section("want both rootUser and rootPassword").into()),
    }
}

fn store(request: &Request<'_>, chart: &Chart, fullname: &str) -> Result<Store, Failures> {
    let thanos = request.thanos;
    let version = thanos_version(thanos, chart);
    let checked = match (&thanos.objstore, &thanos.minio) {
        (Some(objstore), minio) => objstore.check(version).map_err(|all| match minio {
            Some(_) => all.map(beside_minio),
            None => all,
        })?,
        (None, Some(minio)) => match in_minio(thanos, minio)? {
            // It is not in the settings, so what is wrong with it comes from there.
            Some(objstore) => {
                objstore.check(version).map_err(|all| all.map(|failure| failure.at(["thanos", "minio"])))?
            }
            // What is wrong with the credentials is told by who looks at them.
            None => return Ok(Store::None),
        },
        (None, None) => return Ok(Store::None),
    };
    Ok(match checked {
        ObjectStore::Existing { secret, .. } if !names::is_secret_name(&secret) => {
            return Err(Failure::new("`thanos.objstore.existingSecret` names no Secret that could exist")
                .at(["thanos", "objstore", "existingSecret"])
                .into());
        }
        ObjectStore::Existing { secret, key } => Store::Existing(secret, key),
        ObjectStore::Described(description)
            if request.secrets_mode == SecretsMode::Inline || description.secret_references().is_empty() =>
        {
            Store::Values(description)
        }
        // The chart's own Secret is `<fullname>-objstore-secret`.
        ObjectStore::Described(description) => Store::Manifest(format!("{fullname}-objstore"), description),
    })
}

/// What lacks an endpoint beside the bundled MinIO was probably meant to be that.
fn beside_minio(failure: Failure) -> Failure {
    if failure.summary().contains("`thanos.objstore.config.endpoint` is missing") {
        return failure.hint("leave `thanos.objstore` out: the object store then follows from `thanos.minio`");
    }
    failure
}

/// The object store that follows from the bundled MinIO; `None` without a user and a password.
fn in_minio(thanos: &Thanos, minio: &Minio) -> Result<Option<Objstore>, Failure> {
    let values = names::below(&thanos.values, "minio");
    let unknown = |what: &str| {
        Failure::new(format!("the object store in the bundled MinIO cannot be told to Thanos: {what}"))
            .at(["thanos", "minio"])
            .hint("write `thanos.objstore`, either with its config or with existingSecret")
    };
    if minio.credentials.existing_secret.is_some() {
        return Err(unknown("its user and password are in a Secret that thanosctl does not read"));
    }
    if at(&values, "tls.enabled") == Some(&Value::Bool(true)) {
        return Err(unknown("with TLS, Thanos has to be told how to trust it"));
    }
    let port = match at(&values, "service.ports.api").or_else(|| at(&values, "service.port")) {
        None => "9000".to_owned(),
        Some(Value::String(port)) => port.clone(),
        Some(port) => port.to_string(),
    };
    let endpoint = format!("{}.{}.svc.{}:{port}", minio_name(thanos), thanos.namespace, thanos.cluster_domain);
    let (Some(user), Some(password)) = (&minio.credentials.root_user, &minio.credentials.root_password) else {
        return Ok(None);
    };
    let reference = |reference: &SecretReference| match reference {
        SecretReference::Env(name) => json!({ "env": name }),
        SecretReference::File(path) => json!({ "file": path.to_string_lossy() }),
    };
    let config = json!({
        "bucket": minio.buckets.first().map(String::as_str).unwrap_or_default(),
        "endpoint": endpoint,
        "insecure": true,
        "access_key": reference(user),
        "secret_key": reference(password),
    });
    let config = config.as_object().cloned().unwrap_or_default();
    Ok(Some(Objstore { provider: Some("S3".to_owned()), config, ..Objstore::default() }))
}

/// The name of MinIO's objects, and of its Service. The chart's own helper for it is wrong unless the release's name
/// holds `thanos` (bitnami/charts#12673), so it is never used.
fn minio_name(thanos: &Thanos) -> String {
    names::fullname(&thanos.release, "minio", &names::below(&thanos.values, "minio"))
}
