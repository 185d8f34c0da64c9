//! The networks in the page: graphs of live neurons under pointer, finger or keyboard, buttons for layers, neurons and inputs.
//! Knows no run but what is shown of it.

use super::neuron::{NeuronView, name_of, number, short_name};
use crate::frame::{Peek, Scene};
use crate::nn::features::{FEATURES, Inputs, Of};
use crate::nn::stack::Piece;
use crate::plot::Theme;
use crate::plot::neurons::{self, Graph, Ink, Layout, Spot};
use crate::web::dom;
use crate::web::dom::canvas::{Stack, image};
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::wire::shown::Shown;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlButtonElement, HtmlCanvasElement, HtmlDetailsElement, HtmlDialogElement,
    HtmlElement, HtmlSelectElement, ResizeObserver, ResizeObserverEntry,
};

/// What a layer or a hidden network has at most.
const MOST_WIDE: usize = 1024;
const MOST_DEEP: usize = 8;

/// The panel.
pub(in crate::web) struct NetworkView {
    panel: HtmlDetailsElement,
    stack: Stack,
    cells: HtmlCanvasElement,
    /// What its last drawing was laid out by.
    layout: Option<Layout>,
    /// The runs drawn.
    runs: Vec<usize>,
    /// The neuron that is read.
    marked: Option<Spot>,
    /// That neuron is opened large.
    opened: bool,
    /// Where a finger or button went down.
    pressed: Option<Spot>,
    neuron: NeuronView,
    /// The panel is not scrolled away.
    in_sight: bool,
}

/// What an event has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Led {
    /// To nothing.
    Nowhere,
    /// The next drawing shows it.
    Drawing,
    /// The worker is to be told what is looked at.
    Looking,
}

impl NetworkView {
    /// Fills the panel of `index.html`.
    pub(in crate::web) fn new(observer: &ResizeObserver) -> NetworkView {
        let host: HtmlElement = dom::by_id("network");
        let canvas: Element = dom::element("canvas", "", "");
        dom::set(&canvas, "aria-hidden", "true");
        dom::append(&host, &canvas);
        NetworkView {
            panel: dom::by_id("network-panel"),
            stack: Stack::new(host, observer),
            cells: dom::element("canvas", "", ""),
            layout: None,
            runs: Vec::new(),
            marked: None,
            opened: false,
            pressed: None,
            neuron: NeuronView::new(observer),
            in_sight: true,
        }
    }

    /// Whether it is unfolded.
    pub(in crate::web) fn is_open(&self) -> bool {
        self.panel.open()
    }

    /// Whether it is scrolled away.
    pub(in crate::web) fn set_in_sight(&mut self, in_sight: bool) {
        self.in_sight = in_sight;
    }

    /// What is looked at; also while it may be saved.
    pub(in crate::web) fn peek(&self) -> Option<Peek> {
        let spot = self.marked.filter(|_| self.opened);
        let saves = dom::by_id::<HtmlDialogElement>("share").open();
        (saves || (self.is_open() && self.in_sight)).then(|| Peek {
            most: neurons::MOST,
            open: spot.map(|spot| [spot.layer, spot.neuron]),
        })
    }

    /// The element may have another size.
    pub(in crate::web) fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.stack.resized(entry);
        self.neuron.resized(entry);
    }

    /// The data or the colours are others.
    pub(in crate::web) fn forget(&mut self) {
        self.neuron.forget();
    }

    /// Another run: its network may have other layers.
    pub(in crate::web) fn run_changed(&mut self, shown: &Shown) {
        self.show_widths(&shown.config.hidden);
        show_features(shown);
        let select: HtmlSelectElement = dom::by_id("network-run");
        let options = dom::all(&select, "option");
        if options.len() != shown.names.len() {
            let chosen = select.value();
            select.set_text_content(None);
            for index in 0..shown.names.len() {
                let option: Element = dom::element("option", "", "");
                dom::set(&option, "value", &index.to_string());
                dom::append(&select, &option);
            }
            let last = shown.names.len().saturating_sub(1);
            let chosen = chosen.parse().unwrap_or(0).min(last);
            select.set_value(&chosen.to_string());
        }
        for (option, name) in dom::all(&select, "option").iter().zip(&shown.names) {
            dom::write(option, name);
        }
    }

    /// The runs to be drawn: from the chosen one on as many as there is room for, in their order.
    fn choose(&self, shown: &Shown, theme: &Theme) -> Vec<usize> {
        let count = shown.names.len();
        let width = f64::from(self.stack.size().0) / self.stack.unit();
        let room = Layout::room(shown.config.depth() + 2, width, theme).min(count);
        let chosen: HtmlSelectElement = dom::by_id("network-run");
        dom::show(&dom::by_id::<Element>("network-of"), room < count);
        let first: usize = chosen.value().parse().unwrap_or(0);
        let behind = |run: &usize| (run + count - first % count) % count;
        (0..count).filter(|run| behind(run) < room).collect()
    }

    /// Draws what is new.
    pub(in crate::web) fn draw(&mut self, shown: &Shown, theme: &Theme) {
        let Some(scene) = &shown.scene else { return };
        if !self.is_open() {
            return;
        }
        if !self.stack.is_empty() {
            self.runs = self.choose(shown, theme);
        }
        let graphs = graphs(shown, &self.runs, scene);
        if graphs.is_empty() {
            return;
        }
        self.keep_mark(&graphs);
        self.say(&graphs);
        if let (true, Some(spot)) = (self.opened, self.marked) {
            return self.neuron.draw(&graphs, spot, scene, theme);
        }
        if self.stack.is_empty() {
            return;
        }
        let theme = &theme.on(self.stack.unit());
        let layout = Layout::new(
            &sizes(&graphs[0]),
            &graphs[0].inputs,
            graphs.len(),
            self.stack.size(),
            theme,
        );
        let mut under = Ink::default();
        neurons::weights(&mut under, &layout, &graphs, self.marked, theme);
        let mut over = Ink::default();
        neurons::marks(&mut over, &layout, &graphs, self.marked, theme);
        // A canvas never refuses.
        let _ = under.draw(&mut self.stack.wiped(0), theme);
        if scene.inputs == 2 {
            for (index, graph) in graphs.iter().enumerate() {
                self.draw_pictures(index, graph, &layout, theme);
            }
        }
        let _ = over.draw(&mut self.stack.over(0), theme);
        if self.layout.as_ref() != Some(&layout) {
            place_widths(&layout, f64::from(self.stack.size().0), self.stack.unit());
            self.layout = Some(layout);
        }
    }

    fn draw_pictures(&mut self, index: usize, graph: &Graph, layout: &Layout, theme: &Theme) {
        let (bytes, [width, height], spots) = neurons::atlas(graph, layout, theme);
        if image(&mut self.cells, &bytes, width as u32, height as u32).is_err() {
            return;
        }
        let (columns, rows) = (graph.network.columns as f64, graph.network.rows as f64);
        let squares = spots.into_iter().enumerate().map(|(nth, spot)| {
            let top = nth as f64 * (rows + 2.0) + 1.0;
            let corner = layout.corner(Spot {
                graph: index,
                ..spot
            });
            ([1.0, top, columns, rows], corner)
        });
        let side = layout.cell();
        self.stack.fill_squares(0, &self.cells, squares, side);
    }

    /// The neuron that is read is one that is there.
    fn keep_mark(&mut self, graphs: &[Graph]) {
        let exists = |spot: &Spot| {
            let layers = graphs.get(spot.graph).map(|graph| &graph.network.layers);
            layers.is_some_and(|l| l.get(spot.layer).is_some_and(|l| spot.neuron < l.told))
        };
        self.marked = self.marked.filter(exists);
        if self.marked.is_none() && self.opened {
            self.close();
        }
    }

    /// What is read, in words.
    fn say(&self, graphs: &[Graph]) {
        let said: Element = dom::by_id("network-said");
        let Some(spot) = self.marked.filter(|_| !self.opened) else {
            return dom::write(&said, "");
        };
        let graph = &graphs[spot.graph];
        let layer = &graph.network.layers[spot.layer];
        let mut words = format!(
            "{}, {}",
            graph.name,
            name_of(graph, spot.layer, spot.neuron)
        );
        let weights = layer.weights_of(spot.neuron);
        if let Some((bias, weights)) = weights.split_last() {
            let each = weights.iter().enumerate().map(|(k, &weight)| {
                let from = short_name(graph, spot.layer - 1, k);
                format!("{from} {}", number(weight))
            });
            let each: Vec<String> = each.collect();
            let before = &graph.network.layers[spot.layer - 1];
            let more = before.neurons - before.told;
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let each = each.join(", ");
            words = format!("{words}: {each}{more}, bias {}", number(*bias));
        }
        dom::write(&said, &words);
    }

    /// Opens the neuron that is read.
    fn open(&mut self) -> Led {
        if self.marked.is_none() {
            return Led::Nowhere;
        }
        self.opened = true;
        self.show_opened();
        dom::focus("neuron-close");
        Led::Looking
    }

    fn close(&mut self) {
        self.opened = false;
        self.neuron.close();
        self.show_opened();
        dom::focus("network");
    }

    fn show_opened(&self) {
        dom::show(&dom::by_id::<Element>("neuron"), self.opened);
        dom::show(
            &dom::find::<Element>(&self.panel, ".graph-row"),
            !self.opened,
        );
    }

    /// A button was pressed; a setting and its new value if it asks for another.
    pub(in crate::web) fn click(
        &mut self,
        button: &Element,
        shown: &Shown,
    ) -> (Led, Option<(&'static str, String)>) {
        let mut hidden = shown.config.hidden.clone();
        let last = hidden.len() - 1;
        match button.id().as_str() {
            "neuron-close" => {
                self.close();
                return (Led::Looking, None);
            }
            "neuron-back" => return (self.go(0, -1), None),
            "neuron-forward" => return (self.go(0, 1), None),
            "layer-more" => match hidden[last] {
                same @ Piece::Dense(_) => hidden.push(same),
                _ => hidden.push(Piece::Dense(8)),
            },
            "layer-less" => drop(hidden.pop()),
            _ => {
                if let Some(name) = dom::get(button, "data-feature") {
                    return (Led::Drawing, Some(("features", toggled(shown, &name))));
                }
                let by = dom::get(button, "data-width").unwrap_or_default();
                let (layer, more) = by.split_once(' ').unwrap_or_default();
                let piece = layer.parse().ok().and_then(|l: usize| hidden.get_mut(l));
                let Some(Piece::Dense(width)) = piece else {
                    return (Led::Nowhere, None);
                };
                *width = if more == "+" { *width + 1 } else { *width - 1 };
            }
        }
        let texts: Vec<String> = hidden.iter().map(ToString::to_string).collect();
        (Led::Drawing, Some(("hidden", texts.join(","))))
    }

    /// Moves what is read by layers and neurons.
    fn go(&mut self, layers: isize, neurons: isize) -> Led {
        let Some(layout) = &self.layout else {
            return Led::Nowhere;
        };
        let Some(spot) = self.marked else {
            self.marked = Some(Spot {
                graph: 0,
                layer: 0,
                neuron: 0,
            });
            return Led::Drawing;
        };
        let columns = layout.layers().cast_signed();
        let graphs = self.runs.len().cast_signed();
        // From the answers of one network to the inputs of the next.
        let column = spot.graph.cast_signed() * columns + spot.layer.cast_signed() + layers;
        let column = column.clamp(0, columns * graphs - 1);
        let layer = (column % columns).cast_unsigned();
        let neuron = spot.neuron.cast_signed() + neurons;
        let last = layout.shown(layer).cast_signed() - 1;
        self.marked = Some(Spot {
            graph: (column / columns).cast_unsigned(),
            layer,
            neuron: neuron.clamp(0, last).cast_unsigned(),
        });
        if self.opened {
            self.forget();
            return Led::Looking;
        }
        Led::Drawing
    }

    /// A key was pressed on `target`.
    pub(in crate::web) fn key(&mut self, target: &Element, key: &str, shown: &Shown) -> Led {
        let inside = self.panel.contains(Some(target));
        if key == "Escape" && inside && self.opened {
            self.close();
            return Led::Looking;
        }
        if self.stack.host.is_same_node(Some(target)) {
            return match key {
                "ArrowLeft" => self.go(-1, 0),
                "ArrowRight" => self.go(1, 0),
                "ArrowUp" => self.go(0, -1),
                "ArrowDown" => self.go(0, 1),
                "Enter" => self.open(),
                "Escape" if self.marked.take().is_some() => Led::Drawing,
                _ => Led::Nowhere,
            };
        }
        let Some((scene, spot)) = shown.scene.as_ref().zip(self.marked) else {
            return Led::Nowhere;
        };
        let graphs = graphs(shown, &self.runs, scene);
        if self.neuron.key(target, key, &graphs, spot, scene) {
            return Led::Drawing;
        }
        Led::Nowhere
    }

    /// A pointer did something somewhere.
    pub(in crate::web) fn point(&mut self, pointer: &Pointer, shown: &Shown) -> Led {
        if let (Some((at, _)), Some(layout)) = (pointer.over(&self.stack.host), &self.layout) {
            let unit = self.stack.unit();
            let spot = layout.at(self.runs.len(), (at[0] * unit, at[1] * unit));
            let before = self.marked;
            match pointer.gesture {
                Gesture::Down if pointer.main => {
                    (self.pressed, self.marked) = (spot, spot);
                }
                Gesture::Up if spot.is_some() && self.pressed.take() == spot => {
                    self.marked = spot;
                    return self.open();
                }
                Gesture::Move if !pointer.pressed => self.marked = spot,
                Gesture::Cancel => self.pressed = None,
                _ => {}
            }
            return if self.marked == before {
                Led::Nowhere
            } else {
                Led::Drawing
            };
        }
        if !self.opened {
            let leaves = self.marked.is_some() && pointer.ends(&self.stack.host);
            if leaves {
                self.marked = None;
                return Led::Drawing;
            }
            return Led::Nowhere;
        }
        if matches!(pointer.gesture, Gesture::Up | Gesture::Cancel) {
            return Led::Nowhere;
        }
        let (Some(scene), Some(spot)) = (&shown.scene, self.marked) else {
            return Led::Nowhere;
        };
        let graphs = graphs(shown, &self.runs, scene);
        self.neuron.point(pointer, &graphs, spot, scene);
        Led::Nowhere
    }

    /// The networks as they are drawn, as a picture.
    pub(in crate::web) fn svg(&self, shown: &Shown, size: (u32, u32), theme: &Theme) -> String {
        let Some(scene) = &shown.scene else {
            return String::new();
        };
        // Folded, it has room for all.
        let all: Vec<usize> = (0..shown.names.len()).collect();
        let runs = if self.is_open() { &self.runs } else { &all };
        let graphs = graphs(shown, runs, scene);
        crate::plot::svg::neurons(&graphs, size, theme)
    }

    /// Buttons for the widths of the hidden layers.
    fn show_widths(&mut self, hidden: &[Piece]) {
        let place: Element = dom::by_id("network-widths");
        let groups = dom::all(&place, "span[role]");
        if groups.len() != hidden.len() {
            self.layout = None;
            place.set_text_content(None);
            for layer in 0..hidden.len() {
                let group: Element = dom::element("span", "", "");
                dom::set(&group, "role", "group");
                dom::set(
                    &group,
                    "aria-label",
                    &format!("Neurons of hidden layer {}", layer + 1),
                );
                for (sign, words) in [("−", "One neuron less"), ("+", "One neuron more")] {
                    let button: Element = dom::element("button", "", sign);
                    dom::set(&button, "type", "button");
                    dom::set(&button, "data-width", &format!("{layer} {sign}"));
                    let label = format!("{words} in hidden layer {}", layer + 1);
                    dom::set(&button, "aria-label", &label);
                    dom::append(&group, &button);
                    if sign == "−" {
                        dom::append(&group, &dom::element("span", "numbers", ""));
                    }
                }
                dom::append(&place, &group);
            }
        }
        for (group, piece) in dom::all(&place, "span[role]").iter().zip(hidden) {
            dom::write(&dom::find(group, ".numbers"), &piece.to_string());
            let button = |nth: &str| dom::find::<HtmlButtonElement>(group, nth);
            let (least, most) = match piece {
                Piece::Dense(width) => (*width == 1, *width == MOST_WIDE),
                _ => (true, true),
            };
            button("button:first-child").set_disabled(least);
            button("button:last-child").set_disabled(most);
        }
        dom::set_disabled("layer-less", hidden.len() == 1);
        dom::set_disabled("layer-more", hidden.len() == MOST_DEEP);
    }
}

/// The features with one more, or one less.
fn toggled(shown: &Shown, name: &str) -> String {
    let mut names: Vec<&str> = shown.config.features.iter().map(|f| f.name).collect();
    match names.iter().position(|other| *other == name) {
        Some(at) => drop(names.remove(at)),
        None => names.push(name),
    }
    names.join(",")
}

/// A switch for every feature that points like these have.
fn show_features(shown: &Shown) {
    let Some(scene) = &shown.scene else { return };
    let place: Element = dom::by_id("network-features");
    let features: Vec<_> = FEATURES
        .iter()
        .filter(|feature| scene.inputs == 2 || feature.of == Of::X)
        .collect();
    if dom::all(&place, "button").len() != features.len() {
        place.set_text_content(None);
        for feature in &features {
            let button: Element = dom::element("button", "", feature.symbol);
            dom::set(&button, "type", "button");
            dom::set(&button, "data-feature", feature.name);
            dom::append(&place, &button);
        }
    }
    let on = input_names(shown, scene);
    let buttons = dom::all(&place, "button");
    for (button, feature) in buttons.iter().zip(features) {
        let pressed = on.contains(&feature.symbol);
        dom::set(
            button,
            "aria-pressed",
            if pressed { "true" } else { "false" },
        );
        // One is left.
        let button: &HtmlButtonElement = button.unchecked_ref();
        button.set_disabled(pressed && on.len() == 1);
    }
}

/// Puts the buttons above their columns in the first graph, which is so wide; they stay there when the page is made narrower.
fn place_widths(layout: &Layout, width: f64, unit: f64) {
    let place: Element = dom::by_id("network-widths");
    let groups = dom::all(&place, "span[role]");
    let (_, apart) = layout.column(0);
    // Where columns are close the buttons stand on each other.
    let tight = if apart / unit < 70.0 { "true" } else { "false" };
    dom::set(&place, "data-tight", tight);
    for (nth, group) in groups.into_iter().enumerate() {
        let (middle, _) = layout.column(nth + 1);
        let group: &HtmlElement = group.unchecked_ref();
        let left = format!("{:.2}%", 100.0 * middle / width);
        let moved = group.style().set_property("left", &left);
        moved.expect("a valid property");
    }
}

/// The networks of some runs.
fn graphs<'a>(shown: &'a Shown, runs: &[usize], scene: &Scene) -> Vec<Graph<'a>> {
    let graph = |&run: &usize| {
        let member = shown.frame.as_ref().and_then(|f| f.members.get(run));
        Some(Graph {
            run,
            name: shown.names.get(run)?,
            network: shown.networks.get(run)?,
            layers: member.map_or(&[], |member| &member.layers),
            inputs: input_names(shown, scene),
            classes: scene.classes,
        })
    };
    runs.iter().filter_map(graph).collect()
}

fn sizes(graph: &Graph) -> Vec<usize> {
    let layers = graph.network.layers.iter();
    layers.map(|layer| layer.neurons).collect()
}

/// What the inputs are called.
fn input_names(shown: &Shown, scene: &Scene) -> Vec<&'static str> {
    let inputs = Inputs::new(scene.inputs, shown.config.features);
    inputs.map_or(Vec::new(), |inputs| {
        inputs.features().map(|feature| feature.symbol).collect()
    })
}
