//! The stores that an earlier run wrote, read back from its file. People edit it between the two runs.

use serde_json::Value;

use super::chart_version::Chart;
use super::dialects::DIALECTS;
use super::edit::{Document, View, Wrapper};
use super::header::ValuesHeader;
use super::provenance::origin;
use crate::document;
use crate::failure::Failure;
use crate::fleet::plan::KnownEndpoint;

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
        let failure = || {
            Failure::new(format!("cannot read the stores of `{file}`"))
                .hint("mend the file, or take back what was changed; with --force it is replaced and nothing is kept")
        };
        let document = Document::parse(file, text).map_err(|error| {
            failure().caused_by(format!("{}: broken YAML, or a key that is there twice", error.place))
        })?;
        let view = View::of(&document, &Wrapper::default())
            .map_err(|error| failure().caused_by(format!("{}: no values", error.place)))?;
        let mut stores = Self::default();
        for path in lists(text) {
            if view.value(&path).is_some_and(|stores| !stores.is_array() && !stores.is_null()) {
                return Err(failure().caused_by(format!("`{path}` is no list")));
            }
            for found in view.stores(&path) {
                match (found.text.parse(), origin(&found.comment)) {
                    (Ok(address), Some(origin)) => stores.add(KnownEndpoint { address, origin }),
                    _ => stores.unknown.push(found.text),
                }
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

/// The keys of the lists of stores in a file that thanosctl wrote: those of the chart in its first line, else those of the
/// chart that is the default.
fn lists(text: &str) -> Vec<String> {
    let header = ValuesHeader::of(text);
    let of_header = header.and_then(|header| Chart::find_known(&header.chart, Some(&header.version.to_string())).ok());
    let chart = of_header.or_else(|| Chart::find_known(DIALECTS[0].chart, None).ok());
    chart.map(|chart| chart.store_lists()).unwrap_or_default()
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
            TEXT.replace("edge 7 settings", "edge 7 settings, kept: the cluster could not be read"),
            TEXT.replace("    - \"10", "    - \"10.0.0.1:01\" # eu-1 monitoring/a\n    - \"10"),
            TEXT.replace(":\n    - \"10.0.0.1:1\" #", ": [\n    \"10.0.0.1:1\", #")
                .replace("    - \"b.example:2\"", "    \"b.example:2\",")
                .replace("    # MISSING", "    ]\n    # MISSING"),
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
            "- \"c:3\" # on call 24/7",
            "- \"c:3\" # eu-1 monitoring/a: ask Kim",
            "- \"c:3\" # eu-1 monitoring/a, kept: for some reason",
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
