//! Every rule, broken once by each side that it binds, and `docs/rules.md`, which lists them.
//!
//! `UPDATE=1 cargo test --test rules` writes the table anew.

#[path = "rules/cases.rs"]
mod cases;

use cases::{Case, OFFER_KEY, Stage, cases};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use wirestep::conn::{Action, Config, Conn, Event, Output, State};
use wirestep::lesson::Library;
use wirestep::wire::extension::{Agreement, ClientBits, DeflateOffer};
use wirestep::wire::handshake::{Offer, Terms};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::rule::{Binds, Remedy, Rule};
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::{Expect, Opcode};
use wirestep::wire::{Field, Reader, Side};

/// The end that is to notice, as it is when the bytes arrive.
fn receiver(case: &Case) -> Conn {
    let side = case.by.peer();
    let config = Config::new(side, 3);
    match case.stage {
        Stage::Small => Conn::opened(Config { max_message: 100, ..config }),
        Stage::Compressed => Conn::opened_with_deflate(config, Agreement::default()),
        Stage::Frames => Conn::opened(config),
        Stage::Closing => {
            let mut conn = Conn::opened(config);
            conn.receive(&cases::frame(case.by, 0x88, b""));
            conn
        }
        Stage::Answering => {
            let mut conn = Conn::new(config);
            if side == Side::Server {
                conn.receive(&get("/messages").to_bytes());
            }
            conn
        }
        _ if side == Side::Server => Conn::new(config),
        Stage::Http | Stage::CutShort => {
            asking(config, Action::Request(get("/messages"), bytes::Bytes::new()))
        }
        Stage::Upgrade => {
            let deflate = DeflateOffer {
                server_no_context_takeover: true,
                server_max_window_bits: Some(10),
                client_max_window_bits: ClientBits::Absent,
                ..DeflateOffer::default()
            };
            let offer = Offer {
                key: OFFER_KEY.to_owned(),
                protocols: vec!["chat".to_owned()],
                deflate: vec![deflate],
            };
            asking(config, Action::Upgrade(get("/chat"), offer))
        }
    }
}

fn get(target: &str) -> Request {
    Request::new("GET", target).with("Host", "example.com")
}

fn asking(config: Config, action: Action) -> Conn {
    let mut conn = Conn::new(config);
    conn.act(action).expect("a client may ask");
    conn
}

/// What the end does with the bytes in these pieces, and what its application does about them.
fn drive(case: &Case, pieces: &[&[u8]]) -> (Conn, Vec<Output>) {
    let mut conn = receiver(case);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(conn.receive(piece));
    }
    if case.stage == Stage::CutShort {
        out.extend(conn.receive_end());
    }
    if conn.state() == State::Connecting && conn.side() == Side::Server {
        out.extend(conn.act(Action::Accept(Terms::default())).expect("an answer is due"));
    }
    (conn, out)
}

fn written(outputs: &[Output]) -> Vec<u8> {
    let writes = outputs.iter().filter_map(|output| match output {
        Output::Write(bytes, _) => Some(&bytes[..]),
        _ => None,
    });
    writes.collect::<Vec<_>>().concat()
}

fn check(case: &Case) {
    let name = format!("{:?} by the {}", case.rule, case.by.name());
    let (conn, out) = drive(case, &[&case.bytes]);
    let found = out.iter().find_map(|output| match output {
        Output::Breach(breach) => Some(breach.rule),
        _ => None,
    });
    assert_eq!(found, Some(case.rule), "{name}");
    // All cuts of what is short, a few hundred of a head that is too long, a few of a body.
    let n_cuts = if case.bytes.len() > 100_000 { 8 } else { 400 };
    for cut in (0..case.bytes.len()).step_by(1 + case.bytes.len() / n_cuts) {
        let (a, b) = case.bytes.split_at(cut);
        assert_eq!(drive(case, &[a, b]), (conn.clone(), out.clone()), "{name}, cut at {cut}");
    }
    assert_eq!(conn.state(), State::Failed, "{name}");
    assert!(conn.finished(), "{name}: TCP is closed");
    let answer = written(&out);
    match case.rule.remedy() {
        // An end that has said Close says nothing more (RFC 6455 §5.5.1).
        Remedy::Close(_) if case.stage == Stage::Closing => assert!(answer.is_empty(), "{name}"),
        Remedy::Close(code) => {
            let expect = Expect::start(conn.side());
            let close = dissect(&answer, &Context::Frame(expect));
            assert_eq!(close.header.map(|header| header.opcode), Some(Opcode::CLOSE), "{name}");
            let said = close.field("close_code").and_then(Field::number);
            assert_eq!(said, Some(u64::from(code)), "{name}");
            assert_eq!(conn.report().map(|closed| closed.clean), Some(false), "{name}");
        }
        Remedy::Status(status) if conn.side() == Side::Server => {
            let head = Response::read(&mut Reader::new(&answer, 0, &mut ())).expect("a head");
            assert_eq!(head.status, status, "{name}");
        }
        // A client has nobody to answer: it gives up.
        Remedy::Status(_) | Remedy::Abandon => {
            assert!(answer.is_empty(), "{name}");
            let report = conn.report().map(|closed| closed.code);
            assert_eq!(report, (case.stage == Stage::Upgrade).then_some(1006), "{name}");
        }
    }
    let opened = out.iter().any(|output| matches!(output, Output::Event(Event::Opened(_))));
    assert!(!opened, "{name}: the connection is not upgraded");
}

#[test]
fn every_rule_is_broken_once_by_each_side_that_it_binds() {
    let mut broken = BTreeSet::new();
    for case in cases() {
        assert!(case.rule.binds().binds(case.by), "{:?} does not bind {:?}", case.rule, case.by);
        assert!(broken.insert((case.rule, case.by)), "{:?} is broken twice", case.rule);
        if (case.rule, case.by) != (Rule::AfterClose, Side::Client) {
            check(&case);
        }
    }
    for rule in Rule::ALL {
        for side in [Side::Client, Side::Server] {
            let bound = rule.binds().binds(side);
            assert_eq!(broken.contains(&(*rule, side)), bound, "{rule:?} by {side:?}");
        }
    }
}

#[test]
fn a_server_that_has_closed_reads_nothing_after_a_close() {
    // By then the server has answered the Close and closed TCP: what follows is a breach that
    // only a dissection sees.
    let mut server = Conn::opened(Config::new(Side::Server, 3));
    server.receive(&cases::frame(Side::Client, 0x88, b""));
    let late = cases::frame(Side::Client, 0x81, b"late");
    assert_eq!(server.receive(&late), []);
    let expect = Expect { closed: true, ..Expect::start(Side::Client) };
    let found = dissect(&late, &Context::Frame(expect));
    assert_eq!(found.breaches.first().map(|breach| breach.rule), Some(Rule::AfterClose));
}

#[test]
fn names_are_unique_and_statements_are_clauses() {
    let names: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        let known = ["RFC ", "WHATWG HTML §"].iter().any(|body| rule.cite().starts_with(body));
        assert!(known, "{rule:?}");
        assert!(!rule.statement().ends_with('.'), "{rule:?}");
    }
}

#[test]
fn codes_of_the_remedies_may_be_sent() {
    for code in Rule::ALL.iter().filter_map(|rule| rule.close_code()) {
        assert!(wirestep::wire::close::sendable(code), "{code}");
    }
}

/// The lessons that cite the clause of a rule.
fn lessons(library: &Library, rule: Rule) -> String {
    let cites = |lesson: &&wirestep::lesson::Lesson| {
        let steps = lesson.steps.iter().flat_map(|step| &step.cites);
        steps.chain(&lesson.debrief.cites).any(|cite| cite == rule.cite())
    };
    let titles: Vec<_> =
        library.lessons().iter().filter(cites).map(|lesson| lesson.title.as_str()).collect();
    titles.join(", ")
}

/// Who breaks the rule in the cases.
fn tested(cases: &[Case], rule: Rule) -> String {
    let by = cases.iter().filter(|case| case.rule == rule).map(|case| case.by.name());
    by.collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let (library, cases) = (Library::built_in(), cases());
    let mut out = String::from(
        "# Rules\n\nWhat a peer can break on the wire, from `src/wire/rule.rs`; \
         `UPDATE=1 cargo test --test rules` writes this page.\nEach rule is broken once by each \
         side that it binds in `tests/rules.rs` (the column \
         “tested” says by whom), and the remedy is seen to follow.\n\n\
         | rule | clause | binds | remedy | what it says | tested | lesson |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for rule in Rule::ALL {
        let binds = match rule.binds() {
            Binds::Client => "client",
            Binds::Server => "server",
            Binds::Either => "both",
        };
        let remedy = match rule.remedy() {
            Remedy::Close(code) => format!("Close {code}"),
            Remedy::Status(status) if rule.binds() == Binds::Client => format!("status {status}"),
            Remedy::Status(status) => format!("status {status}; a client gives up"),
            Remedy::Abandon if rule.binds() == Binds::Client => "the server gives up".to_owned(),
            Remedy::Abandon => "the client gives up".to_owned(),
        };
        let elsewhere =
            rule.elsewhere().map_or_else(String::new, |others| format!(" *Elsewhere: {others}.*"));
        writeln!(
            out,
            "| `{}` | {} | {binds} | {remedy} | {}.{elsewhere} | {} | {} |",
            rule.name(),
            rule.cite(),
            rule.statement(),
            tested(&cases, *rule),
            lessons(&library, *rule),
        )
        .expect("writing to a string never fails");
    }
    out.push_str(UNSEEN);
    out
}

/// What the table leaves out.
const UNSEEN: &str = "
## What no receiver can see

These are demanded too, but no single stream of bytes shows a breach; `conn` obeys them, and the
simulation acts on the last two.

| what | clause |
|---|---|
| Masking keys and the nonce are chosen at random, fresh each time | RFC 6455 §4.1, §5.3 |
| The client waits for the answer before it sends frames; a server cannot tell what was sent before its answer arrived from what was sent after | RFC 6455 §4.1 |
| A sender keeps to the agreed window; a receiver with the largest window reads what oversteps it | RFC 7692 §7.1.2 |
| A Ping is answered with its payload, soon | RFC 6455 §5.5.2, §5.5.3 |
| A Close is answered; an end that waits five seconds in vain hangs up | RFC 6455 §5.5.1 |
| The server closes TCP first, once both have said Close | RFC 6455 §7.1.1 |
";

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to write is asked of the environment")]
fn the_table_of_rules_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let table = table();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &table).expect("docs can be written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == table, "docs/rules.md is old: UPDATE=1 cargo test --test rules");
}
