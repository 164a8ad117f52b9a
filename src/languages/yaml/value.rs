//! What Helm makes of a document: sigs.k8s.io/yaml turns it into JSON, in which every number is a 64-bit float.

use serde_json::{Map, Number, Value};

use super::node::{Id, Kind, Problem};
use super::scalar::{self, Resolved};
use super::tree::Document;

impl Document {
    /// What Helm reads from a node.
    ///
    /// # Errors
    /// When it holds what JSON lacks: keys that are null, numbers that are infinite.
    pub fn value(&self, id: Id) -> Result<Value, Problem> {
        Ok(match self.kind(id) {
            Kind::Scalar(..) | Kind::Alias(_) => self.single_value(id)?,
            Kind::List { items, .. } => {
                Value::Array(items.iter().map(|item| self.value(*item)).collect::<Result<_, _>>()?)
            }
            Kind::Mapping { .. } => {
                let mut map = Map::new();
                for entry in self.entries(id).unwrap_or_default() {
                    map.insert(self.key(entry.key)?, self.value(entry.value)?);
                }
                Value::Object(map)
            }
        })
    }

    /// What Helm reads from a single value.
    ///
    /// # Errors
    /// When JSON has no such number.
    pub fn single_value(&self, id: Id) -> Result<Value, Problem> {
        let scalar = self.scalar(id).unwrap_or_else(|| scalar::Scalar::quoted(""));
        let number = match scalar.resolved {
            Resolved::Null => return Ok(Value::Null),
            Resolved::Bool(value) => return Ok(Value::Bool(value)),
            Resolved::Integer(number) => whole(number),
            Resolved::Float(number) => Number::from_f64(number),
            Resolved::Merge => return Ok(Value::String(scalar.text)),
            Resolved::Text(text) => return Ok(Value::String(text)),
        };
        let hint = "put it in quotes, if it is a text";
        let wrong = || self.problem(id, "this number is one that JSON, which Helm goes through, lacks", Some(hint));
        number.map(Value::Number).ok_or_else(wrong)
    }

    /// A key as Helm reads it: it becomes a text.
    ///
    /// # Errors
    /// When it is none that JSON could have.
    pub fn key(&self, id: Id) -> Result<String, Problem> {
        let wrong = |message| self.problem(id, message, Some("put the key in quotes"));
        let scalar = self.scalar(id).ok_or_else(|| wrong("a list or a mapping stands where a key belongs"))?;
        match scalar.resolved {
            Resolved::Null => Err(wrong("a key is missing, or null")),
            Resolved::Bool(value) => Ok(value.to_string()),
            Resolved::Integer(number) if i64::try_from(number).is_err() => Err(wrong("this key is too great a number")),
            Resolved::Integer(number) => Ok(number.to_string()),
            // sigs.k8s.io/yaml writes it as one of 32 bits.
            #[expect(clippy::cast_possible_truncation, reason = "as it does")]
            Resolved::Float(number) => Ok(scalar::written(f64::from(number as f32), format!("{:e}", number as f32))),
            Resolved::Merge => Ok(scalar.text),
            Resolved::Text(text) => Ok(text),
        }
    }
}

/// A whole number once it was a float of 64 bits.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "that is what is asked for")]
fn whole(number: i128) -> Option<Number> {
    let rounded = number as f64 as i128;
    match (i64::try_from(rounded), u64::try_from(rounded)) {
        (Ok(number), _) => Some(number.into()),
        (_, Ok(number)) => Some(number.into()),
        _ => Number::from_f64(number as f64),
    }
}
