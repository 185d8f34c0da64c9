//! The cells that are part of this project.

use proxprop::systems::vsml::{PARTS, Size};
use serde_json::{Value, json};
use std::fs;

/// Where a cell lies that is part of this project.
pub(super) fn shipped(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/lab/systems/vsml/shipped")
        .join(name)
}

/// A shipped cell as it is, and as others write one: its numbers part by part, in rows.
pub(super) fn in_parts(name: &str) -> (Value, Value) {
    let text = fs::read_to_string(shipped(name)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let whole = |key: &str| file[key].as_u64().unwrap() as usize;
    let size = Size {
        n: whole("n"),
        k: whole("k"),
        units: whole("H"),
    };
    let numbers = file["numbers"].as_array().unwrap();
    let mut parts = json!({});
    for key in ["n", "k", "H", "bound", "feed", "seed"] {
        parts[key] = file[key].clone();
    }
    for (part, key) in PARTS.into_iter().enumerate() {
        let own = &numbers[size.place(part)];
        parts[key] = if part % 2 == 1 {
            json!(own)
        } else {
            json!(own.chunks(size.shape(part).1).collect::<Vec<_>>())
        };
    }
    (file, parts)
}
