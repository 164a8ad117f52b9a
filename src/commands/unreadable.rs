//! Clusters that could not be read: those that share a reason are told at once, so that a VPN that is down fills no screen.

use crate::failure::{Failure, LostCluster};
use crate::text::shell_word;

/// `failures`, with one for all clusters that could not be read for one reason; in the order of the first of each.
pub(super) fn merged(failures: Vec<Failure>) -> Vec<Failure> {
    let mut groups: Vec<Vec<Failure>> = Vec::new();
    for failure in failures {
        let alike = |group: &&mut Vec<Failure>| failure.cluster().is_some() && form(&group[0]) == form(&failure);
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(failure),
            None => groups.push(vec![failure]),
        }
    }
    groups.into_iter().map(one).collect()
}

/// What is the same for clusters that share a reason: the words of cause and hint, without what they are about.
#[derive(PartialEq, Eq)]
struct Form {
    causes: Vec<String>,
    hint: Option<String>,
    is_cluster: bool,
}

fn form(failure: &Failure) -> Form {
    let neutral = |text: &str| match failure.cluster().and_then(|cluster| cluster.context.as_deref()) {
        Some(context) => text.replace(&format!("--context {}", shell_word(context)), "--context"),
        None => text.to_owned(),
    };
    let words = |text: &String| parts(&neutral(text)).map(|part| part.unwrap_or("\0").to_owned()).collect();
    Form {
        causes: failure.causes().iter().map(words).collect(),
        hint: failure.hint_text().map(|hint| words(&hint.to_owned())),
        is_cluster: failure.cluster().is_some(),
    }
}

/// The words of a text; `None` where something is quoted in backticks.
fn parts(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.split('`').enumerate().map(|(at, part)| (at % 2 == 0).then_some(part))
}

/// What is quoted in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').enumerate().filter(|(at, _)| at % 2 == 1).map(|(_, part)| part).collect()
}

/// A group as one failure: its clusters in a list, and what differs between them beside each.
fn one(group: Vec<Failure>) -> Failure {
    let [first, _, ..] = &group[..] else {
        return group.into_iter().next().expect("a group has a member");
    };
    let all = |failure: &Failure| -> Vec<String> {
        failure.causes().iter().flat_map(|cause| quoted(cause)).map(str::to_owned).collect()
    };
    let subjects: Vec<Vec<String>> = group.iter().map(all).collect();
    let differs: Vec<bool> = (0..subjects[0].len())
        .map(|at| subjects.iter().any(|subject| subject.get(at) != subjects[0].get(at)))
        .collect();
    let named = |(failure, subject): (&Failure, &Vec<String>)| {
        let cluster = failure.cluster().map(LostCluster::to_string).unwrap_or_default();
        let own: Vec<String> =
            subject.iter().zip(&differs).filter(|(_, differs)| **differs).map(|(own, _)| format!("`{own}`")).collect();
        if own.is_empty() { cluster } else { format!("{cluster} at {}", own.join(", ")) }
    };
    let clusters: Vec<String> = group.iter().zip(&subjects).map(named).collect();
    let mut failure = Failure::new(format!("cannot read {} clusters: {}", group.len(), clusters.join(", ")));
    let mut at = 0;
    for cause in first.causes() {
        let text = cause.split('`').enumerate().map(|(number, part)| {
            if number % 2 == 0 {
                return part.to_owned();
            }
            at += 1;
            let is_own = differs.get(at - 1).copied().unwrap_or_default();
            if is_own { "`…`".to_owned() } else { format!("`{part}`") }
        });
        failure = failure.caused_by(text.collect::<String>());
    }
    match first.hint_text() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(name: &str, context: &str, cause: &str) -> Failure {
        let cluster = LostCluster { name: name.to_owned(), context: Some(context.to_owned()) };
        let hint = format!("is the VPN up?\nkubectl config view --minify --context {}", shell_word(context));
        Failure::of_cluster(cluster).caused_by(cause).hint(hint)
    }

    #[test]
    fn one_reason_is_told_once_with_all_its_clusters() {
        let told = merged(vec![
            lost("a", "ctx a", "nothing listens at `10.0.0.1:6443` (connection refused)"),
            lost("b", "b", "the API server answered 403 Forbidden"),
            Failure::new("something else"),
            lost("c", "c", "nothing listens at `10.0.0.2:6443` (connection refused)"),
            lost("d", "d", "the API server answered 403 Forbidden"),
            lost("e", "e", "the API server answered 401 Unauthorized"),
            Failure::new("something else"),
        ]);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert_eq!(
            told[0],
            "error: cannot read 2 clusters: `a` (context `ctx a`) at `10.0.0.1:6443`, `c` at `10.0.0.2:6443`\n  caused by: \
             nothing listens at `…` (connection refused)\nhint: is the VPN up?\n      kubectl config view --minify \
             --context 'ctx a'\n"
        );
        assert!(told[1].starts_with(
            "error: cannot read 2 clusters: `b`, `d`\n  caused by: the API server answered 403 Forbidden\nhint: "
        ));
        assert!(told[3].starts_with("error: cannot read cluster `e`\n"), "{}", told[3]);
        assert_eq!(
            (told.len(), told[2].as_str(), told[4].as_str()),
            (5, "error: something else\n", "error: something else\n")
        );
    }
}
