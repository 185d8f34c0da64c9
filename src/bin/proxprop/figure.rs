//! A figure for a file, and the file beside it that holds a query too long to be read below it. Does not know what is drawn.

use std::path::Path;

use proxprop::lab::config::Config;
use proxprop::plot::Theme;
use proxprop::plot::code::code;
use proxprop::plot::sheet::{Source, Tile, fits, sheet};

use crate::failure::Refusal;
use crate::outputs::Outputs;
use crate::place::is_dash;

/// A run as figures tell it.
pub(crate) struct Told {
    /// Its whole query.
    whole: String,
    /// The same without what is as usual.
    short: String,
    /// That as it is read below a figure.
    caption: String,
}

impl Told {
    /// A run of the lab's own.
    pub(crate) fn of(config: &Config) -> Told {
        Told {
            whole: config.to_string(),
            short: config.short(),
            caption: config.caption(),
        }
    }

    /// A run of a related system, and the same without what is as usual.
    pub(crate) fn system(whole: String, short: String) -> Told {
        Told {
            whole,
            caption: short.clone(),
            short,
        }
    }

    /// A query that is told whole.
    pub(crate) fn whole(query: String) -> Told {
        Told {
            short: query.clone(),
            caption: query.clone(),
            whole: query,
        }
    }
}

/// Below its title the chart, and below that the run it shows, or its QR code where it is too long; it carries the arithmetic that
/// made it and the version of this program.
pub(crate) fn figure(
    title: &str,
    size: (u32, u32),
    draw: impl Fn((u32, u32), &Theme) -> String,
    told: &Told,
    arithmetic: &str,
) -> String {
    let (short, theme) = (&told.caption, Theme::light());
    // Behind the address of any page of the lab.
    let code = if fits(short, size, &theme) {
        None
    } else {
        code(&format!("?{short}"))
    };
    let source = Source {
        whole: &told.whole,
        short,
        code: code.as_deref(),
        arithmetic: Some(arithmetic),
    };
    let tile = Tile {
        title: title.to_owned(),
        place: Tile::WHOLE,
        draw: Box::new(draw),
    };
    sheet(size, title, &source, &[tile], &theme)
}

/// The query in a text file at this place, if a figure of this size has no room for it.
pub(crate) fn query_beside(
    outputs: &mut Outputs,
    path: &Path,
    size: (u32, u32),
    told: &Told,
) -> Result<(), Refusal> {
    let short = &told.short;
    if !is_dash(path) && !fits(short, size, &Theme::light()) {
        let output = outputs.open(path)?;
        outputs.fill(output, format!("{short}\n"));
    }
    Ok(())
}
