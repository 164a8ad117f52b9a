//! The grammar of PromQL and its types (promql/parser: generated_parser.y, parse.go).
//!
//! No tree is made: of each part is kept what the parts around it ask for. What is wrong with types is told only of an
//! expression whose grammar is right, as Prometheus does.

mod modifiers;

use super::functions::{self, Optional};
use super::lexer::{Kind, Token, tokens};
use super::types::Type;
use super::wrong::Wrong;
use super::{quoted, regex};

/// How deep parts may nest. Prometheus has no limit, and nobody writes what comes near this one.
const DEEPEST: usize = 250;

const AGGREGATIONS: [&str; 14] = [
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "limit_ratio",
    "limitk",
    "max",
    "min",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
];
/// Keywords that are names of metrics where no operator can stand.
const METRIC_WORDS: [&str; 11] =
    ["and", "anchored", "by", "end", "offset", "or", "smoothed", "start", "step", "unless", "without"];

/// What a part is, as far as `[`, `offset` and `@` ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Selector,
    /// A selector with a range.
    Matrix,
    /// Something else with a range, which is refused already.
    Subquery,
    Other,
}

/// Whether an offset is set; `offset 0s` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offset {
    None,
    Time,
    Computed,
}

/// Whether a time is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    None,
    Time,
    /// `start()` or `end()`.
    Edge,
}

/// A part.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    kind: Type,
    form: Form,
    offset: Offset,
    at: At,
}

/// How parts of a binary operation are matched.
#[derive(Default)]
struct Matching {
    is_bool: bool,
    is_on: bool,
    is_grouped: bool,
    labels: Vec<String>,
    include: Vec<String>,
}

/// Checks an expression.
pub(super) fn check(text: &str) -> Result<(), Wrong> {
    let tokens = tokens(text);
    let mut parser = Parser { text, tokens, next: 0, depth: 0, types: None, doubt: None };
    if parser.peek() == &Kind::End {
        return Err(Wrong::refused(0, "no expression: nothing stands here"));
    }
    parser.expression(1)?;
    if parser.peek() != &Kind::End {
        return Err(parser.unexpected("an operator"));
    }
    match parser.types.or(parser.doubt) {
        Some(wrong) => Err(wrong),
        None => Ok(()),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Not empty; the last is an end.
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// What is wrong with types first.
    types: Option<Wrong>,
    /// What Prometheus may refuse.
    doubt: Option<Wrong>,
}

type Parsed<T> = Result<T, Wrong>;

/// How strongly an operator binds; none when it is no binary operator.
fn binding(kind: &Kind) -> Option<u8> {
    match kind {
        Kind::Keyword("or") => Some(1),
        Kind::Keyword("and" | "unless") => Some(2),
        Kind::Sign("==" | "!=" | "<" | "<=" | ">" | ">=") => Some(3),
        Kind::Sign("+" | "-") => Some(4),
        Kind::Sign("*" | "/" | "%") | Kind::Keyword("atan2") => Some(5),
        Kind::Sign("^") => Some(POWER),
        _ => None,
    }
}

const POWER: u8 = 6;

impl Parser<'_> {
    fn token(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &Kind {
        &self.token().kind
    }

    fn peek_second(&self) -> &Kind {
        &self.tokens[(self.next + 1).min(self.tokens.len() - 1)].kind
    }

    fn at(&self) -> usize {
        self.token().start
    }

    fn take(&mut self) -> Token {
        let token = self.token().clone();
        self.next += 1;
        token
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Kind::Sign(found) if *found == sign)
    }

    fn skip(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.skip(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn word(&self, token: &Token) -> &str {
        &self.text[token.start..token.end]
    }

    fn unexpected(&self, expected: &str) -> Wrong {
        let token = self.token();
        let found = match &token.kind {
            Kind::Wrong(why) => return Wrong::refused(token.start, why.clone()),
            Kind::End => "unexpected end of the expression".to_owned(),
            // Never quoted: it may be an address with a password.
            Kind::Text => "unexpected text in quotes".to_owned(),
            _ => format!("unexpected `{}`", self.word(token)),
        };
        Wrong::refused(token.start, format!("{found}, expected {expected}"))
    }

    fn type_error(&mut self, at: usize, message: impl Into<String>) {
        self.types.get_or_insert_with(|| Wrong::refused(at, message));
    }

    fn want(&mut self, part: Part, wanted: Type, of: &str) {
        if part.kind != wanted {
            self.type_error(part.start, format!("{of}: expected {}, got {}", wanted.words(), part.kind.words()));
        }
    }

    /// An expression of operators that bind at least this strongly.
    fn expression(&mut self, least: u8) -> Parsed<Part> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::doubtful(self.at(), "the expression is nested too deeply to be checked"));
        }
        let mut left = self.operand()?;
        while let Some(strength) = binding(self.peek()).filter(|strength| *strength >= least) {
            let operator = self.take();
            let matching = self.matching()?;
            let right = self.expression(if strength == POWER { strength } else { strength + 1 })?;
            left = self.binary(left, &operator, &matching, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Parsed<Part> {
        let start = self.at();
        if self.skip("+") || self.skip("-") {
            let part = self.expression(POWER)?;
            if !matches!(part.kind, Type::Scalar | Type::Vector) {
                self.type_error(
                    start,
                    format!("a sign belongs before a number or an instant vector, not before {}", part.kind.words()),
                );
            }
            return Ok(Part { start, form: Form::Other, ..part });
        }
        let mut part = self.primary()?;
        loop {
            match self.peek() {
                Kind::Sign("[") => part = self.range(part)?,
                Kind::Keyword("offset") => part = self.offset(part)?,
                Kind::Sign("@") => part = self.timestamp(part)?,
                Kind::Keyword(word @ ("anchored" | "smoothed")) => {
                    return Err(Wrong::refused(
                        self.at(),
                        format!("`{word}` is experimental and not enabled in Thanos"),
                    ));
                }
                _ => return Ok(part),
            }
        }
    }

    fn primary(&mut self) -> Parsed<Part> {
        let start = self.at();
        let other = |kind| Part { start, kind, form: Form::Other, offset: Offset::None, at: At::None };
        match (self.peek().clone(), self.peek_second()) {
            (Kind::Number | Kind::Duration, _) => {
                self.seconds()?;
                Ok(other(Type::Scalar))
            }
            (Kind::Text, _) => {
                self.take();
                Ok(other(Type::Text))
            }
            (Kind::Sign("("), _) => {
                self.take();
                let inner = self.expression(1)?;
                self.expect(")")?;
                Ok(other(inner.kind))
            }
            (Kind::Sign("{"), _) => self.selector(None),
            (Kind::Keyword(word), Kind::Sign("(") | Kind::Keyword("by" | "without"))
                if AGGREGATIONS.contains(&word) =>
            {
                self.aggregation(word)
            }
            (Kind::Name, Kind::Sign("(")) => self.call(),
            (Kind::Keyword("step"), Kind::Sign("(")) => {
                Err(Wrong::refused(start, "`step()` belongs into a range or an offset"))
            }
            (Kind::Name | Kind::MetricName, _) => self.named(),
            (Kind::Keyword(word), _) if AGGREGATIONS.contains(&word) || METRIC_WORDS.contains(&word) => self.named(),
            _ => Err(self.unexpected("a metric, a function or a number")),
        }
    }

    fn named(&mut self) -> Parsed<Part> {
        let token = self.take();
        self.selector(Some(&token))
    }

    /// The selector of a metric that is read already, or what stands in braces.
    fn selector(&mut self, name: Option<&Token>) -> Parsed<Part> {
        let start = name.map_or_else(|| self.at(), |token| token.start);
        let (mut is_named, mut selects) = (false, false);
        if self.skip("{") {
            while !self.is_sign("}") {
                let (names, fits) = self.matcher()?;
                is_named |= names;
                selects |= fits;
                if !self.skip(",") {
                    break;
                }
            }
            if !self.skip("}") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
        match name {
            Some(_) if is_named => self.type_error(start, "the name of the metric is given twice"),
            None if !selects => {
                self.type_error(start, "the selector needs a matcher that does not match the empty text");
            }
            _ => {}
        }
        Ok(Part { start, kind: Type::Vector, form: Form::Selector, offset: Offset::None, at: At::None })
    }

    /// One matcher: whether it is about the metric's name, and whether it rules the empty text out.
    fn matcher(&mut self) -> Parsed<(bool, bool)> {
        let start = self.at();
        let label = match self.peek() {
            Kind::Name => {
                let token = self.take();
                self.word(&token).as_bytes().to_vec()
            }
            Kind::Text => {
                let label = self.quoted()?;
                if self.is_sign(",") || self.is_sign("}") {
                    return Ok((true, !label.is_empty()));
                }
                label
            }
            _ => return Err(self.unexpected("a label or `}`")),
        };
        let operator = match self.peek() {
            Kind::Sign(sign @ ("=" | "!=" | "=~" | "!~")) => *sign,
            _ => return Err(self.unexpected("one of =, !=, =~, !~")),
        };
        self.take();
        if self.peek() != &Kind::Text {
            return Err(self.unexpected("a text in quotes"));
        }
        let value = self.quoted()?;
        let matches_empty = match operator {
            "=" => value.is_empty(),
            "!=" => !value.is_empty(),
            _ => {
                let facts = regex::read(&value).map_err(|why| Wrong::refused(start, why))?;
                if facts.doubtful {
                    self.doubt.get_or_insert_with(|| {
                        Wrong::doubtful(start, "thanosctl cannot tell whether Go takes this regular expression")
                    });
                }
                facts.matches_empty == (operator == "=~")
            }
        };
        Ok((label == b"__name__", !matches_empty))
    }

    fn quoted(&mut self) -> Parsed<Vec<u8>> {
        let token = self.take();
        quoted::bytes(self.word(&token)).map_err(|why| Wrong::refused(token.start, why))
    }

    fn aggregation(&mut self, word: &'static str) -> Parsed<Part> {
        let start = self.take().start;
        let is_first = self.grouping_clause()?;
        let arguments = self.arguments()?;
        if !is_first {
            self.grouping_clause()?;
        }
        if arguments.is_empty() {
            return Err(Wrong::refused(start, format!("`{word}` has no argument")));
        }
        if matches!(word, "limitk" | "limit_ratio") {
            return Err(Wrong::refused(start, format!("`{word}` is experimental and not enabled in Thanos")));
        }
        let parameter = match word {
            "topk" | "bottomk" | "quantile" => Some(Type::Scalar),
            "count_values" => Some(Type::Text),
            _ => None,
        };
        match (&arguments[..], parameter) {
            ([vector], None) => self.want(*vector, Type::Vector, word),
            ([given, vector], Some(parameter)) => {
                self.want(*vector, Type::Vector, word);
                self.want(*given, parameter, word);
            }
            (_, parameter) => {
                let wanted = 1 + usize::from(parameter.is_some());
                let found = arguments.len();
                return Err(Wrong::refused(start, format!("`{word}` wants {wanted} argument(s), got {found}")));
            }
        }
        Ok(Part { start, kind: Type::Vector, form: Form::Other, offset: Offset::None, at: At::None })
    }

    /// Reads `by (…)` or `without (…)`, if that is what comes.
    fn grouping_clause(&mut self) -> Parsed<bool> {
        if !matches!(self.peek(), Kind::Keyword("by" | "without")) {
            return Ok(false);
        }
        self.take();
        self.labels()?;
        Ok(true)
    }

    /// Labels in parentheses.
    fn labels(&mut self) -> Parsed<Vec<String>> {
        self.expect("(")?;
        let mut labels = Vec::new();
        while !self.is_sign(")") {
            let start = self.at();
            match self.peek() {
                // The one keyword that Prometheus forgot.
                Kind::Keyword("without") => return Err(self.unexpected("a label; write it in quotes")),
                Kind::Name | Kind::MetricName | Kind::Keyword(_) => {
                    let token = self.take();
                    labels.push(self.word(&token).to_owned());
                }
                Kind::Text => {
                    let label = String::from_utf8(self.quoted()?).ok().filter(|label| !label.is_empty());
                    labels.push(label.ok_or_else(|| Wrong::refused(start, "this is no name of a label"))?);
                }
                _ => return Err(self.unexpected("a label")),
            }
            if !self.skip(",") {
                break;
            }
        }
        if !self.skip(")") {
            return Err(self.unexpected("`,` or `)`"));
        }
        Ok(labels)
    }

    /// Expressions in parentheses.
    fn arguments(&mut self) -> Parsed<Vec<Part>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        if self.skip(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(1)?);
            if self.skip(")") {
                return Ok(arguments);
            }
            if !self.skip(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
    }

    fn call(&mut self) -> Parsed<Part> {
        let token = self.take();
        let start = token.start;
        let name = self.word(&token).to_owned();
        let arguments = self.arguments()?;
        if functions::EXPERIMENTAL.contains(&name.as_str()) {
            return Err(Wrong::refused(
                start,
                format!("the function `{name}` is experimental and not enabled in Thanos"),
            ));
        }
        let function = functions::function(&name)
            .ok_or_else(|| Wrong::refused(start, format!("unknown function `{name}`{}", advice(&name))))?;
        let most = match function.optional {
            Optional::No | Optional::Last => function.takes.len(),
            Optional::Many => usize::MAX,
        };
        let least = function.takes.len() - usize::from(function.optional != Optional::No);
        let found = arguments.len();
        if found < least || found > most {
            let wanted = if least == most { least.to_string() } else { format!("at least {least}") };
            let wanted = if most < usize::MAX && found > most { format!("at most {most}") } else { wanted };
            self.type_error(start, format!("`{name}` wants {wanted} argument(s), got {found}"));
        }
        for (index, argument) in arguments.iter().enumerate() {
            if let Some(wanted) = function.takes.get(index).or(function.takes.last()) {
                self.want(*argument, *wanted, &format!("`{name}`"));
            }
        }
        Ok(Part { start, kind: function.gives, form: Form::Other, offset: Offset::None, at: At::None })
    }

    /// What may stand between an operator and its right side.
    fn matching(&mut self) -> Parsed<Matching> {
        let mut matching = Matching::default();
        if matches!(self.peek(), Kind::Keyword("bool")) {
            self.take();
            matching.is_bool = true;
        }
        let Kind::Keyword(word @ ("on" | "ignoring")) = *self.peek() else { return Ok(matching) };
        self.take();
        matching.is_on = word == "on";
        matching.labels = self.labels()?;
        if matches!(self.peek(), Kind::Keyword("group_left" | "group_right")) {
            self.take();
            matching.is_grouped = true;
            // Without labels, what comes in parentheses is still read as some.
            if self.is_sign("(") {
                matching.include = self.labels()?;
            }
        }
        Ok(matching)
    }

    fn binary(&mut self, left: Part, operator: &Token, matching: &Matching, right: Part) -> Part {
        let word = self.word(operator).to_owned();
        let at = operator.start;
        let is_comparison = binding(&operator.kind) == Some(3);
        let is_set = matches!(binding(&operator.kind), Some(1 | 2));
        let scalars = left.kind == Type::Scalar && right.kind == Type::Scalar;
        let vectors = left.kind == Type::Vector && right.kind == Type::Vector;
        if matching.is_bool && !is_comparison {
            self.type_error(at, format!("`bool` belongs to comparisons, not to `{word}`"));
        }
        if is_comparison && !matching.is_bool && scalars {
            self.type_error(at, format!("a comparison of numbers needs `bool`: write `{word} bool`"));
        }
        if matching.is_on
            && let Some(label) = matching.labels.iter().find(|label| matching.include.contains(label))
        {
            self.type_error(at, format!("the label `{label}` stands in `on` and in the group at once"));
        }
        for part in [left, right] {
            if !matches!(part.kind, Type::Scalar | Type::Vector) {
                self.type_error(
                    part.start,
                    format!("`{word}` works on numbers and instant vectors, not on {}", part.kind.words()),
                );
            }
        }
        if !vectors && !matching.labels.is_empty() {
            self.type_error(at, "labels can be matched between instant vectors only");
        }
        if vectors && is_set && matching.is_grouped {
            self.type_error(at, format!("`{word}` allows no group_left or group_right"));
        }
        if is_set && (left.kind == Type::Scalar || right.kind == Type::Scalar) {
            self.type_error(at, format!("`{word}` works on instant vectors, not on numbers"));
        }
        let kind = if scalars { Type::Scalar } else { Type::Vector };
        Part { start: left.start, kind, form: Form::Other, offset: Offset::None, at: At::None }
    }
}

/// What an unknown function may be meant as.
fn advice(name: &str) -> &'static str {
    match name {
        "holt_winters" => "; it was removed from Prometheus",
        "xrate" | "xincrease" | "xdelta" => "; Thanos has it in its own query engine, and not in rules",
        _ => "",
    }
}
