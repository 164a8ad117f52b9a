//! Every kind of finding: what it means and how to mend it.
//!
//! A code is for ever: scripts and baselines name it. A kind that is given up leaves its number unused. THC1xx is drift,
//! what is committed against what is true; THC2xx is what is wrong in a values file by itself.

mod alertmanagers;
mod drift;
mod explanation;
mod layers;
mod minio;
mod objstore;
mod rendered;
mod rules;
mod values;

use super::code::Code;
use crate::text::nearest;

pub use alertmanagers::*;
pub use drift::*;
pub use explanation::Explanation;
pub use layers::*;
pub use minio::*;
pub use objstore::*;
pub use rendered::*;
pub use rules::*;
pub use values::*;

/// All kinds, in groups, in the order of their codes.
static GROUPS: [&[Explanation]; 8] = [
    drift::KINDS,
    values::KINDS,
    objstore::KINDS,
    rules::KINDS,
    alertmanagers::KINDS,
    rendered::KINDS,
    layers::KINDS,
    minio::KINDS,
];

/// All kinds, in the order of their codes.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    GROUPS.into_iter().flatten()
}

/// What there is to know of a kind of finding; `None` for a code that no version of thanosctl had.
pub fn explanation(code: Code) -> Option<&'static Explanation> {
    all().find(|explanation| explanation.code == code)
}

/// The kind that a person means by its code or its name.
///
/// # Errors
/// When there is none: the nearest ones, nearest first, or none when nothing is near.
pub fn find(text: &str) -> Result<&'static Explanation, Vec<&'static Explanation>> {
    if let Ok(code) = text.parse::<Code>() {
        return explanation(code).ok_or_else(|| near(code));
    }
    let named = |name: &str| all().find(|explanation| explanation.name == name);
    named(&text.to_ascii_lowercase()).ok_or_else(|| {
        let nearest = nearest(text, all().map(|explanation| explanation.name));
        nearest.and_then(named).into_iter().collect()
    })
}

/// How many neighbours of an unknown code are offered.
const NEIGHBOURS: usize = 3;

fn near(code: Code) -> Vec<&'static Explanation> {
    let mut known: Vec<_> = all().collect();
    known.sort_by_key(|explanation| (explanation.code.0.abs_diff(code.0), explanation.code));
    known.truncate(NEIGHBOURS);
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        assert!(all().collect::<Vec<_>>().windows(2).all(|pair| pair[0].code < pair[1].code));
        let mut names: Vec<_> = all().map(|explanation| explanation.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn texts_are_written_for_people() {
        for Explanation { name, summary, meaning, remedy, .. } in all() {
            assert!(
                name.split('-').all(|word| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase())),
                "{name}"
            );
            assert!(!summary.ends_with('.') && summary.len() < 80, "{summary}");
            for text in [meaning, remedy] {
                assert!(text.ends_with('.') && !text.contains("  ") && !text.contains('\n'), "{text}");
                assert_eq!(text.matches('`').count() % 2, 0, "{text}");
            }
        }
    }

    #[test]
    fn a_kind_is_found_by_code_and_by_name() {
        for explanation in all() {
            assert_eq!(find(&explanation.code.to_string().to_lowercase()), Ok(explanation));
            assert_eq!(find(explanation.name), Ok(explanation));
        }
    }

    #[test]
    fn what_is_unknown_has_its_nearest_neighbours() {
        let names = |text: &str| find(text).unwrap_err().into_iter().map(|near| near.code.0).collect::<Vec<_>>();
        assert_eq!(names("THC119"), [120, 121, 122]);
        let mut last: Vec<_> = all().map(|kind| kind.code.0).collect();
        last.reverse();
        assert_eq!(names("THC999"), last[..3]);
        let mut last: Vec<u16> = all().map(|explanation| explanation.code.0).collect();
        last.reverse();
        assert_eq!(names("THC999"), last[..NEIGHBOURS]);
        assert_eq!(names("stale-stores"), [102]);
        assert!(names("zebra").is_empty());
    }
}
