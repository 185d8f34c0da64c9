//! Outcomes in words: why a step broke down or a run diverged, where E left the ground, why there is nothing to look at.
//! It judges nothing.

use crate::Named;
use crate::engine::{Beyond, Cause, Divergence, NoProblem};
use crate::frame::{self, Departure, MemberFrame, OneStep, Shrunk, lowered};
use crate::steps::breakdown::TooLarge;
use crate::steps::prox_point::{MOST_PARAMETERS, MOST_WORK};
use crate::steps::{Breakdown, Shrinkage};
use std::num::FpCategory;

/// Why a step could not be completed, without step and layer.
pub fn breakdown(breakdown: Breakdown) -> String {
    match breakdown {
        Breakdown::Loss(FpCategory::Nan) => "the loss is no number any more".to_owned(),
        Breakdown::Loss(_) => "the loss has grown beyond every number".to_owned(),
        Breakdown::Unsolvable { column, .. } => {
            let column = column + 1;
            format!("the proximal system has no usable pivot in column {column}")
        }
        Breakdown::Direction { .. } => "the direction is not finite".to_owned(),
        Breakdown::Weights { .. } => "the new weights are not finite".to_owned(),
        Breakdown::TooLarge(why) => too_large(why),
    }
}

/// Why a network cannot be stepped as a whole.
pub fn too_large(why: TooLarge) -> String {
    match why {
        TooLarge::Parameters(parameters) => format!(
            "{parameters} parameters are too many to be stepped at once; allowed: at most {MOST_PARAMETERS}"
        ),
        TooLarge::Work {
            parameters,
            minibatch,
        } => format!(
            "{parameters} parameters × {minibatch} points per minibatch are too many to be stepped at once; \
             allowed: at most {MOST_WORK}"
        ),
    }
}

/// A divergence as it is told.
pub fn divergence(divergence: &Divergence) -> frame::Divergence {
    let reason = match &divergence.cause {
        Cause::Breakdown(why) => breakdown(*why),
        Cause::HighLoss { steps, level } => format!(
            "for {steps} steps in a row the loss stayed above {}, ten times the larger of its start and a constant \
             answer's",
            three_digits(*level)
        ),
        Cause::Told { reason, .. } => reason.clone(),
    };
    frame::Divergence {
        step: divergence.step,
        layer: divergence.layer(),
        reason,
    }
}

/// What a run has come to that ended at a loss above the level where it had not been before, sooner than so many steps in a row there make it diverged.
pub fn too_short(steps: u64, level: f64) -> String {
    format!(
        "ended above {}, ten times the larger of its start and a constant answer's: it counts as diverged after \
         {steps} steps in a row there, and this run was too short to tell.",
        three_digits(level)
    )
}

/// What a run has come to that ended above the level, where its loss had been and come back from in turn, in its last so many steps.
pub fn does_not_settle(last: u64, level: f64, steps: u64) -> String {
    format!(
        "does not settle: in its last {last} steps its loss was above {}, ten times the larger of its start and a constant \
         answer's, and came back below, again and again. It would count as diverged after {steps} steps in a row above.",
        three_digits(level)
    )
}

/// Drawn points so far from the origin that initial weights do not suit them.
pub(super) fn far(input: &str, size: f64) -> String {
    format!(
        "Some of the drawn points are far from the origin: the input {input} goes as far as {}, and initial weights expect \
         inputs of about 1.",
        three_digits(size)
    )
}

/// What somebody has told of a divergence: no more than the words is known of it.
pub(super) fn told(divergence: frame::Divergence) -> Divergence {
    let frame::Divergence {
        step,
        layer,
        reason,
    } = divergence;
    let cause = Cause::Told { layer, reason };
    Divergence { step, cause }
}

/// What a run's step is other than the sweep that is shown.
pub fn beyond_the_sweep(beyond: Beyond) -> String {
    match beyond {
        Beyond::Whole => "The run itself moves all layers at once, by one implicit step (prox-point), which is no sweep. \
                          Shown are the layer-wise steps from where it stands."
            .to_owned(),
        Beyond::Reach => "In the run itself layers hear the losses of heads of their own (reach). Shown are the steps of the last \
                          loss from where it stands."
            .to_owned(),
        Beyond::Objective { penalty, adversarial } => {
            let what = match (penalty, adversarial) {
                (true, true) => "how steep it is in its inputs (flat) and losses at adversarial points (adv)",
                (true, false) => "how steep it is in its inputs (flat)",
                (false, _) => "losses at adversarial points (adv)",
            };
            format!(
                "The run itself differentiates more than the loss: {what}. Shown are the plain steps of the loss alone from where it stands."
            )
        }
        Beyond::Update { optimizer, decay, l1 } => {
            let decay = if decay { ", with weight decay" } else { "" };
            let l1 = match l1 {
                None => "",
                Some(Shrinkage::Implicit) => ", then makes the proximal step of l1 on its weights",
                Some(Shrinkage::Explicit) => ", then makes the explicit step of l1 on its weights",
            };
            format!(
                "The run itself hands its direction to {}{decay}{l1}. Shown are the plain steps of size τ from where it stands.",
                optimizer.name()
            )
        }
    }
}

/// What the run's l1 makes of both sweeps.
pub fn shrunk(step: &OneStep) -> Option<String> {
    let size = step.l1.as_ref()?.size;
    let side = |name: &str, shrunk: &Shrunk| {
        format!(
            "after the {name} sweep it moves the {} weights by {} in all, and {} of them are exactly 0",
            shrunk.weights,
            three_digits(shrunk.change),
            shrunk.zeros
        )
    };
    let sides = [
        side("explicit", step.explicit.shrunk.as_ref()?),
        side("implicit", step.implicit.shrunk.as_ref()?),
    ];
    Some(format!(
        "Then comes l1, with s = τ·l1 = {}: {}. E has no part in it.",
        three_digits(size),
        sides.join("; ")
    ))
}

/// Why a step or a layer's problem cannot be looked at.
pub fn no_problem(why: NoProblem) -> String {
    let missing = |what: &str, number: usize, most: usize| {
        format!("{what} {number} does not exist; allowed: 1 to {most}")
    };
    match why {
        NoProblem::Layer { layer, most } => missing("hidden layer", layer, most),
        NoProblem::Neuron { neuron, most } => missing("neuron", neuron, most),
        NoProblem::Step(why) => format!("there is no step to look at: {}", breakdown(why)),
    }
}

/// How a run of so many layers diverged, after its name, without letters; `None` if it has not.
pub fn plainly(member: &MemberFrame, layers: usize) -> Option<String> {
    let frame::Divergence { step, reason, .. } = member.divergence.as_ref()?;
    let output = member
        .departure
        .as_ref()
        .is_some_and(|d| d.layer == Some(layers));
    let began = if output {
        " It began at the output layer, whose step is explicit in both methods: smaller steps help."
    } else {
        ""
    };
    Some(format!("diverged at step {step}: {reason}.{began}"))
}

/// A divergence and where E left the ground before it, after the name of a run of so many layers.
pub(super) fn diverged(
    divergence: &frame::Divergence,
    departure: Option<&Departure>,
    layers: usize,
) -> String {
    let frame::Divergence {
        step,
        layer,
        reason,
    } = divergence;
    let layer = layer.map_or(String::new(), |l| format!(", layer {l}"));
    let text = format!("diverged at step {step}{layer}: {reason}.");
    let Some(departure) = departure else {
        return text;
    };
    let Departure {
        step,
        at,
        layer,
        before,
        after,
    } = departure;
    let rise = match after {
        Some(after) if before.is_finite() => {
            format!(
                "rose from {} to {}",
                three_digits(*before),
                three_digits(*after)
            )
        }
        Some(after) => format!("was {}", three_digits(*after)),
        None => "was no longer finite".to_owned(),
    };
    let Some(layer) = layer else {
        // No sub-step has moved anything yet.
        return format!(
            "{text} E was off the ground as soon as step {step} began, on its minibatch and before it moved anything: it {rise}."
        );
    };
    let letter = match at.trim_end_matches(char::is_numeric) {
        "theta" => "Θ".to_owned(),
        name => name.to_ascii_uppercase(),
    };
    let at = format!("{letter}{}", lowered(*layer));
    let output = if *layer == layers {
        ", the output layer, whose step is explicit under every rule"
    } else {
        ""
    };
    format!(
        "{text} E left the ground in step {step} at sub-step {at} (layer {layer}{output}): it {rise}."
    )
}

/// A number in a sentence: three significant digits, and a power of ten where it is large.
fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&value.abs()) {
        return format!("{value:.2e}");
    }
    let decimals = (2 - libm::log10(value.abs()).floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
