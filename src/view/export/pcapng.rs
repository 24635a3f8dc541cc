//! A run as a capture that Wireshark reads: pcapng (draft-ietf-opsawg-pcapng).
//!
//! **Invariant:** the capture says of itself what is simplified in it.

use super::capture::{self, Packet};
use super::tcp;
use crate::run::Run;
use crate::sim::Host;

/// Block types.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const NAMES: u32 = 4;
const PACKET: u32 = 6;

/// Option codes: the first two hold for every block.
const END: u16 = 0;
const COMMENT: u16 = 1;
const PROGRAM: u16 = 4;
const INTERFACE_NAME: u16 = 2;
const RESOLUTION: u16 = 9;

/// Each packet begins with its IP header.
const LINKTYPE_RAW: u16 = 101;

/// What a reader of the capture should know.
const SIMPLIFIED: &str = "A simulation, not a capture of a network. Each segment stands here as it \
    left its sender, with the time at which its first bit left; time 0 is the beginning of the \
    simulation. Segments that were lost are here, and again when they were sent again. Bytes that \
    were changed on their way stand here as they arrived, in every copy of their segment. A RST \
    stands where it was heard. Pure acknowledgements, but for that of the opening, are no events \
    of the simulation and are not here: acknowledgement numbers say what the sender had received \
    in order. There is neither a receive window nor congestion control, and addresses, ports and \
    first sequence numbers are made up.";

/// The whole run.
pub fn bytes(run: &Run) -> Vec<u8> {
    let mut out = Vec::new();
    section(run, &mut out);
    interface(&mut out);
    names(run, &mut out);
    for packet in capture::packets(run) {
        enhanced_packet(&packet, &mut out);
    }
    out
}

fn section(run: &Run, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    body.extend(0x1a2b_3c4d_u32.to_le_bytes());
    // Version 1.0, of a length that is not said.
    body.extend([1, 0, 0, 0]);
    body.extend(u64::MAX.to_le_bytes());
    let (name, seed) = (&run.scenario().name, run.scenario().seed);
    let told = format!("{name}, by {}, seed {seed}. {SIMPLIFIED}", run.mode().label());
    option(COMMENT, told.as_bytes(), &mut body);
    option(PROGRAM, concat!("wirestep ", env!("CARGO_PKG_VERSION")).as_bytes(), &mut body);
    option(END, &[], &mut body);
    block(SECTION, &body, out);
}

fn interface(out: &mut Vec<u8>) {
    let mut body = Vec::new();
    body.extend(LINKTYPE_RAW.to_le_bytes());
    // Reserved, and no limit to the length of packets.
    body.extend([0; 6]);
    option(INTERFACE_NAME, b"simulated network", &mut body);
    // Ten to the minus ninth of a second.
    option(RESOLUTION, &[9], &mut body);
    option(END, &[], &mut body);
    block(INTERFACE, &body, out);
}

/// The names of the hosts, so that they can be read in place of their addresses.
fn names(run: &Run, out: &mut Vec<u8>) {
    const IPV4: u16 = 1;
    let mut body = Vec::new();
    for host in run.scenario().hosts() {
        let name = match host {
            Host::Server => "server".to_owned(),
            Host::Client(n) => format!("client-{n}"),
        };
        let mut record = tcp::address(host).to_vec();
        record.extend_from_slice(name.as_bytes());
        record.push(0);
        option(IPV4, &record, &mut body);
    }
    option(END, &[], &mut body);
    block(NAMES, &body, out);
}

fn enhanced_packet(packet: &Packet, out: &mut Vec<u8>) {
    let datagram = tcp::datagram(packet);
    let len = (datagram.len() as u32).to_le_bytes();
    let mut body = Vec::with_capacity(datagram.len() + 32);
    // The only interface; then the time, its upper half first.
    body.extend(0_u32.to_le_bytes());
    body.extend(((packet.at.0 >> 32) as u32).to_le_bytes());
    body.extend((packet.at.0 as u32).to_le_bytes());
    // As much was captured as there was.
    body.extend(len);
    body.extend(len);
    body.extend_from_slice(&datagram);
    pad(&mut body);
    if !packet.notes.is_empty() {
        option(COMMENT, packet.notes.join("; ").as_bytes(), &mut body);
        option(END, &[], &mut body);
    }
    block(PACKET, &body, out);
}

/// A block has its length at both ends, so that it can be read backwards.
fn block(kind: u32, body: &[u8], out: &mut Vec<u8>) {
    let len = (body.len() as u32 + 12).to_le_bytes();
    out.extend(kind.to_le_bytes());
    out.extend(len);
    out.extend_from_slice(body);
    out.extend(len);
}

fn option(code: u16, value: &[u8], out: &mut Vec<u8>) {
    // A longer one is cut, which leaves all but its end readable.
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    out.extend(code.to_le_bytes());
    out.extend((value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    pad(out);
}

/// Blocks and options end on multiples of four bytes.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}
