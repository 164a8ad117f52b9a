#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::chart::chart_version::Chart;
use thanosctl::chart::validate::Subject;

fuzz_target!(|text: &str| {
    for (name, version) in [("bitnami/thanos", "17.3.1"), ("bitnami/thanos", "2.4.1"), ("stevehipwell/thanos", "1.24.1")] {
        let chart = Chart::find(name, Some(version)).expect("the chart is known");
        let _ = Subject { chart: &chart, wrapper: None, release: Some("obs"), namespace: Some("obs") }.check("values.yaml", text);
    }
});
