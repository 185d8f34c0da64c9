//! What the runs are made on, and a run where it stands: a game, or five generators of one parameter. Shows nothing.

use std::cell::RefCell;

use super::settings::{Each, Pace, Shared, Source, View};
use crate::Named;
use crate::data::rng::Stream;
use crate::lab::scene::square_of_drawn;
use crate::systems::wgan_prox::measures::{self, Sample};
use crate::systems::wgan_prox::scale::{Phi, Problem};
use crate::systems::wgan_prox::{Draws, Game, Network, Pass, Work};

/// Points that are looked at.
pub(super) const LOOKED_AT: usize = 512;
/// Cells per side of a field.
pub(super) const CELLS: usize = 48;
/// Names of the parameter.
pub(super) const NAMES: usize = Phi::ALL.len();

/// What the runs are made on.
pub(in crate::lab::systems) struct Scene {
    pub(super) shared: Shared,
    draws: Draws,
    /// Both networks before their first step.
    start: [Network; 2],
    /// Where the points are to be.
    pub(super) target: Sample,
    noise: Vec<f64>,
    /// What is shown of the plane.
    pub(super) window: [(f64, f64); 2],
    /// What steps work with, and what looking does.
    work: RefCell<Work>,
    looks: RefCell<[Pass; 2]>,
}

/// A run where it stands.
#[derive(Clone)]
pub(in crate::lab::systems) struct Member {
    pub(super) way: Way,
    pub(super) diverged: Option<u64>,
}

/// What it plays.
#[derive(Clone)]
pub(super) enum Way {
    /// Two networks, and the reach of the last outer step where it had one.
    Game(Box<Game>, Option<f64>),
    /// Five generators of one parameter: θ at the end, their standard deviations after every step, and the reach of each.
    Scale([f64; NAMES], Vec<[f64; NAMES]>, Vec<f64>),
}

/// What is measured of a game.
pub(super) struct Measured {
    pub(super) energy: f64,
    pub(super) sliced: f64,
    /// Clouds covered, and the share of points that are in one; of the ring alone.
    pub(super) modes: Option<(usize, f64)>,
}

impl Scene {
    pub(super) fn new(shared: &Shared) -> Scene {
        let draws = Draws {
            seed: shared.seed,
            target: shared.drawn_from(),
        };
        let mut weights = Stream::weights(shared.seed);
        let mut network = |outputs| {
            let hidden = shared.width;
            Network::drawn(vec![2, hidden, hidden, outputs], &mut weights)
        };
        let start = [network(2), network(1)];
        let target = Sample::new(draws.looked_at(0, LOOKED_AT));
        let window = match shared.target {
            Source::Ring | Source::Moons => [(-1.7, 1.7); 2],
            Source::Line => [(-1.6, 1.6), (-1.1, 2.1)],
            Source::Points => {
                let half = square_of_drawn(&shared.points);
                [(-half, half); 2]
            }
        };
        Scene {
            work: RefCell::new(Work::new(&start[0], &start[1], shared.batch)),
            looks: RefCell::new([
                Pass::new(&start[0], LOOKED_AT),
                Pass::new(&start[1], CELLS * CELLS),
            ]),
            noise: draws.noise_looked_at(LOOKED_AT),
            shared: shared.clone(),
            draws,
            start,
            target,
            window,
        }
    }

    /// Numbers of a run where it stands.
    pub(super) fn numbers(&self) -> usize {
        match self.shared.view {
            // θ, θ_k and two moments; φ and two of them.
            View::Game => 4 * self.start[0].theta.len() + 3 * self.start[1].theta.len(),
            View::Scale => (NAMES + 1) * (self.shared.moves as usize + 2),
        }
    }

    /// One name of the parameter.
    pub(super) fn problem(&self, phi: Phi) -> Problem {
        Problem {
            objective: self.shared.objective,
            t: self.shared.t,
            phi,
            c: self.shared.c,
        }
    }

    /// The points that a generator makes of the noise that is looked at.
    pub(super) fn points(&self, generator: &Network) -> Vec<[f64; 2]> {
        let pass = &mut self.looks.borrow_mut()[0];
        pass.inputs().copy_from_slice(&self.noise);
        generator.forward(pass);
        pass.outputs().as_chunks().0.to_vec()
    }

    /// What the discriminator answers on a grid over the window, row by row from below.
    pub(super) fn field(&self, discriminator: &Network) -> Vec<f64> {
        let pass = &mut self.looks.borrow_mut()[1];
        let cells = pass.inputs().as_chunks_mut::<2>().0;
        for (i, cell) in cells.iter_mut().enumerate() {
            *cell = self.place([(i % CELLS) as f64, (i / CELLS) as f64]);
        }
        discriminator.forward(pass);
        pass.outputs().to_vec()
    }

    /// Where a cell's middle is.
    pub(super) fn place(&self, cell: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|i| {
            let (low, high) = self.window[i];
            low + (high - low) * (cell[i] + 0.5) / CELLS as f64
        })
    }

    pub(super) fn measure(&self, points: &[[f64; 2]]) -> Measured {
        let points = points.as_flattened();
        let ring = self.shared.target == Source::Ring;
        Measured {
            energy: self.target.energy(points),
            sliced: self.target.sliced(points),
            modes: ring.then(|| measures::modes(points)),
        }
    }
}

impl Member {
    pub(super) fn new(scene: &Scene) -> Member {
        let way = match scene.shared.view {
            View::Game => {
                let [generator, discriminator] = scene.start.clone();
                // As many inner steps as a run may have.
                Way::Game(Box::new(Game::new(generator, discriminator, 200)), None)
            }
            View::Scale => {
                let a0 = scene.shared.a0;
                let theta = std::array::from_fn(|k| scene.problem(Phi::ALL[k]).theta(a0));
                let moves = scene.shared.moves as usize;
                let mut path = Vec::with_capacity(moves + 1);
                path.push([a0; NAMES]);
                Way::Scale(theta, path, Vec::with_capacity(moves))
            }
        };
        Member {
            way,
            diverged: None,
        }
    }

    pub(super) fn step(&mut self, scene: &Scene, each: &Each, step: u64) {
        let lost = match &mut self.way {
            Way::Game(game, reach) => {
                let how = each.of_game(&scene.shared);
                let waits = scene.shared.pace == Pace::Evals
                    && game.evaluations + how.evaluations() > step + 1;
                if !waits {
                    game.step(&how, &scene.draws, &mut scene.work.borrow_mut());
                    *reach = how.penalty.map(|_| how.h);
                }
                !waits && game.is_lost()
            }
            Way::Scale(theta, path, reaches) => {
                let how = each.of_scale();
                let mut a = [0.0; NAMES];
                for ((theta, a), phi) in theta.iter_mut().zip(&mut a).zip(Phi::ALL) {
                    let problem = scene.problem(*phi);
                    *theta = problem.step(*theta, &how);
                    *a = problem.a(*theta);
                }
                path.push(a);
                reaches.push(how.h);
                a.iter().all(|a| a.is_nan())
            }
        };
        self.diverged = lost.then_some(step + 1);
    }
}
