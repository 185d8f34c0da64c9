//! A crew: hands on cores of their own that make the steps of a session's members on the CPU, each of some members alone. They
//! compute what the session would, bit for bit. Knows no worker and no thread.

use super::config::Config;
use super::course::Course;
use super::session::{Errand, Session};
use crate::data::Dataset;
use crate::engine::evaluate::Evaluator;
use crate::engine::{Cost, Ensemble, Expense, Look, MemberState, Report, Sight, Stretch};
use crate::lab::architecture;
use crate::nn::Arithmetic;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Steps for a hand to make, from where its members stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Load {
    /// What is learned from now on.
    data: Option<Dataset>,
    /// Who trains from now on.
    placement: Option<Placement>,
    stretches: Vec<Stretch>,
}

/// Members at a step of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Placement {
    query: String,
    step: u64,
    /// By number, with what their steps have cost and the last one's loss.
    members: Vec<(usize, MemberState<f32>, Cost, f64)>,
}

/// What is asked of the hands before an answer has come: none of them waits for the slowest.
const AHEAD: usize = 2;

/// Which members each hand trains, where those stand, and what is under way.
#[derive(Debug, Default)]
pub struct Roster {
    /// Per hand, its members; without any before the first load.
    seats: Vec<Vec<usize>>,
    /// What was known when they were dealt.
    known: Known,
    /// What they learn, by number.
    task: u64,
    /// The course and step where they are once all that is under way is done.
    at: Option<(u64, u64)>,
    away: VecDeque<Away>,
}

/// An errand under way, and per hand what has come back of it.
#[derive(Debug)]
struct Away {
    errand: Errand,
    made: Vec<Option<Made>>,
}

/// Per stretch, per member of a hand where it stands.
pub type Made = Vec<Vec<Report>>;

/// How many members train, and of how many it is known how dear their steps are.
type Known = (usize, usize);

/// Whoever trains some of the members, each by itself: what one costs is not the others'.
pub struct Hand {
    arithmetic: Arithmetic,
    clock: fn() -> f64,
    data: Option<Dataset>,
    members: Vec<Alone>,
}

/// A member by itself.
struct Alone {
    config: Config,
    course: Course,
    evaluator: Evaluator<f32>,
}

/// How many steps an errand should have that is to take `wished`, where so many have taken `elapsed`: at most twice as many.
pub fn pace(steps: u64, elapsed: f64, wished: f64) -> u64 {
    let wish = (steps as f64 * wished / elapsed.max(1e-3 * wished)) as u64;
    wish.clamp(steps / 2, steps * 2).max(1)
}

impl Roster {
    /// What each of at most so many hands has to do next on the way to step `goal`, at most `most` steps; `None` when
    /// nothing is, or enough is under way.
    pub fn ask(
        &mut self,
        session: &mut Session,
        goal: u64,
        most: u64,
        hands: usize,
    ) -> Option<Vec<Load>> {
        let errand = match self.away.back() {
            None => session.errand(goal, most)?,
            Some(_) if self.away.len() == AHEAD => return None,
            Some(last) => session.errand_after(&last.errand, goal, most)?,
        };
        let known = known(session);
        let stays = self.at == Some((errand.course, errand.from)) && self.known == known;
        if !stays && !self.away.is_empty() {
            return None;
        }
        let learns = self.task == errand.task;
        if !stays {
            self.seats = seats(session, hands);
            (self.task, self.known) = (errand.task, known);
        }
        self.at = Some((errand.course, errand.from + errand.steps()));
        let load = |seats: &Vec<usize>| Load {
            data: (!learns).then(|| session.dataset().clone()),
            placement: (!stays).then(|| placement(session, seats)),
            stretches: errand.stretches.clone(),
        };
        let loads: Vec<Load> = self.seats.iter().map(load).collect();
        let made = vec![None; loads.len()];
        self.away.push_back(Away { errand, made });
        Some(loads)
    }

    /// Whether an answer is waited for that will be of use.
    pub fn awaits(&self, session: &Session) -> bool {
        let first = self.away.front();
        first.is_some_and(|away| session.awaits(&away.errand))
    }

    /// Steps under way.
    pub fn steps_away(&self) -> u64 {
        self.away.iter().map(|away| away.errand.steps()).sum()
    }

    /// Takes what a hand has made, in the order that it was asked; the first errand and its answer once all of it is there.
    ///
    /// # Panics
    /// When nobody has asked that hand.
    pub fn hear(&mut self, hand: usize, made: Made) -> Option<(Errand, Vec<Vec<Report>>)> {
        let mut asked = self.away.iter_mut().map(|away| &mut away.made[hand]);
        let open = asked.find(|made| made.is_none());
        *open.expect("an answer has a question") = Some(made);
        let done = self.away.front()?.made.iter().all(Option::is_some);
        let Away { errand, made } = self.away.pop_front_if(|_| done)?;
        let members = self.seats.iter().map(Vec::len).sum();
        let mut answer = vec![vec![None; members]; errand.stretches.len()];
        for (seats, made) in self.seats.iter().zip(made.into_iter().flatten()) {
            for (all, own) in answer.iter_mut().zip(made) {
                for (&i, report) in seats.iter().zip(own) {
                    all[i] = Some(report);
                }
            }
        }
        let answer = answer.into_iter();
        let answer = answer.map(|reports| reports.into_iter().flatten().collect());
        Some((errand, answer.collect()))
    }
}

/// Members where a session has them.
fn placement(session: &Session, seats: &[usize]) -> Placement {
    let place = |&i: &usize| {
        let member = &session.ensemble().members()[i];
        (i, member.state.clone(), member.cost, member.loss)
    };
    Placement {
        query: session.config().to_string(),
        step: session.step(),
        members: seats.iter().map(place).collect(),
    }
}

fn known(session: &Session) -> Known {
    let members = session.ensemble().members().iter();
    let training = members.filter(|member| member.state.divergence.is_none());
    training.fold((0, 0), |(all, timed), member| {
        (
            all + 1,
            timed + usize::from(member.cost.seconds_per_step() > 0.0),
        )
    })
}

/// Which members each of at most so many hands trains: the dearest first, each by the hand that has least to do.
fn seats(session: &Session, hands: usize) -> Vec<Vec<usize>> {
    let members = session.ensemble().members();
    let cost = |i: usize| match members[i].state.divergence {
        // What is not known yet is not nothing.
        None => members[i].cost.seconds_per_step().max(f64::MIN_POSITIVE),
        Some(_) => 0.0,
    };
    let mut standing: Vec<usize> = (0..members.len()).collect();
    let mut seats = vec![(0.0_f64, Vec::new()); hands.min(members.len())];
    let dearest = |among: &[usize]| {
        (0..among.len()).max_by(|&a, &b| cost(among[a]).total_cmp(&cost(among[b])))
    };
    while let Some(next) = dearest(&standing) {
        let i = standing.swap_remove(next);
        let least = seats.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0));
        let (busy, seats) = least.expect("a crew has hands");
        *busy += cost(i);
        seats.push(i);
    }
    seats.into_iter().map(|(_, seats)| seats).collect()
}

impl Hand {
    /// Without members; times steps by this clock (seconds).
    pub fn new(arithmetic: Arithmetic, clock: fn() -> f64) -> Hand {
        Hand {
            arithmetic,
            clock,
            data: None,
            members: Vec::new(),
        }
    }

    /// Makes steps; per stretch, per member where it stands.
    ///
    /// # Panics
    /// When the first load brings no data or no members.
    pub fn carry_out(&mut self, load: Load) -> Made {
        if let Some(data) = load.data {
            self.data = Some(data);
        }
        if let Some(placement) = load.placement {
            self.place(placement);
        }
        let mut all = vec![Vec::with_capacity(self.members.len()); load.stretches.len()];
        for member in &mut self.members {
            for (&stretch, reports) in load.stretches.iter().zip(&mut all) {
                reports.push(member.train(stretch));
            }
        }
        all
    }

    fn place(&mut self, placement: Placement) {
        let data = self.data.as_ref().expect("the first load brings data");
        let config = Config::parse(&placement.query).expect("a session's run is valid");
        let runs = config.runs_at(placement.step);
        let alone = |(i, state, cost, loss): (usize, _, _, _)| {
            let architecture = architecture::of_run(&config, data);
            let evaluator = Evaluator::new(&architecture).with_arithmetic(self.arithmetic);
            let mut ensemble =
                Ensemble::new(architecture, data, config.batch).with_arithmetic(self.arithmetic);
            ensemble.set_clock(self.clock);
            let placed = vec![(runs[i].settings(), state)];
            let mut course = Course::new(ensemble, placement.step, placed);
            course.ensemble.recall(0, cost, loss);
            Alone {
                config: config.only(i),
                course,
                evaluator,
            }
        };
        self.members = placement.members.into_iter().map(alone).collect();
    }
}

impl Alone {
    /// The steps of a stretch, until it stops training.
    fn train(&mut self, stretch: Stretch) -> Report {
        let Alone {
            config,
            course,
            evaluator,
        } = self;
        let member = &course.ensemble.members()[0];
        let looks = stretch.recorded && member.state.divergence.is_none();
        let evaluated = looks.then(|| {
            let thetas = &course.ensemble.members()[0].state.thetas;
            let mut evaluate = |points| evaluator.evaluate(thetas, points);
            let training = evaluate(course.ensemble.training());
            (training, evaluate(course.ensemble.validation()))
        });
        let look = if looks { Look::ALL } else { Look::default() };
        let mut range: Option<[f64; 2]> = None;
        for _ in 0..stretch.steps {
            let member = &course.ensemble.members()[0];
            if member.state.divergence.is_some() {
                break;
            }
            let step = member.state.step;
            course.advance(config, look);
            let member = &course.ensemble.members()[0];
            if member.state.step > step {
                let [least, most] = range.unwrap_or(member.range);
                range = Some([least.min(member.loss), most.max(member.loss)]);
            }
        }
        let member = &course.ensemble.members()[0];
        Report {
            state: member.state.clone(),
            loss: member.loss,
            range,
            expense: Expense::Own(member.cost),
            sight: evaluated.map(|(training, validation)| Sight {
                training,
                validation,
                energy: member.energy.clone(),
                layers: member.layers.clone(),
            }),
        }
    }
}
