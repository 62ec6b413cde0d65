//! The text of a model card.

use std::fmt::{Display, Formatter, Result};

use ner_align_metrics::{ErrorCounts, Scores};

use super::ModelCard;
use super::markdown::{cell, code, heading};
use crate::Split;
use crate::calibration::Calibration;
use crate::recall::RecallPromise;
use crate::settings::{Decode, Head};

/// What a card says of other tools.
const OPENS_ELSEWHERE: &str =
    "`AutoModelForTokenClassification` of transformers opens this folder too.";
/// The same of a folder with weights of 8-bit integers.
#[cfg(feature = "tch")]
const OF_INTEGERS: &str = "The weights are 8-bit integers, `model.int8.safetensors`, rounded from \
    those of the model that this card describes. transformers does not open them.";

/// The card of a model for the same with weights of 8-bit integers. A card that somebody wrote stays as it is.
#[cfg(feature = "tch")]
pub(crate) fn of_integers(card: &str) -> String {
    if !card.contains(OPENS_ELSEWHERE) {
        return card.to_owned();
    }
    // The first line of this kind is that of the head.
    let card = card.replacen("\nlibrary_name: transformers\n", "\nlibrary_name: ner-align\n", 1);
    card.replace(OPENS_ELSEWHERE, OF_INTEGERS)
}

/// Writes all sections, each with an empty line before it.
pub(super) fn write(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    introduction(card, f)?;
    labels(card, f)?;
    uses(card, f)?;
    for (split, scores) in [(Split::Dev, card.dev), (Split::Test, card.test)] {
        if let Some(scores) = scores {
            self::scores(card, split, scores, f)?;
        }
    }
    if let Some(calibration) = card.calibration {
        self::calibration(calibration, f)?;
    }
    training(card, f)?;
    how_to(card, f)
}

fn introduction(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "# {}\n", heading(card.name))?;
    if let Some(description) = &card.settings.card.description {
        writeln!(f, "{}\n", description.trim())?;
    }
    let types: Vec<String> =
        card.labels.types().iter().map(|label| code(label.as_str(), false)).collect();
    write!(f, "Marks named entities of the types {}.", types.join(", "))?;
    if let Some((name, _)) = card.base {
        write!(f, " Fine-tuned from {}", code(card.base_id().unwrap_or(name), false))?;
        if let Some(sentences) = card.training_sentences {
            write!(f, " on {sentences} sentences")?;
        }
        write!(f, ".")?;
    }
    writeln!(f, " Tags follow the scheme {}.", card.labels.scheme())
}

fn labels(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    let described = &card.settings.card.labels;
    let types = card.labels.types();
    if !types.iter().any(|label| described.contains_key(label.as_str())) {
        return Ok(());
    }
    writeln!(f, "\n## Labels\n\n| type | what it marks |\n|---|---|")?;
    for label in types {
        let text = described.get(label.as_str()).map(String::as_str).unwrap_or_default();
        writeln!(f, "| {} | {} |", code(label.as_str(), true), cell(text))?;
    }
    Ok(())
}

fn uses(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    let own = &card.settings.card;
    let languages = match own.language.join(", ") {
        none if none.is_empty() => String::new(),
        languages => format!(" ({languages})"),
    };
    writeln!(f, "\n## Intended use\n")?;
    match &own.intended_use {
        Some(text) => writeln!(f, "{}", text.trim())?,
        None => writeln!(
            f,
            "Finding these types of entities in texts{languages} of the kind that the training data \
             have."
        )?,
    }
    writeln!(f, "\n## Limits\n")?;
    match &own.limits {
        Some(text) => writeln!(f, "{}", text.trim()),
        None => writeln!(
            f,
            "The model knows no other types than these, and entities do not overlap. On texts of \
             another kind or language it finds fewer entities and more wrong ones. Which of the saved \
             models is the best was decided on the development data, so scores there are higher than \
             on new texts. Have a person look at what it finds before that decides about people."
        ),
    }
}

fn scores(card: &ModelCard<'_>, split: Split, scores: &Scores, f: &mut Formatter<'_>) -> Result {
    let name = if split == Split::Dev { "development" } else { "test" };
    writeln!(f, "\n## Scores on {} {name} sentences\n", scores.sentences)?;
    let decoding = match card.settings.model.decode {
        Decode::Constrained => "constrained to what the scheme allows",
        Decode::Argmax => "by argmax (`ner-align eval --decode argmax`)",
    };
    writeln!(f, "Strict: span and type must be equal. Tags were decoded {decoding}.\n")?;
    writeln!(f, "| type | precision | recall | F1 | gold entities |\n|---|---|---|---|---|")?;
    let strict = scores.strict();
    let rows = strict.per_type.iter().map(|(name, row)| (code(name, true), row));
    for (name, row) in rows.chain([("all (micro)".to_owned(), &strict.micro)]) {
        let [p, r, f1] = [row.precision, row.recall, row.f1].map(shown);
        writeln!(f, "| {name} | {p} | {r} | {f1} | {} |", row.support)?;
    }
    writeln!(f, "\nWords with the right tag: {}.", shown(scores.token_accuracy))?;
    errors(&scores.errors, f)
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.4}"))
}

fn errors(errors: &ErrorCounts, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "\n| errors | | number |\n|---|---|---|")?;
    for (name, meaning, count) in [
        ("boundary", "right type, other boundaries", errors.boundary),
        ("type", "right boundaries, other type", errors.entity_type),
        ("boundary and type", "overlap, both differ", errors.boundary_and_type),
        ("missed", "no prediction touches the entity", errors.missed),
        ("spurious", "the prediction touches no entity", errors.spurious),
        ("merged", "inside of a prediction that belongs to another entity", errors.merged),
        ("split", "one piece too many of an entity", errors.split),
    ] {
        writeln!(f, "| {name} | {meaning} | {count} |")?;
    }
    Ok(())
}

fn calibration(calibration: &Calibration, f: &mut Formatter<'_>) -> Result {
    let Calibration { temperature, error_before, error, reliability, .. } = calibration;
    let (Some(before), Some(after)) = (error_before, error) else { return Ok(()) };
    writeln!(f, "\n## Calibration\n")?;
    writeln!(
        f,
        "The score of an entity is the probability that exactly its words are an entity of its type. \
         Scores are taken at the temperature {temperature:.4}, fitted on the development data. The \
         expected calibration error there, the mean distance between the scores of entities and the \
         share of them that is right, is {after:.4}; it was {before:.4} without the temperature.\n"
    )?;
    writeln!(f, "| entities | mean score | right |\n|---|---|---|")?;
    for bin in &reliability.bins {
        if let (Some(score), Some(right)) = (bin.mean_score, bin.precision()) {
            writeln!(f, "| {} | {score:.4} | {right:.4} |", bin.count)?;
        }
    }
    recall(&calibration.recall, f)
}

fn recall(promises: &[RecallPromise], f: &mut Formatter<'_>) -> Result {
    let Some(first) = promises.first() else { return Ok(()) };
    writeln!(
        f,
        "\nOn texts like those that it rests on, the model finds at least the promised share of entities, if asked \
         (`ner-align predict --recall`); with a probability of {} that is true of all lines together. An entity is \
         found if each of its words is in an entity of its type. More of what is found is wrong then.\n",
        first.confidence
    )?;
    writeln!(
        f,
        "| types | promised recall | documents | entities | found | found otherwise | precision | precision otherwise |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for promise in promises {
        let types: Vec<String> =
            promise.types.iter().map(|label| code(label.as_str(), true)).collect();
        let [with, without] = [promise.precision, promise.precision_without].map(shown);
        let RecallPromise { target, documents, entities, found, found_without, .. } = promise;
        writeln!(
            f,
            "| {} | {target} | {documents} | {entities} | {found} | {found_without} | {with} | {without} |",
            types.join(", ")
        )?;
    }
    Ok(())
}

/// A card with its section on calibration written anew. One without such a section stays as it is.
pub(crate) fn recalibrated(card: &str, calibration: &Calibration) -> String {
    const HEAD: &str = "\n## Calibration\n";
    let Some((before, rest)) = card.split_once(HEAD) else { return card.to_owned() };
    let after = rest.find("\n## ").and_then(|at| rest.get(at..)).unwrap_or_default();
    let section = Section(calibration).to_string();
    if section.is_empty() { card.to_owned() } else { format!("{before}{section}{after}") }
}

/// The section of a card on calibration, with an empty line before it.
struct Section<'a>(&'a Calibration);

impl Display for Section<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        calibration(self.0, f)
    }
}

fn training(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    if card.provenance.is_none() && card.settings_toml.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## Training")?;
    if let Some(provenance) = card.provenance {
        let engine: Vec<String> =
            provenance.engine.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let mut engine = engine.join(", ");
        if let Some(precision) = provenance.precision {
            engine = format!("{engine} in {precision}");
        }
        writeln!(f, "\nTrained by ner-align {} on {engine}.\n", provenance.ner_align)?;
        writeln!(f, "| | name | bytes | SHA-256 |\n|---|---|---|---|")?;
        for source in &provenance.data {
            let bytes = source.bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
            let hash = source.sha256.as_deref().map(|hash| code(hash, true)).unwrap_or_default();
            writeln!(f, "| {} | {} | {bytes} | {hash} |", source.split, code(&source.name, true))?;
        }
        let commit = provenance.base_commit.as_deref().map(|commit| code(commit, true));
        let commit = commit.map(|commit| format!("commit {commit}")).unwrap_or_default();
        let base = code(&provenance.base_model, true);
        writeln!(f, "| base model | {base} | | {commit} |")?;
    }
    if !card.settings_toml.is_empty() {
        writeln!(f, "\n```toml\n{}\n```", card.settings_toml.trim_end())?;
    }
    Ok(())
}

fn how_to(card: &ModelCard<'_>, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "\n## Use\n\n```sh\nner-align predict --model . texts.txt\n```\n")?;
    writeln!(f, "{OPENS_ELSEWHERE}")?;
    if card.settings.card.widget.is_none() && !card.examples.is_empty() {
        writeln!(f, "\nThe examples of the widget are sentences of the development data.")?;
    }
    if card.settings.model.head == Head::Crf {
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
