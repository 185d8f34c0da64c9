//! Which file takes from which, read from the sources as text: `use` trees, paths in the code, re-exports followed to
//! the file that defines. Knows no room and no law; macros are read as the tokens they are.

use std::collections::{BTreeMap, BTreeSet};

/// A module's path from the root of the library.
type Path = Vec<String>;

/// What a file takes, per file that it takes from.
pub(crate) type Arrows = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The modules of some sources.
#[derive(Default)]
pub(crate) struct Modules {
    modules: BTreeMap<Path, Module>,
}

#[derive(Default)]
struct Module {
    /// Where its crate begins.
    root: Path,
    file: String,
    imports: Vec<Import>,
    /// What it defines.
    items: BTreeSet<String>,
    /// Paths of at least two names outside of `use`.
    paths: Vec<Path>,
    /// How often each word stands in it.
    words: BTreeMap<String, usize>,
}

struct Import {
    path: Path,
    /// The name that it has here; `*` for all names of a module.
    name: String,
    public: bool,
}

/// What a path leads to.
#[derive(Clone)]
enum Found {
    Module(Path),
    /// Something that this module defines.
    In(Path),
}

impl Modules {
    /// Reads a file: the module that it is, that at the root of its crate, and whether its tests count.
    pub(crate) fn read(
        &mut self,
        file: &str,
        path: &[&str],
        root: &[&str],
        text: &str,
        tests: bool,
    ) {
        let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Path>();
        let tokens = without_attributes(&tokens(text), tests);
        self.module(file, &own(path), &own(root), &tokens);
    }

    fn module(&mut self, file: &str, path: &Path, root: &Path, tokens: &[String]) {
        // Both packages have a root.
        let module = self.modules.entry(path.clone()).or_default();
        module.root.clone_from(root);
        file.clone_into(&mut module.file);
        let mut inner = Vec::new();
        let (mut i, mut depth) = (0, 0);
        while i < tokens.len() {
            let token = tokens[i].as_str();
            let next = tokens.get(i + 1).map_or("", String::as_str);
            match token {
                "{" => depth += 1,
                "}" => depth -= 1,
                "mod" if tokens.get(i + 2).is_some_and(|t| t == "{") => {
                    let end = end_of_block(tokens, i + 2);
                    inner.push((next.to_owned(), tokens[i + 3..end - 1].to_vec()));
                    i = end;
                    continue;
                }
                "use" => {
                    let end = i + tokens[i..].iter().position(|t| t == ";").unwrap();
                    let public = tokens[..i].last().is_some_and(|t| t == "pub" || t == ")");
                    tree(&tokens[i + 1..end], &[], &mut |path, name| {
                        let name = name.to_owned();
                        module.imports.push(Import { path, name, public });
                    });
                    i = end;
                    continue;
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union"
                    if depth == 0 =>
                {
                    module.items.insert(next.to_owned());
                }
                _ => {}
            }
            if is_name(token) {
                *module.words.entry(token.to_owned()).or_default() += 1;
                let begins = i == 0 || !matches!(tokens[i - 1].as_str(), "::" | "." | "fn");
                let mut path = vec![token.to_owned()];
                let mut at = i;
                while tokens.get(at + 1).is_some_and(|t| t == "::")
                    && tokens.get(at + 2).is_some_and(|t| is_name(t))
                {
                    at += 2;
                    path.push(tokens[at].clone());
                }
                if begins && path.len() > 1 {
                    module.paths.push(path);
                }
            }
            i += 1;
        }
        for (name, tokens) in inner {
            let path = [path.clone(), vec![name]].concat();
            self.module(file, &path, root, &tokens);
        }
    }

    /// Who takes what from whom. What a module hands on of those that lie in it is no arrow: they are parts of it.
    pub(crate) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (at, module) in &self.modules {
            let mut arrow = |found: Option<Found>, name: &str| {
                let Some(Found::In(target)) = found else {
                    return;
                };
                let other = &self.modules[&target].file;
                if *other != module.file {
                    let from = arrows.entry(module.file.clone()).or_default();
                    let names: &mut BTreeSet<String> = from.entry(other.clone()).or_default();
                    names.insert(name.to_owned());
                }
            };
            for import in &module.imports {
                let found = self.find(at, &import.path, 0);
                let handed_on = import.public && !module.words.contains_key(&import.name);
                match found {
                    Some(Found::Module(all)) if import.name == "*" && !import.public => {
                        arrow(Some(Found::In(all)), "*");
                    }
                    Some(Found::In(target)) if handed_on && target.starts_with(at) => {}
                    // A module's name is an arrow where something is taken from it.
                    other => arrow(other, import.path.last().unwrap()),
                }
            }
            for path in &module.paths {
                arrow(self.find(at, path, 0), &path[1..].join("::"));
            }
        }
        arrows
    }

    /// Per file, the first names of what it takes: crates among them.
    pub(crate) fn first_names(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for module in self.modules.values() {
            let imports = module.imports.iter().map(|import| &import.path);
            let first = imports.chain(&module.paths).map(|path| path[0].as_str());
            names.entry(&module.file).or_default().extend(first);
        }
        names
    }

    fn find(&self, at: &Path, path: &[String], depth: usize) -> Option<Found> {
        let (first, mut rest) = path.split_first()?;
        let mut found = match first.as_str() {
            "crate" => Found::Module(self.modules[at].root.clone()),
            "proxprop" | "proxprop_core" => Found::Module(Path::new()),
            "self" => Found::Module(at.clone()),
            "super" => Found::Module(at[..at.len().checked_sub(1)?].to_vec()),
            name => self.name(at, name, depth)?,
        };
        while let (Found::Module(at), Some((name, further))) = (&found, rest.split_first()) {
            found = match name.as_str() {
                "super" => Found::Module(at[..at.len().checked_sub(1)?].to_vec()),
                // What no text defines a macro does.
                name => self
                    .name(at, name, depth)
                    .unwrap_or_else(|| Found::In(at.clone())),
            };
            rest = further;
        }
        Some(found)
    }

    /// What a name is in a module.
    fn name(&self, at: &Path, name: &str, depth: usize) -> Option<Found> {
        let inside = [at.clone(), vec![name.to_owned()]].concat();
        if self.modules.contains_key(&inside) {
            return Some(Found::Module(inside));
        }
        let module = self.modules.get(at)?;
        if module.items.contains(name) {
            return Some(Found::In(at.clone()));
        }
        // Two modules may hand each other's names on.
        if depth > 8 {
            return None;
        }
        let named = module.imports.iter().find(|import| import.name == name);
        if let Some(import) = named {
            return self.find(at, &import.path, depth + 1);
        }
        let all = module.imports.iter().filter(|import| import.name == "*");
        all.filter_map(|import| self.find(at, &import.path, depth + 1))
            .find_map(|found| match found {
                Found::Module(other) => self.name(&other, name, depth + 1),
                Found::In(_) => None,
            })
    }
}

/// The circles: files that all lead to each other.
pub(crate) fn circles(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let reach = arrows
        .keys()
        .map(|file| (file.as_str(), reached(arrows, file)));
    let reach: BTreeMap<&str, BTreeSet<&str>> = reach.collect();
    let mut circles = Vec::new();
    for (file, others) in &reach {
        let back = |other: &&&str| reach.get(**other).is_some_and(|r| r.contains(file));
        let circle: BTreeSet<&str> = others.iter().filter(back).copied().collect();
        // Once, from its first file.
        if circle.first() == Some(file) {
            circles.push(circle);
        }
    }
    circles
}

/// All files that the arrows lead to from one.
fn reached<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        let further = arrows.get(file).into_iter().flat_map(BTreeMap::keys);
        next.extend(further.map(String::as_str).filter(|f| reached.insert(*f)));
    }
    reached
}

/// The leaves of a `use` tree, each with the name that it has here.
fn tree(tokens: &[String], before: &[String], leaf: &mut impl FnMut(Path, &str)) {
    let mut path = before.to_vec();
    for (i, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "::" => {}
            "{" => {
                let (mut depth, mut start) = (0, i + 1);
                for (j, token) in tokens.iter().enumerate().skip(i + 1) {
                    match token.as_str() {
                        "{" => depth += 1,
                        "}" if depth > 0 => depth -= 1,
                        "," | "}" if depth == 0 => {
                            if start < j {
                                tree(&tokens[start..j], &path, leaf);
                            }
                            start = j + 1;
                        }
                        _ => {}
                    }
                }
                return;
            }
            "as" => return leaf(path, &tokens[i + 1]),
            "*" => return leaf(path, "*"),
            "self" if !path.is_empty() => {}
            name => path.push(name.to_owned()),
        }
    }
    let name = path.last().unwrap().clone();
    leaf(path, &name);
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Behind the bracket that closes the one at `from`.
fn end_of_block(tokens: &[String], from: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i + 1;
        }
    }
    tokens.len()
}

/// The same without attributes, and without items that are compiled for tests only unless they count.
fn without_attributes(tokens: &[String], tests: bool) -> Vec<String> {
    let mut kept = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let attribute = tokens[i] == "#" && tokens.get(i + 1).is_some_and(|t| t == "[");
        if !attribute {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        let end = end_of_block(tokens, i + 1);
        let says = |word: &str| tokens[i..end].iter().any(|t| t == word);
        let for_tests = !tests && tokens[i + 2] == "cfg" && says("test") && !says("not");
        i = end;
        if for_tests {
            while tokens.get(i).is_some_and(|t| t == "#") {
                i = end_of_block(tokens, i + 1);
            }
            while i < tokens.len() && tokens[i] != ";" && tokens[i] != "{" {
                i = match tokens[i].as_str() {
                    "(" | "[" => end_of_block(tokens, i),
                    _ => i + 1,
                };
            }
            i = match tokens.get(i) {
                Some(token) if token == "{" => end_of_block(tokens, i),
                _ => i + 1,
            };
        }
    }
    kept
}

/// Names, `::` and single characters; without comments, and without what stands in quotes.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let begin = i;
        match chars[i] {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= chars.len() {
                        break;
                    }
                }
            }
            '"' => {
                i += 1;
                while i < chars.len() && chars[i] != '"' {
                    i += if chars[i] == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            // A character, or else a lifetime.
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < chars.len() && chars[i] != '\'' {
                    i += 1;
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            '\'' => i += 1,
            c if c.is_alphanumeric() || c == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                let word: String = chars[begin..i].iter().collect();
                let mut quote = i;
                while at(quote) == '#' {
                    quote += 1;
                }
                if matches!(word.as_str(), "r" | "br") && at(quote) == '"' {
                    let end: String = std::iter::once('"').chain(vec!['#'; quote - i]).collect();
                    let rest: String = chars[quote + 1..].iter().collect();
                    let length = rest.find(&end).map_or(rest.len(), |at| at + end.len());
                    i = quote + 1 + rest[..length.min(rest.len())].chars().count();
                } else {
                    tokens.push(word);
                }
            }
            ':' if at(i + 1) == ':' => {
                tokens.push("::".to_owned());
                i += 2;
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(c.to_string());
                }
                i += 1;
            }
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a -> b: x, y` per arrow.
    fn drawn(files: &[(&str, &str)]) -> Vec<String> {
        let mut modules = Modules::default();
        for (path, text) in files {
            let names: Vec<&str> = path.split("::").filter(|n| !n.is_empty()).collect();
            modules.read(path, &names, &[], text, false);
        }
        let mut lines = Vec::new();
        for (from, to) in modules.arrows() {
            for (to, names) in to {
                let names: Vec<String> = names.into_iter().collect();
                lines.push(format!("{from} -> {to}: {}", names.join(", ")));
            }
        }
        lines
    }

    #[test]
    fn every_way_of_taking_is_read() {
        let lines = drawn(&[
            ("", "pub mod a; pub mod b; mod error; pub use error::Error;"),
            ("error", "pub enum Error { Query(String) }"),
            (
                "a",
                "pub mod x; pub mod y; mod z; pub use x::Item; pub struct Own;",
            ),
            (
                "a::x",
                "pub struct Item; pub fn item() {} use super::y::{self, deep::{Deep, Deeper as D}, *};",
            ),
            (
                "a::y",
                "pub mod deep; pub fn why() { super::x::item(); self::deep::dive(); }",
            ),
            (
                "a::y::deep",
                "pub struct Deep; pub struct Deeper; pub fn dive() { super::super::Own; crate::Error::Query(x); }",
            ),
            (
                "a::z",
                "use crate::{a::{Item, y as other}, Error};\nfn f(v: &crate::b::B) { other::deep::dive(); super::x::item() }",
            ),
            (
                "b",
                "pub struct B; use crate::a; fn f() { let x = a::Own; std::fs::read(y); mycrate::a::x::item(); }",
            ),
        ]);
        assert_eq!(
            lines,
            [
                "a::x -> a::y: *",
                "a::x -> a::y::deep: Deep, Deeper",
                "a::y -> a::x: x::item",
                "a::y -> a::y::deep: deep::dive",
                "a::y::deep -> a: super::Own",
                "a::y::deep -> error: Error::Query",
                "a::z -> a::x: Item, x::item",
                "a::z -> a::y::deep: deep::dive",
                "a::z -> b: b::B",
                "a::z -> error: Error",
                "b -> a: Own",
            ]
        );
    }

    #[test]
    fn what_is_handed_on_leads_to_who_defines_it() {
        let lines = drawn(&[
            (
                "dom",
                "mod elements; pub(super) mod look; pub(super) use elements::*; pub use look::Look;",
            ),
            ("dom::elements", "pub fn write() {}"),
            ("dom::look", "pub struct Look; pub fn look() {}"),
            (
                "page",
                "use crate::dom; fn f() { dom::write(); dom::look::look(); let l: dom::Look; }",
            ),
            (
                "core",
                "pub mod rule; pub use rule::Rule; pub fn f() -> Rule {}",
            ),
            ("core::rule", "pub enum Rule { Exact }"),
        ]);
        assert_eq!(
            lines,
            [
                "core -> core::rule: Rule",
                "page -> dom::elements: write",
                "page -> dom::look: Look, look::look",
            ]
        );
    }

    #[test]
    fn tests_comments_and_quotes_are_nobodys() {
        let lines = drawn(&[
            (
                "a",
                r##"//! [`crate::b::B`]
                /* use crate::b::B; /* crate::b::B */ crate::b::B */
                const TEXT: &str = "crate::b::B \" crate::b::B"; const RAW: &str = r#"crate::b::B " crate::b::B"#;
                const QUOTE: char = '"'; fn f<'a>(x: &'a str) -> char { '\'' }
                #[cfg(test)] use crate::b::B;
                #[cfg(test)] #[allow(dead_code)] fn g(x: [u8; 3]) { crate::b::B }
                #[cfg(test)] mod tests { use crate::b::B; #[test] fn h() { crate::b::B } }
                #[cfg(not(test))] fn i() { crate::c::C }
                mod inner { use super::super::d::D; fn j() { super::f(); } }"##,
            ),
            ("b", "pub struct B;"),
            ("c", "pub struct C;"),
            ("d", "pub struct D;"),
        ]);
        assert_eq!(lines, ["a -> c: c::C", "a -> d: D"]);
    }

    #[test]
    fn circles_are_found_whole_and_only_they() {
        let arrow = |from: &str, to: &str| {
            let names = BTreeSet::from(["x".to_owned()]);
            (from.to_owned(), BTreeMap::from([(to.to_owned(), names)]))
        };
        let mut arrows = Arrows::from([
            arrow("a", "b"),
            arrow("b", "c"),
            arrow("c", "a"),
            arrow("d", "a"),
            arrow("e", "f"),
        ]);
        let abc = BTreeSet::from(["a", "b", "c"]);
        assert_eq!(circles(&arrows), std::slice::from_ref(&abc));
        arrows.extend([arrow("f", "e")]);
        assert_eq!(circles(&arrows), [abc, BTreeSet::from(["e", "f"])]);
        arrows.remove("c");
        arrows.remove("f");
        assert!(circles(&arrows).is_empty());
    }

    #[test]
    fn a_circle_goes_through_super_and_through_what_is_handed_on() {
        let lines = drawn(&[
            ("room", "pub mod a; pub mod b; pub use a::A;"),
            ("room::a", "use super::b::B; pub struct A;"),
            ("room::b", "use crate::room::A; pub struct B;"),
        ]);
        assert_eq!(lines, ["room::a -> room::b: B", "room::b -> room::a: A"]);
    }
}
