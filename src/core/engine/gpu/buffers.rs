//! The kernels' buffers on the device: made, filled, bound, read back. Knows how large they are, not what is in them.

use super::device::Gpu;
use super::structs::{Leg, MemberSettings, Plan, Status};
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding,
    BufferDescriptor, BufferSize, BufferUsages, MapMode,
};

/// Bytes between the descriptions of two legs.
pub(super) const ALIGNMENT: usize = 256;

/// What the kernels are bound to, in the order of the bindings.
#[derive(Debug)]
pub(super) struct Buffers {
    plan: Buffer,
    points: Buffer,
    /// Grows as it is filled.
    pub(super) minibatches: Buffer,
    pub(super) settings: Buffer,
    pub(super) memory: Buffer,
    pub(super) statuses: Buffer,
    /// Grows as it is filled.
    pub(super) legs: Buffer,
}

impl Buffers {
    /// Room for so many members, who learn these points by this plan.
    pub(super) fn new(gpu: &Gpu, plan: &Plan, points: &[f32], members: usize) -> Buffers {
        let buffer = |words: usize, usage: BufferUsages| {
            gpu.device.create_buffer(&BufferDescriptor {
                label: None,
                size: (4 * words as u64).max(16),
                usage: usage | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let (storage, read) = (
            BufferUsages::STORAGE,
            BufferUsages::STORAGE | BufferUsages::COPY_SRC,
        );
        let buffers = Buffers {
            plan: buffer(Plan::WORDS, storage),
            points: buffer(points.len(), storage),
            minibatches: buffer(0, storage),
            settings: buffer(members * MemberSettings::WORDS, storage),
            memory: buffer(plan.memory(members), read),
            statuses: buffer(members * Status::WORDS, read),
            legs: buffer(0, BufferUsages::UNIFORM),
        };
        let mut words = Vec::new();
        plan.append(&mut words);
        write(gpu, &buffers.plan, words);
        write(gpu, &buffers.points, points.iter().map(|x| x.to_bits()));
        buffers
    }

    /// Binds them; which leg, a dispatch says.
    pub(super) fn bind(&self, gpu: &Gpu) -> BindGroup {
        let whole = [
            &self.plan,
            &self.points,
            &self.minibatches,
            &self.settings,
            &self.memory,
            &self.statuses,
        ];
        let leg = BufferBinding {
            buffer: &self.legs,
            offset: 0,
            size: BufferSize::new(4 * Leg::WORDS as u64),
        };
        let mut entries: Vec<BindGroupEntry> = (0..)
            .zip(whole)
            .map(|(binding, buffer)| BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        entries.push(BindGroupEntry {
            binding: 6,
            resource: BindingResource::Buffer(leg),
        });
        gpu.device.create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &gpu.bindings,
            entries: &entries,
        })
    }
}

/// Writes words to the beginning of a buffer.
pub(super) fn write(gpu: &Gpu, buffer: &Buffer, words: impl IntoIterator<Item = u32>) {
    gpu.queue.write_buffer(buffer, 0, &bytes_of(words));
}

/// Writes words to a buffer that is made larger where there is no room for them.
pub(super) fn fill(gpu: &Gpu, buffer: &mut Buffer, words: Vec<u32>) {
    let bytes = bytes_of(words);
    if (buffer.size() as usize) < bytes.len() {
        *buffer = gpu.device.create_buffer(&BufferDescriptor {
            label: None,
            size: bytes.len().next_power_of_two() as u64,
            usage: buffer.usage(),
            mapped_at_creation: false,
        });
    }
    gpu.queue.write_buffer(buffer, 0, &bytes);
}

fn bytes_of(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Waits until a buffer is there to be read.
///
/// # Errors
/// Why the device failed, in words.
pub(super) async fn read_back(gpu: &Gpu, buffer: &Buffer) -> Result<Vec<u32>, String> {
    type Slot = (Option<bool>, Option<Waker>);
    let slot = Arc::new(Mutex::new(Slot::default()));
    let filled = Arc::clone(&slot);
    buffer.map_async(MapMode::Read, .., move |result| {
        let mut slot = filled.lock().expect("nobody panics with it");
        slot.0 = Some(result.is_ok());
        if let Some(waker) = slot.1.take() {
            waker.wake();
        }
    });
    // Natively somebody has to wait; in a browser this does nothing, and the answer comes when it comes.
    if gpu
        .device
        .poll(wgpu::PollType::wait_indefinitely())
        .is_err()
    {
        return Err(gpu.fails());
    }
    let mapped = poll_fn(|context| {
        let mut slot = slot.lock().expect("nobody panics with it");
        slot.1 = Some(context.waker().clone());
        slot.0.map_or(Poll::Pending, Poll::Ready)
    })
    .await;
    if !mapped || gpu.failure().is_some() {
        return Err(gpu.fails());
    }
    let view = buffer.get_mapped_range(..).map_err(|_| gpu.fails())?;
    let words = view
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u32::from_le_bytes(*bytes))
        .collect();
    drop(view);
    buffer.unmap();
    Ok(words)
}
