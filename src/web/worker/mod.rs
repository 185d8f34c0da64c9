//! The other side: sessions and cells in training, on the CPU or a graphics device. Knows the wire, never the document.

#[cfg(feature = "bench")]
mod bench;
mod cells;
mod crew;
mod device;
mod handover;
mod hands;
pub(super) mod lab;
