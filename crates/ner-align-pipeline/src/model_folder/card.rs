//! `README.md` of a model folder: the model card that model hubs show.

use std::fmt;

use ner_align_core::LabelSet;
use ner_align_metrics::Scores;

use crate::settings::{Decode, Head, Settings};

/// What a model card says. Its `Display` is the text of the file.
#[derive(Debug, Clone, Copy)]
pub struct ModelCard<'a> {
    name: &'a str,
    base: &'a str,
    labels: &'a LabelSet,
    scores: &'a Scores,
    sentences: (usize, usize),
    settings: &'a Settings,
    settings_toml: &'a str,
}

impl<'a> ModelCard<'a> {
    /// The card of the model `name`, fine-tuned from `base` for these classes, with its scores on
    /// the development data. `sentences` are those of the training and the development data,
    /// `settings_toml` the settings of the run as its `config.toml` has them.
    #[must_use]
    pub const fn new(
        (name, base): (&'a str, &'a str),
        labels: &'a LabelSet,
        scores: &'a Scores,
        sentences: (usize, usize),
        (settings, settings_toml): (&'a Settings, &'a str),
    ) -> Self {
        Self { name, base, labels, scores, sentences, settings, settings_toml }
    }
}

impl fmt::Display for ModelCard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micro = &self.scores.strict().micro;
        writeln!(f, "---\nlibrary_name: transformers\npipeline_tag: token-classification")?;
        writeln!(f, "tags:\n- token-classification\n- named-entity-recognition")?;
        writeln!(f, "model-index:\n- name: {:?}\n  results:\n  - task:", self.name)?;
        writeln!(f, "      type: token-classification\n    dataset:\n      type: custom")?;
        writeln!(f, "      name: development split\n    metrics:")?;
        for (name, value) in
            [("precision", micro.precision), ("recall", micro.recall), ("f1", micro.f1)]
        {
            if let Some(value) = value {
                writeln!(f, "    - type: {name}\n      value: {value}")?;
            }
        }
        writeln!(f, "---\n\n# {}\n", self.name)?;
        let types: Vec<String> =
            self.labels.types().iter().map(|label| format!("`{label}`")).collect();
        writeln!(f, "Marks named entities of the types {}.", types.join(", "))?;
        writeln!(
            f,
            "Fine-tuned from `{}` on {} sentences, tags in the scheme {}.\n",
            self.base,
            self.sentences.0,
            self.labels.scheme()
        )?;
        writeln!(f, "## Scores on {} development sentences\n", self.sentences.1)?;
        let decoding = match self.settings.model.decode {
            Decode::Constrained => "constrained to what the scheme allows",
            Decode::Argmax => "by argmax (`ner-align eval --decode argmax`)",
        };
        writeln!(f, "Strict: span and type must be equal. Tags were decoded {decoding}.\n")?;
        writeln!(f, "| type | precision | recall | F1 | gold entities |\n|---|---|---|---|---|")?;
        let strict = self.scores.strict();
        let rows = strict.per_type.iter().map(|(name, row)| (name.as_str(), row));
        for (name, row) in rows.chain([("all (micro)", &strict.micro)]) {
            let cell = |value: Option<f64>| {
                value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.4}"))
            };
            let [p, r, f1] = [row.precision, row.recall, row.f1].map(cell);
            writeln!(f, "| {name} | {p} | {r} | {f1} | {} |", row.support)?;
        }
        writeln!(f, "\n## Training\n\n```toml\n{}```", self.settings_toml)?;
        writeln!(f, "\n## Use\n\n```sh\nner-align predict --model . texts.txt\n```\n")?;
        writeln!(f, "`AutoModelForTokenClassification` of transformers opens this folder too.")?;
        if self.settings.model.head == Head::Crf {
            writeln!(
                f,
                "\n**transformers alone decodes without the CRF.** This model was trained with a \
                 linear-chain CRF. Its transitions are in `model.safetensors` under the names of \
                 pytorch-crf (`crf.transitions`, `crf.start_transitions`, `crf.end_transitions`); \
                 transformers ignores them and gives each word its class by itself, so its tags \
                 and scores differ from those above."
            )?;
        }
        Ok(())
    }
}
