//! Whether data sets fit a model, before either is used.

use ner_align_core::{Dataset, GoldSentence, IGNORE_INDEX, SoftRows, Window};

use crate::error::TrainError;

/// Refuses a data set whose classes are not those of the model, or whose windows and sentences do
/// not fit each other. `name` names it in messages.
pub(crate) fn check_dataset(
    name: &str,
    dataset: &Dataset,
    model_classes: usize,
) -> Result<(), TrainError> {
    let classes = dataset.labels.len();
    if classes != model_classes {
        return Err(TrainError::Mismatch {
            place: name.to_owned(),
            expected: format!("the {model_classes} classes of the model"),
            found: format!("{classes}: {}", dataset.labels.names().join(" ")),
        });
    }
    for (index, gold) in dataset.sentences.iter().enumerate() {
        check_breaks(gold).map_err(|(expected, found)| TrainError::Mismatch {
            place: format!("{name}, sentence {index}"),
            expected,
            found,
        })?;
    }
    for (index, window) in dataset.windows.iter().enumerate() {
        check_window(window, &dataset.sentences, classes).map_err(|(expected, found)| {
            TrainError::Mismatch { place: format!("{name}, window {index}"), expected, found }
        })?;
    }
    Ok(())
}

/// Refuses a development set whose classes have other names than the training set's.
pub(crate) fn check_same_classes(train: &Dataset, dev: &Dataset) -> Result<(), TrainError> {
    if train.labels == dev.labels {
        return Ok(());
    }
    let shown = |dataset: &Dataset| {
        format!("{} ({})", dataset.labels.names().join(" "), dataset.labels.scheme())
    };
    Err(TrainError::Mismatch {
        place: "the development data".to_owned(),
        expected: format!("the classes of the training data, {}", shown(train)),
        found: shown(dev),
    })
}

/// Refuses soft targets that do not fit the training data, and any for a model that does not learn
/// them. No list at all is no soft target.
pub(crate) fn check_soft(
    soft: &[SoftRows],
    train: &Dataset,
    model_learns: bool,
) -> Result<(), TrainError> {
    if soft.is_empty() {
        return Ok(());
    }
    let refuse = |place: &str, expected: String, found: String| {
        Err(TrainError::Mismatch { place: place.to_owned(), expected, found })
    };
    if !model_learns {
        let expected = "a model that learns soft targets: one without a CRF".to_owned();
        return refuse("the model", expected, "another".to_owned());
    }
    if soft.len() != train.windows.len() {
        let expected = format!("a list for each of {} windows", train.windows.len());
        return refuse("the soft targets", expected, soft.len().to_string());
    }
    for (index, (soft, window)) in soft.iter().zip(&train.windows).enumerate() {
        let place = format!("the soft targets, window {index}");
        let mut labelled = window.labelled();
        for (position, target) in soft {
            // The labelled positions ascend, so that each is found behind the one before.
            if !labelled.any(|own| own == *position) {
                let expected = "ascending positions with a label".to_owned();
                return refuse(&place, expected, position.to_string());
            }
            if let Err((expected, found)) = target.check(train.labels.len()) {
                return refuse(&place, expected, found);
            }
        }
    }
    Ok(())
}

/// What was expected, and what was found.
type Fault = (String, String);

fn check_breaks(gold: &GoldSentence) -> Result<(), Fault> {
    let last = gold.breaks.last().copied().unwrap_or(0);
    if gold.breaks.is_sorted() && last <= gold.tags.len() {
        return Ok(());
    }
    let expected = format!("ascending breaks up to the {} words", gold.tags.len());
    Err((expected, format!("{:?}", gold.breaks)))
}

fn check_window(window: &Window, sentences: &[GoldSentence], classes: usize) -> Result<(), Fault> {
    let Some(gold) = sentences.get(window.sentence) else {
        let expected = format!("a window of one of the {} sentences", sentences.len());
        return Err((expected, format!("sentence {}", window.sentence)));
    };
    let (length, words) = (window.len(), gold.tags.len());
    if window.word_ids.len() != length {
        return Err((
            format!("word_ids for its {length} subtokens"),
            window.word_ids.len().to_string(),
        ));
    }
    // A window that is only predicted needs no labels.
    if !window.labels.is_empty() && window.labels.len() != length {
        return Err((
            format!("labels for its {length} subtokens"),
            window.labels.len().to_string(),
        ));
    }
    if window.owned.end > words {
        let expected = format!("owned words within the {words} of the sentence");
        return Err((expected, format!("{}..{}", window.owned.start, window.owned.end)));
    }
    let is_label = |label: i64| {
        label == IGNORE_INDEX || usize::try_from(label).is_ok_and(|class| class < classes)
    };
    match window.labels.iter().find(|&&label| !is_label(label)) {
        None => Ok(()),
        Some(label) => {
            Err((format!("labels below {classes}, or {IGNORE_INDEX}"), label.to_string()))
        }
    }
}
