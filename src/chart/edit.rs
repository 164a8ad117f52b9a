//! Values merged into a text in our own block style: keys are replaced or added, all other lines stay as they are.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};
use serde_json::{Map, Value};

use crate::yaml;

/// `base` with `over` merged in as Helm merges values: mappings key by key, all else replaced.
pub(super) fn merge_tree(base: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (base.get_mut(name), value) {
            (Some(Value::Object(base)), Value::Object(over)) => merge_tree(base, over),
            _ => drop(base.insert(name.clone(), value.clone())),
        }
    }
}

/// `text`, which says what `base` says, with `over` merged in; `None` when it is no mapping in block style.
pub(super) fn merge_text(text: &str, base: &Map<String, Value>, over: &Map<String, Value>) -> Option<String> {
    let root = Reader::read(text)?;
    let mut edits = Vec::new();
    plan(&root, base, over, &mut edits)?;
    // From the end to the beginning, so that line numbers stay true. What is added at one line to several mappings was
    // planned from the inner to the outer, and must stand so: the outer goes in first, and is pushed down.
    edits.reverse();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.lines.start, edit.lines.end)));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in edits {
        lines.splice(edit.lines, edit.with);
    }
    Some(lines.join("\n") + "\n")
}

struct Edit {
    lines: Range<usize>,
    with: Vec<String>,
}

fn plan(node: &Node, base: &Map<String, Value>, over: &Map<String, Value>, edits: &mut Vec<Edit>) -> Option<()> {
    let entries = node.entries.as_deref()?;
    let indent = entries.first()?.indent;
    let mut added = Vec::new();
    for (name, value) in over {
        let Some(entry) = entries.iter().find(|entry| entry.key == *name) else {
            // Sections are set apart.
            added.extend((indent == 0).then(String::new));
            added.extend(yaml::entry(name, value, indent));
            continue;
        };
        let with = match (base.get(name), value) {
            (Some(Value::Object(base)), Value::Object(over)) if entry.node.entries.is_some() => {
                plan(&entry.node, base, over, edits)?;
                continue;
            }
            (Some(Value::Object(base)), Value::Object(over)) => {
                let mut merged = base.clone();
                merge_tree(&mut merged, over);
                yaml::entry(name, &Value::Object(merged), indent)
            }
            _ => yaml::entry(name, value, indent),
        };
        edits.push(Edit { lines: entry.line..entry.node.end, with });
    }
    if !added.is_empty() {
        edits.push(Edit { lines: node.end..node.end, with: added });
    }
    Some(())
}

struct Entry {
    key: String,
    indent: usize,
    line: usize,
    node: Node,
}

struct Node {
    /// What a mapping in block style holds; `None` for everything else.
    entries: Option<Vec<Entry>>,
    /// The line behind its last, counted from 0.
    end: usize,
}

/// Reads events into nodes; only the places of mappings in block style are kept.
struct Reader<'a> {
    text: &'a str,
    events: std::vec::IntoIter<(Event<'a>, Span)>,
}

impl<'a> Reader<'a> {
    fn read(text: &'a str) -> Option<Node> {
        let mut events: Vec<(Event<'a>, Span)> = Parser::new_from_str(text).collect::<Result<_, _>>().ok()?;
        events.retain(|(event, _)| {
            !matches!(
                event,
                Event::StreamStart
                    | Event::StreamEnd
                    | Event::DocumentStart(..)
                    | Event::DocumentEnd
                    | Event::Comment(..)
            )
        });
        let mut reader = Self { text, events: events.into_iter() };
        let node = reader.node()?;
        reader.events.next().is_none().then_some(node)
    }

    /// The next node; `None` at the end of a collection, and where the events make no tree.
    fn node(&mut self) -> Option<Node> {
        let (event, span) = self.events.next()?;
        let leaf = |end: usize| Node { entries: None, end };
        Some(match event {
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                let range = span.byte_range()?;
                leaf(self.line(range.start + self.text.get(range)?.trim_end().len()) + 1)
            }
            Event::SequenceStart(style, ..) => {
                let mut end = self.line(span.byte_range()?.start) + 1;
                while let Some(item) = self.node_or_end(style, &mut end) {
                    end = end.max(item.end);
                }
                leaf(end)
            }
            Event::MappingStart(style, ..) => {
                let mut end = self.line(span.byte_range()?.start) + 1;
                let mut entries = Vec::new();
                loop {
                    let key = match self.events.as_slice().first() {
                        Some((Event::Scalar(key, ..), at)) => Some((key.to_string(), at.byte_range()?.start)),
                        _ => None,
                    };
                    if self.node_or_end(style, &mut end).is_none() {
                        break;
                    }
                    let node = self.node()?;
                    end = end.max(node.end);
                    let (key, start) = key?;
                    let line = self.line(start);
                    let indent = start - self.text[..start].rfind('\n').map_or(0, |at| at + 1);
                    entries.push(Entry { key, indent, line, node });
                }
                Node { entries: (style == StructureStyle::Block).then_some(entries), end }
            }
            _ => leaf(self.line(span.byte_range()?.end) + 1),
        })
    }

    /// The next item of a collection; `None` at its end, which a bracket may put onto a later line.
    fn node_or_end(&mut self, style: StructureStyle, end: &mut usize) -> Option<Node> {
        if let Some((Event::SequenceEnd | Event::MappingEnd, span)) = self.events.as_slice().first() {
            if let (StructureStyle::Flow, Some(range)) = (style, span.byte_range()) {
                *end = (*end).max(self.line(range.end) + 1);
            }
            self.events.next();
            return None;
        }
        self.node()
    }

    /// The line, counted from 0, on which the byte before `offset` stands.
    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes()[..offset.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use proptest::prelude::*;
    use serde_json::json;

    fn merged(text: &str, over: &Value) -> String {
        merge_text(text, &document::read("test", text).unwrap(), over.as_object().unwrap()).unwrap()
    }

    const TEXT: &str = "# head\n\nquery:\n  # why\n  stores:\n    - \"a:1\" # x\n    - \"b:1\"\n  service:\n    type: \"NodePort\"\n\nconfig: |-\n  a: 1\n\n  b: 2\n\nflow: {a: [1,\n  2]}\nlast: 1\n";

    #[test]
    fn keys_are_replaced_where_they_stand_and_added_where_they_belong() {
        let over = json!({"query": {"service": {"type": "ClusterIP", "x": {"on": 1}}, "new": ["a"]}, "config": "z", "flow": null, "top": {"a": {"b": {}}}});
        assert_eq!(
            merged(TEXT, &over),
            "# head\n\nquery:\n  # why\n  stores:\n    - \"a:1\" # x\n    - \"b:1\"\n  service:\n    type: ClusterIP\n    x:\n      \"on\": 1\n  new:\n    - a\n\nconfig: z\n\nflow: null\nlast: 1\n\ntop:\n  a:\n    b: {}\n"
        );
        assert_eq!(merged(TEXT, &json!({})), TEXT);
        assert_eq!(merged(TEXT, &json!({"query": {}})), TEXT);
    }

    fn over() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            Just(json!([])),
            Just(json!({})),
            "(?s).{0,9}".prop_map(Value::from),
            Just(json!([{"a": 1}, 2]))
        ];
        let name = || {
            prop_oneof![
                Just("query"),
                Just("stores"),
                Just("service"),
                Just("type"),
                Just("config"),
                Just("flow"),
                Just("last"),
                Just("n")
            ]
        };
        leaf.prop_recursive(3, 20, 4, move |inner| {
            prop::collection::hash_map(name().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn the_text_says_what_the_trees_say(over in over(), again in over()) {
            let (Value::Object(over), Value::Object(again)) = (over, again) else { return Ok(()) };
            let mut tree: Map<String, Value> = document::read("test", TEXT).unwrap();
            let mut text = TEXT.to_owned();
            for over in [over, again] {
                text = merge_text(&text, &tree, &over).unwrap();
                merge_tree(&mut tree, &over);
            }
            let read: Value = document::read("test", &text).unwrap();
            prop_assert_eq!(read, Value::Object(tree), "{}", text);
        }
    }
}
