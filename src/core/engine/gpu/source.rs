//! The kernels' source: the files of `kernels/`, with the constants of [`layout`](super::layout) in front.

use super::layout::constants;

/// One workgroup per member.
pub fn member() -> String {
    with(include_str!("kernels/member.wgsl"))
}

/// Many workgroups per member.
pub fn wide() -> String {
    with(include_str!("kernels/wide.wgsl"))
}

fn with(kernels: &str) -> String {
    let files = [
        include_str!("kernels/structs.wgsl"),
        include_str!("kernels/network.wgsl"),
        include_str!("kernels/rules.wgsl"),
        kernels,
    ];
    constants() + &files.concat()
}
