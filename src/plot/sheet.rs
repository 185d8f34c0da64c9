//! A sheet: charts side by side under a title, and the text of what they show below, so that a figure tells what it is
//! wherever it is carried. Knows no chart.

use super::theme::Theme;

/// A chart on a sheet.
pub struct Tile<'a> {
    /// What stands above it; empty where it says so itself.
    pub title: String,
    /// Left, top, width and height in shares of the sheet between its title and its caption.
    pub place: [f64; 4],
    /// The chart as SVG text of a size in CSS pixels.
    pub draw: Box<dyn Fn((u32, u32), &Theme) -> String + 'a>,
}

impl Tile<'_> {
    /// All of the sheet.
    pub const WHOLE: [f64; 4] = [0.0, 0.0, 1.0, 1.0];
}

/// Heights of the title, a tile's title and the caption, and the gap around tiles, in CSS pixels.
const HEAD: f64 = 30.0;
const ROW: f64 = 20.0;
const FOOT: f64 = 22.0;
const GAP: f64 = 8.0;
/// A caption is not set smaller than this; what does not fit then is left to the description.
const SMALLEST: f64 = 5.0;
/// About how wide a letter is, in ems.
const LETTER: f64 = 0.62;

/// Draws a sheet of `size` CSS pixels. Title and caption are escaped; the whole caption is the figure's description.
pub fn sheet(
    size: (u32, u32),
    title: &str,
    caption: &str,
    tiles: &[Tile],
    theme: &Theme,
) -> String {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let [paper, ink, muted] = [theme.background, theme.ink, theme.muted]
        .map(|color| format!("rgb({} {} {})", color.0, color.1, color.2));
    let text = |words: &str, at: [f64; 2], font: f64, fill: &str, weight: &str| {
        let fits = (width - 2.0 * GAP) / (LETTER * font.min(theme.font * 1.25));
        let words = cut(
            words,
            if font > SMALLEST {
                usize::MAX
            } else {
                fits as usize
            },
        );
        format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-family=\"sans-serif\" font-weight=\"{weight}\" font-size=\"{font:.2}\" \
             fill=\"{fill}\">{}</text>",
            at[0],
            at[1],
            escaped(&words)
        )
    };
    // As small as it must be to fit on one line.
    let fitted = |words: &str, font: f64, room: f64| {
        font.min(room / (LETTER * words.chars().count().max(1) as f64))
            .max(SMALLEST)
    };
    let room = width - 2.0 * GAP;
    let mut parts = vec![
        text(
            title,
            [GAP, 0.7 * HEAD],
            fitted(title, theme.font * 1.25, room),
            &ink,
            "600",
        ),
        text(
            caption,
            [GAP, height - 0.4 * FOOT],
            fitted(caption, theme.font, room),
            &muted,
            "400",
        ),
    ];
    let inner = (width, (height - HEAD - FOOT).max(1.0));
    for tile in tiles {
        let [left, top, across, down] = tile.place;
        let row = if tile.title.is_empty() { 0.0 } else { ROW };
        let (x, y) = (left * inner.0 + GAP / 2.0, HEAD + top * inner.1 + row);
        let wide = (across * inner.0 - GAP).max(1.0);
        let high = (down * inner.1 - row - GAP / 2.0).max(1.0);
        if row > 0.0 {
            let font = fitted(&tile.title, theme.font, wide);
            parts.push(text(&tile.title, [x, y - 0.3 * ROW], font, &ink, "400"));
        }
        let picture = (tile.draw)((wide.round() as u32, high.round() as u32), theme);
        parts.push(picture.replacen("<svg ", &format!("<svg x=\"{x:.1}\" y=\"{y:.1}\" "), 1));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\
         <title>{2}</title><desc>{3}</desc><rect width=\"{0}\" height=\"{1}\" fill=\"{paper}\"/>{4}</svg>\n",
        size.0,
        size.1,
        escaped(title),
        escaped(caption),
        parts.concat()
    )
}

/// The first letters, and a sign that there are more.
fn cut(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let start: String = words.chars().take(most.saturating_sub(1)).collect();
    start + "…"
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(title: &str, place: [f64; 4]) -> Tile<'static> {
        Tile {
            title: title.to_owned(),
            place,
            draw: Box::new(|(width, height), _| {
                format!("<svg width=\"{width}\" height=\"{height}\"/>")
            }),
        }
    }

    #[test]
    fn words_are_text_and_fit() {
        let caption = "v=1&run=<script>alert(1)</script>".repeat(30);
        let whole = sheet((300, 200), "<b>", &caption, &[], &Theme::light());
        assert!(!whole.contains("<script") && !whole.contains("<b>"));
        assert!(
            whole.contains("<desc>v=1&amp;run=&lt;script&gt;")
                && whole.contains("width=\"300\" height=\"200\"")
        );
        assert!(
            whole.contains("font-size=\"5.00\"") && whole.contains("…</text>"),
            "{whole}"
        );
    }

    #[test]
    fn tiles_lie_where_they_are_put_and_inside() {
        let tiles = [
            tile("", [0.0, 0.0, 0.5, 1.0]),
            tile("Right", [0.5, 0.5, 0.5, 0.5]),
        ];
        let whole = sheet((800, 452), "Title", "caption", &tiles, &Theme::light());
        assert!(
            whole.contains("<svg x=\"4.0\" y=\"30.0\" width=\"392\" height=\"396\"/>"),
            "{whole}"
        );
        assert!(
            whole.contains("<svg x=\"404.0\" y=\"250.0\" width=\"392\" height=\"176\"/>"),
            "{whole}"
        );
        let tiny = sheet((100, 40), "Title", "caption", &tiles, &Theme::light());
        assert!(tiny.contains("height=\"1\""));
    }
}
