//! What an experiment has come to, in words and pictures laid out as the paper's. Knows no file.

use proxprop::lab::paper::{Epoch, Experiment, Plan, Row, TAUS, Trial, rows};
use proxprop::plot::losses::{self, Losses};
use proxprop::plot::number::{percent, short};
use proxprop::plot::series::Series;
use proxprop::plot::sheet::{Source, Tile, sheet};
use proxprop::plot::{LineChart, Theme, svg};

use crate::table::columns;

/// What is known of a training.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) epochs: Vec<Epoch>,
    pub(super) test_accuracy: Option<f64>,
    pub(super) diverged: Option<u64>,
}

/// An experiment, what is known of each of its trainings, on which images, and the command that makes it again.
pub(super) struct Report<'a> {
    pub(super) plan: &'a Plan,
    pub(super) known: &'a [Known],
    pub(super) of: &'a str,
    pub(super) command: &'a str,
}

impl Report<'_> {
    fn trials(&self) -> impl Iterator<Item = (&Trial, &Known)> {
        self.plan.trials.iter().zip(self.known)
    }

    /// A row per training.
    pub(super) fn summary(&self) -> String {
        let heads = [
            "rule",
            "optimizer",
            "tau",
            "loss",
            "validation",
            "best",
            "test",
            "s/epoch",
        ];
        let mut rows = vec![heads.map(str::to_owned)];
        let share = |share: f64| percent(share, 1).replace(' ', "");
        for (trial, known) in self.trials() {
            let last = known.epochs.last();
            // One that diverges in its first epoch has come to nothing that could be measured.
            let told = |words: &dyn Fn(&Epoch) -> String| last.map_or("-".to_owned(), words);
            // Epoch 0 is what nobody has trained.
            let trained = known.epochs.iter().filter(|e| e.epoch > 0);
            let best = trained.map(|e| e.validation_accuracy).reduce(f64::max);
            rows.push([
                trial.rule.to_string(),
                trial.optimizer().to_owned(),
                trial.tau.to_string(),
                match known.diverged {
                    Some(step) => format!("diverged at step {step}"),
                    None => told(&|e| short(e.loss)),
                },
                told(&|e| share(e.validation_accuracy)),
                best.map_or("-".to_owned(), share),
                known.test_accuracy.map_or("-".to_owned(), share),
                last.filter(|e| e.epoch > 0).map_or("-".to_owned(), |e| {
                    format!("{:.1}", e.seconds / e.epoch as f64)
                }),
            ]);
        }
        columns(&rows)
    }

    /// Table 1 of the paper, and what was found here under it.
    pub(super) fn rows(&self) -> Vec<Row> {
        let end = |known: &Known| {
            let last = known.epochs.last().filter(|_| known.diverged.is_none());
            last.map(|epoch| epoch.loss)
        };
        let ends: Vec<Option<f64>> = self.known.iter().map(end).collect();
        rows(self.plan, &ends)
    }

    /// That table in letters.
    pub(super) fn table1(&self) -> String {
        let mut lines = vec![["method".to_owned(), "from".to_owned()].to_vec()];
        lines[0].extend(TAUS.iter().map(f64::to_string));
        for row in self.rows() {
            let start = [row.rule.to_string(), row.from().to_owned()].into_iter();
            let losses = row.losses.map(|loss| loss.map_or("-".to_owned(), short));
            lines.push(start.chain(losses).collect());
        }
        let note = self.note().map_or(String::new(), |note| note + "\n");
        columns(&lines) + &note
    }

    /// What the paper's numbers and those found here differ in.
    fn note(&self) -> Option<String> {
        let epochs = self.plan.epochs;
        (epochs != 50)
            .then(|| format!("The paper's numbers are after 50 epochs, those here after {epochs}."))
    }

    /// The figure, with its charts where the paper has them, or the table.
    pub(super) fn figure(&self) -> String {
        match self.plan.experiment {
            Experiment::Mlp | Experiment::Convnet => self.charts(),
            Experiment::Table1 => self.table(),
        }
    }

    fn charts(&self) -> String {
        let chart = |title, x_label, x: fn(&Epoch) -> f64, y: fn(&Epoch) -> f64| {
            let series = self.trials().map(|(trial, known)| Series {
                name: trial.rule.name(),
                diverged: known.diverged,
                points: known.epochs.iter().map(|e| [x(e), y(e)]).collect(),
            });
            let end = (self.known.iter())
                .filter_map(|known| known.epochs.last())
                .map(x)
                .fold(0.0, f64::max);
            (
                LineChart::of_series(title, x_label, false, series.collect()),
                end,
            )
        };
        let (loss, accuracy) = ("Full batch loss", "Validation accuracy");
        let (epochs, time) = ("epochs", "seconds of training");
        let epoch: fn(&Epoch) -> f64 = |e| e.epoch as f64;
        let of_loss = [
            chart(loss, epochs, epoch, |e| e.loss),
            chart(loss, time, |e| e.seconds, |e| e.loss),
        ];
        let over_time = chart(accuracy, time, |e| e.seconds, |e| e.validation_accuracy);
        let (charts, across, size) = match self.plan.experiment {
            Experiment::Convnet => {
                let over_epochs = chart(accuracy, epochs, epoch, |e| e.validation_accuracy);
                let [first, second] = of_loss;
                (vec![first, second, over_epochs, over_time], 2, (960, 820))
            }
            Experiment::Mlp | Experiment::Table1 => {
                let [first, second] = of_loss;
                (vec![first, second, over_time], 3, (1260, 460))
            }
        };
        let rows = charts.len().div_ceil(across);
        let tiles: Vec<Tile> = (charts.iter().enumerate())
            .map(|(i, (chart, end))| {
                let (wide, high) = (1.0 / across as f64, 1.0 / rows as f64);
                Tile {
                    title: String::new(),
                    place: [
                        wide * (i % across) as f64,
                        high * (i / across) as f64,
                        wide,
                        high,
                    ],
                    draw: Box::new(move |size, theme: &Theme| svg::lines(chart, size, *end, theme)),
                }
            })
            .collect();
        let title = format!("{} on {}", self.plan.network(), self.of);
        self.sheet(size, &title, &tiles, "")
    }

    fn table(&self) -> String {
        let rows = self.rows().into_iter().map(|row| losses::Row {
            name: row.rule.to_string(),
            from: row.from().to_owned(),
            losses: row.losses.to_vec(),
        });
        let table = Losses {
            corner: "τ".to_owned(),
            heads: TAUS.iter().map(f64::to_string).collect(),
            rows: rows.collect(),
            // What it costs to know nothing of ten classes.
            chance: std::f64::consts::LN_10,
        };
        // One without a title would have none above it either.
        let tile = Tile {
            title: "Table 1".to_owned(),
            place: Tile::WHOLE,
            draw: Box::new(|size, theme: &Theme| table.svg(size, theme)),
        };
        let note = self
            .note()
            .map_or(String::new(), |note| format!(". {note}"));
        let title = format!("{} on {}{note}", self.plan.network(), self.of);
        let told = "J over all training images at the end: the deeper the colour the lower, – where it diverged. ";
        self.sheet((960, 420), &title, &[tile], told)
    }

    /// `told` stands in front of the command.
    fn sheet(&self, size: (u32, u32), title: &str, tiles: &[Tile], told: &str) -> String {
        let source = Source {
            whole: self.command,
            short: &[told, self.command].concat(),
            code: None,
            arithmetic: Some(self.plan.arithmetic.name()),
        };
        sheet(size, title, &source, tiles, &Theme::light())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proxprop::lab::paper::Net;
    use proxprop::nn::Arithmetic;
    use proxprop::steps::Rule;

    #[test]
    fn a_training_that_diverges_in_its_first_epoch_is_said_to_and_has_no_other_numbers() {
        let rules = [Rule::Backprop];
        let plan = Plan::new(
            Experiment::Mlp,
            Net::Paper,
            &rules,
            2,
            1,
            Arithmetic::Portable,
        );
        let known = [Known {
            diverged: Some(7),
            ..Known::default()
        }];
        let report = Report {
            plan: &plan,
            known: &known,
            of: "images",
            command: "",
        };
        let told = report.summary();
        let row = told.lines().nth(1).unwrap_or_default();
        assert!(
            !told.contains("NaN") && row.contains("diverged at step 7") && row.ends_with('-'),
            "{told}"
        );
    }
}
