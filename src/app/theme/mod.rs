//! Every colour and size of the window, for a dark and a light theme.
//!
//! **Invariant:** no other module constructs a colour or names a size.

use egui::style::{ScrollAnimation, Selection, WidgetVisuals, Widgets};
use egui::text::TextFormat;
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Shadow, Stroke, Style,
    TextStyle, Theme, Ui, Visuals, vec2,
};

use super::fonts;

mod palette;

pub use palette::{Fill, Palette, Tone, ToneInk};

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
/// The height of segments that stand in several rows.
pub const SEGMENT_HEIGHT: f32 = 23.0;
/// The space between a button's edge and its words.
pub const CONTROL_PADDING: f32 = 12.0;
/// The height of rows to choose from.
pub const ROW_HEIGHT: f32 = 28.0;
/// The width and height of the sign before a choice or a goal.
pub const SIGN: f32 = 15.0;
/// The height of the bar at the top.
pub const TOP_BAR: f32 = 44.0;
/// The least width of the part of the inspector that shows bits.
pub const BITS_WIDTH: f32 = 450.0;
/// The height of the bar at the bottom.
pub const STEP_BAR: f32 = 64.0;
/// The least and the most height that the inspector takes by itself.
pub const INSPECTOR_HEIGHTS: (f32, f32) = (272.0, 420.0);
/// The width of the choice of speeds.
pub const SPEED_WIDTH: f32 = 84.0;
/// The width of the words that say what time it is.
pub const CLOCK_WIDTH: f32 = 128.0;
/// The radius of the knob on the line of time.
pub const KNOB: f32 = 8.0;
/// The width and height of the box with a host's name.
pub const HOST_BOX: egui::Vec2 = vec2(104.0, 30.0);
/// The width of the bar that shows a state on a lifeline.
pub const LIFELINE_BAR: f32 = 8.0;
/// The least width of a menu.
pub const MENU_WIDTH: f32 = 230.0;
/// The height of a row of the list of events.
pub const EVENT_ROW: f32 = 22.0;
/// Where the moment of an event ends.
pub const EVENT_TIME: f32 = 106.0;
/// The width of the column that says when an end saw a unit.
pub const SEEN_WIDTH: f32 = 150.0;
/// The width of the host of an event.
pub const EVENT_HOST: f32 = 60.0;
/// How far above now the diagram stays in view.
pub const FOLLOW_ABOVE: f32 = 120.0;
/// How far below now the diagram stays in view.
pub const FOLLOW_BELOW: f32 = 70.0;
/// The width of a dialog.
pub const DIALOG_WIDTH: f32 = 620.0;
/// The width of the words that say what a term means.
pub const TERM_WIDTH: f32 = 320.0;
/// The most height that the contents of a dialog take.
pub const DIALOG_HEIGHT: f32 = 480.0;
/// The space left of the first lifeline: times, and what happens there.
pub const DIAGRAM_LEFT: f32 = 256.0;
/// The space right of the last lifeline: what happens there.
pub const DIAGRAM_RIGHT: f32 = 176.0;
/// The space between letters of a caption, which is all capitals.
pub const CAPTION_SPACING: f32 = 0.6;

/// The height of the bytes of a unit above its fields, of this much for both.
#[must_use]
pub fn hex_height(both: f32) -> f32 {
    // One line of bytes at least, three at most; the fields need room first.
    (both * 0.4).clamp(30.0, 92.0)
}

/// The width of the lesson beside a window of this width.
#[must_use]
pub fn lesson_width(window: f32) -> f32 {
    (window * 0.24).clamp(270.0, 400.0)
}

/// The width of the column with the bytes and the fields, of an inspector of this width.
#[must_use]
pub fn fields_width(inspector: f32) -> f32 {
    // Thirty-two bits in a row need their room first.
    (inspector * 0.42).min(inspector - BITS_WIDTH).clamp(280.0, 560.0)
}

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
        RichText::new(words).font(self.font()).line_height(self.line_height())
    }

    /// This face in `color`, for a part of an [`egui::text::LayoutJob`].
    #[must_use]
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat { line_height: self.line_height(), ..TextFormat::simple(self.font(), color) }
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

/// The colours `ui` is to be drawn in.
#[must_use]
pub fn palette(ui: &Ui) -> &'static Palette {
    Palette::of(if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light })
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
    style.spacing.button_padding = vec2(CONTROL_PADDING, 6.0);
    style.spacing.interact_size.y = ROW_HEIGHT;
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(CARD_PADDING);
    style.spacing.tooltip_width = 320.0;
    style.interaction.tooltip_delay = 0.35;
    // Nothing moves but what shows a cause: lists jump to what was asked for.
    style.scroll_animation = ScrollAnimation::none();
    style.visuals = visuals(theme);
    style
}

fn visuals(theme: Theme) -> Visuals {
    let palette = Palette::of(theme);
    let shadow = Shadow { offset: [0, 6], blur: 18, spread: 0, color: palette.shadow };
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
