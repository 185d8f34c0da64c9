//! What pictures, charts and numbers of *Generators in Wasserstein space* show. Knows no value.

use crate::lab::systems::system::Help;

const fn help(key: &'static str, text: &'static str) -> Help {
    Help { key, text }
}

/// All of them.
pub(super) static HELPS: [Help; 20] = [
    help(
        "plane",
        "Grey: 512 points of the target. Coloured: what the generator makes of 512 fixed draws of noise, each with the way that it went in the last \
         outer step. The ground is what the discriminator answers, green where it takes a point for data: points climb it. The bold line is where \
         it cannot tell; a critic’s heights have no zero, there it is their mean.",
    ),
    help(
        "inner",
        "The generator’s inner steps of the last outer one, on a discriminator that stands still: by how much its loss F has changed, and with the \
         penalty’s part, F + d²/(2h). Without a penalty F goes on falling while the points run far up; with it the sum flattens. One step has no \
         curve.",
    ),
    help(
        "energy",
        "Twice the mean distance between generated and target points, less the mean distances within each: 0 where both are distributed alike. 512 \
         points of the ring are 0.0043 from 512 others of it on average, the line across; all points in one cloud give 1.26.",
    ),
    help(
        "energy_evals",
        "The same over the gradients computed: an explicit step needs one of the generator, a proximal one as many as it has inner steps. What wins \
         over outer steps need not win here.",
    ),
    help(
        "sliced",
        "The root of the mean, over 32 directions, of the squared Wasserstein distance of the points’ projections. Two samples of the ring are about \
         0.09 apart: values near 0.1 are noise.",
    ),
    help(
        "modes",
        "A cloud is covered by one in 32 of all points, each within three standard deviations of its centre and of no other’s.",
    ),
    help(
        "good",
        "The share of points that are in some cloud: how sharp they are. Many explicit steps often end sharper than proximal ones, which cover.",
    ),
    help(
        "moved",
        "The root mean square of how far points of a minibatch went in the last outer step. Explicit steps with Adam do not get smaller as the \
         gradient does.",
    ),
    help(
        "outside",
        "How many of the 512 points are not in the picture.",
    ),
    help(
        "path",
        "The standard deviation a of what the generator makes, under each of the five names of its one parameter; the dashed grey curve is the \
         gradient flow, which no name changes. Where the five are one curve, the method does not notice how the generator is written.",
    ),
    help(
        "density",
        "The normal densities with these standard deviations, and the target’s, dotted.",
    ),
    help(
        "apart",
        "The largest of the five standard deviations less the smallest: 0 for a method that does not notice how its generator is written. Names that \
         have left the family do not count.",
    ),
    help(
        "left",
        "A name has left where its parameter is not finite, or not above 0, or a is beyond a million: it has no next step.",
    ),
    help(
        "evals",
        "Gradients computed so far, of discriminator and generator: what a run has cost.",
    ),
    help(
        "outer",
        "Outer steps made: the discriminator’s steps, then the generator’s.",
    ),
    help(
        "a_id",
        "The standard deviation a of a generator written a = θ.",
    ),
    help(
        "a_stretch",
        "The standard deviation a of a generator written a = c θ.",
    ),
    help(
        "a_exp",
        "The standard deviation a of a generator written a = e^θ.",
    ),
    help(
        "a_square",
        "The standard deviation a of a generator written a = θ².",
    ),
    help(
        "a_inverse",
        "The standard deviation a of a generator written a = 1/θ.",
    ),
];
