//! Members on threads of their own come to what they come to alone.

use proxprop::engine::workload::ensemble;
use proxprop::engine::{Ensemble, Look};
use proxprop::nn::Arithmetic;
use proxprop::steps::Rule;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};

/// Whose time was asked for.
static WHO: Mutex<Option<HashSet<ThreadId>>> = Mutex::new(None);

/// A clock by which every step takes a second or more.
fn slow() -> f64 {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    WHO.lock()
        .unwrap()
        .get_or_insert_default()
        .insert(thread::current().id());
    SECONDS.fetch_add(1, Ordering::Relaxed) as f64
}

#[test]
fn threads_change_no_bit() {
    let look = Look {
        energy: true,
        layers: true,
    };
    let members = |threads| {
        let mut ensemble: Ensemble<f32> =
            ensemble(5, 60, 200, 200, Rule::ProxExact, Arithmetic::fastest());
        ensemble.set_clock(slow);
        ensemble.set_threads(threads);
        for _ in 0..40 {
            ensemble.step(&[], look);
        }
        ensemble
    };
    let (alone, together) = (members(1), members(3));
    for (one, other) in alone.members().iter().zip(together.members()) {
        assert_eq!(one.state, other.state);
        assert_eq!((one.loss, &one.energy), (other.loss, &other.energy));
        assert_eq!(one.layers, other.layers);
        assert_eq!(one.state.step, 40);
    }
    let who = WHO.lock().unwrap().take().unwrap();
    assert!(who.len() > 2, "{} threads made steps", who.len());
}
