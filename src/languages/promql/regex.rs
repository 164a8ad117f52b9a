//! Regular expressions as Go reads them (regexp/syntax: RE2 with Perl's classes), and whether one matches the empty text.
//!
//! Read with a stack of our own, so that depth is no danger. Sizes and depths near Go's limits are in doubt: Go counts
//! what it makes of the text, which is not followed here.

/// What is known of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether it matches the empty text as a whole.
    pub(super) matches_empty: bool,
    /// Whether Go may refuse it for a reason that is not followed here.
    pub(super) doubtful: bool,
}

/// How often something may be repeated, all repetitions around it together.
const MOST_REPEATS: u64 = 1000;
/// How deep Go lets groups nest at most, and from which depth on it is in doubt whether it does.
const DEEPEST: usize = 1000;
const DOUBTFUL_DEPTH: usize = 300;
/// From which size on it is in doubt whether Go takes it.
const DOUBTFUL_SIZE: u64 = 500_000;

/// The classes of characters that Go knows by name: categories, and the scripts of its release 1.26.
const UNICODE: &str = "\
    Any C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So \
    Z Zl Zp Zs Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak \
    Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian \
    Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan \
    Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic \
    Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya \
    Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi \
    Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script \
    Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar \
    Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui \
    Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari \
    Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian \
    Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic \
    Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician \
    Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala \
    Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet \
    Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi \
    Wancho Warang_Citi Yezidi Yi Zanabazar_Square";

/// One thing that may be repeated.
#[derive(Clone, Copy)]
struct Item {
    empty: bool,
    /// How often its inside is repeated already.
    repeats: u64,
    size: u64,
}

impl Item {
    fn new(empty: bool) -> Self {
        Self { empty, repeats: 1, size: 1 }
    }
}

/// A group that is open.
struct Group {
    /// Whether one of the alternatives that are read already matches the empty text.
    alternative: bool,
    /// What stands before the last item of this alternative.
    before: bool,
    last: Option<Item>,
    repeats: u64,
    size: u64,
}

impl Group {
    fn new() -> Self {
        Self { alternative: false, before: true, last: None, repeats: 1, size: 1 }
    }

    fn push(&mut self, item: Item) {
        self.settle();
        self.last = Some(item);
    }

    /// Counts the last item as one that is not repeated any more.
    fn settle(&mut self) {
        if let Some(item) = self.last.take() {
            self.before &= item.empty;
            self.repeats = self.repeats.max(item.repeats);
            self.size = self.size.saturating_add(item.size);
        }
    }

    fn next_alternative(&mut self) {
        self.settle();
        self.alternative |= self.before;
        self.before = true;
    }

    fn close(mut self) -> Item {
        self.next_alternative();
        Item { empty: self.alternative, repeats: self.repeats, size: self.size }
    }
}

/// Reads an expression.
///
/// # Errors
/// Why Go refuses it.
pub(super) fn read(text: &[u8]) -> Result<Facts, String> {
    if !text.iter().any(|byte| b"\\.+*?()[]{}^$".contains(byte)) {
        // Prometheus compares literal alternatives as they are, and asks no parser, not even whether they are UTF-8.
        let matches_empty = text.split(|byte| *byte == b'|').any(<[u8]>::is_empty);
        return Ok(Facts { matches_empty, doubtful: false });
    }
    let text = std::str::from_utf8(text).map_err(|_| "the regular expression is not UTF-8")?;
    let mut reader = Reader { rest: text, groups: vec![Group::new()], doubtful: false };
    let mut repeated = false;
    while let Some(c) = reader.rest.chars().next() {
        repeated = reader.step(c, repeated)?;
    }
    let Reader { mut groups, mut doubtful, .. } = reader;
    let whole = groups.pop().unwrap_or_else(Group::new).close();
    if !groups.is_empty() {
        return Err("missing closing ) in the regular expression".to_owned());
    }
    doubtful |= whole.size > DOUBTFUL_SIZE;
    Ok(Facts { matches_empty: whole.empty, doubtful })
}

struct Reader<'a> {
    rest: &'a str,
    /// The outermost first. Never empty.
    groups: Vec<Group>,
    doubtful: bool,
}

impl Reader<'_> {
    fn group(&mut self) -> &mut Group {
        self.groups.last_mut().expect("the whole is a group that nothing closes")
    }

    fn push(&mut self, item: Item) {
        self.group().push(item);
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// Reads what starts with `c`. Whether it was a repetition, which may not be repeated.
    fn step(&mut self, c: char, repeated: bool) -> Result<bool, String> {
        match c {
            '(' if self.rest.starts_with("(?") => self.flags()?,
            '(' => self.open(1)?,
            '|' => {
                self.skip(1);
                self.group().next_alternative();
            }
            ')' => {
                self.skip(1);
                if self.groups.len() == 1 {
                    return Err("unexpected ) in the regular expression".to_owned());
                }
                let item = self.groups.pop().expect("two groups are open").close();
                self.push(item);
            }
            '^' | '$' => {
                self.skip(1);
                self.push(Item::new(true));
            }
            '[' => self.class()?,
            '*' | '?' => {
                self.skip(1);
                self.repeat(repeated, |item| Some(Item { empty: true, ..item }))?;
                return Ok(true);
            }
            '+' => {
                self.skip(1);
                self.repeat(repeated, Some)?;
                return Ok(true);
            }
            '{' => return self.counted(repeated),
            '\\' => self.escape()?,
            c => {
                self.skip(c.len_utf8());
                self.push(Item::new(false));
            }
        }
        Ok(false)
    }

    fn open(&mut self, bytes: usize) -> Result<(), String> {
        self.skip(bytes);
        self.groups.push(Group::new());
        self.doubtful |= self.groups.len() > DOUBTFUL_DEPTH;
        if self.groups.len() > DEEPEST {
            return Err("the regular expression nests too deeply".to_owned());
        }
        Ok(())
    }

    fn repeat(&mut self, repeated: bool, change: impl Fn(Item) -> Option<Item>) -> Result<(), String> {
        if self.rest.starts_with('?') {
            self.skip(1);
        }
        if repeated {
            return Err("a repetition of a repetition in the regular expression".to_owned());
        }
        let group = self.group();
        let item = group.last.ok_or("nothing to repeat in the regular expression")?;
        group.last = Some(change(item).ok_or("a repeat count above 1000 in the regular expression")?);
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else is a text.
    fn counted(&mut self, repeated: bool) -> Result<bool, String> {
        let Some((least, most, length)) = counts(self.rest) else {
            self.skip(1);
            self.push(Item::new(false));
            return Ok(false);
        };
        self.skip(length);
        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least) {
            return Err("invalid repeat count in the regular expression".to_owned());
        }
        let times = most.unwrap_or(least);
        self.repeat(repeated, |item| {
            let inner = if times == 0 && most.is_some() { 1 } else { item.repeats };
            let repeats = inner * times.max(1);
            let counts = least >= 2 || most.is_some_and(|most| most >= 2);
            (!counts || repeats <= MOST_REPEATS).then_some(Item {
                empty: item.empty || least == 0,
                repeats,
                size: item.size.saturating_mul(times.max(1)),
            })
        })?;
        Ok(true)
    }

    /// What starts with `(?`.
    fn flags(&mut self) -> Result<(), String> {
        let name = self.rest.strip_prefix("(?P<").or_else(|| self.rest.strip_prefix("(?<"));
        if let Some(rest) = name {
            let wrong = || "invalid named group in the regular expression".to_owned();
            let end = rest.find('>').ok_or_else(wrong)?;
            let name = &rest[..end];
            if name.is_empty() || !name.bytes().all(|c| c == b'_' || c.is_ascii_alphanumeric()) {
                return Err(wrong());
            }
            // Two groups of one name are fine: the regular expressions of Prometheus are a fork of Go's.
            return self.open(self.rest.len() - rest.len() + end + 1);
        }
        let (mut negated, mut any) = (false, false);
        for (offset, c) in self.rest.char_indices().skip(2) {
            match c {
                'i' | 'm' | 's' | 'U' => any = true,
                '-' if !negated => (negated, any) = (true, false),
                ':' | ')' if negated && !any => break,
                ':' => return self.open(offset + 1),
                ')' => {
                    self.skip(offset + 1);
                    return Ok(());
                }
                _ => break,
            }
        }
        let shown: String = self.rest.chars().take(3).collect();
        Err(format!("`{shown}` is not supported in a regular expression"))
    }

    /// A class in brackets.
    fn class(&mut self) -> Result<(), String> {
        self.skip(1);
        if self.rest.starts_with('^') {
            self.skip(1);
        }
        let mut first = true;
        loop {
            if self.rest.is_empty() {
                return Err("missing closing ] in the regular expression".to_owned());
            }
            if self.rest.starts_with(']') && !first {
                self.skip(1);
                self.push(Item::new(false));
                return Ok(());
            }
            first = false;
            if let Some(rest) = self.rest.strip_prefix("[:")
                && let Some(end) = rest.find(":]")
            {
                named_class(&rest[..end])?;
                self.skip(2 + end + 2);
                continue;
            }
            if self.is_class_escape()? {
                continue;
            }
            let low = self.class_char()?;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1 {
                self.skip(1);
                if self.class_char()? < low {
                    return Err("a range that goes backwards in the regular expression".to_owned());
                }
            }
        }
    }

    fn class_char(&mut self) -> Result<char, String> {
        match self.rest.chars().next() {
            None => Err("missing closing ] in the regular expression".to_owned()),
            Some('\\') => self.character(),
            Some(c) => {
                self.skip(c.len_utf8());
                Ok(c)
            }
        }
    }

    /// Reads `\d` and `\pL` and the like, if that is what comes.
    fn is_class_escape(&mut self) -> Result<bool, String> {
        let mut chars = self.rest.chars();
        match (chars.next(), chars.next()) {
            (Some('\\'), Some('d' | 'D' | 's' | 'S' | 'w' | 'W')) => self.skip(2),
            (Some('\\'), Some('p' | 'P')) => self.unicode()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `\pL`, `\p{Greek}`.
    fn unicode(&mut self) -> Result<(), String> {
        let wrong = || "an invalid character class in the regular expression".to_owned();
        let rest = &self.rest[2..];
        let (name, length) = match rest.chars().next().ok_or_else(wrong)? {
            '{' => {
                let end = rest.find('}').ok_or_else(wrong)?;
                (&rest[1..end], end + 1)
            }
            c => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        let name = name.strip_prefix('^').unwrap_or(name);
        if !UNICODE.split_whitespace().any(|known| known == name) {
            return Err(wrong());
        }
        self.skip(2 + length);
        Ok(())
    }

    /// What starts with `\` outside a class.
    fn escape(&mut self) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix("\\Q") {
            let (quoted, after) = rest.split_once("\\E").unwrap_or((rest, ""));
            for _ in quoted.chars() {
                self.group().push(Item::new(false));
            }
            self.rest = after;
            return Ok(());
        }
        let empty = match self.rest.chars().nth(1) {
            Some('A' | 'z' | 'B') => Some(true),
            Some('b') => Some(false),
            _ => None,
        };
        if let Some(empty) = empty {
            self.skip(2);
            self.push(Item::new(empty));
        } else if self.is_class_escape()? {
            self.push(Item::new(false));
        } else {
            self.character()?;
            self.push(Item::new(false));
        }
        Ok(())
    }

    /// The character that an escape stands for.
    fn character(&mut self) -> Result<char, String> {
        let mut chars = self.rest.chars();
        chars.next();
        let kind = chars.next().ok_or("the regular expression ends with a backslash")?;
        let wrong = || format!("invalid escape `\\{kind}` in the regular expression");
        let is_octal = |c: Option<char>| c.is_some_and(|c| ('0'..='7').contains(&c));
        let character = match kind {
            '1'..='7' if !is_octal(chars.clone().next()) => return Err(wrong()),
            '0'..='7' => {
                let mut number = kind.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let mut ahead = chars.clone();
                    let Some(digit) = ahead.next().and_then(|c| c.to_digit(8)) else { break };
                    chars = ahead;
                    number = number * 8 + digit;
                }
                char::from_u32(number).ok_or_else(wrong)?
            }
            'x' => {
                let digits = match chars.as_str().strip_prefix('{') {
                    Some(rest) => {
                        let (digits, after) = rest.split_once('}').ok_or_else(wrong)?;
                        chars = after.chars();
                        digits.to_owned()
                    }
                    None => chars.by_ref().take(2).collect(),
                };
                let is_braced = self.rest.starts_with("\\x{");
                if digits.is_empty() || (!is_braced && digits.chars().count() != 2) {
                    return Err(wrong());
                }
                if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
                    return Err(wrong());
                }
                let number = u32::from_str_radix(&digits, 16).map_err(|_| wrong())?;
                // Go takes surrogates; what it makes of them matches nothing.
                char::from_u32(number).or((number <= 0x10_ffff).then_some('\u{fffd}')).ok_or_else(wrong)?
            }
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(wrong()),
        };
        self.rest = &self.rest[self.rest.len() - chars.as_str().len()..];
        Ok(character)
    }
}

fn named_class(name: &str) -> Result<(), String> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "word", "xdigit",
    ];
    if NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        Ok(())
    } else {
        Err(format!("unknown class `[:{name}:]` in the regular expression"))
    }
}

/// The counts of `{least,most}` and its length; none when it is something else.
fn counts(text: &str) -> Option<(u64, Option<u64>, usize)> {
    let end = text.find('}')?;
    let number = |text: &str| {
        let fits =
            !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
        fits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let inside = &text[1..end];
    let (least, most) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((least, most, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_matches_the_empty_text_is_known() {
        for (text, empty) in [
            ("", true),
            (".*", true),
            (".+", false),
            ("a|", true),
            ("a|b", false),
            ("(a*)(b?)", true),
            ("(a*)b", false),
            ("^$", true),
            ("a{0,3}", true),
            ("(?i)a*", true),
            (r"\Qab\E*", false),
            (r"\b", false),
            ("()+", true),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap().matches_empty, empty, "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            "(",
            ")",
            "a)(b",
            "*",
            "a**",
            "(|*)",
            "[",
            "[b-a]",
            "[[:foo:]]",
            r"\1",
            r"\Z",
            r"a\",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "a{1001}",
            "(a{100}){11}",
            "a{2,1}",
            r"\xg0",
            r"\x{110000}",
            r"\C",
            r"\_\é",
            "(?x)a",
            "a++",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        for text in
            ["a{,5}", "a{01}", "]", "}", "[]a]", "[^]a]", "[a-]", r"\12", r"\_", r"\x{10ffff}", "^*", "(?i)", "a*?"]
        {
            assert!(read(text.as_bytes()).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "[a-d(){}\\[\\]|*+?^$\\\\0-9,:<>P=!QEpx-]{0,30}|.{0,10}") {
            let _ = read(text.as_bytes());
        }
    }
}
