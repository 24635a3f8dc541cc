//! The seeds of the fuzz targets, and small mutations of each, held to the laws of the targets.

#[path = "../fuzz/laws/mod.rs"]
mod laws;

use laws::Law;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use wirestep::conn::luck::draw;

/// How many mutations of each seed are tried.
const N_MUTATIONS: u64 = 16;

/// The seeds of a target with their names, in the order of these.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).expect("every target has a folder of seeds");
    let mut seeds: Vec<_> = files
        .map(|file| file.expect("the folder can be read"))
        .map(|file| {
            let bytes = fs::read(file.path()).expect("a seed can be read");
            (file.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() >= 20, "{} holds the seeds of {target}", folder.display());
    seeds
}

/// The `n`th mutation of a seed: a bit flipped, a byte set, bytes taken out, doubled or cut off.
fn mutated(seed: &[u8], n: u64) -> Vec<u8> {
    let luck = |what| draw(n, &[what, seed.len() as u64]);
    let mut bytes = seed.to_vec();
    let at = luck(1) as usize % bytes.len();
    let few = at..bytes.len().min(at + 1 + luck(2) as usize % 4);
    match luck(3) % 6 {
        0 | 1 => bytes[at] ^= 1 << (luck(4) % 8),
        2 => bytes[at] = [0x00, 0x7f, 0x80, 0xff][luck(4) as usize % 4],
        3 => drop(bytes.drain(few)),
        4 => {
            let doubled = bytes[few].to_vec();
            bytes.splice(at..at, doubled);
        }
        _ => bytes.truncate(at),
    }
    bytes
}

/// Holds one case to a law, and says which it was where the law is broken.
fn hold(law: Law, name: &str, bytes: &[u8]) {
    let held = catch_unwind(AssertUnwindSafe(|| law(bytes)));
    assert!(held.is_ok(), "{name} breaks the law: {bytes:02x?}");
}

fn hold_all(target: &str) {
    let (_, law) = laws::ALL.into_iter().find(|(name, _)| *name == target).expect("it is a target");
    for (name, seed) in seeds(target) {
        hold(law, &format!("{target}/{name}"), &seed);
        for n in 0..N_MUTATIONS {
            hold(law, &format!("mutation {n} of {target}/{name}"), &mutated(&seed, n));
        }
    }
}

#[test]
fn every_unit_is_dissected_as_a_peer_reads_it() {
    hold_all("unit");
}

#[test]
fn an_end_is_the_same_however_its_bytes_are_cut() {
    hold_all("cut");
}

#[test]
fn a_handshake_opens_is_refused_or_waits() {
    hold_all("handshake");
}

#[test]
fn two_ends_understand_each_other_whatever_they_do() {
    hold_all("actions");
}

#[test]
fn every_cut_of_every_seed_leaves_the_same_end() {
    for (name, seed) in seeds("cut") {
        hold(laws::cut::hold_for_every_cut, &format!("cut/{name}"), &seed);
    }
}

#[test]
fn no_bytes_at_all_are_a_case_too() {
    for (name, law) in laws::ALL {
        hold(law, name, &[]);
    }
}
