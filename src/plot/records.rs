//! Records as curves: *Loss and energy* and *Step sizes*, with the runs that went another way behind them. Knows records, not
//! engines, and neither ranges nor ink.

use super::curves::{Curve, LineChart, Mark};
use super::quantity::{Quantity, XAxis};
use super::theme::Line;
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
                        ghost: None,
                        diverged: run.divergence.map(|d| d.step),
                        now: None,
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
            title: if energy {
                "Loss J and energy E"
            } else {
                "Loss J"
            },
            x_label: x.label(),
            x_note: String::new(),
            decades: false,
            log: true,
            whole: false,
            range: None,
            now: None,
            none: None,
            curves,
            marks,
        }
    }

    /// The losses by words in place of letters.
    #[must_use]
    pub fn in_words(mut self) -> LineChart {
        self.title = "Loss";
        for curve in &mut self.curves {
            let words = match curve.label.as_str() {
                "J" => "loss",
                "validation J" => "loss on held-out points",
                _ => continue,
            };
            words.clone_into(&mut curve.label);
        }
        self
    }

    /// One quantity, of most a curve per layer: layers differ by stroke, runs by colour and marker.
    pub fn step_sizes(runs: &[Run], x: XAxis, quantity: Quantity) -> LineChart {
        let mut curves = Vec::new();
        let mut marks = Vec::new();
        let has = |run: &Run, layer| run.records.iter().any(|r| quantity.is_in(r, layer));
        let any = |run: &Run| (0..layers(run.records)).any(|layer| has(run, layer));
        let none = quantity.none().filter(|_| !runs.iter().any(any));
        let known = runs.iter().any(|run| !run.records.is_empty());
        for (index, run) in runs.iter().enumerate() {
            let all = quantity.curves(layers(run.records));
            let shown =
                |layer: &usize| none.is_none() && (quantity == Quantity::Zeros || has(run, *layer));
            for layer in (0..all).filter(shown) {
                curves.push(Curve {
                    run: index,
                    line: Line::of_layer(layer),
                    name: run.name.to_owned(),
                    label: quantity.part(layer),
                    points: points(run, x, &|r| quantity.of(r, layer)),
                    markers: layer == 0,
                    ghost: None,
                    diverged: run.divergence.map(|d| d.step),
                    now: None,
                });
            }
            if shown(&0) {
                marks.extend(mark(index, run, x, |r| quantity.of(r, 0)));
            }
        }
        LineChart {
            title: quantity.label(),
            x_label: x.label(),
            x_note: String::new(),
            decades: false,
            log: quantity.is_logarithmic(),
            whole: false,
            range: None,
            now: None,
            none: none.filter(|_| known),
            curves,
            marks,
        }
    }

    /// With a cursor at a step that is looked back to; the chart's runs are these.
    #[must_use]
    pub fn with_cursor(mut self, runs: &[Run], step: u64) -> LineChart {
        self.now = Some(step);
        for curve in self.curves.iter_mut().filter(|c| c.ghost.is_none()) {
            let Run {
                records,
                divergence,
                ..
            } = runs[curve.run];
            // A run that had diverged by then has no number there.
            let over = divergence.is_some_and(|d| d.step < step);
            let until = records.partition_point(|r| r.step <= step);
            curve.now = until.checked_sub(1).filter(|_| !over);
        }
        self
    }

    /// With the losses of runs that went another way, behind all others.
    #[must_use]
    pub fn with_ghost_losses(self, ghosts: &[&Ghost], x: XAxis) -> LineChart {
        self.with_ghosts(ghosts, x, 1, &|record, _| record.loss)
    }

    /// With a quantity per layer of runs that went another way, behind all others.
    #[must_use]
    pub fn with_ghost_steps(self, ghosts: &[&Ghost], x: XAxis, quantity: Quantity) -> LineChart {
        let curves = ghosts.iter().flat_map(|ghost| &ghost.curves);
        let most = curves.map(|curve| layers(&curve.records)).max();
        let all = quantity.curves(most.unwrap_or(0));
        self.with_ghosts(ghosts, x, all, &|record, layer| quantity.of(record, layer))
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
                    ghost: Some(ghost.number()),
                    diverged: curve.divergence.as_ref().map(|d| d.step),
                    now: None,
                });
            }
        }
        self.curves.splice(0..0, curves);
        self
    }
}

/// Layers that records tell of.
fn layers(records: &[Record]) -> usize {
    records.iter().map(|r| r.layers.len()).max().unwrap_or(0)
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
    use crate::plot::Theme;

    fn record(step: u64, loss: f64) -> Record {
        Record {
            step,
            seconds: 0.5 * step as f64,
            flops: 1000 * step,
            loss,
            batch_loss: [loss, loss],
            validation_loss: f64::NAN,
            accuracy: f64::NAN,
            zero_weights: 0,
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
    fn the_first_screen_reads_words() {
        let mut records = [record(0, 1.0), record(1, 0.5)];
        records[0].validation_loss = 1.2;
        let chart = LineChart::loss_and_energy(&[run(&records)], XAxis::Steps, false).in_words();
        let strokes: Vec<&str> = chart
            .legend()
            .strokes
            .iter()
            .map(|(_, words)| *words)
            .collect();
        assert_eq!(strokes, ["loss", "loss on held-out points"]);
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
        let pieces = axes.pieces(&chart.curves[0].points);
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_run_that_diverged_says_so_and_has_its_mark_at_the_last_number() {
        let records = [record(0, 0.7), record(1, 3.0), record(2, f64::INFINITY)];
        let divergence = Divergence {
            step: 2,
            layer: None,
            reason: String::new(),
        };
        let lost = Run {
            name: "lost",
            divergence: Some(&divergence),
            ..run(&records)
        };
        let chart = LineChart::loss_and_energy(&[lost], XAxis::Steps, false);
        let words = "lost, diverged at step 2".to_owned();
        assert_eq!(chart.legend().runs, [(0, Line::Solid, words)]);
        assert_eq!(chart.marks[0].at, [1.0, 3.0]);
    }

    fn unsolved(mut record: Record) -> Record {
        record.layers[0].cg_iterations = 0;
        record
    }

    #[test]
    fn zeros_are_one_curve_per_run_and_end_with_it() {
        let mut records = residuals(&[0.1; 3]);
        for (zeros, record) in records.iter_mut().enumerate() {
            record.zero_weights = zeros;
        }
        records[2].layers.clear();
        let dense = residuals(&[0.1; 3]);
        let runs = [run(&records), run(&dense)];
        let chart = LineChart::step_sizes(&runs, XAxis::Steps, Quantity::Zeros);
        let points: Vec<_> = chart.curves.iter().map(|c| c.points.clone()).collect();
        assert_eq!(points[0], [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]);
        // Beside them a run without is a line at zero.
        assert_eq!(points[1], [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]);
    }

    fn residuals(values: &[f64]) -> Vec<Record> {
        let layer = |&cg_residual: &f64| LayerFrame {
            cg_residual,
            cg_iterations: 3,
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
        // Explicit steps solve nothing, and leave no exact zeros: said, not drawn at 1e-10.
        let explicit: Vec<Record> = residuals(&[0.0; 20]).into_iter().map(unsolved).collect();
        for (quantity, words) in [
            (Quantity::Iterations, "No run here solves by CG"),
            (Quantity::Residual, "No run here solves by CG"),
            (Quantity::Zeros, "No weight is exactly 0"),
        ] {
            let none = picture(&explicit, quantity);
            assert!(none.contains(words), "{none}");
            assert_eq!(numbers(&none), numbers(&new));
        }
        // An angle of zero is one.
        let angle = LineChart::step_sizes(&[run(&explicit)], XAxis::Steps, Quantity::Angle);
        let axes = angle.axes((400, 300), 20.0, &Theme::light());
        assert_eq!(axes.y, (0.0, 0.5));
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
}
