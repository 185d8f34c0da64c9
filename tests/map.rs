//! The step-size map: every cell is a run of its own, whoever trains it in whatever pieces.

use proptest::prelude::*;
use proxprop::frame::Status;
use proxprop::frame::map::Fate::{self, Converged, Diverged, NotYet};
use proxprop::frame::map::{Grid, MapCell, Place};
use proxprop::lab::config::map::{Axis, Part};
use proxprop::lab::config::{Config, MapConfig};
use proxprop::lab::map::{CONVERGED, Dealer, MapPlan, Work, csv};
use proxprop::lab::session::Session;

const SMALL: &str = "n=40&hidden=5,4&epochs=150&run=backprop&run=prox-exact&map=2,tau:0.1..100*4,tau_theta:0.1..10*3";

fn plan(query: &str) -> MapPlan {
    MapPlan::new(&Config::parse(query).unwrap()).unwrap()
}

/// The cells by number, trained in pieces of so many steps.
fn train(
    plan: &MapPlan,
    cells: impl IntoIterator<Item = usize>,
    steps: u64,
) -> Vec<(usize, MapCell)> {
    let mut work = Work::new(plan.clone(), cells);
    let mut done = Vec::new();
    while !work.is_done() {
        done.extend(work.advance(steps));
    }
    done.sort_by_key(|(cell, _)| *cell);
    done
}

fn all(plan: &MapPlan) -> Vec<Option<MapCell>> {
    let cells = train(plan, plan.grid().order(), u64::MAX);
    cells.into_iter().map(|(_, cell)| Some(cell)).collect()
}

fn bits(cells: &[(usize, MapCell)]) -> Vec<(usize, Fate, u64, Option<u64>)> {
    let cells = cells.iter();
    cells
        .map(|(i, c)| (*i, c.fate, c.loss.to_bits(), c.diverged_at))
        .collect()
}

#[test]
fn a_cell_is_the_run_of_its_query() {
    for query in [
        SMALL,
        "data=moons&n=30&batch=8&hidden=4&epochs=40&valid=0&run=prox-cg2,opt:nesterov,tau:0.1&map=1,cg:1..5*3,momentum:0.1..0.9*3",
        "data=sine1d&n=30&hidden=6&act=relu&epochs=60&run=backprop,opt:nesterov&run=backprop&map=2,tau:0.001..1e6*5,noise:0..0.4*2",
        "n=20&epochs=50&run=prox-exact&change=20,1,tau_theta:0.2&change=9,1,opt:momentum&map=1,width:2..6*3,seed:3..5*3",
        "n=20&epochs=50&run=backprop,opt:momentum&map=1,scale:0.01..100*4",
        "n=20&epochs=50&features=xx,sinx&run=prox-exact&map=1,scale:0.1..10*2",
    ] {
        let plan = plan(query);
        let mut diverged = 0;
        for (number, cell) in train(&plan, 0..plan.grid().cells(), u64::MAX) {
            let mut session = Session::new(&plan.config(number).to_string()).unwrap();
            session.advance(u64::MAX);
            let run = &session.frame().members[plan.run(number)];
            assert_eq!(
                cell.loss.to_bits(),
                run.loss.to_bits(),
                "{query}: cell {number}"
            );
            // One that ends too high is said to be too short to tell, and counts as diverged at its end.
            let lost = run.explanation.is_some();
            let at = run.diverged_at.or(lost.then(|| session.step()));
            assert_eq!((cell.fate == Fate::Diverged, cell.diverged_at), (lost, at));
            diverged += cell.diverged;
        }
        let tame = query.contains("map=1,cg") || query.contains("features");
        assert_eq!(diverged == 0, tame, "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cells_may_be_trained_anywhere_in_any_pieces(seed in 0..1000_u32, steps in 1..400_u64, shards in 1..5_usize) {
        let plan = plan(&format!(
            "seed={seed}&n=16&hidden=3&epochs=40&run=backprop&run=prox-exact&map=2,tau:0.1..1000*4,tau_theta:0.1..10*2,seeds:2"
        ));
        let order = plan.grid().order();
        let mut parts: Vec<_> = (0..shards)
            .flat_map(|i| train(&plan, order.iter().skip(i).step_by(shards).copied(), steps))
            .collect();
        parts.sort_by_key(|(cell, _)| *cell);
        prop_assert_eq!(bits(&parts), bits(&train(&plan, order, u64::MAX)));
    }
}

#[test]
fn seeds_are_averaged_and_one_that_diverges_decides() {
    let query = |seeds: u32, seed: u32| {
        format!("n=20&epochs=150&seed={seed}&run=backprop&map=1,tau:0.1..30*6,seeds:{seeds}")
    };
    let mean = all(&plan(&query(3, 7)));
    let single: Vec<_> = (7..10).map(|seed| all(&plan(&query(1, seed)))).collect();
    for (i, cell) in mean.iter().flatten().enumerate() {
        let seeds: Vec<MapCell> = single.iter().filter_map(|cells| cells[i].clone()).collect();
        assert_eq!(cell.loss, seeds.iter().map(|s| s.loss).sum::<f64>() / 3.0);
        let having = |fate| seeds.iter().filter(|s| s.fate == fate).count();
        assert_eq!(cell.diverged as usize, having(Fate::Diverged));
        let fate = if having(Fate::Diverged) > 0 {
            Fate::Diverged
        } else if having(Fate::Converged) == 3 {
            Fate::Converged
        } else {
            Fate::NotYet
        };
        assert_eq!(cell.fate, fate);
        assert_eq!(
            cell.diverged_at,
            seeds.iter().filter_map(|s| s.diverged_at).min()
        );
    }
    let fates: Vec<Fate> = mean.iter().flatten().map(|c| c.fate).collect();
    assert!(
        mean.iter().flatten().all(|c| c.losses.len() == 3),
        "every seed's own loss"
    );
    assert!(
        Fate::ALL.iter().all(|fate| fates.contains(fate)),
        "{fates:?}"
    );
}

#[test]
fn the_map_tells_the_story() {
    let plan = plan("map=2,tau:0.1..100*7,tau_theta:0.1..10*3");
    let cells = all(&plan);
    let at = |strip, column, row| {
        cells[plan.grid().cell(Place { strip, column, row })]
            .clone()
            .unwrap()
    };
    // Columns are τ = 0.1, 0.316, 1, 3.16, 10, 31.6, 100; row 1 is τ_θ = 1.
    let fates = |strip, row| (0..7).map(move |column| at(strip, column, row).fate);
    let explicit: Vec<Fate> = fates(true, 0).collect();
    let implicit: Vec<Fate> = fates(false, 1).collect();
    // At 3.16 explicit steps are at their edge: where they end there is chance, in double precision too.
    assert_eq!(explicit[1..3], [Converged, Converged]);
    assert_eq!(explicit[4..], [Diverged, Diverged, Diverged]);
    assert_eq!(
        implicit[..5],
        [NotYet, NotYet, NotYet, Converged, Converged]
    );
    assert_ne!(implicit[6], Converged);
    let best = |strip, row| {
        (0..7)
            .map(move |c| at(strip, c, row))
            .filter(|c| c.fate == Converged)
            .map(|c| c.loss)
            .fold(f64::INFINITY, f64::min)
    };
    assert!(
        best(false, 0) < 0.1 * best(true, 0),
        "the implicit step ends lower"
    );
    let below = plan.frame().converged_below.unwrap();
    assert_eq!(below, CONVERGED * 2_f64.ln());
    for cell in cells.iter().flatten() {
        assert_eq!(
            cell.fate == Converged,
            cell.fate != Diverged && cell.loss < below
        );
    }
}

#[test]
fn the_strip_stands_where_backprop_is_the_same_in_every_row() {
    for (query, strip) in [
        (SMALL, true),
        ("run=prox-cg3&run=backprop,opt:adam&map=1,tau:1..2*2", true),
        ("run=backprop&run=prox-cg3&map=2,tau:1..2*2,cg:1..2*2", true),
        (
            "run=backprop&run=prox-cg3&map=2,cg:1..2*2,tau:1..2*2",
            false,
        ),
        (
            "run=backprop&run=prox-exact&map=2,tau:1..2*2,width:1..2*2",
            false,
        ),
        ("run=prox-exact&run=prox-exact&map=2,tau:1..2*2", false),
        ("run=backprop&run=backprop&map=2,tau:1..2*2", false),
    ] {
        assert_eq!(plan(query).grid().strip, strip, "{query}");
    }
    let plan = plan("run=prox-cg3&run=backprop,opt:adam&map=1,tau:1..2*2");
    assert_eq!(
        plan.grid(),
        Grid {
            columns: 2,
            rows: 1,
            strip: true
        }
    );
    assert_eq!([0, 1, 2, 3].map(|cell| plan.run(cell)), [1, 1, 0, 0]);
    let taus = |cell| {
        plan.config(cell)
            .runs
            .iter()
            .map(|r| r.tau)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        [0, 1, 2, 3].map(taus),
        [[1.0; 2], [2.0; 2], [1.0; 2], [2.0; 2]]
    );
}

#[test]
fn a_map_of_nothing_is_refused() {
    for (query, message) in [
        (
            "",
            "map: missing; a map is a run and its axes, as in map=2,",
        ),
        (
            "data=state&map=1,tau:1..2*2",
            "data=state: a map has no points of a state file",
        ),
        (
            "data=cifar10&map=1,tau:1..2*2",
            "data=cifar10: a map has no images of files; allowed: the other sets of data",
        ),
        (
            "map=1,tau_theta:1..2*2",
            "map.tau_theta: run 1 (backprop, opt:sgd) has none; allowed: a run with prox-exact or prox-cgK",
        ),
        (
            "map=2,cg:1..2*2",
            "map.cg: run 2 (prox-exact, opt:sgd) has none; allowed: a run with prox-cgK",
        ),
        (
            "run=backprop,opt:adam&map=1,momentum:0..0.5*2",
            "map.momentum: run 1 (backprop, opt:adam) has none; allowed: a run with opt:momentum or opt:nesterov",
        ),
    ] {
        let error = MapPlan::new(&Config::parse(query).unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn a_table_is_read_back_and_knows_its_map() {
    let this = plan(SMALL);
    let mut cells = all(&this);
    cells[3] = None;
    cells[5].as_mut().unwrap().loss = f64::NAN;
    let text = csv::write(&this, &cells);
    assert!(
        text.starts_with(
            "cell,run,rule,tau,tau_theta,fate,loss,seeds_diverged,diverged_at,query\n"
        )
    );
    let read = csv::read(&this, &text).unwrap();
    let known: Vec<(usize, MapCell)> = (0..)
        .zip(&cells)
        .filter_map(|(i, c)| Some((i, c.clone()?)))
        .collect();
    assert_eq!(bits(&read), bits(&known));
    assert_eq!(csv::plan_of(&text).unwrap(), this);
    // Any row knows the map, one of the strip as well.
    let lines: Vec<&str> = text.lines().collect();
    for row in &lines[1..] {
        assert_eq!(
            csv::plan_of(&format!("{}\n{row}\n", lines[0])).unwrap(),
            this
        );
    }
    // Settings that the axes vary do not matter; all others do.
    assert!(
        csv::read(
            &plan(&SMALL.replace("run=backprop", "run=backprop,tau:3")),
            &text
        )
        .is_ok()
    );
    for other in [
        SMALL.replace("n=40", "n=41"),
        SMALL.replace("*3", "*4"),
        SMALL.replace("0.1..10*3", "0.1..11*3"),
        format!("{SMALL},seeds:2"),
    ] {
        let error = csv::read(&plan(&other), &text).unwrap_err().to_string();
        assert_eq!(error, "line 2 is of another map", "{other}");
    }
    for (from, to, message) in [
        (
            "cell,run",
            "cel,run",
            "line 1 is not the header of this map's table",
        ),
        ("\n0,", "\n99,", "line 2 has no number of a cell"),
        ("\n0,1,", "\n1,1,", "line 2 is of another map"),
        (",diverged,", ",fine,", "has no known fate"),
        (",not yet,", ",not yet,x", "has a loss that is no number"),
        (
            ",diverged,",
            ",not yet,",
            "contradicts itself about divergence",
        ),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        let error = csv::read(&this, &broken).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let cut = &text[..text.len() - 20];
    assert!(
        csv::read(&this, cut)
            .unwrap_err()
            .to_string()
            .contains("is of another map")
    );
}

#[test]
fn cells_are_dealt_coarse_first_and_once_even_if_a_worker_stops() {
    let plan = plan("map=2,tau:0.1..100*13,tau_theta:0.1..10*9");
    let mut frame = plan.frame();
    let cell = MapCell {
        fate: NotYet,
        loss: 1.0,
        diverged: 0,
        diverged_at: None,
        losses: Vec::new(),
    };
    let order = plan.grid().order();
    frame.cells[order[3]] = Some(cell);
    let mut dealer = Dealer::new(&frame, 3);
    let first = dealer.deal(0);
    assert_eq!(first[..4], [order[0], order[1], order[2], order[4]]);
    assert!(dealer.deal(0).is_empty(), "it has enough to do");
    // The first worker stops with all it has: the next one gets the same cells.
    dealer.lose(0);
    assert_eq!(dealer.deal(1)[..4], first[..4]);
    dealer.lose(1);
    let mut trained = Vec::new();
    let mut most = 0;
    for turn in 0.. {
        if dealer.is_done() {
            break;
        }
        assert!(turn < 10_000, "the end is never reached");
        let cells = dealer.deal(turn % 3);
        most = most.max(cells.len());
        for cell in cells {
            dealer.settle(turn % 3, cell);
            trained.push(cell);
        }
    }
    assert!((2..=16).contains(&most));
    trained.push(order[3]);
    trained.sort_unstable();
    assert!(trained.into_iter().eq(0..plan.grid().cells()));
}

#[test]
fn maps_of_the_same_cells_are_known_as_such() {
    let of = |query: &str| plan(&format!("{query}&map=2,tau:0.1..100*4,tau_theta:0.1..10*3"));
    let this = of("run=backprop&run=prox-exact&run=prox-cg3");
    for (query, same) in [
        (
            "run=backprop,tau:3&run=prox-exact,tau_theta:7&run=prox-cg3",
            true,
        ),
        ("run=backprop&run=prox-exact&run=prox-cg9,opt:adam", true),
        ("run=backprop&run=prox-exact,opt:adam&run=prox-cg3", false),
        ("run=backprop,decay:0.1&run=prox-exact&run=prox-cg3", false),
        ("epochs=10&run=backprop&run=prox-exact&run=prox-cg3", false),
        ("seed=2&run=backprop&run=prox-exact&run=prox-cg3", false),
    ] {
        assert_eq!(this.trains_as(&of(query)), same, "{query}");
    }
    assert!(!this.trains_as(&plan("map=2,tau:0.1..100*5,tau_theta:0.1..10*3")));
}

/// The text of the map of a query, whole or a part of it.
fn zoomed(map: &str, parts: &[Part]) -> Result<String, String> {
    let query = format!("run=backprop,opt:momentum&run=prox-cg3&map={map}");
    let map = Config::parse(&query).unwrap().map.unwrap();
    let text = map.zoomed(parts).map_err(|e| e.to_string())?.to_string();
    // What is zoomed into is a map like any other.
    assert!(Config::parse(&format!("run=backprop&run=prox-cg3&map={text}")).is_ok());
    Ok(text.trim_end_matches(",seeds:1").to_owned())
}

#[test]
fn a_part_of_a_map_lies_where_it_was() {
    let all = (0.0, 1.0);
    let map = "2,tau:0.1..100*31,tau_theta:0.01..10*31";
    assert_eq!(zoomed(map, &[all, all]).unwrap(), map);
    assert_eq!(zoomed(map, &[]).unwrap(), map);
    // The middle half of four decades, from edge to edge: cells are half as wide.
    let half = zoomed("1,tau:0.1..1000*41", &[(0.25, 0.75)]).unwrap();
    assert_eq!(half, "1,tau:1..100*41");
    // Drawn from right to left is the same part.
    assert_eq!(zoomed("1,tau:0.1..1000*41", &[(0.75, 0.25)]).unwrap(), half);
    // Twice as wide, about the same middle.
    assert_eq!(
        zoomed("1,tau:0.1..1000*41", &[(-0.5, 1.5)]).unwrap(),
        "1,tau:0.001..100000*41"
    );
    // Not beyond what is allowed.
    assert_eq!(
        zoomed(
            "2,tau:1e-5..1e5*4,noise:0..1*3",
            &[(-1.0, 2.0), (-1.0, 9.0)]
        )
        .unwrap(),
        "2,tau:1e-6..1000000*4,noise:0..2*3"
    );
    assert_eq!(
        zoomed("1,momentum:0..0.8*9", &[(0.5, 1.0)]).unwrap(),
        "1,momentum:0.425..0.825*9"
    );
    // Whole numbers stay whole, and rise.
    assert_eq!(
        zoomed("1,width:1..32*32", &[(0.0, 0.25)]).unwrap(),
        "1,width:1..8*8"
    );
    assert_eq!(
        zoomed("1,width:1..8*8", &[(-1.0, 2.0)]).unwrap(),
        "1,width:1..16*16"
    );
    assert_eq!(
        zoomed("1,width:1..8*8", &[(0.51, 0.52)]).unwrap(),
        "1,width:5..6*2"
    );
    assert_eq!(
        zoomed("1,seed:0..9*5", &[(0.9, 1.0)]).unwrap(),
        "1,seed:9..10*2"
    );
}

#[test]
fn a_zoom_ends_where_single_precision_does() {
    for (map, key) in [
        ("1,tau:1..100*32", "tau"),
        ("1,momentum:0..0.9*32", "momentum"),
    ] {
        let mut map = map.to_owned();
        let error = (0..60).find_map(|_| match zoomed(&map, &[(0.4, 0.6)]) {
            Ok(deeper) => {
                assert_ne!(deeper, map);
                map = deeper;
                None
            }
            Err(error) => Some(error),
        });
        assert_eq!(
            error.unwrap(),
            format!(
                "map.{key}: 32 cells there lie closer than single precision can tell apart; allowed: a larger part"
            )
        );
        let values = plan(&format!("run=backprop,opt:momentum&map={map}"))
            .frame()
            .axes[0]
            .values
            .clone();
        assert!(values.windows(2).all(|w| (w[0] as f32) < w[1] as f32));
    }
}

#[test]
fn whoever_asks_for_no_map_in_particular_gets_the_usual_one() {
    for (query, map) in [
        ("", "2,tau:0.1..1000*32,tau_theta:0.01..100*32,seeds:1"),
        ("run=prox-point&run=backprop", "1,tau:0.1..1000*32,seeds:1"),
        (
            "run=backprop&run=backprop&run=prox-cg2",
            "3,tau:0.1..1000*32,tau_theta:0.01..100*32,seeds:1",
        ),
    ] {
        let mut config = Config::parse(query).unwrap();
        let usual = MapConfig::usual(&config);
        assert_eq!(usual.to_string(), map);
        config.map = Some(usual);
        assert!(MapPlan::new(&config).is_ok());
    }
    let every = Config::parse("run=prox-cg3,opt:momentum").unwrap();
    for key in Axis::KEYS {
        assert!(Axis::acts_on(key, &every.runs[0]));
        let axis = Axis::usual(key).unwrap();
        let (from, to, count) = axis.range();
        let query = format!("run=prox-cg3,opt:momentum&map=1,{key}:{from}..{to}*{count}");
        assert_eq!(plan(&query).grid().columns, axis.values().len());
    }
    assert!(Axis::usual("tao").is_none());
}

#[test]
fn a_short_run_that_ends_far_above_its_start_counts_as_diverged_and_says_so() {
    let query = "data=circle&n=60&epochs=30&run=backprop&map=1,tau:0.1..1000*9,seeds:2";
    let plan = plan(query);
    let cells = all(&plan);
    let last = cells[8].as_ref().unwrap();
    assert_eq!(
        (last.fate, last.diverged, last.diverged_at),
        (Fate::Diverged, 2, Some(30))
    );
    assert_eq!(cells[0].as_ref().unwrap().diverged, 0);
    assert_eq!(plan.reach(&cells, false).unwrap(), "converges nowhere here");
    let mut session = Session::new(&plan.config(8).to_string()).unwrap();
    session.advance(u64::MAX);
    let run = &session.frame().members[0];
    assert!(run.status == Status::Done && run.diverged_at.is_none());
    let told = run.explanation.as_ref().unwrap();
    assert!(
        told.starts_with("Run 1 ended above ") && told.contains("too short to tell"),
        "{told}"
    );
    // Seeds have their own losses in the table; older tables are read without.
    let text = csv::write(&plan, &cells);
    assert!(
        text.starts_with(
            "cell,run,rule,tau,fate,loss,seeds_diverged,diverged_at,seed_losses,query\n"
        )
    );
    let read: Vec<MapCell> = csv::read(&plan, &text)
        .unwrap()
        .into_iter()
        .map(|(_, cell)| cell)
        .collect();
    assert_eq!(read, cells.iter().flatten().cloned().collect::<Vec<_>>());
    let older: Vec<String> = text
        .replace(",seed_losses", "")
        .lines()
        .map(|line| match line.split_once(",\"") {
            Some((front, query)) => format!("{},\"{query}\n", front.rsplit_once(',').unwrap().0),
            None => format!("{line}\n"),
        })
        .collect();
    let older = csv::read(&plan, &older.concat()).unwrap();
    assert!(older.len() == 9 && older.iter().all(|(_, cell)| cell.losses.is_empty()));
}

#[test]
fn a_map_of_one_axis_says_up_to_which_value_the_run_converges() {
    let plan = plan("run=backprop&map=1,tau:1..16*5");
    let reach = |fates: &str| {
        let cell = |fate| MapCell {
            fate: match fate {
                'c' => Fate::Converged,
                'n' => NotYet,
                _ => Fate::Diverged,
            },
            loss: 1.0,
            diverged: 0,
            diverged_at: None,
            losses: Vec::new(),
        };
        let cells: Vec<_> = fates.chars().map(|c| (c != '?').then(|| cell(c))).collect();
        plan.reach(&cells, false)
    };
    assert_eq!(reach("ccc?d"), None);
    for (fates, words) in [
        ("ccndd", "converges up to τ = 2"),
        ("ncndd", "converges at τ = 2 only"),
        ("nccdd", "converges from τ = 2 up to 4"),
        (
            "cdcnd",
            "converges up to τ = 4 (except at 1 of the values between)",
        ),
        (
            "nnccc",
            "converges from τ = 4 up to 16, where the axis ends",
        ),
        ("nnddd", "converges nowhere here"),
    ] {
        assert_eq!(reach(fates).unwrap(), words, "{fates}");
    }
}
