//! The comments of a document. What Helm reads does not show whether one was lost, so they are compared for themselves.

use granit_parser::{Event, Options, Parser};

use crate::chart::provenance;

/// Whether `new` has every comment of `old`, but for those in which thanosctl says where an address came from.
pub(super) fn keeps_comments(old: &str, new: &str) -> bool {
    let (Some(old), Some(mut new)) = (comments(old), comments(new)) else { return false };
    let is_ours = |comment: &String| provenance::read(comment.trim_matches([' ', '\t', '\r'])).is_some();
    old.iter().filter(|comment| !is_ours(comment)).all(|comment| {
        let found = new.iter().position(|other| other == comment);
        found.map(|at| new.swap_remove(at)).is_some()
    })
}

/// The comments of a text, without their `#`; `None` when it is no YAML.
fn comments(text: &str) -> Option<Vec<String>> {
    let mut options = Options::default();
    options.set_emit_comments(true);
    options.max_buffered_comment_events = usize::MAX;
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, options) {
        if let Event::Comment(comment, _) = event.ok()?.0 {
            comments.push(comment.into_owned());
        }
    }
    Some(comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_of_people_counts_and_one_of_ours_does_not() {
        let old = "# a\nquery: # b\n  stores:\n    - x:1 # eu x/y\n    - \"z # no\" # c\n";
        for (change, kept) in [
            (("x:1", "x:2"), true),
            ((" # eu x/y", ""), true),
            (("# eu x/y", "# us x/y, kept: the cluster could not be read"), true),
            (("z # no", "z"), true),
            ((" # c", ""), false),
            (("# a", "# A"), false),
            (("# b", "# ask Kim: b"), false),
            (("# b", "#  b"), false),
        ] {
            assert_eq!(keeps_comments(old, &old.replace(change.0, change.1)), kept, "{change:?}");
        }
        assert!(!keeps_comments("a: 1 # x\nb: 2 # x\n", "a: 1 # x\nb: 2\n"));
    }
}
