//! A unit: what a peer reads as one thing, with all that the meaning of its bytes depends on.
//!
//! **Law:** dissecting a unit runs the reader that a peer runs; only the notes differ.

use super::buffer::Buffer;
use super::http::{HEADER_NAME, HEADER_VALUE, Request, Response};
use super::intake::Intake;
use super::ws::{Expect, Header};
use super::{Breach, Field, Notes, Reader, Spec, Stop, Survey, body, close, http, sse, ws};
use bytes::Bytes;

/// What kind of unit the bytes are, and what its reader knew when it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// The head of a request.
    Request,
    /// The head of a response.
    Response,
    /// A body of this many bytes.
    Body(u64),
    /// A chunk of a body; the last one with the trailer section.
    Chunk(body::Expect),
    /// An event of a stream that is not in chunks, or what lies between two blank lines of it.
    Event(sse::Expect),
    /// A WebSocket frame.
    Frame(Expect),
}

impl Context {
    /// The kind in one word.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Body(_) => "body",
            Self::Chunk(_) => "chunk",
            Self::Event(_) => "event",
            Self::Frame(_) => "frame",
        }
    }
}

/// What the bytes of a unit were found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dissection {
    /// The fields in order; the last may be partly there.
    pub fields: Vec<Field>,
    /// Every rule that the bytes break.
    pub breaches: Vec<Breach>,
    /// What the payload says once it is inflated, where it is compressed.
    pub inflated: Option<Bytes>,
    /// How many bytes the unit took.
    pub consumed: usize,
    /// How many bytes are missing, where the input ended first.
    pub needs: Option<u64>,
    /// The frame header, where the unit is a frame and has one.
    pub header: Option<Header>,
    /// What is expected of the frame after this one, where the unit is a whole frame.
    pub after: Option<Expect>,
}

/// Every field that a unit can have.
pub fn specs() -> impl Iterator<Item = &'static Spec> {
    let http = [http::SPECS, body::SPECS, sse::SPECS];
    http.into_iter().chain([ws::SPECS, close::SPECS]).flatten().copied()
}

impl Dissection {
    /// The first field of a machine name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.spec.name == name)
    }

    /// The first header line of this name, in any case: its name and its value.
    pub fn header_line(&self, name: &str) -> Option<(&Field, &Field)> {
        let named = |field: &&Field| {
            field.spec == &HEADER_NAME && field.octets().eq_ignore_ascii_case(name.as_bytes())
        };
        let mut fields = self.fields.iter();
        let name = fields.find(named)?;
        Some((name, fields.find(|field| field.spec == &HEADER_VALUE)?))
    }
}

/// Reads one unit from the start of `bytes`, records its fields and every breach, and reads on
/// past a breach where that can be done.
pub fn dissect(bytes: &[u8], context: &Context) -> Dissection {
    let mut survey = Survey::default();
    let mut reader = Reader::new(bytes, 0, &mut survey);
    let mut found = Dissection::default();
    let outcome = match context {
        Context::Request => Request::read(&mut reader).map(|_| ()),
        Context::Response => Response::read(&mut reader).map(|_| ()),
        Context::Body(len) => body::read(&mut reader, *len),
        Context::Chunk(expect) => body::read_chunk(&mut reader, expect).map(|_| ()),
        Context::Event(expect) => sse::read_event(&mut reader, expect).map(|_| ()),
        Context::Frame(expect) => dissect_frame(&mut reader, expect, &mut found),
    };
    found.consumed = reader.consumed();
    found.needs = match outcome {
        Ok(()) | Err(Stop::Needs(0) | Stop::Breach(_)) => None,
        Err(Stop::Needs(missing)) => Some(missing),
    };
    found.fields = survey.fields;
    found.inflated = survey.inflated;
    found.breaches = survey.breaches;
    found
}

fn dissect_frame<N: Notes>(
    reader: &mut Reader<'_, N>,
    expect: &Expect,
    found: &mut Dissection,
) -> Result<(), Stop> {
    let header = Header::read(reader, expect)?;
    found.header = Some(header);
    let mut expect = expect.clone();
    let mut intake = Intake::new(header, &mut expect);
    intake.read(reader, &mut Buffer::new())?;
    match intake.missing() {
        0 => {
            intake.end(&mut expect);
            found.after = Some(expect);
            Ok(())
        }
        missing => Err(Stop::Needs(missing)),
    }
}
