//! Cases of networks on images: steps of the lab's own engine.

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kind::{Kind, Mark, implicit_step, some, usual, within};
use crate::Named;
use crate::data::{Dataset, Points, Targets};
use crate::engine::evaluate::Evaluator;
use crate::engine::{self, Ensemble, Look, Settings};
use crate::lab::trace::Precision;
use crate::nn::convolution::Convolution;
use crate::nn::features::Inputs;
use crate::nn::layer::Linear;
use crate::nn::mlp::Architecture;
use crate::nn::pooling::Pooling;
use crate::nn::window::{Planes, Windows};
use crate::nn::{Activation, Arithmetic, Layer, Loss, Real};
use crate::steps::optimizer::StepSize;
use crate::steps::penalty::sub_steps;
use crate::steps::{Directions, Implicit, L1, Optimizer, Rule};

pub(super) static TRAINING: Kind = Kind {
    name: "images training",
    mark: Mark::Case("images", "training"),
    tolerance: usual,
    single: Some(1e-4),
    replay: |case, precision| {
        let expected = match precision {
            Precision::F32 => replay::<f32>(case),
            Precision::F64 => replay::<f64>(case),
        };
        Ok(vec![("/expected".to_owned(), expected?)])
    },
};

/// Largest side and step of a convolution's windows, and of pooling's.
const MOST_WINDOW: usize = 64;
const MOST_POOL: usize = 15;

/// A case, as it is written.
#[derive(Deserialize)]
struct Case {
    shape: [usize; 3],
    net: Vec<Stage>,
    rule: String,
    tau: f64,
    tau_theta: f64,
    opt: String,
    momentum: f64,
    tol: f64,
    eps: f64,
    x: Vec<Vec<f64>>,
    y: Vec<u32>,
    batches: Vec<Vec<u32>>,
    thetas: Vec<Vec<Vec<f64>>>,
}

/// A layer, as it is written.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Stage {
    Conv {
        out: usize,
        k: usize,
        stride: usize,
        pad: usize,
        act: Option<String>,
        #[serde(default)]
        pool: usize,
        #[serde(default)]
        pool_stride: usize,
    },
    Dense {
        out: usize,
        act: Option<String>,
    },
}

/// What the case expects, as the engine computes it in this precision.
fn replay<T: engine::Precision>(case: &Value) -> Result<Value, String> {
    let case = Case::deserialize(case).map_err(|e| e.to_string())?;
    case.bounds()?;
    let architecture = case.architecture()?;
    let (data, settings) = (case.data(&architecture)?, case.settings()?);
    let most = case.batches.iter().map(Vec::len).max().unwrap_or(0);
    let mut ensemble = Ensemble::<T>::new(architecture.clone(), &data, most);
    ensemble.add(settings, case.start(&architecture)?);
    let first = case.batches.first().map(|order| first(&ensemble, order));
    let mut trace = Vec::new();
    for (step, order) in case.batches.iter().enumerate() {
        ensemble.step(order, Look::ALL);
        let member = &ensemble.members()[0];
        // The trace that ends early tells it.
        if member.state.divergence.is_some() {
            break;
        }
        let layers = member.layers.iter().zip(&architecture.layers);
        let layers = layers.map(|(frame, layer)| {
            let still = frame.grad_norm == 0.0 || frame.direction_norm == 0.0;
            let cosine = libm::cos(frame.angle_deg.to_radians());
            json!({
                "grad_norm": frame.grad_norm, "direction_norm": frame.direction_norm,
                "cos_angle": (!still).then_some(cosine), "lambda_max": frame.lambda_max,
                "rows": order.len() * layer.places(), "cg_iterations": frame.cg_iterations,
            })
        });
        let mut record = json!({
            "step": step, "loss": member.loss, "layers": layers.collect::<Vec<_>>(),
        });
        // What CG leaves undone is no part of the reference's sweep.
        if !member.energy.is_empty() && settings.rule.iterations().is_none() {
            let energies = sub_steps(architecture.layers.len())
                .into_iter()
                .zip(&member.energy);
            let energies = energies.map(|(at, value)| json!({ "at": at, "value": value }));
            record["energy"] = energies.collect();
        }
        trace.push(record);
    }
    let thetas = &ensemble.members()[0].state.thetas;
    let end = Evaluator::new(&architecture).evaluate(thetas, ensemble.training());
    Ok(json!({
        "trace": trace, "first": first, "final_loss": end.map(|end| end.loss), "final_thetas": written(thetas),
    }))
}

/// Gradients, directions and outputs of the first step.
fn first<T: engine::Precision>(ensemble: &Ensemble<T>, order: &[u32]) -> Value {
    let (architecture, member) = (ensemble.architecture(), &ensemble.members()[0]);
    let settings = member.settings();
    let batch = ensemble.minibatch(order);
    let capacity = ensemble.batch_size();
    let mut work = Directions::new(
        architecture,
        settings.rule,
        None,
        capacity,
        Arithmetic::Portable,
    );
    // A step that breaks down is told by the trace.
    let _ = work.compute(
        architecture,
        &member.state.thetas,
        &batch,
        settings.implicit,
    );
    let layers = 0..architecture.layers.len();
    let gradients: Vec<DMatrix<T>> = layers.map(|l| work.gradient.of_layer(l, &batch)).collect();
    let logits = work.gradient.activations.output.rows(0, batch.samples);
    json!({
        "gradients": written(&gradients), "directions": written(&work.directions),
        "logits": rows(&logits.into_owned()),
    })
}

fn written<T: Real>(matrices: &[DMatrix<T>]) -> Value {
    matrices.iter().map(rows).collect()
}

fn rows<T: Real>(matrix: &DMatrix<T>) -> Value {
    let row = |i: usize| {
        (0..matrix.ncols())
            .map(|j| matrix[(i, j)].to_f64())
            .collect::<Value>()
    };
    (0..matrix.nrows()).map(row).collect()
}

impl Case {
    /// Refuses what the numbers that are given do not bear out, before there is room made for it.
    fn bounds(&self) -> Result<(), String> {
        some("x", &self.x)?;
        some("net", &self.net)?;
        some("batches", &self.batches)?;
        for (i, batch) in self.batches.iter().enumerate() {
            some(&format!("batches[{i}]"), batch)?;
        }
        let numbers = self.shape.iter().try_fold(1, |product: usize, &length| {
            product.checked_mul(length).filter(|&product| product > 0)
        });
        if numbers != Some(self.x[0].len()) {
            let numbers = self.x[0].len();
            return Err(format!(
                "shape: it is not one of the {numbers} numbers of x"
            ));
        }
        if self.thetas.len() != self.net.len() {
            return Err("thetas: they are not those of net".to_owned());
        }
        for (i, (stage, theta)) in self.net.iter().zip(&self.thetas).enumerate() {
            let (&Stage::Conv { out, .. } | &Stage::Dense { out, .. }) = stage;
            let given = theta.first().map_or(0, Vec::len);
            if out != given || out == 0 {
                return Err(format!(
                    "net[{i}].out: {out}, but thetas[{i}] has {given} columns"
                ));
            }
            if let &Stage::Conv {
                k,
                stride,
                pad,
                pool,
                pool_stride,
                ..
            } = stage
            {
                within(&format!("net[{i}].k"), k, MOST_WINDOW)?;
                within(&format!("net[{i}].stride"), stride, MOST_WINDOW)?;
                for (what, number, most) in [
                    ("pad", pad, k - 1),
                    ("pool", pool, MOST_POOL),
                    ("pool_stride", pool_stride, MOST_POOL),
                ] {
                    if number > most {
                        return Err(format!(
                            "net[{i}].{what}: {number} is out of range; allowed: 0 to {most}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn architecture(&self) -> Result<Architecture, String> {
        let [channels, height, width] = self.shape;
        let mut images = Some(Planes {
            channels,
            height,
            width,
        });
        let mut numbers = channels * height * width;
        let inputs = Inputs::plain(numbers);
        let mut layers: Vec<Layer> = Vec::new();
        for (i, stage) in self.net.iter().enumerate() {
            let misfit = || format!("net[{i}]: it does not fit on what is below it");
            let layer = match stage {
                Stage::Dense { out, act } => {
                    images = None;
                    Layer::dense(numbers, *out, activation(act.as_ref())?)
                }
                &Stage::Conv {
                    out,
                    k,
                    stride,
                    pad,
                    ref act,
                    pool,
                    pool_stride,
                } => {
                    let over = images.ok_or_else(misfit)?;
                    let windows = Windows::new(over, k, stride, pad).ok_or_else(misfit)?;
                    let convolution = Convolution {
                        windows,
                        outputs: out,
                    };
                    let over = convolution.planes();
                    let stride = if pool_stride > 0 { pool_stride } else { pool };
                    let pooling = match pool {
                        0 => None,
                        _ => Some(Pooling::new(over, pool, stride).ok_or_else(misfit)?),
                    };
                    images = Some(pooling.map_or(over, |pooling| pooling.planes()));
                    Layer {
                        linear: Linear::Convolution(convolution),
                        activation: activation(act.as_ref())?,
                        pooling,
                    }
                }
            };
            numbers = layer.outputs();
            layers.push(layer);
        }
        match layers.last().map(|last| (last.linear, last.activation)) {
            Some((Linear::Dense { .. }, None)) => Ok(Architecture {
                inputs,
                layers,
                loss: Loss::CrossEntropy,
            }),
            _ => Err("net: the last layer is dense and has no activation".to_owned()),
        }
    }

    fn data(&self, architecture: &Architecture) -> Result<Dataset, String> {
        let (n, d, classes) = (
            self.x.len(),
            architecture.inputs.count(),
            architecture.outputs(),
        );
        let fits = self.y.len() == n && self.x.iter().all(|x| x.len() == d);
        let known = self.batches.iter().flatten().all(|&row| (row as usize) < n);
        if !fits || !known || self.y.iter().any(|&y| y as usize >= classes) {
            return Err("x, y and batches do not fit on each other".to_owned());
        }
        let points = |n: usize| Points {
            inputs: DMatrix::from_fn(n, d, |i, j| self.x[i][j]),
            targets: Targets::Classes {
                labels: self.y[..n].to_vec(),
                classes,
            },
        };
        Ok(Dataset {
            training: points(n),
            validation: points(0),
        })
    }

    fn settings(&self) -> Result<Settings, String> {
        let rule =
            Rule::parse(&self.rule).map_err(|_| format!("rule: {:?} is not known", self.rule))?;
        implicit_step(rule, self.tau_theta)?;
        Ok(Settings {
            rule,
            optimizer: Optimizer::of_name(&self.opt)
                .ok_or_else(|| format!("opt: {:?} is not known", self.opt))?,
            size: StepSize {
                momentum: self.momentum,
                ..StepSize::plain(self.tau)
            },
            l1: L1::default(),
            implicit: Implicit {
                tau_theta: self.tau_theta,
                cg_tolerance: self.tol,
                cg_epsilon: self.eps,
            },
            reach: None,
            objective: None,
        })
    }

    fn start<T: Real>(&self, architecture: &Architecture) -> Result<Vec<DMatrix<T>>, String> {
        let mut thetas = architecture.zeros::<T>();
        if self.thetas.len() != thetas.len() {
            return Err("thetas: they are not those of net".to_owned());
        }
        for (l, (theta, rows)) in thetas.iter_mut().zip(&self.thetas).enumerate() {
            let (n, m) = theta.shape();
            if rows.len() != n || rows.iter().any(|row| row.len() != m) {
                return Err(format!("thetas[{l}]: another shape than {n} × {m}"));
            }
            *theta = DMatrix::from_fn(n, m, |i, j| T::of(rows[i][j]));
        }
        Ok(thetas)
    }
}

fn activation(name: Option<&String>) -> Result<Option<Activation>, String> {
    let Some(name) = name else {
        return Ok(None);
    };
    let known = Activation::of_name(name);
    known
        .map(Some)
        .ok_or_else(|| format!("net: {name:?} is no activation"))
}
