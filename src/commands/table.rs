//! Tables for people: columns in line, nothing cut off, without colour.

use comfy_table::{ColumnConstraint, ContentArrangement, Table};

use crate::text::clean;

/// The last column is wrapped where the terminal leaves it so much room; nothing else is, since it is there to be
/// copied.
const ROOM_FOR_LAST: u16 = 30;

/// Rows under their heads. In a terminal of `width` columns the last column is wrapped; `None` wraps nothing.
pub fn lay_out(heads: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(heads);
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell)));
    }
    let (last, gap) = (heads.len() - 1, 3);
    let widths = table.column_max_content_widths();
    let taken = widths[..last].iter().fold(0_u16, |sum, width| sum.saturating_add(*width).saturating_add(gap));
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at == last { 0 } else { gap }));
        if at < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    if let Some(width) = width.filter(|width| width.saturating_sub(taken) >= ROOM_FOR_LAST) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let lines = table.to_string();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
