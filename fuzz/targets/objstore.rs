#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::thanos::objstore::{check_caching_bucket, check_document, check_index_cache};
use thanosctl::thanos::thanos_version::ThanosVersion;

fuzz_target!(|text: &str| {
    for version in [None, Some(ThanosVersion::new(0, 12, 2))] {
        let _ = check_document("objstore.yml", text, version);
        let _ = check_index_cache("cache.yml", text, version);
        let _ = check_caching_bucket("cache.yml", text, version);
    }
});
