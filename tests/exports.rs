//! Files that other programs read: captures, read back block by block, and pictures.

#[path = "support/capture.rs"]
mod capture;
#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/picture.rs"]
mod picture;
#[path = "support/scenarios.rs"]
mod scenarios;

use bytes::Bytes;
use capture::{ACK, Captured, FIN, Flow, PSH, RST, SYN, flows, packets, stream};
use deeds::{deeds, done_to, middleboxes};
use picture::{Words, placed};
use proptest::prelude::*;
use scenarios::{arbitrary, story, want};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wirestep::lesson::Library;
use wirestep::run::Run;
use wirestep::sim::{
    Edit, Flight, Host, LinkIdx, Mode, Scenario, Segment, SimTime, Target, What, Wish,
};
use wirestep::view::export::{pcapng, svg};
use wirestep::view::sequence::Diagram;
use wirestep::wire::Side;

fn play(scenario: &Scenario, mode: Mode) -> Run {
    Run::new(Arc::new(scenario.clone()), mode)
}

fn captured(run: &Run) -> Vec<Captured> {
    packets(&pcapng::bytes(run))
}

fn count(run: &Run, is: impl Fn(&What) -> bool) -> usize {
    run.records().iter().filter(|record| is(&record.what)).count()
}

/// What was written on each flow, as it was when it arrived or would have.
fn written(run: &Run) -> BTreeMap<Flow, Vec<u8>> {
    let mut flows: BTreeMap<Flow, Vec<u8>> = BTreeMap::new();
    for record in run.records() {
        if let What::Wrote(unit) = &record.what {
            let bytes = run.bytes_of(record.idx, run.n_moves());
            flows.entry((unit.link.0, unit.from)).or_default().extend(bytes);
        }
    }
    flows
}

/// What was handed over on each flow.
fn handed_over(run: &Run) -> BTreeMap<Flow, Vec<u8>> {
    let mut flows: BTreeMap<Flow, Vec<u8>> = BTreeMap::new();
    for record in run.records() {
        if let What::Arrived(flight) = &record.what {
            flows.entry((flight.link.0, flight.from)).or_default().extend(&flight.bytes);
        }
    }
    flows
}

/// The first data segment of the first client that left after `ms`.
fn data_after(run: &Run, ms: u64) -> Arc<Flight> {
    let mut sent = run.records().iter().filter_map(|record| match &record.what {
        What::Sent(flight) => Some(flight),
        _ => None,
    });
    let is = |flight: &&Arc<Flight>| {
        (flight.link, flight.from, flight.kind) == (LinkIdx(0), Side::Client, Segment::Data)
            && flight.departs >= SimTime::from_ms(ms)
    };
    Arc::clone(sent.find(is).expect("something was sent"))
}

fn target(flight: &Flight) -> Target {
    Target { link: flight.link, from: flight.from, n: flight.n }
}

/// The run with an edit while the first message of the story is on its way.
fn edited(make: impl Fn(&Flight) -> Edit) -> (Run, Arc<Flight>) {
    let run = play(&story(), Mode::WebSocket);
    let flight = data_after(&run, 300);
    let at = run.position_at(flight.departs.midway(flight.arrives));
    (run.fork(at, make(&flight)).expect("it is in flight"), flight)
}

/// The packets of the first connection that begin with this byte of its client's flow, or behind.
fn at_byte(packets: &[Captured], start: u64) -> Vec<&Captured> {
    let first = packets.iter().find(|packet| packet.flow == (0, Side::Client)).expect("a SYN");
    let seq = first.seq.wrapping_add(1).wrapping_add(start as u32);
    let of_flow = packets.iter().filter(|packet| packet.flow == (0, Side::Client));
    of_flow.filter(|packet| packet.seq == seq && !packet.payload.is_empty()).collect()
}

#[test]
fn a_capture_holds_the_story_from_the_first_syn_to_the_last_fin() {
    for mode in Mode::ALL {
        let run = play(&story(), mode);
        let packets = captured(&run);
        let n = |flags: u8| packets.iter().filter(|packet| packet.flags == flags).count();
        let sent = |kind| count(&run, |what| matches!(what, What::Sent(of) if of.kind == kind));
        assert_eq!(n(SYN), sent(Segment::Syn));
        assert_eq!(n(SYN | ACK), sent(Segment::SynAck));
        assert_eq!(n(ACK), sent(Segment::Ack));
        assert_eq!(n(PSH | ACK), sent(Segment::Data));
        assert_eq!(n(FIN | ACK), sent(Segment::Fin));
        assert_eq!(packets.len(), count(&run, |what| matches!(what, What::Sent(_))));
        assert_eq!(packets[0].mss, Some(1460));
        assert!(packets.iter().all(|packet| packet.comment.is_none()), "nothing odd happened");
        let streams: BTreeMap<_, _> =
            flows(&packets).map(|flow| (flow, stream(&packets, flow))).collect();
        assert_eq!(streams, written(&run), "{mode:?}");
    }
}

#[test]
fn a_lost_segment_is_there_and_again_when_it_is_sent_again() {
    let (run, flight) = edited(|flight| Edit::Lose(target(flight)));
    let packets = captured(&run);
    let copies = at_byte(&packets, flight.start);
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].comment.as_deref(), Some("lost on its way"));
    assert_eq!(copies[1].comment.as_deref(), Some("sent again"));
    assert_eq!(copies[0].at, flight.departs.0);
    assert_eq!(copies[1].at, flight.departs.plus(SimTime::from_ms(200).0).0);
    assert_eq!(copies[0].payload, copies[1].payload);
}

#[test]
fn bytes_changed_on_their_way_are_captured_as_they_arrive() {
    let (run, flight) = edited(|flight| Edit::Patch {
        link: flight.link,
        from: flight.from,
        start: flight.start,
        bytes: Bytes::from_static(&[0xc1]),
    });
    let packets = captured(&run);
    let copies = at_byte(&packets, flight.start);
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].payload[0], 0xc1);
    assert_eq!(copies[0].payload[1..], flight.bytes[1..]);
    assert!(copies[0].comment.as_deref().is_some_and(|comment| comment.contains("changed")));
}

#[test]
fn a_segment_cut_in_two_is_captured_as_two() {
    let (run, flight) = edited(|flight| Edit::Cut(target(flight), 3));
    let packets = captured(&run);
    let (first, second) = (at_byte(&packets, flight.start), at_byte(&packets, flight.start + 3));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].payload, flight.bytes[..3]);
    assert_eq!(second[0].payload, flight.bytes[3..]);
}

#[test]
fn a_reset_is_told_to_both_ends() {
    let run = play(&story(), Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(350));
    let run = run.fork(at, Edit::Reset(LinkIdx(0))).expect("it is open");
    let packets = captured(&run);
    let resets: Vec<_> = packets.iter().filter(|packet| packet.flags & RST != 0).collect();
    assert_eq!(resets.iter().map(|packet| packet.flow).collect::<Vec<_>>(), {
        [(0, Side::Server), (0, Side::Client)]
    });
    for reset in resets {
        let before = packets.iter().take_while(|packet| !std::ptr::eq(*packet, reset));
        let next = before.filter(|packet| packet.flow == reset.flow).map(Captured::next_seq).last();
        assert_eq!(Some(reset.seq), next, "its peer accepts no other (RFC 5961 §3.2)");
    }
}

#[test]
fn a_capture_says_what_is_simplified_and_who_is_who() {
    let run = play(&story(), Mode::Polling);
    let bytes = pcapng::bytes(&run);
    let told = capture::section_comment(&bytes);
    assert!(told.starts_with("story, by Polling, seed 7. A simulation"), "{told}");
    assert!(told.contains("Pure acknowledgements"), "{told}");
    let names = capture::names(&bytes);
    assert_eq!(names[&[192, 0, 2, 1]], "server");
    assert_eq!(names[&[198, 18, 0, 2]], "client-2");
}

/// What holds of every packet, whatever was done: the receiver could make sense of it.
fn in_order(packets: &[Captured]) -> Result<(), TestCaseError> {
    let mut next: BTreeMap<Flow, u32> = BTreeMap::new();
    let mut acked: BTreeMap<Flow, u32> = BTreeMap::new();
    let ahead = |a: u32, b: u32| a.wrapping_sub(b).cast_signed();
    let mut before = 0;
    for packet in packets {
        prop_assert!(packet.at >= before, "in the order of time");
        before = packet.at;
        let peer = (packet.flow.0, packet.flow.1.peer());
        if packet.flags & RST != 0 {
            continue;
        }
        let first = *next.entry(packet.flow).or_insert(packet.seq);
        prop_assert!(ahead(packet.seq, first) <= 0, "nothing is left out");
        if ahead(packet.next_seq(), first) > 0 {
            next.insert(packet.flow, packet.next_seq());
        }
        if packet.flags == SYN {
            continue;
        }
        let sent = next.get(&peer).copied();
        prop_assert!(sent.is_some_and(|sent| ahead(packet.ack, sent) <= 0), "it was sent");
        let last = acked.insert(packet.flow, packet.ack);
        let resent = packet.comment.as_deref().is_some_and(|comment| comment.contains("again"));
        prop_assert!(resent || last.is_none_or(|last| ahead(packet.ack, last) >= 0));
    }
    Ok(())
}

/// Reads a picture; gives the records of its arrows, in order, and all of its words.
fn pictured(run: &Run) -> (Vec<usize>, Vec<String>) {
    let text = svg::text(run);
    let picture = roxmltree::Document::parse(&text).expect("well-formed");
    let known = ["svg", "title", "desc", "style", "g", "rect", "line", "path", "polygon"];
    let known = known.into_iter().chain(["polyline", "text"]).collect::<BTreeSet<_>>();
    let elements = || picture.descendants().filter(roxmltree::Node::is_element);
    assert!(elements().all(|element| known.contains(element.tag_name().name())));
    let arrows = elements().filter(|element| element.attribute("class") == Some("arrow"));
    let record = |element: roxmltree::Node<'_, '_>| {
        let id = element.attribute("id").and_then(|id| id.strip_prefix("record-"));
        id.and_then(|id| id.parse().ok()).expect("the id of a record")
    };
    let words =
        elements().filter_map(|element| element.text()).filter(|words| !words.trim().is_empty());
    (arrows.map(record).collect(), words.map(str::to_owned).collect())
}

#[test]
fn a_picture_has_every_arrow_of_the_diagram_once_and_its_words() {
    for mode in Mode::ALL {
        let run = play(&story(), mode);
        let (arrows, words) = pictured(&run);
        let diagram = Diagram::of(&run);
        assert_eq!(arrows, diagram.arrows.iter().map(|arrow| arrow.record.0).collect::<Vec<_>>());
        for arrow in &diagram.arrows {
            let (from, to, title) = (arrow.from, arrow.to, &arrow.title);
            let start = format!("{from} → {to}: {title}");
            assert!(words.iter().any(|words| words.starts_with(&start)), "{start}");
        }
        for mark in &diagram.marks {
            let start = format!("{}: {}", mark.host, mark.text);
            assert!(words.iter().any(|words| words.starts_with(&start)), "{start}");
        }
    }
}

#[test]
fn words_of_the_lessons_stand_on_the_sheet_and_clear_of_each_other() {
    for lesson in Library::built_in().lessons() {
        for mode in Mode::ALL {
            let (sheet, words) = placed(&svg::text(&play(&lesson.scenario, mode)));
            assert!(words.len() > 10);
            for (idx, one) in words.iter().enumerate() {
                assert!(one.within(sheet), "{} by {mode:?}: {one:?}", lesson.id);
                let other =
                    words[..idx].iter().find(|other| one.covers(other) || other.covers(one));
                assert_eq!(other.map(Words::text), None, "{} by {mode:?}: {one:?}", lesson.id);
            }
        }
    }
}

#[test]
fn hostile_words_stay_words_in_a_picture() {
    let hostile = "</text><script>alert(1)</script>&amp;]]>\"'\u{202e}\0<!--";
    let scenario = Scenario {
        name: hostile.to_owned(),
        workload: vec![want(300, Host::Client(1), Wish::Say("<b>&lt;".to_owned()))],
        ..story()
    };
    for mode in Mode::ALL {
        let (_, words) = pictured(&play(&scenario, mode));
        let shown = hostile.replace(['\u{202e}', '\0'], "\u{fffd}");
        assert_eq!(words[0], format!("{shown}, by {}", mode.label()));
        assert!(words.contains(&"says “<b>&lt;”".to_owned()), "{words:?}");
    }
}

/// The picture and the window are of one look.
#[cfg(feature = "app")]
#[test]
fn the_colours_of_a_picture_are_those_of_the_window() {
    use wirestep::app::theme::{Palette, Tone};
    let text = svg::text(&play(&story(), Mode::Polling));
    let (light, dark) = text.split_once("@media (prefers-color-scheme: dark)").expect("both");
    for (style, theme) in [(light, egui::Theme::Light), (dark, egui::Theme::Dark)] {
        let palette = Palette::of(theme);
        let mut known = vec![palette.background, palette.text, palette.text_weak];
        known.extend([palette.border, palette.border_strong]);
        for tone in Tone::ALL.map(|tone| palette.tone(tone)) {
            known.extend([tone.line, tone.text, tone.fill]);
        }
        let known: BTreeSet<_> = known.into_iter().map(|colour| colour.to_hex()).collect();
        let used = style.split('#').skip(1).filter_map(|rest| rest.get(..6));
        let used: BTreeSet<_> = used.map(|digits| format!("#{digits}ff")).collect();
        assert!(used.len() > 9 && used.is_subset(&known), "{theme:?}: {used:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_captured_is_what_was_written(scenario in arbitrary()) {
        for mode in Mode::ALL {
            let run = play(&scenario, mode);
            let packets = captured(&run);
            let n = count(&run, |what| matches!(what, What::Sent(_) | What::Resent(_)));
            prop_assert_eq!(packets.iter().filter(|packet| packet.flags & RST == 0).count(), n);
            in_order(&packets)?;
            let streams = flows(&packets).map(|flow| (flow, stream(&packets, flow)));
            let streams: BTreeMap<_, _> = streams.filter(|(_, bytes)| !bytes.is_empty()).collect();
            prop_assert_eq!(streams, written(&run), "{:?}", mode);
        }
    }

    #[test]
    fn whatever_is_done_what_was_captured_leads_to_what_was_read(
        scenario in arbitrary(),
        mode in proptest::sample::select(&Mode::ALL[..]),
        boxes in middleboxes(),
        deeds in deeds(),
    ) {
        let scenario = Scenario { middleboxes: boxes, ..scenario };
        let run = done_to(play(&scenario, mode), &deeds);
        let packets = captured(&run);
        in_order(&packets)?;
        let (written, handed_over) = (written(&run), handed_over(&run));
        for flow in flows(&packets) {
            let stream = stream(&packets, flow);
            let most = written.get(&flow).map_or(&[][..], |bytes| bytes);
            let least = handed_over.get(&flow).map_or(&[][..], |bytes| bytes);
            prop_assert!(most.starts_with(&stream), "{:?}: nothing that was not written", flow);
            prop_assert!(stream.starts_with(least), "{:?}: all that was handed over", flow);
        }
    }

    #[test]
    fn whatever_is_done_it_can_be_pictured(
        scenario in arbitrary(),
        mode in proptest::sample::select(&Mode::ALL[..]),
        boxes in middleboxes(),
        deeds in deeds(),
    ) {
        let scenario = Scenario { middleboxes: boxes, ..scenario };
        let run = done_to(play(&scenario, mode), &deeds);
        let arrows = Diagram::of(&run).arrows;
        let wanted: Vec<_> = arrows.iter().map(|arrow| arrow.record.0).collect();
        prop_assert_eq!(pictured(&run).0, wanted);
    }
}
