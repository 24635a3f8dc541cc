//! `wirestep encode`: writes one frame, right or wrong, and prints it as hex.

use super::args::{Encode, Format};
use super::{Exit, Misuse, Streams, hex};
use crate::view::tree;
use crate::wire::Side;
use crate::wire::unit::{Context, dissect};
use crate::wire::ws::{Expect, Frame, Opcode};
use serde_json::json;

/// The masking key of the examples in RFC 6455 §5.7, so that they can be written again.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub(super) fn run(args: &Encode, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let payload = if args.hex { hex::parse(&args.text)? } else { args.text.clone().into_bytes() };
    let mut frame = Frame::new(args.opcode, payload, masking_key(args)?);
    frame.header.fin = !args.no_fin;
    frame.header.rsv = [4, 2, 1].map(|bit| args.rsv & bit != 0);
    let bytes = frame.to_bytes();
    match args.format {
        Format::Text => {
            let context = Context::Frame(Expect::start(args.from.side()));
            let found = dissect(&bytes, &context);
            writeln!(streams.output, "{}", hex::format(&bytes))?;
            write!(streams.output, "\n{}", tree::text(&tree::tree(&bytes, &context, &found)))?;
        }
        Format::Json => {
            let said = json!({
                "hex": hex::format(&bytes),
                "header_len": frame.header.size(),
                "len": bytes.len(),
            });
            writeln!(streams.output, "{said}")?;
        }
    }
    Ok(Exit::Done)
}

fn masking_key(args: &Encode) -> Result<Option<[u8; 4]>, Misuse> {
    let Some(key) = &args.mask else {
        return Ok((args.from.side() == Side::Client).then_some(KEY));
    };
    let bytes = hex::parse(key)?;
    let n = bytes.len();
    let key = bytes.try_into().map_err(|_| {
        Misuse(format!("--mask has {n} bytes; a masking key has four, such as 37fa213d"))
    })?;
    Ok(Some(key))
}

/// Reads an opcode: a number from 0 to 15, or its name.
pub(super) fn opcode(text: &str) -> Result<Opcode, String> {
    let all = (0..16).map(Opcode::from_bits);
    let named = all.clone().find(|opcode| opcode.defined() && opcode.name() == text);
    let number = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let numbered = number.filter(|bits| *bits < 16).map(Opcode::from_bits);
    named.or(numbered).ok_or_else(|| {
        let names: Vec<_> = all.filter(|opcode| opcode.defined()).map(Opcode::name).collect();
        format!("a number from 0 to 15, or one of {}", names.join(", "))
    })
}
