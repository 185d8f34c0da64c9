//! What the pictures of images and tables show, as CSV. Knows only what may be looked at.

use super::{number, push_row};
use crate::frame::images::{Images, Kernel, Seen};

/// How many of each class (a row) got each answer (a column).
pub fn confusion(images: &Images, seen: &Seen) -> String {
    let mut text = String::new();
    let classes = images.classes.iter().cloned();
    push_row(&mut text, ["right".to_owned()].into_iter().chain(classes));
    for (class, row) in images.classes.iter().zip(&seen.confusion) {
        let counts = row.iter().map(u32::to_string);
        push_row(&mut text, [class.clone()].into_iter().chain(counts));
    }
    text
}

/// The wrong answers that are shown, the most confident first, each with its image's numbers.
pub fn wrong(images: &Images, seen: &Seen) -> String {
    let mut text = String::new();
    let pixels = 1..=images.shape.iter().product::<usize>();
    let start = ["right", "given", "confidence"].map(str::to_owned);
    push_row(
        &mut text,
        start.into_iter().chain(pixels.map(|at| format!("x{at}"))),
    );
    for wrong in &seen.wrong {
        let start = [wrong.right, wrong.given].map(|class| images.class(class).to_owned());
        let numbers = [wrong.confidence]
            .into_iter()
            .chain(wrong.pixels.iter().copied());
        push_row(&mut text, start.into_iter().chain(numbers.map(single)));
    }
    text
}

/// The first layer's weights.
pub fn filters(seen: &Seen) -> String {
    let mut text = "filter,row,column,weight\n".to_owned();
    let columns = seen.filter[1];
    for (k, filter) in seen.filters.iter().enumerate() {
        push_plane(&mut text, &[k + 1], filter, columns);
    }
    text
}

/// What each hidden layer answers to the image that is looked at.
pub fn planes(seen: &Seen) -> String {
    let mut text = "layer,plane,row,column,value\n".to_owned();
    for (l, layer) in seen.answered.iter().enumerate() {
        for (k, plane) in layer.planes.iter().enumerate() {
            push_plane(&mut text, &[l + 1, k + 1], plane, layer.shape[1]);
        }
    }
    text
}

/// A row and a column per sample, named by its class.
pub fn kernel(images: &Images) -> String {
    let Kernel { labels, values } = &images.kernel;
    let name = |label: u32| images.class(label as usize).to_owned();
    let mut text = String::new();
    let names = labels.iter().map(|&label| name(label));
    push_row(&mut text, ["class".to_owned()].into_iter().chain(names));
    for (&label, row) in labels.iter().zip(values.chunks(labels.len().max(1))) {
        let values = row.iter().copied().map(single);
        push_row(&mut text, [name(label)].into_iter().chain(values));
    }
    text
}

/// How likely each class is to what somebody has drawn.
pub fn reading(images: &Images) -> String {
    let mut text = "run,name,class,likely\n".to_owned();
    for (run, seen) in images.runs.iter().enumerate() {
        for (class, &likely) in seen.reading.iter().enumerate() {
            let start = [(run + 1).to_string(), format!("\"{}\"", seen.name)];
            let end = [images.class(class).to_owned(), single(likely)];
            push_row(&mut text, start.into_iter().chain(end));
        }
    }
    text
}

/// A row per number of a plane, with what it is a plane of.
fn push_plane(text: &mut String, of: &[usize], plane: &[f32], columns: usize) {
    for (at, &value) in plane.iter().enumerate() {
        let place = [at / columns + 1, at % columns + 1];
        let start = of.iter().chain(&place).map(usize::to_string);
        push_row(text, start.chain([single(value)]));
    }
}

/// As short as it is known.
fn single(x: f32) -> String {
    if x.is_finite() {
        x.to_string()
    } else {
        number(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::images::{Answered, Judged, Looked, Wrong};

    #[test]
    fn every_picture_is_a_table() {
        let images = Images {
            step: 3,
            shape: [1, 1, 2],
            classes: ["cat", "dog"].map(str::to_owned).to_vec(),
            judged: Judged::Images,
            count: 5,
            looked: Looked {
                pixels: vec![0.0, 1.0],
                class: None,
            },
            kernel: Kernel {
                labels: vec![0, 1],
                values: vec![1.0, 0.25, 0.25, f32::NAN],
            },
            runs: vec![Seen {
                name: "BackProp, τ 1".to_owned(),
                wrong: vec![Wrong {
                    pixels: vec![0.5, 0.1],
                    given: 1,
                    right: 0,
                    confidence: 0.9,
                }],
                confusion: vec![vec![2, 1], vec![0, 2]],
                filters: vec![vec![0.5, -0.25]],
                filter: [1, 2],
                answered: vec![Answered {
                    planes: vec![vec![2.0]],
                    shape: [1, 1],
                }],
                answer: vec![0.2, 0.8],
                reading: vec![0.2, 0.8],
            }],
        };
        let seen = &images.runs[0];
        assert_eq!(
            confusion(&images, seen),
            "right,cat,dog\ncat,2,1\ndog,0,2\n"
        );
        assert_eq!(
            wrong(&images, seen),
            "right,given,confidence,x1,x2\ncat,dog,0.9,0.5,0.1\n"
        );
        assert_eq!(
            filters(seen),
            "filter,row,column,weight\n1,1,1,0.5\n1,1,2,-0.25\n"
        );
        assert_eq!(planes(seen), "layer,plane,row,column,value\n1,1,1,1,2\n");
        let mut lines = kernel(&images);
        lines.truncate(lines.rfind(',').unwrap());
        assert_eq!(lines, "class,cat,dog\ncat,1,0.25\ndog,0.25");
        assert_eq!(
            reading(&images),
            "run,name,class,likely\n1,\"BackProp, τ 1\",cat,0.2\n1,\"BackProp, τ 1\",dog,0.8\n"
        );
    }
}
