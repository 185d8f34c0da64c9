//! One training of an experiment: steps, what is looked at between epochs, and a checkpoint from which it goes on to the same numbers.
//! Knows no file and no thread.

use super::cost::Costs;
use super::images::{Images, Kind, Part};
use super::{BATCH, Plan};
use crate::data::order;
use crate::data::rng::Stream;
use crate::engine::evaluate::{Evaluation, Evaluator};
use crate::engine::{Ensemble, Look, MemberState};
use crate::nn::mlp::{Batch, Init, Law, initialise};
use crate::steps::OptimizerState;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// Images that are looked at together: as many as the evaluator takes at once, twice.
const TOGETHER: usize = 496;
/// Those held back come in minibatches of so many, whose means are averaged as they are (the last one is smaller): as in the
/// published code.
const VALIDATED: usize = 64;
/// Steps that are timed to know what one costs.
const TIMED: u32 = 2;
/// What a checkpoint begins with.
const MARK: &[u8] = b"proxprop paper 2\n";
/// Bytes of the checksum that it ends with.
const CHECKSUM: usize = 4;

/// What is known before the first epoch and after each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Epochs made.
    pub epoch: u64,
    /// Seconds that their steps took.
    pub seconds: f64,
    /// J over all training images.
    pub loss: f64,
    /// The mean of J over minibatches of the images held back.
    pub validation_loss: f64,
    /// Share of those that are answered rightly.
    pub validation_accuracy: f64,
}

/// Of all images of a kind.
#[derive(Default)]
struct Means {
    loss: f64,
    /// Where every minibatch counts as much as the others.
    loss_of_minibatches: f64,
    accuracy: f64,
}

/// What [`Training::advance`] has done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advance {
    /// A step.
    Step,
    /// A look at all images.
    Looked(Epoch),
    /// Nothing: it is over.
    Over,
    /// Nothing: it was asked to stop.
    Stopped,
}

/// A training where it stands.
pub struct Training<'a> {
    plan: &'a Plan,
    images: &'a Images,
    /// In words: what decides its numbers.
    told: String,
    ensemble: Ensemble<f32>,
    evaluator: Evaluator<f32>,
    together: Batch<f32>,
    order: Vec<u32>,
    /// The epoch whose order that is.
    ordered: Option<u64>,
    epochs: Vec<Epoch>,
    test_accuracy: Option<f64>,
    clock: fn() -> f64,
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    seconds: f64,
    epochs: Vec<Epoch>,
    test_accuracy: Option<f64>,
    member: MemberState<f32>,
}

impl<'a> Training<'a> {
    /// Training `i` of a plan before its first step; steps are timed by this clock (seconds).
    pub fn new(plan: &'a Plan, i: usize, images: &'a Images, clock: fn() -> f64) -> Training<'a> {
        let architecture = plan.architecture();
        let batch = BATCH.min(images.training());
        let mut stream = Stream::weights(plan.seed);
        let numbers = |law| match law {
            Law::Normal => stream.normal(),
            Law::Uniform => stream.between(-1.0, 1.0),
        };
        let thetas = initialise(&architecture, Init::Uniform, 1.0, numbers);
        let thetas = thetas.iter().map(|theta| theta.map(|x| x as f32));
        let settings = plan.trials[i].settings();
        let evaluator = Evaluator::new(&architecture).with_arithmetic(plan.arithmetic);
        let (inputs, outputs) = (architecture.inputs.count(), architecture.outputs());
        let together = Batch::with_capacity(TOGETHER, inputs, outputs, architecture.loss);
        let mut ensemble =
            Ensemble::of_minibatches(architecture, batch).with_arithmetic(plan.arithmetic);
        ensemble.add(settings, thetas.collect());
        Training {
            told: plan.told(i, images.fingerprint()),
            plan,
            images,
            ensemble,
            evaluator,
            together,
            order: Vec::new(),
            ordered: None,
            epochs: Vec::new(),
            test_accuracy: None,
            clock,
            seconds: 0.0,
        }
    }

    fn member(&self) -> &MemberState<f32> {
        &self.ensemble.members()[0].state
    }

    /// Steps made.
    pub fn steps(&self) -> u64 {
        self.member().step
    }

    /// Steps of an epoch on these images.
    pub fn steps_in(images: &Images) -> u64 {
        order::steps_per_epoch(images.training(), BATCH)
    }

    /// What is known after each epoch, and before the first.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The share of the test's images that are answered rightly, when all epochs are made.
    pub fn test_accuracy(&self) -> Option<f64> {
        self.test_accuracy
    }

    /// The step at which it diverged.
    pub fn diverged(&self) -> Option<u64> {
        self.member().divergence.as_ref().map(|d| d.step)
    }

    /// Whether there is nothing more to do.
    pub fn is_over(&self) -> bool {
        self.diverged().is_some() || self.test_accuracy.is_some()
    }

    /// Makes a step, or looks at all images where an epoch begins or the last has ended. `stopped` is asked where that takes long, and then
    /// nothing has changed.
    pub fn advance(&mut self, stopped: &dyn Fn() -> bool) -> Advance {
        if self.is_over() {
            return Advance::Over;
        }
        let (step, per_epoch) = (self.steps(), Training::steps_in(self.images));
        if step == per_epoch * self.epochs.len() as u64 {
            return self.look(stopped);
        }
        self.step();
        Advance::Step
    }

    fn step(&mut self) {
        let (step, per_epoch) = (self.steps(), Training::steps_in(self.images));
        let (n, batch) = (self.images.training(), self.ensemble.batch_size());
        let epoch = step / per_epoch;
        if self.ordered != Some(epoch) {
            order::epoch_order(self.plan.seed, epoch, n, batch, &mut self.order);
            self.ordered = Some(epoch);
        }
        let first = (step % per_epoch) as usize * batch;
        let minibatch = &self.order[first..(first + batch).min(n)];
        let begin = (self.clock)();
        self.images.take(minibatch, self.ensemble.hand());
        self.ensemble.step_member(0, Look::default(), false);
        self.seconds += (self.clock)() - begin;
    }

    fn look(&mut self, stopped: &dyn Fn() -> bool) -> Advance {
        let Some(training) = self.means(Kind::Training, TOGETHER, stopped) else {
            return Advance::Stopped;
        };
        let Some(validation) = self.means(Kind::Validation, VALIDATED, stopped) else {
            return Advance::Stopped;
        };
        let epoch = self.epochs.len() as u64;
        if epoch == self.plan.epochs {
            let Some(test) = self.means(Kind::Test, TOGETHER, stopped) else {
                return Advance::Stopped;
            };
            self.test_accuracy = Some(test.accuracy);
        }
        let known = Epoch {
            epoch,
            seconds: self.seconds,
            loss: training.loss,
            validation_loss: validation.loss_of_minibatches,
            validation_accuracy: validation.accuracy,
        };
        self.epochs.push(known);
        Advance::Looked(known)
    }

    /// Means over all images of a kind, which are taken by so many at a time.
    fn means(&mut self, kind: Kind, most: usize, stopped: &dyn Fn() -> bool) -> Option<Means> {
        let mut sums = Means::default();
        let (mut images, mut minibatches) = (0.0, 0.0);
        for part in self.images.parts(kind, most) {
            if stopped() {
                return None;
            }
            let known = self.evaluated(&part)?;
            let count = part.len() as f64;
            sums.loss += count * known.loss;
            sums.loss_of_minibatches += known.loss;
            sums.accuracy += count * known.accuracy?;
            images += count;
            minibatches += 1.0;
        }
        Some(Means {
            loss: sums.loss / images,
            loss_of_minibatches: sums.loss_of_minibatches / minibatches,
            accuracy: sums.accuracy / images,
        })
    }

    fn evaluated(&mut self, part: &Part) -> Option<Evaluation> {
        part.take(&mut self.together);
        let thetas = &self.ensemble.members()[0].state.thetas;
        self.evaluator.evaluate(thetas, &self.together)
    }

    /// What training `i` of a plan will cost, but for its checkpoints, by a step and by parts of the images; each is made once before it is
    /// timed, as the first takes its memory. And that training, which has made these steps.
    pub fn measured(
        plan: &'a Plan,
        i: usize,
        images: &'a Images,
        clock: fn() -> f64,
    ) -> (Training<'a>, Costs) {
        let start = clock();
        let mut training = Training::new(plan, i, images, clock);
        let begin = clock() - start;
        training.step();
        let before = training.seconds;
        for _ in 0..TIMED {
            training.step();
        }
        let step = (training.seconds - before) / f64::from(TIMED);
        let [trained, held_back, tested] = [
            (Kind::Training, TOGETHER),
            (Kind::Validation, VALIDATED),
            (Kind::Test, TOGETHER),
        ]
        .map(|(kind, most)| training.cost_of(kind, most));
        let costs = Costs {
            begin,
            step,
            look: trained + held_back,
            test: tested,
            keep: 0.0,
        };
        (training, costs)
    }

    /// The seconds of a look at all images of a kind, by the first of them.
    fn cost_of(&mut self, kind: Kind, most: usize) -> f64 {
        let mut parts = self.images.parts(kind, most);
        let Some(first) = parts.next() else {
            return 0.0;
        };
        let all = first.len() + parts.map(|part| part.len()).sum::<usize>();
        self.evaluated(&first);
        let begin = (self.clock)();
        self.evaluated(&first);
        ((self.clock)() - begin) * all as f64 / first.len() as f64
    }

    /// All that it takes to go on from here to the same numbers; of what is over, no more than is told of it.
    ///
    /// # Panics
    /// Never.
    pub fn checkpoint(&self) -> Vec<u8> {
        let mut member = self.member().clone();
        if self.is_over() {
            let optimizer = &mut member.optimizer;
            for numbers in [
                &mut member.thetas,
                &mut optimizer.first,
                &mut optimizer.second,
            ] {
                numbers.clear();
            }
        }
        let checkpoint = Checkpoint {
            seconds: self.seconds,
            epochs: self.epochs.clone(),
            test_accuracy: self.test_accuracy,
            member,
        };
        let start = [MARK, self.told.as_bytes(), b"\n"].concat();
        let mut bytes: Vec<u8> =
            postcard::to_extend(&checkpoint, start).expect("memory takes all that is written");
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Whether these bytes are a checkpoint of training `i` of a plan on these images, as they were written.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(plan: &Plan, i: usize, images: &Images, checkpoint: &[u8]) -> Result<(), String> {
        opened(checkpoint, &plan.told(i, images.fingerprint())).map(|_| ())
    }

    /// Goes on from a checkpoint of the same training.
    ///
    /// # Errors
    /// What is wrong with it; nothing has changed then.
    pub fn go_on(&mut self, checkpoint: &[u8]) -> Result<(), String> {
        let rest = opened(checkpoint, &self.told)?;
        let read: Result<Checkpoint, _> = postcard::from_bytes(rest);
        let read = read.map_err(|_| NOT_WHOLE)?;
        let shapes = |state: &MemberState<f32>| -> Vec<(usize, usize)> {
            let OptimizerState { first, second, .. } = &state.optimizer;
            let all = state.thetas.iter().chain(first).chain(second);
            all.map(DMatrix::shape).collect()
        };
        let over = read.test_accuracy.is_some() || read.member.divergence.is_some();
        if !over && shapes(&read.member) != shapes(self.member()) {
            return Err("a checkpoint of another network".to_owned());
        }
        let settings = self.ensemble.members()[0].settings();
        self.ensemble.restore(0, settings, read.member);
        (self.seconds, self.epochs) = (read.seconds, read.epochs);
        self.test_accuracy = read.test_accuracy;
        self.ordered = None;
        Ok(())
    }
}

const NOT_WHOLE: &str = "a checkpoint that is cut off, or not as it was written";

/// What stands in a checkpoint of the training that is `told`, behind its name.
fn opened<'c>(checkpoint: &'c [u8], told: &str) -> Result<&'c [u8], String> {
    let rest = checkpoint.strip_prefix(MARK);
    let rest = rest.ok_or("no checkpoint of this version of the program")?;
    let end = rest.iter().position(|&byte| byte == b'\n');
    let (name, rest) = rest.split_at(end.ok_or(NOT_WHOLE)?);
    if name != told.as_bytes() {
        let name = String::from_utf8_lossy(name);
        return Err(format!(
            "this is a checkpoint of {name}; allowed here: {told}"
        ));
    }
    let (held, checksum) = checkpoint.split_at(checkpoint.len() - CHECKSUM);
    if crc32fast::hash(held).to_le_bytes() != checksum || rest.len() <= CHECKSUM {
        return Err(NOT_WHOLE.to_owned());
    }
    Ok(&rest[1..rest.len() - CHECKSUM])
}
