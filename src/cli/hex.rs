//! Bytes as hex text, read leniently and written plainly.

use super::Misuse;
pub(super) use crate::view::hex::plain as format;

/// Reads hex digits; white space, commas, colons and `0x` before a byte are passed over.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, Misuse> {
    let mut digits = Vec::new();
    for (line_idx, line) in text.lines().enumerate() {
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let prefix = c == '0'
                && digits.len() % 2 == 0
                && chars.next_if(|(_, x)| matches!(x, 'x' | 'X')).is_some();
            if prefix || c.is_whitespace() || matches!(c, ',' | ':') {
                continue;
            }
            let Some(digit) = c.to_digit(16) else {
                let column = line[..at].chars().count() + 1;
                return Err(Misuse(format!(
                    "{c:?} in line {}, column {column} is not a hex digit; write bytes like 81 05 48 65",
                    line_idx + 1
                )));
            };
            digits.push(u8::try_from(digit).expect("a hex digit is below 16"));
        }
    }
    if digits.len() % 2 == 1 {
        return Err(Misuse(format!(
            "{} hex digits make half a byte at the end; a byte is two digits",
            digits.len()
        )));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_with_spaces_prefixes_and_lines() {
        let expected = [0x81, 0x05, 0x0f];
        for text in ["81050f", "81 05 0F", "0x81, 0x05, 0x0f", "81:05\n0f\n"] {
            assert_eq!(parse(text).expect("hex"), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_hex_is_named_with_line_and_column() {
        let message = parse("81\n0g").expect_err("g is no digit").to_string();
        assert!(message.contains("'g' in line 2, column 2"), "{message}");
        let message = parse("818").expect_err("half a byte").to_string();
        assert!(message.contains("half a byte"), "{message}");
    }
}
