//! What is wrong in any values file, for one chart in one version, offline: one file for each family of findings.
//!
//! The file is parsed once, into a [`Tree`] that knows where everything stands; every check reads that. Whoever wrote the
//! file gets no false alarm: what is not known to be wrong is passed over.

mod alertmanagers;
mod checker;
mod components;
mod defects;
mod documents;
mod flag_lists;
mod flags;
mod frame;
mod images;
mod keys;
mod kubernetes;
mod lost_text;
mod minio;
mod minio_store;
mod names;
mod opened;
mod problem;
mod receivers;
pub mod rendered;
mod replaced;
mod secrets;
mod stores;
mod syntax;
mod templates;
mod text;
mod tree;
mod without_effect;
mod words;
mod worlds;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::installations::{Outside, Part, Source, Stream};
use super::placeholders::masked;
use crate::failure::Failure;
use crate::findings::codes;
use crate::findings::finding::{Code, Finding};
use crate::place::Place;
use crate::yaml;

use checker::{Above, Checker, Wanted};
use frame::Frame;
use opened::{Opened, Reading, Values, open};
use syntax::broken;
use tree::{Kind, Node, Tree};

pub use checker::{Checked, Subject};
pub use replaced::replaced_stores;
pub use secrets::secret_spans;
pub(super) use syntax::value_of;

impl Subject<'_> {
    /// Checks the text of a file: the first release in it.
    ///
    /// # Errors
    /// When there is nothing where the values should be.
    pub fn check(&self, file: &str, text: &str) -> Result<Checked, Failure> {
        let stream = Stream::of(file, text, self.wrapper);
        self.check_layers(&stream.first())
    }

    /// What of the values in a file did not arrive in `manifest`, which Helm rendered from them.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn check_rendered(&self, file: &str, text: &str, manifest: &str) -> Result<Vec<Finding>, Failure> {
        let stream = Stream::of(file, text, self.wrapper);
        self.check_rendered_layers(&stream.first(), manifest)
    }

    /// Checks the values of a release, the first layer first.
    ///
    /// # Errors
    /// When there is nothing where the values should be.
    pub fn check_layers(&self, sources: &[Source<'_>]) -> Result<Checked, Failure> {
        let mut checked = self.check_reading(sources, Reading::AsItStands)?;
        let may_be_filled = |source: &Source<'_>| {
            let holds = |stream: &Stream| stream.is_plain && stream.parts.iter().any(|part| part.text.contains('$'));
            holds(source.stream) || source.stream.others.iter().any(holds)
        };
        if !checked.findings.is_empty() && sources.iter().any(may_be_filled) {
            let filled = self.check_reading(sources, Reading::FilledIn)?;
            checked.findings = worlds::doubted(checked.findings, &filled.findings);
        }
        Ok(checked)
    }

    fn check_reading(&self, sources: &[Source<'_>], reading: Reading) -> Result<Checked, Failure> {
        let Opened { values, findings } = open(self, sources, reading)?;
        let above = Above {
            has_rest: has_rest(sources),
            conditions: sources.iter().flat_map(|source| source.installation.conditions.clone()).collect(),
        };
        let mut checked = match values {
            None => Checked::default(),
            Some(values) if above.has_rest || values.tree.holds_unknown() => self.check_in_all_worlds(&values, &above),
            Some(Values { tree, root }) => Checker::new(*self, &tree, tree.node(root), Vec::new()).run(&above),
        };
        checked.findings.extend(findings);
        merge(&mut checked.findings);
        Ok(checked)
    }

    /// What of the values did not arrive in `manifest`, which Helm rendered from them.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn check_rendered_layers(&self, sources: &[Source<'_>], manifest: &str) -> Result<Vec<Finding>, Failure> {
        Ok(match open(self, sources, Reading::AsItStands)?.values {
            Some(Values { tree, root }) => {
                let mut checker = Checker::new(*self, &tree, tree.node(root), Vec::new());
                rendered::check(&mut checker, manifest);
                checker.findings
            }
            None => Vec::new(),
        })
    }

    /// The secrets in the values, for who must not show them.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn secret_texts(&self, sources: &[Source<'_>]) -> Result<Vec<String>, Failure> {
        Ok(match open(self, sources, Reading::AsItStands)?.values {
            Some(Values { tree, root }) => secrets::of(&tree, tree.node(root)).into_iter().map(|it| it.text).collect(),
            None => Vec::new(),
        })
    }

    /// The values as a file of their own that Helm takes; `None` when Helm could not read them, or not all of them are
    /// known.
    ///
    /// # Errors
    /// As [`Subject::check`].
    pub fn values_text(&self, sources: &[Source<'_>]) -> Result<Option<String>, Failure> {
        let Opened { values, findings } = open(self, sources, Reading::AsItStands)?;
        Ok(match values {
            Some(values) if has_rest(sources) || values.tree.holds_unknown() => None,
            Some(Values { tree, root }) if !tree.is_composed && tree.root_number() == Some(root) => {
                Some(tree.text.into_owned())
            }
            Some(Values { tree, root }) => Some(yaml::document(&tree.value(tree.node(root)))),
            None if findings.is_empty() => Some(String::new()),
            None => None,
        })
    }
}

/// What is found in a document that nobody can read, of a file with objects.
pub fn unreadable(file: &str, part: &Part) -> Option<Finding> {
    let text = masked(&part.text, part.fillers);
    let frame = Frame::file(file).shifted(part.first_line, 0);
    Tree::read(Cow::Owned(text.into_owned()), frame).err().map(broken)
}

/// Whether any key may be set elsewhere.
fn has_rest(sources: &[Source<'_>]) -> bool {
    let is_rest = |outside: &Outside| matches!(outside, Outside::Rest(_));
    sources.iter().any(|source| source.installation.outside.iter().any(is_rest))
}

/// Makes one of findings that say the same of one place: as bad as the worst of them.
fn merge(findings: &mut Vec<Finding>) {
    let mut known: HashMap<(Code, &Place, &str), usize> = HashMap::with_capacity(findings.len());
    let mut severities: Vec<_> = findings.iter().map(|finding| Some(finding.severity)).collect();
    for (at, finding) in findings.iter().enumerate() {
        let Some(place) = &finding.place else { continue };
        let first = *known.entry((finding.code, place, finding.message.as_str())).or_insert(at);
        if first != at {
            severities[first] = severities[first].max(severities[at].take());
        }
    }
    let mut severities = severities.into_iter();
    findings.retain_mut(|finding| {
        let severity = severities.next().flatten();
        severity.map(|severity| finding.severity = severity).is_some()
    });
}

impl<'a, 't> Checker<'a, 't> {
    fn new(subject: Subject<'a>, tree: &'a Tree<'t>, root: &'a Node, findings: Vec<Finding>) -> Self {
        let values = match tree.value(root) {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        let lost = lost_text::find(&subject, tree, root);
        Self { subject, tree, root, values, findings, above: Above::default(), explained: HashSet::new(), lost }
    }

    /// Runs all checks.
    fn run(mut self, above: &Above) -> Checked {
        self.above = above.clone();
        let (tree, root) = (self.tree, self.root);
        match &root.kind {
            Kind::Mapping { .. } => {}
            // Helm reads nothing for an empty mapping.
            Kind::Scalar(scalar) if scalar.value.is_null() => return self.done(),
            Kind::Scalar(_) | Kind::List(_) => {
                let place = tree.place(root.spot);
                let what = if matches!(root.kind, Kind::List(_)) { "a list" } else { "a single text" };
                self.add(codes::NO_MAPPING, place, format!("values are a mapping, and here stands {what}")).hint =
                    Some("write `key: value`, with a blank behind the colon".to_owned());
                return self.done();
            }
        }
        let checker = &mut self;
        syntax::check(checker);
        lost_text::check(checker);
        flags::check(checker);
        flag_lists::check(checker);
        keys::check(checker);
        components::check(checker);
        defects::check(checker);
        stores::check(checker);
        alertmanagers::check(checker);
        words::check(checker);
        kubernetes::check(checker);
        images::check(checker);
        minio::check(checker);
        minio_store::check(checker);
        receivers::check(checker);
        without_effect::check(checker);
        names::check(checker);
        templates::check(checker);
        documents::check(checker);
        self.done()
    }

    fn done(mut self) -> Checked {
        merge(&mut self.findings);
        let secrets = secrets::spans(&self);
        Checked { findings: self.findings, secrets, values: self.values }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chart::chart_version::Chart;
    use crate::findings::finding::Severity;

    fn check(chart: &Chart, text: &str) -> Checked {
        Subject { chart, wrapper: None, release: Some("obs"), namespace: Some("obs") }
            .check("f", text)
            .unwrap_or_default()
    }

    #[test]
    fn a_warning_hides_no_error_and_only_what_is_the_same_is_one_finding() {
        let finding = |severity, message: &str| {
            let mut finding = Finding::new(codes::WRONG_TYPE, message);
            finding.severity = severity;
            finding.place = Some(Place { file: "f".to_owned(), line: 1, column: 1 });
            finding
        };
        let mut findings = vec![
            finding(Severity::Warning, "a"),
            finding(Severity::Error, "b"),
            finding(Severity::Error, "a"),
            finding(Severity::Note, "b"),
        ];
        merge(&mut findings);
        let told: Vec<_> = findings.iter().map(|finding| (finding.severity, finding.message.as_str())).collect();
        assert_eq!(told, [(Severity::Error, "a"), (Severity::Error, "b")]);
    }

    #[test]
    fn what_grows_or_nests_without_end_is_told_and_not_followed() {
        let chart = Chart::find_known("bitnami/thanos", Some("17.3.1")).unwrap();
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
        for text in [bomb.as_str(), &deep, "a: &a {b: *a}"] {
            let checked = check(&chart, text);
            assert_eq!(checked.findings.len(), 1, "{:#?}", checked.findings);
            assert_eq!(checked.findings[0].code, codes::BROKEN_YAML);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9: \\-#{}\\[\\]&*!|>'\"%@`<~\n\t\r\u{85}\u{2028}\u{feff}é]{0,80}") {
            let chart = Chart::find_known("bitnami/thanos", Some("17.3.1")).unwrap();
            check(&chart, &text);
            check(&chart, &format!("objstoreConfig: |\n  {}\nruler: {{enabled: true, config: {}}}\n", text.replace('\n', "\n  "), text));
        }
    }
}
