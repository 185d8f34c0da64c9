//! Drawing one's own points on the decision boundaries: tools, strokes by pointer and by keys, undo. The run follows
//! every stroke. Knows panels only by places on them, and the run as a ground to draw on.

use super::ground::Ground;
use crate::data::drawn::{Dot, Drawn, MOST_DRAWN, MOST_DRAWN_CLASSES};
use crate::lab::config::drawn_text;
use crate::lab::sketch::Sketch;
use crate::plot::number::short;
use crate::web::dom;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::widgets::boundary::BoundaryView;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

/// Between the points of one stroke, in CSS pixels.
const SPACING: f64 = 14.0;
/// How near a point must be to be erased or dragged, in CSS pixels; fingers are thicker.
const REACH: (f64, f64) = (12.0, 22.0);

/// What a stroke does.
#[derive(Clone, Copy, PartialEq)]
enum Tool {
    Draw,
    Erase,
    Drag,
}

/// A place on a panel.
#[derive(Clone, Copy)]
pub(in crate::web) struct Place {
    /// In shares of the panel from its top left.
    pub(in crate::web) share: [f64; 2],
    /// The panel's width in CSS pixels.
    pub(in crate::web) width: f64,
    /// Whether a finger is there.
    pub(in crate::web) touch: bool,
}

impl Place {
    /// That of a pointer on a panel.
    pub(in crate::web) fn of_pointer(panel: &BoundaryView, pointer: &Pointer) -> Option<Place> {
        let host = &panel.stack.host;
        let (_, share) = pointer.over(host)?;
        Some(Place {
            share,
            width: host.get_bounding_client_rect().width(),
            touch: pointer.touch,
        })
    }

    /// Where keys read on a panel.
    pub(in crate::web) fn of_mark(panel: &BoundaryView) -> Option<Place> {
        Some(Place {
            share: panel.cursor()?,
            width: panel.stack.host.get_bounding_client_rect().width(),
            touch: false,
        })
    }
}

/// The drawing mode.
// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
#[derive(Default)]
pub(in crate::web) struct Draw {
    /// What names of its parts begin with.
    own: &'static str,
    /// How many classes there are; 1 where a point's class is nothing to the run.
    classes: usize,
    on: bool,
    sketch: Sketch,
    /// Where the stroke's last point was placed, in shares; a stroke is being made.
    stroke: Option<[f64; 2]>,
    /// The point being dragged.
    carried: Option<usize>,
    /// The worker has been told of an earlier drawing and has not answered.
    under_way: bool,
    /// The worker has not been told of this drawing.
    untold: bool,
    /// Why the worker has refused this drawing: the run has other points.
    refused: Option<String>,
}

impl Draw {
    /// The mode whose parts have names that begin so.
    pub(in crate::web) fn of(own: &'static str) -> Draw {
        Draw {
            own,
            classes: MOST_DRAWN_CLASSES,
            ..Draw::default()
        }
    }

    /// Points have so many classes at most, or 1 where that is nothing to the run; without any it ends.
    pub(in crate::web) fn limit(&mut self, classes: usize) {
        if self.classes != classes {
            self.classes = classes;
            if classes == 0 {
                self.leave();
                self.close();
            }
            self.show();
        }
    }

    /// The worker has refused the drawing, for this reason; false if it has been told of another meanwhile, or nobody draws any more.
    pub(in crate::web) fn refuse(&mut self, why: &str) -> bool {
        let holds = self.on && !self.under_way && !self.untold;
        if holds {
            self.refused = Some([why, "."].concat());
            self.say("");
            self.show();
        }
        holds
    }

    /// The worker has taken it: what was refused before it is said no more.
    pub(in crate::web) fn accept(&mut self) {
        if self.refused.take().is_some() {
            self.say("");
            self.show();
        }
    }

    /// Whether the drawing is refused as it is.
    pub(in crate::web) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    fn part<T: JsCast>(&self, name: &str) -> T {
        dom::by_id(&[self.own, name].concat())
    }

    /// The points as they are drawn.
    pub(in crate::web) fn now(&self) -> &Drawn {
        self.sketch.now()
    }

    /// Whether strokes draw.
    pub(in crate::web) fn on(&self) -> bool {
        self.on
    }

    /// A button; false if it is none of the mode's.
    pub(in crate::web) fn click(&mut self, id: &str, ground: &mut impl Ground) -> bool {
        let Some(id) = id.strip_prefix(self.own) else {
            return false;
        };
        match id {
            "draw-open" if self.on => self.close(),
            "draw-open" => self.open(ground),
            "draw-done" => self.close(),
            "draw-undo" => self.step_back(ground),
            "draw-redo" => {
                (self.stroke, self.carried) = (None, None);
                if self.sketch.redo() {
                    self.changed("The stroke is back.", ground);
                }
            }
            "draw-clear" => {
                (self.stroke, self.carried) = (None, None);
                let curve = self.sketch.now().curve;
                self.sketch.replace(Drawn {
                    curve,
                    dots: Vec::new(),
                });
                self.changed("All points are gone; Undo brings them back.", ground);
            }
            "draw-file" => dom::by_id::<HtmlInputElement>("share-file").click(),
            _ => return false,
        }
        self.show();
        true
    }

    /// The data are to be drawn ones: those shown, or none.
    pub(in crate::web) fn adopt(&mut self, ground: &mut impl Ground) {
        self.open(ground);
        self.changed("The points shown are yours now.", ground);
        self.show();
    }

    fn open(&mut self, ground: &impl Ground) {
        let Some(points) = ground.points() else {
            return;
        };
        let words = match points {
            Ok(drawn) => {
                self.sketch = Sketch::new(drawn);
                String::new()
            }
            Err(why) => {
                self.sketch = Sketch::default();
                format!("Draw on an empty plane: {why}.")
            }
        };
        (self.on, self.untold, self.stroke, self.carried) = (true, false, None, None);
        self.refused = None;
        self.say(&words);
    }

    fn close(&mut self) {
        self.sketch.end();
        (self.on, self.refused, self.stroke, self.carried) = (false, None, None, None);
    }

    /// Shows the mode, its bar, and what can be undone.
    pub(in crate::web) fn show(&self) {
        let open: Element = self.part("draw-open");
        let pressed = if self.on { "true" } else { "false" };
        dom::set(&open, "aria-pressed", pressed);
        dom::show(&self.part::<Element>("draw-bar"), self.on);
        let panels: HtmlElement = self.part("boundaries");
        // Other views do not wait for what is drawn here.
        if panels.offset_parent().is_some() {
            self.show_waiting(true);
        }
        dom::set(
            &panels,
            "data-drawing",
            if self.on {
                self.tool_name()
            } else {
                String::new()
            }
            .as_str(),
        );
        let (undo, redo) = self.sketch.can();
        self.part::<HtmlButtonElement>("draw-undo")
            .set_disabled(!undo);
        self.part::<HtmlButtonElement>("draw-redo")
            .set_disabled(!redo);
        let classes: Element = self.part("draw-classes");
        dom::show(&classes, !self.sketch.now().curve && self.classes > 1);
        for (class, label) in dom::all(&classes, "label").iter().enumerate() {
            dom::show(label, class < self.classes);
        }
    }

    /// Marks the page while the run waits, if that is `seen`.
    pub(in crate::web) fn show_waiting(&self, seen: bool) {
        dom::mark("data-waits", (seen && self.waits()).then_some("true"));
    }

    fn say(&self, words: &str) {
        let drawn = self.sketch.now();
        let count = drawn.dots.len();
        let noun = if count == 1 { "point" } else { "points" };
        let mut pairs = drawn.dots.windows(2);
        let rest = if let Some(why) = &self.refused {
            why
        } else if count < 2 {
            "The runs wait for at least two."
        } else if self.classes > 1 && !drawn.curve && pairs.all(|two| two[0].class == two[1].class)
        {
            "There is only one class so far: there is nothing to learn."
        } else {
            "Drawn points travel in the link, and every stroke starts the runs again."
        };
        let words = format!("{words} {count} of at most {MOST_DRAWN} {noun}. {rest}");
        dom::write(&self.part("draw-said"), words.trim_start());
    }

    /// The chosen tool.
    fn tool(&self) -> Tool {
        match self.tool_name().as_str() {
            "erase" => Tool::Erase,
            "drag" => Tool::Drag,
            _ => Tool::Draw,
        }
    }

    fn tool_name(&self) -> String {
        self.chosen("draw-tool")
    }

    /// The chosen class, from 0.
    fn class(&self) -> u8 {
        let chosen = self.chosen("draw-class").parse().unwrap_or(0);
        if usize::from(chosen) < self.classes {
            chosen
        } else {
            0
        }
    }

    fn chosen(&self, name: &str) -> String {
        let bar: Element = self.part("draw-bar");
        let checked = ["input[name=", self.own, name, "]:checked"].concat();
        let input: Option<HtmlInputElement> = dom::seek(&bar, &checked);
        input.map_or_else(String::new, |input| input.value())
    }

    // ---- strokes ----

    /// A pointer on a panel; `None` where it is elsewhere. Whether the drawing has another look now.
    pub(in crate::web) fn point(
        &mut self,
        gesture: Gesture,
        pressed: bool,
        place: Option<Place>,
        ground: &mut impl Ground,
    ) -> bool {
        match (gesture, place) {
            (Gesture::Down, Some(place)) => {
                self.begin(place, ground);
                self.touch(place, ground);
            }
            (Gesture::Move, Some(place)) if pressed && self.stroke.is_some() => {
                self.touch(place, ground);
            }
            (Gesture::Up | Gesture::Move, _) if self.stroke.is_some() && !pressed => self.end(),
            _ => return false,
        }
        self.show();
        true
    }

    fn begin(&mut self, place: Place, ground: &impl Ground) {
        self.sketch.begin();
        // Nowhere yet: the first point is always placed.
        self.stroke = Some([f64::NAN; 2]);
        self.carried = None;
        if self.tool() == Tool::Drag
            && let Some((at, reach)) = units(place, ground)
        {
            self.carried = self.sketch.now().nearest(at, reach);
            if self.carried.is_none() {
                self.say("There is no point here to drag.");
            }
        }
    }

    fn end(&mut self) {
        self.sketch.end();
        (self.stroke, self.carried) = (None, None);
    }

    /// The stroke is at a place.
    fn touch(&mut self, place: Place, ground: &mut impl Ground) {
        let Some((at, reach)) = units(place, ground) else {
            return;
        };
        match self.tool() {
            Tool::Draw => {
                let last = self.stroke.unwrap_or([f64::NAN; 2]);
                let far = (place.share[0] - last[0]).hypot(place.share[1] - last[1]) * place.width;
                if far < SPACING {
                    return;
                }
                self.stroke = Some(place.share);
                self.add(at, ground);
            }
            Tool::Erase => self.erase(at, reach, ground),
            Tool::Drag => self.drag(at, ground),
        }
    }

    fn add(&mut self, at: [f64; 2], ground: &mut impl Ground) {
        let class = if self.sketch.now().curve {
            0
        } else {
            self.class()
        };
        let dot = Dot::near(class, at);
        if self.sketch.add(dot) {
            let what = if self.sketch.now().curve {
                "Point".to_owned()
            } else {
                format!("Class {}", class + 1)
            };
            self.changed(&format!("{what} at {}.", words(dot)), ground);
        } else {
            self.say("There is no room for more.");
        }
    }

    fn erase(&mut self, at: [f64; 2], reach: f64, ground: &mut impl Ground) {
        if let Some(dot) = self.sketch.erase(at, reach) {
            self.changed(&format!("Erased the point at {}.", words(dot)), ground);
        }
    }

    fn drag(&mut self, at: [f64; 2], ground: &mut impl Ground) {
        if let Some(index) = self.carried {
            self.sketch.drag(index, at);
            let dot = self.sketch.now().dots[index];
            self.changed(&format!("Moved to {}.", words(dot)), ground);
        }
    }

    /// Takes back the last stroke.
    pub(in crate::web) fn step_back(&mut self, ground: &mut impl Ground) {
        (self.stroke, self.carried) = (None, None);
        if self.sketch.undo() {
            self.changed("Undone.", ground);
        } else {
            self.say("There is nothing to undo.");
        }
        self.show();
    }

    /// A key on a panel whose reading mark is at `place`; false if it means nothing here.
    pub(in crate::web) fn key(
        &mut self,
        key: &str,
        place: Option<Place>,
        ground: &mut impl Ground,
    ) -> bool {
        match (key, place) {
            ("Escape" | " " | "Enter", _) if self.carried.is_some() => self.end(),
            ("Escape", _) => self.close(),
            ("u" | "U", _) => self.step_back(ground),
            (" " | "Enter", Some(place)) => {
                self.begin(place, ground);
                self.touch(place, ground);
                // A point that was picked up goes along with the mark until the next press.
                if self.carried.is_none() {
                    self.end();
                }
            }
            (" " | "Enter", None) => {
                self.say("Arrow keys move the mark at which points are drawn.");
            }
            ("Delete" | "Backspace", Some(place)) => {
                if let Some((at, reach)) = units(place, ground) {
                    self.sketch.begin();
                    self.erase(at, reach, ground);
                    self.end();
                }
            }
            (digit, _) => {
                let class = digit
                    .parse::<usize>()
                    .ok()
                    .filter(|n| self.classes > 1 && (1..=self.classes).contains(n));
                let Some(class) = class else { return false };
                let choice = format!("draw-class-{class}");
                self.part::<HtmlInputElement>(&choice).set_checked(true);
                self.say(&format!("Class {class}."));
            }
        }
        self.show();
        true
    }

    /// The reading mark was moved by keys: what is carried goes along. Whether anything is.
    pub(in crate::web) fn follow(
        &mut self,
        place: Option<Place>,
        ground: &mut impl Ground,
    ) -> bool {
        let at = place.and_then(|place| units(place, ground));
        let (Some(_), Some((at, _))) = (self.carried, at) else {
            return false;
        };
        self.drag(at, ground);
        self.show();
        true
    }

    // ---- the run ----

    /// The drawing is another one: shows it at once, and tells the worker as soon as that listens.
    fn changed(&mut self, words: &str, ground: &mut impl Ground) {
        self.untold = true;
        self.say(words);
        self.put(ground);
        if self.waits() {
            ground.hold();
        }
        self.tell(ground);
    }

    fn put(&self, ground: &mut impl Ground) {
        ground.put(self.sketch.now(), self.waits());
    }

    /// Whether there are too few points for a run, or others than it has been given.
    pub(in crate::web) fn waits(&self) -> bool {
        self.on && (self.is_refused() || self.untold && self.sketch.now().dots.len() < 2)
    }

    fn tell(&mut self, ground: &mut impl Ground) {
        if self.untold && !self.under_way && self.sketch.now().dots.len() >= 2 {
            let value = drawn_text(self.sketch.now());
            (self.untold, self.under_way) = (false, true);
            ground.send(value);
        }
    }

    /// The worker has taken the drawing, or refused it.
    pub(in crate::web) fn answered(&mut self, ground: &mut impl Ground) {
        self.under_way = false;
        self.tell(ground);
    }

    /// The worker is another one, which was told nothing: what the one before has not answered it is told again.
    pub(in crate::web) fn forget(&mut self) {
        self.untold |= self.on && self.under_way;
        self.under_way = false;
    }

    /// Another run comes, which no stroke of before is for.
    pub(in crate::web) fn leave(&mut self) {
        self.sketch.end();
        (self.untold, self.refused, self.stroke, self.carried) = (false, None, None, None);
    }

    /// A run was loaded: ours, or somebody else's, whose points are then the ones drawn on.
    pub(in crate::web) fn loaded(&mut self, ground: &mut impl Ground) {
        if !self.on {
            return;
        }
        if self.untold {
            self.put(ground);
            return self.tell(ground);
        }
        let same = ground
            .points()
            .is_some_and(|points| points.as_ref() == Ok(self.sketch.now()));
        if !same && !self.under_way && !self.is_refused() {
            self.open(ground);
            self.show();
        }
    }
}

/// A place in units, rounded to what a pixel is worth and kept within the square, and how far a touch reaches.
fn units(place: Place, ground: &impl Ground) -> Option<([f64; 2], f64)> {
    let [x, y] = ground.ranges()?;
    let span = x.1 - x.0;
    let fine = libm::exp10(libm::log10(span / 200.0).floor()).max(0.001);
    let within = |share: f64, range: (f64, f64)| {
        let value = range.0 + share.clamp(0.02, 0.98) * (range.1 - range.0);
        (value / fine).round() * fine
    };
    let at = [within(place.share[0], x), within(1.0 - place.share[1], y)];
    let pixels = if place.touch { REACH.1 } else { REACH.0 };
    Some((at, span * pixels / place.width.max(1.0)))
}

fn words(dot: Dot) -> String {
    let [x, y] = dot.place();
    format!("({}, {})", short(x), short(y))
}
