//! What is told when something could not be done: what, why, and what to do next.

use std::fmt;

use crate::place::Place;
use crate::text::clean;

/// One thing that could not be done. Printed as
///
/// ```text
/// error: cannot list nodes in context `prod-eu`
///   caused by: the API server answered 403 Forbidden
/// hint: node addresses are needed for NodePort endpoints
/// ```
///
/// The texts may quote clusters and files: whoever prints a `Failure` gets them escaped for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    what: String,
    causes: Vec<String>,
    hint: Option<String>,
    path: Vec<String>,
    is_refusal: bool,
    // Boxed: a failure is handed up through every layer.
    cluster: Option<Box<LostCluster>>,
}

/// A cluster that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostCluster {
    /// The fleet's name for it.
    pub name: String,
    /// The context by which it was asked; `None` when nobody asked it by one.
    pub context: Option<String>,
}

impl fmt::Display for LostCluster {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.context {
            Some(context) if *context != self.name => write!(out, "`{}` (context `{context}`)", self.name),
            Some(_) | None => write!(out, "`{}`", self.name),
        }
    }
}

impl Failure {
    /// A failure that says what could not be done: lower case, no full stop, the object in backticks.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), causes: Vec::new(), hint: None, path: Vec::new(), is_refusal: false, cluster: None }
    }

    /// Somebody was asked for something without which nothing can be done, and chose nothing. Who asked has said so already.
    pub fn refused(what: impl Into<String>) -> Self {
        Self { is_refusal: true, ..Self::new(what) }
    }

    /// A cluster could not be read. Several that could not for one reason can be told at once.
    pub fn of_cluster(cluster: LostCluster) -> Self {
        let failure = Self::new(format!("cannot read cluster {cluster}"));
        Self { cluster: Some(Box::new(cluster)), ..failure }
    }

    /// The cluster that could not be read; `None` when it is about something else.
    pub fn cluster(&self) -> Option<&LostCluster> {
        self.cluster.as_deref()
    }

    /// Why, outermost cause first, unescaped.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// Says which key of the settings it is about, by the names that lead to it. Not told, but turned into a place by
    /// whoever read them ([`Places`](crate::languages::yaml::Places)).
    #[must_use]
    pub fn at<'p>(mut self, path: impl IntoIterator<Item = &'p str>) -> Self {
        self.path = path.into_iter().map(str::to_owned).collect();
        self
    }

    /// The key of the settings that it is about; empty when it is about none.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// Puts the place of what it is about in front.
    #[must_use]
    pub fn placed(mut self, place: &Place) -> Self {
        self.what = format!("{place}: {}", self.what);
        self.path.clear();
        self
    }

    /// Puts in front what it is about, such as a file.
    #[must_use]
    pub fn within(mut self, what: &str) -> Self {
        self.what = format!("{what}: {}", self.what);
        self
    }

    /// Adds why, outermost cause first.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Says what to do next; commands in it can be pasted. Several lines are allowed.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Another way out, below the hint that is there.
    #[must_use]
    pub fn or(mut self, way_out: &str) -> Self {
        self.hint = Some(match self.hint.take() {
            Some(hint) => format!("{hint}\n{way_out}"),
            None => way_out.strip_prefix("or ").unwrap_or(way_out).to_owned(),
        });
        self
    }

    /// What could not be done, without cause and hint; unescaped.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do next, unescaped; none when there is nothing to advise.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The failure on one line, unescaped: what, then its causes, joined by `: `.
    pub fn summary(&self) -> String {
        let mut parts = vec![self.what.as_str()];
        parts.extend(self.causes.iter().map(String::as_str));
        parts.join(": ")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "error: {}", clean(&self.what))?;
        for cause in &self.causes {
            writeln!(out, "  caused by: {}", clean(cause))?;
        }
        self.hint.as_deref().map_or(Ok(()), |hint| out.write_str(&hint_lines(hint)))
    }
}

/// A hint as it is printed, escaped for a terminal.
pub fn hint_lines(hint: &str) -> String {
    let lead = |index| if index == 0 { "hint: " } else { "      " };
    hint.lines().enumerate().map(|(index, line)| format!("{}{}\n", lead(index), clean(line))).collect()
}

/// Everything that stood in the way, told at once. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures(Vec<Failure>);

impl Failures {
    /// All of `failures`; `None` when there is none.
    pub fn from_vec(failures: Vec<Failure>) -> Option<Self> {
        (!failures.is_empty()).then_some(Self(failures))
    }

    /// Each of them changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(Failure) -> Failure) -> Self {
        Self(self.0.iter().cloned().map(change).collect())
    }

    /// Whether nothing failed, but somebody who was asked wanted none of it.
    pub fn are_refused(&self) -> bool {
        self.0.iter().all(|failure| failure.is_refusal)
    }

    /// The failures, in the order in which they are told.
    pub fn iter(&self) -> std::slice::Iter<'_, Failure> {
        self.0.iter()
    }
}

impl From<Failure> for Failures {
    fn from(failure: Failure) -> Self {
        Self(vec![failure])
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|failure| failure.fmt(out))
    }
}
