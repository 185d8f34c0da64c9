//! Runs worth a question. Data only; what the answers claim is tested on the runs themselves.

use super::preset::{Preset, RELATED};

/// In the order in which a lecture might take them.
pub(in crate::lab) static PRESETS: [Preset; 8] = [
    Preset {
        name: "nobody-differentiates",
        title: "Nobody computes a gradient",
        query: "system=vsml&data=xor&samples=1000&run=sgd&run=vsml,cell:clone",
        hash: RELATED,
        question: "Nobody computes a gradient on the right. Why do both boundaries agree?",
        answer: "The cells’ 47 shared numbers were taught, on random numbers, the three products that backpropagation makes: w tanh x upwards, w e tanh’x downwards, e tanh x for the update. Run through the network, they are backpropagation; what is learned is in the states, and the 47 numbers stay as they are.",
    },
    Preset {
        name: "no-derivative",
        title: "Without tanh’",
        query: "system=vsml&data=xor&samples=1000&run=vsml,cell:clone,checkpoint:1000&run=vsml,cell:clone",
        hash: RELATED,
        question: "After 1000 of 20,000 iterations, messages upwards and updates are right to a percent. Why does it not learn xor?",
        answer: "What comes down is not: it lacks tanh’(x), and is about w e times a constant. So the hidden layer is taught as if it were linear, and xor has nothing linear to learn.",
    },
    Preset {
        name: "up-and-down",
        title: "One sample, slowly",
        query: "system=vsml&samples=100&pace=layer&run=vsml,cell:clone&run=sgd",
        hash: RELATED,
        question: "Play it at one step a second. Which numbers change on a sample’s way up, and which on its way down?",
        answer: "On the way up only the messages do: without an error the states stay as they are. On the way down every cell moves its state by what has come from below times what comes from above. That is all the learning there is, and nobody computes it but the cells.",
    },
    Preset {
        name: "fifty-points",
        title: "Who needs fewer points?",
        query: "system=vsml&scene=rule&data=circle&samples=2000&run=sgd,eta:0.2,gain:2&run=vsml,cell:rule",
        hash: RELATED,
        question: "After 50 points: who has made more of them? And who wins at 2000?",
        answer: "The rule: it has never seen a ring, but has been meta-trained to associate a place with its label at once, and is right 17 times in 20 by then, backpropagation 12. After some hundred samples it stays about where it is; by the thousandth backpropagation has drawn level.",
    },
    Preset {
        name: "one-wrong-label",
        title: "One wrong label",
        query: "system=vsml&scene=rule&samples=50&one=0.4,0.3,0&run=sgd,eta:0.2&run=vsml,cell:rule",
        hash: RELATED,
        question: "After 50 samples one point comes with the wrong label. Where do the answers change, and how far from it?",
        answer: "The rule’s change stays near the point: at a distance of 0.8 a quarter of it is left, of a step along the gradient half, on the mean over seeds; single ones differ.",
    },
    Preset {
        name: "two-layers",
        title: "One layer more",
        query: "system=vsml&scene=rule&data=moons&hidden=8,8&run=sgd,eta:0.2&run=vsml,cell:rule&run=vsml,cell:clone,eta:0.2",
        hash: RELATED,
        question: "The rule was meta-trained with one hidden layer. What happens with two? And with the clone?",
        answer: "The rule fails: its messages mean nothing to a layer that it was never trained with. The clone does not notice: backpropagation is the same in every layer.",
    },
    Preset {
        name: "checkerboard-rule",
        title: "Where association does not help",
        query: "system=vsml&scene=rule&data=checkerboard&run=sgd,eta:0.2&run=vsml,cell:rule",
        hash: RELATED,
        question: "Where does fast association not help?",
        answer: "On the checkerboard neighbours are of different classes, and its sixteen fields are more than the blobs that the rule was meta-trained on: both stay near chance.",
    },
    Preset {
        name: "another-rule",
        title: "Four rules",
        query: "system=vsml&scene=rule&data=xor&run=vsml,cell:rule,rule:1&run=vsml,cell:rule&run=vsml,cell:rule,rule:3&run=vsml,cell:rule,rule:4",
        hash: RELATED,
        question: "Four meta-trainings that differ only in their seed. Are they one rule?",
        answer: "No: nothing in the blobs that all were trained on has chosen between their likings. On xor rule 2 needs some dozens of samples, 1 and 3 several hundred, and 4 never learns it; on the ring 4 is the fastest, and 2 the slowest.",
    },
];
