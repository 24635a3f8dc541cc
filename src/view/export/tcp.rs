//! IPv4 and TCP headers of a capture, with the checksums that they carry.
//!
//! **Invariant:** addresses are of no host that exists: the server's is from TEST-NET-1 (RFC 5737
//! §3), those of clients from the block for benchmarks (RFC 2544, appendix C.2.2), which has room
//! for any crowd.

use super::capture::{Kind, Packet};
use crate::sim::Host;
use crate::wire::Side;

/// The port of the server.
const SERVER_PORT: u16 = 80;
/// The first of the ports that clients take (RFC 6335 §6), and how many there are.
const CLIENT_PORTS: (u16, u32) = (49_152, 16_384);
/// The length of an IPv4 header, and of a TCP header, without options.
const HEADER: usize = 20;

/// The address of a host.
pub(super) fn address(host: Host) -> [u8; 4] {
    match host {
        Host::Server => [192, 0, 2, 1],
        // 198.18.0.0/15.
        Host::Client(n) => (0xc612_0000 | n as u32 & 0x1_ffff).to_be_bytes(),
    }
}

/// A packet as an IPv4 datagram.
pub(super) fn datagram(packet: &Packet) -> Vec<u8> {
    let client = (address(Host::Client(packet.client)), client_port(packet.link.0));
    let server = (address(Host::Server), SERVER_PORT);
    let (from, to) = match packet.from {
        Side::Client => (client, server),
        Side::Server => (server, client),
    };
    let mut segment = tcp_header(packet, (from.1, to.1));
    segment.extend_from_slice(&packet.payload);
    // RFC 9293 §3.1: the sum covers the addresses, the protocol and the length as well.
    let mut pseudo = [from.0, to.0].concat();
    pseudo.extend([0, 6]);
    pseudo.extend((segment.len() as u16).to_be_bytes());
    pseudo.extend_from_slice(&segment);
    let sum = checksum(&pseudo);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    let mut datagram = ip_header(segment.len(), (from.0, to.0));
    datagram.append(&mut segment);
    datagram
}

/// Each connection of a client has a port of its own, until there are no more.
fn client_port(link: u32) -> u16 {
    let (first, n) = CLIENT_PORTS;
    first + (link % n) as u16
}

fn ip_header(len: usize, (from, to): ([u8; 4], [u8; 4])) -> Vec<u8> {
    let total = u16::try_from(HEADER + len).expect("a segment is at most 65 495 bytes");
    // Version 4, five words; no service asked for.
    let mut header = vec![0x45, 0];
    header.extend(total.to_be_bytes());
    // RFC 6864 §4.1: what is not to be fragmented needs no number.
    header.extend([0, 0, 0x40, 0]);
    // 64 hops, TCP, and room for the sum.
    header.extend([64, 6, 0, 0]);
    header.extend(from);
    header.extend(to);
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header
}

fn tcp_header(packet: &Packet, (from, to): (u16, u16)) -> Vec<u8> {
    const FIN: u8 = 1;
    const SYN: u8 = 2;
    const RST: u8 = 4;
    const PSH: u8 = 8;
    const ACK: u8 = 16;
    let (kind, mss) = match packet.kind {
        Kind::Syn(mss) | Kind::SynAck(mss) => (SYN, Some(mss)),
        Kind::Ack => (0, None),
        Kind::Data => (PSH, None),
        Kind::Fin => (FIN, None),
        Kind::Rst => (RST, None),
    };
    let ack = if packet.ack.is_some() { ACK } else { 0 };
    let options = mss.map_or(Vec::new(), |mss| {
        let [high, low] = mss.to_be_bytes();
        // RFC 9293 §3.7.1, and RFC 7323 §2.2: the window is as large as it can be, for there is
        // none in the simulation.
        vec![2, 4, high, low, 1, 3, 3, 14]
    });
    let words = ((HEADER + options.len()) / 4) as u8;
    let mut header = Vec::with_capacity(HEADER + options.len() + packet.payload.len());
    header.extend(from.to_be_bytes());
    header.extend(to.to_be_bytes());
    header.extend(packet.seq.to_be_bytes());
    header.extend(packet.ack.unwrap_or(0).to_be_bytes());
    header.extend([words << 4, kind | ack]);
    // The window, and room for the sum and for what nobody uses.
    header.extend([0xff, 0xff, 0, 0, 0, 0]);
    header.extend(options);
    header
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u64 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_rfc() {
        // RFC 1071 §3.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(checksum(&[0xff]), 0x00ff);
    }

    #[test]
    fn no_two_hosts_of_a_crowd_share_an_address() {
        assert_eq!(address(Host::Client(1)), [198, 18, 0, 1]);
        assert_eq!(address(Host::Client(100_000)), [198, 19, 134, 160]);
    }
}
