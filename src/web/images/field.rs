//! A field to draw an image on, by pointer, finger or keys: strokes on 32 × 32 dots, counted in squares of 4 × 4 as those of the digits
//! were. Knows no network.

use crate::plot::Theme;
use crate::web::dom::brush::Brush;
use crate::web::dom::pointer::{Gesture, Pointer};
use crate::web::widgets::pane::Pane;
use plotters::style::Color;
use plotters_backend::{BackendStyle, DrawingBackend};

/// Pixels of a side, and dots of a pixel's.
const SIDE: usize = 8;
const FINE: usize = 4;
/// Dots of a side.
const DOTS: usize = SIDE * FINE;
/// What is drawn smaller, in dots, stays smaller.
const LEAST: f64 = 16.0;
/// How far a pen reaches, in dots.
const REACH: f64 = 1.7;

/// What is drawn.
pub(super) struct Field {
    dots: Vec<bool>,
    /// Where the pen was, in dots.
    pen: Option<[f64; 2]>,
    /// The pixel that keys are at.
    at: [usize; 2],
    /// Keys have been used: it is shown.
    keys: bool,
}

impl Field {
    pub(super) fn new() -> Field {
        Field {
            dots: vec![false; DOTS * DOTS],
            pen: None,
            at: [SIDE / 2; 2],
            keys: false,
        }
    }

    /// How many dots are inked in each pixel, row by row; nothing where none is. What a pen has drawn is moved to the middle and made as
    /// large as the field first, as the digits were.
    pub(super) fn pixels(&self) -> Vec<u8> {
        let Some((low, high)) = self.extent() else {
            return Vec::new();
        };
        let sides = [0, 1].map(|axis| (high[axis] + 1 - low[axis]) as f64);
        let side = sides[0].max(sides[1]).max(LEAST);
        let from = |axis: usize, k: usize| {
            if self.keys {
                return Some(k);
            }
            let middle = (low[axis] + high[axis] + 1) as f64 / 2.0;
            let at = middle + ((k as f64 + 0.5) / DOTS as f64 - 0.5) * side;
            (at >= 0.0 && at < DOTS as f64).then_some(at as usize)
        };
        let mut pixels = vec![0; SIDE * SIDE];
        for i in 0..DOTS {
            for j in 0..DOTS {
                let dot = from(0, i).zip(from(1, j)).map(|(y, x)| y * DOTS + x);
                pixels[i / FINE * SIDE + j / FINE] +=
                    u8::from(dot.is_some_and(|dot| self.dots[dot]));
            }
        }
        pixels
    }

    /// The first and the last row and column with ink.
    fn extent(&self) -> Option<([usize; 2], [usize; 2])> {
        let inked = self.dots.iter().enumerate().filter(|(_, inked)| **inked);
        let places = inked.map(|(at, _)| ([at / DOTS, at % DOTS], [at / DOTS, at % DOTS]));
        places.reduce(|(low, high), (at, _)| {
            let low = [low[0].min(at[0]), low[1].min(at[1])];
            (low, [high[0].max(at[0]), high[1].max(at[1])])
        })
    }

    /// Takes all away.
    pub(super) fn clear(&mut self) {
        self.dots.fill(false);
    }

    /// Follows a pointer, which is over it at these shares of its sides; whether that has changed what is drawn.
    pub(super) fn follow(&mut self, pointer: &Pointer, shares: Option<[f64; 2]>) -> bool {
        let starts = pointer.gesture == Gesture::Down && pointer.main;
        let goes_on = pointer.gesture == Gesture::Move && self.pen.is_some();
        let Some(shares) = shares.filter(|_| starts || goes_on) else {
            if matches!(pointer.gesture, Gesture::Up | Gesture::Cancel) {
                self.pen = None;
            }
            return false;
        };
        self.keys = false;
        let to = shares.map(|share| share * DOTS as f64);
        let from = self.pen.replace(to).filter(|_| goes_on).unwrap_or(to);
        let far = (to[0] - from[0]).hypot(to[1] - from[1]);
        let steps = far.ceil().max(1.0);
        for k in 0..=steps as usize {
            let share = k as f64 / steps;
            let at = [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]));
            self.ink(at);
        }
        true
    }

    fn ink(&mut self, [x, y]: [f64; 2]) {
        for (at, dot) in self.dots.iter_mut().enumerate() {
            let (i, j) = ((at / DOTS) as f64 + 0.5, (at % DOTS) as f64 + 0.5);
            *dot |= (i - y).hypot(j - x) < REACH;
        }
    }

    /// Does what a key means here: arrows move, a blank or Enter inks a pixel or takes its ink, Delete takes all; whether that is
    /// anything.
    pub(super) fn key(&mut self, key: &str) -> bool {
        let [x, y] = &mut self.at;
        match key {
            "ArrowLeft" => *x = x.saturating_sub(1),
            "ArrowRight" => *x = (*x + 1).min(SIDE - 1),
            "ArrowUp" => *y = y.saturating_sub(1),
            "ArrowDown" => *y = (*y + 1).min(SIDE - 1),
            " " | "Enter" => {
                let (x, y) = (*x * FINE, *y * FINE);
                let inked = self.dots[y * DOTS + x];
                for i in y..y + FINE {
                    self.dots[i * DOTS + x..i * DOTS + x + FINE].fill(!inked);
                }
            }
            "Delete" | "Backspace" => self.clear(),
            _ => return false,
        }
        self.keys = true;
        true
    }

    /// Where keys are, in words.
    pub(super) fn place(&self) -> String {
        let [x, y] = self.at;
        let inked = self.dots[y * FINE * DOTS + x * FINE];
        let words = if inked { "inked" } else { "empty" };
        format!("row {}, column {}: {words}", y + 1, x + 1)
    }

    /// Draws it.
    pub(super) fn draw(&self, pane: &mut Pane, theme: &Theme) {
        pane.draw(theme, |ink, size, theme| {
            let edge = |k: usize, of: usize, length: u32| (length as usize * k / of) as i32;
            let corner = |x: usize, y: usize, of: usize| (edge(x, of, size.0), edge(y, of, size.1));
            for (at, _) in self.dots.iter().enumerate().filter(|(_, inked)| **inked) {
                let (x, y) = (at % DOTS, at / DOTS);
                fill(
                    ink,
                    corner(x, y, DOTS),
                    corner(x + 1, y + 1, DOTS),
                    &theme.ink,
                );
            }
            if self.keys {
                let [x, y] = self.at;
                let frame = Color::stroke_width(&theme.run(0), theme.px(2.0) as u32);
                let _ = ink.draw_rect(
                    corner(x, y, SIDE),
                    corner(x + 1, y + 1, SIDE),
                    &frame,
                    false,
                );
            }
        });
    }
}

fn fill(ink: &mut Brush, from: (i32, i32), to: (i32, i32), style: &impl BackendStyle) {
    // A canvas never refuses.
    let _ = ink.draw_rect(from, to, style, true);
}
