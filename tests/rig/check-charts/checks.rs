//! What has to be true of the objects.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use crate::asked::{Asked, NAMESPACE};
use crate::chart::Owner;
use crate::pods::{Workload, list};
use crate::rendered::{Rendered, name, tool};

/// The components of Thanos: as the settings name them, and how the charts end the names of their objects.
const COMPONENTS: [(&str, &[&str]); 6] = [
    ("query", &["query", "querier"]),
    ("queryFrontend", &["query-frontend"]),
    ("bucketweb", &["bucketweb", "bucket"]),
    ("compactor", &["compactor", "compact"]),
    ("storegateway", &["storegateway", "store-gateway"]),
    ("ruler", &["ruler", "rule"]),
];

/// Those that have an object store.
const STORED: [&str; 4] = ["bucketweb", "compactor", "storegateway", "ruler"];

/// Everything that is not as it was meant.
pub(crate) fn all(asked: &Asked, rendered: &Rendered) -> Vec<String> {
    let mut check = Check { asked, rendered, wrong: Vec::new() };
    check.objects();
    check.names();
    check.stores();
    check.replica_labels();
    check.query_services();
    check.client_tls();
    for (component, _) in COMPONENTS {
        if asked.get(component).is_some() {
            check.component(component);
            check.taken(component);
        }
    }
    STORED.into_iter().filter(|it| asked.get(it).is_some()).for_each(|component| check.object_store(component));
    check.storegateway();
    check.compactor();
    check.ruler();
    check.minio();
    check.wrong
}

struct Check<'a> {
    asked: &'a Asked,
    rendered: &'a Rendered,
    wrong: Vec<String>,
}

impl<'a> Check<'a> {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, meant: T) {
        if found != meant {
            self.wrong.push(format!("{what}: {found:?} and not {meant:?}"));
        }
    }

    fn workload(&self, component: &str) -> Option<Workload<'a>> {
        let suffixes = COMPONENTS.iter().find(|(name, _)| *name == component)?.1;
        let object = self.rendered.find(&["Deployment", "StatefulSet"], self.asked, suffixes)?;
        Some(Workload::new(object, self.rendered))
    }

    /// The one value of a flag.
    fn flag(&mut self, component: &str, flag: &str, meant: &str) {
        let found = self.workload(component).map(|workload| workload.flag(flag)).unwrap_or_default();
        self.same(&format!("{component} --{flag}"), found, vec![meant.to_owned()]);
    }

    /// The text in the one file that a flag names.
    fn file(&mut self, component: &str, flag: &str) -> Option<String> {
        let workload = self.workload(component)?;
        let paths = workload.flag(flag);
        let [path] = paths.as_slice() else {
            self.wrong.push(format!("{component} --{flag}: {paths:?} and not one file"));
            return None;
        };
        match workload.files(path) {
            Ok(texts) if texts.len() == 1 => texts.into_iter().next(),
            Ok(texts) => {
                self.wrong.push(format!("{component} --{flag}: {} files in {path}", texts.len()));
                None
            }
            Err(why) => {
                self.wrong.push(why);
                None
            }
        }
    }

    /// Nothing twice, nothing that was not asked for, nothing that is waited for in vain.
    fn objects(&mut self) {
        let mut seen = BTreeSet::new();
        for object in self.rendered.objects.iter().chain(&self.rendered.manifests) {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or(NAMESPACE);
            let key = format!("{} {} {namespace}/{}", object["apiVersion"], object["kind"], name(object));
            if !seen.insert(key.clone()) {
                self.wrong.push(format!("there twice: {key}"));
            }
        }
        for workload in Workload::all(self.rendered) {
            self.wrong.extend(workload.missing());
            if name(workload.object).contains("receive") {
                self.wrong.push(format!("nobody asked for {}", workload.title()));
            }
            // Every file that a flag names has to be there.
            for argument in workload.arguments() {
                let Some((flag, path)) = argument.split_once('=').filter(|(_, path)| path.starts_with('/')) else {
                    continue;
                };
                let names_a_file = ["-file", "-files", "-ca", "-cert", "-key"].iter().any(|end| flag.ends_with(end));
                if names_a_file {
                    self.wrong.extend(workload.files(path).err());
                }
            }
        }
    }

    fn names(&mut self) {
        for object in &self.rendered.objects {
            // The pods of a StatefulSet carry its name and a hash of 10 characters in a label.
            let limit = match object["kind"].as_str().unwrap_or_default() {
                "Service" => 63,
                "StatefulSet" => 52,
                _ => 253,
            };
            if name(object).len() > limit {
                self.wrong.push(format!("{} {} is longer than {limit}", object["kind"], name(object)));
            }
            for labels in [&object["metadata"]["labels"], &object["spec"]["template"]["metadata"]["labels"]] {
                for (label, value) in labels.as_object().into_iter().flatten() {
                    if value.as_str().is_none_or(|value| value.len() > 63) {
                        self.wrong.push(format!("{} has a label that none can be: {label}", name(object)));
                    }
                }
            }
        }
    }

    fn stores(&mut self) {
        let Some(query) = self.workload("query") else {
            return self.wrong.push("there is no querier".to_owned());
        };
        let meant: Vec<String> = self.asked.stores().into_iter().map(str::to_owned).collect();
        let ours: Vec<(bool, String)> = query
            .arguments()
            .iter()
            .filter_map(|argument| {
                let old = argument.strip_prefix("--store=").map(|address| (true, address));
                old.or_else(|| argument.strip_prefix("--endpoint=").map(|address| (false, address)))
            })
            // The release's own components find each other.
            .filter(|(_, address)| !address.contains(&self.asked.fullname()))
            .map(|(is_old, address)| (is_old, address.to_owned()))
            .collect();
        // Thanos 0.38.0 does not know --store any more.
        let image = query.container()["image"].as_str().unwrap_or_default();
        let is_new = minor(image).is_some_and(|minor| minor >= 38);
        if is_new && ours.iter().any(|(is_old, _)| *is_old) {
            self.wrong.push(format!("{image} does not know --store"));
        }
        let given: Vec<String> = ours.into_iter().map(|(_, address)| address).collect();
        if self.asked.get("query/fileSD").is_none() {
            return self.same("stores", given, meant);
        }
        self.same("stores as flags beside those in a file", given, vec![]);
        let [new, old] = ["endpoint.sd-config-file", "store.sd-files"];
        let (flag, is_endpoints) = if query.flag(new).is_empty() { (old, false) } else { (new, true) };
        if is_new != is_endpoints && minor(image).is_some() {
            self.wrong.push(format!("{image} does not know --{flag}"));
        }
        let Some(text) = self.file("query", flag) else { return };
        let read = yaml(&text);
        let found: Vec<String> = if is_endpoints {
            list(&read["endpoints"]).filter_map(|it| it["address"].as_str()).map(str::to_owned).collect()
        } else {
            list(&read[0]["targets"]).filter_map(Value::as_str).map(str::to_owned).collect()
        };
        self.same("stores in the file", found, meant);
    }

    fn replica_labels(&mut self) {
        let Some(query) = self.workload("query") else { return };
        let given = self.asked.settings["replicaLabels"].as_array();
        let mut meant: Vec<String> = given.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        if self.asked.get("ruler").is_some() {
            meant.push(self.asked.owner.ruler_label().to_owned());
        }
        self.same("replica labels", query.flag("query.replica-label"), meant);
    }

    fn query_services(&mut self) {
        let service = |suffixes: &[&str]| self.rendered.find(&["Service"], self.asked, suffixes);
        let Some(http) = service(&["query", "querier"]) else {
            return self.wrong.push("the querier has no Service".to_owned());
        };
        let own = service(&["query-grpc"]);
        let grpc = own.unwrap_or(http);
        for (settings, object, port) in [("service", http, "http"), ("serviceGrpc", grpc, "grpc")] {
            let node_ports = |object: &Value| {
                let is_it = |it: &&Value| it["name"].as_str().is_some_and(|name| name.contains(port));
                list(&object["spec"]["ports"]).filter(is_it).map(|it| it["nodePort"].clone()).collect::<Vec<_>>()
            };
            // On one Service for both, the type is that of HTTP.
            let is_own = port == "http" || own.is_some();
            let meant = self.asked.text(&format!("query/{settings}/type")).filter(|_| is_own);
            if let Some(meant) = meant {
                self.same(&format!("type of {}", name(object)), object["spec"]["type"].as_str(), Some(meant));
            }
            let meant = self.asked.get(&format!("query/{settings}/nodePort"));
            self.same(
                &format!("node port of {} for {port}", name(object)),
                node_ports(object).into_iter().filter(|port| !port.is_null()).collect(),
                meant.cloned().into_iter().collect::<Vec<_>>(),
            );
        }
        let services = self.rendered.objects.iter().filter(|object| object["kind"] == "Service");
        let mut seen = BTreeSet::new();
        for port in services.flat_map(|service| list(&service["spec"]["ports"])) {
            let node_port = &port["nodePort"];
            if !node_port.is_null() && (!node_port.is_u64() || !seen.insert(node_port.to_string())) {
                self.wrong.push(format!("the node port {node_port} is twice there, or no number"));
            }
        }
    }

    fn client_tls(&mut self) {
        let Some(query) = self.workload("query") else { return };
        let ours: Vec<String> =
            query.arguments().into_iter().filter(|argument| argument.starts_with("--grpc-client-")).collect();
        if self.asked.get("query/clientTLS").is_none() {
            return self.same("flags of TLS", ours, vec![]);
        }
        self.same("flags of TLS", ours.len(), 5);
        self.same("TLS is on", ours.iter().filter(|it| *it == "--grpc-client-tls-secure").count(), 1);
        self.flag("query", "grpc-client-server-name", "x.example");
        for (flag, file) in [("ca", "ca.crt"), ("cert", "tls.crt"), ("key", "tls.key")] {
            let found = self.file("query", &format!("grpc-client-tls-{flag}"));
            let found = found.as_deref().map(str::trim_end);
            self.same(&format!("file of --grpc-client-tls-{flag}"), found, Some(self.asked.files[file].trim_end()));
        }
    }

    /// What is asked of every component alike.
    fn component(&mut self, component: &str) {
        let Some(workload) = self.workload(component) else {
            return self.wrong.push(format!("there is no {component}"));
        };
        let arguments = workload.arguments();
        let extra = self.asked.get(&format!("{component}/extraFlags"));
        for flag in extra.into_iter().flat_map(list).filter_map(Value::as_str) {
            let times = arguments.iter().filter(|argument| *argument == flag).count();
            self.same(&format!("times that {component} has {flag}"), times, 1);
            let name = flag.split_once('=').map_or(flag, |(name, _)| name);
            let times = arguments.iter().filter(|argument| argument.split('=').next() == Some(name)).count();
            self.same(&format!("times that {component} has {name}"), times, 1);
        }
        if let Some(image) = self.asked.get("image") {
            let text = |key: &str| image[key].as_str().unwrap_or_default();
            let meant = format!("{}/{}:{}", text("registry"), text("repository"), text("tag"));
            self.same(&format!("image of {component}"), workload.container()["image"].as_str(), Some(meant.as_str()));
            let pull = list(&workload.pod()["imagePullSecrets"]).map(|it| it["name"].clone()).collect::<Vec<_>>();
            self.same(&format!("pull secrets of {component}"), pull, list(&image["pullSecrets"]).cloned().collect());
        }
        if let Some(meant) = self.asked.get(&format!("{component}/resources")) {
            let mut found = workload.container()["resources"].clone();
            if let Some(found) = found.as_object_mut() {
                found.retain(|_, value| value.as_object().is_some_and(|value| !value.is_empty()));
            }
            self.same(&format!("resources of {component}"), &found, meant);
        }
        if let Some(disk) = self.asked.get(&format!("{component}/persistence")) {
            self.disk(component, workload, disk);
        }
    }

    /// Whether the real Thanos takes the arguments, where the chart is for one that is as new. It is told to trace as a
    /// file says that is not there: it gives up on that when it has read all arguments, and before it does anything.
    fn taken(&mut self, component: &str) {
        let Some(workload) = self.workload(component) else { return };
        let image = workload.container()["image"].as_str().unwrap_or_default();
        if minor(image).is_none_or(|minor| minor < 38) {
            return;
        }
        let output = Command::new(tool("thanos"))
            .args(workload.arguments())
            .arg("--tracing.config-file=/nonexistent/by-check-charts")
            .env_clear()
            .output();
        let told = output.map_or_else(|error| error.to_string(), |it| String::from_utf8_lossy(&it.stderr).into_owned());
        if !told.contains("by-check-charts: no such file") || told.contains("error parsing commandline arguments") {
            self.wrong.push(format!("{component} does not start: {}", told.trim()));
        }
    }

    fn disk(&mut self, component: &str, workload: Workload<'a>, meant: &Value) {
        let claims: Vec<&Value> = list(&workload.object["spec"]["volumeClaimTemplates"]).collect();
        let named = list(&workload.pod()["volumes"]).filter_map(|it| it["persistentVolumeClaim"]["claimName"].as_str());
        let named = named.filter_map(|claim| self.rendered.named("PersistentVolumeClaim", claim));
        let claims: Vec<&Value> = claims.into_iter().chain(named).collect();
        let [claim] = claims.as_slice() else {
            return self.wrong.push(format!("{component} has {} disks", claims.len()));
        };
        self.same(&format!("disk of {component}"), &claim["spec"]["resources"]["requests"]["storage"], &meant["size"]);
        // What nobody asked for is as the chart has it.
        if let Some(class) = meant.get("storageClass") {
            self.same(&format!("storage class of {component}"), &claim["spec"]["storageClassName"], class);
        }
    }

    fn object_store(&mut self, component: &str) {
        let Some(workload) = self.workload(component) else { return };
        let inline = workload.flag("objstore.config");
        let text = match inline.as_slice() {
            [text] => Some(text.clone()),
            _ => self.file(component, "objstore.config-file"),
        };
        let Some(text) = text else { return };
        let secrets = json!({"access_key": self.asked.secret("user"), "secret_key": self.asked.secret("password")});
        let mut meant = match self.asked.get("objstore") {
            Some(objstore) => objstore.clone(),
            None => json!({"type": "S3", "config": {
                "bucket": self.asked.get("minio/buckets/0"),
                "endpoint": format!("{}-minio.{NAMESPACE}.svc.cluster.local:9000", self.asked.release),
                "insecure": true,
            }}),
        };
        for key in ["access_key", "secret_key"] {
            meant["config"][key] = secrets[key].clone();
        }
        self.same(&format!("object store of {component}"), yaml(&text), meant);
        let rendered = self.rendered.objects.iter().any(|object| {
            object["kind"] == "Secret"
                && name(object).contains("objstore")
                && self.asked.settings["secrets"] == "manifest"
        });
        self.same("the chart's own Secret of the object store beside ours", rendered, false);
    }

    fn storegateway(&mut self) {
        let Some(settings) = self.asked.get("storegateway") else { return };
        let Some(workload) = self.workload("storegateway") else { return };
        for (flag, key) in [("index-cache.config", "indexCache"), ("store.caching-bucket.config", "bucketCache")] {
            let found: Vec<Value> = workload.flag(flag).iter().map(|text| yaml(text)).collect();
            self.same(&format!("storegateway --{flag}"), found, vec![settings[key].clone()]);
        }
        for (flag, key) in [("min-time", "maxAge"), ("max-time", "minAge")] {
            let age = settings["window"][key].as_str().unwrap_or_default();
            self.flag("storegateway", flag, &format!("-{age}"));
        }
    }

    fn compactor(&mut self) {
        let Some(settings) = self.asked.get("compactor") else { return };
        for resolution in ["raw", "5m", "1h"] {
            let time = settings["retention"][resolution].as_str().unwrap_or_default();
            self.flag("compactor", &format!("retention.resolution-{resolution}"), time);
        }
        self.flag("compactor", "compact.concurrency", &settings["concurrency"].to_string());
        let workload = self.workload("compactor");
        let arguments = workload.map(|workload| workload.arguments()).unwrap_or_default();
        let deduplicates = arguments.iter().any(|it| it.starts_with("--deduplication") || it.contains("vertical"));
        self.same("the compactor merges replicas", deduplicates, false);
    }

    fn ruler(&mut self) {
        let Some(settings) = self.asked.get("ruler") else { return };
        let Some(workload) = self.workload("ruler") else { return };
        self.flag("ruler", "eval-interval", settings["evaluationInterval"].as_str().unwrap_or_default());
        let labels = workload.flag("label");
        for (label, meant) in settings["labels"].as_object().into_iter().flatten() {
            let start = format!("{label}=");
            let found = labels.iter().filter_map(|it| it.strip_prefix(&start));
            let found: Vec<Value> = found.map(|text| serde_json::from_str(text).unwrap_or(json!(text))).collect();
            self.same(&format!("label {label} of the ruler"), found, vec![meant.clone()]);
        }
        self.alertmanagers(workload, settings);
        // A pattern of which there is nothing is no error to Thanos, and other flags may name the rules.
        let patterns = workload.flag("rule-file");
        let texts: Vec<String> = patterns.iter().filter_map(|path| workload.files(path).ok()).flatten().collect();
        let texts: Vec<&str> = texts.iter().map(|text| text.trim_end()).filter(|text| *text != "groups: []").collect();
        self.same(&format!("rules in {patterns:?}"), texts, vec![self.asked.files["rules.yaml"].trim_end()]);
    }

    fn alertmanagers(&mut self, workload: Workload<'a>, settings: &Value) {
        let meant: Vec<String> =
            list(&settings["alertmanagers"]).filter_map(Value::as_str).map(str::to_owned).collect();
        let urls = workload.flag("alertmanagers.url");
        if !urls.is_empty() || self.asked.owner == Owner::Bitnami {
            return self.same("Alertmanagers", urls, meant);
        }
        let inline = workload.flag("alertmanagers.config");
        let text = match inline.as_slice() {
            [text] => Some(text.clone()),
            _ => self.file("ruler", "alertmanagers.config-file"),
        };
        let Some(text) = text else { return };
        let found: Vec<String> = list(&yaml(&text)["alertmanagers"])
            .flat_map(|one| {
                let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
                let addresses = list(&one["static_configs"]).filter_map(Value::as_str).map(str::to_owned);
                addresses.map(move |it| format!("{}://{it}{}", text("scheme"), text("path_prefix"))).collect::<Vec<_>>()
            })
            .collect();
        let with_ports: Vec<String> = meant.iter().map(|url| url.replace("am2.example/", "am2.example:443/")).collect();
        self.same("Alertmanagers", found, with_ports);
    }

    fn minio(&mut self) {
        let Some(settings) = self.asked.get("minio") else { return };
        let wanted = format!("{}-minio", self.asked.release);
        let mut workloads = Workload::all(self.rendered).into_iter();
        let Some(minio) = workloads.find(|workload| name(workload.object) == wanted) else {
            return self.wrong.push("there is no MinIO".to_owned());
        };
        let variables = minio.variables();
        for (names, file) in [
            (["MINIO_ROOT_USER", "MINIO_ACCESS_KEY"], "user"),
            (["MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY"], "password"),
        ] {
            let by_value = names.iter().find_map(|name| variables.get(*name)).cloned();
            let by_file = names.iter().find_map(|name| variables.get(&format!("{name}_FILE")));
            let by_file = by_file.and_then(|path| minio.files(path).ok()).and_then(|texts| texts.into_iter().next());
            let found = by_value.or(by_file);
            self.same(&format!("MinIO's {file}"), found.as_deref(), Some(self.asked.secret(file)));
        }
        let buckets = list(&settings["buckets"]).filter_map(Value::as_str).collect::<Vec<_>>().join(",");
        let found = variables.get("MINIO_DEFAULT_BUCKETS").map(|it| it.replace(", ", ","));
        self.same("MinIO's buckets", found, Some(buckets));
        self.disk("MinIO", minio, &settings["persistence"]);
        let services = self.rendered.named("Service", &wanted);
        let ports: Vec<&Value> = services.into_iter().flat_map(|it| list(&it["spec"]["ports"])).collect();
        self.same("MinIO answers on port 9000", ports.iter().any(|port| port["port"] == 9000), true);
    }
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| json!(format!("NO YAML: {error}")))
}

/// The MINOR of an image `…:v0.MINOR.PATCH` or `…:0.MINOR.PATCH-suffix`.
fn minor(image: &str) -> Option<u32> {
    let (_, tag) = image.rsplit_once(':')?;
    tag.trim_start_matches('v').strip_prefix("0.")?.split('.').next()?.parse().ok()
}
