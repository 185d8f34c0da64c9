//! The ways that runs have left: their names with switches. Draws no curve.

use crate::lab::systems::Ghost;
use crate::web::dom;
use web_sys::{Element, HtmlInputElement};

/// The attribute of a switch that has its place.
const WAY: &str = "data-way";

/// The list, and what it lists.
pub(super) struct Ways {
    place: Element,
    list: Element,
    /// Each with whether it is drawn.
    all: Vec<(Ghost, bool)>,
}

impl Ways {
    /// An empty list at the end of `parent`.
    pub(super) fn new(parent: &Element) -> Ways {
        let place: Element = dom::element("section", "panel ghosts wide", "");
        dom::append(&place, &dom::element("h3", "", "Earlier branches"));
        let list: Element = dom::element("ul", "", "");
        dom::append(&place, &list);
        dom::append(parent, &place);
        dom::show(&place, false);
        Ways {
            place,
            list,
            all: Vec::new(),
        }
    }

    /// Takes on what there is now; what was switched off stays so.
    pub(super) fn take(&mut self, ghosts: Vec<Ghost>) {
        let before = std::mem::take(&mut self.all);
        let all = ghosts.into_iter().map(|ghost| {
            let known = before.iter().find(|(other, _)| *other == ghost);
            let visible = known.is_none_or(|(_, visible)| *visible);
            (ghost, visible)
        });
        self.all = all.collect();
        dom::show(&self.place, !self.all.is_empty());
        self.list.set_text_content(None);
        for (at, (ghost, visible)) in self.all.iter().enumerate() {
            let label: Element = dom::element("label", "", "");
            let switch: HtmlInputElement = dom::element("input", "", "");
            switch.set_type("checkbox");
            switch.set_checked(*visible);
            dom::set(&switch, WAY, &at.to_string());
            dom::append(&label, &switch);
            // By this number it is told apart in the charts.
            dom::append(&label, &dom::element("b", "", &(at + 1).to_string()));
            dom::append(&label, &dom::element("span", "", &ghost.name));
            let item: Element = dom::element("li", "", "");
            dom::append(&item, &label);
            dom::append(&self.list, &item);
        }
    }

    /// A switch was pressed; false if it is none.
    pub(super) fn switch(&mut self, target: &Element) -> bool {
        let at = dom::get(target, WAY).and_then(|at| at.parse::<usize>().ok());
        let Some((_, visible)) = at.and_then(|at| self.all.get_mut(at)) else {
            return false;
        };
        *visible = dom::input(target).checked();
        true
    }

    /// Those that are drawn, with their numbers.
    pub(super) fn drawn(&self) -> impl Iterator<Item = (u32, &Ghost)> {
        let all = (1..).zip(&self.all);
        all.filter_map(|(number, (ghost, visible))| visible.then_some((number, ghost)))
    }
}
