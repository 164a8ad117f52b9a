//! What tells one chart's versions apart, as data: which keys carry which part of a release, what passes through Helm's
//! `tpl`, which images are checked. What differs between versions is a row with a span in [`dialects`](super::dialects),
//! never an `if` elsewhere.

use std::sync::LazyLock;

use super::catalog::Catalog;
use super::part::{Component, Part};
use super::quirks::{Defect, ImageCheck, LostImage, Mode, MovedImage, ObjectName, Owned};
use super::version::{Span, Version};

/// Which key carries a part, in a span of versions. The keys of a section stand in the order of their rows; the order of
/// sections, and what is said above a key, is in `templates/values.yaml.j2`.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it carries.
    pub part: Part,
    /// The key, its names joined by dots; `$` stands for the key of the part's component.
    pub path: &'static str,
    /// The versions in which it does.
    pub span: Span,
    /// The versions in which Helm runs its texts through `tpl`; `None` means none.
    pub templated: Option<Span>,
    /// Whether the file says that Helm runs its text through templates, so that each opening of one in it is escaped.
    pub notes_templates: bool,
    /// What the chart has there by itself and would lose: flags that come first.
    pub kept: &'static [&'static str],
}

impl Row {
    /// A row of all versions, whose texts stay as they are.
    pub const fn new(part: Part, path: &'static str) -> Self {
        Self { part, path, span: Span::ALL, templated: None, notes_templates: false, kept: &[] }
    }

    /// The row in the versions of `span` alone.
    pub const fn within(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// The row with texts that Helm runs through `tpl` in the versions of `span`.
    pub const fn templated(mut self, span: Span) -> Self {
        self.templated = Some(span);
        self
    }

    /// The row below a note on templates.
    pub const fn noted(mut self) -> Self {
        self.notes_templates = true;
        self
    }

    /// The row behind flags that the chart has by itself.
    pub const fn keeping(mut self, kept: &'static [&'static str]) -> Self {
        self.kept = kept;
        self
    }
}

/// Where Helm finds a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// In an OCI registry.
    Registry(&'static str),
    /// In a repository of charts: its address and the chart's name there.
    Repository(&'static str, &'static str),
    /// In a folder of a checked-out repository, since no package was published: the folder, and where its source is.
    Source(&'static str, &'static str),
}

/// One chart in the versions that want the same rows.
#[derive(Debug)]
pub struct Dialect {
    /// The chart, as `REPOSITORY/NAME`.
    pub chart: &'static str,
    /// The chart's own name, which becomes a part of the names of its objects.
    pub name: &'static str,
    /// Its versions and their keys.
    pub catalog: LazyLock<Catalog>,
    /// The versions for which values are written.
    pub span: Span,
    /// The version to take when none is named; `None` means the newest.
    pub advised: Option<Version>,
    /// Where Helm finds the chart.
    pub reference: &'static [(Span, Reference)],
    /// The keys of its components. A component without a row for a version is not in that version.
    pub components: &'static [(Component, Span, &'static str)],
    /// The components that are on unless values say otherwise.
    pub on_by_default: &'static [Component],
    /// The components that run whatever the values say, in these versions.
    pub always_on: &'static [(Component, Span)],
    /// Which key carries what.
    pub rows: &'static [Row],
    /// Whether the chart has texts for node ports, and not numbers.
    pub node_ports_are_texts: bool,
    /// The flags that the chart gives a component itself and Thanos takes once (kingpin: `cannot be repeated`).
    pub own_flags: &'static [(Component, &'static [&'static str])],
    /// The versions that write flags into their templates without quotes.
    pub bare_flags: Option<Span>,
    /// The replica label of a ruler that says nothing about it.
    pub ruler_replica_label: &'static str,
    /// The other labels that the chart gives the ruler.
    pub ruler_labels: &'static [&'static str],
    /// Versions that tell the ruler a wrong place of its rules, and the right one.
    pub rule_file: Option<(Span, &'static str)>,
    /// The key in the Secret of the object store that needs no item of its own.
    pub objstore_key: &'static str,
    /// The keys of the Secret with MinIO's root user: the user's and the password's, by version.
    pub root_keys: &'static [(Span, [&'static str; 2])],
    /// The check of images; versions without a row have none.
    pub image_check: &'static [(Span, ImageCheck)],
    /// Images that moved.
    pub moved_images: &'static [MovedImage],
    /// Defects of versions.
    pub defects: &'static [Defect],
    /// Images that may be gone.
    pub lost_images: &'static [LostImage],
    /// The versions that hand stores over with a flag that Thanos 0.38.0 removed (`--store`).
    pub store_flag: Option<Span>,
    /// The versions whose NOTES.txt and templates refuse what is incomplete.
    pub refuses_at_install: Option<Span>,
    /// What its schema requires in one mode of a component alone.
    pub modes: &'static [Mode],
    /// Names that can become too long.
    pub names: &'static [ObjectName],
    /// The keys that hold secrets in the open, besides those of the rows.
    pub secrets: &'static [&'static str],
    /// What `values:` may not set, besides what the rows carry.
    pub owned: &'static [Owned],
}
