//! The *Flow* view: explicit and implicit Euler on functions of two variables, redrawn while something is dragged.
//! Its settings live in the address behind `#`, for they belong to no run.

use super::view::{Context, Drive, Means, Picture, Standing, View, pace};
use crate::Named;
use crate::flow::{Function, Method};
use crate::frame::Flow;
use crate::lab::csv;
use crate::lab::flow::{FLOW, FlowSettings};
use crate::lab::row::{Control, Parameter};
use crate::lab::session::Watch;
use crate::plot::flow as chart;
use crate::plot::number::short;
use crate::plot::sheet::Tile;
use crate::plot::{Theme, svg};
use crate::web::dom;
use crate::web::dom::address;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::dom::theme;
use crate::web::widgets::pane::Pane;
use crate::web::widgets::refusal;
use crate::web::wire::shown::Shown;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, ResizeObserverEntry};

/// Slider steps per decade.
const PER_DECADE: f64 = 100.0;
/// By how much of the window an arrow key moves the start.
const NUDGE: f64 = 0.02;

/// As many steps as there are.
const ALL: u64 = u64::MAX;
/// Most seconds that are walked between two drawings.
const LONGEST: f64 = 1.0;

/// A chart of a flow as SVG.
type Chart = fn(&Flow, (u32, u32), &Theme) -> String;

/// The view.
pub(in crate::web) struct FlowView {
    settings: FlowSettings,
    flow: Option<Flow>,
    map: Pane,
    descent: Pane,
    amplification: Pane,
    /// The start is being dragged.
    dragging: bool,
    /// The steps shown of every way, or [`ALL`].
    at: u64,
    /// It goes on step by step: when it was last drawn, and the parts of a step made since.
    playing: Option<(f64, f64)>,
}

impl FlowView {
    /// Its name in the address.
    pub(in crate::web) const KEY: &str = "flow";

    /// Fills the view of `index.html`.
    pub(in crate::web) fn new(means: &Means) -> FlowView {
        let functions: HtmlSelectElement = dom::by_id("flow-function");
        for function in Function::all(1.0) {
            let option: Element = dom::element("option", "", function.name());
            dom::set(&option, "value", function.key());
            dom::append(&functions, &option);
        }
        FLOW.iter().for_each(|row| label(&row.parameter));
        FlowView {
            settings: FlowSettings::new(Function::all(20.0)[1]),
            at: ALL,
            playing: None,
            flow: None,
            map: Pane::new("flow-map", &means.observer),
            descent: Pane::new("flow-descent", &means.observer),
            amplification: Pane::new("flow-amplification", &means.observer),
            dragging: false,
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        let field = dom::document().get_element_by_id(&format!("flow-{key}"));
        match self.settings.set(key, value) {
            Ok(()) => {
                refusal::settle(field.as_ref());
                self.renew();
                address::set_hash("flow", &self.settings.to_string());
            }
            Err(error) => {
                if key == "methods" {
                    // Boxes go back to what holds; what was typed can be mended.
                    self.show();
                }
                refusal::say(field.as_ref(), &format!("{error}."));
            }
        }
    }

    fn renew(&mut self) {
        self.flow = None;
        self.forget();
    }

    /// Goes on by as many steps as the time since the last drawing is worth.
    fn walk_on(&mut self) {
        let Some((before, part)) = self.playing else {
            return;
        };
        let now = dom::now();
        // Nobody walks while nobody looks.
        let seconds = ((now - before) / 1000.0).min(LONGEST);
        let due = part + seconds * pace();
        let steps = due.floor();
        self.go(self.at.saturating_add(steps as u64));
        self.playing = (self.at != ALL).then_some((now, due - steps));
    }

    /// To a step; at the last one all is shown, however many there will be.
    fn go(&mut self, to: u64) {
        self.at = if to < self.settings.steps { to } else { ALL };
        self.forget();
    }

    fn start_at(&mut self, [x, y]: [f64; 2]) {
        let (across, up) = self.settings.function.window();
        // Three digits are as exact as a hand.
        let round = |v: f64, range: (f64, f64)| format!("{:.3}", v.clamp(range.0, range.1));
        self.set("x", &round(x, across));
        self.set("y", &round(y, up));
    }

    /// Shows the settings in the form.
    fn show(&self) {
        let settings = &self.settings;
        let quadratic = matches!(settings.function, Function::Quadratic { .. });
        dom::by_id::<HtmlSelectElement>("flow-function").set_value(settings.function.key());
        for (key, value) in [
            ("condition", settings.condition()),
            ("tau", settings.tau),
            ("momentum", settings.momentum),
            ("steps", settings.steps as f64),
        ] {
            let input: HtmlInputElement = dom::by_id(&format!("flow-{key}"));
            if !input.has_attribute("data-dirty") {
                input.set_value(&short(value));
                refusal::take_back(&input);
            }
            let slider = format!("flow-{key}-slider");
            if let Some(slider) = dom::document().get_element_by_id(&slider) {
                let at = (libm::log10(value) * PER_DECADE).round().to_string();
                if !slider.has_attribute("data-dirty") {
                    dom::input(&slider).set_value(&at);
                }
                dom::set(&slider, "aria-valuetext", &short(value));
            }
        }
        dom::show(&dom::by_id::<Element>("flow-condition-entry"), quadratic);
        dom::show(
            &dom::by_id::<Element>("flow-amplification-panel"),
            quadratic,
        );
        refusal::take_back(&dom::by_id("flow-methods"));
        for &method in Method::ALL {
            let input: HtmlInputElement = dom::by_id(&format!("flow-{}", method.name()));
            input.set_checked(settings.methods.contains(&method));
        }
    }

    /// What has come of it, in words.
    fn say(flow: &Flow) {
        let at = flow.at as usize;
        let of = |method: Method| {
            let mut ways = flow.trajectories.iter();
            ways.find(|way| way.place == method as usize)
        };
        let fate = |method: Method| {
            let way = of(method)?;
            let words = &way.label;
            let last = way.values[at.min(way.values.len() - 1)];
            Some(match way.diverged_at.filter(|&step| step <= flow.at) {
                Some(step) => format!("the {words} leaves the ground at step {step}"),
                None if last > way.values[0] => {
                    format!("the {words} climbs, to f = {}", short(last))
                }
                None => format!("the {words} is at f = {}", short(last)),
            })
        };
        let mut parts: Vec<String> = [fate(Method::Explicit), fate(Method::Implicit)]
            .into_iter()
            .flatten()
            .collect();
        if let Some(limit) = flow.explicit_limit {
            let (tau, limit) = (short(flow.tau), short(limit));
            let side = if flow.tau > flow.explicit_limit.unwrap_or(f64::INFINITY) {
                "beyond"
            } else {
                "within"
            };
            parts.push(format!(
                "τ = {tau} is {side} the explicit limit 2/L = {limit}"
            ));
        }
        if flow.at < flow.steps {
            parts.push(format!("{at} of {} steps are made", flow.steps));
        } else if let Some(way) = of(Method::Implicit).filter(|way| !way.unsolved.is_empty()) {
            let steps = way.unsolved.len();
            parts.push(format!(
                "{steps} implicit steps were not solved to tolerance"
            ));
        } else if let Some(way) = of(Method::Implicit) {
            let inner = way.inner_iterations;
            parts.push(format!("the implicit steps took {inner} Newton iterations"));
        }
        let text = parts.join("; ");
        let mut letters = text.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase().to_string());
        let sentence = format!("{}{}.", first.unwrap_or_default(), letters.as_str());
        dom::write(&dom::by_id("flow-said"), &sentence);
    }
}

/// Gives a parameter's entry of `index.html` its name, its help and the ends of its slider; the start and the methods have
/// no entry of that kind.
fn label(parameter: &Parameter) {
    let root = dom::by_id::<Element>("flow-settings");
    let key = parameter.key;
    let Some(label) = dom::seek::<Element>(&root, &format!("label[for=flow-{key}]")) else {
        return;
    };
    dom::write(&label, parameter.label);
    let hint = format!("{} Allowed: {}.", parameter.help, parameter.allowed());
    dom::set(
        &dom::by_id::<Element>(&format!("flow-{key}")),
        "title",
        &hint,
    );
    if let Control::LogSlider { min, max, .. } = parameter.control {
        let slider: Element = dom::by_id(&format!("flow-{key}-slider"));
        for (end, value) in [("min", min), ("max", max)] {
            let at = (libm::log10(value) * PER_DECADE).round();
            dom::set(&slider, end, &at.to_string());
        }
    }
}

impl View for FlowView {
    fn watch(&self) -> Watch {
        Watch {
            fields: false,
            neurons: None,
        }
    }

    fn restless(&self) -> bool {
        self.playing.is_some()
    }

    fn standing(&self) -> Option<Standing> {
        let of = self.settings.steps;
        Some(Standing {
            playing: self.playing.is_some(),
            at: self.at.min(of),
            of,
            known: of,
            over: self.at >= of,
            unit: "step",
            by_steps: true,
            seeded: false,
            marks: Vec::new(),
        })
    }

    fn drive(&mut self, what: Drive, _context: &mut Context) {
        // What is over begins again.
        let from = if self.at < self.settings.steps {
            self.at
        } else {
            0
        };
        self.playing = None;
        match what {
            Drive::Play if theme::media("(prefers-reduced-motion: reduce)") => self.go(ALL),
            Drive::Play => {
                self.go(from);
                self.playing = Some((dom::now(), 0.0));
            }
            Drive::Step => self.go(from + 1),
            Drive::Reset => self.go(0),
            Drive::Seek(to) => self.go(to),
            Drive::Pause | Drive::NewSeed => {}
        }
    }

    fn run_changed(&mut self, _context: &mut Context) {
        // A link's settings. Of what is not understood the page says so, and what was shown stays.
        if let Some(text) = address::hash("flow")
            && text != self.settings.to_string()
        {
            if let Ok(settings) = FlowSettings::parse(&text) {
                self.settings = settings;
            }
            self.renew();
        }
        self.show();
    }

    fn draw(&mut self, context: &mut Context) {
        let theme = context.theme;
        if self.flow.is_none() {
            // Settings are checked when they are set.
            self.flow = self.settings.flow().ok();
            self.show();
        }
        if !context.shown.hidden {
            self.walk_on();
        }
        let Some(flow) = &mut self.flow else { return };
        flow.at = self.at.min(flow.steps);
        let flow = &*flow;
        // Said where it holds, and not with every step.
        if self.playing.is_none() {
            FlowView::say(flow);
        }
        // A canvas never refuses.
        self.map.draw(theme, |ink, size, theme| {
            let _ = chart::draw_map(ink, size, flow, theme);
        });
        self.descent.draw(theme, |ink, size, theme| {
            let _ = chart::draw_descent(ink, size, flow, theme);
        });
        self.amplification.draw(theme, |ink, size, theme| {
            let _ = chart::draw_amplification(ink, size, flow, theme);
        });
    }

    fn forget(&mut self) {
        for pane in [&mut self.map, &mut self.descent, &mut self.amplification] {
            pane.forget();
        }
    }

    fn resized(&mut self, entry: &ResizeObserverEntry) {
        for pane in [&mut self.map, &mut self.descent, &mut self.amplification] {
            pane.resized(entry);
        }
    }

    fn click(&mut self, button: &Element, _context: &mut Context) -> bool {
        if button.id() != "flow-start" {
            return false;
        }
        self.start_at(self.settings.function.start());
        true
    }

    fn input(&mut self, target: &Element, _context: &mut Context) -> bool {
        let Some(key) = dom::get(target, "data-flow") else {
            return false;
        };
        dom::set(target, "data-dirty", "");
        if target.id().ends_with("-slider") {
            let at: f64 = dom::input(target).value().parse().unwrap_or(0.0);
            let value = libm::exp10(at / PER_DECADE);
            self.set(&key, &format!("{value:.2e}"));
        }
        true
    }

    fn change(&mut self, target: &Element, _context: &mut Context) -> bool {
        let Some(key) = dom::get(target, "data-flow") else {
            return false;
        };
        if key == "methods" {
            let chosen: Vec<&str> = Method::ALL
                .iter()
                .map(|method| method.name())
                .filter(|key| dom::by_id::<HtmlInputElement>(&format!("flow-{key}")).checked())
                .collect();
            self.set(&key, &chosen.join("+"));
        } else if !target.id().ends_with("-slider") {
            self.set(&key, &dom::value_of(target));
        }
        true
    }

    fn pictures<'a>(&'a self, _shown: &'a Shown) -> Vec<Picture<'a>> {
        let Some(flow) = &self.flow else {
            return Vec::new();
        };
        let quadratic = matches!(self.settings.function, Function::Quadratic { .. });
        let picture = |key: &str, title: String, place, draw: Chart| Picture {
            key: key.to_owned(),
            title: title.clone(),
            tile: Tile {
                title,
                place,
                draw: Box::new(move |size, theme| draw(flow, size, theme)),
            },
        };
        let right = if quadratic { 0.5 } else { 1.0 };
        let name = &flow.landscape.name;
        let map = format!("{name}, τ = {}", short(flow.tau));
        let mut pictures = vec![
            picture("map", map, [0.0, 0.0, 0.55, 1.0], svg::flow_map),
            picture(
                "descent",
                "f against the iteration".to_owned(),
                [0.55, 0.0, 0.45, right],
                svg::flow_descent,
            ),
        ];
        if quadratic {
            let title = "What one step multiplies the error by".to_owned();
            pictures.push(picture(
                "amplification",
                title,
                [0.55, 0.5, 0.45, 0.5],
                svg::amplification,
            ));
        }
        pictures
    }

    fn table(&self, _shown: &Shown) -> Option<(&'static str, String)> {
        Some(("trajectories", csv::flow(self.flow.as_ref()?)))
    }

    fn caption(&self, _shown: &Shown) -> String {
        format!("#view=flow&flow={}", self.settings)
    }

    fn key(&mut self, target: &Element, key: &str, _context: &mut Context) -> bool {
        if !self.map.host().is_same_node(Some(target)) {
            return false;
        }
        let (x, y) = self.settings.function.window();
        let (right, up) = (NUDGE * (x.1 - x.0), NUDGE * (y.1 - y.0));
        let [dx, dy] = match key {
            "ArrowLeft" => [-right, 0.0],
            "ArrowRight" => [right, 0.0],
            "ArrowUp" => [0.0, up],
            "ArrowDown" => [0.0, -up],
            _ => return false,
        };
        let [x, y] = self.settings.start;
        self.start_at([x + dx, y + dy]);
        true
    }

    fn point(&mut self, pointer: &Pointer, context: &mut Context) {
        let over = pointer.over(self.map.host());
        self.dragging = match pointer.gesture {
            Gesture::Down => over.is_some(),
            Gesture::Move => self.dragging && pointer.pressed,
            Gesture::Up | Gesture::Cancel => false,
            Gesture::Leave => self.dragging,
        };
        if let (true, Some((at, _)), Some(flow)) = (self.dragging, over, &self.flow) {
            let (size, theme) = self.map.measure(context.theme);
            let to = chart::plane(size, flow, &theme).of(self.map.lattice(at));
            self.start_at(to);
        }
    }
}
