//! Tables for people: columns in line, nothing cut off, no word broken, without colour.

use unicode_width::UnicodeWidthStr as _;

use crate::text::{clean, wrapped};

/// What stands between two columns.
const GAP: &str = "   ";

/// How far a line is moved in that goes on with the row above it.
const INDENT: &str = "  ";

/// The last column is wrapped beside the others where the terminal leaves it so much room; with less it goes below them.
const ROOM_FOR_LAST: usize = 30;

/// Rows under their heads. In a terminal of `width` columns the last column is wrapped between words, or stands below its
/// row where there is no room beside it; `None` wraps nothing.
pub(super) fn lay_out(heads: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let last = heads.len() - 1;
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain([&heads[column]]);
        cells.map(|cell| cell.width()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heads.len()).map(widest).collect();
    let beside: usize = widths[..last].iter().map(|width| width + GAP.len()).sum();
    let longest_word =
        rows.iter().filter_map(|row| row.get(last)).flat_map(|cell| cell.split(' ')).map(str::width).max();
    let width = width.map(usize::from);
    let place = match width {
        Some(width) if beside + widths[last] > width => {
            let room = width.saturating_sub(beside);
            if room >= ROOM_FOR_LAST.max(longest_word.unwrap_or_default()) {
                Place::Beside(room)
            } else {
                Place::Below(width)
            }
        }
        Some(_) | None => Place::Beside(usize::MAX),
    };
    let mut text = String::new();
    for row in std::iter::once(&heads).chain(&rows) {
        let lines = match place {
            Place::Beside(room) => beside_lines(row, &widths, room),
            Place::Below(width) => below_lines(row, &widths, width),
        };
        lines.iter().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
    }
    text
}

/// Where the last column stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In its column, which is so wide.
    Beside(usize),
    /// Under the rest of its row, on a screen that is so wide.
    Below(usize),
}

fn beside_lines(row: &[String], widths: &[usize], room: usize) -> Vec<String> {
    let (last, first) = row.split_last().expect("a row has cells");
    let line: String = first.iter().zip(widths).map(|(cell, width)| padded(cell, *width) + GAP).collect();
    let blank = " ".repeat(line.width());
    let wrapped = wrapped(last, room);
    let lines = wrapped.iter().enumerate();
    lines.map(|(at, text)| format!("{}{text}", if at == 0 { &line } else { &blank })).collect()
}

/// The cells in line as far as they fit, those that do not in a line of their own, then the last below.
fn below_lines(row: &[String], widths: &[usize], width: usize) -> Vec<String> {
    let (last, first) = row.split_last().expect("a row has cells");
    let mut lines = vec![String::new()];
    for (cell, column) in first.iter().zip(widths) {
        let line = lines.last_mut().expect("there is a line");
        if !line.trim().is_empty() && line.width() + cell.width() > width {
            lines.push(format!("{INDENT}{}{GAP}", padded(cell, *column)));
        } else {
            line.push_str(&(padded(cell, *column) + GAP));
        }
    }
    let below = wrapped(last, width.saturating_sub(INDENT.len()));
    lines.extend(below.into_iter().filter(|text| !text.is_empty()).map(|text| format!("{INDENT}{text}")));
    lines
}

fn padded(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADS: [&str; 3] = ["CLUSTER", "SERVICE", "REMARKS"];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![
            row(["eu", "monitoring/prometheus", "private address: it answers inside the network alone"]),
            row(["日本", "monitoring/kube-prometheus-stack-thanos-external", ""]),
        ]
    }

    #[test]
    fn a_wide_screen_has_one_line_a_row() {
        let expected = "CLUSTER   SERVICE                                            REMARKS\n\
             eu        monitoring/prometheus                              private address: it answers inside the network alone\n\
             日本      monitoring/kube-prometheus-stack-thanos-external\n";
        assert_eq!(lay_out(&HEADS, rows(), None), expected);
        assert_eq!(lay_out(&HEADS, rows(), Some(200)), expected);
    }

    #[test]
    fn the_last_column_is_wrapped_beside_or_below_the_others() {
        assert_eq!(
            lay_out(&HEADS, rows(), Some(100)).lines().nth(2),
            Some("                                                             network alone")
        );
        assert_eq!(
            lay_out(&HEADS, rows(), Some(70)),
            "CLUSTER   SERVICE\n  REMARKS\neu        monitoring/prometheus\n  private address: it answers inside the network \
             alone\n日本      monitoring/kube-prometheus-stack-thanos-external\n"
        );
        assert_eq!(
            lay_out(&HEADS, rows(), Some(40)),
            "CLUSTER   SERVICE\n  REMARKS\neu        monitoring/prometheus\n  private address: it answers inside the\n  \
             network alone\n日本\n  monitoring/kube-prometheus-stack-thanos-external\n"
        );
    }

    proptest! {
        #[test]
        fn no_word_is_broken_and_none_is_lost(
            cells in prop::collection::vec(prop::collection::vec("[a-z日/.:-]{1,30}( [a-z日]{1,12}){0,6}", 4), 1..5),
            width in prop::option::of(20..140_u16),
        ) {
            let cells: Vec<Vec<String>> = cells.into_iter().map(|mut row| {
                for cell in &mut row[..3] { *cell = cell.replace(' ', "_") }
                row
            }).collect();
            let text = lay_out(&["A", "B", "C", "D"], cells.clone(), width);
            let words: Vec<&str> = text.split_whitespace().skip(4).collect();
            let cells: Vec<String> = cells.iter().flatten().map(|cell| clean(cell)).collect();
            let expected: Vec<&str> = cells.iter().flat_map(|cell| cell.split(' ')).collect();
            prop_assert_eq!(&words, &expected);
            if let Some(width) = width {
                let longest = expected.iter().map(|word| word.width() + INDENT.len()).max().unwrap_or_default();
                let limit = usize::from(width).max(longest);
                prop_assert!(text.lines().all(|line| line.width() <= limit), "{}", text);
            }
        }
    }
}
