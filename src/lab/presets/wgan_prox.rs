//! Runs worth a question. Data only; what the answers claim is tested on the runs themselves.

use super::preset::{Preset, RELATED};

/// In the order in which a lecture might take them.
pub(in crate::lab) static PRESETS: [Preset; 5] = [
    Preset {
        name: "five-steps",
        title: "Five generator steps",
        query: "system=wgan-prox&run=explicit&run=prox,penalty:none&run=prox",
        hash: RELATED,
        question: "Five generator steps per discriminator step ruin the game. Why, and what does the third panel do differently?",
        answer: "They run after a discriminator that stands still: all points gather where it is highest, and round the ring they go. The term charges for leaving the points where the discriminator was trained: a step moves the points by 0.01 to 0.03, and all eight clouds are covered.",
    },
    Preset {
        name: "small-generator-steps",
        title: "Small steps",
        query: "system=wgan-prox&run=explicit,lr:0.001&run=prox,penalty:none,lr:0.001&run=prox,lr:0.001",
        hash: RELATED,
        question: "The step size is five times as small. Is the proximal worth its price here?",
        answer: "No. Explicit is as good per outer step, for a third of the gradients: small explicit steps do not leave the points behind either. Without the term, five steps still lose clouds.",
    },
    Preset {
        name: "same-budget",
        title: "The same budget",
        query: "system=wgan-prox&pace=evals&steps=1800&run=prox,inner:2&run=explicit&run=explicit,lr:0.001&run=prox",
        hash: RELATED,
        question: "Everyone has the same number of gradients to spend. Is one long look at each discriminator worth two short ones?",
        answer: "Yes, with two inner steps, on the mean over steps and seeds: the second already pulls back what the first overdid. Five come nearer to the exact proximal point, but three more steps eat the gain: beside small explicit ones it is no better then.",
    },
    Preset {
        name: "which-distance",
        title: "Which distance?",
        query: "system=wgan-prox&run=prox&run=prox,penalty:sbe2&run=prox,penalty:sbe1&run=prox,penalty:euclid",
        hash: RELATED,
        question: "All four hold the generator back. What does each one see?",
        answer: "rwp sees every point, sbe2 mean and second moments, sbe1 the mean alone, euclid the parameters and no point. The more of the motion a distance sees, the better it holds: rwp best, then sbe2; the other two hold worse.",
    },
    Preset {
        name: "five-names",
        title: "Five names for one generator",
        query: "system=wgan-prox&scene=scale&run=explicit,h:0.5&run=natural,h:0.5&run=prox,h:0.5&run=prox-inner,h:0.5,lr:0.1&run=euclid,h:0.5",
        hash: RELATED,
        question: "One generator, five names for its parameter: which methods notice?",
        answer: "All but the exact proximal point, whose five curves are one; the natural gradient notices at second order in h. The practical method, five gradient steps towards that point, notices too: where they end depends on the name until they have converged.",
    },
];
