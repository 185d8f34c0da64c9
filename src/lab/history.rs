//! The curves of a run: which steps are recorded, and the records not yet handed out. Bounded by construction.

use crate::frame::{Divergence, Record};

/// Curves have at most this many points (and the last one), however long the run.
pub const MOST_RECORDS: u64 = 600;

/// Which steps of a run of `total` steps are recorded: every `stride`-th.
pub fn stride(total: u64) -> u64 {
    total.div_ceil(MOST_RECORDS).max(1)
}

/// One member's records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    records: Vec<Record>,
    handed_out: usize,
    /// Where the curve ends early.
    pub divergence: Option<Divergence>,
}

impl History {
    /// Adds a record of a later step. Its seconds never fall below those before: what is computed again after a
    /// look back is timed again.
    pub fn push(&mut self, mut record: Record) {
        if let Some(last) = self.records.last() {
            record.seconds = record.seconds.max(last.seconds);
        }
        self.records.push(record);
    }

    /// All records.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records since the last call.
    pub fn take_new(&mut self) -> Vec<Record> {
        let new = self.records[self.handed_out..].to_vec();
        self.handed_out = self.records.len();
        new
    }

    /// Keeps every `stride`-th step only, as a longer run does from its start; all is handed out anew. The minibatch losses
    /// that no record has any more come back.
    pub fn thin(&mut self, stride: u64) -> Option<[f64; 2]> {
        let (mut kept, mut range) = (Vec::new(), None);
        let end = self.divergence.as_ref().map(|d| d.step);
        for mut record in std::mem::take(&mut self.records) {
            let [least, most] = record.batch_loss;
            let [low, high] = range.unwrap_or([f64::NAN; 2]);
            // The minimum of a number and NaN is the number.
            let both = [least.min(low), most.max(high)];
            range = Some(both).filter(|both| both[0].is_finite());
            if record.step.is_multiple_of(stride) || Some(record.step) == end {
                record.batch_loss = range.take().unwrap_or(record.batch_loss);
                kept.push(record);
            }
        }
        (self.records, self.handed_out) = (kept, 0);
        range
    }

    /// Forgets the records of `step` and later.
    pub fn truncate(&mut self, step: u64) {
        let kept = self.records.partition_point(|r| r.step < step);
        self.records.truncate(kept);
        self.handed_out = self.handed_out.min(kept);
        self.divergence.take_if(|d| d.step >= step);
    }
}
