//! What pictures, charts and numbers of *A learning rule inside a recurrent network* show. Knows no value.

use crate::lab::systems::system::Help;

const fn help(key: &'static str, text: &'static str) -> Help {
    Help { key, text }
}

/// All of them.
pub(super) static HELPS: [Help; 23] = [
    help(
        "plane",
        "What is answered over the plane with the states as they are. Points that have come are large, the last one has a ring; each is learned from \
         once, in this order, by all runs.",
    ),
    help(
        "activations",
        "Each unit’s activation and the logits for the sample at hand: the cells’ over backpropagation’s, which learns the same stream from the same \
         first weights with the same step size. On the diagonal they are the same.",
    ),
    help(
        "errors",
        "What comes down to each unit of layer 1, divided by what the first error was multiplied with. Nobody differentiates there: the message is what \
         the cells put out.",
    ),
    help(
        "weights",
        "The first number of each cell’s state over the weight that backpropagation has in its place.",
    ),
    help(
        "sweep",
        "The sample’s way through the first network of cells, inputs at the bottom. Left of a unit, blue: what came up to it; right, red and dashed: what came down, on a scale \
         of its own. To watch it go, choose pace=layer and play at 1 or 5 steps a second: what is grey is still the last sample’s. Of a rule these are the first numbers of \
         its messages, which need be no errors.",
    ),
    help(
        "cell",
        "All that was trained, a column per unit: what goes into tanh (W1, b1), what that is multiplied with (W3, b3), and what is put out (W2, and b2 in the last \
         column). A row is what a unit takes from, or gives to: the state, the message from below, that from above, a bias. Each group has a scale of its own: ± is what nine \
         in ten of its numbers that are not 0 do not exceed, and what is larger has the full colour too. Every cell of the network has these same numbers, and they do not \
         change while it learns.",
    ),
    help(
        "states",
        "What changes instead: the state of each cell, one number of it for backpropagation, four for a rule. The first is in a weight’s place. A row is what a layer takes \
         from, a column a unit; the last layer lies down, with a row per class. Each group has a scale of its own: ± is what nine in ten of its numbers that are not 0 do not \
         exceed, and what is larger has the full colour too.",
    ),
    help(
        "one",
        "One more point, learned once on a copy: where the probability of its class would rise (in its class’s colour) and fall. The full colour is the largest change of all runs, ±. Choose it by x,y,class. \
         What a rule learns of it stays near; what a gradient step does goes further.",
    ),
    help(
        "loss",
        "Minus the logarithm of the right class’s probability, before the sample is learned from; the mean of the last 20. Dashed: the mean over streams. \
         Learning fast is falling early, on the left of the axis.",
    ),
    help(
        "accuracy",
        "How many of the last 20 samples were answered rightly before they were learned from. Dashed: the mean over streams.",
    ),
    help(
        "apart",
        "By how much the first class’s probability differs from backpropagation’s on the same stream. At a large step size small differences grow, as \
         they do between two backpropagations.",
    ),
    help(
        "first",
        "The mean online loss of the first 100 samples: the smaller, the fewer samples it needed.",
    ),
    help("all", "The mean online loss of all samples so far."),
    help(
        "corr",
        "Of all errors that came into layer 1 with backpropagation’s, over the whole run.",
    ),
    help(
        "wrel",
        "The length of the difference of what weights and states have gone, over the length of what the weights have gone.",
    ),
    help(
        "agree",
        "The share of a grid of places where both answer the same class.",
    ),
    help(
        "best_eta",
        "Of eight step sizes and three gains, tried in hindsight on these very samples: backpropagation is given its best.",
    ),
    help(
        "best_gain",
        "What the first weights were multiplied with in the best of these 24.",
    ),
    help(
        "best_loss",
        "The mean online loss of the first 100 samples that it had.",
    ),
    help(
        "near_1",
        "By how much the point’s class would become more probable this far from it, in the mean over eight directions.",
    ),
    help("near_2", "The same, 0.2 away from the point that is tried."),
    help("near_4", "The same, 0.4 away from the point that is tried."),
    help(
        "near_8",
        "The same, far away. A step along the gradient reaches this far with half of its strength, a rule with a quarter, on the mean over seeds.",
    ),
];
