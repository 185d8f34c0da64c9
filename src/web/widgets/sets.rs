//! The data sets as small pictures to choose from. Knows what each looks like, and no run.

use super::thumbnail;
use crate::Named;
use crate::data::{DataSource, generate};
use crate::lab::scene::scene_of;
use crate::plot::Theme;
use crate::web::dom;
use web_sys::{Element, HtmlCanvasElement};

/// Points of a picture.
const POINTS: usize = 70;

/// The pictures.
pub(in crate::web) struct Sets {
    buttons: Vec<(DataSource, Element)>,
    drawn: bool,
}

impl Sets {
    /// Puts a button per set before all else in `place`.
    pub(in crate::web) fn new(place: &Element) -> Sets {
        let group: Element = dom::element("div", "sets", "");
        dom::set(&group, "role", "group");
        dom::set(&group, "aria-label", "Data sets");
        place.prepend_with_node_1(&group).expect("a tree");
        let button = |&source: &DataSource| {
            let button: Element = dom::element("button", "", "");
            dom::set(&button, "type", "button");
            dom::set(&button, "data-set", source.name());
            dom::append(&button, &dom::element("canvas", "", ""));
            dom::append(&button, &dom::element("span", "", source.title()));
            dom::append(&group, &button);
            (source, button)
        };
        Sets {
            buttons: DataSource::TOY.iter().map(button).collect(),
            drawn: false,
        }
    }

    /// Marks the one that the runs learn.
    pub(in crate::web) fn show(&self, chosen: DataSource) {
        for (source, button) in &self.buttons {
            let pressed = if *source == chosen { "true" } else { "false" };
            dom::set(button, "aria-pressed", pressed);
        }
    }

    /// Draws them, once.
    pub(in crate::web) fn draw(&mut self, theme: &Theme) {
        if std::mem::replace(&mut self.drawn, true) {
            return;
        }
        for (source, button) in &self.buttons {
            if let Ok(data) = generate(*source, POINTS, 0.1, 0.0, 1) {
                let canvas: HtmlCanvasElement = dom::find(button, "canvas");
                thumbnail::points(&canvas, &scene_of(&data), theme);
            }
        }
    }

    /// The colours are others.
    pub(in crate::web) fn forget(&mut self) {
        self.drawn = false;
    }
}
