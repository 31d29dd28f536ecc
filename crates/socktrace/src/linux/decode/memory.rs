//! What can be read from the watched program.

use std::array;

/// The memory of the watched program.
pub(crate) trait Memory {
    /// As many of `length` bytes from `address` on as can be read: fewer, or none, where
    /// nothing is mapped.
    fn read(&self, address: u64, length: usize) -> Vec<u8>;
}

impl dyn Memory + '_ {
    /// All of `length` bytes, or nothing.
    pub(super) fn exactly(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        let bytes = self.read(address, length);
        (bytes.len() == length).then_some(bytes)
    }

    /// As many of `length` bytes as can be read, but not more than `most`: the length is
    /// the program's word.
    pub(super) fn at_most(&self, address: u64, length: u64, most: usize) -> Vec<u8> {
        let length = usize::try_from(length).unwrap_or(most).min(most);
        if length == 0 {
            return Vec::new();
        }
        let mut bytes = self.read(address, length);
        bytes.truncate(length);
        bytes
    }

    pub(super) fn i32(&self, address: u64) -> Option<i32> {
        i32_at(&self.exactly(address, size_of::<i32>())?, 0)
    }

    pub(super) fn u32(&self, address: u64) -> Option<u32> {
        self.i32(address).map(i32::cast_unsigned)
    }
}

/// A number in the bytes of a structure; none if they end before.
pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array_at(bytes, offset).map(u16::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn i16_at(bytes: &[u8], offset: usize) -> Option<i16> {
    array_at(bytes, offset).map(i16::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn i32_at(bytes: &[u8], offset: usize) -> Option<i32> {
    array_at(bytes, offset).map(i32::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    array_at(bytes, offset).map(u32::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn i64_at(bytes: &[u8], offset: usize) -> Option<i64> {
    array_at(bytes, offset).map(i64::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    array_at(bytes, offset).map(u64::from_ne_bytes)
}

/// See [`u16_at`].
pub(super) fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    let bytes = bytes.get(offset..)?.get(..N)?;
    Some(array::from_fn(|index| bytes[index]))
}
