//! Files of tokenizers that nobody should trust: each loads and cuts words, or is one error.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{Encoding, SubwordTokenizer};
use ner_align_subword::{HfTokenizer, SubwordError};
use proptest::prelude::*;
use serde_json::{Value, json};

const WORDS: [&str; 8] =
    ["Ada", "x", "naïve", "了解", "A.B-1", "\u{200b}", "<mask>", "aaaaaaaaaaaa"];

fn own(name: &str) -> Value {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers")).join(name);
    serde_json::from_slice(&fs::read(folder.join("tokenizer.json")).unwrap()).unwrap()
}

fn load(text: &[u8]) -> Result<HfTokenizer, SubwordError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    fs::write(&path, text).unwrap();
    HfTokenizer::from_file(path)
}

/// Uses all of a tokenizer. Only the way it ends counts.
fn use_up(text: &[u8]) {
    let Ok(tokenizer) = load(text) else { return };
    for word in WORDS {
        let mut encoding = Encoding::new();
        let _ = tokenizer.encode_words(&[word], &mut encoding);
        let _ = tokenizer.normalize(word);
        if let Ok(encoding) = tokenizer.encode_text(word) {
            let tokens = encoding.ids.iter().filter_map(|id| tokenizer.token(*id)).collect();
            let _ = tokenizer.join(tokens);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let _ = tokenizer.save(folder.path());
}

#[test]
fn what_a_file_asks_for_is_looked_at_first() {
    // Eight gigabytes of trie in eight bytes; a trie of one unit, whose children are past its end;
    // a leaf that is past the texts.
    let maps = ["/////w==", "BAAAAAAEAAA=", "AAAAAA=="];
    let doubled = vec![json!({"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}); 40];
    let normalizers = maps
        .map(|map| json!({"type": "Precompiled", "precompiled_charsmap": map}))
        .into_iter()
        .chain([json!({"type": "Sequence", "normalizers": doubled})])
        .map(|normalizer| ("unigram", "/normalizer", normalizer));
    let others = [
        ("wordpiece", "/pre_tokenizer", json!({"type": "FixedLength", "length": 0})),
        ("wordpiece", "/model/max_input_chars_per_word", json!(1_000_000_000)),
        ("byte-level", "/model/merges", json!([["a", "b"], ["Ġ", "zzzz"]])),
        ("byte-level", "/model/merges", json!(["a"])),
        ("byte-level", "/model/continuing_subword_prefix", json!("longer than any token")),
        ("byte-level", "/model/vocab/!", json!(139_666_666)),
        ("wordpiece", "/added_tokens/0/id", json!(4_000_000_000_u32)),
        ("unigram", "/model/unk_id", json!(4_000_000_000_u32)),
        ("wordpiece", "/model/unk_token", json!("no such token")),
    ];
    for (name, place, value) in normalizers.chain(others) {
        let mut file = own(name);
        *file.pointer_mut(place).unwrap() = value.clone();
        let text = serde_json::to_vec(&file).unwrap();
        let outcome = load(&text).and_then(|tokenizer| {
            let mut encoding = Encoding::new();
            tokenizer.encode_words(&["\u{10348}qqq"], &mut encoding).map_err(|error| {
                assert!(error.to_string().contains("qqq"), "{error}");
                SubwordError::NoTokenizer { path: PathBuf::new() }
            })
        });
        assert!(outcome.is_err(), "{name} {place} {value}");
    }
}

#[test]
fn an_error_names_the_file_in_one_line() {
    for value in [
        json!({"type": "FixedLength", "length": 0}),
        json!({"type": "Split", "pattern": {"Regex": "(("}, "behavior": "Isolated", "invert": false}),
    ] {
        let mut file = own("wordpiece");
        file["pre_tokenizer"] = value;
        let error = load(&serde_json::to_vec(&file).unwrap()).unwrap_err().to_string();
        assert!(error.contains("tokenizer.json: ") && !error.contains('\n'), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_no_tokenizer() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tokenizer.json", "vocab.txt"] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        let error = HfTokenizer::from_file(&path).unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
    }
}

/// The places of a JSON value, as pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    let mut go = |key: &str, value| {
        places(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), into);
    };
    match value {
        // A vocabulary has thousands of places that are alike.
        Value::Object(map) => map.iter().take(24).for_each(|(key, value)| go(key, value)),
        Value::Array(list) => {
            list.iter().take(24).enumerate().for_each(|(at, value)| go(&at.to_string(), value));
        }
        _ => {}
    }
}

fn odd_values() -> impl Strategy<Value = Value> {
    let step = |name: &'static str| {
        (prop::sample::select(vec![0, 1, 255, 4_294_967_295_u64, u64::MAX]), ".{0,3}").prop_map(
            move |(number, text)| {
                json!({"type": name, "length": number, "content": text, "prepend": text,
                    "pattern": {"Regex": text}, "prefix": text, "suffix": text, "start": number,
                    "stop": number, "delimiter": text, "replacement": "▁", "split": true,
                    "prepend_scheme": "always", "add_prefix_space": true, "trim_offsets": true,
                    "use_regex": true, "individual_digits": true, "behavior": "Removed",
                    "invert": true, "cleanup": true, "strip_left": true, "strip_right": true,
                    "precompiled_charsmap": text, "cls": [text, number], "sep": [text, number],
                    "single": [{"Sequence": {"id": "B", "type_id": number}}], "pair": [],
                    "special_tokens": {}, "normalizers": [], "pretokenizers": [], "decoders": [],
                    "processors": [], "id": number, "single_word": true, "lstrip": true,
                    "rstrip": true, "normalized": true, "special": true})
            },
        )
    };
    prop_oneof![
        Just(Value::Null),
        prop::sample::select(vec![json!([]), json!({}), json!(true), json!("")]),
        prop::sample::select(vec![-1.0, 0.0, 0.5, 1e300]).prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        "[a▁##Ġ(\\[.*+)|?é\u{200b}]{0,6}".prop_map(Value::from),
        prop::sample::select(vec![
            "FixedLength",
            "Replace",
            "Prepend",
            "Split",
            "Metaspace",
            "Digits",
            "Punctuation",
            "Strip",
            "Fuse",
            "CTC",
            "WordPiece",
            "ByteLevel",
            "ByteFallback",
            "Precompiled",
            "BertProcessing",
            "RobertaProcessing",
            "TemplateProcessing",
            "CharDelimiterSplit",
            "NFKC",
            "Sequence",
        ])
        .prop_flat_map(step),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_mutated_file_is_a_tokenizer_or_an_error(
        name in prop::sample::select(vec!["wordpiece", "byte-level", "unigram"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_values()), 1..4),
    ) {
        let mut file = own(name);
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&file, "", &mut all);
            let place: &String = place.get(&all);
            *file.pointer_mut(place).unwrap() = value;
        }
        use_up(&serde_json::to_vec(&file).unwrap());
    }
}
