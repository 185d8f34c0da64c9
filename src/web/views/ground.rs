//! What points are drawn on: a plane with its points, and the run that follows them. The lab's own run is one.

use crate::data::drawn::Drawn;
use crate::lab::scene::{drawn_of, scene_of_drawn};
use crate::lab::session::Command;
use crate::web::wire::link::{Link, Pending};
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;

/// A plane, and who is told.
pub(in crate::web) trait Ground {
    /// What is seen of the plane, from left to right and from bottom to top; `None` before there is a run.
    fn ranges(&self) -> Option<[(f64, f64); 2]>;
    /// The points that are there; a sentence why they cannot be drawn on; `None` before there is a run.
    fn points(&self) -> Option<Result<Drawn, String>>;
    /// Shows a drawing; `waits` where a run needs more points.
    fn put(&mut self, drawn: &Drawn, waits: bool);
    /// What plays stands still.
    fn hold(&mut self);
    /// The run is to have these points; whoever draws is told what becomes of them.
    fn send(&mut self, points: String);
}

/// The lab's own run.
pub(in crate::web) struct OwnRun<'a> {
    /// Its points, which are put at once.
    pub(in crate::web) shown: &'a mut Shown,
    /// Its worker.
    pub(in crate::web) link: &'a mut Link,
}

impl Ground for OwnRun<'_> {
    fn ranges(&self) -> Option<[(f64, f64); 2]> {
        let scene = self.shown.scene.as_ref()?;
        Some([scene.x, scene.y])
    }

    fn points(&self) -> Option<Result<Drawn, String>> {
        self.shown.scene.as_ref().map(drawn_of)
    }

    fn put(&mut self, drawn: &Drawn, waits: bool) {
        self.shown.scene = Some(scene_of_drawn(drawn));
        if waits {
            self.shown.fields.clear();
        }
    }

    fn hold(&mut self) {
        if self.shown.playing {
            self.link.person(Command::Pause);
        }
    }

    fn send(&mut self, points: String) {
        let key = "points".to_owned();
        let set = Command::Set { key, value: points };
        self.link.send(Ask::Command(set), Pending::Drawing);
    }
}
