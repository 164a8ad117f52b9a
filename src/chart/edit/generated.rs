//! Files in every style that people write, against the simplest way to say what should come out: line by line.

use proptest::prelude::*;

use super::{Change, Document, Store, View, Wrapper, edit};

/// What stands before, between and behind: none of it may change.
const OTHERS: [&str; 12] = [
    "# a comment\n",
    "\n",
    "image: {registry: docker.io, tag: '1'} # pinned\n",
    "config: |\n  a: 1\n  # no comment\n\n    b\n",
    "folded: >-\n  stores:\n    - x\n\n",
    "\"quoted\": \"a # b\"\n",
    "anchors: &a\n  x: &b [1, 2]\nuse:\n  <<: *a\n  y: *b\n",
    "zero:\n- a\n- b: 1\n  c: 2\n",
    "empty:\n",
    "text: one\n  two\n",
    "kept: |+\n  x\n\n",
    "tpl: '{{ .Release.Name }}'\n",
];

#[derive(Debug, Clone)]
struct Line {
    above: Option<&'static str>,
    quote: &'static str,
    comment: Comment,
    gap: &'static str,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comment {
    None,
    Theirs,
    Ours(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Stays,
    Goes,
    Moves,
    IsMarked,
}

const CLUSTERS: [&str; 4] = ["eu", "us", "ap", "prod eu 2"];
const KEPT: &str = ", kept: the cluster could not be read";

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let comment = prop_oneof![
        Just(Comment::None),
        Just(Comment::Theirs),
        (0..CLUSTERS.len()).prop_map(Comment::Ours),
        (0..CLUSTERS.len()).prop_map(Comment::Ours),
    ];
    let fate =
        prop_oneof![Just(Fate::Stays), Just(Fate::Stays), Just(Fate::Goes), Just(Fate::Moves), Just(Fate::IsMarked)];
    let above = prop::option::of(prop_oneof![Just("# ask Bob"), Just(""), Just("#"), Just("# - \"old:1\" # eu x/s1")]);
    let line = (
        above,
        prop_oneof![Just("\""), Just("'"), Just("")],
        comment,
        prop_oneof![Just(" "), Just("  "), Just("\t")],
        fate,
    )
        .prop_map(|(above, quote, comment, gap, fate)| Line { above, quote, comment, gap, fate });
    prop::collection::vec(line, 1..7)
}

/// What is around the values.
#[derive(Debug, Clone, Copy)]
enum Around {
    Nothing,
    Umbrella,
    HelmRelease,
    ConfigMap,
}

#[derive(Debug, Clone)]
struct Case {
    lines: Vec<Line>,
    new: Vec<usize>,
    before: Vec<usize>,
    behind: Vec<usize>,
    indent: usize,
    list: usize,
    line_break: &'static str,
    has_mark: bool,
    has_end: bool,
    around: Around,
}

fn case() -> impl Strategy<Value = Case> {
    let others = || prop::collection::vec(0..OTHERS.len(), 0..4);
    let around =
        prop_oneof![Just(Around::Nothing), Just(Around::Umbrella), Just(Around::HelmRelease), Just(Around::ConfigMap)];
    let form = (1..5_usize, 0..5_usize, prop_oneof![Just("\n"), Just("\r\n")], any::<bool>(), any::<bool>(), around);
    (lines(), prop::collection::vec(0..CLUSTERS.len(), 0..4), others(), others(), form).prop_map(
        |(lines, new, before, behind, (indent, list, line_break, has_mark, has_end, around))| Case {
            lines,
            new,
            before,
            behind,
            indent,
            list,
            line_break,
            has_mark,
            has_end,
            around,
        },
    )
}

impl Case {
    /// Before and after the change.
    fn texts(&self) -> (String, String) {
        let key = " ".repeat(self.indent);
        let dash = " ".repeat(self.indent + self.list);
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let stays = |line: &Line| line.fate() != Fate::Goes;
        let last = self.lines.iter().rposition(stays);
        let coming = |place: Option<usize>, quote: &str| {
            let here = self.new.iter().enumerate().filter(|(_, cluster)| self.last_of(**cluster) == place);
            here.map(|(at, cluster)| format!("{dash}- {quote}10.9.0.{at}:1{quote} # {} x/n{at}", CLUSTERS[*cluster]))
                .collect::<Vec<_>>()
        };
        for (at, line) in self.lines.iter().enumerate() {
            for lines in [&mut old, &mut new] {
                lines.extend(
                    line.above.map(|text| if text.is_empty() { String::new() } else { format!("{dash}{text}") }),
                );
            }
            let written = |address: &str, kept: &str| {
                let comment = match line.comment {
                    Comment::None => String::new(),
                    Comment::Theirs => format!("{}# mine: do not touch", line.gap),
                    Comment::Ours(cluster) => format!("{}# {} x/s{at}{kept}", line.gap, CLUSTERS[cluster]),
                };
                format!("{dash}- {q}{address}{q}{comment}", q = line.quote)
            };
            old.push(written(&format!("10.0.0.{at}:1"), ""));
            match line.fate() {
                Fate::Stays => new.push(written(&format!("10.0.0.{at}:1"), "")),
                Fate::Moves => new.push(written(&format!("10.1.0.{at}:1"), "")),
                Fate::IsMarked => new.push(written(&format!("10.0.0.{at}:1"), KEPT)),
                Fate::Goes => {}
            }
            if stays(line) {
                new.extend(coming(Some(at), line.quote));
                if last == Some(at) {
                    new.extend(coming(None, line.quote));
                }
            }
        }
        if last.is_none() {
            new.extend(coming(None, self.lines.last().map_or("", |line| line.quote)));
        }
        let stores = |is_empty: bool| format!("{key}stores:{}", if is_empty { " []" } else { "" });
        let is_empty = last.is_none() && self.new.is_empty();
        (self.file(&stores(false), &old), self.file(&stores(is_empty), &new))
    }

    fn file(&self, stores: &str, items: &[String]) -> String {
        let others = |list: &[usize], name: &str| {
            let text = |(at, index): (usize, &usize)| {
                let other =
                    OTHERS[*index].replace("&a", &format!("&a{name}{at}")).replace("*a", &format!("*a{name}{at}"));
                let other = other.replace("&b", &format!("&b{name}{at}")).replace("*b", &format!("*b{name}{at}"));
                // Each key is there once.
                let keyed = |line: &str| match line.split_once(':') {
                    Some((key, rest)) if !line.starts_with([' ', '#', '-', '"']) => format!("{key}{name}{at}:{rest}"),
                    _ => line.replace("\"quoted\"", &format!("\"quoted{name}{at}\"")),
                };
                other.split_inclusive('\n').map(keyed).collect::<String>()
            };
            list.iter().enumerate().map(text).collect::<String>()
        };
        let body = format!(
            "{}query:\n{stores}\n{}{}",
            others(&self.before, "p"),
            items.iter().map(|item| format!("{item}\n")).collect::<String>(),
            others(&self.behind, "q")
        );
        let indented = |lead: &str| {
            let line = |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("{lead}{line}") };
            body.split_inclusive('\n').map(line).collect::<String>()
        };
        let whole = match self.around {
            Around::Nothing => body,
            Around::Umbrella => format!("thanos:\n{}", indented("   ")),
            Around::HelmRelease => {
                format!(
                    "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nspec:\n  values:\n{}",
                    indented("    ")
                )
            }
            Around::ConfigMap => {
                format!(
                    "kind: ConfigMap\napiVersion: v1\ndata:\n  values.yaml: | # values\n{}  more: x\n",
                    indented("      ")
                )
            }
        };
        let whole = if self.has_end { whole.as_str() } else { whole.strip_suffix('\n').unwrap_or(&whole) };
        let mark = if self.has_mark { "\u{feff}" } else { "" };
        format!("{mark}{}", whole.replace('\n', self.line_break))
    }

    fn wanted(&self) -> Vec<Store> {
        let mut wanted = Vec::new();
        for (item, line) in self.lines.iter().enumerate() {
            let kept = if line.fate() == Fate::IsMarked { KEPT } else { "" };
            let comment = match line.comment {
                Comment::Ours(cluster) => Some(format!("{} x/s{item}{kept}", CLUSTERS[cluster])),
                Comment::None | Comment::Theirs => None,
            };
            let address = (line.fate() == Fate::Moves).then(|| format!("10.1.0.{item}:1"));
            if line.fate() != Fate::Goes {
                wanted.push(Store::Old { item, address, comment });
            }
        }
        wanted.extend(self.new.iter().enumerate().map(|(at, cluster)| Store::New {
            address: format!("10.9.0.{at}:1"),
            comment: Some(format!("{} x/n{at}", CLUSTERS[*cluster])),
            behind: self.last_of(*cluster),
        }));
        wanted
    }

    /// The last line of a cluster that stays.
    fn last_of(&self, cluster: usize) -> Option<usize> {
        self.lines.iter().rposition(|line| line.fate() != Fate::Goes && line.comment == Comment::Ours(cluster))
    }

    /// The addresses after the change, in no order.
    fn addresses(&self) -> Vec<String> {
        let stays = self.lines.iter().enumerate().filter_map(|(at, line)| match line.fate() {
            Fate::Goes => None,
            Fate::Moves => Some(format!("10.1.0.{at}:1")),
            Fate::Stays | Fate::IsMarked => Some(format!("10.0.0.{at}:1")),
        });
        stays.chain((0..self.new.len()).map(|at| format!("10.9.0.{at}:1"))).collect()
    }
}

impl Line {
    /// Only what we wrote beside a store is marked, and a store with a comment of people is not deleted.
    fn fate(&self) -> Fate {
        match (self.fate, self.comment) {
            (Fate::IsMarked, Comment::None | Comment::Theirs) | (Fate::Goes, Comment::Theirs) => Fate::Stays,
            (fate, _) => fate,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn exactly_the_lines_of_the_stores_change(case in case()) {
        let (old, new) = case.texts();
        let fail = |error: super::DocumentError| TestCaseError::fail(format!("{error} in\n{old}"));
        let document = Document::parse("values.yaml", &old).map_err(fail)?;
        prop_assert_eq!(document.text(), old.clone());
        let wrapper = match case.around {
            Around::Umbrella => Wrapper::parse("thanos").unwrap(),
            Around::Nothing | Around::HelmRelease | Around::ConfigMap => Wrapper::detect(&document).map_err(fail)?,
        };
        let stores = case.wanted();
        let edited = edit(&document, &wrapper, &[Change::Stores { path: "query.stores", stores: &stores }]).map_err(fail)?;
        prop_assert_eq!(&edited, &new, "from\n{}", old);
        let document = Document::parse("values.yaml", &edited).map_err(fail)?;
        let mut told: Vec<String> = View::of(&document, &wrapper).map_err(fail)?.stores("query.stores").into_iter().map(|found| found.text).collect();
        let mut meant = case.addresses();
        told.sort();
        meant.sort();
        prop_assert_eq!(told, meant);
    }
}
