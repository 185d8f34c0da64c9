//! A run as text: round trips over random runs, and an error that names key, value and range for each mistake.

use proptest::prelude::*;
use proptest::sample::select;
use proxprop::Named;
use proxprop::data::DataSource;
use proxprop::data::digits::Split;
use proxprop::data::drawn::{Dot, Drawn};
use proxprop::data::wine::Scaling;
use proxprop::lab::config::{
    Config, Control, EACH, EngineChoice, MAX_CHANGES, MapConfig, RunConfig, SHARED, Setting, Stop,
    Task,
};
use proxprop::lab::repair::Arrived;
use proxprop::nn::Activation;
use proxprop::nn::features::{FEATURES, Feature, Features, Of};
use proxprop::nn::mlp::Init;
use proxprop::nn::stack::Piece;
use proxprop::steps::{Optimizer, Rule, Shrinkage};

fn one_of<T: Named + std::fmt::Debug>() -> impl Strategy<Value = T> {
    select(T::ALL)
}

fn a_rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        Just(Rule::Backprop),
        Just(Rule::ProxExact),
        (1..=1000_u32).prop_map(Rule::ProxCg),
        (1..=1000_u32).prop_map(Rule::ProxCgColumns),
        Just(Rule::ProxPoint),
    ]
}

/// One that fits on images of 8 × 8 pixels, with pooling or without.
fn a_convolution() -> impl Strategy<Value = Vec<Piece>> {
    let window = (1..=5_usize, 1..=256_usize, 0..3_usize, 1..=2_usize);
    let window = window.prop_map(|(size, channels, padding, stride)| Piece::Convolution {
        size,
        channels,
        padding: padding.min(size - 1),
        stride,
    });
    let pooling = (1..=2_usize, 1..=3_usize);
    let pooling = pooling.prop_map(|(size, stride)| Piece::Pooling { size, stride });
    (window, prop::option::of(pooling)).prop_map(|(convolution, pooling)| {
        [Some(convolution), pooling].into_iter().flatten().collect()
    })
}

fn a_run() -> impl Strategy<Value = RunConfig> {
    let size = || (-6.0..6.0_f64).prop_map(|e| 10_f64.powf(e));
    (
        a_rule(),
        one_of::<Optimizer>(),
        size(),
        size(),
        0.0..0.999,
        0.0..=1.0,
        prop_oneof![Just(0.0), Just(1e-6), 1e-300..1.0],
        prop_oneof![Just(0.0), 1e-300..1.0],
        prop_oneof![Just(0.0), 1e-300..1.0],
        one_of::<Shrinkage>(),
        0..=8_u64,
    )
        .prop_map(
            |(rule, opt, tau, tau_theta, momentum, cg_tol, cg_eps, decay, l1, l1_step, reach)| {
                RunConfig {
                    rule,
                    opt,
                    tau,
                    tau_theta,
                    momentum,
                    cg_tol,
                    cg_eps,
                    decay,
                    l1,
                    l1_step,
                    reach,
                    // What these go with is asked in `tests/flat.rs`.
                    flat: 0.0,
                    adv: 0.0,
                }
            },
        )
}

/// A run (to be cut to those there are), and the text of the map from there on.
fn a_map() -> impl Strategy<Value = (usize, String)> {
    let axis = |key, ends: std::ops::Range<f64>, most: usize| {
        let middle = f64::midpoint(ends.start, ends.end);
        (ends.start..middle, middle * 1.001..ends.end, 2..=most)
            .prop_map(move |(from, to, count)| format!(",{key}:{from}..{to}*{count}"))
    };
    let first = prop_oneof![
        axis("tau", 1e-6..1e6, 1024),
        axis("tau_theta", 1e-6..1e6, 1024),
        axis("momentum", 0.0..0.999, 1024),
        axis("noise", 0.0..2.0, 1024),
    ];
    let second = prop_oneof![
        Just(String::new()),
        axis("scale", 1e-3..100.0, 1024),
        (1..500_u32, 500..=1000_u32).prop_map(|(from, to)| format!(",cg:{from}..{to}*2")),
        (1..500_u32, 500..=1000_u32).prop_map(|(from, to)| format!(",width:{from}..{to}*2")),
    ];
    (0..6_usize, first, second, 1..=100_u32)
        .prop_map(|(run, first, second, seeds)| (run, format!("{first}{second},seeds:{seeds}")))
}

prop_compose! {
    fn a_config()(
        data in one_of::<DataSource>(),
        dots in prop::collection::vec((0..6_u8, -2000..2000_i32, -2000..2000_i32), 2..9),
        points in (2..=100_000_usize, 0.0..=2.0, 0.0..=2.0, any::<u32>()),
        features in 1..128_u8,
        network in (prop::collection::vec((1..=1024_usize).prop_map(Piece::Dense), 1..=8), prop::option::of(a_convolution()), one_of::<Activation>(), one_of::<Init>(), 1e-3..=100.0),
        training in (1..=100_000_usize, 1..=1_000_000_u64, one_of::<EngineChoice>()),
        says in any::<bool>(),
        split in one_of::<Split>(),
        columns in one_of::<Scaling>(),
        stop in (prop::option::of(1e-12..=1e12), prop::option::of(1..=1_000_000_000_u64), any::<bool>()),
        runs in prop::collection::vec(a_run(), 1..=6),
        changes in prop::collection::vec((1..1000_u64, 0..6_usize, a_run(), 0..9_usize), 0..20),
        map in prop::option::of(a_map()),
    ) -> Config {
        let drawn = if data == DataSource::Points {
            Drawn { curve: false, dots: dots.into_iter().map(|(class, x, y)| Dot { class, at: [x, y] }).collect() }
        } else {
            Drawn::default()
        };
        let task = match data.classes() {
            Some(0) if says => Task::Regress,
            Some(_) if says => Task::Classify,
            _ => Task::Auto,
        };
        let (loss, plateau, divergence) = stop;
        let stop = Stop { loss, plateau, divergence };
        let (n, noise, valid, seed) = points;
        let n = data.most().map_or(n, |most| n.min(most));
        let (mut hidden, convolution, act, init, scale) = network;
        if let (Some(convolution), Some(_)) = (convolution, data.images()) {
            hidden.splice(0..2.min(hidden.len()), convolution);
        }
        let (batch, epochs, engine) = training;
        let on_a_line = |f: &Feature| f.of == Of::X || data.inputs() != Some(1);
        let chosen = FEATURES.iter().enumerate().filter(|(i, f)| features >> i & 1 == 1 && on_a_line(f));
        let chosen = chosen.fold(Features::NONE, |set, (_, f)| set.with(f.name).unwrap());
        let features = if chosen == Features::NONE || data.most().is_some() { Features::default() } else { chosen };
        let mut config = Config {
            data, points: drawn, task, n, noise, valid, split, columns, seed, features, hidden, act, init, scale, batch, epochs, stop, engine, runs, changes: Vec::new(),
            map: None,
        };
        // What is drawn too large for memory or for prox-point becomes a small network.
        let whole = config.runs.iter().chain(changes.iter().map(|c| &c.2)).any(|run| run.rule == Rule::ProxPoint);
        if whole || config.validate().is_err() {
            config.hidden = vec![Piece::Dense(1 + config.hidden.len()); 2];
            if whole && data == DataSource::Cifar10 {
                config.data = DataSource::Digits;
            }
            config.n = config.n.min(500);
        }
        // What is stepped as a whole does not shrink, and has no reach.
        let mut changes = changes;
        if whole {
            let all = config.runs.iter_mut().chain(changes.iter_mut().map(|c| &mut c.2));
            all.for_each(|run| (run.l1, run.reach) = (0.0, 0));
        }
        if let Some((run, text)) = map {
            config.set("map", &format!("{}{text}", run % config.runs.len() + 1)).unwrap();
        }
        for (step, run, values, which) in changes {
            let (run, row) = (run % config.runs.len(), &EACH[which]);
            let value = (row.get)(&values).to_string();
            let before = config.clone();
            // A rule or an optimizer may need more memory than there is.
            if let Err(e) = config.change(step, run, row.parameter.key, &value) {
                assert!(e.to_string().contains("MB of memory"), "{e}");
                assert_eq!(config, before);
            }
        }
        config
    }
}

proptest! {
    #[test]
    fn parsing_undoes_printing(config in a_config()) {
        let text = config.to_string();
        prop_assert_eq!(Config::parse(&text), Ok(config.clone()));
        let arrived = Arrived::read(&format!("?{text}"));
        prop_assert_eq!((&arrived.query, arrived.repairs()), (&text, None));
        prop_assert_eq!(Config::parse(&format!("?{}", text.replace(',', "%2C").replace(':', "%3a"))), Ok(config));
    }

    #[test]
    fn the_short_form_is_the_same_run(config in a_config()) {
        let short = config.short();
        prop_assert!(short.len() <= config.to_string().len());
        prop_assert_eq!(Config::parse(&short), Ok(config));
    }

    #[test]
    fn no_text_makes_it_panic(
        text in ".{0,60}",
        key in select(vec!["v", "n", "tau", "hidden", "features", "run", "change", "map", "data", "points", "run2.tau", "run.", "run99999999999999999999.tau"]),
    ) {
        let _ = Config::parse(&text);
        let _ = Config::parse(&format!("{key}={text}"));
        let mut config = Config::default();
        let _ = config.set(key, &text);
        let _ = config.change(7, 0, &text, key);
        let _ = config.change(u64::MAX, usize::MAX, key, &text);
        prop_assert_eq!(config.validate(), Ok(()));
    }

    #[test]
    fn a_refused_value_changes_nothing(value in "[a-z0-9.-]{0,6}", row in 0..SHARED.len() + EACH.len()) {
        let setting = Setting::all().nth(row).unwrap();
        let key = match setting {
            Setting::Each(row) => format!("run2.{}", row.parameter.key),
            Setting::Shared(row) => row.parameter.key.to_owned(),
        };
        let mut config = Config::default();
        if config.set(&key, &value).is_err() {
            prop_assert_eq!(config, Config::default());
        }
    }
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_code() {
    let config = Config::default();
    for setting in Setting::all() {
        let parameter = setting.parameter();
        let value = setting.value(&config, 0);
        assert_eq!(value.to_string(), parameter.default, "{}", parameter.key);
        assert_eq!(parameter.parse(parameter.default), Ok(value));
        assert!(parameter.help.ends_with('.') && !parameter.label.is_empty());
        if let Control::LogSlider {
            min,
            max,
            hard_min,
            hard_max,
        } = parameter.control
        {
            assert!(hard_min <= min && min < max && max <= hard_max);
        }
    }
    assert_eq!(Config::parse(""), Ok(config.clone()));
    assert_eq!(Config::parse("?"), Ok(config));
}

#[test]
fn features_are_printed_in_their_order_and_only_where_they_are_not_the_coordinates() {
    let printed = |text: &str| Config::parse(text).unwrap().to_string();
    assert!(printed("features=sinx,yy,x").contains("&seed=1&features=x,yy,sinx&hidden=8,8&"));
    assert_eq!(printed("features=y,x"), printed(""));
    assert!(!printed("").contains("features"));
}

#[test]
fn the_canonical_example_is_the_first_screen() {
    let query = "v=1&data=circle&n=200&noise=0.1&seed=1&hidden=8,8&act=tanh&batch=200&epochs=300\
                 &run=backprop,opt:sgd,tau:10&run=prox-exact,opt:sgd,tau:10,tau_theta:1";
    assert_eq!(Config::parse(query), Ok(Config::default()));
    assert_eq!(
        Config::default().to_string(),
        "v=1&data=circle&task=auto&n=200&noise=0.1&valid=0.5&seed=1&hidden=8,8&act=tanh&init=xavier&scale=1&batch=200\
         &epochs=300&stop=epochs&run=backprop,opt:sgd,tau:10,tau_theta:1,momentum:0.95,cg_tol:0.01,decay:0\
         &run=prox-exact,opt:sgd,tau:10,tau_theta:1,momentum:0.95,cg_tol:0.01,decay:0"
    );
}

#[test]
fn every_mistake_is_named() {
    for (query, message) in [
        (
            "taux=3",
            "\"taux\": unknown key; known: v, preset, data, points, task, n, noise, valid, split, columns, seed, features, hidden, act, init, scale, batch, epochs, stop, engine, map, run, change",
        ),
        ("n=5&n=6", "\"n\": given twice"),
        ("n", "\"n\": expected key=value"),
        ("n=5&&noise=0", "\"\": expected key=value"),
        ("n=", "n: \"\" is not a whole number; allowed: 2 to 100000"),
        ("n=1", "n: \"1\" is out of range; allowed: 2 to 100000"),
        (
            "n=99999999999999999999999",
            "n: \"99999999999999999999999\" is out of range; allowed: 2 to 100000",
        ),
        (
            "n=2.5",
            "n: \"2.5\" is not a whole number; allowed: 2 to 100000",
        ),
        ("n=+5", "n: \"+5\" is not a whole number"),
        ("n=1e9", "n: \"1e9\" is out of range; allowed: 2 to 100000"),
        ("n=1e", "n: \"1e\" is not a whole number"),
        (
            "n=1e400",
            "n: \"1e400\" is out of range; allowed: 2 to 100000",
        ),
        ("n=nan", "n: \"nan\" is not a whole number"),
        (
            "noise=NaN",
            "noise: \"NaN\" is not a number; allowed: 0 to 2",
        ),
        (
            "noise=inf",
            "noise: \"inf\" is out of range; allowed: 0 to 2",
        ),
        ("noise=-1e-9", "noise: \"-1e-9\" is out of range"),
        ("noise=zero", "noise: \"zero\" is not a number"),
        (
            "scale=1000",
            "scale: \"1000\" is out of range; allowed: 0.001 to 100",
        ),
        (
            "data=cricle",
            "data: \"cricle\" is not a choice; allowed: circle, xor,",
        ),
        (
            "act=%74anh%",
            "\"%74anh%\": % must be followed by two hexadecimal digits",
        ),
        ("act=%ff", "\"%ff\": the percent-encoding is not UTF-8"),
        ("v=2", "v: \"2\" is not a known version; allowed: 1"),
        (
            "hidden=8,,8",
            "hidden: \"8,,8\" is not a list of layers; allowed: 1 to 8 widths from 1 to 1024",
        ),
        ("hidden=8,0", "hidden: \"8,0\" is out of range"),
        (
            "hidden=1,1,1,1,1,1,1,1,1",
            "hidden: \"1,1,1,1,1,1,1,1,1\" has too many layers",
        ),
        (
            "stop=",
            "stop: \"\" is not a stop rule; allowed: epochs, or any of loss:J",
        ),
        (
            "stop=loss:NaN",
            "stop: \"loss:NaN\" has a loss out of range",
        ),
        ("stop=loss:0", "stop: \"loss:0\" has a loss out of range"),
        (
            "stop=loss:x",
            "stop: \"loss:x\" has a loss that is no number",
        ),
        (
            "stop=plateau:0",
            "stop: \"plateau:0\" has a plateau out of range",
        ),
        (
            "stop=plateau:1.5",
            "stop: \"plateau:1.5\" has a plateau that is no number of steps",
        ),
        (
            "stop=epochs,divergence",
            "stop: \"epochs,divergence\" is not a stop rule",
        ),
        (
            "stop=loss:1,loss:2",
            "stop: \"loss:1,loss:2\" gives a stop rule twice",
        ),
        (
            "tau=3",
            "tau: belongs to a run, as in run=backprop,tau:… or run1.tau",
        ),
        (
            "run=",
            "run1.rule: \"\" is not a rule; allowed: backprop, prox-exact, prox-cgK with K from 1 to 1000",
        ),
        (
            "features=",
            "features: \"\" is not a feature; allowed: one or more of x,y,xx,yy,xy,sinx,siny, as in x,y,xx,yy",
        ),
        ("features=x,z", "features: \"z\" is not a feature"),
        ("features=x,xx,x", "features: \"x\" is named twice"),
        (
            "data=sine1d&features=y,xy",
            "features: \"y,xy\" needs points (x, y), and these lie on a line; allowed there: x, xx, sinx",
        ),
        (
            "run=backprop,l1:0.1&run=prox-point,l1:0.01",
            "run2.l1: 0.01 does not go with prox-point, which moves all parameters by one implicit step of the loss; allowed: 0, \
             or layer-wise rules",
        ),
        (
            "hidden=4&run=backprop&change=5,1,l1:0.1&change=9,1,rule:prox-point",
            "run1.l1: 0.1 does not go with prox-point",
        ),
        (
            "run=backprop,l1_step:soft",
            "run1.l1_step: \"soft\" is not a choice; allowed: implicit, explicit",
        ),
        (
            "run=backprop,l1:1.5",
            "run1.l1: \"1.5\" is out of range; allowed: 0 to 1",
        ),
        ("run=prox-cg0", "run1.rule: \"prox-cg0\" is out of range"),
        (
            "run=backprop&run=backprop,tau:1e9",
            "run2.tau: \"1e9\" is out of range; allowed: 1e-6 to 1e6",
        ),
        ("run=backprop,tau", "run1: \"tau\": expected key:value"),
        ("run=backprop,tau:1,tau:2", "run1: \"tau\": given twice"),
        (
            "run=backprop,rule:prox-exact",
            "run1: \"rule\": given twice",
        ),
        ("run=backprop,n:3", "run1.n: belongs to all runs, as in n=…"),
        (
            "run=backprop,x:3",
            "run1: \"x\": unknown key; known: rule, opt, tau, tau_theta, momentum, cg_tol, cg_eps, decay, l1, l1_step, reach, flat, adv",
        ),
        (
            &["run=backprop"; 7].join("&"),
            "run: too many runs; allowed: 1 to 6",
        ),
        (
            "change=5",
            "change: \"5\" is not STEP,RUN,key:value, as in 50,1,tau:3",
        ),
        (
            "change=5,1,tau=3",
            "change: \"5,1,tau=3\" is not STEP,RUN,key:value",
        ),
        (
            "change=0,1,tau:3",
            "change: step 0 is out of range; allowed: 1 to 100000000000",
        ),
        (
            "change=5,3,tau:3",
            "change.run: 3 is out of range; allowed: 1 to 2",
        ),
        ("change=5,0,tau:3", "change.run: 0 is out of range"),
        (
            "change=5,1,tau:0",
            "change.tau: \"0\" is out of range; allowed: 1e-6 to 1e6",
        ),
        ("change=5,1,n:3", "change.n: belongs to all runs"),
        (
            "change=5,1,tau:3&change=5,1,tau:4",
            "change: tau of run 1 is given twice at step 5",
        ),
        (
            "map=tau:1..2*3",
            "map: \"tau:1..2*3\" does not begin with the number of a run; allowed: empty, or RUN,axis:from..to*count",
        ),
        ("map=0,tau:1..2*3", "map: \"0,tau:1..2*3\" does not begin"),
        (
            "map=3,tau:1..2*3",
            "map.run: 3 is out of range; allowed: 1 to 2",
        ),
        ("map=1", "map: \"1\" has no axis; allowed: "),
        ("map=1,seeds:3", "map: \"1,seeds:3\" has no axis"),
        ("map=1,tau", "map: \"tau\": expected key:value"),
        (
            "map=1,decay:0..1*3",
            "map: \"decay\": not an axis; allowed: tau, tau_theta, momentum, l1, reach, flat, adv, cg, scale, noise, seed, width, and seeds",
        ),
        (
            "map=1,tau:1-2*3",
            "map.tau: \"1-2*3\" is not from..to*count, as in tau:0.1..100*32",
        ),
        ("map=1,tau:1..2", "map.tau: \"1..2\" is not from..to*count"),
        (
            "map=1,tau:0..2*3",
            "map.tau: \"0\" is out of range; allowed: 1e-6 to 1e6",
        ),
        ("map=1,tau:1..NaN*3", "map.tau: \"NaN\" is not a number"),
        (
            "map=2,cg:1..1001*3",
            "map.cg: \"1001\" is out of range; allowed: 1 to 1000",
        ),
        (
            "map=1,width:1..2.5*2",
            "map.width: \"2.5\" is not a whole number; allowed: 1 to 1024",
        ),
        (
            "map=1,tau:1..2*1",
            "map.tau: \"1\" is not a number of values; allowed: 2 to 1024",
        ),
        (
            "map=1,tau:2..1*8",
            "map.tau: \"2..1*8\" are not 8 values that rise; allowed: a wider range or fewer values",
        ),
        (
            "map=1,seed:1..8*9",
            "map.seed: \"1..8*9\" are not 9 values that rise",
        ),
        (
            "map=1,tau:1..1.0000000000000004*32",
            "map.tau: \"1..1.0000000000000004*32\" are not 32 values",
        ),
        ("map=1,tau:1..2*3,tau:1..2*3", "map: \"tau\": given twice"),
        (
            "map=1,tau:1..2*3,noise:0..1*3,seed:1..2*2",
            "map: \"seed\": a third axis; allowed: one or two",
        ),
        (
            "map=1,tau:1..2*3,seeds:0",
            "map.seeds: \"0\" is not a number of seeds; allowed: 1 to 100",
        ),
        (
            "map=1,seed:1..2*2,seeds:3",
            "map.seeds: \"3\" does not fit an axis of seeds; allowed: 1",
        ),
        ("map=1,tau:1..2*2&map=", "\"map\": given twice"),
        (
            "task=regress",
            "task: \"regress\" does not fit data=circle, which has classes; allowed: auto, classify",
        ),
        (
            "data=plane&task=classify",
            "task: \"classify\" does not fit data=plane, which has no classes; allowed: auto, regress",
        ),
    ] {
        let error = Config::parse(query).expect_err(query).to_string();
        assert!(
            error.starts_with(message),
            "{query}: {error}\nshould begin with: {message}"
        );
        assert!(!error.contains('\n'));
    }
    let many: Vec<String> = (1..=MAX_CHANGES + 1)
        .map(|i| format!("change={i},1,tau:3"))
        .collect();
    assert!(Config::parse(&many[1..].join("&")).is_ok());
    let error = Config::parse(&many.join("&")).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("change: too many changes; allowed: at most {MAX_CHANGES}, until they are cleared")
    );
    let long = Config::parse(&format!("data={}", "x\n".repeat(5000)))
        .unwrap_err()
        .to_string();
    assert!(long.len() < 300 && !long.contains('\n'), "{long}");
}

#[test]
fn settings_and_changes_act_where_they_should() {
    let mut config = Config::default();
    config.set("n", "50").unwrap();
    config.set("run2.rule", "prox-cg3").unwrap();
    config.change(0, 1, "tau", "5").unwrap();
    config.change(20, 0, "tau", "1").unwrap();
    config.change(10, 0, "tau", "3").unwrap();
    config.change(10, 0, "tau", "2").unwrap();
    config.change(10, 1, "rule", "prox-exact").unwrap();
    assert_eq!(config.n, 50);
    assert_eq!(config.changes.len(), 3);
    let at = |step: u64| {
        config
            .runs_at(step)
            .iter()
            .map(|r| (r.rule, r.tau))
            .collect::<Vec<_>>()
    };
    assert_eq!(at(0), [(Rule::Backprop, 10.0), (Rule::ProxCg(3), 5.0)]);
    assert_eq!(at(9), at(0));
    assert_eq!(at(10), [(Rule::Backprop, 2.0), (Rule::ProxExact, 5.0)]);
    assert_eq!(at(20), [(Rule::Backprop, 1.0), (Rule::ProxExact, 5.0)]);
    assert!(
        config
            .to_string()
            .ends_with("&change=10,1,tau:2&change=10,2,rule:prox-exact&change=20,1,tau:1")
    );
    assert!(
        config
            .set("run3.tau", "1")
            .unwrap_err()
            .to_string()
            .contains("run: 3 is out of range; allowed: 1 to 2")
    );
    assert!(config.set("task", "regress").is_err());
}

#[test]
fn prox_point_is_for_small_networks() {
    let query = "data=moons&hidden=16,16&run=prox-point,tau:10";
    let mut config = Config::parse(query).unwrap();
    assert_eq!(config.runs[0].rule, Rule::ProxPoint);
    // It has one step size only.
    assert_eq!(config.runs[0].settings().implicit.tau_theta, 10.0);
    assert_eq!(Config::parse(&config.to_string()).unwrap(), config);
    let reason = "run1.rule: prox-point: 4482 parameters are too many to be stepped at once; allowed: at most 2000";
    assert_eq!(
        config.set("hidden", "64,64").unwrap_err().to_string(),
        reason
    );
    let work = "run1.rule: prox-point: 354 parameters × 5000 points per minibatch are too many to be stepped at once; \
                allowed: at most 1000000";
    config.set("n", "5000").unwrap();
    assert_eq!(config.set("batch", "5000").unwrap_err().to_string(), work);
    let mut large = Config::parse("data=moons&hidden=64,64&run=backprop&run=backprop").unwrap();
    let refused = large.change(5, 1, "rule", "prox-point").unwrap_err();
    assert_eq!(refused.to_string(), reason.replace("run1", "run2"));
    assert!(large.changes.is_empty());
    let link = "hidden=64,64&run=backprop&change=5,1,rule:prox-point";
    assert_eq!(Config::parse(link).unwrap_err().to_string(), reason);
}

#[test]
fn a_map_is_a_run_and_its_axes() {
    let config =
        Config::parse("map=2,tau:0.1..100*4,cg:1..7*3,seeds:5&run=backprop&run=prox-cg3,tau:3")
            .unwrap();
    assert!(
        config
            .to_string()
            .ends_with("&map=2,tau:0.1..100*4,cg:1..7*3,seeds:5")
    );
    let MapConfig { run, axes, seeds } = config.map.clone().unwrap();
    assert_eq!(
        (run, seeds, axes[0].log(), axes[1].log()),
        (1, 5, true, false)
    );
    assert_eq!(axes[0].values(), [0.1, 1.0, 10.0, 100.0]);
    assert_eq!(axes[1].values(), [1.0, 4.0, 7.0]);
    assert_eq!(axes[0].value_in(&config, &config.runs[1]), 3.0);
    assert_eq!(axes[1].value_in(&config, &config.runs[1]), 3.0);
    let mut cell = config.clone();
    axes[0].apply(0.5, &mut cell, run);
    axes[1].apply(4.0, &mut cell, run);
    assert_eq!(
        (cell.runs[1].tau, cell.runs[1].rule),
        (0.5, Rule::ProxCg(4))
    );
    assert_eq!(cell.runs[0], config.runs[0]);
    assert!(Config::parse("map=").unwrap().map.is_none());
}

#[test]
fn values_between_the_ends_are_short_and_evenly_spaced() {
    let values = |text: &str| {
        Config::parse(&format!("map=1,{text}"))
            .unwrap()
            .map
            .unwrap()
            .axes[0]
            .values()
    };
    assert_eq!(values("noise:0..0.5*4"), [0.0, 0.167, 0.333, 0.5]);
    assert_eq!(values("width:2..9*4"), [2.0, 4.0, 7.0, 9.0]);
    assert_eq!(values("scale:1..2*3"), [1.0, 1.414, 2.0]);
    let tau = values("tau:0.1..100*32");
    for pair in tau.windows(2) {
        let step = (pair[1] / pair[0]).ln() / (1000_f64.ln() / 31.0);
        assert!((step - 1.0).abs() < 5e-3, "{pair:?}");
    }
    // A thousand times deeper, the values still differ.
    assert_eq!(values("tau:1..1.0001*3")[1], 1.00005);
}

#[test]
fn ranges_of_whole_numbers_are_whole_numbers() {
    for setting in Setting::all() {
        let parameter = setting.parameter();
        let allowed = parameter.allowed();
        if parameter.control.is_whole() {
            let (low, high) = allowed.split_once(" to ").unwrap();
            let whole = |text: &str| text.parse::<u64>().is_ok();
            assert!(whole(low) && whole(high), "{}: {allowed}", parameter.key);
        }
    }
}

#[test]
fn a_batch_of_all_points_takes_in_the_drawn_ones() {
    let points: Vec<String> = (0..207).map(|i| format!("0.{i:03},0.5")).collect();
    let points = format!("0:{}", points.join(";"));
    let batch = |query: &str| {
        let mut config = Config::parse(query).unwrap();
        config.set("points", &points).unwrap();
        config.batch
    };
    assert_eq!(batch("n=200&batch=200"), 207);
    assert_eq!(batch("n=200&batch=500"), 500);
    // Minibatches stay what they are.
    assert_eq!(batch("n=200&batch=50"), 50);
}
