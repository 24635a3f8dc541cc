//! Places: how wide words are, and where they stand clear of each other.
//!
//! **Invariant:** knows no fonts: words are set in one whose characters are equally wide.

/// How wide a character is, for each point of its size: the widest of the typefaces that are asked
/// for, and a little more.
const ADVANCE: f64 = 0.61;

/// A place on the sheet, in points from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    /// The place that is `part` of the way to another.
    pub(super) fn towards(self, other: Self, part: f64) -> Self {
        Self { x: self.x + (other.x - self.x) * part, y: self.y + (other.y - self.y) * part }
    }
}

/// A convex shape by its corners: two for a line, four for a box.
pub(super) type Shape = Vec<Point>;

/// A box that stands upright.
pub(super) fn upright(from: Point, to: Point) -> Shape {
    vec![from, Point { x: to.x, y: from.y }, to, Point { x: from.x, y: to.y }]
}

/// Whether two shapes have a place in common: no line keeps them apart.
pub(super) fn overlap(a: &[Point], b: &[Point]) -> bool {
    !normals(a).chain(normals(b)).any(|normal| {
        let ((a0, a1), (b0, b1)) = (extent(a, normal), extent(b, normal));
        a1 <= b0 || b1 <= a0
    })
}

fn normals(shape: &[Point]) -> impl Iterator<Item = Point> {
    let next = shape.iter().cycle().skip(1);
    shape.iter().zip(next).map(|(a, b)| Point { x: a.y - b.y, y: b.x - a.x })
}

fn extent(shape: &[Point], along: Point) -> (f64, f64) {
    let shadow = shape.iter().map(|point| point.x * along.x + point.y * along.y);
    shadow.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), n| (least.min(n), most.max(n)))
}

/// How wide words of a size are.
pub(super) fn width(words: &str, size: f64) -> f64 {
    words.chars().map(cells).sum::<f64>() * size * ADVANCE
}

/// How many characters of Latin script a character is as wide as, at most.
fn cells(c: char) -> f64 {
    match c {
        '\0'..'\u{1100}' | '\u{2000}'..'\u{2e80}' => 1.0,
        _ => 2.0,
    }
}

/// Words, cut where they are wider than there is room.
pub(super) fn elided(words: &str, size: f64, room: f64) -> String {
    if width(words, size) <= room {
        return words.to_owned();
    }
    let mut left = room - size * ADVANCE;
    let fits = |c: &char| {
        left -= cells(*c) * size * ADVANCE;
        left >= 0.0
    };
    let mut short: String = words.chars().take_while(fits).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn shapes_that_touch_nowhere_are_told_apart() {
        let square = upright(point(0.0, 0.0), point(10.0, 10.0));
        assert!(overlap(&square, &[point(-5.0, 4.0), point(15.0, 6.0)]));
        assert!(overlap(&square, &upright(point(9.0, 9.0), point(20.0, 20.0))));
        assert!(!overlap(&square, &upright(point(10.0, 0.0), point(20.0, 10.0))));
        let slanted = [point(12.0, 0.0), point(20.0, 8.0), point(12.0, 16.0), point(4.0, 8.0)];
        assert!(overlap(&square, &slanted));
        assert!(!overlap(&square, &[point(15.0, 0.0), point(0.0, 40.0)]));
        assert!(overlap(&square, &[point(15.0, 0.0), point(0.0, 25.0)]), "it cuts a corner");
    }

    #[test]
    fn words_are_cut_to_their_room() {
        assert_eq!(elided("Hello", 10.0, 31.0), "Hello");
        assert_eq!(elided("Hello there", 10.0, 45.0), "Hello…");
        assert_eq!(elided("日本語", 10.0, 31.0), "日本…");
        assert_eq!(elided("x", 10.0, 0.0), "…");
    }
}
