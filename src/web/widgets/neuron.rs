//! One neuron opened large: what it answers in every run that is drawn, beside its weights; and what neurons are called. Knows
//! the graphs that it is handed, not who chose them or how they are laid out.

use super::boundary::BoundaryView;
use crate::frame::{Field, Scene};
use crate::plot::Theme;
use crate::plot::neurons::{self, Graph, Spot};
use crate::plot::number::short;
use crate::web::dom;
use crate::web::dom::pointer::Pointer;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// The neuron's pictures.
pub(super) struct NeuronView {
    panels: Vec<BoundaryView>,
    observer: ResizeObserver,
}

impl NeuronView {
    /// Closed.
    pub(super) fn new(observer: &ResizeObserver) -> NeuronView {
        NeuronView {
            panels: Vec::new(),
            observer: observer.clone(),
        }
    }

    /// An element may have another size.
    pub(super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        for panel in &mut self.panels {
            panel.resized(entry);
        }
    }

    /// The data, the colours or the neuron are others.
    pub(super) fn forget(&mut self) {
        self.panels.iter_mut().for_each(BoundaryView::forget_points);
    }

    /// Takes its pictures away.
    pub(super) fn close(&mut self) {
        self.panels
            .drain(..)
            .for_each(|panel| panel.remove(&self.observer));
    }

    /// Draws it, a picture per run and a table of its weights.
    pub(super) fn draw(&mut self, graphs: &[Graph], spot: Spot, scene: &Scene, theme: &Theme) {
        // The scale's colours are those of the pictures.
        let neuron: Element = dom::by_id("neuron");
        let last = spot.layer + 1 == graphs[0].network.layers.len();
        match scene.classes {
            2 if last => dom::set(&neuron, "data-answer", &spot.neuron.to_string()),
            3.. if last => dom::set(&neuron, "data-class", &(spot.neuron + 1).to_string()),
            _ => {
                for name in ["data-answer", "data-class"] {
                    neuron.remove_attribute(name).expect("a valid name");
                }
            }
        }
        let place: Element = dom::by_id("neuron-fields");
        self.panels
            .drain(graphs.len().min(self.panels.len())..)
            .for_each(|panel| panel.remove(&self.observer));
        while self.panels.len() < graphs.len() {
            let help = ("network", "the network");
            let run = graphs[self.panels.len()].run;
            let panel = BoundaryView::new(run, &place, &self.observer, help);
            self.panels.push(panel);
        }
        let title = name_of(&graphs[0], spot.layer, spot.neuron);
        dom::write(&dom::by_id("neuron-title"), &title);
        for (graph, panel) in graphs.iter().zip(&mut self.panels) {
            let values = values_of(graph, spot, scene);
            let (low, high) = graph.network.layers[spot.layer].range;
            let range = format!("{} to {}", number(low), number(high));
            let points = if scene.inputs == 2 { scene } else { &values };
            let pixels = |field: &Field, theme: &Theme| neurons::pixels(graph, spot, field, theme);
            let words = [graph.name, &range, "What the neuron answers in"];
            let field = graph.network.open.as_ref();
            panel.paint(words, field, [&values, points], &pixels, theme);
        }
        fill_table(graphs, spot);
    }

    /// A key was pressed on `target`; false if it means nothing there.
    pub(super) fn key(
        &mut self,
        target: &Element,
        key: &str,
        graphs: &[Graph],
        spot: Spot,
        scene: &Scene,
    ) -> bool {
        graphs.iter().zip(&mut self.panels).any(|(graph, panel)| {
            let here = panel.stack.host.is_same_node(Some(target));
            let field = graph.network.open.as_ref();
            here && panel.key(key, field, &values_of(graph, spot, scene))
        })
    }

    /// A pointer moved over a picture, or elsewhere.
    pub(super) fn point(&mut self, pointer: &Pointer, graphs: &[Graph], spot: Spot, scene: &Scene) {
        for (graph, panel) in graphs.iter().zip(&mut self.panels) {
            let field = graph.network.open.as_ref();
            if let Some((_, shares)) = pointer.over(&panel.stack.host) {
                panel.point_at(shares, field, &values_of(graph, spot, scene));
            } else if pointer.leaves(&panel.stack.host) {
                panel.leave();
            }
        }
    }
}

/// A neuron's name in full.
pub(super) fn name_of(graph: &Graph, layer: usize, neuron: usize) -> String {
    let layers = graph.network.layers.len();
    let of = graph.network.layers[layer].neurons;
    let nth = neuron + 1;
    if layer == 0 {
        format!("input {}", short_name(graph, layer, neuron))
    } else if layer + 1 < layers {
        format!("hidden layer {layer}, neuron {nth} of {of}")
    } else if graph.classes > 0 {
        format!("answer: class {nth}")
    } else {
        "answer".to_owned()
    }
}

/// A neuron's name among those of its layer.
pub(super) fn short_name(graph: &Graph, layer: usize, neuron: usize) -> String {
    let named = graph.inputs.get(neuron).filter(|_| layer == 0);
    named.map_or_else(|| (neuron + 1).to_string(), |&name| name.to_owned())
}

/// A weight or an answer, in words.
pub(super) fn number(value: f32) -> String {
    let digits = format!("{value:.2e}");
    digits.parse().map_or(digits, short).replace('-', "−")
}

/// What a neuron answers as the values of a scene.
fn values_of(graph: &Graph, spot: Spot, scene: &Scene) -> Scene {
    let (low, high) = graph.network.layers[spot.layer].range;
    let value = (f64::from(low), f64::from(high));
    Scene {
        inputs: scene.inputs,
        classes: 0,
        x: scene.x,
        y: if scene.inputs == 1 { value } else { scene.y },
        value,
        training: Vec::new(),
        validation: Vec::new(),
    }
}

/// The opened neuron's weights, a column per run.
fn fill_table(graphs: &[Graph], spot: Spot) {
    let table: Element = dom::by_id("neuron-weights");
    let weights: Vec<&[f32]> = graphs
        .iter()
        .map(|graph| graph.network.layers[spot.layer].weights_of(spot.neuron))
        .collect();
    let first = &graphs[0];
    let rows = weights[0].len();
    dom::show(&table, rows > 0);
    let body: Element = dom::find(&table, "tbody");
    body.set_text_content(None);
    for row in 0..=rows {
        let line: Element = dom::element("tr", "", "");
        for column in 0..=graphs.len() {
            let words = match (row, column) {
                (0, 0) => "from".to_owned(),
                (0, _) => graphs[column - 1].name.to_owned(),
                (_, 0) if row == rows => "bias".to_owned(),
                (_, 0) => short_name(first, spot.layer - 1, row - 1),
                _ => number(weights[column - 1][row - 1]),
            };
            let head = row == 0 || column == 0;
            let cell = dom::element(if head { "th" } else { "td" }, "", &words);
            dom::append(&line, &cell);
        }
        dom::append(&body, &line);
    }
    let more = match spot.layer {
        0 => 0,
        layer => first.network.layers[layer - 1].neurons - first.network.layers[layer - 1].told,
    };
    let note: Element = dom::by_id("neuron-more");
    dom::show(&note, more > 0);
    dom::write(&note, &format!("and from {more} more"));
}
