//! Terms: the words of the trade that the course uses, what each means, and where that is laid down.
//!
//! **Invariant:** a term is found as a whole word, the longest where several would do.

use std::ops::Range;

/// A word of the trade.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The word; its plural with an `s` is found too.
    pub name: &'static str,
    /// Other words for the same.
    pub also: &'static [&'static str],
    /// What it means: a sentence or two.
    pub meaning: &'static str,
    /// The clause that says so.
    pub cite: &'static str,
}

const fn term(
    name: &'static str,
    also: &'static [&'static str],
    meaning: &'static str,
    cite: &'static str,
) -> Term {
    Term { name, also, meaning, cite }
}

/// Every term, by name.
pub const TERMS: &[Term] = &[
    term(
        "101",
        &["101 Switching Protocols"],
        "The status by which a server agrees to an Upgrade: behind this head the connection speaks the new protocol.",
        "RFC 9110 §15.2.2",
    ),
    term(
        "204",
        &["204 No Content"],
        "The status of an answer that has no body: it went well, and there is nothing to send back.",
        "RFC 9110 §15.3.5",
    ),
    term(
        "acknowledgement",
        &["ACK"],
        "What a receiver of TCP says back: so many bytes have come. What is not acknowledged in time is sent again.",
        "RFC 9293 §3.4",
    ),
    term(
        "backoff",
        &["back off", "backs off"],
        "Waiting longer before each further try, so that many who failed at once do not all come back at once.",
        "RFC 6455 §7.2.3",
    ),
    term(
        "base64",
        &[],
        "A way to write bytes with 64 harmless characters: three bytes become four characters.",
        "RFC 4648 §4",
    ),
    term(
        "blank line",
        &[],
        "The empty line that ends a head. Without it the reader waits for more.",
        "RFC 9112 §2.1",
    ),
    term(
        "body",
        &["bodies"],
        "What follows the head of an HTTP message: the thing itself, such as the news.",
        "RFC 9112 §6",
    ),
    term(
        "chunk",
        &["chunked"],
        "A piece of a body with its own length before it, so that a body can be sent before its end is known.",
        "RFC 9112 §7.1",
    ),
    term(
        "clean close",
        &["closed cleanly"],
        "An end of a connection to which both ends have agreed by a Close.",
        "RFC 6455 §7.1.4",
    ),
    term(
        "Close",
        &["Close frame"],
        "The control frame by which an end says goodbye, with a code and a reason; it is answered by a Close.",
        "RFC 6455 §5.5.1",
    ),
    term(
        "close code",
        &["status code of a Close"],
        "The number in a Close that says why: 1000 is a normal end, 1002 a protocol error. 1005 and 1006 never stand on the wire.",
        "RFC 6455 §7.4.1",
    ),
    term(
        "code point",
        &[],
        "The number of a character. In UTF-8 it takes one to four bytes.",
        "RFC 3629 §3",
    ),
    term(
        "Content-Length",
        &[],
        "The header that says how many bytes of body follow.",
        "RFC 9112 §6.2",
    ),
    term(
        "continuation",
        &["continuation frame"],
        "A frame, opcode 0, that goes on with the message that a frame before it began.",
        "RFC 6455 §5.4",
    ),
    term(
        "control frame",
        &[],
        "A Close, a Ping or a Pong: at most 125 bytes, never in pieces, and allowed between the pieces of a message.",
        "RFC 6455 §5.5",
    ),
    term(
        "cookie",
        &[],
        "A header by which a client repeats in each request what the server once asked it to remember.",
        "RFC 9110 §6.3",
    ),
    term(
        "deflate",
        &["permessage-deflate"],
        "The extension that compresses messages; RSV1 marks those that are compressed.",
        "RFC 7692 §7",
    ),
    term(
        "event stream",
        &["server-sent events", "SSE"],
        "An answer that does not end: the server writes one event after the other into it.",
        "WHATWG HTML §9.2",
    ),
    term(
        "extended length",
        &["extended payload length"],
        "Two or eight more bytes of length, where the seven bits say 126 or 127.",
        "RFC 6455 §5.2",
    ),
    term(
        "extension",
        &[],
        "A change of the framing to which both ends agree in the handshake.",
        "RFC 6455 §9",
    ),
    term(
        "FIN",
        &[],
        "In a frame: the bit that says that this is the last piece of a message. In TCP: the flag by which an end says that it sends nothing more.",
        "RFC 6455 §5.4",
    ),
    term(
        "fragment",
        &["fragmented", "fragmentation"],
        "A piece of a message in a frame of its own. The opcode stands on the first alone, FIN on the last.",
        "RFC 6455 §5.4",
    ),
    term(
        "frame",
        &[],
        "What WebSocket sends as one: a header of 2 to 14 bytes and a payload.",
        "RFC 6455 §5.2",
    ),
    term(
        "full duplex",
        &[],
        "Both ends may send at any time, without waiting for each other.",
        "RFC 6455 §1.1",
    ),
    term(
        "GUID",
        &[],
        "The fixed text that a server puts behind the client's key before it takes the digest: nobody who does not know WebSocket would.",
        "RFC 6455 §1.3",
    ),
    term(
        "half-open",
        &[],
        "A connection that one end takes to be there and the other does not know any more.",
        "RFC 9293 §3.5.1",
    ),
    term(
        "handshake",
        &["opening handshake"],
        "The HTTP request and the answer 101 by which a connection becomes one of WebSocket.",
        "RFC 6455 §1.3",
    ),
    term(
        "head",
        &["request head", "response head"],
        "The first lines of an HTTP message: what is asked or answered, then headers, then a blank line.",
        "RFC 9112 §2.1",
    ),
    term(
        "head-of-line blocking",
        &["blocked behind"],
        "Bytes that have arrived wait for lost ones before them, since TCP hands them on in order alone.",
        "RFC 9293 §3.4",
    ),
    term(
        "header",
        &["header line"],
        "A line of a head: a name, a colon, a value. Of a frame: the bytes before its payload.",
        "RFC 9112 §5",
    ),
    term(
        "heartbeat",
        &[],
        "Something small that is sent now and then, so that both ends and all between see that the connection lives.",
        "RFC 6455 §5.5.2",
    ),
    term(
        "hop-by-hop",
        &["next hop"],
        "Meant for the next machine on the way alone, which does not hand it on: so are Connection and Upgrade.",
        "RFC 9110 §7.6.1",
    ),
    term(
        "idempotent",
        &[],
        "Of a request that may be sent twice and does what one would do: a GET is, a POST is not.",
        "RFC 9110 §9.2.2",
    ),
    term(
        "idle timeout",
        &["idle"],
        "The time after which a middlebox or a server takes a connection that says nothing to be dead.",
        "RFC 9112 §9.5",
    ),
    term(
        "jitter",
        &[],
        "How much later than usual a segment may come; it changes from one to the next.",
        "RFC 6298 §2",
    ),
    term(
        "keep-alive",
        &["persistent connection", "kept alive"],
        "One connection used for many requests, one after the other.",
        "RFC 9112 §9.3",
    ),
    term(
        "Last-Event-ID",
        &[],
        "The header by which a client that comes back says which event it has seen last.",
        "WHATWG HTML §9.2.4",
    ),
    term(
        "latency",
        &["round trip", "round-trip time"],
        "How long something takes on its way. There and back is a round trip.",
        "RFC 6298 §1",
    ),
    term(
        "long poll",
        &["long polling"],
        "A poll that the server does not answer before it has news, or for some time.",
        "RFC 6202 §2.1",
    ),
    term(
        "loss",
        &["lost segment"],
        "A segment that does not arrive. TCP sends it again: what was said is late, never gone.",
        "RFC 9293 §3.8.1",
    ),
    term(
        "MASK",
        &["MASK bit"],
        "The bit that says that the payload is masked: set in all frames of a client, in none of a server.",
        "RFC 6455 §5.1",
    ),
    term(
        "masking",
        &["masked", "unmasked"],
        "Mixing the payload with a key so that a client's page cannot choose what bytes stand on the wire. It hides nothing: the key stands beside it.",
        "RFC 6455 §5.3",
    ),
    term(
        "masking key",
        &[],
        "Four random bytes in each frame of a client, by which its payload is mixed: byte i with key byte i mod 4.",
        "RFC 6455 §5.3",
    ),
    term(
        "message",
        &[],
        "What an application says or is handed as one; it travels in one frame or several.",
        "RFC 6455 §1.2",
    ),
    term(
        "middlebox",
        &["middleboxes"],
        "A machine between the ends that reads, changes or forgets connections: a proxy, a firewall, an address translator.",
        "RFC 9110 §3.7",
    ),
    term(
        "MSS",
        &[],
        "Maximum segment size: the most bytes that a segment of TCP carries.",
        "RFC 9293 §3.7.1",
    ),
    term(
        "network byte order",
        &["network order"],
        "The byte worth most comes first, as figures do in a number.",
        "RFC 6455 §5.2",
    ),
    term(
        "opcode",
        &[],
        "Four bits of a frame that say what it is: 1 text, 2 binary, 0 more of the message, 8 Close, 9 Ping, 10 Pong.",
        "RFC 6455 §5.2",
    ),
    term(
        "Origin",
        &[],
        "The header that says which page asks: by it a server can turn strangers away.",
        "RFC 6455 §10.2",
    ),
    term("payload", &[], "What a frame carries behind its header.", "RFC 6455 §5.2"),
    term(
        "payload length",
        &[],
        "Seven bits of a frame: up to 125 the length itself, 126 and 127 announce more bytes of length.",
        "RFC 6455 §5.2",
    ),
    term(
        "Ping",
        &["Pings"],
        "The control frame that asks whether the other end is there; a Pong answers it.",
        "RFC 6455 §5.5.2",
    ),
    term(
        "pipelining",
        &["pipelined"],
        "Sending a request before the one before it is answered.",
        "RFC 9112 §9.3.2",
    ),
    term(
        "poll",
        &["polling", "short polling"],
        "Asking again and again whether there is news.",
        "RFC 6202 §2.1",
    ),
    term("Pong", &["Pongs"], "The answer to a Ping, with the same payload.", "RFC 6455 §5.5.3"),
    term(
        "proxy",
        &["proxies"],
        "A machine that takes requests and asks in the client's stead.",
        "RFC 9110 §3.7",
    ),
    term(
        "resend",
        &["retransmission", "sent again"],
        "TCP sends a segment again that was not acknowledged in time, each time after twice the wait.",
        "RFC 6298 §5",
    ),
    term(
        "reserved bit",
        &["RSV", "RSV1", "RSV2", "RSV3"],
        "One of three bits of a frame that must be 0 unless an extension gives it a meaning.",
        "RFC 6455 §5.2",
    ),
    term(
        "RST",
        &["was reset", "is reset"],
        "The flag by which TCP ends a connection at once: what was on its way is gone.",
        "RFC 9293 §3.5.2",
    ),
    term(
        "Sec-WebSocket-Accept",
        &["Accept value"],
        "The server's proof that it has read the key and speaks WebSocket: base64 of the SHA-1 of key and GUID.",
        "RFC 6455 §4.2.2",
    ),
    term(
        "Sec-WebSocket-Key",
        &[],
        "Sixteen random bytes in base64, to which the server's Accept value must fit.",
        "RFC 6455 §4.1",
    ),
    term(
        "segment",
        &[],
        "What TCP sends as one: some bytes of the stream, with their place in it.",
        "RFC 9293 §3.7",
    ),
    term(
        "SHA-1",
        &[],
        "A digest: 20 bytes that follow from a text and cannot be guessed without it. Here it proves attention, it keeps no secret.",
        "RFC 3174 §6",
    ),
    term(
        "stateless",
        &[],
        "Each request can be understood by itself; the server need not remember the ones before.",
        "RFC 9110 §3.3",
    ),
    term(
        "status code",
        &["status line"],
        "The number of an answer: 1xx goes on, 2xx went well, 4xx the request is at fault, 5xx the server.",
        "RFC 9110 §15",
    ),
    term(
        "subprotocol",
        &[],
        "What the messages of a connection mean: the client offers some, the server picks one of these or none.",
        "RFC 6455 §1.9",
    ),
    term(
        "SYN",
        &["SYN-ACK"],
        "The flag with which TCP opens a connection: one from each end.",
        "RFC 9293 §3.5",
    ),
    term(
        "TCP",
        &[],
        "The protocol below: a stream of bytes in both directions, in order and without gaps.",
        "RFC 9293 §2.2",
    ),
    term(
        "Upgrade",
        &["upgrade"],
        "The header by which a client asks to change to another protocol on the same connection.",
        "RFC 9110 §7.8",
    ),
    term(
        "UTF-8",
        &[],
        "How text becomes bytes: one to four for each character. Text messages must be valid UTF-8.",
        "RFC 3629 §3",
    ),
    term(
        "WebSocket",
        &[],
        "The protocol in which both ends send messages at any time over one connection that began as HTTP.",
        "RFC 6455 §1.2",
    ),
    term(
        "XOR",
        &[],
        "A bit of the one and a bit of the other: 1 where they differ. Done twice it changes nothing, so it masks and unmasks.",
        "RFC 6455 §5.3",
    ),
];

/// The terms that `words` occur in: in the name, another name or the meaning; all where empty.
pub fn search(words: &str) -> impl Iterator<Item = &'static Term> {
    let words = words.trim().to_lowercase();
    let holds = move |text: &str| text.to_lowercase().contains(&words);
    TERMS.iter().filter(move |term| {
        holds(term.name) || term.also.iter().any(|name| holds(name)) || holds(term.meaning)
    })
}

/// The terms in a text, in order, where each stands first.
pub fn found_in(text: &str) -> Vec<(Range<usize>, &'static Term)> {
    let mut found: Vec<(Range<usize>, &'static Term)> = Vec::new();
    let mut end = 0;
    for (start, _) in text.char_indices() {
        if start < end || !begins_word(text, start) {
            continue;
        }
        if let Some((len, term)) = longest_at(&text[start..]) {
            end = start + len;
            if !found.iter().any(|(_, before)| *before == term) {
                found.push((start..end, term));
            }
        }
    }
    found
}

/// The term that a whole text is, such as a word set as code.
pub fn named(text: &str) -> Option<&'static Term> {
    longest_at(text).filter(|(len, _)| *len == text.len()).map(|(_, term)| term)
}

/// The longest term that a text begins with, and how many bytes of it that takes.
fn longest_at(text: &str) -> Option<(usize, &'static Term)> {
    let names = TERMS.iter().flat_map(|term| {
        std::iter::once(&term.name).chain(term.also).map(move |name| (*name, term))
    });
    let fits = names.filter_map(|(name, term)| Some((len_at(text, name)?, term)));
    fits.max_by_key(|(len, _)| *len)
}

/// How much of a text its first word takes if that is this name, or its plural.
fn len_at(text: &str, name: &str) -> Option<usize> {
    let (first, rest) = (name.chars().next()?, &name[name.chars().next()?.len_utf8()..]);
    let head = text.chars().next()?;
    // A sentence may begin with it; what is a name keeps its capital.
    let same = head == first || (first.is_lowercase() && head.to_lowercase().eq([first]));
    let after = text[head.len_utf8()..].strip_prefix(rest).filter(|_| same)?;
    let plural = after.strip_prefix('s').filter(|after| ends_word(after));
    let after = plural.unwrap_or(after);
    ends_word(after).then(|| text.len() - after.len())
}

fn begins_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '/' | '§' | '.'))
        && text[at..].starts_with(char::is_alphanumeric)
}

fn ends_word(after: &str) -> bool {
    let mut chars = after.chars();
    match (chars.next(), chars.next()) {
        // A hyphen, a point or a slash goes on with the word where a letter follows.
        (Some('-' | '.' | '/' | '_' | ','), Some(next)) => !next.is_alphanumeric(),
        (Some(c), _) => !c.is_alphanumeric() && c != '_',
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = found_in(text).into_iter().map(|(at, _)| &text[at]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn whole_words_are_found_the_longest_first_and_each_once() {
        check("Frames have a masking key; a frame is no key.", &["Frames", "masking key"]);
        check("The payload length, then the payload.", &["payload length", "payload"]);
        check("A framework reframes; time-frame, frame-like.", &[]);
        check("Head-of-line blocking", &["Head-of-line blocking"]);
        check("“FIN”, RSV1 and the opcode", &["FIN", "RSV1", "opcode"]);
        check("Close it. Or close it: pong, Pong.", &["Close", "Pong"]);
        check("status 101, 1013 and 10.101", &["101"]);
        check("RFC 6455 §101", &[]);
    }

    #[test]
    fn code_is_a_term_only_as_a_whole() {
        assert_eq!(named("FIN").map(|term| term.name), Some("FIN"));
        assert_eq!(named("Upgrade").map(|term| term.name), Some("Upgrade"));
        assert_eq!(named("Upgrade: websocket"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn terms_stand_in_order_once_and_say_something() {
        let names: Vec<_> = TERMS.iter().map(|term| term.name.to_lowercase()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let mut all: Vec<_> =
            TERMS.iter().flat_map(|t| std::iter::once(&t.name).chain(t.also)).collect();
        let n = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), n, "a word means one thing");
        for term in TERMS {
            assert!(term.meaning.ends_with('.') && term.meaning.len() < 200, "{}", term.name);
            assert!(term.cite.contains('§'), "{}", term.name);
        }
    }

    #[test]
    fn the_list_is_searched_by_name_and_by_meaning() {
        let names = |words| search(words).map(|term| term.name).collect::<Vec<_>>();
        assert!(names("ping").contains(&"Ping"));
        assert!(names("SSE").contains(&"event stream"));
        assert!(names("goodbye").contains(&"Close"));
        assert_eq!(names("  ").len(), TERMS.len());
        assert!(names("no such words").is_empty());
    }
}
