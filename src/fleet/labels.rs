//! Label selectors, as `kubectl -l` takes them.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::text::without_credentials;

/// A label selector: requirements that must all hold. None at all selects everything.
///
/// `key=value`, `key==value`, `key!=value`, `key`, `!key`, `key in (a,b)`, `key notin (a,b)`, joined by commas
/// (kubernetes.io, "Labels and Selectors").
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
}

impl LabelSelector {
    /// Whether an object with these labels is selected. As in Kubernetes, `!=` and `notin` select objects without
    /// the label too.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            }
        })
    }
}

impl FromStr for LabelSelector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            let text = without_credentials(text);
            format!("`{text}` is no label selector; write it as kubectl does, such as node-role=edge")
        };
        let mut requirements = Vec::new();
        for part in split_outside_parentheses(text).into_iter().map(str::trim).filter(|part| !part.is_empty()) {
            requirements.push(requirement(part).ok_or_else(wrong)?);
        }
        Ok(Self { requirements })
    }
}

impl TryFrom<String> for LabelSelector {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(part: &str) -> Option<Requirement> {
    let made = |key: &str, test| is_key(key).then(|| Requirement { key: key.to_owned(), test });
    if let Some((key, values)) = part.strip_suffix(')').and_then(|part| part.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) = key.trim().rsplit_once(char::is_whitespace)?;
        return match operator {
            "in" => made(key.trim(), Test::In(values)),
            "notin" => made(key.trim(), Test::NotIn(values)),
            _ => None,
        };
    }
    let equal = |key: &str, value: &str| {
        Some((key.trim().to_owned(), vec![value.trim().to_owned()])).filter(|(_, v)| is_value(&v[0]))
    };
    if let Some((key, value)) = part.split_once("!=") {
        let (key, values) = equal(key, value)?;
        return made(&key, Test::NotIn(values));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        let (key, values) = equal(key, value)?;
        return made(&key, Test::In(values));
    }
    match part.strip_prefix('!') {
        Some(key) => made(key.trim(), Test::Absent),
        None => made(part, Test::Exists),
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

fn is_value(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_selects_as_kubectl_does() {
        let labels = BTreeMap::from([("role".to_owned(), "edge".to_owned()), ("a/b".to_owned(), String::new())]);
        for (selector, selected) in [
            ("", true),
            ("role=edge", true),
            ("role == edge", true),
            ("role=core", false),
            ("role!=core", true),
            ("none!=x", true),
            ("role", true),
            ("!role", false),
            ("!none,role", true),
            ("role in (core, edge)", true),
            ("role notin (core, edge),a/b", false),
            ("a/b=", true),
        ] {
            assert_eq!(selector.parse::<LabelSelector>().unwrap().selects(&labels), selected, "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["=x", "a b", "role within (a)", "a=b c", "{{x}}"] {
            assert!(text.parse::<LabelSelector>().is_err(), "{text}");
        }
    }
}
