//! Whether real charts, rendered by real Helm, become what the settings mean.
//!
//! ```console
//! $ tests/rig/lay-out-charts bitnami.git DIR bitnami/thanos 17.3.1
//! $ cargo run --example check-charts -- DIR
//! ```
//!
//! Not a test: it wants charts, of which nothing is in this repository. For each chart in DIR the program writes values
//! from a few settings, Helm renders them, and the objects are read as Kubernetes would read them: what stands in the
//! file that a flag of a container names, down to the Secret that is mounted there. It ends with 1 if anything is not
//! as it was meant.

mod asked;
mod chart;
mod checks;
mod dead;
mod pods;
mod rendered;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use asked::{Asked, KINDS, Kind, Refusal, Written};
use chart::Chart;
use rendered::Rendered;

const USAGE: &str = "usage: check-charts [--thanosctl PROGRAM] DIR [WORD...]
  each folder in DIR is a chart; with WORDs only those whose name holds one of them";

/// How it went with one chart and one kind of settings.
enum Verdict {
    /// As it was meant, apart from what was refused.
    Ok { refused: Vec<String> },
    /// Refused as a whole.
    Refused(String),
    /// Not as it was meant.
    Wrong(Vec<String>),
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Ok { refused } if refused.is_empty() => "ok",
            Self::Ok { .. } => "ok*",
            Self::Refused(_) => "refused",
            Self::Wrong(_) => "WRONG",
        }
    }
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let program = match arguments.first().map(String::as_str) {
        Some("--thanosctl") if arguments.len() > 1 => {
            arguments.remove(0);
            PathBuf::from(arguments.remove(0))
        }
        _ => built(),
    };
    let Some((folder, words)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut charts = Chart::all(Path::new(folder));
    charts.retain(|chart| words.is_empty() || words.iter().any(|word| chart.title().contains(word)));
    if charts.is_empty() {
        eprintln!("there is no chart in {folder}; tests/rig/lay-out-charts lays some out");
        return ExitCode::from(2);
    }
    let titles = KINDS.map(|kind| format!("{:9}", kind.name()));
    println!("{:32} {}", "", titles.join(" ").trim_end());
    // What was refused is told once for all that it holds for, and what is wrong each time.
    let mut refused: BTreeMap<String, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for chart in &charts {
        let verdicts = KINDS.map(|kind| check(&program, chart, kind));
        let words = verdicts.iter().map(|verdict| format!("{:9}", verdict.word())).collect::<Vec<_>>().join(" ");
        println!("{:32} {}", chart.title(), words.trim_end());
        for (kind, verdict) in KINDS.iter().zip(verdicts) {
            let place = format!("{} {}", chart.title(), kind.name());
            match verdict {
                Verdict::Ok { refused: what } => {
                    for what in what {
                        refused.entry(what).or_default().entry(chart.title()).or_default().push(kind.name());
                    }
                }
                Verdict::Refused(reason) => {
                    refused.entry(reason).or_default().entry(chart.title()).or_default().push(kind.name());
                }
                Verdict::Wrong(what) => wrong.push(format!("{place}:\n  {}", what.join("\n  "))),
            }
        }
    }
    println!("\nok*: without what was refused; refused: as a whole");
    for (what, charts) in &refused {
        println!("- {what}");
        charts.iter().for_each(|(chart, kinds)| println!("    {chart}: {}", kinds.join(", ")));
    }
    if !wrong.is_empty() {
        println!("\nWRONG");
    }
    wrong.iter().for_each(|what| println!("{what}"));
    println!("\n{} charts, {} of {} renderings wrong", charts.len(), wrong.len(), charts.len() * KINDS.len());
    ExitCode::from(u8::from(!wrong.is_empty()))
}

/// The program as the sources are now, in the profile of this one.
fn built() -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bin", "thanosctl"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().is_ok_and(|status| status.success()), "cargo build failed");
    let own = std::env::current_exe().expect("this program has a path");
    own.parent().and_then(Path::parent).expect("examples are below the programs").join("thanosctl")
}

fn check(program: &Path, chart: &Chart, kind: Kind) -> Verdict {
    let room = tempfile::tempdir().expect("a temporary folder");
    let mut asked = Asked::new(chart, kind);
    let mut refused = Vec::new();
    loop {
        match asked.write(program, room.path()) {
            Written::Done => break,
            Written::Refused(refusals) => {
                let told = |refusal: &Refusal| format!("{} | {}", refusal.reason, refusal.hint);
                if let Some(refusal) = refusals.iter().find(|refusal| !refusal.is_helpful()) {
                    return Verdict::Wrong(vec![format!("refused without a way out: {}", told(refusal))]);
                }
                let dropped: Vec<String> = refusals.iter().filter_map(|refusal| asked.give_in(refusal)).collect();
                if dropped.is_empty() {
                    return Verdict::Refused(refusals.iter().map(told).collect::<Vec<_>>().join(" | "));
                }
                refused.extend(dropped);
            }
            Written::Broken(why) => return Verdict::Wrong(vec![why]),
        }
    }
    let rendered = match Rendered::of(chart, &asked, room.path()) {
        Ok(rendered) => rendered,
        Err(why) => return Verdict::Wrong(vec![why]),
    };
    let mut wrong = checks::all(&asked, &rendered);
    if kind == Kind::Full {
        wrong.extend(dead::check(chart, &asked, room.path()));
    }
    if wrong.is_empty() { Verdict::Ok { refused } } else { Verdict::Wrong(wrong) }
}
