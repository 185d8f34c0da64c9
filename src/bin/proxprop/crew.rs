//! Runs that train on threads of their own. Knows threads, no mathematics.

use std::sync::mpsc::channel;
use std::thread;

use proxprop::lab::crew::{Hand, Roster, pace};
use proxprop::lab::session::Session;

use crate::clock::seconds;

/// Seconds that threads are left alone for.
const ERRAND: f64 = 0.1;
/// Steps of the first errand.
const FIRST: u64 = 16;

/// Trains to the end, on so many threads; `show` hears how far.
pub(crate) fn train(session: &mut Session, threads: usize, show: &mut impl FnMut(u64)) {
    let arithmetic = session.arithmetic();
    thread::scope(|scope| {
        let hire = || {
            let (give, loads) = channel();
            let (answer, made) = channel();
            scope.spawn(move || {
                let mut hand = Hand::new(arithmetic, seconds);
                for load in loads {
                    if answer.send(hand.carry_out(load)).is_err() {
                        return;
                    }
                }
            });
            (give, made)
        };
        let crew: Vec<_> = (0..threads).map(|_| hire()).collect();
        let mut roster = Roster::default();
        let mut steps = FIRST;
        while let Some(errand) = session.errand(u64::MAX, steps) {
            let begin = seconds();
            let loads = roster.loads(session, &errand, threads);
            let busy = &crew[..loads.len()];
            for ((give, _), load) in busy.iter().zip(loads) {
                give.send(load).expect("a hand waits");
            }
            let made = busy.iter().map(|(_, made)| made.recv());
            let made: Result<_, _> = made.collect();
            session.adopt(
                &errand,
                roster.answer(&errand, made.expect("a hand answers")),
            );
            steps = pace(errand.steps(), seconds() - begin, ERRAND);
            show(session.step());
        }
    });
}
