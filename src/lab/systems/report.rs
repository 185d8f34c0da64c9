//! A system where it stands, as JSON: the run, its numbers and its curves. What is drawn of it is in pictures, not here.

use serde_json::json;

use super::player::Play;

/// All numbers. The run begins it: whoever reads the report can play it again.
pub fn report(system: &dyn Play) -> String {
    let mut frame = system.stage();
    frame.pictures.clear();
    for column in &mut frame.columns {
        column.pictures.clear();
    }
    let measures: Vec<&str> = system
        .measures()
        .all
        .iter()
        .map(|measure| measure.key)
        .collect();
    let records: Vec<_> = (0..frame.columns.len())
        .map(|run| system.points(run))
        .collect();
    let report = json!({
        "query": system.query(), "frame": frame, "measures": measures, "records": records
    });
    format!("{report}\n")
}
