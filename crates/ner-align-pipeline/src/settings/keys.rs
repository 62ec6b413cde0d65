//! Every key of a config file: what it means, its unit and its range.

/// A key of the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// Meaning, unit and range, for the file that `init-config` writes.
    pub help: &'static str,
    /// What to show where the key has no default.
    pub example: Option<&'static str>,
}

const fn key(name: &'static str, help: &'static str) -> Key {
    Key { name, help, example: None }
}

const fn optional(name: &'static str, help: &'static str, example: &'static str) -> Key {
    Key { name, help, example: Some(example) }
}

/// All keys, by section, in the order of the file.
pub const SECTIONS: &[(&str, &[Key])] = &[
    (
        "The run",
        &[
            key(
                "seed",
                "Seed of the order of batches, of dropout and of a new head. A whole number.",
            ),
            key(
                "epochs",
                "Passes over the training data. 1 or more; auto: 5 to 20, as many as show 200,000 labelled subtokens; few: a third of that.",
            ),
            optional("max_steps", "Optimizer steps, where that is less. 1 or more.", "1000"),
            key("device", "Where the model computes: auto, cpu, cuda, cuda:N or mps."),
            key(
                "precision",
                "What it computes in: f32, bf16 (its parameters stay f32), or auto, the faster of the two on this machine.",
            ),
        ],
    ),
    (
        "Batches",
        &[
            key(
                "batch_size",
                "Sentences in a batch, or their windows where they are long. 1 or more.",
            ),
            key(
                "epoch_steps",
                "Optimizer steps that an epoch has at least: where the data are too few, batches are smaller than batch_size, down to one sentence. 1 or more; 1: batches stay as they are. Without effect beside batch_subtokens.",
            ),
            optional(
                "batch_subtokens",
                "Subtokens in a batch at most, instead of batch_size. 1 or more; one window always fits.",
                "2048",
            ),
            key(
                "batching",
                "random: shuffled anew each epoch. bucketed: windows of like length share a batch, which is faster.",
            ),
            key(
                "accumulate",
                "Batches whose gradients are added up for one optimizer step; the loss is the mean over all their labelled subtokens. 1 or more.",
            ),
            key("eval_batch_subtokens", "Subtokens in a batch of evaluation. 1 or more."),
        ],
    ),
    (
        "Optimizer (AdamW)",
        &[
            key("learning_rate", "Peak learning rate of an optimizer step. More than 0."),
            optional(
                "head_learning_rate",
                "Peak learning rate of the classifier's head, if it has one of its own. More than 0.",
                "1e-3",
            ),
            key(
                "crf_rate",
                "Rate of a CRF's transitions, as a multiple of learning_rate. More than 0; they start at 0 and are few, so they need large steps.",
            ),
            key(
                "layer_decay",
                "Each layer's rate as a share of the layer above it. More than 0, at most 1; 1: all the same.",
            ),
            key(
                "schedule",
                "The learning rate after its warm-up: linear, cosine (both fall to 0) or constant.",
            ),
            key("warmup_steps", "Optimizer steps from 0 to the peak. 0 or more."),
            key(
                "warmup_ratio",
                "The same as a share of all steps, used where warmup_steps is 0. 0 to less than 1.",
            ),
            key(
                "weight_decay",
                "Decay of matrices per unit of learning rate; biases and norms do not decay. 0 or more.",
            ),
            key("beta1", "Decay of the mean of gradients. 0 to less than 1."),
            key("beta2", "Decay of the mean of squared gradients. 0 to less than 1."),
            key("epsilon", "Added to the root of the mean square. More than 0."),
            key("max_gradient_norm", "Gradients longer than this are cut to it. More than 0."),
            key(
                "freeze",
                "What keeps its weights: nothing, embeddings, encoder (only the head learns), or the number of lowest layers, embeddings included, such as 2, or a share of them, such as 0.34, rounded down. auto: 0.34 where the training data have fewer than 3,000 entities, else nothing.",
            ),
        ],
    ),
    (
        "Head",
        &[
            key(
                "head",
                "linear: each word has its class by itself. crf: transitions between the classes of a sentence's words are learned, too (strategy first alone; transformers would decode without them). The loss is then the negative log-likelihood of the tags, over labelled words as before, so that rates carry over.",
            ),
            key(
                "base_types",
                "Entity types that the base model finds and the training data lack. keep: the model finds them still; words without a label are learned from its own answers (a linear head alone). drop: they are forgotten.",
            ),
            key(
                "marks",
                "all: a word without a label is no entity of any type. own: each training file marks only the types that occur in it, and its words without a label may be of other types.",
            ),
        ],
    ),
    (
        "Loss",
        &[
            key("dropout", "Dropout of embeddings, attention, layers and head. 0 to less than 1."),
            key(
                "label_smoothing",
                "Share of a target's probability that is spread over all classes. 0 to less than 1.",
            ),
            key(
                "focal_gamma",
                "Exponent of focal loss, which makes subtokens that are right already count less. 0 or more; 0: off.",
            ),
            key(
                "class_weights",
                "none, or balanced: rare classes weigh more, by the root of their inverse frequency.",
            ),
        ],
    ),
    (
        "Words and subtokens",
        &[
            key(
                "strategy",
                "Which subtokens of a word carry its label: first, propagate, propagate-inside, mark-x.",
            ),
            optional(
                "scheme",
                "Scheme of the classes: io, iob1, iob2, ioe1, ioe2, iobes, biluo; the training data's own if not given.",
                "\"iob2\"",
            ),
            optional(
                "words",
                "How raw text becomes words: unicode, char, whitespace or regex:PATTERN; unicode if not given. Prediction does as training did.",
                "\"unicode\"",
            ),
            key(
                "mask_words",
                "Share of the words that are hidden behind the tokenizer's mask in training, others in each epoch, so that what stands around a name counts, too. 0 to less than 1; 0: none.",
            ),
            key(
                "unit",
                "What goes through the model as one sequence: sentence, or document, cut into windows where it is longer than max_length; prediction does as training did.",
            ),
            key(
                "max_length",
                "Subtokens in a window at most, special ones included. 4 or more; never more than the model has positions for.",
            ),
            key(
                "stride",
                "Subtokens that two windows of a long sentence or document share. Less than max_length.",
            ),
            key(
                "context",
                "Subtokens of the document shown on each side of a sentence, unlabelled. 0: none.",
            ),
            key(
                "decode",
                "How scores become tags in evaluation: argmax, or constrained to what the scheme allows; argmax passes over the transitions of a CRF.",
            ),
        ],
    ),
    (
        "Evaluation, checkpoints, log",
        &[
            optional(
                "eval_every",
                "Optimizer steps between evaluations; after each epoch if not given. 1 or more.",
                "200",
            ),
            key(
                "select",
                "What the best model is chosen by: strict, strict-macro, partial, type, relaxed, loss.",
            ),
            optional(
                "patience",
                "Evaluations without a better model before the run stops. 1 or more.",
                "3",
            ),
            optional(
                "checkpoint_every",
                "Optimizer steps between checkpoints; at each evaluation if not given. 1 or more.",
                "200",
            ),
            key(
                "keep_checkpoints",
                "Checkpoints that stay on the disk, the newest; a resumed run continues from there. 0: none are written.",
            ),
            key(
                "log_every",
                "Optimizer steps between two lines of metrics.jsonl, and two values for TensorBoard. 1 or more.",
            ),
        ],
    ),
    (
        "The model card",
        &[
            optional(
                "card.language",
                "Language of the texts, or a list of them: codes of ISO 639, or multilingual.",
                "\"en\"",
            ),
            optional(
                "card.license",
                "License of the model, as the Hub names it.",
                "\"apache-2.0\"",
            ),
            optional(
                "card.base_model",
                "The pretrained model's id on the Hub, where the run was given a folder.",
                "\"google-bert/bert-base-cased\"",
            ),
            optional("card.datasets", "Ids of the training data on the Hub.", "[\"ORG/NAME\"]"),
            optional("card.tags", "Tags beside those that every card has.", "[\"biology\"]"),
            optional(
                "card.widget",
                "Texts for the Hub's widget. If not given, up to three short sentences of the development data, which are then public with the model; []: none.",
                "[\"Ada Lovelace met Charles Babbage in London.\"]",
            ),
            optional("card.description", "What the model does, in Markdown.", "\"Finds genes.\""),
            optional(
                "card.intended_use",
                "What the model is meant for, in Markdown, in place of the general text.",
                "\"Abstracts of papers.\"",
            ),
            optional(
                "card.limits",
                "What the model is not fit for, in Markdown, in place of the general text.",
                "\"Tables and headings.\"",
            ),
            optional(
                "card.labels",
                "What each entity type marks; card.labels.PER sets that of PER.",
                "{ PER = \"people\" }",
            ),
        ],
    ),
];

/// All keys.
pub(crate) fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|(_, keys)| keys.iter())
}

/// The key whose name is the nearest to `name`, if one is near.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    all()
        .map(|key| (distance(name, key.name), key.name))
        .min()
        .filter(|(distance, nearest)| *distance <= 1 + nearest.len() / 3)
        .map(|(_, nearest)| nearest)
}

/// Insertions, deletions and exchanges of characters between two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let exchanged = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_found() {
        for (name, expected) in [
            ("epoch", Some("epochs")),
            ("lerning_rate", Some("learning_rate")),
            ("batchsize", Some("batch_size")),
            ("per_device_train_batch_size", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name), expected, "{name}");
        }
    }
}
