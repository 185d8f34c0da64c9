//! What a key means on every keyboard: the sign it writes, or where that is none of the signs that shortcuts are, the sign
//! at its place on a US keyboard. Knows no shortcut.

use web_sys::KeyboardEvent;

/// The key's name or sign. Cyrillic, Greek, Arabic or Thai letters, dead keys and what goes into an input method mean what
/// their place means.
pub(in crate::web) fn meaning(event: &KeyboardEvent) -> String {
    let key = event.key();
    let mut signs = key.chars();
    let written = match (signs.next(), signs.next()) {
        (Some(sign), None) => sign.is_ascii(),
        _ => !matches!(key.as_str(), "Dead" | "Process" | "Unidentified"),
    };
    if written {
        return key;
    }
    place(event).unwrap_or(key)
}

/// The digit at the key's place, also where digits want the shift key.
pub(in crate::web) fn digit(event: &KeyboardEvent) -> Option<String> {
    Some(event.code().strip_prefix("Digit")?.to_owned())
}

fn place(event: &KeyboardEvent) -> Option<String> {
    let code = event.code();
    if let Some(letter) = code.strip_prefix("Key") {
        return Some(letter.to_ascii_lowercase());
    }
    let sign = match code.as_str() {
        "Slash" if event.shift_key() => "?",
        "Minus" => "-",
        "Equal" => "+",
        _ => return digit(event),
    };
    Some(sign.to_owned())
}
