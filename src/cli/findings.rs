//! How the commands that have findings print them.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::findings::report::Format;

/// How findings are printed, by every command that has some.
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// Print findings in this format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub format: Format,
    /// Treat warnings as errors
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Human, Self::Json, Self::Github, Self::Junit, Self::Sarif]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Human => ("human", "Text for people, with the lines of the files"),
            Self::Json => ("json", "The JSON document that docs/findings.md describes"),
            Self::Github => ("github", "Annotations of GitHub Actions"),
            Self::Junit => ("junit", "JUnit XML, as GitLab and Jenkins show it"),
            Self::Sarif => ("sarif", "SARIF 2.1.0, for code scanning"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn findings_are_printed_in_the_format_that_is_named() {
        #[derive(Debug, Parser)]
        struct Check {
            #[command(flatten)]
            format: FormatArgs,
        }
        let format = |arguments: &[&str]| Check::try_parse_from(arguments).map(|check| check.format.format).ok();
        assert_eq!(format(&["check"]), Some(Format::Human));
        for (name, expected) in [
            ("human", Format::Human),
            ("json", Format::Json),
            ("github", Format::Github),
            ("junit", Format::Junit),
            ("sarif", Format::Sarif),
        ] {
            assert_eq!(format(&["check", "--format", name]), Some(expected));
        }
        assert_eq!(format(&["check", "--format", "xml"]), None);
    }
}
