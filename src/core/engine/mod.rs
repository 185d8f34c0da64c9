//! An ensemble of members that share data and architecture and differ in rule and step sizes.
//! And one step of one of them, taken apart. It knows steps and data, not where settings come from or who looks.

mod cost;
pub mod cpu;
pub mod divergence;
pub mod evaluate;
pub mod gpu;
mod layer_problem;
pub mod member;
pub mod memory;
mod neurons;
pub mod one_step;
mod precision;
mod stretch;
pub mod workload;

/// Which engine is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// The faster one.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU, where there is one.
    Gpu,
}

crate::named!(EngineChoice { Auto = "auto", Cpu = "cpu", Gpu = "gpu" });

pub use cost::Cost;
pub use cpu::Ensemble;
pub use divergence::{Cause, Divergence};
pub use layer_problem::NoProblem;
pub use member::{Beyond, Look, Member, MemberState, Settings};
pub use precision::Precision;
pub use stretch::{Expense, Minibatches, Report, Sight, Stretch};
