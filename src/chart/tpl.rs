//! Helm's `tpl`: a value that passes through it is a Go template, whatever it was meant to be.

/// A text that `tpl` turns into `text`: of each `{{` an action is made that prints it.
///
/// Nothing else in a text starts an action (text/template, lex.go: lexText looks for the left delimiter alone), and in
/// the action no blank is trimmed, since no dash stands at its ends.
pub fn escape(text: &str) -> String {
    text.replace("{{", "{{ `{{` }}")
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

    proptest! {
        #[test]
        fn every_text_survives(text in "[{}` \n$a-c/*-]{0,24}") {
            prop_assert_eq!(tpl(&escape(&text)), text);
        }
    }
}
