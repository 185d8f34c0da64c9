//! Related systems: what each of them computes, each in its precision. A room per system; none knows another, and none knows
//! how it is run or drawn. What several compute with lies beside them.

pub mod auc;
pub mod flat;
pub mod interlocking;
mod optimizer;
mod product;
mod tanh;
pub mod vsml;
pub mod wgan_prox;
