//! Values of Services in an inventory that this program does not know: they concern their Service alone.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::fleet::inventory::{IpFamily, ServiceType, TrafficPolicy};

/// Puts such values of all Services of an inventory aside, below `unknown` of their Service.
pub(super) fn put_aside(document: &mut Value) {
    let clusters = document["clusters"].as_array_mut();
    let services = clusters.into_iter().flatten().filter_map(|cluster| cluster.get_mut("services")?.as_array_mut());
    for service in services.flatten().filter_map(Value::as_object_mut) {
        let mut unknown = Map::new();
        take::<ServiceType>(service, "type", &mut unknown);
        take::<TrafficPolicy>(service, "externalTrafficPolicy", &mut unknown);
        if let Some(families) = service.get_mut("ipFamilies").and_then(Value::as_array_mut) {
            for family in families.extract_if(.., |family| is_unknown::<IpFamily>(family)) {
                unknown.insert("spec.ipFamilies".to_owned(), family);
            }
        }
        if !unknown.is_empty() {
            service.insert("unknown".to_owned(), unknown.into());
        }
    }
}

fn take<T: DeserializeOwned>(service: &mut Map<String, Value>, key: &str, unknown: &mut Map<String, Value>) {
    if service.get(key).is_some_and(is_unknown::<T>) {
        unknown.extend(service.shift_remove(key).map(|value| (format!("spec.{key}"), value)));
    }
}

/// Whether it is a word, and none of those that `T` has.
fn is_unknown<T: DeserializeOwned>(value: &Value) -> bool {
    value.is_string() && serde_json::from_value::<T>(value.clone()).is_err()
}
