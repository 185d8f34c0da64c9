//! The scalars of the outputs that are kept flat: their derivative by the outputs, and how that changes. Knows no network.

use super::Target;
use crate::nn::Real;
use crate::nn::loss::softmax;
use nalgebra::DMatrix;

/// How many scalars a target is, of so many classes.
pub fn scalars(target: Target, classes: usize) -> usize {
    match target {
        Target::Logits => classes,
        Target::Margin | Target::Prob | Target::Loss => 1,
    }
}

/// Whether the derivative does not change with the outputs.
pub fn is_linear(target: Target) -> bool {
    match target {
        Target::Margin | Target::Logits => true,
        Target::Prob | Target::Loss => false,
    }
}

/// The strongest wrong class of a row of outputs, the first of equals.
///
/// # Panics
/// When there is no class beside the label.
pub fn rival<T: Real>(z: &DMatrix<T>, row: usize, label: usize) -> usize {
    let others = (0..z.ncols()).filter(|&k| k != label);
    others
        .reduce(|best, k| {
            if z[(row, k)] > z[(row, best)] {
                k
            } else {
                best
            }
        })
        .expect("a class beside its own")
}

/// `c ← ∂q/∂z` of scalar `k` of a target in the first rows of `z`, as many as labels; zero in the padding.
pub fn write<T: Real>(
    target: Target,
    k: usize,
    z: &DMatrix<T>,
    labels: &[u32],
    c: &mut DMatrix<T>,
) {
    match target {
        Target::Margin => {
            c.fill(T::zero());
            for (i, &label) in labels.iter().enumerate() {
                let label = label as usize;
                c[(i, rival(z, i, label))] = -T::one();
                c[(i, label)] = T::one();
            }
        }
        Target::Logits => {
            c.fill(T::zero());
            c.column_mut(k).rows_mut(0, labels.len()).fill(T::one());
        }
        Target::Prob | Target::Loss => {
            softmax(z, c);
            for (i, &label) in labels.iter().enumerate() {
                let label = label as usize;
                let (own, rest) = own_and_rest(c, i, label);
                c[(i, label)] = -rest;
                if target == Target::Prob {
                    c.row_mut(i)
                        .iter_mut()
                        .for_each(|c| *c = (*c * -own).flushed());
                }
            }
            clear_below(c, labels.len());
        }
    }
}

/// `p_y`, and `1 − p_y` with all its digits, of a row of probabilities.
fn own_and_rest<T: Real>(p: &DMatrix<T>, row: usize, label: usize) -> (T, T) {
    let others = (0..p.ncols()).filter(|&k| k != label);
    let rest = others.fold(T::zero(), |sum, k| sum + p[(row, k)]);
    (p[(row, label)], rest)
}

fn clear_below<T: Real>(m: &mut DMatrix<T>, samples: usize) {
    let rest = m.nrows() - samples;
    m.rows_mut(samples, rest).fill(T::zero());
}

/// `u ← ∂²q/∂z² u`, row by row, for a target that is not linear; `p` becomes scratch memory.
pub fn curve<T: Real>(
    target: Target,
    z: &DMatrix<T>,
    labels: &[u32],
    u: &mut DMatrix<T>,
    p: &mut DMatrix<T>,
) {
    softmax(z, p);
    for (i, &label) in labels.iter().enumerate() {
        let label = label as usize;
        let pu = (0..p.ncols()).fold(T::zero(), |sum, k| sum + p[(i, k)] * u[(i, k)]);
        let (own, rest) = own_and_rest(p, i, label);
        // (e_y − p) · u
        let away = (0..p.ncols()).fold(T::zero(), |sum, k| {
            let e = if k == label { rest } else { -p[(i, k)] };
            sum + e * u[(i, k)]
        });
        for k in 0..p.ncols() {
            let (p, e) = (p[(i, k)], if k == label { rest } else { -p[(i, k)] });
            let of_loss = p * u[(i, k)] - p * pu;
            u[(i, k)] = match target {
                Target::Prob => own * (e * away - of_loss),
                Target::Loss => of_loss,
                Target::Margin | Target::Logits => T::zero(),
            }
            .flushed();
        }
    }
    clear_below(u, labels.len());
}
