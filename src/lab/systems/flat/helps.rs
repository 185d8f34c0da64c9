//! What pictures, charts and numbers of *Flat decision functions* show. Knows no value.

use crate::lab::systems::system::Help;

const fn help(key: &'static str, text: &'static str) -> Help {
    Help { key, text }
}

/// All of them.
pub(super) static HELPS: [Help; 16] = [
    help(
        "probability",
        "The colour is the probability of class 2; thin lines are where it is 0.05, 0.25, 0.75 and 0.95, the bold one ½. Lines far apart are a flat \
         function, bundled ones a cliff. Small points are learned from; large ones are some of those held out, each with the box that an attack may \
         move it in: red where another class is in it.",
    ),
    help(
        "steepness",
        "The sum over the coordinates of the size of the derivative, by its logarithm, on one scale for all runs: paper at 0.001, the full colour at \
         1000. Hatched where it is below 0.001: there an attack has no gradient to climb, which protects nobody.",
    ),
    help(
        "attacks",
        "From some points held out, in their boxes: dashed lines are FGSM’s step, coloured ways with dots are PGD’s, arrows go to the nearest node of \
         the grid with another class. Dark arrows from ringed points: the grid has found what PGD has not. The attack was fooled, not the net repaired.",
    ),
    help(
        "radius",
        "The share of points held out with no node of another class within ε, by the nodes of one grid over the plane; it may overstate by 0.02. \
         Dashed: the share that FGSM does not fool. Shaded, the illusion: robustness that is only an attack that fails. The dot is PGD at the radius \
         of the boxes.",
    ),
    help(
        "clean",
        "The share of points held out that are given their class.",
    ),
    help(
        "fgsm",
        "The share that keeps its class after one step of ε along the sign of the margin’s gradient. For two classes that is the sign of the loss’s, \
         without its underflow: in single precision the loss of a point that the net is sure of has gradient 0, and the attack stands still.",
    ),
    help(
        "pgd",
        "The share that keeps its class in every attack of so many steps, each start alone. Against flat nets more steps find nothing more, other \
         starts do.",
    ),
    help(
        "exact",
        "The share whose 31 × 31 nodes of the box all have its class, and that no attack fools: the truth but for what slips between nodes. It is an \
         upper bound, for every wrong node is an adversarial example. Where the net cannot change fast enough, a node answers for its surroundings.",
    ),
    help(
        "robust",
        "Accuracy on the grid, and against FGSM (the second curve). On moons plain training is robust early and loses it, and the penalty keeps it. Early stopping \
         is the baseline that its authors do not name.",
    ),
    help(
        "accuracy",
        "Clean accuracy, and against PGD (the second curve).",
    ),
    help(
        "steep",
        "The mean, over points held out, of the margin’s gradient in l1; in the chart, the probability’s too (the second curve). ε times it is what \
         the worst attack takes from the margin, to first order: that is why l1.",
    ),
    help(
        "objective",
        "J, what the run minimises, with penalty and adversarial losses, where its last step began; and the loss on points held out (the second \
         curve).",
    ),
    help("j", "What the run minimises, where its last step began."),
    help(
        "linear",
        "The median of |margin| / ‖∇margin‖₁: how far away the other class would be if the net were linear. In a flat net it says nothing.",
    ),
    help(
        "distance",
        "The median, over points held out, of how far the nearest node of another class is, on a grid over [−2, 2]²; 0 for points that are wrong.",
    ),
    help(
        "constant",
        "The share of points held out that are given the class that is named most. Near 1 the net is constant: too large a penalty ends there, in a \
         function that nothing fools and that knows nothing. Do not call it robust.",
    ),
];
