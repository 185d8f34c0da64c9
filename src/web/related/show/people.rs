//! What people do in the view: presses, settings, keys, pointers. Knows what each means here, and draws nothing.

use super::{Pending, View};
use crate::lab::systems::{NEVER, STOP};
use crate::web::dom;
use crate::web::dom::file;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::related::map::Wish;
use crate::web::related::message::Ask;
use crate::web::related::screen::Shown;
use crate::web::related::twin::OWN;
use crate::web::related::{form, help};
use crate::web::views::share;
use crate::web::widgets::refusal;
use crate::web::wire::related::News;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ResizeObserverEntry};

impl View {
    /// A button was pressed.
    pub(in super::super) fn click(&mut self, button: &Element) {
        let explains = |shown: &Shown| help::explain(button, shown.entry);
        if self.shown.as_ref().is_some_and(explains) {
            return;
        }
        let shown = self.shown.as_mut();
        if let Some(wish) = shown.and_then(|shown| shown.map.click(button)) {
            return self.wish(wish);
        }
        if self.sketch_click(button) {
            return;
        }
        match form::deed(button) {
            Some((deed, run)) if deed == "remove" => return self.person(Ask::Remove(run)),
            Some((_, run)) => return self.person(Ask::Duplicate(run)),
            None => {}
        }
        match button.id().as_str() {
            "related-systems" => {
                self.person(Ask::Pause);
                let left = self.shown.take();
                self.show_parts();
                // The focus goes back to the card of what is left.
                let name = left.map_or("", |shown| shown.entry.about.name);
                let card = format!("[data-system$='system={name}']");
                if let Some(card) = dom::seek::<HtmlElement>(&self.places[0], &card) {
                    let _ = card.focus();
                }
                self.news.push((News::Leave, JsValue::UNDEFINED));
            }
            "related-restart" => self.restart(),
            super::GO_ON => {
                self.person(Ask::Set(STOP.to_owned(), NEVER.to_owned()));
                self.person(Ask::Play);
            }
            "related-take-points" => self.news.push((News::Points, JsValue::UNDEFINED)),
            _ if refusal::close(button) => self.restore_settings(),
            _ => {}
        }
    }

    /// The points that somebody wanted.
    pub(in super::super) fn take_points(&mut self, points: String) {
        self.person(Ask::Set("points".to_owned(), points));
    }

    /// A form's element is being moved.
    pub(in super::super) fn input(&mut self, target: &Element) {
        dom::set(target, "data-dirty", "");
        if target.has_attribute("data-slider") {
            self.set(target);
        }
    }

    /// A form's element has its new value.
    pub(in super::super) fn change(&mut self, target: &Element) {
        if self.sketch_change(target) {
            return;
        }
        if let Some(shown) = &mut self.shown
            && shown.ways.switch(target)
        {
            (shown.moved, self.stale) = (true, true);
            return self.news.push((News::Draw, JsValue::UNDEFINED));
        }
        let shown = self.shown.as_ref();
        if let Some(wish) = shown.and_then(|shown| shown.map.change(target, &shown.settings)) {
            return self.wish(wish);
        }
        self.set(target);
    }

    /// Something was unfolded or folded: a map that is looked at is in the run's text.
    pub(in super::super) fn toggle(&mut self) {
        let Some(shown) = &self.shown else { return };
        if let Some(map) = shown.map.toggled() {
            self.person(Ask::Set("map".to_owned(), map));
        }
        self.news.push((News::Draw, JsValue::UNDEFINED));
    }

    /// What somebody wants of the map.
    fn wish(&mut self, wish: Wish) {
        match wish {
            Wish::Map(map, place) => {
                let shown = self.shown.as_ref();
                let refused = shown.and_then(|shown| shown.map.check(&map).err());
                let field = dom::document().get_element_by_id(&[OWN, &place].concat());
                if let Some(why) = refused {
                    // What is trained stays, and what was asked for is still in the form.
                    return refusal::say(field.as_ref(), &format!("{why}."));
                }
                refusal::settle(field.as_ref());
                let pending = Pending::Person(Some(place));
                self.send(Ask::Set("map".to_owned(), map), Some(pending));
            }
            Wish::Run(query) => {
                self.sketch.leave();
                self.send(Ask::Load(query, 0), Some(Pending::Opened(None)));
                self.person(Ask::Play);
            }
            Wish::Table(table) => {
                file::save("proxprop-map.csv", "text/csv", &table, share::say);
            }
            Wish::Nothing => self.train(),
        }
        self.news.push((News::Draw, JsValue::UNDEFINED));
    }

    fn set(&mut self, target: &Element) {
        if let Some((key, value)) = form::setting(target) {
            let pending = Pending::Person(Some(key.clone()));
            self.send(Ask::Set(key, value), Some(pending));
        }
    }

    /// A key on an element; false if it means nothing there.
    pub(in super::super) fn key(&mut self, target: &Element, key: &str) -> bool {
        let Some(shown) = &mut self.shown else {
            return false;
        };
        for chart in &mut shown.charts {
            let host: &Element = &chart.stack.host;
            if host.is_same_node(Some(target)) {
                return chart.key(key);
            }
        }
        if let Some(wish) = shown.map.key(target, key) {
            self.wish(wish);
            return true;
        }
        let mut pictured = shown.pictured();
        let asked = pictured.find_map(|(figure, picture)| figure.enter(picture, target));
        drop(pictured);
        if let Some((key, value)) = asked.filter(|_| key == "Enter") {
            self.person(Ask::Set(key, value));
            return true;
        }
        shown
            .pictured()
            .any(|(figure, picture)| figure.key(picture, target, key))
    }

    /// A pointer moved over something, or left everything.
    pub(in super::super) fn point(&mut self, pointer: &Pointer) {
        self.sketch_point(pointer);
        let draws = self.sketch.on();
        let Some(shown) = &mut self.shown else { return };
        if let Some(wish) = shown.map.point(pointer, &self.theme) {
            return self.wish(wish);
        }
        self.news.push((News::Draw, JsValue::UNDEFINED));
        // Every figure learns where the pointer went down, and that it has been lifted.
        let asked: Vec<_> = shown
            .pictured()
            .filter(|_| !draws)
            .filter_map(|(figure, picture)| figure.press(picture, pointer))
            .collect();
        if matches!(pointer.gesture, Gesture::Up | Gesture::Cancel) {
            for (key, value) in asked {
                self.person(Ask::Set(key, value));
            }
            // What was read stays on the screen when a finger is lifted.
            return;
        }
        for chart in &mut shown.charts {
            chart.point(pointer);
        }
        shown
            .pictured()
            .for_each(|(figure, picture)| figure.point(picture, pointer));
    }

    /// An element has another size.
    pub(in super::super) fn resized(&mut self, entry: &ResizeObserverEntry) {
        let Some(shown) = &mut self.shown else { return };
        shown.moved = true;
        shown.map.resized(entry);
        for chart in &mut shown.charts {
            chart.resized(entry);
        }
        shown
            .figures
            .iter_mut()
            .flatten()
            .for_each(|figure| figure.resized(entry));
        self.stale = true;
    }
}
