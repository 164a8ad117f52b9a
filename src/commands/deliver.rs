//! Where `gen-values` puts what it made: stdout, and files that take their places together.

use std::path::Path;

use super::before_writing;
use crate::chart::header::Held;
use crate::chart::{Release, Rendered};
use crate::cli::GenValuesArgs;
use crate::failure::{Failure, Failures};
use crate::files::{self, Access, Prepared};
use crate::fleet::plan::Plan;
use crate::terminal::Terminal;
use crate::text::{counted, shell_word};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Values,
    Manifest(Held),
}

/// A text for a file.
struct Output<'a> {
    content: Content,
    path: &'a Path,
    text: String,
    access: Access,
    /// Whether the file has this text already.
    is_unchanged: bool,
}

impl<'a> Output<'a> {
    fn new(content: Content, path: &'a Path, text: &str, access: Access) -> Self {
        let old = files::read_existing(path).ok().flatten();
        Self { content, path, text: text.to_owned(), access, is_unchanged: old.as_deref() == Some(text) }
    }

    /// Written beside its place; `None` where there is nothing to write. A private file that others may read is written
    /// anew all the same.
    fn prepare(&self) -> Result<Option<Prepared>, Failure> {
        if self.is_unchanged && !(self.access == Access::Private && files::is_open(self.path)) {
            return Ok(None);
        }
        Prepared::new(self.path, &self.text, self.access).map(Some)
    }
}

/// What was made.
pub(super) struct Delivery<'a> {
    pub(super) args: &'a GenValuesArgs,
    pub(super) release: &'a Release<'a>,
    pub(super) plan: &'a Plan,
    pub(super) missing: &'a [String],
    pub(super) rendered: &'a Rendered,
}

impl Delivery<'_> {
    /// Writes everything beside its place before anything takes it, and stdout before files: a full disk or a folder that
    /// is missing changes nothing. Of the files the Secrets go first, since values that name Secrets which nobody wrote
    /// are worse than the other way round.
    ///
    /// # Errors
    /// When something cannot be made or written.
    pub(super) async fn send(&self, terminal: &Terminal) -> Result<(), Failures> {
        let Self { args, release, plan, missing, rendered } = *self;
        let (mut outputs, mut stdout) = (Vec::new(), None);
        let manifest = if args.secret_manifest.is_some() { release.secret_manifest()? } else { None };
        match (&args.secret_manifest, &manifest) {
            (Some(path), Some(manifest)) if path == Path::new("-") => stdout = Some(manifest.open()),
            (Some(path), Some(manifest)) => {
                let content = Content::Manifest(Held::Secrets);
                outputs.push(Output::new(content, path, manifest.open(), Access::Private));
            }
            (Some(_), None) => {
                terminal.warning("no Secrets were written: the values name none that thanosctl could write");
            }
            (None, _) => {}
        }
        let stores = release.stores_config_map(plan, missing)?;
        match (&args.sd_config_map, &stores) {
            (Some(path), Some(stores)) => {
                outputs.push(Output::new(Content::Manifest(Held::Stores), path, stores.text(), Access::Public));
            }
            (None, Some(stores)) => terminal.note(&format!(
                "note: the values name the ConfigMap `{}`; write it with --sd-config-map FILE, and apply it first",
                stores.name()
            )),
            (_, None) => {}
        }
        let text = rendered.values.text();
        let access = if release.holds_secrets() { Access::Private } else { Access::Public };
        let shown = rendered.values.shown();
        match &args.write {
            Some(path) => outputs.push(Output::new(Content::Values, path, text, access)),
            None if release.holds_secrets() && !args.secrets.show_secrets => {
                terminal
                    .warning("secrets are shown as ***, so this is not to be installed; to write them: --write FILE");
                stdout = Some(&shown);
            }
            None => stdout = Some(text),
        }
        if args.dry_run {
            outputs.iter().for_each(|output| terminal.note(&self.would(output)));
            return Ok(());
        }
        before_writing().await;
        let prepared: Vec<Prepared> =
            outputs.iter().map(Output::prepare).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        if let Some(text) = stdout {
            terminal.data(text)?;
        }
        for prepared in prepared {
            prepared.note().into_iter().for_each(|note| terminal.note(&note));
            prepared.commit()?;
        }
        self.tell(&outputs, terminal);
        Ok(())
    }

    fn would(&self, output: &Output<'_>) -> String {
        let path = output.path.display();
        if output.is_unchanged { format!("{path}: unchanged") } else { format!("dry run: {path} was not written") }
    }

    fn tell(&self, outputs: &[Output<'_>], terminal: &Terminal) {
        let names: Vec<String> = self.release.secret_names().iter().map(|name| format!("`{name}`")).collect();
        let (noun, them) = if names.len() == 1 { ("Secret", "it") } else { ("Secrets", "them") };
        let names = names.join(" and ");
        if self.args.secret_manifest.is_none() && !names.is_empty() {
            terminal.note(&format!(
                "note: the values name the {noun} {names}; write {them} with --secret-manifest FILE, and apply {them} first"
            ));
        }
        for output in outputs {
            let path = output.path.display().to_string();
            match output.content {
                Content::Manifest(Held::Secrets) if output.is_unchanged => {
                    terminal.note(&format!("{path}: unchanged ({noun} {names})"));
                }
                Content::Manifest(Held::Secrets) => {
                    terminal.note(&format!("wrote the {noun} {names} to {path}; apply {them} before the release:"));
                    terminal.note(&format!("  kubectl apply -f {}", shell_word(&path)));
                }
                Content::Manifest(Held::Stores) => terminal.note(&self.stores_written(output)),
                Content::Values => terminal.note(&match self.release.stores_config_map_name() {
                    None => self.stores_written(output),
                    Some(_) if output.is_unchanged => format!("{path}: unchanged"),
                    Some(name) => format!("wrote {path}; its stores are in the ConfigMap `{name}`"),
                }),
            }
        }
    }

    /// What became of a file that holds the stores.
    fn stores_written(&self, output: &Output<'_>) -> String {
        let endpoints = self.plan.endpoints();
        let (path, stores) = (output.path.display(), counted(endpoints.len(), "store"));
        let kept = endpoints.iter().filter(|endpoint| endpoint.kept().is_some()).count();
        let kept = if kept == 0 { String::new() } else { format!(" ({kept} of them kept)") };
        if output.is_unchanged {
            format!("{path}: unchanged, {stores}{kept}")
        } else {
            format!("wrote {stores}{kept} to {path}")
        }
    }
}
