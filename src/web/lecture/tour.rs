//! The tour: a few stops, each at a place of the page, left at any time. Whether it was ever taken or turned down is all
//! that is kept, so that it never asks twice. The stops are those of `index.html`.

use crate::web::dom;
use crate::web::dom::stored::{TOUR, store, stored};
use web_sys::Element;

/// Where the tour is.
#[derive(Default)]
pub(in crate::web) struct Tour {
    /// The stop, an index.
    at: Option<usize>,
}

impl Tour {
    /// Offers the tour in so many words to who has not seen it.
    pub(in crate::web) fn offer() {
        let seen = stored(TOUR).is_some();
        let button: Element = dom::by_id("tour-open");
        dom::set(&button, "data-new", if seen { "" } else { "true" });
    }

    /// Whether it is under way.
    pub(in crate::web) fn on(&self) -> bool {
        self.at.is_some()
    }

    /// One of its buttons was pressed.
    pub(in crate::web) fn click(&mut self, id: &str) {
        let last = stops().len() - 1;
        let to = match (id, self.at) {
            ("tour-open", _) => Some(0),
            ("tour-next", Some(at)) if at < last => Some(at + 1),
            ("tour-back", Some(at)) => Some(at.saturating_sub(1)),
            _ => None,
        };
        self.go(to);
    }

    /// The view that the stop is in.
    pub(in crate::web) fn view(&self) -> Option<String> {
        dom::get(&stops()[self.at?], "data-view")
    }

    /// Whether the stop speaks of the run's first step.
    pub(in crate::web) fn begins(&self) -> bool {
        self.at
            .is_some_and(|at| dom::get(&stops()[at], "data-first").is_some())
    }

    /// Leaves it.
    pub(in crate::web) fn end(&mut self) {
        self.go(None);
    }

    fn go(&mut self, to: Option<usize>) {
        let before = self.at.is_some();
        self.at = to;
        store(TOUR, "seen");
        Tour::offer();
        let aside: Element = dom::by_id("tour");
        dom::show(&aside, to.is_some());
        for (i, stop) in stops().iter().enumerate() {
            dom::show(stop, Some(i) == to);
        }
        let Some(to) = to else {
            unmark();
            if before {
                dom::focus("tour-open");
            }
            return;
        };
        let count = stops().len();
        dom::write(&dom::by_id("tour-where"), &format!("{} of {count}", to + 1));
        dom::set_disabled("tour-back", to == 0);
        let word = if to + 1 == count { "Finish" } else { "Next" };
        dom::write(&dom::by_id("tour-next"), word);
        dom::focus("tour-next");
    }

    /// Marks the place of the stop, once its view is shown.
    pub(in crate::web) fn mark(&self) {
        unmark();
        let root = dom::document().document_element();
        let place = self.at.and_then(|at| dom::get(&stops()[at], "data-at"));
        if let (Some(place), Some(root)) = (place, root)
            && let Some(target) = dom::seek::<Element>(&root, &place)
        {
            target.class_list().add_1("toured").expect("a valid class");
            target.scroll_into_view();
        }
    }
}

fn stops() -> Vec<Element> {
    dom::all(&dom::by_id("tour"), "li")
}

fn unmark() {
    if let Some(root) = dom::document().document_element() {
        for marked in dom::all(&root, ".toured") {
            marked
                .class_list()
                .remove_1("toured")
                .expect("a valid class");
        }
    }
}
