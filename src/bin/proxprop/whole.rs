//! Whole numbers of options, read and refused as those of a run are. Knows no option.

use proxprop::lab::row::{Control, Parameter, Value};

/// Reads one from `min` to `max`; what is refused is named with what is allowed.
pub(crate) fn whole<T: TryFrom<u64>>(
    min: u64,
    max: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let parameter = Parameter {
            key: "",
            section: "",
            label: "",
            unit: "",
            help: "",
            default: "",
            control: Control::Integer { min, max },
        };
        // Behind the name of the option, not of a key.
        let refuse = |fault| {
            let words = parameter.refuse(text, &fault);
            words.trim_start_matches(": ").to_owned()
        };
        let Value::Integer(number) = parameter.parse(text).map_err(refuse)? else {
            unreachable!("an integer is read")
        };
        T::try_from(number).map_err(|_| format!("{number} is too large"))
    }
}
