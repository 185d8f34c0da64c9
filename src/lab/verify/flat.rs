//! Cases of *flat decision functions*: whole trainings on given points, and what the network that comes of them is measured to be.

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kind::{Kind, Mark, Replayed, implicit_step, some, usual, within};
use crate::lab::trace::Precision;
use crate::named::Named;
use crate::nn::features::Inputs;
use crate::nn::loss::BatchTargets;
use crate::nn::mlp::{Architecture, Batch};
use crate::nn::{Activation, Loss};
use crate::steps::implicit::CG_EPSILON;
use crate::steps::objective::{Norm, PenaltyAt, Target};
use crate::steps::optimizer::StepSize;
use crate::steps::{Implicit, Objective, Optimizer, Rule};
use crate::systems::flat::{Attack, How, Learner, Looker, STARTS, Verdict, Work};

pub(super) static TRAINING: Kind = Kind {
    name: "flat training",
    mark: Mark::Case("flat", "training"),
    tolerance: usual,
    single: None,
    replay,
};

/// Steps and starts of the strong attack, nodes of a box and of the plane.
const STRONG: u32 = 20;
const BOX: usize = 31;
const PLANE: (f64, usize) = (2.0, 161);

#[derive(Deserialize)]
struct Case {
    settings: Settings,
    sizes: Vec<usize>,
    x: Vec<Vec<f64>>,
    y: Vec<u32>,
    initial: Vec<Vec<Vec<f64>>>,
    steps: u64,
    trace: Vec<Traced>,
    #[serde(default)]
    probe: Option<Probe>,
}

/// A step that is looked into.
#[derive(Deserialize)]
struct Traced {
    step: u64,
}

#[derive(Deserialize)]
struct Probe {
    x: Vec<[f64; 2]>,
    y: Vec<u32>,
    eps: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    act: String,
    target: String,
    norm: String,
    delta: f64,
    lam: f64,
    alpha: f64,
    eps: f64,
    at_steps: u32,
    penalty_at: String,
    rule: String,
    tau: f64,
    tau_theta: f64,
    opt: String,
    momentum: f64,
}

/// The member of a set that a word names.
fn member<T: Named>(what: &str, word: &str) -> Result<T, String> {
    T::of_name(word).ok_or_else(|| {
        let known = T::NAMES.join(", ");
        format!("{what}: {word:?} is not known; allowed: {known}")
    })
}

impl Settings {
    fn read(&self) -> Result<How, String> {
        let optimizer = match (self.opt.as_str(), self.momentum) {
            ("sgd", momentum) if momentum != 0.0 => Optimizer::Momentum,
            (opt, _) => member("opt", opt)?,
        };
        let rule = match self.rule.as_str() {
            "backprop" => Rule::Backprop,
            "prox" | "prox-exact" => Rule::ProxExact,
            other => {
                return Err(format!(
                    "rule: {other:?} is not known; allowed: backprop, prox"
                ));
            }
        };
        within("at_steps", self.at_steps as usize, 1000)?;
        implicit_step(rule, self.tau_theta)?;
        Ok(How {
            objective: Objective {
                lambda: self.lam,
                target: member::<Target>("target", &self.target)?,
                norm: member::<Norm>("norm", &self.norm)?,
                delta: self.delta,
                penalty_at: member::<PenaltyAt>("penalty_at", &self.penalty_at)?,
                alpha: self.alpha,
                eps: self.eps,
                attack_steps: self.at_steps,
            },
            rule,
            implicit: Implicit {
                tau_theta: self.tau_theta,
                cg_tolerance: 0.0,
                cg_epsilon: CG_EPSILON,
            },
            optimizer,
            size: StepSize {
                momentum: self.momentum,
                ..StepSize::plain(self.tau)
            },
        })
    }
}

impl Case {
    fn architecture(&self) -> Result<Architecture, String> {
        let [inputs, hidden @ .., outputs] = self.sizes.as_slice() else {
            return Err("sizes: fewer than two".to_owned());
        };
        if *inputs == 0 || *outputs < 2 {
            return Err("sizes: no inputs, or fewer than two classes".to_owned());
        }
        // What the matrices do not bear out is not made room for.
        let given = self
            .initial
            .iter()
            .map(|rows| rows.first().map_or(0, Vec::len));
        if hidden.contains(&0) || !given.eq(self.sizes[1..].iter().copied()) {
            return Err("initial: they are not those of sizes".to_owned());
        }
        let activation = member::<Activation>("act", &self.settings.act)?;
        let inputs = Inputs::plain(*inputs);
        let loss = Loss::CrossEntropy;
        Ok(Architecture::dense(
            inputs, hidden, activation, *outputs, loss,
        ))
    }

    fn batch(&self) -> Result<Batch<f64>, String> {
        let [inputs, .., outputs] = self.sizes.as_slice() else {
            return Err("sizes: fewer than two".to_owned());
        };
        let n = self.x.len();
        let fits = self.x.iter().all(|x| x.len() == *inputs);
        let classes = self.y.iter().all(|&y| (y as usize) < *outputs);
        if !fits || !classes || self.y.len() != n || n == 0 {
            return Err("x, y: they are not points of sizes".to_owned());
        }
        let mut batch = Batch::with_capacity(n, *inputs, *outputs, Loss::CrossEntropy);
        batch.samples = n;
        for (i, x) in self.x.iter().enumerate() {
            for (k, &x) in x.iter().chain([&1.0]).enumerate() {
                batch.inputs[(i, k)] = x;
            }
        }
        batch.targets = BatchTargets::Labels(self.y.clone());
        Ok(batch)
    }

    fn start(&self, architecture: &Architecture) -> Result<Vec<DMatrix<f64>>, String> {
        let mut thetas = architecture.zeros();
        if thetas.len() != self.initial.len() {
            return Err("initial: they are not those of sizes".to_owned());
        }
        for (theta, rows) in thetas.iter_mut().zip(&self.initial) {
            let fits = rows.iter().all(|row| row.len() == theta.ncols());
            if rows.len() != theta.nrows() || !fits {
                return Err("initial: they are not those of sizes".to_owned());
            }
            *theta = DMatrix::from_row_iterator(
                theta.nrows(),
                theta.ncols(),
                rows.iter().flatten().copied(),
            );
        }
        Ok(thetas)
    }
}

/// Row by row.
fn rows(m: &DMatrix<f64>) -> Value {
    let of = |row: nalgebra::RowDVector<f64>| row.iter().copied().collect::<Vec<f64>>();
    let rows: Vec<Vec<f64>> = m.row_iter().map(|row| of(row.clone_owned())).collect();
    json!(rows)
}

fn replay(case: &Value, _: Precision) -> Result<Vec<Replayed>, String> {
    let read = Case::deserialize(case).map_err(|e| e.to_string())?;
    let how = read.settings.read()?;
    within("steps", read.steps as usize, 100_000)?;
    some("trace", &read.trace)?;
    for (i, traced) in read.trace.iter().enumerate() {
        let again = read.trace[..i]
            .iter()
            .any(|other| other.step == traced.step);
        if traced.step >= read.steps || again {
            let (step, last) = (traced.step, read.steps - 1);
            return Err(format!(
                "trace[{i}].step: {step} is out of range, or told twice; allowed: 0 to {last}"
            ));
        }
    }
    let architecture = read.architecture()?;
    let batch = read.batch()?;
    let mut learner = Learner::new(how.optimizer, read.start(&architecture)?);
    let mut work = Work::new(&architecture, &how, read.x.len());
    let mut replayed = Vec::new();
    for step in 0..read.steps {
        if let Some(at) = read.trace.iter().position(|traced| traced.step == step) {
            learner.look(&architecture, &how, &batch, &mut work);
            let mut value = traced(&learner, &work, how.objective, step, &batch);
            // Whole matrices are expected of some steps only.
            if let (Some(value), Some(want)) =
                (value.as_object_mut(), case["trace"][at].as_object())
            {
                let matrices = ["gradient", "direction", "adversarial"];
                value.retain(|key, _| !matrices.contains(&key.as_str()) || want.contains_key(key));
            }
            replayed.push((format!("/trace/{at}"), value));
        }
        learner.step(&architecture, &how, &batch, &mut work);
        if learner.lost {
            break;
        }
    }
    let thetas: Vec<Value> = learner.thetas.iter().map(rows).collect();
    replayed.push(("/final".to_owned(), json!(thetas)));
    replayed.push(("/finite".to_owned(), json!(!learner.lost)));
    if let Some(probe) = read.probe {
        some("probe.x", &probe.x)?;
        let outputs = *read.sizes.last().unwrap_or(&0);
        if probe.y.iter().any(|&y| y as usize >= outputs) {
            return Err(format!("probe.y: these are not labels below {outputs}"));
        }
        if read.sizes[0] != 2 || probe.x.len() != probe.y.len() {
            return Err("probe: it is of points of the plane".to_owned());
        }
        let probed = probed(&architecture, &learner.thetas, &probe);
        replayed.push(("/probe".to_owned(), probed));
    }
    Ok(replayed)
}

/// What a step is made of, before it.
fn traced(
    learner: &Learner<f64>,
    work: &Work<f64>,
    objective: Objective,
    step: u64,
    batch: &Batch<f64>,
) -> Value {
    let layers = 0..learner.thetas.len();
    let gradient = |l: usize| {
        if objective.is_plain() {
            work.directions.gradient.of_layer(l, batch)
        } else {
            work.pass.gradient(l).clone()
        }
    };
    let gradients: Vec<DMatrix<f64>> = layers.map(gradient).collect();
    let norms: Vec<f64> = gradients.iter().map(DMatrix::norm).collect();
    let directions: Vec<Value> = work.directions.directions.iter().map(rows).collect();
    let adversarial = work.pass.attacked().map(|points| {
        let inputs = points.ncols() - 1;
        rows(&points.view((0, 0), (batch.samples, inputs)).clone_owned())
    });
    let attacked = objective.alpha > 0.0;
    json!({
        "step": step,
        "J": learner.j,
        "loss": learner.parts.loss,
        "adv_loss": attacked.then_some(learner.parts.adversarial),
        "penalty": learner.parts.penalty,
        "grad_norm": norms,
        "gradient": gradients.iter().map(rows).collect::<Vec<Value>>(),
        "direction": directions,
        "adversarial": adversarial,
    })
}

/// What the network is measured to be.
fn probed(architecture: &Architecture, thetas: &[DMatrix<f64>], probe: &Probe) -> Value {
    let Probe { x, y, eps } = probe;
    let mut looker = Looker::<f64>::new(architecture);
    let mut gradients = |target| {
        let (mut points, mut labels) = (x.iter().copied(), y.iter().copied());
        looker.gradients(thetas, &mut points, &mut labels, target)
    };
    let margins = gradients(Target::Margin);
    let probs = gradients(Target::Prob);
    let probs: Vec<f64> = probs.iter().map(|g| g[0].abs() + g[1].abs()).collect();
    let mut attack = |steps, stop| {
        let mut reached = x.clone();
        let attack = Attack {
            eps: *eps,
            steps,
            start: STARTS[0],
            stop,
        };
        looker.attack(thetas, x, y, attack, &mut |i, place| reached[i] = place);
        reached
    };
    let (fgsm, pgd) = (attack(1, false), attack(STRONG, true));
    let right = looker.right(thetas, x, y);
    let mut robust = |strength| {
        let mut stands = right.clone();
        looker.robust(thetas, (x, y), *eps, strength, &mut stands);
        stands
    };
    let (one, five) = (robust((1, 1)), robust((STRONG, STARTS.len())));
    let boxed = looker.boxes(thetas, (x, y), (*eps, BOX), &right);
    let boxed: Vec<bool> = boxed.iter().map(|&v| v != Verdict::Wrong).collect();
    let points = x.iter().zip(y).zip(&right);
    let plane = looker.plane(thetas, PLANE.0, PLANE.1);
    let distances: Vec<f64> = points
        .map(|((&x, &y), &right)| if right { plane.distance(x, y) } else { 0.0 })
        .collect();
    json!({
        "x": x,
        "y": y,
        "eps": eps,
        "logits": looker.logits(thetas, x),
        "margin_gradient": margins,
        "prob_gradient_l1": probs,
        "fgsm": fgsm,
        "pgd20": pgd,
        "robust_fgsm": one,
        "robust_pgd20_5": five,
        "robust_box31": boxed,
        "distance_161": distances,
    })
}
