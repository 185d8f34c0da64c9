//! Palette, sizes and marks. Knows no chart.

use super::Drawn;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle,
};
use plotters_backend::{BackendCoord, DrawingBackend};

/// Lattice steps per device pixel on a screen: curves move by quarters of a pixel.
pub const LATTICE: i32 = 4;

/// Colours and sizes of a chart. Runs are told apart by colour *and* marker, quantities and layers by
/// [`Line`], classes by colour *and* shape: never by colour alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Light on dark?
    pub dark: bool,
    /// Behind everything.
    pub background: RGBColor,
    /// Text and the decision boundary.
    pub ink: RGBColor,
    /// Labels of axes.
    pub muted: RGBColor,
    /// Grid lines.
    pub grid: RGBColor,
    /// One colour per run (Okabe–Ito, the first two far apart for every eye).
    pub runs: [RGBColor; 6],
    /// One colour per class (purple and green first: safe together, and none is a run's).
    pub classes: [RGBColor; 6],
    /// Lattice steps per CSS pixel, times `zoom`.
    pub unit: f64,
    /// How much larger everything is drawn than on a desk.
    pub zoom: f64,
    /// Size of labels in CSS pixels.
    pub font: f64,
    /// Width of curves in CSS pixels.
    pub stroke: f64,
}

const fn rgb(hex: u32) -> RGBColor {
    RGBColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn palette(hex: [u32; 6]) -> [RGBColor; 6] {
    [
        rgb(hex[0]),
        rgb(hex[1]),
        rgb(hex[2]),
        rgb(hex[3]),
        rgb(hex[4]),
        rgb(hex[5]),
    ]
}

impl Theme {
    /// For paper and bright desks.
    pub const fn light() -> Theme {
        Theme {
            dark: false,
            background: rgb(0xffffff),
            ink: rgb(0x1b1f24),
            muted: rgb(0x57606a),
            grid: rgb(0xe4e7eb),
            runs: palette([0xc8500a, 0x0067a8, 0xa87000, 0x007a5c, 0xa34f80, 0x5b626b]),
            classes: palette([0x7b4fa3, 0x2f8f4e, 0xd99a1c, 0x4d8fc4, 0xb8456f, 0x77706a]),
            unit: LATTICE as f64,
            zoom: 1.0,
            font: 12.0,
            stroke: 2.0,
        }
    }

    /// For desks at night.
    pub const fn dark() -> Theme {
        Theme {
            dark: true,
            background: rgb(0x14181d),
            ink: rgb(0xe8ebef),
            muted: rgb(0x9aa5b1),
            grid: rgb(0x2a3038),
            runs: palette([0xff8a3d, 0x56b4e9, 0xf0c03c, 0x2fc79a, 0xe59ac4, 0xb6bec8]),
            classes: palette([0xb68ae0, 0x58c47c, 0xf0b840, 0x74b4ea, 0xec7ba4, 0xaaa39c]),
            ..Theme::light()
        }
    }

    /// For a beamer in a lit room: light, with labels and lines so many times larger and no faint greys.
    pub const fn projector(zoom: f64) -> Theme {
        Theme {
            ink: rgb(0x000000),
            muted: rgb(0x353c44),
            grid: rgb(0xd3d8de),
            zoom,
            stroke: 2.4,
            ..Theme::light()
        }
    }

    /// The same where a CSS pixel is so many lattice steps.
    #[must_use]
    pub fn on(&self, unit: f64) -> Theme {
        Theme {
            unit: unit * self.zoom,
            ..self.clone()
        }
    }

    /// A colour per run, used again from the seventh on.
    pub fn run(&self, run: usize) -> RGBColor {
        self.runs[run % self.runs.len()]
    }

    /// A colour per class, used again from the seventh on.
    pub fn class(&self, class: usize) -> RGBColor {
        self.classes[class % self.classes.len()]
    }

    /// CSS pixels as lattice steps.
    pub fn px(&self, pixels: f64) -> i32 {
        (pixels * self.unit).round() as i32
    }

    /// About how wide a label is; backends may not know their fonts.
    pub(super) fn width(&self, text: &str) -> i32 {
        self.px(text.chars().count() as f64 * self.font * 0.56)
    }

    /// The nearest place where a straight line one CSS pixel wide has sharp edges.
    pub(super) fn crisp(&self, at: i32) -> i32 {
        let odd = (self.unit / f64::from(LATTICE)).round() as i32 % 2 != 0;
        at.div_euclid(LATTICE) * LATTICE + if odd { LATTICE / 2 } else { 0 }
    }

    /// A stroke of so many CSS pixels.
    pub(super) fn pen(&self, color: &impl Color, pixels: f64) -> ShapeStyle {
        ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: self.px(pixels).max(1) as u32,
        }
    }

    /// Writes a label anchored at a point.
    pub(super) fn text<B: DrawingBackend>(
        &self,
        backend: &mut B,
        text: &str,
        at: BackendCoord,
        anchor: (HPos, VPos),
        color: RGBColor,
    ) -> Drawn<B> {
        let font = FontDesc::new(
            FontFamily::Name(FONT),
            self.font * self.unit,
            FontStyle::Normal,
        );
        let style = TextStyle {
            pos: Pos::new(anchor.0, anchor.1),
            ..TextStyle::from(font).color(&color)
        };
        backend.draw_text(text, &style, at)
    }
}

/// The page's own face, by the names that systems give it.
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/// How a curve is stroked: tells quantities and layers of one run apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// ────
    Solid,
    /// ╌╌╌╌
    Dashed,
    /// ····
    Dotted,
    /// ─·─·
    DashDotted,
    /// ━ ━
    LongDashed,
    /// ─··─··
    DashTwoDotted,
    /// · · ·
    WideDotted,
    /// ━╌━╌
    LongShortDashed,
    /// ─ ─·─ ─·
    TwoDashDotted,
}

impl Line {
    /// All, in the order in which layers take them: as many as a network may have.
    pub const ALL: [Line; 9] = [
        Line::Solid,
        Line::Dashed,
        Line::Dotted,
        Line::DashDotted,
        Line::LongDashed,
        Line::DashTwoDotted,
        Line::WideDotted,
        Line::LongShortDashed,
        Line::TwoDashDotted,
    ];

    /// A line per layer.
    pub fn of_layer(layer: usize) -> Line {
        Line::ALL[layer % Line::ALL.len()]
    }

    /// Lengths drawn and left out in turn, in CSS pixels; nothing for a solid line. All show in a legend's swatch.
    pub fn pattern(self) -> &'static [f64] {
        match self {
            Line::Solid => &[],
            Line::Dashed => &[7.0, 4.0],
            Line::Dotted => &[2.0, 3.0],
            Line::DashDotted => &[8.0, 3.0, 2.0, 3.0],
            Line::LongDashed => &[13.0, 3.0],
            Line::DashTwoDotted => &[8.0, 3.0, 2.0, 3.0, 2.0, 3.0],
            Line::WideDotted => &[2.0, 7.0],
            Line::LongShortDashed => &[12.0, 3.0, 5.0, 3.0],
            Line::TwoDashDotted => &[6.0, 3.0, 6.0, 3.0, 2.0, 3.0],
        }
    }

    /// Strokes a path given on the lattice.
    pub(super) fn stroke<B: DrawingBackend>(
        self,
        backend: &mut B,
        theme: &Theme,
        path: &[BackendCoord],
        pen: ShapeStyle,
    ) -> Drawn<B> {
        if self == Line::Solid {
            return backend.draw_path(path.iter().copied(), &pen);
        }
        for dash in dashes(
            path,
            &self
                .pattern()
                .iter()
                .map(|p| p * theme.unit)
                .collect::<Vec<_>>(),
        ) {
            backend.draw_path(dash, &pen)?;
        }
        Ok(())
    }
}

/// Cuts a path into dashes by its length.
fn dashes(path: &[BackendCoord], pattern: &[f64]) -> Vec<Vec<BackendCoord>> {
    let mut cut = Vec::new();
    let Some(&start) = path.first() else {
        return cut;
    };
    let (mut at, mut left, mut dash) = (0, pattern[0], vec![start]);
    for pair in path.windows(2) {
        let (from, to) = (
            (f64::from(pair[0].0), f64::from(pair[0].1)),
            (f64::from(pair[1].0), f64::from(pair[1].1)),
        );
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let here = (
                (from.0 + (to.0 - from.0) * share).round() as i32,
                (from.1 + (to.1 - from.1) * share).round() as i32,
            );
            if at % 2 == 0 {
                dash.push(here);
                cut.push(std::mem::take(&mut dash));
            } else {
                dash = vec![here];
            }
            at = (at + 1) % pattern.len();
            left = pattern[at];
        }
        left -= length - done;
        if at % 2 == 0 {
            dash.push(pair[1]);
        }
    }
    if dash.len() > 1 {
        cut.push(dash);
    }
    cut
}

/// A small shape with a meaning: a run, or a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// ●
    Circle,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ▼
    TriangleDown,
    /// ⬢
    Hexagon,
}

impl Marker {
    /// All, in the order in which runs and classes take them.
    pub const ALL: [Marker; 6] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::TriangleDown,
        Marker::Hexagon,
    ];

    /// The marker of a run or class, used again from the seventh on.
    pub fn of(index: usize) -> Marker {
        Marker::ALL[index % Marker::ALL.len()]
    }

    /// Draws it around a point, filled or hollow; all markers cover about the same area.
    pub(super) fn draw<B: DrawingBackend>(
        self,
        backend: &mut B,
        at: BackendCoord,
        radius: f64,
        fill: Option<RGBAColor>,
        pen: Option<ShapeStyle>,
    ) -> Drawn<B> {
        if self == Marker::Circle {
            let radius = radius.round() as u32;
            if let Some(fill) = fill {
                backend.draw_circle(
                    at,
                    radius,
                    &ShapeStyle {
                        color: fill,
                        filled: true,
                        stroke_width: 0,
                    },
                    true,
                )?;
            }
            return pen.map_or(Ok(()), |pen| backend.draw_circle(at, radius, &pen, false));
        }
        let (corners, start, size) = match self {
            Marker::Square => (4, 0.125, 1.25),
            Marker::Triangle => (3, 0.75, 1.4),
            Marker::TriangleDown => (3, 0.25, 1.4),
            Marker::Diamond => (4, 0.0, 1.3),
            Marker::Hexagon | Marker::Circle => (6, 0.0, 1.1),
        };
        let mut outline: Vec<BackendCoord> = (0..corners)
            .map(|corner| {
                let turn = (start + f64::from(corner) / f64::from(corners)) * std::f64::consts::TAU;
                let (sin, cos) = libm::sincos(turn);
                (
                    at.0 + (cos * radius * size).round() as i32,
                    at.1 + (sin * radius * size).round() as i32,
                )
            })
            .collect();
        if let Some(fill) = fill {
            backend.fill_polygon(
                outline.iter().copied(),
                &ShapeStyle {
                    color: fill,
                    filled: true,
                    stroke_width: 0,
                },
            )?;
        }
        pen.map_or(Ok(()), |pen| {
            // Past the first corner, so that the joint there is drawn too.
            outline.extend_from_within(..2);
            backend.draw_path(outline, &pen)
        })
    }
}

/// A colour so far on the way to another.
pub(super) fn mixed(from: RGBColor, to: RGBColor, share: f32) -> RGBColor {
    let share = share.clamp(0.0, 1.0);
    let part = |from: u8, to: u8| (f32::from(from) * (1.0 - share) + f32::from(to) * share) as u8;
    RGBColor(part(from.0, to.0), part(from.1, to.1), part(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_of_a_path() {
        let cut = dashes(&[(0, 0), (100, 0), (100, 50)], &[10.0, 5.0]);
        assert_eq!(cut.len(), 10);
        assert_eq!(cut[0], [(0, 0), (10, 0)]);
        // The dash around the corner keeps the corner.
        assert_eq!(cut[6], [(90, 0), (100, 0), (100, 0)]);
        assert!(dashes(&[], &[1.0]).is_empty());
    }
}
