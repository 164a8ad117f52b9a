//! What the parts of a release are made from.

use serde_json::Value;

use crate::chart::dialect::Row;
use crate::chart::layout::Written;
use crate::chart::release::Release;
use crate::fleet::plan::Endpoint;

/// A row of the chart, and all that decides about what stands behind its key.
pub(super) struct Given<'g, 'r> {
    pub(super) release: &'g Release<'r>,
    pub(super) row: &'g Row,
    /// The stores of the querier.
    pub(super) endpoints: &'g [Endpoint],
    /// What the querier should be given too and cannot now, a line each.
    pub(super) missing: &'g [String],
}

impl Given<'_, '_> {
    /// A text as the chart takes it at this key: where it runs texts through templates, none of ours is one.
    pub(super) fn text(&self, text: &str) -> String {
        self.release.chart.text(self.row, text)
    }

    /// The same on one line.
    pub(super) fn line(&self, text: &str) -> Written {
        Written::Line(self.text(text).into())
    }

    /// The same over several lines.
    pub(super) fn lines(&self, text: &str) -> Written {
        Written::Text(self.text(text))
    }
}

/// A value on one line that cannot hold a template.
pub(super) fn own(value: impl Into<Value>) -> Written {
    Written::Line(value.into())
}

/// A list; nothing when it is empty.
pub(super) fn some_list(items: impl IntoIterator<Item = Value>) -> Option<Written> {
    let items: Vec<Value> = items.into_iter().collect();
    (!items.is_empty()).then_some(Written::Value(Value::Array(items)))
}
