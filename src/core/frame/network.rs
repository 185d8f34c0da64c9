//! A network as a person looks at it: what every neuron answers over the plane, and what connects them. Knows no engine.

use super::Field;
use serde::{Deserialize, Serialize};

/// What of a network is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peek {
    /// At most so many neurons of every layer, the first ones.
    pub most: usize,
    /// The neuron that is looked at closely: its layer, the inputs' being 0, and which of it (from 0).
    pub open: Option<[usize; 2]>,
}

/// The neurons of a network, layer by layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Cells per row of a neuron's picture; of a curve over one input, its points.
    pub columns: usize,
    /// Rows of a picture, row 0 at the bottom; 1 for a curve.
    pub rows: usize,
    /// The inputs, the hidden layers, the answers.
    pub layers: Vec<NeuronLayer>,
    /// What the neuron answers that is looked at closely, as fine as the run's own field.
    pub open: Option<Field>,
}

/// Neurons side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeuronLayer {
    /// How many there are.
    pub neurons: usize,
    /// How many of them are told of here, the first ones.
    pub told: usize,
    /// What the shades 0 and [`NeuronLayer::SHADES`] stand for; every neuron of the layer is drawn in the same range.
    pub range: (f32, f32),
    /// Picture after picture, row after row: shades, or [`NeuronLayer::NO_NUMBER`].
    pub pictures: Vec<u8>,
    /// Neuron after neuron: its weights from those told of before it, and its bias. Empty for the inputs.
    pub weights: Vec<f32>,
}

impl NeuronLayer {
    /// The largest shade.
    pub const SHADES: u8 = 254;
    /// Where a neuron answers what is no number.
    pub const NO_NUMBER: u8 = 255;

    /// The shade of an answer in a range.
    pub fn shade_in((low, high): (f32, f32), answer: f32) -> u8 {
        if !answer.is_finite() {
            return NeuronLayer::NO_NUMBER;
        }
        let share = ((answer - low) / (high - low)).clamp(0.0, 1.0);
        (share * f32::from(NeuronLayer::SHADES)).round() as u8
    }

    /// The shade of an answer.
    pub fn shade(&self, answer: f32) -> u8 {
        NeuronLayer::shade_in(self.range, answer)
    }

    /// The answer of a shade.
    pub fn answer(&self, shade: u8) -> f32 {
        let (low, high) = self.range;
        if shade == NeuronLayer::NO_NUMBER {
            return f32::NAN;
        }
        low + (high - low) * f32::from(shade) / f32::from(NeuronLayer::SHADES)
    }

    /// The picture of a neuron.
    pub fn picture(&self, neuron: usize) -> &[u8] {
        let cells = self.pictures.len() / self.told;
        &self.pictures[neuron * cells..][..cells]
    }

    /// The weights of a neuron and its bias, which comes last; nothing for an input.
    pub fn weights_of(&self, neuron: usize) -> &[f32] {
        let each = self.weights.len() / self.told;
        &self.weights[neuron * each..][..each]
    }
}
