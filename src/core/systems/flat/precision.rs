//! The precisions it is computed in: what takes the time is compiled in this crate, once for each.

use super::learner::{How, Learner, Work};
use super::looker::{Attack, Looker, Plane, Verdict};
use crate::nn::mlp::{Architecture, Batch};
use crate::steps::objective::Target;
use nalgebra::DMatrix;

macro_rules! compile_for {
    ($precision:ty) => {
        impl Learner<$precision> {
            /// Computes objective, gradient and direction where it stands; whether a step can be made.
            #[inline(never)]
            pub fn look(
                &mut self,
                architecture: &Architecture,
                how: &How,
                batch: &Batch<$precision>,
                work: &mut Work<$precision>,
            ) -> bool {
                self.look_generic(architecture, how, batch, work)
            }

            /// Makes a step; one that cannot be made leaves the parameters as they are.
            #[inline(never)]
            pub fn step(
                &mut self,
                architecture: &Architecture,
                how: &How,
                batch: &Batch<$precision>,
                work: &mut Work<$precision>,
            ) {
                self.step_generic(architecture, how, batch, work);
            }
        }

        impl Looker<$precision> {
            /// The outputs at points.
            #[inline(never)]
            pub fn logits(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: &[[f64; 2]],
            ) -> Vec<Vec<f64>> {
                self.logits_generic(thetas, points)
            }

            /// The margins at `count × count` nodes over a square about 0.
            #[inline(never)]
            pub fn plane(
                &mut self,
                thetas: &[DMatrix<$precision>],
                reach: f64,
                count: usize,
            ) -> Plane {
                self.plane_generic(thetas, reach, count)
            }

            /// The gradients of a target's first scalar by the points.
            #[inline(never)]
            pub fn gradients(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: &mut dyn Iterator<Item = [f64; 2]>,
                labels: &mut dyn Iterator<Item = u32>,
                target: Target,
            ) -> Vec<[f64; 2]> {
                self.gradients_generic(thetas, points, labels, target)
            }

            /// Attacks points of these classes, and shows where each comes after every step; its last place comes last.
            #[inline(never)]
            pub fn attack(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: &[[f64; 2]],
                labels: &[u32],
                attack: Attack,
                see: &mut dyn FnMut(usize, [f64; 2]),
            ) {
                self.attack_generic(thetas, points, labels, attack, see);
            }

            /// Whether the network names the points' classes.
            #[inline(never)]
            pub fn right(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: &[[f64; 2]],
                labels: &[u32],
            ) -> Vec<bool> {
                self.right_generic(thetas, points, labels)
            }

            /// Leaves those `right` that are so after attacks of so many steps from each of the first starts.
            #[inline(never)]
            pub fn robust(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: (&[[f64; 2]], &[u32]),
                eps: f64,
                strength: (u32, usize),
                right: &mut [bool],
            ) {
                self.robust_generic(thetas, points, eps, strength, right);
            }

            /// What the boxes of the points that stand are found to be, by `eps` and the nodes along a side.
            #[inline(never)]
            pub fn boxes(
                &mut self,
                thetas: &[DMatrix<$precision>],
                points: (&[[f64; 2]], &[u32]),
                grid: (f64, usize),
                stands: &[bool],
            ) -> Vec<Verdict> {
                self.boxes_generic(thetas, points, grid, stands)
            }

            /// The nearest of `count × count` nodes of a point's box that has another class.
            #[inline(never)]
            pub fn nearest_wrong(
                &mut self,
                thetas: &[DMatrix<$precision>],
                point: [f64; 2],
                label: u32,
                eps: f64,
                count: usize,
            ) -> Option<[f64; 2]> {
                self.nearest_generic(thetas, point, label, eps, count)
            }
        }
    };
}

compile_for!(f32);
compile_for!(f64);
