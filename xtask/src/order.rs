//! Puts the functions of a WebAssembly module into another order: those that resemble each other side by side, where gzip
//! finds what they share. Changes no function but the numbers by which they call each other.

use std::collections::{BTreeSet, HashMap, VecDeque};

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// Bytes of code that the next function is compared with: what gzip remembers, less what is between.
const WINDOW: usize = 30_000;
/// Bytes of the pieces that are compared.
const PIECE: usize = 7;
/// What more functions than this have in common tells none from another.
const COMMON: usize = 400;

/// The same module with its functions in the order that compresses well.
pub(crate) fn side_by_side(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("wasm-bindgen's module cannot be read")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let function = matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    imported += u32::from(function);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(&wasm[body.range()]),
            _ => {}
        }
    }
    let order = chain(&bodies);
    let mut places = vec![0; order.len()];
    for (place, &function) in order.iter().enumerate() {
        places[function] = u32::try_from(place)?;
    }
    let mut reordered = Reordered {
        imported,
        order,
        places,
    };
    let mut module = Module::new();
    reordered
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .context("the module cannot be put in order")?;
    Ok(module.finish())
}

/// Indices of functions so that each shares much, for its length, with those in the window before it.
fn chain(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|body| pieces(body)).collect();
    let mut found_in: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, pieces) in pieces.iter().enumerate() {
        for &piece in pieces {
            found_in.entry(piece).or_default().push(function);
        }
    }
    found_in.retain(|_, functions| (2..=COMMON).contains(&functions.len()));
    let worth: Vec<f64> = bodies
        .iter()
        .map(|body| 1.0 / (body.len() as f64 + 20.0).sqrt())
        .collect();

    let mut in_window: HashMap<&[u8], i32> = HashMap::new();
    // A function comes into the window, or leaves it: the pieces that only it has there are shared, or no longer.
    let mut pass = |function: usize, change: i32, shared: &mut [i32]| {
        let alone = i32::from(change > 0);
        for piece in &pieces[function] {
            let Some(functions) = found_in.get(piece) else {
                continue;
            };
            let times = in_window.entry(piece).or_default();
            *times += change;
            if *times == alone {
                functions.iter().for_each(|&f| shared[f] += change);
            }
        }
    };
    let mut shared = vec![0; bodies.len()];
    let (mut window, mut length) = (VecDeque::new(), 0);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::with_capacity(bodies.len());
    // The longest first; of equals, here and below, the first of the module.
    left.sort_by_key(|&function| std::cmp::Reverse(bodies[function].len()));
    while !left.is_empty() {
        let score = |&function: &usize| f64::from(shared[function]) * worth[function];
        let best = (1..left.len()).fold(0, |best, i| {
            let ahead = score(&left[i]) > score(&left[best]);
            if ahead { i } else { best }
        });
        let function = left.remove(best);
        order.push(function);
        window.push_back(function);
        length += bodies[function].len();
        pass(function, 1, &mut shared);
        while length > WINDOW
            && window.len() > 1
            && let Some(gone) = window.pop_front()
        {
            length -= bodies[gone].len();
            pass(gone, -1, &mut shared);
        }
    }
    order
}

/// All pieces of a body.
fn pieces(body: &[u8]) -> BTreeSet<&[u8]> {
    body.windows(PIECE).collect()
}

struct Reordered {
    imported: u32,
    /// The function at each place of the new module, and the place of each.
    order: Vec<usize>,
    places: Vec<u32>,
}

impl Reencode for Reordered {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(match function.checked_sub(self.imported) {
            Some(own) => self.imported + self.places[own as usize],
            None => function,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for &function in &self.order {
            functions.function(types[function]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let bodies: Vec<_> = section.into_iter().collect::<Result<_, _>>()?;
        for function in self.order.clone() {
            utils::parse_function_body(self, code, bodies[function].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        ImportSection, Instruction, RefType, TableSection, TableType, TypeSection, ValType,
    };

    /// What each exported function returns: the constant at its beginning.
    fn exports(wasm: &[u8]) -> Vec<(String, Vec<u8>)> {
        let (mut bodies, mut names) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::CodeSectionEntry(body) => bodies.push(wasm[body.range()].to_vec()),
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export.unwrap();
                        names.push((export.name.to_owned(), export.index as usize));
                    }
                }
                _ => {}
            }
        }
        let body = |(name, index): (String, usize)| (name, bodies[index - 1].clone());
        names.into_iter().map(body).collect()
    }

    /// One import and six functions of two kinds, taking turns; every one is exported and in the table.
    fn module() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        module.section(&types);
        let mut imports = ImportSection::new();
        imports.import("a", "b", EntityType::Function(0));
        module.section(&imports);
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        let mut exports = ExportSection::new();
        for i in 0..6 {
            functions.function(0);
            exports.export(&format!("f{i}"), ExportKind::Func, i + 1);
            let mut body = Function::new([]);
            body.instruction(&Instruction::I32Const(i.cast_signed()));
            for n in 0..100 {
                let constant = if i % 2 == 0 {
                    1000 + n
                } else {
                    900_000 + 7 * n
                };
                body.instruction(&Instruction::I32Const(constant));
                body.instruction(&Instruction::I32Add);
            }
            body.instruction(&Instruction::End);
            code.function(&body);
        }
        module.section(&functions);
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 6,
            maximum: None,
            shared: false,
        });
        module.section(&tables);
        module.section(&exports);
        let mut elements = ElementSection::new();
        let all: Vec<u32> = (1..7).collect();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(all.into()),
        );
        module.section(&elements);
        module.section(&code);
        module.finish()
    }

    #[test]
    fn functions_keep_their_names_and_find_their_like() {
        let before = module();
        let after = side_by_side(&before).unwrap();
        wasmparser::validate(&after).unwrap();
        assert_ne!(before, after);
        assert_eq!(exports(&before), exports(&after));
        let order = chain(
            &exports(&before)
                .iter()
                .map(|(_, body)| &body[..])
                .collect::<Vec<_>>(),
        );
        let kinds: Vec<usize> = order.iter().map(|function| function % 2).collect();
        let changes = kinds.windows(2).filter(|two| two[0] != two[1]).count();
        assert_eq!(changes, 1, "{order:?}");
    }
}
