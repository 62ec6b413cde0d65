//! From probabilities of subtokens to entities, step by step as transformers does it.

use std::ops::Range;

use ner_align_subword::{HfTokenizer, TextEncoding};

use super::{AggregationStrategy, PipelineEntity};
use crate::PipelineError;

/// A subtoken, or a word, on its way to an entity.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    word: String,
    scores: Vec<f32>,
    start: usize,
    end: usize,
    index: usize,
    continues: bool,
}

/// A subtoken or a word with its class.
struct Classified {
    class: usize,
    score: f32,
    piece: Piece,
}

/// What grouping needs to know.
pub(super) struct Grouping<'a> {
    pub(super) tokenizer: &'a HfTokenizer,
    pub(super) names: &'a [String],
    pub(super) strategy: AggregationStrategy,
}

impl Grouping<'_> {
    /// The subtokens `range` of a text; the first of them is at position `first` of its window.
    pub(super) fn pieces(
        &self,
        text: &str,
        encoding: &TextEncoding,
        range: Range<usize>,
        scores: &[Vec<f32>],
        first: usize,
    ) -> Vec<Piece> {
        use ner_align_core::SubwordTokenizer;
        let marks = self.tokenizer.marks_continuations();
        let unknown = self.tokenizer.unknown_id();
        let places = CodePoints::new(text);
        let piece = |((at, scores), index): ((usize, &Vec<f32>), usize)| {
            let (id, (start, end)) = (encoding.ids[at], encoding.offsets[at]);
            let mut word = self.tokenizer.token(id).unwrap_or_default();
            let of_text = places.slice(start, end);
            let mut continues = if marks {
                word.chars().count() != of_text.chars().count()
            } else {
                start > 0 && !places.slice(start - 1, start + 1).contains(' ')
            };
            if unknown == Some(id) {
                of_text.clone_into(&mut word);
                continues = false;
            }
            Piece { word, scores: scores.clone(), start, end, index, continues }
        };
        range.zip(scores).zip(first..).map(piece).collect()
    }

    /// The entities of a window, those of ignored classes too.
    pub(super) fn entities(
        &self,
        pieces: Vec<Piece>,
    ) -> Result<Vec<PipelineEntity>, PipelineError> {
        let classified = match self.strategy {
            AggregationStrategy::None | AggregationStrategy::Simple => {
                pieces.into_iter().map(Classified::by_its_scores).collect()
            }
            _ => self.words(&pieces)?,
        };
        if self.strategy == AggregationStrategy::None {
            return Ok(classified.into_iter().map(|one| self.subtoken(one)).collect());
        }
        classified
            .chunk_by(|last, next| {
                let (_, last) = tag(self.name(last));
                let (begins, next) = tag(self.name(next));
                last == next && !begins
            })
            .map(|group| self.group(group))
            .collect()
    }

    fn name(&self, of: &Classified) -> &str {
        self.names.get(of.class).map_or("", String::as_str)
    }

    fn subtoken(&self, one: Classified) -> PipelineEntity {
        PipelineEntity {
            entity: Some(self.name(&one).to_owned()),
            entity_group: None,
            score: one.score,
            index: Some(one.piece.index),
            word: one.piece.word,
            start: one.piece.start,
            end: one.piece.end,
        }
    }

    /// Words with one class each.
    fn words(&self, pieces: &[Piece]) -> Result<Vec<Classified>, PipelineError> {
        pieces.chunk_by(|_, next| next.continues).map(|word| self.word(word)).collect()
    }

    fn word(&self, pieces: &[Piece]) -> Result<Classified, PipelineError> {
        let (first, last) = (&pieces[0], &pieces[pieces.len() - 1]);
        let scores = match self.strategy {
            AggregationStrategy::Average => mean_of_rows(pieces),
            // The first of those that are equally sure.
            AggregationStrategy::Max => pieces
                .iter()
                .map(|piece| &piece.scores)
                .reduce(|best, next| if best_of(next).1 > best_of(best).1 { next } else { best })
                .cloned()
                .unwrap_or_default(),
            _ => first.scores.clone(),
        };
        let spelled = pieces.iter().map(|piece| piece.word.clone()).collect();
        Ok(Classified::by_its_scores(Piece {
            word: self.tokenizer.join(spelled)?,
            scores,
            start: first.start,
            end: last.end,
            index: first.index,
            continues: false,
        }))
    }

    fn group(&self, group: &[Classified]) -> Result<PipelineEntity, PipelineError> {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let name = self.name(first);
        let spelled = group.iter().map(|one| one.piece.word.clone()).collect();
        let sum: f32 = group.iter().map(|one| one.score).sum();
        Ok(PipelineEntity {
            entity: None,
            // What is after the first hyphen, whatever is before it.
            entity_group: Some(name.split_once('-').map_or(name, |(_, kind)| kind).to_owned()),
            score: sum / group.len() as f32,
            index: None,
            word: self.tokenizer.join(spelled)?,
            start: first.piece.start,
            end: last.piece.end,
        })
    }
}

impl Classified {
    fn by_its_scores(piece: Piece) -> Self {
        let (class, score) = best_of(&piece.scores);
        Self { class, score, piece }
    }
}

/// The first of the largest scores.
fn best_of(scores: &[f32]) -> (usize, f32) {
    scores
        .iter()
        .copied()
        .enumerate()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .unwrap_or((0, 0.0))
}

fn mean_of_rows(pieces: &[Piece]) -> Vec<f32> {
    let mut mean = vec![0.0_f32; pieces[0].scores.len()];
    for piece in pieces {
        mean.iter_mut().zip(&piece.scores).for_each(|(sum, score)| *sum += score);
    }
    mean.iter_mut().for_each(|sum| *sum /= pieces.len() as f32);
    mean
}

/// Whether a class begins an entity, and its type. What has no prefix continues.
fn tag(name: &str) -> (bool, &str) {
    match (name.strip_prefix("B-"), name.strip_prefix("I-")) {
        (Some(kind), _) => (true, kind),
        (_, Some(kind)) => (false, kind),
        _ => (false, name),
    }
}

/// The entities of several windows by place; of those that overlap the longer, then the surer.
pub(super) fn without_overlaps(mut entities: Vec<PipelineEntity>) -> Vec<PipelineEntity> {
    entities.sort_by_key(|entity| entity.start);
    let mut kept: Vec<PipelineEntity> = Vec::new();
    for entity in entities {
        match kept.last_mut() {
            Some(last) if (last.start..last.end).contains(&entity.start) => {
                let (new, old) = (entity.end - entity.start, last.end - last.start);
                if new > old || (new == old && entity.score > last.score) {
                    *last = entity;
                }
            }
            _ => kept.push(entity),
        }
    }
    kept
}

/// Slices a text by code points.
struct CodePoints<'a> {
    text: &'a str,
    /// Byte of each code point, then of the end.
    bytes: Vec<usize>,
}

impl<'a> CodePoints<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Self { text, bytes }
    }

    /// As Python slices: what is beyond the end is not there.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or(self.text.len());
        self.text.get(byte(start)..byte(end)).unwrap_or_default()
    }
}
