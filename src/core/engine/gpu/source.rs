//! The kernels' source: the names of [`numbers`](super::numbers), the files of `kernels/` and the list of
//! [`rules`]. Knows what a module is made of, not what it computes.

use super::numbers::constants;
use super::rules;
use super::text::kernels;
use crate::Here;

/// What both modules have besides the rules: a kernel is its file and its line here.
const SHARED: &str = kernels![
    "engine/structs",
    "engine/reduction",
    "engine/verdict",
    "nn/activation",
    "nn/loss",
    "nn/mlp",
    "nn/product",
    "nn/real",
    "steps/cholesky",
    "steps/gradient",
    "steps/l1",
    "steps/optimizer",
    "steps/rule",
];

fn shared() -> String {
    constants() + SHARED + &rules::kernels()
}

/// One workgroup per member.
pub fn member() -> String {
    shared() + kernels!["engine/member"]
}

/// Many workgroups per member.
pub fn wide() -> String {
    shared() + kernels!["engine/plain", "engine/wide"]
}

/// The same for networks with convolutions; `None` in a part of the engine.
pub fn images() -> Option<String> {
    let of_images = kernels!["nn/window", "nn/convolution", "nn/pooling", "engine/wide"];
    Here::get().map(|_| shared() + of_images)
}
