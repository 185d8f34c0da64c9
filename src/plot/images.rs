//! What networks make of images: wrong answers, confusion matrix, filters, the kernel of a minibatch, what is read from a drawn image.
//! Knows what is to be seen, no network.

mod confusion;
mod filters;
mod kernel;
mod planes;
mod reading;
mod tiles;
mod wrong;

use super::number::percent;
use super::theme::Theme;
use super::{Drawn, svg};
use crate::frame::images::{Images, Judged, Seen};
use plotters_backend::DrawingBackend;

/// A picture of images, of a run (from 0) or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Wrong answers.
    Wrong(usize),
    /// The confusion matrix.
    Confusion(usize),
    /// The first layer's weights.
    Filters(usize),
    /// What each layer answers to an image.
    Planes(usize),
    /// The minibatch's kernel.
    Kernel,
    /// What is read from a drawn image.
    Reading,
}

impl View {
    /// All that there are of these.
    pub fn all(images: &Images) -> Vec<View> {
        let are_images = images.judged == Judged::Images;
        let mut all = View::of_runs(images.runs.len(), are_images);
        all.extend(are_images.then_some(View::Reading));
        all
    }

    /// Those of so many runs, on images or on a table, that take no drawn image.
    pub fn of_runs(runs: usize, on_images: bool) -> Vec<View> {
        let mut each: Vec<fn(usize) -> View> = vec![View::Confusion];
        if on_images {
            each = vec![View::Wrong, View::Confusion, View::Filters, View::Planes];
        }
        let each = each.into_iter().flat_map(|view| (0..runs).map(view));
        each.chain([View::Kernel]).collect()
    }

    /// Its name, as that of a file.
    pub fn key(self) -> String {
        match self {
            View::Wrong(run) => ["wrong-", &(run + 1).to_string()].concat(),
            View::Confusion(run) => ["confusion-", &(run + 1).to_string()].concat(),
            View::Filters(run) => ["filters-", &(run + 1).to_string()].concat(),
            View::Planes(run) => ["network-", &(run + 1).to_string()].concat(),
            View::Kernel => "kernel".to_owned(),
            View::Reading => "reading".to_owned(),
        }
    }

    /// What stands above it.
    pub fn title(self, images: &Images) -> String {
        let of = |run: usize, what: &str| {
            let name = images.runs.get(run).map_or("", |seen| seen.name.as_str());
            [what, name].concat()
        };
        match self {
            View::Wrong(run) => {
                let wrong = images.runs.get(run).map_or(0, Seen::errors);
                of(run, "") + ": " + &wrong.to_string() + " wrong"
            }
            View::Confusion(run) => of(run, "Answers by class, "),
            View::Filters(run) => of(run, "First layer of "),
            View::Planes(run) => of(run, "Network of "),
            View::Kernel => "Kernel of the minibatch".to_owned(),
            View::Reading => "What is read".to_owned(),
        }
    }

    /// What it shows, for those who do not see it.
    pub fn words(self, images: &Images) -> String {
        let seen = |run: usize| images.runs.get(run);
        match self {
            View::Wrong(run) => seen(run).map_or_else(String::new, |seen| {
                let shown = seen.wrong.iter().map(|wrong| wrong::told(wrong, images));
                let shown: Vec<String> = shown.collect();
                format!(
                    "{} of {} images held back have a wrong answer. {}",
                    seen.errors(),
                    images.count,
                    shown.join("; ")
                )
            }),
            View::Confusion(run) => seen(run).map_or_else(String::new, |seen| {
                let rows = seen.confusion.iter().enumerate();
                let rows = rows.map(|(right, row)| {
                    let of: u32 = row.iter().sum();
                    let class = images.class(right);
                    format!("{class}: {} of {of} right", row[right])
                });
                let whose = match images.judged {
                    Judged::Images => "",
                    Judged::Rows => "Rows held back. ",
                    Judged::Trained => "Rows trained on, as none are held back. ",
                };
                [whose, &rows.collect::<Vec<_>>().join(", ")].concat()
            }),
            View::Filters(run) => seen(run).map_or_else(String::new, |seen| {
                let [rows, columns] = seen.filter;
                let (filters, most) = (seen.filters.len(), filters::largest(seen));
                let scale = filters::scale(images);
                format!(
                    "{filters} filters of {rows} × {columns} weights, the largest {most:.2}; in every run the deepest colour stands for {scale:.2} and more"
                )
            }),
            View::Planes(run) => seen(run).map_or_else(String::new, |seen| {
                let whole = match images.looked.class {
                    Some(class) => format!("The first image held back, {}", images.class(class)),
                    None => "What is drawn".to_owned(),
                };
                let layers = seen.answered.iter().enumerate().map(|(l, layer)| {
                    let active = layer.planes.iter().filter(|plane| plane.iter().any(|&x| x.abs() > 0.0));
                    format!("layer {} ({}): {} answer", l + 1, planes::shaped(layer), active.count())
                });
                let layers: Vec<String> = layers.collect();
                let answer = match most(&seen.answer) {
                    Some((class, likely)) => format!("it is taken for {} ({})", images.class(class), percent(f64::from(likely), 0)),
                    None => "there is no answer".to_owned(),
                };
                format!("{whole}, through the layers. {}; {answer}", layers.join(", "))
            }),
            View::Kernel => {
                let (within, between) = kernel::likeness(&images.kernel);
                format!(
                    "Inner products of {} {}, sorted by class, as shares of the largest: {within:.2} on average within a class, \
                     {between:.2} between classes",
                    images.kernel.labels.len(),
                    if images.judged == Judged::Images { "images" } else { "rows" }
                )
            }
            View::Reading => {
                let read = images.runs.iter().map(|seen| match seen.read() {
                    Some((class, likely)) => {
                        let class = images.class(class);
                        format!("{}: {class} ({})", seen.name, percent(f64::from(likely), 0))
                    }
                    None => format!("{}: nothing is drawn", seen.name),
                });
                read.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Draws it over the whole of a drawing.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(
        self,
        backend: &mut B,
        size: (u32, u32),
        images: &Images,
        theme: &Theme,
    ) -> Drawn<B> {
        let size = (size.0.cast_signed(), size.1.cast_signed());
        let seen = |run: usize| images.runs.get(run);
        match self {
            View::Wrong(run) => match seen(run) {
                Some(seen) => wrong::draw(backend, size, seen, images, theme),
                None => Ok(()),
            },
            View::Confusion(run) => match seen(run) {
                Some(seen) => confusion::draw(backend, size, seen, images, theme.run(run), theme),
                None => Ok(()),
            },
            View::Filters(run) => match seen(run) {
                Some(seen) => filters::draw(backend, size, seen, filters::scale(images), theme),
                None => Ok(()),
            },
            View::Planes(run) => match seen(run) {
                Some(seen) => planes::draw(backend, size, seen, images, theme.run(run), theme),
                None => Ok(()),
            },
            View::Kernel => kernel::draw(backend, size, &images.kernel, theme),
            View::Reading => reading::draw(backend, size, &images.runs, theme),
        }
    }

    /// The same as SVG text; `size` in CSS pixels.
    pub fn svg(self, images: &Images, size: (u32, u32), theme: &Theme) -> String {
        svg::draw(size, theme, |backend, whole| {
            self.draw(backend, whole, images, theme)
        })
    }
}

/// The most likely of some classes.
fn most(answer: &[f32]) -> Option<(usize, f32)> {
    let classes = answer.iter().copied().enumerate();
    let best = classes.reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.filter(|(_, likely)| likely.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::images::{Answered, Kernel, Looked, Wrong};

    fn images() -> Images {
        let seen = |name: &str, weight: f32| Seen {
            name: name.to_owned(),
            wrong: vec![Wrong {
                pixels: vec![0.0, 0.5, 1.0, 0.0],
                given: 1,
                right: 0,
                confidence: 0.9,
            }],
            confusion: vec![vec![3, 1], vec![0, 4]],
            filters: vec![vec![weight, -0.5, 0.0, 0.25]; 3],
            filter: [2, 2],
            answered: vec![
                Answered {
                    planes: vec![vec![0.0, 1.0, 0.5, 0.0], vec![0.0; 4]],
                    shape: [2, 2],
                },
                Answered {
                    planes: vec![vec![-0.5], vec![0.5], vec![1.0]],
                    shape: [1, 1],
                },
            ],
            answer: vec![0.2, 0.8],
            reading: vec![0.2, 0.8],
        };
        Images {
            step: 7,
            shape: [1, 2, 2],
            classes: vec!["0".to_owned(), "1".to_owned()],
            judged: Judged::Images,
            count: 8,
            looked: Looked {
                pixels: vec![0.0, 0.5, 1.0, 0.0],
                class: Some(0),
            },
            kernel: Kernel {
                labels: vec![0, 0, 1],
                values: vec![1.0, 0.8, 0.1, 0.8, 1.0, 0.3, 0.1, 0.3, 0.5],
            },
            runs: vec![seen("BackProp", 2.0), seen("ProxProp", 0.5)],
        }
    }

    #[test]
    fn every_picture_has_words_and_is_drawn_within_its_frame() {
        let images = images();
        let words = View::all(&images)
            .into_iter()
            .map(|view| view.words(&images));
        let words: Vec<String> = words.collect();
        assert!(
            words[0].starts_with("1 of 8 images held back have a wrong answer. 0 taken for 1 (90"),
            "{}",
            words[0]
        );
        assert_eq!(words[2], "0: 3 of 4 right, 1: 4 of 4 right");
        // One scale for all runs.
        assert!(
            words[4].contains(
                "the largest 2.00; in every run the deepest colour stands for 0.50 and more"
            ),
            "{}",
            words[4]
        );
        assert!(
            words[8].contains("0.80 on average within a class, 0.20 between"),
            "{}",
            words[8]
        );
        assert_eq!(
            words[6],
            "The first image held back, 0, through the layers. layer 1 (2 × 2 × 2): 1 answer, layer 2 (3): 3 answer; it is taken for 1 (80 %)"
        );
        assert!(words[9].contains("ProxProp: 1 (80"), "{}", words[9]);
        for view in View::all(&images) {
            let text = view.svg(&images, (240, 200), &Theme::light());
            assert!(
                text.starts_with("<svg width=\"240\" height=\"200\""),
                "{text}"
            );
            assert!(
                !text.contains("NaN")
                    && ![" x=\"-", " y=\"-"]
                        .iter()
                        .any(|beyond| text.contains(beyond)),
                "{:?}: {text}",
                view.key()
            );
        }
    }

    /// Rows have no pixels: who is answered how, and how alike they are.
    #[test]
    fn a_table_has_pictures_of_its_own_and_says_whose_answers_they_are() {
        let mut images = images();
        images.judged = Judged::Trained;
        let keys: Vec<String> = View::all(&images).into_iter().map(View::key).collect();
        assert_eq!(keys, ["confusion-1", "confusion-2", "kernel"]);
        let words = View::Confusion(0).words(&images);
        assert_eq!(
            words,
            "Rows trained on, as none are held back. 0: 3 of 4 right, 1: 4 of 4 right"
        );
        assert!(
            View::Kernel
                .words(&images)
                .starts_with("Inner products of 3 rows")
        );
        images.judged = Judged::Rows;
        assert!(
            View::Confusion(0)
                .words(&images)
                .starts_with("Rows held back. 0: ")
        );
    }

    /// A run that has left the ground does not take the colour from the others' filters.
    #[test]
    fn filters_are_drawn_by_the_run_with_the_smallest() {
        let drawn = |images: &Images| View::Filters(1).svg(images, (240, 200), &Theme::light());
        let mut pictures = images();
        let before = drawn(&pictures);
        for weight in [20.0, f32::NAN, f32::INFINITY] {
            pictures.runs[0].filters[0][0] = weight;
            assert_eq!(drawn(&pictures), before);
        }
        pictures.runs[0].filters = vec![vec![0.25; 4]; 3];
        assert_ne!(drawn(&pictures), before, "on one scale");
        // Where a run has next to none the others are not all of one colour.
        pictures.runs[0].filters = vec![vec![0.0; 4]; 3];
        pictures.runs[1].filters[0][0] = 5.0;
        let words = View::Filters(1).words(&pictures);
        assert!(words.ends_with("stands for 0.05 and more"), "{words}");
    }

    /// Labels of neighbouring tiles keep apart, however sure the answers are and whatever the classes are called.
    #[test]
    fn labels_of_wrong_answers_keep_apart() {
        let mut pictures = images();
        let wrong = &mut pictures.runs[0].wrong;
        wrong[0].confidence = 0.9996;
        *wrong = vec![wrong[0].clone(); 24];
        for names in [["0", "1"], ["airplane", "automobile"]] {
            pictures.classes = names.map(str::to_owned).to_vec();
            for size in [(170, 240), (330, 300), (720, 200)] {
                let theme = Theme::light();
                let text = View::Wrong(0).svg(&pictures, size, &theme);
                let number = |text: &str, key: &str| {
                    let rest = text.split(key).nth(1)?;
                    rest.split('"').next()?.parse::<f64>().ok()
                };
                let sure = text.split("<text").filter(|label| label.contains('%'));
                let places: Vec<(f64, f64)> = sure
                    .map(|label| {
                        (
                            number(label, " x=\"").unwrap(),
                            number(label, " y=\"").unwrap(),
                        )
                    })
                    .collect();
                assert!(!places.is_empty(), "{text}");
                for two in places.windows(2).filter(|two| two[0].1 == two[1].1) {
                    let apart = f64::from(theme.width("99.96 %"));
                    assert!(two[1].0 - two[0].0 > apart, "{size:?}: {two:?}");
                }
            }
        }
    }
}
