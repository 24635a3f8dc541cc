//! Draws a harness's shapes on the processor, so that pictures need no graphics card.
//!
//! **Law:** the same shapes give the same bytes: coverage is decided in whole numbers, as a
//! graphics card does (pixel centres, 1/256 pixel, top-left rule), so shared edges are drawn once.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::iter_over_hash_type,
    reason = "pixels and channels are small numbers, and textures do not touch each other"
)]

use std::collections::BTreeMap;

use egui::epaint::{ImageData, ImageDelta, Primitive, Vertex};
use egui::{Color32, Context, FullOutput, Mesh, Pos2, Rect, TextureId, TexturesDelta, Vec2};
use egui_kittest::{HarnessBuilder, TestRenderer};
use image::RgbaImage;
use wirestep::app::{fonts, theme};

/// A harness with the program's looks, drawn here.
pub(crate) fn harness<S>(size: Vec2) -> HarnessBuilder<S> {
    HarnessBuilder::default()
        .with_size(size)
        .with_render_cursor(false)
        .renderer(Raster::default())
        .with_context_setup(|ctx| {
            fonts::install(ctx);
            theme::install(ctx);
        })
}

/// A renderer for `HarnessBuilder::renderer`; unpainted pixels stay transparent.
#[derive(Default)]
pub(crate) struct Raster {
    textures: BTreeMap<TextureId, Texture>,
}

#[derive(Default)]
struct Texture {
    size: [usize; 2],
    texels: Vec<[u8; 4]>,
}

struct Canvas {
    size: [i64; 2],
    pixels: Vec<[u8; 4]>,
}

/// What varies over a triangle: colour in gamma space (0 to 255), then texture position.
type Varying = [f32; 6];

impl TestRenderer for Raster {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        // Freed textures stay: this frame's shapes may still name them.
        for (id, patches) in &delta.set {
            let texture = self.textures.entry(*id).or_default();
            for patch in patches {
                texture.apply(patch);
            }
        }
        delta.clear();
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = (ctx.viewport_rect().size() * scale).round();
        let (width, height) = (size.x as usize, size.y as usize);
        let mut canvas =
            Canvas { size: [width as i64, height as i64], pixels: vec![[0; 4]; width * height] };
        for clipped in ctx.tessellate(output.shapes.clone(), scale) {
            let Primitive::Mesh(mesh) = clipped.primitive else {
                return Err("paint callbacks need a graphics card".to_owned());
            };
            let texture =
                self.textures.get(&mesh.texture_id).ok_or("a mesh names a freed texture")?;
            canvas.mesh(&mesh, texture, clipped.clip_rect, scale);
        }
        RgbaImage::from_raw(width as u32, height as u32, canvas.pixels.into_flattened())
            .ok_or_else(|| "the picture's size and its bytes differ".to_owned())
    }
}

impl Texture {
    fn apply(&mut self, patch: &ImageDelta) {
        let ImageData::Color(image) = &patch.image;
        let texels = image.pixels.iter().map(Color32::to_array);
        let Some([left, top]) = patch.pos else {
            *self = Self { size: image.size, texels: texels.collect() };
            return;
        };
        for (i, texel) in texels.enumerate() {
            let (x, y) = (left + i % image.size[0], top + i / image.size[0]);
            self.texels[y * self.size[0] + x] = texel;
        }
    }

    /// The bilinear sample at `u`, `v`, with edges clamped; 0 to 1 a channel.
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.size;
        let x = (u * width as f32 - 0.5).clamp(0.0, width as f32 - 1.0);
        let y = (v * height as f32 - 0.5).clamp(0.0, height as f32 - 1.0);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| self.texels[y * width + x];
        let corners = [at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1)];
        if corners.iter().all(|texel| *texel == corners[0]) {
            return corners[0].map(|channel| f32::from(channel) / 255.0);
        }
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        let mut sum = [0.0; 4];
        for channel in 0..4 {
            for corner in 0..4 {
                sum[channel] += f32::from(corners[corner][channel]) * weights[corner];
            }
            sum[channel] /= 255.0;
        }
        sum
    }
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, texture: &Texture, clip: Rect, scale: f32) {
        let round = |at: f32, most: i64| ((at * scale).round() as i64).clamp(0, most);
        let [width, height] = self.size;
        let clip = [
            [round(clip.min.x, width), round(clip.max.x, width)],
            [round(clip.min.y, height), round(clip.max.y, height)],
        ];
        for corners in mesh.indices.as_chunks::<3>().0 {
            let corners = corners.map(|i| &mesh.vertices[i as usize]);
            self.triangle(corners, texture, clip, scale);
        }
    }

    fn triangle(
        &mut self,
        corners: [&Vertex; 3],
        texture: &Texture,
        clip: [[i64; 2]; 2],
        scale: f32,
    ) {
        let fixed = |p: Pos2| [p.x, p.y].map(|at| (at * scale * 256.0).round() as i64);
        let [a, mut b, mut c] = corners.map(|vertex| (fixed(vertex.pos), varying(vertex)));
        let doubled_area = cross(a.0, b.0, c.0);
        if doubled_area == 0 {
            return;
        }
        if doubled_area < 0 {
            std::mem::swap(&mut b, &mut c);
        }
        let edges = [(b.0, c.0), (c.0, a.0), (a.0, b.0)];
        let per_area = 1.0 / doubled_area.unsigned_abs() as f32;
        let varyings = [a.1, b.1, c.1];
        let [first, others @ ..] = corners;
        let plain = others
            .iter()
            .all(|corner| corner.color == first.color && corner.uv == first.uv)
            .then(|| shade(&a.1, texture));

        let rows = [a.0, b.0, c.0].map(|p| p[1]);
        let top = (rows.iter().min().expect("three corners") / 256).max(clip[1][0]);
        let bottom = (rows.iter().max().expect("three corners") / 256 + 1).min(clip[1][1]);
        for y in top..bottom {
            let centre_y = y * 256 + 128;
            let [mut left, mut right] = clip[0];
            for &(from, to) in &edges {
                narrow(from, to, centre_y, &mut left, &mut right);
            }
            if left >= right {
                continue;
            }
            let start = (y * self.size[0] + left) as usize;
            let span = &mut self.pixels[start..start + (right - left) as usize];
            match plain {
                Some(source) if opaque(source) => {
                    span.fill(source.map(to_channel));
                    continue;
                }
                Some(source) => {
                    for pixel in span {
                        blend(pixel, source);
                    }
                    continue;
                }
                None => {}
            }
            let centre = [left * 256 + 128, centre_y];
            let weights = edges.map(|(from, to)| cross(from, to, centre) as f32 * per_area);
            let steps = edges.map(|(from, to)| (from[1] - to[1]) as f32 * 256.0 * per_area);
            let mut at = combine(&varyings, weights);
            let step = combine(&varyings, steps);
            for pixel in span {
                blend(pixel, shade(&at, texture));
                for (value, step) in at.iter_mut().zip(step) {
                    *value += step;
                }
            }
        }
    }
}

fn varying(vertex: &Vertex) -> Varying {
    let [r, g, b, a] = vertex.color.to_array().map(f32::from);
    [r, g, b, a, vertex.uv.x, vertex.uv.y]
}

/// Twice the area of the triangle; positive when it turns clockwise on the screen.
fn cross(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Keeps of `left..right` the pixels whose centre lies inside the edge, by the top-left rule.
fn narrow(from: [i64; 2], to: [i64; 2], centre_y: i64, left: &mut i64, right: &mut i64) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    // A centre at x (1/256 pixel) is inside if x * dy < k, or if equal on a left edge.
    let k = dx * (centre_y - from[1]) + dy * from[0];
    match dy {
        // Horizontal: all of the row or none; only a top edge owns its centres.
        0 if k < 0 || (k == 0 && dx < 0) => *right = *left,
        0 => {}
        // Right edge, going down: (256 x + 128) dy < k.
        1.. => *right = (*right).min((k - 128 * dy - 1).div_euclid(256 * dy) + 1),
        // Left edge, going up: (256 x + 128) |dy| >= -k.
        _ => *left = (*left).max(-(k - 128 * dy).div_euclid(256 * -dy)),
    }
}

fn combine(varyings: &[Varying; 3], weights: [f32; 3]) -> Varying {
    std::array::from_fn(|i| (0..3).map(|corner| varyings[corner][i] * weights[corner]).sum())
}

fn shade(at: &Varying, texture: &Texture) -> [f32; 4] {
    let texel = texture.sample(at[4], at[5]);
    std::array::from_fn(|channel| at[channel] * texel[channel])
}

/// Premultiplied alpha in gamma space, as egui's own renderers do.
fn blend(pixel: &mut [u8; 4], source: [f32; 4]) {
    if opaque(source) {
        *pixel = source.map(to_channel);
    } else {
        let keep = 1.0 - source[3] / 255.0;
        let [r, g, b, a] = *pixel;
        *pixel = [
            to_channel(source[0] + f32::from(r) * keep),
            to_channel(source[1] + f32::from(g) * keep),
            to_channel(source[2] + f32::from(b) * keep),
            to_channel(source[3] + f32::from(a) * keep),
        ];
    }
}

fn opaque(source: [f32; 4]) -> bool {
    source[3] >= 254.5
}

fn to_channel(value: f32) -> u8 {
    (value + 0.5) as u8
}
