//! What the chart refuses when it is installed.

use super::{Checker, lost_text};
use crate::chart::refused::{Reason, is_given, refusals};
use crate::findings::codes;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let found = {
        // What a text has lost is still meant to be in it.
        let values = &lost_text::with_lost(checker);
        refusals(checker.subject.chart, values, &|component| is_given(values, &format!("{component}.enabled")))
    };
    for refusal in found {
        let code = match refusal.reason {
            Reason::NoObjstore => codes::NO_OBJSTORE,
            Reason::NoAlertmanagers => codes::RULER_WITHOUT_ALERTMANAGERS,
            Reason::AlertmanagersTwice => codes::ALERTMANAGERS_TWICE,
            Reason::NoRules => codes::RULER_WITHOUT_RULES,
            // The text itself is looked at, where it stands.
            Reason::UndeclaredVariable => continue,
            Reason::ShardLists => codes::SHARD_LISTS,
            Reason::StandaloneReceiver => codes::STANDALONE_RECEIVER,
            Reason::IncompleteTls => codes::INCOMPLETE_TLS,
            Reason::SchemaOfMode => codes::AGAINST_SCHEMA,
        };
        let place = checker.key(&refusal.path);
        checker.add(code, place, format!("`{}`: {}", refusal.path, refusal.told.trim_start_matches("and "))).hint =
            Some(refusal.hint);
    }
}
