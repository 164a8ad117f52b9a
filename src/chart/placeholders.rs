//! Texts that somebody fills in before Helm reads the values: `${NAME}` of Flux, Terraform and envsubst, `{{ … }}` of
//! Argo CD's ApplicationSets and of helmfile, what SOPS and vals keep elsewhere.
//!
//! Nobody can know what will stand there, so each character of them becomes [`UNKNOWN`]: lines and columns stay, and
//! whoever reads the text sees what is not known.

use std::borrow::Cow;

/// What stands for each character that somebody will fill in: one of the characters that Unicode gives no meaning.
pub const UNKNOWN: char = '\u{f8f0}';

/// Who fills in a file before Helm reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fillers {
    /// Who replaces `${NAME}`.
    pub dollars: Dollars,
    /// Whether `{{ … }}` is replaced.
    pub braces: bool,
}

/// Who replaces `${NAME}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dollars {
    /// Nobody.
    #[default]
    Nobody,
    /// Flux (`postBuild`): `$${NAME}` is left as `${NAME}`, and so is `$NAME`.
    Flux,
    /// Somebody: Terraform (`%{ … }` too), envsubst (`$NAME` too).
    Somebody,
}

/// Whether something in `text` is not known.
pub fn holds_unknown(text: &str) -> bool {
    text.contains(UNKNOWN)
}

/// Whether nothing of `text` is known.
pub fn is_unknown(text: &str) -> bool {
    !text.trim().is_empty() && text.trim().chars().all(|character| character == UNKNOWN)
}

/// `text` with [`UNKNOWN`] for each character that somebody fills in.
pub fn masked(text: &str, fillers: Fillers) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['$', '{', '%', 'E', '<', 'r']) {
        let start = at + found;
        match placeholder(text, start, fillers) {
            Some(length) => {
                out.push_str(&text[done..start]);
                out.extend(text[start..start + length].chars().map(|_| UNKNOWN));
                done = start + length;
                at = done;
            }
            // `$${NAME}` is two steps, so that its `${NAME}` is not seen.
            None if text[start..].starts_with("$$") => at = start + 2,
            None => at = start + 1,
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The first line of `text`, from 1, on which a template decides which lines there are, or where another engine than Helm's
/// puts in a value without quotes: it is no YAML until it is rendered. `None` when there is none.
pub fn template_line(text: &str) -> Option<u64> {
    let is_one = |line: &str| {
        let line = line.trim();
        let is_remark = || line.trim_start_matches(['{', '-', ' ']).starts_with("/*");
        (line.starts_with("{{") && (line.ends_with("}}") || !line.contains("}}")) && !is_remark())
            || (line.starts_with("%{") && line.ends_with('}'))
            || (line.starts_with("{%") && line.ends_with("%}"))
            || is_filled_by_another_engine(line)
    };
    text.lines().position(is_one).map(|at| at as u64 + 1)
}

/// Whether the value of a line is `{{ name }}`, as Jinja writes it. What Helm fills in begins with a dot, a dollar sign or a
/// function; without quotes it is a mistake in values, and no other engine's.
fn is_filled_by_another_engine(line: &str) -> bool {
    const HELM: [&str; 8] = ["include", "tpl", "printf", "quote", "default", "template", "required", "toYaml"];
    let value = line.split_once(": ").map_or_else(|| line.trim_start_matches("- "), |(_, value)| value).trim();
    let Some(inner) = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) else { return false };
    let inner = inner.trim_matches(['-', ' ']);
    let name: &str = inner.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    inner.starts_with(|c: char| c.is_alphabetic() || c == '_') && !HELM.contains(&name)
}

/// Whether the name of a file says that it is a template.
pub fn is_template_name(name: &str) -> bool {
    [".gotmpl", ".tmpl", ".tpl", ".tftpl", ".j2", ".jinja", ".jinja2"].iter().any(|ending| name.ends_with(ending))
}

/// How long a placeholder is at most, and one that holds what is encrypted, in bytes: its end is not looked for further.
const LONGEST: usize = 512;
const LONGEST_SECRET: usize = 1 << 16;

/// How long the placeholder is that begins at `start`, in bytes; `None` when none does. It ends on its line.
fn placeholder(text: &str, start: usize, fillers: Fillers) -> Option<usize> {
    let most = match text.as_bytes()[start] {
        b'$' | b'%' | b'{' => LONGEST,
        _ => LONGEST_SECRET,
    };
    let end = text.floor_char_boundary(start + most);
    let begins_word = || !text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_one =
        ["${", "$", "%{", "{{", "ENC[AES256", "<path:", "ref+"].iter().any(|mark| text[start..].starts_with(mark));
    if !is_one {
        return None;
    }
    let line = text[start..end].split(['\n', '\r']).next().unwrap_or_default();
    match line.as_bytes() {
        [b'$', b'{', first, ..] if is_name(*first) && !first.is_ascii_digit() && fillers.dollars != Dollars::Nobody => {
            nested(line, 1)
        }
        [b'%', b'{', ..] if fillers.dollars == Dollars::Somebody => nested(line, 1),
        [b'$', first, ..] if fillers.dollars == Dollars::Somebody && (first.is_ascii_uppercase() || *first == b'_') => {
            let name = line[1..].bytes().take_while(|byte| is_name(*byte) && !byte.is_ascii_lowercase()).count();
            Some(1 + name)
        }
        [b'{', b'{', ..] if fillers.braces => braces(line),
        // SOPS: https://getsops.io/docs/
        [b'E', b'N', b'C', b'[', ..] if line.starts_with("ENC[AES256") && begins_word() => Some(line.find(']')? + 1),
        // argocd-vault-plugin, inline paths.
        [b'<', b'p', b'a', b't', b'h', b':', ..] => Some(line.find('>')? + 1),
        // vals, as helmfile has it: `ref+vault://…`.
        [b'r', b'e', b'f', b'+', ..] if begins_word() && line.contains("://") => {
            let end = line.find([' ', '"', '\'', ',', ']', '}']).unwrap_or(line.len());
            Some(end)
        }
        _ => None,
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length up to the brace that closes the one at `open`.
fn nested(line: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in line.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The length of an action of a template; what is quoted in it does not end it.
fn braces(line: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in line.char_indices().skip(2) {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(character),
            (None, '}') if line[at..].starts_with("}}") => return Some(at + 2),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, fillers: Fillers) -> String {
        masked(text, fillers).replace(UNKNOWN, "_")
    }

    const FLUX: Fillers = Fillers { dollars: Dollars::Flux, braces: false };
    const SOMEBODY: Fillers = Fillers { dollars: Dollars::Somebody, braces: false };
    const BRACES: Fillers = Fillers { dollars: Dollars::Nobody, braces: true };

    #[test]
    fn what_is_filled_in_is_not_known_and_the_rest_stays() {
        for (fillers, text, expected) in [
            (FLUX, "a: ${S3_HOST}:9000", "a: __________:9000"),
            (FLUX, "a: ${RAW:=30d}", "a: ___________"),
            (FLUX, "a: ${A:-${B}}x", "a: __________x"),
            (FLUX, "a: $${A} ${1} $A ${", "a: $${A} ${1} $A ${"),
            (SOMEBODY, "a: $HOST/x ${var.host} $1 $a", "a: _____/x ___________ $1 $a"),
            (SOMEBODY, "a: %{ if x }b%{ endif }", "a: _________b__________"),
            (BRACES, "a: {{ .x }}é{{ `}}` }}", "a: ________é__________"),
            (BRACES, "a: '{{path.basename}}' ${X}", "a: '_________________' ${X}"),
            (Fillers::default(), "a: ${X} {{ y }} $(Z)", "a: ${X} {{ y }} $(Z)"),
            (Fillers::default(), "a: ENC[AES256_GCM,data:x,type:str] b", "a: _______________________________ b"),
            (Fillers::default(), "a: ref+vault://x/y#/z", "a: __________________"),
            (Fillers::default(), "a: <path:kv/data/x#key>", "a: ____________________"),
        ] {
            assert_eq!(shown(text, fillers), expected, "{text}");
        }
    }

    #[test]
    fn a_line_that_decides_about_lines_makes_it_a_template() {
        for (text, line) in [
            ("a: 1\n  {{- if .x }}\nb: 2\n{{ end }}\n", Some(2)),
            ("%{ for x in y ~}\n", Some(1)),
            ("a: %{ if x }b%{ endif }\n", None),
            ("%{ for x in y }\n", Some(1)),
            ("{% if x %}\n", Some(1)),
            ("{{/* why */}}\na: {{ .x }}\n{{ b }}: c\n", None),
        ] {
            assert_eq!(template_line(text), line, "{text}");
        }
    }

    proptest! {
        #[test]
        fn lines_and_columns_stay(text in "[$%{}A-C:=`\"\n é]{0,40}") {
            for fillers in [FLUX, SOMEBODY, BRACES] {
                let out = masked(&text, fillers);
                prop_assert_eq!(out.chars().count(), text.chars().count());
                for (new, old) in out.chars().zip(text.chars()) {
                    prop_assert!(new == old || (new == UNKNOWN && old != '\n'));
                }
            }
        }
    }
}
