//! One file to carry: the page with its styles, glue, wasm and worker inside, opened from disk by double click.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use base64::prelude::*;
use sha2::{Digest, Sha256};

use crate::licences;
use crate::process::root;
use crate::site;

/// Writes `dist/proxprop.html` beside the site.
pub(crate) fn bundle() -> Result<PathBuf> {
    let dist = site::build()?;
    let parts = site::parts(&dist, site::PAGE)?;
    let read = |path: &str| {
        fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
    };
    let (mut page, styles, main) = (site::index()?, site::styles()?, read("www/main.js")?);
    let glue = fs::read_to_string(parts.glue)?;
    let wasm = BASE64_STANDARD.encode(fs::read(parts.wasm)?);
    let (mut later_glues, mut later_parts) = (Vec::new(), String::new());
    for module in site::LATER {
        let (name, parts) = (module.name(), site::parts(&dist, module)?);
        let glue = fs::read_to_string(parts.glue)?;
        let wasm = BASE64_STANDARD.encode(fs::read(parts.wasm)?);
        write!(
            later_parts,
            "<script>{glue}</script><script id=\"{name}-wasm\" type=\"application/wasm;base64\">{wasm}</script>"
        )?;
        later_glues.push(glue);
    }
    let icon = BASE64_STANDARD.encode(read("www/icon.svg")?);
    let scripts = || [&glue, &main].into_iter().chain(&later_glues);
    for (text, end) in scripts()
        .map(|script| (script, "</script"))
        .chain([(&styles, "</style")])
    {
        ensure!(
            !text.to_ascii_lowercase().contains(end) && !text.contains("<!--"),
            "a part would end its own element"
        );
    }
    // Said by their hashes, scripts and styles are the only ones that run.
    let hash = |text: &str| {
        format!(
            "'sha256-{}'",
            BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
        )
    };
    let policy = format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; img-src data:; worker-src blob:; \
         base-uri 'none'; form-action 'none'",
        scripts()
            .map(|script| hash(script))
            .collect::<Vec<_>>()
            .join(" "),
        hash(&styles)
    );
    let notices = licences::notices()?;
    for (from, to, with) in [
        (
            "<meta http-equiv=\"Content-Security-Policy\"",
            ">",
            format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"),
        ),
        (
            "<link rel=\"icon\"",
            ">",
            format!("<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\">"),
        ),
        (
            "<link rel=\"stylesheet\"",
            ">",
            format!("<style>{styles}</style>"),
        ),
        ("<link rel=\"license\"", ">\n", String::new()),
        // A script of a kind that nobody runs.
        (
            "<link id=\"wasm\"",
            ">",
            format!("<script id=\"wasm\" type=\"application/wasm;base64\">{wasm}</script>"),
        ),
        (
            "<script id=\"glue\"",
            "</script>",
            format!("<script id=\"glue\">{glue}</script>"),
        ),
        ("<template id=\"later\">", "</template>", later_parts),
        // A module waits for the page, as a script that is loaded can.
        (
            "<script defer",
            "</script>",
            format!("<script type=\"module\">{main}</script>"),
        ),
        // A page of its own would have to lie beside the file.
        (
            "<a href=\"./licences.html\">",
            "</a>",
            "<button type=\"button\" class=\"quiet\" popovertarget=\"licences\">Licences</button>"
                .into(),
        ),
        (
            "</body>",
            "",
            format!(
                "<section popover id=\"licences\" class=\"licences\">\n{notices}</section>\n</body>"
            ),
        ),
    ] {
        page = between(&page, from, to, &with)?;
    }
    let path = dist.join("proxprop.html");
    fs::write(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}: {} KB", path.display(), page.len() / 1000);
    Ok(path)
}

/// The text with everything from `from` to `to` (both included, each the first) replaced.
fn between(text: &str, from: &str, to: &str, with: &str) -> Result<String> {
    let found = text.split_once(from).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(to)?;
        Some(format!("{before}{with}{after}"))
    });
    found.with_context(|| format!("the page has no `{from}` … `{to}` to be replaced"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_replaced_once() {
        assert_eq!(between("a<b c>d<b>", "<b", ">", "X").unwrap(), "aXd<b>");
        assert!(between("a", "<b", ">", "X").is_err());
    }
}
