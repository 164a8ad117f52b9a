//! What was sent to a server as a secret, and is never shown, whatever the server makes of it.
//!
//! A server or a proxy that repeats what it was sent puts it into errors, warnings, names and annotations: as it is, in
//! base64, percent-encoded, escaped as JSON or HTML have it, or broken into lines. So a text is looked at as it stands, and
//! again with its escapes resolved and its blanks left out.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use kube::config::AuthInfo;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::text::percent_decode;

/// The secrets that were sent.
#[derive(Clone, Default)]
pub struct Sent(Arc<Secrets>);

#[derive(Default)]
struct Secrets {
    /// Of long secrets, each part of [`PART`] bytes, as a number that says nothing about it: answers are cut.
    parts: HashSet<u64>,
    hasher: RandomState,
    /// Secrets that are looked for as a whole.
    whole: Vec<Whole>,
}

struct Whole {
    bytes: SecretSlice<u8>,
    /// Whether it may be a word or a part of one in the names of a cluster.
    is_word: bool,
}

/// A secret of this length is known by its parts.
const LONG: usize = 20;

/// No text holds so much of a secret by chance.
const PART: usize = 16;

/// A shorter text is struck out as a whole word only.
const SHORT: usize = 6;

/// A shorter text is not struck out.
const SHORTEST: usize = 3;

/// A password of lower case letters alone that is shorter stays in names, since names are made of such words.
const WORD: usize = 12;

/// Escapes within escapes are resolved so often.
const LEVELS: usize = 4;

impl Sent {
    /// What is sent as `user`, and to the proxy. Reads the file of the client's key, if it has one.
    pub fn new(user: &AuthInfo, proxy: Option<&Uri>) -> Self {
        let mut secrets = Secrets::default();
        if let Some(token) = &user.token {
            secrets.add(token.expose_secret().as_bytes());
        }
        if let Some(password) = &user.password {
            secrets.add(password.expose_secret().as_bytes());
            secrets.add_login(user.username.as_deref().unwrap_or_default().as_bytes(), password.expose_secret());
        }
        if let Some((login, _)) = proxy.and_then(|proxy| proxy.authority()?.as_str().rsplit_once('@')) {
            let decoded = Zeroizing::new(String::from_utf8_lossy(&percent_decode(login)).into_owned());
            for login in [login, decoded.as_str()] {
                match login.split_once(':') {
                    Some((name, password)) => {
                        secrets.add(password.as_bytes());
                        secrets.add_login(name.as_bytes(), password);
                    }
                    None => secrets.add(login.as_bytes()),
                }
            }
        }
        if let Some(data) = &user.client_key_data {
            secrets.add(data.expose_secret().as_bytes());
            secrets.add_key(&Zeroizing::new(STANDARD.decode(data.expose_secret().trim()).unwrap_or_default()));
        } else if let Some(file) = &user.client_key
            && std::fs::metadata(file).is_ok_and(|file| file.is_file())
        {
            // What has no end or is gone once it was read is left to whoever makes the connection.
            secrets.add_key(&Zeroizing::new(std::fs::read(file).unwrap_or_default()));
        }
        Self(Arc::new(secrets))
    }

    /// `text` without what was sent.
    pub fn strike(&self, text: &str) -> String {
        self.0.strike(text, |_| true).unwrap_or_else(|| text.to_owned())
    }

    /// A fact about a cluster without what was sent, as [`Sent::strike_value`].
    pub fn strike_fact<T: Serialize + DeserializeOwned>(&self, fact: T) -> T {
        if self.0.is_empty() {
            return fact;
        }
        let Ok(value) = serde_json::to_value(&fact) else { return fact };
        let struck = self.strike_value(value.clone());
        // What holds none stays as it is. A password such as `NodePort` is no secret where that is the only thing that
        // can stand.
        if struck == value { fact } else { serde_json::from_value(struck).unwrap_or(fact) }
    }

    /// An object without what was sent: names, labels, annotations, all texts. Passwords of less than 6 characters, and
    /// those of less than 12 lower case letters, stay: an object is made of words like them.
    pub fn strike_value(&self, value: Value) -> Value {
        if self.0.is_empty() { value } else { self.struck(value) }
    }

    fn struck(&self, value: Value) -> Value {
        let text = |text: String| self.0.strike(&text, |secret| !secret.is_word).unwrap_or(text);
        // The names of fields are letters.
        let is_field = |key: &str| key.len() < LONG && key.bytes().all(|byte| byte.is_ascii_alphabetic());
        match value {
            Value::String(string) => Value::String(text(string)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.struck(item)).collect()),
            Value::Object(entries) => {
                let entry =
                    |(key, value): (String, Value)| (if is_field(&key) { key } else { text(key) }, self.struck(value));
                Value::Object(entries.into_iter().map(entry).collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }
}

impl Secrets {
    fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.whole.is_empty()
    }

    /// Adds a secret, and what base64 makes of it.
    fn add(&mut self, secret: &[u8]) {
        self.add_text(secret);
        self.add_encoded(secret);
    }

    /// Adds a name with its password as they are sent. The name alone is no secret.
    fn add_login(&mut self, name: &[u8], password: &str) {
        let pair = Zeroizing::new([name, b":", password.as_bytes()].concat());
        self.add_whole(&pair);
        self.add_encoded(&pair);
        let header = Zeroizing::new(STANDARD.encode(&*pair));
        self.add(header.as_bytes());
    }

    /// Adds what stands between the first and the last line of each PEM block.
    fn add_key(&mut self, pem: &[u8]) {
        self.add_encoded(pem);
        let lines = pem.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"-----"));
        let body = Zeroizing::new(lines.collect::<Vec<_>>().concat());
        self.add(&body);
    }

    /// Adds what base64 makes of a secret, with whatever stands before and behind it in the same text.
    fn add_encoded(&mut self, secret: &[u8]) {
        for before in 0..3 {
            let padded = Zeroizing::new([&[0; 2][..before], secret].concat());
            let encoded = Zeroizing::new(STANDARD.encode(&*padded));
            let start = (before * 8).div_ceil(6);
            let end = (padded.len() * 8 / 6).max(start);
            for form in [&encoded[start..end], &encoded[start..]] {
                if form.len() >= SHORT {
                    self.add_text(form.as_bytes());
                }
            }
        }
    }

    fn add_text(&mut self, text: &[u8]) {
        let text = Zeroizing::new(text.iter().copied().map(canonical).collect::<Vec<u8>>());
        if text.len() < LONG {
            return self.add_whole(&text);
        }
        let packed =
            Zeroizing::new(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>());
        for part in text.windows(PART).chain(packed.windows(PART)) {
            self.parts.insert(self.hasher.hash_one(part));
        }
    }

    fn add_whole(&mut self, text: &[u8]) {
        if text.len() >= SHORTEST {
            let is_word = text.len() < SHORT || text.len() < WORD && text.iter().all(u8::is_ascii_lowercase);
            let bytes = text.iter().copied().map(canonical).collect::<Vec<u8>>().into();
            self.whole.push(Whole { bytes, is_word });
        }
    }

    /// `text` without those secrets that `counts`; `None` when it holds none.
    fn strike(&self, text: &str, counts: impl Fn(&Whole) -> bool) -> Option<String> {
        let mut found = Vec::new();
        let mut view = View::of(text);
        for _ in 0..LEVELS {
            self.find(&view, &counts, &mut found);
            if let Some(packed) = view.packed() {
                self.find_parts(&packed, &mut found);
            }
            match view.unescaped() {
                Some(next) => view = next,
                None => break,
            }
        }
        (!found.is_empty()).then(|| without(text, found))
    }

    fn find(&self, view: &View, counts: impl Fn(&Whole) -> bool, found: &mut Vec<Range<usize>>) {
        self.find_parts(view, found);
        for secret in self.whole.iter().filter(|secret| counts(secret)) {
            let bytes = secret.bytes.expose_secret();
            for at in 0..(view.bytes.len() + 1).saturating_sub(bytes.len()) {
                let end = at + bytes.len();
                let is_part =
                    |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
                let stands_alone =
                    || !is_part(at.checked_sub(1).and_then(|at| view.bytes.get(at))) && !is_part(view.bytes.get(end));
                if view.bytes[at..end] == *bytes && (bytes.len() >= SHORT || stands_alone()) {
                    found.push(view.place(at..end));
                }
            }
        }
    }

    fn find_parts(&self, view: &View, found: &mut Vec<Range<usize>>) {
        if self.parts.is_empty() {
            return;
        }
        for (at, part) in view.bytes.windows(PART).enumerate() {
            if self.parts.contains(&self.hasher.hash_one(part)) {
                found.push(view.place(at..at + PART));
            }
        }
    }
}

/// base64 for URLs and the usual one are looked at as one.
fn canonical(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }
}

/// A text as it may be meant: bytes, and where each of them stands in the text.
struct View {
    bytes: Zeroizing<Vec<u8>>,
    places: Vec<Range<usize>>,
}

impl View {
    fn of(text: &str) -> Self {
        let bytes = Zeroizing::new(text.bytes().map(canonical).collect());
        Self { bytes, places: (0..text.len()).map(|at| at..at + 1).collect() }
    }

    fn place(&self, range: Range<usize>) -> Range<usize> {
        self.places[range.start].start..self.places[range.end - 1].end
    }

    /// Without blanks and line breaks; `None` when there are none.
    fn packed(&self) -> Option<Self> {
        if !self.bytes.iter().any(u8::is_ascii_whitespace) {
            return None;
        }
        let kept = self.bytes.iter().zip(&self.places).filter(|(byte, _)| !byte.is_ascii_whitespace());
        let (bytes, places): (Vec<u8>, Vec<_>) = kept.map(|(byte, place)| (*byte, place.clone())).unzip();
        Some(Self { bytes: Zeroizing::new(bytes), places })
    }

    /// With its escapes resolved, those of URLs, JSON and HTML; `None` when there are none.
    fn unescaped(&self) -> Option<Self> {
        let mut next = Self { bytes: Zeroizing::new(Vec::with_capacity(self.bytes.len())), places: Vec::new() };
        let (mut at, mut is_changed) = (0, false);
        while at < self.bytes.len() {
            let (length, meant) = match escape(&self.bytes[at..]) {
                Some((length, meant)) => {
                    is_changed = true;
                    (length, meant)
                }
                None => (1, vec![self.bytes[at]]),
            };
            let place = self.place(at..at + length);
            next.places.extend(meant.iter().map(|_| place.clone()));
            next.bytes.extend(meant.into_iter().map(canonical));
            at += length;
        }
        is_changed.then_some(next)
    }
}

/// The escape with which `text` begins: how long it is, and what it means.
fn escape(text: &[u8]) -> Option<(usize, Vec<u8>)> {
    let number = |digits: &[u8], radix| u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    let byte = |digits: &[u8]| number(digits, 16).and_then(|number| u8::try_from(number).ok()).map(|byte| vec![byte]);
    let character = |number: u32| char::from_u32(number).map(|c| c.encode_utf8(&mut [0; 4]).as_bytes().to_vec());
    match text {
        [b'%', high, low, ..] => Some((3, byte(&[*high, *low])?)),
        [b'\\', b'x', high, low, ..] => Some((4, byte(&[*high, *low])?)),
        [b'\\', b'u', rest @ ..] => Some((6, character(number(rest.get(..4)?, 16)?)?)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((2, vec![b'\n'])),
        [b'\\', next, ..] => Some((2, vec![*next])),
        [b'&', rest @ ..] => {
            let name = &rest[..rest.iter().take(8).position(|byte| *byte == b';')?];
            let meant = match name {
                [b'#', b'x' | b'X', digits @ ..] => character(number(digits, 16)?)?,
                [b'#', digits @ ..] => character(number(digits, 10)?)?,
                b"amp" => vec![b'&'],
                b"lt" => vec![b'<'],
                b"gt" => vec![b'>'],
                b"quot" => vec![b'"'],
                b"apos" => vec![b'\''],
                _ => return None,
            };
            Some((name.len() + 2, meant))
        }
        _ => None,
    }
}

/// `text` with `…` in the place of each of these ranges.
fn without(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        let start = (0..=range.start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        if start > end || out.is_empty() {
            out.push_str(&text[end..start.max(end)]);
            out.push('…');
        } else if start == end && !out.ends_with('…') {
            out.push('…');
        }
        end = end.max((range.end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len()));
    }
    out.push_str(&text[end..]);
    out
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::text::percent_encode;

    const TOKEN: &str = "eyJhbGciOi.payload+/=-_?~.signature";

    fn sent(token: &str) -> Sent {
        Sent::new(&AuthInfo { token: Some(token.into()), ..AuthInfo::default() }, None)
    }

    #[test]
    fn a_token_is_struck_out_in_every_spelling() {
        let escaped: String = TOKEN.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
        let hex: String = TOKEN.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let html: String = TOKEN.chars().map(|c| format!("&#{};", c as u32)).collect();
        let lines = |between: &str| {
            TOKEN.as_bytes().chunks(5).map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join(between)
        };
        for spelled in [
            TOKEN.to_owned(),
            STANDARD.encode(TOKEN),
            STANDARD_NO_PAD.encode(TOKEN),
            URL_SAFE.encode(TOKEN),
            URL_SAFE_NO_PAD.encode(TOKEN),
            percent_encode(TOKEN),
            percent_encode(&percent_encode(&STANDARD.encode(TOKEN))),
            TOKEN.replace('/', "\\/"),
            escaped.replace('\\', "\\\\"),
            escaped,
            hex,
            html,
            lines("\n  "),
            lines("\\r\\n"),
            lines("\\\\n"),
        ] {
            let struck = sent(TOKEN).strike(&format!("bad token \"Bearer {spelled}\" of ci"));
            assert_eq!(struck, "bad token \"Bearer …\" of ci", "{spelled}");
        }
        assert_eq!(sent(TOKEN).strike("invalid: eyJhbGciOi.paylo, load+/=-_?~.sign"), "invalid: …, …");
        assert_eq!(sent(TOKEN).strike("services is forbidden"), "services is forbidden");
    }

    #[test]
    fn a_header_in_base64_is_struck_out_wherever_the_token_stands_in_it() {
        for before in ["", "B", "Be", "Bearer ", "Authorization: Bearer "] {
            for behind in ["", "x", "xy", "\r\nAccept: */*"] {
                let struck = sent(TOKEN).strike(&STANDARD.encode(format!("{before}{TOKEN}{behind}")));
                assert!(struck.contains('…') && struck.len() < before.len() * 2 + behind.len() * 2 + 16, "{struck}");
            }
        }
    }

    #[test]
    fn a_login_is_struck_out_in_every_spelling() {
        let user =
            AuthInfo { username: Some("kim".to_owned()), password: Some("hunter2!".into()), ..AuthInfo::default() };
        let proxy = "http://pat:s%3Acret@proxy:3128".parse().unwrap();
        let sent = Sent::new(&user, Some(&proxy));
        let header = STANDARD.encode("kim:hunter2!");
        let proxied = STANDARD.encode("pat:s:cret");
        let struck = sent.strike(&format!("kim hunter2! hunter2%21 {header} s:cret s%3Acret {proxied} x"));
        assert_eq!(struck, "kim … … … … … … x");
    }

    #[test]
    fn the_lines_of_a_key_are_struck_out_and_those_of_its_frame_stay() {
        let body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVcB/UNPxalR9zDYA\njQIfjojUDiQuGnSJrFEEzZPT/92hRANCAASc7UJtgnF/abqWM60T3XNJEzBv5ez9\n";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n");
        let data = STANDARD.encode(&pem);
        let user = AuthInfo { client_key_data: Some(data.clone().into()), ..AuthInfo::default() };
        let sent = Sent::new(&user, None);
        assert_eq!(sent.strike(&pem), "-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n");
        assert_eq!(sent.strike(&data), "…");
        assert_eq!(sent.strike("x jQIfjojUDiQuGnSJrFEEzZPT y"), "x … y");
    }

    #[test]
    fn a_short_secret_is_no_part_of_words() {
        assert_eq!(sent("cat").strike("category cat, (cat) concat"), "category …, (…) concat");
        assert_eq!(sent("x").strike("x marks it"), "x marks it");
    }

    #[test]
    fn an_object_loses_a_secret_wherever_it_stands_but_no_word_that_others_use_too() {
        let object = |quoted: &str| {
            json!({"metadata": {"name": format!("a-{quoted}"), "labels": {quoted: "x", "cat": "web"},
                "annotations": {"a/b": [quoted, 1, null]}}, "type": "NodePort"})
        };
        assert_eq!(sent(TOKEN).strike_value(object(TOKEN)), object("…"));
        assert_eq!(sent("hunter2").strike_value(object("hunter2")), object("…"));
        for word in ["cat", "web", "monitoring", "NodePort"] {
            let struck = sent(word).strike_value(object("monitoring"));
            assert_eq!(struck["metadata"], object("monitoring")["metadata"], "{word}");
        }
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        enum Kind {
            NodePort,
        }
        assert_eq!(sent("NodePort").strike_fact(Kind::NodePort), Kind::NodePort);
        assert_eq!(sent(TOKEN).strike_fact(vec![TOKEN.to_owned()]), ["…"]);
    }

    proptest! {
        #[test]
        fn no_secret_of_some_length_is_left(secret in "[ -~]{6,40}", before in ".{0,20}", behind in ".{0,20}") {
            let struck = sent(&secret).strike(&format!("{before}{secret}{behind}{secret}"));
            prop_assert!(!struck.contains(&secret), "{struck}");
        }
    }
}
