//! What the presets' answers claim is true of their runs, and every preset has such a test.

use proxprop::frame::map::{Fate, MapCell};
use proxprop::frame::{Formula, Frame, MemberFrame, Status, SubStep};
use proxprop::lab::config::Config;
use proxprop::lab::flow::FlowSettings;
use proxprop::lab::map::{MapPlan, Work};
use proxprop::lab::presets::{PRESETS, named};
use proxprop::lab::session::{Command, Cut, Dissection, Event, Session};
use proxprop::lab::state::StateFile;
use proxprop::nn::stack::Piece;

fn session(name: &str) -> Session {
    Session::new(&format!("preset={name}")).unwrap()
}

/// The preset's run, trained to its end.
fn trained(name: &str) -> Frame {
    let mut session = session(name);
    session.advance(u64::MAX);
    session.frame()
}

fn diverged(member: &MemberFrame) -> bool {
    member.status == Status::Diverged
}

/// The preset's walks: method, first and last value of f.
fn walks(name: &str) -> Vec<(String, f64, f64)> {
    let hash = named(name).unwrap().hash;
    let text = hash.split('&').find_map(|pair| pair.strip_prefix("flow="));
    let flow = FlowSettings::parse(text.unwrap()).unwrap().flow().unwrap();
    let ends = |values: &[f64]| (values[0], *values.last().unwrap());
    flow.trajectories
        .iter()
        .map(|t| {
            let (first, last) = ends(&t.values);
            (t.method.clone(), first, last)
        })
        .collect()
}

fn circle() {
    let frame = trained("circle");
    let [explicit, implicit] = &frame.members[..] else {
        panic!()
    };
    assert!(diverged(explicit) && (100..120).contains(&explicit.diverged_at.unwrap()));
    assert!(implicit.loss < 0.01 && implicit.accuracy == Some(1.0));
}

fn small_steps() {
    let frame = trained("small-steps");
    assert!(frame.members[0].loss < 0.03 && frame.members[1].loss > 0.6);
}

fn too_large() {
    let frame = trained("too-large");
    let [a, b, c, d] = &frame.members[..] else {
        panic!()
    };
    assert!(b.loss < a.loss && b.loss < c.loss && diverged(d));
}

/// The first step of a preset's first run, with the quadratic of a layer.
fn dissected(name: &str, layer: usize) -> Dissection {
    let cut = Cut {
        run: 0,
        layer,
        neuron: None,
        tau_theta: None,
    };
    let events = session(name).apply(Command::Dissect(cut)).unwrap();
    let found = events.into_iter().find_map(|event| match event {
        Event::Dissected(dissection) => Some(*dissection),
        _ => None,
    });
    let found = found.unwrap();
    assert_eq!(found.step, 0);
    found
}

fn limit() {
    let (small, large) = (dissected("limit", 1), dissected("one-step", 1));
    assert_eq!(small.problem.explicit_limit, large.problem.explicit_limit);
    assert!(small.problem.explicit_limit < 0.1);
    assert!(dissected("limit", 2).problem.explicit_limit < 0.1);
    let jumps = |d: &Dissection| {
        let explicit = d.one_step.explicit.sub_steps.iter();
        let hidden = explicit.filter(|s| s.formula == Formula::ThetaExplicit);
        hidden
            .map(|s| s.energy.total - s.before)
            .collect::<Vec<_>>()
    };
    let (small, large) = (jumps(&small), jumps(&large));
    assert!(
        small.len() == 2 && small.iter().all(|&jump| jump > 0.1),
        "{small:?}"
    );
    assert!(
        large.iter().zip(&small).all(|(large, small)| large > small),
        "{large:?}"
    );
    let explicit = &trained("limit").members[0];
    assert!(!diverged(explicit) && explicit.loss < 0.03);
}

fn one_step() {
    let Dissection { one_step, .. } = dissected("one-step", 1);
    let pairs = one_step.explicit.sub_steps.iter();
    let mut hidden = 0;
    for (explicit, implicit) in pairs.zip(&one_step.implicit.sub_steps) {
        let factor = |s: &SubStep| s.energy.total / s.before;
        if explicit.formula == Formula::ThetaExplicit {
            hidden += 1;
            assert!(
                factor(explicit) > 2.0,
                "{}: {}",
                explicit.at,
                factor(explicit)
            );
            assert!(
                factor(implicit) < 1.0,
                "{}: {}",
                implicit.at,
                factor(implicit)
            );
        } else {
            // "Everything else is the same formula": and none of it is such a jump.
            assert_eq!(explicit.formula, implicit.formula);
            let first = explicit.formula == Formula::Forward;
            assert!(
                first || factor(explicit) < 2.0,
                "{}: {}",
                explicit.at,
                factor(explicit)
            );
        }
    }
    assert_eq!(hidden, 2);
}

fn valley() {
    let walks = walks("valley");
    let [(explicit, start, far), (implicit, _, near)] = &walks[..] else {
        panic!()
    };
    assert_eq!((&explicit[..], &implicit[..]), ("explicit", "implicit"));
    assert!(far > start && *near < 0.01 * start, "{walks:?}");
}

fn momentum_in_the_valley() {
    let walks = walks("momentum-in-the-valley");
    let [
        (_, start, explicit),
        (_, _, implicit),
        (name, _, heavy_ball),
    ] = &walks[..]
    else {
        panic!()
    };
    assert_eq!(name, "heavy-ball");
    assert!(explicit > start, "{walks:?}");
    assert!(*heavy_ball < 0.1 * implicit, "{walks:?}");
}

fn spiral() {
    let frame = trained("spiral");
    let [explicit, implicit] = &frame.members[..] else {
        panic!()
    };
    assert!(diverged(explicit) && implicit.accuracy.unwrap() >= 0.99);
    assert!(implicit.validation_loss.unwrap() > 10.0 * implicit.loss);
}

fn relu() {
    let frame = trained("relu");
    let [explicit, implicit] = &frame.members[..] else {
        panic!()
    };
    assert_eq!(explicit.accuracy, Some(0.5));
    assert_eq!(explicit.validation_accuracy, Some(0.5));
    let hidden = &explicit.layers[..explicit.layers.len() - 1];
    assert!(hidden.iter().all(|layer| layer.update_ratio == 0.0));
    assert!(implicit.loss < 0.01);
}

fn adam() {
    let frame = trained("adam");
    let losses: Vec<f64> = frame.members.iter().map(|m| m.loss).collect();
    assert!(losses[0] < 0.001 && losses[1] < 0.001, "{losses:?}");
    assert!(losses[2] > 0.1 && losses[3] < 0.001, "{losses:?}");
    // How often over the seeds is counted in tests/long.
}

fn nesterov() {
    let frame = trained("nesterov");
    let [explicit, implicit] = &frame.members[..] else {
        panic!()
    };
    assert!(explicit.loss > 2.0 && explicit.accuracy == Some(0.5));
    assert!(implicit.loss < 1e-4);
    // "Plain BackProp survived τ = 3": in the preset about larger steps.
    let plain = &trained("too-large").members[2];
    assert!(plain.tau == 3.0 && !diverged(plain) && plain.loss < 0.1);
}

fn conjugate_gradients() {
    let frame = trained("conjugate-gradients");
    let [exact, one, three] = &frame.members[..] else {
        panic!()
    };
    assert!((three.loss / exact.loss - 1.0).abs() < 0.25);
    assert!(one.loss > 2.0 * exact.loss && one.accuracy == Some(1.0));
}

fn prox_step() {
    let losses: Vec<f64> = trained("prox-step")
        .members
        .iter()
        .map(|m| m.loss)
        .collect();
    assert!(losses[0] > 0.1 && losses[1] < 0.01 && losses[2] < losses[1]);
}

fn minibatches() {
    let frame = trained("minibatches");
    let [large, large_prox, small, small_prox] = &frame.members[..] else {
        panic!()
    };
    assert!(large.accuracy < Some(0.6) && large.loss > 0.7);
    assert!(large_prox.loss < 0.01);
    assert!(small.loss < small_prox.loss);
}

fn regression() {
    let frame = trained("regression");
    let [small, explicit, implicit, large] = &frame.members[..] else {
        panic!()
    };
    assert!(diverged(explicit) && diverged(large));
    assert!(large.diverged_at.unwrap() < 40);
    let departure = large.departure.as_ref().unwrap();
    assert_eq!(departure.at, "theta3", "the output layer");
    assert!(implicit.status == Status::Done && implicit.loss < 0.1);
    assert!(small.loss < implicit.loss);
}

fn features() {
    let frame = trained("features");
    let [explicit, implicit] = &frame.members[..] else {
        panic!()
    };
    assert!(implicit.loss < 0.01 && implicit.accuracy == Some(1.0));
    assert!(explicit.loss > 1.0 && (0.4..0.6).contains(&explicit.accuracy.unwrap()));
    let mut plain = Session::new("preset=features&features=x,y").unwrap();
    plain.advance(u64::MAX);
    assert!(plain.frame().members[1].accuracy.unwrap() < 0.9);
}

fn sparse() {
    let mut session = session("sparse");
    session.advance(u64::MAX);
    let frame = session.frame();
    let [free, implicit, explicit] = &frame.members[..] else {
        panic!()
    };
    assert_eq!((free.weights, free.zero_weights), (72, 0));
    assert!(implicit.zero_weights >= 60 && explicit.zero_weights == 0);
    assert!((explicit.loss / implicit.loss - 1.0).abs() < 0.01);
    assert!(free.loss < implicit.loss / 10.0);
    let [Event::State(json)] = &session.apply(Command::State).unwrap()[..] else {
        panic!()
    };
    let states = StateFile::parse(json).unwrap();
    let states = states.member_states::<f32>().unwrap();
    for (state, most) in states[1..].iter().zip([0.0, 0.009]) {
        for (input, row) in state.thetas[0].row_iter().take(7).enumerate() {
            let survives = [2, 3].contains(&input);
            let largest = f64::from(row.amax());
            assert!(
                if survives {
                    largest > 0.5
                } else {
                    largest <= most * 1.001
                },
                "input {input}: {largest}"
            );
        }
    }
}

fn proximal_point() {
    let frame = trained("proximal-point");
    for pair in frame.members.chunks(2) {
        let [layerwise, whole] = pair else { panic!() };
        assert!(whole.loss < 0.01 && layerwise.loss > 1.0);
        assert!(whole.flops > 10 * layerwise.flops);
    }
}

fn map() {
    let config = Config::of(named("map").unwrap());
    let plan = MapPlan::new(&config).unwrap();
    let taus = config.map.unwrap().axes[0].values();
    let mut work = Work::new(plan.clone(), plan.grid().order());
    let mut cells: Vec<(usize, MapCell)> = Vec::new();
    while !work.is_done() {
        cells.extend(work.advance(u64::MAX));
    }
    let strip = |cell: usize| plan.grid().place(cell).strip;
    let tau = |cell: usize| taus[plan.grid().place(cell).column];
    let converged: Vec<usize> = cells
        .iter()
        .filter(|(_, cell)| cell.fate == Fate::Converged)
        .map(|(number, _)| *number)
        .collect();
    let mut explicit: Vec<f64> = converged
        .iter()
        .copied()
        .filter(|&c| strip(c))
        .map(tau)
        .collect();
    explicit.sort_by(f64::total_cmp);
    assert!(explicit[..4].iter().all(|tau| (0.3..3.0).contains(tau)));
    assert!(explicit.len() == 5 && explicit[4] < 10.0, "{explicit:?}");
    assert!(
        converged
            .iter()
            .any(|&cell| !strip(cell) && tau(cell) > 10.0)
    );
    let lowest = cells
        .iter()
        .min_by(|a, b| a.1.loss.total_cmp(&b.1.loss))
        .unwrap();
    assert!(!strip(lowest.0) && tau(lowest.0) > 10.0);
}

/// Means over four seeds of final loss and accuracy on what is held back, per run.
fn over_seeds(query: &str) -> Vec<[f64; 2]> {
    let mut sums = vec![[0.0; 2]; 2];
    for seed in 1..=4 {
        let mut session = Session::new(&format!("{query}&seed={seed}")).unwrap();
        session.advance(u64::MAX);
        for (sum, member) in sums.iter_mut().zip(session.frame().members) {
            let here = [member.loss, member.validation_accuracy.unwrap()];
            *sum = [0, 1].map(|k| sum[k] + here[k] / 4.0);
        }
    }
    sums
}

fn digits() {
    let [explicit, implicit] = over_seeds("preset=digits")[..] else {
        panic!()
    };
    assert!(implicit[0] < 0.02 && implicit[1] > 0.89, "{implicit:?}");
    assert!(explicit[0] > 2.2 && explicit[1] < 0.15, "{explicit:?}");
}

fn digits_small() {
    let means = over_seeds("preset=digits-small");
    assert!(means[0][0] < 0.4 && means[1][0] > 1.5, "{means:?}");
}

fn digits_adam() {
    let means = over_seeds("preset=digits-adam");
    assert!(means[1][0] < means[0][0] / 3.0, "{means:?}");
    assert!(means[1][1] > means[0][1] + 0.02, "{means:?}");
}

fn digits_writers() {
    let everybody = over_seeds("preset=digits-writers");
    let others = over_seeds("preset=digits-writers&split=writers");
    for (everybody, others) in everybody.iter().zip(&others) {
        assert!((0.95..0.99).contains(&everybody[1]), "{everybody:?}");
        assert!((0.89..0.93).contains(&others[1]), "{others:?}");
    }
}

/// Means over four seeds of λ_max of the first layer and final loss of the first run.
fn first_layer(query: &str) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for seed in 1..=4 {
        let mut session = Session::new(&format!("{query}&seed={seed}")).unwrap();
        session.advance(1);
        let lambda_max = session.frame().members[0].layers[0].lambda_max;
        session.advance(u64::MAX);
        let loss = session.frame().members[0].loss;
        sum = [sum[0] + lambda_max / 4.0, sum[1] + loss / 4.0];
    }
    sum
}

fn positions() {
    let places = first_layer("preset=positions");
    let dense = first_layer("preset=positions&hidden=32");
    assert!(
        places[0] > 10_000.0 && (1100.0..1300.0).contains(&dense[0]),
        "{places:?} {dense:?}"
    );
    // Chance is 2.3.
    assert!(places[1] < 0.6 && dense[1] < 0.6, "{places:?} {dense:?}");
    let implicit = over_seeds("preset=positions")[1];
    assert!(implicit[0] < 0.1, "{implicit:?}");
}

fn wine() {
    let losses = |columns: &str| {
        let mut sums = [0.0; 2];
        for seed in 1..=4 {
            let query = format!("preset=wine&columns={columns}&seed={seed}");
            let mut session = Session::new(&query).unwrap();
            session.advance(u64::MAX);
            for (sum, member) in sums.iter_mut().zip(session.frame().members) {
                *sum += member.loss / 4.0;
            }
        }
        sums
    };
    let [max, standard, none] = ["max", "standard", "none"].map(losses);
    assert!(max[0] > 10.0 && max[1] < 0.01, "{max:?}");
    assert!(
        standard[0] < 0.001 && standard[0] < standard[1],
        "{standard:?}"
    );
    assert!(none.iter().all(|&loss| loss > 1.0), "{none:?}");
}

const CLAIMS: [(&str, fn()); 25] = [
    ("circle", circle),
    ("small-steps", small_steps),
    ("too-large", too_large),
    ("one-step", one_step),
    ("limit", limit),
    ("valley", valley),
    ("momentum-in-the-valley", momentum_in_the_valley),
    ("spiral", spiral),
    ("relu", relu),
    ("adam", adam),
    ("nesterov", nesterov),
    ("conjugate-gradients", conjugate_gradients),
    ("prox-step", prox_step),
    ("minibatches", minibatches),
    ("regression", regression),
    ("features", features),
    ("sparse", sparse),
    ("proximal-point", proximal_point),
    ("map", map),
    ("digits", digits),
    ("digits-small", digits_small),
    ("digits-adam", digits_adam),
    ("digits-writers", digits_writers),
    ("positions", positions),
    ("wine", wine),
];

#[test]
fn every_answer_is_true() {
    let named: Vec<&str> = CLAIMS.iter().map(|(name, _)| *name).collect();
    let presets: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    assert_eq!(named, presets);
    for (name, claim) in CLAIMS {
        println!("{name}");
        claim();
    }
}

#[test]
fn presets_cover_every_view_and_are_whole() {
    for view in ["train", "one-step", "flow", "map"] {
        let shown = format!("view={view}");
        assert!(
            PRESETS
                .iter()
                .any(|p| p.hash.split('&').next() == Some(&shown)),
            "{view}"
        );
    }
    for (i, preset) in PRESETS.iter().enumerate() {
        assert!(PRESETS[..i].iter().all(|other| other.name != preset.name));
        assert!(preset.question.ends_with('?'), "{}", preset.name);
        assert!(preset.answer.ends_with(['.', ')']), "{}", preset.name);
        assert!(preset.question.chars().count() <= 180, "{}", preset.name);
        // Short in a link, and not the run of the bare address, which plays at once.
        assert!(
            preset
                .name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-')
        );
    }
}

#[test]
fn a_preset_is_a_run_to_start_from() {
    let circle = Config::parse("preset=circle").unwrap();
    assert_eq!(circle, Config::parse(PRESETS[0].query).unwrap());
    let other = Config::parse("v=1&preset=spiral&seed=7&run=backprop,tau:2").unwrap();
    assert_eq!((other.seed, other.runs.len()), (7, 1));
    assert_eq!(other.hidden, [Piece::Dense(16); 4]);
    assert!(!other.to_string().contains("preset"));
}

#[test]
fn what_is_no_preset_is_told_what_there_is() {
    for (query, part) in [
        (
            "preset=cirle",
            "\"cirle\" is unknown; known: circle, small-steps,",
        ),
        ("preset=", "known: circle"),
        ("preset=<script>alert(1)</script>", "is unknown"),
        ("seed=2&preset=circle", "comes first"),
        ("run=backprop&preset=circle", "comes first"),
        ("preset=circle&preset=spiral", "given twice"),
    ] {
        let error = Config::parse(query).unwrap_err().to_string();
        assert!(error.contains(part), "{query}: {error}");
    }
    let error = Config::parse(&format!("preset={}", "x".repeat(100_000))).unwrap_err();
    assert!(error.to_string().len() < 1000);
}
