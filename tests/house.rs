//! Who may know whom, read from the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may know.
const ROOMS: [(&str, &[&str]); 11] = [
    ("error", &[]),
    ("frame", &[]),
    ("named", &[]),
    ("nn", &["named"]),
    ("data", &["error", "named"]),
    ("steps", &["named", "nn"]),
    ("flow", &["named", "steps"]),
    (
        "engine",
        &["data", "error", "frame", "named", "nn", "steps"],
    ),
    (
        "lab",
        &[
            "data", "engine", "error", "flow", "frame", "named", "nn", "steps",
        ],
    ),
    ("plot", &["frame", "named"]),
    (
        "web",
        &[
            "data", "engine", "error", "flow", "frame", "lab", "named", "nn", "plot", "steps",
        ],
    ),
];

/// Crates that only some rooms may use; `bin` is the command line.
const CRATES: [(&str, &[&str]); 13] = [
    // Its rooms are named from the root, as all are.
    ("proxprop_core", &[]),
    ("web_sys", &["web"]),
    ("js_sys", &["web"]),
    ("wasm_bindgen", &["web"]),
    ("console_error_panic_hook", &["web"]),
    ("plotters_canvas", &["web"]),
    ("plotters", &["plot", "web"]),
    ("plotters_backend", &["plot", "web"]),
    ("wgpu", &["engine"]),
    ("pollster", &["bin"]),
    ("clap", &["bin"]),
    ("indicatif", &["bin"]),
    ("ctrlc", &["bin"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The packages that the house's rooms are in.
const PACKAGES: [&str; 2] = ["src", "src/core"];

/// The room of every source file, and its code without comments; `lib.rs` only names the rooms.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    PACKAGES
        .into_iter()
        .flat_map(|package| sources_below(&root.join(package)))
        // The packages lie among the rooms.
        .filter(|(room, ..)| !["lib", "core", "page"].contains(&room.as_str()))
        .collect()
}

fn sources_below(root: &Path) -> Vec<(String, PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(root, &mut files);
    let room = |path: &Path| {
        let first = path
            .strip_prefix(root)
            .unwrap()
            .components()
            .next()
            .unwrap();
        Path::new(first.as_os_str())
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    let code = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let lines = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        lines.collect::<Vec<_>>().join("\n")
    };
    files
        .into_iter()
        .map(|path| (room(&path), path.clone(), code(&path)))
        .collect()
}

/// The identifiers that follow `prefix::`, also inside braces: `crate::{data, nn::Real}`.
fn named_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let identifier = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    for (at, _) in code.match_indices(&format!("{prefix}::")) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + prefix.len() + 2..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(identifier(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    names.insert(identifier(&group[i..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn rooms_know_only_whom_they_may() {
    for (room, path, code) in sources() {
        // The binary is a crate of its own and knows the library as `proxprop`.
        let (prefix, allowed): (&str, Vec<&str>) = if room == "bin" {
            (
                "proxprop",
                ROOMS
                    .iter()
                    .map(|(name, _)| *name)
                    .filter(|name| *name != "web")
                    .collect(),
            )
        } else {
            let known = ROOMS.iter().find(|(name, _)| *name == room);
            let (_, allowed) = known
                .unwrap_or_else(|| panic!("{}: {room} is not a room of the table", path.display()));
            ("crate", [*allowed, &[room.as_str()]].concat())
        };
        for name in named_after(&code, prefix) {
            // These rooms are known by their one item.
            let name = match name.as_str() {
                "Error" => "error",
                "Named" => "named",
                name => name,
            };
            assert!(
                allowed.contains(&name),
                "{}: {room} must not know {name}",
                path.display()
            );
        }
        // Rooms are named from the root, never by climbing to it.
        let climbs = code.contains("super::super::super");
        assert!(!climbs, "{}: name it from crate::", path.display());
    }
}

#[test]
fn crates_are_used_where_they_belong() {
    for (room, path, code) in sources() {
        for (name, rooms) in CRATES {
            let used =
                !named_after(&code, name).is_empty() || code.contains(&format!("use {name};"));
            assert!(
                !used || rooms.contains(&room.as_str()),
                "{}: {room} must not use {name}",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_makes_markup_or_code_out_of_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .map(|(_, path, code)| (path, code))
        .collect();
    for entry in fs::read_dir(root.join("www")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "js") {
            let text = fs::read_to_string(&path).unwrap();
            texts.push((path, text));
        }
    }
    assert!(texts.len() > 50);
    let page = root.join("index.html");
    texts.push((page.clone(), fs::read_to_string(page).unwrap()));
    for (path, text) in texts {
        for word in [
            "innerHTML",
            "inner_html",
            "outerHTML",
            "outer_html",
            "insertAdjacent",
            "insert_adjacent",
            "document.write",
            "eval(",
            "js_sys::eval",
            "new Function",
            "javascript:",
            " onclick=",
            " style=",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn the_table_has_no_circle() {
    for (room, allowed) in ROOMS {
        for known in allowed {
            let (_, back) = ROOMS.iter().find(|(name, _)| name == known).unwrap();
            assert!(!back.contains(&room), "{room} and {known} know each other");
        }
    }
}

#[test]
fn names_are_found_in_every_way_of_writing_them() {
    let code = "use crate::{data::{self, Dataset}, nn::Real, Error};\nlet x = crate::plot::Theme; mycrate::web::y";
    let names: Vec<String> = named_after(code, "crate").into_iter().collect();
    assert_eq!(names, ["Error", "data", "nn", "plot"]);
}
