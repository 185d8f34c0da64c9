//! A pointer, mouse or finger: what it does and what it is over. Knows places, not what is done there.

use super::elements::has_focus;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};

/// What a pointer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Gesture {
    /// It moves, held or not.
    Move,
    /// A button or finger goes down.
    Down,
    /// It is lifted.
    Up,
    /// It leaves what it was over.
    Leave,
    /// The browser takes it for something else, to scroll by.
    Cancel,
}

impl Gesture {
    /// All of them, by the names of their events.
    pub(in crate::web) const EVENTS: [(&str, Gesture); 5] = [
        ("pointermove", Gesture::Move),
        ("pointerdown", Gesture::Down),
        ("pointerup", Gesture::Up),
        ("pointerleave", Gesture::Leave),
        ("pointercancel", Gesture::Cancel),
    ];
}

/// A pointer and the chart or panel it is over.
pub(in crate::web) struct Pointer {
    /// What it does.
    pub(in crate::web) gesture: Gesture,
    host: Option<Element>,
    client: [f64; 2],
    /// A button or finger is down.
    pub(in crate::web) pressed: bool,
    /// It is the main button, or the only finger.
    pub(in crate::web) main: bool,
    /// A finger, which leaves its reading when it is lifted; a mouse takes it away.
    pub(in crate::web) touch: bool,
    id: i32,
}

impl Pointer {
    /// From the document's event.
    pub(in crate::web) fn of(event: &PointerEvent, gesture: Gesture) -> Pointer {
        let target = event
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .filter(|_| gesture != Gesture::Leave);
        Pointer {
            gesture,
            host: target.and_then(|t| t.closest(".chart, .field").ok().flatten()),
            client: [f64::from(event.client_x()), f64::from(event.client_y())],
            pressed: event.buttons() != 0,
            main: event.button() == 0 && event.is_primary(),
            touch: event.pointer_type() == "touch",
            id: event.pointer_id(),
        }
    }

    /// Gives `host` all that this pointer does until it is lifted, wherever it goes.
    pub(in crate::web) fn hold(&self, host: &HtmlElement) {
        // Refused when it has been lifted in the meantime.
        let _ = host.set_pointer_capture(self.id);
    }

    /// Where it is over `host`, in CSS pixels from the top left and in shares of its size; `None` elsewhere.
    pub(in crate::web) fn over(&self, host: &HtmlElement) -> Option<([f64; 2], [f64; 2])> {
        let here = self.host.as_ref()?.is_same_node(Some(host));
        here.then(|| {
            let place = host.get_bounding_client_rect();
            let at = [self.client[0] - place.left(), self.client[1] - place.top()];
            (at, [at[0] / place.width(), at[1] / place.height()])
        })
    }

    /// Whether a reading beside what is read ends now: a mouse that has only pressed here takes it along, and so does a
    /// finger that presses elsewhere.
    pub(in crate::web) fn leaves(&self, host: &HtmlElement) -> bool {
        if self.touch {
            return self.gesture == Gesture::Down;
        }
        !host.matches(":focus-visible").unwrap_or(false)
    }

    /// Whether a reading on `host` ends now.
    pub(in crate::web) fn ends(&self, host: &HtmlElement) -> bool {
        !self.touch && !has_focus(host)
    }
}
