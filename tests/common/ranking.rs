//! How a scorer learns, with the usual μ.

use proxprop::systems::auc::{Decay, Method, Penalty, Schedule, Settings};

pub(super) fn how(method: Method, decay: Decay, eta0: f64, penalty: Penalty) -> Settings {
    let schedule = Schedule {
        decay,
        eta0,
        mu: 0.1,
    };
    Settings {
        method,
        schedule,
        penalty,
    }
}
