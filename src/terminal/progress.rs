//! Progress: a line for each cluster while it is asked, where stderr is a terminal.
//!
//! Not `indicatif` (0.18, tried in a pseudo-terminal): it leaves the cursor at the end of its last line, so that the `^C`
//! which a terminal echoes moves it to the next line, and the first line of progress stays on the screen for good. Without
//! a thread that ticks it drops what comes within 50 ms of its twentieth draw: of 40 clusters that start at once it showed
//! 10. Lines beyond the height of the screen are left out without a word, and each draw pads every line with blanks.

use std::io::{self, Write as _};
use std::sync::Mutex;

use terminal_size::{Height, Width};
use unicode_width::UnicodeWidthChar as _;

use crate::text::clean;

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
    pub(super) fn new(names: Vec<String>, shown: bool) -> Self {
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
