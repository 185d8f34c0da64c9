//! Small pictures of presets, on canvases of a fixed size. Knows frames and charts, no preset.

use crate::frame::map::MapFrame;
use crate::frame::{Field, OneStep, Scene};
use crate::lab::flow::FlowSettings;
use crate::plot::theme::LATTICE;
use crate::plot::{MapLayout, Theme, boundary, flow as flow_chart, staircase};
use crate::web::dom;
use crate::web::dom::brush::{Brush, context};
use crate::web::dom::canvas;
use crate::web::wire::shown::Shown;
use web_sys::HtmlCanvasElement;

/// Size in CSS pixels.
const SIZE: (f64, f64) = (264.0, 132.0);
/// That of a data set.
const SMALL: (f64, f64) = (60.0, 60.0);

/// The runs' decision boundaries side by side.
pub(in crate::web) fn run(canvas: &HtmlCanvasElement, shown: &Shown, theme: &Theme) {
    let Some(scene) = &shown.scene else { return };
    let count = shown.fields.len().max(1);
    let (columns, rows) = match count {
        1..=3 => (count, 1),
        4 => (2, 2),
        _ => (3, 2),
    };
    let side = (SIZE.0 / columns as f64).min(SIZE.1 / rows as f64);
    let wide = if scene.inputs == 1 {
        SIZE.0 / columns as f64
    } else {
        side
    };
    let (left, top) = (
        (SIZE.0 - wide * columns as f64) / 2.0,
        (SIZE.1 - side * rows as f64) / 2.0,
    );
    let sheet = Sheet::new(canvas, SIZE, theme);
    for (run, field) in shown.fields.iter().enumerate() {
        let at = (
            left + wide * (run % columns) as f64,
            top + side * (run / columns) as f64,
        );
        // A gap between them.
        let size = (wide - 2.0, side - 2.0);
        if scene.inputs == 2 {
            let bytes = boundary::pixels(field, scene, &sheet.theme);
            let mut cells: HtmlCanvasElement = dom::element("canvas", "", "");
            let (w, h) = (field.columns as u32, field.rows as u32);
            if canvas::image(&mut cells, &bytes, w, h).is_ok() {
                sheet.picture(&cells, at, size);
            }
        }
        let (mut ink, lattice) = sheet.part(at, size);
        points_and_curve(&mut ink, lattice, field, scene, &sheet.theme);
    }
}

fn points_and_curve(
    ink: &mut Brush,
    size: (u32, u32),
    field: &Field,
    scene: &Scene,
    theme: &Theme,
) {
    // A canvas never refuses. The points that are only looked at would be too many here.
    let few = Scene {
        validation: Vec::new(),
        ..scene.clone()
    };
    let _ = boundary::draw_points(ink, size, &few, theme);
    let _ = boundary::draw_contour(ink, size, field, scene, theme);
}

/// The points of a data set.
pub(in crate::web) fn points(canvas: &HtmlCanvasElement, scene: &Scene, theme: &Theme) {
    let sheet = Sheet::new(canvas, SMALL, theme);
    let (mut ink, size) = sheet.part((0.0, 0.0), SMALL);
    let _ = boundary::draw_points(&mut ink, size, scene, &sheet.theme);
}

/// The staircase of E.
pub(in crate::web) fn one_step(canvas: &HtmlCanvasElement, step: &OneStep, theme: &Theme) {
    let sheet = Sheet::new(canvas, SIZE, theme);
    let (mut ink, size) = sheet.part((0.0, 0.0), SIZE);
    let _ = staircase::draw(&mut ink, size, step, usize::MAX, &sheet.theme);
}

/// The map of a flow, given as text.
pub(in crate::web) fn flow(canvas: &HtmlCanvasElement, text: &str, theme: &Theme) {
    let sheet = Sheet::new(canvas, SIZE, theme);
    // The legend and the axes' labels are cut off: the ways are the picture.
    let (mut ink, size) = sheet.part((-20.0, -85.0), (SIZE.0 + 30.0, SIZE.1 + 148.0));
    if let Ok(flow) = FlowSettings::parse(text).and_then(|settings| settings.flow()) {
        let _ = flow_chart::draw_map(&mut ink, size, &flow, &sheet.theme);
    }
}

/// A step-size map.
pub(in crate::web) fn map(canvas: &HtmlCanvasElement, frame: &MapFrame, theme: &Theme) {
    let sheet = Sheet::new(canvas, SIZE, theme);
    let (mut ink, size) = sheet.part((0.0, 0.0), SIZE);
    let _ = MapLayout::new(frame, size, &sheet.theme).draw(&mut ink, None, &sheet.theme);
}

/// An empty canvas of the right size, and the theme of its unit.
struct Sheet {
    canvas: HtmlCanvasElement,
    ratio: f64,
    theme: Theme,
}

impl Sheet {
    fn new(canvas: &HtmlCanvasElement, size: (f64, f64), theme: &Theme) -> Sheet {
        let ratio = dom::window().device_pixel_ratio();
        canvas.set_width((size.0 * ratio).round() as u32);
        canvas.set_height((size.1 * ratio).round() as u32);
        let theme = Theme {
            zoom: 1.0,
            font: 9.0,
            stroke: 1.5,
            ..theme.clone()
        };
        Sheet {
            canvas: canvas.clone(),
            theme: theme.on(f64::from(LATTICE) * ratio),
            ratio,
        }
    }

    fn picture(&self, image: &HtmlCanvasElement, at: (f64, f64), size: (f64, f64)) {
        let context = context(&self.canvas);
        let _ = context.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0);
        let drawn = context
            .draw_image_with_html_canvas_element_and_dw_and_dh(image, at.0, at.1, size.0, size.1);
        drawn.expect("a canvas can be copied");
    }

    /// A part of it that counts in lattice steps from its own corner.
    fn part(&self, at: (f64, f64), size: (f64, f64)) -> (Brush, (u32, u32)) {
        let scale = 1.0 / f64::from(LATTICE);
        let _ = context(&self.canvas).set_transform(
            scale,
            0.0,
            0.0,
            scale,
            at.0 * self.ratio,
            at.1 * self.ratio,
        );
        let ink = Brush::new(self.canvas.clone());
        let lattice = |length: f64| self.theme.px(length) as u32;
        (ink, (lattice(size.0), lattice(size.1)))
    }
}
