//! What the program says of servers whose TLS is not as it should be, and what it says to do.

use std::fmt::Write as _;
use std::net::TcpListener;

use base64::Engine as _;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use crate::fake_api::{FakeApi, Reply};
use crate::fake_tls::{ALWAYS, Identity, start};
use crate::program::Room;

const HERE: &[&str] = &["127.0.0.1"];

/// What is told when the one cluster at `server` is asked: the error stream, with `PORT` and `N` for what differs from
/// run to run. Nothing else happens.
fn told(server: &str, cluster: Value, user: Value, system: Option<&Identity>) -> String {
    let mut cluster = cluster;
    cluster["server"] = server.into();
    let room = Room::new();
    let config = json!({
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "eu", "cluster": cluster}],
        "users": [{"name": "ci", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "eu", "user": "ci"}}],
    });
    room.file("kubeconfig", &config.to_string());
    room.file("system.pem", &system.map(Identity::certificate_pem).unwrap_or_default());
    let arguments = ["discover", "--kubeconfig", "kubeconfig", "--timeout", "30s"];
    let system = room.path("system.pem").display().to_string();
    let run = room.run_with(&arguments, &[("SSL_CERT_FILE", &system)]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    let port = server.rsplit(':').next().unwrap();
    without_counts(&run.stderr.replace(port, "PORT"))
}

/// The days since an expiry are more each day.
fn without_counts(text: &str) -> String {
    let words = text.split(' ').collect::<Vec<_>>();
    let count = |at: usize| words.get(at + 1).is_some_and(|next| next.starts_with("day"));
    let words = words.iter().enumerate().map(|(at, word)| if count(at) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn trusting(authority: &Identity) -> Value {
    json!({"certificate-authority-data": encode(&authority.certificate_pem())})
}

fn with(identity: &Identity) -> Value {
    json!({"client-certificate-data": encode(&identity.certificate_pem()), "client-key-data": encode(&identity.key_pem())})
}

fn encode(pem: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(pem)
}

fn https(port: u16) -> String {
    format!("https://127.0.0.1:{port}")
}

#[test]
fn every_fault_of_a_servers_certificate_is_told_with_what_to_do() {
    let ours = Identity::authority("kubernetes", &[]);
    let namesake = Identity::authority("kubernetes", &[]);
    let stranger = Identity::authority("stranger", &[]);
    let itself = Identity::authority("itself", HERE);
    let good = ours.sign(HERE, ALWAYS);
    let mut all = String::new();
    let mut row = |name: &str, server: &Identity, cluster: Value| {
        let told = told(&https(start(&TLS13, server, None)), cluster, json!({}), None);
        write!(all, "# {name}\n{told}\n").unwrap();
    };
    row("as it should be", &good, trusting(&ours));
    row("expired", &ours.sign(HERE, (2000, 2001)), trusting(&ours));
    row("not yet valid", &ours.sign(HERE, (3000, 4000)), trusting(&ours));
    row("of an authority that the kubeconfig does not name", &good, trusting(&stranger));
    row("of an authority with the name of the kubeconfig's", &good, trusting(&namesake));
    let elsewhere = ours.sign(&["10.0.0.1", "kubernetes", "*.example"], ALWAYS);
    row("for other names", &elsewhere, trusting(&ours));
    let of_another_host = ours.sign(&["10.0.0.1"], ALWAYS);
    let mut named = trusting(&ours);
    named["tls-server-name"] = "kubernetes".into();
    row("for other names, one of which is expected", &elsewhere, named);
    row("for another address", &ours.sign(&["10.0.0.1"], ALWAYS), trusting(&ours));
    row("for no name", &ours.sign(&[], ALWAYS), trusting(&ours));
    row("an authority's own", &itself, trusting(&itself));
    // As Go's crypto/x509 has it: a certificate that the kubeconfig names is trusted as it is, by its names and dates.
    row("a server's own, which the kubeconfig names", &good, trusting(&good));
    row("a server's own, for other names", &of_another_host, trusting(&of_another_host));
    let old = Identity::authority_of("itself", HERE, (2000, 2001));
    row("an authority's own, expired", &old, trusting(&old));
    let expired = ours.sign(HERE, (2000, 2001));
    row("a server's own, expired", &expired, trusting(&expired));
    let only_clients = ours.sign_client(HERE);
    row("a server's own, for clients", &only_clients, trusting(&only_clients));
    row("an authority's, signed by the one that the kubeconfig names", &ours.sign_authority(HERE), trusting(&ours));
    row("for clients", &ours.sign_client(HERE), trusting(&ours));
    row("unchecked", &itself, json!({"insecure-skip-tls-verify": true}));
    insta::assert_snapshot!(all);
}

// Elsewhere no variable names the authorities of the system.
#[cfg(target_os = "linux")]
#[test]
fn without_an_authority_of_the_cluster_those_of_the_system_count() {
    let (ours, stranger) = (Identity::authority("ours", &[]), Identity::authority("stranger", &[]));
    let mut all = String::new();
    let mut row = |name: &str, names: &[&str], system: &Identity| {
        let server = https(start(&TLS13, &ours.sign(names, ALWAYS), None));
        write!(all, "# {name}\n{}\n", told(&server, json!({}), json!({}), Some(system))).unwrap();
    };
    row("as it should be", HERE, &ours);
    row("of an authority that the system does not know", HERE, &stranger);
    row("for other names", &["kubernetes", "10.0.0.1"], &ours);
    insta::assert_snapshot!(all);
}

#[test]
fn every_fault_of_our_own_certificate_is_told_with_what_to_do() {
    let (ours, stranger) = (Identity::authority("ours", &[]), Identity::authority("stranger", &[]));
    let server = ours.sign(HERE, ALWAYS);
    let users = [
        ("as it should be", with(&ours.sign(&["ci"], ALWAYS))),
        ("missing", json!({"token": "hunter2"})),
        ("expired", with(&ours.sign(&["ci"], (2000, 2001)))),
        ("of another authority", with(&stranger.sign(&["ci"], ALWAYS))),
    ];
    let all = |version| {
        let server = https(start(version, &server, Some(&ours)));
        users.clone().map(|(name, user)| format!("# {name}\n{}\n", told(&server, trusting(&ours), user, None)))
    };
    insta::assert_snapshot!(all(&TLS12).concat());
    // With TLS 1.3 the refusal comes after the handshake, when the request may have been sent already: what the
    // libraries make of that is a matter of luck, what to do about it is not.
    let [through, refused @ ..] = all(&TLS13);
    assert!(through.contains("the handshake is done"), "{through}");
    for told in refused {
        let cause = ["refused the TLS connection: received fatal alert: ", "closed the connection without an answer"];
        assert!(cause.iter().any(|cause| told.contains(cause)), "{told}");
        assert!(
            told.contains("it may want a client certificate, or one that has not expired; compare with\n"),
            "{told}"
        );
    }
}

#[test]
fn http_and_https_in_each_others_place_are_told() {
    let ours = Identity::authority("ours", &[]);
    let port = start(&TLS13, &ours.sign(HERE, ALWAYS), None);
    let http_to_tls = told(&format!("http://127.0.0.1:{port}"), json!({}), json!({}), None);
    let plain = FakeApi::start(|_| Reply::Silence);
    let tls_to_http = told(&https(plain.port()), trusting(&ours), json!({}), None);
    insta::assert_snapshot!(format!(
        "# http to a port of TLS\n{http_to_tls}\n# https to a port of HTTP\n{tls_to_http}"
    ));
}

/// The deadlines are the program's own; a server that is silent for ever is the only way to see them.
#[test]
fn a_server_that_accepts_and_is_silent_costs_its_deadline() {
    // The system accepts for a listener that nobody serves.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut all = String::new();
    for scheme in ["https", "http"] {
        let room = Room::new();
        let config = json!({
            "current-context": "c",
            "clusters": [{"name": "eu", "cluster": {"server": format!("{scheme}://127.0.0.1:{port}"), "insecure-skip-tls-verify": true}}],
            "contexts": [{"name": "c", "context": {"cluster": "eu"}}],
        });
        let run = room.file("kubeconfig", &config.to_string()).run(&[
            "discover",
            "--kubeconfig",
            "kubeconfig",
            "--timeout",
            "1s",
        ]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        write!(all, "# {scheme}\n{}\n", run.stderr.replace(&port.to_string(), "PORT")).unwrap();
    }
    insta::assert_snapshot!(all);
}
