//! The presets: runs with a name, a question for the class and an answer. Data only; what the answers claim is tested
//! on the runs themselves.

pub(in crate::lab) mod auc;
pub(in crate::lab) mod flat;
pub(in crate::lab) mod interlocking;
mod preset;
pub(in crate::lab) mod vsml;
pub(in crate::lab) mod wgan_prox;

use super::words::quoted;
use crate::Error;
pub use preset::Preset;

/// Those of the lab, in the order in which a lecture might take them.
pub static PRESETS: [Preset; 25] = [
    Preset {
        name: "circle",
        title: "Ten times too far",
        query: "data=circle&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Both runs start from the same weights and take steps of size 10. Which of them closes the ring?",
        answer: "ProxProp: its loss ends below 0.01 with every training point on the right side. BackProp’s loss bounces far above where it started until the run counts as diverged, soon after step 100.",
    },
    Preset {
        name: "small-steps",
        title: "Small steps",
        query: "data=circle&run=backprop,tau:0.3&run=prox-exact,tau:0.3",
        hash: "view=train",
        question: "Now the step size is 0.3. Who is ahead after 300 steps?",
        answer: "BackProp, by far: its loss ends below 0.03, ProxProp’s is still above 0.6. An implicit step damps what an explicit one may safely follow; it pays off where τ is large.",
    },
    Preset {
        name: "too-large",
        title: "Where larger steps stop paying",
        query: "data=circle&run=backprop,tau:0.3&run=backprop,tau:1&run=backprop,tau:3&run=backprop,tau:10",
        hash: "view=train",
        question: "Four times BackProp, each step size about three times the last. Which ends lowest?",
        answer: "τ = 1. It beats 0.3, 3 is already worse, and 10 diverges: the explicit step is best just below where it breaks.",
    },
    Preset {
        name: "one-step",
        title: "The sub-step that does it",
        query: "data=circle&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=one-step",
        question: "Step 1 of the first example, taken apart. At which sub-steps does the energy E of the explicit sweep jump up, and what moves there?",
        answer: "Where a hidden layer’s Θ moves: both times the explicit sweep more than doubles E in that one sub-step, and the implicit one lowers it. Everything else is the same formula in both sweeps.",
    },
    Preset {
        name: "limit",
        title: "Small steps, taken apart",
        query: "data=circle&run=backprop,tau:0.3&run=prox-exact,tau:0.3",
        hash: "view=one-step",
        question: "Step 1 at τ = 0.3, where BackProp trains well. Does its sweep keep within the limit 2/λₘₐₓ of its layers, or does the energy E still jump?",
        answer: "It lies as far beyond the limit as at τ = 10, and E jumps at both hidden layers: the sweep’s step on a layer’s quadratic is 1 at every τ, for E weighs it by 1/τ. But at τ = 0.3 there is less to jump, and J ends below 0.03 all the same. 2/λₘₐₓ is the limit of that sub-step, not of training.",
    },
    Preset {
        name: "valley",
        title: "Beyond the limit",
        query: "data=circle&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=flow&flow=quadratic,condition:20,tau:0.105,momentum:0.9,steps:60,x:-3.5,y:1.5,methods:explicit+implicit",
        question: "A valley with curvatures 1 and 20, and a step size 5 % above 2/20. Which walk reaches the bottom?",
        answer: "The implicit one. Along the steep direction an explicit step multiplies the error by 1 − τλ = −1.1, so it grows; an implicit one divides it by 1 + τλ = 3.1. Its limit does not exist.",
    },
    Preset {
        name: "momentum-in-the-valley",
        title: "Momentum is another cure",
        query: "data=circle&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=flow&flow=quadratic,condition:20,tau:0.105,momentum:0.5,steps:60,x:-3.5,y:1.5,methods:explicit+implicit+heavy-ball",
        question: "The same valley and step size, with heavy ball (μ = 0.5) beside the others. Does it climb like the explicit step?",
        answer: "No: heavy ball bears steps up to 2(1 + μ)/L, here 1.5 times the plain limit, and after 60 steps it is far below the implicit walk, which creeps along the flat direction.",
    },
    Preset {
        name: "spiral",
        title: "A deep net on a spiral",
        query: "data=spiral&hidden=16,16,16,16&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Four hidden layers and two interleaved arms. Does τ = 10 still work, and would you trust the result?",
        answer: "ProxProp gets at least 99 % of the training points right, BackProp diverges. But ProxProp’s loss on the validation points ends more than ten times its training loss: bearing large steps is not the same as generalising.",
    },
    Preset {
        name: "relu",
        title: "Dead units",
        query: "data=circle&hidden=16,16&act=relu&init=he&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "With relu, one violent step can push every unit to where its slope is zero. What does that look like?",
        answer: "BackProp’s boundary is gone: it gives one answer everywhere, half of the points are wrong, and its hidden layers no longer move. ProxProp ends below 0.01.",
    },
    Preset {
        name: "adam",
        title: "Does Adam make it needless?",
        query: "data=circle&seed=2&run=backprop,opt:adam,tau:0.03&run=prox-exact,opt:adam,tau:0.03&run=backprop,opt:adam,tau:1&run=prox-exact,opt:adam,tau:1",
        hash: "view=train",
        question: "Adam scales every coordinate by itself. Does it matter whether it is given the gradient or the implicit direction?",
        answer: "At τ = 0.03 hardly: both end below 0.001. At τ = 1 very much here: Adam with the gradient ends above 0.1, with the implicit direction below 0.001. There is luck in it: over the seeds 1 to 8 Adam ends above 0.1 five times with the gradient, once with the implicit direction.",
    },
    Preset {
        name: "nesterov",
        title: "The same direction, accelerated",
        query: "data=circle&run=backprop,opt:nesterov,tau:3&run=prox-exact,opt:nesterov,tau:3",
        hash: "view=train",
        question: "Both runs use Nesterov’s momentum of 0.95 at τ = 3. Plain BackProp survived τ = 3; does it still?",
        answer: "No: momentum makes the steps longer. It is thrown out, ends at several times the loss it started from and gets half of the points wrong. With the implicit direction the same optimizer ends below 0.0001.",
    },
    Preset {
        name: "conjugate-gradients",
        title: "How exact must it be?",
        query: "data=circle&run=prox-exact,tau:10&run=prox-cg1,tau:10&run=prox-cg3,tau:10",
        hash: "view=train",
        question: "The implicit step solves a linear system. How many conjugate-gradient iterations are enough?",
        answer: "Three: that run ends within a quarter of the exact one’s loss. One iteration also trains, but ends at more than twice the loss.",
    },
    Preset {
        name: "prox-step",
        title: "From explicit to implicit",
        query: "data=circle&run=prox-exact,tau:10,tau_theta:0.001&run=prox-exact,tau:10,tau_theta:1&run=prox-exact,tau:10,tau_theta:100",
        hash: "view=train",
        question: "τ_θ says how far a layer may go towards its own optimum. Does a careful layer (0.001) or a bold one (100) learn faster here?",
        answer: "The bold one: the loss after 300 steps falls from above 0.1 at τ_θ = 0.001 to below 0.01 at 1, and a little lower still at 100. For τ_θ → 0 the direction becomes the gradient, scaled down by τ_θ.",
    },
    Preset {
        name: "minibatches",
        title: "Minibatches",
        query: "data=circle&batch=10&epochs=60&run=backprop,tau:3&run=prox-exact,tau:3&run=backprop,tau:0.3&run=prox-exact,tau:0.3",
        hash: "view=train",
        question: "Minibatches of ten points: every step sees another quadratic. Is the implicit step still the sturdier one?",
        answer: "Yes: at τ = 3 BackProp ends no better than guessing, ProxProp below 0.01. And still the slower one: at τ = 0.3 BackProp ends lower.",
    },
    Preset {
        name: "regression",
        title: "The layer that stays explicit",
        query: "data=sine1d&hidden=16,16&epochs=300&run=backprop,tau:0.1&run=backprop,tau:1&run=prox-exact,tau:1&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Fit a sine by least squares. BackProp breaks at τ = 1. Does ProxProp bear any τ?",
        answer: "No. It trains at τ = 1, but at τ = 10 it diverges within a few dozen steps, and E leaves the ground at the output layer: ProxProp’s last layer is explicit too. BackProp at τ = 0.1 ends lowest of the four.",
    },
    Preset {
        name: "features",
        title: "One neuron is enough",
        query: "data=circle&features=xx,yy&hidden=1&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "The first layer is given x² and y² in place of x and y, and there is one hidden neuron. Can it close the ring, and does τ = 10 still break BackProp?",
        answer: "Yes, and yes. In x² and y² the ring is a straight line: ProxProp gets every training point right with its one neuron and ends below 0.01. With x and y in place of the squares it gets more than a tenth wrong. BackProp ends above 1 and gets half of the points wrong: better inputs do not make the explicit step a safer one.",
    },
    Preset {
        name: "sparse",
        title: "The other implicit step",
        query: "data=circle&features=x,y,xx,yy,xy,sinx,siny&hidden=8&run=prox-exact,tau:3&run=prox-exact,tau:3,l1:0.003&run=prox-exact,tau:3,l1:0.003,l1_step:explicit",
        hash: "view=train",
        question: "Seven inputs, and a penalty l1·|w| that draws weights to zero: by its implicit step in the second run, by its explicit one in the third. Which weights survive, and where?",
        answer: "Those of x² and y²: the ring needs no more. The implicit step, soft thresholding, rests at zero: at the end at least 60 of its 72 weights are exactly 0. The explicit one comes as far, but steps over zero and back by τ·l1 = 0.009 for ever, and not one of its weights is 0. Without the penalty none is either, and the loss ends ten times lower.",
    },
    Preset {
        name: "proximal-point",
        title: "Fully implicit",
        query: "data=circle&epochs=60&run=prox-exact,tau:10&run=prox-point,tau:10&run=prox-exact,tau:100&run=prox-point,tau:100",
        hash: "view=train",
        question: "ProxProp is implicit layer by layer. What if all layers take one implicit step together, at τ = 100?",
        answer: "The proximal point ends below 0.01 after 60 steps at τ = 10 and 100, where ProxProp stays above 1. The price: more than ten times the matrix work per step (set the x axis to matrix work).",
    },
    Preset {
        name: "map",
        title: "The whole picture",
        query: "data=circle&epochs=200&run=backprop,tau:10&run=prox-exact,tau:10&map=2,tau:0.1..1000*16,tau_theta:0.01..100*8",
        hash: "view=map",
        question: "BackProp has a strip of step sizes that work. What does the second step size τ_θ buy?",
        answer: "Room: BackProp converges at four step sizes in a row, from 0.3 to 3; beyond, it comes through by luck, once here, and nowhere above 10. With a large enough τ_θ, ProxProp converges above 10 too, and the lowest loss of the map is there.",
    },
    Preset {
        name: "digits",
        title: "Learning to read",
        query: "data=digits&hidden=32&act=relu&epochs=20&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Handwritten digits, and ten times BackProp’s best step. Who still learns to read?",
        answer: "ProxProp: its loss ends below 0.02, and nine of ten digits held back are right. BackProp gives every image one answer and stays at chance.",
    },
    Preset {
        name: "digits-small",
        title: "Learning to read in small steps",
        query: "data=digits&hidden=32&act=relu&epochs=20&run=backprop,tau:0.1&run=prox-exact,tau:0.1",
        hash: "view=train",
        question: "The same with τ = 0.1. Why is the cleverer step the slower one here?",
        answer: "BackProp ends below 0.4, ProxProp above 1.5: an implicit step damps what an explicit one may safely follow.",
    },
    Preset {
        name: "digits-adam",
        title: "Convolutions and Adam",
        query: "data=digits&hidden=c3x8p1,max2,c3x16p1,max2&act=relu&epochs=6&run=backprop,opt:adam,tau:0.03&run=prox-exact,opt:adam,tau:0.03",
        hash: "view=train",
        question: "The same step size, the same images: what does the prox change for Adam?",
        answer: "After six epochs its loss is less than a third of Adam’s with the gradient, and over seeds more of the digits held back are right, by two in a hundred at least.",
    },
    Preset {
        name: "digits-writers",
        title: "Somebody else’s hand",
        query: "data=digits&split=random&hidden=32&act=relu&epochs=20&run=backprop,tau:1&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Now digits of every writer are held back. Set the split to writers: where do the points of accuracy go?",
        answer: "Both fall from about 97 % to about 91 %, for then mostly other people’s digits are held back. Part of what they had learnt were hands.",
    },
    Preset {
        name: "positions",
        title: "Every place counts",
        query: "data=digits&hidden=c3x8p1,max2,c3x16p1,max2&act=relu&epochs=6&run=backprop,tau:0.3&run=prox-exact,tau:10",
        hash: "view=train&charts=all",
        question: "A convolution looks at each of 64 places of an image. How does that move λₘₐₓ of its layer and the limit 2/λₘₐₓ, and does BackProp need smaller steps for it?",
        answer: "λₘₐₓ(ÂᵀÂ) of the first layer is above 10000; with 32 as the hidden layers, on the same 100 images, it is about 1200. Each pixel is in nine patches, and the column of ones counts at every place. So the limit is ten times smaller, but it is that of the sub-step’s own quadratic: at τ = 0.3 BackProp trains either network.",
    },
    Preset {
        name: "wine",
        title: "Scaling is half the cure",
        query: "data=wine&hidden=16&epochs=200&run=backprop,tau:10&run=prox-exact,tau:10",
        hash: "view=train",
        question: "Thirteen measurements of wines, columns divided by their maxima: BackProp breaks at τ = 10. What becomes of it with the scale of columns at standard, and of both runs at none?",
        answer: "Standardised, BackProp ends below 0.001 and ahead of ProxProp: scaling the data does for the explicit step much of what the prox does. By their maxima only ProxProp trains, to below 0.01. In their raw units proline is near 1000, tanh is saturated, and neither can be relied on: the prox does not mend that.",
    },
];

/// Those of related systems, system by system.
static OF_SYSTEMS: [&[Preset]; 5] = [
    &auc::PRESETS,
    &wgan_prox::PRESETS,
    &interlocking::PRESETS,
    &vsml::PRESETS,
    &flat::PRESETS,
];

/// The preset of a name, among those of the lab.
///
/// # Errors
/// [`Error::Query`] naming all that there are.
pub fn named(name: &str) -> Result<&'static Preset, Error> {
    if let Some(preset) = PRESETS.iter().find(|preset| preset.name == name) {
        return Ok(preset);
    }
    let of_systems = OF_SYSTEMS.iter().copied().flatten();
    let mut known: Vec<&str> = PRESETS.iter().chain(of_systems).map(|p| p.name).collect();
    let mut what = "unknown; known";
    if known.contains(&name) {
        what = "of a related system, which is no run of the lab’s own; allowed here";
        known.truncate(PRESETS.len());
    }
    Err(Error::Query(format!(
        "preset: {} is {what}: {}",
        quoted(name),
        known.join(", ")
    )))
}
