//! Records as curves: *Loss and energy* and *Step sizes*, their ranges, legends and readings. Knows records, not engines, and
//! draws nothing.
//!
//! What cannot be drawn (NaN, ±∞, and zero or less on a logarithmic axis) never touches a range.

use super::axes::Axes;
use super::number::{extent, nice_step, round_above, round_below};
use super::quantity::{Quantity, XAxis};
use super::theme::{Line, Theme};
use crate::frame::{Divergence, Ghost, Record};

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

/// How far runs that diverged may widen the range of the others below and above: what blows up would take it all.
const WIDENED: (f64, f64) = (1e-4, 30.0);

/// How far below and above its start a quantity is followed: what vanishes, or overflows on the way to infinity, must
/// not press everything else flat.
const FOLLOWED: (f64, f64) = (1e-10, 1e9);

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
pub(super) struct Mark {
    /// Which run.
    pub(super) run: usize,
    /// `[x, y]`.
    pub(super) at: [f64; 2],
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
    pub(super) marks: Vec<Mark>,
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
    pub(super) fn drawable(&self, y: f64) -> bool {
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
        let range = y.unwrap_or((0.1, 1.0));
        let mut axes = Axes::new(size, (0.0, right), range, self.log, theme);
        axes.nothing = y.is_none().then(|| self.nothing());
        axes
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{GhostCurve, LayerFrame};

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
}
