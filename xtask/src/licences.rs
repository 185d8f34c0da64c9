//! The notices of what the page is made of: the crates in its wasm, by the lock file, and Rust's standard library. Each text
//! stands once. Knows no site.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, TargetKind};

use crate::process::{TARGET, command, output, root};

/// The page's library.
const PAGE: &str = "proxprop-page";
/// Begin the names of files with notices.
const NOTICES: [&str; 5] = ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
/// The terms under which the page takes what has no text of its own.
const OWN_TERMS: [(&str, &str); 2] = [("MIT", "LICENSE-MIT"), ("Apache-2.0", "LICENSE-APACHE")];

/// Who holds the rights in this project, as its licence has it.
const OWNERS: &str = "2026 The ProxProp Lab contributors";

/// The page of notices; it names the style sheet as `www/style.css`.
pub(crate) fn page() -> Result<String> {
    let notices = notices()?;
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; img-src 'self'\">\n\
         <title>Licences · ProxProp Lab</title>\n\
         <link rel=\"icon\" href=\"www/icon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"www/style.css\">\n\
         <main class=\"licences\">\n{notices}</main>\n</html>\n"
    ))
}

/// All notices, as a part of a page.
pub(crate) fn notices() -> Result<String> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .other_options(["--locked".to_owned(), format!("--filter-platform={TARGET}")])
        .exec()?;
    let mut texts = Texts::default();
    let mut list = String::new();
    for package in linked(&metadata)? {
        let terms = package.license.as_deref().unwrap_or("terms of its own");
        let name = format!("{} {}", package.name, package.version);
        writeln!(list, "<li>{} ({})</li>", escaped(&name), escaped(terms))?;
        for text in texts_of(package)? {
            texts.add(&text, &name);
        }
    }
    let own = fs::read_to_string(root().join("LICENSE-MIT"))?;
    texts.add(&own, "ProxProp Lab");
    let rust = rust_library(&mut texts)?;
    let mut page = format!(
        "<h1>Licences</h1>\n<p>ProxProp Lab is yours under the MIT or the Apache-2.0 licence, at your choice. Its data are \
         made by itself. Its WebAssembly holds code of these crates and of {rust}; their notices follow.</p>\n\
         <ul>\n{list}</ul>\n"
    );
    // Texts of many first.
    let mut texts: Vec<_> = texts.0.into_values().collect();
    texts.sort_by_key(|(_, of)| Reverse(of.len()));
    for (text, of) in texts {
        let of: Vec<String> = of.into_iter().collect();
        let (of, text) = (escaped(&of.join(", ")), escaped(&text));
        writeln!(page, "<h2>{of}</h2>\n<pre>{text}</pre>")?;
    }
    Ok(page)
}

/// The packages whose code may be in the wasm.
fn linked(metadata: &Metadata) -> Result<Vec<&Package>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo resolves nothing")?;
    let known: BTreeMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let page = metadata
        .packages
        .iter()
        .find(|package| *package.name == PAGE);
    let mut waiting = vec![&page.context("the workspace has no page")?.id];
    let mut found = BTreeMap::new();
    while let Some(id) = waiting.pop() {
        let package = known[id];
        let expands =
            |target: &cargo_metadata::Target| target.kind.contains(&TargetKind::ProcMacro);
        if package.targets.iter().any(expands) {
            continue;
        }
        let key = (package.name.to_string(), package.version.clone());
        if found.insert(key, package).is_some() {
            continue;
        }
        for dependency in &nodes[id].deps {
            let linked = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
            if dependency.dep_kinds.iter().any(linked) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    let foreign = |package: &&Package| package.source.is_some();
    Ok(found.into_values().filter(foreign).collect())
}

/// The notices that a package comes with.
fn texts_of(package: &Package) -> Result<Vec<String>> {
    let folder = package
        .manifest_path
        .parent()
        .context("manifests lie in folders")?;
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        if path.is_file() && NOTICES.iter().any(|begin| name.starts_with(begin)) {
            texts.push(fs::read_to_string(path)?);
        }
    }
    if texts.is_empty() {
        texts = terms_of(package)?;
    }
    Ok(texts)
}

/// The terms of a package that has brought no text of them, with its authors.
fn terms_of(package: &Package) -> Result<Vec<String>> {
    let terms = package.license.as_deref().unwrap_or_default();
    let known: Vec<_> = OWN_TERMS
        .iter()
        .filter(|(term, _)| terms.contains(term))
        .collect();
    ensure!(
        !known.is_empty(),
        "{} comes without the text of its licence ({terms}), and none is known here",
        package.name
    );
    let authors = if package.authors.is_empty() {
        format!("the authors of {}", package.name)
    } else {
        package.authors.join(", ")
    };
    let text = |file: &str| {
        let text = fs::read_to_string(root().join(file))?;
        anyhow::Ok(text.replace(OWNERS, &authors))
    };
    known.into_iter().map(|(_, file)| text(file)).collect()
}

/// Adds the notices of Rust's standard library, as its compiler comes with them; what it is called.
fn rust_library(texts: &mut Texts) -> Result<String> {
    let sysroot = output(&mut command("rustc", &["--print", "sysroot"]))?;
    let folder = Path::new(&sysroot).join("share/doc/rust");
    let read = |file: &str| {
        let path = folder.join(file);
        fs::read_to_string(&path)
            .with_context(|| format!("the Rust toolchain has no {}", path.display()))
    };
    let name = format!(
        "Rust’s standard library ({})",
        output(&mut command("rustc", &["--version"]))?
    );
    for file in ["Apache-2.0.txt", "MIT.txt", "Unicode-3.0.txt"] {
        texts.add(&read(&format!("licenses/{file}"))?, &name);
    }
    let list = read("COPYRIGHT-library.html")?;
    for part in list.split("<h3>📦 ").skip(1) {
        let (package, rest) = part
            .split_once("</h3>")
            .context("a list of notices without names")?;
        for text in rest
            .split("<pre>")
            .skip(1)
            .filter_map(|text| text.split_once("</pre>"))
        {
            texts.add(
                &unescaped(text.0),
                &format!("{package} in Rust’s standard library"),
            );
        }
    }
    Ok(name)
}

/// Notices, and who comes with each. Layout does not tell them apart.
#[derive(Default)]
struct Texts(BTreeMap<String, (String, BTreeSet<String>)>);

impl Texts {
    fn add(&mut self, text: &str, of: &str) {
        let key: Vec<&str> = text.split_whitespace().collect();
        let lines: Vec<&str> = text.trim_matches('\n').lines().map(str::trim_end).collect();
        let entry = self
            .0
            .entry(key.join(" "))
            .or_insert_with(|| (lines.join("\n"), BTreeSet::new()));
        entry.1.insert(of.to_owned());
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
    ];
    let text = entities
        .into_iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_once_with_all_who_come_with_it() {
        let mut texts = Texts::default();
        texts.add("A licence\n  of two lines \n", "one");
        texts.add("A licence of\ntwo lines", "two");
        texts.add("Another", "two");
        let all: Vec<_> = texts.0.into_values().collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].0, "A licence\n  of two lines");
        assert_eq!(all[0].1.len(), 2);
    }

    #[test]
    fn the_page_has_the_crates_of_the_wasm_with_their_texts() {
        let page = notices().unwrap();
        for part in [
            "<li>wasm-bindgen ",
            "<li>nalgebra ",
            "<li>qrcodegen ",
            "Copyright (c) 2026 The ProxProp Lab contributors",
            "UNICODE LICENSE V3",
            "in Rust’s standard library",
        ] {
            assert!(page.contains(part), "{part}");
        }
        // Compiled by macros, and the command line's.
        for part in ["<li>syn ", "<li>clap ", "<li>axum "] {
            assert!(!page.contains(part), "{part}");
        }
    }
}
