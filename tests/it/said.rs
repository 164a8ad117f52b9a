//! What files say of themselves: which chart in which version their values are for, what comes from elsewhere, and how
//! layers become the values of one release.

use crate::program::{Room, Run};

const BITNAMI: &str = "oci://registry-1.docker.io/bitnamicharts";

/// Codes with their lines, such as `THC210:7`, and the exit code.
fn found(run: &Run) -> (i32, Vec<String>) {
    let document: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
    let one = |finding: &serde_json::Value| {
        let mark = if finding["severity"] == "error" { "" } else { "?" };
        format!("{}{mark} {}:{}", finding["code"].as_str().unwrap(), finding["file"].as_str().unwrap(), finding["line"])
    };
    (run.code, document["findings"].as_array().unwrap().iter().map(one).collect())
}

fn validate(room: &Room, arguments: &[&str]) -> (i32, Vec<String>) {
    let run = room.run(&[&["validate", "--format", "json"], arguments].concat());
    if run.code == 2 { (2, vec![run.stderr]) } else { found(&run) }
}

#[track_caller]
fn finds(room: &Room, arguments: &[&str], expected: &[&str]) {
    let (code, found) = validate(room, arguments);
    assert_eq!(found, expected, "{arguments:?}");
    assert_eq!(code, i32::from(expected.iter().any(|finding| !finding.contains('?'))));
}

#[track_caller]
fn refuses(room: &Room, arguments: &[&str], said: &[&str]) {
    let run = room.run(&[&["validate"], arguments].concat());
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
    for said in said {
        assert!(run.stderr.contains(said), "{said}\n{}", run.stderr);
    }
}

fn release(source: &str, version: &str, values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: thanos, namespace: monitoring}}\nspec:\n  chart:\n    spec: {{chart: thanos, version: '{version}', sourceRef: {{kind: HelmRepository, name: {source}}}}}\n{values}"
    )
}

#[test]
fn the_chart_and_the_version_of_a_helm_release_count() {
    let room = Room::new();
    let values =
        "  values:\n    additionalEndpoints: ['a.example:10901']\n    query: {additionalStores: ['b.example:10901']}\n";
    room.file("old.yaml", &release("stevehipwell", "1.10.2", values));
    room.file("new.yaml", &release("stevehipwell", "1.24.1", values));
    // The one list came with 1.11.0, and the other is its old name.
    finds(&room, &["old.yaml"], &["THC211 old.yaml:8"]);
    finds(&room, &["new.yaml"], &["THC211? new.yaml:9"]);
    finds(&room, &["new.yaml", "--chart", "stevehipwell/thanos"], &["THC211? new.yaml:9"]);
    finds(&room, &["new.yaml", "--chart-version", "1.10.2"], &["THC211 new.yaml:8"]);
    // A repository whose address stands beside it says more than its name.
    let repository = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts}\nspec: {url: 'https://charts.bitnami.com/bitnami'}\n";
    room.file("beside.yaml", &(release("charts", "3.0.1", "  values:\n    query: {stores: []}\n") + repository));
    finds(&room, &["beside.yaml"], &["THC211 beside.yaml:8"]);
}

#[test]
fn a_range_stands_for_its_newest_known_version_and_an_unknown_version_for_none() {
    let room = Room::new();
    let values = "  values:\n    query: {stores: []}\n";
    for (version, checked) in
        [("17.x", "17.6.0"), (">=15 <16", "15.14.1"), ("^12.0.0", "12.23.2"), ("9 || 10.5.x", "10.5.5")]
    {
        room.file("r.yaml", &release("bitnami", version, values));
        let run = room.run(&["validate", "r.yaml"]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("the newest that is known, {checked}")), "{}", run.stderr);
    }
    for version in ["18.0.0", "17.3.2", ">99", "main"] {
        room.file("r.yaml", &release("bitnami", version, values));
        refuses(
            &room,
            &["r.yaml"],
            &[&format!("does not know version `{version}` of the chart `bitnami/thanos`"), "--chart-version"],
        );
    }
    // A source whose name says one chart, and a version that only another one has.
    room.file("r.yaml", &release("bitnami", "1.10.2", values));
    refuses(&room, &["r.yaml"], &["does not know version `1.10.2` of the chart `bitnami/thanos`"]);
}

#[test]
fn an_oci_repository_is_found_in_the_file_or_beside_it_and_else_has_to_be_named() {
    let room = Room::new();
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: hub}\nspec:\n  url: oci://ghcr.io/stevehipwell/helm-charts/thanos\n  ref: {tag: 1.23.0}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: hub}\nspec:\n  chartRef: {kind: OCIRepository, name: hub}\n  values:\n    compact: {enabled: true}\n    compactor: {enabled: true}\n";
    room.file("one/both.yaml", &format!("{repository}---\n{release}"));
    finds(&room, &["one/both.yaml"], &["THC210 one/both.yaml:15"]);
    room.file("two/release.yaml", release).file("two/repository.yaml", repository);
    finds(&room, &["two/release.yaml"], &["THC210 two/release.yaml:8"]);
    room.file("three/release.yaml", release);
    refuses(
        &room,
        &["three/release.yaml"],
        &["HelmRelease `hub`: it is not known which chart", "--chart REPOSITORY/NAME"],
    );
    finds(
        &room,
        &["three/release.yaml", "--chart", "stevehipwell/thanos", "--chart-version", "1.23.0"],
        &["THC210 three/release.yaml:8"],
    );
    let range = repository.replace("{tag: 1.23.0}", "{semver: '>=1.22.0 <1.23.0'}");
    room.file("four/both.yaml", &format!("{range}---\n{release}"));
    let run = room.run(&["validate", "four/both.yaml"]);
    assert!(run.code == 1 && run.stderr.contains("1.22.1"), "{}", run.stderr);
}

#[test]
fn a_chart_that_is_none_of_ours_is_not_checked_and_that_is_said() {
    let room = Room::new();
    let stack =
        release("prometheus-community", "60.0.0", "  values:\n    prometheus: {thanosService: {enabled: true}}\n")
            .replace("chart: thanos", "chart: kube-prometheus-stack");
    room.file("stack.yaml", &stack);
    refuses(
        &room,
        &["stack.yaml"],
        &[
            "note: `stack.yaml`: HelmRelease `thanos` installs the chart `kube-prometheus-stack`",
            "nothing in `stack.yaml` was checked",
        ],
    );
    room.file("both.yaml", &(stack.clone() + "---\n" + &release("bitnami", "17.3.1", "  values: {qurey: {}}\n")));
    let run = room.run(&["validate", "both.yaml", "--format", "github"]);
    assert!(
        run.code == 1 && run.stdout.contains("line=16,") && run.stderr.contains("kube-prometheus-stack"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    // A flag says of what can be meant which chart it is, and not of another chart.
    let run = room.run(&["validate", "both.yaml", "--chart", "bitnami/thanos", "--format", "github"]);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    room.file("mirror.yaml", &release("internal", "99.0.0", "  values: {query: {}}\n"));
    refuses(&room, &["mirror.yaml"], &["a chart `thanos` of the repository `internal`"]);
    room.file("mirror.yaml", &release("internal", "17.3.1", "  values: {qurey: {}}\n"));
    let run = room.run(&["validate", "mirror.yaml"]);
    assert!(run.code == 1 && run.stderr.contains("version 17.3.1 is one of bitnami/thanos"), "{}", run.stderr);
    room.file("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n");
    refuses(&room, &["deployment.yaml"], &["`deployment.yaml` holds no Helm values"]);
    finds(&room, &["deployment.yaml", "mirror.yaml"], &["THC210 mirror.yaml:7"]);
}

#[test]
fn what_the_settings_say_otherwise_is_told_and_the_file_counts() {
    let room = Room::new();
    room.file("thanosctl.yaml", "clusters: [{context: a}]\nthanos: {chart: bitnami/thanos, chartVersion: 16.0.7}\n");
    room.file("r.yaml", &release("bitnami", "3.0.1", "  values:\n    querier: {stores: ['a:1']}\n"));
    let run = room.run(&["validate", "r.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(
        run.stderr.contains("it names bitnami/thanos 3.0.1, and thanosctl.yaml bitnami/thanos 16.0.7"),
        "{}",
        run.stderr
    );
    room.file("v.yaml", "querier: {stores: ['a:1']}\n");
    finds(&room, &["v.yaml"], &["THC211 v.yaml:1"]);
}

#[test]
fn every_tool_that_names_a_chart_is_read() {
    let room = Room::new();
    let argo = |spec: &str| {
        format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: t}}\nspec:\n{spec}")
    };
    for (name, text, line) in [
        (
            "sources.yaml",
            argo("  sources:\n    - {repoURL: 'https://git.example/values', ref: values, targetRevision: main}\n    - repoURL: registry-1.docker.io/bitnamicharts\n      chart: thanos\n      targetRevision: 17.*\n      helm:\n        valueFiles: ['$values/thanos.yaml']\n        values: |\n          query:\n            stores: ['a:1']\n          qurey: {}\n"),
            15,
        ),
        (
            "set.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: t}\nspec:\n  generators: [{list: {elements: []}}]\n  template:\n    metadata: {name: 't-{{.name}}'}\n    spec:\n      source:\n        repoURL: https://stevehipwell.github.io/helm-charts\n        chart: thanos\n        targetRevision: 1.24.1\n        helm:\n          values: |\n            query: {replicas: {{ .replicas }}}\n            additionalEndpoints: ['{{.address}}:10901']\n            qurey: {}\n".to_owned(),
            17,
        ),
        (
            "helmfile.yaml",
            "repositories:\n  - {name: b, url: registry-1.docker.io/bitnamicharts, oci: true}\nreleases:\n  - name: hub\n    chart: b/thanos\n    version: ~17.3.0\n    values:\n      - common.yaml\n      - query: {replicaCount: {{ .Values.count }}}\n        qurey: {}\n  - {name: other, chart: b/grafana}\n".to_owned(),
            10,
        ),
        (
            "kustomization.yaml",
            format!("helmCharts:\n  - name: thanos\n    repo: {BITNAMI}\n    version: 17.3.1\n    releaseName: hub\n    valuesInline:\n      qurey: {{}}\n"),
            7,
        ),
        (
            "k3s.yaml",
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: thanos}\nspec:\n  repo: https://charts.bitnami.com/bitnami\n  chart: thanos\n  version: 17.3.1\n  valuesContent: |-\n    query: {}\n    qurey: {}\n".to_owned(),
            10,
        ),
        (
            "fleet.yaml",
            format!("defaultNamespace: m\nhelm:\n  chart: {BITNAMI}/thanos\n  version: 17.3.1\n  values:\n    qurey: {{}}\n"),
            6,
        ),
        (
            "crossplane.yaml",
            "apiVersion: helm.crossplane.io/v1beta1\nkind: Release\nmetadata: {name: thanos}\nspec:\n  forProvider:\n    chart: {name: thanos, repository: 'https://charts.bitnami.com/bitnami', version: 17.3.1}\n    values:\n      qurey: {}\n".to_owned(),
            8,
        ),
    ] {
        room.file(name, &text);
        finds(&room, &[name], &[&format!("THC210 {name}:{line}")]);
    }
}

#[test]
fn a_dependency_of_an_umbrella_is_checked_below_its_key() {
    let room = Room::new();
    room.file(
        "u/Chart.yaml",
        &format!("apiVersion: v2\nname: metrics\nversion: 0.1.0\ndependencies:\n  - {{name: thanos, alias: hub, version: ^17.0.0, repository: '{BITNAMI}', condition: hub.enabled, tags: [obs]}}\n  - {{name: grafana, version: 1.0.0, repository: 'https://x.example'}}\n"),
    );
    let values = "tags: {obs: true}\nglobal: {security: {allowInsecureImages: true}}\nhub:\n  enabled: true\n  image: {registry: quay.io, repository: thanos/thanos, tag: v0.39.2}\n  qurey: {}\ngrafana: {anything: 1}\n";
    room.file("u/values.yaml", values);
    finds(&room, &["u/values.yaml"], &["THC210 u/values.yaml:6"]);
    // Without what the umbrella hands on, the chart refuses the image.
    room.file("u/values-prod.yaml", &values.replace("global: {security: {allowInsecureImages: true}}", "global: {}"));
    finds(&room, &["u/values-prod.yaml"], &["THC229 u/values-prod.yaml:5", "THC210 u/values-prod.yaml:6"]);
    // The lock has the version that is installed.
    room.file(
        "u/Chart.lock",
        &format!("dependencies:\n  - {{name: thanos, version: 17.0.0, repository: '{BITNAMI}'}}\n"),
    );
    room.file("u/values.yaml", "hub: {enabled: true, query: {service: {ipFamilies: []}}}\n");
    finds(&room, &["u/values.yaml"], &["THC212 u/values.yaml:1"]);
    // Below a key that is named, `enabled` is a condition too.
    room.file("v.yaml", "thanos: {enabled: true, query: {replicaCount: 2}}\n");
    finds(&room, &["v.yaml", "--path", "thanos", "--chart-version", "17.3.1"], &[]);
    room.file("w/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n").file("w/values.yaml", "query: {}\n");
    refuses(&room, &["w/values.yaml"], &["the chart `shop` beside it depends on no Thanos chart"]);
    finds(&room, &["w/values.yaml", "--chart", "bitnami/thanos"], &[]);
    // Nor is another chart proposed for it by what `diff` says of a key that the default does not read.
    room.file("w/values.yaml", "querier: {stores: [\"a:1\"]}\n");
    room.file("fleet.json", r#"{"kind": "Inventory", "version": 1, "clusters": []}"#);
    let run = room.run(&["diff", "w/values.yaml", "--inventory", "fleet.json"]);
    assert!(run.code == 2 && run.stderr.contains("the chart `shop` beside it depends on none"), "{run:?}");
    assert!(!run.stderr.contains("bitnami"), "{run:?}");
}

#[test]
fn what_flux_sets_elsewhere_is_there_and_is_not_judged() {
    let room = Room::new();
    let from = |references: &str, values: &str| {
        release("bitnami", "12.23.2", &format!("  valuesFrom:\n{references}  values:\n{values}"))
    };
    let field = |path: &str| format!("    - {{kind: Secret, name: s, valuesKey: k, targetPath: {path}}}\n");
    let objstore = "    storegateway: {enabled: true}\n    objstoreConfig:\n      type: S3\n      config: {insecure: true, nonsense: 1}\n";
    let fields = field("objstoreConfig.config.bucket") + &field("objstoreConfig.config.endpoint");
    room.file("fields.yaml", &from(&fields, objstore));
    finds(&room, &["fields.yaml"], &["THC252 fields.yaml:14"]);
    // What is not set is still missing.
    room.file("fields.yaml", &from(&field("objstoreConfig.config.bucket"), &objstore.replace(", nonsense: 1", "")));
    let (_, found) = validate(&room, &["fields.yaml"]);
    assert!(found.iter().any(|finding| finding.starts_with("THC256")), "{found:?}");
    // A field that no version knows is set in vain.
    room.file("fields.yaml", &from(&field("objstorConfig"), "    query: {}\n"));
    finds(&room, &["fields.yaml"], &["THC210 fields.yaml:8"]);
    // Anything may stand in a whole object.
    let whole = "    - {kind: Secret, name: thanos}\n";
    room.file("whole.yaml", &from(whole, "    storegateway: {enabled: true}\n    qurey: {}\n"));
    finds(&room, &["whole.yaml"], &["THC210 whole.yaml:11"]);
    room.file("whole.yaml", &from(whole, objstore));
    finds(&room, &["whole.yaml"], &["THC252 whole.yaml:13"]);
    let run = room.run(&["validate", "whole.yaml"]);
    assert!(run.stderr.contains("Secret `thanos` is not read"), "{}", run.stderr);
    // Of a ConfigMap in the same file it is known.
    let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: thanos}\ndata:\n  values.yaml: |\n    existingObjstoreSecret: x\n    qurey: {}\n";
    room.file(
        "map.yaml",
        &(from("    - {kind: ConfigMap, name: thanos}\n", "    storegateway: {enabled: true}\n") + map),
    );
    finds(&room, &["map.yaml"], &["THC210 map.yaml:18"]);
    room.file("only.yaml", &release("bitnami", "12.23.2", "  valuesFrom: [{kind: Secret, name: thanos}]\n"));
    refuses(&room, &["only.yaml"], &["Secret `thanos` is not read, and there are no other values"]);
}

#[test]
fn values_files_that_a_file_names_are_read_with_it_and_say_by_it_what_they_are_for() {
    let room = Room::new();
    // kustomize inflates a chart with a file, which its inline values win over.
    room.file("k/kustomization.yaml", &format!("helmCharts:\n  - name: thanos\n    repo: {BITNAMI}\n    version: 3.0.1\n    valuesFile: hub.yaml\n    valuesInline: {{querier: {{service: {{type: NodePort}}}}}}\n"));
    room.file("k/hub.yaml", "querier:\n  service: {type: Nodeport}\nqurey: {}\n");
    finds(&room, &["k/kustomization.yaml"], &["THC210 k/hub.yaml:3"]);
    finds(&room, &["k/hub.yaml"], &["THC217 k/hub.yaml:2", "THC210 k/hub.yaml:3"]);
    // Argo CD has them in another source of the repository.
    room.file("argo/apps/thanos.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: t}\nspec:\n  sources:\n    - repoURL: registry-1.docker.io/bitnamicharts\n      chart: thanos\n      targetRevision: 17.3.1\n      helm: {valueFiles: ['$v/values/hub.yaml', '$v/values/none.yaml']}\n    - {repoURL: 'https://git.example/x', ref: v}\n");
    room.file("argo/values/hub.yaml", "storegateway: {enabled: true}\nqurey: {}\n");
    let run = room.run(&["validate", "argo/apps/thanos.yaml", "--format", "github"]);
    assert!(
        run.code == 1 && run.stdout.contains("file=argo/values/hub.yaml,line=2") && run.stdout.lines().count() == 1,
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("the values file `values/none.yaml` is not read"), "{}", run.stderr);
    // kustomize makes the ConfigMap that Flux takes values from.
    room.file(
        "flux/release.yaml",
        &release("bitnami", "17.3.1", "  valuesFrom: [{kind: ConfigMap, name: hub-values}]\n"),
    );
    room.file("flux/kustomization.yaml", "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nconfigMapGenerator:\n  - {name: hub-values, files: [values.yaml=helm/hub.yaml]}\n");
    room.file("flux/helm/hub.yaml", "query: {}\nqurey: {}\n");
    finds(&room, &["flux/release.yaml"], &["THC210 flux/helm/hub.yaml:2"]);
    // helmfile merges its values in their order.
    room.file("h/helmfile.yaml", "repositories: [{name: bitnami, url: 'https://charts.bitnami.com/bitnami'}]\nreleases:\n  - {name: hub, chart: bitnami/thanos, version: 17.3.1, values: [{query: {stores: ['a:1']}}, values.yaml, 'env/{{ .Environment.Name }}.yaml']}\n");
    room.file("h/values.yaml", "query: {stores: ['b:1']}\nqurey: {}\n");
    finds(&room, &["h/helmfile.yaml"], &["THC300 h/values.yaml:1", "THC210 h/values.yaml:2"]);
    finds(&room, &["h/values.yaml"], &["THC210 h/values.yaml:2"]);
}

#[test]
fn what_somebody_fills_in_is_not_judged_and_the_rest_is() {
    let room = Room::new();
    let values = "    objstoreConfig:\n      type: S3\n      config: {bucket: blocks, endpoint: '${HOST}', nonsense: 1}\n    query:\n      stores: ['thanos.${DOMAIN}:10901', 'thanos.example']\n      replicaCount: ${COUNT:=2}\n      service: {type: '${TYPE}', nodePorts: {http: '${PORT}'}}\n    compactor: {enabled: '${ON}', retentionResolutionRaw: '${RAW:=30d}'}\n    storegateway: {enabled: true}\n    ruler: {enabled: '${RULER}'}\n    ${KEY}: 1\n";
    room.file("flux.yaml", &release("bitnami", "17.3.1", &format!("  values:\n{values}")));
    finds(&room, &["flux.yaml"], &["THC252 flux.yaml:10", "THC244 flux.yaml:12"]);
    // In a text, too.
    let block = "    existingObjstoreSecret: ${SECRET}\n    storegateway: {enabled: true}\n    indexCacheConfig: |\n      type: MEMCACHED\n      config:\n        addresses: ['${CACHE}']\n        nonsense: 1\n";
    room.file("flux.yaml", &release("bitnami", "17.3.1", &format!("  values:\n{block}")));
    finds(&room, &["flux.yaml"], &["THC253? flux.yaml:14"]);
    // Nobody is known to fill in a file of values alone.
    room.file("v.yaml", "query:\n  stores: ['thanos.${DOMAIN}', 'thanos.example']\n");
    finds(&room, &["v.yaml", "--chart-version", "17.3.1"], &["THC244? v.yaml:2", "THC244 v.yaml:2"]);
    // What is kept elsewhere by its own account.
    room.file("v.yaml", "query:\n  stores: ['ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]']\nsops: {mac: 'ENC[AES256_GCM,data:a]', version: 3.9.0}\n");
    finds(&room, &["v.yaml", "--chart-version", "17.3.1"], &[]);
}

#[test]
fn a_template_that_is_no_yaml_is_not_called_broken() {
    let room = Room::new();
    let values = "query:\n{{- if .Values.stores }}\n  stores: {{ toYaml .Values.stores | nindent 4 }}\n{{- end }}\n";
    for name in ["values.yaml.gotmpl", "values.yaml"] {
        room.file(name, values);
        refuses(&room, &[name], &[&format!("`{name}` is a template"), "line 2"]);
    }
    room.file(
        "t.yaml.gotmpl",
        "query:\n  replicaCount: {{ .Values.count }}\n  stores: [{{ .Values.store | quote }}]\nqurey: {}\n",
    );
    finds(&room, &["t.yaml.gotmpl", "--chart-version", "17.3.1"], &["THC210 t.yaml.gotmpl:4"]);
    // An object that a chart of charts makes.
    room.file("app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  source:\n    repoURL: registry-1.docker.io/bitnamicharts\n    chart: thanos\n    targetRevision: 17.3.1\n    helm:\n      valuesObject:\n        query: {replicaCount: {{ .Values.count }}}\n        qurey: {}\n");
    finds(&room, &["app.yaml"], &["THC210 app.yaml:12"]);
    room.file("app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {repoURL: registry-1.docker.io/bitnamicharts, chart: thanos, targetRevision: '{{ .Values.version }}', helm: {valuesObject: {}}}\n");
    refuses(&room, &["app.yaml"], &["it is not known which version of bitnami/thanos"]);
}

#[test]
fn parameters_are_values_that_count() {
    let room = Room::new();
    let file = |parameters: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: registry-1.docker.io/bitnamicharts\n    chart: thanos\n    targetRevision: 17.3.1\n    helm:\n      valuesObject: {{storegateway: {{enabled: true}}, query: {{stores: ['x']}}}}\n      parameters:\n{parameters}"
        )
    };
    room.file(
        "a.yaml",
        &file("        - {name: existingObjstoreSecret, value: s}\n        - {name: qurey.x, value: '1'}\n"),
    );
    finds(&room, &["a.yaml"], &["THC244 a.yaml:9", "THC210 a.yaml:12"]);
    room.file("a.yaml", &file("        - {name: storegateway.enabled, value: 'false'}\n        - {name: 'query.stores[0]', value: 'a:1'}\n"));
    finds(&room, &["a.yaml"], &[]);
}

#[test]
fn layers_are_checked_as_helm_merges_them() {
    let room = Room::new();
    room.file("base.yaml", "# thanosctl 0.1.0: bitnami/thanos 17.3.1\nstoregateway: {enabled: true}\nquery:\n  stores:\n    - 10.1.1.1:30901\n    - 10.1.1.2:30901\n  service: {type: ClusterIp}\nqurey: {}\ncompactor: {enabled: true}\n");
    room.file(
        "prod.yaml",
        "query:\n  service: {type: LoadBalancer}\nexistingObjstoreSecret: blocks\ncompactor: null\n",
    );
    finds(
        &room,
        &["base.yaml"],
        &["THC220 base.yaml:2", "THC217 base.yaml:7", "THC210 base.yaml:8", "THC220 base.yaml:9"],
    );
    finds(&room, &["-f", "base.yaml", "-f", "prod.yaml"], &["THC210 base.yaml:8", "THC208 prod.yaml:4"]);
    // A list is replaced, whether it was meant or not.
    room.file("prod.yaml", "existingObjstoreSecret: blocks\nquery:\n  service: {type: LoadBalancer}\n  stores:\n    - 10.1.1.2:30901\n    - x\n");
    finds(
        &room,
        &["-f", "base.yaml", "-f", "prod.yaml"],
        &["THC210 base.yaml:8", "THC300 prod.yaml:4", "THC244 prod.yaml:6"],
    );
    let run = room.run(&["validate", "-f", "base.yaml", "--values", "prod.yaml"]);
    assert!(
        run.stdout
            .contains("`query.stores` replaces the list at base.yaml:4:3 and loses 1 of its stores: `10.1.1.1:30901`"),
        "{}",
        run.stdout
    );
    room.file("prod.yaml", "existingObjstoreSecret: blocks\nquery:\n  service: {type: LoadBalancer}\n  stores: [10.1.1.1:30901, 10.1.1.2:30901, 10.1.1.3:30901]\n");
    finds(&room, &["-f", "base.yaml", "-f", "prod.yaml"], &["THC210 base.yaml:8", "THC300? prod.yaml:4"]);
    // A document that is made of two files has its findings where each of them is.
    room.file("one.yaml", "objstoreConfig:\n  type: S3\n  config: {bucket: blocks, nonsense: 1}\n");
    room.file("two.yaml", "objstoreConfig:\n  config:\n    endpoint: http://s3.example\n");
    finds(
        &room,
        &["-f", "one.yaml", "-f", "two.yaml", "--chart-version", "17.3.1"],
        &["THC252 one.yaml:3", "THC259 two.yaml:3"],
    );
    // Below a key, too.
    room.file("u1.yaml", "thanos: {storegateway: {enabled: true}}\n")
        .file("u2.yaml", "thanos:\n  existingObjstoreSecret: b\n  qurey: {}\n");
    finds(
        &room,
        &["-f", "u1.yaml", "-f", "u2.yaml", "--path", "thanos", "--chart-version", "17.3.1"],
        &["THC210 u2.yaml:3"],
    );
    assert_eq!(room.run(&["validate", "one.yaml", "-f", "two.yaml"]).code, 2);
}

#[test]
fn a_secret_of_any_layer_is_never_shown() {
    let room = Room::new();
    room.file("a.yaml", "minio: {enabled: true, auth: {rootPassword: 0987654}}\n");
    room.file("b.yaml", "minio: {auth: {rootUser: yes}, rootPassword: 0987654}\n");
    for format in ["human", "json", "github", "junit", "sarif"] {
        let run =
            room.run(&["validate", "-f", "a.yaml", "-f", "b.yaml", "--chart-version", "17.3.1", "--format", format]);
        assert!(run.code == 1 && !run.stdout.contains("987654"), "{format}: {}", run.stdout);
    }
}

#[test]
fn values_of_a_chart_that_is_none_of_ours_are_not_judged() {
    let room = Room::new();
    room.file("stack.yaml", "prometheus:\n  thanosService: {enabled: true}\ngrafana:\n  enabled: false\n")
        .file("thanos.yaml", "query:\n  stores: ['192.0.2.1:10901']\n");
    let run = room.run(&["validate", "stack.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("nothing in `stack.yaml` was checked") && run.stderr.contains("--chart"),
        "{}",
        run.stderr
    );
    let run = room.run(&["validate", "stack.yaml", "thanos.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("`stack.yaml` has no key of a Thanos chart"), "{}", run.stderr);
    // Whoever names the chart is told what is wrong for it, and so is whoever misspelled all.
    let run = room.run(&["validate", "stack.yaml", "--chart", "bitnami/thanos"]);
    assert!(run.code == 1 && run.stdout.contains("`prometheus`"), "{}", run.stdout);
    room.file("typo.yaml", "qurey:\n  stores: []\n");
    let run = room.run(&["validate", "typo.yaml"]);
    assert!(run.code == 1 && run.stdout.contains("did you mean `query`"), "{}", run.stdout);
}

#[test]
fn a_base_of_kustomize_is_judged_without_what_its_overlays_may_bring() {
    let room = Room::new();
    let values = "  values:\n    storegateway: {enabled: true}\n    qurey: {enabled: true}\n";
    room.file("base/release.yaml", &release("bitnami", "17.3.1", values))
        .file("base/kustomization.yaml", "resources: [release.yaml]\n");
    let check = || room.run(&["validate", "base/release.yaml"]);
    let alone = check();
    assert!(alone.stdout.contains("THC220") && alone.stdout.contains("qurey"), "{}", alone.stdout);
    for overlay in ["prod", "overlays/prod"] {
        let up = if overlay == "prod" { "../base" } else { "../../base" };
        room.file(&format!("{overlay}/kustomization.yaml"), &format!("resources: ['{up}']\npatches: []\n"));
        let run = check();
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stdout.contains("qurey") && !run.stdout.contains("THC220"), "{}", run.stdout);
        assert!(run.stderr.contains(&format!("what kustomize changes in `{overlay}` is not read")), "{}", run.stderr);
        std::fs::remove_file(room.path(&format!("{overlay}/kustomization.yaml"))).unwrap();
    }
}

#[test]
fn values_for_another_template_engine_are_a_template_and_no_broken_yaml() {
    let room = Room::new();
    for (values, is_template) in [
        ("query:\n  stores:\n    - {{ store_address }}\n", true),
        ("image:\n  tag: {{ thanos_version | default('1') }}\n", true),
        ("image:\n  tag: {{- version -}}\n", true),
        ("image:\n  tag: {{ .Values.version }}\n", false),
        ("image:\n  tag: {{ include \"x\" . }}\n", false),
        ("image:\n  tag: '{{ version }}'\n", false),
    ] {
        room.file("values.yaml", values);
        let run = room.run(&["validate", "values.yaml"]);
        assert_eq!(run.code == 2 && run.stderr.contains("is a template"), is_template, "{values}: {run:?}");
        assert_eq!(run.stderr.contains("line 2") || run.stderr.contains("line 3"), is_template, "{}", run.stderr);
    }
}

#[test]
fn a_vendored_chart_may_depend_on_more_and_has_values_for_its_tests() {
    let room = Room::new();
    let chart = "apiVersion: v2\nname: thanos\nversion: 5.3.2\nhome: https://github.com/bitnami/charts/tree/master/bitnami/thanos\ndependencies: [{name: dnsservice, version: 0.1.1, repository: 'https://charts.example'}, {name: other, alias: names, version: 0.1.0, repository: 'https://charts.example'}]\n";
    room.file("thanos/Chart.yaml", chart)
        .file("thanos/values.yaml", "query: {enabled: true}\ndnsservice: {enabled: true}\nnames: {a: b}\nelse: 1\n")
        .file(
            "thanos/ci/test-values.yaml",
            "minio: {enabled: true, accessKey: {password: thanos}, secretKey: {password: thanos-secret}}\n",
        );
    finds(&room, &["thanos/values.yaml"], &["THC210 thanos/values.yaml:4"]);
    // The version of the chart decides, in which these keys are those of MinIO.
    let run = room.run(&["validate", "thanos/ci/test-values.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}
