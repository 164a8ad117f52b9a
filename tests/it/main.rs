//! The program from outside, and what many files must agree on.

mod discover;
mod discovery_rule;
mod gen_values;
mod interrupt;
mod layers;
mod program;
mod readme;
mod rig;
