//! The view itself: its parts, what of them is to be seen, and what the page has it do. Lays out whatever comes, computes nothing and names
//! no system. Its rooms: `talk` is with its worker, `people` do things in it, `sketch` is drawn on it, `given` is what others take away.

mod given;
mod people;
mod sketch;
mod talk;

use super::card;
use super::crew::Hear;
use super::figure::Figure;
use super::message::{Answer, Ask};
use super::screen::Shown;
use super::twin::{self, OWN};
use crate::frame::stage::{Picture, Stage};
use crate::lab::systems::ABOUT;
use crate::plot::Theme;
use crate::web::dom;
use crate::web::dom::theme;
use crate::web::views::draw::Draw;
use crate::web::views::view::pace;
use crate::web::widgets::chart::ChartView;
use crate::web::wire::line::{Line, WORKERS, start};
use crate::web::wire::link;
use crate::web::wire::related::{Call, News};
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

/// The button by which runs go on beyond where a stop rule has ended them.
const GO_ON: &str = "related-go-on";

/// Milliseconds of a frame after which the rest of what moves is drawn in the next one.
const DRAWN: f64 = 3.0;

/// Who waits for an answer of the worker.
enum Pending {
    /// Whoever has opened a run; of a script a promise waits.
    Opened(Option<Promised>),
    /// A person who wants the numbers as a file.
    File,
    /// A person who has opened a table.
    Table,
    /// A person who draws.
    Drawing,
    /// Nobody: a card's picture.
    Card,
    /// A person; a form's field is named.
    Person(Option<String>),
    /// A promise, and what it is kept with.
    Promise(Promised, Reply),
}

/// What keeps a promise, and what breaks it.
pub(super) type Promised = [Function; 2];

/// What a promise is kept with.
#[derive(Clone, Copy)]
pub(super) enum Reply {
    Nothing,
    /// The numbers on the screen.
    Frame,
    /// What was asked for, as JSON.
    Answer,
}

/// The view.
pub(super) struct View {
    line: Line<Ask, Pending>,
    /// Answers with another worker.
    hire: Function,
    hear: fn(Answer),
    lost: fn(&str),
    /// By which a map's workers are heard.
    crew: Hear,
    /// Why there is no worker any more.
    stopped: Option<String>,
    observer: ResizeObserver,
    theme: Theme,
    /// The pace that the worker knows.
    pace: f64,
    places: [Element; 4],
    /// The usual ones, and what has happened.
    words: [Element; 2],
    shown: Option<Shown>,
    /// Points of one's own, where they are drawn.
    sketch: Draw,
    /// The pictures on the cards, by system.
    cards: Vec<(String, Picture)>,
    /// How many of the cards the worker is done with.
    cards_made: usize,
    /// All is to be on the screen with the next frame.
    stale: bool,
    /// The worker waits for it to be there.
    owed: bool,
    /// The card that had the focus has made room for what it opens, which is played next.
    pub(super) lands: bool,
    /// What the page is to be told, and functions of others that are to be called, once nothing of ours is borrowed.
    pub(super) news: Vec<(News, JsValue)>,
    pub(super) calls: Vec<link::Call>,
}

impl View {
    /// Fills the view's element in the page.
    pub(super) fn new(
        hire: Function,
        hear: fn(Answer),
        lost: fn(&str),
        crew: Hear,
        observer: ResizeObserver,
    ) -> View {
        let root: Element = dom::by_id("related");
        for element in dom::all(&root, ".story") {
            element.remove();
        }
        let part = |tag: &str, class: &str, parent: &Element| {
            let part: Element = dom::element(tag, class, "");
            dom::append(parent, &part);
            part
        };
        let story = part("div", "story told", &root);
        // What has happened stands on the place of the usual words, which keep their room: nothing below moves.
        let words = part("span", "stacked", &story);
        let usual = part("span", "", &words);
        let happened = part("span", "", &words);
        let said = part("span", "", &happened);
        for (id, text, place) in [
            ("related-restart", "Restart", &happened),
            (GO_ON, "Go on", &happened),
            ("related-systems", "All systems", &story),
        ] {
            let button: Element = dom::element("button", "", text);
            dom::set(&button, "type", "button");
            dom::set(&button, "id", id);
            dom::append(place, &button);
        }
        for (id, place) in [("draw-open", &story), ("draw-bar", &root)] {
            dom::append(place, &twin::of(&dom::by_id(id)));
        }
        dom::show(&dom::by_id::<Element>("related-draw-bar"), false);
        let systems = part("section", "systems", &root);
        let seen = part("div", "looks", &root);
        let runs = part("section", "boundaries", &seen);
        let charts = part("div", "charts", &seen);
        let form = part("section", "controls", &root);
        for (element, name) in [
            (&systems, "Systems"),
            (&runs, "Pictures of the runs"),
            (&form, "Settings of the system"),
        ] {
            dom::set(element, "aria-label", name);
        }
        dom::set(&runs, "id", &[OWN, "boundaries"].concat());
        dom::set(&runs, "data-drawing", "");
        card::fill(&systems);
        let mut view = View {
            line: Line::new(start(&hire, hear, lost).expect(WORKERS)),
            hire,
            hear,
            lost,
            crew,
            stopped: None,
            observer,
            theme: theme::of_root(),
            pace: 0.0,
            places: [systems, runs, charts, form],
            words: [usual, said],
            shown: None,
            sketch: Draw::of(OWN),
            cards: Vec::new(),
            cards_made: 0,
            stale: true,
            owed: false,
            lands: false,
            news: Vec::new(),
            calls: Vec::new(),
        };
        view.show_parts();
        view
    }

    /// The first screen, or the system.
    fn show_parts(&mut self) {
        self.show_sketch();
        let [systems, runs, charts, form] = &self.places;
        dom::show(systems, self.shown.is_none());
        for part in [runs, charts, form] {
            dom::show(part, self.shown.is_some());
        }
        let stage = self.shown.as_ref().map(|shown| &shown.progress.stage);
        let ended = stage.is_some_and(|stage| stage.stopped.is_some());
        // Without the rule that has ended them.
        let over = stage.filter(|_| ended).and_then(exhausted);
        let ends = stage.and_then(|stage| stage.stopped.as_deref());
        let said = match (&self.stopped, ends) {
            (Some(why), _) => why.clone(),
            (None, Some(why)) => [why, over.unwrap_or_default()].concat(),
            (None, None) => String::new(),
        };
        let usual = match &self.shown {
            Some(shown) => shown.entry.told.at_length(),
            None => "Other works make steps that are explicit or implicit, too. Each is a run of its own here: choose one.".to_owned(),
        };
        for (place, words) in self.words.iter().zip([&usual, &said]) {
            dom::write(place, words);
        }
        let happened = if said.is_empty() { "" } else { "true" };
        let stacked: Option<Element> = self.words[0].parent_element();
        if let Some(stacked) = stacked {
            dom::set(&stacked, "data-happened", happened);
        }
        for (id, shows) in [
            ("related-systems", self.shown.is_some()),
            ("related-restart", self.stopped.is_some()),
            (GO_ON, self.stopped.is_none() && ended && over.is_none()),
        ] {
            dom::show(&dom::by_id::<Element>(id), shows);
        }
    }

    // ---- the page ----

    /// Opens what an address or a report asks for, at a step; of a script a promise waits for it.
    pub(super) fn open(&mut self, query: &str, step: u64, promised: Option<Promised>) {
        let ask = match &promised {
            // A script learns what is wrong.
            Some(_) => Ask::Load(query.to_owned(), step),
            None => Ask::Arrive(query.to_owned(), step),
        };
        self.sketch.leave();
        self.lands = false;
        self.send(ask, Some(Pending::Opened(promised)));
    }

    /// What a script asks for; the promise is kept when it is there.
    pub(super) fn call(&mut self, ask: Ask, reply: Reply, promised: Promised) {
        self.send(ask, Some(Pending::Promise(promised, reply)));
    }

    /// What the transport asks for.
    pub(super) fn drive(&mut self, what: Call, step: u64) {
        let ask = match what {
            // Where nothing is to move, the end is what is to be seen.
            Call::Play if theme::media("(prefers-reduced-motion: reduce)") => Ask::Step(u64::MAX),
            Call::Play => Ask::Play,
            Call::Pause => Ask::Pause,
            Call::Step => Ask::Step(1),
            _ => Ask::Seek(step),
        };
        self.person(ask);
    }

    /// Another seed for all that is drawn by lot.
    pub(super) fn new_seed(&mut self) {
        let seed = (js_sys::Math::random() * 1e6) as u32;
        self.person(Ask::Set("seed".to_owned(), seed.to_string()));
    }

    /// Somebody looks at the view from now on, or nobody does.
    pub(super) fn seen(&mut self, visible: bool) {
        self.send(Ask::Hidden(!visible), None);
        // What is covered is not told in words either.
        self.stale = true;
        // Other views do not wait for what is drawn here.
        if self.sketch.on() {
            self.sketch.show_waiting(visible);
        }
        if let Some(shown) = &mut self.shown {
            shown.map.look(visible);
        }
        self.train();
    }

    /// A map's workers are hired, or sent home.
    fn train(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.map.work(&self.hire, self.crew);
        }
    }

    /// One of them has said something, or has stopped.
    pub(super) fn hear_crew(&mut self, crew: u32, place: usize, what: Result<Answer, String>) {
        if let Some(shown) = &mut self.shown {
            shown.map.hear(crew, place, what);
        }
        self.train();
        self.news.push((News::Draw, JsValue::UNDEFINED));
    }

    /// Takes the points of a table: its name, its text, its columns and a remark on how it was read.
    pub(super) fn read(&mut self, table: [String; 4]) {
        self.send(Ask::Table(table), Some(Pending::Table));
    }

    /// Saves all numbers as a file.
    pub(super) fn save(&mut self) {
        self.send(Ask::Report, Some(Pending::File));
    }

    /// The colours are others.
    pub(super) fn recolour(&mut self) {
        self.theme = theme::of_root();
        self.stale = true;
        for (system, picture) in &self.cards {
            card::show(&self.places[0], system, picture, &self.theme);
        }
        if let Some(shown) = &mut self.shown {
            shown.moved = true;
            shown.map.forget();
            shown.figures.iter_mut().flatten().for_each(Figure::forget);
            shown.charts.iter_mut().for_each(ChartView::forget_axes);
        }
    }

    /// Has the cards' pictures made, one after the other, as long as no system is open.
    fn make_cards(&mut self) {
        let comes_first = |pending: &Pending| matches!(pending, Pending::Opened(_) | Pending::Card);
        if self.shown.is_some() || self.line.pending().any(comes_first) {
            return;
        }
        if let Some(about) = ABOUT.get(self.cards_made) {
            self.send(Ask::Sketch(about.name.to_owned()), Some(Pending::Card));
        }
    }

    /// Shows what is new.
    pub(super) fn draw(&mut self) {
        let chosen = pace();
        if chosen != self.pace {
            self.pace = chosen;
            self.send(Ask::Pace(chosen), None);
        }
        self.make_cards();
        if let Some(shown) = &mut self.shown {
            let names = shown.names();
            if shown.map.draw(&self.theme, &names) {
                self.news.push((News::Draw, JsValue::UNDEFINED));
            }
        }
        // Of runs that move as much as a frame has time for; what stands still is there at once.
        let (stale, begin) = (std::mem::take(&mut self.stale), dom::now());
        let due = || !stale && dom::now() - begin > DRAWN;
        let drawn = self.shown.as_mut().is_none_or(|shown| {
            if stale {
                shown.is_new();
            }
            shown.draw(&self.theme, due)
        });
        if !drawn {
            self.news.push((News::More, JsValue::UNDEFINED));
        } else if std::mem::take(&mut self.owed) {
            self.send(Ask::Drawn, None);
        }
    }
}

/// Why runs cannot go on from where they stand, if they cannot.
fn exhausted(stage: &Stage) -> Option<&'static str> {
    let mut columns = stage.columns.iter();
    if columns.all(|column| column.diverged_at.is_some()) {
        Some(" No run is left that could go on.")
    } else if stage.step >= stage.total_steps {
        Some(" That was the last of its steps.")
    } else {
        None
    }
}
