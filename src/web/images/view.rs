//! The pictures and the field on the page. Knows what is to be seen, and how it is drawn from [`crate::plot::images`].

use super::field::Field;
use crate::frame::images::{Images, Judged};
use crate::lab::csv::images as csv;
use crate::plot::Theme;
use crate::plot::images::View as Shown;
use crate::web::dom;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::dom::theme;
use crate::web::widgets::pane::Pane;
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// What stands below the pictures.
const SOURCE: &str = "Digits: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository 1998, \
                      doi 10.24432/C50P49, CC BY 4.0 (laid out anew).";
/// The same of images that are not the lab's.
const SOURCE_OF_FILE: &str = "CIFAR-10: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. The file is on this device only.";
/// What the networks' picture shows.
const NETWORK: &str = "What each layer answers to one image, the one that is drawn or else the first held back: a plane per channel, a square per neuron, \
                       each layer on a colour scale of its own.";
/// What the kernel's picture shows.
const KERNEL: &str = "ÂÂᵀ of the next minibatch’s images or rows, sorted by class: how alike they are, and so how much their error signals say the \
                      same. An implicit step of a layer on these inputs takes that apart.";

/// What the authors' published code does otherwise, and what of it was measured.
const PUBLISHED: &str = "The rule, and that it works on these networks, are Frerix, Möllenhoff, Moeller and Cremers’ (2018), and their code \
    (github.com/tfrerix/proxprop) agrees with this lab to 13 digits once one line is mended: in it two names stand for one vector, so from the \
    second iteration on conjugate gradients follow the residual, which is steepest descent. It finds the new Θ and takes the difference to the old \
    one, here D itself is solved for; in single precision that difference loses digits where D is small: at the start of a network of CIFAR-10’s \
    size, on 20 synthetic images, the first convolution’s direction of 3 iterations was off by 6.6 times its size, and by 0.000003 here (PyTorch 1.0.1 \
    on a CPU; what it does to their figures is not known). Its 1e-6 in CG’s denominators is cg_eps: on a dense layer of digits, 10 iterations are \
    off by 0.35 with it and by 0.12 with 0. Convolutions have no exact step there.";

/// The view.
pub(super) struct View {
    theme: Theme,
    observer: ResizeObserver,
    images: Option<Images>,
    figures: Vec<Figure>,
    field: Field,
    pad: Pane,
}

/// A picture in the page.
struct Figure {
    shown: Shown,
    whole: Element,
    title: Element,
    pane: Pane,
}

impl View {
    pub(super) fn new(observer: ResizeObserver) -> View {
        let network: Element = dom::element("section", "panel", "");
        dom::set(&network, "id", "images-network");
        dom::append(&network, &dom::element("h3", "", "Network"));
        let planes: Element = dom::element("div", "images-planes", "");
        dom::set(&planes, "id", "images-planes");
        dom::append(&network, &planes);
        dom::append(&network, &dom::element("p", "hint", NETWORK));
        let placed = dom::by_id::<Element>("network-panel").after_with_node_1(&network);
        placed.expect("a tree");
        let left: Element = dom::element("div", "boundaries", "");
        dom::set(&left, "id", "images");
        dom::append(&dom::by_id("boundaries"), &left);
        let panel: Element = dom::element("section", "panel", "");
        dom::set(&panel, "id", "images-more");
        let drawing: Element = dom::element("div", "", "");
        dom::set(&drawing, "id", "images-draw");
        dom::append(&panel, &drawing);
        dom::append(&drawing, &dom::element("h3", "", "Draw a digit"));
        let told = "Draw one with a pointer or a finger; it is made as large as the field, as those of the set were. By keys: arrows move, the space bar or Enter inks a square, Delete \
                    clears. All runs read it as they learn.";
        dom::append(&drawing, &dom::element("p", "hint", told));
        let row: Element = dom::element("div", "images-drawing", "");
        let pad: Element = dom::element("div", "field", "");
        for (name, value) in [
            ("id", "images-field"),
            ("tabindex", "0"),
            ("role", "application"),
            ("data-drawn-on", ""),
            ("aria-label", "Field to draw a digit on"),
        ] {
            dom::set(&pad, name, value);
        }
        dom::append(&row, &pad);
        let read: Element = dom::element("div", "images-read", "");
        dom::set(&read, "id", "images-read");
        let said: Element = dom::element("p", "images-said", "");
        dom::set(&said, "id", "images-said");
        dom::set(&said, "role", "status");
        let clear: Element = dom::element("button", "", "Clear");
        dom::set(&clear, "type", "button");
        dom::set(&clear, "id", "images-clear");
        for child in [&said, &clear] {
            dom::append(&read, child);
        }
        dom::append(&row, &read);
        dom::append(&drawing, &row);
        let pictures: Element = dom::element("div", "images-pictures", "");
        dom::set(&pictures, "id", "images-pictures");
        dom::append(&panel, &pictures);
        let source: Element = dom::element("p", "hint", "");
        dom::set(&source, "id", "images-source");
        dom::append(&panel, &source);
        let published: Element = dom::element("details", "", "");
        dom::append(
            &published,
            &dom::element("summary", "", "Beside the authors’ code"),
        );
        dom::append(&published, &dom::element("p", "hint", PUBLISHED));
        dom::append(&panel, &published);
        let loss: Element = dom::by_id("loss-panel");
        let placed = loss.after_with_node_1(&panel);
        placed.expect("a tree");
        View {
            theme: theme::of_root(),
            pad: Pane::new("images-field", &observer),
            observer,
            images: None,
            figures: Vec::new(),
            field: Field::new(),
        }
    }

    /// Shows these.
    pub(super) fn take(&mut self, images: Images) {
        self.seat(&images);
        for figure in &mut self.figures {
            dom::write(&figure.title, &figure.shown.title(&images));
            dom::set(
                figure.pane.host(),
                "aria-label",
                &figure.shown.words(&images),
            );
            figure.pane.forget();
        }
        let drawn = images.runs.iter().any(|seen| !seen.reading.is_empty());
        let words = if drawn {
            Shown::Reading.words(&images)
        } else {
            "Nothing is drawn yet.".to_owned()
        };
        dom::write(&dom::by_id("images-said"), &words);
        // Only what is read as digits can be drawn.
        let digits = images.shape == [1, 8, 8];
        dom::show(&dom::by_id::<Element>("images-draw"), digits);
        let source = match images.judged {
            Judged::Images if digits => SOURCE,
            Judged::Images => SOURCE_OF_FILE,
            // It stands above them.
            Judged::Rows | Judged::Trained => "",
        };
        dom::write(&dom::by_id("images-source"), source);
        self.images = Some(images);
        self.draw();
    }

    /// A figure for every picture of these.
    fn seat(&mut self, images: &Images) {
        let all = Shown::all(images);
        if self
            .figures
            .iter()
            .map(|figure| figure.shown)
            .eq(all.iter().copied())
        {
            return;
        }
        for figure in self.figures.drain(..) {
            self.observer.unobserve(figure.pane.host());
            figure.whole.remove();
        }
        for shown in all {
            let (place, run) = match shown {
                Shown::Wrong(run) => ("images", Some(run)),
                // A table has nothing else to stand there.
                Shown::Confusion(run) if images.judged != Judged::Images => ("images", Some(run)),
                Shown::Confusion(run) | Shown::Filters(run) => ("images-pictures", Some(run)),
                Shown::Planes(run) => ("images-planes", Some(run)),
                Shown::Kernel => ("images-pictures", None),
                Shown::Reading => ("images-read", None),
            };
            let whole: Element = dom::element("figure", "images-figure", "");
            if let Some(run) = run {
                dom::set(&whole, "data-run", &(run % 6).to_string());
            }
            let title: Element = dom::element("figcaption", "", "");
            dom::append(&whole, &title);
            let host: HtmlElement = dom::element("div", "chart", "");
            let id = format!("images-{}", shown.key());
            for (name, value) in [("id", id.as_str()), ("role", "img")] {
                dom::set(&host, name, value);
            }
            dom::append(&whole, &host);
            if shown == Shown::Kernel {
                dom::append(&whole, &dom::element("p", "hint", KERNEL));
            }
            dom::append(&dom::by_id(place), &whole);
            self.figures.push(Figure {
                shown,
                whole,
                title,
                pane: Pane::new(&id, &self.observer),
            });
        }
    }

    /// Draws what is out of date.
    pub(super) fn draw(&mut self) {
        self.field.draw(&mut self.pad, &self.theme);
        let Some(images) = &self.images else { return };
        for figure in &mut self.figures {
            let shown = figure.shown;
            figure.pane.draw(&self.theme, |ink, size, theme| {
                // A canvas never refuses.
                let _ = shown.draw(ink, size, images, theme);
            });
        }
    }

    /// Draws in the colours that hold now.
    pub(super) fn recolour(&mut self) {
        self.theme = theme::of_root();
        self.pad.forget();
        self.figures
            .iter_mut()
            .for_each(|figure| figure.pane.forget());
        self.draw();
    }

    /// An element watched has another size.
    pub(super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.pad.resized(entry);
        for figure in &mut self.figures {
            figure.pane.resized(entry);
        }
    }

    /// What is drawn, where a pointer has changed it.
    pub(super) fn point(&mut self, pointer: &Pointer) -> Option<Vec<u8>> {
        let host = self.pad.host();
        if pointer.gesture == Gesture::Down {
            pointer.hold(host);
        }
        let shares = pointer.over(host).map(|(_, shares)| shares);
        self.field.follow(pointer, shares).then(|| self.drawn())
    }

    /// What is drawn, where a key means something here.
    pub(super) fn key(&mut self, key: &str) -> Option<Vec<u8>> {
        self.field.key(key).then(|| {
            let words = ["Field to draw a digit on; ", &self.field.place()].concat();
            dom::set(self.pad.host(), "aria-label", &words);
            self.drawn()
        })
    }

    /// Nothing is drawn any more.
    pub(super) fn clear(&mut self) -> Vec<u8> {
        self.field.clear();
        self.drawn()
    }

    /// The field's pixels, which it shows.
    fn drawn(&mut self) -> Vec<u8> {
        self.pad.forget();
        self.field.draw(&mut self.pad, &self.theme);
        self.field.pixels()
    }

    /// What can be saved as a picture: name, title, and the place on the sheet of the whole view.
    pub(super) fn pictures(&self) -> Array {
        let Some(images) = &self.images else {
            return Array::new();
        };
        let runs = images.runs.len();
        let high = 1.0 / runs as f64;
        let entries = Shown::all(images).into_iter().map(|shown| {
            let place = match shown {
                Shown::Confusion(_) if images.judged == Judged::Images => [0.0; 4],
                Shown::Wrong(run) | Shown::Confusion(run) => [0.0, run as f64 * high, 0.36, high],
                _ => [0.0; 4],
            };
            let words = [shown.key(), shown.title(images)];
            let words = words.into_iter().map(JsValue::from);
            words.chain(place.map(JsValue::from)).collect::<Array>()
        });
        entries.collect()
    }

    /// What one of them shows as CSV; empty where there is none of this name.
    pub(super) fn numbers(&self, key: &str) -> String {
        let Some(images) = &self.images else {
            return String::new();
        };
        let mut all = Shown::all(images).into_iter();
        let seen = |run: usize| images.runs.get(run);
        let text = match all.find(|shown| shown.key() == key) {
            Some(Shown::Wrong(run)) => seen(run).map(|seen| csv::wrong(images, seen)),
            Some(Shown::Confusion(run)) => seen(run).map(|seen| csv::confusion(images, seen)),
            Some(Shown::Filters(run)) => seen(run).map(csv::filters),
            Some(Shown::Planes(run)) => seen(run).map(csv::planes),
            Some(Shown::Kernel) => Some(csv::kernel(images)),
            Some(Shown::Reading) => Some(csv::reading(images)),
            None => None,
        };
        text.unwrap_or_default()
    }

    /// One of them as SVG text.
    pub(super) fn picture(&self, key: &str, size: (u32, u32)) -> String {
        let Some(images) = &self.images else {
            return String::new();
        };
        let all = Shown::all(images);
        let shown = all.into_iter().find(|shown| shown.key() == key);
        // On paper the colours of the page are another theme's.
        shown.map_or_else(String::new, |shown| {
            shown.svg(images, size, &theme::of_root())
        })
    }
}
