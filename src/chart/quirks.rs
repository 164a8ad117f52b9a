//! What a dialect can say of single versions besides which key carries what: images, names, defects, what is refused.

use super::part::{Component, Part};
use super::version::Span;

/// Which images a chart refuses to run unless `global.security.allowInsecureImages` is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageCheck {
    /// Every other than its own.
    AnySwap,
    /// Every other than its own and those under `docker.io/bitnamilegacy`.
    NotLegacy,
}

/// An image that can no longer be pulled from where the chart looks for it, and where it can be.
#[derive(Debug)]
pub struct MovedImage {
    /// The key of the image.
    pub path: &'static str,
    /// The repository that still has the chart's own tag.
    pub repository: &'static str,
    /// When it runs.
    pub when: When,
}

/// Images that were not copied when the others moved, or of which nobody knows.
#[derive(Debug)]
pub struct LostImage {
    /// The versions of the chart that ask for them.
    pub span: Span,
    /// The component that runs from them.
    pub component: Component,
    /// The key that names another one.
    pub unless: &'static str,
    /// Whether it is known to be gone.
    pub is_gone: bool,
    /// What to tell, a sentence without a full stop.
    pub told: &'static str,
}

/// When something is part of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// When a component is on.
    On(Component),
    /// When this key of `values:` is true.
    True(&'static str),
}

/// A Kubernetes object whose name grows with the release's name.
#[derive(Debug)]
pub struct ObjectName {
    /// The component that it belongs to.
    pub component: Component,
    /// What stands behind the name of the chart's release (`fullname`).
    pub suffix: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// How long it may be.
    pub limit: usize,
    /// The versions that make it.
    pub span: Span,
}

/// A key of the values that thanosctl answers for and `values:` may not set, besides those of the rows.
#[derive(Debug)]
pub struct Owned {
    /// The key, `$` as in rows; what lies below it is owned as well.
    pub path: &'static str,
    /// The component whose key `$` stands for.
    pub component: Option<Component>,
    /// What to write instead.
    pub instead: &'static str,
    /// Only owned while this component is named in the settings; `None` means always.
    pub with: Option<Component>,
}

/// A defect of some versions of a chart.
#[derive(Debug)]
pub struct Defect {
    /// The versions that have it.
    pub span: Span,
    /// It shows where all of these hold. What is found stands at the last one that has a key.
    pub when: &'static [Trigger],
    /// What happens then: words that follow a colon.
    pub what: &'static str,
    /// What to change in the values to live with it; empty where only another version helps.
    pub instead: &'static str,
    /// Where it was reported or corrected.
    pub report: &'static str,
}

/// What of the values makes a defect show.
#[derive(Debug, Clone, Copy)]
pub enum Trigger {
    /// A component runs.
    On(Component),
    /// Helm takes what stands at this key for true.
    Given(&'static str),
    /// Nothing that Helm takes for true stands at this key.
    NotGiven(&'static str),
    /// A number of replicas that is not 1; the chart's own, where nothing is given, is another one.
    NotOne(&'static str),
    /// The same of what a row carries.
    Carries(Part),
    /// This flag is not among those that the values add to a component.
    WithoutFlag(Component, &'static str),
}

/// What a chart's schema requires in one mode of a component alone, and the chart's own values do not have.
#[derive(Debug)]
pub struct Mode {
    /// In which versions.
    pub span: Span,
    /// The key of the mode.
    pub key: &'static str,
    /// The mode.
    pub word: &'static str,
    /// The section that has to have more.
    pub section: &'static str,
    /// What it has to have.
    pub needs: &'static [&'static str],
}
