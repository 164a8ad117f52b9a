//! Each layer keeps to what it may know (the picture in `src/lib.rs`).

use std::fs;
use std::path::{Path, PathBuf};

/// What only the ends of the program may touch.
const OUTSIDE: [&str; 8] = ["tokio", "kube::", "clap", "std::fs", "std::env", "std::process", "std::time", "async "];

/// The layers, from the top to the bottom: files and folders under `src`, and whether they stay inside.
const LAYERS: [(&[&str], bool); 7] = [
    (&["commands"], false),
    (&["cli.rs", "settings.rs", "settings", "journal", "terminal.rs"], false),
    (&["cluster"], false),
    (&["child.rs", "files.rs"], false),
    (&["chart", "inventory_file", "report"], true),
    (&["model"], true),
    (&["document.rs", "failure.rs", "go_number.rs", "go_yaml", "json.rs", "places.rs", "text.rs", "yaml.rs"], true),
];

/// What single places must do without besides.
const RULES: [(&str, &[&str]); 8] = [
    ("commands", &["kube::", "k8s_openapi", "std::fs"]),
    ("cluster", &["crate::chart", "crate::inventory_file", "crate::report"]),
    ("chart", &["crate::inventory_file", "crate::report"]),
    ("report", &["crate::chart", "crate::inventory_file"]),
    ("settings.rs", &["tokio", "kube::", "clap", "std::env"]),
    ("settings", &["tokio", "kube::", "clap", "std::env", "std::fs"]),
    ("files.rs", &["tokio", "kube::", "clap", "std::env"]),
    ("", &["print!(", "println!(", "dbg!(", "todo!(", "unimplemented!("]),
];

/// The words that must not stand in a place, by its layer and by its own rules.
fn forbidden() -> Vec<(&'static str, Vec<String>)> {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    for (height, (places, inside)) in LAYERS.iter().enumerate() {
        let above = LAYERS[..height].iter().flat_map(|(places, _)| *places);
        let mut words: Vec<String> = above.map(|place| format!("crate::{}", place.trim_end_matches(".rs"))).collect();
        if *inside {
            words.extend(OUTSIDE.map(str::to_owned));
        }
        all.extend(places.iter().map(|place| (*place, words.clone())));
    }
    all.extend(RULES.map(|(place, words)| (place, words.iter().map(|word| (*word).to_owned()).collect())));
    all
}

#[test]
fn no_layer_reaches_where_it_should_not() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    for (place, forbidden) in forbidden() {
        let files = sources(&src.join(place));
        assert!(!files.is_empty(), "src/{place} is gone: change the rule with the layer");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            // Tests at the bottom of a file may do what its code may not.
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for word in forbidden.iter().filter(|word| line.contains(word.as_str())) {
                    broken.push(format!("{}:{}: `{word}`", file.strip_prefix(&src).unwrap().display(), number + 1));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs");
    entries.filter(is_source).filter(|path| !path.ends_with("tests.rs")).flat_map(|path| sources(&path)).collect()
}
