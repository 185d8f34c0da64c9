//! The laws that convolutions and pooling obey by themselves, and runs on images. What they share with dense layers is among
//! the laws of `tests/laws.rs`.

mod common;
#[path = "common/stream.rs"]
mod stream;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use common::{refused, succeeds};
use nalgebra::DMatrix;
use proptest::prelude::*;
use proxprop::Named;
use proxprop::data::cifar::{BYTES, TEST, TRAINING};
use proxprop::data::digits::{Split, digits};
use proxprop::data::wine::{Scaling, wine};
use proxprop::data::{DataSource, Dataset, Points, Targets};
use proxprop::frame::images::{Images, Judged};
use proxprop::lab::config::Config;
use proxprop::lab::session::{Command, Cut, Event, Origin, Session};
use proxprop::lab::state::StateFile;
use proxprop::nn::convolution::Convolution;
use proxprop::nn::layer::{Linear, Rows, Scratch};
use proxprop::nn::pooling::Pooling;
use proxprop::nn::product::{Packing, affine, padded_rows, transposed_times};
use proxprop::nn::window::{Planes, Windows};
use proxprop::nn::{Activation, Layer};
use proxprop::steps::gradient::Arriving;
use proxprop::steps::rule::{RuleMemory, direction};
use proxprop::steps::{Implicit, Rule};
use stream::stream;

/// So many images, in the rows of columns that are padded, the ones behind them.
fn images(planes: Planes, samples: usize, seed: u64) -> DMatrix<f64> {
    let (mut next, d) = (stream(seed), planes.count());
    DMatrix::from_fn(padded_rows(samples), d + 1, |i, j| {
        let x = if j == d { 1.0 } else { next() };
        if i < samples { x } else { 0.0 }
    })
}

/// Zero where `Z` has no sample.
fn over_places(rows: usize, samples: usize, columns: usize, all: usize, seed: u64) -> DMatrix<f64> {
    let mut next = stream(seed);
    DMatrix::from_fn(all, columns, |i, _| {
        let x = next();
        if i % rows < samples { x } else { 0.0 }
    })
}

/// A convolution and some images for it.
#[derive(Debug)]
struct Convolved {
    layer: Layer,
    samples: usize,
    a: DMatrix<f64>,
    patches: Option<DMatrix<f64>>,
    theta: DMatrix<f64>,
    seed: u64,
}

impl Convolved {
    fn new(
        planes: Planes,
        window: (usize, usize, usize),
        outputs: usize,
        samples: usize,
        seed: u64,
    ) -> Option<Self> {
        let (size, stride, padding) = window;
        let windows = Windows::new(planes, size, stride, padding)?;
        let layer = Layer {
            linear: Linear::Convolution(Convolution { windows, outputs }),
            activation: Some(Activation::Tanh),
            pooling: None,
        };
        let a = images(planes, samples, seed);
        let mut patches = None;
        layer.augment(&a, samples, &mut patches);
        let (n, m) = layer.theta_shape();
        let mut next = stream(seed + 1);
        Some(Convolved {
            layer,
            samples,
            patches,
            theta: DMatrix::from_fn(n, m, |_, _| next()),
            a,
            seed,
        })
    }

    fn patches(&self) -> &DMatrix<f64> {
        self.patches.as_ref().unwrap()
    }

    /// Something shaped as `Z`.
    fn over_places(&self, seed: u64) -> DMatrix<f64> {
        let (rows, all) = (self.a.nrows(), self.patches().nrows());
        over_places(
            rows,
            self.samples,
            self.theta.ncols(),
            all,
            self.seed + seed,
        )
    }

    fn z(&self, theta: &DMatrix<f64>) -> DMatrix<f64> {
        let mut z = DMatrix::zeros(self.patches().nrows(), theta.ncols());
        affine(
            self.patches(),
            theta,
            z.as_mut_slice(),
            &mut Packing::default(),
        );
        z
    }

    /// The rule's answer to `G_Z`.
    fn answer(&self, rule: Rule, implicit: Implicit, delta: &DMatrix<f64>) -> DMatrix<f64> {
        let rows = self.layer.rows(self.samples);
        answer(rule, implicit, self.patches(), delta, rows)
    }
}

fn answer(
    rule: Rule,
    implicit: Implicit,
    inputs: &DMatrix<f64>,
    delta: &DMatrix<f64>,
    rows: Rows,
) -> DMatrix<f64> {
    let mut d = DMatrix::zeros(inputs.ncols(), delta.ncols());
    let mut memory = RuleMemory::new(rule, d.shape(), rows);
    let arriving = Arriving::Delta {
        inputs: inputs.into(),
        delta,
    };
    let packing = &mut Packing::default();
    direction(rule, implicit, &arriving, &mut memory, packing, &mut d).unwrap();
    d
}

fn planes() -> impl Strategy<Value = Planes> {
    (1usize..4, 1usize..7, 1usize..7).prop_map(|(channels, height, width)| Planes {
        channels,
        height,
        width,
    })
}

fn convolved() -> impl Strategy<Value = Convolved> {
    let window = (1usize..5, 1usize..4, 0usize..3);
    (planes(), window, 1usize..4, 1usize..7, 0u64..1 << 60).prop_filter_map(
        "the kernel fits",
        |(planes, window, outputs, samples, seed)| {
            Convolved::new(planes, window, outputs, samples, seed)
        },
    )
}

fn exactly(tau_theta: f64) -> Implicit {
    Implicit {
        tau_theta,
        cg_tolerance: 0.0,
        cg_epsilon: 0.0,
    }
}

fn close(a: &DMatrix<f64>, b: &DMatrix<f64>, tolerance: f64) -> Result<(), TestCaseError> {
    let apart = (a - b).amax();
    prop_assert!(apart <= tolerance * (1.0 + b.amax()), "{apart} apart");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Written out: `z[n,o,i,j] = b_o + Σ w[c,ki,kj] a[n, c, i·s+ki−p, j·s+kj−p]`, zero beside the image; ones even there.
    #[test]
    fn a_convolution_is_its_sum(planes in planes(), size in 1usize..5, stride in 1usize..4, padding in 0usize..3, samples in 1usize..6, seed: u32) {
        let it = Convolved::new(planes, (size, stride, padding), 2, samples, seed.into());
        prop_assume!(it.is_some());
        let it = it.unwrap();
        let z = it.z(&it.theta);
        let along = |length: usize| (length + 2 * padding - size) / stride + 1;
        let (down, across, rows) = (along(planes.height), along(planes.width), it.a.nrows());
        prop_assert_eq!(it.layer.places(), down * across);
        let at = |n: usize, c: usize, y: usize, x: usize| {
            let (y, x) = (y.checked_sub(padding), x.checked_sub(padding));
            let inside = y.filter(|&y| y < planes.height).zip(x.filter(|&x| x < planes.width));
            inside.map_or(0.0, |(y, x)| it.a[(n, (c * planes.height + y) * planes.width + x)])
        };
        for (n, o, i, j) in indices(samples, 2, down, across) {
            let mut sum = it.theta[(it.theta.nrows() - 1, o)];
            for (c, ki, kj, _) in indices(planes.channels, size, size, 1) {
                sum += it.theta[((c * size + ki) * size + kj, o)] * at(n, c, i * stride + ki, j * stride + kj);
            }
            let got = z[((i * across + j) * rows + n, o)];
            prop_assert!((got - sum).abs() < 1e-12 * (1.0 + sum.abs()), "{got} {sum}");
        }
    }

    #[test]
    fn products_have_their_adjoints(it in convolved()) {
        let u = it.over_places(2);
        // In Θ: ⟨U, ÂV⟩ = ⟨ÂᵀU, V⟩.
        let mut g = it.theta.clone();
        transposed_times(it.patches(), &u, &mut g, &mut Packing::default());
        let (left, right) = (u.dot(&it.z(&it.theta)), g.dot(&it.theta));
        prop_assert!((left - right).abs() <= 1e-12 * (1.0 + left.abs()), "{left} {right}");
        // In A, without the bias.
        let mut weights = it.theta.clone();
        weights.row_mut(it.theta.nrows() - 1).fill(0.0);
        let mut back = it.a.clone();
        it.layer.adjoint(&u, &it.theta, back.as_mut_slice(), &mut Scratch::default(), &mut Packing::default());
        let d = it.a.ncols() - 1;
        let (left, right) = (u.dot(&it.z(&weights)), back.columns(0, d).dot(&it.a.columns(0, d)));
        prop_assert!((left - right).abs() <= 1e-12 * (1.0 + left.abs()), "{left} {right}");
    }

    /// A kernel as large as the image, and of one cell: one row per image, and one per pixel.
    #[test]
    fn some_convolutions_are_dense(channels in 1usize..4, side in 1usize..5, samples in 1usize..6, seed: u32, tau_theta in 0.1f64..10.0) {
        let planes = Planes { channels, height: side, width: side };
        let whole = Convolved::new(planes, (side, 1, 0), 3, samples, seed.into()).unwrap();
        prop_assert_eq!(whole.patches(), &whole.a);
        let delta = whole.over_places(2);
        let dense = Layer::dense(planes.count(), 3, None);
        for rule in [Rule::Backprop, Rule::ProxExact, Rule::ProxCgColumns(4)] {
            let implicit = exactly(tau_theta);
            let own = answer(rule, implicit, &whole.a, &delta, dense.rows(samples));
            close(&whole.answer(rule, implicit, &delta), &own, 1e-12)?;
        }
        // A kernel of one cell is a dense layer on every pixel.
        let pixels = Convolved::new(planes, (1, 1, 0), 3, samples, seed.into()).unwrap();
        let (rows, area) = (pixels.a.nrows(), planes.area());
        let all = samples * area;
        let place = |row: usize| (row % area, row / area);
        let alone = DMatrix::from_fn(padded_rows(all), channels + 1, |row, c| {
            let (at, n) = place(row);
            match c < channels {
                _ if row >= all => 0.0,
                true => pixels.a[(n, c * area + at)],
                false => 1.0,
            }
        });
        let over_pixels = |of: &DMatrix<f64>| DMatrix::from_fn(alone.nrows(), of.ncols(), |row, j| {
            let (at, n) = place(row);
            if row < all { of[(at * rows + n, j)] } else { 0.0 }
        });
        close(&over_pixels(pixels.patches()), &alone, 0.0)?;
        close(&over_pixels(&pixels.z(&pixels.theta)), &(&alone * &pixels.theta), 1e-12)?;
        let (dense, delta) = (Layer::dense(channels, 3, None), pixels.over_places(2));
        for rule in [Rule::Backprop, Rule::ProxExact, Rule::ProxCgColumns(4)] {
            let implicit = exactly(tau_theta);
            let own = answer(rule, implicit, &alone, &over_pixels(&delta), dense.rows(all));
            close(&pixels.answer(rule, implicit, &delta), &own, 1e-12)?;
        }
    }

    #[test]
    fn images_twice_double_the_curvature_and_not_the_gradient(it in convolved()) {
        let planes = match it.layer.linear {
            Linear::Convolution(convolution) => convolution.windows.over(),
            Linear::Dense { .. } => unreachable!(),
        };
        let (rows, twice) = (padded_rows(2 * it.samples), 2 * it.samples);
        let a = DMatrix::from_fn(rows, planes.count() + 1, |i, j| if i < twice { it.a[(i % it.samples, j)] } else { 0.0 });
        let mut patches = None;
        let patches = it.layer.augment(&a, twice, &mut patches);
        let delta = it.over_places(2);
        let halved = DMatrix::from_fn(patches.nrows(), delta.ncols(), |i, j| {
            let (place, n) = (i / rows, i % rows);
            if n < twice { delta[(place * it.a.nrows() + n % it.samples, j)] / 2.0 } else { 0.0 }
        });
        close(&patches.tr_mul(&halved), &it.patches().tr_mul(&delta), 1e-12)?;
        close(&patches.tr_mul(patches), &(it.patches().tr_mul(it.patches()) * 2.0), 1e-12)?;
    }

    /// By rows or by the Gram matrix, and by as many conjugate gradients as it takes, with one length for all of Θ or each
    /// channel's own; a column that has arrived does not disturb the others.
    #[test]
    fn every_exact_solution_is_the_solution(it in convolved(), tau_theta in 0.1f64..10.0, dead: bool) {
        let (implicit, mut delta) = (exactly(tau_theta), it.over_places(2));
        if dead {
            delta.column_mut(0).fill(0.0);
        }
        let inputs = it.patches();
        let system = inputs.tr_mul(inputs) + DMatrix::identity(inputs.ncols(), inputs.ncols()) / tau_theta;
        let expected = system.cholesky().unwrap().solve(&inputs.tr_mul(&delta));
        let few = Rows { most: 1, padded: inputs.nrows() };
        close(&answer(Rule::ProxExact, implicit, inputs, &delta, few), &expected, 1e-10)?;
        let many = Rows::full(1 << 20);
        close(&answer(Rule::ProxExact, implicit, inputs, &delta, many), &expected, 1e-10)?;
        for rule in [Rule::ProxCg(1000), Rule::ProxCgColumns(1000)] {
            let d = it.answer(rule, implicit, &delta);
            close(&d, &expected, 1e-8)?;
            prop_assert!(!dead || d.column(0).iter().all(|&d| d == 0.0), "{}", rule);
        }
        let small = 1e-9;
        let d = it.answer(Rule::ProxExact, exactly(small), &delta) / small;
        close(&d, &inputs.tr_mul(&delta), 1e-5)?;
    }

    /// A direction points downhill, and a step along it never raises the layer's own quadratic, whatever τ_θ is: for the implicit step
    /// and for each iterate of conjugate gradients on the way to it. Each channel's own lengths come at least as near as one for all.
    #[test]
    fn implicit_steps_of_convolutions_go_down(it in convolved(), log_tau_theta in -3.0f64..3.0, iterations in 1u32..6) {
        let (implicit, delta) = (exactly(10f64.powf(log_tau_theta)), it.over_places(2));
        let inputs = it.patches();
        let g = inputs.tr_mul(&delta);
        prop_assume!(g.amax() > 1e-6);
        let exact = it.answer(Rule::ProxExact, implicit, &delta);
        let rules = [Rule::ProxExact, Rule::ProxCg(iterations), Rule::ProxCgColumns(iterations)];
        let mut apart = [0.0; 3];
        for (rule, apart) in rules.into_iter().zip(&mut apart) {
            let d = it.answer(rule, implicit, &delta);
            prop_assert!(d.dot(&g) > 0.0, "{}", rule);
            let after = (inputs * &d - &delta).norm_squared();
            prop_assert!(after <= delta.norm_squared() * (1.0 + 1e-12), "{}: {} {}", rule, after, delta.norm_squared());
            let e = d - &exact;
            *apart = (inputs * &e).norm_squared() + e.norm_squared() / implicit.tau_theta;
        }
        prop_assert!(apart[2] <= apart[1] * (1.0 + 1e-6) + 1e-12 * delta.norm_squared(), "{:?}", apart);
    }

    /// The largest number, the first of several; what is passed back goes there and is neither lost nor doubled.
    #[test]
    fn pooling_takes_the_first_maximum(planes in planes(), size in 1usize..4, stride in 1usize..4, samples in 1usize..6, seed: u32) {
        let pooling = Pooling::new(planes, size, stride);
        prop_assume!(pooling.is_some());
        let pooling = pooling.unwrap();
        let rows = padded_rows(samples);
        // Whole numbers, so that many are equal.
        let mut from = images(planes, samples, seed.into());
        from.iter_mut().for_each(|x| *x = (*x * 2.0).round());
        let (d, mut next) = (pooling.planes().count(), stream(1));
        let mut to = DMatrix::zeros(rows, d);
        let mut winners = vec![0; rows * d];
        pooling.forward(from.as_slice(), rows, &mut winners, to.as_mut_slice());
        let g = DMatrix::from_fn(rows, d, |_, _| next());
        let mut back = DMatrix::zeros(rows, planes.count());
        pooling.backward(g.as_slice(), rows, &winners, back.as_mut_slice());
        let mut expected = DMatrix::zeros(rows, planes.count());
        let out = pooling.planes();
        for (n, c, i, j) in indices(rows, out.channels, out.height, out.width) {
            let cells = indices(1, 1, size, size);
            let cells = cells.map(|(.., y, x)| (c * planes.height + i * stride + y) * planes.width + j * stride + x);
            let first = cells.reduce(|best, at| if from[(n, at)] > from[(n, best)] { at } else { best }).unwrap();
            let here = (n, (c * out.height + i) * out.width + j);
            prop_assert_eq!(to[here], from[(n, first)]);
            expected[(n, first)] += g[here];
        }
        close(&back, &expected, 1e-14)?;
        // What is passed back keeps its sum, in each plane of each image.
        for (n, c, ..) in indices(samples, planes.channels, 1, 1) {
            let of = |numbers: &DMatrix<f64>, area: usize| numbers.view((n, c * area), (1, area)).sum();
            let (came, went) = (of(&back, planes.area()), of(&g, out.area()));
            prop_assert!((came - went).abs() < 1e-12 * (1.0 + out.area() as f64), "{came} {went}");
        }
        // And one number alone comes to one cell.
        let only = (seed as usize % samples, seed as usize / samples % d);
        let mut one = DMatrix::zeros(rows, d);
        one[only] = 1.0;
        pooling.backward(one.as_slice(), rows, &winners, back.as_mut_slice());
        let hit = back.iter().filter(|&&x| x != 0.0).copied().collect::<Vec<f64>>();
        prop_assert_eq!(hit, [1.0]);
        prop_assert_eq!(back.row(only.0).sum(), 1.0);
    }

    /// Whatever is trained on, no image and no wine is in both parts, and none is lost.
    #[test]
    fn splits_have_every_class_as_often_as_the_set(seed: u32, wines in 2usize..178) {
        let set = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
        let random = digits(1500, 0.0, Split::Random, seed).unwrap();
        let writers = digits(1500, 0.0, Split::Writers, seed).unwrap();
        prop_assert_eq!(counts(&writers.validation), [27, 31, 27, 30, 33, 30, 30, 30, 28, 31]);
        for data in [random, writers] {
            prop_assert_eq!(data.validation.inputs.nrows(), 297);
            prop_assert_eq!(added(&data), set);
        }
        let data = wine(wines, 0.0, Scaling::None, seed).unwrap();
        prop_assert_eq!(data.training.inputs.nrows(), wines);
        prop_assert_eq!(added(&data), [59, 71, 48]);
    }
}

/// How many points of each class there are.
fn counts(points: &Points) -> Vec<usize> {
    let Targets::Classes { labels, classes } = &points.targets else {
        panic!("classes")
    };
    let count = |class| {
        labels
            .iter()
            .filter(|&&label| label as usize == class)
            .count()
    };
    (0..*classes).map(count).collect()
}

/// The same of both parts together.
fn added(data: &Dataset) -> Vec<usize> {
    let [training, validation] = [&data.training, &data.validation].map(counts);
    training
        .into_iter()
        .zip(validation)
        .map(|(a, b)| a + b)
        .collect()
}

/// Four indices, the last the fastest.
fn indices(
    a: usize,
    b: usize,
    c: usize,
    d: usize,
) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    (0..a * b * c * d).map(move |i| (i / (b * c * d), i / (c * d) % b, i / d % c, i % d))
}

#[test]
fn pooling_hides_no_breakdown() {
    let planes = Planes {
        channels: 1,
        height: 1,
        width: 3,
    };
    let pooling = Pooling::new(planes, 1, 2).unwrap();
    assert_eq!(pooling.planes().width, 2);
    let planes = Planes {
        height: 2,
        width: 2,
        ..planes
    };
    let pooling = Pooling::new(planes, 2, 2).unwrap();
    for broken in 0..4 {
        let mut from = [1.0_f32, 5.0, 2.0, 3.0];
        from[broken] = f32::NAN;
        let (mut winners, mut to) = ([0], [0.0]);
        pooling.forward(&from, 1, &mut winners, &mut to);
        assert!(to[0].is_nan(), "{broken}");
    }
}

#[test]
fn layers_are_printed_as_they_are_read() {
    for (text, printed) in [
        ("c3x8p1,max2,c3x16p1,max2,32", "c3x8p1,max2,c3x16p1,max2,32"),
        ("c3x8p0s1,max2s2,8", "c3x8,max2,8"),
        ("c5x4p2s2,max3s1", "c5x4p2s2,max3s1"),
        ("c1x256,8,8", "c1x256,8,8"),
    ] {
        let config = Config::parse(&format!("data=digits&hidden={text}")).unwrap();
        let query = config.to_string();
        assert!(query.contains(&format!("&hidden={printed}&")), "{query}");
        assert_eq!(Config::parse(&query), Ok(config));
    }
    let (no_list, range) = (
        "is not a list of layers; allowed:",
        "is out of range; allowed:",
    );
    for (query, words) in [
        ("data=digits&hidden=c3", no_list),
        ("data=digits&hidden=c3x", no_list),
        ("data=digits&hidden=c3x8s1p1", no_list),
        ("data=digits&hidden=x8", no_list),
        ("data=digits&hidden=max", no_list),
        ("data=digits&hidden=C3x8", no_list),
        ("data=digits&hidden=c0x8", range),
        ("data=digits&hidden=c12x8", range),
        ("data=digits&hidden=c3x257", range),
        ("data=digits&hidden=c3x8p3", range),
        ("data=digits&hidden=c3x8s0", range),
        ("data=digits&hidden=c3x8,max2s0", range),
        (
            "data=digits&hidden=1,1,1,1,1,1,1,1,1",
            "has too many layers",
        ),
        (
            "hidden=c3x8",
            "hidden: \"c3x8\" needs images, and has none below it; allowed: with data=digits",
        ),
        (
            "data=digits&hidden=8,c3x8",
            "hidden: \"c3x8\" needs images, and has none below it",
        ),
        (
            "data=digits&hidden=max2",
            "hidden: \"max2\" needs a convolution below it; allowed: once, as in c3x8p1,max2",
        ),
        (
            "data=digits&hidden=c3x8,max2,max2",
            "hidden: \"max2\" needs a convolution below it",
        ),
        (
            "data=digits&hidden=c9x8",
            "hidden: \"c9x8\" is larger than the images below it, which have 8 × 8 pixels",
        ),
        (
            "data=digits&hidden=c3x8,max7",
            "hidden: \"max7\" is larger than the images below it, which have 6 × 6 pixels",
        ),
        (
            "data=digits&n=1501",
            "n: 1501 is out of range for data=digits; allowed: 2 to 1500",
        ),
        (
            "data=digits&features=xx",
            "features: \"xx\" needs points of one or two coordinates, and these have 64",
        ),
        (
            "data=digits&task=regress",
            "task: \"regress\" does not fit data=digits",
        ),
    ] {
        let why = Config::parse(query).unwrap_err().to_string();
        assert!(why.contains(words), "{query}: {why}");
    }
}

#[test]
fn what_is_usual_depends_on_the_data() {
    let of = |query: &str| {
        let config = Config::parse(query).unwrap();
        (config.n, config.noise, config.batch, config.init.name())
    };
    assert_eq!(of("data=digits"), (1500, 0.0, 100, "uniform"));
    assert_eq!(of("n=30&init=he&data=digits"), (30, 0.0, 100, "he"));
    assert_eq!(of("data=cifar10"), (45_000, 0.0, 500, "uniform"));
    assert_eq!(of("data=wine"), (178, 0.0, 178, "uniform"));
    assert_eq!(of("data=moons"), (200, 0.1, 200, "xavier"));
    // Whoever chooses images gets what suits them, and has it taken back.
    let mut config = Config::parse("n=50&hidden=5").unwrap();
    config.set("data", "digits").unwrap();
    config.set("hidden", "c3x8p1,max2,5").unwrap();
    assert_eq!((config.n, config.batch), (1500, 100));
    assert_eq!(config.short(), "v=1&data=digits&hidden=c3x8p1,max2,5");
    config.set("data", "circle").unwrap();
    assert_eq!((config.n, config.batch, config.hidden.len()), (200, 200, 1));
}

/// A table has columns to scale, and the older key of the weights' scale goes on to be what it was.
#[test]
fn columns_are_scaled_by_a_word_and_weights_by_a_number() {
    let config = Config::parse("data=wine&scale=standard").unwrap();
    assert_eq!((config.columns, config.scale), (Scaling::Standard, 1.0));
    assert_eq!(config.short(), "v=1&data=wine&columns=standard");
    assert_eq!(Config::parse(&config.to_string()), Ok(config));
    let config = Config::parse("data=wine&scale=2&columns=none").unwrap();
    assert_eq!((config.columns, config.scale), (Scaling::None, 2.0));
    for (query, words) in [
        (
            "data=wine&columns=raw",
            "columns: \"raw\" is not a choice; allowed: none, max, standard",
        ),
        (
            "data=wine&scale=raw",
            "scale: \"raw\" is not a number; allowed: 0.001 to 100",
        ),
        (
            "data=wine&n=179",
            "n: 179 is out of range for data=wine; allowed: 2 to 178",
        ),
        (
            "data=wine&hidden=c3x8",
            "hidden: \"c3x8\" needs images, and has none below it",
        ),
        (
            "data=wine&features=xx",
            "features: \"xx\" needs points of one or two coordinates, and these have 13",
        ),
        (
            "data=wine&task=regress",
            "task: \"regress\" does not fit data=wine",
        ),
    ] {
        let why = Config::parse(query).unwrap_err().to_string();
        assert!(why.contains(words), "{query}: {why}");
    }
    // Another scale is another run, with the curves of the one before as a ghost.
    let mut session =
        Session::new("data=wine&n=120&hidden=4&epochs=9&run=prox-exact,tau:1").unwrap();
    session.advance(3);
    let max = session.frame().members[0].clone();
    assert!(max.validation_loss.is_some(), "58 wines are held back");
    let set = Command::Set {
        key: "columns".to_owned(),
        value: "standard".to_owned(),
    };
    let events = session.apply(set).unwrap();
    assert!(events.iter().any(|e| matches!(e, Event::Ghosts { added: Some(ghost), .. } if ghost.name == "before scale of columns max → standard")), "{events:?}");
    session.advance(3);
    assert_ne!(session.frame().members[0].loss, max.loss);
}

fn state(session: &mut Session) -> String {
    match &session.apply(Command::State).unwrap()[..] {
        [Event::State(json)] => json.clone(),
        other => panic!("not a state: {other:?}"),
    }
}

/// Every rule on convolutions: trained, looked back on, kept in a file, and taken apart.
#[test]
fn a_run_on_images_is_a_run() {
    let query = "data=digits&n=90&batch=40&hidden=c3x4p1,max2,c2x3,8&act=relu&epochs=4\
        &run=backprop,tau:0.2&run=prox-exact,tau:3&run=prox-cg3,opt:adam,tau:0.01&run=prox-cg3b,opt:nesterov,tau:0.1";
    let mut session = Session::new(query).unwrap();
    session.advance(7);
    let there = state(&mut session);
    session.advance(5);
    let frame = session.frame();
    let first = session.records(1)[0].loss;
    for member in &frame.members {
        assert!(member.loss < first, "{}: {:?}", member.rule, member.loss);
        assert_eq!(member.layers.len(), 4, "{}", member.rule);
    }
    session.apply(Command::Seek { step: 7 }).unwrap();
    assert_eq!(state(&mut session), there, "a look back is bit for bit");
    assert_eq!(StateFile::parse(&there).unwrap().to_json(), there);

    for run in 0..2 {
        let cut = Cut {
            run,
            layer: 1,
            neuron: None,
            tau_theta: None,
        };
        let events = session.apply(Command::Dissect(cut)).unwrap();
        let [Event::Dissected(dissection)] = &events[..] else {
            panic!("{events:?}")
        };
        for side in [&dissection.one_step.explicit, &dissection.one_step.implicit] {
            assert!(side.mismatch < 1e-12, "{}: {}", side.rule, side.mismatch);
        }
    }
}

#[test]
fn the_command_line_trains_on_digits() {
    let folder = tempfile::tempdir().unwrap();
    let query = "data=digits&n=100&epochs=2&act=relu&hidden=c3x4p1,max2&run=prox-exact,tau:3&run=backprop,tau:0.1";
    let told = succeeds(
        folder.path(),
        &["run", query, "--csv", "curves.csv", "--svg", "charts"],
    );
    assert!(
        told.contains("prox-exact") && told.contains("backprop"),
        "{told}"
    );
    let curves = fs::read_to_string(folder.path().join("curves.csv")).unwrap();
    assert!(curves.lines().count() > 4, "{curves}");
    for name in ["wrong-2", "confusion-1", "filters-1", "kernel"] {
        let picture = folder.path().join("charts").join(format!("{name}.svg"));
        assert!(
            fs::read_to_string(picture).unwrap().contains("<rect"),
            "{name}"
        );
    }
}

/// Black images of the first class; files of zeros take no room.
#[test]
fn the_command_line_reads_cifar_10_and_says_what_is_wrong_with_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let (here, images) = (folder.path(), folder.path().join("images"));
    fs::create_dir(&images).unwrap();
    let run = |hidden: &str| {
        format!("data=cifar10&n=20&batch=10&epochs=1&hidden={hidden}&run=prox-exact,tau:1")
    };
    let dense = run("3");
    let with_images = ["run", &dense, "--images", "images"];
    refused(
        here,
        &["run", &dense],
        "the command line reads them, by --images",
    );
    refused(here, &with_images, "data_batch_1.bin: cannot be read");
    for name in TRAINING.into_iter().chain([TEST]) {
        File::create(images.join(name))
            .unwrap()
            .set_len(BYTES as u64)
            .unwrap();
    }
    let convolution = run("c5x2p2s4,max2");
    for query in [&dense, &convolution] {
        let told = succeeds(
            here,
            &["run", query, "--images", "images", "--json", "report.json"],
        );
        assert!(told.contains("prox-exact"), "{told}");
        // All are of one class, which is learned at once.
        assert!(
            told.contains("Run 1: 100.0 % of the test images right."),
            "{told}"
        );
        let report = fs::read_to_string(here.join("report.json")).unwrap();
        assert!(report.contains("\"state\":null") && report.len() < 100_000);
    }
    refused(
        here,
        &["run", "data=digits", "--images", "images"],
        "--images: does not go with data=digits; allowed: data=cifar10",
    );
    let mut third = File::options()
        .write(true)
        .open(images.join(TRAINING[2]))
        .unwrap();
    third.seek(SeekFrom::Start(3073)).unwrap();
    third.write_all(&[10]).unwrap();
    refused(
        here,
        &with_images,
        "data_batch_3.bin: image 2 has the class 10; allowed: 0 to 9",
    );
    third.set_len(BYTES as u64 - 1).unwrap();
    refused(
        here,
        &with_images,
        "data_batch_3.bin: 30729999 bytes; allowed: 30730000",
    );
}

/// A file of CIFAR-10 dropped on the page: trained on, shown, and part of no text.
#[test]
fn a_file_of_images_is_trained_on_and_stays_where_it_is() {
    let record = |i: usize| {
        let class = [(i % 10) as u8].into_iter();
        class.chain((0..3072).map(move |at| ((i % 10) * 25 + at % 7) as u8))
    };
    let bytes: Vec<u8> = (0..10_000).flat_map(record).collect();
    let load_as = |bytes: &[u8], query: Option<&str>| Command::LoadImages {
        name: "data_batch_1.bin".to_owned(),
        bytes: bytes.to_vec().into(),
        query: query.map(str::to_owned),
    };
    let load = |bytes: &[u8]| load_as(bytes, None);
    let mut session =
        Session::new("hidden=c3x8p1,max2&data=digits&n=20&run=prox-exact,tau:0.1").unwrap();
    let mut other = bytes.clone();
    other[0] = 10;
    for (file, words) in [
        (
            &bytes[1..],
            "data_batch_1.bin: 30729999 bytes; allowed: 30730000",
        ),
        (
            &other,
            "data_batch_1.bin: image 1 has the class 10; allowed: 0 to 9",
        ),
    ] {
        let why = session.apply(load(file)).unwrap_err().to_string();
        assert!(why.contains(words), "{why}");
        assert_eq!(session.config().data, DataSource::Digits, "nothing is lost");
    }
    let events = session.apply(load(&bytes)).unwrap();
    let said = |events: &[Event], words: &str| {
        let mut events = events.iter();
        events.any(|event| matches!(event, Event::Notice(text) if text.contains(words)))
    };
    assert!(said(
        &events,
        "9000 of its images are trained on, and its last 1000 are held back"
    ));
    assert_eq!((session.config().n, session.config().batch), (9000, 500));
    // What takes no 9000 images, and does not put them away.
    for (key, value) in [("n", "60"), ("batch", "30"), ("hidden", "c5x3s3,max2,4")] {
        let set = Command::Set {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let events = session.apply(set).unwrap();
        assert!(!said(&events, "put away"));
    }
    // More than a file has is not half believed: all of CIFAR-10 is another set than one of its files.
    for more in [9001, 20_000, 45_000] {
        let set = Command::Set {
            key: "n".to_owned(),
            value: more.to_string(),
        };
        let why = session.apply(set).unwrap_err().to_string();
        assert_eq!(
            why,
            format!(
                "n: {more} is out of range for this file, of whose images 9000 are trained on; allowed: 2 to 9000"
            )
        );
        assert_eq!(session.config().n, 60, "nothing is lost");
    }
    session.advance(3);
    let frame = session.frame();
    assert!(frame.members[0].loss.is_finite() && frame.members[0].validation_loss.is_some());
    let images = session.images(&[]).unwrap();
    assert_eq!((images.shape, images.count), ([3, 32, 32], 1000));
    assert_eq!((images.class(3), images.looked.class), ("cat", Some(0)));
    let wrong = &images.runs[0].wrong[0];
    assert_eq!(wrong.pixels.len(), 3072);
    let shapes: Vec<(usize, [usize; 2])> = images.runs[0]
        .answered
        .iter()
        .map(|a| (a.planes.len(), a.shape))
        .collect();
    assert_eq!(shapes, [(3, [5, 5]), (4, [1, 1])]);
    // No text holds them.
    assert!(session.apply(Command::State).is_err());
    let origin = session.apply(Command::Origin).unwrap();
    assert_eq!(origin, [Event::Origin(Origin::TooLarge)]);
    let set = Command::Set {
        key: "data".to_owned(),
        value: "circle".to_owned(),
    };
    assert!(said(
        &session.apply(set).unwrap(),
        "drop it again to train on it"
    ));
    let set = Command::Set {
        key: "data".to_owned(),
        value: "cifar10".to_owned(),
    };
    let why = session.apply(set).unwrap_err().to_string();
    assert!(why.contains("drop data_batch_1.bin on the page"), "{why}");
    // A link has said what is to be trained on them.
    let link =
        "data=cifar10&n=40&batch=20&hidden=c5x2s3,max2&seed=7&run=prox-cg2,opt:adam,tau:0.001";
    session.apply(load_as(&bytes, Some(link))).unwrap();
    let config = session.config();
    assert_eq!((config.n, config.batch, config.seed), (40, 20, 7));
    assert_eq!(config.to_string(), Config::parse(link).unwrap().to_string());
    let other = load_as(&bytes, Some("data=cifar10&hidden=none"));
    session.apply(other).unwrap_err();
    assert_eq!(session.config().n, 40, "nothing is lost");
}

/// A table that lies in no plane has its answers and its kernel: of what is held back, or else of all. Evenly from all of it, since wines
/// are in the order of their classes.
#[test]
fn what_is_shown_of_wines_is_what_the_networks_answer() {
    let mut session = Session::new("data=wine&run=backprop,tau:1&run=prox-exact,tau:10").unwrap();
    session.advance(100);
    let frame = session.frame();
    let images = session.images(&[]).unwrap();
    assert_eq!(
        (images.judged, images.count, images.shape),
        (Judged::Trained, 178, [1, 1, 13])
    );
    for (seen, member) in images.runs.iter().zip(&frame.members) {
        let counts: Vec<u32> = seen.confusion.iter().map(|row| row.iter().sum()).collect();
        assert_eq!(counts, [59, 71, 48]);
        let right = f64::from(178 - seen.errors()) / 178.0;
        assert!((right - member.accuracy.unwrap()).abs() < 1e-6, "{right}");
    }
    let shares = |images: &Images| {
        [0, 1, 2].map(|class| images.kernel.labels.iter().filter(|&&l| l == class).count())
    };
    assert_eq!(shares(&images), [34, 40, 26]);
    let mut session = Session::new("data=wine&n=100&run=backprop").unwrap();
    let images = session.images(&[]).unwrap();
    assert_eq!((images.judged, images.count), (Judged::Rows, 78));
    assert_eq!(shares(&images).iter().sum::<usize>(), 100);
}

/// What a page shows of a run on images is what the run says of itself.
#[test]
fn what_is_shown_of_images_is_what_the_networks_answer() {
    let query =
        "data=digits&n=200&hidden=c3x4p1,max2&act=relu&run=prox-exact,tau:3&run=backprop,tau:0.3";
    let mut session = Session::new(query).unwrap();
    session.advance(20);
    assert!(session.fields(10).0.is_empty(), "images lie in no plane");
    let frame = session.frame();
    // The first digit held back, as somebody might draw it.
    let data = digits(200, 0.0, Split::Writers, 1).unwrap();
    let first: Vec<f32> = data
        .validation
        .inputs
        .row(0)
        .iter()
        .map(|&x| x as f32)
        .collect();
    let images = session.images(&first).unwrap();
    assert_eq!(
        (images.shape, images.count, images.step),
        ([1, 8, 8], 297, 20)
    );
    for (seen, member) in images.runs.iter().zip(&frame.members) {
        let right = 1.0 - f64::from(seen.errors()) / 297.0;
        assert!((right - member.validation_accuracy.unwrap()).abs() < 1e-9);
        let counts: Vec<u32> = seen.confusion.iter().map(|row| row.iter().sum()).collect();
        assert_eq!(counts, [27, 31, 27, 30, 33, 30, 30, 30, 28, 31]);
        assert!(
            seen.wrong.len() <= 24 && seen.wrong.iter().all(|wrong| wrong.given != wrong.right)
        );
        assert!(seen.wrong.is_sorted_by(|a, b| a.confidence >= b.confidence));
        assert_eq!((seen.filters.len(), seen.filter), (4, [3, 3]));
        // On its way through the network: relu, pooled.
        assert_eq!(seen.answered.len(), 1);
        let layer = &seen.answered[0];
        assert_eq!((layer.planes.len(), layer.shape), (4, [4, 4]));
        assert!(layer.planes.iter().flatten().all(|&a| a >= 0.0));
        assert_eq!(seen.answer, seen.reading);
        let sum: f32 = seen.reading.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
    let kernel = &images.kernel;
    let n = kernel.labels.len();
    assert!(kernel.labels.is_sorted() && n == 100 && kernel.values.len() == n * n);
    assert!((0..n * n).all(|at| kernel.values[at] == kernel.values[at % n * n + at / n]));
    // Nothing is drawn, and nothing moves.
    assert!(
        session
            .images(&[])
            .unwrap()
            .runs
            .iter()
            .all(|seen| seen.reading.is_empty())
    );
    assert_eq!(session.step(), 20);
    assert!(Session::new("").unwrap().images(&[]).is_none());
}
