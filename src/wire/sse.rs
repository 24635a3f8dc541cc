//! Event streams: lines of fields in, events out (WHATWG HTML §9.2).
//!
//! **Law (prefix):** the events after *n* bytes are the same for every way of cutting them.
//! **Invariant:** a stream holds no more than one event, and that is bounded.

use super::headers::trim_blanks;
use super::http::Response;
use super::rule::Rule;
use super::{Breach, Notes, Reader, Spec, Stop};
use bytes::{BufMut, Bytes, BytesMut};

/// The mark that a stream of UTF-8 may begin with.
pub static BOM: Spec =
    Spec { name: "event_bom", label: "byte order mark", cite: "WHATWG HTML §9.2.5" };
/// What a line of an event is about.
pub static FIELD_NAME: Spec =
    Spec { name: "event_field", label: "field name", cite: "WHATWG HTML §9.2.6" };
/// What a line of an event says.
pub static FIELD_VALUE: Spec =
    Spec { name: "event_value", label: "field value", cite: "WHATWG HTML §9.2.6" };
/// A line that says nothing to the application.
pub static COMMENT: Spec =
    Spec { name: "event_comment", label: "comment", cite: "WHATWG HTML §9.2.5" };
/// The colon, the space behind it, and line ends.
pub static EVENT_SEPARATOR: Spec =
    Spec { name: "event_separator", label: "separator", cite: "WHATWG HTML §9.2.5" };
/// The empty line that ends an event.
pub static EVENT_END: Spec =
    Spec { name: "event_end", label: "blank line", cite: "WHATWG HTML §9.2.6" };

/// Every field that an event can have.
pub static SPECS: &[&Spec] =
    &[&BOM, &FIELD_NAME, &FIELD_VALUE, &COMMENT, &EVENT_SEPARATOR, &EVENT_END];

/// The media type of an event stream.
pub const MEDIA_TYPE: &str = "text/event-stream";

/// The largest event that is read: the bytes of the names and values of its fields.
pub const MAX_EVENT: u64 = 1 << 20;

/// The byte order mark, U+FEFF in UTF-8.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Whether a client reads the body of `response` as an event stream (WHATWG HTML §9.2.3).
pub fn is_stream(response: &Response) -> bool {
    let media_type = response.headers.only("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default();
    response.status == 200 && trim_blanks(essence).eq_ignore_ascii_case(MEDIA_TYPE)
}

/// An event as an application gets it, or as it is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    name: String,
    data: String,
    id: String,
}

/// A name or an id that has no place in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names and ids of events are one line without NUL; put the text into the data")]
pub struct NotOneLine;

impl Event {
    /// An event named `message`, without an id. Line ends in `data` become LF, as they will
    /// arrive.
    pub fn new(data: &str) -> Self {
        let data = data.replace("\r\n", "\n").replace('\r', "\n");
        Self { name: "message".to_owned(), data, id: String::new() }
    }

    /// The same event under another name; empty means `message`.
    ///
    /// # Errors
    /// Where the name is not one line.
    pub fn named(self, name: &str) -> Result<Self, NotOneLine> {
        let name = one_line(if name.is_empty() { "message" } else { name })?;
        Ok(Self { name, ..self })
    }

    /// The same event with an id; an empty one is not written, so that the last one stays.
    ///
    /// # Errors
    /// Where the id is not one line.
    pub fn with_id(self, id: &str) -> Result<Self, NotOneLine> {
        Ok(Self { id: one_line(id)?, ..self })
    }

    /// What kind of event it is; `message` unless it was said.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it carries; lines are parted by LF.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// The last event ID when it was dispatched; empty where none came.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The bytes of the event: a line for each field and for each line of the data.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        if self.name != "message" {
            write_field(&mut out, "event", &self.name);
        }
        if !self.id.is_empty() {
            write_field(&mut out, "id", &self.id);
        }
        for line in self.data.split('\n') {
            write_field(&mut out, "data", line);
        }
        out.put_u8(b'\n');
        out.freeze()
    }
}

fn one_line(text: &str) -> Result<String, NotOneLine> {
    let fits = !text.contains(['\r', '\n', '\0']);
    fits.then(|| text.to_owned()).ok_or(NotOneLine)
}

/// The bytes of a comment, which keep a silent connection from being dropped.
pub fn write_comment(text: &str) -> Bytes {
    let mut out = BytesMut::new();
    for line in text.split(['\r', '\n']) {
        write_field(&mut out, "", line);
    }
    out.put_u8(b'\n');
    out.freeze()
}

/// The bytes by which a server says how long to wait before a new connection, in milliseconds.
pub fn write_retry(retry_ms: u64) -> Bytes {
    Bytes::from(format!("retry: {retry_ms}\n\n"))
}

/// How many bytes of a chunk or an event are the values of its data fields.
pub fn data_len(bytes: &[u8]) -> u64 {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    let data = lines.filter_map(|line| line.strip_prefix(b"data: "));
    data.map(|value| value.len() as u64).sum()
}

fn write_field(out: &mut BytesMut, name: &str, value: &str) {
    out.put_slice(name.as_bytes());
    out.put_slice(b": ");
    out.put_slice(value.as_bytes());
    out.put_u8(b'\n');
}

/// What a reader of a stream comes upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An event is dispatched.
    Event(Event),
    /// The server says how long to wait before a new connection, in milliseconds.
    Retry(u64),
}

/// Where in a line the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of the stream, with so many bytes of the byte order mark read.
    Mark(u8),
    /// At the start of a line.
    Line,
    /// At the start of a line that follows a CR: an LF still belongs to it.
    AfterCr,
    /// In the name of a field.
    Name,
    /// Behind the colon: one space is passed over.
    Colon,
    /// In the value of a field.
    Value,
    /// In a comment.
    Comment,
}

/// What the next bytes of a stream are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    place: Place,
    /// How many bytes of names and values the event may still have.
    left: u64,
}

impl Expect {
    /// The start of a stream.
    pub fn start() -> Self {
        Self { place: Place::Mark(0), left: MAX_EVENT }
    }
}

/// Whether a blank line was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The bytes ended first.
    Open,
    /// It was: an event, or a stretch of comments and other fields, ends here.
    Ended,
}

/// An event stream on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    expect: Expect,
    /// The name and the value of the field in the line that is being read.
    field: (BytesMut, BytesMut),
    /// The fields of the event so far, as WHATWG HTML §9.2.6 names its buffers.
    event_type: String,
    data: String,
    id_buffer: String,
    last_event_id: String,
}

impl Stream {
    /// A stream whose next bytes are held against `expect`; what came before is not known.
    pub fn resume(expect: Expect) -> Self {
        Self {
            expect,
            field: (BytesMut::new(), BytesMut::new()),
            event_type: String::new(),
            data: String::new(),
            id_buffer: String::new(),
            last_event_id: String::new(),
        }
    }

    /// What the next bytes are held against.
    pub fn expects(&self) -> Expect {
        self.expect
    }

    /// The id that a new connection goes on after; empty where none came.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Reads all bytes there are.
    ///
    /// # Errors
    /// The breach that ended the reading.
    pub fn read_all<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        found: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        while self.read(r, found)? == Progress::Ended {}
        Ok(())
    }

    /// Reads up to and with the next blank line. A CR ends a line at once, so that an LF behind
    /// it is read with what follows.
    ///
    /// # Errors
    /// The breach that ended the reading.
    pub fn read<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        found: &mut Vec<Found>,
    ) -> Result<Progress, Stop> {
        while let Some(&byte) = r.rest().first() {
            match (self.expect.place, byte) {
                (Place::Mark(n), _) => self.read_mark(r, usize::from(n))?,
                (Place::AfterCr, b'\n') => {
                    r.octets(&EVENT_SEPARATOR, 1)?;
                    self.expect.place = Place::Line;
                }
                (Place::Line | Place::AfterCr, b'\r' | b'\n') => {
                    r.octets(&EVENT_END, 1)?;
                    self.expect.place = line_after(byte);
                    self.dispatch(found);
                    return Ok(Progress::Ended);
                }
                (Place::Line | Place::AfterCr, b':') => self.expect.place = Place::Comment,
                (Place::Line | Place::AfterCr, _) => self.expect.place = Place::Name,
                (Place::Name, b':') => {
                    r.octets(&EVENT_SEPARATOR, 1)?;
                    self.expect.place = Place::Colon;
                }
                (Place::Colon, b' ') => {
                    r.octets(&EVENT_SEPARATOR, 1)?;
                    self.expect.place = Place::Value;
                }
                (Place::Name | Place::Colon | Place::Value | Place::Comment, b'\r' | b'\n') => {
                    r.octets(&EVENT_SEPARATOR, 1)?;
                    self.expect.place = line_after(byte);
                    self.end_field(found);
                }
                (Place::Colon, _) => self.expect.place = Place::Value,
                (Place::Name | Place::Value, _) => self.read_text(r)?,
                (Place::Comment, _) => {
                    let n = until(r.rest(), |byte| matches!(byte, b'\r' | b'\n'));
                    r.octets(&COMMENT, n)?;
                }
            }
        }
        Ok(Progress::Open)
    }

    /// Reads the next byte of the byte order mark, or finds that there is none.
    fn read_mark<N: Notes>(&mut self, r: &mut Reader<'_, N>, n: usize) -> Result<(), Stop> {
        let n_here = r.rest().iter().zip(&MARK[n..]).take_while(|(a, b)| a == b).count();
        let n_after = n + n_here;
        if n_here > 0 {
            r.octets(&BOM, n_here as u64)?;
        }
        self.expect.place = match n_after {
            0 | 3 => Place::Line,
            n if r.rest().is_empty() => Place::Mark(n as u8),
            n => {
                // Half a mark is none: it is how the first name begins.
                self.field.0.put_slice(&MARK[..n]);
                Place::Name
            }
        };
        Ok(())
    }

    /// Reads what there is of a name or a value.
    fn read_text<N: Notes>(&mut self, r: &mut Reader<'_, N>) -> Result<(), Stop> {
        let in_name = self.expect.place == Place::Name;
        let ends = |byte: u8| matches!(byte, b'\r' | b'\n') || in_name && byte == b':';
        let n = until(r.rest(), ends);
        let fits = n.min(self.expect.left);
        if fits > 0 {
            if in_name {
                self.field.0.put_slice(r.octets(&FIELD_NAME, fits)?);
            } else {
                self.field.1.put_slice(r.octets(&FIELD_VALUE, fits)?);
            }
            self.expect.left -= fits;
        }
        if n > fits {
            let bit = r.bit();
            r.breach(Breach { rule: Rule::EventTooBig, bit, bits: 8 })?;
            // Whoever reads on past the breach wants to see the rest.
            self.expect.left = u64::MAX;
        }
        Ok(())
    }

    /// Takes the field of a line that has ended (WHATWG HTML §9.2.6).
    fn end_field(&mut self, found: &mut Vec<Found>) {
        let (name, value) = std::mem::take(&mut self.field);
        let value = String::from_utf8_lossy(&value);
        match &name[..] {
            b"event" => self.event_type = value.into_owned(),
            b"data" => {
                self.data.push_str(&value);
                self.data.push('\n');
            }
            // "If the field value does not contain U+0000 NULL"
            b"id" if !value.contains('\0') => self.id_buffer = value.into_owned(),
            // "If the field value consists of only ASCII digits"
            b"retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                found.push(Found::Retry(value.parse().unwrap_or(u64::MAX)));
            }
            // "Otherwise: The field is ignored."
            _ => {}
        }
    }

    /// Dispatches the event, if there is one (WHATWG HTML §9.2.6).
    fn dispatch(&mut self, found: &mut Vec<Found>) {
        self.expect.left = MAX_EVENT;
        self.last_event_id.clone_from(&self.id_buffer);
        let (mut data, name) =
            (std::mem::take(&mut self.data), std::mem::take(&mut self.event_type));
        // "If the data buffer is an empty string, set the data buffer and the event type buffer
        // to the empty string and return."
        if data.pop().is_none() {
            return;
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        found.push(Found::Event(Event { name, data, id: self.last_event_id.clone() }));
    }
}

/// Reads one event from its first line to its blank line.
///
/// # Errors
/// [`Stop::Needs`] where no blank line comes, or the first breach.
pub fn read_event<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Expect, Stop> {
    let mut stream = Stream::resume(*expect);
    match stream.read(r, &mut Vec::new())? {
        Progress::Ended => Ok(stream.expect),
        // The line that is open has to end, and a blank line has to follow.
        Progress::Open => match stream.expect.place {
            Place::Mark(_) | Place::Line | Place::AfterCr => Err(Stop::Needs(1)),
            Place::Name | Place::Colon | Place::Value | Place::Comment => Err(Stop::Needs(2)),
        },
    }
}

fn line_after(end: u8) -> Place {
    if end == b'\r' { Place::AfterCr } else { Place::Line }
}

/// How many bytes come before the first that `ends` the text.
fn until(bytes: &[u8], ends: impl Fn(u8) -> bool) -> u64 {
    bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len()) as u64
}
