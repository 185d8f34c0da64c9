//! The past of a run: some of its states, from which the others are computed again. Knows how to keep few of them, not
//! how to step.
//!
//! **Bound.** At most [`MOST_KEYFRAMES`] keyframes and [`MOST_BYTES`] bytes of them, however long the run and however
//! wide the networks (whose states may be too large for even one). Half a dozen are the multiples of the finest spacing just
//! behind where the run stands; the others are the multiples of a spacing that doubles when there are too many. With all
//! keyframes a look back makes at most the finest spacing's steps again from nearby, and at most a hundredth of the run (but at
//! least so many) from afar. The finest spacing is [`FINEST`] steps, or [`FINEST_OF_SMALL`] small ones.

/// Most keyframes.
pub const MOST_KEYFRAMES: usize = 256;
/// Most bytes in all keyframes.
pub const MOST_BYTES: usize = 64 << 20;
/// The finest spacing of keyframes in steps; a power of two.
pub const FINEST: u64 = 16;
/// The same of steps that take microseconds: keeping a state after 16 of them would take as long as one.
pub const FINEST_OF_SMALL: u64 = 64;
/// Most keyframes just behind where the run stands: more than `HIGH_STEPS` steps, so that what a member that has been
/// thrown out did before is near.
const NEAR: usize = 9;

/// Where a run stands: all that its further course depends on.
pub(super) trait Keyframe {
    /// Bytes it takes.
    fn bytes(&self) -> usize;
}

/// Keyframes by step.
#[derive(Debug)]
pub(super) struct Timeline<K> {
    /// Steps ascending.
    keyframes: Vec<(u64, K)>,
    /// One that was forgotten: memory for the next.
    spare: Option<K>,
    /// The finest spacing.
    finest: u64,
    /// That times a power of two.
    spacing: u64,
    capacity: usize,
}

impl<K: Keyframe> Timeline<K> {
    /// An empty timeline for keyframes of at most so many bytes, at multiples of `finest`.
    pub(super) fn new(keyframe: usize, finest: u64) -> Timeline<K> {
        Timeline {
            keyframes: Vec::new(),
            spare: None,
            finest,
            spacing: finest,
            capacity: (MOST_BYTES / keyframe.max(1)).min(MOST_KEYFRAMES),
        }
    }

    /// The finest spacing of keyframes, in steps.
    pub(super) fn finest(&self) -> u64 {
        self.finest
    }

    /// Whether a keyframe at `step` is worth keeping and not yet there.
    pub(super) fn wants(&self, step: u64) -> bool {
        step.is_multiple_of(self.finest)
            && self.capacity > 0
            && self.keyframes.binary_search_by_key(&step, |k| k.0).is_err()
    }

    /// Keeps the state at `step`, where the run stands now, and forgets what has become superfluous. It is written into the memory
    /// of a forgotten one, if there is any.
    pub(super) fn keep(&mut self, step: u64, write: impl FnOnce(Option<K>) -> K) {
        let keyframe = write(self.spare.take());
        let at = self.keyframes.partition_point(|k| k.0 < step);
        self.keyframes.insert(at, (step, keyframe));
        let near = NEAR.min(self.capacity / 2) as u64 * self.finest;
        loop {
            let spacing = self.spacing;
            let is_near = |other: u64| other <= step && step - other < near;
            // Of all keyframes at every one that is kept: a division would be dear.
            let is_spaced = |other: u64| other & (spacing - 1) == 0;
            let superfluous = |k: &mut (u64, K)| !is_spaced(k.0) && !is_near(k.0);
            if let Some((_, keyframe)) = self.keyframes.extract_if(.., superfluous).last() {
                self.spare = Some(keyframe);
            }
            if self.keyframes.len() <= self.capacity {
                return;
            }
            self.spacing *= 2;
        }
    }

    /// The last keyframe at or before `step`.
    pub(super) fn at_or_before(&self, step: u64) -> Option<(u64, &K)> {
        let after = self.keyframes.partition_point(|k| k.0 <= step);
        let (step, keyframe) = self.keyframes[..after].last()?;
        Some((*step, keyframe))
    }

    /// Forgets everything beyond `step`.
    pub(super) fn truncate(&mut self, step: u64) {
        self.keyframes.retain(|k| k.0 <= step);
    }

    /// Bytes of all keyframes.
    pub(super) fn bytes(&self) -> usize {
        self.keyframes.iter().map(|k| k.1.bytes()).sum()
    }

    /// How many keyframes there are.
    pub(super) fn len(&self) -> usize {
        self.keyframes.len()
    }
}
