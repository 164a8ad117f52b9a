//! Items of a list: which stay, which come, and which bytes that changes.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::document::{Entry, Item, Kind, Node};
use super::splice::{Edits, begins_line, line_end, line_end_before, line_start, skip_blanks};
use super::style::{like, quotes_of};
use crate::text::clean;

/// What becomes of a list that has items. All are texts.
#[derive(Default)]
pub(super) struct Plan {
    /// The items in their new order; those that stay are in their old one.
    pub slots: Vec<Slot>,
}

/// An item after the change.
pub(super) enum Slot {
    /// An item that stays, at least its place.
    Old {
        index: usize,
        text: String,
        /// Whether its text is another now.
        is_new_text: bool,
        /// What stands beside it instead.
        comment: Option<String>,
    },
    /// An item that comes in, and what stands beside it where there is room for it.
    New { text: String, comment: Option<String> },
}

impl Slot {
    /// The item that stays.
    pub(super) fn index(&self) -> Option<usize> {
        match self {
            Self::Old { index, .. } => Some(*index),
            Self::New { .. } => None,
        }
    }

    /// What it says.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Old { text, .. } | Self::New { text, .. } => text,
        }
    }
}

/// How a list of texts becomes another by taking out and putting in; `None` when it does not: what stays has another
/// order, or not all are texts.
pub(super) fn plan(node: &Node, value: &Value) -> Option<Plan> {
    let (Kind::List { items, .. }, Value::Array(new)) = (&node.kind, value) else { return None };
    let text_of = |item: &Item| match &item.node.kind {
        Kind::Scalar { text, style }
            if *style != crate::languages::yaml::Style::Plain || crate::yaml::scalar(text) == *text =>
        {
            Some(text.clone())
        }
        _ => None,
    };
    let old: Vec<String> = items.iter().map(text_of).collect::<Option<_>>()?;
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (at, text) in old.iter().enumerate() {
        first.entry(text).or_insert(at);
    }
    let mut slots = Vec::new();
    let mut next = 0;
    for value in new {
        let text = value.as_str()?.to_owned();
        match first.get(text.as_str()).copied() {
            Some(index) if index >= next => {
                next = index + 1;
                slots.push(Slot::Old { index, text, is_new_text: false, comment: None });
            }
            Some(_) => return None,
            None => slots.push(Slot::New { text, comment: None }),
        }
    }
    (!items.is_empty()).then_some(Plan { slots })
}

/// What stands beside the item `index` of a list, behind the `#`. In a list between brackets an item has a comment only
/// if it is the only item of its line, and what stands behind the bracket is about the list.
pub(super) fn comment_of(text: &str, list: &Node, index: usize) -> Option<Range<usize>> {
    let Kind::List { is_flow, items } = &list.kind else { return None };
    let item = &items.get(index)?.node;
    if !matches!(item.kind, Kind::Scalar { .. } | Kind::Block { .. }) {
        return None;
    }
    let comment = comment_behind(text, item.range.end)?;
    let line = line_start(text, item.range.start)..line_end(text, item.range.end);
    let shares = |other: &Item| other.node.range.start <= line.end && other.node.range.end >= line.start;
    // They stand in the order of the text.
    let neighbours = [index.checked_sub(1), Some(index + 1)].into_iter().flatten().filter_map(|at| items.get(at));
    let is_clear = !is_flow || comment.start < list.range.end && !neighbours.into_iter().any(shares);
    is_clear.then_some(comment)
}

/// What stands behind the `#` on the line on which something ends.
fn comment_behind(text: &str, end: usize) -> Option<Range<usize>> {
    // The end of the line is looked for only if there is a comment: a line may be long, and hold many items.
    let rest = text[end..].trim_start_matches([' ', '\t', ',', ']', '}']);
    if !rest.starts_with('#') {
        return None;
    }
    let line = end..line_end(text, end);
    let rest = text[line.clone()].trim_start_matches([' ', '\t', ',', ']', '}']).strip_prefix('#')?;
    let start = line.end - rest.trim_start_matches([' ', '\t']).len();
    Some(start..start.max(line.start + text[line].trim_end_matches([' ', '\t']).len()))
}

/// Plans the changes of the list that is the value of `entry`.
pub(super) fn edit(text: &str, entry: &Entry, plan: &Plan, edits: &mut Edits) {
    let Kind::List { is_flow, items } = &entry.node.kind else { return };
    for slot in &plan.slots {
        let Slot::Old { index, text: new, is_new_text, comment } = slot else { continue };
        let node = &items[*index].node;
        if *is_new_text {
            edits.replace(node.range.clone(), like(quotes_of(node), new));
        }
        if let (Some(comment), Some(range)) = (comment, comment_of(text, &entry.node, *index)) {
            edits.replace(range, clean(comment));
        }
    }
    if *is_flow {
        Flow { text, range: entry.node.range.clone(), items, plan, stays: stays(items, plan) }.edit(edits);
    } else {
        block(text, entry, items, plan, edits);
    }
}

/// For each item whether it stays.
fn stays(items: &[Item], plan: &Plan) -> Vec<bool> {
    let mut stays = vec![false; items.len()];
    for index in plan.slots.iter().filter_map(Slot::index) {
        stays[index] = true;
    }
    stays
}

/// Items that come in at one place.
struct Group<'p> {
    /// The item behind which they stand, which may be gone; `None` for before the first.
    behind: Option<usize>,
    /// The item that stays and comes next.
    next: Option<usize>,
    new: Vec<(&'p str, Option<&'p str>)>,
}

fn groups<'p>(items: &[Item], plan: &'p Plan) -> Vec<Group<'p>> {
    let mut groups: Vec<Group<'p>> = Vec::new();
    let mut previous = None;
    let mut open = false;
    for (at, slot) in plan.slots.iter().enumerate() {
        match slot {
            Slot::Old { index, .. } => {
                previous = Some(*index);
                open = false;
            }
            Slot::New { text, comment } => {
                if !open {
                    let next = plan.slots[at..].iter().find_map(Slot::index);
                    // Without one that stays before them, they take the place of those that are gone.
                    let behind = previous.or_else(|| next.unwrap_or(items.len()).checked_sub(1));
                    groups.push(Group { behind, next, new: Vec::new() });
                    open = true;
                }
                if let Some(group) = groups.last_mut() {
                    group.new.push((text, comment.as_deref()));
                }
            }
        }
    }
    groups
}

fn with_comment(item: String, comment: Option<&str>) -> String {
    match comment {
        Some(comment) => format!("{item} # {}", clean(comment)),
        None => item,
    }
}

fn block(text: &str, entry: &Entry, items: &[Item], plan: &Plan, edits: &mut Edits) {
    let Some(colon) = entry.colon else { return };
    if plan.slots.is_empty() {
        edits.insert(colon, " []");
    }
    for (item, _) in items.iter().zip(stays(items, plan)).filter(|(_, stays)| !stays) {
        let start = line_end_before(text, item.dash).unwrap_or_else(|| line_start(text, item.dash));
        edits.remove(start..line_end(text, item.node.range.end));
    }
    for group in groups(items, plan) {
        let neighbour = &items[group.behind.or(group.next).unwrap_or(0)];
        let lead = &text[line_start(text, neighbour.dash)..neighbour.dash];
        let gap = &text[neighbour.dash + 1..neighbour.node.range.start.max(neighbour.dash + 1)];
        let gap = if !gap.is_empty() && gap.bytes().all(|byte| byte == b' ') { gap } else { " " };
        let quotes = quotes_of(&neighbour.node);
        let line = |(text, comment): &(&str, Option<&str>)| {
            with_comment(format!("{lead}-{gap}{}", like(quotes, text)), *comment)
        };
        let lines: Vec<String> = group.new.iter().map(line).collect();
        let end = group.behind.map_or(colon, |index| items[index].node.range.end);
        edits.insert_lines(text, line_end(text, end), &lines);
    }
}

/// A list between brackets.
struct Flow<'a> {
    text: &'a str,
    range: Range<usize>,
    items: &'a [Item],
    plan: &'a Plan,
    stays: Vec<bool>,
}

impl Flow<'_> {
    fn edit(&self, edits: &mut Edits) {
        let Some(last) = self.items.len().checked_sub(1) else { return };
        let is_own_line = begins_line(self.text, self.start(last)) && self.ends_line(last);
        if self.plan.slots.is_empty() || !self.stays.contains(&true) && !is_own_line {
            let new: Vec<String> =
                self.plan.slots.iter().map(|slot| like(quotes_of(&self.items[last].node), slot.text())).collect();
            let inside =
                if new.is_empty() { self.range.start + 1..self.range.end - 1 } else { self.start(0)..self.end(last) };
            edits.replace(inside, new.join(", "));
            return;
        }
        self.take_out(last, edits);
        let groups = groups(self.items, self.plan);
        let ends_with_new = matches!(self.plan.slots.last(), Some(Slot::New { .. }));
        let last_stays = self.stays.iter().rposition(|stays| *stays);
        if let (Some(kept), false, None) = (last_stays, ends_with_new, self.comma(last))
            && let Some(comma) = self.comma(kept).filter(|_| kept < last && !self.is_on_line_of_end(kept))
        {
            edits.remove(comma..comma + 1);
        }
        let count = groups.len();
        for (at, group) in groups.iter().enumerate() {
            self.put_in(group, ends_with_new && at + 1 == count && self.comma(last).is_none(), edits);
        }
    }

    fn take_out(&self, last: usize, edits: &mut Edits) {
        let mut end = self.items.len();
        if let Some(kept) = self.stays.iter().rposition(|stays| *stays)
            && kept < last
            && self.is_on_line_of_end(kept)
        {
            edits.remove(self.end(kept)..self.end(last));
            end = kept;
        }
        for index in (0..end).filter(|index| !self.stays[*index]) {
            let ends_line = self.ends_line(index);
            let start = match line_end_before(self.text, self.start(index)) {
                Some(before) if ends_line && begins_line(self.text, self.start(index)) => before,
                _ => self.start(index),
            };
            let behind = self.comma(index).map_or(self.end(index), |comma| comma + 1);
            let end = if ends_line { line_end(self.text, behind) } else { skip_blanks(self.text, behind) };
            edits.remove(start..end);
        }
    }

    fn put_in(&self, group: &Group<'_>, is_end: bool, edits: &mut Edits) {
        let quotes = quotes_of(&self.items[group.behind.or(group.next).unwrap_or(0)].node);
        let inline = group.new.iter().map(|(text, _)| like(quotes, text)).collect::<Vec<_>>().join(", ");
        let Some(behind) = group.behind else {
            edits.insert(self.start(group.next.unwrap_or(0)), inline + ", ");
            return;
        };
        if self.ends_line(behind) {
            if self.stays[behind] && self.comma(behind).is_none() {
                edits.insert(self.end(behind), ",");
            }
            let lead = self.lead(behind);
            let count = group.new.len();
            let lines = group.new.iter().enumerate().map(|(at, (text, comment))| {
                let is_last = at + 1 == count && (is_end || self.comma(behind).is_none());
                let comma = if is_last { "" } else { "," };
                with_comment(format!("{lead}{}{comma}", like(quotes, text)), *comment)
            });
            let lines: Vec<String> = lines.collect();
            edits.insert_lines(self.text, line_end(self.text, self.end(behind)), &lines);
        } else if !self.stays[behind] {
            edits.insert(self.start(group.next.unwrap_or(0)), inline + ", ");
        } else {
            edits.insert(self.end(behind), format!(", {inline}"));
        }
    }

    fn start(&self, index: usize) -> usize {
        self.items[index].node.range.start
    }

    fn end(&self, index: usize) -> usize {
        self.items[index].node.range.end
    }

    /// The comma behind an item.
    fn comma(&self, index: usize) -> Option<usize> {
        let limit = self.items.get(index + 1).map_or(self.range.end - 1, |next| next.node.range.start);
        let mut at = self.end(index);
        loop {
            at = self.text.len() - self.text[at..].trim_start().len();
            match self.text.as_bytes().get(at) {
                Some(b',') if at < limit => return Some(at),
                Some(b'#') if at < limit => at = line_end(self.text, at),
                _ => return None,
            }
        }
    }

    /// Whether nothing but a comma and a comment stands behind an item in its line.
    fn ends_line(&self, index: usize) -> bool {
        let is_blank = |character: char| character.is_whitespace() && character != '\n';
        let rest = self.text[self.end(index)..].trim_start_matches(is_blank);
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start_matches(is_blank);
        rest.is_empty() || rest.starts_with(['#', '\n'])
    }

    /// Whether the last item stands in the line in which this one ends.
    fn is_on_line_of_end(&self, index: usize) -> bool {
        !self.text[self.end(index)..self.end(self.items.len() - 1)].contains('\n')
    }

    /// The blanks before a new line behind an item.
    fn lead(&self, index: usize) -> String {
        let starts = |index: &usize| begins_line(self.text, self.start(*index));
        match (index..self.items.len()).chain((0..index).rev()).find(starts) {
            Some(index) => self.text[line_start(self.text, self.start(index))..self.start(index)].to_owned(),
            None => {
                let line = &self.text[line_start(self.text, self.range.start)..];
                format!("{}  ", &line[..line.len() - line.trim_start_matches(' ').len()])
            }
        }
    }
}
