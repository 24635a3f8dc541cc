//! Every colour and size of the window, for a dark and a light theme.
//!
//! **Invariant:** no other file constructs a colour or names a size.
//! **Law:** text keeps a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) against what it stands on.
//! **Law:** one [`Hue`] means one field everywhere, and never by colour alone.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::text::TextFormat;
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Shadow, Stroke, Style,
    TextStyle, Theme, Ui, Visuals, vec2,
};

use super::fonts;

/// The gap between parts of one thing.
pub const GAP_SMALL: f32 = 4.0;
/// The gap between neighbours.
pub const GAP: f32 = 8.0;
/// The gap between groups.
pub const GAP_LARGE: f32 = 14.0;
/// The space between a panel's edge and what it holds.
pub const PANEL_PADDING: i8 = 18;
/// The space between a card's edge and what it holds.
pub const CARD_PADDING: i8 = 14;
/// The rounding of bits, bytes and choices.
pub const RADIUS_SMALL: u8 = 4;
/// The rounding of buttons.
pub const RADIUS: u8 = 7;
/// The rounding of cards and segmented controls.
pub const RADIUS_LARGE: u8 = 9;
/// The width of borders and dividing lines.
pub const LINE: f32 = 1.0;
/// The width of the ring around what has the keyboard.
pub const FOCUS_LINE: f32 = 2.0;
/// The height of buttons and of whatever stands in a row with them.
pub const CONTROL_HEIGHT: f32 = 32.0;
/// The space between a button's edge and its words.
pub const CONTROL_PADDING: f32 = 12.0;
/// The height of rows to choose from.
pub const ROW_HEIGHT: f32 = 28.0;
/// The width and height of the sign before a choice or a goal.
pub const SIGN: f32 = 15.0;
/// The space between letters of a caption, which is all capitals.
pub const CAPTION_SPACING: f32 = 0.6;

/// What a piece of text is, which decides its typeface and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The name of a lesson step.
    Heading,
    /// The name of a panel.
    Title,
    /// Running text.
    Body,
    /// A stressed word in running text; the words on buttons that matter most.
    Strong,
    /// A remark beside something.
    Small,
    /// The capitals above a card.
    Caption,
    /// A stressed [`Face::Caption`].
    CaptionStrong,
    /// Bytes, values, times.
    Mono,
    /// Stressed bytes; bits.
    MonoStrong,
    /// Bit positions and other small figures.
    MonoSmall,
    /// A [`lucide_icons::Icon`].
    Icon,
}

impl Face {
    /// The typeface and size.
    #[must_use]
    pub fn font(self) -> FontId {
        match self {
            Self::Heading => FontId::new(20.0, fonts::semibold()),
            Self::Title => FontId::new(15.0, fonts::semibold()),
            Self::Body => FontId::new(13.5, FontFamily::Proportional),
            Self::Strong => FontId::new(13.5, fonts::semibold()),
            Self::Small => FontId::new(11.5, FontFamily::Proportional),
            Self::Caption => FontId::new(11.0, FontFamily::Proportional),
            Self::CaptionStrong => FontId::new(11.0, fonts::semibold()),
            Self::Mono => FontId::new(13.0, FontFamily::Monospace),
            Self::MonoStrong => FontId::new(13.0, fonts::mono_bold()),
            Self::MonoSmall => FontId::new(11.0, FontFamily::Monospace),
            Self::Icon => FontId::new(15.0, fonts::icons()),
        }
    }

    /// `words` in this face, for labels.
    #[must_use]
    pub fn text(self, words: impl Into<String>) -> RichText {
        RichText::new(words)
            .font(self.font())
            .line_height(self.line_height())
    }

    /// This face in `color`, for a part of an [`egui::text::LayoutJob`].
    #[must_use]
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat {
            line_height: self.line_height(),
            ..TextFormat::simple(self.font(), color)
        }
    }

    /// The distance between lines, where the typeface's own is too tight to read at length.
    fn line_height(self) -> Option<f32> {
        match self {
            Self::Body | Self::Strong => Some(20.0),
            Self::Small => Some(16.0),
            Self::Heading
            | Self::Title
            | Self::Caption
            | Self::CaptionStrong
            | Self::Mono
            | Self::MonoStrong
            | Self::MonoSmall
            | Self::Icon => None,
        }
    }
}

/// The kind of field a stretch of bits belongs to, as told apart by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the RFC's word for the field")]
pub enum Hue {
    Fin,
    Rsv,
    Opcode,
    Mask,
    Length,
    ExtendedLength,
    MaskingKey,
    Payload,
    CloseCode,
    CloseReason,
    StartLine,
    HeaderName,
    HeaderValue,
    Separator,
    Body,
    Other,
}

impl Hue {
    /// Every hue, in the order in which fields come.
    pub const ALL: [Self; 16] = [
        Self::Fin,
        Self::Rsv,
        Self::Opcode,
        Self::Mask,
        Self::Length,
        Self::ExtendedLength,
        Self::MaskingKey,
        Self::Payload,
        Self::CloseCode,
        Self::CloseReason,
        Self::StartLine,
        Self::HeaderName,
        Self::HeaderValue,
        Self::Separator,
        Self::Body,
        Self::Other,
    ];
}

/// How much of a [`Hue`] shows in the ground behind text.
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
    pub const ALL: [Self; 6] = [
        Self::Neutral,
        Self::Attention,
        Self::Breach,
        Self::Valid,
        Self::Client,
        Self::Server,
    ];
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

/// The colours of one [`Hue`].
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
    hues: [HueInk; 16],
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

    /// The colour of words in this hue.
    #[must_use]
    pub fn hue(&self, hue: Hue) -> Color32 {
        self.hues[hue as usize].text
    }

    /// The colour of borders, dots and brackets in this hue.
    #[must_use]
    pub fn hue_line(&self, hue: Hue) -> Color32 {
        let HueInk { text, ground } = self.hues[hue as usize];
        ground.lerp_to_gamma(text, 0.5)
    }

    /// The ground of this hue, opaque, for [`Palette::text`] to stand on.
    #[must_use]
    pub fn hue_fill(&self, hue: Hue, fill: Fill) -> Color32 {
        let share = match fill {
            Fill::Weak => 0.13,
            Fill::Strong => 0.34,
        };
        self.panel
            .lerp_to_gamma(self.hues[hue as usize].ground, share)
    }

    /// The colours of this tone.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> ToneInk {
        self.tones[tone as usize]
    }
}

/// The colours `ui` is to be drawn in.
#[must_use]
pub fn palette(ui: &Ui) -> &'static Palette {
    Palette::of(if ui.visuals().dark_mode {
        Theme::Dark
    } else {
        Theme::Light
    })
}

/// Gives both of egui's themes the program's looks.
///
/// Needs [`fonts::install`], since the styles name its families.
pub fn install(ctx: &Context) {
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme, style(theme));
    }
}

fn style(theme: Theme) -> Style {
    let mut style = theme.default_style();
    style.text_styles = [
        (TextStyle::Heading, Face::Heading),
        (TextStyle::Body, Face::Body),
        (TextStyle::Button, Face::Body),
        (TextStyle::Small, Face::Small),
        (TextStyle::Monospace, Face::Mono),
    ]
    .map(|(text_style, face)| (text_style, face.font()))
    .into();
    style.spacing.item_spacing = vec2(GAP, 6.0);
    // What Inter at 13.5 lacks to the line height of `Face::Body`; egui adds it to plain strings.
    style.spacing.extra_text_line_spacing = 3.5;
    style.spacing.button_padding = vec2(CONTROL_PADDING, 6.0);
    style.spacing.interact_size.y = ROW_HEIGHT;
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(CARD_PADDING);
    style.spacing.tooltip_width = 320.0;
    style.interaction.tooltip_delay = 0.35;
    style.visuals = visuals(theme);
    style
}

fn visuals(theme: Theme) -> Visuals {
    let palette = Palette::of(theme);
    let shadow = Shadow {
        offset: [0, 6],
        blur: 18,
        spread: 0,
        color: palette.shadow,
    };
    Visuals {
        weak_text_color: Some(palette.text_weak),
        widgets: Widgets {
            noninteractive: widget(palette.panel, palette.border, palette.text),
            inactive: widget(palette.card, palette.border, palette.text),
            hovered: widget(palette.card_hovered, palette.border_strong, palette.text),
            // egui shows what has the keyboard in these visuals.
            active: widget(palette.card_pressed, palette.focus, palette.text),
            open: widget(palette.card_pressed, palette.border_strong, palette.text),
        },
        selection: Selection {
            bg_fill: palette.selection,
            stroke: Stroke::new(LINE, palette.text),
        },
        hyperlink_color: palette.accent_text,
        faint_bg_color: palette.card,
        extreme_bg_color: palette.background,
        code_bg_color: palette.card,
        warn_fg_color: palette.tone(Tone::Attention).text,
        error_fg_color: palette.tone(Tone::Breach).text,
        window_corner_radius: CornerRadius::same(RADIUS_LARGE),
        window_shadow: shadow,
        window_fill: palette.panel,
        window_stroke: Stroke::new(LINE, palette.border),
        menu_corner_radius: CornerRadius::same(RADIUS),
        panel_fill: palette.panel,
        popup_shadow: shadow,
        ..theme.default_visuals()
    }
}

fn widget(fill: Color32, border: Color32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(LINE, border),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(LINE, text),
        expansion: 0.0,
    }
}

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

const fn hue(text: u32, ground: u32) -> HueInk {
    HueInk {
        text: rgb(text),
        ground: rgb(ground),
    }
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
    background: rgb(0x0F_14_1B),
    panel: rgb(0x15_1C_26),
    card: rgb(0x1C_25_32),
    card_hovered: rgb(0x24_2F_3F),
    card_pressed: rgb(0x2A_36_48),
    border: rgb(0x2A_36_46),
    border_strong: rgb(0x5B_6B_82),
    text: rgb(0xE6_ED_F5),
    text_weak: rgb(0x8B_9B_B0),
    text_disabled: rgb(0x5B_69_7C),
    accent: rgb(0x3B_82_F6),
    accent_text: rgb(0x6B_A5_FF),
    accent_solid: rgb(0x2F_6F_E6),
    accent_hovered: rgb(0x28_66_DA),
    accent_pressed: rgb(0x22_5A_C4),
    on_accent: rgb(0xFF_FF_FF),
    selection: rgb(0x24_4B_88),
    focus: rgb(0x7C_B0_FF),
    shadow: Color32::from_black_alpha(110),
    hues: [
        hue(0xF5_B6_42, 0xF5_B6_42),
        hue(0x8B_9B_B0, 0x8B_9B_B0),
        hue(0xF4_72_B6, 0xF4_72_B6),
        hue(0xA7_8B_FA, 0xA7_8B_FA),
        hue(0x38_BD_F8, 0x38_BD_F8),
        hue(0x2D_D4_BF, 0x2D_D4_BF),
        hue(0xA7_8B_FA, 0xA7_8B_FA),
        hue(0x7E_E7_87, 0x7E_E7_87),
        hue(0xFF_8A_5C, 0xFF_8A_5C),
        hue(0xFB_BF_9A, 0xFB_BF_9A),
        hue(0x8F_B4_FF, 0x8F_B4_FF),
        hue(0x5C_C8_D7, 0x5C_C8_D7),
        hue(0xC9_D5_E3, 0xC9_D5_E3),
        hue(0x84_94_AA, 0x84_94_AA),
        hue(0x7E_E7_87, 0x7E_E7_87),
        hue(0xA8_B5_C6, 0xA8_B5_C6),
    ],
    tones: [
        tone([0x2A_36_46, 0xE6_ED_F5, 0x1C_25_32, 0x8B_9B_B0, 0x0F_14_1B]),
        tone([0xF5_B6_42, 0xF5_B6_42, 0x3A_2F_1E, 0xF5_B6_42, 0x1B_13_00]),
        tone([0xF0_6A_62, 0xFF_7B_72, 0x3A_22_29, 0xF0_6A_62, 0x22_06_06]),
        tone([0x22_C5_5E, 0x86_EF_AC, 0x1A_3A_2A, 0x22_C5_5E, 0x04_1A_0C]),
        tone([0x3B_82_F6, 0x93_C5_FD, 0x1E_3A_5F, 0x2F_6F_E6, 0xFF_FF_FF]),
        tone([0x22_C5_5E, 0x86_EF_AC, 0x1A_3A_2A, 0x22_C5_5E, 0x04_1A_0C]),
    ],
};

static LIGHT: Palette = Palette {
    background: rgb(0xF6_F8_FB),
    panel: rgb(0xFF_FF_FF),
    card: rgb(0xEE_F2_F7),
    card_hovered: rgb(0xE3_E9_F1),
    card_pressed: rgb(0xD7_DF_EA),
    border: rgb(0xD3_DB_E6),
    border_strong: rgb(0x84_92_A6),
    text: rgb(0x17_21_2E),
    text_weak: rgb(0x5B_6B_80),
    text_disabled: rgb(0x9A_A7_B8),
    accent: rgb(0x25_63_EB),
    accent_text: rgb(0x1D_55_D3),
    accent_solid: rgb(0x25_63_EB),
    accent_hovered: rgb(0x1F_57_D4),
    accent_pressed: rgb(0x1A_4B_BA),
    on_accent: rgb(0xFF_FF_FF),
    selection: rgb(0xBF_D6_FE),
    focus: rgb(0x1D_4E_D8),
    shadow: Color32::from_black_alpha(36),
    hues: [
        hue(0x8A_5A_00, 0xF5_B6_42),
        hue(0x55_64_7A, 0x8B_9B_B0),
        hue(0xB4_23_6F, 0xF4_72_B6),
        hue(0x6D_3F_D1, 0xA7_8B_FA),
        hue(0x04_69_9B, 0x38_BD_F8),
        hue(0x0B_6E_66, 0x2D_D4_BF),
        hue(0x6D_3F_D1, 0xA7_8B_FA),
        hue(0x1A_74_31, 0x7E_E7_87),
        hue(0xB8_3A_0E, 0xFF_8A_5C),
        hue(0x9A_4A_1F, 0xFB_BF_9A),
        hue(0x2D_53_C4, 0x8F_B4_FF),
        hue(0x0B_6A_78, 0x5C_C8_D7),
        hue(0x33_44_5A, 0x9F_B1_C6),
        hue(0x55_64_7A, 0x84_94_AA),
        hue(0x1A_74_31, 0x7E_E7_87),
        hue(0x4A_5A_70, 0xA8_B5_C6),
    ],
    tones: [
        tone([0xD3_DB_E6, 0x17_21_2E, 0xEE_F2_F7, 0x5B_6B_80, 0xFF_FF_FF]),
        tone([0xB4_53_09, 0x9A_46_06, 0xFD_F0_D9, 0xB4_53_09, 0xFF_FF_FF]),
        tone([0xC9_2A_2A, 0xB9_22_22, 0xF8_E3_E3, 0xC9_2A_2A, 0xFF_FF_FF]),
        tone([0x15_80_3D, 0x16_65_34, 0xDC_FC_E7, 0x15_80_3D, 0xFF_FF_FF]),
        tone([0x25_63_EB, 0x1D_4E_D8, 0xDB_EA_FE, 0x25_63_EB, 0xFF_FF_FF]),
        tone([0x15_80_3D, 0x16_65_34, 0xDC_FC_E7, 0x15_80_3D, 0xFF_FF_FF]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(color: Color32) -> f32 {
        let [r, g, b] = [color.r(), color.g(), color.b()].map(|channel| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
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
        [
            ("background", palette.background),
            ("panel", palette.panel),
            ("card", palette.card),
        ]
    }

    #[test]
    fn words_can_be_read_on_every_ground_of_both_themes() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            let inks = [
                ("text", p.text),
                ("weak text", p.text_weak),
                ("links", p.accent_text),
            ];
            for (ground_name, ground) in grounds(p) {
                let named = |name: &str| format!("{theme:?} {name} on {ground_name}");
                check(inks.map(|(name, ink)| (named(name), ink, ground)), 4.5);
                check(
                    Hue::ALL.map(|hue| (named(&format!("{hue:?}")), p.hue(hue), ground)),
                    4.5,
                );
                check(
                    Tone::ALL.map(|tone| (named(&format!("{tone:?}")), p.tone(tone).text, ground)),
                    4.5,
                );
            }
            for ground in [p.card_hovered, p.card_pressed, p.selection] {
                check(
                    [(
                        format!("{theme:?} text on a touched control"),
                        p.text,
                        ground,
                    )],
                    4.5,
                );
            }
            for ground in [p.accent_solid, p.accent_hovered, p.accent_pressed] {
                check(
                    [(format!("{theme:?} text on the accent"), p.on_accent, ground)],
                    4.5,
                );
            }
        }
    }

    #[test]
    fn words_can_be_read_on_the_fills_of_hues_and_tones() {
        for theme in [Theme::Dark, Theme::Light] {
            let p = Palette::of(theme);
            for hue in Hue::ALL {
                let [weak, strong] = [Fill::Weak, Fill::Strong].map(|fill| p.hue_fill(hue, fill));
                let name = format!("{theme:?} {hue:?}");
                check(
                    [(format!("{name} on its weak fill"), p.hue(hue), weak)],
                    4.5,
                );
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
                let inks = [
                    ("focus", p.focus),
                    ("accent", p.accent),
                    ("boxes", p.border_strong),
                ];
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
