//! A table of points as points of one's own for a related system. Reads no file and knows no system.

use crate::Error;
use crate::data::split::split;
use crate::lab::points::print;
use crate::lab::scene::{drawn_of, scene_of};
use crate::lab::table::{self, Answers};

/// The points of a table as the value of `points`, and what was made of it in sentences, with a `remark` on how it was read. `columns` names
/// those of x, y and the label; where it is empty they must be obvious. Without labels all points are of one class.
///
/// # Errors
/// [`Error::Data`] if it is no table of points, or they have no room in a run's text.
pub fn points_of_table(
    name: &str,
    text: &str,
    columns: &str,
    remark: &str,
) -> Result<(String, String), Error> {
    let refuse = |why: String| Error::Data(format!("{name}: {why}"));
    let columns = Some(columns).filter(|columns| !columns.is_empty());
    let mut table = table::read(text, Answers::AsTheyLook, columns).map_err(refuse)?;
    if !remark.is_empty() {
        table.remarks.push(remark.to_owned());
    }
    let told = table.told(name, &format!("{} points", table.points.inputs.nrows()));
    let all = split(&table.points, 0.0, 0);
    let mut drawn = drawn_of(&scene_of(&all)).map_err(refuse)?;
    // Of two columns both are a place here.
    drawn.curve = false;
    Ok((print(&drawn), told))
}
