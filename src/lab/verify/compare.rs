//! How far what has come is from what is expected. Knows no kind of case.
//!
//! A number deviates by |a − b| relative to the largest expected size in the array it stands in (nested arrays of numbers are
//! one), a number that stands alone by |a − b| / (1 + |b|). Whole numbers, words and truths are equal or are not.

use serde_json::Value;

/// The largest deviation, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Its size; infinite where something is missing, another word or not finite.
    pub size: f64,
    /// The place in the case, as a JSON pointer.
    pub place: String,
}

/// What was compared so far.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) compared: usize,
    pub(super) worst: Option<Deviation>,
}

impl Comparison {
    /// Compares all that stands at a place.
    pub(super) fn compare(&mut self, place: &str, got: &Value, want: &Value) {
        match (got, want) {
            (Value::Object(got), Value::Object(want)) => {
                for (key, want) in want {
                    let got = got.get(key);
                    self.compare(&format!("{place}/{key}"), got.unwrap_or(&Value::Null), want);
                }
            }
            (Value::Array(given), Value::Array(wanted)) if given.len() == wanted.len() => {
                if let Some(scale) = scale_of(want) {
                    self.numbers(place, got, want, scale);
                } else {
                    for (i, (got, want)) in given.iter().zip(wanted).enumerate() {
                        self.compare(&format!("{place}/{i}"), got, want);
                    }
                }
            }
            (_, Value::Number(number)) if number.is_f64() => {
                let size = number.as_f64().map_or(0.0, f64::abs);
                self.numbers(place, got, want, 1.0 + size);
            }
            _ => {
                self.compared += 1;
                self.note(place, if got == want { 0.0 } else { f64::INFINITY });
            }
        }
    }

    /// Compares numbers, alone or in arrays, relative to `scale`.
    fn numbers(&mut self, place: &str, got: &Value, want: &Value, scale: f64) {
        if let (Value::Array(given), Value::Array(wanted)) = (got, want)
            && given.len() == wanted.len()
        {
            for (i, (got, want)) in given.iter().zip(wanted).enumerate() {
                self.numbers(&format!("{place}/{i}"), got, want, scale);
            }
            return;
        }
        self.compared += 1;
        let size = match (got.as_f64(), want.as_f64()) {
            (Some(got), Some(want)) if got == want => 0.0,
            (Some(got), Some(want)) => (got - want).abs() / scale,
            _ if got == want => 0.0,
            _ => f64::INFINITY,
        };
        self.note(place, size);
    }

    fn note(&mut self, place: &str, size: f64) {
        let worst = self.worst.as_ref().map_or(0.0, |worst| worst.size);
        if size > worst {
            let place = place.to_owned();
            self.worst = Some(Deviation { size, place });
        }
    }
}

/// The first place, at whatever depth, at which something has come and nothing is expected.
pub(super) fn lacking(place: &str, got: &Value, want: &Value) -> Option<String> {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => got.iter().find_map(|(key, got)| {
            let place = format!("{place}/{key}");
            match want.get(key) {
                Some(want) => lacking(&place, got, want),
                None => Some(place),
            }
        }),
        (Value::Array(got), Value::Array(want)) => {
            let mut all = got.iter().zip(want).enumerate();
            all.find_map(|(i, (got, want))| lacking(&format!("{place}/{i}"), got, want))
        }
        _ => None,
    }
}

/// The largest size in an array of numbers, some of which are not whole; `None` for other arrays. What is not finite is `null`.
fn scale_of(array: &Value) -> Option<f64> {
    let mut leaves = Vec::new();
    gather(array, &mut leaves);
    let of_numbers = leaves.iter().all(|leaf| leaf.is_number() || leaf.is_null());
    let broken = leaves.iter().any(|leaf| leaf.is_f64());
    let sizes = leaves.iter().filter_map(|leaf| leaf.as_f64());
    (of_numbers && broken).then(|| sizes.fold(0.0, |most, size| size.abs().max(most)))
}

fn gather<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>) {
    match value.as_array() {
        Some(values) => values.iter().for_each(|value| gather(value, leaves)),
        None => leaves.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn worst(got: &Value, want: &Value) -> (f64, String) {
        let mut comparison = Comparison::default();
        comparison.compare("", got, want);
        let worst = comparison.worst.map(|worst| (worst.size, worst.place));
        worst.unwrap_or((0.0, String::new()))
    }

    #[test]
    fn a_number_is_measured_by_its_array_or_by_itself() {
        let want = json!({"w": [[4.0, 0.5], [0.0, 1.0]], "b": 3.0});
        let got = json!({"w": [[4.0, 0.5], [1.0, 1.0]], "b": 3.5});
        assert_eq!(worst(&got, &want), (0.25, "/w/1/0".to_owned()));
        let got = json!({"w": [[4.0, 0.5], [0.0, 1.0]], "b": 3.5});
        assert_eq!(worst(&got, &want), (0.125, "/b".to_owned()));
        assert_eq!(worst(&want, &want).0, 0.0);
        assert_eq!(worst(&json!([1e-17]), &json!([0.0])).0, f64::INFINITY);
    }

    #[test]
    fn what_counts_or_says_something_is_equal_or_is_not() {
        for (got, want) in [
            (json!({"n": 3}), json!({"n": 4})),
            (json!({"n": [3, 3]}), json!({"n": [3, 4]})),
            (json!({"n": true}), json!({"n": false})),
            (json!({"n": "sgd"}), json!({"n": "adam"})),
            (json!({}), json!({"n": 1.0})),
            (json!({"n": null}), json!({"n": 1.0})),
            (json!({"n": 1.0}), json!({"n": null})),
            (json!({"n": [1.0, 2.0]}), json!({"n": [1.0]})),
            (json!({"n": [[1.0], [2.0]]}), json!({"n": [[1.0], 2.0]})),
            (json!({"n": [1.0, null]}), json!({"n": [1.0, 2.5]})),
        ] {
            assert_eq!(worst(&got, &want).0, f64::INFINITY, "{got} {want}");
            assert_eq!(worst(&want, &want).0, 0.0, "{want}");
        }
        // More may have come than was asked for.
        assert_eq!(worst(&json!({"n": 1.0}), &json!({})).0, 0.0);
    }
}
