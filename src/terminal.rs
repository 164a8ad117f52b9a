//! The only door to the user: data to stdout; errors, warnings, hints and progress to stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::{Failure, Failures};
use crate::text::clean;

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
}

impl Terminal {
    /// A terminal that colours as told; a quiet one keeps warnings and progress to itself.
    pub fn new(color: Color, quiet: bool) -> Self {
        Self { color, quiet }
    }

    /// Prints data. A reader that went away ends the output quietly.
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

    /// The width of the terminal behind stdout, in columns; `None` when it is none, and lines may be of any length.
    pub fn width(&self) -> Option<u16> {
        let stdout = console_size()?;
        io::stdout().is_terminal().then_some(stdout)
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

    /// Tells what was done, on one line; not in a quiet terminal.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.lines("note", AnsiColor::Cyan, &format!("{}\n", clean(text)));
        }
    }

    /// Prints lines to stderr, with the leading words `word:` and `hint:` coloured.
    fn lines(&self, word: &str, color: AnsiColor, text: &str) {
        let mut stderr = anstream::AutoStream::new(io::stderr().lock(), self.color.into());
        let styles = [(word, Style::new().bold().fg_color(Some(color.into()))), ("hint", Style::new().bold())];
        for line in text.lines() {
            let styled = styles.iter().find_map(|(word, style)| {
                let rest = line.strip_prefix(word)?.strip_prefix(':')?;
                Some(format!("{style}{word}:{style:#}{rest}"))
            });
            // Nobody is left to tell when stderr is gone.
            let _ = writeln!(stderr, "{}", styled.as_deref().unwrap_or(line));
        }
    }

    /// A line for each of `names` while it is worked on, where stderr is a terminal; none elsewhere.
    pub fn progress(&self, names: Vec<String>) -> Progress {
        let shown = !self.quiet && io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let names: Vec<String> = names.iter().map(|name| clean(name)).collect();
        Progress { lines: MultiProgress::with_draw_target(target), bars: Mutex::new(vec![None; names.len()]), names }
    }
}

fn console_size() -> Option<u16> {
    let (_, columns) = console::Term::stdout().size_checked()?;
    (columns > 20).then_some(columns)
}

/// Lines of progress. All of them vanish when it is dropped.
pub struct Progress {
    lines: MultiProgress,
    names: Vec<String>,
    bars: Mutex<Vec<Option<ProgressBar>>>,
}

impl Progress {
    /// Says what is being done for the name at `index`.
    pub fn working(&self, index: usize, what: &str) {
        let mut bars = self.bars.lock().expect("no holder of this lock panics");
        let bar = bars[index].get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix}  {msg}").expect("the template is fixed");
            let bar = self.lines.add(ProgressBar::new_spinner().with_style(style));
            bar.set_prefix(self.names[index].clone());
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        bar.set_message(clean(what));
    }

    /// Takes away the line of the name at `index`.
    pub fn done(&self, index: usize) {
        if let Some(bar) = self.bars.lock().expect("no holder of this lock panics")[index].take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Hiding fails only when stderr is gone.
        let _ = self.lines.clear();
    }
}
