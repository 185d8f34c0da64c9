//! What lies over the map: the cell that is read, by pointer, finger or keys, and the part that is being marked to be
//! zoomed into. Knows places, trains nothing.

use crate::frame::map::{Fate, MapFrame, Place};
use crate::plot::map::MapLayout;
use crate::plot::number::short;
use crate::web::dom;
use crate::web::dom::pointer::{Gesture, Pointer};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement};

/// A pointer that moves less (CSS pixels) while it is down points; beyond, it marks a part.
const STILL: f64 = 6.0;
/// Rows or columns that a page key moves by.
const PAGE: usize = 8;

/// A cell and a part.
pub(in crate::web) struct Glass {
    place: Option<Place>,
    drag: Option<Drag>,
    mark: HtmlElement,
    part: HtmlElement,
    title: Element,
    values: Element,
    text: Element,
    train: HtmlButtonElement,
}

/// From where to where, in CSS pixels from the top left of the chart.
struct Drag {
    from: [f64; 2],
    to: [f64; 2],
    strip: bool,
}

/// What a pointer has decided.
pub(in crate::web) enum Decision {
    /// To train the cell that is read.
    Train,
    /// To see this part, in shares from left to right and from below.
    Zoom([(f64, f64); 2]),
}

impl Drag {
    fn is_wide(&self) -> bool {
        (0..2).any(|i| (self.to[i] - self.from[i]).abs() > STILL)
    }

    /// The box in CSS pixels: left, top, right, bottom; nothing beyond the map, and all of its height where only the
    /// first axis is meant.
    fn corners(&self, layout: &MapLayout, unit: f64) -> [f64; 4] {
        let strip = layout.strip.filter(|_| self.strip);
        let ((left, top), (right, bottom)) = strip.unwrap_or(layout.map);
        let [left, top, right, bottom] = [left, top, right, bottom].map(|v| f64::from(v) / unit);
        let order = |a: f64, b: f64| if a < b { (a, b) } else { (b, a) };
        let (x0, x1) = order(self.from[0], self.to[0]);
        let (y0, y1) = if self.strip || !layout.has_rows() {
            (top, bottom)
        } else {
            order(self.from[1], self.to[1])
        };
        [
            x0.clamp(left, right),
            y0.clamp(top, bottom),
            x1.clamp(left, right),
            y1.clamp(top, bottom),
        ]
    }

    fn shares(&self, layout: &MapLayout, unit: f64) -> [(f64, f64); 2] {
        let [x0, y0, x1, y1] = self.corners(layout, unit).map(|v| v * unit);
        if self.strip {
            let ((left, _), (right, _)) = layout.map;
            let share = |x: f64| (x - f64::from(left)) / f64::from(right - left);
            return [(share(x0), share(x1)), (0.0, 1.0)];
        }
        let (low, high) = (layout.shares_at((x0, y1)), layout.shares_at((x1, y0)));
        [(low.0, high.0), (low.1, high.1)]
    }
}

impl Glass {
    /// Finds its parts in the document, each by its name behind this beginning.
    pub(in crate::web) fn new(of: &str) -> Glass {
        fn part<T: JsCast>(of: &str, name: &str) -> T {
            dom::by_id(&[of, name].concat())
        }
        Glass {
            place: None,
            drag: None,
            mark: part(of, "map-mark"),
            part: part(of, "map-part"),
            title: part(of, "map-cell-title"),
            values: part(of, "map-cell-values"),
            text: part(of, "map-cell-text"),
            train: part(of, "map-train"),
        }
    }

    /// The cell that is read.
    pub(in crate::web) fn place(&self) -> Option<Place> {
        self.place
    }

    /// Half as much of each axis around what is read, or the middle.
    pub(in crate::web) fn around(&self, frame: &MapFrame) -> [(f64, f64); 2] {
        let grid = frame.grid;
        self.place.map_or([(0.25, 0.75); 2], |place| {
            let around = |at: usize, of: usize| {
                let middle = (at as f64 + 0.5) / of as f64;
                (middle - 0.25, middle + 0.25)
            };
            let upwards = if place.strip {
                (0.0, 1.0)
            } else {
                around(place.row, grid.rows)
            };
            [around(place.column, grid.columns), upwards]
        })
    }

    /// Whether a part is being marked.
    pub(in crate::web) fn drags(&self) -> bool {
        self.drag.is_some()
    }

    /// Stops reading.
    pub(in crate::web) fn leave(&mut self) {
        self.place = None;
    }

    /// Keeps to a map of this many cells.
    pub(in crate::web) fn fit(&mut self, frame: &MapFrame) {
        let grid = frame.grid;
        self.place = self
            .place
            .filter(|p| p.column < grid.columns && p.row < grid.rows && (grid.strip || !p.strip));
    }

    /// After a zoom around a cell that cell is in the middle.
    pub(in crate::web) fn centre(&mut self, frame: &MapFrame) {
        if let Some(place) = &mut self.place {
            place.column = frame.grid.columns / 2;
            if !place.strip {
                place.row = frame.grid.rows / 2;
            }
        }
    }

    /// A pointer over the chart, at `at` in CSS pixels from its top left.
    pub(in crate::web) fn point(
        &mut self,
        pointer: &Pointer,
        host: &HtmlElement,
        at: [f64; 2],
        layout: &MapLayout,
        unit: f64,
    ) -> Option<Decision> {
        let place = layout.place_at((lattice(at[0], unit), lattice(at[1], unit)));
        match pointer.gesture {
            Gesture::Down if pointer.main => {
                self.drag = place.map(|place| Drag {
                    from: at,
                    to: at,
                    strip: place.strip,
                });
                pointer.hold(host);
            }
            Gesture::Move if pointer.pressed => {
                if let Some(drag) = &mut self.drag {
                    drag.to = at;
                }
            }
            Gesture::Up => {
                let drag = self.drag.take()?;
                if drag.is_wide() {
                    self.place = None;
                    return Some(Decision::Zoom(drag.shares(layout, unit)));
                }
                self.place = place;
                // A finger cannot hover: it reads first.
                return place.filter(|_| !pointer.touch).map(|_| Decision::Train);
            }
            Gesture::Move => {
                self.drag = None;
                self.place = place;
            }
            _ => self.drag = None,
        }
        None
    }

    /// Goes to another cell by keys, first from the run itself, whose values are `here`; false if the key means
    /// nothing here.
    pub(in crate::web) fn key(
        &mut self,
        key: &str,
        frame: &MapFrame,
        here: Option<&[f64]>,
    ) -> bool {
        if key == "Escape" {
            let busy = self.place.is_some() || self.drag.is_some();
            (self.place, self.drag) = (None, None);
            return busy;
        }
        let (across, upwards): (isize, isize) = match key {
            "ArrowLeft" => (-1, 0),
            "ArrowRight" => (1, 0),
            "ArrowUp" => (0, 1),
            "ArrowDown" => (0, -1),
            "PageUp" => (0, PAGE.cast_signed()),
            "PageDown" => (0, -PAGE.cast_signed()),
            "Home" => (isize::MIN, 0),
            "End" => (isize::MAX, 0),
            _ => return false,
        };
        self.place = Some(match self.place {
            Some(place) => frame.grid.moved(place, across, upwards),
            None => frame.nearest(here),
        });
        true
    }

    /// Puts the marks where they belong.
    pub(in crate::web) fn show_marks(&self, layout: &MapLayout, unit: f64) {
        let put = |element: &HtmlElement, corners: Option<[f64; 4]>| {
            dom::show(element, corners.is_some());
            if let Some([left, top, right, bottom]) = corners {
                dom::place(element, "left", left);
                dom::place(element, "top", top);
                dom::place(element, "width", right - left);
                dom::place(element, "height", bottom - top);
            }
        };
        let wide = self.drag.as_ref().filter(|drag| drag.is_wide());
        put(&self.part, wide.map(|drag| drag.corners(layout, unit)));
        let cell = self.place.filter(|_| wide.is_none()).map(|place| {
            let (from, to) = layout.corners_of(place);
            [from.0, from.1, to.0, to.1].map(|v| f64::from(v) / unit)
        });
        put(&self.mark, cell);
    }

    /// Says what is known of the cell that is read; `name` is what the run of a cell with this number is called.
    pub(in crate::web) fn say(&self, frame: &MapFrame, name: impl FnOnce(usize) -> String) {
        self.train.set_disabled(self.place.is_none());
        let Some(place) = self.place else {
            dom::write(&self.title, "No cell");
            dom::write(
                &self.values,
                "Point at one, tap it, or go there by arrow keys.",
            );
            dom::write(&self.text, "A click trains its run; dragging zooms in.");
            return;
        };
        let number = frame.grid.cell(place);
        let values = frame.values(number).into_iter().zip(&frame.axes);
        let values = values.map(|(value, axis)| format!("{} {value}", axis.label.replace('_', "")));
        dom::write(&self.title, &name(number));
        dom::write(&self.values, &values.collect::<Vec<_>>().join(", "));
        let text = match &frame.cells[number] {
            None => "Not trained yet.".to_owned(),
            Some(cell) => {
                let mean = match frame.seeds {
                    1 => String::new(),
                    seeds => format!(", mean over {seeds} seeds"),
                };
                let diverged = match (cell.diverged_at, frame.seeds) {
                    (None, _) => String::new(),
                    (Some(step), 1) => format!(" at step {step}"),
                    (Some(step), seeds) => {
                        let count = cell.diverged;
                        format!(": {count} of {seeds} seeds, the first at step {step}")
                    }
                };
                let loss = short(cell.loss);
                if let Some(number) = &frame.number {
                    let value = if cell.loss.is_nan() {
                        "no value"
                    } else {
                        &loss
                    };
                    let ended = [&number.label, " ", value, &mean, "."].concat();
                    let diverged = ["Diverged", &diverged, "."].concat();
                    let lost = cell.fate == Fate::Diverged;
                    dom::write(&self.text, if lost { &diverged } else { &ended });
                    return;
                }
                match cell.fate {
                    Fate::Diverged => format!("Diverged{diverged}; J {loss} there{mean}."),
                    Fate::Converged => format!("Converged; final J {loss}{mean}."),
                    _ => format!("Not converged yet; final J {loss}{mean}."),
                }
            }
        };
        dom::write(&self.text, &text);
    }
}

fn lattice(at: f64, unit: f64) -> i32 {
    (at * unit).round() as i32
}
