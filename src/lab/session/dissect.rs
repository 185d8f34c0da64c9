//! The next step of a run, taken apart in double precision; nothing moves.

use super::Session;
use crate::Error;
use crate::engine::NoProblem;
use crate::engine::one_step::Snapshot;
use crate::lab::command::{Cut, Dissection};
use crate::lab::pieces::{Due, piece};
use crate::lab::sentence::no_problem;

impl Session {
    /// The next step of the run that `cut` names; left off whenever that is `due`.
    ///
    /// # Errors
    /// When there is no such run, layer or neuron, when τ_θ is not positive, or when the step breaks down.
    pub async fn dissect(&mut self, cut: Cut, due: Due<'_>) -> Result<Dissection, Error> {
        self.known_run(cut.run)?;
        let minibatch = self.course.next_minibatch(&self.config);
        let ensemble = &self.course.ensemble;
        let member = &ensemble.members()[cut.run];
        let mut settings = self.config.runs_at(self.step())[cut.run].settings();
        if let Some(tau_theta) = cut.tau_theta {
            if !(tau_theta > 0.0 && tau_theta.is_finite()) {
                return Err(Error::Command(format!(
                    "tau_theta: {tau_theta} is out of range; allowed: above 0"
                )));
            }
            settings.implicit.tau_theta = tau_theta;
        }
        let thetas = &member.state.thetas;
        let snapshot = Snapshot::new(ensemble.architecture(), thetas, &minibatch, settings);
        let refuse = |why: NoProblem| Error::Command(no_problem(why));
        piece(due).await;
        let explicit = snapshot.explicit().map_err(|why| refuse(why.into()))?;
        piece(due).await;
        let implicit = snapshot.implicit().map_err(|why| refuse(why.into()))?;
        piece(due).await;
        let problem = snapshot.layer_problem(cut.layer, cut.neuron);
        Ok(Dissection {
            problem: problem.map_err(refuse)?,
            step: self.step(),
            one_step: snapshot.both(explicit, implicit),
            cut,
        })
    }
}
