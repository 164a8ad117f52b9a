//! Files with what they say of themselves, and what stands beside them: sources of Flux, the Chart.yaml of an umbrella.

use std::path::Path;

use serde_json::Value;

use crate::chart::edit::Wrapper;
use crate::chart::header::ValuesHeader;
use crate::chart::installations::{
    Asked, Choice, Installation, Layer, Said, Stream, Umbrella, at, choose, dependencies,
};
use crate::cli::ReleaseArgs;
use crate::document;
use crate::failure::Failure;
use crate::files;
use crate::settings::Settings;

/// A file that was read.
pub struct SaidFile {
    /// As the user named it.
    pub name: String,
    /// All that stands in it.
    pub text: String,
    /// Its documents, and the releases that it describes.
    pub stream: Stream,
    /// The chart beside it, when the file is values alone.
    umbrella: Option<Umbrella>,
}

impl SaidFile {
    /// Reads a file. `path` is where in it the values are, when that is said.
    ///
    /// # Errors
    /// When it cannot be read, or is a template that is no YAML until it is rendered.
    pub fn read(file: &Path, path: Option<&Wrapper>) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = files::read(file)?;
        let beside = if text.contains("helm.toolkit.fluxcd.io") { sources_beside(file) } else { Vec::new() };
        let mut stream = Stream::read(&name, &text, &beside);
        if let Some(line) = stream.template {
            return Err(Failure::new(format!("`{name}` is a template, and cannot be checked before it is rendered"))
                .caused_by(format!("line {line} decides which other lines there are"))
                .hint("render it, and check the result: thanosctl validate -"));
        }
        let is_ours = ValuesHeader::of(&text).is_some();
        let umbrella = if stream.is_plain && !is_ours { umbrella_beside(file) } else { None };
        if let Some(path) = path {
            stream.set_path(path, umbrella.as_ref());
        } else if let Some(umbrella) = umbrella.as_ref().filter(|umbrella| !umbrella.installations.is_empty()) {
            stream.installations = of_umbrella(umbrella, &stream.parts[0].value);
        }
        Ok(Self { name, text, stream, umbrella })
    }

    /// Whether the chart beside the file has nothing to do with Thanos.
    pub fn foreign_chart(&self) -> Option<&str> {
        let umbrella = self.umbrella.as_ref()?;
        umbrella.installations.is_empty().then_some(umbrella.name.as_str())
    }

    /// The chart that the values of a release in it are for.
    ///
    /// # Errors
    /// When the version is not known, or nobody can know which chart it is.
    pub fn chart(&self, of: &Installation, asked: &Asked<'_>) -> Result<Choice, Failure> {
        let embedded = || {
            let layer = of.layers.first()?;
            let part = self.stream.parts.get(layer.document)?;
            let names: Vec<String> = layer.path.names().collect();
            ValuesHeader::of(at(&part.value, &names)?.as_str()?)
        };
        let header = ValuesHeader::of(&self.text).or_else(embedded);
        let header = header.as_ref().map(|header| (header.chart.as_str(), header.version));
        choose(asked, &Said { reference: of.chart.as_ref(), header })
            .map_err(|failure| failure.within(&place(&self.name, of)))
    }

    /// Whether something says which chart the values are for.
    pub fn says_chart(&self, of: &Installation) -> bool {
        of.chart.is_some() || ValuesHeader::of(&self.text).is_some()
    }
}

/// What is said from outside of the files.
pub fn asked<'a>(chosen: &'a ReleaseArgs, version: Option<&'a str>, settings: &'a Settings) -> Asked<'a> {
    let thanos = &settings.thanos;
    Asked {
        chart: chosen.chart.as_deref(),
        version: chosen.chart_version.as_deref().or(version),
        settings: settings.is_given.then_some((thanos.chart.as_str(), thanos.chart_version.as_deref())),
        default: &thanos.chart,
    }
}

/// A release in a file, for people.
pub fn place(file: &str, of: &Installation) -> String {
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

/// The objects in the folder of a file that say where Flux finds charts.
fn sources_beside(file: &Path) -> Vec<Value> {
    let Some(folder) = folder(file) else { return Vec::new() };
    let beside = files::in_folder(folder, &["yaml", "yml"]).unwrap_or_default();
    let texts = beside.iter().filter(|path| !files::is_same(path, file)).filter_map(|path| files::read(path).ok());
    let sources = texts.filter(|text| text.contains("source.toolkit.fluxcd.io"));
    sources.flat_map(|text| Stream::read("", &text, &[]).documents().cloned().collect::<Vec<_>>()).collect()
}

/// The chart whose Chart.yaml stands beside a file.
fn umbrella_beside(file: &Path) -> Option<Umbrella> {
    let folder = folder(file)?;
    let read = |name: &str| {
        let text = files::read(&folder.join(name)).ok()?;
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
