//! Tokenizers of the Hugging Face `tokenizers` library.

mod ascii;
mod class;
mod config;
mod files;
mod legacy;
mod names;
mod special;
mod text;
mod vet;

use std::path::Path;

use ner_align_core::{BoxError, Encoding, SpecialTokens, SubwordTokenizer, fenced};
use tokenizers::{
    Model, ModelWrapper, NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizer,
    PreTokenizerWrapper, Tokenizer,
};

use crate::SubwordError;
use crate::cache::{CacheStatistics, WordCache};

use ascii::AsciiWords;
use class::TokenizerClass;
use config::TokenizerConfig;
pub use text::TextEncoding;

/// The default size limit of the word cache, in bytes.
const CACHE_BYTES: usize = 64 << 20;

/// A tokenizer in the Hugging Face layout, cutting words exactly as `transformers` does with
/// `is_split_into_words=True`.
///
/// Each word is normalised, pre-tokenized and cut alone. Where the pre-tokenizer is byte-level (GPT-2,
/// RoBERTa), each word gets its prefix space, whatever the file says: that is transformers'
/// `add_prefix_space=True`, without which words would be read as the middles of words. Where it is
/// a sequence of steps, the file decides, as in transformers. Truncation
/// and padding that a `tokenizer.json` may have switched on are switched off.
///
/// Words are independent of each other, so they are remembered, in a cache of limited size that
/// threads share; tokenizers that cut at random (BPE dropout, Unigram sampling) go without.
///
/// ```
/// use ner_align_core::{Encoding, SubwordTokenizer};
/// use ner_align_subword::HfTokenizer;
///
/// # let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
/// let tokenizer = HfTokenizer::from_dir(model)?;
/// let mut encoding = Encoding::new();
/// tokenizer.encode_words(&["Marta", "\u{200b}", "lives"], &mut encoding)?;
/// // The invisible word leaves nothing, and keeps its place.
/// assert_eq!(encoding.words(), 3);
/// assert!(encoding.word(1).is_empty());
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct HfTokenizer {
    tokenizer: Tokenizer,
    specials: SpecialTokens,
    config: TokenizerConfig,
    /// Cuts texts; words have one with a prefix space.
    of_texts: Option<PreTokenizerWrapper>,
    ascii: Option<AsciiWords>,
    cache: Option<WordCache>,
}

impl HfTokenizer {
    /// Reads a `tokenizer.json`, with the `tokenizer_config.json` beside it where there is one.
    ///
    /// # Errors
    /// [`SubwordError::Io`], [`SubwordError::Json`] or [`SubwordError::Tokenizer`] with the path.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SubwordError> {
        let path = path.as_ref();
        let config = TokenizerConfig::beside(path)?;
        Self::assemble_fenced(files::read_tokenizer(path)?, config, path)
    }

    /// Reads the tokenizer of a model directory: `tokenizer.json`, or else `vocab.txt` as WordPiece, or
    /// else `vocab.json` with `merges.txt` as RoBERTa's BPE; with `tokenizer_config.json` and
    /// `special_tokens_map.json` where they are.
    ///
    /// # Errors
    /// [`SubwordError::NoTokenizer`] if there is none of these; [`SubwordError::TokenizerClass`] if a
    /// vocabulary is that of a class that cuts words in another way; [`SubwordError::NoToken`] if it
    /// lacks a special token; otherwise as [`HfTokenizer::from_file`].
    pub fn from_dir(directory: impl AsRef<Path>) -> Result<Self, SubwordError> {
        let directory = directory.as_ref();
        let json = directory.join(names::TOKENIZER);
        if json.is_file() {
            return Self::from_file(json);
        }
        let (tokenizer, config, path) = legacy::read(directory)?;
        Self::assemble_fenced(tokenizer, config, &path)
    }

    /// The library takes much of a file on trust: what it panics on is an error of the file.
    fn assemble_fenced(
        tokenizer: Tokenizer,
        config: TokenizerConfig,
        path: &Path,
    ) -> Result<Self, SubwordError> {
        fenced(|| Self::assemble(tokenizer, config, path)).unwrap_or_else(|caught| {
            Err(SubwordError::Tokenizer { path: path.to_owned(), source: caught.into() })
        })
    }

    fn assemble(
        mut tokenizer: Tokenizer,
        config: TokenizerConfig,
        path: &Path,
    ) -> Result<Self, SubwordError> {
        let broken = |source| SubwordError::Tokenizer { path: path.to_owned(), source };
        special::check_template(&tokenizer).map_err(broken)?;
        let pad = special::pad_id(&tokenizer, &config);
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(broken)?;
        let of_texts =
            text::of_texts(tokenizer.get_pre_tokenizer(), config.switch("add_prefix_space"));
        config.apply(&mut tokenizer).map_err(broken)?;
        TokenizerClass::of(&config, path)?.complete(&mut tokenizer, &config).map_err(broken)?;
        let (before, after) = special::frame(&tokenizer).map_err(broken)?;
        let cache = is_deterministic(&tokenizer).then(|| WordCache::new(CACHE_BYTES));
        let ascii = AsciiWords::of(&tokenizer);
        let mask = special::mask_id(&tokenizer, &config);
        let unknown = special::unknown_id(&tokenizer);
        let specials = SpecialTokens::new(before, after, pad).with_mask(mask).with_unknown(unknown);
        Ok(Self { tokenizer, specials, config, of_texts, ascii, cache })
    }

    /// Gives the word cache another size, in bytes; 0 for none.
    #[must_use]
    pub fn with_cache_bytes(mut self, bytes: usize) -> Self {
        self.cache =
            (bytes > 0 && is_deterministic(&self.tokenizer)).then(|| WordCache::new(bytes));
        self
    }

    /// Statistics of the word cache so far; zeros without a cache.
    #[must_use]
    pub fn cache_statistics(&self) -> CacheStatistics {
        self.cache.as_ref().map(WordCache::statistics).unwrap_or_default()
    }

    /// The longest input that the model was made for, special tokens included, as
    /// `tokenizer_config.json` says; `None` where it says nothing or "endless".
    #[must_use]
    pub fn model_max_length(&self) -> Option<usize> {
        self.config.model_max_length()
    }

    /// Number of ids, added tokens included.
    #[must_use]
    pub fn vocabulary_size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The id of what the vocabulary does not know, where the model has one.
    #[must_use]
    pub const fn unknown_id(&self) -> Option<u32> {
        self.specials.unknown
    }

    /// A word as the tokenizer's normaliser leaves it: all that the model can know of it.
    ///
    /// # Errors
    /// [`SubwordError::Encode`] with the word.
    pub fn normalize(&self, word: &str) -> Result<String, SubwordError> {
        let normalize = || {
            let mut normalized = NormalizedString::from(word);
            if let Some(normalizer) = self.tokenizer.get_normalizer() {
                normalizer.normalize(&mut normalized)?;
            }
            Ok(normalized.get().to_owned())
        };
        fenced(normalize)
            .unwrap_or_else(|caught| Err(caught.into()))
            .map_err(|source| SubwordError::encode(word, source))
    }

    /// Writes `tokenizer.json` and `tokenizer_config.json` into `directory`, which exists, such
    /// that this crate and `transformers` read back the tokenizer in use.
    ///
    /// # Errors
    /// [`SubwordError::Io`] if a file cannot be written.
    pub fn save(&self, directory: impl AsRef<Path>) -> Result<(), SubwordError> {
        files::save(directory.as_ref(), &self.tokenizer, &self.config, self.specials.pad)
    }

    /// Appends the subtokens of one word: the library's own steps for a word of a pre-tokenized
    /// sequence, without the offsets, masks and texts that an `Encoding` would add.
    fn cut(&self, word: &str, ids: &mut Vec<u32>) -> Result<(), BoxError> {
        let tokenizer = &self.tokenizer;
        if self.ascii.as_ref().is_some_and(|ascii| ascii.cut(tokenizer.get_model(), word, ids)) {
            return Ok(());
        }
        let mut pieces = tokenizer
            .get_added_vocabulary()
            .extract_and_normalize(tokenizer.get_normalizer(), word);
        if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut pieces)?;
        }
        tokenizer.get_model().tokenize_in_pretokenized(&mut pieces, None)?;
        for (_, _, tokens) in pieces.get_splits(OffsetReferential::Normalized, OffsetType::None) {
            ids.extend(tokens.iter().flatten().map(|token| token.id));
        }
        Ok(())
    }
}

/// False for tokenizers that cut the same word differently from time to time.
fn is_deterministic(tokenizer: &Tokenizer) -> bool {
    match tokenizer.get_model() {
        ModelWrapper::BPE(bpe) => bpe.dropout.is_none_or(|dropout| dropout == 0.0),
        ModelWrapper::Unigram(unigram) => unigram.alpha.is_none_or(|alpha| alpha == 0.0),
        ModelWrapper::WordPiece(_) | ModelWrapper::WordLevel(_) => true,
    }
}

impl SubwordTokenizer for HfTokenizer {
    fn encode_words(&self, words: &[&str], encoding: &mut Encoding) -> Result<(), BoxError> {
        let mut hits = 0;
        let mut ids = Vec::new();
        for word in words {
            let known = self
                .cache
                .as_ref()
                .is_some_and(|cache| cache.get(word, |ids| encoding.push_word(ids)));
            if known {
                hits += 1;
                continue;
            }
            ids.clear();
            fenced(|| self.cut(word, &mut ids))
                .unwrap_or_else(|caught| Err(caught.into()))
                .map_err(|source| SubwordError::encode(word, source))?;
            encoding.push_word(&ids);
            if let Some(cache) = &self.cache {
                cache.insert(word, &ids);
            }
        }
        if let Some(cache) = &self.cache {
            cache.count(hits, words.len() as u64 - hits);
        }
        Ok(())
    }

    fn special_tokens(&self) -> &SpecialTokens {
        &self.specials
    }

    fn token(&self, id: u32) -> Option<String> {
        self.tokenizer.id_to_token(id)
    }
}

#[cfg(test)]
mod tests;
