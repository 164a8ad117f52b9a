//! Where YAML 1.1, as Go reads it, differs from the YAML 1.2 of the parser here.

use std::borrow::Cow;

use super::Problem;
use crate::document::Position;

/// A scalar, or a collection in brackets: within it the rules about tabs at the beginning of a line are other ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// The first byte.
    pub(super) begin: usize,
    /// The byte after the last.
    pub(super) end: usize,
    /// Before which column no tab may stand in its lines; `None` where one may stand anywhere.
    pub(super) least: Option<u64>,
}

/// `text` with the line breaks that only YAML 1.1 knows turned into plain ones.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];
    if text.contains(BREAKS) { Cow::Owned(text.replace(BREAKS, "\n")) } else { Cow::Borrowed(text) }
}

/// What Go refuses in `text` before `end`; `None` when nothing is known.
///
/// A line outside of scalars and brackets cannot begin with a tab, not even an empty one or one with a comment.
pub(super) fn problem(text: &str, extents: &[Extent], end: Option<Position>) -> Option<Problem> {
    let mut begin = 0;
    let mut extents = extents.to_vec();
    extents.sort_by_key(|extent| extent.begin);
    let mut ahead = extents.into_iter().peekable();
    let mut around: Vec<Extent> = Vec::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if end.is_some_and(|end| number >= end.line) {
            return None;
        }
        let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
        let column = blanks as u64;
        around.extend(std::iter::from_fn(|| ahead.next_if(|extent| extent.begin < begin)));
        around.retain(|extent| begin < extent.end);
        let is_refused =
            around.is_empty() || around.iter().any(|extent| extent.least.is_some_and(|least| column < least));
        if line[blanks..].starts_with('\t') && is_refused {
            let position = Position { line: number, column: column + 1 };
            return Some(Problem { position, message: "a line begins with a tab".to_owned() });
        }
        begin += line.len();
    }
    None
}

/// Whether a key and its colon stand in several lines, which is fine behind `?` alone.
pub(super) fn is_broken_key(text: &str, key: Extent) -> bool {
    let (Some(written), Some(rest)) = (text.get(key.begin..key.end), text.get(key.end..)) else { return false };
    let after = rest.trim_start();
    let between = &rest[..rest.len() - after.len()];
    let is_long = written.trim_end().contains('\n') || between.contains('\n');
    is_long && after.starts_with(':') && !text[..key.begin].trim_end().ends_with('?')
}

/// What a plain text within brackets is to Go, which takes any `?` there for the sign of a key.
///
/// # Errors
/// When one stands where none can.
pub(crate) fn in_brackets(text: &str, is_key: bool) -> Result<&str, &'static str> {
    let text = if is_key { text.strip_prefix('?').map_or(text, str::trim_start) } else { text };
    if text.contains('?') { Err("within brackets a text with `?` wants quotes") } else { Ok(text) }
}

/// Whether a colon stands where a key should.
pub(super) fn is_missing_key(text: &str, key: Extent) -> bool {
    key.begin == key.end && has_no_key(text, key.begin)
}

/// Whether a colon follows, and no `?` says before it that its key is empty.
pub(crate) fn has_no_key(text: &str, at: usize) -> bool {
    text[at..].starts_with(':') && !text[..at].trim_end().ends_with('?')
}

/// Whether the colon behind a plain key in brackets belongs to it, since no blank follows: `{a:, b: 1}`.
pub(super) fn is_colon_kept(text: &str, key: Extent) -> bool {
    let mut rest = text.get(key.end..).unwrap_or_default().chars();
    key.least.is_some() && rest.next() == Some(':') && rest.next().is_some_and(|c| ",[]{}".contains(c))
}

/// Whether a line that begins with `%` is one of the two directives that Go knows.
pub(super) fn is_directive(line: &str) -> bool {
    let mut words = line.trim_end().split([' ', '\t']).filter(|word| !word.is_empty());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (words.next(), words.next(), words.next()) {
        (Some("%YAML"), Some(version), rest) => {
            version.split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
                && rest.is_none_or(|rest| rest.starts_with('#'))
        }
        (Some("%TAG"), Some(handle), Some(_)) => handle.starts_with('!'),
        _ => false,
    }
}
