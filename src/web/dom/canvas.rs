//! A stack of canvases in one element, as sharp as the screen. Knows sizes, no charts.

use super::brush::{Brush, context};
use super::elements as dom;
use crate::plot::theme::LATTICE;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{
    CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement, ImageData, ResizeObserver,
    ResizeObserverBoxOptions, ResizeObserverEntry, ResizeObserverOptions, ResizeObserverSize,
};

/// Most pixels of a side: more than any screen has, less than any browser refuses.
const MOST: f64 = 8192.0;

/// Canvases over each other, filling their element.
pub(in crate::web) struct Stack {
    /// Their element.
    pub(in crate::web) host: HtmlElement,
    /// Whether the pixels of an image that fills it are squares, and do not run into each other.
    pub(in crate::web) squares: bool,
    canvases: Vec<HtmlCanvasElement>,
    pixels: (u32, u32),
    ratio: f64,
}

impl Stack {
    /// The canvases that an element has, watched for changes of its size.
    pub(in crate::web) fn new(host: HtmlElement, observer: &ResizeObserver) -> Stack {
        let found = host.query_selector_all("canvas").expect("a valid selector");
        let canvases: Vec<HtmlCanvasElement> = (0..found.length())
            .filter_map(|i| found.get(i)?.dyn_into().ok())
            .collect();
        // Whatever becomes of the style sheet, no canvas has a say in the size of what it fills.
        lay(&host, &[("position", "relative")]);
        for canvas in &canvases {
            let fills = [
                ("position", "absolute"),
                ("inset", "0"),
                ("width", "100%"),
                ("height", "100%"),
            ];
            lay(canvas, &fills);
        }
        dom::set(&host, "data-sharp", "true");
        observe(&host, observer);
        Stack {
            host,
            squares: false,
            canvases,
            pixels: (0, 0),
            ratio: 1.0,
        }
    }

    /// Takes on its element's new size; false if it is the old one, or another element's.
    pub(in crate::web) fn resized(&mut self, entry: &ResizeObserverEntry) -> bool {
        if !self.host.is_same_node(Some(&entry.target())) {
            return false;
        }
        let known = js_sys::Reflect::get(entry, &"devicePixelContentBoxSize".into()).ok();
        let exact = known.filter(|boxes| !boxes.is_undefined()).map(|boxes| {
            let first: ResizeObserverSize = boxes
                .unchecked_into::<js_sys::Array>()
                .get(0)
                .unchecked_into();
            (first.inline_size(), first.block_size())
        });
        let css = entry.content_rect();
        let ratio = dom::window().device_pixel_ratio();
        let rough = (css.width() * ratio, css.height() * ratio);
        // The exact box differs by a rounding only; where it does not know the ratio (emulated screens), it is wrong.
        let near =
            |exact: &(f64, f64)| (exact.0 - rough.0).abs() < 2.0 && (exact.1 - rough.1).abs() < 2.0;
        let (width, height) = exact.filter(near).unwrap_or(rough);
        let pixels = (
            width.round().min(MOST) as u32,
            height.round().min(MOST) as u32,
        );
        self.ratio = if css.width() > 0.0 {
            width / css.width()
        } else {
            ratio
        };
        if pixels == self.pixels {
            return false;
        }
        self.pixels = pixels;
        for canvas in &self.canvases {
            canvas.set_width(pixels.0);
            canvas.set_height(pixels.1);
        }
        true
    }

    /// Is there nothing to draw on (a closed panel)?
    pub(in crate::web) fn is_empty(&self) -> bool {
        self.pixels.0 == 0 || self.pixels.1 == 0
    }

    /// Size on the lattice.
    pub(in crate::web) fn size(&self) -> (u32, u32) {
        let fine = LATTICE as u32;
        (self.pixels.0 * fine, self.pixels.1 * fine)
    }

    /// Lattice steps per CSS pixel.
    pub(in crate::web) fn unit(&self) -> f64 {
        f64::from(LATTICE) * self.ratio
    }

    /// A wiped layer that counts in lattice steps.
    pub(in crate::web) fn wiped(&self, layer: usize) -> Brush {
        let context = self.context(layer);
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, f64::from(self.pixels.0), f64::from(self.pixels.1));
        let scale = 1.0 / f64::from(LATTICE);
        let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        context.set_line_join("round");
        Brush::new(self.canvases[layer].clone())
    }

    /// Scales an image up to fill a layer; draw over it by [`Stack::over`].
    pub(in crate::web) fn fill(&self, layer: usize, image: &HtmlCanvasElement) {
        let context = self.context(layer);
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.set_image_smoothing_enabled(!self.squares);
        let (width, height) = (f64::from(self.pixels.0), f64::from(self.pixels.1));
        let _ = context
            .draw_image_with_html_canvas_element_and_dw_and_dh(image, 0.0, 0.0, width, height);
    }

    /// Scales parts of an image, left, top, width and height each, into squares of a layer with their corners there on the
    /// lattice; draw over them by [`Stack::over`].
    pub(in crate::web) fn fill_squares(
        &self,
        layer: usize,
        image: &HtmlCanvasElement,
        squares: impl Iterator<Item = ([f64; 4], (i32, i32))>,
        side: i32,
    ) {
        let context = self.context(layer);
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        context.set_image_smoothing_enabled(true);
        let fine = f64::from(LATTICE);
        let side = f64::from(side) / fine;
        for ([left, top, width, height], (x, y)) in squares {
            let (x, y) = (f64::from(x) / fine, f64::from(y) / fine);
            let _ = context
                .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    image, left, top, width, height, x, y, side, side,
                );
        }
    }

    /// A layer as it is, counting in lattice steps.
    pub(in crate::web) fn over(&self, layer: usize) -> Brush {
        let scale = 1.0 / f64::from(LATTICE);
        let _ = self
            .context(layer)
            .set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        Brush::new(self.canvases[layer].clone())
    }

    fn context(&self, layer: usize) -> CanvasRenderingContext2d {
        context(&self.canvases[layer])
    }
}

/// Measures all stacks again: the window is on a screen with other pixels, of which some browsers tell nothing.
pub(in crate::web) fn measure_again(observer: &ResizeObserver) {
    for host in dom::all(&dom::root(), "[data-sharp]") {
        observer.unobserve(&host);
        observe(&host, observer);
    }
}

fn observe(host: &Element, observer: &ResizeObserver) {
    let options = ResizeObserverOptions::new();
    options.set_box(ResizeObserverBoxOptions::DevicePixelContentBox);
    // Where that box is not known, asking for it is a mistake; the ratio then makes up for it.
    let observe = js_sys::Reflect::get(observer, &"observe".into()).expect("observers observe");
    let observe = observe.unchecked_into::<js_sys::Function>();
    if observe.call2(observer, host, &options).is_err() {
        observer.observe(host);
    }
}

fn lay(element: &HtmlElement, style: &[(&str, &str)]) {
    for (property, value) in style {
        let set = element.style().set_property(property, value);
        set.expect("a valid property");
    }
}

/// Puts RGBA bytes into a canvas of that size, made anew when the size is new.
pub(in crate::web) fn image(
    into: &mut HtmlCanvasElement,
    bytes: &[u8],
    width: u32,
    height: u32,
) -> Result<(), JsValue> {
    if into.width() != width || into.height() != height {
        into.set_width(width);
        into.set_height(height);
    }
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(bytes), width, height)?;
    context(into).put_image_data(&data, 0.0, 0.0)
}
