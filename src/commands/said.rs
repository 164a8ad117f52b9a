//! Files with what they say of themselves, and what stands beside them: sources of Flux, the Chart.yaml of an umbrella.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::chart::are_of_another_chart;
use crate::chart::chart_version::Chart;
use crate::chart::edit::Wrapper;
use crate::chart::header::ValuesHeader;
use crate::chart::installations::{
    Anchor, Asked, Choice, FileName, Installation, Layer, Outside, Said, Stream, Umbrella, at, choose, dependencies,
};
use crate::chart::placeholders::holds_unknown;
use crate::cli::ReleaseArgs;
use crate::document;
use crate::failure::Failure;
use crate::files;
use crate::settings_file::Settings;

/// A file that was read.
pub(super) struct SaidFile {
    /// As the user named it.
    pub name: String,
    /// All that stands in it.
    pub text: String,
    /// Its documents, and the releases that it describes.
    pub stream: Stream,
    /// Whether it is a link to somewhere else, so that none of its lines is shown.
    pub is_elsewhere: bool,
    /// The chart beside it, when the file is values alone.
    umbrella: Option<Umbrella>,
}

impl SaidFile {
    /// Reads a file. `path` is where in it the values are, when that is said.
    ///
    /// # Errors
    /// When it cannot be read, or is a template that is no YAML until it is rendered.
    pub(super) fn read(file: &Path, path: Option<&Wrapper>) -> Result<Self, Failure> {
        Self::of(file, files::read(file)?, path)
    }

    /// The same of a file that was read already: a pipe can be read once.
    ///
    /// # Errors
    /// When it is a template that is no YAML until it is rendered.
    pub(super) fn of(file: &Path, text: String, path: Option<&Wrapper>) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let beside = if text.contains("helm.toolkit.fluxcd.io") { sources_beside(file, "") } else { Vec::new() };
        let mut stream = Stream::read(&name, &text, &beside);
        if let Some(line) = stream.template {
            return Err(Failure::new(format!("`{name}` is a template, and cannot be checked before it is rendered"))
                .caused_by(format!("line {line} is filled in by a template engine, and is no YAML before"))
                .hint("render it, and check the result: thanosctl validate -"));
        }
        let overlays = overlays_of(file);
        if !overlays.is_empty() && !stream.is_plain {
            let what = format!("what kustomize changes in `{}`", overlays.join("`, `"));
            stream.installations.iter_mut().for_each(|one| one.outside.push(Outside::Rest(what.clone())));
        }
        let is_ours = ValuesHeader::of(&text).is_some();
        let umbrella = if stream.is_plain && !is_ours { umbrella_beside(file) } else { None };
        if let Some(path) = path {
            stream.set_path(path, umbrella.as_ref());
        } else if let Some(umbrella) = umbrella.as_ref().filter(|umbrella| !umbrella.installations.is_empty()) {
            stream.installations = of_umbrella(umbrella, &stream.parts[0].value);
        } else if let Some(named) = named_beside(file).filter(|_| stream.is_plain && !is_ours && umbrella.is_none()) {
            stream.installations = vec![named];
        }
        stream.resolve(|name| named_file(file, name));
        Ok(Self { name, text, stream, is_elsewhere: files::leads_elsewhere(file), umbrella })
    }

    /// Whether it is values alone, of which nothing says what they are, and which are those of another chart.
    pub(super) fn is_of_another_chart(&self, of: &Installation) -> bool {
        let values = || self.stream.parts.first().and_then(|part| part.value.as_object());
        let is_whole = of.layers.iter().all(|layer| layer.path == Wrapper::default());
        self.stream.is_plain && is_whole && !self.says_chart(of) && values().is_some_and(are_of_another_chart)
    }

    /// Whether the chart beside the file has nothing to do with Thanos.
    pub(super) fn foreign_chart(&self) -> Option<&str> {
        let umbrella = self.umbrella.as_ref()?;
        umbrella.installations.is_empty().then_some(umbrella.name.as_str())
    }

    /// The chart that the values of a release in it are for.
    ///
    /// # Errors
    /// When the version is not known, or nobody can know which chart it is.
    pub(super) fn chart(&self, of: &Installation, asked: &Asked<'_>) -> Result<Choice, Failure> {
        let embedded = || {
            let layer = of.layers.first()?;
            let part = self.stream.holder(layer)?.parts.get(layer.document)?;
            let names: Vec<String> = layer.path.names().collect();
            ValuesHeader::of(at(&part.value, &names)?.as_str()?)
        };
        let header = ValuesHeader::of(&self.text).or_else(embedded);
        let header = header.as_ref().map(|header| (header.chart.as_str(), header.version));
        choose(asked, &Said { reference: of.chart.as_ref(), header })
            .map_err(|failure| failure.within(&place(&self.name, of)))
            .map_err(|failure| match asked.settings {
                Some((chart, _)) if asked.chart.is_none() && asked.version.is_none() && !self.says_chart(of) => {
                    about_settings(failure, chart)
                }
                _ => failure,
            })
    }

    /// Whether something says which chart the values are for.
    pub(super) fn says_chart(&self, of: &Installation) -> bool {
        of.chart.is_some() || ValuesHeader::of(&self.text).is_some()
    }
}

/// What is said from outside of the files.
pub(super) fn asked<'a>(chosen: &'a ReleaseArgs, version: Option<&'a str>, settings: &'a Settings) -> Asked<'a> {
    let thanos = &settings.thanos;
    Asked {
        chart: chosen.chart.as_deref(),
        version: chosen.chart_version.as_deref().or(version),
        settings: settings.is_given.then_some((thanos.chart.as_str(), thanos.chart_version.as_deref())),
        default: &thanos.chart,
    }
}

/// A failure about the chart that the settings name, with the key that is wrong.
pub(super) fn about_settings(failure: Failure, chart: &str) -> Failure {
    failure.at(["thanos", if Chart::find_known(chart, None).is_ok() { "chartVersion" } else { "chart" }])
}

/// A release in a file, for people.
pub(super) fn place(file: &str, of: &Installation) -> String {
    if of.title.is_empty() { format!("`{file}`") } else { format!("`{file}`: {}", of.title) }
}

/// The releases of an umbrella chart whose values a file has. A file that has none of them is of that chart too.
fn of_umbrella(umbrella: &Umbrella, values: &Value) -> Vec<Installation> {
    let mut all: Vec<Installation> = umbrella.installations.clone();
    for one in &mut all {
        one.layers = vec![Layer::default()];
    }
    let has_values = |one: &Installation| one.below.first().is_none_or(|below| values.get(below).is_some());
    if all.iter().any(has_values) {
        all.retain(has_values);
    }
    all
}

/// What the files in the folder of a file hold that may say where Flux finds charts and values.
fn sources_beside(file: &Path, except: &str) -> Vec<Value> {
    let sources = beside(file).filter(|(name, text)| {
        name != except && ["source.toolkit.fluxcd.io", "Generator:"].iter().any(|mark| text.contains(mark))
    });
    sources.flat_map(|(name, text)| Stream::read(&name, &text, &[]).documents().cloned().collect::<Vec<_>>()).collect()
}

/// The other files of YAML in the folder of a file: their names and texts.
fn beside(file: &Path) -> impl Iterator<Item = (String, String)> {
    let found = folder(file).and_then(|folder| files::in_folder(folder, &["yaml", "yml", "gotmpl"]).ok());
    let others = found.unwrap_or_default().into_iter().filter(|path| !files::is_same(path, file));
    others
        .collect::<Vec<_>>()
        .into_iter()
        .filter_map(|path| Some((path.display().to_string(), files::read_near(folder(&path)?, &path).ok()?)))
}

/// The release that a file beside a values file describes, and that has its values there.
fn named_beside(file: &Path) -> Option<Installation> {
    let own = file.file_name()?.to_str()?;
    let marks = ["helmCharts:", "releases:", "helm.toolkit.fluxcd.io"];
    let describes = |text: &str| marks.iter().any(|mark| text.contains(mark));
    beside(file).filter(|(_, text)| describes(text)).find_map(|(name, text)| {
        let sources = if text.contains(marks[2]) { sources_beside(file, &name) } else { Vec::new() };
        Stream::read(&name, &text, &sources).naming(own)
    })
}

/// The name and the text of a values file that `file` names. Only files of YAML are read.
fn named_file(file: &Path, name: &FileName) -> Option<(String, String)> {
    let path = Path::new(&name.path);
    let is_yaml = [".yaml", ".yml", ".gotmpl"].iter().any(|ending| name.path.ends_with(ending));
    if path.is_absolute() || !is_yaml || holds_unknown(&name.path) || name.path.contains("{{") {
        return None;
    }
    let folder = folder(file)?;
    let found = match name.anchor {
        Anchor::Folder => folder.join(path),
        Anchor::Repository => folder.ancestors().map(|above| above.join(path)).find(|path| path.is_file())?,
    };
    let shown = found.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    Some((shown.display().to_string(), files::read_near(folder, &found).ok()?))
}

/// The folders beside that of a file whose kustomization.yaml builds on it: what they patch is not known here.
fn overlays_of(file: &Path) -> Vec<String> {
    const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let Some(base) = folder(file).filter(|base| NAMES.iter().any(|name| base.join(name).is_file())) else {
        return Vec::new();
    };
    let above = base.join("..");
    // `base` beside `overlays/prod`, or beside `prod`.
    let near = files::folders_in(&above);
    let deeper: Vec<PathBuf> = near.iter().flat_map(|folder| files::folders_in(folder)).collect();
    let builds_on = |folder: &PathBuf| {
        NAMES.iter().filter_map(|name| files::read(&folder.join(name)).ok()).any(|text| {
            let Ok(document) = document::read::<Value>("", &text) else { return false };
            let lists = ["resources", "bases", "components"].map(|key| document.get(key));
            let entries = lists.into_iter().flatten().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
            entries.filter(|entry| !entry.contains("://")).any(|entry| files::is_same(&folder.join(entry), base))
        })
    };
    let mut found: Vec<String> = near.into_iter().chain(deeper).filter(builds_on).map(shown).collect();
    found.sort();
    found
}

/// A path without what leads up and down again.
fn shown(path: PathBuf) -> String {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            (Component::CurDir, _) => {}
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect::<PathBuf>().display().to_string()
}

/// The chart whose Chart.yaml stands beside a file, or above the `ci` folder in which charts keep values for their tests
/// (helm/chart-testing).
fn umbrella_beside(file: &Path) -> Option<Umbrella> {
    let own = folder(file)?;
    let is_alone = !own.join("Chart.yaml").is_file();
    let chart = own.parent().filter(|_| is_alone && own.file_name().is_some_and(|name| name == "ci"));
    let folder = chart.map_or(own, |above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
    let read = |name: &str| {
        let text = files::read_near(folder, &folder.join(name)).ok()?;
        document::read::<Value>(name, &text).ok()
    };
    let chart = read("Chart.yaml")?;
    let lock = read("Chart.lock").or_else(|| read("requirements.lock"));
    Some(dependencies(&chart, read("requirements.yaml").as_ref(), lock.as_ref()))
}

/// The folder of a file; `None` for standard input.
fn folder(file: &Path) -> Option<&Path> {
    let parent = file.parent().filter(|_| file != Path::new("-"))?;
    Some(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}
