//! tungstenite as a reader of frames beside an end of ours: random and broken streams, both roles.

use super::stream::{Stream, Told, written};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tungstenite::error::ProtocolError;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, WebSocket};
use wirestep::conn::{Config, Conn, Output};
use wirestep::wire::rule::Rule;
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::Expect;
use wirestep::wire::{Side, mask};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// How a reader stands after a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It reads on.
    Open,
    /// A Close came.
    Closed,
    /// It failed the connection.
    Failed,
}

/// What a reader made of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    told: Vec<Told>,
    verdict: Verdict,
    /// What it answered, frame by frame: the first byte and the payload in the clear.
    answered: Vec<(u8, Vec<u8>)>,
}

/// A place where tungstenite judges otherwise: why, a stream that shows it at an end, and the rule
/// that an end of ours names there, where it names one.
struct Difference {
    why: &'static str,
    at: Side,
    example: &'static [u8],
    rule: Option<Rule>,
}

const DIFFERENCES: [Difference; 5] = [
    Difference {
        why: "tungstenite accepts lengths that are not minimal",
        at: Side::Server,
        example: b"\x82\xfe\x00\x05\x37\xfa\x21\x3dHello",
        rule: Some(Rule::LongLengthForm),
    },
    Difference {
        why: "tungstenite tells its application of a Close with a code that must not be sent as \
              one of 1002, and answers with that; no Close was received then, RFC 6455 §7.1.7",
        at: Side::Server,
        example: b"\x88\x82\x00\x00\x00\x00\x03\xed",
        rule: Some(Rule::CloseCode),
    },
    Difference {
        why: "tungstenite does not know close code 1014, which IANA has registered since",
        at: Side::Server,
        example: b"\x88\x82\x00\x00\x00\x00\x03\xf6",
        rule: None,
    },
    Difference {
        why: "tungstenite reads a frame whole before it judges it: an end of ours fails at the \
              first wrong byte",
        at: Side::Server,
        example: b"\x81\x85\x00\x00\x00\x00\xff",
        rule: Some(Rule::TextNotUtf8),
    },
    Difference {
        why: "tungstenite fails a client at any frame behind a Close: RFC 6455 §5.5.1 forbids data \
              frames alone, and §1.4 has what follows discarded",
        at: Side::Client,
        example: b"\x88\x00\x89\x00",
        rule: None,
    },
];

fn ours(at: Side, bytes: &[u8]) -> (Reading, Option<Rule>) {
    let mut end = Conn::opened(Config::new(at, 7));
    let outputs = end.receive(bytes);
    let rule = outputs.iter().find_map(|output| match output {
        Output::Breach(breach) => Some(breach.rule),
        _ => None,
    });
    let told = Told::ours(&outputs);
    let mut answered = frames(at, &written(&outputs));
    if rule.is_some() && !told.iter().any(|told| matches!(told, Told::Close(_))) {
        // tungstenite drops the connection without a Close that says why.
        answered.pop();
    }
    let verdict = verdict(&told, rule.is_some());
    (Reading { told, verdict, answered }, rule)
}

fn theirs(at: Side, bytes: &[u8]) -> Reading {
    let role = if at == Side::Server { Role::Server } else { Role::Client };
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .max_message_size(Some(16 << 20))
        .max_frame_size(Some(16 << 20));
    let mut end = WebSocket::from_raw_socket(Stream::with(bytes), role, Some(config));
    let mut told = Vec::new();
    let failed = loop {
        match end.read() {
            Ok(message) => told.push(Told::theirs(message)),
            Err(Error::Io(_) | Error::ConnectionClosed) => break false,
            Err(Error::Protocol(_) | Error::Capacity(_) | Error::Utf8(_)) => break true,
            Err(other) => panic!("{other}"),
        }
    };
    let answered = frames(at, &end.get_ref().written);
    Reading { verdict: verdict(&told, failed), told, answered }
}

fn verdict(told: &[Told], failed: bool) -> Verdict {
    match told.last() {
        _ if failed => Verdict::Failed,
        Some(Told::Close(_)) => Verdict::Closed,
        _ => Verdict::Open,
    }
}

/// The frames that an end wrote, without what masks them.
fn frames(from: Side, bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut rest = bytes;
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let masked = usize::from(from == Side::Client) * 4;
        let n = usize::from(rest[1] & 0x7f);
        let (head, after) = rest.split_at(2 + masked);
        let mut payload = after[..n].to_vec();
        if masked > 0 {
            mask::apply([head[2], head[3], head[4], head[5]], 0, &mut payload);
        }
        frames.push((head[0], payload));
        rest = &after[n..];
    }
    frames
}

/// Holds both readings of a stream that arrives at an end against each other; which difference
/// explains that they are not the same, where they are not.
fn compare(at: Side, bytes: &[u8]) -> Option<usize> {
    let (ours, rule) = ours(at, bytes);
    let theirs = theirs(at, bytes);
    if ours == theirs {
        return None;
    }
    let context = format!("{at:?} {bytes:02x?}\nours {rule:?} {ours:?}\ntheirs {theirs:?}");
    let explained = explain(at, bytes, (&ours, rule), &theirs);
    Some(explained.unwrap_or_else(|| panic!("unexplained: {context}")))
}

fn explain(
    at: Side,
    bytes: &[u8],
    (ours, rule): (&Reading, Option<Rule>),
    theirs: &Reading,
) -> Option<usize> {
    let closed = |reading: &Reading| matches!(reading.told.last(), Some(Told::Close(_)));
    let n = ours.told.len();
    match rule {
        Some(Rule::LongLengthForm) if theirs.told.starts_with(&ours.told) => Some(0),
        // A short length in a long form, on a control frame.
        Some(Rule::LongControl) if theirs.told.len() > n => {
            theirs.told.starts_with(&ours.told).then_some(0)
        }
        Some(_) if theirs.verdict == Verdict::Open && ours.told == theirs.told => {
            // All that they miss is the rest of the frame.
            let whole = completed(at, bytes)?;
            let theirs = self::theirs(at, &whole);
            let fails = theirs.verdict == Verdict::Failed && ours.told == theirs.told;
            if fails { Some(3) } else { explain(at, &whole, (ours, rule), &theirs) }
        }
        _ if ours.told.last() == Some(&Told::Close(Some((1014, reason(ours))))) => {
            (theirs.told[..n - 1] == ours.told[..n - 1]).then_some(2)
        }
        _ if closed(ours) && closed(theirs) => (ours.told == theirs.told).then_some(4),
        Some(Rule::CloseCode) => {
            let replaced = Told::Close(Some((1002, "Protocol violation".to_owned())));
            (theirs.told[..n] == ours.told && theirs.told[n..] == [replaced]).then_some(1)
        }
        _ => None,
    }
}

fn reason(reading: &Reading) -> String {
    match reading.told.last() {
        Some(Told::Close(Some((_, reason)))) => reason.clone(),
        _ => String::new(),
    }
}

/// A stream with the last frame filled up, whatever is wrong with it; `None` where it is whole. Of
/// a frame that is too large to be read, the header is enough.
fn completed(at: Side, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = bytes.to_vec();
    let mut start = 0;
    while start < whole.len() {
        let found = dissect(&whole[start..], &Context::Frame(Expect::start(at.peer())));
        match found.needs {
            None => start += found.consumed,
            Some(missing) if missing > 16 << 20 => {
                whole.extend([0; 12]);
                break;
            }
            Some(missing) => whole.resize(whole.len() + missing as usize, 0),
        }
    }
    (whole.len() > bytes.len()).then_some(whole)
}

/// The bytes of a frame from `from`, right in itself.
fn frame(from: Side, first: u8, payload: &[u8]) -> Vec<u8> {
    let masked = if from == Side::Client { 0x80 } else { 0 };
    let n = payload.len();
    let mut bytes = match n {
        0..=125 => vec![first, masked | n as u8],
        _ => [&[first, masked | 0x7e][..], &(n as u16).to_be_bytes()].concat(),
    };
    let start = bytes.len();
    if from == Side::Client {
        bytes.extend(KEY);
    }
    bytes.extend(payload);
    if from == Side::Client {
        mask::apply(KEY, 0, &mut bytes[start + 4..]);
    }
    bytes
}

/// What one frame is about.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Binary(Vec<u8>),
    /// A text cut into frames at these places, code points or not.
    Fragments(String, Vec<Index>),
    Control(u8, Vec<u8>),
    Close(Vec<u8>),
    Any(u8, Vec<u8>),
}

impl Part {
    fn bytes(&self, from: Side) -> Vec<u8> {
        match self {
            Self::Text(text) => frame(from, 0x81, text.as_bytes()),
            Self::Binary(data) => frame(from, 0x82, data),
            Self::Control(first, data) | Self::Any(first, data) => frame(from, *first, data),
            Self::Close(payload) => frame(from, 0x88, payload),
            Self::Fragments(text, cuts) => {
                let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
                cuts.extend([0, text.len()]);
                cuts.sort_unstable();
                let n = cuts.len() - 1;
                let pieces = cuts.windows(2).enumerate().map(|(idx, cut)| {
                    let first = u8::from(idx == 0) | if idx + 1 == n { 0x80 } else { 0 };
                    frame(from, first, &text.as_bytes()[cut[0]..cut[1]])
                });
                pieces.collect::<Vec<_>>().concat()
            }
        }
    }
}

fn part() -> impl Strategy<Value = Part> {
    let bytes = |n| proptest::collection::vec(any::<u8>(), 0..n);
    let close = select(vec![1000_u16, 1001, 1005, 1007, 1011, 1012, 1014, 1015, 2999, 3000, 5000]);
    prop_oneof![
        4 => "[a-zé€😀]{0,40}".prop_map(Part::Text),
        2 => bytes(200).prop_map(Part::Binary),
        4 => ("[a-zé€😀]{0,12}", proptest::collection::vec(any::<Index>(), 0..4))
            .prop_map(|(text, cuts)| Part::Fragments(text, cuts)),
        3 => (select(vec![0x89_u8, 0x8a]), bytes(20)).prop_map(|(first, data)| Part::Control(first, data)),
        1 => (close, "[a-zé]{0,9}").prop_map(|(code, reason)| {
            Part::Close([&code.to_be_bytes(), reason.as_bytes()].concat())
        }),
        1 => bytes(4).prop_map(Part::Close),
        1 => (any::<u8>(), bytes(140)).prop_map(|(first, data)| Part::Any(first, data)),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![Side::Client, Side::Server])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn streams_are_judged_as_tungstenite_judges_them(
        at in side(), parts in proptest::collection::vec(part(), 0..7),
        broken in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..3),
        n_lost in 0_usize..3,
    ) {
        let stream: Vec<_> = parts.iter().map(|part| part.bytes(at.peer())).collect();
        let mut bytes = stream.concat();
        if !bytes.is_empty() {
            for (place, value) in broken {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            bytes.truncate(bytes.len() - n_lost.min(bytes.len()));
        }
        compare(at, &bytes);
    }

    #[test]
    fn noise_is_judged_as_tungstenite_judges_it(
        at in side(), first in select(vec![0x81_u8, 0x82, 0x01, 0x89, 0x88]),
        mut bytes in proptest::collection::vec(any::<u8>(), 2..24),
    ) {
        bytes[0] = if bytes[0] & 1 == 0 { first } else { bytes[0] };
        compare(at, &bytes);
    }
}

#[test]
fn every_difference_to_tungstenite_is_shown_by_its_example() {
    for (idx, Difference { why, at, example, rule }) in DIFFERENCES.iter().enumerate() {
        assert_eq!(compare(*at, example), Some(idx), "{why}");
        assert_eq!(ours(*at, example).1, *rule, "{why}");
    }
}

#[test]
fn what_tungstenite_calls_a_protocol_error_has_a_rule_here() {
    let cases: [(&[u8], ProtocolError, Rule); 6] = [
        (b"\xc1\x80\0\0\0\0", ProtocolError::NonZeroReservedBits, Rule::Rsv1),
        (b"\x83\x80\0\0\0\0", ProtocolError::InvalidOpcode(3), Rule::ReservedOpcode),
        (b"\x09\x80\0\0\0\0", ProtocolError::FragmentedControlFrame, Rule::FragmentedControl),
        (b"\x80\x80\0\0\0\0", ProtocolError::UnexpectedContinueFrame, Rule::NothingToContinue),
        (b"\x81\x00", ProtocolError::UnmaskedFrameFromClient, Rule::UnmaskedClient),
        (b"\x88\x81\0\0\0\0\x03", ProtocolError::InvalidCloseSequence, Rule::CloseOneByte),
    ];
    for (bytes, error, rule) in cases {
        let mut end = WebSocket::from_raw_socket(Stream::with(bytes), Role::Server, None);
        match end.read() {
            Err(Error::Protocol(met)) => assert_eq!(met, error),
            other => panic!("{other:?} in place of {error:?}"),
        }
        assert_eq!(ours(Side::Server, bytes).1, Some(rule));
    }
}
