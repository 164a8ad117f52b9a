//! The settings of each kind, and what the program makes of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::chart::{Chart, Owner};

/// A kind of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A querier, its stores and its Service.
    Short,
    /// Every component, with secrets in the values.
    Full,
    /// Every component, with secrets in a manifest.
    Manifest,
    /// The querier dials with TLS, and reads its stores from a file.
    Tls,
    /// As full, with names, secrets, rules, labels and flags that no template was written for.
    Hostile,
    /// As hostile, with secrets in a manifest.
    Sealed,
}

pub(crate) const KINDS: [Kind; 6] = [Kind::Short, Kind::Full, Kind::Manifest, Kind::Tls, Kind::Hostile, Kind::Sealed];

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Full => "full",
            Self::Manifest => "manifest",
            Self::Tls => "tls",
            Self::Hostile => "hostile",
            Self::Sealed => "sealed",
        }
    }

    fn is_hostile(self) -> bool {
        matches!(self, Self::Tls | Self::Hostile | Self::Sealed)
    }
}

pub(crate) const NAMESPACE: &str = "monitoring";
pub(crate) const VALUES: &str = "values.yaml";
pub(crate) const SECRETS: &str = "secrets.yaml";
pub(crate) const STORES: &str = "stores.yaml";
const SETTINGS: &str = "thanosctl.yaml";

const PLAIN_RULES: &str = "groups:\n  - name: producers\n    rules:\n      - alert: PrometheusGone\n        \
                           expr: absent(up{job=\"prometheus\"})\n        for: 10m\n";

const HOSTILE_RULES: &str = r##"groups:
  - name: "producers: {{ 1 }}" # {{ not a template
    rules:
      - alert: PrometheusGone
        expr: absent(up{prometheus="monitoring/prometheus-operator", path!~`C:\\{{.*}}`}) # 100%
        for: 10m
        labels: {severity: critical, team: 'on''call'}
        annotations:
          summary: "{{ $labels.prometheus }} is gone ({{ $value | printf \"%.2f\" }}), see {{`{{`}} 'runbook' # none"
          runbook: '{{- /* a comment */ -}} {{"{{"}} }} {{ `}}{{` }} {{ "\x60" }} 100%'
          description: |-
            line one: 100% of it — «größer»
            {{ range query "up" }}{{ .Value }}{{ end }}

            `backticks`, "quotes", a tail:  
  - name: empty
    rules: []
"##;

const HOSTILE_USER: &str = "adm{{in#\"x";
const HOSTILE_PASSWORD: &str = "ab{{ .Values }}\"'#: `$x`{{`{{`}}\\ %é {{- end }} & <b> *a !t | > ~ ";

/// What may be refused: the words of a refusal that speak of it, and where it stands in the settings.
const WISHES: [(&str, &str); 15] = [
    ("thanos.query.serviceGrpc.type` is another", "/thanos/query/serviceGrpc"),
    ("flag --query.replica-label of query", "/replicaLabels/1"),
    ("thanos.query.serviceGrpc.nodePort`", "/thanos/query/serviceGrpc/nodePort"),
    ("thanos.query.service.nodePort`", "/thanos/query/service/nodePort"),
    ("thanos.query.fileSD`", "/thanos/query/fileSD"),
    ("thanos.query.clientTLS`", "/thanos/query/clientTLS"),
    ("thanos.queryFrontend`", "/thanos/queryFrontend"),
    ("thanos.bucketweb`", "/thanos/bucketweb"),
    ("thanos.query.service.type`", "/thanos/query/service"),
    ("compactor merges replicas", "/thanos/compactor"),
    ("defect: its ruler", "/thanos/ruler"),
    ("defect: its two rulers", "/thanos/ruler"),
    ("`query.resources`", "/thanos/query/resources"),
    ("flag --web.external-prefix", "/thanos/query/extraFlags/1"),
    ("flag --label of ruler", "/thanos/ruler/labels/zone"),
];

/// What one chart is asked for.
pub(crate) struct Asked {
    pub owner: Owner,
    pub release: String,
    pub settings: Value,
    /// The files beside the settings: secrets and rules.
    pub files: BTreeMap<&'static str, String>,
}

/// Why something cannot be, and what to do about it.
pub(crate) struct Refusal {
    pub reason: String,
    pub hint: String,
}

impl Refusal {
    /// Whether it tells a way out: a version or a chart that can, or what to set.
    pub(crate) fn is_helpful(&self) -> bool {
        [" can", " take", "set `", "give "].iter().any(|word| self.hint.contains(word))
    }

    /// The refusals in what the program said: errors, each with its hint below it.
    fn all(told: &str) -> Vec<Self> {
        let mut refusals: Vec<Self> = Vec::new();
        for line in told.lines() {
            match (line.strip_prefix("error: "), line.strip_prefix("hint: "), refusals.last_mut()) {
                (Some(reason), ..) => refusals.push(Self { reason: reason.to_owned(), hint: String::new() }),
                (_, Some(hint), Some(last)) => last.hint = hint.to_owned(),
                _ => {}
            }
        }
        refusals
    }
}

/// What the program said.
pub(crate) enum Written {
    /// All files are written.
    Done,
    /// The settings cannot be.
    Refused(Vec<Refusal>),
    /// Something else.
    Broken(String),
}

impl Asked {
    pub(crate) fn new(chart: &Chart, kind: Kind) -> Self {
        let hostile = kind.is_hostile();
        let choose = |plain: &str, hostile_one: &str| if hostile { hostile_one } else { plain }.to_owned();
        // The longest of the charts' suffixes must fit too.
        let release = choose("obs", "thanos-of-a-rather-long-name");
        let files = BTreeMap::from([
            ("user", choose("admin", HOSTILE_USER)),
            ("password", choose("correct-horse", HOSTILE_PASSWORD)),
            ("rules.yaml", choose(PLAIN_RULES, HOSTILE_RULES)),
            ("ca.crt", "-----BEGIN CERTIFICATE-----\n{{ ca }}\n-----END CERTIFICATE-----\n".to_owned()),
            ("tls.crt", "-----BEGIN CERTIFICATE-----\n{{ own }}`\n-----END CERTIFICATE-----\n".to_owned()),
            ("tls.key", "-----BEGIN PRIVATE KEY-----\n{{ key }}'\"\n-----END PRIVATE KEY-----\n".to_owned()),
        ]);
        let sealed = matches!(kind, Kind::Manifest | Kind::Tls | Kind::Sealed);
        let settings = json!({
            "clusters": [
                {"name": "eu", "endpoints": ["10.2.0.14:31420", "sidecar.eu.example:10901"]},
                {"name": "us", "endpoints": ["[2001:db8::7]:32527"]},
                {"name": "ap", "endpoints": ["dnssrv+_grpc._tcp.prom.ap.example"]},
            ],
            "replicaLabels": if hostile { json!(["prometheus_replica", "y"]) } else { json!(["prometheus_replica"]) },
            "secrets": if sealed { "manifest" } else { "inline" },
            "thanos": thanos(chart, kind, &release),
        });
        Self { owner: chart.owner, release, settings, files }
    }

    /// What stands in the settings of the release.
    pub(crate) fn get(&self, pointer: &str) -> Option<&Value> {
        self.settings.pointer(&format!("/thanos/{pointer}"))
    }

    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer).and_then(Value::as_str)
    }

    /// The names that objects begin with.
    pub(crate) fn fullname(&self) -> String {
        if self.release.contains("thanos") { self.release.clone() } else { format!("{}-thanos", self.release) }
    }

    /// A secret as the program reads it from a file.
    pub(crate) fn secret(&self, file: &str) -> &str {
        self.files[file].strip_suffix('\n').unwrap_or(&self.files[file])
    }

    /// The addresses of all clusters.
    pub(crate) fn stores(&self) -> Vec<&str> {
        let clusters = self.settings["clusters"].as_array().into_iter().flatten();
        clusters.filter_map(|cluster| cluster["endpoints"].as_array()).flatten().filter_map(Value::as_str).collect()
    }

    /// Writes values, Secrets and stores into `room`.
    pub(crate) fn write(&self, program: &Path, room: &Path) -> Written {
        let put = |name: &str, text: &str| std::fs::write(room.join(name), text).expect("the room is writable");
        put(SETTINGS, &self.settings.to_string());
        self.files.iter().for_each(|(name, text)| put(name, text));
        let mut command = Command::new(program);
        command.args(["gen-values", "--config", SETTINGS, "--write", VALUES]);
        if self.settings["secrets"] == "inline" {
            command.args(["--secrets", "inline"]);
        }
        if self.settings["secrets"] == "manifest" {
            command.args(["--secret-manifest", SECRETS]);
        }
        if self.get("query/fileSD").is_some() {
            command.args(["--sd-config-map", STORES]);
        }
        let output = command.current_dir(room).env_clear().env("HOME", room).output().expect("the program starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => Written::Done,
            Some(2) if told.starts_with("error: ") => Written::Refused(Refusal::all(&told)),
            code => Written::Broken(format!("the program ended with {code:?}: {told}")),
        }
    }

    /// Leaves out what was refused, if it can be left out; says what that was.
    pub(crate) fn give_in(&mut self, refusal: &Refusal) -> Option<String> {
        if self.settings["secrets"] == "manifest" && refusal.hint.contains("set `secrets: inline`") {
            self.settings["secrets"] = json!("inline");
            return Some(format!("a manifest: {}", refusal.hint));
        }
        let is_asked = |pointer: &str| self.settings.pointer(pointer).is_some();
        let wish = WISHES.iter().find(|(mark, pointer)| refusal.reason.contains(mark) && is_asked(pointer));
        let pointer = wish?.1;
        let (above, name) = pointer.rsplit_once('/')?;
        match self.settings.pointer_mut(above)? {
            Value::Object(map) => drop(map.remove(name)),
            Value::Array(list) => drop(list.pop()),
            _ => return None,
        }
        Some(format!("{}: {}", pointer.trim_start_matches('/').replace('/', "."), refusal.hint))
    }
}

/// The section `thanos` of the settings.
fn thanos(chart: &Chart, kind: Kind, release: &str) -> Value {
    let mut thanos = json!({"chart": chart.owner.chart(), "chartVersion": chart.version, "release": release});
    thanos["query"] = json!({"service": {"type": "NodePort", "nodePort": 30902}});
    if kind == Kind::Short {
        return thanos;
    }
    let hostile = kind.is_hostile();
    let mut query = json!({
        "extraFlags": ["--query.timeout=3m"],
        "resources": {"limits": {"memory": "2Gi"}},
        "service": {"type": "LoadBalancer"},
        "serviceGrpc": {"type": "ClusterIP"},
    });
    if hostile {
        query["extraFlags"] = json!(["--query.timeout=3m", "--web.external-prefix=/{{x}}\"'`%|&*!>@,[]$x\\"]);
        query["service"] = json!({"type": "NodePort", "nodePort": 30902});
        query["serviceGrpc"] = json!({"type": "NodePort", "nodePort": 30901});
    }
    if kind == Kind::Tls {
        query["clientTLS"] = json!({
            "ca": {"file": "ca.crt"},
            "cert": {"file": "tls.crt"},
            "key": {"file": "tls.key"},
            "serverName": "x.example",
        });
    }
    if matches!(kind, Kind::Tls | Kind::Sealed) {
        query["fileSD"] = json!({"configMap": "stores"});
    }
    thanos["query"] = query;
    thanos["queryFrontend"] = json!({"extraFlags": ["--query-range.split-interval=12h"]});
    thanos["bucketweb"] = json!({"extraFlags": ["--label=region"]});
    thanos["storegateway"] = json!({
        "indexCache": {"type": "IN-MEMORY", "config": {"max_size": "512MB"}},
        "bucketCache": {"type": "IN-MEMORY", "config": {"max_size": "256MB"}, "chunk_subrange_size": 16000},
        "window": {"maxAge": "2w", "minAge": "2h"},
        "persistence": {"size": "9Gi"},
        "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
        "extraFlags": ["--sync-block-duration=4m"],
    });
    thanos["compactor"] = json!({
        "retention": {"raw": "31d", "5m": "91d", "1h": "2y"},
        "concurrency": 3,
        "persistence": {"size": "21Gi", "storageClass": "fast"},
        "extraFlags": ["--wait-interval=7m"],
    });
    thanos["ruler"] = json!({
        "alertmanagers": ["http://am.monitoring.svc:9093", "https://am2.example/x"],
        "rules": ["rules.yaml"],
        "evaluationInterval": "45s",
        "labels": {"region": "eu"},
        "persistence": {"size": "5Gi"},
        "extraFlags": ["--resend-delay=2m"],
    });
    if hostile {
        thanos["ruler"]["labels"]["zone"] = json!("a{{ .Values.x }}'%`é\"\\");
    }
    // 0.38.0 does not know the flags any more that older charts write, and reads stores from files in another way.
    let is_for_new = chart.numbers() >= vec![11, 1, 1] && matches!(kind, Kind::Hostile | Kind::Sealed);
    let tag = match (chart.owner, is_for_new) {
        (Owner::Bitnami, false) => "v0.37.2",
        (Owner::Bitnami, true) => "v0.39.2",
        // They hand stores over with a flag that 0.38.0 removed.
        (Owner::Community, _) if chart.numbers() < vec![0, 3, 3] => "v0.37.2",
        (Owner::Stevehipwell, _) if chart.numbers() < vec![1, 11, 0] => "v0.37.2",
        (Owner::Community | Owner::Stevehipwell, _) => "v0.42.4",
    };
    thanos["image"] =
        json!({"registry": "quay.io", "repository": "thanos/thanos", "tag": tag, "pullSecrets": ["regcred"]});
    if chart.owner == Owner::Bitnami {
        thanos["minio"] = json!({
            "buckets": ["thanos", "other"],
            "credentials": {"rootUser": {"file": "user"}, "rootPassword": {"file": "password"}},
            "persistence": {"size": "55Gi"},
        });
        // The images of the oldest are gone, and that is refused.
        if chart.numbers() < vec![9, 1, 0] {
            thanos["values"] = json!({"minio": {"image": {"tag": "2022.3.26-debian-11-r4"}}});
        }
    } else {
        thanos["objstore"] = json!({"type": "S3", "config": {
            "bucket": "thanos",
            "endpoint": "s3.example:9000",
            "access_key": {"file": "user"},
            "secret_key": {"file": "password"},
        }});
    }
    thanos
}
