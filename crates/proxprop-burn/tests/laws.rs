//! What holds for every layer, whatever it is given.

mod common;

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{GradientsAccumulator, GradientsParams, SgdConfig};
use burn::store::ModuleRecord;
use burn::tensor::{DType, Device, Distribution, FloatDType, Gradients, Tensor};
use common::{Place, assert_near, numbers, places};
use proxprop_burn::{
    Prox, ProxAccumulator, ProxConv2d, ProxConv2dConfig, ProxLinear, ProxLinearConfig, Solver,
    backward,
};

const EXACT: [Solver; 3] = [Solver::Exact, Solver::Rows, Solver::Auto];

fn prox(tau_theta: f64, solver: Solver) -> Prox {
    Prox { tau_theta, solver }
}

/// Many iterations, and nothing that ends or damps them.
fn long_cg() -> Solver {
    Solver::Cg {
        iterations: 200,
        tolerance: 0.0,
        eps: 0.0,
        each_output: true,
    }
}

fn dense(place: &Place, inputs: usize, outputs: usize) -> Linear {
    Linear {
        weight: Param::from_tensor(place.random(1, [inputs, outputs])),
        bias: Some(Param::from_tensor(place.random(2, [outputs]))),
    }
}

fn conv(place: &Place, config: &Conv2dConfig) -> Conv2d {
    let [inputs, outputs] = config.channels;
    let [height, width] = config.kernel_size;
    let shape = [outputs, inputs, height, width];
    let conv = config.init(&place.device);
    Conv2d {
        weight: Param::from_tensor(place.random(3, shape)),
        bias: conv
            .bias
            .is_some()
            .then(|| Param::from_tensor(place.random(4, [outputs]))),
        ..conv
    }
}

/// A parameter's numbers, as a tensor that learns nothing.
fn constant<const D: usize>(parameter: &Param<Tensor<D>>) -> Tensor<D> {
    parameter.val().detach().set_require_grad(false)
}

/// A loss whose gradient with respect to the output is no constant.
fn loss<const D: usize>(output: Tensor<D>) -> Tensor<1> {
    let many = output.shape().num_elements() as f64;
    output.tanh().square().sum() / many
}

/// Weights first, then the bias.
fn all<const D: usize>(
    gradients: &Gradients,
    weight: &Param<Tensor<D>>,
    bias: Option<&Param<Tensor<1>>>,
) -> Vec<f64> {
    let mut all = numbers(&weight.grad(gradients).expect("a gradient"));
    if let Some(bias) = bias {
        all.extend(numbers(&bias.grad(gradients).expect("a gradient")));
    }
    all
}

fn of_dense(gradients: &Gradients, layer: &Linear) -> Vec<f64> {
    all(gradients, &layer.weight, layer.bias.as_ref())
}

fn of_conv(gradients: &Gradients, layer: &Conv2d) -> Vec<f64> {
    all(gradients, &layer.weight, layer.bias.as_ref())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `(ÂᵀÂ + I/τ_θ) d`, in plain loops: `a` is rows × inputs, `d` weights × outputs with the bias in the last row.
fn image(a: &[f64], inputs: usize, d: &[f64], outputs: usize, tau_theta: f64) -> Vec<f64> {
    let augmented: Vec<Vec<f64>> = a
        .chunks(inputs)
        .map(|row| row.iter().copied().chain([1.0]).collect())
        .collect();
    let mut image: Vec<f64> = d.iter().map(|d| d / tau_theta).collect();
    for row in &augmented {
        for o in 0..outputs {
            let product: f64 = (0..=inputs).map(|i| row[i] * d[i * outputs + o]).sum();
            for i in 0..=inputs {
                image[i * outputs + o] += row[i] * product;
            }
        }
    }
    image
}

fn windows() -> [Conv2dConfig; 6] {
    [
        Conv2dConfig::new([2, 3], [3, 3]),
        Conv2dConfig::new([2, 3], [3, 2]).with_padding(PaddingConfig2d::Same),
        Conv2dConfig::new([2, 3], [3, 3])
            .with_stride([2, 1])
            .with_dilation([1, 2])
            .with_padding(PaddingConfig2d::Same),
        Conv2dConfig::new([2, 3], [2, 3])
            .with_stride([2, 1])
            .with_padding(PaddingConfig2d::Explicit(1, 0, 2, 3)),
        Conv2dConfig::new([2, 3], [2, 2])
            .with_dilation([2, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 2, 1, 2)),
        Conv2dConfig::new([2, 3], [2, 2])
            .with_stride([3, 2])
            .with_bias(false),
    ]
}

#[test]
fn the_forward_pass_is_the_plain_layers_to_the_bit() {
    fn law<const D: usize>(what: &str, found: Tensor<D>, expected: Tensor<D>) {
        let [found, expected] = [found, expected]
            .map(|output| -> Vec<u64> { numbers(&output).into_iter().map(f64::to_bits).collect() });
        assert_eq!(found, expected, "{what}");
    }
    for place in places() {
        let plain = dense(&place, 7, 5);
        let layer = ProxLinear::new(plain.clone(), Prox::new());
        let x = place.random::<2>(5, [9, 7]);
        for x in [x.clone(), x.zeros_like(), x.require_grad() * -1.0] {
            law(place.name, layer.forward(x.clone()), plain.forward(x));
        }
        let x = place.random::<1>(6, [7]);
        law(place.name, layer.forward(x.clone()), plain.forward(x));
        let x = place.random::<3>(6, [2, 3, 7]);
        law(place.name, layer.forward(x.clone()), plain.forward(x));
        for config in windows() {
            let plain = conv(&place, &config);
            let layer = ProxConv2d::new(plain.clone(), Prox::new());
            let x = place.random::<4>(7, [4, 2, 6, 7]);
            let what = format!("{}, {config}", place.name);
            law(&what, layer.forward(x.clone()), plain.forward(x));
        }
    }
}

/// A weight of −0 and no bias: adding 0 to the output would be seen.
#[test]
fn a_negative_zero_stays_one() {
    for place in places() {
        let weight = place.tensor::<2>(vec![-1.0], [1, 1]);
        let plain = Linear {
            weight: Param::from_tensor(weight),
            bias: Some(Param::from_tensor(place.tensor(vec![-0.0], [1]))),
        };
        let layer = ProxLinear::new(plain.clone(), Prox::new());
        let x = place.tensor::<2>(vec![0.0], [1, 1]);
        let [found, expected] =
            [layer.forward(x.clone()), plain.forward(x)].map(|z| numbers(&z)[0].to_bits());
        assert_eq!(found, expected, "{}", place.name);
    }
}

#[test]
fn the_input_gets_the_plain_layers_gradient() {
    fn law<const D: usize>(
        place: &Place,
        x: Tensor<D>,
        plain: impl Fn(Tensor<D>) -> Tensor<D>,
        layer: impl Fn(Tensor<D>) -> Tensor<D>,
    ) {
        let x = x.require_grad();
        let expected = loss(plain(x.clone())).backward();
        let found = backward(&loss(layer(x.clone())));
        let [found, expected] =
            [found, expected].map(|gradients| numbers(&x.grad(&gradients).expect("a gradient")));
        place.assert_near(&found, &expected);
    }
    for place in places() {
        let plain = dense(&place, 7, 5);
        let layer = ProxLinear::new(plain.clone(), Prox::new());
        let x = place.random::<2>(5, [9, 7]);
        law(&place, x, |x| plain.forward(x), |x| layer.forward(x));
        for config in windows() {
            let plain = conv(&place, &config);
            let layer = ProxConv2d::new(plain.clone(), Prox::new());
            let x = place.random::<4>(7, [4, 2, 6, 7]);
            law(&place, x, |x| plain.forward(x), |x| layer.forward(x));
        }
    }
}

/// The system holds, checked by multiplication: also where it is larger than what is factored in one piece.
#[test]
fn the_step_solves_its_system() {
    for place in places() {
        for (rows, inputs) in [(9, 7), (40, 300), (300, 40), (310, 290)] {
            let plain = dense(&place, inputs, 3);
            let x = place.random::<2>(5, [rows, inputs]);
            let gradient = of_dense(&loss(plain.forward(x.clone())).backward(), &plain);
            for solver in EXACT {
                for tau_theta in [0.05, 1.0] {
                    let layer = ProxLinear::new(plain.clone(), prox(tau_theta, solver));
                    let d = of_dense(&backward(&loss(layer.forward(x.clone()))), &plain);
                    let found = image(&numbers(&x), inputs, &d, 3, tau_theta);
                    let what = format!("{}, {rows} rows, {inputs} inputs, {solver}", place.name);
                    assert_near(&what, &found, &gradient, place.near);
                }
            }
        }
    }
}

#[test]
fn conjugate_gradients_reach_the_exact_step() {
    for place in places() {
        let plain = dense(&place, 7, 5);
        let x = place.random::<2>(5, [9, 7]);
        let step = |solver| {
            let layer = ProxLinear::new(plain.clone(), prox(1.0, solver));
            of_dense(&backward(&loss(layer.forward(x.clone()))), &plain)
        };
        place.assert_near(&step(long_cg()), &step(Solver::Exact));
        for config in windows() {
            let plain = conv(&place, &config);
            let x = place.random::<4>(7, [4, 2, 6, 7]);
            let step = |solver| {
                let layer = ProxConv2d::new(plain.clone(), prox(1.0, solver));
                of_conv(&backward(&loss(layer.forward(x.clone()))), &plain)
            };
            let what = format!("{}, {config}", place.name);
            for solver in EXACT {
                assert_near(&what, &step(long_cg()), &step(solver), place.near);
            }
        }
    }
}

#[test]
fn a_small_proximal_step_size_leaves_the_gradient() {
    for place in places() {
        for config in windows() {
            let plain = conv(&place, &config);
            let x = place.random::<4>(7, [4, 2, 6, 7]);
            let gradient = of_conv(&loss(plain.forward(x.clone())).backward(), &plain);
            for solver in [Solver::Exact, Solver::Rows, long_cg()] {
                let tau_theta = place.near * 1e-3;
                let layer = ProxConv2d::new(plain.clone(), prox(tau_theta, solver));
                let d = of_conv(&backward(&loss(layer.forward(x.clone()))), &plain);
                let found: Vec<f64> = d.iter().map(|d| d / tau_theta).collect();
                let what = format!("{}, {config}, {solver}", place.name);
                // The largest eigenvalue is below a thousand here.
                assert_near(&what, &found, &gradient, place.near);
            }
        }
    }
}

#[test]
fn the_step_descends() {
    for place in places() {
        let plain = conv(&place, &windows()[0]);
        let x = place.random::<4>(7, [4, 2, 6, 7]);
        let gradient = of_conv(&loss(plain.forward(x.clone())).backward(), &plain);
        for solver in [Solver::Exact, Solver::Rows, Solver::cg(1), Solver::cg(3)] {
            for tau_theta in [1e-3, 1.0, 1e3] {
                let layer = ProxConv2d::new(plain.clone(), prox(tau_theta, solver));
                let d = of_conv(&backward(&loss(layer.forward(x.clone()))), &plain);
                assert!(
                    dot(&d, &gradient) > 0.0,
                    "{}, {solver}, {tau_theta}",
                    place.name
                );
            }
        }
    }
}

/// A kernel that covers the image makes a dense layer of a convolution.
#[test]
fn a_convolution_with_one_position_is_dense() {
    for place in places() {
        let wide = Conv2dConfig::new([2, 3], [4, 5]);
        let plain = conv(&place, &wide);
        let flat = Linear {
            weight: Param::from_tensor(constant(&plain.weight).flatten::<2>(1, 3).transpose()),
            bias: plain.bias.clone(),
        };
        let x = place.random::<4>(7, [6, 2, 4, 5]);
        for solver in [Solver::Exact, Solver::Rows, long_cg()] {
            let layer = ProxConv2d::new(plain.clone(), prox(1.0, solver));
            let gradients = backward(&loss(layer.forward(x.clone())));
            let found = plain.weight.grad(&gradients).expect("a gradient");
            let layer = ProxLinear::new(flat.clone(), prox(1.0, solver));
            let gradients = backward(&loss(layer.forward::<2>(x.clone().flatten(1, 3))));
            let expected = flat.weight.grad(&gradients).expect("a gradient");
            let found = found.flatten::<2>(1, 3).transpose();
            place.assert_near(&numbers(&found), &numbers(&expected));
        }
    }
}

#[test]
fn two_uses_of_a_layer_have_one_system() {
    for place in places() {
        let plain = dense(&place, 7, 5);
        let x = place.random::<2>(5, [9, 7]);
        for solver in [Solver::Exact, Solver::Rows, Solver::Auto, Solver::cg(3)] {
            let layer = ProxLinear::new(plain.clone(), prox(1.0, solver));
            let whole = of_dense(
                &backward(&layer.forward(x.clone()).tanh().square().sum()),
                &plain,
            );
            let half = |start, many| {
                layer
                    .forward(x.clone().narrow(0, start, many))
                    .tanh()
                    .square()
                    .sum()
            };
            let twice = of_dense(&backward(&(half(0, 4) + half(4, 5))), &plain);
            place.assert_near(&twice, &whole);
        }
    }
}

#[test]
fn parts_accumulate_to_the_step_of_the_whole() {
    #[derive(Module, Debug)]
    struct Net {
        hidden: ProxLinear,
        output: Linear,
    }
    for place in places() {
        for solver in [Solver::Exact, Solver::Rows, Solver::cg(3)] {
            let net = Net {
                hidden: ProxLinear::new(dense(&place, 7, 5), prox(1.0, solver)),
                output: dense(&place, 5, 2),
            };
            let x = place.random::<2>(5, [8, 7]);
            let forward = |x| loss(net.output.forward(net.hidden.forward(x).tanh()));
            let expected = GradientsParams::from_grads(backward(&forward(x.clone())), &net);
            let (mut plain, mut prox) = (GradientsAccumulator::new(), ProxAccumulator::new());
            for part in x.chunk(2, 0) {
                let gradients = prox.backward(&(forward(part) / 2.0));
                plain.accumulate(&net, GradientsParams::from_grads(gradients, &net));
            }
            let found = prox.precondition(plain.grads());
            assert_eq!(found.len(), expected.len());
            for id in [net.hidden.inner.weight.id, net.output.weight.id] {
                let [found, expected] =
                    [&found, &expected].map(|all| numbers(&all.get::<2>(id).expect("a gradient")));
                place.assert_near(&found, &expected);
            }
            // Nothing is left over for a second time.
            assert_eq!(prox.precondition(GradientsParams::new()).len(), 0);
        }
    }
}

#[test]
fn a_use_outside_of_the_layer_adds_its_plain_gradient() {
    for place in places() {
        let plain = dense(&place, 7, 5);
        let layer = ProxLinear::new(plain.clone(), Prox::new());
        let x = place.random::<2>(5, [9, 7]);
        let inside = of_dense(&backward(&loss(layer.forward(x.clone()))), &plain);
        let outside = of_dense(&loss(plain.forward(x.clone())).backward(), &plain);
        let both = backward(&(loss(layer.forward(x.clone())) + loss(plain.forward(x))));
        let expected: Vec<f64> = inside.iter().zip(&outside).map(|(a, b)| a + b).collect();
        place.assert_near(&of_dense(&both, &plain), &expected);
    }
}

#[test]
fn graphs_beside_each_other_keep_apart() {
    for place in places() {
        let plain = dense(&place, 7, 5);
        let layer = ProxLinear::new(plain.clone(), Prox::new());
        let [first, second] = [5, 6].map(|seed| place.random::<2>(seed, [9, 7]));
        let alone = |x: &Tensor<2>| of_dense(&backward(&loss(layer.forward(x.clone()))), &plain);
        let expected = [alone(&first), alone(&second)];
        let losses = [loss(layer.forward(first)), loss(layer.forward(second))];
        // The second comes first.
        let found = [1, 0].map(|graph| of_dense(&backward(&losses[graph]), &plain));
        place.assert_near(&found[0], &expected[1]);
        place.assert_near(&found[1], &expected[0]);
    }
}

#[test]
fn what_is_frozen_stays_out_of_the_system() {
    for place in places() {
        let plain = dense(&place, 7, 5);
        let x = place.random::<2>(5, [9, 7]);
        let frozen = Linear {
            bias: plain.bias.clone().map(|bias| bias.set_require_grad(false)),
            ..plain.clone()
        };
        let without = Linear {
            bias: None,
            ..plain.clone()
        };
        // The same signal: the frozen bias moves the output, so it is given back.
        let bias = constant(plain.bias.as_ref().expect("it has one"));
        let layer = ProxLinear::new(frozen, Prox::new());
        let gradients = backward(&loss(layer.forward(x.clone())));
        let found = all(&gradients, &plain.weight, None);
        let layer = ProxLinear::new(without, Prox::new());
        let gradients = backward(&loss(layer.forward(x.clone()) + bias.unsqueeze()));
        place.assert_near(&found, &all(&gradients, &plain.weight, None));

        // A frozen weight leaves a plain layer.
        let frozen = Linear {
            weight: plain.weight.clone().set_require_grad(false),
            ..plain.clone()
        };
        let bias = |gradients: &Gradients| {
            let bias = frozen.bias.as_ref().expect("it has one");
            numbers(&bias.grad(gradients).expect("a gradient"))
        };
        let layer = ProxLinear::new(frozen.clone(), Prox::new());
        let found = bias(&backward(&loss(layer.forward(x.clone()))));
        let expected = bias(&loss(frozen.forward(x)).backward());
        place.assert_near(&found, &expected);
    }
}

#[test]
fn evaluation_solves_and_notes_nothing() {
    let device = Device::flex().autodiff();
    let config = ProxLinearConfig::new(LinearConfig::new(4, 3));
    let layer = config.init(&device);
    let evaluated = layer.valid();
    let x = Tensor::<2>::ones([2, 4], &device.clone().without_autodiff());
    for _ in 0..1000 {
        let z = evaluated.forward(x.clone());
        assert!(!z.is_autodiff());
    }
    // And it goes on training.
    let before = numbers(&layer.inner.weight.val());
    let x = Tensor::<2>::ones([2, 4], &device);
    let trained = evaluated.train();
    let gradients = GradientsParams::from_grads(backward(&loss(trained.forward(x))), &trained);
    let trained = SgdConfig::new().init().step(1.0, trained, gradients);
    assert_ne!(numbers(&trained.inner.weight.val()), before);
}

#[test]
#[should_panic(expected = "call `proxprop_burn::backward(&loss)` in place of `loss.backward()`")]
fn a_forgotten_backward_pass_is_named() {
    let device = Device::flex().autodiff();
    let mut layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
    let mut optimizer = SgdConfig::new().init();
    for _ in 0..1000 {
        let loss = loss(layer.forward(Tensor::<2>::ones([2, 4], &device)));
        let gradients = GradientsParams::from_grads(loss.backward(), &layer);
        layer = optimizer.step(1.0, layer, gradients);
    }
}

#[test]
fn long_training_notes_nothing_beyond_its_steps() {
    let device = Device::flex().autodiff();
    let mut layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
    let mut optimizer = SgdConfig::new().init();
    for _ in 0..600 {
        let loss = loss(layer.forward(Tensor::<2>::ones([2, 4], &device)));
        let gradients = GradientsParams::from_grads(backward(&loss), &layer);
        layer = optimizer.step(1.0, layer, gradients);
    }
    assert!(format!("{layer:?}").contains("0 waiting"));
}

#[test]
fn threads_train_clones_side_by_side() {
    let device = Device::flex().autodiff();
    let layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
    let step = |scale: f64| {
        let layer = layer.clone();
        let x = Tensor::<2>::ones([2, 4], &device) * scale;
        let gradients = backward(&loss(layer.forward(x)));
        of_dense(&gradients, &layer.inner)
    };
    let expected: Vec<_> = (1..9).map(|scale| step(f64::from(scale))).collect();
    std::thread::scope(|scope| {
        let step = &step;
        let threads: Vec<_> = (1..9)
            .map(|scale| scope.spawn(move || step(f64::from(scale))))
            .collect();
        for (thread, expected) in threads.into_iter().zip(&expected) {
            assert_near(
                "side by side",
                &thread.join().expect("no panic"),
                expected,
                1e-6,
            );
        }
    });
}

#[test]
fn records_are_the_plain_layers() {
    /// What one has learned, read by another from a file's bytes.
    fn handed<L: Module>(from: &L, to: L) -> L {
        let bytes = from.clone().into_record().into_bytes().expect("bytes");
        to.load_record(ModuleRecord::from_bytes(bytes).expect("a record"))
    }
    let device = Device::flex().autodiff();
    let config = LinearConfig::new(4, 3);
    let plain = config.init(&device);
    let mut layer = ProxLinearConfig::new(config.clone()).init(&device);
    let own = layer.inner.clone();
    layer.inner = handed(&plain, layer.inner);
    let x = Tensor::<2>::random([2, 4], Distribution::Default, &device);
    let output = layer.forward(x.clone());
    assert_eq!(output.to_data(), plain.forward(x.clone()).to_data());
    // What was loaded trains.
    assert_eq!(of_dense(&backward(&loss(output)), &layer.inner).len(), 15);
    let plain = handed(&own, plain);
    assert_eq!(
        plain.forward(x.clone()).to_data(),
        own.forward(x.clone()).to_data()
    );
    let other = handed(&layer, ProxLinearConfig::new(config).init(&device));
    assert_eq!(
        other.forward(x.clone()).to_data(),
        layer.forward(x).to_data()
    );

    let config = Conv2dConfig::new([2, 3], [3, 3]);
    let plain = config.init(&device);
    let mut layer = ProxConv2dConfig::new(config.clone()).init(&device);
    layer.inner = handed(&plain, layer.inner);
    let x = Tensor::<4>::random([2, 2, 4, 5], Distribution::Default, &device);
    let output = layer.forward(x.clone());
    assert_eq!(output.to_data(), plain.forward(x.clone()).to_data());
    let other = handed(&layer, ProxConv2dConfig::new(config).init(&device));
    assert_eq!(other.forward(x).to_data(), output.to_data());
}

/// Half precision holds what is learned; the system is solved in single precision.
#[test]
fn half_precision_solves_in_single() {
    let single = Place {
        dtype: DType::F32,
        ..places()[0].clone()
    };
    let plain = dense(&single, 200, 3);
    let half = |tensor: Tensor<2>| tensor.cast(FloatDType::F16);
    let x = single.random::<2>(5, [40, 200]);
    let rounded = Linear {
        weight: Param::from_tensor(half(constant(&plain.weight))),
        bias: plain
            .bias
            .as_ref()
            .map(|bias| Param::from_tensor(constant(bias).cast(FloatDType::F16))),
    };
    for solver in [Solver::Exact, Solver::Rows, Solver::cg(3)] {
        let layer = ProxLinear::new(plain.clone(), prox(1.0, solver));
        let signal = single.random::<2>(8, [40, 3]);
        let expected = of_dense(
            &backward(&(layer.forward(x.clone()) * signal.clone()).sum()),
            &plain,
        );
        let layer = ProxLinear::new(rounded.clone(), prox(1.0, solver));
        let gradients = backward(&(layer.forward(half(x.clone())) * half(signal)).sum());
        let found = rounded.weight.grad(&gradients).expect("a gradient");
        assert_eq!(found.dtype(), DType::F16);
        assert_near("half", &of_dense(&gradients, &rounded), &expected, 2e-2);
    }
}

#[test]
fn checkpointing_changes_nothing() {
    let device = Device::flex().autodiff().gradient_checkpointing();
    let place = Place {
        device,
        ..places()[0].clone()
    };
    let steps = [place.clone(), places()[0].clone()].map(|place| {
        let hidden = dense(&place, 7, 5);
        let output = dense(&place, 5, 2);
        let layer = ProxLinear::new(hidden.clone(), Prox::new());
        let x = place.random::<2>(5, [9, 7]);
        let gradients = backward(&loss(output.forward(layer.forward(x).tanh())));
        of_dense(&gradients, &hidden)
    });
    assert_near("checkpointing", &steps[0], &steps[1], 1e-12);
}

/// Zero and infinite signals: no NaN is made of nothing, and none is lost.
#[test]
fn dead_layers_stay_dead_and_broken_ones_are_seen() {
    let place = places()[0].clone();
    let plain = dense(&place, 7, 5);
    let x = place.random::<2>(5, [9, 7]);
    for solver in [Solver::Exact, Solver::Rows, Solver::cg(3), long_cg()] {
        let layer = ProxLinear::new(plain.clone(), prox(1.0, solver));
        let gradients = backward(&(layer.forward(x.clone()) * 0.0).sum());
        assert_eq!(of_dense(&gradients, &plain), vec![0.0; 40], "{solver}");
        let gradients = backward(&(layer.forward(x.clone()) * f64::NAN).sum());
        assert!(
            of_dense(&gradients, &plain).iter().all(|d| d.is_nan()),
            "{solver}"
        );
    }
}

#[test]
#[should_panic(expected = "tau_theta is 0; it must be a number above 0")]
fn no_proximal_step_size_of_zero() {
    let _ = ProxLinearConfig::new(LinearConfig::new(4, 3))
        .with_tau_theta(0.0)
        .init(&Device::flex());
}

#[test]
#[should_panic(expected = "tau_theta is NaN; it must be a number above 0")]
fn none_that_is_no_number_set_later() {
    let device = Device::flex().autodiff();
    let mut layer = ProxLinearConfig::new(LinearConfig::new(4, 3)).init(&device);
    layer.prox.tau_theta = f64::NAN;
    let _ = backward(&loss(layer.forward(Tensor::<2>::ones([2, 4], &device))));
}

#[test]
#[should_panic(expected = "iterations is 0; conjugate gradients need 1 or more")]
fn no_conjugate_gradients_without_iterations() {
    let _ = ProxConv2dConfig::new(Conv2dConfig::new([2, 3], [3, 3]))
        .with_solver(Solver::cg(0))
        .init(&Device::flex());
}

#[test]
#[should_panic(expected = "they must share the bias and the settings of `prox` too")]
fn no_shared_weight_with_other_biases() {
    let device = Device::flex().autodiff();
    let one = LinearConfig::new(4, 4).init(&device);
    let other = Linear {
        weight: one.weight.clone(),
        ..LinearConfig::new(4, 4).init(&device)
    };
    let [one, other] = [one, other].map(|plain| ProxLinear::new(plain, Prox::new()));
    let x = Tensor::<2>::ones([2, 4], &device);
    let _ = backward(&loss(other.forward(one.forward(x))));
}

/// Two layers that share all are one layer that is used twice.
#[test]
fn tied_layers_have_one_system() {
    for place in places() {
        let plain = dense(&place, 5, 5);
        let x = place.random::<2>(5, [9, 5]);
        let step = |layers: [&ProxLinear; 2]| {
            let output = layers[1].forward(layers[0].forward(x.clone()).tanh());
            of_dense(&backward(&loss(output)), &plain)
        };
        let [one, other] = [&plain; 2].map(|plain| ProxLinear::new(plain.clone(), Prox::new()));
        place.assert_near(&step([&one, &other]), &step([&one, &one]));
    }
}

#[test]
#[should_panic(expected = "the convolution has 2 groups; ProxConv2d takes 1")]
fn no_groups() {
    let _ = ProxConv2dConfig::new(Conv2dConfig::new([2, 4], [3, 3]).with_groups(2))
        .init(&Device::flex());
}

/// Configurations are burn's: saved and loaded as JSON.
#[test]
fn configurations_are_saved() {
    use burn::config::Config;
    let config = ProxConv2dConfig::new(Conv2dConfig::new([2, 3], [3, 3]))
        .with_tau_theta(0.05)
        .with_solver(Solver::cg(3));
    let text = config.to_string();
    let loaded = ProxConv2dConfig::load_binary(text.as_bytes()).expect("what was saved");
    assert_eq!(loaded.to_string(), text);
    assert_eq!(loaded.solver, Solver::cg(3));
}
