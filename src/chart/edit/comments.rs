//! The comments of a document. What Helm reads does not show whether one was lost, so they are compared for themselves.

use std::collections::HashMap;

use super::document::Document;
use crate::chart::provenance;

/// Whether `new` has every comment of `old`, but for those in which thanosctl says where an address came from.
pub(super) fn keeps_comments(old: &Document, new: &Document) -> bool {
    let is_ours = |comment: &str| provenance::read(comment.trim_matches([' ', '\t', '\r'])).is_some();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for comment in &new.comments {
        *counts.entry(comment).or_default() += 1;
    }
    old.comments.iter().filter(|comment| !is_ours(comment)).all(|comment| {
        let left = counts.get_mut(comment.as_str()).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(old: &str, new: &str) -> bool {
        let read = |text| Document::parse("values.yaml", text).unwrap();
        keeps_comments(&read(old), &read(new))
    }

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
            assert_eq!(keeps(old, &old.replace(change.0, change.1)), kept, "{change:?}");
        }
        assert!(!keeps("a: 1 # x\nb: 2 # x\n", "a: 1 # x\nb: 2\n"));
    }
}
