//! Whole documents: each has a template in `templates/` with its words, its order and its comments. Callers fill in names
//! and values.
//!
//! An interpolation is one YAML value, whatever it holds: no data can end a text, open a key or begin a line. A name that
//! a template uses and nobody fills in is an error, and so is one that is not set. What was rendered is read back and
//! compared with what was meant, so that a wrong template can write nothing.

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use minijinja::Value;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Enumerator, Object, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::text::{clean, nearest};
use crate::{document, yaml};

/// The template of a document, compiled when it is first used.
pub struct Template {
    /// Its file, below `templates/`.
    file: &'static str,
    source: &'static str,
    compiled: OnceLock<Environment<'static>>,
}

/// The template in a file below `templates/`.
macro_rules! template {
    ($file:literal) => {
        $crate::template::Template::new($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $file)))
    };
}
pub(crate) use template;

impl Template {
    /// The template `source`, which is called `file`.
    pub const fn new(file: &'static str, source: &'static str) -> Self {
        Self { file, source, compiled: OnceLock::new() }
    }

    /// The text that the template makes of `record`. It must say `meant`: one value for each of its documents.
    ///
    /// # Errors
    /// When the template is wrong, or does not say what was meant: names keys and lines, never values.
    pub fn render(&self, record: Record, meant: &[&Json]) -> Result<String, Failure> {
        let text = self.fill(record).map_err(|error| self.wrong(&error))?;
        let documents: Vec<&str> = documents(&text).into_iter().filter(|document| !is_comment(document)).collect();
        let difference = if documents.len() == meant.len() {
            documents.iter().zip(meant).find_map(|(document, meant)| {
                match document::read::<Json>(self.file, document) {
                    Ok(read) => difference(meant, &read, ""),
                    // What the parser says may quote a secret.
                    Err(error) => Some(format!("line {} is no YAML", error.place.line)),
                }
            })
        } else {
            Some(format!("it has {} documents, and {} were meant", documents.len(), meant.len()))
        };
        match difference {
            Some(difference) => Err(self.bug(difference)),
            None => Ok(text),
        }
    }

    /// The comments that it writes on lines of their own: of each, in their order, the texts that always stand in it. The
    /// last is empty where something else may end the comment. Comments of which only a part always stands in their line
    /// are left out.
    pub fn comments(&self) -> impl Iterator<Item = Vec<&'static str>> {
        let mut lines: Vec<&'static str> = Vec::new();
        let mut rest = self.source;
        while !rest.is_empty() {
            if let Some(remark) = rest.strip_prefix("{#") {
                rest = remark.split_once("#}\n").map_or("", |(_, behind)| behind);
                continue;
            }
            // A line whose break a tag takes away goes on behind it.
            let breaks = rest.match_indices('\n').map(|(at, _)| at + 1);
            let ends = |end: &usize| !rest[*end..].starts_with("{%-") && !rest[..*end].ends_with("-%}\n");
            let end = breaks.into_iter().find(ends).unwrap_or(rest.len());
            lines.push(&rest[..end]);
            rest = &rest[end..];
        }
        lines.into_iter().filter_map(comment_form)
    }

    fn fill(&self, record: Record) -> Result<String, Error> {
        let environment = match self.compiled.get() {
            Some(environment) => environment,
            None => {
                let new = environment(self.file, self.source)?;
                self.compiled.get_or_init(|| new)
            }
        };
        environment.get_template(self.file)?.render(Value::from_object(record))
    }

    fn wrong(&self, error: &Error) -> Failure {
        let line = error.line().unwrap_or_default();
        // Other kinds may quote a value, and so a secret.
        let is_about_names =
            matches!(error.kind(), ErrorKind::UndefinedError | ErrorKind::SyntaxError | ErrorKind::UnknownFilter);
        let detail = error.detail().filter(|_| is_about_names).map_or_else(String::new, |detail| format!(": {detail}"));
        self.bug(format!("line {line} of the template: {}{detail}", error.kind()))
    }

    /// It is ours to mend; nothing is written.
    pub fn bug(&self, why: impl fmt::Display) -> Failure {
        let file = self.file.trim_end_matches(".j2");
        Failure::new(format!("thanosctl wrote a `{file}` that does not say what was meant: this is a bug"))
            .caused_by(why)
            .hint("nothing was written; please report it with the settings, without secrets")
    }
}

/// The texts that always stand in the comment that a line of a template is; `None` of another line.
fn comment_form(line: &'static str) -> Option<Vec<&'static str>> {
    let line = line.trim_end();
    let line = line.strip_prefix("{{ key.indent }}").or_else(|| line.strip_prefix("{{ file.indent }}")).unwrap_or(line);
    let mut texts = Vec::new();
    let mut rest = line.trim_start().strip_prefix("# ")?;
    loop {
        let Some(at) = rest.find(['{', '\n']) else {
            texts.push(rest);
            return Some(texts);
        };
        texts.push(&rest[..at]);
        let tag = rest[at..].trim_start();
        rest = if tag.starts_with("{{") {
            tag.split_once("}}")?.1
        } else if tag.starts_with("{%") {
            // What stands there depends.
            tag.split_once("endif %}").or_else(|| tag.split_once("endif -%}"))?.1
        } else {
            return None;
        };
    }
}

/// The documents of a text, each with its last line break: without it, a block at its end would be another text.
fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\n---\n") {
        documents.push(&rest[..=at]);
        rest = &rest[at + "\n---\n".len()..];
    }
    documents.push(rest);
    documents
}

/// Whether nothing but comments stands in a document, as in front of the first `---`.
fn is_comment(document: &str) -> bool {
    document.lines().all(|line| line.is_empty() || line.starts_with('#'))
}

/// The first key at which `read` is not as `meant`, without its value.
fn difference(meant: &Json, read: &Json, path: &str) -> Option<String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (meant, read) {
        (Json::Object(meant), Json::Object(read)) => {
            let missing = |(name, meant): (&String, &Json)| match read.get(name) {
                Some(read) => difference(meant, read, &below(name)),
                None => Some(format!("`{}` is missing", below(name))),
            };
            let foreign = || read.keys().find(|name| !meant.contains_key(*name));
            meant.iter().find_map(missing).or_else(|| foreign().map(|name| format!("`{}` was not meant", below(name))))
        }
        (Json::Array(meant), Json::Array(read)) if meant.len() == read.len() => {
            let pairs = meant.iter().zip(read).enumerate();
            pairs.into_iter().find_map(|(at, (meant, read))| difference(meant, read, &below(&at.to_string())))
        }
        _ => (meant != read).then(|| format!("`{path}` has another value")),
    }
}

fn environment(file: &'static str, source: &'static str) -> Result<Environment<'static>, Error> {
    // Without the filters that every environment has: `safe` would let a text out as it is.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_formatter(|out, _, value| {
        if let Some(Yaml(text)) = value.downcast_object_ref() {
            return out.write_str(text).map_err(Error::from);
        }
        let text = match value.kind() {
            ValueKind::String => yaml::scalar(value.as_str().unwrap_or_default()),
            // Jinja writes `True`.
            ValueKind::Bool => value.is_true().to_string(),
            ValueKind::Number => value.to_string(),
            ValueKind::None | ValueKind::Undefined => {
                return Err(Error::new(ErrorKind::UndefinedError, "it is not set here: ask with `if`"));
            }
            _ => return Err(Error::new(ErrorKind::UndefinedError, "it is no YAML value, but holds some")),
        };
        out.write_str(&text).map_err(Error::from)
    });
    // A text as a comment, or a part of one.
    environment.add_filter("comment", |text: String| Value::from_object(Yaml(clean(&text))));
    environment.add_template(file, source)?;
    Ok(environment)
}

/// What stands in a document as it is: YAML that was written by us. It may hold a secret, so it has no `Display`, and its
/// `Debug` shows nothing.
struct Yaml(String);

impl fmt::Debug for Yaml {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Yaml(…)")
    }
}

impl Object for Yaml {
    fn repr(self: &Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }
}

/// `value` on one line.
pub fn line(value: &Json) -> Value {
    Value::from_object(Yaml(yaml::flow(value)))
}

/// `text` in double quotes.
pub fn quoted(text: &str) -> Value {
    Value::from_object(Yaml(yaml::quoted(text)))
}

/// `text` as a block scalar whose lines are indented by `indent` blanks, where a block can carry it.
pub fn block(text: &str, indent: usize) -> Value {
    Value::from_object(Yaml(yaml::block(text, indent)))
}

/// Lines that are YAML already, such as those of a file that people wrote.
pub fn verbatim(lines: String) -> Value {
    Value::from_object(Yaml(lines))
}

/// What a template knows by names: the whole of what it is filled with, or a part of it.
#[derive(Default)]
pub struct Record(Vec<(&'static str, Value)>);

impl Record {
    /// With a name more. `None` is a name that is not set.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Self {
        Self::from_object(record)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Object for Record {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let found = self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
        Some(found.unwrap_or_else(|| unknown(key, self.0.iter().map(|(name, _)| *name))))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// One of several names, or none of them: true by its own name and false by the others.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The one that it is.
    pub chosen: Option<&'static str>,
    /// All that it could be.
    pub of: &'static [&'static str],
}

impl From<Choice> for Value {
    fn from(choice: Choice) -> Self {
        Self::from_object(choice)
    }
}

impl Object for Choice {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let is_known = self.of.contains(&key);
        Some(if is_known { (self.chosen == Some(key)).into() } else { unknown(key, self.of.iter().copied()) })
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.chosen.is_some()
    }
}

/// A name that is not there, which is an error as soon as a template uses it.
fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Value {
    let advice = nearest(name, known).map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
    Error::new(ErrorKind::UndefinedError, format!("`{name}`{advice}")).into()
}

/// What stands behind a key.
pub enum Content {
    /// Other keys: records of [`key`].
    Below(Vec<Value>),
    /// A value; lists and mappings over several lines, and texts as blocks where they have several.
    Value(Json),
    /// A value on one line.
    Line(Json),
    /// A text, as a block where it has several lines.
    Text(String),
    /// A text in double quotes.
    Quoted(String),
}

/// A key as templates write it: `indent` and `name`, and one of `below` (other keys), `lines` (a list or a mapping that
/// stands below it) and `value`.
pub fn key(name: &str, indent: usize, content: Content) -> Record {
    let (mut below, mut lines, mut value) = (None, None, None);
    match content {
        Content::Below(keys) => below = Some(keys.into_iter().collect::<Value>()),
        Content::Value(Json::Object(entries)) if !entries.is_empty() => {
            lines = Some(verbatim(yaml::mapping(&entries, indent + 2).join("\n")));
        }
        Content::Value(Json::Array(items)) if !items.is_empty() => {
            let items = items.iter().flat_map(|item| yaml::item(item, indent + 2));
            lines = Some(verbatim(items.collect::<Vec<_>>().join("\n")));
        }
        Content::Value(Json::String(text)) if text.contains('\n') => value = Some(block(&text, indent + 2)),
        Content::Value(flat) | Content::Line(flat) => value = Some(line(&flat)),
        Content::Text(text) => value = Some(block(&text, indent + 2)),
        Content::Quoted(text) => value = Some(quoted(&text)),
    }
    Record::default()
        .with("indent", verbatim(yaml::blanks(indent)))
        .with("name", name)
        .with("below", below)
        .with("lines", lines)
        .with("value", value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn render(source: &'static str, record: Record, meant: &Json) -> Result<String, String> {
        Template::new("test.yaml.j2", source).render(record, &[meant]).map_err(|failure| failure.to_string())
    }

    #[test]
    fn an_interpolation_is_one_value() {
        let record = Record::default()
            .with("yes", true)
            .with("number", 30902)
            .with("text", "a\"b\n")
            .with("word", "no")
            .with("list", line(&json!(["no", 1, {"on": "x"}])));
        let text = render(
            "a: {{ yes }}\nb: {{ number }}\nc: {{ text }}\nd: {{ word }} # {{ text | comment }}\ne: {{ list }}\n",
            record,
            &json!({"a": true, "b": 30902, "c": "a\"b\n", "d": "no", "e": ["no", 1, {"on": "x"}]}),
        );
        let expected = "a: true\nb: 30902\nc: \"a\\\"b\\n\"\nd: \"no\" # a\"b\\n\ne: [\"no\", 1, {\"on\": x}]\n";
        assert_eq!(text.unwrap(), expected);
    }

    #[test]
    fn an_undefined_name_is_an_error_with_its_line_and_the_nearest_name() {
        let record = || {
            let part = Choice { chosen: Some("stores"), of: &["stores", "rules"] };
            let key = Record::default().with("part", part).with("secret", "hunter2");
            Record::default().with("key", key).with("unset", None::<String>).with("keys", Value::from_iter([1, 2]))
        };
        for (source, said) in [
            ("a: 1\nb: {{ kex }}\n", "line 2 of the template: undefined value: `kex`; did you mean `key`?"),
            ("a: {{ key.secrets }}\n", "line 1 of the template: undefined value: `secrets`; did you mean `secret`?"),
            (
                "{% if key.part.stors %}\n{% endif %}\n",
                "line 1 of the template: undefined value: `stors`; did you mean `stores`?",
            ),
            ("{% if kex %}\n{% endif %}\n", "line 1 of the template: undefined value: `kex`; did you mean `key`?"),
            ("{% for x in kezs %}\n{% endfor %}\n", "undefined value: `kezs`; did you mean `keys`?"),
            ("a: {{ nothingofthekind }}\n", "undefined value: `nothingofthekind`\n"),
            ("\n\na: {{ unset }}\n", "line 3 of the template: undefined value: it is not set here"),
            ("a: {{ key }}\n", "it is no YAML value"),
            ("a: {{ keys }}\n", "it is no YAML value"),
            ("a: {{ key.secret | safe }}\n", "unknown filter"),
            ("a: {{ key.secret + 1 }}\n", "line 1 of the template: invalid operation\n"),
            ("{% if key %}\n", "syntax error"),
        ] {
            let failure = render(source, record(), &json!({})).unwrap_err();
            assert!(failure.contains(said) && !failure.contains("hunter2"), "{source}: {failure}");
        }
    }

    #[test]
    fn a_document_that_does_not_say_what_was_meant_is_refused_without_its_values() {
        let meant = json!({"a": {"b": "hunter2", "c": [1, 2]}});
        for (source, said) in [
            ("a: {b: hunter2, c: [1, 2]}\n", ""),
            ("a: {b: hunter2, c: [1, 3]}\n", "`a.c.1` has another value"),
            ("a: {b: hunter2, c: [1]}\n", "`a.c` has another value"),
            ("a: {b: {{ b }}}\n", "`a.c` is missing"),
            ("a: {b: hunter2, c: [1, 2], d: 1}\n", "`a.d` was not meant"),
            ("a: [\nb: {{ b }}\n", "is no YAML"),
            ("a: {b: hunter2, c: [1, 2]}\n---\na: 1\n", "it has 2 documents, and 1 were meant"),
        ] {
            let rendered = render(source, Record::default().with("b", "hunter2"), &meant);
            let failure = rendered.err().unwrap_or_default();
            assert!(failure.contains(said) && !failure.contains("hunter2"), "{source}: {failure}");
            assert_eq!(failure.is_empty(), said.is_empty(), "{source}: {failure}");
            assert!(said.is_empty() || failure.starts_with("error: thanosctl wrote a `test.yaml` that"), "{failure}");
        }
    }

    #[test]
    fn each_of_several_documents_is_compared_to_its_last_line_break() {
        let template = Template::new("test.yaml.j2", "# head\n---\na: {{ text }}\n---\nb: {{ text }}\n");
        let record = || Record::default().with("text", block("x\ny\n", 2));
        let (a, b) = (json!({"a": "x\ny\n"}), json!({"b": "x\ny\n"}));
        let text = template.render(record(), &[&a, &b]).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(text, "# head\n---\na: |\n  x\n  y\n---\nb: |\n  x\n  y\n");
        let failure = template.render(record(), &[&json!({"a": "x\ny"}), &b]).unwrap_err().to_string();
        assert!(failure.contains("`a` has another value"), "{failure}");
    }

    #[test]
    fn what_a_template_is_filled_with_is_in_no_debug_text() {
        let record = Record::default().with("a", block("hunter2\nx", 2)).with("b", quoted("hunter2"));
        let shown = format!("{record:?} {:?}", quoted("hunter2"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(text in "(?s).{0,30}", name in "(?s).{1,8}") {
            let meant = json!({"a": text, "b": {&name: text}, "c": text, "d": [text], "z": {&name: {"x": [text]}}});
            let nested = |content| Value::from(key(&name, 2, content));
            let record = Record::default()
                .with("text", text.as_str())
                .with("block", block(&text, 2))
                .with("keys", Value::from_iter([nested(Content::Text(text.clone()))]))
                .with("more", Value::from_iter([nested(Content::Value(json!({"x": [text]})))]));
            let source = "a: {{ text }} # {{ text | comment }}\nb:\n{% for key in keys %}\n{{ key.indent }}{{ key.name }}: {{ key.value }}\n\
                          {% endfor %}\nc: {{ block }}\n# {{ text | comment }}\nd:\n  - {{ text }}\nz:\n{% for key in more %}\n\
                          {{ key.indent }}{{ key.name }}:\n{{ key.lines }}\n{% endfor %}\n";
            let rendered = render(source, record, &meant);
            prop_assert!(rendered.is_ok(), "{:?}", rendered);
        }
    }
}
