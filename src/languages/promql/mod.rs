//! Whether a text is an expression that Prometheus takes: grammar and types, as the ruler of Thanos checks them when it
//! loads a rule (prometheus/prometheus 0.309, promql/parser).
//!
//! A parser of our own. What there is to buy rejects expressions that Thanos takes, takes some that it rejects, and
//! cannot say where in the text it stumbled; here all three are what the check is for. Experimental functions and
//! durations that are computed are refused, since no ruler switches them on.

mod functions;
mod lexer;
mod number;
mod parser;
pub(super) mod quoted;
mod regex;
mod types;
mod wrong;

pub use wrong::{Certainty, Wrong};

/// Checks an expression.
///
/// # Errors
/// What is wrong with it first.
pub fn check(text: &str) -> Result<(), Wrong> {
    parser::check(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn refused(text: &str, at: usize, words: &str) {
        let wrong = check(text).unwrap_err();
        assert!(wrong.message.contains(words) && wrong.at == at, "{text}: {wrong:?}");
        assert_eq!(wrong.certainty, Certainty::Refused, "{text}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        refused("", 0, "no expression");
        refused("up ==", 5, "unexpected end");
        refused("sum(up", 6, "unclosed left parenthesis");
        refused("rate(up)", 5, "expected a range vector, got an instant vector");
        refused("a + foo(up)", 4, "unknown function `foo`");
        refused("sum by (a) (up) by (b)", 16, "unexpected `by`");
        refused("up{job=~\"(\"}", 3, "missing closing )");
        refused("up{job==\"a\"}", 7, "expected a text");
        refused("limitk(2, up)", 0, "experimental");
        refused("rate(up[5m*2])", 10, "computed durations");
        refused("1 == 2", 2, "`bool`");
        refused("1 + 1__0", 4, "no number");
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = |depth: usize| format!("{}up{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(check(&deep(200)), Ok(()));
        assert_eq!(check(&deep(100_000)).unwrap_err().certainty, Certainty::Doubtful);
        assert_eq!(check(&format!("{}1", "-".repeat(100_000))).unwrap_err().certainty, Certainty::Doubtful);
        assert_eq!(check(&format!("{}1", "1^".repeat(100_000))).unwrap_err().certainty, Certainty::Doubtful);
        assert_eq!(check(&format!("1{}", " + 1".repeat(100_000))), Ok(()));
        let regex = format!("up{{a=~\"{}{}\"}}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(check(&regex).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "(?s)[a-z_:0-9(){}\\[\\],.=!~<>+*/%^@#\"'`\\\\ \nü-]{0,40}|.{0,20}") {
            if let Err(wrong) = check(&text) {
                prop_assert!(text.is_char_boundary(wrong.at), "{text:?} {wrong:?}");
            }
        }
    }
}
