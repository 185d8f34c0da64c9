//! Work that is left off wherever it can be comes to what it comes to at once, and a look that is broken off changes nothing.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proxprop::frame::Frame;
use proxprop::lab::session::{Command, Cut, Event, Session};

/// Does work that is left off at every piece's end; how many pieces it had, and what has come of it unless that are too many.
fn in_pieces<T>(work: impl Future<Output = T>, most: usize) -> (usize, Option<T>) {
    let mut work = pin!(work);
    for pieces in 0..most {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return (pieces, Some(done));
        }
    }
    (most, None)
}

/// As text, for what is no number is not equal to itself; without the clock's word.
fn timeless(mut frame: Frame) -> String {
    for member in &mut frame.members {
        (member.seconds_per_step, member.seconds_error) = (0.0, 0.0);
    }
    format!("{frame:?}")
}

fn records(session: &Session) -> Vec<String> {
    let runs = 0..session.config().runs.len();
    runs.map(|run| format!("{:?}", session.records(run)))
        .collect()
}

#[test]
fn work_in_pieces_comes_to_the_same() {
    // Run 3 diverges on the way, which is looked into.
    // Steps so large that members take turns at every one.
    let query = "data=circle&n=600&hidden=24,16&batch=200&epochs=30&run=backprop,tau:1&run=prox-exact,tau:2&run=backprop,tau:400";
    let (mut whole, mut cut) = (Session::new(query).unwrap(), Session::new(query).unwrap());
    let always = || true;
    for step in [1, 2, 40, 90, 7, 8, 60] {
        whole.apply(Command::Seek { step }).unwrap();
        cut.begin(Command::Seek { step }).unwrap();
        let steps = step.abs_diff(cut.step()) as usize;
        let (pieces, done) = in_pieces(cut.pursue_in_pieces(step, u64::MAX, &always), usize::MAX);
        assert!(done.is_some() && pieces >= 3 * steps, "{pieces}");
        assert_eq!(records(&whole), records(&cut));

        // Looks that are broken off after a while, and one that is not.
        for most in [1, 4] {
            in_pieces(cut.look_back(&always), most);
            in_pieces(cut.fields_in_pieces(50, &always), most);
            in_pieces(cut.glance_in_pieces(&always), most);
        }
        let (_, looked) = in_pieces(cut.look_back(&always), usize::MAX);
        let (pieces, fields) = in_pieces(cut.fields_in_pieces(50, &always), usize::MAX);
        // A part is some 250 of 2500 cells.
        assert!(looked.is_some() && pieces >= 3 * 9, "{pieces}");
        assert_eq!(whole.fields(50), fields.unwrap());
        let (_, glance) = in_pieces(cut.glance_in_pieces(&always), usize::MAX);
        let (whole, cut) = (whole.progress(), glance.unwrap());
        assert_eq!(timeless(whole.frame), timeless(cut.frame));
        assert_eq!(format!("{:?}", whole.records), format!("{:?}", cut.records));
    }

    let question = Cut {
        run: 1,
        layer: 2,
        neuron: None,
        tau_theta: None,
    };
    let events = whole.apply(Command::Dissect(question)).unwrap();
    let (pieces, dissected) = in_pieces(cut.dissect(question, &always), usize::MAX);
    assert!(pieces > 2);
    assert_eq!(
        events,
        [Event::Dissected(Box::new(dissected.unwrap().unwrap()))]
    );
}
