//! How much a cluster may answer.
//!
//! An answer of some kilobytes can unpack to gigabytes, and a few bytes of JSON can take a hundred times as many in
//! memory: 21 million empty items are 63 KB on the way. So what comes is measured before anything is made of it, and
//! together with all that came from the same cluster. The limits lie well above what Kubernetes supports (5,000 nodes,
//! 10,000 Services, objects of 1.5 MiB).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, io};

use serde::Serialize;

/// Objects that are asked for on a page.
pub(super) const PAGE: usize = 500;

/// Bytes of a page, unpacked: 500 Services of 130 KiB each.
pub(super) const PAGE_BYTES: usize = 64 << 20;

/// Items that are taken from a page. Something in between may know no pages and give a whole list; it is not to be more
/// than this.
const PAGE_ITEMS: usize = 10 * PAGE;

/// JSON values of one answer.
const VALUES: usize = 1_000_000;

/// Pages of one list.
pub(super) const PAGES: usize = 1_000;

/// Bytes of a token that asks for the next page; it is sent back in a URL.
pub(super) const TOKEN_BYTES: usize = 16 << 10;

/// Bytes of all answers of a cluster, unpacked.
const ALL_BYTES: usize = 512 << 20;

/// Bytes of all that is kept of a cluster, as JSON; in memory it can be ten times as much. 15,000 nodes are 25 MiB.
const ALL_KEPT: usize = 64 << 20;

/// Items of all lists of a cluster.
const ALL_ITEMS: usize = 200_000;

/// A limit that an answer went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// So many bytes of one answer, unpacked.
    Bytes(usize),
    /// JSON values of one answer.
    Values,
    /// Items of one page.
    Items,
    /// Pages of one list.
    Pages,
    /// The length of a continue token.
    Token,
    /// Bytes of all answers.
    AllBytes,
    /// Bytes of what is kept.
    AllKept,
    /// Items of all lists.
    AllItems,
}

impl Excess {
    /// Whether a cluster may be just too large, and is not when less of it is asked for. The others no API server
    /// exceeds that does as it is asked.
    pub fn may_be_size(self) -> bool {
        match self {
            Self::Bytes(_) | Self::AllBytes | Self::AllKept | Self::AllItems => true,
            Self::Values | Self::Items | Self::Pages | Self::Token => false,
        }
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(limit) => write!(out, "more than {} MiB in one answer", limit >> 20),
            Self::Values => write!(out, "more than {VALUES} JSON values in one answer"),
            Self::Items => write!(out, "more than {PAGE_ITEMS} items on one page, where {PAGE} were asked for"),
            Self::Pages => write!(out, "more than {PAGES} pages of one list"),
            Self::Token => write!(out, "a `continue` token of more than {} KiB", TOKEN_BYTES >> 10),
            Self::AllBytes => write!(out, "more than {} MiB in all", ALL_BYTES >> 20),
            Self::AllKept => write!(out, "more than {} MiB of what matters here in all", ALL_KEPT >> 20),
            Self::AllItems => write!(out, "more than {ALL_ITEMS} items in all"),
        }
    }
}

/// What a cluster answered so far, in all.
#[derive(Default)]
pub(super) struct Received {
    bytes: AtomicUsize,
    kept: AtomicUsize,
    items: AtomicUsize,
}

impl Received {
    /// Counts bytes as they come.
    pub(super) fn bytes(&self, count: usize) -> Result<(), Excess> {
        within(&self.bytes, count, ALL_BYTES, Excess::AllBytes)
    }

    /// Counts a page.
    pub(super) fn page(&self, measure: Measure) -> Result<(), Excess> {
        within(&self.items, measure.items, ALL_ITEMS, Excess::AllItems)
    }

    /// Counts an object that is kept.
    pub(super) fn keep(&self, object: &impl Serialize) -> Result<(), Excess> {
        let mut size = Size(0);
        // A fact that is no JSON, of which there is none, would only not be counted.
        let _ = serde_json::to_writer(&mut size, object);
        within(&self.kept, size.0, ALL_KEPT, Excess::AllKept)
    }
}

/// Counts what is written.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn within(sum: &AtomicUsize, count: usize, limit: usize, excess: Excess) -> Result<(), Excess> {
    if sum.fetch_add(count, Ordering::Relaxed).saturating_add(count) > limit { Err(excess) } else { Ok(()) }
}

/// How much there is in a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Measure {
    /// Values of every kind, about.
    values: usize,
    /// The items of a list, with the few entries of its metadata: whatever stands in something that stands in the whole.
    items: usize,
}

/// Measures a JSON text without making anything of it. Where it is no JSON, up to there.
///
/// # Errors
/// When it is more than is taken from one answer.
pub(super) fn measure(json: &[u8]) -> Result<Measure, Excess> {
    let (mut measure, mut depth, mut in_text) = (Measure::default(), 0_usize, false);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if in_text => drop(bytes.next()),
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                measure.values += 1;
                depth += 1;
                measure.items += usize::from(depth == 2);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                measure.values += 1;
                measure.items += usize::from(depth == 2);
            }
            _ => {}
        }
        if measure.items > PAGE_ITEMS {
            return Err(Excess::Items);
        }
        if measure.values > VALUES {
            return Err(Excess::Values);
        }
    }
    Ok(measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_measured_by_its_items_and_by_all_that_is_in_it() {
        let list = r#"{"kind":"L","metadata":{"continue":"a,[{\"\\"},"items":[{"a":[1,2]},{},{"b":"x,y"}]}"#;
        assert_eq!(measure(list.as_bytes()), Ok(Measure { values: 12, items: 4 }));
        assert_eq!(measure(b""), Ok(Measure::default()));
        assert_eq!(measure(b"]]]}\"\\"), Ok(Measure::default()));
    }

    #[test]
    fn what_is_more_than_any_server_sends_is_refused() {
        let list = |items: usize| format!("{{\"items\":[{}{{}}]}}", "{},".repeat(items - 1));
        assert!(measure(list(PAGE_ITEMS).as_bytes()).is_ok());
        assert_eq!(measure(list(PAGE_ITEMS + 1).as_bytes()), Err(Excess::Items));
        let deep = format!("{{\"items\":[{{\"a\":[{}0]}}]}}", "0,".repeat(VALUES));
        assert_eq!(measure(deep.as_bytes()), Err(Excess::Values));
        let received = Received::default();
        let page = Measure { values: VALUES, items: PAGE_ITEMS };
        let pages = (0..).find(|_| received.page(page).is_err()).unwrap();
        assert_eq!(pages, ALL_ITEMS / PAGE_ITEMS);
        let object = "x".repeat((1 << 20) - 2);
        assert!((0..64).all(|_| received.keep(&object).is_ok()));
        assert_eq!(received.keep(&object), Err(Excess::AllKept));
        assert_eq!(received.bytes(ALL_BYTES), Ok(()));
        assert_eq!(received.bytes(1), Err(Excess::AllBytes));
    }
}
