//! What is typed and cannot be meant is refused before anything is done.

use crate::program::Room;

#[test]
fn the_version_flag_of_helm_is_no_flag_of_a_verb() {
    let room = Room::new();
    for verb in ["gen-values", "diff", "validate"] {
        for flag in [&["--version", "17.3.1"][..], &["--version=17.3.1"], &["-V", "17.3.1"], &["--version"], &["-V"]] {
            let arguments = [&[verb][..], flag].concat();
            let run = room.run(&arguments);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
            assert!(run.stderr.contains("'--chart-version'"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_verb_without_a_chart_knows_no_version_either() {
    let room = Room::new();
    for verb in ["discover", "patch-nodeport", "expose", "explain", "schema"] {
        for flag in ["--version", "-V"] {
            let run = room.run(&[verb, flag]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{verb}");
            assert!(run.stderr.contains(&format!("unexpected argument '{flag}' found")), "{}", run.stderr);
            assert!(run.stderr.contains("'thanosctl --version'"), "{}", run.stderr);
            assert!(!run.stderr.contains("chart-version"), "{}", run.stderr);
        }
    }
}

#[test]
fn the_program_itself_has_a_version() {
    let room = Room::new();
    for flag in ["--version", "-V"] {
        let run = room.run(&[flag]);
        assert_eq!((run.code, run.stdout), (0, format!("thanosctl {}\n", env!("CARGO_PKG_VERSION"))));
    }
}

#[test]
fn a_chart_or_version_of_the_settings_that_is_not_known_is_told_with_its_place() {
    for (settings, place) in [
        ("thanos:\n  chartVersion: 99.1.0\n", "thanosctl.yaml:2:3: "),
        ("thanos:\n  release: a\n  chart: bitnami/thanoss\n", "thanosctl.yaml:3:3: "),
    ] {
        let room = Room::new();
        let fleet = "clusters: [{name: eu, endpoints: ['192.0.2.1:10901']}]\n";
        room.file("thanosctl.yaml", &format!("{settings}{fleet}"));
        room.file("values.yaml", "query:\n  stores: ['192.0.2.1:10901']\n");
        for arguments in [
            &["gen-values"][..],
            &["gen-values", "--update", "values.yaml"],
            &["diff", "values.yaml"],
            &["validate", "values.yaml"],
        ] {
            let run = room.run(arguments);
            assert!(run.code == 2 && run.stdout.is_empty(), "{arguments:?}: {run:?}");
            assert!(run.stderr.contains(&format!("error: {place}")), "{arguments:?}: {}", run.stderr);
            assert!(!run.stderr.contains("nothing found"), "{arguments:?}: {}", run.stderr);
            // A flag that says otherwise decides.
            let flags = ["--chart", "bitnami/thanos", "--chart-version", "17.3.1"];
            let run = room.run(&[arguments, &flags].concat());
            assert!(run.code < 2, "{arguments:?}: {}", run.stderr);
        }
        let run = room.run(&["gen-values", "--chart", "bitnami/thanos", "--chart-version", "99"]);
        assert!(run.code == 2 && !run.stderr.contains("thanosctl.yaml:"), "{}", run.stderr);
    }
}
