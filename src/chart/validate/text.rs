//! Texts within values that are documents of their own: their lines in the file, and what Helm's `tpl` makes of them.

use super::frame::{Frame, Written};
use super::tree::{Entry, Kind, Node, Tree};
use crate::languages::yaml::Style;
use crate::place::Place;
use crate::place::Position;
use crate::yaml;

/// The text of a single value, and where it stands: a literal block (`|`) has lines of its own, all else is where it
/// begins.
pub(super) fn inner<'n>(tree: &Tree<'_>, node: &'n Node) -> (&'n str, Frame) {
    let Kind::Scalar(scalar) = &node.kind else { return ("", tree.frame.fixed(node.spot)) };
    let text = scalar.text.as_str();
    let frame = match scalar.style {
        Style::Literal => {
            // The place of a block is that of its first line with something on it.
            let blank = text.bytes().take_while(|byte| *byte == b'\n').count() as u64;
            tree.frame.shifted(node.spot.line.saturating_sub(blank), node.spot.column - 1)
        }
        _ => tree.frame.fixed(node.spot),
    };
    (text, frame)
}

/// A document within values, as the program reads it that the chart hands it to.
#[derive(Debug)]
pub(super) struct Inner {
    /// Its text.
    pub text: String,
    /// Where that stands.
    frame: Frame,
    /// Behind which spot of the text something was taken out, and how many characters.
    cuts: Vec<(Position, u64)>,
    /// The lines that Helm fills in, of which nothing is known.
    filled: Vec<u64>,
}

impl Inner {
    /// The document at `node`, which Helm runs through `tpl` or not; `None` when nobody can know its text before Helm has
    /// rendered it.
    pub(super) fn of(tree: &Tree<'_>, node: &Node, is_templated: bool) -> Option<Self> {
        let (text, frame) = match &node.kind {
            Kind::Scalar(_) => {
                let (text, frame) = inner(tree, node);
                (text.to_owned(), frame)
            }
            Kind::Mapping { .. } | Kind::List(_) => match lines(tree, node) {
                Some(lines) => lines,
                None if tree.is_composed => written(tree, node),
                None => (yaml::document(&tree.value(node)), tree.frame.fixed(node.spot)),
            },
        };
        if !is_templated || !text.contains("{{") {
            return Some(Self { text, frame, cuts: Vec::new(), filled: Vec::new() });
        }
        undone(&text, frame)
    }

    /// Where a spot of the document is in the file; `None` in a line that Helm fills in.
    pub(super) fn place(&self, spot: Position) -> Option<Place> {
        if self.filled.binary_search(&spot.line).is_ok() {
            return None;
        }
        // Both are in the order of the text.
        let first = self.cuts.partition_point(|(at, _)| at.line < spot.line);
        let cut = self.cuts[first..].iter().take_while(|(at, _)| at.line == spot.line && at.column < spot.column);
        let column = spot.column + cut.map(|(_, length)| length).sum::<u64>();
        Some(self.frame.place(Position { column, ..spot }))
    }

    /// Whether nothing of it is filled in by Helm.
    pub(super) fn is_whole(&self) -> bool {
        self.filled.is_empty()
    }
}

/// The lines of the file that a mapping in block style takes, as a document; `None` where they are not all of it.
fn lines(tree: &Tree<'_>, node: &Node) -> Option<(String, Frame)> {
    let is_flow = tree.is_composed || matches!(node.kind, Kind::Mapping { is_flow: true, .. } | Kind::List(_));
    let indent = usize::try_from(node.spot.column - 1).ok()?;
    let (first, last) = (node.spot.line, if node.end.column == 1 { node.end.line - 1 } else { node.end.line });
    let count = usize::try_from(last.checked_sub(first)?).ok()? + 1;
    let taken = tree.text.lines().skip(usize::try_from(first - 1).ok()?).take(count);
    let mut text = String::new();
    for line in taken {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        // What is less indented is a comment.
        text.push_str(&line[blanks.min(indent)..]);
        text.push('\n');
    }
    let refers = [": *", ": &", "- *", "- &", "<<:"].iter().any(|mark| text.contains(mark));
    (!is_flow && !refers).then(|| (text, tree.frame.shifted(first, indent as u64)))
}

/// A mapping or a list as a document that is written anew, each key and each value on a line of its own.
fn written(tree: &Tree<'_>, node: &Node) -> (String, Frame) {
    let (mut text, mut lines) = (String::new(), Vec::new());
    write(tree, node, 0, &mut text, &mut lines);
    (text, Frame::written(lines))
}

fn write(tree: &Tree<'_>, node: &Node, indent: usize, text: &mut String, lines: &mut Vec<Written>) {
    let mut line = |lead: String, key: Place, below: &Node| {
        let is_inline = match &below.kind {
            Kind::Scalar(_) => true,
            Kind::List(items) => items.is_empty(),
            Kind::Mapping { entries, .. } => entries.is_empty(),
        };
        text.push_str(&yaml::blanks(indent));
        text.push_str(&lead);
        let column = (indent + lead.chars().count() + 2) as u64;
        let value = if is_inline { tree.place(below.spot) } else { key.clone() };
        if is_inline {
            text.push_str(&format!(" {}", yaml::flow(&tree.value(below))));
        }
        text.push('\n');
        lines.push(Written { key, value: (column, value) });
        if !is_inline {
            write(tree, below, indent + 2, text, lines);
        }
    };
    match &node.kind {
        Kind::Scalar(_) => {}
        Kind::List(items) => {
            for item in items {
                let below = tree.node(*item);
                line("-".to_owned(), tree.place(below.spot), below);
            }
        }
        Kind::Mapping { entries, .. } => {
            let counts = |(at, entry): &(usize, &Entry)| entries.position(&entry.key) == Some(*at);
            for (_, entry) in entries.iter().enumerate().filter(counts) {
                line(format!("{}:", yaml::scalar(&entry.key)), tree.place(entry.spot), tree.node(entry.node));
            }
        }
    }
}

/// An action of a template.
pub(super) struct Action<'t> {
    /// Where its braces begin.
    pub start: usize,
    /// Behind its end; `None` when it does not end.
    pub end: Option<usize>,
    /// What stands between the braces.
    pub body: &'t str,
}

/// The actions in a template (text/template: what is quoted in them ends none).
pub(super) fn actions(text: &str) -> impl Iterator<Item = Action<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text.get(from..)?.find("{{")?;
        let inside = start + 2;
        let comment = text[inside..].trim_start_matches('-').trim_start().starts_with("/*");
        let end = if comment {
            text[inside..].find("*/").and_then(|at| text[inside + at..].find("}}").map(|more| inside + at + more))
        } else {
            closing(text, inside)
        };
        from = end.map_or(text.len(), |end| end + 2);
        Some(Action { start, end: end.map(|end| end + 2), body: &text[inside..end.unwrap_or(text.len())] })
    })
}

/// Where the braces stand that close the action whose inside begins at `from`.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("}}") {
            return Some(at);
        }
        let first = rest.chars().next()?;
        at += match first {
            '`' => rest[1..].find('`')? + 2,
            '"' => quoted(rest)?,
            // A text of one line does not end in the next.
            other => other.len_utf8(),
        };
    }
    None
}

/// How long the text in double quotes is with which `text` begins.
fn quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' => return None,
            '"' if !is_escaped => return Some(at + 1),
            other => is_escaped = other == '\\' && !is_escaped,
        }
    }
    None
}

/// Words that begin an action which does more than to print a value on its line.
const WORDS: [&str; 10] = ["if", "else", "end", "range", "with", "define", "block", "template", "break", "continue"];

/// `text` as `tpl` leaves it: what only prints a text is that text, what prints something else is a placeholder of its
/// length. `None` where an action does more than that.
fn undone(text: &str, frame: Frame) -> Option<Inner> {
    let mut out = Inner { text: String::with_capacity(text.len()), frame, cuts: Vec::new(), filled: Vec::new() };
    let (mut from, mut line, mut column) = (0, 1, 0);
    let mut push = |out: &mut Inner, piece: &str| {
        out.text.push_str(piece);
        line += piece.matches('\n').count() as u64;
        let last = piece.rsplit('\n').next().unwrap_or_default().chars().count() as u64;
        column = if piece.contains('\n') { last } else { column + last };
        (line, column)
    };
    for action in actions(text) {
        push(&mut out, &text[from..action.start]);
        let end = action.end?;
        let body = action.body;
        let word = body.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
        let does_more = WORDS.contains(&word) || word.starts_with(['$', '/']) || body.contains('\n');
        if does_more || body.contains("indent") || body.contains("toYaml") || body.contains(":=") {
            return None;
        }
        let length = text[action.start..end].chars().count() as u64;
        match literal(body) {
            Some(literal) => {
                let (line, column) = push(&mut out, literal);
                out.cuts.push((Position { line, column }, length - literal.chars().count() as u64));
            }
            None => {
                let (line, _) = push(&mut out, &"x".repeat(usize::try_from(length).ok()?));
                out.filled.push(line);
            }
        }
        from = end;
    }
    push(&mut out, &text[from..]);
    Some(out)
}

/// The text that an action prints which is no more than that text in quotes.
fn literal(body: &str) -> Option<&str> {
    let body = body.trim();
    let raw = body.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).filter(|text| !text.contains('`'));
    let quoted =
        || body.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|text| !text.contains(['"', '\\']));
    raw.or_else(quoted).filter(|text| !text.contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(text: &str) -> Option<Inner> {
        undone(text, Frame::file("f"))
    }

    #[test]
    fn what_only_prints_a_text_is_that_text_and_its_places_stay() {
        let inner = undo("a: {{ `{{` }} $labels.x }} b\nc: {{`{{ $value }}`}} d").unwrap();
        assert_eq!(inner.text, "a: {{ $labels.x }} b\nc: {{ $value }} d");
        let place = |line, column| inner.place(Position { line, column }).unwrap().to_string();
        assert_eq!((place(1, 1), place(1, 20), place(2, 17)), ("f:1:1".into(), "f:1:28".into(), "f:2:23".into()));
    }

    #[test]
    fn what_helm_fills_in_is_a_placeholder_and_nothing_is_told_of_its_line() {
        let inner = undo("a: {{ .Release.Name }}-minio:9000\nb: 1").unwrap();
        assert_eq!(inner.text, "a: xxxxxxxxxxxxxxxxxxx-minio:9000\nb: 1");
        assert_eq!(inner.place(Position { line: 1, column: 4 }), None);
        assert!(inner.place(Position { line: 2, column: 1 }).is_some());
    }

    #[test]
    fn what_does_more_than_print_is_not_guessed() {
        for text in [
            "{{ if .x }}a{{ end }}",
            "{{- range .x }}",
            "{{ toYaml .x | nindent 2 }}",
            "{{ $x := 1 }}",
            "{{ a",
            "{{/* x */}}",
        ] {
            assert!(undo(text).is_none(), "{text}");
        }
    }

    #[test]
    fn quotes_hide_the_end_of_an_action() {
        let bodies: Vec<_> =
            actions("{{ \"}}\\\"\" }} {{ `}}` }} {{/* }} */}} {{ x").map(|action| action.body).collect();
        assert_eq!(bodies, [" \"}}\\\"\" ", " `}}` ", "/* }} */", " x"]);
    }
}
