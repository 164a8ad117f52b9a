//! Where secrets stand in a text of YAML, so that nobody is shown them.

use std::borrow::Cow;

use super::frame::Frame;
use super::tree::{Entry, Kind, Node, Tree};
use super::{Checker, text};
use crate::chart::installations::Stream;
use crate::languages::yaml::Style;
use crate::place::Place;
use crate::secret;

/// How a private key in PEM begins and ends, whatever the key is called that holds it.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// A span: from a place up to another one.
pub(super) type Span = (Place, Place);

/// A secret of a text: where it stands, and what it is.
pub(super) struct Found {
    pub span: Span,
    pub text: String,
}

/// Where secrets stand in the values.
pub(super) fn spans(checker: &Checker<'_, '_>) -> Vec<Span> {
    of(checker.tree, checker.root).into_iter().map(|found| found.span).collect()
}

/// The secrets below a node.
pub(super) fn of(tree: &Tree<'_>, node: &Node) -> Vec<Found> {
    let mut found = Vec::new();
    walk(tree, node, false, &mut found);
    found
}

/// Where secrets stand in any document of a file, as far as it can be read.
pub fn secret_spans(file: &str, text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for part in Stream::of(file, text, None).parts {
        let frame = Frame::file(file).shifted(part.first_line, 0);
        if let Ok(tree) = Tree::read(Cow::Borrowed(&part.text), frame)
            && let Some(root) = tree.root()
        {
            found.extend(of(&tree, root).into_iter().map(|found| found.span));
        }
    }
    found
}

/// `is_inside` something that is a secret as a whole.
fn walk(tree: &Tree<'_>, node: &Node, is_inside: bool, found: &mut Vec<Found>) {
    match &node.kind {
        Kind::Scalar(scalar) => {
            let whole = || Found { span: (tree.place(node.spot), tree.place(node.end)), text: scalar.text.clone() };
            if is_inside || scalar.text.contains(PRIVATE_KEY) {
                found.extend((scalar.value.is_string() || scalar.value.is_number()).then(whole));
            } else if scalar.text.contains(':') && scalar.text.contains('\n') {
                // A document of its own: of a literal block each line is a line of the file.
                let (inner, frame) = text::inner(tree, node);
                let mut inside = Vec::new();
                // A text that is read as a text again was looked at here.
                if let Ok(tree) = Tree::read(Cow::Borrowed(inner), frame)
                    && let Some(root) = tree.root().filter(|root| !matches!(root.kind, Kind::Scalar(_)))
                {
                    walk(&tree, root, false, &mut inside);
                }
                // Of any other style nobody can say in which line something stands, so all of it is hidden.
                found.extend((!inside.is_empty() && scalar.style != Style::Literal).then(whole));
                found.append(&mut inside);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| walk(tree, tree.node(*item), is_inside, found)),
        Kind::Mapping { entries, .. } => {
            let text = |name: &str| match tree.entry(node, name).map(|entry| &tree.node(entry.node).kind) {
                Some(Kind::Scalar(scalar)) => scalar.text.as_str(),
                _ => "",
            };
            let is_variable = secret::is_held_by(text("name"));
            let is_manifest = text("kind") == "Secret";
            let has_certificate = entries.iter().any(is_certificate);
            for entry in entries {
                let holds = match entry.key.as_str() {
                    "value" => is_variable,
                    "data" | "stringData" => is_manifest,
                    // Beside a certificate, as an Ingress and TLS have it.
                    "key" => has_certificate,
                    name => secret::is_held_by(name),
                };
                let below = tree.node(entry.node);
                // A mapping of that name only leads to a Secret (`secret: {secretName: …}`).
                let leads = matches!(below.kind, Kind::Mapping { .. }) && entry.key == "secret";
                walk(tree, below, (is_inside || holds) && !leads, found);
            }
        }
    }
}

fn is_certificate(entry: &Entry) -> bool {
    ["cert", "crt", "certificate", "ca", "certs"].contains(&entry.key.to_lowercase().as_str())
}
