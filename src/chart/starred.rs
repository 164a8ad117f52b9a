//! Values as everybody may see them: on standard output and in patches, which end up in logs.

use super::validate::secret_spans;
use crate::secret;
use crate::secret::{STARS, without_unread};

/// `text`, a file of YAML, with stars in the place of secrets: what stands behind the keys of secrets, also in a text
/// within the text and in comments, credentials in addresses, and what was not read. It has the lines of `text`, each with
/// its end.
pub fn starred(text: &str) -> String {
    let mut spans: Vec<((u64, u64), (u64, u64))> = secret_spans("", text)
        .into_iter()
        .map(|(start, end)| ((start.line, start.column), (end.line, end.column)))
        .filter(|(start, end)| start < end)
        .collect();
    spans.sort_unstable();
    let (mut out, mut first) = (String::with_capacity(text.len()), 0);
    for (number, line) in (1..).zip(lines(text)) {
        while spans.get(first).is_some_and(|(_, end)| *end <= (number, 1)) {
            first += 1;
        }
        let here = spans[first..].iter().take_while(|(start, _)| start.0 <= number);
        let characters: Vec<char> = line.chars().collect();
        let hidden = hidden(&characters, number, here);
        for (at, character) in characters.iter().enumerate() {
            match (hidden[at], at > 0 && hidden[at - 1]) {
                (true, false) => out.push_str(STARS),
                (true, true) => {}
                (false, _) => out.push(*character),
            }
        }
    }
    without_unread(&out)
}

/// The lines of a text with their ends, as YAML counts them: a carriage return alone ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    std::iter::from_fn(move || {
        let end = match rest.find(['\n', '\r']) {
            Some(at) if rest[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, behind) = rest.split_at(end);
        rest = behind;
        (!line.is_empty()).then_some(line)
    })
}

/// Which characters of a line nobody may see. Its indentation and its end are no part of a secret.
fn hidden<'s>(line: &[char], number: u64, secrets: impl Iterator<Item = &'s ((u64, u64), (u64, u64))>) -> Vec<bool> {
    let mut hidden = vec![false; line.len()];
    let length = line.len() - line.iter().rev().take_while(|c| matches!(c, '\n' | '\r')).count();
    let line = &line[..length];
    let blank = line.iter().take_while(|c| c.is_whitespace()).count();
    let column = |column: u64| usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX).min(length);
    for (start, end) in secrets {
        let from = if start.0 < number { blank } else { column(start.1) };
        let to = if end.0 > number { length } else { column(end.1) };
        if from < to {
            hidden[from..to].fill(true);
            // What somebody remarked about a secret may be another.
            if line[to..].contains(&'#') {
                hidden[to..length].fill(true);
            }
        }
    }
    if let Some(start) = secret::value_in_line(line)
        && !is_plain(&line[start..])
    {
        hidden[start..length].fill(true);
    }
    for range in secret::userinfo_in_line(line) {
        hidden[range].fill(true);
    }
    hidden
}

/// Whether what stands behind a key cannot be a secret: true, false, nothing, or the head of what stands below.
fn is_plain(value: &[char]) -> bool {
    let value: String = value.iter().take_while(|c| **c != '#').collect();
    let value = value.trim_end().trim_end_matches(',');
    matches!(value, "" | "true" | "false" | "null" | "~" | "{}" | "[]" | "\"\"" | "''" | STARS)
        || value.starts_with(['|', '>']) && value.chars().skip(1).all(|c| matches!(c, '-' | '+' | '0'..='9'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_starred_wherever_they_stand() {
        for (text, shown) in [
            ("a: 1\nrootPassword: \"hunter2\" # was hunter1\nb: 2\n", "a: 1\nrootPassword: ***\nb: 2\n"),
            ("auth: {rootPassword: hunter2, user: a}\n", "auth: {rootPassword: ***\n"),
            (
                "objstoreConfig: |\n  type: S3\n  config:\n    bucket: b\n    secret_key: hunter2\n    insecure: true\nx: 1\n",
                "objstoreConfig: |\n  type: S3\n  config:\n    bucket: b\n    secret_key: ***\n    insecure: true\nx: 1\n",
            ),
            ("password: |\n  hunter2\n  hunter3\nb: 1\n", "password: |\n  ***\n  ***\nb: 1\n"),
            (
                "c: |\n  a: 1\n  private_key: |\n    hunter2\n    hunter3\n  b: 1\n",
                "c: |\n  a: 1\n  private_key: |\n    ***\n    ***\n  b: 1\n",
            ),
            ("env:\n- name: TOKEN\n  value: hunter2\n", "env:\n- name: TOKEN\n  value: ***\n"),
            ("# password: hunter2\na: 1\n", "# password: ***\na: 1\n"),
            ("url: http://u:hunter2@h/x\n", "url: http://***@h/x\n"),
            ("rootUser: $(SECRET)\n", "rootUser: ***\n"),
            (
                "kind: Secret\nstringData:\n  a: hunter2\n  b: >-\n    hunter2\n    hunter2\n",
                "kind: Secret\nstringData:\n  a: ***\n  b: >-\n    ***\n    ***\n",
            ),
            ("tls:\n  cert: x\n  key: hunter2\n", "tls:\n  cert: x\n  key: ***\n"),
            ("a: 1\r\npassword: hunter2\r\nb: 1", "a: 1\r\npassword: ***\r\nb: 1"),
        ] {
            assert_eq!(starred(text), shown);
        }
    }

    #[test]
    fn what_only_leads_to_a_secret_is_shown() {
        for text in [
            "existingObjstoreSecret: thanos-objstore\n",
            "extraVolumes:\n- name: a\n  secret:\n    secretName: b\n    items: [{key: ca, path: ca.crt}]\n",
            "valueFrom: {secretKeyRef: {name: a, key: b}}\n",
            "tolerations:\n- key: dedicated\n  value: x\n",
            "automountServiceAccountToken: true\nusePasswordFiles: true\nbearer_token_file: /var/run/token\n",
            "auth:\n  rootPasswordSecretKey: root-password\n  password:\n",
        ] {
            assert_eq!(starred(text), text);
        }
    }

    proptest! {
        #[test]
        fn a_planted_secret_is_never_shown_and_no_line_is_lost(
            before in "(a: 1\n|# b\n|x:\n  - y\n){0,4}",
            style in 0..6_usize,
            secret in "hunter2[a-z \"':#{}\\[\\],|>-]{0,12}z",
        ) {
            let quoted = serde_json::to_string(&secret).unwrap();
            let entry = match style {
                0 => format!("secret_key: {quoted}\n"),
                1 => format!("auth: {{user: a, password: {quoted}, b: 1}}\n"),
                2 => format!("password: '{}'\n", secret.replace('\'', "''")),
                3 => format!("token: |-\n  {secret}\n  more\n"),
                4 => format!("objstoreConfig: |-\n  config:\n    secret_key: {quoted}\n"),
                _ => format!("env: [{{name: API_KEY, value: {quoted}}}]\n"),
            };
            let text = format!("{before}{entry}last: 1\n");
            let shown = starred(&text);
            prop_assert!(!shown.contains("hunter2"), "{}", shown);
            prop_assert_eq!(shown.lines().count(), text.lines().count());
        }
    }
}
