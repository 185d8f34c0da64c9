//! In which arithmetic a network is computed: the one that all machines share, or the fastest of this processor.
//! Knows no matrix.

/// How sums of products are rounded, and how many are made at once.
#[derive(Clone, Copy, Debug, Default)]
pub enum Arithmetic {
    /// Four numbers at once, each product rounded before it is added: the same bits on every machine, in a browser too.
    #[default]
    Portable,
    /// The processor's widest vectors, each product added without being rounded first: the same bits on every processor
    /// that has it, and other roundings than those of [`Arithmetic::Portable`].
    Fast(Processor),
}

impl Arithmetic {
    /// The fastest there is here.
    pub fn fastest() -> Arithmetic {
        Processor::detect().map_or(Arithmetic::Portable, Arithmetic::Fast)
    }

    /// What `f` answers, compiled for this arithmetic's vectors if it is `#[inline(always)]`. That changes no number: what `f`
    /// does not fuse stays apart.
    #[inline(always)]
    pub fn vectorised<R>(self, f: impl FnOnce() -> R) -> R {
        match self {
            Arithmetic::Portable => f(),
            Arithmetic::Fast(processor) => processor.vectorised(f),
        }
    }

    /// What people and files call it.
    pub fn name(self) -> &'static str {
        match self {
            Arithmetic::Portable => "portable",
            Arithmetic::Fast(_) => "fast",
        }
    }
}

/// A processor with fused multiply-adds over vectors: AVX2, AVX-512 or NEON, as found when the program runs.
/// A page has none: there is no such value in WebAssembly, and no code for it.
#[derive(Clone, Copy, Debug)]
pub struct Processor(pub(super) Vectors);

#[cfg(not(target_arch = "wasm32"))]
pub(super) use pulp::Arch as Vectors;

#[cfg(target_arch = "wasm32")]
pub(super) use std::convert::Infallible as Vectors;

impl Processor {
    /// This machine's, if it is one.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn detect() -> Option<Processor> {
        match Vectors::new() {
            Vectors::Scalar => None,
            vectors => Some(Processor(vectors)),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn vectorised<R>(self, f: impl FnOnce() -> R) -> R {
        self.0.dispatch(f)
    }

    #[cfg(target_arch = "wasm32")]
    fn vectorised<R>(self, _: impl FnOnce() -> R) -> R {
        match self.0 {}
    }

    /// None.
    #[cfg(target_arch = "wasm32")]
    pub fn detect() -> Option<Processor> {
        None
    }
}
