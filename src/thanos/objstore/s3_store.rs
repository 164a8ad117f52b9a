//! What a document says about an S3 store, for whoever knows the store and wants to compare.

use super::document::{CONFIG, entry};
use crate::languages::yaml::scalar::{Resolved, Scalar};
use crate::languages::yaml::{Document, Part};
use crate::secret::Secret;

/// An S3 store as a document has it. Nothing in it is checked, and its keys cannot be printed.
#[derive(Debug, Clone)]
pub struct S3Store {
    /// The bucket; `None` when it is missing, empty, or put in by an environment variable, as with all that follow.
    pub bucket: Option<String>,
    /// The endpoint.
    pub endpoint: Option<String>,
    /// The access key.
    pub access_key: Option<Secret>,
    /// The secret key.
    pub secret_key: Option<Secret>,
    /// Whether it is asked by plain HTTP.
    pub is_insecure: bool,
}

/// What `text` says about an S3 store; `None` when it is no document of that type.
pub fn s3_store(text: &str) -> Option<S3Store> {
    let document = Document::read(text).ok()?;
    let root = document.part(document.root()?);
    let named = entry(root, "type")?.scalar()?;
    if !named.text.eq_ignore_ascii_case("S3") {
        return None;
    }
    let config = entry(root, CONFIG)?;
    let text = |name: &str| field(config, name).map(|scalar| scalar.rewritten());
    // A text that an environment variable is put into is none that could be compared, and `Secret` refuses it too.
    let plain = |name: &str| text(name).filter(|text| !text.is_empty() && !crate::secret::is_expanded(text));
    let secret = |name: &str| text(name).and_then(|text| Secret::new(text).ok());
    Some(S3Store {
        bucket: plain("bucket"),
        endpoint: plain("endpoint"),
        access_key: secret("access_key"),
        secret_key: secret("secret_key"),
        is_insecure: field(config, "insecure").is_some_and(|scalar| scalar.resolved == Resolved::Bool(true)),
    })
}

fn field(config: Part<'_>, name: &str) -> Option<Scalar> {
    let is_it = |key: Part<'_>| key.scalar().is_some_and(|key| key.rewritten() == name);
    config.entries()?.into_iter().rev().find(|(key, _)| is_it(*key))?.1.scalar()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_read_as_thanos_reads_it_and_its_keys_cannot_be_printed() {
        let text = "type: s3\nconfig: {bucket: thanos, endpoint: 'minio:9000', access_key: 0755, secret_key: hunter2, insecure: on}\n";
        let store = s3_store(text).unwrap();
        assert_eq!((store.bucket.as_deref(), store.endpoint.as_deref()), (Some("thanos"), Some("minio:9000")));
        assert_eq!(store.access_key.as_ref().unwrap().open(), "493");
        assert_eq!(store.secret_key.as_ref().unwrap().open(), "hunter2");
        assert!(store.is_insecure && !format!("{store:?}").contains("hunter2"), "{store:?}");
    }

    #[test]
    fn what_is_not_known_is_none() {
        let store = s3_store("{type: S3, config: {bucket: '', access_key: $(KEY), endpoint: [x]}}").unwrap();
        assert!(store.bucket.is_none() && store.endpoint.is_none() && store.access_key.is_none() && !store.is_insecure);
        for text in ["", "[", "type: GCS\nconfig: {}\n", "config: {}\n", "type: S3\n", "text"] {
            assert!(s3_store(text).is_none(), "{text}");
        }
    }
}
