//! **`ProxProp` Lab**: explicit and implicit gradient steps, side by side.
//!
//! # The house
//! | room | what it is |
//! |---|---|
//! | [`nn`] | a network and nothing about training it: activations, losses, layers, forward, backward |
//! | [`steps`] | what this project is about: the rules (explicit, implicit), CG, penalty energy, optimizers |
//! | [`data`] | seeded streams, toy data sets, drawn points, points from CSV, the minibatch order |
//! | [`engine`] | an ensemble of members that share data and architecture; the CPU or a GPU trains it; one step taken apart |
//! | [`flow`] | steps on functions of two variables: proximal points, the gradient flow, stability |
//! | [`frame`] | what may be looked at, and its contours |
//! | [`mod@named`] | closed sets whose members have names |
//! | [`lab`] | a run as text (config), as commands and events (session), its curves, its timeline, its state file, its step-size map; presets and lessons |
//! | [`plot`] | every chart once, over plotters' `DrawingBackend` |
//! | `web` | the only wasm-bindgen code: page and worker |
//! | `bin/proxprop` | the same lab without a browser |
//!
//! The rooms from [`nn`] to [`mod@named`], and [`Error`], lie in the package `proxprop-core`, which is compiled for speed; the
//! rest of the page's wasm is compiled for size. The package `proxprop-page` links it.
//!
//! # Conventions
//! One **row per sample**: `A` is `N × d`. `Â = [A, 1]`; `Θ_l` is `(d_{l-1}+1) × d_l`, its last row the
//! bias. Layers count from 1 in words and from 0 in code. `G_Z = ∂J/∂Z` carries the `1/N` of the mean loss.
//!
//! # Invariants
//! - No files take from each other in a circle; what a file takes from those it lies in does not count.
//! - `nn ← steps ← engine ← lab ← web, bin`; `data` from `engine` up; `plot` knows only [`frame`] (and how sets are named).
//! - The layer-wise rules differ in [`steps::rule`] and nowhere else; `prox-point` steps the network as a whole.
//! - A step allocates nothing after the first.
//! - What takes the time is compiled in `proxprop-core`: what it leaves generic is compiled by its caller, for size.
//! - `parse ∘ print` of a run is the identity.
//! - Every WGSL kernel has a twin on the CPU; one test body runs on both, naga checks the kernels without a GPU.
//! - What a look back reaches on the timeline is what playing reached, bit for bit.

pub mod lab;
pub mod plot;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use proxprop_core::{Error, Named, data, engine, flow, frame, named, nn, steps};
