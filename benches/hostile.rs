//! What files cost that somebody made to cost much: twice the size must cost twice the time, and 1 MB no more than a second.
//!
//! ```console
//! $ cargo bench --bench hostile            # all kinds
//! $ cargo bench --bench hostile -- rules   # those with this word in their name
//! ```
//!
//! CPU time of whole processes, as the kernel counts it for children. The exponent is that of the line through the four
//! times (least squares in logarithms), the time of a start taken away: 1 is linear, 2 is quadratic.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SIZES: [usize; 4] = [125_000, 250_000, 500_000, 1_000_000];

/// Slower than this is quadratic whatever comes next.
const PATIENCE: Duration = Duration::from_secs(20);

/// A kind of input: its name, the arguments, and the files of about so many bytes in all.
struct Kind(&'static str, &'static str, fn(usize) -> Vec<(String, String)>);

const VALIDATE: &str = "validate values.yaml --chart bitnami/thanos --chart-version 17.3.1";
const LAYERS: &str = "validate -f a.yaml -f b.yaml --chart bitnami/thanos --chart-version 17.3.1";
const DISCOVER: &str = "discover -o name --inventory fleet.json";
const DIFF: &str = "diff values.yaml --inventory fleet.json --chart bitnami/thanos --chart-version 17.3.1";
const GENERATE: &str = "gen-values --inventory fleet.json";
const UPDATE: &str = "gen-values --inventory fleet.json --update values.yaml --check";
const UNIFIED: &str =
    "diff values.yaml --inventory fleet.json --diff-style unified --chart bitnami/thanos --chart-version 17.3.1";

const KINDS: &[Kind] = &[
    Kind("unknown keys, flat", VALIDATE, |size| values(size, "", |at| format!("unknown{at:06}: x\n"))),
    Kind("unknown keys, in a block", VALIDATE, |size| values(size, "query:\n", |at| format!("  unknown{at:06}: x\n"))),
    Kind("unknown keys, nearly known", VALIDATE, |size| {
        values(size, "query:\n", |at| format!("  repliaCount{at}: 1\n"))
    }),
    Kind("unknown keys, known elsewhere", VALIDATE, |size| {
        values(size, "query: {}\n", |at| format!("x{at}: {{replicaCount: 1}}\nreplicaCount: 1\nextraFlags: []\n"))
    }),
    Kind("unknown keys, layers", LAYERS, |size| {
        vec![
            ("a.yaml".into(), text(size / 2, "query:\n", |at| format!("  unknown{at:06}: x\n"))),
            ("b.yaml".into(), text(size / 2, "query:\n", |at| format!("  unknown{at:06}: y\n"))),
        ]
    }),
    Kind("merges, one mapping each", VALIDATE, |size| {
        values(size, "x-a: &a {enabled: true, replicaCount: 2}\n", |at| format!("x-{at}: {{<<: *a, b: 1}}\n"))
    }),
    Kind("merges, many in one mapping", VALIDATE, |size| {
        values(size, "x-a: &a {enabled: true}\nquery:\n", |_| "  <<: *a\n".to_owned())
    }),
    Kind("merges, a list of aliases", VALIDATE, |size| {
        values(size, "x-a: &a {enabled: true, replicaCount: 2}\nquery:\n  <<:\n", |_| "  - *a\n".to_owned())
    }),
    Kind("merges, in a chain", VALIDATE, |size| {
        values(size, "x-0: &a0 {k0: 1}\n", |at| format!("x-{}: &a{} {{<<: *a{at}, k{}: 1}}\n", at + 1, at + 1, at + 1))
    }),
    Kind("merges that replace", VALIDATE, |size| {
        let half = text(size / 2, "x-a: &a\n", |at| format!("  key{at}: 1\n"));
        let keys = text(size / 2, "query:\n", |at| format!("  key{at}: 1\n"));
        vec![("values.yaml".into(), format!("{half}{keys}  <<: *a\n"))]
    }),
    Kind("repeated keys", VALIDATE, |size| values(size, "query:\n", |_| "  enabled: true\n".to_owned())),
    Kind("repeated keys, flat", VALIDATE, |size| values(size, "", |_| "query: {}\n".to_owned())),
    Kind("repeated sections", VALIDATE, |size| values(size, "", |_| "query:\n  enabled: true\n".to_owned())),
    Kind("words for booleans", VALIDATE, |size| values(size, "", |at| format!("k{at}: yes\n"))),
    Kind("words for booleans, in a list", VALIDATE, |size| {
        values(size, "query:\n  extraFlags:\n", |_| "  - yes\n".to_owned())
    }),
    Kind("texts without lines", VALIDATE, |size| {
        values(size, "", |at| format!("existingObjstoreSecret: |\nx{at}: 1\n"))
    }),
    Kind("invisible characters", VALIDATE, |size| values(size, "", |at| format!("k{at}: a\u{200b}b\n"))),
    Kind("unknown values", VALIDATE, |size| values(size, "", |at| format!("k{at}: ${{A}}\n"))),
    Kind("unknown values in a list", VALIDATE, |size| {
        values(size, "query:\n  extraFlags:\n", |at| format!("  - --x{at}=${{A}}\n"))
    }),
    Kind("flags", VALIDATE, |size| values(size, "query:\n  extraFlags:\n", |at| format!("  - --flag{at}=x\n"))),
    Kind("flags, repeated", VALIDATE, |size| {
        values(size, "query:\n  extraFlags:\n", |_| "  - --query.timeout=1m\n".to_owned())
    }),
    Kind("stores", VALIDATE, |size| values(size, "query:\n  stores:\n", |at| format!("  - {}:10901\n", ip(at)))),
    Kind("stores, broken", VALIDATE, |size| values(size, "query:\n  stores:\n", |at| format!("  - a b{at}:x\n"))),
    Kind("stores, repeated", VALIDATE, |size| values(size, "query:\n  stores:\n", |_| "  - a.example:1\n".to_owned())),
    Kind("secrets", VALIDATE, |size| values(size, "", |at| format!("k{at}: {{password: hunter2}}\n"))),
    Kind("variables", VALIDATE, |size| {
        values(size, "query:\n  extraEnvVars:\n", |at| format!("  - {{name: A{at}, value: yes}}\n"))
    }),
    Kind("comments", VALIDATE, |size| values(size, "query:\n", |at| format!("  # comment {at}\n"))),
    Kind("anchors", VALIDATE, |size| values(size, "", |at| format!("x-{at}: &a{at} 1\nx-b{at}: *a{at}\n"))),
    Kind("aliases of a large list", VALIDATE, |size| {
        let list = text(size / 2, "x-a: &a\n", |_| "- 1\n".to_owned());
        vec![("values.yaml".into(), text(size, &list, |at| format!("x-{at}: *a\n")))]
    }),
    Kind("a long line", VALIDATE, |size| {
        vec![("values.yaml".into(), format!("{}]\n", text(size, "query: {a: 1}\nx: [", |_| "yes, ".into())))]
    }),
    Kind("a long line of keys", VALIDATE, |size| {
        vec![("values.yaml".into(), format!("{}}}\n", text(size, "query: {", |at| format!("u{at}: yes, "))))]
    }),
    Kind("a long text", VALIDATE, |size| {
        vec![(
            "values.yaml".into(),
            format!("{}\"\n", text(size, "query: {x: 1}\nobjstoreConfig: \"", |_| "a\\n".into())),
        )]
    }),
    Kind("deep nesting", VALIDATE, |size| {
        let deep = |at: usize| (0..90).map(|depth| format!("{}k{at}:\n", " ".repeat(depth))).collect::<String>();
        values(size, "", deep)
    }),
    Kind("deep nesting, brackets", VALIDATE, |size| {
        vec![("values.yaml".into(), format!("a: {}{}\n", "[".repeat(size / 2), "]".repeat(size / 2)))]
    }),
    Kind("documents", VALIDATE, |size| values(size, "", |at| format!("---\na{at}: 1\n"))),
    Kind("objects", VALIDATE, |size| {
        values(size, "", |at| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{at}}}\n"))
    }),
    Kind("HelmReleases", VALIDATE, |size| {
        values(size, "", |at| {
            format!(
                "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: a{at}}}\nspec:\n  chart: \
                 {{spec: {{chart: thanos, version: 17.3.1, sourceRef: {{kind: HelmRepository, name: \
                 bitnami}}}}}}\n  values: {{query: {{enabled: yes}}}}\n"
            )
        })
    }),
    Kind("ApplicationSets", VALIDATE, |size| {
        values(size, "", |at| {
            format!(
                "---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: a{at}}}\nspec:\n  generators: \
                 [{{list: {{elements: [{{a: b}}]}}}}]\n  template: {{spec: {{source: {{chart: thanos, repoURL: \
                 https://charts.bitnami.com/bitnami, targetRevision: 17.3.1, helm: {{valuesObject: {{query: {{enabled: \
                 yes}}}}}}}}}}}}\n"
            )
        })
    }),
    Kind("parameters of an Application", VALIDATE, |size| {
        let head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    chart: \
                    thanos\n    repoURL: https://charts.bitnami.com/bitnami\n    targetRevision: 17.3.1\n    helm:\n      \
                    valuesObject: {query: {enabled: true}}\n      parameters:\n";
        values(size, head, |at| format!("      - {{name: query.x{at}, value: a}}\n"))
    }),
    Kind("valuesFrom of a HelmRelease", VALIDATE, |size| {
        let head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart: {spec: \
                    {chart: thanos, version: 17.3.1, sourceRef: {kind: HelmRepository, name: bitnami}}}\n  values: {query: \
                    {enabled: true}}\n  valuesFrom:\n";
        values(size, head, |at| format!("  - {{kind: Secret, name: a, valuesKey: b, targetPath: query.x{at}}}\n"))
    }),
    Kind("rules", VALIDATE, |size| values(size, RULES, |at| format!("      - {{record: a{at}, expr: sum(up)}}\n"))),
    Kind("rules, wrong", VALIDATE, |size| {
        values(size, RULES, |at| format!("      - {{record: a{at}, expr: sum(up, fro: 1m}}\n"))
    }),
    Kind("rules, wrong, in lines", VALIDATE, |size| {
        values(size, RULES, |at| format!("      - record: a{at}\n        expr: sum(up\n        fro: 1m\n"))
    }),
    Kind("rules, templates", VALIDATE, |size| {
        values(size, RULES, |at| {
            format!(
                "      - {{alert: A{at}, expr: up, labels: {{a: \"{{{{ `{{{{` }} $labels.a }}\", b: \"{{{{ `{{{{` }} $x }}\"}}}}\n"
            )
        })
    }),
    Kind("rules, one long expression", VALIDATE, |size| {
        vec![(
            "values.yaml".into(),
            format!("{})\n", text(size, &format!("{RULES}      - record: a\n        expr: (up"), |_| " + up".into())),
        )]
    }),
    Kind("rules, one text of many lines", VALIDATE, |size| {
        values(size, &format!("{RULES}      - record: a\n        expr: |\n          up\n"), |_| {
            "          + up\n".into()
        })
    }),
    Kind("rules, as a mapping", VALIDATE, |size| {
        let head = "ruler:\n  enabled: true\n  config:\n    groups:\n    - name: a\n      rules:\n";
        values(size, head, |at| format!("      - {{record: a{at}, expr: sum(up}}\n"))
    }),
    Kind("rule groups", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  config: |\n    groups:\n", |at| format!("    - name: a{at}\n"))
    }),
    Kind("rule groups, of one name", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  config: |\n    groups:\n", |_| "    - name: a\n".to_owned())
    }),
    Kind("rule groups, labels", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  config: |\n    groups:\n    - name: a\n      labels:\n", |at| {
            format!("        l{at}: yes\n")
        })
    }),
    Kind("{{ in a text", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  config: |\n    groups:\n", |_| "    # {{ $labels.x }}\n".into())
    }),
    Kind("{{ that does not end", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  config: |\n    groups:\n", |_| "    # {{ \"\n".into())
    }),
    Kind("{{ in one line", VALIDATE, |size| {
        vec![(
            "values.yaml".into(),
            format!("{}\n", text(size, "ruler:\n  enabled: true\n  config: |\n    # ", |_| "{{ `{{` }} ".into())),
        )]
    }),
    Kind("{{ in flags", VALIDATE, |size| {
        values(size, "query:\n  extraFlags:\n", |_| "  - \"--x={{ $labels.a }}\"\n".into())
    }),
    Kind("fields of an object store", VALIDATE, |size| {
        values(size, "objstoreConfig: |\n  type: S3\n  config:\n", |at| format!("    field{at}: x\n"))
    }),
    Kind("fields of an object store, as a mapping", VALIDATE, |size| {
        values(size, "objstoreConfig:\n  type: S3\n  config:\n", |at| format!("    field{at}: x\n"))
    }),
    Kind("Alertmanagers", VALIDATE, |size| {
        values(size, "ruler:\n  enabled: true\n  alertmanagers:\n", |at| format!("  - http://a{at}.example:9093\n"))
    }),
    Kind("settings, extraFlags", GENERATE, |size| {
        settings(size, "thanos:\n  query:\n    extraFlags:\n", |at| format!("    - --flag{at}=x\n"))
    }),
    Kind("settings, extraFlags that are wrong", GENERATE, |size| {
        settings(size, "thanos:\n  query:\n    extraFlags:\n", |at| format!("    - --query.timeout=x{at}\n"))
    }),
    Kind("settings, replicaLabels", GENERATE, |size| settings(size, "replicaLabels:\n", |at| format!("- label{at}\n"))),
    Kind("settings, endpoints", GENERATE, |size| {
        settings(size, "clusters:\n- name: edge\n  endpoints:\n", |at| format!("  - {}:10901\n", ip(at)))
    }),
    Kind("settings, clusters", GENERATE, |size| {
        settings(size, "clusters:\n", |at| format!("- {{name: e{at}, endpoints: [\"{}:10901\"]}}\n", ip(at)))
    }),
    Kind("settings, unknown keys", GENERATE, |size| settings(size, "thanos:\n", |at| format!("  key{at}: x\n"))),
    Kind("settings, values", GENERATE, |size| {
        settings(size, "thanos:\n  values:\n    query:\n", |at| format!("      key{at}: x\n"))
    }),
    Kind("settings, values that are known", GENERATE, |size| {
        settings(size, "thanos:\n  values:\n    query:\n      podLabels:\n", |at| format!("        key{at}: x\n"))
    }),
    Kind("settings, Alertmanagers", GENERATE, |size| {
        let head = "thanos:\n  objstore: {existingSecret: a}\n  ruler:\n    alertmanagers:\n";
        settings(size, head, |at| format!("    - http://a{at}.example:9093\n"))
    }),
    Kind("settings, services", GENERATE, |size| {
        settings(size, "services:\n  exclude:\n", |at| format!("  - \"a{at}/*b*\"\n"))
    }),
    Kind("Services and nodes", DISCOVER, |size| vec![("fleet.json".into(), fleet(1, size / 560, "NodePort"))]),
    Kind("Services and nodes, values", GENERATE, |size| {
        vec![
            ("fleet.json".into(), fleet(1, size / 560, "NodePort")),
            ("thanosctl.yaml".into(), "thanos: {release: a}\n".into()),
        ]
    }),
    Kind("clusters", DISCOVER, |size| vec![("fleet.json".into(), fleet(size / 330, 1, "LoadBalancer"))]),
    Kind("clusters, values", GENERATE, |size| vec![("fleet.json".into(), fleet(size / 330, 1, "LoadBalancer"))]),
    Kind("Services of one selector", DISCOVER, |size| {
        vec![(
            "fleet.json".into(),
            fleet(1, size / 560, "NodePort")
                .replace("{\"prometheus\":\"p", "{\"prometheus\":\"p\",\"x\":\"y")
                .replace("\"p\",\"x\":\"y", "\"p"),
        )]
    }),
    Kind("diff, stores and their comments", DIFF, |size| committed(size, 0)),
    Kind("diff, stores that moved", DIFF, |size| committed(size, 40_000)),
    Kind("diff, stores without comments", DIFF, |size| {
        let count = size / 330;
        let stores: String = (0..count).map(|at| format!("  - {}:10901\n", ip(at + 7))).collect();
        vec![
            ("fleet.json".into(), fleet(1, count, "LoadBalancer")),
            ("values.yaml".into(), format!("query:\n  stores:\n{stores}")),
        ]
    }),
    Kind("diff, stores of no Service", DIFF, |size| {
        let stores = text(size, "query:\n  stores:\n", |at| format!("  - {}:10901\n", ip(at + 7)));
        vec![("fleet.json".into(), fleet(1, 1, "LoadBalancer")), ("values.yaml".into(), stores)]
    }),
    Kind("update, stores that moved", UPDATE, |size| committed(size, 40_000)),
    Kind("update, merges", UPDATE, |size| {
        let values = text(size, "x-a: &a {k: 1}\nquery:\n  stores: []\n", |at| format!("x-{at}: {{<<: *a, b: 1}}\n"));
        vec![("fleet.json".into(), fleet(1, 1, "LoadBalancer")), ("values.yaml".into(), values)]
    }),
    Kind("unified, stores that moved", UNIFIED, |size| committed(size, 40_000)),
    Kind("unified, every second store moved", UNIFIED, |size| {
        let mut files = committed(size, 40_000);
        let stores: String = (0..size / 380)
            .map(|at| {
                format!(
                    "  - \"{}:10901\" # eu monitoring/thanos-{at:05}\n",
                    ip(if at % 2 == 0 { at } else { at + 40_000 })
                )
            })
            .collect();
        files[1].1 = format!("query:\n  stores:\n{stores}");
        files
    }),
];

const RULES: &str = "ruler:\n  enabled: true\n  config: |\n    groups:\n    - name: a\n      rules:\n";

fn main() {
    let word = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    println!("| kind | 0.125 MB | 0.25 MB | 0.5 MB | 1 MB | exponent |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut worst: Vec<String> = Vec::new();
    for Kind(name, arguments, files) in KINDS.iter().filter(|kind| kind.0.contains(&word)) {
        let mut times = Vec::new();
        for size in SIZES {
            let folder = tempfile::tempdir().expect("a temporary folder");
            for (file, text) in files(size) {
                fs::write(folder.path().join(file), text).expect("a temporary file");
            }
            match seconds(folder.path(), arguments) {
                Some(time) => times.push(time),
                None => break,
            }
        }
        let shown: Vec<String> = (0..SIZES.len())
            .map(|at| times.get(at).map_or_else(|| "–".to_owned(), |time| format!("{time:.2}")))
            .collect();
        let exponent = if times.len() == SIZES.len() { format!("{:.2}", slope(&times)) } else { "stopped".to_owned() };
        println!("| {name} | {} | {exponent} |", shown.join(" | "));
        if times.len() < SIZES.len() || times.last().is_some_and(|time| *time > 1.0) {
            worst.push((*name).to_owned());
        }
    }
    match worst.as_slice() {
        [] => println!("\n1 MB costs no more than a second, whatever it holds"),
        _ => println!("\nmore than a second for 1 MB: {}", worst.join("; ")),
    }
}

/// The CPU time of one run; `None` when it did not end in time.
fn seconds(folder: &Path, arguments: &str) -> Option<f64> {
    let before = children();
    let mut command = Command::new(env!("CARGO_BIN_EXE_thanosctl"));
    command.args(arguments.split(' ')).current_dir(folder).env_clear().env("HOME", folder);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("thanosctl starts");
    let begin = Instant::now();
    while child.try_wait().expect("a child can be asked").is_none() {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    #[expect(clippy::cast_precision_loss, reason = "so many ticks there are not")]
    // The kernel counts in hundredths of a second (USER_HZ).
    Some((children() - before) as f64 / 100.0)
}

/// The CPU time of all children so far, in ticks.
fn children() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or_default();
    ticks(13) + ticks(14)
}

/// The exponent of the power of the size that fits best. What costs next to nothing has the exponent of a tick.
fn slope(times: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let points: Vec<(f64, f64)> =
        times.iter().enumerate().map(|(at, time)| (at as f64, (time - 0.02).max(0.01).log2())).collect();
    let middle = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / 4.0;
    let (x, y) = (middle(|point| point.0), middle(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    covariance / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

/// `head`, and lines behind it until there are so many bytes.
fn text(size: usize, head: &str, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    let mut at = 0;
    while text.len() < size {
        text.push_str(&line(at));
        at += 1;
    }
    text
}

fn values(size: usize, head: &str, line: impl Fn(usize) -> String) -> Vec<(String, String)> {
    vec![("values.yaml".to_owned(), text(size, head, line))]
}

fn settings(size: usize, head: &str, line: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let mut head = head.to_owned();
    if !head.starts_with("clusters:") {
        head.insert_str(0, "clusters: [{name: edge, endpoints: [\"192.0.2.1:10901\"]}]\n");
    }
    vec![
        ("thanosctl.yaml".to_owned(), text(size, &head, line)),
        ("fleet.json".to_owned(), "{\"kind\":\"Inventory\",\"version\":1,\"clusters\":[]}".to_owned()),
    ]
}

/// A fleet whose stores are committed, each at an address so many further than it is.
fn committed(size: usize, moved: usize) -> Vec<(String, String)> {
    let count = size / 380;
    let stores: String =
        (0..count).map(|at| format!("  - \"{}:10901\" # eu monitoring/thanos-{at:05}\n", ip(at + moved))).collect();
    vec![
        ("fleet.json".to_owned(), fleet(1, count, "LoadBalancer").replace("\"eu0\"", "\"eu\"")),
        ("values.yaml".to_owned(), format!("query:\n  stores:\n{stores}")),
    ]
}

fn fleet(clusters: usize, services: usize, exposed: &str) -> String {
    let mut text = "{\"kind\":\"Inventory\",\"version\":1,\"clusters\":[".to_owned();
    for cluster in 0..clusters {
        let comma = if cluster > 0 { "," } else { "" };
        let (mut list, mut nodes, mut slices) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..services {
            let name = format!("thanos-{at:05}");
            let reached = match exposed {
                "NodePort" => String::new(),
                _ => format!(",\"loadBalancerIngress\":[{{\"ip\":\"{}\"}}]", ip(at + cluster)),
            };
            let node_port =
                if exposed == "NodePort" { format!(",\"nodePort\":{}", 30000 + at % 2700) } else { String::new() };
            list.push(format!(
                "{{\"namespace\":\"monitoring\",\"name\":\"{name}\",\"type\":\"{exposed}\",\"labels\":{{\"app.kubernetes.io/component\":\
                 \"thanos-sidecar\"}},\"selector\":{{\"prometheus\":\"p{at}\"}},\"ports\":[{{\"name\":\"grpc\",\"port\":10901\
                 {node_port}}}]{reached}}}"
            ));
            if exposed == "NodePort" {
                slices.push(format!(
                    "{{\"namespace\":\"monitoring\",\"name\":\"{name}-x\",\"service\":\"{name}\",\"ports\":[{{\"name\":\"grpc\",\
                     \"port\":10901}}],\"endpoints\":[{{\"address\":\"{}\",\"pod\":\"pod-{at}\",\"nodeName\":\"node-{at}\"}}]}}",
                    ip(at + 900_000)
                ));
                nodes.push(format!(
                    "{{\"name\":\"node-{at}\",\"ready\":true,\"labels\":{{\"kubernetes.io/os\":\"linux\"}},\"addresses\":[{{\"type\":\
                     \"InternalIP\",\"address\":\"{}\"}}]}}",
                    ip(at)
                ));
            }
        }
        let (list, nodes, slices) = (list.join(","), nodes.join(","), slices.join(","));
        let _ = write!(
            text,
            "{comma}{{\"name\":\"eu{cluster}\",\"context\":\"eu{cluster}\",\"error\":null,\"services\":[{list}],\"nodes\":[{nodes}],\
             \"endpointSlices\":[{slices}]}}"
        );
    }
    text + "]}"
}

fn ip(at: usize) -> String {
    format!("{}.{}.{}.{}", 20 + at / 16_000_000, at / 62_500 % 250, at / 250 % 250, at % 250 + 1)
}
