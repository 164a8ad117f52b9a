//! What Go makes of nodes, and what it refuses only then: tags that do not fit, merges of other things than mappings, keys
//! that are no single values, aliases that lead into themselves or make a document grow.

use super::budget::Budget;
use super::node::{Id, Kind, Problem, Tag};
use super::parse::DEEPEST;
use super::scalar::tagged;
use super::tree::Document;

/// Whether Go can decode a document.
pub(super) fn check(document: &Document) -> Result<(), Problem> {
    let budget = Budget::of(&document.text);
    let mut walk = Walk { document, all: 1, aliased: 0, depth: 0, open: Vec::new(), budget };
    document.root.map_or(Ok(()), |root| walk.value(root))
}

/// A walk over the nodes as Go decodes them, with every alias written out.
struct Walk<'d> {
    document: &'d Document,
    /// How much was decoded.
    all: u32,
    /// How much of that only since aliases repeat it.
    aliased: u32,
    depth: usize,
    /// The aliases that the walk is in.
    open: Vec<Id>,
    budget: Budget,
}

impl Walk<'_> {
    fn value(&mut self, id: Id) -> Result<(), Problem> {
        let document = self.document;
        let node = &document.nodes[id.number()];
        let text = document.written(id).map_or(0, |(text, _)| text.len());
        self.all += 1;
        self.aliased += u32::from(!self.open.is_empty());
        if !self.budget.take(text) || self.is_excessive() {
            return Err(document.problem(id, Budget::EXCEEDED, Some(Budget::HINT)));
        }
        if self.depth > 2 * DEEPEST {
            return Err(document.problem(id, "it is nested too deeply", None));
        }
        match &node.kind {
            Kind::Scalar(_, style) if node.tag != Tag::None => {
                let text = document.written(id).map_or("", |(text, _)| text);
                tagged(text, *style, node.tag)
                    .map_err(|message| document.problem(id, message, Some("take the tag away")))?;
            }
            Kind::Scalar(..) => {}
            Kind::Alias(target) => {
                if self.open.contains(&id) {
                    return Err(document.problem(id, "an alias names what it stands in", Some("write it out")));
                }
                self.open.push(id);
                self.depth += 1;
                self.value(*target)?;
                self.depth -= 1;
                self.open.pop();
            }
            Kind::List { items, .. } => {
                self.depth += 1;
                for item in items {
                    self.value(*item)?;
                }
                self.depth -= 1;
            }
            Kind::Mapping { pairs, .. } => {
                self.depth += 1;
                for (key, value) in pairs {
                    if document.is_merge(*key) {
                        self.merge(*value)?;
                        continue;
                    }
                    self.value(*key)?;
                    if !matches!(document.kind(*key), Kind::Scalar(..)) {
                        let hint = "a template (`{{`) is no YAML: put it in quotes; any other key is a text";
                        return Err(document.problem(
                            *key,
                            "a list or a mapping stands where a key belongs",
                            Some(hint),
                        ));
                    }
                    self.value(*value)?;
                }
                self.depth -= 1;
            }
        }
        Ok(())
    }

    fn merge(&mut self, value: Id) -> Result<(), Problem> {
        let sources = match &self.document.nodes[value.number()].kind {
            Kind::List { items, .. } => items.iter().rev().copied().collect(),
            Kind::Mapping { .. } | Kind::Scalar(..) | Kind::Alias(_) => vec![value],
        };
        for source in sources {
            if !matches!(self.document.kind(source), Kind::Mapping { .. }) {
                let hint = "name a mapping by its anchor (`<<: *name`)";
                return Err(self.document.problem(source, "`<<` merges mappings alone", Some(hint)));
            }
            self.value(source)?;
        }
        Ok(())
    }

    /// yaml.v2, decode.go: `allowedAliasRatio`.
    fn is_excessive(&self) -> bool {
        const FEW: f64 = 400_000.0;
        const MANY: f64 = 4_000_000.0;
        if self.aliased <= 100 || self.all <= 1000 {
            return false;
        }
        let (all, aliased) = (f64::from(self.all), f64::from(self.aliased));
        aliased / all > 0.99 - 0.89 * ((all - FEW) / (MANY - FEW)).clamp(0.0, 1.0)
    }
}
