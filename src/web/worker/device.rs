//! A worker's part of a step-size map on the graphics device: cells trained all at once, and how fast that is. Knows no
//! view.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::hands;
use crate::engine::gpu::Gpu;
use crate::frame::EngineSeconds;
use crate::lab::config::Config;
use crate::lab::map::{GpuWork, MapPlan};
use crate::web::wire::message::Answer;
use crate::web::wire::post::{now, post};
use wasm_bindgen_futures::spawn_local;

/// Milliseconds after which the page hears that the device answers, though no cell has ended.
const TELLS: f64 = 1000.0;

thread_local! {
    static DEVICE: RefCell<Device> = RefCell::default();
}

/// The device, and what waits for it.
#[derive(Default)]
struct Device {
    gpu: Option<Gpu>,
    /// The map asked for last.
    map: u32,
    waiting: VecDeque<Portion>,
    busy: bool,
}

/// Cells of a map.
struct Portion {
    map: u32,
    query: String,
    cells: Vec<usize>,
}

/// Measures how fast these cells are trained, and posts it.
pub(super) fn race(query: String, cells: Vec<usize>) {
    spawn_local(async move {
        post(&Answer::Raced(measured(&query, &cells).await));
    });
}

async fn measured(query: &str, cells: &[usize]) -> Result<(String, EngineSeconds), String> {
    let gpu = gpu().await?;
    let adapter = gpu.adapter().to_owned();
    let seconds = work(gpu, query).measure(cells).await?;
    Ok((adapter, seconds))
}

/// The device, asked for once.
async fn gpu() -> Result<Gpu, String> {
    if let Some(known) = DEVICE.with_borrow(|device| device.gpu.clone()) {
        return Ok(known);
    }
    let gpu = hands::gpu().await?;
    DEVICE.with_borrow_mut(|device| device.gpu = Some(gpu.clone()));
    Ok(gpu)
}

fn work(gpu: Gpu, query: &str) -> GpuWork {
    let plan = Config::parse(query).and_then(|config| MapPlan::new(&config));
    let plan = plan.expect("the page has checked its map");
    GpuWork::new(gpu, plan, || now() / 1000.0)
}

/// Takes cells of a map, after those taken before; another map's are forgotten.
pub(super) fn take(map: u32, query: String, cells: Vec<usize>) {
    let portion = Portion { map, query, cells };
    let idle = DEVICE.with_borrow_mut(|device| {
        if device.map != map {
            device.waiting.clear();
            device.map = map;
        }
        device.waiting.push_back(portion);
        let idle = !std::mem::replace(&mut device.busy, true);
        if idle {
            // One that was lost while it rested is asked for again.
            device.gpu.take_if(|gpu| gpu.failure().is_some());
        }
        idle
    });
    if idle {
        spawn_local(train());
    }
}

/// Trains until nothing waits.
async fn train() {
    loop {
        let next = DEVICE.with_borrow_mut(|device| {
            let portion = device.waiting.pop_front();
            device.busy = portion.is_some();
            portion
        });
        let Some(Portion { map, query, cells }) = next else {
            return;
        };
        let done = |cells| post(&Answer::Cells { map, cells });
        // It is asked before every visit, so all but the first time the device has answered.
        let told = Cell::new(f64::INFINITY);
        let wanted = || {
            if now() - told.get() > TELLS {
                done(Vec::new());
                told.set(now());
            }
            told.set(told.get().min(now()));
            DEVICE.with_borrow(|device| device.map == map)
        };
        let outcome = match gpu().await {
            Ok(gpu) => work(gpu, &query).train(&cells, wanted, done).await,
            Err(why) => Err(why),
        };
        if let Err(why) = outcome
            && wanted()
        {
            DEVICE.with_borrow_mut(|device| device.waiting.clear());
            post(&Answer::Refused(why));
        }
    }
}
