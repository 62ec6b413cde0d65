//! A toy WordPiece vocabulary, read, used, saved and read again.

use std::fs;
use std::path::Path;

use ner_align_core::{Encoding, SubwordTokenizer};
use serde_json::{Value, json};

use super::HfTokenizer;
use crate::SubwordError;

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nober\n##lin\nnorth\n##ern\n,\nO\n";

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn pieces(tokenizer: &HfTokenizer, words: &[&str]) -> Vec<Vec<String>> {
    let mut encoding = Encoding::new();
    tokenizer.encode_words(words, &mut encoding).unwrap();
    let token = |id: &u32| tokenizer.token(*id).unwrap();
    (0..encoding.words()).map(|w| encoding.word(w).iter().map(token).collect()).collect()
}

#[test]
fn a_vocabulary_alone_makes_a_tokenizer() {
    let directory = directory(&[
        ("vocab.txt", VOCABULARY),
        ("tokenizer_config.json", r#"{"do_lower_case": true, "model_max_length": 512}"#),
    ]);
    let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
    let specials = tokenizer.special_tokens();
    assert_eq!((&*specials.before, &*specials.after, specials.pad), (&[2][..], &[3][..], 0));
    assert_eq!(tokenizer.model_max_length(), Some(512));
    assert_eq!(tokenizer.unknown_id(), Some(1));
    let expected: [&[&str]; 7] = [
        &["ober", "##lin"],
        &["north", "##ern", ",", "north", "##ern"],
        &[],
        &["[UNK]"],
        &[],
        &["[SEP]"],
        &["ober", "##lin"],
    ];
    let words = ["Oberlin", "Northern,northern", "", "Ärger", "\u{200b}", "[SEP]", "Oberlin"];
    for _ in 0..2 {
        assert_eq!(pieces(&tokenizer, &words), expected);
    }
    let statistics = tokenizer.cache_statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.words), (8, 6, 6));
    let uncached = tokenizer.with_cache_bytes(0);
    assert_eq!(pieces(&uncached, &words), expected);
    assert_eq!(uncached.cache_statistics(), super::CacheStatistics::default());
}

#[test]
fn the_configuration_decides_about_case() {
    for (config, expected) in [
        (r#"{"do_lower_case": false, "model_max_length": 1000000000000000019884624838656}"#, "O"),
        (r#"{"do_lower_case": true}"#, "[UNK]"),
        ("{}", "[UNK]"),
    ] {
        let directory = directory(&[("vocab.txt", VOCABULARY), ("tokenizer_config.json", config)]);
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(pieces(&tokenizer, &["O"]), [[expected]], "{config}");
        assert_eq!(tokenizer.model_max_length(), None);
        tokenizer.save(directory.path()).unwrap();
        let again = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(pieces(&again, &["O"]), [[expected]], "{config} saved");
    }
}

#[test]
fn a_vocabulary_may_have_had_tokens_added() {
    // Beside the vocabulary, and as newer releases list them; both as transformers 5.17 reads them.
    let vocabulary = format!("{VOCABULARY}co\n##vid\n##19\n1\n##9\n");
    let file = r#"{"Covid": 16, "[NEW]": 17, "ober": 5, "[SEP]": 3}"#;
    let listed = r#"{"added_tokens_decoder": {"16": {"content": "Covid", "lstrip": false,
        "rstrip": false, "normalized": true, "single_word": true, "special": false}}}"#;
    let words = ["COVID19", "xCovidx", "[new]", "Oberlin", "[SEP]", "north[NEW]ern"];
    for (config, expected) in [
        (
            "{}",
            [
                &["covid", "1", "##9"][..],
                &["[UNK]", "covid", "[UNK]"],
                &["[new]"],
                &["ober", "[UNK]"],
                &["[SEP]"],
                &["north", "[new]", "[UNK]"],
            ],
        ),
        (
            listed,
            [
                &["co", "##vid", "##19"][..],
                &["[UNK]"],
                &["[UNK]", "[UNK]", "[UNK]"],
                &["ober", "##lin"],
                &["[SEP]"],
                &["north", "[UNK]", "[UNK]", "[UNK]", "[UNK]"],
            ],
        ),
    ] {
        let files = [
            ("vocab.txt", vocabulary.as_str()),
            ("tokenizer_config.json", config),
            ("added_tokens.json", file),
        ];
        let directory = directory(&files);
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(pieces(&tokenizer, &words), expected, "{config}");
        tokenizer.save(directory.path()).unwrap();
        let again = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(pieces(&again, &words), expected, "{config} saved");
    }
}

#[test]
fn settings_and_classes_have_their_say_over_the_file() {
    // What transformers 5.17 makes of the same files; the file itself says lower case.
    for (config, expected) in [
        (r#"{}"#, "[UNK]"),
        (r#"{"do_lower_case": false}"#, "O"),
        (r#"{"do_lower_case": false, "tokenizer_class": "BertTokenizer"}"#, "O"),
        (r#"{"do_lower_case": false, "tokenizer_class": "PreTrainedTokenizerFast"}"#, "[UNK]"),
        (r#"{"tokenizer_class": "BertTokenizerFast"}"#, "[UNK]"),
    ] {
        let directory = directory(&[("vocab.txt", VOCABULARY)]);
        HfTokenizer::from_dir(directory.path()).unwrap().save(directory.path()).unwrap();
        fs::write(directory.path().join("tokenizer_config.json"), config).unwrap();
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(pieces(&tokenizer, &["O"]), [[expected]], "{config}");
    }
}

/// One of the tokenizers whose ids are compared with transformers'.
fn oracle(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers").join(name);
    serde_json::from_slice(&fs::read(path.join("tokenizer.json")).unwrap()).unwrap()
}

#[test]
fn a_missing_post_processor_is_that_of_the_class() {
    // As transformers 5.24 frames a sequence under each class.
    for (name, config, architecture, frame) in [
        ("wordpiece", r#"{"tokenizer_class": "BertTokenizer"}"#, "", "[CLS] [SEP]"),
        ("wordpiece", r#"{"tokenizer_class": "ElectraTokenizerFast"}"#, "", "[CLS] [SEP]"),
        ("wordpiece", r#"{"tokenizer_class": "DistilBertTokenizerFast"}"#, "", "[CLS] [SEP]"),
        ("wordpiece", r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, "bert", ""),
        ("wordpiece", "{}", "bert", "[CLS] [SEP]"),
        ("byte-level", r#"{"tokenizer_class": "RobertaTokenizerFast"}"#, "", "<s> </s>"),
        ("byte-level", "{}", "roberta", "<s> </s>"),
        ("unigram", r#"{"tokenizer_class": "XLMRobertaTokenizer"}"#, "", "<s> </s>"),
        ("unigram", r#"{"tokenizer_class": "CamembertTokenizerFast"}"#, "", "<s> </s>"),
        ("unigram", "{}", "xlm-roberta", "<s> </s>"),
    ] {
        let mut file = oracle(name);
        file["post_processor"] = Value::Null;
        let directory = directory(&[
            ("tokenizer.json", &file.to_string()),
            ("tokenizer_config.json", config),
            ("config.json", &json!({"model_type": architecture}).to_string()),
        ]);
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        let specials = tokenizer.special_tokens();
        let tokens = specials.before.iter().chain(&specials.after);
        let tokens: Vec<_> = tokens.map(|id| tokenizer.token(*id).unwrap()).collect();
        assert_eq!(tokens.join(" "), frame, "{name} {config}");
    }
}

#[test]
fn a_vocabulary_with_merges_is_robertas_tokenizer() {
    let file = oracle("byte-level");
    let merge = |merge: &Value| match merge {
        Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        merge => merge.as_str().unwrap().to_owned(),
    };
    let merges: Vec<String> =
        file["model"]["merges"].as_array().unwrap().iter().map(merge).collect();
    let mut files = vec![
        ("vocab.json", file["model"]["vocab"].to_string()),
        ("merges.txt", format!("#version: 0.2\n{}\n", merges.join("\n"))),
    ];
    let read = |files: &[(&str, String)]| {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        HfTokenizer::from_dir(directory(&files).path())
    };
    let from_json = read(&[("tokenizer.json", file.to_string())]).unwrap();
    let words = ["North", "x86_64", "192.168.0.1", "Zoë's", "\u{1f642}", "", " ", "<mask>"];
    files.push(("config.json", r#"{"model_type": "roberta"}"#.to_owned()));
    let from_files = read(&files).unwrap();
    assert_eq!(pieces(&from_files, &words), pieces(&from_json, &words));
    let frame = |tokenizer: &HfTokenizer| {
        let specials = tokenizer.special_tokens();
        (specials.before.clone(), specials.after.clone(), specials.mask)
    };
    assert_eq!(frame(&from_files), frame(&from_json));
    // GPT-2's has the same files and frames nothing.
    files.push(("tokenizer_config.json", r#"{"tokenizer_class": "GPT2Tokenizer"}"#.to_owned()));
    let message = read(&files).unwrap_err().to_string();
    assert!(message.ends_with("found that of GPT2Tokenizer"), "{message}");
}

#[test]
fn vocabularies_of_other_classes_are_refused_by_name() {
    let pieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n▁ober\nlin\n▁north\nern\n";
    for (vocabulary, file, config, class) in [
        (VOCABULARY, "tokenizer_config.json", "BertJapaneseTokenizer", "BertJapaneseTokenizer"),
        (VOCABULARY, "tokenizer_config.json", "BertweetTokenizer", "BertweetTokenizer"),
        (VOCABULARY, "config.json", "KoBertTokenizer", "KoBertTokenizer"),
        (VOCABULARY, "tokenizer_config.json", "RobertaTokenizer", "RobertaTokenizer"),
        (pieces, "tokenizer_config.json", "BertTokenizer", "a SentencePiece tokenizer"),
    ] {
        let config = json!({"tokenizer_class": config}).to_string();
        let directory = directory(&[("vocab.txt", vocabulary), (file, &config)]);
        let error = HfTokenizer::from_dir(directory.path()).unwrap_err();
        let message = error.to_string();
        assert!(message.ends_with(&format!("found that of {class}")), "{message}");
        assert!(error.hint().unwrap().contains("tokenizer.json"));
    }
}

#[test]
fn steps_of_a_sequence_keep_their_prefix_space() {
    // transformers 5.24 gives `2`, `0`, `2`, `3`, also under `add_prefix_space=True`.
    let mut file = oracle("byte-level");
    let byte_level = |prefix_space: bool| {
        json!({"type": "ByteLevel", "add_prefix_space": prefix_space, "trim_offsets": true,
            "use_regex": true})
    };
    for (prefix_space, expected) in [(false, "2 0 2 3"), (true, "Ġ2 Ġ0 Ġ2 Ġ3")] {
        let digits = json!({"type": "Digits", "individual_digits": true});
        file["pre_tokenizer"] =
            json!({"type": "Sequence", "pretokenizers": [digits, byte_level(prefix_space)]});
        let directory = directory(&[("tokenizer.json", &file.to_string())]);
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        let found = pieces(&tokenizer, &["2023"]).concat().concat();
        assert_eq!(found, expected.replace(' ', ""));
    }
}

/// DeBERTa-v3 cuts as XLM-R does and ModernBERT as RoBERTa, between the tokens of BERT.
#[test]
fn ways_of_cutting_and_special_tokens_are_apart() {
    let words = ["North", "x86_64", "192.168.0.1", "Zoë's", "Zoe\u{308}", "", "\u{1f642}"];
    let square = |name: &str| {
        let mut text = oracle(name).to_string();
        for (old, new) in [("s", "CLS"), ("/s", "SEP"), ("pad", "PAD"), ("unk", "UNK")] {
            text = text.replace(&format!("\"<{old}>\""), &format!("\"[{new}]\""));
        }
        let mut file: Value = serde_json::from_str(&text.replace("<mask>", "[MASK]")).unwrap();
        let [first, last] = [("[CLS]", 0), ("[SEP]", 2)].map(|(text, id)| (text.to_owned(), id));
        file["post_processor"] = super::class::template(Some(&first), Some(&last));
        file
    };
    for (name, class, normalizer) in [
        ("unigram", "DebertaV2Tokenizer", Value::Null),
        ("byte-level", "PreTrainedTokenizerFast", json!({"type": "NFC"})),
    ] {
        let mut file = square(name);
        file["normalizer"] = normalizer;
        if name == "unigram" {
            file["pre_tokenizer"] = file["pre_tokenizer"]["pretokenizers"][1].clone();
        }
        let config =
            json!({"tokenizer_class": class, "mask_token": "[MASK]", "pad_token": "[PAD]"});
        let directory = directory(&[
            ("tokenizer.json", &file.to_string()),
            ("tokenizer_config.json", &config.to_string()),
        ]);
        let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
        let specials = tokenizer.special_tokens();
        assert_eq!((&*specials.before, &*specials.after), (&[0][..], &[2][..]), "{name}");
        assert_eq!((specials.pad, specials.mask), (1, Some(4)), "{name}");
        let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers").join(name);
        let other = HfTokenizer::from_dir(other).unwrap();
        let mut expected = pieces(&other, &words);
        if name == "byte-level" {
            // NFC makes one letter of the two.
            assert_ne!(expected[4], pieces(&tokenizer, &words)[4]);
            expected[4] = pieces(&other, &["Zoë"]).concat();
        }
        for piece in expected.iter_mut().flatten() {
            if piece == "<unk>" {
                *piece = "[UNK]".to_owned();
            }
        }
        assert_eq!(pieces(&tokenizer, &words), expected, "{name}");
    }
}

#[test]
fn truncation_and_padding_of_the_file_are_switched_off() {
    let source = directory(&[("vocab.txt", VOCABULARY)]);
    let path = source.path().join("tokenizer.json");
    HfTokenizer::from_dir(source.path()).unwrap().save(source.path()).unwrap();
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    file["truncation"] = json!({"direction": "Right", "max_length": 3,
        "strategy": "LongestFirst", "stride": 0});
    file["padding"] = json!({"strategy": {"Fixed": 8}, "direction": "Right",
        "pad_to_multiple_of": null, "pad_id": 4, "pad_type_id": 0, "pad_token": "[MASK]"});
    fs::write(&path, file.to_string()).unwrap();
    fs::remove_file(source.path().join("tokenizer_config.json")).unwrap();
    let tokenizer = HfTokenizer::from_file(&path).unwrap();
    assert_eq!(pieces(&tokenizer, &["northern,oberlin"])[0].len(), 5);
    let specials = tokenizer.special_tokens();
    assert_eq!((&*specials.before, &*specials.after, specials.pad), (&[2][..], &[3][..], 4));
    let target = directory(&[]);
    tokenizer.save(target.path()).unwrap();
    let saved = fs::read(target.path().join("tokenizer.json")).unwrap();
    let saved: Value = serde_json::from_slice(&saved).unwrap();
    assert_eq!((&saved["truncation"], &saved["padding"]), (&Value::Null, &Value::Null));
}

#[test]
fn hostile_files_are_refused_and_never_panic() {
    let source = directory(&[("vocab.txt", VOCABULARY)]);
    HfTokenizer::from_dir(source.path()).unwrap().save(source.path()).unwrap();
    let whole = fs::read_to_string(source.path().join("tokenizer.json")).unwrap();
    let file: Value = serde_json::from_str(&whole).unwrap();
    let special = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
    let sequence = |id: &str| json!({"Sequence": {"id": id, "type_id": 0}});
    for (place, value, expected) in [
        ("/model/vocab", json!([1, 2]), "expected a tokenizer"),
        ("/model/vocab", json!({}), "Missing [UNK]"),
        ("/model/vocab/ober", json!(-1), "expected a tokenizer"),
        ("/model/vocab/ober", json!(1_u64 << 32), "expected a tokenizer"),
        ("/model", json!("WordPiece"), "expected a tokenizer"),
        ("/normalizer", json!({"type": "Precompiled", "precompiled_charsmap": "!"}), "Invalid"),
        ("/decoder", json!(7), "expected a tokenizer"),
        ("/post_processor/special_tokens", json!({}), "\"[CLS]\" has no ids of its own"),
        ("/post_processor/special_tokens/[SEP]/ids", json!([]), "\"[SEP]\" has no ids of its own"),
        ("/post_processor/single", json!([sequence("B")]), "expected the sequence A"),
        ("/post_processor/single", json!([special("[CLS]")]), "expected the sequence A"),
        ("/post_processor/single", json!([sequence("A"), sequence("A")]), "found \"A A\""),
    ] {
        let mut file = file.clone();
        *file.pointer_mut(place).unwrap() = value;
        let directory = directory(&[("tokenizer.json", &file.to_string())]);
        let error = HfTokenizer::from_dir(directory.path()).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("tokenizer.json"), "{place}: {error}");
    }
    for end in (0..whole.len()).step_by(97).filter(|end| whole.is_char_boundary(*end)) {
        let directory = directory(&[("tokenizer.json", &whole[..end])]);
        let error = HfTokenizer::from_dir(directory.path()).unwrap_err();
        assert!(matches!(error, SubwordError::Json { .. }), "{end}: {error}");
    }
    // Without special tokens, and without a token for the unknown: words that are known are cut.
    let mut bare = file;
    bare["post_processor"] = Value::Null;
    bare["added_tokens"] = json!([]);
    bare["model"]["vocab"].as_object_mut().unwrap().remove("[UNK]");
    let directory = directory(&[("tokenizer.json", &bare.to_string())]);
    let error = HfTokenizer::from_dir(directory.path()).unwrap_err().to_string();
    assert!(error.contains("Missing [UNK]"), "{error}");
    bare["model"]["vocab"]["a"] = json!(1);
    fs::write(directory.path().join("tokenizer.json"), bare.to_string()).unwrap();
    let tokenizer = HfTokenizer::from_dir(directory.path()).unwrap();
    assert_eq!(tokenizer.special_tokens().count(), 0);
    assert_eq!(pieces(&tokenizer, &["ober", "a"]), [["ober"], ["a"]]);
    let error = tokenizer.encode_words(&["ober", "xyz"], &mut Encoding::new()).unwrap_err();
    assert!(error.to_string().contains("\"xyz\""), "{error}");
}

#[test]
fn faults_have_their_place() {
    let missing = Path::new("no/such/place");
    for (result, expected) in [
        (HfTokenizer::from_dir(missing), "no/such/place: expected tokenizer.json, vocab.txt"),
        (HfTokenizer::from_file(missing.join("t.json")), "no/such/place/t.json: "),
    ] {
        let message = result.unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    for (name, text, expected) in [
        ("tokenizer.json", "{\n \"model\" 1}", "tokenizer.json:2:10: expected JSON"),
        ("tokenizer.json", "{\"model\": {}}", "tokenizer.json: expected a tokenizer"),
        ("tokenizer.json", "[]", "tokenizer.json: expected a tokenizer"),
        ("vocab.txt", "[UNK]\n[CLS]\n", "vocab.txt: expected the token \"[SEP]\""),
    ] {
        let directory = directory(&[(name, text)]);
        let error = HfTokenizer::from_dir(directory.path()).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    let directory =
        directory(&[("vocab.txt", VOCABULARY), ("tokenizer_config.json", "{\"a\": 1,\n}")]);
    let error = HfTokenizer::from_dir(directory.path()).unwrap_err();
    assert!(matches!(&error, SubwordError::Json { source, .. } if source.line() == 2), "{error}");
}
