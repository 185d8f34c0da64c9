//! Drawn points as text: `0:-0.5,0.25;0.1,0/1:0.5,-1`, groups of points by class, or `curve:0,0.1;0.5,1` for one
//! input with its answer.

use crate::data::drawn::{Dot, Drawn, GRID, MOST_DRAWN, MOST_DRAWN_CLASSES, REACH};
use crate::lab::row::{Fault, Grammar};
use std::fmt::Write as _;

/// Fewest points of a run.
const FEWEST: usize = 2;
/// The word in place of a class.
const CURVE: &str = "curve";

/// How it is read.
pub(super) static GRAMMAR: Grammar = Grammar {
    canonical,
    allowed: || in_the_plane(MOST_DRAWN_CLASSES) + ", or curve:x,y;x,y",
};

/// How it is read where only so many classes may stand, and no curve; that it is so is checked by whose they are.
pub(super) const fn of_classes<const CLASSES: usize>() -> Grammar {
    Grammar {
        canonical,
        allowed: || in_the_plane(CLASSES),
    }
}

fn canonical(text: &str) -> Result<String, Fault> {
    parse(text).map(|drawn| print(&drawn))
}

/// What is allowed of points in the plane, in words.
fn in_the_plane(classes: usize) -> String {
    format!(
        "{FEWEST} to {MOST_DRAWN} points as in 0:-0.5,0;0.5,0/1:0,0.5 (classes 0 to {}, coordinates from -{REACH} to \
         {REACH} with at most three decimals)",
        classes - 1
    )
}

/// Reads the text, empty without points.
///
/// # Errors
/// A fault says what is wrong with which piece of it.
pub fn parse(text: &str) -> Result<Drawn, Fault> {
    let fail = |piece: &str, what| Err(Fault::Piece(piece.to_owned(), what));
    if text.is_empty() {
        return Ok(Drawn::default());
    }
    let mut drawn = Drawn::default();
    for (i, group) in text.split('/').enumerate() {
        let Some((class, places)) = group.split_once(':') else {
            return fail(group, "has no class and colon");
        };
        let curve = class == CURVE;
        if i > 0 && (curve || drawn.curve) {
            return fail(group, "mixes a curve with other points");
        }
        drawn.curve = curve;
        let class = match class.as_bytes() {
            _ if curve => 0,
            &[digit @ b'0'..=b'9'] if usize::from(digit - b'0') < MOST_DRAWN_CLASSES => {
                digit - b'0'
            }
            _ => return fail(class, "is no class"),
        };
        for place in places.split(';') {
            if drawn.dots.len() == MOST_DRAWN {
                return fail(place, "is one point too many");
            }
            let at = place
                .split_once(',')
                .and_then(|(x, y)| Some([coordinate(x)?, coordinate(y)?]));
            match at {
                Some(at) => drawn.dots.push(Dot { class, at }),
                None => return fail(place, "is no point"),
            }
        }
    }
    if drawn.dots.len() < FEWEST {
        return fail(text, "is a single point");
    }
    Ok(drawn)
}

/// A plain decimal number on the grid and within reach.
fn coordinate(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let count = |digits: &str, most: usize| {
        let plain =
            (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let thousandths = count(&format!("{fraction:0<3}"), 3)?;
    let value = count(whole, 3)? * GRID + count(fraction, 3).map(|_| thousandths)?;
    (value <= REACH * GRID).then_some(sign * value)
}

/// The text of drawn points, as the key `points` has it; empty without points.
pub fn print(drawn: &Drawn) -> String {
    let mut text = String::new();
    let mut before = None;
    for dot in &drawn.dots {
        let _ = match before.replace(dot.class) {
            Some(class) if class == dot.class => write!(text, ";"),
            Some(_) => write!(text, "/{}:", dot.class),
            None if drawn.curve => write!(text, "{CURVE}:"),
            None => write!(text, "{}:", dot.class),
        };
        let [x, y] = dot.place();
        let _ = write!(text, "{x},{y}");
    }
    text
}
