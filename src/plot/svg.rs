//! The same charts as SVG text. Knows no file.

use super::layer_problem::View;
use super::legend::Swatch;
use super::plane::Plane;
use super::theme::{Line, Marker, Theme};
use super::{
    LineChart, MapLayout, bands, bars, boundary, flow, layer_problem, legend, network, neurons,
    stage, staircase,
};
use crate::frame::map::MapFrame;
use crate::frame::stage::{Kind, Picture, Scape};
use crate::frame::{Field, Flow, LayerProblem, OneStep, Scene, SubStep};
use plotters::prelude::SVGBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{DrawingBackend, DrawingErrorKind};

/// A line chart with its legend; `size` in CSS pixels.
pub fn lines(chart: &LineChart, size: (u32, u32), x_end: f64, theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        let entries = entries(chart, theme);
        legend::draw(backend, chart.title, &entries, whole.0, theme)?;
        let top = legend::height(chart.title, &entries, whole.0, theme);
        let below = (whole.0, whole.1.saturating_sub(top as u32));
        let mut axes = chart.axes(below, x_end, theme);
        axes.size = whole;
        axes.top += top;
        axes.bottom += top;
        chart.draw_axes(backend, &axes, theme)?;
        chart.draw_series(backend, &axes, theme)
    })
}

/// Runs by colour and marker, then the strokes that they share.
fn entries(chart: &LineChart, theme: &Theme) -> Vec<(Swatch, String)> {
    let swatch = |color, line, marker| Swatch {
        color,
        line: Some(line),
        marker,
        hollow: false,
    };
    let legend = chart.legend();
    let runs = legend.runs.into_iter().map(|(run, line, words)| {
        let marker = (line == Line::Solid).then(|| Marker::of(run));
        (swatch(theme.run(run), line, marker), words)
    });
    // The title has said what all curves are, where they are one thing.
    let strokes = legend.strokes.into_iter();
    let strokes = strokes.filter(|(_, label)| *label != chart.title);
    let strokes = strokes.map(|(line, label)| (swatch(theme.ink, line, None), label.to_owned()));
    let outside = legend.outside.into_iter();
    let outside = outside.map(|(run, line, words)| (swatch(theme.run(run), line, None), words));
    runs.chain(strokes).chain(outside).collect()
}

/// A decision boundary with its points; `size` in CSS pixels.
pub fn boundary(field: &Field, scene: &Scene, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        // Points lie on an image, but under a curve.
        if scene.inputs == 1 {
            boundary::draw_points(backend, whole, scene, theme)?;
            return boundary::draw_contour(backend, whole, field, scene, theme);
        }
        boundary::draw_cells(backend, (0, 0), whole, field, scene, theme)?;
        boundary::draw_contour(backend, whole, field, scene, theme)?;
        boundary::draw_points(backend, whole, scene, theme)
    })
}

/// The same with axes, and what stands for what: for where it stands alone.
pub fn boundary_figure(field: &Field, scene: &Scene, size: (u32, u32), theme: &Theme) -> String {
    let entries = boundary::entries(scene, theme);
    let of = (scene.x, scene.y, scene.inputs == 2);
    with_axes(&entries, of, size, theme, |size| {
        boundary(field, scene, size, theme)
    })
}

/// What `inside` draws at its size, in a plane (its ranges, and whether their scales are equal) with axes, below what stands for
/// what.
fn with_axes(
    entries: &[(Swatch, String)],
    (x, y, equal): ((f64, f64), (f64, f64), bool),
    size: (u32, u32),
    theme: &Theme,
    inside: impl Fn((u32, u32)) -> String,
) -> String {
    let mut place = [0; 4];
    let around = draw(size, theme, |backend, whole| {
        legend::draw(backend, "", entries, whole.0, theme)?;
        let top = legend::height("", entries, whole.0, theme);
        let plane = Plane::new(whole, top, x, y, equal, theme);
        place = [
            plane.left,
            plane.top,
            plane.right - plane.left,
            plane.bottom - plane.top,
        ];
        plane.draw_axes(backend, ["", ""], theme)
    });
    within(&around, place, theme, inside)
}

/// A picture of a related system with its axes and what stands for what; `names` are those of its runs.
pub fn picture(picture: &Picture, names: &[&str], size: (u32, u32), theme: &Theme) -> String {
    match &picture.kind {
        Kind::Plane(scape) if !scape.bands.is_empty() => {
            let entries = bands::entries(theme);
            let mut place = [0; 4];
            let around = draw(size, theme, |backend, whole| {
                legend::draw(backend, "", &entries, whole.0, theme)?;
                let top = legend::height("", &entries, whole.0, theme);
                let [width, height] = [whole.0, whole.1].map(u32::cast_signed);
                place = [0, top, width, (height - top).max(1)];
                Ok(())
            });
            within(&around, place, theme, |size| squares(scape, size, theme))
        }
        Kind::Plane(scape) => {
            let entries = stage::entries(scape, theme);
            let of = (scape.x, scape.y, true);
            with_axes(&entries, of, size, theme, |size| {
                draw(size, theme, |backend, whole| {
                    stage::draw_scape(backend, whole, scape, theme)
                })
            })
        }
        Kind::Square { axes, curves, mark } => draw(size, theme, |backend, whole| {
            let entries = stage::runs(names, theme);
            legend::draw(backend, &axes[1], &entries, whole.0, theme)?;
            let top = legend::height(&axes[1], &entries, whole.0, theme);
            stage::draw_square(backend, whole, top, [&axes[0], ""], curves, *mark, theme)
        }),
        Kind::Lines(lines) => draw(size, theme, |backend, whole| {
            stage::draw_lines(backend, whole, lines, theme)
        }),
        Kind::Maps(maps) => draw(size, theme, |backend, whole| {
            bars::draw_maps(backend, whole, maps, theme)
        }),
        Kind::Bars(bars) => draw(size, theme, |backend, whole| {
            bars::draw_bars(backend, whole, bars, theme)
        }),
    }
}

/// Squares of numbers with what stands beside them.
fn squares(scape: &Scape, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        if let Some(shares) = bands::shares(scape) {
            let scene = stage::scene(scape);
            boundary::draw_cells(backend, (0, 0), whole, &shares, &scene, theme)?;
        }
        bands::draw(backend, whole, scape, theme)
    })
}

/// The same for a card: a piece of the plane without its axes.
pub fn sketch(picture: &Picture, size: (u32, u32), theme: &Theme) -> String {
    if let Kind::Plane(scape) = &picture.kind {
        draw(size, theme, |backend, whole| {
            stage::draw_scape(backend, whole, scape, theme)
        })
    } else {
        self::picture(picture, &[], size, theme)
    }
}

/// The network with what a sub-step moves lit, below what is to be said about it.
pub fn sub_step(
    step: &OneStep,
    sub_step: &SubStep,
    words: &[String],
    size: (u32, u32),
    theme: &Theme,
) -> String {
    let mut place = [0; 4];
    let row = legend::row_height(theme);
    let around = draw(size, theme, |backend, whole| {
        let lines = words
            .iter()
            .flat_map(|words| legend::lines(words, whole.0, theme));
        let mut top = 0;
        for line in lines {
            let at = (theme.px(2.0), top + row / 2);
            theme.text(backend, &line, at, (HPos::Left, VPos::Center), theme.ink)?;
            top += row;
        }
        let below = (whole.1.cast_signed() - top).max(1);
        place = [0, top, whole.0.cast_signed(), below];
        Ok(())
    });
    within(&around, place, theme, |size| {
        network(step, sub_step, size, theme)
    })
}

/// A drawing inside another, over its paper and under its ink: left, top, width and height on the lattice.
fn within(
    around: &str,
    [left, top, width, height]: [i32; 4],
    theme: &Theme,
    inside: impl Fn((u32, u32)) -> String,
) -> String {
    let pixels = |lattice: i32| {
        (f64::from(lattice) / f64::from(theme.px(1.0)))
            .round()
            .max(1.0)
    };
    let size = (pixels(width) as u32, pixels(height) as u32);
    let own = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let place = format!("x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"");
    let inside = inside(size).replacen(&own, &place, 1);
    // The paper is the first element.
    around.replacen("/>", &format!("/>{inside}"), 1)
}

/// The staircase of E, told up to the sub-step `now`; `size` in CSS pixels.
pub fn staircase(step: &OneStep, now: usize, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        staircase::draw(backend, whole, step, now, theme)
    })
}

/// The network with what a sub-step moves lit; `size` in CSS pixels.
pub fn network(step: &OneStep, sub_step: &SubStep, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        network::draw(backend, whole, step, sub_step, theme)
    })
}

/// Networks side by side with what their neurons answer; `size` in CSS pixels.
pub fn neurons(graphs: &[neurons::Graph], size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        let layers = graphs.first().map_or(&[][..], |g| &g.network.layers);
        let sizes: Vec<usize> = layers.iter().map(|layer| layer.neurons).collect();
        let layout = {
            let inputs = graphs.first().map_or(&[][..], |g| &g.inputs);
            neurons::Layout::new(&sizes, inputs, graphs.len(), whole, theme)
        };
        let mut ink = neurons::Ink::default();
        neurons::weights(&mut ink, &layout, graphs, None, theme);
        neurons::pictures(&mut ink, &layout, graphs, theme);
        neurons::marks(&mut ink, &layout, graphs, None, theme);
        ink.draw(backend, theme)
    })
}

/// A layer's own quadratic; `size` in CSS pixels.
pub fn layer_problem(
    problem: &LayerProblem,
    view: View,
    size: (u32, u32),
    theme: &Theme,
) -> String {
    draw(size, theme, |backend, whole| {
        layer_problem::draw(backend, whole, problem, view, theme)
    })
}

/// The map of a flow; `size` in CSS pixels.
pub fn flow_map(flow: &Flow, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        flow::draw_map(backend, whole, flow, theme)
    })
}

/// `f` against the iteration; `size` in CSS pixels.
pub fn flow_descent(flow: &Flow, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        flow::draw_descent(backend, whole, flow, theme)
    })
}

/// The amplification factors of a quadratic's flow, nothing for other functions; `size` in CSS pixels.
pub fn amplification(flow: &Flow, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        flow::draw_amplification(backend, whole, flow, theme)
    })
}

/// A step-size map with its legends; `size` in CSS pixels, `here` the values where the cross stands.
pub fn map(frame: &MapFrame, here: Option<&[f64]>, size: (u32, u32), theme: &Theme) -> String {
    draw(size, theme, |backend, whole| {
        MapLayout::new(frame, whole, theme).draw(backend, here, theme)
    })
}

/// Draws on the lattice and lets the viewer scale it down to pixels.
pub(super) fn draw(
    size: (u32, u32),
    theme: &Theme,
    ink: impl FnOnce(&mut SVGBackend, (u32, u32)) -> Result<(), DrawingErrorKind<std::io::Error>>,
) -> String {
    let whole = (
        theme.px(f64::from(size.0)) as u32,
        theme.px(f64::from(size.1)) as u32,
    );
    let mut text = String::new();
    let mut backend = SVGBackend::with_string(&mut text, whole);
    let paper = (whole.0.cast_signed(), whole.1.cast_signed());
    let drawn = backend
        .draw_rect((0, 0), paper, &theme.background.filled(), true)
        .and_then(|()| ink(&mut backend, whole))
        .and_then(|()| backend.present());
    assert!(drawn.is_ok(), "writing to a string does not fail");
    drop(backend);
    let lattice = format!("width=\"{}\" height=\"{}\"", whole.0, whole.1);
    text.replacen(
        &lattice,
        &format!("width=\"{}\" height=\"{}\"", size.0, size.1),
        1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::map::{Fate, Grid, MapAxis, MapCell};
    use crate::frame::{Divergence, LayerFrame, Record, ScenePoint};
    use crate::plot::{Quantity, Run, XAxis};

    fn records(rate: f64) -> Vec<Record> {
        (0..30)
            .map(|step| {
                let loss = 0.7 * (rate * step as f64).exp();
                let layer = LayerFrame {
                    update_ratio: 0.1 * loss,
                    angle_deg: 3.0 * step as f64,
                    ..LayerFrame::default()
                };
                Record {
                    step,
                    seconds: 0.5 * step as f64,
                    flops: 1000 * step,
                    loss: if step == 7 { f64::NAN } else { loss },
                    batch_loss: [loss, loss],
                    validation_loss: 1.1 * loss,
                    accuracy: 0.5,
                    zero_weights: 0,
                    energy: vec![loss as f32, 1.5 * loss as f32],
                    layers: vec![
                        layer,
                        LayerFrame {
                            update_ratio: 0.02,
                            angle_deg: 10.0,
                            ..layer
                        },
                    ],
                }
            })
            .collect()
    }

    #[test]
    fn loss_and_energy() {
        let (falling, rising) = (records(-0.2), records(0.4));
        let divergence = Divergence {
            step: 30,
            layer: Some(2),
            reason: "the loss is no longer finite".into(),
        };
        let runs = [
            Run {
                name: "backprop",
                records: &rising,
                divergence: Some(&divergence),
            },
            Run {
                name: "prox-exact",
                records: &falling,
                divergence: None,
            },
        ];
        insta::assert_snapshot!(lines(
            &LineChart::loss_and_energy(&runs, XAxis::Steps, true),
            (480, 320),
            30.0,
            &Theme::light()
        ));
    }

    #[test]
    fn step_sizes() {
        let falling = records(-0.2);
        let runs = [Run {
            name: "prox-exact",
            records: &falling,
            divergence: None,
        }];
        insta::assert_snapshot!(lines(
            &LineChart::step_sizes(&runs, XAxis::Epochs(10), Quantity::Angle),
            (480, 320),
            3.0,
            &Theme::dark()
        ));
    }

    #[test]
    fn decision_boundary() {
        let values = (0..144)
            .map(|i| 1.0 / (1.0 + (5.5 - (i % 12) as f32 + (i / 12) as f32 * 0.3).exp()))
            .collect();
        let field = Field {
            columns: 12,
            rows: 12,
            channels: 1,
            values,
        };
        let point = |x, y, target| ScenePoint { at: [x, y], target };
        let scene = Scene {
            inputs: 2,
            classes: 2,
            x: (-1.0, 1.0),
            y: (-1.0, 1.0),
            value: (0.0, 1.0),
            training: vec![point(-0.5, 0.2, 0.0), point(0.6, -0.4, 1.0)],
            validation: vec![point(-0.7, -0.6, 0.0), point(0.4, 0.7, 1.0)],
        };
        insta::assert_snapshot!(boundary(&field, &scene, (240, 240), &Theme::light()));
    }

    #[test]
    fn one_input() {
        let values = (0..50).map(|i| (i as f32 / 8.0).sin()).collect();
        let field = Field {
            columns: 50,
            rows: 1,
            channels: 1,
            values,
        };
        let scene = Scene {
            inputs: 1,
            classes: 0,
            x: (-1.0, 1.0),
            y: (-1.5, 1.5),
            value: (-1.5, 1.5),
            training: vec![ScenePoint {
                at: [0.0, 0.1],
                target: 0.1,
            }],
            validation: vec![],
        };
        insta::assert_snapshot!(boundary(&field, &scene, (240, 160), &Theme::light()));
    }

    /// A map of which every cell is known but those of the last row.
    fn step_size_map(columns: usize, rows: usize, strip: bool) -> MapFrame {
        let grid = Grid {
            columns,
            rows,
            strip,
        };
        let axis = |key: &str, label: &str, count: usize| MapAxis {
            key: key.into(),
            label: label.into(),
            log: true,
            values: (0..count).map(|i| 0.1 * 4_f64.powi(i as i32)).collect(),
        };
        let mut axes = vec![
            axis("tau", "Step size τ", columns),
            axis("tau_theta", "Prox step τ_θ", rows),
        ];
        axes.truncate(rows.min(2));
        let cell = |number| {
            let place = grid.place(number);
            let share =
                (place.column + 1) as f64 / (columns * if place.strip { 1 } else { 2 }) as f64;
            let loss = 10_f64.powf(-6.0 * share + place.row as f64);
            let diverged = share > 0.7;
            let fate = match loss {
                _ if diverged => Fate::Diverged,
                ..0.07 => Fate::Converged,
                _ => Fate::NotYet,
            };
            (rows < 2 || place.row + 1 < rows).then_some(MapCell {
                fate,
                loss,
                diverged: u32::from(diverged),
                diverged_at: diverged.then_some(5),
                losses: Vec::new(),
            })
        };
        MapFrame {
            rule: "prox-exact".into(),
            grid,
            axes,
            seeds: 1,
            converged_below: Some(0.07),
            engine: None,
            number: None,
            cells: (0..grid.cells()).map(cell).collect(),
        }
    }

    #[test]
    fn a_map_under_backprops_strip() {
        let frame = step_size_map(6, 4, true);
        let here = Some(&[10.0, 1.0][..]);
        insta::assert_snapshot!(map(&frame, here, (480, 400), &Theme::light()));
    }

    #[test]
    fn a_map_of_one_axis() {
        let frame = step_size_map(6, 1, false);
        insta::assert_snapshot!(map(&frame, None, (400, 220), &Theme::dark()));
    }
}
