//! The table that was opened last, and the chooser of its columns. Knows no points: the worker reads the table.

use crate::data::bytes::Encoding;
use crate::lab::session::Command;
use crate::lab::table::{Outline, outline};
use crate::web::dom;
use web_sys::{Element, HtmlSelectElement};

/// The choices of x, y and the label.
const CHOICES: [&str; 3] = ["columns-x", "columns-y", "columns-label"];

/// A table as it was opened.
struct Opened {
    name: String,
    text: String,
    encoding: Encoding,
}

/// The chooser.
#[derive(Default)]
pub(super) struct Chooser {
    opened: Option<Opened>,
    /// Whether somebody has chosen its columns.
    chosen: bool,
}

impl Chooser {
    /// Another table was opened; what reads it as it looks.
    pub(super) fn open(
        &mut self,
        name: String,
        text: String,
        encoding: Encoding,
    ) -> Option<Command> {
        self.opened = Some(Opened {
            name,
            text,
            encoding,
        });
        self.chosen = false;
        self.command(String::new())
    }

    /// What reads the table with the columns that are chosen.
    pub(super) fn chosen(&mut self) -> Option<Command> {
        self.chosen = true;
        let columns = CHOICES.map(|id| dom::by_id::<HtmlSelectElement>(id).value());
        // Without a label there are x and y alone.
        self.command(columns.join(",").trim_end_matches(',').to_owned())
    }

    fn command(&self, columns: String) -> Option<Command> {
        let Opened {
            name,
            text,
            encoding,
        } = self.opened.as_ref()?;
        Some(Command::LoadCsv {
            name: name.clone(),
            text: text.clone(),
            encoding: *encoding,
            columns,
        })
    }

    /// Shows what there is to choose among, if anything; whether somebody has to. Where a table is `refused` whose columns leave no
    /// choice, another one would not help.
    pub(super) fn show(&self, refused: bool) -> bool {
        let opened = self.opened.as_ref();
        let outline = opened.and_then(|table| Some((&table.name, outline(&table.text)?)));
        let helps = |outline: &Outline| !refused || self.chosen || !outline.obvious;
        let outline = outline.filter(|(_, outline)| helps(outline));
        dom::show(&dom::by_id::<Element>("columns"), outline.is_some());
        let Some((name, outline)) = outline else {
            return false;
        };
        let asked = if outline.obvious {
            String::new()
        } else {
            let columns = outline.names.len();
            format!("{name} has {columns} columns. Which are x, y and the label?")
        };
        dom::write(&dom::by_id("columns-asked"), &asked);
        for (role, id) in CHOICES.into_iter().enumerate() {
            let select: HtmlSelectElement = dom::by_id(id);
            select.set_text_content(None);
            if role == 2 {
                let none: Element = dom::element("option", "", "none");
                dom::set(&none, "value", "");
                dom::append(&select, &none);
            }
            for (column, name) in outline.names.iter().enumerate() {
                let option: Element = dom::element("option", "", name);
                dom::set(&option, "value", &format!("#{}", column + 1));
                dom::append(&select, &option);
            }
            let guess = outline.guess.map_or(role, |guess| guess[role]);
            select.set_value(&format!("#{}", guess + 1));
        }
        !outline.obvious && !self.chosen
    }

    /// Hides it: another run is on the screen.
    pub(super) fn hide() {
        dom::show(&dom::by_id::<Element>("columns"), false);
        dom::show(&dom::by_id::<Element>("into-link"), false);
    }
}
