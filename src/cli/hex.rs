//! Bytes as hex text, as the command line reads and writes them.

use super::Misuse;
use crate::view::hex;
pub(super) use crate::view::hex::plain as format;

/// Reads hex digits; white space, commas, colons and `0x` before a byte are passed over.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, Misuse> {
    hex::parse(text).map_err(|error| Misuse(error.to_string()))
}
