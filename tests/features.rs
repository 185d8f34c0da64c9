//! `features=`: what the first layer is given of a point, in training, in fields, in files and tables.

use nalgebra::DMatrix;
use proxprop::data::bytes::Encoding;
use proxprop::data::{DataSource, Dataset, Points, generate};
use proxprop::engine::cpu::architecture_for;
use proxprop::engine::evaluate::Evaluator;
use proxprop::engine::{Ensemble, Look};
use proxprop::lab::config::{Config, RunConfig};
use proxprop::lab::session::{Command, Session};
use proxprop::nn::features::{Features, Inputs};
use proxprop::nn::mlp::{Init, initialise};
use proxprop::nn::{Activation, Loss};

fn set(names: &str) -> Features {
    let mut names = names.split(',');
    names.try_fold(Features::NONE, Features::with).unwrap()
}

fn sine(v: f64) -> f64 {
    libm::sin(std::f64::consts::PI * v)
}

/// The weights of a small network on these points after some steps, by these inputs.
fn learned(data: &Dataset, inputs: Inputs) -> Vec<DMatrix<f32>> {
    let architecture = architecture_for(data, &[4], Activation::Tanh, Loss::CrossEntropy);
    let architecture = architecture.with_inputs(inputs);
    let mut count = 0.0_f64;
    let next = |_| {
        count += 1.0;
        libm::sin(count)
    };
    let thetas = initialise(&architecture, Init::Xavier, 1.0, next);
    let mut ensemble = Ensemble::<f32>::new(architecture, data, 40);
    let start = thetas.iter().map(|t| t.map(|x| x as f32)).collect();
    ensemble.add(RunConfig::default().settings(), start);
    for _ in 0..20 {
        ensemble.step(&[], Look::default());
    }
    ensemble.members()[0].state.thetas.clone()
}

#[test]
fn learning_by_features_is_learning_on_points_that_have_them_for_coordinates() {
    let data = generate(DataSource::Circle, 40, 0.1, 0.5, 3).unwrap();
    let by_hand = |points: &Points| {
        let column = |f: fn(f64, f64) -> f64| {
            let rows = points.inputs.row_iter();
            rows.map(|p| f(p[0], p[1])).collect::<Vec<_>>()
        };
        let columns = [
            column(|x, _| x * x),
            column(|_, y| y * y),
            column(|x, y| x * y),
            column(|x, _| sine(x)),
        ];
        Points {
            inputs: DMatrix::from_vec(points.inputs.nrows(), 4, columns.concat()),
            targets: points.targets.clone(),
        }
    };
    let wide = Dataset {
        training: by_hand(&data.training),
        validation: by_hand(&data.validation),
    };
    let features = Inputs::new(2, set("xx,yy,xy,sinx")).unwrap();
    assert_eq!(learned(&data, features), learned(&wide, Inputs::plain(4)));
}

#[test]
fn a_field_is_the_answer_to_the_features_of_the_planes_points() {
    let data = generate(DataSource::Plane, 10, 0.0, 0.0, 1).unwrap();
    let all = set("x,y,xx,yy,xy,sinx,siny");
    let architecture = architecture_for(&data, &[], Activation::Tanh, Loss::HalfSquared)
        .with_inputs(Inputs::new(2, all).unwrap());
    let weights = [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, 0.5];
    let theta = DMatrix::from_column_slice(8, 1, &weights);
    let mut evaluator = Evaluator::<f64>::new(&architecture);
    let field = evaluator.field(&[theta], (-1.0, 2.0), (-3.0, 1.0), 30, 20);
    for (i, &value) in field.values.iter().enumerate() {
        let x = -1.0 + 3.0 * ((i % 30) as f64 + 0.5) / 30.0;
        let y = -3.0 + 4.0 * ((i / 30) as f64 + 0.5) / 20.0;
        let want = x - 2.0 * y + 3.0 * x * x - 4.0 * y * y + 5.0 * x * y - 6.0 * sine(x)
            + 7.0 * sine(y)
            + 0.5;
        let apart = (f64::from(value) - want).abs();
        assert!(apart < 1e-5, "({x}, {y}): {value}, not {want}");
    }
}

fn session(query: &str) -> Session {
    Session::new(query).unwrap()
}

/// Bits of J and of the answers on the plane.
fn numbers(s: &mut Session) -> Vec<u64> {
    let losses: Vec<f64> = s.frame().members.iter().map(|m| m.loss).collect();
    let (fields, _) = s.fields(12);
    let answers = fields.iter().flat_map(|f| &f.values);
    let answers = answers.map(|&v| f64::from(v));
    losses
        .into_iter()
        .chain(answers)
        .map(f64::to_bits)
        .collect()
}

#[test]
fn looking_back_and_files_are_exact_with_features() {
    for query in [
        "data=circle&n=30&batch=8&epochs=20&features=xx,yy&hidden=3&run=backprop,tau:1&run=prox-exact",
        "data=sine1d&n=30&epochs=60&features=x,xx,sinx&hidden=4&run=backprop,tau:0.1&run=prox-cg3,opt:adam,tau:0.01",
        "data=points&points=0:0.5,0.1;-0.5,0/1:0,2;1,-2&epochs=40&features=x,xy,siny&hidden=3&run=prox-exact,tau:1",
    ] {
        let mut s = session(query);
        s.advance(17);
        let (then, file) = (numbers(&mut s), s.apply(Command::State).unwrap());
        s.advance(15);
        s.apply(Command::Seek { step: 17 }).unwrap();
        assert_eq!(numbers(&mut s), then, "{query}");
        let [proxprop::lab::session::Event::State(json)] = &file[..] else {
            panic!("{file:?}")
        };
        let mut again = session("");
        let json = json.clone();
        again
            .apply(Command::LoadState {
                name: String::new(),
                json,
            })
            .unwrap();
        assert_eq!(numbers(&mut again), then, "{query}");
    }
}

#[test]
fn a_circle_needs_one_neuron_that_is_given_the_squares() {
    let accuracy = |features: &str| {
        let query =
            format!("data=circle&noise=0&{features}hidden=1&epochs=200&run=prox-exact,tau:3");
        let mut s = session(&query);
        s.advance(u64::MAX);
        s.frame().members[0].accuracy.unwrap()
    };
    assert_eq!(accuracy("features=xx,yy&"), 1.0);
    assert!(accuracy("") < 0.9);
}

#[test]
fn points_of_a_table_are_looked_at_by_features_and_refused_where_they_have_none() {
    let table = |columns: usize| {
        let row = |i: usize| {
            let numbers: Vec<String> = (0..columns)
                .map(|k| format!("{}", (i * (k + 3) % 7) as f64 / 7.0))
                .collect();
            format!("{},{}", numbers.join(","), ["in", "out"][i % 2])
        };
        (0..20).map(row).collect::<Vec<_>>().join("\n")
    };
    let load = |query: &str, columns: usize| {
        let mut s = session(query);
        let loaded = s.apply(Command::LoadCsv {
            name: "table.csv".into(),
            text: table(columns),
            encoding: Encoding::Utf8,
            columns: String::new(),
        });
        loaded.map(|_| s).map_err(|e| e.to_string())
    };
    let query = "features=xx,yy,xy&epochs=5&hidden=3&run=prox-exact,tau:1";
    let mut s = load(query, 2).unwrap();
    assert!(s.config().to_string().contains("features=xx,yy,xy"));
    s.advance(3);
    let [problem] = &[numbers(&mut s)];
    assert!(problem.iter().all(|&bits| f64::from_bits(bits).is_finite()));
    // What the points do not have is refused later too, and nothing has changed.
    let mut line = session("data=sine1d&features=x,xx");
    let set = |key: &str, value: &str| Command::Set {
        key: key.into(),
        value: value.into(),
    };
    let refused = line.apply(set("features", "yy")).unwrap_err().to_string();
    assert!(
        refused.starts_with("features: \"yy\" needs points (x, y)"),
        "{refused}"
    );
    assert_eq!(
        line.config(),
        &Config::parse("data=sine1d&features=x,xx").unwrap()
    );
    line.apply(set("data", "circle")).unwrap();
    assert!(line.config().to_string().contains("features=x,xx"));
}
