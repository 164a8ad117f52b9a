//! Constraints on versions, as Flux, Argo CD and Helm read them: `17.x`, `>=15 <16`, `^17.0.0`, `~1.2`, `1.2 - 1.4`,
//! `*`, and any of these joined by `||`.
//!
//! The rules are those of Masterminds/semver, version 3, whose README says them; what differs from other readers of
//! ranges is said where it is done. Versions of the charts have no pre-releases, so a constraint on one is only a bound.

use std::cmp::Ordering;

use super::version::Version;

/// A constraint: any of its groups, and of a group all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Constraint(Vec<Vec<Bound>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    operator: Operator,
    version: Partial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The longest spelling first.
const OPERATORS: [(&str, Operator); 12] = [
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("!=", Operator::NotEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Equal),
];

/// A version of which the last parts may be left out, or be `x` or `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Partial {
    major: Option<u32>,
    minor: Option<u32>,
    patch: Option<u32>,
    /// Whether a pre-release stands behind it (`-0`): it is before the version itself.
    is_early: bool,
}

impl Constraint {
    /// Reads a constraint; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.split("||").map(group).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether `version` fulfils it.
    pub(super) fn allows(&self, version: Version) -> bool {
        self.0.iter().any(|group| group.iter().all(|bound| bound.allows(version)))
    }

    /// The one version that is meant; `None` for a range.
    pub(super) fn exact(&self) -> Option<Version> {
        let [group] = self.0.as_slice() else { return None };
        let [Bound { operator: Operator::Equal, version }] = group.as_slice() else { return None };
        match *version {
            Partial { major: Some(major), minor: Some(minor), patch: Some(patch), is_early: false } => {
                Some(Version(major, minor, patch))
            }
            _ => None,
        }
    }

    /// The newest of `versions` that fulfils it.
    pub(super) fn newest(&self, versions: &[Version]) -> Option<Version> {
        versions.iter().copied().filter(|version| self.allows(*version)).max()
    }
}

/// The bounds of a group: joined by blanks or commas.
fn group(text: &str) -> Option<Vec<Bound>> {
    let text = text.trim();
    if let Some((low, high)) = text.split_once(" - ") {
        let bound = |operator, text: &str| Some(Bound { operator, version: partial(text.trim())? });
        return Some(vec![bound(Operator::GreaterOrEqual, low)?, bound(Operator::LessOrEqual, high)?]);
    }
    let mut bounds = Vec::new();
    let mut rest = text;
    loop {
        let (operator, sign) =
            OPERATORS.iter().find_map(|(sign, operator)| rest.starts_with(sign).then_some((*operator, *sign)))?;
        rest = rest[sign.len()..].trim_start();
        let end = rest.find([' ', ',', '\t']).unwrap_or(rest.len());
        // An operator on nothing is none; nothing at all is any version.
        if end == 0 && !(sign.is_empty() && text.is_empty()) {
            return None;
        }
        bounds.push(Bound { operator, version: partial(&rest[..end])? });
        rest = rest[end..].trim_start_matches([' ', ',', '\t']);
        if rest.is_empty() {
            return Some(bounds);
        }
    }
}

fn partial(text: &str) -> Option<Partial> {
    let text = text.strip_prefix('v').unwrap_or(text);
    // What is built of it (`+`) does not order versions.
    let (text, built) = text.split_once('+').map_or((text, None), |(text, built)| (text, Some(built)));
    if built.is_some_and(str::is_empty) || (built.is_some() && text.is_empty()) {
        return None;
    }
    let (text, early) = text.split_once('-').map_or((text, None), |(text, early)| (text, Some(early)));
    if early.is_some_and(str::is_empty) {
        return None;
    }
    let mut parts = [None; 3];
    let mut is_open = text.is_empty();
    for (at, part) in text.split('.').enumerate().filter(|_| !text.is_empty()) {
        let place = parts.get_mut(at)?;
        if matches!(part, "x" | "X" | "*") {
            is_open = true;
        } else {
            let number = part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            // What stands behind an `x` says nothing.
            *place = (!is_open).then_some(number);
        }
    }
    let [major, minor, patch] = parts;
    Some(Partial { major, minor, patch, is_early: early.is_some() })
}

impl Partial {
    fn lowest(self) -> Version {
        Version(self.major.unwrap_or(0), self.minor.unwrap_or(0), self.patch.unwrap_or(0))
    }

    /// Whether `version` has the parts that are said.
    fn covers(self, version: Version) -> bool {
        let fits = |part: Option<u32>, own: u32| part.is_none_or(|part| part == own);
        fits(self.major, version.0) && fits(self.minor, version.1) && fits(self.patch, version.2)
    }

    fn is_whole(self) -> bool {
        self.patch.is_some()
    }

    /// How `version` stands to the lowest that is covered.
    fn order(self, version: Version) -> Ordering {
        match version.cmp(&self.lowest()) {
            Ordering::Equal if self.is_early => Ordering::Greater,
            other => other,
        }
    }
}

impl Bound {
    fn allows(&self, version: Version) -> bool {
        let (of, order) = (self.version, self.version.order(version));
        let is_above = order != Ordering::Less;
        match self.operator {
            // `1.2` is any of 1.2.
            Operator::Equal => of.covers(version) && !(of.is_early && of.is_whole()),
            Operator::NotEqual => !of.covers(version) || (of.is_early && of.is_whole()),
            // `>11` is 12 and later.
            Operator::Greater => order == Ordering::Greater && (of.is_whole() || !of.covers(version)),
            Operator::GreaterOrEqual => is_above,
            Operator::Less => order == Ordering::Less,
            // `<=11` is all of 11 as well.
            Operator::LessOrEqual => order != Ordering::Greater || (!of.is_whole() && of.covers(version)),
            Operator::Tilde => {
                is_above
                    && of.major.is_none_or(|major| major == version.0)
                    && of.minor.is_none_or(|minor| minor == version.1)
            }
            // The first part that is not zero stays.
            Operator::Caret => {
                is_above && {
                    let low = of.lowest();
                    match (of.major, of.minor, of.patch) {
                        (None, ..) => true,
                        (Some(1..), ..) | (_, None, _) => version.0 == low.0,
                        (_, Some(1..), _) | (.., None) => (version.0, version.1) == (low.0, low.1),
                        _ => version == low,
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_version_fulfils_a_constraint_as_in_helm() {
        for (constraint, allowed, refused) in [
            ("17.x", &["17.0.0", "17.3.1"][..], &["16.9.9", "18.0.0"][..]),
            ("17.*", &["17.0.0"], &["18.0.0"]),
            ("17", &["17.6.0"], &["18.0.0", "16.0.0"]),
            ("v17.3", &["17.3.0", "17.3.4"], &["17.4.0"]),
            ("=17.3.1", &["17.3.1"], &["17.3.2"]),
            (">=15 <16", &["15.0.0", "15.14.1"], &["16.0.0", "14.9.9"]),
            (">= 15.0.0, < 16.0.0-0", &["15.14.1"], &["16.0.0"]),
            (">=15.0.0-0", &["15.0.0"], &["14.0.2"]),
            (">16.0.0-0", &["16.0.0"], &["15.9.9"]),
            ("<=16.0.0-0", &["15.9.9"], &["16.0.0"]),
            (">11", &["12.0.0"], &["11.6.8"]),
            (">11.1", &["11.2.0"], &["11.1.9"]),
            ("<=11", &["11.6.8", "3.0.0"], &["12.0.0"]),
            ("^17.0.0", &["17.6.0"], &["18.0.0", "16.9.9"]),
            ("^0.5.1", &["0.5.2"], &["0.6.0", "0.5.0", "1.5.1"]),
            ("^0.0.3", &["0.0.3"], &["0.0.4"]),
            ("^0", &["0.7.0"], &["1.0.0"]),
            ("~1.2", &["1.2.9"], &["1.3.0"]),
            ("~1.2.3", &["1.2.3", "1.2.9"], &["1.2.2", "1.3.0"]),
            ("~1", &["1.9.0"], &["2.0.0"]),
            ("~> 1.2", &["1.2.0"], &["1.3.0"]),
            ("1.2 - 1.4.5", &["1.2.0", "1.4.5"], &["1.4.6", "1.1.9"]),
            ("12.x || >=15 <16", &["12.3.4", "15.1.1"], &["13.0.0", "16.0.0"]),
            ("*", &["0.1.0"], &[]),
            ("x", &["99.0.0"], &[]),
            ("", &["1.0.0"], &[]),
            ("!=17.3.1", &["17.3.0"], &["17.3.1"]),
            ("!=17.x", &["16.0.0"], &["17.3.1"]),
        ] {
            let read = Constraint::parse(constraint).unwrap_or_else(|| panic!("{constraint}"));
            for version in allowed {
                assert!(read.allows(version.parse().unwrap()), "{constraint} {version}");
            }
            for version in refused {
                assert!(!read.allows(version.parse().unwrap()), "{constraint} {version}");
            }
        }
    }

    #[test]
    fn only_a_whole_version_is_exact() {
        let exact = |text: &str| Constraint::parse(text).unwrap().exact();
        assert_eq!(exact("17.3.1"), Some(Version(17, 3, 1)));
        assert_eq!(exact("v17.3.1+build"), Some(Version(17, 3, 1)));
        for text in ["17", "17.3.x", ">=17.3.1", "17.3.1 || 17.3.2", "17.3.1-rc.1", "*"] {
            assert_eq!(exact(text), None, "{text}");
        }
        assert_eq!(Constraint::parse("17.3.1-rc.1").unwrap().newest(&[Version(17, 3, 1)]), None);
    }

    #[test]
    fn what_is_no_constraint_is_none() {
        for text in
            ["main", "thanos/17.3.1", "17.3.1.2", ">=", "17..1", "latest", "HEAD", "1.2 -", "+1", ">= <2", "1.-"]
        {
            assert_eq!(Constraint::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9xX*.<>=!~^|, v+-]{0,20}") {
            if let Some(constraint) = Constraint::parse(&text) {
                constraint.newest(&[Version(0, 1, 0), Version(1, 2, 3), Version(17, 3, 1)]);
            }
        }

        #[test]
        fn a_caret_and_a_tilde_allow_the_version_itself(a in 0u32..20, b in 0u32..20, c in 0u32..20) {
            for sign in ["^", "~", ">=", "<=", "=", ""] {
                let constraint = Constraint::parse(&format!("{sign}{a}.{b}.{c}")).unwrap();
                prop_assert!(constraint.allows(Version(a, b, c)), "{sign}");
            }
        }
    }
}
