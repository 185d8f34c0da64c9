//! A figure for a file, and the file beside it that holds a query too long to be read below it. Does not know what is drawn.

use std::path::Path;

use proxprop::lab::config::Config;
use proxprop::plot::Theme;
use proxprop::plot::code::code;
use proxprop::plot::sheet::{Source, Tile, fits, sheet};

use crate::failure::Refusal;
use crate::outputs::Outputs;
use crate::place::is_dash;

/// Below its title the chart, and below that the run it shows, or its QR code where it is too long; it carries the arithmetic that
/// made it and the version of this program.
pub(crate) fn figure(
    title: &str,
    size: (u32, u32),
    draw: impl Fn((u32, u32), &Theme) -> String,
    config: &Config,
    arithmetic: &str,
) -> String {
    let (whole, short, theme) = (config.to_string(), config.caption(), Theme::light());
    // Behind the address of any page of the lab.
    let code = if fits(&short, size, &theme) {
        None
    } else {
        code(&format!("?{short}"))
    };
    let source = Source {
        whole: &whole,
        short: &short,
        code: code.as_deref(),
    };
    let tile = Tile {
        title: String::new(),
        place: Tile::WHOLE,
        draw: Box::new(draw),
    };
    let svg = sheet(size, title, &source, &[tile], &theme);
    let build = env!("CARGO_PKG_VERSION");
    let made = format!("</desc><metadata>arithmetic: {arithmetic}; build: {build}</metadata>");
    svg.replacen("</desc>", &made, 1)
}

/// The query in a text file at this place, if a figure of this size has no room for it.
pub(crate) fn query_beside(
    outputs: &mut Outputs,
    path: &Path,
    size: (u32, u32),
    config: &Config,
) -> Result<(), Refusal> {
    let short = config.short();
    if !is_dash(path) && !fits(&short, size, &Theme::light()) {
        let output = outputs.open(path)?;
        outputs.fill(output, format!("{short}\n"));
    }
    Ok(())
}
