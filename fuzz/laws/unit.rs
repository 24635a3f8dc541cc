//! **Law:** any bytes can be dissected in any context; the fields lie side by side, the reader of a
//! peer ends where the survey finds the first breach, and a part of the bytes never says more than
//! all of them.
//!
//! Three bytes say the context, the rest is what is read: one unit, or unit after unit.

use super::draw::{agreement, byte, flag, side};
use arbitrary::Unstructured;
use wirestep::wire::body::{self, Content};
use wirestep::wire::buffer::Buffer;
use wirestep::wire::http::{Request, Response};
use wirestep::wire::intake::Intake;
use wirestep::wire::unit::{Context, Dissection, dissect};
use wirestep::wire::ws::{Expect, Header, Opcode};
use wirestep::wire::{Reader, Stop, sse};

/// How many parts of a long unit are tried.
const N_PARTS: usize = 12;

/// Panics where the law is broken.
pub(crate) fn hold(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let mut context = context(&mut u);
    let mut rest = u.take_rest();
    loop {
        let found = dissect(rest, &context);
        check_fields(&found, rest);
        let read = read_as_peer(&context, rest);
        check_peer(&found, &read);
        check_parts(&read, &context, rest);
        let Ok((consumed, Some(after))) = read else { return };
        assert_eq!(found.after.map_or_else(|| after.clone(), Context::Frame), after);
        context = after;
        rest = &rest[consumed..];
    }
}

fn context(u: &mut Unstructured<'_>) -> Context {
    let (kind, state, window) = (byte(u), byte(u), byte(u));
    match kind & 3 {
        0 if flag(kind, 2) => Context::Chunk(chunk(kind, state, window)),
        0 => Context::Request,
        1 if flag(kind, 2) => Context::Event(event(state)),
        1 => Context::Response,
        2 => Context::Body(u64::from(state)),
        _ => Context::Frame(expect(kind, state, window)),
    }
}

fn chunk(kind: u8, state: u8, window: u8) -> body::Expect {
    let content = if flag(kind, 3) { Content::Events(event(state)) } else { Content::Plain };
    let mut expect = body::Expect::start(content);
    if window > 0 {
        expect.max_data = u64::from(window);
        expect.max_extensions = u64::from(window >> 4);
    }
    expect
}

/// Somewhere in a stream of events.
fn event(state: u8) -> sse::Expect {
    let before: [&[u8]; 8] =
        [b"", b"\xef", b"\xef\xbb", b"data: a\r", b"da", b"data:", b"data: x", b": c"];
    let notes = &mut ();
    let mut stream = sse::Stream::resume(sse::Expect::start());
    let mut reader = Reader::new(before[usize::from(state & 7)], 0, notes);
    stream.read_all(&mut reader, &mut Vec::new()).expect("nothing is wrong with it");
    stream.expects()
}

fn expect(kind: u8, state: u8, window: u8) -> Expect {
    let from = side(kind, 2);
    let mut expect = Expect::start(from);
    if flag(kind, 3) {
        expect = expect.with_deflate(agreement(window).of(from));
    }
    expect.max_payload = [u64::MAX, 1000, 5, 0][usize::from(kind >> 4 & 3)];
    expect.closed = flag(kind, 6);
    expect.message = [None, Some(Opcode::TEXT), Some(Opcode::BINARY), None][usize::from(state & 3)];
    expect.compressed = expect.message.is_some() && expect.inflater.is_some() && flag(state, 2);
    if expect.message == Some(Opcode::TEXT) {
        let begun = &"😀".as_bytes()[..usize::from(state >> 3 & 3)];
        expect.utf8.push(begun).expect("it is the beginning of a text");
    }
    expect
}

fn check_fields(found: &Dissection, bytes: &[u8]) {
    let mut bit = 0;
    for field in &found.fields {
        assert_eq!(field.bit, bit, "{} lies where the last field ended", field.spec.name);
        assert!(field.bits <= field.want_bits, "{} is too long", field.spec.name);
        bit += field.bits;
    }
    let n_bits = bytes.len() as u64 * 8;
    assert!(bit <= n_bits, "the fields end within the input");
    for breach in &found.breaches {
        assert!(breach.bit + breach.bits <= n_bits, "the culprit is there: {breach:?}");
    }
    if found.needs.is_some() && found.breaches.is_empty() {
        assert_eq!(bit, n_bits, "all that is there of a unit that goes on is shown");
    }
}

/// What a peer makes of a unit: how many bytes it takes, and what may follow it.
type Read = Result<(usize, Option<Context>), Stop>;

fn check_peer(found: &Dissection, read: &Read) {
    match (read, found.breaches.first()) {
        (Err(Stop::Breach(met)), first) => assert_eq!(Some(met), first, "the first breach"),
        (Err(Stop::Needs(missing)), None) => assert_eq!(Some(*missing), found.needs),
        (Ok((consumed, _)), None) => assert_eq!((*consumed, None), (found.consumed, found.needs)),
        (read, Some(first)) => panic!("the peer overlooks {first:?}: {read:?}"),
    }
}

/// Holds what the parts of a unit say against what the whole of it says.
fn check_parts(whole: &Read, context: &Context, bytes: &[u8]) {
    let end = whole.as_ref().map_or(bytes.len(), |(consumed, _)| *consumed);
    for n in (0..end).step_by(end.div_ceil(N_PARTS).max(1)).chain(end.checked_sub(1)) {
        match (read_as_peer(context, &bytes[..n]), whole) {
            (Err(Stop::Needs(missing)), Ok((consumed, _))) => {
                assert!(missing > 0, "{n} of {consumed} bytes are not all");
                assert!(missing <= (consumed - n) as u64, "{n} of {consumed} lack {missing}");
            }
            (Err(Stop::Needs(missing)), _) => assert!(missing > 0, "{n} bytes lack something"),
            (Err(Stop::Breach(met)), Err(Stop::Breach(breach))) => assert_eq!(&met, breach),
            (part, whole) => panic!("{n} bytes say {part:?}, all say {whole:?}"),
        }
    }
}

/// What the reader that keeps nothing makes of a unit.
fn read_as_peer(context: &Context, bytes: &[u8]) -> Read {
    let notes = &mut ();
    let mut reader = Reader::new(bytes, 0, notes);
    let after = match context {
        Context::Request => Request::read(&mut reader).map(|_| None),
        Context::Response => Response::read(&mut reader).map(|_| None),
        Context::Body(len) => body::read(&mut reader, *len).map(|()| None),
        Context::Chunk(expect) => {
            body::read_chunk(&mut reader, expect).map(|after| Some(Context::Chunk(after)))
        }
        Context::Event(expect) => {
            sse::read_event(&mut reader, expect).map(|after| Some(Context::Event(after)))
        }
        Context::Frame(expect) => read_frame(&mut reader, expect.clone()),
    };
    after.map(|after| (reader.consumed(), after))
}

fn read_frame(reader: &mut Reader<'_, ()>, mut expect: Expect) -> Result<Option<Context>, Stop> {
    let header = Header::read(reader, &expect)?;
    let mut intake = Intake::new(header, &mut expect);
    intake.read(reader, &mut Buffer::new())?;
    if intake.missing() > 0 {
        return Err(Stop::Needs(intake.missing()));
    }
    intake.end(&mut expect);
    Ok(Some(Context::Frame(expect)))
}
