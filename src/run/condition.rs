//! Conditions: what to run until, as people write it, and where a run meets it.

use super::{Position, Run};
use crate::conn::State;
use crate::sim::{Host, Record, RecordIdx, SimTime, What};
use crate::wire::unit::{Context, dissect, specs};
use crate::wire::ws::Opcode;
use crate::wire::{Field, Value};
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// What to run until.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A moment.
    Time(SimTime),
    /// Something of this kind happens.
    Kind(Landmark),
    /// An end comes to this state: of this host, or of any.
    State(Option<Host>, State),
    /// A unit is on its way in which a field has this value.
    Field {
        /// The machine name of the field.
        name: String,
        /// Its value: a number, or the octets as text.
        value: String,
    },
}

/// What a run can come to that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landmark {
    /// A rule is found broken.
    Breach,
    /// A message reaches its application.
    Delivery,
    /// A segment is lost.
    Loss,
    /// A connection is reset, forgotten or given up.
    Reset,
    /// Something was changed from outside.
    Edit,
    /// A frame with this opcode is on its way.
    Frame(Opcode),
    /// A request is on its way.
    Request,
    /// A response is on its way.
    Response,
}

impl Landmark {
    /// Every one with its name.
    const NAMED: [(&str, Self); 13] = [
        ("breach", Self::Breach),
        ("delivery", Self::Delivery),
        ("loss", Self::Loss),
        ("reset", Self::Reset),
        ("edit", Self::Edit),
        ("text", Self::Frame(Opcode::TEXT)),
        ("binary", Self::Frame(Opcode::BINARY)),
        ("continuation", Self::Frame(Opcode::CONTINUATION)),
        ("ping", Self::Frame(Opcode::PING)),
        ("pong", Self::Frame(Opcode::PONG)),
        ("close", Self::Frame(Opcode::CLOSE)),
        ("request", Self::Request),
        ("response", Self::Response),
    ];

    fn is(self, run: &Run, record: &Record) -> bool {
        match (self, &record.what) {
            (Self::Breach, What::Found(..))
            | (Self::Delivery, What::Delivered(_))
            | (Self::Loss, What::Lost(_))
            | (Self::Reset, What::WasReset(_) | What::TimedOut(_) | What::Forgotten(_))
            | (Self::Edit, What::Edited(_)) => true,
            (Self::Request, What::Wrote(unit)) => unit.context == Context::Request,
            (Self::Response, What::Wrote(unit)) => unit.context == Context::Response,
            (Self::Frame(opcode), What::Wrote(unit)) => {
                let bytes = run.bytes_of(record.idx, run.n_moves());
                matches!(unit.context, Context::Frame(_))
                    && bytes.first().is_some_and(|first| first & 0x0f == opcode.to_bits())
            }
            _ => false,
        }
    }
}

/// Why a text is no condition, and what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} is nothing to run until; {advice}")]
pub struct NoCondition {
    found: String,
    advice: String,
}

impl NoCondition {
    fn new(found: &str, advice: impl Into<String>) -> Self {
        Self { found: format!("“{found}”"), advice: advice.into() }
    }
}

/// What conditions look like, for those who have written none yet.
const EXAMPLES: &str = "write a moment (300 ms, 1.5 s), breach, delivery, loss, reset, edit, \
    request, response, text, binary, continuation, ping, pong, close, a state (OPEN, server \
    CLOSED), or a field and its value (opcode=8, status=204)";

impl FromStr for Condition {
    type Err = NoCondition;

    fn from_str(text: &str) -> Result<Self, NoCondition> {
        let text = text.trim();
        if let Some((name, value)) = text.split_once('=') {
            return field(name.trim(), value.trim());
        }
        if let Some(at) = moment(text) {
            return Ok(Self::Time(at));
        }
        let lower = text.to_ascii_lowercase();
        if let Some((_, landmark)) = Landmark::NAMED.iter().find(|(name, _)| *name == lower) {
            return Ok(Self::Kind(*landmark));
        }
        let (whose, name) = lower
            .rsplit_once(' ')
            .map_or((None, &*lower), |(whose, name)| (Some(whose.trim()), name));
        let state = State::ALL.into_iter().find(|state| state.name().eq_ignore_ascii_case(name));
        match (whose, state) {
            (None, Some(state)) => Ok(Self::State(None, state)),
            (Some(whose), Some(state)) => match host(whose) {
                Some(host) => Ok(Self::State(Some(host), state)),
                None => Err(NoCondition::new(text, "a host is called “server” or “client 1”")),
            },
            (_, None) => Err(NoCondition::new(text, EXAMPLES)),
        }
    }
}

fn field(name: &str, value: &str) -> Result<Condition, NoCondition> {
    let known = |spec: &&crate::wire::Spec| spec.name == name;
    if !specs().any(|spec| known(&spec)) {
        let closest = specs()
            .map(|spec| (strsim::jaro_winkler(name, spec.name), spec.name))
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        let advice = match closest {
            Some((alike, closest)) if alike > 0.7 => format!("did you mean “{closest}={value}”?"),
            _ => "fields are called as in the inspector, such as opcode, status, close_code".into(),
        };
        return Err(NoCondition::new(name, advice));
    }
    if value.is_empty() {
        return Err(NoCondition::new(&format!("{name}="), "write the value behind the ="));
    }
    Ok(Condition::Field { name: name.to_owned(), value: value.to_owned() })
}

/// `300`, `300 ms`, `1.5 s`.
fn moment(text: &str) -> Option<SimTime> {
    let (number, ns_each) = if let Some(ms) = text.strip_suffix("ms") {
        (ms, 1e6)
    } else if let Some(s) = text.strip_suffix('s') {
        (s, 1e9)
    } else {
        (text, 1e6)
    };
    let number: f64 = number.trim().parse().ok()?;
    let ns = number * ns_each;
    // Beyond the end of time it is the end of time.
    (ns.is_finite() && ns >= 0.0).then_some(SimTime(ns.round() as u64))
}

fn host(text: &str) -> Option<Host> {
    if text == "server" {
        return Some(Host::Server);
    }
    let n = text.strip_prefix("client")?.trim().parse().ok()?;
    (n > 0).then_some(Host::Client(n))
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(at) => write!(f, "{} ms", at.as_ms()),
            Self::Kind(kind) => {
                let named = Landmark::NAMED.iter().find(|(_, landmark)| landmark == kind);
                f.write_str(named.map_or("a frame", |(name, _)| name))
            }
            Self::State(None, state) => f.write_str(state.name()),
            Self::State(Some(host), state) => {
                write!(f, "{} {}", host.to_string().to_lowercase(), state.name())
            }
            Self::Field { name, value } => write!(f, "{name}={value}"),
        }
    }
}

impl Condition {
    /// Whether a record meets it; no record is a moment.
    pub fn met(&self, run: &Run, record: &Record) -> bool {
        match (self, &record.what) {
            (Self::Kind(kind), _) => kind.is(run, record),
            (Self::State(host, state), What::Became(_, _, after)) => {
                after == state && host.is_none_or(|host| host == record.host)
            }
            (Self::Field { name, value }, What::Wrote(unit)) => {
                let bytes = run.bytes_of(record.idx, run.n_moves());
                let found = dissect(&bytes, &unit.context);
                found.fields.iter().any(|field| field.spec.name == name && says(field, value))
            }
            _ => false,
        }
    }
}

/// Whether a field has a value that somebody wrote down.
fn says(field: &Field, wanted: &str) -> bool {
    match &field.value {
        Value::Number(n) => {
            let hex = wanted.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
            let wanted = hex.unwrap_or_else(|| wanted.parse());
            field.complete() && wanted.is_ok_and(|wanted| wanted == *n)
        }
        Value::Octets(octets) => octets.eq_ignore_ascii_case(wanted.as_bytes()),
    }
}

impl Run {
    /// The first record behind `from` that meets a condition, and the place where it shows; the
    /// last one before it where one looks back.
    pub fn find(
        &self,
        from: Position,
        direction: super::Direction,
        met: impl Fn(&Record) -> bool,
    ) -> Option<(RecordIdx, Position)> {
        let n_seen = self.records_until(from.n_moves).len();
        let place = |record: &Record| (record.idx, self.place_of(record));
        match direction {
            super::Direction::Forward => {
                // What was written before may be on its way still, and show later.
                let flying = |record: &&Record| {
                    matches!(record.what, What::Wrote(_)) && self.place_of(record) > from
                };
                let before = self.records()[..n_seen].iter().rev().take(FLYING);
                let before: Vec<_> = before.filter(flying).collect();
                let ahead = self.records()[n_seen..].iter();
                let mut found = before.into_iter().rev().chain(ahead).filter(|r| met(r));
                found.find(|record| self.place_of(record) > from).map(place)
            }
            super::Direction::Back => {
                let mut found = self.records()[..n_seen].iter().rev().filter(|r| met(r));
                found.find(|record| self.place_of(record) < from).map(place)
            }
        }
    }

    /// The place at which a record shows best: a unit on its way, everything else as it happens.
    pub fn place_of(&self, record: &Record) -> Position {
        let passage = match record.what {
            What::Wrote(_) => self.passage(record.idx),
            _ => None,
        };
        let at = match passage {
            Some(passage) if !passage.sent.is_empty() => {
                passage.last_departs.midway(passage.arrives)
            }
            _ => record.at,
        };
        self.place_at(at)
    }
}

/// How many records back a unit may have been written that is on its way still.
const FLYING: usize = 256;

/// Whether two records tell of the same kind of thing: frames are told apart by their opcode, heads
/// from frames, states by what they become.
pub fn alike(a: &Record, b: &Record) -> bool {
    match (&a.what, &b.what) {
        (What::Wrote(a), What::Wrote(b)) => match (&a.context, &b.context) {
            (Context::Frame(_), Context::Frame(_)) => {
                let opcode = |bytes: &[u8]| bytes.first().map(|first| first & 0x0f);
                opcode(&a.bytes) == opcode(&b.bytes)
            }
            (a, b) => a.noun() == b.noun(),
        },
        (What::Became(_, _, a), What::Became(_, _, b)) => a == b,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match text.parse::<Condition>() {
            Ok(condition) => condition.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn conditions_are_read_as_they_are_written() {
        check("300", "300 ms");
        check("1.5 s", "1500 ms");
        check("Breach", "breach");
        check("open", "OPEN");
        check("server closed", "server CLOSED");
        check("Client 2 OPEN", "client 2 OPEN");
        check(" opcode = 8 ", "opcode=8");
    }

    #[test]
    fn what_is_no_condition_says_what_would_be_one() {
        check("soon", &format!("“soon” is nothing to run until; {EXAMPLES}"));
        check("opcod=8", "“opcod” is nothing to run until; did you mean “opcode=8”?");
        check("opcode=", "“opcode=” is nothing to run until; write the value behind the =");
        check(
            "the cat OPEN",
            "“the cat OPEN” is nothing to run until; a host is called “server” or “client 1”",
        );
        check("-5 ms", &format!("“-5 ms” is nothing to run until; {EXAMPLES}"));
        check("inf", &format!("“inf” is nothing to run until; {EXAMPLES}"));
        check("NaN", &format!("“NaN” is nothing to run until; {EXAMPLES}"));
    }
}
