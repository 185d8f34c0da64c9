//! The kernels without a GPU: naga accepts them, and host and kernels mean the same by every number.

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Module, TypeInner};
use proxprop::Named;
use proxprop::engine::gpu::rules::{self, rules};
use proxprop::engine::gpu::source;
use proxprop::engine::gpu::structs::{Layer, Leg, MemberSettings, Plan, Status, Windows};
use proxprop::engine::gpu::text::constant;
use proxprop::engine::gpu::wide::{Kernel, Operation, phases};
use proxprop::nn::{Activation, Loss};
use proxprop::steps::{Optimizer, Rule};
use std::fs;
use std::path::Path;

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
    for (source, names) in [
        (source::member(), &["train"][..]),
        (source::wide(), &wide),
        (source::images().unwrap(), &wide),
    ] {
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
        ("Windows", Windows::FIELDS, Windows::WORDS),
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

#[test]
fn every_kernel_lies_beside_its_twin() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core");
    let (member, wide, images) = sources();
    for room in ["nn", "steps"] {
        for file in fs::read_dir(core.join("engine/gpu/kernels").join(room)).unwrap() {
            let kernel = file.unwrap().path();
            let name = kernel.file_stem().unwrap().to_str().unwrap();
            let twin = core.join(room).join(name).with_extension("rs");
            assert!(twin.is_file(), "{} has no twin", kernel.display());
            let text = fs::read_to_string(&kernel).unwrap();
            assert!(text.starts_with(&format!("// Twin of {room}::{name}: ")));
            for function in text.lines().filter(|line| line.starts_with("fn ")) {
                let both = member.contains(function) && wide.contains(function);
                // What only convolutions need, only their module has.
                let one = !member.contains(function) && images.contains(function);
                assert!(both || one, "{} is in no module", kernel.display());
            }
        }
    }
}

/// The modules: one workgroup per member, many, and many for convolutions.
fn sources() -> (String, String, String) {
    let images = source::images().expect("this is the whole engine");
    (source::member(), source::wide(), images)
}

/// The names in the cases of all switches of a module, as often as they are there.
fn cases(source: &str) -> Vec<&str> {
    let lists = source.split("case ").skip(1);
    let names = lists.flat_map(|rest| rest.split(':').next().unwrap().split(", "));
    names.collect()
}

#[test]
fn what_has_a_number_has_its_cases() {
    let (member, wide, images) = sources();
    let ruled: Vec<&str> = rules().map(Rule::key).collect();
    let in_phases = rules().filter(|&rule| {
        let settings = MemberSettings {
            rule: rules::number(rule).unwrap(),
            ..MemberSettings::default()
        };
        phases(&Plan::default(), &[settings]).is_some()
    });
    let in_phases: Vec<&str> = in_phases.map(Rule::key).collect();
    assert!(!in_phases.is_empty());
    // In phases, who takes part in what depends on the rule, too.
    for (source, apart) in [
        (&member, &[][..]),
        (&wide, &in_phases),
        (&images, &in_phases),
    ] {
        let cases = cases(source);
        for (names, least) in [
            // Its values, and its slopes.
            (Activation::NAMES, 2),
            (Loss::NAMES, 1),
            (&ruled, 1),
            (apart, 2),
            (Optimizer::NAMES, 1),
        ] {
            for name in names {
                let name = constant(name);
                let found = cases.iter().filter(|of| **of == name).count();
                assert!(found >= least, "{name} has {found} cases of {least}");
            }
        }
    }
    // Who takes part, and what is done.
    for name in Operation::NAMES {
        let name = constant(name);
        let found = cases(&wide).into_iter().filter(|of| *of == name).count();
        assert!(found >= 2, "{name} has {found} cases");
    }
}

#[test]
fn what_no_case_names_is_poison() {
    for source in [source::member(), source::wide(), source::images().unwrap()] {
        let last: Vec<&str> = source.split("default:").skip(1).collect();
        assert_eq!(last.len(), source.matches("switch ").count());
        for rest in last {
            let block = rest.split('}').next().unwrap();
            assert!(block.contains("poison"), "{block}");
        }
    }
}
