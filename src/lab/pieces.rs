//! Long work in pieces: where it may be left off, and is taken up again, so that whoever does it can listen in between. Knows no
//! clock and no work.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Says whether it is time to leave off.
pub type Due<'a> = &'a dyn Fn() -> bool;

/// It never is.
pub const NEVER: Due<'static> = &|| false;

/// The end of a piece: leaves off here if it is time to.
pub async fn piece(due: Due<'_>) {
    let mut leaves = due();
    poll_fn(|_| {
        if std::mem::take(&mut leaves) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Does work that is never left off.
///
/// # Panics
/// When it is.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("work that is done at once is not left off"),
    }
}
