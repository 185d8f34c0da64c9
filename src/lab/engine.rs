//! Which engine makes a session's steps, and why, in words; and the steps that a graphics device makes for it.
//! Knows no browser and no terminal: whoever owns the session asks for a device and waits for it.

use crate::engine::EngineChoice;
use crate::frame::{EngineInfo, EngineSeconds, Processor};

/// The CPU computes, for a reason (a sentence without its full stop).
pub fn on_cpu(reason: &str) -> EngineInfo {
    EngineInfo {
        processor: Processor::Cpu,
        adapter: None,
        reason: format!("{reason}."),
        seconds_per_step: None,
    }
}

/// The CPU computes although the GPU was asked for.
pub fn instead_of_gpu(why: &str) -> EngineInfo {
    on_cpu(&format!(
        "engine=gpu asks for the GPU, but {why}; the CPU computes instead"
    ))
}

/// The CPU computes, because there is no GPU or it is of no use.
pub fn instead(choice: EngineChoice, why: &str) -> EngineInfo {
    match choice {
        EngineChoice::Gpu => instead_of_gpu(why),
        _ => on_cpu(&format!("The CPU computes: {why}")),
    }
}

/// The GPU computes because it was asked for.
pub fn on_gpu(adapter: &str) -> EngineInfo {
    EngineInfo {
        processor: Processor::Gpu,
        adapter: Some(adapter.into()),
        reason: "engine=gpu asks for the GPU.".into(),
        seconds_per_step: None,
    }
}

/// The GPU is asked for, and not given yet.
pub fn awaiting_gpu() -> EngineInfo {
    EngineInfo {
        processor: Processor::Gpu,
        adapter: None,
        reason: "engine=gpu asks for the GPU: the browser has half a minute to give it, and the run waits.".into(),
        seconds_per_step: None,
    }
}

/// The GPU makes its first steps, for which it compiles its kernels; `auto` where it is measured by them.
pub fn beginning_on_gpu(adapter: &str, auto: bool) -> EngineInfo {
    let why = if auto {
        "both engines are measured, and the faster one computes"
    } else {
        "engine=gpu asks for it"
    };
    EngineInfo {
        processor: Processor::Gpu,
        adapter: None,
        reason: format!(
            "The GPU ({adapter}) compiles its kernels and makes its first steps: {why}. The run waits."
        ),
        seconds_per_step: None,
    }
}

/// The faster engine computes.
pub fn measured(adapter: &str, seconds: EngineSeconds) -> EngineInfo {
    let gpu = seconds.gpu < seconds.cpu;
    EngineInfo {
        processor: faster(gpu),
        adapter: gpu.then(|| adapter.to_owned()),
        reason: format!(
            "The faster engine computes: measured on this run, a step of all runs takes the CPU {} and the GPU \
             ({adapter}) {}.",
            duration(seconds.cpu),
            duration(seconds.gpu)
        ),
        seconds_per_step: Some(seconds),
    }
}

/// The faster engine trains the cells of a map; `seconds` are those of a step of one cell, on one of so many cores.
pub fn measured_on_cells(adapter: &str, seconds: EngineSeconds, cores: usize) -> EngineInfo {
    let cpu = seconds.cpu / cores as f64;
    let gpu = seconds.gpu < cpu;
    let cores = if cores == 1 {
        "one core".to_owned()
    } else {
        format!("{cores} cores")
    };
    EngineInfo {
        processor: faster(gpu),
        adapter: gpu.then(|| adapter.to_owned()),
        reason: format!(
            "The faster engine trains: measured on these cells, a step of one takes {cores} of the CPU {} and the GPU \
             ({adapter}) {}.",
            duration(cpu),
            duration(seconds.gpu)
        ),
        seconds_per_step: Some(EngineSeconds { cpu, ..seconds }),
    }
}

/// The same, where so many workers train the runs beside each other.
pub fn beside(engine: &EngineInfo, workers: usize) -> EngineInfo {
    let reason = format!(
        "{} {workers} workers train the runs side by side.",
        engine.reason
    );
    EngineInfo {
        reason,
        ..engine.clone()
    }
}

fn faster(gpu: bool) -> Processor {
    if gpu { Processor::Gpu } else { Processor::Cpu }
}

/// Three digits and a unit: `23.4 µs`.
pub fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s >= 1.0 => (s, "s"),
        s if s >= 1e-3 => (1e3 * s, "ms"),
        s => (1e6 * s, "µs"),
    };
    let decimals = (2 - libm::log10(value.max(1e-3)).floor() as i32).clamp(0, 2) as usize;
    format!("{value:.decimals$} {unit}")
}

#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
pub use graphics::Graphics;

#[cfg(any(target_arch = "wasm32", feature = "gpu"))]
mod graphics {
    use crate::engine::gpu::{Gpu, GpuEnsemble};
    use crate::engine::{Ensemble, Look, Minibatches, Report};
    use crate::frame::EngineSeconds;
    use crate::lab::course::HIGH_STEPS;
    use crate::lab::session::{Errand, Session};

    /// The CPU is measured for about so many seconds.
    const MOMENT: f64 = 0.02;
    /// An engine whose steps take longer is not asked again.
    const PATIENCE: f64 = 0.5;
    /// Nor is one whose first step does, in which its kernels are compiled.
    const PATIENCE_AT_FIRST: f64 = 3.0;

    /// A device that makes steps for sessions, and the members on it.
    #[derive(Debug)]
    pub struct Graphics {
        gpu: Gpu,
        ensemble: Option<GpuEnsemble>,
        /// What its members learn, by number.
        task: u64,
        /// The course and step where they are; `None` where nobody knows.
        at: Option<(u64, u64)>,
        /// Those of the errand that is prepared.
        minibatches: Minibatches,
    }

    impl Graphics {
        /// A device without members.
        pub fn new(gpu: Gpu) -> Graphics {
            Graphics {
                gpu,
                ensemble: None,
                task: 0,
                at: None,
                minibatches: Minibatches::default(),
            }
        }

        /// What the adapter is called.
        pub fn adapter(&self) -> &str {
            self.gpu.adapter()
        }

        /// Whether the device is of no use any more.
        pub fn is_lost(&self) -> bool {
            self.gpu.failure().is_some()
        }

        /// Puts the session's members where an errand begins, unless they are there already.
        ///
        /// # Errors
        /// Why the device cannot carry it out, in words.
        pub fn prepare(&mut self, session: &mut Session, errand: &Errand) -> Result<(), String> {
            self.minibatches = session.minibatches(errand);
            if self.at == Some((errand.course, errand.from)) {
                return self.gpu.failure().map_or(Ok(()), Err);
            }
            let members = session.members();
            let known = self
                .ensemble
                .take_if(|e| self.task == errand.task && e.has_room_for(&members));
            self.ensemble = Some(match known {
                Some(mut ensemble) => {
                    ensemble.put(members)?;
                    ensemble
                }
                None => GpuEnsemble::new(&self.gpu, session.ensemble(), members, HIGH_STEPS)?,
            });
            (self.task, self.at) = (errand.task, Some((errand.course, errand.from)));
            Ok(())
        }

        /// Makes an errand's steps.
        ///
        /// # Errors
        /// Why the device failed, in words.
        ///
        /// # Panics
        /// When nothing has been prepared.
        pub async fn carry_out(&mut self, errand: &Errand) -> Result<Vec<Vec<Report>>, String> {
            let ensemble = self.ensemble.as_mut().expect("prepared before");
            self.at = None;
            let answer = ensemble.train(&self.minibatches, &errand.stretches).await?;
            self.at = Some((errand.course, errand.from + errand.steps()));
            Ok(answer)
        }

        /// How long the steps of a prepared errand take this device, and a copy of the session's ensemble on the CPU.
        ///
        /// # Errors
        /// Why the device failed, in words.
        pub async fn measure(
            &mut self,
            errand: &Errand,
            mut cpu: Ensemble<f32>,
            clock: fn() -> f64,
        ) -> Result<EngineSeconds, String> {
            let mut gpu = f64::INFINITY;
            // One step at first, while the kernels may still be compiled, and one more: of a device that is emulated, many take half
            // a minute.
            let one = errand.first_step();
            let tries = [&one, &one, errand, errand];
            for (errand, patience) in
                tries
                    .into_iter()
                    .zip([PATIENCE_AT_FIRST, PATIENCE, PATIENCE, PATIENCE])
            {
                let begin = clock();
                self.carry_out(errand).await?;
                let seconds = clock() - begin;
                gpu = gpu.min(seconds / errand.steps() as f64);
                if seconds > patience {
                    break;
                }
            }
            self.at = None;
            let begin = clock();
            let mut made = 0;
            for order in self.minibatches.orders() {
                cpu.step(order, Look::default());
                made += 1;
                if clock() - begin > MOMENT {
                    break;
                }
            }
            Ok(EngineSeconds {
                cpu: (clock() - begin) / f64::from(made),
                gpu,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_a_unit() {
        let texts = [2.34e-5, 0.00456, 1.5].map(duration);
        assert_eq!(texts, ["23.4 µs", "4.56 ms", "1.50 s"]);
    }

    #[test]
    fn the_faster_engine_computes_and_both_figures_are_said() {
        let seconds = EngineSeconds {
            cpu: 1e-4,
            gpu: 2e-5,
        };
        let info = measured("a card", seconds);
        assert_eq!(
            (info.processor, info.adapter.as_deref()),
            (Processor::Gpu, Some("a card"))
        );
        assert!(
            info.reason.contains("100 µs") && info.reason.contains("20.0 µs"),
            "{}",
            info.reason
        );
        let info = measured(
            "a card",
            EngineSeconds {
                cpu: 1e-5,
                ..seconds
            },
        );
        assert_eq!((info.processor, info.adapter), (Processor::Cpu, None));
    }

    #[test]
    fn cells_are_trained_by_the_gpu_if_it_is_faster_than_all_cores() {
        let seconds = EngineSeconds {
            cpu: 1e-5,
            gpu: 4e-6,
        };
        let by = [1, 2, 4].map(|cores| measured_on_cells("a card", seconds, cores).processor);
        assert_eq!(by, [Processor::Gpu, Processor::Gpu, Processor::Cpu]);
        let info = measured_on_cells("a card", seconds, 4);
        assert!(
            info.reason
                .contains("4 cores of the CPU 2.50 µs and the GPU (a card) 4.00 µs"),
            "{}",
            info.reason
        );
    }
}
