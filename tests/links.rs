//! Links as they arrive: what is understood stays to the letter, what was added or broken on the way is undone, and
//! what is nobody's is refused by its name.

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proxprop::Error;
use proxprop::lab::config::Config;
use proxprop::lab::look;
use proxprop::lab::presets::PRESETS;
use proxprop::lab::repair::{Arrived, is_sound};
use proxprop::lab::systems::{self, SYSTEMS, is_system};

/// A file of `tests/golden`.
fn golden<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = fs::read_to_string(path.join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn address(link: &Arrived) -> String {
    format!("?{}#{}", link.query, link.hash)
}

fn is_understood(link: &Arrived) -> bool {
    Config::parse(&link.query).is_ok() && look::check(&link.hash).is_ok()
}

/// The damaged link, its run, how it is looked at, and what is said of it; nothing is said where that is empty.
type Case = (String, String, String, String);

#[test]
fn what_was_added_or_broken_on_the_way_is_undone_and_said() {
    let cases: Vec<Case> = golden("links/arrived.json");
    for (damaged, query, hash, said) in &cases {
        let link = Arrived::read(damaged);
        let said_of_it = link.repairs().unwrap_or_default();
        assert_eq!(
            (&link.query, &link.hash),
            (query, hash),
            "{damaged}: {said_of_it}"
        );
        assert!(is_understood(&link), "{damaged}");
        assert!(
            said_of_it.contains(said.as_str()),
            "{damaged}: {said_of_it}"
        );
    }
}

#[test]
fn links_in_peoples_hands_stay_to_the_letter() {
    let links: Vec<(String, String)> = golden("corpus/links.json");
    let lessons: Vec<(String, serde_json::Value)> = golden("corpus/lessons.json");
    let presets = PRESETS.iter().map(|p| format!("?{}#{}", p.query, p.hash));
    let lessons = lessons.into_iter().map(|(text, _)| {
        let text = text
            .replace('%', "%25")
            .replace('&', "%26")
            .replace('#', "%23");
        format!("?#lesson={text}&predict=1&at=2")
    });
    let links = links.into_iter().map(|(link, _)| format!("?{link}#"));
    for text in links.chain(lessons).chain(presets) {
        let link = Arrived::read(&text);
        let bare = text
            .strip_prefix("??")
            .map_or(text.clone(), |t| format!("?{t}"));
        assert!([&text, &bare].contains(&&address(&link)), "{text}");
        assert_eq!(link.repairs(), None, "{text}");
    }
}

/// The refusal of a text names what is wrong with it.
fn refused<T: Debug>(text: &str, name: &str, answer: Result<T, Error>) {
    let error = answer.expect_err(text).to_string();
    assert!(error.contains(name), "{text}: {error}");
}

#[test]
fn what_is_nobodys_is_refused_by_its_name() {
    for (text, name) in [
        ("?utm_source=x&colour=red", "\"colour\": unknown key"),
        // Cut off, or two numbers: not what it was.
        ("?data=moons&epochs=30…", "epochs: \"30..\""),
        ("?data=moons&hidden=64,6...", "hidden: \"64,6...\""),
        ("?data=moons&hidden=8 8", "hidden: \"8 8\""),
        ("?colour=red&amp;fbclid=1", "\"colour\": unknown key"),
        ("?preset=spiral&steps=5)", "\"steps\": unknown key"),
        ("?data=mnist&gclid=1", "data: \"mnist\""),
        ("?data=moons%00", "data: \"moons\\0\""),
        ("?data=%FF%FE", "UTF-8"),
    ] {
        refused(text, name, Config::parse(&Arrived::read(text).query));
    }
    for (text, name) in [
        ("#veiw=map", "\"veiw\": unknown key behind #"),
        ("#view=mapp", "view: \"mapp\""),
        ("#lesson=circle;nowhere", "nowhere"),
        ("#at=x", "at: \"x\""),
        ("#view=map&view=flow", "view: given twice"),
        ("#views", "\"views\": expected key=value"),
    ] {
        refused(text, name, look::check(&Arrived::read(text).hash));
    }
}

#[test]
fn a_damaged_predict_never_uncovers() {
    for text in [
        "#lesson=circle;nowhere&predict=1",
        "#predict",
        "#predict=",
        "#predict=yes",
        "#predict==1",
        "#PREDICT%3D1",
        "#lesson=circle%26predict%3D1",
        "#lesson=circle%2526predict%253D1",
        "#lesson=circle&pre",
        "#lesson=circle;small-steps;predict=1",
        "#xpredict=1",
        "?preset=spiral;predict=1",
        "?preset=spiral%26predict=1",
        "?colour=red%23predict=1",
        "?colour=red&amp;predict=1",
        "#\u{200b}predict\u{200b}=\u{200b}1",
        "#veiw=map&predict%20=%201",
    ] {
        let link = Arrived::read(text);
        assert!(
            link.hash.split('&').any(|pair| pair == "predict=1"),
            "{text}: {link:?}"
        );
    }
    for text in [
        "#view=map",
        "#veiw=map",
        "?preset=spiral&play=1",
        "#predict=0",
        "?colour=red",
    ] {
        let link = Arrived::read(text);
        assert!(!link.hash.contains("predict=1"), "{text}: {link:?}");
    }
}

/// As the page reads a link, whose module does not know the systems' keys.
fn arrived(text: &str) -> Arrived {
    Arrived::read_by(text, |query| {
        Config::parse(query).is_ok() || (is_system(query) && is_sound(query))
    })
}

#[test]
fn a_related_systems_link_keeps_how_it_is_looked_at() {
    for (text, query, hash) in [
        ("?system=vsml&predict=1", "system=vsml", "predict=1"),
        ("?system=vsml&amp;predict=1", "system=vsml", "predict=1"),
        ("?system=vsml%26predict=1", "system=vsml", "predict=1"),
        ("?system=vsml&predic", "system=vsml&predic", "predict=1"),
        ("?SYSTEM=vsml&PREDICT=1", "system=vsml", "predict=1"),
        (
            "?system=auc&steps=50&play=1&theme=dark&embed=1",
            "system=auc&steps=50",
            "play=1&theme=dark&embed=1",
        ),
        (
            "?system=auc&preset=zeros&play=1",
            "system=auc&preset=zeros",
            "play=1",
        ),
        ("?preset=zeros&play=1", "preset=zeros", "play=1"),
        ("?preset=zeros&play=1).", "preset=zeros", "play=1"),
        // A key that others add, too.
        (
            "?system=wgan-prox&t=2&predict=1",
            "system=wgan-prox&t=2",
            "predict=1",
        ),
    ] {
        let link = arrived(text);
        assert_eq!(
            (link.query.as_str(), link.hash.as_str()),
            (query, hash),
            "{text}"
        );
        let said = link.repairs().expect(text);
        assert!(
            said.contains("behind #") || said.contains("predict"),
            "{text}: {said}"
        );
    }
    let link = Arrived::read_by("?system=wgan-prox&t=2&utm_source=x", systems::understands);
    assert_eq!(link.query, "system=wgan-prox&t=2");
}

#[test]
fn a_related_systems_link_that_needs_nothing_stays_to_the_letter() {
    let presets = SYSTEMS.iter().flat_map(|entry| entry.about.presets);
    let runs = presets.map(|preset| preset.query.to_owned());
    let all = runs.clone().map(|query| {
        let entry = systems::asked_for(&query).unwrap().unwrap();
        (entry.open)(&query).unwrap().query()
    });
    let more = [
        "system=auc&data=points&points=0:0,0;1,0;0,1;1,1/1:2,2;2,3&valid=0&rare=1&steps=100",
        "system=auc&run=explicit&run=prox&change=5,2,l1:0.1&map=2,eta0:0.1..30*8,p:0.01..0.5*4,seeds:3",
        "system=auc&stop=auc:0.9,plateau:500,divergence",
        "v=1&system=auc&run=explicit%2Ceta0:1",
        "system=vsml&own=1,1,1,0,0;-_Az09",
        "preset=zeros&seed=3",
    ];
    for query in runs.chain(all).chain(more.map(str::to_owned)) {
        let text = format!("?{query}#view=related");
        let link = arrived(&text);
        assert_eq!(address(&link), text);
        assert_eq!(link.repairs(), None, "{text}");
    }
    // Of no setting that all runs share is the key one of those behind #.
    for entry in SYSTEMS {
        for (each, parameter) in (entry.parameters)() {
            let (system, key) = (entry.about.name, parameter.key);
            let query = format!("system={system}&{key}={}", parameter.default);
            assert!(each || is_sound(&query), "{query}");
        }
    }
}

/// Some damage on the way; each leaves enough to tell what was meant.
const DAMAGE: [(&str, fn(&str) -> String); 14] = [
    ("a tracker behind", |t| format!("{t}&utm_campaign=a%20b")),
    ("a tracker in front", |t| format!("fbclid=Xy_1&{t}")),
    ("entities", |t| t.replace('&', "&amp;")),
    ("numbered entities", |t| t.replace('&', "&#38;")),
    ("encoding", percent),
    ("twice the encoding", |t| percent(&percent(t))),
    ("a bracket", |t| format!("{t})")),
    ("the end of a sentence", |t| format!("({t}).")),
    ("an empty part", |t| format!("{t}&")),
    ("dashes", |t| t.replace('-', "–")),
    ("the minus sign", |t| t.replace('-', "−")),
    ("quotes", |t| format!("“{t}”")),
    ("capitals", str::to_uppercase),
    ("line breaks", |t| t.replace(',', ",\n")),
];

/// Everything but letters and digits as `%xx`.
fn percent(text: &str) -> String {
    let code = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(code).collect()
}

fn a_link() -> impl Strategy<Value = String> {
    let links: Vec<(String, String)> = golden("corpus/links.json");
    let links = links
        .into_iter()
        .map(|(link, _)| link.trim_start_matches('?').to_owned());
    let plain = |link: &String| !link.is_empty() && !link.contains('%');
    select(links.filter(plain).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_link_means_what_it_meant(
        link in a_link(),
        damage in subsequence(DAMAGE.to_vec(), 1..4).prop_shuffle(),
    ) {
        let damaged = damage.iter().fold(link.clone(), |text, (_, harm)| harm(&text));
        let read = Arrived::read(&format!("?{damaged}"));
        prop_assert_eq!(
            Config::parse(&read.query),
            Config::parse(&link),
            "{:?}: {}\n{:?}",
            damage.iter().map(|d| d.0).collect::<Vec<_>>(),
            damaged,
            read
        );
        prop_assert_eq!(&read.hash, "");
    }

    #[test]
    fn what_was_repaired_needs_no_repair(text in "[?#]?[a-z=&;:,%0-9A-F#?.()–“ \\-]{0,60}") {
        let once = Arrived::read(&text);
        let again = Arrived::read(&address(&once));
        prop_assert_eq!((&again.query, &again.hash), (&once.query, &once.hash), "{}", text);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        Arrived::read(&text);
    }
}
