//! An ensemble of members that share data and architecture and differ in rule and step sizes.
//! It knows steps and data, not where settings come from or who looks.

pub mod cpu;
pub mod evaluate;
pub mod workload;

pub use cpu::{Cost, Ensemble, Look, Member, MemberState, Settings};
