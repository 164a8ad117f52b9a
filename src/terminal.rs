//! The only door to the user: data to stdout; errors, warnings, hints and progress to stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use terminal_size::{Height, Width};
use unicode_width::UnicodeWidthChar as _;

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

    /// Whether there is somebody to ask.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Asks a question that is answered by yes or no; all but a clear yes is a no, the end of input too. Ask only
    /// where [`Terminal::asks`].
    pub async fn confirm(&self, question: &str) -> bool {
        let mut asking = Asking { answered: false, agreed: false };
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{} [y/N] ", clean(question)).and_then(|()| stderr.flush());
        // On a thread of its own, so that Ctrl-C does not wait for a line.
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let line = read.await.ok().and_then(Result::ok).unwrap_or_default();
        // Without a line break the cursor still stands behind the question.
        asking.answered = line.ends_with('\n');
        asking.agreed = matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
        asking.agreed
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

    /// A line for each of `names` while it is worked on, where stderr is a terminal; none elsewhere.
    pub fn progress(&self, names: Vec<String>) -> Progress {
        // A dumb terminal cannot take lines away.
        let able = io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Progress::new(names.iter().map(|name| clean(name)).collect(), able && !self.quiet)
    }
}

/// A question on the screen. When the asking ends without a yes, by a no, the end of input or Ctrl-C, it says what that
/// means, on a line of its own.
struct Asking {
    /// Whether a line was typed, so that the cursor stands at the beginning of the next.
    answered: bool,
    agreed: bool,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let lead = if self.answered { "" } else { "\n" };
        if self.agreed {
            let _ = write!(io::stderr(), "{lead}");
        } else {
            let _ = writeln!(io::stderr(), "{lead}nothing was changed");
        }
    }
}

/// Lines of progress, one for each name that is being worked on. All of them vanish when it is dropped.
///
/// Each line ends with a line break, so the cursor rests below them: the `^C` that a terminal echoes cannot push them
/// away from where they are looked for.
pub struct Progress {
    names: Vec<String>,
    lines: Mutex<Lines>,
}

struct Lines {
    /// What is being done for each name; `None` before it starts and after it ended.
    doing: Vec<Option<String>>,
    /// How many lines stand on the screen now.
    drawn: usize,
    shown: bool,
}

impl Progress {
    fn new(names: Vec<String>, shown: bool) -> Self {
        let doing = vec![None; names.len()];
        Self { names, lines: Mutex::new(Lines { doing, drawn: 0, shown }) }
    }

    /// Says what is being done for the name at `index`.
    pub fn working(&self, index: usize, what: &str) {
        self.change(index, Some(clean(what)));
    }

    /// Takes away the line of the name at `index`.
    pub fn done(&self, index: usize) {
        self.change(index, None);
    }

    fn change(&self, index: usize, doing: Option<String>) {
        let mut lines = self.lines.lock().expect("no holder of this lock panics");
        if lines.shown && lines.doing[index] != doing {
            lines.doing[index] = doing;
            let text = lines.text(&self.names, screen());
            lines.draw(&text);
        }
    }
}

impl Lines {
    fn text(&self, names: &[String], (columns, rows): (usize, usize)) -> Vec<String> {
        let busy = names.iter().zip(&self.doing).filter_map(|(name, doing)| Some((name, doing.as_ref()?)));
        let mut lines: Vec<String> = busy.map(|(name, doing)| cut(&format!("{name}  {doing}"), columns)).collect();
        // What scrolls off the screen cannot be taken away again.
        let room = rows.saturating_sub(2).max(1);
        if lines.len() > room {
            let more = lines.len() - (room - 1);
            lines.truncate(room - 1);
            lines.push(format!("and {more} more"));
        }
        lines
    }

    fn draw(&mut self, lines: &[String]) {
        let mut text = String::new();
        if self.drawn > 0 {
            text.push_str(&format!("\r\u{1b}[{}A\u{1b}[J", self.drawn));
        }
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        self.drawn = lines.len();
        // Nobody is left to see it when stderr is gone.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let lines = self.lines.get_mut().expect("no holder of this lock panics");
        if lines.drawn > 0 {
            lines.draw(&[]);
        }
    }
}

/// Columns and rows; the usual ones where they cannot be known.
fn screen() -> (usize, usize) {
    let size = terminal_size::terminal_size();
    size.map_or((80, 24), |(Width(columns), Height(rows))| (usize::from(columns), usize::from(rows)))
}

/// As much of `text` as fits on one line of `columns`.
fn cut(text: &str, columns: usize) -> String {
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width < columns
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(doing: &[Option<&str>], size: (usize, usize)) -> Vec<String> {
        let names: Vec<String> = (0..doing.len()).map(|at| format!("c{at}")).collect();
        let doing = doing.iter().map(|doing| doing.map(str::to_owned)).collect();
        Lines { doing, drawn: 0, shown: true }.text(&names, size)
    }

    #[test]
    fn only_what_is_worked_on_has_a_line() {
        assert_eq!(lines(&[Some("x"), None, Some("y")], (80, 24)), ["c0  x", "c2  y"]);
    }

    #[test]
    fn lines_fit_the_screen_in_both_directions() {
        assert_eq!(lines(&[Some("日本語"), Some("y"), Some("z")], (8, 4)), ["c0  日", "and 2 more"]);
    }
}
