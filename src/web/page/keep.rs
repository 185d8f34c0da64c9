//! What of a run its address cannot hold, kept in the tab until that is closed: points and weights of a file, and the
//! step computed furthest. Knows where it is kept and when leaving has to be asked about, no run's inside.

use crate::lab::config::Config;
use crate::lab::session::{Command, Origin};
use crate::web::dom::stored::of_tab;
use crate::web::wire::shown::Shown;
use web_sys::BeforeUnloadEvent;

/// What the run starts from.
const ORIGIN: &str = "proxprop-origin";
/// The furthest step and the run's text.
const PLACE: &str = "proxprop-place";

/// What is kept.
#[derive(Default)]
pub(super) struct Keep {
    /// The run is more than its address.
    own: bool,
    /// It is in the tab's storage.
    kept: bool,
    /// The step that a run brought back is on its way to.
    goal: u64,
}

impl Keep {
    /// What the run on the screen starts from.
    pub(super) fn take(&mut self, origin: &Origin, shown: &Shown) {
        self.own = *origin != Origin::Query;
        self.kept = match (origin, of_tab()) {
            // Refused where it is more than the browser grants a tab.
            (Origin::File(text), Some(storage)) => storage.set_item(ORIGIN, text).is_ok(),
            _ => false,
        };
        if !self.kept {
            forget();
        }
        self.note(shown);
    }

    /// Another run is on the screen, and what it starts from is not known yet.
    pub(super) fn wait(&mut self) {
        self.kept = false;
    }

    /// Notes the run's text and how far it has come.
    pub(super) fn note(&self, shown: &Shown) {
        if let (true, Some(storage)) = (self.kept, of_tab()) {
            let furthest = shown.timeline.1.max(self.goal);
            let place = format!("{furthest} {}", shown.config);
            // A few bytes where there was room for many.
            let _ = storage.set_item(PLACE, &place);
        }
    }

    /// A run is being brought back.
    pub(super) fn resume(&mut self, command: &Command) {
        if let Command::Resume { step, .. } = command {
            self.goal = *step;
        }
    }

    /// It is back, or goes its own way again.
    pub(super) fn arrived(&mut self, shown: &Shown) {
        self.goal = 0;
        self.note(shown);
    }

    /// Whether what has been done would be lost with the page.
    pub(super) fn would_lose(&self) -> bool {
        self.own && !self.kept
    }
}

/// What brings the run of this text back, where it was kept in this tab.
pub(super) fn kept(query: &str) -> Option<Command> {
    let storage = of_tab()?;
    let origin = storage.get_item(ORIGIN).ok()??;
    let place = storage.get_item(PLACE).ok()??;
    let (step, text) = place.split_once(' ')?;
    let same = Config::parse(query).ok()? == Config::parse(text).ok()?;
    same.then(|| Command::Resume {
        origin,
        query: text.to_owned(),
        step: step.parse().unwrap_or(0),
    })
}

/// Keeps nothing more.
pub(super) fn forget() {
    if let Some(storage) = of_tab() {
        let _ = storage.remove_item(ORIGIN);
        let _ = storage.remove_item(PLACE);
    }
}

/// Has the browser ask whether the page may go.
pub(super) fn ask_before(event: &BeforeUnloadEvent) {
    event.prevent_default();
    event.set_return_value("lost");
}
