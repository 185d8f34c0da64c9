//! Numbers on charts: round ranges, ticks, and numbers in words. Knows no chart.

/// The smallest and the largest of some numbers.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let both = values.map(|y| (y, y));
    both.reduce(|(low, high), (y, _)| (low.min(y), high.max(y)))
}

/// Places for grid lines of a logarithmic range that has room for so many labels, and whether each has one: two at least
/// have.
pub(super) fn log_ticks(range: (f64, f64), labels: f64) -> Vec<(f64, bool)> {
    let mut ticks = round_ticks(range, labels);
    if ticks.iter().filter(|(_, labelled)| *labelled).count() > 1 {
        return ticks;
    }
    let Some(last) = ticks.len().checked_sub(1).filter(|last| *last > 0) else {
        let ticks = even_ticks(range, labels).into_iter();
        return ticks.map(|y| (y, true)).collect();
    };
    for (i, tick) in ticks.iter_mut().enumerate() {
        tick.1 = i == 0 || i == last;
    }
    ticks
}

/// The same where they are round in the logarithm; in a short range few are, or none.
pub(super) fn round_ticks(range: (f64, f64), labels: f64) -> Vec<(f64, bool)> {
    let (low, high) = (libm::log10(range.0), libm::log10(range.1));
    let decades = high - low;
    let every = (decades / labels).ceil().max(1.0) as i32;
    let mut ticks = Vec::new();
    for decade in low.floor() as i32..=high.ceil() as i32 {
        for digit in 1..10 {
            let y = 10f64.powi(decade) * f64::from(digit);
            if y < range.0 * 0.999 || y > range.1 * 1.001 {
                continue;
            }
            if digit == 1 {
                ticks.push((y, decade.rem_euclid(every) == 0));
            } else if decades < 1.5 && (digit == 2 || digit == 5) {
                ticks.push((y, true));
            }
        }
    }
    ticks
}

/// Places for labels of a range that has room for so many: two at least.
pub(super) fn even_ticks(range: (f64, f64), labels: f64) -> Vec<f64> {
    let length = range.1 - range.0;
    let ticks = steps(range, nice_step(length, labels));
    if ticks.len() > 1 {
        return ticks;
    }
    steps(range, round_below(0.5 * length))
}

/// Multiples of a step inside a range.
pub(super) fn steps(range: (f64, f64), step: f64) -> Vec<f64> {
    let first = (range.0 / step - 1e-9).ceil() as i64;
    let last = (range.1 / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// The smallest 1, 2 or 5 × 10ᵏ that cuts a range into at most so many parts.
pub(super) fn nice_step(range: f64, parts: f64) -> f64 {
    let least = range / parts.max(1.0);
    let decade = libm::exp10(libm::log10(least).floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(decade)
}

/// The largest 1, 2 or 5 × 10ᵏ not above.
pub(super) fn round_below(y: f64) -> f64 {
    let decade = libm::exp10(libm::log10(y).floor());
    [5.0, 2.0, 1.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|r| *r <= y * 1.000_001)
        .unwrap_or(decade)
}

/// The smallest 1, 2 or 5 × 10ᵏ above.
pub(super) fn round_above(y: f64) -> f64 {
    let decade = libm::exp10(libm::log10(y).floor());
    [2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|r| *r > y)
        .unwrap_or(decade * 10.0)
}

/// A number in four significant digits at most; what has grown beyond every number is `∞`.
pub fn short(y: f64) -> String {
    let size = y.abs();
    if size == f64::INFINITY {
        return if y > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    if y == 0.0 || y.is_nan() {
        return format!("{y}");
    }
    if !(1e-3..1e5).contains(&size) {
        let text = format!("{y:.2e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{power}");
    }
    let digits = (3 - libm::log10(size).floor() as i32).max(0) as usize;
    let text = format!("{y:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Numbers of one quantity beside each other, with the same decimals: those that four digits of the largest take, and no more zeros than
/// one of them needs. What would be left with less than two digits stands as it does alone; a dash is for what is no number.
pub fn alike(numbers: &[f64]) -> Vec<String> {
    let plain = |y: f64| y == 0.0 || (1e-3..1e5).contains(&y.abs());
    let sizes = numbers.iter().filter(|y| plain(**y)).map(|y| y.abs());
    let largest = sizes.fold(0.0, f64::max);
    let most = if largest > 0.0 {
        (3 - libm::log10(largest).floor() as i32).max(0)
    } else {
        0
    };
    let fits = |y: f64| plain(y) && (y == 0.0 || y.abs() >= 10.0 * libm::exp10(f64::from(-most)));
    let needed = |y: &f64| {
        let text = format!("{y:.*}", most as usize);
        let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
        decimals.trim_end_matches('0').len()
    };
    let decimals = numbers.iter().filter(|y| fits(**y)).map(needed).max();
    let decimals = decimals.unwrap_or(0);
    let words = |y: &f64| match *y {
        y if y.is_nan() => "–".to_owned(),
        y if fits(y) => format!("{y:.decimals$}").replace('-', "−"),
        y => short(y).replace('-', "−"),
    };
    numbers.iter().map(words).collect()
}

/// A share in percent, with so many decimals; what is not quite all or nothing gets one more rather than be rounded to it.
pub fn percent(share: f64, decimals: usize) -> String {
    let round = |unit: f64| (100.0 * share * unit).round() / unit;
    let unit = 10f64.powi(decimals as i32);
    let rounded = round(unit);
    if share > 0.0 && share < 1.0 && (rounded == 0.0 || rounded == 100.0) {
        let least = 0.1 / unit;
        let near = round(10.0 * unit).clamp(least, 100.0 - least);
        return format!("{near:.*} %", decimals + 1);
    }
    format!("{rounded:.decimals$} %")
}

/// A number beside a logarithmic axis: powers of ten as such.
pub(super) fn tick(y: f64) -> String {
    let power = libm::log10(y.abs()).round();
    if y > 0.0 && power.abs() >= 4.0 && (y / libm::exp10(power) - 1.0).abs() < 1e-9 {
        let digits = format!("{power}").replace('-', "⁻");
        let raised = |d: char| {
            d.to_digit(10).map_or(d, |d| {
                ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][d as usize]
            })
        };
        return format!("10{}", digits.chars().map(raised).collect::<String>());
    }
    short(y)
}

/// A number beside an axis of even steps, in the notation of its neighbours and without the dust of its computation.
pub(super) fn even(y: f64) -> String {
    if y.abs() < 1e-12 {
        "0".to_owned()
    } else {
        short(y).replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [
            0.0,
            1.0,
            0.123456,
            12345.6,
            1e6,
            2.5e-5,
            -3.0,
            f64::INFINITY,
        ]
        .into_iter()
        .map(short)
        .collect();
        assert_eq!(
            shown,
            ["0", "1", "0.1235", "12346", "1e6", "2.5e-5", "-3", "∞"]
        );
    }

    #[test]
    fn every_axis_has_two_labels() {
        for range in [
            (-3.4, 3.1),
            (-1.4, 1.3),
            (0.1, 0.9),
            (17.0, 17.1),
            (-9e-6, 2e-6),
        ] {
            let ticks = even_ticks(range, 1.0);
            assert!((2..=5).contains(&ticks.len()), "{range:?}: {ticks:?}");
            assert!(ticks.iter().all(|y| range.0 <= *y && *y <= range.1));
        }
        for range in [(1.5e-5, 4e-5), (0.02, 0.09), (0.5, 3e9), (1e-3, 1e7)] {
            let ticks = log_ticks(range, 1.2);
            let labelled = ticks.iter().filter(|(_, labelled)| *labelled);
            assert!((2..=4).contains(&labelled.count()), "{range:?}: {ticks:?}");
        }
    }

    #[test]
    fn an_axis_has_one_notation() {
        let shown = [-1e-5, 0.0, 1e-5, 2.5e-5].map(even);
        assert_eq!(shown, ["−1e−5", "0", "1e−5", "2.5e−5"]);
        assert_eq!([1e4, 2e4].map(even), ["10000", "20000"]);
        assert_eq!([1e4, 1e-5].map(tick), ["10⁴", "10⁻⁵"]);
    }

    #[test]
    fn numbers_beside_each_other_have_the_same_decimals() {
        for (numbers, words) in [
            (
                &[0.89, 0.8833, f64::NAN][..],
                &["0.8900", "0.8833", "–"][..],
            ),
            (&[0.5, 0.25], &["0.50", "0.25"]),
            (&[60.0, 120.0, 0.0], &["60", "120", "0"]),
            (&[1.0, 5.45e-4], &["1", "5.45e−4"]),
            (
                &[0.2075, -0.05997, -0.01318],
                &["0.2075", "−0.0600", "−0.0132"],
            ),
            (&[2.02e7, 2.0], &["2.02e7", "2"]),
            (&[f64::INFINITY, 12.5], &["∞", "12.5"]),
            (&[100.3, 0.004], &["100.3", "0.004"]),
            (&[], &[]),
        ] {
            assert_eq!(alike(numbers), words, "{numbers:?}");
        }
    }

    #[test]
    fn only_all_is_100_percent_and_only_nothing_0() {
        let whole = [0.0, 1e-9, 0.004, 0.005, 0.4949, 0.9949, 0.995, 0.9996, 1.0];
        assert_eq!(
            whole.map(|share| percent(share, 0)),
            [
                "0 %", "0.1 %", "0.4 %", "1 %", "49 %", "99 %", "99.5 %", "99.9 %", "100 %"
            ]
        );
        assert_eq!(percent(0.9996, 1), "99.96 %");
        assert_eq!(percent(0.5, 1), "50.0 %");
    }
}
