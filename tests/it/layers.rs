//! Each layer keeps to what it may know (the picture in `src/lib.rs`).

use std::fs;
use std::path::{Path, PathBuf};

/// A folder or file under `src`, and the words that must not stand in its code.
const RULES: [(&str, &[&str]); 8] = [
    (
        "model",
        &[
            "tokio",
            "kube::",
            "clap",
            "std::fs",
            "std::env",
            "std::net::Tcp",
            "std::process",
            "std::time",
            "async ",
            "crate::chart",
            "crate::cluster",
            "crate::commands",
            "crate::settings",
            "crate::terminal",
            "crate::files",
        ],
    ),
    (
        "chart",
        &[
            "tokio",
            "kube::",
            "clap",
            "std::fs",
            "std::env",
            "std::process",
            "std::time",
            "async ",
            "crate::cluster",
            "crate::commands",
            "crate::settings",
            "crate::terminal",
            "crate::files",
        ],
    ),
    (
        "document",
        &[
            "tokio",
            "kube::",
            "clap",
            "std::fs",
            "std::env",
            "async ",
            "crate::chart",
            "crate::cluster",
            "crate::commands",
            "crate::settings",
            "crate::terminal",
            "crate::files",
        ],
    ),
    ("cluster", &["clap", "crate::chart", "crate::commands", "crate::settings", "crate::terminal"]),
    (
        "settings.rs",
        &[
            "tokio",
            "kube::",
            "clap",
            "std::env",
            "crate::chart",
            "crate::cluster",
            "crate::commands",
            "crate::terminal",
        ],
    ),
    (
        "files.rs",
        &[
            "tokio",
            "kube::",
            "clap",
            "std::env",
            "crate::chart",
            "crate::cluster",
            "crate::commands",
            "crate::terminal",
        ],
    ),
    ("commands", &["kube::", "k8s_openapi"]),
    ("", &["print!(", "println!(", "dbg!(", "todo!(", "unimplemented!("]),
];

#[test]
fn no_layer_reaches_where_it_should_not() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut broken = Vec::new();
    for (place, forbidden) in RULES {
        let files = sources(&src.join(place));
        assert!(!files.is_empty(), "src/{place} is gone: change the rule with the layer");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            // Tests at the bottom of a file may do what its code may not.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for word in forbidden.iter().filter(|word| line.contains(**word)) {
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
