//! Training of trunk and heads.

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{hearing, member};
use crate::lab::trace::Precision;
use crate::lab::verify::kind::{Kind, Mark, implicit_step, some, usual, within};
use crate::nn::features::Inputs;
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Activation, Loss, Real};
use crate::steps::implicit::CG_EPSILON;
use crate::steps::optimizer::StepSize;
use crate::steps::reach::Hearing;
use crate::steps::{Implicit, Optimizer, Rule, diagnostics, work};
use crate::systems::interlocking::{Learner, Settings, Work};

pub(in crate::lab::verify) static TRAINING: Kind = Kind {
    name: "interlocking training",
    mark: Mark::Case("interlocking", "training"),
    tolerance: usual,
    single: Some(5e-3),
    replay: |case, precision| {
        let expected = match precision {
            Precision::F32 => replay::<f32>(case),
            Precision::F64 => replay::<f64>(case),
        };
        Ok(vec![("/expected".to_owned(), expected?)])
    },
};

/// The loss that all cases name.
const LOSS: &str = "mean softmax cross-entropy";

/// Rows whose logits are compared.
const LOOKED_AT: usize = 4;

#[derive(Deserialize)]
struct Case {
    settings: Asked,
    x: Vec<Vec<f64>>,
    labels: Vec<u32>,
    trunk: Vec<Rows>,
    heads: Vec<Rows>,
    batches: Vec<Vec<u32>>,
}

/// A matrix, row by row.
type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    modules: usize,
    layers_per_module: usize,
    width: usize,
    classes: usize,
    act: String,
    n_wise: usize,
    combine: String,
    rule: String,
    tau_theta: f64,
    opt: String,
    tau: f64,
    momentum: f64,
    tau_heads: f64,
    #[serde(default)]
    decay: f64,
    loss: Option<String>,
}

impl Case {
    fn architecture(&self) -> Result<Architecture, String> {
        let asked = &self.settings;
        within("layers_per_module", asked.layers_per_module, 64)?;
        within("width", asked.width, 1024)?;
        within("classes", asked.classes, 1024)?;
        some("x", &self.x)?;
        some("batches", &self.batches)?;
        for (i, batch) in self.batches.iter().enumerate() {
            some(&format!("batches[{i}]"), batch)?;
        }
        // What the matrices do not bear out is not made room for.
        let columns = |rows: &Rows| rows.first().map_or(0, Vec::len);
        if self.trunk.len() != asked.modules * asked.layers_per_module
            || self.trunk.iter().any(|rows| columns(rows) != asked.width)
            || self.heads.len() != asked.modules
            || self.heads.iter().any(|rows| columns(rows) != asked.classes)
        {
            return Err("trunk, heads: they do not fit the settings".to_owned());
        }
        let activation = member::<Activation>("act", &asked.act)?;
        let inputs = Inputs::plain(self.x.first().map_or(2, Vec::len));
        let hidden = vec![asked.width; asked.modules * asked.layers_per_module];
        Ok(Architecture::dense(
            inputs,
            &hidden,
            activation,
            asked.classes,
            Loss::CrossEntropy,
        ))
    }

    fn settings(&self) -> Result<Settings, String> {
        let asked = &self.settings;
        if asked.decay != 0.0 {
            return Err(format!("decay: {}; allowed: 0", asked.decay));
        }
        if let Some(loss) = &asked.loss
            && loss != LOSS
        {
            return Err(format!("loss: {loss:?} is not known; allowed: {LOSS}"));
        }
        let rule =
            Rule::parse(&asked.rule).map_err(|_| format!("rule: {:?} is not known", asked.rule))?;
        implicit_step(rule, asked.tau_theta)?;
        let size = |tau| StepSize {
            momentum: asked.momentum,
            ..StepSize::plain(tau)
        };
        Ok(Settings {
            rule,
            implicit: Implicit {
                tau_theta: asked.tau_theta,
                cg_tolerance: 0.0,
                cg_epsilon: CG_EPSILON,
            },
            optimizer: member::<Optimizer>("opt", &asked.opt)?,
            trunk: size(asked.tau),
            heads: size(asked.tau_heads),
        })
    }

    /// Trunk, last head, the other heads.
    fn thetas<T: Real>(
        &self,
        architecture: &Architecture,
        hearing: Hearing,
    ) -> Result<Vec<DMatrix<T>>, String> {
        let heads = architecture.auxiliary_heads(hearing.per_module);
        let layers = architecture.layers.iter().copied().chain(heads);
        let (last, others) = self.heads.split_last().ok_or("heads: none")?;
        let given = self.trunk.iter().chain([last]).chain(others);
        let shapes: Vec<_> = layers.map(|layer| layer.theta_shape()).collect();
        if shapes.len() != self.trunk.len() + self.heads.len() {
            let (trunk, heads) = (self.trunk.len(), self.heads.len());
            return Err(format!(
                "{trunk} layers and {heads} heads do not fit the settings"
            ));
        }
        let matrix = |(rows, shape): (&Rows, (usize, usize))| {
            if rows.len() != shape.0 || rows.iter().any(|row| row.len() != shape.1) {
                return Err(format!(
                    "trunk, heads: a matrix is not {} × {}",
                    shape.0, shape.1
                ));
            }
            Ok(DMatrix::from_fn(shape.0, shape.1, |i, j| T::of(rows[i][j])))
        };
        given.zip(shapes).map(matrix).collect()
    }

    fn points<T: Real>(&self, architecture: &Architecture) -> Result<Batch<T>, String> {
        let (points, inputs) = (self.x.len(), architecture.inputs.count());
        let odd = self.x.iter().any(|x| x.len() != inputs);
        if odd
            || self.labels.len() != points
            || self
                .labels
                .iter()
                .any(|&c| c as usize >= architecture.outputs())
        {
            return Err("x, labels: they do not fit".to_owned());
        }
        if self
            .batches
            .iter()
            .flatten()
            .any(|&row| row as usize >= points)
        {
            return Err(format!(
                "batches: a row is out of range; allowed: 0 to {}",
                points.saturating_sub(1)
            ));
        }
        let mut batch =
            Batch::with_capacity(points, inputs, architecture.outputs(), architecture.loss);
        batch.samples = points;
        for (i, x) in self.x.iter().enumerate() {
            for (j, &x) in x.iter().enumerate() {
                batch.inputs[(i, j)] = T::of(x);
            }
            batch.inputs[(i, inputs)] = T::one();
        }
        batch.targets = BatchTargets::Labels(self.labels.clone());
        Ok(batch)
    }
}

fn rows<T: Real>(matrix: &DMatrix<T>, count: usize) -> Rows {
    let row = |i| matrix.row(i).iter().map(|x| x.to_f64()).collect();
    (0..count).map(row).collect()
}

fn all<T: Real>(matrices: &[DMatrix<T>]) -> Vec<Rows> {
    matrices
        .iter()
        .map(|matrix| rows(matrix, matrix.nrows()))
        .collect()
}

/// Heads as the case has them: the output layer last.
fn heads<T: Real>(matrices: &[DMatrix<T>]) -> Vec<Rows> {
    let mut all = all(matrices);
    all.rotate_left(1);
    all
}

fn norms<T: Real>(matrices: &[DMatrix<T>]) -> Vec<f64> {
    matrices.iter().map(diagnostics::norm).collect()
}

fn replay<T: Real>(case: &Value) -> Result<Value, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    let asked = &case.settings;
    let hearing = hearing(
        asked.layers_per_module,
        asked.n_wise,
        asked.modules,
        &asked.combine,
    )?;
    let (architecture, how) = (case.architecture()?, case.settings()?);
    let points = case.points::<T>(&architecture)?;
    let hidden = architecture.trunk().len();
    let mut learner = Learner::new(
        how.optimizer,
        hidden,
        case.thetas::<T>(&architecture, hearing)?,
    );
    let (mut steps, mut first) = (Vec::new(), None);
    // A training that breaks down ends there, and expects nothing more to come.
    for order in &case.batches {
        let inputs = architecture.inputs.count();
        let mut batch = Batch::with_capacity(order.len(), inputs, asked.classes, architecture.loss);
        batch.gather(&points, order);
        // The gradients themselves, which are explicit directions.
        let mut looked = Work::new(&architecture, hearing, Rule::Backprop, order.len());
        let look = looked.compute(&architecture, &learner.thetas, &batch, how.implicit);
        if look.is_err() {
            return Ok(json!({"steps": steps}));
        }
        let (of_trunk, of_heads) = looked.directions.split_at(hidden);
        let mut of_heads = of_heads.to_vec();
        of_heads.rotate_left(1);
        steps.push(json!({
            "losses_before": looked.heard.losses,
            "trunk_gradient_norms": norms(of_trunk),
            "head_gradient_norms": norms(&of_heads),
        }));
        let mut made = Work::new(&architecture, hearing, how.rule, order.len());
        let step = learner.step(&architecture, &batch, &how, &mut made);
        if step.is_err() {
            return Ok(json!({"steps": steps}));
        }
        first.get_or_insert_with(|| {
            (
                all(of_trunk),
                all(&of_heads),
                all(&learner.thetas[..hidden]),
            )
        });
    }
    let (first_trunk, first_heads, after_one) = first.ok_or("batches: none")?;
    let samples = case.batches[0].len();
    let mut looked = Work::new(&architecture, hearing, Rule::Backprop, points.samples);
    let look = looked.compute(&architecture, &learner.thetas, &points, how.implicit);
    if look.is_err() {
        return Ok(json!({"steps": steps}));
    }
    let last = &looked.gradient.activations.output;
    let outputs: Vec<_> = (0..asked.modules - 1)
        .map(|k| looked.heard.outputs(k))
        .chain([last])
        .collect();
    let evaluation = outputs.iter().zip(&looked.heard.losses).map(|(z, loss)| {
        let right = case.labels.iter().enumerate().filter(|&(i, &label)| {
            // The lowest index wins ties.
            let row = z.row(i);
            let best = row
                .iter()
                .enumerate()
                .fold(0, |best, (c, &z)| if z > row[best] { c } else { best });
            best == label as usize
        });
        json!({"loss": loss, "right": right.count() as f64 / points.samples as f64})
    });
    let flops = work::flops(
        &architecture,
        samples,
        usize::MAX,
        how.rule,
        Some(hearing),
        |_| 0,
    );
    Ok(json!({
        "first_trunk_gradients": first_trunk,
        "first_head_gradients": first_heads,
        "trunk_after_1": after_one,
        "steps": steps,
        "trunk": all(&learner.thetas[..hidden]),
        "heads": heads(&learner.thetas[hidden..]),
        "evaluation": evaluation.collect::<Vec<Value>>(),
        "logits_of_first_rows": outputs.iter().map(|z| rows(z, LOOKED_AT.min(points.samples))).collect::<Vec<Rows>>(),
        "flops_per_step": flops,
    }))
}
