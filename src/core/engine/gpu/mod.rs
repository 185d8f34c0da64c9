//! The GPU engine: one workgroup trains one member, many steps in a row, or many do, phase by phase; and its state stays on the device.
//!
//! The kernels are twins of the CPU's code, step for step: `kernels/steps/cg.wgsl` is that of `steps/cg.rs`. Knows no run and
//! no page: it is given members, minibatches and a number of steps, and gives back where they stand.

#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
mod buffers;
#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
mod device;
#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
mod ensemble;
pub mod layout;
pub mod numbers;
pub mod rules;
pub mod source;
pub mod structs;
pub mod text;
#[cfg(all(test, feature = "gpu"))]
mod twins;
pub mod wide;

#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
pub use device::Gpu;
#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
pub use ensemble::{GpuEnsemble, Placed};
