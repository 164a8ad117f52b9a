#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::chart::starred;

fuzz_target!(|text: &str| {
    // What is shown has the lines of the text, whatever is in it.
    let shown = starred(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
    // A secret in a document that can be read is seen nowhere.
    let planted = format!("password: \"hunter2 planted\"\n{text}");
    assert!(!starred(&planted).lines().next().unwrap_or_default().contains("hunter2"));
});
