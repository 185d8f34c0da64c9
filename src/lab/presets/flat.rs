//! Runs worth a question. Data only; what the answers claim is tested on the runs themselves.

use super::preset::{Preset, RELATED};

/// In the order in which a lecture might take them.
pub(in crate::lab) static PRESETS: [Preset; 5] = [
    Preset {
        name: "flat-means-safe",
        title: "Flat means safe?",
        query: "system=flat&run=plain&run=penalty",
        hash: RELATED,
        question: "Which of the two is safer after 60 steps, which after 1000? And what became of the FGSM number?",
        answer: "After 60 steps plain training is about as safe as the penalised net ever is; then it loses that again, and the penalty keeps it. Late in training it is worth about 0.1 of robust accuracy on the grid for about 0.04 of clean accuracy, on the mean over eight seeds; on this one 0.13 for 0.01. FGSM’s number alone tells little of that: it falls much less.",
    },
    Preset {
        name: "who-was-repaired",
        title: "Who was really repaired?",
        query: "system=flat&data=circle&noise=0.15&seed=6&attack=1&starts=1&run=plain&run=penalty&run=fgsm&run=both",
        hash: RELATED,
        question: "FGSM accuracy is higher for all three than for plain, on the mean over seeds. Believe it? Set the PGD steps from 1 to 20, then the starts from 1 to 5.",
        answer: "No. On the mean over seeds the grid says that all three are worse than plain, by about 0.04: the gain was that the attack fails. Against the penalty more steps find next to nothing, other starts do, and the grid does.",
    },
    Preset {
        name: "two-half-measures",
        title: "Two half measures",
        query: "system=flat&run=fgsm&run=both&run=pgd5",
        hash: RELATED,
        question: "Does flatness help adversarial training?",
        answer: "On the mean over seeds it helps training on FGSM’s points, by about 0.05 on the grid. But five steps of PGD without any penalty do as well, and keep more clean accuracy.",
    },
    Preset {
        name: "curvature-twice",
        title: "Curvature twice",
        query: "system=flat&steps=600&run=penalty,opt:sgd,tau:3&run=penalty,rule:prox-exact,opt:sgd,tau:3",
        hash: RELATED,
        question: "The penalty is curvature too. Which rule survives a step of 3?",
        answer: "The explicit one ends at chance; the implicit one learns. The penalty costs both about a factor of 3 in the largest stable step, and the penalised gradient goes through the implicit direction like any other.",
    },
    Preset {
        name: "which-output",
        title: "Which output?",
        query: "system=flat&run=penalty&run=penalty,lambda:0.5,target:prob&run=penalty,lambda:0.5,target:loss",
        hash: RELATED,
        question: "All three are penalised for being steep, in the margin, in the probability, in the loss. Why do their second pictures differ?",
        answer: "A net that is sure of itself has a flat probability however steep its margin is: flatness in the probability can be had by growing confident, and that net stays steep in the margin.",
    },
];
