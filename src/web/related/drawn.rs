//! A plane while points are drawn on it. Draws nothing.

use crate::data::drawn::Drawn;
use crate::frame::stage::{Class, Dot, Scape};
use crate::lab::scene::scene_of_drawn;

/// The same plane with the points of a drawing in place of its own; what else is on it stays where it is of the same piece of the plane.
pub(super) fn with_drawn(scape: &Scape, drawn: &Drawn) -> Scape {
    let scene = scene_of_drawn(drawn);
    let mut plane = if (scape.x, scape.y) == (scene.x, scene.y) {
        scape.clone()
    } else {
        Scape {
            x: scene.x,
            y: scene.y,
            ..Scape::default()
        }
    };
    plane.classes = (0..drawn.classes())
        .map(|class| Class::new(class, &format!("class {}", class + 1)))
        .collect();
    let dots = drawn.dots.iter().map(|dot| Dot {
        at: dot.place(),
        class: dot.class.into(),
        large: true,
        ringed: false,
    });
    plane.dots = dots.collect();
    plane
}
