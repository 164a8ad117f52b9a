//! The only door to the user: data to stdout; errors, warnings, hints, progress and prompts to stderr.

mod progress;
mod prompt;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use dialoguer::console::is_dumb;
use terminal_size::Width;

pub use progress::Progress;

use crate::failure::{self, Failure, Failures};
use crate::text::{clean, without_commands, without_commands_in_patch};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere when `CLICOLOR_FORCE` is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// Where a command speaks. Everything that it says passes through here.
pub struct Terminal {
    color: Color,
    quiet: bool,
    /// Whether somebody sits there who may be asked.
    asks: bool,
}

impl Terminal {
    /// A terminal that colours as told; a quiet one keeps warnings and progress to itself. With `no_input`, or where
    /// `CI` is set, or where stdin or stderr is no terminal, nobody is ever asked.
    pub fn new(color: Color, quiet: bool, no_input: bool) -> Self {
        let in_ci = std::env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
        let asks = !no_input && !in_ci && io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { color, quiet, asks }
    }

    /// Prints a document that programs read, or lines for a CI system: byte by byte, since whoever wrote it escaped what
    /// others said in a way that keeps its value. A reader that went away ends the output quietly.
    ///
    /// # Errors
    /// When stdout cannot be written to, as on a full disk.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::new("cannot write to stdout").caused_by(error)),
            Ok(()) => Ok(()),
        }
    }

    /// Prints lines for people, with the names that others gave to things. A CI system that shows them obeys none.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    pub fn lines_of_names(&self, text: &str) -> Result<(), Failure> {
        self.data(&without_commands(text))
    }

    /// Prints a unified patch. A line of it that a CI system would obey is escaped: the patch does not apply then, and
    /// `git apply` says so.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    pub fn patch(&self, text: &str) -> Result<(), Failure> {
        self.data(&without_commands_in_patch(text))
    }

    /// Prints lines for people that hold ANSI styles, which vanish where `--color` or `NO_COLOR` says so or nobody sees
    /// them. A CI system that shows them obeys none.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    pub fn styled(&self, text: &str) -> Result<(), Failure> {
        let text = &without_commands(text);
        if anstream::AutoStream::new(io::stdout(), self.color.into()).current_choice() == anstream::ColorChoice::Never {
            self.data(&anstream::adapter::strip_str(text).to_string())
        } else {
            self.data(text)
        }
    }

    /// The width of the terminal behind stdout, in columns; `None` when it is none, and lines may be of any length.
    pub fn width(&self) -> Option<u16> {
        let size = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
        size.map(|(Width(columns), _)| columns)
    }

    /// The width of the terminal that shows messages, in columns: the usual 80 where it does not tell. Where there is no
    /// terminal, lines may be of any length.
    pub fn message_width(&self) -> u16 {
        if !io::stderr().is_terminal() {
            return u16::MAX;
        }
        terminal_size::terminal_size_of(io::stderr()).map_or(80, |(Width(columns), _)| columns)
    }

    /// Tells what stood in the way.
    pub fn failures(&self, failures: &Failures) {
        failures.iter().for_each(|failure| self.failure(failure));
    }

    /// Tells one failure.
    pub fn failure(&self, failure: &Failure) {
        self.lines("error", AnsiColor::Red, &failure.to_string());
    }

    /// Tells something to think about, on one line; not in a quiet terminal.
    pub fn warning(&self, text: &str) {
        if !self.quiet {
            self.lines("warning", AnsiColor::Yellow, &format!("warning: {}\n", clean(text)));
        }
    }

    /// Tells what to do about a warning; not in a quiet terminal.
    pub fn hint(&self, text: &str) {
        if !self.quiet {
            self.lines("hint", AnsiColor::Cyan, &failure::hint_lines(text));
        }
    }

    /// Tells what was done, on one line; not in a quiet terminal.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.lines("note", AnsiColor::Cyan, &format!("{}\n", clean(text)));
        }
    }

    /// Tells several lines, which are fit for a terminal already; not in a quiet terminal unless somebody is asked
    /// about them.
    pub fn tell(&self, text: &str) {
        if !self.quiet || self.asks {
            self.lines("", AnsiColor::Cyan, text);
        }
    }

    /// Prints lines to stderr, with the leading words `word:` and `hint:` coloured. A CI system obeys none of them.
    fn lines(&self, word: &str, color: AnsiColor, text: &str) {
        let mut stderr = anstream::AutoStream::new(io::stderr().lock(), self.color.into());
        let styles = [(word, Style::new().bold().fg_color(Some(color.into()))), ("hint", Style::new().bold())];
        for line in without_commands(text).lines() {
            let styled = styles.iter().find_map(|(word, style)| {
                let rest = line.strip_prefix(word)?.strip_prefix(':')?;
                Some(format!("{style}{word}:{style:#}{rest}"))
            });
            // Nobody is left to tell when stderr is gone.
            let _ = writeln!(stderr, "{}", styled.as_deref().unwrap_or(line));
        }
    }

    /// A line for each of `names` while it is worked on, where stderr is a terminal that can take lines away; none
    /// elsewhere.
    pub fn progress(&self, names: Vec<String>) -> Progress {
        let able = io::stderr().is_terminal() && !is_dumb();
        Progress::new(names.iter().map(|name| clean(name)).collect(), able && !self.quiet)
    }
}
