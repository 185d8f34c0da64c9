//! `Ω(w) = l1 Σ|w_j| + lg Σ_G √|G| ‖w_G‖ + (l2/2) ‖w‖²`: its value, its subgradient of least norm and its proximal point. Knows no loss.

/// How much of each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// On sizes.
    pub l1: f64,
    /// On the lengths of groups.
    pub lg: f64,
    /// On squares.
    pub l2: f64,
}

/// Which weights belong together.
pub type Groups = Vec<Vec<usize>>;

impl Penalty {
    /// `Ω(w)`.
    pub fn value(&self, w: &[f64], groups: &Groups) -> f64 {
        let sizes: f64 = w.iter().map(|w| w.abs()).sum();
        let squares: f64 = w.iter().map(|w| w * w).sum();
        let lengths = groups.iter().map(|group| root(group) * length(w, group));
        self.l1 * sizes + 0.5 * self.l2 * squares + self.lg * lengths.sum::<f64>()
    }

    /// Adds the subgradient of least norm: 0 for a weight, and for a group, that is 0.
    pub fn add_subgradient(&self, w: &[f64], groups: &Groups, to: &mut [f64]) {
        for (to, &w) in to.iter_mut().zip(w) {
            let sign = if w == 0.0 { 0.0 } else { w.signum() };
            *to += self.l1 * sign + self.l2 * w;
        }
        if self.lg == 0.0 {
            return;
        }
        for group in groups {
            let norm = length(w, group);
            if norm > 0.0 {
                let factor = self.lg * root(group) / norm;
                group.iter().for_each(|&j| to[j] += factor * w[j]);
            }
        }
    }

    /// `z` becomes `argmin_w η Ω(w) + ‖w − z‖²/2`: soft thresholds, then groups, then the scale; in this order it is exact.
    pub fn prox(&self, eta: f64, groups: &Groups, z: &mut [f64]) {
        let threshold = eta * self.l1;
        for z in z.iter_mut() {
            *z = (z.abs() - threshold).max(0.0).copysign(*z);
        }
        if self.lg > 0.0 {
            for group in groups {
                let (norm, threshold) = (length(z, group), eta * self.lg * root(group));
                let left = if norm <= threshold {
                    0.0
                } else {
                    1.0 - threshold / norm
                };
                group.iter().for_each(|&j| z[j] *= left);
            }
        }
        let scale = 1.0 + eta * self.l2;
        z.iter_mut().for_each(|z| *z /= scale);
    }
}

fn root(group: &[usize]) -> f64 {
    (group.len() as f64).sqrt()
}

fn length(w: &[f64], group: &[usize]) -> f64 {
    group.iter().map(|&j| w[j] * w[j]).sum::<f64>().sqrt()
}
