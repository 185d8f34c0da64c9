//! The lecture: presets, or the lesson of the address, one after the other, each with its question and answer, and its
//! curves covered until they are released. Knows the address and its own bar; the page loads what comes next.

use crate::Error;
use crate::lab::config::Config;
use crate::lab::lesson::{Item, Lesson, preset_of};
use crate::lab::presets::Preset;
use crate::lab::systems::is_system;
use crate::web::dom;
use crate::web::dom::address;
use web_sys::{Element, HtmlDetailsElement};

/// What stays behind `#` when the next item comes.
const KEPT: [&str; 9] = [
    "lesson", "hide", "lock", "predict", "play", "theme", "charts", "embed", "origin",
];

/// What a button or key has done.
pub(in crate::web) enum Turn {
    /// The same run is shown, perhaps in another way.
    Stay,
    /// This run comes next.
    To(String),
    /// What was covered is seen, and plays from its start.
    Play,
    /// It is covered again, and held.
    Hold,
    /// Nothing comes next, which is said.
    End(&'static str),
}

/// Where the lecture stands.
// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub(in crate::web) struct Lecture {
    lesson: Lesson,
    /// The lesson is the address's, not all presets.
    own: bool,
    at: Option<usize>,
    covered: bool,
    /// The item has been played by a key.
    begun: bool,
    /// The view of the address is an item's.
    placed: bool,
    /// The preset that a slide shows without its question.
    bare: Option<&'static Preset>,
}

impl Default for Lecture {
    fn default() -> Lecture {
        Lecture {
            lesson: Lesson::of_presets(),
            own: false,
            at: None,
            covered: false,
            begun: false,
            placed: false,
            bare: None,
        }
    }
}

impl Lecture {
    /// Opens what the address says; answers with the query to load.
    ///
    /// # Errors
    /// When the address holds no valid lesson.
    pub(in crate::web) fn begin(&mut self, query: &str) -> Result<String, Error> {
        self.cover(address::predicts());
        if let Some(text) = address::hash("lesson") {
            self.lesson = Lesson::parse(&text)?;
            self.own = true;
            let count = self.lesson.items.len();
            let at = address::hash("at").and_then(|at| at.parse::<usize>().ok());
            self.at = Some(at.unwrap_or(1).clamp(1, count) - 1);
            if query.is_empty() {
                self.place();
                return Ok(self.query());
            }
        } else {
            self.at = preset_of(query).and_then(|preset| self.find(preset));
            self.complete();
            self.leave_to_the_slide();
        }
        Ok(query.to_owned())
    }

    /// A run has come onto the page by this text: question and view are those of the preset that it names, as if the
    /// address had it. Any other run has none, and in a lesson of the address is a change of its item. Whether another
    /// view may stand there.
    pub(in crate::web) fn meet(&mut self, query: &str) -> bool {
        if let Some(preset) = preset_of(query) {
            self.open(preset);
            self.leave_to_the_slide();
            return true;
        }
        self.cover(address::predicts());
        if self.own {
            return false;
        }
        self.at = None;
        let placed = std::mem::take(&mut self.placed);
        if placed {
            address::drop_hash("view");
            address::drop_hash("flow");
        }
        placed
    }

    /// The address behind `#` is another: the item that it names comes next, unless it is there.
    pub(in crate::web) fn follow(&mut self) -> Option<Turn> {
        let lesson = Lesson::parse(&address::hash("lesson")?).ok()?;
        let at = address::hash("at").and_then(|at| at.parse::<usize>().ok());
        let at = at.unwrap_or(1).clamp(1, lesson.items.len()) - 1;
        if self.own && self.at == Some(at) && self.lesson == lesson {
            return None;
        }
        (self.lesson, self.own) = (lesson, true);
        Some(Turn::To(self.go(at)))
    }

    /// A slide has its own words, and its own next one.
    fn leave_to_the_slide(&mut self) {
        if address::embedded() && !self.own {
            self.bare = self.item().and_then(Item::preset);
            self.at = None;
        }
    }

    /// Where an item of the lesson is a preset.
    fn find(&self, preset: &Preset) -> Option<usize> {
        let mut items = self.lesson.items.iter();
        items.position(|item| item.preset() == Some(preset))
    }

    fn item(&self) -> Option<&Item> {
        self.lesson.items.get(self.at?)
    }

    fn query(&self) -> String {
        self.item()
            .map_or_else(|| Config::default().to_string(), Item::query)
    }

    /// The address of a run: a preset's name as long as the run is the preset's, the whole run afterwards.
    pub(in crate::web) fn address(&self, run: &Config) -> String {
        match self.preset() {
            Some(preset) if !is_system(preset.query) && Config::of(preset) == *run => {
                Lecture::name(preset)
            }
            _ => run.to_string(),
        }
    }

    /// The preset that was opened last.
    pub(in crate::web) fn preset(&self) -> Option<&'static Preset> {
        self.item().and_then(Item::preset).or(self.bare)
    }

    /// A preset by its name, as in an address.
    pub(in crate::web) fn name(preset: &Preset) -> String {
        format!("preset={}", preset.name)
    }

    /// Writes how the item is looked at into the address.
    fn place(&mut self) {
        self.placed = true;
        let Some(item) = self.item() else { return };
        let mut more = item.hash().to_owned();
        if let (true, Some(at)) = (self.own, self.at) {
            more = format!("at={}&{more}", at + 1);
        }
        address::keep_hash(&KEPT, &more);
    }

    /// Adds how the item is looked at to an address that may have a look of its own.
    fn complete(&mut self) {
        let Some(item) = self.item() else { return };
        let pairs = item
            .hash()
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let placed = address::hash("view").is_none();
        for (key, value) in pairs.filter(|(key, _)| address::hash(key).is_none()) {
            address::set_hash(key, value);
        }
        self.placed = placed;
    }

    fn go(&mut self, to: usize) -> String {
        self.at = Some(to);
        self.begun = false;
        self.place();
        self.cover(address::predicts());
        answer().set_open(false);
        self.query()
    }

    /// Opens a preset; answers with the query to load.
    pub(in crate::web) fn open(&mut self, preset: &'static Preset) -> String {
        if self.find(preset).is_none() {
            // Not in this lesson: from here on, all presets.
            self.end();
        }
        self.go(self.find(preset).unwrap_or(0))
    }

    /// The run of its question is not on the screen any more.
    pub(in crate::web) fn leave(&mut self) {
        if !self.own {
            self.at = None;
            self.cover(address::predicts());
        }
    }

    /// Ends the lesson of the address.
    fn end(&mut self) {
        self.lesson = Lesson::of_presets();
        self.own = false;
        address::keep_hash(
            &[
                "hide", "lock", "theme", "charts", "embed", "origin", "view", "flow",
            ],
            "",
        );
    }

    /// A button of the bar; a query is to be loaded then. `None` if it is no such button.
    pub(in crate::web) fn click(&mut self, id: &str) -> Option<Turn> {
        match id {
            "lecture-back" => Some(self.turn(false)),
            "lecture-forward" => Some(self.turn(true)),
            "lecture-cover" => {
                self.cover(!self.covered);
                Some(Turn::Stay)
            }
            "lecture-close" => {
                self.at = None;
                self.cover(false);
                self.end();
                Some(Turn::Stay)
            }
            _ => None,
        }
    }

    /// A key, as clickers send them; `None` if it means nothing here. `unplayed` is whether what is in front has not begun.
    pub(in crate::web) fn key(&mut self, key: &str, unplayed: bool) -> Option<Turn> {
        match key {
            // First the curves, then the answer, then the next question; and the same way back.
            "PageDown" if self.covered => {
                self.cover(false);
                self.begun = true;
                Some(Turn::Play)
            }
            "PageUp" | "PageDown" if self.at.is_none() => None,
            // An answer tells of what has been seen. Asked once: a run may be slow to begin.
            "PageDown" if unplayed && !self.begun && !answer().open() => {
                self.begun = true;
                Some(Turn::Play)
            }
            "PageDown" if self.has_answer() && !answer().open() => {
                answer().set_open(true);
                Some(Turn::Stay)
            }
            "PageUp" if self.has_answer() && answer().open() => {
                answer().set_open(false);
                Some(Turn::Stay)
            }
            "PageUp" if address::predicts() && !self.covered => {
                self.cover(true);
                Some(Turn::Hold)
            }
            "PageUp" => Some(self.turn(false)),
            "PageDown" => Some(self.turn(true)),
            "c" | "C" if self.shown() => self.click("lecture-cover"),
            "a" | "A" if self.has_answer() => {
                answer().set_open(!answer().open());
                Some(Turn::Stay)
            }
            _ => None,
        }
    }

    /// To the item before or after, as far as there is one.
    fn turn(&mut self, forward: bool) -> Turn {
        let to = self.at.and_then(|at| {
            if forward {
                Some(at + 1)
            } else {
                at.checked_sub(1)
            }
        });
        match to.filter(|&to| to < self.lesson.items.len()) {
            Some(to) => Turn::To(self.go(to)),
            None if !forward => Turn::End("This is the first one"),
            None if self.own => Turn::End("The lesson is over: this was its last item"),
            None => Turn::End("This was the last preset"),
        }
    }

    fn has_answer(&self) -> bool {
        self.item().is_some_and(|item| item.preset().is_some())
    }

    /// Covers the curves, or not.
    pub(in crate::web) fn cover(&mut self, covered: bool) {
        self.covered = covered;
        dom::mark("data-covered", covered.then_some("true"));
    }

    /// Whether curves are covered.
    pub(in crate::web) fn covers(&self) -> bool {
        self.covered
    }

    /// Whether there is a bar.
    fn shown(&self) -> bool {
        self.at.is_some() || address::predicts()
    }

    /// Shows the bar. `run` is what the lab has, `related` whether a related system is in front of it.
    pub(in crate::web) fn show(&self, run: &Config, related: bool) {
        // A question about what another tab shows waits there.
        let elsewhere = |item: &Item| !self.own && item.is_system() != related;
        let waits = self.item().is_some_and(elsewhere);
        let shown = self.shown() && (!waits || address::predicts());
        dom::mark("data-lecture", shown.then_some("true"));
        let bar: Element = dom::by_id("lecture");
        dom::show(&bar, shown);
        // Its sentences give way to the question, but not its button.
        let draw: Element = dom::by_id("draw-open");
        if bar.contains(Some(&draw)) != shown {
            if shown {
                let cover: Element = dom::by_id("lecture-cover");
                cover.before_with_node_1(&draw).expect("a tree");
            } else {
                dom::append(&dom::find(&dom::root(), ".told"), &draw);
            }
        }
        let preset = self.item().and_then(Item::preset);
        let place = self
            .at
            .map(|at| format!("{} of {}", at + 1, self.lesson.items.len()));
        let changed = if let Some(config) = self.item().and_then(Item::config) {
            config != *run
        } else {
            // Of a related system's preset the address says it, once it is there.
            let search = address::search();
            let there = related && preset.is_some() && !search.is_empty();
            there && preset_of(&search) != preset
        };
        let place = place.map(|place| {
            if changed {
                format!("{place}, changed")
            } else {
                place
            }
        });
        let question = match (preset, self.at) {
            (Some(preset), _) => preset.question,
            (None, None) => "What will happen? Say it first, then reveal the curves.",
            (None, Some(_)) => "",
        };
        for (id, text) in [
            ("lecture-title", preset.map_or("", |preset| preset.title)),
            ("lecture-place", place.as_deref().unwrap_or_default()),
            (
                "lecture-cover",
                if self.covered { "Reveal" } else { "Cover" },
            ),
        ] {
            dom::write(&dom::by_id(id), text);
        }
        let answer = preset.map_or("", |preset| preset.answer);
        dom::write_formula(&dom::by_id("lecture-question"), question);
        dom::write_formula(&dom::by_id("lecture-answer-text"), answer);
        dom::show(&dom::by_id::<Element>("lecture-answer"), preset.is_some());
        dom::show(
            &dom::by_id::<Element>("lecture-close"),
            !self.own && self.at.is_some(),
        );
        let last = self.lesson.items.len() - 1;
        for (id, end) in [("lecture-back", Some(0)), ("lecture-forward", Some(last))] {
            dom::show(&dom::by_id::<Element>(id), self.at.is_some());
            dom::set_disabled(id, self.at == end);
        }
    }
}

fn answer() -> HtmlDetailsElement {
    dom::by_id("lecture-answer")
}
