//! A plane with two axes: where its points lie, lines cut at its edges, ticks. Knows no chart.

use super::Drawn;
use super::number::{even, even_ticks};
use super::theme::{Line, Theme};
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend};

/// Where points of a plane go on the lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Left edge of the box.
    pub left: i32,
    /// Its top.
    pub top: i32,
    /// Its right edge.
    pub right: i32,
    /// Its bottom.
    pub bottom: i32,
    /// Range from left to right.
    pub x: (f64, f64),
    /// Range from bottom to top.
    pub y: (f64, f64),
}

impl Plane {
    /// A box below `top` lattice steps of a drawing, with room for labels on the left and below. With `equal`, it is
    /// made as small as makes a unit equally long in both directions.
    pub(super) fn new(
        size: (u32, u32),
        top: i32,
        x: (f64, f64),
        y: (f64, f64),
        equal: bool,
        theme: &Theme,
    ) -> Plane {
        let em = theme.font;
        let (left, top) = (theme.px(4.4 * em), top + theme.px(0.4 * em));
        let mut right = (size.0.cast_signed() - theme.px(em)).max(left + 1);
        let mut bottom = (size.1.cast_signed() - theme.px(2.8 * em)).max(top + 1);
        if equal {
            let unit =
                (f64::from(right - left) / (x.1 - x.0)).min(f64::from(bottom - top) / (y.1 - y.0));
            right = left + (unit * (x.1 - x.0)).round() as i32;
            bottom = top + (unit * (y.1 - y.0)).round() as i32;
        }
        Plane {
            left,
            top,
            right,
            bottom,
            x,
            y,
        }
    }

    /// One that is the whole of a drawing, without axes.
    pub(super) fn whole(size: (u32, u32), x: (f64, f64), y: (f64, f64)) -> Plane {
        Plane {
            left: 0,
            top: 0,
            right: size.0.cast_signed(),
            bottom: size.1.cast_signed(),
            x,
            y,
        }
    }

    /// How many times as long a unit is from left to right as upwards.
    pub(super) fn stretch(&self) -> f64 {
        let across = f64::from(self.right - self.left) / (self.x.1 - self.x.0);
        let up = f64::from(self.bottom - self.top) / (self.y.1 - self.y.0);
        across / up
    }

    /// Shows more of one direction, on both sides alike, until a unit is so many times as long from left to right as upwards.
    pub(super) fn widen_to(&mut self, stretch: f64) {
        let factor = self.stretch() / stretch;
        let (range, by) = if factor > 1.0 {
            (&mut self.x, factor)
        } else {
            (&mut self.y, 1.0 / factor)
        };
        let more = 0.5 * (by - 1.0) * (range.1 - range.0);
        *range = (range.0 - more, range.1 + more);
    }

    /// The place of a point, which may lie outside; far away it is moved to where lattice steps can still be counted.
    pub fn at(&self, p: [f64; 2]) -> BackendCoord {
        let [x, y] = self.exact(p);
        let whole = |v: f64| v.clamp(-1e8, 1e8).round() as i32;
        (whole(x), whole(y))
    }

    /// The point of a place.
    pub fn of(&self, place: (f64, f64)) -> [f64; 2] {
        let across = (place.0 - f64::from(self.left)) / f64::from(self.right - self.left);
        let up = (f64::from(self.bottom) - place.1) / f64::from(self.bottom - self.top);
        [
            self.x.0 + across * (self.x.1 - self.x.0),
            self.y.0 + up * (self.y.1 - self.y.0),
        ]
    }

    fn exact(&self, p: [f64; 2]) -> [f64; 2] {
        let across = (p[0] - self.x.0) / (self.x.1 - self.x.0);
        let up = (p[1] - self.y.0) / (self.y.1 - self.y.0);
        [
            f64::from(self.left) + across * f64::from(self.right - self.left),
            f64::from(self.bottom) - up * f64::from(self.bottom - self.top),
        ]
    }

    /// Whether a point is inside the box.
    pub(super) fn holds(&self, p: [f64; 2]) -> bool {
        (self.x.0..=self.x.1).contains(&p[0]) && (self.y.0..=self.y.1).contains(&p[1])
    }

    /// The part of a segment that is inside the box (Liang and Barsky 1984), in exact lattice steps.
    pub(super) fn cut(&self, from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
        let (a, b) = (self.exact(from), self.exact(to));
        let d = [b[0] - a[0], b[1] - a[1]];
        if !(d[0].is_finite() && d[1].is_finite()) {
            return None;
        }
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        let edges = [
            (-d[0], a[0] - f64::from(self.left)),
            (d[0], f64::from(self.right) - a[0]),
            (-d[1], a[1] - f64::from(self.top)),
            (d[1], f64::from(self.bottom) - a[1]),
        ];
        for (towards, room) in edges {
            if towards == 0.0 && room < 0.0 {
                return None;
            }
            let share = room / towards;
            if towards < 0.0 {
                enter = enter.max(share);
            } else if towards > 0.0 {
                leave = leave.min(share);
            }
        }
        let point = |share: f64| [a[0] + share * d[0], a[1] + share * d[1]];
        (enter <= leave).then(|| [point(enter), point(leave)])
    }

    /// Strokes a path of points, cut at the edges of the box.
    pub(super) fn stroke<B: DrawingBackend>(
        &self,
        backend: &mut B,
        theme: &Theme,
        line: Line,
        points: &[[f64; 2]],
        pen: ShapeStyle,
    ) -> Drawn<B> {
        let mut path: Vec<BackendCoord> = Vec::new();
        let whole = |p: [f64; 2]| (p[0].round() as i32, p[1].round() as i32);
        for pair in points.windows(2) {
            let Some([from, to]) = self.cut(pair[0], pair[1]) else {
                continue;
            };
            let (from, to) = (whole(from), whole(to));
            if path.last() != Some(&from) {
                if path.len() > 1 {
                    line.stroke(backend, theme, &path, pen)?;
                }
                path = vec![from];
            }
            path.push(to);
        }
        if path.len() > 1 {
            line.stroke(backend, theme, &path, pen)?;
        }
        Ok(())
    }

    /// Ticks with labels on the left and below, the names of the axes, and the edge of the box.
    pub(super) fn draw_axes<B: DrawingBackend>(
        &self,
        backend: &mut B,
        names: [&str; 2],
        theme: &Theme,
    ) -> Drawn<B> {
        let (gap, mark) = (theme.px(6.0), theme.px(4.0));
        let pen = theme.pen(&theme.muted, 1.0);
        let em = f64::from(theme.px(theme.font));
        let (across, up) = (
            f64::from(self.right - self.left) / (6.0 * em),
            f64::from(self.bottom - self.top) / (2.5 * em),
        );
        for x in even_ticks(self.x, across) {
            let at = theme.crisp(self.at([x, self.y.0]).0);
            backend.draw_path([(at, self.bottom), (at, self.bottom + mark)], &pen)?;
            let anchor = (HPos::Center, VPos::Top);
            theme.text(
                backend,
                &even(x),
                (at, self.bottom + gap),
                anchor,
                theme.muted,
            )?;
        }
        for y in even_ticks(self.y, up) {
            let at = theme.crisp(self.at([self.x.0, y]).1);
            backend.draw_path([(self.left - mark, at), (self.left, at)], &pen)?;
            let anchor = (HPos::Right, VPos::Center);
            theme.text(
                backend,
                &even(y),
                (self.left - gap, at),
                anchor,
                theme.muted,
            )?;
        }
        let below = (self.right, self.bottom + gap + theme.px(1.2 * theme.font));
        theme.text(
            backend,
            names[0],
            below,
            (HPos::Right, VPos::Top),
            theme.muted,
        )?;
        let inside = (self.left + gap, self.top + gap);
        theme.text(
            backend,
            names[1],
            inside,
            (HPos::Left, VPos::Top),
            theme.muted,
        )?;
        let (left, right) = (theme.crisp(self.left), theme.crisp(self.right));
        let (top, bottom) = (theme.crisp(self.top), theme.crisp(self.bottom));
        let edge = [
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ];
        backend.draw_path(edge, &pen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane() -> Plane {
        Plane::new(
            (800, 600),
            0,
            (-2.0, 2.0),
            (-1.0, 1.0),
            true,
            &Theme::light(),
        )
    }

    #[test]
    fn places_and_points_are_inverse() {
        let p = plane();
        let (x, y) = p.at([0.5, -0.25]);
        let back = p.of((f64::from(x), f64::from(y)));
        assert!((back[0] - 0.5).abs() < 0.01 && (back[1] + 0.25).abs() < 0.01);
        let unit = f64::from(p.right - p.left) / 4.0 - f64::from(p.bottom - p.top) / 2.0;
        assert!(unit.abs() < 1.0);
    }

    #[test]
    fn segments_are_cut_at_the_edges() {
        let p = plane();
        let [from, to] = p.cut([-1e9, 0.0], [0.0, 0.0]).unwrap();
        assert!((from[0] - f64::from(p.left)).abs() < 1e-3 && to[0] > from[0]);
        assert_eq!(p.cut([-3.0, 0.0], [-3.0, 1.0]), None);
        assert_eq!(p.cut([-3.0, 2.0], [3.0, 1.5]), None);
        assert_eq!(p.cut([f64::NAN, 0.0], [0.0, 0.0]), None);
        assert!(p.holds([2.0, 1.0]) && !p.holds([2.1, 0.0]) && !p.holds([f64::NAN, 0.0]));
    }
}
