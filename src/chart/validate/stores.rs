//! The addresses that the querier dials.

use std::collections::HashMap;

use serde_json::Value;

use super::{Checker, Kind};
use crate::chart::chart_version::Chart;
use crate::chart::part::Part;
use crate::findings::codes;
use crate::fleet::address::{Address, AddressError};
use crate::text::without_credentials;

/// Lists of addresses beside the one of the present: of older names that are still read.
const ALSO: [&str; 3] = ["querier.stores", "query.stores", "query.additionalStores"];

/// Where Thanos serves HTTP unless it is told otherwise.
const HTTP_PORT: u16 = 10902;

pub(super) fn check(checker: &mut Checker<'_, '_>) {
    let chart = checker.subject.chart;
    let is_templated = chart.row(Part::Stores).and_then(|row| row.templated).is_some();
    for path in paths(chart) {
        list(checker, &path, is_templated);
    }
}

/// Where lists of stores may stand in the values of a chart.
pub(super) fn paths(chart: &Chart) -> Vec<String> {
    let own = chart.path(Part::Stores);
    let also = ALSO.into_iter().filter(|path| own.as_deref() != Some(path)).map(str::to_owned);
    own.iter().cloned().chain(also).collect()
}

fn list(checker: &mut Checker<'_, '_>, path: &str, is_templated: bool) {
    let tree = checker.tree;
    let items = match checker.node(path).map(|node| &node.kind) {
        Some(Kind::List(items)) => items,
        Some(Kind::Scalar(scalar)) if !scalar.text.is_empty() && scalar.value != Value::Null => {
            let place = checker.key(path);
            checker.add(codes::WRONG_TYPE, place, format!("`{path}` wants a list")).hint =
                Some("write it as a list: [\"HOST:PORT\"]".to_owned());
            return;
        }
        _ => return,
    };
    let mut known: HashMap<String, u64> = HashMap::new();
    for item in items {
        let node = tree.node(*item);
        let place = tree.place(node.spot);
        let text = match &node.kind {
            Kind::Scalar(scalar) if scalar.value != Value::Null => scalar.text.as_str(),
            Kind::Scalar(_) => {
                checker.add(codes::BAD_STORE, place, "an empty store").hint = Some("delete the line".to_owned());
                continue;
            }
            Kind::List(_) | Kind::Mapping { .. } => {
                let hint = "write - HOST:PORT, without a blank behind a colon";
                checker.add(codes::BAD_STORE, place, "a store is a text").hint = Some(hint.to_owned());
                continue;
            }
        };
        if is_templated && text.contains("{{") {
            continue;
        }
        match text.parse::<Address>() {
            Ok(address) => {
                if address.port() == Some(HTTP_PORT) {
                    let message = "port 10902 is where Thanos serves HTTP; a store is asked by gRPC";
                    checker.add(codes::HTTP_PORT, place.clone(), message).hint =
                        Some("write the gRPC port, which is usually 10901".to_owned());
                }
                let target = address.target();
                match known.get(&target) {
                    Some(first) => {
                        let message = format!("`{}` stands in line {first} already", without_credentials(text));
                        checker.add(codes::STORE_TWICE, place, message).hint = Some("delete one of them".to_owned());
                    }
                    None => drop(known.insert(target, place.line)),
                }
            }
            Err(error) => {
                let hint = "write HOST:PORT, such as 10.2.0.14:31420";
                checker.add(codes::BAD_STORE, place, told(&error)).hint = Some(hint.to_owned());
            }
        }
    }
}

/// The error without the example, which is the hint.
fn told(error: &AddressError) -> String {
    let text = error.to_string();
    text.split("; an address is").next().unwrap_or_default().split("; it is HOST").next().unwrap_or_default().to_owned()
}
