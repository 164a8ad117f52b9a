//! More Services than one page holds.

use super::clusters::shared;
use super::discover::{endpoint, service};
use super::objects::{balanced, bystander, sidecar};
use crate::program::Room;

#[test]
#[ignore = "needs the rig: run tests/rig/build, then cargo test -- --include-ignored"]
fn a_sidecar_on_the_second_page_is_found() {
    let clusters = shared();
    clusters.namespace("large");
    let us = clusters.cluster("us");
    // Lists come sorted by name, 500 to a page.
    us.create_all((0..620).map(|index| bystander("large", &format!("shop-{index:03}"))));
    us.create(sidecar("large", "zz-thanos", "LoadBalancer", 10901));
    us.service_status("large", "zz-thanos", &balanced("203.0.113.9"));

    let room = Room::new();
    clusters.kubeconfig(&room, &["us"]);
    // Once for the namespace, once for the whole cluster, where other tests have Services too.
    for scope in [["-n", "large"].as_slice(), &["-A"]] {
        let common = ["discover", "-o", "json", "--kubeconfig", "kubeconfig"].as_slice();
        let found = room.run(&[common, scope].concat()).exits(0).json();
        assert_eq!(endpoint(service(&found, "us", "zz-thanos")).0, "203.0.113.9:10901");
    }
}
