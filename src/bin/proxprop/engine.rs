//! Who trains: this machine's CPU, or its graphics device if this build knows any.

use proxprop::lab::config::EngineChoice;
use proxprop::lab::engine::{instead_of_gpu, on_cpu};
use proxprop::lab::session::Session;

/// Trains to the end, and says how far it is after about every `pace` steps.
pub(crate) fn train(session: &mut Session, pace: u64, mut show: impl FnMut(u64)) {
    match session.config().engine {
        EngineChoice::Cpu => session.set_engine(on_cpu("engine=cpu asks for the CPU")),
        choice => on_graphics(session, choice, pace, &mut show),
    }
    while !session.finished() {
        session.advance(pace);
        show(session.step());
    }
}

#[cfg(not(feature = "gpu"))]
fn on_graphics(session: &mut Session, choice: EngineChoice, _: u64, _: &mut impl FnMut(u64)) {
    if choice == EngineChoice::Gpu {
        session.set_engine(instead_of_gpu("this build has no GPU engine"));
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

    let instead = |session: &mut Session, why: &str| {
        session.set_engine(match choice {
            EngineChoice::Gpu => instead_of_gpu(why),
            _ => on_cpu(&format!("The CPU computes: {why}")),
        });
    };
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
            pollster::block_on(graphics.measure(&errand, cpu, super::seconds))
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
        let begin = super::seconds();
        let answer = graphics
            .prepare(session, &errand)
            .and_then(|()| pollster::block_on(graphics.carry_out(&errand)));
        match answer {
            Ok(answer) => {
                session.adopt(&errand, answer, super::seconds() - begin);
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
