//! The comments that thanosctl writes with something in their middle, so that they are known again.

/// A comment of which only the two ends are always the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form(pub(super) &'static str, pub(super) &'static str);

impl Form {
    /// The comment with this between its ends.
    pub(super) fn with(self, middle: &str) -> String {
        let Self(begin, end) = self;
        format!("{begin}{middle}{end}")
    }

    /// Whether a comment is one of this form.
    pub(super) fn fits(self, comment: &str) -> bool {
        comment.strip_prefix(self.0).is_some_and(|rest| rest.ends_with(self.1))
    }
}

/// What the head of values says that hold secrets.
pub(super) const HOLDS_SECRETS: &str = "It holds secrets: keep it as you keep those.";

/// What it says of stores that are elsewhere.
pub(super) const ELSEWHERE: Form =
    Form("Its stores are in ConfigMap ", ": thanosctl gen-values --sd-config-map FILE writes it.");

/// What it says of a version that was never packaged.
pub(super) const SOURCE: Form = Form("This version is source alone: ", " with its sub-charts.");

/// How to install the values.
pub(super) const INSTALL: Form = Form("helm upgrade --install ", " --values FILE");

/// All that stands in the head of values below its first two lines.
pub(super) const HEAD: [Form; 4] = [Form(HOLDS_SECRETS, ""), ELSEWHERE, SOURCE, INSTALL];

/// What stands below the header of the ConfigMap.
pub(super) const READ_BY: Form = Form("The querier reads it by ", ".");

/// What begins the line about a store that `--allow-partial` left out.
pub(super) const MISSING: &str = "MISSING, left out by --allow-partial:";
