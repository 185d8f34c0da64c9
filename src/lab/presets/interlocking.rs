//! Runs worth a question. Data only; what the answers claim is tested on the runs themselves, over seeds.

use super::preset::{Preset, RELATED};

/// In the order in which a lecture might take them.
pub(in crate::lab) static PRESETS: [Preset; 6] = [
    Preset {
        name: "who-waits",
        title: "Who waits?",
        query: "system=interlocking&modules=8&pace=time",
        hash: RELATED,
        question: "Eight devices instead of four: which strategies get through more batches per unit of time?",
        answer: "None: the period of N-wise is 3N, whatever the number of modules. Local and 2-wise keep 3 and 6 with a network twice as deep, while end-to-end goes from 12 to 24. An N-wise pipeline is as fast as an end-to-end one of N modules.",
    },
    Preset {
        name: "same-steps",
        title: "Same steps",
        query: "system=interlocking&steps=500",
        hash: RELATED,
        question: "At which head does the board appear in each column, and whose last head is best?",
        answer: "In local the second head answers about as well as the last: each module was asked for the answer at once, and what it dropped is lost. In the others early modules prepare and late ones answer. The last head is better the further its trunk hears: local, 2-wise, then 3-wise and end-to-end.",
    },
    Preset {
        name: "same-clock",
        title: "Same clock",
        query: "system=interlocking&pace=time&steps=1000&seed=7",
        hash: RELATED,
        question: "End-to-end makes 250 steps while local makes 1000. Who is ahead at time 600, who at 3000?",
        answer: "Local first: nobody waits. Then the others pass it and are about level among themselves. Seeds differ, and with six modules all are level at 3000: the lead in time is not robust, the order at equal steps is.",
    },
    Preset {
        name: "interlocking-momentum",
        title: "Momentum",
        query: "system=interlocking&steps=2000&run=backprop,opt:momentum,tau:0.1&run=backprop,n:2,opt:momentum,tau:0.1&run=backprop,n:3,opt:momentum,tau:0.1&run=backprop,n:4,opt:momentum,tau:0.1",
        hash: RELATED,
        question: "The published setting for residual networks: explicit, momentum 0.9, step size 0.1. Does pairwise keep its lead over local?",
        answer: "No: on average over seeds it is ahead at 500 steps, about equal at 1000 and behind at 2000. A module that hears the last loss alone improves it through neighbours that are busy with others: there is no function that all descend on.",
    },
    Preset {
        name: "whose-loss",
        title: "Whose loss?",
        query: "system=interlocking&run=prox-exact&run=prox-exact,n:2&run=prox-exact,n:2,combine:mean",
        hash: RELATED,
        question: "A module that hears its neighbour’s loss only, or its own as well: which learns better?",
        answer: "The mean of both, from some 400 steps on, and at the same period of 6.",
    },
    Preset {
        name: "explicit-or-implicit",
        title: "Explicit or implicit",
        query: "system=interlocking&steps=500&run=prox-exact&run=prox-exact,n:2&run=backprop&run=backprop,n:2",
        hash: RELATED,
        question: "Local against 2-wise, twice: with implicit directions and with explicit ones. Which pair is further apart?",
        answer: "The implicit pair: 2-wise is well ahead of local there, and not with explicit directions. An observation of this lab, not of the paper; draw τ_θ from 0.01 to 1 and the gain grows from 0.03 to 0.10, on the mean over twelve seeds.",
    },
];
