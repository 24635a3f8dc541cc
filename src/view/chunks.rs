//! Cuts: a flow of frames cut into pieces, and what two readers make of them.
//!
//! The naive reader takes each read for one frame; the other is the end of the connection that
//! really reads them.
//!
//! **Law:** what the real reader tells is the same for all cuts (RFC 6455 §1.5: a stream of bytes
//! below, messages above).

use super::kind::Kind;
use super::{columns, hex, words};
use crate::conn::{Config, Conn, Event, Output};
use crate::run::{Position, Run};
use crate::sim::{LinkIdx, Record, RecordIdx, Unit, What};
use crate::wire::Side;
use crate::wire::unit::{Context, dissect};
use crate::wire::ws::Expect;
use bytes::{Bytes, BytesMut};
use std::collections::BTreeSet;
use std::ops::Range;

/// The most bytes of a flow that are looked at.
pub const MAX_BYTES: usize = 240;
/// How many units before the one that is looked at are gone through at most.
const MAX_UNITS: usize = 4096;

/// A stretch of a flow that begins where a frame begins, and the end that reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The connection.
    pub link: LinkIdx,
    /// Who sends on the flow.
    pub from: Side,
    /// Where in the flow it begins.
    pub start: u64,
    /// The bytes.
    pub bytes: Bytes,
    /// Where in them the unit that is looked at lies.
    pub unit: Range<usize>,
    /// How much of the flow's frames is left out.
    pub left_out: LeftOut,
    /// The end that reads them, as it is before the first byte.
    reader: Conn,
}

/// What of a flow's frames is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Nothing up to the unit that is looked at.
    Nothing,
    /// Frames before the first one.
    Before,
    /// The end of the frame that is looked at.
    Behind,
}

impl Stream {
    /// The frames `bytes`, which `from` sends on a connection that has just been opened.
    pub fn opened(from: Side, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let reader = Conn::opened(Config::new(from.peer(), 0));
        let unit = 0..bytes.len();
        Self { link: LinkIdx(0), from, start: 0, bytes, unit, left_out: LeftOut::Nothing, reader }
    }

    /// The frames up to the unit that `wrote` records, which is one; `None` where it is none.
    pub fn of(run: &Run, position: Position, wrote: RecordIdx) -> Option<Self> {
        let unit = written(run, wrote)?;
        let flow = (unit.link, unit.from);
        let idx = run.passages().binary_search_by_key(&wrote, |passage| passage.wrote).ok()?;
        let before = run.passages()[..=idx].iter().rev().take(MAX_UNITS);
        let mut frames = Vec::new();
        let (mut n_bytes, mut left_out) = (0, LeftOut::Nothing);
        for passage in before {
            let Some(unit) = written(run, passage.wrote) else { continue };
            if (unit.link, unit.from) != flow || !matches!(unit.context, Context::Frame(_)) {
                continue;
            }
            n_bytes += unit.bytes.len();
            if n_bytes > MAX_BYTES && !frames.is_empty() {
                left_out = LeftOut::Before;
                break;
            }
            frames.push(passage.wrote);
        }
        let first_wrote = *frames.last()?;
        let first = written(run, first_wrote)?;
        let mut bytes = BytesMut::new();
        for wrote in frames.iter().rev() {
            bytes.extend_from_slice(&run.bytes_of(*wrote, position.n_moves));
        }
        if bytes.len() > MAX_BYTES {
            bytes.truncate(MAX_BYTES);
            left_out = LeftOut::Behind;
        }
        let at = usize::try_from(unit.start - first.start).expect("what is in memory");
        let unit = at..(at + unit.bytes.len()).min(bytes.len());
        let reader = reader(run, position, first_wrote);
        let (link, from) = flow;
        let bytes = bytes.freeze();
        Some(Self { link, from, start: first.start, bytes, unit, left_out, reader })
    }
}

/// The unit that `wrote` records.
fn written(run: &Run, wrote: RecordIdx) -> Option<&Unit> {
    match &run.records().get(wrote.0)?.what {
        What::Wrote(unit) => Some(unit),
        _ => None,
    }
}

/// The end that reads the unit that `wrote` records, as it is when all before that has come.
fn reader(run: &Run, position: Position, wrote: RecordIdx) -> Conn {
    let fresh = |from: Side| Conn::opened(Config::new(from.peer(), 0));
    let Some(first) = written(run, wrote) else { return fresh(Side::Client) };
    let begins = |record: &&Record| match &record.what {
        What::Arrived(flight) => {
            (flight.link, flight.from) == (first.link, first.from)
                && flight.range().contains(&first.start)
        }
        _ => false,
    };
    let arrival = run.crossing(wrote, position.n_moves).iter().find(begins);
    let n_moves = arrival.map_or(position.n_moves, |record| run.move_of(record.idx));
    let world = run.world_at(n_moves);
    let Some(link) = world.link(first.link) else { return fresh(first.from) };
    let mut end = link.end(first.from.peer()).clone();
    if end.n_read() < first.start {
        // What came before shares a segment with it, or is on its way as well.
        end.receive(&before(run, position, wrote, end.n_read()));
    }
    let ready = end.n_read() == first.start && matches!(end.expects(), Some(Context::Frame(_)));
    // An end that has given up reads nothing more, and would have nothing to show.
    if ready { end } else { fresh(first.from) }
}

/// The bytes of the flow from `start` on to the unit that `wrote` records.
fn before(run: &Run, position: Position, wrote: RecordIdx, start: u64) -> Vec<u8> {
    let Some(first) = written(run, wrote) else { return Vec::new() };
    let n = run.passages().partition_point(|passage| passage.wrote < wrote);
    let mut pieces = Vec::new();
    for passage in run.passages()[..n].iter().rev().take(MAX_UNITS) {
        let Some(unit) = written(run, passage.wrote) else { continue };
        if (unit.link, unit.from) != (first.link, first.from) {
            continue;
        }
        if unit.range().end <= start {
            break;
        }
        let skipped = usize::try_from(start.saturating_sub(unit.start)).unwrap_or(usize::MAX);
        let bytes = run.bytes_of(passage.wrote, position.n_moves);
        pieces.push(bytes.slice(skipped.min(bytes.len())..));
    }
    pieces.into_iter().rev().flatten().collect()
}

/// What two readers make of a stream that comes in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lab {
    /// The pieces.
    pub chunks: Vec<Range<usize>>,
    /// The frames that were sent.
    pub frames: Vec<Range<usize>>,
    /// What the naive reader takes each piece for.
    pub naive: Vec<Naive>,
    /// What the real reader does after each piece.
    pub ours: Vec<Ours>,
    /// Whether the naive reader takes what was sent.
    pub naive_outcome: Outcome,
    /// Whether the real reader tells what it would tell of the whole.
    pub ours_outcome: Outcome,
}

/// Whether a reader gets what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Right,
    /// It does not.
    Wrong,
}

impl Outcome {
    fn of(same: impl FnOnce() -> bool) -> Self {
        if same() { Self::Right } else { Self::Wrong }
    }

    /// The outcome in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}

/// What the naive reader makes of one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naive {
    /// What it takes for a frame.
    pub taken: Range<usize>,
    /// What that is to it, in a few words.
    pub title: String,
    /// What it does wrong.
    pub flaws: Vec<Flaw>,
}

/// What a naive reader does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The piece holds no whole header.
    NoHeader,
    /// The piece does not begin where a frame begins.
    Misread,
    /// So many bytes of the payload are missing.
    Short(u64),
    /// So many bytes behind the frame are dropped.
    Dropped(usize),
}

impl Flaw {
    /// The flaw in words.
    pub fn words(self) -> String {
        match self {
            Self::NoHeader => "no whole header: thrown away".to_owned(),
            Self::Misread => "not the beginning of a frame, but read as one".to_owned(),
            Self::Short(n) => format!("{} short, taken all the same", words::size(n)),
            Self::Dropped(n) => format!("{} behind it thrown away", words::size(n as u64)),
        }
    }
}

/// What the real reader does after one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// What it tells, each thing a few words.
    pub told: Vec<String>,
    /// How many bytes of a frame it keeps until the rest comes.
    pub waiting: usize,
}

/// What one cut by itself does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Before which byte it is.
    pub at: usize,
    /// What becomes of the naive reader.
    pub naive: Outcome,
    /// What becomes of the real one.
    pub ours: Outcome,
    /// The first thing that the naive reader does wrong.
    pub flaw: Option<Flaw>,
}

/// What the readers make of a stream that is cut before these bytes.
pub fn lab(stream: &Stream, cuts: &BTreeSet<usize>) -> Lab {
    compare(stream, cuts, &Read::of(stream, &chunks(&stream.bytes, &BTreeSet::new())))
}

/// What each cut does where it is the only one.
pub fn map(stream: &Stream) -> Vec<Cut> {
    let whole = Read::of(stream, &chunks(&stream.bytes, &BTreeSet::new()));
    let cut = |at: usize| {
        // Each frame comes by itself, and in two pieces where the cut is: a cut between two frames
        // is then harmless, as it is for the real reader.
        let others = whole.frames.iter().map(|frame| frame.end);
        let cuts = others.chain([at]).collect();
        let found = compare(stream, &cuts, &whole);
        let flaw = found.naive.iter().find_map(|naive| naive.flaws.first().copied());
        Cut { at, naive: found.naive_outcome, ours: found.ours_outcome, flaw }
    };
    (1..stream.bytes.len()).map(cut).collect()
}

/// The kind of field that each byte of the stream belongs to, where frames begin at these places.
pub fn kinds(stream: &Stream, frames: &[Range<usize>]) -> Vec<Kind> {
    let context = Context::Frame(Expect::start(stream.from));
    let mut kinds = vec![Kind::Other; stream.bytes.len()];
    for frame in frames {
        let bytes = &stream.bytes[frame.clone()];
        let cells = hex::cells(bytes, &dissect(bytes, &context), 0..bytes.len());
        for (kind, cell) in kinds[frame.clone()].iter_mut().zip(cells) {
            *kind = cell.kind;
        }
    }
    kinds
}

/// The pieces of so many bytes.
fn chunks(bytes: &[u8], cuts: &BTreeSet<usize>) -> Vec<Range<usize>> {
    let inner = cuts.iter().copied().filter(|cut| (1..bytes.len()).contains(cut));
    let ends: Vec<_> = inner.chain([bytes.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter().copied()).map(|(start, end)| start..end).collect()
}

fn compare(stream: &Stream, cuts: &BTreeSet<usize>, whole: &Read) -> Lab {
    let chunks = chunks(&stream.bytes, cuts);
    let read = Read::of(stream, &chunks);
    let begins: BTreeSet<_> = whole.frames.iter().map(|frame| frame.start).collect();
    let naive: Vec<_> = chunks.iter().map(|chunk| naive(stream, chunk, &begins)).collect();
    let taken = || naive.iter().map(|naive| naive.taken.clone()).eq(whole.frames.iter().cloned());
    let flawless = || naive.iter().all(|naive| naive.flaws.is_empty());
    let naive_outcome = Outcome::of(|| flawless() && taken());
    let ours_outcome = Outcome::of(|| read.told() == whole.told() && read.frames == whole.frames);
    let frames = whole.frames.clone();
    Lab { chunks, frames, naive, ours: read.pieces, naive_outcome, ours_outcome }
}

/// What a reader that takes each read for a frame makes of one piece.
fn naive(stream: &Stream, chunk: &Range<usize>, begins: &BTreeSet<usize>) -> Naive {
    let bytes = &stream.bytes[chunk.clone()];
    let context = Context::Frame(Expect::start(stream.from));
    let found = dissect(bytes, &context);
    let Some(header) = found.header else {
        let taken = chunk.start..chunk.start;
        return Naive { taken, title: "nothing".to_owned(), flaws: vec![Flaw::NoHeader] };
    };
    let len = header.length.value().saturating_add(header.size() as u64);
    let here = usize::try_from(len).map_or(bytes.len(), |len| len.min(bytes.len()));
    let missing = len - here as u64;
    let misread = (!begins.contains(&chunk.start)).then_some(Flaw::Misread);
    let short = (missing > 0).then_some(Flaw::Short(missing));
    let dropped = (here < bytes.len()).then(|| Flaw::Dropped(bytes.len() - here));
    Naive {
        taken: chunk.start..chunk.start + here,
        title: words::title(&bytes[..here], &context),
        flaws: [misread, short, dropped].into_iter().flatten().collect(),
    }
}

/// What the real reader makes of a stream.
struct Read {
    pieces: Vec<Ours>,
    /// The frames that it read whole.
    frames: Vec<Range<usize>>,
}

impl Read {
    fn of(stream: &Stream, chunks: &[Range<usize>]) -> Self {
        let mut reader = stream.reader.clone();
        let (mut pieces, mut frames) = (Vec::with_capacity(chunks.len()), Vec::new());
        let mut kept_from = 0;
        let here = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        for chunk in chunks {
            let mut told = Vec::new();
            for output in reader.receive(&stream.bytes[chunk.clone()]) {
                if let Output::Read(start, len, _) = &output {
                    let start = here(start.saturating_sub(stream.reader.n_read()));
                    frames.push(start..start + here(*len));
                    kept_from = start + here(*len);
                }
                told.extend(words_of(&output));
            }
            let waiting = if reader.over() { 0 } else { chunk.end - kept_from };
            pieces.push(Ours { told, waiting });
        }
        Self { pieces, frames }
    }

    fn told(&self) -> Vec<&str> {
        self.pieces.iter().flat_map(|piece| &piece.told).map(String::as_str).collect()
    }
}

/// What the real reader tells its application.
fn words_of(output: &Output) -> Option<String> {
    Some(match output {
        Output::Breach(breach) => {
            format!("breach: {} ({})", breach.rule.statement(), breach.rule.cite())
        }
        Output::Event(Event::Message(message)) => format!("message {}", words::message(message)),
        Output::Event(Event::Ping(data)) => format!("Ping {}", words::quote(data)),
        Output::Event(Event::Pong(data)) => format!("Pong {}", words::quote(data)),
        Output::Event(Event::Close(close)) => match close {
            Some(close) => format!("Close {}", close.code),
            None => "Close".to_owned(),
        },
        Output::Event(_) | Output::Write(..) | Output::Read(..) | Output::Finish => return None,
    })
}

/// The pieces and what the readers make of them, as lines; and the map of single cuts.
pub fn text(stream: &Stream, cuts: &BTreeSet<usize>) -> String {
    let found = lab(stream, cuts);
    let head = ["piece", "bytes", "one read = one frame", "reads on until it is whole"];
    let rows = found.chunks.iter().zip(&found.naive).zip(&found.ours).enumerate();
    let rows = rows.map(|(idx, ((chunk, naive), ours))| {
        let place = format!("{}–{}", chunk.start, chunk.end - 1);
        vec![(idx + 1).to_string(), place, naive_words(naive), ours_words(ours)]
    });
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned).to_vec()).chain(rows).collect();
    let cells: String = map(stream).iter().map(|cut| sign(cut.naive)).collect();
    let (naive, ours) = (found.naive_outcome.word(), found.ours_outcome.word());
    let table = columns::aligned(&rows);
    format!("{table}naive: {naive}, real: {ours}\nsingle cuts, naive: {cells}\n")
}

/// What a cut does by itself, in one line.
pub fn cut_words(cut: &Cut) -> String {
    let naive = match cut.flaw {
        Some(flaw) => format!("naive: wrong ({})", flaw.words()),
        None => format!("naive: {}", cut.naive.word()),
    };
    format!("Cut before byte {}: {naive}; real: {}", cut.at, cut.ours.word())
}

/// The sign of an outcome in the text form.
fn sign(outcome: Outcome) -> char {
    match outcome {
        Outcome::Right => '.',
        Outcome::Wrong => 'x',
    }
}

/// What the naive reader makes of a piece, in one line.
pub fn naive_words(naive: &Naive) -> String {
    let flaws = naive.flaws.iter().map(|flaw| flaw.words()).collect::<Vec<_>>().join(", ");
    if flaws.is_empty() { naive.title.clone() } else { format!("{}: {flaws}", naive.title) }
}

/// What the real reader does after a piece, in one line.
pub fn ours_words(ours: &Ours) -> String {
    let waits =
        (ours.waiting > 0).then(|| format!("keeps {} and waits", words::size(ours.waiting as u64)));
    let said: Vec<_> = ours.told.iter().cloned().chain(waits).collect();
    if said.is_empty() { "reads on".to_owned() } else { said.join(", ").trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ws::{Frame, Opcode};
    use proptest::prelude::*;

    const KEY: Option<[u8; 4]> = Some([0x37, 0xfa, 0x21, 0x3d]);

    fn frames(said: &[&str]) -> Stream {
        let bytes = said
            .iter()
            .flat_map(|text| Frame::new(Opcode::TEXT, text.as_bytes().to_vec(), KEY).to_bytes());
        Stream::opened(Side::Client, bytes.collect::<Vec<_>>())
    }

    fn cut(cuts: &[usize]) -> BTreeSet<usize> {
        cuts.iter().copied().collect()
    }

    #[test]
    fn one_read_is_one_frame_only_where_the_cuts_happen_to_fall_so() {
        let stream = frames(&["Hi", "there"]);
        let whole = lab(&stream, &cut(&[]));
        assert_eq!((whole.naive_outcome, whole.ours_outcome), (Outcome::Wrong, Outcome::Right));
        assert_eq!(whole.naive[0].flaws, [Flaw::Dropped(11)]);
        assert_eq!(whole.frames, [0..8, 8..19]);
        let lucky = lab(&stream, &cut(&[8]));
        assert_eq!((lucky.naive_outcome, lucky.ours_outcome), (Outcome::Right, Outcome::Right));
        let within = lab(&stream, &cut(&[7, 8]));
        assert_eq!(within.naive[0].flaws, [Flaw::Short(1)]);
        assert_eq!(within.naive[1].flaws, [Flaw::NoHeader]);
        assert_eq!(within.ours[0], Ours { told: Vec::new(), waiting: 7 });
        assert_eq!(within.ours[1].told, ["message “Hi”"]);
    }

    #[test]
    fn the_map_of_single_cuts_is_right_for_the_naive_reader_between_frames_alone() {
        let map = map(&frames(&["Hi", "there"]));
        let right: Vec<_> =
            map.iter().filter(|cut| cut.naive == Outcome::Right).map(|cut| cut.at).collect();
        assert_eq!(right, [8]);
        assert_eq!(map.len(), 18);
        assert!(map.iter().all(|cut| cut.ours == Outcome::Right));
        assert_eq!(
            cut_words(&map[6]),
            "Cut before byte 7: naive: wrong (1 B short, taken all the same); real: right"
        );
    }

    #[test]
    fn the_text_form_tells_piece_by_piece() {
        assert_eq!(
            text(&frames(&["Hi"]), &cut(&[7])),
            "\
piece  bytes  one read = one frame                     reads on until it is whole
1      0–6    Text “H”: 1 B short, taken all the same  keeps 7 B and waits
2      7–7    nothing: no whole header: thrown away    message “Hi”
naive: wrong, real: right
single cuts, naive: xxxxxxx
"
        );
    }

    proptest! {
        #[test]
        fn the_real_reader_tells_the_same_for_all_cuts(
            said in proptest::collection::vec("[a-zé€]{0,12}", 1..5),
            flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..8), 0..3),
            cuts in proptest::collection::btree_set(0_usize..90, 0..12),
        ) {
            let texts: Vec<_> = said.iter().map(String::as_str).collect();
            let mut bytes = frames(&texts).bytes.to_vec();
            for (at, bit) in flips {
                *at.get_mut(&mut bytes) ^= 1 << bit;
            }
            let stream = Stream::opened(Side::Client, bytes);
            prop_assert_eq!(lab(&stream, &cuts).ours_outcome, Outcome::Right);
            prop_assert!(map(&stream).iter().all(|cut| cut.ours == Outcome::Right));
        }

        #[test]
        fn the_naive_reader_is_right_exactly_where_each_piece_is_a_frame(
            said in proptest::collection::vec("[a-z]{0,9}", 1..5),
            cuts in proptest::collection::btree_set(1_usize..60, 0..6),
        ) {
            let texts: Vec<_> = said.iter().map(String::as_str).collect();
            let stream = frames(&texts);
            let found = lab(&stream, &cuts);
            let right = found.chunks == found.frames;
            prop_assert_eq!(found.naive_outcome == Outcome::Right, right);
        }
    }
}
