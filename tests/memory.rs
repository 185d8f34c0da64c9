//! What runs need of memory is what is said of it before they begin: never more, and not much less.

use allocation_counter::measure;
use proxprop::data::Images;
use proxprop::engine::memory::bytes;
use proxprop::lab::config::{Config, RunConfig};
use proxprop::lab::session::{Command, Session};

/// The most bytes of a run that is trained and looked at, and what was said of them.
fn needs(query: &str) -> (f64, f64) {
    let config = Config::parse(query).unwrap();
    let mut past = 0;
    let counted = measure(|| {
        let mut session = Session::new(query).unwrap();
        // Every step is recorded, and so looked into; one is a keyframe.
        session.apply(Command::Step { steps: 17 }).unwrap();
        session.progress();
        session.apply(Command::Seek { step: 3 }).unwrap();
        session.progress();
        past = session.timeline_size().1;
    });
    let images = config.data.images();
    let of_images = |images: Images| (images.shape.iter().product(), 10, images.rest);
    let (coordinates, outputs, rest) = images.map_or((2, 2, config.n / 2), of_images);
    let network = config.network(coordinates, outputs).unwrap();
    let points = [config.n, rest];
    let mut runs = config.runs.iter().map(RunConfig::settings);
    let said = bytes(&network, points, config.batch.min(config.n), &mut runs);
    (counted.bytes_max as f64, said + past as f64)
}

#[test]
fn runs_need_what_is_said_of_them_and_not_much_less() {
    for query in [
        "n=1500&hidden=256,256&batch=1500&run=backprop&run=prox-exact",
        "n=1000&hidden=300&batch=1000&run=prox-exact",
        "n=400&hidden=64,64,64,64&batch=400&run=prox-cg2,opt:adam&run=prox-cg2,opt:momentum&run=backprop&run=backprop",
        "n=300&hidden=300,300&batch=100&run=prox-exact,opt:adam",
        "n=60000&hidden=8&batch=20&run=backprop",
        "n=8000&hidden=16,16&batch=8000&run=prox-exact&run=backprop,opt:nesterov",
        "n=100&hidden=400,400&batch=10&run=prox-cg1&run=backprop",
        "n=300&hidden=30,30&batch=300&run=prox-point",
        "n=3000&hidden=64,64,64,64,64,64&batch=3000&run=backprop,reach:4&run=backprop,reach:4&run=backprop,reach:4&run=prox-exact,reach:4",
        "n=1500&hidden=128,128&batch=1500&run=backprop,flat:0.1&run=prox-exact,opt:adam,adv:0.1",
    ] {
        let (needed, said) = needs(&format!("data=circle&valid=0.5&epochs=50&{query}"));
        assert!(
            needed <= said && said <= 1.5 * needed + 1e6,
            "{query}: {needed} bytes needed, {said} said"
        );
    }
}

#[test]
fn what_looks_at_images_in_small_pieces_is_said_to_need_less() {
    // Many places with wide patches: a piece is 8 images, not 248.
    let query =
        "data=digits&n=60&batch=10&hidden=c5x40p2,c5x40p2,8&act=relu&epochs=50&run=backprop";
    let (needed, said) = needs(query);
    assert!(
        needed <= said && said <= 1.5 * needed + 1e6,
        "{needed} bytes needed, {said} said"
    );
}

#[test]
fn what_no_browser_has_room_for_is_refused_in_one_sentence() {
    let run = |hidden| format!("n=100000&batch=100000&hidden={hidden}&run=prox-cg3");
    let refused = Config::parse(&run(800)).unwrap_err().to_string();
    assert_eq!(
        refused,
        "batch: what these runs compute on 100000 points per step needs about 3612 MB of memory while it is looked into; \
         allowed: at most 3000"
    );
    assert!(Config::parse(&run(600)).is_ok());
}

#[test]
fn a_run_does_not_become_what_no_browser_has_room_for() {
    let query = "n=100000&batch=100000&hidden=800&run=backprop";
    let mut config = Config::parse(query).unwrap();
    let before = config.clone();
    let refused = config.change(1, 0, "rule", "prox-cg3").unwrap_err();
    let link = Config::parse(&format!("{query}&change=1,1,rule:prox-cg3"));
    assert_eq!(refused, link.unwrap_err());
    assert!(refused.to_string().contains("MB of memory"), "{refused}");
    assert_eq!(config, before);
}

#[test]
fn a_state_file_that_no_page_could_open_is_not_made() {
    let mut session = Session::new("n=20&hidden=1024,1024,1024,1024&run=backprop").unwrap();
    let refused = session.apply(Command::State).unwrap_err().to_string();
    assert_eq!(
        refused,
        "The state file of these runs has about 66 MB; allowed: at most 64"
    );
    assert!(session.may_be_sent());
}

#[test]
fn what_a_tab_has_room_for_once_is_not_sent_to_others() {
    let session = |hidden| {
        Session::new(&format!(
            "n=100000&batch=100000&hidden={hidden}&run=prox-cg3"
        ))
    };
    assert!(session(300).unwrap().may_be_sent());
    assert!(!session(600).unwrap().may_be_sent());
}

#[test]
fn a_number_of_a_state_file_is_as_long_as_is_said() {
    let session = Session::new("n=50&hidden=100,100&run=backprop&run=prox-exact").unwrap();
    let numbers = 2.0 * (3 * 100 + 101 * 100 + 101 * 2) as f64;
    let length = session.state().len() as f64 / numbers;
    assert!(15.0 < length && length <= 21.5, "{length}");
}
