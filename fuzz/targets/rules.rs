#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::thanos::alertmanagers::check_alertmanagers;
use thanosctl::thanos::rules::check_document;

fuzz_target!(|text: &str| {
    let _ = check_document("rules.yaml", text);
    let _ = check_alertmanagers("alertmanagers.yaml", text);
});
