//! How a key becomes the value of Sec-WebSocket-Accept, stage by stage.

use super::columns;
use crate::wire::handshake::AcceptStages;
use std::fmt::Write as _;

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the stage yields.
    pub label: &'static str,
    /// What it yielded, as text.
    pub text: String,
    /// What was done, in plain words.
    pub words: &'static str,
    /// Where that is laid down.
    pub cite: &'static str,
}

/// The stages for the key that a client sent.
pub fn rows(key: &str) -> [Row; 4] {
    let AcceptStages { key, joined, digest, accept } = AcceptStages::of(key);
    let digest = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
        text
    });
    [
        Row {
            label: "Sec-WebSocket-Key",
            text: key,
            words: "what the client sent: taken as text, never decoded",
            cite: "RFC 6455 §4.1",
        },
        Row {
            label: "key + GUID",
            text: joined,
            words: "the protocol’s own GUID, the same everywhere, is put behind it",
            cite: "RFC 6455 §1.3",
        },
        Row {
            label: "SHA-1",
            text: digest,
            words: "hashed to 20 bytes, here in hex",
            cite: "RFC 6455 §4.2.2",
        },
        Row {
            label: "Sec-WebSocket-Accept",
            text: accept,
            words: "the 20 bytes in base64: what the server answers",
            cite: "RFC 6455 §4.2.2",
        },
    ]
}

/// The stages as lines of aligned columns.
pub fn text(rows: &[Row]) -> String {
    let cells = |row: &Row| vec![row.label.to_owned(), row.text.clone(), row.words.to_owned()];
    columns::aligned(&rows.iter().map(cells).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_6455_1_3_is_told_stage_by_stage() {
        let rows = rows("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(rows[1].text, "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        assert_eq!(rows[2].text, "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
        assert_eq!(rows[3].text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(text(&rows).lines().count(), 4);
    }
}
