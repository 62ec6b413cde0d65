//! What the configuration of ModernBERT says beyond BERT's.

use serde_json::Value;

use super::Activation;
use super::fields::Fields;

/// Layers, rotations and biases of ModernBERT (Warner et al. 2025).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModernBert {
    /// By layer: true if a subtoken sees its neighbours alone.
    pub(crate) is_local: Vec<bool>,
    /// So many neighbours to each side.
    pub(crate) reach: i64,
    /// The base of the rotations in layers that see the whole window.
    pub(crate) global_theta: f64,
    /// The same in the others.
    pub(crate) local_theta: f64,
    pub(crate) norm_bias: bool,
    pub(crate) attention_bias: bool,
    pub(crate) mlp_bias: bool,
    /// Of the linear map before the classifier.
    pub(crate) classifier_bias: bool,
    /// After it.
    pub(crate) classifier_activation: Activation,
}

/// What transformers calls the two kinds of layers.
const GLOBAL: &str = "full_attention";
const LOCAL: &str = "sliding_attention";

impl ModernBert {
    /// Reads the keys of transformers 4 and 5.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, String> {
        let width = fields.size("hidden_size")? / fields.size("num_attention_heads")?;
        if width % 2 != 0 {
            return Err(format!(
                "num_attention_heads: expected heads of even width, found {width}"
            ));
        }
        let window: i64 = fields.optional("local_attention")?.unwrap_or(128);
        if window < 0 {
            return Err(format!("local_attention: expected 0 or more, found {window}"));
        }
        if fields.raw.get("rope_scaling").is_some_and(|scaling| !scaling.is_null()) {
            return Err("rope_scaling: expected rotations without a scale, found one".to_owned());
        }
        let global_theta = theta(fields, GLOBAL, "global_rope_theta")?.unwrap_or(160_000.0);
        let local_theta = match theta(fields, LOCAL, "local_rope_theta")? {
            Some(theta) => theta,
            // Files of transformers 4 said so that there is one base for all.
            None if fields.raw.contains_key("local_rope_theta") => global_theta,
            None => 10_000.0,
        };
        Ok(Self {
            is_local: layers(fields)?,
            reach: window / 2,
            global_theta,
            local_theta,
            norm_bias: fields.switch("norm_bias", false)?,
            attention_bias: fields.switch("attention_bias", false)?,
            mlp_bias: fields.switch("mlp_bias", false)?,
            classifier_bias: fields.switch("classifier_bias", false)?,
            classifier_activation: fields.optional("classifier_activation")?.unwrap_or_default(),
        })
    }

    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let local = self.is_local.iter().map(|local| if *local { LOCAL } else { GLOBAL });
        vec![
            ("layer_types", local.collect::<Vec<_>>().join(" ")),
            ("local_attention", (2 * self.reach).to_string()),
            ("global_rope_theta", self.global_theta.to_string()),
            ("local_rope_theta", self.local_theta.to_string()),
            ("classifier_activation", format!("{:?}", self.classifier_activation).to_lowercase()),
        ]
    }
}

/// The kind of each layer: `layer_types`, or every so manieth sees the whole window.
fn layers(fields: &Fields<'_>) -> Result<Vec<bool>, String> {
    let count: usize = fields.required("num_hidden_layers")?;
    let types: Option<Vec<String>> = fields.optional("layer_types")?;
    let Some(types) = types else {
        let every: usize = fields.optional("global_attn_every_n_layers")?.unwrap_or(3);
        if every == 0 {
            return Err("global_attn_every_n_layers: expected 1 or more, found 0".to_owned());
        }
        return Ok((0..count.min(1001)).map(|layer| layer % every != 0).collect());
    };
    if let Some(found) = types.iter().find(|kind| ![GLOBAL, LOCAL].contains(&kind.as_str())) {
        return Err(format!("layer_types: expected {GLOBAL} or {LOCAL}, found {found:?}"));
    }
    if types.len() != count {
        let found = types.len();
        return Err(format!("layer_types: expected one for each of {count} layers, found {found}"));
    }
    Ok(types.iter().map(|kind| kind == LOCAL).collect())
}

/// The base of the rotations in layers of this kind, by the keys of transformers 5 or by that of 4.
fn theta(fields: &Fields<'_>, kind: &str, old: &'static str) -> Result<Option<f64>, String> {
    let own = fields.raw.get("rope_parameters").and_then(|all| all.get(kind));
    if let Some(other) = own.and_then(|own| own.get("rope_type")).filter(|&of| of != "default") {
        return Err(format!("rope_parameters: expected the rope_type \"default\", found {other}"));
    }
    let theta = match own.and_then(|own| own.get("rope_theta")) {
        None | Some(Value::Null) => fields.optional(old)?,
        Some(theta) => Some(theta.as_f64().ok_or_else(|| {
            format!("rope_parameters: expected a number as rope_theta, found {theta}")
        })?),
    };
    match theta.filter(|theta| !(*theta > 0.0 && theta.is_finite())) {
        Some(found) => Err(format!("{old}: expected a positive number, found {found}")),
        None => Ok(theta),
    }
}
