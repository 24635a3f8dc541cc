//! What must be so on the bench: what a real end does with bytes that were written by hand.

use super::bench::{Deed, Reaction};
use super::frame_test::FrameTest;
use super::goal::Compare;
use crate::conn::Kind;
use crate::view::hex;
use serde::{Deserialize, Serialize};

/// What must be so on the bench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BenchGoal {
    /// The server answers with this status.
    Answers(u16),
    /// The handshake is done, and the connection open.
    Opens,
    /// Something was written, nothing is broken, and nothing waits for more.
    Taken,
    /// Nothing is broken; something is missing, and the reader waits for it.
    Waits,
    /// The reader is handed this text, as a message or as an event.
    Yields(String),
    /// The reader is handed these octets as a binary message, in hex.
    YieldsBytes(String),
    /// The reader is handed an event of this type with this id.
    YieldsEvent(String, String),
    /// The `n`th frame (from 1) is such.
    Frame(usize, Vec<FrameTest>),
    /// So many frames were written.
    Frames(Compare, u64),
    /// So many bytes were written.
    Bytes(Compare, u64),
    /// These octets stand among the bytes that were written, one behind the other, in hex.
    Octets(String),
    /// The reader finds this rule broken, by the rule's machine name.
    Breaks(String),
    /// The reader sends a Close with this code.
    FailsWith(u16),
    /// The reader writes such a frame.
    Sends(Vec<FrameTest>),
    /// The reader gets a Ping (9) or a Pong (10) that carries this text, or a Close (8) that gives
    /// it as the reason.
    Gets(u8, String),
    /// The reader reports to its application that the connection ended with this code.
    Reports(u16),
}

impl BenchGoal {
    /// Whether it is so.
    pub(super) fn met(&self, built: &Reaction) -> bool {
        let did = |wanted: &dyn Fn(&Deed) -> bool| built.deeds.iter().any(wanted);
        match self {
            Self::Answers(status) => built.status() == Some(u64::from(*status)),
            Self::Opens => did(&|deed| *deed == Deed::Opened),
            Self::Taken => {
                built.breach().is_none() && built.n_waiting == 0 && !built.bytes.is_empty()
            }
            Self::Waits => built.breach().is_none() && built.n_waiting > 0,
            Self::Yields(text) => did(&|deed| match deed {
                Deed::Handed(said) => said.kind == Kind::Text && said.data == text.as_bytes(),
                Deed::Event(event) => event.data() == text,
                _ => false,
            }),
            Self::YieldsBytes(octets) => {
                let octets = hex::parse(octets).ok();
                did(&|deed| match deed {
                    Deed::Handed(said) => {
                        said.kind == Kind::Binary && octets.as_deref() == Some(&said.data[..])
                    }
                    _ => false,
                })
            }
            Self::YieldsEvent(name, id) => did(&|deed| match deed {
                Deed::Event(event) => event.name() == name && event.id() == id,
                _ => false,
            }),
            Self::Octets(octets) => hex::parse(octets).is_ok_and(|octets| {
                !octets.is_empty() && built.bytes.windows(octets.len()).any(|there| there == octets)
            }),
            Self::Frame(n, tests) => {
                let frame = n.checked_sub(1).and_then(|idx| built.frames().nth(idx));
                frame.is_some_and(|found| tests.iter().all(|test| test.holds(found)))
            }
            Self::Frames(compare, n) => compare.holds(built.frames().count() as u64, *n),
            Self::Bytes(compare, n) => compare.holds(built.bytes.len() as u64, *n),
            Self::Breaks(rule) => built.breach().is_some_and(|breach| breach.rule.name() == rule),
            Self::FailsWith(code) => built.close_code() == Some(u64::from(*code)),
            Self::Sends(tests) => {
                built.wrote().any(|(_, found)| tests.iter().all(|test| test.holds(&found)))
            }
            Self::Gets(opcode, text) => did(&|deed| match deed {
                Deed::Ping(data) => *opcode == 9 && data == text.as_bytes(),
                Deed::Pong(data) => *opcode == 10 && data == text.as_bytes(),
                Deed::Close(Some(close)) => *opcode == 8 && close.reason == *text,
                _ => false,
            }),
            Self::Reports(code) => did(&|deed| *deed == Deed::Reported(*code)),
        }
    }

    /// The tests of frames in it.
    pub(super) fn frame_tests(&self) -> &[FrameTest] {
        match self {
            Self::Frame(_, tests) | Self::Sends(tests) => tests,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::{Piece, react};
    use super::*;

    fn check(piece: &Piece, text: &str, expected: bool, goals: &[&str]) {
        let built = react(piece, text).unwrap();
        for goal in goals {
            let goal: BenchGoal = ron::from_str(goal).unwrap();
            assert_eq!(goal.met(&built), expected, "{goal:?} of {text:?}");
        }
    }

    #[test]
    fn frames_are_held_against_what_they_are_and_what_comes_of_them() {
        let hello = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
        let met = [
            "Taken",
            "Yields(\"Hello\")",
            "Frame(1, [Fin(1), Opcode(1), Mask(1), Length(5), HeaderBytes(6), LengthBits(7)])",
            "Frames(Exactly, 1)",
            "Bytes(AtMost, 11)",
            "Frame(1, [Key(0x37fa213d)])",
        ];
        let unmet = ["Waits", "Opens", "Frame(2, [])", "Frame(1, [Key(0)])"];
        check(&Piece::ClientFrames, hello, true, &met);
        check(&Piece::ClientFrames, hello, false, &unmet);
        check(&Piece::ClientFrames, "", false, &met[..4]);
        check(&Piece::ClientFrames, "81 85 37", true, &["Waits"]);
        let bytes = ["YieldsBytes(\"01 02\")"];
        check(&Piece::ServerFrames, "82 02 01 02", true, &bytes);
        check(&Piece::ServerFrames, "81 02 01 02", false, &bytes);
        check(&Piece::ClientFrames, hello, true, &["Octets(\"37 fa 21 3d\")"]);
        let others = ["Octets(\"fa 37\")", "Octets(\"\")", "Octets(\"58 00\")"];
        check(&Piece::ClientFrames, hello, false, &others);
    }

    #[test]
    fn what_is_refused_says_how() {
        let met = ["Breaks(\"unmasked_client_frame\")", "FailsWith(1002)"];
        check(&Piece::ClientFrames, "81 02 48 69", true, &met);
        let ping = ["Sends([Opcode(10), Length(2)])", "Taken"];
        check(&Piece::ServerFrames, "89 02 48 69", true, &ping);
    }

    #[test]
    fn what_a_control_frame_carries_is_told_from_another() {
        let pong = "8a 82 37 fa 21 3d 03 c8";
        check(&Piece::ClientFrames, pong, true, &["Gets(10, \"42\")"]);
        check(&Piece::ClientFrames, pong, false, &["Gets(9, \"42\")", "Gets(10, \"43\")"]);
        check(&Piece::ServerFrames, "89 02 34 32", true, &["Gets(9, \"42\")"]);
        let close = ["Gets(8, \"bye\")", "FailsWith(1001)"];
        check(&Piece::ServerFrames, "88 05 03 e9 62 79 65", true, &close);
        check(&Piece::ServerFrames, "88 05 e9 03 62 79 65", false, &close);
    }

    #[test]
    fn what_a_server_reports_is_known_once_both_have_said_goodbye() {
        let reported = ["Reports(1005)", "Taken"];
        check(&Piece::ClientFrames, "88 80 00 00 00 00", true, &reported);
        check(&Piece::ClientFrames, "88 82 00 00 00 00 03 ed", false, &reported);
    }

    #[test]
    fn heads_and_events_have_outcomes_of_their_own() {
        check(&Piece::Request, "GET / HTTP/1.1\nHost: a\n", true, &["Waits"]);
        check(&Piece::Request, "POST / HTTP/1.1\nUpgrade: websocket\n\n", false, &["Opens"]);
        let event = "event: tick\nid: 4\ndata: now\n\n";
        let met = ["YieldsEvent(\"tick\", \"4\")", "Yields(\"now\")", "Taken"];
        check(&Piece::Events, event, true, &met);
        check(&Piece::Events, event.trim_end(), false, &met);
    }
}
