//! Which secrets are read, shown and written: what the command line says, whatever the settings want.

use crate::program::{Room, Run};

const PLANTED: &str = "hunter2-planted-token";

/// Settings that a stranger proposes: the secrets of the machine as the user and the password of MinIO.
const SETTINGS: &str = "clusters: [{name: eu, endpoints: ['192.0.2.1:10901']}]
secrets: inline
thanos:
  chartVersion: 17.3.1
  storegateway: {}
  minio: {buckets: [thanos], credentials: {rootUser: {env: CI_DEPLOY_USER}, rootPassword: {env: CI_DEPLOY_TOKEN}}}
";

const ENVIRONMENT: [(&str, &str); 2] = [("CI_DEPLOY_USER", "hunter2-planted-user"), ("CI_DEPLOY_TOKEN", PLANTED)];

fn room() -> Room {
    let room = Room::new();
    room.file("thanosctl.yaml", SETTINGS);
    room
}

fn run(room: &Room, arguments: &[&str]) -> Run {
    room.run_with(arguments, &ENVIRONMENT)
}

/// Runs, and makes sure that no secret is seen.
fn hides(room: &Room, arguments: &[&str], code: i32) -> Run {
    let run = run(room, arguments);
    assert!(!format!("{run:?}").contains("hunter2"), "{arguments:?}: {run:?}");
    run.exits(code)
}

/// A room with a file that holds the secrets.
fn written() -> Room {
    let room = room();
    run(&room, &["gen-values", "--secrets", "inline", "--write", "values.yaml"]).exits(0);
    assert!(room.text("values.yaml").contains(PLANTED));
    room
}

#[test]
fn secrets_are_starred_on_stdout_unless_the_command_line_says_otherwise() {
    let room = room();
    let shown = hides(&room, &["gen-values"], 0);
    assert!(
        shown.stdout.contains("rootPassword: \"***\"") || shown.stdout.contains("rootPassword: ***"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("rootUser: \"***\"") || shown.stdout.contains("rootUser: ***"), "{}", shown.stdout);
    assert!(shown.stdout.contains("# Its secrets are shown as ***") && !shown.stdout.contains("$(SECRET)"));
    assert!(shown.stderr.contains("secrets are shown as ***"), "{}", shown.stderr);
    hides(&room, &["gen-values", "--secrets", "inline"], 0);
    let open = run(&room, &["gen-values", "--show-secrets"]).exits(0);
    assert!(open.stdout.contains(PLANTED) && open.stdout.contains("hunter2-planted-user"), "{}", open.stdout);
    // No variable is even looked at where nothing is shown.
    let without = room.run(&["gen-values"]).exits(0);
    assert_eq!(without.stdout, shown.stdout);
}

#[test]
fn secrets_come_into_a_file_only_when_settings_and_command_line_say_so() {
    let room = room();
    for arguments in [&["gen-values", "--write", "v.yaml"][..], &["gen-values", "--write", "v.yaml", "--dry-run"]] {
        let refused = hides(&room, arguments, 2);
        assert!(
            refused.stderr.contains("--secrets inline") && refused.stderr.contains("thanosctl.yaml:2"),
            "{}",
            refused.stderr
        );
        assert!(!room.path("v.yaml").exists());
    }
    run(&room, &["gen-values", "--write", "v.yaml", "--secrets", "inline"]).exits(0);
    assert!(room.text("v.yaml").contains(PLANTED));
    // The safe way needs no settings.
    hides(&room, &["gen-values", "--write", "names.yaml", "--secrets", "manifest"], 0);
    assert!(!room.text("names.yaml").contains("hunter2") && room.text("names.yaml").contains("existing"));
    room.file("thanosctl.yaml", &SETTINGS.replace("secrets: inline\n", ""));
    let refused = hides(&room, &["gen-values", "--write", "w.yaml", "--secrets", "inline"], 2);
    assert!(refused.stderr.contains("`secrets: inline`"), "{}", refused.stderr);
}

#[test]
fn a_manifest_on_stdout_must_be_said_to_be_shown() {
    let room = Room::new();
    room.file("thanosctl.yaml", &SETTINGS.replace("secrets: inline\n", ""));
    let arguments = ["gen-values", "--write", "v.yaml", "--secret-manifest", "-"];
    let refused = hides(&room, &arguments, 2);
    assert!(refused.stderr.contains("--show-secrets") && !room.path("v.yaml").exists(), "{}", refused.stderr);
    let shown = run(&room, &[&arguments[..], &["--show-secrets"]].concat()).exits(0);
    assert!(shown.stdout.contains(PLANTED));
}

#[test]
fn no_patch_shows_a_secret_of_the_file_or_of_the_settings() {
    let room = written();
    // Another secret, another store and another key: all three are in the patch, and the secrets are not.
    let text = room.text("values.yaml");
    let old = text.replace(PLANTED, "hunter2-old").replace("192.0.2.1", "192.0.2.9");
    room.file("values.yaml", &old);
    for arguments in [
        &["diff", "--diff-style", "unified", "values.yaml"][..],
        &["gen-values", "--update", "values.yaml", "--check"],
        &["gen-values", "--update", "values.yaml", "--check", "--secrets", "inline"],
    ] {
        let patch = hides(&room, arguments, 1);
        assert!(
            patch.stdout.contains("+") && patch.stdout.contains("192.0.2.1:10901"),
            "{arguments:?} {}",
            patch.stdout
        );
    }
    // What is read is compared, and what is compared is not shown.
    let compared = hides(&room, &["gen-values", "--update", "values.yaml", "--check", "--secrets", "inline"], 1);
    assert!(
        compared.stdout.lines().any(|line| line.starts_with('+') && line.contains("rootPassword: ***")),
        "{}",
        compared.stdout
    );
    assert!(compared.stderr.contains("shown as ***"), "{}", compared.stderr);
    let open = run(&room, &["gen-values", "--update", "values.yaml", "--check", "--show-secrets"]).exits(1);
    assert!(open.stdout.contains(PLANTED) && open.stdout.contains("hunter2-old"), "{}", open.stdout);
    let open = run(&room, &["diff", "--diff-style", "unified", "--show-secrets", "values.yaml"]).exits(1);
    assert!(!open.stdout.contains(PLANTED), "diff reads none: {}", open.stdout);
    room.file("values.yaml", &text);
    hides(&room, &["diff", "values.yaml"], 0);
    hides(&room, &["gen-values", "--update", "values.yaml", "--check", "--secrets", "inline"], 0);
}

#[test]
fn a_patch_without_secrets_is_applied_as_it_is() {
    let room = Room::new();
    room.file(
        "thanosctl.yaml",
        "clusters: [{name: eu, endpoints: ['192.0.2.1:10901']}]\nthanos: {chartVersion: 17.3.1}\n",
    );
    let lead = "auth: {existingSecret: a}\nextraVolumes:\n  - name: tls\n    secret:\n      secretName: b\n      items: [{key: ca, path: ca.crt}]\n";
    room.file(
        "values.yaml",
        &format!("{lead}query:\n  stores: [\"192.0.2.9:10901\"]\n  replicaLabel: [prometheus_replica]\n"),
    );
    let patch = room.run(&["gen-values", "--update", "values.yaml", "--check"]).exits(1);
    assert!(!patch.stdout.contains("***") && patch.stdout.contains("secretName: b"), "{}", patch.stdout);
    assert!(!patch.stderr.contains("***"), "{}", patch.stderr);
}

#[test]
fn diff_reads_no_secret_and_says_so() {
    let room = written();
    // Nothing is set here, and nothing is missed.
    let run = room.run(&["diff", "values.yaml"]).exits(0);
    assert!(run.stderr.contains("no secret is read"), "{}", run.stderr);
    let run = room.run(&["validate", "values.yaml"]);
    assert!(run.code == 0 && !format!("{run:?}").contains("hunter2"), "{run:?}");
    // A difference beside a secret is one all the same.
    room.file("values.yaml", &room.text("values.yaml").replace("bucket: thanos", "bucket: other"));
    let run = room.run(&["diff", "values.yaml"]).exits(1);
    assert!(run.stdout.contains("objstore") && !format!("{run:?}").contains("hunter2"), "{run:?}");
}

#[test]
fn only_variables_that_may_be_read_are() {
    let room = room();
    let arguments =
        ["gen-values", "--secrets", "inline", "--write", "v.yaml", "--allow-env", "THANOS_", "--allow-env", "S3_"];
    let refused = hides(&room, &arguments, 2);
    assert!(refused.stderr.contains("CI_DEPLOY_TOKEN") && refused.stderr.contains("--allow-env"), "{}", refused.stderr);
    assert!(!room.path("v.yaml").exists());
    run(&room, &[&arguments[..], &["--allow-env", "CI_DEPLOY_"]].concat()).exits(0);
}

#[cfg(unix)]
#[test]
fn files_of_secrets_stay_below_the_settings() {
    let outside = Room::new();
    outside.file("token", PLANTED);
    let absolute = outside.path("token").display().to_string();
    let room = Room::new();
    room.file("deploy/secrets/inner", "hunter2-inner-secret").file("above", PLANTED);
    // There CI jobs keep the token with which they fetched the repository.
    room.file("deploy/.git/config", PLANTED);
    std::os::unix::fs::symlink(outside.path("token"), room.path("deploy/link")).unwrap();
    std::os::unix::fs::symlink(outside.path("."), room.path("deploy/folder")).unwrap();
    let arguments = ["gen-values", "--config", "deploy/thanosctl.yaml", "--secrets", "inline", "--write", "v.yaml"];
    for (file, is_inside) in [
        ("secrets/inner", true),
        ("secrets/../secrets/inner", true),
        (absolute.as_str(), false),
        ("../above", false),
        ("link", false),
        ("folder/token", false),
        ("secrets/../../above", false),
        ("/proc/self/environ", false),
        (".git/config", false),
        ("nowhere", false),
    ] {
        let settings = SETTINGS.replace("{env: CI_DEPLOY_TOKEN}", &format!("{{file: {file}}}"));
        room.file("deploy/thanosctl.yaml", &settings);
        let run = room.run_with(&arguments, &ENVIRONMENT);
        assert_eq!(run.code, if is_inside { 0 } else { 2 }, "{file}: {run:?}");
        assert!(!format!("{run:?}").contains("hunter2"), "{file}: {run:?}");
        let _ = std::fs::remove_file(room.path("v.yaml"));
    }
    room.file("deploy/thanosctl.yaml", &SETTINGS.replace("{env: CI_DEPLOY_TOKEN}", "{file: link}"));
    let folder = outside.path(".").display().to_string();
    room.run_with(&[&arguments[..], &["--allow-files-from", &folder]].concat(), &ENVIRONMENT).exits(0);
    assert!(room.text("v.yaml").contains(PLANTED));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_closed_when_secrets_come_into_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |room: &Room| std::fs::metadata(room.path("values.yaml")).unwrap().permissions().mode() & 0o777;
    let open = |room: &Room, bits| {
        std::fs::set_permissions(room.path("values.yaml"), std::fs::Permissions::from_mode(bits)).unwrap();
    };
    let write = ["gen-values", "--secrets", "inline", "--write", "values.yaml"];
    let update = ["gen-values", "--secrets", "inline", "--update", "values.yaml"];
    for (arguments, text) in [
        (&write[..], None),
        (&write, Some(("192.0.2.1", "192.0.2.9"))),
        (&update, None),
        (&update, Some(("192.0.2.1", "192.0.2.9"))),
    ] {
        for bits in [0o644, 0o640, 0o666, 0o604] {
            let room = written();
            if let Some((from, to)) = text {
                room.file("values.yaml", &room.text("values.yaml").replace(from, to));
            }
            open(&room, bits);
            let run = run(&room, arguments);
            assert_eq!((run.code, mode(&room)), (0, 0o600), "{arguments:?} {bits:o}: {}", run.stderr);
            assert!(run.stderr.contains("mode 0600"), "{arguments:?}: {}", run.stderr);
        }
    }
    // Without secrets the mode is nobody's business.
    let room = Room::new();
    room.file("thanosctl.yaml", &SETTINGS.replace("secrets: inline\n", ""));
    run(&room, &["gen-values", "--write", "values.yaml"]).exits(0);
    open(&room, 0o664);
    room.file("thanosctl.yaml", &SETTINGS.replace("secrets: inline\n", "").replace("192.0.2.1", "192.0.2.2"));
    run(&room, &["gen-values", "--write", "values.yaml", "--force"]).exits(0);
    assert_eq!(mode(&room), 0o664);
}

#[test]
fn a_password_in_the_settings_or_in_the_file_is_starred_too() {
    let room = Room::new();
    let config = "{alertmanagers: [{static_configs: ['am:9093'], http_config: {basic_auth: {username: a, password: hunter2-am}}}]}";
    room.file(
        "thanosctl.yaml",
        &format!(
            "clusters: [{{name: eu, endpoints: ['192.0.2.1:10901']}}]\nthanos:\n  chartVersion: 17.3.1\n  objstore: {{existingSecret: a}}\n  ruler: {{rules: [], alertmanagersConfig: {config}}}\n  values: {{auth: {{basicAuthUsers: {{admin: hunter2-auth}}}}}}\n"
        ),
    );
    let run = room.run(&["gen-values"]);
    assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
}
