//! A picture in the page, of whatever kind it is. Knows kinds of pictures, and no system.

use super::help;
use crate::frame::stage::{Dot, Kind, Maps, Picture, Scape};
use crate::lab::systems::Entry;
use crate::plot::{Theme, bands, bars, boundary, stage};
use crate::web::dom;
use crate::web::dom::canvas;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::views::draw::Place;
use crate::web::widgets::boundary::BoundaryView;
use crate::web::widgets::pane::Pane;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// A picture.
pub(super) enum Figure {
    /// A piece of the plane.
    Plane(Box<Panel>),
    /// Curves in the unit square, or over ranges of their own.
    Curves(Box<Curves>),
}

/// Curves on a canvas.
pub(super) struct Curves {
    pane: Pane,
    /// What is on the canvas.
    shown: Option<Kind>,
}

/// A piece of the plane on three canvases: its field, the points that there is much of, and what lies on them.
pub(super) struct Panel {
    view: BoundaryView,
    /// What is on its canvases, and how large.
    shown: Option<(Scape, (u32, u32))>,
    /// Where a button or finger went down, in shares of it.
    held: Option<[f64; 2]>,
}

/// What somebody who presses on a picture asks for: a setting, by key and text.
pub(super) type Asked = (String, String);

/// What the colours of squares stand for; their groups say how large the full colour is.
const SCALES: &str = "purple below 0, green above; a group’s ± has the full colour";

/// Of all points so many may lie outside a picture without a word, as a share.
const MISSED: f64 = 0.05;

/// A finger may slide so far and still have pressed, as a share of the panel.
const STILL: f64 = 0.03;

/// Where figures go: those of runs, and those between the curves.
pub(super) struct Places<'a> {
    /// Whose they are.
    pub(super) entry: &'static Entry,
    /// Of runs.
    pub(super) runs: &'a Element,
    /// Of all.
    pub(super) shared: &'a Element,
    /// Tells of sizes.
    pub(super) observer: &'a ResizeObserver,
}

impl Figure {
    /// A place for a picture, a run's or that of all.
    pub(super) fn new(picture: &Picture, run: Option<usize>, places: &Places) -> Figure {
        match (&picture.kind, run) {
            (Kind::Plane(scape), run) => {
                let place = run.map_or(places.shared, |_| places.runs);
                let mut view = BoundaryView::plain(run.unwrap_or(0), place, places.observer, 1);
                view.stack.squares = !scape.bands.is_empty();
                view.told = true;
                if run.is_none() {
                    // It is no run's.
                    dom::find::<Element>(&view.caption(), ".sample").remove();
                }
                if run.unwrap_or(0) == 0 {
                    help::add(&view.caption(), places.entry, &picture.key, &picture.title);
                }
                let id = [
                    "related-plane-",
                    &picture.key,
                    &run.map_or_else(String::new, |run| format!("-{}", run + 1)),
                ];
                dom::set(&view.stack.host, "id", &id.concat());
                Figure::Plane(Box::new(Panel {
                    view,
                    shown: None,
                    held: None,
                }))
            }
            (kind, run) => {
                let place = run.map_or(places.shared, |_| places.runs);
                let run = run.map_or_else(String::new, |run| format!("-{}", run + 1));
                let id = format!("related-picture-{}{run}", picture.key);
                let panel = panel(&picture.title, place);
                let class = match kind {
                    Kind::Bars(_) => "panel across",
                    _ => "panel picture",
                };
                dom::set(&panel, "class", class);
                let head: Element = dom::find(&panel, "h3");
                help::add(&head, places.entry, &picture.key, &picture.title);
                if let Kind::Square { axes: [_, up], .. } = kind {
                    dom::append(&panel, &dom::element("p", "hint", up));
                }
                let chart: HtmlElement = dom::element("div", "chart", "");
                dom::set(&chart, "id", &id);
                dom::set(&chart, "role", "img");
                dom::append(&panel, &chart);
                Figure::Curves(Box::new(Curves {
                    pane: Pane::new(&id, places.observer),
                    shown: None,
                }))
            }
        }
    }

    /// It, if it is a piece of the plane.
    pub(super) fn plane(&self) -> Option<&Panel> {
        match self {
            Figure::Plane(panel) => Some(panel),
            Figure::Curves(_) => None,
        }
    }

    /// Whether it can show this picture.
    pub(super) fn fits(&self, picture: &Picture) -> bool {
        matches!(self, Figure::Plane(_)) == matches!(picture.kind, Kind::Plane(_))
    }

    /// Takes on what it shows; `name` is whose it is, `figures` stands beside that.
    pub(super) fn draw(
        &mut self,
        picture: &Picture,
        name: &str,
        figures: &str,
        diverged: bool,
        theme: &Theme,
    ) {
        match (self, &picture.kind) {
            (Figure::Plane(panel), Kind::Plane(scape)) => {
                let title = &picture.title;
                let beside = if !scape.bands.is_empty() {
                    SCALES
                } else if figures.is_empty() && name != title {
                    title
                } else {
                    figures
                };
                panel.draw(scape, [name, beside, title], theme);
                let host = &panel.view.stack.host;
                dom::set(host, "aria-description", words_of(picture));
                // On the picture, where it moves nothing.
                dom::set(host, "data-outside", &outside(scape).unwrap_or_default());
                let words = if diverged { "diverged" } else { "" };
                panel.view.set_fate(words);
            }
            (Figure::Curves(curves), kind) => {
                let Curves { pane, shown } = &mut **curves;
                dom::set(pane.host(), "aria-label", words_of(picture));
                dom::set(pane.host(), "class", class(kind));
                if let Kind::Bars(bars) = kind {
                    // Each row has room for what it is called.
                    put(pane.host(), "--rows", bars.rows() + 2 * bars.groups.len());
                }
                // A run's picture says whose it is; behind the words of its head is the help.
                let panel = pane.host().parent_element();
                let words =
                    panel.and_then(|panel| dom::find::<Element>(&panel, "h3").first_child());
                if let Some(words) = words.filter(|_| name != picture.title) {
                    words.set_text_content(Some(&[name, ": ", &picture.title].concat()));
                }
                if shown.as_ref() != Some(kind) {
                    *shown = Some(kind.clone());
                    pane.forget();
                }
                let fields = |size, theme: &Theme| match kind {
                    Kind::Maps(maps) => fields(maps, size, theme),
                    _ => Vec::new(),
                };
                pane.draw_over(theme, fields, |ink, size, theme| {
                    // A canvas never refuses.
                    let _ = match kind {
                        Kind::Square { axes, curves, mark } => {
                            let axes = [axes[0].as_str(), ""];
                            stage::draw_square(ink, size, 0, axes, curves, *mark, theme)
                        }
                        Kind::Lines(lines) => stage::draw_lines(ink, size, lines, theme),
                        Kind::Maps(maps) => bars::draw_over_maps(ink, size, maps, theme),
                        Kind::Bars(bars) => bars::draw_bars(ink, size, bars, theme),
                        Kind::Plane(_) => Ok(()),
                    };
                });
            }
            _ => {}
        }
    }

    /// The next drawing starts from nothing.
    pub(super) fn forget(&mut self) {
        match self {
            Figure::Plane(panel) => panel.shown = None,
            Figure::Curves(curves) => curves.pane.forget(),
        }
    }

    /// Its element may have another size.
    pub(super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        match self {
            Figure::Plane(panel) => panel.view.resized(entry),
            Figure::Curves(curves) => curves.pane.resized(entry),
        }
    }

    /// A pointer moved: reads where it is, unless it is elsewhere.
    pub(super) fn point(&mut self, picture: &Picture, pointer: &Pointer) {
        if let (Figure::Plane(panel), Kind::Plane(scape)) = (self, &picture.kind) {
            let view = &mut panel.view;
            if let Some((_, shares)) = pointer.over(&view.stack.host) {
                view.point_at(shares, scape.field.as_ref(), &stage::scene(scape));
                tell(view, scape);
            } else if pointer.ends(&view.stack.host) {
                view.leave();
            }
        }
    }

    /// What a pointer that is lifted where it went down asks for.
    pub(super) fn press(&mut self, picture: &Picture, pointer: &Pointer) -> Option<Asked> {
        let (Figure::Plane(panel), Kind::Plane(scape)) = (self, &picture.kind) else {
            return None;
        };
        let place = pointer.over(&panel.view.stack.host);
        let place = place.map(|(_, shares)| shares);
        match pointer.gesture {
            Gesture::Down => panel.held = place.filter(|_| pointer.main),
            Gesture::Up => {
                let (from, to) = (panel.held.take()?, place?);
                let still = (from[0] - to[0]).hypot(from[1] - to[1]) < STILL;
                return still.then(|| scape.pressed(to)).flatten();
            }
            Gesture::Leave | Gesture::Cancel => panel.held = None,
            Gesture::Move => {}
        }
        None
    }

    /// What Enter asks for, on its element, at the place that is read.
    pub(super) fn enter(&self, picture: &Picture, target: &Element) -> Option<Asked> {
        let (Figure::Plane(panel), Kind::Plane(scape)) = (self, &picture.kind) else {
            return None;
        };
        let here = panel.view.stack.host.is_same_node(Some(target));
        scape.pressed(panel.view.cursor().filter(|_| here)?)
    }

    /// A key on its element; false if it means nothing there.
    pub(super) fn key(&mut self, picture: &Picture, target: &Element, key: &str) -> bool {
        match (self, &picture.kind) {
            (Figure::Plane(panel), Kind::Plane(scape)) => {
                let here = panel.view.stack.host.is_same_node(Some(target));
                let (field, scene) = (scape.field.as_ref(), stage::scene(scape));
                let means = here && panel.view.key(key, field, &scene);
                if means {
                    tell(&panel.view, scape);
                }
                means
            }
            _ => false,
        }
    }
}

impl Panel {
    /// Whether this is its element.
    pub(super) fn is(&self, target: &Element) -> bool {
        self.view.stack.host.is_same_node(Some(target))
    }

    /// The place of a pointer on it.
    pub(super) fn place(&self, pointer: &Pointer) -> Option<Place> {
        Place::of_pointer(&self.view, pointer)
    }

    /// Where keys read on it.
    pub(super) fn mark(&self) -> Option<Place> {
        Place::of_mark(&self.view)
    }

    fn draw(&mut self, scape: &Scape, words: [&str; 3], theme: &Theme) {
        let size = self.view.stack.size();
        let shown = self.shown.as_ref().filter(|shown| shown.1 == size);
        if shown.is_some_and(|shown| shown.0 == *scape) {
            return self.view.say(words);
        }
        let scene = stage::scene(scape);
        let pixels =
            |field: &_, theme: &Theme| boundary::pixels(field, &scene, &stage::hues(scape, theme));
        let shares = bands::shares(scape);
        let field = shares.as_ref().or(scape.field.as_ref());
        self.view
            .paint(words, field, [&scene, &scene], &pixels, theme);
        tell(&self.view, scape);
        let stack = &self.view.stack;
        if stack.is_empty() {
            return;
        }
        let theme = theme.on(stack.unit());
        // Points come one by one: what is drawn stays, as long as it is what comes first.
        let (many, few) = stage::layers(scape);
        let drawn = shown.filter(|shown| [shown.0.x, shown.0.y] == [scape.x, scape.y]);
        let drawn = drawn.map(|shown| stage::layers(&shown.0).0);
        let (mut ink, new) = match drawn.and_then(|drawn| many.strip_prefix(drawn)) {
            Some(new) => (stack.over(1), new),
            None => (stack.wiped(1), many),
        };
        // A canvas never refuses.
        let _ = stage::draw_dots(&mut ink, size, scape, new, &theme);
        let mut ink = stack.wiped(2);
        let _ = stage::draw_ground(&mut ink, size, scape, &theme);
        let _ = stage::draw_dots(&mut ink, size, scape, few, &theme);
        let _ = stage::draw_marks(&mut ink, size, scape, &theme);
        let _ = bands::draw(&mut ink, size, scape, &theme);
        self.shown = Some((scape.clone(), size));
    }
}

/// The fields of answers, a pixel per cell, and where each belongs.
fn fields(maps: &Maps, size: (u32, u32), theme: &Theme) -> Vec<(HtmlCanvasElement, [i32; 3])> {
    let squares = bars::squares(size, maps, theme).zip(&maps.maps);
    let drawn = squares.filter_map(|((square, _), (_, field))| {
        let bytes = boundary::pixels(field, &maps.scene, theme);
        let mut image = dom::element("canvas", "", "");
        let size = [field.columns, field.rows].map(|cells| cells as u32);
        canvas::image(&mut image, &bytes, size[0], size[1]).ok()?;
        Some((image, square))
    });
    drawn.collect()
}

/// How many points are not to be seen, in words, where that are more than a few.
fn outside(scape: &Scape) -> Option<String> {
    let is_outside = |dot: &&Dot| {
        let within = |at: f64, (low, high): (f64, f64)| (low..=high).contains(&at);
        !(within(dot.at[0], scape.x) && within(dot.at[1], scape.y))
    };
    let outside = scape.dots.iter().filter(is_outside).count();
    let many = outside as f64 > MISSED * scape.dots.len() as f64;
    many.then(|| format!("{outside} points outside"))
}

/// What it shows, in words; its title alone where it is covered.
fn words_of(picture: &Picture) -> &str {
    if dom::root().has_attribute("data-covered") {
        &picture.title
    } else {
        &picture.words
    }
}

/// Says what is read; of squares what each is, not what would be between them.
fn tell(view: &BoundaryView, scape: &Scape) {
    let Some([right, down]) = view.cursor() else {
        return;
    };
    let at = [
        scape.x.0 + right * (scape.x.1 - scape.x.0),
        scape.y.1 - down * (scape.y.1 - scape.y.0),
    ];
    let words = if scape.bands.is_empty() {
        stage::told(scape, at)
    } else {
        bands::told(scape, at)
    };
    view.tell(&words.unwrap_or_default());
}

/// By how much there is from top to bottom.
fn class(kind: &Kind) -> &'static str {
    match kind {
        Kind::Maps(maps) if maps.maps.len() > 5 => "chart heads many",
        Kind::Maps(_) => "chart heads",
        Kind::Bars(bars) if bars.beside => "chart low",
        Kind::Bars(_) => "chart tall",
        Kind::Plane(_) | Kind::Square { .. } | Kind::Lines(_) => "chart",
    }
}

/// Sets a property of an element's style to a number.
pub(super) fn put(element: &Element, name: &str, number: usize) {
    let style = element.unchecked_ref::<HtmlElement>().style();
    let set = style.set_property(name, &number.to_string());
    set.expect("an element has a style");
}

/// A panel with a title at the end of `place`.
pub(super) fn panel(title: &str, place: &Element) -> Element {
    let panel: Element = dom::element("section", "panel", "");
    dom::append(&panel, &dom::element("h3", "", title));
    dom::append(place, &panel);
    panel
}
