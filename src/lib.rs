//! **`ProxProp` Lab**: explicit and implicit gradient steps, side by side.
//!
//! # The house
//! | room | what it is |
//! |---|---|
//! | [`nn`] | a network and nothing about training it: activations, losses, layers (dense, convolutions, pooling), forward, backward; in the portable or the fast arithmetic |
//! | [`steps`] | what this project is about: the rules (explicit, implicit), CG, penalty energy, optimizers |
//! | [`data`] | seeded streams, toy data sets, digits, drawn points, points from CSV, the minibatch order |
//! | [`engine`] | an ensemble of members that share data and architecture; the CPU or a GPU trains it; one step taken apart |
//! | [`flow`] | steps on functions of two variables: proximal points, the gradient flow, stability |
//! | [`systems`] | related systems, a room each: what they compute |
//! | [`frame`] | what may be looked at, and its contours |
//! | [`packed`] | matrices as bytes, as they go from worker to worker |
//! | [`mod@named`] | closed sets whose members have names |
//! | [`lab`] | a run as text (config), as commands and events (session), its curves, its timeline, its state file, its step-size map; presets and lessons; reference cases replayed (verify); related systems on their stage (systems) |
//! | [`plot`] | every chart once, over plotters' `DrawingBackend` |
//! | `web` | the only wasm-bindgen code: page and worker |
//! | `bin/proxprop` | the same lab without a browser |
//!
//! The rooms from [`nn`] to [`mod@named`], and [`Error`], lie in the package `proxprop-core`, which is compiled for speed; the
//! rest of the page's wasm is compiled for size. The package `proxprop-page` links it, and `proxprop-related` links what of it the view
//! of related systems needs: a second module, with its own glue and worker, that is fetched when the view is first opened. The two share
//! the document and nothing else. The page hands it a function to be told by and gets one to ask by; it knows a system only as a query
//! string with `system=` in it. A third module, `proxprop-whole`, has the same workers with the feature `whole`: more of the engine than the
//! page begins with ([`WHOLE`] says what). A worker that is asked for what takes it says so, `main.js` fetches it, and one that has it
//! takes that worker's place (`web::worker::handover`); a run's text is read and checked by either.
//!
//! # One minibatch
//! 1. [`data::order`] says which points a step learns from; `lab::course` hands them to [`engine::Ensemble::step`].
//! 2. [`nn::mlp::Batch::gather`] lays them side by side in padded columns, once for all members (all points lie so already).
//! 3. [`engine::member`] makes each member's step: gradient and directions, optimizer, check.
//! 4. [`steps::Directions`] asks [`steps::gradient`], which passes forward ([`nn::mlp`]), measures ([`nn::loss`]) and passes back.
//! 5. What arrives at a layer on the way back goes to [`steps::rule`] while it is in the cache.
//! 6. The rule answers with a direction: the gradient itself, or a proximal step by [`steps::exact`] or [`steps::cg`].
//! 7. [`steps::optimizer`] steps along it. What is not finite is a [`steps::Breakdown`], and the member stays where it was.
//! 8. Where somebody looks, [`steps::penalty`] sweeps E along the step and [`steps::diagnostics`] measures the layers.
//! 9. [`lab::session`] makes records of it, and words of a divergence by [`lab::sentence`].
//! 10. `web::worker` posts them by `web::wire`; `web::views::train` has [`plot::records`] make curves of them.
//!
//! On a graphics device `engine::gpu` takes the place of 2 to 7 with kernels that lie as their twins here do. Where runs train side by
//! side, on threads or on workers, [`lab::crew`] deals them out: each hand makes 1 to 8 for some members alone, many steps at once,
//! and the session takes their reports.
//!
//! # One slider
//! 1. A row of [`lab::config::EACH`] has key, label, help and range; `web::widgets::form` has made a slider of it.
//! 2. It is dragged: `web::page::people` hears of it, `web::page::deeds` tells the view in front.
//! 3. `web::views::train` asks the form for key and text, `run2.tau` and `3.2`, and `web::wire::link` posts the
//!    [`lab::session::Command`] to the worker.
//! 4. `web::worker::lab` gives it to the [`lab::session::Session`].
//! 5. The row reads the text and checks its range ([`lab::row`]); a refusal goes back as a sentence.
//! 6. [`lab::config::Config::change`] notes the change at this step, and the run is another text from now on.
//! 7. [`lab::timeline`] forgets what would have come; its curves stay as a ghost.
//! 8. `lab::course` hands [`engine::Ensemble`] the new settings at the next step.
//! 9. The worker answers with events; `web::page::news` puts the run's text into the address.
//! 10. `web::views::train` draws what is new at the next frame.
//!
//! # Conventions
//! One **row per sample**: `A` is `N × d`. `Â = [A, 1]`; `Θ_l` is `(d_{l-1}+1) × d_l`, its last row the
//! bias; of a convolution one row per sample and place. Layers count from 1 in words and from 0 in code. `G_Z = ∂J/∂Z` carries the `1/N` of the mean loss.
//!
//! # Invariants
//! - No files take from each other in a circle. (What a room hands on of the files in it, it does not take.)
//! - `nn ← steps ← engine ← lab ← web, bin`; `data` from `engine` up; `plot` knows only [`frame`] (and how sets are named).
//! - The layer-wise rules differ in [`steps::rule`] and nowhere else; `prox-point` steps the network as a whole.
//! - A variant is its file and its line in a list; the compiler names what is missing. No name is compared as text.
//! - Why a step, a run or a text fails is data: [`steps::Breakdown`], [`engine::Divergence`], [`lab::row::Fault`]; words are made
//!   where people read them.
//! - A step allocates nothing after the first.
//! - In the portable arithmetic ([`nn::Arithmetic`]) every machine computes the same bits; the fast one is chosen where an engine is
//!   made, by the command line's `run` and nobody else.
//! - What takes the time is compiled in `proxprop-core`: what it leaves generic is compiled by its caller, for size.
//! - `parse ∘ print` of a run is the identity.
//! - Every WGSL kernel has a twin on the CPU; one test body runs on both, naga checks the kernels without a GPU.
//! - What a look back reaches on the timeline is what playing reached, bit for bit.

pub mod lab;
pub mod plot;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use proxprop_core::{
    Error, Named, WHOLE, data, engine, flow, frame, named, nn, packed, steps, systems,
};
