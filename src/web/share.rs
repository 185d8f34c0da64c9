//! Giving a run away and taking one in: link and QR code, pictures, curves and state as files. Knows no view.

use super::dom;
use super::link::{Link, Pending};
use super::message::Ask;
use super::shown::Shown;
use crate::lab::csv;
use crate::lab::session::Command;
use crate::plot::{LineChart, Quantity, Run, Theme, XAxis, svg};
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

/// Opens the dialog with the run shown.
pub(super) fn open(shown: &Shown) {
    let location = dom::window().location();
    let address = |query: &str| {
        let page = location.href().unwrap_or_default();
        let page = page.split(['?', '#']).next().unwrap_or_default();
        let hash = location.hash().unwrap_or_default();
        format!("{page}?{query}{hash}")
    };
    let link = address(&shown.config.short());
    dom::by_id::<HtmlInputElement>("share-link").set_value(&link);
    let picture = QRBuilder::new(link).build().map(|code| {
        let svg = SvgBuilder::default().to_str(&code);
        format!("data:image/svg+xml,{}", js_sys::encode_uri_component(&svg))
    });
    let image: HtmlImageElement = dom::by_id("share-code");
    dom::show(&image, picture.is_ok());
    dom::show(&dom::by_id::<Element>("share-code-none"), picture.is_err());
    image.set_src(&picture.unwrap_or_default());

    let pictures: HtmlSelectElement = dom::by_id("share-picture");
    let chosen = pictures.value();
    pictures.set_text_content(None);
    for (key, label) in pictures_of(shown) {
        let option: Element = dom::element("option", "", &label);
        dom::set(&option, "value", &key);
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
pub(super) fn click(id: &str, shown: &Shown, theme: &Theme, link: &mut Link) -> bool {
    match id {
        "share-open" => open(shown),
        "share-copy" => copy(&dom::by_id("share-link"), say),
        "share-svg" | "share-png" => picture(id == "share-png", shown, theme),
        "share-csv" => curves(shown),
        "share-state" => link.send(Ask::Command(Command::State), Pending::Save),
        _ => return false,
    }
    true
}

/// What can be saved as a picture: key and label.
fn pictures_of(shown: &Shown) -> Vec<(String, String)> {
    let boundaries = shown.names.iter().enumerate().map(|(run, name)| {
        let key = format!("boundary-{}", run + 1);
        (key, format!("Decision boundary of {name}"))
    });
    let quantities = Quantity::ALL
        .into_iter()
        .map(|q| (q.key().to_owned(), q.label().to_owned()));
    std::iter::once(("loss".to_owned(), "Loss and energy".to_owned()))
        .chain(quantities)
        .chain(boundaries)
        .collect()
}

fn picture(png: bool, shown: &Shown, theme: &Theme) {
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
    let Some(drawn) = draw(&key, size, shown, theme) else {
        return say("There is nothing to draw yet: make a step first.");
    };
    let text = svg::captioned(&drawn, size, &shown.config.to_string(), theme);
    let name = format!("proxprop-{key}");
    if png {
        save_png(&format!("{name}.png"), &text);
    } else {
        save(&format!("{name}.svg"), "image/svg+xml", &text);
    }
}

fn draw(key: &str, size: (u32, u32), shown: &Shown, theme: &Theme) -> Option<String> {
    let (frame, scene) = (shown.frame.as_ref()?, shown.scene.as_ref()?);
    if let Some(number) = key.strip_prefix("boundary-") {
        let field = shown
            .fields
            .get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
        return Some(svg::boundary(field, scene, size, theme));
    }
    let runs: Vec<Run> = frame
        .members
        .iter()
        .zip(&shown.names)
        .zip(&shown.records)
        .map(|((member, name), records)| Run {
            name,
            records,
            divergence: member.divergence.as_ref(),
        })
        .collect();
    let chart = match Quantity::ALL.into_iter().find(|q| q.key() == key) {
        Some(quantity) => LineChart::step_sizes(&runs, XAxis::Steps, quantity),
        None => LineChart::loss_and_energy(&runs, XAxis::Steps, true),
    };
    let theme = Theme {
        unit: f64::from(crate::plot::theme::LATTICE),
        ..theme.clone()
    };
    Some(svg::lines(&chart, size, frame.total_steps as f64, &theme))
}

fn curves(shown: &Shown) {
    let Some(frame) = &shown.frame else { return };
    let records: Vec<&[_]> = shown.records.iter().map(Vec::as_slice).collect();
    let text = csv::curves(frame, &records, shown.config.hidden.len() + 1);
    save("proxprop-curves.csv", "text/csv", &text);
}

/// Offers a text as a file.
pub(super) fn save(name: &str, kind: &str, text: &str) {
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
pub(super) fn save_png(name: &str, svg: &str) {
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
pub(super) fn copy(input: &HtmlInputElement, say: fn(&str)) {
    let field = input.clone();
    let done = move |_| say("The link is copied.");
    let refused = move |_| {
        field.select();
        say("The browser did not allow copying; the link is selected instead.");
    };
    let clipboard = dom::window().navigator().clipboard();
    dom::when(&clipboard.write_text(&input.value()), done, refused);
}

fn say(words: &str) {
    dom::write(&dom::by_id("share-said"), words);
}

/// The file chosen in the dialog.
pub(super) fn chosen() -> Option<File> {
    let input: HtmlInputElement = dom::by_id("share-file");
    let file = input.files()?.get(0);
    // So that the same file can be chosen again.
    input.set_value("");
    file
}

/// The file dropped on the page.
pub(super) fn dropped(data: &DataTransfer) -> Option<File> {
    data.files()?.get(0)
}

/// Reads a file; `then` gets its text, or the sentence why there is none.
pub(super) fn read(file: &File, then: fn(Result<String, String>)) {
    let name = file.name();
    if file.size() > MAX_FILE {
        let megabytes = file.size() / 1e6;
        return then(Err(format!(
            "{name} has {megabytes:.0} MB and was not opened; allowed: at most {:.0} MB",
            MAX_FILE / 1e6
        )));
    }
    let done = move |text: JsValue| then(Ok(text.as_string().unwrap_or_default()));
    let failed = move |_| then(Err(format!("{name} could not be read")));
    dom::when(&file.text(), done, failed);
}
