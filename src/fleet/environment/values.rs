//! Which values of an annotation or a label count.

/// Which values of an annotation or a label count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Any value, also an empty one.
    Any,
    /// Any value that is not empty.
    Given,
    /// One of these, as they are written.
    Is(&'static [&'static str]),
    /// Any value but these.
    Not(&'static [&'static str]),
    /// What Go's `strconv.ParseBool` reads as true.
    True,
    /// What Go's `strconv.ParseBool` reads as false.
    False,
    /// A JSON object that has this text at this key.
    Json(&'static str, &'static str),
    /// A JSON object that has a list at the first key, and in each of its items this text at the second.
    JsonEach(&'static str, &'static str, &'static str),
    /// No value.
    Never,
}

impl Values {
    /// Whether `value` is one of them.
    pub fn hold(self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Given => !value.is_empty(),
            Self::Is(values) => values.contains(&value),
            Self::Not(values) => !values.contains(&value),
            Self::True => ["1", "t", "T", "TRUE", "true", "True"].contains(&value),
            Self::False => ["0", "f", "F", "FALSE", "false", "False"].contains(&value),
            Self::Json(key, text) => {
                serde_json::from_str::<serde_json::Value>(value).is_ok_and(|value| value[key] == text)
            }
            Self::JsonEach(list, key, text) => serde_json::from_str::<serde_json::Value>(value).is_ok_and(|value| {
                let items = value[list].as_array().map(Vec::as_slice).unwrap_or_default();
                !items.is_empty() && items.iter().all(|item| item[key] == text)
            }),
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_their_controllers_read_them() {
        for (values, yes, no) in [
            (Values::Any, &["x", ""][..], &[][..]),
            (Values::Given, &["x", "false"], &[""]),
            (Values::Is(&["Internal", "internal"]), &["Internal"], &["INTERNAL", "true", ""]),
            (Values::Not(&["false", ""]), &["true", "0.0.0.0/0", "False"], &["false", ""]),
            (Values::True, &["1", "True"], &["yes", "tRUE", "false", ""]),
            (Values::False, &["0", "False"], &["no", "true", ""]),
            (
                Values::Json("type", "inner"),
                &[r#"{"type":"inner","name":"a"}"#],
                &[r#"{"type":"public"}"#, "inner", "{"],
            ),
            (
                Values::JsonEach("nets", "type", "private"),
                &[r#"{"nets":[{"type":"private"}]}"#, r#"{"nets":[{"type":"private"},{"type":"private"}]}"#],
                &[r#"{"nets":[{"type":"private"},{"type":"public"}]}"#, r#"{"nets":[]}"#, "{}", "[]", "{", ""],
            ),
            (Values::Never, &[], &["", "true"]),
        ] {
            assert!(yes.iter().all(|value| values.hold(value)), "{values:?}");
            assert!(!no.iter().any(|value| values.hold(value)), "{values:?}");
        }
    }
}
