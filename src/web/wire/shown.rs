//! What the worker has told and the page shows: the run, its frame, its curves. Draws nothing itself.

use crate::frame::{Divergence, Field, Frame, Ghost, Network, Record, Scene, Status};
use crate::lab::config::{Config, RunConfig};
use crate::lab::names::{curve_names, run_names};
use crate::lab::session::Progress;
use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// The run as last heard of.
#[derive(Default)]
pub(in crate::web) struct Shown {
    /// The run of the address.
    pub(in crate::web) config: Config,
    /// Its runs with the settings in force at the step shown.
    pub(in crate::web) runs: Vec<RunConfig>,
    /// What the runs are called.
    pub(in crate::web) names: Vec<String>,
    /// What their curves are called.
    pub(in crate::web) curve_names: Vec<String>,
    /// Its data as drawn.
    pub(in crate::web) scene: Option<Scene>,
    /// The numbers now.
    pub(in crate::web) frame: Option<Frame>,
    /// Per run, its curves so far.
    pub(in crate::web) records: Vec<Vec<Record>>,
    /// Per run, how it diverged, wherever on the timeline one looks.
    pub(in crate::web) divergences: Vec<Option<Divergence>>,
    /// How runs went that took another way, and whether they are shown.
    pub(in crate::web) ghosts: Vec<(Ghost, bool)>,
    /// First and furthest step of the timeline.
    pub(in crate::web) timeline: (u64, u64),
    /// Per run, what its boundary is drawn from.
    pub(in crate::web) fields: Vec<Field>,
    /// Per run, what its neurons answer; nothing where nobody looks at them.
    pub(in crate::web) networks: Vec<Network>,
    /// Whether the run is being advanced.
    pub(in crate::web) playing: bool,
    /// Whether nobody sees the page.
    pub(in crate::web) hidden: bool,
}

impl Shown {
    /// Another run starts.
    pub(in crate::web) fn load(&mut self, scene: Scene) {
        self.records.clear();
        self.divergences.clear();
        self.fields.clear();
        self.networks.clear();
        self.frame = None;
        self.scene = Some(scene);
    }

    /// The run goes another way from a step on.
    pub(in crate::web) fn branch(&mut self, step: u64) {
        for records in &mut self.records {
            records.retain(|record| record.step < step);
        }
        for divergence in &mut self.divergences {
            divergence.take_if(|divergence| divergence.step > step);
        }
    }

    /// There are other ghosts now.
    pub(in crate::web) fn haunt(&mut self, added: Option<Ghost>, kept: &[u32]) {
        self.ghosts.extend(added.map(|ghost| (ghost, true)));
        self.ghosts.retain(|(ghost, _)| kept.contains(&ghost.id));
    }

    /// The ghosts that are shown.
    pub(in crate::web) fn ghosts(&self) -> Vec<&Ghost> {
        let shown = self.ghosts.iter().filter(|(_, visible)| *visible);
        shown.map(|(ghost, _)| ghost).collect()
    }

    /// The run goes by another text; false if that is none of this build's.
    pub(in crate::web) fn take_query(&mut self, query: &str) -> bool {
        let Ok(config) = Config::parse(query) else {
            return false;
        };
        self.config = config;
        self.runs.clear();
        self.take_runs();
        true
    }

    /// New numbers.
    pub(in crate::web) fn take(&mut self, progress: Progress) {
        self.records
            .resize_with(progress.frame.members.len(), Vec::new);
        for (all, new) in self.records.iter_mut().zip(progress.records) {
            all.extend(new);
        }
        let members = &progress.frame.members;
        self.divergences.resize(members.len(), None);
        for (known, member) in self.divergences.iter_mut().zip(members) {
            if member.divergence.is_some() {
                known.clone_from(&member.divergence);
            }
        }
        // None are sent while their panels are out of sight.
        if !progress.fields.is_empty() {
            self.fields = progress.fields;
            self.networks = progress.networks;
        }
        self.timeline = (progress.first, progress.furthest);
        self.frame = Some(progress.frame);
        self.take_runs();
    }

    /// The settings in force at the step shown, and the names that follow from them.
    fn take_runs(&mut self) {
        let runs = self.config.runs_at(self.step());
        if runs != self.runs {
            self.names = run_names(&runs);
            self.curve_names = curve_names(&self.config, self.step());
            self.runs = runs;
        }
    }

    /// The step shown.
    pub(in crate::web) fn step(&self) -> u64 {
        self.frame.as_ref().map_or(0, |frame| frame.step)
    }

    /// Whether run `run` (from 0) no longer trains.
    pub(in crate::web) fn is_over(&self, run: usize) -> bool {
        let member = self.frame.as_ref().and_then(|f| f.members.get(run));
        member.is_some_and(|member| member.status != Status::Training)
    }

    /// The frame as a plain object; `null` before the first.
    pub(in crate::web) fn frame_object(&self) -> JsValue {
        self.frame.as_ref().map_or(JsValue::NULL, object)
    }
}

/// Plain data as a plain object.
pub(in crate::web) fn object(data: &impl Serialize) -> JsValue {
    let Ok(text) = serde_json::to_string(data) else {
        unreachable!("frames are plain data")
    };
    JSON::parse(&text).expect("JSON is JSON")
}
