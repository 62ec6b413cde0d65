//! Attention by relative positions, as the configuration of DeBERTa says it.

use serde_json::Value;

use super::LARGEST;
use super::fields::Fields;

/// The relative positions of DeBERTa-v2 and v3 (He et al. 2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relative {
    /// The table has a row for each of `-span..span`.
    pub(crate) span: i64,
    /// `position_buckets`: beyond half of it, distances share rows, the more the farther they are.
    buckets: Option<i64>,
    /// `max_relative_positions`.
    farthest: i64,
    /// `c2p`: a query also looks at where a key is.
    pub(crate) content_to_place: bool,
    /// `p2c`: a key is also looked at from where a query is.
    pub(crate) place_to_content: bool,
    /// The table goes through a layer norm.
    pub(crate) normed: bool,
    /// Absolute positions are added to the embeddings, too.
    pub(crate) absolute: bool,
}

impl Relative {
    /// Reads the keys, and refuses what this crate does not compute.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, String> {
        if !fields.switch("relative_attention", false)? {
            return Err("relative_attention: expected true, found false".to_owned());
        }
        if !fields.switch("share_att_key", false)? {
            return Err("share_att_key: expected true, found false".to_owned());
        }
        if let Some(found) = fields.optional("conv_kernel_size")?.filter(|&size: &i64| size > 0) {
            return Err(format!("conv_kernel_size: expected no convolution, 0, found {found}"));
        }
        let hidden = fields.size("hidden_size")?;
        for (key, only) in [
            ("embedding_size", hidden),
            ("attention_head_size", hidden / fields.size("num_attention_heads")?),
        ] {
            if let Some(found) = fields.optional(key)?.filter(|&found: &i64| found != only) {
                return Err(format!("{key}: expected {only}, found {found}"));
            }
        }
        let positive = |key| {
            let found: Option<i64> = fields.optional(key)?;
            match found.filter(|&found| found > 0) {
                Some(found) if found > LARGEST => {
                    Err(format!("{key}: expected less, found {found}"))
                }
                found => Ok(found),
            }
        };
        let buckets = positive("position_buckets")?;
        if buckets == Some(1) {
            return Err("position_buckets: expected 2 or more, found 1".to_owned());
        }
        let farthest = match positive("max_relative_positions")? {
            Some(farthest) => farthest,
            None => fields.size("max_position_embeddings")?,
        };
        if buckets.is_some_and(|buckets| farthest - 1 <= buckets / 2) {
            return Err(format!(
                "max_relative_positions: expected more than half of position_buckets, found {farthest}"
            ));
        }
        let kinds = words(fields, "pos_att_type", ["c2p", "p2c"])?;
        Ok(Self {
            span: buckets.unwrap_or(farthest),
            buckets,
            farthest,
            content_to_place: kinds[0],
            place_to_content: kinds[1],
            normed: words(fields, "norm_rel_ebd", ["layer_norm", "none"])?[0],
            absolute: fields.switch("position_biased_input", true)?,
        })
    }

    /// The row of the table for a key so many subtokens before the query; behind it if negative.
    pub(crate) fn row(&self, distance: i64) -> i64 {
        let bucket = match self.buckets.map(|buckets| buckets / 2) {
            Some(half) if distance.abs() > half => {
                // In f32, as transformers has it: another rounding would be another row.
                let of_half = |distance: i64| (distance as f32 / half as f32).ln();
                let share = of_half(distance.abs()) / of_half(self.farthest - 1);
                let beyond = (share * (half - 1) as f32).ceil() as i64;
                distance.signum() * beyond.saturating_add(half)
            }
            _ => distance,
        };
        bucket.saturating_add(self.span).clamp(0, 2 * self.span - 1)
    }

    /// The rows for all distances in windows as long as this, from `1 - longest` on.
    pub(crate) fn rows(&self, longest: i64) -> Vec<i64> {
        (1 - longest..longest).map(|distance| self.row(distance)).collect()
    }

    /// What the scores are divided by the root of, times the width of a head.
    pub(crate) fn addends(&self) -> i64 {
        1 + i64::from(self.content_to_place) + i64::from(self.place_to_content)
    }

    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("position_buckets", self.buckets.unwrap_or(-1).to_string()),
            ("max_relative_positions", self.farthest.to_string()),
            ("norm_rel_ebd", self.normed.to_string()),
            ("pos_att_type c2p", self.content_to_place.to_string()),
            ("pos_att_type p2c", self.place_to_content.to_string()),
        ]
    }
}

/// Which of the words stand in a list, or in a text between `|`; no other may.
fn words(fields: &Fields<'_>, key: &'static str, known: [&str; 2]) -> Result<[bool; 2], String> {
    let text = match fields.raw.get(key) {
        None | Some(Value::Null) => return Ok([false; 2]),
        Some(Value::String(text)) => text.to_lowercase(),
        Some(Value::Array(list)) => {
            list.iter().map(|word| word.as_str().unwrap_or("?")).collect::<Vec<_>>().join("|")
        }
        Some(_) => "?".to_owned(),
    };
    let found: Vec<&str> = text.split('|').map(str::trim).collect();
    match found.iter().find(|word| !known.contains(word)) {
        Some(_) => Err(format!("{key}: expected {}, found {text:?}", known.join(" or "))),
        None => Ok(known.map(|word| found.contains(&word))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_distances_share_rows() {
        let relative = |buckets, farthest| Relative {
            span: buckets,
            buckets: Some(buckets),
            farthest,
            content_to_place: true,
            place_to_content: true,
            normed: true,
            absolute: false,
        };
        // DeBERTa-v3's: `make_log_bucket_position(distance, 256, 512) + 256` of transformers 5.24.
        let large = relative(256, 512);
        for (distance, row) in [
            (1, 257),
            (127, 383),
            (128, 384),
            (129, 385),
            (200, 425),
            (255, 448),
            (257, 448),
            (300, 463),
            (400, 489),
            (500, 510),
            (511, 511),
        ] {
            assert_eq!(large.row(distance), row, "{distance}");
            assert_eq!(large.row(-distance), 512 - row, "-{distance}");
        }
        for relative in [large, relative(8, 24), relative(2, 3), relative(64, 34)] {
            let rows = relative.rows(600);
            assert_eq!(rows.len(), 1199);
            assert!(rows.is_sorted() && rows[0] >= 0 && rows[1198] < 2 * relative.span);
        }
    }
}
