#![no_main]

use libfuzzer_sys::fuzz_target;
use thanosctl::fleet::inventory_file;
use thanosctl::fleet::discovery::{Discovery, FleetPolicy};

fuzz_target!(|text: &str| {
    if let Ok(inventory) = inventory_file::parse("fleet.yaml", "fleet", text) {
        let policy = FleetPolicy::default();
        let _ = Discovery::conclude(&inventory, &policy).endpoints(&[]);
    }
});
