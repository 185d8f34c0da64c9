//! The story of the first screen: what is compared, and what to try next. Knows the first example, and no chart.

use crate::Named;
use crate::data::DataSource;
use crate::lab::config::Config;
use crate::lab::session::Command;
use crate::web::dom;
use crate::web::wire::link::{Entry, Link, Pending};
use web_sys::Element;

/// One or two sentences on what is compared, and what to try next; all about as long, so that the page below them
/// does not jump.
pub(super) fn tell(config: &Config) {
    let values = config.classes() == Some(0) && DataSource::TOY.contains(&config.data);
    let data = if values {
        config.data
    } else {
        Config::default().data
    };
    let at = |tau: &str| example(data, tau).to_string() == config.to_string();
    let (story, next) = if values && (at("10") || at("3")) {
        (
            "Values, not classes: the squared error grows without bound, and the output layer, explicit in both methods, overshoots.",
            ("1", data, "Now try τ = 1"),
        )
    } else if values && at("1") {
        (
            "At τ = 1 the output layer, explicit in both methods, bears its steps: what differs is the hidden layers.",
            ("3", data, "Now try τ = 3"),
        )
    } else if at("10") {
        (
            "Same data, same weights, same step size τ = 10: BackProp’s explicit steps blow up, ProxProp’s implicit \
             steps close the ring.",
            ("0.3", data, "Now try τ = 0.3"),
        )
    } else if at("0.3") {
        (
            "At τ = 0.3 it is the other way round: explicit steps are faster. Implicit steps pay off where τ is large.",
            ("10", data, "Back to τ = 10"),
        )
    } else {
        (
            "All runs share data, first weights and minibatches. Move τ in their cards and see which of them bears it.",
            ("10", Config::default().data, "First example"),
        )
    };
    dom::write(&dom::by_id("story-text"), story);
    let button: Element = dom::by_id("try");
    let (tau, on, words) = next;
    dom::write(&button, words);
    dom::set(&button, "data-tau", tau);
    dom::set(&button, "data-on", on.name());
}

/// Plays what the button offers.
pub(super) fn go_on(button: &Element, link: &mut Link) {
    let tau = dom::get(button, "data-tau").unwrap_or_default();
    let on = dom::get(button, "data-on").and_then(|name| DataSource::of_name(&name));
    let query = example(on.unwrap_or(Config::default().data), &tau).to_string();
    let run = Command::Load { query };
    link.enter(run, Entry::Own, true, Pending::Person(None));
}

/// The first example on a toy set at a step size.
fn example(data: DataSource, tau: &str) -> Config {
    let mut config = Config {
        data,
        ..Config::default()
    };
    for run in 1..=config.runs.len() {
        config
            .set(&format!("run{run}.tau"), tau)
            .expect("the example's step sizes are valid");
    }
    config
}
