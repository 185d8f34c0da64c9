//! The *One step* view: the next step of a run taken apart, sub-step by sub-step, explicit and implicit side by side,
//! and the quadratic that a layer's own step lives on. Computes none of it.

use super::view::{Context, Means, Picture, View};
use crate::frame::{Formula, LayerProblem, MemberFrame, Record, SubStep, lowered};
use crate::lab::csv;
use crate::lab::sentence::{self, beyond_the_sweep};
use crate::lab::session::{Command, Cut, Dissection, Watch};
use crate::plot::layer_problem::View as Zoom;
use crate::plot::number::{percent, short};
use crate::plot::sheet::Tile;
use crate::plot::{Theme, layer_problem, network, staircase, svg};
use crate::web::dom;
use crate::web::widgets::pane::Pane;
use crate::web::wire::link::{Link, Pending};
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;
use web_sys::{
    Element, HtmlButtonElement, HtmlInputElement, HtmlSelectElement, ResizeObserverEntry,
};

/// Slider steps per decade.
const PER_DECADE: f64 = 100.0;

/// The view.
pub(in crate::web) struct OneStepView {
    staircase: Pane,
    /// Explicit and implicit.
    networks: [Pane; 2],
    problem: Pane,
    dissection: Option<Dissection>,
    /// The sub-step shown, an index.
    now: usize,
    run: usize,
    /// The layer that a person has chosen; the sub-step's own if `None`.
    layer: Option<usize>,
    /// τ_θ as dragged; the run's own if `None`.
    tau_theta: Option<f64>,
    /// What the worker was last asked for, at which step of which run.
    asked: Option<(String, u64, Cut)>,
    /// It has not answered yet.
    waiting: bool,
}

impl OneStepView {
    /// Its name in the address.
    pub(in crate::web) const KEY: &str = "one-step";

    /// Fills the view of `index.html`.
    pub(in crate::web) fn new(means: &Means) -> OneStepView {
        OneStepView {
            staircase: Pane::new("one-staircase", &means.observer),
            networks: ["one-network-explicit", "one-network-implicit"]
                .map(|id| Pane::new(id, &means.observer)),
            problem: Pane::new("one-problem", &means.observer),
            dissection: None,
            now: 0,
            run: 0,
            layer: None,
            tau_theta: None,
            asked: None,
            waiting: false,
        }
    }

    /// The worker has taken a step apart.
    pub(in crate::web) fn take(&mut self, dissection: Dissection) {
        self.now = self
            .now
            .min(dissection.one_step.explicit.sub_steps.len() - 1);
        self.dissection = Some(dissection);
        self.answered(None);
    }

    /// The worker has answered; `refusal` is the sentence why it could not.
    pub(in crate::web) fn answered(&mut self, refusal: Option<&str>) {
        self.waiting = false;
        let place: Element = dom::by_id("one-error");
        dom::show(&place, refusal.is_some());
        dom::write(&place, refusal.unwrap_or_default());
        self.forget();
    }

    /// Another worker owes no answer.
    pub(in crate::web) fn forget_question(&mut self) {
        (self.asked, self.waiting) = (None, false);
    }

    /// The hidden layer whose own problem is shown.
    fn layer(&self, depth: usize) -> usize {
        let own = || {
            self.dissection
                .as_ref()
                .map(|d| d.one_step.hidden_layer(self.now))
        };
        self.layer.or_else(own).unwrap_or(1).min(depth)
    }

    /// Asks for what is looked at, unless it is known or an answer is under way.
    fn ask(&mut self, shown: &Shown, link: &mut Link) {
        if self.waiting || shown.frame.is_none() {
            return;
        }
        self.run = self.run.min(shown.config.runs.len() - 1);
        let cut = Cut {
            run: self.run,
            layer: self.layer(shown.config.depth()),
            neuron: None,
            tau_theta: self.tau_theta,
        };
        let wanted = (shown.config.to_string(), shown.step(), cut);
        if self.asked.as_ref() != Some(&wanted) {
            self.asked = Some(wanted);
            self.waiting = true;
            link.send(Ask::Command(Command::Dissect(cut)), Pending::Dissection);
        }
    }

    fn go(&mut self, to: usize) {
        let last = self
            .dissection
            .as_ref()
            .map_or(0, |d| d.one_step.explicit.sub_steps.len() - 1);
        self.now = to.min(last);
        self.forget();
    }

    /// Fills the choices and shows what is chosen.
    fn show_choices(&self, shown: &Shown) {
        let fill = |id: &str, labels: Vec<String>, chosen: usize| {
            let select: HtmlSelectElement = dom::by_id(id);
            let key = labels.join("\n");
            if dom::get(&select, "data-shown").as_deref() != Some(&key) {
                select.set_text_content(None);
                for label in &labels {
                    dom::append(&select, &dom::element("option", "", label));
                }
                dom::set(&select, "data-shown", &key);
            }
            select.set_selected_index(i32::try_from(chosen).unwrap_or(0));
        };
        fill("one-run", shown.names.clone(), self.run);
        let mut layers = vec!["the sub-step’s layer".to_owned()];
        layers.extend((1..=shown.config.depth()).map(|l| of_layer("h", l)));
        fill("one-layer", layers, self.layer.unwrap_or(0));
    }

    /// The sub-step in words and numbers.
    fn say(&self, dissection: &Dissection, shown: &Shown) {
        let step = &dissection.one_step;
        let (explicit, implicit) = (
            &step.explicit.sub_steps[self.now],
            &step.implicit.sub_steps[self.now],
        );
        let count = step.explicit.sub_steps.len();
        dom::write(
            &dom::by_id("one-where"),
            &format!(
                "sub-step {} of {count} of step {}: {}",
                self.now + 1,
                dissection.step + 1,
                name(explicit)
            ),
        );
        for (side, sub_step) in [("explicit", explicit), ("implicit", implicit)] {
            show_formula(side, sub_step, step.sizes.len() - 1);
            dom::write(
                &dom::by_id(&format!("one-numbers-{side}")),
                &numbers(sub_step),
            );
        }
        let proposition = format!(
            "In the end one sweep is one step of training (Proposition 1 of the paper): over all parameters they differ by {} at most (explicit) and {} (implicit), relative to the largest parameter or 1.",
            short(step.explicit.mismatch),
            short(step.implicit.mismatch)
        );
        dom::write(&dom::by_id("one-proposition"), &proposition);
        dom::set(
            &dom::by_id::<Element>("one-proposition"),
            "data-mismatch",
            &format!("{:e} {:e}", step.explicit.mismatch, step.implicit.mismatch),
        );
        // Until the worker answers, this may be the step of a run that is gone.
        let runs = shown.config.runs_at(dissection.step);
        let run = runs.get(dissection.cut.run);
        let other = run.and_then(|run| run.settings().beyond_the_sweep());
        let place: Element = dom::by_id("one-other");
        dom::show(&place, other.is_some());
        dom::write(&place, &other.map_or_else(String::new, beyond_the_sweep));
        let shrunk = sentence::shrunk(step);
        dom::show(&dom::by_id("one-l1"), shrunk.is_some());
        dom::write(&dom::by_id("one-l1-said"), &shrunk.unwrap_or_default());
        let implicit = step.l1.as_ref().is_some_and(|l1| l1.implicit);
        dom::show(&dom::by_id("one-l1-implicit"), implicit);
        dom::show(&dom::by_id("one-l1-explicit"), !implicit);
        let button = |id: &str| dom::by_id::<HtmlButtonElement>(id);
        button("one-back").set_disabled(self.now == 0);
        button("one-forward").set_disabled(self.now + 1 == count);

        let problem = &dissection.problem;
        dom::write(&dom::by_id("one-problem-of"), &of_layer("H", problem.layer));
        let slider: HtmlInputElement = dom::by_id("one-tau-slider");
        if !slider.has_attribute("data-dirty") {
            slider.set_value(
                &(libm::log10(problem.tau_theta) * PER_DECADE)
                    .round()
                    .to_string(),
            );
        }
        dom::set(&slider, "aria-valuetext", &short(problem.tau_theta));
        dom::write(&dom::by_id("one-tau"), &short(problem.tau_theta));
        let member = shown.frame.as_ref();
        let member = member.and_then(|frame| frame.members.get(dissection.cut.run));
        let trains = shown.records.get(dissection.cut.run).zip(member);
        let trains = trains.map_or_else(String::new, |(records, member)| {
            training(records.first(), member)
        });
        let words = match step.moves(problem.layer) {
            Some(k) if self.zoom(dissection) == Zoom::Posed => format!(
                "The ring is where Θ{} stands. It moves in sub-step {}, on this quadratic: how far either step takes it is drawn there.",
                lowered(problem.layer),
                k + 1
            ),
            _ => format!("{}{trains}", said(problem)),
        };
        dom::write(&dom::by_id("one-problem-said"), &words);
    }

    /// How much of the layer's own problem is shown: no step before it is made, but for a person who has chosen the layer
    /// or a setting of the step.
    fn zoom(&self, dissection: &Dissection) -> Zoom {
        let chosen = self.layer.is_some() || self.tau_theta.is_some();
        let step = &dissection.one_step;
        if dom::by_id::<HtmlInputElement>("one-far").checked() {
            Zoom::Far
        } else if chosen || step.moves(dissection.problem.layer) == Some(self.now) {
            Zoom::Near
        } else {
            Zoom::Posed
        }
    }
}

impl View for OneStepView {
    fn watch(&self) -> Watch {
        Watch {
            fields: false,
            neurons: None,
        }
    }

    fn run_changed(&mut self, _context: &mut Context) {
        self.tau_theta = None;
    }

    fn draw(&mut self, context: &mut Context) {
        let Context { shown, theme, link } = context;
        self.ask(shown, link);
        self.show_choices(shown);
        let Some(dissection) = &self.dissection else {
            return;
        };
        self.say(dissection, shown);
        let (step, now) = (&dissection.one_step, self.now);
        // A canvas never refuses.
        self.staircase.draw(theme, |ink, size, theme| {
            let _ = staircase::draw(ink, size, step, now, theme);
        });
        let sides = [&step.explicit, &step.implicit];
        for (pane, side) in self.networks.iter_mut().zip(sides) {
            pane.draw(theme, |ink, size, theme| {
                let _ = network::draw(ink, size, step, &side.sub_steps[now], theme);
            });
        }
        let zoom = self.zoom(dissection);
        self.problem.draw(theme, |ink, size, theme| {
            let _ = layer_problem::draw(ink, size, &dissection.problem, zoom, theme);
        });
    }

    fn forget(&mut self) {
        self.staircase.forget();
        self.problem.forget();
        self.networks.iter_mut().for_each(Pane::forget);
    }

    fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.staircase.resized(entry);
        self.problem.resized(entry);
        self.networks
            .iter_mut()
            .for_each(|pane| pane.resized(entry));
    }

    fn click(&mut self, button: &Element, context: &mut Context) -> bool {
        match button.id().as_str() {
            "one-back" => self.go(self.now.saturating_sub(1)),
            "one-forward" => self.go(self.now + 1),
            "one-own" => self.tau_theta = None,
            "one-make" => {
                self.now = 0;
                context.link.person(Command::Step { steps: 1 });
            }
            _ => return false,
        }
        true
    }

    fn input(&mut self, target: &Element, _context: &mut Context) -> bool {
        if target.id() != "one-tau-slider" {
            return false;
        }
        dom::set(target, "data-dirty", "");
        let at: f64 = dom::input(target).value().parse().unwrap_or(0.0);
        self.tau_theta = Some(libm::exp10(at / PER_DECADE));
        true
    }

    fn change(&mut self, target: &Element, _context: &mut Context) -> bool {
        let chosen = || {
            let select: HtmlSelectElement = dom::by_id(&target.id());
            usize::try_from(select.selected_index()).unwrap_or(0)
        };
        match target.id().as_str() {
            "one-run" => (self.run, self.tau_theta) = (chosen(), None),
            "one-layer" => self.layer = Some(chosen()).filter(|&layer| layer > 0),
            "one-far" => self.forget(),
            "one-tau-slider" => {}
            _ => return false,
        }
        true
    }

    fn pictures<'a>(&'a self, _shown: &'a Shown) -> Vec<Picture<'a>> {
        let Some(dissection) = &self.dissection else {
            return Vec::new();
        };
        let Dissection {
            one_step: step,
            problem,
            ..
        } = dissection;
        let now = self.now;
        let picture = |key: &str, title: &str, place, draw| Picture {
            key: key.to_owned(),
            title: title.to_owned(),
            tile: Tile {
                title: title.to_owned(),
                place,
                draw,
            },
        };
        let network = |sub_step: &'a SubStep| -> Chart<'a> {
            let words = [formula(sub_step, step.sizes.len() - 1), numbers(sub_step)];
            Box::new(move |size, theme| svg::sub_step(step, sub_step, &words, size, theme))
        };
        let (explicit, implicit) = (&step.explicit.sub_steps[now], &step.implicit.sub_steps[now]);
        let zoom = self.zoom(dissection);
        vec![
            picture(
                "staircase",
                &format!("Energy E after each sub-step; now {}", name(explicit)),
                [0.0, 0.0, 0.55, 0.5],
                Box::new(move |size, theme| svg::staircase(step, now, size, theme)),
            ),
            picture(
                "explicit",
                "BackProp, explicit",
                [0.0, 0.5, 0.275, 0.5],
                network(explicit),
            ),
            picture(
                "implicit",
                "ProxProp, implicit",
                [0.275, 0.5, 0.275, 0.5],
                network(implicit),
            ),
            picture(
                "layer",
                &format!("{}’s own problem q", of_layer("H", problem.layer)),
                [0.55, 0.0, 0.45, 1.0],
                Box::new(move |size, theme| svg::layer_problem(problem, zoom, size, theme)),
            ),
        ]
    }

    fn table(&self, _shown: &Shown) -> Option<(&'static str, String)> {
        let step = &self.dissection.as_ref()?.one_step;
        Some(("sub-steps", csv::one_step(step)))
    }

    fn key(&mut self, target: &Element, key: &str, _context: &mut Context) -> bool {
        let on_control = matches!(target.tag_name().as_str(), "INPUT" | "SELECT");
        match key {
            _ if on_control => return false,
            "ArrowLeft" => self.go(self.now.saturating_sub(1)),
            "ArrowRight" => self.go(self.now + 1),
            "Home" => self.go(0),
            "End" => self.go(usize::MAX),
            _ => return false,
        }
        true
    }
}

type Chart<'a> = Box<dyn Fn((u32, u32), &Theme) -> String + 'a>;

/// The variable that moves.
fn name(sub_step: &SubStep) -> String {
    let l = lowered(sub_step.layer);
    match sub_step.formula {
        Formula::Forward => "the forward pass sets every Z and A".to_owned(),
        Formula::OutputTheta => {
            format!("the output layer’s Θ{l} moves, explicitly in both methods")
        }
        Formula::ThetaExplicit | Formula::ThetaImplicit => {
            format!("Θ{l} moves: here the methods differ")
        }
        Formula::OutputA | Formula::A => format!("A{l} moves, explicitly in both methods"),
        Formula::Z => format!("Z{l} moves, explicitly in both methods"),
    }
}

/// Shows the formula of a sub-step, with its layer's numbers in the indices.
fn show_formula(side: &str, sub_step: &SubStep, layers: usize) {
    let host: Element = dom::by_id(&format!("one-formula-{side}"));
    let kind = match sub_step.formula {
        Formula::Forward => "forward",
        Formula::OutputTheta => "output-theta",
        Formula::OutputA => "output-a",
        Formula::Z => "z",
        Formula::ThetaExplicit => "theta-explicit",
        Formula::ThetaImplicit => "theta-implicit",
        Formula::A => "a",
    };
    let key = format!("{kind} {}", sub_step.layer);
    if dom::get(&host, "data-shown").as_deref() == Some(&key) {
        return;
    }
    dom::set(&host, "data-shown", &key);
    host.set_text_content(None);
    let formula: Element = dom::stamp(&format!("formula-{kind}"));
    let l = sub_step.layer;
    for (class, number) in [
        ("l", l.to_string()),
        ("before", l.saturating_sub(1).to_string()),
        ("after", (l + 1).to_string()),
        ("last", layers.to_string()),
    ] {
        for index in dom::all(&formula, &format!(".{class}")) {
            index.set_text_content(Some(&number));
        }
    }
    dom::append(&host, &formula);
}

/// The formula of a sub-step in a line of text.
fn formula(sub_step: &SubStep, layers: usize) -> String {
    let l = sub_step.layer;
    let [before, own, after] = [l.saturating_sub(1), l, l + 1].map(lowered);
    match sub_step.formula {
        Formula::Forward => "Z ← ÂΘ, A ← σ(Z), layer by layer".to_owned(),
        Formula::OutputTheta => {
            let last = lowered(layers);
            format!("Θ{last} ← Θ{last} − τ ∂J/∂Θ{last}")
        }
        Formula::OutputA => format!("A{own} ← A{own} − τ ∂J/∂A{own}"),
        Formula::Z => format!("Z{own} ← Z{own} − σ′(Z{own}) ⊙ (σ(Z{own}) − A{own})"),
        Formula::ThetaExplicit => {
            format!("Θ{own} ← Θ{own} − Âᵀ(ÂΘ{own} − Z{own}), Â = [A{before}, 1]")
        }
        Formula::ThetaImplicit => format!(
            "Θ{own} ← argmin over Θ of ½‖ÂΘ − Z{own}‖² + ‖Θ − Θ{own}‖² / 2τθ, Â = [A{before}, 1]"
        ),
        Formula::A => {
            format!("A{own} ← A{own} − (Â{own}Θ{after} − Z{after}) Θ{after}ᵀ")
        }
    }
}

fn numbers(sub_step: &SubStep) -> String {
    let terms = &sub_step.energy;
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let change = match sub_step.formula {
        Formula::Forward => String::new(),
        _ => format!("moved by {}; ", short(sub_step.change)),
    };
    format!(
        "{change}E {} → {} = J {} + activations {} + layers {}",
        short(sub_step.before),
        short(terms.total),
        short(terms.loss),
        short(sum(&terms.activation)),
        short(sum(&terms.affine))
    )
}

/// The layer's problem in words.
fn said(problem: &LayerProblem) -> String {
    let verdict = if problem.explicit_limit < 1.0 {
        "BackProp’s lies beyond it, and q jumps"
    } else {
        "BackProp’s lies within it"
    };
    format!(
        "λₘₐₓ = {}, so a gradient step on q overshoots beyond 2/λₘₐₓ = {}. The sweep’s step on q is 1 whatever τ is, for E weighs q by 1/τ, which cancels the step’s τ: {verdict}. q is {} where the layer stands, {} after the explicit step, {} at the proximal point for τθ = {}. The plane shows {} of the squared gradient. 2/λₘₐₓ is the limit of this sub-step, not of training: how much there is to jump falls with τ.",
        short(problem.lambda_max),
        short(problem.explicit_limit),
        short(problem.value),
        short(problem.explicit.value),
        short(problem.proximal.value),
        short(problem.tau_theta),
        percent(problem.seen, 0)
    )
}

/// How the run itself fares, in words; empty before anything is known.
fn training(first: Option<&Record>, member: &MemberFrame) -> String {
    match (first, member.divergence.is_some()) {
        (_, true) => " This run has diverged.".to_owned(),
        (Some(first), false) => format!(
            " This run: J {} at its start, {} here.",
            short(first.loss),
            short(member.loss)
        ),
        (None, false) => String::new(),
    }
}

/// A hidden layer by name, with a first letter.
fn of_layer(first: &str, layer: usize) -> String {
    format!("{first}idden layer {layer}")
}
