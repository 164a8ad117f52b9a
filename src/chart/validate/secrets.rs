//! Where secrets stand in a values file, so that nobody is shown them.

use super::Checker;
use super::tree::{Kind, Node};
use crate::document::Place;
use crate::model::secret;

/// Whether what stands at `path` is a secret, or a part of one.
pub(super) fn is_secret(path: &[String]) -> bool {
    path.iter().any(|name| sounds_secret(name))
}

/// Whether a key of this name holds a secret; one that names a Secret, or a key in it, holds none.
fn sounds_secret(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_name = name.starts_with("existing")
        || name.ends_with("secretname")
        || (name.ends_with("secretkey") && name != "secretkey")
        || name.starts_with("automount");
    !is_name
        && (name == "key"
            || name == "serviceaccountjson"
            || secret::names_one(&name)
            || name.contains("basicauthusers"))
}

/// A span: from a place up to another one.
type Span = (Place, Place);

/// Where secrets stand.
pub(super) fn spans(checker: &Checker<'_, '_>) -> Vec<Span> {
    let mut found = Vec::new();
    walk(checker, checker.root, false, &mut found);
    found
}

/// `is_inside` something that is a secret as a whole.
fn walk(checker: &Checker<'_, '_>, node: &Node, is_inside: bool, found: &mut Vec<Span>) {
    let tree = checker.tree;
    match &node.kind {
        Kind::Scalar(scalar) => {
            if is_inside && (scalar.value.is_string() || scalar.value.is_number()) {
                found.push((tree.place(node.spot), tree.place(node.end)));
            }
        }
        Kind::List(items) => items.iter().for_each(|item| walk(checker, tree.node(*item), is_inside, found)),
        Kind::Mapping { entries, .. } => {
            let text = |name: &str| match tree.entry(node, name).map(|entry| &tree.node(entry.node).kind) {
                Some(Kind::Scalar(scalar)) => scalar.text.as_str(),
                _ => "",
            };
            let is_variable = sounds_secret(text("name"));
            let is_manifest = text("kind") == "Secret";
            for entry in entries {
                let holds = match entry.key.as_str() {
                    "value" => is_variable,
                    "data" | "stringData" => is_manifest,
                    // In a certificate of an Ingress, in TLS.
                    name => sounds_secret(name),
                };
                walk(checker, tree.node(entry.node), is_inside || holds, found);
            }
        }
    }
}
