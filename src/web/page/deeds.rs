//! What people do, given to whom it concerns: the lecture, the drawing of points, the transport, the view they do it in.
//! Knows whom, not what is done with it.

use super::keep::Keep;
use super::page::{Page, with};
use super::parent;
use super::transport::Transport;
use crate::Named;
use crate::data::DataSource;
use crate::data::bytes::Encoding;
use crate::lab::config::{Config, drawn_text};
use crate::lab::lesson::Part;
use crate::lab::lesson::preset;
use crate::lab::scene::drawn_of_all;
use crate::lab::session::Command;
use crate::lab::systems::is_system;
use crate::lab::table::check_size;
use crate::web::dom;
use crate::web::dom::address;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::dom::{file, keys, stored, theme};
use crate::web::lecture::gallery::Gallery;
use crate::web::lecture::lecture::Turn;
use crate::web::lecture::parts;
use crate::web::views::Tab;
use crate::web::views::charts;
use crate::web::views::ground::OwnRun;
use crate::web::views::related::of_report;
use crate::web::views::share;
use crate::web::views::view::{Context, View};
use crate::web::widgets::{help, refusal};
use crate::web::wire::link::{Entry, Pending};
use crate::web::wire::message::Ask;
use web_sys::{Element, File, HtmlDialogElement, HtmlInputElement, KeyboardEvent};

impl Page {
    /// A click anywhere.
    pub(super) fn click(&mut self, target: &Element) {
        // A tab leads to another view of the same page: lessons and looks stay.
        if let Some(tab) = target.closest(".tabs a").ok().flatten() {
            let key = tab.id();
            let view = key.trim_start_matches("tab-");
            return dom::set(&tab, "href", &address::hash_with("view", view));
        }
        let Some(button) = target.closest("button").ok().flatten() else {
            return;
        };
        if let Some(name) = dom::get(&button, "data-preset") {
            read_from_the_start();
            return self.open_preset(&name);
        }
        if let Some(query) = dom::get(&button, "data-system") {
            read_from_the_start();
            return self.enter_system(&query, 0, None);
        }
        let id = button.id();
        if let Some(next) = self.lecture.click(&id) {
            return self.turn(next);
        }
        match id.as_str() {
            _ if parts::holds(&button) => {}
            "restart" => self.restart(),
            "theme" => self.toggle_theme(),
            "projector" => self.project(),
            "help" => open_help(),
            _ if help::fill(&button) => return,
            "columns-read" => {
                let chosen = self.chooser.chosen();
                self.read_table(chosen);
            }
            "into-link" | "share-into-link" => self.put_into_link(),
            "refused-open" => open_address(),
            "reset-everything" => {
                self.keep = Keep::default();
                // Then main.js opens the page anew.
                return stored::reset();
            }
            "notice-close" | "error-close" | "refused-close" => {
                let closed = id.trim_end_matches("-close");
                dom::show(&dom::by_id::<Element>(closed), false);
            }
            _ if refusal::close(&button) => self.show_settings(),
            id if id.starts_with("tour-") => self.tour(id),
            id if self.sketch.click(
                id,
                &mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                },
            ) =>
            {
                self.forget();
            }
            "presets-open" => self.gallery.open(&self.theme),
            id if {
                let system = self.views.at(self.tab).query();
                self.gallery.click(id, &self.shown, system)
            } => {}
            id => {
                let (view, mut context) = self.view();
                if !Transport::click(id, view, &mut context)
                    && !share::click(id, view, &mut context)
                {
                    view.click(&button, &mut context);
                }
                if id == "share-open" {
                    self.watch();
                }
            }
        }
        self.redraw();
    }

    fn tour(&mut self, button: &str) {
        self.tour.click(button);
        charts::leave_first_screen();
        if let Some(view) = self.tour.view() {
            address::set_hash("view", &view);
            self.choose_view();
        }
        if self.tour.begins() {
            self.link.person(Command::Reset);
        }
        self.tour.mark();
    }

    fn open_preset(&mut self, name: &str) {
        if let Ok(preset) = preset(name) {
            Gallery::close();
            // Its question may be about any chart.
            charts::leave_first_screen();
            let query = self.lecture.open(preset);
            self.turn(Turn::To(query));
        }
    }

    /// The lecture went on; what comes next is loaded.
    pub(super) fn turn(&mut self, next: Turn) {
        self.look();
        match next {
            Turn::To(query) if is_system(&query) => {
                self.hold();
                self.views.related.open(&query, 0, None);
                self.choose_view();
                self.show_query();
                if address::plays() && !address::predicts() {
                    self.play();
                }
            }
            Turn::To(query) => {
                self.hold();
                let run = Command::Load { query };
                let pending = Pending::Person(None);
                self.link.enter(run, Entry::Turned, false, pending);
                self.starts = address::plays() && !address::predicts();
            }
            Turn::Play => self.play_anew(),
            Turn::Hold => self.hold(),
            Turn::End(words) => {
                self.inform(words);
                // Over the page, which stays where it is.
                dom::set(&dom::by_id("notice"), "data-over", "true");
            }
            Turn::Stay if self.shown.scene.is_some() => {
                self.show_query();
            }
            Turn::Stay => {}
        }
        self.redraw();
    }

    /// To the projector's look, or back.
    fn project(&mut self) {
        theme::project();
        self.apply_theme();
    }

    fn toggle_theme(&mut self) {
        theme::toggle(&self.theme);
        self.apply_theme();
    }

    /// A form's element is being moved.
    pub(super) fn input(&mut self, target: &Element) {
        if target.id() == "timeline" {
            let mut context = Context {
                shown: &self.shown,
                theme: &self.theme,
                link: &mut self.link,
            };
            let view = self.views.at(self.tab);
            self.transport.scrub(view, &mut context);
            return self.redraw();
        }
        let (view, mut context) = self.view();
        view.input(target, &mut context);
        self.redraw();
    }

    /// A form's element has its new value.
    pub(super) fn change(&mut self, target: &Element) {
        target.remove_attribute("data-dirty").expect("a valid name");
        match target.id().as_str() {
            "speed" => {
                Transport::pace(&mut self.link);
                return self.redraw();
            }
            _ if target.has_attribute("data-ghost") => {
                let id = dom::get(target, "data-ghost").and_then(|id| id.parse().ok());
                let visible = dom::input(target).checked();
                let ghosts = self.shown.ghosts.iter_mut();
                ghosts
                    .filter(|(g, _)| Some(g.id) == id)
                    .for_each(|g| g.1 = visible);
                return self.redraw();
            }
            _ if self.gallery.change(target) => return,
            _ if target.get_attribute("name").as_deref() == Some("draw-tool") => {
                return self.sketch.show();
            }
            _ if self.tab == Tab::Train
                && dom::get(target, "data-key").as_deref() == Some("data")
                && dom::value_of(target) == DataSource::Points.name() =>
            {
                self.sketch.adopt(&mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                });
                self.forget();
                return self.redraw();
            }
            "share-file" => {
                let chosen = file::chosen(dom::input(target));
                return chosen.iter().for_each(Page::take_file);
            }
            _ => {}
        }
        let (view, mut context) = self.view();
        view.change(target, &mut context);
        self.watch();
        self.redraw();
    }

    /// A file was chosen or dropped: a state to go on from, or a sentence why not.
    pub(super) fn take_file(file: &File) {
        if file::is_images(&file.name()) {
            return file::read_images(file, |name, bytes| {
                with(|page| {
                    match bytes {
                        Ok(bytes) => page.open_images(name, bytes),
                        Err(error) => Page::complain(&error),
                    }
                    dom::by_id::<HtmlDialogElement>("share").close();
                });
            });
        }
        file::read(file, |name, text| {
            with(|page| {
                match text {
                    Ok((text, encoding)) => page.open(name, text, encoding),
                    Err(error) => Page::complain(&error),
                }
                dom::by_id::<HtmlDialogElement>("share").close();
            });
        });
    }

    /// The text of a file or of the clipboard: a state to go on from, or a table of points.
    pub(super) fn open(&mut self, name: String, text: String, encoding: Encoding) {
        if Page::refuses_points() {
            return;
        }
        if let Some((query, step)) = of_report(&name, &text) {
            return self.enter_system(&query, step, None);
        }
        if text.trim_start().starts_with('{') || file::is_state(&name) {
            let run = Command::LoadState { name, json: text };
            let pending = Pending::Person(None);
            return self.link.enter(run, Entry::Own, false, pending);
        }
        if let Err(error) = check_size(text.len() as f64) {
            return Page::complain(&format!("{name}: {error}"));
        }
        let text = file::composed(text);
        let command = self.chooser.open(name, text, encoding);
        self.read_table(command);
    }

    /// The images of a file.
    fn open_images(&mut self, name: String, bytes: Vec<u8>) {
        if Page::refuses_points() {
            return;
        }
        // Those that the page was opened for, where nothing else has come onto it than what stood in for them.
        let opened = Config::parse(&self.first).ok().filter(|opened| {
            opened.data == DataSource::Cifar10 && self.shown.config == Config::default()
        });
        let command = Command::LoadImages {
            name,
            bytes: bytes.into(),
            query: opened.map(|opened| opened.to_string()),
        };
        self.link
            .enter(command, Entry::Own, false, Pending::Person(None));
    }

    /// Whether the setup is locked, which is said.
    fn refuses_points() -> bool {
        let locked = parts::locks(Part::Setup);
        if locked {
            Page::complain(
                "The address locks the setup (#lock=setup), so no other points are opened",
            );
        }
        locked
    }

    fn read_table(&mut self, command: Option<Command>) {
        let Some(command) = command else { return };
        // In front of a related system its points are that system's.
        if let (
            Tab::Related,
            Command::LoadCsv {
                name,
                text,
                encoding,
                columns,
            },
        ) = (self.tab, &command)
            && self.views.related.read([name, text, columns], *encoding)
        {
            return;
        }
        self.link.enter(command, Entry::Own, false, Pending::Table);
    }

    /// The points of a table become drawn ones, which travel in a link.
    fn put_into_link(&mut self) {
        let drawn = self.shown.scene.as_ref().map(drawn_of_all);
        match drawn {
            Some(Ok(drawn)) => {
                let (key, value) = ("points".to_owned(), drawn_text(&drawn));
                self.link.person(Command::Set { key, value });
            }
            Some(Err(error)) => Page::complain(&error),
            None => {}
        }
    }

    /// Something was unfolded or folded.
    pub(super) fn toggled(&mut self) {
        self.watch();
        self.redraw();
    }

    /// True if the key is ours.
    pub(super) fn key(&mut self, target: &Element, event: &KeyboardEvent) -> bool {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if dom::dialog_open() {
            return false;
        }
        let draws = self.sketch.on() && self.tab == Tab::Train;
        if draws && self.draw_key(target, event, modified) {
            return true;
        }
        if modified {
            return false;
        }
        let key = keys::meaning(event);
        if key == "Enter" && target.id() == "refused-link" {
            open_address();
            return true;
        }
        // What is drawn on by keys has them to itself.
        let draws = matches!(key.as_str(), " " | "Enter" | "Delete" | "Backspace");
        if (draws || key.starts_with("Arrow")) && target.has_attribute("data-drawn-on") {
            return false;
        }
        let tag = target.tag_name();
        // What is dragged or picked takes the keys that have names, and no letters.
        let types = tag == "SELECT"
            || (tag == "INPUT"
                && match target.get_attribute("type").as_deref() {
                    Some("checkbox") => false,
                    Some("range" | "radio") => key.len() > 1,
                    _ => true,
                });
        // A clicker's keys go to the lecture, whatever has the focus.
        let clicks = matches!(key.as_str(), "PageUp" | "PageDown");
        let unplayed = clicks && self.is_unplayed();
        if (clicks || !types)
            && let Some(next) = self.lecture.key(&key, unplayed)
        {
            let end = matches!(next, Turn::End(_)) && address::embedded();
            if !(end && parent::key(&key)) {
                self.turn(next);
            }
            return true;
        }
        let (view, mut context) = self.view();
        if view.key(target, &key, &mut context) {
            let mark = self.views.train.mark(target);
            if self.sketch.follow(
                mark,
                &mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                },
            ) {
                self.views.train.forget();
            }
            self.redraw();
            if key == "Escape" && address::embedded() {
                // It ends what is read on a chart, and leaves the page as well.
                parent::key(&key);
            }
            return true;
        }
        if address::embedded() && parent::key(&key) {
            return true;
        }
        let presses = matches!(tag.as_str(), "BUTTON" | "SUMMARY" | "A" | "INPUT")
            && (key == " " || key == "Enter");
        if types || presses {
            return false;
        }
        match key.as_str() {
            "Escape" if self.tour.on() => self.tour.end(),
            "t" | "T" => self.toggle_theme(),
            "p" | "P" => self.project(),
            "g" | "G" => self.gallery.open(&self.theme),
            "n" | "N" if parts::holds(&dom::by_id("new-seed")) => {}
            "?" => open_help(),
            _ => {
                let (view, mut context) = self.view();
                let ours = Transport::key(&key, view, &mut context);
                self.redraw();
                return ours;
            }
        }
        true
    }

    /// A key while points are drawn; false if it means nothing then.
    fn draw_key(&mut self, target: &Element, event: &KeyboardEvent, modified: bool) -> bool {
        let key = keys::meaning(event);
        let types =
            target.tag_name() == "INPUT" && target.get_attribute("type").as_deref() == Some("text");
        let done = if modified {
            let undoes = key.eq_ignore_ascii_case("z") && !event.alt_key() && !types;
            if undoes {
                let id = if event.shift_key() {
                    "draw-redo"
                } else {
                    "draw-undo"
                };
                self.sketch.click(
                    id,
                    &mut OwnRun {
                        shown: &mut self.shown,
                        link: &mut self.link,
                    },
                );
            }
            undoes
        } else {
            let mark = self.views.train.mark(target);
            let mut means = |key: &str| {
                self.sketch.key(
                    key,
                    mark,
                    &mut OwnRun {
                        shown: &mut self.shown,
                        link: &mut self.link,
                    },
                )
            };
            self.views.train.is_panel(target)
                && (means(&key) || keys::digit(event).is_some_and(|digit| means(&digit)))
        };
        if done {
            self.views.train.forget();
            self.redraw();
        }
        done
    }

    /// A pointer moved, or left something.
    pub(super) fn point(&mut self, pointer: &Pointer) {
        // The other buttons and fingers draw nothing.
        let draws = pointer.main || pointer.gesture != Gesture::Down;
        if draws && self.sketch.on() && self.tab == Tab::Train {
            let place = self.views.train.place(pointer);
            let (gesture, pressed) = (pointer.gesture, pointer.pressed);
            if self.sketch.point(
                gesture,
                pressed,
                place,
                &mut OwnRun {
                    shown: &mut self.shown,
                    link: &mut self.link,
                },
            ) {
                self.views.train.forget();
                self.redraw();
            }
        }
        let (view, mut context) = self.view();
        view.point(pointer, &mut context);
        let moved = view.restless();
        if moved || pointer.pressed {
            self.redraw();
        }
    }

    /// An embedded page came onto the screen, or left it.
    pub(super) fn set_on_screen(&mut self, on_screen: bool) {
        self.on_screen = on_screen;
        self.check_hidden();
    }

    /// Decision boundaries or networks were scrolled into sight, or out of it.
    pub(super) fn set_in_sight(&mut self, target: &Element, visible: bool) {
        let networks = target.id() == "network-panel";
        self.in_sight[usize::from(networks)] = visible;
        let in_sight = self.is_in_sight();
        self.link.send(Ask::InSight(in_sight), Pending::Nobody);
        if networks {
            self.views.train.network.set_in_sight(visible);
            self.watch();
        }
    }

    /// Whether anything is in sight that is drawn from fields.
    pub(super) fn is_in_sight(&self) -> bool {
        self.in_sight.contains(&true)
    }

    /// Nobody sees the page now, or somebody does again.
    pub(super) fn check_hidden(&mut self) {
        let hidden = dom::document().hidden() || !self.on_screen;
        self.shown.hidden = hidden;
        self.keep.note(&self.shown);
        self.transport.forget_rate();
        self.link.send(Ask::Hidden(hidden), Pending::Nobody);
        self.look();
        // Nothing is animated in a hidden page, but its title and status are read.
        self.show_transport();
        self.redraw();
    }
}

/// Opens the address that was refused as somebody has mended it.
fn open_address() {
    address::open(
        dom::by_id::<HtmlInputElement>("refused-link")
            .value()
            .trim(),
    );
}

/// What is opened is read from its beginning.
fn read_from_the_start() {
    dom::root().set_scroll_top(0);
}

fn open_help() {
    dom::open_dialog("keys");
}
