//! Which bytes of a document change, so that it says what is wished.

use serde_json::Value;

use super::document::{Document, Entry, Kind, Node};
use super::list;
use super::refusal::{check, check_key, tied};
use super::splice::{Edits, break_of_line, column, line_end, line_end_before, line_start};
use super::stores::{self, store_line};
use super::style::{Style, flow_like};
use super::wish::{Absent, Wish};
use crate::document::DocumentError;
use crate::yaml;

/// Collects the changes of a document. Beside them it keeps what the document should say afterwards: each function gets
/// the tree of its node, and leaves in it what its changes say.
pub(super) struct Planner<'d> {
    document: &'d Document,
    text: &'d str,
    style: Style,
    pub edits: Edits,
}

/// An entry of a mapping, and whether it stands between braces.
#[derive(Clone, Copy)]
pub(super) struct Slot<'d> {
    pub entry: &'d Entry,
    pub is_flow: bool,
}

/// What stands behind a key in block style: on its line, and below.
struct Written {
    inline: String,
    lines: Vec<String>,
}

impl<'d> Planner<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let text = document.text.as_str();
        Self { document, text, style: Style::of(text, &document.root), edits: Edits::default() }
    }

    /// Plans the document as a whole.
    pub(super) fn document(&mut self, tree: &mut Value, wish: &Wish<'_>) -> Result<(), DocumentError> {
        let root = &self.document.root;
        check(self.document, root, "")?;
        if !root.is_empty() {
            return self.keys(root, tree, wish, "");
        }
        let Some(value) = wish.added() else { return Ok(()) };
        *tree = value;
        let lines = self.added(wish, 0);
        let line = line_start(self.text, root.range.start)..line_end(self.text, root.range.end);
        if root.range.is_empty() {
            self.append(&lines);
        } else if line == root.range {
            let line_break = break_of_line(self.text, line.end);
            self.edits.replace(line, lines.join("\n").replace('\n', line_break));
        } else {
            self.edits.remove(root.range.clone());
            self.edits.insert_lines(self.text, line.end, &lines);
        }
        Ok(())
    }

    /// Puts lines behind all comments of a document that says nothing, before the mark of its end.
    fn append(&mut self, lines: &[String]) {
        let mark = self.text.match_indices("\n...").map(|(at, _)| at + 1).last();
        let at = mark.unwrap_or(self.text.len());
        match line_end_before(self.text, at) {
            Some(end) if line_start(self.text, at) == at => self.edits.insert_lines(self.text, end, lines),
            _ if at > 0 => self.edits.insert_lines(self.text, at, lines),
            _ => self.edits.insert(0, lines.join("\n") + "\n"),
        }
    }

    /// Plans what stands behind a key.
    pub(super) fn value(
        &mut self,
        at: Slot<'d>,
        tree: &mut Value,
        wish: &Wish<'_>,
        path: &str,
    ) -> Result<(), DocumentError> {
        let node = &at.entry.node;
        check(self.document, node, path)?;
        match (wish, &node.kind) {
            (Wish::Stores(stores), Kind::List { items, .. }) if !items.is_empty() => {
                let plan = stores::plan(self.document, node, tree, stores, path)?;
                list::edit(self.text, at.entry, &plan, &mut self.edits);
                *tree = plan.slots.iter().map(|slot| slot.text()).collect();
            }
            (Wish::Keys(_), Kind::Mapping { entries, .. }) if !entries.is_empty() => {
                self.keys(node, tree, wish, path)?;
            }
            (Wish::Keys(_) | Wish::Stores(_), _) if node.is_empty() => {
                if let Some(value) = wish.added() {
                    self.put(at, wish);
                    *tree = value;
                }
            }
            (Wish::Keys(_), _) => {
                let hint = "what belongs below it has no place here: make it a mapping";
                return Err(self.document.error(node.range.start, format!("`{path}` is no mapping"), hint));
            }
            (Wish::Stores(_), _) => {
                let hint = "the addresses belong into a list: `- ` before each, one a line";
                return Err(self.document.error(node.range.start, format!("`{path}` is no list"), hint));
            }
            (Wish::Value(value, _), _) if tree == *value => {}
            (Wish::Value(Value::Object(_), _), Kind::Mapping { entries, .. }) if !entries.is_empty() => {
                self.keys(node, tree, wish, path)?;
            }
            (Wish::Value(value, _), _) => {
                if let Some((below, property)) = node.tied() {
                    return Err(tied(self.document, below, property, path));
                }
                match list::plan(node, value) {
                    Some(plan) => list::edit(self.text, at.entry, &plan, &mut self.edits),
                    None => self.put(at, &Wish::Value(value, Absent::Add)),
                }
                *tree = (*value).clone();
            }
        }
        Ok(())
    }

    /// Plans the keys of a mapping that has some.
    pub(super) fn keys(
        &mut self,
        mapping: &'d Node,
        tree: &mut Value,
        wish: &Wish<'_>,
        path: &str,
    ) -> Result<(), DocumentError> {
        let Kind::Mapping { is_flow, entries } = &mapping.kind else { return Ok(()) };
        let (Some(keys), Some(last), Value::Object(tree)) = (wish.keys(), entries.last(), tree) else { return Ok(()) };
        let column = column(self.text, entries[0].key_range.start);
        let (mut lines, mut inline) = (Vec::new(), String::new());
        for (name, wish) in keys {
            if let Some(entry) = mapping.entry(name) {
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                check_key(self.document, entry, &path)?;
                let tree = tree.entry(name).or_insert(Value::Null);
                self.value(Slot { entry, is_flow: *is_flow }, tree, &wish, &path)?;
            } else if let Some(value) = wish.added() {
                if column == 0 && self.has_sections(entries) {
                    lines.push(String::new());
                }
                lines.extend(self.entry(name, &wish, column));
                inline += &format!(", {}: {}", yaml::scalar(name), yaml::flow(&value));
                tree.insert(name.to_owned(), value);
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        check_key(self.document, &entries[0], path)?;
        if *is_flow {
            self.edits.insert(last.end(), inline);
        } else {
            self.edits.insert_lines(self.text, line_end(self.text, last.end()), &lines);
        }
        Ok(())
    }

    /// Whether empty lines set the entries of a mapping apart.
    fn has_sections(&self, entries: &[Entry]) -> bool {
        let mut gaps = entries.windows(2).map(|pair| &self.text[pair[0].end()..pair[1].key_range.start]);
        gaps.any(|gap| gap.replace('\r', "").contains("\n\n"))
    }

    /// Writes a value in the place of the old one. A comment on its line stays.
    fn put(&mut self, at: Slot<'d>, wish: &Wish<'_>) {
        let (Some(value), node) = (wish.added(), &at.entry.node) else { return };
        let end = at.entry.end();
        let (colon, lead) = match at.entry.colon {
            Some(colon) => (colon, " "),
            None => (end, ": "),
        };
        let spans_lines = self.text[node.range.clone()].contains('\n');
        let inner = match (&node.kind, &value) {
            (Kind::List { items, .. }, Value::Array(new)) if items.is_empty() && (at.is_flow || spans_lines) => {
                let inner: Vec<String> = new.iter().map(yaml::flow).collect();
                Some(inner.join(", "))
            }
            (Kind::Mapping { entries, .. }, Value::Object(new))
                if entries.is_empty() && (at.is_flow || spans_lines) =>
            {
                let inner: Vec<String> =
                    new.iter().map(|(name, value)| format!("{}: {}", yaml::scalar(name), yaml::flow(value))).collect();
                Some(inner.join(", "))
            }
            _ => None,
        };
        if let Some(inner) = inner {
            // What else is between the brackets, such as a comment, stays.
            self.edits.insert(node.range.start + 1, inner);
            return;
        }
        let is_flow = matches!(node.kind, Kind::List { is_flow: true, .. } | Kind::Mapping { is_flow: true, .. });
        if at.is_flow || is_flow && !node.is_empty() && (value.is_array() || value.is_object()) {
            let text = flow_like(node, &value);
            if node.range.is_empty() {
                self.edits.insert(colon, format!("{lead}{text}"));
            } else {
                self.edits.replace(node.range.clone(), text);
            }
            return;
        }
        let written = self.written(wish, &value, node, column(self.text, at.entry.key_range.start));
        // What the old value has on the line of its key, and what it has below.
        let (token, below) = match &node.kind {
            Kind::Block { .. } => {
                let header_end = line_end(self.text, node.range.start);
                let header = self.text[node.range.start..header_end].split([' ', '\t']).next().unwrap_or_default();
                (node.range.start..node.range.start + header.len(), header_end..end)
            }
            Kind::List { is_flow: false, .. } | Kind::Mapping { is_flow: false, .. } => {
                (colon..colon, line_end(self.text, colon)..end)
            }
            Kind::List { .. } | Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Alias => {
                let line_end = line_end(self.text, end);
                (node.range.clone(), line_end..line_end)
            }
        };
        if token.is_empty() {
            let lead = if written.inline.is_empty() { "" } else { lead };
            self.edits.insert(colon, format!("{lead}{}", written.inline));
        } else if written.inline.is_empty() {
            self.edits.remove(colon..token.end);
        } else {
            self.edits.replace(token, written.inline);
        }
        self.edits.remove(below.clone());
        self.edits.insert_lines(self.text, below.start, &written.lines);
    }

    /// What stands behind a key at `column` in block style.
    fn written(&self, wish: &Wish<'_>, value: &Value, old: &Node, column: usize) -> Written {
        let lines = match (wish, value) {
            (_, Value::String(text)) if text.contains('\n') => {
                let block = yaml::block(text, column + self.style.mapping);
                let mut lines = block.split('\n').map(str::to_owned);
                return Written { inline: lines.next().unwrap_or_default(), lines: lines.collect() };
            }
            (Wish::Stores(stores), _) => {
                stores.iter().filter_map(|store| store_line(store, column + self.style.list)).collect()
            }
            (_, Value::Array(items)) if !items.is_empty() => {
                items.iter().flat_map(|value| yaml::item(value, column + self.style.list)).collect()
            }
            (_, Value::Object(entries)) if !entries.is_empty() => self.added(wish, column + self.style.mapping),
            _ => return Written { inline: flow_like(old, value), lines: Vec::new() },
        };
        Written { inline: String::new(), lines }
    }

    /// The lines of the keys that are added below a key, or to a document that has none.
    fn added(&self, wish: &Wish<'_>, column: usize) -> Vec<String> {
        let keys = wish.keys().unwrap_or_default();
        keys.iter().flat_map(|(name, wish)| self.entry(name, wish, column)).collect()
    }

    /// The lines of one key that is added; none when nothing is.
    fn entry(&self, name: &str, wish: &Wish<'_>, column: usize) -> Vec<String> {
        let Some(value) = wish.added() else { return Vec::new() };
        let Written { inline, lines } = self.written(wish, &value, &Node::nothing(0), column);
        let lead = if inline.is_empty() { "" } else { " " };
        let first = format!("{}{}:{lead}{inline}", yaml::blanks(column), yaml::scalar(name));
        std::iter::once(first).chain(lines).collect()
    }
}
