//! Numbers as a person would write them.

use crate::record::Value;

/// A list is shown up to here. A server with 1,000 connections has as many.
const MAX_SHOWN: usize = 16;

/// Constants of one kind: their values and names.
pub(super) type Names = &'static [(i64, &'static str)];

/// The [`Names`] of constants of `libc`.
macro_rules! names {
    ($($name:ident)*) => {
        &[$((libc::$name as i64, stringify!($name))),*]
    };
}
pub(super) use names;

/// An argument that is an `int`: the upper half of its register means nothing.
pub(super) fn int(argument: u64) -> i32 {
    unsigned(argument).cast_signed()
}

/// An argument that is an `unsigned int`.
#[expect(clippy::cast_possible_truncation, reason = "as the kernel takes it")]
pub(super) fn unsigned(argument: u64) -> u32 {
    argument as u32
}

/// A size, or a count.
pub(super) fn size(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::Number(number),
        Err(_) => pointer(number),
    }
}

/// An address, where there is nothing better to show.
pub(super) fn pointer(address: u64) -> Value {
    match address {
        0 => text("none"),
        address => text(format!("{address:#x}")),
    }
}

/// Text.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// The name of a number, if it has one.
pub(super) fn name(names: Names, number: i64) -> Option<&'static str> {
    let mut names = names.iter();
    names
        .find(|(value, _)| *value == number)
        .map(|(_, name)| *name)
}

/// The name of a number, or the number.
pub(super) fn named(names: Names, number: i64) -> Value {
    name(names, number).map_or(Value::Number(number), text)
}

/// The names of the bits that are set, and the others as one number.
pub(super) fn flags(names: Names, bits: u32) -> Value {
    let words = flag_words(names, bits);
    if words.is_empty() {
        return Value::Number(0);
    }
    text(words.join("|"))
}

/// The words of [`flags`].
pub(super) fn flag_words(names: Names, bits: u32) -> Vec<String> {
    let mut rest = bits;
    let mut words = Vec::new();
    for (value, name) in names {
        // A bit may be the sign of its constant: `EPOLLET` is one.
        let value = unsigned(value.cast_unsigned());
        if value != 0 && rest & value == value {
            rest &= !value;
            words.push((*name).to_owned());
        }
    }
    if rest != 0 {
        words.push(format!("{rest:#x}"));
    }
    words
}

/// The first of `values`, and how many more of the `length` there are.
pub(super) fn list(values: impl IntoIterator<Item = Value>, length: u64) -> Value {
    let mut shown: Vec<Value> = values.into_iter().take(MAX_SHOWN).collect();
    let more = length.saturating_sub(shown.len().try_into().unwrap_or(u64::MAX));
    if more > 0 {
        shown.push(text(format!("... {more} more")));
    }
    Value::List(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERS: Names = &[(1, "A"), (6, "BOTH"), (2, "B"), (-0x8000_0000, "TOP")];

    #[test]
    fn bits_have_names_and_the_rest_is_a_number() {
        assert_eq!(flags(LETTERS, 0), Value::Number(0));
        assert_eq!(flags(LETTERS, 3), text("A|B"));
        assert_eq!(flags(LETTERS, 7), text("A|BOTH"));
        assert_eq!(flags(LETTERS, 0x8000_0011), text("A|TOP|0x10"));
        assert_eq!(flags(LETTERS, 0x10), text("0x10"));
    }

    #[test]
    fn a_number_without_a_name_stays_one() {
        assert_eq!(named(LETTERS, 6), text("BOTH"));
        assert_eq!(named(LETTERS, 7), Value::Number(7));
    }

    #[test]
    fn an_int_is_the_lower_half() {
        assert_eq!(int(0xdead_beef_ffff_ffff), -1);
        assert_eq!(int(0x1_0000_0003), 3);
    }

    #[test]
    fn a_long_list_is_cut() {
        let list = list((0..1000).map(Value::Number), 1000).to_string();
        assert!(list.starts_with("[0, 1, "), "{list}");
        assert!(list.ends_with("14, 15, ... 984 more]"), "{list}");
    }
}
