//! How a key becomes the value of Sec-WebSocket-Accept, stage by stage; and how it does not.

use super::columns;
use crate::wire::handshake::{AcceptStages, GUID};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

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
    let digest = super::hex::plain(&digest);
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

/// A recipe that is wrong, and what it yields for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The wrong idea.
    pub idea: &'static str,
    /// What it yields; `None` where the key is such that it yields nothing.
    pub yields: Option<String>,
    /// What is wrong with it.
    pub words: &'static str,
    /// The clause that it misreads.
    pub cite: &'static str,
}

/// What a client does with an answer that is made by a wrong recipe, and the clause.
pub const REFUSED: (&str, &str) = (
    "The client compares it with the value that it expects: it fails the connection, and the \
     script sees an error and close code 1006.",
    "RFC 6455 §4.1",
);

/// What wrong recipes make of the key that a client sent.
pub fn wrong(key: &str) -> [Wrong; 3] {
    let hashed =
        |key: &[u8], guid: &str| Sha1::new().chain_update(key).chain_update(guid).finalize();
    let hex = super::hex::plain(&AcceptStages::of(key).digest);
    let decoded = BASE64.decode(key).ok();
    let lower = GUID.to_ascii_lowercase();
    [
        Wrong {
            idea: "the digest in hex, then base64",
            yields: Some(BASE64.encode(hex)),
            words: "base64 takes the 20 bytes of the digest; its 40 hex digits are another text",
            cite: "RFC 6455 §4.2.2",
        },
        Wrong {
            idea: "the key decoded first",
            yields: decoded.map(|nonce| BASE64.encode(hashed(&nonce, GUID))),
            words: "the key is hashed as the text that came, not as the 16 bytes that it stands for",
            cite: "RFC 6455 §4.2.2",
        },
        Wrong {
            idea: "another GUID",
            yields: Some(BASE64.encode(hashed(key.as_bytes(), &lower))),
            words: "here the right one in lower case: it is hashed as text, so each letter counts",
            cite: "RFC 6455 §1.3",
        },
    ]
}

/// The stages, and the wrong recipes, as lines of aligned columns.
pub fn text(key: &str) -> String {
    let cells = |row: &Row| vec![row.label.to_owned(), row.text.clone(), row.words.to_owned()];
    let right = columns::aligned(&rows(key).iter().map(cells).collect::<Vec<_>>());
    let cells = |wrong: &Wrong| {
        let yields = wrong.yields.clone().unwrap_or_else(|| NOTHING.to_owned());
        vec![wrong.idea.to_owned(), yields, wrong.words.to_owned()]
    };
    let wrong = columns::aligned(&wrong(key).iter().map(cells).collect::<Vec<_>>());
    format!("{right}\nWrong recipes:\n{wrong}{} ({})\n", REFUSED.0, REFUSED.1)
}

/// What a recipe yields that cannot be followed.
pub const NOTHING: &str = "nothing: this key is not base64";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conn::{Action, Config, Conn, State};
    use crate::wire::Side;
    use crate::wire::handshake::Offer;
    use crate::wire::http::{Request, Response};

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    #[test]
    fn the_example_of_rfc_6455_1_3_is_told_stage_by_stage() {
        let rows = rows(KEY);
        assert_eq!(rows[1].text, "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        assert_eq!(rows[2].text, "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
        assert_eq!(rows[3].text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(text(KEY).lines().count(), 4 + 2 + 3 + 1);
    }

    /// What a client is, to which such a value is answered.
    fn told(accept: &str) -> State {
        let mut client = Conn::new(Config::new(Side::Client, 1));
        let offer = Offer { key: KEY.to_owned(), ..Offer::default() };
        let request = Request::new("GET", "/").with("Host", "a");
        client.act(Action::Upgrade(request, offer)).expect("it has asked nothing yet");
        let answer = Response::new(101).with("Upgrade", "websocket").with("Connection", "Upgrade");
        client.receive(&answer.with("Sec-WebSocket-Accept", accept).to_bytes());
        client.state()
    }

    #[test]
    fn a_client_opens_for_the_right_recipe_and_fails_for_each_wrong_one() {
        assert_eq!(told(&rows(KEY)[3].text), State::Open);
        for wrong in wrong(KEY) {
            let yields = wrong.yields.expect("this key is base64");
            assert_eq!(told(&yields), State::Failed, "{}", wrong.idea);
        }
    }

    #[test]
    fn a_key_that_is_no_base64_is_hashed_all_the_same_but_cannot_be_decoded() {
        let key = "not base64!";
        assert_eq!(wrong(key).map(|wrong| wrong.yields.is_some()), [true, false, true]);
        assert!(text(key).contains(NOTHING));
    }
}
