//! A member where it stands on the timeline, with what has been noted of it. Makes no step.

use crate::engine::{Cost, Member, MemberState};
use crate::frame::{Departure, LayerFrame};
use crate::lab::timeline::Keyframe;
use crate::nn::mlp::Architecture;

/// More than a member's keyframe takes besides its matrices' numbers.
const OVERHEAD: usize = 4096;

/// A member where it stands: all that its further course depends on, and what has been noted of it.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) state: MemberState<f32>,
    pub(super) cost: Cost,
    /// Minibatch J of the last step: the next may fail before it has one of its own.
    pub(super) loss: f64,
    pub(super) seen: Seen,
}

/// What has been noted of a member besides its state.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How many steps had been made with the last one looked at.
    pub(super) looked: u64,
    /// E at the sub-steps of that step.
    pub(super) energy: Vec<f64>,
    /// Its layers' diagnostics.
    pub(super) layers: Vec<LayerFrame>,
    /// Smallest and largest minibatch loss that no record has yet, so that a spike between records is not lost.
    pub(super) range: Option<[f64; 2]>,
    /// Where E left the ground, once it has diverged.
    pub(super) departure: Option<Departure>,
    /// Its divergence has been looked into.
    pub(super) explained: bool,
}

impl Seen {
    /// What is known of a member that comes in this state.
    pub(super) fn of(state: &MemberState<f32>) -> Seen {
        Seen {
            looked: state.step,
            explained: state.divergence.is_some(),
            ..Seen::default()
        }
    }

    /// Notes the smallest and largest minibatch loss of steps.
    pub(super) fn note(&mut self, [least, most]: [f64; 2]) {
        if least.is_finite() && most.is_finite() {
            let range = self.range.get_or_insert([least, most]);
            *range = [range[0].min(least), range[1].max(most)];
        }
    }
}

impl Point {
    /// Where a member stands.
    fn of(member: &Member<f32>, seen: &Seen) -> Point {
        Point {
            state: member.state.clone(),
            cost: member.cost,
            loss: member.loss,
            seen: seen.clone(),
        }
    }

    /// Becomes that of a member of the same run, in the memory that it has.
    fn take(&mut self, member: &Member<f32>, seen: &Seen) {
        self.state.copy_from(&member.state);
        (self.cost, self.loss) = (member.cost, member.loss);
        let Seen {
            looked,
            energy,
            layers,
            range,
            departure,
            explained,
        } = seen;
        let own = &mut self.seen;
        (own.looked, own.range, own.explained) = (*looked, *range, *explained);
        own.energy.clone_from(energy);
        own.layers.clone_from(layers);
        own.departure.clone_from(departure);
    }

    /// Bytes it takes.
    fn bytes(&self) -> usize {
        let MemberState {
            thetas, optimizer, ..
        } = &self.state;
        let matrices = thetas
            .iter()
            .chain(&optimizer.first)
            .chain(&optimizer.second);
        let numbers: usize = matrices
            .map(|m| size_of_val(m) + size_of_val(m.as_slice()))
            .sum();
        let Seen { energy, layers, .. } = &self.seen;
        size_of::<Point>()
            + numbers
            + size_of_val(energy.as_slice())
            + size_of_val(layers.as_slice())
    }
}

impl Keyframe for Vec<Point> {
    fn bytes(&self) -> usize {
        self.iter().map(Point::bytes).sum()
    }
}

/// The members as they stand, in the memory of another keyframe of theirs if there is any.
pub(super) fn keyframe(
    spare: Option<Vec<Point>>,
    ensemble: &[Member<f32>],
    seen: &[Seen],
) -> Vec<Point> {
    let members = ensemble.iter().zip(seen);
    match spare {
        Some(mut keyframe) if keyframe.len() == ensemble.len() => {
            for (point, (member, seen)) in keyframe.iter_mut().zip(members) {
                point.take(member, seen);
            }
            keyframe
        }
        _ => members
            .map(|(member, seen)| Point::of(member, seen))
            .collect(),
    }
}

/// Bytes of a keyframe of `members` networks.
pub(super) fn most_bytes(architecture: &Architecture, members: usize) -> usize {
    // With a head behind every layer: a run may come to have a reach on its way.
    let heads = architecture.auxiliary_heads(1).map(|head| {
        let (rows, columns) = head.theta_shape();
        rows * columns
    });
    let numbers = architecture.parameters() + heads.sum::<usize>();
    // Weights and at most two moments.
    members * (3 * numbers * size_of::<f32>() + OVERHEAD)
}
