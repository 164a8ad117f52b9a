//! Plans for people: a table where it fits, else a block for each row, so that 80 columns are enough.

use unicode_width::UnicodeWidthStr as _;

use super::table::lay_out;
use crate::text::{self, clean};

/// Rows under their heads where the table fits into `width` columns. Else a block for each row: its first two cells, and
/// below them the others, each behind its head and wrapped.
pub(super) fn plan_table(heads: &[&str], rows: Vec<Vec<String>>, width: u16) -> String {
    let table = lay_out(heads, rows.clone(), None);
    if table.lines().all(|line| line.width() <= usize::from(width)) {
        return table;
    }
    let lead = heads.iter().skip(2).map(|head| head.len()).max().unwrap_or_default() + 2;
    let mut text = String::new();
    for row in rows {
        let title = row.iter().take(2).map(|cell| clean(cell)).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("{title}\n"));
        for (head, cell) in heads.iter().zip(&row).skip(2) {
            let label = format!("  {:lead$}", format!("{}:", head.to_lowercase()));
            text.push_str(&wrapped(&label, cell, width));
        }
    }
    text
}

/// `text` behind `lead`, wrapped at blanks into `width` columns; the lines after the first begin below it. A word that is
/// too long for a line has one of its own.
pub(super) fn wrapped(lead: &str, text: &str, width: u16) -> String {
    let lines = text::wrapped(&clean(text), usize::from(width).saturating_sub(lead.width()));
    let blank = " ".repeat(lead.width());
    let leads = std::iter::once(lead).chain(std::iter::repeat(blank.as_str()));
    leads.zip(lines).map(|(lead, line)| format!("{}\n", format!("{lead}{line}").trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let row = [
            "eu",
            "monitoring/kube-prometheus-thanos",
            "ClusterIP → NodePort",
            "grpc 10901 → 30901",
            "Helm release kps",
        ];
        vec![row.map(str::to_owned).to_vec()]
    }

    #[test]
    fn a_plan_is_a_table_where_it_fits_and_a_block_where_it_does_not() {
        let heads = ["CLUSTER", "SERVICE", "CHANGE", "PORTS", "KEPT BY"];
        let wide = plan_table(&heads, rows(), 200);
        assert!(wide.starts_with("CLUSTER ") && wide.lines().count() == 2, "{wide}");
        assert_eq!(
            plan_table(&heads, rows(), 80),
            "eu monitoring/kube-prometheus-thanos\n  change:  ClusterIP → NodePort\n  ports:   grpc 10901 → 30901\n  kept by: Helm release kps\n"
        );
    }

    #[test]
    fn lines_are_wrapped_at_blanks_and_words_stay_whole() {
        assert_eq!(wrapped("a: ", "one two three", 10), "a: one two\n   three\n");
        assert_eq!(wrapped("  ", "averylongword b", 6), "  averylongword\n  b\n");
        assert_eq!(wrapped("x: ", "", 10), "x:\n");
        assert_eq!(wrapped("", "bad\u{1b}[31m text", 30), "bad\\u{1b}[31m text\n");
    }
}
