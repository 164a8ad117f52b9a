//! The comments and blank lines that people added to a file that thanosctl wrote. Values do not show them, so a file that
//! is written anew would lose them without a word.

use std::collections::BTreeSet;
use std::ops::Range;

use super::header::{Held, ManifestHeader, ReleaseLine, ValuesHeader};
use super::provenance;
use super::templates::{STORES, VALUES};
use crate::languages::yaml::{Document, Kind, Style};
use crate::text::listed;

/// What begins the line about a store that `--allow-partial` left out.
const MISSING: &str = "MISSING, left out by --allow-partial:";

/// Lines by their numbers, from 1.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ByHand {
    comments: Vec<usize>,
    blanks: Vec<usize>,
}

impl ByHand {
    /// Those of values; none in a text that is no YAML.
    pub(super) fn in_values(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The first two lines are known more exactly.
        let forms: Vec<Vec<&str>> = VALUES.comments().filter(|form| !form[0].starts_with("thanosctl ")).collect();
        let is_ours = |comment: &Comment<'_>| match comment.line {
            1 => ValuesHeader::of(text).is_some(),
            2 if ReleaseLine::of(text).is_some() => true,
            _ => comment.is_of_store() || (comment.stands_alone() && forms.iter().any(|form| fits(form, comment.text))),
        };
        Self::found(text, 0, is_ours, |lines, at| {
            // One blank line stands before each of the upmost keys, and the comment above it.
            let is_blank = |at: usize| lines[at].trim().is_empty();
            at > 0 && !is_blank(at - 1) && lines.get(at + 1).is_some_and(|next| !next.starts_with([' ', '\t', '\r']))
        })
    }

    /// Those of a ConfigMap with stores, in its text too.
    pub(super) fn in_stores(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_ours = |comment: &Comment<'_>| match comment.line {
            1 => ManifestHeader::of(Held::Stores, text).is_some(),
            2 => STORES.comments().any(|form| fits(&form, comment.text)),
            _ => false,
        };
        let mut found = Self::found(text, 0, is_ours, |_, _| false);
        for body in blocks(text).unwrap_or_default() {
            let above = text[..body.start].matches('\n').count();
            let inner = Self::found(&text[body], above, |comment| comment.is_of_store(), |_, _| false);
            found.comments.extend(inner.comments);
            found.blanks.extend(inner.blanks);
        }
        found
    }

    /// Those of a manifest of Secrets.
    pub(super) fn in_secrets(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_header = |comment: &Comment<'_>| comment.line == 1 && ManifestHeader::of(Held::Secrets, text).is_some();
        Self::found(text, 0, is_header, |_, _| false)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty() && self.blanks.is_empty()
    }

    /// What they are and where, such as `comments (lines 3, 7)`; at most `most` numbers of each. Never what stands there,
    /// which may be a secret.
    pub fn told(&self, most: usize) -> String {
        let of = |noun: &str, lines: &[usize]| {
            let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let (noun, line) = match lines {
                [] => return None,
                [_] => (noun.to_owned(), "line"),
                _ => (format!("{noun}s"), "lines"),
            };
            Some(format!("{noun} ({line} {})", listed(&numbers, most)))
        };
        [of("comment", &self.comments), of("blank line", &self.blanks)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Those of `text`, which stands below as many lines.
    fn found(
        text: &str,
        above: usize,
        is_ours: impl Fn(&Comment<'_>) -> bool,
        may_be_blank: impl Fn(&[&str], usize) -> bool,
    ) -> Self {
        let (Some(comments), Some(blocks)) = (comments(text), blocks(text)) else { return Self::default() };
        let lines: Vec<&str> = text.lines().collect();
        let end = text.trim_end().len();
        let mut blanks = Vec::new();
        let mut start = 0;
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let is_written = || blocks.iter().any(|body| body.contains(&start)) || may_be_blank(&lines, at);
            if line.trim().is_empty() && start < end && !is_written() {
                blanks.push(above + at + 1);
            }
            start += line.len();
        }
        let comments = comments.iter().filter(|comment| !is_ours(comment)).map(|comment| above + comment.line);
        Self { comments: comments.collect(), blanks }
    }
}

/// `text` without the lines that say of something that it is missing, where `is_there` says of it (`ORIGIN: WHY`) that it
/// is not.
pub fn without_gaps(text: &str, is_there: impl Fn(&str) -> bool) -> String {
    let is_filled = |comment: &Comment<'_>| {
        let gap = comment.text.strip_prefix(MISSING).filter(|_| comment.stands_alone());
        gap.is_some_and(|gap| is_there(gap.trim()))
    };
    let filled: BTreeSet<usize> =
        comments(text).unwrap_or_default().iter().filter(|it| is_filled(it)).map(|comment| comment.line).collect();
    let lines = text.split_inclusive('\n').enumerate();
    lines.filter(|(at, _)| !filled.contains(&(at + 1))).map(|(_, line)| line).collect()
}

struct Comment<'t> {
    /// Its line, from 1.
    line: usize,
    /// Without its `#` and one blank behind that.
    text: &'t str,
    /// What stands before it on its line.
    before: &'t str,
}

impl Comment<'_> {
    fn stands_alone(&self) -> bool {
        self.before.trim().is_empty()
    }

    /// Whether it says where a store came from, or that one is missing.
    fn is_of_store(&self) -> bool {
        match self.before.trim_start() {
            "" => self.text.starts_with(MISSING),
            before => before.starts_with("- ") && provenance::read(self.text).is_some(),
        }
    }
}

/// Whether a comment holds the texts of a form, from its begin to its end.
fn fits(form: &[&str], comment: &str) -> bool {
    let Some((first, rest)) = form.split_first() else { return false };
    let Some(mut left) = comment.strip_prefix(first) else { return false };
    let Some((last, between)) = rest.split_last() else { return left.is_empty() };
    for text in between {
        match left.find(text) {
            Some(at) => left = &left[at + text.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

/// The comments of a text; `None` when it is no YAML.
fn comments(text: &str) -> Option<Vec<Comment<'_>>> {
    let mut comments = Vec::new();
    let mut counted = (0, 1);
    for (start, document) in documents(text)? {
        for Range { start: inner, end } in document.comment_ranges() {
            let at = start + inner - 1;
            let line = counted.1 + text[counted.0..at].matches('\n').count();
            counted = (at, line);
            let before = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
            let comment = &text[start + inner..start + end];
            comments.push(Comment { line, text: comment.strip_prefix(' ').unwrap_or(comment).trim_end(), before });
        }
    }
    Some(comments)
}

/// Where texts of several lines stand; `None` when it is no YAML. The blank lines behind one belong to it only if its header
/// says so (`|+`).
fn blocks(text: &str) -> Option<Vec<Range<usize>>> {
    let mut blocks = Vec::new();
    for (begin, document) in documents(text)? {
        for id in document.ids() {
            let Kind::Scalar(_, Style::Literal | Style::Folded) = document.node(id).kind else { continue };
            let Range { start, end } = document.range(id);
            let (start, end) = (begin + start, begin + end);
            let header = text[start..end].find('\n').map_or(end, |at| start + at + 1);
            let (start, keeps) = (header, text[start..header].contains('+'));
            blocks.push(start..if keeps { end } else { start + text[start..end].trim_end().len() });
        }
    }
    Some(blocks)
}

/// The documents of a text, and where each begins; `None` when one of them is no YAML.
fn documents(text: &str) -> Option<Vec<(usize, Document)>> {
    let is_marker = |at: &usize| {
        let rest = text[*at..].strip_prefix("---");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    };
    let lines = text.match_indices('\n').map(|(at, _)| at + 1).filter(is_marker);
    let starts: Vec<usize> = std::iter::once(0).chain(lines).collect();
    let ends = starts[1..].iter().copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| Some((*start, Document::read(&text[*start..end]).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &str = "# thanosctl 0.1.0: bitnami/thanos 17.3.1\n\
        # Release thanos in namespace monitoring. Generated: change thanosctl.yaml, not this file.\n\
        # helm upgrade --install thanos x --namespace monitoring --values FILE\n\
        \n\
        query:\n  stores:\n    - \"a:1\" # eu x/y\n    # MISSING, left out by --allow-partial: us\n\
        \n\
        ruler:\n  config: |\n    # no comment\n\n    a: 1\n\n\
        # The rule files.\nx: 1\n";

    fn told(text: &str) -> String {
        ByHand::in_values(text).told(8)
    }

    #[test]
    fn what_thanosctl_wrote_is_not_by_hand() {
        assert_eq!(told(VALUES), "");
        assert_eq!(told(&VALUES.replace('\n', "\r\n")), "");
        assert_eq!(told(&format!("\u{feff}{VALUES}\n\n")), "");
    }

    #[test]
    fn what_people_add_is_found_in_its_line() {
        for (old, new, lines) in [
            ("query:", "# ask Kim\nquery:", "comment (line 5)"),
            ("query:", "\nquery:", "blank line (line 5)"),
            ("  stores:", "\n  stores:", "blank line (line 6)"),
            ("query:", "query: # ask Kim", "comment (line 5)"),
            ("eu x/y", "eu x/y, ask Kim", "comment (line 7)"),
            ("    - \"a:1\"", "    # eu x/y\n    - \"a:1\"", "comment (line 7)"),
            ("# helm upgrade", "# Do not run helm upgrade", "comment (line 3)"),
            ("not this file.", "not this file!", "comment (line 2)"),
            ("# The rule files.", "#The rule files", "comment (line 16)"),
            ("x: 1\n", "x: 1 # The rule files.\n# end\n", "comments (lines 17, 18)"),
            ("# The rule files.\n", "\n", "blank line (line 16)"),
        ] {
            assert_eq!(told(&VALUES.replacen(old, new, 1)), lines, "{new:?}");
        }
    }

    #[test]
    fn a_manifest_is_looked_through_with_the_text_in_it() {
        let stores = "# Stores by thanosctl 0.1.0: release thanos in namespace monitoring\n\
            # The querier reads it by --store.sd-files; it is seen.\n---\nkind: ConfigMap\ndata:\n  x.yml: |\n    - targets:\n        - \"a:1\" # eu x/y\n        # ask Kim\n\n        - \"b:1\" # Kim's\n    # MISSING, left out by --allow-partial: us\n";
        assert_eq!(ByHand::in_stores(stores).told(8), "comments (lines 9, 11), blank line (line 10)");
        let secrets = "# Secrets by thanosctl 0.1.0: release thanos in namespace monitoring\n---\na: |\n  # no\n\n  x\n---\n# mine\nb: 1\n";
        assert_eq!(ByHand::in_secrets(secrets).told(8), "comment (line 8)");
    }
}
