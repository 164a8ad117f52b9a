//! Where secrets stand in a values file, so that nobody is shown them.

use super::Checker;
use super::tree::{Kind, Node};

/// What is part of the name of a key whose value is a secret, without `_` and `-`.
const WORDS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "privatekey",
    "accesskey",
    "apikey",
    "accountkey",
    "connectionstring",
    "basicauthusers",
];

/// Whether what stands at `path` is a secret, or a part of one.
pub(super) fn is_secret(path: &[String]) -> bool {
    let sounds = |name: &String| {
        let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let is_name = name.starts_with("existing")
            || name.ends_with("secretname")
            || name.ends_with("secretkey") && name != "secretkey";
        !is_name && (name == "key" || name == "serviceaccount" || WORDS.iter().any(|word| name.contains(word)))
    };
    path.iter().any(sounds)
}

/// A span: from a line and column up to others.
type Span = ((u64, u64), (u64, u64));

/// Where secrets stand.
pub(super) fn spans(checker: &Checker<'_, '_>) -> Vec<Span> {
    let mut found = Vec::new();
    walk(checker, checker.root, &mut Vec::new(), &mut found);
    found
}

fn walk(checker: &Checker<'_, '_>, node: &Node, path: &mut Vec<String>, found: &mut Vec<Span>) {
    let tree = checker.tree;
    match &node.kind {
        Kind::Scalar(scalar) => {
            if scalar.value.is_string() | scalar.value.is_number() && is_secret(path) {
                let (start, end) = (tree.place(node.spot), tree.place(node.end));
                found.push(((start.line, start.column), (end.line, end.column)));
            }
        }
        Kind::List(items) => items.iter().for_each(|item| walk(checker, tree.node(*item), path, found)),
        Kind::Mapping { entries, .. } => {
            for entry in entries {
                path.push(entry.key.clone());
                walk(checker, tree.node(entry.node), path, found);
                path.pop();
            }
        }
    }
}
