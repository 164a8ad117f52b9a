#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::settings_file::Settings;

fuzz_target!(|text: &str| {
    let _ = Settings::parse("thanosctl.yaml", text);
});
