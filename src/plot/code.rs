//! A text as a QR code, for where it is too long to be read. Knows no picture that it stands on.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// Empty modules around the code.
const QUIET: i32 = 4;

/// The code as SVG; `None` for what is too long for one.
pub fn code(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size();
    let mut path = String::new();
    for y in 0..side {
        let mut x = 0;
        while x < side {
            let run = (x..side).take_while(|&x| code.get_module(x, y)).count();
            if run > 0 {
                // Text is written without fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run as i32 + 1;
        }
    }
    let whole = side + 2 * QUIET;
    Some(format!(
        "<svg viewBox=\"-{QUIET} -{QUIET} {whole} {whole}\" xmlns=\"http://www.w3.org/2000/svg\" \
         shape-rendering=\"crispEdges\"><rect x=\"-{QUIET}\" y=\"-{QUIET}\" width=\"{whole}\" \
         height=\"{whole}\" fill=\"#ffffff\"/><path d=\"{path}\"/></svg>"
    ))
}
