//! One run of a map's cell, trained to its end and looked at only there.

use super::super::config::Config;
use super::super::course::Course;
use super::super::start::Start;
use crate::engine::evaluate::Evaluator;
use crate::engine::{Ensemble, Look, MemberState, Settings};
use crate::lab::architecture;

/// A run in training.
pub(super) struct Trial {
    config: Config,
    course: Course,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// J over the training set at the end, or where it froze.
    pub(super) loss: f64,
    /// The J of the best constant answer.
    pub(super) constant_loss: f64,
    /// The step at which it diverged; its last, if it ended at a high loss: a short run has no time for more.
    pub(super) diverged_at: Option<u64>,
}

impl Trial {
    /// A configuration of one run, before its first step.
    ///
    /// # Panics
    /// For `data=state`, which no plan has.
    pub(super) fn new(config: Config) -> Trial {
        let ensemble = task(&config);
        let start = start(&config, &ensemble);
        Trial {
            course: Course::new(ensemble, 0, vec![start]),
            config,
        }
    }

    /// Makes at most so many steps; how many it made.
    pub(super) fn advance(&mut self, steps: u64) -> u64 {
        let begin = self.course.step();
        while self.course.step() - begin < steps && !self.ended() {
            self.course.advance(&self.config, Look::default());
        }
        self.course.step() - begin
    }

    fn ended(&self) -> bool {
        let total = self.config.epochs * self.course.ensemble.steps_per_epoch();
        self.course.step() >= total || self.course.ensemble.members()[0].state.divergence.is_some()
    }

    /// How it ended, once it has.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let ensemble = &self.course.ensemble;
        self.ended()
            .then(|| Outcome::of(&ensemble.members()[0].state, ensemble))
    }
}

impl Outcome {
    /// What a member has come to that learned what an ensemble learns.
    pub(super) fn of(state: &MemberState<f32>, task: &Ensemble<f32>) -> Outcome {
        let evaluation =
            Evaluator::new(task.architecture()).evaluate(&state.thetas, task.training());
        let loss = evaluation.map_or(f64::NAN, |e| e.loss);
        let ended_high = loss > task.high_loss(state);
        Outcome {
            loss,
            constant_loss: task.constant_loss(),
            diverged_at: match &state.divergence {
                Some(divergence) => Some(divergence.step),
                None => ended_high.then_some(state.step),
            },
        }
    }
}

/// What a configuration's runs learn, without members.
///
/// # Panics
/// For `data=state`, which no plan has.
pub(super) fn task(config: &Config) -> Ensemble<f32> {
    // Nobody looks at validation points; without them the training points are the same.
    let without = Config {
        valid: 0.0,
        ..config.clone()
    };
    let data = Start::default().dataset(&without);
    let data = data.expect("plans have no state files");
    let architecture = architecture::of_run(config, &data);
    Ensemble::new(architecture, &data, config.batch)
}

/// How the run of a configuration of one run learns at first, and where it stands.
pub(super) fn start(config: &Config, task: &Ensemble<f32>) -> (Settings, MemberState<f32>) {
    let members = Start::default().members(config, task.architecture());
    members.into_iter().next().expect("a run")
}
