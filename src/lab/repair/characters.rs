//! How characters are written on the way: as entities of HTML, percent-encoded, typographically. Knows no key and no link.

/// What a typographic character is on a keyboard, if it is anything in a link.
pub(super) fn typed(c: char) -> Option<&'static str> {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some("-"),
        '"'
        | '\''
        | '`'
        | '´'
        | '\\'
        | '«'
        | '»'
        | '‹'
        | '›'
        | '\u{2018}'..='\u{201f}'
        | '\u{2032}'..='\u{2037}' => Some(""),
        '…' => Some(".."),
        '×' | '∗' | '⋅' => Some("*"),
        _ => None,
    }
}

/// Whether a character takes up room at most.
pub(super) fn is_blank(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_whitespace() || invisible
}

/// Percent-encoding undone until none is left, where that makes a text.
pub(super) fn plain(text: &str) -> String {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        bytes.push(byte);
        // What was decoded may be the beginning of another code.
        while let [.., b'%', high, low] = bytes[..] {
            let digit = |b: u8| char::from(b).to_digit(16);
            let (Some(high), Some(low)) = (digit(high), digit(low)) else {
                break;
            };
            bytes.truncate(bytes.len() - 3);
            bytes.push((16 * high + low) as u8);
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The character that a text begins with, written as an entity without its `&` (or as the entity of one), and what
/// follows.
pub(super) fn entity(text: &str) -> Option<(char, &str)> {
    let mut found = None;
    let mut rest = text;
    while let Some((c, behind)) = simple_entity(rest) {
        found = Some((c, behind));
        rest = behind;
        if c != '&' {
            break;
        }
    }
    found
}

fn simple_entity(text: &str) -> Option<(char, &str)> {
    // Browsers read it without its end, too.
    let bare = text.strip_prefix("amp");
    if let Some(rest) = bare.filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase())) {
        return Some(('&', rest));
    }
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = text[..end].to_ascii_lowercase();
    let c = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "lsquo" | "rsquo" | "sbquo" | "ldquo" | "rdquo" | "bdquo" => '\'',
        "nbsp" | "shy" => ' ',
        "equals" => '=',
        "ndash" | "mdash" | "minus" => '-',
        "hellip" => '…',
        number => {
            let code = number.strip_prefix('#')?;
            let code = match code.strip_prefix('x') {
                Some(code) => u32::from_str_radix(code, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, &text[end + 1..]))
}
