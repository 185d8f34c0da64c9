//! plotters' canvas where much is drawn on each frame: it is told a style once, and strokes what follows in one style at once.

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

type Drawn = Result<(), DrawingErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>>;

/// Draws on a canvas. What it strokes is there when something else is drawn, or when it is dropped.
pub(in crate::web) struct Brush {
    backend: CanvasBackend,
    context: CanvasRenderingContext2d,
    /// What the context fills with, where that is known.
    fills: Option<[f64; 4]>,
    /// What it strokes with, and how wide.
    strokes: Option<([f64; 4], u32)>,
    /// Lines lie in the context's path that are not stroked yet.
    begun: bool,
}

/// What draws on a canvas.
pub(in crate::web) fn context(canvas: &HtmlCanvasElement) -> CanvasRenderingContext2d {
    let context = canvas
        .get_context("2d")
        .ok()
        .flatten()
        .expect("a canvas draws in 2d");
    context.unchecked_into()
}

fn channels(color: BackendColor) -> [f64; 4] {
    let (r, g, b) = color.rgb;
    [r.into(), g.into(), b.into(), color.alpha]
}

fn text(color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    if color.alpha < 1.0 {
        format!("rgba({r},{g},{b},{})", color.alpha)
    } else {
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

impl Brush {
    /// On a canvas.
    ///
    /// # Panics
    /// When the canvas draws in another way than in 2d already.
    pub(in crate::web) fn new(canvas: HtmlCanvasElement) -> Brush {
        let context = context(&canvas);
        let backend = CanvasBackend::with_canvas_object(canvas);
        Brush {
            backend: backend.expect("a canvas draws in 2d"),
            context,
            fills: None,
            strokes: None,
            begun: false,
        }
    }

    /// Strokes the lines that wait for it.
    fn finish(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.context.stroke();
        }
    }

    /// What plotters' backend draws with styles of its own.
    fn plain(&mut self) -> &mut CanvasBackend {
        self.finish();
        (self.fills, self.strokes) = (None, None);
        &mut self.backend
    }

    fn fill_with(&mut self, color: BackendColor) {
        self.finish();
        if self.fills != Some(channels(color)) {
            self.fills = Some(channels(color));
            self.context.set_fill_style_str(&text(color));
        }
    }

    fn stroke_with<S: BackendStyle>(&mut self, style: &S) {
        let (color, width) = (style.color(), style.stroke_width());
        if self.strokes != Some((channels(color), width)) {
            self.finish();
            self.strokes = Some((channels(color), width));
            self.context.set_stroke_style_str(&text(color));
            self.context.set_line_width(width.into());
        }
    }

    fn follow(&self, path: impl IntoIterator<Item = BackendCoord>) {
        let mut path = path.into_iter().map(|(x, y)| (f64::from(x), f64::from(y)));
        if let Some((x, y)) = path.next() {
            self.context.move_to(x, y);
        }
        path.for_each(|(x, y)| self.context.line_to(x, y));
    }
}

impl Drop for Brush {
    fn drop(&mut self) {
        self.finish();
    }
}

impl DrawingBackend for Brush {
    type ErrorType = <CanvasBackend as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.backend.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.finish();
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.plain().draw_pixel(at, color)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let alpha = style.color().alpha;
        if alpha == 0.0 {
            return Ok(());
        }
        // Where lines that one sees through cross, they are darker.
        if alpha < 1.0 {
            self.finish();
        }
        self.stroke_with(style);
        if !std::mem::replace(&mut self.begun, true) {
            self.context.begin_path();
        }
        self.follow(path);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.plain().draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        let [x, y] = [from.0, from.1].map(f64::from);
        let [width, height] = [to.0 - from.0, to.1 - from.1].map(f64::from);
        if fill {
            self.fill_with(style.color());
            self.context.fill_rect(x, y, width, height);
        } else {
            self.finish();
            self.stroke_with(style);
            self.context.stroke_rect(x, y, width, height);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        if fill {
            self.fill_with(style.color());
        } else {
            self.finish();
            self.stroke_with(style);
        }
        let [x, y] = [center.0, center.1].map(f64::from);
        self.context.begin_path();
        // Only a negative radius is refused.
        let _ = self
            .context
            .arc(x, y, radius.into(), 0.0, std::f64::consts::TAU);
        if fill {
            self.context.fill();
        } else {
            self.context.stroke();
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        self.fill_with(style.color());
        self.context.begin_path();
        self.follow(path);
        self.context.close_path();
        self.context.fill();
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        self.plain().draw_text(text, style, at)
    }
}
