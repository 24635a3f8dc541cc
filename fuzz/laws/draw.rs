//! What a case is about, drawn from its first bytes.

use arbitrary::Unstructured;
use wirestep::wire::Side;
use wirestep::wire::deflate::Deflate;
use wirestep::wire::extension::{Agreement, ClientBits, DeflateOffer};
use wirestep::wire::handshake::{Offer, Opened, Terms, key_from_nonce};

/// The next byte; 0 where there is none.
pub(super) fn byte(u: &mut Unstructured<'_>) -> u8 {
    u.arbitrary().unwrap_or_default()
}

/// The next two bytes, the high one first.
pub(super) fn word(u: &mut Unstructured<'_>) -> usize {
    usize::from(byte(u)) << 8 | usize::from(byte(u))
}

/// The next `n` bytes, or as many as there are.
pub(super) fn octets<'a>(u: &mut Unstructured<'a>, n: usize) -> &'a [u8] {
    u.bytes(n.min(u.len())).unwrap_or_default()
}

/// Whether bit `n` of `bits` is set.
pub(super) fn flag(bits: u8, n: u8) -> bool {
    bits >> n & 1 != 0
}

/// The server where the bit is set.
pub(super) fn side(bits: u8, n: u8) -> Side {
    if flag(bits, n) { Side::Server } else { Side::Client }
}

/// Low half the client's compression, high half the server's: three bits of window and one that
/// drops the context.
pub(super) fn agreement(bits: u8) -> Agreement {
    let deflate =
        |bits: u8| Deflate { window_bits: 15 - (bits & 7), context_takeover: !flag(bits, 3) };
    Agreement { client: deflate(bits), server: deflate(bits >> 4) }
}

fn deflate_offer(u: &mut Unstructured<'_>) -> DeflateOffer {
    let (flags, bits) = (byte(u), byte(u));
    let (own, asked) = (15 - (bits & 7), 15 - (bits >> 4 & 7));
    DeflateOffer {
        server_no_context_takeover: flag(flags, 0),
        client_no_context_takeover: flag(flags, 1),
        server_max_window_bits: flag(flags, 2).then_some(asked),
        client_max_window_bits: match flags >> 3 & 3 {
            0 => ClientBits::Absent,
            1 | 2 => ClientBits::Any,
            _ => ClientBits::AtMost(own),
        },
    }
}

const PROTOCOLS: [&str; 4] = ["chat", "superchat", "v2.x!", "soap"];

/// The subprotocols whose bits are set, in their order or against it.
fn protocols(bits: u8) -> Vec<String> {
    let chosen = PROTOCOLS.iter().enumerate().filter(|(n, _)| flag(bits, *n as u8));
    let mut chosen: Vec<_> = chosen.map(|(_, name)| (*name).to_owned()).collect();
    if flag(bits, 4) {
        chosen.reverse();
    }
    chosen
}

/// An offer as a conforming client can make it.
pub(super) fn offer(u: &mut Unstructured<'_>) -> Offer {
    let bits = byte(u);
    let deflate = (0..bits >> 6).map(|_| deflate_offer(u)).collect();
    Offer { key: key_from_nonce([byte(u); 16]), protocols: protocols(bits), deflate }
}

/// What a server is willing to do.
pub(super) fn terms(u: &mut Unstructured<'_>) -> Terms {
    let bits = byte(u);
    let deflate = flag(bits, 7).then(|| agreement(byte(u)));
    Terms { protocols: protocols(bits), deflate }
}

/// Whether what a client opened with keeps to what its server opened with. A client that does not
/// know which of its offers was taken deflates in the way that suits all of them.
pub(super) fn keeps_to(client: &Opened, server: &Opened) -> bool {
    let deflate = match (client.deflate, server.deflate) {
        (Some(client), Some(server)) => {
            client.server == server.server && client.client.cautious(server.client) == client.client
        }
        (client, server) => client == server,
    };
    deflate && client.protocol == server.protocol
}
