//! A values file as it is written: keys in the order in which they were set, with comments above them.

use serde_json::Value;

use super::comment_forms::MISSING;
use super::names_of;
use crate::text::clean;
use crate::yaml;

/// What stands behind a key.
#[derive(Debug)]
pub(super) enum Written {
    /// A value; lists and mappings over several lines.
    Value(Value),
    /// A value on one line.
    Line(Value),
    /// A text over several lines.
    Text(String),
    /// Addresses with what stands beside each, and lines that say what is missing.
    Stores(Vec<(String, String)>, Vec<String>),
}

/// The keys of a values file.
#[derive(Default)]
pub(super) struct Sheet {
    nodes: Vec<Node>,
}

struct Node {
    name: String,
    comment: String,
    content: Content,
}

enum Content {
    Below(Vec<Node>),
    Leaf(Written),
}

impl Sheet {
    /// Sets the key at `path` (names joined by dots) behind those that are there; `comment` stands above it, or is empty.
    /// What was set before at that very key is replaced in its place.
    pub(super) fn set(&mut self, path: &str, comment: &str, written: Written) {
        let names = names_of(path);
        let Some((last, parents)) = names.split_last() else { return };
        let mut nodes = &mut self.nodes;
        for name in parents {
            let at = position(nodes, name);
            if !matches!(nodes[at].content, Content::Below(_)) {
                nodes[at].content = Content::Below(Vec::new());
            }
            let Content::Below(below) = &mut nodes[at].content else { return };
            nodes = below;
        }
        let at = position(nodes, last);
        nodes[at].content = Content::Leaf(written);
        if !comment.is_empty() {
            comment.clone_into(&mut nodes[at].comment);
        }
    }

    /// Puts `comment` above the key at `path`, if that is there and has none.
    pub(super) fn tell(&mut self, path: &str, comment: &str) {
        let mut nodes = &mut self.nodes;
        let names = names_of(path);
        for (depth, name) in names.iter().enumerate() {
            let Some(node) = nodes.iter_mut().find(|node| node.name == *name) else { return };
            if depth + 1 == names.len() {
                if node.comment.is_empty() {
                    comment.clone_into(&mut node.comment);
                }
                return;
            }
            let Content::Below(below) = &mut node.content else { return };
            nodes = below;
        }
    }

    /// The text: an empty line before each of the upmost keys.
    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        for node in &self.nodes {
            lines.push(String::new());
            write(node, 0, &mut lines);
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn position(nodes: &mut Vec<Node>, name: &str) -> usize {
    nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        nodes.push(Node { name: name.to_owned(), comment: String::new(), content: Content::Below(Vec::new()) });
        nodes.len() - 1
    })
}

fn write(node: &Node, indent: usize, lines: &mut Vec<String>) {
    let lead = " ".repeat(indent);
    if !node.comment.is_empty() {
        lines.push(format!("{lead}# {}", clean(&node.comment)));
    }
    let key = format!("{lead}{}:", yaml::scalar(&node.name));
    match &node.content {
        Content::Below(below) => {
            lines.push(key);
            below.iter().for_each(|node| write(node, indent + 2, lines));
        }
        Content::Leaf(Written::Value(value)) => lines.extend(yaml::entry(&node.name, value, indent)),
        Content::Leaf(Written::Line(value)) => lines.push(format!("{key} {}", yaml::flow(value))),
        Content::Leaf(Written::Text(text)) => lines.push(format!("{key} {}", yaml::block(text, indent + 2))),
        Content::Leaf(Written::Stores(stores, missing)) => {
            lines.push(key);
            for (address, beside) in stores {
                lines.push(format!("{lead}  - {} # {}", yaml::scalar(address), clean(beside)));
            }
            lines.extend(missing.iter().map(|line| format!("{lead}  # {MISSING} {}", clean(line))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn keys_stand_in_the_order_in_which_they_were_set() {
        let mut sheet = Sheet::default();
        sheet.set("query.stores", "who", Written::Stores(vec![("a:1".into(), "eu x/y".into())], vec!["us\n".into()]));
        sheet.set("image.tag", "", Written::Value(json!("v1")));
        sheet.set("query.labels", "", Written::Line(json!(["a", "no"])));
        sheet.set("query.rules.a\\.yaml", "why", Written::Text("a: 1\nb: 2\n".into()));
        sheet.set("image.tag", "", Written::Value(json!("v2")));
        sheet.tell("image", "which");
        sheet.tell("none", "never");
        assert_eq!(
            sheet.text(),
            "\nquery:\n  # who\n  stores:\n    - \"a:1\" # eu x/y\n    # MISSING, left out by --allow-partial: us\\n\n  \
             labels: [a, \"no\"]\n  rules:\n    # why\n    a.yaml: |\n      a: 1\n      b: 2\n\n# which\nimage:\n  tag: v2\n"
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(text in "(?s).{0,30}", name in "[a-z.]{1,5}") {
            let mut sheet = Sheet::default();
            sheet.set("a.b", &text, Written::Line(json!(text)));
            sheet.set("a.c", "", Written::Text(text.clone()));
            sheet.set(&format!("a.{}", name.replace('.', "\\.").to_uppercase()), "", Written::Value(json!({"x": [text]})));
            sheet.set("s", "", Written::Stores(vec![(text.clone(), text.clone())], vec![text.clone()]));
            let written = sheet.text();
            let read: Value = document::read("test", &written).unwrap();
            let expected = json!({"a": {"b": text, "c": text, name.to_uppercase(): {"x": [text]}}, "s": [text]});
            prop_assert_eq!(read, expected, "{}", written);
        }
    }
}
