//! The colours of labels, the same in every output.

/// A label's hue in degrees. Labels are sorted by code point; `index` is the place in that order,
/// from 0. Neighbours differ by the golden angle, so that any number of labels gets hues that are far
/// apart.
#[must_use]
pub fn label_hue(index: usize) -> f64 {
    (210.0 + index as f64 * 137.508) % 360.0
}

/// Red, green and blue of a colour with this hue in degrees and saturation and lightness from 0 to 1.
pub(crate) fn rgb(hue: f64, saturation: f64, lightness: f64) -> [u8; 3] {
    let amplitude = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f64| {
        let k = (offset + hue / 30.0) % 12.0;
        let value = lightness - amplitude * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of CSS Color 4's examples.
    #[test]
    fn hsl_becomes_rgb() {
        for (hsl, expected) in [
            ((0.0, 1.0, 0.5), [255, 0, 0]),
            ((120.0, 1.0, 0.25), [0, 128, 0]),
            ((210.0, 0.75, 0.86), [193, 219, 246]),
            ((300.0, 0.5, 0.5), [191, 64, 191]),
            ((17.0, 0.0, 1.0), [255, 255, 255]),
        ] {
            assert_eq!(rgb(hsl.0, hsl.1, hsl.2), expected, "{hsl:?}");
        }
    }

    /// Black on the light theme and the light ink on the dark one, by the formula of WCAG 2.
    #[test]
    fn every_label_can_be_read() {
        let luminance = |rgb: [u8; 3]| {
            let [r, g, b] = rgb.map(|value| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let contrast = |a: [u8; 3], b: [u8; 3]| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for index in 0..360 {
            let hue = label_hue(index);
            assert!(contrast(rgb(hue, 0.75, 0.86), [0x1c, 0x21, 0x28]) > 4.5, "{index}");
            assert!(contrast(rgb(hue, 0.45, 0.30), [0xff, 0xff, 0xff]) > 4.5, "{index}");
        }
    }
}
