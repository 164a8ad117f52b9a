//! `explain`: every finding is explained, here and in the documents.

use std::path::Path;

use thanosctl::findings::codes::{Explanation, all};

use crate::program::Room;

#[test]
fn a_finding_is_explained_by_its_code_or_its_name() {
    let room = Room::new();
    let run = room.run(&["explain", "THC103"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout);
    for same in ["thc103", "moved-store", "Moved-Store"] {
        assert_eq!(room.run(&["explain", same]), run);
    }
}

#[test]
fn every_finding_has_an_explanation_that_fits_the_screen() {
    let room = Room::new();
    let list = room.run(&["explain"]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(list.stdout);
    for line in list.stdout.lines() {
        let run = room.run(&["explain", &line[..6]]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 120), "{}", run.stdout);
    }
}

#[test]
fn an_unknown_finding_is_refused_with_its_neighbours() {
    let room = Room::new();
    let refused = |code: &str| {
        let run = room.run(&["explain", code]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        run.stderr
    };
    assert_eq!(
        refused("THC117"),
        "error: there is no finding `THC117`\n\
         hint: did you mean THC115 (value-differs) or THC114 (replica-labels-differ) or THC120 (unreadable-cluster)? \
         all codes are listed by\n      thanosctl explain\n"
    );
    assert_eq!(
        refused("stale-stor"),
        "error: there is no finding `stale-stor`\n\
         hint: did you mean THC102 (stale-store)? all codes are listed by\n      thanosctl explain\n"
    );
    assert_eq!(
        refused("\u{1b}[31m"),
        "error: there is no finding `\\u{1b}[31m`\nhint: all codes are listed by\n      thanosctl explain\n"
    );
}

#[test]
fn colour_is_there_only_where_it_is_wanted() {
    let room = Room::new();
    let coloured = |arguments: &[&str], environment: &[(&str, &str)]| {
        room.run_with(&[&["explain"], arguments].concat(), environment).stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("NO_COLOR", "1")]));
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    let (code, screen) = room.on_a_terminal(&["explain"], |_| None);
    assert!(code == 0 && screen.contains("\u{1b}[1mTHC101"), "{screen}");
    let (code, screen) = room.on_a_terminal(&["explain", "--color", "never"], |_| None);
    assert!(code == 0 && !screen.contains('\u{1b}'), "{screen}");
}

/// The part of docs/findings.md that follows from the registry.
fn documented() -> String {
    let line = |known: &Explanation| {
        let Explanation { code, name, severity, summary, meaning, remedy } = known;
        format!("\n### {code} {name}\n\n{severity}: {summary}.\n\n{meaning}\n\n{remedy}\n")
    };
    all().map(line).collect()
}

#[test]
fn the_documents_tell_the_same() {
    const MARK: &str = "<!-- codes -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (by_hand, codes) = text.split_once(MARK).expect("the mark is there");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{by_hand}{MARK}{}", documented())).unwrap();
    } else {
        assert_eq!(codes, documented(), "run UPDATE_DOCS=1 cargo test --test it findings");
    }
}

#[test]
fn what_an_explanation_says_to_write_into_the_settings_can_stand_there() {
    let room = Room::new();
    let inventory = crate::program::fixture("how-to/short/inventory.yaml");
    for (code, indent) in [("THC101", "    "), ("THC106", "")] {
        let text = room.run(&["explain", code]).stdout.replace('\n', " ");
        let mut quoted = text.split('`').skip(1).step_by(2);
        let is_snippet = |text: &&str| text.contains(": {") || text.contains(": [");
        let snippet = quoted.find(is_snippet).unwrap_or_else(|| panic!("{text}"));
        let snippet = snippet.replace("HOST:PORT", "192.0.2.1:10901").replace("NAMESPACE/NAME", "a/b");
        let settings = match indent {
            "" => snippet.clone(),
            _ => format!("clusters:\n  - context: prod-eu-1\n{indent}{snippet}\n  - context: prod-us-1\n"),
        };
        room.file("thanosctl.yaml", &settings);
        let run = room.run(&["discover", "--inventory", &inventory]);
        assert_eq!(run.code, 0, "{settings}: {}", run.stderr);
    }
}
