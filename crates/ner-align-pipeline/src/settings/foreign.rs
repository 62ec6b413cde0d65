//! Settings under the names that other tools have for them.

/// What a key of another tool is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// The same setting under this key.
    Same(&'static str),
    /// Something else, which this says.
    Other(&'static str),
}

/// The keys of transformers' `TrainingArguments` and of its example, of spaCy and of common scripts.
const KEYS: [(&str, Foreign); 35] = [
    ("adam_beta1", Foreign::Same("beta1")),
    ("adam_beta2", Foreign::Same("beta2")),
    ("adam_epsilon", Foreign::Same("epsilon")),
    ("doc_stride", Foreign::Same("stride")),
    ("early_stopping_patience", Foreign::Same("patience")),
    ("eval_frequency", Foreign::Same("eval_every")),
    ("eval_steps", Foreign::Same("eval_every")),
    ("gradient_accumulation_steps", Foreign::Same("accumulate")),
    ("hidden_dropout_prob", Foreign::Same("dropout")),
    ("logging_steps", Foreign::Same("log_every")),
    ("lr", Foreign::Same("learning_rate")),
    ("max_grad_norm", Foreign::Same("max_gradient_norm")),
    ("max_seq_len", Foreign::Same("max_length")),
    ("max_seq_length", Foreign::Same("max_length")),
    ("n_epochs", Foreign::Same("epochs")),
    ("num_epochs", Foreign::Same("epochs")),
    ("num_train_epochs", Foreign::Same("epochs")),
    ("per_device_train_batch_size", Foreign::Same("batch_size")),
    ("save_total_limit", Foreign::Same("keep_checkpoints")),
    ("train_batch_size", Foreign::Same("batch_size")),
    ("warmup_proportion", Foreign::Same("warmup_ratio")),
    ("bf16", Foreign::Other("precision = \"bf16\"")),
    ("do_eval", Foreign::Other("the development data are scored after each epoch")),
    ("fp16", Foreign::Other("precision = \"bf16\"; there is no fp16")),
    ("group_by_length", Foreign::Other("batching = \"bucketed\"")),
    ("label_all_tokens", Foreign::Other("strategy = \"propagate\"")),
    ("lr_scheduler_type", Foreign::Other("schedule")),
    ("metric_for_best_model", Foreign::Other("select")),
    ("no_cuda", Foreign::Other("device = \"cpu\"")),
    ("output_dir", Foreign::Other("the output folder is not a setting: give it to the command")),
    ("per_device_eval_batch_size", Foreign::Other("eval_batch_subtokens counts subtokens")),
    (
        "report_to",
        Foreign::Other("metrics.jsonl and TensorBoard events are always written to the output"),
    ),
    ("use_cpu", Foreign::Other("device = \"cpu\"")),
    ("use_crf", Foreign::Other("head = \"crf\"")),
    ("gpu_id", Foreign::Other("device = \"cuda:N\"")),
];

/// What a key means, if another tool has it; `-` and `_` are the same.
pub(super) fn meaning(key: &str) -> Option<Foreign> {
    let plain = key.replace('-', "_");
    KEYS.iter().find(|(name, _)| *name == plain).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn they_are_no_keys_of_ours_and_lead_to_one() {
        for (key, meaning) in KEYS {
            assert!(keys::all().all(|own| own.name != key), "{key}");
            if let Foreign::Same(own) = meaning {
                assert!(keys::all().any(|known| known.name == own), "{own}");
            }
        }
    }
}
