//! Texts and pictures that leave the page as files or by the clipboard, and files that come in. Knows no run; who asks says
//! where the words about it go.

use super::elements as dom;
use crate::data::bytes::{Encoding, encoding};
use crate::data::cifar;
use crate::lab::{state, table};
use js_sys::{Array, JsString, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, DataTransfer, File, HtmlAnchorElement,
    HtmlCanvasElement, HtmlImageElement, HtmlInputElement, TextDecoder, Url,
};

/// Where the words about what becomes of a file go.
pub(in crate::web) type Say = fn(&str);

/// Offers a text as a file.
pub(in crate::web) fn save(name: &str, kind: &str, text: &str, say: Say) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options);
    save_blob(name, &blob.expect("texts make blobs"), say);
}

fn save_blob(name: &str, blob: &Blob, say: Say) {
    let address = Url::create_object_url_with_blob(blob).expect("blobs have addresses");
    let anchor: HtmlAnchorElement = dom::element("a", "", "");
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // The download has its own hold on the blob from now on.
    let _ = Url::revoke_object_url(&address);
    say(&format!("{name} is on its way to your downloads."));
}

/// Signature and header of a PNG, in bytes.
const HEAD: f64 = 33.0;

/// Offers a picture as a file: as it is, or with the chunk of a note rasterized with one pixel per CSS pixel.
pub(in crate::web) fn save_picture(name: &str, note: Option<Vec<u8>>, svg: &str, say: Say) {
    let Some(note) = note else {
        return save(&format!("{name}.svg"), "image/svg+xml", svg, say);
    };
    let image: HtmlImageElement = dom::element("img", "", "");
    let (source, name) = (image.clone(), format!("{name}.png"));
    let loaded = Closure::once_into_js(move || {
        let canvas: HtmlCanvasElement = dom::element("canvas", "", "");
        canvas.set_width(source.natural_width());
        canvas.set_height(source.natural_height());
        let context = canvas.get_context("2d").ok().flatten();
        let context: CanvasRenderingContext2d =
            context.expect("a canvas draws in 2d").unchecked_into();
        let _ = context.draw_image_with_html_image_element(&source, 0.0, 0.0);
        let given = Closure::once_into_js(move |blob: Option<Blob>| match blob {
            Some(blob) => save_blob(&name, &noted(&blob, &note), say),
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

/// A PNG with a chunk behind its header.
fn noted(png: &Blob, chunk: &[u8]) -> Blob {
    let cut = |from, to| png.slice_with_f64_and_f64(from, to).expect("blobs are cut");
    let chunk = Uint8Array::from(chunk);
    let parts = Array::of3(&cut(0.0, HEAD), &chunk, &cut(HEAD, png.size()));
    let options = BlobPropertyBag::new();
    options.set_type(&png.type_());
    let whole = Blob::new_with_blob_sequence_and_options(&parts, &options);
    whole.expect("parts make blobs")
}

/// Copies a field's text, or selects it where that is not allowed.
pub(in crate::web) fn copy(input: &HtmlInputElement, say: Say) {
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

/// The file chosen in an input.
pub(in crate::web) fn chosen(input: &HtmlInputElement) -> Option<File> {
    let file = input.files()?.get(0);
    // So that the same file can be chosen again.
    input.set_value("");
    file
}

/// The file dropped on the page, if there is one.
///
/// # Errors
/// If there are several.
pub(in crate::web) fn dropped(data: &DataTransfer) -> Result<Option<File>, String> {
    let Some(files) = data.files() else {
        return Ok(None);
    };
    match files.length() {
        0 | 1 => Ok(files.get(0)),
        several => Err(format!(
            "{several} files were dropped and none was opened; allowed: one at a time"
        )),
    }
}

/// Whether a file of this name holds a state.
pub(in crate::web) fn is_state(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

/// Whether a file of this name holds images of CIFAR-10.
pub(in crate::web) fn is_images(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".bin")
}

/// Reads a file of images; `then` gets its bytes, or the sentence why there are none.
pub(in crate::web) fn read_images(file: &File, then: fn(String, Result<Vec<u8>, String>)) {
    let name = file.name();
    let bytes = if file.size() > cifar::BYTES as f64 {
        let (size, most) = (file.size(), cifar::BYTES);
        let error = format!(
            "{name} has {size} bytes and was not opened; allowed: {most}, a file of CIFAR-10's binary version"
        );
        Promise::reject(&error.into())
    } else {
        file.array_buffer()
    };
    let (named, lost) = (name.clone(), format!("{name} could not be read"));
    let done = move |bytes: JsValue| then(named, Ok(Uint8Array::new(&bytes).to_vec()));
    let failed = move |why: JsValue| then(name, Err(why.as_string().unwrap_or(lost)));
    dom::when(&bytes, done, failed);
}

/// Reads a file that is not too large; `then` gets its text and how that was written, or the sentence why there is none.
pub(in crate::web) fn read(file: &File, then: fn(String, Result<(String, Encoding), String>)) {
    let name = file.name();
    let most = if is_state(&name) {
        state::MOST_BYTES
    } else {
        table::MOST_BYTES
    };
    let bytes = if file.size() > most as f64 {
        // A promise even so: nobody is called back while something else is under way.
        let megabytes = file.size() / 1e6;
        let error = format!(
            "{name} has {megabytes:.1} MB and was not opened; allowed: at most {} MB for a table, {} MB for a state \
             file (.json), and a file of CIFAR-10 (data_batch_1.bin)",
            table::MOST_BYTES / 1_000_000,
            state::MOST_BYTES / 1_000_000
        );
        Promise::reject(&error.into())
    } else {
        file.array_buffer()
    };
    let (named, lost) = (name.clone(), format!("{name} could not be read"));
    let done = move |bytes: JsValue| {
        let text = text_of(&Uint8Array::new(&bytes));
        let text = text.map_err(|error| format!("{named}: {error}"));
        then(named, text);
    };
    let failed = move |why: JsValue| then(name, Err(why.as_string().unwrap_or(lost)));
    dom::when(&bytes, done, failed);
}

/// A text whose letters and their accents are one character each, where there is one: programs write either.
pub(in crate::web) fn composed(text: String) -> String {
    JsString::from(text).normalize("NFC").into()
}

/// The text that bytes are, by the browser's own decoder.
fn text_of(bytes: &Uint8Array) -> Result<(String, Encoding), String> {
    let encoding = encoding(&bytes.to_vec())?;
    let decoder = TextDecoder::new_with_label(encoding.label());
    let text = decoder.and_then(|decoder| decoder.decode_with_js_u8_array(bytes));
    let text = text.map_err(|_| "it could not be decoded".to_owned())?;
    Ok((text, encoding))
}
