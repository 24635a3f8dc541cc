//! Faults: what a peer does wrong.
//!
//! **Invariant:** a faulty peer's ends are the conforming ones of `conn`; only what they write is
//! distorted, so that whoever reads it is the one that reacts.

use crate::conn::Output;
use crate::wire::unit::Context;
use crate::wire::ws::{Expect, Frame, Header, Opcode};
use crate::wire::{Reader, Side};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that a host does wrong from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fault {
    /// It answers no Ping.
    MutesPongs,
    /// It sends no Close, neither first nor as an answer, and does not end the connection.
    NeverCloses,
    /// A client does not mask its frames; a server does.
    MasksWrongly,
    /// It leaves out the empty line that ends a head.
    ForgetsBlankLine,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] =
        [Self::MutesPongs, Self::NeverCloses, Self::MasksWrongly, Self::ForgetsBlankLine];

    /// What the host does, after its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::MutesPongs => "answers no Ping",
            Self::NeverCloses => "never closes",
            Self::MasksWrongly => "masks wrongly",
            Self::ForgetsBlankLine => "forgets the blank line",
        }
    }
}

/// What a host with these faults makes of what a conforming one would do; `None` where it does
/// nothing.
pub(super) fn distort(output: Output, faults: Option<&BTreeSet<Fault>>) -> Option<Output> {
    let Some(faults) = faults else { return Some(output) };
    match output {
        Output::Finish if faults.contains(&Fault::NeverCloses) => None,
        Output::Write(bytes, context) => {
            let bytes =
                faults.iter().try_fold(bytes, |bytes, fault| fault.rewrite(bytes, &context));
            bytes.map(|bytes| Output::Write(bytes, context))
        }
        output => Some(output),
    }
}

impl Fault {
    fn rewrite(self, bytes: Bytes, context: &Context) -> Option<Bytes> {
        match (self, context) {
            (Self::ForgetsBlankLine, Context::Request | Context::Response) => {
                Some(bytes.slice(..bytes.len().saturating_sub(2)))
            }
            (Self::MutesPongs, Context::Frame(expect)) => {
                (opcode(&bytes, expect) != Some(Opcode::PONG)).then_some(bytes)
            }
            (Self::NeverCloses, Context::Frame(expect)) => {
                (opcode(&bytes, expect) != Some(Opcode::CLOSE)).then_some(bytes)
            }
            (Self::MasksWrongly, Context::Frame(expect)) => Some(masked_wrongly(&bytes, expect)),
            _ => Some(bytes),
        }
    }
}

fn opcode(frame: &[u8], expect: &Expect) -> Option<Opcode> {
    Header::read(&mut Reader::new(frame, 0, &mut ()), expect).ok().map(|header| header.opcode)
}

/// The frame with a masking key where there should be none, or without one.
fn masked_wrongly(frame: &Bytes, expect: &Expect) -> Bytes {
    let mut notes = ();
    let mut reader = Reader::new(frame, 0, &mut notes);
    let Ok(header) = Header::read(&mut reader, expect) else { return frame.clone() };
    let mut payload = frame[reader.consumed()..].to_vec();
    if let Some(key) = header.masking_key {
        crate::wire::mask::apply(key, 0, &mut payload);
    }
    let masking_key = match expect.from {
        Side::Client => None,
        Side::Server => Some([0x37, 0xfa, 0x21, 0x3d]),
    };
    let header = Header { masking_key, ..header };
    Frame { header, payload: payload.into() }.to_bytes()
}
