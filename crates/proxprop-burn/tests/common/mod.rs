//! What the tests share: the backends that they run on, and tensors from numbers.

#![allow(dead_code, reason = "every test program takes what it needs from here")]

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Where a test runs, and how near its numbers must come to exact ones.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) device: Device,
    pub(crate) dtype: DType,
    /// Relative, for one product or one solve.
    pub(crate) near: f64,
}

impl Place {
    fn new(name: &'static str, device: Device, dtype: DType) -> Self {
        let near = match dtype {
            DType::F64 => 1e-10,
            _ => 2e-3,
        };
        let device = device.autodiff();
        Self {
            name,
            device,
            dtype,
            near,
        }
    }

    /// Of numbers laid out row by row.
    pub(crate) fn tensor<const D: usize>(&self, numbers: Vec<f64>, shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(numbers, shape), (&self.device, self.dtype))
    }

    /// Numbers between -1 and 1, the same in every run.
    pub(crate) fn random<const D: usize>(&self, seed: u64, shape: [usize; D]) -> Tensor<D> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        let numbers = (0..shape.iter().product()).map(|_| next()).collect();
        self.tensor(numbers, shape)
    }

    /// Whether two lists agree as far as they must here.
    #[track_caller]
    pub(crate) fn assert_near(&self, found: &[f64], expected: &[f64]) {
        assert_near(self.name, found, expected, self.near);
    }
}

/// Every backend that the tests were built with, in every precision that it has.
pub(crate) fn places() -> Vec<Place> {
    #[allow(unused_mut, reason = "without other backends nothing is added")]
    let mut places = vec![
        Place::new("flex, double", Device::flex(), DType::F64),
        Place::new("flex, single", Device::flex(), DType::F32),
    ];
    #[cfg(feature = "ndarray")]
    {
        #[allow(
            deprecated,
            reason = "a second backend on the CPU, as long as there is one"
        )]
        let device = Device::ndarray();
        places.push(Place::new("ndarray, double", device.clone(), DType::F64));
        places.push(Place::new("ndarray, single", device, DType::F32));
    }
    #[cfg(feature = "wgpu")]
    places.push(Place::new(
        "wgpu, single",
        Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
        DType::F32,
    ));
    places
}

pub(crate) fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    let data = tensor.clone().into_data();
    data.try_into_vec_as().expect("numbers can be converted")
}

pub(crate) fn norm(numbers: &[f64]) -> f64 {
    numbers.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Whether two lists agree, their distance over the expected one's norm.
#[track_caller]
pub(crate) fn assert_near(what: &str, found: &[f64], expected: &[f64], near: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let apart: Vec<f64> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    let (apart, size) = (norm(&apart), norm(expected));
    assert!(
        apart <= near * size,
        "{what}: {apart:e} away from what has the norm {size:e}, allowed is a share of {near:e}"
    );
}
