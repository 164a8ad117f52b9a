//! A replica: a pod of a StatefulSet, known by its name.

/// So long may the value of a label be.
const LONGEST_VALUE: usize = 63;

/// A pod of a StatefulSet, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// The StatefulSet's name.
    pub set: String,
    /// Which of its pods.
    pub ordinal: u16,
}

impl Replica {
    /// Reads the name of a pod; `None` when no StatefulSet gives such names.
    ///
    /// The last word of a Deployment's pod has five characters, which may all be digits: so more than four are no
    /// ordinal. A name longer than a label's value cannot be selected by one.
    pub fn of_pod(name: &str) -> Option<Self> {
        let (set, ordinal) = name.rsplit_once('-')?;
        let is_number = !ordinal.is_empty() && ordinal.len() <= 4 && ordinal.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = is_number && (ordinal == "0" || !ordinal.starts_with('0'));
        if set.is_empty() || !is_plain || name.len() > LONGEST_VALUE {
            return None;
        }
        Some(Self { set: set.to_owned(), ordinal: ordinal.parse().ok()? })
    }

    /// The pod's name.
    pub fn pod(&self) -> String {
        format!("{}-{}", self.set, self.ordinal)
    }
}
