//! `explain`: what a finding means, and how to mend it.

use anstyle::Style;

use super::{CommandResult, Outcome};
use crate::cli::ExplainArgs;
use crate::failure::Failure;
use crate::findings::codes;
use crate::findings::codes::Explanation;
use crate::terminal::Terminal;

/// Prints one explanation, or the list of all.
///
/// # Errors
/// When there is no such code.
pub fn run(args: &ExplainArgs, terminal: &Terminal) -> CommandResult {
    let text = match &args.code {
        None => codes::all().map(listed).collect(),
        Some(code) => codes::find(code).map(explained).map_err(|near| unknown(code, &near))?,
    };
    terminal.styled(&text)?;
    Ok(Outcome::Done)
}

const STRONG: Style = Style::new().bold();

fn listed(known: &Explanation) -> String {
    let Explanation { code, name, severity, summary, .. } = known;
    format!("{STRONG}{code}{STRONG:#}  {severity:7}  {name:21}  {summary}\n")
}

fn explained(known: &Explanation) -> String {
    let Explanation { code, name, severity, summary, meaning, remedy } = known;
    let (meaning, remedy) = (wrapped(meaning), wrapped(remedy));
    format!(
        "{STRONG}{code} {name}{STRONG:#} ({severity}): {summary}\n\n{meaning}\n{STRONG}What to do:{STRONG:#}\n{remedy}"
    )
}

/// The text in lines of about 100 characters, broken between words but never in what stands in backticks, since that is
/// there to be pasted.
fn wrapped(text: &str) -> String {
    let (mut lines, mut quoted) = (vec![String::new()], false);
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if !quoted && line.len() + word.len() >= 100 {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        quoted ^= word.matches('`').count() % 2 == 1;
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn unknown(code: &str, near: &[&'static Explanation]) -> Failure {
    let near: Vec<String> = near.iter().map(|known| format!("{} ({})", known.code, known.name)).collect();
    let hint = match near.as_slice() {
        [] => "all codes are listed by\nthanosctl explain".to_owned(),
        near => format!("did you mean {}? all codes are listed by\nthanosctl explain", near.join(" or ")),
    };
    Failure::new(format!("there is no finding `{code}`")).hint(hint)
}
