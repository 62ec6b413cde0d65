//! Any word at all, against the tokenizers crate itself.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::sync::LazyLock;

use ner_align_core::{Encoding, SubwordTokenizer};
use ner_align_subword::HfTokenizer;
use proptest::prelude::*;
use tokenizers::Tokenizer;

/// Each tokenizer with and without a cache, and the library's own on the files that ours saves.
static PAIRS: LazyLock<Vec<([HfTokenizer; 2], Tokenizer)>> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers");
    let pair = |name: &str| {
        let read = || HfTokenizer::from_dir(directory.join(name)).unwrap();
        let target = tempfile::tempdir().unwrap();
        read().save(target.path()).unwrap();
        let bare = Tokenizer::from_file(target.path().join("tokenizer.json")).unwrap();
        // A cache too small for what is asked of it, so that it forgets.
        ([read().with_cache_bytes(1 << 16), read().with_cache_bytes(0)], bare)
    };
    ["byte-level", "unigram", "wordpiece"].map(pair).into()
});

/// Words of any characters, of few characters that come again, and of names of special tokens.
fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        "[a-eA-E]{0,4}",
        "[!-~]{0,12}",
        "[a-z]{1,6}[A-Z0-9,.'-]{0,3}",
        "[A-Za-z]{99,102}",
        "[ \\t\u{200b}\u{301}▁ĠØ#]{0,3}(\\[SEP\\]|</s>|<mask>|a)?[ a]{0,2}",
    ];
    prop::collection::vec(word, 0..8)
}

proptest! {
    #[test]
    fn words_are_cut_as_the_library_cuts_them(words in words()) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for (ours, bare) in PAIRS.iter() {
            let expected = bare.encode(words.clone(), false).unwrap();
            for ours in ours {
                let mut encoding = Encoding::new();
                ours.encode_words(&words, &mut encoding).unwrap();
                prop_assert_eq!(encoding.words(), words.len());
                prop_assert_eq!(encoding.ids(), expected.get_ids());
                let word_ids: Vec<Option<u32>> = (0..words.len())
                    .flat_map(|word| encoding.range(word).map(move |_| Some(word as u32)))
                    .collect();
                prop_assert_eq!(&word_ids[..], expected.get_word_ids());
                let framed = bare.encode(words.clone(), true).unwrap();
                let specials = ours.special_tokens();
                let ids = [&specials.before, encoding.ids(), &specials.after].concat();
                prop_assert_eq!(&ids[..], framed.get_ids());
            }
        }
    }
}
