//! A line chart in the page: axes and curves on two canvases, a legend, and a readout by pointer, finger or
//! keyboard. Knows no run.

use crate::plot::LineChart;
use crate::plot::axes::Axes;
use crate::plot::number::short;
use crate::plot::theme::{Line, Theme};
use crate::web::dom;
use crate::web::dom::address::embedded;
use crate::web::dom::canvas::Stack;
use crate::web::dom::pointer::Pointer;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// One chart of the page.
pub(in crate::web) struct ChartView {
    /// Where it is drawn.
    pub(in crate::web) stack: Stack,
    legend: Element,
    rule: HtmlElement,
    readout: HtmlElement,
    /// What the legend shows: the run, if it is one, its stroke and words.
    legend_shown: Vec<(Option<usize>, Line, String)>,
    chart: Option<LineChart>,
    axes: Option<Axes>,
    /// The x that is read.
    cursor: Option<f64>,
    /// The step that is looked back to, once nobody wants to read there any more.
    hushed: Option<u64>,
}

impl ChartView {
    /// Fills the element `id` with a chart's parts.
    pub(in crate::web) fn new(id: &str, legend: &str, observer: &ResizeObserver) -> ChartView {
        let host: HtmlElement = dom::by_id(id);
        let body = dom::by_id::<web_sys::HtmlTemplateElement>("chart-body").content();
        let body = body
            .clone_node_with_deep(true)
            .expect("templates can be copied");
        host.append_child(&body).expect("a tree");
        ChartView {
            legend: dom::by_id(legend),
            rule: dom::find(&host, ".rule"),
            readout: dom::find(&host, ".readout"),
            stack: Stack::new(host, observer),
            legend_shown: Vec::new(),
            chart: None,
            axes: None,
            cursor: None,
            hushed: None,
        }
    }

    /// The next drawing starts with the axes.
    pub(in crate::web) fn forget_axes(&mut self) {
        self.axes = None;
    }

    /// Draws new numbers.
    pub(in crate::web) fn draw(&mut self, chart: LineChart, x_end: f64, theme: &Theme) {
        if self.stack.is_empty() {
            return;
        }
        let theme = theme.on(self.stack.unit());
        let axes = chart.axes(self.stack.size(), x_end, &theme);
        if self.axes.as_ref() != Some(&axes) {
            // A canvas never refuses; if one did, an empty chart is all that could be shown anyway.
            let _ = chart.draw_axes(&mut self.stack.wiped(0), &axes, &theme);
        }
        let _ = chart.draw_series(&mut self.stack.wiped(1), &axes, &theme);
        self.axes = Some(axes);
        self.show_legend(&chart);
        self.chart = Some(chart);
        self.show_readout();
    }

    fn show_legend(&mut self, chart: &LineChart) {
        let legend = chart.legend();
        let runs = legend.runs.into_iter();
        let runs = runs.map(|(run, line, name)| (Some(run), line, name));
        let outside = legend.outside.into_iter();
        let outside = outside.map(|(run, line, words)| (Some(run), line, words));
        let strokes = legend.strokes.into_iter();
        let strokes = strokes.map(|(line, label)| (None, line, label.to_owned()));
        let shown: Vec<_> = runs.chain(outside).chain(strokes).collect();
        if shown == self.legend_shown {
            return;
        }
        self.legend.set_text_content(None);
        for (run, line, words) in &shown {
            let sample = sample(run.unwrap_or(0), *line);
            if run.is_none() {
                sample.remove_attribute("data-run").expect("a valid name");
                dom::set(&sample, "data-marker", "none");
            }
            let item: Element = dom::element("li", "", "");
            dom::append(&item, &sample);
            dom::append(&item, &dom::element("span", "", words));
            dom::append(&self.legend, &item);
        }
        self.legend_shown = shown;
    }

    /// Its element may have another size.
    pub(in crate::web) fn resized(&mut self, entry: &ResizeObserverEntry) {
        if self.stack.resized(entry) {
            self.axes = None;
        }
    }

    /// A pointer moved: reads where it is, unless it is elsewhere.
    pub(in crate::web) fn point(&mut self, pointer: &Pointer) {
        match pointer.over(&self.stack.host) {
            Some(([x, _], _)) => self.point_at(x),
            None if pointer.leaves(&self.stack.host) => self.leave(),
            None => {}
        }
    }

    /// Reads at a place given in CSS pixels from the left.
    fn point_at(&mut self, x: f64) {
        if let Some(axes) = &self.axes {
            self.cursor = Some(axes.x_of(x * self.stack.unit()));
            self.show_readout();
        }
    }

    /// Stops reading.
    pub(in crate::web) fn leave(&mut self) {
        self.cursor = None;
        self.show_readout();
    }

    /// Takes away whatever is read; whether there was anything.
    pub(in crate::web) fn hush(&mut self) -> bool {
        let reads = self.reads();
        self.hushed = self.looked_back_to();
        self.leave();
        reads
    }

    fn looked_back_to(&self) -> Option<u64> {
        self.chart.as_ref().and_then(|chart| chart.now)
    }

    fn reads(&self) -> bool {
        let back = self.looked_back_to();
        self.cursor.is_some() || (back.is_some() && back != self.hushed)
    }

    /// Moves what is read by arrow keys; false if the key means nothing here.
    pub(in crate::web) fn key(&mut self, key: &str) -> bool {
        let Some(points) = self
            .chart
            .as_ref()
            .and_then(|c| c.curves.last())
            .map(|c| &c.points)
        else {
            return false;
        };
        let at = self.cursor.map_or(points.len().saturating_sub(1), |x| {
            points.partition_point(|p| p[0] < x)
        });
        let last = points.len().saturating_sub(1);
        let page = (points.len() / 20).max(1);
        let to = match (key, self.cursor) {
            ("Escape", _) => {
                self.hush();
                return true;
            }
            ("ArrowLeft" | "ArrowRight", None) | ("End", _) => last,
            ("ArrowLeft", _) => at.saturating_sub(1),
            ("ArrowRight", _) => (at + 1).min(last),
            ("PageUp", _) => at.saturating_sub(page),
            ("PageDown", _) => (at + page).min(last),
            ("Home", _) => 0,
            _ => return false,
        };
        self.cursor = points.get(to).map(|p| p[0]);
        self.show_readout();
        true
    }

    fn show_readout(&self) {
        let (true, Some(chart), Some(axes)) = (self.reads(), &self.chart, &self.axes) else {
            dom::show(&self.rule, false);
            dom::show(&self.readout, false);
            return dom::place(&self.stack.host, "margin-bottom", 0.0);
        };
        // What is pointed at, or else the step that is looked back to.
        let mut readings = self
            .cursor
            .map_or_else(|| chart.read_now(), |x| chart.read(x));
        let x = self.cursor.or(readings.first().map(|r| r.x)).unwrap_or(0.0);
        let Some(nearest) = readings
            .iter()
            .map(|r| r.x)
            .min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()))
        else {
            return;
        };
        self.readout.set_text_content(None);
        let heading = match (self.cursor, chart.now) {
            (None, Some(step)) => format!("looking at step {step}"),
            _ => chart.x_in_words(nearest),
        };
        dom::append(&self.readout, &dom::element("b", "", &heading));
        readings.reverse();
        for reading in &readings {
            let curve = &chart.curves[reading.curve];
            let row: Element = dom::element("span", "row", "");
            dom::append(&row, &sample(curve.run, curve.line));
            let words = format!("{} {}", curve.name, curve.label);
            dom::append(&row, &dom::element("span", "", words.trim_end()));
            // A run that has stopped earlier has no number here.
            let far = self.cursor.is_some()
                && (reading.x - nearest).abs() > 0.005 * (axes.x.1 - axes.x.0);
            let value = if reading.y.is_finite() && !far {
                short(reading.y)
            } else {
                "–".to_owned()
            };
            dom::append(&row, &dom::element("span", "", &value));
            dom::append(&self.readout, &row);
        }
        let column = f64::from(axes.x_at(nearest));
        dom::place(&self.rule, "left", column / self.stack.unit());
        // The chart has its own line at the step that is looked back to.
        dom::show(&self.rule, self.cursor.is_some());
        dom::show(&self.readout, true);
        if self.cursor.is_none() && !embedded() {
            // What is not pointed at has time, and a place below.
            dom::set(&self.readout, "data-side", "below");
            let high = f64::from(self.readout.offset_height());
            return dom::place(&self.stack.host, "margin-bottom", high);
        }
        dom::place(&self.stack.host, "margin-bottom", 0.0);
        let unit = self.stack.unit();
        let size = [self.readout.offset_width(), self.readout.offset_height()];
        let size = size.map(|side| (f64::from(side) * unit).round() as i32);
        let [right, low] = chart.clearest_corner(axes, size, column as i32);
        let side = if right { "right" } else { "left" };
        dom::set(&self.readout, "data-side", side);
        let end = if low { "bottom" } else { "top" };
        dom::set(&self.readout, "data-end", end);
    }
}

/// A piece of a run's line with its marker.
pub(in crate::web) fn sample(run: usize, line: Line) -> Element {
    let sample: HtmlElement = dom::element("span", "sample", "");
    dom::set(&sample, "aria-hidden", "true");
    mark_sample(&sample, run, line);
    sample.unchecked_into()
}

/// Makes an element of class `sample` show a run's line and marker.
pub(in crate::web) fn mark_sample(sample: &HtmlElement, run: usize, line: Line) {
    dom::set(sample, "data-run", &(run % 6).to_string());
    let style = sample.style();
    style
        .set_property("--dashes", &dashes(line))
        .expect("a valid property");
    let marker = if line == Line::Solid {
        (run % 6).to_string()
    } else {
        "none".to_owned()
    };
    dom::set(sample, "data-marker", &marker);
}

/// A line's pattern as a background, so that a legend's dashes are the chart's.
fn dashes(line: Line) -> String {
    let mut at = 0.0;
    let mut stops = Vec::new();
    for (i, length) in line.pattern().iter().enumerate() {
        let ink = ["currentColor", "transparent"][i % 2];
        stops.push(format!("{ink} {at}px {}px", at + length));
        at += length;
    }
    if stops.is_empty() {
        return "currentColor".to_owned();
    }
    format!("repeating-linear-gradient(to right, {})", stops.join(", "))
}
