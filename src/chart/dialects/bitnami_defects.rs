//! Versions of bitnami/thanos with a known defect. The spans were measured: every version was rendered with real Helm, with
//! the values that a row names.

use crate::chart::part::Component;
use crate::chart::quirks::{Defect, Trigger};
use crate::chart::version::{Span, Version};

/// Objects of the object store's Secret are mounted where its file should be, so that Thanos finds a folder.
const fn folder(when: &'static [Trigger], last: Version) -> Defect {
    Defect {
        span: Span::between(Version(2, 1, 0), last),
        when,
        what: "it mounts the object store's configuration as a folder, and Thanos reads a file",
        instead: "",
        report: "bitnami/charts#3359, bitnami/charts#3396",
    }
}

const SHARDS: &[Trigger] = &[Trigger::On(Component::Storegateway), Trigger::Given("storegateway.sharded.enabled")];

/// Each of these looks for `.Values` inside of the loop over the shards, or for a helper that is not there.
const fn shards(first: Version, last: Version, when: &'static [Trigger], report: &'static str) -> Defect {
    Defect {
        span: Span::between(first, last),
        when,
        what: "its templates of a sharded store gateway fail",
        instead: "",
        report,
    }
}

/// The configuration of a cache for all shards: not where their flags say, and later under two flags.
const fn shard_cache(first: Version, last: Version, when: &'static [Trigger]) -> Defect {
    Defect {
        span: Span::between(first, last),
        when,
        what: "its shards do not find their caches' configuration, and crash",
        instead: "",
        report: "bitnami/charts#26503, bitnami/charts#26490, bitnami/charts, tag thanos/15.7.21",
    }
}

/// The configuration of a cache that the Secret with the object store's should hold, and does not.
const fn lost_cache(when: &'static [Trigger]) -> Defect {
    Defect {
        span: Span::between(Version(14, 0, 2), Version(15, 2, 0)),
        when,
        what: "its store gateway reads its caches' configuration from a Secret that lacks it, and crashes",
        instead: "",
        report: "bitnami/charts#25242",
    }
}

/// What is rendered is no YAML.
const fn broken(
    first: Version,
    last: Version,
    when: &'static [Trigger],
    what: &'static str,
    report: &'static str,
) -> Defect {
    Defect { span: Span::between(first, last), when, what, instead: "", report }
}

const SECRETS: &str = "its template for the certificates of an Ingress (`ingress.secrets`) fails";

const QUERY_SECRETS: &[Trigger] = &[Trigger::Given("query.ingress.secrets"), Trigger::Given("query.ingress.enabled")];
const FRONTEND_SECRETS: &[Trigger] =
    &[Trigger::Given("queryFrontend.ingress.secrets"), Trigger::Given("queryFrontend.ingress.enabled")];
const BUCKETWEB_SECRETS: &[Trigger] = &[
    Trigger::Given("bucketweb.ingress.secrets"),
    Trigger::Given("bucketweb.ingress.enabled"),
    Trigger::Given("bucketweb.enabled"),
];
const RECEIVE_SECRETS: &[Trigger] = &[
    Trigger::Given("receive.ingress.secrets"),
    Trigger::Given("receive.ingress.enabled"),
    Trigger::Given("receive.enabled"),
];

const SCALED_AGAIN: &str = "bitnami/charts, tag thanos/11.5.4";

const SCALED: &str = "its templates of the autoscaler render no YAML";

pub(super) const DEFECTS: &[Defect] = &[
    broken(Version(3, 1, 0), Version(3, 8, 0), QUERY_SECRETS, SECRETS, "bitnami/charts, tag thanos/3.8.1"),
    broken(Version(5, 1, 0), Version(6, 0, 14), QUERY_SECRETS, SECRETS, "bitnami/charts, tag thanos/7.0.0"),
    broken(Version(2, 5, 0), Version(5, 2, 5), FRONTEND_SECRETS, SECRETS, "bitnami/charts, tag thanos/5.2.6"),
    broken(Version(2, 4, 0), Version(3, 8, 0), BUCKETWEB_SECRETS, SECRETS, "bitnami/charts, tag thanos/3.8.1"),
    broken(Version(5, 1, 0), Version(5, 2, 5), BUCKETWEB_SECRETS, SECRETS, "bitnami/charts, tag thanos/5.2.6"),
    broken(Version(3, 5, 0), Version(3, 8, 0), RECEIVE_SECRETS, SECRETS, "bitnami/charts, tag thanos/3.8.1"),
    broken(Version(5, 1, 0), Version(5, 2, 5), RECEIVE_SECRETS, SECRETS, "bitnami/charts, tag thanos/5.2.6"),
    broken(
        Version(3, 11, 0),
        Version(3, 11, 1),
        &[Trigger::Given("receive.enabled")],
        "its templates of the receiver render no YAML",
        "bitnami/charts, tag thanos/3.11.2",
    ),
    broken(
        Version(7, 0, 0),
        Version(7, 1, 0),
        &[Trigger::Given("receiveDistributor.enabled")],
        "its templates of the distributor render no YAML",
        "bitnami/charts, tag thanos/8.1.0",
    ),
    broken(
        Version(8, 0, 0),
        Version(8, 0, 2),
        &[Trigger::Given("receiveDistributor.enabled")],
        "its templates of the distributor render no YAML",
        "bitnami/charts, tag thanos/8.1.0",
    ),
    broken(Version(11, 5, 3), Version(11, 5, 3), &[Trigger::Given("query.autoscaling.enabled")], SCALED, SCALED_AGAIN),
    broken(
        Version(11, 5, 3),
        Version(11, 5, 3),
        &[Trigger::Given("queryFrontend.autoscaling.enabled")],
        SCALED,
        SCALED_AGAIN,
    ),
    broken(
        Version(11, 5, 3),
        Version(11, 5, 3),
        &[Trigger::Given("bucketweb.enabled"), Trigger::Given("bucketweb.autoscaling.enabled")],
        SCALED,
        SCALED_AGAIN,
    ),
    broken(
        Version(11, 5, 3),
        Version(11, 5, 3),
        &[Trigger::Given("storegateway.enabled"), Trigger::Given("storegateway.autoscaling.enabled")],
        SCALED,
        SCALED_AGAIN,
    ),
    broken(
        Version(11, 5, 3),
        Version(11, 5, 3),
        &[Trigger::Given("receive.enabled"), Trigger::Given("receive.autoscaling.enabled")],
        SCALED,
        SCALED_AGAIN,
    ),
    folder(&[Trigger::On(Component::Bucketweb)], Version(2, 1, 1)),
    folder(&[Trigger::On(Component::Compactor)], Version(2, 1, 1)),
    folder(&[Trigger::On(Component::Storegateway)], Version(2, 1, 1)),
    folder(&[Trigger::On(Component::Ruler)], Version(2, 3, 0)),
    Defect {
        span: Span::until(Version(2, 3, 1)),
        when: &[Trigger::On(Component::Ruler), Trigger::Given("existingObjstoreSecretItems")],
        what: "with another key than objstore.yml it mounts the object store's configuration over the rules",
        instead: "",
        report: "bitnami/charts#3452",
    },
    shards(Version(5, 3, 0), Version(5, 3, 0), SHARDS, "bitnami/charts, tag thanos/5.3.1"),
    shards(Version(7, 0, 0), Version(7, 0, 1), SHARDS, "bitnami/charts#7935"),
    shards(Version(10, 3, 0), Version(10, 3, 3), SHARDS, "bitnami/charts#9762"),
    shards(Version(12, 4, 0), Version(12, 4, 1), SHARDS, "bitnami/charts#15827"),
    shards(Version(12, 22, 0), Version(12, 22, 1), SHARDS, "bitnami/charts#22751"),
    shards(Version(14, 0, 1), Version(14, 0, 1), SHARDS, "bitnami/charts#24603"),
    shards(
        Version(14, 0, 2),
        Version(15, 2, 1),
        &[
            Trigger::On(Component::Storegateway),
            Trigger::NotGiven("existingObjstoreSecret"),
            Trigger::Given("storegateway.sharded.enabled"),
        ],
        "bitnami/charts#24733, bitnami/charts#24737",
    ),
    shards(Version(15, 7, 4), Version(15, 7, 5), SHARDS, "bitnami/charts#27101"),
    shards(Version(17, 1, 0), Version(17, 1, 0), SHARDS, "bitnami/charts, tag thanos/17.2.0"),
    shards(Version(17, 2, 0), Version(17, 2, 2), SHARDS, "bitnami/charts#35238"),
    shard_cache(
        Version(15, 2, 2),
        Version(15, 4, 1),
        &[
            Trigger::On(Component::Storegateway),
            Trigger::NotGiven("existingObjstoreSecret"),
            Trigger::Given("indexCacheConfig"),
            Trigger::Given("storegateway.sharded.enabled"),
        ],
    ),
    shard_cache(
        Version(15, 2, 2),
        Version(15, 4, 1),
        &[
            Trigger::On(Component::Storegateway),
            Trigger::NotGiven("existingObjstoreSecret"),
            Trigger::NotGiven("indexCacheConfig"),
            Trigger::Given("bucketCacheConfig"),
            Trigger::Given("storegateway.sharded.enabled"),
        ],
    ),
    shard_cache(
        Version(15, 4, 2),
        Version(15, 7, 20),
        &[
            Trigger::On(Component::Storegateway),
            Trigger::Given("indexCacheConfig"),
            Trigger::Given("storegateway.sharded.enabled"),
        ],
    ),
    shard_cache(
        Version(15, 4, 2),
        Version(15, 7, 20),
        &[
            Trigger::On(Component::Storegateway),
            Trigger::NotGiven("indexCacheConfig"),
            Trigger::Given("bucketCacheConfig"),
            Trigger::Given("storegateway.sharded.enabled"),
        ],
    ),
    lost_cache(&[
        Trigger::On(Component::Storegateway),
        Trigger::NotGiven("storegateway.sharded.enabled"),
        Trigger::NotGiven("existingObjstoreSecret"),
        Trigger::Given("indexCacheConfig"),
    ]),
    lost_cache(&[
        Trigger::On(Component::Storegateway),
        Trigger::NotGiven("storegateway.sharded.enabled"),
        Trigger::NotGiven("existingObjstoreSecret"),
        Trigger::NotGiven("indexCacheConfig"),
        Trigger::Given("bucketCacheConfig"),
    ]),
    Defect {
        span: Span::between(Version(15, 10, 0), Version(15, 13, 1)),
        when: &[Trigger::WithoutFlag(Component::Ruler, "rule-file"), Trigger::On(Component::Ruler)],
        what: "it puts quotes inside of --rule-file, so that the ruler finds no rules and says nothing",
        instead: "add `--rule-file=/conf/rules/*.yml` to `ruler.extraFlags`",
        report: "bitnami/charts#31525",
    },
];
