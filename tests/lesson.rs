//! A lesson's text: what is printed is read again, and what is hostile is refused in a sentence.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proxprop::lab::lesson::{Item, Lesson, MAX_BYTES, MAX_ITEMS, Part, preset_of, presets};
use proxprop::lab::presets::PRESETS;

#[test]
fn a_lesson_is_presets_and_addresses() {
    let text = "circle;?data=moons&run=backprop,tau:1#view=flow&flow=stiff,tau:0.2;map";
    let lesson = Lesson::parse(text).unwrap();
    assert_eq!(lesson.items.len(), 3);
    assert_eq!(lesson.items[0].preset().unwrap().name, "circle");
    assert_eq!(lesson.items[1].hash(), "view=flow&flow=stiff,tau:0.2");
    assert_eq!(lesson.items[1].config().unwrap().runs.len(), 1);
    assert_eq!(lesson.items[2].hash(), "view=map");
    assert_eq!(Lesson::parse(&lesson.to_string()).unwrap(), lesson);
    assert_eq!(Lesson::of_presets().items.len(), presets().count());
    assert!(presets().count() > PRESETS.len());
}

#[test]
fn related_systems_are_items_like_others() {
    let text = "circle;zeros;?system=auc&run=prox,l1:0.02&change=50,1,eta0:1";
    let lesson = Lesson::parse(&format!("{text}#view=related")).unwrap();
    assert_eq!(lesson.to_string(), text);
    assert!(lesson.items[0].config().is_some());
    let zeros = lesson.items[1].preset().unwrap();
    assert_eq!(zeros.title, "Which bumps does it need?");
    assert_eq!(lesson.items[1].query(), zeros.query);
    assert!(lesson.items[1].config().is_none() && lesson.items[2].config().is_none());
    assert!(
        lesson
            .items
            .iter()
            .skip(1)
            .all(|item| item.hash() == "view=related")
    );
    assert_eq!(
        lesson.items[2].query(),
        "system=auc&run=prox,l1:0.02&change=50,1,eta0:1"
    );
    let error = Lesson::parse("?system=auc#view=train")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("cannot stand behind # of a related system"),
        "{error}"
    );

    assert_eq!(preset_of("?v=1&system=auc&preset=zeros"), Some(zeros));
    assert_eq!(preset_of("preset=zeros"), Some(zeros));
    assert_eq!(preset_of("system=auc&preset=zeros&seed=2"), None);
    assert_eq!(preset_of("preset=zeros&seed=2"), None);
    assert_eq!(preset_of("system=none&preset=zeros"), None);
    assert_eq!(preset_of("v=1&preset=circle").unwrap().name, "circle");
    let names: BTreeSet<&str> = presets().map(|preset| preset.name).collect();
    assert_eq!(
        names.len(),
        presets().count(),
        "no two presets have one name"
    );
}

#[test]
fn what_would_end_it_in_an_address_is_encoded() {
    let lesson = Lesson::parse("?data=moons&seed=3#view=flow;circle").unwrap();
    let encoded = lesson.encoded();
    assert!(!encoded.contains(['&', '#']), "{encoded}");
    assert!(
        encoded.contains("%26seed=3%23view=flow;circle"),
        "{encoded}"
    );
}

#[test]
fn hostile_lessons_are_refused_in_a_sentence() {
    let many = vec!["circle"; MAX_ITEMS + 1].join(";");
    let long = "circle;".repeat(MAX_BYTES);
    for (text, part) in [
        ("", "0 items"),
        (";;;", "0 items"),
        (&many, "51 items; allowed: 1 to 50"),
        (&long, "allowed: at most 20000"),
        (
            "circle;cirle",
            "item 2: preset: \"cirle\" is unknown; known: circle",
        ),
        ("<img src=x onerror=alert(1)>", "item 1: preset:"),
        ("javascript:alert(1)", "item 1: preset:"),
        ("//elsewhere.example", "item 1: preset:"),
        ("?colour=red", "item 1: \"colour\": unknown key"),
        ("?run=backprop,tau:1e99", "tau"),
        (
            "?#view=<script>",
            "item 1: \"view=<script>\" cannot stand behind #",
        ),
        ("?#lesson=circle", "\"lesson=circle\" cannot stand"),
        ("?#embed=1", "cannot stand"),
        ("?#predict=1", "cannot stand"),
        ("?#view", "cannot stand"),
        ("?data=%FF", "UTF-8"),
    ] {
        let error = Lesson::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text:.60}: {error}");
        assert!(error.len() < 900, "{error}");
    }
}

#[test]
fn parts_are_named_and_what_cannot_be_locked_is_refused() {
    let hidden = Part::list("hide", "runs+setup,tabs", &Part::ALL).unwrap();
    assert_eq!(hidden, [Part::Runs, Part::Setup, Part::Tabs]);
    assert!(Part::list("hide", "", &Part::ALL).unwrap().is_empty());
    let network = Part::list("hide", "network+link", &Part::ALL).unwrap();
    assert_eq!(network, [Part::Network, Part::Link]);
    let error = Part::list("lock", "transport", &Part::LOCKED).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("lock: \"transport\" is no such part")
    );
}

fn item() -> impl Strategy<Value = String> {
    let preset = (0..PRESETS.len()).prop_map(|i| PRESETS[i].name.to_owned());
    let address = (
        0..1000_u32,
        1..5_u32,
        prop::option::of("[a-z]{1,8}=[a-z0-9:,.+-]{0,12}"),
    )
        .prop_filter("no key of the whole lesson", |(.., hash)| {
            hash.as_ref().is_none_or(|hash| {
                ![
                    "lesson=", "at=", "hide=", "lock=", "predict=", "theme=", "embed=", "origin=",
                    "play=",
                ]
                .iter()
                .any(|key| hash.starts_with(key))
            })
        })
        .prop_map(|(seed, tau, hash)| {
            let hash = hash.map_or(String::new(), |hash| format!("#{hash}"));
            format!("?seed={seed}&run=prox-exact,tau:{tau}{hash}")
        });
    prop_oneof![preset, address]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn print_then_parse_is_the_identity(items in prop::collection::vec(item(), 1..8)) {
        let lesson = Lesson::parse(&items.join(";")).unwrap();
        prop_assert_eq!(&Lesson::parse(&lesson.to_string()).unwrap(), &lesson);
        let same = |item: &Item| Lesson::parse(&item.to_string()).unwrap().items == std::slice::from_ref(item);
        prop_assert!(lesson.items.iter().all(same));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        if let Err(error) = Lesson::parse(&text) {
            prop_assert!(error.to_string().len() < 2000);
        }
    }
}

/// Points are joined by what joins items.
#[test]
fn points_of_a_run_do_not_end_its_item() {
    for run in [
        "data=points&points=0:0,0%3B0.5,0/1:1,1&run=backprop",
        "system=wgan-prox&target=points&points=0:-0.5,0%3B0.5,0",
    ] {
        let lesson = Lesson::parse(&format!("circle;?{run};spiral")).unwrap();
        assert_eq!(lesson.items.len(), 3, "{run}");
        assert_eq!(Lesson::parse(&lesson.to_string()), Ok(lesson), "{run}");
    }
}
