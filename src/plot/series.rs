//! Curves of numbers that are no record's, one for each of those compared. Knows neither ranges nor ink.

use super::curves::{Curve, LineChart};
use super::theme::Line;

/// One curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is called in legends.
    pub name: String,
    /// The step at which what it is of diverged.
    pub diverged: Option<u64>,
    /// `[x, y]`, x rising.
    pub points: Vec<[f64; 2]>,
}

impl LineChart {
    /// A chart of these, each in a colour of its own.
    pub fn of_series(
        title: &'static str,
        x_label: &'static str,
        log: bool,
        series: Vec<Series>,
    ) -> LineChart {
        let curves = series.into_iter().enumerate().map(|(run, series)| Curve {
            run,
            line: Line::Solid,
            name: series.name,
            label: title.to_owned(),
            points: series.points,
            markers: true,
            ghost: None,
            diverged: series.diverged,
            now: None,
        });
        LineChart::of_curves(title, x_label, log, curves.collect())
    }
}
