//! Decision boundaries in the page: one panel per run, with the answer under pointer, finger or keyboard.

use super::chart::mark_sample;
use super::help;
use crate::frame::{Field, MemberFrame, Scene, Status};
use crate::plot::boundary;
use crate::plot::number::{percent, short};
use crate::plot::theme::{Line, Theme};
use crate::web::dom;
use crate::web::dom::canvas::{Stack, image};
use web_sys::{Element, HtmlCanvasElement, HtmlElement, ResizeObserver, ResizeObserverEntry};

/// A name of more letters is set smaller in narrow panels.
const LONG: usize = 14;

/// One panel: the answers on one canvas, redrawn with every frame, the points on another.
pub(in crate::web) struct BoundaryView {
    /// Where it is drawn.
    pub(in crate::web) stack: Stack,
    figure: HtmlElement,
    name: Element,
    figures: Element,
    cross: HtmlElement,
    answer: HtmlElement,
    cells: HtmlCanvasElement,
    points_drawn: bool,
    /// Whether somebody else says what is read.
    pub(in crate::web) told: bool,
    /// What is read, in shares of the panel from its top left.
    cursor: Option<[f64; 2]>,
}

impl BoundaryView {
    /// Appends a panel for a run, with a button for the help of a key on something.
    pub(in crate::web) fn new(
        run: usize,
        parent: &Element,
        observer: &ResizeObserver,
        help: (&str, &str),
    ) -> BoundaryView {
        let view = BoundaryView::plain(run, parent, observer, 0);
        dom::append(&view.caption(), &help::button(help.0, help.1));
        view
    }

    /// Where its words stand.
    pub(in crate::web) fn caption(&self) -> Element {
        dom::find(&self.figure, "figcaption")
    }

    /// Appends a panel with so many canvases more, on top.
    pub(in crate::web) fn plain(
        run: usize,
        parent: &Element,
        observer: &ResizeObserver,
        more: usize,
    ) -> BoundaryView {
        let figure: HtmlElement = dom::stamp("boundary-panel");
        dom::set(&figure, "data-run", &(run % 6).to_string());
        mark_sample(&dom::find(&figure, ".sample"), run, Line::Solid);
        let host: HtmlElement = dom::find(&figure, ".field");
        let above: Element = dom::find(&host, ".cross");
        for _ in 0..more {
            let canvas: Element = dom::element("canvas", "", "");
            dom::set(&canvas, "aria-hidden", "true");
            above.before_with_node_1(&canvas).expect("a tree");
        }
        dom::append(parent, &figure);
        BoundaryView {
            name: dom::find(&figure, ".name"),
            figures: dom::find(&figure, ".figures"),
            cross: dom::find(&figure, ".cross"),
            answer: dom::find(&figure, ".answer"),
            stack: Stack::new(host, observer),
            cells: dom::element("canvas", "", ""),
            figure,
            points_drawn: false,
            told: false,
            cursor: None,
        }
    }

    /// Takes the panel out of the page.
    pub(in crate::web) fn remove(&self, observer: &ResizeObserver) {
        observer.unobserve(&self.stack.host);
        self.figure.remove();
    }

    /// Its element may have another size.
    pub(in crate::web) fn resized(&mut self, entry: &ResizeObserverEntry) {
        if self.stack.resized(entry) {
            self.points_drawn = false;
        }
    }

    /// The next drawing starts with the points.
    pub(in crate::web) fn forget_points(&mut self) {
        self.points_drawn = false;
    }

    /// Draws a run's answer and numbers.
    pub(in crate::web) fn draw(
        &mut self,
        name: &str,
        member: &MemberFrame,
        field: Option<&Field>,
        scene: &Scene,
        theme: &Theme,
    ) {
        let held_out = member.validation_accuracy.map(|a| ("held out", a));
        let accuracy = held_out.or(member.accuracy.map(|a| ("training", a)));
        let rate = accuracy.map(|(of, a)| format!("{of} {}", percent(a, 0)));
        let figures = rate.unwrap_or_else(|| format!("J {}", short(member.loss)));
        let fate = if member.status == Status::Diverged {
            "diverged"
        } else {
            ""
        };
        self.set_fate(fate);
        let pixels = |field: &Field, theme: &Theme| boundary::pixels(field, scene, theme);
        let words = [name, &figures, "Decision boundary of"];
        self.paint(words, field, [scene, scene], &pixels, theme);
    }

    /// Marks how its run has ended, for stylesheets.
    pub(in crate::web) fn set_fate(&self, fate: &str) {
        dom::set(&self.figure, "data-fate", fate);
    }

    /// Says whose it is, what stands beside that, and what it is.
    pub(in crate::web) fn say(&self, [name, figures, what]: [&str; 3]) {
        dom::write(&self.name, name);
        let long = if name.chars().count() > LONG {
            "true"
        } else {
            "false"
        };
        dom::set(&self.name, "data-long", long);
        dom::write(&self.figures, figures);
        let label = format!("{what} {name}; arrow keys read the answer at a place");
        dom::set(&self.stack.host, "aria-label", &label);
    }

    /// Draws a field in colours of its own, whose values and points are those of two scenes; the words are those of
    /// [`BoundaryView::say`].
    pub(in crate::web) fn paint(
        &mut self,
        words: [&str; 3],
        field: Option<&Field>,
        [scene, points_of]: [&Scene; 2],
        pixels: &dyn Fn(&Field, &Theme) -> Vec<u8>,
        theme: &Theme,
    ) {
        self.say(words);
        dom::set(&self.figure, "data-inputs", &scene.inputs.to_string());
        if self.stack.is_empty() {
            return;
        }
        let theme = theme.on(self.stack.unit());
        let size = self.stack.size();
        // Points lie on an image, but under a curve.
        let (answers, points) = if scene.inputs == 2 { (0, 1) } else { (1, 0) };
        let mut ink = self.stack.wiped(answers);
        if let Some(field) = field {
            if scene.inputs == 2 {
                let bytes = pixels(field, &theme);
                if image(
                    &mut self.cells,
                    &bytes,
                    field.columns as u32,
                    field.rows as u32,
                )
                .is_ok()
                {
                    self.stack.fill(answers, &self.cells);
                    ink = self.stack.over(answers);
                }
            }
            // A canvas never refuses.
            let _ = boundary::draw_contour(&mut ink, size, field, scene, &theme);
        }
        if !self.points_drawn {
            let ink = &mut self.stack.wiped(points);
            let _ = boundary::draw_points(ink, size, points_of, &theme);
            self.points_drawn = true;
        }
        self.show_answer(field, scene);
    }

    /// Reads at a place given in shares of the panel.
    pub(in crate::web) fn point_at(&mut self, at: [f64; 2], field: Option<&Field>, scene: &Scene) {
        self.cursor = Some(at.map(|share| share.clamp(0.0, 1.0)));
        self.show_answer(field, scene);
    }

    /// Where it is read, in shares of the panel from its top left.
    pub(in crate::web) fn cursor(&self) -> Option<[f64; 2]> {
        self.cursor
    }

    /// Stops reading.
    pub(in crate::web) fn leave(&mut self) {
        self.cursor = None;
        dom::show(&self.cross, false);
        dom::show(&self.answer, false);
    }

    /// Says other words of the place that is read.
    pub(in crate::web) fn tell(&self, words: &str) {
        dom::write(&self.answer, words);
        dom::show(&self.answer, !words.is_empty());
    }

    /// Moves what is read by arrow keys; false if the key means nothing here.
    pub(in crate::web) fn key(&mut self, key: &str, field: Option<&Field>, scene: &Scene) -> bool {
        let [x, y] = self.cursor.unwrap_or([0.5, 0.5]);
        let step = 0.025;
        let to = match key {
            "Escape" => {
                self.leave();
                return true;
            }
            "ArrowLeft" => [x - step, y],
            "ArrowRight" => [x + step, y],
            "ArrowUp" => [x, y - step],
            "ArrowDown" => [x, y + step],
            _ => return false,
        };
        self.point_at(to, field, scene);
        true
    }

    fn show_answer(&self, field: Option<&Field>, scene: &Scene) {
        let (Some([right, down]), Some(field)) = (self.cursor, field) else {
            return;
        };
        let at = [
            scene.x.0 + right * (scene.x.1 - scene.x.0),
            scene.y.1 - down * (scene.y.1 - scene.y.0),
        ];
        let Some(answer) = boundary::sample(field, scene, at) else {
            return;
        };
        let value = f64::from(answer[0]);
        let words = if answer.iter().any(|v| !v.is_finite()) {
            "no number".to_owned()
        } else if scene.classes == 0 {
            format!("answers {}", short(value))
        } else {
            let class = boundary::most_likely(&answer);
            let share = match answer[..] {
                [second] if class == 0 => 1.0 - second,
                [second] => second,
                _ => answer[class],
            };
            format!("class {} {}", class + 1, percent(f64::from(share), 1))
        };
        let place = if scene.inputs == 1 {
            format!("x {:.2}", at[0])
        } else {
            format!("({:.2}, {:.2})", at[0], at[1])
        };
        if !self.told {
            dom::write(&self.answer, &format!("{place}: {words}"));
        }
        dom::set(
            &self.answer,
            "data-side",
            if down > 0.6 { "top" } else { "bottom" },
        );
        let ratio = self.stack.unit();
        let size = self.stack.size();
        dom::place(&self.cross, "left", right * f64::from(size.0) / ratio);
        dom::place(&self.cross, "top", down * f64::from(size.1) / ratio);
        dom::show(&self.cross, true);
        dom::show(&self.answer, true);
    }
}
