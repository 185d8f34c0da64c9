//! One file to carry: the page with its styles, glue, wasm and worker inside, opened from disk by double click.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use base64::prelude::*;
use sha2::{Digest, Sha256};

use crate::process::root;
use crate::site;

/// Writes `dist/proxprop.html` beside the site.
pub(crate) fn bundle() -> Result<PathBuf> {
    let dist = site::build()?;
    let folder = site::target_directory()?.join("bundle");
    // Modules cannot be imported from a file; glue without them can be pasted.
    site::bindgen(&site::compile(&[])?)
        .no_modules(true)?
        .generate(&folder)
        .context("wasm-bindgen cannot read the library")?;
    let glue = fs::read_to_string(folder.join("proxprop.js"))?;
    let wasm = BASE64_STANDARD.encode(fs::read(folder.join("proxprop_bg.wasm"))?);
    let read = |path: &str| {
        fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
    };
    let (page, styles, main) = (
        read("index.html")?,
        read("www/style.css")?,
        read("www/main.js")?,
    );
    let icon = BASE64_STANDARD.encode(read("www/icon.svg")?);

    let script = between(&main, "// <parts>", "// </parts>", &parts(&glue, &wasm)?)?;
    ensure!(
        !script.to_ascii_lowercase().contains("</script") && !styles.contains("</style"),
        "a part would end its own element"
    );
    // Said by their hashes, script and styles are the only ones that run.
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval' blob:; style-src 'sha256-{}'; \
         img-src data:; worker-src blob:; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&styles)
    );
    let mut page = page;
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
        ("<link rel=\"modulepreload\"", ">", String::new()),
        (
            "<script type=\"module\"",
            "</script>",
            format!("<script type=\"module\">{script}</script>"),
        ),
    ] {
        page = between(&page, from, to, &with)?;
    }
    let path = dist.join("proxprop.html");
    fs::write(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}: {} KB", path.display(), page.len() / 1000);
    Ok(path)
}

/// What finds the parts in the file itself: glue as it is, wasm as text; a worker is made of the glue and gets the
/// compiled wasm.
fn parts(glue: &str, wasm: &str) -> Result<String> {
    let glue = serde_json::to_string(glue)?.replace("</", "<\\/");
    Ok(format!(
        "const glue = {glue};\nconst wasm = '{wasm}';\n\
         const script = (start) => URL.createObjectURL(new Blob([glue, `\n${{start}}`], {{ type: 'text/javascript' }}));\n\
         const parts = async () => {{\n  await import(script('globalThis.proxpropGlue = wasm_bindgen;'));\n  \
         const init = globalThis.proxpropGlue;\n  \
         const module = await WebAssembly.compile(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0)));\n  \
         await init({{ module_or_path: module }});\n  \
         const start = 'wasm_bindgen({{ module_or_path: data }}).then(() => wasm_bindgen.start_worker()).catch(reportError)';\n  \
         const code = script(`self.onmessage = ({{ data }}) => ${{start}};`);\n  \
         const hire = () => {{\n    const worker = new Worker(code);\n    worker.postMessage(module);\n    return worker;\n  }};\n  \
         return {{ start_page: init.start_page, hire }};\n}};"
    ))
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
