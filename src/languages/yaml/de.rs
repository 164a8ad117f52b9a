//! A document into the types of whoever asked for it, with the place of what does not fit.

use std::borrow::Cow;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};

use super::misfit::Misfit;
use super::node::{Id, Kind, Style, Tag};
use super::scalar::{Resolved, resolve};
use super::tree::Document;
use crate::place::Position;

impl Document {
    /// The document as a `T`.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Misfit> {
        match self.root() {
            Some(root) if !self.is_null(root) => T::deserialize(Value { document: self, id: root }),
            _ => T::deserialize(de::value::MapDeserializer::new(std::iter::empty::<(&str, &str)>())),
        }
    }

    /// The entries of a mapping that count: of each key the last. Most mappings have no other.
    fn last_entries(&self, id: Id) -> Option<Cow<'_, [(Id, Id)]>> {
        let Kind::Mapping { pairs, .. } = self.kind(id) else { return None };
        if !pairs.iter().any(|(key, _)| self.is_merge(*key)) {
            return Some(Cow::Borrowed(pairs));
        }
        let mut last: Vec<(Id, Id)> = Vec::new();
        for entry in self.entries(id)? {
            let is_same = |(key, _): &(Id, Id)| self.scalar(*key) == self.scalar(entry.key);
            match last.iter_mut().find(|pair| is_same(pair)) {
                Some(pair) => *pair = (entry.key, entry.value),
                None => last.push((entry.key, entry.value)),
            }
        }
        Some(Cow::Owned(last))
    }
}

/// A node that is read into a type.
#[derive(Clone, Copy)]
struct Value<'de> {
    document: &'de Document,
    id: Id,
}

impl<'de> Value<'de> {
    fn position(self) -> Position {
        self.document.position(self.id)
    }

    /// What is found is told with this place.
    fn here<T>(self, result: Result<T, Misfit>) -> Result<T, Misfit> {
        result.map_err(|misfit| misfit.at(self.position()))
    }

    fn wanted<T>(self, what: &str) -> Result<T, Misfit> {
        self.here(Err(Misfit::new(format!("expected a {what}"))))
    }

    /// A value that is written as this kind of thing, in quotes or without.
    fn written(self, what: &str) -> Result<Resolved, Misfit> {
        match self.document.written(self.id) {
            Some((text, _)) => Ok(resolve(text)),
            None => self.wanted(what),
        }
    }

    fn no_valid<T>(self, what: &str) -> Result<T, Misfit> {
        self.here(Err(Misfit::new(format!("no valid {what}"))))
    }

    fn text(self) -> Result<&'de str, Misfit> {
        match self.document.written(self.id) {
            Some(_) if self.document.is_null(self.id) => {
                self.here(Err(Misfit::new("nothing stands here, where a text belongs")))
            }
            Some((text, _)) => Ok(text),
            None => self.wanted("text"),
        }
    }

    fn pairs(self) -> Result<Pairs<'de>, Misfit> {
        match self.document.last_entries(self.id) {
            Some(pairs) => Ok(Pairs { document: self.document, pairs, next: 0 }),
            None => self.wanted("mapping (key: value)"),
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $number:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let number = match self.written($what)? {
                Resolved::Integer(number) => <$number>::try_from(number).ok(),
                _ => None,
            };
            match number {
                Some(number) => self.here(visitor.$visit(number)),
                None => self.no_valid($what),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Value<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let (text, is_bare) = match self.document.kind(self.id) {
            Kind::List { .. } => return self.deserialize_seq(visitor),
            Kind::Mapping { .. } => return self.deserialize_map(visitor),
            Kind::Scalar(..) | Kind::Alias(_) => {
                let (text, style) = self.document.written(self.id).unwrap_or(("", Style::Plain));
                let has_tag = self.document.node(self.document.target(self.id)).tag != Tag::None;
                (text, style == Style::Plain && !has_tag)
            }
        };
        if !is_bare {
            return match self.document.scalar(self.id).map(|scalar| scalar.resolved) {
                Some(Resolved::Text(changed)) if changed != text => self.here(visitor.visit_string(changed)),
                Some(Resolved::Text(_)) | None => self.here(visitor.visit_str(text)),
                Some(other) => self.here(visit(other, text, visitor)),
            };
        }
        self.here(visit(resolve(text), text, visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.written("true or false")? {
            Resolved::Bool(value) => self.here(visitor.visit_bool(value)),
            _ => self.no_valid("true or false"),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8, "whole number";
        deserialize_i16 visit_i16 i16, "whole number";
        deserialize_i32 visit_i32 i32, "whole number";
        deserialize_i64 visit_i64 i64, "whole number";
        deserialize_u8 visit_u8 u8, "whole number of 0 or more";
        deserialize_u16 visit_u16 u16, "whole number of 0 or more";
        deserialize_u32 visit_u32 u32, "whole number of 0 or more";
        deserialize_u64 visit_u64 u64, "whole number of 0 or more";
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        #[expect(clippy::cast_precision_loss, reason = "a float is asked for")]
        match self.written("number")? {
            Resolved::Integer(number) => self.here(visitor.visit_f64(number as f64)),
            Resolved::Float(number) => self.here(visitor.visit_f64(number)),
            _ => self.no_valid("number"),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.text()?;
        self.here(visitor.visit_borrowed_str(text))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.document.is_null(self.id) { visitor.visit_none() } else { self.here(visitor.visit_some(self)) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        self.here(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Kind::List { items, .. } = self.document.kind(self.id) else { return self.wanted("list") };
        self.here(visitor.visit_seq(Items { document: self.document, items: items.iter() }))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let pairs = self.pairs()?;
        self.here(visitor.visit_map(pairs))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if matches!(self.document.kind(self.id), Kind::Mapping { .. }) {
            let pairs = self.pairs()?;
            return self.here(visitor.visit_enum(de::value::MapAccessDeserializer::new(pairs)));
        }
        let text = self.text()?;
        self.here(visitor.visit_enum(StrDeserializer::new(text)))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple tuple_struct identifier }
}

/// Gives a visitor what a single value means.
fn visit<'de, V: Visitor<'de>>(resolved: Resolved, text: &str, visitor: V) -> Result<V::Value, Misfit> {
    match resolved {
        Resolved::Null => visitor.visit_unit(),
        Resolved::Bool(value) => visitor.visit_bool(value),
        Resolved::Integer(number) => match (u64::try_from(number), i64::try_from(number)) {
            (Ok(number), _) => visitor.visit_u64(number),
            (_, Ok(number)) => visitor.visit_i64(number),
            _ => visitor.visit_i128(number),
        },
        Resolved::Float(number) if number.is_finite() => visitor.visit_f64(number),
        Resolved::Float(_) => Err(Misfit::new("a number that is not finite")),
        Resolved::Merge | Resolved::Text(_) => visitor.visit_str(text),
    }
}

/// The items of a list.
struct Items<'de> {
    document: &'de Document,
    items: std::slice::Iter<'de, Id>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let document = self.document;
        self.items.next().map(|id| seed.deserialize(Value { document, id: *id })).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The keys and values of a mapping.
struct Pairs<'de> {
    document: &'de Document,
    pairs: Cow<'de, [(Id, Id)]>,
    next: usize,
}

impl<'de> de::MapAccess<'de> for Pairs<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, _)) = self.pairs.get(self.next) else { return Ok(None) };
        let key = Value { document: self.document, id: *key };
        // A key is the text that stands there, whatever Go would make of it (`n` is false to it): nothing else is meant by
        // who writes one for us. Go refuses a key that is null, and so does this.
        let read = match self.document.written(key.id) {
            Some((text, _)) if !self.document.is_null(key.id) => {
                seed.deserialize(de::value::BorrowedStrDeserializer::new(text))
            }
            _ => Err(Misfit::new("a key is missing, or null")),
        };
        key.here(read).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let (_, value) = self.pairs[self.next];
        self.next += 1;
        seed.deserialize(Value { document: self.document, id: value })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len() - self.next)
    }
}
