//! A file as the documents that it holds, each with its own lines.

use serde_json::{Value, json};

use super::{FileName, Holder, Installation, Layer, Nature, Outside, Umbrella, at, fillers, find, nature};
use crate::chart::edit::Wrapper;
use crate::chart::placeholders::{Fillers, masked, template_line};
use crate::chart::validate::value_of;

/// A file and what it says of itself.
#[derive(Debug)]
pub struct Stream {
    /// The file as the user named it.
    pub name: String,
    /// Its documents; one of all the text when it is values alone.
    pub parts: Vec<Part>,
    /// The releases that it describes.
    pub installations: Vec<Installation>,
    /// Whether it is values and nothing else.
    pub is_plain: bool,
    /// The line that makes it a template, which is no YAML until it is rendered.
    pub template: Option<u64>,
    /// Values files that it names.
    pub others: Vec<Stream>,
}

/// A document of a file.
#[derive(Debug)]
pub struct Part {
    /// Its text, without what comes before it.
    pub text: String,
    /// The line of the file in which it begins, from 1.
    pub first_line: u64,
    /// Who fills it in.
    pub fillers: Fillers,
    /// What is read from it, with what is filled in as unknown; null where it cannot be read.
    pub value: Value,
    /// Whether it can be read.
    pub is_readable: bool,
}

impl Stream {
    /// Reads a file. `sources` are documents of the files beside it, which may say where charts come from.
    pub fn read(name: &str, text: &str, sources: &[Value]) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parts: Vec<Part> = split(text).into_iter().map(|(line, text)| Part::read(name, line, text)).collect();
        let documents: Vec<Value> = parts.iter().map(|part| part.value.clone()).collect();
        let is_broken = parts.iter().any(|part| !part.is_readable);
        let mut stream = Self {
            name: name.to_owned(),
            template: template_line(text).filter(|_| is_broken),
            installations: Vec::new(),
            is_plain: false,
            others: Vec::new(),
            parts,
        };
        match find(&documents, sources) {
            Some(installations) => stream.installations = installations,
            None => {
                stream.is_plain = true;
                stream.parts = vec![Part::read(name, 1, text)];
                // Helm reads the first document, whatever stands behind it.
                let layers = vec![Layer::default()];
                stream.installations = vec![Installation { layers, ..Installation::default() }];
            }
        }
        stream
    }

    /// Makes `path` the place of the values; `umbrella` is the chart beside the file.
    pub fn set_path(&mut self, path: &Wrapper, umbrella: Option<&Umbrella>) {
        let names: Vec<String> = path.names().collect();
        if self.is_plain {
            let known = umbrella.and_then(|umbrella| umbrella.installations.iter().find(|one| one.below == names));
            let unknown = || Installation { conditions: vec!["enabled".to_owned()], ..Installation::default() };
            let mut one = known.cloned().unwrap_or_else(unknown);
            one.layers = vec![Layer::default()];
            one.below = names;
            self.installations = vec![one];
            return;
        }
        let document = self.parts.iter().position(|part| at(&part.value, &names).is_some()).unwrap_or_default();
        let layer = Layer { document, path: path.clone(), ..Layer::default() };
        let is_its =
            |one: &Installation| one.layers.iter().any(|own| own.document == document && path.starts_with(&own.path));
        let mut one = self.installations.iter().find(|one| is_its(one)).cloned().unwrap_or_default();
        let is_whole = one.layers.contains(&layer);
        if is_whole {
            one.layers.retain(|own| *own == layer);
        } else {
            // Below the values of another chart stand those of its dependency.
            one.chart = None;
            one.outside.clear();
            one.conditions = vec!["enabled".to_owned()];
            one.layers = vec![layer];
        }
        self.installations = vec![one];
    }

    /// Reads the values files that its releases name: `read` has the name for people and the text of one. What cannot be
    /// read is outside.
    pub fn resolve(&mut self, read: impl Fn(&FileName) -> Option<(String, String)>) {
        for installation in &mut self.installations {
            for layer in std::mem::take(&mut installation.layers) {
                let Holder::Unread(name) = &layer.holder else {
                    installation.layers.push(layer);
                    continue;
                };
                let other = read(name).map(|(name, text)| Self::read(&name, &text, &[]));
                match other.filter(|other| other.is_plain && other.parts[0].is_readable) {
                    Some(other) => {
                        let holder = Holder::Other(self.others.len());
                        self.others.push(other);
                        installation.layers.push(Layer { holder, ..Layer::default() });
                    }
                    None => installation.outside.push(Outside::Rest(format!("the values file `{}`", name.path))),
                }
            }
        }
    }

    /// What a release of this file says of `name`, a values file that it names; nothing when it does not.
    pub fn naming(&self, name: &str) -> Option<Installation> {
        let is_it = |layer: &Layer| match &layer.holder {
            Holder::Unread(file) => file.path.trim_start_matches("./") == name,
            Holder::This | Holder::Other(_) => false,
        };
        let one = self.installations.iter().find(|one| one.layers.iter().any(is_it))?;
        let mut one = one.clone();
        if one.layers.len() + one.outside.len() > 1 {
            one.outside = vec![Outside::Rest(format!("what else `{}` gives it", self.name))];
        }
        one.layers = vec![Layer::default()];
        Some(one)
    }

    /// The file that holds a layer.
    pub fn holder(&self, layer: &Layer) -> Option<&Self> {
        match &layer.holder {
            Holder::This => Some(self),
            Holder::Other(number) => self.others.get(*number),
            Holder::Unread(_) => None,
        }
    }

    /// The same as [`Stream::read`], of a file alone and with the place of its values.
    pub fn of(name: &str, text: &str, path: Option<&Wrapper>) -> Self {
        let mut stream = Self::read(name, text, &[]);
        if let Some(path) = path {
            stream.set_path(path, None);
        }
        stream
    }

    /// The first release in it; none where it describes none.
    pub fn first(&self) -> Vec<Source<'_>> {
        let first = self.installations.first();
        first.map(|installation| Source { stream: self, installation }).into_iter().collect()
    }

    /// The objects of a file that is no values file.
    pub fn documents(&self) -> impl Iterator<Item = &Value> {
        self.parts.iter().map(|part| &part.value)
    }
}

/// A file, and which of the releases in it is meant.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file.
    pub stream: &'a Stream,
    /// The release.
    pub installation: &'a Installation,
}

impl Part {
    fn read(name: &str, first_line: u64, text: &str) -> Self {
        let part =
            |fillers, value, is_readable| Self { text: text.to_owned(), first_line, fillers, value, is_readable };
        if let Some(literal) = value_of(text) {
            let fillers = fillers(name, &literal);
            let masked = masked(text, fillers);
            let value = if masked == text { Some(literal) } else { value_of(&masked) };
            return match value {
                Some(value) => part(fillers, value, true),
                None => part(fillers, Value::Null, false),
            };
        }
        // An object that a template makes, such as one of a chart that installs Applications.
        let object = fillers(name, &sniffed(text));
        let filled = Fillers { braces: true, ..object };
        match value_of(&masked(text, filled)) {
            Some(value) if object.braces || nature(&value) != Nature::Plain => part(filled, value, true),
            _ => part(object, sniffed(text), false),
        }
    }
}

/// What a document that cannot be read is, by its lines.
fn sniffed(text: &str) -> Value {
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned());
    match (line("apiVersion:"), line("kind:")) {
        (Some(_), Some(kind)) => json!({"apiVersion": "unreadable", "kind": kind}),
        _ => Value::Null,
    }
}

/// The documents of a text: the line in which each begins, from 1, and its text.
fn split(text: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut first, mut at) = (0, 1, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let mark =
            line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if mark && at > start {
            parts.push((first, &text[start..at]));
            (start, first) = (at, number as u64 + 1);
        }
        at += line.len();
    }
    parts.push((first, &text[start..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_begins_at_its_mark_and_knows_its_line() {
        assert_eq!(
            split("a: 1\n---\nb: 2\n--- # x\nc: |\n  ---\n"),
            [(1, "a: 1\n"), (2, "---\nb: 2\n"), (4, "--- # x\nc: |\n  ---\n"),]
        );
        assert_eq!(split(""), [(1, "")]);
        assert_eq!(split("---\na: 1"), [(1, "---\na: 1")]);
    }

    #[test]
    fn a_template_around_an_object_is_filled_in_and_one_around_values_is_no_values() {
        let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {chart: thanos, targetRevision: {{ .v }}, helm: {valuesObject: {a: {{ .b }}}}}}\n";
        let stream = Stream::read("f", application, &[]);
        assert_eq!((stream.installations.len(), stream.template, stream.is_plain), (1, None, false));
        assert!(stream.installations[0].chart.as_ref().unwrap().is_version_unknown);
        let stream = Stream::read("f", &format!("{{{{ if .x }}}}\n{application}{{{{ end }}}}\n"), &[]);
        assert_eq!(stream.template, Some(1));
        let stream = Stream::read("values.yaml", "query:\n  stores: {{ .x }}\n", &[]);
        assert!(stream.is_plain && !stream.parts[0].is_readable && stream.template.is_none());
        let stream = Stream::read("values.yaml.gotmpl", "query:\n  stores: {{ .x }}\n", &[]);
        assert!(stream.is_plain && stream.parts[0].is_readable && stream.template.is_none());
    }
}
