//! The past of a run: some of its states, from which the others are computed again. Knows how to keep few of them, not
//! how to step.
//!
//! **Bound.** At most [`MOST_KEYFRAMES`] keyframes and [`MOST_BYTES`] bytes of them, however long the run and however
//! wide the networks (whose states may be too large for even one). Half a dozen are the multiples of [`FINEST`] just
//! behind where the run stands; the others are the multiples of a spacing, which doubles when there are too many.
//! With all keyframes a look back makes at most [`FINEST`] steps again from nearby, and at most a hundredth of the run
//! (but at least [`FINEST`]) from afar.

use crate::engine::{Cost, Member, MemberState};
use crate::frame::{Departure, LayerFrame};
use crate::nn::mlp::Architecture;

/// Most keyframes.
pub const MOST_KEYFRAMES: usize = 256;
/// Most bytes in all keyframes.
pub const MOST_BYTES: usize = 64 << 20;
/// Keyframes are at multiples of this step.
pub const FINEST: u64 = 16;
/// Most keyframes just behind where the run stands: more than `HIGH_STEPS` steps, so that what a member that has been
/// thrown out did before is near.
const NEAR: usize = 9;
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

/// Keyframes by step.
#[derive(Debug)]
pub(super) struct Timeline {
    /// Steps ascending.
    keyframes: Vec<(u64, Vec<Point>)>,
    /// One that was forgotten: memory for the next.
    spare: Vec<Point>,
    /// [`FINEST`] times a power of two.
    spacing: u64,
    capacity: usize,
}

impl Timeline {
    /// An empty timeline for `members` networks.
    pub(super) fn new(architecture: &Architecture, members: usize) -> Timeline {
        let numbers = architecture.parameters();
        // Weights and at most two moments.
        let keyframe = members * (3 * numbers * size_of::<f32>() + OVERHEAD);
        Timeline {
            keyframes: Vec::new(),
            spare: Vec::new(),
            spacing: FINEST,
            capacity: (MOST_BYTES / keyframe).min(MOST_KEYFRAMES),
        }
    }

    /// Whether a keyframe at `step` is worth keeping and not yet there.
    pub(super) fn wants(&self, step: u64) -> bool {
        step.is_multiple_of(FINEST)
            && self.capacity > 0
            && self.keyframes.binary_search_by_key(&step, |k| k.0).is_err()
    }

    /// Keeps the members at `step`, where the run stands now, and forgets what has become superfluous.
    pub(super) fn keep(&mut self, step: u64, ensemble: &[Member<f32>], seen: &[Seen]) {
        let members = ensemble.iter().zip(seen);
        let mut keyframe = std::mem::take(&mut self.spare);
        if keyframe.len() == ensemble.len() {
            for (point, (member, seen)) in keyframe.iter_mut().zip(members) {
                point.take(member, seen);
            }
        } else {
            keyframe = members
                .map(|(member, seen)| Point::of(member, seen))
                .collect();
        }
        let at = self.keyframes.partition_point(|k| k.0 < step);
        self.keyframes.insert(at, (step, keyframe));
        let near = NEAR.min(self.capacity / 2) as u64 * FINEST;
        loop {
            let spacing = self.spacing;
            let is_near = |other: u64| other <= step && step - other < near;
            // Of all keyframes at every one that is kept: a division would be dear.
            let is_spaced = |other: u64| other & (spacing - 1) == 0;
            let superfluous = |k: &mut (u64, Vec<Point>)| !is_spaced(k.0) && !is_near(k.0);
            if let Some((_, points)) = self.keyframes.extract_if(.., superfluous).last() {
                self.spare = points;
            }
            if self.keyframes.len() <= self.capacity {
                return;
            }
            self.spacing *= 2;
        }
    }

    /// The last keyframe at or before `step`.
    pub(super) fn at_or_before(&self, step: u64) -> Option<(u64, &[Point])> {
        let after = self.keyframes.partition_point(|k| k.0 <= step);
        let (step, points) = self.keyframes[..after].last()?;
        Some((*step, points))
    }

    /// Forgets everything beyond `step`.
    pub(super) fn truncate(&mut self, step: u64) {
        self.keyframes.retain(|k| k.0 <= step);
    }

    /// Bytes of all keyframes.
    pub(super) fn bytes(&self) -> usize {
        let points = self.keyframes.iter().flat_map(|k| &k.1);
        points.map(Point::bytes).sum()
    }

    /// How many keyframes there are.
    pub(super) fn len(&self) -> usize {
        self.keyframes.len()
    }
}
