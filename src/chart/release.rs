//! The release as it will stand: which chart, which names, which components, and where its secrets are. Everything
//! that cannot be is found here, before anything is written.

use serde_json::{Map, Value, json};

use super::conditions;
use super::confidential;
use super::dialect::{Chart, Component};
use super::header::SecretsHeader;
use super::names;
use super::secrets::{self, Login, Manifest, Root, Store};
use super::{Request, app_version, at, bitnami};
use crate::failure::{Failure, Failures};
use crate::model::objstore::ObjectStore;
use crate::model::release::{Minio, Objstore, Persistence, SecretsMode, ServiceSettings, Thanos};
use crate::model::secret::{SecretReference, Secrets};
use crate::text::without_credentials;

/// What was asked for, checked: a release that this chart can express, whatever the endpoints will be.
pub struct Release<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) thanos: &'a Thanos,
    pub(super) chart: Chart,
    pub(super) store: Store,
    pub(super) login: Login<'a>,
}

impl<'a> Release<'a> {
    /// Checks a request.
    ///
    /// # Errors
    /// Everything that the chart cannot express or would break on, all at once.
    pub fn of(request: &'a Request<'a>) -> Result<Self, Failures> {
        let thanos = request.thanos;
        let chart = Chart::find(&thanos.chart, &thanos.chart_version)?;
        let mut problems = Problems(Vec::new());
        let fullname = problems.names(thanos, &chart);
        problems.query(request);
        problems.values(thanos, &chart);
        let login = problems.keep(login(request)).unwrap_or(Login::None);
        let store = problems.keep(store(request, &fullname));
        problems.components(request);
        let release = Self { request, thanos, chart, store: store.unwrap_or(Store::None), login };
        problems.images(&release);
        match Failures::from_vec(problems.0) {
            Some(failures) => Err(failures),
            None => Ok(release),
        }
    }

    pub(super) fn is_on(&self, component: Component) -> bool {
        is_on(self.thanos, component)
    }

    /// Whether a secret will stand in the values: one that they are given (`secrets: inline`), or one that `values:`
    /// brings, in the open.
    pub fn holds_secrets(&self) -> bool {
        let store = matches!(&self.store, Store::Values(description) if !description.secret_references().is_empty());
        store
            || matches!(self.login, Login::Values(_))
            || confidential::holds_secrets(&self.thanos.values, self.chart.dialect.secrets)
    }

    /// The names of the Secrets that the values will name and [`Release::secret_manifest`] writes; empty when there are
    /// none.
    pub fn secret_names(&self) -> Vec<&str> {
        let store = match &self.store {
            Store::Manifest(name, _) => Some(name),
            Store::None | Store::Values(_) | Store::Existing(..) => None,
        };
        let login = match &self.login {
            Login::Manifest(name, _) => Some(name),
            Login::None | Login::Values(_) | Login::Existing(_) => None,
        };
        store.into_iter().chain(login).map(String::as_str).collect()
    }

    /// The Secrets that the values name, to be applied before the release; `None` when there are none to write.
    ///
    /// # Errors
    /// When a secret was not read.
    pub fn secret_manifest(&self) -> Result<Option<Manifest>, Failures> {
        let contents = secrets::contents(&self.store, &self.login, self.request.secrets)?;
        let header = SecretsHeader::new(&self.thanos.release, &self.thanos.namespace);
        secrets::manifest(&header, contents)
    }
}

/// Whether the component will run: what `values` says of it, else whether the settings name it, else the chart.
pub(super) fn is_on(thanos: &Thanos, component: Component) -> bool {
    let said = at(&thanos.values, &format!("{component}.enabled")).and_then(Value::as_bool);
    said.unwrap_or_else(|| match component {
        Component::Query | Component::QueryFrontend => true,
        Component::Bucketweb | Component::Compactor | Component::Storegateway | Component::Ruler | Component::Minio => {
            is_named(thanos, component)
        }
    })
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

/// Whether the settings have a section for the component.
pub(super) fn is_named(thanos: &Thanos, component: Component) -> bool {
    match component {
        Component::Query => true,
        Component::QueryFrontend => thanos.query_frontend.is_some(),
        Component::Bucketweb => thanos.bucketweb.is_some(),
        Component::Compactor => thanos.compactor.is_some(),
        Component::Storegateway => thanos.storegateway.is_some(),
        Component::Ruler => thanos.ruler.is_some(),
        Component::Minio => thanos.minio.is_some(),
    }
}

/// The name of MinIO's objects, and of its Service. The chart's own helper for it is wrong unless the release's name
/// holds `thanos` (bitnami/charts#12673), so it is never used.
fn minio_name(thanos: &Thanos) -> String {
    names::fullname(&thanos.release, "minio", &names::below(&thanos.values, "minio"))
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

impl Root<'_> {
    /// The user and the password.
    pub(super) fn open<'s>(&self, secrets: &'s Secrets) -> Result<(&'s str, &'s str), Failure> {
        let open = |reference: &SecretReference| {
            let failure = || Failure::new(format!("cannot use the {reference} for `thanos.minio.credentials`"));
            let secret = secrets.get(reference).ok_or_else(|| failure().caused_by("it was not read"))?;
            secret.line().map_err(|error| failure().caused_by(error))
        };
        Ok((open(self.user)?, open(self.password)?))
    }

    /// MinIO does not start with a user of less than 3 or a password of less than 8 characters; what was not read
    /// cannot be checked.
    fn check(&self, secrets: &Secrets) -> Result<(), Failure> {
        for (reference, what, least) in [(self.user, "rootUser", 3), (self.password, "rootPassword", 8)] {
            if secrets.get(reference).is_some_and(|secret| secret.open().len() < least) {
                return Err(Failure::new(format!("the {reference} holds no `{what}` that MinIO would take"))
                    .at(["thanos", "minio", "credentials", what])
                    .caused_by(format!("MinIO wants at least {least} characters")));
            }
        }
        Ok(())
    }
}

fn store(request: &Request<'_>, fullname: &str) -> Result<Store, Failures> {
    let thanos = request.thanos;
    let version = app_version::thanos_version(thanos);
    let checked = match (&thanos.objstore, &thanos.minio) {
        (Some(objstore), _) => objstore.check(version)?,
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
    let port = match at(&values, "service.ports.api") {
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
        for name in chart.dialect.names.iter().filter(|name| is_on(thanos, name.component)) {
            let (whole, limit) = (format!("{fullname}{}", name.suffix), name.limit);
            self.refuse(whole.len() > limit, || {
                let whole = without_credentials(&whole);
                Failure::new(format!("the {} `{whole}` has a name of more than {limit} characters", name.what))
                    .hint("choose a shorter `thanos.release`, or set fullnameOverride in `thanos.values`")
            });
        }
        fullname
    }

    fn query(&mut self, request: &Request<'_>) {
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
                .hint("they are two Services, and each node port leads to one")
        });
    }

    fn values(&mut self, thanos: &Thanos, chart: &Chart) {
        self.0.extend(chart.catalog.check(chart.version, &thanos.values));
        for owned in chart.dialect.owned.iter().filter(|row| row.with.is_none_or(|it| is_named(thanos, it))) {
            self.refuse(is_reached(&thanos.values, owned.path), || {
                Failure::new(format!("`thanos.values` sets `{}`, which thanosctl writes itself", owned.path))
                    .at(["thanos", "values"].into_iter().chain(owned.path.split('.')))
                    .hint(format!("set {}", owned.instead))
            });
        }
        self.0.extend(conditions::check(thanos, chart));
    }

    /// What is written to have images accepted must not be taken back.
    fn images(&mut self, release: &Release<'_>) {
        const ALLOWED: &str = "global.security.allowInsecureImages";
        let values = &release.thanos.values;
        let taken_back = is_reached(values, ALLOWED) && at(values, ALLOWED) != Some(&Value::Bool(true));
        self.refuse(taken_back && bitnami::has_refused_images(release), || {
            Failure::new(format!("`thanos.values` sets `{ALLOWED}`, and then the chart refuses its images"))
                .at(["thanos", "values"].into_iter().chain(ALLOWED.split('.')))
                .hint("leave it out; it is set where it is needed, as docs/values.md says of images")
        });
    }

    /// What the components want.
    fn components(&mut self, request: &Request<'_>) {
        let thanos = request.thanos;
        let storeless = thanos.objstore.is_none() && thanos.minio.is_none();
        for component in [Component::Bucketweb, Component::Compactor, Component::Storegateway, Component::Ruler] {
            self.refuse(storeless && is_on(thanos, component), || {
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
            self.refuse(ruler.alertmanagers.is_empty(), || {
                Failure::new("`thanos.ruler.alertmanagers` is empty")
                    .at(["thanos", "ruler", "alertmanagers"])
                    .hint("name at least one, as http://HOST:9093")
            });
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
