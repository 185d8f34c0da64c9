//! A map in training: its cells so far, and the pool that trains the others while somebody looks and wants them. Knows no
//! chart and no form.

use super::pool::{News, Outcome, Pool};
use super::survey::Survey;
use crate::frame::EngineInfo;
use crate::frame::map::MapFrame;
use crate::lab::engine::{awaiting_gpu, on_cpu};
use crate::lab::map::{Kind, MapPlan};
use crate::web::dom;
use js_sys::Function;

/// The map, and who trains it.
pub(super) struct Training {
    hire: Function,
    /// Brings the pool's news back here.
    tell: fn(News),
    pool: Option<Pool>,
    pools: u32,
    /// Which engine trains maps of a kind.
    decided: Option<(Kind, EngineInfo)>,
    pub(super) survey: Option<Survey>,
    /// Somebody looks at the view.
    seen: bool,
    /// A person wants no more cells for now.
    cancelled: bool,
}

impl Training {
    /// Nothing yet.
    pub(super) fn new(hire: Function, tell: fn(News)) -> Training {
        Training {
            hire,
            tell,
            pool: None,
            pools: 0,
            decided: None,
            survey: None,
            seen: false,
            cancelled: false,
        }
    }

    /// Takes on a map, the cells known included if they are the same; whether they are not.
    pub(super) fn adopt(&mut self, plan: MapPlan) -> bool {
        match &mut self.survey {
            Some(survey) if survey.plan.trains_as(&plan) => {
                survey.plan = plan;
                false
            }
            slot => {
                *slot = Some(Survey::new(plan, slot.take()));
                self.cancelled = false;
                self.begin();
                true
            }
        }
    }

    /// There is no map.
    pub(super) fn forget(&mut self) {
        self.end();
        self.survey = None;
    }

    /// Somebody looks from now on, or nobody does.
    pub(super) fn look(&mut self, visible: bool) {
        if visible == self.seen {
            return;
        }
        self.seen = visible;
        if visible {
            self.begin();
        } else {
            self.end();
        }
    }

    /// No more cells are wanted, or they are again.
    pub(super) fn cancel_or_go_on(&mut self) {
        self.cancelled = !self.cancelled;
        if !self.cancelled {
            return self.begin();
        }
        self.end();
        if let Some(survey) = &mut self.survey {
            let all = survey.frame.cells.len();
            survey.said = format!("Cancelled at {} of {all} cells.", survey.known);
        }
    }

    /// All cells once more.
    pub(super) fn anew(&mut self) {
        self.end();
        self.survey.iter_mut().for_each(Survey::begin_anew);
        self.cancelled = false;
        self.begin();
    }

    /// Has the missing cells trained, if somebody looks and wants them.
    fn begin(&mut self) {
        let Some(survey) = &mut self.survey else {
            return;
        };
        if !self.seen || self.cancelled || survey.is_done() {
            return;
        }
        let plan = &survey.plan;
        self.pool.take_if(|pool| !pool.suits(plan));
        let pool = self.pool.get_or_insert_with(|| {
            self.pools += 1;
            let of_kind = self
                .decided
                .as_ref()
                .filter(|(kind, _)| *kind == plan.kind());
            let decided = of_kind.map(|(_, engine)| engine.clone());
            Pool::new(self.pools, &self.hire, self.tell, plan, decided)
        });
        if pool.begins_on_device() != survey.is_on_gpu() {
            survey.begin_anew();
        }
        pool.begin(survey.plan.config(0).to_string(), &survey.frame);
        survey.frame.engine = pool.engine().cloned();
        survey.since.get_or_insert_with(dom::now);
        survey.said = if pool.awaits_device() {
            awaiting_gpu().reason
        } else {
            training(&survey.frame)
        };
    }

    /// Sends the pool home, or has it rest. Cells begun are begun again if anybody wants to go on.
    fn end(&mut self) {
        self.pool.take_if(|pool| !pool.leave());
        self.survey.iter_mut().for_each(Survey::pause);
    }

    /// The pool's news, with the runs' names to tell of them; whether there are new cells.
    pub(super) fn hear(&mut self, news: News, names: &[String]) -> bool {
        let (Some(pool), Some(survey)) = (&mut self.pool, &mut self.survey) else {
            return false;
        };
        let outcome = pool.hear(news);
        self.decided = pool.decided().or(self.decided.take());
        // What is measured later is for the next map.
        if !survey.is_done() {
            survey.frame.engine = pool.engine().cloned();
        }
        match outcome {
            Outcome::Nothing => {}
            Outcome::Others(anew) => {
                if anew {
                    survey.begin_anew();
                }
                self.begin();
            }
            Outcome::Cells(cells) => {
                survey.said = training(&survey.frame);
                survey.take(cells);
                if survey.is_done() {
                    let early = || {
                        on_cpu("The CPU trained all cells before a graphics device was measured")
                    };
                    survey.frame.engine.get_or_insert_with(early);
                    survey.said = survey.summary(names);
                    survey.pause();
                }
                return true;
            }
            Outcome::Lost(why) => {
                survey.said = format!("The workers that train the cells have stopped: {why}.");
                self.cancelled = true;
                self.end();
            }
            Outcome::Waiting => {
                let said = "The graphics device has not answered yet. If it does not within a minute, the CPU trains the cells.";
                said.clone_into(&mut survey.said);
            }
            Outcome::Silent => {
                let said = "No cell has come for a minute: they are dear, or their workers have died. Cancel and Go on have others \
                            train the rest.";
                said.clone_into(&mut survey.said);
            }
            Outcome::Rested => self.pool = None,
        }
        false
    }

    /// Whether cells are being trained.
    pub(super) fn is_busy(&self) -> bool {
        self.pool.as_ref().is_some_and(|pool| !pool.is_idle())
    }

    /// Whether somebody looks and wants more cells.
    pub(super) fn is_wanted(&self) -> bool {
        self.seen && !self.cancelled
    }

    /// Whether a person wants no more cells for now.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Who trains, in a word or two.
    pub(super) fn badge(&self) -> String {
        let badge = self.pool.as_ref().map(Pool::badge);
        badge.unwrap_or_else(|| "at rest".to_owned())
    }
}

/// That it is trained.
fn training(map: &MapFrame) -> String {
    format!("Training {} cells …", map.cells.len())
}
