//! Curves over the steps of a run: *Loss and energy* and *Step sizes*. Knows records, not engines.
//!
//! A chart is first numbers ([`LineChart`]), then a place for them ([`Axes`]), then ink: the grid with its
//! labels and the curves are drawn apart, so that a page redraws the first only when its ranges change.
//! What cannot be drawn (NaN, ±∞, and zero or less on a logarithmic axis) leaves a gap in a curve and never touches a
//! range; what lies outside a range is cut off at its edge.

use super::Drawn;
use super::theme::{Line, Marker, Theme};
use crate::frame::{Divergence, Frame, Ghost, LayerFrame, MemberFrame, Record};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend};

/// One run as the charts see it.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What it is called in legends.
    pub name: &'a str,
    /// Its curves.
    pub records: &'a [Record],
    /// When and where it left the ground.
    pub divergence: Option<&'a Divergence>,
}

/// What is on the x axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum XAxis {
    /// Steps.
    #[default]
    Steps,
    /// Passes over the training set, of so many steps each.
    Epochs(u64),
    /// Seconds of compute, each run's own.
    Seconds,
    /// Matrix-multiplication work in flops, each run's own.
    Work,
}

impl XAxis {
    /// The axis of a form's or a link's key: `step`, `epoch`, `seconds` or `work`.
    pub fn of(key: &str, steps_per_epoch: u64) -> Option<XAxis> {
        match key {
            "step" => Some(XAxis::Steps),
            "epoch" => Some(XAxis::Epochs(steps_per_epoch.max(1))),
            "seconds" => Some(XAxis::Seconds),
            "work" => Some(XAxis::Work),
            _ => None,
        }
    }

    /// Its name on a chart.
    pub fn label(self) -> &'static str {
        match self {
            XAxis::Steps => "step",
            XAxis::Epochs(_) => "epoch",
            XAxis::Seconds => "seconds of compute",
            XAxis::Work => "matrix work (flops)",
        }
    }

    /// Where a record is.
    pub fn at(self, record: &Record) -> f64 {
        match self {
            XAxis::Steps => record.step as f64,
            XAxis::Epochs(steps) => record.step as f64 / steps as f64,
            XAxis::Seconds => record.seconds,
            XAxis::Work => record.flops as f64,
        }
    }

    /// Where the run would end, for the slowest member if they differ; judged by its steps so far.
    pub fn end(self, frame: &Frame) -> f64 {
        let total = frame.total_steps as f64;
        let longest = |per_step: &dyn Fn(&MemberFrame) -> f64| {
            total * frame.members.iter().map(per_step).fold(0.0, f64::max)
        };
        match self {
            XAxis::Steps => total,
            XAxis::Epochs(steps) => total / steps as f64,
            XAxis::Seconds => longest(&|m| m.seconds_per_step),
            XAxis::Work => longest(&|m| m.flops as f64 / frame.step.max(1) as f64),
        }
    }
}

/// What the chart of step sizes shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quantity {
    /// ‖ΔΘ‖/‖Θ‖ per layer.
    #[default]
    UpdateRatio,
    /// The angle between direction and gradient per layer.
    Angle,
    /// The explicit limit `2/λ_max` of each layer's own quadratic.
    ExplicitLimit,
    /// The norm of the gradient per layer.
    GradientNorm,
    /// The norm of the rule's direction per layer.
    DirectionNorm,
    /// What an implicit step cost: CG iterations per layer, or the passes of `prox-point`.
    Iterations,
    /// How well it was solved: the relative residual per layer.
    Residual,
}

impl Quantity {
    /// All, in the order in which they are offered.
    pub const ALL: [Quantity; 7] = [
        Quantity::UpdateRatio,
        Quantity::Angle,
        Quantity::ExplicitLimit,
        Quantity::GradientNorm,
        Quantity::DirectionNorm,
        Quantity::Iterations,
        Quantity::Residual,
    ];

    /// Its name in a form or a link.
    pub fn key(self) -> &'static str {
        match self {
            Quantity::UpdateRatio => "update",
            Quantity::Angle => "angle",
            Quantity::ExplicitLimit => "limit",
            Quantity::GradientNorm => "gradient",
            Quantity::DirectionNorm => "direction",
            Quantity::Iterations => "iterations",
            Quantity::Residual => "residual",
        }
    }

    /// Its name on a chart.
    pub fn label(self) -> &'static str {
        match self {
            Quantity::UpdateRatio => "Relative update ‖ΔΘ‖ / ‖Θ‖",
            Quantity::Angle => "Angle between D and G (degrees)",
            Quantity::ExplicitLimit => "Explicit limit 2/λmax",
            Quantity::GradientNorm => "Gradient norm ‖G‖",
            Quantity::DirectionNorm => "Direction norm ‖D‖",
            Quantity::Iterations => "CG iterations, or passes of prox-point",
            Quantity::Residual => "Residual of the implicit solve",
        }
    }

    fn of(self, layer: &LayerFrame) -> f64 {
        match self {
            Quantity::UpdateRatio => layer.update_ratio,
            Quantity::Angle => layer.angle_deg,
            Quantity::ExplicitLimit => layer.explicit_limit,
            Quantity::GradientNorm => layer.grad_norm,
            Quantity::DirectionNorm => layer.direction_norm,
            Quantity::Iterations => layer.cg_iterations.into(),
            Quantity::Residual => layer.cg_residual,
        }
    }

    fn is_logarithmic(self) -> bool {
        !matches!(self, Quantity::Angle | Quantity::Iterations)
    }
}

/// How far runs that diverged may widen the range of the others below and above: what blows up would take it all.
const WIDENED: (f64, f64) = (1e-4, 30.0);

/// How far below and above its start a quantity is followed: what vanishes, or overflows on the way to infinity, must
/// not press everything else flat.
const FOLLOWED: (f64, f64) = (1e-10, 1e9);

/// Rounding moves nothing out of a box: shares of its height, less than a step of the lattice.
const SLACK: f64 = 1e-5;

/// One line of a chart.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The run it belongs to: gives colour and marker.
    pub run: usize,
    /// Which quantity or layer it is: gives the stroke.
    pub line: Line,
    /// The run's name.
    pub name: String,
    /// The quantity or layer in words.
    pub label: String,
    /// `[x, y]`, x rising.
    pub points: Vec<[f64; 2]>,
    /// Does it carry the run's markers?
    pub(super) markers: bool,
    /// Is it what might have been? Then it is pale, and in no legend or readout.
    pub(super) ghost: bool,
    /// The step at which its run diverged.
    pub(super) diverged: Option<u64>,
}

impl Curve {
    /// Its run in a legend.
    fn words(&self) -> String {
        match self.diverged {
            Some(step) => format!("{}, diverged at step {step}", self.name),
            None => self.name.clone(),
        }
    }
}

/// The place where a run diverged.
#[derive(Clone, Debug)]
struct Mark {
    run: usize,
    at: [f64; 2],
}

/// The numbers of a chart.
#[derive(Clone, Debug)]
pub struct LineChart {
    /// What is on the y axis.
    pub title: &'static str,
    /// What is on the x axis.
    pub x_label: &'static str,
    /// Is the y axis logarithmic?
    pub log: bool,
    /// In drawing order.
    pub curves: Vec<Curve>,
    marks: Vec<Mark>,
}

/// What a legend explains.
#[derive(Clone, Debug, Default)]
pub struct Legend<'a> {
    /// Index of every run and its name, with the step at which it diverged.
    pub runs: Vec<(usize, String)>,
    /// The strokes that they share, with the quantity or layer.
    pub strokes: Vec<(Line, &'a str)>,
}

/// The numbers at one x, for a readout.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Index into [`LineChart::curves`].
    pub curve: usize,
    /// The x of the nearest point.
    pub x: f64,
    /// Its y.
    pub y: f64,
}

impl LineChart {
    /// J (solid), validation J (dashed) and, if asked for and known, E at the end of the sweep (dotted).
    pub fn loss_and_energy(runs: &[Run], x: XAxis, energy: bool) -> LineChart {
        let mut curves = Vec::new();
        let mut marks = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            let mut curve = |label: &str, line, value: &dyn Fn(&Record) -> f64| {
                let points = points(run, x, value);
                if points.iter().any(|p| p[1].is_finite()) {
                    let (name, label) = (run.name.to_owned(), label.to_owned());
                    curves.push(Curve {
                        run: index,
                        line,
                        name,
                        label,
                        points,
                        markers: line == Line::Solid,
                        ghost: false,
                        diverged: run.divergence.map(|d| d.step),
                    });
                }
            };
            if energy {
                curve("E", Line::Dotted, &|r| {
                    r.energy.last().map_or(f64::NAN, |&e| f64::from(e))
                });
            }
            curve("validation J", Line::Dashed, &|r| r.validation_loss);
            curve("J", Line::Solid, &|r| r.loss);
            marks.extend(mark(index, run, x, |r| r.loss));
        }
        LineChart {
            title: "Loss J",
            x_label: x.label(),
            log: true,
            curves,
            marks,
        }
    }

    /// One quantity per layer: layers differ by stroke, runs by colour and marker.
    pub fn step_sizes(runs: &[Run], x: XAxis, quantity: Quantity) -> LineChart {
        let mut curves = Vec::new();
        let mut marks = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            let layers = run
                .records
                .iter()
                .map(|r| r.layers.len())
                .max()
                .unwrap_or(0);
            for layer in 0..layers {
                let value = |r: &Record| r.layers.get(layer).map_or(f64::NAN, |l| quantity.of(l));
                curves.push(Curve {
                    run: index,
                    line: Line::of_layer(layer),
                    name: run.name.to_owned(),
                    label: format!("layer {}", layer + 1),
                    points: points(run, x, &value),
                    markers: layer == 0,
                    ghost: false,
                    diverged: run.divergence.map(|d| d.step),
                });
            }
            marks.extend(mark(index, run, x, |r| {
                r.layers.first().map_or(f64::NAN, |l| quantity.of(l))
            }));
        }
        let log = quantity.is_logarithmic();
        LineChart {
            title: quantity.label(),
            x_label: x.label(),
            log,
            curves,
            marks,
        }
    }

    /// With the losses of runs that went another way, behind all others.
    #[must_use]
    pub fn with_ghost_losses(self, ghosts: &[&Ghost], x: XAxis) -> LineChart {
        self.with_ghosts(ghosts, x, 1, &|record, _| record.loss)
    }

    /// With a quantity per layer of runs that went another way, behind all others.
    #[must_use]
    pub fn with_ghost_steps(self, ghosts: &[&Ghost], x: XAxis, quantity: Quantity) -> LineChart {
        let layers = ghosts.iter().flat_map(|ghost| &ghost.curves);
        let layers = layers.flat_map(|curve| &curve.records);
        let layers = layers.map(|record| record.layers.len()).max().unwrap_or(0);
        self.with_ghosts(ghosts, x, layers, &|record, layer| {
            record
                .layers
                .get(layer)
                .map_or(f64::NAN, |l| quantity.of(l))
        })
    }

    fn with_ghosts(
        mut self,
        ghosts: &[&Ghost],
        x: XAxis,
        layers: usize,
        value: &dyn Fn(&Record, usize) -> f64,
    ) -> LineChart {
        let mut curves = Vec::new();
        for (ghost, curve) in ghosts
            .iter()
            .flat_map(|g| g.curves.iter().map(move |c| (g, c)))
        {
            for layer in 0..layers {
                let records = curve.records.iter();
                curves.push(Curve {
                    run: curve.run,
                    line: Line::of_layer(layer),
                    name: ghost.name.clone(),
                    label: String::new(),
                    points: records.map(|r| [x.at(r), value(r, layer)]).collect(),
                    markers: false,
                    ghost: true,
                    diverged: curve.divergence.as_ref().map(|d| d.step),
                });
            }
        }
        self.curves.splice(0..0, curves);
        self
    }

    /// Can a number be drawn on the y axis?
    fn drawable(&self, y: f64) -> bool {
        y.is_finite() && (!self.log || y > 0.0)
    }

    /// What can be drawn of a curve.
    fn values<'a>(&'a self, curve: &'a Curve) -> impl Iterator<Item = f64> + 'a {
        let values = curve.points.iter().map(|p| p[1]);
        values.filter(|y| self.drawable(*y))
    }

    /// The range of the y axis, widened to round numbers; `None` where nothing can be drawn. It holds the runs that
    /// have not diverged, and those that have as far as they do not press the others flat.
    fn y_range(&self) -> Option<(f64, f64)> {
        let all = || {
            self.curves
                .iter()
                .filter(|c| self.values(c).next().is_some())
        };
        let (low, high) = extent(all().flat_map(|c| self.values(c)))?;
        if !self.log {
            let step = nice_step((high - low.min(0.0)).max(1e-9), 4.0);
            return Some((
                (low.min(0.0) / step).floor() * step,
                (high / step).ceil().max(1.0) * step,
            ));
        }
        let mut live: Vec<&Curve> = all().filter(|c| c.diverged.is_none()).collect();
        if live.is_empty() {
            live = all().collect();
        }
        let main = extent(live.iter().flat_map(|c| self.values(c)))?;
        let start = extent(live.iter().filter_map(|c| self.values(c).next()))?;
        let low = low.max(main.0 * WIDENED.0).max(start.0 * FOLLOWED.0);
        let high = high.min(main.1 * WIDENED.1).min(start.1 * FOLLOWED.1);
        Some((round_below(low), round_above(high)))
    }

    /// Why there is nothing to draw.
    fn nothing(&self) -> &'static str {
        let known = self.curves.iter().flat_map(|c| &c.points);
        if known.map(|p| p[1]).any(f64::is_finite) {
            "All values are zero."
        } else {
            "Nothing yet."
        }
    }

    /// Ranges that hold everything worth seeing, widened to round numbers so that they change seldom.
    /// `x_end` is where the run would end; the axis grows towards it by doubling.
    pub fn axes(&self, size: (u32, u32), x_end: f64, theme: &Theme) -> Axes {
        let seen = self
            .curves
            .iter()
            .filter_map(|c| c.points.last())
            .map(|p| p[0])
            .fold(0.0, f64::max);
        let mut right = if x_end.is_finite() && x_end > 0.0 {
            x_end
        } else {
            seen.max(1.0)
        };
        while seen > 0.0
            && right / 2.0 >= seen
            && right > 16.0 * f64::EPSILON
            && right / 2.0 > x_end / 64.0
        {
            right /= 2.0;
        }
        let right = right.max(seen);
        let y = self.y_range();
        Axes {
            nothing: y.is_none().then(|| self.nothing()),
            ..Axes::new(size, (0.0, right), y.unwrap_or((0.1, 1.0)), self.log, theme)
        }
    }

    /// A chart of curves that somebody else has computed.
    pub(super) fn of_curves(
        title: &'static str,
        x_label: &'static str,
        log: bool,
        curves: Vec<Curve>,
    ) -> LineChart {
        LineChart {
            title,
            x_label,
            log,
            curves,
            marks: Vec::new(),
        }
    }

    /// Grid, ticks and labels.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw_axes<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        let grid = theme.pen(&theme.grid, 1.0);
        let (strong, gap) = (theme.pen(&theme.muted, 1.0), theme.px(5.0));
        if let Some(why) = axes.nothing {
            let middle = (
                i32::midpoint(axes.left, axes.right),
                i32::midpoint(axes.top, axes.bottom),
            );
            let anchor = (HPos::Center, VPos::Center);
            theme.text(backend, why, middle, anchor, theme.muted)?;
        } else {
            axes.draw_rows(backend, theme)?;
        }
        for x in axes.x_ticks(theme) {
            let at = theme.crisp(axes.x_at(x));
            backend.draw_path([(at, axes.top), (at, axes.bottom)], &grid)?;
            theme.text(
                backend,
                &tick(x),
                (at, axes.bottom + gap),
                (HPos::Center, VPos::Top),
                theme.muted,
            )?;
        }
        let floor = theme.crisp(axes.bottom);
        backend.draw_path([(axes.left, floor), (axes.right, floor)], &strong)?;
        let corner = (axes.right, axes.size.1.cast_signed() - theme.px(2.0));
        theme.text(
            backend,
            self.x_label,
            corner,
            (HPos::Right, VPos::Bottom),
            theme.muted,
        )
    }

    /// The curves, decimated to the columns there are.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw_series<B: DrawingBackend>(
        &self,
        backend: &mut B,
        axes: &Axes,
        theme: &Theme,
    ) -> Drawn<B> {
        for curve in &self.curves {
            let color = theme.run(curve.run);
            let (share, width) = match (curve.ghost, curve.line) {
                (true, _) => (0.4, 0.7),
                (false, Line::Solid) => (1.0, 1.0),
                (false, _) => (0.85, 0.8),
            };
            let pen = theme.pen(&color.mix(share), theme.stroke * width);
            let pieces = axes.pieces(&curve.points);
            let whole = pieces.len() == 1;
            for piece in pieces {
                let path = decimate(&piece, theme.px(1.0));
                if path.len() == 1 {
                    backend.draw_circle(path[0], theme.px(1.5) as u32, &color.filled(), true)?;
                } else {
                    curve.line.stroke(backend, theme, &path, pen)?;
                }
                if curve.markers && (whole || path.len() > 1) {
                    for at in spaced(&path, theme.px(96.0), theme.px(24.0 * curve.run as f64)) {
                        let edge = theme.pen(&theme.background, 1.0);
                        let radius = f64::from(theme.px(4.0));
                        Marker::of(curve.run).draw(
                            backend,
                            at,
                            radius,
                            Some(color.to_rgba()),
                            Some(edge),
                        )?;
                    }
                }
            }
        }
        let marks = self.marks.iter().filter(|m| self.drawable(m.at[1]));
        for mark in marks {
            let (x, y) = (axes.x_at(mark.at[0]), axes.y_at(mark.at[1]));
            let arm = theme.px(6.0);
            let pen = theme.pen(&theme.run(mark.run), 2.5);
            backend.draw_path([(x - arm, y - arm), (x + arm, y + arm)], &pen)?;
            backend.draw_path([(x - arm, y + arm), (x + arm, y - arm)], &pen)?;
        }
        Ok(())
    }

    /// What a legend explains. Words on divergence stand there too: inside the chart they would hide curves.
    pub fn legend(&self) -> Legend<'_> {
        let Legend {
            mut runs,
            mut strokes,
        } = Legend::default();
        for curve in self.curves.iter().filter(|curve| !curve.ghost) {
            let run = (curve.run, curve.words());
            if !runs.contains(&run) {
                runs.push(run);
            }
            if !strokes.contains(&(curve.line, curve.label.as_str())) {
                strokes.push((curve.line, curve.label.as_str()));
            }
        }
        // Solid first: the main quantity, the first layer.
        strokes.sort_by_key(|(line, _)| *line as usize);
        Legend { runs, strokes }
    }

    /// Where the curves are nearest to `x`, one reading per curve that has a number there.
    pub fn read(&self, x: f64) -> Vec<Reading> {
        let mut readings = Vec::new();
        let curves = self.curves.iter().enumerate();
        for (index, curve) in curves.filter(|(_, curve)| !curve.ghost) {
            let right = curve.points.partition_point(|p| p[0] < x);
            let nearest = [right.checked_sub(1), Some(right)]
                .into_iter()
                .flatten()
                .filter_map(|i| curve.points.get(i))
                .min_by(|a, b| (a[0] - x).abs().total_cmp(&(b[0] - x).abs()));
            if let Some(&[x, y]) = nearest {
                readings.push(Reading { curve: index, x, y });
            }
        }
        readings
    }
}

/// A curve's points; the axes must not see what is not a number.
fn points(run: &Run, x: XAxis, value: &dyn Fn(&Record) -> f64) -> Vec<[f64; 2]> {
    let records = run.records.iter();
    records.map(|r| [x.at(r), value(r)]).collect()
}

/// The ×: on the last number that a diverged run still had, or at the edge beyond which that lies.
fn mark(index: usize, run: &Run, x: XAxis, value: impl Fn(&Record) -> f64) -> Option<Mark> {
    run.divergence?;
    let (x, y) = run
        .records
        .iter()
        .rev()
        .map(|r| (x.at(r), value(r)))
        .find(|(_, y)| y.is_finite())?;
    Some(Mark {
        run: index,
        at: [x, y],
    })
}

/// Room around the box of the curves, on the lattice.
struct Margin {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Margin {
    fn of(theme: &Theme) -> Margin {
        let em = theme.font;
        Margin {
            left: theme.px(em * 3.6),
            right: theme.px(em),
            top: theme.px(em * 0.8),
            bottom: theme.px(em * 2.8),
        }
    }
}

/// Where numbers go on the lattice.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Of the whole drawing.
    pub size: (u32, u32),
    /// Left edge of the box of the curves.
    pub left: i32,
    /// Its top.
    pub top: i32,
    /// Its right edge.
    pub right: i32,
    /// Its bottom.
    pub bottom: i32,
    /// Range on the x axis.
    pub x: (f64, f64),
    /// Range on the y axis.
    pub y: (f64, f64),
    log: bool,
    /// What is said in place of the grid where there is nothing to draw.
    nothing: Option<&'static str>,
}

impl Axes {
    /// A box with room for labels around it.
    pub(super) fn new(
        size: (u32, u32),
        x: (f64, f64),
        y: (f64, f64),
        log: bool,
        theme: &Theme,
    ) -> Axes {
        let margin = Margin::of(theme);
        Axes {
            size,
            left: margin.left,
            top: margin.top,
            right: (size.0.cast_signed() - margin.right).max(margin.left + 1),
            bottom: (size.1.cast_signed() - margin.bottom).max(margin.top + 1),
            x,
            y,
            log,
            nothing: None,
        }
    }

    /// The grid lines across with their labels.
    pub(super) fn draw_rows<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        let grid = theme.pen(&theme.grid, 1.0);
        for (y, labelled) in self.y_ticks(theme) {
            let at = theme.crisp(self.y_at(y));
            backend.draw_path([(self.left, at), (self.right, at)], &grid)?;
            if labelled {
                theme.text(
                    backend,
                    &tick(y),
                    (self.left - theme.px(5.0), at),
                    (HPos::Right, VPos::Center),
                    theme.muted,
                )?;
            }
        }
        Ok(())
    }

    /// The column of an x.
    pub fn x_at(&self, x: f64) -> i32 {
        let share = (x - self.x.0) / (self.x.1 - self.x.0);
        self.left + (share * f64::from(self.right - self.left)).round() as i32
    }

    /// The x of a column.
    pub fn x_of(&self, column: f64) -> f64 {
        let share = (column - f64::from(self.left)) / f64::from(self.right - self.left);
        self.x.0 + share.clamp(0.0, 1.0) * (self.x.1 - self.x.0)
    }

    /// How high a y is: 0 at the bottom, 1 at the top; NaN for what has no place on the axis.
    fn height(&self, y: f64) -> f64 {
        let height = if self.log {
            (y / self.y.0).ln() / (self.y.1 / self.y.0).ln()
        } else {
            (y - self.y.0) / (self.y.1 - self.y.0)
        };
        if height.is_finite() { height } else { f64::NAN }
    }

    fn row(&self, height: f64) -> i32 {
        self.bottom - (height.clamp(0.0, 1.0) * f64::from(self.bottom - self.top)).round() as i32
    }

    /// The row of a mark at y: at the edge if y lies outside. Curves are cut there instead.
    pub fn y_at(&self, y: f64) -> i32 {
        self.row(self.height(y.max(self.y.0).min(self.y.1)))
    }

    /// What of a curve is inside the box, on the lattice: paths between gaps and edges. A segment across an edge ends
    /// on it.
    fn pieces(&self, points: &[[f64; 2]]) -> Vec<Vec<BackendCoord>> {
        let mut path: Vec<[f64; 2]> = Vec::new();
        for &[x, y] in points {
            let to = [x, self.height(y)];
            if let Some(&from) = path.last() {
                path.extend(crossings(from, to));
            }
            path.push(to);
        }
        let inside = -SLACK..=1.0 + SLACK;
        path.split(|p| !inside.contains(&p[1]))
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                let places = piece.iter().map(|p| (self.x_at(p[0]), self.row(p[1])));
                places.collect()
            })
            .collect()
    }

    /// Grid lines across, and whether each has a label.
    fn y_ticks(&self, theme: &Theme) -> Vec<(f64, bool)> {
        let lines = f64::from(self.bottom - self.top) / f64::from(theme.px(theme.font * 2.2));
        if !self.log {
            return steps(self.y, nice_step(self.y.1 - self.y.0, lines))
                .into_iter()
                .map(|y| (y, true))
                .collect();
        }
        log_ticks(self.y, lines)
    }

    fn x_ticks(&self, theme: &Theme) -> Vec<f64> {
        let labels = f64::from(self.right - self.left) / f64::from(theme.px(theme.font * 6.0));
        steps(self.x, nice_step(self.x.1 - self.x.0, labels))
    }
}

/// The smallest and the largest of some numbers.
fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let both = values.map(|y| (y, y));
    both.reduce(|(low, high), (y, _)| (low.min(y), high.max(y)))
}

/// Where a segment crosses the edges at heights 0 and 1, in its own order; nowhere next to a gap.
fn crossings(from: [f64; 2], to: [f64; 2]) -> Vec<[f64; 2]> {
    let edges = if from[1] < to[1] {
        [0.0, 1.0]
    } else {
        [1.0, 0.0]
    };
    let crossed = |edge: &f64| (from[1] - edge) * (to[1] - edge) < 0.0;
    let at = |edge: f64| {
        let share = (edge - from[1]) / (to[1] - from[1]);
        [from[0] + share * (to[0] - from[0]), edge]
    };
    edges.into_iter().filter(crossed).map(at).collect()
}

/// Places for grid lines of a logarithmic range that has room for so many labels, and whether each has one.
pub(super) fn log_ticks(range: (f64, f64), labels: f64) -> Vec<(f64, bool)> {
    let (low, high) = (range.0.log10(), range.1.log10());
    let decades = high - low;
    let every = (decades / labels).ceil().max(1.0) as i32;
    let mut ticks = Vec::new();
    for decade in low.floor() as i32..=high.ceil() as i32 {
        for digit in 1..10 {
            let y = 10f64.powi(decade) * f64::from(digit);
            if y < range.0 * 0.999 || y > range.1 * 1.001 {
                continue;
            }
            if digit == 1 {
                ticks.push((y, decade.rem_euclid(every) == 0));
            } else if decades < 1.5 && (digit == 2 || digit == 5) {
                ticks.push((y, true));
            }
        }
    }
    ticks
}

/// Multiples of a step inside a range.
pub(super) fn steps(range: (f64, f64), step: f64) -> Vec<f64> {
    let first = (range.0 / step - 1e-9).ceil() as i64;
    let last = (range.1 / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// The smallest 1, 2 or 5 × 10ᵏ that cuts a range into at most so many parts.
pub(super) fn nice_step(range: f64, parts: f64) -> f64 {
    let least = range / parts.max(1.0);
    let decade = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(decade)
}

/// The largest 1, 2 or 5 × 10ᵏ not above.
pub(super) fn round_below(y: f64) -> f64 {
    let decade = 10f64.powf(y.log10().floor());
    [5.0, 2.0, 1.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|r| *r <= y * 1.000_001)
        .unwrap_or(decade)
}

/// The smallest 1, 2 or 5 × 10ᵏ above.
pub(super) fn round_above(y: f64) -> f64 {
    let decade = 10f64.powf(y.log10().floor());
    [2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|r| *r > y)
        .unwrap_or(decade * 10.0)
}

/// A number in four significant digits at most.
pub fn short(y: f64) -> String {
    let size = y.abs();
    if y == 0.0 || !y.is_finite() {
        return format!("{y}");
    }
    if !(1e-3..1e5).contains(&size) {
        let text = format!("{y:.2e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{power}");
    }
    let digits = (3 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{y:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number beside an axis: powers of ten as such.
pub(super) fn tick(y: f64) -> String {
    let power = y.abs().log10().round();
    if y > 0.0 && power.abs() >= 4.0 && (y / 10f64.powf(power) - 1.0).abs() < 1e-9 {
        let digits = format!("{power}").replace('-', "⁻");
        let raised = |d: char| {
            d.to_digit(10).map_or(d, |d| {
                ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][d as usize]
            })
        };
        return format!("10{}", digits.chars().map(raised).collect::<String>());
    }
    short(y)
}

/// Keeps what can be seen: of every column of that width the first, lowest, highest and last point.
fn decimate(path: &[BackendCoord], width: i32) -> Vec<BackendCoord> {
    let mut kept: Vec<BackendCoord> = Vec::new();
    for column in path.chunk_by(|a, b| a.0.div_euclid(width) == b.0.div_euclid(width)) {
        let lowest = (0..column.len()).min_by_key(|&i| column[i].1).unwrap_or(0);
        let highest = (0..column.len()).max_by_key(|&i| column[i].1).unwrap_or(0);
        let mut seen = [
            0,
            lowest.min(highest),
            lowest.max(highest),
            column.len() - 1,
        ]
        .to_vec();
        seen.dedup();
        kept.extend(seen.into_iter().map(|i| column[i]));
    }
    kept
}

/// Points of a path about so far apart, starting at an offset of its own for every run; a lone point as it is.
fn spaced(path: &[BackendCoord], gap: i32, offset: i32) -> Vec<BackendCoord> {
    let slot = |x: i32| (x - offset).div_euclid(gap);
    if path.len() == 1 {
        return path.to_vec();
    }
    path.windows(2)
        .filter(|pair| slot(pair[0].0) != slot(pair[1].0))
        .map(|pair| pair[1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::GhostCurve;

    fn record(step: u64, loss: f64) -> Record {
        Record {
            step,
            seconds: 0.5 * step as f64,
            flops: 1000 * step,
            loss,
            batch_loss: [loss, loss],
            validation_loss: f64::NAN,
            accuracy: f64::NAN,
            energy: vec![],
            layers: vec![],
        }
    }

    fn run(records: &[Record]) -> Run<'_> {
        Run {
            name: "backprop",
            records,
            divergence: None,
        }
    }

    #[test]
    fn ghosts_are_drawn_but_neither_named_nor_read() {
        let live = [record(0, 1.0), record(1, 0.5)];
        let ghost = Ghost {
            id: 1,
            name: "run 1 before tau 10 → 5 at step 1".into(),
            from: 1,
            steps_per_epoch: 1,
            curves: vec![GhostCurve {
                run: 0,
                records: vec![record(0, 1.0), record(1, 7.0), record(2, 9.0)],
                divergence: None,
            }],
        };
        let plain = LineChart::loss_and_energy(&[run(&live)], XAxis::Steps, false);
        let (readings, legend) = (plain.read(1.0).len(), format!("{:?}", plain.legend()));
        let chart = plain.with_ghost_losses(&[&ghost], XAxis::Steps);
        assert_eq!(chart.curves[0].points[2], [2.0, 9.0]);
        assert_eq!(chart.read(1.0).len(), readings);
        assert_eq!(format!("{:?}", chart.legend()), legend);
    }

    #[test]
    fn what_is_no_number_leaves_gaps_and_ranges_alone() {
        let records = [
            record(0, 0.7),
            record(1, f64::NAN),
            record(2, f64::INFINITY),
            record(3, 0.3),
            record(4, 0.2),
        ];
        let chart = LineChart::loss_and_energy(&[run(&records)], XAxis::Steps, true);
        assert_eq!(
            chart.curves.len(),
            1,
            "neither validation nor energy has a number"
        );
        let axes = chart.axes((400, 300), 4.0, &Theme::light());
        assert_eq!(axes.y, (0.2, 1.0));
        assert_eq!(drawn(&chart, &axes, 0), [1, 2]);
    }

    /// Points in every piece that is drawn of a curve.
    fn drawn(chart: &LineChart, axes: &Axes, curve: usize) -> Vec<usize> {
        let pieces = axes.pieces(&chart.curves[curve].points);
        pieces.iter().map(Vec::len).collect()
    }

    fn residuals(values: &[f64]) -> Vec<Record> {
        let layer = |&cg_residual: &f64| LayerFrame {
            cg_residual,
            ..LayerFrame::default()
        };
        let layers = values.iter().map(layer);
        (0..)
            .zip(layers)
            .map(|(step, layer)| Record {
                layers: vec![layer],
                ..record(step, 1.0)
            })
            .collect()
    }

    #[test]
    fn a_curve_is_cut_where_it_crosses_an_edge() {
        let axes = Axes {
            left: 0,
            right: 400,
            top: 0,
            bottom: 100,
            ..Axes::new((400, 100), (0.0, 4.0), (1.0, 100.0), true, &Theme::light())
        };
        let pieces = |ys: &[f64]| {
            let points: Vec<_> = (0..).map(f64::from).zip(ys).map(|(x, y)| [x, *y]).collect();
            axes.pieces(&points)
        };
        // Out at the top, along outside, and in again.
        assert_eq!(
            pieces(&[10.0, 1000.0, 1e9, 1000.0, 10.0]),
            [[(0, 50), (50, 0)], [(350, 0), (400, 50)]]
        );
        // From below the bottom to above the top at once.
        assert_eq!(pieces(&[0.1, 1000.0]), [[(25, 100), (75, 0)]]);
        assert!(pieces(&[1e9, 1e9]).is_empty() && pieces(&[0.01, 0.02]).is_empty());
        assert_eq!(pieces(&[1.0, 100.0]), [[(0, 100), (100, 0)]]);
    }

    #[test]
    fn zero_on_a_logarithmic_axis_is_a_gap_and_is_read_as_zero() {
        let records = residuals(&[0.1, 0.2, 0.0, 0.05, 0.1]);
        let chart = LineChart::step_sizes(&[run(&records)], XAxis::Steps, Quantity::Residual);
        let axes = chart.axes((400, 300), 4.0, &Theme::light());
        assert_eq!(axes.y, (0.05, 0.5));
        assert_eq!(drawn(&chart, &axes, 0), [2, 2]);
        assert_eq!(chart.read(2.0)[0].y, 0.0);
    }

    #[test]
    fn what_has_not_diverged_is_inside_and_what_has_leaves_at_the_top() {
        let falling: Vec<Record> = (0..40)
            .map(|s| record(s, 0.7 * 0.8f64.powi(s as i32)))
            .collect();
        let rising: Vec<Record> = (0..40)
            .map(|s| record(s, 0.7 * 10f64.powi(s as i32)))
            .collect();
        let divergence = Divergence {
            step: 40,
            layer: None,
            reason: String::new(),
        };
        let lost = Run {
            name: "lost",
            records: &rising,
            divergence: Some(&divergence),
        };
        let chart = LineChart::loss_and_energy(&[lost, run(&falling)], XAxis::Steps, false);
        let axes = chart.axes((400, 300), 40.0, &Theme::light());
        assert_eq!(axes.y, (1e-4, 50.0));
        assert_eq!(drawn(&chart, &axes, 1), [40]);
        let pieces = axes.pieces(&chart.curves[0].points);
        let end = pieces[0].last().unwrap();
        assert!(pieces.len() == 1 && pieces[0].len() < 5, "{pieces:?}");
        assert_eq!(end.1, axes.top);
        assert_eq!(chart.read(39.0)[0].y, rising[39].loss);
        // The words on it stand in the legend, where they hide nothing.
        let words: Vec<String> = chart.legend().runs.into_iter().map(|(_, w)| w).collect();
        assert_eq!(words, ["lost, diverged at step 40", "backprop"]);
    }

    #[test]
    fn a_chart_of_nothing_says_so_and_invents_no_numbers() {
        let picture = |records: &[Record], quantity| {
            let chart = LineChart::step_sizes(&[run(records)], XAxis::Steps, quantity);
            crate::plot::svg::lines(&chart, (400, 300), 20.0, &Theme::light())
        };
        let numbers = |svg: &str| {
            let texts = svg.lines().filter(|l| l.parse::<f64>().is_ok());
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let new = picture(&[], Quantity::UpdateRatio);
        assert!(new.contains("Nothing yet."));
        assert_eq!(numbers(&new), ["0", "5", "10", "15", "20"], "steps alone");
        let zeros = picture(&residuals(&[0.0; 20]), Quantity::Residual);
        assert!(zeros.contains("All values are zero"));
        assert_eq!(numbers(&zeros), numbers(&new));
        let one = picture(&residuals(&[0.3]), Quantity::Residual);
        assert!(!one.contains("Nothing yet") && one.matches("r=\"16\"").count() > 2);
    }

    #[test]
    fn layers_are_told_apart_and_named_in_order() {
        let mut records = vec![record(0, 1.0), record(1, 0.5)];
        for record in &mut records {
            record.layers = vec![LayerFrame::default(); Line::ALL.len()];
        }
        let chart = LineChart::step_sizes(&[run(&records)], XAxis::Steps, Quantity::Angle);
        let strokes = chart.legend().strokes;
        for (i, (line, label)) in strokes.iter().enumerate() {
            assert_eq!(*label, format!("layer {}", i + 1));
            let others = strokes
                .iter()
                .filter(|(l, _)| l.pattern() == line.pattern());
            assert_eq!(others.count(), 1, "{label} looks like another");
        }
        assert_eq!(strokes.len(), Line::ALL.len());
    }

    #[test]
    fn an_explosion_does_not_press_the_rest_flat() {
        let records = [record(0, 0.7), record(1, 1e30)];
        let axes = LineChart::loss_and_energy(&[run(&records)], XAxis::Steps, false).axes(
            (400, 300),
            4.0,
            &Theme::light(),
        );
        assert!(axes.y.1 <= 2e9, "{:?}", axes.y);
        assert_eq!(axes.y_at(1e30), axes.top);
        assert_eq!(axes.y_at(f64::MAX), axes.top);
        assert_eq!(axes.y_at(0.0), axes.bottom);
    }

    #[test]
    fn the_x_axis_doubles_towards_the_end_of_the_run() {
        let records: Vec<Record> = (0..40).map(|s| record(s, 1.0)).collect();
        let chart = LineChart::loss_and_energy(&[run(&records)], XAxis::Steps, false);
        assert_eq!(
            chart.axes((400, 300), 300.0, &Theme::light()).x,
            (0.0, 75.0)
        );
        assert_eq!(chart.axes((400, 300), 39.0, &Theme::light()).x, (0.0, 39.0));
    }

    #[test]
    fn a_reading_is_the_nearest_record() {
        let records = [record(0, 0.7), record(10, 0.5), record(20, 0.3)];
        let chart = LineChart::loss_and_energy(&[run(&records)], XAxis::Steps, false);
        assert_eq!(
            chart.read(14.0),
            [Reading {
                curve: 0,
                x: 10.0,
                y: 0.5
            }]
        );
        assert_eq!(chart.read(1e9)[0].x, 20.0);
    }

    #[test]
    fn decimation_keeps_extremes_in_order() {
        let path: Vec<BackendCoord> = (0..1000)
            .map(|i| (i / 100, if i == 550 { 900 } else { i % 7 }))
            .collect();
        let kept = decimate(&path, 4);
        assert!(kept.len() <= 12);
        assert!(kept.contains(&(5, 900)));
        assert!(kept.is_sorted_by_key(|p| p.0));
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 1.0, 0.123456, 12345.6, 1e6, 2.5e-5, -3.0]
            .into_iter()
            .map(short)
            .collect();
        assert_eq!(shown, ["0", "1", "0.1235", "12346", "1e6", "2.5e-5", "-3"]);
    }
}
