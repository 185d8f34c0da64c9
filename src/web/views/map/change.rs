//! Asking for another map, or for the same map of another run: checked here, in the words of the parser, and then sent.

use crate::Error;
use crate::lab::config::{Config, MapConfig};
use crate::lab::map::MapPlan;
use crate::lab::session::Command;
use crate::web::dom;
use crate::web::dom::address;
use crate::web::widgets::refusal;
use crate::web::wire::link::{Entry, Link, Pending};
use web_sys::Element;

/// Most cells on the page; beyond that cells are smaller than pixels and the command line is the better place.
const MOST_CELLS: usize = 20_000;

/// The plan of a run's map, if the page can take it on.
pub(super) fn planned(config: &Config) -> Result<MapPlan, Error> {
    seen(config.map.as_ref())?;
    MapPlan::new(config)
}

/// Whether a map can be seen on a page.
pub(in crate::web) fn seen(map: Option<&MapConfig>) -> Result<(), Error> {
    let cells = map.map_or(0, |map| {
        let counts = map.axes.iter().map(|axis| axis.range().2);
        counts.product::<usize>()
    });
    if cells > MOST_CELLS {
        return Err(Error::Query(format!(
            "map: {cells} cells are too many to be seen on a page; allowed: {MOST_CELLS} here, any number for \
             `proxprop map`"
        )));
    }
    Ok(())
}

/// Asks for the map of this text, if it is one; the way back leads to the one before if `traced`.
pub(super) fn ask(text: &str, traced: bool, config: &Config, link: &mut Link) -> Result<(), Error> {
    let change = Command::Set {
        key: "map".into(),
        value: text.to_owned(),
    };
    checked("map", text, config, |_| {
        if traced {
            address::leave_trace();
        }
        link.person(change);
    })
}

/// Gives the run another setting, which starts it anew.
pub(super) fn set(key: &str, value: &str, config: &Config, link: &mut Link) -> Result<(), Error> {
    checked(key, value, config, |next| {
        if next != config {
            let run = Command::Load {
                query: next.to_string(),
            };
            link.enter(run, Entry::Changed, false, Pending::Person(None));
        }
    })
}

/// Sends the run with another setting, if it has a map.
fn checked(
    key: &str,
    value: &str,
    config: &Config,
    send: impl FnOnce(&Config),
) -> Result<(), Error> {
    let mut next = config.clone();
    next.set(key, value)?;
    planned(&next)?;
    send(&next);
    Ok(())
}

/// Says that what was asked for is no map, beside the field that asks for it, or takes that back.
pub(super) fn tell(answer: Result<(), Error>, field: Option<&Element>) {
    match answer {
        Ok(()) => refusal::settle(field),
        Err(error) => refusal::say(field, &format!("{error}.")),
    }
}

/// Says why the run has no map, or nothing.
pub(super) fn say(error: Option<&Error>) {
    let place: Element = dom::by_id("map-error");
    let words = error.map_or(String::new(), |e| format!("{e}."));
    if error.is_some() && place.text_content().as_ref() != Some(&words) {
        refusal::note(&words);
    }
    dom::show(&place, error.is_some());
    dom::write(&place, &words);
}
