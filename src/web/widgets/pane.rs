//! One canvas in the page that is drawn on when somebody asks. Knows its size, no picture.

use crate::plot::Theme;
use crate::web::dom;
use crate::web::dom::brush::Brush;
use crate::web::dom::canvas::Stack;
use web_sys::{Element, HtmlCanvasElement, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// A canvas.
pub(in crate::web) struct Pane {
    stack: Stack,
    /// What is on it is out of date.
    stale: bool,
}

impl Pane {
    /// Puts a canvas into the element `id`.
    pub(in crate::web) fn new(id: &str, observer: &ResizeObserver) -> Pane {
        let host: HtmlElement = dom::by_id(id);
        let canvas: Element = dom::element("canvas", "", "");
        dom::set(&canvas, "aria-hidden", "true");
        let first = host.first_child();
        host.insert_before(&canvas, first.as_ref()).expect("a tree");
        Pane {
            stack: Stack::new(host, observer),
            stale: true,
        }
    }

    /// Its element.
    pub(in crate::web) fn host(&self) -> &HtmlElement {
        &self.stack.host
    }

    /// The next [`Pane::draw`] draws.
    pub(in crate::web) fn forget(&mut self) {
        self.stale = true;
    }

    /// Its element may have another size.
    pub(in crate::web) fn resized(&mut self, entry: &ResizeObserverEntry) {
        self.stale |= self.stack.resized(entry);
    }

    /// Whether the next [`Pane::draw`] draws.
    pub(in crate::web) fn is_stale(&self) -> bool {
        self.stale && !self.stack.is_empty()
    }

    /// Draws if what is shown is out of date; `ink` gets the size on the lattice and a theme of that unit.
    pub(in crate::web) fn draw(
        &mut self,
        theme: &Theme,
        ink: impl FnOnce(&mut Brush, (u32, u32), &Theme),
    ) {
        self.draw_over(theme, |_, _| Vec::new(), ink);
    }

    /// As [`Pane::draw`], over images: each is scaled up into its square, left, top and side on the lattice.
    pub(in crate::web) fn draw_over(
        &mut self,
        theme: &Theme,
        images: impl FnOnce((u32, u32), &Theme) -> Vec<(HtmlCanvasElement, [i32; 3])>,
        ink: impl FnOnce(&mut Brush, (u32, u32), &Theme),
    ) {
        if self.is_stale() {
            let (size, theme) = self.measure(theme);
            drop(self.stack.wiped(0));
            for (image, [left, top, side]) in images(size, &theme) {
                let whole = [0.0, 0.0, image.width().into(), image.height().into()];
                let square = std::iter::once((whole, (left, top)));
                self.stack.fill_squares(0, &image, square, side);
            }
            ink(&mut self.stack.over(0), size, &theme);
            self.stale = false;
        }
    }

    /// The size on the lattice, and the theme of that unit.
    pub(in crate::web) fn measure(&self, theme: &Theme) -> ((u32, u32), Theme) {
        let theme = theme.on(self.stack.unit());
        (self.stack.size(), theme)
    }

    /// The lattice steps of a place in CSS pixels.
    pub(in crate::web) fn lattice(&self, at: [f64; 2]) -> (f64, f64) {
        (at[0] * self.stack.unit(), at[1] * self.stack.unit())
    }
}
