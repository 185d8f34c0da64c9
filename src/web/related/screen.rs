//! A system on the screen: its figures, curves, numbers and form. Draws and writes what is shown; knows no worker and names no system.

use super::drawn::with_drawn;
use super::figure::{Figure, Panel, Places, panel, put};
use super::form::Form;
use super::help;
use super::map::Map;
use super::message::Progress;
use super::ways::Ways;
use crate::data::drawn::Drawn;
use crate::frame::Status;
use crate::frame::stage::{Column, Kind, Number, Picture, Point, Stage};
use crate::lab::systems::{AFTER, Entry, Measures, Settings};
use crate::plot::number::{alike, short};
use crate::plot::theme::Line;
use crate::plot::{LineChart, Theme, stage::end, svg};
use crate::web::dom;
use crate::web::widgets::chart::{ChartView, sample};
use std::collections::VecDeque;
use web_sys::{Element, HtmlElement, ResizeObserver};

/// More rows of bars than these below each other are not read on the place of one chart of a sheet.
const MOST_ROWS: usize = 9;

/// What something that can be drawn is to a sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// A run's.
    Run,
    /// What is of all runs, on the place of one chart.
    One,
    /// The same, on the place of two by two.
    Four,
}

/// What is drawn at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Chart(usize),
    /// A run's, or behind the runs that of all; which of them.
    Figure(usize, usize),
    /// The table, and what the cards say.
    Numbers,
}

/// A system on the screen.
pub(super) struct Shown {
    pub(super) entry: &'static Entry,
    pub(super) progress: Progress,
    pub(super) points: Vec<Vec<Point>>,
    pub(super) ways: Ways,
    /// The curves are others than those on the screen: they have points at few of the steps.
    pub(super) moved: bool,
    pub(super) settings: Settings,
    /// The points that are being drawn, which the first plane of each run shows.
    pub(super) drawing: Option<Drawn>,
    /// Points that were refused and left so, and the text of those that the run had then: whoever draws goes on with them.
    pub(super) left: Option<(Option<String>, Drawn)>,
    /// Per run its figures, then those of all.
    pub(super) figures: Vec<Vec<Figure>>,
    pub(super) charts: Vec<ChartView>,
    pub(super) form: Form,
    pub(super) table: Element,
    pub(super) map: Map,
    /// What waits to be drawn, the first first.
    undrawn: VecDeque<Part>,
}

impl Shown {
    /// Fills these places, of the runs, of what they share, and of the form, and watches their sizes; nothing else is watched any more.
    pub(super) fn new(
        entry: &'static Entry,
        progress: Progress,
        places: &[Element; 3],
        observer: &ResizeObserver,
    ) -> Shown {
        let [runs, charts, form] = places;
        observer.disconnect();
        for part in [runs, charts, form] {
            part.set_text_content(None);
        }
        let stage = &progress.stage;
        let layout = Layout::of(&stage.columns);
        for (name, value) in [
            ("data-many", layout.many),
            ("data-above", layout.above),
            ("data-deep", if layout.deep { "true" } else { "false" }),
        ] {
            dom::set(runs, name, value);
        }
        for (name, across) in ["--across", "--across-wide"].iter().zip(layout.across) {
            put(runs, name, across);
        }
        let lines = entry.measures[stage.view].charts.iter().map(|chart| {
            let place = panel(chart.title, charts);
            help::add(&dom::find(&place, "h3"), entry, chart.key, chart.title);
            let (id, legend) = (
                format!("related-{}", chart.key),
                format!("related-{}-legend", chart.key),
            );
            let list: Element = dom::element("ul", "legend", "");
            dom::set(&list, "id", &legend);
            dom::append(&place, &list);
            let host: Element = dom::element("div", "chart", "");
            for (name, value) in [
                ("id", id.as_str()),
                ("tabindex", "0"),
                ("role", "group"),
                (
                    "aria-label",
                    &format!("Chart of {}; arrow keys read values", chart.title),
                ),
            ] {
                dom::set(&host, name, value);
            }
            dom::append(&place, &host);
            ChartView::new(&id, &legend, observer)
        });
        let lines = lines.collect();
        let places = Places {
            entry,
            runs,
            shared: charts,
            observer,
        };
        let own = stage.columns.iter().enumerate().map(|(run, column)| {
            let pictures = column.pictures.iter();
            pictures
                .map(|picture| Figure::new(picture, Some(run), &places))
                .collect()
        });
        let mut figures: Vec<Vec<Figure>> = own.collect();
        let within = figures.iter().flat_map(|own| 0..own.len());
        for (element, at) in dom::all(runs, "figure, section").iter().zip(within) {
            put(element, "--at", at);
        }
        let pictured = stage.columns.iter().flat_map(|column| &column.pictures);
        let presses = pictured.filter_map(|picture| match &picture.kind {
            Kind::Plane(scape) => scape.press.as_ref(),
            _ => None,
        });
        if let Some(press) = presses.take(1).next() {
            dom::append(runs, &dom::element("p", "hint presses", &press.words));
        }
        let pictures = stage.pictures.iter();
        figures.push(
            pictures
                .map(|picture| Figure::new(picture, None, &places))
                .collect(),
        );
        let place = panel("Numbers", charts);
        dom::set(&place, "class", "panel wide");
        let table: Element = dom::element("table", "numbers", "");
        dom::append(&place, &table);
        Shown {
            form: Form::new(entry, stage.columns.len(), form),
            entry,
            points: Vec::new(),
            ways: Ways::new(charts),
            map: Map::new(entry, observer),
            moved: true,
            undrawn: VecDeque::new(),
            settings: Settings::default(),
            drawing: None,
            left: None,
            figures,
            charts: lines,
            table,
            progress,
        }
    }

    /// A setting of all runs as text.
    pub(super) fn shared(&self, key: &str) -> Option<&str> {
        let all = (self.entry.parameters)();
        let mut shared = all.iter().filter(|(own, _)| !own);
        let at = shared.position(|(_, parameter)| parameter.key == key)?;
        Some(&self.settings.shared.get(at)?.value)
    }

    /// The first plane of each run: points are drawn there.
    pub(super) fn planes(&self) -> impl Iterator<Item = &Panel> {
        let own = &self.figures[..self.figures.len() - 1];
        own.iter().filter_map(|figures| {
            let mut planes = figures.iter().filter_map(Figure::plane);
            planes.next()
        })
    }

    /// What the runs are called.
    pub(super) fn names(&self) -> Vec<String> {
        let columns = self.progress.stage.columns.iter();
        columns.map(|column| column.name.clone()).collect()
    }

    pub(super) fn has_room_for(&self, stage: &Stage) -> bool {
        let fits = |figures: &[Figure], pictures: &[Picture]| {
            figures.len() == pictures.len()
                && figures
                    .iter()
                    .zip(pictures)
                    .all(|(figure, picture)| figure.fits(picture))
        };
        let (shared, own) = self.figures.split_last().expect("there are those of all");
        own.len() == stage.columns.len()
            && self.progress.stage.view == stage.view
            && fits(shared, &stage.pictures)
            && own
                .iter()
                .zip(&stage.columns)
                .all(|(figures, column)| fits(figures, &column.pictures))
    }

    /// Every figure with its picture.
    pub(super) fn pictured(&mut self) -> impl Iterator<Item = (&mut Figure, &Picture)> {
        let stage = &self.progress.stage;
        let own = stage.columns.iter().map(|column| &column.pictures);
        let pictures = own.chain([&stage.pictures]).flatten();
        self.figures.iter_mut().flatten().zip(pictures)
    }

    /// What is measured in the view that is seen.
    pub(super) fn measures(&self) -> &'static Measures {
        self.entry.measures[self.progress.stage.view]
    }

    /// A chart, and where its x axis ends.
    fn chart(&self, k: usize) -> (LineChart, f64) {
        let (stage, measures) = (&self.progress.stage, self.measures());
        let labels: Vec<&str> = measures.all.iter().map(|measure| measure.label).collect();
        let points: Vec<&[Point]> = self.points.iter().map(Vec::as_slice).collect();
        let chart = &measures.charts[k];
        let mut lines = LineChart::of_stage(chart, &labels, stage, &points);
        if stage.step < self.progress.furthest {
            lines = lines.at_step(stage.step, chart, &points);
        }
        let ways = self.ways.drawn();
        let ways: Vec<_> = ways
            .map(|(number, ghost)| (number, ghost.points.as_slice()))
            .collect();
        let end = end(chart, stage, &points);
        (lines.with_other_ways(chart, &ways), end)
    }

    /// All that can have changed is to be drawn, after what waits for it already.
    pub(super) fn is_new(&mut self) {
        let charts = if std::mem::take(&mut self.moved) {
            self.charts.len()
        } else {
            0
        };
        let figures = self.figures.iter().enumerate();
        let figures =
            figures.flat_map(|(run, own)| (0..own.len()).map(move |at| Part::Figure(run, at)));
        for part in (0..charts)
            .map(Part::Chart)
            .chain(figures)
            .chain([Part::Numbers])
        {
            if !self.undrawn.contains(&part) {
                self.undrawn.push_back(part);
            }
        }
    }

    /// Draws one part after the other until it is `due` that the page goes on; whether all of them are drawn.
    pub(super) fn draw(&mut self, theme: &Theme, due: impl Fn() -> bool) -> bool {
        while let Some(part) = self.undrawn.pop_front() {
            match part {
                Part::Chart(k) => {
                    let (lines, end) = self.chart(k);
                    self.charts[k].draw(lines, end, theme);
                }
                Part::Figure(run, at) => self.draw_figure(run, at, theme),
                Part::Numbers => {
                    self.say();
                    self.show_table();
                }
            }
            if due() {
                break;
            }
        }
        self.undrawn.is_empty()
    }

    /// Draws a run's picture, or one of all.
    fn draw_figure(&mut self, run: usize, at: usize, theme: &Theme) {
        let figure = &mut self.figures[run][at];
        let stage = &self.progress.stage;
        let Some(column) = stage.columns.get(run) else {
            let picture = &stage.pictures[at];
            return figure.draw(picture, &picture.title, "", false, theme);
        };
        let diverged = column.status == Status::Diverged;
        // Of several planes each says what it is instead.
        let is_plane = |picture: &&Picture| matches!(picture.kind, Kind::Plane(_));
        let planes = column.pictures.iter().filter(is_plane).count();
        let first = column.numbers.first().filter(|_| planes < 2);
        let words = first.map_or_else(String::new, |number| {
            format!("{}: {}", number.label, value(number.value))
        });
        let picture = &column.pictures[at];
        let is_first = column.pictures[..at].iter().filter(is_plane).count() == 0;
        let drawn = self.drawing.as_ref().filter(|_| is_first);
        let own = match (&picture.kind, drawn) {
            (Kind::Plane(scape), Some(drawn)) => Some(Picture {
                kind: Kind::Plane(Box::new(with_drawn(scape, drawn))),
                ..picture.clone()
            }),
            _ => None,
        };
        let picture = own.as_ref().unwrap_or(picture);
        figure.draw(picture, &column.name, &words, diverged, theme);
    }

    /// Says on each run's card what has become of it.
    fn say(&mut self) {
        let stage = &self.progress.stage;
        for (run, column) in stage.columns.iter().enumerate() {
            let status = match (column.status, column.diverged_at) {
                (Status::Diverged, at) => {
                    let [why, try_this] = self.entry.diverged;
                    let step = at.unwrap_or(stage.step);
                    format!("Diverged at step {step}: {why}. {try_this}. {AFTER}")
                }
                (Status::Done, _) if stage.stopped.is_some() => "Stopped".to_owned(),
                (Status::Done, _) => "Done".to_owned(),
                (Status::Training, _) => String::new(),
            };
            let diverged = column.status == Status::Diverged;
            self.form.say(run, &column.name, &status, diverged);
        }
    }

    /// The numbers, a column per run; what one of them lacks is a dash.
    fn show_table(&self) {
        let stage = &self.progress.stage;
        let mut heads: Vec<&Number> = Vec::new();
        for number in stage.columns.iter().flat_map(|column| &column.numbers) {
            if heads.iter().all(|head| head.label != number.label) {
                heads.push(number);
            }
        }
        let names = stage.columns.iter().map(|column| column.name.as_str());
        let key = names
            .chain(heads.iter().map(|head| head.label.as_str()))
            .collect::<Vec<_>>()
            .join("|");
        if dom::get(&self.table, "data-rows").as_deref() != Some(&key) {
            dom::set(&self.table, "data-rows", &key);
            self.table.set_text_content(None);
            let head: Element = dom::element("tr", "", "");
            dom::append(&head, &dom::element("th", "", "after step"));
            for (run, column) in stage.columns.iter().enumerate() {
                let cell: HtmlElement = dom::element("th", "", "");
                dom::append(&cell, &sample(run, Line::Solid));
                dom::append(&cell, &dom::element("span", "", &column.name));
                dom::set(&cell, "scope", "col");
                dom::append(&head, &cell);
            }
            dom::append(&self.table, &head);
            for head in &heads {
                let row: Element = dom::element("tr", "", "");
                let name: Element = dom::element("th", "", &head.label);
                help::add(&name, self.entry, &head.key, &head.label);
                dom::set(&name, "scope", "row");
                dom::append(&row, &name);
                for _ in &stage.columns {
                    dom::append(&row, &dom::element("td", "", ""));
                }
                dom::append(&self.table, &row);
            }
        }
        let step = format!("after step {}", stage.step);
        dom::write(&dom::find(&self.table, "th"), &step);
        let cells = dom::all(&self.table, "td");
        let words = heads.iter().flat_map(|head| {
            let row = stage.columns.iter().map(|column| {
                let mut numbers = column.numbers.iter();
                let number = numbers.find(|number| number.label == head.label);
                number.map_or(f64::NAN, |number| number.value)
            });
            alike(&row.collect::<Vec<f64>>())
        });
        for (cell, words) in cells.iter().zip(words) {
            dom::write(cell, &words);
        }
    }

    /// What can be drawn: key and title, and what it is to the sheet.
    pub(super) fn drawable(&self) -> Vec<(String, String, Room)> {
        let stage = &self.progress.stage;
        let charts = self.measures().charts.iter();
        let charts = charts.map(|chart| (chart.key.to_owned(), chart.title.to_owned(), Room::One));
        let shared = stage.pictures.iter().map(|picture| {
            let room = match &picture.kind {
                Kind::Bars(bars) if bars.rows() > MOST_ROWS => Room::Four,
                _ => Room::One,
            };
            (picture.key.clone(), picture.title.clone(), room)
        });
        let own = stage.columns.iter().enumerate().flat_map(|(run, column)| {
            column.pictures.iter().map(move |picture| {
                let key = format!("{}-{}", picture.key, run + 1);
                let title = format!("{}: {}", column.name, picture.title);
                (key, title, Room::Run)
            })
        });
        let map = self.map.is_there();
        let map = map.then(|| ("map".to_owned(), "Map".to_owned(), Room::One));
        own.chain(charts).chain(shared).chain(map).collect()
    }

    pub(super) fn drawn(&self, key: &str, size: (u32, u32), theme: &Theme) -> Option<String> {
        if key == "map" {
            return self.map.picture(size, theme);
        }
        let stage = &self.progress.stage;
        let charts = self.measures().charts;
        if let Some(k) = charts.iter().position(|chart| chart.key == key) {
            let (lines, end) = self.chart(k);
            return Some(svg::lines(&lines, size, end, theme));
        }
        let names: Vec<&str> = stage
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let shared = stage.pictures.iter().find(|picture| picture.key == key);
        let own = || {
            let (key, run) = key.rsplit_once('-')?;
            let column = stage
                .columns
                .get(run.parse::<usize>().ok()?.checked_sub(1)?)?;
            column.pictures.iter().find(|picture| picture.key == key)
        };
        let picture = shared.or_else(own)?;
        Some(svg::picture(picture, &names, size, theme))
    }
}

/// Where the pictures of runs stand on wide screens.
struct Layout {
    /// How many runs there are: `true` for more than two, `alone` for one.
    many: &'static str,
    /// Whether their pictures stand above the charts and not beside them: `true`, `false`, or `narrow` where the screen is not very wide.
    above: &'static str,
    /// Whether each has more than two.
    deep: bool,
    /// How many stand side by side above the charts, on wide and on very wide screens.
    across: [usize; 2],
}

impl Layout {
    fn of(columns: &[Column]) -> Layout {
        let runs = columns.len();
        let own = columns.iter().map(|column| column.pictures.len());
        let own = own.max().unwrap_or(0);
        let mut all = columns.iter().flat_map(|column| &column.pictures);
        let maps = all.any(|picture| matches!(picture.kind, Kind::Maps(_)));
        let above = match runs {
            _ if own > 2 || runs > 4 || (runs > 2 && maps) => "true",
            3 => "narrow",
            _ => "false",
        };
        // The same of all runs side by side; of few runs two or more such groups.
        let across = match runs {
            1 => [own; 2],
            2 => [4; 2],
            3 if own.is_multiple_of(2) => [3, 6],
            _ => [runs; 2],
        };
        Layout {
            many: match runs {
                1 => "alone",
                2 => "false",
                _ => "true",
            },
            above,
            deep: own > 2,
            across,
        }
    }
}

/// The first number of every run, in words.
pub(super) fn told(stage: &Stage) -> String {
    let each = stage.columns.iter().filter_map(|column| {
        let number = column.numbers.first()?;
        Some(format!(
            "{}, {}: {}",
            column.name,
            number.label,
            value(number.value)
        ))
    });
    each.collect::<Vec<_>>().join("; ")
}

fn value(number: f64) -> String {
    if number.is_nan() {
        "–".to_owned()
    } else {
        short(number)
    }
}
