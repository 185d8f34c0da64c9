//! Related systems: what each of them computes, in double precision. A room per system; none knows another, and none knows
//! how it is run or drawn.

pub mod auc;
pub mod wgan_prox;
