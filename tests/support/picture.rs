//! Where the words of a picture stand, read from its markup.

use std::collections::BTreeMap;

/// The width of a character for each point of its size, in the typefaces that are asked for.
const ADVANCE: f64 = 0.602;

/// Words in a picture: the box that they take, turned around a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Words {
    text: String,
    at: (f64, f64),
    angle: f64,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Words {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Places along the edge of the box.
    fn edge(&self) -> impl Iterator<Item = (f64, f64)> {
        let (sin, cos) = self.angle.to_radians().sin_cos();
        (0..=40).flat_map(move |part| {
            let x = self.left + (self.right - self.left) * f64::from(part) / 40.0;
            let middle = f64::midpoint(self.top, self.bottom);
            [self.top, middle, self.bottom]
                .map(|y| (self.at.0 + x * cos - y * sin, self.at.1 + x * sin + y * cos))
        })
    }

    pub(super) fn within(&self, (width, height): (f64, f64)) -> bool {
        self.edge().all(|(x, y)| (0.0..=width).contains(&x) && (0.0..=height).contains(&y))
    }

    /// Whether some of these words stand on the others.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let (sin, cos) = other.angle.to_radians().sin_cos();
        self.edge().any(|(x, y)| {
            let (dx, dy) = (x - other.at.0, y - other.at.1);
            let (x, y) = (dx * cos + dy * sin, dy * cos - dx * sin);
            other.left < x && x < other.right && other.top < y && y < other.bottom
        })
    }
}

/// The size of a picture, and all of its words.
pub(super) fn placed(svg: &str) -> ((f64, f64), Vec<Words>) {
    let picture = roxmltree::Document::parse(svg).expect("well-formed");
    let sizes: BTreeMap<_, _> =
        [("name", 15.0), ("title", 12.0), ("client", 12.0), ("server", 12.0)].into();
    let number = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.attribute(name).map_or(0.0, |n| n.parse().expect("a number"))
    };
    let words = |node: roxmltree::Node<'_, '_>| {
        let parent = node.parent().expect("it stands in the picture");
        let turned = parent.attribute("transform").map_or(vec![0.0; 3], |turned| {
            let numbers = turned.split(|c: char| !matches!(c, '0'..='9' | '.' | '-'));
            numbers.filter_map(|n| n.parse().ok()).collect()
        });
        let anchor = node.attribute("text-anchor").or(parent.attribute("text-anchor"));
        let class = node.attribute("class").and_then(|class| class.split(' ').next());
        let size = class.and_then(|class| sizes.get(class)).copied().unwrap_or(11.0);
        let text = node.text().expect("words").to_owned();
        let wide = text.chars().count() as f64 * size * ADVANCE;
        let (x, y) = (number(node, "x"), number(node, "y"));
        let left = x - wide
            * match anchor {
                Some("middle") => 0.5,
                Some("end") => 1.0,
                _ => 0.0,
            };
        // What stands above the line in small letters, and a little below.
        let (top, bottom) = (y - size * 0.72, y + size * 0.15);
        let (at, angle) = ((turned[0], turned[1]), turned[2]);
        Words { text, at, angle, left, top, right: left + wide, bottom }
    };
    let sheet = (number(picture.root_element(), "width"), number(picture.root_element(), "height"));
    let texts = picture.descendants().filter(|node| node.has_tag_name("text"));
    (sheet, texts.map(words).collect())
}
