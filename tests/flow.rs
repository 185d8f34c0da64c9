//! The laws of explicit and implicit steps on functions of two variables.

use proptest::prelude::*;
use proxprop::Named;
use proxprop::flow::prox::{TOLERANCE, proximal};
use proxprop::flow::reference::follow;
use proxprop::flow::{Function, Method, Point, stability, walk};
use proxprop::lab::flow::{FLOW, FlowSettings, MOST_STEPS};

/// A function with a point in (a little beyond) its window.
fn somewhere() -> impl Strategy<Value = (Function, Point)> {
    (0usize..7, 1.0f64..1000.0, -0.1f64..1.1, -0.1f64..1.1).prop_map(|(i, condition, u, v)| {
        let f = Function::all(condition)[i];
        let (x, y) = f.window();
        (f, [x.0 + (x.1 - x.0) * u, y.0 + (y.1 - y.0) * v])
    })
}

fn step(f: Function, x: Point, tau: f64) -> Point {
    walk(f, Method::Implicit, x, tau, 0.0, 1).points[1]
}

fn squared_distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn derivatives_agree_with_finite_differences((f, p) in somewhere()) {
        let h = 1e-5;
        let (g, hessian) = (f.gradient(p), f.hessian(p));
        let shifted = |i: usize, s: f64| { let mut q = p; q[i] += s; q };
        let rows = [[hessian.xx, hessian.xy], [hessian.xy, hessian.yy]];
        let scale = 1.0 + f.value(p).abs() + rows.iter().flatten().fold(0.0, |m: f64, x| m.max(x.abs()));
        for i in 0..2 {
            let slope = (f.value(shifted(i, h)) - f.value(shifted(i, -h))) / (2.0 * h);
            prop_assert!((slope - g[i]).abs() <= 1e-6 * scale, "{f:?} at {p:?}: {slope} {g:?}");
            let (up, down) = (f.gradient(shifted(i, h)), f.gradient(shifted(i, -h)));
            for j in 0..2 {
                let bend = (up[j] - down[j]) / (2.0 * h);
                // The ridge's fourth derivative is of the order of ε⁻³.
                prop_assert!((bend - rows[i][j]).abs() <= 1e-4 * scale, "{f:?} at {p:?}: {bend} {rows:?}");
            }
        }
    }

    #[test]
    fn the_implicit_step_is_solved_and_satisfies_the_prox_inequality((f, x) in somewhere(), exponent in -4.0f64..4.0) {
        let tau = 10f64.powf(exponent);
        let found = proximal(f, x, tau);
        prop_assert!(found.solved, "{f:?} from {x:?}, τ = {tau}: {found:?}");
        let y = found.point;
        // f(y) + ‖y − x‖²/(2τ) ≤ f(x): in particular the step never raises f.
        let bound = f.value(x) * (1.0 + 1e-12) + 1e-12;
        prop_assert!(f.value(y) + squared_distance(x, y) / (2.0 * tau) <= bound);
        // Optimality, in the form of the implicit Euler step.
        let (g, at_x) = (f.gradient(y), f.gradient(x));
        let residual = (y[0] - x[0] + tau * g[0]).hypot(y[1] - x[1] + tau * g[1]);
        prop_assert!(residual <= TOLERANCE * (1.0 + x[0].hypot(x[1]) + tau * at_x[0].hypot(at_x[1])));
    }

    /// A proximal point of a convex function is the unique one, and the map is not expansive.
    #[test]
    fn convex_proximal_points_come_no_farther_apart(i in prop_oneof![Just(0usize), Just(1), Just(5)],
        a in prop::array::uniform2(-3.0f64..3.0), b in prop::array::uniform2(-3.0f64..3.0), exponent in -3.0f64..3.0) {
        let (f, tau) = (Function::all(50.0)[i], 10f64.powf(exponent));
        let after = squared_distance(step(f, a, tau), step(f, b, tau));
        prop_assert!(after <= squared_distance(a, b) * (1.0 + 1e-9) + 1e-18);
    }

    #[test]
    fn quadratics_are_amplified_as_foretold(condition in 1.0f64..500.0, tau in 1e-3f64..10.0) {
        // Along the axes of the plain quadratic, eigenvalues 1 and κ.
        let f = Function::all(condition)[0];
        for (axis, lambda) in [(0, 1.0), (1, condition)] {
            let mut x = [0.0; 2];
            x[axis] = 1.5;
            let explicit = walk(f, Method::Explicit, x, tau, 0.0, 1).points[1][axis].abs() / 1.5;
            prop_assert!((explicit - stability::explicit(tau, lambda)).abs() <= 1e-12 * (1.0 + explicit));
            let implicit = step(f, x, tau)[axis] / 1.5;
            prop_assert!((implicit - stability::implicit(tau, lambda)).abs() <= 1e-9);
        }
    }

    #[test]
    fn the_explicit_step_has_a_limit_and_the_implicit_one_has_none(condition in 2.0f64..500.0, share in 0.1f64..3.0) {
        prop_assume!((share - 1.0f64).abs() > 0.02);
        let f = Function::all(condition)[1];
        let largest = f.hessian([0.0; 2]).eigenvalues()[1];
        prop_assert!((largest - condition).abs() < 1e-9 * condition);
        let tau = share * stability::explicit_limit(largest);
        let start = f.start();
        let explicit = walk(f, Method::Explicit, start, tau, 0.0, 3000);
        let ends_at = f.value(*explicit.points.last().unwrap());
        if share > 1.0 {
            prop_assert!(explicit.diverged_at.is_some() || ends_at > f.value(start));
        } else {
            prop_assert!(explicit.diverged_at.is_none() && ends_at < f.value(start));
        }
        let implicit = walk(f, Method::Implicit, start, tau, 0.0, 100);
        let values: Vec<f64> = implicit.points.iter().map(|&p| f.value(p)).collect();
        prop_assert!(values.windows(2).all(|v| v[1] <= v[0]));
        prop_assert!(implicit.unsolved.is_empty());
    }
}

#[test]
fn minima_are_minima() {
    for f in Function::all(30.0) {
        for &at in f.minima() {
            let g = f.gradient(at);
            assert!(g[0].hypot(g[1]) < 1e-8, "{f:?}: {g:?}");
            assert!(f.hessian(at).eigenvalues()[0] > 0.0 && f.value(at).abs() < 1e-12);
        }
    }
}

#[test]
fn the_flow_of_a_quadratic_is_an_exponential() {
    let f = Function::all(200.0)[0];
    let solution = follow(f, [-3.0, 2.0], 4.0);
    assert!(solution.complete);
    for (t, p) in solution.times.iter().zip(&solution.points) {
        assert!((p[0] + 3.0 * (-t).exp()).abs() < 1e-6, "{t}: {p:?}");
        assert!((p[1] - 2.0 * (-200.0 * t).exp()).abs() < 1e-6, "{t}: {p:?}");
    }
    assert_eq!(*solution.times.last().unwrap(), 4.0);
}

/// Many steps of the classical Runge–Kutta method, far inside its stability region.
#[test]
fn the_flow_agrees_with_another_method() {
    for f in Function::all(50.0) {
        let start = f.start();
        let (end, steps) = (0.5, 200_000);
        let h = end / f64::from(steps);
        let slope = |p: Point| f.gradient(p).map(|g| -g);
        let along = |p: Point, s: f64, d: Point| [p[0] + s * d[0], p[1] + s * d[1]];
        let mut x = start;
        for _ in 0..steps {
            let a = slope(x);
            let b = slope(along(x, h / 2.0, a));
            let c = slope(along(x, h / 2.0, b));
            let d = slope(along(x, h, c));
            for i in 0..2 {
                x[i] += h / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]);
            }
        }
        let reached = *follow(f, start, end).points.last().unwrap();
        assert!(
            squared_distance(reached, x).sqrt() < 1e-5,
            "{f:?}: {reached:?}, not {x:?}"
        );
    }
}

/// Both Euler methods approach the flow at first order: half the step, half the error.
#[test]
fn euler_steps_converge_to_the_flow() {
    let f = Function::Stiff;
    let exact = *follow(f, f.start(), 0.1).points.last().unwrap();
    for method in [Method::Explicit, Method::Implicit] {
        let error = |steps: u64| {
            let end = walk(f, method, f.start(), 0.1 / steps as f64, 0.0, steps);
            squared_distance(*end.points.last().unwrap(), exact).sqrt()
        };
        let ratio = error(400) / error(800);
        assert!((1.8..2.2).contains(&ratio), "{method:?}: {ratio}");
    }
}

#[test]
fn a_flow_tells_all_and_refuses_what_is_out_of_range() {
    for f in Function::all(20.0) {
        let settings = FlowSettings {
            methods: Method::ALL.to_vec(),
            ..FlowSettings::new(f)
        };
        let flow = settings.flow().unwrap();
        assert_eq!(flow.trajectories.len(), 5);
        for t in &flow.trajectories {
            assert_eq!(t.points.len(), t.values.len());
            let whole = t.points.len() as u64 == settings.steps + 1;
            assert!(
                whole || t.diverged_at == Some(t.points.len() as u64),
                "{t:?}"
            );
        }
        assert!(flow.reference.complete && flow.landscape.levels.is_sorted());
        assert_eq!(
            flow.amplification.len(),
            if flow.explicit_limit.is_some() { 2 } else { 0 }
        );
    }
    let refused = |change: fn(&mut FlowSettings)| {
        let mut settings = FlowSettings::new(Function::Rosenbrock);
        change(&mut settings);
        settings.flow().unwrap_err().to_string()
    };
    assert_eq!(
        refused(|s| s.tau = f64::NAN),
        "tau: NaN is out of range; allowed: 1e-6 to 1000"
    );
    assert_eq!(
        refused(|s| s.steps = MOST_STEPS + 1),
        "steps: 1001 is out of range; allowed: 1 to 1000"
    );
}

proptest! {
    #[test]
    fn a_flow_as_text_is_the_same_flow(
        which in 0..7_usize, condition in 1.0..1e4, tau in 1e-6..1e3, momentum in 0.0..0.999,
        start in (-100.0..100.0, -100.0..100.0), steps in 1..=MOST_STEPS, chosen in 0..32_u8,
    ) {
        let settings = FlowSettings {
            function: Function::all(condition)[which],
            start: [start.0, start.1],
            tau,
            momentum,
            steps,
            methods: Method::ALL.iter().copied().enumerate().filter(|(i, _)| chosen >> i & 1 == 1).map(|(_, m)| m).collect(),
        };
        prop_assert_eq!(FlowSettings::parse(&settings.to_string()), Ok(settings));
    }

    #[test]
    fn no_text_of_a_flow_makes_it_panic(text in ".{0,40}", key in ".{0,10}") {
        let mut settings = FlowSettings::new(Function::Rosenbrock);
        let before = settings.clone();
        if settings.set(&key, &text).is_err() {
            prop_assert_eq!(&settings, &before);
        }
        let _ = FlowSettings::parse(&format!("quadratic,{key}:{text}"));
        let _ = FlowSettings::parse(&text);
    }
}

#[test]
fn what_is_wrong_in_a_flows_text_is_named() {
    for (text, named) in [
        ("banana", "\"banana\" is not understood; allowed: quadratic"),
        ("beale,tau:x", "tau: \"x\" is not understood"),
        (
            "beale,tau:-1",
            "tau: -1 is out of range; allowed: 1e-6 to 1000",
        ),
        (
            "beale,colour:red",
            "\"colour\" is not understood; allowed: condition",
        ),
        ("beale,methods:explicit+fast", "methods: \"fast\""),
        ("quadratic,condition:0", "condition: 0 is out of range"),
    ] {
        let error = FlowSettings::parse(text).unwrap_err().to_string();
        assert!(error.contains(named), "{text}: {error}");
    }
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_code() {
    let first = FlowSettings::parse("rotated").unwrap();
    for row in FLOW {
        let value = (row.get)(&first);
        assert_eq!(
            value.to_string(),
            row.parameter.default,
            "{}",
            row.parameter.key
        );
        assert_eq!(row.parameter.parse(row.parameter.default), Ok(value));
        assert!(row.parameter.help.ends_with('.') && !row.parameter.label.is_empty());
    }
}

#[test]
fn the_first_step_sizes_have_few_digits() {
    for condition in [1.0, 10.0, 20.0, 50.0, 100.0] {
        for f in Function::all(condition) {
            let digits = FlowSettings::new(f).tau.to_string().len();
            assert!(digits <= 5, "{f:?}");
        }
    }
}
