//! Runs worth a question. Data only; what the answers claim is tested on the runs themselves.

use super::preset::{Preset, RELATED};

/// In the order in which a lecture might take them.
pub(in crate::lab) static PRESETS: [Preset; 4] = [
    Preset {
        name: "zeros",
        title: "Which bumps does it need?",
        query: "system=auc&run=explicit,l1:0.01&run=prox,l1:0.01",
        hash: RELATED,
        question: "Both rank equally well. Which of the 36 bumps does each need?",
        answer: "The proximal step about nine, the explicit one all: its weights jump over zero, by about 0.6 η l1 to each side, and never stay there. The average of the weights has nearly none that is zero, in both.",
    },
    Preset {
        name: "shrink",
        title: "Shrinking too fast",
        query: "system=auc&steps=1000&run=explicit,sched:const,eta0:0.6,l2:3&run=prox,sched:const,eta0:0.6,l2:3&change=500,1,eta0:0.7&change=500,2,eta0:0.7",
        hash: RELATED,
        question: "At point 500 the step size goes from 0.6 to 0.7. Where does the explicit one break? Would other points move that?",
        answer: "At 2/3, which is 2/l2, whatever the points: beyond, a step multiplies the weights by 1 − η l2, which is below −1. They change their sign at every step and grow, so that the ranking is soon lost, and R leaves every bound. The proximal step divides by 1 + η l2, which is never below 1.",
    },
    Preset {
        name: "rare",
        title: "The rarer the class",
        query: "system=auc&data=needle&features=linear&p=0.02&run=prox,eta0:0.3&run=logistic,eta0:0.3&run=balanced,eta0:0.3",
        hash: RELATED,
        question: "At p = 0.5 the three arrows agree. Now one point in fifty is positive: which arrow has turned, and what accuracy does it report?",
        answer: "Logistic regression’s, from about 81 to about 50 degrees on the mean over seeds (these points may say 40 or 60): it sees little but the negatives’ spread. Its accuracy is 0.98, which is that of “always no”. The balanced one stays, and so does the ranker.",
    },
    Preset {
        name: "how-implicit",
        title: "What was not implicit?",
        query: "system=auc&run=spam,sched:const,eta0:1&run=prox,sched:const,eta0:1&run=implicit,sched:const,eta0:1&change=1000,1,eta0:3&change=1000,2,eta0:3&change=1000,3,eta0:3",
        hash: RELATED,
        question: "There is no penalty here, and at point 1000 the step size goes from 1 to 3. The proximal method breaks too. What in it was not implicit?",
        answer: "The loss. Only “implicit” stays, at the price of a system of two unknowns per point.",
    },
];
