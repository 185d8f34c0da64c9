//! How the view comes to be: its ears, and the one function by which the page asks for things. Knows the view's methods, no system.

use super::message::Ask;
use super::show::{Reply, View};
use crate::lab::session::Command;
use crate::named::Named;
use crate::web::dom;
use crate::web::dom::keys;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::wire::message::{self as wire, Request, unpack};
use crate::web::wire::related::{Call, News};
use js_sys::{Array, Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent, ResizeObserver, ResizeObserverEntry};

thread_local! {
    static VIEW: RefCell<Option<View>> = const { RefCell::new(None) };
    /// By which the page is told.
    static TELL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Fills the view's element in the page; `hire` answers with a new `Worker` that runs [`super::start_related_worker`], `tell` is called
/// with a name and a value whenever the page has to know something. Answers with the function by which the page asks: a name, and a value
/// or several.
///
/// # Panics
/// When `index.html` is not the one that belongs to this build.
pub fn start_related(hire: Function, tell: Function) -> Function {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        tell_all(vec![(News::Fault, JsValue::UNDEFINED)]);
    }));
    TELL.set(Some(tell));
    dom::add_styles(include_str!("style.css"));
    let resized = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
        with(|view| {
            for entry in entries.iter() {
                let entry: ResizeObserverEntry = entry.unchecked_into();
                view.resized(&entry);
            }
            // At once: a resized canvas is empty until it is drawn on.
            view.draw();
        });
    });
    let observer =
        ResizeObserver::new(resized.into_js_value().unchecked_ref()).expect("browsers watch sizes");
    let hear = |answer| {
        with(|view| view.hear(answer));
    };
    let lost = |why: &str| {
        with(|view| view.stop(why));
    };
    let crew = |number, place, what| {
        with(|view| view.hear_crew(number, place, what));
    };
    VIEW.set(Some(View::new(hire, hear, lost, crew, observer)));
    listen();
    let asked =
        Closure::<dyn Fn(String, JsValue) -> JsValue>::new(|what: String, value: JsValue| {
            let call = Call::of_name(&what).expect("both sides are the same build");
            with(|view| answer(view, call, &value)).unwrap_or_default()
        });
    asked.into_js_value().unchecked_into()
}

/// Does something with the view, and then tells the page what has come of it. Nothing while the view is being changed.
fn with<T>(act: impl FnOnce(&mut View) -> T) -> Option<T> {
    let (answer, news, calls, lands) = VIEW.with(|view| {
        let mut view = view.try_borrow_mut().ok()?;
        let view = view.as_mut()?;
        let answer = act(view);
        let (news, calls) = (&mut view.news, &mut view.calls);
        let opened = news.iter().any(|(name, _)| *name == News::Load);
        let lands = opened && std::mem::take(&mut view.lands);
        Some((answer, std::mem::take(news), std::mem::take(calls), lands))
    })?;
    tell_all(news);
    if lands {
        // It can be pressed once the page knows of the run.
        dom::focus("play");
    }
    for (function, value) in calls {
        // Who waits harms himself alone.
        let _ = function.call1(&JsValue::UNDEFINED, &value);
    }
    Some(answer)
}

fn tell_all(news: Vec<(News, JsValue)>) {
    let tell = TELL.with_borrow(Option::clone);
    let Some(tell) = tell else { return };
    for (name, value) in news {
        let told = tell.call2(&JsValue::UNDEFINED, &name.name().into(), &value);
        told.expect("the page only listens");
    }
}

/// What the page asks for.
fn answer(view: &mut View, what: Call, value: &JsValue) -> JsValue {
    let values = || value.unchecked_ref::<Array>();
    let text = |k| values().get(k).as_string().unwrap_or_default();
    let number = |k| values().get(k).as_f64().unwrap_or_default();
    match what {
        Call::Draw => view.draw(),
        Call::Standing => return view.standing(),
        Call::Seen => view.seen(value.is_truthy()),
        Call::Colours => view.recolour(),
        Call::Open => {
            let promised = [2, 3].map(|k| values().get(k).dyn_into().ok());
            let promised = match promised {
                [Some(kept), Some(broken)] => Some([kept, broken]),
                _ => None,
            };
            view.open(&text(0), number(1) as u64, promised);
        }
        Call::NewSeed => view.new_seed(),
        Call::Pictures => return view.pictures().into(),
        Call::Picture => {
            let size = (number(1) as u32, number(2) as u32);
            return view
                .picture(&text(0), size)
                .map_or(JsValue::NULL, Into::into);
        }
        Call::Frame => return view.frame(),
        Call::Title => return view.title().into(),
        Call::Short => return view.short().into(),
        Call::Same => return view.is_of(&value.as_string().unwrap_or_default()).into(),
        Call::Table => return view.table().map_or(JsValue::NULL, Into::into),
        Call::Command => return command(view, unpack(value)).into(),
        Call::Points => view.take_points(value.as_string().unwrap_or_default()),
        Call::Map => return view.map(),
        Call::Read => view.read([0, 1, 2, 3].map(text)),
        Call::Save => view.save(),
        Call::Play | Call::Pause | Call::Step | Call::Seek => {
            view.drive(what, value.as_f64().unwrap_or_default() as u64);
        }
    }
    JsValue::UNDEFINED
}

/// What a script asks for, as it would go to the worker of the lab's own run.
fn command(view: &mut View, request: Request) -> Promise {
    let wire::Ask::Command(command) = request.ask else {
        return Promise::resolve(&view.frame());
    };
    let (ask, reply) = match command {
        Command::Set { key, value } => (Ask::Set(key, value), Reply::Nothing),
        Command::Play => (Ask::Play, Reply::Nothing),
        Command::Pause => (Ask::Pause, Reply::Frame),
        Command::Step { steps } => (Ask::Step(steps), Reply::Frame),
        Command::Seek { step } => (Ask::Seek(step), Reply::Frame),
        Command::State => (Ask::Report, Reply::Answer),
        _ => return Promise::resolve(&view.frame()),
    };
    Promise::new(&mut |kept, broken| view.call(ask.clone(), reply, [kept, broken]))
}

/// Hears what people do in the view.
fn listen() {
    let root: Element = dom::by_id("related");
    dom::listen(&root, "click", |event: Event| {
        let button = dom::target(&event).and_then(|t| t.closest("button").ok().flatten());
        if let Some(button) = button {
            with(|view| view.click(&button));
        }
    });
    dom::listen(&root, "input", |event: Event| {
        with(|view| dom::target(&event).map(|t| view.input(&t)));
    });
    dom::listen(&root, "change", |event: Event| {
        with(|view| dom::target(&event).map(|t| view.change(&t)));
    });
    // It does not rise.
    let toggled = Closure::<dyn Fn()>::new(|| {
        with(View::toggle);
    });
    let toggled = toggled.into_js_value().unchecked_into();
    root.add_event_listener_with_callback_and_bool("toggle", &toggled, true)
        .expect("elements have events");
    dom::listen(&root, "keydown", |event: KeyboardEvent| {
        let key = keys::meaning(&event);
        let Some(target) = dom::target(&event) else {
            return;
        };
        if with(|view| view.sketch_key(&target, &event)) == Some(true) {
            return event.prevent_default();
        }
        if with(|view| view.key(&target, &key)) == Some(true) {
            with(|view| view.sketch_follow(&target));
            event.prevent_default();
        }
    });
    for (name, gesture) in Gesture::EVENTS {
        dom::listen(&root, name, move |event: PointerEvent| {
            let pointer = Pointer::of(&event, gesture);
            with(|view| view.point(&pointer));
        });
    }
}
