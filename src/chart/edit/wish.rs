//! What a values file should say: single keys, each with its value.

use serde_json::{Map, Value};

use super::stores::{self, Store};

/// What becomes of a key that the file does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// It is added.
    Add,
    /// It stays away.
    Leave,
}

/// What a part of a document should say.
pub(super) enum Wish<'a> {
    /// A value, merged in as Helm merges values: mappings key by key, all else replaced.
    Value(&'a Value, Absent),
    Stores(&'a [Store]),
    /// The same for single keys of a mapping.
    Keys(Vec<(&'a str, Wish<'a>)>),
}

impl<'a> Wish<'a> {
    /// Adds a wish for what stands at `path`: mappings come together key by key, else the later wish counts.
    pub(super) fn add(&mut self, path: &[&'a str], wish: Self) {
        if let [name, rest @ ..] = path {
            self.key(name).add(rest, wish);
            return;
        }
        match (&self, wish.keys()) {
            (Self::Keys(keys), Some(more)) if !keys.is_empty() => {
                more.into_iter().for_each(|(name, wish)| self.key(name).add(&[], wish));
            }
            _ => *self = wish,
        }
    }

    /// The wish for a key, nothing at first.
    fn key(&mut self, name: &'a str) -> &mut Self {
        let mut keys = self.keys().unwrap_or_default();
        let at = keys.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            keys.push((name, Self::Keys(Vec::new())));
            keys.len() - 1
        });
        *self = Self::Keys(keys);
        let Self::Keys(keys) = self else { unreachable!("it was set just now") };
        &mut keys[at].1
    }

    /// The wishes for the keys of a mapping; `None` when something else than a mapping is wished.
    pub(super) fn keys(&self) -> Option<Vec<(&'a str, Self)>> {
        match self {
            Self::Value(Value::Object(entries), absent) => {
                Some(entries.iter().map(|(name, value)| (name.as_str(), Self::Value(value, *absent))).collect())
            }
            Self::Keys(keys) => Some(keys.iter().map(|(name, wish)| (*name, wish.again())).collect()),
            Self::Value(..) | Self::Stores(_) => None,
        }
    }

    fn again(&self) -> Self {
        match self {
            Self::Value(value, absent) => Self::Value(value, *absent),
            Self::Stores(stores) => Self::Stores(stores),
            Self::Keys(keys) => Self::Keys(keys.iter().map(|(name, wish)| (*name, wish.again())).collect()),
        }
    }

    /// The value that is added where nothing is; `None` when nothing is added.
    pub(super) fn added(&self) -> Option<Value> {
        match self {
            Self::Value(_, Absent::Leave) => None,
            Self::Value(value, Absent::Add) => Some((*value).clone()),
            Self::Stores(stores) => {
                let added = stores::added(stores);
                (!added.is_empty()).then(|| added.into_iter().collect())
            }
            Self::Keys(keys) => {
                let entries: Map<String, Value> =
                    keys.iter().filter_map(|(name, wish)| Some(((*name).to_owned(), wish.added()?))).collect();
                (!entries.is_empty()).then_some(Value::Object(entries))
            }
        }
    }
}
