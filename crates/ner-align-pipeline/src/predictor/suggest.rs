//! Which documents to annotate next, by what a predictor says of their words.

use ndarray::s;
use ner_align_core::{AlignmentCounts, CorpusReader, Document};

use super::Predictor;
use super::stream::{is_full, source_error};
use crate::PipelineError;
use crate::suggest::{Candidate, CandidateBuilder, Chosen, Uncertainty, rank};

/// Documents that are worth annotating, with the annotation that a model would give them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Suggestions {
    /// The document worth most comes first.
    pub documents: Vec<(Chosen, Document)>,
    /// Documents that were read.
    pub read: usize,
    /// What became of the words.
    pub counts: AlignmentCounts,
}

impl Predictor {
    /// Reads all documents, and chooses up to `count` that would teach the model most; see
    /// [`suggest`](crate::suggest). They have the model's annotation in place of theirs. Documents without
    /// words are not chosen. `name` is the path in messages. All documents are kept in memory.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counting/mod.rs"));
    /// # use ner_align_pipeline::PipelineError;
    /// # use ner_align_pipeline::suggest::Uncertainty;
    /// # fn main() -> Result<(), PipelineError> {
    /// # let model = predictor();
    /// let mut lines = model.text_lines("Python\nan unheard word\n".as_bytes(), "texts.txt");
    /// let found = model.suggest(&mut lines, "texts.txt", 1, Uncertainty::Mnlp)?;
    /// assert_eq!((found.read, found.documents.len()), (2, 1));
    /// let (chosen, document) = &found.documents[0];
    /// assert_eq!((chosen.index, document.text()), (1, "an unheard word"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PipelineError::Data`] for a `count` of 0, and if no document has a word. Errors of the reader, and
    /// as [`Predictor::entities`].
    pub fn suggest<R: CorpusReader>(
        &self,
        reader: &mut R,
        name: &str,
        count: usize,
        measure: Uncertainty,
    ) -> Result<Suggestions, PipelineError> {
        if count == 0 {
            return Err(unusable(name, "1 or more documents to choose", "0".to_owned(), None));
        }
        let mut counts = AlignmentCounts::default();
        let (mut documents, mut candidates) = (Vec::new(), Vec::new());
        loop {
            let mut chunk = Vec::new();
            let mut bytes = 0;
            while !is_full(chunk.len(), bytes)
                && let Some(document) = reader.read_document().map_err(source_error)?
            {
                bytes += document.text().len();
                chunk.push(document);
            }
            if chunk.is_empty() {
                break;
            }
            candidates.extend(self.candidates(&mut chunk, measure, &mut counts)?);
            documents.extend(chunk.into_iter().map(Some));
        }
        let read = documents.len();
        let with_words =
            |document: &Option<Document>| document.as_ref().is_some_and(|d| !d.is_empty());
        let empty = documents.iter().filter(|document| !with_words(document)).count();
        if read == empty {
            let found = match read {
                0 => "no documents".to_owned(),
                1 => "a document without words".to_owned(),
                read => format!("{read} documents without words"),
            };
            let hint = "what is annotated is a text: a line of plain text, or a record with a text";
            return Err(unusable(name, "documents with words", found, Some(hint)));
        }
        // Those without words are worth nothing, and so last; they are cut off.
        let ranked = rank(&candidates, read);
        let chosen =
            ranked.into_iter().filter(|own| documents.get(own.index).is_some_and(with_words));
        let chosen: Vec<Chosen> = chosen.take(count).collect();
        let with_document =
            |own: Chosen| Some((own, documents.get_mut(own.index).and_then(Option::take)?));
        let documents = chosen.into_iter().filter_map(with_document).collect();
        Ok(Suggestions { documents, read, counts })
    }

    /// Annotates documents, and says what the model is unsure of in each.
    fn candidates(
        &self,
        documents: &mut [Document],
        measure: Uncertainty,
        counts: &mut AlignmentCounts,
    ) -> Result<Vec<Candidate>, PipelineError> {
        let dataset = self.codec.preparer().without_gold().dataset(documents)?;
        counts.add(&dataset.counts);
        let predictions = self.score_words(&dataset)?.decode(&dataset, self.decoding())?;
        let builder = CandidateBuilder::new(measure, self.labels());
        let mut builders = vec![builder; documents.len()];
        let predicted = predictions.sentences.iter().zip(&predictions.scores);
        for (gold, (prediction, scores)) in dataset.sentences.iter().zip(predicted) {
            let (Some(document), Some(builder)) =
                (documents.get(gold.document), builders.get_mut(gold.document))
            else {
                continue;
            };
            let before = builder.words();
            let all: Vec<&str> = document.words().skip(before).take(gold.tags.len()).collect();
            for range in gold.sentences() {
                let Some((words, tags)) =
                    all.get(range.clone()).zip(prediction.tags.get(range.clone()))
                else {
                    continue;
                };
                let scores = scores.slice(s![range, ..]);
                let path =
                    || tags.iter().map(|tag| self.labels().id(tag)).collect::<Option<Vec<_>>>();
                match predictions.transitions.as_ref().zip(path()) {
                    Some((chain, path)) => builder.add_sentence(
                        words,
                        chain.marginals(scores).view(),
                        tags,
                        Some(-chain.negative_log_likelihood(scores, &path)),
                    ),
                    None => builder.add_sentence(words, scores.mapv(f32::exp).view(), tags, None),
                }
            }
        }
        let candidates = builders.into_iter().map(CandidateBuilder::finish).collect();
        self.annotator(&self.thresholds, 0).write_back(documents, &dataset, &predictions)?;
        Ok(candidates)
    }
}

fn unusable(place: &str, expected: &str, found: String, hint: Option<&str>) -> PipelineError {
    PipelineError::Data {
        place: place.to_owned(),
        expected: expected.to_owned(),
        found,
        hint: hint.map(str::to_owned),
    }
}
