//! Texts that the chart runs through Helm's `tpl`: what in them is an action that cannot be meant.

use super::Checker;
use super::text::{Action, actions, inner};
use super::tree::{Kind, Node};
use crate::chart::tpl;
use crate::findings::codes;
use crate::place::Lines;

/// How to write braces that Helm must leave alone.
const ESCAPE: &str = "write each `{{` of it as {{ `{{` }}, with the backquotes; `gen-values` does it by itself";

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let templated = |span: Option<crate::chart::version::Span>| span.is_some_and(|span| span.holds(chart.version));
    for row in chart.dialect.rows.iter().filter(|row| row.span.holds(chart.version) && templated(row.templated)) {
        if let Some(node) = chart.place(row).and_then(|path| checker.node(&path)) {
            below(checker, node);
        }
    }
}

fn below(checker: &mut Checker<'_, '_>, node: &Node) {
    let tree = checker.tree;
    match &node.kind {
        Kind::Scalar(scalar) if scalar.value.is_string() && scalar.text.contains("{{") => text(checker, node),
        Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| below(checker, tree.node(*item))),
        Kind::Mapping { entries, .. } => entries.iter().for_each(|entry| below(checker, tree.node(entry.node))),
    }
}

fn text(checker: &mut Checker<'_, '_>, node: &Node) {
    let (text, frame) = inner(checker.tree, node);
    let lines = Lines::of(text);
    for Action { start, end, body } in actions(text) {
        let place = || frame.place(lines.position(start));
        let Some(end) = end else {
            checker
                .add(
                    codes::BROKEN_TEMPLATE,
                    place(),
                    "Helm takes this `{{` for the beginning of an action, which does not end",
                )
                .hint = Some(ESCAPE.to_owned());
            return;
        };
        if tpl::asks_of_an_alert(&text[start..end]) {
            checker
                .add(codes::UNDECLARED_VARIABLE, place(), "Helm takes this for its own, and knows no such variable")
                .hint = Some(ESCAPE.to_owned());
        } else if body.trim_matches('-').trim().is_empty() {
            checker
                .add(codes::BROKEN_TEMPLATE, place(), "Helm takes this for an action, and there is nothing in it")
                .hint = Some(ESCAPE.to_owned());
        }
    }
}
