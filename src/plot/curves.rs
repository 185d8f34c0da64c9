//! A chart of curves: its ranges, legend and readings. Knows neither what the curves are of nor ink.
//!
//! What cannot be drawn (NaN, ±∞, and zero or less on a logarithmic axis) never touches a range.

use super::axes::Axes;
use super::number::{extent, nice_step, round_above, round_below, short};
use super::theme::{Line, Theme};

/// How far runs that diverged may widen the range of the others below and above: what blows up would take it all.
const WIDENED: (f64, f64) = (1e-4, 30.0);

/// How far below and above its start a quantity is followed: what vanishes, or overflows on the way to infinity, must
/// not press everything else flat.
const FOLLOWED: (f64, f64) = (1e-10, 1e9);

/// Most curves that lie outside and are each told of.
const MOST_OUTSIDE: usize = 3;

/// A range on an even axis that is none.
const FLAT: f64 = 1e-6;

/// One line of a chart.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The run it belongs to: gives colour and marker.
    pub run: usize,
    /// Which quantity or layer it is: gives the stroke.
    pub line: Line,
    /// The run's name.
    pub name: String,
    /// The quantity or layer in words; empty for a line across the chart, whose name says it.
    pub label: String,
    /// `[x, y]`, x rising.
    pub points: Vec<[f64; 2]>,
    /// Does it carry the run's markers?
    pub(super) markers: bool,
    /// Is it what might have been? Then it is pale and has this number, and is in no legend or readout.
    pub(super) ghost: Option<u32>,
    /// The step at which its run diverged.
    pub(super) diverged: Option<u64>,
    /// The point at which the run is looked at, an index.
    pub(super) now: Option<usize>,
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
    /// What the axis says besides.
    pub x_note: String,
    /// Does the x axis count in powers of ten? Its numbers are their exponents then.
    pub decades: bool,
    /// Is the y axis logarithmic?
    pub log: bool,
    /// Is everything on the y axis, whatever is pressed flat by it?
    pub whole: bool,
    /// What is on the y axis, where that is known beforehand.
    pub range: Option<(f64, f64)>,
    /// The step that is looked at, where that is not the last.
    pub now: Option<u64>,
    /// Why no run has a curve here.
    pub(super) none: Option<&'static str>,
    /// In drawing order.
    pub curves: Vec<Curve>,
    pub(super) marks: Vec<Mark>,
}

/// What a legend explains.
#[derive(Clone, Debug, Default)]
pub struct Legend<'a> {
    /// Index of every run, its stroke and its name, with the step at which it diverged.
    pub runs: Vec<(usize, Line, String)>,
    /// The strokes that they share, with the quantity or layer.
    pub strokes: Vec<(Line, &'a str)>,
    /// What lies outside: the run, its stroke, and words with the value.
    pub outside: Vec<(usize, Line, String)>,
}

/// How far a curve goes beyond an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outside {
    /// Index into [`LineChart::curves`].
    pub(super) curve: usize,
    /// Its outermost point.
    pub(super) at: [f64; 2],
    /// Above the chart, or below it?
    pub(super) above: bool,
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
        if self.range.is_some() {
            return self.range;
        }
        if self.log && self.whole {
            return Some((round_below(low), round_above(high)));
        }
        if !self.log {
            // What is zero, or as good as zero, is not made large.
            let span = Some(high - low.min(0.0)).filter(|span| *span > FLAT);
            let step = nice_step(span.unwrap_or(1.0), 4.0);
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

    /// What of every curve is furthest outside the y axis.
    pub(super) fn outside(&self) -> Vec<Outside> {
        let Some((low, high)) = self.y_range() else {
            return Vec::new();
        };
        let curves = self.curves.iter().enumerate();
        let curves = curves.filter(|(_, curve)| curve.ghost.is_none());
        let outermost = |(curve, of): (usize, &Curve)| {
            let points = of.points.iter().filter(|p| self.drawable(p[1]));
            let by_height = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
            let highest = points.clone().max_by(by_height)?;
            let lowest = points.min_by(by_height)?;
            let above = highest[1] > high;
            let at = if above { *highest } else { *lowest };
            (above || at[1] < low).then_some(Outside { curve, at, above })
        };
        curves.filter_map(outermost).collect()
    }

    /// What of that is told of with its value, and of how many curves: of every curve, or, where there are many, what of every run goes
    /// furthest on each side.
    pub(super) fn told(&self) -> Vec<(Outside, usize)> {
        let all = self.outside();
        let many = all.len() > MOST_OUTSIDE;
        let mut told: Vec<(Outside, usize)> = Vec::new();
        for of in all {
            let run = |of: &Outside| self.curves[of.curve].run;
            let same = |(other, _): &&mut (Outside, usize)| {
                many && (run(other), other.above) == (run(&of), of.above)
            };
            match told.iter_mut().find(same) {
                Some((furthest, count)) => {
                    *count += 1;
                    if (of.at[1] > furthest.at[1]) == of.above {
                        *furthest = of;
                    }
                }
                None => told.push((of, 1)),
            }
        }
        told
    }

    /// Whether anything lies outside the y axis.
    pub fn leaves(&self) -> bool {
        !self.outside().is_empty()
    }

    /// Why there is nothing to draw.
    fn nothing(&self) -> &'static str {
        if let Some(why) = self.none {
            return why;
        }
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
        // Of powers of ten there are few: all of them are there from the start.
        while !self.decades
            && seen > 0.0
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
        axes.decades = self.decades;
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
            x_note: String::new(),
            decades: false,
            log,
            whole: false,
            range: None,
            now: None,
            none: None,
            curves,
            marks: Vec::new(),
        }
    }

    /// What a legend explains. Words on divergence stand there too: inside the chart they would hide curves.
    pub fn legend(&self) -> Legend<'_> {
        let Legend {
            mut runs,
            mut strokes,
            ..
        } = Legend::default();
        for curve in self.curves.iter().filter(|curve| curve.ghost.is_none()) {
            let across = curve.label.is_empty();
            let line = if across { curve.line } else { Line::Solid };
            let run = (curve.run, line, curve.words());
            if !runs.contains(&run) {
                runs.push(run);
            }
            if !across && !strokes.contains(&(curve.line, curve.label.as_str())) {
                // Solid first: the main quantity, the first layer.
                let earlier = |(line, _): &(Line, _)| *line as usize <= curve.line as usize;
                let at = strokes.partition_point(earlier);
                strokes.insert(at, (curve.line, curve.label.as_str()));
            }
        }
        let outside = self.told().into_iter().map(|(of, count)| {
            let (toward, edge) = if of.above {
                ("up", "above")
            } else {
                ("down", "below")
            };
            let curve = &self.curves[of.curve];
            let what = match count {
                1 => format!("{} {}:", curve.name, curve.label),
                count => format!("{}, {count} curves:", curve.name),
            };
            let value = short(of.at[1]);
            let words = format!("{what} {toward} to {value}, {edge} the chart");
            (curve.run, curve.line, words)
        });
        let outside = outside.collect();
        Legend {
            runs,
            strokes,
            outside,
        }
    }

    /// What stands at a place on the x axis, with its name.
    pub fn x_in_words(&self, x: f64) -> String {
        let counted = if self.decades {
            libm::round(libm::exp10(x))
        } else {
            x
        };
        format!("{} {}", self.x_label, short(counted))
    }

    /// The numbers at the step that is looked at, one reading per curve that is there.
    pub fn read_now(&self) -> Vec<Reading> {
        let curves = self.curves.iter().enumerate();
        let reading = |(curve, of): (usize, &Curve)| {
            let [x, y] = *of.points.get(of.now?)?;
            Some(Reading { curve, x, y })
        };
        curves.filter_map(reading).collect()
    }

    /// The corner (on the right? below?) in which a box of this size on the lattice hides the fewest points, and not the
    /// column that is read.
    pub fn clearest_corner(&self, axes: &Axes, [wide, high]: [i32; 2], column: i32) -> [bool; 2] {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let hidden = |&[right, low]: &[bool; 2]| {
            let left = if right { axes.right - wide } else { axes.left };
            let top = if low { axes.bottom - high } else { axes.top };
            let (columns, rows) = (left..=left + wide, top..=top + high);
            let count = points()
                .filter(|p| columns.contains(&axes.x_at(p[0])) && rows.contains(&axes.y_at(p[1])));
            (columns.contains(&column), count.count())
        };
        let away = column < i32::midpoint(axes.left, axes.right);
        let corners = [[away, false], [away, true], [!away, false], [!away, true]];
        corners.into_iter().min_by_key(hidden).unwrap_or_default()
    }

    /// Where the curves are nearest to `x`, one reading per curve that has a number there.
    pub fn read(&self, x: f64) -> Vec<Reading> {
        let mut readings = Vec::new();
        let curves = self.curves.iter().enumerate();
        for (index, curve) in curves.filter(|(_, curve)| curve.ghost.is_none()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A chart of values at 0, 1, 2, …, each curve with its name and the step at which its run diverged.
    fn chart(curves: &[(&str, &[f64], Option<u64>)]) -> LineChart {
        let curves = curves.iter().enumerate();
        let curves = curves.map(|(run, &(name, values, diverged))| Curve {
            run,
            line: Line::Solid,
            name: name.into(),
            label: "J".into(),
            points: (0..)
                .map(f64::from)
                .zip(values)
                .map(|(x, &y)| [x, y])
                .collect(),
            markers: true,
            ghost: None,
            diverged,
            now: None,
        });
        LineChart::of_curves("J", "step", true, curves.collect())
    }

    /// Points in every piece that is drawn of a curve.
    fn drawn(chart: &LineChart, axes: &Axes, curve: usize) -> Vec<usize> {
        let pieces = axes.pieces(&chart.curves[curve].points);
        pieces.iter().map(Vec::len).collect()
    }

    #[test]
    fn zero_on_a_logarithmic_axis_is_a_gap_and_is_read_as_zero() {
        let chart = chart(&[("", &[0.1, 0.2, 0.0, 0.05, 0.1], None)]);
        let axes = chart.axes((400, 300), 4.0, &Theme::light());
        assert_eq!(axes.y, (0.05, 0.5));
        assert_eq!(drawn(&chart, &axes, 0), [2, 2]);
        assert_eq!(chart.read(2.0)[0].y, 0.0);
    }

    #[test]
    fn what_has_not_diverged_is_inside_and_what_has_leaves_at_the_top() {
        let falling: Vec<f64> = (0..40).map(|s| 0.7 * 0.8f64.powi(s)).collect();
        let rising: Vec<f64> = (0..40).map(|s| 0.7 * 10f64.powi(s)).collect();
        let chart = chart(&[("lost", &rising, Some(40)), ("backprop", &falling, None)]);
        let axes = chart.axes((400, 300), 40.0, &Theme::light());
        assert_eq!(axes.y, (1e-4, 50.0));
        assert_eq!(drawn(&chart, &axes, 1), [40]);
        let pieces = axes.pieces(&chart.curves[0].points);
        let end = pieces[0].last().unwrap();
        assert!(pieces.len() == 1 && pieces[0].len() < 5, "{pieces:?}");
        assert_eq!(end.1, axes.top);
        assert_eq!(chart.read(39.0)[0].y, rising[39]);
        // The words on it stand in the legend, where they hide nothing.
        let words: Vec<String> = chart.legend().runs.into_iter().map(|(.., w)| w).collect();
        assert_eq!(words, ["lost, diverged at step 40", "backprop"]);
    }

    #[test]
    fn where_many_lie_outside_each_run_is_told_of_once() {
        let rising = |to: f64| [0.7, to / 10.0, to];
        let far = [1e27, 1e30, 1e28, 1e26].map(rising);
        let curves = far.iter().map(|values| ("lost", &values[..], Some(3)));
        let mut chart = chart(&curves.collect::<Vec<_>>());
        for (i, curve) in chart.curves.iter_mut().enumerate() {
            curve.run = i / 2;
        }
        let words: Vec<String> = chart.legend().outside.into_iter().map(|o| o.2).collect();
        assert_eq!(
            words,
            [
                "lost, 2 curves: up to 1e30, above the chart",
                "lost, 2 curves: up to 1e28, above the chart"
            ]
        );
        // The values in the picture are those.
        let told = chart.told().into_iter();
        let told: Vec<(f64, usize)> = told.map(|(of, count)| (of.at[1], count)).collect();
        assert_eq!(told, [(1e30, 2), (1e28, 2)]);
        assert_eq!(chart.outside().len(), 4);
    }

    #[test]
    fn what_lies_outside_is_said_with_its_value_and_shown_on_demand() {
        let falling: Vec<f64> = (0..40).map(|s| 0.7 * 0.8f64.powi(s)).collect();
        let rising: Vec<f64> = (0..40).map(|s| 0.7 * 10f64.powi(s)).collect();
        let curves: [(&str, &[f64], Option<u64>); 2] =
            [("lost", &rising, Some(40)), ("backprop", &falling, None)];
        let mut chart = chart(&curves);
        let outside = chart.outside();
        assert_eq!(outside.len(), 1);
        assert_eq!(
            (outside[0].at, outside[0].above),
            ([39.0, rising[39]], true)
        );
        assert_eq!(
            chart.legend().outside[0].2,
            "lost J: up to 7e38, above the chart"
        );
        chart.whole = true;
        assert!(chart.outside().is_empty() && chart.legend().outside.is_empty());
        let axes = chart.axes((400, 300), 40.0, &Theme::light());
        assert!(axes.y.1 >= 7e38 && drawn(&chart, &axes, 0) == [40]);
        // What falls out at the bottom is said as well.
        let fading: Vec<f64> = (0..40).map(|s| 0.1f64.powi(s)).collect();
        let mut legend = super::tests::chart(&[("fading", &fading, None)]);
        assert_eq!(
            legend.legend().outside[0].2,
            "fading J: down to 1e-39, below the chart"
        );
        legend.whole = true;
        assert!(legend.outside().is_empty());
    }

    #[test]
    fn an_explosion_does_not_press_the_rest_flat() {
        let chart = chart(&[("", &[0.7, 1e30], None)]);
        let axes = chart.axes((400, 300), 4.0, &Theme::light());
        assert!(axes.y.1 <= 2e9, "{:?}", axes.y);
        assert_eq!(axes.y_at(1e30), axes.top);
        assert_eq!(axes.y_at(f64::MAX), axes.top);
        assert_eq!(axes.y_at(0.0), axes.bottom);
    }

    #[test]
    fn the_x_axis_doubles_towards_the_end_of_the_run() {
        let chart = chart(&[("", &[1.0; 40], None)]);
        assert_eq!(
            chart.axes((400, 300), 300.0, &Theme::light()).x,
            (0.0, 75.0)
        );
        assert_eq!(chart.axes((400, 300), 39.0, &Theme::light()).x, (0.0, 39.0));
    }

    #[test]
    fn an_axis_of_powers_of_ten_is_whole_and_is_read_in_what_is_counted() {
        let mut chart = chart(&[("", &[1.0, 0.5], None)]);
        chart.decades = true;
        let axes = chart.axes((4000, 3000), libm::log10(2000.0), &Theme::light());
        assert_eq!(axes.x, (0.0, libm::log10(2000.0)));
        let ticks: Vec<String> = axes
            .x_ticks(&Theme::light())
            .into_iter()
            .map(|(_, t)| t)
            .collect();
        assert_eq!(ticks, ["1", "10", "100", "1000"]);
        assert_eq!(chart.x_in_words(libm::log10(50.0)), "step 50");
        chart.decades = false;
        assert_eq!(chart.x_in_words(1.5), "step 1.5");
    }

    #[test]
    fn a_readout_lies_where_no_curve_is() {
        let falling: Vec<f64> = (0..40).map(|s| 0.8f64.powi(s)).collect();
        let rising: Vec<f64> = falling.iter().rev().copied().collect();
        let read = |curve: &[f64], late: bool, share: i32| {
            let chart = chart(&[("", curve, None)]);
            let axes = chart.axes((1600, 1200), 39.0, &Theme::light());
            let (wide, high) = (axes.right - axes.left, axes.bottom - axes.top);
            let column = if late { axes.right } else { axes.left };
            chart.clearest_corner(&axes, [wide * share / 10, high / 3], column)
        };
        assert_eq!(read(&falling, true, 3), [false, true]);
        assert_eq!(read(&falling, false, 3), [true, false]);
        assert_eq!(read(&rising, true, 3), [false, false]);
        assert_eq!(read(&rising, false, 3), [true, true]);
        // What is read is not hidden, be it at the price of a curve.
        assert!(!read(&falling, true, 9)[0] && read(&rising, false, 9)[0]);
    }

    #[test]
    fn a_reading_is_the_nearest_point() {
        let chart = chart(&[("", &[0.7, 0.5, 0.3], None)]);
        assert_eq!(
            chart.read(1.4),
            [Reading {
                curve: 0,
                x: 1.0,
                y: 0.5
            }]
        );
        assert_eq!(chart.read(1e9)[0].x, 2.0);
    }
}
