//! The story of the first screen: what is compared, and what to try next. Knows the first example, and no chart.

use crate::lab::config::Config;
use crate::lab::session::Command;
use crate::web::dom;
use crate::web::wire::link::{Entry, Link, Pending};
use web_sys::Element;

/// One or two sentences on what is compared, and what to try next; all about as long, so that the page below them
/// does not jump.
pub(super) fn tell(config: &Config) {
    let at = |tau: &str| example(tau).to_string() == config.to_string();
    let (story, next) = if at("10") {
        (
            "Same data, same weights, same step size τ = 10: BackProp’s explicit steps blow up, ProxProp’s implicit \
             steps close the ring.",
            ("0.3", "Now try τ = 0.3"),
        )
    } else if at("0.3") {
        (
            "At τ = 0.3 it is the other way round: explicit steps are faster. Implicit steps pay off where τ is large.",
            ("10", "Back to τ = 10"),
        )
    } else {
        (
            "All runs share data, first weights and minibatches. Move τ in their cards and see which of them bears it.",
            ("10", "First example"),
        )
    };
    dom::write(&dom::by_id("story-text"), story);
    let button: Element = dom::by_id("try");
    dom::write(&button, next.1);
    dom::set(&button, "data-tau", next.0);
}

/// Plays what the button offers.
pub(super) fn go_on(button: &Element, link: &mut Link) {
    let tau = dom::get(button, "data-tau").unwrap_or_default();
    let query = example(&tau).to_string();
    let run = Command::Load { query };
    link.enter(run, Entry::Own, true, Pending::Person(None));
}

/// The first example at a step size.
fn example(tau: &str) -> Config {
    let mut config = Config::default();
    for run in 1..=config.runs.len() {
        config
            .set(&format!("run{run}.tau"), tau)
            .expect("the example's step sizes are valid");
    }
    config
}
