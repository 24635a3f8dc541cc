//! A unit as rows: each field with its value and what it means in this place.
//!
//! **Invariant:** rows lie in the order of the bits and do not overlap, but for what a compressed
//! payload says, which stands below the payload; every breach stands in exactly one of them.

use super::kind::Kind;
use super::locus::Locus;
use super::{columns, excerpt, glossary, read_to, words};
use crate::wire::body::{CHUNK_END, CHUNK_EXTENSION};
use crate::wire::close;
use crate::wire::http::{BLANK_LINE, METHOD, STATUS};
use crate::wire::sse::{COMMENT, EVENT_END};
use crate::wire::unit::{Context, Dissection};
use crate::wire::ws::{Opcode, PAYLOAD, RSV1};
use crate::wire::{Field, Side, Value};

/// One field, or fields that people read as one, such as a header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What kind of field it is.
    pub kind: Kind,
    /// What it is called.
    pub label: String,
    /// What it says, as people read it.
    pub value: String,
    /// What that means in this place.
    pub words: String,
    /// Where it is defined, such as `RFC 6455 §5.2`; empty where nothing defines it.
    pub cite: &'static str,
    /// The bits that it covers.
    pub locus: Locus,
    /// The rules that it breaks, stated.
    pub breach: Option<String>,
    /// Whether all of it is there.
    pub complete: bool,
}

/// The rows of the unit that `found` was read from `bytes` in `context`.
pub fn tree(bytes: &[u8], context: &Context, found: &Dissection) -> Vec<Row> {
    let scene = Scene { bytes, context, found };
    let mut rows: Vec<_> =
        found.fields.chunk_by(|_, next| joins(next)).map(|group| scene.row(group)).collect();
    rows.extend(scene.inflated());
    rows.extend(scene.unread());
    for breach in &found.breaches {
        // A culprit behind the last field counts as part of what comes before it.
        let idx = rows.partition_point(|row| row.locus.bit <= breach.bit).saturating_sub(1);
        let Some(row) = rows.get_mut(idx) else { continue };
        let statement = breach.rule.statement();
        match &mut row.breach {
            Some(said) => *said = format!("{said}; {statement}"),
            None => row.breach = Some(statement.to_owned()),
        }
    }
    rows
}

/// The rows as lines of aligned columns.
pub fn text(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let words = match &row.breach {
            Some(breach) => format!("BREACH: {breach}"),
            None => row.words.clone(),
        };
        vec![row.label.clone(), row.value.clone(), words]
    };
    columns::aligned(&rows.iter().map(cells).collect::<Vec<_>>())
}

/// Whether people read `field` as one with the field before it.
fn joins(field: &Field) -> bool {
    match Kind::of(field) {
        Kind::Rsv => field.spec != &RSV1,
        Kind::Separator => ![&BLANK_LINE, &EVENT_END, &CHUNK_END].contains(&field.spec),
        // A start line begins a unit: whatever comes before is part of it.
        Kind::StartLine | Kind::HeaderValue | Kind::EventValue => true,
        Kind::Ignored => field.spec == &CHUNK_EXTENSION,
        Kind::Fin
        | Kind::Opcode
        | Kind::Mask
        | Kind::Length
        | Kind::ExtendedLength
        | Kind::MaskingKey
        | Kind::Payload
        | Kind::CloseCode
        | Kind::CloseReason
        | Kind::HeaderName
        | Kind::Body
        | Kind::ChunkSize
        | Kind::EventField
        | Kind::Other => false,
    }
}

/// Whether fields of this kind begin what is read and shown as a line.
fn is_line(kind: Kind) -> bool {
    match kind {
        Kind::StartLine
        | Kind::HeaderName
        | Kind::HeaderValue
        | Kind::Separator
        | Kind::ChunkSize
        | Kind::EventField
        | Kind::EventValue
        | Kind::Ignored => true,
        Kind::Fin
        | Kind::Rsv
        | Kind::Opcode
        | Kind::Mask
        | Kind::Length
        | Kind::ExtendedLength
        | Kind::MaskingKey
        | Kind::Payload
        | Kind::CloseCode
        | Kind::CloseReason
        | Kind::Body
        | Kind::Other => false,
    }
}

/// What the size of a chunk says, in hexadecimal, and whether an extension follows it.
fn chunk_words(digits: &[u8], extension: &str) -> String {
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    let size = match u64::from_str_radix(digits, 16) {
        Ok(0) => "nothing more: this is the last chunk".to_owned(),
        Ok(1) => "1 byte of data follows".to_owned(),
        Ok(n) => format!("{} bytes of data follow", words::grouped(n)),
        Err(_) => String::new(),
    };
    if extension.is_empty() { size } else { format!("{size}; the extension is passed over") }
}

/// All that the meaning of a field depends on.
struct Scene<'a> {
    bytes: &'a [u8],
    context: &'a Context,
    found: &'a Dissection,
}

impl Scene<'_> {
    fn row(&self, group: &[Field]) -> Row {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let kind = Kind::of(first);
        let locus = Locus::of(first).to(Locus::of(last));
        let whole = group.iter().all(Field::complete);
        let (label, value, words, complete) = match kind {
            kind if is_line(kind) => {
                let ended = matches!(last.octets(), [.., b'\r' | b'\n']);
                let (label, value, words) = self.line(kind, group);
                (label, value, words, whole && ended)
            }
            Kind::Rsv => {
                let value = group
                    .iter()
                    .map(|field| field.number().unwrap_or_default().to_string())
                    .collect();
                ("RSV1–3".to_owned(), value, self.rsv_words(first).to_owned(), whole)
            }
            _ => (first.spec.label.to_owned(), self.value(first), self.words(first), whole),
        };
        let words = match kind {
            _ if complete => words,
            kind if is_line(kind) => "the line has not ended yet".to_owned(),
            _ => format!("{} of {} bytes are here", first.bits / 8, first.want_bits / 8),
        };
        Row { kind, label, value, words, cite: first.spec.cite, locus, breach: None, complete }
    }

    /// Label, value and words of a line of an HTTP head, of a chunk or of an event.
    fn line(&self, kind: Kind, group: &[Field]) -> (String, String, String) {
        let part = |wanted: Kind| group.iter().find(|field| Kind::of(field) == wanted);
        let shown = |field: Option<&Field>| field.map(|f| excerpt::text(f.octets()));
        match kind {
            Kind::HeaderName => {
                let name = shown(part(Kind::HeaderName)).unwrap_or_default();
                let value = shown(part(Kind::HeaderValue)).unwrap_or_default();
                let words = glossary::header(&name, self.context).to_owned();
                (name, value.trim_end().to_owned(), words)
            }
            Kind::StartLine => {
                let parts = group.iter().filter(|field| Kind::of(field) == Kind::StartLine);
                let value: Vec<_> = parts.map(|field| excerpt::text(field.octets())).collect();
                let said = |spec| shown(group.iter().find(|field| field.spec == spec));
                let (label, words) = match (said(&METHOD), said(&STATUS)) {
                    (Some(method), _) => ("request line", glossary::method(&method)),
                    (_, Some(status)) => ("status line", glossary::status(&status)),
                    (None, None) => ("status line", ""),
                };
                (label.to_owned(), value.join(" "), words.to_owned())
            }
            Kind::ChunkSize => {
                let digits = group[0].octets();
                let more = group.iter().find(|field| field.spec == &CHUNK_EXTENSION);
                let more = shown(more).unwrap_or_default();
                let words = chunk_words(digits, &more);
                (group[0].spec.label.to_owned(), excerpt::text(digits) + &more, words)
            }
            Kind::EventField => {
                let name = shown(Some(&group[0])).unwrap_or_default();
                let value = shown(part(Kind::EventValue)).unwrap_or_default();
                let words = glossary::event_field(&name).to_owned();
                (name, value, words)
            }
            Kind::EventValue => {
                let value = shown(Some(&group[0])).unwrap_or_default();
                (group[0].spec.label.to_owned(), value, "goes on from before".to_owned())
            }
            Kind::Ignored => {
                let words = if group[0].spec == &COMMENT {
                    "passed over; keeps a silent connection alive"
                } else {
                    "passed over"
                };
                let value = shown(Some(&group[0])).unwrap_or_default();
                (group[0].spec.label.to_owned(), value, words.to_owned())
            }
            _ => self.line_end(group),
        }
    }

    /// Label, value and words of a line end that stands alone.
    fn line_end(&self, group: &[Field]) -> (String, String, String) {
        let spec = group[0].spec;
        let ends: Vec<_> = group
            .iter()
            .flat_map(Field::octets)
            .map(|byte| match byte {
                b'\r' => "CR",
                b'\n' => "LF",
                _ => "…",
            })
            .collect();
        let words = match self.context {
            _ if spec == &CHUNK_END => "the chunk ends here",
            _ if spec == &EVENT_END => "the event ends here, and is handed over if it has data",
            _ if spec != &BLANK_LINE => "belongs to the line before",
            Context::Chunk(_) => "the body ends here",
            _ => "the head ends here",
        };
        (spec.label.to_owned(), ends.join(" "), words.to_owned())
    }

    fn value(&self, field: &Field) -> String {
        let wire = &self.bytes[Locus::of(field).bytes()];
        let plain = match (&field.value, Kind::of(field)) {
            (_, Kind::MaskingKey) => return excerpt::hex(wire),
            (Value::Number(n), Kind::Opcode) => return format!("0x{n:x}"),
            (Value::Number(n), _) => n.to_string(),
            (Value::Octets(octets), kind) if self.reads_as_text(kind) => excerpt::quoted(octets),
            (Value::Octets(octets), _) => excerpt::hex(octets),
        };
        match Kind::of(field) {
            Kind::Payload | Kind::CloseCode | Kind::CloseReason if self.masked() => {
                format!("{} → {plain}", excerpt::hex(wire))
            }
            _ => plain,
        }
    }

    fn words(&self, field: &Field) -> String {
        let words = match (Kind::of(field), &field.value) {
            (Kind::Fin, Value::Number(0)) => "more fragments follow",
            (Kind::Fin, _) => "final fragment",
            (Kind::Opcode, Value::Number(bits)) => {
                self.opcode_words(Opcode::from_bits(*bits as u8))
            }
            (Kind::Mask, Value::Number(bit)) => self.mask_words(*bit),
            (Kind::Length, Value::Number(126)) => "says: the length is in the next 2 bytes",
            (Kind::Length, Value::Number(127)) => "says: the length is in the next 8 bytes",
            (Kind::Length, _) => "7-bit form",
            (Kind::ExtendedLength, _) if field.want_bits == 16 => "16-bit form",
            (Kind::ExtendedLength, _) => "64-bit form",
            (Kind::MaskingKey, _) => "fresh per frame",
            (Kind::Payload, _) if self.masked() && self.compressed() => {
                "XOR with key, byte i mod 4; compressed"
            }
            (Kind::Payload, _) if self.masked() => "XOR with key, byte i mod 4",
            (Kind::Payload, _) if self.compressed() => "compressed, in the clear",
            (Kind::Payload, _) => "in the clear",
            (Kind::CloseCode, Value::Number(code)) => close::name(*code as u16),
            (Kind::CloseReason, _) => "why, for people; may be empty",
            (Kind::Body, _) if matches!(self.context, Context::Chunk(_)) => {
                "as long as the size says"
            }
            (Kind::Body, _) => "what the head announced",
            _ => "",
        };
        words.to_owned()
    }

    fn rsv_words(&self, rsv1: &Field) -> &'static str {
        match (rsv1.number(), self.compressed()) {
            (Some(1), true) => "RSV1: compressed",
            (_, true) => "RSV1 stands on the first frame alone",
            (_, false) => "must be 0",
        }
    }

    /// What a compressed payload says: a row of its own over the payload's bits.
    fn inflated(&self) -> Option<Row> {
        let said = self.found.inflated.as_ref()?;
        let payload = self.found.fields.last().filter(|field| field.spec == &PAYLOAD)?;
        let value = if self.says_text() { excerpt::quoted(said) } else { excerpt::hex(said) };
        Some(Row {
            kind: Kind::Payload,
            label: "inflated".to_owned(),
            value,
            words: format!("{} → {} bytes", payload.bits / 8, said.len()),
            cite: "RFC 7692 §7.2.2",
            locus: Locus::of(payload),
            breach: None,
            complete: payload.complete(),
        })
    }

    fn opcode_words(&self, opcode: Opcode) -> &'static str {
        match (opcode, self.message()) {
            (Opcode::CONTINUATION, Some(Opcode::TEXT)) => "continues the text message",
            (Opcode::CONTINUATION, Some(Opcode::BINARY)) => "continues the binary message",
            (Opcode::CONTINUATION, _) => "continuation frame",
            (Opcode::TEXT, _) => "text frame",
            (Opcode::BINARY, _) => "binary frame",
            (Opcode::CLOSE, _) => "close: part of the closing handshake",
            (Opcode::PING, _) => "ping: asks for a pong",
            (Opcode::PONG, _) => "pong: answers a ping",
            _ if opcode.control() => "reserved for control frames to come",
            _ => "reserved for data frames to come",
        }
    }

    fn mask_words(&self, bit: u64) -> &'static str {
        match (self.sender(), bit) {
            (Some(Side::Client), 1) => "client → server: required",
            (Some(Side::Client), _) => "client → server: must be 1",
            (Some(Side::Server), 0) => "server → client: never",
            (Some(Side::Server), _) => "server → client: must be 0",
            (None, _) => "",
        }
    }

    /// What was not read: bytes behind the unit, or behind a breach that ended the reading.
    fn unread(&self) -> Option<Row> {
        let bit = read_to(self.found);
        let rest = self.bytes.get(usize::try_from(bit.div_ceil(8)).ok()?..)?;
        if rest.is_empty() {
            return None;
        }
        let stopped = self.found.breaches.iter().any(|breach| breach.bit >= bit);
        let words = if stopped { "the reader stopped here" } else { "not part of this unit" };
        Some(Row {
            kind: Kind::Other,
            label: "unread".to_owned(),
            value: excerpt::quoted(rest),
            words: words.to_owned(),
            cite: "",
            locus: Locus { bit, bits: rest.len() as u64 * 8 },
            breach: None,
            complete: true,
        })
    }

    fn reads_as_text(&self, kind: Kind) -> bool {
        match kind {
            Kind::Payload => self.says_text() && !self.compressed(),
            Kind::CloseCode => false,
            _ => true,
        }
    }

    /// Whether the payload is meant to be read as text.
    fn says_text(&self) -> bool {
        match self.found.header.map(|header| header.opcode) {
            Some(Opcode::CONTINUATION) => self.message() == Some(Opcode::TEXT),
            opcode => opcode != Some(Opcode::BINARY),
        }
    }

    fn compressed(&self) -> bool {
        match (self.context, &self.found.header) {
            (Context::Frame(expect), Some(header)) => expect.compresses(header),
            _ => false,
        }
    }

    fn masked(&self) -> bool {
        self.found.header.is_some_and(|header| header.masking_key.is_some())
    }

    fn message(&self) -> Option<Opcode> {
        match self.context {
            Context::Frame(expect) => expect.message,
            Context::Request
            | Context::Response
            | Context::Body(_)
            | Context::Chunk(_)
            | Context::Event(_) => None,
        }
    }

    fn sender(&self) -> Option<Side> {
        match self.context {
            Context::Frame(expect) => Some(expect.from),
            Context::Request
            | Context::Response
            | Context::Body(_)
            | Context::Chunk(_)
            | Context::Event(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::body::{self, Content};
    use crate::wire::rule::Rule;
    use crate::wire::sse;
    use crate::wire::unit::dissect;
    use crate::wire::ws::Expect;

    #[track_caller]
    fn check(context: &Context, bytes: &[u8], expected: &str) -> Vec<Row> {
        let rows = tree(bytes, context, &dissect(bytes, context));
        assert_eq!(text(&rows), expected);
        rows
    }

    fn from(side: Side) -> Context {
        Context::Frame(Expect::start(side))
    }

    #[test]
    fn the_masked_text_frame_of_rfc_6455_5_7_is_told_field_by_field() {
        let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let rows = check(
            &from(Side::Client),
            &bytes,
            "\
FIN          1                         final fragment
RSV1–3       000                       must be 0
opcode       0x1                       text frame
MASK         1                         client → server: required
payload len  5                         7-bit form
masking key  37 fa 21 3d               fresh per frame
payload      7f 9f 4d 51 58 → “Hello”  XOR with key, byte i mod 4
",
        );
        assert_eq!(rows[1].locus, Locus { bit: 1, bits: 3 });
        assert!(rows.iter().all(|row| row.complete && row.cite == "RFC 6455 §5.2"));
    }

    #[test]
    fn longer_lengths_say_where_they_stand() {
        let mut bytes = vec![0x82, 0x7e, 0x01, 0x00];
        bytes.extend([7; 256]);
        check(
            &from(Side::Server),
            &bytes,
            "\
FIN           1                          final fragment
RSV1–3        000                        must be 0
opcode        0x2                        binary frame
MASK          0                          server → client: never
payload len   126                        says: the length is in the next 2 bytes
extended len  256                        16-bit form
payload       07 07 07 07 07 07 07 07 …  in the clear
",
        );
        let rows = tree(
            &[0x82, 0x7f, 0, 0, 0, 0],
            &from(Side::Server),
            &dissect(&[0x82, 0x7f, 0, 0, 0, 0], &from(Side::Server)),
        );
        assert_eq!(rows[4].words, "says: the length is in the next 8 bytes");
        assert_eq!(rows[5].words, "4 of 8 bytes are here");
        assert!(!rows[5].complete);
    }

    #[test]
    fn a_close_frame_has_a_code_and_a_reason_in_place_of_a_payload() {
        check(
            &from(Side::Server),
            b"\x88\x05\x03\xe9bye",
            "\
FIN          1      final fragment
RSV1–3       000    must be 0
opcode       0x8    close: part of the closing handshake
MASK         0      server → client: never
payload len  5      7-bit form
close code   1001   going away
reason       “bye”  why, for people; may be empty
",
        );
    }

    #[test]
    fn a_reserved_bit_that_is_set_breaks_its_row_alone() {
        let bytes = [0xc1, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x93];
        let found = dissect(&bytes, &from(Side::Client));
        let rows = tree(&bytes, &from(Side::Client), &found);
        assert_eq!((rows[1].label.as_str(), rows[1].value.as_str()), ("RSV1–3", "100"));
        assert_eq!(rows[1].breach.as_deref(), Some(Rule::Rsv1.statement()));
        assert_eq!(rows.iter().filter(|row| row.breach.is_some()).count(), 1);
    }

    #[test]
    fn an_upgrade_request_is_a_row_a_line() {
        check(
            &Context::Request,
            b"GET /chat HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nX-A:\r\n\r\n",
            "\
request line  GET /chat HTTP/1.1  asks for the target; changes nothing
Host          example.org         which site is meant; one address may serve many
Upgrade       websocket           asks to change to this protocol
X-A
blank line    CR LF               the head ends here
",
        );
    }

    #[test]
    fn a_chunk_tells_its_size_and_what_it_carries() {
        let plain = Context::Chunk(body::Expect::start(Content::Plain));
        check(
            &plain,
            b"1a;n=v\r\nabcdefghijklmnopqrstuvwxyz\r\n",
            "\
chunk size    1a;n=v                        26 bytes of data follow; the extension is passed over
chunk data    “abcdefghijklmnopqrstuvwxyz”  as long as the size says
end of chunk  CR LF                         the chunk ends here
",
        );
        let rows = check(
            &plain,
            b"0\r\nExpires: 0\r\n\r\n",
            "\
chunk size  0      nothing more: this is the last chunk
Expires     0
blank line  CR LF  the body ends here
",
        );
        assert_eq!(rows[1].kind, Kind::HeaderName);
        let rows = tree(b"5\r\nab", &plain, &dissect(b"5\r\nab", &plain));
        assert_eq!(rows[1].words, "2 of 5 bytes are here");
        let events = Context::Chunk(body::Expect::start(Content::Events(sse::Expect::start())));
        check(
            &events,
            b"10\r\nid: 7\ndata: Hi\n\n\r\n",
            "\
chunk size    10     16 bytes of data follow
id            7      what a new connection goes on after (Last-Event-ID)
data          Hi     what the application is handed; several make several lines
blank line    LF     the event ends here, and is handed over if it has data
end of chunk  CR LF  the chunk ends here
",
        );
    }

    #[test]
    fn an_event_is_a_row_a_line() {
        check(
            &Context::Event(sse::Expect::start()),
            b": hello\nevent: news\r\ndata:a\rnonsense\n\n",
            "\
comment     : hello  passed over; keeps a silent connection alive
event       news     the name of the event; without it, message
data        a        what the application is handed; several make several lines
nonsense             no field that event streams know: passed over
blank line  LF       the event ends here, and is handed over if it has data
",
        );
    }

    #[test]
    fn a_line_that_has_not_ended_is_not_complete() {
        let bytes = b"HTTP/1.1 101 Switching Protocols\r\nUpgra";
        let rows = check(
            &Context::Response,
            bytes,
            "\
status line  HTTP/1.1 101 Switching Protocols  agreed: after this head the connection speaks the new protocol
Upgra                                          the line has not ended yet
",
        );
        assert_eq!(rows.iter().map(|row| row.complete).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn what_lies_behind_a_breach_is_shown_as_unread() {
        let rows = check(
            &Context::Request,
            b"GET / HTTP/1.1\nHost: a",
            "\
request line  GET / HTTP/1.1  the line has not ended yet
unread        “\\nHost: a”     BREACH: every line of a head ends in CR LF
",
        );
        assert_eq!(rows[1].words, "the reader stopped here");
        assert_eq!(rows[1].locus, Locus { bit: 14 * 8, bits: 64 });
    }
}
