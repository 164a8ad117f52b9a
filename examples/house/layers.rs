//! Each layer keeps to what it may know (the picture in `src/lib.rs`).

use crate::arrows::{arrows, resolve};
use crate::sources::{Module, Named, SOURCES};

/// What only the ends of the program may touch.
const OUTSIDE: [&str; 7] = ["tokio", "kube", "clap", "std::fs", "std::env", "std::process", "std::time"];

/// The layers, from the top to the bottom: files and folders below `src`, and whether they stay inside.
const LAYERS: [(&[&str], bool); 9] = [
    (&["main.rs", "lib.rs"], false),
    (&["commands/"], false),
    (&["cli/", "settings_file.rs", "settings_file/", "journal/", "terminal/"], false),
    (&["cluster/"], false),
    (&["child.rs", "files.rs"], false),
    (&["chart/"], true),
    (&["fleet/", "settings/", "thanos/"], true),
    (&["findings/"], true),
    (
        &[
            "document.rs",
            "failure.rs",
            "json.rs",
            "languages/",
            "names.rs",
            "place.rs",
            "secret.rs",
            "template.rs",
            "text.rs",
            "yaml.rs",
        ],
        true,
    ),
];

/// Places that do not know each other, though their layers would allow it.
const APART: [(&str, &[&str]); 2] = [
    ("cluster/", &["chart/", "fleet/inventory_file/", "findings/report/"]),
    ("chart/", &["fleet/inventory_file/", "findings/report/"]),
];

/// Crates and modules of std that a place does without, besides what its layer does.
const WITHOUT: [(&str, &[&str]); 5] = [
    ("commands/", &["kube", "k8s_openapi", "std::fs"]),
    ("settings_file.rs", &["tokio", "kube", "clap", "std::env"]),
    ("settings_file/", &["tokio", "kube", "clap", "std::env", "std::fs"]),
    ("files.rs", &["tokio", "kube", "clap", "std::env"]),
    ("", &["print!", "println!", "dbg!", "todo!", "unimplemented!"]),
];

fn layer(file: &str) -> usize {
    let found = LAYERS.iter().position(|(places, _)| places.iter().any(|place| file.starts_with(place)));
    found.unwrap_or_else(|| panic!("src/{file} is in no layer: add it to LAYERS"))
}

#[test]
fn no_file_knows_a_layer_above_its_own() {
    for place in LAYERS.iter().flat_map(|(places, _)| *places).filter(|place| **place != "main.rs") {
        assert!(
            SOURCES.files().any(|module| module.file.starts_with(place)),
            "src/{place} is gone: change the rule with the layer"
        );
    }
    let upwards = |from: &str, to: &str| layer(from) > layer(to);
    let apart = |from: &str, to: &str| {
        APART.iter().any(|(place, others)| from.starts_with(place) && others.iter().any(|other| to.starts_with(other)))
    };
    let wrong: Vec<String> = arrows(&SOURCES)
        .iter()
        .filter(|arrow| upwards(&arrow.from, &arrow.to) || apart(&arrow.from, &arrow.to))
        .map(|arrow| format!("src/{}:{}: `{}` of src/{}", arrow.from, arrow.line, arrow.what, arrow.to))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_layer_touches_what_is_outside_of_it() {
    let mut wrong = Vec::new();
    for (name, module) in &SOURCES.modules {
        let is_inside = LAYERS[layer(&module.file)].1;
        let inside = OUTSIDE.iter().filter(|_| is_inside);
        let own = WITHOUT.iter().filter(|(place, _)| module.file.starts_with(place)).flat_map(|(_, words)| *words);
        for word in inside.chain(own) {
            let lines = touched(name, module, word);
            wrong.extend(lines.iter().map(|line| format!("src/{}:{line}: `{word}`", module.file)));
        }
        if is_inside {
            wrong.extend(module.asynchronous.iter().map(|line| format!("src/{}:{line}: `async`", module.file)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines on which a module names a crate, a module of std, or a macro (`name!`).
fn touched(name: &[String], module: &Module, word: &str) -> Vec<usize> {
    if let Some(wanted) = word.strip_suffix('!') {
        return module.macros.iter().filter(|(name, _)| name == wanted).map(|(_, line)| *line).collect();
    }
    let is_own = |path: &Named| resolve(&SOURCES, name, &path.words).is_some();
    let names = |path: &Named| format!("{}::", path.words.join("::")).starts_with(&format!("{word}::"));
    module.paths.iter().filter(|path| names(path) && !is_own(path)).map(|path| path.line).collect()
}
