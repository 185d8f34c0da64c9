//! A figure for a file. Does not know what is drawn.

use proxprop::lab::config::Config;

/// The figure carries the run it shows, the arithmetic that made it and the version of this program.
pub(crate) fn described(svg: &str, config: &Config, arithmetic: &str) -> String {
    let source = config.to_string().replace('&', "&amp;");
    let build = env!("CARGO_PKG_VERSION");
    let made = format!("arithmetic: {arithmetic}; build: {build}");
    let both = format!("><desc>{source}</desc><metadata>{made}</metadata>");
    svg.replacen('>', &both, 1)
}
