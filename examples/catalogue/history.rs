//! The keys of all versions, from git.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Map, Value};
use thanosctl::chart::version::Version;

use super::keys::{Keys, free as free_names, keys, mark_dead};
use super::templates::Templates;

/// The versions of a chart, oldest first, each with the version of what it runs and its keys.
pub(crate) type History = Vec<(Version, String, Keys)>;

/// Where a chart is.
pub(crate) struct Chart<'a> {
    repository: &'a str,
    folder: String,
    prefix: String,
}

/// A sub-chart, by its name.
pub(crate) type Subcharts<'a> = Vec<(String, Chart<'a>)>;

/// The sub-charts in `repository` of which something can be known: of each text `NAME=FOLDER:TAG-PREFIX`; of a library `NAME@FOLDER:TAG-PREFIX`.
pub(crate) fn subcharts<'a, 't>(repository: &'a str, texts: impl IntoIterator<Item = &'t String>) -> Subcharts<'a> {
    let located = |text: &String| {
        let (name, place) = text.split_once(['=', '@'])?;
        let (folder, prefix) = place.split_once(':')?;
        Some((name.to_owned(), Chart::new(repository, folder, prefix)))
    };
    texts.into_iter().filter_map(located).collect()
}

/// Reads the history of the chart in `folder` of `repository`, whose versions are tags that start with `prefix`. Sub-charts
/// are `NAME=FOLDER:TAG-PREFIX` in the same repository, and libraries `NAME@FOLDER:TAG-PREFIX`; of one that is `NAME` alone
/// nothing is known.
///
/// # Errors
/// When git fails, or a version's files are not what they should be.
pub(crate) fn read(
    repository: &str,
    folder: &str,
    prefix: &str,
    subcharts: &[String],
    free: &str,
) -> Result<History, String> {
    let (libraries, subcharts): (Vec<&String>, Vec<&String>) = subcharts.iter().partition(|text| text.contains('@'));
    let free = free_names(free);
    let chart = Chart::new(repository, folder, prefix);
    let known = self::subcharts(repository, subcharts.iter().copied());
    let mut shelf = Shelf { libraries: self::subcharts(repository, libraries), texts: BTreeMap::new() };
    let mut of_subcharts: BTreeMap<(String, String), Keys> = BTreeMap::new();
    let mut history = History::new();
    for version in chart.versions()? {
        let number = version.to_string();
        let mut found = chart.keys(&number, &free, &mut shelf)?;
        for (name, locked) in chart.locked(&number) {
            let Some((_, subchart)) = known.iter().find(|(known, _)| *known == name) else { continue };
            let at = (name.clone(), locked.clone());
            if !of_subcharts.contains_key(&at) {
                of_subcharts.insert(at.clone(), subchart.keys(&subchart.nearest(&locked)?, &free, &mut shelf)?);
            }
            for (path, kind) in &of_subcharts[&at] {
                // What is global holds for the whole release.
                let is_global = path[0] == "global";
                let below = if is_global { path.clone() } else { [vec![name.clone()], path.clone()].concat() };
                // What the chart sets of its sub-chart is said better there.
                if is_global {
                    found.entry(below).or_insert(kind.clone());
                } else {
                    found.insert(below, kind.clone());
                }
            }
            found.insert(vec![name], super::keys::Kind::Map);
        }
        for name in subcharts.iter().filter(|text| !text.contains('=')) {
            found.retain(|path, _| path[0] != **name);
            found.insert(vec![(*name).clone()], super::keys::Kind::Free);
        }
        let app = chart.field(&number, "appVersion");
        history.push((version, app, found));
    }
    Ok(history)
}

/// The templates of libraries, read once.
struct Shelf<'a> {
    libraries: Subcharts<'a>,
    texts: BTreeMap<(String, String), String>,
}

impl Shelf<'_> {
    /// The templates of the libraries that a version of a chart locks.
    fn templates(&mut self, locked: &[(String, String)]) -> Result<String, String> {
        let mut all = String::new();
        for (name, version) in locked {
            let Some((_, library)) = self.libraries.iter().find(|(known, _)| known == name) else { continue };
            let at = (name.clone(), version.clone());
            if !self.texts.contains_key(&at) {
                let text = library.templates(&library.nearest(version)?)?;
                self.texts.insert(at.clone(), text);
            }
            all.push_str(&self.texts[&at]);
        }
        Ok(all)
    }
}

/// The values that each version of a chart brings by itself.
pub(crate) type OwnValues = Vec<(Version, Map<String, Value>)>;

/// The values that each version brings by itself.
///
/// # Errors
/// When git fails, or they cannot be read.
pub(crate) fn own_values(repository: &str, folder: &str, prefix: &str) -> Result<OwnValues, String> {
    let chart = Chart::new(repository, folder, prefix);
    let own = |version: Version| {
        let text = chart.file(&version.to_string(), "values.yaml").unwrap_or_default();
        let values = super::keys::tree(&text).map_err(|error| format!("{prefix}{version}: {error}"))?;
        Ok((version, values.as_object().cloned().unwrap_or_default()))
    };
    chart.versions()?.into_iter().map(own).collect()
}

impl<'a> Chart<'a> {
    /// The chart in `folder` of `repository`, whose versions are tags that start with `prefix`.
    pub(crate) fn new(repository: &'a str, folder: &str, prefix: &str) -> Self {
        Self { repository, folder: folder.to_owned(), prefix: prefix.to_owned() }
    }

    /// The lines of a version's templates that name a value.
    ///
    /// # Errors
    /// When git cannot be run.
    pub(crate) fn template_lines(&self, version: &str) -> Result<String, String> {
        let (tag, templates) = (format!("{}{version}", self.prefix), format!("{}/templates", self.folder));
        let lines = self.git(&["grep", "-h", "-E", r"\.Values\.|\$query\.", &tag, "--", &templates])?;
        Ok(lines.unwrap_or_default())
    }

    fn git(&self, arguments: &[&str]) -> Result<Option<String>, String> {
        let output = Command::new("git")
            .args(["-C", self.repository])
            .args(arguments)
            .output()
            .map_err(|error| format!("cannot run git: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(output.status.success().then_some(text))
    }

    /// The versions that have a tag, oldest first. Those before a release (`-rc.1`) are none.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn versions(&self) -> Result<Vec<Version>, String> {
        let tags = self.git(&["tag", "--list", &format!("{}*", self.prefix)])?.unwrap_or_default();
        let mut versions: Vec<Version> =
            tags.lines().filter_map(|tag| tag.strip_prefix(&self.prefix)?.parse().ok()).collect();
        versions.sort_unstable();
        if versions.is_empty() {
            return Err(format!("no tag starts with `{}` in {}", self.prefix, self.repository));
        }
        Ok(versions)
    }

    /// The locked version, or the nearest that has a tag, which is told.
    ///
    /// # Errors
    /// When it is no version, or none has a tag.
    pub(crate) fn nearest(&self, locked: &str) -> Result<String, String> {
        // Some locks have a range, `3.x.x`: then the newest of it.
        let wanted = locked.replace('x', &u32::MAX.to_string());
        let wanted: Version = wanted.parse().map_err(|()| format!("`{locked}` is no version"))?;
        let versions = self.versions()?;
        let below = versions.iter().rev().find(|version| **version <= wanted).unwrap_or(&versions[0]);
        if *below != wanted {
            eprintln!("{}{locked} has no tag: {below} is taken for it", self.prefix);
        }
        Ok(below.to_string())
    }

    /// A file of a version; `None` when it has none of that name.
    pub(crate) fn file(&self, version: &str, name: &str) -> Option<String> {
        self.git(&["show", &format!("{}{version}:{}/{name}", self.prefix, self.folder)]).ok().flatten()
    }

    fn field(&self, version: &str, name: &str) -> String {
        let chart = self.file(version, "Chart.yaml").unwrap_or_default();
        let field = |line: &str| {
            let value = line.strip_prefix(name)?.strip_prefix(':')?.trim();
            Some(value.trim_matches(['"', '\'']).trim_start_matches('v').to_owned())
        };
        chart.lines().find_map(field).unwrap_or_default()
    }

    /// The sub-charts of a version, and the versions of them that it locks.
    pub(crate) fn locked(&self, version: &str) -> Vec<(String, String)> {
        let lock = ["Chart.lock", "requirements.lock"].iter().find_map(|name| self.file(version, name));
        let lock: Value = lock.and_then(|text| serde_saphyr::from_str(&text).ok()).unwrap_or_default();
        let text = |entry: &Value, key: &str| entry[key].as_str().map(str::to_owned);
        let entries = lock["dependencies"].as_array().cloned().unwrap_or_default();
        entries.iter().filter_map(|entry| Some((text(entry, "name")?, text(entry, "version")?))).collect()
    }

    /// The text of all templates.
    fn templates(&self, version: &str) -> Result<String, String> {
        let (folder, tag) = (format!("{}/templates", self.folder), format!("{}{version}", self.prefix));
        Ok(self.git(&["grep", "-h", "-e", "", &tag, "--", &folder])?.unwrap_or_default())
    }

    /// The keys by which Helm itself decides whether a sub-chart is there, and the names of sub-charts.
    fn dependencies(&self, version: &str) -> (Vec<String>, Vec<String>) {
        let mut conditions = Vec::new();
        let mut names: Vec<String> = self.locked(version).into_iter().map(|(name, _)| name).collect();
        for file in ["Chart.yaml", "requirements.yaml"].iter().filter_map(|name| self.file(version, name)) {
            let tree: Value = serde_saphyr::from_str(&file).unwrap_or_default();
            for dependency in tree["dependencies"].as_array().into_iter().flatten() {
                let text = |key: &str| dependency[key].as_str().map(str::to_owned);
                conditions.extend(
                    text("condition").into_iter().flat_map(|all| all.split(',').map(str::to_owned).collect::<Vec<_>>()),
                );
                names.extend(text("name").into_iter().chain(text("alias")));
            }
        }
        (conditions, names)
    }

    fn keys(
        &self,
        version: &str,
        free: &std::collections::BTreeSet<&str>,
        shelf: &mut Shelf<'_>,
    ) -> Result<Keys, String> {
        let missing = || format!("{}{version} has no {}/values.yaml", self.prefix, self.folder);
        let values = self.file(version, "values.yaml").ok_or_else(missing)?;
        let readme = self.file(version, "README.md").unwrap_or_default();
        let tag = format!("{}{version}", self.prefix);
        let wrong = |error: String| format!("{tag}: {error}");
        let templates = Templates::of(&self.templates(version)?, &shelf.templates(&self.locked(version))?);
        // An example in the comments of old helpers is no key.
        let reads: Vec<String> = templates.reads().filter(|path| !path.starts_with("path.to.")).collect();
        let mut keys = keys(&values, &readme, &reads, free).map_err(wrong)?;
        let (conditions, subcharts) = self.dependencies(version);
        let is_elsewhere = |path: &[String]| {
            // What is global is shared with sub-charts.
            path[0] == "global" || subcharts.contains(&path[0]) || conditions.contains(&path.join("."))
        };
        mark_dead(&mut keys, &super::keys::tree(&values).map_err(wrong)?, &templates, is_elsewhere);
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn run(folder: &Path, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-C", folder.to_str().unwrap(), "-c", "user.name=a", "-c", "user.email=a@example.net"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn release(folder: &Path, chart: &str, version: &str, app: &str, files: &[(&str, &str)]) {
        let place = folder.join("charts").join(chart);
        std::fs::create_dir_all(place.join("templates")).unwrap();
        std::fs::write(place.join("Chart.yaml"), format!("name: {chart}\nversion: {version}\nappVersion: \"{app}\"\n"))
            .unwrap();
        for (name, text) in files {
            std::fs::write(place.join(name), text).unwrap();
        }
        run(folder, &["add", "-A"]);
        run(folder, &["commit", "-q", "-m", version]);
        run(folder, &["tag", &format!("{chart}/{version}")]);
    }

    #[test]
    fn a_small_history_becomes_a_catalogue() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        run(at, &["init", "-q", "-b", "main"]);
        let store = |version: &str, values: &str, template: &str| {
            let values = format!("{values}\nglobal: {{storeClass: \"\"}}\n");
            release(at, "store", version, "1", &[("values.yaml", &values), ("templates/a.yaml", template)]);
        };
        store("1.0.0", "user: admin", "{{ .Values.user }}\n");
        store("2.0.0", "auth: {user: admin}", "{{ .Values.auth.user }}\n");
        let lock = |version: &str| format!("dependencies:\n- name: store\n  version: {version}\n");
        release(
            at,
            "app",
            "1.0.0",
            "v0.9.0",
            &[
                (
                    "values.yaml",
                    "querier: {label: replica, flags: {}, rules: none, claim: \"a b\"}\nstore: {enabled: false}\n",
                ),
                (
                    "templates/a.yaml",
                    "{{/* .Values.path.to.the.Value, .Values.querier.claim */}}\n{{ with .Values.querier }}{{ .label }}{{ .sd }}{{ end }}\n\
                     {{ tpl .Values.querier.rules . }}{{ toYaml .Values.querier.flags }}\n",
                ),
                ("README.md", "| `querier.sd` | documented alone |\n| `querier.old` | read by nobody |\n"),
                ("requirements.lock", &lock("1.0.0")),
            ],
        );
        release(
            at,
            "app",
            "1.1.0",
            "v0.9.0",
            &[
                (
                    "values.yaml",
                    "querier: {label: [replica], flags: [], resources: {limits: {}}}\nstore: {enabled: false}\n",
                ),
                (
                    "templates/a.yaml",
                    "{{ if .Values.querier.hidden.key }}{{ .Values.querier.label }}{{ end }}{{ .Values.querier.sd }}\n\
                     {{ toYaml .Values.querier.flags }}{{ toYaml .Values.querier.resources }}\n",
                ),
            ],
        );
        release(
            at,
            "app",
            "2.0.0",
            "1.0.0",
            &[
                ("values.yaml", "# @param query.late Later\nquery: {label: [replica]}\nstore: {enabled: false}\n"),
                ("README.md", ""),
                ("templates/a.yaml", "{{ .Values.query.label }}{{ .Values.query.late }}\n"),
                ("requirements.lock", &lock("2.0.1")),
            ],
        );
        let subcharts = ["store=charts/store:store/".to_owned()];
        let history =
            read(at.to_str().unwrap(), "charts/app", "app/", &subcharts, "resources\nquerier.rules\n").unwrap();
        let text = crate::write::catalogue("example/app", &history);
        let body: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            body,
            [
                "chart example/app",
                "versions 1.0.0 1.1.0 2.0.0",
                "app 0.9.0 ..1.1.0",
                "app 1.0.0 2.0.0..",
                "global map",
                " storeClass",
                "querier map ..1.1.0",
                " claim dead=\"a\\u0020b\" ..1.0.0",
                " flags ..1.0.0 list 1.1.0..",
                " hidden map 1.1.0..",
                "  key",
                " label text ..1.0.0 list 1.1.0..",
                " old dead=null",
                " resources free 1.1.0..",
                " rules ..1.0.0",
                " sd",
                "query map 2.0.0..",
                " label list",
                " late",
                "store map",
                " auth map 2.0.0..",
                "  user text",
                " enabled bool",
                " user text ..1.1.0",
            ]
        );
        // What was written is what is read.
        let catalog = thanosctl::chart::catalog::Catalog::read(Box::leak(text.clone().into_boxed_str()));
        let knows = |version: &str, path: &str| catalog.knows(version.parse().unwrap(), path);
        assert!(
            knows("1.0.0", "querier.sd") && knows("1.1.0", "querier.hidden.key") && !knows("1.0.0", "querier.hidden")
        );
        assert!(!knows("1.0.0", "querier.claim"));
        let own_claim = ("querier.claim".to_owned(), Value::from("a b"));
        assert_eq!(catalog.dead("1.0.0".parse().unwrap()), [own_claim, ("querier.old".to_owned(), Value::Null)]);
        assert!(knows("1.1.0", "store.user") && !knows("2.0.0", "store.user") && knows("2.0.0", "store.auth.user"));
        let own = own_values(at.to_str().unwrap(), "charts/app", "app/").unwrap();
        assert_eq!(own.len(), 3);
        assert_eq!(crate::check::own_values(&text, &own), <[&str; 0]>::default());
        let spoiled = text.replace(" label list\n", " label bool\n");
        assert_eq!(crate::check::own_values(&spoiled, &own), ["2.0.0: `query.label` WrongType(Kind(Bool))"]);
        assert!(read(at.to_str().unwrap(), "charts/app", "none/", &[], "").unwrap_err().contains("no tag"));
    }
}
