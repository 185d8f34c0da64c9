//! A figure for a file. Does not know what is drawn.

use proxprop::lab::config::Config;

/// The figure carries the run it shows.
pub(crate) fn described(svg: &str, config: &Config) -> String {
    let source = config.to_string().replace('&', "&amp;");
    svg.replacen('>', &format!("><desc>{source}</desc>"), 1)
}
