use proptest::prelude::*;

use super::*;
use crate::place::Position;

fn problem(text: &str) -> String {
    let problem = Document::read(text).expect_err(text);
    format!("{}:{} {}", problem.position.line, problem.position.column, problem.message)
}

fn keys(text: &str) -> Vec<String> {
    let document = Document::read(text).unwrap();
    let entries = document.entries(document.root().unwrap()).unwrap();
    entries.iter().map(|entry| document.scalar(entry.key).unwrap().rewritten()).collect()
}

fn find(document: &Document, key: &str) -> Id {
    let entries = document.entries(document.root().unwrap()).unwrap();
    entries.iter().find(|entry| document.written(entry.key).unwrap().0 == key).unwrap().value
}

#[test]
fn only_the_first_document_counts() {
    for (text, line, content) in [
        ("a: 1\n---\n[[[\n", 2, Some(3)),
        ("a: 1\n...\n%YAML 1.1\n---\n", 3, None),
        ("a: 1\n---\n", 2, None),
        ("{a: 1}\nb: 2\n", 2, Some(2)),
    ] {
        let rest = Document::read(text).unwrap().rest().unwrap();
        assert_eq!((rest.position.line, rest.content.map(|at| at.line)), (line, content), "{text}");
    }
    for text in ["a: 1\n", "a: 1\n...\n", "", "# nothing\n"] {
        assert_eq!(Document::read(text).unwrap().rest(), None, "{text}");
    }
    assert!(Document::read("").unwrap().root().is_none());
}

#[test]
fn a_key_that_stands_twice_or_is_merged_over_is_found_with_its_depth() {
    let duplicates = |text: &str| -> Vec<(u64, String, usize, bool)> {
        let document = Document::read(text).unwrap();
        let line = |entry: Entry| document.position(entry.merge.unwrap_or(entry.key)).line;
        let found = |Duplicate { entry, first, depth }: Duplicate| {
            let key = document.scalar(entry.key).unwrap().rewritten();
            (line(entry), key, depth, entry.merge.or(first.merge).is_some())
        };
        document.duplicates().into_iter().map(found).collect()
    };
    assert_eq!(duplicates("a: 1\na: 2\n"), [(2, "a".into(), 0, false)]);
    assert_eq!(duplicates("x:\n  <<: {a: 1}\n  a: 2\n"), [(3, "a".into(), 1, true)]);
    assert_eq!(duplicates("x: {a: 1, <<: [{a: 2}]}\n"), [(1, "a".into(), 1, true)]);
    assert_eq!(duplicates("x: {8: 1, 0x8: 2, '8': 3}\n"), [(1, "8".into(), 1, false)]);
    assert_eq!(duplicates("x: {'<<': 1, a: 2}\n"), []);
}

#[test]
fn merges_bring_what_they_name() {
    assert_eq!(keys("<<: {a: 1}\nb: 2\n"), ["a", "b"]);
    assert_eq!(keys("<<: [{a: 1}, {b: 1}]\nc: 2\n"), ["b", "a", "c"]);
}

#[test]
fn what_is_refused_is_refused_where_it_stands() {
    for (text, said) in [
        ("a: 1\n\t\nb: 2\n", "2:1 a tab indents this line"),
        ("a: 'x'\n  \t# why\nb: 2\n", "2:3 a tab indents this line"),
        ("a: {b: c?d}\n", "1:9 within braces `,` or `}` is missing; a text with one of `?[]{},` wants quotes"),
        (": a\n", "1:1 no key (`name:`) stands where one belongs; look at the indentation"),
        ("a: 1\n%FOO\n", "2:1 what begins with `%` is no directive that Go reads"),
        ("a: !!int x\n", "1:10 the value is not what its tag (`!!`) says"),
        ("? [a]\n: b\n", "1:3 a list or a mapping stands where a key belongs"),
        ("<<: 1\n", "1:5 `<<` merges mappings alone"),
        ("a: &a [*a]\n", "1:8 an alias names what it stands in"),
        ("a: \u{7}\n", "1:4 the character U+0007, which YAML does not take"),
    ] {
        assert_eq!(problem(text), said, "{text}");
    }
    assert!(problem(&"[".repeat(100_000)).ends_with("it is nested too deeply"));
}

#[test]
fn a_place_within_a_value_is_found_in_every_style() {
    let text = "a: sum(up\nb: 'it''s  x'\nc: |\n\n    sum(\n      up)\n\n    + 1\nd: >-\n  sum(\n  up)\ne: \"a\\n\\\n  \\u00e9 \\\"x\"\nf: one\n  two\n";
    let document = Document::read(text).unwrap();
    for (key, letter, (line, column)) in [
        ("a", "up", (1, 8)),
        ("b", "x", (2, 12)),
        ("c", "sum", (5, 5)),
        ("c", "up", (6, 7)),
        ("c", "1", (8, 7)),
        ("d", "up", (11, 3)),
        ("e", "x", (13, 12)),
        ("f", "two", (15, 3)),
    ] {
        let spot = Position { line, column };
        let id = find(&document, key);
        let (value, _) = document.written(id).unwrap();
        assert_eq!(document.spot_within(id, value.find(letter).unwrap()), spot, "{key} {letter} {value:?}");
        assert!(document.spot_within(id, value.len()) > spot, "{key}");
    }
}

#[test]
fn every_node_knows_its_bytes() {
    let text = "a: &x {b: [1, 'c']}\nd:\n- |+\n  e\n\n- *x\nf: !!str\ng:\n";
    let document = Document::read(text).unwrap();
    let written = |id: Id| &text[document.range(id)];
    for (key, bytes) in [("a", "{b: [1, 'c']}"), ("d", "- |+\n  e\n\n- *x"), ("f", ""), ("g", "")] {
        assert_eq!(written(find(&document, key)), bytes, "{key}");
    }
    let Kind::List { items, .. } = document.kind(find(&document, "d")) else { panic!("no list") };
    assert_eq!(items.iter().map(|item| written(*item)).collect::<Vec<_>>(), ["|+\n  e\n\n", "*x"]);
    assert_eq!(document.node(items[1]).lead, text.find("- *x"));
}

proptest! {
    #[test]
    fn no_text_makes_it_stumble(text in "[a-c:,\\[\\]{}&*#|>!%'\" \n\t\r0-9~<?\\\\-]{0,40}|.{0,20}") {
        if let Ok(document) = Document::read(&text) {
            for id in (0..document.count()).map(Id) {
                prop_assert!(document.text().get(document.range(id)).is_some());
                let length = document.written(id).map_or(0, |(text, _)| text.len());
                for offset in 0..=length {
                    document.spot_within(id, offset);
                }
                let _ = (document.entries(id), document.value(id));
            }
        }
    }
}
