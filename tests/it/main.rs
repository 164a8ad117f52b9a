//! The program from outside.

mod interrupt;
mod rig;
