//! Reads a capture back, knowing nothing of how it was written: pcapng blocks, IPv4, TCP.
//!
//! **Law:** whatever is wrong in a block, a header or a checksum is a panic.

use std::collections::{BTreeMap, BTreeSet};
use wirestep::wire::Side;

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

/// The number of a connection, and who sends.
pub(super) type Flow = (u32, Side);

/// A segment as it was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Captured {
    /// In nanoseconds.
    pub(super) at: u64,
    pub(super) flow: Flow,
    pub(super) flags: u8,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) mss: Option<u16>,
    pub(super) payload: Vec<u8>,
    pub(super) comment: Option<String>,
}

impl Captured {
    /// The sequence number behind it.
    pub(super) fn next_seq(&self) -> u32 {
        let marks = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        self.seq.wrapping_add(self.payload.len() as u32 + marks)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().expect("two bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// Types and bodies.
fn blocks(mut file: &[u8]) -> Vec<(u32, &[u8])> {
    let mut blocks = Vec::new();
    while !file.is_empty() {
        let len = u32_at(file, 4) as usize;
        assert_eq!(len % 4, 0);
        assert_eq!(u32_at(file, len - 4) as usize, len, "the length stands at both ends");
        blocks.push((u32_at(file, 0), &file[8..len - 4]));
        file = &file[len..];
    }
    blocks
}

fn options(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut options = Vec::new();
    while !bytes.is_empty() {
        let (code, len) = (u16_at(bytes, 0), usize::from(u16_at(bytes, 2)));
        if code == 0 {
            assert_eq!(bytes, [0; 4], "nothing comes behind the end");
            return options;
        }
        options.push((code, &bytes[4..4 + len]));
        bytes = &bytes[4 + len.next_multiple_of(4)..];
    }
    assert_eq!(options, [], "options end with an end");
    options
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The comment of the section.
pub(super) fn section_comment(file: &[u8]) -> String {
    let (kind, body) = blocks(file)[0];
    assert_eq!((kind, u32_at(body, 0)), (0x0a0d_0d0a, 0x1a2b_3c4d));
    assert_eq!((u16_at(body, 4), u16_at(body, 6)), (1, 0));
    let options = options(&body[16..]);
    text(options.iter().find(|(code, _)| *code == 1).expect("a comment").1)
}

/// The names of addresses.
pub(super) fn names(file: &[u8]) -> BTreeMap<[u8; 4], String> {
    let blocks = blocks(file);
    let (_, body) = blocks.iter().find(|(kind, _)| *kind == 4).expect("names");
    let record = |(kind, value): (u16, &[u8])| {
        assert_eq!((kind, value.last()), (1, Some(&0)));
        (value[..4].try_into().expect("four bytes"), text(&value[4..value.len() - 1]))
    };
    options(body).into_iter().map(record).collect()
}

/// Every packet.
pub(super) fn packets(file: &[u8]) -> Vec<Captured> {
    let blocks = blocks(file);
    let (kind, interface) = blocks[1];
    assert_eq!((kind, u16_at(interface, 0)), (1, 101), "an interface of raw IP");
    assert!(options(&interface[8..]).contains(&(9, &[9])), "nanoseconds");
    let packets = blocks.iter().filter(|(kind, _)| *kind == 6);
    packets.map(|(_, body)| packet(body)).collect()
}

fn packet(body: &[u8]) -> Captured {
    assert_eq!(u32_at(body, 0), 0, "of the only interface");
    let at = u64::from(u32_at(body, 4)) << 32 | u64::from(u32_at(body, 8));
    let len = u32_at(body, 12) as usize;
    assert_eq!(u32_at(body, 16) as usize, len, "captured whole");
    let options = options(&body[20 + len.next_multiple_of(4)..]);
    let comment = options.iter().find(|(code, _)| *code == 1).map(|(_, told)| text(told));
    Captured { at, comment, ..segment(&body[20..20 + len]) }
}

fn segment(datagram: &[u8]) -> Captured {
    let (ip, tcp) = datagram.split_at(20);
    let word = |bytes: &[u8], at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| u32::from(word(tcp, at)) << 16 | u32::from(word(tcp, at + 2));
    assert_eq!((ip[0], ip[9], usize::from(word(ip, 2))), (0x45, 6, datagram.len()));
    assert_eq!(sum(ip), 0xffff, "the checksum of IP");
    let mut covered = ip[12..20].to_vec();
    covered.extend([0, 6]);
    covered.extend((tcp.len() as u16).to_be_bytes());
    covered.extend(tcp);
    assert_eq!(sum(&covered), 0xffff, "the checksum of TCP");
    let server = [192, 0, 2, 1];
    let (from, client, ports) = if ip[16..20] == server {
        (Side::Client, &ip[12..16], (word(tcp, 0), word(tcp, 2)))
    } else {
        assert_eq!(ip[12..16], server);
        (Side::Server, &ip[16..20], (word(tcp, 2), word(tcp, 0)))
    };
    assert_eq!((client[0], ports.1), (198, 80));
    let header = usize::from(tcp[12] >> 4) * 4;
    let options = &tcp[20..header];
    let mss = (!options.is_empty()).then(|| {
        assert_eq!(options[..2], [2, 4]);
        word(options, 2)
    });
    Captured {
        at: 0,
        flow: (u32::from(ports.0 - 49_152), from),
        flags: tcp[13],
        seq: long(4),
        ack: long(8),
        mss,
        payload: tcp[header..].to_vec(),
        comment: None,
    }
}

/// The ones' complement sum.
fn sum(bytes: &[u8]) -> u16 {
    bytes.chunks(2).fold(0_u16, |sum, pair| {
        let word = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}

/// Every flow of which something was captured.
pub(super) fn flows(packets: &[Captured]) -> impl Iterator<Item = Flow> {
    let flows: BTreeSet<Flow> = packets.iter().map(|packet| packet.flow).collect();
    flows.into_iter()
}

/// What a flow carried, put together by sequence numbers; copies must be equal.
pub(super) fn stream(packets: &[Captured], flow: Flow) -> Vec<u8> {
    let mut of_flow = packets.iter().filter(|packet| packet.flow == flow);
    let Some(first) = of_flow.clone().find(|packet| packet.flags & SYN != 0) else {
        assert!(of_flow.all(|packet| packet.payload.is_empty()));
        return Vec::new();
    };
    let mut bytes: BTreeMap<u32, u8> = BTreeMap::new();
    for packet in of_flow.filter(|packet| packet.flags & RST == 0) {
        let start = packet.seq.wrapping_sub(first.seq).wrapping_sub(1);
        for (at, byte) in (0..).zip(&packet.payload) {
            let before = bytes.insert(start + at, *byte);
            assert!(before.is_none_or(|before| before == *byte), "copies differ");
        }
    }
    assert!(bytes.keys().copied().eq(0..bytes.len() as u32), "something is left out");
    bytes.into_values().collect()
}
