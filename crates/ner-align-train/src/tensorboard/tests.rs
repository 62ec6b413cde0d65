//! Event files, taken apart by other means than they are put together by.

use std::collections::BTreeMap;

use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
use ner_align_metrics::Scorer;

use super::*;
use crate::evaluate::Evaluation;

/// A field of a message: its number, and what it holds.
#[derive(Debug, PartialEq)]
enum Field<'b> {
    Number(u64),
    Double(f64),
    Float(f32),
    Bytes(&'b [u8]),
}

fn varint(data: &mut &[u8]) -> u64 {
    let end = data.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let (number, rest) = data.split_at(end);
    *data = rest;
    number.iter().rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f))
}

fn take<'b>(data: &mut &'b [u8], length: usize) -> &'b [u8] {
    let (taken, rest) = data.split_at(length);
    *data = rest;
    taken
}

fn message(mut data: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !data.is_empty() {
        let key = varint(&mut data);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut data)),
            1 => Field::Double(f64::from_le_bytes(take(&mut data, 8).try_into().unwrap())),
            2 => {
                let length = varint(&mut data) as usize;
                Field::Bytes(take(&mut data, length))
            }
            5 => Field::Float(f32::from_le_bytes(take(&mut data, 4).try_into().unwrap())),
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

/// Bit by bit, unlike the table.
fn masked(data: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).rotate_left(17).wrapping_add(0xa282_ead8)
}

#[derive(Debug, PartialEq)]
enum Event {
    Version(String),
    Start(u64),
    Scalars(u64, BTreeMap<String, f32>),
}

fn read(path: &Path) -> Vec<Event> {
    let file = fs::read(path).unwrap();
    let mut data = file.as_slice();
    let mut events = Vec::new();
    let checked = |data: &[u8], crc: &[u8]| assert_eq!(masked(data).to_le_bytes(), crc);
    while !data.is_empty() {
        let length = take(&mut data, 8);
        checked(length, take(&mut data, 4));
        let event = take(&mut data, u64::from_le_bytes(length.try_into().unwrap()) as usize);
        checked(event, take(&mut data, 4));
        let fields = message(event);
        let [(1, Field::Double(wall)), (2, Field::Number(step)), (what, Field::Bytes(content))] =
            fields.as_slice()
        else {
            panic!("{fields:?}");
        };
        assert!(*wall > 1.7e9, "{wall}");
        events.push(match what {
            3 => Event::Version(String::from_utf8(content.to_vec()).unwrap()),
            7 => {
                assert_eq!(message(content), [(1, Field::Number(1))]);
                Event::Start(*step)
            }
            5 => {
                let mut scalars = BTreeMap::new();
                for (number, value) in message(content) {
                    let Field::Bytes(value) = value else { panic!("{value:?}") };
                    let value = message(value);
                    let [(1, Field::Bytes(tag)), (2, Field::Float(scalar))] = value.as_slice()
                    else {
                        panic!("{value:?}");
                    };
                    assert_eq!(number, 1);
                    scalars.insert(String::from_utf8(tag.to_vec()).unwrap(), *scalar);
                }
                Event::Scalars(*step, scalars)
            }
            other => panic!("field {other}"),
        });
    }
    events
}

fn step(step: usize) -> StepRecord {
    StepRecord {
        step,
        total_steps: 300,
        epoch: step as f64 / 100.0,
        loss: 1.0 / step as f64,
        learning_rate: 3e-4,
        gradient_norm: 0.5,
        subtokens: 50,
        seconds: 0.25,
    }
}

fn evaluation() -> Evaluation {
    let tags =
        |names: &[&str]| names.iter().map(|name| Tag::parse(name).unwrap()).collect::<Vec<_>>();
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    let gold = tags(&["B-PER", "O", "B-LOC", "O"]);
    scorer.update(&gold, &tags(&["B-PER", "O", "O", "O"])).unwrap();
    Evaluation { loss: Some(0.75), scores: scorer.compute() }
}

fn evaluate(board: &mut TensorBoard, step: usize) {
    let evaluation = &evaluation();
    let record = EvaluationRecord { step, epoch: 1.0, total_epochs: 3, evaluation, is_best: true };
    assert!(board.on_evaluation(&record).unwrap().is_continue());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_file_holds_what_was_reported() {
    let folder = tempfile::tempdir().unwrap();
    let mut board = TensorBoard::new(folder.path(), 2);
    board.on_start(300, 0).unwrap();
    assert_eq!(files(folder.path()).len(), 0);
    for index in 1..=3 {
        assert!(board.on_step(&step(index)).unwrap().is_continue());
    }
    evaluate(&mut board, 3);
    board.on_checkpoint(folder.path()).unwrap();
    assert!(board.on_step(&step(300)).unwrap().is_continue());
    board.on_checkpoint(folder.path()).unwrap();

    let found = files(folder.path());
    let name = found[0].file_name().unwrap().to_str().unwrap();
    let end = format!(".ner-align.{}", std::process::id());
    let seconds: u64 =
        name.strip_prefix(NAME).unwrap().strip_suffix(&end).unwrap().parse().unwrap();
    assert!(seconds > 1_700_000_000, "{name}");
    let train = |step: u64, loss: f32| {
        let values = [
            ("train/loss", loss),
            ("train/learning_rate", 3e-4),
            ("train/gradient_norm", 0.5),
            ("train/subtokens_per_second", 200.0),
            ("train/epoch", step as f32 / 100.0),
        ];
        Event::Scalars(step, values.map(|(name, value)| (name.to_owned(), value)).into())
    };
    let eval = [
        ("eval/loss", 0.75),
        ("eval/token_accuracy", 0.75),
        ("eval/precision", 1.0),
        ("eval/recall", 0.5),
        ("eval/f1", 2.0 / 3.0),
        ("eval/macro_f1", 0.5),
        ("eval_f1/LOC", 0.0),
        ("eval_f1/PER", 1.0),
    ];
    let eval = eval.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(
        read(&found[0]),
        [
            Event::Version("brain.Event:2".to_owned()),
            Event::Start(1),
            train(2, 0.75),
            train(3, 1.0 / 3.0),
            Event::Scalars(3, eval.into()),
            train(300, 1.0 / 300.0),
        ]
    );
}

#[test]
fn a_resumed_run_adds_a_file_and_a_new_one_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.out.tfevents.1.other.2"), "").unwrap();
    let run = |done: usize| {
        let mut board = TensorBoard::new(folder.path(), 1);
        board.on_start(9, done).unwrap();
        assert!(board.on_step(&step(done + 1)).unwrap().is_continue());
    };
    run(0);
    run(4);
    run(7);
    let found = files(folder.path());
    assert_eq!(found.len(), 4);
    for (path, start) in found[1..].iter().zip([1, 5, 8]) {
        let events = read(path);
        assert_eq!(events[1], Event::Start(start));
        assert!(matches!(events[2], Event::Scalars(step, _) if step == start), "{events:?}");
    }
    run(0);
    assert_eq!(files(folder.path()).len(), 2);
    assert_eq!(files(folder.path())[0], found[0]);
}
