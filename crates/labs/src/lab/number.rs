//! Numbers as a person reads them.

/// A time, by the unit that suits it.
pub(crate) fn seconds(time: f64) -> String {
    match time {
        time if time < 0.001 => format!("{:.0} us", time * 1e6),
        time if time < 1.0 => format!("{:.0} ms", time * 1e3),
        time => format!("{time:.1} s"),
    }
}

/// 1234567 as 1,234,567.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_told_as_a_person_reads_them() {
        for (count, expected) in
            [(7, "7"), (1000, "1,000"), (1234567, "1,234,567")]
        {
            assert_eq!(grouped(count), expected);
        }
        for (time, expected) in
            [(0.00002, "20 us"), (0.3, "300 ms"), (1.02, "1.0 s")]
        {
            assert_eq!(seconds(time), expected);
        }
    }
}
