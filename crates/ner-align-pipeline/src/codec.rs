//! How documents become windows of subtokens, and logits become tags: the part of a model that is
//! not in its weights.

use std::sync::Arc;

use ner_align_core::{
    Dataset, Document, Label, LabelAligner, LabelSet, Scheme, TagDecoder, WordSplitting,
};
use ner_align_subword::{
    Aggregate, Aligner, Argmax, Constrained, Favouring, HfTokenizer, Preparer, Strategy,
    WindowUnit, WordScorer,
};
use ner_align_train::Decoding;
use serde::{Deserialize, Serialize};

use crate::PipelineError;
use crate::sensitivity::Sensitivity;
use crate::settings::Decode;

/// What a model folder says of the way from documents to windows and back, so that prediction does
/// as training did. The keys are those of `meta.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CodecSettings {
    /// How subtokens carry the labels of their words.
    pub strategy: Strategy,
    /// Positions of a window, special tokens included.
    pub max_length: usize,
    /// Subtokens that neighbouring windows share at most.
    pub stride: usize,
    /// What goes into windows as one sequence.
    pub unit: WindowUnit,
    /// Subtokens of the document on each side of a sentence.
    pub context: usize,
    /// Sentences of a document where files mark no documents; 0: the whole file.
    pub sentences_per_document: usize,
    /// How raw text becomes words.
    #[serde(skip_serializing_if = "is_default")]
    pub words: WordSplitting,
    /// How scores became tags when the model was evaluated; `None` where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode: Option<Decode>,
}

fn is_default(words: &WordSplitting) -> bool {
    *words == WordSplitting::default()
}

impl Default for CodecSettings {
    /// What holds for a model that another tool saved.
    fn default() -> Self {
        Self {
            strategy: Strategy::First,
            max_length: 512,
            stride: 128,
            unit: WindowUnit::Sentence,
            context: 0,
            sentences_per_document: 1,
            words: WordSplitting::default(),
            decode: None,
        }
    }
}

impl CodecSettings {
    /// The same settings within what a model and its tokenizer allow: `longest_window` positions,
    /// and a stride at which windows still advance.
    #[must_use]
    pub fn fitted(mut self, longest_window: usize, tokenizer: &HfTokenizer) -> Self {
        let limit = tokenizer.model_max_length().unwrap_or(longest_window);
        self.max_length = self.max_length.min(longest_window).min(limit);
        self.stride = stride_within(self.stride, self.max_length);
        self
    }

    /// True if the neighbours of a sentence matter, so that documents must be those of training.
    #[must_use]
    pub fn sees_documents(&self) -> bool {
        self.unit == WindowUnit::Document || self.context > 0
    }
}

/// The stride as far as windows of this length still advance by half of what they hold beside two
/// special tokens.
pub(crate) fn stride_within(stride: usize, max_length: usize) -> usize {
    stride.min(max_length.saturating_sub(2) / 2)
}

/// Turns documents into the windows of one model, on any thread: its clones share the tokenizer.
#[derive(Debug, Clone)]
pub(crate) struct WindowMaker {
    settings: CodecSettings,
    tokenizer: Arc<HfTokenizer>,
    labels: LabelSet,
    aligner: Aligner,
}

impl WindowMaker {
    pub(crate) fn preparer(&self) -> Preparer<'_> {
        Preparer::new(&*self.tokenizer, &self.aligner, &self.labels)
            .max_length(self.settings.max_length)
            .stride(self.settings.stride)
            .unit(self.settings.unit)
            .context(self.settings.context)
    }
}

/// Turns documents into windows, and logits into tags, for one model.
pub struct Codec {
    windows: WindowMaker,
    scorer: WordScorer,
    decode: Decode,
    sensitivity: Sensitivity,
    decoder: Box<dyn TagDecoder + Send>,
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codec")
            .field("settings", self.settings())
            .field("labels", self.labels())
            .finish_non_exhaustive()
    }
}

impl Codec {
    /// The codec of a model with these classes, which decodes as the settings say, constrained
    /// where they say nothing.
    ///
    /// # Errors
    /// [`PipelineError::Subword`] if the strategy needs a class that `labels` lacks.
    pub fn new(
        settings: CodecSettings,
        tokenizer: HfTokenizer,
        labels: LabelSet,
    ) -> Result<Self, PipelineError> {
        Self::on(settings, Arc::new(tokenizer), labels)
    }

    fn on(
        settings: CodecSettings,
        tokenizer: Arc<HfTokenizer>,
        labels: LabelSet,
    ) -> Result<Self, PipelineError> {
        let aligner = Aligner::new(settings.strategy, &labels)?;
        let scorer = WordScorer::new(Aggregate::First, &aligner, &labels);
        let (decode, sensitivity) = (settings.decode.unwrap_or_default(), Sensitivity::default());
        let decoder = decoder(decode, &sensitivity, &labels);
        let windows = WindowMaker { settings, tokenizer, labels, aligner };
        Ok(Self { windows, scorer, decode, sensitivity, decoder })
    }

    /// The same codec, decoding in this way.
    #[must_use]
    pub fn with_decode(mut self, decode: Decode) -> Self {
        self.decode = decode;
        self.with_decoder()
    }

    /// The same codec, finding more of what this favours.
    #[must_use]
    pub fn with_sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self.with_decoder()
    }

    fn with_decoder(mut self) -> Self {
        self.decoder = decoder(self.decode, &self.sensitivity, self.labels());
        self
    }

    /// The same codec, with the classes read in this scheme.
    ///
    /// # Errors
    /// [`PipelineError::Labels`] if the scheme lacks the prefix of a class.
    pub fn with_scheme(self, scheme: Scheme) -> Result<Self, PipelineError> {
        let WindowMaker { settings, tokenizer, labels, .. } = self.windows;
        let own = Self::on(settings, tokenizer, labels.in_scheme(scheme)?)?;
        Ok(own.with_sensitivity(self.sensitivity))
    }

    /// The same codec, with this way from scores of subtokens to scores of words.
    #[must_use]
    pub fn with_aggregate(mut self, aggregate: Aggregate) -> Self {
        self.scorer = WordScorer::new(aggregate, &self.windows.aligner, &self.windows.labels);
        self
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &CodecSettings {
        &self.windows.settings
    }

    /// The tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> &HfTokenizer {
        &self.windows.tokenizer
    }

    /// The classes, by id.
    #[must_use]
    pub const fn labels(&self) -> &LabelSet {
        &self.windows.labels
    }

    /// Makes the windows of the model.
    #[must_use]
    pub fn preparer(&self) -> Preparer<'_> {
        self.windows.preparer()
    }

    /// What makes the windows, for other threads.
    pub(crate) const fn windows(&self) -> &WindowMaker {
        &self.windows
    }

    /// The documents as windows with gold labels.
    ///
    /// # Errors
    /// As [`Preparer::dataset`].
    pub fn encode(&self, documents: &[Document]) -> Result<Dataset, PipelineError> {
        Ok(self.preparer().dataset(documents)?)
    }

    /// How the logits of the windows become tags.
    #[must_use]
    pub fn decoding(&self) -> Decoding<'_> {
        Decoding::new(&self.scorer, self.decoder.as_ref())
            .with_all_subtokens(self.windows.aligner.labels_continuations())
    }
}

/// How scores of words become classes, with a bonus for those that the sensitivity favours.
pub(crate) fn decoder(
    decode: Decode,
    sensitivity: &Sensitivity,
    labels: &LabelSet,
) -> Box<dyn TagDecoder + Send> {
    match decode {
        Decode::Constrained => favouring(Constrained::new(labels), sensitivity, labels),
        Decode::Argmax => favouring(Argmax::new(labels), sensitivity, labels),
    }
}

fn favouring<D: TagDecoder + Send + 'static>(
    decoder: D,
    sensitivity: &Sensitivity,
    labels: &LabelSet,
) -> Box<dyn TagDecoder + Send> {
    if sensitivity.is_none() {
        return Box::new(decoder);
    }
    let bonus = |label: Option<&Label>| label.map_or(0.0, |label| sensitivity.of(label));
    Box::new(Favouring::new(decoder, labels, |tag| bonus(tag.label()) as f32))
}
