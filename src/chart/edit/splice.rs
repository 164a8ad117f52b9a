//! Changes of a text by places, and its lines. What no change names stays as it is, byte for byte.

use std::ops::Range;

/// Changes of one text, planned in any order. What is inserted at one place stands in the order in which it was planned.
#[derive(Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn insert(&mut self, at: usize, with: impl Into<String>) {
        self.replace(at..at, with);
    }

    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, "");
    }

    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.0.push((range, with.into()));
    }

    /// Inserts lines behind the line that ends at `end`, with its kind of line break.
    pub(super) fn insert_lines(&mut self, text: &str, end: usize, lines: &[String]) {
        let line_break = break_of_line(text, end);
        let lines = lines.iter().flat_map(|line| line.split('\n'));
        self.insert(end, lines.flat_map(|line| [line_break, line]).collect::<String>());
    }

    /// The changes of the text in which this one stands: `outer` says where a place of this one is there, and `lead`
    /// stands before each of its lines.
    pub(super) fn moved(self, outer: impl Fn(usize) -> usize, lead: &str) -> Self {
        let led = |with: &str| {
            let mut lines = with.split('\n');
            let first = lines.next().unwrap_or_default().to_owned();
            lines.fold(first, |text, line| text + "\n" + if line.trim_end().is_empty() { "" } else { lead } + line)
        };
        Self(self.0.into_iter().map(|(range, with)| (outer(range.start)..outer(range.end), led(&with))).collect())
    }

    /// Whether something is put behind the last byte of `text`.
    pub(super) fn append_to(&self, text: &str) -> bool {
        self.0.iter().any(|(range, with)| range.start == text.len() && !with.is_empty())
    }

    /// The changed text; `None` when two changes want the same bytes, or half of a character.
    pub(super) fn apply(mut self, text: &str) -> Option<String> {
        // What is inserted where something is taken away comes first.
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len() + self.0.iter().map(|(_, with)| with.len()).sum::<usize>());
        let mut done = 0;
        for (range, with) in self.0 {
            out.push_str(text.get(done..range.start)?);
            out.push_str(&with);
            done = range.end;
        }
        out.push_str(text.get(done..)?);
        Some(out)
    }
}

/// Where the line begins in which `at` stands.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line ends in which `at` stands: before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    if end > at && end < text.len() && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
}

/// Where the line before that of `at` ends; `None` in the first line.
pub(super) fn line_end_before(text: &str, at: usize) -> Option<usize> {
    let line_break = line_start(text, at).checked_sub(1)?;
    Some(if text[..line_break].ends_with('\r') { line_break - 1 } else { line_break })
}

/// The line break of the line that ends at `end`; of the line before it, where the text ends without one.
pub(super) fn break_of_line(text: &str, end: usize) -> &'static str {
    let rest = &text[end..];
    let is_crlf = if rest.is_empty() {
        text.rfind('\n').is_some_and(|at| text[..at].ends_with('\r'))
    } else {
        rest.starts_with('\r')
    };
    if is_crlf { "\r\n" } else { "\n" }
}

/// How many bytes stand before `at` in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// Behind the blanks and tabs at `at`.
pub(super) fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t']).len()
}

/// Whether nothing but blanks stands before `at` in its line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}
