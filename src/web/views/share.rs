//! Giving a run away and taking one in: link and QR code, pictures, curves and state as files. Knows of a view what it
//! offers to save.

use super::view::{Context, Picture, View};
use crate::lab::config::DataSource;
use crate::lab::lesson::preset_of;
use crate::lab::scene::drawn_of_all;
use crate::lab::session::Command;
use crate::plot::code::code;
use crate::plot::note::chunk;
use crate::plot::sheet::{Source, Tile, fits, sheet};
use crate::web::dom;
use crate::web::dom::address as bar;
use crate::web::dom::file::{self, Say};
use crate::web::wire::link::Pending;
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;
use web_sys::{Element, HtmlDialogElement, HtmlImageElement, HtmlInputElement, HtmlSelectElement};

/// The picture of all charts of the view.
const WHOLE: &str = "view";

/// The run has another text, which the dialog shows if it is open.
pub(in crate::web) fn follow(shown: &Shown, view: &dyn View) {
    if dom::by_id::<HtmlDialogElement>("share").open() {
        open(shown, view);
    }
}

/// Opens the dialog with the run shown.
fn open(shown: &Shown, view: &dyn View) {
    let location = dom::window().location();
    let link = link(shown, view);
    dom::by_id::<HtmlInputElement>("share-link").set_value(&link);
    let is_file = location
        .protocol()
        .is_ok_and(|protocol| protocol == "file:");
    let images = shown.config.data == DataSource::Cifar10;
    let from_file = view.query().is_none() && (images || shown.config.data == DataSource::State);
    let scene = shown.scene.as_ref().filter(|_| from_file);
    let fits = scene.is_some_and(|scene| drawn_of_all(scene).is_ok());
    dom::show(&dom::by_id::<Element>("share-into-link"), fits);
    let hint = if from_file && images {
        "This link cannot replay the run: its images are in a file, which neither a link nor a state file holds. \
         Whoever has that file can drop it on the page and choose the same settings."
    } else if from_file {
        "This link cannot replay the run: its points come from a file. Save the state below and pass that on."
    } else if is_file {
        "This page is a file, so the link works on this computer only. Elsewhere, open the file there and put what \
         begins with ? behind its address."
    } else if preset_of(&bar::search()).is_some() {
        "The link opens the preset, with its question, and replays the same run."
    } else if view.query().is_some() {
        "The link replays the same runs: same settings, data, random numbers and mid-run changes."
    } else {
        "The link replays the same run: same data, weights, minibatches and mid-run changes. It leaves out what has its \
         usual value."
    };
    dom::write(&dom::by_id("share-hint"), hint);
    dom::set_disabled("share-copy", from_file);
    let none = if from_file {
        "There is no QR code for it."
    } else if is_file {
        "A file’s address is of no use to a phone, so there is no QR code."
    } else {
        "This link is too long for a QR code."
    };
    dom::write(&dom::by_id("share-code-none"), none);
    let code = if is_file || from_file {
        None
    } else {
        code(&link)
    };
    let picture =
        code.map(|svg| format!("data:image/svg+xml,{}", js_sys::encode_uri_component(&svg)));
    let image: HtmlImageElement = dom::by_id("share-code");
    dom::show(&image, picture.is_some());
    dom::show(&dom::by_id::<Element>("share-code-none"), picture.is_none());
    image.set_src(&picture.unwrap_or_default());

    let pictures: HtmlSelectElement = dom::by_id("share-picture");
    let chosen = pictures.value();
    pictures.set_text_content(None);
    let offered = view.pictures(shown);
    let choices = offered.iter().map(|p| (p.key.as_str(), p.title.as_str()));
    for (key, label) in std::iter::once((WHOLE, "The whole view")).chain(choices) {
        let option: Element = dom::element("option", "", label);
        dom::set(&option, "value", key);
        dom::append(&pictures, &option);
    }
    pictures.set_value(&chosen);
    if pictures.selected_index() < 0 {
        pictures.set_selected_index(0);
    }
    say("");
    dom::open_dialog("share");
}

/// The address of the run shown: a preset's by its name, which has its question too, any other without what has its usual value.
fn link(shown: &Shown, view: &dyn View) -> String {
    let page = dom::window().location().href().unwrap_or_default();
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let hash = bar::behind();
    let mark = if hash.is_empty() { "" } else { "#" };
    let named = || Some(bar::search()).filter(|search| preset_of(search).is_some());
    let run = named()
        .or_else(|| view.short())
        .unwrap_or_else(|| shown.config.short());
    format!("{page}?{run}{mark}{hash}")
}

/// A button of the dialog; false if it is none.
pub(in crate::web) fn click(id: &str, view: &dyn View, context: &mut Context) -> bool {
    match id {
        "share-open" => open(context.shown, view),
        "share-copy" => file::copy(&dom::by_id("share-link"), say),
        "share-svg" | "share-png" => picture(id == "share-png", view, context),
        "share-numbers" => save_numbers(view, context.shown),
        "share-csv" => save_table(view, context.shown, say),
        "share-state" if view.save_state() => {}
        "share-state" => {
            context
                .link
                .send(Ask::Command(Command::State), Pending::Save);
        }
        _ => return false,
    }
    true
}

fn picture(png: bool, view: &dyn View, context: &Context) {
    let key = dom::by_id::<HtmlSelectElement>("share-picture").value();
    let side = |id: &str| {
        let text = dom::by_id::<HtmlInputElement>(id).value();
        text.trim()
            .parse::<u32>()
            .ok()
            .filter(|side| (100..=8000).contains(side))
            .ok_or_else(|| {
                format!("\"{text}\" is no size of a picture; allowed: 100 to 8000 pixels")
            })
    };
    match (side("share-width"), side("share-height")) {
        (Ok(width), Ok(height)) => save_picture(view, &key, (width, height), png, context, say),
        (Err(error), _) | (_, Err(error)) => say(&error),
    }
}

/// Saves a chart of a view by its name, or all of them.
pub(super) fn save_picture(
    view: &dyn View,
    key: &str,
    size: (u32, u32),
    png: bool,
    context: &Context,
    say: Say,
) {
    let Some((svg, note)) = drawn(view, key, size, context) else {
        return say("There is nothing to draw yet: make a step first.");
    };
    let name = format!("proxprop-{key}");
    let short = view.caption(context.shown);
    let note = png.then(|| chunk(&note));
    file::save_picture(&name, note, &svg, say);
    if !fits(&short, size, context.theme) {
        file::save(&format!("{name}.txt"), "text/plain", &short, say);
    }
}

/// Saves the numbers of the chosen picture; those of its curves are in the view's.
fn save_numbers(view: &dyn View, shown: &Shown) {
    let key = dom::by_id::<HtmlSelectElement>("share-picture").value();
    match view.numbers(&key) {
        Some(text) => file::save(&format!("proxprop-{key}.csv"), "text/csv", &text, say),
        None => save_table(view, shown, say),
    }
}

/// Saves a view's numbers.
pub(super) fn save_table(view: &dyn View, shown: &Shown, say: Say) {
    match view.table(shown) {
        Some((name, text)) => {
            file::save(&format!("proxprop-{name}.csv"), "text/csv", &text, say);
        }
        None => say("There are no numbers yet: make a step first."),
    }
}

/// A chart of a view by its name, or all of them, as SVG text with title and caption, and what is said in it for who reads
/// no picture; `None` while there is nothing.
fn drawn(
    view: &dyn View,
    key: &str,
    size: (u32, u32),
    context: &Context,
) -> Option<(String, String)> {
    let Context { shown, theme, .. } = context;
    let mut pictures = view.pictures(shown);
    let title = if key == WHOLE {
        pictures.retain(|p| p.tile.place[2] > 0.0);
        ["ProxProp Lab: ", &view.title(shown)].concat()
    } else {
        pictures.retain(|p| p.key == key);
        for Picture { tile, .. } in &mut pictures {
            tile.place = Tile::WHOLE;
        }
        pictures.first()?.title.clone()
    };
    if pictures.is_empty() {
        return None;
    }
    let tiles: Vec<Tile> = pictures.into_iter().map(|p| p.tile).collect();
    let (short, link) = (view.caption(shown), link(shown, view));
    let code = if fits(&short, size, theme) {
        None
    } else {
        code(&link)
    };
    let frame = shown.frame.as_ref();
    // What does not show the run itself was made otherwise.
    let frame = frame.filter(|_| view.standing().is_none());
    let source = Source {
        // Whatever page of the lab it is put behind.
        whole: link.find('?').map_or("", |at| &link[at..]),
        short: &short,
        code: code.as_deref(),
        arithmetic: frame.map(|frame| frame.arithmetic.as_str()),
    };
    let note = [source.whole, "\n", &source.made()].concat();
    Some((sheet(size, &title, &source, &tiles, theme), note))
}

/// Says what has become of it, in the dialog.
pub(in crate::web) fn say(words: &str) {
    dom::write(&dom::by_id("share-said"), words);
}
