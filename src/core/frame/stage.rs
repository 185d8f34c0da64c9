//! What a related system shows: a column per run with its numbers and pictures, pictures that the runs share, and the points of its
//! curves. It knows no system: whatever comes is laid out as it comes.

use serde::{Deserialize, Serialize};

use super::{Field, Scene, Status};

/// A quantity that is recorded along a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name, as the column of a table.
    pub key: &'static str,
    /// What a person calls it.
    pub label: &'static str,
    /// Whether that is of several things: they *have*, and one *has*.
    pub plural: bool,
}

impl Measure {
    /// Of one thing.
    pub const fn one(key: &'static str, label: &'static str) -> Measure {
        let plural = false;
        Measure { key, label, plural }
    }

    /// Of several things.
    pub const fn many(key: &'static str, label: &'static str) -> Measure {
        let plural = true;
        Measure { key, label, plural }
    }
}

/// A chart of some measures over the steps, or over another of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chart {
    /// Its name, as that of a file.
    pub key: &'static str,
    /// What stands above it.
    pub title: &'static str,
    /// What is counted on its x axis.
    pub x_label: &'static str,
    /// Whether its y axis is logarithmic.
    pub log: bool,
    /// The measure on its x axis, or [`Chart::LOG_STEPS`]; the steps where there is none.
    pub x: Option<usize>,
    /// What is on its y axis, where that is known beforehand.
    pub range: Option<(f64, f64)>,
    /// Its measures, by their places among those of the system; the first is drawn solid.
    pub measures: &'static [usize],
}

impl Chart {
    /// In place of a measure: the steps, on a logarithmic axis.
    pub const LOG_STEPS: usize = usize::MAX;
}

/// A line across a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The chart, by its key.
    pub chart: String,
    /// How high.
    pub at: f64,
    /// What it is.
    pub label: String,
}

/// One point of every curve of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps made.
    pub step: u64,
    /// What was measured there, in the order of the system's measures; NaN for what has no value.
    pub values: Vec<f64>,
}

/// The numbers and pictures of all runs at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The system, as in the query string.
    pub system: String,
    /// Which of its views: whose measures and charts these are.
    pub view: usize,
    /// Steps made.
    pub step: u64,
    /// Steps after which it is done.
    pub total_steps: u64,
    /// Why the runs end here before that, in a sentence; `None` if they do not.
    pub stopped: Option<String>,
    /// The version of the program that computes.
    pub build: String,
    /// One per run, in the order of the query string.
    pub columns: Vec<Column>,
    /// What the runs share.
    pub pictures: Vec<Picture>,
    /// Lines across the charts.
    pub levels: Vec<Level>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name; no two of a stage are called the same.
    pub name: String,
    /// Training, done or diverged.
    pub status: Status,
    /// The step after which it diverged.
    pub diverged_at: Option<u64>,
    /// What its card says.
    pub numbers: Vec<Number>,
    /// What is drawn of it.
    pub pictures: Vec<Picture>,
}

/// A number with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// Its name for programs.
    pub key: String,
    /// What a person calls it.
    pub label: String,
    /// Its value; NaN where it has none.
    pub value: f64,
}

/// Something to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Its name, as that of a file.
    pub key: String,
    /// What stands above it.
    pub title: String,
    /// What it shows, for those who do not see it.
    pub words: String,
    /// Of what kind it is.
    pub kind: Kind,
}

/// The kinds of pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// A piece of the plane.
    Plane(Box<Scape>),
    /// Curves in the unit square, and the place on the x axis that is marked.
    Square {
        /// What is on the axes: across, up.
        axes: [String; 2],
        /// One per run; empty where there is none.
        curves: Vec<Vec<[f64; 2]>>,
        /// A line up at this x.
        mark: f64,
    },
    /// Curves of its own, with axes and names.
    Lines(Box<Lines>),
    /// What a network answers in several places, the last one large.
    Maps(Box<Maps>),
    /// Bars in rows, over one axis.
    Bars(Box<Bars>),
}

/// Answers over the same piece of the plane, and the points there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maps {
    /// The plane and the points, which are drawn on the last.
    pub scene: Scene,
    /// The answers, each with what stands below it.
    pub maps: Vec<(String, Field)>,
}

/// Bars in rows, which belong together in groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// What is counted from left to right.
    pub axis: String,
    /// From left to right.
    pub x: (f64, f64),
    /// What the bars' kinds are.
    pub kinds: Vec<String>,
    /// What the line across a group's rows is.
    pub mark_is: String,
    /// Whether groups stand side by side, each with the axis, and not one below the other over one axis.
    pub beside: bool,
    /// The groups, from top to bottom or from left to right.
    pub groups: Vec<Group>,
}

impl Bars {
    /// How many rows lie below each other.
    pub fn rows(&self) -> usize {
        let rows = self.groups.iter().map(|group| group.rows.len());
        if self.beside {
            rows.max().unwrap_or(0)
        } else {
            rows.sum()
        }
    }
}

/// Rows that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What they are.
    pub name: String,
    /// The run whose they are.
    pub run: usize,
    /// What each row is, from top to bottom.
    pub rows: Vec<String>,
    /// A line down at this x.
    pub mark: Option<f64>,
    /// What lies in them.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Which row of the group.
    pub row: usize,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Of which kind.
    pub kind: usize,
    /// What stands in it, where there is room.
    pub label: String,
}

/// Curves over a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lines {
    /// What is on the axes: across, up.
    pub axes: [String; 2],
    /// From left to right.
    pub x: (f64, f64),
    /// From bottom to top.
    pub y: (f64, f64),
    /// The curves, the first one lowest.
    pub strokes: Vec<Stroke>,
    /// What is shaded below them, by its edge.
    pub areas: Vec<Vec<[f64; 2]>>,
}

/// A curve with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// What it is; empty for what has its name from another.
    pub name: String,
    /// Whose colour it has.
    pub ink: Ink,
    /// How it is stroked, by the place among the strokes that there are.
    pub dash: usize,
    /// Its points; it ends where it has no more.
    pub points: Vec<[f64; 2]>,
}

/// Whose colour something has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ink {
    /// A run's.
    Run(usize),
    /// A class's.
    Class(usize),
    /// Nobody's.
    Grey,
    /// Of what is wrong.
    Wrong,
}

/// A piece of the plane: a field, and what lies on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scape {
    /// From left to right.
    pub x: (f64, f64),
    /// From bottom to top.
    pub y: (f64, f64),
    /// Values on a grid, of diverging colours: 0 is the paper, ± `reach` are the two classes' own; or the probabilities of several classes.
    pub field: Option<Field>,
    /// What a value of the field is, for whoever points at it.
    pub tells: Tells,
    /// The class whose colour has what is above 0, where that is not the second; what is below is grey then.
    pub gains: Option<usize>,
    /// What its rows are where they are squares of their own, and no surface; empty otherwise. A square is 1 wide, and the first of a row
    /// begins at 0: left of that what rows are is written.
    pub bands: Vec<Band>,
    /// The size that has the full colour.
    pub reach: f64,
    /// Lines, as where a field is 0.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// What the lines are.
    pub lines_are: String,
    /// Thin strokes below the points that move, as the other heights of a field.
    pub contours: Vec<[[f64; 2]; 2]>,
    /// Where points have come from and where they are now.
    pub trails: Vec<[[f64; 2]; 2]>,
    /// The names of the points' classes, and how they are drawn.
    pub classes: Vec<Class>,
    /// Points of two classes.
    pub dots: Vec<Dot>,
    /// Discs around places.
    pub discs: Vec<Disc>,
    /// Lines with colours of their own, as boxes around places and the ways of points; those with a name are told of, once.
    pub strokes: Vec<Stroke>,
    /// Arrows.
    pub arrows: Vec<Arrow>,
    /// What is asked for where somebody presses on it.
    pub press: Option<Press>,
}

/// What a value of a field is called where it is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Tells {
    /// An answer as it is; of several probabilities the class that has the largest.
    #[default]
    Answer,
    /// A number by its name, so many times the value and so much more.
    Number {
        /// Its name.
        name: String,
        /// What the value is multiplied by.
        times: f64,
        /// What is added to that.
        plus: f64,
    },
    /// A size by its name, of which the field has the logarithm: values from 0 to 1 go from the one end to the other, and stay there beyond.
    Size {
        /// Its name.
        name: String,
        /// Both ends.
        ends: (f64, f64),
    },
}

impl Tells {
    /// A number that is the value itself.
    pub fn number(name: &str) -> Tells {
        Tells::Number {
            name: name.to_owned(),
            times: 1.0,
            plus: 0.0,
        }
    }

    /// The probability of a class, where the value is by how much that exceeds the other class's.
    pub fn probability(class: &str) -> Tells {
        Tells::Number {
            name: [class, "’s probability"].concat(),
            times: 0.5,
            plus: 0.5,
        }
    }
}

/// Rows of squares that belong together, with a scale of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// What they are.
    pub name: String,
    /// How many rows of the field lie above them.
    pub above: usize,
    /// What the rows are, from top to bottom: so many of each.
    pub rows: Vec<(String, usize)>,
    /// What the squares of a row are, from left to right.
    pub columns: Vec<(String, usize)>,
    /// The size that has the full colour, as has all that is larger.
    pub reach: f64,
}

impl Band {
    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.rows.iter().map(|(_, count)| count).sum()
    }

    /// How many squares a row has.
    pub fn width(&self) -> usize {
        self.columns.iter().map(|(_, count)| count).sum()
    }
}

/// A setting that takes a place from whoever presses on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Press {
    /// The setting's key.
    pub key: String,
    /// What a press does, for those who wonder.
    pub words: String,
    /// What the setting's text becomes.
    pub asks: Asks,
}

/// What a press makes of the place where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Asks {
    /// A text of the place itself.
    Place {
        /// What stands behind it.
        behind: String,
        /// A place that was pressed before, and the text that it asks for once more.
        again: Option<([f64; 2], String)>,
    },
    /// The numbers of some points, from 1, each with a dot before it: the nearest joins them, or leaves them.
    Nearest {
        /// All there are.
        points: Vec<[f64; 2]>,
        /// Which are chosen now, from 0.
        chosen: Vec<usize>,
        /// The text of none.
        none: String,
        /// How many may be chosen; beyond, nothing is asked for.
        most: usize,
    },
}

impl Asks {
    /// The text that a press asks for at this place of a plane so wide and so high.
    fn text(&self, at: [f64; 2], [wide, high]: [f64; 2]) -> Option<String> {
        let far = |to: &[f64; 2]| ((at[0] - to[0]) / wide).hypot((at[1] - to[1]) / high);
        match self {
            Asks::Place { behind, again } => Some(match again {
                Some((to, text)) if far(to) < NEAR => text.clone(),
                _ => format!("{:.2},{:.2}{behind}", at[0], at[1]),
            }),
            Asks::Nearest {
                points,
                chosen,
                none,
                most,
            } => {
                let nearest = (0..points.len())
                    .min_by(|&i, &k| far(&points[i]).total_cmp(&far(&points[k])))?;
                let joins = !chosen.contains(&nearest);
                let others = chosen.iter().filter(|&&i| i != nearest);
                let mut all: Vec<usize> = others.copied().chain(joins.then_some(nearest)).collect();
                if all.len() > *most {
                    return None;
                }
                all.sort_unstable();
                let numbers: Vec<String> = all.iter().map(|i| format!(".{}", i + 1)).collect();
                Some(if all.is_empty() {
                    none.clone()
                } else {
                    numbers.concat()
                })
            }
        }
    }
}

/// So far from a place it is still pressed, as a share of the plane.
const NEAR: f64 = 0.04;

impl Scape {
    /// What a press asks for, at a place in shares of the plane from its top left: a setting, by key and text.
    pub fn pressed(&self, [right, down]: [f64; 2]) -> Option<(String, String)> {
        let press = self.press.as_ref()?;
        let (wide, high) = (self.x.1 - self.x.0, self.y.1 - self.y.0);
        let at = [self.x.0 + right * wide, self.y.1 - down * high];
        let text = press.asks.text(at, [wide, high])?;
        Some((press.key.clone(), text))
    }
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// What they are.
    pub name: String,
    /// Whose colour they have.
    pub ink: Ink,
    /// The radius of those that are drawn large.
    pub radius: f64,
}

impl Class {
    /// A class with the colour of its place.
    pub fn new(place: usize, name: &str) -> Class {
        Class {
            name: name.to_owned(),
            ink: Ink::Class(place),
            radius: 3.6,
        }
    }
}

/// A point of a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dot {
    /// Where.
    pub at: [f64; 2],
    /// Of which class.
    pub class: usize,
    /// Whether it is drawn large.
    pub large: bool,
    /// Whether there is a ring around it.
    pub ringed: bool,
}

/// A disc whose area is a size; a hollow ring where that is exactly 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disc {
    /// Where its centre is.
    pub at: [f64; 2],
    /// A share of the largest disc's area, with a sign.
    pub size: f64,
}

/// An arrow with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrow {
    /// Where it begins.
    pub from: [f64; 2],
    /// Where it ends.
    pub to: [f64; 2],
    /// What it is.
    pub label: String,
    /// Whether it is only what might be best.
    pub pale: bool,
}
