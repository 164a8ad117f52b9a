//! What the figures may not exceed. A limit that is too high for what the sources are now is lowered with the change that
//! made it so.

use crate::arrows::{arrows, circles};
use crate::sources::SOURCES;
use crate::table::{long_functions, percentile};

/// Files above 300 lines that are no tables, and how many lines each may have.
const LONG_FILES: usize = 47;

/// Circles of files, and files in the largest.
const CIRCLES: (usize, usize) = (14, 4);

#[test]
fn files_are_short() {
    let long: Vec<_> = SOURCES.files().filter(|module| module.lines > 300).map(|module| module.file.as_str()).collect();
    assert!(long.len() <= LONG_FILES, "{} files above 300 lines: {}", long.len(), long.join(" "));
}

#[test]
fn functions_are_short() {
    let long = long_functions(&SOURCES, 80);
    assert!(long.len() <= 1, "functions above 80 lines: {long:?}");
    let mut lengths: Vec<usize> =
        SOURCES.modules.values().flat_map(|module| &module.functions).map(|(_, _, lines)| *lines).collect();
    lengths.sort_unstable();
    assert!(percentile(&lengths, 90) <= 27, "nine of ten functions have at most {} lines", percentile(&lengths, 90));
}

#[test]
fn no_files_know_each_other_in_a_circle() {
    let circles = circles(&arrows(&SOURCES));
    let largest = circles.first().map_or(0, Vec::len);
    assert!(circles.len() <= CIRCLES.0 && largest <= CIRCLES.1, "{circles:#?}");
}
