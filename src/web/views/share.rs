//! Giving a run away and taking one in: link and QR code, pictures, curves and state as files. Knows of a view what it
//! offers to save.

use super::view::{Context, Picture, View};
use crate::lab::config::DataSource;
use crate::lab::session::Command;
use crate::plot::Theme;
use crate::plot::sheet::{Tile, sheet};
use crate::web::dom;
use crate::web::wire::link::Pending;
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, DataTransfer, Element, File,
    HtmlAnchorElement, HtmlCanvasElement, HtmlDialogElement, HtmlImageElement, HtmlInputElement,
    HtmlSelectElement, Url,
};

/// The largest file read; state files of the largest runs are smaller.
const MAX_FILE: f64 = 64e6;

/// The picture of all charts of the view.
const WHOLE: &str = "view";

/// Opens the dialog with the run shown.
fn open(shown: &Shown, view: &dyn View) {
    let location = dom::window().location();
    let address = |query: &str| {
        let page = location.href().unwrap_or_default();
        let page = page.split(['?', '#']).next().unwrap_or_default();
        let hash = location.hash().unwrap_or_default();
        format!("{page}?{query}{hash}")
    };
    let link = address(&shown.config.short());
    dom::by_id::<HtmlInputElement>("share-link").set_value(&link);
    let is_file = location
        .protocol()
        .is_ok_and(|protocol| protocol == "file:");
    let from_file = shown.config.data == DataSource::State;
    let hint = if from_file {
        "This link cannot replay the run: its points come from a file. Save the state below and pass that on."
    } else if is_file {
        "This page is a file, so the link works on this computer only. Elsewhere, open the file there and put what \
         begins with ? behind its address."
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
    let code = QRBuilder::new(link)
        .build()
        .ok()
        .filter(|_| !is_file && !from_file);
    let picture = code.map(|code| {
        let svg = SvgBuilder::default().to_str(&code);
        format!("data:image/svg+xml,{}", js_sys::encode_uri_component(&svg))
    });
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
    let dialog: HtmlDialogElement = dom::by_id("share");
    if !dialog.open() {
        // Refused only for a dialog that is not in the page.
        let _ = dialog.show_modal();
    }
}

/// A button of the dialog; false if it is none.
pub(in crate::web) fn click(id: &str, view: &dyn View, context: &mut Context) -> bool {
    let Context { shown, theme, link } = context;
    match id {
        "share-open" => open(shown, view),
        "share-copy" => copy(&dom::by_id("share-link"), say),
        "share-svg" | "share-png" => picture(id == "share-png", view, shown, theme),
        "share-csv" => table(view, shown),
        "share-state" => link.send(Ask::Command(Command::State), Pending::Save),
        _ => return false,
    }
    true
}

fn picture(png: bool, view: &dyn View, shown: &Shown, theme: &Theme) {
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
    let size = match (side("share-width"), side("share-height")) {
        (Ok(width), Ok(height)) => (width, height),
        (Err(error), _) | (_, Err(error)) => return say(&error),
    };
    let Some(text) = drawn(view, &key, size, shown, theme) else {
        return say("There is nothing to draw yet: make a step first.");
    };
    let name = format!("proxprop-{key}");
    if png {
        save_png(&format!("{name}.png"), &text);
    } else {
        save(&format!("{name}.svg"), "image/svg+xml", &text);
    }
}

/// A chart of a view by its name, or all of them, as SVG text with title and caption; `None` while there is nothing.
pub(in crate::web) fn drawn(
    view: &dyn View,
    key: &str,
    size: (u32, u32),
    shown: &Shown,
    theme: &Theme,
) -> Option<String> {
    let mut pictures = view.pictures(shown);
    let title = if key == WHOLE {
        pictures.retain(|p| p.tile.place[2] > 0.0);
        format!("ProxProp Lab: {}", shown.names.join(", "))
    } else {
        pictures.retain(|p| p.key == key);
        for Picture { tile, .. } in &mut pictures {
            tile.title = String::new();
            tile.place = Tile::WHOLE;
        }
        pictures.first()?.title.clone()
    };
    if pictures.is_empty() {
        return None;
    }
    let tiles: Vec<Tile> = pictures.into_iter().map(|p| p.tile).collect();
    Some(sheet(size, &title, &view.caption(shown), &tiles, theme))
}

fn table(view: &dyn View, shown: &Shown) {
    match view.table(shown) {
        Some((name, text)) => save(&format!("proxprop-{name}.csv"), "text/csv", &text),
        None => say("There are no numbers yet: make a step first."),
    }
}

/// Offers a text as a file.
pub(in crate::web) fn save(name: &str, kind: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options);
    save_blob(name, &blob.expect("texts make blobs"));
}

fn save_blob(name: &str, blob: &Blob) {
    let address = Url::create_object_url_with_blob(blob).expect("blobs have addresses");
    let anchor: HtmlAnchorElement = dom::element("a", "", "");
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // The download has its own hold on the blob from now on.
    let _ = Url::revoke_object_url(&address);
    say(&format!("{name} is on its way to your downloads."));
}

/// Rasterizes a picture, one pixel per CSS pixel.
pub(in crate::web) fn save_png(name: &str, svg: &str) {
    let image: HtmlImageElement = dom::element("img", "", "");
    let (source, name) = (image.clone(), name.to_owned());
    let loaded = Closure::once_into_js(move || {
        let canvas: HtmlCanvasElement = dom::element("canvas", "", "");
        canvas.set_width(source.natural_width());
        canvas.set_height(source.natural_height());
        let context = canvas.get_context("2d").ok().flatten();
        let context: CanvasRenderingContext2d =
            context.expect("a canvas draws in 2d").unchecked_into();
        let _ = context.draw_image_with_html_image_element(&source, 0.0, 0.0);
        let given = Closure::once_into_js(move |blob: Option<Blob>| match blob {
            Some(blob) => save_blob(&name, &blob),
            None => say("This browser cannot make so large a picture; take a smaller size."),
        });
        let asked = canvas.to_blob(given.unchecked_ref());
        asked.expect("a picture of our own can be read");
    });
    image.set_onload(Some(loaded.unchecked_ref()));
    image.set_src(&format!(
        "data:image/svg+xml,{}",
        js_sys::encode_uri_component(svg)
    ));
}

/// Copies a field's text, or selects it where that is not allowed; `say` gets the words.
pub(in crate::web) fn copy(input: &HtmlInputElement, say: fn(&str)) {
    let field = input.clone();
    let done = move |_| say("The link is copied.");
    let refused = move |_| {
        field.select();
        say("The browser did not allow copying; the link is selected instead.");
    };
    // Plain http has no clipboard at all.
    let navigator = dom::window().navigator();
    if js_sys::Reflect::get(&navigator, &"clipboard".into()).map_or(true, |c| c.is_undefined()) {
        return refused(JsValue::UNDEFINED);
    }
    let clipboard = navigator.clipboard();
    dom::when(&clipboard.write_text(&input.value()), done, refused);
}

fn say(words: &str) {
    dom::write(&dom::by_id("share-said"), words);
}

/// The file chosen in the dialog.
pub(in crate::web) fn chosen() -> Option<File> {
    let input: HtmlInputElement = dom::by_id("share-file");
    let file = input.files()?.get(0);
    // So that the same file can be chosen again.
    input.set_value("");
    file
}

/// The file dropped on the page.
pub(in crate::web) fn dropped(data: &DataTransfer) -> Option<File> {
    data.files()?.get(0)
}

/// Reads a file; `then` gets its text, or the sentence why there is none.
pub(in crate::web) fn read(file: &File, then: fn(String, Result<String, String>)) {
    let name = file.name();
    if file.size() > MAX_FILE {
        let megabytes = file.size() / 1e6;
        let error = format!(
            "{name} has {megabytes:.0} MB and was not opened; allowed: at most {:.0} MB",
            MAX_FILE / 1e6
        );
        return then(name, Err(error));
    }
    let (named, lost) = (name.clone(), format!("{name} could not be read"));
    let done = move |text: JsValue| then(named, Ok(text.as_string().unwrap_or_default()));
    let failed = move |_| then(name, Err(lost));
    dom::when(&file.text(), done, failed);
}
