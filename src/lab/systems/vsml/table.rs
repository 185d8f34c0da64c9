//! The tables of parameters: every key of its text, what it means and what is allowed.

use super::cells;
use super::settings::{
    Each, LONGEST, MetaSeed, Method, OnePoint, Pace, Shared, Source, Switch, View, Which,
};
use crate::Named;
use crate::lab::points;
use crate::lab::row::{CHECKED, Control, Fault, Grammar, Parameter, Row, Value};

const STREAM: &str = "stream";
const LOOK: &str = "look";
const EACH_RUN: &str = "each run";

/// A row that maps know nothing of.
const fn row<T>(
    [key, section, label, default, help]: [&'static str; 5],
    control: Control,
    quiet: bool,
    acts: fn(&T) -> bool,
    get: fn(&T) -> Value,
    set: fn(&mut T, Value),
) -> Row<T> {
    Row {
        parameter: Parameter {
            key,
            section,
            label,
            unit: "",
            help,
            default,
            control,
        },
        quiet,
        of_cells: true,
        acts,
        get,
        set,
    }
}

const fn slider(min: f64, max: f64, hard_min: f64, hard_max: f64, whole: bool) -> Control {
    Control::Slider {
        min,
        max,
        hard_min,
        hard_max,
        whole,
    }
}

/// Most hidden layers, and most units in one.
const LAYERS: usize = 2;
const WIDEST: usize = 32;

static HIDDEN: Grammar = Grammar {
    canonical: |text| hidden(text).map(|hidden| joined(&hidden)),
    allowed: || format!("one or {LAYERS} widths from 1 to {WIDEST}, as in 8 or 8,8"),
};

fn hidden(text: &str) -> Result<Vec<usize>, Fault> {
    let fail = |piece: &str, what| Fault::Piece(piece.to_owned(), what);
    let width = |piece: &str| {
        let width = piece.parse().ok().filter(|w| (1..=WIDEST).contains(w));
        width.ok_or_else(|| fail(piece, "is no width"))
    };
    let widths = text.split(',').map(width).collect::<Result<Vec<_>, _>>()?;
    if widths.len() > LAYERS {
        return Err(fail(text, "has too many layers"));
    }
    Ok(widths)
}

fn joined(widths: &[usize]) -> String {
    let words: Vec<String> = widths.iter().map(usize::to_string).collect();
    words.join(",")
}

/// How far a point that is tried may be.
const REACH: f64 = 2.0;

static ONE: Grammar = Grammar {
    canonical: |text| one(text).map(told),
    allowed: || {
        format!(
            "x,y,class with x and y from -{REACH} to {REACH} and a class counted from 0, as in 0.2,-0.5,1, or nothing"
        )
    },
};

fn one(text: &str) -> Result<Option<OnePoint>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let fail = || Fault::Piece(text.to_owned(), "is no point with a class");
    let pieces: Vec<&str> = text.split(',').collect();
    let &[x, y, label] = &pieces[..] else {
        return Err(fail());
    };
    let place = |text: &str| text.parse::<f64>().ok().filter(|v| v.abs() <= REACH);
    let at = [place(x).ok_or_else(fail)?, place(y).ok_or_else(fail)?];
    let label = label.parse().map_err(|_| fail())?;
    Ok(Some(OnePoint {
        at: at.map(|v| v + 0.0),
        label,
    }))
}

fn told(one: Option<OnePoint>) -> String {
    one.map_or_else(String::new, |one| {
        format!("{},{},{}", one.at[0], one.at[1], one.label)
    })
}

/// What all runs share, in the order in which a query string is printed; a change restarts.
pub(super) static SHARED: &[Row<Shared>] = &[
    row(
        [
            "scene",
            STREAM,
            "View",
            "copy",
            "copy: cells that do what backpropagation does, beside it; rule: cells that learn in a way of their own, against backpropagation.",
        ],
        Control::Choice(View::NAMES),
        false,
        |_| true,
        |s| Value::of(s.view),
        |s, v| s.view = v.member(),
    ),
    row(
        [
            "data",
            STREAM,
            "Data",
            "moons",
            "What the points are of. points: those placed by hand, of up to three classes. The rules were meta-trained on other tasks: classes of one to four round blobs.",
        ],
        Control::Choice(Source::NAMES),
        false,
        |_| true,
        |s| Value::of(s.data),
        |s, v| s.data = v.member(),
    ),
    row(
        [
            "points",
            STREAM,
            "Drawn points",
            "",
            "The points of data=points: classes 1 to 3 (0: to 2:), coordinates within ±1.5 or so.",
        ],
        Control::Elsewhere(&const { points::of_classes::<3>() }),
        true,
        |_| true,
        |s| Value::Text(points::print(&s.points)),
        |s, v| s.points = points::parse(v.text()).expect(CHECKED),
    ),
    row(
        [
            "n",
            STREAM,
            "Points",
            "200",
            "How many points there are; after the last one they come again, in another order.",
        ],
        slider(20.0, 500.0, 2.0, 2000.0, true),
        false,
        |s| s.data != Source::Points,
        |s| Value::Integer(s.n as u64),
        |s, v| s.n = v.integer() as usize,
    ),
    row(
        [
            "noise",
            STREAM,
            "Noise",
            "0.1",
            "Standard deviation of the points’ jitter.",
        ],
        slider(0.0, 0.5, 0.0, 1.0, false),
        false,
        |s| s.data != Source::Points,
        |s| s.noise.into(),
        |s, v| s.noise = v.number(),
    ),
    row(
        [
            "seed",
            STREAM,
            "Seed",
            "1",
            "Decides points, their order and the first weights, which all runs share.",
        ],
        Control::Integer {
            min: 0,
            max: u32::MAX as u64,
        },
        false,
        |_| true,
        |s| Value::Integer(s.seed.into()),
        |s, v| s.seed = v.integer() as u32,
    ),
    row(
        [
            "hidden",
            STREAM,
            "Hidden units",
            "8",
            "One or two hidden layers, as in 8 or 8,8. The rules were meta-trained with one of 8: with two they fail.",
        ],
        Control::Written(&HIDDEN),
        false,
        |_| true,
        |s| Value::Text(joined(&s.hidden)),
        |s, v| s.hidden = hidden(v.text()).expect(CHECKED),
    ),
    row(
        [
            "samples",
            STREAM,
            "Samples",
            "500",
            "How many samples come, one by one; each is learned from once.",
        ],
        slider(50.0, 2000.0, 1.0, 2000.0, true),
        false,
        |_| true,
        |s| Value::Integer(s.samples),
        |s, v| s.samples = v.integer(),
    ),
    row(
        [
            "pace",
            STREAM,
            "Pace",
            "sample",
            "What a step is. sample: a sample, up and down; layer: one layer of its way up or down, to watch the messages go.",
        ],
        Control::Choice(Pace::NAMES),
        true,
        |_| true,
        |s| Value::of(s.pace),
        |s, v| s.pace = v.member(),
    ),
    row(
        [
            "seeds",
            STREAM,
            "Streams in the mean",
            "8",
            "The dashed curves are means over so many streams, with this seed and those after it; what is seen of the plane is the first.",
        ],
        slider(1.0, 16.0, 1.0, 16.0, true),
        true,
        |s| s.view == View::Rule,
        |s| Value::Integer(s.seeds as u64),
        |s, v| s.seeds = v.integer() as usize,
    ),
    row(
        [
            "one",
            LOOK,
            "One more point",
            "",
            "x,y,class (0 is class 1): what would become of the answers if each run learned this point now, once. Nothing is learned of it. A press in a picture of scene=rule chooses it.",
        ],
        Control::Written(&ONE),
        true,
        |_| true,
        |s| Value::Text(told(s.one)),
        |s, v| s.one = one(v.text()).expect(CHECKED),
    ),
    row(
        [
            "own",
            STREAM,
            "Own cell",
            "",
            "The numbers of cell:own, as the file of a meta-training has them; such a file is opened like any other.",
        ],
        Control::Elsewhere(&cells::GRAMMAR),
        true,
        |_| true,
        |s| Value::Text(cells::print(s.own.as_ref())),
        |s, v| s.own = cells::parse(v.text()).expect(CHECKED),
    ),
];

/// What each run has of its own, in the order in which it is printed; the method comes first and has no key there.
pub(super) static EACH: &[Row<Each>] = &[
    row(
        [
            "method",
            EACH_RUN,
            "Method",
            "vsml",
            "vsml: cells that share their numbers and are only run forwards; sgd: backpropagation, a step along each sample’s gradient; adam: the same by Adam. Who is changed begins anew with the first weights.",
        ],
        Control::Choice(Method::NAMES),
        false,
        |_| true,
        |e| Value::of(e.method),
        |e, v| e.method = v.member(),
    ),
    row(
        [
            "cell",
            EACH_RUN,
            "Cells",
            "clone",
            "constructed: backpropagation in closed form, but for a difference quotient; clone: taught to do the same, on random numbers; rule: meta-trained on streams, a way of learning of its own; own: those of a file.",
        ],
        Control::Choice(Which::NAMES),
        true,
        Each::runs_cells,
        |e| Value::of(e.which),
        |e, v| e.which = v.member(),
    ),
    row(
        [
            "eta",
            EACH_RUN,
            "Step size η",
            "0.3",
            "Of backpropagation; cells that copy it get errors that are η/0.3 times as large. Where η is large small differences grow: clone and original part.",
        ],
        Control::LogSlider {
            min: 0.03,
            max: 1.5,
            hard_min: 1e-4,
            hard_max: 100.0,
        },
        false,
        Each::has_eta,
        |e| e.eta.into(),
        |e, v| e.eta = v.number(),
    ),
    row(
        [
            "gain",
            EACH_RUN,
            "Gain",
            "1",
            "What the first weights are multiplied with.",
        ],
        Control::LogSlider {
            min: 0.5,
            max: 4.0,
            hard_min: 0.01,
            hard_max: 100.0,
        },
        true,
        |_| true,
        |e| e.gain.into(),
        |e, v| e.gain = v.number(),
    ),
    row(
        [
            "eps",
            EACH_RUN,
            "Difference ε",
            "0.1",
            "The constructed cell takes tanh’ by a central difference: it is off by ε².",
        ],
        Control::LogSlider {
            min: 0.02,
            max: 1.0,
            hard_min: 1e-3,
            hard_max: 10.0,
        },
        true,
        |e| e.is(Which::Constructed),
        |e| e.eps.into(),
        |e, v| e.eps = v.number(),
    ),
    row(
        [
            "rule",
            EACH_RUN,
            "Meta-training",
            "2",
            "The seed of the rule’s meta-training: another seed is another rule, with other likings. Of the four, 2 is the most even: its tables are the friendly end.",
        ],
        Control::Choice(MetaSeed::NAMES),
        true,
        |e| e.is(Which::Rule),
        |e| Value::of(e.rule),
        |e, v| e.rule = v.member(),
    ),
    row(
        [
            "checkpoint",
            EACH_RUN,
            "Trained for",
            "20000",
            "After how many iterations of their training the cells are taken: the last snapshot up to there. Of the clone there are 0, 100, 300, 1000, 3000, 10000 and 20000, of a rule 0, 20, 50, 100, 200, 650, 1000 and 1400, which is its end; what is beyond is the end too. Own cells are those of their file.",
        ],
        slider(0.0, LONGEST as f64, 0.0, LONGEST as f64, true),
        true,
        |e| e.runs_cells() && e.training().is_some(),
        |e| Value::Integer(e.checkpoint),
        |e, v| {
            e.checkpoint = v.integer();
            e.settle();
        },
    ),
    row(
        [
            "label",
            EACH_RUN,
            "Label",
            "1",
            "0: the rule is not shown the label, only the error.",
        ],
        Control::Choice(Switch::NAMES),
        true,
        Each::has_label,
        |e| Value::of(e.label),
        |e, v| e.label = v.member(),
    ),
    row(
        [
            "messages",
            EACH_RUN,
            "Messages into layer 1",
            "1",
            "0: nothing comes down into the first layer.",
        ],
        Control::Choice(Switch::NAMES),
        true,
        Each::runs_cells,
        |e| Value::of(e.messages),
        |e, v| e.messages = v.member(),
    ),
    row(
        [
            "errorscale",
            EACH_RUN,
            "Error times",
            "1",
            "What the error that the rule is shown is multiplied with; 0 shows it the label alone.",
        ],
        slider(0.0, 4.0, 0.0, 100.0, false),
        true,
        Each::has_scale,
        |e| e.scale.into(),
        |e, v| e.scale = v.number(),
    ),
];
