//! The *Step-size map* view: final losses over one or two settings, trained coarse to fine while somebody looks.
//! Draws and asks; knows of the training what it says.

use super::form::{Axes, Form};
use super::glass::{Decision, Glass};
use super::pool::News;
use super::survey::Survey;
use super::training::Training;
use super::{change, form};
use crate::frame::map::MapFrame;
use crate::lab::config::map::Axis;
use crate::lab::config::{Config, MapConfig};
use crate::lab::map::{MapPlan, csv};
use crate::lab::session::{Command, Watch};
use crate::plot::map::MapLayout;
use crate::plot::sheet::Tile;
use crate::plot::{Theme, svg};
use crate::web::dom;
use crate::web::dom::address;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::views::share;
use crate::web::views::train::Train;
use crate::web::views::view::{Context, Drive, Means, Picture, Standing, View};
use crate::web::widgets::form::{Common, setting};
use crate::web::widgets::pane::Pane;
use crate::web::wire::link::{Entry, Link, Pending};
use crate::web::wire::shown::Shown;
use web_sys::{Element, HtmlElement, HtmlProgressElement, ResizeObserverEntry};

/// Redrawing takes at most this share of the time while cells come in.
const DRAWING: f64 = 0.2;
/// Size of saved pictures in CSS pixels.
const PICTURE: (u32, u32) = (1200, 900);
/// The shares of a map that is twice as wide.
const OUT: (f64, f64) = (-0.5, 1.5);

/// The form of `index.html`.
const FORM: Form = Form("");

/// The view.
pub(in crate::web) struct MapView {
    training: Training,
    common: Common,
    pane: Pane,
    glass: Glass,
    /// When the map was last drawn, and how long that took; in milliseconds.
    drawn: (f64, f64),
    /// A setting of the run that is being dragged, not yet sent.
    dragged: Option<(String, String)>,
}

impl MapView {
    /// Its name in the address.
    pub(in crate::web) const KEY: &str = "map";

    /// Fills the view of `index.html`.
    pub(in crate::web) fn new(means: &Means) -> MapView {
        MapView {
            training: Training::new(means.hire.clone(), means.tell_map),
            common: Common::new(),
            pane: Pane::new("map-chart", &means.observer),
            glass: Glass::new(""),
            drawn: (0.0, 0.0),
            dragged: None,
        }
    }

    /// The map as far as it is known.
    pub(in crate::web) fn frame(&self) -> Option<&MapFrame> {
        self.training.survey.as_ref().map(|survey| &survey.frame)
    }

    /// Takes on the map of the run.
    fn adopt(&mut self, plan: MapPlan) {
        self.pane.forget();
        if self.training.adopt(plan) {
            self.drawn = (0.0, 0.0);
            say_saved("");
        }
    }

    /// News of the training.
    pub(in crate::web) fn hear(&mut self, news: News, context: &mut Context) {
        if self.training.hear(news, &context.shown.names) {
            self.pane.forget();
        }
    }

    // ---- another part ----

    /// Shows a part of the map, given in shares from left to right and from below.
    fn zoom(&mut self, parts: [(f64, f64); 2], shown: &Shown, link: &mut Link) {
        let Some(map) = &shown.config.map else { return };
        match map.zoomed(&parts) {
            Ok(next) if next == *map => {}
            Ok(next) => {
                FORM.settle();
                let answer = change::ask(&next.to_string(), true, &shown.config, link);
                change::tell(answer, None);
                if let Some(survey) = &self.training.survey {
                    self.glass.centre(&survey.frame);
                }
            }
            Err(error) => change::tell(Err(error), None),
        }
    }

    fn zoom_in(&mut self, shown: &Shown, link: &mut Link) {
        if let Some(survey) = &self.training.survey {
            let parts = self.glass.around(&survey.frame);
            self.zoom(parts, shown, link);
        }
    }

    /// Loads the run of the cell that is read and plays it.
    fn train(&mut self, link: &mut Link) {
        if let (Some(survey), Some(place)) = (&self.training.survey, self.glass.place()) {
            let run = survey.plan.config(survey.frame.grid.cell(place));
            let run = Command::Load {
                query: run.to_string(),
            };
            link.enter(run, Entry::Changed, true, Pending::Person(None));
            // The way back leads to the map.
            address::go_to("view", Train::KEY);
            let _ = dom::by_id::<HtmlElement>("play").focus();
        }
    }

    // ---- what is shown ----

    fn show_glass(&mut self, context: &Context) {
        let Some(survey) = &self.training.survey else {
            return;
        };
        self.glass.fit(&survey.frame);
        if let Some((layout, unit)) = layout_of(survey, &self.pane, context.theme) {
            self.glass.show_marks(&layout, unit);
        }
        let names = &context.shown.names;
        let plan = &survey.plan;
        self.glass.say(&survey.frame, |cell| {
            names.get(plan.run(cell)).cloned().unwrap_or_default()
        });
    }

    fn show_progress(&self) {
        let progress: HtmlProgressElement = dom::by_id("map-progress");
        let cancel: Element = dom::by_id("map-cancel");
        let Some(survey) = &self.training.survey else {
            progress.set_value(0.0);
            dom::show(&cancel, false);
            dom::write(&dom::by_id("map-count"), "");
            dom::write(&dom::by_id("map-said"), "");
            return;
        };
        let all = survey.frame.cells.len();
        progress.set_max(all as f64);
        progress.set_value(survey.known as f64);
        let count = format!(
            "{} of {all} cells · {:.1} s",
            survey.known,
            survey.seconds()
        );
        dom::write(&dom::by_id("map-count"), &count);
        dom::write(&dom::by_id("map-said"), &survey.said);
        dom::show(&cancel, !survey.is_done());
        let word = if self.training.is_cancelled() {
            "Go on"
        } else {
            "Cancel"
        };
        dom::write(&cancel, word);
        dom::write(&dom::by_id("map-crew"), &self.training.badge());
        let engine = survey.frame.engine.as_ref();
        dom::write(
            &dom::by_id("map-engine-reason"),
            engine.map_or("", |engine| &engine.reason),
        );
    }

    fn save(&self, button: &str, context: &Context) {
        match button {
            "map-csv" => share::save_table(self, context.shown, say_saved),
            _ => share::save_picture(
                self,
                "map",
                PICTURE,
                button == "map-png",
                context,
                say_saved,
            ),
        }
    }
}

/// Does something with what may be an axis of a run.
fn with_axes<T>(config: &Config, act: impl FnOnce(&Axes) -> T) -> T {
    let acts = |key: &str, run: usize| {
        let run = config.runs.get(run);
        run.is_some_and(|run| Axis::acts_on(key, run))
    };
    act(&Axes {
        keys: &Axis::KEYS,
        acts: &acts,
        usual: &Axis::usual,
    })
}

/// Says under the buttons what has become of a file.
fn say_saved(words: &str) {
    dom::write(&dom::by_id("map-saved"), words);
}

/// Where things are, and lattice steps per CSS pixel; `None` before there is room.
fn layout_of<'a>(survey: &'a Survey, pane: &Pane, theme: &Theme) -> Option<(MapLayout<'a>, f64)> {
    let (size, theme) = pane.measure(theme);
    let layout = (size.0 > 0).then(|| MapLayout::new(survey.picture(), size, &theme))?;
    Some((layout, theme.unit))
}

impl View for MapView {
    fn watch(&self) -> Watch {
        Watch {
            fields: false,
            neurons: None,
        }
    }

    fn seen(&mut self, visible: bool, _context: &mut Context) {
        self.training.look(visible);
        if !visible {
            self.dragged = None;
        }
    }

    fn restless(&self) -> bool {
        self.training.is_busy() || self.dragged.is_some() || self.pane.is_stale()
    }

    fn standing(&self) -> Option<Standing> {
        let survey = self.training.survey.as_ref();
        let (at, of) = survey.map_or((0, 0), |survey| (survey.known, survey.frame.cells.len()));
        Some(Standing {
            playing: at < of && self.training.is_wanted(),
            at: at as u64,
            of: of as u64,
            known: of as u64,
            over: at == of && of > 0,
            unit: "cell",
            by_steps: false,
            seeded: false,
            marks: Vec::new(),
        })
    }

    fn drive(&mut self, what: Drive, _context: &mut Context) {
        match what {
            Drive::Play if self.training.is_cancelled() => self.training.cancel_or_go_on(),
            Drive::Pause if !self.training.is_cancelled() => self.training.cancel_or_go_on(),
            Drive::Reset => self.training.anew(),
            _ => {}
        }
        self.pane.forget();
    }

    fn run_changed(&mut self, context: &mut Context) {
        let Context { shown, link, .. } = context;
        if shown.scene.is_none() {
            return;
        }
        let asked = shown.config.map.is_some();
        let mut config = shown.config.clone();
        let usual = MapConfig::usual(&config);
        let map = config.map.get_or_insert(usual).clone();
        with_axes(&config, |axes| FORM.show(&map, &shown.names, axes));
        self.common.show(&config, &map);
        match change::planned(&config) {
            Ok(plan) if asked => {
                change::say(None);
                self.adopt(plan);
            }
            // It is the map of the run once the address has it.
            Ok(_) => {
                let answer = change::ask(&map.to_string(), false, &shown.config, link);
                change::say(answer.err().as_ref());
            }
            Err(error) => {
                change::say(Some(&error));
                self.training.forget();
                self.pane.forget();
            }
        }
    }

    fn draw(&mut self, context: &mut Context) {
        let seen = self.training.survey.as_ref().is_none_or(Survey::is_coarse);
        if seen && let Some((key, value)) = self.dragged.take() {
            let answer = change::set(&key, &value, &context.shown.config, context.link);
            change::tell(answer, None);
        }
        let now = dom::now();
        let (at, cost) = self.drawn;
        if now - at > cost * (1.0 / DRAWING - 1.0) {
            if let Some(survey) = &self.training.survey {
                let here = survey.plan.here(&context.shown.config);
                self.pane.draw(context.theme, |ink, size, theme| {
                    let layout = MapLayout::new(survey.picture(), size, theme);
                    // A canvas never refuses.
                    let _ = layout.draw(ink, here.as_deref(), theme);
                });
            } else {
                self.pane.draw(context.theme, |_, _, _| {});
            }
            let end = dom::now();
            self.drawn = (end, end - now);
        }
        self.show_glass(context);
        self.show_progress();
    }

    fn forget(&mut self) {
        self.pane.forget();
        self.drawn = (0.0, 0.0);
    }

    fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.pane.resized(entry);
        self.drawn = (0.0, 0.0);
    }

    fn pictures<'a>(&'a self, shown: &'a Shown) -> Vec<Picture<'a>> {
        let Some(survey) = &self.training.survey else {
            return Vec::new();
        };
        let here = survey.plan.here(&shown.config);
        vec![Picture {
            key: "map".to_owned(),
            title: "Step-size map".to_owned(),
            tile: Tile {
                title: String::new(),
                place: Tile::WHOLE,
                draw: Box::new(move |size, theme| {
                    svg::map(&survey.frame, here.as_deref(), size, theme)
                }),
            },
        }]
    }

    fn table(&self, _shown: &Shown) -> Option<(&'static str, String)> {
        let survey = self.training.survey.as_ref()?;
        Some(("map", csv::write(&survey.plan, &survey.frame.cells)))
    }

    fn click(&mut self, button: &Element, context: &mut Context) -> bool {
        let Context { shown, link, .. } = context;
        match button.id().as_str() {
            "map-cancel" => self.training.cancel_or_go_on(),
            "map-train" => self.train(link),
            "map-zoom-in" => self.zoom_in(shown, link),
            "map-zoom-out" => self.zoom([OUT; 2], shown, link),
            "map-usual" => {
                FORM.settle();
                let usual = MapConfig::usual(&shown.config).to_string();
                let answer = change::ask(&usual, true, &shown.config, link);
                change::tell(answer, None);
            }
            id @ ("map-svg" | "map-png" | "map-csv") => self.save(id, context),
            _ => return false,
        }
        true
    }

    fn input(&mut self, target: &Element, _context: &mut Context) -> bool {
        if form::owns(target) || target.has_attribute("data-key") {
            dom::set(target, "data-dirty", "");
        } else if target.has_attribute("data-slider") {
            dom::set(target, "data-dirty", "");
            self.dragged = setting(target);
            let entry = target.closest(".entry").ok().flatten();
            if let (Some((_, text)), Some(entry)) = (&self.dragged, entry) {
                let exact: Element = dom::find(&entry, "input[data-key]");
                dom::input(&exact).set_value(text);
            }
        } else {
            return false;
        }
        true
    }

    fn change(&mut self, target: &Element, context: &mut Context) -> bool {
        let Context { shown, link, .. } = context;
        let answer = if form::owns(target) {
            let text = with_axes(&shown.config, |axes| FORM.text(target, axes));
            change::ask(&text, false, &shown.config, link)
        } else if let Some((key, text)) = setting(target) {
            self.dragged = None;
            change::set(&key, &text, &shown.config, link)
        } else {
            return false;
        };
        change::tell(answer, Some(target));
        true
    }

    fn key(&mut self, target: &Element, key: &str, context: &mut Context) -> bool {
        if !self.pane.host().is_same_node(Some(target)) {
            return false;
        }
        let Context { shown, link, .. } = context;
        let Some(survey) = &self.training.survey else {
            return false;
        };
        match key {
            "Enter" => self.train(link),
            "+" | "=" => self.zoom_in(shown, link),
            "-" => self.zoom([OUT; 2], shown, link),
            _ => {
                let start = survey.plan.here(&shown.config);
                if !self.glass.key(key, &survey.frame, start.as_deref()) {
                    return false;
                }
                self.show_glass(context);
            }
        }
        true
    }

    fn point(&mut self, pointer: &Pointer, context: &mut Context) {
        let over = pointer.over(self.pane.host());
        let Some((at, _)) = over else {
            if pointer.ends(self.pane.host()) && !self.glass.drags() {
                self.glass.leave();
                self.show_glass(context);
            }
            return;
        };
        let Some(survey) = &self.training.survey else {
            return;
        };
        let Some((layout, unit)) = layout_of(survey, &self.pane, context.theme) else {
            return;
        };
        let host = self.pane.host();
        let decision = self.glass.point(pointer, host, at, &layout, unit);
        self.show_glass(context);
        if pointer.touch && pointer.gesture == Gesture::Up && self.glass.place().is_some() {
            let card: Element = dom::by_id("map-cell");
            let window = dom::window().inner_height().ok();
            let height = window.and_then(|height| height.as_f64());
            if Some(card.get_bounding_client_rect().bottom()) > height {
                // With its lower end at that of the window.
                card.scroll_into_view_with_bool(false);
            }
        }
        match decision {
            Some(Decision::Train) => self.train(context.link),
            Some(Decision::Zoom(parts)) => self.zoom(parts, context.shown, context.link),
            None => {}
        }
    }
}
