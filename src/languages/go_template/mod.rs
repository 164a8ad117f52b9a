//! Whether a text is a template that Prometheus can expand: Go's text/template with the functions and variables of
//! alerts, checked as the ruler does when it loads a rule. It is only parsed: what a template asks for when it is
//! expanded, such as a label that is not there, is not looked at.

mod lexer;
mod number;
mod parser;

/// What is wrong with a template. The first thing alone, as Go tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where: bytes from the start of the text.
    pub at: usize,
    /// What, in words: lower case, no full stop.
    pub message: String,
    /// How to write it instead, where that is known.
    pub hint: Option<&'static str>,
    /// Whether Thanos refuses it; else it goes beyond what is followed here.
    pub is_certain: bool,
}

/// The functions that Prometheus adds (prometheus/prometheus 0.309, template/template.go) and those of Go itself.
const FUNCTIONS: [&str; 48] = [
    "and",
    "args",
    "call",
    "eq",
    "externalURL",
    "first",
    "ge",
    "graphLink",
    "gt",
    "html",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "index",
    "js",
    "label",
    "le",
    "len",
    "lt",
    "match",
    "ne",
    "not",
    "now",
    "or",
    "parseDuration",
    "pathPrefix",
    "print",
    "printf",
    "println",
    "query",
    "reReplaceAll",
    "safeHtml",
    "slice",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "toDuration",
    "toLower",
    "toTime",
    "toUpper",
    "urlQueryEscape",
    "urlquery",
    "value",
];

/// What stands before every template of an alert.
const VARIABLES: [&str; 5] = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];

/// Checks a template of the alert of this name.
///
/// # Errors
/// What is wrong with it first.
pub fn check(text: &str, alert: &str) -> Result<(), Wrong> {
    parser::check(text, &format!("__alert_{alert}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, at, words) in [
            ("x {{ $labels.a-b }}", 14, "bad character"),
            ("{{ $label.x }}", 3, "undefined variable `$label`"),
            ("{{ $value | round }}", 12, "function `round` is not defined"),
            ("{{ if }}x{{ end }}", 0, "missing value for if"),
            ("{{ if true }}x", 14, "unexpected end"),
            ("{{ end }}", 3, "unexpected `end`"),
            ("{{ $value", 9, "unclosed action"),
            ("{{ \"\\d\" }}", 3, "escape"),
            ("{{ define \"x\" }}{{ $labels.a }}{{ end }}", 19, "undefined variable"),
            ("{{ 1 | 2 }}", 7, "cannot be piped into"),
        ] {
            let wrong = check(text, "A").unwrap_err();
            assert!(wrong.message.contains(words) && wrong.at == at && wrong.is_certain, "{text}: {wrong:?}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        for (open, close) in [("{{ if true }}", "{{ end }}"), ("{{ if true }}a{{ else if true }}", "{{ end }}")] {
            assert!(!check(&format!("{}{}", open.repeat(50_000), close.repeat(50_000)), "A").unwrap_err().is_certain);
        }
        let parens = format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(!check(&parens, "A").unwrap_err().is_certain);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(
            parts in prop::collection::vec("\\{\\{-? ?|if |range |end|else|define|template|block| ?-?\\}\\}|\\$[a-z]*|[\"`'(|.:=,]|[a-z0-9 \n*/\\\\ü-]{0,4}|.", 0..14),
        ) {
            let text = parts.concat();
            if let Err(wrong) = check(&text, "A") {
                prop_assert!(text.is_char_boundary(wrong.at), "{text:?} {wrong:?}");
            }
        }
    }
}
