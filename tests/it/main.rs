//! The program from outside, and what many files must agree on.

mod credentials;
mod diff;
mod discover;
mod discovery_rule;
mod expose;
mod fake_api;
mod fake_tls;
mod findings;
mod gather;
mod gen_values;
mod interrupt;
mod keep;
mod kubeconfig;
mod layers;
mod live;
mod mutated;
mod patch;
mod program;
mod readme;
mod recipes;
mod rig;
mod rules;
mod tls;
mod update;
