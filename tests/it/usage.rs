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
