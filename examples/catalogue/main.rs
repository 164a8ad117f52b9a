//! Writes the catalogue of a chart: what each of its versions reads, from its whole history in git.
//!
//! ```text
//! cargo run --example catalogue -- CHART REPOSITORY FOLDER TAG-PREFIX [SUBCHART=FOLDER:TAG-PREFIX | LIBRARY@FOLDER:TAG-PREFIX]... > catalogue/CHART.txt
//! ```
//!
//! A version is a tag, `TAG-PREFIX` and its number. Its keys are those of values.yaml, those that its comments (`@param`)
//! and the tables of README.md name, and those that its templates read. A sub-chart's keys are those of the version that
//! Chart.lock or requirements.lock locks. A key that no template reads, those of libraries included, is marked as dead. Afterwards the values.yaml of every version is checked with the catalogue: what it
//! finds wrong there, the catalogue has wrong. Needs `git`, and nothing else.
//!
//! With `types` before CHART it writes what the keys accept instead (catalogue/types/CHART.txt).

mod check;
mod history;
mod keys;
mod templates;
mod types;
mod write;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (is_types, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == "types" => (true, rest),
        _ => (false, arguments.as_slice()),
    };
    let [chart, repository, folder, prefix, subcharts @ ..] = arguments else {
        eprintln!(
            "usage: catalogue [types] CHART REPOSITORY FOLDER TAG-PREFIX [SUBCHART=FOLDER:TAG-PREFIX | LIBRARY@FOLDER:TAG-PREFIX]..."
        );
        return ExitCode::from(2);
    };
    if is_types {
        let source = history::Chart::new(repository, folder, prefix);
        let free = include_str!("../../catalogue/free.txt");
        return match types::file(chart, &source, &history::subcharts(repository, subcharts), free) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        };
    }
    match print(chart, repository, folder, prefix, subcharts) {
        Ok(wrong) if wrong.is_empty() => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("the chart's own values, which are right, are found wrong:\n{}", wrong.join("\n"));
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Prints the catalogue; what it has wrong.
fn print(
    chart: &str,
    repository: &str,
    folder: &str,
    prefix: &str,
    subcharts: &[String],
) -> Result<Vec<String>, String> {
    let free = include_str!("../../catalogue/free.txt");
    let history = history::read(repository, folder, prefix, subcharts, free)?;
    let text = write::catalogue(chart, &history);
    print!("{text}");
    Ok(check::own_values(&text, &history::own_values(repository, folder, prefix)?))
}
