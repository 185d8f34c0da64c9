//! Networks as graphs of live neurons: each a small picture of what it answers over the plane, each weight a line. Knows
//! networks' frames; the shape of a step is drawn by `network`.

use super::Drawn;
use super::number::short;
use super::theme::{Line, Marker, Theme};
use crate::frame::{Field, LayerFrame, Network, NeuronLayer};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle};
use plotters_backend::{BackendCoord, DrawingBackend};

/// Neurons of a layer drawn at most.
pub const MOST: usize = 16;
/// How much of a pole's colour the farthest answer shows.
const TINT: f64 = 0.85;
/// Sides of a neuron's picture and between two layers, in CSS pixels: the least that shows anything, and the most.
const CELL: (f64, f64) = (16.0, 46.0);
/// Between two layers there is room for lines.
const APART: f64 = 1.9;

/// A network to be drawn.
pub struct Graph<'a> {
    /// Whose it is (from 0).
    pub run: usize,
    /// What that is called.
    pub name: &'a str,
    /// Its neurons.
    pub network: &'a Network,
    /// What its last step did, layer by layer; may be empty.
    pub layers: &'a [LayerFrame],
    /// What its inputs are called.
    pub inputs: Vec<&'static str>,
    /// Classes told apart, or 0.
    pub classes: usize,
}

/// A neuron in the drawing: which graph, which layer (the inputs' is 0), which of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Which of the graphs.
    pub graph: usize,
    /// The layer.
    pub layer: usize,
    /// The neuron.
    pub neuron: usize,
}

/// Where everything stands; for pointers too.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Neurons drawn, layer by layer.
    shown: Vec<usize>,
    /// Side of a picture.
    cell: i32,
    /// Left edge of the first graph's inputs, and from column to column.
    column: (f64, f64),
    /// Middle of the neurons, and from row to row.
    row: (i32, f64),
    /// From graph to graph.
    graph: i32,
    /// Where the bars stand.
    foot: i32,
}

impl Layout {
    /// Of so many networks of these layers, the inputs first, side by side; the inputs have names.
    pub fn new(
        sizes: &[usize],
        inputs: &[&str],
        graphs: usize,
        size: (u32, u32),
        theme: &Theme,
    ) -> Layout {
        let graph = size.0.cast_signed() / graphs.max(1).cast_signed() as i32;
        let (head, foot) = (theme.px(1.6 * theme.font), theme.px(2.9 * theme.font));
        let (top, bottom) = (head, size.1.cast_signed() - foot);
        let height = f64::from((bottom - top).max(1));
        let least = CELL.0 * theme.unit / theme.zoom;
        let fits = ((height / (1.15 * least)) as usize).clamp(1, MOST);
        let shown: Vec<usize> = sizes.iter().map(|&neurons| neurons.min(fits)).collect();
        let rows = shown.iter().copied().max().unwrap_or(1);
        // Names stand before the inputs and after the answers.
        let longest = inputs.iter().map(|name| theme.width(name)).max();
        let before = longest.unwrap_or(0).max(theme.width("xy"));
        let before = f64::from(before + theme.px(12.0));
        let after = f64::from(theme.px(2.1 * theme.font));
        let gaps = (sizes.len() - 1) as f64;
        let wide = (f64::from(graph) - before - after) / (APART * gaps + 1.0);
        let most = CELL.1 * theme.unit;
        let cell = (height / (1.15 * rows as f64)).min(wide).min(most);
        let apart = ((f64::from(graph) - before - after - cell) / gaps).max(cell);
        Layout {
            row: (
                i32::midpoint(top, bottom),
                (height / rows as f64).min(1.25 * cell),
            ),
            shown,
            cell: cell.round() as i32,
            column: (before, apart),
            graph,
            foot: bottom,
        }
    }

    /// How many networks of so many layers have room beside each other.
    pub fn room(layers: usize, width: f64, theme: &Theme) -> usize {
        let each = theme.zoom * (CELL.0 * 2.4 * layers as f64 + 70.0).max(240.0);
        ((width / each) as usize).max(1)
    }

    /// Layers drawn, the inputs included.
    pub fn layers(&self) -> usize {
        self.shown.len()
    }

    /// Neurons drawn of a layer.
    pub fn shown(&self, layer: usize) -> usize {
        self.shown[layer]
    }

    /// The side of a picture.
    pub fn cell(&self) -> i32 {
        self.cell
    }

    /// The corner of a neuron's picture.
    pub fn corner(&self, spot: Spot) -> BackendCoord {
        let left = f64::from(self.graph * spot.graph as i32)
            + self.column.0
            + self.column.1 * spot.layer as f64;
        let rows = self.shown[spot.layer] as f64;
        let middle = spot.neuron as f64 - (rows - 1.0) / 2.0;
        let y = f64::from(self.row.0) + self.row.1 * middle - f64::from(self.cell) / 2.0;
        (left.round() as i32, y.round() as i32)
    }

    /// The middle of a layer's column in the first graph, and how far it is to the next.
    pub fn column(&self, layer: usize) -> (f64, f64) {
        let left = self.column.0 + self.column.1 * layer as f64;
        (left + f64::from(self.cell) / 2.0, self.column.1)
    }

    /// The neuron at a place; half of what lies between two belongs to each.
    pub fn at(&self, graphs: usize, (x, y): (f64, f64)) -> Option<Spot> {
        let graph = (x / f64::from(self.graph.max(1))) as usize;
        let cell = f64::from(self.cell);
        let column =
            (x - f64::from(self.graph * graph as i32) - self.column.0 - cell / 2.0) / self.column.1;
        let layer = column.round().max(0.0) as usize;
        if graph >= graphs || layer >= self.shown.len() || (column - layer as f64).abs() > 0.45 {
            return None;
        }
        let rows = self.shown[layer] as f64;
        let neuron = ((y - f64::from(self.row.0)) / self.row.1 + (rows - 1.0) / 2.0).round();
        (0.0..rows).contains(&neuron).then_some(Spot {
            graph,
            layer,
            neuron: neuron as usize,
        })
    }

    fn spots<'a>(&'a self, graph: usize, network: &'a Network) -> impl Iterator<Item = Spot> + 'a {
        let layers = network.layers.iter().enumerate();
        layers.flat_map(move |(layer, told)| {
            (0..self.shown[layer].min(told.told)).map(move |neuron| Spot {
                graph,
                layer,
                neuron,
            })
        })
    }
}

/// From a shade to its colour.
struct Palette<'a> {
    theme: &'a Theme,
    low: RGBColor,
    high: RGBColor,
    /// The middle shade is nothing, not the lowest.
    two_sided: bool,
}

impl Palette<'_> {
    /// Of a neuron of a layer.
    fn of<'a>(graph: &Graph, layer: usize, neuron: usize, theme: &'a Theme) -> Palette<'a> {
        let last = layer + 1 == graph.network.layers.len();
        let class = |class| theme.class(class);
        let (low, high) = match graph.classes {
            2 if last => (class(1 - neuron.min(1)), class(neuron)),
            3.. if last => (theme.background, class(neuron)),
            _ => (class(0), class(1)),
        };
        Palette {
            theme,
            low,
            high,
            two_sided: !(last && graph.classes > 2),
        }
    }

    fn color(&self, shade: u8) -> RGBColor {
        if shade == NeuronLayer::NO_NUMBER {
            return self.theme.grid;
        }
        let share = f64::from(shade) / f64::from(NeuronLayer::SHADES);
        let (pole, far) = if self.two_sided {
            let far = 2.0 * share - 1.0;
            (if far < 0.0 { self.low } else { self.high }, far.abs())
        } else {
            (self.high, share)
        };
        let mix = |a: u8, b: u8| {
            (f64::from(a) + (f64::from(b) - f64::from(a)) * TINT * far).round() as u8
        };
        let from = self.theme.background;
        RGBColor(
            mix(from.0, pole.0),
            mix(from.1, pole.1),
            mix(from.2, pole.2),
        )
    }
}

/// All pictures of a network in one image of RGBA bytes, below each other, each with a margin of one cell that repeats its
/// edge, so that scaled up none runs into the next. With the image's width and height, and in what order they lie.
pub fn atlas(graph: &Graph, layout: &Layout, theme: &Theme) -> (Vec<u8>, [usize; 2], Vec<Spot>) {
    let (columns, rows) = (graph.network.columns, graph.network.rows);
    let spots: Vec<Spot> = layout.spots(0, graph.network).collect();
    let (width, height) = (columns + 2, (rows + 2) * spots.len());
    let mut bytes = Vec::with_capacity(width * height * 4);
    for spot in &spots {
        let palette = Palette::of(graph, spot.layer, spot.neuron, theme);
        let colors: Vec<RGBColor> = (0..=255).map(|shade| palette.color(shade)).collect();
        let picture = graph.network.layers[spot.layer].picture(spot.neuron);
        for row in (0..rows + 2).rev() {
            let row = row.saturating_sub(1).min(rows - 1);
            for column in 0..width {
                let column = column.saturating_sub(1).min(columns - 1);
                let RGBColor(r, g, b) = colors[usize::from(picture[row * columns + column])];
                bytes.extend([r, g, b, 255]);
            }
        }
    }
    (bytes, [width, height], spots)
}

/// What one neuron answers in the same colours, one pixel per cell, the top row first.
pub fn pixels(graph: &Graph, spot: Spot, field: &Field, theme: &Theme) -> Vec<u8> {
    let palette = Palette::of(graph, spot.layer, spot.neuron, theme);
    let layer = &graph.network.layers[spot.layer];
    let rows = field.values.chunks(field.columns).rev();
    let colors = rows
        .flatten()
        .map(|&value| palette.color(layer.shade(value)));
    colors
        .flat_map(|RGBColor(r, g, b)| [r, g, b, 255])
        .collect()
}

/// What is to be drawn, in order. It is laid out once for all backends.
#[derive(Default)]
pub struct Ink(Vec<Mark>);

enum Mark {
    Path(Line, Vec<BackendCoord>, ShapeStyle),
    Rect([BackendCoord; 2], ShapeStyle, bool),
    Text(String, BackendCoord, (HPos, VPos), RGBColor),
    Marker(Marker, BackendCoord, RGBColor),
}

impl Ink {
    fn path(&mut self, line: Line, path: impl Into<Vec<BackendCoord>>, pen: ShapeStyle) {
        self.0.push(Mark::Path(line, path.into(), pen));
    }

    fn rect(&mut self, from: BackendCoord, to: BackendCoord, style: ShapeStyle, filled: bool) {
        self.0.push(Mark::Rect([from, to], style, filled));
    }

    fn text(&mut self, text: &str, at: BackendCoord, anchor: (HPos, VPos), color: RGBColor) {
        self.0.push(Mark::Text(text.to_owned(), at, anchor, color));
    }

    fn marker(&mut self, marker: Marker, at: BackendCoord, color: RGBColor) {
        self.0.push(Mark::Marker(marker, at, color));
    }

    /// Draws it.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(&self, backend: &mut B, theme: &Theme) -> Drawn<B> {
        for mark in &self.0 {
            match mark {
                Mark::Path(line, path, pen) => line.stroke(backend, theme, path, *pen)?,
                Mark::Rect([from, to], style, filled) => {
                    backend.draw_rect(*from, *to, style, *filled)?;
                }
                Mark::Text(text, at, anchor, color) => {
                    theme.text(backend, text, *at, *anchor, *color)?;
                }
                Mark::Marker(marker, at, color) => {
                    let radius = f64::from(theme.px(5.0));
                    marker.draw(backend, *at, radius, Some(color.to_rgba()), None)?;
                }
            }
        }
        Ok(())
    }
}

/// The weights: wider the larger they are, dashed where they are negative; none where one is exactly zero.
pub fn weights(
    ink: &mut Ink,
    layout: &Layout,
    graphs: &[Graph],
    marked: Option<Spot>,
    theme: &Theme,
) {
    let half = layout.cell / 2;
    for (index, graph) in graphs.iter().enumerate() {
        for to in layout.spots(index, graph.network) {
            let weights = graph.network.layers[to.layer].weights_of(to.neuron);
            let Some((_, weights)) = weights.split_last() else {
                continue;
            };
            let shown = layout.shown[to.layer - 1].min(weights.len());
            for (neuron, &weight) in weights[..shown].iter().enumerate() {
                let from = Spot {
                    graph: index,
                    layer: to.layer - 1,
                    neuron,
                };
                if weight == 0.0 || !weight.is_finite() {
                    continue;
                }
                let size = f64::from(weight.abs());
                let size = size / (1.0 + size);
                let strong = marked.is_none_or(|spot| spot == from || spot == to);
                let alpha = (0.25 + 0.75 * size) * if strong { 1.0 } else { 0.2 };
                let (line, color) = if weight > 0.0 {
                    (Line::Solid, theme.class(1))
                } else {
                    (Line::Dashed, theme.class(0))
                };
                let ((x, y), (u, v)) = (layout.corner(from), layout.corner(to));
                let path = [(x + layout.cell, y + half), (u, v + half)];
                let pen = theme.pen(&color.mix(alpha), 0.5 + 4.0 * size);
                ink.path(line, path, pen);
            }
        }
    }
}

/// The pictures as rectangles, cells of one shade in a row merged: for vector output.
pub fn pictures(ink: &mut Ink, layout: &Layout, graphs: &[Graph], theme: &Theme) {
    for (index, graph) in graphs.iter().enumerate() {
        let (columns, rows) = (graph.network.columns, graph.network.rows);
        if rows == 1 {
            continue;
        }
        let edge =
            |i: usize, n: usize| (i as f64 / n as f64 * f64::from(layout.cell)).round() as i32;
        for spot in layout.spots(index, graph.network) {
            let palette = Palette::of(graph, spot.layer, spot.neuron, theme);
            let (left, top) = layout.corner(spot);
            let picture = graph.network.layers[spot.layer].picture(spot.neuron);
            for (row, shades) in picture.chunks(columns).enumerate() {
                let (above, below) = (edge(rows - 1 - row, rows), edge(rows - row, rows));
                let mut column = 0;
                // Steps of colour that the eye does not see.
                for run in shades.chunk_by(|a, b| a / 4 == b / 4) {
                    let next = column + run.len();
                    let ends = [
                        (left + edge(column, columns), top + above),
                        (left + edge(next, columns), top + below),
                    ];
                    let fill = palette.color(run[0]).filled();
                    ink.rect(ends[0], ends[1], fill, true);
                    column = next;
                }
            }
        }
    }
}

/// What stands on and around the pictures: frames, curves over one input, names, how many neurons are left out, and
/// how far the last step moved each layer.
pub fn marks(
    ink: &mut Ink,
    layout: &Layout,
    graphs: &[Graph],
    marked: Option<Spot>,
    theme: &Theme,
) {
    for (index, graph) in graphs.iter().enumerate() {
        let left = layout.graph * index as i32;
        let middle = theme.px(0.8 * theme.font);
        let marker = (left + theme.px(12.0), middle);
        let color = theme.run(graph.run);
        ink.marker(Marker::of(graph.run), marker, color);
        let beside = (left + theme.px(22.0), middle);
        ink.text(graph.name, beside, (HPos::Left, VPos::Center), theme.ink);
        for spot in layout.spots(index, graph.network) {
            frame(ink, layout, graph, spot, marked == Some(spot), theme);
        }
        for (layer, told) in graph.network.layers.iter().enumerate() {
            let hidden = told.neurons - layout.shown[layer].min(told.told);
            if hidden > 0 {
                let (x, _) = layout.column(layer);
                let place = (left + x.round() as i32, layout.foot);
                let words = format!("+ {hidden}");
                ink.text(&words, place, (HPos::Center, VPos::Top), theme.muted);
            }
        }
        moves(ink, layout, left, graph.layers, theme);
    }
}

fn frame(ink: &mut Ink, layout: &Layout, graph: &Graph, spot: Spot, marked: bool, theme: &Theme) {
    let (x, y) = layout.corner(spot);
    let (end, half) = ((x + layout.cell, y + layout.cell), layout.cell / 2);
    let network = graph.network;
    if network.rows == 1 {
        let fill = theme.background.filled();
        ink.rect((x, y), end, fill, true);
        let height = |shade: u8| {
            let share = f64::from(shade) / f64::from(NeuronLayer::SHADES);
            end.1 - (share * f64::from(layout.cell)).round() as i32
        };
        let zero = height(NeuronLayer::SHADES / 2);
        let grid = theme.pen(&theme.grid, 1.0);
        ink.path(Line::Solid, [(x, zero), (end.0, zero)], grid);
        let picture = network.layers[spot.layer].picture(spot.neuron);
        let points = picture.iter().enumerate();
        let points = points.filter(|(_, shade)| **shade != NeuronLayer::NO_NUMBER);
        let across = |i: usize| (i as f64 + 0.5) / picture.len() as f64 * f64::from(layout.cell);
        let curve = points.map(|(i, &shade)| (x + across(i).round() as i32, height(shade)));
        let pen = theme.pen(&theme.run(graph.run), 1.6);
        ink.path(Line::Solid, curve.collect::<Vec<_>>(), pen);
    }
    let pen = if marked {
        theme.pen(&theme.ink, 2.6)
    } else {
        theme.pen(&theme.muted, 1.0)
    };
    ink.rect((x, y), end, pen, false);
    if spot.layer == 0 {
        if let Some(name) = graph.inputs.get(spot.neuron) {
            let before = (x - theme.px(5.0), y + half);
            ink.text(name, before, (HPos::Right, VPos::Center), theme.ink);
        }
    } else if spot.layer + 1 == network.layers.len() && graph.classes > 0 {
        let after = (end.0 + theme.px(11.0), y + half);
        let color = theme.class(spot.neuron);
        ink.marker(Marker::of(spot.neuron), after, color);
    }
}

/// A bar between two layers: how far the last step moved what connects them, relative to its size; on a scale of powers of
/// ten from a ten thousandth on.
fn moves(ink: &mut Ink, layout: &Layout, left: i32, layers: &[LayerFrame], theme: &Theme) {
    let ratios = layers.iter().map(|layer| layer.update_ratio);
    let most = ratios.fold(0.0, f64::max);
    let room = layout.column.1 - 1.1 * f64::from(layout.cell);
    // Beside more layers than numbers have room for, the bars speak alone.
    let worded = layout.column.1 > f64::from(theme.width("0.0001 %"));
    let y = layout.foot + theme.px(2.3 * theme.font);
    // Their word stands on their line, before the longest that the first may be, if there is room.
    let (first, apart) = layout.column(0);
    let before = first + (apart - room) / 2.0;
    if most > 0.0 && before > f64::from(theme.width("moved") + theme.px(4.0)) {
        let at = (left + theme.px(2.0), y);
        ink.text("moved", at, (HPos::Left, VPos::Center), theme.muted);
    }
    for (layer, frame) in layers.iter().enumerate() {
        let ratio = frame.update_ratio;
        if !(ratio > 0.0 && layer + 1 < layout.shown.len()) {
            continue;
        }
        let (before, apart) = layout.column(layer);
        let x = left + (before + apart / 2.0).round() as i32;
        let share = ((libm::log10(ratio) + 4.0) / 4.0).clamp(0.04, 1.0);
        let half = (share * room / 2.0).round() as i32;
        let farthest = ratio >= most;
        let (color, wide) = if farthest {
            (theme.ink, 5.0)
        } else {
            (theme.muted, 2.5)
        };
        ink.path(
            Line::Solid,
            [(x - half, y), (x + half, y)],
            theme.pen(&color, wide),
        );
        if worded {
            let words = format!("{} %", two_digits(100.0 * ratio));
            let above = (x, y - theme.px(5.0));
            ink.text(&words, above, (HPos::Center, VPos::Bottom), color);
        }
    }
}

/// A positive number in two significant digits.
fn two_digits(value: f64) -> String {
    let unit = libm::exp10(libm::log10(value).floor() - 1.0);
    short((value / unit).round() * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_neuron_is_found_where_it_is_drawn_and_none_between_graphs() {
        let theme = Theme::light();
        for (sizes, graphs, size) in [
            (&[2, 8, 8, 2][..], 2, (600, 240)),
            (&[2, 512, 3], 1, (300, 200)),
            (&[1, 4, 4, 4, 4, 4, 4, 4, 4, 1], 1, (320, 230)),
        ] {
            let lattice = (
                theme.px(f64::from(size.0)) as u32,
                theme.px(f64::from(size.1)) as u32,
            );
            let layout = Layout::new(sizes, &["x", "sin πy"], graphs, lattice, &theme);
            for graph in 0..graphs {
                for layer in 0..sizes.len() {
                    for neuron in 0..layout.shown(layer) {
                        let spot = Spot {
                            graph,
                            layer,
                            neuron,
                        };
                        let (x, y) = layout.corner(spot);
                        let cell = layout.cell();
                        assert!(x >= 0 && x + cell <= lattice.0.cast_signed(), "{spot:?}");
                        assert!(y >= 0 && y + cell <= lattice.1.cast_signed(), "{spot:?}");
                        for (dx, dy) in [(0, 0), (cell, cell), (cell / 2, cell / 3)] {
                            let at = (f64::from(x + dx), f64::from(y + dy));
                            assert_eq!(layout.at(graphs, at), Some(spot));
                        }
                    }
                }
            }
            assert_eq!(layout.at(graphs, (f64::from(lattice.0) - 1.0, 1.0)), None);
        }
    }

    #[test]
    fn of_a_wide_layer_as_many_are_drawn_as_fit() {
        let theme = Theme::light();
        let height = |pixels| theme.px(pixels) as u32;
        let wide = |pixels| Layout::new(&[2, 512, 2], &[], 1, (2000, height(pixels)), &theme);
        assert_eq!(wide(2000.0).shown(1), MOST);
        let few = wide(160.0).shown(1);
        assert!((3..8).contains(&few), "{few}");
    }

    #[test]
    fn small_windows_have_room_for_one_network() {
        let theme = Theme::light();
        assert_eq!(Layout::room(4, 330.0, &theme), 1);
        assert_eq!(Layout::room(4, 560.0, &theme), 2);
        assert_eq!(Layout::room(10, 560.0, &theme), 1);
    }
}
