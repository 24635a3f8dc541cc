//! The opening handshake: building the request, judging it, answering, judging the answer.
//!
//! **Invariant:** judging lists every breach, in the order of RFC 6455 §4; the first decides.

use super::http::{Headers, Request, Response};
use super::rule::{Remedy, Rule};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

/// The string that every WebSocket server appends to the key (RFC 6455 §1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The stages by which a key becomes the value of Sec-WebSocket-Accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptStages {
    /// The key as it was sent: text, never decoded.
    pub key: String,
    /// The key with the GUID behind it.
    pub joined: String,
    /// SHA-1 of the joined text.
    pub digest: [u8; 20],
    /// The digest in base64.
    pub accept: String,
}

impl AcceptStages {
    /// Derives the stages from a key (RFC 6455 §4.2.2, step 5.4).
    pub fn of(key: &str) -> Self {
        let joined = format!("{key}{GUID}");
        let digest: [u8; 20] = Sha1::digest(joined.as_bytes()).into();
        let accept = BASE64.encode(digest);
        Self { key: key.to_owned(), joined, digest, accept }
    }
}

/// The text of a key made from sixteen bytes.
pub fn key_from_nonce(nonce: [u8; 16]) -> String {
    BASE64.encode(nonce)
}

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The value of Sec-WebSocket-Key.
    pub key: String,
    /// The subprotocols that the client speaks, the best first.
    pub protocols: Vec<String>,
}

impl Offer {
    /// Completes a GET request with the headers of the upgrade.
    pub fn complete(&self, request: Request) -> Request {
        let request = request
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade")
            .with("Sec-WebSocket-Key", self.key.as_str())
            .with("Sec-WebSocket-Version", "13");
        if self.protocols.is_empty() {
            request
        } else {
            request.with("Sec-WebSocket-Protocol", self.protocols.join(", "))
        }
    }
}

/// A rule of the handshake that was broken, and the header that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// The header that breaks it, where one is there to point at; the start line if `None`.
    pub header: Option<&'static str>,
}

impl Fault {
    fn start_line(rule: Rule) -> Self {
        Self { rule, header: None }
    }

    fn header(rule: Rule, header: &'static str) -> Self {
        Self { rule, header: Some(header) }
    }
}

/// Whether a request asks for an upgrade at all.
pub fn asks_for_upgrade(request: &Request) -> bool {
    request.headers.lists("upgrade", "websocket")
        || request.headers.all("sec-websocket-key").next().is_some()
        || request.headers.all("sec-websocket-version").next().is_some()
}

/// What is wrong with a request to upgrade (RFC 6455 §4.2.1); empty where nothing is.
pub fn judge_request(request: &Request) -> Vec<Fault> {
    let headers = &request.headers;
    let mut faults = Vec::new();
    let mut demand = |holds: bool, fault: Fault| {
        if !holds {
            faults.push(fault);
        }
    };
    demand(request.method == "GET", Fault::start_line(Rule::UpgradeMethod));
    demand(request.minor >= 1, Fault::start_line(Rule::UpgradeHttpVersion));
    demand(headers.only("host").is_some(), Fault::header(Rule::HostMissing, "Host"));
    demand(headers.lists("upgrade", "websocket"), Fault::header(Rule::UpgradeHeader, "Upgrade"));
    demand(
        headers.lists("connection", "upgrade"),
        Fault::header(Rule::ConnectionHeader, "Connection"),
    );
    demand(
        headers.only("sec-websocket-key").is_some_and(is_key),
        Fault::header(Rule::Key, "Sec-WebSocket-Key"),
    );
    demand(
        headers.only("sec-websocket-version") == Some("13"),
        Fault::header(Rule::Version, "Sec-WebSocket-Version"),
    );
    faults
}

/// Whether a key is base64 of exactly sixteen bytes.
fn is_key(key: &str) -> bool {
    BASE64.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

/// The answer to a request that asks for an upgrade and has these faults: 101 where there are
/// none. `protocols` are those that the server speaks; it chooses the first offered one.
pub fn answer(request: &Request, faults: &[Fault], protocols: &[String]) -> Response {
    if let Some(fault) = faults.first() {
        return refuse(fault.rule);
    }
    let key = request.headers.only("sec-websocket-key").unwrap_or_default();
    let response = Response::new(101)
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Accept", AcceptStages::of(key).accept);
    let offered = request.headers.list("sec-websocket-protocol");
    match offered.into_iter().find(|offer| protocols.iter().any(|spoken| spoken == offer)) {
        Some(protocol) => response.with("Sec-WebSocket-Protocol", protocol),
        None => response,
    }
}

/// The response to a request that broke `rule`.
pub fn refuse(rule: Rule) -> Response {
    let status = match rule.remedy() {
        Remedy::Status(status) => status,
        Remedy::Close(_) | Remedy::Abandon => 400,
    };
    let response = Response::new(status);
    let response = match status {
        // RFC 6455 §4.2.2: "MUST […] include a |Sec-WebSocket-Version| header".
        426 => response
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade, close")
            .with("Sec-WebSocket-Version", "13"),
        // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
        405 => response.with("Allow", "GET").with("Connection", "close"),
        _ => response.with("Connection", "close"),
    };
    let body = refusal_text(rule);
    response.with("Content-Type", "text/plain").with("Content-Length", body.len().to_string())
}

/// The body that goes with [`refuse`]: the rule in plain words.
pub fn refusal_text(rule: Rule) -> String {
    format!("{} ({})\n", rule.statement(), rule.cite())
}

/// What is wrong with the answer to `offer` (RFC 6455 §4.1); empty where nothing is.
pub fn judge_response(response: &Response, offer: &Offer) -> Vec<Fault> {
    let headers = &response.headers;
    let mut faults = Vec::new();
    let mut demand = |holds: bool, fault: Fault| {
        if !holds {
            faults.push(fault);
        }
    };
    demand(response.status == 101, Fault::start_line(Rule::NotSwitched));
    demand(
        headers.only("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")),
        Fault::header(Rule::ResponseUpgrade, "Upgrade"),
    );
    demand(
        headers.lists("connection", "upgrade"),
        Fault::header(Rule::ResponseConnection, "Connection"),
    );
    demand(
        headers.only("sec-websocket-accept") == Some(&AcceptStages::of(&offer.key).accept),
        Fault::header(Rule::Accept, "Sec-WebSocket-Accept"),
    );
    demand(
        headers.list("sec-websocket-extensions").next().is_none(),
        Fault::header(Rule::ExtensionNotOffered, "Sec-WebSocket-Extensions"),
    );
    demand(
        chosen_protocol(headers).is_ok_and(|chosen| {
            chosen.is_none_or(|chosen| offer.protocols.iter().any(|offer| offer == chosen))
        }),
        Fault::header(Rule::ProtocolNotOffered, "Sec-WebSocket-Protocol"),
    );
    faults
}

/// The subprotocol that a response chooses.
///
/// # Errors
/// Where it names more than one.
pub fn chosen_protocol(headers: &Headers) -> Result<Option<&str>, Rule> {
    let mut chosen = headers.all("sec-websocket-protocol");
    let first = chosen.next();
    if chosen.next().is_some() { Err(Rule::ProtocolNotOffered) } else { Ok(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_rfc_6455_1_3_is_accepted_stage_by_stage() {
        let stages = AcceptStages::of("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(stages.joined, "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        // The digest that RFC 6455 §1.3 prints.
        assert_eq!(
            stages.digest,
            [
                0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f, 0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38,
                0x59, 0x45, 0xb2, 0xbe, 0xc4, 0xea
            ]
        );
        assert_eq!(stages.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_key_is_base64_of_sixteen_bytes() {
        assert!(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_key("dGhlIHNhbXBsZSBub25jZQ"));
        assert!(!is_key("c2hvcnQ="));
        assert!(!is_key("not base64!"));
    }
}
