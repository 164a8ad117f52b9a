//! What was sent to a server as a secret, and is never shown, whatever the server makes of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use kube::config::AuthInfo;
use secrecy::{ExposeSecret as _, SecretString};

use crate::text::{percent_decode, percent_encode};

/// The secrets that were sent, in every spelling in which a server may send them back.
#[derive(Clone, Default)]
pub struct Sent(Vec<SecretString>);

/// A text of this length does not stand in an answer by chance, so its beginning is taken for it too: answers are cut.
const TELLING: usize = 12;

/// A shorter text is struck out as a whole word only.
const SHORT: usize = 6;

impl Sent {
    /// What is sent as `user`, and to the proxy.
    pub fn new(user: &AuthInfo, proxy: Option<&Uri>) -> Self {
        let mut plain: Vec<String> = Vec::new();
        plain.extend(user.token.as_ref().map(|token| token.expose_secret().to_owned()));
        if let Some(password) = user.password.as_ref().map(|password| password.expose_secret().to_owned()) {
            plain.push(format!("{}:{password}", user.username.as_deref().unwrap_or_default()));
            plain.push(password);
        }
        if let Some((login, _)) = proxy.and_then(|proxy| proxy.authority()?.as_str().rsplit_once('@')) {
            let decoded = String::from_utf8_lossy(&percent_decode(login)).into_owned();
            for login in [login, decoded.as_str()] {
                plain.extend(login.split_once(':').map(|(_, password)| password.to_owned()));
                plain.push(login.to_owned());
            }
        }
        let spellings = |text: String| [STANDARD.encode(&text), percent_encode(&text), text];
        let mut all: Vec<String> = plain.into_iter().flat_map(spellings).collect();
        all.extend(all.clone().iter().filter(|text| text.ends_with('=')).map(|text| percent_encode(text)));
        all.retain(|text| text.len() > 2);
        Self(all.into_iter().map(SecretString::from).collect())
    }

    /// `text` without what was sent.
    pub fn strike(&self, text: &str) -> String {
        let (mut out, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
        while let Some(next) = rest.chars().next() {
            let found = self.0.iter().map(|secret| beginning(rest, secret.expose_secret(), before)).max();
            let length = match found {
                Some(length @ 1..) => {
                    out.push('…');
                    length
                }
                _ => {
                    out.push(next);
                    next.len_utf8()
                }
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        out
    }
}

/// How much of `text`, which stands behind the character `before`, is `secret` or a telling beginning of it; 0 if nothing.
fn beginning(text: &str, secret: &str, before: Option<char>) -> usize {
    let same = text.bytes().zip(secret.bytes()).take_while(|(one, other)| one == other).count();
    let same = (0..=same).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let is_part = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let stands_alone = || !is_part(before) && !is_part(text[same..].chars().next());
    let is_found = same >= secret.len().min(TELLING) && (secret.len() >= SHORT || stands_alone());
    if is_found { same } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(token: &str) -> Sent {
        Sent::new(&AuthInfo { token: Some(token.into()), ..AuthInfo::default() }, None)
    }

    #[test]
    fn a_token_is_struck_out_in_every_spelling() {
        let token = "eyJhbGciOi.payload+/=.signature";
        let sent = sent(token);
        for spelled in [token.to_owned(), STANDARD.encode(token), percent_encode(token)] {
            let struck = sent.strike(&format!("bad token \"Bearer {spelled}\" of ci"));
            assert_eq!(struck, "bad token \"Bearer …\" of ci");
        }
        assert_eq!(sent.strike("invalid: eyJhbGciOi.payl"), "invalid: …", "an answer may be cut");
        assert_eq!(sent.strike("services is forbidden"), "services is forbidden");
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
    fn a_short_secret_is_no_part_of_words() {
        assert_eq!(sent("cat").strike("category cat, (cat) concat"), "category …, (…) concat");
        assert_eq!(sent("x").strike("x marks it"), "x marks it");
    }

    proptest! {
        #[test]
        fn no_secret_of_some_length_is_left(secret in "[ -~]{6,40}", before in ".{0,20}", behind in ".{0,20}") {
            let struck = sent(&secret).strike(&format!("{before}{secret}{behind}{secret}"));
            prop_assert!(!struck.contains(&secret), "{struck}");
        }
    }
}
