//! Points of one's own, drawn on a system's pictures as on those of the page's own run. Knows no tool.

use super::{Pending, View};
use crate::data::drawn::Drawn;
use crate::lab::config::drawn_of_text;
use crate::lab::scene::scene_of_drawn;
use crate::web::dom;
use crate::web::dom::keys;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::related::figure::Panel;
use crate::web::related::message::Ask;
use crate::web::related::screen::Shown;
use crate::web::views::draw::Draw;
use crate::web::views::ground::Ground;
use crate::web::wire::related::News;
use wasm_bindgen::JsValue;
use web_sys::{Element, KeyboardEvent};

/// What is said of points that are left as they were refused.
const UNUSED: &str =
    "The points that you drew were refused and are not used; Draw points goes on with them.";

/// The system's runs as a ground to draw on.
struct Planes<'a>(&'a mut View);

impl Ground for Planes<'_> {
    fn ranges(&self) -> Option<[(f64, f64); 2]> {
        let shown = self.0.shown.as_ref()?;
        let scene = scene_of_drawn(shown.drawing.as_ref()?);
        Some([scene.x, scene.y])
    }

    fn points(&self) -> Option<Result<Drawn, String>> {
        let shown = self.0.shown.as_ref()?;
        let text = shown.shared("points");
        if let Some((_, drawn)) = shown.left.as_ref().filter(|(of, _)| of.as_deref() == text) {
            return Some(Ok(drawn.clone()));
        }
        let drawn = text.and_then(|text| drawn_of_text(text).ok());
        Some(Ok(drawn.unwrap_or_default()))
    }

    // The view shows what its sketch is.
    fn put(&mut self, _: &Drawn, _: bool) {}

    fn hold(&mut self) {
        if self
            .0
            .shown
            .as_ref()
            .is_some_and(|shown| shown.progress.playing)
        {
            self.0.person(Ask::Pause);
        }
    }

    fn send(&mut self, points: String) {
        let set = Ask::Set("points".to_owned(), points);
        self.0.send(set, Some(Pending::Drawing));
    }
}

impl View {
    /// Does something with the sketch, and shows what it is then.
    fn sketching<T>(&mut self, act: impl FnOnce(&mut Draw, &mut Planes) -> T) -> T {
        let mut sketch = std::mem::take(&mut self.sketch);
        let refused = sketch.is_refused();
        let answer = act(&mut sketch, &mut Planes(self));
        if let Some(shown) = &mut self.shown {
            shown.drawing = sketch.on().then(|| sketch.now().clone());
            if refused && !sketch.on() {
                let of = shown.shared("points").map(str::to_owned);
                shown.left = Some((of, sketch.now().clone()));
                self.news.push((News::Notice, UNUSED.into()));
            }
        }
        self.sketch = sketch;
        let said: Element = dom::by_id("related-draw-said");
        let (class, role) = if self.sketch.is_refused() {
            ("refusal", "alert")
        } else {
            ("hint", "status")
        };
        dom::set(&said, "class", class);
        dom::set(&said, "role", role);
        self.stale = true;
        self.news.push((News::Draw, JsValue::UNDEFINED));
        answer
    }

    /// A button of the sketch; false if it is none.
    pub(super) fn sketch_click(&mut self, button: &Element) -> bool {
        let id = button.id();
        id.starts_with("related-draw-")
            && self.sketching(|sketch, ground| sketch.click(&id, ground))
    }

    /// A tool was chosen; false if it is none.
    pub(super) fn sketch_change(&self, target: &Element) -> bool {
        let name = target.get_attribute("name").unwrap_or_default();
        let ours = name.starts_with("related-draw-");
        if ours {
            self.sketch.show();
        }
        ours
    }

    /// A pointer on a plane that is drawn on.
    pub(super) fn sketch_point(&mut self, pointer: &Pointer) {
        // The other buttons and fingers draw nothing.
        let draws = pointer.main || pointer.gesture != Gesture::Down;
        if draws && self.sketch.on() {
            let planes = self.shown.iter().flat_map(Shown::planes);
            let place = { planes }.find_map(|plane| plane.place(pointer));
            let (gesture, pressed) = (pointer.gesture, pointer.pressed);
            self.sketching(|sketch, ground| sketch.point(gesture, pressed, place, ground));
        }
    }

    /// A key while points are drawn; false if it means nothing then.
    pub(in super::super) fn sketch_key(&mut self, target: &Element, event: &KeyboardEvent) -> bool {
        if !self.sketch.on() {
            return false;
        }
        let key = keys::meaning(event);
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            let types = target.tag_name() == "INPUT"
                && target.get_attribute("type").as_deref() == Some("text");
            let undoes = key.eq_ignore_ascii_case("z") && !event.alt_key() && !types;
            if undoes {
                let id = if event.shift_key() {
                    "related-draw-redo"
                } else {
                    "related-draw-undo"
                };
                self.sketching(|sketch, ground| sketch.click(id, ground));
            }
            return undoes;
        }
        let mut planes = self.shown.iter().flat_map(Shown::planes);
        let Some(plane) = planes.find(|plane| plane.is(target)) else {
            return false;
        };
        let mark = plane.mark();
        drop(planes);
        let digit = keys::digit(event);
        self.sketching(|sketch, ground| {
            sketch.key(&key, mark, ground)
                || digit.is_some_and(|digit| sketch.key(&digit, mark, ground))
        })
    }

    /// The mark of a plane was moved by keys: what is carried goes along.
    pub(in super::super) fn sketch_follow(&mut self, target: &Element) {
        if self.sketch.on() {
            let planes = self.shown.iter().flat_map(Shown::planes);
            let mark = { planes }.find(|plane| plane.is(target));
            let mark = mark.and_then(Panel::mark);
            self.sketching(|sketch, ground| sketch.follow(mark, ground));
        }
    }

    /// The worker has taken what was drawn, or says why not.
    pub(super) fn sketch_answered(&mut self, refused: Option<&str>) {
        if let Some(shown) = &mut self.shown
            && refused.is_none()
        {
            shown.left = None;
        }
        let unheard = self.sketching(|sketch, ground| {
            sketch.answered(ground);
            let Some(why) = refused else {
                sketch.accept();
                return None;
            };
            if sketch.refuse(why) {
                ground.hold();
            }
            refused.filter(|_| !sketch.on())
        });
        if let Some(why) = unheard {
            self.news.push((News::Complain, why.into()));
        }
    }

    /// The run is another, or has other points.
    pub(super) fn sketch_loaded(&mut self) {
        if self.sketch.on() {
            self.sketching(|sketch, ground| sketch.loaded(ground));
        }
    }

    /// Whether points can be drawn, and of how many classes.
    pub(super) fn show_sketch(&mut self) {
        let shown = self.shown.as_ref();
        let classes = shown.map_or(0, |shown| shown.settings.drawn_classes);
        dom::show(&dom::by_id::<Element>("related-draw-open"), classes > 0);
        self.sketch.limit(classes);
    }
}
