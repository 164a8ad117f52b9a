//! The keys of a values file, section by section, as its template gets them. The template says in which order the sections
//! stand; what it ordered is nested here, since two sections may share a key.

use std::fmt;
use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, ErrorKind, State};
use serde_json::{Map, Value, json};

use super::part::{Component, Part};
use super::template_names::Section;
use super::{merge, names_of};
use crate::template::{self, Choice, Content, Record};

/// What stands behind a key.
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

impl Written {
    /// The value that Helm shall read.
    fn meant(&self) -> Value {
        match self {
            Self::Value(value) | Self::Line(value) => value.clone(),
            Self::Text(text) => text.as_str().into(),
            Self::Stores(stores, _) => stores.iter().map(|(address, _)| address.as_str()).collect(),
        }
    }
}

/// A key of the values.
pub(super) struct Key {
    /// Its names, joined by dots; a dot behind a `\\` belongs to a name.
    pub(super) path: String,
    /// What it carries.
    pub(super) part: Part,
    /// What stands behind it.
    pub(super) written: Written,
    /// Whether it names a Secret that thanosctl writes.
    pub(super) is_ours: bool,
    /// Whether the file says that Helm runs its text through templates.
    pub(super) notes_templates: bool,
}

/// The keys of a values file, in the order of the chart's rows. It may hold secrets.
#[derive(Default)]
pub(super) struct Layout {
    keys: Vec<Arc<Key>>,
    marks: Vec<(String, &'static str)>,
}

impl Layout {
    /// Adds a key. What was added before at its very path is replaced in its place.
    pub(super) fn set(&mut self, key: Key) {
        self.keys.push(Arc::new(key));
    }

    /// Gives the key at `path`, below which others stand, the name of a part, by which the template can say something above
    /// it; without that key, nothing.
    pub(super) fn mark(&mut self, path: &str, part: &'static str) {
        self.marks.push((path.to_owned(), part));
    }

    /// The values that the keys mean.
    pub(super) fn tree(&self) -> Map<String, Value> {
        let mut tree = Map::new();
        for key in &self.keys {
            let names = names_of(&key.path);
            let nested = names.iter().rev().fold(key.written.meant(), |below, name| json!({ name: below }));
            if let Value::Object(nested) = nested {
                merge(&mut tree, &nested);
            }
        }
        tree
    }

    /// `record` with the sections, each by its name, and `nested`, by which the template orders them.
    pub(super) fn fill(&self, record: Record) -> Record {
        let section = |record: Record, name: &'static str| {
            let keys = self.keys.iter().filter(|key| key.part.section().name() == name).cloned().collect();
            record.with(name, template::Value::from_object(Keys { section: name, keys }))
        };
        let record = Section::NAMES.iter().copied().fold(record, section);
        record.with("nested", template::Value::from_object(Nested { marks: self.marks.clone() }))
    }
}

/// The keys of a section.
struct Keys {
    section: &'static str,
    keys: Vec<Arc<Key>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the section {}", self.section)
    }
}

impl Object for Keys {}

/// Nests sections in the order in which a template names them.
#[derive(Debug)]
struct Nested {
    marks: Vec<(String, &'static str)>,
}

impl Object for Nested {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, sections: &[template::Value]) -> Result<template::Value, Error> {
        let mut nodes: Vec<Node> = Vec::new();
        for section in sections {
            let Some(Keys { section, keys }) = section.downcast_object_ref() else {
                return Err(Error::new(ErrorKind::UndefinedError, "`nested` takes sections alone"));
            };
            let opened = nodes.len();
            keys.iter().for_each(|key| set(&mut nodes, &names_of(&key.path), key));
            if let Some(first) = nodes.get_mut(opened) {
                first.opens = Some(section);
            }
        }
        for (path, part) in &self.marks {
            if let Some(node) = find(&mut nodes, &names_of(path)) {
                node.part = Some(part);
            }
        }
        Ok(nodes.iter().map(|node| node.record(0)).collect())
    }
}

/// A key, and what stands below it or behind it.
struct Node {
    name: String,
    /// The section whose first key it is.
    opens: Option<&'static str>,
    part: Option<&'static str>,
    below: Vec<Node>,
    key: Option<Arc<Key>>,
}

/// Sets the key with these names behind those that are there.
fn set(mut nodes: &mut Vec<Node>, names: &[String], key: &Arc<Key>) {
    let Some((last, parents)) = names.split_last() else { return };
    for name in parents {
        let node = at(nodes, name);
        node.key = None;
        nodes = &mut node.below;
    }
    let node = at(nodes, last);
    node.part = Some(key.part.name());
    node.below.clear();
    node.key = Some(key.clone());
}

/// The node of that name, which is added where there is none.
fn at<'n>(nodes: &'n mut Vec<Node>, name: &str) -> &'n mut Node {
    let at = nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        nodes.push(Node { name: name.to_owned(), opens: None, part: None, below: Vec::new(), key: None });
        nodes.len() - 1
    });
    &mut nodes[at]
}

fn find<'n>(nodes: &'n mut [Node], names: &[String]) -> Option<&'n mut Node> {
    let (first, rest) = names.split_first()?;
    let node = nodes.iter_mut().find(|node| node.name == *first)?;
    if rest.is_empty() { Some(node) } else { find(&mut node.below, rest) }
}

impl Node {
    /// As the template gets it, indented by so many blanks.
    fn record(&self, indent: usize) -> template::Value {
        let key = self.key.as_deref();
        let (mut stores, mut missing) = (None, None);
        let content = match key.map(|key| &key.written) {
            None => Content::Below(self.below.iter().map(|node| node.record(indent + 2)).collect()),
            Some(Written::Value(value)) => Content::Value(value.clone()),
            Some(Written::Line(value)) => Content::Line(value.clone()),
            Some(Written::Text(text)) => Content::Text(text.clone()),
            Some(Written::Stores(all, lost)) => {
                let store = |(address, origin): &(String, String)| {
                    template::Value::from(Record::default().with("address", address).with("origin", origin))
                };
                stores = Some(all.iter().map(store).collect::<template::Value>());
                missing = Some(lost.iter().collect::<template::Value>());
                Content::Below(Vec::new())
            }
        };
        let component = key.and_then(|key| key.part.component()).map(Component::name);
        template::key(&self.name, indent, content)
            .with("is_top", indent == 0)
            .with("opens", Choice { chosen: self.opens, of: Section::NAMES })
            .with("part", Choice { chosen: self.part, of: Part::NAMES })
            .with("component", Choice { chosen: component, of: Component::NAMES })
            .with("is_ours", key.is_some_and(|key| key.is_ours))
            .with("notes_templates", key.is_some_and(|key| key.notes_templates))
            .with("stores", stores)
            .with("missing", missing)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    const NESTED: &str = "{% for key in nested(images, query, ruler) recursive %}
{% if key.opens.query %}
# the querier
{% endif %}
{% if key.part.moved_images %}
# images
{% elif key.part.flags and key.component.ruler %}
{{ key.indent }}# flags of the ruler
{% endif %}
{% if key.below %}
{{ key.indent }}{{ key.name }}:
{{ loop(key.below) -}}
{% elif key.lines %}
{{ key.indent }}{{ key.name }}:
{{ key.lines }}
{% else %}
{{ key.indent }}{{ key.name }}: {{ key.value }}
{% endif %}
{% endfor %}
";

    fn set(layout: &mut Layout, path: &str, part: Part, written: Written) {
        layout.set(Key { path: path.to_owned(), part, written, is_ours: false, notes_templates: false });
    }

    #[test]
    fn sections_stand_in_the_order_of_the_template_and_share_their_keys() {
        let mut layout = Layout::default();
        set(&mut layout, "all.labels", Part::ReplicaLabels, Written::Line(json!(["a", "no"])));
        set(&mut layout, "query.flags", Part::Flags(Component::Query), Written::Value(json!(["--x"])));
        set(&mut layout, "all.image.tag", Part::MovedImages, Written::Value(json!("v1")));
        set(&mut layout, "query.rules.a\\.yaml", Part::Rules, Written::Text("a: 1\nb: 2\n".to_owned()));
        set(&mut layout, "rule.flags", Part::Flags(Component::Ruler), Written::Value(json!(["--y"])));
        set(&mut layout, "all.image.tag", Part::MovedImages, Written::Value(json!("v2")));
        layout.mark("all.image", Part::MOVED_IMAGES);
        layout.mark("none", Part::MOVED_MINIO_IMAGES);
        let meant = Value::Object(layout.tree());
        let text = Template::new("test", NESTED).render(layout.fill(Record::default()), &[&meant]);
        assert_eq!(
            text.unwrap_or_else(|failure| panic!("{failure}")),
            "all:\n# images\n  image:\n    tag: v2\n  labels: [a, \"no\"]\n# the querier\nquery:\n  flags:\n    - \"--x\"\n  \
             rules:\n    a.yaml: |\n      a: 1\n      b: 2\nrule:\n  # flags of the ruler\n  flags:\n    - \"--y\"\n"
        );
    }

    #[test]
    fn every_row_and_every_section_has_a_name_that_templates_know() {
        for dialect in super::super::dialects::DIALECTS {
            for row in dialect.rows {
                let component = row.part.component().map_or("query", Component::name);
                assert!(Part::NAMES.contains(&row.part.name()), "{:?}", row.part);
                assert!(Section::NAMES.contains(&row.part.section().name()), "{:?}", row.part);
                assert!(Component::NAMES.contains(&component), "{component}");
            }
        }
    }
}
