//! Helm's `tpl`: a value that passes through it is a Go template, whatever it was meant to be.

/// A text that `tpl` turns into `text`: of each `{{` an action is made that prints it.
///
/// Nothing else in a text starts an action (text/template, lex.go: lexText looks for the left delimiter alone), and in
/// the action no blank is trimmed, since no dash stands at its ends.
pub(super) fn escape(text: &str) -> String {
    text.replace("{{", "{{ `{{` }}")
}

/// The text of which [`escape`] made `template`; `None` when its actions do more than to print braces.
pub(super) fn unescape(template: &str) -> Option<String> {
    let text = template.replace("{{ `{{` }}", "{{");
    (escape(&text) == template).then_some(text)
}

/// Whether an action in `template` asks for what only an alert has (`$labels`, `$value` and the like). Prometheus knows
/// these; Helm, which is there first, fails at a variable that nobody declared.
pub(super) fn asks_of_an_alert(template: &str) -> bool {
    const VARIABLES: [&str; 4] = ["$labels", "$value", "$externalLabels", "$externalURL"];
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        rest = &rest[at + 2..];
        // To the end of the action, past what is quoted in it.
        while !rest.is_empty() && !rest.starts_with("}}") {
            let quote = rest.chars().next().filter(|c| matches!(c, '`' | '"'));
            if let Some(end) = quote.and_then(|quote| rest[1..].find(quote)) {
                rest = &rest[end + 2..];
                continue;
            }
            if VARIABLES.iter().any(|name| rest.starts_with(name)) {
                return true;
            }
            rest = &rest[rest.chars().next().map_or(1, char::len_utf8)..];
        }
    }
    false
}

/// Go's template lexer, as far as escaped texts need it: a text, or an action that is one raw string.
#[cfg(test)]
pub(super) fn tpl(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        let action = &rest[at + 2..];
        assert!(!action.starts_with("- ") && !action.starts_with("/*"), "a trimming or a comment: {template}");
        let raw = action.trim_start().strip_prefix('`').expect("a raw string");
        let (raw, behind) = raw.split_once('`').expect("a closed raw string");
        out.push_str(raw);
        rest = behind.trim_start().strip_prefix("}}").expect("a closed action");
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_rule_says_of_its_labels_survives() {
        assert_eq!(escape("{{ $labels.x }}"), "{{ `{{` }} $labels.x }}");
        for text in ["{{{", "{{{{", "{{-", "{{- x -}}", "a}}b", "{{ `{{` }}", "{{/* */}}", "{ {", "`{{`"] {
            assert_eq!(tpl(&escape(text)), text);
        }
    }

    #[test]
    fn only_an_action_that_helm_would_run_asks_of_an_alert() {
        for text in ["{{ $labels.x }}", "a {{$value}}", "{{ `a` }} {{- $labels.x -}}", "{{ printf \"é}}\" $value }}"] {
            assert!(asks_of_an_alert(text), "{text}");
            assert!(!asks_of_an_alert(&escape(text)), "{text}");
        }
        for text in
            ["$labels", "{{ `{{ $labels.x }}` }}", "{{ .Values.x }}", "{{ \"$value\" }}", "{{", "}} $value {{ x"]
        {
            assert!(!asks_of_an_alert(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_survives(text in "[{}` \n$a-c/*-]{0,24}") {
            prop_assert_eq!(tpl(&escape(&text)), text);
        }
    }
}
