//! The opening handshake: building the request, judging it, answering, judging the answer.
//!
//! **Invariant:** judging lists every breach, in the order of RFC 6455 §4; the first decides.

use super::extension::{self, Agreement, DeflateOffer, Extension};
use super::headers::{Headers, elements};
use super::http::{Request, Response, is_token};
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
        let digest = digest(key);
        let accept = Accept::of(digest).text().to_owned();
        Self { key: key.to_owned(), joined: format!("{key}{GUID}"), digest, accept }
    }
}

/// SHA-1 of the key with the GUID behind it.
fn digest(key: &str) -> [u8; 20] {
    let mut joined = [0; 60];
    if key.len() + GUID.len() != joined.len() {
        return Sha1::new().chain_update(key).chain_update(GUID).finalize().into();
    }
    // All keys of conforming clients are as long as this.
    joined[..key.len()].copy_from_slice(key.as_bytes());
    joined[key.len()..].copy_from_slice(GUID.as_bytes());
    Sha1::digest(joined).into()
}

/// The value of Sec-WebSocket-Accept: a digest in base64.
struct Accept([u8; 28]);

impl Accept {
    fn of(digest: [u8; 20]) -> Self {
        let mut accept = [0; 28];
        BASE64.encode_slice(digest, &mut accept).expect("twenty bytes become twenty-eight");
        Self(accept)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64 is ASCII")
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
    /// The ways in which the client would deflate, the best first.
    pub deflate: Vec<DeflateOffer>,
}

impl Offer {
    /// Completes a GET request with the headers of the upgrade.
    pub fn complete(&self, request: Request) -> Request {
        let request = request
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade")
            .with("Sec-WebSocket-Key", self.key.as_str())
            .with("Sec-WebSocket-Version", "13");
        let request = match &self.protocols[..] {
            [] => request,
            protocols => request.with("Sec-WebSocket-Protocol", protocols.join(", ")),
        };
        let offers = self.deflate.iter().map(|offer| offer.to_extension().to_string());
        match offers.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => request,
            offers => request.with("Sec-WebSocket-Extensions", offers),
        }
    }
}

/// What a server is willing to use on a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The subprotocols that it speaks.
    pub protocols: Vec<String>,
    /// The most that it would deflate and inflate, where it would at all.
    pub deflate: Option<Agreement>,
}

/// What both ends use on a connection that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The subprotocol that the server chose.
    pub protocol: Option<String>,
    /// How messages are deflated, where that was agreed.
    pub deflate: Option<Agreement>,
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
    Asked::of(&request.headers).faults(request)
}

/// What the header lines of a request to upgrade say, gathered in one pass over them.
#[derive(Default)]
struct Asked<'a> {
    host: Lines<'a>,
    key: Lines<'a>,
    version: Lines<'a>,
    protocol: Lines<'a>,
    extensions: Lines<'a>,
    upgrades: bool,
    connection_upgrades: bool,
}

/// The lines of one name: the value of the first, and how many there are.
#[derive(Default)]
struct Lines<'a> {
    first: &'a str,
    n: usize,
}

impl<'a> Lines<'a> {
    fn add(&mut self, value: &'a str) {
        if self.n == 0 {
            self.first = value;
        }
        self.n += 1;
    }

    fn only(&self) -> Option<&'a str> {
        (self.n == 1).then_some(self.first)
    }
}

impl<'a> Asked<'a> {
    fn of(headers: &'a Headers) -> Self {
        let mut asked = Self::default();
        for (name, value) in headers.iter() {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            let lists = |token: &str| {
                value.eq_ignore_ascii_case(token)
                    || elements(value).any(|element| element.eq_ignore_ascii_case(token))
            };
            // Most lines are told apart by the length of their name alone.
            match name.len() {
                4 if is("host") => asked.host.add(value),
                7 if is("upgrade") => asked.upgrades |= lists("websocket"),
                10 if is("connection") => asked.connection_upgrades |= lists("upgrade"),
                17 if is("sec-websocket-key") => asked.key.add(value),
                21 if is("sec-websocket-version") => asked.version.add(value),
                22 if is("sec-websocket-protocol") => asked.protocol.add(value),
                24 if is("sec-websocket-extensions") => asked.extensions.add(value),
                _ => {}
            }
        }
        asked
    }

    fn faults(&self, request: &Request) -> Vec<Fault> {
        let headers = &request.headers;
        let mut faults = Vec::new();
        let mut demand = |holds: bool, fault: Fault| {
            if !holds {
                faults.push(fault);
            }
        };
        demand(request.method == "GET", Fault::start_line(Rule::UpgradeMethod));
        demand(!request.target.contains('#'), Fault::start_line(Rule::Fragment));
        demand(request.minor >= 1, Fault::start_line(Rule::UpgradeHttpVersion));
        demand(self.host.n == 1, Fault::header(Rule::HostMissing, "Host"));
        demand(self.upgrades, Fault::header(Rule::UpgradeHeader, "Upgrade"));
        demand(self.connection_upgrades, Fault::header(Rule::ConnectionHeader, "Connection"));
        demand(self.key.only().is_some_and(is_key), Fault::header(Rule::Key, "Sec-WebSocket-Key"));
        demand(
            self.version.only() == Some("13"),
            Fault::header(Rule::Version, "Sec-WebSocket-Version"),
        );
        demand(
            self.protocol.n == 0 || lists_tokens_once(headers, "sec-websocket-protocol"),
            Fault::header(Rule::ProtocolList, "Sec-WebSocket-Protocol"),
        );
        demand(
            self.extensions.n == 0 || extensions(headers).is_ok(),
            Fault::header(Rule::ExtensionSyntax, "Sec-WebSocket-Extensions"),
        );
        faults
    }
}

/// RFC 6455 §4.1: the elements of the list "MUST all be unique strings" of token characters.
fn lists_tokens_once(headers: &Headers, name: &str) -> bool {
    let elements: Vec<_> = headers.list(name).collect();
    let once = |(idx, element)| !elements[..idx].contains(element);
    let tokens = elements.iter().all(|element| element.bytes().all(is_token));
    !elements.is_empty() && tokens && elements.iter().enumerate().all(once)
}

/// The extensions of every Sec-WebSocket-Extensions line, in their order.
fn extensions(headers: &Headers) -> Result<Vec<Extension>, Rule> {
    let lines: Result<Vec<_>, _> =
        headers.all("sec-websocket-extensions").map(extension::parse).collect();
    Ok(lines?.concat())
}

/// Whether a key is base64 of exactly sixteen bytes.
fn is_key(key: &str) -> bool {
    // The decoder wants room for whole groups of three, whatever the padding says.
    let mut nonce = [0; 18];
    key.len() == 24 && BASE64.decode_slice(key, &mut nonce).is_ok_and(|n| n == 16)
}

/// The answer to a request to upgrade: what is used from then on, and the 101 that says so. The
/// server chooses the first offered subprotocol that it speaks, and the first offered way of
/// deflating that it can serve.
///
/// # Errors
/// What is wrong with the request; [`refuse`] answers the first fault.
pub fn answer(request: &Request, terms: &Terms) -> Result<(Opened, Response), Vec<Fault>> {
    let asked = Asked::of(&request.headers);
    let faults = asked.faults(request);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut response = Response::new(101);
    response.headers.push("Upgrade", "websocket");
    response.headers.push("Connection", "Upgrade");
    response.headers.push("Sec-WebSocket-Accept", Accept::of(digest(asked.key.first)).text());
    let mut opened = Opened::default();
    if asked.protocol.n > 0 {
        let mut offered = request.headers.list("sec-websocket-protocol");
        if let Some(protocol) = offered.find(|offer| terms.protocols.iter().any(|p| p == offer)) {
            response.headers.push("Sec-WebSocket-Protocol", protocol);
            opened.protocol = Some(protocol.to_owned());
        }
    }
    if let Some(limits) = terms.deflate {
        let offered = extensions(&request.headers).expect("it was judged");
        if let Some((agreement, extension)) = extension::accept(&offered, limits) {
            response.headers.push("Sec-WebSocket-Extensions", extension.to_string());
            opened.deflate = Some(agreement);
        }
    }
    Ok((opened, response))
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

/// What a client makes of the answer to its offer (RFC 6455 §4.1).
///
/// # Errors
/// What is wrong with it.
pub fn judge_response(response: &Response, offer: &Offer) -> Result<Opened, Vec<Fault>> {
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
    let deflate = chosen_extension(headers, offer).unwrap_or_else(|rule| {
        faults.push(Fault::header(rule, "Sec-WebSocket-Extensions"));
        None
    });
    let protocol = chosen_protocol(headers, offer).unwrap_or_else(|rule| {
        faults.push(Fault::header(rule, "Sec-WebSocket-Protocol"));
        None
    });
    if faults.is_empty() { Ok(Opened { protocol, deflate }) } else { Err(faults) }
}

fn chosen_extension(headers: &Headers, offer: &Offer) -> Result<Option<Agreement>, Rule> {
    // RFC 6455 §11.3.2: it "MUST NOT appear more than once in an HTTP response".
    if headers.all("sec-websocket-extensions").count() > 1 {
        return Err(Rule::ExtensionsTwice);
    }
    extension::judge(&extensions(headers)?, &offer.deflate)
}

/// The subprotocol that a response chooses: one of those that were offered, or none.
fn chosen_protocol(headers: &Headers, offer: &Offer) -> Result<Option<String>, Rule> {
    let mut chosen = headers.all("sec-websocket-protocol");
    let Some(first) = chosen.next() else { return Ok(None) };
    let offered = offer.protocols.iter().any(|offer| offer == first);
    // RFC 6455 §11.3.4: it "MUST NOT appear more than once in an HTTP response".
    if offered && chosen.next().is_none() {
        Ok(Some(first.to_owned()))
    } else {
        Err(Rule::ProtocolNotOffered)
    }
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
