//! What is wrong in a values file: how Helm reads it, and what the chart makes of it: THC200 to THC249.

use super::explanation::Explanation;
use crate::findings::code::{Code, Severity};

/// A text that is no YAML.
pub const BROKEN_YAML: Code = Code(200);
/// A key that stands twice in one mapping.
pub const DUPLICATE_KEY: Code = Code(201);
/// A second document, which Helm does not read.
pub const SECOND_DOCUMENT: Code = Code(202);
/// A file whose values are no mapping.
pub const NO_MAPPING: Code = Code(203);
/// A word that Helm reads as true or false.
pub const WORD_FOR_BOOLEAN: Code = Code(204);
/// A number that Helm reads as another one.
pub const NUMBER_READ_OTHERWISE: Code = Code(205);
/// A key that Helm reads as another one.
pub const KEY_READ_OTHERWISE: Code = Code(206);
/// A merge that replaces a key before it.
pub const MERGE_OVERRIDES: Code = Code(207);
/// A section with nothing in it, which takes away the chart's defaults.
pub const EMPTY_SECTION: Code = Code(208);
/// A character that nobody sees.
pub const INVISIBLE_CHARACTER: Code = Code(209);
/// A key that the chart does not know.
pub const UNKNOWN_KEY: Code = Code(210);
/// A key that the chart renamed.
pub const RENAMED_KEY: Code = Code(211);
/// A key that only other versions of the chart know.
pub const KEY_OF_ANOTHER_VERSION: Code = Code(212);
/// A key that belongs below another one.
pub const MISPLACED_KEY: Code = Code(213);
/// A value of another type than the chart reads.
pub const WRONG_TYPE: Code = Code(214);
/// A number or a boolean where Kubernetes wants a text.
pub const NOT_A_TEXT: Code = Code(215);
/// A key of older versions that wins over the present one.
pub const SHADOWING_KEY: Code = Code(216);
/// A value that Kubernetes or Thanos refuse.
pub const WRONG_VALUE: Code = Code(217);
/// A value that another one makes void.
pub const WITHOUT_EFFECT: Code = Code(218);
/// More copies of each sample than receivers.
pub const REPLICATION_FACTOR: Code = Code(219);
/// A component without the object store that it needs.
pub const NO_OBJSTORE: Code = Code(220);
/// A ruler that knows no Alertmanager.
pub const RULER_WITHOUT_ALERTMANAGERS: Code = Code(221);
/// Two ways to the Alertmanagers that exclude each other.
pub const ALERTMANAGERS_TWICE: Code = Code(222);
/// A ruler without rules.
pub const RULER_WITHOUT_RULES: Code = Code(223);
/// A list that has not one entry for each shard.
pub const SHARD_LISTS: Code = Code(224);
/// A receiver that shall scale and stands alone.
pub const STANDALONE_RECEIVER: Code = Code(225);
/// TLS that lacks a part of what the chart requires.
pub const INCOMPLETE_TLS: Code = Code(226);
/// A variable that only Prometheus knows, where Helm looks first.
pub const UNDECLARED_VARIABLE: Code = Code(227);
/// A template that Helm cannot read.
pub const BROKEN_TEMPLATE: Code = Code(228);
/// An image that the chart refuses.
pub const IMAGE_REFUSED: Code = Code(229);
/// A value that the chart's schema refuses.
pub const AGAINST_SCHEMA: Code = Code(230);
/// A name that is too long for Kubernetes.
pub const LONG_NAME: Code = Code(231);
/// A key of the chart's values.yaml that no template reads.
pub const DEAD_KEY: Code = Code(232);
/// A defect of the chart's version that the values meet.
pub const KNOWN_DEFECT: Code = Code(233);
/// A node port that the chart gives to two ports.
pub const SHARED_NODE_PORT: Code = Code(235);
/// A flag that this version of Thanos no longer has.
pub const REMOVED_FLAG: Code = Code(236);
/// A MinIO whose password is made up each time.
pub const RANDOM_PASSWORD: Code = Code(237);
/// A name for MinIO that may not be the one of its Service.
pub const MINIO_NAME: Code = Code(238);
/// Other credentials than those of the bundled MinIO.
pub const CREDENTIALS_DIFFER: Code = Code(239);
/// An image that can no longer be pulled.
pub const IMAGE_GONE: Code = Code(240);
/// A flag that the chart gives by itself.
pub const FLAG_TWICE: Code = Code(241);
/// A flag that Thanos does not have.
pub const UNKNOWN_FLAG: Code = Code(242);
/// A flag without its value, or with one that it does not take.
pub const FLAG_VALUE: Code = Code(243);
/// A store that Thanos cannot dial.
pub const BAD_STORE: Code = Code(244);
/// A store that stands twice in the list.
pub const STORE_TWICE: Code = Code(245);
/// A URL of an Alertmanager to which no alert can be sent.
pub const BAD_ALERTMANAGER: Code = Code(246);
/// A node port that is out of range.
pub const BAD_NODE_PORT: Code = Code(247);
/// A node port that is given twice.
pub const NODE_PORT_TWICE: Code = Code(248);
/// A store with the port of HTTP.
pub const HTTP_PORT: Code = Code(249);

/// The kinds, in the order of their codes.
pub(super) static KINDS: &[Explanation] = &[
    Explanation {
        code: BROKEN_YAML,
        name: "broken-yaml",
        severity: Severity::Error,
        summary: "a text that is no YAML",
        meaning: "Helm refuses the file as a whole: nothing of it is installed. The place is where the parser gave \
                  up; what is wrong often stands a line or two before it.",
        remedy: "Mend that line. A tab that indents becomes blanks, a text that holds `: ` or ` #`, or begins with \
                 `{`, `[`, `*`, `&`, `!`, `%`, `@` or a backquote goes into quotes, and a template (`{{`) is \
                 rendered before it is checked.",
    },
    Explanation {
        code: DUPLICATE_KEY,
        name: "duplicate-key",
        severity: Severity::Error,
        summary: "a key that stands twice in one mapping",
        meaning: "Helm takes the last one in silence: what stands below the first is lost, all of it. It happens \
                  when two blocks of a long file, such as two `query:`, are written at different times.",
        remedy: "Put what stands below both into one of them and delete the other.",
    },
    Explanation {
        code: SECOND_DOCUMENT,
        name: "second-document",
        severity: Severity::Error,
        summary: "a second document, which Helm does not read",
        meaning: "Behind a line `---` another document begins. Of a values file Helm reads the first document alone, \
                  and says nothing.",
        remedy: "Put it into a file of its own, and give Helm both (`-f one.yaml -f two.yaml`).",
    },
    Explanation {
        code: NO_MAPPING,
        name: "no-mapping",
        severity: Severity::Error,
        summary: "a file whose values are no mapping",
        meaning: "Values are keys and what they say. This file is a list or one single text, which Helm refuses.",
        remedy: "Write `key: value` with a blank behind the colon; of a list, the key that it belongs to is missing \
                 above it.",
    },
    Explanation {
        code: WORD_FOR_BOOLEAN,
        name: "word-for-boolean",
        severity: Severity::Warning,
        summary: "a word that Helm reads as true or false",
        meaning: "Helm reads YAML 1.1: `y`, `yes`, `on` without quotes are true, `n`, `no`, `off` are false. Where a \
                  text is meant, the chart gets `true` or `false` for it: an error where the chart takes a text there. \
                  Where it takes true or false it is only a note, since it works.",
        remedy: "Write `true` or `false`, or put the word in quotes if it is a text.",
    },
    Explanation {
        code: NUMBER_READ_OTHERWISE,
        name: "number-read-otherwise",
        severity: Severity::Warning,
        summary: "a number that Helm reads as another one",
        meaning: "Helm reads YAML 1.1 and keeps numbers as 64-bit floats: `0777` and `0o777` are 511, `1_000` is \
                  1000, `1.10` is 1.1, and in a text that a template composes 12345678 becomes `1.2345678e+07`. \
                  Digits beyond 2^53 are lost. Where the chart takes a text it is an error.",
        remedy: "Put it in quotes if it is a text (a tag, a password, an account number); else write the number that \
                 is meant, in decimal digits.",
    },
    Explanation {
        code: KEY_READ_OTHERWISE,
        name: "key-read-otherwise",
        severity: Severity::Error,
        summary: "a key that Helm reads as another one",
        meaning: "A key without quotes is read like any value: `on`, `yes` and `y` become the key `true`, `off`, \
                  `no` and `n` become `false`, `0777` becomes `511`. Whoever asks for the key as it is written finds \
                  nothing.",
        remedy: "Put the key in quotes.",
    },
    Explanation {
        code: MERGE_OVERRIDES,
        name: "merge-overrides",
        severity: Severity::Warning,
        summary: "a merge that replaces a key before it",
        meaning: "By the specification of YAML a key of the mapping itself wins over what `<<` merges into it. \
                  Helm's parser goes from top to bottom: a `<<` replaces keys that stand before it.",
        remedy: "Put `<<` first in its mapping.",
    },
    Explanation {
        code: EMPTY_SECTION,
        name: "empty-section",
        severity: Severity::Error,
        summary: "a section with nothing in it, which takes away the chart's defaults",
        meaning: "A key with nothing behind it is null, and by null Helm deletes the chart's own value. Below this \
                  key the chart has others, which its templates ask for: they fail with `nil pointer evaluating`. It \
                  happens when all lines of a section are commented out.",
        remedy: "Delete the key, comment it out as well, or write `{}` behind it.",
    },
    Explanation {
        code: INVISIBLE_CHARACTER,
        name: "invisible-character",
        severity: Severity::Warning,
        summary: "a character that nobody sees",
        meaning: "A key or a value holds a character that is not shown, such as a no-break space, a zero-width mark \
                  or a mark that turns the reading direction. It came with a copy from a web page or a chat, and \
                  makes another key or value of it.",
        remedy: "Type the line anew. If the character is meant, write it as an escape in double quotes (`\\u00A0`).",
    },
    Explanation {
        code: UNKNOWN_KEY,
        name: "unknown-key",
        severity: Severity::Error,
        summary: "a key that the chart does not know",
        meaning: "No template of the chart in this version reads the key. Helm says nothing about it, and what it \
                  should set stays as it was.",
        remedy: "Mend the key: the nearest one is told. If the file is right, the chart or its version may be \
                 another: `--chart`, `--chart-version`.",
    },
    Explanation {
        code: RENAMED_KEY,
        name: "renamed-key",
        severity: Severity::Error,
        summary: "a key that the chart renamed",
        meaning: "An older version of the chart, or a newer one, calls it by this name. This version does not read \
                  it, says nothing, and uses its default.",
        remedy: "Use the name that is told, or check the file for the version of the chart that it was written for: \
                 `--chart-version VERSION`.",
    },
    Explanation {
        code: KEY_OF_ANOTHER_VERSION,
        name: "key-of-another-version",
        severity: Severity::Error,
        summary: "a key that only other versions of the chart know",
        meaning: "The chart reads this key in other versions, but not in this one, and nothing took its place. Helm \
                  says nothing about it.",
        remedy: "Take another version of the chart, or leave the key out.",
    },
    Explanation {
        code: MISPLACED_KEY,
        name: "misplaced-key",
        severity: Severity::Error,
        summary: "a key that belongs below another one",
        meaning: "The chart knows the key in another place. Often a block has lost its indentation and became a key \
                  of the top, or has one level too many.",
        remedy: "Put it where it belongs: the place is told.",
    },
    Explanation {
        code: WRONG_TYPE,
        name: "wrong-type",
        severity: Severity::Error,
        summary: "a value of another type than the chart reads",
        meaning: "The chart wants a list where a text stands, true or false where a text in quotes stands (which is \
                  always true to a template), or a mapping where a single value stands. It then fails, or renders \
                  something that nobody meant.",
        remedy: "Write the type that is told.",
    },
    Explanation {
        code: NOT_A_TEXT,
        name: "not-a-text",
        severity: Severity::Error,
        summary: "a number or a boolean where Kubernetes wants a text",
        meaning: "Labels, annotations, node selectors and values of environment variables are texts in Kubernetes. \
                  The chart hands on what stands here as it is, and the API server refuses a number, true or false.",
        remedy: "Put it in quotes.",
    },
    Explanation {
        code: SHADOWING_KEY,
        name: "shadowing-key",
        severity: Severity::Warning,
        summary: "a key of older versions that wins over the present one",
        meaning: "This version of the chart still reads the old key, and what stands there wins over what stands \
                  below the new one. From 13.0.0 on the old key is ignored in silence.",
        remedy: "Move what stands below it to the new key.",
    },
    Explanation {
        code: WRONG_VALUE,
        name: "wrong-value",
        severity: Severity::Error,
        summary: "a value that the chart hands on and that is refused there",
        meaning: "The chart takes any text here and hands it on: the type of a Service or the size of a disk to Kubernetes, which refuses \
                  the object, a duration to Thanos, which does not start.",
        remedy: "Write it as the hint says. Durations of Thanos have a unit (`30d`); sizes are those of Kubernetes (`8Gi`, and not `8GB`).",
    },
    Explanation {
        code: WITHOUT_EFFECT,
        name: "without-effect",
        severity: Severity::Warning,
        summary: "a value that another one makes void",
        meaning: "The chart reads this key only while another one is not set, or does not ask for it with the type of \
                  Service that is chosen. Helm says nothing, and what stands here has no effect.",
        remedy: "Delete the one that is not meant; the message names the other.",
    },
    Explanation {
        code: REPLICATION_FACTOR,
        name: "replication-factor",
        severity: Severity::Error,
        summary: "more copies of each sample than receivers in the hashring",
        meaning: "Thanos writes each sample to as many endpoints of the hashring as the replication factor says. A \
                  hashring with fewer endpoints refuses every write: `insufficient nodes`.",
        remedy: "Lower the replication factor, or name more endpoints. bitnami/thanos follows `receive.replicaCount` with \
                 `receive.service.additionalHeadless: true` and no `receive.config`; otherwise its hashring has one endpoint.",
    },
    Explanation {
        code: NO_OBJSTORE,
        name: "no-objstore",
        severity: Severity::Error,
        summary: "a component without the object store that it needs",
        meaning: "The component is on, and the values name no object store. The chart fails on install: `objstore \
                  configuration` (its NOTES.txt).",
        remedy: "Set `objstoreConfig`, or name a Secret in `existingObjstoreSecret`.",
    },
    Explanation {
        code: RULER_WITHOUT_ALERTMANAGERS,
        name: "ruler-without-alertmanagers",
        severity: Severity::Error,
        summary: "a ruler that knows no Alertmanager",
        meaning: "The ruler is on, and the values do not say where its alerts go. The chart fails on install: `ruler \
                  alertmanagers` (its NOTES.txt).",
        remedy: "Set `ruler.alertmanagers: [http://HOST:9093]`.",
    },
    Explanation {
        code: ALERTMANAGERS_TWICE,
        name: "alertmanagers-twice",
        severity: Severity::Error,
        summary: "two ways to the Alertmanagers that exclude each other",
        meaning: "Both `ruler.alertmanagers` and `ruler.alertmanagersConfig` are set, and the chart takes one of \
                  them. It fails on install.",
        remedy: "Delete one of them.",
    },
    Explanation {
        code: RULER_WITHOUT_RULES,
        name: "ruler-without-rules",
        severity: Severity::Error,
        summary: "a ruler without rules",
        meaning: "The ruler is on, and the values name no rules. The chart fails on install: `ruler configuration` \
                  (its NOTES.txt). The folder `files/conf/` that its message offers does not exist in the chart.",
        remedy: "Set `ruler.config`, or name a ConfigMap in `ruler.existingConfigmap`.",
    },
    Explanation {
        code: SHARD_LISTS,
        name: "shard-lists",
        severity: Severity::Error,
        summary: "a list that has not one entry for each shard",
        meaning: "The store gateway is sharded, and a list of its Service has another number of entries than there \
                  are shards. The chart fails on install.",
        remedy: "Give the list one entry a shard, or leave it out.",
    },
    Explanation {
        code: STANDALONE_RECEIVER,
        name: "standalone-receiver",
        severity: Severity::Error,
        summary: "a receiver that shall scale and stands alone",
        meaning: "`receive.autoscaling.enabled` is true, and the receiver keeps its hashring to itself \
                  (`receive.mode: standalone`). The chart fails on install.",
        remedy: "Set `receive.mode: dual-mode`, or leave autoscaling out.",
    },
    Explanation {
        code: INCOMPLETE_TLS,
        name: "incomplete-tls",
        severity: Severity::Error,
        summary: "TLS that lacks a part of what the chart requires",
        meaning: "TLS is on, and the chart requires certificate, key and CA, or a Secret that holds them. It fails \
                  on install: `is required`.",
        remedy: "Name a Secret in `existingSecret`. To trust a CA alone, leave TLS out here and set \
                 `query.extraFlags` with `query.extraVolumes`.",
    },
    Explanation {
        code: UNDECLARED_VARIABLE,
        name: "undeclared-variable",
        severity: Severity::Error,
        summary: "a variable that only Prometheus knows, where Helm looks first",
        meaning: "The chart runs this text through Helm's `tpl`. Helm takes `{{ $labels.x }}` and `{{ $value }}` for \
                  its own, and fails: `undefined variable`.",
        remedy: "Escape it, so that Helm prints it: write {{`{{ $labels.x }}`}} with the backquotes. `thanosctl \
                 gen-values` escapes rule files by itself.",
    },
    Explanation {
        code: BROKEN_TEMPLATE,
        name: "broken-template",
        severity: Severity::Error,
        summary: "a template that Helm cannot read",
        meaning: "The chart runs this text through Helm's `tpl`, so each `{{` in it begins an action of a template. \
                  This one does not end, or ends in another line of thought: Helm fails on install.",
        remedy: "If the braces are meant as they are, write {{ `{{` }} with the backquotes for each `{{`.",
    },
    Explanation {
        code: IMAGE_REFUSED,
        name: "image-refused",
        severity: Severity::Error,
        summary: "an image that the chart refuses",
        meaning: "The chart refuses images other than its own (`Original containers have been substituted`) unless \
                  it is told that they are meant: bitnami/charts#30850.",
        remedy: "Set `global.security.allowInsecureImages: true`.",
    },
    Explanation {
        code: AGAINST_SCHEMA,
        name: "against-schema",
        severity: Severity::Error,
        summary: "a value that the chart's schema refuses",
        meaning: "This version of the chart ships a schema (values.schema.json), and Helm checks the values against \
                  it before it renders: `values don't meet the specifications of the schema`.",
        remedy: "Write the type that is told.",
    },
    Explanation {
        code: LONG_NAME,
        name: "long-name",
        severity: Severity::Error,
        summary: "a name that is too long for Kubernetes",
        meaning: "The names of the objects grow with the name of the release, and one of them passes the limit. The \
                  chart cuts some names and not others, so that objects do not find each other.",
        remedy: "Choose a shorter release name, or set a short `fullnameOverride`.",
    },
    Explanation {
        code: DEAD_KEY,
        name: "dead-key",
        severity: Severity::Error,
        summary: "a key of the chart's values.yaml that no template reads",
        meaning: "The chart's own values.yaml and README have the key, but no template of this version reads it. What it is \
                  set to has no effect. The same value as in the chart's values.yaml is no finding: it does nothing, and \
                  nothing was meant to change.",
        remedy: "Set the key that the hint names, where there is one; else delete the key, and use flags or another version \
                 of the chart.",
    },
    Explanation {
        code: KNOWN_DEFECT,
        name: "known-defect",
        severity: Severity::Error,
        summary: "a defect of this version of the chart that the values meet",
        meaning: "This version of the chart is known to fail, or to ignore something, with values such as these: it does not \
                  render, it is refused, or a component starts without what it needs.",
        remedy: "Take the version of the chart that the hint names, or change the values as it says.",
    },
    Explanation {
        code: SHARED_NODE_PORT,
        name: "shared-node-port",
        severity: Severity::Error,
        summary: "a node port that the chart gives to two ports",
        meaning: "From 7.0.0 to 8.1.0 the chart takes the node port of the gRPC port from \
                  `query.service.nodePorts.http`. Both ports then ask for one node port, and the API server refuses \
                  the Service.",
        remedy: "Take 8.1.1 or later, leave both node ports empty, or make the Service a LoadBalancer.",
    },
    Explanation {
        code: REMOVED_FLAG,
        name: "removed-flag",
        severity: Severity::Error,
        summary: "a flag that this version of Thanos does not have",
        meaning: "The component is given a flag that the release of Thanos which runs does not have: it was removed before, or \
                  came later. It ends at once, again and again. bitnami/thanos up to 11.1.0, thanos-community/thanos up to 0.3.2 \
                  and stevehipwell/thanos up to 1.10.2 pass stores as `--store`, which Thanos 0.38.0 removed.",
        remedy: "Leave the flag out, or take an image of a release that has it. For `--store`: a later version of the chart, or \
                 an image before 0.38.",
    },
    Explanation {
        code: RANDOM_PASSWORD,
        name: "random-password",
        severity: Severity::Warning,
        summary: "a MinIO whose password is made up each time",
        meaning: "The bundled MinIO is on, and no key that this version reads gives its password. The chart makes \
                  one up, and another one each time it is rendered without a cluster; the object store configuration \
                  cannot know it.",
        remedy: "Set `minio.auth.rootUser` and `minio.auth.rootPassword` (up to 6.0.14: `minio.accessKey.password` \
                 and `minio.secretKey.password`), or name a Secret in `minio.auth.existingSecret`.",
    },
    Explanation {
        code: MINIO_NAME,
        name: "minio-name",
        severity: Severity::Warning,
        summary: "a name for MinIO that may not be the one of its Service",
        meaning: "From 3.3.0 on `thanos.minio.fullname` gives `<release>-thanos-minio` when the name of the release \
                  does not contain `thanos`, and the Service of the bundled MinIO is `<release>-minio`: \
                  bitnami/charts#12673. The store then finds no host.",
        remedy: "Write the name of the Service: {{ .Release.Name }}-minio.{{ .Release.Namespace \
                 }}.svc.cluster.local:9000, which is `RELEASE-minio`, or `RELEASE` alone when that contains `minio`.",
    },
    Explanation {
        code: CREDENTIALS_DIFFER,
        name: "credentials-differ",
        severity: Severity::Error,
        summary: "other credentials than those of the bundled MinIO",
        meaning: "The object store is the bundled MinIO, and the credentials in its configuration are not those that \
                  MinIO is given. Every request is refused.",
        remedy: "Let `access_key` and `secret_key` be `minio.auth.rootUser` and `minio.auth.rootPassword`.",
    },
    Explanation {
        code: IMAGE_GONE,
        name: "image-gone",
        severity: Severity::Warning,
        summary: "an image that can no longer be pulled",
        meaning: "Since 2025-09-29 versioned images are no longer under `docker.io/bitnami` \
                  (bitnami/containers#83267): new nodes cannot pull them.",
        remedy: "Take the same tag from `docker.io/bitnamilegacy`, which gets no updates, or \
                 `quay.io/thanos/thanos`. From 15.9.0 to 17.3.0 the chart wants \
                 `global.security.allowInsecureImages: true` for both, later for the second.",
    },
    Explanation {
        code: FLAG_TWICE,
        name: "flag-twice",
        severity: Severity::Error,
        summary: "a flag that the chart gives by itself",
        meaning: "The chart passes this flag to the component, and `extraFlags` (or `extraArgs`) pass it again. Thanos takes it once and \
                  ends with `flag cannot be repeated`.",
        remedy: "Delete it from the extra flags, and set the chart's key for it, such as `logLevel` for `--log.level`.",
    },
    Explanation {
        code: UNKNOWN_FLAG,
        name: "unknown-flag",
        severity: Severity::Error,
        summary: "a flag that Thanos does not have",
        meaning: "The component is given a flag that no release of Thanos has for it. It ends at once, again and again: \
                  `unknown long flag`. Flags are not abbreviated, have two dashes, and differ between components.",
        remedy: "Write the flag as `thanos COMPONENT --help` has it: the nearest one is told.",
    },
    Explanation {
        code: FLAG_VALUE,
        name: "flag-value",
        severity: Severity::Error,
        summary: "a flag without its value, or with one that it does not take",
        meaning: "Each item of the list is one argument. Thanos takes `--flag=value` or `--flag` and `value` as two items, and \
                  a switch as `--flag` or `--no-flag` without a value. With anything else it ends at once.",
        remedy: "Write `--flag=value` as one item; a switch stands alone.",
    },
    Explanation {
        code: BAD_STORE,
        name: "bad-store",
        severity: Severity::Error,
        summary: "a store that Thanos cannot dial",
        meaning: "An entry of the list of stores is no address as Thanos reads it: \
                  `[dns+|dnssrv+|dnssrvnoa+|dnsdualstack+]HOST[:PORT]`, without a scheme, IPv6 in brackets, with a \
                  port unless an SRV record brings it.",
        remedy: "Write the address as HOST:PORT; the gRPC port of a sidecar is usually 10901.",
    },
    Explanation {
        code: STORE_TWICE,
        name: "store-twice",
        severity: Severity::Error,
        summary: "a store that stands twice in the list",
        meaning: "Two entries lead to one place. Thanos refuses to start with the same address twice, and asks a \
                  place twice that it knows by two spellings.",
        remedy: "Delete one of them.",
    },
    Explanation {
        code: BAD_ALERTMANAGER,
        name: "bad-alertmanager",
        severity: Severity::Error,
        summary: "a URL of an Alertmanager that the ruler cannot use",
        meaning: "The ruler takes `[dns+|dnssrv+|dnssrvnoa+]http(s)://HOST[:PORT][/PREFIX]`. Without a scheme Thanos takes the host for \
                  one and does not start; with another scheme it starts and sends no alert.",
        remedy: "Write it as `http://HOST:9093`. Credentials belong into `alertmanagersConfig`, in a file or a Secret.",
    },
    Explanation {
        code: BAD_NODE_PORT,
        name: "bad-node-port",
        severity: Severity::Error,
        summary: "a node port that is out of range",
        meaning: "API servers give out node ports from 30000 to 32767, and refuse others, unless they run with \
                  another `--service-node-port-range`. A number that is a port but out of that range is a warning.",
        remedy: "Choose a port from 30000 to 32767.",
    },
    Explanation {
        code: NODE_PORT_TWICE,
        name: "node-port-twice",
        severity: Severity::Error,
        summary: "a node port that is given twice",
        meaning: "A node port belongs to one port of one Service in the whole cluster. The API server refuses the \
                  second.",
        remedy: "Choose another port for one of them, or leave it out.",
    },
    Explanation {
        code: HTTP_PORT,
        name: "http-port",
        severity: Severity::Warning,
        summary: "a store with the port of HTTP",
        meaning: "Thanos serves metrics and pages on port 10902 and the StoreAPI on 10901 unless it is told otherwise. A \
                  querier that dials the HTTP port gets `frame too large` and drops the store.",
        remedy: "Write the gRPC port. If this one does serve gRPC, ignore the warning.",
    },
];
