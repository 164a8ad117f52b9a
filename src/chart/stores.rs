//! The stores of a values file and where each came from: what stands beside an address, written and read back.
//!
//! It is `# CLUSTER NAMESPACE/NAME` or `# CLUSTER settings`, and `, kept: WHY` behind it when the address is older than
//! the rest. Between the two runs people edit the file, so nothing else of its form is relied on.

use std::fmt::Write as _;

use serde_json::Value;

use super::dialect::store_paths;
use super::edit::{Document, View, Wrapper};
use crate::document;
use crate::failure::Failure;
use crate::model::names::{ClusterName, ServiceRef};
use crate::model::plan::{Endpoint, KnownEndpoint, Origin};

/// What stands between an origin and why its address was kept. No reason holds it, nor ends as an origin does.
const KEPT: &str = ", kept: ";

/// The last word of an origin that is no Service.
const SETTINGS: &str = "settings";

/// The stores that a values file has.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stores {
    /// Those beside which stands where they came from, in their order, each once.
    pub known: Vec<KnownEndpoint>,
    /// The others, as they are written.
    pub unknown: Vec<String>,
}

impl Stores {
    /// Reads the stores of `text`, which was written by thanosctl and may have been edited since.
    ///
    /// # Errors
    /// When it is no YAML, or its stores are no list; says where. The file may hold secrets, so nothing is quoted.
    pub fn read(file: &str, text: &str) -> Result<Self, Failure> {
        Self::read_at(file, text, None)
    }

    /// The same where it is known at which path its chart has the stores.
    ///
    /// # Errors
    /// As [`Stores::read`].
    pub fn read_at(file: &str, text: &str, preferred: Option<&str>) -> Result<Self, Failure> {
        let failure = || {
            Failure::new(format!("cannot read the stores of `{file}`"))
                .hint("mend the file, or take back what was changed; with --force it is replaced and nothing is kept")
        };
        let document = Document::parse(file, text).map_err(|error| {
            failure().caused_by(format!("{}: broken YAML, or a key that is there twice", error.place))
        })?;
        let view = View::of(&document, &Wrapper::default())
            .map_err(|error| failure().caused_by(format!("{}: no values", error.place)))?;
        let path = list(&view, preferred);
        if view.value(&path).is_some_and(|stores| !stores.is_array() && !stores.is_null()) {
            return Err(failure().caused_by(format!("`{path}` is no list")));
        }
        let mut stores = Self::default();
        for found in view.stores(&path) {
            match (found.text.parse(), origin(&found.comment)) {
                (Ok(address), Some(origin)) => stores.add(KnownEndpoint { address, origin }),
                _ => stores.unknown.push(found.text),
            }
        }
        Ok(stores)
    }

    /// Reads the stores of a ConfigMap that was written by thanosctl and may have been edited since: the items of its
    /// only text, a line each.
    ///
    /// # Errors
    /// When it is no ConfigMap with one text; says where.
    pub fn read_config_map(file: &str, text: &str) -> Result<Self, Failure> {
        let failure = || {
            Failure::new(format!("cannot read the stores of `{file}`"))
                .hint("mend the file, or take back what was changed; with --force it is replaced and nothing is kept")
        };
        let manifest: Value = document::read(file, text).map_err(|error| failure().caused_by(error))?;
        let texts = manifest.get("data").and_then(Value::as_object).map(|data| data.values().collect::<Vec<_>>());
        let Some([Value::String(body)]) = texts.as_deref() else {
            return Err(failure().caused_by("it is no ConfigMap with one text"));
        };
        let mut stores = Self::default();
        for line in body.lines().filter_map(|line| line.trim_start().strip_prefix("- ")) {
            let item = line.trim_start().strip_prefix("address:").unwrap_or(line).trim();
            let (address, comment) = item.split_once(" #").unwrap_or((item, ""));
            let address = address.trim().trim_matches(['"', '\'']);
            match (address.parse(), origin(comment.trim())) {
                (Ok(address), Some(origin)) => stores.add(KnownEndpoint { address, origin }),
                _ if address.ends_with(':') => {}
                _ => stores.unknown.push(address.to_owned()),
            }
        }
        Ok(stores)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    /// These and those of another file.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        other.known.iter().cloned().for_each(|store| self.add(store));
        self.unknown.extend(other.unknown.iter().cloned());
        self
    }

    fn add(&mut self, new: KnownEndpoint) {
        let is_same = |old: &KnownEndpoint| old.origin == new.origin && old.address.target() == new.address.target();
        if !self.known.iter().any(is_same) {
            self.known.push(new);
        }
    }
}

/// The key of the stores in a file: the `preferred` one of its chart, unless only another one is there that some chart
/// has for them. Without a preferred one, that of the default chart.
pub fn list(view: &View<'_>, preferred: Option<&str>) -> String {
    let paths = store_paths();
    let is_there = |path: &str| view.value(path).is_some();
    let other = || paths.iter().map(String::as_str).find(|path| is_there(path));
    let querier = || Some("querier.stores").filter(|_| !is_there("query") && is_there("querier"));
    let found = preferred.filter(|path| is_there(path)).or_else(other).or(preferred).or_else(querier);
    found.unwrap_or("query.stores").to_owned()
}

/// What stands beside an address. [`Stores::read`] gets back from it exactly what the endpoint says.
pub fn provenance(endpoint: &Endpoint) -> String {
    let Origin { cluster, service } = &endpoint.origin;
    let service = service.as_ref().map_or_else(|| SETTINGS.to_owned(), service_word);
    let mut text = format!("{} {service}", cluster_words(cluster.as_str()));
    if let Some(gap) = endpoint.kept() {
        let _ = write!(text, "{KEPT}{gap}");
    }
    text
}

/// Where the address came from beside which `comment` stands; `None` when it does not say.
pub fn origin(comment: &str) -> Option<Origin> {
    let read = |text: &str| {
        let (cluster, last) = text.rsplit_once(' ')?;
        let cluster = ClusterName::try_from(unescaped(cluster.trim_matches(' '))?).ok()?;
        let service = if last == SETTINGS { None } else { Some(service(last)?) };
        Some(Origin { cluster, service })
    };
    read(comment).or_else(|| read(comment.rsplit_once(KEPT)?.0))
}

/// A cluster's name as it is, but for blanks at its ends, which nobody would see, and what looks like our escapes.
fn cluster_words(name: &str) -> String {
    let name = name.replace(r"\u{", r"\u{5c}u{");
    if name.trim_matches(' ') == name { name } else { name.replace(' ', r"\u{20}") }
}

/// `NAMESPACE/NAME` as one word.
fn service_word(service: &ServiceRef) -> String {
    format!("{}/{}", escaped(&service.namespace), escaped(&service.name))
}

fn service(word: &str) -> Option<ServiceRef> {
    let (namespace, name) = word.split_once('/')?;
    let service = ServiceRef { namespace: unescaped(namespace)?, name: unescaped(name)? };
    // What we would write otherwise is somebody else's remark.
    (service_word(&service) == word).then_some(service)
}

/// Kubernetes takes no other characters in a name than those that stay; an inventory may hold any.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '.') {
            out.push(character);
        } else {
            let _ = write!(out, r"\u{{{:x}}}", character as u32);
        }
    }
    out
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split(r"\u{");
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each known store as `ADDRESS from ORIGIN`, then those that are unknown.
    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let stores = Stores::read("values.yaml", text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        let known = stores.known.iter().map(|known| format!("{} from {}", known.address, known.origin));
        (known.collect(), stores.unknown)
    }

    const TEXT: &str = "# thanosctl 0.1.0: x 1\n\nquery:\n  # why\n  stores:\n    - \"10.0.0.1:1\" # eu-1 monitoring/a\n    - \"b.example:2\" # edge 7 settings\n    # MISSING, left out by --allow-partial: ap x/y\n  replicaLabel: [a]\n";
    const KNOWN: [&str; 2] = ["10.0.0.1:1 from eu-1 monitoring/a", "b.example:2 from edge 7 settings"];

    #[test]
    fn hands_and_editors_change_the_form_and_not_what_is_known() {
        let flow = "    - \"10.0.0.1:1\" # eu-1 monitoring/a\n    - \"b.example:2\" # edge 7 settings\n";
        for text in [
            TEXT.to_owned(),
            TEXT.replace('\n', "\r\n"),
            TEXT.replace("\"b.example:2\"", "b.example:2"),
            TEXT.replace('"', "'"),
            TEXT.replace("    -", "  -"),
            TEXT.replace(" # e", "\t  #   e").replace("settings", "settings  "),
            TEXT.replace("# why", "# - \"10.0.0.9:9\" # eu-1 monitoring/old"),
            TEXT.replace("  # why\n", "  extraFlags:\n    - stores: [1]\n  more: {stores: [{a: 1}]}\n"),
            TEXT.replace("edge 7 settings", "edge 7 settings, kept: for some reason"),
            TEXT.replace("    - \"10", "    - \"10.0.0.1:01\" # eu-1 monitoring/a\n    - \"10"),
            TEXT.replace(":\n    - \"10.0.0.1:1\" #", ": [\n    \"10.0.0.1:1\", #")
                .replace("    - \"b.example:2\"", "    \"b.example:2\"]"),
            format!("other: &x {{query: {{stores: [\"z:1\"]}}}}\n{TEXT}"),
        ] {
            assert_eq!(read(&text), (KNOWN.map(str::to_owned).to_vec(), vec![]), "{text}");
        }
        let swapped =
            TEXT.replace(flow, "    - \"b.example:2\" # edge 7 settings\n    - \"10.0.0.1:1\" # eu-1 monitoring/a\n");
        assert_eq!(read(&swapped).0, [KNOWN[1], KNOWN[0]]);
    }

    #[test]
    fn a_store_that_does_not_say_where_it_came_from_is_unknown() {
        for line in [
            "- \"c:3\"",
            "- \"c:3\" # by hand",
            "- \"c:3\" # see https://example.net/why",
            "- \"c:3\" # monitoring/a",
            "- \"c:3\" # eu \\u{zz}/a",
            "- \"c:3\"\n    # eu-1 monitoring/a",
        ] {
            let (known, unknown) = read(&TEXT.replace("    # MISSING", &format!("    {line}\n    # MISSING")));
            assert_eq!((known.len(), unknown), (2, vec!["c:3".to_owned()]), "{line}");
        }
        let odd = TEXT.replace("\"b.example:2\"", "{a: [1]}").replace("\"10.0.0.1:1\"", "http://a");
        assert_eq!(read(&odd), (vec![], vec!["http://a".to_owned(), "{\"a\":[1]}".to_owned()]));
        let alias = "list: &list\n  - \"a:1\" # eu x/y\nquery: {stores: *list}\n";
        assert_eq!(read(alias), (vec![], vec!["a:1".to_owned()]));
    }

    #[test]
    fn a_file_without_stores_has_none_and_a_broken_one_is_an_error_that_quotes_nothing() {
        for text in
            ["", "# thanosctl\n", "query: {}\n", "query: {stores: null}\n", "query: {stores: []}\n", "query: 1\n"]
        {
            assert_eq!(read(text), (vec![], vec![]), "{text}");
        }
        for text in [
            "secret: hunter2\nquery: [\n",
            "secret: hunter2\nsecret: hunter2\n",
            "query: {stores: hunter2}\n",
            "- hunter2\n",
            "hunter2: 1\n--- \nhunter2: 2\n",
            "a: \"hunter2\n",
        ] {
            let told = Stores::read("values.yaml", text).unwrap_err().to_string();
            assert!(told.starts_with("error: cannot read the stores of `values.yaml`\n"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
