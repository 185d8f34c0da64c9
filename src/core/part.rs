//! Whether this is the whole engine or the part of it that a page begins with. Knows nothing of what the part lacks.

/// Whether all that the engine can do is here. The page begins with a part of it, which is smaller, and fetches the whole when it is
/// asked for more: images, convolutions, heads of a network's own, an objective that is not the loss alone, proximal points of the
/// whole loss, tables of points.
pub const WHOLE: bool = cfg!(any(not(target_arch = "wasm32"), feature = "whole"));

#[cfg(any(not(target_arch = "wasm32"), feature = "whole"))]
type Token = ();
#[cfg(not(any(not(target_arch = "wasm32"), feature = "whole")))]
type Token = std::convert::Infallible;

/// What a thing holds that only the whole engine has: in a part there is none, and no code for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here(Token);

impl Here {
    /// `None` in a part.
    #[cfg(any(not(target_arch = "wasm32"), feature = "whole"))]
    pub fn get() -> Option<Here> {
        Some(Here(()))
    }

    /// `None` in a part.
    #[cfg(not(any(not(target_arch = "wasm32"), feature = "whole")))]
    pub fn get() -> Option<Here> {
        None
    }
}
