//! A text as a QR code, for where it is too long to be read. Knows no picture that it stands on.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

/// The code as SVG; `None` for what is too long for one.
pub fn code(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).build().ok()?;
    Some(SvgBuilder::default().to_str(&code))
}
