//! Questions to whoever sits at the terminal.
//!
//! The prompts are dialoguer's. What is added here is what it leaves to its callers: names that others gave are escaped
//! and fit on one line, keys that were typed before the question was there are no answer to it, and the cursor and the
//! settings of the terminal come back however the asking ends. By itself dialoguer leaves the cursor hidden after Ctrl-C
//! (<https://github.com/console-rs/dialoguer/issues/77>).

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::time::Duration;

use dialoguer::console::{Term, is_dumb};
use dialoguer::{Confirm, Error, FuzzySelect, MultiSelect};
use unicode_width::UnicodeWidthStr as _;

use super::Terminal;
use crate::text::{clean, wrapped};

/// What stands behind a question that is answered by yes or no.
const YES_OR_NO: &str = " [y/N] ";

/// What stands before an item of a list, and the last column, into which nothing is written: a terminal would break the
/// line there, and dialoguer counts lines.
const BESIDE_ITEM: usize = "> [x] ".len() + 1;

/// What dialoguer writes behind the question above a list of several pages.
const PAGES: usize = ": [Page 100/100] ".len();

const SHOW_CURSOR: &str = "\u{1b}[?25h";

const UNCHANGED: &str = "nothing was changed";

impl Terminal {
    /// Whether somebody sits there who may be asked.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Whether the same may also choose from a list: a dumb terminal cannot draw one.
    pub fn offers(&self) -> bool {
        self.asks && !is_dumb()
    }

    /// Asks a question that is answered by yes or no; all but a yes is a no: enter alone, escape, the end of input. Ask
    /// only where [`Terminal::asks`].
    pub async fn confirm(&self, question: &str) -> bool {
        let mut lines = wrapped(&clean(question), self.columns().saturating_sub(YES_OR_NO.len()));
        // dialoguer takes one line away to write the answer, so it is given the last one alone.
        let last = lines.pop_if(|line| line.width() + YES_OR_NO.len() < self.columns()).unwrap_or_default();
        for line in &lines {
            let _ = writeln!(io::stderr(), "{line}");
        }
        let yes = ask("\n", UNCHANGED, move || {
            let answer = match is_dumb() {
                true => typed_yes(&last),
                false => drawn(|term| Confirm::new().with_prompt(last).default(false).interact_on_opt(term)),
            };
            Ok(answer?.filter(|yes| *yes))
        });
        yes.await.is_some()
    }

    /// Lets somebody take things out of a list of all of `items`; gives the indices of those that are left. `None` when none
    /// is. Offer it only where [`Terminal::offers`].
    pub async fn choose(&self, question: &str, items: &[String]) -> Option<Vec<usize>> {
        let question = self.with_keys(question, "space: toggle, a: all, enter: ok, esc: stop");
        let items: Vec<(String, bool)> = self.fitting(items).into_iter().map(|item| (item, true)).collect();
        let chosen = ask("", UNCHANGED, move || {
            let list = MultiSelect::new().with_prompt(question).items_checked(items).report(false);
            Ok(drawn(|term| list.interact_on_opt(term))?.filter(|chosen| !chosen.is_empty()))
        });
        chosen.await
    }

    /// Lets somebody choose one of `items`; gives its index, or `None` when none was chosen. Offer it only where
    /// [`Terminal::offers`].
    pub async fn pick(&self, question: &str, items: &[String]) -> Option<usize> {
        let question = self.with_keys(question, "type to search, enter: take, esc: stop");
        let items = self.fitting(items);
        let chosen = ask("", "nothing was chosen, and nothing was changed", move || {
            let list = FuzzySelect::new().with_prompt(question).items(items).default(0);
            let list = list.highlight_matches(false).report(false);
            drawn(|term| list.interact_on_opt(term))
        });
        chosen.await
    }

    fn columns(&self) -> usize {
        usize::from(self.message_width())
    }

    /// A question with the keys that answer it, where both fit on one line.
    fn with_keys(&self, question: &str, keys: &str) -> String {
        let whole = format!("{} ({keys})", clean(question));
        if whole.width() + PAGES < self.columns() { whole } else { clean(question) }
    }

    /// Items that take one line each and differ from each other: dialoguer finds the chosen one again by its text.
    fn fitting(&self, items: &[String]) -> Vec<String> {
        let room = self.columns().saturating_sub(BESIDE_ITEM);
        let mut seen = HashSet::new();
        let distinct = |item: &String| {
            let text = shortened(&clean(item), room);
            let numbered = (2..).map(|number| format!("{} ({number})", shortened(&text, room.saturating_sub(8))));
            std::iter::once(text.clone()).chain(numbered).find(|text| seen.insert(text.clone())).unwrap_or_default()
        };
        items.iter().map(distinct).collect()
    }
}

/// `text` with its middle left out where it has more than `room` bytes, which is what dialoguer measures: no character is
/// wider than its bytes.
fn shortened(text: &str, room: usize) -> String {
    const GAP: &str = "...";
    if text.len() <= room {
        return text.to_owned();
    }
    // What tells names apart stands at their ends: a number, and behind it what becomes of a Service.
    let room = room.saturating_sub(GAP.len());
    let (head, tail) = (room / 3, room - room / 3);
    format!("{}{GAP}{}", &text[..text.floor_char_boundary(head)], &text[text.ceil_char_boundary(text.len() - tail)..])
}

/// Shows a prompt, all of it at once.
fn drawn<T>(prompt: impl FnOnce(&Term) -> dialoguer::Result<T>) -> dialoguer::Result<T> {
    let term = Term::buffered_stderr();
    let answer = prompt(&term)?;
    term.flush()?;
    Ok(answer)
}

/// The same question on a terminal that draws nothing and has no keys but those of a line.
fn typed_yes(question: &str) -> dialoguer::Result<Option<bool>> {
    let mut stderr = io::stderr();
    write!(stderr, "{question}{YES_OR_NO}").and_then(|()| stderr.flush())?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    // Without a line break the cursor still stands behind the question.
    let is_whole = line.ends_with('\n').then_some(()).ok_or(io::ErrorKind::UnexpectedEof);
    is_whole.map_err(io::Error::from)?;
    Ok(Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes")))
}

/// Shows a prompt and waits for the answer. `lead` brings the cursor from behind it to the beginning of a line; `refusal`
/// is what no answer means.
async fn ask<T: Send + 'static>(
    lead: &'static str,
    refusal: &'static str,
    prompt: impl FnOnce() -> dialoguer::Result<Option<T>> + Send + 'static,
) -> Option<T> {
    // From here on a signal does not end the program at once: it is noticed where the program waits (`lib.rs`).
    tokio::task::yield_now().await;
    let mut asking = Asking { lead, refusal, settings: settings::prepare() };
    // On a thread of its own, so that a signal does not wait for a key.
    let answer = match tokio::task::spawn_blocking(prompt).await {
        Ok(Ok(answer)) => {
            asking.lead = "";
            answer
        }
        // Ctrl-C came as a key, and dialoguer has sent the signal for it, which is on its way.
        Ok(Err(Error::IO(error))) if error.kind() == io::ErrorKind::Interrupted => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            None
        }
        Ok(Err(_)) | Err(_) => None,
    };
    if answer.is_some() {
        asking.refusal = "";
    }
    answer
}

/// A question on the screen. When it ends without an answer, also because the program is stopped meanwhile, the terminal
/// is given back, and it is said what that means, on a line of its own.
struct Asking {
    lead: &'static str,
    refusal: &'static str,
    settings: Option<settings::Settings>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(settings) = &self.settings {
            settings::restore(settings);
        }
        let mut stderr = io::stderr();
        if !is_dumb() {
            let _ = write!(stderr, "{SHOW_CURSOR}");
        }
        if !self.refusal.is_empty() {
            let _ = writeln!(stderr, "{}{}", self.lead, self.refusal);
        }
    }
}

/// The settings of the terminal that keys come from.
#[cfg(unix)]
mod settings {
    use std::io;

    use dialoguer::console::is_dumb;
    use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

    /// How the terminal was set before it was asked on.
    pub(super) type Settings = Termios;

    /// Forgets keys that were typed before there was a question, and shows none from now on: dialoguer lets the terminal
    /// show them in between. `None` where that cannot be.
    pub(super) fn prepare() -> Option<Settings> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin).ok()?;
        if !is_dumb() {
            let mut silent = before.clone();
            // Ctrl-C comes as a key from the start: as a signal it could end the program before dialoguer sets the terminal.
            silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            tcsetattr(&stdin, OptionalActions::Drain, &silent).ok()?;
        }
        let _ = tcflush(&stdin, QueueSelector::IFlush);
        Some(before)
    }

    /// Sets the terminal as it was.
    pub(super) fn restore(settings: &Settings) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, settings);
    }
}

#[cfg(not(unix))]
mod settings {
    pub struct Settings;

    pub fn prepare() -> Option<Settings> {
        None
    }

    pub fn restore(_: &Settings) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_item_keeps_both_of_its_ends() {
        assert_eq!(shortened("arn:aws:eks:eu-west-1:123:cluster/prod", 20), "arn:a...cluster/prod");
        assert_eq!(shortened("prod", 4), "prod");
    }

    #[test]
    fn items_that_look_alike_are_told_apart() {
        let terminal = Terminal::new(super::super::Color::Never, false, true);
        let items = ["a\u{7}", "a\\u{7}", "a\\u{7} (2)", "b"].map(str::to_owned);
        assert_eq!(terminal.fitting(&items), ["a\\u{7}", "a\\u{7} (2)", "a\\u{7} (2) (2)", "b"]);
    }

    proptest! {
        #[test]
        fn no_item_is_wider_than_its_line(text in "\\PC{0,60}", room in 3..40_usize) {
            let text = shortened(&clean(&text), room);
            prop_assert!(text.len() <= room && text.width() <= room, "{text}");
        }
    }
}
