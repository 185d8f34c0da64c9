//! The finished site: wasm, its JavaScript glue by wasm-bindgen, and the page around them.
//! Every address in it is relative, so its folder can lie anywhere.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::MetadataCommand;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::{TARGET, cargo, command, output, root, run, rustup_add};
use crate::{glue, licences, names, order};

/// The profile of what is shipped to the browser.
const PROFILE: &str = "site";
/// Most kilobytes, gzipped, that the page may load before it can be used; that is all but what keeps the site and
/// the notices.
const FIRST_LOAD: u64 = 660;
/// The service worker; its name stays, by it the browser finds the next one.
const OFFLINE: &str = "offline.js";
/// What the page is made of, and on what terms.
const LICENCES: &str = "licences.html";
/// What a host that reads such a file sends with the site's files.
const HEADERS: &str = "_headers";

/// A module of WebAssembly with its glue.
#[derive(Clone, Copy)]
pub(crate) struct Module {
    /// The package that is linked into it.
    package: &'static str,
    /// How the names of its files begin, and what its glue is called.
    name: &'static str,
}

/// What the page is when it is opened.
pub(crate) const PAGE: Module = Module {
    package: "proxprop-page",
    name: "proxprop",
};
/// What comes when somebody opens the view of related systems.
pub(crate) const RELATED: Module = Module {
    package: "proxprop-related",
    name: "related",
};

/// What comes when a run first takes more of the engine than the page begins with.
pub(crate) const WHOLE: Module = Module {
    package: "proxprop-whole",
    name: "whole",
};
/// Those that come later.
pub(crate) const LATER: [Module; 2] = [RELATED, WHOLE];

impl Module {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// Builds it into a folder.
    fn write(self, folder: &Path) -> Result<()> {
        let name = self.name;
        bindgen(&self.compile(&[])?, name)
            .no_modules(true)?
            .generate(folder)
            .context("wasm-bindgen cannot read the library")?;
        let wasm = folder.join(format!("{name}_bg.wasm"));
        let script = folder.join(format!("{name}.js"));
        let text = fs::read_to_string(&script)?;
        let text = glue::shorten(&without_comments(&text));
        let (code, text) = names::shorten(&fs::read(&wasm)?, &text)?;
        fs::write(&wasm, order::side_by_side(&code)?)?;
        // The glue as a function: workers are made of its text.
        let text = format!("const {name}Glue = () => {{\n{text}return wasm_bindgen;\n}};\n");
        fs::write(script, text)?;
        Ok(())
    }

    /// Compiles it, with these features; where its wasm is.
    pub(crate) fn compile(self, features: &[&str]) -> Result<PathBuf> {
        require_target()?;
        let mut build = cargo(&[
            "build",
            "--profile",
            PROFILE,
            "--lib",
            "--package",
            self.package,
            "--target",
            TARGET,
            "--config",
            &compiler_flags()?,
        ]);
        for feature in features {
            build.args(["--features", feature]);
        }
        run(&mut build)?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        Ok(target_directory()?.join(TARGET).join(PROFILE).join(file))
    }
}

/// Builds the site into `dist/`, which is replaced only once everything is there.
pub(crate) fn build() -> Result<PathBuf> {
    let dist = dist();
    let next = root().join(".dist-next");
    remove(&next)?;
    let pkg = next.join("pkg");
    for module in [PAGE].into_iter().chain(LATER) {
        module.write(&pkg)?;
    }
    fs::write(next.join("index.html"), index()?)?;
    copy(&root().join("www"), &next.join("www"))?;
    fs::write(next.join("www/style.css"), styles()?)?;
    let script = next.join("www/main.js");
    fs::write(&script, without_comments(&fs::read_to_string(&script)?))?;
    // At the top, where a service worker may serve the whole folder.
    fs::rename(next.join("www").join(OFFLINE), next.join(OFFLINE))
        .context("cannot move the service worker")?;
    fs::write(next.join(LICENCES), licences::page()?)?;
    name_by_content(&next)?;
    remove(&dist)?;
    fs::rename(&next, &dist)
        .with_context(|| format!("cannot put the site into {}", dist.display()))?;
    let size = size(&dist)?;
    let [before, view, whole, later] =
        [size.before, size.view, size.whole, size.later].map(|bytes| bytes / 1000);
    println!(
        "{}: {} files, {} KB; gzipped, {before} KB of at most {FIRST_LOAD} are loaded before use, {view} KB when somebody \
         opens the view of related systems, {whole} KB when a run takes the whole engine, {later} KB later: what keeps the site, and the notices",
        dist.display(),
        size.files,
        size.bytes / 1000,
    );
    ensure!(
        before <= FIRST_LOAD,
        "the page loads {before} KB gzipped before it can be used; allowed: {FIRST_LOAD}"
    );
    Ok(dist)
}

/// The index without indentation.
pub(crate) fn index() -> Result<String> {
    let index = fs::read_to_string(root().join("index.html")).context("cannot read index.html")?;
    let lines = index.lines().map(str::trim_start);
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

/// The style sheet without comments and indentation.
pub(crate) fn styles() -> Result<String> {
    let path = root().join("www/style.css");
    let styles =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut plain = String::new();
    let mut rest = styles.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        plain += before;
        rest = after.split_once("*/").context("a comment never ends")?.1;
    }
    plain += rest;
    let lines = plain.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut text: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (loose, tight) in [
        (" {", "{"),
        ("{ ", "{"),
        ("{\n", "{"),
        ("; ", ";"),
        (";\n", ";"),
        (": ", ":"),
        (", ", ","),
        (",\n", ","),
        (" > ", ">"),
        (" }", "}"),
        ("}\n", "}"),
        (";}", "}"),
    ] {
        text = text.replace(loose, tight);
    }
    Ok(text)
}

/// A script without the lines that are comments, and without indentation.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    lines
        .filter(|line| {
            !(line.is_empty() || ["/*", "*", "//"].iter().any(|mark| line.starts_with(mark)))
        })
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Gives every file that the index names a name with a digest of its content, so that no cache on the way, and no deploy
/// while somebody looks, can put files of two builds together. `offline.js` knows such names by their look.
fn name_by_content(site: &Path) -> Result<()> {
    let take = |name: &str| {
        let text = fs::read_to_string(site.join(name))?;
        fs::remove_file(site.join(name))?;
        anyhow::Ok(text)
    };
    let (mut index, mut licences) = (take("index.html")?, take(LICENCES)?);
    let mut files = Vec::new();
    list(site, "", &mut files)?;
    files.retain(|file| file != OFFLINE);
    for file in files {
        let content = fs::read(site.join(&file))?;
        let name = named(&file, &content)?;
        fs::rename(site.join(&file), site.join(&name))?;
        index = renamed(&index, &file, &name)?;
        licences = licences.replace(&format!("\"{file}\""), &format!("\"{name}\""));
        if file == "pkg/proxprop_bg.wasm" {
            let bytes = format!("data-bytes=\"{}\"", content.len());
            index = index.replace("data-bytes=\"1\"", &bytes);
        }
    }
    // Read under the name of every build, so that pages of builds that are gone find it; kept under its own.
    let name = named(LICENCES, licences.as_bytes())?;
    index = renamed(&index, LICENCES, &name)?;
    fs::write(site.join(LICENCES), &licences)?;
    fs::write(site.join(name), licences)?;
    fs::write(site.join(HEADERS), headers(&index)?)?;
    let build = digest(index.as_bytes());
    let index = index.replacen("<html ", &format!("<html data-build=\"{build}\" "), 1);
    fs::write(site.join("index.html"), index).context("cannot write the index")
}

/// The headers for the site, as Netlify and Cloudflare Pages read them. Rules that fit one file add up, so none sets what another
/// does.
fn headers(index: &str) -> Result<String> {
    let policy = index
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let (policy, _) = policy.context("index.html has no content security policy")?;
    let everything = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Access-Control-Allow-Origin", "*"),
    ];
    let for_ever = [("Cache-Control", "public, max-age=31536000, immutable")];
    let asked_about = [("Cache-Control", "no-cache")];
    let rules: [(&str, &[(&str, &str)]); 6] = [
        ("/*", &everything),
        ("/pkg/*", &for_ever),
        ("/www/*", &for_ever),
        ("/", &asked_about),
        ("/index.html", &asked_about),
        ("/offline.js", &asked_about),
    ];
    let mut text = String::new();
    for (path, headers) in rules {
        text.extend([path, "\n"]);
        for (name, value) in headers {
            text.extend(["  ", name, ": ", value, "\n"]);
        }
    }
    Ok(text)
}

/// The name of a file with this content.
fn named(file: &str, content: &[u8]) -> Result<String> {
    let (stem, extension) = file.rsplit_once('.').context("files have extensions")?;
    Ok(format!("{stem}-{}.{extension}", digest(content)))
}

/// The index with a file by its other name.
fn renamed(index: &str, from: &str, to: &str) -> Result<String> {
    let quoted = format!("\"{from}\"");
    ensure!(
        index.contains(&quoted),
        "index.html does not name {from}: nobody would keep it for when there is no network"
    );
    Ok(index.replace(&quoted, &format!("\"{to}\"")))
}

/// What tells a content from others: 16 hexadecimal digits.
fn digest(content: &[u8]) -> String {
    let [a, b, c, d, e, f, g, h, ..] = Sha256::digest(content).0;
    format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// The files below a folder, relative to it, with slashes.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            list(&path, &format!("{name}/"), files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}

/// A module in a finished site.
pub(crate) struct Parts {
    pub(crate) glue: PathBuf,
    pub(crate) wasm: PathBuf,
}

/// Where in a finished site a module is.
pub(crate) fn parts(site: &Path, module: Module) -> Result<Parts> {
    let mut files = Vec::new();
    list(&site.join("pkg"), "pkg/", &mut files)?;
    let find = |extension: &str| {
        let begin = format!("pkg/{}", module.name);
        let ours = |file: &&String| file.starts_with(&begin) && file.ends_with(extension);
        let file = files.iter().find(ours);
        anyhow::Ok(site.join(file.with_context(|| format!("the site has no {begin}…{extension}"))?))
    };
    Ok(Parts {
        glue: find(".js")?,
        wasm: find(".wasm")?,
    })
}

/// Where [`build`] leaves the site.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the page's library, with these features, into a folder of its own.
pub(crate) fn package(folder: &Path, features: &[&str]) -> Result<()> {
    let mut bindgen = bindgen(&PAGE.compile(features)?, PAGE.name);
    bindgen
        .web(true)?
        .generate(folder)
        .context("wasm-bindgen cannot read the library")
}

/// Cargo's setting of the compiler's flags. They keep the builder's home out of the messages of panics, and with it out of
/// the site: who builds the same commit elsewhere gets the same wasm. And they leave loops of unknown length as they are: those
/// that take the time have tiles of known size inside and are as fast, all others are smaller.
fn compiler_flags() -> Result<String> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()
            .context("there is no home folder, and CARGO_HOME does not name Cargo's")?
            .join(".cargo"),
    };
    let home = format!("--remap-path-prefix={}=cargo", home.display());
    let flags = serde_json::to_string(&[&home, "-Cllvm-args=-unroll-runtime=false"])?;
    Ok(format!("target.{TARGET}.rustflags={flags}"))
}

/// wasm-bindgen on the library, which is still to be told the kind of glue and a folder.
fn bindgen(wasm: &Path, name: &str) -> Bindgen {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
}

/// Adds the wasm target to the toolchain if it is missing.
pub(crate) fn require_target() -> Result<()> {
    let folder = output(&mut command(
        "rustc",
        &["--print", "target-libdir", "--target", TARGET],
    ))?;
    if Path::new(&folder).is_dir() {
        Ok(())
    } else {
        rustup_add("target", TARGET)
    }
}

/// Cargo's target folder, wherever the user has put it.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()?;
    Ok(metadata.target_directory.into())
}

/// Copies a file or a folder with all below it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("cannot copy {} to {}", from.display(), to.display());
    if !from.is_dir() {
        fs::copy(from, to).with_context(failed)?;
        return Ok(());
    }
    fs::create_dir_all(to).with_context(failed)?;
    for entry in fs::read_dir(from).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Removes a folder of our own making, if it is there.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        bail!("{} is in the way of the site", folder.display());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

#[derive(Default)]
struct Size {
    files: u32,
    bytes: u64,
    /// Gzipped, of what is loaded before the page can be used.
    before: u64,
    /// Gzipped, of what comes with a view.
    view: u64,
    /// Gzipped, of the whole engine.
    whole: u64,
    /// Gzipped, of what is loaded later, if at all.
    later: u64,
}

fn size(folder: &Path) -> Result<Size> {
    let mut sum = Size::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let part = if path.is_dir() {
            size(&path)?
        } else {
            file_size(&path)?
        };
        sum.files += part.files;
        sum.bytes += part.bytes;
        sum.before += part.before;
        sum.view += part.view;
        sum.whole += part.whole;
        sum.later += part.later;
    }
    Ok(sum)
}

fn file_size(path: &Path) -> Result<Size> {
    let content = fs::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&content)?;
    let gzipped = encoder.finish()?.len() as u64;
    let mut size = Size {
        files: 1,
        bytes: content.len() as u64,
        ..Size::default()
    };
    // What keeps the site comes once the page runs, the notices when somebody reads them.
    let when = if name == OFFLINE || name == HEADERS || name.starts_with("licences") {
        &mut size.later
    } else if name.starts_with(RELATED.name) {
        &mut size.view
    } else if name.starts_with(WHOLE.name) {
        &mut size.whole
    } else {
        &mut size.before
    };
    *when = gzipped;
    Ok(size)
}
