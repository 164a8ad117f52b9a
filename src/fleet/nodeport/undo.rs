//! Bringing a Service back to how it was before it was changed.
//!
//! Two requests do it, since one cannot: the first brings the spec back, which makes us the owner of what it changes;
//! the second gives that ownership back and takes the marks away. The record stays on the Service until the second,
//! so that whoever is killed in between can be finished later.

use serde_json::{Map, Value, json};

use super::{Left, Record, UNDO_ANNOTATION, annotation_path};
use crate::fleet::live::{Difference, LiveService, differences};

/// What there is to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// The spec, then the marks.
    Spec,
    /// The marks alone: the spec is as it was already.
    Marks,
    /// The marks alone: its owner gave it the old type back, and whatever else it is now is the owner's.
    MarksOfOwner,
}

/// What there is to undo on `live`, which was changed as `record` says and left as `left` says, if that is known.
///
/// # Errors
/// How the Service differs from what it was left as: somebody else changed it since.
pub fn undo(live: &LiveService, record: &Record, left: Option<&Left>) -> Result<Undo, Vec<Difference>> {
    if has_annotations(live, record.annotations()) {
        let (now, before) = (&live.spec()["type"], &record.spec()["type"]);
        if live.spec() == record.spec() {
            return Ok(Undo::Marks);
        }
        if now == before && now != "NodePort" {
            return Ok(Undo::MarksOfOwner);
        }
    }
    let expected = left.map_or_else(|| record.expected(live.spec()), |left| left.spec.clone());
    let changed = differences("spec", &expected, live.spec());
    if changed.is_empty() { Ok(Undo::Spec) } else { Err(changed) }
}

fn has_annotations(live: &LiveService, wanted: &Map<String, Value>) -> bool {
    wanted.iter().all(|(key, value)| live.annotation(key).is_some_and(|text| value.as_str() == Some(text)))
}

impl Record {
    /// The JSON patch that brings the spec back, on the condition that `live` is still as it was read.
    pub fn restore(&self, live: &LiveService) -> Value {
        let mut patch = preconditions(live);
        patch.push(json!({"op": "replace", "path": "/spec", "value": self.spec()}));
        if !self.annotations().is_empty() && live.annotations().is_none() {
            patch.push(json!({"op": "add", "path": "/metadata/annotations", "value": {}}));
        }
        for (key, value) in self.annotations() {
            patch.push(json!({"op": "add", "path": annotation_path(key), "value": value}));
        }
        patch.into()
    }

    /// Whether nobody else wrote to `live` since the change left it as it did.
    pub fn is_untouched(&self, live: &LiveService, left: Option<&Left>) -> bool {
        left.is_some_and(|left| self.others(&left.managed_fields) == self.others(live.managed_fields()))
    }

    /// The JSON patch that takes our marks off `live`: the annotation, and our entries among the managed fields.
    ///
    /// With `before` the managed fields are set to what they were before the change, which is right when nobody else
    /// wrote since; without, our entries go and those of others stay.
    pub fn clear(&self, live: &LiveService, before: Option<&[Value]>) -> Value {
        let mut patch = preconditions(live);
        let now = live.managed_fields();
        match before.filter(|before| !before.is_empty()) {
            Some(before) => patch.push(json!({"op": "replace", "path": "/metadata/managedFields", "value": before})),
            // An empty list would be taken for a wish to forget who owns what.
            None if self.others(now).is_empty() => {}
            None => {
                let own = (0..now.len()).rev().filter(|at| self.is_own(&now[*at]));
                patch.extend(own.map(|at| json!({"op": "remove", "path": format!("/metadata/managedFields/{at}")})));
            }
        }
        if live.annotation(UNDO_ANNOTATION).is_some() {
            patch.push(json!({"op": "remove", "path": annotation_path(UNDO_ANNOTATION)}));
        }
        patch.into()
    }

    fn is_own(&self, entry: &Value) -> bool {
        entry["manager"] == self.field_manager() && entry["operation"] == "Update" && entry["subresource"].is_null()
    }

    /// The entries of others, without the time, which says nothing of what they own.
    fn others(&self, entries: &[Value]) -> Vec<Value> {
        let mut others: Vec<Value> = entries.iter().filter(|entry| !self.is_own(entry)).cloned().collect();
        for entry in &mut others {
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("time");
            }
        }
        others
    }
}

fn preconditions(live: &LiveService) -> Vec<Value> {
    vec![
        json!({"op": "test", "path": "/metadata/uid", "value": live.uid()}),
        json!({"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version()}),
    ]
}
