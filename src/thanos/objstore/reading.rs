//! A document that Thanos decodes into a struct of known fields: what Go would refuse in it, and what its fields hold.

use std::collections::BTreeMap;

use super::super::thanos_version::ThanosVersion;
use super::providers::{Field, Kind, Need, Rule, Unknown};
use super::units;
use crate::findings::codes;
use crate::findings::finding::{Code, Finding, Severity};
use crate::languages::yaml::scalar::{Resolved, Scalar};
use crate::languages::yaml::{Document, Part};
use crate::place::Position;
use crate::secret::is_expanded;
use crate::settings::thanos::Duration;
use crate::text::nearest;

/// What a check of one document has found so far.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    file: &'a str,
    pub(super) thanos: Option<ThanosVersion>,
    findings: Vec<Finding>,
}

/// What the fields of a struct hold, by their dotted path.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, Held>);

/// What a field holds.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) at: Position,
    pub(super) content: Content,
}

/// What a field holds; it is never shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// Nothing: `null`, which Go takes for the zero of the field's type.
    Nothing,
    /// What cannot be told here: Thanos would put an environment variable in its place, or refuses it anyway.
    Unknown,
    Text(String),
    Bool(bool),
    Number(f64),
    /// A list of texts, or texts under names.
    Texts(Vec<(Position, String)>),
}

impl Fields {
    pub(super) fn get(&self, path: &str) -> Option<&Held> {
        self.0.get(path)
    }

    /// The text of a field; `None` when it has none, or one that cannot be told here.
    pub(super) fn text(&self, path: &str) -> Option<(Position, &str)> {
        match self.get(path) {
            Some(Held { at, content: Content::Text(text) }) if !text.is_empty() => Some((*at, text)),
            _ => None,
        }
    }

    /// Whether it is there and not empty, false or null.
    pub(super) fn is_given(&self, path: &str) -> bool {
        match self.get(path).map(|held| &held.content) {
            None | Some(Content::Nothing | Content::Bool(false)) => false,
            Some(Content::Text(text)) => !text.is_empty(),
            Some(Content::Texts(texts)) => !texts.is_empty(),
            Some(Content::Unknown | Content::Bool(true) | Content::Number(_)) => true,
        }
    }

    /// Whether it cannot be told here what it holds.
    pub(super) fn is_unknown(&self, path: &str) -> bool {
        self.get(path).is_some_and(|held| held.content == Content::Unknown)
    }
}

/// A struct that a mapping is decoded into: its fields, and how it is named in what is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    /// The path of the struct, as `config.http_config`; empty for the root.
    pub(super) path: &'a str,
    /// What it is the configuration of, as `type S3`.
    pub(super) of: &'a str,
    pub(super) fields: &'a [Field],
    pub(super) unknown: Unknown,
    /// Whether Go decodes it straight from the file, as it does with the root: then no text is another than it stands there.
    pub(super) is_root: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a str, thanos: Option<ThanosVersion>) -> Self {
        Self { file, thanos, findings: Vec::new() }
    }

    /// All findings, in the order of their places.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
        self.findings.dedup();
        self.findings
    }

    pub(super) fn tell(&mut self, code: Code, at: Position, message: impl Into<String>) -> &mut Finding {
        let mut finding = Finding::new(code, message);
        finding.place = Some(at.of(self.file));
        self.findings.push(finding);
        self.findings.last_mut().expect("one was pushed")
    }

    fn hint(&mut self, code: Code, at: Position, message: impl Into<String>, hint: impl Into<String>) {
        self.tell(code, at, message).hint = Some(hint.into());
    }

    /// The root of the first document, and what is wrong with the text as such; `None` when there is nothing to read.
    pub(super) fn open(&mut self, text: &str) -> Option<Document> {
        for (position, name) in expansions(text) {
            let message = format!("Thanos replaces `$({name})` by an environment variable before it reads this file");
            let hint = "it refuses to start where that variable is not set, also when this stands in a comment";
            self.hint(codes::OBJSTORE_EXPANSION, position, message, hint);
        }
        let document = match Document::read(text) {
            Ok(document) => document,
            Err(problem) => {
                let message = format!("Thanos cannot read this as YAML: {}", problem.message);
                self.tell(codes::OBJSTORE_UNREADABLE, problem.position, message);
                return None;
            }
        };
        if let Some(rest) = document.rest() {
            let message = "Thanos reads the first document of a file and nothing that follows";
            self.hint(codes::OBJSTORE_UNREAD, rest.position, message, "keep one document in this file");
        }
        for duplicate in document.duplicates() {
            let is_merged = duplicate.entry.merge.is_some() || duplicate.first.merge.is_some();
            // The root is decoded into a struct, where what comes later replaces what a merge brought.
            if duplicate.depth == 0 && is_merged {
                continue;
            }
            let key = document.scalar(duplicate.entry.key).map(|key| key.rewritten()).unwrap_or_default();
            let message = match is_merged {
                true => format!("`<<` brings the key `{key}`, which stands here too; Thanos takes no key twice"),
                false => format!("the key `{key}` stands here twice"),
            };
            let at = document.position(duplicate.entry.merge.unwrap_or(duplicate.entry.key));
            self.hint(codes::OBJSTORE_DUPLICATE, at, message, "keep one of them");
        }
        Some(document)
    }

    /// Decodes a mapping as Go does into `shape`; `None` when it is none, which is told.
    pub(super) fn fields(&mut self, shape: Shape<'_>, node: Part<'_>) -> Option<Fields> {
        let mut fields = Fields::default();
        self.decode(shape, "", node, &mut fields).then_some(fields)
    }

    /// Decodes `node` into `fields`, whose paths begin with `prefix`; false when it is no mapping.
    fn decode(&mut self, shape: Shape<'_>, prefix: &str, node: Part<'_>, fields: &mut Fields) -> bool {
        let Some(entries) = node.entries().or_else(|| node.is_null().then(Vec::new)) else {
            if node.scalar().is_some_and(|scalar| is_expanded(&scalar.text)) {
                for field in shape.fields {
                    let held = Held { at: node.position(), content: Content::Unknown };
                    fields.0.insert(format!("{prefix}{}", field.name), held);
                }
                return true;
            }
            let message = format!("{} wants fields of its own, as `key: value`", named(shape.path));
            self.tell(codes::OBJSTORE_WRONG_VALUE, node.position(), message);
            return false;
        };
        self.take(shape, prefix, node.position(), entries, fields);
        true
    }

    /// Decodes the entries of a mapping that stands at `at`.
    pub(super) fn take(
        &mut self,
        shape: Shape<'_>,
        prefix: &str,
        at: Position,
        entries: Vec<(Part<'_>, Part<'_>)>,
        fields: &mut Fields,
    ) {
        for (key, value) in entries {
            let Some(name) = key.scalar() else { continue };
            let name = if shape.is_root { name.text } else { name.rewritten() };
            let Some(field) = shape.fields.iter().find(|field| field.name == name) else {
                self.unknown(shape, &name, key.position());
                continue;
            };
            let path = join(shape.path, field.name);
            if let Some(why) = field.span.refusal(self.thanos) {
                let message = format!("`{path}` {why}");
                match shape.unknown {
                    Unknown::Refused => {
                        self.tell(codes::OBJSTORE_OTHER_VERSION, key.position(), message);
                    }
                    Unknown::Ignored => {
                        self.tell(codes::OBJSTORE_OTHER_VERSION, key.position(), message).severity = Severity::Warning;
                    }
                }
                continue;
            }
            let content = self.content(shape, prefix, field, value, fields);
            // What is wrong with a value is told where it stands, what is missing or too much where its key does.
            fields.0.insert(format!("{prefix}{}", field.name), Held { at: key.position(), content });
        }
        for field in shape.fields {
            let path = format!("{prefix}{}", field.name);
            let at = fields.get(&path).map_or(at, |held| held.at);
            let path = &path[prefix.len()..];
            if fields.is_given(&format!("{prefix}{path}")) {
                continue;
            }
            let missing = format!("`{}` is missing, or empty", join(shape.path, path));
            match field.need {
                Need::None => {}
                Need::ToStart => drop(self.tell(codes::OBJSTORE_MISSING, at, missing)),
                Need::ToWork => self.tell(codes::OBJSTORE_MISSING, at, missing).severity = Severity::Warning,
            }
        }
    }

    fn unknown(&mut self, shape: Shape<'_>, name: &str, at: Position) {
        if is_expanded(name) {
            return;
        }
        let known = || shape.fields.iter().map(|field| field.name);
        let inside = match shape.path {
            "" => String::new(),
            path => format!(" in `{path}`"),
        };
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the fields known here are {}", known().collect::<Vec<_>>().join(", ")),
        };
        match shape.unknown {
            Unknown::Refused => {
                let message = format!("Thanos knows no field `{name}`{inside} of {}", shape.of);
                self.hint(codes::OBJSTORE_UNKNOWN_FIELD, at, message, hint);
            }
            Unknown::Ignored => {
                let message = format!("Thanos ignores the field `{name}`{inside} of {}: it knows none", shape.of);
                self.hint(codes::OBJSTORE_IGNORED_FIELD, at, message, hint);
            }
        }
    }

    /// What `node` holds for `field`; what Go would refuse is told.
    fn content(
        &mut self,
        shape: Shape<'_>,
        prefix: &str,
        field: &Field,
        node: Part<'_>,
        fields: &mut Fields,
    ) -> Content {
        let path = join(shape.path, field.name);
        if node.scalar().is_some_and(|scalar| is_expanded(&scalar.text)) {
            return Content::Unknown;
        }
        if node.is_null() {
            return Content::Nothing;
        }
        let read = match field.kind {
            Kind::Group(inner) => {
                let inner = Shape { path: &path, fields: inner, is_root: false, ..shape };
                self.decode(inner, &format!("{prefix}{}.", field.name), node, fields);
                return Content::Unknown;
            }
            Kind::List => texts(node, Collection::List),
            Kind::Table => texts(node, Collection::Table),
            kind => match node.scalar() {
                Some(scalar) => single(kind, &scalar, shape.is_root),
                None => Err("wants a single value, no list and no mapping".to_owned()),
            },
        };
        match read {
            Ok((content, remark)) => {
                if let Some(remark) = remark {
                    let (code, hint) = match remark {
                        Remark::Rewritten => (codes::OBJSTORE_REWRITTEN, Some("put quotes around it")),
                        Remark::Cut | Remark::Nanoseconds => (codes::OBJSTORE_REWRITTEN, None),
                        Remark::Negative => (codes::OBJSTORE_WITHOUT_EFFECT, None),
                    };
                    let finding = self.tell(code, node.position(), format!("`{path}` {}", remark.words()));
                    finding.hint = hint.map(str::to_owned);
                }
                content
            }
            Err(why) => {
                self.tell(codes::OBJSTORE_WRONG_VALUE, node.position(), format!("`{path}` {why}"));
                Content::Unknown
            }
        }
    }

    /// What is wrong between the fields of `config`.
    pub(super) fn rules(&mut self, rules: &[Rule], fields: &Fields, config: Position) {
        for rule in rules {
            if let Some((field, what)) = broken(rule, fields) {
                let at = fields.get(field).map_or(config, |held| held.at);
                let code = match rule {
                    Rule::Exclusive(..) | Rule::Together(_) => codes::OBJSTORE_CONTRADICTION,
                    Rule::When(..) | Rule::Without(..) => codes::OBJSTORE_MISSING,
                };
                self.tell(code, at, format!("`config`: {what}"));
            }
        }
    }
}

/// What is remarkable about a value that Go takes.
#[derive(Debug, Clone, Copy)]
enum Remark {
    Rewritten,
    Cut,
    Nanoseconds,
    Negative,
}

impl Remark {
    fn words(self) -> &'static str {
        match self {
            Self::Rewritten => "is no text in YAML, and reaches Thanos as another than what stands here",
            Self::Cut => "is no whole number; Thanos cuts it off",
            Self::Nanoseconds => "is a bare number, which Go takes for nanoseconds",
            Self::Negative => "is less than 0, which means nothing",
        }
    }
}

type Read = Result<(Content, Option<Remark>), String>;

fn single(kind: Kind, scalar: &Scalar, is_root: bool) -> Read {
    let text = if is_root { scalar.text.clone() } else { scalar.rewritten() };
    let rewritten = || (text != scalar.text).then_some(Remark::Rewritten);
    let words = |words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
        Err(format!("is none of {}", words.join(", ")))
    };
    match kind {
        Kind::Text | Kind::HostPort | Kind::Url | Kind::Bucket(_) | Kind::Secret | Kind::SecretDocument => {
            let remark = rewritten();
            Ok((Content::Text(text), remark))
        }
        Kind::Choice(known) if !known.contains(&text.as_str()) => words(known),
        Kind::Word(known) if !known.iter().any(|word| word.eq_ignore_ascii_case(&text)) => words(known),
        Kind::Choice(_) => Ok((Content::Text(text), None)),
        Kind::Word(_) => Ok((Content::Text(text.to_lowercase()), None)),
        Kind::Bool => match scalar.resolved {
            Resolved::Bool(value) => Ok((Content::Bool(value), None)),
            _ => Err("wants true or false, without quotes".to_owned()),
        },
        Kind::Int => number(scalar, Bits::SIGNED, Below::Fine),
        Kind::Count => number(scalar, Bits::SIGNED, Below::Refused),
        Kind::SmallCount => number(scalar, Bits { bits: 32, is_signed: true }, Below::Refused),
        Kind::Size => number(scalar, Bits::SIGNED, Below::Odd),
        Kind::Unsigned(bits) => number(scalar, Bits { bits, is_signed: false }, Below::Odd),
        Kind::Float => match scalar.reread() {
            #[allow(clippy::cast_precision_loss)]
            Resolved::Integer(number) => Ok((Content::Number(number as f64), None)),
            Resolved::Float(number) => Ok((Content::Number(number), None)),
            _ => Err("wants a number, without quotes".to_owned()),
        },
        Kind::Duration => match Duration::try_from(text.clone()) {
            Ok(_) => Ok((Content::Text(text), None)),
            Err(_) => Err("wants a duration as Prometheus writes it, such as 90s or 1m30s".to_owned()),
        },
        Kind::GoDuration | Kind::UnitDuration => {
            let wrong = || Err("wants a duration as Go writes it, such as 90s or 24h; it has no days".to_owned());
            match scalar.reread() {
                Resolved::Text(text) if units::is_go_duration(&text) => Ok((Content::Text(text), None)),
                Resolved::Integer(_) | Resolved::Float(_) if matches!(kind, Kind::UnitDuration) => wrong(),
                Resolved::Integer(number) if i64::try_from(number).is_ok() => {
                    #[allow(clippy::cast_precision_loss)]
                    let content = Content::Number(number as f64);
                    Ok((content, (number != 0).then_some(Remark::Nanoseconds)))
                }
                Resolved::Float(number) if number <= MOST_SIGNED => {
                    Ok((Content::Number(number.trunc()), Some(Remark::Nanoseconds)))
                }
                _ => wrong(),
            }
        }
        Kind::Bytes => match units::bytes(&text) {
            Some(bytes) => Ok((Content::Number(bytes), (bytes < 0.0).then_some(Remark::Negative))),
            None => Err("wants a size with its unit, such as 250MB or 1GiB".to_owned()),
        },
        Kind::List | Kind::Table | Kind::Group(_) => Err("wants more than a single value".to_owned()),
    }
}

/// What happens to a number below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Fine,
    Odd,
    Refused,
}

/// How Go holds a number.
#[derive(Debug, Clone, Copy)]
struct Bits {
    bits: u32,
    is_signed: bool,
}

impl Bits {
    const SIGNED: Self = Self { bits: 64, is_signed: true };

    /// Whether a whole number fits.
    fn hold(self, number: i128) -> bool {
        match self.is_signed {
            true => (-(1_i128 << (self.bits - 1))..1_i128 << (self.bits - 1)).contains(&number),
            false => (0..1_i128 << self.bits).contains(&number),
        }
    }
}

/// The greatest signed number of 64 bits, as far as a float can hold it: the next after it.
const MOST_SIGNED: f64 = 9_223_372_036_854_775_807.0;
/// The same without a sign.
const MOST_UNSIGNED: f64 = 18_446_744_073_709_551_615.0;

/// yaml.v2 takes a number with a fraction for a whole one and cuts it off, and then looks only whether it is too great.
fn number(scalar: &Scalar, bits: Bits, below: Below) -> Read {
    const WANTED: &str = "wants a whole number, without quotes and units";
    let number = match scalar.reread() {
        Resolved::Integer(number) if bits.hold(number) => {
            #[allow(clippy::cast_precision_loss)]
            let number = number as f64;
            (number, false)
        }
        Resolved::Integer(_) => return Err("is a number that Go cannot hold there".to_owned()),
        Resolved::Float(number) => {
            let most = if bits.is_signed { MOST_SIGNED } else { MOST_UNSIGNED };
            #[allow(clippy::cast_possible_truncation)]
            let fits = number <= most && (bits.bits == 64 || bits.hold(number.trunc() as i128));
            if !fits {
                return Err("is a number that Go cannot hold there".to_owned());
            }
            (number, true)
        }
        Resolved::Null | Resolved::Bool(_) | Resolved::Merge | Resolved::Text(_) => return Err(WANTED.to_owned()),
    };
    match (number, below) {
        ((number, _), Below::Refused) if number.trunc() < 0.0 => Err("is less than 0".to_owned()),
        ((number, _), Below::Odd) if number < 0.0 => Ok((Content::Number(number), Some(Remark::Negative))),
        ((number, is_cut), _) => Ok((Content::Number(number.trunc()), is_cut.then_some(Remark::Cut))),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collection {
    List,
    Table,
}

/// The texts of a list or of a table.
fn texts(node: Part<'_>, wanted: Collection) -> Read {
    let items = match wanted {
        Collection::List => node.items().ok_or("wants a list of texts")?,
        Collection::Table => {
            node.entries().ok_or("wants names with texts")?.into_iter().map(|(_, value)| value).collect()
        }
    };
    let mut texts = Vec::new();
    let mut remark = None;
    for item in items {
        let Some(scalar) = item.scalar() else {
            return Err("wants texts, and has a list or a mapping in it".to_owned());
        };
        let text = scalar.rewritten();
        if text != scalar.text && scalar.resolved != Resolved::Null {
            remark = Some(Remark::Rewritten);
        }
        texts.push((item.position(), text));
    }
    Ok((Content::Texts(texts), remark))
}

/// What is wrong between fields: the field to look at, and in words.
fn broken(rule: &Rule, fields: &Fields) -> Option<(&'static str, String)> {
    let missing = |names: &[&str]| {
        let missing: Vec<String> =
            names.iter().filter(|name| !fields.is_given(name)).map(|name| format!("`{name}`")).collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    };
    match rule {
        Rule::Together(names) => {
            let first = names.iter().find(|name| fields.is_given(name))?;
            missing(names).map(|names| (*first, format!("`{first}` is given without {names}")))
        }
        Rule::Exclusive(one, other) => (fields.is_given(one) && fields.is_given(other))
            .then(|| (*other, format!("`{one}` and `{other}` exclude each other"))),
        Rule::When(name, value, names) => (fields.text(name)?.1 == *value)
            .then(|| missing(names))?
            .map(|names| (*name, format!("`{name}: {value}` wants {names}"))),
        Rule::Without(name, names) => (!fields.is_given(name))
            .then(|| missing(names))?
            .map(|names| ("", format!("without `{name}` it wants {names}"))),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// How a struct is called in a message.
pub(super) fn named(path: &str) -> String {
    if path.is_empty() { "the document".to_owned() } else { format!("`{path}`") }
}

/// The names that Thanos replaces by environment variables, each where it stands first.
fn expansions(text: &str) -> Vec<(Position, &str)> {
    let mut found: Vec<(Position, &str)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (at, open) in line.match_indices("$(") {
            let rest = &line[at + open.len()..];
            let name = &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())];
            let is_reference = !name.is_empty() && rest[name.len()..].starts_with(')');
            if is_reference && !found.iter().any(|(_, known)| *known == name) {
                let column = line[..at].chars().count() as u64 + 1;
                found.push((Position { line: number as u64 + 1, column }, name));
            }
        }
    }
    found
}
