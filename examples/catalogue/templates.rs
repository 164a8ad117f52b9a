//! What the templates of a chart read of its values: enough to know a key that none of them reads.
//!
//! Templates are not run here. Whatever may be read counts as read: a mapping that is rendered whole, handed to a library or
//! bound to a variable that is rendered, makes every key below it one that is read.

use std::collections::BTreeSet;

/// The names that lead to a key.
type Path = Vec<String>;

/// What templates read.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    /// Every key that stands behind `.Values` somewhere.
    reads: BTreeSet<Path>,
    /// Those of them that the chart's own templates name.
    own: BTreeSet<Path>,
    /// Those that are handed on: what they hold may be read elsewhere, under another name.
    handed_on: BTreeSet<Path>,
    /// Those of which everything is rendered.
    whole: BTreeSet<Path>,
    /// The names of keys of which everything is rendered, whatever holds them: in helpers nobody knows what.
    whole_names: BTreeSet<String>,
    /// Every name that stands behind a dot or in quotes.
    names: BTreeSet<String>,
}

/// Functions that render or read all that they are given.
const RENDERING: [&str; 13] = [
    "toYaml",
    "toJson",
    "toToml",
    "toPrettyJson",
    "tpl",
    "range",
    "merge",
    "mergeOverwrite",
    "deepCopy",
    "pick",
    "omit",
    "keys",
    "values",
];

impl Templates {
    /// Reads the text of all templates of a chart, its helpers among them, and of the `libraries` that it uses.
    pub(crate) fn of(text: &str, libraries: &str) -> Self {
        let actions: Vec<Vec<String>> = actions(text).map(words).collect();
        let mut templates = Self::default();
        let foreign: Vec<Vec<String>> = self::actions(libraries).map(words).collect();
        for action in actions.iter().chain(&foreign) {
            templates.names.extend(action.iter().flat_map(|word| names(word)));
            templates.reads.extend(action.iter().filter_map(|word| of_values(word)));
        }
        for (at, action) in actions.iter().enumerate() {
            for (place, word) in action.iter().enumerate() {
                let mut seen = BTreeSet::from([word.clone()]);
                let Some(path) = of_values(word) else {
                    let name =
                        word.starts_with(['.', '$']).then(|| word.rsplit_once('.')).flatten().map(|(_, name)| name);
                    if let Some(name) = name.filter(|name| !name.is_empty())
                        && goes_whole(&actions, at, place, &mut seen)
                    {
                        templates.whole_names.insert(name.to_owned());
                    }
                    continue;
                };
                templates.own.insert(path.clone());
                if goes_whole(&actions, at, place, &mut seen) {
                    templates.whole.insert(path.clone());
                }
                if !is_condition(action) {
                    templates.handed_on.insert(path);
                }
            }
        }
        templates
    }

    /// The keys that are read, their names joined by dots.
    pub(crate) fn reads(&self) -> impl Iterator<Item = String> {
        self.own.iter().filter(|path| !path.is_empty()).map(|path| path.join("."))
    }

    /// Whether no template reads the key `path`.
    pub(crate) fn ignores(&self, path: &[String]) -> bool {
        let reads_it = self.reads.iter().any(|read| read.starts_with(path));
        let above = || (0..path.len()).map(|depth| &path[..depth]);
        let below_whole = path.iter().rev().skip(1).any(|name| self.whole_names.contains(name));
        if reads_it || below_whole || above().any(|above| self.whole.contains(above)) {
            return false;
        }
        let is_named = path.last().is_some_and(|name| self.names.contains(name));
        !is_named || !above().any(|above| self.handed_on.contains(above))
    }
}

/// The texts between `{{` and `}}`, without comments.
fn actions(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find("{{")? + 2;
            let body = &rest[start..];
            let is_comment = body.trim_start_matches('-').trim_start().starts_with("/*");
            let length = if is_comment { body.find("*/").map(|end| end + 2)? } else { end(body)? };
            rest = &body[length..];
            if !is_comment {
                return Some(body[..length].trim_matches('-').trim());
            }
        }
    })
}

/// Where an action ends: at `}}` outside of quotes.
fn end(body: &str) -> Option<usize> {
    let (mut quote, mut is_escaped) = (None, false);
    for (at, character) in body.char_indices() {
        match (quote, character) {
            (Some('"'), '\\') if !is_escaped => {
                is_escaped = true;
                continue;
            }
            (Some(open), _) if character == open && !is_escaped => quote = None,
            (None, '"' | '`' | '\'') => quote = Some(character),
            (None, '}') if body[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
        is_escaped = false;
    }
    None
}

/// The words of an action: texts in quotes, and what stands between blanks, brackets and bars.
fn words(action: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in action.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => {
                word.push(character);
                quote = None;
            }
            (Some(_), _) => word.push(character),
            (None, '"' | '`' | '\'') => {
                word.push(character);
                quote = Some(character);
            }
            (None, '(' | ')' | '|' | ',') => {
                words.push(std::mem::take(&mut word));
                words.push(character.to_string());
            }
            (None, _) if character.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None, _) => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The key that a word names behind `.Values`; empty for all values. What follows a bracket is left out: `(x).y`.
fn of_values(word: &str) -> Option<Path> {
    let at = word.find(".Values")?;
    let rest = &word[at + ".Values".len()..];
    (!word.starts_with(['"', '`']) && (rest.is_empty() || rest.starts_with('.')))
        .then(|| rest.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// The names in a word: those behind dots, and what stands in quotes.
fn names(word: &str) -> Vec<String> {
    let parts = word.split(|character: char| !(character.is_ascii_alphanumeric() || "_-".contains(character)));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether an action only asks whether something is there.
fn is_condition(action: &[String]) -> bool {
    let calls = action.iter().any(|word| word == "include" || word == "tpl" || word == "template");
    let start: Vec<&str> = action.iter().take(2).map(String::as_str).collect();
    !calls && (start.first() == Some(&"if") || start == ["else", "if"])
}

/// Whether everything below what the word at `place` of the action at `at` names is rendered, there or under a name that it
/// gets there. `seen` has the names that were followed already. What cannot be told is.
fn goes_whole(actions: &[Vec<String>], at: usize, place: usize, seen: &mut BTreeSet<String>) -> bool {
    let action = &actions[at];
    let before = place.checked_sub(1).map_or("", |before| action[before].as_str());
    let is_named = is_text(before) && action.iter().any(|word| word == "dict");
    if is_named {
        // Handed to a helper of ours under a name; a library may do anything with it.
        let name = before.trim_matches(['"', '`']);
        let is_foreign = action.iter().any(|word| is_text(word) && word[1..].starts_with("common."));
        return is_foreign
            || is_rendered(actions, at, &format!(".{name}"), seen)
            || binds(action).is_some_and(|it| is_rendered(actions, at, it, seen));
    }
    if is_asked_for_a_name(action, place)
        || action.first().is_some_and(|word| word == "if")
        || action.iter().take(2).eq(["else", "if"])
    {
        return false;
    }
    if let Some(read_back) = read_back(actions, at) {
        let is_bound = |at: usize| binds(&actions[at]).map(|variable| (at, variable));
        return read_back
            .into_iter()
            .filter_map(is_bound)
            .any(|(at, variable)| is_rendered(actions, at, variable, seen));
    }
    if action.iter().any(|word| RENDERING.contains(&word.as_str()) || is_text(word) && word[1..].starts_with("common."))
    {
        return true;
    }
    let is_selected = ["index", "hasKey", "get"].contains(&before);
    match (binds(action), action.first().map(String::as_str)) {
        (Some(variable), _) => is_rendered(actions, at, variable, seen),
        (None, Some("with")) => body(actions, at).iter().any(|action| action.iter().any(|word| word == ".")),
        (None, Some("else")) => true,
        (None, _) => {
            !is_selected
                && action.iter().any(|word| ["include", "template", "list", "dict", "set"].contains(&word.as_str()))
        }
    }
}

/// Whether what has this name in helpers or in a variable is rendered whole.
fn is_rendered(actions: &[Vec<String>], from: usize, name: &str, seen: &mut BTreeSet<String>) -> bool {
    if !seen.insert(name.to_owned()) {
        return false;
    }
    let scope = if name.starts_with('$') { scope(actions, from) } else { 0..actions.len() };
    for at in scope {
        let action = &actions[at];
        let binds_it = usize::from(binds(action) == Some(name));
        for (place, word) in action.iter().enumerate().skip(binds_it) {
            let is_it = word == name || (name.starts_with('.') && word.strip_prefix('$') == Some(name));
            if is_it && goes_whole(actions, at, place, seen) {
                return true;
            }
        }
    }
    false
}

/// The actions that read what a helper gives as YAML (`include "x" . | fromYaml`), of the helper in which the action at `at`
/// writes it; `None` where it does not, or somebody takes it as a text.
fn read_back(actions: &[Vec<String>], at: usize) -> Option<Vec<usize>> {
    if !actions[at].iter().any(|word| word == "toYaml") {
        return None;
    }
    let helper = actions[scope(actions, at).start].as_slice();
    let [define, name, ..] = helper else { return None };
    let calls = |action: &Vec<String>| action.windows(2).any(|pair| pair[0] == "include" && pair[1] == *name);
    let includes: Vec<usize> = (0..actions.len()).filter(|at| calls(&actions[*at])).collect();
    let all = includes.iter().all(|at| actions[*at].iter().any(|word| word == "fromYaml"));
    (define == "define" && all && !includes.is_empty()).then_some(includes)
}

/// Whether the word at `place` stands in brackets of which a single name is taken: `(index .Values $component).name`.
fn is_asked_for_a_name(action: &[String], place: usize) -> bool {
    let mut depth = 0;
    for (at, word) in action.iter().enumerate().skip(place + 1) {
        match word.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => return action.get(at + 1).is_some_and(|next| next.starts_with('.') && next.len() > 1),
            ")" => depth -= 1,
            _ => {}
        }
    }
    false
}

/// The actions in which a variable of the action at `at` is known: those of its helper; outside of helpers all that are
/// outside, since nobody knows where a file ends.
fn scope(actions: &[Vec<String>], at: usize) -> std::ops::Range<usize> {
    let starts = (0..=at).rev().filter(|start| actions[*start].first().is_some_and(|word| word == "define"));
    for start in starts {
        let end = start + 1 + body(actions, start).len();
        if at < end {
            return start..end;
        }
    }
    0..actions.len()
}

/// The variable that an action sets.
fn binds(action: &[String]) -> Option<&str> {
    match action {
        [variable, equals, ..] if variable.starts_with('$') && (equals == ":=" || equals == "=") => Some(variable),
        _ => None,
    }
}

fn is_text(word: &str) -> bool {
    word.starts_with(['"', '`'])
}

/// The actions inside of the block that the one at `at` opens.
fn body(actions: &[Vec<String>], at: usize) -> &[Vec<String>] {
    let mut depth = 1;
    for (index, action) in actions.iter().enumerate().skip(at + 1) {
        match action.first().map(String::as_str) {
            Some("if" | "with" | "range" | "define" | "block") => depth += 1,
            Some("end") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &actions[at + 1..index];
        }
    }
    &actions[at + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether nothing in `text` reads `key`.
    fn ignores(text: &str, key: &str) -> bool {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        Templates::of(text, "{{ .Values.library }}").ignores(&path)
    }

    #[test]
    fn a_key_that_may_be_read_is_not_ignored() {
        for (text, key) in [
            ("{{ .Values.a.b }}", "a.b"),
            ("{{ .Values.a.b.c }}", "a.b"),
            ("{{ $.Values.a.b }}{{ .context.Values.a.c }}", "a.c"),
            ("{{- if .Values.a.b -}}x{{- end }}", "a.b"),
            ("{{ toYaml .Values.a | nindent 4 }}", "a.b"),
            ("{{ range $k, $v := .Values.a }}{{ $v }}{{ end }}", "a.b"),
            ("{{ with .Values.a }}{{ toYaml . }}{{ end }}", "a.b"),
            ("{{ with .Values.a }}{{ .b }}{{ end }}", "a.b"),
            ("{{ $a := .Values.a }}{{ $a.b }}", "a.b"),
            ("{{ $a := .Values.a }}{{ toYaml $a }}", "a.b"),
            ("{{ include \"common.x\" (dict \"value\" .Values.a) }}", "a.b"),
            ("{{ include \"x\" .Values.a }}{{ define \"x\" }}{{ toYaml . }}{{ end }}", "a.b"),
            ("{{ include \"x\" (dict \"it\" .Values.a) }}{{ define \"x\" }}{{ toYaml .it }}{{ end }}", "a.b"),
            ("{{ include \"x\" (dict \"it\" .Values.a) }}{{ define \"x\" }}{{ $y := .it }}{{ $y.b }}{{ end }}", "a.b"),
            ("{{ define \"x\" }}{{ $c := index .Values .component }}{{ $c.b }}{{ end }}", "a.b"),
            (
                "{{ define \"x\" }}{{ $c := index .Values .component | default dict }}{{ toYaml $c.b }}{{ end }}",
                "a.b.c",
            ),
            ("{{ with (index .Values $component).b }}{{ merge $x . }}{{ end }}", "a.b.c"),
            ("{{ index .Values \"a\" \"b\" }}", "a.b"),
            ("{{ define \"v\" }}{{ .Values.a | toYaml }}{{ end }}{{ include \"v\" . }}", "a.b"),
            (
                "{{ define \"v\" }}{{ .Values.a | toYaml }}{{ end }}{{ $q := include \"v\" . | fromYaml }}{{ $q.b }}",
                "a.b",
            ),
            ("", "library"),
        ] {
            assert!(!ignores(text, key), "{text}");
        }
    }

    #[test]
    fn a_key_that_no_template_reads_is_ignored() {
        for (text, key) in [
            ("{{ .Values.a.c }}", "a.b"),
            ("{{/* .Values.a.b */}}{{ .Values.a.c }}", "a.b"),
            ("{{ if .Values.a }}{{ .Values.a.c }}{{ .Values.x.b }}{{ end }}", "a.b"),
            ("{{ with .Values.a }}{{ .c }}{{ end }}", "a.b"),
            ("{{ $a := .Values.a }}{{ $a.c }}", "a.b"),
            (
                "{{ define \"x\" }}{{ $c := index .Values .component | default dict }}{{ $c.d }}{{ toYaml $c.e }}{{ end }}",
                "a.b",
            ),
            (
                "{{ define \"v\" }}{{ .Values.a | toYaml }}{{ end }}{{ $q := include \"v\" . | fromYaml }}{{ $q.c }}",
                "a.b",
            ),
            ("{{ .Values.a.servername }}", "a.serverName"),
            ("{{ `{{ .Values.a.b }}` }}", "a.b"),
        ] {
            assert!(ignores(text, key), "{text}");
        }
    }
}
