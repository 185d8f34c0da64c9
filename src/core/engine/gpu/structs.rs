//! The structs that host and kernels share, word by word. Knows what each number is, not how it comes about.
//!
//! Twin of `kernels/engine/structs.wgsl`: `tests/wgsl.rs` compares names and offsets.

/// Most affine layers.
pub const LAYERS: usize = 9;

/// Something of whole 32-bit words.
trait Words {
    const COUNT: usize;
    fn write(&self, to: &mut Vec<u32>);
    fn read(from: &mut impl Iterator<Item = u32>) -> Self;
}

const WHOLE: &str = "buffers hold whole structs";

impl Words for u32 {
    const COUNT: usize = 1;
    fn write(&self, to: &mut Vec<u32>) {
        to.push(*self);
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        from.next().expect(WHOLE)
    }
}

impl Words for f32 {
    const COUNT: usize = 1;
    fn write(&self, to: &mut Vec<u32>) {
        to.push(self.to_bits());
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        f32::from_bits(from.next().expect(WHOLE))
    }
}

impl<T: Words, const N: usize> Words for [T; N] {
    const COUNT: usize = N * T::COUNT;
    fn write(&self, to: &mut Vec<u32>) {
        self.iter().for_each(|x| x.write(to));
    }
    fn read(from: &mut impl Iterator<Item = u32>) -> Self {
        std::array::from_fn(|_| T::read(from))
    }
}

/// A struct of words, and where its fields are.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name {
            $($(#[$of])* pub $field: $kind,)*
        }

        impl Words for $name {
            const COUNT: usize = 0 $(+ <$kind as Words>::COUNT)*;
            fn write(&self, to: &mut Vec<u32>) {
                $(self.$field.write(to);)*
            }
            fn read(from: &mut impl Iterator<Item = u32>) -> Self {
                $name { $($field: Words::read(from),)* }
            }
        }

        impl $name {
            /// Words that it takes.
            pub const WORDS: usize = <Self as Words>::COUNT;
            /// Name and words of each field, in order.
            pub const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), <$kind as Words>::COUNT)),*];
            /// Puts its words at the end of `to`.
            pub fn append(&self, to: &mut Vec<u32>) {
                self.write(to);
            }
            /// Reads its words.
            ///
            /// # Panics
            /// When there are too few.
            pub fn of_words(words: &[u32]) -> Self {
                Self::read(&mut words.iter().copied())
            }
        }
    };
}

words! {
    /// Windows over the planes of images. Of what has none, the size is 0 and there is one place.
    Windows {
        /// Rows and columns of a window.
        size: u32,
        /// From one window to the next.
        stride: u32,
        /// Rows and columns of zeros around a plane.
        padding: u32,
        /// Rows of a plane.
        height: u32,
        /// Columns of a plane.
        width: u32,
        /// How often a window fits across.
        columns: u32,
        /// How often it fits.
        places: u32,
    }
}

words! {
    /// An affine layer; places are counted in words.
    Layer {
        /// Rows of Θ, the bias included.
        inputs: u32,
        /// Columns of Θ.
        outputs: u32,
        /// Where Θ begins among a member's parameters.
        theta: u32,
        /// Numbers of a sample that the layer is given.
        numbers: u32,
        /// Where these, `A`, begin in a member's scratch; the ones follow.
        activation: u32,
        /// Where σ(Z) begins there, before it is pooled.
        values: u32,
        /// Where what comes back through the layer above is put there: `∂J/∂Z`, or before pooling is undone.
        arriving: u32,
        /// Where it is told there which cell of its window each pooled number came from.
        winners: u32,
        /// A convolution's kernel; of a dense layer none.
        kernel: Windows,
        /// Max-pooling of σ(Z), or none.
        pooling: Windows,
    }
}

words! {
    /// What all members share; places are counted in words.
    Plan {
        /// How many affine layers there are.
        layers: u32,
        /// How many training points there are.
        points: u32,
        /// Most samples in a minibatch.
        rows: u32,
        /// Numbers in all Θ.
        parameters: u32,
        /// Where the first member's scratch begins in memory.
        scratch: u32,
        /// Words of a member's scratch.
        scratch_size: u32,
        /// σ by number.
        activation: u32,
        /// J by number.
        loss: u32,
        /// High losses in a row after which a member is given up.
        high_steps: u32,
        /// The loss of the best constant answer.
        constant_loss: f32,
        /// A loss is high when it is so many times the larger of this and the first.
        high: f32,
        /// Where `∂J/∂Z` is in a member's scratch, the output layer's first.
        delta: u32,
        /// How far it is to the other place for `∂J/∂Z`.
        delta_size: u32,
        /// All `D`, laid out as Θ.
        direction: u32,
        /// `ÂᵀÂ + I/τ_θ`.
        system: u32,
        /// CG's residuals.
        residual: u32,
        /// CG's search directions.
        search: u32,
        /// CG's images.
        image: u32,
        /// CG's `Â P`.
        over_samples: u32,
        /// CG's squares, one per column.
        squares: u32,
        /// The layers.
        layer: [Layer; LAYERS],
    }
}

words! {
    /// How a member learns.
    MemberSettings {
        /// Its rule by number.
        rule: u32,
        /// Its optimizer by number.
        optimizer: u32,
        /// Most iterations of CG.
        cg_iterations: u32,
        /// CG's tolerance.
        cg_tolerance: f32,
        /// CG's ε.
        cg_epsilon: f32,
        /// 1/τ_θ.
        shift: f32,
        /// τ.
        tau: f32,
        /// μ.
        momentum: f32,
        /// Weight decay.
        decay: f32,
        /// τ · l1.
        l1_size: f32,
        /// How l1's step is made, by number.
        shrinkage: u32,
        /// 1 where CG takes all of a convolution's Θ as one vector.
        together: u32,
    }
}

words! {
    /// Where a member stands, besides its numbers.
    Status {
        /// Why it has stopped, or 0.
        verdict: u32,
        /// Steps made since it was put there.
        made: u32,
        /// Steps that its optimizer had made before.
        optimizer_steps: u32,
        /// Steps in a row at a high loss.
        high_steps: u32,
        /// Its first minibatch loss; negative before it.
        first_loss: f32,
        /// Its last minibatch loss; negative before it.
        loss: f32,
        /// Least minibatch loss of the steps made at once.
        lowest: f32,
        /// Largest minibatch loss of the steps made at once.
        highest: f32,
        /// Between phases: the verdict on the step so far.
        pending: u32,
        /// Between phases: the minibatch loss.
        mean: f32,
        /// Between phases: CG's mean initial `r·r`.
        initial: f32,
        /// Between phases: 1 while CG goes on.
        searches: u32,
        /// Per layer, CG's iterations times samples.
        cg: [u32; LAYERS],
    }
}

words! {
    /// Which minibatches are learned from at once.
    Leg {
        /// The first.
        first: u32,
        /// How many.
        steps: u32,
        /// 1 after a reading: losses and CG's iterations are counted from here on.
        begins: u32,
        /// Of a phase: the layer (from 0).
        layer: u32,
        /// Of a phase: the [`Operation`](super::wide::Operation) by number.
        operation: u32,
        /// Of a phase: CG's iteration (from 0).
        iteration: u32,
    }
}

impl Layer {
    /// Numbers of a plane that a convolution's kernel slides over; 1 of a dense layer.
    pub fn area(&self) -> u32 {
        (self.kernel.height * self.kernel.width).max(1)
    }
}
