//! A figure for a file. Does not know what is drawn.

use proxprop::lab::config::Config;
use proxprop::plot::Theme;
use proxprop::plot::sheet::{Source, Tile, sheet};

/// Below its title the chart, and below that the run it shows; it carries the arithmetic that made it and the version of this
/// program.
pub(crate) fn figure(
    title: &str,
    size: (u32, u32),
    draw: impl Fn((u32, u32), &Theme) -> String,
    config: &Config,
    arithmetic: &str,
) -> String {
    let (whole, short) = (config.to_string(), config.short());
    let source = Source {
        whole: &whole,
        short: &short,
        code: None,
    };
    let tile = Tile {
        title: String::new(),
        place: Tile::WHOLE,
        draw: Box::new(draw),
    };
    let svg = sheet(size, title, &source, &[tile], &Theme::light());
    let build = env!("CARGO_PKG_VERSION");
    let made = format!("</desc><metadata>arithmetic: {arithmetic}; build: {build}</metadata>");
    svg.replacen("</desc>", &made, 1)
}
