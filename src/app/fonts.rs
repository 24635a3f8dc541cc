//! Installs the program's own typefaces, so that text looks the same on every machine.
//!
//! **Law:** every character in [`SYMBOLS`] can be drawn by every text family.
//! **Invariant:** icons are drawn only in the [`icons`] family; the text families do not fall back
//! to it, because their typefaces use the same private code points for other shapes.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

/// The characters beyond ASCII that words and labels may use (a tick is ✓; no family has its bold
/// twin U+2714).
pub const SYMBOLS: &str = "→←↑↓↔✓✗▲▼▶◀●○■□·–—‘’“”…§×÷≤≥≠≈⊕∅µ°¶␣⏎█░│─└├é½²\u{a0}\u{2009}\u{202f}";

/// The family of emphasised words and of titles.
#[must_use]
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// The family of emphasised bytes and bits.
#[must_use]
pub fn mono_bold() -> FontFamily {
    FontFamily::Name("mono-bold".into())
}

/// The family of [`lucide_icons::Icon`] characters.
#[must_use]
pub fn icons() -> FontFamily {
    FontFamily::Name("icons".into())
}

/// Replaces all typefaces of `ctx` by the program's own.
///
/// Call it once before the first frame; it takes effect at the start of the next one.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let faces: [(&str, &'static [u8]); 5] = [
        ("Inter", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        ("Inter SemiBold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrains Mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
        ("JetBrains Mono Bold", include_bytes!("../../assets/fonts/JetBrainsMono-Bold.ttf")),
        ("Lucide", lucide_icons::LUCIDE_FONT_BYTES),
    ];
    let chains: [(FontFamily, &[&str]); 5] = [
        (FontFamily::Proportional, &["Inter", "JetBrains Mono"]),
        (FontFamily::Monospace, &["JetBrains Mono", "Inter"]),
        (semibold(), &["Inter SemiBold", "JetBrains Mono Bold", "Inter", "JetBrains Mono"]),
        (mono_bold(), &["JetBrains Mono Bold", "Inter SemiBold", "JetBrains Mono", "Inter"]),
        (icons(), &["Lucide"]),
    ];
    FontDefinitions {
        font_data: faces
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), Arc::new(FontData::from_static(bytes))))
            .collect(),
        families: chains
            .into_iter()
            .map(|(family, names)| (family, names.iter().map(|&name| name.to_owned()).collect()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use egui::{FontId, RawInput};
    use lucide_icons::Icon;

    use super::*;

    /// The characters of `text` that `family` cannot draw.
    fn missing(family: FontFamily, text: &str) -> String {
        let ctx = Context::default();
        install(&ctx);
        let mut output = ctx.run_ui(RawInput::default(), |_| {});
        output.textures_delta.clear();
        let font = FontId::new(13.0, family);
        ctx.fonts_mut(|fonts| text.chars().filter(|&c| !fonts.has_glyph(&font, c)).collect())
    }

    #[test]
    fn every_text_family_draws_ascii_and_every_symbol() {
        let ascii: String = (' '..='~').collect();
        for family in [FontFamily::Proportional, FontFamily::Monospace, semibold(), mono_bold()] {
            let text = format!("{ascii}{SYMBOLS}");
            assert_eq!(missing(family.clone(), &text), "", "missing in {family:?}");
        }
    }

    #[test]
    fn the_icon_family_draws_icons() {
        let text: String = [Icon::Play, Icon::CircleCheck, Icon::Moon, Icon::Binary]
            .into_iter()
            .map(char::from)
            .collect();
        assert_eq!(missing(icons(), &text), "");
    }
}
