//! The step-size map: final J over one or two settings, BackProp's strip above. Knows cells, no training.
//!
//! J is a colour of one perceptual ramp (viridis, dark is low); how a cell ended is also a texture: converged cells
//! are plain, those not there yet have a dot, diverged ones are hatched and have no colour.

use super::Drawn;
use super::number::{log_ticks, nice_step, round_above, round_below, short, steps, tick};
use super::theme::{LATTICE, Line, Theme};
use crate::frame::map::{Fate, MapAxis, MapCell, MapFrame, Place};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use plotters_backend::{BackendCoord, DrawingBackend};

/// viridis (van der Walt and Smith 2015) at even distances.
const RAMP: [RGBColor; 9] = [
    RGBColor(0x44, 0x01, 0x54),
    RGBColor(0x47, 0x2d, 0x7b),
    RGBColor(0x3b, 0x52, 0x8b),
    RGBColor(0x2c, 0x72, 0x8e),
    RGBColor(0x21, 0x91, 0x8c),
    RGBColor(0x28, 0xae, 0x80),
    RGBColor(0x5e, 0xc9, 0x62),
    RGBColor(0xad, 0xdc, 0x30),
    RGBColor(0xfd, 0xe7, 0x25),
];
/// Dots lie on colours of the ramp, in every theme.
const DOT: RGBColor = RGBColor(0x14, 0x18, 0x1d);
/// The colour bar has this many steps.
const BAR: i32 = 64;

/// Corners of a box on the lattice, top left and bottom right.
pub type Corners = (BackendCoord, BackendCoord);

/// Where everything of a map goes on the lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayout<'a> {
    frame: &'a MapFrame,
    /// The box of the map.
    pub map: Corners,
    /// The box of the strip.
    pub strip: Option<Corners>,
    bar: Corners,
    row: i32,
    /// Of the whole drawing.
    width: i32,
    /// The losses at the ends of the colour scale.
    pub range: (f64, f64),
}

impl<'a> MapLayout<'a> {
    /// A map in a drawing of this size.
    pub fn new(frame: &'a MapFrame, size: (u32, u32), theme: &Theme) -> MapLayout<'a> {
        let em = |times: f64| theme.px(theme.font * times);
        let row = em(1.5);
        let left = if frame.axes.len() > 1 {
            em(3.6)
        } else {
            em(1.0)
        };
        let right = (size.0.cast_signed() - em(5.4)).max(left + 1);
        let bottom = (size.1.cast_signed() - em(3.2)).max(5 * row + 1);
        let mut top = 3 * row;
        let strip = frame.grid.strip.then(|| {
            let below = top + (bottom - top) / 12 + row;
            let strip = ((left, top), (right, below));
            top = below + row;
            strip
        });
        MapLayout {
            frame,
            map: ((left, top), (right, bottom)),
            strip,
            bar: ((right + em(1.0), 3 * row), (right + em(2.0), bottom)),
            row,
            width: size.0.cast_signed(),
            range: range(frame),
        }
    }

    /// The cell under a point.
    pub fn place_at(&self, at: BackendCoord) -> Option<Place> {
        let strip = self.strip.is_some_and(|strip| inside(strip, at));
        let ((left, top), (right, bottom)) = match self.strip {
            Some(corners) if strip => corners,
            _ if inside(self.map, at) => self.map,
            _ => return None,
        };
        let count = |from: i32, to: i32, at: i32, cells: usize| {
            let share = f64::from(at - from) / f64::from(to - from);
            ((share * cells as f64) as usize).min(cells - 1)
        };
        let rows = if strip { 1 } else { self.frame.grid.rows };
        Some(Place {
            strip,
            column: count(left, right, at.0, self.frame.grid.columns),
            row: rows - 1 - count(top, bottom, at.1, rows),
        })
    }

    /// Whether there is a second axis to go up and down on.
    pub fn has_rows(&self) -> bool {
        self.frame.axes.len() > 1
    }

    /// Where a point lies in the box of the map, in shares from the left and from below.
    pub fn shares_at(&self, at: (f64, f64)) -> (f64, f64) {
        let ((left, top), (right, bottom)) = self.map;
        let share = |from: i32, to: i32, at: f64| (at - f64::from(from)) / f64::from(to - from);
        (share(left, right, at.0), share(bottom, top, at.1))
    }

    /// The box of a cell; boxes meet on whole pixels, so that no seams are seen.
    pub fn corners_of(&self, place: Place) -> Corners {
        let (((left, top), (right, bottom)), rows) = match self.strip {
            Some(strip) if place.strip => (strip, 1),
            _ => (self.map, self.frame.grid.rows),
        };
        let edge = |from: i32, to: i32, i: usize, cells: usize| {
            whole(f64::from(from) + f64::from(to - from) * i as f64 / cells as f64)
        };
        let columns = self.frame.grid.columns;
        (
            (
                edge(left, right, place.column, columns),
                edge(top, bottom, rows - 1 - place.row, rows),
            ),
            (
                edge(left, right, place.column + 1, columns),
                edge(top, bottom, rows - place.row, rows),
            ),
        )
    }

    /// Title, legends, axes, cells, and a cross at the values `here`.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        here: Option<&[f64]>,
        theme: &Theme,
    ) -> Drawn<B> {
        self.draw_words(backend, here.is_some(), theme)?;
        self.draw_bar(backend, theme)?;
        let grid = self.frame.grid;
        for row in 0..grid.rows {
            self.draw_row(backend, false, row, theme)?;
        }
        if self.strip.is_some() {
            self.draw_row(backend, true, 0, theme)?;
        }
        self.draw_axes(backend, theme)?;
        match here.and_then(|here| self.point(here)) {
            Some(at) => draw_cross(backend, at, theme),
            None => Ok(()),
        }
    }

    /// The cells of one row; neighbours that look alike are one box.
    fn draw_row<B: DrawingBackend>(
        &self,
        backend: &mut B,
        strip: bool,
        row: usize,
        theme: &Theme,
    ) -> Drawn<B> {
        let place = |column| Place { strip, column, row };
        let columns: Vec<usize> = (0..self.frame.grid.columns).collect();
        let look = |column: usize| self.frame.seen(place(column)).map(|cell| self.look(cell));
        for alike in columns.chunk_by(|&a, &b| look(a) == look(b)) {
            let Some((fate, color)) = look(alike[0]) else {
                continue;
            };
            let (from, first_to) = self.corners_of(place(alike[0]));
            let (_, to) = self.corners_of(place(alike[alike.len() - 1]));
            let high = to.1 - from.1;
            match fate {
                Fate::Converged => backend.draw_rect(from, to, &color.filled(), true)?,
                Fate::NotYet => {
                    backend.draw_rect(from, to, &color.filled(), true)?;
                    let side = high.min(first_to.0 - from.0);
                    if side >= theme.px(3.0) {
                        for &column in alike {
                            let (a, b) = self.corners_of(place(column));
                            draw_dot(backend, (a, b), side, theme)?;
                        }
                    }
                }
                Fate::Diverged => draw_hatching(backend, (from, to), high, theme)?,
            }
        }
        Ok(())
    }

    fn look(&self, cell: &MapCell) -> (Fate, RGBColor) {
        let (low, high) = self.range;
        let share = if cell.loss > 0.0 {
            (cell.loss / low).ln() / (high / low).ln()
        } else {
            0.0
        };
        // Diverged cells have no colour, so that all of them look alike.
        match cell.fate {
            Fate::Diverged => (cell.fate, RAMP[0]),
            _ => (cell.fate, ramp(share)),
        }
    }

    fn draw_words<B: DrawingBackend>(
        &self,
        backend: &mut B,
        cross: bool,
        theme: &Theme,
    ) -> Drawn<B> {
        let left_middle = (HPos::Left, VPos::Center);
        let gap = theme.px(theme.font / 3.0);
        let seeds = match self.frame.seeds {
            1 => String::new(),
            seeds => format!(", mean over {seeds} seeds"),
        };
        let below = self.frame.converged_below;
        let below = below.map_or(String::new(), |j| {
            format!(" · converged below {}", short(j))
        });
        let title = format!("Final loss J{seeds}{below}");
        theme.text(backend, &title, (gap, self.row / 2), left_middle, theme.ink)?;
        let (mut at, middle) = (gap, self.row + self.row / 2);
        let (wide, high) = (theme.px(theme.font * 1.3), theme.px(theme.font));
        // Where that is too wide, its parts move together.
        let names = Fate::ALL.map(Fate::name).into_iter().chain(["this run"]);
        let needed = names
            .map(|name| wide + gap + theme.width(name))
            .sum::<i32>()
            + 2 * gap;
        let between = ((self.width - needed) / 3).clamp(gap / 2, 2 * gap);
        for fate in Fate::ALL {
            let corners = ((at, middle - high / 2), (at + wide, middle + high / 2));
            match fate {
                Fate::Converged => {
                    backend.draw_rect(corners.0, corners.1, &ramp(0.2).filled(), true)?;
                }
                Fate::NotYet => {
                    backend.draw_rect(corners.0, corners.1, &ramp(0.9).filled(), true)?;
                    draw_dot(backend, corners, high, theme)?;
                }
                Fate::Diverged => draw_hatching(backend, corners, high, theme)?,
            }
            at += wide + gap;
            theme.text(backend, fate.name(), (at, middle), left_middle, theme.ink)?;
            at += theme.width(fate.name()) + between;
        }
        if cross {
            draw_cross(backend, (at + wide / 2, middle), theme)?;
            at += wide + gap;
            theme.text(backend, "this run", (at, middle), left_middle, theme.ink)?;
        }
        let mut above = |corners: Corners, words: &str| {
            let at = (corners.0.0, corners.0.1 - self.row / 2);
            theme.text(backend, words, at, left_middle, theme.ink)
        };
        if let Some(strip) = self.strip {
            above(strip, "backprop")?;
        }
        let upwards = self.frame.axes.get(1);
        let upwards = upwards.map_or(String::new(), |axis| format!(" · {} ↑", words(axis)));
        above(self.map, &format!("{}{upwards}", self.frame.rule))
    }

    /// The colour scale, its numbers, and where convergence begins.
    fn draw_bar<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let ((left, top), (right, bottom)) = self.bar;
        let y_at = |share: f64| whole(f64::from(bottom) - share * f64::from(bottom - top));
        for step in 0..BAR {
            let share = |step: i32| f64::from(step) / f64::from(BAR);
            let corners = ((left, y_at(share(step + 1))), (right, y_at(share(step))));
            let color = ramp((f64::from(step) + 0.5) / f64::from(BAR));
            backend.draw_rect(corners.0, corners.1, &color.filled(), true)?;
        }
        let (low, high) = self.range;
        let share = |loss: f64| (loss / low).ln() / (high / low).ln();
        let gap = theme.px(theme.font / 3.0);
        let lines = f64::from(bottom - top) / f64::from(theme.px(theme.font * 2.2));
        for (loss, labelled) in log_ticks(self.range, lines) {
            let y = theme.crisp(y_at(share(loss)));
            if labelled {
                let pen = theme.pen(&theme.muted, 1.0);
                backend.draw_path([(right, y), (right + gap / 2, y)], &pen)?;
                let anchor = (HPos::Left, VPos::Center);
                theme.text(backend, &tick(loss), (right + gap, y), anchor, theme.muted)?;
            }
        }
        let below = self.frame.converged_below.map(share);
        if let Some(below) = below.filter(|share| (0.0..=1.0).contains(share)) {
            let y = theme.crisp(y_at(below));
            let arm = theme.px(theme.font / 3.0);
            Line::Solid.stroke(
                backend,
                theme,
                &[(left - arm, y), (right, y)],
                theme.pen(&theme.ink, 2.0),
            )?;
        }
        Ok(())
    }

    fn draw_axes<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let ((left, top), (right, bottom)) = self.map;
        let (pen, gap) = (theme.pen(&theme.muted, 1.0), theme.px(theme.font / 3.0));
        let across = &self.frame.axes[0];
        let labels = f64::from(right - left) / f64::from(theme.px(theme.font * 5.0));
        for (value, label) in ticks(across, labels) {
            let x = theme.crisp(left + (position(across, value) * f64::from(right - left)) as i32);
            backend.draw_path([(x, bottom), (x, bottom + gap)], &pen)?;
            let anchor = (HPos::Center, VPos::Top);
            theme.text(backend, &label, (x, bottom + gap), anchor, theme.muted)?;
        }
        let middle = (i32::midpoint(left, right), bottom + gap + self.row);
        let anchor = (HPos::Center, VPos::Top);
        theme.text(backend, &words(across), middle, anchor, theme.ink)?;
        let Some(upwards) = self.frame.axes.get(1) else {
            return Ok(());
        };
        let labels = f64::from(bottom - top) / f64::from(theme.px(theme.font * 2.2));
        for (value, label) in ticks(upwards, labels) {
            let share = position(upwards, value);
            let y = theme.crisp(bottom - (share * f64::from(bottom - top)) as i32);
            backend.draw_path([(left - gap, y), (left, y)], &pen)?;
            let anchor = (HPos::Right, VPos::Center);
            theme.text(backend, &label, (left - gap, y), anchor, theme.muted)?;
        }
        Ok(())
    }

    /// The point of these values, unless it is outside.
    fn point(&self, here: &[f64]) -> Option<BackendCoord> {
        let share = |axis: usize| match (self.frame.axes.get(axis), here.get(axis)) {
            (Some(axis), Some(&value)) => position(axis, value),
            _ => 0.5,
        };
        let ((left, top), (right, bottom)) = self.map;
        let (x, y) = (share(0), share(1));
        let within = |share: f64| (0.0..=1.0).contains(&share);
        (within(x) && within(y)).then(|| {
            (
                left + (x * f64::from(right - left)).round() as i32,
                bottom - (y * f64::from(bottom - top)).round() as i32,
            )
        })
    }
}

fn inside(((left, top), (right, bottom)): Corners, (x, y): BackendCoord) -> bool {
    (left..right).contains(&x) && (top..bottom).contains(&y)
}

/// The nearest whole pixel.
fn whole(at: f64) -> i32 {
    (at / f64::from(LATTICE)).round() as i32 * LATTICE
}

/// The losses of all cells that did not diverge, widened to round numbers so that colours change seldom.
fn range(frame: &MapFrame) -> (f64, f64) {
    let losses = frame.cells.iter().flatten();
    let losses = losses
        .filter(|c| c.fate != Fate::Diverged && c.loss.is_finite() && c.loss > 0.0)
        .map(|c| c.loss);
    let (low, high) = losses.fold((f64::INFINITY, 0.0), |(low, high), loss| {
        (loss.min(low), loss.max(high))
    });
    if low > high {
        return (1e-3, 1.0);
    }
    (round_below(low.max(high * 1e-12)), round_above(high))
}

/// The ramp's colour at a share of its length.
fn ramp(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let i = (at as usize).min(RAMP.len() - 2);
    let (a, b, share) = (RAMP[i], RAMP[i + 1], at - i as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Where a value lies between the outer edges of an axis' cells: values are at the middle of theirs.
fn position(axis: &MapAxis, value: f64) -> f64 {
    let scale = |v: f64| if axis.log { v.ln() } else { v };
    let count = axis.values.len();
    let (low, high) = (scale(axis.values[0]), scale(axis.values[count - 1]));
    let share = (scale(value) - low) / (high - low);
    (0.5 + share * (count - 1) as f64) / count as f64
}

/// Labelled values of an axis, at most about so many.
fn ticks(axis: &MapAxis, labels: f64) -> Vec<(f64, String)> {
    let (low, high) = (axis.values[0], axis.values[axis.values.len() - 1]);
    if axis.log {
        let ticks = log_ticks((low, high), labels);
        let labelled = ticks.into_iter().filter(|(_, labelled)| *labelled);
        let labelled: Vec<_> = labelled.map(|(v, _)| (v, tick(v))).collect();
        if labelled.len() > 1 {
            return labelled;
        }
    }
    // Zoomed in so far that a logarithm is a line: as many decimals as tell the labels apart.
    let whole = axis.values.iter().all(|v| v.fract() == 0.0);
    let step = nice_step(high - low, labels.min(6.0)).max(if whole { 1.0 } else { 0.0 });
    let decimals = (-step.log10().floor()).clamp(0.0, 17.0) as usize;
    let values = steps((low, high), step).into_iter();
    values.map(|v| (v, format!("{v:.decimals$}"))).collect()
}

/// An axis in words.
fn words(axis: &MapAxis) -> String {
    axis.label.replace('_', "")
}

/// The mark of a cell that is not there yet.
fn draw_dot<B: DrawingBackend>(
    backend: &mut B,
    (from, to): Corners,
    side: i32,
    theme: &Theme,
) -> Drawn<B> {
    let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
    let radius = (side / 6).clamp(theme.px(0.75), theme.px(2.0));
    backend.draw_circle(middle, radius as u32, &DOT.filled(), true)
}

/// The ground of diverged cells: diagonals that go on from cell to cell.
fn draw_hatching<B: DrawingBackend>(
    backend: &mut B,
    (from, to): Corners,
    high: i32,
    theme: &Theme,
) -> Drawn<B> {
    backend.draw_rect(from, to, &theme.grid.filled(), true)?;
    let gap = high.clamp(theme.px(2.0), theme.px(6.0));
    let pen = theme.pen(&theme.muted, 1.0);
    for sum in (from.0 + from.1).div_euclid(gap) + 1..=(to.0 + to.1 - 1).div_euclid(gap) {
        let sum = sum * gap;
        let (x, end) = (from.0.max(sum - to.1), to.0.min(sum - from.1));
        backend.draw_path([(x, sum - x), (end, sum - end)], &pen)?;
    }
    Ok(())
}

/// The mark of the run itself, on a ground of its own.
fn draw_cross<B: DrawingBackend>(backend: &mut B, (x, y): BackendCoord, theme: &Theme) -> Drawn<B> {
    let arm = theme.px(theme.font / 2.0);
    let pens = [
        (theme.pen(&theme.background, 5.0), arm + theme.px(1.5)),
        (theme.pen(&theme.ink, 2.0), arm),
    ];
    for (pen, arm) in pens {
        backend.draw_path([(x - arm, y), (x + arm, y)], &pen)?;
        backend.draw_path([(x, y - arm), (x, y + arm)], &pen)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::map::Grid;

    fn axis(values: &[f64], log: bool) -> MapAxis {
        MapAxis {
            key: "tau".into(),
            label: "Step size τ".into(),
            log,
            values: values.to_vec(),
        }
    }

    fn frame(columns: usize, rows: usize, strip: bool) -> MapFrame {
        let grid = Grid {
            columns,
            rows,
            strip,
        };
        let values: Vec<f64> = (0..columns).map(|i| 10_f64.powi(i as i32)).collect();
        MapFrame {
            rule: "prox-exact".into(),
            grid,
            axes: vec![axis(&values, true)],
            seeds: 1,
            converged_below: None,
            engine: None,
            cells: vec![None; grid.cells()],
        }
    }

    #[test]
    fn every_cell_is_found_where_it_is_drawn() {
        let frame = frame(7, 5, true);
        let layout = MapLayout::new(&frame, (1600, 1400), &Theme::light());
        for cell in 0..frame.grid.cells() {
            let place = frame.grid.place(cell);
            let (from, to) = layout.corners_of(place);
            assert!(from.0 < to.0 && from.1 < to.1);
            let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
            assert_eq!(layout.place_at(middle), Some(place));
        }
        assert_eq!(layout.place_at((0, 0)), None);
        let ((left, top), (right, bottom)) = layout.map;
        let shares = |x: i32, y: i32| layout.shares_at((f64::from(x), f64::from(y)));
        assert_eq!(shares(left, bottom), (0.0, 0.0));
        assert_eq!(shares(right, top), (1.0, 1.0));
        assert!(shares(left, i32::midpoint(top, bottom)).1 < 0.51);
    }

    #[test]
    fn colours_ignore_what_diverged_and_keep_their_order() {
        let mut frame = frame(4, 1, false);
        let cell = |fate, loss| {
            Some(MapCell {
                fate,
                loss,
                diverged: 0,
                diverged_at: None,
            })
        };
        assert_eq!(range(&frame), (1e-3, 1.0));
        frame.cells[0] = cell(Fate::Converged, 0.003);
        frame.cells[1] = cell(Fate::NotYet, 0.6);
        frame.cells[2] = cell(Fate::Diverged, 1e30);
        frame.cells[3] = cell(Fate::Diverged, f64::NAN);
        assert_eq!(range(&frame), (2e-3, 1.0));
        // Brightness rises with J: safe for every eye and on grey paper.
        let luminance = |RGBColor(r, g, b): RGBColor| {
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        let shades: Vec<f64> = (0..=20)
            .map(|i| luminance(ramp(f64::from(i) / 20.0)))
            .collect();
        assert!(shades.is_sorted_by(|a, b| a < b), "{shades:?}");
    }

    #[test]
    fn axes_are_labelled_at_every_zoom() {
        let labels = |axis: &MapAxis| -> Vec<String> {
            ticks(axis, 6.0)
                .into_iter()
                .map(|(_, label)| label)
                .collect()
        };
        let wide = axis(&[0.01, 1.0, 100.0], true);
        assert_eq!(labels(&wide), ["0.01", "0.1", "1", "10", "100"]);
        let deep = axis(&[1.23456, 1.234565, 1.23457], true);
        assert_eq!(
            labels(&deep),
            [
                "1.234560", "1.234562", "1.234564", "1.234566", "1.234568", "1.234570"
            ]
        );
        assert_eq!(labels(&axis(&[2.0, 3.0, 4.0], false)), ["2", "3", "4"]);
        assert!((position(&wide, 1.0) - 0.5).abs() < 1e-12);
        assert!((position(&wide, 0.01) - 1.0 / 6.0).abs() < 1e-12);
    }
}
