#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::settings::Settings;

fuzz_target!(|text: &str| {
    let _ = Settings::parse("thanosctl.yaml", text);
});
