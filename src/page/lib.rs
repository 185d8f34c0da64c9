//! [`proxprop`] as the WebAssembly of its page. A package of its own, because a library that is also linked by Rust
//! programs is not optimised at link time.

use proxprop as _;
