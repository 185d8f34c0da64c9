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
        let (mut steps, mut begin) = (FIRST, seconds());
        loop {
            while let Some(loads) = roster.ask(session, u64::MAX, steps, threads) {
                for ((give, _), load) in crew.iter().zip(loads) {
                    give.send(load).expect("a hand waits");
                }
            }
            if !roster.awaits(session) {
                return;
            }
            let each = crew.iter().enumerate();
            let done = each.filter_map(|(hand, (_, made))| {
                roster.hear(hand, made.recv().expect("a hand answers"))
            });
            for (errand, answer) in done {
                session.adopt(&errand, answer);
                steps = pace(errand.steps(), seconds() - begin, ERRAND);
                begin = seconds();
            }
            show(session.step());
        }
    });
}
