//! Files of models: whatever the bytes, each ends in something usable or in an error.

use std::fs;

use ner_align_core::{Encoding, SubwordTokenizer};
use ner_align_subword::HfTokenizer;

use crate::{let_caught_panics_pass, with_folder};

/// A `tokenizer.json`.
pub fn tokenizer(data: &[u8]) {
    let_caught_panics_pass();
    with_folder(|folder| {
        fs::write(folder.join("tokenizer.json"), data).expect("memory takes files");
        let Ok(tokenizer) = HfTokenizer::from_dir(folder) else { return };
        let mut encoding = Encoding::new();
        for word in ["Ada", "naïve", "了解", "A.B-1", "<mask>", "aaaaaaaaaaaa"] {
            let _ = tokenizer.encode_words(&[word], &mut encoding);
            if let Ok(text) = tokenizer.encode_text(word) {
                let tokens = text.ids.iter().filter_map(|id| tokenizer.token(*id)).collect();
                let _ = tokenizer.join(tokens);
            }
        }
        let _ = tokenizer.save(folder);
    });
}

/// The weights of a model, `config.json` before them, parted by the byte 0xFF; as safetensors, or
/// pickled where they begin like an archive.
#[cfg(feature = "tch")]
pub fn model(data: &[u8]) {
    use ner_align_core::{LabelSet, Scheme};
    use ner_align_tch::{LoadOptions, TchClassifier};

    with_folder(|folder| {
        let (config, weights) = match data.iter().position(|&byte| byte == 0xFF) {
            Some(at) => (&data[..at], &data[at + 1..]),
            None => (CONFIG, data),
        };
        let name =
            if weights.starts_with(b"PK") { "pytorch_model.bin" } else { "model.safetensors" };
        fs::write(folder.join("config.json"), config).expect("memory takes files");
        fs::write(folder.join(name), weights).expect("memory takes files");
        let _ = TchClassifier::load(folder, &LoadOptions::default());
        let labels = LabelSet::new(["A".parse().expect("a label")], Scheme::Iob2);
        let _ = TchClassifier::for_labels(folder, &labels, &LoadOptions::default());
    });
}

/// A model small enough for any machine, whatever weights are beside it.
#[cfg(feature = "tch")]
const CONFIG: &[u8] = br#"{"model_type": "bert", "vocab_size": 8, "hidden_size": 4,
    "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 4,
    "max_position_embeddings": 8, "type_vocab_size": 2, "id2label": {"0": "O", "1": "B-A"}}"#;
