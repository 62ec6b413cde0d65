//! A confusion matrix as PNG, for where no SVG is taken.
//!
//! Texts are set in DejaVu Sans, which the program carries; signs that it lacks, such as Chinese
//! ones, are drawn as boxes.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

use super::picture::{Anchor, DARK, Ink, Picture, RIGHT, Text, WRONG, counted_labels};
use crate::{ConfusionMatrix, MetricsError};

/// Labels of a picture that is still no gigabyte.
const MAX_LABELS: usize = 200;
/// Labels up to which a pixel of the layout is two by two of the picture.
const MAX_SHARP: usize = 60;

type Colour = [u8; 3];
const WHITE: Colour = [255; 3];
const INK: Colour = [28, 33, 40];
const SOFT_INK: Colour = [91, 101, 112];
const LINE: Colour = [213, 218, 224];

/// The matrix as the bytes of a PNG file: the light version of [`super::confusion_svg`], at twice
/// its size.
///
/// Needs the feature `png`.
///
/// ```
/// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted, report};
/// let matrix = ConfusionMatrix::builder(["PER", "LOC"])
///     .count(Gold("PER"), Predicted("LOC"))?
///     .build();
/// assert!(report::confusion_png(&matrix, "Entities")?.starts_with(b"\x89PNG"));
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
///
/// # Errors
/// [`MetricsError::Picture`] if more than 200 labels have counts.
pub fn confusion_png(matrix: &ConfusionMatrix, title: &str) -> Result<Vec<u8>, MetricsError> {
    let labels = counted_labels(matrix);
    if labels > MAX_LABELS {
        let reason = format!("expected at most {MAX_LABELS} labels with counts, found {labels}");
        return Err(MetricsError::Picture { reason });
    }
    let failed = |reason: String| MetricsError::Picture { reason };
    let font = |bytes| FontRef::try_from_slice(bytes).map_err(|error| failed(error.to_string()));
    let fonts =
        Fonts { regular: font(dejavu::sans::regular())?, bold: font(dejavu::sans::bold())? };
    let picture = Picture::new(matrix, title);
    let scale = if labels > MAX_SHARP { 1 } else { 2 };
    let mut canvas = Canvas::new(picture.width * scale, picture.height * scale, scale as f64);
    canvas.draw(&picture, &fonts);
    canvas.encode().map_err(|error| failed(error.to_string()))
}

struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

struct Canvas {
    width: usize,
    height: usize,
    scale: f64,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize, scale: f64) -> Self {
        Self { width, height, scale, pixels: vec![255; 3 * width * height] }
    }

    fn draw(&mut self, picture: &Picture, fonts: &Fonts) {
        let scale = self.scale;
        let scaled = |pixels: usize| (pixels as f64 * scale) as usize;
        let side = scaled(picture.side);
        for cell in &picture.cells {
            let (x, y) = (scaled(cell.x), scaled(cell.y));
            self.fill(x, y, side + 1, LINE);
            let full = if cell.right { RIGHT } else { WRONG };
            self.fill(x + 1, y + 1, side - 1, mix(WHITE, full, cell.share));
        }
        for text in &picture.texts {
            let (font, colour) = match text.ink {
                Ink::Title => (&fonts.bold, INK),
                Ink::Label => (&fonts.regular, INK),
                Ink::Note => (&fonts.regular, SOFT_INK),
            };
            self.text(text, font, colour);
        }
        for cell in &picture.cells {
            let colour = if cell.share > DARK { WHITE } else { INK };
            for (line, size, baseline) in &cell.lines {
                let text = Text {
                    x: cell.x as f64 + picture.side as f64 / 2.0,
                    y: cell.y as f64 + baseline,
                    size: *size,
                    anchor: Anchor::Middle,
                    upwards: false,
                    ink: Ink::Label,
                    text: line.clone(),
                };
                self.text(&text, &fonts.regular, colour);
            }
        }
    }

    fn fill(&mut self, x: usize, y: usize, side: usize, colour: Colour) {
        for row in y..(y + side).min(self.height) {
            for column in x..(x + side).min(self.width) {
                self.pixels[3 * (row * self.width + column)..][..3].copy_from_slice(&colour);
            }
        }
    }

    fn text(&mut self, text: &Text, font: &FontRef<'_>, colour: Colour) {
        // A font's scale is its height, of which a point size is the em.
        let em = font.units_per_em().map_or(1.0, |units| font.height_unscaled() / units);
        let scale = PxScale::from((text.size * self.scale) as f32 * em);
        let scaled = font.as_scaled(scale);
        let mut glyphs: Vec<Glyph> = Vec::new();
        let mut end = 0.0;
        for c in text.text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            let id = scaled.glyph_id(c);
            glyphs.push(id.with_scale_and_position(scale, point(end, 0.0)));
            end += scaled.h_advance(id);
        }
        let shift = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -end / 2.0,
            Anchor::End => -end,
        };
        let (x, y) = ((text.x * self.scale) as f32, (text.y * self.scale) as f32);
        for outline in glyphs.into_iter().filter_map(|glyph| font.outline_glyph(glyph)) {
            let corner = outline.px_bounds().min;
            outline.draw(|right, down, share| {
                let along = corner.x + right as f32 + shift;
                let below = corner.y + down as f32;
                let (x, y) =
                    if text.upwards { (x + below, y - along) } else { (x + along, y + below) };
                self.blend(x.round() as i64, y.round() as i64, colour, f64::from(share));
            });
        }
    }

    fn blend(&mut self, x: i64, y: i64, colour: Colour, share: f64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width && y < self.height {
            let pixel = &mut self.pixels[3 * (y * self.width + x)..][..3];
            let mixed = mix([pixel[0], pixel[1], pixel[2]], colour, share.min(1.0));
            pixel.copy_from_slice(&mixed);
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

fn mix(from: Colour, to: Colour, share: f64) -> Colour {
    let part = |i: usize| f64::from(from[i]) + share * (f64::from(to[i]) - f64::from(from[i]));
    std::array::from_fn(|i| part(i).round() as u8)
}
