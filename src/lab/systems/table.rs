//! A table of points as points of one's own for a related system. Reads no file and knows no system.

use super::player::Play;
use crate::Error;
use crate::data::split::split;
use crate::lab::points::print;
use crate::lab::scene::{drawn_of, scene_of};
use crate::lab::table::{self, Answers, one_class};
use crate::lab::words::cut;

/// Puts the points of a table, `[name, text, columns, remark]`, under a system's runs; what was made of it in sentences, with the remark on
/// how it was read. The columns are those of x, y and the label by name; where there are none they must be obvious. Without labels all points
/// are of one class.
///
/// # Errors
/// [`Error::Data`], with the table's name, if it is no table of points, they have no room in a run's text, or the system does not take them;
/// nothing has changed then.
pub fn take_table(system: &mut dyn Play, table: &[String; 4]) -> Result<String, Error> {
    let [name, text, columns, remark] = table;
    let refuse = |why: String| Error::Data(format!("{name}: {why}"));
    let most = system.settings().drawn_classes;
    if most == 0 {
        let why = "this system takes no points of one's own; a table is opened in Train";
        return Err(refuse(why.to_owned()));
    }
    let columns = Some(columns.as_str()).filter(|columns| !columns.is_empty());
    let mut table = table::read(text, Answers::AsTheyLook, columns).map_err(refuse)?;
    let alike = most == 1;
    if alike {
        // That is nothing to learn where classes are learned.
        let labels = &table.labels;
        let remark = labels.first().map(|only| one_class(only));
        table.remarks.retain(|other| Some(other) != remark.as_ref());
    }
    let unlabelled = table.labels.is_empty();
    if !remark.is_empty() {
        table.remarks.push(remark.clone());
    }
    if unlabelled && table.columns.len() > 2 && !alike {
        return Err(refuse(format!(
            "its labels are values; allowed: x, y and one of at most {most} classes"
        )));
    }
    if table.labels.len() > most && !alike {
        let classes = table.labels.len();
        return Err(refuse(format!(
            "it has {classes} classes; allowed: at most {most}"
        )));
    }
    if alike {
        table.labels.clear();
        if let Some(answers) = table.columns.drain(2.min(table.columns.len())..).next() {
            let remark = format!("What {} says is nothing to this system.", cut(&answers));
            table.remarks.push(remark);
        }
    }
    let of_one = "all of class 1, for there is no label";
    let plain = if unlabelled && !alike {
        format!(", {of_one}")
    } else {
        String::new()
    };
    let count = table.points.inputs.nrows();
    let told = table.told(name, &format!("{count} points"), &plain);
    let mut scene = scene_of(&split(&table.points, 0.0, 0));
    if unlabelled || alike {
        // Both numbers are a place here, and a class says nothing.
        (scene.inputs, scene.classes) = (1, 0);
    }
    let mut drawn = drawn_of(&scene).map_err(refuse)?;
    drawn.curve = false;
    let set = system.set("points", &print(&drawn));
    set.map_err(|why| {
        refuse(if plain.is_empty() {
            why.to_string()
        } else {
            format!("{why}; these are {of_one}")
        })
    })?;
    Ok(told)
}
