//! What takes long: tables over seeds, sweeps, random walks by the thousand. `cargo xtask test --long` runs it and
//! nothing else; every other test is among the quick ones.

mod flat;
mod interlocking;
mod seen;
mod vsml;
mod vsml_tables;
mod wgan_prox;

use proxprop::lab::session::Session;

/// The answer of the preset `adam`: how often its runs at τ = 1 end high, counted over seeds.
#[test]
fn adam_ends_high_five_times_in_eight_with_the_gradient_and_once_with_the_implicit_direction() {
    let mut high = [0, 0];
    for seed in 1..=8 {
        let runs = "run=backprop,opt:adam,tau:1&run=prox-exact,opt:adam,tau:1";
        let mut session = Session::new(&format!("data=circle&seed={seed}&{runs}")).unwrap();
        session.advance(u64::MAX);
        for (high, member) in high.iter_mut().zip(&session.frame().members) {
            *high += i32::from(member.loss > 0.1);
        }
    }
    assert_eq!(high, [5, 1]);
}
