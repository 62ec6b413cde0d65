//! Whole texts, cut as transformers cuts them.

use ner_align_core::{BoxError, fenced};
use tokenizers::{
    Decoder, Model, ModelWrapper, OffsetType, PostProcessor, PreTokenizer, PreTokenizerWrapper,
};

use super::HfTokenizer;
use crate::SubwordError;

/// The subtokens of a text that nobody cut into words, without special tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TextEncoding {
    /// The ids: `[subtokens]`.
    pub ids: Vec<u32>,
    /// First code point of each subtoken and the first after it, from 0 within the text:
    /// `[subtokens]`. They are the tokenizer's: where its normaliser changes a text, a subtoken
    /// covers what it came from.
    pub offsets: Vec<(usize, usize)>,
}

impl HfTokenizer {
    /// Cuts a text as `transformers` does without `is_split_into_words`: the tokenizer itself finds
    /// the words. Byte-level tokenizers put a space before the text only if their files say so.
    ///
    /// ```
    /// use ner_align_subword::HfTokenizer;
    ///
    /// # let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
    /// let tokenizer = HfTokenizer::from_dir(model)?;
    /// let encoding = tokenizer.encode_text("É a.")?;
    /// assert_eq!(encoding.offsets, [(0, 1), (2, 3), (3, 4)]);
    /// # Ok::<(), ner_align_subword::SubwordError>(())
    /// ```
    ///
    /// # Errors
    /// [`SubwordError::Encode`] with the start of the text.
    pub fn encode_text(&self, text: &str) -> Result<TextEncoding, SubwordError> {
        fenced(|| self.cut_text(text))
            .unwrap_or_else(|caught| Err(caught.into()))
            .map_err(|source| SubwordError::encode(text, source))
    }

    /// The library's own steps, with the pre-tokenizer for texts.
    fn cut_text(&self, text: &str) -> Result<TextEncoding, BoxError> {
        let tokenizer = &self.tokenizer;
        let mut pieces = tokenizer
            .get_added_vocabulary()
            .extract_and_normalize(tokenizer.get_normalizer(), text);
        if let Some(pre_tokenizer) = &self.of_texts {
            pre_tokenizer.pre_tokenize(&mut pieces)?;
        }
        tokenizer.get_model().tokenize_in_pretokenized(&mut pieces, None)?;
        let encoding = pieces.into_encoding(None, 0, OffsetType::Char)?;
        // Byte-level tokenizers take the space before a word from its offsets here.
        let encoding = match tokenizer.get_post_processor() {
            Some(processor) => processor.process(encoding, None, false)?,
            None => encoding,
        };
        Ok(TextEncoding {
            ids: encoding.get_ids().to_vec(),
            offsets: encoding.get_offsets().to_vec(),
        })
    }

    /// The text of subtokens, as the tokenizer's decoder joins them; with spaces where it has none.
    ///
    /// # Errors
    /// [`SubwordError::Encode`] with the subtokens.
    pub fn join(&self, tokens: Vec<String>) -> Result<String, SubwordError> {
        let Some(decoder) = self.tokenizer.get_decoder() else { return Ok(tokens.join(" ")) };
        let shown = tokens.join(" ");
        fenced(|| decoder.decode(tokens))
            .unwrap_or_else(|caught| Err(caught.into()))
            .map_err(|source| SubwordError::encode(&shown, source))
    }

    /// True if a prefix marks the subtokens that continue a word, as `##` in WordPiece.
    #[must_use]
    pub fn marks_continuations(&self) -> bool {
        match self.tokenizer.get_model() {
            ModelWrapper::WordPiece(_) => true,
            ModelWrapper::BPE(model) => {
                model.continuing_subword_prefix.as_ref().is_some_and(|prefix| !prefix.is_empty())
            }
            ModelWrapper::Unigram(_) | ModelWrapper::WordLevel(_) => false,
        }
    }
}

/// The pre-tokenizer for texts: that of the file, with the prefix space that the settings name.
pub(super) fn of_texts(
    own: Option<&PreTokenizerWrapper>,
    prefix_space: Option<bool>,
) -> Option<PreTokenizerWrapper> {
    let mut pre_tokenizer = own?.clone();
    if let Some(yes) = prefix_space {
        super::config::set_prefix_space(&mut pre_tokenizer, yes);
    }
    Some(pre_tokenizer)
}
