//! Files by hand: what comes in, and byte for byte what should come out.

use serde_json::{Value, json};

use super::{Absent, Change, Document, Found, Store, View, Wrapper, edit};
use crate::chart::origin;
use crate::fleet::address::Address;

/// Stores that the tests wish for, each as `ADDRESS # COMMENT` or as the address alone: an item that has the address
/// stays, one with the same comment of ours gets the address, and the others come in behind those of their cluster.
fn wanted(document: &Document, wrapper: &Wrapper, path: &str, lines: &[&str]) -> Vec<Store> {
    let target = |text: &str| text.parse::<Address>().map_or_else(|_| text.to_owned(), |address| address.target());
    let mut old: Vec<Option<Found>> = View::of(document, wrapper)
        .map_or_else(|_| Vec::new(), |view| view.stores(path))
        .into_iter()
        .map(Some)
        .collect();
    let mut take = |is_it: &dyn Fn(&Found) -> bool| {
        let at = old.iter().position(|found| found.as_ref().is_some_and(is_it))?;
        old[at] = None;
        Some(at)
    };
    let (mut stores, mut rest, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
    let cluster = |comment: Option<&str>| Some(origin(comment?)?.cluster);
    for line in lines {
        let (address, comment) =
            line.split_once(" # ").map_or((*line, None), |(address, comment)| (address, Some(comment)));
        match take(&|found| target(&found.text) == target(address)) {
            Some(item) => {
                clusters.push((cluster(comment), item));
                stores.push(Store::Old { item, address: None, comment: comment.map(str::to_owned) });
            }
            None => rest.push((address, comment)),
        }
    }
    for (address, comment) in rest {
        let of = comment.and_then(origin);
        match take(&|found| of.is_some() && origin(&found.comment) == of) {
            Some(item) => {
                clusters.push((cluster(comment), item));
                let address = Some(address.to_owned());
                stores.push(Store::Old { item, address, comment: comment.map(str::to_owned) });
            }
            None => {
                let own = cluster(comment);
                let behind = clusters.iter().filter(|(it, _)| own.is_some() && *it == own).map(|(_, item)| *item).max();
                stores.push(Store::New { address: address.to_owned(), comment: comment.map(str::to_owned), behind });
            }
        }
    }
    stores
}

const A: &str = "10.0.0.1:1 # eu x/a";
const B: &str = "10.0.0.2:1 # us x/b";
const C: &str = "10.0.0.3:1 # ap x/c";

/// Edits the stores of a file of any kind. Errors come as people see them.
fn stored(before: &str, stores: &[&str]) -> Result<String, String> {
    stored_at(None, before, stores)
}

fn stored_at(path: Option<&str>, before: &str, stores: &[&str]) -> Result<String, String> {
    let told = |error: super::DocumentError| format!("{error} | {}", error.hint.clone().unwrap_or_default());
    let document = Document::parse("values.yaml", before).map_err(told)?;
    let wrapper = match path {
        Some(path) => Wrapper::parse(path).map_err(|failure| failure.to_string())?,
        None => Wrapper::detect(&document).map_err(told)?,
    };
    let change = |document: &Document| {
        let stores = wanted(document, &wrapper, "query.stores", stores);
        edit(document, &wrapper, &[Change::Stores { path: "query.stores", stores: &stores }])
    };
    let edited = change(&document).map_err(told)?;
    // Once is enough.
    let again = Document::parse("values.yaml", &edited).map_err(told)?;
    assert_eq!(change(&again).unwrap(), edited);
    Ok(edited)
}

#[track_caller]
fn stores(before: &str, stores: &[&str], after: &str) {
    assert_eq!(
        stored(before, stores).unwrap_or_else(|error| panic!("{error}\n{before}")),
        after,
        "\n--- from\n{before}"
    );
    let crlf = |text: &str| text.replace('\n', "\r\n");
    // A file of one line has no kind of line break.
    if before.contains('\n') {
        assert_eq!(stored(&crlf(before), stores).unwrap(), crlf(after), "with CRLF, from\n{before}");
    }
    let marked = |text: &str| format!("\u{feff}{text}");
    assert_eq!(stored(&marked(before), stores).unwrap(), marked(after), "with a byte order mark, from\n{before}");
}

#[track_caller]
fn refused(before: &str, expected: &str) {
    let told = stored(before, &[A]).expect_err(before);
    assert_eq!(told, expected, "{before}");
}

#[test]
fn a_new_store_stands_behind_those_of_its_cluster_and_else_at_the_end() {
    let file = "# mine\nquery:\n  stores:\n    # Europe\n    - \"10.0.0.1:1\" # eu x/a\n    # America, ask Bob\n    - \"10.0.0.2:1\" # us x/b\n\n  # how many\n  replicaCount: 2\n";
    stores(file, &[A, B, C], &file.replace("# us x/b\n", "# us x/b\n    - \"10.0.0.3:1\" # ap x/c\n"));
    stores(
        file,
        &[A, "10.0.0.9:1 # eu x/z", B, C],
        &file
            .replace("# eu x/a\n", "# eu x/a\n    - \"10.0.0.9:1\" # eu x/z\n")
            .replace("# us x/b\n", "# us x/b\n    - \"10.0.0.3:1\" # ap x/c\n"),
    );
    stores(file, &[B, A], file);
}

#[test]
fn new_stores_look_like_their_neighbours() {
    for (before, after) in [
        // Bare, and bare only where that is safe.
        ("    - 10.0.0.1:1 # eu x/a\n", "    - 10.0.0.1:1 # eu x/a\n    - 10.0.0.3:1 # ap x/c\n"),
        ("    - '10.0.0.1:1'\n", "    - '10.0.0.1:1'\n    - '10.0.0.3:1' # ap x/c\n"),
        ("    - \"10.0.0.1:1\"   # eu x/a\n", "    - \"10.0.0.1:1\"   # eu x/a\n    - \"10.0.0.3:1\" # ap x/c\n"),
        ("  - \"10.0.0.1:1\"\n", "  - \"10.0.0.1:1\"\n  - \"10.0.0.3:1\" # ap x/c\n"),
        ("      -   \"10.0.0.1:1\"\n", "      -   \"10.0.0.1:1\"\n      -   \"10.0.0.3:1\" # ap x/c\n"),
        ("    - >-\n      10.0.0.1:1\n", "    - >-\n      10.0.0.1:1\n    - \"10.0.0.3:1\" # ap x/c\n"),
        ("    - |-\n      10.0.0.1:1\n\n", "    - |-\n      10.0.0.1:1\n    - \"10.0.0.3:1\" # ap x/c\n\n"),
        (
            "    -\n      \"10.0.0.1:1\" # eu x/a\n",
            "    -\n      \"10.0.0.1:1\" # eu x/a\n    - \"10.0.0.3:1\" # ap x/c\n",
        ),
        ("    - \"10.0.0.1:1\"\t# eu x/a\n", "    - \"10.0.0.1:1\"\t# eu x/a\n    - \"10.0.0.3:1\" # ap x/c\n"),
        ("    - \"10.0.0.1:1\"  \n", "    - \"10.0.0.1:1\"  \n    - \"10.0.0.3:1\" # ap x/c\n"),
        ("    - \"10.0.0.1:1\"", "    - \"10.0.0.1:1\"\n    - \"10.0.0.3:1\" # ap x/c"),
    ] {
        let whole = |list: &str| format!("query:\n  stores:\n{list}");
        stores(&whole(before), &[A, C], &whole(after));
    }
    let bare = "query:\n  stores:\n    - 10.0.0.1:1\n";
    stores(bare, &[A, "[::1]:1 # ap x/c"], &format!("{bare}    - \"[::1]:1\" # ap x/c\n"));
    stores(
        bare,
        &[A, "dnssrv+_grpc._tcp.x.example # ap settings"],
        &format!("{bare}    - dnssrv+_grpc._tcp.x.example # ap settings\n"),
    );
}

#[test]
fn a_store_that_goes_takes_its_own_comment_along_and_nothing_of_anybody_else() {
    let file = "query:\n  stores: # all of them\n    # Europe, ask Bob\n    - \"10.0.0.1:1\" # eu x/a\n\n    # us x/b\n    - \"10.0.0.2:1\" # us x/b\n    - \"10.0.0.3:1\" # nl y/z\n  # more\n";
    stores(file, &[A, B], &file.replace("    - \"10.0.0.3:1\" # nl y/z\n", ""));
    stores(file, &[A, "10.0.0.3:1"], &file.replace("    - \"10.0.0.2:1\" # us x/b\n", ""));
    stores(file, &[B, "10.0.0.3:1"], &file.replace("    - \"10.0.0.1:1\" # eu x/a\n", ""));
    stores(file, &[], "query:\n  stores: [] # all of them\n    # Europe, ask Bob\n\n    # us x/b\n  # more\n");
    stores(
        file,
        &[C.replace(" # ap x/c", "").as_str(), "10.0.0.4:1 # nl x/n"],
        "query:\n  stores: # all of them\n    # Europe, ask Bob\n\n    # us x/b\n    - \"10.0.0.3:1\" # nl y/z\n    - \"10.0.0.4:1\" # nl x/n\n  # more\n",
    );
    // All others in the place of all of them.
    stores(
        "query:\n  stores:\n    - 'a:1' # nl y/z\n    - 'b:1'\n  x: 1",
        &[A, B],
        "query:\n  stores:\n    - '10.0.0.1:1' # eu x/a\n    - '10.0.0.2:1' # us x/b\n  x: 1",
    );
    // What has no line break at its end gets none.
    stores("query:\n  stores:\n    - '10.0.0.1:1'\n    - 'b:1'", &[A], "query:\n  stores:\n    - '10.0.0.1:1'");
}

#[test]
fn a_store_twice_is_there_once_and_one_spelt_otherwise_stays_as_it_is() {
    stores(
        "query:\n  stores:\n    - 10.0.0.1:1 # first\n    - 10.0.0.1:1\n",
        &[A],
        "query:\n  stores:\n    - 10.0.0.1:1 # first\n",
    );
    let spelt = "query:\n  stores:\n    - Thanos.Example.:10901\n";
    stores(spelt, &["thanos.example:10901 # eu x/a"], spelt);
    // What nobody can parse stays when it should.
    let foreign = "query:\n  stores:\n    - http://a # odd\n    - '{{ .Values.other }}:1'\n";
    stores(foreign, &["{{ .Values.other }}:1", "http://a"], foreign);
}

#[test]
fn a_service_with_another_address_gets_it_in_its_place() {
    let file = "query:\n  stores:\n    # do not touch\n    - '10.0.0.1:1'   # eu x/a\n    - '10.0.0.2:1' # us x/b\n";
    stores(file, &["10.9.9.9:9 # eu x/a", B], &file.replace("10.0.0.1:1", "10.9.9.9:9"));
    // Two addresses of one Service: each stays where it can.
    stores(
        "query:\n  stores:\n    - 'a:1' # eu x/a\n    - 'b:1' # eu x/a\n    - 'c:1' # us x/b\n",
        &["b:1 # eu x/a", "d:1 # eu x/a", "e:1 # eu x/a", "c:1 # us x/b"],
        "query:\n  stores:\n    - 'd:1' # eu x/a\n    - 'b:1' # eu x/a\n    - 'e:1' # eu x/a\n    - 'c:1' # us x/b\n",
    );
}

#[test]
fn no_comment_of_people_is_lost() {
    let hint = "delete the line by hand, or its comment";
    for comment in ["Europe", "eu x/a, ask Kim", "see x/a."] {
        let block = format!("query:\n  stores:\n    - 'a:1' # {comment}\n    - 'c:1' # us x/b\n");
        let flow = format!("query:\n  stores: [\n    'a:1', # {comment}\n    'c:1'\n  ]\n");
        for file in [block, flow] {
            let told = stored(&file, &["c:1 # us x/b"]).unwrap_err();
            let expected = "a store of `query.stores` is not deleted: people wrote the comment beside it";
            assert!(told.ends_with(&format!("{expected} | {hint}")), "{told}");
        }
    }
    // Between the items of a list that is written anew.
    let told = stored("query:\n  stores: ['a:1',\n    # Europe\n    'b:1']\n", &[A]).unwrap_err();
    assert!(told.starts_with("values.yaml: not edited"), "{told}");
}

#[test]
fn what_we_wrote_beside_a_store_is_kept_true_and_what_others_wrote_is_kept() {
    let file = "query:\n  stores:\n    - \"10.0.0.1:1\"  #  eu x/a\n    - \"10.0.0.2:1\" # us x/b, kept: the cluster could not be read\n";
    let kept = "10.0.0.1:1 # eu x/a, kept: the Service had no address";
    stores(
        file,
        &[kept, B],
        "query:\n  stores:\n    - \"10.0.0.1:1\"  #  eu x/a, kept: the Service had no address\n    - \"10.0.0.2:1\" # us x/b\n",
    );
    // Whoever decides knows that it is ours: another Service, another cluster, a cluster of another name.
    for (old, new) in [("eu x/old", "eu x/a"), ("us x/a", "eu x/z"), ("europe x/a", "eu x/a")] {
        let file = |comment: &str| {
            format!("query:\n  stores:\n    - \"10.0.0.1:1\" # {comment}\n    - \"10.0.0.2:1\" # us x/b\n")
        };
        stores(&file(old), &[&format!("10.0.0.1:1 # {new}"), B], &file(new));
    }
    for theirs in ["", " #", " # Europe", " # see docs/README", " # eu x/a (do not remove)", " # why? eu"] {
        let file = format!("query:\n  stores:\n    - \"10.0.0.1:1\"{theirs}\n");
        stores(&file, &[A], &file);
    }
}

#[test]
fn where_no_list_is_one_is_made() {
    let list = "    - \"10.0.0.1:1\" # eu x/a\n";
    for (before, after) in [
        ("", "query:\n  stores:\n    - \"10.0.0.1:1\" # eu x/a\n".to_owned()),
        ("# only comments\n", format!("# only comments\nquery:\n  stores:\n{list}")),
        ("# only comments", format!("# only comments\nquery:\n  stores:\n{}", list.trim_end())),
        ("---\n", format!("---\nquery:\n  stores:\n{list}")),
        ("---\n# x\n...\n", format!("---\n# x\nquery:\n  stores:\n{list}...\n")),
        ("{}\n", format!("query:\n  stores:\n{list}")),
        ("{} # nothing\n", format!(" # nothing\nquery:\n  stores:\n{list}")),
        ("# x\nnull\n", format!("# x\nquery:\n  stores:\n{list}")),
        ("a: 1\n", format!("a: 1\nquery:\n  stores:\n{list}")),
        ("a: 1\n# end\n", format!("a: 1\nquery:\n  stores:\n{list}# end\n")),
        ("a: 1\n...\n", format!("a: 1\nquery:\n  stores:\n{list}...\n")),
        ("a: 1\n\nb:\n  c: 2\n\n", format!("a: 1\n\nb:\n  c: 2\n\nquery:\n  stores:\n{list}\n")),
        ("query:\na: 1\n", format!("query:\n  stores:\n{list}a: 1\n")),
        ("query: # ours\na: 1\n", format!("query: # ours\n  stores:\n{list}a: 1\n")),
        ("query: ~ # ours\na: 1\n", format!("query: # ours\n  stores:\n{list}a: 1\n")),
        ("query: {} # ours\n", format!("query: # ours\n  stores:\n{list}")),
        ("query:\n  a: 1\n  # b: 2\n", format!("query:\n  a: 1\n  stores:\n{list}  # b: 2\n")),
        ("query:\n  a: |\n    x\n\n  # c\n", format!("query:\n  a: |\n    x\n  stores:\n{list}\n  # c\n")),
        ("query:\n  a: |+\n    x\n\n# c\n", format!("query:\n  a: |+\n    x\n\n  stores:\n{list}# c\n")),
        ("query:\n  a: |-\n    x", format!("query:\n  a: |-\n    x\n  stores:\n{}", list.trim_end())),
        ("query:\n  stores:\n", format!("query:\n  stores:\n{list}")),
        ("query:\n  stores: # none\n  a: 1\n", format!("query:\n  stores: # none\n{list}  a: 1\n")),
        ("query:\n  stores: []\n", format!("query:\n  stores:\n{list}")),
        ("query:\n  stores:   [ ]   # none\n", format!("query:\n  stores:   # none\n{list}")),
        ("query:\n  stores: null\n", format!("query:\n  stores:\n{list}")),
        ("query:\n  stores: {}\n", format!("query:\n  stores:\n{list}")),
        ("\"query\":\n  'stores' : []\n", format!("\"query\":\n  'stores' :\n{list}")),
        ("query:\n  stores:", format!("query:\n  stores:\n{}", list.trim_end())),
        ("query:\n    a: 1\n", "query:\n    a: 1\n    stores:\n        - \"10.0.0.1:1\" # eu x/a\n".to_owned()),
        ("l:\n- 1\nquery:\n", "l:\n- 1\nquery:\n  stores:\n  - \"10.0.0.1:1\" # eu x/a\n".to_owned()),
        ("query:\n  stores: [ # none\n  ]\n", "query:\n  stores: [\"10.0.0.1:1\" # none\n  ]\n".to_owned()),
    ] {
        if before.is_empty() || before.starts_with("{}") {
            assert_eq!(stored(before, &[A]).unwrap(), after);
        } else {
            stores(before, &[A], &after);
        }
    }
    stores("query:\n  stores: []\n", &[], "query:\n  stores: []\n");
    stores("a: 1\n", &[], "a: 1\n");
}

#[test]
fn a_list_between_brackets_stays_one() {
    for (before, wanted, after) in [
        ("[\"10.0.0.1:1\"]", &[A, C][..], "[\"10.0.0.1:1\", \"10.0.0.3:1\"]"),
        ("[ 10.0.0.1:1, 10.0.0.2:1 ] # all", &[A, B, C], "[ 10.0.0.1:1, 10.0.0.2:1, 10.0.0.3:1 ] # all"),
        ("[10.0.0.1:1, 10.0.0.2:1, ]", &[A, B, C], "[10.0.0.1:1, 10.0.0.2:1, 10.0.0.3:1, ]"),
        ("[a:1, 10.0.0.1:1, b:1, 10.0.0.2:1]", &[A, B], "[10.0.0.1:1, 10.0.0.2:1]"),
        ("[10.0.0.1:1, a:1, b:1]", &[A], "[10.0.0.1:1]"),
        ("[a:1, b:1] # x", &[A, C], "[10.0.0.1:1, 10.0.0.3:1] # x"),
        ("[a:1, b:1, ] # x", &[], "[] # x"),
        // What is behind the bracket is about the list, whoever wrote it.
        ("['10.0.0.1:1'] # eu x/a", &[A, C], "['10.0.0.1:1', '10.0.0.3:1'] # eu x/a"),
        ("['10.0.0.1:1', '10.0.0.2:1'] # us x/b", &[A], "['10.0.0.1:1'] # us x/b"),
        ("['10.0.0.2:1'] # us x/b", &["10.0.0.9:1 # us x/b"], "['10.0.0.9:1'] # us x/b"),
        // One a line.
        (
            "[\n    \"10.0.0.1:1\", # eu x/a\n    # mine\n    \"10.0.0.2:1\"  # us x/b\n  ]",
            &[A, B, C],
            "[\n    \"10.0.0.1:1\", # eu x/a\n    # mine\n    \"10.0.0.2:1\",  # us x/b\n    \"10.0.0.3:1\" # ap x/c\n  ]",
        ),
        (
            "[\n    \"10.0.0.1:1\", # eu x/a\n    # mine\n    \"10.0.0.2:1\"  # us x/b\n  ]",
            &[A],
            "[\n    \"10.0.0.1:1\" # eu x/a\n    # mine\n  ]",
        ),
        (
            "[\n    \"10.0.0.1:1\", # eu x/a\n    # mine\n    \"10.0.0.2:1\", # us x/b\n  ]",
            &[B, C],
            "[\n    # mine\n    \"10.0.0.2:1\", # us x/b\n    \"10.0.0.3:1\", # ap x/c\n  ]",
        ),
        (
            "[\n    \"10.0.0.1:1\", # eu x/a\n    \"10.0.0.2:1\"] # us x/b",
            &[A, "10.0.0.5:1 # eu x/e", B],
            "[\n    \"10.0.0.1:1\", # eu x/a\n    \"10.0.0.5:1\", # eu x/e\n    \"10.0.0.2:1\"] # us x/b",
        ),
        (
            "[\"10.0.0.1:1\", # eu x/a\n    \"10.0.0.2:1\", # us x/b\n    \"10.0.0.3:1\"]",
            &[A, C],
            "[\"10.0.0.1:1\", # eu x/a\n    \"10.0.0.3:1\"]",
        ),
        (
            "[\n    \"a:1\", # zz x/m\n    \"b:1\"\n  ]",
            &[A, B],
            "[\n    \"10.0.0.1:1\", # eu x/a\n    \"10.0.0.2:1\" # us x/b\n  ]",
        ),
    ] {
        let whole = |list: &str| format!("query:\n  stores: {list}\n  more: 1\n");
        stores(&whole(before), wanted, &whole(after));
    }
    for (before, after) in [
        ("query: {stores: []}\n", "query: {stores: [\"10.0.0.1:1\"]}\n"),
        ("query: {stores: }\n", "query: {stores: [\"10.0.0.1:1\"] }\n"),
        ("query: {stores, a: 1}\n", "query: {stores: [\"10.0.0.1:1\"], a: 1}\n"),
        ("query: {a: 1} # x\n", "query: {a: 1, stores: [\"10.0.0.1:1\"]} # x\n"),
        ("query: {\n  a: 1, # x\n}\n", "query: {\n  a: 1, stores: [\"10.0.0.1:1\"], # x\n}\n"),
        ("{\"query\":{\"stores\":[\"b:1\"]}}\n", "{\"query\":{\"stores\":[\"10.0.0.1:1\"]}}\n"),
    ] {
        stores(before, &[A], after);
    }
}

#[test]
fn line_breaks_of_both_kinds_stay_and_a_new_line_has_that_of_its_neighbour() {
    assert_eq!(
        stored(
            "a: 1\nquery:\r\n  stores:\r\n    - \"10.0.0.1:1\"\r\n    - \"10.0.0.2:1\"\n# end\r\n",
            &[A, "10.0.0.9:1 # eu x/a", B, C]
        )
        .unwrap(),
        "a: 1\nquery:\r\n  stores:\r\n    - \"10.0.0.1:1\"\r\n    - \"10.0.0.9:1\" # eu x/a\r\n    - \"10.0.0.2:1\"\n    - \"10.0.0.3:1\" # ap x/c\n# end\r\n"
    );
}

#[test]
fn what_a_cluster_says_cannot_leave_its_line_or_its_quotes() {
    let hostile = Store::New {
        address: "a:1\"\n- evil".to_owned(),
        comment: Some("eu x/a\n    - \"evil:1\"\u{2028}\u{85}\r\u{1b}[31m".to_owned()),
        behind: None,
    };
    for (before, after) in [
        (
            "query:\n  stores:\n    - 'b:1'\n",
            "query:\n  stores:\n    - 'b:1'\n    - \"a:1\\\"\\n- evil\" # eu x/a\\n    - \"evil:1\"\\u{2028}\\u{85}\\r\\u{1b}[31m\n",
        ),
        ("query: {stores: [b:1]}\n", "query: {stores: [b:1, \"a:1\\\"\\n- evil\"]}\n"),
    ] {
        let stores = [Store::unchanged(0), hostile.clone()];
        let document = Document::parse("values.yaml", before).unwrap();
        let edited =
            edit(&document, &Wrapper::default(), &[Change::Stores { path: "query.stores", stores: &stores }]).unwrap();
        assert_eq!(edited, after);
    }
}

#[test]
fn values_are_found_in_what_is_around_them() {
    let list = |indent: &str| format!("{indent}- \"10.0.0.1:1\" # eu x/a\n");
    let helm_release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  interval: 1h\n  dependsOn:\n  - name: x\n  values:\n    query:\n      replicaCount: 2 # two\n  timeout: 5m\n";
    stores(helm_release, &[A], &helm_release.replace("# two\n", &format!("# two\n      stores:\n{}", list("      "))));
    let empty = "apiVersion: helm.toolkit.fluxcd.io/v2beta2\nkind: HelmRelease\nspec:\n  values: {}\n  timeout: 5m\n";
    stores(empty, &[A], &empty.replace(" {}\n", &format!("\n    query:\n      stores:\n{}", list("        "))));
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources:\n    - repoURL: https://example.net\n      ref: values\n    - chart: thanos\n      helm:\n        valuesObject:\n          query:\n            stores:\n              - \"b:1\" # zz x/gone\n        releaseName: thanos\n";
    stores(application, &[A], &application.replace("\"b:1\" # zz x/gone", "\"10.0.0.1:1\" # eu x/a"));
    let single = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      valuesObject: {query: {stores: []}}\n      values: |\n        other: 1\n";
    stores(single, &[A], &single.replace("[]", "[\"10.0.0.1:1\"]"));
    for header in ["|", "|-", "|+", "| # text", "|2", "|2-"] {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: {header}\n        # mine\n        query:\n          stores:\n            - \"b:1\" # zz x/gone\n\n          more: 1\n\n\n      releaseName: x\n"
        );
        stores(&text, &[A], &text.replace("\"b:1\" # zz x/gone", "\"10.0.0.1:1\" # eu x/a"));
        stores(&text, &["b:1", A], &text.replace("# zz x/gone\n", &format!("# zz x/gone\n{}", list("            "))));
        stores(&text, &[], &text.replace("stores:\n            - \"b:1\" # zz x/gone\n", "stores: []\n"));
    }
    let config_map = "apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    query:\n      a: 1\n    last: 1\n";
    stores(config_map, &[A], &config_map.replace("a: 1\n", &format!("a: 1\n      stores:\n{}", list("        "))));
    stores(
        &config_map.replace("    query:\n      a: 1\n", "    a: 1\n\n"),
        &[A],
        &config_map.replace(
            "    query:\n      a: 1\n    last: 1\n",
            &format!("    a: 1\n\n    last: 1\n\n    query:\n      stores:\n{}", list("        ")),
        ),
    );
    stores(
        config_map.trim_end(),
        &[A],
        &config_map.trim_end().replace("a: 1\n", &format!("a: 1\n      stores:\n{}", list("        "))),
    );
    let one = config_map.replace("values.yaml", "thanos.yml").replace("query:\n      a: 1\n    last: 1\n", "{}\n");
    stores(&one, &[A], &one.replace("{}\n", &format!("query:\n      stores:\n{}", list("        "))));
}

#[test]
fn a_path_leads_to_values_that_stand_deeper() {
    let umbrella = "global: {}\nthanos: # the chart\n  query:\n    stores:\n      - \"b:1\"\nother: 1\n";
    assert_eq!(
        stored_at(Some("thanos"), umbrella, &["b:1", A]).unwrap(),
        umbrella.replace("\"b:1\"\n", "\"b:1\"\n      - \"10.0.0.1:1\" # eu x/a\n")
    );
    assert_eq!(
        stored_at(Some("thanos"), "thanos:\nother: 1\n", &[A]).unwrap(),
        "thanos:\n  query:\n    stores:\n      - \"10.0.0.1:1\" # eu x/a\nother: 1\n"
    );
    assert_eq!(
        stored_at(Some("tanos"), umbrella, &[A]).unwrap_err(),
        "values.yaml:1:1: there is no `tanos` | did you mean `thanos`?"
    );
    assert_eq!(
        stored_at(Some("other"), umbrella, &[A]).unwrap_err(),
        "values.yaml:6:8: values in one line of text are not edited | write the values as a block: `|`, and below it one line each"
    );
    for path in ["thanos", "spec.sources[1].helm.valuesObject", "data[\"values.yaml\"]", "a[0][1].b", "[\"a.b\"].c"] {
        assert_eq!(Wrapper::parse(path).unwrap().to_string(), path);
    }
    for path in ["", ".", "a.", "a..b", ".a", "a[", "a[x]", "a[\"b]", "a]b\"["] {
        let told = Wrapper::parse(path).map(|wrapper| wrapper.to_string());
        assert!(told.is_err() || told == Ok(path.to_owned()) || path == "a]b\"[", "{path}: {told:?}");
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused_with_its_line() {
    let anchor = "write it out where it is used, without the anchor";
    let alias = "write it out here, without the alias";
    let blanks = "YAML indents by blanks: write those";
    let template = "render the template first, or keep the stores in a values file of their own";
    let split = "one file holds one document: split it at `---`";
    for (before, expected) in [
        ("query: &q\n  stores: []\nb: *q\n", format!("values.yaml:2:3: `query` has an anchor: whatever refers to it would change too | {anchor}")),
        ("q: &q {a: 1}\nquery: *q\n", format!("values.yaml:2:8: `query` stands elsewhere, and an alias refers to it | {alias}")),
        ("s: &s [a:1]\nquery:\n  stores: *s\n", format!("values.yaml:3:11: `query.stores` stands elsewhere, and an alias refers to it | {alias}")),
        ("query:\n  stores:\n    - &x b:1\na: *x\n", format!("values.yaml:3:10: `query.stores` has an anchor: whatever refers to it would change too | {anchor}")),
        ("q: &q {a: 1}\nquery:\n  <<: *q\n  b: 1\n", "values.yaml:3:3: `query` takes keys from elsewhere | write out here what it takes, without `<<`".to_owned()),
        ("q: &q {a: 1}\n<<: *q\nquery: {}\n", "values.yaml:2:1: the document takes keys from elsewhere | write out here what it takes, without `<<`".to_owned()),
        ("--- &all\nquery: {}\n", format!("values.yaml:2:1: the document has an anchor: whatever refers to it would change too | {anchor}")),
        ("query: !!map\n  stores: []\n", "values.yaml:2:3: `query` has a tag | write it without the tag: Helm needs none".to_owned()),
        ("? query\n: stores: []\n", "values.yaml:1:3: `query` stands behind a `?` | write it as `KEY: VALUE`, without the `?`".to_owned()),
        ("a: 1\n---\nb: 2\n", format!("values.yaml:2:1: a second document begins here | {split}")),
        ("a: 1\n---\n", format!("values.yaml:2:1: a second document begins here | {split}")),
        ("query: {}\na: 1\nquery: {}\n", "values.yaml:3:1: duplicate key `query` | keep one of them".to_owned()),
        ("a:\n  b: 1\n  \"b\": 2\n", "values.yaml:3:3: duplicate key `b` | keep one of them".to_owned()),
        ("query:\n\tstores: []\n", format!("values.yaml:2:1: a tab indents this line | {blanks}")),
        ("a: x\u{0}y\n", "values.yaml:1:5: the character U+0000, which YAML does not take here | delete it, or write it as an escape in double quotes".to_owned()),
        ("a: 1\rb: 2\n", "values.yaml:1:5: the character U+000D, which YAML does not take here | delete it, or write it as an escape in double quotes".to_owned()),
        ("# x\u{2028}y\n", "values.yaml:1:4: the character U+2028, which YAML does not take here | delete it, or write it as an escape in double quotes".to_owned()),
        ("a: 1\nquery:\n  stores: {{ toYaml .Values.stores }}\n", format!("values.yaml:3:11: a template (`{{{{`), not YAML | {template}")),
        ("{{- if .Values.x }}\nquery: {}\n{{- end }}\n", format!("values.yaml:1:1: a template (`{{{{`), not YAML | {template}")),
        ("query:\n  stores:\n    {{- range .stores }}\n    - {{ . }}\n    {{- end }}\n", format!("values.yaml:3:5: a template (`{{{{`), not YAML | {template}")),
        ("query:\n  {{ .key }}: 1\n", format!("values.yaml:2:3: a template (`{{{{`), not YAML | {template}")),
        ("query:\n  stores:\n    - {{ .a }}\n", format!("values.yaml:3:7: a template (`{{{{`), not YAML | {template}")),
        ("- a\n", "values.yaml:1:1: no mapping, so these are no values | values are a mapping: `query:`, and what belongs to it below".to_owned()),
        ("hello\n", "values.yaml:1:1: no mapping, so these are no values | values are a mapping: `query:`, and what belongs to it below".to_owned()),
        ("query: 1\n", "values.yaml:1:8: `query` is no mapping | what belongs below it has no place here: make it a mapping".to_owned()),
        ("query:\n  stores: a:1\n", "values.yaml:2:11: `query.stores` is no list | the addresses belong into a list: `- ` before each, one a line".to_owned()),
        ("query:\n  stores:\n    - 1\n", "values.yaml:3:7: an item of `query.stores` is no text | the address of a store is a text such as \"10.2.0.14:31420\": mend it, or take it out".to_owned()),
        ("query:\n  a: |\n    x", "values.yaml:3:6: a text ends here without a line break | add a line break at the end of the file".to_owned()),
        ("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {}\n", "values.yaml:1:1: this HelmRelease has no values | values that stand in another file are changed there; else add `values: {}` where they belong".to_owned()),
        ("apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {sources: [{helm: {values: a}}, {helm: {valuesObject: {}}}]}\n", "values.yaml:1:1: this Application has values in several places | say which are meant, such as --path 'spec.sources[0].helm.values'".to_owned()),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: >\n    query: {}\n", "values.yaml:4:16: values in a folded text (`>`) are not edited | write `|` for `>`: every line counts here".to_owned()),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n\n  more: 1\n", "values.yaml:4:16: a text without values | put `{}` into it, for values that say nothing yet".to_owned()),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    a: 1\n    query: &q {}\n", format!("values.yaml:6:15: `query` has an anchor: whatever refers to it would change too | {anchor}")),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n    a: 1\n    a: 2\n", "values.yaml:6:5: duplicate key `a` | keep one of them".to_owned()),
    ] {
        refused(before, &expected);
    }
    for elsewhere in [
        "base: &b {x: 1}\nother:\n  <<: *b\n  c: *b\nquery:\n  stores: []\n",
        "a: !!str 1\nb: 'x {{ y }}'\nc: x-{{ .Release.Name }}\n# {{ z }}\nd: |\n  {{ if }}\nquery:\n  stores: []\n",
    ] {
        stores(elsewhere, &[A], &elsewhere.replace("stores: []\n", "stores:\n    - \"10.0.0.1:1\" # eu x/a\n"));
    }
}

fn set(before: &str, changes: &[(&str, Value, Absent)]) -> Result<String, String> {
    let document = Document::parse("values.yaml", before).map_err(|error| error.to_string())?;
    let changes: Vec<Change<'_>> =
        changes.iter().map(|(path, value, absent)| Change::Set { path, value, absent: *absent }).collect();
    edit(&document, &Wrapper::default(), &changes).map_err(|error| error.to_string())
}

#[test]
fn a_key_gets_another_value_in_the_quotes_and_the_form_of_its_old_one() {
    for (before, value, after) in [
        ("k: ClusterIP # c\n", json!("NodePort"), "k: NodePort # c\n"),
        ("k: 'ClusterIP'   # c\n", json!("NodePort"), "k: 'NodePort'   # c\n"),
        ("k: \"30901\"\n", json!("30902"), "k: \"30902\"\n"),
        ("k: 30901\n", json!(30902), "k: 30902\n"),
        ("k: 30901\n", json!("30902"), "k: \"30902\"\n"),
        ("k: a\n", json!("yes"), "k: \"yes\"\n"),
        ("k:\n", json!(true), "k: true\n"),
        ("k: # c\n", json!("x"), "k: x # c\n"),
        ("k: a\n  b # c\n", json!("x"), "k: x # c\n"),
        ("k: |- # c\n  a\n\nl: 1\n", json!("x"), "k: x # c\n\nl: 1\n"),
        ("k: |- # c\n  a\n\nl: 1\n", json!("x\ny\n"), "k: | # c\n  x\n  y\n\nl: 1\n"),
        ("k: x # c\nl: 1\n", json!("x\ny"), "k: |- # c\n  x\n  y\nl: 1\n"),
        ("k: >\n  a\n  b\n", json!([]), "k: []\n"),
        ("k: [a, b] # c\n", json!(["b"]), "k: [b] # c\n"),
        ("k: [a, b] # c\n", json!(["z", "a", "c", "b"]), "k: [z, a, c, b] # c\n"),
        ("k: [a, b]\n", json!(["b", "a"]), "k: [b, a]\n"),
        ("k: [a, b] # c\n", json!("x"), "k: x # c\n"),
        ("k: # c\n  - a # x\n  - b # y\n", json!(["b", "new"]), "k: # c\n  - b # y\n  - new\n"),
        ("k: # c\n  # x\n  - a\n  - b\n", json!(["z", "a", "b"]), "k: # c\n  - z\n  # x\n  - a\n  - b\n"),
        ("k: # c\n  - a # x\n  - b\nl: 1\n", json!(["b", "a"]), "k: # c\n  - b\n  - a\nl: 1\n"),
        ("k:\n- a\nl: 1\n", json!([{"x": 1}]), "k:\n- x: 1\nl: 1\n"),
        ("k:\n  - a\nl: 1\n", json!("x"), "k: x\nl: 1\n"),
        ("k: x # c\nl: 1\n", json!(["a", "b"]), "k: # c\n  - a\n  - b\nl: 1\n"),
        ("k:\n  a: 1 # x\n  b: 2\n", json!({"a": 3}), "k:\n  a: 3 # x\n  b: 2\n"),
        ("k:\n  a: 1\n", json!({"b": {"c": [1]}}), "k:\n  a: 1\n  b:\n    c:\n      - 1\n"),
        ("k: {a: 1, b: 2}\n", json!({"b": 3, "c": "on"}), "k: {a: 1, b: 3, c: \"on\"}\n"),
        ("k: {a: 1}\n", json!(null), "k: null\n"),
        ("k: x\n", json!({"a": {"b": 1}}), "k:\n  a:\n    b: 1\n"),
        ("k: {a: , b: 1}\n", json!({"a": "x"}), "k: {a: x , b: 1}\n"),
        ("k: same # c\n", json!("same"), "k: same # c\n"),
        ("k: 0777\n", json!(511), "k: 0777\n"),
        ("k: {a: [x, {y: 1}]}\n", json!({"a": [1, "z"]}), "k: {a: [1, z]}\n"),
        ("x: &x 1\nk: &k 2\n", json!(3), "!"),
        ("x: &x 1\nk: [a, *x]\n", json!(["b"]), "!"),
    ] {
        let told = set(before, &[("k", value.clone(), Absent::Add)]);
        assert_eq!(told.as_deref().unwrap_or("!"), after, "{before} {value} {told:?}");
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let told = set(&crlf(before), &[("k", value.clone(), Absent::Add)]);
        // A text of several lines has the breaks of YAML, whatever the file has.
        assert_eq!(told.unwrap_or_else(|_| "!".to_owned()), crlf(after), "{before} {value}");
    }
}

#[test]
fn keys_that_are_not_there_are_added_only_when_they_should_be() {
    let before = "query:\n  service:\n    type: NodePort\n";
    let changes = |absent| {
        [
            ("query.service.nodePorts.http", json!("30901"), absent),
            ("query.service.nodePorts.grpc", json!("30902"), absent),
            ("query.service.type", json!("ClusterIP"), absent),
            ("ruler.replicaLabel", json!("replica"), absent),
        ]
    };
    assert_eq!(set(before, &changes(Absent::Leave)).unwrap(), before.replace("NodePort", "ClusterIP"));
    assert_eq!(
        set(before, &changes(Absent::Add)).unwrap(),
        "query:\n  service:\n    type: ClusterIP\n    nodePorts:\n      http: \"30901\"\n      grpc: \"30902\"\nruler:\n  replicaLabel: replica\n"
    );
    assert_eq!(set("query:\n", &changes(Absent::Leave)).unwrap(), "query:\n");
    assert_eq!(set("query: {service: }\n", &changes(Absent::Leave)).unwrap(), "query: {service: }\n");
}

#[test]
fn several_changes_of_one_place_do_not_get_into_each_other() {
    let document = Document::parse("values.yaml", "a: 1\nquery:\n  stores:\n    - b:1 # x").unwrap();
    let stores = wanted(&document, &Wrapper::default(), "query.stores", &["b:1", A]);
    let changes = [
        Change::Stores { path: "query.stores", stores: &stores },
        Change::Set { path: "query.replicaLabel", value: &json!(["r"]), absent: Absent::Add },
        Change::Set { path: "ruler", value: &json!({"x": {"z": 1}}), absent: Absent::Add },
        Change::Set { path: "a", value: &json!("one"), absent: Absent::Leave },
    ];
    assert_eq!(
        edit(&document, &Wrapper::default(), &changes).unwrap(),
        "a: one\nquery:\n  stores:\n    - b:1 # x\n    - 10.0.0.1:1 # eu x/a\n  replicaLabel:\n    - r\nruler:\n  x:\n    z: 1"
    );
}

#[test]
fn an_older_chart_has_its_stores_under_another_key() {
    let document = Document::parse("values.yaml", "querier:\n  stores:\n    - b:1\n").unwrap();
    let stores = wanted(&document, &Wrapper::default(), "querier.stores", &[A]);
    assert_eq!(
        edit(&document, &Wrapper::default(), &[Change::Stores { path: "querier.stores", stores: &stores }]).unwrap(),
        "querier:\n  stores:\n    - 10.0.0.1:1 # eu x/a\n"
    );
}

#[test]
fn every_store_is_found_with_its_place() {
    let text = "kind: ConfigMap\napiVersion: v1\ndata:\n  values.yaml: |\n    query:\n      # x\n      stores:\n        - \"a:1\" # eu x/a\n        -   b:1\n      stringent: 1\n";
    let document = Document::parse("f", text).unwrap();
    let view = View::of(&document, &Wrapper::detect(&document).unwrap()).unwrap();
    let found: Vec<String> = view
        .stores("query.stores")
        .into_iter()
        .map(|found| format!("{} {} {}", found.place, found.text, found.comment))
        .collect();
    assert_eq!(found, ["f:8:11 a:1 eu x/a", "f:9:13 b:1 "]);
    assert_eq!(view.place("query.stringent").map(|place| place.to_string()).as_deref(), Some("f:10:7"));
    assert_eq!((view.place("query.none"), view.value("query.stringent")), (None, Some(&json!(1))));
}

#[test]
fn a_file_too_deep_to_go_down_into_is_refused() {
    for (depth, is_read) in [(10, true), (1_000, false), (100_000, false)] {
        let deep = format!("a: {}{}\nquery: {{}}\n", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(stored(&deep, &[A]).is_ok(), is_read, "{depth}");
    }
}
