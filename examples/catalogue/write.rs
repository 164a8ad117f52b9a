//! The catalogue as text: spans of versions instead of versions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use thanosctl::chart::version::Version;

use super::history::History;
use super::keys::Kind;

/// How wide a line of versions is.
const WIDTH: usize = 118;

/// The catalogue of `chart`.
pub(crate) fn catalogue(chart: &str, history: &History) -> String {
    let mut text = format!(
        "# What chart {chart} reads, version by version. Made by `cargo run --example catalogue`; CONTRIBUTING.md says how to\n\
         # make it anew when a version is released. One key a line, a space deeper than the key that holds it:\n\
         #   NAME [KIND] [FIRST..LAST]... [KIND FIRST..LAST]...\n\
         # KIND: bool, text (or a number), list, map (of keys that are known), free (a mapping of whatever), none for anything.\n\
         # Or dead=VALUE: no template reads it, and VALUE is what the chart's values.yaml has there, as JSON.\n\
         # FIRST..LAST: the versions that know it so; without, all that know the key above it. An end that is left out reaches\n\
         # as far as that key does.\n"
    );
    let _ = writeln!(text, "chart {chart}");
    let mut line = String::new();
    for (version, ..) in history {
        let word = version.to_string();
        if !line.is_empty() && line.len() + word.len() + 1 > WIDTH {
            let _ = writeln!(text, "{line}");
            line.clear();
        }
        if line.is_empty() {
            line.push_str("versions");
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(text, "{line}");
    let versions: Vec<Version> = history.iter().map(|(version, ..)| *version).collect();
    let all: Vec<usize> = (0..versions.len()).collect();
    let apps = history.iter().enumerate().filter(|(_, (_, app, _))| !app.is_empty());
    for (app, span) in runs(apps.map(|(at, (_, app, _))| (at, app.clone())).collect()) {
        let _ = writeln!(text, "app {app} {}", words(&span, &all, &versions));
    }
    let mut root = Node::default();
    for (at, (.., keys)) in history.iter().enumerate() {
        for (path, kind) in keys {
            let node = path.iter().fold(&mut root, |node, name| node.below.entry(name.clone()).or_default());
            node.kinds.push((at, kind.clone()));
        }
    }
    write(&root, 0, &all, &versions, &mut text);
    text
}

/// A key: in which versions, by their numbers, it is of which kind.
#[derive(Default)]
struct Node {
    kinds: Vec<(usize, Kind)>,
    below: BTreeMap<String, Node>,
}

fn write(node: &Node, depth: usize, parent: &[usize], versions: &[Version], text: &mut String) {
    for (name, key) in &node.below {
        let _ = write!(text, "{:depth$}{name}", "");
        let known: Vec<usize> = key.kinds.iter().map(|(at, _)| *at).collect();
        let runs = runs(key.kinds.clone());
        if let [(kind, _)] = runs.as_slice()
            && known == parent
        {
            if *kind != Kind::Any {
                let _ = write!(text, " {}", kind.word());
            }
        } else {
            let mut before = None;
            for (kind, span) in runs {
                if before.as_ref() != Some(&kind) && (kind != Kind::Any || before.is_some()) {
                    let word = if kind == Kind::Any { "any".to_owned() } else { kind.word() };
                    let _ = write!(text, " {word}");
                }
                before = Some(kind);
                let _ = write!(text, " {}", words(&span, parent, versions));
            }
        }
        text.push('\n');
        write(key, depth + 1, &known, versions, text);
    }
}

/// Numbers that follow each other with the same value, as spans: in the order of their beginnings.
pub(super) fn runs<T: Clone + PartialEq>(values: Vec<(usize, T)>) -> Vec<(T, (usize, usize))> {
    let mut runs: Vec<(T, (usize, usize))> = Vec::new();
    for (at, value) in values {
        match runs.last_mut() {
            Some((before, (_, last))) if *before == value && *last + 1 == at => *last = at,
            _ => runs.push((value, (at, at))),
        }
    }
    runs
}

/// A span, with the ends left out that are those of `parent`.
fn words(span: &(usize, usize), parent: &[usize], versions: &[Version]) -> String {
    let end =
        |at: usize, edge: Option<&usize>| if edge == Some(&at) { String::new() } else { versions[at].to_string() };
    format!("{}..{}", end(span.0, parent.first()), end(span.1, parent.last()))
}
