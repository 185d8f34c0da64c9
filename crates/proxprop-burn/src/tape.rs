//! What the layers note in their forward passes until a backward pass has used it.
//! Knows no solver.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use burn::module::{Param, ParamId};
use burn::tensor::{Gradients, Tensor};

use crate::Prox;
use crate::input::Input;

/// A layer can be used so often between two backward passes.
const LIMIT: usize = 256;

/// A trainable parameter as it was in the forward pass.
#[derive(Clone)]
pub(crate) struct Leaf<const D: usize> {
    pub(crate) id: ParamId,
    pub(crate) value: Tensor<D>,
}

impl<const D: usize> Leaf<D> {
    /// None where nothing is to be learned: in evaluation, or where the parameter is frozen or made of others.
    pub(crate) fn of(parameter: &Param<Tensor<D>>) -> Option<Self> {
        let value = parameter.val();
        let id = parameter.id;
        value.is_require_grad().then_some(Self { id, value })
    }
}

/// A layer's weight, `[inputs, outputs]` or `[outputs, channels, height, width]`.
#[derive(Clone)]
pub(crate) enum Weight {
    Dense(Leaf<2>),
    Conv(Leaf<4>),
}

impl Weight {
    pub(crate) fn id(&self) -> ParamId {
        match self {
            Self::Dense(leaf) => leaf.id,
            Self::Conv(leaf) => leaf.id,
        }
    }
}

/// One use of a layer.
pub(crate) struct Use {
    pub(crate) prox: Prox,
    pub(crate) weight: Weight,
    /// None as well where the layer has one that is frozen.
    pub(crate) bias: Option<Leaf<1>>,
    pub(crate) input: Input,
}

/// One use of a layer, and `G_Z`, the gradient with respect to what the layer put out.
pub(crate) struct Reached {
    pub(crate) layer: Use,
    pub(crate) signal: Tensor<2>,
}

struct Recording {
    layer: Use,
    /// A leaf of the graph, added to the output: its gradient is the output's.
    probe: Tensor<2>,
}

type Recordings = Mutex<Vec<Recording>>;

/// Every layer's recordings, for backward passes know only a loss.
static LAYERS: Mutex<Vec<Weak<Recordings>>> = Mutex::new(Vec::new());

/// A layer's recordings. Clones of the layer share them.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Recordings>);

impl Recorder {
    pub(crate) fn new() -> Self {
        let recordings = Arc::default();
        let mut layers = lock(&LAYERS);
        layers.retain(|layer| layer.strong_count() > 0);
        layers.push(Arc::downgrade(&recordings));
        Self(recordings)
    }

    /// Notes a use. Returns the output as it was, with a probe in its graph.
    ///
    /// # Panics
    ///
    /// Panics if the last so many uses have been in vain.
    pub(crate) fn record<const D: usize>(&self, layer: Use, output: Tensor<D>) -> Tensor<D> {
        let waiting = lock(&self.0).len();
        assert!(
            waiting < LIMIT,
            "a layer of proxprop-burn was used {waiting} times and no backward pass came: call \
             `proxprop_burn::backward(&loss)` in place of `loss.backward()`, and evaluate with `model.valid()`; \
             what is used more often in a single pass has to be a plain layer"
        );
        let device = match &layer.weight {
            Weight::Dense(leaf) => leaf.value.device(),
            Weight::Conv(leaf) => leaf.value.device(),
        };
        let dims = output.dims();
        let columns = dims[D - 1];
        let rows = dims.iter().product::<usize>() / columns.max(1);
        // x + (-0) is x for every x, to the bit; x + 0 is not for x = -0.
        let probe =
            Tensor::<2>::full([rows, columns], -0.0, (&device, output.dtype())).require_grad();
        let output = output.reshape([rows, columns]) + probe.clone();
        lock(&self.0).push(Recording { layer, probe });
        output.reshape(dims)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waiting", lock(&self.0).len())
    }
}

/// Takes the recordings that a backward pass has reached.
pub(crate) fn reached(gradients: &mut Gradients) -> Vec<Reached> {
    let layers: Vec<_> = lock(&LAYERS).iter().filter_map(Weak::upgrade).collect();
    let mut reached = Vec::new();
    for layer in layers {
        let mut recordings = lock(&layer);
        for recording in mem::take(&mut *recordings) {
            match recording.probe.grad_remove(gradients) {
                Some(signal) => reached.push(Reached {
                    layer: recording.layer,
                    signal,
                }),
                None => recordings.push(recording),
            }
        }
    }
    reached
}

/// What is behind these locks is whole after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
