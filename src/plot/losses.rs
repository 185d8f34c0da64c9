//! A table of losses as a picture: a row per method and a column per setting, the darker the lower. Knows numbers and names, nothing of
//! how they came about.

use super::number::short;
use super::theme::{Theme, mixed};
use super::{Drawn, svg};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::DrawingBackend;

/// A table.
pub struct Losses {
    /// What the columns differ in.
    pub corner: String,
    /// One per column.
    pub heads: Vec<String>,
    /// From above.
    pub rows: Vec<Row>,
    /// A loss of this size and more has no colour.
    pub chance: f64,
}

/// A row of it.
pub struct Row {
    /// Stands beside the first of several rows that have it.
    pub name: String,
    /// Stands beside each.
    pub from: String,
    /// One per column; none where it diverged.
    pub losses: Vec<Option<f64>>,
}

/// The deepest colour is not so deep that a number cannot be read on it.
const DEEPEST: f32 = 0.45;

impl Losses {
    /// Draws it over the whole of a drawing.
    ///
    /// # Errors
    /// What the backend answers.
    pub fn draw<B: DrawingBackend>(
        &self,
        backend: &mut B,
        size: (u32, u32),
        theme: &Theme,
    ) -> Drawn<B> {
        let (width, height) = (size.0.cast_signed(), size.1.cast_signed());
        let gap = theme.px(8.0);
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| theme.width(text)).max().unwrap_or(0) + gap
        };
        let names = widest(&mut self.rows.iter().map(|row| row.name.as_str()));
        let from = widest(&mut self.rows.iter().map(|row| row.from.as_str()));
        let (left, head) = (gap + names + from, theme.px(theme.font * 1.8));
        let groups = self.rows.chunk_by(|a, b| a.name == b.name);
        // Groups stand a little apart.
        let between = gap / 2;
        let lines = self.rows.len().max(1) as i32;
        let high = ((height - head - between * groups.clone().count() as i32) / lines).max(1);
        let columns = self.heads.len().max(1) as i32;
        let edge = |column: usize| left + (width - left) * column as i32 / columns;
        let middle = |column: usize| i32::midpoint(edge(column), edge(column + 1));
        let (right, centre) = ((HPos::Right, VPos::Center), (HPos::Center, VPos::Center));
        theme.text(
            backend,
            &self.corner,
            (left - gap, head / 2),
            right,
            theme.muted,
        )?;
        for (column, text) in self.heads.iter().enumerate() {
            theme.text(
                backend,
                text,
                (middle(column), head / 2),
                centre,
                theme.muted,
            )?;
        }
        let mut top = head;
        for group in groups {
            let at = (gap, top + high / 2);
            theme.text(
                backend,
                &group[0].name,
                at,
                (HPos::Left, VPos::Center),
                theme.ink,
            )?;
            for row in group {
                let y = top + high / 2;
                theme.text(backend, &row.from, (left - gap, y), right, theme.muted)?;
                for (column, loss) in row.losses.iter().enumerate() {
                    let shade = loss.map_or(0.0, |loss| self.depth(loss));
                    let color = mixed(theme.background, theme.run(1), DEEPEST * shade);
                    let corners = ((edge(column), top), (edge(column + 1), top + high));
                    backend.draw_rect(corners.0, corners.1, &color.filled(), true)?;
                    let pen = theme.pen(&theme.grid, 1.0);
                    backend.draw_rect(corners.0, corners.1, &pen, false)?;
                    let text = loss.map_or_else(|| "–".to_owned(), short);
                    theme.text(backend, &text, (middle(column), y), centre, theme.ink)?;
                }
                top += high;
            }
            top += between;
        }
        Ok(())
    }

    /// How deep the colour of a loss is, from 0 to 1 for the lowest, evenly in its logarithm.
    fn depth(&self, loss: f64) -> f32 {
        let all = self.rows.iter().flat_map(|row| row.losses.iter().flatten());
        let least = all
            .copied()
            .filter(|&loss| loss > 0.0)
            .fold(self.chance, f64::min);
        let decades = |low: f64, high: f64| libm::log(high / low);
        let whole = decades(least, self.chance);
        if whole > 0.0 {
            (decades(loss.max(least), self.chance) / whole).clamp(0.0, 1.0) as f32
        } else {
            0.0
        }
    }

    /// The same as SVG text; `size` in CSS pixels.
    pub fn svg(&self, size: (u32, u32), theme: &Theme) -> String {
        svg::draw(size, theme, |backend, whole| {
            self.draw(backend, whole, theme)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_the_deeper_and_what_diverged_is_a_dash() {
        let row = |from: &str, losses: [Option<f64>; 3]| Row {
            name: "backprop".to_owned(),
            from: from.to_owned(),
            losses: losses.to_vec(),
        };
        let table = Losses {
            corner: "τ".to_owned(),
            heads: ["10", "1", "0.1"].map(str::to_owned).to_vec(),
            rows: vec![
                row("paper", [None, Some(0.5), Some(2e-3)]),
                row("here", [Some(f64::MAX), Some(2.5), Some(0.0)]),
            ],
            chance: 2.3,
        };
        assert_eq!(table.depth(2e-3), 1.0);
        assert_eq!(table.depth(0.0), 1.0);
        assert_eq!([table.depth(2.5), table.depth(f64::MAX)], [0.0; 2]);
        assert!(
            (0.2..0.5).contains(&table.depth(0.5)),
            "{}",
            table.depth(0.5)
        );
        let text = table.svg((420, 120), &Theme::light());
        let count = |of: &str| text.matches(&format!("\n{of}\n")).count();
        assert_eq!(
            [count("backprop"), count("paper"), count("here")],
            [1; 3],
            "{text}"
        );
        assert_eq!([count("–"), count("0.5"), count("10")], [1; 3], "{text}");
        assert!(!text.contains("NaN") && !text.contains(" x=\"-"));
    }
}
