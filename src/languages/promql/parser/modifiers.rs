//! What stands behind a selector: ranges, offsets, times, and the durations in them.
//!
//! Durations that are computed are experimental but for a few that Prometheus forgot to guard, such as `[step()]`.

use super::super::number;
use super::{At, DEEPEST, Form, Kind, Offset, Parsed, Parser, Part, Type, Wrong};

/// What Prometheus can count as a duration, in seconds.
const LONGEST: f64 = 9_223_372_036.854_776;

const COMPUTED: &str = "computed durations are experimental and not enabled in Thanos";

/// A duration: its seconds, or that it is computed.
type Seconds = Option<f64>;

impl Parser<'_> {
    /// `[5m]`, `[1h:5m]`, `[1h:]`.
    pub(super) fn range(&mut self, part: Part) -> Parsed<Part> {
        let at = self.take().start;
        self.positive()?;
        if self.skip(":") {
            if !self.is_sign("]") {
                self.positive()?;
            }
            if !self.skip("]") {
                return Err(self.unexpected("a duration or `]`"));
            }
            if part.kind != Type::Vector {
                self.type_error(
                    part.start,
                    format!("a subquery is of an instant vector, not of {}", part.kind.words()),
                );
            }
            return Ok(Part { kind: Type::Range, form: Form::Subquery, offset: Offset::None, at: At::None, ..part });
        }
        if !self.skip("]") {
            return Err(self.unexpected("`:` or `]`"));
        }
        let why = match part {
            Part { form: Form::Selector, offset: Offset::Time, .. } => "an offset stands behind the range, not before",
            Part { form: Form::Selector, at: At::Time, .. } => "`@` stands behind the range, not before",
            Part { form: Form::Selector, .. } => {
                return Ok(Part { kind: Type::Range, form: Form::Matrix, ..part });
            }
            _ => "a range is of a selector alone; of other expressions it is a subquery, such as [5m:]",
        };
        Err(Wrong::refused(at, why))
    }

    pub(super) fn offset(&mut self, part: Part) -> Parsed<Part> {
        let at = self.take().start;
        let signs = {
            let mut ahead = self.next;
            while matches!(self.tokens.get(ahead).map(|token| &token.kind), Some(Kind::Sign("+" | "-"))) {
                ahead += 1;
            }
            ahead - self.next
        };
        let given = if signs == 1 && matches!(self.peek_second(), Kind::Sign("(")) {
            // The one place where parentheses are no computation, if they hold one.
            self.take();
            let paren = self.take().start;
            let inner = self.duration()?;
            self.expect(")")?;
            if inner.is_some() {
                return Err(Wrong::refused(paren, COMPUTED));
            }
            None
        } else {
            self.duration_operand()?
        };
        if signs > 1 && matches!(self.peek(), Kind::Sign("+" | "-" | "*" | "/" | "%" | "^")) {
            return Err(Wrong::refused(at, COMPUTED));
        }
        if part.form == Form::Other {
            return Err(Wrong::refused(at, "an offset belongs behind a selector, a range or a subquery"));
        }
        if part.offset != Offset::None {
            return Err(Wrong::refused(at, "the offset is given twice"));
        }
        let offset = match given {
            None => Offset::Computed,
            Some(seconds) if (seconds * 1e9).round() == 0.0 => Offset::None,
            Some(_) => Offset::Time,
        };
        Ok(Part { offset, ..part })
    }

    pub(super) fn timestamp(&mut self, part: Part) -> Parsed<Part> {
        let at = self.take().start;
        let given = match (self.peek().clone(), self.peek_second()) {
            (Kind::Keyword("start" | "end"), _) => {
                self.take();
                self.expect("(")?;
                self.expect(")")?;
                At::Edge
            }
            _ => {
                if !self.skip("+") {
                    self.skip("-");
                }
                if !matches!(self.peek(), Kind::Number | Kind::Duration) {
                    return Err(self.unexpected("a time, start() or end()"));
                }
                let seconds = self.seconds()?;
                if !seconds.is_finite() || seconds.abs() >= 9_223_372_036_854_775_807.0 {
                    return Err(Wrong::refused(at, "the time behind `@` is out of bounds"));
                }
                At::Time
            }
        };
        if part.form == Form::Other {
            return Err(Wrong::refused(at, "`@` belongs behind a selector, a range or a subquery"));
        }
        if part.at != At::None {
            return Err(Wrong::refused(at, "`@` is given twice"));
        }
        Ok(Part { at: given, ..part })
    }

    /// A number or a duration, in seconds.
    pub(super) fn seconds(&mut self) -> Parsed<f64> {
        let token = self.take();
        let word = self.word(&token);
        let value = if token.kind == Kind::Duration { number::seconds(word) } else { number::value(word) };
        value.map_err(|why| Wrong::refused(token.start, why))
    }

    fn positive(&mut self) -> Parsed<()> {
        let at = self.at();
        match self.duration()? {
            Some(seconds) if seconds <= 0.0 => Err(Wrong::refused(at, "a range must be longer than 0")),
            _ => Ok(()),
        }
    }

    /// A duration where nothing is computed: what could be is refused.
    fn duration(&mut self) -> Parsed<Seconds> {
        let seconds = self.duration_operand()?;
        if matches!(self.peek(), Kind::Sign("+" | "-" | "*" | "/" | "%" | "^")) {
            return Err(Wrong::refused(self.at(), COMPUTED));
        }
        Ok(seconds)
    }

    fn duration_operand(&mut self) -> Parsed<Seconds> {
        let at = self.at();
        match (self.peek().clone(), self.peek_second()) {
            (Kind::Number | Kind::Duration, _) => {
                let seconds = self.seconds()?;
                if seconds.abs() > LONGEST {
                    return Err(Wrong::refused(at, "the duration is longer than Prometheus can count"));
                }
                Ok(Some(seconds))
            }
            (Kind::Sign(sign @ ("+" | "-")), _) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Wrong::doubtful(at, "the expression is nested too deeply to be checked"));
                }
                self.take();
                let seconds = self.duration_operand()?;
                self.depth -= 1;
                Ok(if sign == "-" { seconds.map(|seconds| -seconds) } else { seconds })
            }
            (Kind::Keyword("step"), Kind::Sign("(")) => {
                self.next += 2;
                self.expect(")")?;
                Ok(None)
            }
            (Kind::Keyword("min" | "max"), Kind::Sign("(")) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Wrong::doubtful(at, "the expression is nested too deeply to be checked"));
                }
                self.next += 2;
                self.duration()?;
                self.expect(",")?;
                self.duration()?;
                self.expect(")")?;
                self.depth -= 1;
                Ok(None)
            }
            (Kind::Sign("("), _) => Err(Wrong::refused(at, COMPUTED)),
            _ => Err(self.unexpected("a duration")),
        }
    }
}
