//! What pictures, charts and numbers of *Ranking a rare class* show. Knows no value.

use crate::lab::systems::system::Help;

const fn help(key: &'static str, text: &'static str) -> Help {
    Help { key, text }
}

/// All of them.
pub(super) static HELPS: [Help; 12] = [
    help(
        "plane",
        "The colour is the score: that of the rare points where it speaks for their class, that of the others where it speaks against, none \
         where it is in the middle of both classes’ means; the strongest colour is the largest score of this picture. Points seen so far are drawn, those of the rare class large, the last one with a \
         ring. With bumps there is a disc at each bump’s centre: its area is the size of that bump’s weight, and it is a hollow ring where the \
         weight is exactly 0. A line is where a classifier’s answer turns from no to yes; without a line it answers the same everywhere. Arrows \
         are the direction of a linear score and, pale, the best direction there is.",
    ),
    help(
        "roc",
        "Every threshold on the score is a point of the curve: across the share of the other points above it, up that of the rare ones. The area \
         below the curve is the AUC; the diagonal is a coin’s. The upright line is at one false positive in ten.",
    ),
    help(
        "auc",
        "The chance that a point of the rare class has a higher score than one of the others, ties counting one half: 1 is a perfect ranking, 0.5 a \
         coin’s. The solid curve is on the hold-out, points of both classes that nobody learns from. The other one is on the points seen so far, \
         which is another number: few positives, and seen before. The level across is what the best score there is reaches on this hold-out, the \
         ratio of both classes’ true densities; for points of your own nobody knows it.",
    ),
    help(
        "risk",
        "R is the mean over pairs of (1 − the difference of their scores)², on the hold-out; it is what the pairwise methods make small. A score \
         that says nothing, 0 everywhere, has R = 1: a run above that line does worse. Unlike the AUC it notices the scale of the score, so a step \
         that is too large shows here first.",
    ),
    help(
        "nonzeros",
        "How many weights are not exactly 0. The l1 penalty’s proximal step sets small weights to 0 and keeps them there; its explicit step jumps \
         over 0, to one side and the other. The second curve counts the weights of the average of all steps so far, which is hardly ever 0: it \
         would have to have been 0 all along.",
    ),
    help(
        "mean_nonzeros",
        "How many weights of the average of all steps so far are not exactly 0. An average is 0 only where every step was.",
    ),
    help(
        "tpr10",
        "True positive rate at 10 % false positives: put the threshold where one in ten of the others is above it; this is the share of the rare \
         points that is above it too.",
    ),
    help(
        "accuracy",
        "The share of right answers of a classifier on the hold-out, counted as if the rare class were as rare there as in the stream. Compare it \
         with “always no”.",
    ),
    help(
        "always_no",
        "The share of right answers of somebody who says no to every point: where one point in twenty is rare, 95 % without having learned \
         anything.",
    ),
    help(
        "found",
        "The share of the rare points that the classifier says yes to. It may be 0 while its score ranks well: ranking needs no threshold.",
    ),
    help(
        "exact_auc",
        "The AUC of this direction on all points that there could be, not only on those of the hold-out: both classes are normal here, so there is \
         a formula, Φ(w·D / √(w·S w)), with D the difference of the means and S the sum of the covariances.",
    ),
    help(
        "angle",
        "Where the weights of a linear score point, counted from the x axis against the clock. The length of w does not matter for a ranking, its \
         direction is everything.",
    ),
];
