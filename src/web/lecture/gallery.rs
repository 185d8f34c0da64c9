//! The gallery: every preset as a picture with its question, and the making of a lesson from them. Its pictures are
//! drawn from the presets' own runs, trained by a worker of its own once somebody opens the gallery: never out of date.

use crate::frame::map::MapFrame;
use crate::lab::config::Config;
use crate::lab::lesson::{Item, Lesson, preset};
use crate::lab::map::MapPlan;
use crate::lab::presets::{PRESETS, Preset};
use crate::lab::session::{Command, Cut, Dissection, Event, Watch};
use crate::lab::systems;
use crate::plot::Theme;
use crate::web::dom;
use crate::web::dom::{address, file};
use crate::web::views::Tab;
use crate::web::widgets::thumbnail;
use crate::web::wire::link::{Link, Pending};
use crate::web::wire::message::{Answer, Ask};
use crate::web::wire::shown::Shown;
use js_sys::Function;
use web_sys::{Element, HtmlCanvasElement, HtmlDialogElement, HtmlInputElement};

/// The dialog.
pub(in crate::web) struct Gallery {
    /// Answers with a new worker.
    hire: Function,
    /// Hears it.
    hear: fn(Answer),
    /// Learns why it stopped.
    lost: fn(&str),
    /// Trains for the pictures, while there are some to be drawn.
    link: Option<Link>,
    shown: Shown,
    dissection: Option<Dissection>,
    map: Option<MapFrame>,
    /// Requests not yet carried out.
    waiting: usize,
    /// The preset whose picture is being made.
    at: usize,
    /// How the pictures look that are there.
    theme: Option<Theme>,
    /// A lesson in the making.
    items: Vec<Item>,
}

impl Gallery {
    /// The dialog of `index.html`, still empty.
    pub(in crate::web) fn new(hire: Function, hear: fn(Answer), lost: fn(&str)) -> Gallery {
        Gallery {
            hire,
            hear,
            lost,
            link: None,
            shown: Shown::default(),
            dissection: None,
            map: None,
            waiting: 0,
            at: 0,
            theme: None,
            items: Vec::new(),
        }
    }

    /// Opens the dialog.
    pub(in crate::web) fn open(&mut self, theme: &Theme) {
        let list: Element = dom::by_id("preset-list");
        if list.child_element_count() == 0 {
            for preset in &PRESETS {
                let card = card(preset);
                if !is_pictured(preset) {
                    dom::find::<Element>(&card, "canvas").remove();
                }
                dom::append(&list, &card);
            }
            // Their pictures would have the module of their view fetched.
            for about in systems::ABOUT {
                let title: Element = dom::element("li", "group", "");
                dom::append(&title, &dom::element("h3", "", about.title));
                dom::append(&list, &title);
                for preset in about.presets {
                    let card = card(preset);
                    dom::find::<Element>(&card, "canvas").remove();
                    dom::append(&list, &card);
                }
            }
        }
        // Pictures show how runs end, and would give the answers away.
        let covered = address::predicts();
        dom::show(&dom::by_id::<Element>("presets-covered"), covered);
        dom::show(&dom::by_id::<Element>("presets-pictured"), !covered);
        for canvas in dom::all(&list, "canvas") {
            dom::show(&canvas, !covered);
        }
        if !covered && self.theme.as_ref() != Some(theme) {
            self.theme = Some(theme.clone());
            self.at = 0;
            (self.dissection, self.map) = (None, None);
            for canvas in dom::all(&list, "[data-drawn]") {
                canvas.remove_attribute("data-drawn").expect("a valid name");
            }
            self.rest();
            self.link = Some(Link::new(self.hire.clone(), self.hear, self.lost));
            self.next();
        }
        self.show_lesson();
        dom::open_dialog("presets");
    }

    /// Closes the dialog.
    pub(in crate::web) fn close() {
        dom::by_id::<HtmlDialogElement>("presets").close();
    }

    // ---- pictures ----

    /// Lets the worker go; without pictures the gallery still has its words.
    pub(in crate::web) fn rest(&mut self) {
        self.link.iter().for_each(Link::end);
        self.link = None;
    }

    /// Asks for what the next picture shows.
    fn next(&mut self) {
        while PRESETS
            .get(self.at)
            .is_some_and(|preset| !is_pictured(preset))
        {
            self.at += 1;
        }
        let (Some(preset), Some(link)) = (PRESETS.get(self.at), &mut self.link) else {
            return self.rest();
        };
        let query = Config::of(preset).to_string();
        self.shown = Shown::default();
        self.shown.take_query(&query);
        let load = Command::Load { query };
        let tab = tab(preset);
        if tab == Tab::Flow {
            return self.draw();
        }
        if tab == Tab::Map {
            return self.ask_for_map(Config::of(preset));
        }
        // Of any other view the runs' boundaries are the picture.
        let asks = if tab == Tab::OneStep {
            vec![load, Command::Dissect(FIRST)]
        } else {
            let train = Command::Step { steps: u64::MAX };
            vec![Command::Watch(PICTURED), load, train]
        };
        self.waiting = asks.len();
        for command in asks {
            link.send(Ask::Command(command), Pending::Nobody);
        }
    }

    fn ask_for_map(&mut self, config: Config) {
        let config = coarse(config);
        let (Ok(plan), Some(link)) = (MapPlan::new(&config), &mut self.link) else {
            return self.done();
        };
        self.map = Some(plan.frame());
        let ask = Ask::Cells {
            // Every preset's map has a number of its own.
            map: self.at as u32,
            query: config.to_string(),
            cells: plan.grid().order(),
            on_gpu: false,
        };
        link.send(ask, Pending::Nobody);
    }

    /// The worker says something.
    pub(in crate::web) fn hear(&mut self, answer: Answer) {
        let Some(link) = &mut self.link else { return };
        match answer {
            Answer::Started => link.start(),
            Answer::Done { .. } => {
                self.waiting = self.waiting.saturating_sub(1);
                if self.waiting == 0 {
                    self.draw();
                }
            }
            Answer::Event(Event::Loaded { scene, .. }) => self.shown.load(scene),
            // Until the worker is told that this is drawn, it says no more than the end.
            Answer::Event(Event::Progress(progress)) => self.shown.take(*progress),
            Answer::Event(Event::Dissected(found)) => self.dissection = Some(*found),
            Answer::Event(_)
            | Answer::Entered { .. }
            | Answer::Images(_)
            | Answer::Made(_)
            | Answer::Raced(_)
            | Answer::Refused(_) => {}
            Answer::Cells { cells, .. } => {
                let Some(map) = &mut self.map else { return };
                for (number, cell) in cells {
                    map.cells[number] = Some(cell);
                }
                if map.cells.iter().all(Option::is_some) {
                    self.draw();
                }
            }
        }
    }

    fn draw(&mut self) {
        let (canvas, theme) = self.place();
        match (
            PRESETS[self.at].hash.split_once("&flow="),
            &self.dissection,
            &self.map,
        ) {
            (Some((_, flow)), ..) => thumbnail::flow(&canvas, flow, &theme),
            (_, Some(found), _) => thumbnail::one_step(&canvas, &found.one_step, &theme),
            (.., Some(map)) => thumbnail::map(&canvas, map, &theme),
            _ => thumbnail::run(&canvas, &self.shown, &theme),
        }
        self.done();
    }

    fn done(&mut self) {
        let (canvas, _) = self.place();
        dom::set(&canvas, "data-drawn", "true");
        self.at += 1;
        (self.dissection, self.map) = (None, None);
        self.next();
    }

    /// Where the picture goes, and how it looks.
    fn place(&self) -> (HtmlCanvasElement, Theme) {
        let card = format!("[data-preset='{}'] canvas", PRESETS[self.at].name);
        let canvas = dom::find(&dom::by_id::<Element>("preset-list"), &card);
        (canvas, self.theme.clone().unwrap_or_else(Theme::light))
    }

    // ---- the lesson in the making ----

    /// A button of the dialog, other than a preset's; false if it is none. `system` is the run of a related system on the screen.
    pub(in crate::web) fn click(
        &mut self,
        id: &str,
        shown: &Shown,
        system: Option<String>,
    ) -> bool {
        match (id, system) {
            ("lesson-add", Some(query)) => self.items.push(Item::System(query)),
            ("lesson-add", None) => {
                let hash = address::hash("view").map(|view| {
                    let flow =
                        address::hash("flow").filter(|_| Tab::named(Some(&view)) == Tab::Flow);
                    format!(
                        "view={view}{}",
                        flow.map_or(String::new(), |flow| format!("&flow={flow}"))
                    )
                });
                self.items.push(Item::Address {
                    run: Box::new(shown.config.clone()),
                    hash: hash.unwrap_or_default(),
                });
            }
            ("lesson-clear", _) => {
                self.items.clear();
                for input in dom::all(&dom::by_id("preset-list"), "input") {
                    dom::input(&input).set_checked(false);
                }
            }
            ("lesson-copy", _) => {
                file::copy(&dom::by_id::<HtmlInputElement>("lesson-link"), |words| {
                    dom::write(&dom::by_id("lesson-said"), words);
                });
                return true;
            }
            _ => return false,
        }
        self.show_lesson();
        true
    }

    /// A box of the dialog was ticked or cleared; false if it is none.
    pub(in crate::web) fn change(&mut self, target: &Element) -> bool {
        if let Some(name) = dom::get(target, "data-lesson") {
            let Ok(preset) = preset(&name) else {
                return false;
            };
            if dom::input(target).checked() {
                self.items.push(Item::Preset(preset));
            } else {
                self.items.retain(|item| item.preset() != Some(preset));
            }
        } else if target.id() != "lesson-predict" {
            return false;
        }
        self.show_lesson();
        true
    }

    fn show_lesson(&self) {
        let count = self.items.len();
        let link = if count == 0 {
            String::new()
        } else {
            let lesson = Lesson {
                items: self.items.clone(),
            };
            let predict = dom::by_id::<HtmlInputElement>("lesson-predict").checked();
            let page = dom::window().location().href().unwrap_or_default();
            let page = page.split(['?', '#']).next().unwrap_or_default();
            let how = if predict { "predict" } else { "play" };
            format!("{page}#lesson={}&{how}=1", lesson.encoded())
        };
        let words = match count {
            0 => "A lesson is presets in one link: tick them in the order in which you want to show them.".to_owned(),
            1 => "1 item in the lesson".to_owned(),
            _ => format!("{count} items in the lesson"),
        };
        dom::write(&dom::by_id("lesson-said"), &words);
        dom::by_id::<HtmlInputElement>("lesson-link").set_value(&link);
        dom::show(&dom::by_id::<Element>("lesson-made"), count > 0);
    }
}

/// What the pictures show of a run.
const PICTURED: Watch = Watch {
    fields: true,
    neurons: None,
};

/// The first step of the first run.
const FIRST: Cut = Cut {
    run: 0,
    layer: 1,
    neuron: None,
    tau_theta: None,
};

/// The same map with half as many values on each axis: a small picture shows no more.
fn coarse(mut config: Config) -> Config {
    if let Some(map) = config.map.clone() {
        let axes = map.axes.iter().map(|axis| {
            let (from, to, count) = axis.range();
            format!(",{}:{from}..{to}*{}", axis.key(), count / 2)
        });
        let text = format!("{}{}", map.run + 1, axes.collect::<String>());
        // Refused for an axis of three values or fewer, which is coarse as it is.
        let _ = config.set("map", &text);
    }
    config
}

/// The view that a preset opens.
fn tab(preset: &Preset) -> Tab {
    let first = preset.hash.split('&').next();
    Tab::named(first.and_then(|first| first.strip_prefix("view=")))
}

/// Whether a preset has a picture: that of a run on images would have the whole engine fetched.
fn is_pictured(preset: &Preset) -> bool {
    Config::of(preset).here().is_ok()
}

fn card(preset: &Preset) -> Element {
    let card: Element = dom::stamp("preset-card");
    let button: Element = dom::find(&card, "button");
    dom::set(&button, "data-preset", preset.name);
    dom::write(&dom::find(&card, "strong"), preset.title);
    dom::write_formula(&dom::find(&card, ".question"), preset.question);
    let tick: Element = dom::find(&card, "input");
    dom::set(&tick, "data-lesson", preset.name);
    dom::set(
        &tick,
        "aria-label",
        &format!("{} in the lesson", preset.title),
    );
    card
}
