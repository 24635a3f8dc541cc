//! What is drawn in which colour.
//!
//! **Law:** text keeps a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) against what it stands on.
//! **Law:** one hue means one kind of field everywhere, and never by colour alone.

#![expect(clippy::disallowed_methods, reason = "this is the one place where colours are made")]

use crate::sim::Mode;
use crate::view::kind::Kind;
use egui::{Color32, Theme};

/// How much of a hue shows in the ground behind text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// A 0 bit, or a byte that is not looked at.
    Weak,
    /// A 1 bit, or what is looked at.
    Strong,
}

/// What something means to the learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Neutral,
    /// Here and now; the learner's turn.
    Attention,
    /// A rule was broken.
    Breach,
    /// Every rule is kept.
    Valid,
    /// A client.
    Client,
    /// The server.
    Server,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 6] =
        [Self::Neutral, Self::Attention, Self::Breach, Self::Valid, Self::Client, Self::Server];
}

/// The colours of one [`Tone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToneInk {
    /// Borders, arrows and signs.
    pub line: Color32,
    /// Words on a panel, a card or `fill`.
    pub text: Color32,
    /// A quiet ground.
    pub fill: Color32,
    /// A loud ground.
    pub solid: Color32,
    /// Words on `solid`.
    pub on_solid: Color32,
}

/// The colours of one hue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HueInk {
    text: Color32,
    ground: Color32,
}

/// All colours of one theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind the sequence diagram.
    pub background: Color32,
    /// Behind everything else.
    pub panel: Color32,
    /// Behind cards, buttons and segmented controls.
    pub card: Color32,
    /// Behind a button under the pointer.
    pub card_hovered: Color32,
    /// Behind a button that is held down.
    pub card_pressed: Color32,
    /// Borders and dividing lines.
    pub border: Color32,
    /// Borders that must be found, as those of empty boxes.
    pub border_strong: Color32,
    /// Words.
    pub text: Color32,
    /// Words that may be skipped.
    pub text_weak: Color32,
    /// Words on a control that cannot be used.
    pub text_disabled: Color32,
    /// Borders and lines of what is chosen.
    pub accent: Color32,
    /// Links.
    pub accent_text: Color32,
    /// Behind the one thing to do next, and behind what is chosen.
    pub accent_solid: Color32,
    /// The same under the pointer.
    pub accent_hovered: Color32,
    /// The same held down.
    pub accent_pressed: Color32,
    /// Words on the three above.
    pub on_accent: Color32,
    /// Behind selected text.
    pub selection: Color32,
    /// The ring around what has the keyboard.
    pub focus: Color32,
    /// Below windows and menus.
    pub shadow: Color32,
    hues: [HueInk; Kind::ALL.len()],
    tones: [ToneInk; 6],
}

impl Palette {
    /// The colours of `theme`.
    #[must_use]
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The colour of words in the hue of this kind of field.
    #[must_use]
    pub fn hue(&self, kind: Kind) -> Color32 {
        self.hues[kind as usize].text
    }

    /// The colour of a way to carry a conversation, in bars and curves.
    #[must_use]
    pub fn mode(&self, mode: Mode) -> Color32 {
        match mode {
            Mode::Polling => self.tone(Tone::Client).line,
            Mode::LongPolling => self.hue(Kind::MaskingKey),
            Mode::Sse => self.tone(Tone::Attention).line,
            Mode::WebSocket => self.tone(Tone::Server).line,
        }
    }

    /// The colour of borders, dots and brackets in its hue.
    #[must_use]
    pub fn hue_line(&self, kind: Kind) -> Color32 {
        let HueInk { text, ground } = self.hues[kind as usize];
        ground.lerp_to_gamma(text, 0.5)
    }

    /// The ground of its hue, opaque, for [`Palette::text`] to stand on.
    #[must_use]
    pub fn hue_fill(&self, kind: Kind, fill: Fill) -> Color32 {
        let share = match fill {
            Fill::Weak => 0.13,
            Fill::Strong => 0.34,
        };
        self.panel.lerp_to_gamma(self.hues[kind as usize].ground, share)
    }

    /// The colours of this tone.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> ToneInk {
        self.tones[tone as usize]
    }
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

const fn hue(text: u32, ground: u32) -> HueInk {
    HueInk { text: rgb(text), ground: rgb(ground) }
}

const fn tone([line, text, fill, solid, on_solid]: [u32; 5]) -> ToneInk {
    ToneInk {
        line: rgb(line),
        text: rgb(text),
        fill: rgb(fill),
        solid: rgb(solid),
        on_solid: rgb(on_solid),
    }
}

static DARK: Palette = Palette {
    background: rgb(0x0F_141B),
    panel: rgb(0x15_1C26),
    card: rgb(0x1C_2532),
    card_hovered: rgb(0x24_2F3F),
    card_pressed: rgb(0x2A_3648),
    border: rgb(0x2A_3646),
    border_strong: rgb(0x5B_6B82),
    text: rgb(0xE6_EDF5),
    text_weak: rgb(0x8B_9BB0),
    text_disabled: rgb(0x5B_697C),
    accent: rgb(0x3B_82F6),
    accent_text: rgb(0x6B_A5FF),
    accent_solid: rgb(0x2F_6FE6),
    accent_hovered: rgb(0x28_66DA),
    accent_pressed: rgb(0x22_5AC4),
    on_accent: rgb(0xFF_FFFF),
    selection: rgb(0x24_4B88),
    focus: rgb(0x7C_B0FF),
    shadow: Color32::from_black_alpha(110),
    hues: [
        hue(0xF5_B642, 0xF5_B642),
        hue(0x8B_9BB0, 0x8B_9BB0),
        hue(0xF4_72B6, 0xF4_72B6),
        hue(0xA7_8BFA, 0xA7_8BFA),
        hue(0x38_BDF8, 0x38_BDF8),
        hue(0x2D_D4BF, 0x2D_D4BF),
        hue(0xA7_8BFA, 0xA7_8BFA),
        hue(0x7E_E787, 0x7E_E787),
        hue(0xFF_8A5C, 0xFF_8A5C),
        hue(0xFB_BF9A, 0xFB_BF9A),
        hue(0x8F_B4FF, 0x8F_B4FF),
        hue(0x5C_C8D7, 0x5C_C8D7),
        hue(0xC9_D5E3, 0xC9_D5E3),
        hue(0x84_94AA, 0x84_94AA),
        hue(0x7E_E787, 0x7E_E787),
        hue(0x38_BDF8, 0x38_BDF8),
        hue(0x5C_C8D7, 0x5C_C8D7),
        hue(0xC9_D5E3, 0xC9_D5E3),
        hue(0x8B_9BB0, 0x8B_9BB0),
        hue(0xA8_B5C6, 0xA8_B5C6),
    ],
    tones: [
        tone([0x2A_3646, 0xE6_EDF5, 0x1C_2532, 0x8B_9BB0, 0x0F_141B]),
        tone([0xF5_B642, 0xF5_B642, 0x3A_2F1E, 0xF5_B642, 0x1B_1300]),
        tone([0xF0_6A62, 0xFF_7B72, 0x3A_2229, 0xF0_6A62, 0x22_0606]),
        tone([0x22_C55E, 0x86_EFAC, 0x1A_3A2A, 0x22_C55E, 0x04_1A0C]),
        tone([0x3B_82F6, 0x93_C5FD, 0x1E_3A5F, 0x2F_6FE6, 0xFF_FFFF]),
        tone([0x22_C55E, 0x86_EFAC, 0x1A_3A2A, 0x22_C55E, 0x04_1A0C]),
    ],
};

static LIGHT: Palette = Palette {
    background: rgb(0xF6_F8FB),
    panel: rgb(0xFF_FFFF),
    card: rgb(0xEE_F2F7),
    card_hovered: rgb(0xE3_E9F1),
    card_pressed: rgb(0xD7_DFEA),
    border: rgb(0xD3_DBE6),
    border_strong: rgb(0x84_92A6),
    text: rgb(0x17_212E),
    text_weak: rgb(0x5B_6B80),
    text_disabled: rgb(0x9A_A7B8),
    accent: rgb(0x25_63EB),
    accent_text: rgb(0x1D_55D3),
    accent_solid: rgb(0x25_63EB),
    accent_hovered: rgb(0x1F_57D4),
    accent_pressed: rgb(0x1A_4BBA),
    on_accent: rgb(0xFF_FFFF),
    selection: rgb(0xBF_D6FE),
    focus: rgb(0x1D_4ED8),
    shadow: Color32::from_black_alpha(36),
    hues: [
        hue(0x8A_5A00, 0xF5_B642),
        hue(0x55_647A, 0x8B_9BB0),
        hue(0xB4_236F, 0xF4_72B6),
        hue(0x6D_3FD1, 0xA7_8BFA),
        hue(0x04_699B, 0x38_BDF8),
        hue(0x0B_6E66, 0x2D_D4BF),
        hue(0x6D_3FD1, 0xA7_8BFA),
        hue(0x1A_7431, 0x7E_E787),
        hue(0xB8_3A0E, 0xFF_8A5C),
        hue(0x9A_4A1F, 0xFB_BF9A),
        hue(0x2D_53C4, 0x8F_B4FF),
        hue(0x0B_6A78, 0x5C_C8D7),
        hue(0x33_445A, 0x9F_B1C6),
        hue(0x55_647A, 0x84_94AA),
        hue(0x1A_7431, 0x7E_E787),
        hue(0x04_699B, 0x38_BDF8),
        hue(0x0B_6A78, 0x5C_C8D7),
        hue(0x33_445A, 0x9F_B1C6),
        hue(0x55_647A, 0x8B_9BB0),
        hue(0x4A_5A70, 0xA8_B5C6),
    ],
    tones: [
        tone([0xD3_DBE6, 0x17_212E, 0xEE_F2F7, 0x5B_6B80, 0xFF_FFFF]),
        tone([0xB4_5309, 0x9A_4606, 0xFD_F0D9, 0xB4_5309, 0xFF_FFFF]),
        tone([0xC9_2A2A, 0xB9_2222, 0xF8_E3E3, 0xC9_2A2A, 0xFF_FFFF]),
        tone([0x15_803D, 0x16_6534, 0xDC_FCE7, 0x15_803D, 0xFF_FFFF]),
        tone([0x25_63EB, 0x1D_4ED8, 0xDB_EAFE, 0x25_63EB, 0xFF_FFFF]),
        tone([0x15_803D, 0x16_6534, 0xDC_FCE7, 0x15_803D, 0xFF_FFFF]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(color: Color32) -> f32 {
        let [r, g, b] = [color.r(), color.g(), color.b()].map(|channel| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio as WCAG 2.2 defines it, from 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn check(pairs: impl IntoIterator<Item = (String, Color32, Color32)>, least: f32) {
        for (what, text, ground) in pairs {
            let ratio = contrast(text, ground);
            assert!(
                ratio >= least,
                "{what}: {ratio:.2} is less than {least} ({text:?} on {ground:?})"
            );
        }
    }

    fn grounds(palette: &Palette) -> [(&'static str, Color32); 3] {
        [("background", palette.background), ("panel", palette.panel), ("card", palette.card)]
    }

    #[test]
    fn words_can_be_read_on_every_ground_of_both_themes() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            let inks = [("text", p.text), ("weak text", p.text_weak), ("links", p.accent_text)];
            for (ground_name, ground) in grounds(p) {
                let named = |name: &str| format!("{theme:?} {name} on {ground_name}");
                check(inks.map(|(name, ink)| (named(name), ink, ground)), 4.5);
                check(Kind::ALL.map(|hue| (named(&format!("{hue:?}")), p.hue(hue), ground)), 4.5);
                check(
                    Tone::ALL.map(|tone| (named(&format!("{tone:?}")), p.tone(tone).text, ground)),
                    4.5,
                );
            }
            for ground in [p.card_hovered, p.card_pressed, p.selection] {
                check([(format!("{theme:?} text on a touched control"), p.text, ground)], 4.5);
            }
            for ground in [p.accent_solid, p.accent_hovered, p.accent_pressed] {
                check([(format!("{theme:?} text on the accent"), p.on_accent, ground)], 4.5);
            }
        }
    }

    #[test]
    fn words_can_be_read_on_the_fills_of_hues_and_tones() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            for hue in Kind::ALL {
                let [weak, strong] = [Fill::Weak, Fill::Strong].map(|fill| p.hue_fill(hue, fill));
                let name = format!("{theme:?} {hue:?}");
                check([(format!("{name} on its weak fill"), p.hue(hue), weak)], 4.5);
                check(
                    [
                        (format!("text on {name} weak"), p.text, weak),
                        (format!("text on {name} strong"), p.text, strong),
                    ],
                    4.5,
                );
            }
            for tone in Tone::ALL {
                let ink = p.tone(tone);
                let name = format!("{theme:?} {tone:?}");
                check(
                    [
                        (format!("{name} on its fill"), ink.text, ink.fill),
                        (format!("{name} solid"), ink.on_solid, ink.solid),
                    ],
                    4.5,
                );
            }
        }
    }

    #[test]
    fn signs_and_the_focus_ring_can_be_seen() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            for (ground_name, ground) in grounds(p) {
                let inks = [("focus", p.focus), ("accent", p.accent), ("boxes", p.border_strong)];
                // WCAG 2.2, 1.4.11: graphics need 3 to 1; boxes are named by the words beside them.
                check(
                    inks.map(|(name, ink)| {
                        (format!("{theme:?} {name} on {ground_name}"), ink, ground)
                    }),
                    2.7,
                );
            }
        }
    }
}
