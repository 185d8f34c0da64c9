//! Who trains: this machine's CPU, or its graphics device if this build knows any.

use proxprop::Named;
use proxprop::frame::map::MapCell;
use proxprop::frame::{EngineInfo, Processor};
use proxprop::lab::config::{Config, EngineChoice};
use proxprop::lab::engine::{instead, on_cpu};
use proxprop::lab::map::MapPlan;
use proxprop::lab::session::Session;

#[cfg(feature = "gpu")]
use crate::clock::seconds;
use crate::crew;
use crate::failure::Refusal;
use crate::link::Link;

/// Why the CPU computes where nobody else was to.
const ASKED_FOR: &str = "engine=cpu asks for the CPU";

/// The query of a run of the lab's own that a link has, with another engine.
pub(crate) fn query_of(link: &str, engine: Option<&str>) -> Result<String, Refusal> {
    if engine == Some(EngineChoice::Gpu.name()) && !cfg!(feature = "gpu") {
        return Err(
            "--engine gpu: this build has no GPU engine; cargo build --release --features gpu makes one that has"
                .to_owned(),
        );
    }
    let link = Link::read(link)?;
    let mut config = Config::parse(&link.query).map_err(|e| e.to_string())?;
    if let Some(engine) = engine {
        config.set("engine", engine).map_err(|e| e.to_string())?;
    }
    link.tell();
    Ok(config.to_string())
}

/// Who trained, in a line under a table, unless nobody asked and it was the CPU.
pub(crate) fn line(choice: EngineChoice, engine: &EngineInfo) -> String {
    if choice == EngineChoice::Auto && engine.processor != Processor::Gpu {
        return String::new();
    }
    format!("engine: {} ({})\n", engine.processor.name(), engine.reason)
}

/// Who plays a related system, whoever is asked for.
pub(crate) fn of_system(choice: EngineChoice) -> EngineInfo {
    match choice {
        EngineChoice::Cpu => on_cpu(ASKED_FOR),
        choice => instead(choice, "a related system is computed on the CPU only"),
    }
}

/// Trains to the end, on so many threads where the CPU does it, and says how far it is after about every `pace` steps.
pub(crate) fn train(session: &mut Session, threads: usize, pace: u64, mut show: impl FnMut(u64)) {
    match session.config().engine {
        EngineChoice::Cpu => session.set_engine(on_cpu(ASKED_FOR)),
        choice => on_graphics(session, choice, pace, &mut show),
    }
    let threads = threads.min(session.config().runs.len());
    if threads > 1 {
        return crew::train(session, threads, &mut show);
    }
    while !session.finished() {
        session.advance(pace);
        show(session.step());
    }
}

/// Has cells of a map trained by the graphics device, as far as it is wanted and holds: who trains, and the cells that
/// are left to the CPU's `cores`.
pub(crate) fn train_cells(
    plan: &MapPlan,
    cells: Vec<usize>,
    cores: usize,
    stopped: fn() -> bool,
    done: &mut impl FnMut(usize, MapCell),
) -> (EngineInfo, Vec<usize>) {
    match plan.engine() {
        EngineChoice::Cpu => (on_cpu(ASKED_FOR), cells),
        choice => cells_on_graphics(plan, choice, cells, cores, stopped, done),
    }
}

/// Why a build without the GPU engine computes on the CPU.
#[cfg(not(feature = "gpu"))]
const NO_GPU: &str = "this build has no GPU engine";

#[cfg(not(feature = "gpu"))]
fn cells_on_graphics(
    _: &MapPlan,
    choice: EngineChoice,
    cells: Vec<usize>,
    _: usize,
    _: fn() -> bool,
    _: &mut impl FnMut(usize, MapCell),
) -> (EngineInfo, Vec<usize>) {
    (instead(choice, NO_GPU), cells)
}

#[cfg(feature = "gpu")]
fn cells_on_graphics(
    plan: &MapPlan,
    choice: EngineChoice,
    mut cells: Vec<usize>,
    cores: usize,
    stopped: fn() -> bool,
    done: &mut impl FnMut(usize, MapCell),
) -> (EngineInfo, Vec<usize>) {
    use proxprop::engine::gpu::Gpu;
    use proxprop::lab::engine::{measured_on_cells, on_gpu};
    use proxprop::lab::map::{AT_ONCE, GpuWork};
    use std::collections::HashSet;

    if cells.is_empty() {
        return (on_cpu("All cells are known already"), cells);
    }
    let gpu = match pollster::block_on(Gpu::request()) {
        Ok(gpu) => gpu,
        Err(why) => return (instead(choice, &why), cells),
    };
    let adapter = gpu.adapter().to_owned();
    let mut work = GpuWork::new(gpu, plan.clone(), seconds);
    let mut engine = on_gpu(&adapter);
    if choice == EngineChoice::Auto {
        let first = &cells[..cells.len().min(AT_ONCE)];
        match pollster::block_on(work.measure(first)) {
            Ok(seconds) => engine = measured_on_cells(&adapter, seconds, cores),
            Err(why) => return (instead(choice, &why), cells),
        }
        if engine.processor == Processor::Cpu {
            return (engine, cells);
        }
    }
    let all = cells.len();
    while !cells.is_empty() && !stopped() {
        let first: Vec<usize> = cells.iter().copied().take(AT_ONCE).collect();
        let mut ended = HashSet::new();
        let hand_out = |some: Vec<(usize, MapCell)>| {
            for (number, cell) in some {
                ended.insert(number);
                done(number, cell);
            }
        };
        let outcome = pollster::block_on(work.train(&first, || !stopped(), hand_out));
        cells.retain(|cell| !ended.contains(cell));
        if let Err(why) = outcome {
            let engine = match all - cells.len() {
                0 => instead(choice, &why),
                trained => on_cpu(&format!(
                    "After {trained} cells {why}; the CPU trained the others"
                )),
            };
            return (engine, cells);
        }
    }
    (engine, cells)
}

#[cfg(not(feature = "gpu"))]
fn on_graphics(session: &mut Session, choice: EngineChoice, _: u64, _: &mut impl FnMut(u64)) {
    if choice == EngineChoice::Gpu {
        session.set_engine(instead(choice, NO_GPU));
    }
}

/// Goes as far as the graphics device is wanted and holds.
#[cfg(feature = "gpu")]
fn on_graphics(session: &mut Session, choice: EngineChoice, pace: u64, show: &mut impl FnMut(u64)) {
    use proxprop::engine::gpu::Gpu;
    use proxprop::lab::engine::{Graphics, measured, on_gpu};
    /// Steps that are asked for at once.
    const MOST: u64 = 1024;
    /// Steps that are measured.
    const FIRST: u64 = 16;

    let instead = |session: &mut Session, why: &str| session.set_engine(instead(choice, why));
    let mut graphics = match pollster::block_on(Gpu::request()) {
        Ok(gpu) => Graphics::new(gpu),
        Err(why) => return instead(session, &why),
    };
    if choice == EngineChoice::Auto {
        let Some(errand) = session.errand(u64::MAX, FIRST) else {
            return;
        };
        let seconds = graphics.prepare(session, &errand).and_then(|()| {
            let cpu = session.ensemble().clone();
            pollster::block_on(graphics.measure(&errand, cpu, seconds))
        });
        match seconds {
            Ok(seconds) => session.set_engine(measured(graphics.adapter(), seconds)),
            Err(why) => return instead(session, &why),
        }
        if seconds.is_ok_and(|s| s.gpu >= s.cpu) {
            return;
        }
    } else {
        session.set_engine(on_gpu(graphics.adapter()));
    }
    while let Some(errand) = session.errand(u64::MAX, pace.clamp(1, MOST)) {
        let begin = seconds();
        let answer = graphics
            .prepare(session, &errand)
            .and_then(|()| pollster::block_on(graphics.carry_out(&errand)));
        match answer {
            Ok(mut answer) => {
                errand.charge(&mut answer, seconds() - begin);
                session.adopt(&errand, answer);
                show(session.step());
            }
            Err(why) if errand.from == 0 => return instead(session, &why),
            Err(why) => {
                let sentence = format!("At step {} {why}; the CPU goes on from there", errand.from);
                return session.set_engine(on_cpu(&sentence));
            }
        }
    }
}
