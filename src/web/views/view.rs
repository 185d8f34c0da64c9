//! What views have in common: what they are made with, their duties, and what they do those with. Knows no page.

use super::map::pool::News;
use crate::lab::session::{Command, Watch};
use crate::plot::Theme;
use crate::plot::sheet::Tile;
use crate::web::dom;
use crate::web::dom::pointer::Pointer;
use crate::web::wire::link::Link;
use crate::web::wire::shown::Shown;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlSelectElement, ResizeObserver, ResizeObserverEntry};

/// What views are made with.
pub(in crate::web) struct Means {
    /// Tells of other sizes of what it observes.
    pub(in crate::web) observer: ResizeObserver,
    /// Answers with a new worker.
    pub(in crate::web) hire: Function,
    /// Brings news of the map's workers back to the map.
    pub(in crate::web) tell_map: fn(News),
    /// Fetches the module of related systems.
    pub(in crate::web) more: Function,
    /// Brings news of it to the page: a name, and what belongs to it.
    pub(in crate::web) tell_related: fn(JsValue, JsValue),
    /// The same of the view of images.
    pub(in crate::web) tell_images: fn(JsValue, JsValue),
}

/// What a view is given to do its duties with.
pub(in crate::web) struct Context<'a> {
    /// What the worker has told.
    pub(in crate::web) shown: &'a Shown,
    /// Light or dark.
    pub(in crate::web) theme: &'a Theme,
    /// To ask the worker by.
    pub(in crate::web) link: &'a mut Link,
}

/// A chart that can be saved.
pub(in crate::web) struct Picture<'a> {
    /// Its name in the form and in files.
    pub(in crate::web) key: String,
    /// What it is called there.
    pub(in crate::web) title: String,
    /// The chart; one without a width is not on the sheet of the whole view.
    pub(in crate::web) tile: Tile<'a>,
}

/// Something is asked of the view of another module, by the function that it has given, and answered where that is there.
pub(super) fn ask_elsewhere(ask: Option<&Function>, what: &str, value: &JsValue) -> JsValue {
    // It never throws.
    let answer = ask.map(|ask| ask.call2(&JsValue::UNDEFINED, &what.into(), value));
    answer.and_then(Result::ok).unwrap_or_default()
}

/// Charts that another module draws: as it lists them, each by name, title and place; `ask` has one drawn, of a name and a size, as SVG text.
pub(in crate::web) fn drawn_elsewhere<'a>(
    list: &JsValue,
    ask: impl Fn(&JsValue) -> JsValue + Copy + 'a,
) -> Vec<Picture<'a>> {
    let Some(list) = list.dyn_ref::<Array>() else {
        return Vec::new();
    };
    let picture = |picture: JsValue| {
        let picture = picture.unchecked_into::<Array>();
        let text = |k| picture.get(k).as_string().unwrap_or_default();
        let number = |k| picture.get(k).as_f64().unwrap_or(0.0);
        let (key, title) = (text(0), text(1));
        let asked = JsValue::from_str(&key);
        let draw = move |size: (u32, u32), _: &Theme| {
            let asked = Array::of3(&asked, &size.0.into(), &size.1.into());
            ask(&asked).as_string().unwrap_or_default()
        };
        Picture {
            key,
            title: title.clone(),
            tile: Tile {
                title,
                place: [number(2), number(3), number(4), number(5)],
                draw: Box::new(draw),
            },
        }
    };
    list.iter().map(picture).collect()
}

/// What the transport asks of a view that plays something of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Drive {
    /// Go on; from the start where it is over.
    Play,
    /// Stay there.
    Pause,
    /// One step.
    Step,
    /// Back to the start.
    Reset,
    /// To a step.
    Seek(u64),
    /// Another seed.
    NewSeed,
}

/// Steps per second that are chosen, infinitely many for as fast as possible.
pub(in crate::web) fn pace() -> f64 {
    let chosen = dom::by_id::<HtmlSelectElement>("speed").value();
    chosen.parse().unwrap_or(f64::INFINITY)
}

/// Where what a view plays stands, for the transport to show.
#[derive(Clone, Debug, PartialEq, Eq)]
// The flags are independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub(in crate::web) struct Standing {
    /// It goes on by itself.
    pub(in crate::web) playing: bool,
    /// So much of it is done.
    pub(in crate::web) at: u64,
    /// So much there is.
    pub(in crate::web) of: u64,
    /// So much of it was there already.
    pub(in crate::web) known: u64,
    /// Nothing comes after it.
    pub(in crate::web) over: bool,
    /// What is counted.
    pub(in crate::web) unit: &'static str,
    /// It can be gone through step by step, and back.
    pub(in crate::web) by_steps: bool,
    /// A new seed is another one of these.
    pub(in crate::web) seeded: bool,
    /// Where something has happened: the step, the run, and what.
    pub(in crate::web) marks: Vec<(u64, usize, String)>,
}

/// One tab's content. What happens elsewhere on the page, or means nothing to the view, is answered by `false`.
pub(in crate::web) trait View {
    /// What of the run is looked at here; the rest is not computed.
    fn watch(&self) -> Watch;
    /// Shows what is new; once per animation frame while the view is shown.
    fn draw(&mut self, context: &mut Context);
    /// Somebody looks at the view from now on, or nobody does: another is shown, or the page is hidden.
    fn seen(&mut self, _visible: bool, _context: &mut Context) {}
    /// Whether it wants to be drawn again at the next animation frame, whatever happens.
    fn restless(&self) -> bool {
        false
    }
    /// Where it stands, if it plays something of its own; else the transport drives the run.
    fn standing(&self) -> Option<Standing> {
        None
    }
    /// Does what the transport asks, which it does of views that stand somewhere.
    fn drive(&mut self, _what: Drive, _context: &mut Context) {}
    /// The run goes by another text, another run is shown, or the view is.
    fn run_changed(&mut self, _context: &mut Context) {}
    /// The data or the colours are others: the next drawing starts from nothing.
    fn forget(&mut self);
    /// An element watched has another size.
    fn resized(&mut self, entry: &ResizeObserverEntry);
    /// A button was pressed.
    fn click(&mut self, _button: &Element, _context: &mut Context) -> bool {
        false
    }
    /// A form's element is being moved.
    fn input(&mut self, _target: &Element, _context: &mut Context) -> bool {
        false
    }
    /// A form's element has its new value.
    fn change(&mut self, _target: &Element, _context: &mut Context) -> bool {
        false
    }
    /// A key was pressed on `target`.
    fn key(&mut self, _target: &Element, _key: &str, _context: &mut Context) -> bool {
        false
    }
    /// The query string of what it shows, where that is not the run.
    fn query(&self) -> Option<String> {
        None
    }
    /// Does what a script asks for, where it shows something else than the run.
    fn command(&self, _command: &Command) -> Option<Promise> {
        None
    }
    /// Saves what it shows as a file, where that is not the run.
    fn save_state(&self) -> bool {
        false
    }
    /// The numbers on the screen as a plain object, where they are not the run's.
    fn frame(&self) -> Option<JsValue> {
        None
    }
    /// What it shows, for a title.
    fn title(&self, shown: &Shown) -> String {
        shown.names.join(", ")
    }
    /// What can be saved as a picture, and where it stands on the sheet of the whole view.
    fn pictures<'a>(&'a self, _shown: &'a Shown) -> Vec<Picture<'a>> {
        Vec::new()
    }
    /// The view's numbers as a name and CSV; `None` while there are none.
    fn table(&self, _shown: &Shown) -> Option<(&'static str, String)> {
        None
    }
    /// What one of its pictures shows as CSV, where that is not in the view's numbers.
    fn numbers(&self, _key: &str) -> Option<String> {
        None
    }
    /// The query string of what it shows without what is as usual, where that is not the run.
    fn short(&self) -> Option<String> {
        self.query()
    }
    /// The text that leads back to what is shown: a query string, or what stands behind `#`.
    fn caption(&self, shown: &Shown) -> String {
        shown.config.caption()
    }
    /// A pointer moved over something, or left everything.
    fn point(&mut self, _pointer: &Pointer, _context: &mut Context) {}
}
