//! What the words of an HTTP head are for, each in a few plain words; what the words of the trade
//! mean stands in `terms`.

use crate::wire::unit::Context;

/// What a request method asks for (RFC 9110 §9).
pub(super) fn method(name: &str) -> &'static str {
    match name {
        "GET" => "asks for the target; changes nothing",
        "HEAD" => "asks for the head of the answer alone",
        "POST" => "hands the body to the target",
        "PUT" => "replaces the target by the body",
        "DELETE" => "asks for the target to be removed",
        "OPTIONS" => "asks what the target allows",
        _ => "a method of its own",
    }
}

/// What a status code says (RFC 9110 §15).
pub(super) fn status(code: &str) -> &'static str {
    match code {
        "100" => "the body may be sent; the final answer is still to come",
        "101" => "agreed: after this head the connection speaks the new protocol",
        "200" => "it went well; the answer follows",
        "202" => "taken; what comes of it is open",
        "204" => "it went well; there is nothing to send back",
        "304" => "what the client has is still right",
        "400" => "the server does not understand the request",
        "404" => "there is nothing at this target",
        "405" => "the target does not take this method",
        "413" => "the body is larger than the server takes",
        "426" => "the client must ask for another protocol or version",
        "431" => "the head is larger than the server reads",
        "501" => "the server does not know how to do this",
        "505" => "the server does not speak this HTTP version",
        _ => match code.as_bytes().first() {
            Some(b'1') => "interim: the final answer is still to come",
            Some(b'2') => "it went well",
            Some(b'3') => "the client has to look elsewhere",
            Some(b'4') => "the request is at fault",
            Some(b'5') => "the server is at fault",
            _ => "no status that HTTP defines",
        },
    }
}

/// What a header line is for, empty where it is not known here.
pub(super) fn header(name: &str, context: &Context) -> &'static str {
    let name = name.to_ascii_lowercase();
    let answers = match context {
        Context::Request => false,
        Context::Response => true,
        // The trailer section of a body.
        Context::Chunk(_) => return either(&name),
        Context::Body(_) | Context::Event(_) | Context::Frame(_) => return "",
    };
    if answers { in_response(&name) } else { in_request(&name) }.unwrap_or_else(|| either(&name))
}

/// What a field of an event is for (WHATWG HTML §9.2.6).
pub(super) fn event_field(name: &str) -> &'static str {
    match name {
        "data" => "what the application is handed; several make several lines",
        "event" => "the name of the event; without it, message",
        "id" => "what a new connection goes on after (Last-Event-ID)",
        "retry" => "how many milliseconds to wait before a new connection",
        _ => "no field that event streams know: passed over",
    }
}

fn in_request(name: &str) -> Option<&'static str> {
    Some(match name {
        "upgrade" => "asks to change to this protocol",
        "connection" => "“Upgrade” marks the Upgrade header as meant for the next hop",
        "sec-websocket-version" => "the version the client speaks; must be 13",
        "sec-websocket-protocol" => "subprotocols that the client offers, best first",
        "sec-websocket-extensions" => "extensions that the client offers",
        "cache-control" => "asks caches on the way to stand aside",
        _ => return None,
    })
}

fn in_response(name: &str) -> Option<&'static str> {
    Some(match name {
        "upgrade" => "the protocol that comes next",
        "connection" => "what becomes of the connection after this answer",
        "sec-websocket-version" => "the versions that the server speaks",
        "sec-websocket-protocol" => "the subprotocol that the server chose",
        "sec-websocket-extensions" => "the extensions that the server agrees to",
        "cache-control" => "how long the answer may be kept",
        _ => return None,
    })
}

fn either(name: &str) -> &'static str {
    match name {
        "host" => "which site is meant; one address may serve many",
        "sec-websocket-key" => "16 random bytes in base64; the answer must be derived from them",
        "sec-websocket-accept" => "proves that the server read the key and speaks WebSocket",
        "origin" => "the page that asks; lets the server turn strangers away",
        "content-length" => "how many bytes of body follow",
        "content-type" => "what the body is",
        "transfer-encoding" => "how the body is wrapped on the way; chunked tells its own end",
        "user-agent" => "what program is asking; sent every time",
        "server" => "what program answers",
        "cookie" => "what the server asked to be reminded of; sent every time",
        "set-cookie" => "asks to be reminded of this in every later request",
        "accept" => "what kinds of answer are welcome",
        "accept-language" => "what languages are welcome",
        "accept-encoding" => "what compression is understood",
        "allow" => "the methods that the target takes",
        "pragma" => "the older way to ask caches to stand aside",
        "referer" => "the page that led here",
        "date" => "when the answer was made",
        "last-event-id" => "the last event that arrived; the stream goes on after it",
        "keep-alive" => "how long the connection may stay open unused",
        _ => "",
    }
}
