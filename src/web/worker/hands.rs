//! Who makes the worker's steps: the CPU here, or a graphics device that is sent to and comes back. Knows sessions and
//! errands; when something is due the worker says.

use crate::engine::gpu::Gpu;
use crate::engine::{EngineChoice, Report};
use crate::frame::EngineSeconds;
use crate::lab::crew::pace;
use crate::lab::engine::{
    Graphics, awaiting_gpu, beginning_on_gpu, instead, measured, on_cpu, on_gpu,
};
use crate::lab::pieces::Due;
use crate::lab::session::{Errand, Session};
use crate::nn::mlp::Architecture;
use crate::steps::{Optimizer, Rule};
use crate::web::wire::post::{now, scope};
use js_sys::{Function, Promise, Reflect};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Milliseconds that an errand should take: long against the way there and back, short against patience.
const ERRAND: f64 = 16.0;
/// Steps of the errand that is measured. The first one of a device that is not measured is one step, in which its kernels are compiled.
const FIRST: u64 = 16;
/// Most steps of an errand.
const MOST: u64 = 1024;

/// Milliseconds that a browser may take to give a graphics device: one that is busy, or emulates it, needs long.
const PATIENCE: i32 = 30_000;
/// Milliseconds that a run waits for it which takes whichever engine is faster.
const GRACE: i32 = 1000;
/// Milliseconds that an errand may take: the longest are few steps of wide networks on a device that is emulated.
const DEADLINE: i32 = 60_000;

/// Where steps are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// By the session itself.
    Here,
    /// By errands; also while it is not yet known.
    Away,
}

/// The graphics device.
#[derive(Default)]
enum Device {
    /// It has not answered yet.
    #[default]
    Asked,
    Here(Box<Graphics>),
    /// It is under way with an errand.
    Away,
    /// Why there is none.
    None(String),
    /// There was one. Who asks for it by name may have another with the next run.
    Lost(String),
}

/// Who makes a session's steps.
#[derive(Default)]
pub(super) struct Hands {
    /// The browser has been asked for a device.
    asked: bool,
    /// It has had the time that runs wait which do not need it.
    late: bool,
    device: Device,
    /// Where the steps of this task are made.
    decided: Option<(u64, Site)>,
    /// What was measured last, and on what kind of run.
    measured: Option<(Kind, EngineSeconds)>,
    /// Steps that take about as long as an errand should.
    pace: Option<u64>,
}

/// What comes back.
pub(super) struct Landing {
    graphics: Box<Graphics>,
    errand: Errand,
    outcome: Result<Outcome, String>,
    /// Milliseconds under way.
    elapsed: f64,
}

enum Outcome {
    Steps(Vec<Vec<Report>>),
    Measured(EngineSeconds),
}

/// What has become of it.
#[derive(Default)]
pub(super) struct Landed {
    /// Steps made.
    pub(super) steps: u64,
    /// What the page should be told.
    pub(super) notice: Option<String>,
}

/// Asks the browser for a graphics device.
///
/// # Errors
/// Why there is none, in words; also when the browser does not answer in time.
pub(super) async fn gpu() -> Result<Gpu, String> {
    let asked = async {
        adapter().await?;
        Gpu::request().await
    };
    within(PATIENCE, asked, "this browser's WebGPU does not answer").await
}

/// The time that every run waits for the device.
pub(super) async fn grace() {
    let _ = timer(GRACE).await;
}

fn timer(milliseconds: i32) -> JsFuture {
    let timer = Promise::new(&mut |resolve, _| {
        let set = scope().set_timeout_with_callback_and_timeout_and_arguments_0(
            resolve.unchecked_ref(),
            milliseconds,
        );
        set.expect("workers have timers");
    });
    JsFuture::from(timer)
}

/// The answer, or that there is none within so many milliseconds.
async fn within<T>(
    milliseconds: i32,
    answer: impl Future<Output = Result<T, String>>,
    none: &str,
) -> Result<T, String> {
    let mut too_late = timer(milliseconds);
    let mut answer = pin!(answer);
    poll_fn(|context| match answer.as_mut().poll(context) {
        Poll::Pending => Pin::new(&mut too_late)
            .poll(context)
            .map(|_| Err(none.to_owned())),
        answer @ Poll::Ready(_) => answer,
    })
    .await
}

/// Whether there is an adapter, found out so that nothing that a browser does instead of answering can harm.
async fn adapter() -> Result<(), String> {
    let text = |e: JsValue| {
        let error = e
            .dyn_ref::<js_sys::Error>()
            .map(|e| String::from(e.message()));
        error
            .or_else(|| e.as_string())
            .unwrap_or_else(|| "it does not say why".to_owned())
    };
    let get =
        |from: &JsValue, key: &str| Reflect::get(from, &key.into()).unwrap_or(JsValue::UNDEFINED);
    let gpu = get(&get(&js_sys::global(), "navigator"), "gpu");
    let request = get(&gpu, "requestAdapter").dyn_into::<Function>();
    let Ok(request) = request else {
        return Err("this browser offers no WebGPU here".to_owned());
    };
    let failed = |e| format!("this browser's WebGPU fails ({})", text(e));
    let answer = request.call0(&gpu).map_err(failed)?;
    let adapter = JsFuture::from(Promise::resolve(&answer))
        .await
        .map_err(failed)?;
    if adapter.is_null() || adapter.is_undefined() {
        return Err("this browser's WebGPU has no graphics adapter".to_owned());
    }
    Ok(())
}

impl Hands {
    /// Whether a device has yet to be asked for: once, and again where one was lost that is wanted.
    pub(super) fn asks(&mut self) -> bool {
        !std::mem::replace(&mut self.asked, true)
    }

    /// The device has had the time that every run waits.
    pub(super) fn grow_impatient(&mut self) {
        self.late = true;
    }

    /// The device has answered.
    pub(super) fn welcome(&mut self, device: Result<Box<Graphics>, String>) {
        self.device = match device {
            Ok(graphics) => Device::Here(graphics),
            Err(why) => Device::None(why),
        };
    }

    /// Whether somebody is waited for.
    pub(super) fn is_away(&self) -> bool {
        matches!(self.device, Device::Away | Device::Asked)
    }

    /// Where the next steps are made.
    pub(super) fn site(&mut self, session: &mut Session) -> Site {
        self.decide(session);
        match self.decided {
            Some((task, site)) if task == session.task() => site,
            _ => Site::Away,
        }
    }

    /// Finds out where this run's steps are to be made, if that can be known without measuring; whether it was news.
    pub(super) fn decide(&mut self, session: &mut Session) -> bool {
        let task = session.task();
        if self.decided.is_some_and(|(of, _)| of == task) {
            return false;
        }
        let choice = session.config().engine;
        let (site, info) = match (&self.device, choice) {
            (_, EngineChoice::Cpu) => (Site::Here, on_cpu("engine=cpu asks for the CPU")),
            (Device::Lost(_), EngineChoice::Gpu) => {
                (self.device, self.asked) = (Device::Asked, false);
                return false;
            }
            (Device::None(why) | Device::Lost(why), choice) => (Site::Here, instead(choice, why)),
            (Device::Asked, EngineChoice::Gpu) => {
                let news = !session.engine().is_awaited();
                session.set_engine(awaiting_gpu());
                return news;
            }
            (Device::Asked, EngineChoice::Auto) if self.late => (
                Site::Here,
                on_cpu("The CPU computes: no graphics device has answered within a second"),
            ),
            (Device::Asked | Device::Away, _) => return false,
            (Device::Here(graphics), EngineChoice::Gpu) => (Site::Away, on_gpu(graphics.adapter())),
            (Device::Here(graphics), EngineChoice::Auto) => {
                let kind = kind_of(session);
                let Some((_, seconds)) = self.measured.as_ref().filter(|(of, _)| *of == kind)
                else {
                    session.set_engine(on_cpu(
                        "Which engine is the faster one is measured at the first step",
                    ));
                    return true;
                };
                let site = if seconds.gpu < seconds.cpu {
                    Site::Away
                } else {
                    Site::Here
                };
                (site, measured(graphics.adapter(), *seconds))
            }
        };
        session.set_engine(info);
        self.decided = Some((task, site));
        self.pace = None;
        true
    }

    /// Sends for steps on the way to `until`, at most so many, or has both engines measured; `land` hears of it.
    /// What the page should be told comes back.
    pub(super) fn send(
        &mut self,
        session: &mut Session,
        until: u64,
        most: u64,
        land: fn(Landing),
    ) -> Option<String> {
        let Device::Here(_) = self.device else {
            return None;
        };
        let measures = self.decided.is_none_or(|(task, _)| task != session.task());
        let steps = if measures {
            FIRST
        } else {
            self.pace.unwrap_or(1).min(most)
        };
        let errand = session.errand(if measures { u64::MAX } else { until }, steps);
        let errand = errand?;
        let Device::Here(mut graphics) = std::mem::replace(&mut self.device, Device::Away) else {
            return None;
        };
        let ready = if session.may_be_sent() {
            graphics.prepare(session, &errand)
        } else {
            Err("the runs take too much memory to be sent to it".to_owned())
        };
        if let Err(why) = ready {
            if graphics.is_lost() {
                return Some(self.lose(session, why));
            }
            self.device = Device::Here(graphics);
            session.set_engine(instead(session.config().engine, &why));
            self.decided = Some((session.task(), Site::Here));
            return None;
        }
        let asked = session.config().engine == EngineChoice::Gpu;
        if measures || asked && self.pace.is_none() {
            session.set_engine(beginning_on_gpu(graphics.adapter(), measures));
        }
        let cpu = measures.then(|| session.ensemble().clone());
        spawn_local(async move {
            let begin = now();
            let made = async {
                match cpu {
                    Some(cpu) => graphics
                        .measure(&errand, cpu, || now() / 1000.0)
                        .await
                        .map(Outcome::Measured),
                    None => graphics.carry_out(&errand).await.map(Outcome::Steps),
                }
            };
            let outcome = within(DEADLINE, made, "the graphics device did not answer").await;
            land(Landing {
                graphics,
                errand,
                outcome,
                elapsed: now() - begin,
            });
        });
        None
    }

    /// Takes what comes back; `landed` has what has become of it.
    pub(super) async fn land(
        &mut self,
        session: &mut Session,
        landing: Landing,
        landed: &mut Landed,
        due: Due<'_>,
    ) {
        let Landing {
            graphics,
            errand,
            outcome,
            elapsed,
        } = landing;
        match outcome {
            Ok(Outcome::Steps(mut reports)) => {
                if self.pace.is_none() && session.engine().is_awaited() {
                    session.set_engine(on_gpu(graphics.adapter()));
                }
                self.device = Device::Here(graphics);
                let steps = errand.steps();
                self.pace = Some(pace(steps, elapsed, ERRAND).min(MOST));
                errand.charge(&mut reports, elapsed / 1000.0);
                if session.adopt_in_pieces(&errand, reports, due).await {
                    landed.steps = steps;
                }
            }
            Ok(Outcome::Measured(seconds)) => {
                self.device = Device::Here(graphics);
                if session.task() == errand.task {
                    self.measured = Some((kind_of(session), seconds));
                }
                self.decide(session);
            }
            Err(why) => landed.notice = Some(self.lose(session, why)),
        }
    }

    /// The device is of no use any more: the CPU goes on from the last state. What the page should be told.
    fn lose(&mut self, session: &mut Session, why: String) -> String {
        let sentence = format!(
            "At step {} {why}; the CPU goes on from there",
            session.step()
        );
        session.set_engine(on_cpu(&sentence));
        self.decided = Some((session.task(), Site::Here));
        self.device = Device::Lost(why);
        format!("{sentence}.")
    }
}

/// Architecture, points, points of a minibatch, and the steps of every run.
type Kind = (Architecture, usize, usize, Vec<(Rule, Optimizer)>);

/// Runs of the same kind take the same time.
fn kind_of(session: &Session) -> Kind {
    let members = session.ensemble().members().iter();
    let settings: Vec<_> = members
        .map(|m| (m.settings().rule, m.settings().optimizer))
        .collect();
    let ensemble = session.ensemble();
    (
        ensemble.architecture().clone(),
        ensemble.training().samples,
        ensemble.batch_size(),
        settings,
    )
}
