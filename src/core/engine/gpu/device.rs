//! The device: asked for, never assumed. Knows the kernels' bindings, not what they compute.

use super::numbers::MOST_LANES;
use super::source;
use super::structs::Leg;
use super::wide::Kernel;
use std::sync::{Arc, Mutex, OnceLock};
use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType,
    BufferBindingType, BufferSize, ComputePipeline, ComputePipelineDescriptor, Device,
    DeviceDescriptor, Instance, InstanceDescriptor, Limits, PipelineCompilationOptions,
    PipelineLayoutDescriptor, PowerPreference, Queue, RequestAdapterOptions,
    ShaderModuleDescriptor, ShaderSource, ShaderStages,
};

/// Lanes that train a member where there are many of them; one of few has [`MOST_LANES`] if the device allows.
const LANES: u32 = 64;
/// So many members are few.
const FEW: usize = 16;

/// Rounds of loops that a lane makes in one go: a device that seems to hang is taken away.
const ROUNDS: u64 = 1 << 20;
/// Mesa's software driver ends all loops of a lane after 65535 rounds, and says nothing.
const ROUNDS_OF_LLVMPIPE: u64 = 60_000;

/// How many rounds of loops a lane may make in one go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Patience {
    /// About so many.
    About(u64),
    /// Beyond so many the results are wrong.
    AtMost(u64),
}

/// A device that computes, and what it is called. A copy is the same device.
#[derive(Clone, Debug)]
pub struct Gpu {
    pub(super) device: Device,
    pub(super) queue: Queue,
    pub(super) bindings: BindGroupLayout,
    kernels: Arc<Kernels>,
    /// Most lanes of a workgroup.
    most_lanes: u32,
    adapter: String,
    /// So many rounds of loops end well.
    patience: Patience,
    failure: Arc<Mutex<Option<String>>>,
}

/// The kernels, compiled when they are first needed: that may take longer than a run.
#[derive(Debug, Default)]
struct Kernels {
    many: OnceLock<ComputePipeline>,
    few: OnceLock<ComputePipeline>,
    wide: OnceLock<[ComputePipeline; 3]>,
    images: OnceLock<[ComputePipeline; 3]>,
}

impl Gpu {
    /// Asks for a device.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub async fn request() -> Result<Gpu, String> {
        let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
        let wish = RequestAdapterOptions {
            power_preference: PowerPreference::HighPerformance,
            ..RequestAdapterOptions::default()
        };
        let adapter = instance
            .request_adapter(&wish)
            .await
            .map_err(|_| "no graphics adapter is offered here".to_owned())?;
        let offered = adapter.limits();
        // Buffers as large as there are; of everything else the least that WebGPU promises is enough.
        let limits = Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            max_compute_invocations_per_workgroup: offered
                .max_compute_invocations_per_workgroup
                .min(MOST_LANES),
            max_compute_workgroup_size_x: offered.max_compute_workgroup_size_x.min(MOST_LANES),
            ..Limits::default()
        };
        let most_lanes = limits.max_compute_invocations_per_workgroup;
        let description = DeviceDescriptor {
            required_limits: limits,
            ..DeviceDescriptor::default()
        };
        let (device, queue) = adapter
            .request_device(&description)
            .await
            .map_err(|e| format!("the graphics adapter gives no device: {e}"))?;
        let info = adapter.get_info();
        let failure = Arc::new(Mutex::new(None));
        let note = |failure: &Arc<Mutex<Option<String>>>| {
            let failure = Arc::clone(failure);
            move |why: String| {
                if let Ok(mut failure) = failure.lock() {
                    failure.get_or_insert(why);
                }
            }
        };
        let lost = note(&failure);
        device.set_device_lost_callback(move |_, why| {
            let why = why.trim().trim_end_matches('.');
            let reason = if why.is_empty() {
                String::new()
            } else {
                format!(" ({why})")
            };
            lost(format!("the graphics device was lost{reason}"));
        });
        let refused = note(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            refused(refusal(&error));
        }));
        Ok(Gpu {
            bindings: bindings(&device),
            kernels: Arc::default(),
            most_lanes,
            patience: if info.name.contains("llvmpipe") {
                Patience::AtMost(ROUNDS_OF_LLVMPIPE)
            } else {
                Patience::About(ROUNDS)
            },
            adapter: name(&info),
            device,
            queue,
            failure,
        })
    }

    /// What the adapter is called.
    pub fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Why the device is of no use any more; `None` while it is.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().ok()?.clone()
    }

    /// Where a device fails that has not said why.
    pub(super) fn fails(&self) -> String {
        self.failure()
            .unwrap_or_else(|| "the graphics device was lost".to_owned())
    }

    /// Lanes of the workgroup that trains one of so many members: whole roots of those there may be, 4, 8, 16.
    pub(super) fn lanes(&self, members: usize) -> u32 {
        let wish = if members <= FEW { MOST_LANES } else { LANES };
        wish.min(self.most_lanes).isqrt().pow(2)
    }

    /// The kernel that trains so many members.
    pub(super) fn train(&self, members: usize) -> &ComputePipeline {
        let Kernels { many, few, .. } = &*self.kernels;
        let kernel = if members <= FEW { few } else { many };
        kernel.get_or_init(|| pipeline(&self.device, &self.bindings, self.lanes(members)))
    }

    /// The kernel of a phase; that of networks with convolutions can do more.
    ///
    /// # Panics
    /// For convolutions in a part of the engine, which has none.
    pub(super) fn wide(&self, kernel: Kernel, convolves: bool) -> &ComputePipeline {
        let place = Kernel::ALL.iter().position(|(of, _)| *of == kernel);
        let Kernels { wide, images, .. } = &*self.kernels;
        let of = |source: String| of_phases(&self.device, &self.bindings, source);
        let all = if convolves {
            images.get_or_init(|| of(source::images().expect("there are convolutions")))
        } else {
            wide.get_or_init(|| of(source::wide()))
        };
        &all[place.expect("all are there")]
    }

    /// How many steps of so many rounds of loops each are made in one go.
    ///
    /// # Errors
    /// Where one is too many, in words.
    pub(super) fn steps_at_once(&self, rounds: u64) -> Result<u64, String> {
        match self.patience {
            Patience::About(most) => Ok((most / rounds).max(1)),
            Patience::AtMost(most) if rounds <= most => Ok(most / rounds),
            Patience::AtMost(_) => Err(format!(
                "the networks are too large for {}, a driver that cuts long loops short",
                self.adapter
            )),
        }
    }
}

fn name(info: &wgpu::AdapterInfo) -> String {
    let parts = [&info.name, &info.driver];
    let known = parts
        .into_iter()
        .map(|part| part.trim())
        .find(|part| !part.is_empty());
    known.map_or_else(|| format!("{:?}", info.backend), str::to_owned)
}

fn refusal(error: &wgpu::Error) -> String {
    let text = error.to_string();
    let line: Vec<&str> = text.split_whitespace().collect();
    format!("the graphics device refused to work: {}", line.join(" "))
}

/// The bindings of `kernels/engine/structs.wgsl`.
fn bindings(device: &Device) -> BindGroupLayout {
    let entry = |binding: u32, ty: BindingType| BindGroupLayoutEntry {
        binding,
        visibility: ShaderStages::COMPUTE,
        ty,
        count: None,
    };
    let storage = |binding: u32, read_only: bool| {
        let ty = BindingType::Buffer {
            ty: BufferBindingType::Storage { read_only },
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        entry(binding, ty)
    };
    let leg = BindingType::Buffer {
        ty: BufferBindingType::Uniform,
        has_dynamic_offset: true,
        min_binding_size: BufferSize::new(4 * Leg::WORDS as u64),
    };
    device.create_bind_group_layout(&BindGroupLayoutDescriptor {
        label: None,
        entries: &[
            storage(0, true),
            storage(1, true),
            storage(2, true),
            storage(3, true),
            storage(4, false),
            storage(5, false),
            entry(6, leg),
        ],
    })
}

fn pipeline(device: &Device, bindings: &BindGroupLayout, lanes: u32) -> ComputePipeline {
    let constants = of_lanes(lanes);
    let [pipeline] = kernels(device, bindings, source::member(), ["train"], &constants);
    pipeline
}

/// The constants of the module with one workgroup per member, for one of so many lanes.
pub(super) fn of_lanes(lanes: u32) -> [(&'static str, f64); 2] {
    [("LANES", lanes.into()), ("ADDERS", lanes.isqrt().into())]
}

fn of_phases(device: &Device, bindings: &BindGroupLayout, source: String) -> [ComputePipeline; 3] {
    let names = Kernel::ALL.map(|(_, name)| name);
    kernels(device, bindings, source, names, &[])
}

pub(super) fn kernels<const N: usize>(
    device: &Device,
    bindings: &BindGroupLayout,
    source: String,
    names: [&str; N],
    constants: &[(&str, f64)],
) -> [ComputePipeline; N] {
    let module = device.create_shader_module(ShaderModuleDescriptor {
        label: None,
        source: ShaderSource::Wgsl(source.into()),
    });
    let layout = device.create_pipeline_layout(&PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &[Some(bindings)],
        immediate_size: 0,
    });
    names.map(|name| {
        device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(name),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(name),
            compilation_options: PipelineCompilationOptions {
                constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        })
    })
}
