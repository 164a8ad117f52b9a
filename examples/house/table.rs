//! The figures, as a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::arrows;
use crate::sources::{Module, Sources};

/// All figures, one to a line, the worst cases below them.
pub(crate) fn table(sources: &Sources) -> String {
    let files: Vec<&Module> = sources.files().collect();
    let lines: usize = files.iter().map(|file| file.lines).sum();
    let functions = lengths(sources.modules.values().flat_map(|module| &module.functions).map(|(_, _, lines)| *lines));
    let sizes = lengths(files.iter().map(|file| file.lines));
    let public: usize = sources.modules.values().map(|module| module.public).sum();
    let arrows = arrows::arrows(sources);
    let circles = arrows::circles(&arrows);
    let mut text = String::new();
    let mut row = |name: &str, value: String| writeln!(text, "{name:<44} {value}").expect("a text takes all");
    row("files", files.len().to_string());
    row("lines without tests", lines.to_string());
    row("lines of a file: median, longest", format!("{}, {}", percentile(&sizes, 50), percentile(&sizes, 100)));
    row("files above 300 lines", sizes.iter().filter(|lines| **lines > 300).count().to_string());
    row("functions", functions.len().to_string());
    let of = |percent| percentile(&functions, percent);
    row("lines of a function: median, p90, longest", format!("{}, {}, {}", of(50), of(90), of(100)));
    row("functions above 50, above 80 lines", format!("{}, {}", above(&functions, 50), above(&functions, 80)));
    row("lines of tests to lines of code", format!("{:.2}", sources.test_lines as f64 / lines as f64));
    row("public items to 1,000 lines", (public * 1000 / lines.max(1)).to_string());
    row("circles of files", circles.len().to_string());
    row("files in the largest circle", circles.first().map_or(0, Vec::len).to_string());
    for (folder, (files, lines)) in folders(&files) {
        row(&format!("  {folder}"), format!("{files} files, {lines} lines"));
    }
    for circle in &circles {
        row("  circle", circle.join(" "));
        let inside = |arrow: &&arrows::Arrow| circle.contains(&arrow.from) && circle.contains(&arrow.to);
        for arrow in arrows.iter().filter(inside) {
            row(&format!("    {}:{}", arrow.from, arrow.line), format!("{} of {}", arrow.what, arrow.to));
        }
    }
    for (name, places) in twice(sources) {
        row(&format!("  {name} stands {} times", places.len()), places.join(" "));
    }
    let long = |file: &&Module| file.lines > 300;
    for file in files.iter().copied().filter(long) {
        row(&format!("  {}", file.file), format!("{} lines", file.lines));
    }
    for (file, name, lines) in long_functions(sources, 80) {
        row(&format!("  {file}"), format!("fn {name}: {lines} lines"));
    }
    text
}

/// Functions of more than `limit` lines: file, name, lines.
pub(crate) fn long_functions(sources: &Sources, limit: usize) -> Vec<(&str, &str, usize)> {
    let all = sources
        .modules
        .values()
        .flat_map(|module| module.functions.iter().map(|function| (module.file.as_str(), function)));
    all.filter(|(_, (_, _, lines))| *lines > limit)
        .map(|(file, (name, _, lines))| (file, name.as_str(), *lines))
        .collect()
}

/// Names of files and of types that stand more than once, with their places.
pub(crate) fn twice(sources: &Sources) -> Vec<(String, Vec<&str>)> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for module in sources.files() {
        let name = module.file.rsplit('/').next().unwrap_or_default();
        if name != "mod.rs" {
            places.entry(name.to_owned()).or_default().push(&module.file);
        }
        for name in &module.types {
            places.entry(format!("type {name}")).or_default().push(&module.file);
        }
    }
    places.into_iter().filter(|(_, places)| places.len() > 1).collect()
}

/// Files and lines of each folder at the top, and of the files beside them.
fn folders(files: &[&Module]) -> BTreeMap<String, (usize, usize)> {
    let mut folders = BTreeMap::new();
    for file in files {
        let folder =
            file.file.split_once('/').map_or("files at the top".to_owned(), |(folder, _)| format!("{folder}/"));
        let (files, lines) = folders.entry(folder).or_insert((0, 0));
        *files += 1;
        *lines += file.lines;
    }
    folders
}

fn lengths(lengths: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sorted: Vec<usize> = lengths.collect();
    sorted.sort_unstable();
    sorted
}

/// The length that this share of all does not exceed, in percent.
pub(crate) fn percentile(sorted: &[usize], percent: usize) -> usize {
    let at = (sorted.len() * percent).div_ceil(100).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(0)
}

fn above(lengths: &[usize], limit: usize) -> usize {
    lengths.iter().filter(|length| **length > limit).count()
}
