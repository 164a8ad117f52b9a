//! Measures the sources: how long files and functions are, which names stand twice, and who knows whom.
//!
//! ```text
//! cargo run --example house
//! ```
//!
//! Its tests run with all others (`cargo test`) and hold what must stay true: the layers of `src/lib.rs` (`layers.rs`),
//! no circles, and limits for lengths (`limits.rs`). It reads the sources as Rust (`syn`), not as text, so `use` lists,
//! renamed imports and paths in expressions count alike.

mod arrows;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod limits;
mod sources;
mod table;

fn main() {
    print!("{}", table::table(&sources::Sources::read()));
}
