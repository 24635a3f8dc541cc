//! httparse as a reader of heads: requests and responses, right and broken.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::rule::Rule;
use wirestep::wire::{Reader, Stop};

/// What a reader makes of a head: how long it is, its start line and its header lines.
type Head = (usize, [Vec<u8>; 3], Vec<(String, Vec<u8>)>);

/// Which kind of head the bytes are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Request,
    Response,
}

/// A place where httparse judges otherwise: why, and a head that shows it.
struct Difference {
    why: &'static str,
    kind: Kind,
    example: &'static [u8],
}

const DIFFERENCES: [Difference; 6] = [
    Difference {
        why: "httparse takes a lone LF for the end of a line, as RFC 9112 §2.2 allows",
        kind: Kind::Request,
        example: b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    },
    Difference {
        why: "httparse passes over empty lines before the start line; here a server end does, \
              before it reads the head",
        kind: Kind::Request,
        example: b"\r\nGET / HTTP/1.1\r\n\r\n",
    },
    Difference {
        why: "httparse knows HTTP/1.0 and 1.1 alone; RFC 9110 §2.5 has a higher minor version read \
              as the highest that is known",
        kind: Kind::Request,
        example: b"GET / HTTP/1.7\r\n\r\n",
    },
    Difference {
        why: "httparse takes bytes beyond ASCII in a target if they are UTF-8; RFC 9112 §3.2 has \
              none of them",
        kind: Kind::Request,
        example: b"GET /caf\xc3\xa9 HTTP/1.1\r\n\r\n",
    },
    Difference {
        why: "httparse takes any three digits for a status; RFC 9110 §15 begins at 100",
        kind: Kind::Response,
        example: b"HTTP/1.1 099 OK\r\n\r\n",
    },
    Difference {
        why: "httparse fails at the first wrong byte of a start line or a name, an end of ours when \
              it has read the element",
        kind: Kind::Request,
        example: b"G\x00T",
    },
];

fn ours(kind: Kind, bytes: &[u8]) -> Result<Head, Stop> {
    let notes = &mut ();
    let mut reader = Reader::new(bytes, 0, notes);
    let (start, headers) = match kind {
        Kind::Request => {
            let read = Request::read(&mut reader)?;
            ([bytes_of(&read.method), bytes_of(&read.target), vec![read.minor]], read.headers)
        }
        Kind::Response => {
            let read = Response::read(&mut reader)?;
            let status = read.status.to_be_bytes().to_vec();
            ([vec![read.minor], status, bytes_of(&read.reason)], read.headers)
        }
    };
    let lines = headers.iter().map(|(name, value)| (name.to_owned(), bytes_of(value)));
    Ok((reader.consumed(), start, lines.collect()))
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// `None` where it waits for more.
fn theirs(kind: Kind, bytes: &[u8]) -> Result<Option<Head>, httparse::Error> {
    let mut lines = [httparse::EMPTY_HEADER; 64];
    let (status, start, headers) = match kind {
        Kind::Request => {
            let mut peer = httparse::Request::new(&mut lines);
            let status = peer.parse(bytes)?;
            let text = |text: Option<&str>| text.unwrap_or_default().as_bytes().to_vec();
            let start = [text(peer.method), text(peer.path), peer.version.into_iter().collect()];
            (status, start, peer.headers)
        }
        Kind::Response => {
            let mut peer = httparse::Response::new(&mut lines);
            let status = peer.parse(bytes)?;
            let code = peer.code.unwrap_or_default().to_be_bytes().to_vec();
            let reason = peer.reason.unwrap_or_default().into();
            (status, [peer.version.into_iter().collect(), code, reason], peer.headers)
        }
    };
    // Here text beyond UTF-8 is read with replacement characters.
    let value = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned().into_bytes();
    let lines = headers.iter().map(|line| (line.name.to_owned(), value(line.value))).collect();
    Ok(match status {
        httparse::Status::Complete(n) => Some((n, start, lines)),
        httparse::Status::Partial => None,
    })
}

/// Holds both readings of a head against each other; which difference explains that they are not
/// the same, where they are not.
fn compare(kind: Kind, bytes: &[u8]) -> Option<usize> {
    let (ours, theirs) = (ours(kind, bytes), theirs(kind, bytes));
    let explained = match (&ours, &theirs) {
        (Err(Stop::Needs(_)), Ok(None)) | (Err(Stop::Breach(_)), Err(_)) => return None,
        (Ok(ours), Ok(Some(theirs))) if same(kind, ours, theirs) => return None,
        (Ok((_, start, _)), Err(httparse::Error::Version)) => {
            let minor = if kind == Kind::Request { &start[2] } else { &start[0] };
            (minor[0] > 1).then_some(2)
        }
        (Err(Stop::Breach(breach)), Ok(_)) => {
            let at = usize::try_from(breach.bit / 8).expect("it lies in the input");
            let culprit = bytes.get(at..at + (breach.bits / 8) as usize).unwrap_or_default();
            match (breach.rule, culprit) {
                _ if matches!(bytes[0], b'\r' | b'\n') => Some(1),
                (Rule::LineEnd, [b'\n']) => Some(0),
                (Rule::StartLine, culprit) if !culprit.is_ascii() && at < line_end(bytes) => {
                    Some(3)
                }
                (Rule::StartLine, [b'0', _, _]) if kind == Kind::Response => Some(4),
                _ => None,
            }
        }
        (Err(Stop::Needs(_)), Ok(Some(_))) if bytes.windows(2).any(|pair| pair == b"\n\n") => {
            Some(0)
        }
        (Err(Stop::Needs(_)), Err(_)) => never_read(kind, bytes).then_some(5),
        _ => None,
    };
    Some(explained.unwrap_or_else(|| {
        let text = String::from_utf8_lossy(bytes);
        panic!("unexplained: {kind:?} {text:?}\nours {ours:?}\ntheirs {theirs:?}")
    }))
}

/// Whether two readings agree. httparse gives an empty reason where it is not ASCII.
fn same(kind: Kind, ours: &Head, theirs: &Head) -> bool {
    let reason = kind == Kind::Response && !ours.1[2].is_ascii() && theirs.1[2].is_empty();
    let start = if reason { ours.1[..2] == theirs.1[..2] } else { ours.1 == theirs.1 };
    (ours.0, &ours.2) == (theirs.0, &theirs.2) && start
}

fn line_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len())
}

/// Whether an end of ours reads no head that begins like this.
fn never_read(kind: Kind, bytes: &[u8]) -> bool {
    let rests: [&[u8]; 5] =
        [b"\r\n\r\n", b"\n\r\n\r\n", b": x\r\n\r\n", b" / HTTP/1.1\r\n\r\n", b" HTTP/1.1\r\n\r\n"];
    rests.iter().all(|rest| ours(kind, &[bytes, rest].concat()).is_err())
}

fn head() -> impl Strategy<Value = (Kind, Vec<u8>)> {
    let start = select(vec![
        (Kind::Request, "GET /chat?a=b HTTP/1.1"),
        (Kind::Request, "OPTIONS * HTTP/1.0"),
        (Kind::Response, "HTTP/1.1 101 Switching Protocols"),
        (Kind::Response, "HTTP/1.1 200"),
        (Kind::Response, "HTTP/1.0 404 "),
    ]);
    let line = ("[A-Za-z!#-]{1,9}", "[ \t]{0,2}", "([!-~é]([ -~\t]{0,12}[!-~])?)?", "[ \t]{0,2}");
    let line =
        line.prop_map(|(name, before, value, after)| format!("{name}:{before}{value}{after}"));
    (start, proptest::collection::vec(line, 0..5)).prop_map(|((kind, start), lines)| {
        let lines = lines.iter().fold(format!("{start}\r\n"), |head, line| head + line + "\r\n");
        (kind, format!("{lines}\r\n").into_bytes())
    })
}

/// What is done to a head on its way.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = || {
        prop_oneof![
            3 => select(b"\r\n \t:,/\x00\x0b\x1f\x7f\x80\xc3\xe9\xffA0.".to_vec()),
            1 => any::<u8>(),
        ]
    };
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(place, byte)| Damage::Set(place, byte)),
        3 => (any::<Index>(), byte()).prop_map(|(place, byte)| Damage::Insert(place, byte)),
        2 => any::<Index>().prop_map(Damage::Remove),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

impl Damage {
    fn to(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Insert(place, byte) => bytes.insert(place.index(bytes.len() + 1), *byte),
            _ if bytes.is_empty() => {}
            Self::Set(place, byte) => {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            Self::Remove(place) => drop(bytes.remove(place.index(bytes.len()))),
            Self::Cut(place) => bytes.truncate(place.index(bytes.len())),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn heads_are_judged_as_httparse_judges_them(
        head in head(), damages in proptest::collection::vec(damage(), 0..3),
    ) {
        let (kind, mut bytes) = head;
        for damage in &damages {
            damage.to(&mut bytes);
        }
        let difference = (!bytes.is_empty()).then(|| compare(kind, &bytes)).flatten();
        prop_assert!(!damages.is_empty() || difference.is_none(), "they agree on what is right");
    }
}

#[test]
fn every_difference_to_httparse_is_shown_by_its_example() {
    for (idx, Difference { why, kind, example }) in DIFFERENCES.iter().enumerate() {
        assert_eq!(compare(*kind, example), Some(idx), "{why}");
    }
}
