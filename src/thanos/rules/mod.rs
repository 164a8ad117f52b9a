//! The ruler's rule files: checked as Thanos does when it loads them, and joined into the one text that a chart takes.

mod check;
mod join;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::failure::{Failure, Failures};
use crate::findings::finding::{Finding, Severity};
use crate::text::without_credentials;

/// Everything that is wrong in the rule file `text`, which was read from `file`, in the order of its lines. What any of
/// Thanos' readers refuses, or drops without a word, is an error; what they all take is none.
pub fn check_document(file: &str, text: &str) -> Vec<Finding> {
    check::check(file, text).findings
}

/// Rule files that a ruler would load, as one text. Holds at least one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFiles {
    text: String,
    warnings: Vec<Finding>,
}

impl RuleFiles {
    /// Checks `files`, each a path and a text, and joins them in the order of their paths. A single file keeps its
    /// text; line breaks become `\n`, of blank lines at its end none stays.
    ///
    /// # Errors
    /// Whatever a ruler would refuse, or would drop without a word, with file, line and column.
    pub fn check(mut files: Vec<(String, String)>) -> Result<Self, Failures> {
        files.sort();
        for (_, text) in &mut files {
            let lines = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
            *text = format!("{}\n", lines.trim_end_matches(['\n', ' ', '\t']));
        }
        let mut groups: HashMap<(String, bool), check::Group> = HashMap::new();
        let (mut failures, mut warnings) = (Vec::new(), Vec::new());
        for (path, text) in &files {
            let checked = check::check(path, text);
            let (errors, others): (Vec<_>, Vec<_>) =
                checked.findings.into_iter().partition(|finding| finding.severity == Severity::Error);
            failures.extend(errors.iter().map(failure));
            warnings.extend(others);
            for group in checked.groups {
                match groups.entry((group.name.clone(), group.warns)) {
                    Entry::Occupied(first) => failures.push(twice(&group, first.get())),
                    Entry::Vacant(vacant) => drop(vacant.insert(group)),
                }
            }
        }
        if let Some(failures) = Failures::from_vec(failures) {
            return Err(failures);
        }
        if groups.is_empty() {
            return Err(no_group().into());
        }
        let text = match &files[..] {
            [(_, text)] => text.clone(),
            several => join::join(several)?,
        };
        Ok(Self { text, warnings })
    }

    /// The text that the ruler is given: one document with `groups` at its top.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a ruler takes, and probably not as it was meant.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

fn failure(finding: &Finding) -> Failure {
    let failure = Failure::new(finding.message.clone());
    let failure = finding.place.iter().fold(failure, |failure, place| failure.placed(place));
    finding.hint.iter().fold(failure, |failure, hint| failure.hint(hint.clone()))
}

fn twice(group: &check::Group, first: &check::Group) -> Failure {
    Failure::new(format!("group `{}` stands twice, first at {}", without_credentials(&group.name), first.place))
        .placed(&group.place)
        .hint("the ruler is given one file, and refuses two groups of one name in it")
}

/// No rule at all is no mistake of a file, but of who asked for a ruler.
fn no_group() -> Failure {
    Failure::new("the ruler has no rules: none of its rule files holds a group")
        .hint("name the files in `thanos.ruler.rules`; a file starts with `groups:`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str]) -> Result<String, String> {
        let files = files.iter().enumerate().map(|(i, text)| (format!("{i}.yaml"), (*text).to_owned())).collect();
        RuleFiles::check(files).map(|files| files.text).map_err(|failures| failures.to_string())
    }

    const ALERT: &str = "groups:\n- name: a # first\n  rules:\n  - alert: Gone\n    # why\n    expr: absent(up)\n";

    #[test]
    fn one_file_keeps_its_text() {
        assert_eq!(check(&[ALERT]).unwrap(), ALERT);
        assert_eq!(check(&[&format!("\u{feff}{}\r\n\r\n", ALERT.replace('\n', "\r\n"))]).unwrap(), ALERT);
    }

    #[test]
    fn several_files_keep_their_lines_and_comments() {
        let other = "# of team b\n---\ngroups:  # here\n    - name: b\n      rules:\n        - record: x\n          expr: |\n\n            sum(\n              up)\n";
        assert_eq!(
            check(&[ALERT, other]).unwrap(),
            "groups:\n    # 0.yaml\n    - name: a # first\n      rules:\n      - alert: Gone\n        # why\n        expr: absent(up)\n    \
             # 1.yaml\n    # of team b\n    # here\n    - name: b\n      rules:\n        - record: x\n          expr: |\n\n            sum(\n              up)\n"
        );
    }

    #[test]
    fn files_in_other_styles_are_joined_too() {
        let flow = r#"{"groups": [{"name": "b", "rules": [{"record": "x", "expr": "up"}]}]}"#;
        let joined = check(&[ALERT, flow, "# nothing\n", "groups: []\n"]).unwrap();
        assert_eq!(
            joined,
            format!(
                "groups:\n{}",
                concat!(
                    "  # 0.yaml\n  - name: a # first\n    rules:\n    - alert: Gone\n      # why\n      expr: absent(up)\n",
                    "  # 1.yaml\n  - name: b\n    rules:\n      - record: x\n        expr: up\n",
                    "  # 2.yaml\n  # nothing\n  # 3.yaml\n"
                )
            )
        );
    }

    #[test]
    fn what_a_ruler_would_refuse_or_drop_is_refused_with_its_place() {
        let rule = |rule: &str| format!("groups:\n- name: g\n  rules:\n  - {rule}\n");
        for (text, said) in [
            ("- name: g\n".to_owned(), "0.yaml:1:1"),
            ("spec:\n  groups: []\n".to_owned(), "unknown key `spec`"),
            ("groups: []\n".to_owned(), "none of its rule files holds a group"),
            ("groups:\n- null\n".to_owned(), "0.yaml:2:3: a group is empty"),
            ("groups:\n- rules: []\n".to_owned(), "a group has no name"),
            ("groups:\n- name: ''\n".to_owned(), "a group has no name"),
            ("groups:\n- name: g\n- name: g\n".to_owned(), "0.yaml:3:3: group `g` stands twice, first at 0.yaml:2:3"),
            ("groups:\n- name: g\n  intervall: 1m\n".to_owned(), "did you mean `interval`?"),
            ("groups:\n- name: g\n  interval: 60\n".to_owned(), "`60` is no duration"),
            ("groups:\n- name: g\n  limit: '10'\n".to_owned(), "limit"),
            ("groups:\n- name: g\n  partial_response_strategy: 'warn '\n".to_owned(), "warn or abort"),
            ("groups:\n- name: g\n  labels: {__name__: x}\n".to_owned(), "`__name__`"),
            (rule("up"), "0.yaml:4:5"),
            (rule(""), "a rule is empty"),
            (rule("expr: up"), "record nor alert"),
            (rule("{record: a, alert: b, expr: up}"), "both record and alert"),
            (rule("alert: a"), "no expr"),
            (rule("{alert: a, expr: ' '}"), "no expr"),
            (rule("{record: a, expr: up, for: 1m}"), "recording rule has `for`"),
            (rule("{record: a, expr: up, annotations: {a: b}}"), "recording rule has `annotations`"),
            (rule("{record: 'a{b=\"c\"}', expr: up}"), "braces"),
            (rule("{alert: a, expr: up, for: 1.5s}"), "no duration"),
            (rule("{alert: a, expr: up, severity: page}"), "unknown key `severity`"),
            (rule("{alert: a, expr: {up: }}"), "0.yaml:4"),
            (rule("{alert: a, expr: up, labels: {a: 1, a: 2}}"), "0.yaml:4"),
        ] {
            let failures = check(&[&text]).unwrap_err();
            assert!(failures.contains(said), "{text}: {failures}");
        }
        assert!(
            check(&[ALERT, ALERT]).unwrap_err().contains("1.yaml:2:3: group `a` stands twice, first at 0.yaml:2:3")
        );
    }

    #[test]
    fn what_only_our_parser_takes_is_refused() {
        let directive = check(&[&format!("%YAML 1.2\n---\n{ALERT}")]).unwrap_err();
        assert!(directive.contains("0.yaml:1:1: a directive (`%`) other than `%YAML 1.1`"), "{directive}");
        let block = "groups:\n- name: a\n  rules:\n  - record: x\n    expr: |\n      up\n\t\n    labels: {}\n";
        let tab = check(&[block]).unwrap_err();
        assert!(tab.contains("0.yaml:7:1: a tab"), "{tab}");
        assert!(check(&[&block.replace("\n\t\n", "\n")]).is_ok());
    }

    #[test]
    fn what_a_ruler_takes_is_taken() {
        for text in [
            "groups:\n- name: 5\n  limit: 1e3\n  query_offset: 0s\n  partial_response_strategy: Warn\n  labels: {a: true}\n",
            "groups:\n- name: g\n  rules:\n",
            "groups:\n- name: g\n  limit: null\n  rules: [{record: 1, expr: 1, for: 0}, {alert: ä ö, expr: 'up', for: 0, keep_firing_for: 1h30m}]\n",
        ] {
            check(&[text]).unwrap();
        }
    }

    #[test]
    fn a_value_that_is_a_number_is_told_as_go_writes_it() {
        let told = |value: &str| {
            let text = format!("groups:\n- name: g\n  labels: {{a: {value}}}\n");
            check_document("f", &text).into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("\n")
        };
        for (value, read) in
            [("1e5", "100000"), ("1000000.0", "1e+06"), ("0x10", "16"), ("on", "true"), (".5_0", "0.5")]
        {
            assert!(told(value).contains(&format!("`{value}`, which the ruler reads as `{read}`")), "{}", told(value));
        }
        for value in ["12", "a", "'1e5'", "<<", "2024-01-02", ".5_"] {
            assert_eq!(told(value), "");
        }
    }
}
