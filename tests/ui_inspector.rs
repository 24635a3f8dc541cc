//! Draws the inspector in both themes and touches it as a learner or a screen reader would.
//!
//! With `WIRESTEP_SHOTS=DIR` it also writes the pictures to that folder.
#![cfg(feature = "app")]

#[path = "support/raster.rs"]
mod raster;

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Align, CentralPanel, Frame, Key, Layout, Theme, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use wirestep::app::inspector::{
    BitGrid, HexStrip, Marks, MaskTable, PrefixTable, Touch, TreeTable, Verdict, accept_recipe,
    wrong_recipes,
};
use wirestep::app::theme;
use wirestep::app::theme::Tone;
use wirestep::app::widgets::Availability;
use wirestep::view::locus::Locus;
use wirestep::view::{accept, mask, tree};
use wirestep::wire::Side;
use wirestep::wire::rule::Rule;
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::Expect;

const HI: [u8; 8] = [0x81, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x93];
const UPGRADE: &[u8] = b"GET /chat HTTP/1.1\r\nHost: chat.example.org\r\nUser-Agent: Mozilla/5.0 \
    (X11; Linux x86_64) Gecko/20100101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A unit on the bench, and what the learner did to it.
struct Bench {
    bytes: Vec<u8>,
    context: Context,
    panel: Panel,
    right_width: f32,
    blocked: Option<&'static str>,
    edited: BTreeSet<u64>,
    selected: Option<Locus>,
    hovered: Option<Locus>,
    flips: Vec<u64>,
}

/// What the lower left shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Panel {
    Bits,
    Mask,
    Prefixes,
    Accept,
}

impl Bench {
    fn marks(&self) -> Marks {
        Marks { selected: self.selected, hovered: self.hovered }
    }

    fn frame(from: Side, bytes: &[u8]) -> Self {
        Self::new(Context::Frame(Expect::start(from)), bytes)
    }

    fn new(context: Context, bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            context,
            panel: Panel::Bits,
            right_width: 420.0,
            blocked: None,
            edited: BTreeSet::new(),
            selected: None,
            hovered: None,
            flips: Vec::new(),
        }
    }

    fn take(&mut self, touches: Vec<Touch>) {
        self.hovered = None;
        for touch in touches {
            match touch {
                Touch::Select(locus) => self.selected = Some(locus),
                Touch::Hover(locus) => self.hovered = Some(locus),
                Touch::Flip(bit) => {
                    let idx = usize::try_from(bit / 8).expect("a small frame");
                    self.bytes[idx] ^= 0x80 >> (bit % 8);
                    if !self.edited.insert(bit) {
                        self.edited.remove(&bit);
                    }
                    self.flips.push(bit);
                }
            }
        }
    }
}

fn harness(theme: Theme, bench: Bench) -> Harness<'static, Bench> {
    let size = vec2(640.0 + 3.0 * 18.0 + bench.right_width, 420.0);
    raster::harness(size).with_theme(theme).build_ui_state(show, bench)
}

fn show(ui: &mut Ui, bench: &mut Bench) {
    let fill = theme::palette(ui).panel;
    let mut touches = Vec::new();
    CentralPanel::default().frame(Frame::new().fill(fill).inner_margin(18)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 18.0;
            column(ui, 640.0, |ui| touches.extend(left(ui, bench)));
            column(ui, bench.right_width, |ui| touches.extend(right(ui, bench)));
        });
    });
    bench.take(touches);
}

fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    let size = vec2(width, ui.available_height());
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::LEFT), |ui| {
        ui.set_width(width);
        contents(ui);
    });
}

fn left(ui: &mut Ui, bench: &Bench) -> Vec<Touch> {
    let found = dissect(&bench.bytes, &bench.context);
    match bench.panel {
        Panel::Bits => BitGrid::new(&bench.bytes, &found, bench.marks())
            .edited(&bench.edited)
            .editable(bench.blocked.map_or(Availability::Ready, Availability::Blocked))
            .show(ui),
        Panel::Mask => match mask::of(&bench.bytes, &bench.context, &found) {
            mask::Masking::Masked(masked) => {
                MaskTable::new(&bench.bytes, masked, bench.marks()).show(ui)
            }
            other => panic!("the frame on the bench is masked: {other:?}"),
        },
        Panel::Prefixes => PrefixTable::new(&bench.bytes, &bench.context).arrived(Some(5)).show(ui),
        Panel::Accept => {
            accept_recipe(ui, &accept::rows("dGhlIHNhbXBsZSBub25jZQ=="));
            wrong_recipes(ui, &accept::wrong("dGhlIHNhbXBsZSBub25jZQ=="));
            Vec::new()
        }
    }
}

fn right(ui: &mut Ui, bench: &Bench) -> Vec<Touch> {
    let found = dissect(&bench.bytes, &bench.context);
    let rows = tree::tree(&bench.bytes, &bench.context, &found);
    let strip = HexStrip::new(&bench.bytes, &found, bench.marks()).max_height(62.0);
    let mut touches = strip.show(ui);
    ui.add_space(theme::GAP);
    let scroll = egui::ScrollArea::vertical().id_salt("fields").max_height(240.0);
    scroll.show(ui, |ui| {
        let table = TreeTable::new(&rows, bench.marks());
        touches.extend(table.show(ui));
    });
    ui.add_space(theme::GAP);
    ui.add(if found.breaches.is_empty() {
        Verdict {
            tone: Tone::Valid,
            headline: "Valid.",
            words: "6 header bytes + 2 payload bytes.",
            cite: "RFC 6455 §5.2",
        }
    } else {
        Verdict {
            tone: Tone::Breach,
            headline: "If you release this:",
            words: "Server must fail the connection: Close 1002 protocol error.",
            cite: "RFC 6455 §7.1.7",
        }
    });
    touches
}

/// Writes the harness's picture if pictures were asked for.
#[expect(clippy::disallowed_methods, reason = "where pictures go is asked of the environment")]
fn shoot(harness: &mut Harness<'_, Bench>, name: &str) {
    let image = harness.render().expect("shapes can be drawn without a graphics card");
    if let Some(dir) = std::env::var_os("WIRESTEP_SHOTS").map(PathBuf::from) {
        std::fs::create_dir_all(&dir).expect("the folder for pictures can be made");
        image.save(dir.join(format!("inspector-{name}.png"))).expect("the picture can be written");
    }
}

fn select(harness: &Harness<'_, Bench>) -> Option<(u64, u64)> {
    harness.state().selected.map(|locus| (locus.bit, locus.bits))
}

#[test]
fn a_click_on_a_bit_selects_and_flips_it() {
    let mut harness = harness(Theme::Light, Bench::frame(Side::Client, &HI));
    harness.get_by_role_and_label(Role::CheckBox, "bit 1, RSV1, 0").click();
    harness.run();
    assert_eq!((select(&harness), &harness.state().flips), (Some((1, 1)), &vec![1]));
    harness.get_by_label("bit 1, RSV1, 1, breaks a rule, edited");
    let told = format!("RSV1–3, 100, must be 0, breaks a rule: {}", Rule::Rsv1.statement());
    harness.get_by_role_and_label(Role::ListBoxOption, &told);
    harness.get_by_label("byte 0, 0xc1, breaks a rule");
    shoot(&mut harness, "flipped");
}

#[test]
fn bits_that_cannot_be_flipped_are_selected_all_the_same() {
    let bench =
        Bench { blocked: Some("It has arrived already"), ..Bench::frame(Side::Client, &HI) };
    let mut harness = harness(Theme::Dark, bench);
    harness.get_by_role_and_label(Role::Button, "bit 1, RSV1, 0").click();
    harness.run();
    assert_eq!((select(&harness), harness.state().flips.len()), (Some((1, 1)), 0));
    harness.get_by_label("bit 2, RSV2, 0").hover();
    harness.run();
    harness.get_by_label("It has arrived already");
}

#[test]
fn the_keyboard_walks_the_bits_and_flips_them() {
    let mut harness = harness(Theme::Dark, Bench::frame(Side::Client, &HI));
    let press = |harness: &mut Harness<'static, Bench>, key| {
        harness.key_press(key);
        harness.run();
        select(harness)
    };
    harness.get_by_role_and_label(Role::Grid, "Bits").focus();
    harness.run();
    assert_eq!(press(&mut harness, Key::ArrowRight), Some((1, 1)));
    assert_eq!(press(&mut harness, Key::ArrowDown), Some((33, 1)));
    assert_eq!(press(&mut harness, Key::ArrowDown), Some((33, 1)), "there is no third row");
    assert_eq!(press(&mut harness, Key::ArrowUp), Some((1, 1)));
    assert_eq!(press(&mut harness, Key::ArrowLeft), Some((0, 1)));
    assert_eq!(press(&mut harness, Key::ArrowLeft), Some((0, 1)));
    assert_eq!(press(&mut harness, Key::End), Some((63, 1)));
    press(&mut harness, Key::Space);
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Space);
    assert_eq!(harness.state().flips, [63, 63, 63]);
    shoot(&mut harness, "keyboard");
}

#[test]
fn a_click_on_a_field_selects_its_bits_and_leaves_the_keyboard_alone() {
    let mut harness = harness(Theme::Dark, Bench::frame(Side::Client, &HI));
    harness.get_by_label("opcode, 0x1, text frame").click();
    harness.run();
    assert_eq!(select(&harness), Some((4, 4)));
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(select(&harness), Some((4, 4)), "the arrow key was not meant for the list");
    harness.get_by_role_and_label(Role::ListBox, "Fields").focus();
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(select(&harness), Some((8, 1)), "MASK comes after the opcode");
    harness.get_by_label("byte 7, 0x93").click();
    harness.run();
    assert_eq!(select(&harness), Some((48, 16)), "the byte belongs to the payload");
    shoot(&mut harness, "payload");
}

#[test]
fn a_long_payload_lays_out_only_the_bits_in_view_and_scrolls_to_what_is_selected() {
    let mut bytes = vec![0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0];
    bytes.extend((0..65536_u32).map(|n| n as u8));
    let mut harness = harness(Theme::Dark, Bench::frame(Side::Server, &bytes));
    harness.run();
    assert!(harness.query_by_label("bit 400000, payload, 0").is_none());
    harness.state_mut().selected = Some(Locus { bit: 400_000, bits: 40 });
    harness.run();
    harness.get_by_label("bit 400000, payload, 0");
    harness.get_by_label("byte 50000, 0x46");
    let n_bits = harness.query_all_by_label_contains("payload, ").count();
    assert!(n_bits < 32 * 12, "{n_bits} bits are laid out");
    shoot(&mut harness, "long");
}

#[test]
fn bytes_can_be_looked_at_one_by_one() {
    for (theme, name) in [(Theme::Dark, "prefix-dark"), (Theme::Light, "prefix-light")] {
        let mut bytes = HI;
        bytes[0] = 0xc1;
        let bench = Bench { panel: Panel::Prefixes, ..Bench::frame(Side::Client, &bytes) };
        let mut harness = harness(theme, bench);
        harness.run();
        harness
            .get_by_label("after byte 4: masking key, 2 of 4 bytes (masking key, 2 of 4)")
            .click();
        harness.run();
        assert_eq!(select(&harness), Some((24, 8)));
        shoot(&mut harness, name);
    }
}

#[test]
fn an_octet_of_the_masked_payload_is_selected_by_mouse_and_by_keyboard() {
    let bench = Bench { panel: Panel::Mask, ..Bench::frame(Side::Client, &HI) };
    let mut harness = harness(Theme::Dark, bench);
    harness.get_by_label("octet 0: 7f XOR key[0] 37 is 48, H").click();
    harness.run();
    assert_eq!(select(&harness), Some((48, 8)));
    harness.get_by_role_and_label(Role::ListBox, "Masking octet by octet").focus();
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(select(&harness), Some((56, 8)));
    shoot(&mut harness, "mask");
}

#[test]
fn every_part_can_be_seen_in_both_themes_and_widths() {
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let benches = [
            ("frame", Bench::frame(Side::Client, &HI)),
            (
                "accept",
                Bench {
                    panel: Panel::Accept,
                    right_width: 380.0,
                    ..Bench::new(Context::Request, UPGRADE)
                },
            ),
            (
                "head",
                Bench {
                    selected: Some(Locus { bit: 20 * 8, bits: 24 * 8 }),
                    ..Bench::new(Context::Request, UPGRADE)
                },
            ),
            (
                "wide",
                Bench {
                    right_width: 560.0,
                    hovered: Some(Locus { bit: 16, bits: 16 }),
                    ..Bench::frame(Side::Server, b"\x88\x85\x01\x02\x03\x04\x02\xefbye")
                },
            ),
            ("cut", Bench::frame(Side::Server, b"\x81\x0bHello")),
        ];
        for (what, bench) in benches {
            let mut harness = harness(theme, bench);
            harness.run();
            shoot(&mut harness, &format!("{what}-{name}"));
        }
    }
}
