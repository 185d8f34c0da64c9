//! The map of a system on the screen: its form, its cells as they come, the one that is read. Draws and asks; trains nothing and names no
//! system. Its parts are those of the page's own map, once more.

use super::crew::{Crew, Hear};
use super::message::Answer;
use super::twin::{self, OWN};
use crate::Error;
use crate::frame::map::{Fate, MapFrame};
use crate::lab::config::MapConfig;
use crate::lab::config::map::Axis;
use crate::lab::map::{Cells, csv};
use crate::lab::systems::{Entry, Settings};
use crate::plot::map::MapLayout;
use crate::plot::{Theme, svg};
use crate::web::dom;
use crate::web::dom::pointer::Pointer;
use crate::web::views::map::change;
use crate::web::views::map::form::{Axes, Form, owns};
use crate::web::views::map::glass::{Decision, Glass};
use crate::web::widgets::pane::Pane;
use js_sys::Function;
use wasm_bindgen::JsCast;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

const FORM: Form = Form(OWN);
/// Values on an axis that nobody has asked for.
const USUAL_COUNT: usize = 16;
/// Redrawing takes at most this share of the time while cells come in.
const DRAWING: f64 = 0.2;
/// The shares of a map that is twice as wide.
const OUT: [(f64, f64); 2] = [(-0.5, 1.5); 2];

/// What a person wants of a map.
pub(super) enum Wish {
    /// Another map; the name of the form's part that asks for it.
    Map(String, String),
    /// To play the run of a query string.
    Run(String),
    /// To have the cells as a file.
    Table(String),
    /// What is done already.
    Nothing,
}

/// The map.
pub(super) struct Map {
    entry: &'static Entry,
    root: Element,
    pane: Pane,
    glass: Glass,
    known: Option<Known>,
    /// The run's text asks for one.
    asked: bool,
    /// The run's text that it was last shown of.
    query: String,
    crew: Option<Crew>,
    crews: u32,
    /// A person wants no more cells for now.
    cancelled: bool,
    /// Somebody looks at the view.
    seen: bool,
    /// When it was last drawn, and how long that took, in milliseconds.
    drawn: (f64, f64),
}

/// A map as far as it is trained.
struct Known {
    plan: Box<dyn Cells>,
    frame: MapFrame,
    here: Option<Vec<f64>>,
}

fn part<T: JsCast>(name: &str) -> T {
    dom::by_id(&[OWN, "map-", name].concat())
}

impl Map {
    /// One at the end of the view, folded; it goes with what it is of.
    pub(super) fn new(entry: &'static Entry, observer: &ResizeObserver) -> Map {
        let view: Element = dom::by_id("related");
        for old in dom::all(&view, "#related-map") {
            old.remove();
        }
        let root: Element = dom::element("details", "panel wide", "");
        dom::set(&root, "id", "related-map");
        let summary: Element = dom::element("summary", "", "");
        dom::append(&summary, &dom::element("h3", "", "Map"));
        dom::append(&root, &summary);
        let words = "Every cell is a whole run with other settings; its colour is what was measured at its end.";
        dom::append(&root, &dom::element("p", "hint", words));
        let sides: Element = dom::element("div", "sides", "");
        let page: Element = dom::by_id("map");
        for selector in ["section", ".controls"] {
            let part = twin::of(&dom::find(&page, selector));
            // What the run has in common is in the form of the system.
            for common in dom::all(&part, "#related-map-common") {
                common.remove();
            }
            dom::append(&sides, &part);
        }
        dom::append(&root, &sides);
        dom::append(&view, &root);
        // Pictures are saved with all others.
        for name in ["png", "svg"] {
            part::<Element>(name).remove();
        }
        dom::write(&part("train"), "Play this run");
        dom::write(&part("engine-reason"), "");
        let words = "Map of what is measured at the end; arrow keys read cells, Enter plays one, plus and minus zoom";
        dom::set(&part("chart"), "aria-label", words);
        Map {
            entry,
            root,
            pane: Pane::new("related-map-chart", observer),
            glass: Glass::new(OWN),
            known: None,
            asked: false,
            query: String::new(),
            crew: None,
            crews: 0,
            cancelled: false,
            seen: true,
            drawn: (0.0, 0.0),
        }
    }

    fn is_open(&self) -> bool {
        self.root.has_attribute("open")
    }

    /// It was unfolded or folded: the map that the run is to have, if that is another.
    pub(super) fn toggled(&self) -> Option<String> {
        match (self.is_open(), self.asked) {
            (true, false) => {
                let usual = (self.entry.map_usual)(&self.query, 0);
                usual.map(|map| map.to_string())
            }
            (false, true) => Some(String::new()),
            _ => None,
        }
    }

    /// Takes on the run's text, and what its runs are called.
    pub(super) fn take(&mut self, query: &str, names: &[String], settings: &Settings) {
        if query != self.query {
            query.clone_into(&mut self.query);
            let before = self.asked;
            self.plan(query);
            match (before, self.asked) {
                (false, true) => dom::set(&self.root, "open", ""),
                (true, false) => {
                    let _ = self.root.remove_attribute("open");
                }
                _ => {}
            }
        }
        // Also one that is refused: it can be mended there.
        if let Some(map) = (self.entry.map_asked)(&self.query) {
            with_axes(self.entry, settings, |axes| FORM.show(&map, names, axes));
        }
    }

    /// Whether the run can have this map, and the page show it.
    pub(super) fn check(&self, map: &str) -> Result<(), Error> {
        let plan = (self.entry.map_of)(&self.query, map)?;
        change::seen(Some(plan.map()))
    }

    fn plan(&mut self, query: &str) {
        let planned = |query: &str| -> Result<Box<dyn Cells>, Error> {
            let plan = (self.entry.map)(query)?;
            change::seen(Some(plan.map()))?;
            Ok(plan)
        };
        self.asked = query.contains("&map=");
        let plan = self.asked.then(|| planned(query));
        let error = match plan {
            Some(Ok(plan)) => {
                let here = plan.here(query);
                let frame = plan.frame();
                // What other runs there are is nothing to its cells.
                let same = |known: &&mut Known| {
                    let last = frame.cells.len() - 1;
                    let ends = [0, last];
                    known.frame.axes == frame.axes
                        && known.frame.seeds == frame.seeds
                        && ends.map(|cell| known.plan.alone(cell))
                            == ends.map(|cell| plan.alone(cell))
                };
                if let Some(known) = self.known.as_mut().filter(same) {
                    (known.plan, known.here) = (plan, here);
                } else {
                    self.known = Some(Known { plan, frame, here });
                    (self.crew, self.cancelled) = (None, false);
                }
                None
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        if error.is_some() || !self.asked {
            (self.known, self.crew) = (None, None);
        }
        let place: Element = part("error");
        dom::show(&place, error.is_some());
        dom::write(&place, &error.map_or(String::new(), |e| format!("{e}.")));
        self.forget();
    }

    /// Somebody looks at the view from now on, or nobody does.
    pub(super) fn look(&mut self, seen: bool) {
        self.seen = seen;
    }

    /// Trains what is missing while somebody looks and wants it.
    pub(super) fn work(&mut self, hire: &Function, hear: Hear) {
        let known = self.known.as_ref();
        let missing = known.filter(|known| known.frame.cells.iter().any(Option::is_none));
        let wanted = missing.filter(|_| self.seen && !self.cancelled);
        match wanted {
            None => self.crew = None,
            Some(known) if self.crew.is_none() => {
                self.crews += 1;
                let query = known.plan.query(0);
                self.crew = Some(Crew::new(self.crews, hire, hear, query, &known.frame));
            }
            Some(_) => {}
        }
    }

    /// A worker has said something, or stopped.
    pub(super) fn hear(&mut self, crew: u32, place: usize, what: Result<Answer, String>) {
        let Some(ours) = self.crew.as_mut().filter(|ours| ours.number == crew) else {
            return;
        };
        match what {
            Ok(answer) => {
                let trained = ours.hear(place, answer);
                if let (Some((cell, trained)), Some(known)) = (trained, &mut self.known) {
                    known.frame.cells[cell] = Some(trained);
                    self.pane.forget();
                }
            }
            Err(why) => {
                if !ours.lose(place) {
                    (self.crew, self.cancelled) = (None, true);
                    dom::write(
                        &part("said"),
                        &["The workers have stopped: ", &why, "."].concat(),
                    );
                }
            }
        }
    }

    /// Draws what is new; whether it has to be asked again soon.
    pub(super) fn draw(&mut self, theme: &Theme, names: &[String]) -> bool {
        if !self.is_open() {
            return false;
        }
        let now = dom::now();
        let (at, cost) = self.drawn;
        let due = now - at > cost * (1.0 / DRAWING - 1.0);
        if due && self.pane.is_stale() {
            let known = self.known.as_ref();
            self.pane.draw(theme, |ink, size, theme| {
                if let Some(known) = known {
                    let layout = MapLayout::new(&known.frame, size, theme);
                    // A canvas never refuses.
                    let _ = layout.draw(ink, known.here.as_deref(), theme);
                }
            });
            let end = dom::now();
            self.drawn = (end, end - now);
        }
        self.show(theme, names);
        self.pane.is_stale()
    }

    fn show(&mut self, theme: &Theme, names: &[String]) {
        let cancel: Element = part("cancel");
        let Some(known) = &self.known else {
            dom::show(&cancel, false);
            dom::write(&part("count"), "");
            return;
        };
        let frame = &known.frame;
        self.glass.fit(frame);
        let (size, sized) = self.pane.measure(theme);
        if size.0 > 0 {
            let layout = MapLayout::new(frame, size, &sized);
            self.glass.show_marks(&layout, sized.unit);
        }
        let name = |cell| names.get(known.plan.run(cell)).cloned();
        self.glass.say(frame, |cell| name(cell).unwrap_or_default());
        let (all, trained) = (frame.cells.len(), frame.cells.iter().flatten().count());
        let progress: web_sys::HtmlProgressElement = part("progress");
        progress.set_max(all as f64);
        progress.set_value(trained as f64);
        dom::write(&part("count"), &format!("{trained} of {all} cells"));
        dom::show(&cancel, trained < all);
        let word = if self.cancelled { "Go on" } else { "Cancel" };
        dom::write(&cancel, word);
        let badge = match self.crew.as_ref().map_or(0, Crew::count) {
            0 => String::new(),
            1 => "1 worker".to_owned(),
            workers => format!("{workers} workers"),
        };
        dom::write(&part("crew"), &badge);
        if trained == all {
            let count = |fate: &Fate| {
                let cells = frame.cells.iter().flatten();
                cells.filter(|cell| cell.fate == *fate).count()
            };
            let fates = frame.fates().iter();
            let fates: Vec<String> = fates
                .map(|fate| format!("{} {}", count(fate), fate.name()))
                .collect();
            dom::write(&part("said"), &[&fates.join(", "), "."].concat());
        } else if !self.cancelled {
            dom::write(&part("said"), "");
        }
    }

    /// The next drawing draws.
    pub(super) fn forget(&mut self) {
        self.pane.forget();
        self.drawn = (0.0, 0.0);
    }

    pub(super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.pane.resized(entry);
        self.drawn = (0.0, 0.0);
    }

    /// As SVG text, once there is one.
    pub(super) fn picture(&self, size: (u32, u32), theme: &Theme) -> Option<String> {
        let known = self.known.as_ref()?;
        Some(svg::map(&known.frame, known.here.as_deref(), size, theme))
    }

    /// Its cells as far as they are trained.
    pub(super) fn frame(&self) -> Option<&MapFrame> {
        self.known.as_ref().map(|known| &known.frame)
    }

    /// Whether there is one.
    pub(super) fn is_there(&self) -> bool {
        self.known.is_some()
    }

    // ---- people ----

    /// A button of its own; `None` if it is none.
    pub(super) fn click(&mut self, button: &Element) -> Option<Wish> {
        let id = button.id();
        let name = id.strip_prefix(OWN)?.strip_prefix("map-")?;
        let wish = match name {
            "cancel" => {
                self.cancelled = !self.cancelled;
                None
            }
            "train" => self.run(),
            "zoom-in" => self.zoom_in(),
            "zoom-out" => self.zoom(OUT),
            "usual" => {
                let run = self.known.as_ref().map_or(0, |known| known.plan.map().run);
                let usual = (self.entry.map_usual)(&self.query, run);
                FORM.settle();
                usual.map(|map| Wish::Map(map.to_string(), "map-x".to_owned()))
            }
            "csv" => self
                .known
                .as_ref()
                .map(|known| Wish::Table(csv::write(&*known.plan, &known.frame.cells))),
            _ => return None,
        };
        Some(wish.unwrap_or(Wish::Nothing))
    }

    /// Something in the form was changed; `None` if it is none of it.
    pub(super) fn change(&self, target: &Element, settings: &Settings) -> Option<Wish> {
        if !owns(target) {
            return None;
        }
        let text = with_axes(self.entry, settings, |axes| FORM.text(target, axes));
        let id = target.id();
        Some(Wish::Map(
            text,
            id.strip_prefix(OWN).unwrap_or_default().to_owned(),
        ))
    }

    /// A key on the map; `None` if it means nothing there.
    pub(super) fn key(&mut self, target: &Element, key: &str) -> Option<Wish> {
        if !self.pane.host().is_same_node(Some(target)) {
            return None;
        }
        let known = self.known.as_ref()?;
        let wish = match key {
            "Enter" => self.run(),
            "+" | "=" => self.zoom_in(),
            "-" => self.zoom(OUT),
            _ => {
                let read = self.glass.key(key, &known.frame, known.here.as_deref());
                return read.then_some(Wish::Nothing);
            }
        };
        Some(wish.unwrap_or(Wish::Nothing))
    }

    /// A pointer over it, or elsewhere.
    pub(super) fn point(&mut self, pointer: &Pointer, theme: &Theme) -> Option<Wish> {
        let host = self.pane.host();
        let Some((at, _)) = pointer.over(host) else {
            if pointer.ends(host) && !self.glass.drags() {
                self.glass.leave();
            }
            return None;
        };
        let known = self.known.as_ref()?;
        let (size, sized) = self.pane.measure(theme);
        if size.0 == 0 {
            return None;
        }
        let layout = MapLayout::new(&known.frame, size, &sized);
        match self.glass.point(pointer, host, at, &layout, sized.unit)? {
            Decision::Train => self.run(),
            Decision::Zoom(parts) => self.zoom(parts),
        }
    }

    /// The run of the cell that is read.
    fn run(&self) -> Option<Wish> {
        let known = self.known.as_ref()?;
        let cell = known.frame.grid.cell(self.glass.place()?);
        Some(Wish::Run(known.plan.query(cell)))
    }

    fn zoom(&self, parts: [(f64, f64); 2]) -> Option<Wish> {
        let map = self.known.as_ref()?.plan.map();
        let next: MapConfig = map.zoomed(&parts).ok()?;
        FORM.settle();
        Some(Wish::Map(next.to_string(), "map-x".to_owned()))
    }

    fn zoom_in(&self) -> Option<Wish> {
        let frame = &self.known.as_ref()?.frame;
        let parts = self.glass.around(frame);
        self.zoom(parts)
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.root.remove();
    }
}

/// Does something with what may be an axis of runs with these settings.
fn with_axes<T>(entry: &Entry, settings: &Settings, act: impl FnOnce(&Axes) -> T) -> T {
    let (all, axes) = ((entry.parameters)(), (entry.axes)());
    let keys: Vec<&'static str> = axes.iter().map(|(_, axis)| axis.key).collect();
    let find = |key: &str| axes.iter().find(|(_, axis)| axis.key == key);
    let acts = |key: &str, run: usize| {
        find(key).is_some_and(|(own, _)| {
            let mut of_kind = all.iter().filter(|(other, _)| other == own);
            let place = of_kind.position(|(_, parameter)| parameter.key == key);
            let settings = if *own {
                settings.each.get(run)
            } else {
                Some(&settings.shared)
            };
            let setting = place.and_then(|place| settings?.get(place));
            setting.is_some_and(|setting| setting.maps)
        })
    };
    let usual = |key: &str| Axis::of(find(key)?.1, USUAL_COUNT);
    act(&Axes {
        keys: &keys,
        acts: &acts,
        usual: &usual,
    })
}
