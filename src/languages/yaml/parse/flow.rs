//! Lists in brackets and mappings in braces.

use super::{Kind, Mark, Parser, Place, Problem, Token};
use crate::languages::yaml::node::Id;

impl<'t> Parser<'t> {
    /// Takes the comma behind an item of brackets that opened at `open`; whether they close instead.
    fn is_closed(
        &mut self,
        open: Mark,
        is_first: bool,
        close: &Token<'t>,
        message: &str,
    ) -> Result<Option<Mark>, Problem> {
        if let Some(end) = self.take(close)? {
            return Ok(Some(end));
        }
        if self.is_next(|next| *next == Token::StreamEnd)? {
            let bracket = &self.text[open.at..=open.at];
            let message = format!("this `{bracket}` is never closed");
            return Err(Problem { position: open.position(), at: open.at, message, hint: None });
        }
        if is_first {
            return Ok(None);
        }
        if self.take(&Token::Comma)?.is_none() {
            return self.unexpected(message);
        }
        self.take(close)
    }

    pub(super) fn flow_list(&mut self) -> Result<(Kind, Mark), Problem> {
        let open = self.scanner.take()?.start;
        let mut items = Vec::new();
        let message = "within brackets `,` or `]` is missing; a text with one of `?[]{},` wants quotes";
        let end = loop {
            if let Some(end) = self.is_closed(open, items.is_empty(), &Token::FlowListEnd, message)? {
                break end;
            }
            let start = self.scanner.peek()?.start;
            let item = match self.take(&Token::Key)? {
                Some(sign) => self.single_pair(start, sign)?,
                None => self.node(Place::Flow, None)?,
            };
            items.push(item);
        };
        Ok((Kind::List { items, is_flow: true }, end))
    }

    /// A mapping of one entry that stands without braces in a list.
    fn single_pair(&mut self, start: Mark, sign: Mark) -> Result<Id, Problem> {
        let is_absent = |next: &Token<'_>| matches!(next, Token::Comma | Token::FlowListEnd);
        let id = self.add(start, None);
        self.enter(id)?;
        let key = if self.is_next(|next| matches!(next, Token::Value | Token::Comma | Token::FlowListEnd))? {
            // Go passes over this token, whatever it is.
            self.scanner.take()?;
            self.absent(sign, None)
        } else {
            self.node(Place::Flow, None)?
        };
        let value = self.value_of(key, Place::Flow, is_absent)?;
        self.depth -= 1;
        let end = self.nodes[value.number()].end;
        let node = &mut self.nodes[id.number()];
        (node.kind, node.end) = (Kind::Mapping { pairs: vec![(key, value)], is_flow: true }, end);
        Ok(id)
    }

    pub(super) fn flow_mapping(&mut self) -> Result<(Kind, Mark), Problem> {
        let open = self.scanner.take()?.start;
        let is_absent = |next: &Token<'_>| matches!(next, Token::Comma | Token::FlowMappingEnd);
        let mut pairs = Vec::new();
        let message = "within braces `,` or `}` is missing; a text with one of `?[]{},` wants quotes";
        let end = loop {
            if let Some(end) = self.is_closed(open, pairs.is_empty(), &Token::FlowMappingEnd, message)? {
                break end;
            }
            let (key, value) = match self.take(&Token::Key)? {
                Some(sign) => {
                    let is_missing =
                        self.is_next(|next| matches!(next, Token::Value | Token::Comma | Token::FlowMappingEnd))?;
                    let key = if is_missing { self.absent(sign, None) } else { self.node(Place::Flow, None)? };
                    (key, self.value_of(key, Place::Flow, is_absent)?)
                }
                None => {
                    let key = self.node(Place::Flow, None)?;
                    (key, self.absent(self.nodes[key.number()].end, None))
                }
            };
            pairs.push((key, value));
        };
        Ok((Kind::Mapping { pairs, is_flow: true }, end))
    }
}
