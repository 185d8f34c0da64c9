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

/// What a sheet shows, as text that leads back to it.
pub struct Source<'a> {
    /// All of it, for the description.
    pub whole: &'a str,
    /// What is read below the charts.
    pub short: &'a str,
    /// The same as a QR code, an SVG, for where there is no room for that.
    pub code: Option<&'a str>,
    /// The arithmetic that has made it, if one has.
    pub arithmetic: Option<&'a str>,
}

impl Source<'_> {
    /// What has made it.
    pub fn made(&self) -> String {
        let build = env!("CARGO_PKG_VERSION");
        match self.arithmetic {
            Some(arithmetic) => format!("arithmetic: {arithmetic}; build: {build}"),
            None => format!("build: {build}"),
        }
    }
}

/// Heights of the title and of a tile's title, and the gap around tiles, in CSS pixels.
const HEAD: f64 = 30.0;
const ROW: f64 = 20.0;
const GAP: f64 = 8.0;
/// Titles are not set smaller than this.
const SMALLEST: f64 = 5.0;
/// About how wide a letter is, in ems.
const LETTER: f64 = 0.62;
/// A caption is so many times smaller than the sheet is wide: 2 mm where that is printed 16 cm wide.
const READABLE: f64 = 80.0;
/// A chart alone is drawn as if so many CSS pixels wide, and scaled: its letters can be read in a column of 85 mm. Several
/// share a page.
const COLUMN: f64 = 480.0;
const PAGE: f64 = 960.0;
/// A chart among others is drawn as if at least so wide and so high, and scaled: its letters shrink with it, before they crowd it out.
const LEAST: [f64; 2] = [240.0, 190.0];
/// Lines of a caption are so many ems apart.
const LINE: f64 = 1.3;
/// Most of the sheet that a caption takes.
const MOST: f64 = 0.35;
/// The last line where there are more than fit.
const MORE: &str = "… the whole query is in the file beside this picture, or in its description";

/// The text below the charts: its lines, their font, and where they begin to be too many.
struct Caption {
    lines: Vec<String>,
    font: f64,
    whole: bool,
}

impl Caption {
    /// In so much room, in CSS pixels.
    fn new(text: &str, size: (u32, u32), room: f64, theme: &Theme) -> Caption {
        let font = theme.font.max(f64::from(size.0) / READABLE);
        let letters = ((room / (LETTER * font)) as usize).max(1);
        let mut lines = wrapped(text, letters);
        let most = (MOST * f64::from(size.1) / (LINE * font)) as usize;
        let whole = lines.len() <= most.max(1);
        if !whole {
            lines.truncate(most.saturating_sub(1));
            lines.push(cut(MORE, letters));
        }
        Caption { lines, font, whole }
    }

    fn height(&self) -> f64 {
        let more = self.lines.len().saturating_sub(1) as f64;
        10.0 + self.font * (1.0 + LINE * more)
    }
}

/// Whether a text can be read whole below the charts of a sheet.
pub fn fits(text: &str, size: (u32, u32), theme: &Theme) -> bool {
    Caption::new(text, size, f64::from(size.0) - 2.0 * GAP, theme).whole
}

/// Draws a sheet of `size` CSS pixels. All texts are escaped.
pub fn sheet(
    size: (u32, u32),
    title: &str,
    source: &Source,
    tiles: &[Tile],
    theme: &Theme,
) -> String {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let [paper, ink, muted] = [theme.background, theme.ink, theme.muted]
        .map(|color| format!("rgb({} {} {})", color.0, color.1, color.2));
    let text = |words: &str, at: [f64; 2], font: f64, fill: &str, weight: &str| {
        format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" font-family=\"sans-serif\" font-weight=\"{weight}\" font-size=\"{font:.2}\" \
             fill=\"{fill}\">{}</text>",
            at[0],
            at[1],
            escaped(words)
        )
    };
    let wide = if tiles.len() == 1 { COLUMN } else { PAGE };
    let scale = (width / wide).max(1.0);
    // A chart alone that says itself what it is needs no title above it.
    let told = matches!(tiles, [tile] if tile.title.is_empty());
    let head = if told { GAP } else { HEAD * scale };
    // As small as it must be to fit on one line.
    let fitted = |words: &str, font: f64, room: f64| {
        font.min(room / (LETTER * words.chars().count().max(1) as f64))
            .max(SMALLEST)
    };
    let room = width - 2.0 * GAP;
    let mut parts = Vec::new();
    if !told {
        let font = fitted(title, theme.font * 1.25 * scale, room);
        parts.push(text(title, [GAP, 0.7 * head], font, &ink, "600"));
    }
    let mut caption = Caption::new(source.short, size, room, theme);
    if let Some(code) = source.code.filter(|_| !caption.whole) {
        let side = MOST * height;
        caption = Caption::new(source.short, size, room - side - GAP, theme);
        let (x, y) = (width - side - GAP, height - side - GAP / 2.0);
        let place =
            format!("<svg x=\"{x:.1}\" y=\"{y:.1}\" width=\"{side:.1}\" height=\"{side:.1}\" ");
        parts.push(code.replacen("<svg ", &place, 1));
    }
    let foot = match source.code {
        Some(_) if !caption.whole => MOST * height + GAP,
        _ => caption.height(),
    };
    for (i, line) in caption.lines.iter().enumerate() {
        let y = height - foot + 4.0 + caption.font * (1.0 + LINE * i as f64);
        parts.push(text(line, [GAP, y], caption.font, &muted, "400"));
    }
    let inner = (width, (height - head - foot).max(1.0));
    for tile in tiles {
        let [left, top, across, down] = tile.place;
        let titled = tiles.len() > 1 && !tile.title.is_empty();
        let row = if titled { ROW * scale } else { 0.0 };
        let (x, y) = (left * inner.0 + GAP / 2.0, head + top * inner.1 + row);
        let wide = (across * inner.0 - GAP).max(1.0);
        let high = (down * inner.1 - row - GAP / 2.0).max(1.0);
        if row > 0.0 {
            let font = fitted(&tile.title, theme.font * scale, wide);
            parts.push(text(&tile.title, [x, y - 0.3 * row], font, &ink, "400"));
        }
        let crowded = (LEAST[0] * scale / wide).max(LEAST[1] * scale / high);
        let fine = if tiles.len() > 1 {
            crowded.max(1.0)
        } else {
            1.0
        };
        let drawn = [wide, high].map(|side| (side * fine / scale).round().max(1.0) as u32);
        let picture = (tile.draw)((drawn[0], drawn[1]), theme);
        let own = format!("width=\"{}\" height=\"{}\"", drawn[0], drawn[1]);
        let place = format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.0}\" height=\"{high:.0}\"");
        parts.push(picture.replacen(&own, &place, 1));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\
         <title>{2}</title><desc>{3}</desc><metadata>{4}</metadata><rect width=\"{0}\" height=\"{1}\" fill=\"{paper}\"/>{5}</svg>\n",
        size.0,
        size.1,
        escaped(title),
        escaped(source.whole),
        source.made(),
        parts.concat()
    )
}

/// Lines of at most so many letters, broken behind `&` where that can be done.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let length = |line: &str| line.chars().count();
    for part in text.split_inclusive('&') {
        let last = lines.last_mut().expect("there is a line");
        if length(last) + length(part) <= letters {
            last.push_str(part);
            continue;
        }
        // What is longer than a line fills up the one before.
        let mut rest: Vec<char> = part.chars().collect();
        let room = letters.saturating_sub(length(last));
        if rest.len() > letters {
            last.extend(rest.drain(..room));
        }
        lines.extend(
            rest.chunks(letters)
                .map(|line| line.iter().collect::<String>()),
        );
    }
    lines.retain(|line| !line.is_empty());
    lines
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

    fn source(text: &str) -> Source<'_> {
        Source {
            whole: text,
            short: text,
            code: None,
            arithmetic: None,
        }
    }

    #[test]
    fn words_are_text_and_read() {
        let query = "v=1&run=<script>alert(1)</script>&";
        let text = query.repeat(8);
        let size = (1200, 900);
        let whole = sheet(size, "<b>", &source(&text), &[], &Theme::light());
        assert!(!whole.contains("<script") && !whole.contains("<b>"));
        let start = "<desc>v=1&amp;run=&lt;script&gt;";
        assert!(whole.contains(start) && whole.contains("width=\"1200\" height=\"900\""));
        assert!(whole.contains("</desc><metadata>build: "));
        let made = Source {
            arithmetic: Some("portable"),
            ..source(&text)
        };
        let made = sheet(size, "", &made, &[], &Theme::light());
        assert!(made.contains("<metadata>arithmetic: portable; build: "));
        // All of it is there, in lines, at 2 mm on 16 cm.
        assert!(fits(&text, size, &Theme::light()));
        let lines = whole.split("font-size=\"15.00\"").skip(1);
        let lines = lines.map(|line| line.split_once('>').unwrap().1.split_once('<').unwrap().0);
        let lines: Vec<&str> = lines.collect();
        assert!(lines.len() > 1);
        assert_eq!(lines.concat(), escaped(&text));
    }

    #[test]
    fn what_is_too_long_is_said_to_be_and_has_its_code() {
        let text = "points=0.123,0.456;".repeat(2000);
        let size = (1200, 900);
        assert!(!fits(&text, size, &Theme::light()));
        let code = "<svg viewBox=\"0 0 9 9\"></svg>";
        let source = Source {
            code: Some(code),
            ..source(&text)
        };
        let whole = sheet(size, "Title", &source, &[], &Theme::light());
        assert!(whole.contains(MORE) && whole.contains("viewBox=\"0 0 9 9\""));
        assert_eq!(
            whole.matches(&text).count(),
            1,
            "the description has all of it"
        );
        // Far too small for anything, and still a picture.
        let tiny = sheet((100, 40), "Title", &source, &[], &Theme::light());
        assert!(tiny.ends_with("</svg>\n") && !tiny.contains("NaN"));
    }

    #[test]
    fn a_chart_alone_has_letters_for_a_column_and_one_title() {
        let alone = |title: &str| {
            let tiles = [tile(title, Tile::WHOLE)];
            sheet(
                (1200, 800),
                "Title",
                &source("v=1"),
                &tiles,
                &Theme::light(),
            )
        };
        // 2.5 times as large as it is drawn, by the viewer.
        let inner = Box::new(|size: (u32, u32), _: &Theme| {
            assert_eq!(size.0, 477);
            format!("<svg width=\"{}\" height=\"{}\"/>", size.0, size.1)
        });
        let tiles = [Tile {
            title: String::new(),
            place: Tile::WHOLE,
            draw: inner,
        }];
        let whole = sheet((1200, 800), "", &source("v=1"), &tiles, &Theme::light());
        assert!(whole.contains("width=\"1192\""), "{whole}");
        // Its own title, or that of the sheet.
        assert_eq!(alone("").matches(">Title<").count(), 1, "for readers alone");
        assert_eq!(alone("Own").matches(">Title<").count(), 2);
        assert!(!alone("Own").contains(">Own<"));
    }

    #[test]
    fn tiles_lie_where_they_are_put_and_inside() {
        let tiles = [
            tile("", [0.0, 0.0, 0.5, 1.0]),
            tile("Right", [0.5, 0.5, 0.5, 0.5]),
        ];
        let whole = sheet(
            (800, 452),
            "Title",
            &source("caption"),
            &tiles,
            &Theme::light(),
        );
        assert!(
            whole.contains("<svg x=\"4.0\" y=\"30.0\" width=\"392\" height=\"396\"/>"),
            "{whole}"
        );
        assert!(
            whole.contains("<svg x=\"404.0\" y=\"250.0\" width=\"392\" height=\"176\"/>"),
            "{whole}"
        );
        let tiny = sheet(
            (100, 40),
            "Title",
            &source("caption"),
            &tiles,
            &Theme::light(),
        );
        assert!(tiny.contains("height=\"1\""));
    }
}
