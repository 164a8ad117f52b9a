//! The addresses that the querier dials.

use serde_json::Value;

use super::{Checker, Kind};
use crate::model::address::{Address, AddressError};
use crate::model::codes;
use crate::text::without_credentials;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    for path in ["query.stores", "querier.stores"] {
        list(checker, path);
    }
}

fn list(checker: &mut Checker<'_, '_>, path: &str) {
    let tree = checker.tree;
    let Some(Kind::List(items)) = checker.node(path).map(|node| &node.kind) else { return };
    let mut known: Vec<(String, u64)> = Vec::new();
    for item in items {
        let node = tree.node(*item);
        let place = tree.place(node.spot);
        let Kind::Scalar(scalar) = &node.kind else {
            checker.add(codes::BAD_STORE, place, "a store is a text").hint = Some("write HOST:PORT".to_owned());
            continue;
        };
        if scalar.value == Value::Null {
            checker.add(codes::BAD_STORE, place, "an empty store").hint = Some("delete the line".to_owned());
            continue;
        }
        match scalar.text.parse::<Address>() {
            Ok(address) => {
                let target = address.target();
                let line = place.line;
                match known.iter().find(|(known, _)| *known == target) {
                    Some((_, first)) => {
                        let message = format!("`{}` stands in line {first} already", without_credentials(&scalar.text));
                        checker.add(codes::STORE_TWICE, place, message).hint = Some("delete one of them".to_owned());
                    }
                    None => known.push((target, line)),
                }
            }
            Err(error) => {
                let finding = checker.add(codes::BAD_STORE, place, told(&error));
                finding.hint = Some("write HOST:PORT, such as 10.2.0.14:31420".to_owned());
            }
        }
    }
}

/// The error without the example, which is the hint.
fn told(error: &AddressError) -> String {
    let text = error.to_string();
    text.split("; an address is").next().unwrap_or_default().split("; it is HOST").next().unwrap_or_default().to_owned()
}
