//! Promised recall, on a model that counts.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod counting;

use std::fs;

use counting::{CountingBackend, fixture, predictor, tuner};
use ner_align_core::{Document, Label};
use ner_align_pipeline::settings::{Computing, Decode};
use ner_align_pipeline::{
    CALIBRATION, CARD, Calibration, MODEL_BEST, Predictor, RecallTargets, Sensitivity,
    write_calibration,
};

fn dev() -> Vec<Document> {
    ner_align_corpus::read(fixture("postings/postings-dev.tsv")).unwrap().documents
}

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

/// Gold entities of the types of which each word is in a predicted entity of the type, and all gold entities.
fn found(model: &Predictor, types: &[Label]) -> (usize, usize) {
    let gold = dev();
    let mut predicted = gold.clone();
    model.annotate(&mut predicted).unwrap();
    let (mut found, mut all) = (0, 0);
    for (gold, predicted) in gold.iter().zip(&predicted) {
        for entity in gold.entities().iter().filter(|entity| types.contains(&entity.label)) {
            let is_inside = |word: usize| {
                let own = predicted.entities().iter().filter(|own| own.label == entity.label);
                own.into_iter().any(|own| own.span.contains(word))
            };
            all += 1;
            found += usize::from(entity.span.range().all(is_inside));
        }
    }
    (found, all)
}

#[test]
fn a_promise_is_kept_on_the_data_that_it_rests_on() {
    let model = predictor();
    let types = model.labels().types();
    let mut bonuses = Vec::new();
    for target in [0.35, 0.5] {
        let targets = RecallTargets::default().with_all(target).with_confidence(0.8);
        let calibration = model.calibrate_for_recall(&dev(), &targets).unwrap();
        // The rest is as without.
        assert_eq!(calibration.clone().with_recall(Vec::new()), model.calibrate(&dev()).unwrap());
        let [promise] = calibration.recall.as_slice() else { panic!("{calibration:?}") };
        assert_eq!((promise.target, promise.confidence, &promise.types), (target, 0.8, &types));
        assert_eq!((promise.found_without, promise.entities), found(&model, &types));
        let kept = predictor().with_calibration(Some(calibration.clone())).with_recall().unwrap();
        assert_eq!((promise.found, promise.entities), found(&kept, &types));
        assert!(promise.found as f64 >= target * promise.entities as f64, "{promise:?}");
        // Evaluation decodes as prediction does.
        let scores = kept.evaluate(&mut dev()).unwrap().0.scores;
        assert_eq!(scores.strict().micro.precision, promise.precision);
        bonuses.push(promise.bonus);
    }
    assert!(bonuses[0] < bonuses[1], "{bonuses:?}");
}

#[test]
fn several_types_keep_their_promises_together() {
    let model = predictor();
    let types = model.labels().types();
    let first = label("SKILLS");
    let targets =
        RecallTargets::default().with_type(first.clone(), 0.6).with_all(0.4).with_confidence(0.8);
    let calibration = model.calibrate_for_recall(&dev(), &targets).unwrap();
    let [one, others] = calibration.recall.as_slice() else { panic!("{calibration:?}") };
    assert_eq!((one.types.len(), others.types.len()), (1, types.len() - 1));
    for promise in [one, others] {
        assert!(promise.found as f64 >= promise.target * promise.entities as f64, "{promise:?}");
    }
    // A quarter of the documents chose the path.
    assert!(one.entities < found(&model, &[first]).1);
}

#[test]
fn what_cannot_be_promised_is_one_line() {
    let model = predictor();
    let one = dev().into_iter().take(4).collect::<Vec<_>>();
    let targets = RecallTargets::default;
    let none: Vec<Document> = dev()
        .into_iter()
        .filter(|document| document.entities().iter().all(|own| own.label.as_str() != "DIPLOMA"))
        .collect();
    for (documents, targets, expected) in [
        (&dev(), targets().with_all(1.0), "recall: expected a recall above 0 and below 1, found 1"),
        (&dev(), targets().with_type(label("SKILLS"), 0.0), "recall of SKILLS: expected a recall"),
        (&dev(), targets().with_all(f64::NAN), "found NaN"),
        (&dev(), targets().with_all(0.5).with_confidence(1.0), "confidence: expected a confidence"),
        (
            &dev(),
            targets().with_type(label("PER"), 0.9),
            "recall of PER: expected a type of the model",
        ),
        (&none, targets().with_type(label("DIPLOMA"), 0.9), "found none in "),
        (&one, targets().with_all(0.9), "recall: expected at least "),
        (&dev(), targets().with_all(0.9999), "documents with such entities for 0.9999"),
    ] {
        let error = model.calibrate_for_recall(documents, &targets).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(expected) && !message.contains('\n'), "{message}");
    }
    for (model, expected) in [
        (predictor().with_recall(), "recall: expected a model with a promised recall"),
        (
            {
                let targets = RecallTargets::default().with_all(0.5).with_confidence(0.8);
                let calibration = model.calibrate_for_recall(&dev(), &targets).unwrap();
                predictor()
                    .with_calibration(Some(calibration))
                    .with_decode(Decode::Argmax)
                    .with_recall()
            },
            "recall: expected decoding by constrained",
        ),
    ] {
        let message = model.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn scores_do_not_know_the_sensitivity() {
    let text = "Python and Java skills.";
    let plain = predictor();
    let labels = plain.labels().types();
    let all =
        labels.into_iter().fold(Sensitivity::default(), |all, label| all.with_type(label, 0.5));
    let (before, after) = (plain.entities(text).unwrap(), predictor().with_sensitivity(all));
    let after = after.entities(text).unwrap();
    for entity in &before {
        let same = after.iter().find(|own| {
            (own.start, own.end, &own.label) == (entity.start, entity.end, &entity.label)
        });
        assert!(same.is_none_or(|own| own.score == entity.score), "{entity:?}");
    }
    assert!(after.len() >= before.len());
}

#[test]
fn a_promise_is_kept_in_the_folder_and_shown_on_the_card() {
    let folder = tempfile::tempdir().unwrap();
    let run = tuner().output(folder.path()).run().unwrap();
    let model = folder.path().join(MODEL_BEST);
    // A file of before has no promises.
    let before = Calibration::read(&model).unwrap().unwrap();
    assert!(before.recall.is_empty());
    assert!(!fs::read_to_string(model.join(CALIBRATION)).unwrap().contains("recall"));
    let targets = RecallTargets::default().with_all(0.5).with_confidence(0.8);
    let calibration = run.predictor().calibrate_for_recall(&dev(), &targets).unwrap();
    let card = fs::read_to_string(model.join(CARD)).unwrap();
    write_calibration(&model, &calibration).unwrap();
    assert_eq!(Calibration::read(&model).unwrap().as_ref(), Some(&calibration));
    let opened = Predictor::open_with(&CountingBackend, &model, &Computing::default()).unwrap();
    assert!(opened.with_recall().is_ok());
    let with = fs::read_to_string(model.join(CARD)).unwrap();
    let promise = &calibration.recall[0];
    let line =
        format!("| 0.5 | {} | {} | {} |", promise.documents, promise.entities, promise.found);
    assert!(with.contains(&line), "{with}");
    // Without the promise it is the card of before again.
    write_calibration(&model, &before).unwrap();
    assert_eq!(fs::read_to_string(model.join(CARD)).unwrap(), card);
    let damaged = calibration.to_json().unwrap().replace("\"target\":0.5", "\"target\":1.5");
    fs::write(model.join(CALIBRATION), damaged).unwrap();
    let error = Calibration::read(&model).unwrap_err().to_string();
    assert!(error.contains("found a recall of 1.5"), "{error}");
}

#[test]
fn what_a_bonus_does_to_each_document_adds_up() {
    let model = predictor();
    let types = model.labels().types();
    let rows = model.recall_by_bonus(&dev(), &types, &[0.0, 1.0]).unwrap();
    assert_eq!(rows.len(), dev().len());
    let missed: usize = rows.iter().map(|row| row.missed[0]).sum();
    let entities: usize = rows.iter().map(|row| row.entities).sum();
    assert_eq!((entities - missed, entities), found(&model, &types));
    let scores = model.evaluate(&mut dev()).unwrap().0.scores;
    let [predicted, correct]: [usize; 2] = [
        rows.iter().map(|row| row.predicted[0]).sum(),
        rows.iter().map(|row| row.correct[0]).sum(),
    ];
    assert_eq!(scores.strict().micro.precision, Some(correct as f64 / predicted as f64));
}
