//! What others take away from the view: numbers for scripts and the transport, pictures and curves to be saved. Shows nothing.

use super::View;
use crate::frame::Status;
use crate::frame::stage::{Column, Point, Stage};
use crate::lab::csv;
use crate::web::related::screen::Room;
use crate::web::wire::shown::object;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

/// In a map's plain object the cells have what was measured by its own name, too.
fn name_values(map: &JsValue, key: &str) {
    let of = |object: &JsValue, key: &str| Reflect::get(object, &key.into()).unwrap_or_default();
    let cells = of(map, "cells");
    for cell in cells.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
        if cell.is_object() {
            let set = Reflect::set(&cell, &key.into(), &of(&cell, "loss"));
            set.expect("plain objects take properties");
        }
    }
}

impl View {
    /// The numbers on the screen as a plain object; `null` where there are none.
    pub(in super::super) fn frame(&self) -> JsValue {
        let Some(shown) = &self.shown else {
            return JsValue::NULL;
        };
        let stage = &shown.progress.stage;
        let plain = |column: &Column| Column {
            pictures: Vec::new(),
            ..column.clone()
        };
        let frame = Stage {
            columns: stage.columns.iter().map(plain).collect(),
            pictures: Vec::new(),
            levels: stage.levels.clone(),
            system: stage.system.clone(),
            stopped: stage.stopped.clone(),
            build: stage.build.clone(),
            ..*stage
        };
        object(&frame)
    }

    /// The map as far as it is trained, as a plain object; `null` where there is none.
    pub(in super::super) fn map(&self) -> JsValue {
        let frame = self.shown.as_ref().and_then(|shown| shown.map.frame());
        frame.map_or(JsValue::NULL, |frame| {
            let map = object(frame);
            let key = frame.number.as_ref().map_or("loss", |number| &number.key);
            name_values(&map, key);
            map
        })
    }

    /// The system and its runs.
    pub(in super::super) fn title(&self) -> String {
        let Some(shown) = &self.shown else {
            return String::new();
        };
        let columns = shown.progress.stage.columns.iter();
        let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
        [shown.entry.about.title, ": ", &names.join(", ")].concat()
    }

    /// The run's text without what is as usual; nothing on the first screen.
    pub(in super::super) fn short(&self) -> Option<String> {
        Some(self.shown.as_ref()?.progress.short.clone())
    }

    /// Whether the run is that of a query string.
    pub(in super::super) fn is_of(&self, query: &str) -> bool {
        let shown = self.shown.as_ref();
        shown.is_some_and(|shown| (shown.entry.same)(&shown.progress.query, query))
    }

    /// Where it stands: whether it plays, the step, the last one, the furthest, whether nothing comes after it, and then
    /// the marks of its timeline; `undefined` on the first screen.
    pub(in super::super) fn standing(&self) -> JsValue {
        let Some(shown) = &self.shown else {
            return JsValue::UNDEFINED;
        };
        let stage = &shown.progress.stage;
        let mut columns = stage.columns.iter();
        let over = columns.all(|column| column.status != Status::Training);
        let numbers = [
            f64::from(u8::from(shown.progress.playing)),
            stage.step as f64,
            stage.total_steps as f64,
            shown.progress.furthest as f64,
            f64::from(u8::from(over)),
        ];
        let standing: Array = numbers.iter().copied().map(JsValue::from_f64).collect();
        let changes = shown.settings.changes.iter().cloned();
        let divergences = stage
            .columns
            .iter()
            .enumerate()
            .filter_map(|(run, column)| {
                let step = column.diverged_at?;
                Some((
                    step,
                    run,
                    format!("{} diverged at step {step}", column.name),
                ))
            });
        for (step, run, words) in changes.chain(divergences) {
            let mark = Array::of3(&(step as f64).into(), &(run as f64).into(), &words.into());
            standing.push(&mark);
        }
        standing.into()
    }

    /// What can be saved as a picture: key and title, and left, top, width and height on the sheet of the view.
    pub(in super::super) fn pictures(&self) -> Array {
        let Some(shown) = &self.shown else {
            return Array::new();
        };
        let all = shown.drawable();
        let (own, other): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|drawn| drawn.2 == Room::Run);
        let runs = shown.progress.stage.columns.len();
        let tile = |((key, title, _), place): ((String, String, Room), [f64; 4])| {
            let tile = Array::of2(&key.into(), &title.into());
            place.iter().for_each(|&share| {
                tile.push(&share.into());
            });
            JsValue::from(tile)
        };
        let large: Vec<bool> = other.iter().map(|drawn| drawn.2 == Room::Four).collect();
        let places = places(own.len(), &large, runs);
        own.into_iter().chain(other).zip(places).map(tile).collect()
    }

    /// A picture as SVG text.
    pub(in super::super) fn picture(&self, key: &str, size: (u32, u32)) -> Option<String> {
        self.shown.as_ref()?.drawn(key, size, &self.theme)
    }

    /// The curves as CSV.
    pub(in super::super) fn table(&self) -> Option<String> {
        let shown = self.shown.as_ref()?;
        let points: Vec<&[Point]> = shown.points.iter().map(Vec::as_slice).collect();
        Some(csv::stage(
            &shown.progress.stage,
            shown.measures().all,
            &points,
        ))
    }
}

/// Where pictures of runs and others lie on a sheet: a column per run, above what is of all runs or, of few runs, beside it. Of the others it
/// is known whether each is `large`, on the place of two by two.
fn places(own: usize, large: &[bool], runs: usize) -> Vec<[f64; 4]> {
    let deep = own.div_ceil(runs.max(1));
    let larger = large.iter().filter(|large| **large).count();
    let cells = large.len() + 3 * larger;
    let above = own == 0 || runs > 2;
    let (first, rest, across) = if above {
        // Charts are looked at more than one picture among many.
        let lines = if cells > 4 || larger > 0 { 2 } else { 1 };
        let high = deep as f64 / (deep as f64 + 1.4 * lines as f64);
        let below = [0.0, high, 1.0, 1.0 - high];
        ([0.0, 0.0, 1.0, high], below, cells.div_ceil(lines))
    } else {
        let across = if cells > 3 { 2 } else { 1 };
        // Square pictures below each other are no wider than high.
        let wide = if own > 1 && deep == 1 { 0.3 } else { 0.4 };
        let beside = [wide, 0.0, 1.0 - wide, 1.0];
        ([0.0, 0.0, wide, 1.0], beside, across)
    };
    // One picture of each of few runs stands below the other.
    let beside = if runs > 2 || deep > 1 { runs } else { 1 };
    let down = own.div_ceil(beside.max(1));
    let lines = cells.div_ceil(across.max(1));
    let share = |[left, top, width, height]: [f64; 4],
                 [column, row, columns, rows]: [usize; 4],
                 size: usize| {
        let (wide, high) = (width / columns as f64, height / rows as f64);
        let of = |unit: f64| size as f64 * unit;
        [
            left + column as f64 * wide,
            top + row as f64 * high,
            of(wide),
            of(high),
        ]
    };
    let mut places: Vec<[f64; 4]> = (0..own)
        .map(|k| share(first, [k / down, k % down, beside, down], 1))
        .collect();
    // Those that are large have the end: the last columns, or the last lines.
    let large_at = |k: usize| {
        if above {
            [across - 2 * (larger - k), 0]
        } else {
            [0, lines - 2 * (larger - k)]
        }
    };
    let taken = |column: usize, row: usize| {
        (0..larger)
            .map(large_at)
            .any(|[left, top]| (left..left + 2).contains(&column) && (top..top + 2).contains(&row))
    };
    let all = (0..lines * across.max(1)).map(|k| [k % across, k / across]);
    let mut free = all.filter(|&[column, row]| !taken(column, row));
    let mut placed = 0;
    for &large in large {
        let ([column, row], size) = if large {
            placed += 1;
            (large_at(placed - 1), 2)
        } else {
            (free.next().unwrap_or_default(), 1)
        };
        places.push(share(rest, [column, row, across, lines], size));
    }
    places
}
