//! Who may know whom, read from the sources.

#[path = "house/imports.rs"]
mod imports;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Arrows, Modules, circles};

/// Each room and the rooms it may know.
const ROOMS: [(&str, &[&str]); 15] = [
    ("error", &[]),
    ("frame", &["named"]),
    ("named", &[]),
    ("part", &[]),
    ("packed", &[]),
    ("nn", &["named", "part"]),
    ("data", &["error", "named", "packed"]),
    ("steps", &["named", "nn", "packed", "part"]),
    ("flow", &["named", "steps"]),
    ("systems", &["data", "named", "nn", "steps"]),
    (
        "engine",
        &[
            "data", "error", "frame", "named", "nn", "packed", "part", "steps",
        ],
    ),
    (
        "lab",
        &[
            "data", "engine", "error", "flow", "frame", "named", "nn", "packed", "part", "steps",
            "systems",
        ],
    ),
    ("plot", &["frame", "named"]),
    (
        "web",
        &[
            "data", "engine", "error", "flow", "frame", "lab", "named", "nn", "part", "plot",
            "steps",
        ],
    ),
    // The command line.
    (
        "bin",
        &[
            "data", "engine", "error", "flow", "frame", "lab", "named", "nn", "plot", "steps",
        ],
    ),
];

/// The rooms inside some of them, and whom each of those may know there.
const INSIDE: [(&str, &[(&str, &[&str])]); 3] = [
    (
        "steps",
        &[
            ("breakdown", &[]),
            ("cholesky", &[]),
            ("diagnostics", &[]),
            ("implicit", &[]),
            ("l1", &[]),
            ("optimizer", &[]),
            // What the gradient is of.
            ("objective", &[]),
            ("gradient", &["breakdown", "objective"]),
            // Whose losses a layer hears.
            ("reach", &["breakdown", "gradient"]),
            // What is made of it: layer by layer, or of all layers at once.
            ("cg", &["gradient", "implicit"]),
            ("exact", &["cholesky", "gradient"]),
            ("rule", &["cg", "cholesky", "exact", "gradient", "implicit"]),
            ("work", &["reach", "rule"]),
            ("prox_point", &["breakdown", "cg", "gradient", "implicit"]),
            (
                "penalty",
                &[
                    "breakdown",
                    "cholesky",
                    "diagnostics",
                    "gradient",
                    "implicit",
                    "rule",
                ],
            ),
            (
                "direction",
                &[
                    "breakdown",
                    "cg",
                    "gradient",
                    "implicit",
                    "objective",
                    "prox_point",
                    "reach",
                    "rule",
                    "work",
                ],
            ),
        ],
    ),
    (
        "lab",
        &[
            // What is said, noted or placed; these know no run.
            ("command", &[]),
            ("csv", &[]),
            ("words", &[]),
            ("row", &["words"]),
            ("query", &["row", "words"]),
            ("points", &["row"]),
            ("flow", &["row"]),
            ("history", &[]),
            ("keys", &[]),
            ("scene", &[]),
            ("sentence", &[]),
            ("sketch", &[]),
            ("table", &["words"]),
            ("pieces", &[]),
            ("timeline", &[]),
            // A run as text.
            ("presets", &["words"]),
            (
                "config",
                &[
                    "points", "presets", "query", "row", "sentence", "timeline", "words",
                ],
            ),
            ("names", &["config", "words"]),
            ("lesson", &["config", "presets", "systems"]),
            ("look", &["flow", "lesson", "words"]),
            ("repair", &["config", "look", "query", "words"]),
            ("architecture", &["config"]),
            ("state", &["architecture", "config", "keys", "sentence"]),
            ("start", &["architecture", "command", "config", "state"]),
            // A run in motion.
            ("course", &["config"]),
            ("stop", &["config", "history"]),
            ("trace", &["architecture", "sentence", "state"]),
            // A related system in motion.
            (
                "systems",
                &[
                    "config", "history", "keys", "map", "points", "presets", "query", "row",
                    "scene", "table", "timeline", "words",
                ],
            ),
            ("verify", &["state", "trace"]),
            // The paper's experiments, whose runs are no text.
            ("paper", &["csv"]),
            ("map", &["architecture", "config", "course", "start"]),
            (
                "session",
                &[
                    "architecture",
                    "command",
                    "config",
                    "course",
                    "history",
                    "names",
                    "pieces",
                    "row",
                    "scene",
                    "sentence",
                    "start",
                    "state",
                    "stop",
                    "table",
                    "timeline",
                    "words",
                ],
            ),
            ("crew", &["architecture", "config", "course", "session"]),
            ("engine", &["course", "session"]),
            ("budget", &["session"]),
        ],
    ),
    (
        "web",
        &[
            ("dom", &[]),
            ("wire", &[]),
            // The other side never sees the document.
            ("worker", &["wire"]),
            ("widgets", &["dom", "wire"]),
            ("views", &["dom", "widgets", "wire"]),
            // A module of its own: the page knows it by what `views::related` asks.
            ("related", &["dom", "views", "widgets", "wire"]),
            // The same of `views::images`.
            ("images", &["dom", "widgets", "wire"]),
            ("lecture", &["dom", "views", "widgets", "wire"]),
            ("page", &["dom", "lecture", "views", "widgets", "wire"]),
        ],
    ),
];

/// Crates that only some rooms may use.
const CRATES: [(&str, &[&str]); 15] = [
    // Its rooms are named from the root, as all are.
    ("proxprop_core", &[]),
    ("web_sys", &["web"]),
    ("js_sys", &["web"]),
    ("wasm_bindgen", &["web"]),
    ("console_error_panic_hook", &["web"]),
    ("plotters_canvas", &["web"]),
    ("plotters", &["plot", "web"]),
    ("plotters_backend", &["plot", "web"]),
    ("pulp", &["nn"]),
    ("wgpu", &["engine"]),
    ("pollster", &["bin"]),
    ("clap", &["bin"]),
    ("encoding_rs", &["bin"]),
    ("indicatif", &["bin"]),
    ("ctrlc", &["bin"]),
];

/// A source file.
struct Source {
    /// From the root of the repository.
    file: String,
    text: String,
}

impl Source {
    /// Its place in the packages that the house's rooms are in.
    fn place(&self) -> &str {
        place(&self.file)
    }
}

/// A file's place in the packages that the house's rooms are in.
fn place(file: &str) -> &str {
    ["src/core/", "src/"]
        .into_iter()
        .find_map(|package| file.strip_prefix(package))
        .unwrap()
}

/// The room of a file, and the room inside that one.
fn rooms(file: &str) -> [&str; 2] {
    let mut names = place(file)
        .split('/')
        .map(|name| name.trim_end_matches(".rs"));
    [names.next().unwrap(), names.next().unwrap_or_default()]
}

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

/// All source files but that of the page's package, which has no room.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    files.sort();
    let name = |path: &Path| {
        let names = path.strip_prefix(root).unwrap().iter();
        let names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
        names.join("/")
    };
    files
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).unwrap(),
            file: name(&path),
        })
        .filter(|source| !source.file.starts_with("src/page/"))
        .collect()
}

/// The modules of the house; tests inside of them count where that is wanted.
fn modules(tests: bool) -> Modules {
    let mut modules = Modules::default();
    for source in sources() {
        let place = source.place().trim_end_matches(".rs");
        let path: Vec<&str> = place
            .split('/')
            .filter(|name| !["lib", "main", "mod"].contains(name))
            .collect();
        // The command line is a crate of its own.
        let root = if path.first() == Some(&"bin") { 2 } else { 0 };
        modules.read(&source.file, &path, &path[..root], &source.text, tests);
    }
    modules
}

/// Whom a room may know, itself aside.
fn allowed<'a>(table: &[(&str, &'a [&'a str])], room: &str) -> &'a [&'a str] {
    let row = table.iter().find(|(name, _)| *name == room);
    row.unwrap_or_else(|| panic!("{room} is not a room of the table"))
        .1
}

#[test]
fn rooms_know_only_whom_they_may() {
    for (file, others) in modules(true).arrows() {
        let [room, _] = rooms(&file);
        // The root only names the rooms.
        for (other, names) in others.iter().filter(|_| room != "lib") {
            let [known, _] = rooms(other);
            let may = known == room || allowed(&ROOMS, room).contains(&known);
            assert!(may, "{file}: {room} must not know {known}: {names:?}");
        }
    }
}

#[test]
fn rooms_inside_a_room_know_only_whom_they_may() {
    let arrows = modules(false).arrows();
    let files: BTreeSet<String> = sources().into_iter().map(|source| source.file).collect();
    let mut wrong = String::new();
    for (house, table) in INSIDE {
        let inside = files.iter().filter(|file| rooms(file)[0] == house);
        let inside: Vec<(&String, &str)> = inside.map(|file| (file, rooms(file)[1])).collect();
        for (inner, _) in table {
            let there = inside.iter().any(|(_, other)| other == inner);
            assert!(there, "{house}/{inner} is in the table and nowhere else");
        }
        for (file, inner) in inside {
            // What a room's `mod.rs` hands on is its rooms'.
            if inner == "mod" {
                continue;
            }
            let may = allowed(table, inner);
            let taken = arrows.get(file).into_iter().flatten();
            for (other, names) in taken.filter(|(other, _)| rooms(other)[0] == house) {
                let [_, known] = rooms(other);
                if known != inner && !may.contains(&known) {
                    let _ = writeln!(wrong, "{file} must not know {other}: {names:?}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn files_take_from_each_other_in_no_circle() {
    let arrows = modules(false).arrows();
    let circles = circles(&arrows);
    let drawn: Vec<String> = circles.iter().map(|circle| draw(circle, &arrows)).collect();
    assert!(
        drawn.is_empty(),
        "{} circles of files:\n{}",
        drawn.len(),
        drawn.concat()
    );
}

/// A circle in words.
fn draw(circle: &BTreeSet<&str>, arrows: &Arrows) -> String {
    let mut text = format!("circle of {} files:\n", circle.len());
    for &file in circle {
        for (other, names) in &arrows[file] {
            if circle.contains(other.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let names = names.join(", ");
                let _ = writeln!(text, "  {file} takes from {other}: {names}");
            }
        }
    }
    text
}

#[test]
fn rooms_are_named_from_the_root_not_by_climbing_to_it() {
    for Source { file, text } in sources() {
        assert!(
            !text.contains("super::super::super"),
            "{file}: name it from crate::"
        );
    }
}

#[test]
fn crates_are_used_where_they_belong() {
    let modules = modules(true);
    for (file, taken) in modules.first_names() {
        let [room, _] = rooms(file);
        for (name, allowed) in CRATES {
            // The root hands on what the other package has.
            let may = !taken.contains(name) || allowed.contains(&room) || room == "lib";
            assert!(may, "{file}: {room} must not use {name}");
        }
    }
}

#[test]
fn nothing_makes_markup_or_code_out_of_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .map(|source| (source.file.into(), source.text))
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
fn the_tables_have_no_circle() {
    let inside = INSIDE.iter().map(|(_, table)| *table);
    for table in [&ROOMS[..]].into_iter().chain(inside) {
        for (room, known) in table {
            for other in *known {
                let back = allowed(table, other).contains(room);
                assert!(!back, "{room} and {other} know each other");
            }
        }
    }
}
