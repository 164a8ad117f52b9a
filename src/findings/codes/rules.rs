//! What is wrong in rule files: THC265 to THC279.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// The file is no YAML that Thanos reads.
pub const UNREADABLE_RULES: Code = Code(265);
/// A key that no ruler knows.
pub const UNKNOWN_RULE_KEY: Code = Code(266);
/// A key that stands twice.
pub const DUPLICATE_RULE_KEY: Code = Code(267);
/// A value that its key does not take.
pub const WRONG_RULE_VALUE: Code = Code(268);
/// A group that is empty, has no name, or the name of another one.
pub const WRONG_RULE_GROUP: Code = Code(269);
/// A rule that is neither a recording rule nor an alert.
pub const WRONG_RULE: Code = Code(270);
/// A name that no label can have.
pub const WRONG_RULE_LABEL: Code = Code(271);
/// An expression that is no PromQL.
pub const WRONG_EXPRESSION: Code = Code(272);
/// A template that cannot be expanded.
pub const WRONG_TEMPLATE: Code = Code(273);
/// A value that the ruler reads as another one.
pub const REWRITTEN_VALUE: Code = Code(274);
/// A label without a value.
pub const LABEL_WITHOUT_VALUE: Code = Code(275);
/// Something that thanosctl cannot judge.
pub const UNJUDGED_RULE: Code = Code(276);
/// A second document.
pub const IGNORED_DOCUMENT: Code = Code(277);
/// A file without a rule.
pub const NO_RULES: Code = Code(278);
/// A template where none is expanded.
pub const UNEXPANDED_TEMPLATE: Code = Code(279);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: UNREADABLE_RULES,
        name: "unreadable-rules",
        severity: Severity::Error,
        summary: "a rule file that Thanos cannot read",
        meaning: "The file is no YAML as Go's parser reads it, or not the mapping with `groups` that a rule file is. A ruler \
                  exits when it finds such a file at its start, and keeps its old rules when it is told to read them again.",
        remedy: "Mend the line. Tabs cannot indent YAML, and a text with `{`, `*`, `&` or `%` at its start stands in quotes.",
    },
    Explanation {
        code: UNKNOWN_RULE_KEY,
        name: "unknown-rule-key",
        severity: Severity::Error,
        summary: "a key in a rule file that Thanos does not know",
        meaning: "A group or a rule with a key that Thanos does not know is refused. At the top of the file the ruler ignores it, \
                  and with it all that stands below: a PrometheusRule object loads without a word, and without a rule.",
        remedy: "Take the key out, or write it as Thanos does. Of a PrometheusRule object a ruler reads what stands below `spec`.",
    },
    Explanation {
        code: DUPLICATE_RULE_KEY,
        name: "duplicate-rule-key",
        severity: Severity::Error,
        summary: "a key that stands twice in a rule file",
        meaning: "The same key stands twice in a group, a rule or its labels, perhaps because `<<` merged it. A ruler takes the \
                  last one in silence; `thanos tools rules-check` and Prometheus refuse the file.",
        remedy: "Keep one of them.",
    },
    Explanation {
        code: WRONG_RULE_VALUE,
        name: "wrong-rule-value",
        severity: Severity::Error,
        summary: "a value in a rule file that its key does not take",
        meaning: "A duration without a unit, a limit in quotes, a list where a text belongs: the ruler refuses the file.",
        remedy: "Durations are written as `30s`, `5m` or `1h30m`, `limit` as a number without quotes, \
                 `partial_response_strategy` as `warn` or `abort`, and an expression that starts with a brace in quotes.",
    },
    Explanation {
        code: WRONG_RULE_GROUP,
        name: "wrong-rule-group",
        severity: Severity::Error,
        summary: "a group of rules that is empty, without a name, or stands twice",
        meaning: "Each group needs a name that no other group of the file has, with the same `partial_response_strategy`. An \
                  empty item in the list of groups makes the ruler crash.",
        remedy: "Name the groups apart, and take out what is empty. `thanos tools rules-check` does not see two groups of one name.",
    },
    Explanation {
        code: WRONG_RULE,
        name: "wrong-rule",
        severity: Severity::Error,
        summary: "a rule that is neither a recording rule nor an alert",
        meaning: "A rule has an `expr` and either `record` or `alert`. A recording rule has no `for`, `keep_firing_for` or \
                  `annotations`, and no braces in its name. An empty item in the list of rules is dropped by the ruler.",
        remedy: "Complete the rule, or take it out.",
    },
    Explanation {
        code: WRONG_RULE_LABEL,
        name: "wrong-rule-label",
        severity: Severity::Error,
        summary: "a label of a rule whose name no label can have",
        meaning: "A label has a name, and it is not `__name__`, which is the metric's. The labels of a group are checked by the \
                  ruler alone: `thanos tools rules-check` lets them pass.",
        remedy: "Name the label otherwise; the metric's name belongs into `record`.",
    },
    Explanation {
        code: WRONG_EXPRESSION,
        name: "wrong-expression",
        severity: Severity::Error,
        summary: "an expression that the ruler does not take for PromQL",
        meaning: "The expression is wrong in grammar or in types, or uses what is experimental in Prometheus, such as `limitk`, \
                  `info` or computed durations: a ruler of Thanos cannot switch that on. One such rule and the whole file is \
                  refused.",
        remedy: "Mend it at the place that is told. Variables of Grafana such as `$__rate_interval` have no meaning in a rule.",
    },
    Explanation {
        code: WRONG_TEMPLATE,
        name: "wrong-template",
        severity: Severity::Error,
        summary: "a template in an alert that cannot be expanded",
        meaning: "Labels and annotations of alerts are templates of Go with the functions of Prometheus and the variables \
                  `$labels`, `$value`, `$externalLabels` and `$externalURL`. Functions of sprig and Helm are not among them. One \
                  such text and the whole file is refused.",
        remedy: "Mend it at the place that is told. A label whose name is no word is read with `index $labels` and its name.",
    },
    Explanation {
        code: REWRITTEN_VALUE,
        name: "rewritten-value",
        severity: Severity::Warning,
        summary: "a value that the ruler reads as another one",
        meaning: "The ruler reads rule files as YAML 1.1 and writes them again before it loads them: `yes` becomes `true`, `0755` \
                  becomes `493`, `1e3` becomes `1000`. Prometheus keeps what is written, so one file gives two alerts.",
        remedy: "Put the value in quotes.",
    },
    Explanation {
        code: LABEL_WITHOUT_VALUE,
        name: "label-without-value",
        severity: Severity::Warning,
        summary: "a label or annotation of a rule without a value",
        meaning: "Nothing stands behind the name, and a label without a value is no label: it vanishes.",
        remedy: "Give it a value, or take it out.",
    },
    Explanation {
        code: UNJUDGED_RULE,
        name: "unjudged-rule",
        severity: Severity::Warning,
        summary: "something in a rule file that thanosctl cannot judge",
        meaning: "The file holds what thanosctl does not follow: a tag of YAML, more nesting than it goes down into, a regular \
                  expression near the size that Go allows. Thanos may take it or refuse it.",
        remedy: "Ask `thanos tools rules-check --rules=FILE`.",
    },
    Explanation {
        code: IGNORED_DOCUMENT,
        name: "ignored-document",
        severity: Severity::Warning,
        summary: "a second document that Thanos does not read",
        meaning: "Of several documents in one file Thanos reads the first alone, and says nothing of the others.",
        remedy: "Put all into one document, or into files of their own.",
    },
    Explanation {
        code: NO_RULES,
        name: "no-rules",
        severity: Severity::Warning,
        summary: "a rule file without a group",
        meaning: "The ruler takes the file and has no rule from it.",
        remedy: "A rule file is a mapping with `groups`, a list of groups that each have `name` and `rules`.",
    },
    Explanation {
        code: UNEXPANDED_TEMPLATE,
        name: "unexpanded-template",
        severity: Severity::Warning,
        summary: "a template where none is expanded",
        meaning: "Templates are expanded in labels and annotations of alerts alone. In a recording rule's labels and in a group's \
                  labels of recording rules the braces stay as they are.",
        remedy: "Compute the label in the expression, with `label_replace`.",
    },
];
