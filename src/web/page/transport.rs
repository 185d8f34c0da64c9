//! The bar that is always there: play, steps, pace, the timeline. It drives what is on the screen: the view in front if that
//! plays something of its own, else the run. Knows no view by name.

use crate::Named;
use crate::frame::{EngineInfo, EngineSeconds, Frame, Processor, Status};
use crate::lab::engine::duration;
use crate::lab::session::Command;
use crate::plot::number::short;
use crate::web::dom;
use crate::web::views::view::{Context, Drive, Standing, View, pace};
use crate::web::wire::link::{Link, Pending};
use crate::web::wire::message::Ask;
use crate::web::wire::shown::Shown;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The buttons of the bar.
const BUTTONS: [&str; 5] = ["play", "step", "epoch", "reset", "new-seed"];
/// Over how many milliseconds the pace shown is measured.
const RATE_WINDOW: f64 = 500.0;
/// Seconds of a step from which on that is what is waited for.
const LARGE: f64 = 0.15;

/// The bar.
#[derive(Default)]
pub(super) struct Transport {
    rate: Rate,
    scrubbing: Scrubbing,
    /// The marks on the timeline as they are now.
    marks: (Vec<(u64, usize, String)>, u64),
}

/// Where the timeline is being dragged to.
#[derive(Default)]
struct Scrubbing {
    /// The worker is on its way to a step.
    under_way: bool,
    /// Where to go next.
    next: Option<u64>,
}

/// Steps per second, measured over a while.
#[derive(Default)]
struct Rate {
    since: f64,
    step: u64,
    shown: Option<f64>,
}

impl Transport {
    /// Its buttons work from now on, as far as there is something for them to do.
    pub(super) fn enable(standing: Option<&Standing>) {
        let by_steps = standing.is_none_or(|standing| standing.by_steps);
        // A view may have nothing to play yet.
        let any = standing.is_none_or(|standing| standing.of > 0 || !by_steps);
        for (button, works) in [
            ("play", any),
            ("step", any && by_steps),
            ("epoch", standing.is_none()),
            ("reset", any),
            // A map's cells are runs with the run's seed; a walk has none.
            (
                "new-seed",
                any && standing.is_none_or(|standing| standing.seeded || !by_steps),
            ),
        ] {
            dom::set_disabled(button, !works);
        }
        dom::by_id::<HtmlInputElement>("timeline").set_disabled(!(any && by_steps));
        let epoch = match standing {
            None => "One epoch (E)",
            Some(_) => "What is shown here has no epochs",
        };
        dom::set(&dom::by_id::<Element>("epoch"), "title", epoch);
    }

    /// The timeline is being dragged: one step is gone to at a time, and always the last one asked for.
    pub(super) fn scrub(&mut self, view: &mut dyn View, context: &mut Context) {
        let step = dom::by_id::<HtmlInputElement>("timeline").value();
        // The slider's own numbers are whole.
        let step = step.parse().ok();
        if let (Some(_), Some(step)) = (view.standing(), step) {
            return view.drive(Drive::Seek(step), context);
        }
        let link = &mut *context.link;
        self.scrubbing.next = step;
        if !self.scrubbing.under_way {
            self.sought(link);
        }
    }

    /// A step was reached.
    pub(super) fn sought(&mut self, link: &mut Link) {
        let next = self.scrubbing.next.take();
        self.scrubbing.under_way = next.is_some() && !link.crashed;
        if let Some(step) = next {
            link.send(Ask::Command(Command::Seek { step }), Pending::Seek);
        }
    }

    /// Another worker owes no answer.
    pub(super) fn forget_scrubbing(&mut self) {
        self.scrubbing = Scrubbing::default();
    }

    /// The pace is measured anew.
    pub(super) fn forget_rate(&mut self) {
        self.rate = Rate::default();
    }

    /// A button of the bar was pressed; false if it is none. What it drives is the view in front, if that plays something of
    /// its own, and else the run.
    pub(super) fn click(id: &str, view: &mut dyn View, context: &mut Context) -> bool {
        if !BUTTONS.contains(&id) {
            return false;
        }
        if dom::by_id::<HtmlButtonElement>(id).disabled() {
            return true;
        }
        if let Some(standing) = view.standing() {
            let what = match id {
                "play" if standing.playing => Some(Drive::Pause),
                "play" => Some(Drive::Play),
                "step" => Some(Drive::Step),
                "reset" => Some(Drive::Reset),
                "new-seed" if standing.seeded => Some(Drive::NewSeed),
                _ => None,
            };
            if let Some(what) = what {
                view.drive(what, context);
                return true;
            }
        }
        let command = match id {
            "play" if context.shown.playing => Command::Pause,
            "play" => Command::Play,
            "step" => Command::Step { steps: 1 },
            "epoch" => Command::Epoch,
            "reset" => Command::Reset,
            _ => Command::NewSeed,
        };
        if !context.link.crashed {
            context.link.person(command);
        }
        true
    }

    /// A key; false if it means nothing here.
    pub(super) fn key(key: &str, view: &mut dyn View, context: &mut Context) -> bool {
        let button = match key {
            " " => "play",
            "s" | "S" => "step",
            "e" | "E" => "epoch",
            "r" | "R" => "reset",
            "n" | "N" => "new-seed",
            "+" | "=" | "-" => {
                let speed: HtmlSelectElement = dom::by_id("speed");
                let last = speed.length().cast_signed() - 1;
                let by = if key == "-" { -1 } else { 1 };
                speed.set_selected_index((speed.selected_index() + by).clamp(0, last));
                Transport::pace(context.link);
                return true;
            }
            _ => return false,
        };
        Transport::click(button, view, context)
    }

    /// Tells the worker the pace chosen.
    pub(super) fn pace(link: &mut Link) {
        link.send(Ask::Pace(pace()), Pending::Nobody);
    }

    /// Shows where the view in front stands, or the run.
    pub(super) fn show(
        &mut self,
        standing: Option<&Standing>,
        shown: &Shown,
        crashed: bool,
        waits: bool,
    ) {
        let playing = standing.map_or(shown.playing, |standing| standing.playing);
        let play: Element = dom::by_id("play");
        let word = if playing { "Pause" } else { "Play" };
        dom::write(&dom::find(&play, ".word"), word);
        dom::set(
            &play,
            "data-playing",
            if playing { "true" } else { "false" },
        );
        if let Some(standing) = standing {
            return self.show_standing(standing, shown.hidden);
        }
        let Some(frame) = &shown.frame else { return };
        self.show_timeline(shown, frame);
        let place = format!(
            "step {} of {} · epoch {}",
            frame.step,
            frame.total_steps,
            frame.epoch.floor()
        );
        dom::write(&dom::by_id("where"), &place);
        let pace = self
            .measure(frame.step)
            .filter(|_| shown.playing)
            .map(|rate| format!("{} steps/s", short((rate * 10.0).round() / 10.0)));
        dom::write(&dom::by_id("rate"), &pace.unwrap_or_default());
        let engine: Element = dom::by_id("engine");
        dom::write(&engine, &badge(&frame.engine));
        dom::set(&engine, "title", &frame.engine.reason);
        dom::write(&dom::by_id("engine-reason"), &frame.engine.reason);
        let over = frame.members.iter().all(|m| m.status != Status::Training);
        let stopped = frame.stopped.as_deref().unwrap_or_default();
        dom::set(&dom::by_id::<Element>("status"), "title", stopped);
        let over = over || frame.stopped.is_some();
        let words = if crashed {
            "Stopped".to_owned()
        } else if frame.engine.is_awaited() && (waits || shown.playing) && !shown.hidden {
            "Waiting for the GPU".to_owned()
        } else if waits {
            waiting(frame)
        } else if shown.playing && shown.hidden {
            "Paused while hidden".to_owned()
        } else if shown.playing {
            "Playing".to_owned()
        } else if frame.step == 0 {
            "Ready".to_owned()
        } else if over && frame.step >= shown.timeline.1 {
            "Finished".to_owned()
        } else {
            format!("Paused at step {}", frame.step)
        };
        say(&words);
    }

    fn show_standing(&mut self, standing: &Standing, hidden: bool) {
        let Standing { at, of, unit, .. } = *standing;
        let slider: HtmlInputElement = dom::by_id("timeline");
        dom::set(&slider, "min", "0");
        dom::set(&slider, "max", &of.max(1).to_string());
        slider.set_value(&at.to_string());
        let place = match of {
            0 => "nothing to play yet".to_owned(),
            _ => format!("{unit} {at} of {of}"),
        };
        dom::set(&slider, "aria-valuetext", &place);
        dom::write(&dom::by_id("where"), &place);
        let pace = self.measure(at);
        let pace = pace.filter(|_| standing.playing && standing.by_steps);
        let pace = pace.map(|rate| format!("{} steps/s", short((rate * 10.0).round() / 10.0)));
        dom::write(&dom::by_id("rate"), &pace.unwrap_or_default());
        for (name, step) in [("--now", at), ("--known", standing.known)] {
            let share = format!("{:.3}%", 100.0 * step as f64 / of.max(1) as f64);
            let set = slider.style().set_property(name, &share);
            set.expect("a valid property");
        }
        self.mark(standing.marks.clone(), 0, of.max(1));
        let words = if standing.playing && hidden {
            "Paused while hidden".to_owned()
        } else if standing.playing {
            "Playing".to_owned()
        } else if standing.over && at >= standing.known {
            "Finished".to_owned()
        } else if at == 0 {
            "Ready".to_owned()
        } else {
            format!("Paused at {unit} {at}")
        };
        dom::set(&dom::by_id::<Element>("status"), "title", "");
        say(&words);
    }

    fn show_timeline(&mut self, shown: &Shown, frame: &Frame) {
        let (first, furthest) = shown.timeline;
        let slider: HtmlInputElement = dom::by_id("timeline");
        let total = frame.total_steps.max(first + 1);
        dom::set(&slider, "min", &first.to_string());
        dom::set(&slider, "max", &total.to_string());
        if !self.scrubbing.under_way && slider.value() != frame.step.to_string() {
            slider.set_value(&frame.step.to_string());
        }
        dom::set(&slider, "aria-valuetext", &format!("step {}", frame.step));
        let share =
            |step: u64| 100.0 * (step.clamp(first, total) - first) as f64 / (total - first) as f64;
        let style = slider.style();
        let shares = [("--now", frame.step), ("--known", furthest)];
        for (name, step) in shares {
            let set = style.set_property(name, &format!("{:.3}%", share(step)));
            set.expect("a valid property");
        }
        let changes = shown.config.changes.iter().map(|c| {
            let beyond = if c.step < frame.total_steps {
                ""
            } else {
                ", beyond the end of this run"
            };
            let (run, key, value, step) = (c.run + 1, c.key, &c.value, c.step);
            (
                step,
                c.run,
                format!("run {run}: {key} {value} from step {step}{beyond}"),
            )
        });
        let divergences = frame
            .members
            .iter()
            .enumerate()
            .filter_map(|(run, member)| {
                let step = member.diverged_at?;
                Some((
                    step,
                    run,
                    format!("run {} diverged at step {step}", run + 1),
                ))
            });
        self.mark(changes.chain(divergences).collect(), first, total);
    }

    /// Puts marks on the timeline.
    fn mark(&mut self, marks: Vec<(u64, usize, String)>, first: u64, total: u64) {
        let marks = (marks, total);
        if marks == self.marks {
            return;
        }
        self.marks = marks;
        let host: Element = dom::by_id("timeline-marks");
        host.set_text_content(None);
        for (step, run, words) in &self.marks.0 {
            let mark: HtmlElement = dom::element("span", "mark", "");
            dom::set(&mark, "data-run", &(run % 6).to_string());
            dom::set(&mark, "title", words);
            let at = (*step).clamp(first, total) - first;
            let place = format!("{:.3}%", 100.0 * at as f64 / (total - first) as f64);
            mark.style()
                .set_property("left", &place)
                .expect("a valid property");
            dom::append(&host, &mark);
        }
    }

    fn measure(&mut self, step: u64) -> Option<f64> {
        let now = dom::now();
        let rate = &mut self.rate;
        if rate.since == 0.0 {
            (rate.since, rate.step) = (now, step);
        } else if now - rate.since > RATE_WINDOW {
            let steps = step.saturating_sub(rate.step) as f64;
            rate.shown = Some(steps * 1000.0 / (now - rate.since));
            (rate.since, rate.step) = (now, step);
        }
        rate.shown
    }
}

/// Says how the run stands. What the button and the timeline tell as well is marked, for screens without room for it.
fn say(words: &str) {
    let plain = ["Ready", "Playing", "Paused at", "Finished"];
    let plain = plain.iter().any(|start| words.starts_with(start));
    let status: Element = dom::by_id("status");
    dom::set(&status, "data-plain", if plain { "true" } else { "" });
    // A live region: touched only when the words change, never by the count of steps.
    dom::write(&status, words);
}

/// What is waited for.
fn waiting(frame: &Frame) -> String {
    let training = frame
        .members
        .iter()
        .filter(|m| m.status == Status::Training);
    let step: f64 = training.map(|m| m.seconds_per_step).sum();
    if step < LARGE {
        return "Waiting for the worker".to_owned();
    }
    format!("Waiting: one step takes about {}", duration(step))
}

/// Who computes, and where both engines were measured, how long a step takes them.
fn badge(engine: &EngineInfo) -> String {
    let name = engine.processor.name().to_ascii_uppercase();
    let none = if engine.is_awaited() {
        "asked for"
    } else {
        "worker"
    };
    let place = engine.adapter.as_deref().unwrap_or(none);
    let Some(EngineSeconds { cpu, gpu }) = engine.seconds_per_step else {
        return format!("{name} · {place}");
    };
    let (cpu, gpu) = (duration(cpu), duration(gpu));
    if engine.processor == Processor::Gpu {
        format!("{name} · {place} · {gpu} a step (CPU {cpu})")
    } else {
        format!("{name} · {place} · {cpu} a step (GPU {gpu})")
    }
}
