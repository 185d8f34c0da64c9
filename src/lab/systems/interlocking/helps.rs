//! What pictures, charts and numbers of *Between local and end-to-end* show. Knows no value.

use crate::lab::systems::system::Help;

const fn help(key: &'static str, text: &'static str) -> Help {
    Help { key, text }
}

const HEAD: &str = "The share of held-out points that this head answers right.";
const COSINE: &str = "The cosine of the gradient that this module uses and the end-to-end gradient at the same parameters. Of a module that hears the last \
                      loss alone it is 1.";

/// All of them.
pub(super) static HELPS: [Help; 29] = [
    help(
        "heads",
        "What each head answers, from the first to the last, which is large and is the network’s output layer; below each the share of held-out \
         points that it answers right. In local the heads from the second on answer about alike; end to end the first modules prepare and the last ones answer. With \
         two layers to a module, after 600 steps, and on circle or spirals, a module alone is strong enough: local is as good there, or better. Wide modules \
         only bring it closer.",
    ),
    help(
        "hears",
        "Whose losses move a module: a square where one does, with its weight. With last, as the published code has it, only the furthest counts: \
         with N = 2 a module does not hear its own head at all. A head always learns from its own loss alone.",
    ),
    help(
        "schedule",
        "What each device does and when, batches by their numbers: forward; its auxiliary head, where that takes time; a gradient passed on for others; its own backward \
         pass and update. No device begins a batch before its update of the last one, so no weight is ever stale: this picture says when, never what. \
         Forward 1, backward 2 and messages for nothing are this lab’s choice: the paper’s own picture was not to be had. Each message leaves at \
         once; the published code waits for all of them. The line is the time of the last step made.",
    ),
    help("loss", "The loss of the last head on all training points."),
    help(
        "accuracy",
        "The share of held-out points that the last head answers right; of equal outputs the first counts. At equal steps, on the mean over twelve \
         seeds, local < 2-wise < 3-wise, and 3-wise is about end to end, with implicit directions; single seeds differ. With explicit ones 2-wise (last) does not beat local; the mean of the losses does.",
    ),
    help(
        "accuracy_time",
        "The same at the idealised time at which a step is complete on all devices. Local leads at first; to whom the lead goes then differs by seed \
         and by the number of modules. That interlocking beats end to end in time is within noise here.",
    ),
    help(
        "accuracy_flops",
        "The same over the matrix work done, auxiliary heads included: what it costs where nobody waits for anybody.",
    ),
    help(
        "cosines",
        "The cosine of the gradient that module 1 (solid) or 2 (dashed) uses and the end-to-end gradient at the same parameters. A module that cannot \
         hear the last loss moves nearly at a right angle to it, and still helps.",
    ),
    help(
        "steps",
        "Steps made, of which each was complete on all devices before it counts.",
    ),
    help(
        "time",
        "When the last step was complete on all devices: the pipeline fills first, then it is a period per step.",
    ),
    help(
        "flops",
        "Matrix work so far, in floating-point operations; heads that nobody hears, as those of end to end, are counted too.",
    ),
    help(
        "period",
        "Idealised time from batch to batch: 3N for costs of 1 and last, however many modules there are; 2N + 1 with split.",
    ),
    help(
        "utilisation",
        "How much of the time devices are busy. Part of it are gradients that are passed on for others: useful work alone is a share of 1/N.",
    ),
    help("head_1", HEAD),
    help("head_2", HEAD),
    help("head_3", HEAD),
    help("head_4", HEAD),
    help("head_5", HEAD),
    help("head_6", HEAD),
    help("head_7", HEAD),
    help("head_8", HEAD),
    help("cosine_1", COSINE),
    help("cosine_2", COSINE),
    help("cosine_3", COSINE),
    help("cosine_4", COSINE),
    help("cosine_5", COSINE),
    help("cosine_6", COSINE),
    help("cosine_7", COSINE),
    help("cosine_8", COSINE),
];
