//! The curves of an experiment as CSV. Knows only what was measured.

use super::{Epoch, Plan, Row, TAUS};
use crate::lab::csv::{number, push_row};

/// The images of the paper's numbers.
const PAPERS: &str = "CIFAR-10";

/// One row per training and epoch; `measured` has one entry per training: its epochs, and its test accuracy at their end. `loss`
/// is J over all training `images`, which are named, `validation_loss` the mean over minibatches of 64, `seconds` what the steps took. What is not known is
/// empty.
pub fn curves(plan: &Plan, measured: &[(Vec<Epoch>, Option<f64>)], images: &str) -> String {
    let mut text = "rule,optimizer,tau,tau_theta,epoch,seconds,loss,validation_loss,validation_accuracy,test_accuracy,images,arithmetic,build\n".to_owned();
    for (trial, (epochs, test)) in plan.trials.iter().zip(measured) {
        let tau_theta = if trial.rule.has_tau_theta() {
            trial.tau_theta
        } else {
            f64::NAN
        };
        for epoch in epochs {
            let last = epoch.epoch == plan.epochs;
            let numbers = [
                trial.tau,
                tau_theta,
                epoch.epoch as f64,
                epoch.seconds,
                epoch.loss,
                epoch.validation_loss,
                epoch.validation_accuracy,
                test.filter(|_| last).unwrap_or(f64::NAN),
            ];
            let start = [trial.rule.to_string(), trial.optimizer().to_owned()];
            let end =
                [images, plan.arithmetic.name(), env!("CARGO_PKG_VERSION")].map(str::to_owned);
            push_row(
                &mut text,
                start.into_iter().chain(numbers.map(number)).chain(end),
            );
        }
    }
    text
}

/// Table 1 as the paper has it, a column per step size; what diverged is empty. What was found here was on these `images`.
pub fn table(rows: &[Row], images: &str) -> String {
    let mut text = String::new();
    let start = ["method", "from", "images"].map(str::to_owned);
    push_row(
        &mut text,
        start.into_iter().chain(TAUS.map(|tau| tau.to_string())),
    );
    for row in rows {
        let images = if row.paper { PAPERS } else { images };
        let start = [
            row.rule.to_string(),
            row.from().to_owned(),
            images.to_owned(),
        ];
        let losses = row.losses.map(|loss| number(loss.unwrap_or(f64::NAN)));
        push_row(&mut text, start.into_iter().chain(losses));
    }
    text
}
