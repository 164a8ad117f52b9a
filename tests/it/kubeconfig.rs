//! Finding and reading kubeconfig files.

use std::ffi::OsString;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use tempfile::TempDir;
use thanosctl::cluster::client::Route;
use thanosctl::cluster::environment::Environment;
use thanosctl::cluster::kubeconfig::Kubeconfig;
use thanosctl::failure::Failure;

#[cfg(unix)]
use crate::program::Room;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

fn listed(folder: &TempDir, names: &[&str]) -> Environment {
    let list: Vec<_> =
        names.iter().map(|name| if name.is_empty() { "".into() } else { folder.path().join(name) }).collect();
    Environment { kubeconfig: Some(std::env::join_paths(list).unwrap()), ..Environment::default() }
}

fn refused(text: &str) -> String {
    let folder = folder(&[("config", text)]);
    let failure = Kubeconfig::load_in(Some(&folder.path().join("config")), Environment::default()).unwrap_err();
    let told = failure.to_string();
    assert!(!told.contains("hunter2"), "{told}");
    told
}

fn assert_offers_k3s(failure: &Failure) {
    let hint = failure.hint_text().unwrap();
    assert!(hint.contains("kubectl config view --raw > ~/.kube/k3s.yaml"), "{hint}");
    assert!(hint.contains("export KUBECONFIG="), "{hint}");
}

#[test]
fn a_list_is_merged_first_wins_and_what_is_missing_is_skipped() {
    let one = "current-context: a\ncontexts:\n- {name: a, context: {cluster: one}}\n";
    let two =
        "current-context: b\ncontexts:\n- {name: b, context: {cluster: two}}\n- {name: a, context: {cluster: two}}\n";
    let folder = folder(&[("one", one), ("two", two), ("empty", "")]);
    let config = Kubeconfig::load_in(None, listed(&folder, &["", "gone", "one", "empty", "two"])).unwrap();
    assert_eq!(config.contexts(), ["a", "b"]);
    assert_eq!(config.current(), Some("a"));
}

#[test]
fn an_empty_text_is_none_and_hides_nothing_of_the_files_after_it() {
    let full = "kind: Config\napiVersion: v1\ncurrent-context: b\n";
    for first in ["current-context: ''", "current-context:", "{kind: '', apiVersion: '', contexts: null, users: null}"]
    {
        let folder = folder(&[("first", first), ("second", full), ("third", "current-context: c\n")]);
        let config = Kubeconfig::load_in(None, listed(&folder, &["first", "second", "third"])).unwrap();
        assert_eq!(config.current(), Some("b"), "{first}");
    }
    // An entry counts as a whole, whatever it lacks.
    let entry = "current-context: a\ncontexts: [{name: a, context: {cluster: '', user: ''}}]\n";
    let other = "contexts: [{name: a, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: h}}]\n";
    let folder = folder(&[("first", entry), ("second", other)]);
    let config = Kubeconfig::load_in(None, listed(&folder, &["first", "second"])).unwrap();
    let error = Route::of(&config, "a").err().unwrap();
    assert_eq!(error.to_string(), "the context names the cluster ``, which is not in the kubeconfig");
}

#[test]
fn the_file_that_is_asked_for_is_the_only_one_and_must_exist() {
    let folder = folder(&[("one", "current-context: a\n"), ("two", "current-context: b\n")]);
    let config = Kubeconfig::load_in(Some(&folder.path().join("two")), listed(&folder, &["one"])).unwrap();
    assert_eq!(config.current(), Some("b"));
    let failure = Kubeconfig::load_in(Some(&folder.path().join("gone")), listed(&folder, &["one"])).unwrap_err();
    assert!(failure.summary().ends_with("gone`: it does not exist"), "{failure}");
}

#[test]
fn without_a_list_the_users_own_file_is_read() {
    let folder = folder(&[(".kube/config", "current-context: mine\n")]);
    for list in [None, Some(OsString::new()), Some(OsString::from(":"))] {
        let environment =
            Environment { kubeconfig: list, home: Some(folder.path().to_path_buf()), ..Environment::default() };
        assert_eq!(Kubeconfig::load_in(None, environment).unwrap().current(), Some("mine"));
    }
}

#[test]
fn no_kubeconfig_at_all_is_told_with_the_way_to_one() {
    let folder = folder(&[]);
    let home = Environment { home: Some(folder.path().to_path_buf()), ..Environment::default() };
    let failure = Kubeconfig::load_in(None, home).unwrap_err();
    assert_eq!(failure.what(), "there is no kubeconfig");
    assert!(failure.summary().contains(".kube/config` does not exist"), "{failure}");
    assert_offers_k3s(&failure);
    let failure = Kubeconfig::load_in(None, listed(&folder, &["x", "y"])).unwrap_err();
    assert!(failure.summary().contains("none of `"), "{failure}");
    assert_offers_k3s(&Kubeconfig::load_in(None, Environment::default()).unwrap_err());
}

#[cfg(unix)]
#[test]
fn a_file_of_another_user_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new();
    let file = room.file("k3s.yaml", "").path("k3s.yaml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    let may_read_all = std::fs::read(&file).is_ok();
    let mut command = if may_read_all { as_nobody(&room) } else { room.command(&[]) };
    let output = command.args(["discover", "--color", "never"]).env("KUBECONFIG", "k3s.yaml").output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(2), vec![]));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap());
}

/// The program as a user to whom something is forbidden, for tests that root runs. That user may not be able to see
/// the folder of the build, so a copy is run.
#[cfg(unix)]
fn as_nobody(room: &Room) -> Command {
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};
    const NOBODY: u32 = 65534;
    let (built, copy) = (env!("CARGO_BIN_EXE_thanosctl"), room.path("thanosctl"));
    // Copied by another process: were it written here, a child of another test might still hold it open for writing.
    assert!(Command::new("cp").arg(built).arg(&copy).status().unwrap().success());
    std::fs::set_permissions(room.path("."), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(copy);
    command.current_dir(room.path(".")).env_clear().uid(NOBODY).gid(NOBODY);
    command
}

#[test]
fn a_broken_file_is_told_by_place_never_by_its_text() {
    let told = refused("users:\n- name: a\n  user: hunter2\n");
    assert!(told.contains("line 3, column "), "{told}");
    let told = refused("users:\n- name: a\n  user: {token: hunter2, : [}\n");
    assert!(told.contains("line 3"), "{told}");
    let told = refused("contexts:\n- context: {cluster: hunter2}\n");
    assert!(told.contains("`name` is missing"), "{told}");
    refused("hunter2");
    refused("users: hunter2");
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let two = |list: &str, entry: &str| refused(&format!("{list}:\n- {{name: x, {entry}}}\n- {{name: x, {entry}}}\n"));
    assert!(two("contexts", "context: {cluster: c}").contains("two entries for context `x`"));
    assert!(two("clusters", "cluster: {server: s}").contains("two entries for cluster `x`"));
    assert!(two("users", "user: {token: hunter2}").contains("two entries for user `x`"));
}

#[test]
fn a_folder_in_place_of_a_file_is_an_error() {
    let folder = folder(&[]);
    assert!(Kubeconfig::load_in(Some(Path::new(folder.path())), Environment::default()).is_err());
}

/// What the program says of a cluster with this entry and a user with a token.
fn discovered(cluster: &serde_json::Value) -> crate::program::Run {
    let config = serde_json::json!({
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": "hunter2"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    });
    let room = crate::program::Room::new();
    room.file("kubeconfig", &config.to_string()).run(&["discover", "--kubeconfig", "kubeconfig"])
}

#[test]
fn a_server_whose_port_is_none_is_asked_nothing() {
    for port in ["99999", "abc", "+443"] {
        let run = discovered(&serde_json::json!({"server": format!("https://127.0.0.1:{port}")}));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        let told = "caused by: the cluster's `server` has a port that is no number up to 65535\nhint: look at the entries with";
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
}

/// kubectl 1.32 decides on the scheme before it looks at certificates.
#[test]
fn a_server_without_a_scheme_is_asked_by_http_without_credentials() {
    use crate::fake_api::FakeApi;
    let authority = crate::fake_tls::Identity::authority("ours", &[]).certificate_pem();
    let room = crate::program::Room::new();
    let file = room.file("ca.pem", &authority).path("ca.pem").display().to_string();
    for entry in [
        serde_json::json!({}),
        serde_json::json!({"certificate-authority": file}),
        serde_json::json!({"insecure-skip-tls-verify": true}),
        serde_json::json!({"tls-server-name": "kubernetes"}),
    ] {
        let api = FakeApi::with(vec![], vec![], vec![]);
        let mut cluster = entry;
        cluster["server"] = format!("127.0.0.1:{}", api.port()).into();
        let run = discovered(&cluster);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let requests = api.requests();
        assert!(requests.len() == 1 && requests[0].header("authorization").is_none(), "{requests:?}");
    }
}

/// The kubeconfig of a k3s server: its context, cluster and user are all called `default`.
fn of_k3s(context: &str, port: u16) -> String {
    format!(
        "contexts: [{{name: {context}, context: {{cluster: default, user: default}}}}]\n\
         clusters: [{{name: default, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\nusers: [{{name: default, user: {{}}}}]\n"
    )
}

#[test]
fn a_cluster_that_another_file_hides_is_named() {
    let api = |name: &str| {
        let service = crate::fake_api::service("monitoring", name, Some(30901));
        let slice = crate::fake_api::slice("monitoring", name);
        crate::fake_api::FakeApi::with(vec![service], vec![slice], vec![crate::fake_api::node("n")])
    };
    let (first, second) = (api("first-thanos-sidecar"), api("second-thanos-sidecar"));
    let room = Room::new();
    room.file("k1", &of_k3s("default", first.port()));
    let discover = |files: &str, more: &[&str]| {
        let settings = "services: {include: ['*/*-thanos-sidecar']}\n";
        room.file("thanosctl.yaml", settings);
        room.run_with(&[&["discover", "-o", "name"], more].concat(), &[("KUBECONFIG", files)])
    };
    // One name in both files: the second cluster is out of reach.
    room.file("k2", &of_k3s("default", second.port()));
    let run = discover("k1:k2", &["--all-contexts"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "default/monitoring/first-thanos-sidecar\n"), "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "warning: context `default` of `k2` is left out: `k1` has another of that name; the first file wins, as in kubectl: \
         rename one of them, or read the file alone with --kubeconfig k2\n"
    );
    // The context has a name of its own, and the cluster that it names is the first file's.
    room.file("k2", &of_k3s("other", second.port()));
    let run = discover("k1:k2", &["--context", "other"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "other/monitoring/first-thanos-sidecar\n"), "{}", run.stderr);
    assert!(
        run.stderr.starts_with(
            "warning: context `other` of `k2` leads to cluster `default` of `k1`, not to that of its own file;"
        ),
        "{}",
        run.stderr
    );
    // What the run does not ask is not told, nor a file that is listed twice.
    for (files, more) in
        [("k1:k2", &["--context", "default"][..]), ("k1:k1", &["--all-contexts"]), ("k2", &["--all-contexts"])]
    {
        let run = discover(files, more);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{files}");
    }
    room.file("thanosctl.yaml", "");
}
