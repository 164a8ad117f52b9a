//! Keys in PEM, as far as Go (crypto/x509) refuses them without asking anybody. Nothing of a key is ever quoted.

use base64::Engine as _;

/// What a text in PEM holds first.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// An RSA key that can be used.
    Rsa,
    /// A key that only its passphrase opens.
    Encrypted,
    /// An RSA key of fewer bits than Go signs with.
    Weak,
    /// Something else: another kind of key, a certificate, or no key at all.
    Other,
}

/// The least number of bits that Go signs with (crypto/rsa, `Minimum key size`).
const LEAST_BITS: usize = 1024;
/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// The schemes of PKCS #5, 1.2.840.113549.1.5, by which a key is encrypted.
const PKCS5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The key in the first block of a text; `None` when there is no block of PEM.
pub(super) fn key(text: &str) -> Option<Key> {
    let block = block(text)?;
    if block.is_encrypted {
        return Some(Key::Encrypted);
    }
    Some(of_der(&block.bytes))
}

/// Whether Go's standard decoder takes it, which passes over line breaks.
pub(super) fn is_base64(text: &str) -> bool {
    decode(text).is_some()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(text.replace(['\r', '\n'], "")).ok()
}

struct Block {
    bytes: Vec<u8>,
    /// Whether its head says so (`DEK-Info`, RFC 1421).
    is_encrypted: bool,
}

/// The first block: its two lines, and base64 between them.
fn block(text: &str) -> Option<Block> {
    let mut lines = text.lines().map(str::trim_end);
    let label = lines.find_map(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----"))?;
    let end = format!("-----END {label}-----");
    let (mut body, mut is_encrypted) = (String::new(), false);
    for line in lines {
        if line == end {
            return decode(&body).map(|bytes| Block { bytes, is_encrypted });
        }
        is_encrypted |= line.starts_with("DEK-Info:");
        if !line.contains(':') {
            body.push_str(line.trim());
        }
    }
    None
}

/// PKCS #8, else PKCS #1.
fn of_der(bytes: &[u8]) -> Key {
    let Some((SEQUENCE, outer, _)) = element(bytes) else { return Key::Other };
    match elements(outer).as_slice() {
        [(INTEGER, _), (SEQUENCE, algorithm), (OCTETS, key), ..] => match element(algorithm) {
            Some((OBJECT, RSA, _)) => match element(key) {
                Some((SEQUENCE, key, _)) => rsa(key),
                _ => Key::Other,
            },
            _ => Key::Other,
        },
        [(SEQUENCE, algorithm), (OCTETS, _)] => match element(algorithm) {
            Some((OBJECT, scheme, _)) if scheme.starts_with(PKCS5) => Key::Encrypted,
            _ => Key::Other,
        },
        _ => rsa(outer),
    }
}

/// PKCS #1: a version and eight numbers, of which the first is the modulus.
fn rsa(sequence: &[u8]) -> Key {
    let numbers = elements(sequence);
    if numbers.len() < 9 || numbers[..9].iter().any(|(tag, content)| *tag != INTEGER || content.is_empty()) {
        return Key::Other;
    }
    let modulus: &[u8] = numbers[1].1;
    let leading = modulus.iter().take_while(|byte| **byte == 0).count();
    let bits = match modulus.get(leading) {
        Some(first) => (modulus.len() - leading) * 8 - first.leading_zeros() as usize,
        None => 0,
    };
    if bits < LEAST_BITS { Key::Weak } else { Key::Rsa }
}

fn elements(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let Some((tag, content, rest)) = element(bytes) {
        found.push((tag, content));
        bytes = rest;
    }
    found
}

/// The first element of DER: its tag, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short if short < 0x80 => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pem(label: &str, der: &[u8]) -> String {
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84], &length[..], content].concat()
    }

    fn pkcs1(bits: usize) -> Vec<u8> {
        let modulus = [&[0, 0x80][..], &vec![1; bits / 8 - 1]].concat();
        let rest = (0..7).flat_map(|_| wrapped(INTEGER, &[1]));
        let numbers: Vec<u8> =
            wrapped(INTEGER, &[0]).into_iter().chain(wrapped(INTEGER, &modulus)).chain(rest).collect();
        wrapped(SEQUENCE, &numbers)
    }

    fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
        let algorithm = wrapped(SEQUENCE, &wrapped(OBJECT, algorithm));
        wrapped(SEQUENCE, &[wrapped(INTEGER, &[0]), algorithm, wrapped(OCTETS, key)].concat())
    }

    #[test]
    fn a_key_is_known_by_what_it_holds_and_not_by_its_label() {
        let secret = wrapped(SEQUENCE, &[wrapped(SEQUENCE, &wrapped(OBJECT, PKCS5)), wrapped(OCTETS, b"x")].concat());
        for (text, expected) in [
            (pem("RSA PRIVATE KEY", &pkcs1(2048)), Some(Key::Rsa)),
            (pem("ANYTHING", &pkcs8(RSA, &pkcs1(1024))), Some(Key::Rsa)),
            (pem("PRIVATE KEY", &pkcs8(RSA, &pkcs1(512))), Some(Key::Weak)),
            (pem("PRIVATE KEY", &pkcs8(&[0x2b, 0x65, 0x70], b"x")), Some(Key::Other)),
            (pem("ENCRYPTED PRIVATE KEY", &secret), Some(Key::Encrypted)),
            (pem("CERTIFICATE", b"hello"), Some(Key::Other)),
            (pem("PRIVATE KEY", b""), Some(Key::Other)),
            ("text\n".to_owned() + &pem("K", &pkcs1(2048)).replace('\n', "\r\n"), Some(Key::Rsa)),
            (pem("K", &pkcs1(2048)).replace("K-----\n", "K-----\nDEK-Info: AES\n\n"), Some(Key::Encrypted)),
            (pem("K", b"x").replace("END", "EN"), None),
            ("hello".to_owned(), None),
        ] {
            assert_eq!(key(&text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), cut in 0..700_usize) {
            of_der(&bytes);
            let whole = pkcs8(RSA, &pkcs1(2048));
            of_der(&whole[..cut.min(whole.len())]);
        }
    }
}
