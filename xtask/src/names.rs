//! Gives what wasm and glue hand each other short names. wasm-bindgen's end in digests, which no compression makes smaller,
//! and both files have them. Knows no function behind a name.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{CustomSectionReader, Export, Import, ImportSectionReader, Parser, Payload};

/// How names begin that only the glue knows.
const OF_GLUE: [&str; 2] = ["__wb", "wasm_bindgen__"];

/// What the glue is called where the module takes from it.
const GLUE: &str = "_";

/// The same module and glue with short names between them.
pub(crate) fn shorten(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
    let mut short = HashMap::new();
    let mut places = BTreeSet::new();
    let mut meet = |name: &str| {
        if OF_GLUE.iter().any(|beginning| name.starts_with(beginning)) {
            let next = format!("_{}", short.len());
            short.entry(name.to_owned()).or_insert(next);
        }
    };
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("wasm-bindgen's module cannot be read")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    places.insert(import.module.to_owned());
                    meet(import.name);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    meet(export?.name);
                }
            }
            _ => {}
        }
    }
    let place = places.pop_first().unwrap_or_default();
    ensure!(
        places.is_empty(),
        "the module takes from {place} and others; only its glue has a short name"
    );
    let mut renamed = Renamed { short };
    let mut module = Module::new();
    renamed
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .context("the module's names cannot be changed")?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut text = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        text.extend([before, renamed.name(&from[..end])]);
        rest = &from[end..];
    }
    text += rest;
    let quoted = |name: &str| format!("\"{name}\"");
    Ok((
        module.finish(),
        text.replace(&quoted(&place), &quoted(GLUE)),
    ))
}

struct Renamed {
    short: HashMap<String, String>,
}

impl Renamed {
    fn name<'a>(&'a self, name: &'a str) -> &'a str {
        self.short.get(name).map_or(name, String::as_str)
    }
}

impl Reencode for Renamed {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for import in section.into_imports() {
            let Import { name, ty, .. } = import?;
            let ty = self.entity_type(ty)?;
            imports.import(GLUE, self.name(name), ty);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let name = self.name(export.name).to_owned();
        let export = Export {
            name: &name,
            ..export
        };
        utils::parse_export(self, exports, export)
    }

    /// What tools note in a module no browser reads.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, EntityType, ExportKind, TypeSection, ValType};

    #[test]
    fn wasm_and_glue_keep_to_the_same_short_names() {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        module.section(&types);
        let mut imports = ImportSection::new();
        for name in ["__wbg_now_0123456789abcdef", "__wbg_now_0123456789abcde"] {
            imports.import("./glue.js", name, EntityType::Function(0));
        }
        module.section(&imports);
        let mut exports = ExportSection::new();
        exports.export("start_page", ExportKind::Func, 0);
        exports.export("wasm_bindgen__invoke__h01", ExportKind::Func, 1);
        module.section(&exports);
        module.section(&CustomSection {
            name: "target_features".into(),
            data: (&[0][..]).into(),
        });
        let glue = "{\"./glue.js\": {__wbg_now_0123456789abcdef: f, __wbg_now_0123456789abcde: g}}; wasm.start_page(wasm.wasm_bindgen__invoke__h01)";

        let (wasm, glue) = shorten(&module.finish(), glue).unwrap();
        assert_eq!(glue, "{\"_\": {_0: f, _1: g}}; wasm.start_page(wasm._2)");
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            match payload.unwrap() {
                Payload::ImportSection(imports) => {
                    let imports = imports.into_imports().map(Result::unwrap);
                    names.extend(imports.flat_map(|i| [i.module.to_owned(), i.name.to_owned()]));
                }
                Payload::ExportSection(exports) => {
                    names.extend(exports.into_iter().map(|e| e.unwrap().name.to_owned()));
                }
                Payload::CustomSection(section) => names.push(section.name().to_owned()),
                _ => {}
            }
        }
        assert_eq!(names, ["_", "_0", "_", "_1", "start_page", "_2"]);
    }
}
