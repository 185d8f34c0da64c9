//! What both examples need: networks with plain or proximal layers, a training loop with a progress bar, learning curves.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Int, Tensor, TensorData};
use indicatif::{ProgressBar, ProgressStyle};
use plotters::prelude::*;
use proxprop_burn::{Prox, ProxConv2d, ProxLinear, backward};

/// A convolution, plain or with implicit steps.
#[derive(Module, Debug)]
enum Conv {
    Plain(Conv2d),
    Prox(ProxConv2d),
}

/// A dense layer, plain or with implicit steps.
#[derive(Module, Debug)]
enum Dense {
    Plain(Linear),
    Prox(ProxLinear),
}

/// Convolutions with relu and perhaps pooling, then dense layers with relu between them.
#[derive(Module, Debug)]
pub(crate) struct Net {
    convs: Vec<Conv>,
    pool: MaxPool2d,
    /// Whether the convolution of the same place is followed by pooling.
    pooled: Vec<bool>,
    hidden: Vec<Dense>,
    output: Linear,
}

/// A network's shape.
pub(crate) struct Shape {
    /// Channels, height and width of an image.
    pub(crate) image: [usize; 3],
    /// Kernel size, output channels, whether pooling by 2 follows; padded so that the image keeps its size.
    pub(crate) convs: Vec<(usize, usize, bool)>,
    /// Neurons of the hidden dense layers.
    pub(crate) hidden: Vec<usize>,
    /// Classes.
    pub(crate) classes: usize,
}

impl Shape {
    /// A network of plain layers, with burn's initial values, which are PyTorch's.
    pub(crate) fn init(&self, device: &Device) -> Net {
        let [mut channels, mut height, mut width] = self.image;
        let mut convs = Vec::new();
        for &(kernel, outputs, pool) in &self.convs {
            let config = Conv2dConfig::new([channels, outputs], [kernel, kernel])
                .with_padding(PaddingConfig2d::Same);
            convs.push(Conv::Plain(config.init(device)));
            channels = outputs;
            if pool {
                (height, width) = (height / 2, width / 2);
            }
        }
        let mut inputs = channels * height * width;
        let mut hidden = Vec::new();
        for &neurons in &self.hidden {
            hidden.push(Dense::Plain(
                LinearConfig::new(inputs, neurons).init(device),
            ));
            inputs = neurons;
        }
        Net {
            convs,
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            pooled: self.convs.iter().map(|&(.., pool)| pool).collect(),
            hidden,
            output: LinearConfig::new(inputs, self.classes).init(device),
        }
    }
}

impl Net {
    /// The same weights, trained with implicit steps. The output layer stays plain.
    pub(crate) fn with_prox(self, prox: Prox) -> Self {
        let conv = |conv| match conv {
            Conv::Plain(plain) => Conv::Prox(ProxConv2d::new(plain, prox)),
            done @ Conv::Prox(_) => done,
        };
        let dense = |dense| match dense {
            Dense::Plain(plain) => Dense::Prox(ProxLinear::new(plain, prox)),
            done @ Dense::Prox(_) => done,
        };
        Self {
            convs: self.convs.into_iter().map(conv).collect(),
            hidden: self.hidden.into_iter().map(dense).collect(),
            ..self
        }
    }

    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut images = images;
        for (conv, &pooled) in self.convs.iter().zip(&self.pooled) {
            images = relu(match conv {
                Conv::Plain(layer) => layer.forward(images),
                Conv::Prox(layer) => layer.forward(images),
            });
            if pooled {
                images = self.pool.forward(images);
            }
        }
        let mut rows: Tensor<2> = images.flatten(1, 3);
        for dense in &self.hidden {
            rows = relu(match dense {
                Dense::Plain(layer) => layer.forward(rows),
                Dense::Prox(layer) => layer.forward(rows),
            });
        }
        self.output.forward(rows)
    }
}

/// Labelled images in memory, a byte for each pixel.
pub(crate) struct Images {
    /// Channels, height and width.
    pub(crate) shape: [usize; 3],
    /// What stands for white.
    pub(crate) white: f32,
    /// Image by image, channel by channel, row by row.
    pub(crate) pixels: Vec<u8>,
    /// A class for each image.
    pub(crate) labels: Vec<u8>,
}

impl Images {
    fn batch(&self, which: &[usize], device: &Device) -> (Tensor<4>, Tensor<2, Int>) {
        let [channels, height, width] = self.shape;
        let size = channels * height * width;
        let bytes = which
            .iter()
            .flat_map(|at| &self.pixels[at * size..][..size]);
        let pixels: Vec<f32> = bytes.map(|&byte| f32::from(byte) / self.white).collect();
        let labels: Vec<i32> = which.iter().map(|&at| self.labels[at].into()).collect();
        let shape = [which.len(), channels, height, width];
        let images = Tensor::from_data(TensorData::new(pixels, shape), device);
        (
            images,
            Tensor::from_data(TensorData::new(labels, [which.len(), 1]), device),
        )
    }
}

/// A run: what it is called, how it trains and from where.
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) net: Net,
    pub(crate) optimizer: ModuleOptimizer,
    pub(crate) tau: f64,
}

/// How long, on what.
pub(crate) struct Plan {
    pub(crate) epochs: usize,
    pub(crate) minibatch: usize,
    pub(crate) training: Range<usize>,
    pub(crate) validation: Range<usize>,
    pub(crate) seed: u64,
}

/// What a run has come to: before the first epoch and after each.
pub(crate) struct Curve {
    pub(crate) name: String,
    /// Mean loss of all training images.
    pub(crate) loss: Vec<f64>,
    /// Share of the validation images that are read rightly.
    pub(crate) accuracy: Vec<f64>,
}

/// Trains with a progress bar.
pub(crate) fn train(
    run: Run,
    images: &Images,
    plan: &Plan,
    device: &Device,
) -> Result<(Curve, Net), Box<dyn Error>> {
    let Run {
        name,
        mut net,
        mut optimizer,
        tau,
    } = run;
    let mut order: Vec<usize> = plan.training.clone().collect();
    let steps = order.len() / plan.minibatch;
    let bar = ProgressBar::new((plan.epochs * steps) as u64);
    bar.set_style(ProgressStyle::with_template(
        "{prefix} {wide_bar} {pos}/{len} {eta} {msg}",
    )?);
    bar.set_prefix(name.clone());
    let mut random = plan.seed;
    let (mut losses, mut accuracies) = (Vec::new(), Vec::new());
    for epoch in 0..=plan.epochs {
        let (loss, _) = evaluate(&net, images, plan.training.clone(), device);
        let (_, accuracy) = evaluate(&net, images, plan.validation.clone(), device);
        bar.set_message(format!(
            "loss {loss:.4}, validation {:.1} %",
            100.0 * accuracy
        ));
        losses.push(loss);
        accuracies.push(accuracy);
        if epoch == plan.epochs {
            break;
        }
        shuffle(&mut order, &mut random);
        for which in order.chunks_exact(plan.minibatch) {
            let (x, labels) = images.batch(which, device);
            let loss = cross_entropy(net.forward(x), labels).mean();
            // In place of `loss.backward()`, which plain layers would be content with.
            let gradients = GradientsParams::from_grads(backward(&loss), &net);
            net = optimizer.step(tau, net, gradients);
            bar.inc(1);
        }
    }
    bar.finish();
    let curve = Curve {
        name,
        loss: losses,
        accuracy: accuracies,
    };
    Ok((curve, net))
}

/// Mean loss and share of right answers.
pub(crate) fn evaluate(
    net: &Net,
    images: &Images,
    range: Range<usize>,
    device: &Device,
) -> (f64, f64) {
    // No graph, and nothing is solved.
    let (net, device) = (net.valid(), device.clone().without_autodiff());
    let which: Vec<usize> = range.collect();
    let (mut loss, mut right) = (0.0, 0.0);
    for part in which.chunks(500) {
        let (x, labels) = images.batch(part, &device);
        let logits = net.forward(x);
        let hits = logits.clone().argmax(1).equal(labels.clone()).int().sum();
        right += f64::from(hits.into_scalar::<i32>());
        loss += f64::from(cross_entropy(logits, labels).sum().into_scalar::<f32>());
    }
    (loss / which.len() as f64, right / which.len() as f64)
}

pub(crate) fn cross_entropy(logits: Tensor<2>, labels: Tensor<2, Int>) -> Tensor<2> {
    -log_softmax(logits, 1).gather(1, labels)
}

/// Fisher and Yates, by splitmix64.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for last in (1..order.len()).rev() {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        order.swap(last, ((z ^ (z >> 31)) % (last as u64 + 1)) as usize);
    }
}

/// Both charts of all runs in one picture.
pub(crate) fn draw(path: &Path, title: &str, curves: &[Curve]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (1000, 460)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.margin(8, 0, 0, 0);
    let root = root.titled(title, ("sans-serif", 22))?;
    let (left, right) = root.split_horizontally(500);
    let epochs = curves
        .iter()
        .map(|curve| curve.loss.len())
        .max()
        .unwrap_or(1)
        - 1;
    let finite = || {
        curves
            .iter()
            .flat_map(|c| &c.loss)
            .copied()
            .filter(|loss| loss.is_finite())
    };
    let low = finite().fold(f64::INFINITY, f64::min).max(1e-6);
    let high = finite().fold(low, f64::max).min(1e3);

    let mut chart = ChartBuilder::on(&left)
        .caption("training loss", ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0..epochs.max(1), (low / 1.3..high * 1.3).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .y_label_formatter(&|loss| format!("{}", *loss as f32))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (at, curve) in curves.iter().enumerate() {
        let points = curve.loss.iter().copied().enumerate();
        chart.draw_series(line(
            at,
            points.filter(|(_, loss)| (low..=high).contains(loss)),
        ))?;
    }

    let mut chart = ChartBuilder::on(&right)
        .caption("validation accuracy", ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0..epochs.max(1), 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (at, curve) in curves.iter().enumerate() {
        chart
            .draw_series(line(at, curve.accuracy.iter().copied().enumerate()))?
            .label(&curve.name)
            .legend(move |(x, y)| {
                PathElement::new([(x, y), (x + 18, y)], colour(at).stroke_width(2))
            });
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .background_style(WHITE)
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 14))
        .draw()?;
    root.present()?;
    Ok(())
}

fn line(
    at: usize,
    points: impl Iterator<Item = (usize, f64)>,
) -> LineSeries<SVGBackend<'static>, (usize, f64)> {
    LineSeries::new(points, colour(at).stroke_width(2))
}

/// Told apart by people who see fewer colours too (Okabe and Ito).
fn colour(at: usize) -> RGBColor {
    const COLOURS: [RGBColor; 4] = [
        RGBColor(213, 94, 0),
        RGBColor(0, 114, 178),
        RGBColor(0, 158, 115),
        RGBColor(204, 121, 167),
    ];
    COLOURS[at % COLOURS.len()]
}
