//! The views' charts as pictures: one real step, one real flow, with fewer points so that the snapshots stay small.

use proxprop::Named;
use proxprop::data::rng::{Purpose, Stream};
use proxprop::data::{DataSource, generate};
use proxprop::engine::Ensemble;
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::one_step::Snapshot;
use proxprop::flow::{Function, Method};
use proxprop::frame::{Field, Flow, LayerProblem, OneStep};
use proxprop::lab::config::Config;
use proxprop::lab::flow::FlowSettings;
use proxprop::nn::mlp::{Init, initialise};
use proxprop::nn::{Activation, Loss};
use proxprop::plot::layer_problem::{self, View};
use proxprop::plot::theme::Line;
use proxprop::plot::{Theme, svg};

/// The first step of a 2-4-3-2 network on *circle*.
fn snapshot(rule: &str) -> Snapshot {
    snapshot_of(&[4, 3], rule)
}

/// The same of a network with these hidden layers.
fn snapshot_of(hidden: &[usize], rule: &str) -> Snapshot {
    let data = generate(DataSource::Circle, 60, 0.1, 0.0, 1).unwrap();
    let architecture = architecture_for(&data, hidden, Activation::Tanh, Loss::CrossEntropy);
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let thetas = initialise(&architecture, Init::Xavier, 1.0, |_| stream.normal());
    let config = Config::parse(&format!("run={rule},tau:10,tau_theta:0.5")).unwrap();
    let ensemble = Ensemble::<f64>::new(architecture.clone(), &data, 60);
    Snapshot::new(
        &architecture,
        &thetas,
        ensemble.training(),
        config.runs[0].settings(),
    )
}

/// A flow over a grid of 17 × 17 nodes.
fn flow(function: Function, methods: &[Method]) -> Flow {
    let settings = FlowSettings {
        methods: methods.to_vec(),
        steps: 8,
        ..FlowSettings::new(function)
    };
    let mut flow = settings.flow().unwrap();
    let landscape = &mut flow.landscape;
    let (fine, every) = (landscape.values.clone(), 10);
    landscape.values = Field {
        columns: 17,
        rows: 17,
        channels: 1,
        values: (0..17 * 17)
            .map(|i| fine.values[(i / 17 * fine.columns + i % 17) * every])
            .collect(),
    };
    landscape.levels = landscape
        .levels
        .iter()
        .copied()
        .skip(5)
        .step_by(3)
        .collect();
    let thin = |rows: &mut Vec<f64>| *rows = rows.iter().copied().step_by(20).collect();
    thin(&mut flow.reference.times);
    thin(&mut flow.reference.values);
    flow.reference.points = flow.reference.points.iter().copied().step_by(20).collect();
    flow.amplification_curves = flow
        .amplification_curves
        .iter()
        .copied()
        .step_by(8)
        .collect();
    flow
}

#[test]
fn staircase() {
    let step = snapshot("prox-exact").one_step().unwrap();
    insta::assert_snapshot!(svg::staircase(&step, 4, (480, 300), &Theme::light()));
}

#[test]
fn network() {
    let step = snapshot("prox-exact").one_step().unwrap();
    let sub_step = &step.implicit.sub_steps[4];
    insta::assert_snapshot!(svg::network(&step, sub_step, (480, 200), &Theme::dark()));
}

/// Layers of any size, and every sub-step lights something.
#[test]
fn networks_of_every_size() {
    let step = snapshot("prox-exact").one_step().unwrap();
    let drawn = |sizes: &[usize], i: usize| {
        let other = OneStep {
            sizes: sizes.to_vec(),
            ..step.clone()
        };
        svg::network(
            &other,
            &step.explicit.sub_steps[i],
            (480, 200),
            &Theme::light(),
        )
    };
    let pictures: Vec<String> = (0..8).map(|i| drawn(&step.sizes, i)).collect();
    for (i, picture) in pictures.iter().enumerate() {
        assert!(
            !pictures[..i].contains(picture),
            "sub-step {i} looks like one before"
        );
    }
    let local = OneStep {
        convolutions: vec![1],
        ..step.clone()
    };
    let local = svg::network(
        &local,
        &step.explicit.sub_steps[0],
        (480, 200),
        &Theme::light(),
    );
    assert!(
        local.matches("<polyline").count() < pictures[0].matches("<polyline").count(),
        "a convolution joins neighbours alone"
    );
    let wide = drawn(&[2, 1000, 500, 3], 0);
    assert_eq!(wide.matches('⋮').count(), 4);
    assert!(wide.len() < 200_000);
}

/// The words of a picture that stand in the middle of something: what they are, their line, and from where to where they reach.
fn centred(svg: &str) -> Vec<(String, f64, [f64; 2])> {
    let texts = svg.split("<text ").skip(1);
    let texts = texts.filter(|text| text.contains("text-anchor=\"middle\""));
    texts
        .map(|text| {
            let number = |name: &str| -> f64 {
                let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            let words = text.lines().nth(1).unwrap().to_owned();
            let half = 0.3 * number("font-size") * words.chars().count() as f64;
            let x = number("x");
            (words, number(" y"), [x - half, x + half])
        })
        .collect()
}

#[test]
fn eight_layers_are_legible_taken_apart() {
    let step = snapshot_of(&[8; 8], "prox-exact").one_step().unwrap();
    let last = step.explicit.sub_steps.len() - 1;
    for theme in [Theme::light(), Theme::projector(1.2)] {
        for (now, width) in [(0, 300), (3, 300), (last, 260), (last, 330), (last, 700)] {
            let sub_step = &step.explicit.sub_steps[now];
            for svg in [
                svg::network(&step, sub_step, (width, 190), &theme),
                svg::staircase(&step, now, (width, 300), &theme),
            ] {
                let words = centred(&svg);
                assert!(words.len() > 8, "{words:?}");
                for (i, (a, line, span)) in words.iter().enumerate() {
                    for (b, other, beside) in &words[..i] {
                        let apart = span[1] <= beside[0] || beside[1] <= span[0];
                        assert!(line != other || apart, "{a} lies on {b} at {width}");
                    }
                }
            }
        }
        // Told to the end, with nothing framed.
        assert!(svg::staircase(&step, usize::MAX, (300, 300), &theme).contains("Θ₁"));
        // Every variable has its name, wherever there is room at all.
        let svg = svg::network(
            &step,
            &step.explicit.sub_steps[0],
            (330, 190),
            &Theme::light(),
        );
        let names: Vec<String> = centred(&svg).into_iter().map(|(name, ..)| name).collect();
        for name in ["X", "Θ₁", "Z₁", "A₁", "Θ₈", "A₈", "Θ₉", "Z₉"] {
            assert!(names.iter().any(|n| n == name), "{name} of {names:?}");
        }
    }
}

#[test]
fn how_far_the_explicit_step_goes_is_said_inside_the_plane() {
    let theme = Theme::light();
    let mut said = 0;
    for layer in [1, 2] {
        let problem = snapshot("prox-exact").layer_problem(layer, None).unwrap();
        for size in [(300, 200), (477, 290), (480, 360), (900, 500)] {
            let drawn = svg::layer_problem(&problem, View::Near, size, &theme);
            let unit = theme.px(1.0) as u32;
            let whole = (size.0 * unit, size.1 * unit);
            let plane = layer_problem::plane(whole, &problem, View::Near, &theme);
            let Some((before, _)) = drawn.split_once("× the distance") else {
                continue;
            };
            let (_, at) = before.rsplit_once(" y=\"").unwrap();
            let y: i32 = at.split('"').next().unwrap().parse().unwrap();
            assert!(y > plane.top && y < plane.bottom, "{layer}, {size:?}: {y}");
            said += 1;
        }
        // Nothing of it is drawn before the step is made.
        let posed = svg::layer_problem(&problem, View::Posed, (480, 360), &theme);
        assert!(!posed.contains("explicit step") && posed.contains("now"));
        assert!(!posed.contains("× the distance"));
    }
    assert!(said > 3);
}

#[test]
fn layer_problem_near() {
    let mut problem = snapshot("prox-cg3").layer_problem(2, Some(1)).unwrap();
    problem.path = problem.path.iter().copied().step_by(8).collect();
    insta::assert_snapshot!(svg::layer_problem(
        &problem,
        View::Near,
        (480, 360),
        &Theme::light()
    ));
}

#[test]
fn layer_problem_far() {
    let mut problem = snapshot("prox-exact").layer_problem(1, None).unwrap();
    problem.path = problem.path.iter().copied().step_by(8).collect();
    // Dependent inputs: a valley without a lowest point.
    problem.lambda_min = 0.0;
    problem.minimum[1] = None;
    problem.slope[1] = 0.0;
    insta::assert_snapshot!(svg::layer_problem(
        &problem,
        View::Far,
        (480, 360),
        &Theme::dark()
    ));
}

#[test]
fn flow_map() {
    let flow = flow(Function::Himmelblau, Method::ALL);
    insta::assert_snapshot!(svg::flow_map(&flow, (480, 400), &Theme::dark()));
}

#[test]
fn descent_and_amplification() {
    let flow = flow(Function::all(20.0)[0], &Method::ALL[..2]);
    insta::assert_snapshot!(
        "descent",
        svg::flow_descent(&flow, (480, 260), &Theme::light())
    );
    insta::assert_snapshot!(
        "amplification",
        svg::amplification(&flow, (480, 260), &Theme::light())
    );
}

/// The deepest network that a query may ask for: every layer has a stroke of its own.
#[test]
fn every_layer_has_its_own_stroke() {
    let hidden = |layers: usize| format!("hidden={}", vec!["8"; layers].join(","));
    let layers = Line::ALL.len();
    assert!(Config::parse(&hidden(layers - 1)).is_ok());
    assert!(Config::parse(&hidden(layers)).is_err());
    for layer in 0..layers {
        let before = (0..layer).map(|l| Line::of_layer(l).pattern());
        assert!(
            !before
                .into_iter()
                .any(|p| p == Line::of_layer(layer).pattern())
        );
    }
}

/// What diverges leaves the picture, not the drawing.
#[test]
fn diverging_ways_are_drawn_too() {
    for function in Function::all(1e4) {
        let settings = FlowSettings {
            methods: Method::ALL.to_vec(),
            tau: 1e3,
            ..FlowSettings::new(function)
        };
        let flow = settings.flow().unwrap();
        assert!(flow.trajectories[0].diverged_at.is_some() || function == Function::Ridge);
        let map = svg::flow_map(&flow, (480, 400), &Theme::light());
        let chart = svg::flow_descent(&flow, (480, 260), &Theme::light());
        assert!(!map.contains("NaN") && !chart.contains("NaN"));
    }
}

#[test]
fn what_is_steepest_never_looks_flattest() {
    for (layer, tau_theta) in [(1, None), (2, None), (1, Some(1e-3)), (2, Some(1e3))] {
        let snapshot = snapshot("prox-cg3");
        let problem = snapshot.layer_problem(layer, None).unwrap();
        let problem = tau_theta.map_or(problem.clone(), |tau_theta| LayerProblem {
            tau_theta,
            ..problem
        });
        for size in [(900, 700), (320, 420), (1600, 300)] {
            for view in [View::Near, View::Far] {
                let theme = Theme::light();
                let plane =
                    layer_problem::plane((size.0 * 16, size.1 * 16), &problem, view, &theme);
                let across = f64::from(plane.right - plane.left) / (plane.x.1 - plane.x.0);
                let up = f64::from(plane.bottom - plane.top) / (plane.y.1 - plane.y.0);
                let stretch = across / up;
                assert!(stretch > 0.99, "{stretch}: w is stretched");
                assert!(
                    (stretch.round() / stretch - 1.0).abs() < 1e-3,
                    "{stretch} is no round number"
                );
                // As wide as high, or higher, is how a contour looks.
                let contour = stretch * (problem.lambda_min / problem.lambda_max).sqrt();
                assert!(stretch < 1.01 || contour < 0.51, "{contour}");
                let svg = svg::layer_problem(&problem, view, size, &theme);
                let told = svg.contains("× against w") || svg.contains("u, steepest direction");
                assert!(told, "{stretch}");
            }
        }
    }
}
