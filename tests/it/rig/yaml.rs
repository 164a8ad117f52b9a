//! Our reader of YAML beside Go's three: documents that people write, and what becomes of them when they are mistyped.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use thanosctl::languages::yaml::Document;

use super::tool;
use crate::yaml::differences;

/// How many documents are compared; so many take half a minute.
const DOCUMENTS: usize = 60_000;

/// Pieces that documents are made of, and that get lost in them.
const PIECES: &[&str] = &[
    "a",
    "b",
    "key",
    "a: 1",
    "b: x",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "?",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n    ",
    " ",
    "  ",
    "\t",
    "\n\t",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ",",
    "'",
    "\"",
    "''",
    "|",
    ">",
    "|-",
    ">+",
    "|2",
    "# c",
    " # c",
    "#",
    "&a ",
    "*a",
    "&a.b",
    "*b ",
    "!b ",
    "!!int ",
    "!!str ",
    "!!float ",
    "!!binary ",
    "!",
    "!<x> ",
    "%YAML 1.1\n",
    "%YAML 1.2\n",
    "%FOO\n",
    "%TAG ! x\n",
    "---",
    "---\n",
    "\n---\n",
    "...",
    "\n...\n",
    "<<: ",
    "<<: *a",
    "<<",
    "1",
    "0x1F",
    "0o17",
    "0777",
    "1_000",
    "1e3",
    ".inf",
    ".nan",
    "08",
    "yes",
    "no",
    "~",
    "null",
    "2024-01-02",
    "9007199254740993",
    "18446744073709551615",
    "\u{85}",
    "\u{2028}",
    "\\",
    "\\n",
    "\\/",
    "\\u00e9",
    "\\ud83d\\ude00",
    "é",
    "\r\n",
    "\r",
    "@",
    "`",
    "%",
    "{{ x }}",
    "é: ü",
    "x y",
    "a b: c",
    "http://am:9093/?x=y",
    ":9093",
];

/// A xorshift: the same documents in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len())]
    }

    fn boundary(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap()
    }

    /// A text of pieces, or a written one in which something went wrong.
    fn document(&mut self, written: &[String]) -> String {
        if self.below(2) == 0 {
            return (0..=self.below(14)).map(|_| self.piece()).collect();
        }
        let mut text = written[self.below(written.len())].clone();
        for _ in 0..=self.below(3) {
            let at = self.boundary(&text);
            match self.below(4) {
                0 => text.replace_range(
                    at..(at..=text.len()).skip(1).find(|at| text.is_char_boundary(*at)).unwrap_or(at),
                    "",
                ),
                1 => {
                    let to = self.boundary(&text);
                    let cut = text[at.min(to)..at.max(to)].chars().take(12).collect::<String>();
                    text.insert_str(to, &cut);
                }
                _ => text.insert_str(at, self.piece()),
            }
        }
        text
    }
}

/// Documents from the fixtures, short enough that Go reads them at once.
fn written() -> Vec<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut found = Vec::new();
    for file in std::fs::read_dir(format!("{root}/values")).unwrap() {
        found.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    for file in ["objstore/cases.jsonl", "rules/documents.jsonl", "alertmanagers/documents.jsonl"] {
        for line in std::fs::read_to_string(format!("{root}/{file}")).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            found.extend(case["yaml"].as_str().map(str::to_owned));
        }
    }
    found.retain(|text| text.len() < 450);
    assert!(found.len() > 100);
    found.sort();
    found
}

/// What Go's readers make of documents.
fn verdicts(documents: &[String]) -> Vec<Value> {
    let mut program =
        Command::new(tool("yaml")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the rig's program");
    let mut stdin = program.stdin.take().unwrap();
    let lines: String = documents.iter().map(|text| format!("{}\n", json!(text))).collect();
    let feeding = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = program.wait_with_output().unwrap();
    feeding.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

/// What is not compared: the refusals that the module lists, and two keys that are one in JSON, of which Go takes either.
fn is_excused(text: &str) -> bool {
    text.contains("{1: a, \"1\": b}") || text.contains("%TAG") || (text.contains('!') && text.contains('%'))
}

#[test]
#[ignore = "needs the rig"]
fn our_reader_takes_and_refuses_what_those_of_go_do() {
    // Another seed, other documents.
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x9E37_79B9_7F4A_7C15);
    let mut numbers = Numbers(seed);
    let written = written();
    let documents: Vec<String> = (0..DOCUMENTS).map(|_| numbers.document(&written)).collect();
    let taken = documents.iter().filter(|text| Document::read(text).is_ok()).count();
    assert!(taken > DOCUMENTS / 5, "{taken} of {DOCUMENTS} are YAML");
    let mut found: Vec<String> = Vec::new();
    for (text, go) in documents.iter().zip(verdicts(&documents)).filter(|(text, _)| !is_excused(text)) {
        found.extend(differences(text, &go));
    }
    found.sort_by_key(String::len);
    let shown = found.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(found.is_empty(), "{} of {DOCUMENTS}, {taken} of which are YAML:\n{shown}", found.len());
}
