//! Which words of two texts differ, so that the eye finds what changed in a long address.

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The part itself.
    pub text: String,
    /// Whether the other text lacks it.
    pub differs: bool,
}

/// Beyond so many comparisons all words between the common ends differ: nobody reads such a diff word by word.
const PATIENCE: usize = 250_000;

/// Both texts in pieces, which joined give the texts again.
pub(super) fn diff(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (old, new) = (words(old), words(new));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (mut old_differs, mut new_differs) = (vec![false; old.len()], vec![false; new.len()]);
    let (old_middle, new_middle) = (head..old.len() - tail, head..new.len() - tail);
    mark(
        (&old[old_middle.clone()], &mut old_differs[old_middle]),
        (&new[new_middle.clone()], &mut new_differs[new_middle]),
    );
    (pieces(&old, &old_differs), pieces(&new, &new_differs))
}

/// Runs of letters and digits, and single characters of any other kind.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(run.max(first.len_utf8()));
        words.push(word);
        rest = behind;
    }
    words
}

/// Marks the words that are not in a longest common subsequence.
fn mark((old, old_differs): (&[&str], &mut [bool]), (new, new_differs): (&[&str], &mut [bool])) {
    old_differs.fill(true);
    new_differs.fill(true);
    if old.len().saturating_mul(new.len()) > PATIENCE {
        return;
    }
    let mut lengths = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            lengths[a][b] =
                if old[a] == new[b] { lengths[a + 1][b + 1] + 1 } else { lengths[a + 1][b].max(lengths[a][b + 1]) };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
            (old_differs[a], new_differs[b]) = (false, false);
            (a, b) = (a + 1, b + 1);
        } else if lengths[a + 1][b] >= lengths[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
}

/// Neighbours of one kind are one piece.
fn pieces(words: &[&str], differs: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (word, differs) in words.iter().zip(differs.iter().copied()) {
        match pieces.last_mut() {
            Some(last) if last.differs == differs => last.text.push_str(word),
            Some(_) | None => pieces.push(Piece { text: (*word).to_owned(), differs }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What differs in square brackets.
    fn shown(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        for (old, new, old_shown, new_shown) in [
            ("10.2.0.14:31420", "10.2.0.15:31420", "10.2.0.[14]:31420", "10.2.0.[15]:31420"),
            ("10.2.0.14:31420", "lb.example:10901", "[10.2.0].[14]:[31420]", "[lb].[example]:[10901]"),
            ("a, b, c", "a, x, c, d", "a, [b], c", "a, [x], c[, d]"),
            ("a", "a", "a", "a"),
            ("", "a", "", "[a]"),
        ] {
            let (old_pieces, new_pieces) = diff(old, new);
            assert_eq!((shown(&old_pieces).as_str(), shown(&new_pieces).as_str()), (old_shown, new_shown));
        }
    }

    proptest! {
        #[test]
        fn pieces_joined_are_the_texts_and_what_does_not_differ_is_common(old in "[a-c.\\PC]{0,20}", new in "[a-c.\\PC]{0,20}") {
            let (old_pieces, new_pieces) = diff(&old, &new);
            let text = |pieces: &[Piece], all: bool| -> String {
                pieces.iter().filter(|piece| all || !piece.differs).map(|piece| piece.text.as_str()).collect()
            };
            prop_assert_eq!(text(&old_pieces, true), old);
            prop_assert_eq!(text(&new_pieces, true), new);
            prop_assert_eq!(text(&old_pieces, false), text(&new_pieces, false));
        }
    }
}
