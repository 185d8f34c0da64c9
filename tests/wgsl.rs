//! The kernels without a GPU: naga accepts them, and host and kernels mean the same by every number.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Module, TypeInner};
use proxprop::engine::gpu::layout::{Layer, Leg, MemberSettings, Plan, Status};
use proxprop::engine::gpu::source;
use proxprop::engine::gpu::wide::Kernel;

fn parsed(source: &str) -> Module {
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
    Validator::new(ValidationFlags::all(), Capabilities::default())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
    module
}

#[test]
fn the_kernels_are_valid() {
    let wide = Kernel::ALL.map(|(_, name)| name);
    for (source, names) in [(source::member(), &["train"][..]), (source::wide(), &wide)] {
        let module = parsed(&source);
        let entries: Vec<&str> = module
            .entry_points
            .iter()
            .map(|e| e.name.as_str())
            .collect();
        assert_eq!(entries, names);
    }
}

#[test]
fn structs_have_the_same_fields_at_the_same_places() {
    let module = parsed(&source::member());
    let structs = [
        ("Layer", Layer::FIELDS, Layer::WORDS),
        ("Plan", Plan::FIELDS, Plan::WORDS),
        ("Settings", MemberSettings::FIELDS, MemberSettings::WORDS),
        ("Status", Status::FIELDS, Status::WORDS),
        ("Leg", Leg::FIELDS, Leg::WORDS),
    ];
    for (name, fields, words) in structs {
        let found = module
            .types
            .iter()
            .find(|(_, t)| t.name.as_deref() == Some(name));
        let Some((_, TypeInner::Struct { members, span })) = found.map(|(h, t)| (h, &t.inner))
        else {
            panic!("the kernels have no struct {name}");
        };
        let mut offset = 0;
        let expected: Vec<(&str, usize)> = fields
            .iter()
            .map(|&(field, words)| {
                offset += words;
                (field, 4 * (offset - words))
            })
            .collect();
        let got: Vec<(&str, usize)> = members
            .iter()
            .map(|m| (m.name.as_deref().unwrap(), m.offset as usize))
            .collect();
        assert_eq!(got, expected, "{name}");
        assert_eq!(*span as usize, 4 * words, "{name}");
    }
}
