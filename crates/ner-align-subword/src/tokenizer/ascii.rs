//! Words of printable ASCII under BERT's tokenizers, cut without the library's detours.
//!
//! Most words of most corpora are ASCII, and for them all that BERT's normaliser and pre-tokenizer
//! do is to change case and to part punctuation. Knowing that saves the bookkeeping of offsets,
//! nine tenths of the library's time. Ids come from the library's own vocabulary.

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::{
    Model, ModelWrapper, NormalizedString, Normalizer, NormalizerWrapper, PreTokenizerWrapper,
    Tokenizer,
};

/// What is to be known of a tokenizer to cut such words.
#[derive(Debug)]
pub(super) struct AsciiWords {
    lowercase: bool,
    /// Bytes that a word must not have, since an added token such as `[SEP]` begins with them.
    reserved: [bool; 128],
    /// In bytes: nothing longer needs to be looked up.
    longest_subtoken: usize,
}

impl AsciiWords {
    /// `None` for tokenizers that are not BERT's.
    pub(super) fn of(tokenizer: &Tokenizer) -> Option<Self> {
        let lowercase = match tokenizer.get_normalizer() {
            None => false,
            Some(NormalizerWrapper::BertNormalizer(normalizer)) => normalizer.lowercase,
            Some(_) => return None,
        };
        let (ModelWrapper::WordPiece(model), Some(PreTokenizerWrapper::BertPreTokenizer(_))) =
            (tokenizer.get_model(), tokenizer.get_pre_tokenizer())
        else {
            return None;
        };
        let mut reserved = [false; 128];
        for token in tokenizer.get_added_vocabulary().get_added_tokens_decoder().values() {
            let mut pattern = NormalizedString::from(token.content.as_str());
            if let Some(normalizer) = tokenizer.get_normalizer().filter(|_| token.normalized) {
                normalizer.normalize(&mut pattern).ok()?;
            }
            let first = *pattern.get().as_bytes().first()?;
            // It is looked for in the word as it is, or in its lower case.
            for byte in [first, first.to_ascii_uppercase(), first.to_ascii_lowercase()] {
                if let Some(reserved) = reserved.get_mut(usize::from(byte)) {
                    *reserved = true;
                }
            }
        }
        let longest_subtoken = model.get_vocab().keys().map(String::len).max()?;
        Some(Self { lowercase, reserved, longest_subtoken })
    }

    /// Appends the subtokens of `word`; false, and nothing done, where this is no such word.
    pub(super) fn cut(&self, model: &ModelWrapper, word: &str, ids: &mut Vec<u32>) -> bool {
        let plain = |byte: &u8| byte.is_ascii_graphic() && !self.reserved[usize::from(*byte)];
        let ModelWrapper::WordPiece(model) = model else { return false };
        if !word.as_bytes().iter().all(plain) {
            return false;
        }
        let Some(unknown) = model.token_to_id(&model.unk_token) else { return false };
        let mut text = String::with_capacity(word.len() + model.continuing_subword_prefix.len());
        for part in parts(word) {
            if !self.cut_part(model, part, &mut text, ids) {
                ids.push(unknown);
            }
        }
        true
    }

    /// WordPiece: the longest subtoken in the vocabulary, again and again; false, and nothing
    /// done, if at some place there is none.
    fn cut_part(
        &self,
        model: &WordPiece,
        part: &str,
        text: &mut String,
        ids: &mut Vec<u32>,
    ) -> bool {
        if part.len() > model.max_input_chars_per_word {
            return false;
        }
        let before = ids.len();
        let mut start = 0;
        while start < part.len() {
            text.clear();
            if start > 0 {
                text.push_str(&model.continuing_subword_prefix);
            }
            let prefix = text.len();
            text.push_str(&part[start..]);
            if self.lowercase {
                text[prefix..].make_ascii_lowercase();
            }
            let mut ends = (prefix + 1..=text.len().min(self.longest_subtoken)).rev();
            match ends.find_map(|end| Some((end, model.token_to_id(&text[..end])?))) {
                Some((end, id)) => {
                    ids.push(id);
                    start += end - prefix;
                }
                None => {
                    ids.truncate(before);
                    return false;
                }
            }
        }
        true
    }
}

/// Runs of what is no punctuation, and each punctuation mark by itself.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let end = match rest.find(|c: char| c.is_ascii_punctuation()) {
            Some(0) => 1,
            Some(end) => end,
            None => rest.len(),
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}
