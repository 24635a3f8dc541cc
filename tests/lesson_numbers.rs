//! What lessons say of bytes and times is what happens in their own worlds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};
use std::sync::Arc;
use wirestep::conn::Message;
use wirestep::lesson::{Deed, Lesson, Library, Step, Task};
use wirestep::run::{Run, Totals};
use wirestep::sim::{
    Edit, Fault, Headers, Host, LinkIdx, Mode, Record, Scenario, SimTime, What, Wish,
};
use wirestep::view::hex;
use wirestep::view::words::grouped;
use wirestep::wire::handshake::{AcceptStages, GUID};
use wirestep::wire::unit::Context;

fn lesson(id: &str) -> Lesson {
    Library::built_in().lesson(id).expect("the lesson comes with the program").clone()
}

fn run(lesson: &Lesson, mode: Mode) -> Run {
    Run::new(Arc::new(lesson.scenario.clone()), mode)
}

fn polled_every(lesson: &Lesson, ms: u64) -> Run {
    let trunk = run(lesson, Mode::Polling);
    trunk.fork(trunk.start(), Edit::PollEvery(ms)).expect("the interval can be set at the start")
}

/// The same conversation with the fewest headers.
fn lean(lesson: &Lesson, mode: Mode) -> Run {
    let scenario = Scenario { headers: Headers::Lean, ..lesson.scenario.clone() };
    Run::new(Arc::new(scenario), mode)
}

fn totals(run: &Run) -> Totals {
    run.totals(run.n_moves())
}

/// Everything that a lesson says, on one line.
fn all_text(lesson: &Lesson) -> String {
    let text = format!("{lesson:?}").replace("\\n", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(lesson: &Lesson, said: &[String]) {
    let text = all_text(lesson);
    for said in said {
        // Numbers are grouped by an unbroken space on the screen, by a plain one in lessons.
        let said = said.replace('\u{a0}', " ");
        assert!(text.contains(&said), "`{}` should say {said:?}", lesson.id);
    }
}

/// How long a text took from the wish to say it to a client, in milliseconds.
fn delay_ms(run: &Run, text: &str, to: usize) -> f64 {
    delay_to(run, text, Host::Client(to))
}

fn delay_to(run: &Run, text: &str, to: Host) -> f64 {
    let at = |wanted: &dyn Fn(&Record) -> bool| {
        run.records().iter().find(|record| wanted(record)).expect("it happens").at.as_ms()
    };
    let said = |record: &Record| record.what == What::Wants(Arc::new(Wish::Say(text.to_owned())));
    let heard = |record: &Record| {
        record.host == to && record.what == What::Delivered(Arc::new(Message::text(text)))
    };
    at(&heard) - at(&said)
}

/// The sizes of the units of a kind, in order.
fn sizes(run: &Run, wanted: impl Fn(&Context, &[u8]) -> bool) -> Vec<usize> {
    run.records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Wrote(unit) if wanted(&unit.context, &unit.bytes) => Some(unit.bytes.len()),
            _ => None,
        })
        .collect()
}

/// Bytes that lessons only suppose: a length the wrong way round or with one bit turned, a key that
/// somebody guesses, a key that is none.
const SUPPOSED: [&str; 4] = ["2c 01", "81 2c", "37 fa 21 3d", "00 00 00 00"];

#[test]
fn bytes_that_lessons_quote_are_on_the_wire() {
    let mut nowhere = Vec::new();
    for lesson in Library::built_in().lessons() {
        let runs = Mode::ALL.map(|mode| run(lesson, mode));
        let text = all_text(&without_recalled(lesson));
        let quotes = text.split('`').skip(1).step_by(2);
        for quote in quotes.filter(|quote| is_hex(quote)) {
            let bytes: Vec<_> =
                quote.split(' ').filter_map(|hex| u8::from_str_radix(hex, 16).ok()).collect();
            let written = runs.iter().any(|run| {
                run.records().iter().any(|record| match &record.what {
                    What::Wrote(unit) => holds(&unit.bytes, &bytes),
                    _ => false,
                })
            });
            let by_hand = written_by_hand(lesson).any(|frames| holds(&frames, &bytes));
            // What a task makes of a frame in flight is checked by the task's own goals.
            let edited = bytes.len() == 1 || quote.starts_with("82 02");
            if !(written || by_hand || edited || SUPPOSED.contains(&quote)) {
                nowhere.push(format!("`{}` quotes {quote:?}", lesson.id));
            }
        }
    }
    assert_eq!(nowhere, [""; 0]);
}

/// The lesson without what it asks again: that speaks of the bytes of the lesson it comes from.
fn without_recalled(lesson: &Lesson) -> Lesson {
    let mut own = lesson.clone();
    for step in &mut own.steps {
        if let Some(Task::Retrieve(retrieve)) = &mut step.task {
            retrieve.item = None;
        }
    }
    own
}

/// The frames that lie on a lesson's benches, or are put there by its scripts.
fn written_by_hand(lesson: &Lesson) -> impl Iterator<Item = Vec<u8>> {
    let tasks = lesson.steps.iter().filter_map(Step::task_to_do);
    let given = tasks.filter_map(|task| Some(task.bench.as_ref()?.given.as_str()));
    let scripts = lesson.wrong.iter().map(|script| &script.deeds).chain([&lesson.solution]);
    let put = scripts.flatten().filter_map(|deed| match deed {
        Deed::Write(text) => Some(text.as_str()),
        _ => None,
    });
    given.chain(put).filter_map(|text| hex::parse(text).ok())
}

fn is_hex(quote: &str) -> bool {
    quote.split(' ').all(|pair| pair.len() == 2 && u8::from_str_radix(pair, 16).is_ok())
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn the_figures_of_are_we_there_yet_are_true() {
    let lesson = lesson("are-we-there-yet");
    let slow = run(&lesson, Mode::Polling);
    let gets = sizes(&slow, |_, bytes| bytes.starts_with(b"GET"));
    let empty = sizes(&slow, |_, bytes| bytes.starts_with(b"HTTP/1.1 204"));
    let (all, news) = (totals(&slow), totals(&slow).payload_bytes);
    assert_eq!((gets.len(), all.empty_answers), (10, 8));
    let good = polled_every(&lesson, 1000);
    let quick = polled_every(&lesson, 100);
    let worst =
        |run: &Run| delay_ms(run, "Hello", 1).max(delay_ms(run, "Anyone there?", 1)).round();
    check(
        &lesson,
        &[
            format!("{} bytes up and {} down", gets[0], empty[0]),
            format!("text: \"{}\", right: true", gets[0] + empty[0]),
            format!("{:.2} s after it was said", delay_ms(&slow, "Hello", 1) / 1000.0),
            format!(
                "{} requests and {} bytes for {news} bytes",
                all.requests,
                grouped(all.bytes())
            ),
            format!("{} ms late at worst, {} requests", worst(&good), totals(&good).requests),
            format!("{} ms late at worst. {} requests", worst(&quick), totals(&quick).requests),
            format!("{} of them without news", totals(&quick).empty_answers),
            format!("{} bytes for {news} bytes of text", grouped(totals(&quick).bytes())),
        ],
    );
}

/// The sizes of the units that begin so, in order.
fn sizes_of(run: &Run, begins: &str) -> Vec<usize> {
    sizes(run, |_, bytes| bytes.starts_with(begins.as_bytes()))
}

#[test]
fn the_bytes_of_what_a_poll_weighs_are_true() {
    let lesson = lesson("what-a-poll-weighs");
    let (run, lean) = (run(&lesson, Mode::Polling), lean(&lesson, Mode::Polling));
    let (get, bare) = (sizes_of(&run, "GET")[0], sizes_of(&lean, "GET")[0]);
    let line = "GET /messages?client=1&after=0 HTTP/1.1\r\n".len();
    let host = "Host: chat.example.com\r\n".len();
    assert_eq!(line + host + 2, bare);
    let (empty, bare_empty) =
        (sizes_of(&run, "HTTP/1.1 204")[0], sizes_of(&lean, "HTTP/1.1 204")[0]);
    let (head, body) = (sizes_of(&run, "HTTP/1.1 200")[0], sizes_of(&run, "{")[0]);
    let (poll, news) = (get + head + body, "Packed".len());
    check(
        &lesson,
        &[
            format!("**{get} bytes**, all text"),
            format!("text: \"{bare}: the first line, Host and the blank line\", right: true"),
            format!("{line}, {host} and 2 bytes"),
            format!("The other {} say who", get - bare),
            format!("{get} bytes up and {empty} down make {}", get + empty),
            format!("has {} bytes: {head} in its head, {body} in its body", head + body),
            format!("How many of the {poll} bytes"),
            format!("text: \"{news}\", right: true"),
            format!("The other {} of the body are JSON", body - news),
            format!("{} are heads: one byte of news in about {}", get + head, poll / news),
            format!("{bare} bytes a question and {bare_empty} for an empty answer"),
        ],
    );
}

#[test]
fn the_sums_of_what_a_poll_weighs_are_true() {
    let lesson = lesson("what-a-poll-weighs");
    let (slow, quick) = (run(&lesson, Mode::Polling), polled_every(&lesson, 1000));
    let (all, more) = (totals(&slow), totals(&quick));
    let bare = totals(&lean(&lesson, Mode::Polling)).bytes();
    let delays = |run: &Run| {
        let texts = ["Packed", "On the van", "2 stops away", "At your door"];
        texts.map(|text| delay_ms(run, text, 1))
    };
    let mean = |run: &Run| delays(run).iter().sum::<f64>() / 4.0;
    let [a, b, c, d] = delays(&slow).map(|ms| ms / 1000.0);
    assert_eq!((all.requests, all.empty_answers), (9, 5));
    assert_eq!((more.empty_answers - all.empty_answers, more.requests - all.requests), (8, 8));
    let ratio = |bytes: u64| (bytes as f64 / all.payload_bytes as f64).round();
    check(
        &lesson,
        &[
            format!("**{} bytes** of text", all.payload_bytes),
            format!("{} bytes for {}", grouped(all.bytes()), all.payload_bytes),
            format!("text: \"About {}\", right: true", ratio(all.bytes())),
            format!("{a:.2}, {b:.2}, {c:.2} and {d:.2} s"),
            format!("{:.2} s on average", mean(&slow) / 1000.0),
            format!("{:.0} ms late on average, {} requests", mean(&quick), more.requests),
            format!("{} bytes. All eight", grouped(more.bytes())),
            format!("text: \"About {}, instead of {}\"", ratio(bare), ratio(all.bytes())),
            format!("{} bytes for {}", grouped(bare), all.payload_bytes),
        ],
    );
}

#[test]
fn the_figures_of_hold_the_line_are_true() {
    let lesson = lesson("hold-the-line");
    let (held, slow) = (run(&lesson, Mode::LongPolling), run(&lesson, Mode::Polling));
    let quick = polled_every(&lesson, 50);
    let (all, polled, often) = (totals(&held), totals(&slow), totals(&quick));
    let worst = |run: &Run| {
        let texts = ["Dinner?", "Kitchen closes at 9", "Last orders"];
        texts.map(|text| delay_ms(run, text, 1)).into_iter().fold(0.0, f64::max)
    };
    let (get, empty) = (sizes_of(&held, "GET")[0], sizes_of(&held, "HTTP/1.1 204")[0]);
    let posts = sizes_of(&held, "POST").len();
    assert_eq!((sizes_of(&held, "GET").len(), posts, all.requests), (9, 1, 10));
    let bytes = |totals: &Totals| grouped(totals.bytes());
    check(
        &lesson,
        &[
            format!("takes 20 ms down: {:.0} ms", delay_ms(&held, "Dinner?", 1)),
            format!("{:.0} ms late", delay_ms(&held, "Kitchen closes at 9", 1)),
            format!("{} bytes for nothing", get + empty),
            format!(
                "send {} requests, and news is up to {:.2} s",
                polled.requests,
                worst(&slow) / 1e3
            ),
            format!("text: \"{}: hardly another number", all.requests),
            format!("{} bytes against {}", bytes(&all), bytes(&polled)),
            format!(
                "{:.0} ms late at worst, not {}",
                worst(&held),
                grouped(worst(&slow).round() as u64)
            ),
            format!("{:.0} ms late at worst, {} requests", worst(&quick), often.requests),
            format!("{} of them in vain, {} bytes", often.empty_answers, bytes(&often)),
            format!("with {} requests and {} bytes", all.requests, bytes(&all)),
        ],
    );
}

#[test]
fn the_figures_of_one_way_street_are_true() {
    let lesson = lesson("one-way-street");
    let (stream, polling) = (run(&lesson, Mode::Sse), run(&lesson, Mode::Polling));
    let event = sizes(&stream, |context, bytes| {
        matches!(context, Context::Chunk(_)) && holds(bytes, b"Kick-off")
    })[0];
    // The poll at 2 s brings the goal too.
    let body = "{\"last\":1,\"news\":[\"Kick-off\"]}".len();
    let poll = sizes_of(&polling, "GET")[1] + sizes_of(&polling, "HTTP/1.1 200")[0] + body;
    // Behind its size line and before its line end.
    let data = event - "16\r\n".len() - "\r\n".len();
    let reset = Edit::Reset(LinkIdx(0));
    let late = stream.fork(stream.position_at(SimTime::from_ms(1500)), reset).unwrap();
    let again = late.records().iter().rev().find_map(|record| match &record.what {
        What::Wrote(unit) if unit.bytes.starts_with(b"GET") => Some(record.at.as_ms() - 1500.0),
        _ => None,
    });
    check(
        &lesson,
        &[
            format!("text: \"About {:.0}0: a question and an answer", poll as f64 / 10.0),
            format!("text: \"{event}\", right: true"),
            format!("`{data:x}` and a line end say how long the piece is, {data} bytes"),
            format!("{} bytes around", event - "Kick-off".len()),
            format!("{:.1} s later it had a new connection", again.unwrap() / 1000.0),
            format!("The goal was {:.1} s late", delay_ms(&late, "Goal, 1:0", 1) / 1000.0),
            format!("{:.0} ms instead of 20", delay_to(&stream, "Who scored?", Host::Server)),
        ],
    );
}

/// For how long connections are open at the server, all together, in seconds.
fn open_s(run: &Run) -> f64 {
    let mut ms = 0.0;
    for record in run.records().iter().filter(|record| record.host == Host::Server) {
        match record.what {
            What::TcpOpen(_) => ms -= record.at.as_ms(),
            What::TcpClosed(_) => ms += record.at.as_ms(),
            _ => {}
        }
    }
    ms / 1000.0
}

#[test]
fn the_figures_of_choose_and_defend_are_true() {
    let lesson = lesson("choose-and-defend");
    let runs = [Mode::Polling, Mode::LongPolling, Mode::Sse, Mode::WebSocket];
    let [polling, held, stream, socket] = runs.map(|mode| run(&lesson, mode));
    let rare = polled_every(&lesson, 10_000);
    let bytes = |run: &Run| grouped(totals(run).bytes());
    let worst = |run: &Run| {
        let texts = [("Anyone for lunch?", 2), ("Yes, at noon", 1), ("Room 4 is free", 2)];
        texts.map(|(text, to)| delay_ms(run, text, to)).into_iter().fold(0.0, f64::max)
    };
    let gets = sizes_of(&polling, "GET");
    let empty = sizes_of(&polling, "HTTP/1.1 204");
    assert_eq!((gets.len(), empty.len(), totals(&socket).frames), (20, 16, 10));
    assert_eq!((totals(&stream).requests, totals(&held).requests), (4, 8));
    assert_eq!((totals(&socket).connections, totals(&rare).connections), (2, 6));
    assert_eq!(format!("{:.0}", delay_ms(&stream, "Room 4 is free", 1)), "20");
    let slow = delay_ms(&stream, "Anyone for lunch?", 2).round();
    let quick = delay_ms(&socket, "Anyone for lunch?", 2).round();
    let poll = gets[0] + empty[0];
    let handshake = (sizes_of(&socket, "GET")[0], sizes_of(&socket, "HTTP/1.1 101")[0]);
    check(
        &lesson,
        &[
            format!("WebSocket takes {} bytes", bytes(&socket)),
            format!("{} bytes: ten times as many", bytes(&polling)),
            format!("takes {}, server-sent events {}", bytes(&held), bytes(&stream)),
            format!("{} bytes and one answer of {}", handshake.0, handshake.1),
            format!("takes {poll} here; {} of them", empty.len()),
            format!("make {}", grouped((poll * empty.len()) as u64)),
            format!("takes **{slow} ms**"),
            format!("over WebSocket **{quick} ms**"),
            format!("the other {} ms", slow - quick),
            format!("{:.0} ms at worst. It has a connection", worst(&socket)),
            format!("{:.0} ms at worst (WHATWG", worst(&stream)),
            format!("{} bytes instead of {}", bytes(&held), bytes(&stream)),
            format!("{} requests, {} bytes", totals(&rare).requests, bytes(&rare)),
            format!("{:.0} s late at worst, and {:.1} s", worst(&rare) / 1e3, open_s(&rare)),
            format!("connections against {:.0} over", open_s(&socket)),
            format!("{} bytes against {}", bytes(&socket), bytes(&rare)),
            format!("and {:.0} ms against {:.0} s", worst(&socket), worst(&rare) / 1e3),
            format!("closed after {:.0} ms", open_s(&rare) * 1000.0 / 6.0),
        ],
    );
}

#[test]
fn the_figures_of_the_full_picture_are_true() {
    let lesson = lesson("the-full-picture");
    let (polling, socket) = (run(&lesson, Mode::Polling), run(&lesson, Mode::WebSocket));
    let (polled, framed) = (totals(&polling), totals(&socket));
    assert_eq!((polled.requests, polled.empty_answers, framed.frames), (10, 4, 12));
    let frames: usize =
        sizes(&socket, |context, _| matches!(context, Context::Frame(_))).iter().sum();
    let up = sizes(&socket, |context, _| *context == Context::Request);
    let down = sizes(&socket, |context, _| *context == Context::Response);
    let post = sizes(&polling, |_, bytes| bytes.starts_with(b"POST"))[0];
    let handshakes: usize = up.iter().chain(&down).sum();
    check(
        &lesson,
        &[
            format!(
                "{} bytes, to hand over {} bytes",
                grouped(polled.bytes()),
                polled.payload_bytes
            ),
            format!("{} bytes up and {} down, once for each client", up[0], down[0]),
            format!("a POST of {post} bytes"),
            format!("{} bytes against {}", grouped(framed.bytes()), grouped(polled.bytes())),
            format!("{} are the two handshakes", grouped(handshakes as u64)),
            format!("take {frames} bytes together"),
            format!("“Hi” took {} ms", delay_ms(&socket, "Hi", 2).round()),
            format!("it took {} ms", grouped(delay_ms(&polling, "Hi", 2).round() as u64)),
            format!("polling {} and a second", grouped(polled.bytes())),
            told(&run(&lesson, Mode::LongPolling), "long polling"),
            told(&run(&lesson, Mode::Sse), "server-sent events"),
            told(&socket, "WebSocket"),
        ],
    );
}

/// A transport, its bytes, and how late “Hi” was.
fn told(run: &Run, name: &str) -> String {
    let late = delay_ms(run, "Hi", 2).round();
    format!("{name} {} and {late} ms", grouped(totals(run).bytes()))
}

#[test]
fn the_key_of_same_door_new_language_is_the_one_that_is_sent() {
    let lesson = lesson("same-door-new-language");
    let run = run(&lesson, Mode::WebSocket);
    let said = ["Sec-WebSocket-Key", "Sec-WebSocket-Accept"]
        .map(|name| format!("`{name}: {}`", header(&run, name)));
    check(&lesson, &said);
}

/// The value of a header that is sent once.
fn header(run: &Run, name: &str) -> String {
    let mut values = run.records().iter().filter_map(|record| match &record.what {
        What::Wrote(unit) => {
            let head = String::from_utf8_lossy(&unit.bytes);
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(str::to_owned)
        }
        _ => None,
    });
    let value = values.next().expect("the header is sent");
    assert_eq!(values.next(), None, "{name} is sent once");
    value
}

#[test]
fn the_three_wrong_recipes_of_the_strange_key_yield_what_it_quotes() {
    let lesson = lesson("the-strange-key");
    let run = run(&lesson, Mode::WebSocket);
    let key = header(&run, "Sec-WebSocket-Key");
    let accept = header(&run, "Sec-WebSocket-Accept");
    let nonce = BASE64.decode(&key).expect("a key is base64");
    let hex = hex::plain(&AcceptStages::of(&key).digest);
    let decoded = BASE64.encode(Sha1::digest([&nonce[..], GUID.as_bytes()].concat()));
    let lower = GUID.to_lowercase();
    let wrong_guid = BASE64.encode(Sha1::digest(format!("{key}{lower}")));
    assert_eq!((nonce.len() + GUID.len(), key.len() + GUID.len()), (52, 60));
    check(
        &lesson,
        &[
            format!("`Sec-WebSocket-Key: {key}`"),
            format!("Sec-WebSocket-Accept: {accept}"),
            format!("`{hex}`"),
            format!("`{decoded}`"),
            format!("`{wrong_guid}`"),
            format!("`{lower}`"),
        ],
    );
}

#[test]
fn the_figures_of_the_server_cannot_call_you_are_true() {
    let lesson = lesson("the-server-cannot-call-you");
    let requests = |mode| totals(&run(&lesson, mode)).requests;
    let polling = run(&lesson, Mode::Polling);
    let late = |text, to| delay_ms(&polling, text, to).round();
    assert_eq!((late("Gate 7", 1), late("How far is it?", 1)), (4040.0, 2040.0));
    check(
        &lesson,
        &[
            format!("a question that waits ({} requests)", requests(Mode::LongPolling)),
            format!("an answer that does not end ({})", requests(Mode::Sse)),
            format!("has changed its language ({})", requests(Mode::WebSocket)),
        ],
    );
}

#[test]
fn the_answer_of_the_blank_line_is_as_long_as_it_says() {
    let lesson = lesson("the-blank-line");
    let sound = run(&lesson, Mode::WebSocket);
    let forgets = Edit::Misbehave(Host::Server, Fault::ForgetsBlankLine);
    let faulty = sound.fork(sound.start(), forgets).expect("a server may forget it");
    let head = |run: &Run| sizes(run, |context, _| *context == Context::Response)[0];
    check(&lesson, &[format!("{} bytes instead of {}", head(&faulty), head(&sound))]);
}
