//! The table of parameters of a flow: every key of its text, what it means and what is allowed.

use super::settings::{FlowSettings, MOST_STEPS};
use crate::Named;
use crate::flow::{Function, Method};
use crate::lab::row::{CHECKED, Control, Fault, Grammar, Parameter, Row, Value};

/// Every parameter, in the order in which a flow is printed; the function comes first and has no key there.
pub static FLOW: &[Row<FlowSettings>] = &[
    Row {
        parameter: Parameter {
            key: "function",
            section: "flow",
            label: "Function",
            unit: "",
            help: "What is walked on.",
            default: "rotated",
            control: Control::Choice(&Function::KEYS),
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| Value::Word(s.function.key()),
        set: |s, v| {
            *s = FlowSettings {
                momentum: s.momentum,
                steps: s.steps,
                methods: s.methods.clone(),
                ..FlowSettings::new(Function::of_key(v.word(), s.condition()).expect(CHECKED))
            }
        },
    },
    Row {
        parameter: Parameter {
            key: "condition",
            section: "flow",
            label: "Condition κ",
            unit: "",
            help: "The larger eigenvalue of a quadratic; the smaller is 1.",
            default: "20",
            control: Control::LogSlider {
                min: 1.0,
                max: 1e4,
                hard_min: 1.0,
                hard_max: 1e4,
            },
        },
        quiet: false,
        of_cells: false,
        acts: |s| matches!(s.function, Function::Quadratic { .. }),
        get: |s| s.condition().into(),
        set: |s, v| {
            let function = Function::of_key(s.function.key(), v.number());
            s.function = function.expect(CHECKED);
        },
    },
    Row {
        parameter: Parameter {
            key: "tau",
            section: "flow",
            label: "Step size τ",
            unit: "",
            help: "The step size of every method.",
            default: "0.105",
            control: Control::LogSlider {
                min: 1e-5,
                max: 100.0,
                hard_min: 1e-6,
                hard_max: 1e3,
            },
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| s.tau.into(),
        set: |s, v| s.tau = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "momentum",
            section: "flow",
            label: "Momentum μ",
            unit: "",
            help: "Of heavy ball and Nesterov.",
            default: "0.9",
            control: Control::Number {
                min: 0.0,
                max: 0.999,
            },
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| s.momentum.into(),
        set: |s, v| s.momentum = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "steps",
            section: "flow",
            label: "Steps",
            unit: "steps",
            help: "Steps of every method.",
            default: "60",
            control: Control::Integer {
                min: 1,
                max: MOST_STEPS,
            },
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| s.steps.into(),
        set: |s, v| s.steps = v.integer(),
    },
    Row {
        parameter: START_X,
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| s.start[0].into(),
        set: |s, v| s.start[0] = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "y",
            label: "Start, y",
            default: "1.5",
            ..START_X
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| s.start[1].into(),
        set: |s, v| s.start[1] = v.number(),
    },
    Row {
        parameter: Parameter {
            key: "methods",
            section: "flow",
            label: "Methods",
            unit: "",
            help: "Who walks.",
            default: "explicit+implicit",
            control: Control::Written(&METHODS),
        },
        quiet: false,
        of_cells: false,
        acts: |_| true,
        get: |s| Value::Text(print(&s.methods)),
        set: |s, v| s.methods = parse(v.text()).expect(CHECKED),
    },
];

const START_X: Parameter = Parameter {
    key: "x",
    section: "flow",
    label: "Start, x",
    unit: "",
    help: "Where all methods start.",
    default: "-3.5",
    control: Control::Number {
        min: -100.0,
        max: 100.0,
    },
};

static METHODS: Grammar = Grammar {
    canonical: |text| parse(text).map(|methods| print(&methods)),
    allowed: || Method::NAMES.join(", "),
};

/// Names joined by `+`.
fn parse(text: &str) -> Result<Vec<Method>, Fault> {
    let method = |name: &str| {
        Method::of_name(name).ok_or_else(|| Fault::Piece(name.to_owned(), "is no method"))
    };
    let names = text.split('+').filter(|name| !name.is_empty());
    names.map(method).collect()
}

fn print(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
    names.join("+")
}
