//! A values file as it was committed: read with the places of what thanosctl owns in it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::file_chart::Question;
use super::said::SaidFile;
use crate::chart::chart_version::Chart;
use crate::chart::edit::{Document, Found, View, Wrapper};
use crate::chart::header::ValuesHeader;
use crate::chart::installations::{self, Installation, Outside};
use crate::chart::{FixedStore, SIGNS, read_provenance};
use crate::failure::Failure;
use crate::files;
use crate::findings::codes;
use crate::findings::finding::Finding;
use crate::fleet::committed::{Beside, Committed, CommittedStores, Holder, Keeper};
use crate::place::Place;

/// A values file.
pub(super) struct ValuesFile {
    /// Where it is.
    pub path: PathBuf,
    /// As the user named it.
    pub name: String,
    /// What stands in it.
    pub text: String,
    /// The same, with places.
    pub document: Document,
    /// Where in it the values are.
    pub wrapper: Wrapper,
    /// The chart that reads them.
    pub chart: Chart,
    /// What is to know of that, a sentence each without a full stop.
    pub notes: Vec<String>,
    /// What else sets values of the release, and is not read; then what the file lacks is not known to be missing.
    pub elsewhere: Vec<String>,
    /// The keys of the lists of stores that the chart reads, the one to which new ones are written first.
    pub lists: Vec<String>,
    /// Its stores.
    pub committed: CommittedStores,
    /// Whether the stores of the release stand in it, or would: in another layer's place they are no matter of this one.
    pub holds_stores: bool,
    /// Lists of addresses that the chart does not read.
    pub unread: Vec<Finding>,
    /// The names of all layers of the release, the first one first; of a single file its own.
    pub layers: Vec<String>,
}

impl ValuesFile {
    /// Whether it is a link to somewhere else, so that none of its lines is shown.
    pub(super) fn is_elsewhere(&self) -> bool {
        files::leads_elsewhere(&self.path)
    }

    /// Refuses to show a patch of a file none of whose lines is shown.
    ///
    /// # Errors
    /// When it is a link to somewhere else.
    pub(super) fn refuse_patch_of_another(&self) -> Result<(), Failure> {
        if !self.is_elsewhere() {
            return Ok(());
        }
        Err(Failure::new(format!("cannot show a patch of `{}`", self.name))
            .caused_by("it is a link to another folder, so none of its lines is shown")
            .hint("name the file itself"))
    }

    /// Reads the values at `wrapper`, or where they are in a file of its kind.
    ///
    /// # Errors
    /// When the file cannot be read, is no YAML, holds no values of a Thanos chart, or it is not known of which one; and
    /// when its stores may stand in what is not read.
    pub(super) fn read(path: &Path, wrapper: Option<&str>, question: &Question<'_>) -> Result<Self, Failure> {
        let named = wrapper.map(Wrapper::parse).transpose()?;
        let one = Unfinished::read(path, named.as_ref())?;
        if !one.holds_values() {
            return Err(Unfinished::holds_none(one.name()));
        }
        let (chart, notes) = one.chart(question)?;
        let elsewhere: Vec<String> = one.elsewhere().collect();
        if !elsewhere.is_empty() {
            let view = one.view()?;
            if !chart.store_lists().iter().any(|list| view.value(list).is_some()) {
                return Err(Failure::new(format!(
                    "`{}` has no list of stores, and there are values that are not read",
                    one.name()
                ))
                .caused_by(format!("not read: {}", elsewhere.join(", ")))
                .hint("compare the file that has the stores"));
            }
        }
        Ok(Self { elsewhere, ..one.finish(chart, notes)? })
    }

    /// The same file with another text.
    ///
    /// # Errors
    /// As [`ValuesFile::read`].
    pub(super) fn with_text(&self, text: String) -> Result<Self, Failure> {
        let mut file = Self::of(&self.path, text, self.wrapper.clone(), self.chart)?;
        if !self.holds_stores {
            file.leave_stores();
        }
        Ok(Self { elsewhere: self.elsewhere.clone(), layers: self.layers.clone(), ..file })
    }

    fn of(path: &Path, text: String, wrapper: Wrapper, chart: Chart) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let document = Document::parse(&name, &text)?;
        let view = View::of(&document, &wrapper)?;
        let lists = chart.store_lists();
        let Some(first) = lists.first() else {
            return Err(Failure::new(format!("`{name}` cannot have stores"))
                .caused_by(format!("{} {} has no list of them", chart.dialect.chart, chart.version)));
        };
        let whole = Place { file: name.clone(), line: 0, column: 0 };
        for list in &lists {
            if !matches!(view.value(list), None | Some(Value::Null | Value::Array(_))) {
                let place = view.place(list).unwrap_or_else(|| whole.clone());
                return Err(Failure::new(format!("{place}: `{list}` is no list")).hint("write `[]` for no stores"));
            }
        }
        let committed = CommittedStores {
            stores: stores(&view, &lists, &chart),
            list: view.nearest(first).map_or(whole, |(_, place)| place),
            keeper: if ValuesHeader::of(&text).is_some() { Keeper::Thanosctl } else { Keeper::People },
        };
        let unread = chart.unread_lists(&view).iter().map(|key| unread(key, &view, &chart, first)).collect();
        Ok(Self {
            path: path.to_owned(),
            layers: vec![name.clone()],
            name,
            document,
            wrapper,
            chart,
            notes: Vec::new(),
            elsewhere: Vec::new(),
            lists,
            committed,
            holds_stores: true,
            unread,
            text,
        })
    }

    /// Leaves the stores to another layer.
    pub(super) fn leave_stores(&mut self) {
        self.holds_stores = false;
        self.lists.clear();
        self.committed.stores.clear();
    }

    /// The stores that the chart gets by something else than a list, each with the key of that.
    ///
    /// # Errors
    /// As [`ValuesFile::view`].
    pub(super) fn fixed_stores(&self) -> Result<Vec<(String, Committed)>, Failure> {
        Ok(fixed_stores(&self.view()?, &self.chart))
    }

    /// The values in it.
    ///
    /// # Errors
    /// None that [`ValuesFile::read`] would not have had.
    pub(super) fn view(&self) -> Result<View<'_>, Failure> {
        Ok(View::of(&self.document, &self.wrapper)?)
    }
}

/// Where the values of a dependency stand in those of an umbrella chart, if the file has them.
fn below(of: &Installation, tree: &Value) -> Option<Wrapper> {
    if of.below.is_empty() || installations::at(tree, &of.below).is_none() {
        return None;
    }
    Wrapper::parse(&of.below.join(".")).ok()
}

/// The stores of all lists that the chart reads, then the others.
fn stores(view: &View<'_>, lists: &[String], chart: &Chart) -> Vec<Committed> {
    let of_list = |(list, key): (usize, &String)| {
        let committed = move |(item, found): (usize, Found)| Committed {
            beside: beside(&found.comment),
            text: found.text,
            holder: Holder::List { list, item },
            place: found.place,
        };
        view.stores(key).into_iter().enumerate().map(committed)
    };
    let listed = lists.iter().enumerate().flat_map(of_list);
    listed.chain(fixed_stores(view, chart).into_iter().map(|(_, store)| store)).collect()
}

fn fixed_stores(view: &View<'_>, chart: &Chart) -> Vec<(String, Committed)> {
    let committed = |FixedStore { key, item, text }: FixedStore| {
        let place = item.and_then(|item| view.place_of_item(&key, item)).or_else(|| view.place_within(&key, &text))?;
        Some((key, Committed { text, beside: Beside::Nothing, holder: Holder::Fixed, place }))
    };
    chart.fixed_stores(view).into_iter().filter_map(committed).collect()
}

/// A values file of which the chart is not known yet.
pub(super) struct Unfinished {
    path: PathBuf,
    text: String,
    document: Document,
    wrapper: Wrapper,
    said: SaidFile,
    of: Installation,
}

impl Unfinished {
    /// Reads the values at `named`, or where they are in a file of its kind.
    ///
    /// # Errors
    /// When the file cannot be read, or is no YAML.
    pub(super) fn read(path: &Path, named: Option<&Wrapper>) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = files::read(path)?;
        let document = Document::parse(&name, &text)?;
        let said = SaidFile::of(path, text.clone(), named)?;
        let of = said.stream.installations.first().cloned().unwrap_or_default();
        let wrapper = match named {
            Some(wrapper) => wrapper.clone(),
            None => match below(&of, document.tree()) {
                Some(wrapper) => wrapper,
                None => Wrapper::detect(&document)?,
            },
        };
        View::of(&document, &wrapper)?;
        Ok(Self { path: path.to_owned(), text, document, wrapper, said, of })
    }

    /// As the user named it.
    pub(super) fn name(&self) -> &str {
        &self.said.name
    }

    fn view(&self) -> Result<View<'_>, Failure> {
        Ok(View::of(&self.document, &self.wrapper)?)
    }

    /// Whether it may be values of a Thanos chart.
    pub(super) fn holds_values(&self) -> bool {
        let Ok(view) = self.view() else { return false };
        let is_empty = view.tree().as_object().is_none_or(serde_json::Map::is_empty);
        is_empty || ValuesHeader::of(&self.text).is_some() || SIGNS.iter().any(|key| view.value(key).is_some())
    }

    /// The failure of a file that holds none.
    pub(super) fn holds_none(name: &str) -> Failure {
        Failure::new(format!("`{name}` holds no values of a Thanos chart"))
            .caused_by(format!("none of {} stands in it", SIGNS[..8].join(", ")))
            .hint("where they stand below another key, name it: --path thanos")
    }

    /// Whether it says itself which chart it is for.
    pub(super) fn says_chart(&self) -> bool {
        self.said.says_chart(&self.of)
    }

    /// The chart that it is for, and what a reader has to know.
    ///
    /// # Errors
    /// As [`Question::chart`].
    pub(super) fn chart(&self, question: &Question<'_>) -> Result<(Chart, Vec<String>), Failure> {
        question.chart(&self.said, &self.of, &self.view()?)
    }

    /// What else sets values of the release, and is not read.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = String> + '_ {
        self.of.outside.iter().filter_map(|outside| match outside {
            Outside::Rest(what) => Some(what.clone()),
            Outside::Field { .. } | Outside::Set { .. } => None,
        })
    }

    /// The file, for a chart.
    ///
    /// # Errors
    /// When the chart has no list of stores, or something else stands where it is.
    pub(super) fn finish(self, chart: Chart, notes: Vec<String>) -> Result<ValuesFile, Failure> {
        let file = ValuesFile::of(&self.path, self.text, self.wrapper, chart)?;
        Ok(ValuesFile { notes, ..file })
    }
}

fn beside(comment: &str) -> Beside {
    match (comment.trim_matches([' ', '\t']), read_provenance(comment.trim_matches([' ', '\t']))) {
        ("", _) => Beside::Nothing,
        (_, Some(provenance)) => Beside::Provenance(provenance),
        (_, None) => Beside::Note,
    }
}

fn unread(key: &str, view: &View<'_>, chart: &Chart, first: &str) -> Finding {
    let count = view.value(key).and_then(Value::as_array).map_or(0, Vec::len);
    let stores = if count == 1 { "1 store".to_owned() } else { format!("{count} stores") };
    let chart = format!("{} {}", chart.dialect.chart, chart.version);
    let mut finding = Finding::new(
        codes::UNREAD_STORES,
        format!("`{key}` has {stores}, and {chart} does not read it: its stores are in `{first}`"),
    );
    finding.place = view.place(key);
    finding.hint = Some(format!("move what is still true to `{first}`, and delete `{key}`"));
    finding
}
