//! Writes the catalogue of a chart: what each of its versions reads, from its whole history in git.
//!
//! ```text
//! cargo run --example catalogue -- CHART REPOSITORY FOLDER TAG-PREFIX [SUBCHART=FOLDER:TAG-PREFIX]... > catalogue/CHART.txt
//! ```
//!
//! A version is a tag, `TAG-PREFIX` and its number. Its keys are those of values.yaml, those that its comments (`@param`)
//! and the tables of README.md name, and those that its templates read. A sub-chart's keys are those of the version that
//! Chart.lock or requirements.lock locks. Needs `git`, and nothing else.

mod history;
mod keys;
mod write;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chart, repository, folder, prefix, subcharts @ ..] = arguments.as_slice() else {
        eprintln!("usage: catalogue CHART REPOSITORY FOLDER TAG-PREFIX [SUBCHART=FOLDER:TAG-PREFIX]...");
        return ExitCode::from(2);
    };
    let free = include_str!("../../catalogue/free.txt");
    match history::read(repository, folder, prefix, subcharts, free) {
        Ok(history) => {
            print!("{}", write::catalogue(chart, &history));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
